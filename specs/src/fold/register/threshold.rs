//! A ref under a protection with a threshold: what enough institutions agree on (R-05-11, R-05-17 to R-05-20).
//!
//! Everything is read from where each institution stands *now*: from its last change of the ref, and from what that
//! change says it is over. What an institution said earlier and left again is worth nothing to somebody who would
//! agree with it today. The one thing that stays true is containment: where a threshold of institutions
//! once said that one commit is over another, one of them does not lie, and Git does not change its mind.

use std::collections::{BTreeMap, BTreeSet};

use super::{Link, Mark, edges, lets_through, rank, superseded};
use crate::{
    fold::item::{Head, RefState, Waiting},
    id::StatementId,
    name::Handle,
    statement::{Change, Protection, Pusher},
};

/// What a change makes of the ref: an oid, or nothing.
type Value<'a> = Option<&'a str>;

/// One change, with the statement that holds it.
type Said<'a> = (&'a Mark, &'a Change);

/// A ref, and the statements whose change of it nothing replaced.
pub(super) struct Decided {
    pub(super) state: RefState,
    pub(super) live: BTreeSet<StatementId>,
}

/// The ref's state. `said`: every change of it, by institution and position; `applied`: those that may count.
pub(super) fn decide<'a>(
    owner: &Handle,
    rule: &Protection,
    pushers: &[Pusher],
    said: &[Said<'a>],
    applied: &[Said<'a>],
    tag: bool,
) -> Decided {
    let agreement = Agreement::read(rule, pushers, said, applied, tag);
    // Where nobody's change can be the head, there is nothing that could hide another value (R-05-18).
    let standing: BTreeMap<Value, Vec<Said>> = agreement
        .candidates()
        .into_iter()
        .map(|v| (v, agreement.heads(&v)))
        .filter(|(_, heads)| !heads.is_empty())
        .collect();
    let above = agreement.dominated(&standing.keys().copied().collect());
    let heads = standing
        .into_iter()
        .filter(|(v, _)| !above.contains(v))
        .flat_map(|(_, heads)| heads);
    // A log has one head: where it stands at two values, its later change.
    let mut one: BTreeMap<&Handle, Said> = BTreeMap::new();
    for head in heads {
        let there = one.entry(&head.0.institution).or_insert(head);
        if there.0.position < head.0.position {
            *there = head;
        }
    }
    let mut heads: Vec<Said> = one.into_values().collect();
    let agreed: BTreeSet<Value> = heads.iter().map(|(_, c)| c.new.as_deref()).collect();
    // A deletion loses to a concurrent update.
    if heads.iter().any(|(_, c)| c.new.is_some()) {
        heads.retain(|(_, c)| c.new.is_some());
    }
    heads.sort_by_key(|(s, _)| (rank(owner, pushers, &s.institution), s.id));
    let below = agreement.below(&agreed);
    let passed = |v: &Value| below.contains(v) || agreed.contains(v) || above.contains(v);
    let mut waiting: Vec<Said> = agreement
        .last
        .values()
        .filter(|(_, c)| !passed(&c.new.as_deref()))
        .copied()
        .collect();
    waiting.sort_by_key(|(s, _)| (rank(owner, pushers, &s.institution), s.id));

    let mut live: BTreeSet<StatementId> = heads.iter().map(|(s, _)| s.id).collect();
    live.extend(waiting.iter().map(|(s, _)| s.id));
    // What does not fit the protection is in force and counts for nothing, until its log goes on.
    let mut latest: BTreeMap<&Handle, Said> = BTreeMap::new();
    for (s, c) in applied {
        latest.insert(&s.institution, (s, c));
    }
    live.extend(
        latest
            .values()
            .filter(|(s, c)| !agreement.fitting.contains(&s.id) && !passed(&c.new.as_deref()))
            .map(|(s, _)| s.id),
    );
    let head = |(s, c): &Said| Head {
        id: s.id,
        institution: s.institution.clone(),
        oid: c.new.clone(),
    };
    Decided {
        state: RefState {
            served: heads.first().and_then(|(_, c)| c.new.clone()),
            heads: heads.iter().map(head).collect(),
            waiting: waiting
                .iter()
                .map(|said| Waiting {
                    head: head(said),
                    stated: agreement.support(&said.1.new.as_deref()),
                    threshold: rule.threshold,
                })
                .collect(),
        },
        live,
    }
}

/// Where everybody stands.
struct Agreement<'a> {
    threshold: usize,
    /// What each statement makes of the ref, but for those behind the base.
    values: BTreeMap<StatementId, Value<'a>>,
    /// What may count: of listed institutions, let through by the rule, and not behind its base.
    fitting: BTreeSet<StatementId>,
    /// The same, in the order of their logs.
    all: Vec<Said<'a>>,
    /// The last one of each institution.
    last: BTreeMap<&'a Handle, Said<'a>>,
    /// The base: what stood when the protection began.
    base: Vec<Said<'a>>,
    /// Who states a value or builds on it.
    support: BTreeMap<Value<'a>, BTreeSet<&'a Handle>>,
    /// What is directly over what, as a threshold of institutions said.
    over: BTreeMap<Value<'a>, BTreeSet<Value<'a>>>,
    /// Edges count for nothing: an unforced change of a tag is over nothing (R-05-10).
    tag: bool,
}

