//! The content host: what people uploaded, shown where it can do nothing.
//!
//! It has no cookies, no session and no page of ours. Everything on it comes with a sandbox that gives it an origin
//! of its own, without scripts, forms or connections. Only what no browser runs is shown in place; all else is a
//! download, as on the main host.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, Response, StatusCode, header},
    response::IntoResponse,
};
use commun_forge::resource::content_disposition;

use super::{Web, files, name, problem::Problem};

/// What may be shown in place: pictures that are only pixels. SVG, HTML, XML and PDF can run programs.
const PICTURES: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
];

/// Whether a file of this type is shown as a picture.
pub(super) fn is_picture(media_type: &str) -> bool {
    PICTURES.contains(&media_type)
}

/// The address of a file here, below the content host's origin.
pub(super) fn path(name: &str, file: &str) -> String {
    format!("/{name}/files/{}", super::pages::encode_path(file))
}

/// Answers a request to the content host: `GET /{handle}/{slug}/files/PATH`, the pictures of a repository under
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
    let (Some(""), Some(handle), Some(slug), Some(kind @ ("files" | "git")), Some(path)) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
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
    let file = item.files.as_ref().and_then(|files| files.find(&path));
    let file = file.ok_or_else(|| Problem::not_found("the item has no file of this path"))?;
    let head_only = *request.method() == Method::HEAD;
    let attachment = content_disposition(file.path.as_str());
    let inline = attachment.replacen("attachment", "inline", 1);
    let (content_type, disposition) = match file.media_type.as_str() {
        picture if is_picture(picture) => (picture, inline),
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
