//! Every command's exit codes, and that stdout has data only.

use serde_json::{Value, json};

use crate::{
    fake::{Answer, Node, Request},
    program::{commun, run, type_in},
};

const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Commands that ask the node and print JSON if told so.
const JSON_COMMANDS: [&str; 30] = [
    "node status",
    "invite",
    "charter show",
    "charter admit univ-b",
    "charter sign 2",
    "institution list",
    "institution show univ-a",
    "person add Ada --role developer",
    "person list",
    "person revoke aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "token create aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa --scope write --scope publish --expires 30d",
    "token list",
    "token revoke abc",
    "repo create tool --title T --description D --licence MIT",
    "repo list",
    "repo maintainers univ-a/tool",
    "repo maintainers univ-a/tool add univ-b --person Ada --before univ-a",
    "repo maintainers univ-a/tool remove univ-b",
    "repo protect univ-a/tool",
    "repo protect univ-a/tool main --threshold 2 --force --delete",
    "repo protect univ-a/tool --remove main",
    "repo edit univ-a/tool --title T --default-branch trunk",
    "search words and --type resource --resource-type course --licence MIT --language fr --level fr-l1 --subject s --institution univ-a --sort newest --limit 3 --offset 6",
    "show univ-a/tool",
    "adopt univ-a/tool --version 2.0 --since 2026-01-02 --status testing --contact Ada",
    "adopt --list univ-a/tool",
    "adopt --list --institution univ-a",
    "review univ-a/tool --version 2 --verdict approve --text Good",
    "review univ-a/tool --verdict withdrawn",
    "review univ-a/tool --list",
];

