//! What is kept of an item of which one statement says all.

use super::{Bench, handle};
use crate::{
    fold::{
        ItemKind,
        log::{Known, Record},
    },
    id::{ContentHash, StatementId},
    name::Slug,
    statement::{Facts, Files, Resource},
};

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

/// A resource of one file.
pub(super) fn resource(name: &str) -> Facts {
    Facts::Resource(Resource {
        slug: slug(name),
        licence: "CC-BY-4.0".to_owned(),
        files: Files {
            blake3: ContentHash([0; 32]),
            count: 1,
            size: 3,
        },
        record: None,
        derived_from: Vec::new(),
    })
}

impl Bench {
    /// A version of a resource of the first log.
    fn course(&mut self, item: Option<StatementId>, name: &str) -> Known {
        let over: Vec<StatementId> = item.into_iter().collect();
        self.known(0, false, item, &over, resource(name))
    }

    fn published(&mut self, name: &str) -> StatementId {
        let first = self.course(None, name);
        let item = first.id;
        self.put(0, vec![first]);
        item
    }
}

/// Ids that are chosen without making the items are those of the items.
pub(super) fn chosen_are_those_shown(b: &Bench) {
    for kind in [
        ItemKind::Resource,
        ItemKind::Repository,
        ItemKind::Collection,
    ] {
        let standing: Vec<StatementId> = b.c.standing(kind).copied().collect();
        assert_eq!(b.c.standing_count(kind), standing.len());
        let shown =
            b.c.items()
                .filter(|i| i.kind == kind && i.withdrawn.is_none());
        assert_eq!(standing, shown.map(|i| i.id).collect::<Vec<_>>());
    }
    assert_eq!(b.c.item_count(), b.c.items().count());
}

#[test]
fn an_item_of_one_statement_is_kept_in_full_once_more_is_said_of_it() {
    let mut b = Bench::new();
    let item = b.published("cours");
    assert!(b.c.items.is_plain(&item));
    let shown = b.c.copy_of(&item).unwrap();
    assert_eq!((shown.slug.as_str(), shown.versions.len()), ("cours", 1));
    assert_eq!(b.c.item_count(), 1);
    assert_eq!(b.c.standing(ItemKind::Resource).count(), 1);
    chosen_are_those_shown(&b);
    // What a stranger says of it changes nothing of what is shown.
    let push = b.push(1, item, item, "refs/heads/main", &[], 7);
    b.put(1, vec![push]);
    assert!(!b.c.items.is_plain(&item));
    assert_eq!(b.c.copy_of(&item).unwrap(), shown);
    let second = b.course(Some(item), "cours-2");
    let id = second.id;
    b.put(0, vec![second]);
    chosen_are_those_shown(&b);
    let now = b.c.copy_of(&item).unwrap();
    assert_eq!(
        (now.slug.as_str(), now.versions),
        ("cours-2", vec![item, id])
    );
    assert!(now.aliases.contains(&slug("cours")));
    for name in ["cours", "cours-2"] {
        assert_eq!(b.c.by_name(&handle("aa"), &slug(name)), Some(item));
    }
}

#[test]
fn an_item_of_one_statement_goes_with_it_and_comes_back() {
    let mut b = Bench::new();
    let size = b.c.size(&handle("aa"));
    let (kept, gone) = (b.published("un"), b.published("deux"));
    let (before, rows) = (b.c.copy_of(&kept), b.c.rows());
    let delta = b.c.truncate(&handle("aa"), size + 1, &b.f);
    assert_eq!(b.c.copy_of(&kept), before);
    assert!(b.c.items.is_plain(&kept) && !b.c.items.any(&gone));
    // What is as it was did not change.
    assert!(delta.items.contains(&gone) && !delta.items.contains(&kept));
    assert_eq!(b.c.rows().len(), rows.len() - 2);
    assert_eq!(b.c.by_name(&handle("aa"), &slug("deux")), None);
}

#[test]
fn an_entry_takes_little_memory() {
    // There is one of each for every statement of a commons.
    assert!(size_of::<Record>() <= 48, "{}", size_of::<Record>());
    assert!(size_of::<Known>() <= 176, "{}", size_of::<Known>());
}
