//! The first page: one box, what is new, and ways in for those who do not know what to type.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use commun_index::{Answer, Query, Sort};
use maud::{Markup, PreEscaped, html};

use super::{ICON, Page, parameter, search::hit, searchbox::searchbox, wanted};
use crate::http::{
    Web,
    lang::Lang,
    linked,
    problem::Problem,
    search::{Asked, Facet, refused, telling},
    site::Institution,
    text::{number, plain},
};

/// New items shown.
const NEWEST: usize = 6;
/// Ways in, of each sort.
const WAYS: usize = 12;

/// `GET /`.
pub(super) async fn home(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A search that was sent here goes where searches are.
    if parameter(&uri, "q").is_some_and(|q| !q.trim().is_empty()) {
        let target = format!("/search?{}", uri.query().unwrap_or_default());
        return Ok(Redirect::to(&target).into_response());
    }
    let wanted = wanted(&uri, &headers);
    let query = Query {
        limit: NEWEST,
        sort: Sort::Newest,
        facets: true,
        interface_language: wanted.lang.tag().to_owned(),
        ..Query::default()
    };
    let (answer, institutions) = web
        .ask(move |site| Ok((site.search(&query).map_err(refused)?, site.institutions()?)))
        .await?;
    let mut page = Page::new(&web, &wanted, &uri);
    page.about.push(structured(&page));
    page.feed = Some((page.me.commons_name.clone(), Asked::default_page()));
    let main = show(&page, &answer, &institutions);
    Ok(page.finish(&page.me.commons_name, None, main))
}

fn structured(page: &Page<'_>) -> String {
    let tags: Vec<&str> = Lang::ALL.iter().map(|lang| lang.tag()).collect();
    let main = &page.web.hosts().main;
    linked::graph(vec![linked::site(main, &page.me.commons_name, &tags)])
}

fn show(page: &Page<'_>, answer: &Answer, institutions: &[Institution]) -> Markup {
    let words = page.words;
    let members = institutions.iter().filter(|i| !i.former).count() as u64;
    let kept: Vec<_> = page
        .wanted
        .explicit
        .then(|| ("lang", page.lang().tag().to_owned()))
        .into_iter()
        .collect();
    html! {
        div.hero { div.inner {
            // The sign once more, large and pale: nothing to be read.
            div.motif aria-hidden="true" { (PreEscaped(ICON)) }
            p.eyebrow { (plain(&page.me.commons_name)) }
            h1 { (words.say("home-title")) }
            (searchbox(page, "", &kept))
            p.lead { (words.say_with("home-members", [("count", members.into())])) " " (words.say("home-intro")) }
        } }
        div.inner.home {
            section aria-labelledby="newest" {
                h2 id="newest" { (words.say("home-newest")) }
                @if answer.hits.is_empty() { p.quiet { (words.say("none-nothing-yet")) } }
                @else {
                    ol.hits { @for found in &answer.hits { li { (hit(page, found, 3)) } } }
                    p { a.more href=(page.href("/search?sort=newest")) { (words.say("home-all")) } }
                }
            }
            div.ways {
                @for (title, facet) in [
                    (words.say("home-by-type"), Facet::ResourceType),
                    (words.say("home-by-level"), Facet::Level),
                    (words.say("home-by-subject"), Facet::Subject),
                ] {
                    (ways(page, answer, title, facet))
                }
                section aria-labelledby="members" {
                    h2 id="members" { (words.say("home-institution")) }
                    ul.plainlist {
                        @for institution in institutions.iter().filter(|i| !i.former) {
                            li { a href=(page.href(&format!("/{}", institution.handle))) { (plain(&institution.name)) } }
                        }
                    }
                }
            }
        }
    }
}

fn ways(page: &Page<'_>, answer: &Answer, title: &str, facet: Facet) -> Markup {
    let counts = answer.facets.get(facet.name()).map(Vec::as_slice);
    let counts = counts.unwrap_or_default();
    // Broad fields say more at the door than detailed ones: `iscedf-05` is shorter than `iscedf-0541`.
    let mut counts = match facet {
        Facet::Subject => counts
            .iter()
            .filter(|(value, _)| value.len() <= "iscedf-05".len())
            .collect(),
        _ => telling(facet, counts, page.lang().tag()),
    };
    counts.truncate(WAYS);
    html! {
        @if !counts.is_empty() {
            section aria-labelledby=(facet.name()) {
                h2 id=(facet.name()) { (title) }
                ul.chips {
                    @for (value, count) in counts {
                        @let asked = Asked::default_page().toggled(facet, value);
                        li { a href=(page.href(&asked.href())) {
                            (plain(&facet.label(value, page.lang().tag()))) " " span.count { (number(page.lang(), *count)) }
                        } }
                    }
                }
            }
        }
    }
}
