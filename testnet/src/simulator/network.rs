//! The virtual network: connections, delay, loss, duplication, cuts in one or both directions.

use std::collections::{BTreeMap, BTreeSet};

use super::dice::Dice;

/// A node by its number.
pub(super) type Place = usize;

/// How bad the lines are, for a whole run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    pub(super) max_delay: u64,
    pub(super) loss: u64,
    pub(super) duplication: u64,
}

/// Connections and cuts.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) lines: Lines,
    /// The current connection of a pair (the lower place first).
    connections: BTreeMap<(Place, Place), u64>,
    /// Which side has been told of a connection: (side, other).
    told: BTreeSet<(Place, Place)>,
    /// Directions that carry nothing: (from, to).
    cuts: BTreeSet<(Place, Place)>,
    next: u64,
}

fn pair(a: Place, b: Place) -> (Place, Place) {
    (a.min(b), a.max(b))
}

impl Network {
    pub(super) fn new(lines: Lines) -> Self {
        Self {
            lines,
            connections: BTreeMap::new(),
            told: BTreeSet::new(),
            cuts: BTreeSet::new(),
            next: 1,
        }
    }

    pub(super) fn delay(&self, dice: &mut Dice) -> u64 {
        dice.between(1, self.lines.max_delay)
    }

    pub(super) fn lost(&self, dice: &mut Dice, from: Place, to: Place) -> bool {
        self.cuts.contains(&(from, to)) || dice.chance(self.lines.loss)
    }

    pub(super) fn cut(&mut self, from: Place, to: Place) {
        self.cuts.insert((from, to));
    }

    pub(super) fn heal(&mut self) {
        self.cuts.clear();
    }

    /// Whether both directions carry something.
    pub(super) fn reaches(&self, a: Place, b: Place) -> bool {
        !self.cuts.contains(&(a, b)) && !self.cuts.contains(&(b, a))
    }

    pub(super) fn connection(&self, a: Place, b: Place) -> Option<u64> {
        self.connections.get(&pair(a, b)).copied()
    }

    pub(super) fn connect(&mut self, a: Place, b: Place) -> u64 {
        let id = self.next;
        self.next += 1;
        self.connections.insert(pair(a, b), id);
        id
    }

    /// Ends a connection; nothing on it arrives any more.
    pub(super) fn end(&mut self, a: Place, b: Place) {
        self.connections.remove(&pair(a, b));
    }

    /// Notes that a side was told; false if it knew.
    pub(super) fn tell(&mut self, side: Place, other: Place) -> bool {
        self.told.insert((side, other))
    }

    /// Notes that a side was told that the connection is gone; false if it knew of none.
    pub(super) fn untell(&mut self, side: Place, other: Place) -> bool {
        self.told.remove(&(side, other))
    }

    pub(super) fn knows(&self, side: Place, other: Place) -> bool {
        self.told.contains(&(side, other))
    }

    /// Those with whom a place has a connection.
    pub(super) fn neighbours(&self, place: Place) -> Vec<Place> {
        let all = self.connections.keys();
        all.filter_map(|(a, b)| match place {
            p if p == *a => Some(*b),
            p if p == *b => Some(*a),
            _ => None,
        })
        .collect()
    }
}
