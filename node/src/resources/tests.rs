use commun_specs::{fold::ItemKind, metadata::Record, name::Handle};

use super::*;
use crate::testing::Node;

const COURSE: &str = r#"{
  "slug": "algebre-l1", "title": {"fr": "Algèbre linéaire", "en": "Linear algebra"}, "language": "fr",
  "licence": "CC-BY-SA-4.0", "level": "fr-l1", "subject": "iscedf-0541", "resource_type": "course"
}"#;

fn course(node: &Node) -> Upload {
    node.upload(
        COURSE,
        &[
            (
                "cours.md",
                "# Espaces vectoriels\n\nLe noyau est un sous-espace.",
            ),
            ("images/a.txt", "figure"),
        ],
    )
}

fn invalid(e: PublishError) -> Vec<Problem> {
    match e {
        PublishError::Invalid(Problems(all)) => all,
        other => panic!("not a problem of the input: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_in_the_catalogue_held_and_found_at_once_then_by_its_text() {
    let node = Node::first().await;
    let upload = course(&node);
    let temps: Vec<_> = upload.files.iter().map(|f| f.temp.clone()).collect();
    let published = node
        .resources
        .publish(&node.admin(), upload, None)
        .await
        .unwrap();
    assert_eq!(published.name, "univ-a/algebre-l1");
    assert_eq!(published.id, published.version);
    assert!(
        temps.iter().all(|t| !t.exists()),
        "received files are removed"
    );
    node.finds("algebre", 1).await;
    node.finds("noyau", 1).await;
    let item = node
        .core
        .state()
        .catalogue()
        .copy_of(&published.id)
        .unwrap();
    assert_eq!(item.kind, ItemKind::Resource);
    let found = node.core.statement(&published.version).unwrap().unwrap();
    let Ok(Some(Facts::Resource(facts))) = found.statement.facts() else {
        panic!("a resource")
    };
    assert_eq!(
        (facts.files.count, facts.licence.as_str()),
        (2, "CC-BY-SA-4.0")
    );
    assert!(
        node.blobs.has(&facts.files.blake3).await && node.blobs.has(&facts.record.unwrap()).await
    );
    let view = Record::from_body(&found.body.unwrap().bytes)
        .unwrap()
        .view();
    assert_eq!(view.title_for(&["fr"]), Some(("fr", "Algèbre linéaire")));
    assert_eq!(view.files.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_publication_to_a_slug_is_a_version_and_the_same_again_is_none() {
    let node = Node::first().await;
    let admin = node.admin();
    let first = node
        .resources
        .publish(&admin, course(&node), None)
        .await
        .unwrap();
    node.finds("noyau", 1).await;
    let same = node
        .resources
        .publish(&admin, course(&node), None)
        .await
        .unwrap();
    assert_eq!(same, first);
    let other = node.upload(COURSE, &[("cours.md", "Le polynôme caractéristique.")]);
    let second = node.resources.publish(&admin, other, None).await.unwrap();
    assert_eq!((second.id, &second.name), (first.id, &first.name));
    assert_ne!(second.version, first.version);
    node.finds("polynome", 1).await;
    node.finds("noyau", 0).await;
    let explicit = node.upload(
        &COURSE.replace("\"slug\": \"algebre-l1\",", ""),
        &[("cours.md", "Déterminants.")],
    );
    let third = node
        .resources
        .publish(&admin, explicit, Some(first.id))
        .await
        .unwrap();
    assert_eq!((third.id, &third.name), (first.id, &first.name));
    let item = node.core.state().catalogue().copy_of(&first.id).unwrap();
    assert_eq!((item.heads.len(), item.versions.len()), (1, 3));
    assert_eq!(item.displayed(), third.version);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_said_at_once_and_nothing_is_stored() {
    let node = Node::first().await;
    let admin = node.admin();
    let before = node.core.state().catalogue().root();
    let wrong = node.upload(
        r#"{"slug": "x-y", "language": "fr"}"#,
        &[("../a", "x"), ("CON", "y"), ("b", "z")],
    );
    let problems = invalid(
        node.resources
            .publish(&admin, wrong, None)
            .await
            .unwrap_err(),
    );
    let fields: Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
    assert_eq!(
        fields,
        ["files: \"../a\"", "files: \"CON\"", "title", "licence"]
    );
    let clash = node.upload(COURSE, &[("a/b", "x"), ("A", "y")]);
    assert_eq!(
        invalid(
            node.resources
                .publish(&admin, clash, None)
                .await
                .unwrap_err()
        )[0]
        .field,
        "files"
    );
    let none = node.upload(COURSE, &[]);
    assert_eq!(
        invalid(
            node.resources
                .publish(&admin, none, None)
                .await
                .unwrap_err()
        )[0]
        .field,
        "files"
    );
    for document in [
        "",
        "[]",
        "{",
        r#"{"title": 3}"#,
        r#"{"title":"a","licence":"CC-BY-9"}"#,
    ] {
        let upload = node.upload(document, &[("a", "x")]);
        assert!(
            !invalid(
                node.resources
                    .publish(&admin, upload, None)
                    .await
                    .unwrap_err()
            )
            .is_empty(),
            "{document}"
        );
    }
    assert_eq!(node.core.state().catalogue().root(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_owners_and_names_are_respected() {
    let (a, b) = Node::two().await;
    let admin = a.admin();
    let reader = Person {
        roles: vec![Role::Developer],
        ..admin.clone()
    };
    let refused = a.resources.publish(&reader, course(&a), None).await;
    assert!(
        matches!(refused, Err(PublishError::NotAllowed(_))),
        "{refused:?}"
    );
    let item = a.resources.publish(&admin, course(&a), None).await.unwrap();
    a.carry_to(&b).await;
    let refused = b
        .resources
        .publish(&b.admin(), course(&b), Some(item.id))
        .await;
    assert!(
        matches!(refused, Err(PublishError::NotAllowed(_))),
        "{refused:?}"
    );
    let unknown = b
        .resources
        .publish(&b.admin(), course(&b), Some(StatementId([7; 32])))
        .await;
    assert!(
        matches!(unknown, Err(PublishError::NoSuchItem)),
        "{unknown:?}"
    );
    // The same slug of another institution is another item, here one that is made from the first.
    let derived = COURSE.replace(
        "\"language\"",
        r#""relations": [{"type":"isBasedOn","target":"univ-a/algebre-l1"}], "language""#,
    );
    let mine = b
        .resources
        .publish(&b.admin(), b.upload(&derived, &[("a.md", "x")]), None)
        .await
        .unwrap();
    let found = b.core.statement(&mine.version).unwrap().unwrap();
    let Ok(Some(Facts::Resource(facts))) = found.statement.facts() else {
        panic!("a resource")
    };
    assert_eq!(
        (facts.derived_from[0].item, facts.derived_from[0].version),
        (item.id, item.version)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_created_with_or_without_a_licence_and_its_name_is_taken() {
    let node = Node::first().await;
    let admin = node.admin();
    let new = NewRepository {
        slug: "outil-quiz".to_owned(),
        title: Some("Outil de quiz".to_owned()),
        language: Some("fr".to_owned()),
        ..NewRepository::default()
    };
    let made = node
        .resources
        .create_repository(&admin, new.clone())
        .await
        .unwrap();
    let item = node.core.state().catalogue().copy_of(&made.id).unwrap();
    let rules = node.core.repository(&item).unwrap().unwrap();
    assert_eq!(
        (rules.licence.as_str(), rules.default_branch.as_str()),
        (NO_LICENCE, "main")
    );
    assert_eq!(rules.pushers[0].institution, Handle::new("univ-a").unwrap());
    assert!(node.repos.get(&made.id.to_string()).is_ok());
    node.finds("quiz", 1).await;
    let again = node.resources.create_repository(&admin, new).await;
    assert!(matches!(again, Err(PublishError::Conflict(_))), "{again:?}");
    let resource = node.upload(&COURSE.replace("algebre-l1", "outil-quiz"), &[("a", "x")]);
    let taken = node.resources.publish(&admin, resource, None).await;
    assert!(matches!(taken, Err(PublishError::Conflict(_))), "{taken:?}");
    let wrong = NewRepository {
        slug: "Quiz!".to_owned(),
        licence: Some("MITT".to_owned()),
        ..NewRepository::default()
    };
    let problems = invalid(
        node.resources
            .create_repository(&admin, wrong)
            .await
            .unwrap_err(),
    );
    assert_eq!(
        problems
            .iter()
            .map(|p| p.field.as_str())
            .collect::<Vec<_>>(),
        ["slug", "licence"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_resource_is_not_found_until_it_is_published_again() {
    let node = Node::first().await;
    let admin = node.admin();
    let item = node
        .resources
        .publish(&admin, course(&node), None)
        .await
        .unwrap();
    node.finds("noyau", 1).await;
    let key = node.core.author_key(&admin).unwrap().unwrap();
    let fields = Object::from([("code".to_owned(), Value::from("error"))]);
    let draft = Draft {
        kind: "withdrawal",
        item: Some(item.id),
        fields,
        ..Draft::default()
    };
    let entry = node.core.compose(draft, &Author::Person(&key)).unwrap();
    node.core.write(entry).await.unwrap();
    node.finds("noyau", 0).await;
    node.finds("algebre", 0).await;
    let again = node
        .resources
        .publish(&admin, course(&node), None)
        .await
        .unwrap();
    assert_eq!(again.id, item.id);
    assert_ne!(again.version, item.version);
    node.finds("algebre", 1).await;
    node.finds("noyau", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_published_is_refused_before_anything_is_stored() {
    let node = Node::first().await;
    let mut persons = Vec::new();
    for role in [Role::Publisher, Role::Publisher, Role::Librarian] {
        let key = node.core.keys().new_person().unwrap().public();
        let id = crate::init::enrol_person(&node.core, &key, &[role], false, None)
            .await
            .unwrap();
        persons.push(node.core.person(&id).unwrap());
    }
    let [creator, other, librarian] = &persons[..] else {
        panic!("three");
    };
    let first = node
        .resources
        .publish(creator, course(&node), None)
        .await
        .unwrap();
    let text = "# Une autre leçon";
    let next = || node.upload(COURSE, &[("cours.md", text)]);
    for item in [None, Some(first.id)] {
        let refused = node.resources.publish(other, next(), item).await;
        assert!(
            matches!(refused, Err(PublishError::NotAllowed(_))),
            "{refused:?}"
        );
    }
    assert!(!node.blobs.has(&ContentHash::of(text.as_bytes())).await);
    let second = node
        .resources
        .publish(librarian, next(), None)
        .await
        .unwrap();
    assert_eq!(second.id, first.id);
    assert!(node.blobs.has(&ContentHash::of(text.as_bytes())).await);
}
