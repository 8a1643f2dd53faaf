//! The pages in a real browser: found, narrowed, read, downloaded; with a keyboard, on a narrow screen, without scripts.

use std::fs;

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    browser::{Browser, ENTER, Settings, TAB},
    content,
    federation::Federation,
    http,
    process::Node,
};
use serde_json::json;

use super::{
    deeds::{publish, push_new_repository},
    turn::turn,
};

/// A course of the demo.
pub const COURSE: &str = "univ-angers/equations-differentielles";

/// One node with some of the demo's resources, searchable.
pub fn library() -> Result<Federation> {
    let f = Federation::temporary(1)?;
    let folder = content::folder()?;
    let client = f.nodes[0].client()?;
    let mut count = 0;
    for handle in ["univ-lorraine", "univ-angers"] {
        for resource in content::resources(&folder, handle)?.iter().take(12) {
            content::publish(&client, resource)?;
            count += 1;
        }
    }
    f.wait("everything can be found", |f| {
        Ok(f.nodes[0].client()?.status()?.index.documents >= count)
    })?;
    Ok(f)
}

/// A resource with a second version, which has other words and files with long names; gives where the two are compared.
pub fn two_versions(node: &Node) -> Result<String> {
    let long = format!("{}.md", "un-nom-de-fichier-sans-fin".repeat(6));
    let first = json!({"slug": "deux-versions", "title": {"fr": "Une première version"}, "licence": "CC0-1.0"});
    let second = json!({"title": {"fr": "Une deuxième version, dont le titre est bien plus long"}, "licence": "CC0-1.0"});
    let name = publish(node, None, &first, &[("a.md", b"a"), (&long, b"b")])?;
    publish(
        node,
        Some(&name),
        &second,
        &[("a.md", b"autre"), (&format!("neuf/{long}"), b"c")],
    )?;
    let item = http::get(node.ports().http, &format!("/api/v1/items/{name}"), &[])?;
    let item: serde_json::Value = serde_json::from_slice(&item.body)?;
    let id = |at: usize| item["versions"][at]["id"].as_str().context("two versions");
    Ok(format!("/{name}/compare?from={}&to={}", id(1)?, id(0)?))
}

#[test]
fn the_box_completes_what_is_typed_by_keyboard_alone() -> Result<()> {
    const DOWN: &str = "\u{e015}";
    let _turn = turn();
    let mut f = library()?;
    let node = &f.nodes[0];
    let browser = Browser::start(&Settings::default())?;
    browser.open(&format!("{}/?lang=fr", node.url()))?;
    let typed = browser.find("#q")?;
    browser.type_into(&typed, "equati")?;
    browser.wait("words and titles are offered", |b| {
        Ok(
            b.all("#q[aria-expanded=true] ~ [role=listbox] [role=option]")?
                .len()
                > 1,
        )
    })?;
    browser.press(DOWN)?;
    let chosen = browser.find("[role=option][aria-selected=true]")?;
    ensure!(
        browser.attribute(&typed, "aria-activedescendant")? == browser.attribute(&chosen, "id")?,
        "the chosen line is not the one that is read out"
    );
    let offered = browser.text(&chosen)?;
    ensure!(offered.starts_with("équation"), "offered: {offered}");
    browser.press(ENTER)?;
    browser.wait("the word is searched", |b| {
        Ok(b.url()?.contains("/search?q=%C3%A9quation"))
    })?;
    browser.wait("hits are shown", |b| Ok(!b.all("ol.hits li")?.is_empty()))?;
    let complaints = browser.complaints()?;
    ensure!(
        complaints.is_empty(),
        "the console complains: {complaints:?}"
    );
    only_this_node(&browser, node)?;
    f.stop()
}

