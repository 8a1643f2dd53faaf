//! The search page: the box, what was found, and the ways to narrow it, all in the address.

mod slip;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use commun_forge::git::Swhid;
use commun_index::{Answer, Hit, Kind, Sort};
use commun_specs::licence::Licence;
use maud::{Markup, html};
use serde_json::json;

use super::{
    Page,
    filters::{facet_name, filters},
    follow::follow,
    parameter,
    searchbox::searchbox,
    wanted,
};
use crate::http::{
    Web, linked,
    problem::{Limit, Problem},
    search::{Asked, Facet, may_adapt, narrowest},
    site::Site,
    text::{day, foreign, iso_duration, number, plain, snippet, spoken, visible},
    words::Words,
};

/// Formats of a hit that are named.
const SHOWN_FORMATS: usize = 3;

/// A search without an answer: what another one would find.
struct Way {
    how: How,
    asked: Asked,
    total: usize,
}

/// What the other search does without.
#[derive(Clone, Copy)]
enum How {
    /// One filter.
    Without(Facet),
    /// The switch for what may be changed.
    WithoutSwitch,
    /// All filters.
    WithoutAny,
    /// The last word.
    Shorter,
}

/// `GET /search`.
pub(super) async fn search(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let mut page = Page::new(&web, &wanted, &uri);
    // A permanent identifier is not searched for: it is followed.
    if let Some(id) = parameter(&uri, "q").and_then(|q| Swhid::parse(&q)) {
        return Ok(Redirect::temporary(&page.href(&format!("/swhid/{id}"))).into_response());
    }
    let asked = Asked::read(&uri, &wanted)?;
    let question = asked.clone();
    let found = web
        .ask(move |site| {
            let answer = question.run(site)?;
            let ways = if answer.total == 0 {
                ways(site, &question, &answer)?
            } else {
                Vec::new()
            };
            Ok((answer, ways))
        })
        .await;
    match found {
        Ok((answer, ways)) => {
            let title = title(page.words, &asked);
            page.feed = Some((title.clone(), understood(&asked, &answer)));
            page.about.push(structured(&page, &asked, &title, &answer));
            Ok(page.finish(&title, None, show(&page, &asked, &answer, &ways)))
        }
        // The box stays, with what was typed in it, so that it can be shortened.
        Err(problem) if problem.status == StatusCode::BAD_REQUEST => {
            let mut response = page.finish(
                page.words.say("query-refused"),
                None,
                refused(&page, &asked, &problem),
            );
            *response.status_mut() = problem.status;
            Ok(response)
        }
        Err(problem) => Err(problem),
    }
}

fn structured(page: &Page<'_>, asked: &Asked, title: &str, answer: &Answer) -> String {
    let main = &page.web.hosts().main;
    linked::graph(vec![json!({
        "@type": ["SearchResultsPage", "CollectionPage"], "url": format!("{main}{}", asked.href()), "name": title,
        "inLanguage": page.lang().tag(), "isPartOf": {"@id": format!("{main}/#site")},
        "mainEntity": linked::items(main, &answer.hits, asked.query.offset + 1, answer.total),
    })])
}

/// What taking one filter away would find, the most first; then without any; at last without the last word.
///
/// What is without one filter was counted with the answer. Searched again is four times at most, however many filters
/// are set: without all, without the last word, and where classes of licences are chosen beside the switch, without either.
fn ways(site: &dyn Site, asked: &Asked, answer: &Answer) -> Result<Vec<Way>, Problem> {
    let mut query = asked.query.clone();
    let chosen = Facet::ALL.into_iter();
    let chosen = chosen.filter(|facet| !facet.selected(&mut query).is_empty());
    let fewer = chosen.map(|facet| (How::Without(facet), asked.without(facet)));
    let mut tries: Vec<(How, Asked)> = fewer.collect();
    if asked.adaptable {
        tries.push((How::WithoutSwitch, asked.switched()));
    }
    let single = tries.len();
    if single > 1 {
        tries.push((How::WithoutAny, asked.without_filters()));
    }
    tries.extend(asked.shorter().map(|shorter| (How::Shorter, shorter)));
    // The switch is a selection of classes: of the two, one alone is the whole of it.
    let both = asked.adaptable && !asked.query.licence_classes.is_empty();
    let counted = |how| match how {
        How::Without(Facet::LicenceClass) | How::WithoutSwitch if both => None,
        How::Without(facet) => answer.without.get(facet.name()),
        How::WithoutSwitch => answer.without.get(Facet::LicenceClass.name()),
        How::WithoutAny | How::Shorter => None,
    };
    let mut ways = Vec::new();
    for (how, asked) in tries {
        let total = match counted(how) {
            Some(total) => *total,
            None => count(site, &asked)?,
        };
        ways.push(Way { how, asked, total });
    }
    ways[..single].sort_by_key(|way| std::cmp::Reverse(way.total));
    ways.retain(|way| way.total > 0);
    Ok(ways)
}

