//! `GET|POST /oai`: the OAI-PMH interface ([`crate::oai`]).

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, RawQuery, State},
    http::{HeaderValue, Response, header},
    response::IntoResponse,
    routing::get,
};
use url::form_urlencoded;

use super::{Web, problem::Problem, talk::At};
use crate::{app::App, oai::Node};

/// Largest request, in bytes: a token and six short arguments.
const MAX_BODY: usize = 16 << 10;

/// The route.
pub fn routes(web: Web, app: App) -> Router {
    Router::new()
        .route("/oai", get(by_query).post(by_form))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(At { web, app })
}

async fn by_query(
    State(at): State<At>,
    RawQuery(query): RawQuery,
) -> Result<Response<Body>, Problem> {
    answer(at, query.unwrap_or_default().as_bytes()).await
}

async fn by_form(State(at): State<At>, form: bytes::Bytes) -> Result<Response<Body>, Problem> {
    answer(at, &form).await
}

async fn answer(at: At, query: &[u8]) -> Result<Response<Body>, Problem> {
    let arguments: Vec<(String, String)> = form_urlencoded::parse(query).into_owned().collect();
    let app = at.app.clone();
    let text = at
        .web
        .ask(move |_| {
            let node = Node {
                url: &app.url,
                mail: &app.mail,
            };
            app.oai
                .answer(&node, &arguments)
                .map_err(|e| Problem::internal(&e))
        })
        .await?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=UTF-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