/// Answers as INTERFACES says, with a member that nobody knows in each.
fn answer(request: &Request) -> Answer {
    let path = request.target.split('?').next().unwrap();
    let value = match path.strip_prefix("/api/v1/").unwrap_or_default() {
        "status" => {
            json!({"version": "0.1.0", "commons": {"id": ID, "name": "C", "charter": 1, "institutions": 2},
            "node": "did:key:z", "handle": "univ-a", "writer": true, "uptime_s": 1, "new": [1],
            "logs": [{"handle": "univ-a", "epoch": 0, "size": 42, "root": "r", "behind": 0, "state": "ok"}],
            "peers": [{"node": "did:key:y", "handle": "univ-b", "connected": true, "rtt_ms": 0.4, "path": "direct"}],
            "catalogue": {"items": 12, "position": 99, "fold": 1, "root": "x"}, "index": {"position": 99, "documents": 12},
            "content": {"wanted": 0, "held": 12, "bytes": 123}})
        }
        "invitations" => json!({"invitation": "commun1abc", "expires": 1, "new": 1}),
        "charter" => json!({"commons": ID, "name": "C", "number": 1, "id": ID, "new": 1,
            "institutions": [{"handle": "univ-a", "name": "A", "keys": ["did:key:z"], "threshold": 1}],
            "drafts": [{"number": 2, "round": 0, "id": ID, "signed": ["univ-a"], "needed": 2, "changes": "admit univ-b"}],
            "requests": [{"handle": "univ-b", "name": "B", "node": "did:key:y"}]}),
        "charter/admit" | "charter/sign" => {
            json!({"number": 2, "id": ID, "state": "waiting", "signed": ["univ-a"], "needed": 2})
        }
        "institutions" => {
            json!({"institutions": [{"handle": "univ-a", "name": "A", "node": null, "urls": [], "log": null}]})
        }
        "institutions/univ-a" => {
            json!({"handle": "univ-a", "name": "A", "node": "did:key:z", "urls": ["https://a"], "log": {"epoch": 0, "size": 3}})
        }
        "persons" if request.method == "GET" => {
            json!({"persons": [{"id": ID, "name": null, "roles": ["admin"], "key": "did:key:z", "custody": "self"}]})
        }
        "persons" => json!({"id": ID, "key": "did:key:z", "custody": "node"}),
        path if path.starts_with("persons/") && path.ends_with("/revoke") => json!({"id": ID}),
        "tokens" if request.method == "GET" => {
            json!({"tokens": [{"id": "abc", "person": ID, "name": "Ada", "scopes": ["write"], "created": 1, "expires": 2, "used": null}]})
        }
        "tokens/abc/revoke" => json!({"id": "abc"}),
        "tokens" => json!({"token": "t", "person": "abc", "scope": "write", "expires": 3}),
        "repositories" => {
            json!({"id": ID, "name": "univ-a/tool", "url": "http://x/univ-a/tool.git"})
        }
        "repositories/univ-a/tool" => {
            json!({"id": ID, "name": "univ-a/tool", "default_branch": "main", "new": 1,
            "maintainers": [{"institution": "univ-a", "url": null, "persons": [{"id": ID, "name": null}]}],
            "protected": [{"pattern": "refs/heads/*", "threshold": 2, "force": true, "delete": true}],
            "refs": [{"name": "refs/heads/main", "oid": "ab", "state": "diverged", "heads": [
                {"institution": "univ-a", "oid": "ab", "statement": ID, "held": true, "ref": "refs/heads/main"},
                {"institution": "univ-b", "oid": "cd", "statement": ID, "held": true, "ref": "refs/diverged/univ-b/heads/main"}]}]})
        }
        path if path.starts_with("repositories/univ-a/tool/") => {
            json!({"id": ID, "name": "univ-a/tool", "policy": ID, "position": 7})
        }
        "items/univ-a/tool/adoptions" if request.method == "POST" => {
            json!({"institution": "univ-a", "status": "testing", "since": "2026-01-02", "version": "2.0", "new": 1,
            "item": {"id": ID, "name": "univ-a/tool"}})
        }
        "items/univ-a/tool/adoptions" | "institutions/univ-a/adoptions" => {
            json!({"count": 1, "adoptions": [{"institution": "univ-a", "former": true, "status": "in-use", "since": "2026-01-02",
            "version": null, "contact": "Ada", "item": {"id": ID, "name": "univ-a/tool"}}]})
        }
        "items/univ-a/tool/reviews" if request.method == "POST" => {
            json!({"institution": "univ-a", "verdict": "approve", "statement": ID, "number": 2, "text": "Good", "new": 1,
            "item": {"id": ID, "name": "univ-a/tool"}})
        }
        "items/univ-a/tool/reviews" => {
            json!({"count": 1, "approving": 1, "reviews": [{"institution": "univ-b", "former": false, "own": false, "person": ID, "by": null,
            "version": ID, "number": 1, "current": false, "verdict": "reject", "words": "here", "text": "a\nb", "statement": ID}]})
        }
        "items/univ-a/tool" => {
            json!({"id": ID, "name": "univ-a/tool", "type": "repository", "title": "T", "new": {"a": 1},
            "metadata": {"keywords": ["x"], "creators": [{"name": "Ada"}]}, "versions": [{"id": ID, "time": "2026-01-01T00:00:00Z", "files": {"blake3": "x", "count": 1, "size": 3}}], "holders": ["univ-a"]})
        }
        "search" => {
            json!({"query": "words", "total": 2, "took_ms": 3.1, "index_position": 7, "suggestion": null, "new": 1,
            "hits": [{"id": ID, "name": "univ-a/tool", "type": "repository", "title": "T", "summary": "S", "snippet": "a <b>b</b>", "score": 7.2,
                "institution": "univ-a", "licence": "MIT", "resource_type": [], "language": ["fr"], "level": [], "subject": [],
                "updated": "2026-01-01T00:00:00Z", "copies": 3, "local": true}], "facets": {}})
        }
        _ => return Answer::problem(404, "Not found", "there is nothing here"),
    };
    Answer::json(value)
}

