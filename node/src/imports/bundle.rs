//! Files that come in together with what a standard says of them: a package, a folder, a course that is kept in Git.
//!
//! A package is one file of its item, byte for byte, and the item's original at the same time; a folder is all the files of its
//! item. What the standard says becomes values like those of any record, so what people corrected survives the next time. Order
//! makes it safe as it does for publishing: what is known to be refused is refused before a byte is stored, content is durable before
//! the one statement that names it, and a crash before that leaves nothing that anybody sees.

use commun_forge::{
    crosswalk::{Reading, Report, format::Format},
    problem::{Problem, Severity},
    resource::media_type,
};
use commun_specs::{
    files::{FileEntry, FileList, FilePath, MAX_FILE_BYTES},
    fold::{Item, ItemKind},
    id::ContentHash,
    metadata::{FileNote, Method, Notice, Record, Source, Value as Stated},
    name::Slug,
    statement::Files,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio::io::AsyncReadExt as _;

use super::{
    Became, ImportError, Imports, MAX_RACES, Ready, Stop, Store, came_in,
    identity::{Kept, note, slug, slug_like},
    others, problem, refuse,
    version::Version,
};
use crate::core::{Person, now, rfc3339};

/// Files that are read or stored at the same time.
const PARALLEL: usize = 8;

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFile {
    /// Its path in the resource.
    pub path: FilePath,
    /// How many bytes.
    pub size: u64,
    /// Where its bytes are; in a dry run, what they hash to is enough.
    pub bytes: FileBytes,
}

/// The bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileBytes {
    /// They are in this file, which whoever made the bundle removes.
    At(std::path::PathBuf),
    /// They are not here, but this is their BLAKE3.
    Hashed(ContentHash),
}

/// What is kept as the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeps {
    /// The only file: a package.
    File,
    /// A document, and the scheme that it follows.
    Document(Vec<u8>, String),
    /// Nothing said anything.
    Nothing,
}

/// What comes in as one item.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What the report calls it: a file's name, a folder's.
    pub record: String,
    /// The format.
    pub format: Format,
    /// What it says of itself.
    pub reading: Reading,
    /// The name in the institution that somebody asked for.
    pub slug: Option<Slug>,
    /// The name that it gets where nobody asked for one and it has no identifier; without one its bytes make its name.
    pub called: Option<Slug>,
    /// The files.
    pub files: Vec<BundleFile>,
    /// The original.
    pub keeps: Keeps,
}

/// The item that a bundle goes to.
struct Target {
    slug: Slug,
    there: Option<(Item, Version)>,
}

impl Imports {
    /// Takes a bundle in as an item, or as a version of the one that it was before. When it returns, what the report says is
    /// durable.
    ///
    /// # Errors
    /// See [`ImportError`]; nothing is visible then. A bundle that is not fit is no error but a line of the report.
    pub async fn take_bundle(
        &self,
        person: &Person,
        bundle: Bundle,
        dry_run: bool,
        report: &mut Report,
    ) -> Result<Option<Became>, ImportError> {
        self.may(person)?;
        report.records += 1;
        let record = bundle.record.clone();
        for problem in &bundle.reading.problems {
            report.push(&record, problem.clone());
        }
        for _ in 0..=MAX_RACES {
            match self.bundle(person, bundle.clone(), dry_run, report).await {
                Ok(became) => return Ok(became),
                Err(Stop::Refused(why)) => {
                    refuse(report, &record, problem("not-stated", "", &why));
                    return Ok(None);
                }
                Err(Stop::Stale) => {}
                Err(Stop::Now(e)) => return Err(e),
            }
        }
        Err(others())
    }

