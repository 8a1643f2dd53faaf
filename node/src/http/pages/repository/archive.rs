//! The files of a commit as one archive, made while it is sent.

use std::io;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use commun_forge::{
    git::{ArchiveError, ArchiveKind},
    resource::content_disposition,
};
use tokio::sync::Semaphore;

use super::super::Page;
use super::{nothing, read};
use crate::{
    http::{pieces, problem::Problem},
    items::Shown,
};

/// Archives that are made at once; who comes then is asked to come back.
static TURNS: Semaphore = Semaphore::const_new(4);
/// `GET …/archive/REF.zip` and `….tar.gz`. The strong ETag names the commit and the release that compresses.
pub(super) async fn send(
    page: &Page<'_>,
    item: &Shown,
    rest: &str,
    request: &HeaderMap,
) -> Result<Response, Problem> {
    let kinds = [ArchiveKind::Zip, ArchiveKind::TarGz];
    let named = kinds
        .into_iter()
        .find_map(|kind| Some((kind, rest.strip_suffix(kind.extension())?.to_owned())));
    let (kind, rev) = named.ok_or_else(nothing)?;
    let asked = rev.clone();
    let commit = read(page.web, item, move |git| {
        let resolved = git.split_address(&asked)?;
        Ok(resolved.path.is_empty().then_some(resolved.commit))
    });
    let commit = commit.await?.flatten().ok_or_else(nothing)?;
    let folder = format!("{}-{}", item.slug, rev.replace('/', "-"));
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    let etag = format!("\"{commit}-{}\"", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        (header::ETAG, etag.clone()),
        (header::CACHE_CONTROL, "public, no-cache".to_owned()),
        (header::CONTENT_TYPE, kind.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            content_disposition(&format!("{folder}{}", kind.extension())),
        ),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    let known = request.get(header::IF_NONE_MATCH);
    let known = known.and_then(|value| value.to_str().ok());
    if known.is_some_and(|list| list.split(',').any(|tag| tag.trim() == etag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let turn = TURNS.try_acquire();
    let turn =
        turn.map_err(|_| Problem::busy("too many archives are being made; try again", 10))?;
    let id = item.id;
    let listed = page.web.ask(move |site| {
        let repository = site.repository(&id)?.ok_or_else(nothing)?;
        let git = repository.browse()?;
        let archive = git.archive(&commit).map_err(|error| match error {
            ArchiveError::TooLarge => Problem::too_large(error.to_string()),
            ArchiveError::Browse(error) => error.into(),
            ArchiveError::Io(error) => Problem::internal(&error),
        })?;
        Ok((git, archive))
    });
    let (git, archive) = listed.await?;
    *response.body_mut() = pieces::body(move |out| {
        let _turn = turn;
        let done = git.write_archive(&archive, kind, &folder, out);
        done.map_err(|error| io::Error::other(error.to_string()))
    });
    Ok(response.into_response())
}
