//! `log.db`: the truth of a node. Heads, bodies, tree hashes, checkpoints, charter, successions and the journal of
//! what was accepted, in one SQLite file (WAL, `synchronous=FULL`: a commit that returned survives a power cut).
//!
//! One connection writes ([`crate::core`]'s writer thread); any number read.

mod accounts;
mod charter;
mod log;
mod takedown;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use accounts::{Filed, Invited, JoinRow, Origin, TokenRow};
pub use log::{EntryRow, JournalEntry, LogRow, StoredHashes};
pub use takedown::{Block, Closing, Hiding};

/// Version of the tables; an older one is migrated, a newer one is refused.
const SCHEMA: i64 = 2;

const TABLES: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE charter(number INTEGER PRIMARY KEY, envelope BLOB NOT NULL);
-- amendments that are not (yet) signed by a majority, and second successors (evidence)
CREATE TABLE draft(id BLOB PRIMARY KEY, number INTEGER NOT NULL, round INTEGER NOT NULL, envelope BLOB NOT NULL) WITHOUT ROWID;
-- second valid successors of a number: evidence against those who signed both
CREATE TABLE fork(id BLOB PRIMARY KEY, envelope BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE succession(log TEXT NOT NULL, epoch INTEGER NOT NULL, envelope BLOB NOT NULL, PRIMARY KEY(log, epoch, envelope)) WITHOUT ROWID;
CREATE TABLE log(id INTEGER PRIMARY KEY, handle TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, size INTEGER NOT NULL,
  -- the longest checkpoint whose leaves are all here, and the one that covers the last range
  complete BLOB, covering BLOB);
CREATE TABLE hash(log INTEGER NOT NULL, ix INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(log, ix)) WITHOUT ROWID;
CREATE TABLE list(hash BLOB PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
-- every accepted entry and amendment, in the order of acceptance: what the followers read
-- (a number is never used twice, also where a log was cut)
CREATE TABLE journal(seq INTEGER PRIMARY KEY AUTOINCREMENT, log INTEGER, position INTEGER NOT NULL);
-- active: the log is frozen by it now
CREATE TABLE evidence(id BLOB PRIMARY KEY, log TEXT NOT NULL, active INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE invitation(secret BLOB PRIMARY KEY, expires INTEGER NOT NULL, used_by TEXT) WITHOUT ROWID;
CREATE TABLE join_request(handle TEXT PRIMARY KEY, request TEXT NOT NULL, received INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE token(hash BLOB PRIMARY KEY, person BLOB NOT NULL, scope TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
";

/// What most of the file is. A row is found by its log and position in one number ([`log::place`]): rows as long as these belong
/// into the leaves of a tree, which those of a key of two columns would not be in.
const ENTRIES: &str = "
CREATE TABLE entry(place INTEGER PRIMARY KEY,
  -- 0: malformed, kept as opaque bytes
  valid INTEGER NOT NULL,
  -- 1: its head commits to a body that was not erased
  embodied INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX entry_embodied ON entry(place) WHERE embodied;
-- bytes, with the salt of what the head commits to, go when the statement is erased
CREATE TABLE body(place INTEGER PRIMARY KEY, salt BLOB NOT NULL, bytes BLOB NOT NULL);
";

/// From tables of version 1.
const FROM_1: &str = "
DROP INDEX entry_id;
DROP INDEX entry_embodied;
ALTER TABLE entry RENAME TO entry_1;
ALTER TABLE body RENAME TO body_1;
";
const FILL_FROM_1: &str = "
INSERT INTO entry SELECT log << 40 | position, valid, embodied, bytes FROM entry_1 ORDER BY log, position;
INSERT INTO body SELECT log << 40 | position, salt, bytes FROM body_1 ORDER BY log, position;
DROP TABLE entry_1;
DROP TABLE body_1;
";

/// Tables that came later and that an older release does without: made where they are missing.
const ADDED: &str = "
CREATE TABLE IF NOT EXISTS token_use(hash BLOB PRIMARY KEY, used INTEGER NOT NULL) WITHOUT ROWID;
-- tokens that were asked for with another token of the same person; apart: that one was narrow, or is here itself
CREATE TABLE IF NOT EXISTS token_from(hash BLOB PRIMARY KEY, apart INTEGER NOT NULL) WITHOUT ROWID;
";

/// Bytes of the file that a connection that reads has mapped at most: pages are read without a call of the system, and
/// without a copy. Beyond them they are read as ever. A page that the disk cannot read then ends the process (SIGBUS), which a
/// start survives; SQLite itself never shortens what somebody reads.
const MAPPED: i64 = 1 << 30;

/// `log.db` failed or is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite reports a fault (disk full, damaged file, …).
    #[error("log.db: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file was written by a newer release.
    #[error(
        "log.db has tables of version {found}, this release knows {SCHEMA}: install the newer release again, or restore a backup"
    )]
    Newer {
        /// The file's version.
        found: i64,
    },
    /// The writer thread has too much to do, or ends.
    #[error("the node is busy or stopping; try again")]
    Busy,
    /// What is stored does not verify: the file was changed from outside or is damaged.
    #[error(
        "log.db is damaged: {0}; run `commun node verify`, then restore a backup or join again"
    )]
    Damaged(String),
}

/// An open `log.db`.
pub struct Store {
    db: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the file, or creates it with its tables.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", "OFF")?;
        // What is deleted is overwritten: bodies are deleted because somebody asked that they be gone.
        db.pragma_update(None, "secure_delete", "ON")?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        // A node is small: 4 MiB of page cache for each connection is plenty.
        db.pragma_update(None, "cache_size", -4096)?;
        let found: i64 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
        match found {
            SCHEMA => {}
            0 => {
                db.execute_batch(&format!(
                    "BEGIN; {TABLES} {ENTRIES} PRAGMA user_version = {SCHEMA}; COMMIT;"
                ))?;
            }
            1 => {
                tracing::info!(
                    "log.db gets the tables of this release: up to a minute for each million entries"
                );
                db.execute_batch(&format!(
                    "BEGIN; {FROM_1} {ENTRIES} {FILL_FROM_1} PRAGMA user_version = {SCHEMA}; COMMIT;"
                ))?;
            }
            found => return Err(Error::Newer { found }),
        }
        db.execute_batch(ADDED)?;
        db.execute_batch(takedown::TABLES)?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Self {
            db,
            path: path.to_owned(),
        })
    }

    /// Another connection to the same file, for reading beside the writer.
    pub fn reader(&self) -> Result<Self, Error> {
        let store = Self::open(&self.path)?;
        store.db.pragma_update(None, "mmap_size", MAPPED)?;
        Ok(store)
    }

    /// Runs `work` in one transaction: all of it is durable when this returns, or none of it happened.
    pub fn transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.db
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(Error::from)?;
        match work(self) {
            Ok(done) => match self.db.execute_batch("COMMIT") {
                Ok(()) => Ok(done),
                Err(e) => {
                    self.roll_back();
                    Err(Error::from(e).into())
                }
            },
            Err(e) => {
                self.roll_back();
                Err(e)
            }
        }
    }

    fn roll_back(&self) {
        if let Err(e) = self.db.execute_batch("ROLLBACK") {
            tracing::error!("log.db: rolling back failed: {e}");
        }
    }

    /// A value of the node itself.
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(first(q.query_map([key], |r| r.get(0))?)?)
    }

    /// Sets a value of the node itself.
    pub fn set_meta(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO meta VALUES(?1, ?2)")?
            .execute((key, value))?;
        Ok(())
    }
}

/// The first row, if there is one.
fn first<T>(mut rows: impl Iterator<Item = rusqlite::Result<T>>) -> rusqlite::Result<Option<T>> {
    rows.next().transpose()
}
