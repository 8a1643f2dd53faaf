//! What is around items: authors, subjects, institutions, the commons; and a search that is followed by a reader of feeds
//! that shares no code with us.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use commun_client::{ItemRef, NewAdoption};
use commun_testnet::{
    browser::{Browser, Settings},
    federation::Federation,
    http,
    process::Node,
};
use serde_json::{Value, json};

use super::{deeds::publish, turn::turn};

/// The page of an author.
pub const ADA: &str = "/about/author/orcid/0000-0002-1825-0097";
const HOSTILE: &str = "<script>alert(1)</script> & \u{202e}fdp.exe";
const PAGES: [&str; 10] = [
    "/about",
    "/about/legal",
    "/about/accessibility",
    "/about/privacy",
    "/about/commons",
    ADA,
    "/about/author/name/bob-essai",
    "/about/subject/iscedf-0541",
    "/univ-angers",
    "/search?q=equations",
];

/// Two items of a node: a course of two authors, which the other node's institution uses, and a hostile one.
fn shelf(f: &Federation) -> Result<String> {
    let ada = json!({"name": "Ada Exemple", "orcid": "0000-0002-1825-0097"});
    let course = json!({"slug": "equations", "title": {"fr": "Équations différentielles", "en": "Differential equations"},
        "summary": {"fr": "Un cours."}, "licence": "CC-BY-SA-4.0", "language": ["fr"], "level": ["fr-l1"],
        "subject": ["iscedf-0541"], "creators": [ada, {"name": "Bob Essai"}]});
    let hostile = json!({"slug": "hostile", "title": {"fr": HOSTILE.replace('\u{202e}', "")}, "licence": "CC0-1.0",
        "subject": ["iscedf-0541"], "creators": [ada]});
    let name = publish(&f.nodes[0], None, &course, &[("cours.md", b"# Cours")])?;
    publish(&f.nodes[0], None, &hostile, &[("a.md", b"x")])?;
    f.wait("both nodes find both", |f| {
        let all = f
            .nodes
            .iter()
            .map(|n| Ok(n.client()?.status()?.index.documents));
        Ok(all.collect::<Result<Vec<u64>>>()?.iter().all(|n| *n >= 2))
    })?;
    let item: ItemRef = name.parse().map_err(anyhow::Error::msg)?;
    f.nodes[1].client()?.adopt(&item, &NewAdoption::default())?;
    f.wait("the use is known at both", |f| {
        let page = http::get(
            f.nodes[0].ports().http,
            "/about/subject/iscedf-0541?lang=en",
            &[],
        )?;
        Ok(page.text().contains("1 institution says that it uses it"))
    })?;
    Ok(name)
}

/// What feedparser makes of a feed: whether it is well-formed, and its entries.
fn parsed(node: &Node, path: &str) -> Result<Value> {
    const SCRIPT: &str = r#"
import feedparser, json, sys
url = sys.argv[1]
d = feedparser.parse(url)
again = feedparser.parse(url, etag=d.get('etag'))
later = feedparser.parse(url, modified=d.get('modified'))
print(json.dumps({'bozo': bool(d.bozo), 'why': str(d.get('bozo_exception', '')), 'version': d.version,
    'title': d.feed.title, 'again': [again.status, later.status],
    'entries': [[e.id, e.title, e.link, e.updated if 'updated' in e else e.published] for e in d.entries]}))
"#;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new(tests.join("../target/tools/python/bin/python"))
        .args(["-c", SCRIPT, &format!("{}{path}", node.url())])
        .env("PYTHONIOENCODING", "utf-8")
        .output()
        .context("feedparser is needed: run .ci/setup test")?;
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "feedparser: {said}");
    Ok(serde_json::from_slice(&ran.stdout)?)
}

#[test]
fn a_search_is_followed_by_a_stock_reader_and_is_the_same_on_every_node() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    shelf(&f)?;
    for (path, version) in [
        ("/feed/search.atom?subject=iscedf-0541&lang=fr", "atom10"),
        (
            "/feed/search.rss?author=orcid:0000-0002-1825-0097&lang=fr",
            "rss20",
        ),
    ] {
        let read = f.nodes.iter().map(|node| parsed(node, path));
        let read = read.collect::<Result<Vec<Value>>>()?;
        for one in &read {
            ensure!(one["bozo"] == false, "{path}: {}", one["why"]);
            ensure!(one["version"] == version, "{one}");
            // By its tag; the date alone would not tell that something was withdrawn.
            ensure!(one["again"] == json!([304, 200]), "{one}");
            let entries = one["entries"].as_array().context("entries")?;
            ensure!(entries.len() == 2, "{one}");
            let titles = one.to_string();
            // In Atom a title is text, which a reader shows as it is; in RSS some take it for markup.
            let markup = titles.contains("<script");
            ensure!(markup == (version == "atom10"), "{titles}");
        }
        let same = |one: &Value, at: usize| -> Vec<Value> {
            let entries = one["entries"].as_array().into_iter().flatten();
            entries.map(|entry| entry[at].clone()).collect()
        };
        ensure!(
            same(&read[0], 0) == same(&read[1], 0),
            "ids differ: {read:?}"
        );
        ensure!(
            same(&read[0], 3) == same(&read[1], 3),
            "dates differ: {read:?}"
        );
    }
    f.stop()
}

#[test]
fn one_goes_from_an_item_to_its_author_its_subject_and_its_institution() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let name = shelf(&f)?;
    let node = &f.nodes[0];
    for language in ["fr", "en"] {
        let browser = Browser::start(&Settings {
            language: language.to_owned(),
            ..Settings::default()
        })?;
        let heading = |b: &Browser| b.text(&b.find("h1")?);
        browser.open(&format!("{}/{name}", node.url()))?;
        browser.click(&browser.find(&format!("a[href^='{ADA}']"))?)?;
        browser.wait("the author's page is open", |b| {
            Ok(heading(b)? == "Ada Exemple")
        })?;
        browser.click(&browser.find("a[href*='/about/subject/iscedf-0541']")?)?;
        browser.wait("the subject's page is open", |b| {
            Ok(heading(b)?.starts_with("Math"))
        })?;
        browser.click(&browser.find("footer a[href^='/about/commons']")?)?;
        browser.wait("the commons is drawn", |b| {
            Ok(
                b.all("figure svg .dot")?.len() == 2
                    && !b.all("figure svg line.linked")?.is_empty(),
            )
        })?;
        browser.click(&browser.find("#members a[href^='/univ-']")?)?;
        browser.wait("what it gives is said", |b| {
            Ok(!b.all("#given")?.is_empty())
        })?;
        for path in PAGES {
            browser.open(&format!("{}{path}", node.url()))?;
            ensure!(!browser.all("h1")?.is_empty(), "{path}");
        }
        let complaints = browser.complaints()?;
        ensure!(
            complaints.is_empty(),
            "the console complains: {complaints:?}"
        );
        super::pages::only_this_node(&browser, node)?;
        ensure!(browser.cookies()? == 0, "a reader got a cookie");
    }
    let narrow = Browser::start(&Settings {
        language: "fr".to_owned(),
        size: (320, 640),
        ..Settings::default()
    })?;
    for path in PAGES {
        narrow.open(&format!("{}{path}", node.url()))?;
        let width = narrow.run("return document.documentElement.scrollWidth")?;
        ensure!(
            width.as_u64() <= Some(320),
            "{path} is {width} wide on a screen of 320"
        );
    }
    f.stop()
}