#[test]
fn a_teacher_searches_narrows_reads_and_downloads_in_two_languages() -> Result<()> {
    let _turn = turn();
    let mut f = library()?;
    let node = &f.nodes[0];
    for (language, word) in [("fr", "Chercher"), ("en", "Search")] {
        let browser = Browser::start(&Settings {
            language: language.to_owned(),
            ..Settings::default()
        })?;
        browser.open(&format!("{}/", node.url()))?;
        ensure!(
            browser.attribute(&browser.find("html")?, "lang")? == language,
            "the page is not in {language}"
        );
        let button = browser.text(&browser.find("form[role=search] button")?)?;
        ensure!(
            button.contains(word),
            "the button says {button} in {language}"
        );
        browser.type_into(&browser.find("#q")?, "equations différentielles")?;
        browser.click(&browser.find("form[role=search] button")?)?;
        // The first page has a list of hits, too.
        browser.wait("hits are shown", |b| {
            Ok(b.url()?.contains("/search?") && !b.all("ol.hits li")?.is_empty())
        })?;
        let many = browser.all("ol.hits li article")?.len();
        for facet in ["licence=CC-BY-SA-4.0", "level=fr-l1"] {
            let link = browser.find(&format!("#filters a[href*='{facet}']"))?;
            browser.click(&link)?;
            browser.wait("the filter is in force", |b| Ok(b.url()?.contains(facet)))?;
        }
        let few = browser.all("ol.hits li article")?.len();
        ensure!(
            few > 0 && few < many,
            "{few} of {many} hits after two filters"
        );
        browser.click(&browser.find(&format!("ol.hits a[href*='{COURSE}']"))?)?;
        browser.wait("the course's page is open", |b| {
            Ok(b.url()?.contains(COURSE))
        })?;
        ensure!(
            browser.page()?.contains("CC BY-SA 4.0"),
            "the page does not name the licence"
        );

        let link = browser.find("a[download][href$='exercices.md']")?;
        browser.click(&link)?;
        let saved = browser.downloads().join("exercices.md");
        browser.wait("the file is saved", |_| Ok(saved.is_file()))?;
        let original =
            content::folder()?.join("univ-lorraine/equations-differentielles/files/exercices.md");
        browser.wait("the file is the published one", |_| {
            Ok(fs::read(&saved)? == fs::read(&original)?)
        })?;

        let complaints = browser.complaints()?;
        ensure!(
            complaints.is_empty(),
            "the console complains: {complaints:?}"
        );
        only_this_node(&browser, node)?;
        ensure!(browser.cookies()? == 0, "a reader got a cookie");
    }
    f.stop()
}

#[test]
fn the_keyboard_is_enough_and_so_is_a_narrow_screen_without_scripts() -> Result<()> {
    let _turn = turn();
    let mut f = library()?;
    let here = tempfile::tempdir()?;
    push_new_repository(&f.nodes[0], "outils", here.path())?;
    let node = &f.nodes[0];
    let compared = two_versions(node)?;

    let browser = Browser::start(&Settings {
        language: "fr".to_owned(),
        ..Settings::default()
    })?;
    browser.open(&format!("{}/", node.url()))?;
    tab_to(&browser, |b| Ok(b.attribute(&b.focused()?, "id")? == "q"))?;
    browser.press("fourier")?;
    browser.press(ENTER)?;
    browser.wait("hits are shown", |b| {
        Ok(b.url()?.contains("q=fourier") && !b.all("ol.hits li")?.is_empty())
    })?;
    tab_to(&browser, |b| {
        Ok(b.attribute(&b.focused()?, "href")?.contains("licence="))
    })?;
    // Whoever uses the keyboard must see where they are.
    let seen = browser.run(
        "const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none'",
    )?;
    ensure!(seen == json!(true), "the focus cannot be seen");
    browser.press(ENTER)?;
    browser.wait("the filter is in force", |b| {
        Ok(b.url()?.contains("licence="))
    })?;
    drop(browser);

    let narrow = Browser::start(&Settings {
        language: "fr".to_owned(),
        size: (320, 640),
        ..Settings::default()
    })?;
    for path in [
        "/",
        "/search?q=equations",
        "/univ-angers",
        &format!("/{COURSE}"),
        "/univ-angers/outils",
        "/status",
        &compared,
    ] {
        narrow.open(&format!("{}{path}", node.url()))?;
        let widths =
            narrow.run("return [document.documentElement.scrollWidth, window.innerWidth]")?;
        ensure!(widths[1] == json!(320), "the window is {} wide", widths[1]);
        let wide = narrow.run(
            "return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 320) \
             .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40)).slice(0, 5)",
        )?;
        ensure!(
            widths[0].as_u64() <= Some(320),
            "{path} is {} wide on a screen of 320: {wide}",
            widths[0]
        );
    }
    drop(narrow);

    let plain = Browser::start(&Settings {
        language: "fr".to_owned(),
        scripts: false,
        ..Settings::default()
    })?;
    plain.open(&format!("{}/", node.url()))?;
    plain.type_into(&plain.find("#q")?, &format!("fourier{ENTER}"))?;
    plain.wait("hits are shown", |b| {
        Ok(b.url()?.contains("/search?") && !b.all("ol.hits li")?.is_empty())
    })?;
    plain.click(&plain.find("#filters a[href*='licence=']")?)?;
    plain.wait("the filter is in force", |b| {
        Ok(b.url()?.contains("licence="))
    })?;
    plain.click(&plain.find("ol.hits li a")?)?;
    plain.wait("the item's page is open", |b| {
        Ok(!b.all("a[download]")?.is_empty())
    })?;
    drop(plain);
    f.stop()
}

