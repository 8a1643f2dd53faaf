//! A commons in memory: institutions with keys, a charter, successions, and logs whose entries are any bytes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use commun_specs::{
    charter::{Amendment, Chain, Institution},
    envelope::{Envelope, PayloadType},
    id::TreeRoot,
    join::JoinRequest,
    key::{PublicKey, SecretKey},
    name::Handle,
    note::{Checkpoint, Origin},
    succession::{Succession, Successions},
    sync::{
        Evidence, Initial, LogState, Proofs, Range, RangeEntry, RangeFault, RangeRequest, Terms,
        check_range, prove_range,
    },
    tree,
};
use futures::future::BoxFuture;
use tokio::sync::watch;

use super::super::{
    door::{Body, Cosigned, Door, Joining, Papers, Stored, Trouble},
    members::Member,
};

/// What all members know.
pub(super) struct World {
    pub(super) chain: Chain,
    pub(super) nodes: Vec<SecretKey>,
    pub(super) handles: Vec<Handle>,
    pub(super) successions: BTreeMap<Handle, Successions>,
    /// What enrolments state.
    pub(super) stated: Arc<Mutex<HashMap<PublicKey, Vec<String>>>>,
}

impl World {
    /// A commons of `n` institutions, each with one node.
    pub(super) fn new(n: u8) -> Self {
        let keys: Vec<SecretKey> = (0..n)
            .map(|i| SecretKey::from_seed([100 + i; 32]))
            .collect();
        let nodes: Vec<SecretKey> = (0..n)
            .map(|i| SecretKey::from_seed([200 + i; 32]))
            .collect();
        let handles: Vec<Handle> = (0..n)
            .map(|i| Handle::new(&format!("univ-{i}")).unwrap())
            .collect();
        let institution = |i: usize| Institution {
            handle: handles[i].clone(),
            name: handles[i].to_string(),
            keys: vec![keys[i].public()],
            threshold: 1,
            ror: None,
            uai: None,
        };
        let mut genesis = Amendment::genesis("test", 1, institution(0));
        genesis.institutions = (0..n as usize).map(institution).collect();
        let genesis = Envelope::seal(
            PayloadType::Charter,
            genesis.to_payload().unwrap(),
            &keys.iter().collect::<Vec<_>>(),
        );
        let chain = Chain::begin(&genesis.to_bytes()).unwrap();
        let mut successions = BTreeMap::new();
        for (i, handle) in handles.iter().enumerate() {
            let first = Succession {
                commons: chain.commons(),
                institution: handle.clone(),
                epoch: 0,
                prev: None,
                charter: chain.head().1,
                size: 0,
                root: TreeRoot::empty(),
                writer: nodes[i].public(),
            };
            let envelope = Envelope::seal(PayloadType::Succession, first.to_payload(), &[&keys[i]]);
            let mut all = Successions::default();
            all.add(&chain, &envelope.to_bytes()).unwrap();
            successions.insert(handle.clone(), all);
        }
        Self {
            chain,
            nodes,
            handles,
            successions,
            stated: Arc::default(),
        }
    }

    /// The door of node `i`, which knows everybody's succession.
    pub(super) fn door(&self, i: usize) -> Arc<MemoryDoor> {
        self.door_knowing(i, |_| true)
    }

    /// The door of node `i`, which knows the successions of some.
    pub(super) fn door_knowing(&self, i: usize, knows: impl Fn(usize) -> bool) -> Arc<MemoryDoor> {
        let known = self
            .handles
            .iter()
            .enumerate()
            .filter(|(j, _)| *j == i || knows(*j));
        let successions = known
            .map(|(_, h)| (h.clone(), self.successions[h].clone()))
            .collect();
        Arc::new(MemoryDoor(Arc::new(Inner {
            node: self.nodes[i].clone(),
            handle: self.handles[i].clone(),
            stated: self.stated.clone(),
            state: Mutex::new(State {
                chain: self.chain.clone(),
                successions,
                logs: BTreeMap::new(),
                requests: Vec::new(),
            }),
            grown: watch::channel(0).0,
            papers: watch::channel(0).0,
            may_sign: AtomicBool::new(false),
        })))
    }
}

pub(super) struct MemoryDoor(Arc<Inner>);

struct Inner {
    node: SecretKey,
    handle: Handle,
    stated: Arc<Mutex<HashMap<PublicKey, Vec<String>>>>,
    state: Mutex<State>,
    grown: watch::Sender<u64>,
    papers: watch::Sender<u64>,
    may_sign: AtomicBool,
}

struct State {
    chain: Chain,
    successions: BTreeMap<Handle, Successions>,
    logs: BTreeMap<Handle, Log>,
    requests: Vec<JoinRequest>,
}

#[derive(Default)]
struct Log {
    entries: Vec<Vec<u8>>,
    hashes: Vec<[u8; 32]>,
    note: Option<commun_specs::note::Note>,
}

