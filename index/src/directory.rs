//! Where the engine's files are, and how each is read.
//!
//! The engine maps files into memory. That suits what every search walks through: dictionaries, columns, lengths of
//! fields. Of postings, positions and stored documents a search takes a few pieces, all over files that make up
//! three quarters of an index; each piece that is looked at through a map brings the sixteen pages around it along (Linux's
//! `fault_around_bytes`), and they stay until the system wants them back. A node that has answered a
//! thousand questions among a million documents then held 450 MiB more. Of these files, pieces are read with `pread`; long stretches (the
//! list of a word that is in many documents, a whole file in a merge) are mapped still, so that many at once share them.

use std::{
    fmt, fs,
    ops::Range,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use tantivy::{
    HasLen,
    directory::{
        Directory, FileHandle, MmapDirectory, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
        error::{DeleteError, OpenDirectoryError, OpenReadError, OpenWriteError},
    },
};

/// Of which files pieces are read: postings, positions, stored documents.
const IN_PIECES: [&str; 3] = ["idx", "pos", "store"];

/// Bytes from which a piece is looked at through the map: a copy of its own would cost more than the pages around it.
const LONG: usize = 64 << 10;

/// The engine's files in one folder.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    mapped: MmapDirectory,
    folder: PathBuf,
}

impl Files {
    /// Those in this folder, which must be there.
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenDirectoryError> {
        Ok(Self {
            mapped: MmapDirectory::open(folder)?,
            folder: folder.to_owned(),
        })
    }

    fn pieces(&self, path: &Path) -> Result<Pieces, OpenReadError> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => OpenReadError::wrap_io_error(error, path.to_owned()),
        };
        let file = fs::File::open(self.folder.join(path)).map_err(failed)?;
        let mapped = self.mapped.get_file_handle(path)?;
        Ok(Pieces { file, mapped })
    }
}

impl Directory for Files {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let extension = path.extension().and_then(|e| e.to_str());
        if extension.is_some_and(|e| IN_PIECES.contains(&e)) {
            return Ok(Arc::new(self.pieces(path)?));
        }
        self.mapped.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.mapped.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.mapped.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.mapped.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.mapped.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> std::io::Result<()> {
        self.mapped.atomic_write(path, data)
    }

    fn sync_directory(&self) -> std::io::Result<()> {
        self.mapped.sync_directory()
    }

    fn acquire_lock(
        &self,
        lock: &tantivy::directory::Lock,
    ) -> Result<tantivy::directory::DirectoryLock, tantivy::directory::error::LockError> {
        self.mapped.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.mapped.watch(callback)
    }
}

/// A file that is read where it is asked for. The engine never changes what it has written.
struct Pieces {
    file: fs::File,
    /// The same file; what is not looked at through it takes no memory.
    mapped: Arc<dyn FileHandle>,
}

impl FileHandle for Pieces {
    fn read_bytes(&self, range: Range<usize>) -> std::io::Result<OwnedBytes> {
        if range.len() >= LONG {
            return self.mapped.read_bytes(range);
        }
        let mut bytes = vec![0; range.len()];
        self.file.read_exact_at(&mut bytes, range.start as u64)?;
        Ok(OwnedBytes::new(bytes))
    }
}

impl HasLen for Pieces {
    fn len(&self) -> usize {
        self.mapped.len()
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a file of {} bytes", self.len())
    }
}
