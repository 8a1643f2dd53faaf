//! `commun publish`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use commun_client::{Client, ItemRef, LocalFile};
use commun_specs::{
    files::{FilePath, MAX_FILE_BYTES, MAX_FILES, check_paths},
    metadata::{Input, MAX_BODY_BYTES, parse_json, validate_rules},
    name::{Handle, Slug},
};
use serde_json::{Map, Value};

use crate::{
    failure::{Code, Failure},
    progress,
    settings::Settings,
    terminal,
};

/// Publish a file or a folder with its metadata
///
/// Everything in a commons is public, and the other institutions copy it at once. A second publish
/// to the slug is a new version; the older ones stay visible. What it does not say of title, licence and
/// language it has from the version before; without --metadata, the other metadata too, but for what is
/// about one version (version, status, modified).
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// File, folder or package
    path: PathBuf,
    /// Its name in the institution; may stand in the metadata file instead
    #[arg(long, value_parser = Slug::new)]
    slug: Option<Slug>,
    /// Title, in the first language
    #[arg(long, value_name = "T")]
    title: Option<String>,
    /// Licence, such as CC-BY-SA-4.0
    #[arg(long, value_name = "SPDX")]
    licence: Option<String>,
    /// Language of the content, such as fr (repeatable)
    #[arg(long, value_name = "L")]
    language: Vec<String>,
    /// File with the metadata as JSON; the options above replace what it says
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// Print id, name, version and position as JSON
    #[arg(long)]
    json: bool,
}

/// Checks everything that can be checked here, then sends it.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let (slug, mut metadata, mut input) = describe(&args)?;
    let files = collect(&args.path)?;
    let client = settings.writer()?;
    let existing = existing(&client, &slug)?;
    if let Some(before) = existing.as_ref().and_then(|e| e.metadata.as_ref()) {
        let taken = take_over(&mut metadata, before, args.metadata.is_some());
        if !taken.is_empty() {
            input = Input::from_json(Value::Object(metadata.clone())).map_err(|problems| {
                let mut failure = refused(format!(
                    "The metadata with what the version before says is not valid:\n{problems}"
                ));
                failure = failure.hint("Give what it names in the file of --metadata.");
                failure
            })?;
            terminal::talk(&format!("From the version before: {}", taken.join(", ")));
        }
    }
    let metadata = Value::Object(metadata);
    if existing.is_none() {
        // A new version has what the last one said; a first one has nobody to say it.
        validate_rules(&input.values, &["title", "licence"]).map_err(|problems| {
            refused(problems.to_string())
                .hint("Add them with --title and --licence, or in the file of --metadata.")
        })?;
    }
    let bytes = files.iter().map(|file| file.size).sum();
    let bar = progress::bar(bytes, "sending");
    let moving = bar.clone();
    let published = client.publish(
        existing.as_ref().map(|e| &e.name),
        &metadata,
        &files,
        move |sent| moving.inc(sent),
    );
    bar.finish_and_clear();
    let published = published?;
    if args.json {
        terminal::json(&published.json);
    } else {
        terminal::data(&format!(
            "{}  {}",
            terminal::line(&published.name),
            terminal::line(&published.id)
        ));
        terminal::talk(&format!(
            "Published {} ({}) as version {}",
            terminal::counted(files.len() as u64, "file"),
            terminal::size(bytes),
            terminal::line(&published.version)
        ));
    }
    Ok(())
}

pub(super) fn refused(message: impl Into<String>) -> Failure {
    Failure::new(Code::Refuse, message)
}

/// The metadata of the file and the options together, checked.
fn describe(args: &Args) -> Result<(Slug, Map<String, Value>, Input), Failure> {
    let mut metadata = match &args.metadata {
        Some(path) => read_metadata(path)?,
        None => Map::new(),
    };
    let mut set = |member: &str, value: Value| {
        metadata.insert(member.to_owned(), value);
    };
    if let Some(slug) = &args.slug {
        set("slug", slug.as_str().into());
    }
    if let Some(title) = &args.title {
        set("title", title.as_str().into());
    }
    if !args.language.is_empty() {
        set("language", args.language.clone().into());
    }
    if let Some(licence) = &args.licence {
        set("licence", licence.as_str().into());
        metadata.remove("license");
    }
    let input = Input::from_json(Value::Object(metadata.clone()))
        .map_err(|problems| refused(format!("The metadata is not valid:\n{problems}")))?;
    for warning in &input.warnings {
        terminal::talk(&format!("Note: {warning}"));
    }
    let Some(slug) = &input.slug else {
        return Err(Failure::new(
            Code::Usage,
            "The resource has no slug: its name in the institution.",
        )
        .hint(
            "Add --slug SLUG, for example --slug algebre-l1, or a member `slug` to the metadata.",
        ));
    };
    let slug = Slug::new(slug).map_err(|cause| Failure::new(Code::Usage, cause.to_string()))?;
    Ok((slug, metadata, input))
}

fn read_metadata(path: &Path) -> Result<Map<String, Value>, Failure> {
    let at = path.display();
    let size = fs::metadata(path).map_err(|cause| {
        Failure::new(
            Code::Usage,
            format!("Cannot read the metadata: {at}: {cause}"),
        )
    })?;
    if size.len() > MAX_BODY_BYTES as u64 {
        return Err(refused(format!(
            "The metadata has {} bytes, the most is {MAX_BODY_BYTES}: {at}",
            size.len()
        )));
    }
    let bytes = fs::read(path).map_err(|cause| {
        Failure::new(
            Code::Usage,
            format!("Cannot read the metadata: {at}: {cause}"),
        )
    })?;
    match parse_json(&bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(refused(format!(
            "The metadata is not one JSON object with members such as title and licence: {at}"
        ))),
        Err(problem) => Err(refused(format!("{at}: {problem}"))),
    }
}

