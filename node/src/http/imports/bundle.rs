//! Packages, folders and courses in Git that are sent to be taken in: each byte goes to the disk, none is held in memory.

use std::collections::{BTreeMap, HashSet};

use axum::{
    body::{BodyDataStream, Bytes},
    extract::{FromRequest as _, Multipart, Request},
    http::StatusCode,
};
use commun_forge::{
    crosswalk::{
        Origin, Report,
        format::{self, Format},
    },
    package::{
        self, Package,
        archive::{Archive, Limits},
        moodle,
    },
    problem::{Problem as Fault, Severity},
};
use commun_specs::{
    files::{FilePath, MAX_FILE_BYTES, MAX_FILES},
    fold::ItemKind,
    id::ContentHash,
    metadata::{Link, Method, Record, Relation, Source, View},
    name::Slug,
};
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use super::How;
use crate::{
    app::App,
    blobs::Kept,
    core::{Person, now, rfc3339},
    http::{
        Web,
        problem::Problem,
        publish::{self, UploadedFile},
        talk::At,
    },
    imports::{
        Became, Bundle, BundleFile, FileBytes, ImportError, Keeps, MAX_FRONT_FILE, MAX_FRONT_FILES,
        front, is_front,
    },
};

/// Lines of a table of contents that are kept with an item: of a longer one, the first.
const MAX_OUTLINE: usize = 200;
/// Names that a client may list as left out; more are counted.
const MAX_LEFT_OUT: usize = 1_000;
/// Parts that only name files, beside the metadata: each is a list of at most as many bytes.
const MAX_LISTS: usize = 64;
/// The longest name of a package or a folder, in characters.
const MAX_NAME: usize = 200;

/// Whether a format is one file that holds others.
pub(super) fn is_package(format: Format) -> bool {
    matches!(
        format,
        Format::Imscc | Format::ThinCc | Format::Scorm | Format::H5p | Format::Mbz | Format::Epub
    )
}

/// Whether these are the first bytes of an archive: ZIP, also an empty or a split one, or gzip.
fn is_archive(first: &[u8]) -> bool {
    matches!(first, [b'P', b'K', 3 | 5 | 7, ..] | [0x1f, 0x8b, ..])
}

/// What was received.
pub(super) enum Received {
    /// A document of records.
    Document(Bytes),
    /// Files, and what is said about them.
    Files(Box<Files>),
}

/// Files on the disk; they go when this is dropped.
pub(super) struct Files {
    about: About,
    files: Vec<UploadedFile>,
    /// Large ones, which were hashed while they came. They go before the names.
    _kept: Vec<Kept>,
    _folder: TempDir,
}

impl Files {
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The files, with what keeps them on the disk.
    pub(super) fn into_parts(self) -> (Vec<UploadedFile>, impl Send + 'static) {
        (self.files, (self._kept, self._folder))
    }
}

/// What a client says about what it sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct About {
    /// The name in the institution.
    slug: Option<String>,
    /// What was not sent: a path, and `hidden`, `link` or `special`.
    left_out: Vec<LeftOut>,
    /// How many more were not sent.
    left_out_more: u64,
    /// In a dry run, files that are not sent.
    files: Vec<Declared>,
    /// The repository of a course, `handle/slug`.
    repository: Option<String>,
    /// Where it was copied from.
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct LeftOut {
    path: String,
    why: String,
}

#[derive(Debug, Deserialize)]
struct Declared {
    path: String,
    size: u64,
    blake3: String,
}

