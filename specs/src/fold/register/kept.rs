//! The register as it is kept: the next statement of a log changes what it touches, and nothing else is looked at.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{
    Input, Mark, Outcome, Stated, each::Each, edges, lets_through, standing::Rules, threshold,
};
use crate::{
    fold::{
        effort,
        item::RefState,
        state::{Reason, State},
    },
    id::StatementId,
    name::Handle,
    statement::Change,
};

/// What statements that came changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    /// The refs that they touch, as they are now; `None` where a ref has neither heads nor anything that waits.
    pub refs: BTreeMap<String, Option<RefState>>,
    /// Their states, and those that became another.
    pub states: BTreeMap<StatementId, State>,
}

/// The register of a repository, under policies that do not change: where they do, a new one begins.
#[derive(Debug, Clone)]
pub struct Register {
    rules: Arc<Rules>,
    no_policies: HashSet<StatementId>,
    /// By log: the newest policy that something named that stands.
    newest: BTreeMap<Handle, u64>,
    refs: HashMap<String, Kept>,
    counts: HashMap<StatementId, Count>,
    /// Statements that wait for a policy, by its id.
    awaiting: HashMap<StatementId, Vec<StatementId>>,
}

/// What is left of a statement that stands.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// How many of its changes nothing replaced.
    live: usize,
    /// How many ever applied.
    applied: usize,
}

#[derive(Debug, Clone)]
struct Kept {
    /// By log: whether the ref is there after its last change that applied.
    there: BTreeMap<Handle, bool>,
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    Each(Each),
    Agreed(Agreed),
}

/// A ref under a threshold: all that was said of it, as any of it may be agreed with.
#[derive(Debug, Clone, Default)]
struct Agreed {
    /// By institution and position, with whether it applies.
    said: BTreeMap<(Handle, u64), (Mark, Change, bool)>,
    live: BTreeSet<StatementId>,
}

impl Register {
    /// A register, and what its statements add up to. Their order does not matter.
    pub fn begin(input: Input) -> (Self, Outcome) {
        let mut new = Self {
            rules: Arc::new(Rules::new(input.owner, input.policies)),
            no_policies: input.no_policies.into_iter().collect(),
            newest: BTreeMap::new(),
            refs: HashMap::new(),
            counts: HashMap::new(),
            awaiting: HashMap::new(),
        };
        let mut statements = input.statements;
        statements.sort_by(|a, b| {
            (&a.institution, a.position, a.id).cmp(&(&b.institution, b.position, b.id))
        });
        let all = new.add(statements);
        let refs = all.refs.into_iter();
        let outcome = Outcome {
            refs: refs.filter_map(|(name, r)| Some((name, r?))).collect(),
            states: all.states,
        };
        (new, outcome)
    }

    /// Takes statements, each the next one of its log. The order of the logs does not matter.
    pub fn add(&mut self, statements: impl IntoIterator<Item = Stated>) -> Changed {
        let mut changed = Changed::default();
        // Statements whose count is another, and refs under a threshold that are to be looked at.
        let mut touched = BTreeSet::new();
        let mut names = BTreeSet::new();
        for mut s in statements {
            effort::looked_at(1);
            let newest = self.newest.get(&s.institution).copied().unwrap_or(0);
            let no_policy = self.no_policies.contains(&s.policy);
            let judged = self.rules.judge(&s, no_policy, newest);
            if judged == Err(State::Pending) && s.verdict == State::InForce {
                self.awaiting.entry(s.policy).or_default().push(s.id);
            }
            let changes = s.changes.take().unwrap_or_default();
            let mark = Mark {
                id: s.id,
                institution: s.institution,
                position: s.position,
            };
            match judged {
                Ok(policy) => {
                    self.newest.insert(mark.institution.clone(), policy);
                    changed.states.insert(s.id, State::InForce);
                    if !changes.is_empty() {
                        self.counts.insert(s.id, Count::default());
                        touched.insert(s.id);
                    }
                }
                Err(state) => {
                    changed.states.insert(s.id, state);
                }
            }
            for change in changes {
                let name = change.name.clone();
                self.change(&mark, change, judged.is_ok(), &mut touched);
                names.insert(name);
            }
        }
        for name in names {
            let state = self.look_at(&name, &mut touched);
            let any = !state.heads.is_empty() || !state.waiting.is_empty();
            changed.refs.insert(name, any.then_some(state));
        }
        for id in touched {
            let state = match self.counts.get(&id) {
                Some(Count { applied: 0, .. }) => State::Refused(Reason::TagMoved),
                Some(Count { live: 0, .. }) => State::Superseded,
                _ => State::InForce,
            };
            changed.states.insert(id, state);
        }
        changed
    }

