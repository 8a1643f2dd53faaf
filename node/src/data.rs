//! The data folder: one node at a time, and where it answers.

use std::{
    ffi::CString,
    fs::{self, File},
    io,
    mem::MaybeUninit,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{DirBuilderExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another node runs on it.
    #[error("a node already runs on {0}; stop it first (one node per data folder)")]
    Busy(PathBuf),
    /// The file system refuses.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A data folder that this process alone uses; let go when dropped, or when the process dies.
#[derive(Debug)]
pub struct Claimed {
    run: PathBuf,
    _lock: File,
}

/// Bytes that the disk of a folder takes still from whom this process runs as.
///
/// # Errors
/// The system does not say.
pub(crate) fn free(folder: &Path) -> io::Result<u64> {
    let path = CString::new(folder.as_os_str().as_bytes())?;
    let mut told = MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: the path ends with a NUL and lives through the call, which writes one statvfs to the place given. Zeros are one, too.
    #[allow(
        unsafe_code,
        reason = "std does not say how much room is left on a disk"
    )]
    let (result, told) = unsafe {
        let result = libc::statvfs(path.as_ptr(), told.as_mut_ptr());
        (result, told.assume_init())
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

/// Removes a database of SQLite with the files beside it; none is no error. Only for what is derived.
pub(crate) fn remove_database(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(name) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// How often a held lock is tried again, and the pause between: half a second in all.
const LOCK_TRIES: usize = 20;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(25);

/// Claims a data folder, making it if it is new.
pub fn claim(data: &Path) -> Result<Claimed, Error> {
    let run = data.join("run");
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&run)
        .map_err(io(&run))?;
    let path = run.join("lock");
    let lock = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(io(&path))?;
    let mut locked = lock.try_lock();
    // A Git process that a killed node had just started shares the node's descriptors, and with them this lock, until
    // it becomes its own program: that passes within milliseconds.
    for _ in 0..LOCK_TRIES {
        if !matches!(locked, Err(fs::TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(LOCK_PAUSE);
        locked = lock.try_lock();
    }
    match locked {
        Ok(()) => Ok(Claimed { run, _lock: lock }),
        Err(fs::TryLockError::WouldBlock) => Err(Error::Busy(data.to_owned())),
        Err(fs::TryLockError::Error(source)) => Err(Error::Io { path, source }),
    }
}

impl Claimed {
    /// Notes where the node answers, for `commun` on this machine.
    pub fn announce(&self, http: &str) -> Result<(), Error> {
        let path = self.run.join("http");
        let tmp = self.run.join("http.new");
        fs::write(&tmp, format!("{http}\n"))
            .and_then(|()| fs::rename(&tmp, &path))
            .map_err(|source| Error::Io { path, source })
    }

    /// Forgets where the node answered.
    pub fn silence(&self) {
        let _ = fs::remove_file(self.run.join("http"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_node_per_data_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = claim(dir.path()).unwrap();
        assert!(matches!(claim(dir.path()), Err(Error::Busy(_))));
        drop(first);
        claim(dir.path()).unwrap();
    }
}
