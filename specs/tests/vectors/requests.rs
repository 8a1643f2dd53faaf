//! Which versions of merge requests are refs: the requests, and what is served of them in the order of the rounds.

use serde_json::{Value, json};

use crate::{
    fold::talk::served::{Asked, Served, served},
    id::{StatementId, sha256},
    name::Handle,
};

fn asked(n: u64, log: &str, open: bool, versions: u64) -> Asked {
    Asked {
        id: StatementId(sha256(&[&n.to_be_bytes()])),
        institution: Handle::new(log).unwrap(),
        position: n,
        open,
        versions,
    }
}

fn read(v: &Value) -> Asked {
    Asked {
        id: v["id"].as_str().unwrap().parse().unwrap(),
        institution: Handle::new(v["institution"].as_str().unwrap()).unwrap(),
        position: v["position"].as_u64().unwrap(),
        open: v["open"].as_bool().unwrap(),
        versions: v["versions"].as_u64().unwrap(),
    }
}

fn written(all: &[Served]) -> Value {
    all.iter()
        .map(|s| json!({"id": s.id, "first": s.first, "last": s.last}))
        .collect()
}

pub(super) fn make(out: &mut Vec<Value>) {
    let crowd = (0..110).map(|n| asked(n, ["aa", "bb", "cc"][n as usize % 3], n % 5 != 0, 29));
    let flood = (0..100).map(|n| asked(n, "aa", true, 40));
    let others = (100..104).map(|n| asked(n, "bb", n % 2 == 0, 2));
    let cases = [
        (
            "R-10-01",
            "one version, and as many as are served",
            vec![asked(1, "aa", true, 1), asked(2, "bb", true, 32)],
        ),
        (
            "R-10-01",
            "older versions are refs no more",
            vec![asked(1, "aa", true, 33), asked(2, "aa", false, 500)],
        ),
        (
            "R-10-02",
            "the open ones first, the newest first, by handle",
            vec![
                asked(1, "bb", true, 2),
                asked(2, "bb", true, 1),
                asked(3, "bb", false, 1),
                asked(4, "aa", false, 3),
                asked(5, "cc", true, 1),
            ],
        ),
        ("R-10-02", "what does not fit ends it", crowd.collect()),
        (
            "R-10-02",
            "who floods takes nobody's room",
            flood.chain(others).collect(),
        ),
    ];
    for (rule, comment, input) in cases {
        let requests: Vec<Value> = input
            .iter()
            .map(|r| {
                json!({"id": r.id, "institution": r.institution, "position": r.position,
                    "open": r.open, "versions": r.versions})
            })
            .collect();
        let more = json!({"requests": requests, "served": written(&served(&input))});
        out.push(super::make::case(rule, comment, true, more));
    }
}

pub(super) fn check(case: &Value) -> Result<(), String> {
    let input: Vec<Asked> = case["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(read)
        .collect();
    let found = written(&served(&input));
    if found == case["served"] {
        Ok(())
    } else {
        Err(format!("{found} instead of {}", case["served"]))
    }
}
