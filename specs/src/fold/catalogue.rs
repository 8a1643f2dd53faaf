//! The catalogue: phase 1 of every log, phase 2 of every item, and the rows of both.

mod history;
mod items;
mod next;
mod ownership;
mod reviews;
mod subject;
mod taking;
mod talk;
mod views;

pub(super) use subject::{Placed, may_replace};
pub(super) use taking::version_kind;

pub use history::Push;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::{
    Enrolments, FOLD_VERSION, Item, ItemKind, LogState, RefState, Roots, State,
    few::Few,
    ids::Ids,
    log::{Facts, Record, Said, Subject},
    row::{self, Row, Sum, Tip},
};
use crate::{
    charter::Chain,
    id::{CatalogueRoot, ListHash, StatementId, TreeRoot},
    list,
    name::{Handle, Slug},
    statement::{Changes, Statement, Thread},
};

/// What a call changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delta {
    /// Items whose view, refs, threads, merge requests, reviews or adoptions changed; items that came or went.
    pub items: BTreeSet<StatementId>,
    /// Statements whose bodies everybody drops.
    pub erased: Vec<StatementId>,
    /// Lists that a statement names and that are not here, with their sizes.
    pub lists_wanted: Vec<(ListHash, u64)>,
    /// Whether a node or person was enrolled, changed or revoked.
    pub enrolments_changed: bool,
    /// Entries whose state changed or that are new.
    pub entries: BTreeSet<(Handle, u64)>,
}

/// The state that the logs add up to.
#[derive(Debug)]
pub struct Catalogue {
    pub(super) chain: Chain,
    pub(super) logs: BTreeMap<Handle, LogState>,
    tips: BTreeMap<Handle, Tip>,
    pub(super) ids: Ids,
    /// What is about anything but an item.
    subjects: BTreeMap<Subject, Few<(Handle, u64)>>,
    /// What is to be settled again when a statement comes: pushes name policies, talk names items and threads.
    naming: HashMap<StatementId, Few<Subject>>,
    /// Where an item's transfers and acceptances stand.
    handed: HashMap<StatementId, BTreeSet<(Handle, u64)>>,
    /// Items that a log says its institution uses, or used.
    adopted: BTreeMap<Handle, BTreeSet<StatementId>>,
    /// Items with a statement that a list's changes belong to.
    listed: HashMap<ListHash, BTreeSet<StatementId>>,
    /// Items with a policy that cuts a log at a size.
    cut_at: BTreeMap<(Handle, u64), BTreeSet<StatementId>>,
    /// Lists that are here.
    lists: HashMap<ListHash, taking::Listed>,
    /// Statements whose bodies are erased, each with the first erasure.
    erased: HashMap<StatementId, StatementId>,
    /// Items that were made from an item, at least once.
    derived: HashMap<StatementId, BTreeSet<StatementId>>,
    /// Collections that listed an item, at least once.
    collected: HashMap<StatementId, BTreeSet<StatementId>>,
    items: items::Items,
    sum: Sum,
    /// Whether everything is looked at whenever something comes: what tests compare with.
    #[cfg(test)]
    pub(super) from_scratch: bool,
}

impl Catalogue {
    /// The catalogue of empty logs.
    pub fn new(chain: &Chain) -> Self {
        Self {
            chain: chain.clone(),
            logs: BTreeMap::new(),
            tips: BTreeMap::new(),
            ids: Ids::default(),
            subjects: BTreeMap::new(),
            naming: HashMap::new(),
            handed: HashMap::new(),
            adopted: BTreeMap::new(),
            listed: HashMap::new(),
            cut_at: BTreeMap::new(),
            lists: HashMap::new(),
            erased: HashMap::new(),
            derived: HashMap::new(),
            collected: HashMap::new(),
            items: items::Items::default(),
            sum: Sum::default(),
            #[cfg(test)]
            from_scratch: false,
        }
    }

    /// The chain grew: markers that waited for it resolve, and logs that it cuts are folded again.
    pub fn set_charter(&mut self, chain: &Chain, roots: &dyn Roots) -> Delta {
        self.chain = chain.clone();
        let (again, same): (Vec<Handle>, Vec<Handle>) = self
            .logs
            .keys()
            .cloned()
            .partition(|h| self.logs[h].depends_on(chain));
        for handle in same {
            if let Some(log) = self.logs.get_mut(&handle) {
                log.learn_cuts(chain);
            }
        }
        let mut work = Work::default();
        for handle in again {
            let length = self.size(&handle);
            self.fold_again(&handle, length, &mut work);
        }
        self.settle(work, roots)
    }

