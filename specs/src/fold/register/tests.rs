mod threshold;

use proptest::prelude::*;

use super::*;
use crate::{
    fold::{Head, Reason},
    id::sha256,
};

fn id(n: u64) -> StatementId {
    StatementId(sha256(&[&n.to_be_bytes()]))
}

fn handle(name: &str) -> Handle {
    Handle::new(name).unwrap()
}

fn oid(n: u8) -> String {
    format!("{n:x}").repeat(40)
}

/// A policy of id 1000 + its position that lets these institutions push.
fn policy(position: u64, pushers: &[&str]) -> Policy {
    Policy {
        id: id(1000 + position),
        position,
        pushers: pushers
            .iter()
            .map(|p| Pusher {
                institution: handle(p),
                persons: None,
            })
            .collect(),
        protected: Vec::new(),
        cuts: Vec::new(),
    }
}

/// A push of one ref under policy 0: `new` 0 deletes.
fn push(n: u64, log: &str, name: &str, over: &[u64], new: u8) -> Stated {
    Stated {
        id: id(n),
        institution: handle(log),
        position: n,
        verdict: State::InForce,
        person: Some(id(500)),
        developer: true,
        policy: id(1000),
        changes: Some(vec![Change {
            name: name.to_owned(),
            over: over.iter().map(|o| id(*o)).collect(),
            old: None,
            new: (new != 0).then(|| oid(new)),
            forced: false,
        }]),
    }
}

fn main(n: u64, log: &str, over: &[u64], new: u8) -> Stated {
    push(n, log, "refs/heads/main", over, new)
}

fn forced(mut s: Stated) -> Stated {
    s.changes.iter_mut().flatten().for_each(|c| c.forced = true);
    s
}

fn under(mut s: Stated, policy: u64) -> Stated {
    s.policy = id(1000 + policy);
    s
}

fn resolved(policies: Vec<Policy>, statements: Vec<Stated>) -> Outcome {
    resolve(&Input {
        owner: handle("aa"),
        policies,
        no_policies: BTreeSet::from([id(777)]),
        statements,
    })
}

/// The heads of a ref as (institution, first digit of the oid), and what is served.
fn heads(o: &Outcome, name: &str) -> (Vec<(String, char)>, Option<char>) {
    let first = |o: &Option<String>| o.as_ref().and_then(|t| t.chars().next());
    let Some(r) = o.refs.get(name) else {
        return (Vec::new(), None);
    };
    let heads = r
        .heads
        .iter()
        .map(|h| (h.institution.to_string(), first(&h.oid).unwrap_or('-')))
        .collect();
    (heads, first(&r.served))
}

fn on_main(o: &Outcome) -> String {
    let (heads, served) = heads(o, "refs/heads/main");
    let heads: Vec<String> = heads.iter().map(|(h, o)| format!("{h}:{o}")).collect();
    format!("{} -> {}", heads.join(" "), served.unwrap_or('-'))
}

#[test]
fn concurrent_heads_all_stay_and_the_owners_is_served() {
    //= R-05-08, R-05-13
    let p = policy(0, &["cc", "bb", "aa"]);
    let o = resolved(
        vec![p.clone()],
        vec![
            main(1, "bb", &[], 1),
            main(2, "cc", &[], 2),
            main(3, "aa", &[], 3),
        ],
    );
    assert_eq!(on_main(&o), "aa:3 cc:2 bb:1 -> 3");
    // A push that contains two of them replaces two of them.
    let o = resolved(
        vec![p],
        vec![
            main(1, "bb", &[], 1),
            main(2, "cc", &[], 2),
            main(3, "aa", &[], 3),
            main(4, "bb", &[2, 3], 4),
        ],
    );
    assert_eq!(on_main(&o), "bb:4 -> 4");
    assert_eq!(o.states[&id(1)], State::Superseded);
    assert_eq!(o.states[&id(3)], State::Superseded);
    assert_eq!(o.states[&id(4)], State::InForce);
}

#[test]
fn a_log_has_at_most_one_head_and_what_it_replaced_stays_replaced() {
    //= R-05-08
    let o = resolved(
        vec![policy(0, &["aa", "bb"])],
        vec![
            main(1, "aa", &[], 1),
            main(2, "bb", &[1], 2),
            main(3, "bb", &[], 3),
        ],
    );
    assert_eq!(on_main(&o), "bb:3 -> 3");
}

