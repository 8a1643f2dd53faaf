//! `quality.db`, which is derived, and `decisions.db`, which is not, opened together.

mod pairs;
mod report;

use std::path::Path;

use commun_specs::{duplicates::change, id::StatementId};
use data_encoding::BASE32_NOPAD;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{Error, known::Known, known::State, shelf::OnDisk};
use crate::data;

pub use pairs::{Pair, Refusal, Twin};
pub use report::{Checks, Line};

/// Version of the derived tables and of what sheets are: another one is thrown away and derived again.
const SCHEMA: i64 = 3;

const DERIVED: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE item(row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, owner TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL,
  -- bits by the order of the fields
  missing INTEGER NOT NULL, lacking INTEGER NOT NULL);
-- apart: what is counted of items is read without what is compared
CREATE TABLE sheet(item INTEGER PRIMARY KEY, sheet BLOB NOT NULL);
CREATE INDEX item_owner ON item(owner, name);
CREATE INDEX item_name ON item(name);
CREATE INDEX item_lacking ON item(row) WHERE lacking;
CREATE TABLE key(key INTEGER NOT NULL, item INTEGER NOT NULL, PRIMARY KEY(key, item)) WITHOUT ROWID;
CREATE TABLE pair(a INTEGER NOT NULL, b INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, score INTEGER NOT NULL, likeness TEXT NOT NULL, PRIMARY KEY(a, b)) WITHOUT ROWID;
CREATE INDEX pair_b ON pair(b);
CREATE TABLE fault(item INTEGER NOT NULL, rule TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY(item, rule, detail)) WITHOUT ROWID;
CREATE INDEX fault_rule ON fault(rule, item);
-- target: an id or a name, as it is written; other: the id, where it is one
CREATE TABLE same(item INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, other BLOB, PRIMARY KEY(item, kind, target)) WITHOUT ROWID;
CREATE INDEX same_target ON same(target);
CREATE TABLE link(item INTEGER NOT NULL, url TEXT NOT NULL, PRIMARY KEY(item, url)) WITHOUT ROWID;
CREATE INDEX link_url ON link(url);
";

