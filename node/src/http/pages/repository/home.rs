//! The first page of a repository.

use std::sync::Arc;

use axum::{http::Uri, response::Response};
use commun_forge::git::{BrowseError, Commit, Reference, Resolved};
use maud::{Markup, html};

use super::super::{
    Page, component,
    item::{
        credit::{self, Credits},
        headline, provenance, warnings,
    },
    parameter, reviews,
};
use super::{
    nav::{self, Tab},
    place::{At, address, switch},
    read, readable, tree,
};
use crate::{
    http::{
        problem::Problem,
        text::{day, number, plain, visible},
    },
    items::{Repository, Shown, Waiting},
};

/// Commits on the front page.
const FEW_COMMITS: usize = 5;

/// What the front page reads from Git.
struct Overview {
    resolved: Resolved,
    folder: tree::Folder,
    commits: Vec<Commit>,
    /// The newest tag.
    release: Option<Reference>,
}

/// `GET /{handle}/{slug}` of a repository.
pub(in crate::http::pages) async fn overview(
    page: &Page<'_>,
    item: Arc<Shown>,
    uri: &Uri,
) -> Result<Response, Problem> {
    if !readable(&item) {
        return Ok(unreadable(page, &item));
    }
    let credits = credit::gather(page.web, &item, page.lang()).await?;
    let rev = parameter(uri, "ref");
    let default = item.repository.as_ref().map(|r| r.default_branch.clone());
    let found = read(page.web, &item, move |git| {
        let wish = rev.clone().or(default).unwrap_or_default();
        let resolved = match git.split_address(&wish) {
            Ok(resolved) if resolved.path.is_empty() => resolved,
            // A default branch that nobody pushed to yet is not an error.
            Ok(_) | Err(BrowseError::NotFound) if rev.is_none() => return Ok(None),
            Ok(_) => return Err(BrowseError::NotFound),
            Err(other) => return Err(other),
        };
        let commit = Some(resolved.commit.as_str());
        let tags = git.refs()?.into_iter();
        Ok(Some(Overview {
            folder: tree::Folder::read(git, &resolved)?,
            commits: git.commits(commit, None, 0, FEW_COMMITS)?,
            release: tags
                .filter(|r| r.name.starts_with("refs/tags/"))
                .max_by(|a, b| (a.time, &a.name).cmp(&(b.time, &b.name))),
            resolved,
        }))
    })
    .await?;
    let title = item.title(&page.wanted.tags()).1.to_owned();
    let found = found.flatten();
    let owner = item.handle.clone();
    let making = page.apart(&owner, move |page| {
        front(page, &item, found.as_ref(), &credits)
    });
    let main = making.await?;
    Ok(page.finish(&title, Some(""), main))
}

/// The page of a repository whose objects this node cannot read.
pub(super) fn unreadable(page: &Page<'_>, item: &Shown) -> Response {
    let words = page.words;
    let main = html! {
        div.inner.item {
            (headline(page, item))
            (warnings(page, item))
            div.body {
                (lead(page, item))
                div.notice role="note" {
                    p { strong { (words.say("code-sha256-title")) } }
                    p { (words.say("code-sha256-text")) }
                    pre.command tabindex="0" { code { "git clone " (page.web.hosts().main) "/" (item.name()) ".git" } }
                }
            }
            div.side {
                (clone(page, item))
                @if let Some(repository) = &item.repository { (pushers(page, repository)) }
                (provenance(page, item))
            }
        }
    };
    page.finish(item.title(&page.wanted.tags()).1, Some(""), main)
}

fn front(
    page: &Page<'_>,
    item: &Arc<Shown>,
    found: Option<&Overview>,
    credits: &Credits,
) -> Markup {
    let words = page.words;
    html! {
        div.inner.item {
            (headline(page, item))
            (warnings(page, item))
            @if let Some(repository) = &item.repository { (troubles(page, item, repository)) }
            div.across { (nav::tabs(page, item, Tab::Code)) }
            div.body {
                (lead(page, item))
                @match found {
                    None => { p.notice { (words.say("empty-repository")) } }
                    Some(found) => (contents(page, At::new(item, &found.resolved), found)),
                }
            }
            div.side {
                (clone(page, item))
                @if let Some(repository) = &item.repository {
                    @if let Some(found) = found { (state(page, At::new(item, &found.resolved), repository, found)) }
                    (pushers(page, repository))
                }
                (component::card(page, item))
                (credit::card(page, item, credits))
                (provenance(page, item))
            }
        }
    }
}

