//! Access tokens over the API: made, listed, revoked.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_specs::{id::StatementId, name::Role, token::TokenRequest};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    admin::{given, read_key},
    auth,
    challenge::{self, Challenges, NoAnswer},
    problem::Problem,
};
use crate::{
    app::App,
    core::{Access, SHORT_SECONDS, Scope, Scopes, TokenInfo, now},
    store,
};

/// What these addresses have.
#[derive(Clone)]
pub struct Tokens {
    app: App,
    challenges: Arc<Challenges>,
}

/// The routes of this page.
pub fn routes(app: App) -> Router {
    let tokens = Tokens {
        app,
        challenges: Arc::default(),
    };
    Router::new()
        .route("/api/v1/tokens", get(list).post(create))
        .route("/api/v1/tokens/challenge", post(challenge))
        .route("/api/v1/tokens/{id}/revoke", post(revoke))
        .with_state(tokens)
}

/// `{"key"}`.
#[derive(Deserialize)]
pub struct Asker {
    key: String,
}

/// `POST /api/v1/tokens/challenge`: what a person signs to be given a short token.
pub async fn challenge(
    State(Tokens { app, challenges }): State<Tokens>,
    body: Result<Json<Asker>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let key = read_key(&given(body)?.key)?;
    if app.core.person_of_key(&key).is_none() {
        return Err(not_enrolled());
    }
    let (nonce, ends) = challenges.ask(&key, now());
    let me = app.core.identity();
    Ok(Json(json!({
        "nonce": nonce, "expires": ends, "commons": me.commons, "node": me.node.public(),
        "seconds": SHORT_SECONDS,
    })))
}

fn not_enrolled() -> Problem {
    Problem::forbidden("no person with this key is enrolled here")
}

/// With an access token: `{"person", …}`. With a key: `{"key", "nonce", "signature", …}`. `scope` is one scope, or
/// several with spaces between them; `expires_in` is in seconds.
#[derive(Deserialize)]
pub struct NewToken {
    person: Option<StatementId>,
    key: Option<String>,
    nonce: Option<String>,
    signature: Option<String>,
    scope: Option<String>,
    scopes: Option<Vec<String>>,
    expires_in: Option<u64>,
}

/// `POST /api/v1/tokens`.
pub async fn create(
    State(Tokens { app, challenges }): State<Tokens>,
    headers: HeaderMap,
    body: Result<Json<NewToken>, JsonRejection>,
) -> Result<Response, Problem> {
    // Who shows a token is asked about it before anything else; who shows none must bring a signature.
    if headers.contains_key(header::AUTHORIZATION) {
        let by = auth::access(&app, &headers)?;
        return by_token(&app, &by, given(body)?).await;
    }
    match body {
        Ok(Json(new)) if new.signature.is_some() => by_key(&app, &challenges, &headers, new).await,
        _ => Err(Problem::unauthorised(
            "this needs an access token (Authorization: Bearer …), or a signature of what /api/v1/tokens/challenge asks",
        )),
    }
}

/// A token for oneself or, by an admin, for anybody.
async fn by_token(app: &App, by: &Access, new: NewToken) -> Result<Response, Problem> {
    let person = new
        .person
        .ok_or_else(|| Problem::unprocessable("person: whose token it is to be"))?;
    let is_admin = by.scopes.everything() && by.person.may(&[Role::Admin]);
    if by.person.id != person && !is_admin {
        return Err(Problem::forbidden("only an admin makes tokens for others"));
    }
    if app.core.person(&person).is_none() {
        return Err(Problem::not_found(
            "no person of this id is enrolled here; `commun person list` shows them",
        ));
    }
    let scopes = wanted(new.scope, new.scopes)?.unwrap_or_else(Scopes::all);
    if !by.scopes.cover(&scopes) {
        return Err(Problem::forbidden(format!(
            "scope: an access token that is good for {} makes none that is good for more",
            by.scopes
        )));
    }
    let wanted = new
        .expires_in
        .map_or(u64::MAX, |seconds| now().saturating_add(seconds));
    // Only an admin's token makes one that outlives it: a token that was stolen does not renew itself.
    let latest = if is_admin {
        wanted
    } else {
        wanted.min(by.expires)
    };
    good_until(latest)?;
    let made = app
        .core
        .create_token_with(by, person, &scopes.to_string(), latest)
        .await;
    let full = match by.makes_apart(&person) {
        Some(most) => format!(
            "this person has {most} access tokens in force that were made with narrow ones or with ones made from another, the most that one may have; make it with a token for everything that an admin or a signature gave, or revoke one"
        ),
        None => FULL.to_owned(),
    };
    answer(made, full, person, &scopes)
}

