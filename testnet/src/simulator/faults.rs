//! What goes wrong, and what people do meanwhile.

use commun_specs::sync::Input;

use super::{
    commons::admission,
    network::Place,
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
            88..92 => self.nodes[place].backup = Some(self.nodes[place].store.clone()),
            92..95 => self.restore(place),
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

    /// The disk of a writer is replaced by an older copy, while all others hold what it acknowledged.
    fn restore(&mut self, place: Place) {
        let handle = self.nodes[place].house.handle.clone();
        let Some(backup) = self.nodes[place].backup.clone() else {
            return;
        };
        let size = self.nodes[place]
            .store
            .logs
            .get(&handle)
            .map_or(0, |l| l.size());
        let all_hold = (0..self.nodes.len()).filter(|p| self.born(*p)).all(|p| {
            let log = self.nodes[p].store.logs.get(&handle);
            log.map_or(0, |l| l.size()) == size
                && self.nodes[p].store.charter.len() == self.nodes[place].store.charter.len()
        });
        // A writer that remembers no other institution asks nobody: the handbook says what to do then.
        let asks = backup.chain().head().0.institutions.len() > 1;
        if self.traitor.is_none() && all_hold && asks {
            self.crash(place);
            self.nodes[place].store = backup;
            self.tally.restores += 1;
            let delay = self.dice.between(2_000, 6_000);
            self.at(delay, Event::Start(place));
        }
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
