//! The lines of the report, and what is known of links.

use rusqlite::OptionalExtension;

use super::{Book, Brief, brief, read_brief};
use crate::quality::faults::{FIELDS, Rule};

/// A line of the report: what a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Of which item.
    pub item: Brief,
    /// What it is about: an address, a word, another item; empty where the rule says all.
    pub detail: String,
}

/// How the links of an institution stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// Different addresses in its items.
    pub links: u64,
    /// Those that were looked at.
    pub checked: u64,
    /// Those that wait to be looked at.
    pub waiting: u64,
    /// When the last one was looked at, seconds since 1970.
    pub last: Option<u64>,
}

impl Book {
    /// How many items of an institution the report is about.
    pub(crate) fn items(&self, owner: &str) -> Result<u64, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT count(*) FROM item WHERE owner = ?1")?;
        q.query_row([owner], |r| r.get(0))
    }

    /// How many of them lack each field, in the order of [`FIELDS`].
    pub(crate) fn missing(&self, owner: &str) -> Result<Vec<u64>, rusqlite::Error> {
        let sums: Vec<String> = (0..FIELDS.len())
            .map(|bit| format!("coalesce(sum((missing >> {bit}) & 1), 0)"))
            .collect();
        let mut q = self.db.prepare_cached(&format!(
            "SELECT {} FROM item WHERE owner = ?1",
            sums.join(", ")
        ))?;
        q.query_row([owner], |r| (0..FIELDS.len()).map(|at| r.get(at)).collect())
    }

    /// The lines of a rule, by item, and how many items it is about.
    pub(crate) fn lines(
        &self,
        owner: &str,
        rule: Rule,
        limit: u64,
        offset: u64,
    ) -> Result<(u64, Vec<Line>), rusqlite::Error> {
        let i = brief("i");
        let (columns, from, of) = match rule {
            Rule::Missing(field) => {
                let bit = FIELDS.iter().position(|f| f == field).unwrap_or_default();
                (
                    format!("{i}, ''"),
                    "FROM item i WHERE i.owner = ?1 AND (i.missing >> ?2) & 1",
                    bit.to_string(),
                )
            }
            Rule::Fault(fault) => (
                format!("{i}, f.detail"),
                "FROM fault f JOIN item i ON i.row = f.item WHERE i.owner = ?1 AND f.rule = ?2",
                fault.as_str().to_owned(),
            ),
            Rule::Duplicate => (
                format!("{i}, o.name || ' (' || p.id || ')'"),
                "FROM pair p JOIN item i ON i.row IN (p.a, p.b) JOIN item o ON o.row IN (p.a, p.b) AND o.row <> i.row
                 WHERE i.owner = ?1 AND ?2 = '' AND p.id NOT IN (SELECT pair FROM kept.refusal)",
                String::new(),
            ),
            Rule::DeadLink | Rule::UnsureLink => (
                format!("{i}, l.url || ' (' || c.why || ', ' || date(c.time, 'unixepoch') || ')'"),
                "FROM kept.checked c JOIN link l ON l.url = c.url JOIN item i ON i.row = l.item WHERE i.owner = ?1 AND c.outcome = ?2",
                if rule == Rule::DeadLink { "dead" } else { "unsure" }.to_owned(),
            ),
        };
        let mut q = self
            .db
            .prepare_cached(&format!("SELECT count(DISTINCT i.row) {from}"))?;
        let total = q.query_row((owner, &of), |r| r.get(0))?;
        if limit == 0 || total == 0 {
            return Ok((total, Vec::new()));
        }
        let mut q = self.db.prepare_cached(&format!(
            "SELECT {columns} {from} ORDER BY i.name, 5 LIMIT ?3 OFFSET ?4"
        ))?;
        let rows = q.query_map((owner, &of, limit, offset), |r| {
            Ok(Line {
                item: read_brief(r, 0)?,
                detail: r.get(4)?,
            })
        })?;
        Ok((total, rows.collect::<Result<_, _>>()?))
    }

    /// How the links of an institution stand.
    pub(crate) fn checks(&self, owner: &str) -> Result<Checks, rusqlite::Error> {
        let mut q = self.db.prepare_cached(
            "SELECT count(*), count(c.url), count(d.url), max(c.time)
             FROM (SELECT DISTINCT l.url FROM link l JOIN item i ON i.row = l.item WHERE i.owner = ?1) u
             LEFT JOIN kept.checked c ON c.url = u.url LEFT JOIN kept.due d ON d.url = u.url",
        )?;
        q.query_row([owner], |r| {
            Ok(Checks {
                links: r.get(0)?,
                checked: r.get(1)?,
                waiting: r.get(2)?,
                last: r.get(3)?,
            })
        })
    }

    /// Puts the links of an institution's items into the queue; gives how many wait. Links that no item has any more are
    /// forgotten.
    pub(in crate::quality) fn ask_links(
        &mut self,
        owner: &str,
        now: u64,
    ) -> Result<u64, rusqlite::Error> {
        let urls: Vec<String> = {
            let mut q = self.db.prepare_cached(
                "SELECT DISTINCT l.url FROM link l JOIN item i ON i.row = l.item WHERE i.owner = ?1 LIMIT ?2",
            )?;
            let rows = q.query_map((owner, super::super::links::MAX_ASKED), |r| r.get(0))?;
            rows.collect::<Result<_, _>>()?
        };
        let tx = self.db.transaction()?;
        tx.execute(
            "DELETE FROM kept.checked WHERE url NOT IN (SELECT url FROM link)",
            [],
        )?;
        for url in urls {
            let host = url::Url::parse(&url)
                .ok()
                .and_then(|u| u.host_str().map(str::to_owned));
            tx.prepare_cached("INSERT OR IGNORE INTO kept.due VALUES(?1, ?2, ?3)")?
                .execute((&url, host.unwrap_or_default(), now))?;
        }
        tx.commit()?;
        self.db
            .query_row("SELECT count(*) FROM kept.due", [], |r| r.get(0))
    }

    /// The next link to look at, and its host: of a host that is not among these, if there is one.
    pub(in crate::quality) fn next_link(
        &self,
        resting: &[String],
    ) -> Result<Option<(String, String)>, rusqlite::Error> {
        let list = serde_json::to_string(resting).expect("texts are JSON");
        let mut q = self.db.prepare_cached(
            "SELECT url, host FROM kept.due ORDER BY host IN (SELECT value FROM json_each(?1)), asked, url LIMIT 1",
        )?;
        q.query_row([list], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()
    }

    /// Notes what came of a link.
    pub(in crate::quality) fn looked(
        &mut self,
        url: &str,
        outcome: &str,
        status: u16,
        why: &str,
        now: u64,
    ) -> Result<(), rusqlite::Error> {
        let tx = self.db.transaction()?;
        tx.prepare_cached("INSERT OR REPLACE INTO kept.checked VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute((url, outcome, status, why, now))?;
        tx.prepare_cached("DELETE FROM kept.due WHERE url = ?1")?
            .execute([url])?;
        tx.commit()
    }
}
