//! `commun verify` and `commun log`: real signatures, and what happens to a changed byte.

use commun_specs::{
    files::{FileEntry, FileList, FilePath},
    id::{CommonsId, ContentHash, StatementId, base32, sha256},
    json::{Object, Value as Strict},
    key::SecretKey,
    name::Handle,
    note::{Checkpoint, Origin},
    statement::{Body, Head, Statement, sign},
    tree::{self, Pending},
};
use serde_json::{Value, json};

use crate::{
    fake::{Answer, Node},
    program::type_in,
};

struct Commons {
    id: CommonsId,
    handle: Handle,
    writer: SecretKey,
}

impl Commons {
    fn new() -> Commons {
        Commons {
            id: CommonsId(sha256(&[b"commons"])),
            handle: Handle::new("univ-a").unwrap(),
            writer: SecretKey::from_seed([1; 32]),
        }
    }

    fn head(&self, kind: &str, nonce: u8, fields: Object) -> Head {
        Head::new(
            kind,
            self.id,
            self.handle.clone(),
            [nonce; 16],
            self.writer.public(),
            7,
            fields,
        )
    }

    fn sign(&self, head: &Head) -> Vec<u8> {
        sign(head, &[&self.writer]).unwrap()
    }
}

fn text(text: &str) -> Strict {
    Strict::Text(text.to_owned())
}

fn list() -> FileList {
    let content = b"hello";
    let entry = FileEntry {
        path: FilePath::new("a.txt").unwrap(),
        size: content.len() as u64,
        media_type: "text/plain".into(),
        blake3: ContentHash::of(content),
    };
    FileList::new(vec![entry]).unwrap()
}

/// A resource's statement and its body.
fn resource(commons: &Commons) -> (Vec<u8>, Body) {
    let body = Body {
        salt: [9; 32],
        bytes: "{\"title\":\"Été\"}".into(),
    };
    let files = Object::from([
        ("blake3".to_owned(), text(&list().root().to_string())),
        ("count".to_owned(), Strict::Int(1)),
        ("size".to_owned(), Strict::Int(5)),
    ]);
    let fields = Object::from([
        ("slug".to_owned(), text("course")),
        ("licence".to_owned(), text("MIT")),
        ("files".to_owned(), Strict::Object(files)),
        ("derived_from".to_owned(), Strict::List(Vec::new())),
    ]);
    let mut head = commons.head("resource", 1, fields);
    head.body = Some(body.hash());
    (commons.sign(&head), body)
}

/// The node's answers for one item.
fn item_node(id: StatementId, statements: Value, files: Value) -> Node {
    let id = id.to_string();
    Node::start(move |_, request| {
        match request
            .target
            .strip_prefix("/api/v1/items/")
            .unwrap_or_default()
        {
            "univ-a/course" => {
                Answer::json(json!({"id": id, "name": "univ-a/course", "type": "resource"}))
            }
            path if path == format!("{id}/statements") => Answer::json(statements.clone()),
            path if path == format!("{id}/files") => Answer::json(json!({"files": files})),
            _ => Answer::problem(404, "Not found", ""),
        }
    })
}

fn file(path: &str, hash: ContentHash) -> Value {
    json!([{"path": path, "size": 5, "type": "text/plain", "blake3": hash.to_string()}])
}

#[test]
fn an_item_is_verified_and_any_change_is_found() {
    let home = tempfile::tempdir().unwrap();
    let commons = Commons::new();
    let (entry, body) = resource(&commons);
    let id = Statement::open(&entry).unwrap().id;
    let envelope: Value = serde_json::from_slice(&entry).unwrap();
    let salt = base32(&body.salt);
    let words = String::from_utf8(body.bytes.clone()).unwrap();
    let good = json!({"institution": "univ-a", "position": 3, "salt": salt, "envelope": envelope, "body": words});
    let files = file("a.txt", ContentHash::of(b"hello"));
    let check = |statements: Value, files: &Value| {
        let node = item_node(id, statements, files.clone());
        type_in(home.path(), &node.url, "verify univ-a/course")
    };
    let (code, out, talk) = check(json!([good]), &files);
    assert_eq!(code, 0, "{talk}");
    assert!(
        out.contains("body holds") && out.contains("the list is signed"),
        "{out}"
    );

    // The body may be written in base64, and be absent.
    let mut other = good.clone();
    other["body"] = data_encoding::BASE64.encode(&body.bytes).into();
    other["salt"] = data_encoding::BASE64.encode(&body.salt).into();
    assert_eq!(check(json!([other]), &files).0, 0);
    let mut absent = good.clone();
    absent["body"] = Value::Null;
    absent["salt"] = Value::Null;
    assert_eq!(check(json!([absent]), &files).0, 0);

    let bend = |bend: &dyn Fn(&mut Value)| {
        let mut bent = good.clone();
        bend(&mut bent);
        check(json!([bent]), &files).0
    };
    assert_eq!(
        bend(&|s| s["body"] = "{\"title\":\"Ete\"}".into()),
        1,
        "another body"
    );
    assert_eq!(
        bend(&|s| s["salt"] = base32(&[8; 32]).into()),
        1,
        "another salt"
    );
    assert_eq!(
        bend(&|s| s["institution"] = "univ-b".into()),
        1,
        "another institution"
    );
    assert_eq!(
        bend(&|s| s["envelope"]["signatures"][0]["sig"] = "AAAA".into()),
        1,
        "another signature"
    );
    assert_eq!(
        bend(&|s| s["envelope"]["payload"] = data_encoding::BASE64.encode(b"{}").into()),
        1,
        "another payload"
    );
    assert_eq!(check(json!([]), &files).0, 1, "no statement");
    assert_eq!(
        check(json!([good]), &file("a.txt", ContentHash::of(b"other"))).0,
        1,
        "another file"
    );
    assert_eq!(
        check(json!([good]), &file("b.txt", ContentHash::of(b"hello"))).0,
        1,
        "another name"
    );

    // A statement that holds, but about something else.
    let stranger = commons.sign(&commons.head("erasure", 2, Object::new()));
    let stranger = json!({"institution": "univ-a", "position": 4, "envelope": serde_json::from_slice::<Value>(&stranger).unwrap()});
    assert_eq!(check(json!([good, stranger]), &files).0, 1);
}

