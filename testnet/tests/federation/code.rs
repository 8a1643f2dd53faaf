//! Reading code in a real browser: in both languages, on a narrow screen, in the dark, with a keyboard; and names and
//! texts that try to be more than that.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use commun_client::ItemRef;
use commun_testnet::{
    browser::{Browser, ENTER, Settings, TAB},
    content::{self, git},
    federation::Federation,
    http,
    process::Node,
};
use serde_json::json;

use super::{
    deeds::{begin_repository, commit, encoded},
    turn::turn,
};

/// A script that would tell on itself.
const SCRIPT: &str = "document.title='ran';fetch('http://127.0.0.1:9/');";

/// Makes a repository with two branches, a tag and a hostile README and names; gives its newest commit.
fn atelier(node: &Node, work: &Path) -> Result<String> {
    let local = work.join("atelier");
    begin_repository(&local)?;
    fs::create_dir_all(local.join("src"))?;
    fs::create_dir_all(local.join("docs"))?;
    commit(
        &local,
        "docs/guide.md",
        "# Guide\n\n## Deux mots\n\ntexte\n",
        "Write a guide",
    )?;
    let long: String = (1..400)
        .map(|n| format!("let x{n} = \"{n}\"; // {n}\n"))
        .collect();
    commit(&local, "src/long.rs", &long, "Add lines")?;
    for name in [
        "<img src=x onerror=alert(1)>.txt",
        "a\u{202e}gpj.exe",
        "esc\u{1b}[31m.md",
    ] {
        fs::write(local.join(name), format!("{name}\n"))?;
    }
    let readme = format!(
        "# Atelier\n\n[guide](docs/guide.md#deux-mots) [haut](#atelier)\n\n<script>{SCRIPT}</script>\n\n\
         x <img src=x onerror=\"{SCRIPT}\"> ![](http://127.0.0.1:9/pixel.png) [y](javascript:alert(1))\n"
    );
    commit(
        &local,
        "README.md",
        &readme,
        "Names <script>that</script> \u{202e}pretend",
    )?;
    git(
        &local,
        None,
        &["tag", "--annotate", "v1.0", "--message", "First"],
    )?;
    git(&local, None, &["checkout", "--quiet", "-b", "feature/x"])?;
    let changed = long.replace("\"7\"", "\"sept\"");
    let newest = commit(&local, "src/long.rs", &changed, "Say it in French")?;
    let new = commun_client::NewRepository {
        slug: "atelier".to_owned(),
        title: Some("Atelier".to_owned()),
        licence: Some("EUPL-1.2".to_owned()),
        ..commun_client::NewRepository::default()
    };
    git(&local, None, &["checkout", "--quiet", "main"])?;
    content::push_repository(node, &new, &local)?;
    let url = format!("{}/univ-angers/atelier.git", node.url());
    git(
        &local,
        Some(&node.token()?),
        &["push", "--quiet", &url, "feature/x"],
    )?;
    Ok(newest)
}

/// The pages below a repository.
fn views(newest: &str) -> Vec<String> {
    [
        "",
        "/tree/main/src",
        "/tree/feature/x",
        "/blob/feature/x/src/long.rs",
        "/blob/main/README.md",
        "/blame/feature/x/src/long.rs",
        "/commits/main",
        &format!("/commit/{newest}"),
        "/compare/main...feature/x",
        "/branches",
        "/tags",
    ]
    .iter()
    .map(|below| format!("/univ-angers/atelier{below}"))
    .collect()
}

