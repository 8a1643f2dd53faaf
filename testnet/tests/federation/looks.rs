//! How the pages look, and for whom they can be used: held against the rules of axe-core (WCAG 2.1, levels A and AA) in both
//! languages, in light and dark, on a wide and on a narrow window; and a picture of each of them in `target/screenshots`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use commun_client::Why;
use commun_testnet::{
    browser::{Browser, Looks, Settings},
    content::git,
    federation::Federation,
    process::Node,
};
use serde_json::{Value, json};

use super::{
    around::ADA,
    deeds::{commit, publish, push, push_new_repository},
    item::{SRT, pdf, wav},
    pages::{COURSE, library, two_versions},
    turn::turn,
};

const REPOSITORY: &str = "univ-angers/outils";
/// Who made one of the courses of the demo, by name.
const AUTHOR: &str = "/about/author/name/de-equipe-mathematiques-pedagogique";
/// The arrow down, as WebDriver writes it.
const DOWN: &str = "\u{e015}";
/// The windows, in CSS pixels.
pub const WIDE: (u32, u32) = (1280, 900);
pub const PHONE: (u32, u32) = (360, 740);
/// A window of 1280 pixels at 400 % (WCAG 2.1, 1.4.10).
pub const NARROWEST: (u32, u32) = (320, 640);

/// What axe-core is asked: the rules of the law, and what it finds in words.
pub const ASK: &str = "return axe.run(document, {iframes: false, resultTypes: ['violations'], \
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(r => r.violations.flatMap(v => \
    v.nodes.map(n => v.id + ' (' + v.help + ') at ' + n.target.join(' ') + ': ' + n.failureSummary)))";

/// What reaches over the right edge.
pub const OVER: &str = "const wide = document.documentElement.scrollWidth; return wide <= innerWidth ? [] : \
    [wide + ' wide', ...[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth) \
    .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40)).slice(0, 5)]";

/// The spacing of text that readers may set for themselves (WCAG 2.1, 1.4.12).
const SPACED: &str = "const s = new CSSStyleSheet(); s.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; \
    word-spacing: .16em !important } p { margin-bottom: 2em !important }'); document.adoptedStyleSheets = [s]";

/// What can have the focus and does not show it.
pub const UNSEEN: &str = "return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]')] \
    .filter(e => e.checkVisibility()).filter(e => { e.focus({focusVisible: true, preventScroll: true}); const s = getComputedStyle(e); \
    return document.activeElement === e && s.outlineStyle === 'none' && s.boxShadow === 'none' }) \
    .map(e => e.outerHTML.slice(0, 80))";

/// What has the focus after something that stands below it, and not beside it: the keyboard jumps back.
const ASTRAY: &str = "const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]')] \
    .filter(e => e.tabIndex >= 0 && !e.matches('.skip') && e.checkVisibility()); \
    const at = e => e.getBoundingClientRect(); \
    return all.filter((e, n) => n > 0 && at(e).bottom <= at(all[n - 1]).top && at(e).left < at(all[n - 1]).right) \
    .map(e => e.outerHTML.slice(0, 80))";

/// What moves although the reader asked for less of that.
const MOVES: &str = "return [...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e); \
    return s.transitionDuration !== '0s' || s.animationName !== 'none' || s.scrollBehavior !== 'auto' }) \
    .map(e => e.outerHTML.slice(0, 80))";

/// What stands on paper although nobody can use it there, and dark ground.
const PRINTED: &str = "return [...document.querySelectorAll('form, .filters, .pages, .languages, .skip, .sorting')] \
    .filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 80)).concat( \
    [...document.querySelectorAll('html, body, .card, .paper')].map(e => getComputedStyle(e).backgroundColor) \
    .filter(c => c.startsWith('rgb(') && !c.includes('255, 255, 255')))";

/// The script of axe-core, as `.ci/setup test` puts it.
pub fn axe() -> Result<String> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/axe");
    let script = tools.join("axe_playwright_python/axe.min.js");
    fs::read_to_string(&script).context("axe-core is needed: run .ci/setup test")
}

