//! One round of asking for a repository's objects: holder after holder, until they are here.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::Mutex,
    time::Duration,
};

use commun_forge::git::{Ask, FetchError, MAX_WANTED, Oid, Repository};
use commun_specs::{id::StatementId, key::PublicKey, name::Handle};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Behind, lacking};
use crate::net::{Net, git::OpenError};

/// Conversations with one peer that brought nothing that is lacking now: the first may end a transfer that was begun
/// for something else.
const MAX_UNASKED: usize = 2;

/// Heads stated by one institution that one peer is found not to hold, each in a few conversations, before that peer is
/// asked for nothing more of that institution's in this round. What others stated is asked for all the same.
const MAX_ABSENT: usize = 16;

/// Who stated what is missing; what is not named counts as one institution's.
pub(super) type StatedBy = BTreeMap<Oid, BTreeSet<Handle>>;

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

/// What one peer was found not to hold, and whose it is.
struct Absent<'a> {
    stated: &'a StatedBy,
    heads: Vec<Oid>,
    /// How many of each institution; `None` are those that nobody is known to have stated.
    of: BTreeMap<Option<&'a Handle>, usize>,
}

impl<'a> Absent<'a> {
    fn new(stated: &'a StatedBy) -> Self {
        Self {
            stated,
            heads: Vec::new(),
            of: BTreeMap::new(),
        }
    }

    fn by(stated: &'a StatedBy, head: &Oid) -> Vec<Option<&'a Handle>> {
        match stated.get(head) {
            Some(by) if !by.is_empty() => by.iter().map(Some).collect(),
            _ => vec![None],
        }
    }

    /// Notes one, and takes out of `rest` what is not worth asking this peer for any more: what only institutions
    /// stated of which it lacks too much.
    fn note(&mut self, head: Oid, rest: &mut Vec<Oid>) {
        for by in Self::by(self.stated, &head) {
            *self.of.entry(by).or_default() += 1;
        }
        self.heads.push(head);
        let lost = |by: &Option<&Handle>| self.of.get(by).is_some_and(|n| *n >= MAX_ABSENT);
        let (skipped, kept) = std::mem::take(rest)
            .into_iter()
            .partition(|head| Self::by(self.stated, head).iter().all(lost));
        *rest = kept;
        self.heads.extend::<Vec<Oid>>(skipped);
    }
}

/// Fetches what is missing from `peers`, in their order. Whatever a peer does wrong, the next one is asked for the
/// rest; what one gave stays. Heads that nobody holds keep no other away for long: each institution's cost a few
/// questions of their own, and a round begins anywhere among them. `stall`: see [`Repository::fetch`].
///
/// # Errors
/// This node's disk or system fails, or nobody gave all of it: somebody was busy, or nobody was.
#[allow(clippy::too_many_arguments)]
pub(super) async fn round(
    from: &impl Open,
    peers: &[PublicKey],
    repository: &Repository,
    item: &StatementId,
    missing: Vec<Oid>,
    stated: &StatedBy,
    failures: &Failures,
    stall: Duration,
) -> Result<(), Behind> {
    let (mut rest, mut known) = (missing, Vec::new());
    let start = rand::random_range(0..rest.len().max(1));
    rest.rotate_left(start);
    let mut last = "no other node is connected".to_owned();
    let mut busy = false;
    // A transfer that broke goes on with the node that began it, or not at all.
    let mut peers = peers.to_vec();
    if let Some(begun) = repository.interrupted() {
        peers.sort_by_key(|peer| peer.to_string() != begun);
    }
    for peer in &peers {
        let mut unasked = 0;
        // What this peer does not hold must not keep it from giving the rest.
        let mut most = MAX_WANTED;
        let mut absent = Absent::new(stated);
        while !rest.is_empty() && unasked < MAX_UNASKED {
            let step = rest.len().min(most);
            let stream = match from.open(peer).await {
                Ok(stream) => stream,
                Err(e) => {
                    // Who lacks it or is busy did nothing wrong.
                    if !matches!(e, OpenError::NotHeld | OpenError::Busy) {
                        failures.failed(item, peer);
                    }
                    busy |= matches!(e, OpenError::Busy);
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
                Err(e @ FetchError::NotHeld) => {
                    last = e.to_string();
                    if step == 1 {
                        let head = rest.remove(0);
                        absent.note(head, &mut rest);
                        most = MAX_WANTED;
                    } else {
                        most = step / 2;
                    }
                }
                // It did nothing wrong, and the next one is asked meanwhile.
                Err(e @ FetchError::Busy) => {
                    busy = true;
                    last = e.to_string();
                    break;
                }
                Err(e) => {
                    failures.failed(item, peer);
                    tracing::debug!(item = %item, "a holder failed and the next one is asked: {e}");
                    last = e.to_string();
                    break;
                }
            }
        }
        rest.append(&mut absent.heads);
        if rest.is_empty() {
            return Ok(());
        }
    }
    match busy {
        true => Err(Behind::Busy),
        false => Err(Behind::NoHolder(last)),
    }
}

#[cfg(test)]
mod tests;
