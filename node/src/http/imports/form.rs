//! A document alone, or with a mapping beside it.

use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request},
    http::header,
};

use crate::http::problem::Problem;

/// The document of a request and the mapping of its columns: a body of bytes, or a form with the parts `mapping` and
/// `document`, in this order.
pub(super) async fn given(request: Request) -> Result<(Bytes, Option<Bytes>), Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let form = kind.is_some_and(|k| k.as_bytes().starts_with(b"multipart/form-data"));
    if !form {
        let body = Bytes::from_request(request, &()).await;
        let body = body.map_err(|e| Problem::new(e.status(), e.body_text()))?;
        return Ok((body, None));
    }
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|e| Problem::bad_request(e.body_text()))?;
    let mapping = part(&mut form, "mapping").await?;
    let document = part(&mut form, "document").await?;
    Ok((document, Some(mapping)))
}

async fn part(form: &mut Multipart, name: &str) -> Result<Bytes, Problem> {
    let unread =
        |e: axum::extract::multipart::MultipartError| Problem::new(e.status(), e.body_text());
    let field = form.next_field().await.map_err(unread)?;
    match field.filter(|field| field.name() == Some(name)) {
        Some(field) => field.bytes().await.map_err(unread),
        None => Err(Problem::bad_request(format!(
            "the form has the part mapping, then the part document; {name} is missing"
        ))
        .with_error(name, "is missing", "")),
    }
}
