//! Taking down over the API: withdrawals, erasures, reports, and what this node alone hides.

use std::collections::BTreeSet;

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_specs::{
    fold::Item,
    id::{ContentHash, StatementId},
    name::Role,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    admin::{self, given},
    auth,
    place::{Place, any_item},
    problem::Problem,
    text::rfc3339,
};
use crate::{
    app::App,
    core::{Person, Written},
    store::{Closing, Hiding},
    takedown::{self, NewErasure, NewHiding, NewReport, NewWithdrawal, Report, TakedownError},
};

/// Most items that are named beside what was taken down: people go through them.
const MAX_NAMES: usize = 100;

/// The routes of this page.
pub fn routes(app: App) -> Router {
    let mut routes = Router::new()
        .route("/api/v1/hidden", get(hidden))
        .route("/api/v1/hidden/unblock", post(unblock))
        .route("/api/v1/reports", get(reports))
        .route("/api/v1/reports/{one}/close", post(close));
    for item in ["/api/v1/items/{id}", "/api/v1/items/{id}/{slug}"] {
        let at = |below: &str| format!("{item}/{below}");
        routes = routes
            .route(&at("withdraw"), post(withdraw))
            .route(&at("erase"), post(erase))
            .route(&at("hide"), post(hide))
            .route(&at("unhide"), post(unhide))
            .route(&at("reports"), post(report));
    }
    routes.with_state(app)
}

/// The problem that an item is hidden here: 451, with the reason.
pub(super) fn hidden_problem(hiding: &Hiding) -> Problem {
    Problem::new(
        StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS,
        format!("this institution hides the item: {}", hiding.reason),
    )
}

pub(super) fn problem(error: &TakedownError) -> Problem {
    match error {
        TakedownError::NotAllowed(why) => Problem::forbidden(why),
        TakedownError::Invalid(field, what) => {
            Problem::unprocessable(error.to_string()).with_error(*field, what, "")
        }
        TakedownError::Nothing(why) => Problem::not_found(why),
        TakedownError::Already(why) => Problem::conflict(why),
        TakedownError::Write(e) => admin::write_problem(e),
        TakedownError::Failed(_) => Problem::internal(error),
    }
}

fn stated(item: &Item, written: &Written) -> Value {
    json!({
        "item": {"id": item.id, "name": format!("{}/{}", item.owner, item.slug)},
        "statement": written.id,
        "position": written.position,
    })
}

async fn withdraw(
    State(app): State<App>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<NewWithdrawal>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let item = any_item(&app, &place)?;
    let written = takedown::withdraw(&app.core, &person, &item, given(body)?)
        .await
        .map_err(|e| problem(&e))?;
    Ok((StatusCode::CREATED, Json(stated(&item, &written))).into_response())
}

async fn erase(
    State(app): State<App>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<NewErasure>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let item = any_item(&app, &place)?;
    let erased = takedown::erase(&app.core, &app.blobs, &person, &item, given(body)?)
        .await
        .map_err(|e| problem(&e))?;
    let mut answer = stated(&item, &erased.written);
    answer["erased"] = erased.statements.into();
    name_others(&app, &mut answer, &erased.elsewhere);
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn report(
    State(app): State<App>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<NewReport>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let item = any_item(&app, &place)?;
    let written = takedown::report(&app.core, &person, &item, given(body)?)
        .await
        .map_err(|e| problem(&e))?;
    Ok((StatusCode::CREATED, Json(stated(&item, &written))).into_response())
}

async fn reports(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let all = {
        let app = app.clone();
        tokio::task::spawn_blocking(move || takedown::reports(&app.core, &person))
            .await
            .map_err(|e| Problem::internal(&e))?
            .map_err(|e| problem(&e))?
    };
    let all: Vec<Value> = all.iter().map(|r| report_document(&app, r)).collect();
    Ok(Json(json!({ "reports": all })).into_response())
}

/// Names other items that hold some of the same content, as many as people would go through, and counts all.
fn name_others(app: &App, answer: &mut Value, items: &BTreeSet<StatementId>) {
    let state = app.core.state();
    let found = items.iter().filter_map(|i| state.catalogue().item(i));
    let names: Vec<String> = found
        .take(MAX_NAMES)
        .map(|i| format!("{}/{}", i.owner, i.slug))
        .collect();
    answer["elsewhere"] = names.into();
    answer["elsewhere_count"] = items.len().into();
}

fn report_document(app: &App, report: &Report) -> Value {
    json!({
        "id": report.id,
        "item": {"id": report.item.id, "name": report.item.name, "title": report.item.title},
        "owner": report.owner,
        "of": report.of,
        "code": report.code,
        "text": report.text,
        "institution": report.institution,
        "by": report.by,
        "time": rfc3339(report.time),
        "closed": report.closed.as_ref().map(|closed| json!({
            "by": person_name(app, &closed.person),
            "note": closed.note,
            "time": rfc3339(closed.since),
        })),
    })
}

fn person_name(app: &App, id: &StatementId) -> Option<String> {
    app.core.name_of(Some(id), &app.core.identity().handle)
}

/// `{"note"?}`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    #[serde(default)]
    note: String,
}

