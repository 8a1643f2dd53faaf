//! What a member's log says of refs, name by name: the names of `data/hostile/lists/evil-refs.json`, in a log whose node
//! signs whatever it likes.

use commun_specs::{
    id::StatementId,
    json::{Object, Value},
    note::Checkpoint,
    statement::Change,
    sync::{RangeEntry, prove_range},
    tree,
};
use data_encoding::BASE64;

use super::*;
use crate::{
    core::{Author, Core, Draft},
    resources::NewRepository,
    testing::{Node, range},
};

/// The bytes of a name, the name if they are text, and whether it may be a ref.
fn names() -> Vec<(Vec<u8>, Option<String>, bool)> {
    let shared = std::env::var_os("COMMUN_SHARED").expect("COMMUN_SHARED names the shared folder");
    let file = std::path::Path::new(&shared).join("data/hostile/lists/evil-refs.json");
    let list: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let name = |case: &serde_json::Value| {
        let text = case["ref"].as_str().map(str::to_owned);
        let raw = case["ref_b64"].as_str().unwrap_or_default();
        let bytes = match &text {
            Some(text) => text.clone().into_bytes(),
            None => BASE64.decode(raw.as_bytes()).unwrap(),
        };
        (bytes, text, case["expect"] == "accept")
    };
    list.as_array().unwrap().iter().map(name).collect()
}

/// A statement that makes this branch, as the institution's node signs it.
fn stated(core: &Core, item: StatementId, policy: StatementId, name: &str) -> Option<Vec<u8>> {
    let change = Change {
        name: name.to_owned(),
        over: Vec::new(),
        old: None,
        new: Some("1".repeat(40)),
        forced: false,
    };
    let fields = Object::from([
        ("policy".to_owned(), Value::from(policy.to_string())),
        ("changes".to_owned(), Value::List(vec![change.to_value()])),
    ]);
    let draft = Draft {
        kind: "refs",
        item: Some(item),
        fields,
        ..Draft::default()
    };
    let author = Author::NodeFor(core.persons().remove(0).enrolment);
    Some(core.compose(draft, &author).ok()?.bytes)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs COMMUN_SHARED"]
async fn acceptance_hostile_ref_names_in_a_members_log_become_no_refs() {
    let (a, b) = Node::two().await;
    let new = NewRepository {
        slug: "outil".to_owned(),
        licence: Some("EUPL-1.2".to_owned()),
        ..NewRepository::default()
    };
    let made = a.resources.create_repository(&a.admin(), new).await;
    let item = made.unwrap().id;
    a.carry_to(&b).await;

    let handle = a.core.identity().handle.clone();
    let from = b.core.state().tip(&handle).unwrap().size;
    let policy = a.core.state().catalogue().item(&item).unwrap().policy;
    let names = names();
    assert!(names.len() > 50, "the list has {} names only", names.len());
    let (mut sent, terms) = range(&a.core, &handle, from);
    sent.entries = names
        .iter()
        .map(|(bytes, text, _)| {
            // What no statement can say may still be a leaf.
            let statement = text
                .as_deref()
                .and_then(|t| stated(&a.core, item, policy, t));
            RangeEntry {
                entry: statement.unwrap_or_else(|| bytes.clone()),
                body: None,
            }
        })
        .collect();
    {
        let store = a.core.store().unwrap();
        let hashes = store.hashes(store.log(&handle).unwrap().id);
        let mut log = tree::Pending::on(&hashes, from);
        let mut size = from;
        for e in &sent.entries {
            tree::append(&mut log, size, tree::leaf_hash(&e.entry)).unwrap();
            size += 1;
        }
        let checkpoint = Checkpoint {
            origin: terms.origin.clone(),
            size,
            root: tree::root(&log, size).unwrap(),
        };
        sent.checkpoint = checkpoint.sign(&a.core.identity().node).to_bytes();
        sent.proof = prove_range(&log, size, size, 0).unwrap().proof;
    }
    let stored = b.core.accept_range(sent, terms).await.unwrap();
    assert_eq!(stored.size, from + names.len() as u64, "the log travels");

    let known = b.core.state().catalogue().copy_of(&item).unwrap();
    let rules = b.core.policy(&known).unwrap().unwrap();
    let placed = project(&known, &rules, &Held::default());
    let got: BTreeSet<&str> = placed.refs.keys().map(RefName::as_str).collect();
    let allowed = names.iter().filter(|(.., accept)| *accept);
    let wanted: BTreeSet<&str> = allowed.filter_map(|(_, text, _)| text.as_deref()).collect();
    assert!(wanted.len() >= 5, "{wanted:?}");
    assert_eq!(got, wanted, "what Git is to serve");
}
