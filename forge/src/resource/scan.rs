//! From a file or folder on disk to the files that will be published.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use commun_specs::files::{FilePath, MAX_DEPTH, MAX_FILE_BYTES, MAX_FILES};
use commun_specs::metadata::{Problem, Problems};
use thiserror::Error;

use super::media::media_type;

/// The most directory entries looked at, files, folders and what is left out together: a scan of a whole disk by
/// mistake ends soon.
pub const MAX_VISITED: usize = 20_000;

/// The most problems reported.
const MAX_PROBLEMS: usize = 100;

/// A file that may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path in the resource.
    pub path: FilePath,
    /// Bytes, when it was looked at.
    pub size: u64,
    /// Media type by its name.
    pub media_type: String,
    /// Where it is on this disk.
    pub absolute: PathBuf,
}

impl Found {
    /// Opens the file for reading; fails when it has meanwhile become a link or something else than a file.
    pub fn open(&self) -> io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            // Not waiting on a FIFO that took the file's place.
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(&self.absolute)?;
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no longer a regular file",
            ))
        }
    }
}

/// What a file or folder holds, sorted by the bytes of the paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// The files, at least one.
    pub files: Vec<Found>,
    /// What was left out, and why.
    pub warnings: Vec<Problem>,
}

/// Why nothing can be published from a path.
#[derive(Debug, Error)]
pub enum ScanError {
    /// The disk said no.
    #[error("cannot read {path}")]
    Io {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Some files cannot be published; all of them are named.
    #[error("{0}")]
    Refused(Problems),
    /// There is no file.
    #[error("no file to publish in {0}")]
    Empty(PathBuf),
    /// Too many entries.
    #[error("more than {MAX_VISITED} files and folders in {0}; choose a smaller folder")]
    TooMany(PathBuf),
}

/// Looks at a file, or at all files of a folder.
///
/// Links are refused, never followed. Hidden files and what systems leave behind (`.git`, `.DS_Store`, `Thumbs.db`)
/// are left out with a warning: everything in a commons is public, and a `.env` is not meant to be. Accents in names are composed.
pub fn scan(path: &Path) -> Result<Scan, ScanError> {
    // The path that the user typed may be a link; what is below it may not.
    let root = fs::canonicalize(path).map_err(|cause| ScanError::Io {
        path: path.into(),
        cause,
    })?;
    let about = metadata(&root)?;
    let mut walk = Walk {
        root: root.clone(),
        ..Walk::default()
    };
    if about.is_file() {
        let name = root
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        walk.file(&name, root.clone(), &about);
    } else if about.is_dir() {
        walk.folder("", &root, 0)?;
    } else {
        walk.refuse(
            &path.to_string_lossy(),
            "is neither a file nor a folder",
            "publish a file or a folder",
        );
    }
    walk.finish()
}

fn metadata(path: &Path) -> Result<Metadata, ScanError> {
    fs::symlink_metadata(path).map_err(|cause| ScanError::Io {
        path: path.into(),
        cause,
    })
}

#[derive(Default)]
struct Walk {
    root: PathBuf,
    visited: usize,
    scan: Scan,
    problems: Vec<Problem>,
}

impl Walk {
    fn folder(&mut self, prefix: &str, folder: &Path, depth: usize) -> Result<(), ScanError> {
        if depth >= MAX_DEPTH {
            self.refuse(
                prefix,
                &format!("is deeper than {MAX_DEPTH} folders"),
                "flatten the folders",
            );
            return Ok(());
        }
        let io = |cause| ScanError::Io {
            path: folder.into(),
            cause,
        };
        for entry in fs::read_dir(folder).map_err(io)? {
            let entry = entry.map_err(io)?;
            self.visited += 1;
            if self.visited > MAX_VISITED {
                return Err(ScanError::TooMany(self.root.clone()));
            }
            let name = entry.file_name();
            let shown = format!("{prefix}{}", name.to_string_lossy());
            let Some(name) = name.to_str() else {
                self.refuse(&shown, "has a name that is not UTF-8", "rename it");
                continue;
            };
            if is_hidden(name) {
                self.warn(&shown, "was left out: hidden files are not published");
                continue;
            }
            if is_litter(name) {
                continue;
            }
            let about = metadata(&entry.path())?;
            if about.is_dir() {
                self.folder(&format!("{shown}/"), &entry.path(), depth + 1)?;
            } else if about.is_file() {
                self.file(&shown, entry.path(), &about);
            } else if about.is_symlink() {
                self.refuse(
                    &shown,
                    "is a link",
                    "put the file itself in its place, or remove it",
                );
            } else {
                self.refuse(&shown, "is not a regular file", "remove it");
            }
        }
        Ok(())
    }

    fn file(&mut self, shown: &str, absolute: PathBuf, about: &Metadata) {
        let path = match FilePath::composing(shown) {
            Ok(path) => path,
            Err(cause) => return self.refuse(shown, &cause.to_string(), ""),
        };
        let size = about.len();
        if size > MAX_FILE_BYTES {
            let what = format!("has {size} bytes, the most is {MAX_FILE_BYTES}");
            return self.refuse(shown, &what, "split or compress it");
        }
        // One past the limit is enough to know that there are too many.
        if self.scan.files.len() <= MAX_FILES {
            let media_type = media_type(path.file_name());
            self.scan.files.push(Found {
                path,
                size,
                media_type,
                absolute,
            });
        }
    }

    fn refuse(&mut self, path: &str, what: &str, fix: &str) {
        note(&mut self.problems, path, what, fix);
    }

    fn warn(&mut self, path: &str, what: &str) {
        note(&mut self.scan.warnings, path, what, "");
    }

    fn finish(mut self) -> Result<Scan, ScanError> {
        if self.scan.files.len() > MAX_FILES {
            let what = format!("there are more than {MAX_FILES} files");
            self.refuse("", &what, "pack some of them into an archive");
        }
        let by_path = |a: &Problem, b: &Problem| a.field.cmp(&b.field);
        self.problems.sort_by(by_path);
        self.scan.warnings.sort_by(by_path);
        self.scan.files.sort_by(|a, b| a.path.cmp(&b.path));
        if let Err(cause) =
            commun_specs::files::check_paths(self.scan.files.iter().map(|file| &file.path))
        {
            self.refuse("", &cause.to_string(), "");
        }
        if !self.problems.is_empty() {
            return Err(ScanError::Refused(Problems(self.problems)));
        }
        if self.scan.files.is_empty() {
            return Err(ScanError::Empty(self.root));
        }
        Ok(self.scan)
    }
}

fn note(list: &mut Vec<Problem>, path: &str, what: &str, fix: &str) {
    if list.len() < MAX_PROBLEMS {
        // Shown in a terminal: a name may hold anything.
        let field = path
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        list.push(Problem {
            field,
            what: what.into(),
            fix: fix.into(),
        });
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// What desktops leave in every folder.
fn is_litter(name: &str) -> bool {
    matches!(name, "Thumbs.db" | "desktop.ini" | "__MACOSX")
}
