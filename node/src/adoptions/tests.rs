use super::*;
use crate::testing::Node;

#[tokio::test(flavor = "multi_thread")]
async fn another_institution_adopts_changes_its_mind_and_withdraws() {
    let (a, b) = Node::two().await;
    let item = a.repository("pod").await;
    a.carry_to(&b).await;
    let say =
        async |new: NewAdoption| adopt(&b.core, &b.admin(), &item, new, Some("2.0".into())).await;
    assert!(matches!(
        say(NewAdoption {
            status: Some("withdrawn".into()),
            ..NewAdoption::default()
        })
        .await,
        Err(AdoptError::NotAdopted)
    ));
    for bad in [
        NewAdoption {
            since: Some("hier".into()),
            ..NewAdoption::default()
        },
        NewAdoption {
            status: Some("loved".into()),
            ..NewAdoption::default()
        },
        NewAdoption {
            version: Some("x".repeat(101)),
            ..NewAdoption::default()
        },
        NewAdoption {
            contact: Some("a\u{0}b".into()),
            ..NewAdoption::default()
        },
    ] {
        assert!(matches!(say(bad).await, Err(AdoptError::Invalid(..))));
    }
    let first = NewAdoption {
        since: Some("2026-01-02".into()),
        status: Some("testing".into()),
        contact: Some("Ada, ada@example.org".into()),
        ..NewAdoption::default()
    };
    say(first).await.unwrap();
    say(NewAdoption {
        version: Some("2.1".into()),
        status: Some("in-use".into()),
        ..NewAdoption::default()
    })
    .await
    .unwrap();
    b.carry_to(&a).await;
    let seen = of(&a.core, &item).unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].version.as_deref(), &*seen[0].since, seen[0].status),
        (Some("2.1"), "2026-01-02", Use::InUse)
    );
    // What was not said again stays.
    assert_eq!(seen[0].contact.as_deref(), Some("Ada, ada@example.org"));
    assert!(!seen[0].former);
    assert_eq!(count(&a.core, &item.id), 1);
    let runs = by(&a.core, &b.core.identity().handle).unwrap();
    assert_eq!(runs[0].0.name, "univ-a/pod");
    say(NewAdoption {
        status: Some("withdrawn".into()),
        ..NewAdoption::default()
    })
    .await
    .unwrap();
    b.carry_to(&a).await;
    assert_eq!(of(&a.core, &item).unwrap()[0].status, Use::Withdrawn);
    assert_eq!(count(&a.core, &item.id), 0);
    assert!(by(&a.core, &b.core.identity().handle).unwrap().is_empty());
}
