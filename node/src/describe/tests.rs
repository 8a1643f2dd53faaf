use std::{path::Path, process::Command};

use commun_specs::statement::Change;

use super::*;
use crate::testing::Node;

/// Makes a commit with one file in a bare repository, and says its id.
fn commit(repo: &Path, name: &str, text: &str) -> String {
    let script = format!(
        "blob\nmark :1\ndata {}\n{text}\ncommit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx\nM 644 :1 {name}\n\n",
        text.len()
    );
    let mut import = Command::new("git");
    import
        .arg("-C")
        .arg(repo)
        .args(["fast-import", "--quiet", "--force"])
        .stdin(std::process::Stdio::piped());
    let mut child = import.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), script.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let out = Command::new("git")
        .arg("-C")
        .arg(repo)
        .args(["rev-parse", "refs/heads/main"])
        .output()
        .unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// States a push of the main branch.
async fn push(node: &Node, item: &StatementId, new: &str) -> StatementId {
    let known = node.core.state().catalogue().copy_of(item).unwrap();
    let main = known.refs.get("refs/heads/main");
    let change = Change {
        name: "refs/heads/main".to_owned(),
        over: main
            .map(|r| r.heads.iter().map(|h| h.id).collect())
            .unwrap_or_default(),
        old: main.and_then(|r| r.served.clone()),
        new: Some(new.to_owned()),
        forced: false,
    };
    let fields = Object::from([
        ("policy".to_owned(), Value::from(known.policy.to_string())),
        ("changes".to_owned(), Value::List(vec![change.to_value()])),
    ]);
    let draft = Draft {
        kind: "refs",
        item: Some(*item),
        fields,
        ..Draft::default()
    };
    let entry = node
        .core
        .compose(draft, &Author::NodeFor(node.admin().enrolment))
        .unwrap();
    node.core.write(entry).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_of_the_default_branch_is_found_and_a_later_one_replaces_it() {
    let node = Node::first().await;
    let item = node.repository("quiz").await.id;
    let path = node.repos.get(&item.to_string()).unwrap().path().to_owned();
    let first = commit(
        &path,
        "README.md",
        "# Outil de quiz\n\nCorrige des **questionnaires**.",
    );
    let pushed = push(&node, &item, &first).await;
    node.described(&item, &pushed).await;
    node.finds("questionnaires", 1).await;
    node.finds("outil", 1).await;
    let second = commit(&path, "README.md", "# Outil\n\nCorrige des sondages.");
    let pushed = push(&node, &item, &second).await;
    node.described(&item, &pushed).await;
    node.finds("sondages", 1).await;
    node.finds("questionnaires", 0).await;
    let state = node.core.state().catalogue().copy_of(&item).unwrap();
    assert_eq!(state.descriptions.len(), 1);
    let found = node
        .core
        .statement(&state.descriptions[0].id)
        .unwrap()
        .unwrap();
    let Ok(Some(Facts::Description(d))) = found.statement.facts() else {
        panic!("a description")
    };
    assert_eq!((d.of, d.commit), (pushed, Some(second)));
    let size = node
        .core
        .state()
        .tip(&node.core.identity().handle)
        .unwrap()
        .size;
    tokio::time::sleep(COALESCE * 2).await;
    assert_eq!(
        node.core
            .state()
            .tip(&node.core.identity().handle)
            .unwrap()
            .size,
        size,
        "no statement follows itself"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_in_a_burst_become_two_descriptions_at_most_and_the_last_one_stands() {
    let node = Node::first().await;
    let item = node.repository("quiz").await.id;
    let path = node.repos.get(&item.to_string()).unwrap().path().to_owned();
    let before = node
        .core
        .state()
        .tip(&node.core.identity().handle)
        .unwrap()
        .size;
    let commits: Vec<_> = (0..8)
        .map(|n| commit(&path, "README.md", &format!("mot{n}")))
        .collect();
    let mut last = item;
    for new in &commits {
        last = push(&node, &item, new).await;
    }
    node.described(&item, &last).await;
    node.finds("mot7", 1).await;
    let size = node
        .core
        .state()
        .tip(&node.core.identity().handle)
        .unwrap()
        .size;
    assert!(size - before <= 8 + 3, "{} statements", size - before);
}

#[test]
fn the_title_of_a_readme_is_its_first_heading_without_marks() {
    let found = |text: &str| title(text.as_bytes());
    assert_eq!(
        found("\n# *Outil* de [quiz](https://example.org)\n").as_deref(),
        Some("Outil de quiz")
    );
    assert_eq!(found("Outil\n=====\n\ntexte").as_deref(), Some("Outil"));
    assert_eq!(found("```\n# un commentaire\n```\ntexte"), None);
    assert_eq!(found("#sans espace\n## deux"), None);
    assert_eq!(found(""), None);
    assert_eq!(
        found(&format!("# {}", "a".repeat(9_000))).map(|t| t.len()),
        Some(MAX_TITLE_CHARS)
    );
}

#[test]
fn a_readme_is_read_as_what_its_name_says_and_cut() {
    assert_eq!(readme_text("README.md", b"# A\n\nun **mot**"), "A\nun mot");
    assert_eq!(readme_text("README", b"# A"), "# A");
    assert!(readme_text("README.txt", "é ".repeat(200_000).as_bytes()).len() <= MAX_README);
    assert_eq!(
        readme_text("README.md", &[0xff, 0xfe, 0x00]),
        readme_text("README.md", &[0xff, 0xfe, 0x00])
    );
}
