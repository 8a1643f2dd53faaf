//! `harvest.db`: which sources are visited, how far each harvest is, and what was found wrong.

use std::path::Path;

use commun_forge::{
    crosswalk::{Line, Report, report::Counts},
    oai::{Progress, Source},
    problem::Problem,
};
use commun_specs::id::StatementId;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::imports::Deletions;

/// Lines that are kept of one harvest; the counts go on.
pub const LINES: u64 = commun_forge::crosswalk::report::MAX_LINES as u64;
/// After a harvest that was given up, a source without a schedule is not visited again; one with a schedule at its next
/// time, but not sooner than this, in seconds.
const AGAIN: u64 = 600;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS source(id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, prefix TEXT NOT NULL, part TEXT NOT NULL,
  -- seconds between two visits; absent: only when asked
  every INTEGER, person BLOB NOT NULL,
  -- when to visit next, seconds since 1970; absent: not by itself
  due INTEGER,
  -- where the last harvest that ended began, and the harvest that is under way
  cursor INTEGER, progress TEXT,
  began INTEGER, ended INTEGER, counts TEXT NOT NULL DEFAULT '{}', error TEXT, waits INTEGER,
  UNIQUE(url, prefix, part));
CREATE TABLE IF NOT EXISTS line(source INTEGER NOT NULL, n INTEGER NOT NULL, record TEXT NOT NULL, problem TEXT NOT NULL, PRIMARY KEY(source, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS came_in(source INTEGER NOT NULL, n INTEGER NOT NULL, record TEXT NOT NULL, problem TEXT NOT NULL, PRIMARY KEY(source, n)) WITHOUT ROWID;
";

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is harvested.
    pub source: Source,
    /// Seconds between two visits; `None`: only when asked.
    pub every: Option<u64>,
    /// For whom: their enrolment.
    pub person: StatementId,
    /// What is done about records that the source deleted; `None`: as before, else [`Deletions::Report`].
    pub deletions: Option<Deletions>,
}

/// A source as it stands.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// What is harvested.
    pub source: Source,
    /// Seconds between two visits.
    pub every: Option<u64>,
    /// For whom.
    pub person: StatementId,
    /// When it is visited next, seconds since 1970.
    pub due: Option<u64>,
    /// From when on the next harvest asks.
    pub cursor: Option<u64>,
    /// The harvest that is under way.
    pub progress: Option<Progress>,
    /// When the harvest that is under way, or the last, began.
    pub began: Option<u64>,
    /// When the last ended.
    pub ended: Option<u64>,
    /// What came of it.
    pub counts: Counts,
    /// Why the last was given up.
    pub error: Option<Problem>,
    /// Until when the source asked us to wait.
    pub waits: Option<u64>,
    /// What is done about records that the source deleted.
    pub deletions: Deletions,
}

/// The open file.
pub(super) struct Book {
    db: Connection,
}

const COLUMNS: &str = "id, url, prefix, part, every, person, due, cursor, progress, began, ended, counts, error, waits, deletions, since, until";

