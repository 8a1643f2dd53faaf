//! What was erased and reported, what collections hold, and what was made from what.

use super::{Catalogue, Work, subject::Placed};
use crate::{
    fold::{
        ItemKind, State,
        log::{Facts, Record, Subject},
        state::Reason,
        talk::ReportView,
    },
    id::{ListHash, StatementId},
    list,
    name::Handle,
    statement::{Change, Erasure, Members, VersionRef},
};

/// A list that is here: what it may be read as.
#[derive(Debug)]
pub(super) struct Listed {
    /// As changes of refs.
    pub(super) changes: Option<Vec<Change>>,
    /// As members of a collection.
    pub(super) members: Option<Vec<StatementId>>,
}

impl Listed {
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self {
            changes: list::read_changes(bytes).ok(),
            members: list::read_members(bytes).ok(),
        }
    }
}

impl Catalogue {
    /// The erasure by which a statement has no body any more (R-04-23, R-04-48).
    pub fn erasure_of(&self, id: &StatementId) -> Option<StatementId> {
        if let Some(erasure) = self.erased.get(id) {
            return Some(*erasure);
        }
        let (log, position) = self.find(id)?;
        match self.record(&log, position).facts()? {
            Facts::Description(d) => {
                let erasure = self.erased.get(&d.of)?;
                // An erasure is of one log, and so is what it takes along.
                (self.find(erasure)?.0 == log).then_some(*erasure)
            }
            _ => None,
        }
    }

    /// An erasure came: its statements and the descriptions of them lose their bodies.
    pub(super) fn erase(&mut self, handle: &Handle, by: StatementId, e: &Erasure, work: &mut Work) {
        for of in &e.of {
            self.erased.entry(*of).or_insert(by);
            work.erased.push(*of);
            let named = self.find(of).map(|(h, p)| self.record(&h, p));
            if let Some(record) = named.filter(|r| r.talk().is_some()) {
                let item = record.said.known().and_then(|k| k.item);
                work.talked_about.extend(item);
            }
            let subject = named.and_then(Record::subject);
            let Some(subject @ Subject::Item(_)) = subject else {
                continue;
            };
            let read_out = |p: &Placed| {
                p.handle == handle && matches!(&p.known.facts, Facts::Description(d) if d.of == *of)
            };
            let taken = self.placed(&subject).into_iter().filter(read_out);
            work.erased.extend(taken.map(|p| p.known.id));
        }
    }

    /// The erasures of a log are forgotten: it is folded again.
    pub(super) fn forget_erasures(&mut self, erasures: &[StatementId]) {
        if !erasures.is_empty() {
            self.erased.retain(|_, by| !erasures.contains(by));
        }
    }

    /// Reports that stand, of all items.
    pub fn reports(&self) -> Vec<ReportView> {
        // They are the last subjects.
        let subjects = self.subjects.iter().rev();
        let subjects = subjects.take_while(|(s, _)| matches!(s, Subject::Report(_)));
        subjects
            .flat_map(|(subject, _)| self.placed(subject))
            .filter(|p| p.record.state == State::InForce)
            .filter_map(|p| match &p.known.facts {
                Facts::Report(r) => Some(ReportView {
                    item: p.known.item?,
                    of: r.of,
                    code: r.code.clone(),
                    spoken: super::views::spoken(&p),
                }),
                _ => None,
            })
            .collect()
    }

    /// The members of a collection as its displayed version lists them; `None` for what is no collection, and while
    /// the list is not here.
    pub fn members(&self, collection: &StatementId) -> Option<&[StatementId]> {
        let item = self.item(collection)?;
        let (log, position) = self.find(&item.displayed())?;
        match self.record(&log, position).facts()? {
            Facts::Collection(c) => match &c.members {
                Members::Inline(all) => Some(all),
                Members::List { sha256, .. } => self.lists.get(sha256)?.members.as_deref(),
            },
            _ => None,
        }
    }

    /// The collections whose displayed version lists an item, sorted by id.
    pub fn collected_in(&self, item: &StatementId) -> Vec<StatementId> {
        let collections = self.collected.get(item).into_iter().flatten();
        let lists = |c: &&StatementId| self.members(c).is_some_and(|all| all.contains(item));
        collections.filter(lists).copied().collect()
    }

    /// The versions that the displayed version of a resource was made from.
    pub fn origins(&self, item: &StatementId) -> &[VersionRef] {
        let displayed = self.item(item).map(|i| i.displayed());
        displayed.map_or(&[], |id| self.origins_of(&id))
    }

    /// The versions that a version of a resource was made from.
    pub fn origins_of(&self, version: &StatementId) -> &[VersionRef] {
        let facts = self
            .find(version)
            .and_then(|(log, position)| self.record(&log, position).facts());
        match facts {
            Some(Facts::Resource(r)) => &r.derived_from,
            _ => &[],
        }
    }

    /// The items whose displayed version was made from a version of this one, sorted by id.
    pub fn derivatives(&self, item: &StatementId) -> Vec<StatementId> {
        let derived = self.derived.get(item).into_iter().flatten();
        let from = |d: &&StatementId| self.origins(d).iter().any(|o| o.item == *item);
        derived.filter(from).copied().collect()
    }

    /// Which lists, origins and members a statement names.
    pub(super) fn note_names(
        &mut self,
        item: StatementId,
        facts: &Facts,
        lists_wanted: &mut Vec<(ListHash, u64)>,
    ) {
        match facts {
            Facts::Resource(r) => {
                for origin in &r.derived_from {
                    self.derived.entry(origin.item).or_default().insert(item);
                }
            }
            Facts::Collection(c) => match &c.members {
                Members::Inline(all) => self.note_members(item, all.clone()),
                Members::List { sha256, size } => {
                    self.listed.entry(*sha256).or_default().insert(item);
                    match self.lists.get(sha256) {
                        Some(listed) => {
                            let all = listed.members.clone().unwrap_or_default();
                            self.note_members(item, all);
                        }
                        None => lists_wanted.push((*sha256, *size)),
                    }
                }
            },
            _ => {}
        }
    }

    pub(super) fn note_members(&mut self, collection: StatementId, all: Vec<StatementId>) {
        for member in all {
            self.collected.entry(member).or_default().insert(collection);
        }
    }

    /// Whether the list of a collection is here and is one (R-04-46).
    pub(super) fn members_verdict(&self, facts: &Facts) -> State {
        let Facts::Collection(c) = facts else {
            return State::InForce;
        };
        let Members::List { sha256, .. } = &c.members else {
            return State::InForce;
        };
        match self.lists.get(sha256) {
            None => State::Pending,
            Some(listed) if listed.members.is_none() => State::Refused(Reason::NoMembers),
            Some(_) => State::InForce,
        }
    }
}

/// The kind of item that a statement is a version of, if it is one.
pub(in crate::fold) fn version_kind(facts: &Facts) -> Option<ItemKind> {
    match facts {
        Facts::Repository(_) => Some(ItemKind::Repository),
        Facts::Resource(_) => Some(ItemKind::Resource),
        Facts::Collection(_) => Some(ItemKind::Collection),
        _ => None,
    }
}
