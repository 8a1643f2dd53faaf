//! What this node alone does not show, and which content does not come back. Decisions of the node, not statements:
//! they change no root and are nobody else's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use commun_specs::id::{ContentHash, StatementId};

use super::{Core, now, writer::busy};
use crate::store::{self, Block, Closing, Hiding, Store};

/// Where the key of the block list rests.
const KEY: &str = "block-key";

/// The decisions, in memory.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    items: BTreeMap<StatementId, Hiding>,
    blocked: HashMap<[u8; 32], Vec<Block>>,
    /// What else hidden items name.
    withheld: HashMap<[u8; 32], BTreeSet<StatementId>>,
    key: [u8; 32],
}

impl Hidden {
    pub(super) fn load(store: &Store) -> Result<Self, store::Error> {
        let key = match store.meta(KEY)? {
            Some(key) => key
                .try_into()
                .map_err(|_| store::Error::Damaged("the key of the block list".to_owned()))?,
            None => {
                let key: [u8; 32] = rand::random();
                store.set_meta(KEY, &key)?;
                key
            }
        };
        let mut blocked: HashMap<[u8; 32], Vec<Block>> = HashMap::new();
        for (digest, block) in store.blocked()? {
            blocked.entry(digest).or_default().push(block);
        }
        let mut withheld: HashMap<[u8; 32], BTreeSet<StatementId>> = HashMap::new();
        for (digest, cause) in store.withheld_content()? {
            withheld.entry(digest).or_default().insert(cause);
        }
        Ok(Self {
            withheld,
            items: store.hidden()?.into_iter().collect(),
            blocked,
            key,
        })
    }

    /// The hash under which content is on the list: to who does not have it, the list says nothing of it.
    fn digest(&self, content: &ContentHash) -> [u8; 32] {
        *blake3::keyed_hash(&self.key, &content.0).as_bytes()
    }
}