/// A short token for whoever signs with their key.
async fn by_key(
    app: &App,
    challenges: &Challenges,
    headers: &HeaderMap,
    new: NewToken,
) -> Result<Response, Problem> {
    let (Some(key), Some(nonce), Some(signature)) = (new.key, new.nonce, new.signature) else {
        return Err(Problem::unprocessable(
            "key, nonce and signature are needed together",
        ));
    };
    let key = read_key(&key)?;
    let scopes = wanted(new.scope, new.scopes)?.unwrap_or_else(|| Scopes::one(Scope::Repository));
    let seconds = new.expires_in.unwrap_or(SHORT_SECONDS);
    if seconds > SHORT_SECONDS {
        return Err(Problem::unprocessable(format!(
            "expires_in: a token for a signature is good for {SHORT_SECONDS} seconds at most"
        )));
    }
    let person = app.core.person_of_key(&key).ok_or_else(not_enrolled)?;
    challenges.good(&nonce, &key, now()).map_err(unanswered)?;
    let me = app.core.identity();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let message = TokenRequest {
        commons: me.commons,
        node: me.node.public(),
        host,
        key,
        nonce: &nonce,
        scopes: &scopes.to_string(),
        seconds,
    }
    .message()
    .ok_or_else(|| Problem::bad_request("the request names no host"))?;
    let signature = challenge::signature(&signature).map_err(unanswered)?;
    key.verify_any(&message, &signature).map_err(|e| {
        Problem::forbidden(format!(
            "signature: it is not this key's over what was asked at this address ({e})"
        ))
    })?;
    challenges.answer(&nonce, &key, now()).map_err(unanswered)?;
    let latest = now() + seconds;
    good_until(latest)?;
    let made = app
        .core
        .create_token_until(person.id, &scopes.to_string(), latest)
        .await;
    answer(made, FULL.to_owned(), person.id, &scopes)
}

fn unanswered(why: NoAnswer) -> Problem {
    match why {
        NoAnswer::Nonce => Problem::forbidden(why.to_string()),
        NoAnswer::Form => Problem::unprocessable(why.to_string()),
        NoAnswer::Full => Problem::busy(why.to_string(), challenge::SECONDS),
    }
}

/// What is said to a person who has as many as one may have.
const FULL: &str = "this person has 50 access tokens that are in force, the most that one may have; revoke one, or wait until one is past its date";

fn good_until(latest: u64) -> Result<(), Problem> {
    if latest <= now() {
        return Err(Problem::unprocessable(
            "expires_in: a token is good for a second at least",
        ));
    }
    Ok(())
}

/// `full`: what is said where there is no room for one more.
fn answer(
    made: Result<Option<(String, u64)>, store::Error>,
    full: String,
    person: StatementId,
    scopes: &Scopes,
) -> Result<Response, Problem> {
    let (token, expires) = made
        .map_err(|e| Problem::internal(&e))?
        .ok_or_else(|| Problem::conflict(full))?;
    let answer = json!({
        "token": token, "person": person, "scope": scopes.to_string(), "scopes": names(scopes), "expires": expires,
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The scopes asked for, if any are.
fn wanted(one: Option<String>, several: Option<Vec<String>>) -> Result<Option<Scopes>, Problem> {
    let words: Vec<String> = one
        .into_iter()
        .chain(several.into_iter().flatten())
        .collect();
    if words.is_empty() {
        return Ok(None);
    }
    words
        .join(" ")
        .parse()
        .map(Some)
        .map_err(|e| Problem::unprocessable(format!("scope: {e}")))
}

fn names(scopes: &Scopes) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}

/// `GET /api/v1/tokens`: an admin sees everybody's, others their own.
pub async fn list(
    State(Tokens { app, .. }): State<Tokens>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
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
    State(Tokens { app, .. }): State<Tokens>,
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
