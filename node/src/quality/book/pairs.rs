//! Pairs: open, accepted, refused.

use commun_specs::{duplicates::Likeness, id::StatementId};
use rusqlite::{OptionalExtension, Row};

use super::{Book, Brief, brief, pair_id, read_brief};

/// Two items that may be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What it is called.
    pub id: String,
    /// The two, by name.
    pub items: [Brief; 2],
    /// Why it is offered; `None` for links that were stated.
    pub likeness: Option<Likeness>,
    /// As what it was accepted: `same` or `translation`.
    pub stated: Option<String>,
    /// That it was refused here.
    pub refused: Option<Refusal>,
}

/// That a pair was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// By whom.
    pub person: StatementId,
    /// Seconds since 1970.
    pub time: u64,
    /// Why; empty where nobody said.
    pub reason: String,
}

/// Another item that is stated to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// The other.
    pub item: Brief,
    /// `same` or `translation`.
    pub kind: String,
}

fn by_name(one: Brief, other: Brief) -> [Brief; 2] {
    if one.name <= other.name {
        [one, other]
    } else {
        [other, one]
    }
}

/// A pair's name, why it is offered, and its two items, in the first columns of a row.
fn read_pair(r: &Row<'_>) -> Result<Pair, rusqlite::Error> {
    let likeness: Option<String> = r.get(1)?;
    Ok(Pair {
        id: r.get(0)?,
        items: by_name(read_brief(r, 2)?, read_brief(r, 6)?),
        likeness: likeness.and_then(|text| serde_json::from_str(&text).ok()),
        stated: None,
        refused: None,
    })
}

impl Book {
    /// The pairs that wait for a decision, surest first, and how many there are. `owner`: those with an item of this
    /// institution.
    pub(crate) fn open_pairs(
        &self,
        owner: Option<&str>,
        limit: u64,
        offset: u64,
    ) -> Result<(u64, Vec<Pair>), rusqlite::Error> {
        let from = "FROM pair p JOIN item a ON a.row = p.a JOIN item b ON b.row = p.b
            WHERE (?1 IS NULL OR a.owner = ?1 OR b.owner = ?1) AND p.id NOT IN (SELECT pair FROM kept.refusal)";
        let mut q = self.db.prepare_cached(&format!("SELECT count(*) {from}"))?;
        let total = q.query_row([owner], |r| r.get(0))?;
        let mut q = self.db.prepare_cached(&format!(
            "SELECT p.id, p.likeness, {}, {} {from} ORDER BY p.score DESC, p.id LIMIT ?2 OFFSET ?3",
            brief("a"),
            brief("b")
        ))?;
        let rows = q.query_map((owner, limit, offset), read_pair)?;
        Ok((total, rows.collect::<Result<_, _>>()?))
    }

    /// The pairs that are linked by what the metadata of one of them say, wherever that was decided.
    pub(crate) fn accepted_pairs(
        &self,
        owner: Option<&str>,
        limit: u64,
        offset: u64,
    ) -> Result<(u64, Vec<Pair>), rusqlite::Error> {
        let from = "FROM same s JOIN item a ON a.row = s.item JOIN item b ON (b.id = s.other OR b.name = s.target) AND b.row <> a.row
            WHERE ?1 IS NULL OR a.owner = ?1 OR b.owner = ?1";
        let mut q = self.db.prepare_cached(&format!(
            "SELECT count(DISTINCT min(a.row, b.row) || ' ' || max(a.row, b.row)) {from}"
        ))?;
        let total = q.query_row([owner], |r| r.get(0))?;
        let mut q = self.db.prepare_cached(&format!(
            "SELECT min(s.kind), {}, {} {from} GROUP BY min(a.row, b.row), max(a.row, b.row) ORDER BY a.name, b.name LIMIT ?2 OFFSET ?3",
            brief("a"),
            brief("b")
        ))?;
        let rows = q.query_map((owner, limit, offset), |r| {
            let (one, other) = (read_brief(r, 1)?, read_brief(r, 5)?);
            Ok(Pair {
                id: pair_id(&one.id.0, &other.id.0),
                items: by_name(one, other),
                likeness: None,
                stated: r.get(0)?,
                refused: None,
            })
        })?;
        Ok((total, rows.collect::<Result<_, _>>()?))
    }

