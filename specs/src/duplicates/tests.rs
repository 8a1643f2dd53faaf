use std::collections::{BTreeMap, BTreeSet};

use super::{
    About, Content, Kind, Likeness, Memory, Rule, Sheet, compare,
    labelled::{self, pairs_of},
    shelf::CROWD,
};
use crate::metadata::{Creator, View};

fn item(title: &str, author: &str) -> Sheet {
    let view = View {
        titles: vec![("fr".into(), title.into())],
        languages: vec!["fr".into()],
        creators: vec![Creator {
            name: author.into(),
            ..Creator::default()
        }],
        ..View::default()
    };
    Sheet::of(&view, About::default())
}

fn shelf(sheets: &[Sheet]) -> Memory {
    let mut shelf = Memory::default();
    for (id, sheet) in (0..).zip(sheets) {
        shelf.change(id, Some(sheet));
    }
    shelf
}

#[test]
fn the_hard_set_is_judged_well_by_every_rule() {
    let outcome = labelled::hard().measure();
    let told = format!("wrong: {:#?}\nmissed: {:#?}", outcome.wrong, outcome.missed);
    for rule in Rule::ALL {
        let figures = outcome.rules[&rule];
        assert!(figures.precision() >= 0.95, "{rule:?} {figures:?} {told}");
        assert!(figures.recall() >= 0.95, "{rule:?} {figures:?} {told}");
    }
}

#[test]
fn the_made_set_is_judged_well_by_every_rule() {
    let outcome = labelled::made(3_000).measure();
    let few = |all: &[String]| all.iter().take(20).cloned().collect::<Vec<_>>();
    let told = format!(
        "wrong: {:#?}\nmissed: {:#?}",
        few(&outcome.wrong),
        few(&outcome.missed)
    );
    for rule in Rule::ALL {
        let figures = outcome.rules[&rule];
        assert!(figures.precision() >= 0.98, "{rule:?} {figures:?} {told}");
        assert!(figures.recall() >= 0.95, "{rule:?} {figures:?} {told}");
    }
}

#[test]
fn a_judgement_is_the_same_both_ways() {
    let set = labelled::hard();
    for a in &set.sheets {
        for b in &set.sheets {
            assert_eq!(compare(a, b), compare(b, a));
        }
    }
}

/// A generator of numbers: the same run every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

#[test]
fn pairs_do_not_depend_on_the_order_of_arrival() {
    // More of one key than a crowd, so that keys become common and cease to be.
    let mut sheets: Vec<Sheet> = (0..CROWD as u64 + 12)
        .map(|n| {
            let author = ["Marie Dupont", "Paul Martin", "Anne Essai"][n as usize % 3];
            item(
                &format!(
                    "Algèbre linéaire appliquée {}",
                    ["au climat", "aux réseaux", ""][n as usize / 20 % 3]
                ),
                author,
            )
        })
        .collect();
    sheets.extend(labelled::hard().sheets.into_iter().take(40));
    let expected = pairs_of(&shelf(&sheets));
    assert!(!expected.is_empty());
    for seed in 1..=6_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut other = Memory::default();
        let mut left: Vec<usize> = (0..sheets.len()).collect();
        let other_titles = item("Tout autre chose encore", "Quelqu’un");
        while !left.is_empty() {
            let id = left.swap_remove(dice.below(left.len()));
            // Some come as something else first, some twice, some go and come again.
            match dice.below(4) {
                0 => other.change(id as u64, Some(&other_titles)),
                1 => {
                    other.change(id as u64, Some(&sheets[id]));
                    other.change(id as u64, None);
                }
                _ => {}
            }
            other.change(id as u64, Some(&sheets[id]));
            other.change(id as u64, Some(&sheets[id]));
        }
        assert_eq!(pairs_of(&other), expected, "seed {seed}");
        for id in (0..sheets.len() as u64).rev() {
            other.change(id, None);
        }
        assert_eq!(pairs_of(&other), BTreeSet::new());
        assert_eq!(other.keys(), (0, 0));
    }
}

