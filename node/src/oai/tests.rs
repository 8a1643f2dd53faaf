use commun_forge::{crosswalk::xml, oai::Stamp};
use commun_specs::{
    id::StatementId,
    json::{Object, Value},
    statement::Body,
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Node as Said, Provider,
    listing::{Entry, Listing, Part, Row, Standing},
    token::Place,
};
use crate::{
    core::{Author, Draft},
    resources::Published,
    testing::{Node, eventually, range},
};

const SAID: Said<'static> = Said {
    url: "https://a.example",
    mail: "library@a.example",
};

fn course(node: &Node, slug: &str, title: &str) -> crate::resources::Upload {
    let metadata = format!(
        r#"{{"slug":"{slug}","title":{{"fr":"{title}"}},"language":["fr"],"licence":"CC-BY-4.0","creators":[{{"name":"Anne Essai"}}],
           "resource_type":["course"],"subject":["iscedf-0541"],"level":["fr-l1"]}}"#
    );
    node.upload(&metadata, &[("cours.md", "# Un cours")])
}

async fn provider(node: &Node, records: usize) -> Provider {
    let mut provider = Provider::start(
        node.core.clone(),
        node.dir.path(),
        &node.tasks,
        node.stop.clone(),
    )
    .unwrap();
    provider.pages.records = records;
    provider
}

async fn listed(node: &Node, provider: &Provider) {
    eventually("a listing of everything", || {
        provider.position() == node.core.changes_cursor()
    })
    .await;
}

async fn publish(node: &Node, slug: &str, title: &str) -> Published {
    node.resources
        .publish(&node.admin(), course(node, slug, title), None)
        .await
        .unwrap()
}

fn ask(provider: &Provider, query: &str) -> String {
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
    let answer = provider.answer(&SAID, &pairs).unwrap();
    shaped(&answer);
    answer
}

/// The shape that the protocol's schema gives an answer.
fn shaped(answer: &str) {
    let tree = xml::parse(answer).expect("well formed");
    let root = tree.root_element();
    assert!(root.has_tag_name((commun_forge::oai::NAMESPACE, "OAI-PMH")));
    let names: Vec<&str> = root
        .children()
        .filter(|n| n.is_element())
        .map(|n| n.tag_name().name())
        .collect();
    assert_eq!(names[..2], ["responseDate", "request"], "{answer}");
    assert_eq!(names.len(), 3, "{answer}");
    let request = xml::child(root, "request").unwrap();
    assert_eq!(request.text(), Some("https://a.example/oai"));
    if let Some(code) = xml::child(root, "error").and_then(|e| e.attribute("code")) {
        let hidden = matches!(code, "badVerb" | "badArgument");
        assert_eq!(request.attributes().len() == 0, hidden, "{answer}");
    }
    for header in root.descendants().filter(|n| xml::named(*n, "header")) {
        let parts: Vec<&str> = header
            .children()
            .filter(|n| n.is_element())
            .map(|n| n.tag_name().name())
            .collect();
        assert_eq!(parts[..2], ["identifier", "datestamp"]);
        assert!(Stamp::parse(&xml::child_text(header, "datestamp").unwrap()).is_some());
        let deleted = header.attribute("status") == Some("deleted");
        let record = header.parent().unwrap();
        if xml::named(record, "record") {
            assert_eq!(
                xml::child(record, "metadata").is_none(),
                deleted,
                "{answer}"
            );
        }
    }
}

fn code(answer: &str) -> String {
    let tree = xml::parse(answer).unwrap();
    let error = xml::child(tree.root_element(), "error");
    error
        .and_then(|e| e.attribute("code"))
        .unwrap_or("none")
        .to_owned()
}

