//! The pages of merge requests: the list, and one with its commits, its difference, its reviews and what was said.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use commun_forge::git::{BrowseError, Diff, DiffLimits, Oid};
use commun_specs::statement::OpenState;
use maud::{Markup, html};

use super::{
    Page, encode_path,
    repository::{Tab, diff::diff_view},
    threads::{Below, command, entries, facts, framed, listing, speaker, state_word, text},
    wanted,
};
use crate::{
    http::{
        api::requests::{InGit, in_git},
        item_of, name,
        problem::Problem,
        talk::{Asked, At, Shown as Which},
        text::{plain, visible},
    },
    items::Shown,
    talk::{Discussion, Kind, Speaker, short},
};

/// `GET /{handle}/{slug}/merge-requests`.
pub(in crate::http) async fn list(
    State(at): State<At>,
    Path(below): Path<Below>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let which = name(&below.handle, &below.slug)?;
    let (item, shown) = (item_of(&at.app, &which)?, at.web.item(which).await?);
    let asked = Asked::read(uri.query())?;
    let (total, lines) = at.listed(&item, Kind::Request, &asked).await?;
    let page = Page::new(&at.web, &wanted, &uri);
    let words = page.words;
    let states = [Which::Open, Which::Closed, Which::Merged, Which::All];
    let branch = shown
        .repository
        .as_ref()
        .map_or("main", |r| &r.default_branch);
    let main = html! {
        h1 { (words.say("talk-requests")) }
        (listing(&page, &shown, "merge-requests", &asked, &states, total, &lines))
        (command(words.say("talk-write-request"), &format!("git push origin HEAD:refs/for/{branch}/TOPIC")))
    };
    Ok(framed(
        &page,
        &shown,
        Tab::Requests,
        words.say("talk-requests"),
        main,
    ))
}

/// `GET /{handle}/{slug}/merge-requests/{id}`.
pub(in crate::http) async fn one(
    State(at): State<At>,
    Path(below): Path<Below>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let which = name(&below.handle, &below.slug)?;
    let (item, shown) = (item_of(&at.app, &which)?, at.web.item(which).await?);
    let (id, of) = (below.one.unwrap_or_default(), item.clone());
    let found = at
        .read(move |talk| {
            let id = talk.find(&of, Kind::Request, &id)?;
            talk.discussion(&id)
        })
        .await?;
    let git = in_git(&at.app, &item, &found).await?;
    let page = Page::new(&at.web, &wanted, &uri);
    let diff = difference(&at, &shown, &found, &git).await?;
    let from = Asked::read(uri.query())?.offset;
    let title = visible(&found.title);
    let shown: Arc<Shown> = shown.into();
    let of = Arc::clone(&shown);
    let making = page.apart(&shown.handle, move |page| {
        show(page, &of, &found, &git, diff.as_ref(), from)
    });
    let main = making.await?;
    Ok(framed(&page, &shown, Tab::Requests, &title, main))
}

/// What the request changes beside what both sides have; nothing once it is merged, or where its commits are not here.
async fn difference(
    at: &At,
    item: &Shown,
    found: &Discussion,
    git: &InGit,
) -> Result<Option<Diff>, Problem> {
    let (Some(base), Some(asked)) = (git.base.clone(), &found.asked) else {
        return Ok(None);
    };
    let Ok(new) = Oid::parse(&asked.current.new) else {
        return Ok(None);
    };
    let (id, to) = (item.id, new.clone());
    let diff = at.web.ask(move |site| match site.repository(&id)? {
        Some(repository) => match repository.browse() {
            Ok(git) => Ok(Some(git.diff(Some(&base), &to, &DiffLimits::default())?)),
            // What libgit2 cannot read (SHA-256) is looked at in a clone.
            Err(BrowseError::Unreadable) => Ok(None),
            Err(e) => Err(e.into()),
        },
        None => Ok(None),
    });
    diff.await
}

fn show(
    page: &Page<'_>,
    item: &Shown,
    found: &Discussion,
    git: &InGit,
    diff: Option<&Diff>,
    from: usize,
) -> Markup {
    let words = page.words;
    let Some(asked) = &found.asked else {
        return html! {};
    };
    let id = short(&found.id);
    let branch = asked
        .target
        .strip_prefix("refs/heads/")
        .unwrap_or(&asked.target);
    let into = words.say_html("talk-request-into", [("branch", plain(branch).into())]);
    let base = format!("/{}/merge-requests/{id}", item.name());
    let files = |path: &str| {
        let path = encode_path(path);
        page.href(&format!(
            "/{}/blob/{}/{path}",
            item.name(),
            asked.current.new
        ))
    };
    let commit = |oid: &str| page.href(&format!("/{}/commit/{oid}", item.name()));
    let fetch = format!(
        "git fetch {}/{}.git refs/merge-requests/{id}/head\ngit checkout FETCH_HEAD",
        page.web.hosts().main,
        item.name()
    );
    let review = format!(
        "commun merge-request approve {} {id} --version {}\ncommun merge-request merge {} {id} --version {}",
        item.name(),
        asked.current.number,
        item.name(),
        asked.current.number
    );
    let answer = format!(
        "commun merge-request comment {} {id} --text TEXT",
        item.name()
    );
    html! {
        h1 { (plain(&found.title)) }
        (facts(page, found, state_word(words, found.state, git.merged)))
        p.facts {
            span { (into) }
            @if let Some(topic) = &asked.topic { " " span { (words.say_html("talk-request-topic", [("topic", plain(topic).into())])) } }
            " " span { a href=(commit(&asked.current.new)) { code { (visible(&asked.current.new.chars().take(12).collect::<String>())) } } }
        }
        @if git.merged { p.notice { (words.say("talk-merged-note")) } }
        @else if found.state == OpenState::Closed { p.notice { (words.say("talk-closed-note")) } }
        @if !git.local { p.notice { (words.say("talk-request-here")) } }
        @for handle in &git.waiting { p.notice { (words.say_html("talk-waiting", [("institution", plain(handle).into())])) } }
        @if !found.text.is_empty() { div.prose dir="auto" { (text(&found.text)) } }
        @if !asked.approvals.is_empty() || !asked.rejections.is_empty() {
            section aria-labelledby="reviews" {
                h2 id="reviews" { (words.say("talk-request-reviews")) }
                ul.plainlist {
                    (verdicts(words.say("talk-approves"), &asked.approvals))
                    (verdicts(words.say("talk-rejects"), &asked.rejections))
                }
            }
        }
        @if !git.commits.is_empty() {
            section aria-labelledby="commits" {
                h2 id="commits" { (words.say("talk-request-commits")) }
                ol.commits { @for c in &git.commits {
                    li { a href=(commit(c.oid.as_str())) { (plain(&c.subject)) } " " span.quiet { (plain(&c.author)) } }
                } }
                @if git.commits_total > git.commits.len() as u64 { p.quiet { (words.say_with("talk-request-commits-more", [("count", git.commits_total.into())])) } }
            }
        }
        section aria-labelledby="talk" {
            h2 id="talk" { (words.say("talk-threads")) }
            (entries(page, found, &base, from))
            (command(words.say("talk-write-comment"), &answer))
            (command(words.say("talk-write-review"), &review))
            (command(words.say("talk-request-fetch"), &fetch))
        }
        @if let Some(diff) = diff {
            section aria-labelledby="changes" { h2 id="changes" { (words.say("talk-request-diff")) } (diff_view(diff, page.lang(), &files)) }
        }
    }
}

fn verdicts(word: &str, people: &[Speaker]) -> Markup {
    html! { @for by in people { li { (speaker(by)) " " strong { (word) } } } }
}
