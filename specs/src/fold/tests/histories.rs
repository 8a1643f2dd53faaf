//! Generated histories: a list of small numbers becomes a federation's logs, most of whose entries the rules
//! refuse for one reason or another.

use std::collections::BTreeMap;

use super::federation::{
    Federation, HANDLES, admin_seed, change, handle, institution_seed, key, node_seed, object,
};
use crate::{
    id::StatementId,
    json::{self, Value},
    list,
    statement::{Change, Cut, Fields, Head},
};

/// One step: what, and three numbers that say how.
pub(crate) type Op = (u8, u8, u8, u8);

#[derive(Default)]
struct Made {
    ids: Vec<StatementId>,
    enrolments: Vec<StatementId>,
    repositories: Vec<StatementId>,
    resources: Vec<StatementId>,
    pushes: Vec<StatementId>,
    /// Threads, merge requests, and what was said in them.
    talk: Vec<StatementId>,
    /// Transfers, and to whom.
    transfers: Vec<(StatementId, &'static str)>,
    /// Those among the talk that open one.
    openings: Vec<StatementId>,
    /// In which log a statement stands, and which item it is about.
    about: BTreeMap<StatementId, (usize, StatementId)>,
}

impl Made {
    /// The statements about the item that another statement is about.
    fn same_item(&self, list: &[StatementId], as_this: &StatementId) -> Vec<StatementId> {
        let item = |id: &StatementId| self.about.get(id).map(|a| a.1);
        list.iter()
            .filter(|id| item(id) == item(as_this))
            .copied()
            .collect()
    }
}

fn pick(list: &[StatementId], n: u8) -> Option<StatementId> {
    (!list.is_empty()).then(|| list[n as usize % list.len()])
}

/// The ids at the bits of `n` among the last eight.
fn some(list: &[StatementId], n: u8) -> Vec<StatementId> {
    let mut ids: Vec<StatementId> = list
        .iter()
        .rev()
        .take(8)
        .enumerate()
        .filter(|(bit, _)| n >> bit & 1 == 1)
        .map(|(_, id)| *id)
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

/// How many kinds of steps there are.
const KINDS: u8 = 24;
const SLUGS: [&str; 4] = ["un", "deux", "trois", "quatre"];
const REFS: [&str; 4] = [
    "refs/heads/main",
    "refs/heads/a",
    "refs/heads/a/b",
    "refs/tags/v1",
];

/// Builds the federation of a history.
pub(crate) fn build(ops: &[Op]) -> Federation {
    let mut f = Federation::new();
    let mut made = Made::default();
    let mut admins = Vec::new();
    for log in HANDLES {
        let admin = f.open(log);
        made.enrolments.push(admin);
        admins.push(admin);
        // Somebody with one role each, so that roles matter.
        let person = f.enrol(
            log,
            institution_seed(log) + 30,
            &["developer"],
            admin_seed(log),
        );
        made.enrolments.push(person);
        let person = f.enrol(
            log,
            institution_seed(log) + 40,
            &["publisher"],
            admin_seed(log),
        );
        made.enrolments.push(person);
    }
    for op in ops {
        step(&mut f, &mut made, &admins, *op);
    }
    f
}

fn step(f: &mut Federation, made: &mut Made, admins: &[StatementId], (what, a, b, c): Op) {
    let at = a as usize % HANDLES.len();
    let log = HANDLES[at];
    // What is about an item mostly comes from its owner.
    let aimed = match what % KINDS {
        3..=7 => pick(&made.repositories, b),
        9 | 17 => pick(&made.resources, b),
        10 if c % 2 == 0 => pick(&made.resources, b),
        10 | 18..=23 => pick(&made.repositories, b),
        _ => None,
    };
    let (at, log) = match aimed.and_then(|id| made.about.get(&id)) {
        // Pushes come from the others too.
        Some(_) if a % 2 == 0 && matches!(what % KINDS, 3..=7 | 18..=23) => (at, log),
        Some((owner, _)) if a % 8 != 0 => (*owner, HANDLES[*owner]),
        _ => (at, log),
    };
    let root =
        |made: &Made, id: Option<StatementId>| id.and_then(|i| made.about.get(&i)).map(|x| x.1);
    // Mostly the administrator; else a developer, a publisher, a stranger.
    let author = match b % 8 {
        0 => institution_seed(log) + 30,
        1 => institution_seed(log) + 40,
        2 => 99,
        _ => admin_seed(log),
    };
    let put = |f: &mut Federation, made: &mut Made, head: &Head, seeds: &[u8]| {
        let id = f.put(head, seeds);
        made.ids.push(id);
        let item = head.item.unwrap_or(id);
        let log = HANDLES.iter().position(|h| *h == head.institution.as_str());
        made.about.insert(id, (log.unwrap(), item));
        id
    };
    match what % KINDS {
        0 => {
            let roles = [["developer"], ["publisher"], ["librarian"], ["admin"]][c as usize % 4];
            let by = if b % 4 == 0 {
                institution_seed(log)
            } else {
                author
            };
            let mut head = f.enrolment(log, 50 + c % 8, &roles, by);
            if c > 128
                && let Some(person) = pick(&made.enrolments, c)
            {
                head.fields
                    .insert("person".to_owned(), person.to_string().into());
                head.supersedes = vec![person];
            }
            let id = put(f, made, &head, &[by]);
            made.enrolments.push(id);
        }
        1 => {
            let Some(of) = pick(&made.enrolments, c) else {
                return;
            };
            let by = if b % 4 == 0 {
                institution_seed(log)
            } else {
                author
            };
            let head = f.head(
                log,
                "revocation",
                by,
                object([("of", of.to_string().into())]),
            );
            put(f, made, &head, &[by]);
        }
        2 | 3 => {
            let pushers: Vec<&str> = HANDLES
                .iter()
                .enumerate()
                .filter(|(n, _)| c >> n & 1 == 1 || *n == at)
                .map(|(_, h)| *h)
                .collect();
            let mut head = f.repository(log, author, SLUGS[c as usize % 4], &pushers);
            if what % KINDS == 3 {
                head.item = root(made, aimed);
                if let Some(aimed) = &aimed {
                    head.supersedes = some(&made.same_item(&made.ids, aimed), a | 1);
                }
            }
            if b % 5 == 0 {
                // A cut of some log at its end, at its beginning, or one that its log does not bear out.
                let mut cut = f.cut(HANDLES[c as usize % 3]);
                match c % 4 {
                    0 => cut.root.0[0] ^= 1,
                    1 => {
                        cut = Cut {
                            size: 0,
                            root: crate::id::TreeRoot::empty(),
                            ..cut
                        };
                    }
                    _ => {}
                }
                let cuts = vec![cut.to_value()];
                head.fields.insert("cuts".to_owned(), cuts.into());
            }
            if b % 3 == 0 {
                let base: Vec<Value> = some(&made.pushes, c)
                    .iter()
                    .map(|i| i.to_string().into())
                    .collect();
                let rule = object([
                    ("pattern", REFS[c as usize % 4].into()),
                    ("threshold", Value::Int(1 + u64::from(c % 2))),
                    ("force", Value::Bool(c % 3 == 0)),
                    ("delete", Value::Bool(c % 5 == 0)),
                    ("base", base.into()),
                ]);
                head.fields
                    .insert("protected".to_owned(), vec![Value::Object(rule)].into());
            }
            let id = put(f, made, &head, &[author]);
            made.repositories.push(id);
        }
        4..=7 => {
            let (Some(policy), Some(item)) = (
                pick(&made.repositories, b.wrapping_add(c / 240)),
                root(made, aimed),
            ) else {
                return;
            };
            let pushed = made.same_item(&made.pushes, &item);
            let mut changes = vec![change(
                REFS[c as usize % 4],
                &some(&pushed, a.wrapping_mul(7) & 0x0f),
                a % 4,
                c % 6 + u8::from(a % 4 == 0 && c % 6 == 0),
                b % 3 == 0,
            )];
            if c % 7 == 0 {
                changes.push(change(REFS[(c as usize + 1) % 4], &[], 0, 7, false));
            }
            let person = if c % 11 == 0 {
                pick(&made.enrolments, c)
            } else {
                Some(admins[at])
            };
            let mut head = f.refs(log, person.unwrap(), item, policy, changes.clone());
            if c % 13 == 0 {
                let parsed: Vec<Change> = changes
                    .iter()
                    .map(|v| Change::read(Fields::new(v.as_object().unwrap())).unwrap())
                    .collect();
                let bytes = list::write_changes(&parsed).unwrap();
                let named = object([
                    ("sha256", list::hash(&bytes).to_string().into()),
                    ("size", Value::Int(bytes.len() as u64)),
                ]);
                head.fields.remove("changes");
                head.fields.insert("list".to_owned(), named.into());
                f.lists.push(bytes);
            }
            let id = put(f, made, &head, &[node_seed(log)]);
            made.pushes.push(id);
        }
        8 | 9 => {
            let mut head = f.resource(log, author, SLUGS[c as usize % 4]);
            if what % KINDS == 9 {
                head.item = root(made, aimed);
                if let Some(aimed) = &aimed {
                    head.supersedes = some(&made.same_item(&made.ids, aimed), a | 1);
                }
            }
            let id = put(f, made, &head, &[author]);
            made.resources.push(id);
        }
        10 => {
            let Some(item) = root(made, aimed) else {
                return;
            };
            let mut head = f.head(
                log,
                "withdrawal",
                author,
                object([("code", "error".into())]),
            );
            head.item = Some(item);
            if c % 4 == 0 {
                head.fields
                    .insert("release".to_owned(), SLUGS[c as usize / 4 % 4].into());
            }
            put(f, made, &head, &[author]);
        }
        11 => {
            let of: Vec<Value> = some(&made.ids, c | 1)
                .iter()
                .map(|i| i.to_string().into())
                .collect();
            let head = f.head(log, "erasure", author, object([("of", of.into())]));
            put(f, made, &head, &[author]);
        }
        12 => {
            let kind = if c % 2 == 0 { "haiku" } else { "offer" };
            let mut head = f.head(log, kind, author, object([("lines", Value::Int(3))]));
            head.item = pick(&made.resources, c);
            put(f, made, &head, &[author]);
        }
        13 => {
            let bytes = match c % 3 {
                0 => b"garbage".to_vec(),
                1 => {
                    // A known kind against its schema: no slug.
                    let mut head = f.resource(log, author, "un");
                    head.fields.remove("slug");
                    put(f, made, &head, &[author]);
                    return;
                }
                _ => {
                    let Some(mut entry) = f.logs[&handle(log)].last().cloned() else {
                        return;
                    };
                    let at = b as usize * entry.len() / 256;
                    entry[at] ^= 1 << (c % 7);
                    entry
                }
            };
            f.put_bytes(log, bytes);
        }
        14 => {
            let from = &f.logs[&handle(HANDLES[b as usize % 3])];
            let entry = from[c as usize * from.len() / 256].clone();
            f.put_bytes(log, entry);
        }
        15 => amend(f, b, c),
        16 => {
            let number = u64::from(b) % (f.amendments.len() as u64 + 1);
            let id = f
                .chain
                .get(number)
                .map_or(crate::id::CharterId([c; 32]), |x| x.1);
            f.marker(log, number, id);
        }
        22 | 23 => {
            let Some(item) = root(made, aimed) else {
                return;
            };
            let other = HANDLES[(at + 1 + b as usize % 2) % HANDLES.len()];
            let mut log = log;
            let mut item = item;
            let of = (!made.transfers.is_empty())
                .then(|| made.transfers[c as usize % made.transfers.len()]);
            let (kind, members) = match of {
                Some((of, to)) if what % KINDS == 23 => {
                    // Mostly by the one to whom it was handed.
                    if !c.is_multiple_of(5) {
                        (log, item) = (to, made.about[&of].1);
                    }
                    let slug = SLUGS[c as usize / 16 % 4].into();
                    let transfer = of.to_string().into();
                    (
                        "acceptance",
                        object([("transfer", transfer), ("slug", slug)]),
                    )
                }
                _ => ("transfer", object([("to", other.into())])),
            };
            let mut head = f.head(log, kind, admin_seed(log), members);
            head.item = Some(item);
            let id = put(f, made, &head, &[admin_seed(log)]);
            if kind == "transfer" {
                made.transfers.push((id, other));
            }
        }
        18..=21 => {
            let (Some(item), Some(aimed)) = (root(made, aimed), aimed) else {
                return;
            };
            let said = made.same_item(&made.talk, &aimed);
            let item = if c % 17 == 0 {
                pick(&made.ids, c).unwrap_or(item)
            } else {
                item
            };
            let openings = made.same_item(&made.openings, &aimed);
            let roots = if c % 7 == 0 { &said } else { &openings };
            let (kind, members) = talk(what % KINDS, c, &said, pick(roots, c / 8), aimed);
            let opens = what % KINDS <= 19
                && !members.contains_key("thread")
                && !members.contains_key("request");
            let mut head = f.head(log, kind, author, members);
            head.item = Some(item);
            if a % 3 != 0 {
                head.supersedes = some(&said, a.wrapping_mul(5) & 0x13);
            }
            let id = put(f, made, &head, &[author]);
            made.talk.push(id);
            if opens {
                made.openings.push(id);
            }
        }
        _ => {
            let of = if b % 2 == 0 {
                aimed
            } else {
                pick(&made.ids, c)
            };
            let Some(of) = of else { return };
            let fields = json::parse_object(
                format!(r#"{{"of":"{of}","text":[],"tool":"test"}}"#).as_bytes(),
            )
            .unwrap();
            if b % 2 == 0 {
                let mut head = f.head(log, "description", node_seed(log), fields);
                head.item = root(made, aimed);
                head.supersedes = some(&made.same_item(&made.ids, &of), c);
                if head.item.is_some() {
                    put(f, made, &head, &[node_seed(log)]);
                }
            } else {
                let mut head = f.head(log, "profile", author, object([]));
                if c % 2 == 0 {
                    head.fields.insert(
                        "of".to_owned(),
                        pick(&made.enrolments, c).unwrap().to_string().into(),
                    );
                }
                head.supersedes = some(&made.ids, c);
                put(f, made, &head, &[author]);
            }
        }
    }
}

/// A thread, a merge request, a review or an adoption: its kind and members.
fn talk(
    what: u8,
    c: u8,
    said: &[StatementId],
    root: Option<StatementId>,
    version: StatementId,
) -> (&'static str, json::Object) {
    let mut members = object([]);
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    let earlier = root.map(|id| Value::from(id.to_string()));
    let state = Value::from(["open", "closed"][c as usize % 2]);
    match what {
        18 => {
            match (c % 4, earlier) {
                (0, _) | (_, None) => put("labels", vec!["bug".into()].into()),
                (1, Some(root)) => {
                    put("thread", root);
                    put("state", state);
                }
                (_, Some(root)) => {
                    put("thread", root);
                    if let Some(to) = pick(said, c / 3).filter(|_| c.is_multiple_of(5)) {
                        put("reply_to", to.to_string().into());
                    }
                }
            }
            ("thread", members)
        }
        19 => {
            match (c % 4, earlier) {
                (0, _) | (_, None) => {}
                (1, Some(root)) => {
                    put("request", root);
                    put("state", state);
                    return ("merge-request", members);
                }
                (_, Some(root)) => put("request", root),
            }
            put("target", "refs/heads/main".into());
            put("new", format!("{:x}", c % 9 + 1).repeat(40).into());
            ("merge-request", members)
        }
        20 => {
            let of = earlier.filter(|_| !c.is_multiple_of(3));
            put("of", of.unwrap_or(version.to_string().into()));
            let verdict = ["approve", "reject", "comment"][c as usize % 3];
            put("verdict", verdict.into());
            ("review", members)
        }
        _ => {
            put("version", "1.0".into());
            put("since", "2026-09-01".into());
            let status = ["in-use", "testing", "withdrawn"][c as usize % 3];
            put("status", status.into());
            ("adoption", members)
        }
    }
}

/// Another name, fewer licences, other keys for bb, or cc removed.
fn amend(f: &mut Federation, b: u8, c: u8) {
    let mut next = f.draft();
    let find = |h: &str| next.institutions.iter().position(|i| i.handle == handle(h));
    let (bb, cc) = (find("bb"), find("cc"));
    match b % 4 {
        0 => next.name = format!("Essai {c}"),
        1 => next.licences = vec!["MIT".to_owned()],
        2 => {
            let Some(bb) = bb else { return };
            let seed = 200 + c % 50;
            let before = next.institutions[bb].keys.clone();
            next.institutions[bb].keys = vec![key(seed).public()];
            if before == next.institutions[bb].keys {
                return;
            }
            next.cuts.push(f.cut("bb"));
            f.amend(&next);
            f.signing.push(seed);
            return;
        }
        _ => {
            let Some(cc) = cc else { return };
            next.institutions.remove(cc);
            next.cuts.push(f.cut("cc"));
        }
    }
    f.amend(&next);
}
