//! What comes next about an item, settled from what is kept of it. Most of what comes changes little: a push its refs, a
//! description itself, and what a stranger states of somebody else's item nothing but its own state. None of these looks at what
//! was said before. What may change more (a policy, an owner) is left to a look at everything.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Catalogue, Delta, ownership::Ownership, subject::Placed};
use crate::{
    fold::{
        State, effort,
        item::Described,
        log::Facts,
        register::{Changed, Input, Register, Stated},
        state::Reason,
        supersession::{Link, Reached},
    },
    id::StatementId,
    name::Handle,
};

/// How far it is followed what waits for what, before everything is looked at instead.
const MAX_LINKS: usize = 32;

/// What is kept of an item, or of an id that statements take for one.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) ownership: Option<Ownership>,
    pub(super) register: Register,
    /// What versions replace.
    pub(super) versions: Reached,
    /// What the descriptions of one log replace.
    pub(super) descriptions: HashMap<Handle, Reached>,
}

impl Kept {
    /// What is kept once everything about an item was looked at: `others` are its statements but for pushes, with what was
    /// decided of them before replacement.
    pub(super) fn new(
        ownership: Option<Ownership>,
        register: Register,
        others: &[Placed<'_>],
    ) -> Self {
        let mut new = Self {
            ownership,
            register,
            versions: Reached::default(),
            descriptions: HashMap::new(),
        };
        for p in others {
            match p.known.facts {
                Facts::Repository(_) | Facts::Resource(_) | Facts::Collection(_) => {
                    new.versions.add(link(p));
                }
                Facts::Description(_) => {
                    new.describe(p);
                }
                _ => {}
            }
        }
        new
    }

    /// What is kept of an item that one statement began, and of which nothing else was said.
    pub(super) fn of_one(ownership: Ownership) -> Self {
        let input = Input {
            owner: ownership.owner().handle.clone(),
            policies: Vec::new(),
            no_policies: BTreeSet::new(),
            statements: Vec::new(),
        };
        Self::new(Some(ownership), Register::begin(input).0, &[])
    }

    /// Whether it is what is kept of such an item, given whose that is. (One statement that is no push leaves a register empty.)
    pub(super) fn follows_from(&self, ownership: Option<&Ownership>) -> bool {
        let eras = self.ownership.as_ref().map(|o| &o.eras);
        eras == ownership.map(|o| &o.eras)
            && self.versions.is_empty()
            && self.descriptions.is_empty()
    }

    /// Takes a description; returns what it replaced in its log.
    fn describe(&mut self, p: &Placed<'_>) -> Vec<StatementId> {
        let log = self.descriptions.entry(p.handle.clone()).or_default();
        log.add(link(p))
    }
}

fn link(p: &Placed<'_>) -> Link {
    Link {
        id: p.known.id,
        in_force: p.in_force(),
        edges: p.known.supersedes.to_vec(),
    }
}

impl Catalogue {
    /// Settles the next statements about an item; `false`, with nothing changed, where everything about it is to be looked at.
    pub(super) fn settle_next(
        &mut self,
        item: &StatementId,
        came: &[(Handle, u64)],
        delta: &mut Delta,
    ) -> bool {
        let Some(mut kept) = self.items.take_kept(item, &self.logs) else {
            return false;
        };
        let placed: Vec<Placed> = came.iter().filter_map(|(h, p)| self.place(h, *p)).collect();
        let mut coming: HashSet<StatementId> = placed.iter().map(|p| p.known.id).collect();
        if placed.iter().any(|p| self.may_change_more(item, &kept, p)) {
            self.items.put_kept(*item, kept, &self.logs);
            return false;
        }
        effort::looked_at(came.len());
        // Which policies are none follows from the owners, which descriptions are shown from the pushes.
        for place in came {
            if let Some(p) = self.place(&place.0, place.1) {
                coming.remove(&p.known.id);
            }
            self.next_other(item, &mut kept, place, &coming, delta);
        }
        self.next_pushes(item, &mut kept, came, delta);
        for place in came {
            self.next_description(item, &mut kept, place, delta);
        }
        self.items.put_kept(*item, kept, &self.logs);
        true
    }

