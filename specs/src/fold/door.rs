//! What a writer asks before it appends: would this be in force as the next entry?

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Catalogue, Head, LogState, State,
    catalogue::{Placed, may_replace},
    log::{Allowed, Facts, Known, Record, Said, Subject},
    register::Stated,
    state::Reason,
};
use crate::{
    id::StatementId,
    name::Handle,
    statement::{EnrolmentKey, Malformed, MergeRequest, Refs, SchemaError, Statement},
};

/// What kind of no it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The statement is wrong in itself.
    Malformed,
    /// The rules do not let the author do this.
    NotAllowed,
    /// Something was published meanwhile: read again, then repeat.
    Stale,
    /// What it depends on is not here yet.
    NotYet,
    /// It is in the log already.
    Known,
}

/// Why a statement would not be in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It belongs to another log.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Its kind's schema is violated.
    #[error("R-04-05: {0}")]
    Schema(#[from] SchemaError),
    /// The log has no charter marker yet.
    #[error("R-04-07: the log has no charter marker yet; the first entry is one")]
    NoMarker,
    /// A rule of the fold.
    #[error("{0}")]
    Rule(Reason),
    /// A charter, policy or list that it depends on is not here.
    #[error(
        "R-04-09: what the statement depends on is not here yet; wait until the node has caught up"
    )]
    Pending,
    /// It is there already.
    #[error("R-04-02: the statement is in the log already")]
    Known,
    /// `supersedes` does not name what stands now.
    #[error(
        "R-04-25: somebody published another version meanwhile; read the current one and try again"
    )]
    StaleSupersedes,
    /// `over` or `old` is not what stands now.
    #[error("R-05-16: {0} has moved meanwhile; fetch, integrate what is new, and push again")]
    StaleOver(String),
    /// The change is barred by a protection.
    #[error("R-05-12: {0} is protected: it cannot be forced, deleted or changed in this way")]
    Protected(String),
}

impl Refusal {
    /// What kind of no it is: for HTTP status codes and exit codes.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Refusal::Malformed(_) | Refusal::Schema(_) => RefusalKind::Malformed,
            Refusal::NoMarker | Refusal::Rule(_) | Refusal::Protected(_) => RefusalKind::NotAllowed,
            Refusal::Pending => RefusalKind::NotYet,
            Refusal::Known => RefusalKind::Known,
            Refusal::StaleSupersedes | Refusal::StaleOver(_) => RefusalKind::Stale,
        }
    }
}

/// What would become of one ref of a push that the door takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// It becomes a head.
    Head,
    /// It waits, and moves nothing until more institutions state its oid.
    Waits {
        /// How many state its oid then, or build on it, this push included.
        stated: u64,
        /// How many are needed.
        threshold: u64,
    },
}

impl Catalogue {
    /// Whether a statement would be in force as the next entry of the log that it names, and whether what it
    /// replaces is current. Signatures are the caller's to verify (a [`Statement`] is opened with them), and
    /// so are expiry and the charter's rules about bodies.
    ///
    /// # Errors
    /// Why not, in words for the person who asked; [`Refusal::kind`] tells a rule from a race.
    pub fn would_accept(&self, statement: &Statement) -> Result<(), Refusal> {
        self.would_accept_beside(statement, &BTreeSet::new())
    }

    /// As [`Catalogue::would_accept`]; a push goes beside these heads, whose objects this node does not hold.
    ///
    /// # Errors
    /// As [`Catalogue::would_accept`].
    pub fn would_accept_beside(
        &self,
        statement: &Statement,
        passed_over: &BTreeSet<StatementId>,
    ) -> Result<(), Refusal> {
        self.would_place(statement, passed_over).map(|_| ())
    }

