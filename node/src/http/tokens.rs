//! Access tokens over the API: made, listed, revoked.

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_specs::{id::StatementId, name::Role};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{admin::given, auth, problem::Problem};
use crate::{
    app::App,
    core::{Scopes, TokenInfo, now},
};

/// The routes of this page.
pub fn routes(app: App) -> Router {
    Router::new()
        .route("/api/v1/tokens", get(list).post(create))
        .route("/api/v1/tokens/{id}/revoke", post(revoke))
        .with_state(app)
}

/// `{"person", "scopes"?, "expires_in"?}`; `scope` is one scope, or several with spaces between them.
#[derive(Deserialize)]
pub struct NewToken {
    person: StatementId,
    scope: Option<String>,
    scopes: Option<Vec<String>>,
    expires_in: Option<u64>,
}

/// `POST /api/v1/tokens`.
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<NewToken>, JsonRejection>,
) -> Result<Response, Problem> {
    let by = auth::access(&app, &headers)?;
    let body = given(body)?;
    let is_admin = by.scopes.everything() && by.person.may(&[Role::Admin]);
    if by.person.id != body.person && !is_admin {
        return Err(Problem::forbidden("only an admin makes tokens for others"));
    }
    if app.core.person(&body.person).is_none() {
        return Err(Problem::not_found(
            "no person of this id is enrolled here; `commun person list` shows them",
        ));
    }
    let scopes = wanted(body.scope, body.scopes)?;
    if !by.scopes.cover(&scopes) {
        return Err(Problem::forbidden(format!(
            "scope: an access token that is good for {} makes none that is good for more",
            by.scopes
        )));
    }
    if body.expires_in == Some(0) {
        return Err(Problem::unprocessable(
            "expires_in: a token is good for a second at least",
        ));
    }
    let wanted = body
        .expires_in
        .map_or(u64::MAX, |seconds| now().saturating_add(seconds));
    // Only an admin's token makes one that outlives it: a token that was stolen does not renew itself.
    let latest = if is_admin {
        wanted
    } else {
        wanted.min(by.expires)
    };
    let (token, expires) = app
        .core
        .create_token_until(body.person, &scopes.to_string(), latest)
        .await
        .map_err(|e| Problem::internal(&e))?
        .ok_or_else(|| {
            Problem::conflict(
                "this person has 50 access tokens that are in force, the most that one may have; revoke one, or wait until one is past its date",
            )
        })?;
    let answer = json!({
        "token": token, "person": body.person, "scope": scopes.to_string(), "scopes": names(&scopes),
        "expires": expires,
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The scopes asked for; without any, all that the person may do.
fn wanted(one: Option<String>, several: Option<Vec<String>>) -> Result<Scopes, Problem> {
    let words: Vec<String> = one
        .into_iter()
        .chain(several.into_iter().flatten())
        .collect();
    if words.is_empty() {
        return Ok(Scopes::all());
    }
    words
        .join(" ")
        .parse()
        .map_err(|e| Problem::unprocessable(format!("scope: {e}")))
}

fn names(scopes: &Scopes) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}

/// `GET /api/v1/tokens`: an admin sees everybody's, others their own.
pub async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    let by = auth::person(&app, &headers)?;
    let all = app.core.tokens().map_err(|e| Problem::internal(&e))?;
    let me = &app.core.identity().handle;
    let shown: Vec<Value> = all
        .iter()
        .filter(|t| t.person == by.id || by.may(&[Role::Admin]))
        .map(|t| {
            let scopes: Vec<&str> = t.scopes.split(' ').collect();
            json!({
                "id": t.id, "person": t.person, "name": app.core.name_of(Some(&t.person), me), "scopes": scopes,
                "created": t.created, "expires": t.expires, "used": t.used,
            })
        })
        .collect();
    Ok(Json(json!({ "tokens": shown })))
}

/// `POST /api/v1/tokens/{id}/revoke`: an admin ends anybody's, others their own.
pub async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let by = auth::person(&app, &headers)?;
    let all = app.core.tokens().map_err(|e| Problem::internal(&e))?;
    let own = |t: &&TokenInfo| t.person == by.id || by.may(&[Role::Admin]);
    // What is another's is no different from what is not there.
    let none = || Problem::not_found("no access token of this id; `commun token list` shows them");
    if all.iter().filter(own).all(|t| t.id != id) {
        return Err(none());
    }
    match app.core.revoke_token(&id).await {
        Ok(true) => Ok(Json(json!({ "id": id }))),
        Ok(false) => Err(none()),
        Err(e) => Err(Problem::internal(&e)),
    }
}
