//! Whose an item is, and from where to where in whose log (R-04-42 to R-04-45).

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::{Catalogue, subject::Placed, version_kind};
use crate::{
    fold::{ItemKind, State, effort, log::Facts, state::Reason},
    id::StatementId,
    name::{Handle, Slug},
};

/// A stretch of a log in which its institution owns an item.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone)]
pub(in crate::fold) struct Ownership {
    /// In their order; the last one is the owner's.
    pub(in crate::fold) eras: Vec<Era>,
    /// Which of them are an institution's, in their order: also that of its log.
    of: HashMap<Handle, Vec<usize>>,
    /// The states of the item's transfers and acceptances.
    states: HashMap<StatementId, State>,
    /// A transfer that nobody accepted yet, and to whom.
    pub(in crate::fold) offered: Option<(StatementId, Handle)>,
    /// Where institutions accepted what is not here yet.
    waits: BTreeMap<Handle, BTreeSet<u64>>,
    /// Transfers that wait, and to whom they hand the item if they count.
    waiting: HashMap<StatementId, Handle>,
    /// The acceptances that wait, by the id that they name.
    accepting: HashMap<StatementId, Vec<(StatementId, Handle, u64)>>,
    kind: ItemKind,
}

/// An acceptance that waits no longer.
pub(super) struct Freed {
    pub(super) handle: Handle,
    pub(super) position: u64,
    /// From where, and up to where, its log waited for nothing else.
    pub(super) stretch: Option<(u64, u64)>,
}

impl Ownership {
    /// That of an item which was created here, and not handed on.
    pub(super) fn begun(handle: Handle, from: u64, kind: ItemKind) -> Self {
        let mut new = Self {
            eras: Vec::new(),
            of: HashMap::new(),
            states: HashMap::new(),
            offered: None,
            waits: BTreeMap::new(),
            waiting: HashMap::new(),
            accepting: HashMap::new(),
            kind,
        };
        new.add(Era {
            handle,
            from,
            until: None,
            slug: None,
        });
        new
    }

    /// The owner, or the last one while a transfer is not accepted.
    pub(in crate::fold) fn owner(&self) -> &Era {
        self.eras.last().expect("an item begins with an era")
    }

    /// In which era an entry stands, if in any.
    pub(in crate::fold) fn era(&self, handle: &Handle, position: u64) -> Option<usize> {
        let of = self.of.get(handle)?;
        let before = of.partition_point(|n| self.eras[*n].from <= position);
        let last = *of[..before].last()?;
        let until = self.eras[last].until;
        until.is_none_or(|u| position < u).then_some(last)
    }

