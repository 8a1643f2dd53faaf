//! The machine: what it knows, and what each input leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Input, Member, Message, Millis, Offence, Output, limits};
use crate::{charter::Chain, id::TreeRoot, key::PublicKey, name::Handle, succession::Successions};

mod charter;
mod epochs;
mod exchange;
mod fetch;
mod freeze;
mod gossip;
mod log;
mod peers;
mod random;
mod start;
mod view;
mod witness;

use charter::Drafts;
use log::Log;
use peers::Peer;
use random::Random;
use start::Start;
pub use view::{LogView, PeerView, View};
use witness::Witness;

/// Who this node is.
#[derive(Debug, Clone)]
pub struct Config {
    /// The node's key.
    pub node: PublicKey,
    /// Its institution.
    pub institution: Handle,
    /// Where jitter comes from: drawn anew at every start, as it also tells this start from others.
    pub seed: u64,
    /// The operator says that this node may sign although nobody can be asked.
    pub alone: bool,
    /// How often the witnesses of the own log are asked at most, in milliseconds; `None` = never.
    pub cosign_every: Option<Millis>,
}

/// What the store holds when the node starts; all of it was verified before it was stored.
#[derive(Debug, Clone)]
pub struct Initial {
    /// The charter.
    pub chain: Chain,
    /// The successions of each log.
    pub successions: BTreeMap<Handle, Successions>,
    /// Drafts of the next amendment: envelopes.
    pub drafts: Vec<Vec<u8>>,
    /// The logs; one that is missing here is empty.
    pub logs: Vec<LogState>,
    /// The nodes that may be dialled and heard.
    pub members: Vec<Member>,
}

/// A log as the store holds it.
#[derive(Debug, Clone)]
pub struct LogState {
    /// Whose log.
    pub handle: Handle,
    /// How many leaves.
    pub size: u64,
    /// The tree root at that size.
    pub root: TreeRoot,
    /// The longest writer's note whose leaves are all held, of any epoch.
    pub complete: Option<Vec<u8>>,
    /// The note under which the last range was stored (or that was signed here last), of any epoch.
    pub covering: Option<Vec<u8>>,
    /// Why the log is frozen.
    pub frozen: Option<Evidence>,
    /// The largest size that this node cosigned, and in which epoch.
    pub cosigned: u64,
    /// The epoch of [`LogState::cosigned`].
    pub cosigned_epoch: u64,
    /// The longest note with cosignatures.
    pub witnessed: Option<Vec<u8>>,
}

/// One node's part of the protocol.
#[derive(Debug)]
pub struct Sync {
    config: Config,
    chain: Chain,
    drafts: Drafts,
    logs: BTreeMap<Handle, Log>,
    peers: BTreeMap<PublicKey, Peer>,
    start: Start,
    witness: Witness,
    random: Random,
    /// Tells this start from others.
    nonce: u64,
    next_fetch: u64,
}

impl Sync {
    /// A node that has just started.
    pub fn new(config: Config, initial: Initial) -> Self {
        let mut random = Random::new(config.seed);
        let nonce = random.next() >> 11; // JSON numbers stay below 2^53
        let states: BTreeMap<Handle, LogState> = initial
            .logs
            .into_iter()
            .map(|l| (l.handle.clone(), l))
            .collect();
        let logs = initial
            .successions
            .into_iter()
            .filter_map(|(handle, s)| {
                let log = Log::new(&handle, s, states.get(&handle))?;
                Some((handle, log))
            })
            .collect();
        let mut sync = Self {
            config,
            chain: initial.chain,
            drafts: Drafts::default(),
            logs,
            peers: BTreeMap::new(),
            start: Start::default(),
            witness: Witness::default(),
            random,
            nonce,
            next_fetch: 1,
        };
        for draft in initial.drafts {
            sync.restore_draft(&draft);
        }
        sync.set_members(initial.members);
        sync
    }