#[test]
fn only_listed_institutions_and_their_developers_push() {
    //= R-05-06
    let mut p = policy(0, &["aa", "bb"]);
    p.pushers[1].persons = Some(vec![id(501)]);
    let mut student = main(4, "aa", &[], 4);
    student.developer = false;
    let mut named = main(5, "bb", &[], 5);
    (named.person, named.developer) = (Some(id(501)), false);
    let o = resolved(
        vec![p],
        vec![main(2, "cc", &[], 2), main(3, "bb", &[], 3), student, named],
    );
    for n in [2, 3, 4] {
        assert_eq!(o.states[&id(n)], State::Refused(Reason::NotPusher), "{n}");
    }
    assert_eq!(on_main(&o), "bb:5 -> 5");
}

#[test]
fn a_policy_is_waited_for_and_never_older_than_the_one_before() {
    //= R-05-03, R-05-04, R-05-05
    let policies = vec![policy(0, &["aa", "bb"]), policy(7, &["aa", "bb"])];
    let o = resolved(
        policies.clone(),
        vec![
            under(main(1, "bb", &[], 1), 9),
            under(main(2, "bb", &[], 2), 7),
            main(3, "bb", &[2], 3),
            main(4, "aa", &[2], 4),
        ],
    );
    assert_eq!(o.states[&id(1)], State::Pending);
    assert_eq!(o.states[&id(3)], State::Refused(Reason::OlderPolicy));
    assert_eq!(on_main(&o), "aa:4 -> 4");
    let mut elsewhere = main(1, "bb", &[], 1);
    elsewhere.policy = id(777);
    let o = resolved(policies, vec![elsewhere]);
    assert_eq!(o.states[&id(1)], State::Refused(Reason::Policy));
}

#[test]
fn a_grant_ends_by_a_cut_and_not_by_a_newer_policy() {
    //= R-05-07
    let (old, without) = (policy(0, &["aa", "bb"]), policy(5, &["aa"]));
    let pushes = || vec![main(1, "bb", &[], 1), main(9, "bb", &[1], 9)];
    let o = resolved(vec![old.clone(), without.clone()], pushes());
    assert_eq!(on_main(&o), "bb:9 -> 9");
    let mut cut = without.clone();
    cut.cuts = vec![(handle("bb"), 4)];
    let o = resolved(vec![old.clone(), cut.clone()], pushes());
    assert_eq!(on_main(&o), "bb:1 -> 1");
    assert_eq!(o.states[&id(9)], State::Refused(Reason::Cut));
    // A later, lower cut does not take away what the first one left.
    let mut lower = policy(6, &["aa"]);
    lower.cuts = vec![(handle("bb"), 1)];
    let o = resolved(vec![old.clone(), cut.clone(), lower], pushes());
    assert_eq!(on_main(&o), "bb:1 -> 1");
    // A later policy grants anew what is pushed under it.
    let again = policy(8, &["aa", "bb"]);
    let mut statements = pushes();
    statements.push(under(main(12, "bb", &[1], 3), 8));
    let o = resolved(vec![old, cut, again], statements);
    assert_eq!(on_main(&o), "bb:3 -> 3");
}

#[test]
fn a_deletion_loses_to_a_concurrent_update() {
    //= R-05-09
    let p = vec![policy(0, &["aa", "bb"])];
    let start = main(1, "aa", &[], 1);
    let o = resolved(
        p.clone(),
        vec![
            start.clone(),
            main(2, "aa", &[1], 0),
            main(3, "bb", &[1], 3),
        ],
    );
    assert_eq!(on_main(&o), "bb:3 -> 3");
    let o = resolved(p, vec![start, main(2, "aa", &[1], 0)]);
    assert_eq!(on_main(&o), "aa:- -> -");
}

#[test]
fn a_tag_is_replaced_only_by_force() {
    //= R-05-10
    let p = vec![policy(0, &["aa", "bb"])];
    let tag = |n, log: &str, over: &[u64], new| push(n, log, "refs/tags/v1", over, new);
    let shown = |o: &Outcome| heads(o, "refs/tags/v1");
    let o = resolved(
        p.clone(),
        vec![
            tag(1, "aa", &[], 1),
            tag(2, "aa", &[1], 2),
            tag(3, "bb", &[1], 3),
        ],
    );
    assert_eq!(
        shown(&o),
        (
            vec![("aa".to_owned(), '1'), ("bb".to_owned(), '3')],
            Some('1')
        )
    );
    assert_eq!(o.states[&id(2)], State::Refused(Reason::TagMoved));
    let o = resolved(
        p.clone(),
        vec![tag(1, "aa", &[], 1), forced(tag(2, "bb", &[1], 2))],
    );
    assert_eq!(shown(&o), (vec![("bb".to_owned(), '2')], Some('2')));
    // Deleted by force, then made again.
    let o = resolved(
        p,
        vec![
            tag(1, "aa", &[], 1),
            forced(tag(2, "aa", &[1], 0)),
            tag(3, "aa", &[], 3),
        ],
    );
    assert_eq!(shown(&o), (vec![("aa".to_owned(), '3')], Some('3')));
}

