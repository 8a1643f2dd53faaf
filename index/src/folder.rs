//! The folder of an index: a lock, a version, and the engine's files.
//!
//! ```text
//! lock      held (flock) as long as the index is open; the system lets go of it after kill -9
//! version   the schema's version; without it, or with another, the engine's files are deleted
//! segments/ the engine's files
//! ```

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tantivy::{IndexSettings, TantivyError};
use tracing::{info, warn};

use super::directory::Files;
use super::error::Error;
use super::guard::caught;
use super::schema::{Fields, VERSION};

/// Up to this size all checksums are verified when the index is opened. Larger ones would delay
/// the start; their damage is found when a search meets it.
const VERIFY_BYTES: u64 = 64 * 1024 * 1024;

/// A locked folder. The lock goes with it.
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

/// How often a held lock is tried again, and the pause between: half a second in all.
const LOCK_TRIES: usize = 20;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(25);

impl Folder {
    /// Creates the folder where it is missing and locks it.
    pub(crate) fn lock(path: &Path) -> Result<Folder, Error> {
        let failed = |source| Error::Folder {
            folder: path.to_owned(),
            source,
        };
        fs::create_dir_all(path).map_err(failed)?;
        let lock = File::create(path.join("lock")).map_err(failed)?;
        let mut locked = lock.try_lock();
        // A process that was just started shares our descriptors until it becomes its own program, and with them the
        // lock of whoever held the folder before: that passes within milliseconds.
        for _ in 0..LOCK_TRIES {
            if !matches!(locked, Err(TryLockError::WouldBlock)) {
                break;
            }
            std::thread::sleep(LOCK_PAUSE);
            locked = lock.try_lock();
        }
        match locked {
            Ok(()) => Ok(Folder {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked {
                folder: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Opens the engine's index, or makes a new, empty one where there is none, where it has
    /// another version, and where it is damaged.
    pub(crate) fn open(&self, fields: &Fields) -> Result<tantivy::Index, Error> {
        match self.existing(fields) {
            Ok(Some(index)) => return Ok(index),
            Ok(None) => info!(folder = %self.path.display(), "making a new search index"),
            Err(what) => warn!(
                folder = %self.path.display(),
                what,
                "the search index is damaged: deleting it, it will be fed again"
            ),
        }
        self.create(fields)
    }

    /// Sees to it that the next `open` starts anew: called when damage is met while searching.
    pub(crate) fn condemn(&self, what: &str) {
        warn!(
            folder = %self.path.display(),
            what,
            "the search index is damaged: it will be made anew when the node starts again"
        );
        if let Err(error) = fs::remove_file(self.path.join("version"))
            && error.kind() != io::ErrorKind::NotFound
        {
            warn!(folder = %self.path.display(), %error, "cannot mark the search index as damaged");
        }
    }

    fn existing(&self, fields: &Fields) -> Result<Option<tantivy::Index>, String> {
        let segments = self.segments();
        match fs::read_to_string(self.path.join("version")) {
            Ok(version) if version.trim() == VERSION.to_string() => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        }
        // The engine trusts its files: on damaged ones it may panic.
        let opened = caught(|| verified(&segments, fields));
        match opened {
            Ok(Ok(index)) => Ok(Some(index)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the engine panicked on its files".to_owned()),
        }
    }

    fn create(&self, fields: &Fields) -> Result<tantivy::Index, Error> {
        let failed = |source| Error::Folder {
            folder: self.path.clone(),
            source,
        };
        let version = self.path.join("version");
        // Version first: a crash in between must not leave old files under a current version.
        for outcome in [
            fs::remove_file(&version),
            fs::remove_dir_all(self.segments()),
        ] {
            match outcome {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed(error));
                }
                _ => {}
            }
        }
        fs::create_dir_all(self.segments()).map_err(failed)?;
        let files = Files::open(&self.segments()).map_err(TantivyError::from)?;
        let settings = IndexSettings {
            // A thread per commit costs more than compressing one document.
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        let index = tantivy::Index::create(files, fields.schema.clone(), settings)?;
        fs::write(&version, format!("{VERSION}\n")).map_err(failed)?;
        Ok(index)
    }

    fn segments(&self) -> PathBuf {
        self.path.join("segments")
    }
}

/// Opens an index and reads enough of it to know that it is whole.
fn verified(segments: &Path, fields: &Fields) -> tantivy::Result<tantivy::Index> {
    let damaged = |what: String| TantivyError::InvalidArgument(what);
    let index = tantivy::Index::open(Files::open(segments)?)?;
    if index.schema() != fields.schema {
        return Err(damaged("the files have another schema".to_owned()));
    }
    let mut bytes = 0;
    for entry in fs::read_dir(segments)? {
        bytes += entry?.metadata()?.len();
    }
    if bytes <= VERIFY_BYTES {
        let wrong = index.validate_checksum()?;
        if !wrong.is_empty() {
            return Err(damaged(format!("{} files are damaged", wrong.len())));
        }
    }
    Ok(index)
}
