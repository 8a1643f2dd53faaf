//! Phase 2: one subject, from what all logs say about it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Catalogue, next::Kept, ownership::Ownership, version_kind};
use crate::{
    fold::{
        Item, Roots, State, effort,
        few::{self, Few},
        item::{Described, ItemKind},
        log::{Facts, Known, LocalItem, Record, Subject},
        register::{Changed, Input, Outcome, Policy, Register, Stated},
        state::Reason,
        supersession::{Link, superseded},
    },
    id::{StatementId, TreeRoot},
    name::Handle,
    statement::{Change, Changes, Cut, MergeRequest, Refs, Repository, Thread},
};

/// What became of a subject's statements; and of one that is an item, the item and what is kept of it.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) states: Vec<((Handle, u64), State)>,
    pub(super) item: Option<Item>,
    pub(super) kept: Option<Kept>,
}

/// By policy: which institution's log is cut, and at what size.
type Cuts = BTreeMap<StatementId, Vec<(Handle, u64)>>;

/// A statement about the subject, and where it stands.
#[derive(Clone, Copy)]
pub(in crate::fold) struct Placed<'a> {
    pub(in crate::fold) handle: &'a Handle,
    pub(in crate::fold) position: u64,
    pub(in crate::fold) record: &'a Record,
    pub(in crate::fold) known: &'a Known,
    /// What was decided about it before what it replaces, and what replaces it, was looked at.
    pub(in crate::fold) verdict: State,
}

impl Placed<'_> {
    pub(in crate::fold) fn in_force(&self) -> bool {
        self.verdict == State::InForce
    }

    /// Whether two statements are of one person.
    fn same_person(&self, other: &Placed<'_>) -> bool {
        self.handle == other.handle
            && self.record.person().is_some()
            && self.record.person() == other.record.person()
    }
}

impl Catalogue {
    /// What becomes of a subject: everything about it is looked at.
    pub(super) fn settled(&self, subject: &Subject, roots: &dyn Roots) -> Settled {
        let placed = self.placed(subject);
        match subject {
            Subject::Item(id) => self.settled_item(id, &placed, roots),
            Subject::Thread(_)
            | Subject::Review(_)
            | Subject::Adoption(..)
            | Subject::Report(_) => {
                let placed: Vec<Placed> = placed.into_iter().map(|p| self.heard(p)).collect();
                Settled {
                    states: states(&placed, &replaced(&placed)),
                    ..Settled::default()
                }
            }
            _ => Settled {
                states: states(&placed, &replaced(&placed)),
                ..Settled::default()
            },
        }
    }

