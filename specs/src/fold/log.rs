//! Phase 1: one log, in its order (R-04-02 to R-04-23).

mod facts;
mod rights;
mod shared;

pub(super) use facts::Facts;
pub(super) use shared::By;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use shared::Shared;

use super::{
    authority::{Authority, Who},
    ids::Ids,
    item::ItemKind,
    state::{Reason, State},
};
use crate::{
    charter::Chain,
    id::{CommonsId, StatementId},
    key::PublicKey,
    name::{Handle, Slug},
    statement::{EnrolmentKey, Statement},
};

/// What a statement is about: statements replace one another within one subject only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// An item, of whatever log.
    Item(StatementId),
    /// A person of a log, by the first enrolment.
    Person(Handle, StatementId),
    /// A node of a log.
    Node(Handle, PublicKey),
    /// The profile of a person or (`None`) of the institution.
    Profile(Handle, Option<StatementId>),
    /// A thread or merge request, by the statement that opened it.
    Thread(StatementId),
    /// What people think of a version.
    Review(StatementId),
    /// The use of an item by an institution.
    Adoption(StatementId, Handle),
    /// What people report: an item, or a statement about one. The last variant: all of them stand together.
    Report(StatementId),
}

/// A statement of a known kind whose schema holds.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(super) id: StatementId,
    pub(super) by: Arc<By>,
    pub(super) item: Option<StatementId>,
    pub(super) supersedes: Box<[StatementId]>,
    pub(super) facts: Facts,
}

/// What an entry says, judged by its bytes alone.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// Malformed, or of another log.
    Nothing,
    /// A kind or version that this fold does not know.
    Unknown(Box<StatementId>),
    /// Against its kind's schema.
    Broken(Box<StatementId>),
    /// A known kind.
    Known(Box<Known>),
}

impl Said {
    pub(crate) fn read(
        statement: Option<&Statement>,
        commons: &CommonsId,
        handle: &Handle,
    ) -> Self {
        let Some(s) = statement.filter(|s| s.belongs_to(commons, handle).is_ok()) else {
            return Said::Nothing;
        };
        let (Ok(Some(facts)), Some(head)) = (s.facts(), &s.head) else {
            return match s.facts() {
                Err(_) => Said::Broken(Box::new(s.id)),
                Ok(_) => Said::Unknown(Box::new(s.id)),
            };
        };
        Said::Known(Box::new(Known {
            id: s.id,
            by: Arc::new(By {
                author: head.author,
                signers: s.signers.as_slice().into(),
                acting_for: head.acting_for,
            }),
            item: head.item,
            supersedes: head.supersedes.as_slice().into(),
            facts: facts.into(),
        }))
    }

    pub(crate) fn id(&self) -> Option<StatementId> {
        match self {
            Said::Nothing => None,
            Said::Unknown(id) | Said::Broken(id) => Some(**id),
            Said::Known(k) => Some(k.id),
        }
    }

    pub(crate) fn known(&self) -> Option<&Known> {
        match self {
            Said::Known(k) => Some(k),
            _ => None,
        }
    }
}

/// An entry and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(super) said: Said,
    about: About,
    person: Option<Arc<StatementId>>,
    /// What the log alone decides; [`State::InForce`] may still be less in phase 2.
    pub(super) verdict: State,
    /// What became of it in the end.
    pub(super) state: State,
    /// Whether the person who spoke was a developer then.
    pub(super) developer: bool,
}

/// The subject of an entry. That of most follows from what they say.
#[derive(Debug, Clone)]
enum About {
    Nothing,
    /// The item that it names, or else begins.
    Item,
    Other(Box<Subject>),
}

impl Record {
    /// An entry that nothing was decided of but by its log.
    pub(super) fn new(
        said: Said,
        verdict: State,
        subject: Option<Subject>,
        person: Option<Arc<StatementId>>,
        developer: bool,
    ) -> Self {
        let about = match subject {
            None => About::Nothing,
            Some(Subject::Item(_)) => About::Item,
            Some(other) => About::Other(Box::new(other)),
        };
        Self {
            said,
            about,
            person,
            verdict,
            state: verdict,
            developer,
        }
    }

    /// What it is about.
    pub(super) fn subject(&self) -> Option<Subject> {
        match &self.about {
            About::Nothing => None,
            About::Item => self.item().map(Subject::Item),
            About::Other(subject) => Some((**subject).clone()),
        }
    }

