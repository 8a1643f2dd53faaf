//! Cosignatures: this node's under the checkpoints of others, and the others' under every log's.

use commun_specs::{
    name::Handle,
    note::{Checkpoint, Cosignature, Note},
    tree,
};

use super::{Core, now};
use crate::store::{self, Store};

/// Up to where a log was witnessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The checkpoint that was cosigned.
    pub checkpoint: Checkpoint,
    /// By whom, and when by their clocks; sorted by handle.
    pub by: Vec<Cosignature>,
}

impl Core {
    /// Cosigns a checkpoint of another log, if the leaves held have its root at its size. What was cosigned is
    /// remembered on the disk before anybody sees the signature (FORMATS 1.6): no succession may go below it.
    ///
    /// Answers the size and the note with the cosignature; `None` where another root is held, or less.
    ///
    /// # Errors
    /// The store fails.
    pub async fn cosign(
        &self,
        log: Handle,
        bytes: Vec<u8>,
    ) -> Result<Option<(u64, Vec<u8>)>, store::Error> {
        let Ok((mut note, claim)) = Note::read(&bytes).and_then(|n| Ok((n.clone(), n.claim()?)))
        else {
            return Ok(None);
        };
        let (node, commons) = (self.identity().node.clone(), self.identity().commons);
        let handle = self.identity().handle.clone();
        let (size, epoch, root) = (claim.size, claim.origin.epoch, claim.root);
        let same = self
            .on_writer(move |w, _| -> Result<bool, store::Error> {
                let row = w.store.log_or_new(&log)?;
                let held = size <= row.size
                    && tree::root(&w.store.hashes(row.id), size).is_ok_and(|r| r == root);
                if held {
                    w.store.set_cosigned(&log, epoch, size)?;
                }
                Ok(held)
            })
            .await
            .unwrap_or(Ok(false))?;
        Ok(same.then(|| {
            note.cosign(&commons, &handle, &node, now());
            (size, note.to_bytes())
        }))
    }

    /// Keeps a note with cosignatures that the sync machine verified.
    ///
    /// # Errors
    /// The store fails.
    pub async fn store_witnessed(&self, log: Handle, note: Vec<u8>) -> Result<(), store::Error> {
        self.on_writer(move |w, _| w.store.set_witnessed(&log, &note))
            .await
            .unwrap_or(Ok(()))
    }

    /// Up to where the members' cosignatures reach in a log, verified anew with the keys that write their logs
    /// now; `None` where nobody has cosigned.
    ///
    /// # Errors
    /// The store fails.
    pub fn witnessed(&self, log: &Handle) -> Result<Option<Witnessed>, store::Error> {
        let Some(bytes) = self.store()?.witnessed(log)? else {
            return Ok(None);
        };
        let members = self.state().members();
        let commons = self.identity().commons;
        let read = || {
            let note = Note::read(&bytes).ok()?;
            let checkpoint = note.claim().ok()?;
            let mut by: Vec<Cosignature> = members
                .iter()
                .filter(|m| m.handle != *log)
                .filter_map(|m| note.cosignature(&commons, &m.handle, &m.node))
                .collect();
            by.sort_by(|a, b| a.handle.cmp(&b.handle));
            (!by.is_empty()).then_some(Witnessed { checkpoint, by })
        };
        Ok(read())
    }
}

/// Where a log's cosigned size and its note with cosignatures are kept.
fn key(what: &str, log: &Handle) -> String {
    format!("{what}/{log}")
}

impl Store {
    /// The epoch and the largest size that this node cosigned of a log; zeros if it never did.
    pub fn cosigned(&self, log: &Handle) -> Result<(u64, u64), store::Error> {
        let Some(bytes) = self.meta(&key("cosigned", log))? else {
            return Ok((0, 0));
        };
        let text = String::from_utf8_lossy(&bytes);
        text.split_once(' ')
            .and_then(|(epoch, size)| Some((epoch.parse().ok()?, size.parse().ok()?)))
            .ok_or_else(|| store::Error::Damaged(format!("what was cosigned of {log}: {text:?}")))
    }

    fn set_cosigned(&self, log: &Handle, epoch: u64, size: u64) -> Result<(), store::Error> {
        let before = self.cosigned(log)?;
        let new = before.max((epoch, size));
        if new == before {
            return Ok(());
        }
        self.set_meta(
            &key("cosigned", log),
            format!("{} {}", new.0, new.1).as_bytes(),
        )
    }

    /// The longest note of a log with cosignatures, as it was stored.
    pub fn witnessed(&self, log: &Handle) -> Result<Option<Vec<u8>>, store::Error> {
        self.meta(&key("witnessed", log))
    }

    fn set_witnessed(&self, log: &Handle, note: &[u8]) -> Result<(), store::Error> {
        self.set_meta(&key("witnessed", log), note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Node;

    #[tokio::test(flavor = "multi_thread")]
    async fn only_a_root_that_is_held_is_cosigned_and_the_size_is_remembered() {
        let (a, b) = Node::two().await;
        let own = a.core.identity().handle.clone();
        // Each test node holds both logs from the beginning.
        let tip = b.core.state().tip(&own).cloned().unwrap();
        let good = tip.complete.clone().unwrap();
        let (size, note) = b
            .core
            .cosign(own.clone(), good.clone())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(size, tip.size);
        assert_eq!(b.core.store().unwrap().cosigned(&own).unwrap(), (0, size));
        let other = Note::read(&good).unwrap().claim().unwrap();
        for wrong in [
            Checkpoint {
                root: commun_specs::id::TreeRoot([7; 32]),
                ..other.clone()
            },
            Checkpoint {
                size: size + 1,
                ..other
            },
        ] {
            let bent = wrong.sign(&a.core.identity().node).to_bytes();
            assert_eq!(b.core.cosign(own.clone(), bent).await.unwrap(), None);
        }
        assert_eq!(a.core.witnessed(&own).unwrap(), None);
        a.core.store_witnessed(own.clone(), note).await.unwrap();
        let seen = a.core.witnessed(&own).unwrap().unwrap();
        assert_eq!((seen.checkpoint.size, seen.by.len()), (size, 1));
        assert_eq!(seen.by[0].handle, b.core.identity().handle);
    }
}