/// What it is for, in a sentence.
fn lead(page: &Page<'_>, item: &Shown) -> Markup {
    let tags = page.wanted.tags();
    let described = item
        .view
        .summary_for(&tags)
        .or_else(|| item.view.description_for(&tags));
    html! {
        @if let Some((lang, text)) = described {
            p.lead dir="auto" lang=[crate::http::text::foreign(lang, page.lang())] { (visible(text)) }
        }
    }
}

fn contents(page: &Page<'_>, at: At<'_>, found: &Overview) -> Markup {
    let words = page.words;
    html! {
        section aria-labelledby="tree" {
            h2 id="tree" { (words.say("tree-title")) }
            div.toolbar { (switch(page, at, "tree")) }
            (tree::table(page, at, &found.folder))
        }
        @match &found.folder.readme {
            Some((name, bytes)) => {
                section aria-labelledby="readme" {
                    h2 id="readme" { (words.say("readme-title")) }
                    (super::file::readme(page, at, name, bytes))
                }
            }
            None => { p.quiet { (words.say("readme-none")) } }
        }
        (component::adoptions(page, at.item))
        (reviews::block(page, at.item))
        (component::bricks(page, at.item))
        (component::problems(page, at.item))
        section aria-labelledby="commits" {
            h2 id="commits" { (words.say("commits-title")) }
            ol.commits { @for commit in &found.commits { li { (tree::commit_line(page, at.item, commit)) } } }
            p { a.more href=(at.href(page, "commits", "")) { (words.say("commits-all")) } }
        }
    }
}

/// How to get the code: from this node, and from any.
fn clone(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        section.card aria-labelledby="clone" {
            h2 id="clone" { (words.say("clone-title")) }
            p.quiet { (words.say("clone-help")) }
            pre.command tabindex="0" { code { "git clone " (page.web.hosts().main) "/" (item.name()) ".git" } }
            @if let Some(ssh) = &page.me.ssh {
                p.quiet { (words.say("code-clone-ssh")) }
                pre.command tabindex="0" { code { "git clone " (ssh) "/" (item.name()) ".git" } }
            }
            p.quiet { (words.say("code-clone-commun")) }
            pre.command tabindex="0" { code { "git clone commun://" (item.name()) } }
        }
    }
}

/// Branches, tags, the newest tag, archives.
fn state(page: &Page<'_>, at: At<'_>, repository: &Repository, found: &Overview) -> Markup {
    let words = page.words;
    let branches = repository.refs.iter().filter(|r| r.is_branch()).count();
    let tags = repository.refs.len() - branches;
    let count = |n: usize| number(page.lang(), n as u64);
    html! {
        section.card aria-labelledby="state" {
            h2 id="state" { (words.say("branches")) " · " (words.say("tags")) }
            ul.plainlist {
                li { a href=(page.href(&address(at.item, "branches", ""))) { (words.say("branches")) } " " span.count { (count(branches)) } }
                li { a href=(page.href(&address(at.item, "tags", ""))) { (words.say("tags")) } " " span.count { (count(tags)) } }
            }
            h3 { (words.say("code-latest-release")) }
            @match &found.release {
                Some(tag) => {
                    p {
                        a href=(at.href_at(page, "tree", tag.short(), "")) { (plain(tag.short())) } " "
                        span.quiet { (day(page.lang(), u64::try_from(tag.time).unwrap_or(0))) }
                    }
                }
                None => { p.quiet { (words.say("code-no-release")) } }
            }
            p { (super::refs::archives(page, at.item, &at.resolved.rev)) }
            p.quiet { (words.say("code-archive-help")) }
            ul.plainlist {
                li { a href=(page.href(&address(at.item, "feed.atom", ""))) type="application/atom+xml" { (words.say("code-feed-activity")) } }
                li { a href=(page.href(&address(at.item, "feed/commits", &at.resolved.rev))) type="application/atom+xml" { (words.say("code-feed-commits")) } }
                li { a href=(page.href(&address(at.item, "feed/tags", ""))) type="application/atom+xml" { (words.say("code-feed-tags")) } }
                li { a href=(page.href(&address(at.item, "feed/threads", ""))) type="application/atom+xml" { (words.say("code-feed-threads")) } }
                li { a href=(page.href(&address(at.item, "feed/merge-requests", ""))) type="application/atom+xml" { (words.say("code-feed-requests")) } }
            }
        }
    }
}

