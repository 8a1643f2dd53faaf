//! Pictures of the pages of PDF documents, and the words of other documents: made by the confined process when somebody
//! looks, kept for the next reader.
//!
//! A drawing that was asked for is finished also when its reader has left, so that who comes back finds it. What cannot be
//! drawn is remembered, too: a document that was made to cost time costs it once; once a day where the machine may be to blame.
//! A document whose process the system ended is left alone for a while, each time for longer.
//! What was made is given also while there is no room to make more.

mod ended;

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use commun_forge::text::{
    Document, Drawn, Format, PAGE_WIDTH,
    worker::{Limits, ReadError, Workers},
};
use commun_specs::id::ContentHash;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::blobs::{self, Blobs};
use ended::Ended;

/// Drawings at the same time: each may take a processor and half a gigabyte.
const MAX_AT_ONCE: usize = 2;
/// What one page may cost: a reader waits for it, and a text that takes longer is no page to look at. The answer is a PNG of
/// a million pixels in base64.
pub const LIMITS: Limits = Limits {
    memory: 512 << 20,
    cpu_seconds: 10,
    wall: Duration::from_secs(60),
    answer: 8 << 20,
};
/// Drawings that wait or run; who asks for more is asked to come back.
const MAX_WAITING: usize = 32;
/// Pages of one document that are drawn: who reads on opens the document.
pub const MAX_PAGE: u32 = 50;

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undrawn {
    /// The document is not here.
    #[error("this node has not received the file yet")]
    NotHere,
    /// The document's fault: a word as in [`ReadError::Unread`].
    #[error("the page cannot be shown: {0}")]
    Unread(String),
    /// Not now: too many are asked for, or the system ended the process that drew it.
    #[error("the page cannot be drawn now; try again")]
    Busy,
    /// The node cannot.
    #[error("{0}")]
    Failed(String),
}

type Shown<V> = Shared<BoxFuture<'static, Result<Arc<V>, Undrawn>>>;

/// Work that is under way, so that whoever wants the same waits for the same.
struct Coming<K, V>(Arc<Mutex<HashMap<K, Shown<V>>>>);

impl<K: Copy + Eq + Hash + Send + 'static, V: Send + Sync + 'static> Coming<K, V> {
    fn new() -> Self {
        Self(Arc::default())
    }

    /// What is under way for a key; else this work, on a task of its own.
    fn of(
        &self,
        key: K,
        work: impl Future<Output = Result<Arc<V>, Undrawn>> + Send + 'static,
    ) -> Result<Shown<V>, Undrawn> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(coming) = all.get(&key) {
            return Ok(coming.clone());
        }
        if all.len() >= MAX_WAITING {
            return Err(Undrawn::Busy);
        }
        let list = Arc::clone(&self.0);
        let task = tokio::spawn(async move {
            let found = work.await;
            let mut all = list.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(&key);
            found
        });
        let coming = task
            .map(|done| done.unwrap_or_else(|e| Err(Undrawn::Failed(e.to_string()))))
            .boxed()
            .shared();
        all.insert(key, coming.clone());
        Ok(coming)
    }
}

/// Draws pages, and reads the words of documents that have no pages. Cheap to clone.
#[derive(Clone)]
pub struct Drawings(Arc<Inner>);

struct Inner {
    blobs: Blobs,
    workers: Workers,
    turns: Semaphore,
    ended: Ended,
    pages: Coming<(ContentHash, u32), Drawn>,
    words: Coming<(ContentHash, Format), Document>,
}

impl Drawings {
    /// Draws what is in these blobs, in these processes.
    pub fn new(blobs: Blobs, workers: Workers) -> Self {
        Self(Arc::new(Inner {
            blobs,
            workers,
            turns: Semaphore::new(MAX_AT_ONCE),
            ended: Ended::default(),
            pages: Coming::new(),
            words: Coming::new(),
        }))
    }

    /// A page of a PDF document of `size` bytes; the first one is 1. Dropping the future does not stop the drawing.
    ///
    /// # Errors
    /// See [`Undrawn`].
    pub async fn page(
        &self,
        hash: ContentHash,
        size: u64,
        page: u32,
    ) -> Result<Arc<Drawn>, Undrawn> {
        if page == 0 || page > MAX_PAGE {
            return Err(Undrawn::Unread("no-page".to_owned()));
        }
        // What is there needs no room; asked again behind those who were drawing it.
        let kept = move |blobs: &Blobs| blobs.drawing(&hash, page);
        if let Some(kept) = self.blocking(kept).await? {
            return kept.map(Arc::new).map_err(Undrawn::Unread);
        }
        let this = self.clone();
        let work = async move {
            if let Some(kept) = this.blocking(kept).await? {
                return kept.map(Arc::new).map_err(Undrawn::Unread);
            }
            let _turn = this.turn(&hash).await?;
            let reader = this.open(&hash, size).await?;
            let mut session = this.0.workers.session();
            let drawn = this.judged(hash, session.draw(page, PAGE_WIDTH, size, reader).await)?;
            let kept = drawn.clone();
            let keeping = this.blocking(move |blobs| blobs.keep_drawing(&hash, page, &kept));
            this.kept(hash, keeping.await?).await?;
            drawn.map(Arc::new).map_err(Undrawn::Unread)
        };
        self.0.pages.of((hash, page), work)?.await
    }

