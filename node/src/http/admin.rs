//! The parts of the API that run an institution: charter, invitations, persons, tokens, repositories.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use commun_specs::{id::StatementId, key::PublicKey, name::Role};
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::Problem;
use crate::{
    app::Web,
    core::{AdmitError, Author, Draft, Person, SignError, Signatures, WriteError},
    init,
};

/// Persons answered at once: an institution has fewer by far.
const MAX_NAME: usize = 200;

/// The person whose Bearer token a request shows.
pub fn person(web: &Web, headers: &HeaderMap) -> Result<Person, Problem> {
    let token = headers
        .get("authorization")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "))
        .ok_or_else(|| Problem::unauthorised("this needs an access token (Authorization: Bearer …)"))?;
    web.core
        .person_of_token(token.trim())
        .map_err(|e| Problem::internal(&e))?
        .ok_or_else(|| Problem::unauthorised("the access token is unknown, revoked or past its date"))
}

fn admin(web: &Web, headers: &HeaderMap) -> Result<Person, Problem> {
    let person = person(web, headers)?;
    if person.may(&[Role::Admin]) { Ok(person) } else { Err(Problem::forbidden("only an admin of this institution may do this")) }
}

/// What a refused write means to whoever asked.
pub fn write_problem(e: &WriteError) -> Problem {
    match e {
        WriteError::Refused(r) if r.is_stale() => Problem::conflict(&e.to_string()),
        WriteError::Refused(_) => Problem::forbidden(&e.to_string()),
        WriteError::Malformed(_) | WriteError::Incomplete(_) => Problem::unprocessable(&e.to_string()),
        WriteError::NotNow(_) | WriteError::Busy => Problem::unavailable(&e.to_string()),
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
pub async fn invite(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Problem> {
    admin(&web, &headers)?;
    let addrs = web.addrs();
    if addrs.is_empty() {
        return Err(Problem::unavailable("this node has no address that others could reach; set listen or announce"));
    }
    let invitation = web.core.invite(addrs).await.map_err(|e| Problem::internal(&e))?;
    let body = json!({"invitation": invitation.to_string(), "expires": invitation.expires});
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// `GET /api/v1/charter`.
pub async fn charter(State(web): State<Web>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    let drafts = web.core.drafts().map_err(|e| Problem::internal(&e))?;
    // Who asked to join is the members' business.
    let requests = match admin(&web, &headers) {
        Ok(_) => app
            .core
            .store()
            .and_then(|s| s.join_requests())
            .map_err(|e| Problem::internal(&e))?
            .iter()
            .filter_map(|r| serde_json::from_str::<commun_specs::join::JoinRequest>(&r.request).ok())
            .map(|r| json!({"handle": r.handle, "name": r.name, "node": r.node}))
            .collect(),
        Err(_) => Vec::new(),
    };
    let state = web.core.state();
    let (head, id) = state.chain().head();
    let requests: Vec<Value> = requests
        .into_iter()
        .filter(|r| !head.institutions.iter().any(|i| r["handle"] == i.handle.as_str()))
        .collect();
    let institutions: Vec<Value> = head
        .institutions
        .iter()
        .map(|i| json!({"handle": i.handle, "name": i.name, "keys": i.keys, "threshold": i.threshold}))
        .collect();
    let drafts: Vec<Value> = drafts.iter().filter(|d| !d.in_force).map(signatures).collect();
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
pub async fn admit(State(web): State<Web>, headers: HeaderMap, Json(body): Json<Admit>) -> Result<Json<Value>, Problem> {
    admin(&web, &headers)?;
    match web.core.admit(&body.handle).await {
        Ok(s) => Ok(Json(signatures(&s))),
        Err(AdmitError::NoRequest(h)) => Err(Problem::not_found(&AdmitError::NoRequest(h).to_string())),
        Err(AdmitError::Malformed(e)) => Err(Problem::unprocessable(&e.to_string())),
        Err(AdmitError::Sign(e)) => Err(sign_problem(&e)),
    }
}

/// `{"number": …}`.
#[derive(Deserialize)]
pub struct Sign {
    number: u64,
}

/// `POST /api/v1/charter/sign`.
pub async fn sign(State(web): State<Web>, headers: HeaderMap, Json(body): Json<Sign>) -> Result<Json<Value>, Problem> {
    admin(&web, &headers)?;
    web.core.sign_amendment(body.number).await.map(|s| Json(signatures(&s))).map_err(|e| sign_problem(&e))
}

fn sign_problem(e: &SignError) -> Problem {
    match e {
        SignError::NoDraft(_) => Problem::not_found(&e.to_string()),
        SignError::AlreadyBound { .. } | SignError::Chain(_) => Problem::conflict(&e.to_string()),
        SignError::NotOurKey => Problem::forbidden(&e.to_string()),
        SignError::Busy => Problem::unavailable(&e.to_string()),
        SignError::Keys(_) | SignError::Store(_) => Problem::internal(e),
    }
}

/// `GET /api/v1/institutions`.
pub async fn institutions(State(web): State<Web>) -> Json<Value> {
    let list = institutions_json(&web);
    Json(json!({ "institutions": list }))
}

/// `GET /api/v1/institutions/{handle}`.
pub async fn institution(State(web): State<Web>, Path(handle): Path<String>) -> Result<Json<Value>, Problem> {
    institutions_json(&web)
        .into_iter()
        .find(|i| i["handle"] == handle.as_str())
        .map(Json)
        .ok_or_else(|| Problem::not_found("no institution of this handle is a member"))
}

fn institutions_json(web: &Web) -> Vec<Value> {
    let state = web.core.state();
    let members = state.members();
    let (head, _) = state.chain().head();
    head.institutions
        .iter()
        .map(|i| {
            let member = members.iter().find(|m| m.handle == i.handle);
            let log = state.tip(&i.handle).map(|t| json!({"epoch": t.epoch, "size": t.size}));
            json!({
                "handle": i.handle, "name": i.name, "node": member.map(|m| m.node),
                "urls": member.map(|m| m.urls.clone()).unwrap_or_default(), "log": log,
            })
        })
        .collect()
}

/// `GET /api/v1/persons`.
pub async fn persons(State(web): State<Web>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    admin(&web, &headers)?;
    let list: Vec<Value> = web.core.persons().iter().map(|p| person_json(&web, p)).collect();
    Ok(Json(json!({ "persons": list })))
}

fn person_json(web: &Web, p: &Person) -> Value {
    let roles: Vec<&str> = p.roles.iter().map(|r| r.as_str()).collect();
    json!({
        "id": p.id, "name": web.core.name_of(Some(&p.id), &web.core.identity().handle), "roles": roles, "key": p.key,
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
    State(web): State<Web>,
    headers: HeaderMap,
    Json(body): Json<NewPerson>,
) -> Result<Response, Problem> {
    let by = admin(&web, &headers)?;
    if body.name.trim().is_empty() || body.name.len() > MAX_NAME {
        return Err(Problem::unprocessable("name: a person has a name of 1 to 200 bytes"));
    }
    let roles = body
        .roles
        .iter()
        .map(|r| {
            Role::from_name(r).ok_or_else(|| {
                Problem::unprocessable(&format!("roles: {r:?} is none of admin, librarian, publisher, developer"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let own = body.key.as_deref().map(read_key).transpose()?;
    let (key, custody_self) = match own {
        Some(key) => (key, true),
        None => (web.core.keys().new_person().map_err(|e| Problem::internal(&e))?.public(), false),
    };
    let signer = web.core.author_key(&by).map_err(|e| Problem::internal(&e))?;
    let author = match &signer {
        Some(key) => Author::Person(key),
        None => Author::NodeFor(by.enrolment),
    };
    let id = init::enrol_person(&web.core, &key, &roles, custody_self, Some(&author)).await.map_err(|e| init_problem(&e))?;
    let mut fields = commun_specs::json::Object::new();
    fields.insert("of".to_owned(), id.to_string().into());
    let name = json!({ "name": body.name.trim() }).to_string().into_bytes();
    let draft = Draft { kind: "profile", fields, body: Some(name), ..Draft::default() };
    write(&web, draft, &author).await?;
    let answer = json!({"id": id, "key": key, "custody": if custody_self { "self" } else { "node" }});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn read_key(text: &str) -> Result<PublicKey, Problem> {
    let read = if text.trim_start().starts_with("did:key:") { text.trim().parse() } else { PublicKey::from_openssh(text) };
    read.map_err(|e| Problem::unprocessable(&format!("key: {e}")))
}

/// `POST /api/v1/persons/{id}/revoke`.
pub async fn revoke_person(
    State(web): State<Web>,
    headers: HeaderMap,
    Path(id): Path<StatementId>,
) -> Result<Json<Value>, Problem> {
    let by = admin(&web, &headers)?;
    let person = web.core.person(&id).ok_or_else(|| Problem::not_found("no person of this id is enrolled here"))?;
    let signer = web.core.author_key(&by).map_err(|e| Problem::internal(&e))?;
    let institution = web.core.keys().institution().map_err(|e| Problem::internal(&e))?;
    // An admin's enrolment ends by the institution's own keys (FORMATS, section 2).
    let author = match &signer {
        _ if person.roles.contains(&Role::Admin) => Author::Institution(&institution, Vec::new()),
        Some(key) => Author::Person(key),
        None => Author::NodeFor(by.enrolment),
    };
    let mut fields = commun_specs::json::Object::new();
    fields.insert("of".to_owned(), person.enrolment.to_string().into());
    let written = write(&web, Draft { kind: "revocation", fields, ..Draft::default() }, &author).await?;
    Ok(Json(json!({ "id": written })))
}

async fn write(web: &Web, draft: Draft, author: &Author<'_>) -> Result<StatementId, Problem> {
    let entry = web.core.compose(draft, author).map_err(|e| Problem::unprocessable(&e.to_string()))?;
    web.core.write(entry).await.map(|w| w.id).map_err(|e| write_problem(&e))
}

/// `{"person", "scope"?}`.
#[derive(Deserialize)]
pub struct NewToken {
    person: StatementId,
    scope: Option<String>,
}

/// `POST /api/v1/tokens`.
pub async fn create_token(
    State(web): State<Web>,
    headers: HeaderMap,
    Json(body): Json<NewToken>,
) -> Result<Response, Problem> {
    let by = person(&web, &headers)?;
    if by.id != body.person && !by.may(&[Role::Admin]) {
        return Err(Problem::forbidden("only an admin makes tokens for others"));
    }
    if web.core.person(&body.person).is_none() {
        return Err(Problem::not_found("no person of this id is enrolled here; `commun person list` shows them"));
    }
    let scope = body.scope.unwrap_or_else(|| "write".to_owned());
    if scope != "write" {
        return Err(Problem::unprocessable("scope: this release knows only write"));
    }
    let (token, expires) = web.core.create_token(body.person, &scope).await.map_err(|e| Problem::internal(&e))?;
    let answer = json!({"token": token, "person": body.person, "scope": scope, "expires": expires});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}
