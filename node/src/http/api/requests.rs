//! `/api/v1/items/{item}/merge-requests…`: merge requests, their reviews, and merging.

use std::ops::ControlFlow;

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use commun_forge::git::Oid;
use commun_specs::{fold::Item, statement::OpenState};
use serde::Deserialize;
use serde_json::{Value, json};

use super::threads::{
    Change, Comment, Edit, add_comment, base, edit_comment, item_or_named, said, set_state,
    summary, with_entries,
};
use crate::{
    app::App,
    http::{
        admin::given,
        lang::Wanted,
        problem::Problem,
        talk::{Asked, At, Place, person, problem},
    },
    talk::{Discussion, Kind, short},
};

/// Commits that are listed; the ref has all.
const MAX_COMMITS: usize = 100;

/// `GET …/merge-requests`. Where `merge-requests` is the slug of an item, that item.
pub async fn list(
    State(at): State<At>,
    Path(place): Path<Place>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let item = match item_or_named(&at, place, "merge-requests", uri, headers).await? {
        ControlFlow::Continue(item) => item,
        ControlFlow::Break(named) => return Ok(named),
    };
    let asked = Asked::read(query.as_deref())?;
    let (total, page) = at.listed(&item, Kind::Request, &asked).await?;
    let base = base(&at, &item, "merge-requests");
    let requests = page
        .iter()
        .map(|(found, merged)| document(found, &base, *merged));
    let value = json!({"total": total, "merge_requests": requests.collect::<Vec<_>>()});
    Ok(super::json(StatusCode::OK, &value))
}

/// `GET …/merge-requests/{id}`.
pub async fn one(
    State(at): State<At>,
    Path(place): Path<Place>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (item, id) = at.found(&place, Kind::Request)?;
    let from = Asked::read(query.as_deref())?.offset;
    let found = at.read(move |talk| talk.discussion(&id)).await?;
    let git = in_git(&at.app, &item, &found).await?;
    let mut value = document(&found, &base(&at, &item, "merge-requests"), git.merged);
    value["text"] = found.text.as_str().into();
    value["local"] = git.local.into();
    value["base"] = git.base.map(|oid| oid.to_string()).into();
    value["waiting"] = git.waiting.into();
    value["commits_total"] = git.commits_total.into();
    value["commits"] = git
        .commits
        .iter()
        .map(|c| json!({"oid": c.oid.as_str(), "author": c.author, "time": c.time, "subject": c.subject}))
        .collect::<Vec<_>>()
        .into();
    with_entries(&mut value, &found, from);
    Ok(super::json(StatusCode::OK, &value))
}

/// What Git says of a request.
#[derive(Debug, Default)]
pub(in crate::http) struct InGit {
    /// Whether the branch contains it.
    pub(in crate::http) merged: bool,
    /// Whether its commits are here.
    pub(in crate::http) local: bool,
    /// The commit that both have: of a merged request, the one before it was merged is not known any more.
    pub(in crate::http) base: Option<Oid>,
    /// What it brings, newest first.
    pub(in crate::http) commits: Vec<commun_forge::git::CommitLine>,
    /// How many in all.
    pub(in crate::http) commits_total: u64,
    /// Institutions that state a merge of it that waits.
    pub(in crate::http) waiting: Vec<String>,
}

/// Looks a request up in Git.
pub(in crate::http) async fn in_git(
    app: &App,
    item: &Item,
    found: &Discussion,
) -> Result<InGit, Problem> {
    let mut git = InGit::default();
    let Some(asked) = &found.asked else {
        return Ok(git);
    };
    let new = &asked.current.new;
    git.merged = app
        .talk
        .is_merged(item, &asked.target, new)
        .await
        .map_err(problem)?;
    let (Ok(repository), Ok(new)) = (app.repos.get(&item.id.to_string()), Oid::parse(new)) else {
        return Ok(git);
    };
    let failed = |e: commun_forge::git::Error| Problem::internal(&e);
    git.local = repository
        .holds(std::slice::from_ref(&new))
        .await
        .map_err(failed)?
        == [true];
    let served = item
        .refs
        .get(&asked.target)
        .and_then(|r| r.served.as_deref());
    let Some(served) = served.and_then(|s| Oid::parse(s).ok()) else {
        return Ok(git);
    };
    if !git.local
        || repository
            .holds(std::slice::from_ref(&served))
            .await
            .map_err(failed)?
            != [true]
    {
        return Ok(git);
    }
    if git.merged {
        return Ok(git);
    }
    git.base = repository.merge_base(&served, &new).await.map_err(failed)?;
    let beyond = repository.commits_beyond(&new, std::slice::from_ref(&served), MAX_COMMITS);
    (git.commits, git.commits_total) = beyond.await.map_err(failed)?;
    git.waiting = app
        .talk
        .waiting_for(item, &asked.target, &new)
        .await
        .map_err(problem)?;
    Ok(git)
}

