//! The sheets, their keys and the pairs in `quality.db`.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use commun_specs::duplicates::{Likeness, Sheet, Shelf};
use rusqlite::{Connection, OptionalExtension};

use super::book::pair_id;

/// Sheets that are kept in memory for a batch: those that were compared last are likely to be compared again.
const MAX_KEPT: usize = 4_096;

/// The shelf of one batch, inside its transaction.
pub(super) struct OnDisk<'a> {
    db: &'a Connection,
    kept: HashMap<i64, Arc<Sheet>>,
}

impl<'a> OnDisk<'a> {
    pub(super) fn new(db: &'a Connection) -> Self {
        Self {
            db,
            kept: HashMap::new(),
        }
    }
}

/// Keys are hashes: as the database counts, with a sign.
fn signed(key: u64) -> i64 {
    i64::from_be_bytes(key.to_be_bytes())
}

impl Shelf for OnDisk<'_> {
    type Id = i64;
    type Error = rusqlite::Error;

    fn sheet(&mut self, id: &i64) -> Result<Option<Arc<Sheet>>, rusqlite::Error> {
        if let Some(sheet) = self.kept.get(id) {
            return Ok(Some(sheet.clone()));
        }
        let mut q = self
            .db
            .prepare_cached("SELECT sheet FROM item WHERE row = ?1")?;
        let text: Option<Option<String>> = q.query_row([id], |r| r.get(0)).optional()?;
        let sheet = text
            .flatten()
            .and_then(|text| serde_json::from_str(&text).ok());
        let sheet: Option<Arc<Sheet>> = sheet.map(Arc::new);
        if let Some(sheet) = &sheet {
            if self.kept.len() >= MAX_KEPT {
                self.kept.clear();
            }
            self.kept.insert(*id, sheet.clone());
        }
        Ok(sheet)
    }

    fn put(
        &mut self,
        id: &i64,
        sheet: Option<&Sheet>,
        keys: &BTreeSet<u64>,
        gone: &BTreeSet<u64>,
    ) -> Result<(), rusqlite::Error> {
        let text =
            sheet.map(|sheet| serde_json::to_string(sheet).expect("texts and numbers are JSON"));
        self.kept.remove(id);
        self.db
            .prepare_cached("UPDATE item SET sheet = ?2 WHERE row = ?1")?
            .execute((id, text))?;
        let mut remove = self
            .db
            .prepare_cached("DELETE FROM key WHERE key = ?1 AND item = ?2")?;
        for key in gone {
            remove.execute((signed(*key), id))?;
        }
        let mut add = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO key VALUES(?1, ?2)")?;
        for key in keys {
            add.execute((signed(*key), id))?;
        }
        Ok(())
    }

    fn holders(&mut self, key: u64, limit: usize) -> Result<Vec<i64>, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT item FROM key WHERE key = ?1 LIMIT ?2")?;
        q.query_map((signed(key), limit as u64), |r| r.get(0))?
            .collect()
    }

    fn pairs(&mut self, id: &i64) -> Result<Vec<i64>, rusqlite::Error> {
        let mut q = self.db.prepare_cached(
            "SELECT b FROM pair WHERE a = ?1 UNION SELECT a FROM pair WHERE b = ?1",
        )?;
        q.query_map([id], |r| r.get(0))?.collect()
    }

    fn pair(
        &mut self,
        first: &i64,
        second: &i64,
        likeness: Option<&Likeness>,
    ) -> Result<(), rusqlite::Error> {
        let Some(likeness) = likeness else {
            self.db
                .prepare_cached("DELETE FROM pair WHERE a = ?1 AND b = ?2")?
                .execute((first, second))?;
            return Ok(());
        };
        let mut q = self
            .db
            .prepare_cached("SELECT id FROM item WHERE row = ?1")?;
        let mut id = |row: &i64| q.query_row([row], |r| r.get::<_, Vec<u8>>(0));
        let named = pair_id(&id(first)?, &id(second)?);
        let text = serde_json::to_string(likeness).expect("words and numbers are JSON");
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO pair(a, b, id, score, likeness) VALUES(?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((first, second, named, likeness.score, text))?;
        Ok(())
    }
}