/// Takes a request's body to the disk, or into memory where it is a document of at most `most` bytes.
pub(super) async fn receive(
    web: &Web,
    how: &How,
    request: Request,
    most: usize,
) -> Result<Received, Problem> {
    let kind = request.headers().get(axum::http::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        let form = Multipart::from_request(request, &())
            .await
            .map_err(|e| Problem::bad_request(e.body_text()))?;
        let upload = publish::receive(web, form, 0, MAX_LISTS).await?;
        let unread =
            |part: &str, e| Problem::bad_request(format!("the part {part} cannot be read: {e}"));
        let mut about: About =
            serde_json::from_slice(&upload.metadata).map_err(|e| unread("metadata", e))?;
        for list in &upload.lists {
            let list: Vec<Declared> =
                serde_json::from_slice(list).map_err(|e| unread("files", e))?;
            about.files.extend(list);
        }
        let (files, folder, kept) = upload.into_parts();
        return Ok(Received::Files(Box::new(Files {
            about,
            files,
            _folder: folder,
            _kept: kept,
        })));
    }
    let named = how.format.as_deref().and_then(Format::parse);
    let mut body = request.into_body().into_data_stream();
    let mut first: Vec<u8> = Vec::new();
    while first.len() < 4
        && let Some(part) = next(&mut body).await?
    {
        first.extend_from_slice(&part);
    }
    // A manifest alone is a record.
    let text = first.trim_ascii_start().starts_with(b"<") || first.starts_with(b"\xef\xbb\xbf<");
    let manifest = |format| {
        let has = matches!(format, Format::Imscc | Format::ThinCc | Format::Scorm);
        text && has
    };
    if named.map_or_else(
        || is_archive(&first),
        |named| is_package(named) && !manifest(named),
    ) {
        return package_file(web, how, first, body)
            .await
            .map(Received::Files);
    }
    while let Some(part) = next(&mut body).await? {
        if first.len() + part.len() > most {
            return Err(Problem::too_large(format!(
                "a document of records has at most {} MiB: split it into documents of fewer records, or let the node harvest \
                 its source by OAI-PMH, page by page",
                most >> 20
            )));
        }
        first.extend_from_slice(&part);
    }
    Ok(Received::Document(first.into()))
}

async fn next(body: &mut BodyDataStream) -> Result<Option<Bytes>, Problem> {
    let broken = |e| Problem::bad_request(format!("the upload broke off: {e}"));
    body.next().await.transpose().map_err(broken)
}

/// A package that is the whole body.
async fn package_file(
    web: &Web,
    how: &How,
    first: Vec<u8>,
    mut body: BodyDataStream,
) -> Result<Box<Files>, Problem> {
    let folder = publish::folder(web).await?;
    let temp = folder.path().join("0");
    let taken = spooled(&temp, first, &mut body).await;
    if let Err(problem) = &taken
        && problem.status == StatusCode::INSUFFICIENT_STORAGE
    {
        publish::drain_body(&mut body).await;
    }
    let size = taken?;
    let named = how.format.as_deref().and_then(Format::parse);
    let name = how.name.as_deref().unwrap_or_default();
    let path = file_path(name, named);
    Ok(Box::new(Files {
        about: About::default(),
        files: vec![UploadedFile { path, temp, size }],
        _folder: folder,
        _kept: Vec::new(),
    }))
}

/// Writes a body to a file; gives its size.
async fn spooled(
    temp: &std::path::Path,
    first: Vec<u8>,
    body: &mut BodyDataStream,
) -> Result<u64, Problem> {
    let mut file = tokio::fs::File::create_new(temp)
        .await
        .map_err(publish::disk)?;
    let mut size = 0;
    let mut part = Some(Bytes::from(first));
    while let Some(bytes) = part {
        size += bytes.len() as u64;
        if size > MAX_FILE_BYTES {
            return Err(Problem::too_large(format!(
                "a package has at most {MAX_FILE_BYTES} bytes, as every file of an item: split it, or take large videos out and \
                 publish them beside it"
            )));
        }
        file.write_all(&bytes).await.map_err(publish::disk)?;
        part = next(body).await?;
    }
    file.flush().await.map_err(publish::disk)?;
    Ok(size)
}

/// The path of a package in its item: its own file name, where files may be called so.
fn file_path(name: &str, format: Option<Format>) -> FilePath {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    FilePath::composing(last).unwrap_or_else(|_| {
        let extension = match format {
            Some(Format::H5p) => "h5p",
            Some(Format::Epub) => "epub",
            Some(Format::Mbz) => "mbz",
            Some(Format::Imscc | Format::ThinCc) => "imscc",
            _ => "zip",
        };
        FilePath::new(&format!("package.{extension}")).expect("a plain name")
    })
}

/// What came of what was received: the format that it was, and the item.
pub(super) struct Taken {
    pub(super) format: Format,
    pub(super) became: Vec<Became>,
    pub(super) report: Report,
}

