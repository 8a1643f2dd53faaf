use commun_specs::{
    fold::Item,
    id::StatementId,
    json::{Object, parse_object},
};

use super::{outlines::opened, words::Words, *};
use crate::{
    core::{Author, Draft},
    testing::Node,
};

struct Place {
    node: Node,
    talk: Talk,
    item: Item,
}

impl Place {
    async fn new() -> Self {
        let node = Node::first().await;
        let text = r#"{"cuts":[],"default_branch":"main","licence":"EUPL-1.2","object_format":"sha1","protected":[],"pushers":[{"institution":"univ-a"}],"slug":"outil"}"#;
        let talk = Talk::new(node.core.clone(), node.repos.clone());
        let fields = parse_object(text.as_bytes()).unwrap();
        let id = state(&node, "repository", None, Vec::new(), fields, None).await;
        let item = node.core.state().catalogue().copy_of(&id).unwrap();
        Self { node, talk, item }
    }

    /// A version of a merge request of the admin; `root` is none for the first.
    async fn version(
        &self,
        root: Option<StatementId>,
        over: &[StatementId],
        n: u64,
    ) -> StatementId {
        let mut fields = Object::from([
            ("target".to_owned(), "refs/heads/main".into()),
            ("new".to_owned(), format!("{n:040x}").as_str().into()),
        ]);
        if let Some(root) = root {
            fields.insert("request".to_owned(), root.to_string().into());
        }
        let words = Words::new(Some("Change"), "what").unwrap().to_body();
        let (kind, over) = ("merge-request", over.to_vec());
        state(
            &self.node,
            kind,
            Some(self.item.id),
            over,
            fields,
            Some(words),
        )
        .await
    }
}

