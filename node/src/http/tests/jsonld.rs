//! Item pages as programs read them.

use axum::http::StatusCode;
use serde_json::Value;

use super::{HOSTILE, MAIN, Served};

/// What begins the data in a page.
const BEGIN: &str = "<script type=\"application/ld+json\">";
const END: &str = "</script>";

/// The page without its data, which is two elements at most, and nothing in it could end those.
pub(super) fn without(page: &str) -> String {
    let mut left = page.to_owned();
    for _ in 0..2 {
        let Some((before, rest)) = left.split_once(BEGIN) else {
            return left;
        };
        let (data, after) = rest.split_once(END).unwrap();
        assert!(!data.contains(['<', '>', '&']), "{data}");
        left = format!("{before}{after}");
    }
    assert!(!left.contains(BEGIN));
    left
}

pub(super) fn data(page: &str) -> Value {
    let (_, rest) = page.split_once(BEGIN).unwrap();
    serde_json::from_str(rest.split_once(END).unwrap().0).unwrap()
}

#[tokio::test]
async fn a_page_says_what_it_is_about_whatever_the_title_is() {
    let web = Served::new();
    let page = web.page("/univ-a/hostile").await;
    let about = data(page.text());
    assert_eq!(about["@context"][0], "https://schema.org");
    assert!(about["name"].to_string().contains("alert(1)"), "{about}");
    let title: Value = serde_json::from_str(&about["name"].to_string()).unwrap();
    let said = title.as_str().or(title["@value"].as_str());
    let said = said.or(title[0]["@value"].as_str()).or(title[0].as_str());
    assert_eq!(said, Some(HOSTILE), "{about}");
    assert!(!without(page.text()).contains("<script"));
    // What was taken back is not described.
    let gone = web.page("/univ-a/exercice-44").await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(!gone.text().contains(BEGIN) && gone.header("link").is_empty());
    assert!(!web.page("/status").await.text().contains(BEGIN));
}

#[tokio::test]
async fn programs_get_the_form_that_they_ask_for() {
    let web = Served::new();
    let ask =
        async |path: &str, accept: &str| web.get_from(MAIN, path, &[("accept", accept)]).await;
    let linked = ask("/univ-a/cours", "application/ld+json").await;
    assert_eq!(linked.status, StatusCode::OK);
    assert_eq!(linked.header("content-type"), "application/ld+json");
    assert_eq!(linked.json(), data(web.page("/univ-a/cours").await.text()));
    assert!(linked.header("vary").contains("Accept"));
    // AMB by its profile, and in the page of a resource too.
    let profile = "application/ld+json;profile=\"https://w3id.org/kim/amb/\"";
    let amb = ask("/univ-a/cours", profile).await;
    assert_eq!(amb.status, StatusCode::OK);
    assert_eq!(amb.header("content-type"), profile);
    let place = amb.header("content-location");
    assert!(place.ends_with("/export?format=amb"), "{place}");
    let context = "https://w3id.org/kim/amb/context.jsonld";
    assert_eq!(amb.json()["@context"][0], context);
    let page = web.page("/univ-a/cours").await;
    let (_, second) = page.text().rsplit_once(BEGIN).unwrap();
    let second: Value = serde_json::from_str(second.split_once(END).unwrap().0).unwrap();
    assert_eq!(second, amb.json());
    for (accept, place) in [
        ("application/json", "/api/v1/items/univ-a/cours"),
        (
            "application/xml",
            "/api/v1/items/univ-a/cours/export?format=lom",
        ),
        (
            "application/x-bibtex",
            "/api/v1/items/univ-a/cours/citation?format=bibtex",
        ),
        (
            "application/vnd.citationstyles.csl+json",
            "/api/v1/items/univ-a/cours/citation?format=csl",
        ),
    ] {
        let answer = ask("/univ-a/cours", accept).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{accept}");
        assert_eq!(answer.header("location"), format!("http://{MAIN}{place}"));
    }
    let page = web.page("/univ-a/cours").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("vary"), "Accept, Accept-Language");
    let gone = ask("/univ-a/exercice-44", "application/ld+json").await;
    assert_eq!(gone.status, StatusCode::GONE);
}

#[tokio::test]
async fn the_header_names_the_other_forms_the_licence_and_the_files() {
    let web = Served::new();
    let page = web.page("/univ-a/cours").await;
    let links = page.header("link");
    for wanted in [
        "/export?format=schemaorg>; rel=\"describedby\"; type=\"application/ld+json\"",
        "/export?format=lom>; rel=\"describedby\"; type=\"application/xml\"",
        "/api/v1/items/univ-a/cours>; rel=\"alternate\"; type=\"application/json\"",
        "<https://schema.org/AboutPage>; rel=\"type\"",
        "<https://creativecommons.org/licenses/by-sa/4.0/>; rel=\"license\"",
        "/files/chapitres/un.md>; rel=\"item\"; type=\"text/markdown\"",
    ] {
        assert!(links.contains(wanted), "{wanted} is not in {links}");
    }
}
