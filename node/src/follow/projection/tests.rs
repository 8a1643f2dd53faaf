use commun_specs::{
    fold::{Head, ItemKind},
    id::StatementId,
    name::Slug,
    statement::Pusher,
};

use super::*;

fn handle(name: &str) -> Handle {
    Handle::new(name).unwrap()
}

fn oid(n: u8) -> Oid {
    Oid::parse(&format!("{n:02x}").repeat(20)).unwrap()
}

fn item(refs: &[(&str, &[(&str, u8)])]) -> Item {
    let state = |heads: &[(&str, u8)]| {
        let heads: Vec<Head> = heads
            .iter()
            .map(|(who, n)| Head {
                id: StatementId::of(who.as_bytes()),
                institution: handle(who),
                oid: Some(oid(*n).to_string()),
            })
            .collect();
        RefState {
            served: heads[0].oid.clone(),
            heads,
            waiting: Vec::new(),
        }
    };
    let id = StatementId::of(b"item");
    Item {
        id,
        owner: handle("aa"),
        kind: ItemKind::Repository,
        slug: Slug::new("outil").unwrap(),
        aliases: BTreeSet::new(),
        creator: None,
        heads: Vec::new(),
        versions: vec![id],
        withdrawn: None,
        withdrawn_versions: BTreeMap::new(),
        descriptions: Vec::new(),
        refs: refs
            .iter()
            .map(|(name, heads)| ((*name).to_owned(), state(heads)))
            .collect(),
        policy: id,
        offered: None,
    }
}

fn policy() -> statement::Repository {
    statement::Repository {
        slug: Slug::new("outil").unwrap(),
        licence: "EUPL-1.2".to_owned(),
        object_format: "sha1".to_owned(),
        default_branch: "main".to_owned(),
        pushers: ["aa", "bb", "cc"]
            .map(|h| Pusher {
                institution: handle(h),
                persons: None,
            })
            .to_vec(),
        protected: Vec::new(),
        cuts: Vec::new(),
    }
}

fn names(projected: &Projected) -> Vec<(String, Oid)> {
    let pair = |(name, placed): (&RefName, &Placed)| (name.to_string(), placed.oid.clone());
    projected.refs.iter().map(pair).collect()
}

const MAIN: &str = "refs/heads/main";

#[test]
fn every_head_has_a_name_and_equal_ones_have_one() {
    let item = item(&[(MAIN, &[("aa", 1), ("bb", 2), ("cc", 1)])]);
    let all = project(&item, &policy(), &Held::default());
    assert_eq!(
        names(&all),
        [
            ("refs/diverged/bb/heads/main".to_owned(), oid(2)),
            (MAIN.to_owned(), oid(1)),
        ]
    );
    assert!(all.missing.is_empty());
}

#[test]
fn a_branch_shows_the_first_head_that_is_here() {
    let item = item(&[(MAIN, &[("aa", 1), ("bb", 2), ("cc", 3)])]);
    let held = |oids: &[u8]| Held::only(oids.iter().map(|n| oid(*n)).collect());
    let some = project(&item, &policy(), &held(&[2, 3]));
    assert_eq!(
        names(&some),
        [
            ("refs/diverged/cc/heads/main".to_owned(), oid(3)),
            (MAIN.to_owned(), oid(2)),
        ]
    );
    let none = project(&item, &policy(), &held(&[]));
    assert!(none.refs.is_empty());
    assert_eq!(
        none.missing.into_iter().collect::<Vec<_>>(),
        [RefName::parse(MAIN).unwrap()]
    );
}

#[test]
fn a_name_that_is_a_folder_of_another_goes_aside() {
    let item = item(&[
        ("refs/heads/a", &[("bb", 1)]),
        ("refs/heads/a/b", &[("aa", 2)]),
    ]);
    let all = project(&item, &policy(), &Held::default());
    assert_eq!(
        names(&all),
        [
            ("refs/diverged/bb/heads/a".to_owned(), oid(1)),
            ("refs/heads/a/b".to_owned(), oid(2)),
        ]
    );
}
