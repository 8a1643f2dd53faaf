//! What an item was made from and what was made from it; the members of a collection, and their feed.

use axum::{http::Uri, response::Response};
use commun_index::Hit;
use maud::{Markup, html};

use super::{
    Page, compare,
    paging::paging,
    parameter,
    repository::feed::{self, Entry},
    search::kind_name,
};
use crate::{
    collections::{Member, MemberState, OPEN_MEMBERS},
    http::{
        Web,
        problem::Problem,
        text::{date, plain, rfc3339},
    },
    items::{Neighbour, Shown},
};

fn line(page: &Page<'_>, other: &Neighbour) -> Markup {
    html! {
        a href=(page.href(&format!("/{}", other.name))) { (plain(other.title.as_deref().unwrap_or(&other.name))) }
    }
}

/// What is stated to be the same, without what the page names already as the same in another language; what was made from
/// what, both ways, and the collections that list the item.
pub(super) fn lineage(page: &Page<'_>, item: &Shown, translations: &[Hit]) -> Markup {
    let words = page.words;
    let named = |other: &Neighbour| {
        let id = other.id.to_string();
        translations.iter().any(|hit| hit.id == id)
    };
    let twins = item.twins.iter();
    let twins: Vec<&(String, Neighbour)> = twins.filter(|(_, other)| !named(other)).collect();
    html! {
        @if !twins.is_empty() {
            section.card aria-labelledby="also" {
                h2 id="also" { (words.say("quality-also")) }
                ul { @for (kind, other) in twins { li {
                    (line(page, other)) " " span.quiet { (plain(&other.name)) }
                    @if kind == "translation" { " " span.tag { (words.say("quality-also-translation")) } }
                } } }
            }
        }
        (made(page, item))
    }
}

fn made(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let any = !item.derived_from.is_empty()
        || !item.derived_into.is_empty()
        || !item.collected_in.is_empty();
    html! {
        @if any {
            section.card aria-labelledby="lineage" {
                h2 id="lineage" { (words.say("lineage-title")) }
                @if !item.derived_from.is_empty() {
                    h3 { (words.say("lineage-from")) }
                    ul { @for source in &item.derived_from { li {
                        @match &source.name {
                            Some(name) => a href=(page.href(&format!("/{name}"))) { (plain(source.title.as_deref().unwrap_or(name))) },
                            None => code { (source.item) },
                        }
                        @match source.behind {
                            Some(0) => { " " span.quiet { (words.say("lineage-newest")) } }
                            Some(n) => { " " span.tag { (words.say_with("lineage-behind", [("count", n.into())])) } }
                            None => {}
                        }
                        @if let (Some(name), Some(1..), Some(newest)) = (&source.name, source.behind, &source.newest) {
                            br; a href=(compare::address(page, name, &source.version, newest)) { (page.words.say("compare-link-behind")) }
                        }
                    } } }
                    p { a href={ "/api/v1/items/" (item.name()) "/attribution?format=text&lang=" (page.lang().tag()) } { (words.say("lineage-credits")) } }
                }
                @if !item.derived_into.is_empty() {
                    h3 { (words.say("lineage-into")) }
                    ul { @for other in &item.derived_into { li { (line(page, other)) } } }
                }
                @if !item.collected_in.is_empty() {
                    h3 { (words.say("lineage-collected")) }
                    ul { @for other in &item.collected_in { li { (line(page, other)) } } }
                }
            }
        }
    }
}

/// The part of a collection's members that is asked for, from 1 on; their titles are read.
///
/// # Errors
/// There is no such part, or the node fails.
pub(super) async fn part(web: &Web, item: &mut Shown, uri: &Uri) -> Result<usize, Problem> {
    let asked = parameter(uri, "page");
    let (Some(all), Some(asked)) = (&item.members, asked) else {
        return Ok(1);
    };
    let number = asked.parse().ok().filter(|n| (1..=parts(all)).contains(n));
    let number = number.ok_or_else(|| Problem::not_found("the collection has no such page"))?;
    if number > 1 {
        let (id, begin) = (item.id, (number - 1) * OPEN_MEMBERS);
        let read = web.ask(move |site| Ok(site.members(&id, begin..begin + OPEN_MEMBERS)?));
        item.members = Some(read.await?);
    }
    Ok(number)
}

/// In how many parts members are shown.
fn parts(all: &[Member]) -> usize {
    all.len().div_ceil(OPEN_MEMBERS).max(1)
}

/// A part of the members of a collection, in their order.
pub(super) fn members(page: &Page<'_>, item: &Shown, part: usize) -> Markup {
    let words = page.words;
    let Some(all) = item.members.as_ref().filter(|_| item.withdrawn.is_none()) else {
        return html! {};
    };
    let line = |member: &Member| {
        let kind = member.kind.map(|kind| kind_name(page.words, kind.as_str()));
        html! {
            li {
                @match member.state {
                    MemberState::Here => { (line(page, &member.item)) @if let Some(kind) = kind { " " span.quiet { (kind) } } }
                    MemberState::Withdrawn => { (plain(&member.item.name)) " " span.tag { (words.say("lineage-withdrawn")) } }
                    MemberState::Hidden => { code { (member.item.id) } " " span.tag { (words.say("lineage-hidden")) } }
                    MemberState::Unknown => { code { (member.item.id) } " " span.tag { (words.say("lineage-unknown")) } }
                }
            }
        }
    };
    let begin = (part - 1) * OPEN_MEMBERS;
    let shown = all.iter().skip(begin).take(OPEN_MEMBERS);
    let to = |number: usize| {
        let there = format!("/{}?page={number}", item.name());
        format!("{}#members", page.href(&there))
    };
    html! {
        section aria-labelledby="members" {
            h2 id="members" { (words.say("lineage-members")) }
            @if all.is_empty() { p.quiet { (words.say("lineage-empty")) } }
            ol.members start=[(part > 1).then_some(begin + 1)] { @for member in shown { (line(member)) } }
            (paging(page.words, part, parts(all), to))
            p { a href=(page.href(&format!("/{}/feed.atom", item.name()))) { (words.say("lineage-feed")) } }
            p.quiet { (words.say("lineage-fork")) br; code { "commun collection fork " (item.name()) " --slug SLUG" } }
        }
    }
}

/// The feed of a collection: an entry per version.
pub(super) fn collection_feed(page: &Page<'_>, item: &Shown) -> Response {
    let words = page.words;
    let (_, title) = item.title(&page.wanted.tags());
    let entries: Vec<Entry> = item
        .versions
        .iter()
        .take(feed::ENTRIES)
        .map(|version| Entry {
            id: format!("version:{}", version.statement),
            title: words.say_with(
                "lineage-changed-on",
                [("date", date(page.lang(), &rfc3339(version.time)).into())],
            ),
            author: version
                .author_name
                .clone()
                .unwrap_or_else(|| item.handle.to_string()),
            time: i64::try_from(version.time).unwrap_or(0),
            at: format!("/{}", item.name()),
            text: String::new(),
        })
        .collect();
    feed::atom(page, item, title, "versions", &entries)
}
