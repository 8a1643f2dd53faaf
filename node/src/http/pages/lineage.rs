//! What an item was made from and what was made from it; the members of a collection, and their feed.

use axum::response::Response;
use maud::{Markup, html};

use super::{
    Page,
    repository::feed::{self, Entry},
    search::kind_name,
};
use crate::{
    collections::{Member, MemberState, OPEN_MEMBERS},
    http::{
        text::{date, plain, rfc3339},
        words::{LineageWords, QualityWords, fill},
    },
    items::{Neighbour, Shown},
};

fn line(page: &Page<'_>, other: &Neighbour) -> Markup {
    html! {
        a href=(page.href(&format!("/{}", other.name))) { (plain(other.title.as_deref().unwrap_or(&other.name))) }
    }
}

/// What is stated to be the same; what was made from what, both ways, and the collections that list the item.
pub(super) fn lineage(page: &Page<'_>, item: &Shown) -> Markup {
    let quality = QualityWords::of(page.lang());
    html! {
        @if !item.twins.is_empty() {
            section.card aria-labelledby="also" {
                h2 id="also" { (quality.also) }
                ul { @for (kind, other) in &item.twins { li {
                    (line(page, other)) " " span.quiet { (plain(&other.name)) }
                    @if kind == "translation" { " " span.tag { (quality.also_translation) } }
                } } }
            }
        }
        (made(page, item))
    }
}

fn made(page: &Page<'_>, item: &Shown) -> Markup {
    let words = LineageWords::of(page.lang());
    let any = !item.derived_from.is_empty()
        || !item.derived_into.is_empty()
        || !item.collected_in.is_empty();
    html! {
        @if any {
            section.card aria-labelledby="lineage" {
                h2 id="lineage" { (words.title) }
                @if !item.derived_from.is_empty() {
                    h3 { (words.from) }
                    ul { @for source in &item.derived_from { li {
                        @match &source.name {
                            Some(name) => a href=(page.href(&format!("/{name}"))) { (plain(source.title.as_deref().unwrap_or(name))) },
                            None => code { (source.item) },
                        }
                        @match source.behind {
                            Some(0) => { " " span.quiet { (words.newest) } }
                            Some(1) => { " " span.tag { (words.behind_one) } }
                            Some(n) => { " " span.tag { (fill(words.behind_many, &[&n.to_string()])) } }
                            None => {}
                        }
                    } } }
                    p { a href={ "/api/v1/items/" (item.name()) "/attribution?format=text&lang=" (page.lang().tag()) } { (words.credits) } }
                }
                @if !item.derived_into.is_empty() {
                    h3 { (words.into) }
                    ul { @for other in &item.derived_into { li { (line(page, other)) } } }
                }
                @if !item.collected_in.is_empty() {
                    h3 { (words.collected) }
                    ul { @for other in &item.collected_in { li { (line(page, other)) } } }
                }
            }
        }
    }
}

/// The members of a collection, in their order.
pub(super) fn members(page: &Page<'_>, item: &Shown) -> Markup {
    let words = LineageWords::of(page.lang());
    let Some(all) = item.members.as_ref().filter(|_| item.withdrawn.is_none()) else {
        return html! {};
    };
    let line = |member: &Member| {
        let kind = member.kind.map(|kind| kind_name(page.words, kind.as_str()));
        html! {
            li {
                @match member.state {
                    MemberState::Here => { (line(page, &member.item)) @if let Some(kind) = kind { " " span.kind { (kind) } } }
                    MemberState::Withdrawn => { (plain(&member.item.name)) " " span.tag { (words.withdrawn) } }
                    MemberState::Hidden => { code { (member.item.id) } " " span.tag { (words.hidden) } }
                    MemberState::Unknown => { code { (member.item.id) } " " span.tag { (words.unknown) } }
                }
            }
        }
    };
    let (first, rest) = all.split_at(all.len().min(OPEN_MEMBERS));
    html! {
        section aria-labelledby="members" {
            h2 id="members" { (words.members) }
            @if all.is_empty() { p.quiet { (words.empty) } }
            ol.members { @for member in first { (line(member)) } }
            @if !rest.is_empty() {
                details {
                    summary { (fill(page.words.filters_more, &[&rest.len().to_string()])) }
                    ol.members start=(first.len() + 1) { @for member in rest { (line(member)) } }
                }
            }
            p { a href=(page.href(&format!("/{}/feed.atom", item.name()))) { (words.feed) } }
            p.quiet { (words.fork) br; code { "commun collection fork " (item.name()) " --slug SLUG" } }
        }
    }
}

/// The feed of a collection: an entry per version.
pub(super) fn collection_feed(page: &Page<'_>, item: &Shown) -> Response {
    let words = LineageWords::of(page.lang());
    let (_, title) = item.title(&page.wanted.tags());
    let entries: Vec<Entry> = item
        .versions
        .iter()
        .take(feed::ENTRIES)
        .map(|version| Entry {
            id: format!("version:{}", version.statement),
            title: fill(
                words.changed_on,
                &[&date(page.lang(), &rfc3339(version.time))],
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
