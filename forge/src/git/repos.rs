//! The folder of bare repositories.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::command::{Error, Git, Role};
use super::{Cache, ObjectFormat, RefName};

/// Repositories in `<folder>/<item id>.git`. Nothing but this crate writes there. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Repos {
    git: Git,
    folder: PathBuf,
    cache: Option<Cache>,
}

/// One repository that exists. Cheap to clone; holds nothing open.
#[derive(Debug, Clone)]
pub struct Repository {
    pub(super) git: Git,
    pub(super) path: PathBuf,
    pub(super) cache: Option<Cache>,
    format: ObjectFormat,
}

impl Repos {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(git: Git, folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(Error::io("make the folder of repositories"))?;
        let folder = folder
            .canonicalize()
            .map_err(Error::io("find the folder of repositories"))?;
        Ok(Self {
            git,
            folder,
            cache: None,
        })
    }

    /// Lets packs that are asked for again be sent from a cache.
    pub fn with_cache(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The cache of packs, if there is one.
    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// The Git that these repositories are used with.
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// The repository of an item, if it is here.
    pub fn get(&self, id: &str) -> Result<Repository, Error> {
        let path = self.path(id)?;
        let config =
            fs::read_to_string(path.join("config")).map_err(|_| Error::NotHere(id.to_owned()))?;
        let format = if config.contains("objectformat = sha256") {
            ObjectFormat::Sha256
        } else {
            ObjectFormat::Sha1
        };
        Ok(Repository {
            git: self.git.clone(),
            path,
            cache: self.cache.clone(),
            format,
        })
    }

    /// Makes an empty repository whose `HEAD` names `default_branch` (short name, `main`).
    ///
    /// It appears whole or not at all, and survives a power cut once this returns. One that exists is
    /// returned as it is.
    pub async fn create(
        &self,
        id: &str,
        default_branch: &str,
        format: ObjectFormat,
    ) -> Result<Repository, Error> {
        let path = self.path(id)?;
        if path.join("HEAD").exists() {
            return self.get(id);
        }
        let branch =
            RefName::parse(&format!("refs/heads/{default_branch}")).map_err(Error::BadBranch)?;
        let fresh = tempfile::Builder::new()
            .prefix(NEW_PREFIX)
            .tempdir_in(&self.folder)
            .map_err(Error::io("make a repository"))?;
        // What `git init --bare --template=` makes; a process for it would cost more than all the rest.
        let made = || -> io::Result<()> {
            for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
                fs::create_dir_all(fresh.path().join(folder))?;
            }
            let head = format!("ref: {branch}\n");
            for (name, text) in [("HEAD", head), ("config", config(format))] {
                let mut file = File::create_new(fresh.path().join(name))?;
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
            }
            for folder in ["refs/heads", "refs", "objects/pack", "objects", ""] {
                sync_folder(&fresh.path().join(folder))?;
            }
            fs::rename(fresh.path(), &path)?;
            sync_folder(&self.folder)
        };
        match made() {
            // Renamed away: there is nothing left to remove.
            Ok(()) => drop(fresh.keep()),
            Err(_) if path.join("HEAD").exists() => {}
            Err(source) => {
                return Err(Error::Io {
                    action: "make a repository",
                    source,
                });
            }
        }
        self.get(id)
    }

    /// Item ids of all repositories here, sorted.
    pub fn list(&self) -> Result<Vec<String>, Error> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(Error::io("list repositories"))? {
            let name = entry.map_err(Error::io("list repositories"))?.file_name();
            if let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".git"))
                && check_id(id).is_ok()
            {
                ids.push(id.to_owned());
            }
        }
        ids.sort();
        Ok(ids)
    }

    /// Removes what a killed node left behind: lock files, quarantines, half-made repositories. Answers
    /// how many things it removed.
    ///
    /// Call it once at start, before anything is served: it takes no care of running processes.
    pub fn sweep(&self) -> Result<usize, Error> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.folder).map_err(Error::io("sweep repositories"))? {
            let entry = entry.map_err(Error::io("sweep repositories"))?;
            if entry.file_name().to_string_lossy().starts_with(NEW_PREFIX) {
                fs::remove_dir_all(entry.path())
                    .map_err(Error::io("remove a half-made repository"))?;
                removed += 1;
            }
        }
        for id in self.list()? {
            removed += self.get(&id)?.sweep()?;
        }
        Ok(removed)
    }

    fn path(&self, id: &str) -> Result<PathBuf, Error> {
        check_id(id)?;
        Ok(self.folder.join(format!("{id}.git")))
    }
}

/// The settings in a repository: only what says how it is to be read.
fn config(format: ObjectFormat) -> String {
    let (version, more) = match format {
        ObjectFormat::Sha1 => (0, ""),
        ObjectFormat::Sha256 => (1, "[extensions]\n\tobjectformat = sha256\n"),
    };
    format!(
        "[core]\n\trepositoryformatversion = {version}\n\tfilemode = true\n\tbare = true\n{more}"
    )
}

/// Half-made repositories begin with this; no item id does.
const NEW_PREFIX: &str = ".new-";

/// An item id is lower-case base32 of a SHA-256 (52 digits); shorter names serve tests.
fn check_id(id: &str) -> Result<(), Error> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if (1..=64).contains(&id.len()) && id.bytes().all(plain) {
        Ok(())
    } else {
        Err(Error::BadId(id.chars().take(64).collect()))
    }
}

