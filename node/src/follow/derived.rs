//! Following the journal into a file that is derived from it: a cursor, batches of changed items, patience with what is
//! still being written.

use std::{collections::BTreeSet, fmt::Display, time::Duration};

use commun_specs::id::StatementId;
use tokio_util::sync::CancellationToken;

use crate::{changes, core::Core};

/// Changes that one batch takes: many, as what is written in the order of hashes touches most pages of a file in any case, and so
/// few that they take some megabytes.
pub(crate) const BATCH: usize = 2_048;
/// Pause before what failed is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How long searches go first: lists and reports of a harvest that never ends still come along, a batch each turn.
const LONGEST_TURN: Duration = Duration::from_secs(10);
/// Pause before a statement that is being written is looked at again.
pub(crate) const SOON: Duration = Duration::from_millis(50);
/// How often a statement that the catalogue names and the store does not have is looked at before it is passed over.
pub(super) const MAX_LOOKS: u32 = 40;

/// What one look at the journal did.
pub(crate) enum Step {
    /// There may be more.
    More,
    /// Everything is taken in.
    Done,
    /// A statement is still being written.
    Soon,
}

/// Items that changed.
pub(crate) struct Changed {
    /// Each once, in the order of their last changes.
    pub(crate) items: Vec<StatementId>,
    /// The journal line up to which these are all.
    pub(crate) upto: u64,
    /// Whether there may be more behind them.
    pub(crate) full: bool,
}

/// The items that changed after a journal line, from at most `limit` changes.
///
/// # Errors
/// `catalogue.db` fails.
pub(crate) fn changed(core: &Core, since: u64, limit: usize) -> Result<Changed, changes::Error> {
    // Read before the changes: what is added meanwhile comes with the next batch.
    let complete = core.changes_cursor();
    let changes = core.changes(since, limit)?;
    let full = changes.len() >= limit;
    let upto = match changes.last() {
        Some((last, _)) if full => *last,
        Some((last, _)) => complete.max(*last),
        None => complete.max(since),
    };
    let mut seen = BTreeSet::new();
    let last_first = changes.iter().rev().map(|(_, item)| *item);
    let mut items: Vec<_> = last_first.filter(|item| seen.insert(*item)).collect();
    items.reverse();
    Ok(Changed { items, upto, full })
}

/// Takes steps until the stop: one after another while there is more, then whenever the journal grows, and every
/// `again`. While the node catches up, searches go first. A step may block; it is told whether to pass over what is still being written. `doing` is for the log.
pub(crate) async fn follow<E: Display + Send + 'static>(
    core: Core,
    doing: &'static str,
    again: Option<Duration>,
    stop: CancellationToken,
    step: impl Fn(bool) -> Result<Step, E> + Clone + Send + 'static,
) {
    let mut grown = core.grown();
    let mut looks = 0;
    while !stop.is_cancelled() {
        // Not before each look at what is being written.
        if looks == 0 {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = core.let_search_go_first(LONGEST_TURN) => {}
            }
        }
        grown.mark_unchanged();
        let (step, give_up) = (step.clone(), looks >= MAX_LOOKS);
        let (pause, rests) = match tokio::task::spawn_blocking(move || step(give_up)).await {
            Ok(Ok(Step::More)) => {
                looks = 0;
                continue;
            }
            Ok(Ok(Step::Done)) => {
                looks = 0;
                (again, true)
            }
            Ok(Ok(Step::Soon)) => {
                looks += 1;
                (Some(SOON), false)
            }
            Ok(Err(e)) => {
                tracing::error!("{doing}: {e}");
                (Some(RETRY), false)
            }
            Err(_) => return,
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            changed = grown.changed(), if rests => if changed.is_err() { return },
        }
    }
}
