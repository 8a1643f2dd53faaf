//! The ways around a repository: the same row of links on each of its pages.

use maud::{Markup, html};

use super::super::Page;
use crate::{
    http::{text::plain, words::Words},
    items::Shown,
};

/// A part of a repository's pages that has a link in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http::pages) enum Tab {
    /// Files at a branch, tag or commit.
    Code,
    /// History.
    Commits,
    /// Branches, and heads beside them.
    Branches,
    /// Tags.
    Tags,
    /// Merge requests.
    Requests,
    /// Threads.
    Threads,
    /// Who moved what.
    Proof,
}

/// The links, in their order: what it leads to, its path below the repository, its words. Parts that come
/// later add a line here.
fn entries(words: Words) -> Vec<(Tab, &'static str, &'static str)> {
    vec![
        (Tab::Code, "", words.say("code-nav-code")),
        (Tab::Commits, "/commits", words.say("code-nav-commits")),
        (Tab::Branches, "/branches", words.say("code-nav-branches")),
        (Tab::Tags, "/tags", words.say("code-nav-tags")),
        (
            Tab::Requests,
            "/merge-requests",
            words.say("talk-nav-requests"),
        ),
        (Tab::Threads, "/threads", words.say("talk-nav-threads")),
        (Tab::Proof, "/verification", words.say("proof-nav")),
    ]
}

/// The row of links with the name of the repository before it.
pub(in crate::http::pages) fn nav(page: &Page<'_>, item: &Shown, current: Tab) -> Markup {
    html! {
        p.eyebrow {
            a href=(page.href(&format!("/{}", item.handle))) { (plain(item.handle.as_str())) }
            span aria-hidden="true" { " / " }
            a href=(page.href(&format!("/{}", item.name()))) { (plain(item.slug.as_str())) }
        }
        (tabs(page, item, current))
    }
}

/// The row of links alone.
pub(in crate::http::pages) fn tabs(page: &Page<'_>, item: &Shown, current: Tab) -> Markup {
    let words = page.words;
    html! {
        nav.tabs aria-label=(words.say("code-nav-label")) { ul {
            @for (tab, below, name) in entries(words) {
                li { a href=(page.href(&format!("/{}{below}", item.name()))) aria-current=[(tab == current).then_some("true")] { (name) } }
            }
        } }
    }
}
