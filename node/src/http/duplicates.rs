//! `/api/v1/duplicates`: pairs of items that may be the same, and what librarians decide about them.

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_specs::{duplicates::Kind, name::Role};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Web, admin::given, auth, corrections, problem::Problem, talk::At};
use crate::{
    app::App,
    core::rfc3339,
    duplicates::{self, DecideError},
    quality::{Brief, Error, Pair},
};

/// Pairs of one answer: as many as are asked for, at most so many.
const PAGE: u64 = 50;
const MAX_PAGE: u64 = 1_000;

/// The routes.
pub fn routes(web: Web, app: App) -> Router {
    Router::new()
        .route("/api/v1/duplicates", get(list))
        .route("/api/v1/duplicates/{pair}/accept", post(accept))
        .route("/api/v1/duplicates/{pair}/refuse", post(refuse))
        .with_state(At { web, app })
}

/// Which pairs.
#[derive(Deserialize)]
struct Asked {
    institution: Option<String>,
    state: Option<String>,
    limit: Option<u64>,
    offset: Option<u64>,
}

/// `GET /api/v1/duplicates`.
async fn list(
    State(at): State<At>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let state = asked.state.as_deref().unwrap_or("open").to_owned();
    if state == "refused" {
        // Who refused what is this institution's own note.
        let person = auth::person(&at.app, &headers)?;
        if !person.may(&[Role::Librarian]) {
            return Err(Problem::forbidden(
                "what was refused is shown to the librarians of this institution",
            ));
        }
    }
    let app = at.app.clone();
    let answer = move || -> Result<Value, Problem> {
        let book = app.quality.book();
        let of = asked.institution.as_deref();
        let limit = asked.limit.unwrap_or(PAGE).min(MAX_PAGE);
        let offset = asked.offset.unwrap_or(0).min(i64::MAX as u64);
        let found = match state.as_str() {
            "open" => book.open_pairs(of, limit, offset),
            "accepted" => book.accepted_pairs(of, limit, offset),
            "refused" => book.refused_pairs(of, limit, offset),
            _ => {
                return Err(Problem::bad_request(
                    "state: one of open, accepted, refused",
                ));
            }
        };
        let (total, pairs) = found.map_err(|e| Problem::internal(&Error::from(e)))?;
        drop(book);
        let shown = |pair: &&Pair| pair.items.iter().all(|item| app.quality.shows(item));
        let pairs = pairs.iter().filter(shown);
        let pairs: Vec<Value> = pairs.map(|pair| told(&app, pair, &state)).collect();
        Ok(json!({"total": total, "state": state, "duplicates": pairs}))
    };
    Ok(Json(at.web.ask(move |_| answer()).await?).into_response())
}

fn brief(item: &Brief) -> Value {
    json!({"id": item.id, "name": item.name, "title": item.title, "institution": item.owner})
}

fn told(app: &App, pair: &Pair, state: &str) -> Value {
    let mut value = json!({
        "id": pair.id,
        "state": state,
        "items": pair.items.iter().map(brief).collect::<Vec<_>>(),
    });
    if let Some(likeness) = &pair.likeness {
        value["kind"] = likeness.kind.as_str().into();
        value["rules"] = likeness.rules.iter().map(|rule| rule.as_str()).collect();
        value["score"] = likeness.score.into();
        value["identifiers"] = likeness.identifiers.clone().into();
    }
    if let Some(stated) = &pair.stated {
        value["kind"] = stated.as_str().into();
    }
    if let Some(refusal) = &pair.refused {
        let me = &app.core.identity().handle;
        value["refused"] = json!({
            "by": app.core.name_of(Some(&refusal.person), me),
            "time": rfc3339(refusal.time),
            "reason": refusal.reason,
        });
    }
    value
}

/// How a pair is accepted.
#[derive(Default, Deserialize)]
struct Accept {
    item: Option<String>,
    r#as: Option<String>,
}

/// `POST /api/v1/duplicates/{pair}/accept`.
async fn accept(
    State(at): State<At>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Accept>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&at.app, &headers)?;
    let body = given(body)?;
    let kind = match body.r#as.as_deref() {
        None => None,
        Some("same") => Some(Kind::Same),
        Some("translation") => Some(Kind::Translation),
        Some(_) => return Err(Problem::unprocessable("as: same or translation")),
    };
    let app = at.app.clone();
    // On a task of its own: a reader who leaves now must not stop a statement half-way.
    let deciding = tokio::spawn(async move {
        let pair = duplicates::pair(&app.core, &app.quality, &person, &name)?;
        let (quality, corrections) = (&app.quality, &app.corrections);
        let item = body.item.as_deref();
        let done = duplicates::accept(&app.core, quality, corrections, &person, &pair, item, kind);
        let (kind, done) = done.await?;
        Ok::<_, DecideError>((told(&app, &pair, "accepted"), kind, done))
    });
    let (mut value, kind, done) = deciding
        .await
        .map_err(|e| Problem::internal(&e))?
        .map_err(problem)?;
    value["kind"] = kind.as_str().into();
    value["item"] = json!({"id": done.item, "name": done.name});
    value["version"] = json!(done.version);
    value["position"] = json!(done.position);
    Ok((StatusCode::CREATED, Json(value)).into_response())
}

/// Why a pair is refused.
#[derive(Default, Deserialize)]
struct Refuse {
    #[serde(default)]
    reason: String,
}

/// `POST /api/v1/duplicates/{pair}/refuse`.
async fn refuse(
    State(at): State<At>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Refuse>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&at.app, &headers)?;
    let body = given(body)?;
    let app = at.app.clone();
    let answer = move || {
        let mut pair =
            duplicates::pair(&app.core, &app.quality, &person, &name).map_err(problem)?;
        let refusal = duplicates::refuse(&app.quality, &pair, &person, &body.reason);
        pair.refused = Some(refusal.map_err(problem)?);
        Ok(told(&app, &pair, "refused"))
    };
    Ok(Json(at.web.ask(move |_| answer()).await?).into_response())
}

fn problem(e: DecideError) -> Problem {
    match e {
        DecideError::NoSuchPair => Problem::not_found(e.to_string()),
        DecideError::Several => Problem::conflict(e.to_string()),
        DecideError::NotAllowed(why) => Problem::forbidden(why),
        DecideError::Invalid(why) => Problem::unprocessable(why),
        DecideError::Correct(e) => corrections::problem(e),
        DecideError::Quality(e) => Problem::internal(&e),
    }
}
