use commun_specs::id::ContentHash;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::*;
use crate::{
    resources::{PublishError, Published},
    testing::{Node, eventually, found_in},
};

const TITLE: &str = "Le nom secret de quelqu’un";
const FILE: &str = "quelque chose que personne ne devait jamais lire, en aucun cas";
const COMMON: &str = "ce que tout le monde peut lire, autant que l’on veut";

fn metadata(slug: &str, title: &str) -> String {
    serde_json::json!({"slug": slug, "title": title, "licence": "CC-BY-4.0", "language": "fr"})
        .to_string()
}

async fn publish(node: &Node, slug: &str, title: &str, files: &[(&str, &str)]) -> Published {
    let upload = node.upload(&metadata(slug, title), files);
    let admin = node.admin();
    node.resources.publish(&admin, upload, None).await.unwrap()
}

fn item(node: &Node, id: &commun_specs::id::StatementId) -> Item {
    node.core.state().catalogue().copy_of(id).unwrap()
}

/// Brings the blobs of a list of files from one store to another.
async fn carry(from: &Node, to: &Node, files: &[&str]) {
    for text in files {
        let hash = ContentHash::of(text.as_bytes());
        assert!(from.blobs.has(&hash).await);
        to.blobs.add_bytes(text.as_bytes().to_vec()).await.unwrap();
    }
}

/// What an item names beside its files.
async fn around(node: &Node, item: &Item) -> Vec<ContentHash> {
    let content = content::of_item(&node.core, &node.blobs, item).await;
    let content = content.unwrap();
    content.around.into_iter().chain(content.records).collect()
}

async fn gone(node: &Node) {
    eventually("erasure", || node.core.erasing().unwrap().is_empty()).await;
    // The last step writes log.db anew.
    let needles = [&FILE.as_bytes()[..40], TITLE.as_bytes()];
    eventually("folder without the bytes", || {
        !found_in(node.dir.path(), &needles)
    })
    .await;
}

#[tokio::test]
async fn what_is_erased_is_in_no_file_of_any_node_that_heard_of_it() {
    let (a, b) = Node::two().await;
    let kept = publish(&a, "garde", "Ce qui reste", &[("commun.txt", COMMON)]).await;
    let files = [("secret.txt", FILE), ("commun.txt", COMMON)];
    let made = publish(&a, "secret", TITLE, &files).await;
    a.described(&made.id, &made.version).await;
    a.carry_to(&b).await;
    carry(&a, &b, &[FILE, COMMON]).await;
    a.finds("jamais", 1).await;
    b.finds("secret", 1).await;
    let needles = [&FILE.as_bytes()[..40]];
    assert!(found_in(a.dir.path(), &needles) && found_in(b.dir.path(), &needles));

    let admin = a.admin();
    let new = NewErasure {
        reason: "demande de la personne".into(),
        code: Some("personal-data".into()),
        of: None,
    };
    let erased = erase(&a.core, &a.blobs, &admin, &item(&a, &made.id), new.clone())
        .await
        .unwrap();
    assert_eq!(erased.statements, 1);
    // Whoever erases hears what holds some of it too.
    assert_eq!(Vec::from_iter(erased.elsewhere), [kept.id]);
    // At once: before anything is gone from the disk.
    let upload = a.upload(&metadata("vite", "Vite"), &[("x.txt", FILE)]);
    let refused = a.resources.publish(&admin, upload, None).await;
    assert!(
        matches!(refused, Err(PublishError::Blocked(_))),
        "{refused:?}"
    );
    gone(&a).await;
    assert!(item(&a, &made.id).withdrawn.is_some());
    a.finds("jamais", 0).await;
    // What another item names stays.
    assert!(a.blobs.has(&ContentHash::of(COMMON.as_bytes())).await);
    // The leaf stays, with its place.
    let found = a.core.statement(&made.version).unwrap().unwrap();
    assert!(found.position == made.position && found.body.is_none());
    let again = erase(&a.core, &a.blobs, &admin, &item(&a, &made.id), new).await;
    assert!(matches!(again, Err(TakedownError::Already(_))));

    // A node that was away holds it all until it hears of the erasure.
    assert!(found_in(b.dir.path(), &needles));
    a.carry_to(&b).await;
    // The list of files is not here: the file that came by hand is named by nothing that this node could read.
    b.blobs
        .erase(&[ContentHash::of(FILE.as_bytes())])
        .await
        .unwrap();
    gone(&b).await;
    b.finds("secret", 0).await;
    assert!(
        b.core
            .statement(&made.version)
            .unwrap()
            .unwrap()
            .body
            .is_none()
    );

    // The same bytes are not published again here, under whatever name.
    let upload = a.upload(&metadata("autre", "Autre"), &[("x.txt", FILE)]);
    let refused = a.resources.publish(&admin, upload, None).await;
    assert!(
        matches!(refused, Err(PublishError::Blocked(_))),
        "{refused:?}"
    );
    assert!(!a.blobs.has(&ContentHash::of(FILE.as_bytes())).await);
    // Nor its record, which says the words that were erased.
    let upload = a.upload(&metadata("secret", TITLE), &[("x.txt", "sans rien")]);
    let refused = a.resources.publish(&admin, upload, None).await;
    assert!(
        matches!(refused, Err(PublishError::Blocked(_))),
        "{refused:?}"
    );
    let kept = item(&a, &kept.id);
    assert!(kept.withdrawn.is_none());
    // Until an admin lets them.
    let hash = ContentHash::of(FILE.as_bytes());
    assert!(a.core.unblock(hash).await.unwrap());
    publish(&a, "autre", "Autre", &[("x.txt", FILE)]).await;
}

