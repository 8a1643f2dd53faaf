//! The OAI-PMH data provider: what the library systems of others harvest.
//!
//! A follower keeps a [`listing`] of everything that can be harvested in `oai.db`: each item once, under a serial number
//! and a datestamp that rise with every change, and the sets that it is in. A page of a list is a range of serial
//! numbers, so that a page costs the same wherever it is in the list and however many records there are, an item that
//! changes while a list is read moves behind its end and is met again, and a token only says where to go on.
//!
//! A datestamp is the moment at which **this node** learnt of the change, by its own clock, and never goes back: a
//! harvester that asks from the last time on misses nothing, also what another institution wrote long before and
//! this node received late. `oai.db` is derived; where it is lost everything is new once more.

mod answer;
mod format;
mod known;
mod listing;
mod sets;
mod token;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use commun_specs::id::StatementId;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{blobs::Blobs, core::Core, core::now, store};
use known::Known;
use listing::{Listing, Row, Standing};

pub use answer::Node;
pub use format::{FORMATS, Format};

/// Changes that one batch takes.
const BATCH: usize = 256;
/// Pause before what failed is tried again, and before a statement that is being written is looked at again.
const RETRY: Duration = Duration::from_secs(2);
const SOON: Duration = Duration::from_millis(50);
/// How often a statement that the catalogue names and the store does not have is looked at before it is passed over.
const MAX_LOOKS: u32 = 40;

/// The provider fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `oai.db` fails.
    #[error("oai.db: {0}; it may be deleted, it is derived from log.db")]
    Listing(#[from] rusqlite::Error),
    /// A record cannot be told now: its words have not arrived, or are being written.
    #[error("the words of this record are not here yet")]
    NotYet,
    /// A damaged file could not be removed.
    #[error("oai.db: {0}")]
    Io(#[from] std::io::Error),
    /// `log.db` fails.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// `catalogue.db` fails.
    #[error(transparent)]
    Changes(#[from] crate::changes::Error),
}

/// A handle on the provider; cheap to clone.
#[derive(Clone)]
pub struct Provider {
    core: Core,
    /// Where originals are kept, to be given out untouched.
    originals: Option<Blobs>,
    listing: Arc<Mutex<Listing>>,
    pages: Pages,
}

/// How much one page of a list holds.
#[derive(Clone, Copy)]
struct Pages {
    /// Records.
    records: usize,
    /// Headers, where only they are asked for.
    headers: usize,
    /// A page ends after the record with which it passes this size: what others read into memory at once.
    bytes: usize,
}

/// A page of records takes some 200 kB, and as long to read as a search.
const PAGES: Pages = Pages {
    records: 100,
    headers: 500,
    bytes: 1 << 20,
};

/// What one look at the journal did.
enum Step {
    /// There may be more.
    More,
    /// Everything is listed.
    Done,
    /// A statement is still being written.
    Soon,
}

impl Provider {
    /// Opens the listing and starts to follow the journal.
    ///
    /// # Errors
    /// The file cannot be opened or made.
    pub fn start(
        core: Core,
        data: &Path,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        let listing = Listing::open(&data.join("oai.db"), core.changes_cursor())?;
        let provider = Self {
            core,
            originals: None,
            listing: Arc::new(Mutex::new(listing)),
            pages: PAGES,
        };
        tasks.spawn(provider.clone().run(stop));
        Ok(provider)
    }

    /// The same with the originals that records came in as: a record that nobody has corrected since is told as it came.
    pub fn with_originals(mut self, blobs: Blobs) -> Self {
        self.originals = Some(blobs);
        self
    }

    /// How many records are not deleted, and of each page of so many the time of its newest change.
    ///
    /// # Errors
    /// `oai.db` fails.
    pub fn newest_of_pages(&self, page: u64) -> Result<Vec<u64>, Error> {
        Ok(self.listing().newest_of_pages(page)?)
    }

    /// A part of the records that are not deleted, in the order in which this node learnt them: items and times.
    ///
    /// # Errors
    /// `oai.db` fails.
    pub fn standing(&self, skip: u64, limit: u64) -> Result<Vec<(StatementId, u64)>, Error> {
        Ok(self.listing().standing(skip, limit)?)
    }

    fn listing(&self) -> MutexGuard<'_, Listing> {
        self.listing
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// The journal line up to which everything is listed.
    pub fn position(&self) -> u64 {
        self.listing().cursor().unwrap_or(0)
    }

    async fn run(self, stop: CancellationToken) {
        let mut grown = self.core.grown();
        let mut looks = 0;
        while !stop.is_cancelled() {
            self.core.let_search_go_first().await;
            grown.mark_unchanged();
            let (me, give_up) = (self.clone(), looks >= MAX_LOOKS);
            let step = tokio::task::spawn_blocking(move || me.step(give_up)).await;
            let pause = match step {
                Ok(Ok(Step::More)) => {
                    looks = 0;
                    continue;
                }
                Ok(Ok(Step::Done)) => None,
                Ok(Ok(Step::Soon)) => {
                    looks += 1;
                    Some(SOON)
                }
                Ok(Err(e)) => {
                    tracing::error!("listing for harvesters: {e}");
                    Some(RETRY)
                }
                Err(_) => return,
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
                changed = grown.changed(), if pause.is_none() => if changed.is_err() { return },
            }
        }
    }

    /// Lists the next batch of changes.
    fn step(&self, give_up: bool) -> Result<Step, Error> {
        let since = self.listing().cursor()?;
        // Read before the changes: what is added meanwhile comes with the next batch.
        let complete = self.core.changes_cursor();
        let changes = self.core.changes(since, BATCH)?;
        let full = changes.len() >= BATCH;
        let upto = match changes.last() {
            Some((last, _)) if full => *last,
            Some((last, _)) => complete.max(*last),
            None => complete.max(since),
        };
        // In the journal's order, each at its last place.
        let last: HashMap<_, _> = changes
            .iter()
            .enumerate()
            .map(|(at, (_, item))| (*item, at))
            .collect();
        let items = changes.iter().enumerate();
        let items = items
            .filter(|(at, (_, item))| last.get(item) == Some(at))
            .map(|(_, (_, item))| *item);
        let mut rows = Vec::new();
        for id in items {
            let (standing, topics) = match known::known(&self.core, &id)? {
                Known::Unknown => (Standing::Gone, Vec::new()),
                Known::Later if !give_up => return Ok(Step::Soon),
                Known::Later | Known::Withheld => (Standing::Withheld, Vec::new()),
                Known::Deleted(item) => (Standing::Deleted, sets::of_item(&item)),
                Known::Here(record) => (Standing::Here(record.digest()), sets::of(&record)),
            };
            rows.push(Row {
                item: id,
                standing,
                topics,
            });
        }
        self.listing().apply(now(), &rows, upto)?;
        Ok(if full { Step::More } else { Step::Done })
    }
}

#[cfg(test)]
mod tests;
