use super::*;
use crate::{envelope::PayloadType, id::TreeRoot, key::SecretKey};

fn key(n: u8) -> SecretKey {
    SecretKey::from_seed([n; 32])
}

fn institution(handle: &str, seeds: &[u8], threshold: u64) -> Institution {
    let mut keys: Vec<PublicKey> = seeds.iter().map(|s| key(*s).public()).collect();
    keys.sort();
    Institution {
        handle: Handle::new(handle).unwrap(),
        name: handle.to_uppercase(),
        keys,
        threshold,
        ror: None,
        uai: None,
    }
}

fn seal(a: &Amendment, seeds: &[u8]) -> Vec<u8> {
    let keys: Vec<SecretKey> = seeds.iter().map(|s| key(*s)).collect();
    Envelope::seal(
        PayloadType::Charter,
        a.to_payload().unwrap(),
        &keys.iter().collect::<Vec<_>>(),
    )
    .to_bytes()
}

fn begin() -> Chain {
    Chain::begin(&seal(
        &Amendment::genesis("Essai", 1, institution("aa", &[1], 1)),
        &[1],
    ))
    .unwrap()
}

fn draft(chain: &Chain) -> Amendment {
    let (head, id) = chain.head();
    head.successor(id, 2)
}

/// A chain of the institutions aa (key 1), bb (2), cc (keys 3 and 4, both needed).
fn three() -> Chain {
    let mut chain = begin();
    for (handle, seeds, threshold, signers) in [
        ("bb", &[2u8][..], 1, &[1u8][..]),
        ("cc", &[3, 4], 2, &[1, 2]),
    ] {
        let mut next = draft(&chain);
        next.institutions
            .push(institution(handle, seeds, threshold));
        assert!(matches!(
            chain.add(&seal(&next, signers)),
            Ok(Added::New(_))
        ));
    }
    chain
}

#[test]
fn a_strict_majority_of_the_predecessors_institutions_signs() {
    let mut chain = three();
    let mut next = draft(&chain);
    next.name = "Autre nom".to_owned();
    for (signers, signed) in [(&[1u8][..], 1), (&[1, 3], 1), (&[3, 4], 1), (&[9, 1], 1)] {
        assert_eq!(
            chain.add(&seal(&next, signers)),
            Err(Error::NoMajority { signed, of: 3 }),
            "{signers:?}"
        );
    }
    let (a, b) = (seal(&next, &[1, 2]), seal(&next, &[1, 3, 4]));
    assert!(matches!(chain.clone().add(&b), Ok(Added::New(_))));
    assert!(matches!(chain.add(&a), Ok(Added::New(_))));
    // Any majority subset proves the same amendment.
    assert_eq!(chain.add(&b), Ok(Added::Known));
    assert_eq!(chain.head().0.number, 3);
}

#[test]
fn charter_0_is_signed_by_all_and_names_the_commons() {
    let genesis = Amendment::genesis("Essai", 1, institution("aa", &[1, 2], 2));
    assert_eq!(
        Chain::begin(&seal(&genesis, &[1])).unwrap_err(),
        Error::NoMajority { signed: 0, of: 1 }
    );
    let chain = Chain::begin(&seal(&genesis, &[1, 2])).unwrap();
    assert_eq!(chain.commons().0, chain.head().1.0);
}

#[test]
fn an_old_or_foreign_charter_is_never_replayed_as_new() {
    let mut chain = three();
    let mut old = draft(&begin());
    old.institutions.push(institution("dd", &[5], 1));
    // A second successor of charter 0, signed as it must be: evidence, not a change.
    assert!(matches!(chain.add(&seal(&old, &[1])), Ok(Added::Fork(_))));
    assert_eq!((chain.head().0.number, chain.forked_at()), (2, Some(0)));
    let other = Chain::begin(&seal(
        &Amendment::genesis("Autre", 1, institution("aa", &[1], 1)),
        &[1],
    ))
    .unwrap();
    assert_eq!(
        chain.add(&seal(&draft(&other), &[1, 2])),
        Err(Error::OtherCommons)
    );
    let mut far = draft(&chain);
    far.number = 9;
    assert_eq!(chain.add(&seal(&far, &[1, 2])), Err(Error::Unlinked(9)));
}

#[test]
fn who_leaves_or_changes_keys_has_its_log_cut_and_its_handle_is_never_used_again() {
    let mut chain = three();
    let mut next = draft(&chain);
    next.institutions.remove(1);
    assert!(matches!(
        chain.add(&seal(&next, &[1, 3, 4])),
        Err(Error::Rule(_))
    ));
    next.cuts.push(Cut {
        institution: Handle::new("bb").unwrap(),
        epoch: 0,
        size: 0,
        root: TreeRoot::empty(),
    });
    assert!(matches!(
        chain.add(&seal(&next, &[1, 3, 4])),
        Ok(Added::New(_))
    ));
    assert_eq!(chain.last_cut(&Handle::new("bb").unwrap()).unwrap().0, 3);
    let mut again = draft(&chain);
    again.institutions.insert(1, institution("bb", &[7], 1));
    assert!(matches!(
        chain.add(&seal(&again, &[1, 3, 4])),
        Err(Error::Rule(_))
    ));
    let mut rekey = draft(&chain);
    rekey.institutions[0] = institution("aa", &[8], 1);
    assert!(matches!(
        chain.add(&seal(&rekey, &[1, 3, 4])),
        Err(Error::Rule(_))
    ));
}

#[test]
fn a_round_opens_only_when_the_one_before_cannot_succeed() {
    let mut chain = three();
    let named = |name: &str| Amendment {
        name: name.to_owned(),
        ..draft(&chain)
    };
    let (x, y, z) = (named("x"), named("y"), named("z"));
    let mut second = Amendment {
        round: 1,
        ..named("w")
    };
    second.failed = vec![seal(&x, &[1]), seal(&y, &[2])];
    // cc is silent: x or y may still get it.
    assert!(matches!(
        chain.add(&seal(&second, &[1, 2])),
        Err(Error::Rule(_))
    ));
    second.failed.push(seal(&z, &[3, 4]));
    assert!(matches!(
        chain.add(&seal(&second, &[1, 2])),
        Ok(Added::New(_))
    ));
}

#[test]
fn a_key_stands_for_one_institution_and_members_are_sorted() {
    let chain = three();
    let mut next = draft(&chain);
    next.institutions.push(institution("dd", &[1], 1));
    assert!(matches!(next.to_payload(), Err(Malformed::Rule(_))));
    let mut next = draft(&chain);
    next.institutions.swap(0, 1);
    assert!(matches!(next.to_payload(), Err(Malformed::Rule(_))));
}
