//! Writing what a node sends into a folder, and nowhere else.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use commun_specs::files::FilePath;
use tempfile::NamedTempFile;

use crate::failure::{Code, Failure};

/// Bytes that are read and written at once.
const PIECE: usize = 128 << 10;

/// Something of this machine cannot be read or written.
pub(super) fn failed(path: &Path, cause: &io::Error) -> Failure {
    Failure::new(Code::Refuse, format!("{}: {cause}", path.display()))
}

/// The connection broke, or what comes is not what was asked for.
pub(super) fn broken(what: &str) -> Failure {
    Failure::new(Code::Unreachable, format!("The export broke off: {what}."))
        .hint("Run the same command again.")
}

/// A folder that files go into.
pub(super) struct Folder<'a> {
    dir: &'a Path,
    force: bool,
}

impl<'a> Folder<'a> {
    /// Makes the folder where it is not there.
    pub(super) fn new(dir: &'a Path, force: bool) -> Result<Self, Failure> {
        fs::create_dir_all(dir).map_err(|e| failed(dir, &e))?;
        Ok(Self { dir, force })
    }

    /// Writes a file: `size` bytes, or all that come. It appears whole or not at all. Says where.
    pub(super) fn file(
        &self,
        path: &str,
        size: Option<u64>,
        from: &mut dyn Read,
    ) -> Result<String, Failure> {
        let target = self.place(path)?;
        let folder = target.parent().unwrap_or(self.dir);
        let mut temp = temporary(folder).map_err(|e| failed(folder, &e))?;
        let mut left = size.unwrap_or(u64::MAX);
        let mut piece = vec![0; PIECE];
        while left > 0 {
            let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let count = match from.read(&mut piece[..most]) {
                Ok(0) if size.is_some() => return Err(broken("the node ended it early")),
                Ok(0) => break,
                Ok(count) => count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(broken(&e.to_string())),
            };
            temp.write_all(&piece[..count])
                .map_err(|e| failed(&target, &e))?;
            left -= count as u64;
        }
        self.settle(temp, &target)?;
        Ok(path.to_owned())
    }

    fn settle(&self, temp: NamedTempFile, target: &Path) -> Result<(), Failure> {
        match fs::symlink_metadata(target) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(failed(target, &e)),
            Ok(there) if there.is_file() => {
                if same(temp.path(), target).map_err(|e| failed(target, &e))? {
                    return Ok(());
                }
                if !self.force {
                    return Err(taken(target));
                }
            }
            Ok(_) => return Err(taken(target)),
        }
        temp.persist(target).map_err(|e| failed(target, &e.error))?;
        Ok(())
    }

    /// Where a file goes. Each name is one that no system reads as more than a name, and no folder on the way is a link.
    fn place(&self, path: &str) -> Result<PathBuf, Failure> {
        let mut at = self.dir.to_owned();
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            if let Err(e) = FilePath::new(name) {
                return Err(Failure::new(
                    Code::Refuse,
                    format!("What the node offers is refused: {path:?}: {e}"),
                ));
            }
            at.push(name);
            if names.peek().is_none() {
                break;
            }
            match fs::symlink_metadata(&at) {
                Ok(there) if there.is_dir() => {}
                Ok(_) => return Err(taken(&at)),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir(&at).map_err(|e| failed(&at, &e))?;
                }
                Err(e) => return Err(failed(&at, &e)),
            }
        }
        Ok(at)
    }
}

fn taken(path: &Path) -> Failure {
    Failure::new(
        Code::Refuse,
        format!("Something else is there already: {}", path.display()),
    )
    .hint("Choose another folder, move it away, or add --force to replace files.")
}

/// A file that others may read once it has its name, as the user's mask allows.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn same(one: &Path, other: &Path) -> io::Result<bool> {
    if fs::metadata(one)?.len() != fs::metadata(other)?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (
        io::BufReader::new(fs::File::open(one)?),
        fs::File::open(other)?,
    );
    let (mut left, mut right) = (vec![0; PIECE], vec![0; PIECE]);
    loop {
        let count = one.read(&mut left)?;
        if count == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..count])?;
        if left[..count] != right[..count] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("in");
        let folder = Folder::new(&inside, true).unwrap();
        for bad in ["../x", "/x", "a/../../x", "a//x", "a\\x", "", ".", "a/"] {
            assert!(folder.file(bad, None, &mut &b"x"[..]).is_err(), "{bad}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path(), inside.join("link")).unwrap();
            assert!(folder.file("link/x", None, &mut &b"x"[..]).is_err());
        }
        assert!(!dir.path().join("x").exists());
    }

    #[test]
    fn what_is_there_and_differs_stays_unless_it_is_to_be_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let write = |force, text: &str| {
            let folder = Folder::new(dir.path(), force).unwrap();
            folder.file("a/b.txt", Some(text.len() as u64), &mut text.as_bytes())
        };
        write(false, "one").unwrap();
        write(false, "one").unwrap();
        assert!(write(false, "two").is_err());
        write(true, "two").unwrap();
        assert_eq!(fs::read(dir.path().join("a/b.txt")).unwrap(), b"two");
        let folder = Folder::new(dir.path(), true).unwrap();
        assert!(folder.file("c", Some(5), &mut &b"abc"[..]).is_err());
        assert!(!dir.path().join("c").exists());
    }
}