    /// Takes the next entry of a log: bytes under a verified checkpoint. Its signatures are verified here, so an
    /// entry that the door kept as a void leaf is void here too.
    ///
    /// # Panics
    /// `position` is not the log's next one: the caller skipped or repeated an entry.
    pub fn append(
        &mut self,
        log: &Handle,
        position: u64,
        entry: &[u8],
        roots: &dyn Roots,
    ) -> Delta {
        let statement = Statement::open(entry).ok();
        self.append_opened(log, position, statement.as_ref(), roots)
    }

    /// As [`Catalogue::append`], for an entry that the door has opened: `None` where it is malformed.
    ///
    /// # Panics
    /// `position` is not the log's next one.
    pub fn append_opened(
        &mut self,
        log: &Handle,
        position: u64,
        statement: Option<&Statement>,
        roots: &dyn Roots,
    ) -> Delta {
        self.append_range(log, position, [statement], roots)
    }

    /// Takes the next entries of a log and settles what they touch once: for ranges and rebuilds. `None` is an
    /// entry that is malformed.
    ///
    /// # Panics
    /// `position` is not the log's next one.
    pub fn append_range<'a>(
        &mut self,
        log: &Handle,
        position: u64,
        statements: impl IntoIterator<Item = Option<&'a Statement>>,
        roots: &dyn Roots,
    ) -> Delta {
        assert_eq!(
            position,
            self.size(log),
            "the entries of a log are folded one after the other"
        );
        let commons = self.chain.commons();
        let mut work = Work::default();
        for statement in statements {
            self.push(log, Said::read(statement, &commons, log), &mut work);
        }
        self.settle(work, roots)
    }

    /// Forgets the entries of a log from `size` on: a succession cut it below what was accepted.
    pub fn truncate(&mut self, log: &Handle, size: u64, roots: &dyn Roots) -> Delta {
        let mut work = Work::default();
        if size < self.size(log) {
            self.fold_again(log, size, &mut work);
        }
        self.settle(work, roots)
    }

    /// A list came. Bytes that do not have this hash, or that the catalogue has, change nothing.
    pub fn put_list(&mut self, hash: ListHash, bytes: &[u8], roots: &dyn Roots) -> Delta {
        let mut work = Work::default();
        if list::hash(bytes) == hash && !self.lists.contains_key(&hash) {
            let listed = taking::Listed::read(bytes);
            let items: Vec<StatementId> = self
                .listed
                .get(&hash)
                .into_iter()
                .flatten()
                .copied()
                .collect();
            for item in &items {
                self.note_members(*item, listed.members.clone().unwrap_or_default());
            }
            self.lists.insert(hash, listed);
            work.subjects.extend(items.into_iter().map(Subject::Item));
        }
        self.settle(work, roots)
    }

    /// What the root says of a log: which of its checkpoints the catalogue covers.
    pub fn set_tip(&mut self, log: &Handle, epoch: u64, size: u64, root: TreeRoot) {
        self.tips.insert(log.clone(), Tip { epoch, size, root });
    }

    /// The catalogue's root: equal on nodes with the same logs, charter and fold version.
    pub fn root(&self) -> CatalogueRoot {
        row::root(&self.root_text())
    }

    /// The text that the root is the hash of.
    pub fn root_text(&self) -> String {
        row::root_text(FOLD_VERSION, &self.chain.head().1, &self.tips, self.sum)
    }

    /// The sum over all rows.
    pub fn sum(&self) -> [u8; 32] {
        self.sum.to_bytes()
    }

    /// All rows, sorted. Their sum is [`Catalogue::sum`].
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (handle, log) in &self.logs {
            for (position, record) in log.records.iter().enumerate() {
                rows.push(entry_row(handle, position as u64, record));
            }
            rows.extend(
                log.slugs
                    .iter()
                    .map(|(slug, item)| slug_row(handle, slug, item)),
            );
        }
        rows.extend(
            self.items()
                .flat_map(|item| ref_rows(&item).collect::<Vec<_>>()),
        );
        rows.sort();
        rows
    }

    /// How many entries of a log are folded.
    pub fn size(&self, log: &Handle) -> u64 {
        self.logs.get(log).map_or(0, |l| l.records.len() as u64)
    }

    /// The logs that have entries here.
    pub fn logs(&self) -> impl Iterator<Item = &Handle> {
        self.logs.keys()
    }

    /// What became of an entry.
    pub fn state(&self, log: &Handle, position: u64) -> Option<State> {
        Some(self.logs.get(log)?.get(position)?.state)
    }

    /// Where a statement first occurs. (A statement names its log, so only those of an unknown version occur in
    /// several: there, the first handle.)
    pub fn find(&self, id: &StatementId) -> Option<(Handle, u64)> {
        self.ids.get(id)?.first().cloned()
    }

    /// The position of a statement's first occurrence in a log.
    pub fn position_in(&self, log: &Handle, id: &StatementId) -> Option<u64> {
        self.ids.first_in(log, id)
    }

    /// What became of a statement.
    pub fn state_of(&self, id: &StatementId) -> Option<State> {
        let (log, position) = self.find(id)?;
        self.state(&log, position)
    }

    /// Whether a statement occurs in any log.
    pub fn seen(&self, id: &StatementId) -> bool {
        self.ids.contains(id)
    }

    /// All items, sorted by id. Those of one statement are made for the occasion.
    pub fn items(&self) -> impl Iterator<Item = Cow<'_, Item>> {
        self.items.shown(&self.logs)
    }

    /// The ids of the items of a kind that are not withdrawn, sorted: for counting and choosing, at less cost than
    /// [`Catalogue::items`].
    pub fn standing(&self, kind: ItemKind) -> impl Iterator<Item = &StatementId> {
        self.items.standing(kind, &self.logs)
    }

    /// How many items there are.
    pub fn item_count(&self) -> usize {
        self.items.count()
    }

    /// How many items of a kind are not withdrawn.
    pub fn standing_count(&self, kind: ItemKind) -> usize {
        self.items.standing_count(kind)
    }

    /// An item; one of a single statement is made for the occasion.
    pub fn item(&self, id: &StatementId) -> Option<Cow<'_, Item>> {
        self.items.get(id, &self.logs)
    }

    /// The same, to keep.
    pub fn copy_of(&self, id: &StatementId) -> Option<Item> {
        self.item(id).map(Cow::into_owned)
    }

    /// The item that a statement is about: itself, a version, a push, a description, a withdrawal,
    /// or what people say of it.
    pub fn item_of(&self, id: &StatementId) -> Option<Cow<'_, Item>> {
        let (log, position) = self.find(id)?;
        let record = self.logs.get(&log)?.get(position)?;
        match record.item() {
            Some(item) => self.item(&item),
            None if record.talk().is_some() => self.item(&record.said.known()?.item?),
            None => None,
        }
    }

    /// The item that a slug, or a former one, stands for; also at an institution that handed the item on. A slug under
    /// which an institution accepted what was not handed to it is taken, and leads nowhere.
    pub fn by_name(&self, handle: &Handle, slug: &Slug) -> Option<StatementId> {
        let log = self.logs.get(handle)?;
        let item = log.slugs.get(slug)?;
        let here = log.created(item, &self.ids).is_some()
            || self.owned(item).is_some_and(|o| o.ever(handle));
        here.then_some(*item)
    }

    /// The items of a chosen beginning of their id, at most `limit`.
    pub fn by_prefix(&self, prefix: &str, limit: usize) -> Vec<StatementId> {
        // Ids order as their texts do, so the matches stand together.
        self.items
            .ids()
            .skip_while(|id| *id.to_string() < *prefix)
            .take_while(|id| id.to_string().starts_with(prefix))
            .take(limit)
            .copied()
            .collect()
    }

    /// The number of the charter that a log's next entry is judged under; `None` before its first marker.
    pub fn marker(&self, log: &Handle) -> Option<u64> {
        self.logs.get(log).and_then(LogState::marker)
    }

    /// The nodes and persons of a log that are enrolled and not revoked.
    pub fn enrolments(&self, log: &Handle) -> Enrolments {
        self.logs
            .get(log)
            .map(|l| l.authority.in_force())
            .unwrap_or_default()
    }

    /// The profile that is shown: of a person (the first enrolment), or of the institution.
    pub fn profile(&self, log: &Handle, of: Option<StatementId>) -> Option<StatementId> {
        let places = self.subjects.get(&Subject::Profile(log.clone(), of))?;
        let newest = places
            .iter()
            .rev()
            .find_map(|(h, p)| Some(self.record(h, *p)).filter(|r| r.state == State::InForce))?;
        newest.said.id()
    }

    /// What a known statement says, with what the log alone decided about it.
    pub(super) fn record(&self, log: &Handle, position: u64) -> &Record {
        self.logs
            .get(log)
            .and_then(|l| l.get(position))
            .expect("the indexes name entries that are here")
    }

    /// Phase 1 of one entry.
    fn push(&mut self, handle: &Handle, said: Said, work: &mut Work) {
        let chain = &self.chain;
        let log = self
            .logs
            .entry(handle.clone())
            .or_insert_with(|| LogState::new(chain, handle));
        let named = log.step(chain, said, &self.ids);
        // One name for all entries of the log, not the one that each caller has.
        let handle = &log.handle.clone();
        let log = &self.logs[handle];
        let position = log.records.len() as u64 - 1;
        let record = &log.records[position as usize];
        for n in named {
            let row = slug_row(handle, &n.slug, &n.item);
            if n.added {
                self.sum.add(&row);
            } else {
                self.sum.remove(&row);
            }
            // The owner's names are shown with the item, whatever becomes of the statement that claims them.
            let ownership = self.owned(&n.item);
            if ownership.is_some_and(|o| o.owner().handle == *handle) {
                work.subjects.insert(Subject::Item(n.item));
            }
        }
        self.sum.add(&entry_row(handle, position, record));
        work.entries.insert((handle.clone(), position));
        if let Some(id) = record.said.id() {
            self.ids.insert(id, (handle.clone(), position));
            for waiting in self.naming.get(&id).into_iter().flatten() {
                match waiting {
                    Subject::Item(item) => {
                        work.learned.entry(*item).or_default().push(id);
                    }
                    talk => {
                        work.subjects.insert(talk.clone());
                    }
                }
            }
            // What was said about an item before it came.
            if self.items.any(&id) {
                work.subjects.insert(Subject::Item(id));
            }
        }
        let subject = record.subject();
        let record_stands = subject.is_some();
        if let Some(subject) = subject {
            let place = (handle.clone(), position);
            if let Subject::Item(item) = subject {
                self.items.add_place(item, place.clone(), &self.logs);
                work.came.entry(item).or_default().push(place);
            } else {
                work.subjects.insert(subject.clone());
                self.subjects.entry(subject).or_default().insert(place);
            }
        }
        let reached = self.cut_at.get(&(handle.clone(), position + 1));
        work.subjects
            .extend(reached.into_iter().flatten().copied().map(Subject::Item));
        let Some(known) = record.said.known() else {
            return;
        };
        match &known.facts {
            Facts::Refs(r) => {
                let item = known.item.expect("refs name their item");
                for named in [r.policy, item] {
                    self.naming
                        .entry(named)
                        .or_default()
                        .insert(Subject::Item(item));
                }
                if let Changes::List { sha256, size } = &r.changes {
                    self.listed.entry(*sha256).or_default().insert(item);
                    if !self.lists.contains_key(sha256) {
                        work.lists_wanted.push((*sha256, *size));
                    }
                }
            }
            Facts::Repository(r) => {
                let item = known.item.unwrap_or(known.id);
                for cut in &r.cuts {
                    self.cut_at
                        .entry((cut.institution.clone(), cut.size))
                        .or_default()
                        .insert(item);
                }
            }
            Facts::Transfer(_) | Facts::Acceptance(_) => {
                let item = known.item.expect("what is handed is an item");
                if record_stands {
                    let handed = self.handed.entry(item).or_default();
                    handed.insert((handle.clone(), position));
                }
                if let Facts::Acceptance(a) = &known.facts {
                    let waiting = self.naming.entry(a.transfer).or_default();
                    waiting.insert(Subject::Item(item));
                }
            }
            Facts::Enrolment(_) | Facts::Revocation(_) if record.verdict == State::InForce => {
                work.enrolments_changed = true;
            }
            _ => {}
        }
        if let (Some(subject), Some(item)) = (record.talk(), known.item) {
            let mut named = vec![item];
            match &known.facts {
                Facts::Thread(t) => {
                    named.extend(t.root());
                    if let Thread::Comment { reply_to, .. } = t {
                        named.extend(*reply_to);
                    }
                }
                Facts::MergeRequest(m) => named.extend(m.root()),
                Facts::Review(r) => named.push(r.of),
                Facts::Report(r) => named.extend(r.of),
                Facts::Adoption(_) => {
                    let adopted = self.adopted.entry(handle.clone()).or_default();
                    adopted.insert(item);
                }
                _ => {}
            }
            for id in named {
                let waiting = self.naming.entry(id).or_default();
                waiting.insert(subject.clone());
            }
            work.talked_about.insert(item);
        }
        let takes_part = matches!(
            known.facts,
            Facts::Erasure(_) | Facts::Description(_) | Facts::Resource(_) | Facts::Collection(_)
        );
        if !takes_part {
            return;
        }
        let (id, facts) = (known.id, known.facts.clone());
        let counts = record.verdict == State::InForce;
        let item = known.item.unwrap_or(id);
        match &facts {
            Facts::Erasure(e) if counts => self.erase(handle, id, e, work),
            Facts::Description(d) if self.erased.contains_key(&d.of) => work.erased.push(id),
            Facts::Resource(_) | Facts::Collection(_) if record_stands => {
                self.note_names(item, &facts, &mut work.lists_wanted);
            }
            _ => {}
        }
    }

    /// Phase 1 of a log from its beginning, up to `size`.
    fn fold_again(&mut self, handle: &Handle, size: u64, work: &mut Work) {
        let Some(log) = self.logs.get(handle) else {
            return;
        };
        for item in log.records.iter().filter_map(Record::item) {
            self.items.make_whole(&item, &self.logs);
        }
        let Some(old) = self.logs.remove(handle) else {
            return;
        };
        for (slug, item) in &old.slugs {
            self.sum.remove(&slug_row(handle, slug, item));
        }
        let erasures = old.records.iter().filter_map(|r| match r.facts()? {
            Facts::Erasure(_) => r.said.id(),
            _ => None,
        });
        self.forget_erasures(&erasures.collect::<Vec<_>>());
        for (position, record) in old.records.iter().enumerate() {
            let position = position as u64;
            self.sum.remove(&entry_row(handle, position, record));
            let place = (handle.clone(), position);
            if let Some(id) = record.said.id() {
                self.ids.remove(&id, &place);
                let waiting = self.naming.get(&id).into_iter().flatten();
                work.subjects.extend(waiting.cloned());
                if self.items.any(&id) {
                    work.subjects.insert(Subject::Item(id));
                }
            }
            if let Some(subject) = record.subject() {
                if let Subject::Item(item) = &subject {
                    self.items.remove_place(item, &place);
                } else if let Some(places) = self.subjects.get_mut(&subject) {
                    places.remove(&place);
                    if places.is_empty() {
                        self.subjects.remove(&subject);
                    }
                }
                work.subjects.insert(subject);
            }
            if let Some(Facts::Transfer(_) | Facts::Acceptance(_)) = record.facts()
                && let Some(item) = record.said.known().and_then(|k| k.item)
                && let Some(handed) = self.handed.get_mut(&item)
            {
                handed.remove(&place);
            }
            if record.talk().is_some() {
                work.talked_about
                    .extend(record.said.known().and_then(|k| k.item));
            }
        }
        let cut = self
            .cut_at
            .iter()
            .filter(|((institution, _), _)| institution == handle);
        let cut_items = cut.flat_map(|(_, items)| items.iter().copied());
        work.subjects.extend(cut_items.map(Subject::Item));
        self.logs
            .insert(handle.clone(), LogState::new(&self.chain, handle));
        for record in old.records.into_iter().take(size as usize) {
            self.push(handle, record.said, work);
        }
        if size == 0 {
            self.logs.remove(handle);
        }
        work.enrolments_changed = true;
    }

    /// Phase 2 of all that was touched.
    fn settle(&mut self, work: Work, roots: &dyn Roots) -> Delta {
        let mut delta = Delta {
            items: BTreeSet::new(),
            erased: work.erased,
            lists_wanted: work.lists_wanted,
            enrolments_changed: work.enrolments_changed,
            entries: work.entries,
        };
        let mut subjects = work.subjects;
        #[cfg(test)]
        if self.from_scratch {
            subjects.extend(self.subjects.keys().cloned());
            subjects.extend(self.items.all().copied().map(Subject::Item));
        }
        for (item, came) in work.came {
            if !subjects.contains(&Subject::Item(item))
                && !self.settle_next(&item, &came, &mut delta)
            {
                subjects.insert(Subject::Item(item));
            }
        }
        for (item, ids) in work.learned {
            let again = |id: &StatementId| !self.learn(&item, id, &mut delta);
            if !subjects.contains(&Subject::Item(item)) && ids.iter().any(again) {
                subjects.insert(Subject::Item(item));
            }
        }
        // Items come first in the order of subjects: what is said about them follows from whose they are.
        while let Some(subject) = subjects.pop_first() {
            let settled = self.settled(&subject, roots);
            for ((handle, position), state) in settled.states {
                self.set_state(&handle, position, state, &mut delta);
            }
            if let Subject::Item(id) = subject {
                let before = self.owned(&id).map(|o| o.eras.clone());
                self.set_item(id, settled.item, settled.kept, &mut delta);
                let now = self.owned(&id);
                if before.as_ref() != now.as_ref().map(|o| &o.eras) {
                    let about = self.naming.get(&id).into_iter().flatten();
                    subjects.extend(about.filter(|s| !matches!(s, Subject::Item(_))).cloned());
                }
            }
        }
        let here = work.talked_about.into_iter();
        delta.items.extend(here.filter(|i| self.items.is_item(i)));
        delta
    }

    fn set_state(&mut self, handle: &Handle, position: u64, state: State, delta: &mut Delta) {
        let record = self
            .logs
            .get_mut(handle)
            .and_then(|l| l.records.get_mut(position as usize))
            .expect("the indexes name entries that are here");
        if record.state == state {
            return;
        }
        let before = entry_row(handle, position, record);
        record.state = state;
        let after = entry_row(handle, position, record);
        if before != after {
            self.sum.remove(&before);
            self.sum.add(&after);
        }
        if let Some(k) = record.said.known()
            && matches!(k.facts, Facts::Enrolment(_))
        {
            delta.enrolments_changed = true;
        }
        if let Some(item) = record.item() {
            delta.items.insert(item);
        } else if record.talk().is_some() {
            delta.items.extend(record.said.known().and_then(|k| k.item));
        }
        delta.entries.insert((handle.clone(), position));
    }

    fn set_item(
        &mut self,
        id: StatementId,
        item: Option<Item>,
        kept: Option<next::Kept>,
        delta: &mut Delta,
    ) {
        let (before, now) = self.items.replace(id, item, kept, &self.logs);
        if before.as_ref() != now {
            for row in before.iter().flat_map(ref_rows) {
                self.sum.remove(&row);
            }
            for row in now.into_iter().flat_map(ref_rows) {
                self.sum.add(&row);
            }
            delta.items.insert(id);
        }
        self.items.shrink(&id, &self.logs);
    }
}

