//! The sheets, their keys and the pairs in `quality.db`.

use std::{collections::HashMap, sync::Arc};

use commun_specs::duplicates::{CROWD, Likeness, Sheet, Shelf, Told, Turn};
use rusqlite::{Connection, OptionalExtension, Row};

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
            .prepare_cached("SELECT sheet FROM sheet WHERE item = ?1")?;
        let read = |r: &Row<'_>| Ok(postcard::from_bytes::<Sheet>(r.get_ref(0)?.as_blob()?).ok());
        let sheet = q.query_row([id], read).optional()?.flatten();
        let sheet: Option<Arc<Sheet>> = sheet.map(Arc::new);
        if let Some(sheet) = &sheet {
            if self.kept.len() >= MAX_KEPT {
                self.kept.clear();
            }
            self.kept.insert(*id, sheet.clone());
        }
        Ok(sheet)
    }

    fn put(&mut self, id: &i64, sheet: Option<&Sheet>) -> Result<(), rusqlite::Error> {
        self.kept.remove(id);
        let Some(sheet) = sheet else {
            self.db
                .prepare_cached("DELETE FROM sheet WHERE item = ?1")?
                .execute([id])?;
            return Ok(());
        };
        let bytes = postcard::to_stdvec(sheet).expect("texts and numbers can be written");
        self.db
            .prepare_cached("INSERT OR REPLACE INTO sheet VALUES(?1, ?2)")?
            .execute((id, bytes))?;
        Ok(())
    }

    fn turn(
        &mut self,
        turns: &[(u64, i64, Turn)],
        told: Told<'_, i64>,
    ) -> Result<(), rusqlite::Error> {
        let mut remove = self
            .db
            .prepare_cached("DELETE FROM key WHERE key = ?1 AND item = ?2")?;
        let mut add = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO key VALUES(?1, ?2)")?;
        let mut q = self
            .db
            .prepare_cached("SELECT item FROM key WHERE key = ?1 LIMIT ?2")?;
        for of_key in turns.chunk_by(|a, b| a.0 == b.0) {
            let key = signed(of_key[0].0);
            // Whoever goes may be among those that are not seen.
            let limit = CROWD + 1 + of_key.len();
            let rows = q.query_map((key, limit as u64), |r| r.get(0))?;
            let mut now: Vec<i64> = rows.collect::<Result<_, _>>()?;
            let before = now.len().min(CROWD + 1);
            for (_, id, turn) in of_key {
                match turn {
                    Turn::Goes => {
                        remove.execute((key, id))?;
                        now.retain(|holder| holder != id);
                    }
                    Turn::Stays => {}
                    Turn::Comes => {
                        add.execute((key, id))?;
                        now.push(*id);
                    }
                }
            }
            now.truncate(CROWD + 1);
            told(of_key, before, &now);
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