impl Repository {
    /// Where it is on disk.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The hash that names its objects.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Points `HEAD` at another branch (short name), which need not exist yet.
    pub async fn set_default_branch(&self, branch: &str) -> Result<(), Error> {
        let name = RefName::parse(&format!("refs/heads/{branch}")).map_err(Error::BadBranch)?;
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        command.args(["symbolic-ref", "HEAD", name.as_str()]);
        self.git.run(command, "symbolic-ref", &[]).await?;
        Ok(())
    }

    /// The full name that `HEAD` points at.
    pub fn default_branch(&self) -> Result<RefName, Error> {
        let head = fs::read_to_string(self.path.join("HEAD")).map_err(Error::io("read HEAD"))?;
        let name = head.trim().strip_prefix("ref: ").unwrap_or_default();
        RefName::parse(name).map_err(Error::BadBranch)
    }

    /// Makes the objects that Git took in survive a power cut. Call it after a push or fetch was taken in
    /// and before a statement names its objects.
    ///
    /// Git has flushed each pack and index itself (`core.fsync`), but not the folders into which it then
    /// renamed them: without this the files may be whole and nameless. Costs two flushes of folders.
    pub fn make_durable(&self) -> Result<(), Error> {
        for folder in ["objects/pack", "objects"] {
            sync_folder(&self.path.join(folder)).map_err(Error::io("flush the objects' folder"))?;
        }
        Ok(())
    }

    /// Removes lock files and quarantines. Only while no process works on the repository.
    pub fn sweep(&self) -> Result<usize, Error> {
        let mut removed = 0;
        let mut sweep = || -> io::Result<()> {
            for entry in entries(&self.path.join("objects"))? {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with("tmp_objdir-") || name.starts_with("incoming-") {
                    fs::remove_dir_all(entry.path())?;
                    removed += 1;
                }
            }
            for entry in entries(&self.path.join("objects/pack"))? {
                let name = entry.file_name().to_string_lossy().into_owned();
                let temporary = name.starts_with("tmp_") || name.starts_with(".tmp-");
                if temporary || name.ends_with(".keep") || name.ends_with(".lock") {
                    fs::remove_file(entry.path())?;
                    removed += 1;
                }
            }
            for entry in entries(&self.path.join("objects/info/commit-graphs"))? {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with("tmp_") || name.ends_with(".lock") {
                    fs::remove_file(entry.path())?;
                    removed += 1;
                }
            }
            removed += remove_locks(&self.path, &["objects"])?;
            Ok(())
        };
        sweep().map_err(Error::io("sweep a repository"))?;
        Ok(removed)
    }
}

/// Removes `*.lock` below a folder, but not in `except`. Not recursive in code: refs are as deep as names
/// that people chose.
fn remove_locks(top: &Path, except: &[&str]) -> io::Result<usize> {
    let mut removed = 0;
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder)? {
            let kind = entry.file_type()?;
            let name = entry.file_name();
            if kind.is_dir() {
                let skipped = folder == top && except.iter().any(|skip| name == *skip);
                if !skipped {
                    folders.push(entry.path());
                }
            } else if name.to_string_lossy().ends_with(".lock") {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

/// What is in a folder; nothing when it is not there.
fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Flushes a folder: names made or renamed in it survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::*;

    #[tokio::test]
    async fn a_repository_is_made_once_and_found_again() {
        let bench = Bench::new();
        let made = bench
            .repos
            .create("abc", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let again = bench
            .repos
            .create("abc", "other", ObjectFormat::Sha1)
            .await
            .unwrap();
        assert_eq!(made.path(), again.path());
        assert_eq!(again.default_branch().unwrap().as_str(), "refs/heads/main");
        again.set_default_branch("trunk").await.unwrap();
        assert_eq!(made.default_branch().unwrap().as_str(), "refs/heads/trunk");
        let wide = bench
            .repos
            .create("wide", "main", ObjectFormat::Sha256)
            .await
            .unwrap();
        assert_eq!(wide.format(), ObjectFormat::Sha256);
        assert_eq!(bench.repos.list().unwrap(), ["abc", "wide"]);
        assert!(!made.path().join("hooks").exists());
    }

    #[test]
    fn an_id_is_never_a_path() {
        let bench = Bench::new();
        for id in ["", "..", "a/b", "A", "a.git", &"a".repeat(65)] {
            assert!(matches!(bench.repos.get(id), Err(Error::BadId(_))), "{id}");
        }
        assert!(matches!(bench.repos.get("nothere"), Err(Error::NotHere(_))));
    }

    #[tokio::test]
    async fn a_sweep_removes_what_a_kill_left_and_nothing_else() {
        let bench = Bench::new();
        let repo = bench
            .repos
            .create("abc", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let oid = bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
        fs::create_dir_all(repo.path().join("objects/tmp_objdir-incoming-x/pack")).unwrap();
        fs::write(
            repo.path().join("objects/tmp_objdir-incoming-x/pack/p"),
            "x",
        )
        .unwrap();
        fs::write(repo.path().join("refs/heads/main.lock"), "").unwrap();
        fs::write(repo.path().join("packed-refs.lock"), "").unwrap();
        fs::create_dir(bench.folder().join(".new-abc")).unwrap();
        assert_eq!(bench.repos.sweep().unwrap(), 4);
        assert_eq!(bench.repos.sweep().unwrap(), 0);
        assert_eq!(repo.refs().await.unwrap().values().next(), Some(&oid));
    }
}