/// Says something about the repository: the pages that tell of it.
fn talk(node: &Node, here: &Path) -> Result<Vec<String>> {
    let item: ItemRef = "univ-angers/atelier".parse().map_err(anyhow::Error::msg)?;
    let labels = ["bug", "a-label-as-long-as-labels-may-be-in-here"].map(str::to_owned);
    let text = format!(
        "A word of {} signs, and `code`.\n\n    indented\n",
        "x".repeat(90)
    );
    let thread = node
        .client()?
        .open_thread(&item, "It does not count", &text, &labels)?;
    let local = here.join("atelier");
    let url = format!("{}/univ-angers/atelier.git", node.url());
    let proposal = "feature/x:refs/for/main/a-topic-of-some-length";
    git(
        &local,
        Some(&node.token()?),
        &["push", "--quiet", &url, proposal],
    )?;
    let requests = node
        .client()?
        .merge_requests(&item, &commun_client::Filter::default())?;
    let request = requests.merge_requests.first().context("a request")?;
    Ok([
        "verification".to_owned(),
        "threads".to_owned(),
        format!("threads/{}", &thread.id[..16]),
        "merge-requests".to_owned(),
        format!("merge-requests/{}", &request.id[..16]),
    ]
    .map(|below| format!("/univ-angers/atelier/{below}"))
    .to_vec())
}

#[test]
fn code_is_read_in_both_languages_on_any_screen_and_nothing_in_it_runs() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let newest = atelier(&f.nodes[0], here.path())?;
    let node = &f.nodes[0];
    let said = talk(node, here.path())?;
    for (language, dark, size) in [("fr", false, (1200, 900)), ("en", true, (320, 640))] {
        let browser = Browser::start(&Settings {
            language: language.to_owned(),
            size,
            dark,
            ..Settings::default()
        })?;
        for path in views(&newest).iter().chain(&said) {
            browser.open(&format!("{}{path}", node.url()))?;
            ensure!(
                browser.attribute(&browser.find("html")?, "lang")? == language,
                "{path} is not in {language}"
            );
            let wide = browser.run(
                "return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > window.innerWidth + 1 \
                 && !e.closest('.scroll, pre, .prose table')).map(e => e.tagName + '.' + e.className).slice(0, 5)",
            )?;
            ensure!(wide == json!([]), "{path} is wider than {}: {wide}", size.0);
            let ran = browser.run(
                "return [document.title === 'ran', [...document.scripts].filter(s => s.type !== 'application/ld+json').length]",
            )?;
            ensure!(ran == json!([false, 0]), "{path}: {ran}");
            // Colours of text and paper, as they are drawn.
            let seen = browser.run(
                "const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 }); return .2126 * r + .7152 * g + .0722 * b; }; \
                 const paper = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255, 255, 255)'; }; \
                 return [...document.querySelectorAll('main *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => { \
                 const [a, b] = [light(getComputedStyle(e).color), light(paper(e))].sort((x, y) => y - x); return [(a + .05) / (b + .05), e.tagName + '.' + e.className]; }) \
                 .filter(([ratio]) => ratio < 4.5).slice(0, 5)",
            )?;
            ensure!(
                seen == json!([]),
                "{path}: text that is hard to see: {seen}"
            );
        }
        let complaints = browser.complaints()?;
        ensure!(
            complaints.is_empty(),
            "the console complains: {complaints:?}"
        );
        let port = node.ports().http;
        for url in browser.requested()? {
            let own = url.starts_with(&format!("http://127.0.0.1:{port}/"))
                || url.starts_with(&format!("http://localhost:{port}/"))
                || url.starts_with("data:")
                || url.starts_with("chrome://");
            ensure!(own, "a page asked {url}");
        }
        ensure!(browser.cookies()? == 0, "a reader got a cookie");
    }
    f.stop()
}

#[test]
fn the_keyboard_leads_from_a_repository_to_a_line_and_to_another_branch() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    atelier(&f.nodes[0], here.path())?;
    let node = &f.nodes[0];
    let browser = Browser::start(&Settings {
        language: "fr".to_owned(),
        scripts: false,
        ..Settings::default()
    })?;
    browser.open(&format!("{}/univ-angers/atelier", node.url()))?;
    go(&browser, "/tree/main/src")?;
    go(&browser, "/blob/main/src/long.rs")?;
    browser.open(&format!("{}#L12", browser.url()?))?;
    ensure!(
        browser.attribute(&browser.find("tr:target")?, "id")? == "L12",
        "the line cannot be linked to"
    );
    // The list of branches opens and leads to the same file there.
    let list = browser.find("details.switcher summary")?;
    tab_to(&browser, |b| Ok(b.focused()? == list))?;
    browser.press(ENTER)?;
    go(&browser, "/blob/feature/x/src/long.rs")?;
    go(&browser, "/blame/feature/x/src/long.rs")?;
    ensure!(
        browser.page()?.contains("Say it in French"),
        "no commit stands beside its lines"
    );
    drop(browser);
    f.stop()
}

