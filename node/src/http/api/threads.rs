//! `/api/v1/items/{item}/threads…`: what people say about an item.

use std::ops::ControlFlow;

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use commun_specs::{
    fold::Item, history::Proof, id::StatementId, name::Handle, statement::OpenState,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    core::Written,
    http::{
        admin::given,
        api::items,
        problem::Problem,
        talk::{Asked, At, Place, person, problem},
        text::rfc3339,
    },
    items::Words,
    talk::{Deed, Discussion, Entry, Kind, Speaker, short},
};

/// Entries of one answer.
const MAX_ENTRIES: usize = 500;

/// `GET …/threads`. Where `threads` is the slug of an item, that item.
pub async fn list(
    State(at): State<At>,
    Path(place): Path<Place>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let item = match item_or_named(&at, place, "threads", uri, headers).await? {
        ControlFlow::Continue(item) => item,
        ControlFlow::Break(named) => return Ok(named),
    };
    let asked = Asked::read(query.as_deref())?;
    let (total, page) = at.listed(&item, Kind::Thread, &asked).await?;
    let base = base(&at, &item, "threads");
    let threads = page.iter().map(|(found, _)| summary(found, &base));
    let value = json!({"total": total, "threads": threads.collect::<Vec<_>>()});
    Ok(super::json(StatusCode::OK, &value))
}

/// The item of a list's address; where the list's own word is the slug of an item (`/items/{handle}/threads`), what is
/// answered about that one.
pub(super) async fn item_or_named(
    at: &At,
    place: Place,
    list: &str,
    uri: Uri,
    headers: HeaderMap,
) -> Result<ControlFlow<Response, Item>, Problem> {
    match at.item(&place) {
        Ok(item) => Ok(ControlFlow::Continue(item)),
        Err(_) if place.slug.is_none() => {
            let path = Path((place.id, list.to_owned()));
            let named = items::below_or_name(State(at.web.clone()), path, uri, headers).await?;
            Ok(ControlFlow::Break(named))
        }
        Err(e) => Err(e),
    }
}

/// `GET …/threads/{id}`.
pub async fn one(
    State(at): State<At>,
    Path(place): Path<Place>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (item, id) = at.found(&place, Kind::Thread)?;
    let base = base(&at, &item, "threads");
    let from = Asked::read(query.as_deref())?.offset;
    let found = at.read(move |talk| talk.discussion(&id)).await?;
    let mut value = summary(&found, &base);
    with_entries(&mut value, &found, from);
    Ok(super::json(StatusCode::OK, &value))
}

/// `{"title", "text", "labels"?}`.
#[derive(Deserialize)]
pub struct Opening {
    title: String,
    text: String,
    #[serde(default)]
    labels: Vec<String>,
}

/// `POST …/threads`.
pub async fn open(
    State(at): State<At>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Opening>, JsonRejection>,
) -> Result<Response, Problem> {
    let by = person(&at, &headers)?;
    let item = at.item(&place)?;
    let Opening {
        title,
        text,
        labels,
    } = given(body)?;
    let written = at.app.talk.open(&by, &item, &title, &text, &labels).await;
    let written = written.map_err(problem)?;
    Ok(said(&written, &written.id))
}

/// `{"text", "reply_to"?}`.
#[derive(Deserialize)]
pub struct Comment {
    text: String,
    reply_to: Option<String>,
}

/// `POST …/threads/{id}/comments`.
pub async fn comment(
    at: State<At>,
    place: Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Comment>, JsonRejection>,
) -> Result<Response, Problem> {
    add_comment(at.0, place.0, headers, body, Kind::Thread).await
}

pub(super) async fn add_comment(
    at: At,
    place: Place,
    headers: HeaderMap,
    body: Result<Json<Comment>, JsonRejection>,
    kind: Kind,
) -> Result<Response, Problem> {
    let by = person(&at, &headers)?;
    let (item, root) = at.found(&place, kind)?;
    let Comment { text, reply_to } = given(body)?;
    let talk = &at.app.talk;
    let written = talk
        .comment(&by, &item, &root, &text, reply_to.as_deref())
        .await;
    Ok(said(&written.map_err(problem)?, &root))
}

/// `{"text", "title"?}`.
#[derive(Deserialize)]
pub struct Edit {
    text: String,
    title: Option<String>,
}

/// `PUT …/threads/{id}/comments/{comment}`.
pub async fn edit(
    at: State<At>,
    place: Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Edit>, JsonRejection>,
) -> Result<Response, Problem> {
    edit_comment(at.0, place.0, headers, body, Kind::Thread).await
}

pub(super) async fn edit_comment(
    at: At,
    place: Place,
    headers: HeaderMap,
    body: Result<Json<Edit>, JsonRejection>,
    kind: Kind,
) -> Result<Response, Problem> {
    let by = person(&at, &headers)?;
    let (item, root) = at.found(&place, kind)?;
    let Edit { text, title } = given(body)?;
    let comment = place.comment.unwrap_or_default();
    let talk = &at.app.talk;
    let written = talk.edit(&by, &item, &root, &comment, title.as_deref(), &text);
    Ok(said(&written.await.map_err(problem)?, &root))
}

/// `{"state"?, "labels"?}`.
#[derive(Deserialize)]
pub struct Change {
    state: Option<String>,
    labels: Option<Vec<String>>,
}

/// `POST …/threads/{id}/state`.
pub async fn state(
    at: State<At>,
    place: Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Change>, JsonRejection>,
) -> Result<Response, Problem> {
    set_state(at.0, place.0, headers, body, Kind::Thread).await
}

