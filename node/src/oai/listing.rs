//! `oai.db`: what can be harvested, in the order in which this node learnt it.

use std::path::Path;

use commun_specs::id::StatementId;
use rusqlite::{Connection, OptionalExtension};

use super::Error;
use crate::data;

/// Version of the tables; another one is thrown away and derived again.
const SCHEMA: i64 = 1;

const TABLES: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
-- serial: rises with each change of any record and is never used twice
CREATE TABLE record(serial INTEGER PRIMARY KEY AUTOINCREMENT, item BLOB NOT NULL UNIQUE, stamp INTEGER NOT NULL, deleted INTEGER NOT NULL, digest BLOB NOT NULL);
CREATE INDEX record_stamp ON record(stamp);
CREATE TABLE topic(id INTEGER PRIMARY KEY, spec TEXT NOT NULL UNIQUE);
CREATE TABLE listed(topic INTEGER NOT NULL, serial INTEGER NOT NULL, PRIMARY KEY(topic, serial)) WITHOUT ROWID;
CREATE INDEX listed_serial ON listed(serial);
";

/// How an item stands now.
pub(super) enum Standing {
    /// It is here, and looks like this.
    Here([u8; 32]),
    /// It is taken back.
    Deleted,
    /// Its words have not arrived: it keeps its place, and what it looks like then is news, whatever it is.
    Withheld,
    /// The catalogue has no such item (any more).
    Gone,
}

/// One change.
pub(super) struct Row {
    pub(super) item: StatementId,
    pub(super) standing: Standing,
    /// The sets that it is in.
    pub(super) topics: Vec<String>,
}

/// One line of the listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) serial: u64,
    pub(super) item: StatementId,
    /// Seconds since 1970.
    pub(super) stamp: u64,
    pub(super) deleted: bool,
}

/// A part of the listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) set: Option<String>,
    /// Seconds since 1970, both included.
    pub(super) from: Option<u64>,
    pub(super) until: Option<u64>,
}

/// The open file.
pub(super) struct Listing {
    db: Connection,
    /// The secret that tokens are made with.
    pub(super) key: [u8; 32],
}

impl Listing {
    /// Opens the file. One that is damaged, of another version, or ahead of the journal is replaced by an empty one.
    pub(super) fn open(path: &Path, journal: u64) -> Result<Self, Error> {
        match Self::try_open(path) {
            Ok(Some(it)) if it.cursor().is_ok_and(|cursor| cursor <= journal) => return Ok(it),
            Ok(_) => tracing::info!(
                "oai.db is of another release or of another log.db: deriving it again"
            ),
            Err(e) => tracing::warn!("oai.db: {e}; deriving it again"),
        }
        data::remove_database(path)?;
        Self::try_open(path)?
            .ok_or_else(|| std::io::Error::other("a new file is of another version").into())
    }