    /// The pairs that were refused here, newest first, as far as both items are still here.
    pub(crate) fn refused_pairs(
        &self,
        owner: Option<&str>,
        limit: u64,
        offset: u64,
    ) -> Result<(u64, Vec<Pair>), rusqlite::Error> {
        let from = "FROM kept.refusal f JOIN item a ON a.id = f.a JOIN item b ON b.id = f.b LEFT JOIN pair p ON p.id = f.pair
            WHERE (?1 IS NULL OR a.owner = ?1 OR b.owner = ?1)";
        let mut q = self.db.prepare_cached(&format!("SELECT count(*) {from}"))?;
        let total = q.query_row([owner], |r| r.get(0))?;
        let mut q = self.db.prepare_cached(&format!(
            "SELECT f.pair, p.likeness, {}, {}, f.person, f.time, f.reason {from} ORDER BY f.time DESC, f.pair LIMIT ?2 OFFSET ?3",
            brief("a"),
            brief("b")
        ))?;
        let rows = q.query_map((owner, limit, offset), |r| {
            let person: Vec<u8> = r.get(10)?;
            let person = person
                .try_into()
                .map_err(|_| rusqlite::Error::InvalidQuery)?;
            Ok(Pair {
                refused: Some(Refusal {
                    person: StatementId(person),
                    time: r.get(11)?,
                    reason: r.get(12)?,
                }),
                ..read_pair(r)?
            })
        })?;
        Ok((total, rows.collect::<Result<_, _>>()?))
    }

    /// The pair that is called so, or whose name alone begins so; `Err` holds how many do.
    pub(crate) fn pair(&self, name: &str) -> Result<Result<Pair, usize>, rusqlite::Error> {
        let mut q = self.db.prepare_cached(&format!(
            "SELECT p.id, p.likeness, {}, {} FROM pair p JOIN item a ON a.row = p.a JOIN item b ON b.row = p.b
             WHERE p.id >= ?1 AND p.id < ?1 || 'zz' LIMIT 2",
            brief("a"),
            brief("b")
        ))?;
        let rows = q.query_map([name], read_pair)?;
        let mut found: Vec<Pair> = rows.collect::<Result<_, _>>()?;
        Ok(match found.len() {
            1 => Ok(found.remove(0)),
            n => Err(n),
        })
    }

    /// Notes that a pair is not to be offered again.
    pub(crate) fn refuse(&self, pair: &Pair, refusal: &Refusal) -> Result<(), rusqlite::Error> {
        let [a, b] = &pair.items;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO kept.refusal VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute((
                &pair.id,
                &a.id.0[..],
                &b.id.0[..],
                &refusal.person.0[..],
                refusal.time,
                &refusal.reason,
            ))?;
        Ok(())
    }

    /// Forgets that a pair was refused.
    pub(crate) fn reopen(&self, pair: &str) -> Result<(), rusqlite::Error> {
        self.db
            .prepare_cached("DELETE FROM kept.refusal WHERE pair = ?1")?
            .execute([pair])?;
        Ok(())
    }

    /// The items that are stated to be the same as one, by it or by them, at most `limit`.
    pub(crate) fn twins(
        &self,
        item: &StatementId,
        limit: u64,
    ) -> Result<Vec<Twin>, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT row, name FROM item WHERE id = ?1")?;
        let found: Option<(i64, String)> = q
            .query_row([&item.0[..]], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let Some((row, name)) = found else {
            return Ok(Vec::new());
        };
        let mut q = self.db.prepare_cached(&format!(
            "SELECT {0}, s.kind FROM same s JOIN item o ON (o.id = s.other OR o.name = s.target) WHERE s.item = ?1 AND o.row <> ?1
             UNION SELECT {0}, s.kind FROM same s JOIN item o ON o.row = s.item WHERE s.target IN (?2, ?3) AND o.row <> ?1
             ORDER BY 3 LIMIT ?4",
            brief("o")
        ))?;
        let rows = q.query_map((row, item.to_string(), name, limit), |r| {
            Ok(Twin {
                item: read_brief(r, 0)?,
                kind: r.get(4)?,
            })
        })?;
        rows.collect()
    }
}
