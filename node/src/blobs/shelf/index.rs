//! The index of the shelf: which hash lies where. Derived from the pack, so written without waiting for the disk; a
//! file that is missing, damaged or of another version is made anew.

use std::path::Path;

use commun_specs::id::ContentHash;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use super::{
    super::{Error, store},
    pack::Place,
};
use crate::data;

/// Version of the tables; another one is thrown away and derived again.
const SCHEMA: i64 = 1;

const TABLES: &str = "
CREATE TABLE blob(hash BLOB PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL) WITHOUT ROWID;
-- one row: up to where the pack is in the index, and how much that is
CREATE TABLE tail(segment INTEGER NOT NULL, end INTEGER NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO tail VALUES(1, 0, 0, 0);
";

/// Up to where the pack is known, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    pub(super) segment: u32,
    pub(super) end: u64,
    /// How many blobs there are.
    pub(super) count: u64,
    /// Their bytes together.
    pub(super) bytes: u64,
}

/// A connection to the index.
pub(super) struct Index(Connection);

impl Index {
    /// Another connection to an index that [`Self::open`] has made.
    pub(super) fn reader(folder: &Path) -> Result<Self, Error> {
        Self::try_open(&folder.join("index.db"))
            .map_err(store)?
            .ok_or_else(|| Error::Store("the index of the shelf was replaced".to_owned()))
    }

    /// Opens the index, or makes it anew; nobody else may have it open.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("index.db");
        match Self::try_open(&path) {
            Ok(Some(index)) => return Ok(index),
            Ok(None) => {
                tracing::info!("the index of the shelf is of another release: deriving it again")
            }
            Err(e)
                if matches!(
                    e.sqlite_error_code(),
                    Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
                ) =>
            {
                tracing::warn!("the index of the shelf is damaged, deriving it again: {e}")
            }
            // It may be whole: the disk is full, or somebody else has it open.
            Err(e) => return Err(store(e)),
        }
        data::remove_database(&path).map_err(store)?;
        Self::try_open(&path)
            .map_err(store)?
            .ok_or_else(|| Error::Store("a new index is of another version".to_owned()))
    }

    fn try_open(path: &Path) -> Result<Option<Self>, rusqlite::Error> {
        let db = Connection::open(path)?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        // Hashes tell who has the content that it was here.
        db.pragma_update(None, "secure_delete", "ON")?;
        db.pragma_update(None, "cache_size", -2048)?;
        match db.query_row("PRAGMA user_version", [], |r| r.get::<_, i64>(0))? {
            SCHEMA => {}
            0 => db.execute_batch(&format!(
                "BEGIN; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;"
            ))?,
            _ => return Ok(None),
        }
        Ok(Some(Self(db)))
    }

    pub(super) fn tail(&self) -> Result<Tail, Error> {
        let mut q = self
            .0
            .prepare_cached("SELECT segment, end, count, bytes FROM tail")
            .map_err(store)?;
        q.query_row([], |r| {
            Ok(Tail {
                segment: r.get(0)?,
                end: r.get(1)?,
                count: r.get(2)?,
                bytes: r.get(3)?,
            })
        })
        .map_err(store)
    }

    pub(super) fn find(&self, hash: &ContentHash) -> Result<Option<Place>, Error> {
        let mut q = self
            .0
            .prepare_cached("SELECT segment, offset, size FROM blob WHERE hash = ?1")
            .map_err(store)?;
        q.query_row([&hash.0[..]], |r| {
            Ok(Place {
                segment: r.get(0)?,
                offset: r.get(1)?,
                len: r.get(2)?,
            })
        })
        .optional()
        .map_err(store)
    }

    /// Notes records, in the place of what was known of them, and that the pack is known up to `tail`, whose counts are those from before.
    pub(super) fn note(
        &mut self,
        records: &[(ContentHash, Place)],
        tail: Tail,
    ) -> Result<(), Error> {
        self.change(|db| {
            let mut put = db.prepare_cached("INSERT OR IGNORE INTO blob VALUES(?1, ?2, ?3, ?4)")?;
            let mut again = db.prepare_cached(
                "UPDATE blob SET segment = ?2, offset = ?3, size = ?4 WHERE hash = ?1",
            )?;
            let (mut count, mut bytes) = (0, 0);
            for (hash, place) in records {
                let row = (&hash.0[..], place.segment, place.offset, place.len);
                if put.execute(row)? > 0 {
                    count += 1;
                    bytes += u64::from(place.len);
                } else {
                    again.execute(row)?;
                }
            }
            db.prepare_cached("UPDATE tail SET segment = ?1, end = ?2, count = ?3, bytes = ?4")?
                .execute((
                    tail.segment,
                    tail.end,
                    tail.count + count,
                    tail.bytes + bytes,
                ))?;
            Ok(())
        })
    }

    /// Forgets blobs, durably, so that no trace of their hashes is left to be found.
    pub(super) fn forget(&mut self, hashes: &[ContentHash]) -> Result<(), Error> {
        self.change(|db| {
            let mut gone = db.prepare_cached("DELETE FROM blob WHERE hash = ?1 RETURNING size")?;
            let mut less =
                db.prepare_cached("UPDATE tail SET count = count - 1, bytes = bytes - ?1")?;
            for hash in hashes {
                let size: Option<u64> = gone.query_row([&hash.0[..]], |r| r.get(0)).optional()?;
                if let Some(size) = size {
                    less.execute([size])?;
                }
            }
            Ok(())
        })?;
        let busy: i64 = self
            .0
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))
            .map_err(store)?;
        match busy {
            0 => Ok(()),
            _ => Err(Error::Store("the index of the shelf is busy".to_owned())),
        }
    }

    fn change(
        &mut self,
        change: impl FnOnce(&Connection) -> Result<(), rusqlite::Error>,
    ) -> Result<(), Error> {
        let tx = self
            .0
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(store)?;
        change(&tx).map_err(store)?;
        tx.commit().map_err(store)
    }
}
