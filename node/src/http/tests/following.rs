//! Saved searches as feeds, and the description of the search, as readers of feeds and browsers take them.

use axum::http::StatusCode;
use roxmltree::{Document, Node};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Answer, HOSTILE, MAIN, Served, sample::Sample};

const ATOM: &str = "http://www.w3.org/2005/Atom";

fn children<'a>(node: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
    let all = node.children();
    all.filter(|n| n.is_element() && n.tag_name().name() == name)
        .collect()
}

fn text<'a>(node: Node<'a, 'a>, name: &str) -> &'a str {
    match children(node, name)[..] {
        [one] => one.text().unwrap_or_default(),
        ref all => panic!("{} of {name} in {:?}", all.len(), node.tag_name()),
    }
}

fn link<'a>(node: Node<'a, 'a>, rel: &str) -> &'a str {
    let links: Vec<Node<'_, '_>> = children(node, "link")
        .into_iter()
        .filter(|l| l.attribute("rel") == Some(rel))
        .collect();
    assert_eq!(links.len(), 1, "{rel}");
    links[0].attribute("href").unwrap()
}

/// What RFC 4287 demands (4.1.1, 4.1.2), with the titles of the entries.
fn atom(answer: &Answer) -> Vec<String> {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::OK, "application/atom+xml; charset=utf-8")
    );
    let document = Document::parse(answer.text()).unwrap();
    let feed = document.root_element();
    assert!(feed.has_tag_name((ATOM, "feed")));
    let elements = document.descendants().filter(Node::is_element);
    assert!(
        elements
            .into_iter()
            .all(|n| n.tag_name().namespace() == Some(ATOM)),
        "nothing of another language"
    );
    let iri = |id: &str| {
        let plain = |c: char| c.is_ascii_graphic() && !"<>\"{}|\\^`".contains(c);
        assert!(
            id.starts_with("urn:commun:") && id.chars().all(plain),
            "{id}"
        );
    };
    let moment = |text: &str| OffsetDateTime::parse(text, &Rfc3339).unwrap();
    iri(text(feed, "id"));
    assert!(!text(feed, "title").is_empty());
    assert!(link(feed, "self").starts_with("http://127.0.0.1:8080/feed/search.atom"));
    assert!(link(feed, "alternate").starts_with("http://127.0.0.1:8080/search"));
    let updated = moment(text(feed, "updated"));
    assert!(!text(children(feed, "author")[0], "name").is_empty());
    let (mut ids, mut last) = (Vec::new(), updated);
    let mut titles = Vec::new();
    for entry in children(feed, "entry") {
        iri(text(entry, "id"));
        ids.push(text(entry, "id"));
        let moment = moment(text(entry, "updated"));
        assert!(moment <= last, "the newest first");
        last = moment;
        assert!(link(entry, "alternate").starts_with("http://127.0.0.1:8080/univ-a/"));
        for author in children(entry, "author") {
            assert!(!text(author, "name").is_empty());
        }
        assert!(!children(entry, "author").is_empty());
        titles.push(text(entry, "title").to_owned());
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id twice");
    assert!(count <= 50);
    titles
}

