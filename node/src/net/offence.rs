//! What peers did wrong, counted. A fault of a peer is shown in metrics and harms nobody.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use commun_specs::key::PublicKey;

use super::limits::MAX_OFFENDERS;

/// What a peer did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Offence {
    /// It is no member and asked for what only members get.
    Stranger,
    /// Bytes that are no message or request.
    Garbage,
    /// More bytes than the limit.
    Oversize,
    /// A message that contradicts itself or exceeds a limit.
    Form,
    /// A signature that does not hold.
    Signature,
    /// A range that does not verify.
    Range,
    /// Content that is not what its hash says.
    Content,
    /// More messages or requests than the limit.
    Flood,
    /// It began and did not go on.
    Stall,
}

impl Offence {
    /// The name that metrics use.
    pub fn as_str(self) -> &'static str {
        match self {
            Offence::Stranger => "stranger",
            Offence::Garbage => "garbage",
            Offence::Oversize => "oversize",
            Offence::Form => "form",
            Offence::Signature => "signature",
            Offence::Range => "range",
            Offence::Content => "content",
            Offence::Flood => "flood",
            Offence::Stall => "stall",
        }
    }
}

/// One line of the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Who; `None` for peers beyond the number that are counted by name, and for those without a key.
    pub peer: Option<PublicKey>,
    /// What.
    pub offence: Offence,
    /// How often since the start.
    pub count: u64,
}

/// The counts of a node.
#[derive(Debug, Default)]
pub struct Offences(Mutex<HashMap<(Option<PublicKey>, Offence), u64>>);

impl Offences {
    /// Counts one.
    pub fn count(&self, peer: Option<PublicKey>, offence: Offence) {
        tracing::debug!(
            ?peer,
            offence = offence.as_str(),
            "a peer did something wrong"
        );
        let mut counts = self.lock();
        let known = counts.contains_key(&(peer, offence)) || counts.len() < MAX_OFFENDERS;
        *counts.entry((peer.filter(|_| known), offence)).or_default() += 1;
    }

    /// All counts, in no particular order.
    pub fn all(&self) -> Vec<Count> {
        self.lock()
            .iter()
            .map(|((peer, offence), count)| Count {
                peer: *peer,
                offence: *offence,
                count: *count,
            })
            .collect()
    }

    /// How often this happened, whoever did it.
    pub fn total(&self, offence: Offence) -> u64 {
        self.lock()
            .iter()
            .filter(|((_, o), _)| *o == offence)
            .map(|(_, n)| n)
            .sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Option<PublicKey>, Offence), u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use commun_specs::key::SecretKey;

    use super::*;

    #[test]
    fn offences_are_counted_by_name_up_to_a_limit() {
        let offences = Offences::default();
        for n in 0..MAX_OFFENDERS as u32 + 10 {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&n.to_be_bytes());
            offences.count(Some(SecretKey::from_seed(seed).public()), Offence::Garbage);
        }
        assert_eq!(offences.total(Offence::Garbage), MAX_OFFENDERS as u64 + 10);
        assert_eq!(offences.total(Offence::Flood), 0);
        let unnamed = offences
            .all()
            .into_iter()
            .find(|c| c.peer.is_none())
            .unwrap();
        assert_eq!(unnamed.count, 10);
    }
}