impl Log {
    fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    fn root(&self) -> TreeRoot {
        tree::root(&self.hashes, self.size()).unwrap()
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn papers(&self) -> Papers {
        let state = self.state();
        Papers {
            charter: state.chain.envelopes(0).collect(),
            drafts: Vec::new(),
            successions: state
                .successions
                .values()
                .flat_map(|s| s.envelopes().collect::<Vec<_>>())
                .collect(),
        }
    }

    fn read(&self, request: &RangeRequest) -> Option<Range> {
        let state = self.state();
        let log = state.logs.get(&request.handle)?;
        let note = log.note.as_ref()?;
        let end = log.size().min(request.from + request.max_entries);
        let entries: Vec<RangeEntry> = (request.from..end)
            .map(|i| RangeEntry {
                entry: log.entries[i as usize].clone(),
                body: None,
            })
            .collect();
        let Proofs {
            proof,
            base_root,
            base_proof,
        } = prove_range(&log.hashes, log.size(), end, request.base).ok()?;
        Some(Range {
            handle: request.handle.clone(),
            epoch: 0,
            from: request.from,
            entries,
            lists: Vec::new(),
            checkpoint: note.to_bytes(),
            proof,
            base_root,
            base_proof,
            erasures: Vec::new(),
        })
    }

    fn accept(&self, range: Range) -> Result<Stored, RangeFault> {
        let mut state = self.state();
        let origin = Origin {
            commons: state.chain.commons(),
            handle: range.handle.clone(),
            epoch: 0,
        };
        let writer = state.successions[&range.handle].current().unwrap().writer;
        let log = state.logs.entry(range.handle.clone()).or_default();
        let terms = Terms {
            origin,
            writer,
            cut: (0, TreeRoot::empty()),
            own: false,
            base: log.note.clone(),
        };
        let checked = check_range(&log.hashes, log.size(), &range, &terms)?;
        log.entries
            .extend(range.entries.into_iter().map(|e| e.entry));
        log.hashes.extend(checked.hashes);
        log.note = Some(commun_specs::note::Note::read(&range.checkpoint).unwrap());
        drop(state);
        self.grown.send_modify(|n| *n += 1);
        Ok(Stored {
            size: checked.size,
            root: checked.root,
        })
    }
}

impl MemoryDoor {
    /// Appends an entry to the own log.
    pub(super) fn write(&self, entry: &[u8]) {
        let inner = &self.0;
        let mut state = inner.state();
        let origin = Origin {
            commons: state.chain.commons(),
            handle: inner.handle.clone(),
            epoch: 0,
        };
        let log = state.logs.entry(inner.handle.clone()).or_default();
        let mut pending = tree::Pending::on(&log.hashes, log.size());
        tree::append(&mut pending, log.size(), tree::leaf_hash(entry)).unwrap();
        let (_, new) = pending.into_new();
        log.hashes.extend(new);
        log.entries.push(entry.to_vec());
        let checkpoint = Checkpoint {
            origin,
            size: log.size(),
            root: log.root(),
        };
        log.note = Some(checkpoint.sign(&inner.node));
        drop(state);
        inner.grown.send_modify(|n| *n += 1);
    }

    pub(super) fn size(&self, handle: &Handle) -> u64 {
        self.0.state().logs.get(handle).map_or(0, Log::size)
    }

    /// Waits until a log has this size.
    pub(super) async fn wait_size(&self, handle: &Handle, size: u64) {
        let mut grown = self.0.grown.subscribe();
        while self.size(handle) < size {
            grown.changed().await.unwrap();
        }
    }

    pub(super) fn may_sign(&self) -> bool {
        self.0.may_sign.load(Ordering::SeqCst)
    }

    pub(super) fn requests(&self) -> usize {
        self.0.state().requests.len()
    }

    /// An enrolment came: whoever waits for papers hears of it.
    pub(super) fn touch(&self) {
        self.0.papers.send_modify(|n| *n += 1);
    }
}

fn done<T: Send + 'static>(value: T) -> BoxFuture<'static, T> {
    Box::pin(std::future::ready(value))
}

impl Door for MemoryDoor {
    fn initial(&self) -> Result<Initial, Trouble> {
        let state = self.0.state();
        let logs = state.logs.iter().map(|(handle, log)| LogState {
            handle: handle.clone(),
            size: log.size(),
            root: log.root(),
            complete: log.note.as_ref().map(|n| n.to_bytes()),
            covering: log.note.as_ref().map(|n| n.to_bytes()),
            frozen: None,
            cosigned: 0,
            cosigned_epoch: 0,
            witnessed: None,
        });
        Ok(Initial {
            chain: state.chain.clone(),
            successions: state.successions.clone(),
            drafts: Vec::new(),
            logs: logs.collect(),
            members: Vec::new(),
        })
    }