    /// Takes what happened and says what to do, in order. `now` never goes back.
    pub fn step(&mut self, now: Millis, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        self.start.begin(now);
        match input {
            Input::Tick => {}
            Input::Connected { peer } => self.connected(now, peer, &mut out),
            Input::Disconnected { peer } => self.disconnected(now, peer, &mut out),
            Input::DialFailed { peer } => self.dial_failed(now, peer),
            Input::Message { peer, message } => self.message(now, peer, message, &mut out),
            Input::Garbage { peer } => self.blame(now, peer, Offence::Garbage, &mut out),
            Input::Gossip { from, id, note } => self.gossip(now, from, id, &note, &mut out),
            Input::Members(members) => {
                self.set_members(members);
                self.reread_all(now, &mut out);
            }
            Input::Charter(envelope) => {
                self.take_charter(now, None, &envelope, &mut out);
            }
            Input::Draft(envelope) => {
                self.take_draft(now, None, &envelope, &mut out);
            }
            Input::Succession(envelope) => {
                self.take_succession(now, None, &envelope, &mut out);
            }
            Input::LocalGrew { note } => self.local_grew(now, &note, &mut out),
            Input::Progress { id } => self.progress(now, id),
            Input::RangeStored {
                id,
                handle,
                size,
                root,
                note,
            } => self.range_stored(now, id, &handle, (size, root), note, &mut out),
            Input::RangeRefused { id, fault } => self.range_refused(now, id, fault, &mut out),
            Input::Truncated { handle, size, root } => {
                self.truncated(&handle, (size, root), &mut out);
            }
            Input::Found(evidence) => self.found(now, evidence, &mut out),
            Input::Cosigned { handle, size, note } => {
                self.cosigned(now, &handle, size, note, &mut out);
            }
            Input::Withheld {
                handle,
                mut positions,
            } => {
                positions.truncate(limits::MAX_WITHHELD);
                if let Some(log) = self.logs.get_mut(&handle) {
                    log.withheld = positions;
                }
            }
        }
        self.settle(now, &mut out);
        out
    }

    /// What time and the new state lead to.
    fn settle(&mut self, now: Millis, out: &mut Vec<Output>) {
        self.dial_due(now, out);
        self.hello_due(now, out);
        self.fetch_due(now, out);
        self.bodies_due(now, out);
        self.announce_due(now, out);
        self.witness_due(now, out);
        self.start_due(now, out);
    }

    fn message(&mut self, now: Millis, peer: PublicKey, message: Message, out: &mut Vec<Output>) {
        if !self.heard(now, &peer) {
            self.stranger(now, peer, message, out);
            return;
        }
        if !self.take_token(now, &peer) {
            self.blame(now, peer, Offence::Flood, out);
            return;
        }
        match message {
            Message::Hello(hello) => self.hello(now, peer, hello, out),
            Message::AskCharter { from } => self.answer_charter(peer, from, out),
            Message::Charter(list) => self.got_charter(now, peer, &list, out),
            Message::AskDrafts => self.answer_drafts(peer, out),
            Message::Drafts(list) => self.got_drafts(now, peer, &list, out),
            Message::AskSuccessions { handle, from } => {
                self.answer_successions(peer, &handle, from, out);
            }
            Message::Successions(list) => self.got_successions(now, peer, &list, out),
            Message::AskEvidence { handle } => self.answer_evidence(peer, &handle, out),
            Message::Evidence(evidence) => self.got_evidence(now, peer, evidence, out),
            Message::Cosign(note) => self.asked_to_cosign(now, peer, &note, out),
            Message::Cosigned(note) => self.got_cosigned(now, peer, &note, out),
        }
        self.pursue(now, peer, out);
    }

    /// The institutions of the charter in force.
    fn institutions(&self) -> BTreeSet<&Handle> {
        let head = self.chain.head().0;
        head.institutions.iter().map(|i| &i.handle).collect()
    }
}