impl Book {
    pub(super) fn open(path: &Path) -> Result<Self, rusqlite::Error> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        // A line quotes what a record says, and goes with the next harvest.
        db.pragma_update(None, "secure_delete", "ON")?;
        db.execute_batch(TABLES)?;
        // A file of a release that only reported deletions.
        if db.prepare("SELECT deletions FROM source").is_err() {
            db.execute_batch(
                "ALTER TABLE source ADD COLUMN deletions TEXT NOT NULL DEFAULT 'report'",
            )?;
        }
        // One of a release that took all of a source.
        if db.prepare("SELECT since FROM source").is_err() {
            db.execute_batch(
                "ALTER TABLE source ADD COLUMN since INTEGER; ALTER TABLE source ADD COLUMN until INTEGER",
            )?;
        }
        Ok(Self { db })
    }

    pub(super) fn count(&self) -> Result<usize, rusqlite::Error> {
        self.db
            .query_row("SELECT count(*) FROM source", [], |r| r.get(0))
    }

    /// Whether a source is noted.
    pub(super) fn has(&self, source: &Source) -> Result<bool, rusqlite::Error> {
        let part = source.set.as_deref().unwrap_or_default();
        self.db.query_row(
            "SELECT count(*) FROM source WHERE url = ?1 AND prefix = ?2 AND part = ?3",
            (&source.url, &source.prefix, part),
            |r| r.get::<_, i64>(0).map(|n| n > 0),
        )
    }

    pub(super) fn add(&self, asked: &Asked, now: u64) -> Result<Job, rusqlite::Error> {
        let Source {
            url,
            prefix,
            set,
            from,
            until,
        } = &asked.source;
        let part = set.as_deref().unwrap_or_default();
        self.db.execute(
            // Another part of time is another list: it is asked for from its beginning.
            "INSERT INTO source(url, prefix, part, every, person, due, deletions, since, until)
               VALUES(?1, ?2, ?3, ?4, ?5, ?6, coalesce(?7, 'report'), ?8, ?9)
             ON CONFLICT(url, prefix, part) DO UPDATE SET every = excluded.every, person = excluded.person, due = excluded.due, error = NULL,
               deletions = coalesce(?7, deletions),
               cursor = CASE WHEN since IS ?8 AND until IS ?9 THEN cursor END,
               progress = CASE WHEN since IS ?8 AND until IS ?9 THEN progress END,
               since = ?8, until = ?9",
            (
                url,
                prefix,
                part,
                asked.every,
                &asked.person.0[..],
                now,
                asked.deletions.map(Deletions::as_str),
                from,
                until,
            ),
        )?;
        self.db.query_row(
            &format!("SELECT {COLUMNS} FROM source WHERE url = ?1 AND prefix = ?2 AND part = ?3"),
            (url, prefix, part),
            job,
        )
    }

    pub(super) fn all(&self) -> Result<Vec<Job>, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached(&format!("SELECT {COLUMNS} FROM source ORDER BY id"))?;
        q.query_map([], job)?.collect()
    }

    pub(super) fn one(&self, id: i64) -> Result<Option<Job>, rusqlite::Error> {
        let mut q = self
            .db
            .prepare_cached(&format!("SELECT {COLUMNS} FROM source WHERE id = ?1"))?;
        q.query_row([id], job).optional()
    }

    /// The source to visit now: the one that has waited longest, so that a slow one takes its turn and no more.
    pub(super) fn next(&self, now: u64) -> Result<Option<Job>, rusqlite::Error> {
        let mut q = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM source WHERE due <= ?1 ORDER BY due, id LIMIT 1"
        ))?;
        q.query_row([now], job).optional()
    }

    /// When the next source is to be visited.
    pub(super) fn soonest(&self) -> Result<Option<u64>, rusqlite::Error> {
        self.db
            .query_row("SELECT min(due) FROM source", [], |r| r.get(0))
    }

    pub(super) fn due(&self, id: i64, now: u64) -> Result<bool, rusqlite::Error> {
        Ok(self.db.execute(
            "UPDATE source SET due = ?2, error = NULL WHERE id = ?1",
            (id, now),
        )? > 0)
    }

    pub(super) fn remove(&self, id: i64) -> Result<bool, rusqlite::Error> {
        self.forget_lines(id)?;
        Ok(self.db.execute("DELETE FROM source WHERE id = ?1", [id])? > 0)
    }

    fn forget_lines(&self, id: i64) -> Result<(), rusqlite::Error> {
        self.db
            .execute("DELETE FROM line WHERE source = ?1", [id])?;
        self.db
            .execute("DELETE FROM came_in WHERE source = ?1", [id])?;
        Ok(())
    }

    /// Begins a harvest, or goes on with the one that was interrupted.
    pub(super) fn begin(&self, job: &Job, now: u64) -> Result<Progress, rusqlite::Error> {
        if let Some(progress) = &job.progress {
            self.db.execute(
                "UPDATE source SET ended = NULL, error = NULL, waits = NULL WHERE id = ?1",
                [job.id],
            )?;
            return Ok(progress.clone());
        }
        let progress = Progress {
            from: job.cursor,
            began: now,
            ..Progress::default()
        };
        self.forget_lines(job.id)?;
        self.db.execute(
            "UPDATE source SET began = ?2, ended = NULL, counts = '{}', error = NULL, waits = NULL, progress = ?3 WHERE id = ?1",
            (job.id, now, text(&progress)),
        )?;
        Ok(progress)
    }

    /// Notes between two pages from where a harvest goes on (`None`: from its beginning), when the source is visited
    /// next (`None`: as it stands), and until when it asked us to wait.
    pub(super) fn rest(
        &self,
        id: i64,
        progress: Option<&Progress>,
        due: Option<u64>,
        waits: Option<u64>,
    ) -> Result<(), rusqlite::Error> {
        self.db.execute(
            "UPDATE source SET progress = ?2, due = coalesce(?3, due), waits = ?4 WHERE id = ?1",
            (id, progress.map(text), due, waits),
        )?;
        Ok(())
    }

    /// Notes that a page was taken in. False if the source was removed meanwhile.
    pub(super) fn page(
        &mut self,
        id: i64,
        progress: &Progress,
        report: Report,
        now: u64,
    ) -> Result<bool, rusqlite::Error> {
        let tx = self.db.transaction()?;
        let before: Option<String> = tx
            .query_row("SELECT counts FROM source WHERE id = ?1", [id], |r| {
                r.get(0)
            })
            .optional()?;
        let Some(before) = before else {
            return Ok(false);
        };
        let mut counts: Counts = serde_json::from_str(&before).unwrap_or_default();
        for (table, lines) in [("line", &report.lines), ("came_in", &report.came_in)] {
            let most = format!("SELECT coalesce(max(n), 0) FROM {table} WHERE source = ?1");
            let n: u64 = tx.query_row(&most, [id], |r| r.get(0))?;
            let add = format!("INSERT INTO {table} VALUES(?1, ?2, ?3, ?4)");
            let mut add = tx.prepare_cached(&add)?;
            for (n, line) in (n + 1..=LINES).zip(lines) {
                add.execute((id, n, &line.record, line.problem.to_json().to_string()))?;
            }
        }
        counts.add(&report);
        let over = progress.done;
        let running = (!over).then(|| text(progress));
        tx.execute(
            "UPDATE source SET counts = ?2, progress = ?3, waits = NULL, error = NULL,
               cursor = CASE WHEN ?4 THEN ?5 ELSE cursor END,
               ended = CASE WHEN ?4 THEN ?6 ELSE NULL END,
               due = CASE WHEN ?4 THEN ?6 + every ELSE due END
             WHERE id = ?1",
            (id, text(&counts), running, over, progress.next_from(), now),
        )?;
        tx.commit()?;
        Ok(true)
    }

    /// Notes that a harvest was given up until its next time; from where it goes on then is noted by [`Book::rest`].
    pub(super) fn give_up(
        &self,
        id: i64,
        now: u64,
        problem: &Problem,
    ) -> Result<(), rusqlite::Error> {
        self.db.execute(
            "UPDATE source SET ended = ?2, error = ?3, waits = NULL, due = CASE WHEN every IS NULL THEN NULL ELSE ?2 + max(every, ?4) END
             WHERE id = ?1",
            (id, now, problem.to_json().to_string(), AGAIN),
        )?;
        Ok(())
    }

    /// The report of the harvest that is under way, or of the last.
    pub(super) fn report(&self, id: i64) -> Result<Option<Report>, rusqlite::Error> {
        let Some(job) = self.one(id)? else {
            return Ok(None);
        };
        let (lines, came_in) = (self.lines("line", id)?, self.lines("came_in", id)?);
        Ok(Some(Report::of(job.counts, lines, came_in)))
    }

    fn lines(&self, table: &str, id: i64) -> Result<Vec<Line>, rusqlite::Error> {
        let query = format!("SELECT record, problem FROM {table} WHERE source = ?1 ORDER BY n");
        let mut query = self.db.prepare_cached(&query)?;
        let rows = query.query_map([id], |r| {
            Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?))
        })?;
        let mut lines = Vec::new();
        for row in rows {
            let (record, problem) = row?;
            let problem = serde_json::from_str(&problem)
                .ok()
                .and_then(|p| Problem::from_json(&p));
            lines.extend(problem.map(|p| Line::new(&record, p)));
        }
        Ok(lines)
    }
}

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("numbers and strings are JSON")
}

