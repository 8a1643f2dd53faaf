//! `commun import DIR`: the files of a folder, as one resource.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use commun_client::{Client, Imported, LocalFile, Reply};
use commun_specs::files::{FilePath, MAX_FILES, check_paths};
use serde_json::{Value, json};

use super::super::publish::{composed, file, refused};
use crate::{
    failure::{Code, Failure},
    progress,
};

/// Names that are told as left out; more are counted.
const MAX_TOLD: usize = 1_000;
/// The largest file at the top that a dry run sends, so that the node reads what it says of the folder.
const MAX_FRONT: u64 = 256 << 10;

/// What a folder holds.
#[derive(Default)]
struct Walk {
    files: Vec<(FilePath, LocalFile)>,
    left_out: Vec<Value>,
    left_out_more: u64,
}

impl Walk {
    fn leave(&mut self, inside: &str, why: &str) {
        if self.left_out.len() < MAX_TOLD {
            self.left_out.push(json!({"path": inside, "why": why}));
        } else {
            self.left_out_more += 1;
        }
    }
}

/// Sends a folder; in a dry run, names and hashes only.
pub(super) fn send(
    client: &Client,
    folder: &Path,
    slug: Option<&str>,
    dry_run: bool,
) -> Result<Reply<Imported>, Failure> {
    let walk = walk(folder)?;
    let name = fs::canonicalize(folder)
        .ok()
        .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_default();
    let mut about = json!({
        "slug": slug,
        "left_out": walk.left_out,
        "left_out_more": walk.left_out_more,
    });
    let mut files: Vec<LocalFile> = walk.files.into_iter().map(|(_, file)| file).collect();
    if dry_run {
        let mut named = Vec::new();
        for file in &files {
            let blake3 = hash(&file.source)?;
            named.push(json!({"path": file.path, "size": file.size, "blake3": blake3}));
        }
        about["files"] = named.into();
        files.retain(|file| !file.path.contains('/') && file.size <= MAX_FRONT);
    }
    sending(client, &name, Some("folder"), dry_run, &about, &files)
}

/// Sends the files of a folder as records of a format, each by itself.
pub(super) fn send_records(
    client: &Client,
    folder: &Path,
    format: &str,
    dry_run: bool,
) -> Result<Reply<Imported>, Failure> {
    let files: Vec<LocalFile> = walk(folder)?.files.into_iter().map(|(_, f)| f).collect();
    if files.is_empty() {
        return Err(refused(format!(
            "There is no file below {}.",
            folder.display()
        )));
    }
    send_files(client, Some(format), dry_run, &files)
}

/// Sends files of records, each of which is taken in by itself.
pub(super) fn send_files(
    client: &Client,
    format: Option<&str>,
    dry_run: bool,
    files: &[LocalFile],
) -> Result<Reply<Imported>, Failure> {
    sending(client, "", format, dry_run, &json!({}), files)
}

fn sending(
    client: &Client,
    name: &str,
    format: Option<&str>,
    dry_run: bool,
    about: &Value,
    files: &[LocalFile],
) -> Result<Reply<Imported>, Failure> {
    let bytes = files.iter().map(|file| file.size).sum();
    let bar = progress::bar(bytes, "sending");
    let moving = bar.clone();
    let sent = client.import_files(name, format, dry_run, about, files, move |n| {
        moving.inc(n);
    });
    bar.finish_and_clear();
    Ok(sent?)
}

fn cannot(at: &Path, cause: &io::Error) -> Failure {
    Failure::new(
        Code::Usage,
        format!("Cannot read {}: {cause}", at.display()),
    )
}

/// The files below a folder, by path. What nobody would publish on purpose is left out, and said.
fn walk(folder: &Path) -> Result<Walk, Failure> {
    let mut walk = Walk::default();
    let mut folders: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((at, prefix)) = folders.pop() {
        for entry in fs::read_dir(&at).map_err(|cause| cannot(&at, &cause))? {
            let entry = entry.map_err(|cause| cannot(&at, &cause))?;
            let at = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let message = format!("The name of this file is not UTF-8: {}", at.display());
                return Err(refused(message).hint("Rename it."));
            };
            let inside = match prefix.as_str() {
                "" => name.to_owned(),
                prefix => format!("{prefix}/{name}"),
            };
            let metadata = fs::symlink_metadata(&at).map_err(|cause| cannot(&at, &cause))?;
            if name.starts_with('.') {
                walk.leave(&inside, "hidden");
            } else if metadata.is_dir() {
                // Checked here too, so that a deep or endless tree ends.
                composed(&at, &inside)?;
                folders.push((at, inside));
            } else if metadata.is_file() {
                if walk.files.len() == MAX_FILES {
                    let message = format!(
                        "There are more than {MAX_FILES} files below {}",
                        folder.display()
                    );
                    return Err(refused(message).hint("Pack some of them into an archive."));
                }
                walk.files.push(file(&at, &inside, metadata.len())?);
            } else if metadata.is_symlink() {
                walk.leave(&inside, "link");
            } else {
                walk.leave(&inside, "special");
            }
        }
    }
    walk.files.sort_by(|(a, _), (b, _)| a.cmp(b));
    check_paths(walk.files.iter().map(|(path, _)| path)).map_err(|e| refused(e.to_string()))?;
    Ok(walk)
}

/// The BLAKE3 of a file, as content is named.
fn hash(at: &Path) -> Result<String, Failure> {
    let mut file = fs::File::open(at).map_err(|cause| cannot(at, &cause))?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let count = file.read(&mut buffer).map_err(|cause| cannot(at, &cause))?;
        if count == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(&buffer[..count]);
    }
}