/// What phase 1 leaves to be done.
#[derive(Default)]
struct Work {
    /// Of these everything is looked at.
    subjects: BTreeSet<Subject>,
    /// What came about items.
    came: BTreeMap<StatementId, Vec<(Handle, u64)>>,
    /// What came that statements about items name.
    learned: BTreeMap<StatementId, Vec<StatementId>>,
    /// Items of which somebody said something, or whose talk went.
    talked_about: BTreeSet<StatementId>,
    entries: BTreeSet<(Handle, u64)>,
    erased: Vec<StatementId>,
    lists_wanted: Vec<(ListHash, u64)>,
    enrolments_changed: bool,
}

fn entry_row(handle: &Handle, position: u64, record: &Record) -> Row {
    Row::Statement {
        handle: handle.clone(),
        position,
        id: record.said.id(),
        state: record.state.as_str(),
    }
}

fn slug_row(handle: &Handle, slug: &Slug, item: &StatementId) -> Row {
    Row::Slug {
        handle: handle.clone(),
        slug: slug.clone(),
        item: *item,
    }
}

fn ref_rows(item: &Item) -> impl Iterator<Item = Row> {
    let with_heads = item.refs.iter().filter(|(_, r)| !r.heads.is_empty());
    with_heads.map(|(name, r)| ref_row(&item.id, name, r))
}

fn ref_row(item: &StatementId, name: &str, r: &RefState) -> Row {
    Row::Ref {
        item: *item,
        name: name.to_owned(),
        heads: r.heads.iter().map(|h| h.id).collect(),
        served: r.served.clone(),
    }
}

#[cfg(test)]
mod tests;
