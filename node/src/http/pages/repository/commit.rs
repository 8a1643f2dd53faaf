//! One commit: who, when, why, and what it changed.

use std::sync::Arc;

use axum::response::Response;
use commun_forge::git::{Commit, Diff, DiffLimits, Oid, Signature, SwhKind};
use maud::{Markup, html};

use super::super::{Page, verification};
use super::{
    diff::diff_view,
    nav::Tab,
    nothing,
    place::{address, short},
    read,
};
use crate::{
    history,
    http::{
        problem::Problem,
        text::{day, paragraphs, plain, visible},
    },
    items::Shown,
};

/// `GET …/commit/OID`.
pub(super) async fn page(
    page: &Page<'_>,
    item: &Arc<Shown>,
    oid: &str,
) -> Result<Response, Problem> {
    let oid = Oid::parse(oid).map_err(|_| nothing())?;
    let found = read(page.web, item, move |git| {
        let commit = git.commit(&oid)?;
        let diff = git.diff(commit.parents.first(), &oid, &DiffLimits::default())?;
        Ok((commit, diff))
    });
    let (commit, diff) = found.await?.ok_or_else(nothing)?;
    let signatures = verification::signatures(page, item, vec![commit.oid.clone()]).await?;
    let title = format!("{} · {}", commit.summary, item.name());
    let shown = Arc::clone(item);
    let making = page.apart(&item.handle, move |page| {
        let signature = signatures.get(&commit.oid);
        show(page, &shown, &commit, signature, &diff)
    });
    let main = making.await?;
    Ok(super::framed(page, item, Tab::Commits, &title, main))
}

fn show(
    page: &Page<'_>,
    item: &Shown,
    commit: &Commit,
    signature: Option<&history::Signature>,
    diff: &Diff,
) -> Markup {
    let words = page.words;
    let rest = commit.message.split_once('\n').map_or("", |(_, rest)| rest);
    let files = |path: &str| page.href(&address(item, "blob", &format!("{}/{path}", commit.oid)));
    html! {
        p.eyebrow { (words.say_with("code-commit-title", [("commit", short(&commit.oid).into())])) }
        h1.subject dir="auto" {
            @if commit.summary.trim().is_empty() { (short(&commit.oid)) } @else { (visible(&commit.summary)) }
        }
        @if !rest.trim().is_empty() { div.message-text dir="auto" { (paragraphs(rest)) } }
        dl.row.facts-list {
            dt { (words.say("code-commit-author")) } dd { (person(page, &commit.written)) }
            @if commit.committed != commit.written { dt { (words.say("code-commit-committer")) } dd { (person(page, &commit.committed)) } }
            dt { (words.say("code-commit-signature")) }
            dd { @if let Some(signature) = signature { (verification::badge(page, signature)) } }
            dt { (words.say("code-commit-parents")) }
            dd {
                @if commit.parents.is_empty() { (words.say("code-commit-parent-none")) }
                @for parent in &commit.parents {
                    a href=(page.href(&address(item, "commit", parent.as_str()))) { code { (short(parent)) } } " "
                }
            }
            dt { (words.say("code-commit-tree")) }
            dd { a href=(page.href(&address(item, "tree", commit.oid.as_str()))) { (words.say("code-commit-browse")) } }
        }
        (super::swhid::line(page, SwhKind::Revision, &commit.oid))
        p.quiet { (words.say("code-author-unchecked")) }
        @if commit.parents.len() > 1 { p.quiet { (words.say("code-commit-merge")) } }
        (diff_view(diff, page.lang(), &files))
    }
}

/// Somebody and a day, as stated.
fn person(page: &Page<'_>, who: &Signature) -> Markup {
    html! {
        (plain(&who.name))
        @if !who.email.is_empty() { " " span.quiet { "<" (plain(&who.email)) ">" } }
        ", " (day(page.lang(), u64::try_from(who.time).unwrap_or(0)))
    }
}
