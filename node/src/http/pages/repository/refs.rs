//! The branches and the tags of a repository, and the heads that are served beside the branches.

use std::collections::BTreeMap;

use axum::response::Response;
use commun_forge::git::{Annotation, Oid, Reference, Signed, SwhKind};
use maud::{Markup, html};

use super::super::{Page, verification};
use super::{
    compare,
    nav::Tab,
    nothing,
    place::{address, short},
    read,
};
use crate::{
    history::Signature,
    http::{
        problem::Problem,
        text::{day, paragraphs, plain},
        words::Words,
    },
    items::Shown,
};

/// Tags whose signatures are checked on one page, the newest; a signature takes a tenth of a millisecond.
const MAX_SIGNED: usize = 500;

/// `GET …/branches` and `GET …/tags`.
pub(super) async fn page(page: &Page<'_>, item: &Shown, view: &str) -> Result<Response, Problem> {
    let words = page.words;
    let all = read(page.web, item, |git| git.refs());
    let mut all = all.await?.ok_or_else(nothing)?;
    let (tab, title, main) = match view {
        "tags" => {
            all.retain(|r| r.name.starts_with("refs/tags/"));
            all.sort_by(|a, b| (b.time, &b.name).cmp(&(a.time, &a.name)));
            let signed = all.iter().filter_map(|r| r.annotation.as_ref());
            let signed = signed.filter(|a| a.signed != Signed::No);
            let signed = signed.map(|a| a.oid.clone()).take(MAX_SIGNED).collect();
            let signatures = verification::signatures(page, item, signed).await?;
            let main = tags(page, item, &all, &signatures);
            (Tab::Tags, words.say("code-tags-title"), main)
        }
        _ => {
            all.retain(|r| !r.name.starts_with("refs/tags/"));
            (
                Tab::Branches,
                words.say("code-branches-title"),
                branches(page, item, &all),
            )
        }
    };
    let title = format!("{title} · {}", item.name());
    Ok(super::framed(page, item, tab, &title, main))
}

fn branches(page: &Page<'_>, item: &Shown, all: &[Reference]) -> Markup {
    let words = page.words;
    let default = item
        .repository
        .as_ref()
        .map_or("", |repository| repository.default_branch.as_str());
    let (branches, others): (Vec<_>, Vec<_>) =
        all.iter().partition(|r| r.name.starts_with("refs/heads/"));
    html! {
        h1 { (words.say("code-branches-title")) }
        @if branches.is_empty() { p.quiet { (words.say("code-branches-none")) } }
        ul.refs { @for r in &branches {
            li {
                (line(page, item, r))
                @if behind(item, r) { " " span.tag { (words.say("branch-behind")) } }
                @if r.short() == default { " " span.tag { (words.say("branch-default")) } }
                @else { " " a href=(page.href(&address(item, "compare", &format!("{default}...{}", r.short())))) { (words.say_html("code-branch-compare", [("branch", plain(default).into())])) } }
            }
        } }
        @if !others.is_empty() {
            section aria-labelledby="others" {
                h2 id="others" { (words.say("code-other-heads")) }
                p.quiet { (words.say("code-other-heads-help")) }
                ul.refs { @for r in &others {
                    li {
                        (line(page, item, r)) " " span.tag { (state(words, r.short())) } " "
                        a href=(page.href(&address(item, "compare", &format!("{default}...{}", r.short())))) { (words.say_html("code-branch-compare", [("branch", plain(default).into())])) }
                    }
                } }
            }
        }
        @if !branches.is_empty() { (compare::form(page, item, default, "")) }
    }
}

/// Whether the logs name another commit than this node serves.
fn behind(item: &Shown, r: &Reference) -> bool {
    let stated = item
        .repository
        .iter()
        .flat_map(|repository| &repository.refs);
    stated
        .filter(|stated| stated.name == r.name)
        .any(|stated| stated.served.as_deref() != Some(&stated.oid))
}

/// What a ref that is no branch and no tag is: by the first part of its name.
fn state(words: Words, name: &str) -> String {
    let mut parts = name.split('/');
    let (kind, handle) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    match kind {
        "diverged" => words.say_with("code-diverged", [("institution", handle.into())]),
        "waiting" => words.say_with("code-waiting", [("institution", handle.into())]),
        _ => words.say("code-merge-request").to_owned(),
    }
}

fn tags(
    page: &Page<'_>,
    item: &Shown,
    all: &[Reference],
    signatures: &BTreeMap<Oid, Signature>,
) -> Markup {
    let words = page.words;
    html! {
        h1 { (words.say("code-tags-title")) }
        @if all.is_empty() { p.quiet { (words.say("code-tags-none")) } }
        ul.refs { @for r in all {
            li {
                (line(page, item, r))
                p.quiet { (archives(page, item, r.short())) }
                @if let Some(annotation) = &r.annotation {
                    @if let Some(signature) = signatures.get(&annotation.oid) { " " (verification::badge(page, signature)) }
                    (said(page, annotation))
                }
            }
        } }
    }
}

/// The links to a place's archives.
pub(super) fn archives(page: &Page<'_>, item: &Shown, rev: &str) -> Markup {
    let words = page.words;
    html! {
        a href=(address(item, "archive", &format!("{rev}.zip"))) download title=(words.say("code-archive-help")) { (words.say("code-archive-zip")) } " · "
        a href=(address(item, "archive", &format!("{rev}.tar.gz"))) download title=(words.say("code-archive-help")) { (words.say("code-archive-tar")) }
    }
}

/// What an annotated tag says.
fn said(page: &Page<'_>, annotation: &Annotation) -> Markup {
    let words = page.words;
    html! {
        @if let Some(tagger) = &annotation.tagger {
            p.quiet { (words.say_html("code-tag-by", [("person", plain(&tagger.name).into())])) " " (day(page.lang(), u64::try_from(tagger.time).unwrap_or(0))) }
        }
        div.message-text dir="auto" { (paragraphs(&annotation.message)) }
        (super::swhid::line(page, SwhKind::Release, &annotation.oid))
    }
}

fn line(page: &Page<'_>, item: &Shown, r: &Reference) -> Markup {
    html! {
        a.subject href=(page.href(&address(item, "tree", r.short()))) { (plain(r.short())) }
        span.quiet {
            (day(page.lang(), u64::try_from(r.time).unwrap_or(0))) " "
            a href=(page.href(&address(item, "commit", r.oid.as_str()))) { code { (short(&r.oid)) } }
        }
    }
}
