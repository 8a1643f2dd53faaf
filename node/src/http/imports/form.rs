//! A table with its mapping beside it.

use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request},
};

use crate::http::problem::Problem;

/// Largest mapping, in bytes; its reader takes less.
pub(super) const MAX_MAPPING: usize = 512 << 10;

/// The mapping and the table of a form with the parts `mapping` and `document`, in this order. `most`: the largest table,
/// in bytes.
pub(super) async fn given(request: Request, most: usize) -> Result<(Bytes, Bytes), Problem> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|e| Problem::bad_request(e.body_text()))?;
    let mapping = part(&mut form, "mapping", MAX_MAPPING).await?;
    let document = part(&mut form, "document", most).await?;
    Ok((mapping, document))
}

async fn part(form: &mut Multipart, name: &str, most: usize) -> Result<Bytes, Problem> {
    let unread =
        |e: axum::extract::multipart::MultipartError| Problem::new(e.status(), e.body_text());
    let field = form.next_field().await.map_err(unread)?;
    let Some(mut field) = field.filter(|field| field.name() == Some(name)) else {
        let what = "the form has the part mapping, then the part document";
        return Err(Problem::bad_request(what).with_error(name, "is missing", ""));
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(unread)? {
        if bytes.len() + chunk.len() > most {
            return Err(Problem::too_large(format!(
                "{name} has more than {most} bytes"
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}
