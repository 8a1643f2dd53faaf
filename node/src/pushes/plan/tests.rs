use commun_forge::git::Oid;
use commun_specs::id::StatementId;

use super::*;

fn handle(name: &str) -> Handle {
    Handle::new(name).unwrap()
}

fn oid(n: u8) -> Oid {
    Oid::parse(&format!("{n:02x}").repeat(20)).unwrap()
}

fn id(who: &str) -> StatementId {
    StatementId::of(who.as_bytes())
}

/// Heads of a branch: whose, and which commit; the first one is served.
fn state(heads: &[(&str, u8)]) -> RefState {
    let heads: Vec<Head> = heads
        .iter()
        .map(|(who, n)| Head {
            id: id(who),
            institution: handle(who),
            oid: (*n > 0).then(|| oid(*n).to_string()),
        })
        .collect();
    RefState {
        served: heads.first().and_then(|h| h.oid.clone()),
        heads,
        waiting: Vec::new(),
    }
}

struct Push<'a> {
    name: &'a str,
    old: u8,
    new: u8,
    verdict: Verdict,
    contains: &'a [u8],
}

fn decide(push: &Push<'_>, heads: &[(&str, u8)], rule: Option<&Protection>) -> Plan {
    let some = |n: u8| (n > 0).then(|| oid(n));
    let command = Command {
        name: push.name.to_owned(),
        old: some(push.old),
        new: some(push.new),
    };
    let judged = Judged {
        verdict: push.verdict.clone(),
        contains: push.contains.iter().map(|n| oid(*n)).collect(),
    };
    plan(&command, &judged, Some(&state(heads)), rule, &handle("bb"))
}

fn over(plan: Plan) -> (Vec<StatementId>, bool) {
    match plan {
        Plan::Change(c) => (c.over, c.forced),
        other => panic!("{other:?}"),
    }
}

fn ids(who: &[&str]) -> Vec<StatementId> {
    let mut all: Vec<_> = who.iter().map(|w| id(w)).collect();
    all.sort();
    all
}

const MAIN: &str = "refs/heads/main";

#[test]
fn a_merge_replaces_what_it_contains_and_leaves_the_rest() {
    let heads = [("aa", 1), ("cc", 2)];
    let push = |contains| Push {
        name: MAIN,
        old: 1,
        new: 9,
        verdict: Verdict::FastForward,
        contains,
    };
    assert_eq!(
        over(decide(&push(&[1, 2]), &heads, None)),
        (ids(&["aa", "cc"]), false)
    );
    assert_eq!(
        over(decide(&push(&[1]), &heads, None)),
        (ids(&["aa"]), false)
    );
}

#[test]
fn what_ones_own_institution_pushed_is_never_lost_unforced() {
    let heads = [("aa", 1), ("bb", 2)];
    let push = |verdict, contains| Push {
        name: MAIN,
        old: 1,
        new: 9,
        verdict,
        contains,
    };
    let refused = decide(&push(Verdict::FastForward, &[1]), &heads, None);
    assert!(
        matches!(refused, Plan::Refuse(Why::OwnHead { .. })),
        "{refused:?}"
    );
    assert_eq!(
        over(decide(&push(Verdict::FastForward, &[1, 2]), &heads, None)).0,
        ids(&["aa", "bb"])
    );
    // By force it is: the statement says so. What a third one pushed stays.
    let heads = [("aa", 1), ("bb", 2), ("cc", 3)];
    assert_eq!(
        over(decide(&push(Verdict::Forced, &[]), &heads, None)),
        (ids(&["aa", "bb"]), true)
    );
}

#[test]
fn a_protection_bars_force_and_deletion() {
    let rule = Protection {
        pattern: "refs/heads/*".to_owned(),
        threshold: 1,
        force: false,
        delete: false,
        base: Vec::new(),
    };
    let heads = [("aa", 1)];
    let push = |verdict, new| Push {
        name: MAIN,
        old: 1,
        new,
        verdict,
        contains: &[],
    };
    let rule = Some(&rule);
    assert_eq!(
        decide(&push(Verdict::Forced, 9), &heads, rule),
        Plan::Refuse(Why::NoForce)
    );
    assert_eq!(
        decide(&push(Verdict::Delete, 0), &heads, rule),
        Plan::Refuse(Why::NoDelete)
    );
    assert_eq!(
        over(decide(&push(Verdict::Forced, 9), &heads, None)),
        (ids(&["aa"]), true)
    );
    assert_eq!(
        over(decide(&push(Verdict::Delete, 0), &heads, None)),
        (ids(&["aa"]), false)
    );
}

#[test]
fn a_push_over_something_else_than_what_is_served_fetches_first() {
    let push = Push {
        name: MAIN,
        old: 2,
        new: 9,
        verdict: Verdict::FastForward,
        contains: &[1],
    };
    assert_eq!(decide(&push, &[("aa", 1)], None), Plan::Refuse(Why::Moved));
}

#[test]
fn a_tag_that_is_there_is_moved_and_deleted_by_force_only() {
    let push = |old, new, verdict| Push {
        name: "refs/tags/v1",
        old,
        new,
        verdict,
        contains: &[],
    };
    let there = [("aa", 1), ("cc", 2)];
    for (new, verdict) in [(9, Verdict::Forced), (0, Verdict::Delete)] {
        assert_eq!(
            over(decide(&push(1, new, verdict), &there, None)),
            (ids(&["aa", "cc"]), true)
        );
    }
    assert_eq!(
        over(decide(&push(0, 9, Verdict::Create), &[("aa", 0)], None)),
        (ids(&["aa"]), true)
    );
}

#[test]
fn what_waits_already_is_not_stated_again() {
    let push = |new| Push {
        name: MAIN,
        old: 1,
        new,
        verdict: Verdict::FastForward,
        contains: &[1],
    };
    let mut waits = state(&[("aa", 1)]);
    waits.waiting.push(commun_specs::fold::item::Waiting {
        head: Head {
            id: id("bb"),
            institution: handle("bb"),
            oid: Some(oid(9).to_string()),
        },
        stated: 1,
        threshold: 2,
    });
    let decide = |new| {
        let push = push(new);
        let command = Command {
            name: push.name.to_owned(),
            old: Some(oid(push.old)),
            new: Some(oid(push.new)),
        };
        let judged = Judged {
            verdict: push.verdict,
            contains: vec![oid(1)],
        };
        plan(&command, &judged, Some(&waits), None, &handle("bb"))
    };
    assert_eq!(decide(9), Plan::Nothing);
    assert_eq!(over(decide(8)), (ids(&["aa"]), false));
}
