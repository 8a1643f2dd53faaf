use commun_forge::crosswalk::{
    Origin, Reading, Report,
    format::{self, Format, Found},
};
use commun_specs::{
    files::FilePath,
    id::StatementId,
    metadata::{Method, Record, Source, View},
    name::Slug,
    statement::{Facts, Resource},
};

use super::{
    Became, Bundle, BundleFile, Deletions, FileBytes, ImportError, Imports, Keeps, Prepared,
};
use crate::testing::Node;

fn dc(title: &str, id: &str) -> String {
    format!(
        "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
         <dc:title>{title}</dc:title><dc:identifier>{id}</dc:identifier><dc:language>fr</dc:language>\
         <dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights></oai_dc:dc>"
    )
}

fn read(text: &str) -> Vec<Found> {
    let origin = Origin::named("fiche.xml");
    format::read(Format::OaiDc, text.as_bytes(), &origin)
        .expect("readable")
        .found
}

async fn take(node: &Node, found: Vec<Found>, dry_run: bool) -> (Vec<Became>, Report) {
    let imports = Imports::new(node.core.clone(), node.blobs.clone());
    let mut report = Report::default();
    let became = imports
        .take(&node.admin(), "", found, dry_run, &mut report)
        .await
        .expect("taken");
    (became, report)
}

