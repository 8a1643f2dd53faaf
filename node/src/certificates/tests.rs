use commun_specs::{certificate::armour, key::SecretKey};

use super::*;
use crate::{
    core::{Author, Draft},
    testing::Node,
};

async fn repository(node: &Node, slug: &str) -> StatementId {
    let text = format!(
        r#"{{"cuts":[],"default_branch":"main","licence":"EUPL-1.2","object_format":"sha1","protected":[],"pushers":[{{"institution":"univ-a"}}],"slug":"{slug}"}}"#
    );
    let draft = Draft {
        kind: "repository",
        fields: commun_specs::json::parse_object(text.as_bytes()).unwrap(),
        ..Draft::default()
    };
    let admin = node.core.persons().remove(0);
    let entry = node
        .core
        .compose(draft, &Author::NodeFor(admin.enrolment))
        .unwrap();
    node.core.write(entry).await.unwrap().id
}

fn certificate(pushee: &str, nonce: &str, key: &SecretKey) -> Certificate {
    let text = format!(
        "certificate version 0.1\npusher me 1700000000 +0000\npushee {pushee}\nnonce {nonce}\n\n{} {} refs/heads/main\n",
        "0".repeat(40),
        "1".repeat(40)
    );
    let signed = format!("{text}{}", armour(&key.sign_git(text.as_bytes())));
    Certificate::read(signed.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_nonce_serves_once_here_for_its_repository_and_for_a_while() {
    let node = Node::first().await;
    let certificates = Certificates::new(node.core.clone(), Vec::new());
    let inner = &certificates.0;
    let (item, other) = (StatementId([1; 32]), StatementId([2; 32]));
    let nonce = inner.nonce(&item, 100);
    assert!(
        nonce
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-'),
        "{nonce}"
    );
    for bad in [
        "",
        "100",
        "100--",
        "100-00-00",
        "x-y-z",
        &nonce[1..],
        &format!("{nonce}0"),
        &nonce.replacen("100", "101", 1),
    ] {
        assert!(
            inner.take(bad, &item, 100) == Err(Refusal::NotOurs),
            "{bad}"
        );
    }
    assert!(
        inner.take(&nonce, &other, 100).is_err(),
        "of another repository"
    );
    assert!(
        inner.take(&nonce, &item, 100 + WINDOW + 1).is_err(),
        "too late"
    );
    assert_eq!(inner.take(&nonce, &item, 100 + WINDOW), Ok(()));
    assert!(inner.take(&nonce, &item, 100 + WINDOW) == Err(Refusal::Used));
    // What is forgotten is too old to be taken.
    for seconds in [200, 300, 100 + 2 * WINDOW] {
        inner
            .take(&inner.nonce(&item, seconds), &item, seconds)
            .unwrap();
    }
    assert_eq!(
        inner.used.lock().unwrap().len(),
        1,
        "those within the window"
    );
    assert!(inner.take(&nonce, &item, 100 + 2 * WINDOW).is_err());
    // A node that starts anew knows nothing of what was used, and takes nothing of it.
    let again = Certificates::new(node.core.clone(), Vec::new());
    let fresh = inner.nonce(&item, 0);
    assert!(again.0.take(&fresh, &item, 0) == Err(Refusal::NotOurs));
}

#[tokio::test]
async fn only_the_enrolled_key_and_an_address_of_ours_are_taken() {
    let node = Node::first().await;
    let item = repository(&node, "outil").await;
    let other = repository(&node, "autre").await;
    let certificates = Certificates::new(
        node.core.clone(),
        vec![
            "https://Forge.Example:443/".to_owned(),
            "http://127.0.0.1:8080".to_owned(),
        ],
    );
    let key = SecretKey::from_seed([9; 32]);
    let mut person = node.core.persons().remove(0);
    (person.key, person.custody_self) = (key.public(), true);
    let check = |pushee: &str, key: &SecretKey, item: &StatementId, person: &Person| {
        let nonce = certificates.nonce(item);
        certificates.check(&certificate(pushee, &nonce, key), item, person)
    };
    for ours in [
        "https://forge.example/univ-a/outil.git",
        "https://forge.example:443/univ-a/outil",
        "http://127.0.0.1:8080/univ-a/outil.git/",
    ] {
        assert_eq!(check(ours, &key, &item, &person), Ok(()), "{ours}");
    }
    for (pushee, why) in [
        ("https://other.example/univ-a/outil.git", "another node"),
        ("http://forge.example/univ-a/outil.git", "another node"),
        (
            "https://forge.example/univ-a/autre.git",
            "another repository",
        ),
        (
            "https://forge.example/univ-a/none.git",
            "another repository",
        ),
        ("outil", "another node"),
    ] {
        let refused = check(pushee, &key, &item, &person)
            .unwrap_err()
            .text(TerminalLang::En);
        assert!(refused.contains(why), "{pushee}: {refused}");
    }
    let ours = "https://forge.example/univ-a/outil.git";
    assert!(check(ours, &key, &other, &person).is_err());
    let foreign = SecretKey::from_seed([8; 32]);
    assert!(
        check(ours, &foreign, &item, &person)
            .unwrap_err()
            .text(TerminalLang::En)
            .contains("another key")
    );
    person.custody_self = false;
    assert!(
        check(ours, &foreign, &item, &person)
            .unwrap_err()
            .text(TerminalLang::En)
            .contains("this node keeps")
    );
    person.not_after = 1;
    assert!(
        check(ours, &key, &item, &person)
            .unwrap_err()
            .text(TerminalLang::En)
            .contains("past its date")
    );
}
