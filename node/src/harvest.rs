//! Harvesting: sources of records that librarians named, visited on a schedule.
//!
//! One task visits one source at a time, politely: one request, then a pause. A visit is short: a source that asks for a
//! longer wait, or whose list is long, makes room for the others and is gone on with in its turn. What to ask is decided by
//! [`commun_forge::oai::Harvest`]; what is asked for, how far each harvest is and what was found wrong is in
//! [`book`], `harvest.db`. A page is taken in first and noted after: a crash in between takes the same page again, which
//! changes nothing.

mod book;
mod look;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use commun_client::{FetchError, Fetched, Fetcher};
use commun_forge::{
    crosswalk::{Origin, Report, format},
    oai::{Harvest, Heard, Progress, Source, Step},
    problem::{Problem, Severity},
};
use commun_specs::id::StatementId;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    core::{Core, now, rfc3339},
    imports::{Deletions, ImportError, Imports},
};
use book::Book;

pub use book::{Asked, Job, LINES};
pub use look::{file_name, is_page};

/// Largest page, in bytes; what is larger is not read.
const MAX_PAGE: u64 = commun_forge::crosswalk::xml::MAX_BYTES as u64;
/// Pause between two requests to a source.
const POLITE: Duration = Duration::from_millis(100);
/// The longest wait, in seconds, that a visit sits through; for a longer one the source is visited again later.
const PATIENCE: u64 = 5;
/// How long a source is visited before the others have their turn; the answer that is under way then is heard out.
const VISIT: Duration = Duration::from_secs(180);
/// Pause before this node's own trouble is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// How often a source is asked what it is, and in a dry run for its list, until it answers.
const PREVIEW_ASKS: u32 = 5;
/// Addresses that are looked at while somebody waits (dry runs, new sources, files), at one time: each may hold a page of
/// 10 MiB or a file of 32 MiB, and a thread.
const LOOKS: usize = 2;
/// After how many seconds one shall ask again for a look.
pub const BUSY: u64 = 15;
/// How often this node's own trouble is tried again before the harvest waits for its next time.
const MAX_TROUBLE: u32 = 24;
/// Sources of one node.
pub const MAX_SOURCES: usize = 1_000;

/// The harvester fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `harvest.db` fails.
    #[error("harvest.db: {0}")]
    Book(#[from] rusqlite::Error),
    /// What is asked for is not possible.
    #[error("{0}")]
    Refused(String),
    /// What is at an address is larger than this node takes.
    #[error("{0}")]
    TooLarge(String),
    /// Too many sources are tried at this moment.
    #[error("this node looks at {LOOKS} other addresses now; try again in {BUSY} s")]
    Busy,
}

/// A place among the looks.
type Place = Arc<OwnedSemaphorePermit>;

/// A handle on the harvester; cheap to clone.
#[derive(Clone)]
pub struct Harvests {
    core: Core,
    imports: Imports,
    book: Arc<Mutex<Book>>,
    fetcher: Fetcher,
    wake: Arc<Notify>,
    looks: Arc<Semaphore>,
    /// [`VISIT`], but in tests.
    visit: Duration,
}

