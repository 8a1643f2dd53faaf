//! What a node's disk holds: survives a crash, may be replaced by an older copy of itself.

use std::collections::BTreeMap;

use commun_specs::{
    charter::{Amendment, Chain},
    envelope::{Envelope, PayloadType},
    id::{CharterId, TreeRoot},
    name::Handle,
    note::Note,
    succession::Successions,
    sync::{
        Checked, Evidence, Initial, LogState, Member, Range, RangeEntry, RangeRequest, prove_range,
    },
    tree::{self, Pending},
};

/// A log on disk.
#[derive(Debug, Clone, Default)]
pub(super) struct StoredLog {
    pub(super) entries: Vec<Vec<u8>>,
    pub(super) hashes: Vec<[u8; 32]>,
    pub(super) complete: Option<Vec<u8>>,
    pub(super) covering: Option<Vec<u8>>,
    pub(super) frozen: Option<Evidence>,
}

impl StoredLog {
    pub(super) fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(super) fn root(&self) -> TreeRoot {
        self.root_at(self.size())
    }

    pub(super) fn root_at(&self, size: u64) -> TreeRoot {
        tree::root(&self.hashes, size).expect("the hashes of all entries are stored")
    }

    /// Appends one entry, as a writer does.
    pub(super) fn append(&mut self, entry: Vec<u8>) {
        let mut new = Pending::on(&self.hashes, self.size());
        tree::append(&mut new, self.size(), tree::leaf_hash(&entry))
            .expect("the hashes of all entries are stored");
        let (_, new) = new.into_new();
        self.hashes.extend(new);
        self.entries.push(entry);
    }

    /// Stores a range that was checked.
    pub(super) fn store(&mut self, range: &Range, checked: Checked) {
        assert_eq!(checked.first_hash, self.hashes.len() as u64);
        self.hashes.extend(checked.hashes);
        let entries = range.entries.iter().map(|e| e.entry.clone());
        self.entries.extend(entries);
        assert_eq!(self.size(), checked.size);
        let Some(checkpoint) = checked.checkpoint else {
            return;
        };
        self.covering = Some(range.checkpoint.clone());
        if checkpoint.size == checked.size {
            self.complete = Some(range.checkpoint.clone());
        }
    }

    pub(super) fn truncate(&mut self, size: u64) {
        if size < self.size() {
            self.entries.truncate(size as usize);
            self.hashes.truncate(tree::hash_count(size) as usize);
            let size_of = |n: &Vec<u8>| Note::read(n).and_then(|n| n.claim()).map(|c| c.size);
            self.complete
                .take_if(|n| size_of(n).is_ok_and(|s| s > size));
            self.covering = None;
        }
    }

    /// A range for a peer, of at most `batch` entries; `None` if it cannot be given.
    pub(super) fn serve(&self, request: &RangeRequest, cut: u64, batch: u64) -> Option<Range> {
        let below_cut = request.from < cut;
        let (tip, checkpoint) = if below_cut {
            (cut, Vec::new())
        } else {
            let bytes = self.complete.clone()?;
            let claim = Note::read(&bytes).ok()?.claim().ok()?;
            (claim.origin.epoch == request.epoch).then_some(())?;
            (claim.size, bytes)
        };
        let end = tip.min(request.from + request.max_entries.min(batch));
        if end <= request.from || tip > self.size() {
            return None;
        }
        let proofs = prove_range(&self.hashes, tip, end, request.base).ok()?;
        let entries = &self.entries[request.from as usize..end as usize];
        Some(Range {
            handle: request.handle.clone(),
            epoch: request.epoch,
            from: request.from,
            entries: entries
                .iter()
                .map(|entry| RangeEntry {
                    entry: entry.clone(),
                    body: None,
                })
                .collect(),
            lists: Vec::new(),
            checkpoint,
            proof: proofs.proof,
            base_root: proofs.base_root,
            base_proof: proofs.base_proof,
            erasures: Vec::new(),
        })
    }
}

/// A disk.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    pub(super) charter: Vec<Vec<u8>>,
    pub(super) drafts: BTreeMap<CharterId, Vec<u8>>,
    pub(super) successions: Vec<(Handle, Vec<u8>)>,
    pub(super) logs: BTreeMap<Handle, StoredLog>,
}

impl Store {
    pub(super) fn chain(&self) -> Chain {
        let mut all = self.charter.iter();
        let first = all.next().expect("charter 0 is stored first");
        let mut chain = Chain::begin(first).expect("only what was verified is stored");
        for amendment in all {
            chain
                .add(amendment)
                .expect("amendments are stored in order");
        }
        chain
    }

    pub(super) fn successions(&self, chain: &Chain) -> BTreeMap<Handle, Successions> {
        let mut all: BTreeMap<Handle, Successions> = BTreeMap::new();
        for (handle, bytes) in &self.successions {
            let of_log = all.entry(handle.clone()).or_default();
            of_log
                .add(chain, bytes)
                .expect("only what was verified is stored");
        }
        all
    }

    pub(super) fn initial(&self, members: Vec<Member>) -> Initial {
        let chain = self.chain();
        Initial {
            successions: self.successions(&chain),
            chain,
            drafts: self.drafts.values().cloned().collect(),
            logs: self
                .logs
                .iter()
                .map(|(handle, log)| LogState {
                    handle: handle.clone(),
                    size: log.size(),
                    root: log.root(),
                    complete: log.complete.clone(),
                    covering: log.covering.clone(),
                    frozen: log.frozen.clone(),
                    cosigned: 0,
                    cosigned_epoch: 0,
                    witnessed: None,
                })
                .collect(),
            members,
        }
    }

    pub(super) fn add_charter(&mut self, bytes: Vec<u8>) {
        let number = Amendment::open(&bytes).map(|(a, _)| a.number);
        let number = number.expect("only what was verified is stored");
        self.charter.push(bytes);
        self.drafts
            .retain(|_, draft| Amendment::open(draft).is_ok_and(|(a, _)| a.number > number));
    }

    pub(super) fn add_draft(&mut self, bytes: Vec<u8>) {
        let envelope = Envelope::read(PayloadType::Charter, &bytes);
        let envelope = envelope.expect("only what was verified is stored");
        let id = Amendment::id_of(envelope.payload());
        self.drafts.insert(id, bytes);
    }
}
