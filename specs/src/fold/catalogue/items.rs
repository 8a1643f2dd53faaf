//! What the catalogue has about each item, and about ids that statements take for one.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::{next::Kept, ownership::Ownership, version_kind};
use crate::{
    fold::{
        Item, LogState,
        few::{self, Few},
        item::ItemKind,
        log::Facts,
    },
    id::StatementId,
    name::Handle,
};

/// Where a statement stands.
pub(super) type Place = (Handle, u64);
/// The logs by their names.
type Logs = BTreeMap<Handle, LogState>;

/// What there is about an id.
#[derive(Debug)]
enum About {
    /// One statement, which counts and says all of the item: most records are imported once, and nothing is ever said of them
    /// again. What is shown of such an item, and what is kept of it, is made when somebody asks.
    Plain(Place),
    /// Anything else.
    Whole(Box<Whole>),
}

#[derive(Debug, Default)]
struct Whole {
    places: Few<Place>,
    /// What is shown, where it is an item.
    item: Option<Item>,
    /// What it is settled from when something comes; not there while it is being settled.
    kept: Option<Kept>,
}

impl About {
    fn shown<'a>(&'a self, logs: &Logs) -> Option<Cow<'a, Item>> {
        match self {
            About::Plain(place) => plain_item(logs, place).map(Cow::Owned),
            About::Whole(whole) => whole.item.as_ref().map(Cow::Borrowed),
        }
    }

    fn is_item(&self) -> bool {
        match self {
            About::Plain(_) => true,
            About::Whole(whole) => whole.item.is_some(),
        }
    }
}

/// Items, and ids that statements take for one. What is asked of a plain one is made from the logs, so it is made whole before
/// its log is folded again.
#[derive(Debug, Default)]
pub(super) struct Items {
    by_id: BTreeMap<StatementId, About>,
    counts: Counts,
}

/// How many items there are, counted as they come and go: a status that walks through a million of them takes a second.
#[derive(Debug, Default)]
struct Counts {
    items: usize,
    /// Those of them that are not withdrawn.
    standing: BTreeMap<ItemKind, usize>,
}

impl Counts {
    fn come(&mut self, item: &Item) {
        self.items += 1;
        if item.withdrawn.is_none() {
            *self.standing.entry(item.kind).or_default() += 1;
        }
    }

    fn go(&mut self, item: &Item) {
        self.items -= 1;
        if item.withdrawn.is_none() {
            let standing = self.standing.get_mut(&item.kind);
            *standing.expect("it was counted when it came") -= 1;
        }
    }
}

impl Items {
    /// How many items there are.
    pub(super) fn count(&self) -> usize {
        self.counts.items
    }

    /// How many items of a kind are not withdrawn.
    pub(super) fn standing_count(&self, kind: ItemKind) -> usize {
        self.counts.standing.get(&kind).copied().unwrap_or(0)
    }

    /// Whether there is anything about an id.
    pub(super) fn any(&self, id: &StatementId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Whether an id is that of an item.
    pub(super) fn is_item(&self, id: &StatementId) -> bool {
        self.by_id.get(id).is_some_and(About::is_item)
    }

    /// Whether all that there is about an id is that one statement began an item.
    pub(super) fn is_plain(&self, id: &StatementId) -> bool {
        matches!(self.by_id.get(id), Some(About::Plain(_)))
    }

    /// The ids that there is anything about, sorted.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = &StatementId> {
        self.by_id.keys()
    }

    /// The ids of the items, sorted.
    pub(super) fn ids(&self) -> impl Iterator<Item = &StatementId> {
        self.by_id
            .iter()
            .filter(|(_, a)| a.is_item())
            .map(|(id, _)| id)
    }

