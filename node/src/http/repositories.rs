//! The parts of the API that are about repositories: making one, its rules, and the state of its branches.

mod view;

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    name::{Handle, Slug},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    admin::{given, publish_problem},
    auth::person,
    problem::Problem,
};
use crate::{
    app::App,
    resources::{
        NewRepository, Published,
        repository::{Change, Edit, Place, Rule},
    },
};

type Given<T> = Result<Json<T>, JsonRejection>;

/// The routes of this page.
pub fn routes(app: App) -> Router {
    let one = "/api/v1/repositories/{handle}/{slug}";
    Router::new()
        .route("/api/v1/repositories", post(create))
        .route(one, get(show))
        .route(&format!("{one}/maintainers"), post(maintain))
        .route(
            &format!("{one}/maintainers/{{institution}}/remove"),
            post(dismiss),
        )
        .route(&format!("{one}/protections"), post(protect))
        .route(&format!("{one}/protections/remove"), post(unprotect))
        .route(&format!("{one}/edit"), post(edit))
        .route(&format!("{one}/transfer"), post(transfer))
        .route(&format!("{one}/accept"), post(accept))
        .with_state(app)
}

/// `{"slug", "title"?, "description"?, "licence"?, "language"?}`.
#[derive(Deserialize)]
pub struct New {
    slug: String,
    title: Option<String>,
    description: Option<String>,
    licence: Option<String>,
    language: Option<String>,
}