fn document(found: &Discussion, base: &str, merged: bool) -> Value {
    let mut value = summary(found, base);
    value["state"] = match (merged, found.state) {
        (true, _) => "merged",
        (false, OpenState::Open) => "open",
        (false, OpenState::Closed) => "closed",
    }
    .into();
    if let Some(asked) = &found.asked {
        value["target"] = asked.target.as_str().into();
        value["topic"] = asked.topic.as_deref().into();
        value["new"] = asked.current.new.as_str().into();
        value["version"] = asked.current.number.into();
        value["versions"] = asked
            .versions
            .iter()
            .map(|v| json!({"number": v.number, "id": v.id, "new": v.new}))
            .collect::<Vec<_>>()
            .into();
        value["ref"] = format!("refs/merge-requests/{}/head", short(&found.id)).into();
        value["approvals"] = asked.approvals.len().into();
        value["rejections"] = asked.rejections.len().into();
    }
    value
}

/// `POST …/merge-requests/{id}/comments`.
pub async fn comment(
    at: State<At>,
    place: Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Comment>, JsonRejection>,
) -> Result<Response, Problem> {
    add_comment(at.0, place.0, headers, body, Kind::Request).await
}

/// `PUT …/merge-requests/{id}/comments/{comment}`.
pub async fn edit(
    at: State<At>,
    place: Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Edit>, JsonRejection>,
) -> Result<Response, Problem> {
    edit_comment(at.0, place.0, headers, body, Kind::Request).await
}

/// `POST …/merge-requests/{id}/state`.
pub async fn state(
    at: State<At>,
    place: Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Change>, JsonRejection>,
) -> Result<Response, Problem> {
    set_state(at.0, place.0, headers, body, Kind::Request).await
}

/// `{"verdict", "text"?, "new"?}`. `new`: the commit of the version that was looked at; without it, whatever is newest.
#[derive(Deserialize)]
pub struct Review {
    verdict: String,
    #[serde(default)]
    text: String,
    new: Option<String>,
}

/// `POST …/merge-requests/{id}/reviews`.
pub async fn review(
    State(at): State<At>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Review>, JsonRejection>,
) -> Result<Response, Problem> {
    let by = person(&at, &headers)?;
    let (item, root) = at.found(&place, Kind::Request)?;
    let Review { verdict, text, new } = given(body)?;
    let talk = &at.app.talk;
    let written = talk.review(&by, &item, &root, &verdict, &text, new.as_deref());
    Ok(said(&written.await.map_err(problem)?, &root))
}

/// `{"fast_forward"?, "new"?}`. `new`: as of a review.
#[derive(Deserialize)]
pub struct Merge {
    #[serde(default = "yes")]
    fast_forward: bool,
    new: Option<String>,
}

fn yes() -> bool {
    true
}

/// `POST …/merge-requests/{id}/merge`.
pub async fn merge(
    State(at): State<At>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Merge>, JsonRejection>,
) -> Result<Response, Problem> {
    let by = person(&at, &headers)?;
    let (item, root) = at.found(&place, Kind::Request)?;
    let lang = Wanted::read(None, &headers).terminal();
    // Who may not push is told before anything is made.
    let pushes = &at.app.pushes;
    pushes
        .may(&item, &by)
        .map_err(|denied| Problem::forbidden(denied.text(lang)))?;
    let Merge { fast_forward, new } = given(body)?;
    let talk = &at.app.talk;
    let seen = new.as_deref();
    let done = talk.merge(pushes, &by, &item, &root, fast_forward, seen, lang);
    let done = done.await.map_err(problem)?;
    let message = Some(done.said.trim().to_owned()).filter(|m| !m.is_empty());
    let value = json!({
        "commit": done.commit, "outcome": done.outcome.as_str(), "target": done.target, "message": message,
    });
    Ok(super::json(StatusCode::OK, &value))
}