    async fn bundle(
        &self,
        person: &Person,
        bundle: Bundle,
        dry_run: bool,
        report: &mut Report,
    ) -> Result<Option<Became>, Stop> {
        let record = bundle.record;
        let hashed: Vec<FileEntry> = stream::iter(bundle.files.clone())
            .map(entry)
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        for file in &hashed {
            if let Some(why) = self.core.blocked_because(&file.blake3) {
                return Err(Stop::Refused(why));
            }
        }
        let original = match (&bundle.keeps, &hashed[..]) {
            (Keeps::File, [file]) => Some((file.blake3, file.size, file.media_type.clone())),
            (Keeps::Document(bytes, scheme), _) => {
                let kind = super::media_type(scheme, bytes).to_owned();
                Some((ContentHash::of(bytes), bytes.len() as u64, kind))
            }
            _ => None,
        };
        let scheme = match &bundle.keeps {
            Keeps::Document(_, scheme) => scheme.clone(),
            _ => bundle.format.as_str().to_owned(),
        };
        let source = Source {
            scheme: scheme.clone(),
            origin: None,
            date: None,
            method: Method::Mapped,
            by: None,
        };
        let mut values = bundle.reading.record;
        let fields = values.held();
        let kept = original.as_ref().map(|(blake3, size, kind)| Kept {
            blake3,
            size: *size,
            media_type: kind,
        });
        note(
            &mut values,
            bundle.reading.id.as_deref(),
            kept,
            source.clone(),
        );
        if bundle.called.is_some() {
            came_as(&mut values, bundle.format, &record);
        }
        let known = bundle.reading.id.clone();
        let by_bytes = || original.as_ref().map(|(blake3, ..)| blake3.to_string());
        let (name, sure) = match (bundle.slug, known, bundle.called) {
            (Some(slug), ..) => (slug, true),
            (None, Some(known), _) => (slug("", &known), true),
            // Two folders of one name are not one course, unless somebody says so.
            (None, None, Some(called)) => (called, false),
            // What can be read of its file's name; its bytes tell it from all others.
            (None, None, None) => {
                let known = by_bytes().unwrap_or_else(|| record.clone());
                let stem = record
                    .rsplit_once('.')
                    .map_or(record.as_str(), |(stem, _)| stem);
                (slug_like(stem, "", &known), true)
            }
        };
        let Some(target) = self
            .place(&record, name, sure, bundle.format, report)
            .await?
        else {
            return Ok(None);
        };
        let me = self.core.identity().handle.clone();
        let name = format!("{me}/{}", target.slug);
        // Files that people put beside a package stay beside the next one.
        let mut entries = hashed;
        if let (Keeps::File, Some((_, version))) = (&bundle.keeps, &target.there) {
            entries.extend(self.beside(version, &name, &entries, &scheme).await?);
        }
        let list = FileList::new(entries).map_err(|e| Stop::Refused(e.to_string()))?;
        let notes = list.files().iter().map(|file| FileNote {
            path: file.path.to_string(),
            media_type: file.media_type.clone(),
            size: file.size,
            ..FileNote::default()
        });
        let plain = values.clone();
        values.add_files(notes, self.extracted());
        let over = |values: Record| match &target.there {
            Some((_, version)) => Record::merged(values, &version.values),
            None => values,
        };
        // Thousands of paths may not fit beside long descriptions: then the list alone names the files.
        let values = Some(over(values)).filter(|values| values.to_body().is_ok());
        let values = values.unwrap_or_else(|| over(plain));
        let Some((licence, body)) = self.fit(&record, &values, report) else {
            return Ok(None);
        };
        let mut before = None;
        if let Some((item, version)) = &target.there {
            let same = match (&bundle.keeps, &original) {
                (Keeps::File, Some((blake3, ..))) => version
                    .is_from(&self.core, item, &source, blake3)
                    .map_err(Stop::Now)?,
                // What a README says is in no record of its own.
                _ => {
                    version.has(&list.root(), original.as_ref().map(|o| &o.0))
                        && Record::from_body(&body)
                            .is_ok_and(|now| now.view() == version.values.view())
                }
            };
            if same {
                report.unchanged += 1;
                return Ok(Some(Became {
                    record,
                    id: Some(item.id),
                    name,
                    what: "unchanged",
                    fields,
                }));
            }
            before = Some(version.fields.clone());
        }
        let item = target.there.map(|(item, _)| item);
        let what = if item.is_some() { "changed" } else { "added" };
        let id = item.as_ref().map(|item| item.id);
        if dry_run {
            let one = Became {
                record,
                id,
                name,
                what,
                fields,
            };
            came_in(report, &one);
            return Ok(Some(one));
        }
        let (me, named) = (self, &list);
        stream::iter(bundle.files)
            .map(|file| async move { me.keep(&file, named).await })
            .buffer_unordered(PARALLEL)
            .try_collect::<()>()
            .await?;
        let (root, _) = self
            .blobs
            .add_bytes(list.encode())
            .await
            .map_err(Stop::of_blob)?;
        let ready = Ready {
            record: record.clone(),
            fields: Vec::new(),
            slug: target.slug,
            item: id,
            supersedes: item
                .iter()
                .flat_map(|item| item.heads.iter().map(|h| h.2))
                .collect(),
            said: None,
            before,
            licence,
            body,
            original: match (bundle.keeps, &original) {
                (Keeps::Document(bytes, _), _) => Store::Bytes(bytes),
                (Keeps::File, Some((blake3, ..))) => Store::Held(*blake3),
                _ => Store::Nothing,
            },
            files: Some(Files {
                blake3: root,
                count: list.count(),
                size: list.total_size(),
            }),
        };
        let key = self
            .core
            .author_key(person)
            .map_err(|e| Stop::Now(ImportError::Failed(e.to_string())))?;
        let stated = self.state_one(person, key.as_ref(), root, ready).await?;
        let one = Became {
            record,
            id: Some(id.unwrap_or(stated)),
            name,
            what,
            fields,
        };
        came_in(report, &one);
        Ok(Some(one))
    }

