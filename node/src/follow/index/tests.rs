use super::*;
use crate::testing::{Node, eventually};

fn metadata(slug: &str, title: &str) -> String {
    format!(
        r#"{{"slug":"{slug}","title":{{"fr":"{title}"}},"language":"fr","licence":"CC0-1.0","level":"fr-l1"}}"#
    )
}

async fn documents(node: &Node) -> Vec<Document> {
    let ids: Vec<_> = node
        .core
        .state()
        .catalogue()
        .items()
        .map(|i| i.id)
        .collect();
    let mut all = Vec::new();
    for id in ids {
        let Work::Put(draft) = document::work(&node.core, &node.blobs, &id).unwrap() else {
            panic!("an item that is shown");
        };
        let texts = node.index.feed.texts(&draft.texts).await;
        all.push(draft.with(texts));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_equal_on_nodes_that_hold_the_same_texts_also_after_a_rebuild() {
    let (a, b) = Node::two().await;
    for n in 0..4 {
        let upload = a.upload(
            &metadata(&format!("cours-{n}"), &format!("Cours {n}")),
            &[("a.md", &format!("texte{n} commun"))],
        );
        let made = a.resources.publish(&a.admin(), upload, None).await.unwrap();
        a.described(&made.id, &made.version).await;
        let again = a.upload(
            &metadata(&format!("cours-{n}"), &format!("Cours {n} bis")),
            &[("a.md", &format!("neuf{n} commun"))],
        );
        let second = a.resources.publish(&a.admin(), again, None).await.unwrap();
        a.described(&made.id, &second.version).await;
    }
    a.carry_to(&b).await;
    b.finds("cours", 4).await;
    assert!(b.hits("neuf2").is_empty(), "its text is not here");
    let there: Vec<_> = documents(&a).await;
    let ids: Vec<_> = b.core.state().catalogue().items().map(|i| i.id).collect();
    for id in ids {
        let Work::Put(draft) = document::work(&a.core, &a.blobs, &id).unwrap() else {
            panic!("an item that is shown");
        };
        for text in a.index.feed.texts(&draft.texts).await {
            b.blobs.add_bytes(text).await.unwrap();
        }
        b.index.refresh(id).await;
    }
    assert_eq!(b.hits("neuf2").len(), 1, "refresh returns when it is found");
    assert_eq!(there, documents(&b).await);
    eventually("position", || a.index.position() == a.core.changes_cursor()).await;
    a.finds("commun", 4).await;
    assert_eq!(a.hits("commun"), b.hits("commun"));
    let before = a.hits("commun cours");
    let count = rebuild(&a.core, &a.blobs, a.index.index().clone())
        .await
        .unwrap();
    assert_eq!(count, 4);
    assert_eq!(a.hits("commun cours"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_goes_on_where_it_stopped_and_knows_its_position() {
    let a = Node::first().await;
    let upload = a.upload(
        &metadata("cours", "Thermodynamique"),
        &[("a.md", "entropie")],
    );
    a.resources.publish(&a.admin(), upload, None).await.unwrap();
    a.finds("entropie", 1).await;
    eventually("position", || a.index.position() == a.core.changes_cursor()).await;
    let cursor = a.index.index().cursor().unwrap();
    assert!(cursor > 0 && cursor <= a.core.changes_cursor());
    assert_eq!(a.index.index().documents(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_over_is_found_with_what_follows_and_not_before() {
    let a = Node::first().await;
    for n in 0..2 {
        let files = [("a.md", "lentille")];
        let upload = a.upload(&metadata(&format!("cours-{n}"), "Optique"), &files);
        a.resources.publish(&a.admin(), upload, None).await.unwrap();
    }
    a.finds("optique", 2).await;
    let folder = tempfile::tempdir().unwrap();
    let feed = Feed {
        core: a.core.clone(),
        blobs: a.blobs.clone(),
        index: Arc::new(Index::open(folder.path()).unwrap()),
        position: AtomicU64::new(0),
    };
    let Changed { items, upto, .. } = feed.changed(0, BATCH).unwrap();
    let mut seen = Seen::new();
    feed.put(&items[..1], Until::Later, &mut seen)
        .await
        .unwrap();
    assert_eq!((feed.index.documents(), feed.index.cursor()), (0, None));
    // Nothing else may come: what was handed over is committed all the same.
    let until = Until::Found { upto, before: true };
    feed.put(&[], until, &mut seen).await.unwrap();
    assert_eq!(feed.index.documents(), 1);
    assert_eq!(feed.index.cursor(), Some(upto));
    let until = Until::Found {
        upto,
        before: false,
    };
    feed.put(&items, until, &mut seen).await.unwrap();
    assert_eq!(feed.index.documents(), 2);
}

#[tokio::test]
async fn what_was_handed_over_waits_for_a_part_more_for_somebody_or_for_rest() {
    let (lines, mut grown) = watch::channel(0);
    let (ask, mut asked) = mpsc::channel(1);
    let (mut waiting, stop) = (Vec::new(), CancellationToken::new());
    let staged = |upto| Staged {
        items: MANY,
        upto,
        begun: Instant::now(),
    };
    // Nothing comes.
    next_part(&staged(0), &mut grown, &mut asked, &mut waiting, &stop).await;
    assert!(waiting.is_empty());
    // A part is there already.
    let part = MANY as u64;
    lines.send_replace(part);
    let begun = Instant::now();
    next_part(&staged(0), &mut grown, &mut asked, &mut waiting, &stop).await;
    assert!(begun.elapsed() < LONGEST);
    let (done, _wait) = oneshot::channel();
    ask.send((StatementId::of(b"item"), done)).await.unwrap();
    next_part(&staged(part), &mut grown, &mut asked, &mut waiting, &stop).await;
    assert_eq!(waiting.len(), 1);
    stop.cancel();
    let begun = Instant::now();
    next_part(&staged(part), &mut grown, &mut asked, &mut waiting, &stop).await;
    assert!(begun.elapsed() < LONGEST);
}
