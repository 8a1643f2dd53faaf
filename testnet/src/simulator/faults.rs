//! What goes wrong, and what people do meanwhile.

use commun_specs::sync::Input;

use super::{
    commons::admission,
    network::Place,
    store::{Store, StoredLog},
    world::{Event, World},
};

impl World {
    fn any_running(&mut self) -> Option<Place> {
        let all: Vec<Place> = (0..self.nodes.len())
            .filter(|p| self.nodes[*p].sync.is_some())
            .collect();
        let pick = self.dice.below(all.len() as u64) as usize;
        all.get(pick).copied()
    }

    pub(super) fn trouble(&mut self) {
        let Some(place) = self.any_running() else {
            let place = self.dice.below(self.nodes.len() as u64) as Place;
            self.start(place);
            return;
        };
        match self.dice.below(100) {
            0..50 => {
                for _ in 0..self.dice.between(1, 3) {
                    if self.honest(place) {
                        self.append(place);
                    } else {
                        self.betray(place);
                    }
                }
            }
            50..58 => self.nodes[place].fuse = Some(self.dice.below(6)),
            58..66 => {
                let other = self.dice.below(self.nodes.len() as u64) as Place;
                self.start(other);
            }
            66..74 => self.cut_some(place),
            74..80 => self.network.heal(),
            80..88 => self.propose(place),
            88..91 => self.nodes[place].backup = Some(self.nodes[place].store.clone()),
            91..96 => self.restore_some(),
            _ => self.open_epoch(place),
        }
    }

    /// Cuts some lines, half of them in one direction only; both ends notice within five seconds.
    fn cut_some(&mut self, place: Place) {
        let both = self.dice.chance(50);
        for other in 0..self.nodes.len() {
            if other == place || self.dice.chance(40) {
                continue;
            }
            self.network.cut(place, other);
            if both {
                self.network.cut(other, place);
            }
            if let Some(connection) = self.network.connection(place, other) {
                let delay = self.dice.between(1_000, 5_000);
                let (a, b) = (place, other);
                self.at(delay, Event::Dead { a, b, connection });
            }
        }
    }

    /// A member proposes to admit the next institution.
    fn propose(&mut self, place: Place) {
        let Some(new) = (0..self.nodes.len()).find(|p| !self.born(*p)) else {
            return;
        };
        let Some(sync) = &self.nodes[place].sync else {
            return;
        };
        let chain = sync.chain().clone();
        let number = chain.head().0.number + 1;
        if !self.nodes[place].signed.insert(number) {
            return;
        }
        let (house, new) = (&self.nodes[place].house, &self.nodes[new].house);
        // The same draft whoever proposes it: this release cannot open a second round.
        let draft = admission(&chain, house, new, number);
        self.input(place, Input::Draft(draft));
    }

    fn restore_some(&mut self) {
        let all: Vec<Place> = (0..self.nodes.len())
            .filter(|p| self.can_restore(*p))
            .collect();
        let pick = self.dice.below(all.len() as u64) as usize;
        if let Some(place) = all.get(pick) {
            self.restore(*place);
        }
    }

    /// Whether a writer's backup is older than its log, all others hold what it acknowledged, and all are honest.
    fn can_restore(&self, place: Place) -> bool {
        let node = &self.nodes[place];
        let handle = &node.house.handle;
        let size = |s: &Store| s.logs.get(handle).map_or(0, StoredLog::size);
        let (own, charter) = (size(&node.store), node.store.charter.len());
        let Some(backup) = &node.backup else {
            return false;
        };
        let hold = |p: Place| {
            let store = &self.nodes[p].store;
            size(store) == own && store.charter.len() == charter
        };
        // A writer that remembers no other institution asks nobody: the handbook says what to do then.
        self.traitor.is_none()
            && size(backup) < own
            && (0..self.nodes.len()).all(|p| !self.born(p) || hold(p))
            && backup.chain().head().0.institutions.len() > 1
    }

    /// The disk of a writer is replaced by an older copy.
    fn restore(&mut self, place: Place) {
        self.crash(place);
        let node = &mut self.nodes[place];
        if let Some(backup) = &node.backup {
            node.store = backup.clone();
            self.tally.restores += 1;
        }
        let delay = self.dice.between(2_000, 6_000);
        self.at(delay, Event::Start(place));
    }

    /// An institution opens a new epoch of its log where it stands.
    fn open_epoch(&mut self, place: Place) {
        let node = &self.nodes[place];
        let Some(sync) = node.sync.as_ref().filter(|s| s.may_sign()) else {
            return;
        };
        if !self.honest(place) {
            return;
        }
        let handle = &node.house.handle;
        let log = node.store.logs.get(handle).cloned().unwrap_or_default();
        let before = sync.successions(handle);
        let tip = (log.size(), log.root());
        let succession = node.house.succession(sync.chain(), before, tip);
        self.tally.epochs += 1;
        self.input(place, Input::Succession(succession));
    }
}
