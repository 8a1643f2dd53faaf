//! The chain of amendments that a node has verified.

use std::collections::BTreeMap;

use super::{Amendment, Institution, Malformed};
use crate::{
    envelope::Envelope,
    id::{CharterId, CommonsId},
    key::PublicKey,
    name::Handle,
    statement::Cut,
};

/// The chain does not take an amendment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It never will.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Its predecessor is not here (yet): ask for the amendments between.
    #[error("R-03-24: amendment {0} does not follow from what is known")]
    Unlinked(u64),
    /// It is of another commons.
    #[error("R-03-25: the amendment is of another commons")]
    OtherCommons,
    /// Not enough institutions signed (yet).
    #[error("R-03-26: {signed} of {of} institutions signed, a strict majority is needed")]
    NoMajority {
        /// How many did.
        signed: usize,
        /// Of how many.
        of: usize,
    },
    /// The amendment breaks a rule about what it changes.
    #[error("R-03-27: {0}")]
    Rule(String),
}

/// What [`Chain::add`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// The chain is one longer.
    New(CharterId),
    /// It was there; signatures that were new are kept.
    Known,
    /// A second valid successor of a number that has one: evidence against those who signed both.
    Fork(CharterId),
}

#[derive(Debug, Clone)]
struct Link {
    id: CharterId,
    amendment: Amendment,
    envelope: Envelope,
}

/// Verified amendments 0 to n.
#[derive(Debug, Clone)]
pub struct Chain {
    links: Vec<Link>,
    forks: BTreeMap<CharterId, Envelope>,
}

impl Chain {
    /// Begins with charter 0, which every institution that it lists signed.
    pub fn begin(bytes: &[u8]) -> Result<Self, Error> {
        let (amendment, envelope) = Amendment::open(bytes)?;
        if amendment.number != 0 {
            return Err(Error::Unlinked(amendment.number));
        }
        let (signed, of) = (amendment.signed(&envelope), amendment.institutions.len());
        if signed != of {
            return Err(Error::NoMajority { signed, of });
        }
        let id = Amendment::id_of(envelope.payload());
        Ok(Self {
            links: vec![Link {
                id,
                amendment,
                envelope,
            }],
            forks: BTreeMap::new(),
        })
    }

    /// The commons' name for machines: the id of charter 0.
    pub fn commons(&self) -> CommonsId {
        CommonsId(self.links[0].id.0)
    }

    /// The charter in force.
    pub fn head(&self) -> (&Amendment, CharterId) {
        let last = self.links.last().expect("a chain begins with charter 0");
        (&last.amendment, last.id)
    }

    /// Amendment `number`, if it is here.
    pub fn get(&self, number: u64) -> Option<(&Amendment, CharterId)> {
        self.links
            .get(usize::try_from(number).ok()?)
            .map(|l| (&l.amendment, l.id))
    }

    /// The amendment of an id, if it is in the chain.
    pub fn find(&self, id: &CharterId) -> Option<&Amendment> {
        self.links
            .iter()
            .find(|l| l.id == *id)
            .map(|l| &l.amendment)
    }