/// All values of an element.
fn all(answer: &str, name: &str) -> Vec<String> {
    let tree = xml::parse(answer).unwrap();
    let found = tree.descendants().filter(|n| xml::named(*n, name));
    found.map(|n| xml::text(n).trim().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_answers_and_every_fault_has_its_code() {
    let node = Node::first().await;
    let first = publish(&node, "algebre", "Algèbre").await;
    let gone = publish(&node, "analyse", "Analyse").await;
    withdraw(&node, &gone.id).await;
    let provider = provider(&node, 100).await;
    listed(&node, &provider).await;
    let commons = node.core.identity().commons.to_string();
    let id = |item: &StatementId| format!("oai:{}.commun:{item}", &commons[..16]);
    let (first, gone) = (id(&first.id), id(&gone.id));

    let identify = ask(&provider, "verb=Identify");
    for (name, value) in [
        ("baseURL", "https://a.example/oai"),
        ("protocolVersion", "2.0"),
        ("adminEmail", "library@a.example"),
        ("deletedRecord", "persistent"),
        ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
    ] {
        assert_eq!(all(&identify, name), [value]);
    }
    assert_eq!(
        all(
            &ask(&provider, "verb=ListMetadataFormats"),
            "metadataPrefix"
        ),
        ["oai_dc", "lom", "lomfr", "suplomfr"]
    );
    for prefix in ["lom", "lomfr", "suplomfr"] {
        let record = ask(
            &provider,
            &format!("verb=GetRecord&metadataPrefix={prefix}&identifier={first}"),
        );
        let metadata = record.split_once("<metadata>").expect("a form in LOM").1;
        let lom = metadata.split_once("</metadata>").expect("its end").0;
        let read = commun_forge::crosswalk::lom::read(lom.as_bytes(), &Default::default());
        assert!(!read.expect("LOM").record.title.is_empty(), "{lom}");
    }
    let formats = ask(
        &provider,
        &format!("verb=ListMetadataFormats&identifier={first}"),
    );
    assert_eq!(all(&formats, "metadataPrefix")[0], "oai_dc");
    let sets = all(&ask(&provider, "verb=ListSets"), "setSpec");
    for set in [
        "institution:univ-a",
        "type:resource:course",
        "subject:iscedf-05",
        "subject:iscedf-0541",
    ] {
        assert!(sets.iter().any(|s| s == set), "{sets:?}");
    }
    let headers = ask(&provider, "verb=ListIdentifiers&metadataPrefix=oai_dc");
    let mut both = [first.clone(), gone.clone()];
    both.sort();
    let mut found = all(&headers, "identifier");
    found.sort();
    assert_eq!(found, both);
    assert_eq!(all(&headers, "resumptionToken"), [""; 0]);
    let record = ask(
        &provider,
        &format!("verb=GetRecord&metadataPrefix=oai_dc&identifier={first}"),
    );
    assert_eq!(all(&record, "title"), ["Algèbre"]);
    assert!(
        record.contains("https://a.example/univ-a/algebre"),
        "{record}"
    );
    let deleted = ask(
        &provider,
        &format!("verb=GetRecord&metadataPrefix=oai_dc&identifier={gone}"),
    );
    assert!(deleted.contains("status=\"deleted\""));
    for set in [
        "type",
        "type:resource",
        "subject:iscedf-05",
        "institution:univ-a",
    ] {
        let found = ask(
            &provider,
            &format!("verb=ListRecords&metadataPrefix=oai_dc&set={set}"),
        );
        assert!(all(&found, "identifier").contains(&first), "{set}");
    }

    for (query, expected) in [
        ("", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Steal", "badVerb"),
        ("verb=Identify&set=a", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026",
            "badArgument",
        ),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-02&until=2026-02-01",
            "badArgument",
        ),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&set=a b",
            "badArgument",
        ),
        (
            "verb=ListRecords&metadataPrefix=marcxml",
            "cannotDisseminateFormat",
        ),
        (
            "verb=ListIdentifiers&metadataPrefix=marcxml",
            "cannotDisseminateFormat",
        ),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&until=1999-01-01",
            "noRecordsMatch",
        ),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2999-01-01",
            "noRecordsMatch",
        ),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&set=subject:none",
            "noRecordsMatch",
        ),
        (
            "verb=ListRecords&resumptionToken=AAAA",
            "badResumptionToken",
        ),
        (
            "verb=ListIdentifiers&resumptionToken=é",
            "badResumptionToken",
        ),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        (
            "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:1",
            "idDoesNotExist",
        ),
        (
            "verb=ListMetadataFormats&identifier=oai:x:1",
            "idDoesNotExist",
        ),
    ] {
        assert_eq!(code(&ask(&provider, query)), expected, "{query}");
    }
    let other = ask(
        &provider,
        &format!("verb=GetRecord&metadataPrefix=marcxml&identifier={first}"),
    );
    assert_eq!(code(&other), "cannotDisseminateFormat");
    let none = ask(
        &provider,
        &format!("verb=ListMetadataFormats&identifier={gone}"),
    );
    assert_eq!(code(&none), "noMetadataFormats");
    // Whoever harvests a set hears of its deletions: here what it was in is told by its words alone.
    for set in [
        "subject:iscedf-0541",
        "type:resource:course",
        "institution:univ-a",
    ] {
        let part = ask(
            &provider,
            &format!("verb=ListIdentifiers&metadataPrefix=oai_dc&set={set}"),
        );
        assert_eq!(part.matches("status=\"deleted\"").count(), 1, "{part}");
    }
    let foreign = first.replace(&commons[..16], "aaaaaaaaaaaaaaaa");
    let foreign = ask(
        &provider,
        &format!("verb=GetRecord&metadataPrefix=oai_dc&identifier={foreign}"),
    );
    assert_eq!(code(&foreign), "idDoesNotExist");
}

