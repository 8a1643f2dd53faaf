//! The content host: what people uploaded, shown where it can do nothing.
//!
//! It has no cookies, no session and no page of ours. Everything on it comes with a sandbox that gives it an origin
//! of its own, without scripts, forms or connections. Only what no browser runs is shown in place; all else is a
//! download, as on the main host.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header},
    response::IntoResponse,
};
use commun_forge::{
    resource::{FileEntry, content_disposition},
    text::picture_type,
};

use super::{Web, files, name, problem::Problem, subtitles::is_media};
use crate::{
    drawings::Undrawn,
    items::{MAX_PICTURE, Shown},
};

/// What may be shown in place: pictures that are only pixels. SVG, HTML, XML and PDF can run programs.
const PICTURES: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
];

/// The time in which a page is drawn while its reader waits.
const MAX_DRAWING: Duration = Duration::from_secs(25);

/// Whether a file of this type is shown as a picture.
pub(super) fn is_picture(media_type: &str) -> bool {
    PICTURES.contains(&media_type)
}

/// The address of a file here, below the content host's origin.
pub(super) fn path(name: &str, file: &str) -> String {
    format!("/{name}/files/{}", super::pages::encode_path(file))
}

/// The address of an item's first picture here, below the content host's origin; it changes with the picture.
pub(super) fn picture_path(name: &str, picture: &FileEntry) -> String {
    format!("/{name}/picture/{}", picture.blake3)
}

/// The address of a picture of a page of a PDF document here, below the content host's origin; the first one is 1.
pub(super) fn page_path(name: &str, file: &str, page: u32) -> String {
    format!("/{name}/pages/{page}/{}", super::pages::encode_path(file))
}

/// Answers a request to the content host: `GET /{handle}/{slug}/files/PATH`, its first picture under
/// `picture/BLAKE3`, pictures of the pages of a PDF document under `pages/N/PATH`, the pictures of a repository under
/// `git/PATH?ref=…`, and 421 for everything else.
pub(super) async fn serve(web: &Web, request: Request) -> Response<Body> {
    let mut response = match file(web, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "sandbox; default-src 'none'; img-src 'self'; style-src 'none'; script-src 'none'; \
             form-action 'none'; base-uri 'none'",
        ),
    );
    // Names in what was uploaded are not looked up before somebody follows them.
    headers.insert(
        HeaderName::from_static("x-dns-prefetch-control"),
        HeaderValue::from_static("off"),
    );
    // Pages of the main host are another site: they may show these pictures, and nobody can read them.
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

async fn file(web: &Web, request: Request) -> Result<Response<Body>, Problem> {
    let elsewhere = || {
        Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this host name serves files only",
        )
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(elsewhere());
    }
    let mut parts = request.uri().path().splitn(5, '/');
    let (
        Some(""),
        Some(handle),
        Some(slug),
        Some(kind @ ("files" | "git" | "pages" | "picture")),
        Some(path),
    ) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    )
    else {
        return Err(elsewhere());
    };
    let path = super::pages::decode_path(path).ok_or_else(elsewhere)?;
    let item = web.item(name(handle, slug)?).await?;
    if item.withdrawn.is_some() {
        return Err(super::api::gone(&item));
    }
    if kind == "git" {
        let rev = super::pages::parameter(request.uri(), "ref");
        return super::pages::picture(web, &item, rev, path).await;
    }
    if kind == "picture" {
        let head_only = *request.method() == Method::HEAD;
        return first_picture(web, &item, &path, request.headers(), head_only).await;
    }
    if kind == "pages" {
        let head_only = *request.method() == Method::HEAD;
        return page(web, &item, &path, request.headers(), head_only).await;
    }
    let file = item.files.as_ref().and_then(|files| files.find(&path));
    let file = file.ok_or_else(|| Problem::not_found("the item has no file of this path"))?;
    let head_only = *request.method() == Method::HEAD;
    let attachment = content_disposition(file.path.as_str());
    let inline = attachment.replacen("attachment", "inline", 1);
    let (content_type, disposition) = match file.media_type.as_str() {
        picture if is_picture(picture) => (picture, inline),
        media if is_media(media) => (media, inline),
        "text/plain" => ("text/plain; charset=utf-8", inline),
        other => (other, attachment),
    };
    files::send(
        web,
        file,
        request.headers(),
        content_type,
        &disposition,
        head_only,
    )
    .await
}

/// The picture that the item's description names, if its bytes are one: another institution's node said so.
async fn first_picture(
    web: &Web,
    item: &Shown,
    hash: &str,
    headers: &HeaderMap,
    head_only: bool,
) -> Result<Response<Body>, Problem> {
    let picture = item
        .extraction
        .picture
        .as_ref()
        .filter(|p| p.blake3.to_string() == hash);
    let picture = picture.ok_or_else(|| Problem::not_found("the item has no such picture"))?;
    let bytes = web
        .site()
        .read(picture, MAX_PICTURE)
        .await?
        .ok_or_else(|| Problem::busy("this node has not received the picture yet; try again", 5))?;
    if picture_type(&bytes) != Some(picture.media_type.as_str()) {
        return Err(Problem::not_found(
            "the item has no picture that can be shown",
        ));
    }
    files::send(
        web,
        picture,
        headers,
        &picture.media_type,
        "inline",
        head_only,
    )
    .await
}

/// A page of a PDF document as a picture: `N/PATH`.
async fn page(
    web: &Web,
    item: &Shown,
    path: &str,
    headers: &HeaderMap,
    head_only: bool,
) -> Result<Response<Body>, Problem> {
    let named = path.split_once('/').and_then(|(page, path)| {
        let file = item.files.as_ref()?.find(path)?;
        Some((page.parse::<u32>().ok()?, file))
    });
    let (page, file) = named
        .filter(|(_, file)| file.media_type == "application/pdf")
        .ok_or_else(|| Problem::not_found("the item has no such page"))?;
    if let Some(problem) = web.site().blocked(file) {
        return Err(problem);
    }
    let drawing = tokio::time::timeout(MAX_DRAWING, web.site().page(file, page));
    let drawn = match drawing.await {
        Ok(Ok(drawn)) => drawn,
        Ok(Err(Undrawn::Unread(why))) => {
            let why = format!("this page cannot be shown: {why}");
            return Err(Problem::not_found(why));
        }
        Ok(Err(Undrawn::Failed(why))) => return Err(Problem::internal(&why)),
        Ok(Err(why @ (Undrawn::NotHere | Undrawn::Busy))) => {
            return Err(Problem::busy(why.to_string(), 5));
        }
        Err(_) => return Err(Problem::busy("the page is being drawn; try again", 10)),
    };
    let etag = format!("\"{}\"", blake3::hash(&drawn.png).to_hex());
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known.is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
    let mut response = match (known, head_only) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => Response::new(Body::empty()),
        (false, false) => Response::new(Body::from(drawn.png.clone())),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "image/png"),
        (header::CONTENT_DISPOSITION, "inline"),
        (header::CACHE_CONTROL, "public, no-cache"),
        (header::ETAG, &*etag),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}