    /// Whether an institution owns the item, or did once.
    pub(in crate::fold) fn ever(&self, handle: &Handle) -> bool {
        self.of.contains_key(handle)
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

    /// Whether something before an entry, in its log, accepts what is not here yet.
    fn waits_for(&self, handle: &Handle, position: u64) -> bool {
        self.first_wait(handle).is_some_and(|p| p < position)
    }

    pub(super) fn first_wait(&self, handle: &Handle) -> Option<u64> {
        self.waits.get(handle)?.first().copied()
    }

    /// Lets a statement wait, of which nothing was decided yet.
    fn let_wait(&mut self, p: &Placed<'_>) -> bool {
        let undecided = !self.states.contains_key(&p.known.id);
        if undecided {
            self.states.insert(p.known.id, State::Pending);
            if let Facts::Transfer(t) = &p.known.facts {
                self.waiting.insert(p.known.id, t.to.clone());
            }
        }
        undecided
    }

    fn waits_at(&mut self, acceptance: &Placed<'_>, transfer: &StatementId) {
        let (handle, position) = (acceptance.handle.clone(), acceptance.position);
        let log = self.waits.entry(handle.clone()).or_default();
        log.insert(position);
        let named = self.accepting.entry(*transfer).or_default();
        named.push((acceptance.known.id, handle, position));
    }

    /// Whether a transfer or an acceptance, as the next entry of its log, would make another the owner or nobody.
    pub(super) fn would_change(&self, p: &Placed<'_>) -> bool {
        match (&p.known.facts, &self.offered) {
            (Facts::Transfer(_), None) => self.owner().handle == *p.handle,
            (Facts::Acceptance(a), Some((transfer, to))) => {
                a.transfer == *transfer && to == p.handle
            }
            _ => false,
        }
    }

    /// Takes a transfer or an acceptance that changes no owner, and says what becomes of it. `awaited`: whether what it accepts
    /// is not here yet.
    pub(super) fn add_without_effect(&mut self, p: &Placed<'_>, awaited: bool) -> State {
        let state = match &p.known.facts {
            Facts::Acceptance(a) => {
                if awaited || self.waiting.get(&a.transfer) == Some(p.handle) {
                    self.waits_at(p, &a.transfer);
                    State::Pending
                } else {
                    State::Refused(Reason::NoTransfer)
                }
            }
            _ if self.waits_for(p.handle, p.position) => {
                self.let_wait(p);
                State::Pending
            }
            _ => State::Refused(Reason::NotToHand),
        };
        self.states.insert(p.known.id, state);
        state
    }

    /// A transfer waits no longer, and is refused. `false` where it did not wait.
    pub(super) fn no_longer_waits(&mut self, transfer: &StatementId) -> bool {
        let waited = self.waiting.remove(transfer).is_some();
        if waited {
            let refused = State::Refused(Reason::NotToHand);
            self.states.insert(*transfer, refused);
        }
        waited
    }

    /// What is here under an id hands nothing on, or waits itself and would hand the item to one institution: the
    /// acceptances, of others at least, that waited for it are refused.
    pub(super) fn refuse_acceptances(&mut self, id: &StatementId) -> Vec<Freed> {
        let all = self.accepting.remove(id).unwrap_or_default();
        let to = self.waiting.get(id).cloned();
        let (still, refused): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|(_, handle, _)| Some(handle) == to.as_ref());
        if !still.is_empty() {
            self.accepting.insert(*id, still);
        }
        let mut freed = Vec::new();
        for (id, handle, position) in refused {
            let refused = State::Refused(Reason::NoTransfer);
            self.states.insert(id, refused);
            let first = self.first_wait(&handle) == Some(position);
            if let Some(log) = self.waits.get_mut(&handle) {
                log.remove(&position);
            }
            let up_to = self.first_wait(&handle).unwrap_or(u64::MAX);
            freed.push(Freed {
                handle,
                position,
                stretch: first.then_some((position + 1, up_to)),
            });
        }
        freed
    }

    /// Whether a transfer waits.
    pub(super) fn hands_on_later(&self, id: &StatementId) -> bool {
        self.waiting.contains_key(id)
    }

    /// Whether something waits for an id.
    pub(super) fn is_waited_for(&self, id: &StatementId) -> bool {
        self.accepting.contains_key(id)
    }

    fn add(&mut self, era: Era) {
        let of = self.of.entry(era.handle.clone()).or_default();
        of.push(self.eras.len());
        self.eras.push(era);
    }
}

