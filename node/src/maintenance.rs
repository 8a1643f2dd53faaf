//! Keeps the repositories fast and the disk tidy, without an operator: one repository at a time, at the lowest priority.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use commun_forge::git::Repos;
use tokio_util::sync::CancellationToken;

use crate::{core::now, quota::Quotas};

/// How soon after the start the first look is taken: what people wait for comes first.
const FIRST: Duration = Duration::from_secs(60);
/// How long what is kept of a broken transfer waits to go on.
const INTERRUPTED: Duration = Duration::from_secs(7 * 86_400);
/// Failures that are remembered; more are only logged.
const MAX_FAILURES: usize = 100;
/// Seconds of a day.
const DAY: u64 = 86_400;

/// What was done and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upkeep {
    /// When the last look at all repositories ended, in seconds since 1970; 0 = not yet.
    pub last: u64,
    /// Repositories that were packed since the start.
    pub packed: u64,
    /// Repositories whose last try failed, and why.
    pub failed: BTreeMap<String, String>,
}

/// A handle on it; cheap to clone.
#[derive(Clone)]
pub struct Maintenance(Arc<Inner>);

struct Inner {
    repos: Repos,
    quotas: Quotas,
    upkeep: Mutex<Upkeep>,
}

impl Maintenance {
    /// For these repositories.
    pub fn new(repos: Repos, quotas: Quotas) -> Self {
        Self(Arc::new(Inner {
            repos,
            quotas,
            upkeep: Mutex::default(),
        }))
    }

    /// How it goes.
    pub fn upkeep(&self) -> Upkeep {
        self.lock().clone()
    }

    /// Looks at everything, again and again, until `stop`. With `every` of zero it only counts, once.
    pub async fn run(self, every: Duration, stop: CancellationToken) {
        let mut left: HashMap<String, usize> = HashMap::new();
        let mut forgotten = 0;
        self.count().await;
        let mut pause = FIRST.min(every);
        while !every.is_zero() {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            // Dropped in the middle, the process that packs is ended; Git puts nothing half-made in its place.
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.pass(&mut left, &mut forgotten) => {}
            }
            pause = every;
        }
    }

    async fn pass(&self, left: &mut HashMap<String, usize>, forgotten: &mut u64) {
        let today = now() / DAY;
        let ids = match self.0.repos.list() {
            Ok(ids) => ids,
            Err(e) => {
                tracing::error!("maintenance: {e}");
                return;
            }
        };
        for id in &ids {
            let Ok(repository) = self.0.repos.get(id) else {
                continue;
            };
            repository.forget_interrupted(INTERRUPTED);
            if *forgotten != today
                && let Err(e) = repository.forget_kept(today).await
            {
                tracing::warn!(item = %id, "what refs left behind is kept on: {e}");
            }
            if !repository.wear().needs(left.get(id).copied()) {
                continue;
            }
            let done = repository.maintain().await;
            // Counted after a failure, too: it is tried again when more has come.
            left.insert(id.clone(), repository.wear().packs);
            let mut upkeep = self.lock();
            match done {
                Ok(()) => {
                    tracing::debug!(item = %id, "a repository is packed");
                    upkeep.packed += 1;
                    upkeep.failed.remove(id);
                }
                Err(e) => {
                    tracing::warn!(item = %id, "a repository cannot be packed: {e}");
                    if upkeep.failed.len() < MAX_FAILURES {
                        upkeep.failed.insert(id.clone(), e.to_string());
                    }
                }
            }
        }
        *forgotten = today;
        left.retain(|id, _| ids.binary_search(id).is_ok());
        if let Some(cache) = self.0.repos.cache() {
            cache.tidy();
        }
        self.count().await;
        self.lock().last = now();
    }

    async fn count(&self) {
        let quotas = self.0.quotas.clone();
        let _ = tokio::task::spawn_blocking(move || quotas.count()).await;
    }

    fn lock(&self) -> MutexGuard<'_, Upkeep> {
        self.0
            .upkeep
            .lock()
            .expect("a thread that panics ends the process")
    }
}