/// `POST /api/v1/repositories`.
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    body: Given<New>,
) -> Result<Response, Problem> {
    let by = person(&app, &headers)?;
    let body = given(body)?;
    let new = NewRepository {
        slug: body.slug,
        title: body.title,
        description: body.description,
        licence: body.licence,
        language: body.language,
        default_branch: None,
    };
    let made = app
        .resources
        .create_repository(&by, new)
        .await
        .map_err(|e| publish_problem(&e))?;
    let url = format!("{}/{}.git", app.url, made.name);
    let answer = json!({"id": made.id, "name": made.name, "url": url});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// `GET /api/v1/repositories/{handle}/{slug}`.
pub async fn show(
    State(app): State<App>,
    Path((handle, slug)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let item = find(&app, &handle, &slug)?;
    Ok(Json(view::document(&app, &item).await?))
}

/// `{"institution", "persons"?, "first"?, "before"?}`; `persons` are ids or names.
#[derive(Deserialize)]
pub struct Maintainer {
    institution: Handle,
    persons: Option<Vec<String>>,
    #[serde(default)]
    first: bool,
    before: Option<Handle>,
}

/// `POST …/maintainers`.
pub async fn maintain(
    State(app): State<App>,
    Path((handle, slug)): Path<(String, String)>,
    headers: HeaderMap,
    body: Given<Maintainer>,
) -> Result<Json<Value>, Problem> {
    let by = person(&app, &headers)?;
    let body = given(body)?;
    let persons = body
        .persons
        .map(|all| {
            all.iter()
                .map(|p| named(&app, &body.institution, p))
                .collect::<Result<Vec<_>, _>>()
        })
        .transpose()?;
    let place = match (body.first, body.before) {
        (true, _) => Place::First,
        (false, Some(other)) => Place::Before(other),
        (false, None) => Place::Same,
    };
    let change = Change::Maintain {
        institution: body.institution,
        persons,
        place,
    };
    changed(&app, &by, &handle, &slug, change).await
}

/// `POST …/maintainers/{institution}/remove`.
pub async fn dismiss(
    State(app): State<App>,
    Path((handle, slug, institution)): Path<(String, String, Handle)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let by = person(&app, &headers)?;
    changed(&app, &by, &handle, &slug, Change::Dismiss(institution)).await
}

/// `{"pattern", "threshold"?, "force"?, "delete"?}`.
#[derive(Deserialize)]
pub struct Protection {
    pattern: String,
    threshold: Option<u64>,
    #[serde(default)]
    force: bool,
    #[serde(default)]
    delete: bool,
}

/// `POST …/protections`.
pub async fn protect(
    State(app): State<App>,
    Path((handle, slug)): Path<(String, String)>,
    headers: HeaderMap,
    body: Given<Protection>,
) -> Result<Json<Value>, Problem> {
    let by = person(&app, &headers)?;
    let body = given(body)?;
    let rule = Rule {
        pattern: full(&body.pattern),
        threshold: body.threshold.unwrap_or(1),
        force: body.force,
        delete: body.delete,
    };
    changed(&app, &by, &handle, &slug, Change::Protect(rule)).await
}

/// `{"pattern"}`.
#[derive(Deserialize)]
pub struct Pattern {
    pattern: String,
}

/// `POST …/protections/remove`.
pub async fn unprotect(
    State(app): State<App>,
    Path((handle, slug)): Path<(String, String)>,
    headers: HeaderMap,
    body: Given<Pattern>,
) -> Result<Json<Value>, Problem> {
    let by = person(&app, &headers)?;
    let change = Change::Unprotect(full(&given(body)?.pattern));
    changed(&app, &by, &handle, &slug, change).await
}

/// `{"slug"?, "title"?, "description"?, "licence"?, "language"?, "default_branch"?}`.
#[derive(Deserialize)]
pub struct Words {
    slug: Option<String>,
    title: Option<String>,
    description: Option<String>,
    licence: Option<String>,
    language: Option<String>,
    default_branch: Option<String>,
}

/// `POST …/edit`.
pub async fn edit(
    State(app): State<App>,
    Path((handle, slug)): Path<(String, String)>,
    headers: HeaderMap,
    body: Given<Words>,
) -> Result<Json<Value>, Problem> {
    let by = person(&app, &headers)?;
    let body = given(body)?;
    let change = Change::Edit(Edit {
        slug: body.slug,
        title: body.title,
        description: body.description,
        licence: body.licence,
        language: body.language,
        default_branch: body.default_branch,
    });
    changed(&app, &by, &handle, &slug, change).await
}

async fn changed(
    app: &App,
    by: &crate::core::Person,
    handle: &str,
    slug: &str,
    change: Change,
) -> Result<Json<Value>, Problem> {
    let item = find(app, handle, slug)?;
    let made = app
        .resources
        .change_repository(by, item.id, &change)
        .await
        .map_err(|e| publish_problem(&e))?;
    Ok(answer(&made, "policy"))
}

/// `{"to"}`.
#[derive(Deserialize)]
pub struct Transfer {
    to: Handle,
}

/// `POST …/transfer`.
pub async fn transfer(
    State(app): State<App>,
    Path((handle, slug)): Path<(String, String)>,
    headers: HeaderMap,
    body: Given<Transfer>,
) -> Result<Json<Value>, Problem> {
    let by = person(&app, &headers)?;
    let body = given(body)?;
    let item = find(&app, &handle, &slug)?;
    let made = app
        .resources
        .transfer(&by, item.id, &body.to)
        .await
        .map_err(|e| publish_problem(&e))?;
    Ok(answer(&made, "transfer"))
}

/// `{"slug"?}`.
#[derive(Deserialize)]
pub struct Accept {
    slug: Option<Slug>,
}

/// `POST …/accept`, on the node of the institution that the item was handed to.
pub async fn accept(
    State(app): State<App>,
    Path((handle, slug)): Path<(String, String)>,
    headers: HeaderMap,
    body: Given<Accept>,
) -> Result<Json<Value>, Problem> {
    let by = person(&app, &headers)?;
    let body = given(body)?;
    let item = find(&app, &handle, &slug)?;
    let made = app
        .resources
        .take_over(&by, item.id, body.slug)
        .await
        .map_err(|e| publish_problem(&e))?;
    Ok(answer(&made, "acceptance"))
}

/// What a statement about a repository made; its id is named by what it is.
fn answer(made: &Published, statement: &str) -> Json<Value> {
    Json(json!({
        "id": made.id, "name": made.name, statement: made.version, "position": made.position,
    }))
}

/// The repository of an address.
fn find(app: &App, handle: &str, slug: &str) -> Result<Item, Problem> {
    let none = || Problem::not_found("there is no such repository");
    let (handle, slug) = Handle::new(handle)
        .ok()
        .zip(Slug::new(slug).ok())
        .ok_or_else(none)?;
    let state = app.core.state();
    let catalogue = state.catalogue();
    catalogue
        .by_name(&handle, &slug)
        .and_then(|id| catalogue.copy_of(&id))
        .filter(|item| item.kind == ItemKind::Repository)
        .ok_or_else(none)
}

/// A person of an institution, by id or by name.
fn named(app: &App, institution: &Handle, text: &str) -> Result<StatementId, Problem> {
    let people = app.core.state().catalogue().enrolments(institution).persons;
    let found: Vec<StatementId> = match text.parse::<StatementId>() {
        Ok(id) => people
            .iter()
            .map(|p| p.first)
            .filter(|p| *p == id)
            .collect(),
        Err(_) => people
            .iter()
            .map(|p| p.first)
            .filter(|p| app.core.name_of(Some(p), institution).as_deref() == Some(text))
            .collect(),
    };
    match found[..] {
        [one] => Ok(one),
        [] => Err(Problem::unprocessable(format!(
            "persons: {institution} has enrolled nobody of the name or id {text:?}, as far as this node knows"
        ))),
        _ => Err(Problem::unprocessable(format!(
            "persons: {institution} has enrolled several of the name {text:?}; give the id of one: {}",
            found
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ))),
    }
}

/// A pattern as rules write it: `main` is a branch.
fn full(pattern: &str) -> String {
    if pattern.starts_with("refs/") {
        pattern.to_owned()
    } else {
        format!("refs/heads/{pattern}")
    }
}