    pub(in crate::fold) fn placed(&self, subject: &Subject) -> Vec<Placed<'_>> {
        let places = match subject {
            Subject::Item(item) => self.items.places(item),
            _ => self
                .subjects
                .get(subject)
                .map_or(few::Iter::none(), Few::iter),
        };
        let placed: Vec<Placed> = places
            .filter_map(|(handle, position)| self.place(handle, *position))
            .collect();
        effort::looked_at(placed.len());
        placed
    }

    /// The ids of a subject's statements that are in force and not replaced.
    pub(in crate::fold) fn current(&self, subject: &Subject) -> BTreeSet<StatementId> {
        self.placed(subject)
            .iter()
            .filter(|p| p.record.state == State::InForce)
            .map(|p| p.known.id)
            .collect()
    }

    fn settled_item(&self, id: &StatementId, placed: &[Placed<'_>], roots: &dyn Roots) -> Settled {
        let (pushes, others): (Vec<&Placed>, Vec<&Placed>) = placed
            .iter()
            .partition(|p| matches!(p.known.facts, Facts::Refs(_)));
        let ownership = self.ownership(id, None);
        let mut others: Vec<Placed> = others.into_iter().copied().collect();
        for p in &mut others {
            p.verdict = self.held(id, ownership.as_ref(), p);
        }
        // In the order of the owners, then of their logs.
        others.sort_by_cached_key(|p| {
            let era = ownership.as_ref().and_then(|o| o.era(p.handle, p.position));
            (era, p.handle, p.position)
        });
        let replaced = replaced(&others);
        let mut states = states(&others, &replaced);
        let cuts = standing_cuts(placed, roots);
        let input = self.register_input(id, placed, &cuts, ownership.as_ref());
        let (register, outcome) = Register::begin(input);
        states.extend(
            pushes
                .iter()
                .map(|p| ((p.handle.clone(), p.position), outcome.states[&p.known.id])),
        );
        // A collection whose list is not here is no item yet.
        let is_one = |p: &Placed| p.in_force() && version_kind(&p.known.facts).is_some();
        let is_one = others.iter().any(is_one);
        let item = ownership
            .as_ref()
            .filter(|_| is_one)
            .map(|o| self.view(id, o, &others, &replaced, &outcome));
        let kept = (!placed.is_empty()).then(|| Kept::new(ownership, register, &others));
        Settled { states, item, kept }
    }

    /// What becomes of a statement about an item that changes the item, by whose the item is.
    pub(in crate::fold) fn held(
        &self,
        item: &StatementId,
        ownership: Option<&Ownership>,
        p: &Placed<'_>,
    ) -> State {
        let handing = matches!(
            p.known.facts,
            Facts::Transfer(_)
                | Facts::Acceptance(_)
                | Facts::Repository(_)
                | Facts::Resource(_)
                | Facts::Collection(_)
                | Facts::Withdrawal(_)
        );
        if p.record.verdict != State::InForce || !handing {
            return p.record.verdict;
        }
        match self.members_verdict(&p.known.facts) {
            State::InForce => {}
            other => return other,
        }
        match (ownership, self.kind_of(item)) {
            (Some(o), _) => o.verdict(p),
            (None, Err(state)) => state,
            (None, Ok(_)) => State::Pending,
        }
    }

    /// Whether what stands at an id waits in its own log.
    pub(super) fn waits_in_its_log(&self, id: &StatementId) -> bool {
        let places = self.ids.get(id).into_iter().flatten();
        let mut places = places;
        places.any(|(h, p)| self.record(h, *p).verdict == State::Pending)
    }

    /// A known statement, by its place.
    pub(super) fn place<'a>(&'a self, handle: &'a Handle, position: u64) -> Option<Placed<'a>> {
        let record = self.record(handle, position);
        Some(Placed {
            handle,
            position,
            record,
            known: record.said.known()?,
            verdict: record.verdict,
        })
    }

    /// In whose log an item was created, if it was, and how.
    pub(super) fn created(&self, item: &StatementId) -> Option<(&Handle, LocalItem<'_>)> {
        let mut places = self.ids.get(item)?.iter();
        places.find_map(|(h, _)| {
            let (handle, log) = self.logs.get_key_value(h)?;
            Some((handle, log.created(item, &self.ids)?))
        })
    }

    /// What a push that no log holds yet would change.
    pub(in crate::fold) fn tried(&self, item: &StatementId, push: Stated) -> Changed {
        let names = push.changes.iter().flatten().map(|c| c.name.as_str());
        let kept = self.items.kept(item);
        let mut register = match kept {
            Some(kept) => kept.register.part(names),
            None => Register::begin(self.register_input(item, &[], &Cuts::new(), None)).0,
        };
        let ownership = self.owned(item);
        if self.is_no_policy(item, ownership.as_deref(), &push.policy) {
            register.no_policy(push.policy);
        }
        register.add([push])
    }

    /// A push as the register reads it; `None` of any other statement.
    pub(super) fn stated(&self, item: &StatementId, p: &Placed<'_>) -> Option<Stated> {
        let Facts::Refs(refs) = &p.known.facts else {
            return None;
        };
        Some(Stated {
            id: p.known.id,
            institution: p.handle.clone(),
            position: p.position,
            verdict: self.push_verdict(p.record.verdict, item),
            person: p.record.person(),
            developer: p.record.developer,
            policy: refs.policy,
            changes: self.changes(refs),
        })
    }

    fn register_input(
        &self,
        item: &StatementId,
        placed: &[Placed<'_>],
        cuts: &Cuts,
        ownership: Option<&Ownership>,
    ) -> Input {
        let statements: Vec<Stated> = placed.iter().filter_map(|p| self.stated(item, p)).collect();
        let mut policies = Vec::new();
        // Policies that count as soon as what they rest on is here.
        let mut to_come = BTreeSet::new();
        for p in placed {
            let Facts::Repository(r) = &p.known.facts else {
                continue;
            };
            match self.held(item, ownership, p) {
                State::InForce => {
                    let era = ownership.and_then(|o| o.era(p.handle, p.position));
                    policies.push((era, p.position, policy(p.known.id, r, cuts)));
                }
                State::Pending => {
                    to_come.insert(p.known.id);
                }
                _ => {}
            }
        }
        policies.sort_by_key(|(era, position, _)| (*era, *position));
        let policies = policies
            .into_iter()
            .zip(0..)
            .map(|((.., p), place)| Policy {
                position: place,
                ..p
            });
        let no_policies = statements
            .iter()
            .map(|s| s.policy)
            .filter(|id| {
                self.ids.contains(id) && !to_come.contains(id) && !self.waits_in_its_log(id)
            })
            .collect();
        Input {
            owner: ownership.map_or_else(
                || Handle::new("nobody").expect("a handle that stands for no owner yet"),
                |o| o.owner().handle.clone(),
            ),
            policies: policies.collect(),
            no_policies,
            statements,
        }
    }

    /// A push is to a repository (R-05-02). An item that is not here yet is waited for.
    pub(in crate::fold) fn push_verdict(&self, verdict: State, item: &StatementId) -> State {
        if verdict != State::InForce {
            return verdict;
        }
        match self.kind_of(item) {
            Ok(ItemKind::Repository) => State::InForce,
            Err(State::Pending) => State::Pending,
            _ => State::Refused(Reason::NoRepository),
        }
    }

    /// What an item is; else whether it is waited for, or here and none.
    pub(super) fn kind_of(&self, item: &StatementId) -> Result<ItemKind, State> {
        if let Some((_, created)) = self.created(item) {
            return Ok(created.kind);
        }
        let places = self.ids.get(item).into_iter().flatten();
        let waits = |(h, p): &(Handle, u64)| self.record(h, *p).verdict == State::Pending;
        let mut places = places.peekable();
        Err(if places.peek().is_none() || places.any(waits) {
            State::Pending
        } else {
            State::Refused(Reason::NoItem)
        })
    }

    /// The changes of a push: those of its head, or those of its list. A list that is here and is none (R-02-31)
    /// changes nothing.
    pub(in crate::fold) fn changes(&self, refs: &Refs) -> Option<Vec<Change>> {
        match &refs.changes {
            Changes::Inline(changes) => Some(changes.clone()),
            Changes::List { sha256, .. } => self
                .lists
                .get(sha256)
                .map(|list| list.changes.clone().unwrap_or_default()),
        }
    }

    fn view(
        &self,
        id: &StatementId,
        ownership: &Ownership,
        others: &[Placed<'_>],
        replaced: &BTreeSet<StatementId>,
        register: &Outcome,
    ) -> Item {
        let local = self.logs[&ownership.eras[0].handle].created(id, &self.ids);
        let local = local.expect("the first owner of an item created it");
        let owner = &ownership.owner().handle;
        let mut versions = Vec::new();
        let mut heads = Vec::new();
        let mut slugs = BTreeMap::new();
        let mut withdrawn = None;
        let mut withdrawn_versions = BTreeMap::new();
        let mut descriptions = Vec::new();
        for p in others.iter().filter(|p| p.in_force()) {
            let live = !replaced.contains(&p.known.id);
            match &p.known.facts {
                Facts::Repository(r) => {
                    slugs.insert(p.known.id, &r.slug);
                }
                Facts::Resource(r) => {
                    slugs.insert(p.known.id, &r.slug);
                }
                Facts::Collection(c) => {
                    slugs.insert(p.known.id, &c.slug);
                }
                Facts::Withdrawal(w) if live => {
                    match w.of {
                        None => withdrawn = Some(p.known.id),
                        Some(version) => {
                            withdrawn_versions.insert(version, p.known.id);
                        }
                    }
                    continue;
                }
                // What was read out of a push that does not count is not shown.
                Facts::Description(d)
                    if live && register.states.get(&d.of).is_none_or(|s| s.counted()) =>
                {
                    descriptions.push(Described {
                        id: p.known.id,
                        institution: p.handle.clone(),
                        of: d.of,
                    });
                    continue;
                }
                _ => continue,
            }
            versions.push(p.known.id);
            if live {
                heads.push((p.handle.clone(), p.position, p.known.id));
            }
        }
        // Nor what was said of a version that is refused.
        let is_push = |of: &StatementId| register.states.contains_key(of);
        descriptions.retain(|d: &Described| is_push(&d.of) || slugs.contains_key(&d.of));
        // Within one log, the last is displayed.
        heads.reverse();
        let policy = versions.last().copied().unwrap_or(*id);
        let displayed = heads.first().map_or(policy, |h| h.2);
        let stated = slugs.get(&displayed).map(|s| (*s).clone());
        let by_owner = others.iter().any(|p| {
            let era = ownership.era(p.handle, p.position);
            p.known.id == displayed && era == Some(ownership.eras.len() - 1)
        });
        let accepted = ownership.owner().slug.clone().filter(|_| !by_owner);
        let slug = accepted
            .or(stated)
            .expect("an item is created by a statement with a slug");
        let mut aliases = self
            .logs
            .get(owner)
            .map(|l| l.names(id, &self.ids))
            .unwrap_or_default();
        aliases.remove(&slug);
        Item {
            id: *id,
            owner: owner.clone(),
            offered: ownership.offered.clone(),
            kind: local.kind,
            slug,
            aliases,
            creator: local.creator,
            heads,
            versions,
            withdrawn,
            withdrawn_versions,
            descriptions,
            refs: register.refs.clone(),
            policy,
        }
    }
}

/// A repository statement as the register reads it, before its place is known.
fn policy(id: StatementId, r: &Repository, cuts: &Cuts) -> Policy {
    Policy {
        id,
        position: 0,
        pushers: r.pushers.clone(),
        protected: r.protected.clone(),
        cuts: cuts.get(&id).cloned().unwrap_or_default(),
    }
}

/// The cuts of policies that count: one whose root the log does not bear out, or that lies beyond what is held
/// of it, cuts nothing.
fn standing_cuts(placed: &[Placed<'_>], roots: &dyn Roots) -> Cuts {
    let stands = |c: &&Cut| {
        let held = match c.size {
            0 => Some(TreeRoot::empty()),
            size => roots.root(&c.institution, size),
        };
        held == Some(c.root)
    };
    placed
        .iter()
        .filter_map(|p| match &p.known.facts {
            Facts::Repository(r) if !r.cuts.is_empty() => Some((p.known.id, &r.cuts)),
            _ => None,
        })
        .map(|(id, cuts)| {
            let cuts = cuts.iter().filter(stands);
            (id, cuts.map(|c| (c.institution.clone(), c.size)).collect())
        })
        .collect()
}

/// Which statements are replaced: by the edges that their kinds allow, and enrolments by a revocation.
pub(super) fn replaced(placed: &[Placed<'_>]) -> BTreeSet<StatementId> {
    let by_id: HashMap<StatementId, &Placed> = placed.iter().map(|p| (p.known.id, p)).collect();
    let links: Vec<Link> = placed
        .iter()
        .map(|p| {
            let allowed = |id: &&StatementId| by_id.get(*id).is_some_and(|q| may_replace(p, q));
            let mut edges: Vec<StatementId> =
                p.known.supersedes.iter().filter(allowed).copied().collect();
            if matches!(p.known.facts, Facts::Revocation(_)) {
                edges.extend(
                    placed
                        .iter()
                        .filter(|q| may_replace(p, q))
                        .map(|q| q.known.id),
                );
            }
            Link {
                id: p.known.id,
                in_force: p.in_force(),
                edges,
            }
        })
        .collect();
    superseded(&links)
}

/// Which kinds may replace which, within one subject (R-04-24, R-04-39).
pub(in crate::fold) fn may_replace(by: &Placed<'_>, what: &Placed<'_>) -> bool {
    match (&by.known.facts, &what.known.facts) {
        (
            Facts::Thread(Thread::Comment { .. }),
            Facts::Thread(Thread::Opens { .. } | Thread::Comment { .. }),
        )
        | (Facts::Review(_), Facts::Review(_))
        | (Facts::Report(_), Facts::Report(_)) => by.same_person(what),
        // Both are the owner's, or they are not in force.
        (Facts::Thread(Thread::Change { .. }), Facts::Thread(Thread::Change { .. })) => {
            by.in_force() && what.in_force()
        }
        (Facts::MergeRequest(new), Facts::MergeRequest(old)) => match (&**new, &**old) {
            (
                MergeRequest::Version { .. },
                MergeRequest::Opens { .. } | MergeRequest::Version { .. },
            ) => by.same_person(what),
            (MergeRequest::Change { .. }, MergeRequest::Change { .. }) => {
                by.in_force() && what.in_force()
            }
            _ => false,
        },
        (Facts::Adoption(_), Facts::Adoption(_)) => true,
        (
            Facts::Repository(_) | Facts::Resource(_) | Facts::Collection(_),
            Facts::Repository(_) | Facts::Resource(_) | Facts::Collection(_) | Facts::Withdrawal(_),
        )
        | (Facts::Enrolment(_), Facts::Enrolment(_))
        | (Facts::Revocation(_), Facts::Enrolment(_))
        | (Facts::Profile(_), Facts::Profile(_)) => true,
        (Facts::Description(_), Facts::Description(_)) => by.handle == what.handle,
        _ => false,
    }
}

fn states(placed: &[Placed<'_>], replaced: &BTreeSet<StatementId>) -> Vec<((Handle, u64), State)> {
    placed
        .iter()
        .map(|p| {
            let state = if p.in_force() && replaced.contains(&p.known.id) {
                State::Superseded
            } else {
                p.verdict
            };
            ((p.handle.clone(), p.position), state)
        })
        .collect()
}