pub(super) async fn set_state(
    at: At,
    place: Place,
    headers: HeaderMap,
    body: Result<Json<Change>, JsonRejection>,
    kind: Kind,
) -> Result<Response, Problem> {
    let by = person(&at, &headers)?;
    let (item, root) = at.found(&place, kind)?;
    let Change { state, labels } = given(body)?;
    let state = match state.as_deref() {
        None => None,
        Some("open") => Some(OpenState::Open),
        Some("closed") => Some(OpenState::Closed),
        Some(_) => return Err(Problem::unprocessable("state: it is open or closed")),
    };
    if state.is_none() && labels.is_none() {
        return Err(Problem::unprocessable("give a state, or labels, or both"));
    }
    let talk = &at.app.talk;
    let written = talk.set_state(&by, &item, &root, state, labels.as_deref());
    Ok(said(&written.await.map_err(problem)?, &root))
}

/// `GET /api/v1/mentions?of=handle[/name]`. `before`: the `next` of the answer before.
pub async fn mentions(
    State(at): State<At>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let asked = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let of = asked("of");
    let of = of.ok_or_else(|| Problem::bad_request("say whom: of=handle or of=handle/name"))?;
    let (handle, person) = match of.split_once('/') {
        Some((handle, person)) => (handle.to_owned(), Some(person.to_owned())),
        None => (of, None),
    };
    let handle = Handle::new(&handle)
        .map_err(|_| Problem::bad_request("of: no institution has such a handle"))?;
    let before = asked("before").map(|before| before.parse::<u64>());
    let before = before
        .transpose()
        .map_err(|_| Problem::bad_request("before is the number in next of the answer before"))?;
    let part = at
        .read(move |talk| talk.mentions(&handle, person.as_deref(), before))
        .await?;
    let origin = at.web.hosts().main.clone();
    let mentions = part.found.iter().map(|m| {
        json!({
            "item": m.item, "thread": m.thread, "entry": m.entry, "by": speaker(&m.by), "time": rfc3339(m.time),
            "url": format!("{origin}/{}/{}/{}", m.item, m.list, short(&m.thread)),
        })
    });
    let value = json!({"mentions": mentions.collect::<Vec<_>>(), "next": part.next});
    Ok(super::json(StatusCode::OK, &value))
}

/// What a statement made, as an answer.
pub(super) fn said(written: &Written, root: &StatementId) -> Response {
    let value = json!({"id": written.id, "thread": root, "position": written.position});
    (StatusCode::CREATED, Json(value)).into_response()
}

/// The address of an item's threads or merge requests.
pub(super) fn base(at: &At, item: &Item, list: &str) -> String {
    let origin = &at.web.hosts().main;
    format!("{origin}/{}/{}/{list}", item.owner, item.slug)
}

pub(super) fn speaker(by: &Speaker) -> Value {
    json!({
        "institution": by.institution, "person": by.person, "name": by.name,
        "signed": if by.by_node { "node" } else { "person" },
    })
}

/// A thread without what was said.
pub(super) fn summary(found: &Discussion, base: &str) -> Value {
    json!({
        "id": found.id,
        "title": found.title,
        "state": found.state.as_str(),
        "labels": found.labels,
        "by": speaker(&found.by),
        "time": rfc3339(found.time),
        "updated": rfc3339(found.updated),
        "comments": found.comments,
        "url": format!("{base}/{}", short(&found.id)),
    })
}

/// Adds what was said, from an entry on.
pub(super) fn with_entries(value: &mut Value, found: &Discussion, from: usize) {
    let page = found.entries.iter().skip(from).take(MAX_ENTRIES);
    value["entries_total"] = found.entries.len().into();
    value["entries"] = page.map(entry).collect::<Vec<_>>().into();
}

fn entry(entry: &Entry) -> Value {
    let words = |words: Words| match words {
        Words::Here => "here",
        Words::Withheld => "withheld",
        Words::Erased => "erased",
    };
    let mut value = json!({"id": entry.id, "by": speaker(&entry.by), "time": rfc3339(entry.time)});
    if let Some(first) = entry.wordings.first() {
        value["words"] = words(first.words).into();
        if !first.text.is_empty() {
            value["text"] = first.text.as_str().into();
        }
    }
    if entry.wordings.len() > 1 {
        let all = entry.wordings.iter().map(|w| {
            json!({"id": w.id, "time": rfc3339(w.time), "words": words(w.words), "text": w.text})
        });
        value["concurrent"] = all.collect::<Vec<_>>().into();
    }
    match &entry.deed {
        Deed::Comment { reply_to, edited } => {
            value["kind"] = "comment".into();
            value["edited"] = (*edited).into();
            if let Some(to) = reply_to {
                value["reply_to"] = to.to_string().into();
            }
        }
        Deed::State { state, labels } => {
            value["kind"] = "state".into();
            if let Some(state) = state {
                value["state"] = state.as_str().into();
            }
            if let Some(labels) = labels {
                value["labels"] = labels.as_slice().into();
            }
        }
        Deed::Version { number, new, proof } => {
            value["kind"] = "version".into();
            value["number"] = (*number).into();
            value["new"] = new.as_str().into();
            if let Some(proof) = proof {
                value["certificate"] = proof.as_str().into();
            }
            if let Some(Proof::Certificate(certificate)) = proof {
                value["key"] = certificate.key.to_string().into();
            }
        }
        Deed::Review { verdict, of, stale } => {
            value["kind"] = "review".into();
            value["verdict"] = verdict.as_str().into();
            value["of"] = (*of).into();
            value["stale"] = (*stale).into();
        }
    }
    value
}
