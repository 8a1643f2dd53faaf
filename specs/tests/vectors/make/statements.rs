//! Section 2: heads, kinds, lists.

use serde_json::{Value, json};

use super::case;
use crate::{
    federation::{Federation, change, key, object},
    id::{BodyHash, CommonsId, StatementId, sha256},
    json as strict,
    key::SecretKey,
    list,
    name::Handle,
    statement::{Change, Fields, Head},
};

fn id(n: u8) -> StatementId {
    StatementId(sha256(&[&[n]]))
}

/// A member, and the JSON that takes its place; `None` removes it.
type Edit<'a> = (&'a str, Option<&'a str>);

/// A head's payload with members replaced (a text of JSON) or removed (`None`).
fn payload(base: &Head, edits: &[Edit]) -> String {
    let bytes = base.to_payload().unwrap();
    let mut object: serde_json::Map<String, Value> = serde_json::from_slice(&bytes).unwrap();
    for (name, value) in edits {
        match value {
            Some(v) => object.insert((*name).to_owned(), serde_json::from_str(v).unwrap()),
            None => object.remove(*name),
        };
    }
    Value::Object(object).to_string()
}

fn ids(list: &[StatementId]) -> String {
    json!(list.iter().map(ToString::to_string).collect::<Vec<_>>()).to_string()
}

fn sorted(count: u8) -> Vec<StatementId> {
    let mut list: Vec<StatementId> = (0..count).map(id).collect();
    list.sort();
    list
}

fn base_head() -> Head {
    Head::new(
        "haiku",
        CommonsId(sha256(&[b"commons"])),
        Handle::new("univ-a").unwrap(),
        [9; 16],
        key(1).public(),
        1_700_000_000,
        strict::Object::new(),
    )
}

pub(super) fn heads(out: &mut Vec<Value>) {
    let base = base_head();
    let mut full = base.clone();
    full.item = Some(id(1));
    full.acting_for = Some(id(2));
    full.supersedes = sorted(16);
    full.body = Some(BodyHash([3; 32]));
    full.fields = object([("more", strict::Value::Bool(true))]);
    for (rule, comment, text, known) in [
        (
            "R-02-02",
            "the members that every head has",
            payload(&base, &[]),
            true,
        ),
        (
            "R-02-02",
            "every common member, and one of a kind",
            payload(&full, &[]),
            true,
        ),
        (
            "R-02-07",
            "another version is kept and not read",
            r#"{"v":2,"x":[]}"#.to_owned(),
            false,
        ),
    ] {
        let more = json!({"payload": text, "known": known});
        out.push(case(rule, comment, true, more));
    }
    let mut backwards = sorted(2);
    backwards.reverse();
    let (backwards, many) = (ids(&backwards), ids(&sorted(17)));
    let twice = ids(&[id(1), id(1)]);
    let commons = json!(base.commons.to_string().to_uppercase()).to_string();
    let long = json!("a".repeat(65)).to_string();
    let bad: [(&str, &str, Vec<Edit>, &str); 18] = [
        ("R-02-02", "no version", vec![("v", None)], "missing"),
        (
            "R-02-02",
            "a version that is a text",
            vec![("v", Some("\"1\""))],
            "type",
        ),
        ("R-02-02", "no nonce", vec![("nonce", None)], "missing"),
        (
            "R-02-02",
            "a nonce of 15 bytes",
            vec![("nonce", Some("\"aaaaaaaaaaaaaaaaaaaaaaaa\""))],
            "nonce",
        ),
        ("R-02-02", "no author", vec![("author", None)], "missing"),
        (
            "R-02-02",
            "an author that is no key",
            vec![("author", Some("\"did:web:example.org\""))],
            "key",
        ),
        (
            "R-02-02",
            "a commons id in upper case",
            vec![("commons", Some(&commons))],
            "id",
        ),
        (
            "R-02-02",
            "a handle that is reserved",
            vec![("institution", Some("\"api\""))],
            "handle",
        ),
        (
            "R-02-02",
            "a handle in upper case",
            vec![("institution", Some("\"Univ-a\""))],
            "handle",
        ),
        (
            "R-02-02",
            "a time that is a text",
            vec![("time", Some("\"now\""))],
            "type",
        ),
        (
            "R-02-02",
            "an item that is no id",
            vec![("item", Some("\"algebre\""))],
            "id",
        ),
        ("R-02-02", "for nobody", vec![("for", Some("\"\""))], "id"),
        (
            "R-02-02",
            "a kind in upper case",
            vec![("kind", Some("\"Haiku\""))],
            "kind",
        ),
        (
            "R-02-02",
            "a kind of 65 letters",
            vec![("kind", Some(&long))],
            "kind",
        ),
        (
            "R-02-02",
            "an empty list of what it supersedes",
            vec![("supersedes", Some("[]"))],
            "supersedes",
        ),
        (
            "R-02-02",
            "supersedes out of order",
            vec![("supersedes", Some(&backwards))],
            "supersedes",
        ),
        (
            "R-02-02",
            "supersedes one twice",
            vec![("supersedes", Some(&twice))],
            "supersedes",
        ),
        (
            "R-02-02",
            "supersedes 17",
            vec![("supersedes", Some(&many))],
            "supersedes",
        ),
    ];
    for (rule, comment, edits, error) in bad {
        let more = json!({"payload": payload(&base, &edits), "error": error});
        out.push(case(rule, comment, false, more));
    }
    let more =
        json!({"payload": payload(&base, &[]).replace(":1700000000", ":1.7e9"), "error": "syntax"});
    out.push(case(
        "R-02-01",
        "a payload that is not strict JSON",
        false,
        more,
    ));

    let seal = |keys: &[&SecretKey]| {
        use crate::envelope::{Envelope, PayloadType};
        let payload = base.to_payload().unwrap();
        let bytes = Envelope::seal(PayloadType::Statement, payload, keys).to_bytes();
        String::from_utf8(bytes).unwrap()
    };
    let (author, other) = (key(1), key(2));
    let entry = |entry: String, commons: CommonsId, log: &str| json!({"entry": entry, "commons": commons.to_string(), "log": log});
    let (here, elsewhere) = (base.commons, CommonsId([1; 32]));
    let good = entry(seal(&[&author, &other]), here, "univ-a");
    out.push(case("R-02-05", "the author and another sign", true, good));
    for (rule, comment, mut more, error) in [
        (
            "R-02-05",
            "only another signs",
            entry(seal(&[&other]), here, "univ-a"),
            "author",
        ),
        (
            "R-02-06",
            "in the log of another institution",
            entry(seal(&[&author]), here, "univ-b"),
            "log",
        ),
        (
            "R-02-06",
            "in the log of another commons",
            entry(seal(&[&author]), elsewhere, "univ-a"),
            "log",
        ),
    ] {
        more["error"] = error.into();
        out.push(case(rule, comment, false, more));
    }
}

