//! What the web framework says by itself of a request that it cannot read, as a problem document like all others.

use axum::{
    body::to_bytes,
    extract::Request,
    http::header,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::problem::Problem;

/// Longest refusal that is passed on, in bytes: the framework's are a line.
const MAX_REFUSAL: usize = 4 << 10;

/// Answers of the interface that refuse in plain text become problem documents.
pub(super) async fn as_problem(request: Request, next: Next) -> Response {
    let of_api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    let plain = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !of_api || !plain || !response.status().is_client_error() {
        return response;
    }
    let status = response.status();
    let said = to_bytes(response.into_body(), MAX_REFUSAL).await;
    let said = said.unwrap_or_default();
    let detail = match String::from_utf8_lossy(&said).trim() {
        "" => "the request cannot be read".to_owned(),
        said => said.to_owned(),
    };
    Problem::new(status, detail).into_response()
}
