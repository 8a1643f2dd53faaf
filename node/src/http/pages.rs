//! The pages: HTML made here, in the reader's language. All of it works without a script; what others wrote never stands on a
//! page that runs one, but as titles and snippets of a search.

mod about;
mod author;
mod collection;
mod commons;
mod compare;
mod component;
mod embed;
mod error;
mod filters;
mod follow;
mod home;
mod institution;
mod item;
mod known;
mod layout;
mod lineage;
mod paging;
mod preview;
pub(in crate::http) mod quality;
mod repository;
pub(in crate::http) mod requests;
mod reviews;
mod search;
mod searchbox;
mod status;
mod subject;
pub(in crate::http) mod talk_feed;
pub(in crate::http) mod threads;
mod verification;

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use data_encoding::HEXLOWER;
use maud::Markup;
use url::form_urlencoded;

pub(super) use error::error;
pub(super) use layout::{Page, icon_path};
pub(super) use repository::{held, picture};

use super::{Web, lang::Wanted};

/// The one style sheet.
const STYLE: &str = include_str!("pages/style.css");
/// The sign in front of the name, and in the browser's tab.
const ICON: &str = include_str!("pages/icon.svg");

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/", get(home::home))
        .route("/search", get(search::search))
        .route("/status", get(status::status))
        .route("/about", get(about::about))
        .route("/about/legal", get(about::legal))
        .route("/about/accessibility", get(about::accessibility))
        .route("/about/privacy", get(about::privacy))
        .route("/about/commons", get(commons::commons))
        .route("/about/author/{kind}/{value}", get(author::author))
        .route("/about/subject/{*id}", get(subject::subject))
        .route("/swhid/{id}", get(repository::swhid::page))
        .route("/static/{file}", get(layout::asset))
        .route("/{handle}", get(institution::institution))
        .route("/{handle}/{slug}", get(item::item))
        .route("/{handle}/{slug}/embed", get(embed::embed))
        .route(
            "/{handle}/{slug}/verification",
            get(verification::verification),
        )
        .route("/{handle}/{slug}/{*rest}", get(repository::below))
}

/// The languages of a request: `?lang=` of the address, then the browser's.
pub(super) fn wanted(uri: &Uri, headers: &HeaderMap) -> Wanted {
    let lang = parameter(uri, "lang");
    Wanted::read(lang.as_deref(), headers)
}

/// The first parameter of a name.
pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A relative path for an address: each segment percent-encoded (RFC 3986, unreserved characters stay).
pub(super) fn encode_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&HEXLOWER.encode(&[byte]).to_ascii_uppercase());
        }
    }
    out
}

/// The text of a path in an address; `None` for escapes that are not UTF-8 or not whole.
pub(super) fn decode_path(path: &str) -> Option<String> {
    let mut out = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next()?, bytes.next()?].map(|b| b.to_ascii_lowercase());
        out.extend(HEXLOWER.decode(&digits).ok()?);
    }
    String::from_utf8(out).ok()
}

/// A page as an answer. `scripted`: it runs the one script that there is, which asks this node.
fn respond(web: &Web, page: Markup, scripted: bool) -> Response {
    let mut response = page.into_string().into_response();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' {0}; media-src 'self' {0}; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'",
        web.hosts().content
    );
    let policy = if scripted {
        // Not all that this host serves: the files of static alone.
        let main = &web.hosts().main;
        format!("{policy}; script-src {main}/static/; connect-src {main}/api/v1/complete")
    } else {
        policy
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_and_read_back() {
        let path = "cours/Équations & co #1?.md";
        let encoded = encode_path(path);
        assert_eq!(encoded, "cours/%C3%89quations%20%26%20co%20%231%3F.md");
        assert_eq!(decode_path(&encoded).as_deref(), Some(path));
        for bad in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode_path(bad), None, "{bad}");
        }
    }
}