pub(super) fn kinds(out: &mut Vec<Value>) {
    let mut f = Federation::new();
    let i = id(1).to_string();
    let root = crate::id::TreeRoot::empty().to_string();
    let hash = "00".repeat(32);
    let oid = "a".repeat(40);
    let did = key(5).public().to_string();
    let cut = format!(r#"{{"epoch":0,"institution":"aa","root":"{root}","size":0}}"#);
    let rule = format!(
        r#"{{"base":["{i}"],"delete":false,"force":false,"pattern":"refs/heads/*","threshold":1}}"#
    );
    let moved = format!(r#"{{"forced":false,"new":"{oid}","over":[],"ref":"refs/heads/main"}}"#);
    let repository = format!(
        r#"{{"cuts":[{cut}],"default_branch":"main","licence":"MIT","object_format":"sha1","protected":[{rule}],"pushers":[{{"institution":"aa"}},{{"institution":"bb","persons":["{i}"]}}],"slug":"outil"}}"#
    );
    let resource = format!(
        r#"{{"derived_from":[{{"item":"{i}","version":"{i}"}}],"files":{{"blake3":"{hash}","count":1,"size":3}},"licence":"CC-BY-4.0","record":{{"blake3":"{hash}"}},"slug":"cours"}}"#
    );
    let person = format!(
        r#"{{"custody":"self","key":"{did}","not_after":9,"person":"{i}","roles":["admin","of-a-later-release"],"type":"person"}}"#
    );
    let node = format!(
        r#"{{"addrs":["/ip4/127.0.0.1/tcp/1"],"key":"{did}","not_after":9,"type":"node","urls":["http://127.0.0.1:1"]}}"#
    );
    let refs = format!(r#"{{"changes":[{moved}],"policy":"{i}"}}"#);
    let listed = format!(r#"{{"list":{{"sha256":"{i}","size":9}},"policy":"{i}"}}"#);
    let description = format!(
        r#"{{"commit":"{oid}","of":"{i}","text":[{{"blake3":"{hash}","size":3}}],"tool":"commun 0.1"}}"#
    );
    let pictured = format!(
        r#"{{"of":"{i}","picture":{{"blake3":"{hash}","size":3,"type":"image/png"}},"text":[],"tool":"commun 0.1"}}"#
    );
    let untyped = format!(r#","picture":{{"blake3":"{hash}","size":3}},"text""#);
    let withdrawal = format!(r#"{{"code":"error","of":"{i}","release":"cours"}}"#);
    let marker = format!(r#"{{"charter":"{i}","number":0}}"#);
    let one = format!(r#"{{"of":"{i}"}}"#);
    let some = format!(r#"{{"of":["{i}"]}}"#);

    let comment = format!(r#"{{"reply_to":"{i}","thread":"{i}"}}"#);
    let change = format!(r#"{{"labels":["bug","easy"],"state":"closed","thread":"{i}"}}"#);
    let opening = r#"{"labels":["bug"]}"#.to_owned();
    let request = format!(r#"{{"new":"{oid}","target":"refs/heads/main"}}"#);
    let version = format!(r#"{{"new":"{oid}","request":"{i}","target":"refs/heads/main"}}"#);
    let closed = format!(r#"{{"request":"{i}","state":"closed"}}"#);
    let review = format!(r#"{{"of":"{i}","verdict":"approve"}}"#);
    let collection = format!(r#"{{"members":["{i}"],"slug":"semestre-1"}}"#);
    let long_collection =
        format!(r#"{{"list":{{"sha256":"{i}","size":9000}},"slug":"semestre-1"}}"#);
    let report = format!(r#"{{"code":"rights","of":"{i}"}}"#);
    let adoption = r#"{"since":"2026-09-01","status":"in-use","version":"1.0"}"#.to_owned();

    let transfer = r#"{"to":"bb"}"#.to_owned();
    let acceptance = format!(r#"{{"slug":"outil","transfer":"{i}"}}"#);

    // kind, rule, whether it names an item, its own members.
    let good: [(&str, &str, bool, &str); 30] = [
        ("charter-marker", "R-02-11", false, &marker),
        ("enrolment", "R-02-12", false, &person),
        ("enrolment", "R-02-12", false, &node),
        ("revocation", "R-02-13", false, &one),
        ("profile", "R-02-13", false, &one),
        ("repository", "R-02-14", false, &repository),
        ("refs", "R-02-15", true, &refs),
        ("refs", "R-02-15", true, &listed),
        ("resource", "R-02-16", false, &resource),
        ("description", "R-02-17", true, &description),
        ("description", "R-02-17", true, &pictured),
        ("withdrawal", "R-02-18", true, &withdrawal),
        ("erasure", "R-02-19", false, &some),
        ("thread", "R-02-21", true, "{}"),
        ("thread", "R-02-21", true, &opening),
        ("thread", "R-02-21", true, &comment),
        ("thread", "R-02-21", true, &change),
        ("merge-request", "R-02-22", true, &request),
        ("merge-request", "R-02-22", true, &version),
        ("merge-request", "R-02-22", true, &closed),
        ("review", "R-02-23", true, &review),
        ("adoption", "R-02-24", true, &adoption),
        ("transfer", "R-02-25", true, &transfer),
        ("acceptance", "R-02-26", true, &acceptance),
        ("collection", "R-02-27", false, &collection),
        ("collection", "R-02-27", false, &long_collection),
        (
            "collection",
            "R-02-27",
            false,
            r#"{"members":[],"slug":"vide"}"#,
        ),
        ("report", "R-02-28", true, &report),
        ("report", "R-02-28", true, r#"{"code":"rights"}"#),
        ("offer", "R-02-07", true, "{}"),
    ];
    let mut head = |kind: &str, item: bool, members: &str| {
        let members = strict::parse_object(members.as_bytes()).unwrap();
        let mut head = f.head("aa", kind, 1, members);
        head.item = item.then(|| id(9));
        String::from_utf8(head.to_payload().unwrap()).unwrap()
    };
    for (kind, rule, item, members) in good {
        let known = kind != "offer";
        let more = json!({"payload": head(kind, item, members), "known": known});
        out.push(case(rule, &format!("a {kind}"), true, more));
    }
    let more = json!({"payload": head("profile", false, r#"{"later":{"x":[1]}}"#), "known": true});
    out.push(case(
        "R-02-08",
        "a member that the kind does not know is ignored",
        true,
        more,
    ));

    // kind, rule, what is wrong, where it stands in the valid one, what stands there instead.
    let backwards = {
        let mut two = sorted(2);
        two.reverse();
        ids(&two)
    };
    let over = format!("\"over\":{}", backwards);
    let again = format!("{moved},{moved}");
    let many: Vec<String> = (0..101)
        .map(|n| moved.replace("main", &format!("b{n}")))
        .collect();
    let many = many.join(",");
    let bad: [(&str, &str, &str, &str, &str, &str); 57] = [
        (
            "charter-marker",
            "R-02-11",
            "no charter",
            &marker,
            &format!(r#""charter":"{i}","#),
            "",
        ),
        (
            "enrolment",
            "R-02-12",
            "neither node nor person",
            &person,
            r#""type":"person""#,
            r#""type":"robot""#,
        ),
        (
            "enrolment",
            "R-02-12",
            "a custody that is none",
            &person,
            r#""custody":"self""#,
            r#""custody":"cloud""#,
        ),
        (
            "enrolment",
            "R-02-12",
            "a key that is none",
            &person,
            &did,
            "did:key:z6Mk",
        ),
        (
            "enrolment",
            "R-02-12",
            "a node without addresses",
            &node,
            r#""addrs":["/ip4/127.0.0.1/tcp/1"],"#,
            "",
        ),
        ("revocation", "R-02-13", "of nothing", &one, &i, "x"),
        (
            "repository",
            "R-02-14",
            "a slug with a space",
            &repository,
            r#""outil""#,
            r#""un outil""#,
        ),
        (
            "repository",
            "R-02-14",
            "a slug that is reserved",
            &repository,
            r#""outil""#,
            r#""files""#,
        ),
        (
            "repository",
            "R-02-14",
            "no licence",
            &repository,
            r#""licence":"MIT""#,
            r#""licence":"""#,
        ),
        (
            "repository",
            "R-02-14",
            "another object format",
            &repository,
            r#""sha1""#,
            r#""md5""#,
        ),
        (
            "repository",
            "R-02-14",
            "a default branch that Git refuses",
            &repository,
            r#":"main""#,
            r#":"a..b""#,
        ),
        (
            "repository",
            "R-02-14",
            "an institution twice",
            &repository,
            r#"{"institution":"aa"}"#,
            r#"{"institution":"bb"}"#,
        ),
        (
            "repository",
            "R-02-14",
            "a threshold of 0",
            &repository,
            r#""threshold":1"#,
            r#""threshold":0"#,
        ),
        (
            "repository",
            "R-02-14",
            "a pattern with a star inside",
            &repository,
            "refs/heads/*",
            "refs/*/main",
        ),
        (
            "repository",
            "R-02-14",
            "a cut without its root",
            &repository,
            &format!(r#""root":"{root}","#),
            "",
        ),
        (
            "refs",
            "R-02-15",
            "neither changes nor a list",
            &refs,
            &format!(r#""changes":[{moved}],"#),
            "",
        ),
        ("refs", "R-02-15", "no change", &refs, &moved, ""),
        ("refs", "R-02-15", "a ref twice", &refs, &moved, &again),
        (
            "refs",
            "R-02-15",
            "101 changes in the head",
            &refs,
            &moved,
            &many,
        ),
        (
            "refs",
            "R-02-15",
            "neither old nor new",
            &refs,
            &format!(r#""new":"{oid}","#),
            "",
        ),
        (
            "refs",
            "R-02-15",
            "an oid in upper case",
            &refs,
            &oid,
            &oid.to_uppercase(),
        ),
        (
            "refs",
            "R-02-15",
            "an oid of zeros",
            &refs,
            &oid,
            &"0".repeat(40),
        ),
        (
            "refs",
            "R-02-15",
            "over out of order",
            &refs,
            r#""over":[]"#,
            &over,
        ),
        (
            "refs",
            "R-02-15",
            "a list over 8 MiB",
            &listed,
            r#""size":9"#,
            r#""size":8388609"#,
        ),
        (
            "resource",
            "R-02-16",
            "no files",
            &resource,
            r#""files""#,
            r#""fichiers""#,
        ),
        (
            "resource",
            "R-02-16",
            "a hash in upper case",
            &resource,
            &hash,
            &"AA".repeat(32),
        ),
        (
            "description",
            "R-02-17",
            "no tool",
            &description,
            r#","tool":"commun 0.1""#,
            "",
        ),
        (
            "description",
            "R-02-17",
            "a picture of no type",
            &description,
            r#","text""#,
            &untyped,
        ),
        (
            "withdrawal",
            "R-02-18",
            "no code",
            &withdrawal,
            r#""code":"error","#,
            "",
        ),
        (
            "erasure",
            "R-02-19",
            "of nothing",
            &some,
            &format!("\"{i}\""),
            "",
        ),
        (
            "erasure",
            "R-02-19",
            "one twice",
            &some,
            &format!("\"{i}\""),
            &format!("\"{i}\",\"{i}\""),
        ),
        (
            "collection",
            "R-02-27",
            "members and a list",
            &collection,
            r#""slug""#,
            &format!(r#""list":{{"sha256":"{i}","size":9000}},"slug""#),
        ),
        (
            "collection",
            "R-02-27",
            "neither members nor a list",
            &collection,
            &format!(r#""members":["{i}"],"#),
            "",
        ),
        (
            "collection",
            "R-02-27",
            "an item twice",
            &collection,
            &format!("\"{i}\""),
            &format!("\"{i}\",\"{i}\""),
        ),
        (
            "collection",
            "R-02-27",
            "too large a list",
            &long_collection,
            "9000",
            "8388609",
        ),
        (
            "report",
            "R-02-28",
            "without a code",
            &report,
            r#""code":"rights","#,
            "",
        ),
        (
            "report",
            "R-02-28",
            "a code of nothing",
            &report,
            "rights",
            "",
        ),
        (
            "thread",
            "R-02-21",
            "a state in an opening",
            &opening,
            r#""labels":["bug"]"#,
            r#""state":"open""#,
        ),
        (
            "thread",
            "R-02-21",
            "an opening that answers",
            &opening,
            r#""labels":["bug"]"#,
            &format!(r#""reply_to":"{i}""#),
        ),
        (
            "thread",
            "R-02-21",
            "a label in upper case",
            &opening,
            "bug",
            "Bug",
        ),
        (
            "thread",
            "R-02-21",
            "a label of 41 letters",
            &opening,
            "bug",
            &"a".repeat(41),
        ),
        (
            "thread",
            "R-02-21",
            "labels out of order",
            &change,
            r#""bug","easy""#,
            r#""easy","bug""#,
        ),
        ("thread", "R-02-21", "a label twice", &change, "easy", "bug"),
        (
            "thread",
            "R-02-21",
            "a state that is none",
            &change,
            "closed",
            "merged",
        ),
        (
            "thread",
            "R-02-21",
            "a state that answers",
            &change,
            r#""state":"closed""#,
            &format!(r#""reply_to":"{i}","state":"closed""#),
        ),
        (
            "merge-request",
            "R-02-22",
            "into a tag",
            &request,
            "refs/heads/main",
            "refs/tags/v1",
        ),
        (
            "merge-request",
            "R-02-22",
            "of no commit",
            &request,
            &format!(r#""new":"{oid}","#),
            "",
        ),
        (
            "merge-request",
            "R-02-22",
            "a state of none",
            &closed,
            &format!(r#""request":"{i}","#),
            "",
        ),
        (
            "merge-request",
            "R-02-22",
            "a state and a commit",
            &closed,
            r#""state""#,
            &format!(r#""new":"{oid}","state""#),
        ),
        (
            "review",
            "R-02-23",
            "a verdict that is none",
            &review,
            "approve",
            "yes",
        ),
        (
            "review",
            "R-02-23",
            "of nothing",
            &review,
            &format!(r#""of":"{i}","#),
            "",
        ),
        (
            "adoption",
            "R-02-24",
            "since a month",
            &adoption,
            "2026-09-01",
            "2026-09",
        ),
        (
            "adoption",
            "R-02-24",
            "since a day that does not exist",
            &adoption,
            "2026-09-01",
            "2026-02-30",
        ),
        (
            "adoption",
            "R-02-24",
            "a status that is none",
            &adoption,
            "in-use",
            "loved",
        ),
        (
            "transfer",
            "R-02-25",
            "to no handle",
            &transfer,
            "bb",
            "B b",
        ),
        (
            "acceptance",
            "R-02-26",
            "of no transfer",
            &acceptance,
            &i,
            "x",
        ),
        (
            "acceptance",
            "R-02-26",
            "under a slug that is reserved",
            &acceptance,
            "outil",
            "versions",
        ),
    ];
    for (kind, rule, comment, members, from, to) in bad {
        assert!(members.contains(from), "{kind}: {from}");
        let item = !matches!(
            kind,
            "charter-marker"
                | "enrolment"
                | "revocation"
                | "repository"
                | "resource"
                | "erasure"
                | "collection"
        );
        let resorted: Value = serde_json::from_str(&members.replace(from, to)).unwrap();
        let mut more =
            json!({"payload": head(kind, item, &resorted.to_string()), "error": "schema"});
        let beyond = [
            "a ref twice",
            "an institution twice",
            "over out of order",
            "labels out of order",
            "since a day that does not exist",
        ];
        if beyond.contains(&comment) {
            more["tags"] = json!(["beyond-schema"]);
        }
        out.push(case(rule, &format!("a {kind}: {comment}"), false, more));
    }
    for (kind, members) in [
        ("refs", &refs),
        ("description", &description),
        ("withdrawal", &withdrawal),
        ("thread", &comment),
        ("merge-request", &request),
        ("review", &review),
        ("adoption", &adoption),
        ("transfer", &transfer),
        ("acceptance", &acceptance),
        ("report", &report),
    ] {
        let more = json!({"payload": head(kind, false, members), "error": "schema"});
        out.push(case(
            "R-02-09",
            &format!("a {kind} of no item"),
            false,
            more,
        ));
    }
    for name in [
        "refs/heads/main",
        "refs/tags/v1.0",
        "refs/heads/été/α",
        "refs/heads/a-b_c+d",
    ] {
        out.push(case("R-02-20", "a ref's name", true, json!({"ref": name})));
    }
    for name in [
        "HEAD",
        "refs/for/main",
        "refs/diverged/aa/heads/main",
        "refs/heads/",
        "refs/heads/a..b",
        "refs/heads/-x",
        "refs/heads/.a",
        "refs/heads/a.",
        "refs/heads/A.LOCK/b",
        "refs/heads/a//b",
        "refs/heads/a b",
        "refs/heads/a\u{202e}b",
        "refs/heads/a\u{200b}b",
        "refs/heads/con",
        "refs/heads/LPT1.txt",
        "refs/heads/a@{1}",
        "refs/heads/@",
        "refs/heads/a~1",
        "refs/heads/a:b",
        "refs/heads/a\\b",
        "refs/heads/\u{7f}",
    ] {
        let more = json!({"ref": name, "error": "ref"});
        out.push(case("R-02-20", "not a ref's name", false, more));
    }
    let long = format!("refs/heads/{}", "a".repeat(190));
    out.push(case(
        "R-02-20",
        "201 bytes",
        false,
        json!({"ref": long, "error": "ref"}),
    ));
}

pub(super) fn lists(out: &mut Vec<Value>) {
    let changes: Vec<Change> = (1..=120u8)
        .map(|n| {
            let v = change(&format!("refs/heads/b{n}"), &[id(n)], 1, 2, false);
            Change::read(Fields::new(v.as_object().unwrap())).unwrap()
        })
        .collect();
    let bytes = list::write_changes(&changes).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let hash = list::hash(&bytes).to_string();
    let more = json!({"list": text, "changes": 120, "sha256": hash});
    out.push(case("R-02-32", "120 changes", true, more));
    let members: Vec<StatementId> = (1..=120u8).map(id).collect();
    let bytes = list::write_members(&members).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let hash = list::hash(&bytes).to_string();
    let more = json!({"list": text, "members": 120, "sha256": hash});
    out.push(case("R-02-33", "120 members", true, more));
    let member_twice = list::write_members(&[id(1), id(1)]).unwrap();
    let twice = list::write_changes(&[changes[0].clone(), changes[0].clone()]).unwrap();
    for (rule, comment, text, error) in [
        (
            "R-02-32",
            "a ref twice",
            String::from_utf8(twice).unwrap(),
            "ref",
        ),
        (
            "R-02-32",
            "no change",
            r#"{"changes":[]}"#.to_owned(),
            "empty",
        ),
        (
            "R-02-32",
            "another list",
            r#"{"oids":[]}"#.to_owned(),
            "member",
        ),
        (
            "R-02-33",
            "a member twice",
            String::from_utf8(member_twice).unwrap(),
            "member",
        ),
        (
            "R-02-33",
            "no member",
            r#"{"members":[]}"#.to_owned(),
            "empty",
        ),
        (
            "R-02-31",
            "white space",
            r#"{"changes": []}"#.to_owned(),
            "syntax",
        ),
    ] {
        out.push(case(
            rule,
            comment,
            false,
            json!({"list": text, "error": error}),
        ));
    }
}
