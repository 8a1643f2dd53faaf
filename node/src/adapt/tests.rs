use commun_specs::id::ContentHash;

use super::*;
use crate::testing::Node;

async fn publish(node: &Node, slug: &str, licence: &str, files: &[(&str, &str)]) -> Published {
    let metadata = json!({"slug": slug, "title": {"fr": "Algèbre"}, "licence": licence, "language": "fr",
        "creators": [{"name": "Ada"}]});
    let upload = node.upload(&metadata.to_string(), files);
    let admin = node.admin();
    node.resources.publish(&admin, upload, None).await.unwrap()
}

fn item(node: &Node, id: &StatementId) -> Item {
    node.core.state().catalogue().copy_of(id).unwrap()
}

async fn derived(
    node: &Node,
    from: &StatementId,
    new: NewDerivation,
    files: Vec<UploadedFile>,
) -> Result<Published, DeriveError> {
    let here = Here {
        core: &node.core,
        blobs: &node.blobs,
        resources: &node.resources,
    };
    derive(here, &node.admin(), &item(node, from), new, files, "en").await
}

#[tokio::test]
async fn a_course_of_another_institution_is_adapted_with_its_files_by_reference() {
    let (a, b) = Node::two().await;
    let files = [
        ("cours.txt", "le cours"),
        ("td.txt", "les exercices"),
        ("vieux.txt", "vieux"),
    ];
    let made = publish(&a, "algebre", "CC-BY-SA-4.0", &files).await;
    a.carry_to(&b).await;
    let new = NewDerivation {
        slug: "algebre-bis".into(),
        title: Some("Algèbre, adaptée".into()),
        remove: ["vieux.txt".to_owned()].into(),
        ..NewDerivation::default()
    };
    let on_top = b
        .upload(
            "{}",
            &[("td.txt", "d’autres exercices"), ("plus.txt", "plus")],
        )
        .files;
    let early = derived(&b, &made.id, new.clone(), Vec::new()).await;
    assert!(matches!(early, Err(DeriveError::NotYet)), "{early:?}");
    // What the content follower would fetch.
    let Some(Facts::Resource(r)) = a
        .core
        .statement(&made.version)
        .unwrap()
        .unwrap()
        .statement
        .facts()
        .unwrap()
    else {
        panic!("a resource");
    };
    let list = takedown::file_list(&a.blobs, &r.files.blake3)
        .await
        .unwrap();
    b.blobs.add_bytes(list.encode()).await.unwrap();
    for (_, text) in files {
        b.blobs.add_bytes(text.as_bytes().to_vec()).await.unwrap();
    }
    for (licence, remove) in [(Some("CC-BY-4.0"), "vieux.txt"), (None, "rien.txt")] {
        let wrong = NewDerivation {
            licence: licence.map(str::to_owned),
            remove: [remove.to_owned()].into(),
            ..new.clone()
        };
        let refused = derived(&b, &made.id, wrong, Vec::new()).await;
        assert!(matches!(
            refused,
            Err(DeriveError::Licence(_) | DeriveError::Invalid("remove", _))
        ));
    }
    let held = b.blobs.total().await.unwrap().0;
    let adapted = derived(&b, &made.id, new.clone(), on_top).await.unwrap();
    // Two files, a list and a record are new; nothing else.
    assert_eq!(b.blobs.total().await.unwrap().0, held + 4);
    let again = derived(&b, &made.id, new, Vec::new()).await;
    assert!(matches!(
        again,
        Err(DeriveError::Publish(PublishError::Conflict(_)))
    ));
    let origins = b.core.state().catalogue().origins(&adapted.id).to_vec();
    let origin = VersionRef {
        item: made.id,
        version: made.version,
    };
    assert_eq!(origins, std::slice::from_ref(&origin));
    assert_eq!(
        b.core.state().catalogue().derivatives(&made.id),
        [adapted.id]
    );
    let between = sides(&b.core, &item(&b, &adapted.id), None, None).unwrap();
    assert_eq!(
        (between.item.id, between.from, between.to),
        (made.id, made.version, made.version)
    );
    let none = sides(&b.core, &item(&b, &made.id), None, None);
    assert_eq!(none.unwrap_err(), NoSides::NotDerived);
    let foreign = sides(&b.core, &item(&b, &made.id), Some(adapted.version), None);
    assert_eq!(foreign.unwrap_err(), NoSides::NoSuchVersion);
    let seen = compare(&b.core, &b.blobs, &made.version, &adapted.version)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(seen.added, [("plus.txt".to_owned(), 4)]);
    assert_eq!(seen.removed, [("vieux.txt".to_owned(), 5)]);
    assert_eq!(seen.changed.len(), 1);
    assert!(seen.fields.iter().any(|(name, ..)| name == "title"));
    let chain = credits(
        &b.core,
        &b.blobs,
        &item(&b, &adapted.id),
        "http://b.example",
        "fr",
    )
    .await
    .unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!((chain[1].title.as_str(), chain[1].depth), ("Algèbre", 1));
    assert_eq!(chain[1].authors, ["Ada"]);
    assert!(
        chain[0]
            .changes
            .is_some_and(|c| (c.added, c.changed, c.removed) == (1, 1, 1))
    );
    // Upstream goes on: whoever derived is told.
    assert_eq!(behind(b.core.state().catalogue(), &origin), Some(0));
    publish(&a, "algebre", "CC-BY-SA-4.0", &[("cours.txt", "corrigé")]).await;
    a.carry_to(&b).await;
    assert_eq!(behind(b.core.state().catalogue(), &origin), Some(1));
    // A further version of it keeps the version that it was made from, whether its metadata says so again or not, and
    // the licence that this asks for.
    for (again, relations) in [
        json!([]),
        json!([{"type": "isBasedOn", "target": "univ-a/algebre"}]),
    ]
    .into_iter()
    .enumerate()
    {
        let next = |licence: &str| {
            let metadata = json!({"slug": "algebre-bis", "title": {"fr": "Algèbre, adaptée"}, "language": "fr",
                "licence": licence, "relations": relations});
            let text = format!("encore {again}");
            b.upload(&metadata.to_string(), &[("cours.txt", &text)])
        };
        let freed = b.resources.publish(&b.admin(), next("CC0-1.0"), None).await;
        assert!(
            matches!(&freed, Err(PublishError::Invalid(p)) if p.0[0].field == "licence"),
            "{freed:?}"
        );
        let admin = b.admin();
        let next = b.resources.publish(&admin, next("CC-BY-SA-4.0"), None);
        let next = next.await.unwrap();
        assert_eq!(next.id, adapted.id);
        let found = b.core.statement(&next.version).unwrap().unwrap();
        let Ok(Some(Facts::Resource(r))) = found.statement.facts() else {
            panic!("a resource");
        };
        assert_eq!(r.derived_from, std::slice::from_ref(&origin));
    }
    // The chain goes on over a third step.
    let third = NewDerivation {
        slug: "ter".into(),
        ..NewDerivation::default()
    };
    let third = derived(&b, &adapted.id, third, Vec::new()).await.unwrap();
    let chain = credits(
        &b.core,
        &b.blobs,
        &item(&b, &third.id),
        "http://b.example",
        "en",
    )
    .await
    .unwrap();
    assert_eq!(chain.iter().map(|c| c.depth).collect::<Vec<_>>(), [0, 1, 2]);
    let same = ContentHash::of("le cours".as_bytes());
    assert!(b.blobs.has(&same).await);
    let cited = cited(&b.core, &item(&b, &adapted.id), "http://b.example", "fr").unwrap();
    assert_eq!(cited.url, "http://b.example/univ-b/algebre-bis");
    assert_eq!(cited.title, "Algèbre, adaptée");
}

#[tokio::test]
async fn what_may_not_be_changed_is_not_derived() {
    let a = Node::first().await;
    let made = publish(&a, "fige", "CC-BY-ND-4.0", &[("a.txt", "a")]).await;
    let new = NewDerivation {
        slug: "bis".into(),
        ..NewDerivation::default()
    };
    let refused = derived(&a, &made.id, new, Vec::new()).await;
    assert!(matches!(refused, Err(DeriveError::Licence(why)) if why.contains("forbids changing")));
}