/// Reads what was received and takes it in. On a task of its own: a client that leaves must not stop it half-way.
pub(super) async fn take(
    at: &At,
    person: Person,
    how: &How,
    files: Box<Files>,
) -> Result<Taken, Problem> {
    let named = match &how.format {
        Some(name) => Some(Format::parse(name).ok_or_else(|| {
            Problem::bad_request(format!("there is no format {name:?}: {}", super::names()))
        })?),
        None => None,
    };
    let name: String = how
        .name
        .as_deref()
        .unwrap_or_default()
        .trim()
        .chars()
        .take(MAX_NAME)
        .collect();
    let slug = match files
        .about
        .slug
        .as_deref()
        .or(how.slug.as_deref())
        .filter(|s| !s.is_empty())
    {
        Some(slug) => Some(Slug::new(slug).map_err(|e| {
            Problem::unprocessable(e.to_string()).with_error(
                "slug",
                e.to_string(),
                "choose another name",
            )
        })?),
        None => None,
    };
    let given = Given {
        app: at.app.clone(),
        name,
        slug,
        dry_run: how.dry_run,
        files,
    };
    let reading = tokio::task::spawn_blocking(move || match named {
        Some(Format::Folder) => given.folder(),
        Some(Format::Git) => given.course(),
        Some(format) if !is_package(format) => Err(Problem::unprocessable(format!(
            "{} is no format of packages or folders",
            format.as_str()
        ))),
        format => given.package(format),
    });
    let ready = reading.await.map_err(|e| Problem::internal(&e))??;
    let (imports, dry_run) = (at.app.imports.clone(), how.dry_run);
    let taking = tokio::spawn(async move {
        // The files are there until the last of them is in the store.
        let Ready {
            given,
            format,
            mut report,
            bundle,
        } = ready;
        let became = match bundle {
            Some(bundle) => {
                imports
                    .take_bundle(&person, bundle, dry_run, &mut report)
                    .await
            }
            None => {
                report.records += 1;
                report.refused += 1;
                Ok(None)
            }
        };
        drop(given);
        became.map(|became| Taken {
            format,
            became: became.into_iter().collect(),
            report,
        })
    });
    let taken: Result<Taken, ImportError> = taking.await.map_err(|e| Problem::internal(&e))?;
    taken.map_err(super::refusal)
}

/// What was sent, and what is asked for.
struct Given {
    app: App,
    name: String,
    slug: Option<Slug>,
    dry_run: bool,
    files: Box<Files>,
}

/// What is ready to be taken in.
struct Ready {
    given: Given,
    format: Format,
    report: Report,
    /// Nothing where it is refused: the report says why.
    bundle: Option<Bundle>,
}

impl Given {
    fn refused(self, format: Format, fault: Fault) -> Ready {
        let mut report = Report::default();
        report.push(&self.name, fault);
        Ready {
            given: self,
            format,
            report,
            bundle: None,
        }
    }

    /// The one file as a package.
    fn package(self, named: Option<Format>) -> Result<Ready, Problem> {
        let [file] = &self.files.files[..] else {
            let what = "a package is one file; of several, say format=folder";
            return Err(Problem::unprocessable(what));
        };
        let file = file.clone();
        let record = match self.name.as_str() {
            "" => file.path.to_string(),
            name => name.to_owned(),
        };
        let origin = Origin {
            name: Some(record.clone()),
            date: rfc3339(now()),
        };
        let (read, stored) = match read_package(&file, named, &origin) {
            Ok(read) => read,
            Err(fault) => {
                // What it was taken for, by its name: nothing in it can be believed.
                let format = named.or_else(|| format::detect(b"PK", &record));
                return Ok(self.refused(format.unwrap_or(Format::Scorm), *fault));
            }
        };
        let mut reading = read.reading;
        outline(&mut reading.record, &read.outline);
        let bundle = Bundle {
            record,
            format: read.format,
            reading,
            slug: self.slug.clone(),
            called: None,
            files: vec![BundleFile {
                path: stored.path,
                size: stored.size,
                bytes: FileBytes::At(stored.temp),
            }],
            keeps: Keeps::File,
        };
        Ok(Ready {
            given: self,
            format: read.format,
            report: Report::default(),
            bundle: Some(bundle),
        })
    }