fn protected(threshold: u64, base: &[u64]) -> Policy {
    let mut p = policy(0, &["aa", "bb", "cc"]);
    let mut base: Vec<StatementId> = base.iter().map(|b| id(*b)).collect();
    base.sort();
    p.protected = vec![Protection {
        pattern: "refs/heads/*".to_owned(),
        threshold,
        force: false,
        delete: false,
        base,
    }];
    p
}

#[test]
fn on_a_protected_ref_an_oid_counts_when_enough_institutions_state_it() {
    //= R-05-11
    let first = main(1, "aa", &[], 1);
    let alone = main(2, "bb", &[1], 2);
    let o = resolved(vec![protected(2, &[1])], vec![first.clone(), alone.clone()]);
    assert_eq!(on_main(&o), "aa:1 -> 1");
    assert_eq!(o.states[&id(2)], State::InForce);
    let o = resolved(
        vec![protected(2, &[1])],
        vec![first, alone, main(3, "cc", &[1], 2)],
    );
    assert_eq!(on_main(&o), "bb:2 cc:2 -> 2");
    // An institution that the policy does not list adds nothing.
    let o = resolved(
        vec![protected(2, &[1])],
        vec![
            main(1, "aa", &[], 1),
            main(2, "bb", &[1], 2),
            main(3, "dd", &[1], 2),
        ],
    );
    assert_eq!(on_main(&o), "aa:1 -> 1");
}

#[test]
fn on_a_protected_ref_nothing_is_forced_or_deleted_but_the_base_stands() {
    //= R-05-12
    let o = resolved(
        vec![protected(1, &[2])],
        vec![
            main(1, "aa", &[], 1),
            forced(main(2, "aa", &[1], 2)),
            forced(main(3, "bb", &[2], 3)),
            main(4, "cc", &[2], 0),
        ],
    );
    // 2 was forced before the protection began, which names it.
    assert_eq!(on_main(&o), "aa:2 -> 2");
}

#[test]
fn what_is_not_in_force_passes_edges_on_and_replaces_nothing_itself() {
    //= R-05-08
    let p = vec![policy(0, &["aa", "bb"])];
    let stranger = main(2, "cc", &[1], 2);
    let o = resolved(p.clone(), vec![main(1, "aa", &[], 1), stranger.clone()]);
    assert_eq!(on_main(&o), "aa:1 -> 1");
    let o = resolved(
        p,
        vec![main(1, "aa", &[], 1), stranger, main(3, "bb", &[2], 3)],
    );
    assert_eq!(on_main(&o), "bb:3 -> 3");
}

#[test]
fn a_list_that_is_not_here_is_waited_for() {
    //= R-05-03
    let mut listed = main(1, "aa", &[], 1);
    listed.changes = None;
    let o = resolved(vec![policy(0, &["aa"])], vec![listed]);
    assert_eq!(o.states[&id(1)], State::Pending);
}

#[test]
fn directories_and_files_of_one_name_are_told_apart_by_the_lists_order() {
    //= R-05-14, R-05-15
    let p = policy(0, &["aa", "cc", "bb"]);
    let name = |n: &str| format!("refs/heads/{n}");
    let o = resolved(
        vec![p.clone()],
        vec![
            push(1, "bb", &name("a"), &[], 1),
            push(2, "cc", &name("a/b"), &[], 2),
            push(3, "bb", &name("c"), &[], 3),
            push(4, "aa", &name("c"), &[], 4),
            push(5, "bb", &name("c/d"), &[], 5),
        ],
    );
    let placed = project(&handle("aa"), &p.pushers, &o.refs);
    let shown: Vec<String> = placed
        .refs
        .iter()
        .map(|(n, p)| format!("{n}={}", &p.oid[..1]))
        .collect();
    assert_eq!(
        shown,
        [
            "refs/diverged/bb/heads/a=1",
            "refs/diverged/bb/heads/c=3",
            "refs/heads/a/b=2",
            "refs/heads/c=4",
        ]
    );
    // bb's c/d has no place beside bb's c.
    assert_eq!(placed.unplaced.len(), 1);
    assert_eq!(placed.unplaced[0].of, "refs/heads/c/d");
}