/// Where the pictures go: not into the repository.
pub fn pictures() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// What a script of the test's finds on the page that is open.
pub fn found(browser: &Browser, script: &str) -> Result<Vec<String>> {
    let found = browser.run(script)?;
    let found = found.as_array().context("a list")?;
    Ok(found.iter().map(Value::to_string).collect())
}

/// A repository with a branch, a thread and a merge request.
fn code(node: &Node, work: &Path) -> Result<Vec<(String, String)>> {
    let first = push_new_repository(node, "outils", work)?;
    let local = work.join("outils");
    commit(
        &local,
        "trier.py",
        "def trier(l):\n    return sorted(l)  # \u{e0} revoir\n",
        "Sort",
    )?;
    git(&local, None, &["tag", "-a", "-m", "First", "v1"])?;
    push(node, REPOSITORY, &local, &["main", "v1"])?;
    git(&local, None, &["switch", "--quiet", "-c", "faster"])?;
    let faster = commit(&local, "trier.py", "trier = sorted\n", "Sort faster")?;
    push(
        node,
        REPOSITORY,
        &local,
        &["faster", "HEAD:refs/for/main/faster"],
    )?;
    let client = node.client()?;
    let item = REPOSITORY.parse().map_err(anyhow::Error::msg)?;
    let thread = client.open_thread(
        &item,
        "Trier les accents",
        "Que faire de « é » ?",
        &["question".to_owned()],
    )?;
    let requests = client.merge_requests(&item, &commun_client::Filter::default())?;
    let request = requests.merge_requests.first().context("a merge request")?;
    let below = [
        ("repository", String::new()),
        ("tree", "/tree/main".to_owned()),
        ("file", "/blob/main/trier.py".to_owned()),
        ("blame", "/blame/main/trier.py".to_owned()),
        ("commits", "/commits".to_owned()),
        ("commit", format!("/commit/{faster}")),
        ("branches", "/branches".to_owned()),
        ("tags", "/tags".to_owned()),
        ("compare", format!("/compare/{first}...{faster}")),
        ("verification", "/verification".to_owned()),
        ("threads", "/threads".to_owned()),
        ("thread", format!("/threads/{}", thread.thread)),
        ("merge-requests", "/merge-requests".to_owned()),
        ("merge-request", format!("/merge-requests/{}", request.id)),
    ];
    Ok(below
        .into_iter()
        .map(|(name, path)| (name.to_owned(), format!("/{REPOSITORY}{path}")))
        .collect())
}