impl Harvests {
    /// Opens the book and starts to visit. `private`: whether sources may be on this machine or in private networks.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn start(
        core: Core,
        imports: Imports,
        data: &Path,
        private: bool,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        let harvests = Self::open(core, imports, data, private, VISIT)?;
        tasks.spawn(harvests.clone().run(stop));
        Ok(harvests)
    }

    fn open(
        core: Core,
        imports: Imports,
        data: &Path,
        private: bool,
        visit: Duration,
    ) -> Result<Self, Error> {
        Ok(Self {
            core,
            imports,
            book: Arc::new(Mutex::new(Book::open(&data.join("harvest.db"))?)),
            fetcher: Fetcher::new(private),
            wake: Arc::default(),
            looks: Arc::new(Semaphore::new(LOOKS)),
            visit,
        })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// Notes a source that says who it is, and visits it at once; one that is there already gets the schedule asked for. Where
    /// something else is at its address, nothing is noted.
    ///
    /// # Errors
    /// [`Error::Refused`]: its address or format cannot be used, no source answers there, or there are too many;
    /// [`Error::Busy`].
    pub async fn add(&self, asked: &Asked) -> Result<Job, Error> {
        usable(&asked.source)?;
        let there = self.book().has(&asked.source)?;
        if !there {
            let mut harvest = Harvest::new(asked.source.clone(), Progress::default());
            self.in_time(async |place| self.identified(&mut harvest, place).await)
                .await?;
        }
        self.note(asked)
    }

    fn note(&self, asked: &Asked) -> Result<Job, Error> {
        let book = self.book();
        if book.count()? >= MAX_SOURCES {
            return Err(Error::Refused(format!(
                "a node has at most {MAX_SOURCES} sources"
            )));
        }
        let job = book.add(asked, now())?;
        drop(book);
        self.wake.notify_one();
        Ok(job)
    }

    /// What would come in of the first page of a source. Nothing is noted or stored; a long wait that the source asks for
    /// is not sat through.
    ///
    /// # Errors
    /// [`Error::Refused`]: its address or format cannot be used, or it gives no page in time; [`Error::Busy`].
    pub async fn preview(&self, asked: &Asked) -> Result<Report, Error> {
        usable(&asked.source)?;
        self.in_time(async |place| self.try_out(asked, place).await)
            .await
    }

    /// `place`: held until the last request has ended, also where nobody waits for it any more.
    async fn try_out(&self, asked: &Asked, place: Place) -> Result<Report, Error> {
        let source = &asked.source;
        let begun = Progress {
            began: now(),
            ..Progress::default()
        };
        let mut harvest = Harvest::new(source.clone(), begun);
        self.identified(&mut harvest, place.clone()).await?;
        let mut cause = String::new();
        for _ in 0..PREVIEW_ASKS {
            let Some(url) = harvest.ask() else {
                return Ok(Report::default());
            };
            let fetched = self.fetch(url, MAX_PAGE, Some(place.clone())).await;
            cause = match &fetched {
                Ok(Fetched::Body(_)) => "its answer cannot be read".to_owned(),
                Ok(Fetched::Status(status, _)) => format!("HTTP {status}"),
                Err(e) => e.to_string(),
            };
            match heard(&mut harvest, fetched) {
                Step::Go => {}
                Step::Wait(seconds) if seconds <= PATIENCE => {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                Step::Wait(seconds) => {
                    return Err(Error::Refused(format!(
                        "the source does not answer as it should: {cause}; look at the address, or try again in {seconds} s"
                    )));
                }
                Step::Stop(told) => {
                    let why = format!("{}; {}", told.what("en"), told.fix("en"));
                    return Err(Error::Refused(why));
                }
                Step::Take(page) => {
                    let more = page.token.as_deref().is_some_and(|token| !token.is_empty());
                    let all = page.complete.map_or_else(String::new, |n| n.to_string());
                    let said = |why: String| Error::Refused(why);
                    let mut report = self
                        .take(asked, asked.deletions.unwrap_or_default(), true, *page)
                        .await
                        .map_err(said)?;
                    if more {
                        let told = Problem::new(Severity::Info, "first-page", "", &all, "");
                        report.found("", told);
                    }
                    return Ok(report);
                }
            }
            tokio::time::sleep(POLITE).await;
        }
        Err(Error::Refused(format!(
            "the source gives no records now: {cause}; try again later"
        )))
    }

    /// All sources.
    ///
    /// # Errors
    /// The file fails.
    pub fn all(&self) -> Result<Vec<Job>, Error> {
        Ok(self.book().all()?)
    }

    /// One source.
    ///
    /// # Errors
    /// The file fails.
    pub fn one(&self, id: i64) -> Result<Option<Job>, Error> {
        Ok(self.book().one(id)?)
    }

    /// Visits a source now; false if there is none of this number.
    ///
    /// # Errors
    /// The file fails.
    pub fn visit(&self, id: i64) -> Result<bool, Error> {
        let there = self.book().due(id, now())?;
        self.wake.notify_one();
        Ok(there)
    }

    /// Forgets a source; what came from it stays. False if there is none of this number.
    ///
    /// # Errors
    /// The file fails.
    pub fn remove(&self, id: i64) -> Result<bool, Error> {
        Ok(self.book().remove(id)?)
    }

    /// The report of the harvest that is under way, or of the last.
    ///
    /// # Errors
    /// The file fails.
    pub fn report(&self, id: i64) -> Result<Option<Report>, Error> {
        Ok(self.book().report(id)?)
    }

    async fn run(self, stop: CancellationToken) {
        loop {
            let (next, soonest) = {
                let book = self.book();
                (book.next(now()), book.soonest())
            };
            let pause = match (next, soonest) {
                (Ok(Some(job)), _) => {
                    let id = job.id;
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => return,
                        () = self.visit_one(job) => {}
                    }
                    tracing::info!(source = id, "a visit ended");
                    continue;
                }
                (Ok(None), Ok(Some(due))) => {
                    Duration::from_secs(due.saturating_sub(now()).clamp(1, 3_600))
                }
                (Ok(None), Ok(None)) => Duration::from_secs(3_600),
                (Err(e), _) | (_, Err(e)) => {
                    tracing::error!("harvest.db: {e}");
                    RETRY
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Harvests a source to its end, until it is given up until its next time, or until the others have their turn.
    async fn visit_one(&self, job: Job) {
        let id = job.id;
        let ended = match self.harvest(job).await {
            Ok(None) => return,
            Ok(Some(problem)) => self.book().give_up(id, now(), &problem),
            Err(e) => {
                tracing::error!(source = id, "a harvest failed: {e}");
                let problem = Problem::new(
                    commun_forge::problem::Severity::Error,
                    "source-error",
                    "",
                    &e,
                    "",
                );
                self.book().give_up(id, now(), &problem)
            }
        };
        if let Err(e) = ended {
            tracing::error!("harvest.db: {e}");
        }
    }

    /// `Ok(None)`: it is over, it goes on at a later visit, or the source was removed meanwhile.
    async fn harvest(&self, job: Job) -> Result<Option<Problem>, String> {
        let text = |e: &dyn std::fmt::Display| e.to_string();
        let progress = self.book().begin(&job, now()).map_err(|e| text(&e))?;
        let mut harvest = Harvest::new(job.source.clone(), progress);
        let until = Instant::now() + self.visit;
        while let Some(url) = harvest.ask() {
            match self.ask(&mut harvest, url).await {
                Step::Go => {}
                Step::Wait(seconds) => {
                    let again = now() + seconds;
                    let later = (seconds > PATIENCE).then_some(again);
                    self.book()
                        .rest(job.id, Some(harvest.progress()), later, Some(again))
                        .map_err(|e| text(&e))?;
                    if later.is_some() {
                        return Ok(None);
                    }
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                Step::Stop(problem) => {
                    let next = harvest.given_up();
                    self.book()
                        .rest(job.id, next.as_ref(), None, None)
                        .map_err(|e| text(&e))?;
                    return Ok(Some(*problem));
                }
                Step::Take(page) => {
                    let asked = Asked {
                        source: job.source.clone(),
                        every: None,
                        person: job.person,
                        deletions: None,
                    };
                    let report = self.take(&asked, job.deletions, false, *page).await?;
                    let progress = harvest.taken();
                    if !self
                        .book()
                        .page(job.id, progress, report, now())
                        .map_err(|e| text(&e))?
                    {
                        return Ok(None);
                    }
                    if Instant::now() >= until && harvest.ask().is_some() {
                        self.book()
                            .rest(job.id, Some(harvest.progress()), Some(now()), None)
                            .map_err(|e| text(&e))?;
                        return Ok(None);
                    }
                }
            }
            tokio::time::sleep(POLITE).await;
        }
        Ok(None)
    }

    /// Puts a question, and says what is to be done about the answer.
    async fn ask(&self, harvest: &mut Harvest, url: String) -> Step {
        heard(harvest, self.fetch(url, MAX_PAGE, None).await)
    }

    /// `place`: what is held until the request has ended; a task that blocks goes on when its caller gives up.
    async fn fetch(
        &self,
        url: String,
        most: u64,
        place: Option<Place>,
    ) -> Result<Fetched, FetchError> {
        let fetcher = self.fetcher.clone();
        let get = move || {
            let fetched = fetcher.get(&url, most);
            drop(place);
            fetched
        };
        let fetched = tokio::task::spawn_blocking(get).await;
        fetched.unwrap_or_else(|e| Err(FetchError::Failed(e.to_string())))
    }

    /// Takes the records of a page in; with `dry_run` only says what would come in.
    async fn take(
        &self,
        asked: &Asked,
        deletions: Deletions,
        dry_run: bool,
        page: commun_forge::oai::Page,
    ) -> Result<Report, String> {
        let Source { url, prefix, .. } = &asked.source;
        for trouble in 1.. {
            let mut report = Report::default();
            for (record, problem) in &page.problems {
                report.found(record, problem.clone());
            }
            let person: StatementId = asked.person;
            let Some(person) = self.core.person(&person) else {
                return Err(
                    "whoever asked for this harvest is not enrolled any more; ask for it again"
                        .to_owned(),
                );
            };
            let origin = Origin {
                name: Some(url.clone()),
                date: rfc3339(now()),
            };
            let entries = page.entries.clone();
            let (prefix, from) = (prefix.clone(), origin.clone());
            let reading = tokio::task::spawn_blocking(move || {
                let entries = entries.into_iter();
                entries
                    .map(|entry| format::harvested(entry, Some(&prefix), &from))
                    .collect()
            });
            let found = reading.await.map_err(|e| e.to_string())?;
            match self
                .imports
                .follow(&person, url, deletions, found, dry_run, &mut report)
                .await
            {
                Ok(_) => return Ok(report),
                Err(ImportError::NotNow(why)) if trouble < MAX_TROUBLE => {
                    tracing::debug!("a page waits: {why}");
                    tokio::time::sleep(RETRY).await;
                }
                Err(e) => return Err(e.to_string()),
            }
        }
        Err("this node cannot write".to_owned())
    }
}

/// Tells a harvest of an answer.
fn heard(harvest: &mut Harvest, fetched: Result<Fetched, FetchError>) -> Step {
    match fetched {
        Ok(Fetched::Body(bytes)) => harvest.heard(Heard::Answer(&bytes)),
        Ok(Fetched::Status(status, after)) => harvest.heard(Heard::Status(status, after)),
        Err(e) => harvest.heard(Heard::Nothing(&e.to_string())),
    }
}

/// Whether a source can be asked, and what it gives be read.
fn usable(source: &Source) -> Result<(), Error> {
    Fetcher::check(&source.url).map_err(|e| Error::Refused(e.to_string()))?;
    if format::of_prefix(&source.prefix)
        .and_then(format::reader)
        .is_none()
    {
        let why = format!(
            "this release does not read the format {}; oai_dc, lom and its French profiles are read",
            source.prefix
        );
        return Err(Error::Refused(why));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
