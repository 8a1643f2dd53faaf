use commun_forge::crosswalk::{
    Origin, Report,
    format::{self, Format, Found},
};
use commun_specs::{
    id::StatementId,
    metadata::Record,
    statement::{Facts, Resource},
};

use super::{Became, Imports};
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
    let shown = node
        .core
        .state()
        .catalogue()
        .item(&item)
        .cloned()
        .expect("there");
    let found = node.core.statement(&shown.displayed()).unwrap().unwrap();
    let record = Record::from_body(&found.body.unwrap().bytes).unwrap();
    assert_eq!(record.skipped, 0);
    let kept = record.original[0].v.blake3.parse().unwrap();
    assert!(node.blobs.has(&kept).await);
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
async fn an_erased_record_does_not_come_back_and_the_others_do_come() {
    let node = Node::first().await;
    let text = dc("Un nom secret", "doi:10.5555/nom");
    let (became, _) = take(&node, read(&text), false).await;
    let item = became[0].id.expect("an item");
    let found = node.core.state().catalogue().item(&item).cloned().unwrap();
    let new = crate::takedown::NewErasure {
        reason: "r".into(),
        ..Default::default()
    };
    crate::takedown::erase(&node.core, &node.admin(), &found, new)
        .await
        .unwrap();
    crate::testing::eventually("erasure", || node.core.erasing().unwrap().is_empty()).await;
    let original = commun_specs::id::ContentHash::of(&read(&text)[0].original);
    assert!(node.core.blocked(&original).is_some());
    assert!(!node.blobs.has(&original).await);
    let mut both = read(&text);
    both.extend(read(&dc("Une autre", "doi:10.5555/autre")));
    let (_, report) = take(&node, both, false).await;
    assert_eq!((report.added, report.changed), (1, 0), "{:?}", report.lines);
    assert!(!node.blobs.has(&original).await);
}

/// The version that is displayed: its statement, its head, its record.
fn displayed(node: &Node, item: &StatementId) -> (StatementId, Resource, Record) {
    let state = node.core.state();
    let item = state.catalogue().item(item).cloned().expect("there");
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
