use commun_specs::{
    certificate::{armour, body},
    history::{Broken, Fault, Replay},
    id::CommonsId,
    json::{Object, Value},
    key::SecretKey,
    name::Role,
    statement::Change,
};

use super::*;
use crate::{
    core::{Author, Draft},
    init,
    testing::Node,
};

const MAIN: &str = "refs/heads/main";

fn oid(n: u8) -> String {
    format!("{n:02x}").repeat(20)
}

/// A certificate of one change of main.
fn signed(key: &SecretKey, slug: &str, nonce: &str, old: Option<u8>, new: u8) -> String {
    let old = old.map_or("0".repeat(40), oid);
    let text = format!(
        "certificate version 0.1\npusher me 1700000000 +0000\npushee https://node.example/univ-a/{slug}.git\nnonce {nonce}\n\n{old} {} {MAIN}\n",
        oid(new)
    );
    format!("{text}{}", armour(&key.sign_git(text.as_bytes())))
}

struct Story {
    node: Node,
    item: StatementId,
    /// The enrolment of the person who pushes, and their key.
    ana: (StatementId, SecretKey),
    last: Option<StatementId>,
}

impl Story {
    async fn begin(node: Node) -> Self {
        let admin = node.core.persons().remove(0);
        let text = r#"{"cuts":[],"default_branch":"main","licence":"EUPL-1.2","object_format":"sha1","protected":[],"pushers":[{"institution":"univ-a"}],"slug":"outil"}"#;
        let draft = Draft {
            kind: "repository",
            fields: commun_specs::json::parse_object(text.as_bytes()).unwrap(),
            ..Draft::default()
        };
        let author = Author::NodeFor(admin.enrolment);
        let entry = node.core.compose(draft, &author).unwrap();
        let item = node.core.write(entry).await.unwrap().id;
        let key = SecretKey::from_seed([77; 32]);
        let public = key.public();
        let ana = init::enrol_person(&node.core, &public, &[Role::Developer], true, Some(&author));
        let ana = (ana.await.unwrap(), key);
        Self {
            node,
            item,
            ana,
            last: None,
        }
    }

    /// A push of main from one commit to the next.
    async fn push(&mut self, old: Option<u8>, new: u8, words: Option<Vec<u8>>) -> StatementId {
        let change = Change {
            name: MAIN.to_owned(),
            over: self.last.into_iter().collect(),
            old: old.map(oid),
            new: Some(oid(new)),
            forced: false,
        };
        let fields = Object::from([
            ("policy".to_owned(), Value::from(self.item.to_string())),
            ("changes".to_owned(), Value::List(vec![change.to_value()])),
        ]);
        let draft = Draft {
            kind: "refs",
            item: Some(self.item),
            fields,
            body: words,
            ..Draft::default()
        };
        let core = &self.node.core;
        let entry = core.compose(draft, &Author::NodeFor(self.ana.0)).unwrap();
        let id = core.write(entry).await.unwrap().id;
        self.last = Some(id);
        id
    }

    fn told(&self) -> Vec<Proof> {
        let all = Part {
            skip: Some(0),
            limit: 100,
        };
        let history = history(&self.node.core, &self.item, None, all).unwrap();
        history.pushes.into_iter().map(|p| p.proof).collect()
    }

    /// Everything that a stranger is handed: the entries may be changed on the way.
    fn replayed(
        &self,
        change: impl Fn(usize, Vec<u8>) -> Option<Vec<u8>>,
    ) -> Result<Replay, Fault> {
        self.replayed_of(None, change)
    }

