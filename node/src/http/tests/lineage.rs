//! What changed between versions, and collections of any length.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    Served,
    sample::{HOSTILE, Sample},
};
use crate::adapt::Comparison;

fn changed() -> Comparison {
    Comparison {
        added: vec![("chapitres/deux.md".into(), 1_500)],
        removed: vec![("vieux.txt".into(), 12)],
        changed: vec![("notes.txt".into(), 8, 2_000)],
        fields: vec![
            (
                "title".into(),
                json!({"fr": "Équations différentielles", "en": "Equations"}),
                json!({"fr": "Équations aux différences", "de": HOSTILE}),
            ),
            (
                "level".into(),
                json!(["fr-l1", "fr-l2"]),
                json!(["fr-l2", "fr-l3"]),
            ),
            ("keywords".into(), json!({"fr": ["a", "b"]}), json!(null)),
            (
                "subject".into(),
                json!(["iscedf-0541", "iscedf-0533"]),
                json!(["iscedf-0533", "iscedf-0541"]),
            ),
        ],
        files_here: true,
    }
}

#[tokio::test]
async fn two_versions_are_compared_in_the_readers_words() {
    let web = Served::with(Sample::with_versions(changed()));
    let item = &web.sample.items[0];
    let [new, old] = [&item.versions[0], &item.versions[1]].map(|v| v.statement);
    let address = format!("/univ-a/cours/compare?from={old}&amp;to={new}");
    let page = web.page("/univ-a/cours").await.text().to_owned();
    assert!(page.contains(&address), "{page}");

    let answer = web.page(&address.replace("&amp;", "&")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let text = answer.text();
    for there in [
        "De la version 1 à la version 2",
        "<del>différentielles</del>",
        "<ins>aux différences</ins>",
        "Licence 1re année (L1)",
        "Licence 3e année (L3)",
        "Nouveaux (1)",
        "chapitres/deux.md",
        "Modifiés (1)",
        "8\u{a0}octets → 2\u{a0}ko",
        "Supprimés (1)",
        "Les mêmes valeurs dans un autre ordre.",
    ] {
        assert!(text.contains(there), "{there}: {text}");
    }
    // What stayed is not listed, and what others wrote stays text.
    assert!(!text.contains("Licence 2e année (L2)"), "{text}");
    assert!(!text.contains("<script"), "{text}");
    assert_eq!(text.matches("<h1").count(), 1);
    assert!(
        answer
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    let english = web
        .get_from(
            super::MAIN,
            &address.replace("&amp;", "&"),
            &[("accept", "text/html"), ("accept-language", "en")],
        )
        .await;
    assert!(english.text().contains("From version 1 to version 2"));
}

#[tokio::test]
async fn versions_that_are_alike_or_nowhere_say_so() {
    let same = Comparison {
        files_here: true,
        ..Comparison::default()
    };
    let web = Served::with(Sample::with_versions(same));
    let page = web.page("/univ-a/cours/compare").await;
    assert!(page.text().contains("Rien n’a changé"), "{}", page.text());
    for wrong in [
        "/univ-a/cours/compare?from=x",
        "/univ-a/cours/compare?to=%3Cscript%3E",
    ] {
        assert_eq!(
            web.page(wrong).await.status,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    for nowhere in ["/univ-a/rien/compare", "/univ-a/cours/compare/x"] {
        assert_eq!(
            web.page(nowhere).await.status,
            StatusCode::NOT_FOUND,
            "{nowhere}"
        );
    }
    let web = Served::with(Sample::with_versions(Comparison::default()));
    let page = web.page("/univ-a/cours/compare").await;
    assert!(page.text().contains("rien n’est dit des fichiers"));
}

#[tokio::test]
async fn every_member_of_a_long_collection_is_on_a_page_with_its_title() {
    let web = Served::with(Sample::with_collection(250));
    let mut seen = 0;
    for number in 1..=3 {
        let page = web.page(&format!("/univ-a/semestre?page={number}")).await;
        let text = super::jsonld::without(page.text());
        let members = text.matches("Cours numéro ").count();
        assert!((1..=100).contains(&members), "{members}");
        assert!(text.contains(&format!("Cours numéro {seen}<")), "{text}");
        seen += members;
        assert_eq!(text.contains("rel=\"next\""), number < 3);
    }
    assert_eq!(seen, 250);
    let first = web.page("/univ-a/semestre").await;
    assert!(first.text().contains("/univ-a/semestre?page=2#members"));
    for nowhere in ["0", "4", "-1", "x"] {
        let page = web.page(&format!("/univ-a/semestre?page={nowhere}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
}
