//! Charter and successions through the door.

use commun_specs::{
    charter::{self, Added},
    succession,
    sync::Evidence,
};

use super::{
    super::{Core, Inner, State, StoredRoots},
    Writer,
};
use crate::store;

/// An amendment is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CharterError {
    /// The chain refuses it.
    #[error(transparent)]
    Chain(#[from] charter::Error),
    /// The disk or the database fails here.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The node is stopping.
    #[error("the node is stopping")]
    Busy,
}

/// A succession is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SuccessionError {
    /// It does not hold.
    #[error(transparent)]
    Succession(#[from] succession::Error),
    /// The disk or the database fails here.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The node is stopping.
    #[error("the node is stopping")]
    Busy,
}

impl Writer {
    /// Adds an amendment to the chain. Readers wait only while the new chain is folded, not for the disk.
    pub(in crate::core) fn add_charter(
        &mut self,
        inner: &Inner,
        bytes: &[u8],
    ) -> Result<Added, CharterError> {
        let mut chain = inner
            .state
            .read()
            .expect("a thread that panics ends the process")
            .chain
            .clone();
        let added = chain.add(bytes)?;
        match &added {
            Added::Known => return Ok(added),
            Added::Fork(id) => {
                self.store.transaction(|s| s.put_fork(&id.0, bytes))?;
                inner
                    .state
                    .write()
                    .expect("a thread that panics ends the process")
                    .chain = chain;
            }
            Added::New(_) => {
                let number = chain.head().0.number;
                let seq = self.store.transaction(|s| -> Result<u64, store::Error> {
                    s.put_charter(number, bytes)?;
                    s.journal_charter(number)
                })?;
                let delta = {
                    let mut state = inner
                        .state
                        .write()
                        .expect("a thread that panics ends the process");
                    state.chain = chain;
                    let State {
                        chain, catalogue, ..
                    } = &mut *state;
                    catalogue.set_charter(chain, &StoredRoots(&self.store))
                };
                let changed = self.after_fold(inner, &delta, seq);
                inner.note_changes(seq, &changed);
            }
        }
        inner.members_changed();
        Ok(added)
    }

    /// Adds a succession.
    pub(in crate::core) fn add_succession(
        &mut self,
        inner: &Inner,
        bytes: &[u8],
    ) -> Result<succession::Added, SuccessionError> {
        let (s, _) = succession::Succession::open(bytes)?;
        let (mut all, chain) = {
            let state = inner
                .state
                .read()
                .expect("a thread that panics ends the process");
            let known = state.successions.get(&s.institution).cloned();
            (known.unwrap_or_default(), state.chain.clone())
        };
        let added = all.add(&chain, bytes)?;
        if added != succession::Added::Known {
            self.store.transaction(|store| {
                store.put_succession(s.institution.as_str(), s.epoch, bytes)
            })?;
            let mut state = inner
                .state
                .write()
                .expect("a thread that panics ends the process");
            let forked = all.forked().then(|| Evidence::Successions {
                handle: s.institution.clone(),
                epoch: s.epoch,
            });
            if let Some(tip) = state.tips.get_mut(&s.institution) {
                tip.frozen = tip.frozen.take().or(forked);
            }
            state.successions.insert(s.institution.clone(), all);
        }
        inner.members_changed();
        Ok(added)
    }
}

impl Core {
    /// Adds an amendment that a majority signed.
    pub async fn add_charter(&self, bytes: Vec<u8>) -> Result<Added, CharterError> {
        self.on_writer(move |w, inner| w.add_charter(inner, &bytes))
            .await
            .unwrap_or(Err(CharterError::Busy))
    }

    /// Adds a succession.
    pub async fn add_succession(
        &self,
        bytes: Vec<u8>,
    ) -> Result<succession::Added, SuccessionError> {
        self.on_writer(move |w, inner| w.add_succession(inner, &bytes))
            .await
            .unwrap_or(Err(SuccessionError::Busy))
    }
}
