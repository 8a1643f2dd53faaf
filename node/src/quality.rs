//! What librarians are shown of the state of the catalogue: what lacks, what is unclear, what is there twice, which links
//! lead nowhere.
//!
//! A follower reads the journal as the index does and keeps [`book`], `quality.db`: of every item what it lacks ([`faults`]),
//! what it links to, and its sheet, from which pairs of items are found that may be the same
//! ([`commun_specs::duplicates`]). All of it is derived and may be deleted. What people decided (a pair is refused) and what
//! was asked of others (is a link dead) is in a file of its own, `decisions.db`, and is kept.

mod book;
mod faults;
mod known;
mod links;
mod shelf;

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use commun_client::Fetcher;
use commun_specs::id::StatementId;
use tokio::{runtime::Handle, sync::Notify};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    blobs::Blobs,
    core::Core,
    follow::derived::{self, BATCH, Step},
    items::Neighbour,
    store,
};
use book::Book;
use known::Known;

pub use book::{Brief, Checks, Line, Pair, Refusal, Twin};
pub use faults::{FIELDS, Fault, Field, Need, Rule};

/// Items that one item is shown to be the same as.
const MAX_TWINS: u64 = 50;
/// Items made from one that went on that are looked at with it.
const MAX_ADAPTED: usize = 1_000;
/// Items that are looked at again at once whose file lists were not here.
const MAX_AGAIN: usize = 256;
/// How often that is done.
const AGAIN: Duration = Duration::from_secs(30);

/// The report cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A database fails.
    #[error("quality.db: {0}; it may be deleted, it is derived from log.db")]
    Book(#[from] rusqlite::Error),
    /// A damaged file could not be removed.
    #[error("quality.db: {0}")]
    Io(#[from] std::io::Error),
    /// `log.db` fails.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// `catalogue.db` fails.
    #[error(transparent)]
    Changes(#[from] crate::changes::Error),
}

/// A handle; cheap to clone.
#[derive(Clone)]
pub struct Quality {
    core: Core,
    blobs: Blobs,
    book: Arc<Mutex<Book>>,
    fetcher: Fetcher,
    asked: Arc<Notify>,
}

impl Quality {
    /// Opens the files, starts to follow the journal and to check the links that somebody asked about. `private`: whether
    /// links on this machine and in private networks are asked; `who`: what this node calls itself there.
    ///
    /// # Errors
    /// A file cannot be opened or made.
    pub fn start(
        core: Core,
        blobs: Blobs,
        data: &Path,
        private: bool,
        who: &str,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        let book = Book::open(data, core.changes_cursor())?;
        let quality = Self {
            core,
            blobs,
            book: Arc::new(Mutex::new(book)),
            fetcher: Fetcher::checker(private, who),
            asked: Arc::default(),
        };
        tasks.spawn(quality.clone().run(stop.clone()));
        tasks.spawn(links::run(quality.clone(), stop));
        Ok(quality)
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// The journal line up to which everything is known.
    pub fn position(&self) -> u64 {
        self.book().cursor().unwrap_or(0)
    }

    /// What is stated to be the same as an item, by it or by the other, as far as that is shown here: as what, and what.
    pub fn twins(&self, item: &StatementId) -> Vec<(String, Neighbour)> {
        let found = self.book().twins(item, MAX_TWINS);
        let found = found.unwrap_or_else(|e| {
            tracing::error!("quality.db: {e}");
            Vec::new()
        });
        let shown = found.into_iter().filter(|twin| self.shows(&twin.item));
        let twins = shown.map(|twin| {
            let other = Neighbour {
                id: twin.item.id,
                name: twin.item.name,
                title: Some(twin.item.title),
            };
            (twin.kind, other)
        });
        twins.collect()
    }

    /// Whether an item is shown here: hiding one makes no statement, so the book does not learn of it.
    pub(crate) fn shows(&self, item: &Brief) -> bool {
        self.core.hiding(&item.id).is_none()
    }

    /// Asks that all links of this institution's items be looked at, now. Gives how many wait.
    ///
    /// # Errors
    /// `decisions.db` fails.
    pub fn check_links(&self) -> Result<u64, Error> {
        let me = self.core.identity().handle.clone();
        let waiting = self.book().ask_links(me.as_str(), crate::core::now())?;
        self.asked.notify_one();
        Ok(waiting)
    }

    async fn run(self, stop: CancellationToken) {
        let (core, me) = (self.core.clone(), self);
        let step = move |give_up| me.step(give_up);
        derived::follow(
            core,
            "keeping the report of quality",
            Some(AGAIN),
            stop,
            step,
        )
        .await;
    }

    /// What was made from items that changed, which may be behind them now, and did not change itself.
    fn adapted(&self, changed: &[StatementId]) -> Vec<StatementId> {
        let mut seen: HashSet<StatementId> = changed.iter().copied().collect();
        let state = self.core.state();
        let catalogue = state.catalogue();
        let adapted = changed
            .iter()
            .flat_map(|id| catalogue.derivatives(id).into_iter().take(MAX_ADAPTED));
        adapted.filter(|id| seen.insert(*id)).collect()
    }

    /// Takes the next batch of changes in.
    fn step(&self, give_up: bool) -> Result<Step, Error> {
        let since = self.book().cursor()?;
        let mut changed = derived::changed(&self.core, since, BATCH)?;
        if changed.items.is_empty() {
            changed.items = self.book().lacking(MAX_AGAIN)?;
        }
        let adapted = self.adapted(&changed.items);
        let mut rows = Vec::new();
        for id in changed.items.into_iter().chain(adapted) {
            let known = known::known(&self.core, &self.blobs, &Handle::current(), &id)?;
            if matches!(known, Known::Later) && !give_up {
                return Ok(Step::Soon);
            }
            rows.push((id, known));
        }
        self.book().apply(rows, changed.upto)?;
        Ok(if changed.full { Step::More } else { Step::Done })
    }
}

#[cfg(test)]
mod tests;
