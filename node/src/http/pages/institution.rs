//! The page of an institution: who it is, what it gives to the others, and what it takes from them.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use commun_index::{Answer, Query, Sort};
use maud::{Markup, html};
use serde_json::json;

use super::{Page, component, filters::ways, follow::follow, search::hit, wanted};
use crate::{
    adoptions::{Adoption, Given},
    http::{
        Web, institution as find, linked,
        problem::Problem,
        search::{Asked, Facet, refused},
        site::{Institution, LogStatus},
        text::{number, plain},
    },
    items::Neighbour,
    operator::Operator,
};

/// Items shown; the rest is a search.
const NEWEST: usize = 10;
/// Items that others use, and institutions, shown openly.
const MAX_GIVEN: usize = 10;
const MAX_NAMED: usize = 12;
/// Subjects and kinds shown.
const MAX_WAYS: usize = 12;

/// What the page shows.
struct Seen {
    institution: Institution,
    log: Option<LogStatus>,
    answer: Answer,
    given: Given,
    /// What it uses of others, then what it uses of its own.
    received: Vec<(Neighbour, Adoption)>,
    own: Vec<(Neighbour, Adoption)>,
    /// Who answers for this node, where the page is about its own institution.
    operator: Option<Operator>,
}

/// `GET /{handle}`.
pub(super) async fn institution(
    State(web): State<Web>,
    Path(handle): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let query = Query {
        institutions: vec![handle.clone()],
        limit: NEWEST,
        sort: Sort::Newest,
        facets: true,
        interface_language: wanted.lang.tag().to_owned(),
        ..Query::default()
    };
    let seen = web
        .ask(move |site| {
            let one = find(site, &handle)?;
            let status = site.status()?;
            let own_name = format!("{}/", one.handle);
            let (own, received) = site
                .adopted_by(&one.handle)?
                .into_iter()
                .partition(|(item, _)| item.name.starts_with(&own_name));
            Ok(Seen {
                log: status.logs.into_iter().find(|log| log.handle == one.handle),
                answer: site.search(&query).map_err(refused)?,
                given: site.given(&one.handle)?,
                received,
                own,
                operator: (site.me().handle == one.handle).then(|| site.operator()),
                institution: one,
            })
        })
        .await?;
    let mut page = Page::new(&web, &wanted, &uri);
    page.about.push(structured(&page, &seen));
    page.feed = Some((seen.institution.name.clone(), everything(&seen)));
    let main = show(&page, &seen);
    Ok(page.finish(&seen.institution.name, Some(""), main))
}

/// The search for all that it shares.
fn everything(seen: &Seen) -> Asked {
    Asked::default_page().toggled(Facet::Institution, seen.institution.handle.as_str())
}

