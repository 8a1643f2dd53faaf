//! A seeded simulator of the protocol without I/O (`commun_specs::sync`): real keys, trees and notes on a
//! virtual network with a virtual clock.
//!
//! Each seed makes a run: 3 to 7 institutions, some of which join while it runs; lines that delay, lose,
//! double and reorder; cuts in one or both directions; nodes that crash between two steps and come back,
//! or come back with an old disk; new epochs; in half of the runs one member that betrays. After 15
//! virtual seconds everything heals, and the honest must agree. `COMMUN_SEED=n` runs one seed.

mod checks;
mod commons;
mod dice;
mod faults;
mod network;
mod perform;
mod store;
mod traitor;
mod world;

#[cfg(test)]
mod tests;

/// What happened in a run that ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Virtual milliseconds until all agreed.
    pub agreed_after: u64,
    /// Messages sent.
    pub messages: u64,
    /// Messages in the busiest second.
    pub busiest: u64,
    /// Entries acknowledged by honest writers.
    pub entries: u64,
    /// Institutions at the end.
    pub institutions: usize,
    /// Writers that came back with an old disk.
    pub restores: u64,
    /// Epochs opened.
    pub epochs: u64,
    /// Honest nodes that froze a log.
    pub frozen: usize,
}

/// Runs one seed.
///
/// # Panics
/// Something that must hold does not: the message says what.
pub fn run(seed: u64) -> Summary {
    let mut world = world::World::new(seed);
    world.run();
    Summary {
        agreed_after: world.now,
        messages: world.tally.messages,
        busiest: world.tally.busiest,
        entries: world.truth.values().map(store::StoredLog::size).sum(),
        institutions: (0..world.nodes.len()).filter(|p| world.born(*p)).count(),
        restores: world.tally.restores,
        epochs: world.tally.epochs,
        frozen: world.tally.frozen,
    }
}
