//! `catalogue.db`: which items each accepted entry touched, and how far each follower has come.
//!
//! Disposable: derived from `log.db`, written without waiting for the disk, made anew where it is missing.

use std::path::Path;

use commun_specs::id::StatementId;
use rusqlite::Connection;

use crate::data;

/// Version of the tables; another one is thrown away and derived again.
const SCHEMA: i64 = 1;

/// `catalogue.db` fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite reports a fault.
    #[error("catalogue.db: {0}; it may be deleted, it is derived from log.db")]
    Sqlite(#[from] rusqlite::Error),
    /// An old file could not be removed.
    #[error("catalogue.db: {0}")]
    Io(#[from] std::io::Error),
}

/// The open file.
pub struct Changes {
    db: Connection,
    /// What could not be written: it goes with the next, so that no line is passed over.
    pending: Vec<(u64, StatementId)>,
}

impl Changes {
    /// Opens the file; one that is damaged or of another version is replaced by an empty one.
    pub fn open(path: &Path) -> Result<Self, Error> {
        match Self::try_open(path) {
            Ok(Some(it)) => return Ok(it),
            Ok(None) => tracing::info!("catalogue.db is of another release: deriving it again"),
            Err(e) => tracing::warn!("{e}; deriving it again"),
        }
        data::remove_database(path)?;
        Self::try_open(path)?
            .ok_or_else(|| Error::Io(std::io::Error::other("a new file is of another version")))
    }

    fn try_open(path: &Path) -> Result<Option<Self>, Error> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -1024)?;
        match db.query_row("PRAGMA user_version", [], |r| r.get::<_, i64>(0))? {
            SCHEMA => {}
            0 => db.execute_batch(&format!(
                "BEGIN;
                 CREATE TABLE change(seq INTEGER NOT NULL, item BLOB NOT NULL, PRIMARY KEY(seq, item)) WITHOUT ROWID;
                 CREATE TABLE cursor(name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
                 PRAGMA user_version = {SCHEMA}; COMMIT;"
            ))?,
            _ => return Ok(None),
        }
        Ok(Some(Self {
            db,
            pending: Vec::new(),
        }))
    }

    /// The journal line up to which changes are here.
    pub fn cursor(&self) -> Result<u64, Error> {
        self.follower("")
    }

    /// Adds changes; complete up to journal line `upto`. What cannot be written is kept and added the next time.
    pub fn add(&mut self, changes: &[(u64, StatementId)], upto: u64) -> Result<(), Error> {
        self.pending.extend_from_slice(changes);
        let tx = self.db.transaction()?;
        {
            let mut q = tx.prepare_cached("INSERT OR IGNORE INTO change VALUES(?1, ?2)")?;
            for (seq, item) in &self.pending {
                q.execute((seq, &item.0[..]))?;
            }
            tx.prepare_cached("INSERT OR REPLACE INTO cursor VALUES('', ?1)")?
                .execute([upto])?;
        }
        tx.commit()?;
        self.pending.clear();
        Ok(())
    }

    /// Forgets everything: changes and cursors.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.pending.clear();
        self.db
            .execute_batch("BEGIN; DELETE FROM change; DELETE FROM cursor; COMMIT;")?;
        Ok(())
    }

    /// Changes after journal line `since`: at most `limit`, but never half a line.
    pub fn since(&self, since: u64, limit: usize) -> Result<Vec<(u64, StatementId)>, Error> {
        let mut q = self.db.prepare_cached(
            "SELECT seq, item FROM change WHERE seq > ?1 AND seq <=
               coalesce((SELECT seq FROM change WHERE seq > ?1 ORDER BY seq LIMIT 1 OFFSET ?2), ?3)
             ORDER BY seq, item",
        )?;
        let rows = q.query_map((since, limit.max(1) as u64 - 1, i64::MAX), |r| {
            Ok((r.get(0)?, r.get::<_, Vec<u8>>(1)?))
        })?;
        let mut out = Vec::new();
        for row in rows {
            let (seq, item) = row?;
            if let Ok(id) = item.try_into() {
                out.push((seq, StatementId(id)));
            }
        }
        Ok(out)
    }

    /// How far a follower has come; 0 if it never was here.
    pub fn follower(&self, name: &str) -> Result<u64, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT seq FROM cursor WHERE name = ?1")?;
        Ok(q.query_map([name], |r| r.get(0))?
            .next()
            .transpose()?
            .unwrap_or(0))
    }

    /// Notes how far a follower has come.
    pub fn set_follower(&self, name: &str, seq: u64) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO cursor VALUES(?1, ?2)")?
            .execute((name, seq))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_given_in_whole_lines_and_survive_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("catalogue.db");
        let id = |n: u8| StatementId([n; 32]);
        let mut c = Changes::open(&path).unwrap();
        c.add(&[(1, id(1)), (2, id(1)), (2, id(2)), (4, id(3))], 5)
            .unwrap();
        c.set_follower("index", 2).unwrap();
        drop(c);
        let c = Changes::open(&path).unwrap();
        assert_eq!(
            (
                c.cursor().unwrap(),
                c.follower("index").unwrap(),
                c.follower("git").unwrap()
            ),
            (5, 2, 0)
        );
        assert_eq!(c.since(0, 2).unwrap().len(), 3);
        assert_eq!(c.since(2, 10).unwrap(), vec![(4, id(3))]);
        drop(c);
        std::fs::write(
            &path,
            b"not a database at all, but long enough to be looked at",
        )
        .unwrap();
        assert_eq!(Changes::open(&path).unwrap().cursor().unwrap(), 0);
    }
}
