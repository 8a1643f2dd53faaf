use commun_specs::{
    json::{Object, Value},
    key::SecretKey,
    name::Role,
};

use super::{
    tokens::{MAX_APART, SHORT_SECONDS, TOKEN_SECONDS},
    *,
};
use crate::{
    core::{Author, Draft},
    init,
    store::Store,
    testing::Node,
};

fn request(secret: &str, handle: &str, seed: u8) -> JoinRequest {
    JoinRequest {
        secret: secret.to_owned(),
        handle: Handle::new(handle).unwrap(),
        name: "Autre".to_owned(),
        keys: vec![SecretKey::from_seed([seed; 32]).public()],
        threshold: 1,
        node: SecretKey::from_seed([seed + 1; 32]).public(),
    }
}

async fn invited(core: &Core) -> String {
    let addrs = vec!["/ip4/127.0.0.1/tcp/1".to_owned()];
    core.invite(addrs).await.unwrap().secret
}

/// An institution asks this node to join.
async fn asks(core: &Core, handle: &str, seed: u8) {
    let request = request(&invited(core).await, handle, seed);
    assert_eq!(
        core.join_request(request).await.unwrap(),
        JoinState::Pending
    );
}

fn only_draft(core: &Core) -> Vec<u8> {
    core.store().unwrap().drafts().unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_admits_while_another_amendment_of_that_number_waits() {
    let (a, b) = Node::two().await;
    asks(&a.core, "univ-c", 10).await;
    asks(&b.core, "univ-d", 20).await;
    let waits = a.core.admit("univ-c").await.unwrap();
    assert!(!waits.in_force);
    b.core.add_draft(only_draft(&a.core)).await.unwrap();
    let refused = b.core.admit("univ-d").await.unwrap_err();
    let AdmitError::Sign(SignError::OtherDraft { number, id, .. }) = &refused else {
        panic!("{refused}");
    };
    assert_eq!((*number, *id), (waits.number, waits.id));
    assert!(refused.to_string().contains("admit univ-c"), "{refused}");
    // Nothing was bound by the refusal: the one that waits can be signed, and then the other one follows.
    let signed = b.core.sign_amendment(waits.number, None).await.unwrap();
    assert!(signed.in_force);
    let next = b.core.admit("univ-d").await.unwrap();
    assert_eq!(next.number, waits.number + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_amendments_with_one_number_the_one_to_sign_is_named_by_its_id() {
    let (a, b) = Node::two().await;
    asks(&a.core, "univ-c", 10).await;
    asks(&b.core, "univ-d", 20).await;
    let theirs = a.core.admit("univ-c").await.unwrap();
    let ours = b.core.admit("univ-d").await.unwrap();
    b.core.add_draft(only_draft(&a.core)).await.unwrap();
    let refused = b.core.sign_amendment(ours.number, None).await.unwrap_err();
    let SignError::SeveralDrafts { waiting, .. } = &refused else {
        panic!("{refused}");
    };
    let mut ids: Vec<_> = waiting.iter().map(|s| s.id).collect();
    ids.sort();
    let mut both = vec![theirs.id, ours.id];
    both.sort();
    assert_eq!(ids, both);
    assert!(
        refused.to_string().contains(&theirs.id.to_string()),
        "{refused}"
    );
    let sign = |id: CharterId| {
        let core = b.core.clone();
        async move { core.sign_amendment(ours.number, Some(&id)).await }
    };
    assert_eq!(sign(ours.id).await.unwrap().id, ours.id);
    assert!(matches!(
        sign(theirs.id).await,
        Err(SignError::AlreadyBound { .. })
    ));
    assert!(matches!(
        sign(CharterId([7; 32])).await,
        Err(SignError::NoDraft(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_that_waits_is_not_taken_over_and_its_request_goes_once_it_is_admitted() {
    let a = Node::first().await;
    let first = request(&invited(&a.core).await, "univ-c", 10);
    let rows = || a.core.store().unwrap().join_requests().unwrap();
    assert_eq!(
        a.core.join_request(first.clone()).await.unwrap(),
        JoinState::Pending
    );
    let stored = rows().remove(0).request;
    let other_invitation = request(&invited(&a.core).await, "univ-c", 10);
    let other_keys = request(&first.secret, "univ-c", 20);
    for bad in [other_invitation.clone(), other_keys] {
        let answer = a.core.join_request(bad).await.unwrap();
        assert!(matches!(answer, JoinState::Refused(_)), "{answer:?}");
        assert_eq!(rows().remove(0).request, stored);
    }
    assert_eq!(
        a.core
            .store()
            .unwrap()
            .invitation(&other_invitation.secret, now())
            .unwrap(),
        Invited::Fresh,
        "a refusal uses no invitation up"
    );
    assert_eq!(
        a.core.join_request(first.clone()).await.unwrap(),
        JoinState::Pending
    );
    assert!(a.core.admit("univ-c").await.unwrap().in_force);
    assert!(rows().is_empty());
    let answer = a.core.join_request(first).await.unwrap();
    assert!(matches!(answer, JoinState::Admitted { .. }), "{answer:?}");
    assert!(matches!(
        a.core.admit("univ-c").await,
        Err(AdmitError::NoRequest(_))
    ));
}

#[test]
fn a_handle_is_free_again_when_the_invitation_of_who_waits_is_past_its_date() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("log.db")).unwrap();
    store.put_invitation("one", 100).unwrap();
    store.put_invitation("two", 300).unwrap();
    let (one, two) = (request("one", "univ-c", 10), request("two", "univ-c", 20));
    assert_eq!(store.put_join_request(&one, 50).unwrap(), Filed::Waits);
    assert_eq!(
        store.put_join_request(&two, 50).unwrap(),
        Filed::HandleWaits
    );
    assert_eq!(
        store.put_join_request(&one, 200).unwrap(),
        Filed::NoInvitation
    );
    assert_eq!(store.put_join_request(&two, 200).unwrap(), Filed::Waits);
    let elsewhere = request("two", "univ-d", 20);
    assert_eq!(
        store.put_join_request(&elsewhere, 200).unwrap(),
        Filed::InvitationUsed
    );
    store.drop_join_request("univ-c").unwrap();
    assert_eq!(
        store.put_join_request(&two, 200).unwrap(),
        Filed::InvitationUsed,
        "an invitation is for one request"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_the_one_that_asked_and_a_person_has_fifty_at_most() {
    let node = Node::first().await;
    let admin = node.admin();
    let soon = now() + 2 * SHORT_SECONDS;
    let make = |latest| node.core.create_token_until(admin.id, "write", latest);
    let (token, expires) = make(soon).await.unwrap().unwrap();
    assert_eq!(expires, soon);
    let access = node.core.access(&token).unwrap().unwrap();
    assert_eq!((access.person.id, access.expires), (admin.id, soon));
    let (_, expires) = make(u64::MAX).await.unwrap().unwrap();
    assert!(expires >= soon - 2 * SHORT_SECONDS + TOKEN_SECONDS);
    // The operator's own, and these two.
    let mut made = 3;
    while make(soon).await.unwrap().is_some() {
        made += 1;
    }
    assert_eq!(made, 50);
    // Tokens past their date make room; they are the 48 that end soon.
    let store = Store::open(&node.dir.path().join("log.db")).unwrap();
    store.drop_expired_tokens(soon).unwrap();
    assert_eq!(store.tokens_of(&admin.id, 0).unwrap(), 2);
    assert!(make(1).await.unwrap().is_some());
    assert!(make(soon).await.unwrap().is_some());
    assert_eq!(
        store.tokens_of(&admin.id, 0).unwrap(),
        3,
        "the one past its date was dropped"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn short_tokens_take_nobodys_room_and_the_oldest_goes() {
    let node = Node::first().await;
    let admin = node.admin();
    let mut made = Vec::new();
    for _ in 0..52 {
        let soon = now() + SHORT_SECONDS;
        let token = node.core.create_token_until(admin.id, "repository", soon);
        made.push(token.await.unwrap().unwrap().0);
    }
    let stands = |token: &String| node.core.access(token).unwrap().is_some();
    assert_eq!(made.iter().filter(|t| stands(t)).count(), 50);
    let long = node
        .core
        .create_token_until(admin.id, "write", now() + 86_400);
    assert!(long.await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_made_with_a_narrow_one_or_with_one_that_was_made_take_no_room_from_the_person() {
    let node = Node::first().await;
    let admin = node.admin();
    let core = &node.core;
    let access = |token: &str| core.access(token).unwrap().unwrap();
    let with = |by: Access, scope: &'static str, seconds: u64| async move {
        let until = now() + seconds;
        let made = core
            .create_token_with(&by, by.person.id, scope, until)
            .await;
        made.unwrap().map(|(token, _)| token)
    };
    let day = 86_400;
    let made = core.create_token_until(admin.id, "write", u64::MAX).await;
    let first = access(&made.unwrap().unwrap().0);
    let narrow = access(&with(first.clone(), "repository", day).await.unwrap());
    let second = access(&with(first.clone(), "write", day).await.unwrap());
    // A signature gave this one; no flood of short ones pushes it out.
    let soon = core.create_token_until(admin.id, "repository", now() + SHORT_SECONDS);
    let signed = soon.await.unwrap().unwrap().0;
    let mut flood = 0;
    let kinds = [(&narrow, "repository", 60), (&second, "write", day)];
    for (by, scope, seconds) in kinds.iter().cycle().take(100) {
        flood += usize::from(with((*by).clone(), scope, *seconds).await.is_some());
    }
    assert_eq!(flood as u64, MAX_APART);
    assert_eq!(narrow.makes_apart(&admin.id), Some(MAX_APART));
    assert_eq!(first.makes_apart(&admin.id), None);
    assert!(core.access(&signed).unwrap().is_some());
    // The operator's, the first, the narrow and the second one count: there is room for 46.
    for n in 4..50 {
        assert!(with(first.clone(), "write", day).await.is_some(), "{n}");
    }
    assert!(with(first, "write", day).await.is_none());
    // What is past its date makes room here too.
    let store = Store::open(&node.dir.path().join("log.db")).unwrap();
    store.drop_expired_tokens(now() + SHORT_SECONDS).unwrap();
    assert_eq!(store.tokens_apart(&admin.id).unwrap(), MAX_APART / 2);
    assert!(with(narrow, "repository", day).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_listed_without_their_secret_and_one_that_is_revoked_opens_nothing() {
    let node = Node::first().await;
    let admin = node.admin();
    let (token, _) = node
        .core
        .create_token(admin.id, "publish repository:aa/bb")
        .await
        .unwrap();
    let access = node.core.access(&token).unwrap().unwrap();
    assert!(access.scopes.publish() && !access.scopes.everything());
    // The use is noted on the writer's thread, which does one thing after another.
    node.core.create_token(admin.id, "write").await.unwrap();
    let listed = node.core.tokens().unwrap();
    let [mine] = &listed
        .iter()
        .filter(|t| t.scopes.contains("publish"))
        .collect::<Vec<_>>()[..]
    else {
        panic!("one");
    };
    assert!(mine.used.is_some() && mine.id.len() == 16 && !token.contains(&mine.id));
    assert!(node.core.revoke_token(&mine.id).await.unwrap());
    assert!(node.core.access(&token).unwrap().is_none());
    assert!(!node.core.revoke_token(&mine.id).await.unwrap());
    assert!(!node.core.revoke_token("").await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_person_whose_enrolment_is_past_its_date_opens_nothing() {
    let node = Node::first().await;
    let institution = node.core.keys().institution().unwrap();
    let mut tokens = Vec::new();
    for ends in [now() + 60, now() - 1] {
        let key = node.core.keys().new_person().unwrap().public();
        let fields = Object::from([
            ("type".to_owned(), "person".into()),
            ("key".to_owned(), key.to_string().into()),
            ("roles".to_owned(), Value::List(vec!["developer".into()])),
            ("custody".to_owned(), "self".into()),
            ("not_after".to_owned(), Value::Int(ends)),
        ]);
        let draft = Draft {
            kind: "enrolment",
            fields,
            ..Draft::default()
        };
        let author = Author::Institution(&institution, Vec::new());
        let entry = node.core.compose(draft, &author).unwrap();
        let id = node.core.write(entry).await.unwrap().id;
        tokens.push((id, node.core.create_token(id, "write").await.unwrap().0));
    }
    let [(standing, good), (ended, bad)] = &tokens[..] else {
        panic!("two");
    };
    let person = node.core.person_of_token(good).unwrap().unwrap();
    assert!(person.id == *standing && person.may(&[Role::Developer]));
    assert!(node.core.person_of_token(bad).unwrap().is_none());
    assert!(node.core.person(ended).is_none());
    let listed = node.core.persons();
    let ended = listed.iter().find(|p| p.id == *ended).unwrap();
    assert!(ended.expired() && !ended.may(&[Role::Developer]));
    assert!(init::complete(&node.core).await.is_ok());
}