    /// The files at the top that may say what the whole is.
    fn top(&self) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
        let files = self.files.files.iter();
        let top = files.filter(|f| is_front(f.path.as_str()) && f.size <= MAX_FRONT_FILE);
        top.take(MAX_FRONT_FILES)
            .map(|f| Ok((f.path.to_string(), std::fs::read(&f.temp)?)))
            .collect::<std::io::Result<_>>()
            .map_err(|e| Problem::internal(&e))
    }

    /// All files as the files of one item.
    fn folder(self) -> Result<Ready, Problem> {
        let mut report = Report::default();
        let left_out = &self.files.about.left_out;
        for LeftOut { path, why } in left_out.iter().take(MAX_LEFT_OUT) {
            let rule = match why.as_str() {
                "hidden" => "left-out-hidden",
                "link" => "left-out-link",
                _ => "left-out-special",
            };
            report.push(&self.name, Fault::new(Severity::Info, rule, path, "", ""));
        }
        let unsaid = left_out.len().saturating_sub(MAX_LEFT_OUT) as u64;
        let more = unsaid.saturating_add(self.files.about.left_out_more);
        if more > 0 {
            let more = more.to_string();
            report.push(
                &self.name,
                Fault::new(Severity::Info, "left-out-more", "", &more, ""),
            );
        }
        let mut files: Vec<BundleFile> = self.sent();
        if self.dry_run {
            files.extend(self.declared(&files)?);
        }
        if files.is_empty() {
            let fault = Fault::new(Severity::Error, "no-files", "", "", "");
            report.push(&self.name, fault);
            return Ok(Ready {
                given: self,
                format: Format::Folder,
                report,
                bundle: None,
            });
        }
        let met = front(self.top()?, &self.name, rfc3339(now()).as_deref());
        let bundle = Bundle {
            record: self.name.clone(),
            format: Format::Folder,
            reading: met.reading,
            slug: self.slug.clone(),
            called: called(&self.name, ""),
            files,
            keeps: met.keeps.unwrap_or(Keeps::Nothing),
        };
        Ok(Ready {
            given: self,
            format: Format::Folder,
            report,
            bundle: Some(bundle),
        })
    }

    fn sent(&self) -> Vec<BundleFile> {
        let files = self.files.files.iter();
        files
            .map(|f| BundleFile {
                path: f.path.clone(),
                size: f.size,
                bytes: FileBytes::At(f.temp.clone()),
            })
            .collect()
    }

    /// Files that a dry run only names.
    fn declared(&self, sent: &[BundleFile]) -> Result<Vec<BundleFile>, Problem> {
        let wrong = |what: String| Problem::bad_request(format!("the part metadata: {what}"));
        let declared = &self.files.about.files;
        if declared.len() > MAX_FILES {
            return Err(Problem::too_large(format!(
                "a version has at most {MAX_FILES} files"
            )));
        }
        let sent: HashSet<&FilePath> = sent.iter().map(|sent| &sent.path).collect();
        let mut files = Vec::new();
        for one in declared {
            let path = FilePath::composing(&one.path).map_err(|e| wrong(e.to_string()))?;
            let hash: ContentHash = one
                .blake3
                .parse()
                .map_err(|_| wrong(format!("{path} has no BLAKE3")))?;
            if !sent.contains(&path) {
                files.push(BundleFile {
                    path,
                    size: one.size,
                    bytes: FileBytes::Hashed(hash),
                });
            }
        }
        Ok(files)
    }

    /// A course whose files are in a repository: the item describes it, and says where it is.
    fn course(self) -> Result<Ready, Problem> {
        let name = self.files.about.repository.clone().unwrap_or_default();
        let (handle, slug) = name
            .split_once('/')
            .and_then(|(handle, slug)| Some((handle.parse().ok()?, Slug::new(slug).ok()?)))
            .ok_or_else(|| Problem::bad_request("repository is handle/slug"))?;
        let there = {
            let state = self.app.core.state();
            let catalogue = state.catalogue();
            let id = catalogue.by_name(&handle, &slug);
            id.and_then(|id| catalogue.item(&id))
                .is_some_and(|item| item.kind == ItemKind::Repository)
        };
        if !there && !self.dry_run {
            return Err(Problem::unprocessable(format!(
                "there is no repository {name} here; copy it first (commun repo import)"
            )));
        }
        let mut met = front(self.top()?, slug.as_str(), rfc3339(now()).as_deref());
        let url = format!("{}/{name}", self.app.url);
        let source = self.files.about.source.as_deref();
        place(&mut met.reading.record, &name, &url, source);
        // What it states for itself is the identifier of the work; the repository is what it is known by here.
        met.reading.id = None;
        let bundle = Bundle {
            record: name,
            format: Format::Git,
            reading: met.reading,
            slug: self.slug.clone(),
            called: called(slug.as_str(), "-course"),
            files: Vec::new(),
            keeps: met.keeps.unwrap_or(Keeps::Nothing),
        };
        Ok(Ready {
            given: self,
            format: Format::Git,
            report: Report::default(),
            bundle: Some(bundle),
        })
    }
}