    /// What is here under an id is no policy, and will not become one: what waited for it is refused.
    pub fn no_policy(&mut self, id: StatementId) -> Vec<StatementId> {
        self.no_policies.insert(id);
        self.awaiting.remove(&id).unwrap_or_default()
    }

    /// What is needed to try statements that touch these refs only. Of the statements before, it says no states.
    pub fn part<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Self {
        let kept = |name: &str| Some((name.to_owned(), self.refs.get(name)?.clone()));
        Self {
            rules: self.rules.clone(),
            no_policies: HashSet::new(),
            newest: self.newest.clone(),
            refs: names.into_iter().filter_map(kept).collect(),
            counts: HashMap::new(),
            awaiting: HashMap::new(),
        }
    }

    /// Takes one change of a statement, of which is known whether it stands.
    fn change(&mut self, s: &Mark, c: Change, stands: bool, touched: &mut BTreeSet<StatementId>) {
        let tag = c.name.starts_with("refs/tags/");
        let rule = self.rules.protection(&c.name);
        let kept = self.refs.entry(c.name.clone()).or_insert_with(|| Kept {
            there: BTreeMap::new(),
            how: match rule {
                Some(r) if r.threshold > 1 => How::Agreed(Agreed::default()),
                _ => How::Each(Each::default()),
            },
        });
        // Of a tag applies only what its own log does not have yet, or forces.
        let applies = stands && {
            let there = kept.there.entry(s.institution.clone()).or_default();
            let applies = !tag || !*there || c.forced;
            if applies {
                *there = c.new.is_some();
            }
            applies
        };
        let count = self.counts.get_mut(&s.id).filter(|_| applies);
        match &mut kept.how {
            How::Each(each) => {
                let pushers = self.rules.pushers();
                let counts = applies && rule.is_none_or(|r| lets_through(r, pushers, s, &c));
                let gone = each.add(s, &c, edges(&c, tag), (applies, counts));
                effort::looked_at(gone.len());
                if let Some(count) = count {
                    count.applied += 1;
                    // If it was replaced as it came, it is among those that are gone.
                    let at_all = each.is_live(&s.id) || gone.contains(&s.id);
                    count.live += usize::from(at_all);
                }
                for id in gone {
                    let left = self.counts.entry(id).or_default();
                    left.live = left.live.saturating_sub(1);
                    touched.insert(id);
                }
            }
            How::Agreed(agreed) => {
                if let Some(count) = count {
                    count.applied += 1;
                }
                let at = (s.institution.clone(), s.position);
                agreed.said.insert(at, (s.clone(), c, applies));
            }
        }
    }

    /// The state of a ref after its changes were taken.
    fn look_at(&mut self, name: &str, touched: &mut BTreeSet<StatementId>) -> RefState {
        let pushers = self.rules.pushers();
        let Some(kept) = self.refs.get_mut(name) else {
            return RefState::default();
        };
        let agreed = match &mut kept.how {
            How::Each(each) => return each.state(&self.rules.owner, pushers),
            How::Agreed(agreed) => agreed,
        };
        effort::looked_at(agreed.said.len());
        let rule = self.rules.protection(name);
        let rule = rule.expect("the rules of a register do not change");
        let all = agreed.said.values();
        let said: Vec<(&Mark, &Change)> = all.clone().map(|(s, c, _)| (s, c)).collect();
        let applied: Vec<(&Mark, &Change)> = all
            .filter(|(.., applies)| *applies)
            .map(|(s, c, _)| (s, c))
            .collect();
        let tag = name.starts_with("refs/tags/");
        let found = threshold::decide(&self.rules.owner, rule, pushers, &said, &applied, tag);
        for id in agreed.live.difference(&found.live) {
            let left = self.counts.entry(*id).or_default();
            left.live = left.live.saturating_sub(1);
            touched.insert(*id);
        }
        for id in found.live.difference(&agreed.live) {
            self.counts.entry(*id).or_default().live += 1;
            touched.insert(*id);
        }
        agreed.live = found.live;
        found.state
    }
}
