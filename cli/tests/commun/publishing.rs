//! `commun publish`: what is wrong is said before anything is sent, and what is sent is exactly what is there.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    fake::{Answer, Node},
    program::{commun, run, type_in},
};

const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A node of `univ-a`, with an item `univ-a/old` of some kind.
fn node(kind: &'static str) -> Node {
    Node::start(
        move |_, request| match (request.method.as_str(), request.target.as_str()) {
            ("GET", "/api/v1/status") => Answer::json(json!({"handle": "univ-a"})),
            ("GET", "/api/v1/items/univ-a/old") => {
                let metadata = json!({"title": {"fr": "Vieux"}, "licence": "CC0-1.0", "language": ["fr"],
                    "keywords": {"fr": ["mot"]}, "level": ["isced-6", "fr-l1"], "version": "1", "modified": "2025-01-01"});
                Answer::json(
                    json!({"id": ID, "name": "univ-a/old", "type": kind, "metadata": metadata}),
                )
            }
            ("GET", _) => Answer::problem(404, "Not found", ""),
            _ => {
                let mut answer = Answer::json(
                    json!({"id": ID, "name": "univ-a/new", "version": ID, "position": 7}),
                );
                answer.status = 201;
                answer
            }
        },
    )
}

/// The parts of a form: head and content.
fn parts(request: &crate::fake::Request) -> Vec<(String, Vec<u8>)> {
    let boundary = request
        .header("content-type")
        .split_once("boundary=")
        .unwrap()
        .1;
    let mark = format!("\r\n--{boundary}");
    let mut body = b"\r\n".to_vec();
    body.extend(&request.body);
    let find =
        |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
    let mut parts = Vec::new();
    let mut rest = &body[find(&body, mark.as_bytes()).unwrap() + mark.len()..];
    while let Some(inner) = rest.strip_prefix(b"\r\n") {
        let end = find(inner, mark.as_bytes()).unwrap();
        let head = find(inner, b"\r\n\r\n").unwrap();
        parts.push((
            String::from_utf8(inner[..head].to_vec()).unwrap(),
            inner[head + 4..end].to_vec(),
        ));
        rest = &inner[end + mark.len()..];
    }
    assert_eq!(rest, b"--\r\n");
    parts
}

fn write(folder: &Path, path: &str, content: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_folder_is_sent_with_its_metadata_first_and_its_files_by_path() {
    let home = tempfile::tempdir().unwrap();
    let big = vec![7; 3 << 20];
    write(
        home.path(),
        "course/README.md",
        b"hello\r\n--not a boundary",
    );
    write(home.path(), "course/b/été.bin", &big);
    write(home.path(), "course/a.txt", b"");
    write(
        home.path(),
        "meta.json",
        br#"{"slug": "other", "title": "Old", "keywords": ["x"], "license": "MIT", "x-own": 1}"#,
    );
    let node = node("resource");
    let mut command = commun(home.path(), &node.url);
    command.args([
        "publish",
        "course",
        "--slug",
        "new",
        "--title",
        "Été",
        "--licence",
        "CC-BY-4.0",
        "--language",
        "fr",
        "--metadata",
        "meta.json",
        "--json",
    ]);
    let (code, out, talk) = run(&mut command);
    assert_eq!(code, 0, "{talk}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["position"], 7);
    let requests = node.requests();
    let sent = requests.last().unwrap();
    assert_eq!(
        (sent.method.as_str(), sent.target.as_str()),
        ("POST", "/api/v1/items")
    );
    assert_eq!(sent.header("authorization"), "Bearer secret");
    let parts = parts(sent);
    let heads: Vec<&str> = parts
        .iter()
        .map(|(head, _)| head.lines().next().unwrap())
        .collect();
    assert_eq!(
        heads,
        [
            "Content-Disposition: form-data; name=\"metadata\"",
            "Content-Disposition: form-data; name=\"file\"; filename=\"README.md\"",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"",
            "Content-Disposition: form-data; name=\"file\"; filename=\"b/été.bin\"",
        ]
    );
    assert!(parts[0].0.contains("Content-Type: application/json"));
    let metadata: Value = serde_json::from_slice(&parts[0].1).unwrap();
    assert_eq!(
        metadata,
        json!({"slug": "new", "title": "Été", "keywords": ["x"], "licence": "CC-BY-4.0", "language": ["fr"], "x-own": 1})
    );
    assert_eq!(parts[1].1, b"hello\r\n--not a boundary");
    assert_eq!(parts[2].1, b"");
    assert_eq!(parts[3].1, big);
}

#[test]
fn one_file_is_sent_under_its_name() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "sub/slides.pdf", b"%PDF");
    let node = node("resource");
    let (code, _, talk) = type_in(
        home.path(),
        &node.url,
        "publish sub/slides.pdf --slug new --title T --licence MIT",
    );
    assert_eq!(code, 0, "{talk}");
    let parts = parts(node.requests().last().unwrap());
    assert!(parts[1].0.contains("filename=\"slides.pdf\""));
}

#[test]
fn a_second_publish_to_the_slug_is_a_new_version() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "a.txt", b"x");
    let node = node("resource");
    let (code, _, talk) = type_in(home.path(), &node.url, "publish a.txt --slug old");
    assert_eq!(code, 0, "{talk}");
    assert_eq!(
        node.requests().last().unwrap().target,
        "/api/v1/items/univ-a/old/versions"
    );
}