    /// As [`Catalogue::would_accept_beside`]; for a push, also what would become of each of its refs, by full name in
    /// the order of its changes. Empty for every other kind.
    ///
    /// # Errors
    /// As [`Catalogue::would_accept`].
    pub fn would_place(
        &self,
        statement: &Statement,
        passed_over: &BTreeSet<StatementId>,
    ) -> Result<Vec<(String, Placement)>, Refusal> {
        let none = Ok(Vec::new());
        statement.facts()?;
        let Some(head) = &statement.head else {
            return none;
        };
        let handle = &head.institution;
        statement.belongs_to(&self.chain.commons(), handle)?;
        let fresh;
        let log = match self.logs.get(handle) {
            Some(log) => log,
            None => {
                fresh = LogState::new(&self.chain, handle);
                &fresh
            }
        };
        let said = Said::read(Some(statement), &self.chain.commons(), handle);
        let position = log.records.len() as u64;
        let allowed = match log.judge(&self.chain, position, &said, &self.ids) {
            Ok(allowed) => allowed,
            Err(State::Unknown) => return none,
            Err(State::Duplicate) => return Err(Refusal::Known),
            Err(State::Pending) => return Err(Refusal::Pending),
            Err(State::Refused(reason)) => return Err(Refusal::Rule(reason)),
            Err(State::Void | State::InForce | State::Superseded) => return Err(Refusal::NoMarker),
        };
        let Some(known) = said.known() else {
            return none;
        };
        match &known.facts {
            Facts::Refs(refs) => {
                let item = known.item.ok_or(Refusal::Rule(Reason::Policy))?;
                let verdict = self.push_verdict(State::InForce, &item);
                let stated = Stated {
                    id: known.id,
                    institution: handle.clone(),
                    position,
                    verdict,
                    person: allowed.person,
                    developer: allowed.developer,
                    policy: refs.policy,
                    changes: self.changes(refs),
                };
                self.push_accepted(&item, refs, stated, passed_over)
            }
            Facts::CharterMarker(m) => match self.chain.forked_at() {
                Some(n) if m.number > n => Err(Refusal::Rule(Reason::Marker)),
                _ => none,
            },
            Facts::Thread(_)
            | Facts::MergeRequest(_)
            | Facts::Review(_)
            | Facts::Adoption(_)
            | Facts::Report(_) => {
                let record = counting(log, &said, &allowed);
                self.talk_accepted(handle, position, &record).and(none)
            }
            _ => {
                let record = counting(log, &said, &allowed);
                self.owner_accepted(handle, position, &record)?;
                self.supersedes_current(known, handle).and(none)
            }
        }
    }

