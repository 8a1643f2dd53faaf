//! The ways around a repository: the same row of links on each of its pages.

use maud::{Markup, html};

use super::super::Page;
use crate::{
    http::{
        lang::Lang,
        text::plain,
        words::{CodeWords, ProofWords, TalkWords},
    },
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
fn entries(words: &CodeWords, lang: Lang) -> Vec<(Tab, &'static str, &'static str)> {
    let talk = TalkWords::of(lang);
    vec![
        (Tab::Code, "", words.nav_code),
        (Tab::Commits, "/commits", words.nav_commits),
        (Tab::Branches, "/branches", words.nav_branches),
        (Tab::Tags, "/tags", words.nav_tags),
        (Tab::Requests, "/merge-requests", talk.nav_requests),
        (Tab::Threads, "/threads", talk.nav_threads),
        (Tab::Proof, "/verification", ProofWords::of(lang).nav),
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
    let words = CodeWords::of(page.lang());
    html! {
        nav.tabs aria-label=(words.nav_label) { ul {
            @for (tab, below, name) in entries(words, page.lang()) {
                li { a href=(page.href(&format!("/{}{below}", item.name()))) aria-current=[(tab == current).then_some("true")] { (name) } }
            }
        } }
    }
}
