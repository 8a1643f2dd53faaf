//! The versions of an item, the newest first, and what changed from one to the next.

use maud::{Markup, html};

use super::super::{Page, compare};
use crate::{
    http::text::{day, plain, size},
    items::{Shown, Version},
};

/// Versions listed openly.
const OPEN_VERSIONS: usize = 5;

/// All versions, where there is more than one.
pub(super) fn versions(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let all = item.versions.len();
    let line = |at: usize, version: &Version| {
        html! {
            li {
                strong { (words.say_with("version-number", [("version", ((all - at).to_string()).into())])) } " "
                (day(page.lang(), version.time))
                @if let Some(name) = &version.author_name { ", " (words.say("version-by")) " " (plain(name)) }
                @if let Some(files) = version.files {
                    ", " (words.say_with("files", [("count", files.count.into()), ("size", size(page.lang(), files.bytes).into())]))
                }
                @if version.current { " " span.tag { (words.say("version-current")) } }
                @if let Some(before) = item.versions.get(at + 1).filter(|_| version.files.is_some() && item.withdrawn.is_none()) {
                    " " a href=(compare::address(page, &item.name(), &before.statement, &version.statement)) {
                        (page.words.say("compare-link"))
                        span.hidden { " (" (words.say_with("version-number", [("version", ((all - at).to_string()).into())])) ")" }
                    }
                }
            }
        }
    };
    html! {
        @if all > 1 {
            section aria-labelledby="versions" {
                h2 id="versions" { (words.say("versions-title")) }
                ol.versions { @for (at, version) in item.versions.iter().enumerate().take(OPEN_VERSIONS) { (line(at, version)) } }
                @if all > OPEN_VERSIONS {
                    details {
                        summary { (words.say_with("filters-more", [("count", (all - OPEN_VERSIONS).into())])) }
                        ol.versions { @for (at, version) in item.versions.iter().enumerate().skip(OPEN_VERSIONS) { (line(at, version)) } }
                    }
                }
            }
        }
    }
}
