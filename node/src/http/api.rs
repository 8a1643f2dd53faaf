//! The JSON interface, `/api/v1/…`.

pub(in crate::http) mod adoptions;
mod changes;
pub(super) mod complete;
mod component;
mod history;
mod institutions;
mod items;
pub(in crate::http) mod requests;
mod reviews;
mod search;
mod similar;
mod status;
mod swhid;
pub(in crate::http) mod threads;
mod vocabularies;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde::Serialize;

use super::{Web, problem::Problem, publish};
use crate::store;

pub use adoptions::routes as adoption_routes;
pub(super) use items::{below_or_name as item_of_name, gone, id as item_id};
pub(crate) use items::{evidence, known, metadata};
pub use reviews::routes as review_routes;

/// OpenAPI 3.1 of everything below, written by hand.
const OPENAPI: &str = include_str!("api/openapi.json");

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/api/v1/search", get(search::search))
        .route("/api/v1/complete", get(complete::complete))
        .route(
            "/api/v1/items",
            post(publish::new_item).layer(DefaultBodyLimit::disable()),
        )
        .route("/api/v1/items/{id}", get(items::by_id))
        .route(
            "/api/v1/items/{id}/{slug}",
            get(items::below_or_name)
                .merge(post(publish::version_of_id).layer(DefaultBodyLimit::disable())),
        )
        .route(
            "/api/v1/items/{id}/{slug}/{*rest}",
            get(items::rest)
                .merge(post(publish::version_of_name).layer(DefaultBodyLimit::disable())),
        )
        .route("/api/v1/changes", get(changes::changes))
        .route("/api/v1/status", get(status::status))
        .route("/api/v1/vocabularies", get(vocabularies::all))
        .route("/api/v1/vocabularies/{id}", get(vocabularies::one))
        .route(
            "/api/v1/vocabularies/{handle}/{slug}",
            get(vocabularies::published),
        )
        .route("/api/v1/swhid/{id}", get(swhid::find))
        .route("/api/v1/institutions", get(institutions::all))
        .route("/api/v1/institutions/{handle}", get(institutions::one))
        .route(
            "/api/v1/openapi.json",
            get(async || ([(header::CONTENT_TYPE, "application/json")], OPENAPI)),
        )
        .route(
            "/api/{*rest}",
            any(async || Problem::not_found("there is no such part of the interface")),
        )
}

/// Reads the store on a thread that may block.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, store::Error> + Send + 'static,
) -> Result<T, Problem> {
    let answer = tokio::task::spawn_blocking(read).await;
    answer
        .map_err(|e| Problem::internal(&e))?
        .map_err(|e| Problem::internal(&e))
}

/// A JSON answer; where texts in it were chosen by the reader's languages, caches are told.
fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let Ok(body) = serde_json::to_vec(value) else {
        return Problem::failed().into_response();
    };
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    (status, headers, body).into_response()
}
