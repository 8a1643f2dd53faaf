use std::collections::BTreeMap;

use commun_specs::{
    duplicates::{About, CROWD, Kind, Sheet},
    id::StatementId,
    metadata::{Creator, View},
    name::Role,
};

use super::{
    Fault, Pair, Quality, Rule,
    book::Book,
    known::{Known, State},
};
use crate::{
    adapt,
    corrections::Corrections,
    duplicates::{self, DecideError},
    resources::Published,
    testing::{Node, eventually},
};

async fn quality(node: &Node) -> Quality {
    Quality::start(
        node.core.clone(),
        node.blobs.clone(),
        node.dir.path(),
        true,
        "essai",
        &node.tasks,
        node.stop.clone(),
    )
    .unwrap()
}

async fn known(node: &Node, quality: &Quality) {
    eventually("a report of everything", || {
        quality.position() == node.core.changes_cursor()
    })
    .await;
}

async fn publish(node: &Node, slug: &str, more: &str) -> Published {
    let metadata = format!(r#"{{"slug":"{slug}","licence":"CC-BY-4.0"{more}}}"#);
    let upload = node.upload(&metadata, &[("cours.md", slug)]);
    node.resources
        .publish(&node.admin(), upload, None)
        .await
        .unwrap()
}

const COURSE: &str = r#","title":{"fr":"Histoire des probabilités appliquées"},"language":["fr"],"creators":["Anne Essai"]"#;

#[tokio::test(flavor = "multi_thread")]
async fn pairs_are_found_as_items_come_and_go_and_are_decided_once() {
    let (a, b) = Node::two().await;
    let other = publish(&b, "proba", COURSE).await;
    b.carry_to(&a).await;
    let mine = publish(&a, "probabilites", COURSE).await;
    let quality = quality(&a).await;
    known(&a, &quality).await;
    let open = || quality.book().open_pairs(Some("univ-a"), 10, 0).unwrap();
    let (total, pairs) = open();
    assert_eq!(total, 1);
    let likeness = pairs[0].likeness.clone().unwrap();
    assert_eq!(likeness.kind, Kind::Same);
    assert_eq!(
        quality.book().open_pairs(Some("univ-z"), 10, 0).unwrap().0,
        0
    );
    let (count, lines) = quality
        .book()
        .lines("univ-a", Rule::Duplicate, 10, 0)
        .unwrap();
    assert_eq!((count, lines[0].item.id), (1, mine.id));
    assert!(lines[0].detail.starts_with("univ-b/proba"), "{lines:?}");

    // Refused: not offered again, also after everything was derived anew.
    let admin = a.admin();
    let pair = duplicates::pair(&a.core, &quality, &admin, &pairs[0].id[..6]).unwrap();
    duplicates::refuse(&quality, &pair, &admin, "deux cours").unwrap();
    assert_eq!(open().0, 0);
    let (_, refused) = quality.book().refused_pairs(None, 10, 0).unwrap();
    assert_eq!(refused[0].refused.as_ref().unwrap().reason, "deux cours");
    let anew = Book::open(a.dir.path(), 0).unwrap();
    assert_eq!(anew.cursor().unwrap(), 0);
    assert_eq!(anew.open_pairs(None, 10, 0).unwrap().0, 0);
    drop(anew);

    // Accepted after all: a statement, which the other page shows too.
    let corrections = Corrections::new(a.core.clone(), a.resources.clone());
    let (kind, done) =
        duplicates::accept(&a.core, &quality, &corrections, &admin, &pair, None, None)
            .await
            .unwrap();
    assert_eq!((kind, done.item), (Kind::Same, mine.id));
    eventually("the link", || {
        !quality.twins(&mine.id).is_empty() && !quality.twins(&other.id).is_empty()
    })
    .await;
    let (_, accepted) = quality.book().accepted_pairs(None, 10, 0).unwrap();
    assert_eq!((accepted.len(), &accepted[0].id), (1, &pair.id));
    assert_eq!(open().0, 0);
    assert!(matches!(
        duplicates::pair(&a.core, &quality, &admin, &pair.id),
        Err(DecideError::NoSuchPair)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_librarians_of_one_of_the_two_decide() {
    let (a, b) = Node::two().await;
    publish(&b, "un", COURSE).await;
    publish(&b, "deux", COURSE).await;
    b.carry_to(&a).await;
    let quality = quality(&a).await;
    known(&a, &quality).await;
    let (total, pairs) = quality.book().open_pairs(None, 10, 0).unwrap();
    assert_eq!(total, 1);
    let refused = duplicates::pair(&a.core, &quality, &a.admin(), &pairs[0].id);
    assert!(matches!(refused, Err(DecideError::NotAllowed(_))));
    publish(&a, "trois", COURSE).await;
    known(&a, &quality).await;
    let (_, pairs) = quality.book().open_pairs(Some("univ-a"), 10, 0).unwrap();
    let mut developer = a.admin();
    developer.roles = vec![Role::Developer].into_iter().collect();
    let refused = duplicates::pair(&a.core, &quality, &developer, &pairs[0].id);
    assert!(matches!(refused, Err(DecideError::NotAllowed(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_counts_what_lacks_and_what_is_unclear() {
    let node = Node::first().await;
    let whole = r#","title":{"fr":"Un cours complet"},"description":{"fr":"Il a tout ce qu’il faut."},"language":["fr"],
        "creators":["Anne Essai"],"resource_type":["course"],"level":["fr-l1"],"subject":["iscedf-0541"],
        "links":[{"type":"location","url":"https://example.org/cours"}]"#;
    publish(&node, "complet", whole).await;
    let bare = publish(
        &node,
        "maigre",
        r#","title":"Sans langue","subject":[{"label":{"fr":"Mathématiques amusantes"}}]"#,
    )
    .await;
    let quality = quality(&node).await;
    known(&node, &quality).await;
    {
        let book = quality.book();
        assert_eq!(book.items("univ-a").unwrap(), 2);
        let names = |id: &str| -> Vec<String> {
            let rule = Rule::parse(id).expect("a rule");
            let (_, lines) = book.lines("univ-a", rule, 10, 0).unwrap();
            lines.into_iter().map(|line| line.item.name).collect()
        };
        for rule in [
            "missing-description",
            "missing-language",
            "missing-creators",
            "missing-level",
            "unknown-term",
        ] {
            assert_eq!(names(rule), ["univ-a/maigre"], "{rule}");
        }
        assert_eq!(names("missing-title"), [""; 0]);
        assert_eq!(names("missing-keywords").len(), 2);
        let (_, lines) = book
            .lines("univ-a", Rule::Fault(Fault::UnknownTerm), 10, 0)
            .unwrap();
        assert_eq!(lines[0].detail, "Mathématiques amusantes");
        let checks = book.checks("univ-a").unwrap();
        assert_eq!((checks.links, checks.checked, checks.last), (1, 0, None));
    }

    // What is withdrawn is not to be mended.
    let withdrawal = crate::takedown::NewWithdrawal {
        code: Some("outdated".to_owned()),
        reason: "Trop ancien".to_owned(),
        ..crate::takedown::NewWithdrawal::default()
    };
    let item = node.core.state().catalogue().copy_of(&bare.id).unwrap();
    crate::takedown::withdraw(&node.core, &node.admin(), &item, withdrawal)
        .await
        .unwrap();
    known(&node, &quality).await;
    assert_eq!(quality.book().items("univ-a").unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_has_one_word_and_it_is_read_back() {
    let mut all: Vec<String> = Vec::new();
    for rule in Rule::all() {
        assert_eq!(Rule::parse(&rule.id()), Some(rule));
        assert!(!all.contains(&rule.id()));
        all.push(rule.id());
    }
}

/// Numbers of a generator: the same run every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// An item that stands so: one of a few titles and authors, and perhaps said to be the same as the first item.
fn standing(n: u8, form: usize) -> (StatementId, Known) {
    const TITLES: [&str; 4] = [
        "Algèbre linéaire appliquée",
        "Algèbre linéaire appliquée au climat",
        "Algèbre linéaire appliquée aux réseaux",
        "Histoire des probabilités",
    ];
    let title = TITLES[form % 4];
    let view = View {
        titles: vec![("fr".into(), title.into())],
        languages: vec!["fr".into()],
        creators: vec![Creator {
            name: ["Marie Dupont", "Paul Martin"][form / 4 % 2].into(),
            ..Creator::default()
        }],
        ..View::default()
    };
    let first = StatementId([0; 32]).to_string();
    let said = match form / 8 {
        0 => vec![("same", first)],
        1 => vec![("translation", "univ-a/numero-1".to_owned())],
        // Not as ids are written.
        2 => vec![("same", first.to_uppercase())],
        _ => vec![],
    };
    let state = State {
        owner: ["univ-a", "univ-b"][usize::from(n % 2)].into(),
        name: format!("univ-a/numero-{n}"),
        title: title.into(),
        sheet: Some(Sheet::of(&view, About::default())),
        missing: 1 << (form % 19),
        faults: vec![(Fault::Guessed, title.into())],
        same: said,
        urls: vec![format!("https://example.org/{}", form % 3)],
        lacking: form.is_multiple_of(5),
    };
    (StatementId([n; 32]), Known::Here(Box::new(state)))
}

/// All that a book tells.
fn told(book: &Book) -> (Vec<Pair>, Vec<Pair>, Vec<String>) {
    let mut lines = Vec::new();
    for owner in ["univ-a", "univ-b"] {
        for rule in Rule::all() {
            let (count, all) = book.lines(owner, rule, 10_000, 0).unwrap();
            lines.push(format!("{owner} {} {count} {all:?}", rule.id()));
        }
        lines.push(format!(
            "{:?} {:?}",
            book.items(owner),
            book.checks(owner).unwrap()
        ));
    }
    for n in 0..=u8::MAX {
        let twins = book.twins(&StatementId([n; 32]), 500).unwrap();
        if !twins.is_empty() {
            lines.push(format!("{n} {twins:?}"));
        }
    }
    (
        book.open_pairs(None, 100_000, 0).unwrap().1,
        book.accepted_pairs(None, 100_000, 0).unwrap().1,
        lines,
    )
}

#[test]
fn a_report_that_is_kept_up_to_date_is_the_one_that_is_made_anew() {
    for seed in 1..=3_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [mut kept, mut anew] = [0, 1].map(|n| Book::open(folders[n].path(), 100).unwrap());
        let mut forms: BTreeMap<u8, usize> = BTreeMap::new();
        let (mut pairs, mut stated) = (0, 0);
        for turn in 0..12 {
            // More come than are a crowd, then more go.
            let goes = if turn < 6 { 6 } else { 2 };
            let mut rows = BTreeMap::new();
            for _ in 0..=dice.below(60) {
                let n = dice.below(CROWD + 60) as u8;
                rows.insert(n, (dice.below(goes) > 0).then(|| dice.below(60)));
            }
            let rows = rows.into_iter().map(|(n, form)| {
                match form {
                    Some(form) => forms.insert(n, form),
                    None => forms.remove(&n),
                };
                form.map_or((StatementId([n; 32]), Known::Gone), |form| {
                    standing(n, form)
                })
            });
            kept.apply(rows.collect(), turn + 1).unwrap();
            let told = told(&kept);
            (pairs, stated) = (pairs.max(told.0.len()), stated.max(told.1.len()));
        }
        let rows = forms.iter().map(|(n, form)| standing(*n, *form));
        anew.apply(rows.collect(), 12).unwrap();
        assert_eq!(told(&kept), told(&anew), "seed {seed}");
        // Otherwise it tells nothing.
        assert!(pairs > 10 && stated > 0, "seed {seed}: {pairs} {stated}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_adapted_something_is_told_that_it_went_on() {
    let node = Node::first().await;
    let origin = publish(&node, "algebre", COURSE).await;
    let item = node.core.state().catalogue().copy_of(&origin.id).unwrap();
    let here = adapt::Here {
        core: &node.core,
        blobs: &node.blobs,
        resources: &node.resources,
    };
    let new = adapt::NewDerivation {
        slug: "algebre-iut".into(),
        ..adapt::NewDerivation::default()
    };
    let admin = node.admin();
    adapt::derive(here, &admin, &item, new, Vec::new(), "fr")
        .await
        .unwrap();
    let quality = quality(&node).await;
    known(&node, &quality).await;
    let told = || {
        let rule = Rule::Fault(Fault::Behind);
        let (_, lines) = quality.book().lines("univ-a", rule, 10, 0).unwrap();
        let lines = lines.into_iter().map(|line| (line.item.name, line.detail));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(told(), []);
    for newer in ["deux", "trois"] {
        let metadata = format!(r#"{{"slug":"algebre","licence":"CC-BY-4.0"{COURSE}}}"#);
        let upload = node.upload(&metadata, &[("cours.md", newer)]);
        let done = node.resources.publish(&admin, upload, Some(origin.id));
        done.await.unwrap();
    }
    eventually("the line", || {
        told()
            == [(
                "univ-a/algebre-iut".to_owned(),
                "univ-a/algebre (+2)".to_owned(),
            )]
    })
    .await;
}