#[test]
fn a_new_version_has_what_it_does_not_say_from_the_one_before() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "a.txt", b"x");
    write(home.path(), "meta.json", b"{\"summary\": \"New\"}");
    let node = node("resource");
    let sent = |command: &str| {
        let (code, _, talk) = type_in(home.path(), &node.url, command);
        assert_eq!(code, 0, "{talk}");
        let parts = parts(node.requests().last().unwrap());
        let metadata: Value = serde_json::from_slice(&parts[0].1).unwrap();
        (metadata, talk)
    };
    let (metadata, talk) = sent("publish a.txt --slug old --title Neuf");
    assert_eq!(
        metadata,
        json!({"slug": "old", "title": "Neuf", "licence": "CC0-1.0", "language": ["fr"], "keywords": {"fr": ["mot"]},
            "level": ["isced-6", "fr-l1"]})
    );
    assert!(
        talk.contains("From the version before: licence, language, keywords, level"),
        "{talk}"
    );
    // A file says the rest as a whole.
    let (metadata, talk) = sent("publish a.txt --slug old --metadata meta.json");
    assert_eq!(
        metadata,
        json!({"slug": "old", "title": {"fr": "Vieux"}, "licence": "CC0-1.0", "language": ["fr"], "summary": "New"})
    );
    assert!(
        talk.contains("From the version before: title, licence, language\n"),
        "{talk}"
    );
}

#[test]
fn the_slug_of_a_repository_is_refused() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "a.txt", b"x");
    let node = node("repository");
    let (code, _, talk) = type_in(
        home.path(),
        &node.url,
        "publish a.txt --slug old --title T --licence MIT",
    );
    assert_eq!(code, 4);
    assert!(talk.contains("repository"), "{talk}");
    assert!(
        node.requests()
            .iter()
            .all(|request| request.method == "GET")
    );
}

#[test]
fn bad_metadata_is_refused_here_with_field_and_fix() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "a.txt", b"x");
    let node = node("resource");
    let cases: [(&[u8], &str); 5] = [
        (b"{\"title\": 3, \"licence\": \"MIT\"}", "title"),
        (b"{\"title\": \"T\", \"licence\": \"CC-BYE\"}", "licence"),
        (b"{\"title\": \"T\"}", "licence"),
        (b"not json", "JSON"),
        (b"[]", "object"),
    ];
    for (metadata, field) in cases {
        write(home.path(), "meta.json", metadata);
        let (code, out, talk) = type_in(
            home.path(),
            &node.url,
            "publish a.txt --slug new --metadata meta.json",
        );
        assert_eq!((code, out.as_str()), (4, ""), "{talk}");
        assert!(talk.contains(field), "{talk}");
    }
    write(home.path(), "meta.json", &vec![b' '; 300 << 10]);
    assert_eq!(
        type_in(
            home.path(),
            &node.url,
            "publish a.txt --slug new --metadata meta.json"
        )
        .0,
        4
    );
    assert_eq!(
        type_in(
            home.path(),
            &node.url,
            "publish a.txt --slug new --metadata nowhere.json"
        )
        .0,
        2
    );
    assert!(
        node.requests()
            .iter()
            .all(|request| request.method == "GET")
    );
}

#[test]
fn links_special_files_and_odd_names_are_refused_by_name() {
    use std::os::unix::ffi::OsStrExt;
    let node = node("resource");
    let refused = |make: &dyn Fn(&Path), word: &str| {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), "course/a.txt", b"x");
        make(&home.path().join("course"));
        let (code, _, talk) = type_in(
            home.path(),
            &node.url,
            "publish course --slug new --title T --licence MIT",
        );
        assert_eq!(code, 4, "{word}: {talk}");
        assert!(talk.contains(word), "{talk}");
    };
    refused(
        &|course| std::os::unix::fs::symlink("/etc/passwd", course.join("link")).unwrap(),
        "symbolic link",
    );
    refused(
        &|course| std::os::unix::fs::symlink(".", course.join("loop")).unwrap(),
        "symbolic link",
    );
    refused(
        &|course| drop(std::os::unix::net::UnixListener::bind(course.join("socket")).unwrap()),
        "neither a file nor a folder",
    );
    refused(&|course| write(course, ".git/config", b"x"), ".git");
    refused(&|course| write(course, "a\nb", b"x"), "U+000A");
    refused(&|course| write(course, "A.txt", b"x"), "A.txt");
    refused(
        &|course| fs::write(course.join(std::ffi::OsStr::from_bytes(b"\xff")), b"x").unwrap(),
        "UTF-8",
    );
    refused(
        &|course| fs::remove_file(course.join("a.txt")).unwrap(),
        "no file",
    );
    assert!(node.requests().is_empty());
}

#[test]
fn what_the_node_says_against_a_publication_is_shown_with_its_fields() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "a.txt", b"x");
    let node = Node::start(
        |_, request| match (request.method.as_str(), request.target.as_str()) {
            ("GET", "/api/v1/status") => Answer::json(json!({"handle": "univ-a"})),
            ("GET", _) => Answer::problem(404, "Not found", ""),
            _ => {
                let mut answer =
                    Answer::json(json!({"title": "The metadata is refused", "status": 422,
                "errors": [{"field": "language", "what": "is missing", "fix": "add `language`"}]}));
                answer.status = 422;
                answer
            }
        },
    );
    let (code, out, talk) = type_in(
        home.path(),
        &node.url,
        "publish a.txt --slug new --title T --licence MIT --json",
    );
    assert_eq!((code, out.as_str()), (4, ""));
    assert!(
        talk.contains("language: is missing; add `language`"),
        "{talk}"
    );
}