/// Every page that a reader can come to: a name for its picture, and its address.
fn every_page(node: &Node, work: &Path) -> Result<Vec<(String, String)>> {
    let client = node.client()?;
    let mut pages = code(node, work)?;
    let collection = json!({"slug": "premiers-pas", "title": "Premiers pas", "language": "fr",
        "description": "De quoi commencer.", "members": [COURSE, REPOSITORY]});
    client.create_collection(&collection)?;
    let gone = json!({"slug": "perime", "title": {"fr": "Un cours périmé"}, "licence": "CC0-1.0"});
    let gone = publish(node, None, &gone, &[("a.md", b"# a")])?;
    let why = Why {
        reason: Some("remplacé par un autre".to_owned()),
        code: Some("outdated".to_owned()),
        ..Why::default()
    };
    client.withdraw(&gone.parse().map_err(anyhow::Error::msg)?, &why)?;
    let versions = two_versions(node)?;
    let long = "mot+".repeat(400);
    let dunes = json!({"slug": "dunes", "title": {"fr": "Les dunes"}, "licence": "CC-BY-SA-4.0", "language": ["fr"],
        "summary": {"fr": "Comment le vent déplace le sable."}, "subject": ["iscedf-0541"],
        "creators": [{"name": "Ada Exemple", "orcid": "0000-0002-1825-0097"}]});
    let (document, tone) = (pdf(), wav());
    let web = b"<h1>Une page</h1><p>du cours, <a href='cours.pdf'>avec un document</a></p>";
    let files: [(&str, &[u8]); 4] = [
        ("cours.pdf", &document),
        ("lecture.wav", &tone),
        ("lecture.fr.srt", SRT.as_bytes()),
        ("page.html", web),
    ];
    publish(node, None, &dunes, &files)?;
    let mut add = |name: &str, path: &str| pages.push((name.to_owned(), path.to_owned()));
    add("home", "/");
    add("search", "/search?q=equations");
    add("search-all", "/search");
    add(
        "search-filtered",
        "/search?licence=CC-BY-SA-4.0&level=fr-l1",
    );
    add("search-nothing", "/search?q=zzyzx&licence=CC0-1.0");
    add("search-refused", &format!("/search?q={long}"));
    add("item", &format!("/{COURSE}"));
    add("collection", "/univ-angers/premiers-pas");
    add("withdrawn", "/univ-angers/perime");
    for (name, path) in [
        ("document", "cours.pdf"),
        ("sound", "lecture.wav"),
        ("web-page", "page.html"),
    ] {
        add(
            &format!("item-{name}"),
            &format!("/univ-angers/dunes?file={path}"),
        );
    }
    add("item-notebook", "/univ-angers/descriptive-statistics");
    add(
        "item-picture",
        "/univ-angers/cycle-du-carbone?file=cycle-du-carbone.svg",
    );
    add(
        "item-table",
        "/univ-angers/croissance-plantes-donnees?file=donnees%2Fcroissance.csv",
    );
    add("embed", "/univ-angers/dunes/embed");
    add("about", "/about");
    add("legal", "/about/legal");
    add("accessibility", "/about/accessibility");
    add("privacy", "/about/privacy");
    add("commons", "/about/commons");
    add("author", ADA);
    add("subject", "/about/subject/iscedf-0541");
    add("versions", &versions);
    add("institution", "/univ-angers");
    add("quality", "/univ-angers/quality");
    add("author", AUTHOR);
    add("subject", "/about/subject/iscedf-05");
    add("commons", "/about/commons");
    add("about", "/about");
    add("legal", "/about/legal");
    add("accessibility", "/about/accessibility");
    add("privacy", "/about/privacy");
    add("status", "/status");
    add("not-found", "/univ-angers/nothing-here");
    Ok(pages)
}

/// The browser of a reader of this language, in a wide window.
pub fn wide(language: &str) -> Result<Browser> {
    Browser::start(&Settings {
        language: language.to_owned(),
        size: WIDE,
        ..Settings::default()
    })
}

#[test]
fn every_page_can_be_used_by_all_in_both_languages_in_light_and_dark() -> Result<()> {
    let _turn = turn();
    let mut f = library()?;
    let here = tempfile::tempdir()?;
    let node = &f.nodes[0];
    let pages = every_page(node, here.path())?;
    let (axe, pictures) = (axe()?, pictures()?);
    let mut faults = Vec::new();
    for language in ["fr", "en"] {
        let browser = wide(language)?;
        let (light, dark) = (
            Looks::default(),
            Looks {
                dark: true,
                ..Looks::default()
            },
        );
        for (name, path) in &pages {
            browser.resize(WIDE)?;
            browser.look(&light)?;
            browser.open(&format!("{}{path}", node.url()))?;
            let mut tell = |what: &str, found: Vec<String>| {
                faults.extend(
                    found
                        .iter()
                        .map(|one| format!("{language} {name}, {what}: {one}")),
                );
            };
            ensure!(
                browser.attribute(&browser.find("html")?, "lang")? == language,
                "{name} is not in {language}"
            );
            for (window, size) in [("wide", WIDE), ("phone", PHONE)] {
                browser.resize(size)?;
                for (scheme, looks) in [("light", &light), ("dark", &dark)] {
                    browser.look(looks)?;
                    // Each rule sees each language, each scheme and each width, if not all of them together.
                    let judged = (window == "wide") == (scheme == "light");
                    if judged || language == "fr" {
                        let file = format!("{name}-{language}-{window}-{scheme}.png");
                        fs::write(pictures.join(file), browser.whole_page()?)?;
                    }
                    if judged {
                        browser.run(&axe)?;
                        tell(&format!("{window}, {scheme}"), found(&browser, ASK)?);
                    }
                }
            }
            browser.resize(NARROWEST)?;
            tell("at 320 pixels", found(&browser, OVER)?);
            browser.run(SPACED)?;
            tell("at 320 pixels with wider spacing", found(&browser, OVER)?);
            browser.run("document.adoptedStyleSheets = []")?;
            browser.look(&Looks {
                still: true,
                ..Looks::default()
            })?;
            tell("with reduced motion", found(&browser, MOVES)?);
            tell("by keyboard", found(&browser, UNSEEN)?);
            browser.resize(WIDE)?;
            browser.look(&Looks {
                dark: true,
                paper: true,
                ..Looks::default()
            })?;
            tell("on paper", found(&browser, PRINTED)?);
            fs::write(
                pictures.join(format!("{name}-{language}-paper.png")),
                browser.whole_page()?,
            )?;
        }
        // What comes while one types.
        browser.resize(PHONE)?;
        browser.look(&light)?;
        browser.open(&format!("{}/", node.url()))?;
        browser.type_into(&browser.find("#q")?, "equ")?;
        browser.wait("completions are shown", |b| {
            Ok(!b.all("[role=listbox] [role=option]")?.is_empty())
        })?;
        browser.press(DOWN)?;
        browser.run(&axe)?;
        for one in found(&browser, ASK)?
            .into_iter()
            .chain(found(&browser, OVER)?)
        {
            faults.push(format!("{language}, completions: {one}"));
        }
        fs::write(
            pictures.join(format!("completions-{language}-phone-light.png")),
            browser.screenshot()?,
        )?;
        let complaints = browser.complaints()?;
        let complaints = complaints
            .iter()
            .filter(|one| !one.contains("the server responded with a status of 4"));
        faults.extend(complaints.map(|one| format!("{language}: the console says {one}")));
        super::pages::only_this_node(&browser, node)?;
    }
    ensure!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    f.stop()
}

