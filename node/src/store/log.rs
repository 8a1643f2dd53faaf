//! Logs, entries, bodies, lists, and the journal.

use std::ops::Range;

use commun_specs::{id::ListHash, name::Handle, note::Note, statement::Body, tree::Hashes};

use super::{Error, Store, first};

/// Bits of a row's number that are the position: see [`place`].
const POSITION_BITS: u32 = 40;

/// A log as it is stored.
#[derive(Debug, Clone)]
pub struct LogRow {
    /// Row number, used in the other tables.
    pub id: i64,
    /// Whose log.
    pub handle: Handle,
    /// The epoch of the last checkpoint.
    pub epoch: u64,
    /// How many entries are stored.
    pub size: u64,
    /// The longest checkpoint whose leaves are all here.
    pub complete: Option<Vec<u8>>,
    /// The checkpoint that covers the last range.
    pub covering: Option<Vec<u8>>,
}

/// An entry as it is stored.
#[derive(Debug, Clone)]
pub struct EntryRow {
    /// The bytes of the leaf.
    pub bytes: Vec<u8>,
    /// False for a void leaf: opaque bytes, passed on and never shown.
    pub valid: bool,
    /// Whether its head commits to a body that was not erased.
    pub embodied: bool,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Rises by one with each accepted entry or amendment.
    pub seq: u64,
    /// Whose log; `None` for a charter amendment.
    pub log: Option<Handle>,
    /// The position in the log, or the amendment's number.
    pub position: u64,
}

/// The hashes of one log's tree.
pub struct StoredHashes<'a> {
    store: &'a Store,
    log: i64,
}

impl Hashes for StoredHashes<'_> {
    fn get(&self, index: u64) -> Option<[u8; 32]> {
        let read = || -> Result<Option<Vec<u8>>, rusqlite::Error> {
            let mut q = self
                .store
                .db
                .prepare_cached("SELECT hash FROM hash WHERE log = ?1 AND ix = ?2")?;
            first(q.query_map((self.log, index), |r| r.get(0))?)
        };
        match read() {
            Ok(hash) => hash?.try_into().ok(),
            Err(e) => {
                tracing::error!("log.db: reading a tree hash failed: {e}");
                None
            }
        }
    }
}

/// The row of an entry and of its body: the log's number above 40 bits of position.
///
/// # Errors
/// Nothing lies at a position of a million millions, nor in a log with a number that is as wrong.
fn place(log: i64, position: u64) -> Result<i64, Error> {
    let in_range = position < 1 << POSITION_BITS && (0..1 << (62 - POSITION_BITS)).contains(&log);
    in_range
        .then_some(log << POSITION_BITS | position as i64)
        .ok_or_else(|| {
            Error::Damaged(format!(
                "no entry can have position {position} of log {log}"
            ))
        })
}

/// The rows of all entries of a log.
fn places(log: i64) -> Result<Range<i64>, Error> {
    Ok(place(log, 0)?..place(log + 1, 0)?)
}

/// Where in its log the entry of a row stands.
fn position(place: i64) -> u64 {
    place as u64 & ((1 << POSITION_BITS) - 1)
}

impl Store {
    /// All logs, by handle.
    pub fn logs(&self) -> Result<Vec<LogRow>, Error> {
        let mut q = self.db.prepare_cached(
            "SELECT id, handle, epoch, size, complete, covering FROM log ORDER BY handle",
        )?;
        let rows = q.query_map([], |r| {
            Ok((
                r.get(0)?,
                r.get::<_, String>(1)?,
                r.get(2)?,
                r.get(3)?,
                r.get(4)?,
                r.get(5)?,
            ))
        })?;
        rows.map(|row| {
            let (id, handle, epoch, size, complete, covering) = row?;
            let handle = Handle::new(&handle).map_err(|e| Error::Damaged(e.to_string()))?;
            Ok(LogRow {
                id,
                handle,
                epoch,
                size,
                complete,
                covering,
            })
        })
        .collect()
    }

    /// The row of a log, made if it is new: inside a transaction.
    pub fn log(&self, handle: &Handle) -> Result<LogRow, Error> {
        let row = self.log_or_new(handle)?;
        if row.id != 0 {
            return Ok(row);
        }
        self.db
            .prepare_cached("INSERT INTO log(handle, epoch, size) VALUES(?1, 0, 0)")?
            .execute([handle.as_str()])?;
        Ok(LogRow {
            id: self.db.last_insert_rowid(),
            ..row
        })
    }

    /// The row of a log; of one that is not stored yet, what it will be, with the row number 0.
    pub fn log_or_new(&self, handle: &Handle) -> Result<LogRow, Error> {
        let known = self.logs()?.into_iter().find(|l| l.handle == *handle);
        Ok(known.unwrap_or_else(|| LogRow {
            id: 0,
            handle: handle.clone(),
            epoch: 0,
            size: 0,
            complete: None,
            covering: None,
        }))
    }

