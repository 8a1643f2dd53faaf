//! The page of an institution: who it is, and what it shares.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use commun_index::{Answer, Query, Sort};
use maud::{Markup, html};

use super::{Page, component, search::hit, wanted};
use crate::http::{
    Web,
    problem::Problem,
    search::{Asked, Facet, refused},
    site::{Institution, LogStatus},
    text::{number, plain},
};
use crate::{adoptions::Adoption, items::Neighbour};

/// Items shown; the rest is a search.
const NEWEST: usize = 10;

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
        interface_language: wanted.lang.tag().to_owned(),
        ..Query::default()
    };
    let (institution, log, answer, adopted) = web
        .ask(move |site| {
            let all = site.institutions()?;
            let one = all.into_iter().find(|i| i.handle.as_str() == handle);
            let one = one.ok_or_else(|| {
                Problem::not_found("there is no such institution in this commons")
            })?;
            let status = site.status()?;
            let log = status.logs.into_iter().find(|log| log.handle == one.handle);
            let adopted = site.adopted_by(&one.handle)?;
            Ok((one, log, site.search(&query).map_err(refused)?, adopted))
        })
        .await?;
    let page = Page::new(&web, &wanted, &uri);
    let main = show(&page, &institution, log.as_ref(), &answer, &adopted);
    Ok(page.finish(&institution.name, Some(""), main))
}

fn show(
    page: &Page<'_>,
    institution: &Institution,
    log: Option<&LogStatus>,
    answer: &Answer,
    adopted: &[(Neighbour, Adoption)],
) -> Markup {
    let words = page.words;
    let all = Asked::default_page().toggled(Facet::Institution, institution.handle.as_str());
    html! {
        div.inner.item {
            div.headline {
                p.eyebrow { (plain(institution.handle.as_str())) }
                h1 { (plain(&institution.name)) }
                p.facts { span { (words.say_with("results", [("count", (answer.total as u64).into())])) } }
            }
            @if institution.former { div.notice role="note" { p { (words.say("institution-former")) } } }
            div.body {
                section aria-labelledby="items" {
                    h2 id="items" { (words.say("institution-items")) }
                    @if answer.hits.is_empty() { p.quiet { (words.say("institution-none")) } }
                    @else {
                        ol.hits { @for found in &answer.hits { li { (hit(page, found, 3)) } } }
                        p { a.more href=(page.href(&all.href())) { (words.say("institution-items-all")) } }
                    }
                }
            }
            @if !adopted.is_empty() { div.body { (component::adopted(page, adopted)) } }
            div.side {
                section.card aria-labelledby="about" {
                    h2 id="about" { (words.say("provenance-title")) }
                    dl {
                        @for url in &institution.urls {
                            dt { (words.say("institution-address")) }
                            dd { @if url.starts_with("https://") || url.starts_with("http://") { a href=(url) rel="noopener noreferrer" { (plain(url)) } } @else { (plain(url)) } }
                        }
                        @if let Some(ror) = &institution.ror { dt { "ROR" } dd { (plain(ror)) } }
                        @if let Some(log) = log {
                            dt { (words.say("institution-log")) }
                            dd { (number(page.lang(), log.size)) " · " a href={ "/log/" (log.handle) "/checkpoint" } { "checkpoint" } }
                        }
                    }
                    p { a href=(page.href(&format!("/{}/quality", institution.handle))) { (page.words.say("quality-link")) } }
                }
            }
        }
    }
}