    /// Whether a statement may change more than itself, refs, and descriptions of its own log.
    fn may_change_more(&self, item: &StatementId, kept: &Kept, p: &Placed<'_>) -> bool {
        if p.known.id == *item {
            return true;
        }
        let ownership = kept.ownership.as_ref();
        match &p.known.facts {
            Facts::Refs(_) | Facts::Description(_) => false,
            _ if !p.in_force() || ownership.is_none() => kept.versions.contains(&p.known.id),
            Facts::Transfer(_) | Facts::Acceptance(_) => {
                ownership.is_some_and(|o| o.would_change(p))
            }
            _ => {
                let counts = ownership.is_some_and(|o| o.verdict(p) == State::InForce);
                counts || kept.versions.contains(&p.known.id)
            }
        }
    }

    fn next_pushes(
        &mut self,
        item: &StatementId,
        kept: &mut Kept,
        came: &[(Handle, u64)],
        delta: &mut Delta,
    ) {
        let mut places: HashMap<StatementId, &(Handle, u64)> = HashMap::new();
        let mut pushes: Vec<Stated> = Vec::new();
        for place in came {
            let Some(p) = self.place(&place.0, place.1) else {
                continue;
            };
            let Some(stated) = self.stated(item, &p) else {
                continue;
            };
            places.insert(stated.id, place);
            pushes.push(stated);
        }
        if pushes.is_empty() {
            return;
        }
        for push in &pushes {
            if self.is_no_policy(item, kept.ownership.as_ref(), &push.policy) {
                self.refuse_policy(item, kept, &push.policy, delta);
            }
        }
        let changed = kept.register.add(pushes);
        self.apply(item, changed, &places, delta);
    }

    /// Takes over what a register says that pushes changed. `places`: those of the pushes that no index has yet.
    fn apply(
        &mut self,
        item: &StatementId,
        changed: Changed,
        places: &HashMap<StatementId, &(Handle, u64)>,
        delta: &mut Delta,
    ) {
        for (id, state) in changed.states {
            let place = places.get(&id).map(|p| (*p).clone());
            self.set_state_of(item, &id, place, state, delta);
        }
        let Some(view) = self.items.shown_mut(item) else {
            return;
        };
        for (name, state) in changed.refs {
            if view.refs.get(&name) == state.as_ref() {
                continue;
            }
            let before = match state {
                Some(state) => view.refs.insert(name.clone(), state),
                None => view.refs.remove(&name),
            };
            if let Some(row) = before.and_then(|r| ref_row(item, &name, &r)) {
                self.sum.remove(&row);
            }
            if let Some(row) = view.refs.get(&name).and_then(|r| ref_row(item, &name, r)) {
                self.sum.add(&row);
            }
            delta.items.insert(*item);
        }
    }

    /// Any statement but a push or a description, of which is known that it changes no version and no owner. `coming`: what
    /// comes after it and is settled with it.
    fn next_other(
        &mut self,
        item: &StatementId,
        kept: &mut Kept,
        place: &(Handle, u64),
        coming: &HashSet<StatementId>,
        delta: &mut Delta,
    ) {
        let Some(p) = self.place(&place.0, place.1) else {
            return;
        };
        let state = match &p.known.facts {
            Facts::Refs(_) | Facts::Description(_) => return,
            Facts::Transfer(_) | Facts::Acceptance(_) if p.in_force() => {
                match &mut kept.ownership {
                    Some(o) => {
                        let awaited = match &p.known.facts {
                            Facts::Acceptance(a) => {
                                // As if what comes later in this batch were not here yet: it is told as it came.
                                coming.contains(&a.transfer) || self.is_awaited(&a.transfer)
                            }
                            _ => false,
                        };
                        o.add_without_effect(&p, awaited)
                    }
                    None => self.held(item, None, &p),
                }
            }
            Facts::Repository(_) | Facts::Resource(_) | Facts::Collection(_) => {
                let state = self.held(item, kept.ownership.as_ref(), &p);
                let verdict = state;
                kept.versions.add(link(&Placed { verdict, ..p }));
                state
            }
            _ => self.held(item, kept.ownership.as_ref(), &p),
        };
        self.set_state(&place.0, place.1, state, delta);
    }