#[test]
fn what_looks_at_the_pages_sees_a_planted_fault() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let browser = Browser::start(&Settings {
        size: NARROWEST,
        ..Settings::default()
    })?;
    browser.open(&format!("{}/", f.nodes[0].url()))?;
    browser.run(&axe()?)?;
    browser.run(
        "const put = (html, style) => { document.querySelector('main').insertAdjacentHTML('beforeend', html); \
         Object.assign(document.querySelector('main').lastElementChild.style, style) }; \
         put('<img src=\"/static/none\">', {}); put('<p>pale</p>', {color: '#eee', background: '#fff'}); \
         put('<p>wide</p>', {width: '50rem', transition: 'color 1s'}); put('<a href=\"/\">unseen</a>', {outline: 'none'})",
    )?;
    for (script, part) in [
        (ASK, "image-alt"),
        (ASK, "color-contrast"),
        (OVER, "wide"),
        (MOVES, "wide"),
        (UNSEEN, "unseen"),
        (PRINTED, "<form"),
    ] {
        let found = found(&browser, script)?;
        ensure!(
            found.iter().any(|one| one.contains(part)),
            "{part} is not found: {found:?}"
        );
    }
    drop(browser);
    f.stop()
}

#[test]
fn the_keyboard_goes_where_the_eye_does() -> Result<()> {
    let _turn = turn();
    let mut f = library()?;
    let node = &f.nodes[0];
    let browser = Browser::start(&Settings::default())?;
    let item = format!("/{COURSE}");
    for size in [WIDE, PHONE, NARROWEST] {
        browser.resize(size)?;
        for path in [
            "/",
            "/search?q=equations&level=fr-l1",
            &item,
            "/univ-angers",
            "/about",
        ] {
            browser.open(&format!("{}{path}", node.url()))?;
            let astray = found(&browser, ASTRAY)?;
            ensure!(astray.is_empty(), "{path} at {}: {astray:?}", size.0);
        }
        // What another order on the screen would be.
        browser.run("document.querySelector('.banner .languages').style.order = 2")?;
        browser.run("document.querySelector('.banner .inner').style.flexDirection = 'column'")?;
        browser.run("document.querySelector('.banner .box').style.order = 1")?;
        ensure!(
            !found(&browser, ASTRAY)?.is_empty(),
            "what looks for it sees nothing"
        );
    }
    drop(browser);
    f.stop()
}
