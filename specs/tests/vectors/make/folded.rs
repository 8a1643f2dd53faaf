//! Sections 4 and 5: register cases, and whole catalogues.

use std::collections::BTreeSet;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{super::register as form, case};
use crate::{
    federation::{Federation, HANDLES, admin_seed, change, handle, node_seed},
    fold::{
        Catalogue, Reason, State,
        register::{Input, Policy, Stated, resolve},
    },
    histories::{self, Op},
    id::{StatementId, base32, sha256},
    statement::{Change, Protection, Pusher},
};

fn id(n: u64) -> StatementId {
    StatementId(sha256(&[&n.to_be_bytes()]))
}

fn policy(position: u64, pushers: &[&str]) -> Policy {
    Policy {
        id: id(1000 + position),
        position,
        pushers: pushers
            .iter()
            .map(|p| Pusher {
                institution: form::handle(p),
                persons: None,
            })
            .collect(),
        protected: Vec::new(),
        cuts: Vec::new(),
    }
}

fn push(n: u64, log: &str, name: &str, over: &[u64], new: u8) -> Stated {
    let mut over: Vec<StatementId> = over.iter().map(|o| id(*o)).collect();
    over.sort();
    Stated {
        id: id(n),
        institution: form::handle(log),
        position: n,
        verdict: State::InForce,
        person: Some(id(500)),
        developer: true,
        policy: id(1000),
        changes: Some(vec![Change {
            name: name.to_owned(),
            over,
            old: (new == 0).then(|| "f".repeat(40)),
            new: (new != 0).then(|| format!("{new:x}").repeat(40)),
            forced: false,
        }]),
    }
}

fn main(n: u64, log: &str, over: &[u64], new: u8) -> Stated {
    push(n, log, "refs/heads/main", over, new)
}

fn tag(n: u64, log: &str, over: &[u64], new: u8) -> Stated {
    push(n, log, "refs/tags/v1", over, new)
}

fn forced(mut s: Stated) -> Stated {
    s.changes.iter_mut().flatten().for_each(|c| c.forced = true);
    s
}

fn under(mut s: Stated, policy: u64) -> Stated {
    s.policy = id(1000 + policy);
    s
}

fn with_cut(mut p: Policy, log: &str, size: u64) -> Policy {
    p.cuts.push((form::handle(log), size));
    p
}

fn protected(threshold: u64, force: bool, delete: bool, base: &[u64]) -> Policy {
    let mut p = policy(0, &["aa", "bb", "cc"]);
    let mut base: Vec<StatementId> = base.iter().map(|b| id(*b)).collect();
    base.sort();
    p.protected = vec![Protection {
        pattern: "refs/heads/*".to_owned(),
        threshold,
        force,
        delete,
        base,
    }];
    p
}

