//! What a teacher does in five minutes between two lessons, as the teachers' page of the handbook tells it: find with slips and
//! without accents, narrow, see what one may do, look inside, take it with its attribution, find its sister in another
//! language, follow what is new. The handbook's pictures are those of this test: `COMMUN_UPDATE=1` takes them anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    browser::{Browser, Settings},
    http,
    process::Node,
};
use serde_json::json;

use super::{
    deeds::publish,
    pages::{library, only_this_node},
    turn::turn,
};

/// The window of the pictures.
const WINDOW: (u32, u32) = (1100, 760);

/// The story in one language: what is typed, found and seen.
struct Story {
    language: &'static str,
    /// As somebody types who is in a hurry.
    typed: &'static str,
    /// What was meant.
    meant: &'static str,
    /// The item that is wanted, and its sister.
    item: &'static str,
    sister: &'static str,
    sister_title: &'static str,
    /// A file of it, and words that stand in it.
    file: &'static str,
    inside: &'static str,
    /// What one may do.
    may: &'static str,
    title: &'static str,
    /// The title of what comes out later.
    new: &'static str,
    /// The handbook's page.
    handbook: &'static str,
}

const STORIES: [Story; 2] = [
    Story {
        language: "fr",
        typed: "regles documents acessibles",
        meant: "accessibles",
        item: "univ-angers/documents-accessibles",
        sister: "univ-angers/accessible-documents",
        sister_title: "Writing accessible documents",
        file: "tutoriel.md",
        inside: "perceptible, utilisable, compréhensible, robuste",
        may: "Vous pouvez réutiliser, modifier et partager librement",
        title: "Produire des documents accessibles",
        new: "Les règles des documents accessibles, en une page",
        handbook: "fr/enseignants.md",
    },
    Story {
        language: "en",
        typed: "writing acessible documents",
        meant: "accessible",
        item: "univ-angers/accessible-documents",
        sister: "univ-angers/documents-accessibles",
        sister_title: "Producing accessible documents",
        file: "tutorial.md",
        inside: "perceivable, operable, understandable, robust",
        may: "You may",
        title: "Writing accessible documents",
        new: "A checklist for writing accessible documents",
        handbook: "teachers.md",
    },
];

/// Takes the pictures of a story in one language.
struct Pictures {
    folder: PathBuf,
    language: &'static str,
    taken: Vec<String>,
}

impl Pictures {
    fn of(language: &'static str) -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = match std::env::var_os("COMMUN_UPDATE") {
            Some(_) => here.join("../docs/images"),
            None => here.join("../target/screenshots"),
        };
        fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            language,
            taken: Vec::new(),
        })
    }

    /// A picture of the window, with what `css` finds in its middle.
    fn take(&mut self, browser: &Browser, what: &str, css: &str) -> Result<()> {
        browser.run(&format!(
            "document.querySelector({}).scrollIntoView({{block: 'center', behavior: 'instant'}})",
            json!(css)
        ))?;
        let name = format!("teacher-{what}-{}.png", self.language);
        fs::write(self.folder.join(&name), browser.screenshot()?)?;
        self.taken.push(name);
        Ok(())
    }
}

#[test]
fn a_teachers_five_minutes_between_two_lessons() -> Result<()> {
    let _turn = turn();
    let mut f = library()?;
    for story in &STORIES {
        tell(&f.nodes[0], story)
            .with_context(|| format!("the story in the language {}", story.language))?;
    }
    f.stop()
}

fn tell(node: &Node, story: &Story) -> Result<()> {
    let mut pictures = Pictures::of(story.language)?;
    let browser = Browser::start(&Settings {
        language: story.language.to_owned(),
        size: WINDOW,
        ..Settings::default()
    })?;
    find(&browser, node, story, &mut pictures)?;
    let search = narrow(&browser, story, &mut pictures)?;
    look(&browser, story, &mut pictures)?;
    take(&browser, story, &mut pictures)?;
    find_the_sister(&browser, story, &mut pictures)?;
    browser.open(&search)?;
    follow(&browser, node, story, &mut pictures)?;

    let complaints = browser.complaints()?;
    ensure!(complaints.is_empty(), "the console says: {complaints:?}");
    only_this_node(&browser, node)?;
    ensure!(browser.cookies()? == 0, "a reader got a cookie");
    the_handbook_shows(&pictures, story)
}

/// With a slip and without accents; the page says what it searched.
fn find(browser: &Browser, node: &Node, story: &Story, pictures: &mut Pictures) -> Result<()> {
    browser.open(&format!("{}/", node.url()))?;
    browser.type_into(&browser.find("#q")?, story.typed)?;
    browser.click_on("form[role=search] button")?;
    // The first page has a list of hits, too: what is newest.
    browser.wait("the page says what it searched", |b| {
        Ok(b.text(&b.find("h1")?)?.contains(story.meant))
    })?;
    let first = browser.find("ol.hits li article a")?;
    let first = browser.attribute(&first, "href")?;
    ensure!(first.contains(story.item), "the first hit is {first}");
    pictures.take(browser, "find", "h1")
}