impl Catalogue {
    /// The ownership of an item as it was settled last; `None` where the item is not here.
    pub(in crate::fold) fn owned(&self, item: &StatementId) -> Option<Cow<'_, Ownership>> {
        self.items.owned(item, &self.logs)
    }

    /// The ownership of an item, with a statement that no log holds yet; `None` where the item is not here. Looks at each
    /// transfer and acceptance a fixed number of times.
    pub(in crate::fold) fn ownership(
        &self,
        item: &StatementId,
        extra: Option<Placed<'_>>,
    ) -> Option<Ownership> {
        let (creator, created) = self.created(item)?;
        let places = self.handed.get(item).into_iter().flatten();
        let mut handed: Vec<Placed> = places
            .filter_map(|(h, p)| self.place(h, *p))
            .chain(extra)
            .filter(|p| p.in_force())
            .collect();
        effort::looked_at(handed.len());
        handed.sort_by_key(|p| (p.handle, p.position));
        let index = Index::of(&handed);
        let from = self.ids.first_in(creator, item).unwrap_or(0);
        let mut out = Ownership::begun(creator.clone(), from, created.kind);
        while let Some((transfer, to)) = index.next_transfer(out.owner()) {
            let last = out.eras.len() - 1;
            out.eras[last].until = Some(transfer.position);
            out.states.insert(transfer.known.id, State::InForce);
            let former = out.of.get(to).and_then(|of| of.last());
            let after = former.and_then(|n| out.eras[*n].until);
            let Some((p, slug)) = index.acceptance(&transfer.known.id, to, after) else {
                out.offered = Some((transfer.known.id, to.clone()));
                break;
            };
            out.states.insert(p.known.id, State::InForce);
            out.add(Era {
                handle: to.clone(),
                from: p.position,
                until: None,
                slug: Some(slug.clone()),
            });
        }
        self.the_rest(&index, &handed, &mut out);
        Some(out)
    }

    /// What changed no owner: it waits as long as what it rests on is not here, and is refused otherwise.
    fn the_rest(&self, index: &Index<'_, '_>, handed: &[Placed<'_>], out: &mut Ownership) {
        // What waits, and whose followers are not looked at yet.
        let mut open: Vec<&Placed> = Vec::new();
        for p in handed {
            if let Facts::Acceptance(a) = &p.known.facts
                && self.is_awaited(&a.transfer)
                && out.let_wait(p)
            {
                open.push(p);
            }
        }
        while let Some(p) = open.pop() {
            // To whom what waits would hand the item, waits with it; and so do the transfers after a waiting acceptance.
            let a = match &p.known.facts {
                Facts::Acceptance(a) => a,
                Facts::Transfer(t) => {
                    let named = index.accepting.get(&p.known.id).into_iter().flatten();
                    for a in named.filter(|a| *a.handle == t.to) {
                        if out.let_wait(a) {
                            open.push(a);
                        }
                    }
                    continue;
                }
                _ => continue,
            };
            let before = out.first_wait(p.handle);
            out.waits_at(p, &a.transfer);
            // Those after the first wait were reached before.
            for t in index.transfers_between(p.handle, p.position, before) {
                if out.let_wait(t) {
                    open.push(t);
                }
            }
        }
        for p in handed {
            let reason = match &p.known.facts {
                Facts::Acceptance(_) => Reason::NoTransfer,
                _ => Reason::NotToHand,
            };
            out.states
                .entry(p.known.id)
                .or_insert(State::Refused(reason));
        }
    }

    /// Whether a transfer that an acceptance names is not here yet, or waits in its own log.
    pub(super) fn is_awaited(&self, transfer: &StatementId) -> bool {
        !self.ids.contains(transfer) || self.waits_in_its_log(transfer)
    }
}

/// Transfers by log, acceptances by the transfer that they name; both in the order of the logs.
struct Index<'i, 'p> {
    transfers: HashMap<&'p Handle, Vec<&'i Placed<'p>>>,
    accepting: HashMap<StatementId, Vec<&'i Placed<'p>>>,
}

impl<'i, 'p> Index<'i, 'p> {
    /// `handed`: by log and position.
    fn of(handed: &'i [Placed<'p>]) -> Self {
        let mut index = Self {
            transfers: HashMap::new(),
            accepting: HashMap::new(),
        };
        for p in handed {
            if let Facts::Acceptance(a) = &p.known.facts {
                index.accepting.entry(a.transfer).or_default().push(p);
            } else {
                index.transfers.entry(p.handle).or_default().push(p);
            }
        }
        index
    }

    /// A log's transfers after one position, up to another.
    fn transfers_between(
        &self,
        handle: &Handle,
        after: u64,
        up_to: Option<u64>,
    ) -> &[&'i Placed<'p>] {
        let all = self.transfers.get(handle).map_or(&[][..], Vec::as_slice);
        let from = all.partition_point(|t| t.position <= after);
        let to = up_to.map_or(all.len(), |u| all.partition_point(|t| t.position <= u));
        all.get(from..to).unwrap_or_default()
    }

    /// The first transfer in an era that has no end yet, and to whom.
    fn next_transfer(&self, era: &Era) -> Option<(&'i Placed<'p>, &'p Handle)> {
        let first = *self
            .transfers_between(&era.handle, era.from, None)
            .first()?;
        match &first.known.facts {
            Facts::Transfer(t) => Some((first, &t.to)),
            _ => None,
        }
    }

    /// The first acceptance of a transfer by an institution, after a position of its log.
    fn acceptance(
        &self,
        transfer: &StatementId,
        by: &Handle,
        after: Option<u64>,
    ) -> Option<(&'i Placed<'p>, &'p Slug)> {
        let named = self.accepting.get(transfer).into_iter().flatten();
        named.copied().find_map(|p| match &p.known.facts {
            Facts::Acceptance(a) if p.handle == by && after.is_none_or(|u| p.position > u) => {
                Some((p, &a.slug))
            }
            _ => None,
        })
    }
}
