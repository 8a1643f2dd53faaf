//! Completion, and the ways to narrow.

use commun_index::{Change, MAX_CHARACTERS, MAX_CLAUSES, MAX_DEPTH, MAX_FILTER_VALUES, MAX_REACH};

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
    // The switch leaves of the classes those that it finds, and what is chosen although it finds nothing.
    let switched = web
        .get("/api/v1/search?lang=fr&adaptable=1&licence_class=share")
        .await
        .json();
    let classes = switched["facets"]["licence_class"]
        .as_array()
        .unwrap()
        .iter();
    let classes: Vec<&str> = classes.map(|c| c["value"].as_str().unwrap()).collect();
    assert_eq!(classes, ["adapt", "adapt-any", "share"]);
    assert_eq!(count(&switched, "licence_class", "adapt"), total);
    assert_eq!(count(&switched, "licence_class", "share"), 0);
}

#[tokio::test]
async fn the_script_is_a_static_file_and_the_box_works_without_it() {
    let web = Served::new();
    let page = web.page("/search?q=cours").await;
    let (_, rest) = page.text().split_once("<script src=\"").unwrap();
    let (path, _) = rest.split_once('"').unwrap();
    let script = web.get(path).await;
    assert_eq!(script.status, StatusCode::OK);
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(script.header("cache-control").contains("immutable"));
    assert!(script.text().contains("combobox"));
    assert!(page.text().contains(
        "<form class=\"box\" role=\"search\" action=\"/search\" method=\"get\" data-complete=\"1\""
    ));
}

#[tokio::test]
async fn filters_are_trees_and_all_of_the_search_is_in_the_address() {
    let web = Served::new();
    let page = web.page("/search?q=exercice&level=fr-licence").await;
    let text = page.text();
    // What is chosen is open, what is below it takes its place.
    assert!(text.contains("<details class=\"below\" open>"), "{text}");
    assert!(
        text.contains("href=\"/search?q=exercice&amp;level=fr-l1\""),
        "{text}"
    );
    assert!(
        text.contains("href=\"/search?q=exercice&amp;level=fr-licence&amp;duration=up-to-2h\"")
    );
    for words in [
        "Ce que l’on peut en faire",
        "Libre à modifier, pour tout usage",
        "Non vérifiée",
        "1 à 2 heures",
        "1\u{a0}h 30\u{a0}min",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(text.len() < 50_000, "{}", text.len());
    let all = web.page("/search").await;
    assert!(all.text().len() < 50_000, "{}", all.text().len());
}

#[tokio::test]
async fn a_search_without_an_answer_says_what_would_have_one() {
    let web = Served::new();
    let page = web
        .page("/search?q=exercice&level=fr-m2&format=video&adaptable=1")
        .await;
    assert!(page.text().contains("Aucun résultat"));
    assert!(
        !page.text().contains("Sans le filtre"),
        "one filter less is not enough"
    );
    assert!(page.text().contains("Sans aucun filtre"));
    let page = web
        .page("/search?q=exercice&format=video&adaptable=1")
        .await;
    assert!(
        page.text()
            .contains("Sans le filtre «\u{202f}Format\u{202f}»"),
        "{}",
        page.text()
    );
    for (query, filter, without) in [
        ("q=exercice&format=video", "Format", "q=exercice"),
        (
            "q=exercice&format=video&adaptable=1",
            "Format",
            "q=exercice&adaptable=1",
        ),
        (
            "q=exercice&licence_class=share",
            "Ce que l’on peut en faire",
            "q=exercice",
        ),
        // Without the classes the switch is left; without the switch, the classes.
        (
            "q=exercice&licence_class=share&adaptable=1",
            "Ce que l’on peut en faire",
            "q=exercice&adaptable=1",
        ),
    ] {
        let found = web.get(&format!("/api/v1/search?{without}")).await.json();
        let page = web.page(&format!("/search?{query}")).await;
        let said = format!(
            "Sans le filtre «\u{202f}{filter}\u{202f}»\u{a0}: {} résultats",
            found["total"]
        );
        assert!(page.text().contains(&said), "{query}: {said}");
    }
    let page = web.page("/search?q=exercice+-exercice").await;
    assert!(
        page.text().contains("Sans le dernier mot"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("href=\"/search?q=exercice\""));
}

#[tokio::test]
async fn a_search_that_is_over_a_limit_is_told_which_in_the_pages_language() {
    let web = Served::new();
    let formats = (0..=MAX_FILTER_VALUES).map(|n| format!("&format=f{n}"));
    let formats: String = formats.collect();
    let space = '\u{202f}';
    for (question, french, english) in [
        (
            format!("q={}", "a".repeat(MAX_CHARACTERS + 1)),
            format!("Une recherche a 1{space}000 caractères au plus."),
            "A search has at most 1,000 characters.",
        ),
        (
            format!("q={}", "a+".repeat(MAX_CLAUSES + 1)),
            "Une recherche a 100 mots au plus.".to_owned(),
            "A search has at most 100 words.",
        ),
        (
            format!("q={}a", "(".repeat(MAX_DEPTH + 1)),
            "Les parenthèses s’emboîtent 20 fois au plus.".to_owned(),
            "Parentheses are at most 20 deep.",
        ),
        (
            format!("q=a{formats}"),
            "Un filtre a 500 valeurs au plus.".to_owned(),
            "A filter has at most 500 values.",
        ),
        (
            format!("q=a&offset={MAX_REACH}"),
            format!("Les résultats s’arrêtent après les 10{space}000 premiers"),
            "Results end after the first 10,000",
        ),
    ] {
        for (lang, said) in [("fr", &*french), ("en", english)] {
            let page = web.page(&format!("/search?{question}&lang={lang}")).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{question}");
            let text = page.text();
            let (_, text) = text.split_once("role=\"alert\"").unwrap();
            let (text, _) = text.split_once("</p>").unwrap();
            assert!(text.contains(said), "{said}: {text}");
            assert!(!text.contains("lang=\"en\""), "{text}");
        }
    }
}