/// How much another search finds.
fn count(site: &dyn Site, asked: &Asked) -> Result<usize, Problem> {
    let mut counted = asked.clone();
    counted.query.limit = 0;
    counted.query.offset = 0;
    counted.query.facets = false;
    Ok(counted.run(site)?.total)
}

/// The search with its slips corrected, as it was answered: what is followed.
fn understood(asked: &Asked, answer: &Answer) -> Asked {
    let mut understood = asked.clone();
    if let Some(text) = &answer.suggestion {
        understood.query.text.clone_from(text);
    }
    understood
}

fn title(words: Words, asked: &Asked) -> String {
    match asked.query.text.as_str() {
        "" => words.say("results-title-all").to_owned(),
        text => text.to_owned(),
    }
}

fn show(page: &Page<'_>, asked: &Asked, answer: &Answer, ways: &[Way]) -> Markup {
    let words = page.words;
    let pages = answer.total.div_ceil(asked.query.limit.max(1));
    let current = asked.query.offset / asked.query.limit.max(1) + 1;
    html! {
        div.inner.search {
            (search_box(page, asked))
            div.results {
                div.found {
                    h1 { (heading(page, asked, answer)) }
                    @if let (Some(_), false) = (&answer.suggestion, asked.query.text.is_empty()) {
                        p.quiet {
                            (words.say_html("results-not-for", [("query", plain(&asked.query.text).into())])) " "
                            a href=(asked.exactly().href()) { (words.say("results-exactly")) }
                        }
                    }
                    @if answer.unquoted { p.quiet { (words.say("results-unquoted")) } }
                    // Where nothing is found the heading says so: for those who see it, once is enough.
                    p.summary.hidden[answer.total == 0] role="status" {
                        (words.say_with("results", [("count", (answer.total as u64).into())]))
                        @if pages > 1 { ", " (words.say_with("results-page", [("page", current.to_string().into()), ("pages", (pages as u64).into())])) }
                    }
                    a.tofilters href="#filters" { (words.say("skip-to-filters")) }
                }
                (active(page, asked))
                @if answer.total == 0 {
                    (nothing(page, ways))
                } @else {
                    (sorting(page, asked))
                    ol.hits start=(asked.query.offset + 1) {
                        @for found in &answer.hits { li { (hit(page, found, 2)) } }
                    }
                    (paging(page, asked, current, pages))
                }
                (follow(page, &understood(asked, answer)))
            }
            (filters(page, asked, answer))
        }
    }
}

fn heading(page: &Page<'_>, asked: &Asked, answer: &Answer) -> Markup {
    let words = page.words;
    let searched = answer.suggestion.as_deref().unwrap_or(&asked.query.text);
    html! {
        @if searched.is_empty() { (words.say("results-title-all")) }
        @else if answer.total == 0 { (words.say("results-none-for")) " " em { (quoted(words, searched)) } }
        @else { (words.say("results-for")) " " em { (quoted(words, searched)) } }
    }
}

/// A text between the language's quotation marks.
fn quoted(words: Words, text: &str) -> Markup {
    words.say_html("quoted", [("text", plain(text).into())])
}

/// The box, with the filters that are set: a new word keeps them.
fn search_box(page: &Page<'_>, asked: &Asked) -> Markup {
    let mut kept = asked.first_page().parameters();
    kept.retain(|(name, _)| *name != "q");
    searchbox(page, &asked.query.text, &kept)
}

