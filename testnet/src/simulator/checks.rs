//! What must hold: always, and in the end.

use commun_specs::{
    name::Handle,
    sync::{Evidence, Message, limits},
};

use super::{network::Place, store::StoredLog, traitor::Kind, world::World};

/// More messages than this in one second, for each pair of nodes, is a storm.
const MAX_RATE_OF_PAIR: u64 = 60;

/// What a run counts.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    second: u64,
    this_second: u64,
    pub(super) busiest: u64,
    pub(super) messages: u64,
    pub(super) restores: u64,
    pub(super) epochs: u64,
    pub(super) frozen: usize,
    checked: u64,
}

impl Tally {
    pub(super) fn sent(&mut self, now: u64) {
        if now / 1_000 != self.second {
            (self.second, self.this_second) = (now / 1_000, 0);
        }
        self.this_second += 1;
        self.messages += 1;
        self.busiest = self.busiest.max(self.this_second);
    }
}

impl World {
    /// An honest message fits, and reads as it was written (one in fifty is tried: writing them all takes long).
    pub(super) fn check_message(&mut self, message: &Message) {
        self.tally.checked += 1;
        if self.tally.checked % 50 != 1 {
            return;
        }
        let bytes = serde_json::to_vec(message).expect("messages are JSON");
        assert!(bytes.len() <= limits::MAX_MESSAGE, "a message is too large");
        let again: Message = serde_json::from_slice(&bytes).expect("messages read");
        assert_eq!(again, *message);
    }

    /// No honest log is ever frozen, and evidence holds.
    pub(super) fn check_freeze(&self, place: Place, handle: &Handle, evidence: &Evidence) {
        let owner = self.nodes.iter().position(|n| n.house.handle == *handle);
        let owner = owner.expect("a known log");
        let two_faced = self.traitor.as_ref().is_some_and(|t| {
            t.place == owner && matches!(t.kind, Kind::TwoHistories | Kind::Reformed)
        });
        assert!(two_faced, "node {place} freezes {handle}: {evidence:?}");
    }

    /// Nothing is stored that its writer did not sign.
    pub(super) fn check_stored(&self, place: Place) {
        if !self.honest(place) {
            return;
        }
        for (owner, node) in self.nodes.iter().enumerate() {
            let Some(log) = self.nodes[place].store.logs.get(&node.house.handle) else {
                continue;
            };
            let begins = |truth: &StoredLog| {
                log.size() <= truth.size() && truth.root_at(log.size()) == log.root()
            };
            let own = node.store.logs.get(&node.house.handle);
            let sound = match self.truth.get(&owner) {
                Some(truth) => begins(truth),
                None => {
                    let traitor = self.traitor.as_ref();
                    own.is_some_and(begins)
                        || traitor.is_some_and(|t| begins(&t.twin) || begins(&t.first))
                }
            };
            assert!(
                sound,
                "node {place} stored what {} never signed",
                node.house.handle
            );
        }
    }

    /// Whether all honest nodes agree; if not, on what.
    pub(super) fn agreement(&self) -> Result<(), String> {
        let all: Vec<Place> = (0..self.nodes.len())
            .filter(|p| self.honest(*p) && self.born(*p))
            .collect();
        let mut heads = Vec::new();
        for &place in &all {
            let node = &self.nodes[place];
            let sync = node.sync.as_ref().ok_or("a node is down")?;
            heads.push((sync.chain().head().1, sync.drafts_digest()));
            if let Some(why) = sync.obstacle(self.now) {
                return Err(format!("node {place} may not sign: {why}"));
            }
            for &owner in &all {
                let handle = &self.nodes[owner].house.handle;
                let held = node.store.logs.get(handle);
                let held = held.map(|l| (l.size(), l.root()));
                let truth = &self.truth[&owner];
                let expected = (truth.size(), truth.root());
                if held.map_or(truth.size() != 0, |h| h != expected) {
                    let size = held.map(|h| h.0);
                    return Err(format!(
                        "node {place} holds {size:?} of {} entries of {handle}",
                        truth.size()
                    ));
                }
                let epochs = |p: Place| {
                    let sync = self.nodes[p].sync.as_ref();
                    sync.and_then(|s| s.successions_digest(handle))
                };
                if epochs(place) != epochs(owner) {
                    return Err(format!("node {place} lacks successions of {handle}"));
                }
            }
        }
        if heads.windows(2).any(|w| w[0] != w[1]) {
            return Err("charters or drafts differ".to_owned());
        }
        self.frozen_alike(&all)
    }

    /// A log with two histories is frozen on all honest nodes, on the same evidence.
    fn frozen_alike(&self, all: &[Place]) -> Result<(), String> {
        let Some(traitor) = &self.traitor else {
            return Ok(());
        };
        let node = &self.nodes[traitor.place];
        let log = node.store.logs.get(&node.house.handle);
        if traitor.kind == Kind::Reformed {
            return self.thawed_alike(all, log);
        }
        let two_faced = log.is_some_and(|l| traitor.two_faced(l));
        let shown = |misled| all.iter().any(|p| traitor.misleads(*p) == misled);
        if !two_faced || !shown(true) || !shown(false) {
            return Ok(());
        }
        let evidence: Vec<Option<&Evidence>> = all
            .iter()
            .map(|p| {
                let log = self.nodes[*p].store.logs.get(&node.house.handle);
                log.and_then(|l| l.frozen.as_ref())
            })
            .collect();
        if evidence.iter().any(Option::is_none) {
            return Err("a log with two histories is not frozen everywhere".to_owned());
        }
        if evidence.windows(2).any(|w| w[0] != w[1]) {
            return Err("the evidence differs".to_owned());
        }
        Ok(())
    }

    /// After the institution named what stands, everybody has that and what was written since.
    fn thawed_alike(&self, all: &[Place], log: Option<&StoredLog>) -> Result<(), String> {
        let log = log.ok_or("the former traitor has no log")?;
        let traitor = self.traitor.as_ref().ok_or("nobody betrayed")?;
        let node = &self.nodes[traitor.place];
        if traitor.written < 3 {
            let view = node.sync.as_ref().and_then(|s| s.obstacle(self.now));
            return Err(format!("the former traitor did not write: {view:?}"));
        }
        for place in all {
            let held = self.nodes[*place].store.logs.get(&node.house.handle);
            let same = held.is_some_and(|h| h.frozen.is_none() && h.entries == log.entries);
            if !same {
                return Err(format!("node {place} did not adopt what stands"));
            }
        }
        Ok(())
    }

    /// Whether there is a frozen log whose institution can still say what stands.
    pub(super) fn can_reform(&self) -> bool {
        self.traitor.as_ref().is_some_and(|t| {
            let node = &self.nodes[t.place];
            let log = node.store.logs.get(&node.house.handle);
            t.kind == Kind::TwoHistories && log.is_some_and(|l| l.frozen.is_some())
        })
    }

    /// After agreement.
    pub(super) fn final_checks(&self) {
        let pairs = (self.nodes.len() * (self.nodes.len() - 1)) as u64;
        assert!(
            self.tally.busiest <= pairs * MAX_RATE_OF_PAIR,
            "a storm: {} messages in a second",
            self.tally.busiest
        );
        for place in 0..self.nodes.len() {
            if self.born(place) {
                self.check_stored(place);
            }
        }
        for (place, truth) in &self.truth {
            let node = &self.nodes[*place];
            if let Some(log) = node.store.logs.get(&node.house.handle) {
                assert_eq!(log.entries, truth.entries, "an acknowledged entry is lost");
            }
        }
    }
}