    /// Where a bundle goes; nothing if it goes nowhere, which the report says.
    async fn place(
        &self,
        record: &str,
        slug: Slug,
        sure: bool,
        format: Format,
        report: &mut Report,
    ) -> Result<Option<Target>, Stop> {
        let me = &self.core.identity().handle;
        let item = {
            let state = self.core.state();
            let catalogue = state.catalogue();
            catalogue
                .by_name(me, &slug)
                .and_then(|id| catalogue.copy_of(&id))
        };
        let Some(item) = item else {
            return Ok(Some(Target { slug, there: None }));
        };
        let name = format!("{me}/{slug}");
        if item.withdrawn.is_some() {
            let there = Problem::new(Severity::Info, "withdrawn-here", "", &name, "");
            refuse(report, record, there);
            return Ok(None);
        }
        let taken = || problem("name-taken", "", &name);
        if item.owner != *me || item.kind != ItemKind::Resource {
            refuse(report, record, taken());
            return Ok(None);
        }
        let version = Version::displayed(&self.core, &item).await;
        let Some(version) = version.map_err(Stop::Now)? else {
            let why = format!("this release cannot read the version of {name} that stands");
            return Err(Stop::Refused(why));
        };
        if !sure && !version.came_as(format) {
            refuse(report, record, taken());
            return Ok(None);
        }
        Ok(Some(Target {
            slug: item.slug.clone(),
            there: Some((item, version)),
        }))
    }

    /// The files of a version but for those that this import brought, and those that it brings.
    async fn beside(
        &self,
        version: &Version,
        name: &str,
        new: &[FileEntry],
        scheme: &str,
    ) -> Result<Vec<FileEntry>, Stop> {
        let failed = |e: &dyn std::fmt::Display| Stop::Now(ImportError::Failed(e.to_string()));
        let mut bytes = Vec::new();
        let mut reader = match self.blobs.read(&version.files(), 0, None).await {
            Ok(reader) => reader,
            // A list that was taken down names nothing any more.
            Err(crate::blobs::Error::NotHeld(list)) if self.core.blocked(&list).is_some() => {
                return Ok(Vec::new());
            }
            Err(crate::blobs::Error::NotHeld(_)) => {
                let why =
                    format!("the list of files of {name} is not here yet; import again later");
                return Err(Stop::Now(ImportError::NotNow(why)));
            }
            Err(e) => return Err(failed(&e)),
        };
        reader
            .read_to_end(&mut bytes)
            .await
            .map_err(|e| failed(&e))?;
        let list = FileList::decode(&bytes).map_err(|e| failed(&e))?;
        let brought = version.originals(scheme);
        let stays = |file: &&FileEntry| {
            !brought.contains(&file.blake3.to_string())
                && new.iter().all(|new| new.path != file.path)
        };
        Ok(list.files().iter().filter(stays).cloned().collect())
    }

    /// Makes a file durable.
    async fn keep(&self, file: &BundleFile, list: &FileList) -> Result<(), Stop> {
        let FileBytes::At(at) = &file.bytes else {
            return Err(Stop::Refused(format!("{} was not sent", file.path)));
        };
        let (blake3, _) = self.blobs.add_file(at).await.map_err(Stop::of_blob)?;
        let listed = list.find(file.path.as_str()).map(|entry| entry.blake3);
        if listed != Some(blake3) {
            let why = format!("{} changed while it was taken in", file.path);
            return Err(Stop::Now(ImportError::Failed(why)));
        }
        Ok(())
    }

    fn extracted(&self) -> Source {
        Source {
            scheme: "commun".to_owned(),
            origin: None,
            date: rfc3339(now()),
            method: Method::Extracted,
            by: Some(self.core.identity().node.public().to_string()),
        }
    }
}

/// Notes that the item came in as a folder, or out of Git.
fn came_as(values: &mut Record, format: Format, record: &str) {
    let source = Source {
        scheme: format.as_str().to_owned(),
        origin: Some(record.to_owned()),
        date: None,
        method: Method::Extracted,
        by: None,
    };
    let notice = Notice {
        schemas: vec![format.as_str().to_owned()],
        ..Notice::default()
    };
    values.record.push(Stated {
        v: notice,
        lang: None,
        path: String::new(),
        src: std::sync::Arc::new(source),
    });
}

/// A file as a list names it.
async fn entry(file: BundleFile) -> Result<FileEntry, Stop> {
    if file.size > MAX_FILE_BYTES {
        let why = format!(
            "{} has {} bytes, the most is {MAX_FILE_BYTES}",
            file.path, file.size
        );
        return Err(Stop::Refused(why));
    }
    let blake3 = match file.bytes {
        FileBytes::Hashed(blake3) => blake3,
        FileBytes::At(at) => {
            let hashing = tokio::task::spawn_blocking(move || {
                let mut hasher = blake3::Hasher::new();
                hasher.update_reader(std::fs::File::open(at)?)?;
                Ok::<_, std::io::Error>(hasher.finalize())
            });
            let failed = |e: &dyn std::fmt::Display| Stop::Now(ImportError::Failed(e.to_string()));
            let hash = hashing.await.map_err(|e| failed(&e))?;
            ContentHash(*hash.map_err(|e| failed(&e))?.as_bytes())
        }
    };
    Ok(FileEntry {
        media_type: media_type(file.path.file_name()),
        path: file.path,
        size: file.size,
        blake3,
    })
}
