//! What this is, who answers for it, how accessible it is, and what it knows of its readers: the pages below `/about`.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use maud::{Markup, html};
use serde_json::json;

use super::{Page, wanted};
use crate::{
    http::{
        Web, linked,
        problem::Problem,
        text::{plain, visible},
        words::Words,
    },
    operator::Operator,
};

/// Where the source of the program is.
const LICENCE_OF_THE_PROGRAM: &str =
    "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12";

/// A page below `/about`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    About,
    Legal,
    Accessibility,
    Privacy,
}

impl Part {
    const ALL: [Part; 4] = [Part::About, Part::Legal, Part::Accessibility, Part::Privacy];

    fn path(self) -> &'static str {
        match self {
            Part::About => "/about",
            Part::Legal => "/about/legal",
            Part::Accessibility => "/about/accessibility",
            Part::Privacy => "/about/privacy",
        }
    }

    fn title(self, words: Words) -> &'static str {
        match self {
            Part::About => words.say("about-title"),
            Part::Legal => words.say("about-legal-title"),
            Part::Accessibility => words.say("about-accessibility-title"),
            Part::Privacy => words.say("about-privacy-title"),
        }
    }
}

/// `GET /about`.
pub(super) async fn about(
    web: State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    part(&web, &uri, &headers, Part::About).await
}

/// `GET /about/legal`.
pub(super) async fn legal(
    web: State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    part(&web, &uri, &headers, Part::Legal).await
}

/// `GET /about/accessibility`.
pub(super) async fn accessibility(
    web: State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    part(&web, &uri, &headers, Part::Accessibility).await
}

/// `GET /about/privacy`.
pub(super) async fn privacy(
    web: State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    part(&web, &uri, &headers, Part::Privacy).await
}

async fn part(web: &Web, uri: &Uri, headers: &HeaderMap, part: Part) -> Result<Response, Problem> {
    let wanted = wanted(uri, headers);
    let operator = web.ask(|site| Ok(site.operator())).await?;
    let mut page = Page::new(web, &wanted, uri);
    let title = part.title(page.words);
    page.about.push(structured(&page, part));
    let text = match part {
        Part::About => what(&page, &operator),
        Part::Legal => notices(&page, &operator),
        Part::Accessibility => statement(&page, &operator),
        Part::Privacy => nothing_kept(&page, &operator),
    };
    let main = html! {
        div.inner.item {
            div.headline { h1 { (title) } }
            div.body.prose { (text) }
            div.side { (others(&page, part)) }
        }
    };
    Ok(page.finish(title, Some(""), main))
}

fn structured(page: &Page<'_>, part: Part) -> String {
    let main = &page.web.hosts().main;
    let mut way = vec![(page.me.commons_name.clone(), page.href("/"))];
    if part != Part::About {
        way.push((
            Part::About.title(page.words).to_owned(),
            page.href("/about"),
        ));
    }
    way.push((part.title(page.words).to_owned(), page.href(part.path())));
    let about = json!({
        "@type": if part == Part::About { "AboutPage" } else { "WebPage" },
        "name": part.title(page.words), "url": format!("{main}{}", part.path()),
        "inLanguage": page.lang().tag(),
        "isPartOf": {"@id": format!("{main}/#site")},
    });
    linked::graph(vec![about, linked::breadcrumbs(main, &way)])
}

/// The way to the pages beside this one.
fn others(page: &Page<'_>, here: Part) -> Markup {
    let words = page.words;
    html! {
        nav.card aria-labelledby="beside" {
            h2 id="beside" { (words.say("about-beside")) }
            ul.plainlist {
                @for part in Part::ALL {
                    li { a href=(page.href(part.path())) aria-current=[(part == here).then_some("page")] { (part.title(words)) } }
                }
                li { a href=(page.href("/about/commons")) { (words.say("commons-title")) } }
                li { a href=(page.href("/status")) { (words.say("footer-status")) } }
            }
        }
    }
}

fn what(page: &Page<'_>, operator: &Operator) -> Markup {
    let words = page.words;
    let commons = page.me.commons_name.as_str();
    let own = format!("/{}", page.me.handle);
    html! {
        p.lead { (words.say_html("about-lead", [("commons", plain(commons).into())])) }
        p { (words.say("about-copies")) }
        p { (words.say("about-signed")) }
        p {
            (words.say_html("about-node", [("institution", html! { a href=(page.href(&own)) { (plain(page.me.handle.as_str())) } }.into())]))
            " " a href=(page.href("/about/commons")) { (words.say("about-members")) }
        }
        section aria-labelledby="contact" {
            h2 id="contact" { (words.say("about-contact-title")) }
            (mail(page, operator))
            p { (words.say("about-report")) }
        }
        section aria-labelledby="reuse" {
            h2 id="reuse" { (words.say("about-reuse-title")) }
            p { (words.say("about-reuse-items")) }
            p { (words.say("about-reuse-metadata")) }
        }
        section aria-labelledby="programs" {
            h2 id="programs" { (words.say("about-programs-title")) }
            ul {
                li { a href="/api/v1/openapi.json" { (words.say("footer-api")) } }
                li { a href="/oai?verb=Identify" { "OAI-PMH" } }
                li { a href="/sitemap.xml" { (words.say("about-sitemap")) } }
                li { a href="/feed/search.atom" { (words.say("about-feed")) } }
                li { a href=(crate::http::opensearch::PATH) { "OpenSearch" } }
            }
        }
        section aria-labelledby="program" {
            h2 id="program" { (words.say("about-program-title")) }
            p { (words.say_html("about-program", [
                ("version", env!("CARGO_PKG_VERSION").into()),
                ("licence", html! { a href=(LICENCE_OF_THE_PROGRAM) rel="license noreferrer" { "EUPL-1.2" } }.into()),
            ])) }
        }
    }
}