    fn next_description(
        &mut self,
        item: &StatementId,
        kept: &mut Kept,
        place: &(Handle, u64),
        delta: &mut Delta,
    ) {
        let Some(p) = self.place(&place.0, place.1) else {
            return;
        };
        let Facts::Description(d) = &p.known.facts else {
            return;
        };
        let replaced = kept.describe(&p);
        let (id, of, stands) = (p.known.id, d.of, p.in_force());
        let live = stands && !kept.descriptions[&place.0].contains(&id);
        let state = match stands {
            true if !live => State::Superseded,
            _ => p.verdict,
        };
        let shown = live && self.is_shown(item, &of);
        self.set_state(&place.0, place.1, state, delta);
        for other in replaced {
            // Only descriptions of the same log are replaced, and only where they are here.
            let Some(q) = self.in_log(&place.0, &other) else {
                continue;
            };
            let record = self.record(&place.0, q);
            let described = record.item() == Some(*item)
                && matches!(record.facts(), Some(Facts::Description(_)));
            if described && record.verdict == State::InForce {
                self.set_state(&place.0, q, State::Superseded, delta);
                if let Some(view) = self.items.shown_mut(item) {
                    view.descriptions.retain(|d| d.id != other);
                }
            }
        }
        if !shown {
            return;
        }
        let ownership = kept.ownership.as_ref();
        let order = |handle: &Handle, position: u64| {
            let era = ownership.and_then(|o| o.era(handle, position));
            (era, handle.clone(), position)
        };
        let mine = order(&place.0, place.1);
        let Some(view) = self.item(item) else {
            return;
        };
        let before = view.descriptions.iter().rposition(|d| {
            let position = self.in_log(&d.institution, &d.id);
            position.is_some_and(|p| order(&d.institution, p) < mine)
        });
        let described = Described {
            id,
            institution: place.0.clone(),
            of,
        };
        if let Some(view) = self.items.shown_mut(item) {
            let at = before.map_or(0, |n| n + 1);
            view.descriptions.insert(at, described);
            delta.items.insert(*item);
        }
    }

    /// Whether what was read out of a statement is shown: not of a push that does not count, nor of a refused version.
    fn is_shown(&self, item: &StatementId, of: &StatementId) -> bool {
        let places = self.ids.get(of).into_iter().flatten();
        let mut records = places.map(|(handle, position)| self.record(handle, *position));
        records.any(|r| match r.facts() {
            _ if r.item() != Some(*item) => false,
            Some(Facts::Refs(_) | Facts::Repository(_) | Facts::Resource(_)) => r.state.counted(),
            _ => false,
        })
    }

    /// A statement came that something about an item names as a policy or a transfer. It is none of the item's, or one that
    /// changes nothing (else everything is looked at): what waited for it is refused. `false` where everything about the item is
    /// to be looked at.
    pub(super) fn learn(
        &mut self,
        item: &StatementId,
        id: &StatementId,
        delta: &mut Delta,
    ) -> bool {
        let Some(mut kept) = self.items.take_kept(item, &self.logs) else {
            return true;
        };
        if self.is_no_policy(item, kept.ownership.as_ref(), id) {
            self.refuse_policy(item, &mut kept, id, delta);
        }
        let mut open = Vec::new();
        // Logs in which something waits no longer, or that may wait for what waits for them.
        let mut logs: BTreeSet<Handle> = BTreeSet::new();
        if !self.is_awaited(id) {
            open.push(*id);
        }
        while let Some(id) = open.pop() {
            let freed = kept.ownership.as_mut().map(|o| o.refuse_acceptances(&id));
            for freed in freed.into_iter().flatten() {
                effort::looked_at(1);
                let reason = State::Refused(Reason::NoTransfer);
                self.set_state(&freed.handle, freed.position, reason, delta);
                if let Some(after) = freed.stretch {
                    self.no_longer_waits(item, &mut kept, &freed.handle, after, &mut open, delta);
                }
                // Also where it was not the first that waits: what the first waits for may have waited for this one.
                logs.insert(freed.handle);
            }
        }
        let ownership = kept.ownership.as_ref();
        if ownership.is_some_and(|o| o.is_waited_for(id)) && !self.is_awaited(id) {
            logs.extend(self.find(id).map(|(handle, _)| handle));
        }
        let rooted = ownership.is_none_or(|o| logs.iter().all(|log| self.is_rooted(o, log)));
        self.items.put_kept(*item, kept, &self.logs);
        rooted
    }