pub(super) fn register(out: &mut Vec<Value>) {
    let all = || policy(0, &["aa", "bb", "cc"]);
    let two = || policy(0, &["aa", "bb"]);
    let head = |n: &str| format!("refs/heads/{n}");
    let mut persons = two();
    persons.pushers[1].persons = Some(vec![id(501)]);
    let mut student = main(4, "aa", &[], 4);
    student.developer = false;
    let mut named = main(5, "bb", &[], 5);
    (named.person, named.developer) = (Some(id(501)), false);
    let mut waiting = main(1, "aa", &[], 1);
    waiting.changes = None;
    let mut elsewhere = main(1, "bb", &[], 1);
    elsewhere.policy = id(777);
    let mut stranger = main(2, "bb", &[1], 2);
    stranger.verdict = State::Refused(Reason::NotEnrolled);
    let several = {
        let mut s = main(1, "aa", &[], 1);
        s.changes
            .as_mut()
            .unwrap()
            .extend(push(1, "aa", &head("b"), &[], 1).changes.unwrap());
        s
    };
    let later = || policy(7, &["aa", "bb"]);
    let mut four = protected(2, false, false, &[]);
    four.pushers = policy(0, &["aa", "bb", "cc", "dd"]).pushers;
    let agreed = || vec![main(1, "aa", &[], 1), main(2, "bb", &[], 1)];
    let gone_on = || {
        let on = vec![main(3, "aa", &[1, 2], 2), main(4, "bb", &[1, 2], 2)];
        [agreed(), on].concat()
    };
    let and = |said: Vec<Stated>, more: Vec<Stated>| [said, more].concat();
    let cases: Vec<(&str, &str, Vec<Policy>, Vec<Stated>)> = vec![
        ("R-05-08", "nothing was pushed", vec![two()], vec![]),
        (
            "R-05-08",
            "one push after another",
            vec![two()],
            vec![main(1, "aa", &[], 1), main(2, "aa", &[1], 2)],
        ),
        (
            "R-05-08",
            "another institution's push replaces",
            vec![two()],
            vec![main(1, "aa", &[], 1), main(2, "bb", &[1], 2)],
        ),
        (
            "R-05-08",
            "a log has one head, its last, whether or not it names the one before",
            vec![two()],
            vec![main(1, "aa", &[], 1), main(2, "aa", &[], 2)],
        ),
        (
            "R-05-08",
            "what was replaced stays so when its replacer is replaced by its own log",
            vec![two()],
            vec![
                main(1, "aa", &[], 1),
                main(2, "bb", &[1], 2),
                main(3, "bb", &[], 3),
            ],
        ),
        (
            "R-05-08",
            "a statement with one of two changes replaced is in force",
            vec![two()],
            vec![several.clone(), main(2, "aa", &[1], 2)],
        ),
        (
            "R-05-08",
            "what is not in force replaces nothing",
            vec![two()],
            vec![main(1, "aa", &[], 1), stranger.clone()],
        ),
        (
            "R-05-08",
            "but passes on what it named",
            vec![two()],
            vec![main(1, "aa", &[], 1), stranger, main(3, "aa", &[2], 3)],
        ),
        (
            "R-05-08",
            "an id that nobody knows is inert",
            vec![two()],
            vec![main(1, "aa", &[99], 1)],
        ),
        (
            "R-05-13",
            "concurrent heads: the owner first, then the list's order",
            vec![policy(0, &["cc", "bb", "aa"])],
            vec![
                main(1, "bb", &[], 1),
                main(2, "cc", &[], 2),
                main(3, "aa", &[], 3),
            ],
        ),
        (
            "R-05-13",
            "an institution that is listed no more comes last",
            vec![all(), policy(5, &["aa", "cc"])],
            vec![main(1, "bb", &[], 1), main(2, "cc", &[], 2)],
        ),
        (
            "R-05-13",
            "a push over both mends",
            vec![all()],
            vec![
                main(1, "bb", &[], 1),
                main(2, "cc", &[], 2),
                main(3, "cc", &[1, 2], 3),
            ],
        ),
        (
            "R-05-03",
            "a policy that is not here yet",
            vec![two()],
            vec![under(main(1, "bb", &[], 1), 9)],
        ),
        (
            "R-05-03",
            "a list that is not here yet",
            vec![two()],
            vec![waiting],
        ),
        (
            "R-05-04",
            "a policy of another item",
            vec![two()],
            vec![elsewhere],
        ),
        (
            "R-05-05",
            "an older policy than before",
            vec![two(), later()],
            vec![under(main(1, "bb", &[], 1), 7), main(2, "bb", &[1], 2)],
        ),
        (
            "R-05-05",
            "each log has its own newest",
            vec![two(), later()],
            vec![under(main(1, "bb", &[], 1), 7), main(2, "aa", &[1], 2)],
        ),
        (
            "R-05-06",
            "an institution that is not listed",
            vec![two()],
            vec![main(1, "cc", &[], 1)],
        ),
        (
            "R-05-06",
            "only the persons named, and else developers",
            vec![persons],
            vec![main(3, "bb", &[], 3), student, named],
        ),
        (
            "R-05-07",
            "a newer policy alone ends no grant",
            vec![two(), policy(5, &["aa"])],
            vec![main(1, "bb", &[], 1), main(9, "bb", &[1], 9)],
        ),
        (
            "R-05-07",
            "a cut does",
            vec![two(), with_cut(policy(5, &["aa"]), "bb", 4)],
            vec![main(1, "bb", &[], 1), main(9, "bb", &[1], 9)],
        ),
        (
            "R-05-07",
            "a cut at 0 takes all",
            vec![two(), with_cut(policy(5, &["aa"]), "bb", 0)],
            vec![main(1, "bb", &[], 1)],
        ),
        (
            "R-05-07",
            "a lower cut later takes no more",
            vec![
                two(),
                with_cut(policy(5, &["aa"]), "bb", 4),
                with_cut(policy(6, &["aa"]), "bb", 1),
            ],
            vec![
                main(1, "bb", &[], 1),
                main(3, "bb", &[1], 3),
                main(9, "bb", &[3], 9),
            ],
        ),
        (
            "R-05-07",
            "a policy after the cut grants anew",
            vec![
                two(),
                with_cut(policy(5, &["aa"]), "bb", 4),
                policy(8, &["aa", "bb"]),
            ],
            vec![
                main(1, "bb", &[], 1),
                main(9, "bb", &[1], 9),
                under(main(12, "bb", &[1], 3), 8),
            ],
        ),
        (
            "R-05-09",
            "a deletion",
            vec![two()],
            vec![main(1, "aa", &[], 1), main(2, "aa", &[1], 0)],
        ),
        (
            "R-05-09",
            "a deletion loses to a concurrent update",
            vec![two()],
            vec![
                main(1, "aa", &[], 1),
                main(2, "aa", &[1], 0),
                main(3, "bb", &[1], 3),
            ],
        ),
        (
            "R-05-09",
            "two deletions",
            vec![two()],
            vec![
                main(1, "aa", &[], 1),
                main(2, "aa", &[1], 0),
                main(3, "bb", &[1], 0),
            ],
        ),
        (
            "R-05-10",
            "a tag is not moved",
            vec![two()],
            vec![tag(1, "aa", &[], 1), tag(2, "aa", &[1], 2)],
        ),
        (
            "R-05-10",
            "nor by another institution",
            vec![two()],
            vec![tag(1, "aa", &[], 1), tag(2, "bb", &[1], 2)],
        ),
        (
            "R-05-10",
            "but by force",
            vec![two()],
            vec![tag(1, "aa", &[], 1), forced(tag(2, "bb", &[1], 2))],
        ),
        (
            "R-05-10",
            "deleted by force, and made again",
            vec![two()],
            vec![
                tag(1, "aa", &[], 1),
                forced(tag(2, "aa", &[1], 0)),
                tag(3, "aa", &[], 3),
            ],
        ),
        (
            "R-05-11",
            "one of two institutions states an oid",
            vec![protected(2, false, false, &[1])],
            vec![main(1, "aa", &[], 1), main(2, "bb", &[1], 2)],
        ),
        (
            "R-05-11",
            "both do",
            vec![protected(2, false, false, &[1])],
            vec![
                main(1, "aa", &[], 1),
                main(2, "bb", &[1], 2),
                main(3, "cc", &[1], 2),
            ],
        ),
        (
            "R-05-11",
            "one twice is one",
            vec![protected(2, false, false, &[1])],
            vec![
                main(1, "aa", &[], 1),
                main(2, "bb", &[1], 2),
                main(3, "bb", &[1], 2),
            ],
        ),
        (
            "R-05-11",
            "a ref outside the pattern is not protected",
            vec![protected(2, false, false, &[])],
            vec![tag(1, "aa", &[], 1)],
        ),
        (
            "R-05-11",
            "the first push waits",
            vec![protected(2, false, false, &[])],
            vec![main(1, "aa", &[], 1)],
        ),
        (
            "R-05-11",
            "the second of another institution makes it count",
            vec![protected(2, false, false, &[])],
            agreed(),
        ),
        (
            "R-05-11",
            "who goes on alone stands by what they build on",
            vec![protected(2, false, false, &[])],
            and(agreed(), vec![main(3, "aa", &[1, 2], 2)]),
        ),
        (
            "R-05-11",
            "two go on",
            vec![protected(2, false, false, &[])],
            gone_on(),
        ),
        (
            "R-05-17",
            "what was taken back cannot be agreed with",
            vec![protected(2, false, false, &[])],
            and(
                agreed(),
                vec![
                    main(3, "aa", &[1, 2], 2),
                    main(4, "aa", &[1, 2], 3),
                    main(5, "cc", &[1, 2], 2),
                ],
            ),
        ),
        (
            "R-05-18",
            "an old oid is behind, though another who slept states it too",
            vec![four.clone()],
            and(
                gone_on(),
                vec![main(5, "dd", &[], 1), main(6, "cc", &[3], 1)],
            ),
        ),
        (
            "R-05-18",
            "two agreements that do not know each other",
            vec![four.clone()],
            and(
                gone_on(),
                vec![main(5, "cc", &[1, 2], 3), main(6, "dd", &[1, 2], 3)],
            ),
        ),
        (
            "R-05-18",
            "two of any side merge them",
            vec![four.clone()],
            and(
                gone_on(),
                vec![
                    main(5, "cc", &[1, 2], 3),
                    main(6, "dd", &[1, 2], 3),
                    main(7, "dd", &[3, 4, 5, 6], 4),
                    main(8, "aa", &[3, 4, 5, 6], 4),
                ],
            ),
        ),
        (
            "R-05-18",
            "one who lies about what is over what moves nothing",
            vec![four.clone()],
            and(gone_on(), vec![main(5, "cc", &[3, 4], 5)]),
        ),
        (
            "R-05-19",
            "what was behind the base cannot be agreed with",
            vec![protected(2, false, false, &[3])],
            vec![
                main(1, "aa", &[], 1),
                main(2, "bb", &[1], 2),
                forced(main(3, "aa", &[2], 3)),
                main(4, "cc", &[3], 2),
            ],
        ),
        (
            "R-05-19",
            "two are over the base",
            vec![protected(2, false, false, &[3])],
            vec![
                main(1, "aa", &[], 1),
                main(2, "bb", &[1], 2),
                forced(main(3, "aa", &[2], 3)),
                main(4, "cc", &[3], 4),
                main(5, "bb", &[3], 4),
            ],
        ),
        (
            "R-05-12",
            "no force, no deletion",
            vec![protected(1, false, false, &[])],
            vec![
                main(1, "aa", &[], 1),
                forced(main(2, "bb", &[1], 2)),
                main(3, "cc", &[1], 0),
            ],
        ),
        (
            "R-05-12",
            "unless the rule says so",
            vec![protected(1, true, true, &[])],
            vec![
                main(1, "aa", &[], 1),
                forced(main(2, "bb", &[1], 2)),
                main(3, "cc", &[2], 0),
            ],
        ),
        (
            "R-05-12",
            "the base stands, and what it replaced is replaced",
            vec![protected(2, false, false, &[2])],
            vec![main(1, "aa", &[], 1), forced(main(2, "aa", &[1], 2))],
        ),
        (
            "R-05-14",
            "a folder and a file: the list's order decides",
            vec![policy(0, &["aa", "cc", "bb"])],
            vec![
                push(1, "bb", &head("a"), &[], 1),
                push(2, "cc", &head("a/b"), &[], 2),
            ],
        ),
        (
            "R-05-14",
            "of one institution: the name's order",
            vec![two()],
            vec![
                push(1, "bb", &head("a/b"), &[], 1),
                push(2, "aa", &head("c"), &[], 2),
                push(3, "bb", &head("a"), &[], 3),
            ],
        ),
        (
            "R-05-15",
            "what is not served is under refs/diverged",
            vec![all()],
            vec![
                main(1, "bb", &[], 1),
                main(2, "cc", &[], 2),
                main(3, "aa", &[], 3),
                tag(4, "bb", &[], 4),
            ],
        ),
    ];
    // Drawn ones, most of whose changes mean nothing to anybody sensible.
    let mut seed = 7u64;
    let mut draw = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut cases = cases;
    for _ in 0..24 {
        let threshold = 2 + draw(2);
        let base: Vec<u64> = (0..draw(3))
            .map(|_| 1 + draw(6))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut p = protected(threshold, draw(2) == 0, draw(2) == 0, &base);
        p.pushers = policy(0, &["cc", "aa", "bb", "dd"][draw(2) as usize..]).pushers;
        let said = (1..=12 + draw(6))
            .map(|n| {
                let log = ["aa", "bb", "cc", "dd"][draw(4) as usize];
                let over: BTreeSet<u64> = (0..draw(4))
                    .map(|_| 1 + draw(n))
                    .filter(|o| *o < n)
                    .collect();
                let over: Vec<u64> = over.into_iter().collect();
                let name = if draw(8) == 0 {
                    "refs/heads/x"
                } else {
                    "refs/heads/main"
                };
                let s = push(n, log, name, &over, draw(6) as u8);
                if draw(6) == 0 { forced(s) } else { s }
            })
            .collect();
        cases.push(("R-05-17", "a drawn history", vec![p], said));
    }
    let mut based = four;
    based.protected = protected(2, false, false, &[1]).protected;
    cases.push((
        "R-05-20",
        "a value that two build on, and that nobody's change can stand for, hides no base",
        vec![based],
        vec![
            main(1, "aa", &[], 1),
            main(2, "aa", &[1], 2),
            main(3, "bb", &[1], 2),
            main(4, "aa", &[], 4),
            main(5, "bb", &[], 5),
            forced(main(6, "cc", &[3], 2)),
            main(7, "cc", &[6], 7),
            main(8, "dd", &[6], 8),
        ],
    ));
    for (rule, comment, policies, statements) in cases {
        let input = Input {
            owner: form::handle("aa"),
            policies,
            no_policies: BTreeSet::from([id(777)]),
            statements,
        };
        let outcome = form::write_outcome(&input, &resolve(&input));
        let more = json!({"input": form::write_input(&input), "outcome": outcome});
        out.push(case(rule, comment, true, more));
    }
}