/// Only what may be adapted, and only this kind: fewer are left, and the one that is wanted is among them. Gives where.
fn narrow(browser: &Browser, story: &Story, pictures: &mut Pictures) -> Result<String> {
    let hits = |b: &Browser| Ok::<_, anyhow::Error>(b.all("ol.hits li article")?.len());
    let many = hits(browser)?;
    browser.click_on("#filters a.switch")?;
    browser.wait("only what may be adapted is shown", |b| {
        Ok(b.url()?.contains("adaptable=1"))
    })?;
    browser.click_on("#filters a[href*='resource_type=course']")?;
    browser.wait("only courses are shown", |b| {
        Ok(b.url()?.contains("resource_type=course"))
    })?;
    let few = hits(browser)?;
    ensure!(
        few > 0 && few < many,
        "{few} of {many} are left of two filters"
    );
    pictures.take(browser, "narrow", "#filters a.switch")?;
    let search = browser.url()?;
    browser.click_on(&format!("ol.hits a[href*='{}']", story.item))?;
    browser.wait("the item's page is open", |b| {
        Ok(b.url()?.contains(story.item))
    })?;
    Ok(search)
}

/// What one may do, in a sentence; and the text of a file, in place.
fn look(browser: &Browser, story: &Story, pictures: &mut Pictures) -> Result<()> {
    let verdict = browser.text_of(".terms .verdict")?;
    ensure!(
        verdict.contains(story.may),
        "what one may do is not said: {verdict}"
    );
    pictures.take(browser, "may", "h1")?;
    browser.click_on(&format!("a[href*='file={}']", story.file))?;
    browser.wait("the file is shown", |b| {
        Ok(b.page()?.contains(story.inside))
    })?;
    pictures.take(browser, "look", "#preview")
}

/// The attribution, and a package for a learning platform.
fn take(browser: &Browser, story: &Story, pictures: &mut Pictures) -> Result<()> {
    let credit = browser.run("return document.querySelector('.credit textarea').value")?;
    let credit = credit.as_str().unwrap_or_default();
    for part in [story.title, "Mission accessibilité", "CC0"] {
        ensure!(credit.contains(part), "{part} is not credited: {credit}");
    }
    pictures.take(browser, "take", ".credit")?;
    browser.click_on(".take a[href*='format=imscc']")?;
    let saved = || -> Result<Option<Vec<u8>>> {
        for file in fs::read_dir(browser.downloads())? {
            let path = file?.path();
            if path.extension().is_some_and(|it| it == "imscc") {
                return Ok(Some(fs::read(path)?));
            }
        }
        Ok(None)
    };
    browser.wait("the package is saved", |_| {
        Ok(saved()?.is_some_and(|bytes| bytes.starts_with(b"PK")))
    })
}

/// The same work in another language.
fn find_the_sister(browser: &Browser, story: &Story, pictures: &mut Pictures) -> Result<()> {
    pictures.take(browser, "sister", "#translations")?;
    let sister = format!(
        "section[aria-labelledby=translations] a[href*='{}']",
        story.sister
    );
    browser.click_on(&sister)?;
    browser.wait("the sister's page is open", |b| {
        Ok(b.url()?.contains(story.sister))
    })?;
    let title = browser.text_of("h1")?;
    ensure!(title.contains(story.sister_title), "its title is {title}");
    Ok(())
}

/// The search as a feed: it has the item, and what is published later comes first.
fn follow(browser: &Browser, node: &Node, story: &Story, pictures: &mut Pictures) -> Result<()> {
    pictures.take(browser, "follow", ".follow")?;
    let link = browser.find(".follow a[type='application/atom+xml']")?;
    let href = browser.attribute(&link, "href")?;
    let feed = || -> Result<String> {
        let answer = http::get(node.ports().http, &href, &[])?;
        ensure!(answer.status == 200, "{}", answer.text());
        Ok(answer.text())
    };
    ensure!(
        feed()?.contains(story.title),
        "the feed does not have the item"
    );
    let slug = format!("nouveau-{}", story.language);
    let new = json!({"slug": slug, "title": {story.language: story.new}, "licence": "CC0-1.0",
        "language": [story.language], "resource_type": ["course"]});
    publish(node, None, &new, &[("a.md", b"# a")])?;
    browser.wait("what is new leads the feed", |_| {
        let text = feed()?;
        let at = |part: &str| text.find(part);
        let (new, old) = (
            at(&slug),
            at(story.item.split('/').next_back().unwrap_or_default()),
        );
        Ok(new.zip(old).is_some_and(|(new, old)| new < old))
    })
}

/// Each picture stands in the handbook's page of that language, in the order of the story.
fn the_handbook_shows(pictures: &Pictures, story: &Story) -> Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page = fs::read_to_string(docs.join(story.handbook))?;
    let mut last = 0;
    for name in &pictures.taken {
        let at = page
            .find(&format!("images/{name})"))
            .with_context(|| format!("{} does not show {name}", story.handbook))?;
        ensure!(at > last, "{name} is not where the story has it");
        ensure!(
            docs.join("images").join(name).is_file(),
            "docs/images/{name} is missing: COMMUN_UPDATE=1 takes it"
        );
        last = at;
    }
    Ok(())
}
