//! What a writer asks before it appends.

use std::collections::BTreeSet;

use super::*;
use crate::fold::{Placement, row::Row};

#[test]
fn the_door_asks_for_what_is_current() {
    //= R-04-25
    let (mut f, _) = opened();
    let item = course(&mut f, ADMIN, "cours");
    let head = new_version(&mut f, ADMIN, item, &[item], "cours");
    let second = f.put(&head, &[ADMIN]);
    let c = f.fold();
    for (over, expected) in [
        (vec![second], Ok(())),
        (vec![item], Err(Refusal::StaleSupersedes)),
        (vec![], Err(Refusal::StaleSupersedes)),
    ] {
        let head = new_version(&mut f, ADMIN, item, &over, "cours");
        assert_eq!(c.would_accept(&statement(&head, &[ADMIN])), expected);
    }
    let known = Statement::open(f.logs[&handle("aa")].last().unwrap()).unwrap();
    assert_eq!(c.would_accept(&known), Err(Refusal::Known));
    let head = f.resource("aa", ADMIN, "cours");
    let refusal = c.would_accept(&statement(&head, &[ADMIN])).unwrap_err();
    assert_eq!(refusal, Refusal::Rule(Reason::SlugTaken));
    assert_eq!(refusal.kind(), RefusalKind::NotAllowed);
}

#[test]
fn the_door_asks_for_the_newest_policy_and_an_unforked_charter() {
    //= R-04-27
    let (mut f, admin) = opened();
    let (repo, push) = with_repository(&mut f, admin);
    let mut head = f.repository("aa", ADMIN, "outil", &["aa"]);
    head.item = Some(repo);
    head.supersedes = vec![repo];
    let policy = f.put(&head, &[ADMIN]);
    let c = f.fold();
    let mut pushed = |policy: StatementId| {
        let changes = vec![change("refs/heads/main", &[push], 1, 2, false)];
        statement(&f.refs("aa", admin, repo, policy, changes), &[NODE])
    };
    assert_eq!(c.would_accept(&pushed(policy)), Ok(()));
    assert_eq!(
        c.would_accept(&pushed(repo)),
        Err(Refusal::Rule(Reason::OlderPolicy))
    );
    // Two valid successors of charter 0: no marker above 0 until an amendment names both.
    let (mut one, mut two) = (f.draft(), f.draft());
    one.name = "Un".to_owned();
    two.name = "Deux".to_owned();
    f.amend(&one);
    let fork = super::super::federation::seal_charter(&two, &[1, 2, 3]);
    f.chain.add(&fork).unwrap();
    let c = f.fold();
    let id = f.chain.get(1).unwrap().1;
    let fields = object([
        ("number", Value::Int(1)),
        ("charter", id.to_string().into()),
    ]);
    let head = f.head("aa", "charter-marker", NODE, fields);
    assert_eq!(
        c.would_accept(&statement(&head, &[NODE])),
        Err(Refusal::Rule(Reason::Marker))
    );
}

#[test]
fn the_door_tells_a_race_from_a_rule() {
    //= R-05-16
    let (mut f, admin) = opened();
    let head = f.repository("aa", ADMIN, "outil", &["aa"]);
    let mut head = head;
    let rule = object([
        ("pattern", "refs/heads/main".into()),
        ("threshold", Value::Int(1)),
        ("force", Value::Bool(false)),
        ("delete", Value::Bool(false)),
        ("base", Value::List(Vec::new())),
    ]);
    head.fields
        .insert("protected".to_owned(), vec![Value::Object(rule)].into());
    let repo = f.put(&head, &[ADMIN]);
    let tag = vec![
        change("refs/heads/main", &[], 0, 1, false),
        change("refs/tags/v1", &[], 0, 1, false),
    ];
    let head = f.refs("aa", admin, repo, repo, tag);
    let push = f.put(&head, &[NODE]);
    let c = f.fold();
    let mut ask = |change: Value| {
        let head = f.refs("aa", admin, repo, repo, vec![change]);
        c.would_accept(&statement(&head, &[NODE]))
    };
    let main = "refs/heads/main";
    assert_eq!(ask(change(main, &[push], 1, 2, false)), Ok(()));
    for stale in [
        change(main, &[], 1, 2, false),
        change(main, &[push], 3, 2, false),
        change(main, &[repo], 1, 2, false),
        change("refs/heads/b", &[], 1, 2, false),
    ] {
        assert_eq!(ask(stale).unwrap_err().kind(), RefusalKind::Stale);
    }
    for barred in [
        change(main, &[push], 1, 2, true),
        change(main, &[push], 1, 0, false),
    ] {
        assert_eq!(ask(barred), Err(Refusal::Protected(main.to_owned())));
    }
    assert_eq!(
        ask(change("refs/tags/v1", &[push], 1, 2, false)),
        Err(Refusal::Rule(Reason::TagMoved))
    );
    assert_eq!(ask(change("refs/tags/v1", &[push], 1, 2, true)), Ok(()));
}

