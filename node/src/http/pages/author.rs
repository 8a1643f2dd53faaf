//! The page of an author: what they made, with whom, and at which institutions.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use commun_index::{Answer, Counted, Query, Sort};
use commun_specs::metadata::Author;
use maud::{Markup, html};
use serde_json::json;

use super::{Page, encode_path, follow::follow, search::hit, wanted};
use crate::http::{
    Web, linked,
    problem::Problem,
    search::{Asked, Facet, refused, telling},
    site::Site,
    text::{number, plain},
};

/// Items shown; the rest is a search.
const NEWEST: usize = 10;
/// Fellow authors, institutions and subjects shown.
const MAX_SHOWN: usize = 30;

/// What is known of an author.
struct Known {
    author: Author,
    /// As most items write it.
    name: String,
    /// As others do.
    variants: Vec<String>,
    /// The identifiers that items give besides.
    also: Vec<Author>,
    /// How many items have the same name without saying who it is.
    unsure: u64,
    /// Who else made some of it, with how many.
    fellows: Vec<(String, String, u64)>,
    answer: Answer,
}

/// The path of an author's page.
pub(super) fn path(author: &Author) -> String {
    let (kind, value) = author.parts();
    format!("/about/author/{kind}/{}", encode_path(value))
}

/// `GET /about/author/{kind}/{value}`.
pub(super) async fn author(
    State(web): State<Web>,
    Path((kind, value)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let nobody = || Problem::not_found("there is no such author in this commons");
    let author: Author = format!("{kind}:{value}").parse().map_err(|_| nobody())?;
    let page = Page::new(&web, &wanted, &uri);
    // A name has one address, however it is written.
    if author.parts().1 != value {
        return Ok(Redirect::permanent(&page.href(&path(&author))).into_response());
    }
    let query = Query {
        authors: vec![author.to_string()],
        limit: NEWEST,
        sort: Sort::Newest,
        facets: true,
        interface_language: wanted.lang.tag().to_owned(),
        ..Query::default()
    };
    let known = web
        .ask(move |site| {
            let answer = site.search(&query).map_err(refused)?;
            known(site, author, answer)
        })
        .await?;
    let known = known.ok_or_else(nobody)?;
    let mut page = page;
    page.about.push(structured(&page, &known));
    page.feed = Some((known.name.clone(), Asked::by(&known.author.to_string())));
    let main = show(&page, &known);
    Ok(page.finish(&known.name, Some(""), main))
}

fn known(site: &dyn Site, author: Author, answer: Answer) -> Result<Option<Known>, Problem> {
    let key = author.to_string();
    let counted = site.with_author(&key).map_err(refused)?;
    let (own, others): (Vec<Counted>, Vec<Counted>) =
        counted.into_iter().partition(|one| one.keys.contains(&key));
    let Some(first) = own.first() else {
        return Ok(None);
    };
    let name = first.name.clone();
    let mut also: Vec<Author> = own
        .iter()
        .flat_map(|one| &one.keys)
        .filter_map(|key| key.parse::<Author>().ok())
        .filter(|other| *other != author && !matches!(other, Author::Name(_)))
        .collect();
    also.sort();
    also.dedup();
    let unsure = match (&author, Author::named(&name)) {
        (Author::Name(_), _) | (_, None) => 0,
        (_, Some(named)) => {
            let query = Query {
                authors: vec![named.to_string()],
                ..Query::default()
            };
            let all = site.search(&query).map_err(refused)?.total;
            all.saturating_sub(answer.total) as u64
        }
    };
    let mut variants: Vec<String> = own.iter().map(|one| one.name.clone()).collect();
    variants.retain(|variant| *variant != name);
    variants.dedup();
    let mut fellows: Vec<(String, String, u64)> = Vec::new();
    for other in others {
        let Some(key) = other.keys.first() else {
            continue;
        };
        match fellows.iter_mut().find(|(known, ..)| known == key) {
            Some((.., items)) => *items += other.items,
            None => fellows.push((key.clone(), other.name, other.items)),
        }
    }
    fellows.sort_by_key(|(.., items)| std::cmp::Reverse(*items));
    Ok(Some(Known {
        name,
        variants,
        also,
        unsure,
        fellows,
        answer,
        author,
    }))
}

fn structured(page: &Page<'_>, known: &Known) -> String {
    let main = &page.web.hosts().main;
    let here = format!("{main}{}", path(&known.author));
    let same: Vec<String> = std::iter::once(&known.author)
        .chain(&known.also)
        .filter_map(Author::url)
        .collect();
    let mut person = json!({
        "@type": "Person", "@id": format!("{here}#person"), "name": known.name, "url": here,
    });
    if !same.is_empty() {
        person["sameAs"] = json!(same);
    }
    if !known.variants.is_empty() {
        person["alternateName"] = json!(known.variants);
    }
    let of = json!({
        "@type": "ProfilePage", "url": here, "inLanguage": page.lang().tag(),
        "mainEntity": {"@id": format!("{here}#person")},
        "hasPart": linked::items(main, &known.answer.hits, 1, known.answer.total),
    });
    linked::graph(vec![of, person])
}

fn show(page: &Page<'_>, known: &Known) -> Markup {
    let words = page.words;
    let all = Asked::by(&known.author.to_string());
    let facet = |facet: Facet| {
        let counts = known.answer.facets.get(facet.name());
        counts.map(Vec::as_slice).unwrap_or_default()
    };
    let (institutions, subjects) = (facet(Facet::Institution), facet(Facet::Subject));
    html! {
        div.inner.item {
            div.headline {
                p.eyebrow { (words.say("author-eyebrow")) }
                h1 { (plain(&known.name)) }
                p.facts { span { (words.say_with("results", [("count", (known.answer.total as u64).into())])) } }
            }
            div.body {
                @if matches!(known.author, Author::Name(_)) { p.quiet { (words.say("author-by-name")) } }
                section aria-labelledby="items" {
                    h2 id="items" { (words.say("author-items")) }
                    ol.hits { @for found in &known.answer.hits { li { (hit(page, found, 3)) } } }
                    @if known.answer.total > known.answer.hits.len() {
                        p { a.more href=(page.href(&all.href())) { (words.say("author-items-all")) } }
                    }
                }
                @if !known.fellows.is_empty() {
                    section aria-labelledby="fellows" {
                        h2 id="fellows" { (words.say("author-fellows")) }
                        ul.chips { @for (key, name, items) in known.fellows.iter().take(MAX_SHOWN) {
                            @if let Ok(other) = key.parse::<Author>() {
                                li { a href=(page.href(&path(&other))) { (plain(name)) " " span.count { (number(page.lang(), *items)) } } }
                            }
                        } }
                    }
                }
            }
            div.side {
                section.card aria-labelledby="who" {
                    h2 id="who" { (words.say("author-who")) }
                    @let told = html! {
                        @for author in std::iter::once(&known.author).chain(&known.also) {
                            @if let Some(url) = author.url() {
                                dt { @if let Author::Orcid(_) = author { "ORCID" } @else { "IdRef" } }
                                dd {
                                    a href=(url) rel="noopener noreferrer" { (author.parts().1) }
                                    @if *author != known.author { br; a href=(page.href(&path(author))) { (words.say("author-page-of-id")) } }
                                }
                            }
                        }
                        @if !known.variants.is_empty() {
                            dt { (words.say("author-variants")) }
                            dd { ul { @for name in known.variants.iter().take(MAX_SHOWN) { li { (plain(name)) } } } }
                        }
                    };
                    @if !told.0.is_empty() { dl { (told) } }
                    @if let Some(named) = Author::named(&known.name).filter(|_| known.unsure > 0) {
                        p { a href=(page.href(&path(&named))) { (words.say_with("author-unsure", [("count", known.unsure.into())])) } }
                    }
                    p.quiet { (words.say("author-source")) }
                }
                @if !institutions.is_empty() {
                    section.card aria-labelledby="at" {
                        h2 id="at" { (words.say("author-institutions")) }
                        ul { @for (handle, count) in institutions.iter().take(MAX_SHOWN) {
                            li { a href=(page.href(&format!("/{handle}"))) { (plain(handle)) } " " span.count { (number(page.lang(), *count)) } }
                        } }
                    }
                }
                @let subjects = telling(Facet::Subject, subjects, page.lang().tag());
                @if !subjects.is_empty() {
                    section.card aria-labelledby="subjects" {
                        h2 id="subjects" { (words.say("author-subjects")) }
                        ul { @for (id, count) in subjects.into_iter().take(MAX_SHOWN) {
                            li { a href=(page.href(&super::subject::path(id))) { (plain(&Facet::Subject.label(id, page.lang().tag()))) } " " span.count { (number(page.lang(), *count)) } }
                        } }
                    }
                }
                (follow(page, &all))
            }
        }
    }
}