fn structured(page: &Page<'_>, seen: &Seen) -> String {
    let main = &page.web.hosts().main;
    let institution = &seen.institution;
    let here = format!("{main}/{}", institution.handle);
    let mut one = json!({
        "@type": "Organization", "@id": format!("{here}#institution"), "name": institution.name, "url": here,
        "memberOf": {"@type": "Organization", "name": page.me.commons_name, "url": format!("{main}/about/commons")},
    });
    let ror = institution.ror.iter().map(|ror| ror_address(ror));
    let urls = institution.urls.iter().filter(|url| is_web(url)).cloned();
    let same: Vec<String> = ror.chain(urls).collect();
    if !same.is_empty() {
        one["sameAs"] = json!(same);
    }
    let list = json!({
        "@type": "CollectionPage", "url": here, "name": institution.name, "inLanguage": page.lang().tag(),
        "about": {"@id": format!("{here}#institution")},
        "mainEntity": linked::items(main, &seen.answer.hits, 1, seen.answer.total),
    });
    let way = [
        (page.me.commons_name.clone(), page.href("/")),
        (
            institution.name.clone(),
            page.href(&format!("/{}", institution.handle)),
        ),
    ];
    linked::graph(vec![list, one, linked::breadcrumbs(main, &way)])
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn ror_address(ror: &str) -> String {
    match is_web(ror) {
        true => ror.to_owned(),
        false => format!("https://ror.org/{ror}"),
    }
}

fn show(page: &Page<'_>, seen: &Seen) -> Markup {
    let words = page.words;
    let institution = &seen.institution;
    let all = everything(seen);
    let repositories = seen.answer.facets.get(Facet::Type.name());
    let repositories = repositories.into_iter().flatten();
    let repositories = repositories
        .filter(|(kind, _)| kind == "repository")
        .map(|(_, count)| *count)
        .sum::<u64>();
    html! {
        div.inner.item {
            div.headline {
                p.eyebrow { (plain(institution.handle.as_str())) }
                h1 { (plain(&institution.name)) }
                dl.figures {
                    (figure(page, words.say("institution-items-count"), seen.answer.total as u64, &all.href()))
                    (figure(page, words.say("institution-repositories-count"), repositories, &all.toggled(Facet::Type, "repository").href()))
                    (figure(page, words.say("institution-given-count"), seen.given.items, "#given"))
                    (figure(page, words.say("institution-received-count"), seen.received.len() as u64, "#received"))
                }
            }
            @if institution.former { div.notice role="note" { p { (words.say("institution-former")) } } }
            div.body {
                section aria-labelledby="items" {
                    h2 id="items" { (words.say("institution-items")) }
                    @if seen.answer.hits.is_empty() { p.quiet { (words.say("institution-none")) } }
                    @else {
                        ol.hits { @for found in &seen.answer.hits { li { (hit(page, found, 3)) } } }
                        p { a.more href=(page.href(&all.href())) { (words.say("institution-items-all")) } }
                    }
                }
                (given(page, &seen.given))
                section aria-labelledby="received" {
                    h2 id="received" { (words.say("institution-received")) }
                    @if seen.received.is_empty() { p.quiet { (words.say("institution-received-none")) } }
                    @else { (component::uses(page, &seen.received)) }
                }
                @if !seen.own.is_empty() {
                    section aria-labelledby="own" {
                        h2 id="own" { (words.say("institution-own")) }
                        (component::uses(page, &seen.own))
                    }
                }
            }
            div.side {
                (card(page, seen))
                @for (facet, title) in [
                    (Facet::ResourceType, words.say("facet-resource-type")),
                    (Facet::Subject, words.say("facet-subject")),
                ] { (ways(page, &seen.answer, &all, facet, title, MAX_WAYS)) }
                (follow(page, &all))
            }
        }
    }
}

fn figure(page: &Page<'_>, name: &str, value: u64, to: &str) -> Markup {
    let to = match to.starts_with('#') {
        true => to.to_owned(),
        false => page.href(to),
    };
    html! { div { dt { (name) } dd { @if value > 0 { a href=(to) { (number(page.lang(), value)) } } @else { (number(page.lang(), value)) } } } }
}

/// What others use of it.
fn given(page: &Page<'_>, given: &Given) -> Markup {
    let words = page.words;
    html! {
        section aria-labelledby="given" {
            h2 id="given" { (words.say("institution-given")) }
            @if given.most.is_empty() { p.quiet { (words.say("institution-given-none")) } }
            @else {
                p.quiet { (words.say_with("institution-given-by", [("count", given.institutions.len().into())])) }
                ul.plainlist { @for (item, by) in given.most.iter().take(MAX_GIVEN) { li {
                    (component::neighbour(page, item)) " "
                    span.quiet {
                        @for (at, handle) in by.iter().take(MAX_NAMED).enumerate() {
                            @if at > 0 { ", " }
                            a href=(page.href(&format!("/{handle}"))) { (plain(handle.as_str())) }
                        }
                        @if by.len() > MAX_NAMED { " +" (number(page.lang(), (by.len() - MAX_NAMED) as u64)) }
                    }
                } } }
            }
        }
    }
}

/// Who it is, and where to write.
fn card(page: &Page<'_>, seen: &Seen) -> Markup {
    let words = page.words;
    let institution = &seen.institution;
    let node = institution.urls.iter().find(|url| is_web(url));
    html! {
        section.card aria-labelledby="about" {
            h2 id="about" { (words.say("institution-about")) }
            dl {
                @for url in &institution.urls {
                    dt { (words.say("institution-address")) }
                    dd { @if is_web(url) { a href=(url) rel="noopener noreferrer" { (plain(url)) } } @else { (plain(url)) } }
                }
                @if let Some(ror) = &institution.ror {
                    dt { "ROR" }
                    dd { a href=(ror_address(ror)) rel="noopener noreferrer" { (plain(ror)) } }
                }
                dt { (words.say("about-contact-title")) }
                dd {
                    @match (&seen.operator, node) {
                        (Some(operator), _) if !operator.mail.is_empty() => { a href={ "mailto:" (operator.mail) } { (plain(&operator.mail)) } }
                        (Some(_), _) => (words.say("about-unstated")),
                        (None, Some(url)) => { a href={ (url.trim_end_matches('/')) "/about" } rel="noopener noreferrer" { (words.say("institution-contact-there")) } }
                        (None, None) => (words.say("institution-contact-unknown")),
                    }
                }
                @if let Some(log) = &seen.log {
                    dt { (words.say("institution-log")) }
                    dd { (number(page.lang(), log.size)) " · " a href={ "/log/" (log.handle) "/checkpoint" } { "checkpoint" } }
                }
            }
            p { a href=(page.href(&format!("/{}/quality", institution.handle))) { (words.say("quality-link")) } }
        }
    }
}
