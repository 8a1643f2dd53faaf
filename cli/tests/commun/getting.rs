//! `commun get`: what arrives is what was published, or nothing.

use std::{fs, process::Stdio};

use serde_json::{Value, json};

use crate::{
    fake::{Answer, Node, Request},
    program::{commun, type_in},
};

const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn entry(path: &str, content: &[u8]) -> Value {
    json!({"path": path, "size": content.len(), "type": "text/plain", "blake3": blake3::hash(content).to_hex().as_str()})
}

/// A resource of these files; `file` answers for the bytes of one.
fn resource(files: Vec<Value>, file: impl Fn(usize, &Request) -> Answer + Send + 'static) -> Node {
    Node::start(move |number, request| match request.target.as_str() {
        "/api/v1/items/univ-a/course" => {
            Answer::json(json!({"id": ID, "name": "univ-a/course", "type": "resource"}))
        }
        path if path == format!("/api/v1/items/{ID}/files") => {
            Answer::json(json!({"files": files}))
        }
        _ => file(number, request),
    })
}

/// Serves a range as a node does.
fn ranged(request: &Request, content: &[u8]) -> Answer {
    let from = request
        .header("range")
        .strip_prefix("bytes=")
        .and_then(|range| range.strip_suffix('-')?.parse().ok());
    match from {
        None => Answer::bytes(content),
        Some(from) if from < content.len() => {
            let range = format!("bytes {from}-{}/{}", content.len() - 1, content.len());
            let mut answer = Answer::bytes(&content[from..]).header("Content-Range", &range);
            answer.status = 206;
            answer
        }
        Some(_) => Answer::problem(416, "Range", ""),
    }
}

fn content() -> Vec<u8> {
    (0..300_000u32).flat_map(u32::to_le_bytes).collect()
}

/// The files below a folder that are not finished.
fn parts(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    entries
        .filter(|path| path.extension().is_some_and(|e| e == "part"))
        .collect()
}

#[test]
fn all_files_come_with_their_names_and_a_second_run_fetches_nothing() {
    let home = tempfile::tempdir().unwrap();
    let big = content();
    let files = vec![
        entry("README.md", b"hello"),
        entry("data/été.bin", &big),
        entry("empty.txt", b""),
    ];
    let node = resource(files, move |_, request| {
        if request.target.ends_with("/README.md") {
            Answer::bytes(b"hello")
        } else if request.target.ends_with("/data/%C3%A9t%C3%A9.bin") {
            Answer::bytes(&content())
        } else {
            Answer::bytes(b"")
        }
    });
    let (code, out, talk) = type_in(home.path(), &node.url, "get univ-a/course");
    assert_eq!((code, out.as_str()), (0, ""), "{talk}");
    assert_eq!(
        fs::read(home.path().join("course/data/été.bin")).unwrap(),
        big
    );
    assert_eq!(
        fs::read(home.path().join("course/README.md")).unwrap(),
        b"hello"
    );
    assert_eq!(fs::read(home.path().join("course/empty.txt")).unwrap(), b"");
    let before = node.requests().len();
    assert_eq!(type_in(home.path(), &node.url, "get univ-a/course").0, 0);
    assert_eq!(
        node.requests().len(),
        before + 2,
        "only the item and its list were asked for again"
    );
}

#[test]
fn a_file_whose_hash_differs_never_gets_its_name() {
    let home = tempfile::tempdir().unwrap();
    for wrong in [&b"hellO"[..], b"hello and more", b""] {
        let node = resource(vec![entry("a.txt", b"hello")], move |_, _| {
            Answer::bytes(wrong)
        });
        let (code, _, talk) = type_in(home.path(), &node.url, "get univ-a/course out");
        assert!(
            code == 1 || (wrong.is_empty() && code == 3),
            "{code} {talk}"
        );
        assert!(!home.path().join("out/a.txt").exists());
        assert!(wrong.is_empty() || parts(&home.path().join("out")).is_empty());
    }
}

#[test]
fn a_connection_that_breaks_is_made_again_where_it_stopped() {
    let home = tempfile::tempdir().unwrap();
    let node = resource(vec![entry("big.bin", &content())], |number, request| {
        let mut answer = ranged(request, &content());
        if number == 2 {
            answer.cut = Some(500_000);
        }
        answer
    });
    let (code, _, talk) = type_in(home.path(), &node.url, "get univ-a/course out");
    assert_eq!(code, 0, "{talk}");
    assert_eq!(
        fs::read(home.path().join("out/big.bin")).unwrap(),
        content()
    );
    let ranges: Vec<String> = node.requests()[2..]
        .iter()
        .map(|request| request.header("range").to_owned())
        .collect();
    assert_eq!(ranges, ["", "bytes=500000-"]);
}