    fn members(&self) -> Vec<Member> {
        let stated = self.0.stated.lock().unwrap();
        let state = self.0.state();
        let member = |(handle, s): (&Handle, &Successions)| {
            let node = s.current().unwrap().writer;
            Member {
                node,
                handle: Some(handle.clone()),
                addrs: stated.get(&node).cloned().unwrap_or_default(),
            }
        };
        state.successions.iter().map(member).collect()
    }

    fn papers(&self) -> Papers {
        self.0.papers()
    }

    fn own_note(&self) -> Option<Vec<u8>> {
        Some(
            self.0
                .state()
                .logs
                .get(&self.0.handle)?
                .note
                .as_ref()?
                .to_bytes(),
        )
    }

    fn grown(&self) -> watch::Receiver<u64> {
        self.0.grown.subscribe()
    }

    fn papers_changed(&self) -> watch::Receiver<u64> {
        self.0.papers.subscribe()
    }

    fn read_range(&self, request: RangeRequest) -> BoxFuture<'static, Option<Range>> {
        done(self.0.read(&request))
    }

    fn accept_range(
        &self,
        range: Range,
        _: Terms,
    ) -> BoxFuture<'static, Result<Stored, RangeFault>> {
        let inner = self.0.clone();
        Box::pin(async move { inner.accept(range) })
    }

    fn read_bodies(&self, _: Handle, positions: Vec<u64>) -> BoxFuture<'static, Vec<Body>> {
        done(
            positions
                .into_iter()
                .map(|p| Body {
                    position: p,
                    salt: [1; 32],
                    bytes: vec![7; 3],
                })
                .collect(),
        )
    }

    fn accept_body(&self, _: Handle, _: Body) -> BoxFuture<'static, Result<bool, Trouble>> {
        done(Ok(true))
    }

    fn withheld(&self) -> Vec<(Handle, Vec<u64>)> {
        Vec::new()
    }

    fn add_charter(&self, _: Vec<u8>) -> BoxFuture<'static, Result<(), Trouble>> {
        done(Ok(()))
    }

    fn store_draft(&self, _: Vec<u8>) -> BoxFuture<'static, Result<(), Trouble>> {
        done(Ok(()))
    }

    fn add_succession(
        &self,
        log: Handle,
        envelope: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), Trouble>> {
        let state = &mut *self.0.state();
        let added = state
            .successions
            .entry(log)
            .or_default()
            .add(&state.chain, &envelope);
        self.touch();
        done(added.map(drop).map_err(|e| Trouble(e.to_string())))
    }

    fn keep_refused(&self, _: Handle, _: Vec<u8>) -> BoxFuture<'static, Result<(), Trouble>> {
        done(Ok(()))
    }

    fn cosign(
        &self,
        log: Handle,
        note: Vec<u8>,
    ) -> BoxFuture<'static, Result<Option<Cosigned>, Trouble>> {
        done(Err(Trouble(format!(
            "nothing is cosigned in these tests: {log}, {} bytes",
            note.len()
        ))))
    }

    fn store_witnessed(&self, _: Handle, _: Vec<u8>) -> BoxFuture<'static, Result<(), Trouble>> {
        done(Ok(()))
    }

    fn truncate(&self, log: Handle, _: u64) -> BoxFuture<'static, Result<Stored, Trouble>> {
        done(Err(Trouble(format!(
            "nothing is cut in these tests: {log}"
        ))))
    }

    fn freeze(&self, _: Handle, _: Evidence) -> BoxFuture<'static, Result<(), Trouble>> {
        done(Ok(()))
    }

    fn thaw(&self, _: Handle) -> BoxFuture<'static, Result<(), Trouble>> {
        done(Ok(()))
    }

    fn set_may_sign(&self, may: bool) {
        self.0.may_sign.store(may, Ordering::SeqCst);
    }

    fn join(&self, request: JoinRequest) -> BoxFuture<'static, Result<Joining, Trouble>> {
        if request.secret != "secret" {
            return done(Ok(Joining::Refused("the invitation is unknown".to_owned())));
        }
        let again = {
            let mut state = self.0.state();
            let again = state.requests.contains(&request);
            state.requests.push(request);
            again
        };
        done(Ok(if again {
            Joining::Admitted(self.0.papers())
        } else {
            Joining::Pending
        }))
    }

    fn introduce(&self, succession: Vec<u8>) -> BoxFuture<'static, Result<Papers, String>> {
        let added = {
            let state = &mut *self.0.state();
            let handle = Succession::open(&succession).unwrap().0.institution;
            state
                .successions
                .entry(handle)
                .or_default()
                .add(&state.chain, &succession)
        };
        self.touch();
        done(added.map(|_| self.0.papers()).map_err(|e| e.to_string()))
    }
}