fn job(r: &Row<'_>) -> Result<Job, rusqlite::Error> {
    let person: Vec<u8> = r.get(5)?;
    let person = person
        .try_into()
        .map_err(|_| rusqlite::Error::InvalidQuery)?;
    let set: String = r.get(3)?;
    let json = |at| -> Result<Option<serde_json::Value>, rusqlite::Error> {
        let text: Option<String> = r.get(at)?;
        Ok(text.and_then(|t| serde_json::from_str(&t).ok()))
    };
    Ok(Job {
        id: r.get(0)?,
        source: Source {
            url: r.get(1)?,
            prefix: r.get(2)?,
            set: (!set.is_empty()).then_some(set),
            from: r.get(15)?,
            until: r.get(16)?,
        },
        every: r.get(4)?,
        person: StatementId(person),
        due: r.get(6)?,
        cursor: r.get(7)?,
        progress: json(8)?.and_then(|p| serde_json::from_value(p).ok()),
        began: r.get(9)?,
        ended: r.get(10)?,
        counts: json(11)?
            .and_then(|c| serde_json::from_value(c).ok())
            .unwrap_or_default(),
        error: json(12)?.and_then(|p| Problem::from_json(&p)),
        waits: r.get(13)?,
        deletions: Deletions::parse(&r.get::<_, String>(14)?).unwrap_or_default(),
    })
}
