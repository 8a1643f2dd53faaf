//! The key store: `keys/` in the data folder, mode 0700, each file 0600 and written once, whole.
//!
//! - `node.key`: the node's key (libp2p, iroh, checkpoints);
//! - `ssh.key`: the key by which SSH clients recognise the node ([`crate::ssh::hostkey`] says why it is another one);
//! - `institution.key`: the institution key that is kept online;
//! - `persons/<key>.key`: keys of persons that the node keeps for them;
//! - `admin.token`: the operator's access token.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use commun_specs::key::{PublicKey, SecretKey};
use data_encoding::HEXLOWER;

/// A key cannot be read or stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refuses.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a key.
    #[error("{0}: not a key file (64 hexadecimal digits and a newline)")]
    NotAKey(PathBuf),
    /// Others than the owner can read a secret.
    #[error("{path}: others can read this secret (mode {mode:o}); run: chmod 600 {path}")]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

/// The secrets of a data folder.
#[derive(Debug, Clone)]
pub struct Keys {
    dir: PathBuf,
}

impl Keys {
    /// Opens `keys/`, making it if it is new.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let persons = dir.join("persons");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&persons)
            .map_err(|source| Error::Io {
                path: persons,
                source,
            })?;
        Ok(Self {
            dir: dir.to_owned(),
        })
    }

    /// The node's key, made at the first call.
    pub fn node(&self) -> Result<SecretKey, Error> {
        self.load_or_make("node.key")
    }

    /// The institution key that is kept online, made at the first call.
    pub fn institution(&self) -> Result<SecretKey, Error> {
        self.load_or_make("institution.key")
    }

    /// The key by which SSH clients recognise this node, made at the first call.
    pub fn ssh(&self) -> Result<SecretKey, Error> {
        self.load_or_make("ssh.key")
    }

    /// The same, if it was made.
    pub fn ssh_if_made(&self) -> Result<Option<SecretKey>, Error> {
        self.load("ssh.key")
    }

    /// A new person's key, kept here.
    pub fn new_person(&self) -> Result<SecretKey, Error> {
        let key = random_key();
        self.write(
            &format!("persons/{}.key", HEXLOWER.encode(key.public().as_bytes())),
            &text(&key),
        )?;
        Ok(key)
    }

    /// A person's key, if the node keeps it.
    pub fn person(&self, key: &PublicKey) -> Result<Option<SecretKey>, Error> {
        self.load(&format!("persons/{}.key", HEXLOWER.encode(key.as_bytes())))
    }

    /// Writes the operator's access token.
    pub fn write_admin_token(&self, token: &str) -> Result<(), Error> {
        self.write("admin.token", &format!("{token}\n"))
    }

    /// The operator's access token, if it was written.
    pub fn admin_token(&self) -> Result<Option<String>, Error> {
        Ok(self.read("admin.token")?.map(|t| t.trim().to_owned()))
    }

    fn load_or_make(&self, name: &str) -> Result<SecretKey, Error> {
        if let Some(key) = self.load(name)? {
            return Ok(key);
        }
        let key = random_key();
        self.write(name, &text(&key))?;
        Ok(key)
    }

    fn load(&self, name: &str) -> Result<Option<SecretKey>, Error> {
        let Some(text) = self.read(name)? else {
            return Ok(None);
        };
        let seed = HEXLOWER
            .decode(text.trim().as_bytes())
            .ok()
            .and_then(|b| b.try_into().ok());
        Ok(Some(SecretKey::from_seed(
            seed.ok_or_else(|| Error::NotAKey(self.dir.join(name)))?,
        )))
    }

    fn read(&self, name: &str) -> Result<Option<String>, Error> {
        let path = self.dir.join(name);
        let io = |source| Error::Io {
            path: path.clone(),
            source,
        };
        let mode = match fs::metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io(e)),
            Ok(m) => m.permissions().mode() & 0o777,
        };
        if mode & 0o077 != 0 {
            return Err(Error::Exposed { path, mode });
        }
        fs::read_to_string(&path).map(Some).map_err(io)
    }

    /// Writes a new file whole or not at all: a temporary one is synced, then renamed.
    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.dir.join(name);
        let tmp = path.with_extension("new");
        let io = |source| Error::Io {
            path: path.clone(),
            source,
        };
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&tmp)
            .map_err(io)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(io)?;
        fs::rename(&tmp, &path).map_err(io)?;
        let folder = path.parent().expect("a key file stands in keys/");
        fs::File::open(folder)
            .and_then(|d| d.sync_all())
            .map_err(io)
    }
}

fn random_key() -> SecretKey {
    SecretKey::from_seed(rand::random())
}

fn text(key: &SecretKey) -> String {
    format!("{}\n", HEXLOWER.encode(&key.seed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(&dir.path().join("keys")).unwrap();
        let first = keys.node().unwrap();
        assert_eq!(keys.node().unwrap().public(), first.public());
        let path = dir.path().join("keys/node.key");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(keys.node(), Err(Error::Exposed { .. })));
        let person = keys.new_person().unwrap();
        assert_eq!(
            keys.person(&person.public()).unwrap().unwrap().seed(),
            person.seed()
        );
        assert!(keys.person(&first.public()).unwrap().is_none());
    }
}
