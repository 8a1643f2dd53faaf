//! Erasing: blobs that are gone from the disk when the call returns.

use commun_specs::id::ContentHash;

use super::{Blobs, Error, store};

impl Blobs {
    /// Makes blobs be gone, whole ones and parts; those that are not here are none. What is read now is read to its end.
    /// The empty blob stays: it says nothing.
    ///
    /// # Errors
    /// The disk, or somebody is taking in the same file: the call can be repeated.
    pub async fn erase(&self, hashes: &[ContentHash]) -> Result<(), Error> {
        let empty = ContentHash::of(b"");
        let hashes: Vec<ContentHash> = hashes.iter().copied().filter(|h| *h != empty).collect();
        self.forget_drawings(&hashes).await?;
        self.0.shelf.erase(hashes.clone()).await?;
        let (blobs, large) = (self.clone(), hashes.clone());
        let erasing = tokio::task::spawn_blocking(move || {
            let mut kept = None;
            for hash in &large {
                // Under the lock, as in adding.
                let mut total = blobs.total_large();
                // Who is publishing it may be told any moment that it is here. When that has ended, this is tried again.
                if blobs.0.coming.has(hash) {
                    kept = Some(hash);
                    continue;
                }
                if let Some(size) = blobs.0.stacks.remove(hash)? {
                    *total = (total.0.saturating_sub(1), total.1.saturating_sub(size));
                }
            }
            blobs.0.stacks.sync()?;
            match kept {
                Some(hash) => Err(Error::Store(format!("content is still here: {hash}"))),
                None => Ok(()),
            }
        });
        erasing.await.map_err(store)??;
        // A drawing that was under way may have been kept meanwhile; from now on it finds no content.
        self.forget_drawings(&hashes).await
    }
}
