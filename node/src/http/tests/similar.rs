//! What is like an item, and its translations.

use commun_index::Change;

use super::*;
use crate::items::Neighbour;

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|hit| hit["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_item_names_what_is_like_it_and_its_translations() {
    let mut sample = Sample::new();
    let other = &sample.items[2];
    let twin = Neighbour {
        id: other.id,
        name: other.name(),
        title: None,
    };
    sample.items[3].twins = vec![("translation".to_owned(), twin)];
    let id = sample.items[3].id.to_string();
    let web = Served::with(sample);
    let answer = web
        .get("/api/v1/items/univ-a/exercice-01/similar?lang=fr&limit=3")
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = answer.json();
    assert_eq!(names(&answer["translations"]), ["univ-a/exercice-00"]);
    let alike = names(&answer["similar"]);
    assert_eq!(alike.len(), 3);
    assert!(
        alike
            .iter()
            .all(|name| name.starts_with("univ-a/exercice-"))
    );
    assert!(!alike.contains(&"univ-a/exercice-00") && !alike.contains(&"univ-a/exercice-01"));
    assert_eq!(answer["similar"][0]["licence"], "CC-BY-SA-4.0");
    let by_id = web
        .get(&format!("/api/v1/items/{id}/similar?lang=fr&limit=3"))
        .await;
    assert_eq!(by_id.json(), answer);
}

#[tokio::test]
async fn what_was_removed_is_neither_named_nor_in_the_way() {
    let web = Served::new();
    let path = "/api/v1/items/univ-a/exercice-01/similar?limit=50";
    let before = web.get(path).await.json();
    let gone = before["similar"][0]["id"].as_str().unwrap().to_owned();
    web.sample.change(vec![Change::Remove(gone.clone())]);
    let after = web.get(path).await.json();
    let after = after["similar"].as_array().unwrap();
    assert!(!after.is_empty() && after.iter().all(|hit| hit["id"] != gone));
    let withdrawn = web.get("/api/v1/items/univ-a/exercice-44/similar").await;
    assert_eq!(withdrawn.status, StatusCode::GONE);
    for (path, status) in [
        ("/api/v1/items/univ-a/nothing/similar", 404),
        ("/api/v1/items/univ-a/cours/similar?limit=51", 400),
        ("/api/v1/items/univ-a/cours/similar?limit=x", 400),
    ] {
        assert_eq!(web.get(path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn the_same_in_another_language_is_named_once() {
    let mut sample = Sample::new();
    let twin = |n: usize| {
        let other = &sample.items[n];
        Neighbour {
            id: other.id,
            name: other.name(),
            title: None,
        }
    };
    let (translation, same) = (twin(2), twin(4));
    sample.items[3].twins = vec![
        ("translation".to_owned(), translation),
        ("same".to_owned(), same),
    ];
    let web = Served::with(sample);
    let page = web.page("/univ-a/exercice-01").await;
    let card = |id: &str| -> &str {
        let text = page.text();
        let begin = text.find(&format!("aria-labelledby=\"{id}\"")).unwrap();
        let card = &text[begin..];
        &card[..card.find("</section>").unwrap()]
    };
    let (translations, also) = (card("translations"), card("also"));
    assert!(translations.contains("href=\"/univ-a/exercice-00\""));
    assert!(!translations.contains("exercice-02"));
    assert!(also.contains("href=\"/univ-a/exercice-02\""));
    assert!(!also.contains("exercice-00"));
}
