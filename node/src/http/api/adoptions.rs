//! `…/{item}/adoptions`: who uses an item, and saying so; `…/institutions/{handle}/adoptions`: what one uses.

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use commun_specs::{fold::Item, statement::Use};
use serde_json::{Value, json};

use super::{blocking, component::neighbour};
use crate::{
    adoptions::{self, AdoptError, Adoption, NewAdoption},
    app::App,
    http::{
        admin::{self, given},
        auth, institution,
        place::{Place, any_whole_item},
        problem::Problem,
        text::rfc3339,
    },
    site::NodeSite,
};

/// The routes of this page.
pub fn routes(app: App) -> Router {
    Router::new()
        .route("/api/v1/items/{id}/adoptions", get(list).post(adopt))
        .route("/api/v1/items/{id}/{slug}/adoptions", get(list).post(adopt))
        .route(
            "/api/v1/institutions/{handle}/adoptions",
            get(of_institution),
        )
        .with_state(app)
}

async fn list(State(app): State<App>, Path(place): Path<Place>) -> Result<Response, Problem> {
    let item = any_whole_item(&app, &place)?;
    let all = blocking(move || adoptions::of(&app.core, &item)).await?;
    let used = all.iter().filter(|a| a.status != Use::Withdrawn).count();
    let answer = json!({"count": used, "adoptions": all.iter().map(document).collect::<Vec<_>>()});
    Ok(super::json(StatusCode::OK, &answer))
}

async fn of_institution(
    State(app): State<App>,
    Path(handle): Path<String>,
) -> Result<Response, Problem> {
    let handle = institution(&NodeSite::new(app.clone()), &handle)?.handle;
    let all = blocking(move || adoptions::by(&app.core, &handle)).await?;
    let all = all.iter().map(|(item, adoption)| {
        let mut value = document(adoption);
        value["item"] = neighbour(item);
        value
    });
    let answer = json!({"adoptions": all.collect::<Vec<_>>()});
    Ok(super::json(StatusCode::OK, &answer))
}

async fn adopt(
    State(app): State<App>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<NewAdoption>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let new = given(body)?;
    let item = any_whole_item(&app, &place)?;
    let newest = newest(&app, &item).await;
    let written = adoptions::adopt(&app.core, &person, &item, new, newest)
        .await
        .map_err(|e| problem(&e))?;
    let all = adoptions::of(&app.core, &item).map_err(|e| Problem::internal(&e))?;
    let me = &app.core.identity().handle;
    let own = all.iter().find(|a| a.institution == *me);
    let mut answer = own
        .map(document)
        .unwrap_or_else(|| json!({"statement": written.id}));
    answer["item"] = json!({"id": item.id, "name": format!("{}/{}", item.owner, item.slug)});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The newest release of a repository that is here.
async fn newest(app: &App, item: &Item) -> Option<String> {
    let repository = app.repos.get(&item.id.to_string()).ok()?;
    let read = move || {
        let refs = repository.browse().ok()?.refs().ok()?;
        let tags = refs.iter().filter(|r| r.name.starts_with("refs/tags/"));
        let releases = commun_forge::component::releases(tags.map(|r| (&*r.name, "", r.time)));
        let newest = commun_forge::component::newest(&releases);
        newest.map(|release| release.version.clone())
    };
    tokio::task::spawn_blocking(read).await.ok()?
}

fn problem(error: &AdoptError) -> Problem {
    match error {
        AdoptError::NotAllowed => Problem::forbidden(error.to_string()),
        AdoptError::Invalid(..) => Problem::unprocessable(error.to_string()),
        AdoptError::NotAdopted => Problem::conflict(error.to_string()),
        AdoptError::Withdrawn => Problem::new(StatusCode::GONE, error.to_string()),
        AdoptError::Write(e) => admin::write_problem(e),
        AdoptError::Failed(_) => Problem::internal(error),
    }
}

fn document(adoption: &Adoption) -> Value {
    json!({
        "institution": adoption.institution,
        "former": adoption.former,
        "version": adoption.version,
        "since": adoption.since,
        "status": adoption.status.as_str(),
        "contact": adoption.contact,
        "comment": adoption.comment,
        "statement": adoption.statement,
        "position": adoption.position,
        "time": rfc3339(adoption.time),
    })
}
