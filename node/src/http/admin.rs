//! The parts of the API that run an institution: charter, invitations, persons.

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_specs::{
    fold::RefusalKind,
    id::{CharterId, StatementId},
    key::PublicKey,
    name::Role,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{auth::admin, problem::Problem};
use crate::{
    app::App,
    core::{AdmitError, Author, Draft, Person, SignError, Signatures, WriteError},
    init,
    resources::PublishError,
};

/// Longest name of a person, in bytes.
const MAX_NAME: usize = 200;

/// The routes of this page.
pub fn routes(app: App) -> Router {
    Router::new()
        .route("/api/v1/invitations", post(invite))
        .route("/api/v1/charter", get(charter))
        .route("/api/v1/charter/admit", post(admit))
        .route("/api/v1/charter/sign", post(sign))
        .route("/api/v1/persons", get(persons).post(add_person))
        .route("/api/v1/persons/{id}/revoke", post(revoke_person))
        .route("/api/v1/persons/{id}/key", post(replace_key))
        .with_state(app)
}

/// What a request's body says. Asked after who sends it: a stranger learns nothing of what is expected.
pub(in crate::http) fn given<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    body.map(|Json(given)| given)
        .map_err(|e| Problem::new(e.status(), e.body_text()))
}

/// What a refused write means to whoever asked.
pub fn write_problem(e: &WriteError) -> Problem {
    match e {
        WriteError::Refused(r) if r.kind() == RefusalKind::Stale => {
            Problem::conflict(e.to_string())
        }
        WriteError::Refused(_) | WriteError::Expired => Problem::forbidden(e.to_string()),
        WriteError::Malformed(_) | WriteError::Incomplete(_) => {
            Problem::unprocessable(e.to_string())
        }
        WriteError::NotNow(_) | WriteError::Busy => Problem::unavailable(e.to_string()),
        WriteError::Store(_) => Problem::internal(e),
    }
}

fn init_problem(e: &init::Error) -> Problem {
    match e {
        init::Error::Write(w) => write_problem(w),
        other => Problem::internal(other),
    }
}

