//! `git-remote-commun`: stock Git reads `commun://` URLs.

use std::path::Path;

use serde_json::json;

use crate::{
    fake::{Answer, Node},
    program::{GIT_REMOTE, clean, run},
};

const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Runs Git with the helper in its path.
fn git(home: &Path, node: &str, arguments: &[&str]) -> (i32, String, String) {
    let helpers = Path::new(GIT_REMOTE).parent().unwrap().display();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = clean(Path::new("git"), home);
    command
        .env("PATH", format!("{helpers}:{path}"))
        .env("COMMUN_NODE", node)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(arguments);
    run(&mut command)
}

#[test]
fn git_reads_a_repository_by_name_and_by_id() {
    let home = tempfile::tempdir().unwrap();
    let oid = "0123456789012345678901234567890123456789";
    let node = Node::start(
        move |_, request| match request.target.split('?').next().unwrap() {
            "/api/v1/items/univ-a/tool" => {
                Answer::json(json!({"id": ID, "name": "univ-a/tool", "type": "repository"}))
            }
            path if path == format!("/api/v1/items/{ID}") => {
                Answer::json(json!({"id": ID, "name": "univ-a/tool", "type": "repository"}))
            }
            // The oldest protocol that Git's helper reads: a plain list.
            "/univ-a/tool.git/info/refs" => {
                Answer::bytes(format!("{oid}\trefs/heads/main\n").as_bytes())
                    .header("Content-Type", "text/plain")
            }
            "/univ-a/tool.git/HEAD" => Answer::bytes(b"ref: refs/heads/main\n"),
            _ => Answer::problem(404, "Not found", ""),
        },
    );
    for url in [
        "commun://univ-a/tool",
        "commun://univ-a/tool.git",
        &format!("commun://{ID}"),
    ] {
        let (code, out, talk) = git(home.path(), &node.url, &["ls-remote", url]);
        assert_eq!(code, 0, "{url}: {talk}");
        assert!(out.contains(&format!("{oid}\trefs/heads/main")), "{out}");
    }
}

#[test]
fn a_repository_that_the_node_fetches_first_is_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let node = Node::start(
        move |_, request| match request.target.split('?').next().unwrap() {
            "/api/v1/items/univ-a/tool" => {
                Answer::json(json!({"id": ID, "name": "univ-a/tool", "type": "repository"}))
            }
            "/univ-a/tool.git/info/refs" => {
                match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                    0 | 1 => Answer::problem(503, "Not yet", "try again in a moment"),
                    _ => {
                        Answer::bytes(format!("{}\trefs/heads/main\n", "01".repeat(20)).as_bytes())
                            .header("Content-Type", "text/plain")
                    }
                }
            }
            "/univ-a/tool.git/HEAD" => Answer::bytes(b"ref: refs/heads/main\n"),
            _ => Answer::problem(404, "Not found", ""),
        },
    );
    let (code, out, talk) = git(
        home.path(),
        &node.url,
        &["ls-remote", "commun://univ-a/tool"],
    );
    assert_eq!(code, 0, "{talk}");
    assert!(out.contains("refs/heads/main"), "{out}");
    assert_eq!(talk.matches("fetches univ-a/tool").count(), 1, "{talk}");
}

#[test]
fn what_cannot_be_read_is_said() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| match request.target.as_str() {
        "/api/v1/items/univ-a/course" => {
            Answer::json(json!({"id": ID, "name": "univ-a/course", "type": "resource"}))
        }
        "/api/v1/items/univ-a/evil" => {
            Answer::json(json!({"id": ID, "name": "--upload-pack=x/y", "type": "repository"}))
        }
        _ => Answer::problem(404, "Not found", ""),
    });
    let helper = |arguments: &[&str]| {
        let mut command = clean(Path::new(GIT_REMOTE), home.path());
        run(command.env("COMMUN_NODE", &node.url).args(arguments))
    };
    assert_eq!(helper(&["origin", "commun://univ-a/none"]).0, 1);
    assert_eq!(helper(&["origin", "commun://univ-a/course"]).0, 1);
    assert_eq!(helper(&["origin", "commun://univ-a/evil"]).0, 5);
    assert_eq!(helper(&["origin", "commun://../../x"]).0, 2);
    assert_eq!(helper(&[]).0, 2);
    assert_eq!(
        helper(&["--version"]).1.trim(),
        concat!("git-remote-commun ", env!("CARGO_PKG_VERSION"))
    );
    let (code, _, talk) = git(
        home.path(),
        &node.url,
        &["ls-remote", "commun://univ-a/none"],
    );
    assert_ne!(code, 0);
    assert!(talk.contains("Not found"), "{talk}");
}