/// Where people write to; that nobody has said it, where nobody has.
fn mail(page: &Page<'_>, operator: &Operator) -> Markup {
    let words = page.words;
    html! {
        @if operator.mail.is_empty() { p.notice role="note" { (words.say("about-unstated-mail")) } }
        @else { p { (words.say_html("about-mail", [("mail", html! { a href={ "mailto:" (operator.mail) } { (plain(&operator.mail)) } }.into())])) } }
    }
}

fn notices(page: &Page<'_>, operator: &Operator) -> Markup {
    let words = page.words;
    let notices = [
        (words.say("about-publisher"), &operator.publisher),
        (words.say("about-director"), &operator.director),
        (words.say("about-hosting"), &operator.hosting),
        (words.say("about-contact-title"), &operator.mail),
    ];
    html! {
        p.lead { (words.say("about-legal-lead")) }
        @if !operator.missing().is_empty() {
            div.notice role="note" {
                p { strong { (words.say("about-unstated-title")) } }
                p { (words.say("about-unstated-text")) }
            }
        }
        @for (name, value) in notices {
            section {
                h2 { (name) }
                @if value.is_empty() { p { em { (words.say("about-unstated")) } } }
                @else { p.lines { (lines(value)) } }
            }
        }
        section {
            h2 { (words.say("about-takedown-title")) }
            p { (words.say("about-takedown")) }
        }
    }
}

fn lines(text: &str) -> Markup {
    html! { @for (at, line) in text.lines().enumerate() { @if at > 0 { br; } (visible(line)) } }
}

fn statement(page: &Page<'_>, operator: &Operator) -> Markup {
    let words = page.words;
    let who = operator.publisher.lines().next().unwrap_or_default();
    let who = match who {
        "" => page.me.handle.as_str(),
        who => who,
    };
    let main = page.web.hosts().main.as_str();
    html! {
        p.lead { (words.say_html("about-rgaa-lead", [("publisher", plain(who).into())])) }
        p { (words.say_html("about-rgaa-scope", [("address", plain(main).into())])) }
        section {
            h2 { (words.say("about-rgaa-state-title")) }
            p { (words.say_html("about-rgaa-state", [("state", html! { strong { (words.say("about-rgaa-not")) } }.into())])) }
        }
        section {
            h2 { (words.say("about-rgaa-tests-title")) }
            p { (words.say("about-rgaa-tests")) }
        }
        section {
            h2 { (words.say("about-rgaa-known-title")) }
            ul {
                li { (words.say("about-rgaa-known-files")) }
                li { (words.say("about-rgaa-known-picture")) }
                li { (words.say("about-rgaa-known-code")) }
            }
        }
        section {
            h2 { (words.say("about-rgaa-made-title")) }
            p { (words.say("about-rgaa-made")) }
        }
        section {
            h2 { (words.say("about-rgaa-back-title")) }
            p { (words.say("about-rgaa-back")) }
            (mail(page, operator))
        }
        section {
            h2 { (words.say("about-rgaa-recourse-title")) }
            p { (words.say("about-rgaa-recourse")) }
            p { a href="https://formulaire.defenseurdesdroits.fr/" rel="noreferrer" { (words.say("about-rgaa-defender")) } }
        }
    }
}

fn nothing_kept(page: &Page<'_>, operator: &Operator) -> Markup {
    let words = page.words;
    html! {
        p.lead { (words.say("about-privacy-lead")) }
        ul {
            li { (words.say("about-privacy-cookies")) }
            li { (words.say("about-privacy-others")) }
            li { (words.say("about-privacy-log")) }
            li { (words.say("about-privacy-feeds")) }
        }
        section {
            h2 { (words.say("about-privacy-authors-title")) }
            p { (words.say("about-privacy-authors")) }
            p { (words.say("about-privacy-signed")) }
        }
        section {
            h2 { (words.say("about-privacy-rights-title")) }
            p { (words.say("about-privacy-rights")) }
            (mail(page, operator))
        }
    }
}
