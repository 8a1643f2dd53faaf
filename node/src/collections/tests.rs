use super::*;
use crate::testing::Node;

async fn published(node: &Node, slug: &str) -> StatementId {
    let metadata = serde_json::json!({"slug": slug, "title": slug, "licence": "CC-BY-4.0"});
    let upload = node.upload(&metadata.to_string(), &[("a.txt", slug)]);
    let admin = node.admin();
    node.resources
        .publish(&admin, upload, None)
        .await
        .unwrap()
        .id
}

fn names(node: &Node, collection: &StatementId) -> Vec<String> {
    let all = members(&node.core, collection, 0..100).unwrap().unwrap();
    all.into_iter().map(|m| m.item.name).collect()
}

#[tokio::test]
async fn a_collection_is_made_changed_and_forked_across_institutions() {
    let (a, b) = Node::two().await;
    let (one, two) = (published(&a, "un").await, published(&b, "deux").await);
    a.carry_to(&b).await;
    b.carry_to(&a).await;
    let new = NewCollection {
        slug: "semestre".into(),
        title: Some("Semestre 1".into()),
        language: Some("fr".into()),
        members: vec!["univ-a/un".into(), two.to_string()],
        ..NewCollection::default()
    };
    let made = create(&a.core, &a.admin(), new.clone()).await.unwrap().id;
    assert_eq!(names(&a, &made), ["univ-a/un", "univ-b/deux"]);
    let again = create(&a.core, &a.admin(), new).await;
    assert!(matches!(again, Err(CollectionError::Conflict(_))));
    let moved = Edit {
        r#move: Some("univ-b/deux".into()),
        at: Some(1),
        ..Edit::default()
    };
    edit(&a.core, &a.admin(), &made, moved).await.unwrap();
    assert_eq!(names(&a, &made), ["univ-b/deux", "univ-a/un"]);
    for wrong in [
        Edit {
            add: vec!["univ-a/un".into()],
            ..Edit::default()
        },
        Edit {
            add: vec!["univ-a/rien".into()],
            ..Edit::default()
        },
        Edit {
            remove: vec!["univ-a/semestre".into()],
            ..Edit::default()
        },
        Edit {
            r#move: Some("univ-a/un".into()),
            at: Some(9),
            ..Edit::default()
        },
    ] {
        let refused = edit(&a.core, &a.admin(), &made, wrong).await;
        assert!(
            matches!(refused, Err(CollectionError::Invalid(..))),
            "{refused:?}"
        );
    }
    a.carry_to(&b).await;
    let origin = b.core.state().catalogue().copy_of(&made).unwrap();
    let theirs = edit(&b.core, &b.admin(), &made, Edit::default()).await;
    assert!(matches!(theirs, Err(CollectionError::NotAllowed(_))));
    let new = NewCollection {
        slug: "mien".into(),
        ..NewCollection::default()
    };
    let forked = fork(&b.core, &b.admin(), &origin, new).await.unwrap().id;
    assert_eq!(names(&b, &forked), ["univ-b/deux", "univ-a/un"]);
    let item = b.core.state().catalogue().copy_of(&forked).unwrap();
    assert_eq!(
        crate::items::title(&b.core, &item).unwrap().as_deref(),
        Some("Semestre 1")
    );
    // What is withdrawn stays listed, and is shown as such.
    let item = a.core.state().catalogue().copy_of(&one).unwrap();
    let new = takedown::NewWithdrawal {
        reason: "r".into(),
        ..Default::default()
    };
    takedown::withdraw(&a.core, &a.admin(), &item, new)
        .await
        .unwrap();
    let all = members(&a.core, &made, 0..100).unwrap().unwrap();
    assert_eq!(all[1].state, MemberState::Withdrawn);
    assert_eq!(all[1].item.title, None);
}

#[tokio::test]
async fn a_long_collection_goes_into_a_list() {
    let a = Node::first().await;
    let mut all = Vec::new();
    for n in 0..=MAX_INLINE_MEMBERS {
        let new = NewCollection {
            slug: format!("c{n}"),
            ..NewCollection::default()
        };
        all.push(
            create(&a.core, &a.admin(), new)
                .await
                .unwrap()
                .id
                .to_string(),
        );
    }
    let new = NewCollection {
        slug: "longue".into(),
        members: all.clone(),
        ..NewCollection::default()
    };
    let made = create(&a.core, &a.admin(), new).await.unwrap().id;
    let found = members(&a.core, &made, 0..100).unwrap().unwrap();
    let found: Vec<String> = found.iter().map(|m| m.item.id.to_string()).collect();
    assert_eq!(found, all);
}