    /// The item that is its subject, if one is: a version, a push, what hands the item on…
    pub(super) fn item(&self) -> Option<StatementId> {
        match &self.about {
            About::Item => self.said.known().map(|k| k.item.unwrap_or(k.id)),
            _ => None,
        }
    }

    /// The subject, of what is said about an item without changing it.
    pub(super) fn talk(&self) -> Option<&Subject> {
        match &self.about {
            About::Other(subject) => Some(&**subject).filter(|s| {
                matches!(
                    s,
                    Subject::Thread(_)
                        | Subject::Review(_)
                        | Subject::Adoption(..)
                        | Subject::Report(_)
                )
            }),
            _ => None,
        }
    }

    /// Who spoke, or was spoken for.
    pub(super) fn person(&self) -> Option<StatementId> {
        self.person.as_deref().copied()
    }

    /// What it says, where its kind is known.
    pub(super) fn facts(&self) -> Option<&Facts> {
        self.said.known().map(|k| &k.facts)
    }
}

/// What a statement that the log allows changes in the log's state.
enum Effect {
    Nothing,
    Marker(u64),
    Enrol,
    Revoke(Who),
    Claim { slug: Slug },
    Accept { slug: Slug },
    Release { slug: Slug },
}

pub(super) struct Allowed {
    effect: Effect,
    pub(super) person: Option<StatementId>,
    pub(super) developer: bool,
}

/// An item that a log created.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalItem<'a> {
    pub(super) kind: ItemKind,
    /// The person who created it.
    pub(super) creator: Option<StatementId>,
    /// Its first name.
    slug: &'a Slug,
}

/// A slug that began or ceased to stand for an item.
pub(super) struct Named {
    pub(super) slug: Slug,
    pub(super) item: StatementId,
    pub(super) added: bool,
}

/// The state of one log after its last entry.
#[derive(Debug, Clone)]
pub(crate) struct LogState {
    pub(super) handle: Handle,
    /// Where the charter ended the log or its keys: (amendment, size).
    cuts: Vec<(u64, u64)>,
    pub(super) records: Vec<Record>,
    shared: Shared,
    /// The number of the last marker in force.
    marker: Option<u64>,
    /// The number of a marker whose charter is not here yet.
    pub(super) waits_for: Option<u64>,
    pub(super) authority: Authority,
    pub(super) slugs: BTreeMap<Slug, StatementId>,
    /// Of the items that it created: the slugs that stand for one, where these are not just its first.
    renamed: BTreeMap<StatementId, BTreeSet<Slug>>,
    /// Items of other logs that it accepted, or says it did, with the slugs that stand for them here.
    pub(super) accepted: BTreeMap<StatementId, BTreeSet<Slug>>,
}

impl LogState {
    pub(super) fn new(chain: &Chain, handle: &Handle) -> Self {
        Self {
            handle: handle.clone(),
            cuts: charter_cuts(chain, handle),
            records: Vec::new(),
            shared: Shared::default(),
            marker: None,
            waits_for: None,
            authority: Authority::default(),
            slugs: BTreeMap::new(),
            renamed: BTreeMap::new(),
            accepted: BTreeMap::new(),
        }
    }