/// The filters that are set, each a link that takes it away.
fn active(page: &Page<'_>, asked: &Asked) -> Markup {
    let words = page.words;
    let mut query = asked.query.clone();
    html! {
        @if asked.is_filtered() {
            h2.hidden { (words.say("filters-active")) }
            ul.chips.active {
                @if asked.adaptable {
                    li { a href=(asked.switched().href()) { span.hidden { (words.say("filter-remove")) " " } (words.say("reuse-switch")) span.cross aria-hidden="true" { "×" } } }
                }
                @for facet in Facet::ALL {
                    @for value in facet.selected(&mut query).clone() {
                        li { a href=(asked.toggled(facet, &value).href()) {
                            span.hidden { (words.say("filter-remove")) " " (facet_name(words, facet)) " " }
                            (plain(&facet.label(&value, page.lang().tag())))
                            span.cross aria-hidden="true" { "×" }
                        } }
                    }
                }
                @for key in &asked.query.authors {
                    li { a href=(asked.without_author(key).href()) {
                        span.hidden { (words.say("filter-remove")) " " }
                        (words.say("author-eyebrow")) " " (plain(key.split_once(':').map_or(key.as_str(), |(_, value)| value)))
                        span.cross aria-hidden="true" { "×" }
                    } }
                }
                li { a.clear href=(asked.without_filters().href()) { (words.say("filter-clear")) } }
            }
        }
    }
}

fn sorting(page: &Page<'_>, asked: &Asked) -> Markup {
    let words = page.words;
    html! {
        nav.sorting aria-label=(words.say("results-sort")) {
            span aria-hidden="true" { (words.say("results-sort")) }
            ul {
                @for (sort, name) in [
                    (Sort::Relevance, words.say("sort-relevance")),
                    (Sort::Newest, words.say("sort-newest")),
                    (Sort::Title, words.say("sort-title")),
                ] {
                    @let current = asked.query.sort == sort;
                    li { a href=(asked.sorted(sort).href()) aria-current=[current.then_some("true")] { (name) } }
                }
            }
        }
    }
}

/// One hit. `level` is that of its heading.
pub(super) fn hit(page: &Page<'_>, hit: &Hit, level: u8) -> Markup {
    let words = page.words;
    let lang = page.lang();
    let kind = match hit.resource_types.first() {
        Some(kind) => Facet::ResourceType.label(kind, lang.tag()),
        None => kind_name(words, hit.kind.as_str()).to_owned(),
    };
    let title = match hit.title.trim() {
        "" => hit.name.as_str(),
        title => title,
    };
    let link = html! {
        a href=(page.href(&format!("/{}", hit.name))) { (spoken(title, &hit.title_language, lang)) }
    };
    let levels: Vec<String> = narrowest(&hit.levels)
        .into_iter()
        .map(|l| Facet::Level.label(l, lang.tag()))
        .collect();
    let languages: Vec<String> = hit
        .languages
        .iter()
        .map(|l| Facet::Language.label(l, lang.tag()))
        .collect();
    let formats = hit.formats.iter().take(SHOWN_FORMATS);
    let formats: Vec<String> = formats
        .map(|format| Facet::Format.label(format, lang.tag()))
        .collect();
    html! {
        article.hit {
            @if level == 2 { h2 { (link) } } @else { h3 { (link) } }
            p.facts {
                span.kind { (kind) }
                span { (plain(&hit.institution)) }
                @if !levels.is_empty() { span { (plain(&levels.join(", "))) } }
                @if !languages.is_empty() { span { (plain(&languages.join(", "))) } }
                @if !formats.is_empty() { span { (formats.join(", ")) } }
                @if let Some(duration) = &hit.duration { span { (iso_duration(lang, duration)) } }
                span { (day(lang, hit.updated)) }
            }
            @if !hit.snippet.trim().is_empty() {
                p.snippet dir="auto" lang=[foreign(&hit.summary_language, lang)] { (snippet(&hit.snippet)) (place(page, hit)) }
            } @else if !hit.summary.is_empty() {
                p.snippet dir="auto" lang=[foreign(&hit.summary_language, lang)] { (visible(&hit.summary)) }
            }
            @if hit.kind != Kind::Collection || hit.licence.is_some() {
                p.licence { (licence_line(page, hit.licence.as_deref())) }
            }
        }
    }
}