#[test]
fn the_door_says_what_waits_for_others_and_what_becomes_a_head() {
    //= R-05-16
    let (mut f, aa) = opened();
    let bb = f.open("bb");
    let mut head = f.repository("aa", ADMIN, "outil", &["aa", "bb"]);
    let rule = object([
        ("pattern", "refs/heads/main".into()),
        ("threshold", Value::Int(2)),
        ("force", Value::Bool(false)),
        ("delete", Value::Bool(false)),
        ("base", Value::List(Vec::new())),
    ]);
    head.fields
        .insert("protected".to_owned(), vec![Value::Object(rule)].into());
    let repo = f.put(&head, &[ADMIN]);
    let main = "refs/heads/main";
    let waits = |stated| Placement::Waits {
        stated,
        threshold: 2,
    };
    let both = vec![
        change(main, &[], 0, 1, false),
        change("refs/heads/x", &[], 0, 1, false),
    ];
    let head = f.refs("aa", aa, repo, repo, both);
    assert_eq!(
        f.fold()
            .would_place(&statement(&head, &[NODE]), &BTreeSet::new()),
        Ok(vec![
            (main.to_owned(), waits(1)),
            ("refs/heads/x".to_owned(), Placement::Head)
        ])
    );
    let first = f.put(&head, &[NODE]);
    let c = f.fold();
    let item = c.item(&repo).unwrap();
    let shown = &item.refs[main];
    assert!(shown.heads.is_empty() && shown.served.is_none());
    assert_eq!(
        (shown.waiting[0].head.id, shown.waiting[0].stated),
        (first, 1)
    );
    // What waits is no head: a row of the catalogue does not name it, and nothing is over it.
    let rows = c.rows();
    let named = |r: &&Row| matches!(r, Row::Ref { name, .. } if name == main);
    assert_eq!(rows.iter().filter(named).count(), 0);
    for (over, old, new, expected) in [
        (vec![], 0, 1, Ok(Placement::Head)),
        (vec![], 0, 2, Ok(waits(1))),
        (vec![first], 0, 2, Err(RefusalKind::Stale)),
        (vec![], 1, 2, Err(RefusalKind::Stale)),
    ] {
        let head = f.refs(
            "bb",
            bb,
            repo,
            repo,
            vec![change(main, &over, old, new, false)],
        );
        let found = c.would_place(&statement(&head, &[node_seed("bb")]), &BTreeSet::new());
        let found = found.map(|p| p[0].1).map_err(|e| e.kind());
        assert_eq!(found, expected, "{over:?} {old} {new}");
    }
    let head = f.refs("bb", bb, repo, repo, vec![change(main, &[], 0, 1, false)]);
    let second = f.put(&head, &[node_seed("bb")]);
    let c = f.fold();
    let item = c.item(&repo).unwrap();
    let shown = &item.refs[main];
    assert_eq!(
        shown.heads.iter().map(|h| h.id).collect::<Vec<_>>(),
        [first, second]
    );
    assert!(shown.waiting.is_empty());
    // Barred is barred, with a threshold too.
    let over = [first, second];
    let head = f.refs("bb", bb, repo, repo, vec![change(main, &over, 1, 0, false)]);
    assert_eq!(
        c.would_place(&statement(&head, &[node_seed("bb")]), &BTreeSet::new()),
        Err(Refusal::Protected(main.to_owned()))
    );
}

#[test]
fn a_push_goes_beside_heads_that_the_node_cannot_have() {
    //= R-05-16
    let (mut f, admin) = opened();
    let (repo, first) = with_repository(&mut f, admin);
    let bb = f.open("bb");
    let changes = vec![change("refs/heads/main", &[first], 1, 2, false)];
    let head = f.refs("aa", admin, repo, repo, changes);
    let lost = f.put(&head, &[NODE]);
    let c = f.fold();
    let mut ask = |change: Value, passed: &[StatementId]| {
        let head = f.refs("bb", bb, repo, repo, vec![change]);
        let passed = passed.iter().copied().collect();
        c.would_accept_beside(&statement(&head, &[node_seed("bb")]), &passed)
    };
    let main = "refs/heads/main";
    // What the pusher saw is the former head: stale, unless the newest one is not to be had.
    let over_former = change(main, &[], 1, 3, false);
    let kind = |r: Result<(), Refusal>| r.map_err(|e| e.kind());
    assert_eq!(kind(ask(over_former.clone(), &[])), Err(RefusalKind::Stale));
    assert_eq!(ask(over_former, &[lost]), Ok(()));
    // Nobody replaces what was passed over.
    assert_eq!(
        kind(ask(change(main, &[lost], 1, 3, false), &[lost])),
        Err(RefusalKind::Stale)
    );
}
