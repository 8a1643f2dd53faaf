use commun_specs::{
    certificate::{self, Certificate, armour},
    fold::State,
    history::{Broken, Proof, Step},
    id::StatementId,
    key::SecretKey,
    name::{Handle, Slug},
    statement::{Body as StatementBody, Change},
};

use super::*;
use crate::{
    history::{History, Pushed},
    items::{Ref, Repository, Waiting},
};

const OID: &str = "1111111111111111111111111111111111111111";

fn pushed(n: u8, proof: Proof, name: &str) -> Pushed {
    let handle = Handle::new("univ-a").unwrap();
    let change = |new: Option<&str>, old: Option<&str>| Change {
        name: format!("refs/heads/{name}"),
        over: Vec::new(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        forced: n == 2,
    };
    Pushed {
        step: Step {
            id: StatementId([n; 32]),
            log: handle.clone(),
            position: u64::from(n),
            state: State::InForce,
            person: Some(StatementId([7; 32])),
            enrolled: Some((SecretKey::from_seed([1; 32]).public(), n > 1)),
            policy: StatementId([8; 32]),
            charter: Some(2),
            list: None,
            changes: Some(vec![change(Some(OID), None), change(None, Some(OID))]),
        },
        proof,
        time: 1_700_000_000,
        person_name: Some(HOSTILE.to_owned()),
        envelope: b"{\"payload\":\"e30=\"}".to_vec(),
        body: Some(StatementBody {
            salt: [5; 32],
            bytes: b"{}".to_vec(),
        }),
        list: None,
        witnesses: Vec::new(),
    }
}

/// Three pushes: attested, signed, and with a certificate that does not hold.
pub(super) fn history() -> History {
    let key = SecretKey::from_seed([1; 32]);
    let text = format!(
        "certificate version 0.1\npusher me 1700000000 +0000\npushee https://node.example/univ-a/code.git\nnonce 1-a\n\n{} {OID} refs/heads/main\n",
        "0".repeat(40)
    );
    let signed = format!("{text}{}", armour(&key.sign_git(text.as_bytes())));
    let certificate = Certificate::read(signed.as_bytes()).unwrap();
    assert!(certificate::body(&signed).is_some());
    History {
        total: 53,
        skipped: 50,
        pushes: vec![
            pushed(1, Proof::Attested, "main"),
            pushed(
                2,
                Proof::Certificate(certificate),
                "<script>alert(1)</script>",
            ),
            pushed(3, Proof::Broken(Broken::OtherChanges), "main"),
        ],
    }
}

fn with_repository() -> Served {
    let mut sample = Sample::new();
    let mut item = sample.items[0].clone();
    item.id = StatementId([9; 32]);
    item.slug = Slug::new("code").unwrap();
    item.kind = commun_index::Kind::Repository;
    item.files = None;
    let one = |name: &str, served: Option<&str>| Ref {
        name: name.to_owned(),
        oid: OID.to_owned(),
        by: Handle::new("univ-a").unwrap(),
        served: served.map(str::to_owned),
        diverged: Vec::new(),
    };
    item.repository = Some(Repository {
        default_branch: "main".to_owned(),
        object_format: "sha1".to_owned(),
        pushers: Vec::new(),
        refs: vec![
            one("refs/heads/main", Some(OID)),
            one("refs/heads/behind", Some(&"2".repeat(40))),
            one("refs/heads/absent", None),
        ],
        waiting: vec![Waiting {
            name: "refs/heads/main".to_owned(),
            by: Handle::new("univ-a").unwrap(),
            oid: OID.to_owned(),
            stated: 1,
            threshold: 2,
        }],
        protected: Vec::new(),
    });
    sample.items.push(item);
    Served::with(sample)
}

#[tokio::test]
async fn the_page_tells_who_moved_what_and_how_that_is_known() {
    let web = with_repository();
    let answer = web.page("/univ-a/code/verification").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let text = answer.text();
    for part in [
        "Attesté par le nœud",
        "le certificat d’envoi est valable",
        "R-09-12",
        "51 à 53 sur 53 envois",
        "before=50",
        "forcé",
        "entrée 2 du journal de",
        "commun verify univ-a/code",
        "ses objets sont encore en chemin",
        "pas encore ici",
        "attend un autre établissement",
        "href=\"/univ-a/code/merge-requests\"",
        "<a href=\"/univ-a/code/verification\" aria-current=\"true\">",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("<script>alert(1)") && !text.contains(HOSTILE));
    let of_one = web
        .get("/univ-a/code/verification?ref=refs%2Fheads%2Fmain&before=7&lang=en")
        .await;
    assert!(
        of_one.text().contains("--ref refs/heads/main"),
        "{}",
        of_one.text()
    );
    let course = web.sample.items[0].name();
    let none = web.get(&format!("/{course}/verification")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "of a resource");
}

#[tokio::test]
async fn the_history_is_handed_out_with_its_proofs() {
    let web = with_repository();
    let item = StatementId([9; 32]);
    for address in [
        format!("/api/v1/items/{item}/history"),
        "/api/v1/items/univ-a/code/history?limit=1000&offset=0".to_owned(),
    ] {
        let answer = web.get(&address).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let json = answer.json();
        assert_eq!(json["total"], 53);
        let states: Vec<_> = json["pushes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["certificate"]["state"].clone())
            .collect();
        assert_eq!(states, ["none", "verified", "other-changes"]);
        let one = &json["pushes"][1];
        assert_eq!(
            (&one["custody"], &one["charter"]),
            (&"self".into(), &2.into())
        );
        assert_eq!(one["changes"][0]["new"], OID);
        assert!(one["salt"].is_string() && one["body"] == "e30=" && one["envelope"].is_object());
        assert_eq!(json["charters"][0], "e30=");
        assert_eq!(json["successions"][0]["institution"], "univ-a");
    }
    let bad = web.get("/api/v1/items/univ-a/code/history?limit=x").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let course = web.sample.items[0].name();
    let none = web.get(&format!("/api/v1/items/{course}/history")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}