/// Where the snippet stands, where that helps.
fn place(page: &Page<'_>, hit: &Hit) -> Markup {
    let words = page.words;
    html! {
        @if let Some(place) = &hit.place {
            @let number = place.page.map(|number| words.say_with("extraction-page", [("page", number.to_string().into())]));
            @let file = Some(place.file.clone()).filter(|file| !file.is_empty());
            @let parts: Vec<String> = file.into_iter().chain(number).collect();
            @if !parts.is_empty() { " " span.quiet { "(" (plain(&parts.join(", "))) ")" } }
        }
    }
}

/// What one may do with it, in words, and the licence's short name.
fn licence_line(page: &Page<'_>, text: Option<&str>) -> Markup {
    let lang = page.lang().tag();
    let class = Licence::classes_of(text)[0];
    let free = may_adapt(class);
    html! {
        span.tag.free[free] { (Facet::LicenceClass.label(class, lang)) }
        @if let Some(text) = text { " " span.nobr { (plain(&Facet::Licence.label(text, lang))) } }
    }
}

/// Nothing was found: what to try.
fn nothing(page: &Page<'_>, ways: &[Way]) -> Markup {
    let words = page.words;
    html! {
        div.nothing {
            @if !ways.is_empty() {
                h2 { (words.say("none-ways")) }
                ul {
                    @for way in ways {
                        @let found = words.say_with("results", [("count", (way.total as u64).into())]);
                        li { a href=(way.asked.href()) {
                            @match way.how {
                                How::Without(facet) => (words.say_with("none-drop", [("filter", facet_name(words, facet).into()), ("results", found.into())])),
                                How::WithoutSwitch => (words.say_with("none-drop", [("filter", words.say("reuse-switch").into()), ("results", found.into())])),
                                How::WithoutAny => (words.say_with("none-drop-all", [("results", found.into())])),
                                How::Shorter => (words.say_html("none-shorter", [("query", plain(&way.asked.query.text).into()), ("results", found.as_str().into())])),
                            }
                        } }
                    }
                }
            }
            ul {
                li { (words.say("none-hint-spelling")) }
                li { (words.say("none-hint-fewer")) }
                li { (words.say("none-hint-other")) }
            }
        }
    }
}

fn refused(page: &Page<'_>, asked: &Asked, problem: &Problem) -> Markup {
    let words = page.words;
    html! {
        div.inner.search {
            (search_box(page, asked))
            div.results {
                h1 { (words.say("query-refused")) }
                @if let Some(slip) = &problem.slip {
                    (slip::show(page, &asked.query.text, slip))
                } @else {
                    p role="alert" {
                        @match problem.limit {
                            Some(limit) => (over(page, limit)),
                            None => { (words.say("query-refused-intro")) " " span lang="en" { (problem.detail) } }
                        }
                    }
                    ul { li { (words.say("none-hint-fewer")) } }
                }
            }
        }
    }
}

/// In the page's language, which limit a search is over.
fn over(page: &Page<'_>, limit: Limit) -> String {
    let words = page.words;
    let of = |limit: usize| [("limit", number(page.lang(), limit as u64).into())];
    match limit {
        Limit::Characters(most) => words.say_with("query-limit-characters", of(most)),
        Limit::Words(most) => words.say_with("query-limit-words", of(most)),
        Limit::Depth(most) => words.say_with("query-limit-depth", of(most)),
        Limit::Values(most) => words.say_with("query-limit-values", of(most)),
        Limit::Reach(most) => words.say_with("query-limit-reach", of(most)),
    }
}

fn paging(page: &Page<'_>, asked: &Asked, current: usize, pages: usize) -> Markup {
    super::paging::paging(page.words, current, pages, |number| {
        let mut there = asked.first_page();
        there.query.offset = (number - 1) * asked.query.limit;
        there.href()
    })
}

/// What an item is, in a word.
pub(super) fn kind_name(words: Words, kind: &str) -> &'static str {
    match kind {
        "repository" => words.say("type-repository"),
        "collection" => words.say("type-collection"),
        _ => words.say("type-resource"),
    }
}
