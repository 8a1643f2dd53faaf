//! The owner's rules: who may push, and what is protected.

use commun_specs::{
    fold::{Item, RefState},
    id::{StatementId, TreeRoot},
    metadata::Problems,
    name::Handle,
    statement::{Changes, Cut, Facts, Protection, Pusher, Repository, ref_name},
};

use super::{Change, Place, Rule};
use crate::resources::{PublishError, Resources, check::problem};

/// Most pushers, protections, cuts, and heads of one protection's base.
const MAX_RULES: usize = 64;

impl Resources {
    /// Applies a change to the rules.
    pub(super) fn apply(
        &self,
        rules: &mut Repository,
        change: &Change,
    ) -> Result<(), PublishError> {
        match change {
            Change::Maintain {
                institution,
                persons,
                place,
            } => self.maintain(rules, institution, persons.clone(), place),
            Change::Dismiss(institution) => self.dismiss(rules, institution),
            Change::Protect(rule) => protect(rules, rule),
            Change::Unprotect(pattern) => {
                let before = rules.protected.len();
                rules.protected.retain(|p| p.pattern != *pattern);
                if rules.protected.len() == before {
                    return Err(invalid(
                        "pattern",
                        format!("{pattern} is not protected"),
                        "`commun repo protect ITEM` lists what is",
                    ));
                }
                Ok(())
            }
            Change::Edit(_) => Ok(()),
        }
    }

    fn maintain(
        &self,
        rules: &mut Repository,
        institution: &Handle,
        persons: Option<Vec<StatementId>>,
        place: &Place,
    ) -> Result<(), PublishError> {
        let state = self.core.state();
        if state.chain().head().0.institution(institution).is_none() {
            return Err(invalid(
                "institution",
                format!("{institution} is not a member of this commons"),
                "`commun institution list` shows the members",
            ));
        }
        if persons.as_ref().is_some_and(|p| p.len() > MAX_RULES) {
            return Err(invalid(
                "persons",
                "are more than 64",
                "name fewer, or none for all developers",
            ));
        }
        let at = rules
            .pushers
            .iter()
            .position(|p| p.institution == *institution);
        if at.is_none() && rules.pushers.len() == MAX_RULES {
            return Err(invalid(
                "institution",
                "64 institutions are listed, the most that may be",
                "remove one",
            ));
        }
        let entry = Pusher {
            institution: institution.clone(),
            persons,
        };
        if let Some(at) = at {
            rules.pushers.remove(at);
        }
        let to = match place {
            Place::First => 0,
            Place::Same => at.unwrap_or(rules.pushers.len()),
            Place::Before(other) => rules
                .pushers
                .iter()
                .position(|p| p.institution == *other)
                .ok_or_else(|| {
                    invalid(
                        "before",
                        format!("{other} is not in the list"),
                        "`commun repo maintainers ITEM` shows the order",
                    )
                })?,
        };
        rules.pushers.insert(to, entry);
        // Who is listed and not cut is granted anew (R-05-07).
        rules.cuts.retain(|c| c.institution != *institution);
        Ok(())
    }

    fn dismiss(&self, rules: &mut Repository, institution: &Handle) -> Result<(), PublishError> {
        let before = rules.pushers.len();
        rules.pushers.retain(|p| p.institution != *institution);
        if rules.pushers.len() == before {
            return Err(invalid(
                "institution",
                format!("{institution} is not in the list"),
                "`commun repo maintainers ITEM` shows it",
            ));
        }
        if rules.pushers.is_empty() {
            return Err(invalid(
                "institution",
                "is the last one that accepts pushes",
                "add another one first",
            ));
        }
        let state = self.core.state();
        let cut = match state.tip(institution) {
            Some(tip) => Cut {
                institution: institution.clone(),
                epoch: tip.epoch,
                size: tip.size,
                root: tip.root,
            },
            None => Cut {
                institution: institution.clone(),
                epoch: 0,
                size: 0,
                root: TreeRoot::empty(),
            },
        };
        rules.cuts.retain(|c| c.institution != *institution);
        if rules.cuts.len() == MAX_RULES {
            rules.cuts.remove(0);
        }
        rules.cuts.push(cut);
        Ok(())
    }

