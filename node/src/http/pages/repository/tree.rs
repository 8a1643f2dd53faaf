//! A folder: its entries, each with the commit that changed it last.

use std::collections::HashMap;

use axum::response::Response;
use commun_forge::git::{
    Browse, BrowseError, Commit, Entry, EntryKind, LastCommit, Oid, Resolved, SwhKind,
};
use maud::{Markup, html};

use super::super::Page;
use super::place::{At, short, switch, trail};
use super::{moved, nav::Tab, nothing, read};
use crate::{
    http::{
        problem::Problem,
        text::{day, plain, size, visible},
    },
    items::Shown,
};

/// What a page of a folder reads from Git.
pub(super) struct Folder {
    pub(super) entries: Vec<Entry>,
    pub(super) last: Vec<LastCommit>,
    pub(super) readme: Option<(String, Vec<u8>)>,
    /// The folder's own id.
    pub(super) oid: Oid,
}

impl Folder {
    /// Reads the folder at a place.
    pub(super) fn read(git: &Browse, at: &Resolved) -> Result<Self, BrowseError> {
        let (commit, path) = (Some(at.commit.as_str()), &*at.path);
        Ok(Self {
            entries: git.tree(commit, path)?,
            last: git.last_commit_for_tree_entries(commit, path)?,
            readme: git.readme_in(commit, path)?,
            oid: git.object_at(&at.commit, path)?.1,
        })
    }
}

/// `GET …/tree/REF/PATH`.
pub(super) async fn page(page: &Page<'_>, at: At<'_>) -> Result<Response, Problem> {
    let resolved = at.resolved.clone();
    let found = read(page.web, at.item, move |git| {
        if git.entry(&resolved.commit, &resolved.path)? != EntryKind::Folder {
            return Ok(None);
        }
        Folder::read(git, &resolved).map(Some)
    });
    let Some(folder) = found.await?.ok_or_else(nothing)? else {
        let rest = format!("{}/{}", at.resolved.rev, at.path());
        return Ok(moved(page, at.item, "blob", &rest));
    };
    let main = at
        .apart(page, move |page, at| show(page, at, &folder))
        .await?;
    Ok(super::framed(page, at.item, Tab::Code, &at.title(), main))
}

fn show(page: &Page<'_>, at: At<'_>, folder: &Folder) -> Markup {
    let words = page.words;
    html! {
        div.toolbar {
            (switch(page, at, "tree"))
            a href=(at.href(page, "commits", at.path())) { (words.say("code-file-history")) }
            a href=(at.href_at(page, "tree", at.resolved.commit.as_str(), at.path())) { (words.say("code-file-permalink")) }
        }
        (trail(page, at))
        (table(page, at, folder))
        (super::swhid::line(page, SwhKind::Directory, &folder.oid))
        @if let Some((name, bytes)) = &folder.readme {
            section aria-labelledby="readme" {
                h2 id="readme" { (plain(name)) }
                (super::file::readme(page, at, name, bytes))
            }
        }
    }
}

/// The entries as a table.
pub(super) fn table(page: &Page<'_>, at: At<'_>, folder: &Folder) -> Markup {
    let words = page.words;
    let last: HashMap<&str, &Commit> = folder
        .last
        .iter()
        .filter_map(|last| Some((last.name.as_str(), last.commit.as_ref()?)))
        .collect();
    let join = |name: &str| match at.path() {
        "" => name.to_owned(),
        path => format!("{path}/{name}"),
    };
    let parent = (!at.path().is_empty()).then(|| at.path().rsplit_once('/').map_or("", |(p, _)| p));
    html! {
        div.scroll { table.tree {
            caption.hidden { (words.say("tree-label")) }
            thead.hidden { tr {
                th scope="col" { (words.say("file-name")) } th.message scope="col" { (words.say("code-last-change")) }
                th.when scope="col" { (words.say("updated-on")) } th.size scope="col" { (words.say("file-size")) }
            } }
            tbody {
                @if let Some(parent) = parent {
                    tr { th scope="row" { a href=(at.href(page, "tree", parent)) { (words.say("parent-folder")) } } td.message {} td.when {} td.size {} }
                }
                @for entry in &folder.entries {
                    tr {
                        th scope="row" { (name(page, at, entry, &join(&entry.name))) }
                        @match last.get(entry.name.as_str()) {
                            Some(commit) => {
                                td.message { a href=(commit_href(page, at.item, commit)) { (plain(&commit.summary)) } }
                                td.when { (day(page.lang(), u64::try_from(commit.time).unwrap_or(0))) }
                            }
                            None => { td.message.quiet { (words.say("code-last-change-unknown")) } td.when {} }
                        }
                        td.size { @if let Some(bytes) = entry.size { (size(page.lang(), bytes)) } }
                    }
                }
            }
        } }
        @if folder.entries.len() >= 5_000 { p.quiet { (words.say_with("code-entries-more", [("count", 5_000_u64.into())])) } }
    }
}

fn name(page: &Page<'_>, at: At<'_>, entry: &Entry, path: &str) -> Markup {
    let words = page.words;
    // A name whose bytes are no text cannot stand in an address.
    let unaskable = entry.name.contains('\u{fffd}');
    html! {
        @match entry.kind {
            EntryKind::Submodule => {
                span { (plain(&entry.name)) } " "
                span.quiet { (words.say_with("code-entry-submodule", [("commit", short(&entry.oid).into())])) }
            }
            _ if unaskable => span { (plain(&entry.name)) },
            EntryKind::Folder => a.folder href=(at.href(page, "tree", path)) { span.hidden { (words.say("folder")) " " } (plain(&entry.name)) },
            _ => {
                a href=(at.href(page, "blob", path)) { (plain(&entry.name)) }
                @if entry.kind == EntryKind::Link { " " span.tag { (words.say("code-entry-link")) } }
            }
        }
    }
}

/// The address of a commit's page.
pub(super) fn commit_href(page: &Page<'_>, item: &Shown, commit: &Commit) -> String {
    page.href(&super::place::address(item, "commit", commit.oid.as_str()))
}

/// One commit in a line: what, who, when, its id.
pub(super) fn commit_line(page: &Page<'_>, item: &Shown, commit: &Commit) -> Markup {
    html! {
        a.subject href=(commit_href(page, item, commit)) dir="auto" {
            @if commit.summary.trim().is_empty() { (short(&commit.oid)) } @else { (visible(&commit.summary)) }
        }
        span.quiet {
            (page.words.say_html("commit-by", [("author", plain(&commit.author).into())])) " "
            (day(page.lang(), u64::try_from(commit.time).unwrap_or(0))) " "
            code { (short(&commit.oid)) }
        }
    }
}
