//! Register cases: input and outcome as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    fold::{
        Head, Reason, RefState, State,
        register::{Input, Outcome, Policy, Stated, project, resolve},
    },
    json as strict,
    name::Handle,
    statement::{Change, Fields, Protection, Pusher},
};

fn strict(v: &Value) -> strict::Object {
    strict::parse_object(v.to_string().as_bytes()).unwrap()
}

fn list<T>(v: &Value, name: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    v[name].as_array().unwrap().iter().map(read).collect()
}

fn parsed<T: std::str::FromStr>(v: &Value) -> T {
    v.as_str().unwrap().parse().ok().expect("an id or handle")
}

fn verdict(name: &str) -> State {
    match name {
        "in-force" => State::InForce,
        "pending" => State::Pending,
        _ => State::Refused(Reason::NotEnrolled),
    }
}

pub(super) fn read_input(v: &Value) -> Input {
    Input {
        owner: parsed(&v["owner"]),
        policies: list(v, "policies", |p| Policy {
            id: parsed(&p["id"]),
            position: p["position"].as_u64().unwrap(),
            pushers: list(p, "pushers", |u| Pusher {
                institution: parsed(&u["institution"]),
                persons: u.get("persons").map(|_| list(u, "persons", parsed)),
            }),
            protected: list(p, "protected", |r| Protection {
                pattern: parsed(&r["pattern"]),
                threshold: r["threshold"].as_u64().unwrap(),
                force: r["force"].as_bool().unwrap(),
                delete: r["delete"].as_bool().unwrap(),
                base: list(r, "base", parsed),
            }),
            cuts: list(p, "cuts", |c| {
                (parsed(&c["institution"]), c["size"].as_u64().unwrap())
            }),
        }),
        no_policies: list(v, "no_policies", parsed).into_iter().collect(),
        statements: list(v, "statements", |s| Stated {
            id: parsed(&s["id"]),
            institution: parsed(&s["institution"]),
            position: s["position"].as_u64().unwrap(),
            verdict: verdict(s["verdict"].as_str().unwrap()),
            person: s.get("person").map(parsed),
            developer: s["developer"].as_bool().unwrap(),
            policy: parsed(&s["policy"]),
            changes: s.get("changes").map(|_| {
                list(s, "changes", |c| {
                    Change::read(Fields::new(&strict(c))).unwrap()
                })
            }),
        }),
    }
}

fn json_of(v: &strict::Value) -> Value {
    serde_json::from_slice(&v.to_bytes().unwrap()).unwrap()
}

pub(super) fn write_input(i: &Input) -> Value {
    let policies: Vec<Value> = i
        .policies
        .iter()
        .map(|p| {
            let pushers: Vec<Value> = p
                .pushers
                .iter()
                .map(|u| match &u.persons {
                    None => json!({"institution": u.institution}),
                    Some(persons) => json!({"institution": u.institution, "persons": persons}),
                })
                .collect();
            let protected: Vec<Value> = p
                .protected
                .iter()
                .map(|r| {
                    json!({"pattern": r.pattern, "threshold": r.threshold, "force": r.force,
                        "delete": r.delete, "base": r.base})
                })
                .collect();
            let cuts: Vec<Value> = p
                .cuts
                .iter()
                .map(|(h, size)| json!({"institution": h, "size": size}))
                .collect();
            json!({"id": p.id, "position": p.position, "pushers": pushers, "protected": protected, "cuts": cuts})
        })
        .collect();
    let statements: Vec<Value> = i
        .statements
        .iter()
        .map(|s| {
            let mut v = json!({"id": s.id, "institution": s.institution, "position": s.position,
                "verdict": s.verdict.as_str(), "developer": s.developer, "policy": s.policy});
            if let Some(person) = &s.person {
                v["person"] = json!(person);
            }
            if let Some(changes) = &s.changes {
                v["changes"] = changes.iter().map(|c| json_of(&c.to_value())).collect();
            }
            v
        })
        .collect();
    json!({"owner": i.owner, "policies": policies, "no_policies": i.no_policies, "statements": statements})
}

fn write_refs(refs: &BTreeMap<String, RefState>) -> Value {
    let one = |r: &RefState| {
        let heads: Vec<Value> = r
            .heads
            .iter()
            .map(|h: &Head| match &h.oid {
                Some(oid) => json!({"id": h.id, "institution": h.institution, "oid": oid}),
                None => json!({"id": h.id, "institution": h.institution}),
            })
            .collect();
        let mut out = json!({"heads": heads});
        if let Some(oid) = &r.served {
            out["served"] = json!(oid);
        }
        if !r.waiting.is_empty() {
            let waiting = r.waiting.iter().map(|w| {
                let mut v =
                    json!({"id": w.head.id, "institution": w.head.institution, "stated": w.stated});
                if let Some(oid) = &w.head.oid {
                    v["oid"] = json!(oid);
                }
                v
            });
            out["waiting"] = waiting.collect();
        }
        out
    };
    refs.iter().map(|(n, r)| (n.clone(), one(r))).collect()
}

/// What an input adds up to: refs, states, and the names that Git gets.
pub(super) fn write_outcome(input: &Input, o: &Outcome) -> Value {
    let states: serde_json::Map<String, Value> = o
        .states
        .iter()
        .map(|(id, s)| (id.to_string(), s.as_str().into()))
        .collect();
    let none: Vec<Pusher> = Vec::new();
    let pushers = input.policies.last().map_or(&none, |p| &p.pushers);
    let placed = project(&input.owner, pushers, &o.refs);
    let git: serde_json::Map<String, Value> = placed
        .refs
        .iter()
        .map(|(name, p)| (name.clone(), p.oid.clone().into()))
        .collect();
    json!({"refs": write_refs(&o.refs), "states": states, "git": git})
}

pub(super) fn check(case: &Value) -> Result<(), String> {
    let input = read_input(&case["input"]);
    let found = write_outcome(&input, &resolve(&input));
    if found == case["outcome"] {
        Ok(())
    } else {
        Err(format!("{found} instead of {}", case["outcome"]))
    }
}

pub(super) fn handle(name: &str) -> Handle {
    Handle::new(name).unwrap()
}
