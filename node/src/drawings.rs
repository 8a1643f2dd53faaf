//! Pictures of the pages of PDF documents: drawn by the confined process when somebody looks, kept for the next reader.
//!
//! A drawing that was asked for is finished also when its reader has left, so that who comes back finds it. What cannot be
//! drawn is remembered, too: a document that was made to cost time costs it once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use commun_forge::text::{
    Drawn,
    worker::{Limits, ReadError, Workers},
};
use commun_specs::id::ContentHash;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::sync::Semaphore;

use crate::blobs::{self, Blobs};

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
    /// Too many are asked for.
    #[error("too many pages are being drawn; try again")]
    Busy,
    /// The node cannot.
    #[error("{0}")]
    Failed(String),
}

type Coming = Shared<BoxFuture<'static, Result<Arc<Drawn>, Undrawn>>>;

/// Draws pages. Cheap to clone.
#[derive(Clone)]
pub struct Drawings(Arc<Inner>);

struct Inner {
    blobs: Blobs,
    workers: Workers,
    turns: Semaphore,
    coming: Mutex<HashMap<(ContentHash, u32), Coming>>,
}

impl Drawings {
    /// Draws what is in these blobs, in these processes.
    pub fn new(blobs: Blobs, workers: Workers) -> Self {
        Self(Arc::new(Inner {
            blobs,
            workers,
            turns: Semaphore::new(MAX_AT_ONCE),
            coming: Mutex::default(),
        }))
    }

    /// A page of a document of `size` bytes; the first one is 1. Dropping the future does not stop the drawing.
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
        let coming = {
            let mut all = self.0.coming.lock().unwrap_or_else(PoisonError::into_inner);
            match all.get(&(hash, page)) {
                Some(coming) => coming.clone(),
                None if all.len() >= MAX_WAITING => return Err(Undrawn::Busy),
                None => {
                    let coming = self.clone().coming(hash, size, page);
                    all.insert((hash, page), coming.clone());
                    coming
                }
            }
        };
        coming.await
    }

    /// A drawing on a task of its own.
    fn coming(self, hash: ContentHash, size: u64, page: u32) -> Coming {
        let task = tokio::spawn(async move {
            let found = self.found(hash, size, page).await;
            let mut all = self.0.coming.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(&(hash, page));
            found
        });
        task.map(|done| done.unwrap_or_else(|e| Err(Undrawn::Failed(e.to_string()))))
            .boxed()
            .shared()
    }

    async fn found(&self, hash: ContentHash, size: u64, page: u32) -> Result<Arc<Drawn>, Undrawn> {
        let failed = |e: &dyn std::fmt::Display| Undrawn::Failed(e.to_string());
        let blobs = self.0.blobs.clone();
        let kept = tokio::task::spawn_blocking(move || blobs.drawing(&hash, page)).await;
        if let Some(kept) = kept.map_err(|e| failed(&e))? {
            return kept.map(Arc::new).map_err(Undrawn::Unread);
        }
        let _turn = self.0.turns.acquire().await.map_err(|e| failed(&e))?;
        let reader = match self.0.blobs.read(&hash, 0, None).await {
            Ok(reader) => reader,
            Err(blobs::Error::NotHeld(_) | blobs::Error::Blocked(_)) => {
                return Err(Undrawn::NotHere);
            }
            Err(e) => return Err(failed(&e)),
        };
        let drawn = match self.0.workers.session().draw(page, size, reader).await {
            Ok(drawn) => Ok(drawn),
            Err(ReadError::Unread(why)) => Err(why),
            Err(e) => return Err(failed(&e)),
        };
        let kept = drawn.clone();
        let blobs = self.0.blobs.clone();
        let keeping = tokio::task::spawn_blocking(move || blobs.keep_drawing(&hash, page, &kept));
        if let Err(e) = keeping.await.map_err(|e| failed(&e))? {
            tracing::warn!("a drawn page is not kept: {e}");
        }
        // Erased meanwhile: the picture goes as well.
        if !self.0.blobs.has(&hash).await {
            let _ = self.0.blobs.forget_drawings(&hash);
            return Err(Undrawn::NotHere);
        }
        drawn.map(Arc::new).map_err(Undrawn::Unread)
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
        assert!(drawings.0.coming.lock().unwrap().is_empty());
    }
}