    /// The words of a document of `size` bytes. Dropping the future does not stop the reading.
    ///
    /// # Errors
    /// See [`Undrawn`].
    pub async fn words(
        &self,
        hash: ContentHash,
        size: u64,
        format: Format,
    ) -> Result<Arc<Document>, Undrawn> {
        let kept = move |blobs: &Blobs| blobs.words(&hash, format);
        if let Some(kept) = self.blocking(kept).await? {
            return kept.map(Arc::new).map_err(Undrawn::Unread);
        }
        let this = self.clone();
        let work = async move {
            if let Some(kept) = this.blocking(kept).await? {
                return kept.map(Arc::new).map_err(Undrawn::Unread);
            }
            let _turn = this.turn(&hash).await?;
            let reader = this.open(&hash, size).await?;
            let mut session = this.0.workers.session();
            let mut read = this.judged(hash, session.read(format, size, reader).await)?;
            if let Ok(document) = &mut read {
                // Pictures are shown from elsewhere.
                document.picture = None;
            }
            let kept = read.clone();
            let keeping = this.blocking(move |blobs| blobs.keep_words(&hash, format, &kept));
            this.kept(hash, keeping.await?).await?;
            read.map(Arc::new).map_err(Undrawn::Unread)
        };
        self.0.words.of((hash, format), work)?.await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Blobs) -> T + Send + 'static,
    ) -> Result<T, Undrawn> {
        let blobs = self.0.blobs.clone();
        let done = tokio::task::spawn_blocking(move || work(&blobs)).await;
        done.map_err(|e| Undrawn::Failed(e.to_string()))
    }

    /// A place to work on a document.
    async fn turn(&self, hash: &ContentHash) -> Result<SemaphorePermit<'_>, Undrawn> {
        let turn = self.0.turns.acquire().await;
        let turn = turn.map_err(|e| Undrawn::Failed(e.to_string()))?;
        // Those that waited behind one whose process was ended would be next.
        match self.0.ended.rests(hash, Instant::now()) {
            true => Err(Undrawn::Busy),
            false => Ok(turn),
        }
    }

    /// A blob, if it has the size that is said of it: what came of it is kept for all who name it.
    async fn open(&self, hash: &ContentHash, size: u64) -> Result<blobs::Reader, Undrawn> {
        let here = self.0.blobs.size(hash).await;
        if here.map_err(|e| Undrawn::Failed(e.to_string()))? != Some(size) {
            return Err(Undrawn::NotHere);
        }
        match self.0.blobs.read(hash, 0, None).await {
            Ok(reader) => Ok(reader),
            Err(blobs::Error::NotHeld(_) | blobs::Error::Blocked(_)) => Err(Undrawn::NotHere),
            Err(e) => Err(Undrawn::Failed(e.to_string())),
        }
    }

    /// What was kept of a blob that was erased meanwhile goes as well.
    async fn kept(&self, hash: ContentHash, keeping: std::io::Result<()>) -> Result<(), Undrawn> {
        if let Err(e) = keeping {
            tracing::warn!("what was drawn is not kept: {e}");
        }
        if self.0.blobs.has(&hash).await {
            return Ok(());
        }
        if let Err(e) = self.0.blobs.forget_drawings(&[hash]).await {
            tracing::warn!("what was drawn of an erased document is still here: {e}");
        }
        Err(Undrawn::NotHere)
    }

    /// What came of a document, or the word for why nothing did; what is the node's fault is an error.
    fn judged<T>(
        &self,
        hash: ContentHash,
        read: Result<T, ReadError>,
    ) -> Result<Result<T, String>, Undrawn> {
        let read = match read {
            Ok(found) => Ok(found),
            Err(ReadError::Unread(why)) => Err(why),
            // Nothing is known of the document, and nothing is kept.
            Err(ReadError::Killed) => {
                self.0.ended.note(hash, Instant::now());
                return Err(Undrawn::Busy);
            }
            Err(e) => return Err(Undrawn::Failed(e.to_string())),
        };
        self.0.ended.forget(&hash);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_cannot_be_drawn_is_tried_once_and_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
        let (hash, size) = blobs.add_bytes(b"no document".to_vec()).await.unwrap();
        let drawings = Drawings::new(blobs.clone(), Workers::in_process());
        let unread = |why: &str| Err(Undrawn::Unread(why.to_owned()));
        let (one, two) = tokio::join!(drawings.page(hash, size, 1), drawings.page(hash, size, 1));
        assert_eq!((one, two), (unread("damaged"), unread("damaged")));
        assert_eq!(blobs.drawing(&hash, 1), Some(Err("damaged".to_owned())));
        blobs
            .keep_drawing(&hash, 1, &Err("too-slow".to_owned()))
            .unwrap();
        assert_eq!(drawings.page(hash, size, 1).await, unread("too-slow"));
        let none = ContentHash::of(b"not here");
        assert_eq!(drawings.page(none, 8, 1).await, Err(Undrawn::NotHere));
        for page in [0, MAX_PAGE + 1] {
            assert_eq!(drawings.page(hash, size, page).await, unread("no-page"));
        }
        assert!(drawings.0.pages.0.lock().unwrap().is_empty());
        let read = drawings.words(hash, size, Format::Epub).await;
        assert!(matches!(read, Err(Undrawn::Unread(_))), "{read:?}");
        let plain = drawings.words(hash, size, Format::Plain).await.unwrap();
        assert_eq!(
            plain.sections[0].text, "no document",
            "as another type it has words"
        );
        let (text, size) = blobs.add_bytes(b"Les dunes".to_vec()).await.unwrap();
        for _ in 0..2 {
            let read = drawings.words(text, size, Format::Plain).await.unwrap();
            assert_eq!(read.sections[0].text, "Les dunes");
        }
        let kept = blobs.words(&text, Format::Plain).unwrap().unwrap();
        assert_eq!(kept.sections.len(), 1);
    }

    #[tokio::test]
    async fn what_was_made_is_given_while_there_is_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
        let (hash, size) = blobs.add_bytes(b"no document".to_vec()).await.unwrap();
        let drawings = Drawings::new(blobs.clone(), Workers::in_process());
        let drawn = Drawn {
            pages: 2,
            png: vec![1, 2, 3],
        };
        blobs.keep_drawing(&hash, 1, &Ok(drawn.clone())).unwrap();
        let read = Ok(Document::default());
        blobs.keep_words(&hash, Format::Epub, &read).unwrap();
        for n in 0..u8::try_from(MAX_WAITING).unwrap() {
            let other = ContentHash::of(&[n]);
            let pages = drawings.0.pages.of((other, 1), std::future::pending());
            let key = (other, Format::Epub);
            let words = drawings.0.words.of(key, std::future::pending());
            assert!(pages.is_ok() && words.is_ok());
        }
        assert_eq!(drawings.page(hash, size, 1).await, Ok(Arc::new(drawn)));
        assert_eq!(drawings.page(hash, size, 2).await, Err(Undrawn::Busy));
        assert!(drawings.words(hash, size, Format::Epub).await.is_ok());
        let none = drawings.words(hash, size, Format::Plain).await;
        assert_eq!(none, Err(Undrawn::Busy));
    }

    #[tokio::test]
    async fn a_document_whose_process_the_system_ends_is_left_alone_and_not_judged() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
        let (hash, size) = blobs.add_bytes(b"a document".to_vec()).await.unwrap();
        let (other, length) = blobs.add_bytes(b"another".to_vec()).await.unwrap();
        // It says that it is there, takes what is asked, and is gone.
        let ends = r#"echo '{"confined":true}'; read asked; kill -9 $$"#;
        let ending = Workers::new("/bin/sh", &["-c", ends], LIMITS);
        let drawings = Drawings::new(blobs.clone(), ending);
        let times = |hash| drawings.0.ended.times(hash);
        for page in [1, 1, 2] {
            assert_eq!(drawings.page(hash, size, page).await, Err(Undrawn::Busy));
            assert_eq!(times(&hash), 1, "page {page}");
        }
        let words = drawings.words(hash, size, Format::Epub).await;
        assert_eq!((words, times(&hash)), (Err(Undrawn::Busy), 1));
        assert_eq!(blobs.drawing(&hash, 1), None, "it may be drawn later");
        let words = drawings.words(other, length, Format::Plain).await;
        assert_eq!((words, times(&other)), (Err(Undrawn::Busy), 1));
        let crashed: Result<(), ReadError> = Err(ReadError::Unread("crashed".to_owned()));
        let judged = drawings.judged(hash, crashed);
        assert_eq!((judged, times(&hash)), (Ok(Err("crashed".to_owned())), 0));
    }
}