/// The pairs as the rule says them: the sheets that share a key of which no more than a crowd have a part.
fn by_definition(sheets: &BTreeMap<u64, &Sheet>) -> BTreeMap<(u64, u64), Likeness> {
    let mut holders: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (id, sheet) in sheets {
        for key in sheet.keys() {
            holders.entry(key).or_default().push(*id);
        }
    }
    let mut pairs = BTreeMap::new();
    for some in holders.values().filter(|some| some.len() <= CROWD) {
        for (at, one) in some.iter().enumerate() {
            for other in &some[at + 1..] {
                let likeness = compare(sheets[one], sheets[other]);
                pairs.extend(likeness.map(|likeness| ((*one, *other), likeness)));
            }
        }
    }
    pairs
}

#[test]
fn many_changes_at_once_leave_the_pairs_of_the_rule() {
    // Nearly as many of several keys as a crowd, so that they become common and cease to be within one change.
    let titles = [
        "Algèbre linéaire appliquée",
        "Algèbre linéaire appliquée au climat",
        "Algèbre linéaire appliquée aux réseaux",
        "Histoire des probabilités",
    ];
    let authors = ["Marie Dupont", "Paul Martin"];
    let mut kinds: Vec<Sheet> = titles
        .iter()
        .flat_map(|title| authors.iter().map(|author| item(title, author)))
        .collect();
    kinds.extend(labelled::hard().sheets.into_iter().take(20));
    for seed in 1..=4_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut shelf = Memory::default();
        let mut standing: BTreeMap<u64, &Sheet> = BTreeMap::new();
        let (mut most, mut least) = (0, usize::MAX);
        for turn in 0..40 {
            let ids: BTreeSet<u64> = (0..=dice.below(60))
                .map(|_| dice.below(2 * CROWD + 60) as u64)
                .collect();
            // More come, then more go.
            let goes = if turn < 20 { 5 } else { 2 };
            let changes: Vec<(u64, Option<&Sheet>)> = ids
                .into_iter()
                .map(|id| match dice.below(goes) {
                    0 => (id, None),
                    _ => (
                        id,
                        Some(&kinds[dice.below(kinds.len()).min(dice.below(kinds.len()))]),
                    ),
                })
                .collect();
            shelf.change_all(&changes);
            for (id, sheet) in changes {
                match sheet {
                    Some(sheet) => standing.insert(id, sheet),
                    None => standing.remove(&id),
                };
            }
            assert_eq!(
                *shelf.all(),
                by_definition(&standing),
                "seed {seed}, turn {turn}"
            );
            let common = shelf.keys().1;
            (most, least) = (most.max(common), least.min(common));
        }
        // Otherwise it tells nothing.
        assert!(
            most > least,
            "seed {seed}: {least} to {most} keys were common"
        );
    }
}

#[test]
fn what_is_linked_is_not_offered() {
    let about = |own: &str, links: &[&str]| About {
        own: vec![own.into()],
        links: links.iter().map(|l| (*l).into()).collect(),
        ..About::default()
    };
    let view = View {
        titles: vec![(
            "fr".into(),
            "Une suite de leçons de géométrie élémentaire".into(),
        )],
        aliases: vec!["doi:10.1/x".into()],
        ..View::default()
    };
    let a = Sheet::of(&view, about("univ-a/x", &[]));
    let b = Sheet::of(&view, about("univ-b/x", &[]));
    let found = compare(&a, &b).unwrap();
    assert_eq!(
        (found.kind, found.identifiers.as_slice()),
        (Kind::Same, &["doi:10.1/x".to_owned()][..])
    );
    assert_eq!(
        compare(&a, &Sheet::of(&view, about("univ-b/x", &["univ-a/x"]))),
        None
    );
    let mut said = view.clone();
    said.aliases.push("commun://univ-a/x".into());
    assert_eq!(compare(&a, &Sheet::of(&said, about("univ-b/x", &[]))), None);
}

#[test]
fn content_is_the_same_with_nine_tenths_of_the_bytes() {
    let with = |files: &[(&str, u64)]| {
        let mut content = Content::default();
        content.files(files.iter().map(|(hash, size)| ((*hash).to_owned(), *size)));
        Sheet::of(
            &View::default(),
            About {
                content,
                ..About::default()
            },
        )
    };
    let whole = with(&[("a", 90_000), ("b", 5_000)]);
    assert!(compare(&whole, &with(&[("a", 90_000), ("c", 5_000)])).is_some());
    assert!(compare(&whole, &with(&[("a", 90_000), ("c", 50_000)])).is_none());
    assert!(compare(&with(&[]), &with(&[])).is_none());
    assert!(compare(&with(&[("tiny", 3)]), &with(&[("tiny", 3)])).is_none());
}