/// The name that a folder's own name gives: letters without accents, digits, single hyphens.
fn called(name: &str, more: &str) -> Option<Slug> {
    let mut plain = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => plain.push(c),
            'à' | 'â' | 'ä' => plain.push('a'),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'î' | 'ï' => plain.push('i'),
            'ô' | 'ö' => plain.push('o'),
            'ù' | 'û' | 'ü' => plain.push('u'),
            'ç' => plain.push('c'),
            _ if !plain.is_empty() && !plain.ends_with('-') => plain.push('-'),
            _ => {}
        }
    }
    plain.truncate(80);
    Slug::new(&format!("{}{more}", plain.trim_matches('-'))).ok()
}

/// Says in a record where the files are.
fn place(record: &mut Record, repository: &str, url: &str, source: Option<&str>) {
    let by = Source {
        scheme: Format::Git.as_str().to_owned(),
        origin: Some(repository.to_owned()),
        date: rfc3339(now()),
        method: Method::Extracted,
        by: None,
    };
    let mut view = View::default();
    view.relations.push(Relation {
        kind: "isFormatOf".to_owned(),
        target: repository.to_owned(),
        ..Relation::default()
    });
    let link = |kind: &str, url: &str| Link {
        kind: kind.to_owned(),
        url: url.to_owned(),
        title: None,
    };
    view.links.push(link("location", url));
    if let Some(source) = source.filter(|s| s.starts_with("https://") || s.starts_with("http://")) {
        view.links.push(link("repository", source));
    }
    record.merge(Record::from_view(&view, by));
}

/// Keeps the titles of a table of contents with the item, and where they lead outside.
fn outline(record: &mut Record, parts: &[package::Part]) {
    let lines: Vec<Json> = parts
        .iter()
        .take(MAX_OUTLINE)
        .map(|part| match &part.target {
            Some(package::Target::Address(url)) => {
                json!({"title": part.title, "depth": part.depth, "url": url})
            }
            _ => json!({"title": part.title, "depth": part.depth}),
        })
        .collect();
    if !lines.is_empty() {
        record.extra.insert("outline".to_owned(), lines.into());
    }
}

/// Reads a package from the disk, whole: what is damaged in it is found before it is stored. Gives what it says, and the file
/// that is to be stored: of a Moodle backup a copy without the data of people.
fn read_package(
    file: &UploadedFile,
    format: Option<Format>,
    origin: &Origin,
) -> Result<(Package, UploadedFile), Box<Fault>> {
    let broken = |e: std::io::Error| package::refused(&e.into());
    let input = std::fs::File::open(&file.temp).map_err(broken)?;
    let mut archive = Archive::open(std::io::BufReader::new(input), Limits::default())
        .map_err(|e| package::refused(&e))?;
    let mut read = package::read(&mut archive, format, origin)?;
    if read.format != Format::Mbz {
        archive.check().map_err(|e| package::refused(&e))?;
        return Ok((read, file.clone()));
    }
    let temp = file.temp.with_extension("stripped");
    let out = std::fs::File::create_new(&temp).map_err(broken)?;
    let mut out = std::io::BufWriter::new(out);
    let stripped = moodle::stripped(&mut archive, &mut out).map_err(|e| Box::new(e.problem()))?;
    let out = out.into_inner().map_err(|e| broken(e.into_error()))?;
    let size = out.metadata().map_err(broken)?.len();
    // It has done what it came for.
    std::fs::remove_file(&file.temp).map_err(broken)?;
    read.reading.problems.extend(stripped.problems);
    let path = file.path.clone();
    Ok((read, UploadedFile { path, temp, size }))
}