    /// The ids of the items of a kind that are not withdrawn, sorted.
    pub(super) fn standing<'a>(
        &'a self,
        kind: ItemKind,
        logs: &'a Logs,
    ) -> impl Iterator<Item = &'a StatementId> {
        let stands = move |about: &About| match about {
            About::Plain(place) => plain_kind(logs, place) == Some(kind),
            About::Whole(whole) => whole
                .item
                .as_ref()
                .is_some_and(|item| item.kind == kind && item.withdrawn.is_none()),
        };
        let standing = self.by_id.iter().filter(move |(_, about)| stands(about));
        standing.map(|(id, _)| id)
    }

    /// The items, sorted by id.
    pub(super) fn shown<'a>(&'a self, logs: &'a Logs) -> impl Iterator<Item = Cow<'a, Item>> {
        self.by_id.values().filter_map(|about| about.shown(logs))
    }

    /// An item.
    pub(super) fn get<'a>(&'a self, id: &StatementId, logs: &Logs) -> Option<Cow<'a, Item>> {
        self.by_id.get(id)?.shown(logs)
    }

    /// The ownership of an item as it was settled last.
    pub(super) fn owned<'a>(&'a self, id: &StatementId, logs: &Logs) -> Option<Cow<'a, Ownership>> {
        match self.by_id.get(id)? {
            About::Plain(place) => plain_ownership(logs, place).map(Cow::Owned),
            About::Whole(whole) => {
                let ownership = whole.kept.as_ref()?.ownership.as_ref();
                ownership.map(Cow::Borrowed)
            }
        }
    }

    /// What is kept of an id that is not plain.
    pub(super) fn kept(&self, id: &StatementId) -> Option<&Kept> {
        match self.by_id.get(id)? {
            About::Plain(_) => None,
            About::Whole(whole) => whole.kept.as_ref(),
        }
    }

    /// Where the statements about an id stand, by log and position.
    pub(super) fn places(&self, id: &StatementId) -> few::Iter<'_, Place> {
        match self.by_id.get(id) {
            None => few::Iter::none(),
            Some(About::Plain(place)) => few::Iter::one(place),
            Some(About::Whole(whole)) => whole.places.iter(),
        }
    }

    /// The positions of the statements about an id in a stretch of a log.
    pub(super) fn stretch(&self, id: &StatementId, log: &Handle, from: u64, to: u64) -> Vec<u64> {
        match self.by_id.get(id) {
            Some(About::Whole(whole)) => {
                let range = (log.clone(), from)..(log.clone(), to);
                whole.places.range(range).map(|(_, at)| *at).collect()
            }
            _ => {
                let inside = |place: &&Place| place.0 == *log && (from..to).contains(&place.1);
                self.places(id).filter(inside).map(|(_, at)| *at).collect()
            }
        }
    }

    /// Notes a statement about an id.
    pub(super) fn add_place(&mut self, id: StatementId, place: Place, logs: &Logs) {
        self.whole(id, logs).places.insert(place);
    }

    /// Forgets a statement about an id that is whole.
    pub(super) fn remove_place(&mut self, id: &StatementId, place: &Place) {
        if let Some(About::Whole(whole)) = self.by_id.get_mut(id) {
            whole.places.remove(place);
        }
    }

    /// What is shown of an item that is whole, to be changed: not its kind, nor whether it is withdrawn, which are counted.
    pub(super) fn shown_mut(&mut self, id: &StatementId) -> Option<&mut Item> {
        match self.by_id.get_mut(id)? {
            About::Plain(_) => None,
            About::Whole(whole) => whole.item.as_mut(),
        }
    }

    /// Takes what is kept of an id, to change it.
    pub(super) fn take_kept(&mut self, id: &StatementId, logs: &Logs) -> Option<Kept> {
        self.by_id.get(id)?;
        self.whole(*id, logs).kept.take()
    }

    /// Puts back what was taken.
    pub(super) fn put_kept(&mut self, id: StatementId, kept: Kept, logs: &Logs) {
        self.whole(id, logs).kept = Some(kept);
    }

    /// Replaces what is shown and kept of an id; returns what was shown, and what is.
    pub(super) fn replace(
        &mut self,
        id: StatementId,
        item: Option<Item>,
        kept: Option<Kept>,
        logs: &Logs,
    ) -> (Option<Item>, Option<&Item>) {
        if let Some(item) = &item {
            self.counts.come(item);
        }
        let whole = self.whole(id, logs);
        whole.kept = kept;
        let before = std::mem::replace(&mut whole.item, item);
        if let Some(before) = &before {
            self.counts.go(before);
        }
        let shown = self.by_id.get(&id).and_then(|about| match about {
            About::Plain(_) => None,
            About::Whole(whole) => whole.item.as_ref(),
        });
        (before, shown)
    }

    /// Makes an id whole, before its statement may be another.
    pub(super) fn make_whole(&mut self, id: &StatementId, logs: &Logs) {
        if self.is_plain(id) {
            self.whole(*id, logs);
        }
    }

    /// Keeps as little of an id as there is to say about it.
    pub(super) fn shrink(&mut self, id: &StatementId, logs: &Logs) {
        let Some(about) = self.by_id.get_mut(id) else {
            return;
        };
        let About::Whole(whole) = about else { return };
        if whole.places.is_empty() && whole.item.is_none() && whole.kept.is_none() {
            self.by_id.remove(id);
            return;
        }
        let Few::One(place) = &whole.places else {
            return;
        };
        let (Some(item), Some(kept)) = (&whole.item, &whole.kept) else {
            return;
        };
        let follows = plain_item(logs, place).as_ref() == Some(item)
            && kept.follows_from(plain_ownership(logs, place).as_ref());
        if follows {
            *about = About::Plain(place.clone());
        }
    }

    fn whole(&mut self, id: StatementId, logs: &Logs) -> &mut Whole {
        let about = self
            .by_id
            .entry(id)
            .or_insert_with(|| About::Whole(Box::default()));
        if let About::Plain(place) = about {
            let item = plain_item(logs, place);
            debug_assert!(item.is_some(), "it was counted as one");
            let whole = Whole {
                item,
                kept: plain_ownership(logs, place).map(Kept::of_one),
                places: Few::One(place.clone()),
            };
            *about = About::Whole(Box::new(whole));
        }
        match about {
            About::Whole(whole) => whole,
            About::Plain(_) => unreachable!("it was made whole"),
        }
    }
}

/// The item that one statement begins, where nothing else was ever said of it; `None` for a repository, of which more is kept.
fn plain_item(logs: &Logs, (handle, position): &Place) -> Option<Item> {
    let record = logs.get(handle)?.get(*position)?;
    let known = record.said.known()?;
    let (kind, slug) = match &known.facts {
        Facts::Resource(r) => (ItemKind::Resource, &r.slug),
        Facts::Collection(c) => (ItemKind::Collection, &c.slug),
        _ => return None,
    };
    Some(Item {
        id: known.id,
        owner: handle.clone(),
        offered: None,
        kind,
        slug: slug.clone(),
        aliases: BTreeSet::new(),
        creator: record.person(),
        heads: vec![(handle.clone(), *position, known.id)],
        versions: vec![known.id],
        withdrawn: None,
        withdrawn_versions: BTreeMap::new(),
        descriptions: Vec::new(),
        refs: BTreeMap::new(),
        policy: known.id,
    })
}

fn plain_kind(logs: &Logs, (handle, position): &Place) -> Option<ItemKind> {
    version_kind(logs.get(handle)?.get(*position)?.facts()?)
}

fn plain_ownership(logs: &Logs, place: &Place) -> Option<Ownership> {
    let kind = plain_kind(logs, place)?;
    Some(Ownership::begun(place.0.clone(), place.1, kind))
}