fn written(f: &Federation, epochs: Value, c: &Catalogue) -> Value {
    // What is written out is the chain that the catalogue was folded with.
    let again = f.chain_of(f.amendments.len());
    assert_eq!(again.head().1, f.chain.head().1);
    let charters: Vec<String> = f
        .amendments
        .iter()
        .map(|a| String::from_utf8(a.clone()).unwrap())
        .collect();
    let logs: serde_json::Map<String, Value> = f
        .logs
        .iter()
        .map(|(h, list)| {
            let list: Vec<String> = list.iter().map(|e| BASE64.encode(e)).collect();
            (h.to_string(), list.into())
        })
        .collect();
    let lists: BTreeSet<String> = f
        .lists
        .iter()
        .map(|l| String::from_utf8(l.clone()).unwrap())
        .collect();
    let rows: Vec<String> = c
        .rows()
        .iter()
        .map(|r| String::from_utf8(r.to_bytes()).unwrap())
        .collect();
    json!({"charters": charters, "logs": logs, "lists": lists, "epochs": epochs, "rows": rows,
        "sum": base32(&c.sum()), "root_text": c.root_text(), "root": c.root().to_string()})
}

pub(super) fn catalogue(out: &mut Vec<Value>) {
    let epochs = json!({"aa": 0, "bb": 2, "cc": 0});
    let set = |f: &Federation, c: &mut Catalogue| {
        let size = f.logs[&handle("bb")].len() as u64;
        let root = crate::fold::Roots::root(f, &handle("bb"), size).unwrap();
        c.set_tip(&handle("bb"), 2, size, root);
    };
    let mut add = |rule: &str, comment: &str, f: &Federation| {
        let mut c = f.fold();
        set(f, &mut c);
        out.push(case(rule, comment, true, written(f, epochs.clone(), &c)));
    };
    let mut f = Federation::new();
    add("R-04-32", "three empty logs", &f);
    let admins: Vec<StatementId> = HANDLES.iter().map(|h| f.open(h)).collect();
    let repository = f.repository("aa", admin_seed("aa"), "outil", &["aa", "bb"]);
    let repo = f.put(&repository, &[admin_seed("aa")]);
    let mut last = Vec::new();
    for n in 1..=3 {
        let changes = vec![change("refs/heads/main", &last, n - 1, n, false)];
        let push = f.refs("aa", admins[0], repo, repo, changes);
        last = vec![f.put(&push, &[node_seed("aa")])];
    }
    let course = f.resource("cc", admin_seed("cc"), "algebre-l1");
    f.put(&course, &[admin_seed("cc")]);
    add(
        "R-04-30",
        "a repository with three pushes, and a course",
        &f,
    );
    for (log, admin) in [("bb", admins[1]), ("cc", admins[2])] {
        let changes = vec![change("refs/heads/main", &last, 3, 4, false)];
        let push = f.refs(log, admin, repo, repo, changes);
        f.put(&push, &[node_seed(log)]);
    }
    add(
        "R-05-02",
        "pushes from other logs: of a listed institution, and of one that is not",
        &f,
    );
    let say = |f: &mut Federation, log: &str, kind: &str, members: &str, item| {
        let members = crate::json::parse_object(members.as_bytes()).unwrap();
        let mut head = f.head(log, kind, admin_seed(log), members);
        head.item = Some(item);
        f.put(&head, &[admin_seed(log)])
    };
    let new = "5".repeat(40);
    let root = say(&mut f, "bb", "thread", r#"{"labels":["bug"]}"#, repo);
    let request = format!(r#"{{"new":"{new}","target":"refs/heads/main"}}"#);
    let request = say(&mut f, "cc", "merge-request", &request, repo);
    for (log, kind, members) in [
        ("cc", "thread", format!(r#"{{"thread":"{root}"}}"#)),
        (
            "aa",
            "thread",
            format!(r#"{{"state":"closed","thread":"{root}"}}"#),
        ),
        (
            "bb",
            "thread",
            format!(r#"{{"state":"open","thread":"{root}"}}"#),
        ),
        ("aa", "thread", format!(r#"{{"thread":"{request}"}}"#)),
        (
            "bb",
            "merge-request",
            format!(r#"{{"new":"{new}","request":"{request}","target":"refs/heads/main"}}"#),
        ),
        (
            "aa",
            "merge-request",
            format!(r#"{{"request":"{root}","state":"closed"}}"#),
        ),
        (
            "aa",
            "review",
            format!(r#"{{"of":"{request}","verdict":"approve"}}"#),
        ),
        (
            "aa",
            "review",
            format!(r#"{{"of":"{root}","verdict":"approve"}}"#),
        ),
        (
            "bb",
            "adoption",
            r#"{"since":"2026-09-01","status":"in-use","version":"1.0"}"#.to_owned(),
        ),
    ] {
        say(&mut f, log, kind, &members, repo);
    }
    say(
        &mut f,
        "bb",
        "thread",
        "{}",
        StatementId::of(b"nobody knows"),
    );
    say(&mut f, "bb", "thread", "{}", root);
    add(
        "R-04-35",
        "threads, a merge request, reviews and an adoption: some count, some do not, one waits",
        &f,
    );
    let transfer = say(&mut f, "aa", "transfer", r#"{"to":"bb"}"#, repo);
    let accepted = |transfer: StatementId, slug: &str| {
        format!(r#"{{"slug":"{slug}","transfer":"{transfer}"}}"#)
    };
    say(&mut f, "aa", "transfer", r#"{"to":"cc"}"#, repo);
    say(
        &mut f,
        "cc",
        "acceptance",
        &accepted(transfer, "a-moi"),
        repo,
    );
    say(
        &mut f,
        "bb",
        "acceptance",
        &accepted(StatementId::of(b"later"), "bientot"),
        repo,
    );
    say(
        &mut f,
        "bb",
        "acceptance",
        &accepted(transfer, "outil-bb"),
        repo,
    );
    for log in ["aa", "bb"] {
        let mut version = f.repository(log, admin_seed(log), "outil-bis", &["bb"]);
        version.item = Some(repo);
        version.supersedes = vec![repo];
        f.put(&version, &[admin_seed(log)]);
    }
    add(
        "R-04-44",
        "aa hands the repository to bb: a second transfer, a stranger's acceptance, the old owner's version",
        &f,
    );
    let head = f.resource("cc", admin_seed("cc"), "analyse-l2");
    let course = f.put(&head, &[admin_seed("cc")]);
    let nowhere = StatementId::of(b"nobody knows");
    let members = format!(r#"{{"members":["{course}","{nowhere}","{repo}"],"slug":"semestre-1"}}"#);
    for log in ["bb", "cc"] {
        let members = crate::json::parse_object(members.as_bytes()).unwrap();
        let head = f.head(log, "collection", admin_seed(log), members);
        f.put(&head, &[admin_seed(log)]);
    }
    add(
        "R-04-46",
        "collections of two institutions: an item of each log, and one that is nowhere",
        &f,
    );
    let report = format!(r#"{{"code":"rights","of":"{course}"}}"#);
    let first = say(&mut f, "aa", "report", &report, course);
    say(&mut f, "bb", "report", &report, repo);
    say(&mut f, "bb", "report", r#"{"code":"error"}"#, nowhere);
    let mut head = f.head(
        "aa",
        "report",
        admin_seed("aa"),
        crate::json::parse_object(report.as_bytes()).unwrap(),
    );
    (head.item, head.supersedes) = (Some(course), vec![first]);
    f.put(&head, &[admin_seed("aa")]);
    say(&mut f, "cc", "withdrawal", r#"{"code":"rights"}"#, course);
    let erased = crate::json::parse_object(format!(r#"{{"of":["{course}"]}}"#).as_bytes()).unwrap();
    let head = f.head("cc", "erasure", admin_seed("cc"), erased);
    f.put(&head, &[admin_seed("cc")]);
    add(
        "R-04-47",
        "reports: one that replaces, one of another item's version, one of nothing; then withdrawn and erased",
        &f,
    );
    // Generated histories: every state is met, charters and lists included.
    for seed in 1..=4u64 {
        let mut n = seed;
        let mut draw = || {
            n = n
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (n >> 56) as u8
        };
        let ops: Vec<Op> = (0..40).map(|_| (draw(), draw(), draw(), draw())).collect();
        let f = histories::build(&ops);
        add("R-04-31", &format!("a generated history ({seed})"), &f);
    }
}
