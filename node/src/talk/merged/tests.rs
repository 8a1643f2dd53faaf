use std::process::{Command, Stdio};

use commun_forge::git::{ObjectFormat, RefMove, RefName};
use commun_specs::{
    fold::RefState,
    json::{Object, parse_object},
    statement::OpenState,
};

use super::*;
use crate::{
    core::{Author, Draft},
    testing::Node,
};

struct Place {
    node: Node,
    talk: Talk,
    item: Item,
    repository: Repository,
    /// The history of `refs/heads/main`, oldest first.
    main: Vec<Oid>,
    /// Commits that it does not contain.
    side: Vec<Oid>,
}

impl Place {
    async fn new() -> Self {
        let node = Node::first().await;
        let text = r#"{"cuts":[],"default_branch":"main","licence":"EUPL-1.2","object_format":"sha1","protected":[],"pushers":[{"institution":"univ-a"}],"slug":"outil"}"#;
        let fields: Object = parse_object(text.as_bytes()).unwrap();
        let draft = Draft {
            kind: "repository",
            fields,
            ..Draft::default()
        };
        let author = Author::NodeFor(node.admin().enrolment);
        let entry = node.core.compose(draft, &author).unwrap();
        let id = node.core.write(entry).await.unwrap().id;
        let item = node.core.state().catalogue().copy_of(&id).unwrap();
        let repository = node
            .repos
            .create(&id.to_string(), "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let folder = node.dir.path().join("git").join(format!("{id}.git"));
        let history = |branch: &str, count: usize| {
            let mut script = String::new();
            for n in 0..count {
                script.push_str(&format!(
                    "commit refs/heads/{branch}\ncommitter A <a@example.org> 17000{n:05} +0000\ndata 4\n{branch}\n\n"
                ));
            }
            git(&folder, &["fast-import", "--quiet"], &script);
            let range = format!("refs/heads/{branch}");
            let listed = git(&folder, &["rev-list", "--reverse", &range], "");
            let oids = listed.lines().map(|l| Oid::parse(l).unwrap());
            oids.collect::<Vec<Oid>>()
        };
        let (main, side) = (history("main", 8), history("side", 8));
        let talk = Talk::new(node.core.clone(), node.repos.clone());
        let mut at = Self {
            node,
            talk,
            item,
            repository,
            main,
            side,
        };
        for (name, served) in [("main", at.main[7].clone()), ("old", at.main[3].clone())] {
            let served = RefState {
                served: Some(served.to_string()),
                ..RefState::default()
            };
            at.item.refs.insert(format!("refs/heads/{name}"), served);
        }
        at
    }

    /// Makes commits refs, as merge requests are.
    async fn serve(&self, commits: &[Oid]) {
        let moves = commits.iter().enumerate().map(|(n, oid)| {
            let id = "abcdefghijklmnop";
            RefMove {
                name: RefName::merge_request(id, Some(n as u64 + 1)).unwrap(),
                old: None,
                new: Some(oid.clone()),
            }
        });
        let moves: Vec<RefMove> = moves.collect();
        self.repository.update_refs(&moves).await.unwrap();
    }

    /// The commits of those that are merged.
    async fn merged(&self, asked: &[(&str, &Oid)]) -> Vec<String> {
        let all = asked.iter().map(|(branch, oid)| Listed {
            id: self.item.id,
            time: 0,
            state: OpenState::Open,
            labels: Vec::new(),
            asks: Some((format!("refs/heads/{branch}"), oid.to_string())),
        });
        let all: Vec<Listed> = all.collect();
        let count = all.len();
        let (merged, others) = self.talk.part_merged(&self.item, all).await.unwrap();
        assert_eq!(merged.len() + others.len(), count);
        merged.into_iter().map(|l| l.asks.unwrap().1).collect()
    }
}

fn git(folder: &std::path::Path, args: &[&str], input: &str) -> String {
    let mut child = Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {args:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn texts(oids: &[Oid]) -> Vec<String> {
    oids.iter().map(Oid::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_right_when_the_answers_kept_are_thrown_away_and_keeps_only_what_it_asked() {
    let at = Place::new().await;
    at.serve(&[&at.main[..6], &at.side[..6]].concat()).await;
    // Full: the next answer throws all of them away.
    for n in 0..MAX_KEPT {
        let asked = (at.item.id, String::new(), n.to_string());
        at.talk.merged.keep(asked, true);
    }
    let mut asked: Vec<(&str, &Oid)> = at.main[..6].iter().map(|oid| ("main", oid)).collect();
    asked.extend(at.side[..6].iter().map(|oid| ("old", oid)));
    asked.extend(at.main[..6].iter().map(|oid| ("old", oid)));
    let mut expected = texts(&at.main[..6]);
    expected.extend(texts(&at.main[..4]));
    assert_eq!(at.merged(&asked).await, expected);
    // Six commits are asked of `main`, twelve of `old`; that `main` lacks the others was not asked.
    assert_eq!(at.talk.merged.lock().len(), 18);
    assert_eq!(at.merged(&asked).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_here_is_looked_for_again_only_after_a_while() {
    let at = Place::new().await;
    let missing: Vec<Oid> = (1..7)
        .map(|n| Oid::parse(&format!("{n:040x}")).unwrap())
        .collect();
    let mut asked: Vec<(&str, &Oid)> = missing.iter().map(|oid| ("main", oid)).collect();
    assert!(at.merged(&asked).await.is_empty());
    let open = |all: &[(&str, &Oid)]| {
        let served = at.main[7].to_string();
        let all = all.iter();
        let all = all.map(|(_, oid)| (at.item.id, served.clone(), oid.to_string()));
        at.talk.merged.part(&all.collect()).1.len()
    };
    let put_off = at.talk.merged.lock_unknown().len();
    assert_eq!((put_off, open(&asked)), (6, 0));
    assert!(at.talk.merged.lock().is_empty());

    // What is here and no ref is learnt some at a time, beside them.
    asked = at.main[..6].iter().map(|oid| ("main", oid)).collect();
    assert_eq!(at.merged(&asked).await.len(), FEW);
    at.talk.merged.lock_unknown().clear();
    assert_eq!(at.merged(&asked).await, texts(&at.main[..6]));
    assert!(at.talk.merged.lock_unknown().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lists_at_once_say_the_same() {
    let at = Place::new().await;
    at.serve(&at.main[..6]).await;
    let asked: Vec<(&str, &Oid)> = at.main[..6].iter().map(|oid| ("main", oid)).collect();
    let (a, b) = tokio::join!(at.merged(&asked), at.merged(&asked));
    assert_eq!((a.len(), b.len()), (6, 6));
    drop(at.node);
}