impl Core {
    fn hidden_now(&self) -> std::sync::RwLockReadGuard<'_, Hidden> {
        self.0
            .hidden
            .read()
            .expect("a thread that panics ends the process")
    }

    fn hidden_mut(&self) -> std::sync::RwLockWriteGuard<'_, Hidden> {
        self.0
            .hidden
            .write()
            .expect("a thread that panics ends the process")
    }

    /// Why this node does not show an item, if it does not.
    pub fn hiding(&self, item: &StatementId) -> Option<Hiding> {
        self.hidden_now().items.get(item).cloned()
    }

    /// The items that this node does not show.
    pub fn hidden(&self) -> Vec<(StatementId, Hiding)> {
        let hidden = self.hidden_now();
        hidden.items.iter().map(|(i, h)| (*i, h.clone())).collect()
    }

    /// Whether an item is not given to other nodes either.
    pub fn quarantined(&self, item: &StatementId) -> bool {
        let hidden = self.hidden_now();
        hidden.items.get(item).is_some_and(|h| h.quarantine)
    }

    /// Whether there is content that does not come back.
    pub fn blocks_any(&self) -> bool {
        !self.hidden_now().blocked.is_empty()
    }

    /// Why content does not come back, if it does not.
    pub fn blocked(&self, content: &ContentHash) -> Option<Block> {
        let hidden = self.hidden_now();
        if hidden.blocked.is_empty() {
            return None;
        }
        hidden
            .blocked
            .get(&hidden.digest(content))?
            .first()
            .copied()
    }

    /// Why content does not come back, in a sentence for readers.
    pub fn blocked_because(&self, content: &ContentHash) -> Option<String> {
        let block = self.blocked(content)?;
        Some(if block.erased {
            "this content was erased by the institution that published it".to_owned()
        } else {
            match self.hiding(&block.cause) {
                Some(h) => format!("this content is hidden at this institution: {}", h.reason),
                None => "this content is hidden at this institution".to_owned(),
            }
        })
    }

    /// Whether content is not given to other nodes.
    pub fn not_for_peers(&self, content: &ContentHash) -> bool {
        let hidden = self.hidden_now();
        if hidden.blocked.is_empty() && hidden.withheld.is_empty() {
            return false;
        }
        let quarantined =
            |cause: &StatementId| hidden.items.get(cause).is_some_and(|h| h.quarantine);
        let digest = hidden.digest(content);
        let blocked = hidden.blocked.get(&digest).into_iter().flatten();
        let mut causes = hidden.withheld.get(&digest).into_iter().flatten();
        blocked
            .into_iter()
            .any(|b| b.erased || quarantined(&b.cause))
            || causes.any(quarantined)
    }

    /// Hides an item from now on; those who follow the changes are told. Durable on return.
    ///
    /// # Errors
    /// The store fails; nothing changed.
    pub async fn hide(&self, item: StatementId, hiding: Hiding) -> Result<(), store::Error> {
        let noted = hiding.clone();
        self.decide(move |store| store.put_hidden(&item, &noted))
            .await?;
        self.hidden_mut().items.insert(item, hiding);
        self.look_again(item).await
    }

    /// Shows an item again, and lets its content come back.
    ///
    /// # Errors
    /// The store fails; nothing changed.
    pub async fn unhide(&self, item: StatementId) -> Result<bool, store::Error> {
        if self.hiding(&item).is_none() {
            return Ok(false);
        }
        self.decide(move |store| store.end_hidden(&item)).await?;
        {
            let mut hidden = self.hidden_mut();
            hidden.items.remove(&item);
            hidden.blocked.retain(|_, blocks| {
                blocks.retain(|b| b.erased || b.cause != item);
                !blocks.is_empty()
            });
            hidden.withheld.retain(|_, causes| {
                causes.remove(&item);
                !causes.is_empty()
            });
        }
        self.look_again(item).await?;
        Ok(true)
    }

    /// Lets content not come back.
    ///
    /// # Errors
    /// The store fails; nothing changed.
    pub async fn block(
        &self,
        cause: StatementId,
        erased: bool,
        content: &[ContentHash],
    ) -> Result<(), store::Error> {
        let block = Block {
            cause,
            erased,
            since: now(),
        };
        let digests: Vec<[u8; 32]> = {
            let hidden = self.hidden_now();
            content.iter().map(|c| hidden.digest(c)).collect()
        };
        let noted = digests.clone();
        self.decide(move |store| store.put_blocked(&noted, &block))
            .await?;
        let mut hidden = self.hidden_mut();
        if !erased && !hidden.items.contains_key(&cause) {
            return Ok(());
        }
        for digest in digests {
            let blocks = hidden.blocked.entry(digest).or_default();
            if blocks.iter().all(|b| b.cause != cause) {
                blocks.push(block);
            }
        }
        Ok(())
    }

    /// Notes what else a hidden item names: while it is in quarantine, other nodes do not get it from here.
    ///
    /// # Errors
    /// The store fails; nothing changed.
    pub async fn withhold(
        &self,
        cause: StatementId,
        content: &[ContentHash],
    ) -> Result<(), store::Error> {
        let digests: Vec<[u8; 32]> = {
            let hidden = self.hidden_now();
            content.iter().map(|c| hidden.digest(c)).collect()
        };
        let noted = digests.clone();
        self.decide(move |store| store.put_withheld_content(&noted, &cause))
            .await?;
        let mut hidden = self.hidden_mut();
        if hidden.items.contains_key(&cause) {
            for digest in digests {
                hidden.withheld.entry(digest).or_default().insert(cause);
            }
        }
        Ok(())
    }

    /// Lets content come back, whatever took it down; false if it is not on the list.
    ///
    /// # Errors
    /// The store fails; nothing changed.
    pub async fn unblock(&self, content: ContentHash) -> Result<bool, store::Error> {
        let digest = self.hidden_now().digest(&content);
        let done = self
            .on_writer(move |w, _| w.store.transaction(|s| s.end_blocked(&digest)))
            .await;
        let was = done.unwrap_or_else(busy)?;
        self.hidden_mut().blocked.remove(&digest);
        Ok(was)
    }

    /// How much content does not come back, by what took it down.
    pub fn blocks(&self) -> BTreeMap<StatementId, (Block, u64)> {
        let mut all = BTreeMap::new();
        for block in self.hidden_now().blocked.values().flatten() {
            all.entry(block.cause).or_insert((*block, 0)).1 += 1;
        }
        all
    }

    /// Notes that a report was dealt with here.
    ///
    /// # Errors
    /// The store fails.
    pub async fn close_report(
        &self,
        report: StatementId,
        closing: Closing,
    ) -> Result<(), store::Error> {
        self.decide(move |store| store.close_report(&report, &closing))
            .await
    }

    async fn decide(
        &self,
        note: impl FnOnce(&Store) -> Result<(), store::Error> + Send + 'static,
    ) -> Result<(), store::Error> {
        let done = self
            .on_writer(move |w, _| w.store.transaction(|s| note(s)))
            .await;
        done.unwrap_or_else(busy)
    }

    /// Writes a line of the journal for an item, so that those who follow look at it again.
    ///
    /// # Errors
    /// The store fails.
    pub async fn look_again(&self, item: StatementId) -> Result<(), store::Error> {
        let done = self
            .on_writer(move |w, inner| w.look_again(inner, item))
            .await;
        done.unwrap_or_else(busy)
    }

    /// The statements whose content is to go from the disk.
    pub fn erasing(&self) -> Result<Vec<StatementId>, store::Error> {
        self.store()?.erasing()
    }

    /// Whether `log.db` is to be written anew.
    ///
    /// # Errors
    /// The store fails.
    pub fn vacuum_due(&self) -> Result<bool, store::Error> {
        self.store()?.vacuum_due()
    }

    /// Makes what was erased be gone from `log.db` and its write-ahead log; with `whole` by writing the file anew.
    /// Writers wait meanwhile.
    ///
    /// # Errors
    /// The store fails, or somebody reads for so long that it cannot be done now.
    pub async fn purge(&self, whole: bool) -> Result<(), store::Error> {
        let done = self.on_writer(move |w, _| w.store.purge(whole)).await;
        done.unwrap_or_else(busy)
    }

    /// Empties the write-ahead log of `log.db`.
    ///
    /// # Errors
    /// As [`Core::purge`].
    pub async fn checkpoint(&self) -> Result<(), store::Error> {
        let done = self.on_writer(|w, _| w.store.checkpoint()).await;
        done.unwrap_or_else(busy)
    }

    /// The content of these statements is gone.
    ///
    /// # Errors
    /// The store fails; they are looked at once more at the next start.
    pub async fn end_erasing(&self, statements: Vec<StatementId>) -> Result<(), store::Error> {
        let done = self
            .on_writer(move |w, _| w.store.transaction(|s| s.end_erasing(&statements)))
            .await;
        done.unwrap_or_else(busy)
    }
}

impl crate::blobs::Guard for Core {
    fn blocked(&self, hash: &ContentHash) -> Option<String> {
        self.blocked_because(hash)
    }

    fn not_for_peers(&self, hash: &ContentHash) -> bool {
        Core::not_for_peers(self, hash)
    }
}