async fn withdraw(node: &Node, item: &StatementId) {
    let key = node.core.author_key(&node.admin()).unwrap().unwrap();
    let draft = Draft {
        kind: "withdrawal",
        item: Some(*item),
        fields: Object::from([("code".to_owned(), Value::from("error"))]),
        ..Draft::default()
    };
    let entry = node.core.compose(draft, &Author::Person(&key)).unwrap();
    node.core.write(entry).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_while_things_change_and_after_a_restart() {
    let node = Node::first().await;
    let mut items = Vec::new();
    for n in 0..5 {
        items.push(publish(&node, &format!("cours-{n}"), &format!("Cours {n}")).await);
    }
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let mut provider =
        Provider::start(node.core.clone(), node.dir.path(), &tasks, stop.clone()).unwrap();
    provider.pages.records = 2;
    listed(&node, &provider).await;
    let first = ask(&provider, "verb=ListRecords&metadataPrefix=oai_dc");
    let token = all(&first, "resumptionToken").remove(0);
    assert!(
        first.contains("completeListSize=\"5\"") && first.contains("cursor=\"0\""),
        "{first}"
    );
    // Meanwhile one of those that were told changes, one that was not goes, and one is new.
    publish(&node, "cours-0", "Cours 0, revu").await;
    withdraw(&node, &items[4].id).await;
    publish(&node, "cours-5", "Cours 5").await;
    listed(&node, &provider).await;
    // One provider has the file at a time, as one node has.
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    drop(provider);
    let again = Provider::start(
        node.core.clone(),
        node.dir.path(),
        &node.tasks,
        node.stop.clone(),
    )
    .unwrap();
    let mut titles = all(&first, "title");
    let (mut token, mut gone, mut pages) = (token, 0, 1);
    while !token.is_empty() {
        let page = ask(&again, &format!("verb=ListRecords&resumptionToken={token}"));
        titles.extend(all(&page, "title"));
        gone += page.matches("status=\"deleted\"").count();
        token = all(&page, "resumptionToken").remove(0);
        pages += 1;
    }
    // Whatever is told twice: nothing is missing, and what changed is there as it is now.
    for title in ["Cours 0, revu", "Cours 1", "Cours 2", "Cours 3", "Cours 5"] {
        assert!(titles.iter().any(|t| t == title), "{title}: {titles:?}");
    }
    assert_eq!(gone, 1);
    assert!(pages > 1);
    // A token is for its verb only.
    let wrong = Place {
        verb: 'i',
        prefix: "oai_dc".into(),
        set: None,
        from: None,
        until: None,
        after: 1,
        cursor: 1,
        complete: 5,
    };
    let sealed = wrong.seal(&again.listing().key);
    assert_eq!(
        code(&ask(
            &again,
            &format!("verb=ListRecords&resumptionToken={sealed}")
        )),
        "badResumptionToken"
    );
    assert_eq!(Place::open(&sealed, &[1; 32]), None);
    assert_eq!(Place::open(&sealed, &again.listing().key), Some(wrong));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_node_has_the_same_identifiers_and_dates_of_its_own() {
    let (a, b) = Node::two().await;
    publish(&a, "algebre", "Algèbre").await;
    let (pa, pb) = (provider(&a, 100).await, provider(&b, 100).await);
    listed(&a, &pa).await;
    a.carry_to(&b).await;
    listed(&b, &pb).await;
    let query = "verb=ListIdentifiers&metadataPrefix=oai_dc&set=institution:univ-a";
    assert_eq!(
        all(&ask(&pa, query), "identifier"),
        all(&ask(&pb, query), "identifier")
    );
    let sets = all(&ask(&pb, "verb=ListSets"), "setSpec");
    assert_eq!(sets[0], "institution:univ-b", "{sets:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_words_have_not_arrived_is_not_told_as_deleted() {
    let (a, b) = Node::two().await;
    let changed = publish(&a, "algebre", "Algèbre").await;
    publish(&a, "analyse", "Analyse").await;
    a.carry_to(&b).await;
    let provider = provider(&b, 1).await;
    listed(&b, &provider).await;
    let titles = || {
        let mut page = ask(&provider, "verb=ListRecords&metadataPrefix=oai_dc");
        let mut titles = Vec::new();
        loop {
            titles.extend(all(&page, "title"));
            assert!(!page.contains("status=\"deleted\""), "{page}");
            let token = all(&page, "resumptionToken").pop().unwrap_or_default();
            if token.is_empty() {
                titles.sort();
                return titles;
            }
            page = ask(
                &provider,
                &format!("verb=ListRecords&resumptionToken={token}"),
            );
        }
    };
    assert_eq!(titles(), ["Algèbre", "Analyse"]);

    let handle = a.core.identity().handle.clone();
    let from = b.core.state().tip(&handle).map_or(0, |t| t.size);
    publish(&a, "algebre", "Algèbre, revue").await;
    let (mut range, terms) = range(&a.core, &handle, from);
    let bodies: Vec<_> = range.entries.iter_mut().map(|e| e.body.take()).collect();
    b.core.accept_range(range, terms).await.unwrap();
    listed(&b, &provider).await;
    assert_eq!(titles(), ["Analyse"]);
    let commons = b.core.identity().commons.to_string();
    let query = [
        ("verb", "GetRecord".to_owned()),
        ("metadataPrefix", "oai_dc".to_owned()),
        (
            "identifier",
            format!("oai:{}.commun:{}", &commons[..16], changed.id),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let said = provider.answer(&SAID, &query);
    assert!(matches!(said, Err(super::Error::NotYet)), "{said:?}");

    for (position, body) in (from..).zip(bodies) {
        if let Some((salt, bytes)) = body {
            let body = Body { salt, bytes };
            let added = b.core.add_body(handle.clone(), position, body);
            assert!(added.await.unwrap());
        }
    }
    listed(&b, &provider).await;
    assert_eq!(titles(), ["Algèbre, revue", "Analyse"]);
    assert!(provider.answer(&SAID, &query).unwrap().contains("revue"));
}

#[test]
fn stamps_rise_whatever_the_clock_does_and_pages_follow_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("oai.db");
    let mut listing = Listing::open(&path, 0).unwrap();
    let item = |n: u16| {
        let mut id = [0; 32];
        id[..2].copy_from_slice(&n.to_be_bytes());
        StatementId(id)
    };
    let row = |n: u16, look: u8| Row {
        item: item(n),
        standing: Standing::Here([look; 32]),
        topics: vec![
            "type".into(),
            format!("type:{}", if n.is_multiple_of(10) { "a" } else { "b" }),
        ],
    };
    let rows: Vec<Row> = (0..1_000).map(|n| row(n, 1)).collect();
    listing.apply(1_000, &rows[..500], 1).unwrap();
    // The clock goes back by an hour.
    listing.apply(100, &rows[500..], 2).unwrap();
    assert_eq!(
        (listing.now(50).unwrap(), listing.earliest().unwrap()),
        (1_000, Some(1_000))
    );
    listing.apply(2_000, &[row(3, 2), row(4, 1)], 3).unwrap();
    let part = |set: Option<&str>, from, until| Part {
        set: set.map(str::to_owned),
        from,
        until,
    };
    let whole = part(None, None, None);
    assert_eq!(listing.count(&whole).unwrap(), 1_000);
    let walk = |listing: &Listing, part: &Part| -> Vec<Entry> {
        let mut all: Vec<Entry> = Vec::new();
        loop {
            let after = all.last().map_or(0, |e| e.serial);
            let page = listing.page(part, after, 64).unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    };
    let all = walk(&listing, &whole);
    assert_eq!(all.len(), 1_000);
    assert!(
        all.windows(2)
            .all(|w| w[0].serial < w[1].serial && w[0].stamp <= w[1].stamp)
    );
    // What changed is last, and what only was looked at again is not.
    assert_eq!(all[999].item, item(3));
    assert_eq!(walk(&listing, &part(None, Some(1_001), None)).len(), 1);
    assert_eq!(walk(&listing, &part(None, None, Some(1_999))).len(), 999);
    assert_eq!(walk(&listing, &part(Some("type:a"), None, None)).len(), 100);
    assert_eq!(
        listing.count(&part(Some("type:a"), None, None)).unwrap(),
        100
    );
    assert_eq!(walk(&listing, &part(Some("type:c"), None, None)), []);
    let gone = Row {
        item: item(10),
        standing: Standing::Gone,
        topics: Vec::new(),
    };
    listing.apply(3_000, &[gone], 4).unwrap();
    let last = walk(&listing, &part(Some("type:a"), None, None))
        .pop()
        .unwrap();
    assert_eq!(
        (last.item, last.deleted, last.stamp),
        (item(10), true, 3_000)
    );
    assert_eq!(listing.topics(last.serial).unwrap(), ["type", "type:a"]);
    drop(listing);
    assert_eq!(Listing::open(&path, 9).unwrap().cursor().unwrap(), 4);
    // Of another log.db: everything is derived again.
    assert_eq!(Listing::open(&path, 3).unwrap().count(&whole).unwrap(), 0);
    std::fs::write(
        &path,
        b"not a database at all, but long enough to be looked at",
    )
    .unwrap();
    assert_eq!(Listing::open(&path, 9).unwrap().cursor().unwrap(), 0);
}
