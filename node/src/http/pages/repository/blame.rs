//! Who wrote which line of a file.

use std::collections::HashMap;

use axum::response::Response;
use commun_forge::{
    git::{Blamed, Commit, EntryKind, Error, Oid},
    highlight,
};
use maud::{Markup, html};

use super::super::Page;
use super::{
    moved,
    nav::Tab,
    nothing,
    place::{At, switch, trail},
    read, tree,
};
use crate::http::{
    problem::Problem,
    text::{day, plain, visible},
};

/// Largest file that is shown so, in bytes.
const MAX_SHOWN: u64 = 512 << 10;

/// `GET …/blame/REF/PATH`.
pub(super) async fn page(page: &Page<'_>, at: At<'_>) -> Result<Response, Problem> {
    let resolved = at.resolved.clone();
    let found = read(page.web, at.item, move |git| {
        if git.entry(&resolved.commit, &resolved.path)? == EntryKind::Folder {
            return Ok(None);
        }
        git.blob(Some(resolved.commit.as_str()), &resolved.path, MAX_SHOWN)
            .map(Some)
    });
    let rest = format!("{}/{}", at.resolved.rev, at.path());
    let Some(blob) = found.await?.ok_or_else(nothing)? else {
        return Ok(moved(page, at.item, "tree", &rest));
    };
    if !blob.complete || blob.bytes.contains(&0) {
        return Ok(moved(page, at.item, "blob", &rest));
    }
    let text = String::from_utf8_lossy(&blob.bytes).into_owned();
    let id = at.item.id;
    let repository = page.web.ask(move |site| Ok(site.repository(&id)?)).await?;
    let repository = repository.ok_or_else(nothing)?;
    let main = match repository.blame(&at.resolved.commit, at.path()).await {
        Ok(parts) => {
            let wanted = parts.clone();
            let commits = read(page.web, at.item, move |git| {
                let mut commits = HashMap::new();
                for part in wanted.iter() {
                    if !commits.contains_key(&part.commit) {
                        commits.insert(part.commit.clone(), git.commit(&part.commit)?);
                    }
                }
                Ok(commits)
            });
            let commits = commits.await?.ok_or_else(nothing)?;
            at.apart(page, move |page, at| {
                lines(page, at, &text, &parts, &commits)
            })
            .await?
        }
        Err(Error::Limit(_)) => {
            html! { p.notice { (page.words.say("code-blame-too-long")) } }
        }
        Err(error) => return Err(Problem::internal(&error)),
    };
    let words = page.words;
    let main = html! {
        div.toolbar {
            (switch(page, at, "blame"))
            a href=(at.href(page, "blob", at.path())) { (words.say("code-file-source")) }
            a href=(at.href(page, "commits", at.path())) { (words.say("code-file-history")) }
        }
        (trail(page, at))
        p.quiet { (words.say("code-blame-help")) }
        (main)
    };
    let title = format!("{} · {}", words.say("code-blame-title"), at.title());
    Ok(super::framed(page, at.item, Tab::Code, &title, main))
}

fn lines(
    page: &Page<'_>,
    at: At<'_>,
    text: &str,
    parts: &[Blamed],
    commits: &HashMap<Oid, Commit>,
) -> Markup {
    let words = page.words;
    let lines = highlight::lines(highlight::language(at.path(), text), text);
    html! {
        div.scroll.code-frame tabindex="0" role="region" aria-label=(words.say_with("code-blame-lines-of", [("file", visible(at.path()).into())])) {
            table.code.blame {
                thead.hidden { tr { th scope="col" { (words.say("code-blame-changed-in")) } th scope="col" { (words.say("code-blame-line")) } th scope="col" { (words.say("code-file-source")) } } }
                @for part in parts {
                    @let end = (part.line - 1 + part.lines).min(lines.len());
                    @let begin = part.line.saturating_sub(1).min(end);
                    tbody { @for (n, line) in lines[begin..end].iter().enumerate() {
                        @let number = begin + n + 1;
                        tr id={ "L" (number) } {
                            @if n == 0 { td.who rowspan=(end - begin) { (who(page, at, commits.get(&part.commit))) } }
                            td.n { a href={ "#L" (number) } tabindex="-1" { (number) } }
                            td.l { (super::file::coloured(line)) }
                        }
                    } }
                }
            }
        }
    }
}

fn who(page: &Page<'_>, at: At<'_>, commit: Option<&Commit>) -> Markup {
    html! {
        @if let Some(commit) = commit {
            a href=(tree::commit_href(page, at.item, commit)) { (plain(&commit.summary)) }
            span.quiet { (plain(&commit.author)) ", " (day(page.lang(), u64::try_from(commit.time).unwrap_or(0))) }
        }
    }
}