#[test]
fn uploaded_pages_and_pictures_run_nothing() -> Result<()> {
    const SCRIPT: &str =
        "document.title='ran';document.cookie='ran=1';fetch('http://127.0.0.1:9/');";
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let html = format!(
        "<!doctype html><title>quiet</title><body><script>{SCRIPT}</script><img src=x onerror=\"{SCRIPT}\">"
    );
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' onload=\"{SCRIPT}\"><title>quiet</title><script>{SCRIPT}</script></svg>"
    );
    let markdown = format!(
        "# Leçon\n\n<script>{SCRIPT}</script>\n\n[a](javascript:alert(1)) <img src=x onerror=alert(1)>\n"
    );
    let metadata = json!({"slug": "mauvais", "title": {"fr": "Mauvais"}, "licence": "CC0-1.0"});
    let files = [
        ("page.html", html.as_bytes()),
        ("image.svg", svg.as_bytes()),
        ("README.md", markdown.as_bytes()),
        (
            "image.png",
            b"<script>document.title='ran'</script>".as_slice(),
        ),
    ];
    publish(node, None, &metadata, &files)?;
    let browser = Browser::start(&Settings::default())?;
    let content = &node.ready.as_ref().context("the node is ready")?.content;
    for (path, _) in &files {
        for address in [
            format!("{content}/univ-angers/mauvais/files/{path}"),
            format!(
                "{}/api/v1/items/univ-angers/mauvais/files/{path}",
                node.url()
            ),
        ] {
            // A download opens no page: the browser stays where it is, and says so with an error.
            let _ = browser.open(&address);
            let title = browser.run("return document.title")?;
            ensure!(title != json!("ran"), "{address} ran a script");
            ensure!(browser.cookies()? == 0, "{address} made a cookie");
        }
    }
    browser.open(&format!("{}/univ-angers/mauvais", node.url()))?;
    ensure!(
        browser.page()?.contains("Mauvais"),
        "the item's page is not shown"
    );
    ensure!(
        browser.run("return document.title")? != json!("ran"),
        "the item's page ran an uploaded script"
    );
    let asked = browser.requested()?;
    ensure!(
        !asked.iter().any(|u| u.contains("127.0.0.1:9/")),
        "an uploaded script called out"
    );
    only_this_node_of(&asked, node)?;
    drop(browser);
    f.stop()
}

/// Presses Tab until something has the focus; everything on the way is skipped as people skip it.
fn tab_to(browser: &Browser, there: impl Fn(&Browser) -> Result<bool>) -> Result<()> {
    for _ in 0..80 {
        browser.press(TAB)?;
        if there(browser)? {
            return Ok(());
        }
    }
    anyhow::bail!("80 times Tab did not get there")
}

/// Nothing was asked of another host.
pub fn only_this_node(browser: &Browser, node: &Node) -> Result<()> {
    only_this_node_of(&browser.requested()?, node)
}

fn only_this_node_of(asked: &[String], node: &Node) -> Result<()> {
    let port = node.ports().http;
    let own = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        "data:".to_owned(),
    ];
    ensure!(
        !asked.is_empty(),
        "the browser's log shows no request; it watches nothing"
    );
    let foreign: Vec<_> = asked
        .iter()
        .filter(|u| !u.starts_with("chrome://"))
        .filter(|u| !own.iter().any(|o| u.starts_with(o.as_str())))
        .collect();
    ensure!(foreign.is_empty(), "the pages asked others: {foreign:?}");
    Ok(())
}
