//! What is taken down: content that is to go from the disk, what this node alone does not show, and which reports
//! were dealt with.

use commun_specs::id::StatementId;

use super::{Error, Store};

/// Tables of this page.
pub(super) const TABLES: &str = "
-- erased statements, and whether all that they named is gone from the disk too
CREATE TABLE IF NOT EXISTS erasing(id BLOB PRIMARY KEY, done INTEGER NOT NULL) WITHOUT ROWID;
-- items that this node alone does not show
CREATE TABLE IF NOT EXISTS hidden(item BLOB PRIMARY KEY, reason TEXT NOT NULL, quarantine INTEGER NOT NULL,
  person BLOB NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
-- content that does not come back: keyed hashes, so that the list says nothing to who does not have the content
CREATE TABLE IF NOT EXISTS blocked(digest BLOB NOT NULL, cause BLOB NOT NULL, erased INTEGER NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY(digest, cause)) WITHOUT ROWID;
-- what else hidden items name (lists, records, texts, pictures), by the same hashes: not for peers under quarantine
CREATE TABLE IF NOT EXISTS withheld(digest BLOB NOT NULL, cause BLOB NOT NULL, PRIMARY KEY(digest, cause)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed_report(id BLOB PRIMARY KEY, person BLOB NOT NULL, note TEXT NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
";

/// Says that `log.db` is to be written anew: something was deleted since it was the last time.
const VACUUM_DUE: &str = "vacuum-due";

/// An item that this node does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hiding {
    /// Why, in words for readers.
    pub reason: String,
    /// Whether other nodes do not get it from here either.
    pub quarantine: bool,
    /// Who decided.
    pub person: StatementId,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

/// Content that does not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The hidden item, or the erased statement, that it belonged to.
    pub cause: StatementId,
    /// Whether it was erased.
    pub erased: bool,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

/// What was decided on a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// By whom.
    pub person: StatementId,
    /// What was done, in words.
    pub note: String,
    /// When, in seconds since 1970.
    pub since: u64,
}

fn id(bytes: Vec<u8>) -> Result<StatementId, Error> {
    let bytes = bytes.try_into();
    let bytes = bytes.map_err(|_| Error::Damaged("an id is not 32 bytes".to_owned()))?;
    Ok(StatementId(bytes))
}

impl Store {
    /// Notes that the content of a statement is to go; once it went, nothing.
    pub fn put_erasing(&self, statement: &StatementId) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO erasing VALUES(?1, 0)")?
            .execute([&statement.0[..]])?;
        Ok(())
    }

    /// The statements whose content is to go.
    pub fn erasing(&self) -> Result<Vec<StatementId>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT id FROM erasing WHERE NOT done")?;
        let rows = q.query_map([], |r| r.get::<_, Vec<u8>>(0))?;
        rows.map(|row| id(row?)).collect()
    }

    /// The content of these statements is gone.
    pub fn end_erasing(&self, statements: &[StatementId]) -> Result<(), Error> {
        let mut q = self
            .db
            .prepare_cached("UPDATE erasing SET done = 1 WHERE id = ?1")?;
        for statement in statements {
            q.execute([&statement.0[..]])?;
        }
        Ok(())
    }

    /// Whether the file is to be written anew.
    pub fn vacuum_due(&self) -> Result<bool, Error> {
        Ok(self.meta(VACUUM_DUE)?.is_some_and(|due| due == [1]))
    }

    /// Empties the write-ahead log; with `whole`, writes the file anew before, without what was deleted. What is deleted
    /// is overwritten in its page at once (`secure_delete`); only the second also reaches what SQLite moved between
    /// pages earlier. Outside a transaction; `whole` takes as long as it takes to copy the file.
    pub fn purge(&self, whole: bool) -> Result<(), Error> {
        if whole {
            self.db.execute_batch("VACUUM")?;
        }
        self.set_meta(VACUUM_DUE, &[u8::from(!whole)])?;
        self.checkpoint()
    }

    /// Empties the write-ahead log. Outside a transaction.
    pub fn checkpoint(&self) -> Result<(), Error> {
        let busy: i64 = self
            .db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))?;
        if busy != 0 {
            return Err(Error::Busy);
        }
        Ok(())
    }

    /// Notes that an item is hidden, in place of what was noted before.
    pub fn put_hidden(&self, item: &StatementId, h: &Hiding) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO hidden VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute((
                &item.0[..],
                &h.reason,
                h.quarantine,
                &h.person.0[..],
                h.since,
            ))?;
        Ok(())
    }

    /// Shows an item again, and lets its content come back.
    pub fn end_hidden(&self, item: &StatementId) -> Result<(), Error> {
        self.db
            .execute("DELETE FROM hidden WHERE item = ?1", [&item.0[..]])?;
        self.db.execute(
            "DELETE FROM blocked WHERE cause = ?1 AND NOT erased",
            [&item.0[..]],
        )?;
        self.db
            .execute("DELETE FROM withheld WHERE cause = ?1", [&item.0[..]])?;
        Ok(())
    }

    /// The items that are hidden.
    pub fn hidden(&self) -> Result<Vec<(StatementId, Hiding)>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT item, reason, quarantine, person, since FROM hidden")?;
        let rows = q.query_map([], |r| {
            let (item, person): (Vec<u8>, Vec<u8>) = (r.get(0)?, r.get(3)?);
            Ok((item, r.get(1)?, r.get(2)?, person, r.get(4)?))
        })?;
        rows.map(|row| {
            let (item, reason, quarantine, person, since) = row?;
            let hiding = Hiding {
                reason,
                quarantine,
                person: id(person)?,
                since,
            };
            Ok((id(item)?, hiding))
        })
        .collect()
    }

    /// Notes content that does not come back; nothing where the item that is its cause is not hidden any more.
    pub fn put_blocked(&self, digests: &[[u8; 32]], block: &Block) -> Result<(), Error> {
        let mut q = self.db.prepare_cached(
            "INSERT OR IGNORE INTO blocked SELECT ?1, ?2, ?3, ?4
             WHERE ?3 OR EXISTS (SELECT 1 FROM hidden WHERE item = ?2)",
        )?;
        for digest in digests {
            q.execute((&digest[..], &block.cause.0[..], block.erased, block.since))?;
        }
        Ok(())
    }

    /// Notes what else a hidden item names; nothing where it is not hidden any more.
    pub fn put_withheld_content(
        &self,
        digests: &[[u8; 32]],
        cause: &StatementId,
    ) -> Result<(), Error> {
        let mut q = self.db.prepare_cached(
            "INSERT OR IGNORE INTO withheld SELECT ?1, ?2
             WHERE EXISTS (SELECT 1 FROM hidden WHERE item = ?2)",
        )?;
        for digest in digests {
            q.execute((&digest[..], &cause.0[..]))?;
        }
        Ok(())
    }

    /// What else hidden items name, and which.
    pub fn withheld_content(&self) -> Result<Vec<([u8; 32], StatementId)>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT digest, cause FROM withheld")?;
        let rows = q.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
        rows.map(|row| {
            let (digest, cause): (Vec<u8>, Vec<u8>) = row?;
            Ok((id(digest)?.0, id(cause)?))
        })
        .collect()
    }

    /// Lets content come back.
    pub fn end_blocked(&self, digest: &[u8; 32]) -> Result<bool, Error> {
        let n = self
            .db
            .execute("DELETE FROM blocked WHERE digest = ?1", [&digest[..]])?;
        Ok(n > 0)
    }

    /// The content that does not come back.
    pub fn blocked(&self) -> Result<Vec<([u8; 32], Block)>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT digest, cause, erased, since FROM blocked")?;
        let rows = q.query_map([], |r| {
            let (digest, cause): (Vec<u8>, Vec<u8>) = (r.get(0)?, r.get(1)?);
            Ok((digest, cause, r.get(2)?, r.get(3)?))
        })?;
        rows.map(|row| {
            let (digest, cause, erased, since) = row?;
            let block = Block {
                cause: id(cause)?,
                erased,
                since,
            };
            Ok((id(digest)?.0, block))
        })
        .collect()
    }

    /// Notes that a report was dealt with.
    pub fn close_report(&self, report: &StatementId, closing: &Closing) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO closed_report VALUES(?1, ?2, ?3, ?4)")?
            .execute((
                &report.0[..],
                &closing.person.0[..],
                &closing.note,
                closing.since,
            ))?;
        Ok(())
    }

    /// The reports that were dealt with here.
    pub fn closed_reports(&self) -> Result<Vec<(StatementId, Closing)>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT id, person, note, since FROM closed_report")?;
        let rows = q.query_map([], |r| {
            let (report, person): (Vec<u8>, Vec<u8>) = (r.get(0)?, r.get(1)?);
            Ok((report, person, r.get(2)?, r.get(3)?))
        })?;
        rows.map(|row| {
            let (report, person, note, since) = row?;
            let closing = Closing {
                person: id(person)?,
                note,
                since,
            };
            Ok((id(report)?, closing))
        })
        .collect()
    }
}
