//! The commits of a branch, or those that changed a file or folder, in pages.

use std::collections::BTreeMap;

use axum::{http::Uri, response::Response};
use commun_forge::git::{Commit, Oid, Signed};
use maud::{Markup, html};

use super::super::{Page, parameter, verification};
use super::{
    nav::Tab,
    nothing,
    place::{At, switch},
    read, tree,
};
use crate::{
    history::Signature,
    http::{problem::Problem, text::plain},
};

/// Commits of one page.
const ON_A_PAGE: usize = 50;
/// The last page that can be asked for: the cost grows with the number.
const MAX_PAGE: usize = 4_000;

/// `GET …/commits/REF[/PATH]?page=N`.
pub(super) async fn page(page: &Page<'_>, at: At<'_>, uri: &Uri) -> Result<Response, Problem> {
    let number = parameter(uri, "page")
        .and_then(|number| number.parse::<usize>().ok())
        .unwrap_or(1)
        .clamp(1, MAX_PAGE);
    let resolved = at.resolved.clone();
    let commits = read(page.web, at.item, move |git| {
        let path = (!resolved.path.is_empty()).then_some(&*resolved.path);
        let rev = Some(resolved.commit.as_str());
        // One more than is shown says whether there is a next page.
        git.commits(rev, path, (number - 1) * ON_A_PAGE, ON_A_PAGE + 1)
    });
    let commits = commits.await?.ok_or_else(nothing)?;
    let signed = commits.iter().take(ON_A_PAGE);
    let signed = signed.filter(|c| c.signed != Signed::No);
    let signed = signed.map(|c| c.oid.clone()).collect();
    let signatures = verification::signatures(page, at.item, signed).await?;
    let main = list(page, at, &commits, &signatures, number);
    Ok(super::framed(
        page,
        at.item,
        Tab::Commits,
        &at.title(),
        main,
    ))
}

fn list(
    page: &Page<'_>,
    at: At<'_>,
    commits: &[Commit],
    signatures: &BTreeMap<Oid, Signature>,
    number: usize,
) -> Markup {
    let words = page.words;
    let of = match at.path() {
        "" => plain(at.label()),
        path => plain(path),
    };
    let turn = |number: usize| {
        let href = at.href(page, "commits", at.path());
        let sign = if href.contains('?') { '&' } else { '?' };
        format!("{href}{sign}page={number}")
    };
    html! {
        div.toolbar { (switch(page, at, "commits")) }
        h1 { (words.say_html("code-commits-of", [("what", of.into())])) }
        @if commits.is_empty() { p.quiet { (words.say("commits-none")) } }
        ol.commits { @for commit in commits.iter().take(ON_A_PAGE) { li {
            (tree::commit_line(page, at.item, commit))
            @if let Some(signature) = signatures.get(&commit.oid) { " " (verification::badge(page, signature)) }
        } } }
        @if number > 1 || commits.len() > ON_A_PAGE {
            nav.pages aria-label=(words.say("code-commits-pages")) { ul {
                @if number > 1 { li { a href=(turn(number - 1)) rel="prev" { (words.say("code-commits-newer")) } } }
                @if commits.len() > ON_A_PAGE { li { a href=(turn(number + 1)) rel="next" { (words.say("code-commits-older")) } } }
            } }
        }
    }
}