#[test]
fn after_kill_9_the_next_run_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    {
        let node = resource(vec![entry("big.bin", &content())], |_, request| {
            let mut answer = ranged(request, &content());
            answer.cut = Some(700_000);
            answer.stall = true;
            answer
        });
        let mut command = commun(home.path(), &node.url);
        let mut child = command
            .args(["get", "univ-a/course", "out"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Killed once all that was sent is on the disk.
        while !parts(&out)
            .iter()
            .any(|part| fs::metadata(part).is_ok_and(|part| part.len() == 700_000))
        {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(!out.join("big.bin").exists());
    let node = resource(vec![entry("big.bin", &content())], |_, request| {
        ranged(request, &content())
    });
    let (code, _, talk) = type_in(home.path(), &node.url, "get univ-a/course out");
    assert_eq!(code, 0, "{talk}");
    assert_eq!(fs::read(out.join("big.bin")).unwrap(), content());
    assert_eq!(node.requests()[2].header("range"), "bytes=700000-");
    assert!(parts(&out).is_empty());
}

#[test]
fn a_part_that_was_damaged_is_fetched_anew() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    fs::create_dir(&out).unwrap();
    let hash = blake3::hash(&content()).to_hex();
    fs::write(
        out.join(format!("big.bin.{}.part", &hash[..12])),
        b"rubbish",
    )
    .unwrap();
    let node = resource(vec![entry("big.bin", &content())], |_, request| {
        ranged(request, &content())
    });
    let (code, _, talk) = type_in(home.path(), &node.url, "get univ-a/course out");
    assert_eq!(code, 0, "{talk}");
    assert_eq!(fs::read(out.join("big.bin")).unwrap(), content());
}

#[test]
fn a_name_that_leads_elsewhere_is_refused_before_anything_is_written() {
    let home = tempfile::tempdir().unwrap();
    let lists = [
        vec!["../evil.txt"],
        vec!["/etc/evil"],
        vec!["a/../../evil"],
        vec!["a\\..\\evil"],
        vec![".git/hooks/post-checkout"],
        vec!["a\u{202e}txt.exe"],
        vec!["a\nb"],
        vec![""],
        vec!["a", "a"],
        vec!["a", "a/b"],
    ];
    for paths in lists {
        let files = paths.iter().map(|path| entry(path, b"x")).collect();
        let node = resource(files, |_, _| Answer::bytes(b"x"));
        let (code, _, talk) = type_in(home.path(), &node.url, "get univ-a/course out");
        assert_eq!(code, 4, "{paths:?}: {talk}");
        assert!(!home.path().join("out").exists(), "{paths:?}");
    }
    let node = Node::start(|_, request| match request.target.as_str() {
        "/api/v1/items/univ-a/course" => {
            Answer::json(json!({"id": ID, "name": "univ-a/../../evil", "type": "resource"}))
        }
        path if path.ends_with("/files") => Answer::json(json!({"files": [entry("a.txt", b"x")]})),
        _ => Answer::bytes(b"x"),
    });
    // Of the name only what follows the last slash could become a folder.
    let (code, _, _) = type_in(home.path(), &node.url, "get univ-a/course");
    assert_eq!(code, 0);
    assert!(
        home.path().join("evil").is_dir() && !home.path().parent().unwrap().join("evil").exists()
    );
}

#[test]
fn a_link_in_the_folder_is_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let (out, elsewhere) = (home.path().join("out"), home.path().join("elsewhere"));
    fs::create_dir(&out).unwrap();
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, out.join("sub")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("file"), out.join("a.txt")).unwrap();
    for path in ["sub/x.txt", "a.txt"] {
        let node = resource(vec![entry(path, b"x")], |_, _| Answer::bytes(b"x"));
        assert_eq!(
            type_in(home.path(), &node.url, "get univ-a/course out --force").0,
            4,
            "{path}"
        );
    }
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn what_differs_is_replaced_only_if_told_so() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("out")).unwrap();
    fs::write(home.path().join("out/a.txt"), "mine").unwrap();
    let node = resource(vec![entry("a.txt", b"new")], |_, _| Answer::bytes(b"new"));
    assert_eq!(
        type_in(home.path(), &node.url, "get univ-a/course out").0,
        4
    );
    assert_eq!(fs::read(home.path().join("out/a.txt")).unwrap(), b"mine");
    assert_eq!(
        type_in(home.path(), &node.url, "get univ-a/course out --force").0,
        0
    );
    assert_eq!(fs::read(home.path().join("out/a.txt")).unwrap(), b"new");
}

#[test]
fn a_repository_is_not_fetched_but_cloned() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, _| {
        Answer::json(json!({"id": ID, "name": "univ-a/tool", "type": "repository"}))
    });
    let (code, _, talk) = type_in(home.path(), &node.url, "get univ-a/tool");
    assert_eq!(code, 4);
    assert!(
        talk.contains(&format!("git clone {}/univ-a/tool.git", node.url)),
        "{talk}"
    );
}