#[test]
fn every_command_that_asks_a_node_prints_for_people_and_one_json_value() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| answer(request));
    for line in JSON_COMMANDS {
        let (code, out, talk) = type_in(home.path(), &node.url, line);
        assert_eq!(code, 0, "{line}: {talk}");
        let silent = [
            "person revoke",
            "token revoke",
            "repo maintainers univ-a/tool ",
            "repo protect univ-a/tool ",
            "repo edit",
        ];
        assert!(
            silent.iter().any(|s| line.starts_with(s)) || !out.trim().is_empty(),
            "{line} printed nothing"
        );
        let before = node.requests().len();
        let (code, out, talk) = type_in(home.path(), &node.url, &format!("{line} --json"));
        assert_eq!(code, 0, "{line}: {talk}");
        let printed: Value =
            serde_json::from_str(&out).unwrap_or_else(|_| panic!("{line} --json printed {out:?}"));
        let asked = node.requests().last().unwrap().clone();
        assert_eq!(node.requests().len(), before + 1);
        // All that the node said, and nothing else; where the command is about a part, that part.
        let said: Value = serde_json::from_slice(&answer(&asked).body).unwrap();
        let said = match line {
            "repo maintainers univ-a/tool" => said["maintainers"].clone(),
            "repo protect univ-a/tool" => said["protected"].clone(),
            _ => said,
        };
        assert_eq!(printed, said, "{line}");
    }
}

#[test]
fn a_repository_is_shown_with_its_rules_and_what_to_do_where_it_diverged() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| answer(request));
    let (code, out, talk) = type_in(home.path(), &node.url, "repo show univ-a/tool");
    assert_eq!(code, 0, "{talk}");
    for line in [
        "protected    refs/heads/*  2 institutions must push a commit  may be rewritten  may be deleted",
        "branch       main  ab  diverged: heads of univ-a, univ-b; the first is served",
        "    git fetch origin refs/diverged/univ-b/heads/main && git merge FETCH_HEAD",
    ] {
        assert!(out.lines().any(|l| l == line), "{line}: {out}");
    }
    let (_, out, _) = type_in(home.path(), &node.url, "repo show univ-a/tool --json");
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(all["rules"]["refs"][0]["state"], "diverged");
    assert_eq!(all["title"], "T");
}

#[test]
fn an_answers_status_decides_the_exit_code_of_every_command() {
    let home = tempfile::tempdir().unwrap();
    let codes = [
        (400, 4),
        (401, 4),
        (403, 4),
        (404, 1),
        (409, 4),
        (410, 1),
        (413, 4),
        (422, 4),
        (429, 4),
        (500, 5),
        (502, 5),
        (503, 5),
        (501, 6),
        (302, 5),
    ];
    for (status, expected) in codes {
        let node = Node::start(move |_, _| Answer::problem(status, "The title", "the detail"));
        let lines: &[&str] = if status == 404 {
            &JSON_COMMANDS
        } else {
            &["show univ-a/xy", "charter sign 2"]
        };
        for line in lines.iter().chain(&[
            "get univ-a/xy",
            "verify univ-a/xy",
            "log show",
            "log verify univ-a",
        ]) {
            let (code, out, talk) = type_in(home.path(), &node.url, line);
            assert_eq!(
                (code, out.as_str()),
                (expected, ""),
                "{line} on {status}: {talk}"
            );
            assert!(
                status == 302 || talk.contains("The title: the detail"),
                "{line}: {talk}"
            );
        }
    }
}

#[test]
fn what_is_not_a_node_is_a_failure_with_a_hint() {
    let home = tempfile::tempdir().unwrap();
    for body in ["<html>", "", "[]", "{}", "\u{0}", "nul"] {
        let node = Node::start(move |_, _| Answer::bytes(body.as_bytes()));
        let (code, out, talk) = type_in(home.path(), &node.url, "show univ-a/xy --json");
        assert_eq!((code, out.as_str()), (5, ""), "{body:?}");
        assert!(talk.contains("Hint: "), "{talk}");
    }
}