impl<'a> Agreement<'a> {
    fn read(
        rule: &Protection,
        pushers: &[Pusher],
        said: &[Said<'a>],
        applied: &[Said<'a>],
        tag: bool,
    ) -> Self {
        let is_base = |s: &Mark| rule.base.contains(&s.id);
        // What the base replaced is history.
        let based: BTreeSet<StatementId> = applied
            .iter()
            .filter(|(s, _)| is_base(s))
            .map(|(s, _)| s.id)
            .collect();
        let links: Vec<Link> = said
            .iter()
            .map(|(s, c)| Link {
                id: s.id,
                in_force: based.contains(&s.id),
                edges: edges(c, tag).to_vec(),
            })
            .collect();
        let behind = superseded(&links);
        let listed = |s: &Mark| pushers.iter().any(|p| p.institution == s.institution);
        let all: Vec<Said> = applied
            .iter()
            .filter(|(s, c)| !behind.contains(&s.id) && lets_through(rule, pushers, s, c))
            .copied()
            .collect();
        let mut new = Self {
            threshold: usize::try_from(rule.threshold).unwrap_or(usize::MAX),
            values: said
                .iter()
                .filter(|(s, _)| !behind.contains(&s.id))
                .map(|(s, c)| (s.id, c.new.as_deref()))
                .collect(),
            fitting: all.iter().map(|(s, _)| s.id).collect(),
            last: BTreeMap::new(),
            base: all.iter().filter(|(s, _)| is_base(s)).copied().collect(),
            support: BTreeMap::new(),
            over: BTreeMap::new(),
            all,
            tag,
        };
        let mut said_over: BTreeMap<(Value, Value), BTreeSet<&Handle>> = BTreeMap::new();
        for (s, c) in new.all.iter().filter(|(s, _)| listed(s)) {
            new.last.insert(&s.institution, (s, c));
            for below in new.builds_on(c) {
                let pair = (c.new.as_deref(), below);
                said_over.entry(pair).or_default().insert(&s.institution);
            }
        }
        for ((value, below), by) in said_over {
            if by.len() >= new.threshold {
                new.over.entry(value).or_default().insert(below);
            }
        }
        for (handle, (_, c)) in &new.last {
            let stated = std::iter::once(c.new.as_deref());
            for value in stated.chain(new.builds_on(c)) {
                new.support.entry(value).or_default().insert(handle);
            }
        }
        new
    }

    /// The other values that a change says it is over.
    fn builds_on(&self, c: &'a Change) -> BTreeSet<Value<'a>> {
        edges(c, self.tag)
            .iter()
            .filter_map(|id| self.values.get(id).copied())
            .filter(|v| *v != c.new.as_deref())
            .collect()
    }

    fn support(&self, value: &Value) -> u64 {
        self.support.get(value).map_or(0, |by| by.len() as u64)
    }

    fn enough(&self, value: &Value) -> bool {
        self.support(value) >= self.threshold as u64
    }

    /// Where an institution stands: at what it states, if enough support it; else at what it builds on.
    fn stands(&self, c: &'a Change) -> BTreeSet<Value<'a>> {
        let stated = c.new.as_deref();
        if self.enough(&stated) {
            return BTreeSet::from([stated]);
        }
        let mut on = self.builds_on(c);
        on.retain(|v| self.enough(v));
        on
    }

    /// The values at which enough stand, and those of the base.
    fn candidates(&self) -> BTreeSet<Value<'a>> {
        let mut standing: BTreeMap<Value, usize> = BTreeMap::new();
        for (_, c) in self.last.values() {
            for value in self.stands(c) {
                *standing.entry(value).or_default() += 1;
            }
        }
        let enough = standing.into_iter().filter(|(_, n)| *n >= self.threshold);
        let base = self.base.iter().map(|(_, c)| c.new.as_deref());
        enough.map(|(v, _)| v).chain(base).collect()
    }

    /// The values that lie below these.
    fn below(&self, values: &BTreeSet<Value<'a>>) -> BTreeSet<Value<'a>> {
        let mut below = BTreeSet::new();
        let mut open: Vec<Value> = values.iter().copied().collect();
        while let Some(value) = open.pop() {
            for next in self.over.get(&value).into_iter().flatten() {
                if below.insert(*next) {
                    open.push(*next);
                }
            }
        }
        below
    }

    /// The candidates that another candidate is over, and that are not over it in turn.
    fn dominated(&self, candidates: &BTreeSet<Value<'a>>) -> BTreeSet<Value<'a>> {
        let below: BTreeMap<Value, BTreeSet<Value>> = candidates
            .iter()
            .map(|v| (*v, self.below(&BTreeSet::from([*v]))))
            .collect();
        candidates
            .iter()
            .filter(|x| {
                candidates
                    .iter()
                    .any(|v| v != *x && below[v].contains(*x) && !below[*x].contains(v))
            })
            .copied()
            .collect()
    }

    /// The changes that stand for a value: the last ones of those who stand there; where they build on it without
    /// having stated it, one that they name.
    fn heads(&self, value: &Value<'a>) -> Vec<Said<'a>> {
        let mut found: BTreeMap<&Handle, Said> = BTreeMap::new();
        let is_base: BTreeSet<StatementId> = self.base.iter().map(|(b, _)| b.id).collect();
        for (s, c) in self.all.iter().filter(|(_, c)| c.new.as_deref() == *value) {
            let there = self.last.get(&s.institution);
            if is_base.contains(&s.id) || there.is_some_and(|(_, c)| self.stands(c).contains(value))
            {
                found.insert(&s.institution, (s, c));
            }
        }
        if found.is_empty() {
            let named: BTreeSet<StatementId> = self
                .last
                .values()
                .filter(|(_, c)| self.stands(c).contains(value))
                .flat_map(|(_, c)| edges(c, self.tag).iter().copied())
                .collect();
            let of_value =
                |said: &&Said| said.1.new.as_deref() == *value && named.contains(&said.0.id);
            return self.all.iter().filter(of_value).take(1).copied().collect();
        }
        found.into_values().collect()
    }
}