    /// Whether the first acceptance that waits in a log waits, at last, for what is not here, and not for itself.
    fn is_rooted(&self, ownership: &Ownership, log: &Handle) -> bool {
        let Some(mut at) = ownership
            .first_wait(log)
            .and_then(|position| self.place(log, position))
        else {
            return true;
        };
        for _ in 0..MAX_LINKS {
            let named = match &at.known.facts {
                Facts::Acceptance(a) => &a.transfer,
                // A transfer waits for the first acceptance that waits in its log.
                _ => {
                    let Some(first) = ownership
                        .first_wait(at.handle)
                        .and_then(|position| self.place(at.handle, position))
                    else {
                        return false;
                    };
                    at = first;
                    continue;
                }
            };
            if self.is_awaited(named) {
                return true;
            }
            let mut places = self.ids.get(named).into_iter().flatten();
            let next = places.find_map(|(handle, position)| self.place(handle, *position));
            match next.filter(|_| ownership.hands_on_later(named)) {
                Some(next) => at = next,
                None => return false,
            }
        }
        false
    }

    /// What stands in a stretch of a log, about an item, no longer waits for an acceptance before it.
    fn no_longer_waits(
        &mut self,
        item: &StatementId,
        kept: &mut Kept,
        handle: &Handle,
        (from, to): (u64, u64),
        open: &mut Vec<StatementId>,
        delta: &mut Delta,
    ) {
        let places = self.items.stretch(item, handle, from, to);
        effort::looked_at(places.len());
        for position in places {
            let Some(p) = self.place(handle, position) else {
                continue;
            };
            let Some(o) = kept.ownership.as_mut().filter(|_| p.in_force()) else {
                continue;
            };
            let id = p.known.id;
            match &p.known.facts {
                Facts::Transfer(_) => {
                    if !o.no_longer_waits(&id) {
                        continue;
                    }
                    open.push(id);
                    let state = State::Refused(Reason::NotToHand);
                    self.set_state(handle, position, state, delta);
                }
                Facts::Repository(_)
                | Facts::Resource(_)
                | Facts::Collection(_)
                | Facts::Withdrawal(_)
                    if p.record.state == State::Pending =>
                {
                    let state = o.verdict(&p);
                    self.set_state(handle, position, state, delta);
                    if self.is_no_policy(item, kept.ownership.as_ref(), &id) {
                        self.refuse_policy(item, kept, &id, delta);
                    }
                }
                _ => {}
            }
        }
    }

    fn refuse_policy(
        &mut self,
        item: &StatementId,
        kept: &mut Kept,
        id: &StatementId,
        delta: &mut Delta,
    ) {
        for push in kept.register.no_policy(*id) {
            effort::looked_at(1);
            let state = State::Refused(Reason::Policy);
            self.set_state_of(item, &push, None, state, delta);
        }
    }

    /// Whether what is here under an id is no policy of an item and will not become one.
    pub(super) fn is_no_policy(
        &self,
        item: &StatementId,
        ownership: Option<&Ownership>,
        id: &StatementId,
    ) -> bool {
        let Some(places) = self.ids.get(id) else {
            return false;
        };
        let mut policies = places.iter().filter_map(|(handle, position)| {
            let p = self.place(handle, *position)?;
            let of_item = p.record.item() == Some(*item);
            (of_item && matches!(p.known.facts, Facts::Repository(_))).then_some(p)
        });
        let counts_or_will = |p: Placed<'_>| {
            matches!(
                self.held(item, ownership, &p),
                State::InForce | State::Pending
            )
        };
        !policies.any(counts_or_will) && !self.waits_in_its_log(id)
    }

    /// Where an id stands among an item's statements.
    fn set_state_of(
        &mut self,
        item: &StatementId,
        id: &StatementId,
        place: Option<(Handle, u64)>,
        state: State,
        delta: &mut Delta,
    ) {
        let find = || {
            let mut places = self.ids.get(id)?.iter();
            places.find(|(h, p)| self.record(h, *p).item() == Some(*item))
        };
        if let Some((handle, position)) = place.or_else(|| find().cloned()) {
            self.set_state(&handle, position, state, delta);
        }
    }

    /// The position of a statement's first occurrence in a log.
    fn in_log(&self, handle: &Handle, id: &StatementId) -> Option<u64> {
        self.ids.first_in(handle, id)
    }
}

fn ref_row(
    item: &StatementId,
    name: &str,
    r: &crate::fold::RefState,
) -> Option<crate::fold::row::Row> {
    (!r.heads.is_empty()).then(|| super::ref_row(item, name, r))
}