    fn replayed_of(
        &self,
        about: Option<StatementId>,
        change: impl Fn(usize, Vec<u8>) -> Option<Vec<u8>>,
    ) -> Result<Replay, Fault> {
        let core = &self.node.core;
        let commons = core.identity().commons;
        let found = foundations(core);
        let mut replay = Replay::begin(&commons, &found.charters)?;
        if let Some(about) = about {
            replay = replay.about(about);
        }
        for (handle, all) in &found.successions {
            replay.succeed(handle, all)?;
        }
        let handle = core.identity().handle.clone();
        let (tip, store) = (
            core.state().tip(&handle).cloned().unwrap(),
            core.store().unwrap(),
        );
        let row = store.log(&handle).unwrap().id;
        assert_eq!(
            replay.open(&handle, &tip.complete.clone().unwrap())?,
            tip.size
        );
        for position in 0..tip.size {
            let entry = store.entry(row, position).unwrap().unwrap().bytes;
            if let Some(entry) = change(position as usize, entry) {
                replay.entry(&handle, &entry)?;
            }
        }
        replay.close(&handle)?;
        for push in history(
            core,
            &self.item,
            None,
            Part {
                skip: Some(0),
                limit: 100,
            },
        )
        .unwrap()
        .pushes
        {
            if let Some(body) = push.body {
                replay.body(&push.step.id, body)?;
            }
        }
        Ok(replay)
    }
}

#[tokio::test]
async fn certificates_are_judged_where_they_stand_and_everybody_finds_the_same() {
    //= R-09-11
    let mut story = Story::begin(Node::first().await).await;
    let (key, foreign) = (story.ana.1.clone(), SecretKey::from_seed([78; 32]));
    let words = |text: String| body(&text);
    story.push(None, 1, None).await;
    let first = story
        .push(Some(1), 2, words(signed(&key, "outil", "n1", Some(1), 2)))
        .await;
    story
        .push(
            Some(2),
            3,
            words(signed(&foreign, "outil", "n2", Some(2), 3)),
        )
        .await;
    story
        .push(Some(3), 4, words(signed(&key, "outil", "n3", Some(3), 5)))
        .await;
    story
        .push(Some(4), 5, words(signed(&key, "autre", "n4", Some(4), 5)))
        .await;
    story.push(Some(5), 6, words("nonsense\n".to_owned())).await;
    story
        .push(
            Some(6),
            1,
            Some(b"{\"message\":\"no certificate\"}".to_vec()),
        )
        .await;
    // The same ref from the same to the same again: only the nonce says that it was signed once.
    story
        .push(Some(1), 2, words(signed(&key, "outil", "n1", Some(1), 2)))
        .await;
    // A new key; what the old one signed stays what it was.
    let admin = story
        .node
        .core
        .persons()
        .into_iter()
        .find(|p| p.roles.contains(&Role::Admin))
        .unwrap();
    let told = story.told();
    assert_eq!(told[0], Proof::Attested);
    assert!(
        matches!(&told[1], Proof::Certificate(c) if c.key == key.public()),
        "{:?}",
        told[1]
    );
    assert_eq!(
        told[2],
        Proof::Broken(Broken::NotEnrolled(foreign.public()))
    );
    assert_eq!(told[3], Proof::Broken(Broken::OtherChanges));
    assert!(matches!(told[4], Proof::Broken(Broken::OtherRepository(_))));
    assert!(matches!(told[5], Proof::Broken(Broken::Unreadable(_))));
    assert_eq!(told[6], Proof::Attested);
    assert_eq!(told[7], Proof::Broken(Broken::Reused(first)));
    let replay = story.replayed(|_, entry| Some(entry)).unwrap();
    let proven: Vec<Proof> = replay
        .history(&story.item, None)
        .into_iter()
        .map(|t| t.proof)
        .collect();
    assert_eq!(proven, told);
    assert_eq!(
        replay.history(&story.item, Some("refs/heads/none")).len(),
        0
    );
    let step = &replay.history(&story.item, Some(MAIN))[1].step;
    assert_eq!(
        (step.charter, step.enrolled),
        (Some(0), Some((key.public(), true)))
    );

    // Revoked: what was signed before stays verified, where it stands.
    let draft = Draft {
        kind: "revocation",
        fields: Object::from([("of".to_owned(), Value::from(story.ana.0.to_string()))]),
        ..Draft::default()
    };
    let core = &story.node.core;
    let entry = core
        .compose(draft, &Author::NodeFor(admin.enrolment))
        .unwrap();
    core.write(entry).await.unwrap();
    assert!(
        core.state()
            .catalogue()
            .person_of_key(&key.public())
            .is_none()
    );
    assert_eq!(story.told(), told);
}