/// Random statements: ids are numbers, so edges may form cycles, which hashes cannot.
fn statements() -> impl Strategy<Value = Vec<Stated>> {
    let one = (
        0usize..4,
        0usize..3,
        prop::collection::btree_set(0u64..20, 0..4),
        0u8..4,
        any::<u8>(),
    );
    prop::collection::vec(one, 0..20).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(n, (log, name, over, new, how))| {
                let over: Vec<u64> = over.into_iter().collect();
                let name = ["refs/heads/main", "refs/heads/main/x", "refs/tags/t"][name];
                let mut s = push(n as u64, ["aa", "bb", "cc", "dd"][log], name, &over, new);
                if how & 1 == 1 {
                    s = forced(s);
                }
                if how & 0b110 == 0b110 {
                    s.verdict = State::Refused(Reason::NotEnrolled);
                }
                s.policy = match how >> 5 {
                    0 => id(777),
                    1 => id(778),
                    n => id(1000 + u64::from(n % 3) * 3),
                };
                s
            })
            .collect()
    })
}

fn policies(rule: u8, cut: u64) -> Vec<Policy> {
    let mut last = policy(6, &["bb", "aa", "cc"]);
    last.protected = protected(1 + u64::from(rule & 1), &[2, 3]).protected;
    last.protected[0].force = rule & 2 == 2;
    last.protected[0].delete = rule & 4 == 4;
    let mut middle = policy(3, &["aa", "cc"]);
    middle.cuts = vec![(handle("bb"), cut)];
    vec![policy(0, &["aa", "bb"]), middle, last]
}

proptest! {
    #[test]
    fn the_register_depends_on_nothing_but_its_statements(
        all in statements(),
        rule in any::<u8>(),
        cut in 0u64..20,
        shuffle in any::<u64>(),
    ) {
        //= R-05-01
        let o = resolved(policies(rule, cut), all.clone());
        let mut other = all.clone();
        other.sort_by_key(|s| sha256(&[&s.id.0, &shuffle.to_be_bytes()]));
        prop_assert_eq!(&resolved(policies(rule, cut), other), &o);
        for (name, r) in &o.refs {
            let mut logs: Vec<&Handle> = r.heads.iter().map(|h| &h.institution).collect();
            logs.sort();
            logs.dedup();
            prop_assert_eq!(logs.len(), r.heads.len(), "one head per log");
            prop_assert_eq!(&r.served, &r.heads.first().and_then(|h| h.oid.clone()));
            prop_assert!(!r.heads.is_empty() || !r.waiting.is_empty());
            let deletions = r.heads.iter().filter(|h| h.oid.is_none()).count();
            prop_assert!(deletions == 0 || deletions == r.heads.len());
            for h in &r.heads {
                prop_assert_eq!(o.states[&h.id], State::InForce);
                let s = all.iter().find(|s| s.id == h.id).unwrap();
                prop_assert_eq!(&s.changes.as_ref().unwrap()[0].name, name);
            }
        }
        let placed = project(&handle("aa"), &policies(rule, cut)[2].pushers, &o.refs);
        let names: Vec<&String> = placed.refs.keys().collect();
        for a in &names {
            for b in &names {
                prop_assert!(!b.starts_with(&format!("{a}/")), "{} and {}", a, b);
            }
        }
        let all = o.refs.values().flat_map(|r| r.heads.iter().chain(r.waiting.iter().map(|w| &w.head)));
        let heads = all.filter(|h| h.oid.is_some()).count();
        prop_assert_eq!(placed.refs.len() + placed.unplaced.len(), heads);
    }

    #[test]
    fn supersession_ends_and_is_reachability(
        edges in prop::collection::vec((any::<bool>(), prop::collection::vec(0u64..12, 0..4)), 0..12),
        order in any::<u64>(),
    ) {
        //= R-04-24
        let mut links: Vec<Link> = edges
            .iter()
            .enumerate()
            .map(|(n, (in_force, to))| Link {
                id: id(n as u64),
                in_force: *in_force,
                edges: to.iter().map(|t| id(*t)).collect(),
            })
            .collect();
        // The closure of the edges, by multiplying until nothing changes.
        let count = links.len();
        let mut reach = vec![vec![false; count]; count];
        for (a, (_, to)) in edges.iter().enumerate() {
            for b in to.iter().filter(|b| (**b as usize) < count) {
                reach[a][*b as usize] = true;
            }
        }
        for k in 0..count {
            for a in 0..count {
                for b in 0..count {
                    reach[a][b] |= reach[a][k] && reach[k][b];
                }
            }
        }
        let expected: BTreeSet<StatementId> = (0..count)
            .filter(|b| (0..count).any(|a| edges[a].0 && reach[a][*b]))
            .map(|b| id(b as u64))
            .collect();
        prop_assert_eq!(&superseded(&links), &expected);
        links.sort_by_key(|l| sha256(&[&l.id.0, &order.to_be_bytes()]));
        prop_assert_eq!(&superseded(&links), &expected);
    }
}