const KEPT: &str = "
CREATE TABLE IF NOT EXISTS kept.refusal(pair TEXT PRIMARY KEY, a BLOB NOT NULL, b BLOB NOT NULL, person BLOB NOT NULL, time INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
-- outcome: ok, dead, unsure
CREATE TABLE IF NOT EXISTS kept.checked(url TEXT PRIMARY KEY, outcome TEXT NOT NULL, status INTEGER NOT NULL, why TEXT NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept.due(url TEXT PRIMARY KEY, host TEXT NOT NULL, asked INTEGER NOT NULL) WITHOUT ROWID;
";

/// An item in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Its id.
    pub id: StatementId,
    /// Its institution.
    pub owner: String,
    /// `handle/slug`.
    pub name: String,
    /// Its title.
    pub title: String,
}

/// The columns of a [`Brief`], of a table that is called so.
fn brief(of: &str) -> String {
    format!("{of}.id, {of}.owner, {of}.name, {of}.title")
}

/// Columns of an item in this order, from column `at` on.
fn read_brief(r: &Row<'_>, at: usize) -> Result<Brief, rusqlite::Error> {
    let id: Vec<u8> = r.get(at)?;
    let id = id.try_into().map_err(|_| rusqlite::Error::InvalidQuery)?;
    Ok(Brief {
        id: StatementId(id),
        owner: r.get(at + 1)?,
        name: r.get(at + 2)?,
        title: r.get(at + 3)?,
    })
}

/// What a pair is called: the same on every node, whichever item was known first.
pub(super) fn pair_id(one: &[u8], other: &[u8]) -> String {
    let (first, second) = if one < other {
        (one, other)
    } else {
        (other, one)
    };
    let mut hasher = blake3::Hasher::new_derive_key("commun duplicate pair 1");
    hasher.update(first);
    hasher.update(second);
    let hash = hasher.finalize();
    BASE32_NOPAD
        .encode(&hash.as_bytes()[..10])
        .to_ascii_lowercase()
}

/// The two open files.
pub(crate) struct Book {
    db: Connection,
}

impl Book {
    /// Opens both. A derived file that is damaged, of another version, or ahead of the journal is replaced by an empty one.
    pub(super) fn open(data: &Path, journal: u64) -> Result<Self, Error> {
        let path = data.join("quality.db");
        let kept = data.join("decisions.db");
        match Self::try_open(&path, &kept) {
            Ok(Some(it)) if it.cursor().is_ok_and(|cursor| cursor <= journal) => return Ok(it),
            Ok(_) => tracing::info!(
                "quality.db is of another release or of another log.db: deriving it again"
            ),
            Err(e) => tracing::warn!("quality.db: {e}; deriving it again"),
        }
        data::remove_database(&path)?;
        Self::try_open(&path, &kept)?
            .ok_or_else(|| std::io::Error::other("a new file is of another version").into())
    }

    fn try_open(path: &Path, kept: &Path) -> Result<Option<Self>, rusqlite::Error> {
        let db = Connection::open(path)?;
        // Titles stand in it: what is erased leaves no free pages (here) and no log of older ones ([`Self::apply`]).
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "secure_delete", "ON")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -16_384)?;
        match db.query_row("PRAGMA user_version", [], |r| r.get::<_, i64>(0))? {
            SCHEMA => {}
            0 => db.execute_batch(&format!(
                "BEGIN; {DERIVED} PRAGMA user_version = {SCHEMA}; COMMIT;"
            ))?,
            _ => return Ok(None),
        }
        db.execute("ATTACH DATABASE ?1 AS kept", [kept.to_string_lossy()])?;
        db.execute_batch("PRAGMA kept.journal_mode = WAL; PRAGMA kept.synchronous = FULL;")?;
        db.execute_batch(KEPT)?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Some(Self { db }))
    }

    /// The journal line up to which everything is known.
    pub(super) fn cursor(&self) -> Result<u64, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT value FROM meta WHERE key = 'cursor'")?;
        Ok(q.query_row([], |r| r.get(0)).optional()?.unwrap_or(0))
    }

    /// Items whose file lists were not here, at most `limit`.
    pub(super) fn lacking(&self, limit: usize) -> Result<Vec<StatementId>, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT id FROM item WHERE lacking ORDER BY random() LIMIT ?1")?;
        let rows = q.query_map([limit as u64], |r| r.get::<_, Vec<u8>>(0))?;
        let mut ids = Vec::new();
        for row in rows {
            ids.extend(row?.try_into().ok().map(StatementId));
        }
        Ok(ids)
    }

    /// Takes in how items stand now, all or none; complete up to journal line `upto`.
    pub(super) fn apply(
        &mut self,
        rows: Vec<(StatementId, Known)>,
        upto: u64,
    ) -> Result<(), rusqlite::Error> {
        let gone = rows.iter().any(|(_, known)| matches!(known, Known::Gone));
        let tx = self.db.transaction()?;
        {
            let (mut sheets, mut removed) = (Vec::new(), Vec::new());
            for (id, known) in rows {
                let before: Option<i64> = tx
                    .prepare_cached("SELECT row FROM item WHERE id = ?1")?
                    .query_row([&id.0[..]], |r| r.get(0))
                    .optional()?;
                if let Some(row) = before {
                    for table in ["fault", "same", "link"] {
                        tx.prepare_cached(&format!("DELETE FROM {table} WHERE item = ?1"))?
                            .execute([row])?;
                    }
                }
                match (known, before) {
                    (Known::Here(state), before) => {
                        let row = put(&tx, &id, &state, before)?;
                        sheets.push((row, state.sheet));
                    }
                    (Known::Gone | Known::Later, Some(row)) => {
                        sheets.push((row, None));
                        removed.push(row);
                    }
                    (Known::Gone | Known::Later, None) => {}
                }
            }
            let changes: Vec<_> = sheets
                .iter()
                .map(|(row, sheet)| (*row, sheet.as_ref()))
                .collect();
            change(&mut OnDisk::new(&tx), &changes)?;
            for row in removed {
                tx.prepare_cached("DELETE FROM item WHERE row = ?1")?
                    .execute([row])?;
            }
            tx.prepare_cached("INSERT OR REPLACE INTO meta VALUES('cursor', ?1)")?
                .execute([upto])?;
        }
        tx.commit()?;
        if gone {
            self.db
                .query_row("PRAGMA main.wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}

fn put(
    tx: &Connection,
    id: &StatementId,
    state: &State,
    before: Option<i64>,
) -> Result<i64, rusqlite::Error> {
    let values = (
        &id.0[..],
        &state.owner,
        &state.name,
        &state.title,
        state.missing,
        state.lacking,
    );
    let row = match before {
        Some(row) => {
            tx.prepare_cached(
                "UPDATE item SET owner = ?2, name = ?3, title = ?4, missing = ?5, lacking = ?6 WHERE id = ?1",
            )?
            .execute(values)?;
            row
        }
        None => {
            tx.prepare_cached(
                "INSERT INTO item(id, owner, name, title, missing, lacking) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(values)?;
            tx.last_insert_rowid()
        }
    };
    for (fault, detail) in &state.faults {
        tx.prepare_cached("INSERT OR IGNORE INTO fault VALUES(?1, ?2, ?3)")?
            .execute((row, fault.as_str(), detail))?;
    }
    for (kind, target) in &state.same {
        let other = target.parse::<StatementId>().ok();
        // As ids are written: another spelling is none.
        let other = other.filter(|other| other.to_string() == *target);
        tx.prepare_cached("INSERT OR IGNORE INTO same VALUES(?1, ?2, ?3, ?4)")?
            .execute((row, kind, target, other.map(|other| other.0)))?;
    }
    for url in &state.urls {
        tx.prepare_cached("INSERT OR IGNORE INTO link VALUES(?1, ?2)")?
            .execute((row, url))?;
    }
    Ok(row)
}
