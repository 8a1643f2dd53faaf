//! The page of a subject: what it is called, what is broader and narrower, and what there is of it.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use commun_index::{Answer, Query, Sort};
use commun_specs::vocab::{self, Concept, Scheme};
use maud::{Markup, html};
use serde_json::json;

use super::{Page, encode_path, filters::ways, follow::follow, search::hit, wanted};
use crate::http::{
    Web,
    lang::Lang,
    linked,
    problem::Problem,
    search::{Asked, Facet, refused},
    text::{number, plain},
};

/// Items of each list; the rest is a search.
const NEWEST: usize = 8;
const MOST_USED: usize = 5;
/// Institutions, kinds and levels shown.
const MAX_SHOWN: usize = 20;

/// The path of a subject's page.
pub(super) fn path(id: &str) -> String {
    format!("/about/subject/{}", encode_path(id))
}

/// `GET /about/subject/{id}`.
pub(super) async fn subject(
    State(web): State<Web>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let newest = Query {
        subjects: vec![id.clone()],
        limit: NEWEST,
        sort: Sort::Newest,
        facets: true,
        interface_language: wanted.lang.tag().to_owned(),
        ..Query::default()
    };
    let most = Query {
        limit: MOST_USED,
        sort: Sort::Adoptions,
        facets: false,
        ..newest.clone()
    };
    let (answer, most) = web
        .ask(move |site| {
            let found = site.search(&newest).map_err(refused)?;
            Ok((found, site.search(&most).map_err(refused)?))
        })
        .await?;
    let concept = vocab::find(Scheme::Subject, &id);
    if concept.is_none() && answer.total == 0 {
        return Err(Problem::not_found(
            "there is no such subject in this commons",
        ));
    }
    let mut page = Page::new(&web, &wanted, &uri);
    let name = Facet::Subject.label(&id, page.lang().tag());
    page.about
        .push(structured(&page, &id, &name, concept, &answer));
    page.feed = Some((
        name.clone(),
        Asked::default_page().toggled(Facet::Subject, &id),
    ));
    let main = show(&page, &id, &name, concept, &answer, &most);
    Ok(page.finish(&name, Some(""), main))
}

/// The subjects above one, the broadest first.
fn above(id: &str) -> Vec<&'static str> {
    let mut all = Vec::new();
    let mut next = vocab::broader(Scheme::Subject, id);
    while let Some(id) = next {
        all.push(id);
        next = vocab::broader(Scheme::Subject, id);
    }
    all.reverse();
    all
}

fn structured(
    page: &Page<'_>,
    id: &str,
    name: &str,
    concept: Option<&Concept>,
    answer: &Answer,
) -> String {
    let main = &page.web.hosts().main;
    let here = format!("{main}{}", path(id));
    let lang = page.lang().tag();
    let mut term = json!({
        "@type": "DefinedTerm", "@id": format!("{here}#term"), "name": name, "termCode": id, "url": here,
        "inDefinedTermSet": format!("{main}/api/v1/vocabularies/{}", Scheme::Subject.id()),
    });
    let same = concept.map(|concept| &concept.same[..]).unwrap_or_default();
    let same: Vec<&str> = same.iter().filter(|s| s.exact).map(|s| s.address).collect();
    if !same.is_empty() {
        term["sameAs"] = json!(same);
    }
    let list = json!({
        "@type": "CollectionPage", "url": here, "name": name, "inLanguage": lang,
        "about": {"@id": format!("{here}#term")},
        "mainEntity": linked::items(main, &answer.hits, 1, answer.total),
    });
    let mut way = vec![(page.me.commons_name.clone(), page.href("/"))];
    for id in above(id) {
        way.push((Facet::Subject.label(id, lang), page.href(&path(id))));
    }
    way.push((name.to_owned(), page.href(&path(id))));
    linked::graph(vec![list, term, linked::breadcrumbs(main, &way)])
}

fn show(
    page: &Page<'_>,
    id: &str,
    name: &str,
    concept: Option<&Concept>,
    answer: &Answer,
    most: &Answer,
) -> Markup {
    let words = page.words;
    let lang = page.lang();
    let all = Asked::default_page().toggled(Facet::Subject, id);
    let label = |id: &str| Facet::Subject.label(id, lang.tag());
    // A facet's counts ignore its own selection: those of all other subjects stand beside.
    let counts = answer.facets.get(Facet::Subject.name());
    let count = |id: &str| -> u64 {
        let known = counts.into_iter().flatten().find(|(value, _)| value == id);
        known.map_or(0, |(_, count)| *count)
    };
    let narrower: Vec<&Concept> = vocab::concepts(Scheme::Subject)
        .iter()
        .filter(|one| one.broader == Some(id))
        .collect();
    let others = Lang::ALL.iter().copied().filter(|other| *other != lang);
    let names: Vec<(Lang, String)> = others
        .map(|other| (other, Facet::Subject.label(id, other.tag())))
        .filter(|(_, other)| other != name)
        .collect();
    html! {
        div.inner.item {
            div.headline {
                nav.eyebrow aria-label=(words.say("subject-broader")) {
                    (words.say("subject-eyebrow"))
                    @for id in above(id) { span aria-hidden="true" { " › " } " " a href=(page.href(&path(id))) { (plain(&label(id))) } }
                }
                h1 { (plain(name)) }
                p.facts {
                    span { (words.say_with("results", [("count", (answer.total as u64).into())])) }
                    @for (other, name) in &names { span lang=(other.tag()) { (plain(name)) } }
                    span { code { (plain(id)) } }
                }
            }
            div.body {
                @if !narrower.is_empty() {
                    section aria-labelledby="narrower" {
                        h2 id="narrower" { (words.say("subject-narrower")) }
                        ul.chips { @for one in &narrower {
                            li { a href=(page.href(&path(one.id))) { (plain(one.label(lang.tag()))) " " span.count { (number(lang, count(one.id))) } } }
                        } }
                    }
                }
                section aria-labelledby="items" {
                    h2 id="items" { (words.say("subject-newest")) }
                    @if answer.hits.is_empty() { p.quiet { (words.say("subject-none")) } }
                    @else {
                        ol.hits { @for found in &answer.hits { li { (hit(page, found, 3)) } } }
                        p { a.more href=(page.href(&all.href())) { (words.say("subject-all")) } }
                    }
                }
                @if most.hits.iter().any(|hit| hit.adoptions > 0) {
                    section aria-labelledby="most" {
                        h2 id="most" { (words.say("subject-most")) }
                        ol.hits { @for found in most.hits.iter().filter(|hit| hit.adoptions > 0) {
                            li {
                                (hit(page, found, 3))
                                p.quiet { (words.say_with("subject-adopted", [("count", found.adoptions.into())])) }
                            }
                        } }
                    }
                }
            }
            div.side {
                @for (facet, title) in [
                    (Facet::Institution, words.say("subject-institutions")),
                    (Facet::Level, words.say("facet-level")),
                    (Facet::ResourceType, words.say("facet-resource-type")),
                ] { (ways(page, answer, &all, facet, title, MAX_SHOWN)) }
                (follow(page, &all))
                @if let Some(concept) = concept.filter(|concept| !concept.same.is_empty()) {
                    section.card aria-labelledby="same" {
                        h2 id="same" { (words.say("subject-same")) }
                        ul { @for same in &concept.same { li { a href=(same.address) rel="noopener noreferrer" { (plain(same.address)) } } } }
                    }
                }
            }
        }
    }
}