#[tokio::test]
async fn every_search_is_a_feed_as_the_standard_wants_it() {
    let web = Served::with(Sample::with_authors());
    assert_eq!(atom(&web.page("/feed/search.atom").await).len(), 50);
    let some = web
        .page("/feed/search.atom?q=exercice&level=fr-l1&limit=5")
        .await;
    assert_eq!(atom(&some).len(), 5);
    assert!(
        some.text()
            .contains("<title>«\u{202f}exercice\u{202f}» · Licence 1"),
        "{}",
        some.text()
    );
    // All words are asked for: « équations » alone has none of these exercises.
    let both = atom(&web.page("/feed/search.atom?q=exercice+7").await);
    assert_eq!(both, ["Exercice 7 d’algèbre"]);
    let by = web
        .page("/feed/search.atom?author=orcid:0000-0002-1825-0097")
        .await;
    assert_eq!(atom(&by).len(), 2);
    assert!(by.text().contains("Ada Lovelace"));
    assert!(atom(&web.page("/feed/search.atom?q=nothing-has-this").await).is_empty());
    let english = web.get_from(MAIN, "/feed/search.atom?lang=en", &[]).await;
    assert!(english.text().contains("xml:lang=\"en\""));
    for bad in ["/feed/search.atom?sort=best", "/feed/search.rss?author=x"] {
        assert_eq!(web.get(bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn what_others_wrote_is_only_text_in_both_forms() {
    let web = Served::with(Sample::with_authors());
    let titles = atom(&web.page("/feed/search.atom?q=script").await);
    let hostile = HOSTILE.replace('\u{202e}', "⟨U+202E⟩");
    // An author of the other has the word in their name.
    assert_eq!(titles, [hostile.as_str(), "Leçon course-1"]);
    let rss = web.page("/feed/search.rss?q=script").await;
    assert_eq!(
        rss.header("content-type"),
        "application/rss+xml; charset=utf-8"
    );
    let document = Document::parse(rss.text()).unwrap();
    let channel = children(document.root_element(), "channel")[0];
    for name in ["title", "link", "description", "language", "lastBuildDate"] {
        assert!(
            !children(channel, name)[0]
                .text()
                .unwrap_or_default()
                .is_empty(),
            "{name}"
        );
    }
    let item = children(channel, "item")[0];
    assert!(
        !text(item, "title").contains(['<', '>']),
        "no markup for those who read it as such"
    );
    // The description is HTML: what it decodes to is markup-free text.
    assert!(!text(item, "description").contains('<'));
    assert_eq!(
        children(item, "guid")[0].attribute("isPermaLink"),
        Some("false")
    );
    assert!(text(item, "pubDate").ends_with(" GMT"));
    assert!(!rss.text().contains('\u{202e}'));
}

#[tokio::test]
async fn a_reader_that_comes_back_is_told_that_nothing_changed() {
    let web = Served::new();
    for path in ["/feed/search.atom?q=cours", "/feed/search.rss?q=cours"] {
        let first = web.page(path).await;
        let (tag, date) = (
            first.header("etag").to_owned(),
            first.header("last-modified").to_owned(),
        );
        assert!(tag.len() > 10 && date.ends_with("GMT"), "{tag} {date}");
        let ask = async |name: &str, value: &str| {
            let headers = [("accept-language", "fr"), (name, value)];
            web.get_from(MAIN, path, &headers).await
        };
        let same = ask("if-none-match", &format!("\"x\", W/{tag}")).await;
        assert_eq!(
            (same.status, same.body.len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
        assert_eq!(same.header("etag"), tag);
        // What was withdrawn changes the feed, and not the date of its newest entry.
        assert_eq!(ask("if-modified-since", &date).await.status, StatusCode::OK);
        assert_eq!(
            ask("if-none-match", "\"other\"").await.status,
            StatusCode::OK
        );
        assert_eq!(
            ask("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")
                .await
                .status,
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn browsers_are_told_of_the_feed_and_of_the_search() {
    let web = Served::new();
    let page = web.page("/search?q=cours&level=fr-l1").await;
    let found = "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"cours\" href=\"/feed/search.atom?q=cours&amp;level=fr-l1&amp;lang=fr\">";
    assert!(page.text().contains(found), "{}", page.text());
    assert!(page.text().contains(
        "href=\"/feed/search.rss?q=cours&amp;level=fr-l1&amp;lang=fr\" rel=\"nofollow\""
    ));
    for path in ["/", "/status", "/univ-a/cours", "/about"] {
        let text = web.page(path).await.text().to_owned();
        assert!(
            text.contains("href=\"/static/opensearch.xml?lang=fr\""),
            "{path}"
        );
    }
    let described = web.page("/static/opensearch.xml?lang=fr").await;
    assert_eq!(
        described.header("content-type"),
        "application/opensearchdescription+xml; charset=utf-8"
    );
    let document = Document::parse(described.text()).unwrap();
    let root = document.root_element();
    assert!(root.has_tag_name((
        "http://a9.com/-/spec/opensearch/1.1/",
        "OpenSearchDescription"
    )));
    assert!((1..=16).contains(&text(root, "ShortName").chars().count()));
    assert!(text(root, "LongName").chars().count() <= 48);
    assert_eq!(text(root, "Language"), "fr");
    let template = |kind: &str| {
        let urls = children(root, "Url");
        let one = urls.into_iter().find(|u| u.attribute("type") == Some(kind));
        one.unwrap().attribute("template").unwrap().to_owned()
    };
    let suggested = web
        .page(
            &template("application/x-suggestions+json")
                .replace("{searchTerms}", "exer")
                .replacen("http://127.0.0.1:8080", "", 1),
        )
        .await;
    assert_eq!(
        suggested.header("content-type"),
        "application/x-suggestions+json"
    );
    let suggested = suggested.json();
    assert_eq!(suggested[0], "exer");
    assert!(
        suggested[1]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == "exercice")),
        "{suggested}"
    );
    for kind in [
        "text/html",
        "application/atom+xml",
        "application/rss+xml",
        "application/json",
    ] {
        let filled = template(kind)
            .replace("{searchTerms}", "cours")
            .replace("{count?}", "")
            .replace("{startIndex?}", "");
        let path = filled.strip_prefix("http://127.0.0.1:8080").unwrap();
        assert_eq!(web.page(path).await.status, StatusCode::OK, "{filled}");
    }
}
