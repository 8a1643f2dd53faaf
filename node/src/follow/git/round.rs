//! One round of asking for a repository's objects: holder after holder, until they are here.

use std::{collections::BTreeMap, future::Future, sync::Mutex, time::Duration};

use commun_forge::git::{Ask, FetchError, MAX_WANTED, Oid, Repository};
use commun_specs::{id::StatementId, key::PublicKey};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Behind, lacking};
use crate::net::{Net, git::OpenError};

/// Conversations with one peer that brought nothing that is lacking now: the first may end a transfer that was begun
/// for something else.
const MAX_UNASKED: usize = 2;

/// Heads that one peer is found not to hold, each in a few conversations, before the next one is asked for the rest.
const MAX_ABSENT: usize = 16;

/// Opens conversations about one repository.
pub(super) trait Open {
    /// A conversation with a holder.
    type Stream: AsyncRead + AsyncWrite + Send;

    /// Asks one node.
    fn open(
        &self,
        peer: &PublicKey,
    ) -> impl Future<Output = Result<Self::Stream, OpenError>> + Send;
}

/// The real thing.
pub(super) struct Over<'a> {
    pub(super) net: &'a Net,
    pub(super) item: String,
}

impl Open for Over<'_> {
    type Stream = crate::net::git::GitStream;

    async fn open(&self, peer: &PublicKey) -> Result<Self::Stream, OpenError> {
        self.net.open_git(peer, &self.item).await
    }
}

/// Which holders failed to give which repository, the one that failed last at the end. A holder that then gives it
/// is forgiven; so a list is never longer than there are nodes.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<BTreeMap<StatementId, Vec<PublicKey>>>);

impl Failures {
    /// Puts those that failed behind the others, the last to fail last.
    pub(super) fn sort(&self, item: &StatementId, peers: &mut [PublicKey]) {
        let all = self.lock();
        if let Some(failed) = all.get(item) {
            peers.sort_by_key(|peer| failed.iter().position(|f| f == peer).map_or(0, |at| at + 1));
        }
    }

    fn failed(&self, item: &StatementId, peer: &PublicKey) {
        let mut all = self.lock();
        let failed = all.entry(*item).or_default();
        failed.retain(|f| f != peer);
        failed.push(*peer);
    }

    fn gave(&self, item: &StatementId, peer: &PublicKey) {
        let mut all = self.lock();
        if let Some(failed) = all.get_mut(item) {
            failed.retain(|f| f != peer);
            if failed.is_empty() {
                all.remove(item);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<StatementId, Vec<PublicKey>>> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }
}

/// Fetches what is missing from `peers`, in their order. Whatever a peer does wrong, the next one is asked for the
/// rest; what one gave stays. `stall`: see [`Repository::fetch`].
///
/// # Errors
/// This node's disk or system fails, or nobody gave all of it.
pub(super) async fn round(
    from: &impl Open,
    peers: &[PublicKey],
    repository: &Repository,
    item: &StatementId,
    missing: Vec<Oid>,
    failures: &Failures,
    stall: Duration,
) -> Result<(), Behind> {
    let (mut rest, mut known) = (missing, Vec::new());
    let mut last = "no other node is connected".to_owned();
    // A transfer that broke goes on with the node that began it, or not at all.
    let mut peers = peers.to_vec();
    if let Some(begun) = repository.interrupted() {
        peers.sort_by_key(|peer| peer.to_string() != begun);
    }
    for peer in &peers {
        let mut unasked = 0;
        // What this peer does not hold must not keep it from giving the rest.
        let mut most = MAX_WANTED;
        let mut absent = Vec::new();
        while !rest.is_empty() && unasked < MAX_UNASKED {
            let step = rest.len().min(most);
            let stream = match from.open(peer).await {
                Ok(stream) => stream,
                Err(e) => {
                    // Who lacks it or is busy did nothing wrong.
                    if !matches!(e, OpenError::NotHeld | OpenError::Busy) {
                        failures.failed(item, peer);
                    }
                    last = e.to_string();
                    break;
                }
            };
            let ask = Ask {
                wanted: &rest[..step],
                known: &known,
                holder: &peer.to_string(),
                stall,
            };
            match repository.fetch(stream, ask).await {
                Ok(()) => {
                    failures.gave(item, peer);
                    // What came brought its history along, and with it perhaps some of the rest.
                    let still = lacking(repository, &rest).await?;
                    unasked = if still.len() < rest.len() {
                        0
                    } else {
                        unasked + 1
                    };
                    rest.retain(|oid| {
                        let lacks = still.contains(oid);
                        if !lacks {
                            known.push(oid.clone());
                        }
                        lacks
                    });
                }
                Err(e) if e.is_local() => return Err(Behind::Local(e)),
                Err(e @ FetchError::NotHeld) if absent.len() < MAX_ABSENT => {
                    last = e.to_string();
                    if step == 1 {
                        absent.push(rest.remove(0));
                        most = MAX_WANTED;
                    } else {
                        most = step / 2;
                    }
                }
                Err(e) => {
                    if !matches!(e, FetchError::NotHeld) {
                        failures.failed(item, peer);
                    }
                    tracing::debug!(item = %item, "a holder failed and the next one is asked: {e}");
                    last = e.to_string();
                    break;
                }
            }
        }
        rest.append(&mut absent);
        if rest.is_empty() {
            return Ok(());
        }
    }
    Err(Behind::NoHolder(last))
}

#[cfg(test)]
mod tests;