#[test]
fn a_node_that_is_not_there_is_exit_code_3_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let url = format!(
        "http://{}",
        std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
    );
    for line in JSON_COMMANDS.iter().chain(&[
        "get univ-a/xy",
        "verify univ-a/xy",
        "log show",
        "log verify",
    ]) {
        let (code, out, talk) = type_in(home.path(), &url, line);
        assert_eq!((code, out.as_str()), (3, ""), "{line}: {talk}");
        assert!(
            talk.contains(&format!("No node answers at {url}")) && talk.contains("commun node run"),
            "{talk}"
        );
    }
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_asks_nobody() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| answer(request));
    for line in [
        "",
        "nonsense",
        "show",
        "show Not/An-Item",
        "show abc",
        "show univ-a/xy/y",
        "get",
        "init --institution A --handle UPPER --commons C",
        "init --institution A --handle univ-a",
        "init --institution A --handle univ-a --commons C --join J",
        "node run --http nonsense",
        "charter sign x",
        "person add Ada",
        "person add Ada --role king",
        "person add Ada --role developer --key does-not-exist.pub",
        "repo create Not_a_slug",
        "repo create files",
        "search x --sort best",
        "search x --limit -1",
        "publish does-not-exist --slug ab --title T --licence MIT",
        "import does-not-exist.xml --format lom --dry-run --json",
        "publish . --title T --licence MIT",
        "demo --nodes 0",
        "log verify Not_A_Handle",
        "carry sideways x",
        "show univ-a/xy --node ftp://x",
        "show univ-a/xy --node nonsense",
        "show univ-a/xy --node http://user:password@127.0.0.1",
    ] {
        let (code, out, talk) = type_in(home.path(), &node.url, line);
        assert_eq!((code, out.as_str()), (2, ""), "{line}: {talk}");
        assert!(!talk.is_empty());
    }
    assert!(node.requests().is_empty());
}

#[test]
fn what_is_planned_says_so_with_exit_code_6() {
    let home = tempfile::tempdir().unwrap();
    for line in ["charter remove univ-b", "charter propose f", "charter log"] {
        let (code, out, talk) = type_in(home.path(), "http://127.0.0.1:1", line);
        assert_eq!((code, out.as_str()), (6, ""), "{line}: {talk}");
        assert!(
            talk.contains("is not built yet") && talk.lines().count() == 1,
            "{line}: {talk}"
        );
    }
}

#[test]
fn the_token_goes_with_writes_and_not_with_reads() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| answer(request));
    for line in JSON_COMMANDS {
        type_in(home.path(), &node.url, line);
    }
    for request in node.requests() {
        let public = [
            "/api/v1/search",
            "/api/v1/status",
            "/api/v1/items",
            "/api/v1/institutions",
            "/api/v1/repositories/",
        ];
        let reads =
            public.iter().any(|path| request.target.starts_with(path)) && request.method != "POST";
        assert_eq!(
            request.header("authorization"),
            if reads { "" } else { "Bearer secret" },
            "{}",
            request.target
        );
    }
}

#[test]
fn without_a_token_a_write_is_refused_before_it_is_sent() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| answer(request));
    let (code, out, talk) = run(commun(home.path(), &node.url)
        .env_remove("COMMUN_TOKEN")
        .arg("invite"));
    assert_eq!((code, out.as_str()), (4, ""));
    assert!(talk.contains("COMMUN_TOKEN"), "{talk}");
    assert!(node.requests().is_empty());
}