/// Presses Tab until a link leads there, and follows it.
fn go(browser: &Browser, below: &str) -> Result<()> {
    tab_to(browser, |b| {
        Ok(b.attribute(&b.focused()?, "href")?.ends_with(below))
    })
    .with_context(|| format!("no way to {below}"))?;
    browser.press(ENTER)?;
    browser.wait("the link was followed", |b| Ok(b.url()?.ends_with(below)))
}

fn tab_to(browser: &Browser, there: impl Fn(&Browser) -> Result<bool>) -> Result<()> {
    for _ in 0..120 {
        browser.press(TAB)?;
        if there(browser)? {
            return Ok(());
        }
    }
    anyhow::bail!("120 times Tab did not get there")
}

/// Opens the pages of a repository as programs do and finds nothing in them that a browser would run or that would
/// make a name read as another.
pub fn inert(node: &Node, name: &str) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut paths = vec![format!("/{name}")];
    for below in [
        "tree/main",
        "commits/main",
        "branches",
        "tags",
        "feed.atom",
        "feed/commits",
    ] {
        paths.push(format!("/{name}/{below}"));
    }
    let accept = ["Accept: text/html", "Accept-Language: en"];
    let mut at = 0;
    while at < paths.len() && at < 60 {
        let path = paths[at].clone();
        at += 1;
        let answer = http::get(node.ports().http, &path, &accept)?;
        if answer.status >= 500 {
            faults.push(format!("{path}: {}", answer.status));
        }
        let text = without_data(&answer.text());
        let bad = ["<script", "<img src=x", "onerror=\"", "\u{202e}", "\u{1b}"];
        for part in bad.into_iter().filter(|part| text.contains(part)) {
            faults.push(format!("{path} holds {part:?}"));
        }
        for link in text.split("href=\"").skip(1) {
            let link = link
                .split('"')
                .next()
                .unwrap_or_default()
                .replace("&amp;", "&");
            let own = link.starts_with(&format!("/{name}/")) && !link.contains("/archive/");
            if own && !link.contains('#') && !paths.contains(&link) && paths.len() < 60 {
                paths.push(link);
            }
        }
    }
    Ok(faults)
}

/// A page without what it says for programs (JSON-LD), which no browser runs. It ends at the first `<`, so that nothing can hide
/// behind it.
pub fn without_data(page: &str) -> String {
    let mut blocks = page.split("<script type=\"application/ld+json\">");
    let mut rest = blocks.next().unwrap_or_default().to_owned();
    for block in blocks {
        let end = block.find('<').unwrap_or(block.len());
        rest.push_str(block[end..].strip_prefix("</script>").unwrap_or("<script"));
    }
    rest
}

#[test]
fn hostile_names_and_messages_are_inert_on_every_page_that_links_lead_to() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    atelier(&f.nodes[0], here.path())?;
    let faults = inert(&f.nodes[0], "univ-angers/atelier")?;
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    let name = encoded("a\u{202e}gpj.exe");
    let raw = format!("/univ-angers/atelier/raw/main/{name}");
    let answer = http::get(f.nodes[0].ports().http, &raw, &[])?;
    let disposition = answer.header("content-disposition").unwrap_or_default();
    ensure!(
        answer.status == 200
            && disposition.starts_with("attachment")
            && !disposition.contains('\u{202e}'),
        "{}: {disposition}",
        answer.status
    );
    f.stop()
}
