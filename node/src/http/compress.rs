//! Pages and answers travel compressed to those who can read that (RFC 9110, 12.5.3): a page of results is a seventh of its size then.
//!
//! Nothing in a page depends on who reads it, so that its length betrays nothing (BREACH needs a secret beside what an
//! attacker chooses); answers to requests with `Authorization` stay as they are all the same.

use std::io::Write as _;

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use flate2::{Compression, write::GzEncoder};

/// Shorter answers fit a packet as they are.
const LEAST: u64 = 1 << 10;
/// Longer answers are sent as they come: compressing one takes milliseconds of the thread that answers.
const MOST: u64 = 512 << 10;
/// Zlib's scale of 1 to 9: above it pages shrink by a hundredth more.
const LEVEL: Compression = Compression::new(5);
/// What shrinks. Pictures, archives and Git's packs are compressed in themselves.
const KINDS: [&str; 11] = [
    "text/html",
    "text/css",
    "text/javascript",
    "text/xml",
    "application/json",
    "application/ld+json",
    "application/xml",
    "application/atom+xml",
    "application/rss+xml",
    "application/opensearchdescription+xml",
    "image/svg+xml",
];

/// Compresses the answer where it helps and the client asks for it.
pub(super) async fn compress(request: Request, next: Next) -> Response {
    let asked = request.method() == Method::GET
        && !request.headers().contains_key(header::AUTHORIZATION)
        && takes_gzip(request.headers());
    let mut response = next.run(request).await;
    if !shrinks(response.headers()) {
        return response;
    }
    let vary = HeaderValue::from_static("accept-encoding");
    response.headers_mut().append(header::VARY, vary);
    let whole = response.body().size_hint().exact();
    // A tag names exact bytes, and a part of them is counted in bytes.
    let bytes = response.headers().contains_key(header::ETAG)
        || response.headers().contains_key(header::CONTENT_RANGE);
    if !asked || bytes || !whole.is_some_and(|n| (LEAST..=MOST).contains(&n)) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, MOST as usize).await else {
        // What has a length is in memory.
        return super::Problem::failed().into_response();
    };
    let mut packed = GzEncoder::new(Vec::with_capacity(plain.len() / 4), LEVEL);
    let written = packed.write_all(&plain);
    let packed = written
        .and_then(|()| packed.finish())
        .expect("memory takes what is written");
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(head, Body::from(packed))
}

/// Whether an answer is of a kind that shrinks, and not compressed yet.
fn shrinks(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or("");
    KINDS.contains(&kind.trim()) && !headers.contains_key(header::CONTENT_ENCODING)
}

/// Whether the client takes gzip: named with a weight above zero, or `*` where gzip is not named.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    let (mut named, mut any) = (None, false);
    for one in lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
    {
        let (name, weight) = one.split_once(';').unwrap_or((one, "q=1"));
        let weight = weight.trim().to_ascii_lowercase();
        let weight: f32 = weight
            .strip_prefix("q=")
            .and_then(|q| q.trim().parse().ok())
            .unwrap_or(0.0);
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => named = Some(weight > 0.0),
            "*" => any = weight > 0.0,
            _ => {}
        }
    }
    named.unwrap_or(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        let takes = |said: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, said.parse().unwrap());
            takes_gzip(&headers)
        };
        for yes in [
            "gzip",
            "gzip, deflate, br, zstd",
            "br;q=1.0, GZIP; Q=0.5",
            "*",
        ] {
            assert!(takes(yes), "{yes}");
        }
        for no in [
            "",
            "br",
            "gzip;q=0",
            "gzip;q=0, *",
            "*;q=0",
            "identity",
            "gzip;level=1",
        ] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