    fn try_open(path: &Path) -> Result<Option<Self>, rusqlite::Error> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -4096)?;
        match db.query_row("PRAGMA user_version", [], |r| r.get::<_, i64>(0))? {
            SCHEMA => {}
            0 => db.execute_batch(&format!(
                "BEGIN; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;"
            ))?,
            _ => return Ok(None),
        }
        db.execute(
            "INSERT OR IGNORE INTO meta VALUES('key', ?1)",
            [&rand::random::<[u8; 32]>()[..]],
        )?;
        let key: Vec<u8> =
            db.query_row("SELECT value FROM meta WHERE key = 'key'", [], |r| r.get(0))?;
        db.set_prepared_statement_cache_capacity(32);
        Ok(key.try_into().ok().map(|key| Self { db, key }))
    }

    fn number(&self, key: &str) -> Result<u64, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(q.query_row([key], |r| r.get(0)).optional()?.unwrap_or(0))
    }

    /// The journal line up to which everything is listed.
    pub(super) fn cursor(&self) -> Result<u64, rusqlite::Error> {
        self.number("cursor")
    }

    /// What time it is for harvesters: by the clock, but never before the last change. Under the same lock as changes,
    /// so that nothing is listed later with an earlier stamp.
    pub(super) fn now(&self, clock: u64) -> Result<u64, rusqlite::Error> {
        Ok(clock.max(self.number("stamp")?))
    }

    /// Lists changes, all or none; complete up to journal line `upto`. A record that looks as before keeps its stamp.
    pub(super) fn apply(
        &mut self,
        clock: u64,
        rows: &[Row],
        upto: u64,
    ) -> Result<(), rusqlite::Error> {
        let stamp = self.now(clock)?;
        let tx = self.db.transaction()?;
        {
            let mut find =
                tx.prepare_cached("SELECT serial, deleted, digest FROM record WHERE item = ?1")?;
            let mut unlist = tx.prepare_cached("DELETE FROM listed WHERE serial = ?1")?;
            let mut remove = tx.prepare_cached("DELETE FROM record WHERE serial = ?1")?;
            let mut put = tx.prepare_cached(
                "INSERT INTO record(item, stamp, deleted, digest) VALUES(?1, ?2, ?3, ?4)",
            )?;
            let mut list = tx.prepare_cached("INSERT OR IGNORE INTO listed VALUES(?1, ?2)")?;
            let mut forget = tx
                .prepare_cached("UPDATE record SET digest = x'' WHERE item = ?1 AND NOT deleted")?;
            for row in rows {
                let before: Option<(i64, bool, Vec<u8>)> = find
                    .query_row([&row.item.0[..]], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
                    .optional()?;
                let (deleted, digest) = match &row.standing {
                    Standing::Withheld => {
                        forget.execute([&row.item.0[..]])?;
                        continue;
                    }
                    Standing::Here(digest) => (false, &digest[..]),
                    Standing::Deleted | Standing::Gone => (true, &[][..]),
                };
                let same = before
                    .as_ref()
                    .is_some_and(|(_, was, d)| *was == deleted && d[..] == *digest);
                // What was never told need not be taken back, unless the catalogue knows of it.
                if same || (before.is_none() && matches!(row.standing, Standing::Gone)) {
                    continue;
                }
                let mut topics: Vec<i64> = Vec::new();
                for topic in &row.topics {
                    topics.push(topic_id(&tx, topic)?);
                }
                if let Some((serial, ..)) = before {
                    // Whoever harvests one of its sets hears of the deletion, also once its words are erased.
                    if deleted {
                        let mut q =
                            tx.prepare_cached("SELECT topic FROM listed WHERE serial = ?1")?;
                        let former = q.query_map([serial], |r| r.get(0))?;
                        topics.extend(former.collect::<Result<Vec<i64>, _>>()?);
                    }
                    unlist.execute([serial])?;
                    remove.execute([serial])?;
                }
                put.execute((&row.item.0[..], stamp, deleted, digest))?;
                let serial = tx.last_insert_rowid();
                for topic in topics {
                    list.execute((topic, serial))?;
                }
            }
            let mut set = tx.prepare_cached("INSERT OR REPLACE INTO meta VALUES(?1, ?2)")?;
            set.execute(("cursor", upto))?;
            if !rows.is_empty() {
                set.execute(("stamp", stamp))?;
            }
        }
        tx.commit()
    }

    /// The first stamp that there is; `None` while nothing is listed.
    pub(super) fn earliest(&self) -> Result<Option<u64>, rusqlite::Error> {
        self.db
            .query_row("SELECT min(stamp) FROM record", [], |r| r.get(0))
    }

    /// The serial numbers of a part, both included; stamps rise with them. And its set's row.
    fn range(&self, part: &Part) -> Result<Option<(u64, u64, Option<i64>)>, rusqlite::Error> {
        let first = match part.from {
            None => Some(0),
            Some(from) => {
                let mut q = self.db.prepare_cached(
                    "SELECT serial FROM record WHERE stamp >= ?1 ORDER BY stamp, serial LIMIT 1",
                )?;
                q.query_row([from.min(i64::MAX as u64)], |r| r.get(0))
                    .optional()?
            }
        };
        let last = match part.until {
            None => Some(i64::MAX as u64),
            Some(until) => {
                let mut q = self.db.prepare_cached("SELECT serial FROM record WHERE stamp <= ?1 ORDER BY stamp DESC, serial DESC LIMIT 1")?;
                q.query_row([until.min(i64::MAX as u64)], |r| r.get(0))
                    .optional()?
            }
        };
        let topic = match &part.set {
            None => None,
            Some(spec) => {
                let mut q = self
                    .db
                    .prepare_cached("SELECT id FROM topic WHERE spec = ?1")?;
                match q.query_row([spec], |r| r.get(0)).optional()? {
                    Some(id) => Some(id),
                    None => return Ok(None),
                }
            }
        };
        Ok(match (first, last) {
            (Some(first), Some(last)) => Some((first, last, topic)),
            _ => None,
        })
    }

    /// How many records a part has.
    pub(super) fn count(&self, part: &Part) -> Result<u64, rusqlite::Error> {
        let Some((first, last, topic)) = self.range(part)? else {
            return Ok(0);
        };
        match topic {
            Some(topic) => self
                .db
                .prepare_cached(
                    "SELECT count(*) FROM listed WHERE topic = ?1 AND serial BETWEEN ?2 AND ?3",
                )?
                .query_row((topic, first, last), |r| r.get(0)),
            None => self
                .db
                .prepare_cached("SELECT count(*) FROM record WHERE serial BETWEEN ?1 AND ?2")?
                .query_row((first, last), |r| r.get(0)),
        }
    }

    /// Of each page of `page` records that are not deleted the stamp of its last, which is its newest.
    pub(super) fn newest_of_pages(&self, page: u64) -> Result<Vec<u64>, rusqlite::Error> {
        let count: u64 =
            self.db
                .query_row("SELECT count(*) FROM record WHERE NOT deleted", [], |r| {
                    r.get(0)
                })?;
        let mut last = self.db.prepare_cached(
            "SELECT stamp FROM record WHERE NOT deleted ORDER BY serial LIMIT 1 OFFSET ?1",
        )?;
        (0..count.div_ceil(page))
            .map(|n| last.query_row([((n + 1) * page).min(count) - 1], |r| r.get(0)))
            .collect()
    }

    /// Records that are not deleted, with their stamps.
    pub(super) fn standing(
        &self,
        skip: u64,
        limit: u64,
    ) -> Result<Vec<(StatementId, u64)>, rusqlite::Error> {
        let mut q = self.db.prepare_cached(
            "SELECT item, stamp FROM record WHERE NOT deleted ORDER BY serial LIMIT ?1 OFFSET ?2",
        )?;
        let rows = q.query_map([limit, skip], |r| Ok((StatementId(r.get(0)?), r.get(1)?)))?;
        rows.collect()
    }

    /// The records of a part after a serial number, at most `limit`.
    pub(super) fn page(
        &self,
        part: &Part,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, rusqlite::Error> {
        let Some((first, last, topic)) = self.range(part)? else {
            return Ok(Vec::new());
        };
        let first = first.max(after.saturating_add(1));
        let mut q = self.db.prepare_cached(match topic {
            Some(_) => {
                "SELECT r.serial, r.item, r.stamp, r.deleted FROM listed l JOIN record r ON r.serial = l.serial
                 WHERE l.topic = ?4 AND l.serial BETWEEN ?1 AND ?2 ORDER BY l.serial LIMIT ?3"
            }
            None => {
                "SELECT serial, item, stamp, deleted FROM record
                 WHERE serial BETWEEN ?1 AND ?2 AND ?4 IS NULL ORDER BY serial LIMIT ?3"
            }
        })?;
        let rows = q.query_map((first, last, limit as u64, topic), entry)?;
        rows.collect()
    }

    /// One record.
    pub(super) fn entry(&self, item: &StatementId) -> Result<Option<Entry>, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT serial, item, stamp, deleted FROM record WHERE item = ?1")?;
        q.query_row([&item.0[..]], entry).optional()
    }

    /// The sets of a record.
    pub(super) fn topics(&self, serial: u64) -> Result<Vec<String>, rusqlite::Error> {
        let mut q = self.db.prepare_cached(
            "SELECT t.spec FROM listed l JOIN topic t ON t.id = l.topic WHERE l.serial = ?1 ORDER BY t.spec",
        )?;
        q.query_map([serial], |r| r.get(0))?.collect()
    }

    /// All sets that have a record.
    pub(super) fn sets(&self) -> Result<Vec<String>, rusqlite::Error> {
        let mut q = self.db.prepare_cached(
            "SELECT spec FROM topic t WHERE EXISTS (SELECT 1 FROM listed l WHERE l.topic = t.id) ORDER BY spec",
        )?;
        q.query_map([], |r| r.get(0))?.collect()
    }
}

fn topic_id(db: &Connection, spec: &str) -> Result<i64, rusqlite::Error> {
    let mut q = db.prepare_cached("SELECT id FROM topic WHERE spec = ?1")?;
    if let Some(id) = q.query_row([spec], |r| r.get(0)).optional()? {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO topic(spec) VALUES(?1)")?
        .execute([spec])?;
    Ok(db.last_insert_rowid())
}

fn entry(r: &rusqlite::Row<'_>) -> Result<Entry, rusqlite::Error> {
    let item: Vec<u8> = r.get(1)?;
    let item = item.try_into().map_err(|_| rusqlite::Error::InvalidQuery)?;
    Ok(Entry {
        serial: r.get(0)?,
        item: StatementId(item),
        stamp: r.get(2)?,
        deleted: r.get(3)?,
    })
}
