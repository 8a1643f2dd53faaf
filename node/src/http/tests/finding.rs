//! Completion, and the ways to narrow.

use commun_index::Change;

use super::*;

fn texts(answer: &Value) -> Vec<&str> {
    let all = answer["completions"].as_array().unwrap().iter();
    all.map(|one| one["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_typed_is_completed_and_leads_somewhere() {
    let web = Served::new();
    let answer = web.get("/api/v1/complete?q=equa&lang=fr").await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = answer.json();
    assert_eq!(texts(&answer), ["équations", "Équations différentielles"]);
    let all = answer["completions"].as_array().unwrap();
    assert_eq!(all[0]["kind"], "word");
    assert_eq!(all[0]["url"], "/search?q=%C3%A9quations");
    assert_eq!(all[1]["url"], "/univ-a/cours");
    let level = web
        .get("/api/v1/complete?q=licence%201&lang=fr")
        .await
        .json();
    assert_eq!(level["completions"][0]["kind"], "level");
    assert_eq!(level["completions"][0]["url"], "/search?level=fr-l1");
    let many = web.get("/api/v1/complete?q=exerci&lang=en").await.json();
    assert_eq!(texts(&many).len(), 10);
}

#[tokio::test]
async fn completion_takes_anything_and_never_names_what_is_gone() {
    let web = Served::new();
    let gone = web.sample.items[0].id.to_string();
    web.sample.change(vec![Change::Remove(gone)]);
    for query in [
        "q=equa",
        "q=%C3%A9quations",
        "",
        "q=",
        "q=%22%28%28",
        "q=%FF%FE",
        "lang=xx&q=zz",
    ] {
        let answer = web.get(&format!("/api/v1/complete?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(texts(&answer.json()), Vec::<&str>::new(), "{query}");
    }
    let hostile = web.get("/api/v1/complete?q=script").await.json();
    let title = hostile["completions"][0]["text"].as_str().unwrap();
    assert!(
        !title.contains('\u{202e}'),
        "what hides is written out: {title}"
    );
}

#[tokio::test]
async fn every_facet_is_counted_without_its_own_selection() {
    let web = Served::new();
    let count = |answer: &Value, facet: &str, value: &str| {
        let counts = answer["facets"][facet].as_array().unwrap().iter();
        let mut counts = counts.filter(|count| count["value"] == value);
        counts
            .next()
            .map_or(0, |count| count["count"].as_u64().unwrap())
    };
    let all = web.get("/api/v1/search?lang=fr").await.json();
    let total = all["total"].as_u64().unwrap();
    for (facet, value) in [
        ("licence_class", "adapt"),
        ("licence_class", "adapt-any"),
        ("format", "page"),
        ("duration", "up-to-2h"),
        ("accessibility", "not-checked"),
    ] {
        assert_eq!(count(&all, facet, value), total, "{facet}={value}");
    }
    let narrowed = web
        .get("/api/v1/search?lang=fr&licence_class=unclear&format=pdf&format=page")
        .await
        .json();
    assert_eq!(narrowed["total"], 0);
    assert_eq!(count(&narrowed, "licence_class", "adapt-any"), total);
    assert_eq!(count(&narrowed, "format", "page"), 0);
    let class = all["facets"]["licence_class"].as_array().unwrap();
    let any = class
        .iter()
        .find(|count| count["value"] == "adapt-any")
        .unwrap();
    assert_eq!(
        (&any["broader"], &any["label"]),
        (&"adapt".into(), &"Libre à modifier, pour tout usage".into())
    );
    for (query, found) in [
        ("adaptable=1", total),
        ("adaptable=1&licence_class=adapt-any", total),
        ("adaptable=1&licence_class=share", 0),
        ("duration=up-to-2h&accessibility=not-checked", total),
        ("accessibility=captions", 0),
    ] {
        let answer = web.get(&format!("/api/v1/search?{query}")).await.json();
        assert_eq!(answer["total"], found, "{query}");
    }
    assert_eq!(all["hits"][0]["licence_class"], "adapt-any");
}