#[tokio::test]
async fn others_have_a_turn_while_records_are_prepared() {
    const MANY: usize = 40;
    let node = Node::first().await;
    let found = (0..MANY).flat_map(|n| read(&dc("Un titre", &format!("doi:10.5555/{n}"))));
    let found: Vec<Found> = found.collect();
    let turns = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counting = turns.clone();
    let other = tokio::spawn(async move {
        loop {
            counting.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let (became, _) = take(&node, found, true).await;
    other.abort();
    let turns = turns.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(became.len(), MANY);
    assert!(turns >= MANY, "{turns} turns for {MANY} records");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_one_item_however_often_it_comes() {
    let node = Node::first().await;
    let (became, report) = take(&node, read(&dc("Séries de Fourier", "doi:10.5555/a")), true).await;
    assert_eq!((report.added, became[0].id), (1, None));
    let size = node.core.changes_cursor();
    let (became, report) = take(
        &node,
        read(&dc("Séries de Fourier", "doi:10.5555/a")),
        false,
    )
    .await;
    assert_eq!((report.added, report.refused), (1, 0), "{:?}", report.lines);
    let item = became[0].id.expect("an item");
    let came = &report.came_in[0];
    assert_eq!(came.problem.rule, "record-added");
    assert_eq!(came.problem.given, became[0].name);
    assert!(came.problem.wanted.starts_with("title, "), "{came:?}");
    assert_eq!(report.mapped["title"], 1);
    assert!(
        became[0].name.starts_with("univ-a/doi-10-5555-a-"),
        "{}",
        became[0].name
    );
    node.finds("Fourier", 1).await;
    assert!(node.core.changes_cursor() > size);
    let (became, report) = take(
        &node,
        read(&dc("Séries de Fourier", "doi:10.5555/a")),
        false,
    )
    .await;
    assert_eq!(
        (report.unchanged, became[0].id, became[0].what),
        (1, Some(item), "unchanged")
    );
    let (became, report) = take(
        &node,
        read(&dc("Séries de Fourier, revu", "doi:10.5555/a")),
        false,
    )
    .await;
    assert_eq!((report.changed, became[0].id), (1, Some(item)));
    node.finds("revu", 1).await;
    // The original is kept as it came.
    let shown = node.core.state().catalogue().copy_of(&item).expect("there");
    let found = node.core.statement(&shown.displayed()).unwrap().unwrap();
    let record = Record::from_body(&found.body.unwrap().bytes).unwrap();
    assert_eq!(record.skipped, 0);
    let kept = record.original[0].v.blake3.parse().unwrap();
    assert!(node.blobs.has(&kept).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_file_after_a_newer_one_is_a_change() {
    let node = Node::first().await;
    let file = |year: &str| {
        let text = dc(&format!("Flore {year}"), "doi:10.5555/f");
        let origin = Origin::named(&format!("fiche-{year}.xml"));
        let read = format::read(Format::OaiDc, text.as_bytes(), &origin);
        read.expect("readable").found
    };
    for (year, became) in [
        ("2024", "added"),
        ("2025", "changed"),
        ("2025", "unchanged"),
        ("2024", "changed"),
    ] {
        let (taken, report) = take(&node, file(year), false).await;
        assert_eq!(taken[0].what, became, "{year}: {:?}", report.lines);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_in_is_told_and_stops_nobody_else() {
    let node = Node::first().await;
    let mut found = read(&dc("Un", "https://a.example/1"));
    found.extend(read(
        "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/'/>",
    ));
    found.extend(read(&dc("Deux", "https://a.example/2")));
    let (became, report) = take(&node, found, false).await;
    assert_eq!(
        (became.len(), report.records, report.added, report.refused),
        (2, 3, 2, 1)
    );
    assert_eq!(
        report
            .lines
            .iter()
            .filter(|l| l.problem.rule == "no-values")
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_records_with_one_identifier_the_last_counts_and_the_report_says_so() {
    let node = Node::first().await;
    let mut both = read(&dc("Suites", "doi:10.5555/twice"));
    both.extend(read(&dc("Séries", "doi:10.5555/twice")));
    let (became, report) = take(&node, both, false).await;
    assert_eq!((became.len(), report.added), (1, 1));
    let said = report
        .lines
        .iter()
        .find(|l| l.problem.rule == "record-twice");
    assert!(said.is_some(), "{:?}", report.lines);
    node.finds("Séries", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_record_does_not_come_back_and_the_others_do_come() {
    let node = Node::first().await;
    let text = dc("Un nom secret", "doi:10.5555/nom");
    let (became, _) = take(&node, read(&text), false).await;
    let item = became[0].id.expect("an item");
    let found = node.core.state().catalogue().copy_of(&item).unwrap();
    let new = crate::takedown::NewErasure {
        reason: "r".into(),
        ..Default::default()
    };
    crate::takedown::erase(&node.core, &node.blobs, &node.admin(), &found, new)
        .await
        .unwrap();
    crate::testing::eventually("erasure", || node.core.erasing().unwrap().is_empty()).await;
    let original = commun_specs::id::ContentHash::of(&read(&text)[0].original);
    assert!(node.core.blocked(&original).is_some());
    assert!(!node.blobs.has(&original).await);
    // With another last line end, which says nothing else.
    let mut both = read(&text);
    both.extend(read(&format!("{}\r\n", text.trim_end())));
    both.extend(read(&dc("Une autre", "doi:10.5555/autre")));
    let (_, report) = take(&node, both, false).await;
    assert_eq!((report.added, report.changed), (1, 0), "{:?}", report.lines);
    assert!(!node.blobs.has(&original).await);
}

/// The version that is displayed: its statement, its head, its record.
fn displayed(node: &Node, item: &StatementId) -> (StatementId, Resource, Record) {
    let state = node.core.state();
    let item = state.catalogue().copy_of(item).expect("there");
    drop(state);
    let found = node.core.statement(&item.displayed()).unwrap().unwrap();
    let Ok(Some(Facts::Resource(facts))) = found.statement.facts() else {
        panic!("a resource")
    };
    let record = Record::from_body(&found.body.unwrap().bytes).unwrap();
    (item.displayed(), facts, record)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_origins_published_by_hand_stay_when_the_record_comes_again() {
    let node = Node::first().await;
    let admin = node.admin();
    let based =
        r#"{"slug": "algebre-l1", "title": "Algèbre", "language": "fr", "licence": "CC-BY-4.0"}"#;
    let based = node.upload(based, &[("a.md", "Le noyau.")]);
    node.resources.publish(&admin, based, None).await.unwrap();
    let first = dc("Séries de Fourier", "doi:10.5555/a");
    let (became, _) = take(&node, read(&first), false).await;
    let (item, name) = (became[0].id.expect("an item"), became[0].name.clone());
    let by_hand = r#"{"title": "Séries de Fourier", "language": "fr", "licence": "CC-BY-4.0", "description": "Revu à la main",
        "relations": [{"type": "isBasedOn", "target": "univ-a/algebre-l1"}]}"#;
    let by_hand = node.upload(by_hand, &[("cours.md", "Développement en série.")]);
    let published = node.resources.publish(&admin, by_hand, Some(item)).await;
    let published = published.unwrap().version;
    let (version, with_file, _) = displayed(&node, &item);
    assert_eq!(
        (version, with_file.files.count, with_file.derived_from.len()),
        (published, 1, 1)
    );

    let (became, report) = take(&node, read(&first), false).await;
    assert_eq!(
        (report.unchanged, report.changed, became[0].id),
        (1, 0, Some(item))
    );
    assert_eq!(displayed(&node, &item).0, published);

    let second = dc("Séries de Fourier, revu", "doi:10.5555/a");
    let (became, report) = take(&node, read(&second), false).await;
    assert_eq!(
        (report.changed, &became[0].name),
        (1, &name),
        "{:?}",
        report.lines
    );
    let (version, now, record) = displayed(&node, &item);
    assert_ne!(version, published);
    assert_eq!(
        (&now.files, &now.derived_from),
        (&with_file.files, &with_file.derived_from)
    );
    assert_ne!(now.record, with_file.record);
    let view = record.view();
    assert_eq!(view.files.len(), 1);
    // The newest original counts: the same again makes nothing, the one before it is a change.
    let (_, report) = take(&node, read(&second), false).await;
    assert_eq!((report.unchanged, report.changed), (1, 0));
    let (_, report) = take(&node, read(&first), false).await;
    assert_eq!((report.unchanged, report.changed), (0, 1));
    assert_eq!(displayed(&node, &item).1.files, with_file.files);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_while_a_record_comes_in_loses_neither() {
    let node = Node::first().await;
    let admin = node.admin();
    let imports = Imports::new(node.core.clone(), node.blobs.clone());
    let (became, _) = take(&node, read(&dc("Dunes", "doi:10.5555/a")), false).await;
    let item = became[0].id.expect("an item");
    let mut report = Report::default();
    let revised = read(&dc("Dunes, revu", "doi:10.5555/a")).remove(0);
    let prepared = imports.prepare("", revised, &mut report).await.unwrap();
    let Some(Prepared::New(ready)) = prepared else {
        panic!("a change")
    };
    let by_hand = r#"{"title": {"fr": "Dunes du Nord"}, "description": {"fr": "Du sable"}, "licence": "CC-BY-4.0"}"#;
    let upload = node.upload(by_hand, &[("a.md", "Le vent.")]);
    let published = node.resources.publish(&admin, upload, Some(item)).await;
    published.unwrap();
    let mut became = Vec::new();
    imports
        .state(&admin, "", vec![*ready], &mut report, &mut became)
        .await
        .expect("stated on what stands by now");
    assert_eq!(
        (report.changed, report.refused, became[0].id),
        (1, 0, Some(item)),
        "{:?}",
        report.lines
    );
    let (_, facts, record) = displayed(&node, &item);
    let view = record.view();
    assert_eq!(facts.files.count, 1);
    assert_eq!(view.title_for(&["fr"]), Some(("fr", "Dunes du Nord")));
    assert_eq!(view.descriptions[0].1, "Du sable");
    assert!(record.title.iter().any(|title| title.v == "Dunes, revu"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_import_knew_stays_below_what_is_published_by_hand() {
    let node = Node::first().await;
    let admin = node.admin();
    let first = dc("Séries de Fourier", "doi:10.5555/a");
    let (became, _) = take(&node, read(&first), false).await;
    let item = became[0].id.expect("an item");
    let by_hand =
        r#"{"title": {"fr": "Séries de Fourier, avec exercices"}, "licence": "CC-BY-SA-4.0"}"#;
    let upload = node.upload(by_hand, &[("cours.md", "Développement.")]);
    node.resources
        .publish(&admin, upload, Some(item))
        .await
        .unwrap();
    let (_, facts, record) = displayed(&node, &item);
    assert_eq!(facts.licence.as_str(), "CC-BY-SA-4.0");
    let view = record.view();
    assert_eq!(
        view.title_for(&["fr"]),
        Some(("fr", "Séries de Fourier, avec exercices"))
    );
    assert_eq!(view.languages, ["fr"], "nobody stated it by hand");
    assert_eq!(view.files.len(), 1);
    let licences: Vec<_> = record.licence.iter().map(|v| v.src.method).collect();
    assert_eq!(licences.len(), 2, "{licences:?}");
    assert_eq!(record.original.len(), 1);
    // By hand again: what was by hand before is replaced, the import's values are not.
    let upload = node.upload(
        r#"{"title": {"fr": "Fourier"}, "licence": "CC-BY-SA-4.0", "description": {"fr": "Un cours"}}"#,
        &[("cours.md", "Développement, revu.")],
    );
    node.resources
        .publish(&admin, upload, Some(item))
        .await
        .unwrap();
    let (_, _, again) = displayed(&node, &item);
    assert_eq!(again.title.len(), 2);
    assert_eq!((again.original.len(), again.files.len()), (1, 1));
    // And the source's next word replaces the source's only.
    let second = dc("Séries de Fourier, 2e édition", "doi:10.5555/a");
    let (_, report) = take(&node, read(&second), false).await;
    assert_eq!(report.changed, 1);
    let (_, _, last) = displayed(&node, &item);
    assert_eq!(last.view().title_for(&["fr"]), Some(("fr", "Fourier")));
    assert_eq!(last.view().descriptions.len(), 1);
}

/// A record of a source, or the word that it is gone.
fn harvested(id: &str, title: Option<&str>) -> Vec<Found> {
    let entry = commun_forge::oai::Entry {
        identifier: id.to_owned(),
        stamp: None,
        sets: Vec::new(),
        deleted: title.is_none(),
        metadata: title.map(|t| dc(t, "doi:10.5555/a")).unwrap_or_default(),
    };
    let origin = Origin::named(SOURCE);
    vec![format::harvested(entry, Some("oai_dc"), &origin)]
}

const SOURCE: &str = "https://depot.example/oai";

#[tokio::test(flavor = "multi_thread")]
async fn an_item_follows_its_source_where_the_librarian_says_so() {
    let node = Node::first().await;
    let (admin, imports) = (
        node.admin(),
        Imports::new(node.core.clone(), node.blobs.clone()),
    );
    let follow = async |found, deletions| {
        let mut report = Report::default();
        let became = imports
            .follow(&admin, SOURCE, deletions, found, false, &mut report)
            .await
            .expect("taken");
        let rules: Vec<String> = report.rules().map(|(_, rule, _)| rule.to_owned()).collect();
        (became, report, rules)
    };
    let withdrawn = |item: &StatementId| {
        let state = node.core.state();
        state.catalogue().item(item).expect("there").withdrawn
    };
    let (became, ..) = follow(harvested("oai:d:1", Some("Dunes")), Deletions::Withdraw).await;
    let item = became[0].id.expect("an item");
    let (_, report, rules) = follow(harvested("oai:d:1", None), Deletions::Report).await;
    assert_eq!((report.deleted, withdrawn(&item)), (1, None));
    assert_eq!(rules, ["record-deleted"]);
    let (became, report, rules) = follow(harvested("oai:d:1", None), Deletions::Withdraw).await;
    assert_eq!((report.deleted, report.refused), (1, 0));
    assert_eq!(
        (rules[0].as_str(), became[0].what),
        ("withdrawn-with-source", "withdrawn")
    );
    let withdrawal = withdrawn(&item).expect("withdrawn");
    // Said twice, and of a record that nobody knows: nothing happens.
    let (_, report, _) = follow(harvested("oai:d:1", None), Deletions::Withdraw).await;
    assert_eq!((report.deleted, withdrawn(&item)), (1, Some(withdrawal)));
    follow(harvested("oai:d:2", None), Deletions::Withdraw).await;
    // The same record again, although its bytes did not change.
    let (_, report, rules) = follow(harvested("oai:d:1", Some("Dunes")), Deletions::Report).await;
    assert_eq!(
        (report.changed, withdrawn(&item)),
        (1, None),
        "{:?}",
        report.lines
    );
    assert!(rules.contains(&"back-at-source".to_owned()), "{rules:?}");
    // What a person withdrew stays so, and what a person published stays too.
    let found = node.core.state().catalogue().copy_of(&item).unwrap();
    let new = crate::takedown::NewWithdrawal {
        reason: "r".into(),
        ..Default::default()
    };
    crate::takedown::withdraw(&node.core, &admin, &found, new)
        .await
        .unwrap();
    let (_, report, _) = follow(harvested("oai:d:1", Some("Dunes")), Deletions::Withdraw).await;
    assert_eq!((report.refused, report.changed), (1, 0));
    let upload = node.upload(
        r#"{"title": {"fr": "Dunes"}, "licence": "CC-BY-4.0"}"#,
        &[("a.md", "Le vent.")],
    );
    node.resources
        .publish(&admin, upload, Some(item))
        .await
        .unwrap();
    let (_, _, rules) = follow(harvested("oai:d:1", None), Deletions::Withdraw).await;
    assert_eq!(
        (withdrawn(&item), rules),
        (None, vec!["deleted-kept".to_owned()])
    );
}

/// A package of one file, named as asked for.
fn package(node: &Node, name: &str, bytes: &str, title: &str) -> Bundle {
    let upload = node.upload("", &[(name, bytes)]);
    let file = &upload.files[0];
    let view = View {
        titles: vec![("fr".to_owned(), title.to_owned())],
        licence: Some("CC-BY-4.0".to_owned()),
        ..View::default()
    };
    let source = Source {
        scheme: "h5p".to_owned(),
        origin: Some(name.to_owned()),
        date: None,
        method: Method::Mapped,
        by: None,
    };
    Bundle {
        record: name.to_owned(),
        format: Format::H5p,
        reading: Reading {
            record: Record::from_view(&view, source),
            ..Reading::default()
        },
        slug: Some(Slug::new("quiz").unwrap()),
        called: None,
        files: vec![BundleFile {
            path: FilePath::new(name).unwrap(),
            size: file.size,
            bytes: FileBytes::At(file.temp.clone()),
        }],
        keeps: Keeps::File,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_words_by_hand_stay_beside_the_next_package() {
    let node = Node::first().await;
    let admin = node.admin();
    let imports = Imports::new(node.core.clone(), node.blobs.clone());
    let take = async |bundle, dry_run| {
        let mut report = Report::default();
        let became = imports
            .take_bundle(&admin, bundle, dry_run, &mut report)
            .await
            .expect("taken");
        let what = became.as_ref().map(|b| b.what);
        (became.and_then(|b| b.id), what, report)
    };
    let (none, what, _) = take(package(&node, "quiz.h5p", "un", "Quiz"), true).await;
    assert_eq!((none, what), (None, Some("added")));
    let (item, what, report) = take(package(&node, "quiz.h5p", "un", "Quiz"), false).await;
    assert_eq!(what, Some("added"), "{:?}", report.lines);
    let item = item.unwrap();
    let (_, facts, record) = displayed(&node, &item);
    assert_eq!(
        facts.record.unwrap(),
        commun_specs::id::ContentHash::of(b"un")
    );
    assert_eq!(record.original[0].v.scheme, "h5p");
    let by_hand = r#"{"title": {"fr": "Quiz des fleurs"}, "licence": "CC-BY-4.0"}"#;
    let files = [("quiz.h5p", "un"), ("notice.txt", "Mode d’emploi")];
    let upload = node.upload(by_hand, &files);
    node.resources
        .publish(&admin, upload, Some(item))
        .await
        .unwrap();
    let (_, what, _) = take(package(&node, "quiz.h5p", "un", "Quiz"), false).await;
    assert_eq!(what, Some("unchanged"));
    // The package went on, under another name: it takes the place of the one before.
    let (_, what, _) = take(package(&node, "quiz-2.h5p", "deux", "Quiz 2"), false).await;
    assert_eq!(what, Some("changed"));
    let (_, facts, record) = displayed(&node, &item);
    assert_eq!(facts.files.count, 2);
    let paths: Vec<String> = record.view().files.into_iter().map(|f| f.path).collect();
    assert_eq!(paths, ["notice.txt", "quiz-2.h5p"]);
    assert_eq!(
        record.view().title_for(&["fr"]),
        Some(("fr", "Quiz des fleurs"))
    );
    // Two that come at the same time follow one another.
    let (one, other) = tokio::join!(
        take(package(&node, "quiz-2.h5p", "trois", "Quiz 3"), false),
        take(package(&node, "quiz-2.h5p", "quatre", "Quiz 4"), false),
    );
    assert_eq!((one.1, other.1), (Some("changed"), Some("changed")));
    // What stands beside it is not known while the list is not here: then nothing is stated.
    let (version, facts, _) = displayed(&node, &item);
    node.blobs.erase(&[facts.files.blake3]).await.unwrap();
    let later = imports
        .take_bundle(
            &admin,
            package(&node, "quiz-2.h5p", "cinq", "Quiz 5"),
            false,
            &mut Report::default(),
        )
        .await;
    assert!(matches!(later, Err(ImportError::NotNow(_))), "{later:?}");
    assert_eq!(displayed(&node, &item).0, version);
    // What was withdrawn stays so.
    let found = node.core.state().catalogue().copy_of(&item).unwrap();
    let new = crate::takedown::NewWithdrawal {
        reason: "r".into(),
        ..Default::default()
    };
    crate::takedown::withdraw(&node.core, &admin, &found, new)
        .await
        .unwrap();
    let (_, what, report) = take(package(&node, "quiz.h5p", "trois", "Quiz"), false).await;
    assert_eq!((what, report.refused), (None, 1));
}