    /// Names, for each protection, the heads that stand and that it alone would not let stand: they were there
    /// before it, or were stated by an institution that is not listed any more.
    pub(super) fn renew_bases(
        &self,
        item: &Item,
        rules: &mut Repository,
    ) -> Result<(), PublishError> {
        let pushers = rules.pushers.clone();
        for at in 0..rules.protected.len() {
            let (before, rest) = rules.protected.split_at_mut(at);
            let rule = &mut rest[0];
            let covered = item.refs.iter().filter(|(name, _)| {
                rule.covers(name) && !before.iter().any(|earlier| earlier.covers(name))
            });
            let mut base = Vec::new();
            for (name, state) in covered {
                base.extend(self.standing(name, state, rule, &pushers)?);
            }
            if base.len() > MAX_RULES {
                return Err(invalid(
                    "pattern",
                    format!(
                        "{} covers {} heads that stand already, the most is {MAX_RULES}",
                        rule.pattern,
                        base.len()
                    ),
                    "protect fewer branches with one pattern",
                ));
            }
            base.sort();
            base.dedup();
            rule.base = base;
        }
        Ok(())
    }

    fn standing(
        &self,
        name: &str,
        state: &RefState,
        rule: &Protection,
        pushers: &[Pusher],
    ) -> Result<Vec<StatementId>, PublishError> {
        let mut base = Vec::new();
        for head in &state.heads {
            let listed = pushers.iter().any(|p| p.institution == head.institution);
            let stands = rule.threshold == 1
                && listed
                && head.oid.is_some()
                && (rule.force || !self.forced(&head.id, name)?);
            if !stands {
                base.push(head.id);
            }
        }
        Ok(base)
    }

    /// Whether a push forced a ref. One whose changes travel as a list is taken to have: naming it in vain costs
    /// nothing.
    fn forced(&self, push: &StatementId, name: &str) -> Result<bool, PublishError> {
        let found = self.core.statement(push).map_err(PublishError::failed)?;
        let facts = found.and_then(|f| f.statement.facts().ok().flatten());
        Ok(match facts {
            Some(Facts::Refs(refs)) => match refs.changes {
                Changes::Inline(changes) => changes
                    .iter()
                    .find(|c| c.name == name)
                    .is_none_or(|c| c.forced),
                Changes::List { .. } => true,
            },
            _ => true,
        })
    }
}

fn protect(rules: &mut Repository, rule: &Rule) -> Result<(), PublishError> {
    let sample = match rule.pattern.strip_suffix("/*") {
        Some(folder) => format!("{folder}/x"),
        None => rule.pattern.clone(),
    };
    if let Err(wanted) = ref_name(&sample) {
        return Err(invalid(
            "pattern",
            format!("is no ref name: {wanted}"),
            "write main, release/* or a full name such as refs/tags/*",
        ));
    }
    // As many institutions as are listed can agree, not more.
    if rule.threshold == 0 || rule.threshold > rules.pushers.len() as u64 {
        return Err(invalid(
            "threshold",
            format!(
                "is {}, and {} institutions may push",
                rule.threshold,
                rules.pushers.len()
            ),
            "choose a number from 1 to that of the institutions that may push",
        ));
    }
    let protection = Protection {
        pattern: rule.pattern.clone(),
        threshold: rule.threshold,
        force: rule.force,
        delete: rule.delete,
        base: Vec::new(),
    };
    let known = rules
        .protected
        .iter()
        .position(|p| p.pattern == rule.pattern);
    if known.is_none() && rules.protected.len() == MAX_RULES {
        return Err(invalid(
            "pattern",
            "64 patterns are protected, the most that may be",
            "remove one",
        ));
    }
    if let Some(at) = known {
        rules.protected[at] = protection;
    } else {
        // Of several rules that cover a ref the first counts: one branch stands before the folder that it is in.
        let at = rules.protected.iter().position(|p| p.covers(&sample));
        rules
            .protected
            .insert(at.unwrap_or(rules.protected.len()), protection);
    }
    Ok(())
}

fn invalid(field: &str, what: impl Into<String>, fix: &str) -> PublishError {
    PublishError::Invalid(Problems(vec![problem(field, what, fix)]))
}
