//! The pages around items: authors, subjects, institutions, the commons, about.

use axum::http::StatusCode;
use serde_json::Value;

use super::{Served, jsonld, sample::Sample};

const ADA: &str = "/about/author/orcid/0000-0002-1825-0097";

#[tokio::test]
async fn each_page_speaks_both_languages_and_is_inert() {
    let web = Served::with(Sample::with_authors());
    for path in [
        "/about",
        "/about/legal",
        "/about/accessibility",
        "/about/privacy",
        "/about/commons",
        ADA,
        "/about/author/name/ada-lovelace",
        "/about/subject/iscedf-0541",
        "/univ-a",
        "/univ-b",
    ] {
        let mut headings = Vec::new();
        for lang in ["fr", "en"] {
            let answer = web.page(&format!("{path}?lang={lang}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            let said: Value = jsonld::data(answer.text());
            assert_eq!(said["@context"], "https://schema.org", "{path}");
            let text = jsonld::without(answer.text());
            for bad in [
                "<script",
                "style=",
                "onmouseover=\"",
                "href=\"javascript:",
                "\u{202e}",
                "<dl></dl>",
            ] {
                assert!(!text.contains(bad), "{path}: {bad}");
            }
            assert_eq!(text.matches("<h1").count(), 1, "{path}");
            assert!(text.contains(&format!("<html lang=\"{lang}\"")), "{path}");
            // No id twice: labels would name another part.
            let mut ids: Vec<&str> = text
                .split(" id=\"")
                .skip(1)
                .filter_map(|t| t.split('"').next())
                .collect();
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count, "{path}");
            headings.push(text);
        }
        assert_ne!(headings[0], headings[1], "{path}");
    }
}

#[tokio::test]
async fn an_authors_page_gathers_what_they_made_and_with_whom() {
    let web = Served::with(Sample::with_authors());
    let page = web.page(ADA).await;
    let text = page.text();
    assert!(
        text.contains("<h1><bdi>Ada Lovelace</bdi></h1>") && text.contains("2 résultats"),
        "{text}"
    );
    // Her namesake without an identifier is not taken for her, but told of.
    assert!(text.contains("1 autre contenu porte ce nom"), "{text}");
    assert!(text.contains("href=\"/about/author/name/ada-lovelace\""));
    assert!(
        text.contains("href=\"/about/author/name/bob-o-script\""),
        "{text}"
    );
    let said = jsonld::data(text);
    let person = &said["@graph"][1];
    assert_eq!(
        (&person["@type"], &person["name"]),
        (&"Person".into(), &"Ada Lovelace".into())
    );
    assert_eq!(person["sameAs"][0], "https://orcid.org/0000-0002-1825-0097");
    assert!(text.contains("/feed/search.atom?author=orcid%3A0000-0002-1825-0097"));
    let by_name = web.page("/about/author/name/ada-lovelace").await;
    assert!(by_name.text().contains("3 résultats") && by_name.text().contains("homonymes"));
    let moved = web.page("/about/author/name/Lovelace,%20ADA").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (
            StatusCode::PERMANENT_REDIRECT,
            "/about/author/name/ada-lovelace"
        )
    );
    for nobody in [
        "/about/author/orcid/0000-0002-1825-0098",
        "/about/author/name/all-at-nobody",
        "/about/author/isni/1",
        "/about/author/name/%00",
    ] {
        assert_eq!(
            web.page(nobody).await.status,
            StatusCode::NOT_FOUND,
            "{nobody}"
        );
    }
    let found = web.page("/search?author=name:Ada+LOVELACE").await;
    assert!(found.text().contains("3 résultats"));
    assert!(
        found.text().contains("href=\"/search\""),
        "the author can be taken away again"
    );
}

#[tokio::test]
async fn a_subjects_page_has_its_names_and_neighbours() {
    let web = Served::with(Sample::with_authors());
    let page = web.page("/about/subject/iscedf-0541").await;
    let text = page.text();
    assert!(text.contains("<h1><bdi>Mathématiques</bdi></h1>"), "{text}");
    assert!(text.contains("lang=\"en\"><bdi>Mathematics</bdi>"));
    assert!(text.contains("href=\"/about/subject/iscedf-054\""));
    let broad = web.page("/about/subject/iscedf-05?lang=en").await;
    assert!(
        broad
            .text()
            .contains("href=\"/about/subject/iscedf-054?lang=en\"")
    );
    let said = jsonld::data(broad.text());
    assert_eq!(said["@graph"][1]["termCode"], "iscedf-05");
    // A subject that nothing has is one; a code that nobody knows is none.
    let empty = web.page("/about/subject/iscedf-10").await;
    assert_eq!(empty.status, StatusCode::OK);
    for none in [
        "/about/subject/x",
        "/about/subject/%3Cscript%3E",
        "/about/subject/",
    ] {
        assert_eq!(web.page(none).await.status, StatusCode::NOT_FOUND, "{none}");
    }
}

#[tokio::test]
async fn the_commons_is_drawn_and_said() {
    let web = Served::new();
    let page = web.page("/about/commons").await;
    let text = page.text();
    assert!(
        text.contains("<svg role=\"img\"") && text.contains("class=\"cut\""),
        "{text}"
    );
    assert!(
        text.contains("class=\"dot frozen\"") && text.contains("contradictoires"),
        "{text}"
    );
    assert!(text.contains("injoignable") && text.contains("<caption"));
    let said = jsonld::data(text);
    assert_eq!(said["@graph"][0]["member"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_the_operator_does_not_say_is_said_to_be_missing() {
    let web = Served::new();
    let legal = web.page("/about/legal").await;
    assert_eq!(
        legal
            .text()
            .matches("L’exploitant ne l’a pas indiqué.")
            .count(),
        4
    );
    let status = web.page("/status").await;
    assert!(status.text().contains("publisher, director, hosting, mail"));
    let statement = web.page("/about/accessibility").await;
    assert!(statement.text().contains("<strong>non conforme</strong>"));
    assert!(web.page("/").await.text().contains("SearchAction"));
}