#[tokio::test]
async fn further_erasures_are_gone_too_before_the_log_is_written_anew() {
    let a = Node::first().await;
    let hash = ContentHash::of(FILE.as_bytes());
    for (n, slug) in ["un", "deux", "trois"].into_iter().enumerate() {
        a.core.unblock(hash).await.unwrap();
        let made = publish(&a, slug, TITLE, &[("secret.txt", FILE)]).await;
        a.described(&made.id, &made.version).await;
        let new = NewErasure {
            reason: "r".into(),
            ..NewErasure::default()
        };
        erase(&a.core, &a.blobs, &a.admin(), &item(&a, &made.id), new)
            .await
            .unwrap();
        gone(&a).await;
        assert_eq!(a.core.vacuum_due().unwrap(), n > 0);
    }
}

#[tokio::test]
async fn while_the_log_cannot_be_emptied_an_erasure_is_not_done() {
    let a = Node::first().await;
    let made = publish(&a, "secret", TITLE, &[("secret.txt", FILE)]).await;
    a.described(&made.id, &made.version).await;
    // Somebody reads, and keeps the old frames of the write-ahead log.
    let reader = rusqlite::Connection::open(a.dir.path().join("log.db")).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let read = |r: &rusqlite::Row<'_>| r.get::<_, u64>(0);
    reader
        .query_row("SELECT count(*) FROM meta", [], read)
        .unwrap();
    let new = NewErasure {
        reason: "r".into(),
        ..NewErasure::default()
    };
    erase(&a.core, &a.blobs, &a.admin(), &item(&a, &made.id), new)
        .await
        .unwrap();
    eventually("files that are gone", || {
        a.core.blocked(&ContentHash::of(FILE.as_bytes())).is_some()
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(!a.core.erasing().unwrap().is_empty(), "it is not done");
    drop(reader);
    gone(&a).await;
}

#[tokio::test]
async fn the_list_of_files_stays_until_the_files_are_gone() {
    let a = Node::first().await;
    let (elsewhere, large) = (tempfile::tempdir().unwrap(), FILE.repeat(2_000));
    let mut keeping = a.blobs.keep();
    keeping.put(large.clone().into()).await.unwrap();
    let name = elsewhere.path().join("file");
    let kept = keeping.finish(&name).await.unwrap();
    let made = publish(&a, "secret", TITLE, &[("secret.txt", &large)]).await;
    a.described(&made.id, &made.version).await;
    let named = content::of(&a.core, &a.blobs, &made.version).await.unwrap();
    let new = NewErasure {
        reason: "r".into(),
        ..NewErasure::default()
    };
    erase(&a.core, &a.blobs, &a.admin(), &item(&a, &made.id), new)
        .await
        .unwrap();
    let file = ContentHash::of(large.as_bytes());
    eventually("blocked files", || a.core.blocked(&file).is_some()).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    // Somebody is taking the file in still: it is done again when that has ended, by the list.
    assert!(a.blobs.has(&file).await && !a.core.erasing().unwrap().is_empty());
    assert!(!named.around.is_empty());
    for list in &named.around {
        assert!(a.blobs.has(list).await);
    }
    drop(kept);
    gone(&a).await;
    assert!(!a.blobs.has(&file).await);
}

#[tokio::test]
async fn an_erasure_that_was_interrupted_is_ended_at_the_next_start() {
    let a = Node::first().await;
    let made = publish(&a, "secret", TITLE, &[("secret.txt", FILE)]).await;
    a.described(&made.id, &made.version).await;
    // As if the process had ended with the append: nobody follows.
    a.stop.cancel();
    a.tasks.close();
    a.tasks.wait().await;
    let new = NewErasure {
        reason: "r".into(),
        ..NewErasure::default()
    };
    let admin = a.admin();
    erase(&a.core, &a.blobs, &admin, &item(&a, &made.id), new)
        .await
        .unwrap();
    assert_eq!(
        a.core.erasing().unwrap().len(),
        2,
        "and what was read out of it"
    );
    assert!(found_in(a.dir.path(), &[&FILE.as_bytes()[..40]]));
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let index = crate::follow::IndexFollower::start(
        a.core.clone(),
        a.blobs.clone(),
        a.index.index().clone(),
        &tasks,
        stop.clone(),
    );
    Eraser::start(a.core.clone(), a.blobs.clone(), index, &tasks, stop);
    gone(&a).await;
}

#[tokio::test]
async fn only_who_may_takes_down() {
    let (a, b) = Node::two().await;
    let made = publish(&a, "cours", "Cours", &[("cours.txt", COMMON)]).await;
    a.carry_to(&b).await;
    let (theirs, admin) = (item(&b, &made.id), b.admin());
    let new = NewWithdrawal {
        reason: "non".into(),
        ..NewWithdrawal::default()
    };
    let refused = withdraw(&b.core, &admin, &theirs, new.clone()).await;
    assert!(matches!(refused, Err(TakedownError::NotAllowed(_))));
    let refused = erase(&b.core, &b.blobs, &admin, &theirs, NewErasure::default()).await;
    assert!(matches!(refused, Err(TakedownError::NotAllowed(_))));
    for (new, field) in [
        (NewWithdrawal::default(), "reason"),
        (
            NewWithdrawal {
                code: Some("because".into()),
                ..new.clone()
            },
            "code",
        ),
    ] {
        let refused = withdraw(&a.core, &a.admin(), &item(&a, &made.id), new).await;
        assert!(matches!(refused, Err(TakedownError::Invalid(f, _)) if f == field));
    }
    withdraw(&a.core, &a.admin(), &item(&a, &made.id), new.clone())
        .await
        .unwrap();
    let again = withdraw(&a.core, &a.admin(), &item(&a, &made.id), new).await;
    assert!(matches!(again, Err(TakedownError::Already(_))));
    assert_eq!(standing(&a.core, &item(&a, &made.id)), Standing::Withdrawn);
    // Lifted by publishing again.
    let changed = [("cours.txt", "corrigé")];
    publish(&a, "cours", "Cours", &changed).await;
    assert_eq!(standing(&a.core, &item(&a, &made.id)), Standing::Shown);
}

#[tokio::test]
async fn what_is_hidden_here_stays_hidden_and_does_not_come_back() {
    let (a, b) = Node::two().await;
    let files = [("secret.txt", FILE), ("commun.txt", COMMON)];
    let made = publish(&a, "secret", TITLE, &files).await;
    let other = publish(&a, "garde", "Ce qui reste", &[("commun.txt", COMMON)]).await;
    a.described(&made.id, &made.version).await;
    a.described(&other.id, &other.version).await;
    a.finds("secret", 1).await;
    let root = a.core.state().catalogue().root();
    let admin = a.admin();
    let new = NewHiding {
        reason: "plainte".into(),
        quarantine: true,
    };
    let hidden = item(&a, &made.id);
    let (_, elsewhere) = hide(&a.core, &a.blobs, &admin, &hidden, new).await.unwrap();
    assert_eq!(Vec::from_iter(elsewhere), [other.id]);
    a.finds("secret", 0).await;
    // It is the node that decides: nothing was stated.
    assert_eq!(a.core.state().catalogue().root(), root);
    let (secret, common) = (
        ContentHash::of(FILE.as_bytes()),
        ContentHash::of(COMMON.as_bytes()),
    );
    assert!(a.core.blocked(&secret).is_some() && a.core.blocked(&common).is_none());
    assert!(a.blobs.read(&secret, 0, None).await.is_err());
    assert!(a.core.not_for_peers(&secret));
    // Nor do others get its record, its list and its text from here; what another item names they do.
    let around = around(&a, &hidden).await;
    assert!(around.len() >= 3, "{around:?}");
    assert!(around.iter().all(|h| a.core.not_for_peers(h)));
    assert!(around.iter().all(|h| a.core.blocked(h).is_none()));
    assert!(!a.core.not_for_peers(&common));
    assert!(!a.core.not_for_peers(&ContentHash::of(
        &commun_specs::files::FileList::default().encode()
    )));
    // Under another name, by anybody: refused here, or hidden as soon as its files are known.
    let upload = a.upload(&metadata("autre", "Autre"), &[("x.txt", FILE)]);
    let refused = a.resources.publish(&admin, upload, None).await;
    assert!(matches!(refused, Err(PublishError::Blocked(_))));
    let theirs = publish(&b, "copie", "Copie", &[("x.txt", FILE)]).await;
    b.carry_to(&a).await;
    a.finds("copie", 1).await;
    let copy = item(&a, &theirs.id);
    assert!(
        comes_back(&a.core, &copy, &[secret])
            .await
            .unwrap()
            .is_some()
    );
    a.finds("copie", 0).await;
    // Across a restart.
    let dir = a.dir.path().to_owned();
    let reopened = Core::open(&dir).unwrap();
    assert_eq!(reopened.hidden().len(), 2);
    assert!(reopened.blocked(&secret).is_some());
    assert!(around.iter().all(|h| reopened.not_for_peers(h)));
    drop(reopened);
    assert!(unhide(&a.core, &a.blobs, &admin, &hidden).await.unwrap());
    assert!(!unhide(&a.core, &a.blobs, &admin, &hidden).await.unwrap());
    a.finds("secret", 1).await;
    assert!(a.core.blocked(&secret).is_none());
    assert!(around.iter().all(|h| !a.core.not_for_peers(h)));
}

#[tokio::test]
async fn reports_are_for_both_institutions_and_closed_by_each() {
    let (a, b) = Node::two().await;
    let made = publish(&a, "cours", "Cours", &[("cours.txt", COMMON)]).await;
    a.carry_to(&b).await;
    let new = NewReport {
        code: Some("rights".into()),
        text: "la figure 3 n’est pas libre".into(),
        of: None,
    };
    let by = b.admin();
    let written = report(&b.core, &by, &item(&b, &made.id), new.clone())
        .await
        .unwrap();
    report(&b.core, &by, &item(&b, &made.id), new)
        .await
        .unwrap();
    b.carry_to(&a).await;
    for node in [&a, &b] {
        let all = reports(&node.core, &node.admin()).unwrap();
        assert_eq!(all.len(), 1, "the second replaced the first");
        assert_ne!(all[0].id, written.id);
        assert_eq!(all[0].text.as_deref(), Some("la figure 3 n’est pas libre"));
        assert!(all[0].closed.is_none());
    }
    let id = reports(&a.core, &a.admin()).unwrap()[0].id;
    close(&a.core, &a.admin(), &id, "remplacée").await.unwrap();
    let closed = reports(&a.core, &a.admin()).unwrap();
    assert_eq!(closed[0].closed.as_ref().unwrap().note, "remplacée");
    assert!(reports(&b.core, &b.admin()).unwrap()[0].closed.is_none());
    let nothing = close(&a.core, &a.admin(), &made.id, "").await;
    assert!(matches!(nothing, Err(TakedownError::Nothing(_))));
}

#[tokio::test]
async fn a_persons_withdrawal_stands_above_one_that_follows_a_source() {
    const SOURCE: &str = "https://example.org/oai";
    let node = Node::first().await;
    let published = publish(
        &node,
        "moissonne",
        "Un cours moissonné",
        &[("a.txt", COMMON)],
    )
    .await;
    let admin = node.admin();
    let standing = || item(&node, &published.id);
    withdraw_with_source(&node.core, &admin, &standing(), SOURCE)
        .await
        .unwrap();
    let followed = standing().withdrawn.expect("withdrawn");
    assert!(is_of_source(&node.core, &followed, SOURCE).unwrap());
    assert!(!is_of_source(&node.core, &followed, "https://example.org/other").unwrap());
    let ours = || NewWithdrawal {
        code: Some("rights".to_owned()),
        reason: "Les droits d’un tiers".to_owned(),
        ..NewWithdrawal::default()
    };
    withdraw(&node.core, &admin, &standing(), ours())
        .await
        .unwrap();
    let stands = standing().withdrawn.expect("withdrawn");
    assert!(!is_of_source(&node.core, &stands, SOURCE).unwrap());
    let again = withdraw(&node.core, &admin, &standing(), ours()).await;
    assert!(matches!(again, Err(TakedownError::Already(_))));
}
