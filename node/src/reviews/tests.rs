use super::*;
use crate::testing::Node;

fn new(verdict: &str, text: &str) -> NewReview {
    NewReview {
        verdict: verdict.to_owned(),
        text: text.to_owned(),
        version: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elsewhere_reviews_changes_their_mind_and_takes_it_back() {
    let (a, b) = Node::two().await;
    let item = a.repository("pod").await;
    a.carry_to(&b).await;
    let say = async |new: NewReview| review(&b.core, &b.admin(), &item, new).await;
    assert!(matches!(
        say(new(WITHDRAWN, "")).await,
        Err(ReviewError::NotReviewed)
    ));
    for bad in [
        new("love", ""),
        new("comment", " "),
        new("approve", "a\u{0}b"),
        new("approve", &"é".repeat(MAX_TEXT + 1)),
    ] {
        assert!(matches!(say(bad).await, Err(ReviewError::Invalid(..))));
    }
    for version in ["0", "2", "zzzzzzzz", "", &item.id.to_string()[..7]] {
        let wrong = NewReview {
            version: Some(version.to_owned()),
            ..new("approve", "")
        };
        assert!(
            matches!(say(wrong).await, Err(ReviewError::NoVersion(_))),
            "{version}"
        );
    }
    say(new("reject", "Sans corrigés.")).await.unwrap();
    let second = NewReview {
        version: Some(item.id.to_string()[..8].to_owned()),
        ..new("approve", &"é".repeat(MAX_TEXT))
    };
    say(second).await.unwrap();
    b.carry_to(&a).await;
    for node in [&a, &b] {
        let seen = of(&node.core, &item, MAX_LISTED).unwrap();
        assert_eq!((seen.total, seen.approving, seen.all.len()), (1, 1, 1));
        let one = &seen.all[0];
        assert_eq!((one.verdict, one.number), (Verdict::Approve, 1));
        assert!(one.current && !one.own && !one.former);
        assert_eq!((one.words, one.text.len()), (Words::Here, 2 * MAX_TEXT));
        assert_eq!(count(&node.core, &item.id), 1);
    }
    for bad in [
        new(WITHDRAWN, "why"),
        NewReview {
            version: Some("1".to_owned()),
            ..new(WITHDRAWN, "")
        },
    ] {
        assert!(matches!(say(bad).await, Err(ReviewError::Invalid(..))));
    }
    say(new(WITHDRAWN, "")).await.unwrap();
    b.carry_to(&a).await;
    let left = of(&a.core, &item, MAX_LISTED).unwrap();
    assert_eq!((left.total, left.approving), (0, 0));
    assert!(matches!(
        say(new(WITHDRAWN, "")).await,
        Err(ReviewError::NotReviewed)
    ));
    // And says it again.
    say(new("comment", "À relire.")).await.unwrap();
    let seen = of(&b.core, &item, MAX_LISTED).unwrap();
    assert_eq!((seen.total, seen.approving), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reviews_what_they_published() {
    let node = Node::first().await;
    let item = node.repository("pod").await;
    let said = review(&node.core, &node.admin(), &item, new("approve", "")).await;
    assert!(matches!(said, Err(ReviewError::OwnVersion)));
    assert_eq!(of(&node.core, &item, MAX_LISTED).unwrap().total, 0);
}