/// `POST /api/v1/invitations`.
pub async fn invite(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    admin(&app, &headers)?;
    let addrs = app.addrs();
    if addrs.is_empty() {
        return Err(Problem::unavailable(
            "this node has no address that others could reach; set listen or announce",
        ));
    }
    let invitation = app
        .core
        .invite(addrs)
        .await
        .map_err(|e| Problem::internal(&e))?;
    let body = json!({"invitation": invitation.to_string(), "expires": invitation.expires});
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// `GET /api/v1/charter`.
pub async fn charter(State(app): State<App>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    let drafts = app.core.drafts().map_err(|e| Problem::internal(&e))?;
    // Who asked to join is the members' business.
    let requests = match admin(&app, &headers) {
        Ok(_) => app
            .core
            .store()
            .and_then(|s| s.join_requests())
            .map_err(|e| Problem::internal(&e))?
            .iter()
            .filter_map(|r| {
                serde_json::from_str::<commun_specs::join::JoinRequest>(&r.request).ok()
            })
            .map(|r| json!({"handle": r.handle, "name": r.name, "node": r.node}))
            .collect(),
        Err(_) => Vec::new(),
    };
    let state = app.core.state();
    let (head, id) = state.chain().head();
    let requests: Vec<Value> = requests
        .into_iter()
        .filter(|r| {
            !head
                .institutions
                .iter()
                .any(|i| r["handle"] == i.handle.as_str())
        })
        .collect();
    let institutions: Vec<Value> = head
        .institutions
        .iter()
        .map(|i| json!({"handle": i.handle, "name": i.name, "keys": i.keys, "threshold": i.threshold}))
        .collect();
    let drafts: Vec<Value> = drafts
        .iter()
        .filter(|d| !d.in_force)
        .map(signatures)
        .collect();
    Ok(Json(json!({
        "commons": state.chain().commons(), "name": head.name, "number": head.number, "id": id,
        "institutions": institutions, "drafts": drafts, "requests": requests,
    })))
}

fn signatures(s: &Signatures) -> Value {
    json!({
        "number": s.number, "round": s.round, "id": s.id, "signed": s.signed, "needed": s.needed,
        "changes": s.changes, "state": if s.in_force { "in force" } else { "waiting" },
    })
}

/// `{"handle": …}`.
#[derive(Deserialize)]
pub struct Admit {
    handle: String,
}

/// `POST /api/v1/charter/admit`.
pub async fn admit(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<Admit>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    admin(&app, &headers)?;
    let body = given(body)?;
    match app.core.admit(&body.handle).await {
        Ok(s) => Ok(Json(signatures(&s))),
        Err(AdmitError::NoRequest(h)) => {
            Err(Problem::not_found(AdmitError::NoRequest(h).to_string()))
        }
        Err(AdmitError::Malformed(e)) => Err(Problem::unprocessable(e.to_string())),
        Err(AdmitError::Sign(e)) => Err(sign_problem(&e)),
    }
}

/// `{"number": …, "id"?}`.
#[derive(Deserialize)]
pub struct Sign {
    number: u64,
    id: Option<CharterId>,
}

/// `POST /api/v1/charter/sign`.
pub async fn sign(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<Sign>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    admin(&app, &headers)?;
    let body = given(body)?;
    app.core
        .sign_amendment(body.number, body.id.as_ref())
        .await
        .map(|s| Json(signatures(&s)))
        .map_err(|e| sign_problem(&e))
}

fn sign_problem(e: &SignError) -> Problem {
    match e {
        SignError::NoDraft(_) => Problem::not_found(e.to_string()),
        SignError::AlreadyBound { .. }
        | SignError::SeveralDrafts { .. }
        | SignError::OtherDraft { .. }
        | SignError::Chain(_) => Problem::conflict(e.to_string()),
        SignError::NotOurKey => Problem::forbidden(e.to_string()),
        SignError::Busy => Problem::unavailable(e.to_string()),
        SignError::Keys(_) | SignError::Store(_) => Problem::internal(e),
    }
}

/// `GET /api/v1/persons`.
pub async fn persons(State(app): State<App>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    admin(&app, &headers)?;
    let list: Vec<Value> = app
        .core
        .persons()
        .iter()
        .map(|p| person_json(&app, p))
        .collect();
    Ok(Json(json!({ "persons": list })))
}

fn person_json(app: &App, p: &Person) -> Value {
    let roles: Vec<&str> = p.roles.iter().map(|r| r.as_str()).collect();
    json!({
        "id": p.id, "name": app.core.name_of(Some(&p.id), &app.core.identity().handle), "roles": roles, "key": p.key,
        "fingerprint": p.key.fingerprint(), "expires": p.not_after,
        "custody": if p.custody_self { "self" } else { "node" },
    })
}

/// `{"name", "roles", "key"?}`.
#[derive(Deserialize)]
pub struct NewPerson {
    name: String,
    roles: Vec<String>,
    key: Option<String>,
}

/// `POST /api/v1/persons`.
pub async fn add_person(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<NewPerson>, JsonRejection>,
) -> Result<Response, Problem> {
    let by = admin(&app, &headers)?;
    let body = given(body)?;
    if body.name.trim().is_empty() || body.name.len() > MAX_NAME {
        return Err(Problem::unprocessable(
            "name: a person has a name of 1 to 200 bytes",
        ));
    }
    let roles = body
        .roles
        .iter()
        .map(|r| {
            Role::from_name(r).ok_or_else(|| {
                Problem::unprocessable(format!(
                    "roles: {r:?} is none of admin, librarian, publisher, developer"
                ))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let own = body.key.as_deref().map(read_key).transpose()?;
    let (key, custody_self) = match own {
        Some(key) => (key, true),
        None => (
            app.core
                .keys()
                .new_person()
                .map_err(|e| Problem::internal(&e))?
                .public(),
            false,
        ),
    };
    let signer = app
        .core
        .author_key(&by)
        .map_err(|e| Problem::internal(&e))?;
    let author = Author::of(&by, signer.as_ref());
    let id = init::enrol_person(&app.core, &key, &roles, custody_self, Some(&author))
        .await
        .map_err(|e| init_problem(&e))?;
    let mut fields = commun_specs::json::Object::new();
    fields.insert("of".to_owned(), id.to_string().into());
    let name = json!({ "name": body.name.trim() }).to_string().into_bytes();
    let draft = Draft {
        kind: "profile",
        fields,
        body: Some(name),
        ..Draft::default()
    };
    write(&app, draft, &author).await?;
    let answer = json!({"id": id, "key": key, "fingerprint": key.fingerprint(), "custody": if custody_self { "self" } else { "node" }});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

pub(super) fn read_key(text: &str) -> Result<PublicKey, Problem> {
    let read = if text.trim_start().starts_with("did:key:") {
        text.trim().parse()
    } else {
        PublicKey::from_openssh(text)
    };
    read.map_err(|e| Problem::unprocessable(format!("key: {e}")))
}

/// `{"key"}`.
#[derive(Deserialize)]
pub struct NewKey {
    key: String,
}

/// `POST /api/v1/persons/{id}/key`: the person stays who they are, their old key ends.
pub async fn replace_key(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<StatementId>,
    body: Result<Json<NewKey>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let by = admin(&app, &headers)?;
    let body = given(body)?;
    let key = read_key(&body.key)?;
    let person = enrolled(&app, &id)?;
    let signer = app
        .core
        .author_key(&by)
        .map_err(|e| Problem::internal(&e))?;
    let institution = app
        .core
        .keys()
        .institution()
        .map_err(|e| Problem::internal(&e))?;
    // An admin's enrolment is the institution's own to make (FORMATS, section 2).
    let author = match person.roles.contains(&Role::Admin) {
        true => Author::Institution(&institution, Vec::new()),
        false => Author::of(&by, signer.as_ref()),
    };
    let made = init::replace_key(&app.core, &person, &key, &author)
        .await
        .map_err(|e| init_problem(&e))?;
    let answer = json!({
        "id": person.id, "enrolment": made, "key": key, "fingerprint": key.fingerprint(), "custody": "self",
    });
    Ok(Json(answer))
}

fn enrolled(app: &App, id: &StatementId) -> Result<Person, Problem> {
    app.core
        .persons()
        .into_iter()
        .find(|p| p.id == *id)
        .ok_or_else(|| Problem::not_found("no person of this id is enrolled here"))
}

/// `POST /api/v1/persons/{id}/revoke`.
pub async fn revoke_person(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<StatementId>,
) -> Result<Json<Value>, Problem> {
    let by = admin(&app, &headers)?;
    let person = enrolled(&app, &id)?;
    let signer = app
        .core
        .author_key(&by)
        .map_err(|e| Problem::internal(&e))?;
    let institution = app
        .core
        .keys()
        .institution()
        .map_err(|e| Problem::internal(&e))?;
    // An admin's enrolment ends by the institution's own keys (FORMATS, section 2).
    let author = match person.roles.contains(&Role::Admin) {
        true => Author::Institution(&institution, Vec::new()),
        false => Author::of(&by, signer.as_ref()),
    };
    let mut fields = commun_specs::json::Object::new();
    fields.insert("of".to_owned(), person.enrolment.to_string().into());
    let written = write(
        &app,
        Draft {
            kind: "revocation",
            fields,
            ..Draft::default()
        },
        &author,
    )
    .await?;
    Ok(Json(json!({ "id": written })))
}

async fn write(app: &App, draft: Draft, author: &Author<'_>) -> Result<StatementId, Problem> {
    let entry = app
        .core
        .compose(draft, author)
        .map_err(|e| Problem::unprocessable(e.to_string()))?;
    app.core
        .write(entry)
        .await
        .map(|w| w.id)
        .map_err(|e| write_problem(&e))
}

/// What a refused publication means to whoever published.
pub fn publish_problem(e: &PublishError) -> Problem {
    match e {
        PublishError::Invalid(problems) => {
            let mut p = Problem::unprocessable(
                "the metadata or the files break rules; each fault says what to do",
            );
            for fault in &problems.0 {
                p = p.with_error(&fault.field, &fault.what, &fault.fix);
            }
            p
        }
        PublishError::NotAllowed(_) | PublishError::Blocked(_) => Problem::forbidden(e.to_string()),
        PublishError::NoSuchItem => Problem::not_found(e.to_string()),
        PublishError::Conflict(_) => Problem::conflict(e.to_string()),
        PublishError::NotNow(_) => Problem::unavailable(e.to_string()),
        PublishError::Failed(_) => Problem::internal(e),
    }
}