#[test]
fn the_data_folder_says_where_its_node_is_and_has_the_operators_token() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| answer(request));
    let data = home.path().join(".local/share/commun");
    std::fs::create_dir_all(data.join("run")).unwrap();
    std::fs::create_dir_all(data.join("keys")).unwrap();
    std::fs::write(data.join("run/http"), format!("{}\n", node.url)).unwrap();
    std::fs::write(data.join("keys/admin.token"), "of-the-operator\n").unwrap();
    let mut command = commun(home.path(), "");
    let (code, _, talk) = run(command
        .env_remove("COMMUN_NODE")
        .env_remove("COMMUN_TOKEN")
        .arg("invite"));
    assert_eq!(code, 0, "{talk}");
    assert_eq!(
        node.requests()[0].header("authorization"),
        "Bearer of-the-operator"
    );
}

#[test]
fn all_options_of_a_search_reach_the_node_and_its_language_is_the_terminals() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| answer(request));
    let mut command = commun(home.path(), &node.url);
    command.env("LANG", "fr_FR.UTF-8").args([
        "search",
        "équations différentielles",
        "--type",
        "resource",
        "--licence",
        "MIT",
        "--licence",
        "CC0-1.0",
        "--sort",
        "title",
        "--limit",
        "2",
        "--offset",
        "4",
    ]);
    assert_eq!(run(&mut command).0, 0);
    let request = &node.requests()[0];
    assert_eq!(
        request.target,
        "/api/v1/search?q=%C3%A9quations+diff%C3%A9rentielles&type=resource&licence=MIT&licence=CC0-1.0&sort=title&limit=2&offset=4"
    );
    assert_eq!(
        request.header("accept-language"),
        "fr-FR, fr;q=0.8, en;q=0.5"
    );
}

#[test]
fn words_from_the_network_cannot_steer_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let evil = "a\u{1b}]0;x\u{7}b\u{202e}c\u{9b}d";
    let node = Node::start(move |_, request| match request.target.as_str() {
        "/api/v1/items/univ-a/xy" => Answer::problem(404, evil, evil),
        _ => Answer::json(
            json!({"total": 1, "hits": [{"id": ID, "name": evil, "type": "resource", "title": evil,
            "snippet": evil, "licence": evil, "language": [evil]}], "suggestion": evil, "query": evil}),
        ),
    });
    for line in ["search x", "search x --json", "repo list", "show univ-a/xy"] {
        let (_, out, talk) = type_in(home.path(), &node.url, line);
        for text in [out, talk] {
            assert!(
                !text
                    .chars()
                    .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
                "{line}: {text:?}"
            );
        }
    }
    let (_, out, _) = type_in(home.path(), &node.url, "search x --json");
    assert_eq!(
        serde_json::from_str::<Value>(&out).unwrap()["hits"][0]["title"],
        evil
    );
}

#[test]
fn the_beginning_of_an_id_is_looked_up_in_the_feed() {
    let home = tempfile::tempdir().unwrap();
    let node = Node::start(|_, request| match request.target.as_str() {
        "/api/v1/changes?since=0" => Answer::json(json!({"next": 2, "changes": [
            {"position": 1, "op": "put", "item": ID}, {"position": 2, "op": "put", "item": ID}]})),
        "/api/v1/changes?since=2" => Answer::json(json!({"next": 3, "changes": [
            {"position": 3, "op": "put", "item": format!("bbbbbbbbc{}", "a".repeat(43))},
            {"position": 3, "op": "put", "item": format!("bbbbbbbbd{}", "a".repeat(43))}]})),
        "/api/v1/changes?since=3" => Answer::json(json!({"next": 3, "changes": []})),
        path if path == format!("/api/v1/items/{ID}") => {
            Answer::json(json!({"id": ID, "name": "univ-a/xy", "type": "resource"}))
        }
        _ => Answer::problem(404, "Not found", ""),
    });
    let (code, out, talk) = type_in(home.path(), &node.url, "show aaaaaaaa");
    assert_eq!(code, 0, "{talk}");
    assert!(out.contains("univ-a/xy"));
    assert_eq!(type_in(home.path(), &node.url, "show cccccccc").0, 1);
    assert_eq!(type_in(home.path(), &node.url, "show bbbbbbbb").0, 4);
}
