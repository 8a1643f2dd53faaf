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
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

use commun_specs::id::StatementId;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    blobs::Blobs,
    core::{Core, now},
    follow::derived::{self, BATCH, Step},
    store,
};
use known::Known;
use listing::{Listing, Row, Standing};

pub use answer::Node;
pub use format::{FORMATS, Format};

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
        let (core, me) = (self.core.clone(), self);
        let step = move |give_up| me.step(give_up);
        derived::follow(core, "listing for harvesters", None, stop, step).await;
    }

    /// Lists the next batch of changes.
    fn step(&self, give_up: bool) -> Result<Step, Error> {
        let since = self.listing().cursor()?;
        let changed = derived::changed(&self.core, since, BATCH)?;
        let mut rows = Vec::new();
        for id in changed.items {
            let (standing, topics) = match known::known(&self.core, &id)? {
                Known::Unknown => (Standing::Gone, Vec::new()),
                Known::Later if !give_up => return Ok(Step::Soon),
                Known::Later | Known::Withheld => (Standing::Withheld, Vec::new()),
                Known::Deleted(item, view) => (Standing::Deleted, sets::of(&item, &view)),
                Known::Here(record) => {
                    let sets = sets::of(&record.item, &record.view);
                    (Standing::Here(record.digest()), sets)
                }
            };
            rows.push(Row {
                item: id,
                standing,
                topics,
            });
        }
        self.listing().apply(now(), &rows, changed.upto)?;
        Ok(if changed.full { Step::More } else { Step::Done })
    }
}

#[cfg(test)]
mod tests;