    /// Every id that a statement supersedes stands now, and everything that stands on its subject is named.
    fn supersedes_current(&self, known: &Known, handle: &Handle) -> Result<(), Refusal> {
        let handle = handle.clone();
        let subject = match &known.facts {
            Facts::Repository(_) | Facts::Resource(_) | Facts::Collection(_) => match known.item {
                Some(item) => Subject::Item(item),
                None => return Ok(()),
            },
            Facts::Profile(p) => Subject::Profile(handle, p.of),
            Facts::Enrolment(e) => match &e.of {
                EnrolmentKey::Node { .. } => Subject::Node(handle, e.key),
                EnrolmentKey::Person {
                    person: Some(p), ..
                } => Subject::Person(handle, *p),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        let stands = self.current(&subject);
        let must: BTreeSet<StatementId> = match subject {
            Subject::Item(item) => self
                .item(&item)
                .map(|i| i.heads.iter().map(|h| h.2).collect())
                .unwrap_or_default(),
            _ => stands.clone(),
        };
        let named: BTreeSet<StatementId> = known.supersedes.iter().copied().collect();
        if named.is_subset(&stands) && must.is_subset(&named) {
            Ok(())
        } else {
            Err(Refusal::StaleSupersedes)
        }
    }

    /// What changes an item is its owner's, and an acceptance that of whom it was handed to.
    fn owner_accepted(
        &self,
        handle: &Handle,
        position: u64,
        record: &Record,
    ) -> Result<(), Refusal> {
        let Some(known) = record.said.known() else {
            return Ok(());
        };
        let Some(item) = known.item else {
            return Ok(());
        };
        let new = Placed {
            handle,
            position,
            record,
            known,
            verdict: record.verdict,
        };
        let handing = matches!(known.facts, Facts::Transfer(_) | Facts::Acceptance(_));
        let ownership = self.ownership(&item, handing.then_some(new));
        match self.held(&item, ownership.as_ref(), &new) {
            State::InForce => Ok(()),
            State::Refused(reason) => Err(Refusal::Rule(reason)),
            _ => Err(Refusal::Pending),
        }
    }

    /// What is said about an item fits what is there, and replaces what the person saw: everything that it names
    /// stands and may be replaced by it; and a version, a review and an adoption name all that they replace.
    fn talk_accepted(
        &self,
        handle: &Handle,
        position: u64,
        record: &Record,
    ) -> Result<(), Refusal> {
        let (Some(known), Some(subject)) = (record.said.known(), record.talk()) else {
            return Ok(());
        };
        let new = self.heard(Placed {
            handle,
            position,
            record,
            known,
            verdict: record.verdict,
        });
        match new.verdict {
            State::InForce => {}
            State::Refused(reason) => return Err(Refusal::Rule(reason)),
            _ => return Err(Refusal::Pending),
        }
        let before: Vec<Placed> = self
            .placed(subject)
            .into_iter()
            .map(|p| self.heard(p))
            .collect();
        let stands = |p: &&Placed| p.record.state == State::InForce && may_replace(&new, p);
        let stands: BTreeSet<StatementId> =
            before.iter().filter(stands).map(|p| p.known.id).collect();
        let all = match &known.facts {
            Facts::MergeRequest(m) => matches!(**m, MergeRequest::Version { .. }),
            facts => matches!(
                facts,
                Facts::Review(_) | Facts::Adoption(_) | Facts::Report(_)
            ),
        };
        let named: BTreeSet<StatementId> = known.supersedes.iter().copied().collect();
        if named.is_subset(&stands) && (!all || stands.is_subset(&named)) {
            Ok(())
        } else {
            Err(Refusal::StaleSupersedes)
        }
    }

    fn push_accepted(
        &self,
        item: &StatementId,
        refs: &Refs,
        stated: Stated,
        passed_over: &BTreeSet<StatementId>,
    ) -> Result<Vec<(String, Placement)>, Refusal> {
        let id = stated.id;
        let Some(changes) = stated.changes.clone() else {
            return Err(Refusal::Pending);
        };
        if let Some(view) = self.item(item)
            && stated.verdict == State::InForce
            && view.policy != refs.policy
            && view.versions.contains(&refs.policy)
        {
            return Err(Refusal::Rule(Reason::OlderPolicy));
        }
        let view = self.item(item);
        let before = view.as_ref().map(|i| &i.refs);
        let after = self.tried(item, stated);
        match after.states.get(&id) {
            Some(State::InForce) => {}
            Some(State::Refused(reason)) => return Err(Refusal::Rule(*reason)),
            _ => return Err(Refusal::Pending),
        }
        let mut placed = Vec::new();
        for change in &changes {
            let stands = before.and_then(|refs| refs.get(&change.name));
            let held: Vec<&Head> = stands
                .into_iter()
                .flat_map(|r| &r.heads)
                .filter(|h| !passed_over.contains(&h.id))
                .collect();
            let served = held.first().and_then(|h| h.oid.clone());
            let over_current = change
                .over
                .iter()
                .all(|id| held.iter().any(|h| h.id == *id));
            let first_named = match held.first() {
                Some(head) if served.is_some() => change.over.contains(&head.id),
                _ => true,
            };
            // Where none of the heads is held, nobody can say more of what the pusher saw.
            let none_held = held.is_empty() && stands.is_some_and(|r| !r.heads.is_empty());
            if !over_current || !first_named || (change.old != served && !none_held) {
                return Err(Refusal::StaleOver(change.name.clone()));
            }
            let then = after.refs.get(&change.name).and_then(Option::as_ref);
            let waits = then.and_then(|r| r.waiting.iter().find(|w| w.head.id == id));
            let placement = if then.is_some_and(|r| r.heads.iter().any(|h| h.id == id)) {
                Placement::Head
            } else if let Some(w) = waits {
                Placement::Waits {
                    stated: w.stated,
                    threshold: w.threshold,
                }
            } else {
                let moved = change.name.starts_with("refs/tags/") && served.is_some();
                return Err(if moved && !change.forced {
                    Refusal::Rule(Reason::TagMoved)
                } else {
                    Refusal::Protected(change.name.clone())
                });
            };
            placed.push((change.name.clone(), placement));
        }
        Ok(placed)
    }
}

/// A statement as its log would record it if it counted.
fn counting(log: &LogState, said: &Said, allowed: &Allowed) -> Record {
    Record::new(
        said.clone(),
        State::InForce,
        said.known().and_then(|known| log.subject(known)),
        allowed.person.map(Arc::new),
        allowed.developer,
    )
}
