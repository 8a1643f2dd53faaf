use std::collections::BTreeSet;

use super::*;
use crate::{certificate::armour, key::SecretKey};

#[test]
fn a_certificate_of_a_proposal_is_held_against_branch_commit_key_and_repository() {
    //= R-09-15
    let (key, foreign) = (SecretKey::from_seed([7; 32]), SecretKey::from_seed([8; 32]));
    let new = "1".repeat(40);
    let body = |name: &str, by: &SecretKey| {
        let zero = "0".repeat(40);
        let text = format!(
            "certificate version 0.1\npusher me 1700000000 +0000\npushee https://node.example/univ-a/outil.git\nnonce n\n\n{zero} {new} {name}\n"
        );
        let text = format!("{text}{}", armour(&by.sign_git(text.as_bytes())));
        Words::Here(certificate::body(&text).unwrap())
    };
    let name = |slug: &str| (Handle::new("univ-a").unwrap(), Slug::new(slug).unwrap());
    let names = |slug| BTreeSet::from([name(slug)]);
    let (ours, other) = (names("outil"), names("autre"));
    let version = Version {
        target: "refs/heads/main",
        new: &new,
        key: Some(key.public()),
    };
    let signed = body("refs/for/main/topic", &key);
    let judged = |v: &Version<'_>, words: &Words| proposed(&ours, v, words);
    assert!(matches!(judged(&version, &signed), Proof::Certificate(c) if c.key == key.public()));
    assert_eq!(judged(&version, &Words::None), Proof::Attested);
    assert_eq!(judged(&version, &Words::Absent), Proof::Absent);
    let plain = Words::Here(b"{\"title\":\"x\"}".to_vec());
    assert_eq!(judged(&version, &plain), Proof::Attested);
    for (version, words) in [
        (
            Version {
                target: "refs/heads/other",
                ..version
            },
            &signed,
        ),
        (
            Version {
                new: &"2".repeat(40),
                ..version
            },
            &signed,
        ),
        (version, &body("refs/for/main", &key)),
        (version, &body("refs/for/main/", &key)),
        (version, &body("refs/for/mainly/topic", &key)),
        (version, &body("refs/heads/main", &key)),
    ] {
        let judged = judged(&version, words);
        let broken = matches!(
            judged,
            Proof::Broken(Broken::OtherProposal | Broken::Unreadable(_))
        );
        assert!(broken, "{version:?}: {judged:?}");
    }
    let by_other = judged(&version, &body("refs/for/main/topic", &foreign));
    assert_eq!(
        by_other,
        Proof::Broken(Broken::NotEnrolled(foreign.public()))
    );
    let elsewhere = proposed(&other, &version, &signed);
    assert!(matches!(
        elsewhere,
        Proof::Broken(Broken::OtherRepository(_))
    ));
}
