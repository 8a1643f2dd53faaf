//! Whose an item is, and from where to where in whose log (R-04-42 to R-04-45).

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalogue, subject::Placed, version_kind};
use crate::{
    fold::{ItemKind, State, state::Reason},
    id::StatementId,
    name::{Handle, Slug},
    statement::Facts,
};

/// A stretch of a log in which its institution owns an item.
#[derive(Debug, Clone)]
pub(in crate::fold) struct Era {
    pub(in crate::fold) handle: Handle,
    /// From this position on: where it was created, or where the transfer was accepted.
    from: u64,
    /// Before this position: the transfer's.
    until: Option<u64>,
    /// The name under which it was accepted; `None` in the first era.
    pub(in crate::fold) slug: Option<Slug>,
}

/// Everything that transfers and acceptances add up to, for one item.
#[derive(Debug)]
pub(in crate::fold) struct Ownership {
    /// In their order; the last one is the owner's.
    pub(in crate::fold) eras: Vec<Era>,
    /// The states of the item's transfers and acceptances.
    states: BTreeMap<StatementId, State>,
    /// A transfer that nobody accepted yet, and to whom.
    pub(in crate::fold) offered: Option<(StatementId, Handle)>,
    /// Institutions that accepted what is not here yet, with the positions.
    waits: BTreeSet<(Handle, u64)>,
    kind: ItemKind,
}

impl Ownership {
    /// The owner, or the last one while a transfer is not accepted.
    pub(in crate::fold) fn owner(&self) -> &Era {
        self.eras.last().expect("an item begins with an era")
    }

    /// In which era an entry stands, if in any.
    pub(in crate::fold) fn era(&self, handle: &Handle, position: u64) -> Option<usize> {
        self.eras.iter().position(|e| {
            e.handle == *handle && e.from <= position && e.until.is_none_or(|u| position < u)
        })
    }

    /// Whether an institution owns the item, or did once.
    pub(in crate::fold) fn ever(&self, handle: &Handle) -> bool {
        self.eras.iter().any(|e| e.handle == *handle)
    }

    /// What becomes of a version, a withdrawal, a transfer or an acceptance that its own log lets count.
    pub(in crate::fold) fn verdict(&self, p: &Placed<'_>) -> State {
        let kind = match &p.known.facts {
            Facts::Transfer(_) | Facts::Acceptance(_) => {
                let found = self.states.get(&p.known.id);
                return found.copied().unwrap_or(State::Refused(Reason::NotOwner));
            }
            Facts::Withdrawal(_) => None,
            facts if version_kind(facts).is_some() => version_kind(facts),
            _ => return p.record.verdict,
        };
        let right = kind.is_none_or(|k| k == self.kind);
        if right && self.era(p.handle, p.position).is_some() {
            return State::InForce;
        }
        if right && self.waits_for(p.handle, p.position) {
            return State::Pending;
        }
        State::Refused(Reason::NotOwner)
    }

    fn waits_for(&self, handle: &Handle, position: u64) -> bool {
        self.waits.iter().any(|(h, p)| h == handle && *p < position)
    }
}

impl Catalogue {
    /// The ownership of an item, with a statement that no log holds yet; `None` where the item is not here.
    pub(in crate::fold) fn ownership(
        &self,
        item: &StatementId,
        extra: Option<Placed<'_>>,
    ) -> Option<Ownership> {
        let creator = self.owner(item)?;
        let log = &self.logs[&creator];
        let places = self.handed.get(item).into_iter().flatten();
        let mut handed: Vec<Placed> = places
            .filter_map(|(h, p)| self.place(h, *p))
            .chain(extra)
            .filter(|p| p.in_force())
            .collect();
        handed.sort_by_key(|p| (p.handle, p.position));
        let mut out = Ownership {
            eras: vec![Era {
                handle: creator.clone(),
                from: log.position(item).unwrap_or(0),
                until: None,
                slug: None,
            }],
            states: BTreeMap::new(),
            offered: None,
            waits: BTreeSet::new(),
            kind: log.items[item].kind,
        };
        while let Some((transfer, to)) = next_transfer(&out, &handed) {
            let at = out.eras.len() - 1;
            out.eras[at].until = Some(transfer.position);
            out.states.insert(transfer.known.id, State::InForce);
            let former = out.eras.iter().filter(|e| e.handle == *to);
            let after = former.filter_map(|e| e.until).max();
            let accepted = handed.iter().find_map(|p| match &p.known.facts {
                Facts::Acceptance(a)
                    if a.transfer == transfer.known.id
                        && p.handle == to
                        && after.is_none_or(|u| p.position > u) =>
                {
                    Some((p, a))
                }
                _ => None,
            });
            let Some((p, a)) = accepted else {
                out.offered = Some((transfer.known.id, to.clone()));
                break;
            };
            out.states.insert(p.known.id, State::InForce);
            out.eras.push(Era {
                handle: to.clone(),
                from: p.position,
                until: None,
                slug: Some(a.slug.clone()),
            });
        }
        self.the_rest(&handed, &mut out);
        Some(out)
    }

    /// What changed no owner: it waits as long as what it rests on is not here, and is refused otherwise.
    fn the_rest(&self, handed: &[Placed<'_>], out: &mut Ownership) {
        loop {
            let before = out.waits.len();
            for p in handed {
                if out.states.get(&p.known.id) == Some(&State::InForce) {
                    continue;
                }
                let state = match &p.known.facts {
                    Facts::Acceptance(a) => {
                        let unknown = !self.ids.contains_key(&a.transfer)
                            || self.waits_in_its_log(&a.transfer);
                        if unknown || out.states.get(&a.transfer) == Some(&State::Pending) {
                            out.waits.insert((p.handle.clone(), p.position));
                            State::Pending
                        } else {
                            State::Refused(Reason::NoTransfer)
                        }
                    }
                    _ if out.waits_for(p.handle, p.position) => State::Pending,
                    _ => State::Refused(Reason::NotToHand),
                };
                out.states.insert(p.known.id, state);
            }
            if out.waits.len() == before {
                // Once more was enough to see that nothing else waits.
                return;
            }
        }
    }
}

/// The first transfer in the last era.
fn next_transfer<'p>(
    out: &Ownership,
    handed: &'p [Placed<'_>],
) -> Option<(&'p Placed<'p>, &'p Handle)> {
    let era = out.owner();
    handed.iter().find_map(|p| match &p.known.facts {
        Facts::Transfer(t) if *p.handle == era.handle && p.position > era.from => Some((p, &t.to)),
        _ => None,
    })
}