    /// An item that this log created: a version in it, which counts, began it.
    pub(super) fn created(&self, item: &StatementId, ids: &Ids) -> Option<LocalItem<'_>> {
        let record = self.get(ids.first_in(&self.handle, item)?)?;
        let known = record.said.known()?;
        let (kind, slug) = match &known.facts {
            Facts::Repository(r) => (ItemKind::Repository, &r.slug),
            Facts::Resource(r) => (ItemKind::Resource, &r.slug),
            Facts::Collection(c) => (ItemKind::Collection, &c.slug),
            _ => return None,
        };
        let began = known.item.is_none() && record.verdict == State::InForce;
        began.then(|| LocalItem {
            kind,
            creator: record.person(),
            slug,
        })
    }

    /// The slugs that stand for an item here.
    pub(super) fn names(&self, item: &StatementId, ids: &Ids) -> BTreeSet<Slug> {
        let mut names = self.own_names(item, ids).unwrap_or_default();
        names.extend(self.accepted.get(item).into_iter().flatten().cloned());
        names
    }

    /// The slugs that stand for an item that this log created.
    fn own_names(&self, item: &StatementId, ids: &Ids) -> Option<BTreeSet<Slug>> {
        let created = self.created(item, ids)?;
        let first = || BTreeSet::from([created.slug.clone()]);
        Some(self.renamed.get(item).cloned().unwrap_or_else(first))
    }

    /// Another name of an item.
    fn name(&mut self, slug: Slug, item: StatementId, named: &mut Vec<Named>) {
        if self.slugs.insert(slug.clone(), item).is_none() {
            named.push(Named {
                slug,
                item,
                added: true,
            });
        }
    }

    /// Whether a longer chain changes what became of the entries.
    pub(super) fn depends_on(&self, chain: &Chain) -> bool {
        let came = self.waits_for.is_some_and(|n| chain.get(n).is_some());
        let length = self.records.len() as u64;
        let cut = |c: &(u64, u64)| c.1 < length && !self.cuts.contains(c);
        came || charter_cuts(chain, &self.handle).iter().any(cut)
    }

    /// Takes over the cuts of a longer chain that end nothing of what is here.
    pub(super) fn learn_cuts(&mut self, chain: &Chain) {
        self.cuts = charter_cuts(chain, &self.handle);
    }

    pub(super) fn get(&self, position: u64) -> Option<&Record> {
        self.records.get(usize::try_from(position).ok()?)
    }

    /// The earlier statement of an id, unless it is void.
    fn earlier(&self, id: &StatementId, ids: &Ids) -> Option<&Record> {
        ids.first_in(&self.handle, id)
            .and_then(|p| self.get(p))
            .filter(|r| r.verdict != State::Void)
    }

    /// Takes the next entry, which is not among `ids` yet.
    pub(super) fn step(&mut self, chain: &Chain, mut said: Said, ids: &Ids) -> Vec<Named> {
        let position = self.records.len() as u64;
        if let Said::Known(k) = &mut said {
            self.shared.share(k);
        }
        let result = self.judge(chain, position, &said, ids);
        let (verdict, allowed) = match result {
            Ok(a) => (State::InForce, Some(a)),
            Err(v) => (v, None),
        };
        let subject = match (&said, verdict) {
            (Said::Known(k), State::Pending | State::Refused(_) | State::InForce) => {
                self.subject(k)
            }
            _ => None,
        };
        let mut named = Vec::new();
        let (mut person, mut developer) = (None, false);
        if let (Some(a), Said::Known(k)) = (allowed, &said) {
            (person, developer) = (a.person, a.developer);
            self.apply(k, a, ids, &mut named);
        }
        if let (Said::Known(k), State::Pending) = (&said, verdict)
            && let Facts::CharterMarker(m) = &k.facts
        {
            self.waits_for.get_or_insert(m.number);
        }
        let person = person.map(|person| self.shared.person(person));
        let record = Record::new(said, verdict, subject, person, developer);
        self.records.push(record);
        named
    }

    /// What a statement would be about as the next entry.
    pub(super) fn subject(&self, k: &Known) -> Option<Subject> {
        let who = |w: Who| match w {
            Who::Node(key) => Subject::Node(self.handle.clone(), key),
            Who::Person(first) => Subject::Person(self.handle.clone(), first),
        };
        match &k.facts {
            Facts::CharterMarker(_) | Facts::Erasure(_) => None,
            Facts::Enrolment(e) => Some(who(enrolled(k.id, e))),
            Facts::Revocation(r) => self.authority.of_enrolment(&r.of).map(who),
            Facts::Profile(p) => Some(Subject::Profile(self.handle.clone(), p.of)),
            Facts::Repository(_) | Facts::Resource(_) | Facts::Collection(_) => {
                Some(Subject::Item(k.item.unwrap_or(k.id)))
            }
            Facts::Refs(_)
            | Facts::Description(_)
            | Facts::Withdrawal(_)
            | Facts::Transfer(_)
            | Facts::Acceptance(_) => k.item.map(Subject::Item),
            Facts::Thread(t) => Some(Subject::Thread(t.root().unwrap_or(k.id))),
            Facts::MergeRequest(m) => Some(Subject::Thread(m.root().unwrap_or(k.id))),
            Facts::Review(r) => Some(Subject::Review(r.of)),
            Facts::Adoption(_) => k.item.map(|i| Subject::Adoption(i, self.handle.clone())),
            Facts::Report(r) => r.of.or(k.item).map(Subject::Report),
        }
    }

    /// What the log decides about its next entry. `ids`: where statements stand, those of this log before it among them.
    pub(super) fn judge(
        &self,
        chain: &Chain,
        position: u64,
        said: &Said,
        ids: &Ids,
    ) -> Result<Allowed, State> {
        let id = said.id().ok_or(State::Void)?;
        if ids.first_in(&self.handle, &id).is_some() {
            return Err(State::Duplicate);
        }
        if matches!(said, Said::Broken(_)) {
            return Err(State::Void);
        }
        if self.waits_for.is_some() {
            return Err(State::Pending);
        }
        if let Some(k) = said.known()
            && let Facts::CharterMarker(m) = &k.facts
        {
            let Some((charter, charter_id)) = chain.get(m.number) else {
                return Err(State::Pending);
            };
            let rises = self.marker.is_none_or(|last| m.number > last);
            if charter_id != m.charter || !rises || charter.institution(&self.handle).is_none() {
                return Err(State::Refused(Reason::Marker));
            }
            self.not_cut(position, m.number)?;
            return Ok(Allowed {
                effect: Effect::Marker(m.number),
                person: None,
                developer: false,
            });
        }
        let number = self.marker.ok_or(State::Void)?;
        self.not_cut(position, number)?;
        let Said::Known(k) = said else {
            return Err(State::Unknown);
        };
        self.rights(chain, k, ids).map_err(State::Refused)
    }

    fn not_cut(&self, position: u64, number: u64) -> Result<(), State> {
        let cut = |c: &(u64, u64)| position >= c.1 && number < c.0;
        if self.cuts.iter().any(cut) {
            return Err(State::Refused(Reason::CharterCut));
        }
        Ok(())
    }

    /// The number of the last marker in force.
    pub(super) fn marker(&self) -> Option<u64> {
        self.marker
    }

    fn apply(&mut self, k: &Known, allowed: Allowed, ids: &Ids, named: &mut Vec<Named>) {
        match allowed.effect {
            Effect::Nothing => {}
            Effect::Marker(number) => self.marker = Some(number),
            Effect::Enrol => {
                if let Facts::Enrolment(e) = &k.facts {
                    self.authority.enrol(k.id, e);
                }
            }
            Effect::Revoke(who) => self.authority.revoke(&who),
            Effect::Claim { slug } => {
                let item = k.item.unwrap_or(k.id);
                // A first statement has the first name, which needs no list.
                if k.item.is_some() {
                    if let Some(mut names) = self.own_names(&item, ids) {
                        if names.insert(slug.clone()) {
                            self.renamed.insert(item, names);
                        }
                    } else {
                        let names = self.accepted.entry(item).or_default();
                        names.insert(slug.clone());
                    }
                }
                self.name(slug, item, named);
            }
            Effect::Accept { slug } => {
                let item = k.item.expect("an acceptance names its item");
                let names = self.accepted.entry(item).or_default();
                names.insert(slug.clone());
                self.name(slug, item, named);
            }
            Effect::Release { slug } => {
                if let Some(item) = self.slugs.remove(&slug) {
                    if let Some(mut names) = self.own_names(&item, ids) {
                        names.remove(&slug);
                        self.renamed.insert(item, names);
                    }
                    if let Some(names) = self.accepted.get_mut(&item) {
                        names.remove(&slug);
                    }
                    named.push(Named {
                        slug,
                        item,
                        added: false,
                    });
                }
            }
        }
    }
}

/// Whom an enrolment is about.
fn enrolled(id: StatementId, e: &crate::statement::Enrolment) -> Who {
    match &e.of {
        EnrolmentKey::Node { .. } => Who::Node(e.key),
        EnrolmentKey::Person { person, .. } => Who::Person(person.unwrap_or(id)),
    }
}

fn charter_cuts(chain: &Chain, handle: &Handle) -> Vec<(u64, u64)> {
    (0..=chain.head().0.number)
        .filter_map(|n| chain.get(n))
        .flat_map(|(a, _)| a.cuts.iter().map(move |c| (a.number, c)))
        .filter(|(_, c)| c.institution == *handle)
        .map(|(n, c)| (n, c.size))
        .collect()
}