async fn state(
    node: &Node,
    kind: &'static str,
    item: Option<StatementId>,
    supersedes: Vec<StatementId>,
    fields: Object,
    body: Option<Vec<u8>>,
) -> StatementId {
    let draft = Draft {
        kind,
        item,
        supersedes,
        fields,
        body,
        ..Draft::default()
    };
    let author = Author::NodeFor(node.admin().enrolment);
    let entry = node.core.compose(draft, &author).unwrap();
    node.core.write(entry).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_a_list_reads_a_part_of_a_long_thread_and_says_the_same() {
    let at = Place::new().await;
    let (by, talk) = (at.node.admin(), &at.talk);
    let mut roots = Vec::new();
    for n in 0..5 {
        let title = format!("Thread {n}");
        let opened = talk.open(&by, &at.item, &title, "text", &[]);
        roots.push(opened.await.unwrap().id);
    }
    let root = roots[0];
    for n in 0..140 {
        let text = format!("comment {n}");
        talk.comment(&by, &at.item, &root, &text, None)
            .await
            .unwrap();
    }
    let (whole, line) = (
        talk.discussion(&root).unwrap(),
        talk.summary(&root).unwrap(),
    );
    assert_eq!(whole.entries.len(), 141);
    assert!(line.entries.len() <= 101, "{}", line.entries.len());
    assert_eq!(
        (line.comments, line.updated, &line.title, line.time),
        (140, whole.updated, &whole.title, whole.time)
    );

    // The list is read in parts, and each part by itself.
    let state = at.node.core.state();
    let catalogue = state.catalogue();
    let (first, next) = catalogue.opened(&at.item.id, None, 3);
    let (rest, end) = catalogue.opened(&at.item.id, next.as_ref(), 3);
    assert_eq!((first.len(), rest.len(), end), (3, 2, None));
    for root in &roots {
        let (outline, view) = (
            catalogue.outline(root).unwrap(),
            catalogue.thread(root).unwrap(),
        );
        assert_eq!((outline.root, outline.state), (view.root, view.state));
    }
    drop(state);
    let mut ids: Vec<_> = opened(&at.node.core, &at.item.id)
        .iter()
        .map(|s| s.id)
        .collect();
    ids.sort();
    roots.sort();
    assert_eq!(ids, roots);
    let listed = talk
        .list(&at.item, Kind::Thread, &Filter::default())
        .unwrap();
    assert_eq!(listed.len(), 5);
    let find = |kind, id: &str| talk.find(&at.item, kind, id);
    let text = root.to_string();
    assert_eq!(find(Kind::Thread, &text).unwrap(), root);
    assert_eq!(find(Kind::Thread, &text[..16]).unwrap(), root);
    assert!(find(Kind::Request, &text).is_err() && find(Kind::Thread, &text[..4]).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_a_list_shows_the_newest_of_very_many_versions_by_their_numbers() {
    let at = Place::new().await;
    let root = at.version(None, &[], 1).await;
    let mut last = root;
    for n in 2..=30 {
        last = at.version(Some(root), &[last], n).await;
    }
    let (whole, line) = (
        at.talk.discussion(&root).unwrap(),
        at.talk.summary(&root).unwrap(),
    );
    let (whole, line) = (whole.asked.unwrap(), line.asked.unwrap());
    assert_eq!((whole.versions.len(), whole.current.number), (30, 30));
    assert!(line.versions.len() <= 18, "{}", line.versions.len());
    assert_eq!(line.current, whole.current);
    assert_eq!((line.versions[0].number, line.versions[0].id), (1, root));
    let outline = at.node.core.state().catalogue().outline(&root).unwrap();
    assert_eq!(outline.current().unwrap().spoken.id, last);
}

#[tokio::test(flavor = "multi_thread")]
async fn mentions_come_in_parts_and_what_was_edited_away_is_none() {
    let at = Place::new().await;
    let (by, talk) = (at.node.admin(), &at.talk);
    let thread = talk.open(&by, &at.item, "Thread", "Hello @univ-a", &[]);
    let root = thread.await.unwrap().id;
    let say = |text: &'static str| talk.comment(&by, &at.item, &root, text, None);
    let first = say("@univ-a/ada-lovelace, look").await.unwrap();
    let gone = say("@univ-a too").await.unwrap();
    let id = gone.id.to_string();
    let edited = talk.edit(&by, &at.item, &root, &id, None, "nobody");
    edited.await.unwrap();
    let id = first.id.to_string();
    let edited = talk.edit(
        &by,
        &at.item,
        &root,
        &id,
        None,
        "again @univ-a/Ada-Lovelace",
    );
    edited.await.unwrap();
    let handle = at.node.core.identity().handle.clone();
    let entries = |part: &Mentions| -> Vec<StatementId> {
        let mut all: Vec<_> = part.found.iter().map(|m| m.entry).collect();
        all.sort();
        all
    };
    let all = talk.mentions(&handle, None, None).unwrap();
    let mut wanted = vec![root, first.id];
    wanted.sort();
    assert_eq!((entries(&all), all.next), (wanted, None));
    let one = talk.mentions(&handle, Some("Ada Lovelace"), None).unwrap();
    assert_eq!(entries(&one), [first.id]);
    assert_eq!((one.found[0].thread, one.found[0].list), (root, "threads"));
    // What came after line 1 is not before it.
    let none = talk.mentions(&handle, None, Some(1)).unwrap();
    assert!(none.found.is_empty() && none.next.is_none());

    let request = at.version(None, &[], 1).await;
    let words = Words::new(None, "for @univ-a").unwrap().to_body();
    let fields = Object::from([
        ("of".to_owned(), request.to_string().into()),
        ("verdict".to_owned(), "comment".into()),
    ]);
    let review = state(
        &at.node,
        "review",
        Some(at.item.id),
        Vec::new(),
        fields,
        Some(words),
    )
    .await;
    let all = talk.mentions(&handle, None, None).unwrap();
    let found = all.found.iter().find(|m| m.entry == review).unwrap();
    assert_eq!((found.thread, found.list), (request, "merge-requests"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mentions_of_replaced_reviews_and_versions_are_not_told() {
    let at = Place::new().await;
    let handle = at.node.core.identity().handle.clone();
    let told = || -> Vec<StatementId> {
        let part = at.talk.mentions(&handle, None, None).unwrap();
        let mut all: Vec<_> = part.found.iter().map(|m| m.entry).collect();
        all.sort();
        all
    };
    let say = async |kind, over: Vec<StatementId>, fields: Object, text: &str| {
        let words = Words::new((kind == "merge-request").then_some("Change"), text);
        let body = words.unwrap().to_body();
        state(&at.node, kind, Some(at.item.id), over, fields, Some(body)).await
    };
    let asks = |n: u64, root: Option<StatementId>| {
        let mut fields = Object::from([
            ("target".to_owned(), "refs/heads/main".into()),
            ("new".to_owned(), format!("{n:040x}").as_str().into()),
        ]);
        if let Some(root) = root {
            fields.insert("request".to_owned(), root.to_string().into());
        }
        fields
    };
    let first = say("merge-request", vec![], asks(1, None), "for @univ-a").await;
    let thinks = || {
        Object::from([
            ("of".to_owned(), first.to_string().into()),
            ("verdict".to_owned(), "comment".into()),
        ])
    };
    let review = say("review", vec![], thinks(), "@univ-a, look").await;
    let mut both = vec![first, review];
    both.sort();
    assert_eq!(told(), both);

    say("review", vec![review], thinks(), "never mind").await;
    assert_eq!(told(), [first]);
    let over = vec![first];
    say("merge-request", over, asks(2, Some(first)), "for nobody").await;
    assert_eq!(told(), []);
}