    /// The envelopes from `number` on, to be stored or sent.
    pub fn envelopes(&self, number: u64) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.links
            .iter()
            .skip(number as usize)
            .map(|l| l.envelope.to_bytes())
    }

    /// Second successors that were valid: evidence, shown and kept.
    pub fn forks(&self) -> impl Iterator<Item = (&CharterId, &Envelope)> {
        self.forks.iter()
    }

    /// The lowest number that has two valid successors: no marker above it is newly accepted.
    pub fn forked_at(&self) -> Option<u64> {
        self.forks
            .values()
            .filter_map(|e| Amendment::read(e.payload()).ok())
            .map(|a| a.number - 1)
            .min()
    }

    /// The first institution that lists a key, in the charter in force.
    pub fn institution_of(&self, key: &PublicKey) -> Option<&Institution> {
        self.head()
            .0
            .institutions
            .iter()
            .find(|i| i.keys.contains(key))
    }

    /// The cut that ends an institution's former keys or its membership, from amendment `number` on, if any.
    pub fn last_cut(&self, handle: &Handle) -> Option<(u64, &Cut)> {
        self.links.iter().rev().find_map(|l| {
            l.amendment
                .cuts
                .iter()
                .find(|c| c.institution == *handle)
                .map(|c| (l.amendment.number, c))
        })
    }

    /// Adds an amendment if it is valid.
    ///
    /// # Errors
    /// Why it is not; [`Error::NoMajority`] and [`Error::Unlinked`] may pass, the others never do.
    pub fn add(&mut self, bytes: &[u8]) -> Result<Added, Error> {
        let (amendment, envelope) = Amendment::open(bytes)?;
        let id = Amendment::id_of(envelope.payload());
        if amendment.number == 0 {
            return if id == self.links[0].id {
                Ok(Added::Known)
            } else {
                Err(Error::OtherCommons)
            };
        }
        if amendment.commons != Some(self.commons()) {
            return Err(Error::OtherCommons);
        }
        let at =
            usize::try_from(amendment.number).map_err(|_| Error::Unlinked(amendment.number))?;
        let Some(before) = self.links.get(at - 1) else {
            return Err(Error::Unlinked(amendment.number));
        };
        if amendment.prev != Some(before.id) {
            return Err(Error::Unlinked(amendment.number));
        }
        let (signed, of) = (
            before.amendment.signed(&envelope),
            before.amendment.institutions.len(),
        );
        if !before.amendment.is_majority(signed) {
            return Err(Error::NoMajority { signed, of });
        }
        self.follows(at, &amendment)?;
        match self.links.get_mut(at) {
            Some(link) if link.id == id => {
                link.envelope.merge(&envelope);
                Ok(Added::Known)
            }
            Some(_) => {
                self.forks.insert(id, envelope);
                Ok(Added::Fork(id))
            }
            None => {
                self.links.push(Link {
                    id,
                    amendment,
                    envelope,
                });
                Ok(Added::New(id))
            }
        }
    }

    /// Checks everything about a draft but its signatures: what a member does before it signs.
    pub fn check_draft(&self, draft: &Amendment) -> Result<(), Error> {
        let (_, id) = self.head();
        if draft.commons != Some(self.commons()) {
            return Err(Error::OtherCommons);
        }
        if draft.prev != Some(id) || draft.number != self.links.len() as u64 {
            return Err(Error::Unlinked(draft.number));
        }
        self.follows(self.links.len(), draft)
    }

    /// The rules on what amendment `at` may change.
    fn follows(&self, at: usize, next: &Amendment) -> Result<(), Error> {
        let before = &self.links[at - 1].amendment;
        for i in &before.institutions {
            let same_keys = next
                .institution(&i.handle)
                .is_some_and(|n| n.keys == i.keys && n.threshold == i.threshold);
            let cut = next.cuts.iter().any(|c| c.institution == i.handle);
            if same_keys == cut {
                return Err(Error::Rule(format!(
                    "{} is removed or gets other keys if and only if its log is cut at (epoch, size, root)",
                    i.handle
                )));
            }
        }
        if let Some(c) = next
            .cuts
            .iter()
            .find(|c| before.institution(&c.institution).is_none())
        {
            return Err(Error::Rule(format!(
                "{} is cut but is no member",
                c.institution
            )));
        }
        for i in next
            .institutions
            .iter()
            .filter(|i| before.institution(&i.handle).is_none())
        {
            if self.links[..at]
                .iter()
                .any(|l| l.amendment.institution(&i.handle).is_some())
            {
                return Err(Error::Rule(format!(
                    "the handle {} was used before and is never used again",
                    i.handle
                )));
            }
        }
        if next.round > 0 {
            round_failed(before, next)?;
        }
        Ok(())
    }
}

/// Round r+1 opens only with the binding signatures of round r that prove that no payload of it can reach a
/// majority any more: for every payload, those who signed it and those who signed nothing are too few.
fn round_failed(before: &Amendment, next: &Amendment) -> Result<(), Error> {
    let mut signed_by_payload: BTreeMap<CharterId, usize> = BTreeMap::new();
    let mut silent: Vec<&Institution> = before.institutions.iter().collect();
    for bytes in &next.failed {
        let (a, envelope) = Amendment::open(bytes)?;
        if (a.number, a.prev, a.round) != (next.number, next.prev, next.round - 1) {
            return Err(Error::Rule(
                "the proof of a failed round holds an envelope of another round".to_owned(),
            ));
        }
        let id = Amendment::id_of(envelope.payload());
        if signed_by_payload
            .insert(id, before.signed(&envelope))
            .is_some()
        {
            return Err(Error::Rule(
                "the proof of a failed round holds a payload twice".to_owned(),
            ));
        }
        silent.retain(|i| !envelope.reaches(&i.keys, i.threshold));
    }
    let best = signed_by_payload.values().copied().max().unwrap_or(0);
    if before.is_majority(best + silent.len()) {
        return Err(Error::Rule(
            "the round before can still reach a majority".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