async fn close(
    State(app): State<App>,
    Path(one): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Note>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let note = given(body)?.note;
    let all = takedown::reports(&app.core, &person).map_err(|e| problem(&e))?;
    let fits = |r: &&Report| one.len() >= 8 && r.id.to_string().starts_with(&one);
    let ids: Vec<StatementId> = all.iter().filter(fits).map(|r| r.id).collect();
    let [id] = ids[..] else {
        return Err(Problem::not_found(
            "name a report by its id, or by enough of its beginning",
        ));
    };
    takedown::close(&app.core, &person, &id, &note)
        .await
        .map_err(|e| problem(&e))?;
    let closed = Closing {
        person: person.id,
        note,
        since: crate::core::now(),
    };
    let found = all.into_iter().find(|r| r.id == id);
    let answer = found.map(|report| {
        report_document(
            &app,
            &Report {
                closed: Some(closed),
                ..report
            },
        )
    });
    Ok(Json(answer).into_response())
}

async fn hide(
    State(app): State<App>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<NewHiding>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let item = any_item(&app, &place)?;
    let (hiding, elsewhere) = takedown::hide(&app.core, &app.blobs, &person, &item, given(body)?)
        .await
        .map_err(|e| problem(&e))?;
    let mut answer = hidden_document(&app, &item.id, &hiding);
    name_others(&app, &mut answer, &elsewhere);
    Ok(Json(answer).into_response())
}

async fn unhide(
    State(app): State<App>,
    Path(place): Path<Place>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let item = any_item(&app, &place)?;
    // On a task of its own: who leaves must not stop it half-way.
    let (here, one) = (app.clone(), item.clone());
    let work = async move { takedown::unhide(&here.core, &here.blobs, &person, &one).await };
    let was = tokio::spawn(work)
        .await
        .map_err(|e| Problem::internal(&e))?
        .map_err(|e| problem(&e))?;
    if !was {
        return Err(Problem::not_found("the item is not hidden on this node"));
    }
    let name = format!("{}/{}", item.owner, item.slug);
    Ok(Json(json!({"id": item.id, "name": name, "hidden": false})).into_response())
}

fn hidden_document(app: &App, item: &StatementId, hiding: &Hiding) -> Value {
    let name = {
        let state = app.core.state();
        let found = state.catalogue().item(item);
        found.map(|i| format!("{}/{}", i.owner, i.slug))
    };
    json!({
        "id": item,
        "name": name,
        "hidden": true,
        "reason": hiding.reason,
        "quarantine": hiding.quarantine,
        "by": person_name(app, &hiding.person),
        "since": rfc3339(hiding.since),
    })
}

fn librarian(app: &App, headers: &HeaderMap) -> Result<Person, Problem> {
    let person = auth::person(app, headers)?;
    if person.may(&[Role::Librarian]) {
        Ok(person)
    } else {
        Err(Problem::forbidden(
            "this is shown to librarians and admins of this institution",
        ))
    }
}

async fn hidden(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    librarian(&app, &headers)?;
    let items: Vec<Value> = app
        .core
        .hidden()
        .iter()
        .map(|(item, hiding)| hidden_document(&app, item, hiding))
        .collect();
    let blocks = app
        .core
        .blocks()
        .into_iter()
        .map(|(cause, (block, files))| {
            json!({
                "cause": cause,
                "why": if block.erased { "erased" } else { "hidden" },
                "files": files,
                "since": rfc3339(block.since),
            })
        });
    let answer = json!({"items": items, "content": blocks.collect::<Vec<_>>()});
    Ok(Json(answer).into_response())
}

/// `{"blake3"}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    blake3: String,
}

async fn unblock(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<Content>, JsonRejection>,
) -> Result<Response, Problem> {
    auth::admin(&app, &headers)?;
    let content: ContentHash = given(body)?
        .blake3
        .parse()
        .map_err(|_| Problem::unprocessable("blake3: the hash of a file, in hexadecimal"))?;
    let work = async move { takedown::unblock(&app.core, &app.blobs, content).await };
    let was = tokio::spawn(work)
        .await
        .map_err(|e| Problem::internal(&e))?
        .map_err(|e| Problem::internal(&e))?;
    if !was {
        return Err(Problem::not_found(
            "no content of this hash is kept from coming back",
        ));
    }
    Ok(Json(json!({"blake3": content.to_string(), "blocked": false})).into_response())
}