fn pushers(page: &Page<'_>, repository: &Repository) -> Markup {
    let words = page.words;
    html! {
        @if !repository.pushers.is_empty() {
            section.card aria-labelledby="pushers" {
                h2 id="pushers" { (words.say("code-pushers-title")) }
                ol.plainlist { @for handle in &repository.pushers {
                    li { a href=(page.href(&format!("/{handle}"))) { (plain(handle.as_str())) } }
                } }
                p.quiet { (words.say("code-pushers-help")) }
                @if !repository.protected.is_empty() {
                    h3 { (words.say("code-protected-title")) }
                    ul.plainlist { @for (pattern, threshold) in &repository.protected {
                        li {
                            code { (plain(pattern.strip_prefix("refs/heads/").unwrap_or(pattern))) }
                            @if *threshold > 1 { " " span.quiet { (words.say_with("code-protected-threshold", [("count", (*threshold).into())])) } }
                        }
                    } }
                }
            }
        }
    }
}

/// A push that moves nothing until another institution pushes it too, and how one does.
fn waits(page: &Page<'_>, item: &Shown, w: &Waiting) -> Markup {
    let words = page.words;
    let branch = w.name.strip_prefix("refs/heads/").unwrap_or(&w.name);
    let place = w.place();
    let compare = format!(
        "{branch}...{}",
        place.strip_prefix("refs/").unwrap_or(&place)
    );
    html! {
        div.notice role="note" {
            p { strong { (words.say("code-waits-title")) } }
            p {
                (words.say_html("code-waits-text", [("institution", plain(w.by.as_str()).into()), ("branch", html! { code { (plain(branch)) } }.into()), ("pushed", w.stated.into()), ("needed", w.threshold.into())]))
                " " a href=(page.href(&address(item, "compare", &compare))) { (words.say("code-waits-compare")) }
            }
            p { (words.say("code-waits-agree")) }
            pre.command tabindex="0" { code {
                "git fetch origin " (visible(&place)) "\n"
                "git push origin FETCH_HEAD:" (visible(&w.name))
            } }
        }
    }
}

/// What keeps this node from showing the newest state as one line: several heads, or objects on their way.
fn troubles(page: &Page<'_>, item: &Shown, repository: &Repository) -> Markup {
    let words = page.words;
    let behind = repository
        .refs
        .iter()
        .any(|r| r.served.as_deref() != Some(&r.oid));
    html! {
        @if behind { div.notice role="status" { p { (words.say("objects-missing")) } } }
        @for w in &repository.waiting { (waits(page, item, w)) }
        @for r in repository.refs.iter().filter(|r| !r.diverged.is_empty()) {
            div.notice.bad role="note" {
                p { strong { (words.say("diverged-title")) } }
                p { (words.say_html("diverged-text", [("branch", plain(r.short()).into()), ("institution", plain(r.by.as_str()).into())])) }
                ul { @for (handle, _) in &r.diverged {
                    @let name = format!("diverged/{handle}/{}", r.name.trim_start_matches("refs/"));
                    li { a href=(page.href(&address(item, "tree", &name))) { code { "refs/" (visible(&name)) } } }
                } }
                p { (words.say("diverged-fix")) }
                @for (handle, _) in &r.diverged {
                    pre.command tabindex="0" { code {
                        "git fetch " (page.web.hosts().main) "/" (item.name()) ".git refs/diverged/" (handle) "/" (visible(r.name.trim_start_matches("refs/"))) "\n"
                        "git merge FETCH_HEAD"
                    } }
                }
            }
        }
    }
}