#[tokio::test]
async fn whoever_changes_what_is_handed_out_is_found_out() {
    //= R-09-10
    let mut story = Story::begin(Node::first().await).await;
    let key = story.ana.1.clone();
    let text = signed(&key, "outil", "n1", None, 1);
    let push = story.push(None, 1, body(&text)).await;
    let last = {
        let replay = story.replayed(|_, entry| Some(entry)).unwrap();
        replay.history(&story.item, None).remove(0).step.position as usize
    };
    let bent = story.replayed(|at, mut entry| {
        if at == last {
            let middle = entry.len() / 2;
            entry[middle] ^= 1;
        }
        Some(entry)
    });
    assert!(matches!(bent, Err(Fault::Root { .. })), "{bent:?}");
    let shorter = story.replayed(|at, entry| (at != last).then_some(entry));
    assert!(matches!(shorter, Err(Fault::Size { .. })), "{shorter:?}");
    let mut replay = story.replayed(|_, entry| Some(entry)).unwrap();
    let forged = Body {
        salt: [1; 32],
        bytes: b"{}".to_vec(),
    };
    assert!(matches!(replay.body(&push, forged), Err(Fault::Body(_))));
    let other = CommonsId([1; 32]);
    let found = foundations(&story.node.core);
    assert!(matches!(
        Replay::begin(&other, &found.charters),
        Err(Fault::OtherCommons(_))
    ));
    assert!(matches!(Replay::begin(&other, &[]), Err(Fault::NoCharter)));
    let mut empty = Replay::begin(&story.node.core.identity().commons, &found.charters).unwrap();
    let handle = story.node.core.identity().handle.clone();
    assert!(matches!(empty.open(&handle, b""), Err(Fault::NoWriter(_))));
}

#[tokio::test]
async fn what_is_about_other_items_is_checked_and_not_kept_and_changes_no_answer() {
    let mut story = Story::begin(Node::first().await).await;
    let key = story.ana.1.clone();
    let words = |nonce, old, new| body(&signed(&key, "outil", nonce, old, new));
    story.push(None, 1, words("n1", None, 1)).await;
    // Another repository, with pushes of its own and a thread.
    let (ours, last) = (story.item, story.last.take());
    let admin = story.node.admin();
    let author = Author::NodeFor(admin.enrolment);
    let text = r#"{"cuts":[],"default_branch":"main","licence":"EUPL-1.2","object_format":"sha1","protected":[],"pushers":[{"institution":"univ-a"}],"slug":"autre"}"#;
    let draft = Draft {
        kind: "repository",
        fields: commun_specs::json::parse_object(text.as_bytes()).unwrap(),
        ..Draft::default()
    };
    let core = story.node.core.clone();
    let entry = core.compose(draft, &author).unwrap();
    story.item = core.write(entry).await.unwrap().id;
    for n in 1..4 {
        story.push((n > 1).then(|| n - 1), n, None).await;
    }
    let draft = Draft {
        kind: "thread",
        item: Some(story.item),
        body: Some(b"{\"title\":\"t\",\"text\":\"x\"}".to_vec()),
        ..Draft::default()
    };
    let entry = core.compose(draft, &author).unwrap();
    core.write(entry).await.unwrap();
    (story.item, story.last) = (ours, last);
    story.push(Some(1), 2, words("n2", Some(1), 2)).await;
    story.push(Some(2), 3, None).await;

    let whole = story.replayed(|_, entry| Some(entry)).unwrap();
    let part = story.replayed_of(Some(ours), |_, e| Some(e)).unwrap();
    assert_eq!((whole.pushes(), part.pushes()), (6, 3));
    for only in [None, Some(MAIN), Some("refs/heads/none")] {
        let told = |replay: &Replay| format!("{:?}", replay.history(&ours, only));
        assert_eq!(told(&whole), told(&part));
    }
    assert_eq!(part.history(&ours, None).len(), 3);
    assert_eq!(
        format!("{:?}", whole.item(&ours)),
        format!("{:?}", part.item(&ours))
    );
    assert_eq!(whole.wanted(&ours), part.wanted(&ours));
    // Every entry is checked, whatever it is about.
    let bent = story.replayed_of(Some(ours), |at, entry| {
        (at != 6).then_some(entry).or(Some(b"{}".to_vec()))
    });
    assert!(matches!(bent, Err(Fault::Root { .. })), "{bent:?}");
}
