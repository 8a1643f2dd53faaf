//! What one commit has and another has not: the commits between them, and the difference.

use std::sync::Arc;

use axum::{
    http::Uri,
    response::{IntoResponse, Redirect, Response},
};
use commun_forge::git::{Comparison, Diff, DiffLimits, Resolved};
use maud::{Markup, html};

use super::super::{Page, parameter};
use super::{
    diff::diff_view,
    nav::Tab,
    nothing,
    place::{address, short},
    read, tree,
};
use crate::{
    http::{problem::Problem, text::plain},
    items::Shown,
};

/// Commits that are listed.
const MAX_COMMITS: usize = 100;

/// `GET …/compare/A...B`; `?from=A&to=B`, which the form sends, leads there.
pub(super) async fn page(
    page: &Page<'_>,
    item: &Arc<Shown>,
    rest: &str,
    uri: &Uri,
) -> Result<Response, Problem> {
    if rest.is_empty()
        && let (Some(from), Some(to)) = (parameter(uri, "from"), parameter(uri, "to"))
    {
        let there = page.href(&address(item, "compare", &format!("{from}...{to}")));
        return Ok(Redirect::to(&there).into_response());
    }
    // No ref name holds two dots in a row.
    let (from, to) = rest.split_once("...").ok_or_else(nothing)?;
    let (from, to) = (from.to_owned(), to.to_owned());
    let found = read(page.web, item, move |git| {
        let (from, to) = (git.split_address(&from)?, git.split_address(&to)?);
        if !from.path.is_empty() || !to.path.is_empty() {
            return Ok(None);
        }
        let compared = git.compare(&from.commit, &to.commit, MAX_COMMITS + 1)?;
        let diff = match &compared.base {
            Some(base) => Some(git.diff(Some(base), &to.commit, &DiffLimits::default())?),
            None => None,
        };
        Ok(Some((from, to, compared, diff)))
    });
    let (from, to, compared, diff) = found.await?.flatten().ok_or_else(nothing)?;
    let title = format!("{}...{} · {}", from.rev, to.rev, item.name());
    let shown = Arc::clone(item);
    let making = page.apart(&item.handle, move |page| {
        show(page, &shown, (&from, &to), &compared, diff.as_ref())
    });
    let main = making.await?;
    Ok(super::framed(page, item, Tab::Branches, &title, main))
}

fn show(
    page: &Page<'_>,
    item: &Shown,
    (from, to): (&Resolved, &Resolved),
    compared: &Comparison,
    diff: Option<&Diff>,
) -> Markup {
    let words = page.words;
    let label = |place: &Resolved| match place.name {
        Some(_) => plain(&place.rev),
        None => plain(short(&place.commit)),
    };
    let files = |path: &str| page.href(&address(item, "blob", &format!("{}/{path}", to.commit)));
    html! {
        h1 { (words.say_html("code-compare-title", [("base", label(from).into()), ("head", label(to).into())])) }
        p { (words.say_html("code-compare-text", [("head", label(to).into()), ("base", label(from).into())])) }
        (form(page, item, &from.rev, &to.rev))
        @match &compared.base {
            None => { p.notice { (words.say("code-compare-unrelated")) } }
            Some(base) => {
                p { (words.say("code-compare-base")) " " a href=(page.href(&address(item, "commit", base.as_str()))) { code { (short(base)) } } }
                @if compared.commits.is_empty() { p.notice { (words.say("code-compare-none")) } }
                @else {
                    section aria-labelledby="commits" {
                        h2 id="commits" { (words.say("code-compare-commits")) }
                        ol.commits { @for commit in compared.commits.iter().take(MAX_COMMITS) { li { (tree::commit_line(page, item, commit)) } } }
                        @if compared.commits.len() > MAX_COMMITS { p.quiet { (words.say_with("code-compare-more", [("count", MAX_COMMITS.into())])) } }
                    }
                }
            }
        }
        @if let Some(diff) = diff { (diff_view(diff, page.lang(), &files)) }
    }
}

/// Two boxes for names and a button.
pub(super) fn form(page: &Page<'_>, item: &Shown, from: &str, to: &str) -> Markup {
    let words = page.words;
    html! {
        form.compare action=(address(item, "compare", "")) method="get" {
            label { (words.say("code-compare-form-from")) " " input name="from" value=(from) required maxlength="300" autocapitalize="none" spellcheck="false"; }
            label { (words.say("code-compare-form-to")) " " input name="to" value=(to) required maxlength="300" autocapitalize="none" spellcheck="false"; }
            @if page.wanted.explicit { input type="hidden" name="lang" value=(page.lang().tag()); }
            button.button type="submit" { (words.say("code-compare-button")) }
        }
    }
}
