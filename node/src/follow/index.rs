//! The indexer: keeps the search index equal to the catalogue.
//!
//! It reads the journal's changes after the index's own cursor, so that a crash repeats a batch and never loses one.
//! A text that comes after its statement makes its item indexed once more ([`IndexFollower::refresh`]).

mod document;
mod labels;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use commun_index::{Change, Document, Index};
use commun_specs::{
    id::{ContentHash, StatementId},
    statement::TextBlob,
};
use tokio::{
    io::AsyncReadExt,
    sync::{mpsc, oneshot, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::derived::{self, Changed};
use crate::{
    blobs::{self, Blobs},
    core::Core,
    store,
};
use document::Work;

/// Changes that one batch takes at most: each batch is a commit of the index, which costs as much as some hundred
/// documents, and a segment, which is merged with others later. While less piles up, a batch is what there is.
const BATCH: usize = 16_384;
/// Items of a batch that is worth waiting longer for: a node that catches up takes in more than that in a second.
const ENOUGH: usize = 4_096;
/// Items that are read and handed to the index at once.
const PART: usize = 512;
/// Bytes of text that are handed to the index at once: a part of books goes in smaller ones, which are found before the
/// batch ends.
const MAX_TEXT_AT_ONCE: usize = 16 << 20;
/// Pause between two batches while changes keep coming: what comes alone is found at once, a burst costs few commits.
const COALESCE: Duration = Duration::from_millis(50);
/// While changes keep coming the pause is so many times what the batch before took: an index spends most of a small batch on
/// its commit, whatever is in it.
const REST: u32 = 3;
/// Longest such pause: half of it is what somebody waits who publishes meanwhile.
const LONGEST: Duration = Duration::from_millis(250);
/// So many items are handed over at once while more is coming, and committed with what follows: more than come in a
/// second where somebody waits for one of them.
const MANY: usize = 512;
/// Longest time until these are committed.
const LONGEST_OF_MANY: Duration = Duration::from_secs(1);
/// Longest time until a batch of [`ENOUGH`] is.
const LONGEST_OF_ALL: Duration = Duration::from_secs(3);
/// Items that wait to be indexed again; whoever asks for more waits.
const MAX_WAITING: usize = 256;
/// Items whose last document is remembered, to save commits; forgetting one costs a commit. Not those of a batch of [`MANY`], which
/// is a commit anyhow.
const MAX_SEEN: usize = 10_000;
/// How often a text that is here is read before it is left out: a disk may fail once.
const TEXT_TRIES: usize = 3;
/// Pause after a batch that failed: a full disk does not mend in milliseconds.
const RETRY: Duration = Duration::from_secs(2);

/// The index is not fed.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The index fails.
    #[error(transparent)]
    Index(#[from] commun_index::Error),
    /// `log.db` fails.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// `catalogue.db` fails.
    #[error(transparent)]
    Changes(#[from] crate::changes::Error),
    /// A thread ended early.
    #[error("the indexing thread ended: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// What is to be indexed once more, and who waits for it.
type Asked = (StatementId, oneshot::Sender<()>);

/// A handle on the indexer; cheap to clone.
#[derive(Clone)]
pub struct IndexFollower {
    feed: Arc<Feed>,
    ask: mpsc::Sender<Asked>,
}

/// What it takes to feed an index.
struct Feed {
    core: Core,
    blobs: Blobs,
    index: Arc<Index>,
    /// The journal line up to which everything is found.
    position: AtomicU64,
}

/// What was handed over to the index and is not committed yet.
struct Staged {
    items: usize,
    upto: u64,
    begun: Instant,
}

impl Staged {
    /// Whether more may be handed over before all of it is committed.
    fn may_grow(&self) -> bool {
        let longest = match self.items {
            n if n < ENOUGH => LONGEST_OF_MANY,
            _ => LONGEST_OF_ALL,
        };
        self.items < BATCH && self.begun.elapsed() < longest
    }
}

/// How far items are brought.
enum Until {
    /// They are committed later, with what follows.
    Later,
    /// They are found, with what was handed over `before` if there is any: all that changed up to a line of the journal.
    Found { upto: u64, before: bool },
}

impl IndexFollower {
    /// Starts to follow, from where the index stopped.
    pub fn start(
        core: Core,
        blobs: Blobs,
        index: Arc<Index>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let position = index.cursor().unwrap_or(0);
        core.note_found(position);
        let position = AtomicU64::new(position);
        let feed = Arc::new(Feed {
            core,
            blobs,
            index,
            position,
        });
        let (ask, asked) = mpsc::channel(MAX_WAITING);
        tasks.spawn(feed.clone().run(asked, stop));
        Self { feed, ask }
    }

    /// The index, for searching.
    pub fn index(&self) -> &Arc<Index> {
        &self.feed.index
    }

    /// The journal line up to which everything is found.
    pub fn position(&self) -> u64 {
        self.feed.position.load(Ordering::Relaxed)
    }

    /// Indexes an item once more, because a text of it has come. Returns when it is found by that text, also after a
    /// crash; earlier only if the node stops.
    pub async fn refresh(&self, item: StatementId) {
        let (done, wait) = oneshot::channel();
        if self.ask.send((item, done)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

/// Empties an index and feeds it anew with everything that is known here: `commun node rebuild`.
///
/// # Errors
/// See [`FeedError`]; the index may be fed partly then, and the next start goes on.
pub async fn rebuild(core: &Core, blobs: &Blobs, index: Arc<Index>) -> Result<u64, FeedError> {
    let emptied = index.clone();
    tokio::task::spawn_blocking(move || emptied.clear()).await??;
    let feed = Arc::new(Feed {
        core: core.clone(),
        blobs: blobs.clone(),
        index,
        position: AtomicU64::new(0),
    });
    let mut seen = BTreeMap::new();
    loop {
        let changed = feed.changed(feed.position.load(Ordering::Relaxed), BATCH)?;
        if changed.items.is_empty() {
            return Ok(feed.index.documents());
        }
        let (upto, before) = (changed.upto, false);
        feed.put(&changed.items, Until::Found { upto, before }, &mut seen)
            .await?;
    }
}

/// What was put for each item in this run, as a hash of the document: the same document again costs no commit.
type Seen = BTreeMap<StatementId, Option<ContentHash>>;

impl Feed {
    async fn run(self: Arc<Self>, mut asked: mpsc::Receiver<Asked>, stop: CancellationToken) {
        let mut grown = self.core.grown();
        let mut seen = Seen::new();
        let mut waiting: Vec<Asked> = Vec::new();
        let mut staged: Option<Staged> = None;
        loop {
            while waiting.len() < MAX_WAITING
                && let Ok(one) = asked.try_recv()
            {
                waiting.push(one);
            }
            grown.mark_unchanged();
            let position = self.position.load(Ordering::Relaxed);
            let since = staged.as_ref().map_or(position, |staged| staged.upto);
            let room = BATCH - staged.as_ref().map_or(0, |staged| staged.items);
            let Changed {
                mut items,
                upto,
                full,
            } = match self.changed(since, room) {
                Ok(changed) => changed,
                Err(e) => {
                    tracing::error!("indexing: {e}");
                    Changed {
                        items: Vec::new(),
                        upto: since,
                        full: false,
                    }
                }
            };
            if items.is_empty() && waiting.is_empty() && staged.is_none() {
                self.stands(upto);
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    changed = grown.changed() => if changed.is_err() { return },
                    Some(one) = asked.recv() => waiting.push(one),
                }
                continue;
            }
            let begun = Instant::now();
            for (item, _) in &waiting {
                if !items.contains(item) {
                    items.push(*item);
                }
            }
            let all = Staged {
                items: items.len() + staged.as_ref().map_or(0, |staged| staged.items),
                upto,
                begun: staged.as_ref().map_or(begun, |staged| staged.begun),
            };
            let more = waiting.is_empty() && items.len() >= MANY && all.may_grow();
            let until = match more {
                true => Until::Later,
                false => Until::Found {
                    upto,
                    before: staged.is_some(),
                },
            };
            // After an error all of it is handed over again.
            staged = None;
            match self.put(&items, until, &mut seen).await {
                Ok(()) if more => {
                    if !full {
                        next_part(&all, &mut grown, &mut asked, &mut waiting, &stop).await;
                    }
                    if stop.is_cancelled() {
                        return;
                    }
                    staged = Some(all);
                    continue;
                }
                Ok(()) => {
                    for (_, done) in waiting.drain(..) {
                        let _ = done.send(());
                    }
                }
                Err(e) => {
                    // Others need not wait for what may not come soon.
                    self.core.note_found(u64::MAX);
                    tracing::error!(
                        "indexing {} items failed and is tried again: {e}",
                        items.len()
                    );
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(RETRY) => {}
                    }
                }
            }
            // What comes close behind is gathered, unless much is there already.
            let longest = match all.items {
                n if n < MANY => LONGEST,
                _ => LONGEST_OF_MANY,
            };
            let pause = (begun.elapsed() * REST).clamp(COALESCE, longest);
            let much = upto + MANY as u64;
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = grown.wait_for(|seq| full || *seq >= much) => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Everything is found up to a line of the journal.
    fn stands(&self, upto: u64) {
        self.position.store(upto, Ordering::Relaxed);
        self.core.note_found(upto);
    }

    /// The next items that changed.
    fn changed(&self, since: u64, limit: usize) -> Result<Changed, FeedError> {
        Ok(derived::changed(&self.core, since, limit)?)
    }

    /// Hands items over to the index as they are now. After an error they are to be handed over again, with what was before; some may be
    /// found already.
    async fn put(
        &self,
        items: &[StatementId],
        until: Until,
        seen: &mut Seen,
    ) -> Result<(), FeedError> {
        let mut changes = Vec::new();
        let mut put = Vec::new();
        let few = items.len() < MANY;
        let mut any = false;
        let mut bytes = 0;
        for part in items.chunks(PART) {
            for (id, work) in self.works(part).await? {
                let document = match work {
                    Work::Put(draft) => {
                        let texts = self.texts(&draft.texts).await;
                        Some(draft.with(texts))
                    }
                    Work::Remove => None,
                    Work::Later => {
                        tracing::error!(
                            "{id} cannot be searched as it is: a statement of it is not stored"
                        );
                        continue;
                    }
                };
                if few {
                    let hash = document.as_ref().map(fingerprint);
                    if seen.get(&id) == Some(&hash) {
                        continue;
                    }
                    put.push((id, hash));
                }
                any = true;
                let texts = document.iter().flat_map(|document| &document.text);
                bytes += texts.map(|(_, text)| text.len()).sum::<usize>();
                changes.push(match document {
                    Some(document) => Change::Put(Box::new(document)),
                    None => Change::Remove(id.to_string()),
                });
                // What is handed over may be kept though the batch is not.
                seen.remove(&id);
                if changes.len() < PART && bytes <= MAX_TEXT_AT_ONCE {
                    continue;
                }
                let (index, part) = (self.index.clone(), std::mem::take(&mut changes));
                let much = bytes > MAX_TEXT_AT_ONCE;
                let since = self.position.load(Ordering::Relaxed);
                let hand_over = move || match much {
                    // The index still says that it stands where it stood: a crash repeats the batch.
                    true => index.apply(part, since),
                    false => index.stage(part),
                };
                tokio::task::spawn_blocking(hand_over).await??;
                if much {
                    bytes = 0;
                }
            }
        }
        let index = self.index.clone();
        let (upto, any) = match until {
            Until::Later => {
                tokio::task::spawn_blocking(move || index.stage(changes)).await??;
                return Ok(());
            }
            Until::Found { upto, before } => (upto, any || before),
        };
        if any {
            tokio::task::spawn_blocking(move || index.apply(changes, upto)).await??;
        }
        if seen.len() > MAX_SEEN {
            seen.clear();
        }
        seen.extend(put);
        self.stands(upto);
        Ok(())
    }

    /// What is to be done with each of these. Waits for statements that are being written: a batch is in the index as a
    /// whole before the index says so, and a write takes milliseconds.
    async fn works(&self, items: &[StatementId]) -> Result<Vec<(StatementId, Work)>, FeedError> {
        let mut works = self.look(items.to_vec()).await?;
        for _ in 1..derived::MAX_LOOKS {
            let later = works
                .iter_mut()
                .filter(|(_, work)| matches!(work, Work::Later));
            let later: Vec<_> = later.collect();
            if later.is_empty() {
                break;
            }
            tokio::time::sleep(derived::SOON).await;
            let again = self.look(later.iter().map(|(id, _)| *id).collect()).await?;
            for (old, new) in later.into_iter().zip(again) {
                *old = new;
            }
        }
        Ok(works)
    }

    /// What is to be done with each of these as things stand, in their order: that of the journal, in which they also lie
    /// on the disk.
    async fn look(&self, items: Vec<StatementId>) -> Result<Vec<(StatementId, Work)>, FeedError> {
        let (core, blobs) = (self.core.clone(), self.blobs.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let works = items.into_iter();
            works
                .map(|id| Ok((id, document::work(&core, &blobs, &id)?)))
                .collect::<Result<_, store::Error>>()
        });
        Ok(looked.await??)
    }

    /// The texts that are here, each whole.
    async fn texts(&self, blobs: &[TextBlob]) -> Vec<String> {
        let mut texts = Vec::new();
        let fit = |b: &&TextBlob| b.size <= super::content::MAX_TEXT_BLOB;
        for blob in blobs.iter().filter(fit) {
            for left in (0..TEXT_TRIES).rev() {
                match self.text(blob).await {
                    Ok(text) => {
                        texts.extend(text);
                        break;
                    }
                    Err(e) if left == 0 => {
                        tracing::error!("a text cannot be read: {e}: {}", blob.blake3);
                    }
                    Err(_) => tokio::time::sleep(COALESCE).await,
                }
            }
        }
        texts
    }

    async fn text(&self, blob: &TextBlob) -> Result<Option<String>, String> {
        let failed = |e: &dyn std::fmt::Display| e.to_string();
        let size = self
            .blobs
            .size(&blob.blake3)
            .await
            .map_err(|e| failed(&e))?;
        // A blob of another size is not the text that was meant, whatever made it be here.
        if size != Some(blob.size) {
            return Ok(None);
        }
        let reader = match self.blobs.read(&blob.blake3, 0, None).await {
            // What is hidden or erased is not searched either.
            Err(blobs::Error::Blocked(_)) => return Ok(None),
            reader => reader,
        };
        let mut bytes = Vec::new();
        let mut reader = reader.map_err(|e| failed(&e))?;
        reader
            .read_to_end(&mut bytes)
            .await
            .map_err(|e| failed(&e))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// Waits until there is a part more to hand over, or the time to commit what was: it is old enough, nothing comes any more, or somebody
/// waits, or the node stops.
async fn next_part(
    staged: &Staged,
    grown: &mut watch::Receiver<u64>,
    asked: &mut mpsc::Receiver<Asked>,
    waiting: &mut Vec<Asked>,
    stop: &CancellationToken,
) {
    let part = staged.upto + MANY as u64;
    while staged.may_grow() && *grown.borrow_and_update() < part {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changed = grown.changed() => if changed.is_err() { return },
            Some(one) = asked.recv() => return waiting.push(one),
            () = tokio::time::sleep(LONGEST) => return,
        }
    }
}

fn fingerprint(document: &Document) -> ContentHash {
    ContentHash::of(&serde_json::to_vec(document).expect("documents are JSON"))
}

#[cfg(test)]
mod tests;