/// A node with a log of these entries; `say` may change what it says.
fn log_node(
    commons: &Commons,
    entries: Vec<Vec<u8>>,
    writer: &SecretKey,
    say: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + 'static,
) -> Node {
    let mut hashes: Vec<[u8; 32]> = Vec::new();
    let stored = {
        let mut tree = Pending::on(&hashes, 0);
        for (n, entry) in entries.iter().enumerate() {
            tree::append(&mut tree, n as u64, tree::leaf_hash(entry)).unwrap();
        }
        tree.into_new().1
    };
    hashes.extend(stored);
    let size = entries.len() as u64;
    let origin = Origin {
        commons: commons.id,
        handle: commons.handle.clone(),
        epoch: 0,
    };
    let checkpoint = Checkpoint {
        origin,
        size,
        root: tree::root(&hashes, size).unwrap(),
    };
    let note = checkpoint.sign(&commons.writer).to_bytes();
    let status = json!({"handle": "univ-a", "commons": {"id": commons.id.to_string()},
        "logs": [{"handle": "univ-a", "size": size, "state": "ok"}]});
    let institution = json!({"handle": "univ-a", "node": writer.public().to_string()});
    Node::start(move |_, request| {
        let bytes = match request.target.as_str() {
            "/api/v1/status" => return Answer::json(status.clone()),
            "/api/v1/institutions" => return Answer::json(json!({"institutions": [institution]})),
            "/api/v1/institutions/univ-a" => return Answer::json(institution.clone()),
            "/log/univ-a/checkpoint" => note.clone(),
            path => {
                let Some(tile) = path.strip_prefix("/log/univ-a/tile/entries/") else {
                    return Answer::problem(404, "Not found", "");
                };
                let (index, width) = tile.split_once(".p/").unwrap_or((tile, "256"));
                let (first, width): (usize, usize) = (
                    index.parse::<usize>().unwrap() * 256,
                    width.parse().unwrap(),
                );
                let mut bytes = Vec::new();
                for entry in &entries[first..first + width] {
                    bytes.extend(u16::try_from(entry.len()).unwrap().to_be_bytes());
                    bytes.extend(entry);
                }
                bytes
            }
        };
        Answer::bytes(&say(&request.target, bytes))
    })
}

#[test]
fn a_log_is_verified_to_its_root_and_any_change_is_found() {
    let home = tempfile::tempdir().unwrap();
    let commons = Commons::new();
    let mut entries: Vec<Vec<u8>> = (0..300u16)
        .map(|n| {
            let mut head = commons.head("erasure", 0, Object::new());
            head.nonce[..2].copy_from_slice(&n.to_be_bytes());
            commons.sign(&head)
        })
        .collect();
    entries.push(b"a void leaf".to_vec());
    let honest = |_: &str, bytes: Vec<u8>| bytes;
    let node = log_node(&commons, entries.clone(), &commons.writer, honest);
    for line in ["log verify univ-a", "log verify"] {
        let (code, out, talk) = type_in(home.path(), &node.url, line);
        assert_eq!(code, 0, "{talk}");
        assert!(out.contains("301 entries hold, 1 void"), "{out}");
    }
    let (code, out, _) = type_in(home.path(), &node.url, "log show univ-a --limit 3 --json");
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, shown.as_array().unwrap().len()), (0, 3));
    assert_eq!(
        (&shown[0]["kind"], &shown[2]["kind"], &shown[0]["position"]),
        (&json!("erasure"), &json!("void"), &json!(298))
    );
    assert_eq!(type_in(home.path(), &node.url, "log show --json").0, 0);
    assert_eq!(type_in(home.path(), &node.url, "log show univ-a").0, 0);
    assert_eq!(type_in(home.path(), &node.url, "log verify univ-b").0, 1);

    type Lie = fn(&str, Vec<u8>) -> Vec<u8>;
    let lies: [Lie; 4] = [
        // A byte of an entry, the last entry of a tile, a byte of the root, the size.
        |target, mut bytes| {
            if target.ends_with("entries/000") {
                bytes[100] ^= 1;
            }
            bytes
        },
        |target, mut bytes| {
            if target.ends_with(".p/45") {
                bytes.truncate(bytes.len() - 13);
            }
            bytes
        },
        |target, bytes| match target.ends_with("checkpoint") {
            true => String::from_utf8(bytes)
                .unwrap()
                .replace("\n301\n", "\n300\n")
                .into_bytes(),
            false => bytes,
        },
        |target, bytes| {
            if target.ends_with("checkpoint") {
                b"nonsense".to_vec()
            } else {
                bytes
            }
        },
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let node = log_node(&commons, entries.clone(), &commons.writer, lie);
        for line in ["log verify univ-a", "log verify"] {
            let (code, out, talk) = type_in(home.path(), &node.url, line);
            assert_eq!((code, out.as_str()), (1, ""), "lie {number}: {talk}");
        }
    }
    let node = log_node(&commons, entries, &SecretKey::from_seed([2; 32]), honest);
    assert_eq!(
        type_in(home.path(), &node.url, "log verify univ-a").0,
        1,
        "signed by another key"
    );
}
