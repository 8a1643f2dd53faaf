use std::sync::atomic::AtomicUsize;

use tokio::sync::watch;

use super::*;
use crate::testing::{Node, eventually};

/// Another node's store as the only provider; it may be away, and count what it was asked for.
struct Other {
    from: Blobs,
    to: Blobs,
    node: PublicKey,
    there: watch::Sender<u64>,
    asked: AtomicUsize,
}

impl Providers for Other {
    fn connected(&self) -> Vec<PublicKey> {
        if *self.there.borrow() > 0 {
            vec![self.node]
        } else {
            Vec::new()
        }
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.there.subscribe()
    }

    fn fetch(
        &self,
        hash: ContentHash,
        max: u64,
        _: bool,
        _: Vec<PublicKey>,
    ) -> BoxFuture<'_, Result<u64, String>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let mut reader = self
                .from
                .read(&hash, 0, None)
                .await
                .map_err(|e| e.to_string())?;
            if reader.remaining() > max {
                return Err("too large".to_owned());
            }
            let mut bytes = Vec::new();
            tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut bytes)
                .await
                .map_err(|e| e.to_string())?;
            let (_, size) = self.to.add_bytes(bytes).await.map_err(|e| e.to_string())?;
            Ok(size)
        })
    }
}

fn follow(b: &Node, other: &Arc<Other>) -> ContentFollower {
    ContentFollower::start(
        b.core.clone(),
        b.blobs.clone(),
        other.clone(),
        b.index.clone(),
        None,
        &b.tasks,
        b.stop.clone(),
    )
}

fn other(a: &Node, b: &Node, there: bool) -> Arc<Other> {
    Arc::new(Other {
        from: a.blobs.clone(),
        to: b.blobs.clone(),
        node: a.core.identity().node.public(),
        there: watch::Sender::new(u64::from(there)),
        asked: AtomicUsize::new(0),
    })
}

const COURSE: &str =
    r#"{"slug":"cours","title":{"fr":"Optique"},"language":"fr","licence":"CC0-1.0"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn all_versions_and_texts_come_when_the_owner_does_and_only_then_are_claimed() {
    let (a, b) = Node::two().await;
    let first = a.upload(
        COURSE,
        &[("a.md", "réfraction"), ("b.md", "lentille"), ("c.bin", "x")],
    );
    let item = a.resources.publish(&a.admin(), first, None).await.unwrap();
    a.described(&item.id, &item.version).await;
    let second = a.upload(COURSE, &[("a.md", "diffraction"), ("b.md", "lentille")]);
    let second = a.resources.publish(&a.admin(), second, None).await.unwrap();
    a.described(&item.id, &second.version).await;
    a.carry_to(&b).await;
    let other = other(&a, &b, false);
    let content = follow(&b, &other);
    b.finds("optique", 1).await;
    eventually("one wanted", || {
        content.wanted() == 1 && content.behind()[&item.id].bytes > 0
    })
    .await;
    assert_eq!((content.held(), content.is_local(&item.id)), (0, false));
    assert_eq!(content.copies(&item.id).holders.len(), 1);
    assert!(b.hits("diffraction").is_empty());
    other.there.send_replace(1);
    eventually("all held", || content.wanted() == 0 && content.held() == 1).await;
    b.finds("diffraction", 1).await;
    let copies = content.copies(&item.id);
    assert!(copies.local);
    assert_eq!(
        copies
            .holders
            .iter()
            .map(Handle::as_str)
            .collect::<Vec<_>>(),
        ["univ-a", "univ-b"]
    );
    // Two lists, four different files, two records that are one, and the text that stands.
    assert_eq!(other.asked.load(Ordering::Relaxed), 2 + 4 + 1 + 1);
    assert_eq!(content.bytes().await, b.blobs.total().await.unwrap().1);
    eventually("cursor", || {
        b.core.follower(NAME).unwrap() == b.core.changes(0, 1_000).unwrap().last().unwrap().0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_what_the_head_says_is_refused_and_waited_for_by_nobody() {
    let (a, b) = Node::two().await;
    let admin = a.admin();
    let key = a.core.author_key(&admin).unwrap().unwrap();
    let (root, _) = a
        .blobs
        .add_bytes(br#"{"files":[]}"#.to_vec())
        .await
        .unwrap();
    let text = format!(
        r#"{{"derived_from":[],"files":{{"blake3":"{root}","count":1,"size":0}},"licence":"CC0-1.0","slug":"faux"}}"#
    );
    let fields = commun_specs::json::parse_object(text.as_bytes()).unwrap();
    let draft = crate::core::Draft {
        kind: "resource",
        fields,
        ..crate::core::Draft::default()
    };
    let entry = a
        .core
        .compose(draft, &crate::core::Author::Person(&key))
        .unwrap();
    let bad = a.core.write(entry).await.unwrap().id;
    a.carry_to(&b).await;
    let content = follow(&b, &other(&a, &b, true));
    eventually("a refusal", || {
        content.behind().get(&bad).is_some_and(|x| x.refused)
    })
    .await;
    assert_eq!((content.wanted(), content.is_local(&bad)), (0, false));
    assert!(content.behind()[&bad].why.contains("R-08-10"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_finished_is_found_again_after_a_restart() {
    let (a, b) = Node::two().await;
    let item = a
        .resources
        .publish(&a.admin(), a.upload(COURSE, &[("a.md", "photon")]), None)
        .await
        .unwrap();
    a.described(&item.id, &item.version).await;
    a.carry_to(&b).await;
    let content = follow(&b, &other(&a, &b, false));
    eventually("one wanted", || content.wanted() == 1).await;
    assert_eq!(b.core.follower(NAME).unwrap(), 0);
    // As if killed: nothing is told to stop, a new follower begins from what is stored.
    let again = follow(&b, &other(&a, &b, true));
    eventually("all held", || again.held() == 1 && again.wanted() == 0).await;
    b.finds("photon", 1).await;
}