/// What every version needs to say.
const ALWAYS: [&str; 3] = ["title", "licence", "language"];
/// What else stays true from one version to the next.
const USUALLY: [&str; 14] = [
    "kind",
    "summary",
    "description",
    "keywords",
    "creators",
    "contributors",
    "created",
    "published",
    "licence_statement",
    "resource_type",
    "level",
    "subject",
    "relations",
    "aliases",
];

/// Adds what is not said from the version before, and names it. A metadata file says the rest as a whole: what it
/// leaves out is meant to go.
fn take_over(
    metadata: &mut Map<String, Value>,
    before: &Map<String, Value>,
    from_file: bool,
) -> Vec<&'static str> {
    let usually = USUALLY.iter().filter(|_| !from_file);
    let mut taken = Vec::new();
    for member in ALWAYS.iter().chain(usually) {
        let said = metadata.contains_key(*member)
            || (*member == "licence" && metadata.contains_key("license"));
        if let (false, Some(value)) = (said, before.get(*member)) {
            metadata.insert((*member).to_owned(), value.clone());
            taken.push(*member);
        }
    }
    taken
}

/// An item that is there.
struct Existing {
    name: ItemRef,
    /// What its newest version says; unknown of one that was withdrawn.
    metadata: Option<Map<String, Value>>,
}

/// The item that has the slug already, if one has.
fn existing(client: &Client, slug: &Slug) -> Result<Option<Existing>, Failure> {
    let status = client.status()?;
    let handle = Handle::new(&status.handle)
        .map_err(|cause| Failure::new(Code::Fail, format!("The node has no handle: {cause}")))?;
    let name = ItemRef::Name(handle, slug.clone());
    match client.item(&name) {
        Ok(item) if item.kind == "resource" => Ok(Some(Existing {
            metadata: item
                .json
                .get("metadata")
                .and_then(Value::as_object)
                .cloned(),
            name,
        })),
        Ok(item) => {
            let message = format!(
                "The slug belongs to a {} already: {name}",
                terminal::line(&item.kind)
            );
            Err(refused(message).hint("Choose another slug."))
        }
        // A new version of what was withdrawn lifts the withdrawal.
        Err(error) if error.status() == Some(410) => Ok(Some(Existing {
            name,
            metadata: None,
        })),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The files to send, by path. Links and special files are refused: what they lead to is not part of the folder.
pub(super) fn collect(path: &Path) -> Result<Vec<LocalFile>, Failure> {
    let cannot = |at: &Path, cause: std::io::Error| {
        Failure::new(
            Code::Usage,
            format!("Cannot read {}: {cause}", at.display()),
        )
    };
    let metadata = fs::metadata(path).map_err(|cause| cannot(path, cause))?;
    let mut found: Vec<(FilePath, LocalFile)> = Vec::new();
    if metadata.is_file() {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        found.push(file(path, name, metadata.len())?);
    } else if metadata.is_dir() {
        let mut folders = vec![(path.to_owned(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|cause| cannot(&folder, cause))? {
                let entry = entry.map_err(|cause| cannot(&folder, cause))?;
                let at = entry.path();
                let name = entry.file_name();
                let Some(name) = name.to_str() else {
                    return Err(refused(format!(
                        "The name of this file is not UTF-8: {}",
                        at.display()
                    ))
                    .hint("Rename it."));
                };
                let inside = if prefix.is_empty() {
                    name.to_owned()
                } else {
                    format!("{prefix}/{name}")
                };
                let metadata = fs::symlink_metadata(&at).map_err(|cause| cannot(&at, cause))?;
                if metadata.is_dir() {
                    // Checked here too, so that a deep or endless tree ends.
                    composed(&at, &inside)?;
                    folders.push((at, inside));
                } else if metadata.is_file() {
                    if found.len() == MAX_FILES {
                        return Err(refused(format!(
                            "There are more than {MAX_FILES} files below {}",
                            path.display()
                        ))
                        .hint("Pack some of them into an archive."));
                    }
                    found.push(file(&at, &inside, metadata.len())?);
                } else if metadata.is_symlink() {
                    return Err(refused(format!(
                        "This is a symbolic link, and links are not published: {}",
                        at.display()
                    ))
                    .hint("Replace it by a copy of what it leads to, or remove it."));
                } else {
                    return Err(refused(format!(
                        "This is neither a file nor a folder: {}",
                        at.display()
                    ))
                    .hint("Remove it."));
                }
            }
        }
    } else {
        return Err(refused(format!(
            "This is neither a file nor a folder: {}",
            path.display()
        )));
    }
    if found.is_empty() {
        return Err(refused(format!(
            "There is no file to publish in {}",
            path.display()
        )));
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    check_paths(found.iter().map(|(path, _)| path)).map_err(|cause| refused(cause.to_string()))?;
    Ok(found.into_iter().map(|(_, file)| file).collect())
}

/// A file to send.
pub(super) fn file(at: &Path, inside: &str, size: u64) -> Result<(FilePath, LocalFile), Failure> {
    let path = composed(at, inside)?;
    if size > MAX_FILE_BYTES {
        return Err(refused(format!(
            "This file has {}, the most is {}: {}",
            terminal::size(size),
            terminal::size(MAX_FILE_BYTES),
            at.display()
        )));
    }
    let local = LocalFile {
        source: at.to_owned(),
        path: path.to_string(),
        size,
    };
    Ok((path, local))
}

/// A path in the resource.
pub(super) fn composed(at: &Path, inside: &str) -> Result<FilePath, Failure> {
    FilePath::composing(inside).map_err(|cause| refused(format!("{}: {cause}", at.display())))
}
