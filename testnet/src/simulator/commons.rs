//! The institutions of a run: their keys, the first charter, amendments and successions.

use commun_specs::{
    charter::{Amendment, Chain, Institution},
    envelope::{Envelope, PayloadType},
    id::TreeRoot,
    key::SecretKey,
    name::Handle,
    succession::Succession,
};

/// One institution with its one node.
#[derive(Debug, Clone)]
pub(super) struct House {
    pub(super) handle: Handle,
    /// Signs amendments and successions.
    pub(super) key: SecretKey,
    /// Signs the log.
    pub(super) node: SecretKey,
}

impl House {
    pub(super) fn new(place: usize) -> Self {
        let seed = |kind: u8| {
            let mut seed = [kind; 32];
            seed[0] = place as u8 + 1;
            SecretKey::from_seed(seed)
        };
        Self {
            handle: Handle::new(&format!("univ-{place}")).expect("a valid handle"),
            key: seed(1),
            node: seed(2),
        }
    }

    pub(super) fn institution(&self) -> Institution {
        Institution {
            handle: self.handle.clone(),
            name: self.handle.to_string(),
            keys: vec![self.key.public()],
            threshold: 1,
            ror: None,
            uai: None,
        }
    }

    /// Opens an epoch of the house's log.
    pub(super) fn succession(
        &self,
        chain: &Chain,
        before: Option<&commun_specs::succession::Successions>,
        (size, root): (u64, TreeRoot),
    ) -> Vec<u8> {
        let current = before.and_then(|b| b.current());
        let succession = Succession {
            commons: chain.commons(),
            institution: self.handle.clone(),
            epoch: current.map_or(0, |s| s.epoch + 1),
            prev: before.and_then(|b| b.current_id()),
            charter: chain.head().1,
            size,
            root,
            writer: self.node.public(),
        };
        Envelope::seal(
            PayloadType::Succession,
            succession.to_payload(),
            &[&self.key],
        )
        .to_bytes()
    }
}

/// Charter 0 of the first houses, signed by all of them.
pub(super) fn genesis(houses: &[House]) -> Vec<u8> {
    let mut first = Amendment::genesis("simulated", 1, houses[0].institution());
    first.institutions = houses.iter().map(House::institution).collect();
    seal(&first, &houses.iter().map(|h| &h.key).collect::<Vec<_>>())
}

/// The next charter with one house more, signed by the one that proposes it.
pub(super) fn admission(chain: &Chain, proposer: &House, new: &House, time: u64) -> Vec<u8> {
    let (head, id) = chain.head();
    let mut next = head.successor(id, time);
    next.institutions.push(new.institution());
    next.institutions.sort_by(|a, b| a.handle.cmp(&b.handle));
    seal(&next, &[&proposer.key])
}

/// Adds a house's signature to a draft; `None` if it is there.
pub(super) fn countersign(draft: &[u8], house: &House) -> Option<Vec<u8>> {
    let mut envelope = Envelope::open(PayloadType::Charter, draft).ok()?;
    if envelope.reaches(&[house.key.public()], 1) {
        return None;
    }
    let own = Envelope::seal(
        PayloadType::Charter,
        envelope.payload().to_vec(),
        &[&house.key],
    );
    envelope.merge(&own);
    Some(envelope.to_bytes())
}

fn seal(amendment: &Amendment, keys: &[&SecretKey]) -> Vec<u8> {
    let payload = amendment.to_payload().expect("a valid amendment");
    Envelope::seal(PayloadType::Charter, payload, keys).to_bytes()
}