    /// The tree hashes of a log.
    pub fn hashes(&self, log: i64) -> StoredHashes<'_> {
        StoredHashes { store: self, log }
    }

    /// Stores tree hashes from a dense index on.
    pub fn put_hashes(&self, log: i64, from: u64, hashes: &[[u8; 32]]) -> Result<(), Error> {
        let mut q = self
            .db
            .prepare_cached("INSERT OR REPLACE INTO hash VALUES(?1, ?2, ?3)")?;
        for (i, h) in hashes.iter().enumerate() {
            q.execute((log, from + i as u64, &h[..]))?;
        }
        Ok(())
    }

    /// Stores the entry of a position with its body, and a line of the journal; returns the line's number.
    pub fn put_entry(
        &self,
        log: i64,
        position: u64,
        entry: &EntryRow,
        body: Option<&Body>,
    ) -> Result<u64, Error> {
        self.db
            .prepare_cached("INSERT INTO entry VALUES(?1, ?2, ?3, ?4)")?
            .execute((
                place(log, position)?,
                entry.valid,
                entry.embodied,
                &entry.bytes,
            ))?;
        if let Some(b) = body {
            self.put_body(log, position, b)?;
        }
        self.journal_again(log, position)
    }

    /// Writes a line of the journal for an entry: when it is stored, and when its body comes later.
    pub fn journal_again(&self, log: i64, position: u64) -> Result<u64, Error> {
        self.db
            .prepare_cached("INSERT INTO journal(log, position) VALUES(?1, ?2)")?
            .execute((log, position))?;
        Ok(self.db.last_insert_rowid() as u64)
    }

    /// Stores a body that came later than its head.
    pub fn put_body(&self, log: i64, position: u64, body: &Body) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO body VALUES(?1, ?2, ?3)")?
            .execute((place(log, position)?, &body.salt[..], &body.bytes))?;
        Ok(())
    }

    /// Writes a line of the journal for a charter amendment.
    pub fn journal_charter(&self, number: u64) -> Result<u64, Error> {
        self.db
            .prepare_cached("INSERT INTO journal(log, position) VALUES(NULL, ?1)")?
            .execute([number])?;
        Ok(self.db.last_insert_rowid() as u64)
    }

    /// Sets how long a log is, and the checkpoints that say so; one that is `None` stays as it was.
    pub fn set_tip(
        &self,
        log: i64,
        epoch: u64,
        size: u64,
        complete: Option<&[u8]>,
        covering: Option<&[u8]>,
    ) -> Result<(), Error> {
        self.db
            .prepare_cached(
                "UPDATE log SET epoch = ?2, size = ?3, complete = coalesce(?4, complete), covering = coalesce(?5, covering)
                 WHERE id = ?1",
            )?
            .execute((log, epoch, size, complete, covering))?;
        Ok(())
    }

    /// Drops the entries of a log from `size` on, with all that belongs to them. A checkpoint that covers no more
    /// than what is left stays.
    pub fn truncate(&self, log: &LogRow, size: u64) -> Result<(), Error> {
        for table in ["entry", "body"] {
            self.db.execute(
                &format!("DELETE FROM {table} WHERE place >= ?1 AND place < ?2"),
                (place(log.id, size)?, places(log.id)?.end),
            )?;
        }
        self.db.execute(
            "DELETE FROM journal WHERE log = ?1 AND position >= ?2",
            (log.id, size),
        )?;
        let hashes = commun_specs::tree::hash_count(size);
        self.db.execute(
            "DELETE FROM hash WHERE log = ?1 AND ix >= ?2",
            (log.id, hashes),
        )?;
        let kept = |note: &Option<Vec<u8>>| {
            let fits = |n: &Vec<u8>| {
                Note::read(n)
                    .and_then(|n| n.claim())
                    .is_ok_and(|c| c.size <= size)
            };
            note.clone().filter(fits)
        };
        self.db.execute(
            "UPDATE log SET size = ?2, complete = ?3, covering = ?4 WHERE id = ?1",
            (log.id, size, kept(&log.complete), kept(&log.covering)),
        )?;
        Ok(())
    }

    /// An entry.
    pub fn entry(&self, log: i64, position: u64) -> Result<Option<EntryRow>, Error> {
        let Ok(place) = place(log, position) else {
            return Ok(None);
        };
        let mut q = self
            .db
            .prepare_cached("SELECT bytes, valid, embodied FROM entry WHERE place = ?1")?;
        Ok(first(q.query_map([place], |r| {
            Ok(EntryRow {
                bytes: r.get(0)?,
                valid: r.get(1)?,
                embodied: r.get(2)?,
            })
        })?)?)
    }

    /// The body of an entry, if it is here.
    pub fn body(&self, log: i64, position: u64) -> Result<Option<Body>, Error> {
        let Ok(place) = place(log, position) else {
            return Ok(None);
        };
        let mut q = self
            .db
            .prepare_cached("SELECT salt, bytes FROM body WHERE place = ?1")?;
        let row: Option<(Vec<u8>, Vec<u8>)> =
            first(q.query_map([place], |r| Ok((r.get(0)?, r.get(1)?)))?)?;
        row.map(|(salt, bytes)| {
            let salt = salt
                .try_into()
                .map_err(|_| Error::Damaged("a salt is not 32 bytes".to_owned()))?;
            Ok(Body { salt, bytes })
        })
        .transpose()
    }

    /// Drops an erased body: salt and bytes. It is not asked for again.
    pub fn drop_body(&self, log: i64, position: u64) -> Result<(), Error> {
        let place = place(log, position)?;
        self.db
            .prepare_cached("DELETE FROM body WHERE place = ?1")?
            .execute([place])?;
        self.db
            .prepare_cached("UPDATE entry SET embodied = 0 WHERE place = ?1")?
            .execute([place])?;
        Ok(())
    }

    /// Stores a list under its hash.
    pub fn put_list(&self, bytes: &[u8]) -> Result<ListHash, Error> {
        let hash = commun_specs::list::hash(bytes);
        self.db
            .prepare_cached("INSERT OR IGNORE INTO list VALUES(?1, ?2)")?
            .execute((&hash.0[..], bytes))?;
        Ok(hash)
    }

    /// The bytes of a list.
    pub fn list(&self, hash: &ListHash) -> Result<Option<Vec<u8>>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT bytes FROM list WHERE hash = ?1")?;
        Ok(first(q.query_map([&hash.0[..]], |r| r.get(0))?)?)
    }

    /// The journal after line `since`, at most `limit` lines.
    pub fn journal(&self, since: u64, limit: u64) -> Result<Vec<JournalEntry>, Error> {
        let mut q = self.db.prepare_cached(
            "SELECT j.seq, l.handle, j.position FROM journal j LEFT JOIN log l ON l.id = j.log
             WHERE j.seq > ?1 ORDER BY j.seq LIMIT ?2",
        )?;
        let rows = q.query_map((since, limit), |r| {
            Ok((r.get(0)?, r.get::<_, Option<String>>(1)?, r.get(2)?))
        })?;
        rows.map(|row| {
            let (seq, handle, position) = row?;
            let log = handle
                .map(|h| Handle::new(&h).map_err(|e| Error::Damaged(e.to_string())))
                .transpose()?;
            Ok(JournalEntry { seq, log, position })
        })
        .collect()
    }

    /// The entries of the journal before line `before`, the newest first, at most `limit` lines: line, log, position.
    pub fn journal_before(&self, before: u64, limit: u64) -> Result<Vec<(u64, i64, u64)>, Error> {
        let mut q = self.db.prepare_cached(
            "SELECT seq, log, position FROM journal WHERE seq < ?1 AND log IS NOT NULL
             ORDER BY seq DESC LIMIT ?2",
        )?;
        let before = i64::try_from(before).unwrap_or(i64::MAX);
        let rows = q.query_map((before, limit), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The number of the journal's last line; 0 if it is empty.
    pub fn journal_len(&self) -> Result<u64, Error> {
        Ok(self
            .db
            .query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |r| {
                r.get(0)
            })?)
    }

    /// Keeps evidence that freezes a log; true if it is new.
    pub fn put_evidence(&self, log: &Handle, bytes: &[u8]) -> Result<bool, Error> {
        let id = commun_specs::id::sha256(&[bytes]);
        let n = self
            .db
            .prepare_cached(
                "INSERT INTO evidence VALUES(?1, ?2, 1, ?3) ON CONFLICT(id) DO NOTHING",
            )?
            .execute((&id[..], log.as_str(), bytes))?;
        self.db
            .prepare_cached("UPDATE evidence SET active = (id = ?1) WHERE log = ?2")?
            .execute((&id[..], log.as_str()))?;
        Ok(n > 0)
    }

    /// The log is not frozen any more; the evidence stays.
    pub fn thaw(&self, log: &Handle) -> Result<(), Error> {
        self.db
            .prepare_cached("UPDATE evidence SET active = 0 WHERE log = ?1")?
            .execute([log.as_str()])?;
        Ok(())
    }

    /// All evidence, as (log, whether it freezes the log now, bytes).
    pub fn evidence(&self) -> Result<Vec<(String, bool, Vec<u8>)>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT log, active, bytes FROM evidence ORDER BY log, id")?;
        Ok(q.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect::<Result<_, _>>()?)
    }

    /// Keeps what is evidence but freezes nothing.
    pub fn keep_evidence(&self, log: &Handle, bytes: &[u8]) -> Result<(), Error> {
        let id = commun_specs::id::sha256(&[bytes]);
        self.db
            .prepare_cached("INSERT OR IGNORE INTO evidence VALUES(?1, ?2, 0, ?3)")?
            .execute((&id[..], log.as_str(), bytes))?;
        Ok(())
    }

    /// The positions of a log whose bodies are withheld, the first `limit`.
    pub fn withheld(&self, log: i64, limit: u64) -> Result<Vec<u64>, Error> {
        let mut q = self.db.prepare_cached(
            "SELECT place FROM entry e LEFT JOIN body b USING (place)
             WHERE place >= ?1 AND place < ?2 AND e.embodied AND b.salt IS NULL ORDER BY place LIMIT ?3",
        )?;
        let places = places(log)?;
        let withheld = q.query_map((places.start, places.end, limit), |r| {
            r.get(0).map(position)
        })?;
        Ok(withheld.collect::<Result<_, _>>()?)
    }
}
