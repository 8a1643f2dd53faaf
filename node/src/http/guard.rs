//! What every request passes: is it for us, may it change something, how long may it take; and the headers that
//! every answer carries.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header},
    middleware::Next,
    response::IntoResponse,
};
use data_encoding::HEXLOWER;
use tracing::Instrument;

use super::{
    Web, content,
    hosts::{Misaddressed, Site},
    lang::Wanted,
    metrics, pages,
    problem::Problem,
};

/// Time for an ordinary answer to begin. Searches take milliseconds; what takes this long will not end.
const MAX_ANSWER: Duration = Duration::from_secs(30);

/// Largest header of a request, in bytes: browsers send two thousand.
const MAX_HEADER_BYTES: usize = 16 << 10;

/// Lets a request through to its handler, or answers for it.
pub(super) async fn guard(State(web): State<Web>, request: Request, next: Next) -> Response<Body> {
    let id = HEXLOWER.encode(&rand::random::<[u8; 6]>());
    let route = metrics::route(request.uri().path());
    let span = tracing::debug_span!("request", id, method = %request.method(), route);
    let mut response = admit(&web, &id, request, next).instrument(span).await;
    web.requests().count(route, response.status());
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ));
    response
}

async fn admit(web: &Web, id: &str, request: Request, next: Next) -> Response<Body> {
    if let Err(problem) = bounded(request.headers()) {
        return problem.into_response();
    }
    match web.hosts().site(request.uri(), request.headers()) {
        Ok(Site::Main) => {}
        Ok(Site::Content) => return content::serve(web, request).await,
        Err(Misaddressed::Unclear) => {
            return Problem::bad_request("a request names one host").into_response();
        }
        Err(Misaddressed::Unknown) => {
            return Problem::new(
                StatusCode::MISDIRECTED_REQUEST,
                "this node does not serve that host name",
            )
            .into_response();
        }
    }
    if let Err(problem) = same_origin(web, request.method(), request.headers()) {
        return problem.into_response();
    }
    let for_people = wants_page(&request);
    let wanted = pages::wanted(request.uri(), request.headers());
    let path = request.uri().path().to_owned();
    let response = if takes_long(request.method(), &path) {
        next.run(request).await
    } else {
        match tokio::time::timeout(MAX_ANSWER, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::busy("the answer took too long", 10).into_response(),
        }
    };
    if for_people && let Some(problem) = response.extensions().get::<Problem>() {
        return problem_page(web, &wanted, problem, id);
    }
    response
}

fn problem_page(web: &Web, wanted: &Wanted, problem: &Problem, id: &str) -> Response<Body> {
    pages::error(web, wanted, problem, id)
}

/// Refuses a header that is larger than any browser's.
fn bounded(headers: &HeaderMap) -> Result<(), Problem> {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if bytes > MAX_HEADER_BYTES {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "the header of the request is too large",
        ));
    }
    Ok(())
}

/// Refuses a request that another site's page makes in a reader's name. Programs send neither header.
fn same_origin(web: &Web, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let upgrade = headers.contains_key(header::UPGRADE);
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) && !upgrade {
        return Ok(());
    }
    let foreign_origin = headers
        .get(header::ORIGIN)
        .is_some_and(|origin| !origin.to_str().is_ok_and(|o| web.hosts().is_own_origin(o)));
    let foreign_fetch = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin" && site != "none");
    if foreign_origin || foreign_fetch {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "requests that change something are not taken from pages of other sites",
        ));
    }
    Ok(())
}

/// Whether a browser asks for a page: then errors are pages too.
fn wants_page(request: &Request) -> bool {
    let path = request.uri().path();
    let machine = ["/api/", "/log/", "/healthz", "/metrics"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    let html = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    !machine && html
}

/// Requests that have their own limits of time: uploads, Git, waiting for changes.
fn takes_long(method: &Method, path: &str) -> bool {
    path == "/api/v1/changes"
        || path.contains(".git/")
        || (*method == Method::POST
            && ["items", "imports", "corrections"].iter().any(|part| {
                path.strip_prefix("/api/v1/")
                    .is_some_and(|rest| rest.starts_with(part))
            }))
}
