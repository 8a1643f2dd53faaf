//! The search page: the box, what was found, and the ways to narrow it, all in the address.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use commun_forge::git::Swhid;
use commun_index::{Answer, Hit, Sort};
use commun_specs::licence::Licence;
use maud::{Markup, html};

use super::{Page, parameter, wanted};
use crate::http::{
    Web,
    problem::Problem,
    search::{Asked, Facet, narrowest},
    site::Site,
    text::{day, foreign, number, plain, snippet, spoken, visible},
    words::Words,
};

/// Values of a facet that are seen at once; the rest is folded away.
const OPEN_VALUES: usize = 7;

/// A search without an answer: what it would find with one filter less.
struct Way {
    without: Option<Facet>,
    asked: Asked,
    total: usize,
}

/// `GET /search`.
pub(super) async fn search(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let page = Page::new(&web, &wanted, &uri);
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
                ways(site, &question)?
            } else {
                Vec::new()
            };
            Ok((answer, ways))
        })
        .await;
    match found {
        Ok((answer, ways)) => {
            let title = title(page.words, &asked);
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

/// What taking one filter away would find, the most first; at last without any.
fn ways(site: &dyn Site, asked: &Asked) -> Result<Vec<Way>, Problem> {
    if !asked.is_filtered() {
        return Ok(Vec::new());
    }
    let count = |asked: &Asked| -> Result<usize, Problem> {
        let mut asked = asked.first_page();
        asked.query.limit = 0;
        asked.query.facets = false;
        Ok(asked.run(site)?.total)
    };
    let mut ways = Vec::new();
    let mut query = asked.query.clone();
    for facet in Facet::ALL {
        if facet.selected(&mut query).is_empty() {
            continue;
        }
        let wider = asked.without(facet);
        let total = count(&wider)?;
        ways.push(Way {
            without: Some(facet),
            asked: wider,
            total,
        });
    }
    ways.sort_by_key(|way| std::cmp::Reverse(way.total));
    ways.retain(|way| way.total > 0);
    let bare = asked.without_filters();
    let total = count(&bare)?;
    if total > 0 {
        ways.push(Way {
            without: None,
            asked: bare,
            total,
        });
    }
    Ok(ways)
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
                        p.quiet { (words.say_html("results-not-for", [("query", plain(&asked.query.text).into())])) }
                    }
                    p.summary role="status" {
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
    let words = page.words;
    html! {
        form.box role="search" action="/search" method="get" {
            label.hidden for="q" { (words.say("search-label")) }
            input id="q" type="search" name="q" value=(asked.query.text) maxlength="1000" autocapitalize="none" placeholder=(words.say("search-hint"));
            @for (name, value) in asked.first_page().parameters() {
                @if name != "q" { input type="hidden" name=(name) value=(value); }
            }
            button type="submit" { (words.say("search-button")) }
        }
    }
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
    html! {
        article.hit {
            @if level == 2 { h2 { (link) } } @else { h3 { (link) } }
            p.facts {
                span.kind { (kind) }
                span { (plain(&hit.institution)) }
                @if !levels.is_empty() { span { (plain(&levels.join(", "))) } }
                @if !languages.is_empty() { span { (plain(&languages.join(", "))) } }
                span { (day(lang, hit.updated)) }
            }
            @if !hit.snippet.trim().is_empty() {
                p.snippet dir="auto" lang=[foreign(&hit.summary_language, lang)] { (snippet(&hit.snippet)) (place(page, hit)) }
            } @else if !hit.summary.is_empty() {
                p.snippet dir="auto" lang=[foreign(&hit.summary_language, lang)] { (visible(&hit.summary)) }
            }
            @if let Some(licence) = hit.licence.as_deref() { p.licence { (licence_line(page, licence)) } }
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

/// A licence in one line: its short name, and what it lets people do.
fn licence_line(page: &Page<'_>, text: &str) -> Markup {
    let lang = page.lang().tag();
    html! {
        @match Licence::parse(text) {
            Ok(licence) => {
                span.tag.free[licence.class().may_adapt()] { (plain(&licence.label(lang))) }
                " " (licence.sentence(lang))
            }
            Err(_) => span.tag { (plain(text)) },
        }
    }
}

/// Nothing was found: what to try.
fn nothing(page: &Page<'_>, ways: &[Way]) -> Markup {
    let words = page.words;
    html! {
        div.nothing {
            @if !ways.is_empty() {
                h2 { (words.say("none-drop-title")) }
                ul {
                    @for way in ways {
                        @let found = words.say_with("results", [("count", (way.total as u64).into())]);
                        li { a href=(way.asked.href()) {
                            @match way.without {
                                Some(facet) => (words.say_with("none-drop", [("filter", facet_name(words, facet).into()), ("results", found.into())])),
                                None => (words.say_with("none-drop-all", [("results", found.into())])),
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
                p role="alert" { (words.say("query-refused-intro")) " " span lang="en" { (problem.detail) } }
                ul { li { (words.say("none-hint-fewer")) } }
            }
        }
    }
}

fn paging(page: &Page<'_>, asked: &Asked, current: usize, pages: usize) -> Markup {
    super::paging::paging(page.words, current, pages, |number| {
        let mut there = asked.first_page();
        there.query.offset = (number - 1) * asked.query.limit;
        there.href()
    })
}

/// The ways to narrow, with how many hits each leaves.
fn filters(page: &Page<'_>, asked: &Asked, answer: &Answer) -> Markup {
    let words = page.words;
    html! {
        nav.filters id="filters" aria-labelledby="filters-title" tabindex="-1" {
            h2 id="filters-title" { (words.say("filters")) }
            a.switch href=(asked.switched().href()) aria-current=[asked.adaptable.then_some("true")] title=(words.say("reuse-explained")) {
                span.mark aria-hidden="true" {}
                span { strong { (words.say("reuse-switch")) } span.quiet { (words.say("reuse-on")) } }
            }
            @for facet in Facet::ALL {
                @let counts = answer.facets.get(facet.name()).map(Vec::as_slice).unwrap_or_default();
                @if !counts.is_empty() { (filter(page, asked, facet, counts)) }
            }
        }
    }
}

fn filter(page: &Page<'_>, asked: &Asked, facet: Facet, counts: &[(String, u64)]) -> Markup {
    let words = page.words;
    let mut query = asked.query.clone();
    let selected = facet.selected(&mut query).clone();
    // What is selected is never folded away.
    let (open, folded): (Vec<_>, Vec<_>) = counts
        .iter()
        .enumerate()
        .partition(|(at, (value, _))| *at < OPEN_VALUES || selected.contains(value));
    let line = |value: &str, count: u64| {
        let on = selected.iter().any(|v| v == value);
        let verb = if on {
            words.say("filter-remove")
        } else {
            words.say("filter-add")
        };
        html! {
            li { a.value href=(asked.toggled(facet, value).href()) aria-current=[on.then_some("true")] rel="nofollow" {
                span.mark aria-hidden="true" {}
                span.hidden { (verb) " " }
                span.name { (plain(&facet.label(value, page.lang().tag()))) }
                " " span.count { (number(page.lang(), count)) }
            } }
        }
    };
    html! {
        section aria-labelledby={ "f-" (facet.name()) } {
            h3 id={ "f-" (facet.name()) } { (facet_name(words, facet)) }
            ul { @for (_, (value, count)) in &open { (line(value, *count)) } }
            @if !folded.is_empty() {
                details {
                    summary { (words.say_with("filters-more", [("count", folded.len().into())])) }
                    ul { @for (_, (value, count)) in &folded { (line(value, *count)) } }
                }
            }
        }
    }
}

pub(super) fn facet_name(words: Words, facet: Facet) -> &'static str {
    match facet {
        Facet::Type => words.say("facet-type"),
        Facet::ResourceType => words.say("facet-resource-type"),
        Facet::Licence => words.say("facet-licence"),
        Facet::Language => words.say("facet-language"),
        Facet::Level => words.say("facet-level"),
        Facet::Subject => words.say("facet-subject"),
        Facet::Institution => words.say("facet-institution"),
    }
}

/// What an item is, in a word.
pub(super) fn kind_name(words: Words, kind: &str) -> &'static str {
    match kind {
        "repository" => words.say("type-repository"),
        "collection" => words.say("type-collection"),
        _ => words.say("type-resource"),
    }
}
