//! Git's smart HTTP: clone and fetch for everybody, push for those who may.
//!
//! Bodies stream in both directions; nothing is buffered whole. A push is authenticated before a byte of it is read.

use std::{io, time::Duration};

use async_compression::tokio::bufread::GzipDecoder;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use commun_forge::git::{
    Answered, MAX_LOOK, PushError, Reader, Repository, Service as Process, ServiceError,
    ServiceKind, offer_certificates, sanitise_protocol,
};
use commun_specs::{
    fold::{Item, ItemKind},
    name::{Handle, Slug},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt, BufReader};
use tokio_util::io::{ReaderStream, StreamReader};

use super::{
    auth::{self, NoPush},
    lang::{Lang, Wanted},
};
use crate::{
    app::App,
    core::Person,
    pushes::{Admitted, Denied, Pusher},
    takedown::{self, Standing},
};

/// A client that neither sends nor takes a byte for this long is given up.
const STALL: Duration = Duration::from_secs(60);
/// Bytes on their way between Git and the client.
const PIPE: usize = 128 << 10;

/// The routes of this page.
pub fn routes(app: App) -> Router {
    Router::new()
        .route("/{handle}/{slug}/info/refs", get(info_refs))
        .route("/{handle}/{slug}/git-upload-pack", post(upload_pack))
        .route("/{handle}/{slug}/git-receive-pack", post(receive_pack))
        .route("/{handle}/{slug}/info/lfs/{*rest}", any(large_files))
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// `/{handle}/{slug}.git/info/lfs/…`: Git LFS is not spoken here, and its client shows people why.
async fn large_files() -> Response {
    let why = "Git LFS is not supported here: keep files of up to 100 MB in Git itself, and publish larger ones as a \
               resource (commun publish)";
    (
        StatusCode::NOT_IMPLEMENTED,
        [(header::CONTENT_TYPE, "application/vnd.git-lfs+json")],
        serde_json::json!({"message": why}).to_string(),
    )
        .into_response()
}

/// `?service=git-upload-pack`.
#[derive(Deserialize)]
pub struct Service {
    service: Option<String>,
}

/// `GET /{handle}/{slug}.git/info/refs`.
pub async fn info_refs(
    State(app): State<App>,
    Path((handle, name)): Path<(String, String)>,
    Query(service): Query<Service>,
    headers: HeaderMap,
) -> Response {
    let Some(kind) = service.service.as_deref().and_then(ServiceKind::from_name) else {
        return text(
            StatusCode::FORBIDDEN,
            "only Git's smart protocol is spoken here",
        );
    };
    let opened = match open(&app, &handle, &name) {
        Ok(opened) => opened,
        Err(no) => return *no.0,
    };
    if kind == ServiceKind::ReceivePack
        && let Err(no) = may_push(&app, &opened.0, &headers)
    {
        return *no.0;
    }
    if kind == ServiceKind::UploadPack && !holds_any(&opened.0, &opened.1).await {
        return not_here_yet();
    }
    let protocol = headers.get("git-protocol").and_then(|v| v.to_str().ok());
    match opened.1.info_refs(kind, protocol).await {
        Ok(mut body) => {
            if kind == ServiceKind::ReceivePack {
                body = offer_certificates(body, &app.certificates.nonce(&opened.0.id));
            }
            git_response(
                &format!("application/x-{}-advertisement", kind.name()),
                Body::from(body),
            )
        }
        Err(e) => failed(&e),
    }
}

/// `POST /{handle}/{slug}.git/git-upload-pack`.
pub async fn upload_pack(
    State(app): State<App>,
    Path((handle, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (_, repository) = match open(&app, &handle, &name) {
        Ok(opened) => opened,
        Err(no) => return *no.0,
    };
    if !is_request(&headers, ServiceKind::UploadPack) {
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not a Git request");
    }
    let protocol = headers.get("git-protocol").and_then(|v| v.to_str().ok());
    let mut input = reader(&headers, body);
    // Only a request of version 2 is whole in itself; most of them need no process.
    let mut begun = Vec::new();
    if protocol.and_then(sanitise_protocol) == Some("version=2") {
        let mut look = (&mut input).take(MAX_LOOK as u64);
        match tokio::time::timeout(STALL, look.read_to_end(&mut begun)).await {
            Ok(Ok(_)) => {}
            Ok(Err(_)) => return text(StatusCode::BAD_REQUEST, "the request broke off"),
            Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "the request did not arrive"),
        }
        if begun.len() < MAX_LOOK {
            return match repository.answer(&begun).await {
                Ok(Answered::Whole(bytes)) => git_response(RESULT, Body::from(bytes)),
                Ok(Answered::Cached(reader)) => git_response(RESULT, replay(reader)),
                Ok(Answered::Process(service)) => converse(*service, io::Cursor::new(begun)),
                Err(e) => failed(&e),
            };
        }
    }
    match repository.upload_pack(protocol) {
        Ok(service) => converse(service, io::Cursor::new(begun).chain(input)),
        Err(e) => failed(&e),
    }
}

/// The media type of what upload-pack answers.
const RESULT: &str = "application/x-git-upload-pack-result";

/// Git's answer, as it comes.
fn converse(service: Process, input: impl AsyncRead + Send + 'static) -> Response {
    let (ours, theirs) = tokio::io::duplex(PIPE);
    tokio::spawn(async move {
        // A client that goes away in the middle of a clone is no event.
        if let Err(e @ ServiceError::Failed(_)) = service.run(input, ours, STALL).await {
            tracing::info!("upload-pack: {e}");
        }
    });
    git_response(
        RESULT,
        Body::from_stream(ReaderStream::with_capacity(theirs, PIPE)),
    )
}

/// An answer that was made once. One that breaks off says why in itself, as Git's own does.
fn replay(reader: Reader) -> Body {
    Body::from_stream(stream::unfold(reader, |mut reader| async move {
        let next = reader.next().await?;
        Some((next.map(Bytes::from), reader))
    }))
}

/// `POST /{handle}/{slug}.git/git-receive-pack`.
pub async fn receive_pack(
    State(app): State<App>,
    Path((handle, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (item, repository) = match open(&app, &handle, &name) {
        Ok(opened) => opened,
        Err(no) => return *no.0,
    };
    let (person, admitted) = match may_push(&app, &item, &headers) {
        Ok(found) => found,
        Err(no) => return *no.0,
    };
    let lang = lang(&headers);
    let only = admitted.proposals_only(lang);
    if !is_request(&headers, ServiceKind::ReceivePack) {
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not a Git request");
    }
    let input = reader(&headers, body);
    let (ours, theirs) = tokio::io::duplex(PIPE);
    let flying = app.pushes.begin(Pusher {
        item: item.id,
        person: person.clone(),
        lang,
        body: None,
    });
    let running = tokio::spawn(async move {
        let judge = app.certificates.judge(&flying, &item.id, &person, lang);
        let outcome = repository
            .receive_pack(&flying.hook)
            .proposals_only(only)
            .certified(&judge)
            .run(input, ours, STALL)
            .await;
        match &outcome {
            Err(PushError::Service(ServiceError::Failed(e))) => tracing::info!("receive-pack: {e}"),
            Err(e) => tracing::debug!("receive-pack: {e}"),
            Ok(_) => {}
        }
        outcome
    });
    // A request that is malformed is answered with a status: nothing was written yet then.
    let mut stream = ReaderStream::with_capacity(theirs, PIPE);
    match stream.next().await {
        Some(first) => {
            let all = stream::iter([first]).chain(stream);
            git_response(
                "application/x-git-receive-pack-result",
                Body::from_stream(all),
            )
        }
        None => match running.await {
            Ok(Err(e @ PushError::Malformed(_))) => text(StatusCode::BAD_REQUEST, &e.to_string()),
            Ok(Err(PushError::Service(ServiceError::TooLarge(_)))) => text(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the push is larger than this node takes",
            ),
            Ok(Ok(_)) => git_response("application/x-git-receive-pack-result", Body::empty()),
            _ => text(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the push broke off; nothing was stored",
            ),
        },
    }
}

/// Why there is no repository to speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRepository {
    /// Nothing in the commons has the name, or it is no repository.
    #[error("no such repository")]
    None,
    /// It was taken back.
    #[error("its institution has withdrawn this repository; its page says why")]
    Withdrawn,
    /// This node does not show it.
    #[error("this institution hides this repository; its page says why")]
    Hidden,
    /// It is in the catalogue and not on this disk yet.
    #[error("this node does not hold the repository yet; try again in a moment")]
    NotYet,
}

/// The item and repository of a name, also of one that it had before.
pub fn find(app: &App, handle: &str, slug: &str) -> Result<(Item, Repository), NoRepository> {
    let (Ok(handle), Ok(slug)) = (Handle::new(handle), Slug::new(slug)) else {
        return Err(NoRepository::None);
    };
    let item = {
        let state = app.core.state();
        let catalogue = state.catalogue();
        catalogue
            .by_name(&handle, &slug)
            .and_then(|id| catalogue.item(&id))
            .cloned()
            .ok_or(NoRepository::None)?
    };
    if item.kind != ItemKind::Repository {
        return Err(NoRepository::None);
    }
    match takedown::standing(&app.core, &item) {
        Standing::Shown => {}
        Standing::Withdrawn => return Err(NoRepository::Withdrawn),
        Standing::Hidden(_) => return Err(NoRepository::Hidden),
    }
    let repository = app
        .repos
        .get(&item.id.to_string())
        .map_err(|_| NoRepository::NotYet)?;
    Ok((item, repository))
}

/// The item and repository of a path; `name` ends in `.git`.
fn open(app: &App, handle: &str, name: &str) -> Result<(Item, Repository), No> {
    let slug = name.strip_suffix(".git").unwrap_or_default();
    find(app, handle, slug).map_err(|why| {
        No::from(match why {
            NoRepository::None => text(StatusCode::NOT_FOUND, &why.to_string()),
            NoRepository::Withdrawn => text(StatusCode::GONE, &why.to_string()),
            NoRepository::Hidden => {
                text(StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS, &why.to_string())
            }
            NoRepository::NotYet => not_here_yet(),
        })
    })
}

fn not_here_yet() -> Response {
    text(
        StatusCode::SERVICE_UNAVAILABLE,
        &NoRepository::NotYet.to_string(),
    )
}

/// Whether there is something to clone: a repository that has branches in the catalogue and none on this disk yet
/// would be cloned as an empty one, and nobody would notice.
pub(crate) async fn holds_any(item: &Item, repository: &Repository) -> bool {
    if item.served().next().is_none() {
        return true;
    }
    // What cannot be read is left to Git to explain.
    repository.has_refs().await.unwrap_or(true)
}

/// Whoever pushes shows a token, on the node of their own institution.
fn may_push(app: &App, item: &Item, headers: &HeaderMap) -> Result<(Person, Admitted), No> {
    let refuse = |why: NoPush| {
        let status = match &why {
            NoPush::Denied(Denied::Behind) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::FORBIDDEN,
        };
        text(status, &why.text(lang(headers)))
    };
    let token = auth::token(headers).ok_or_else(unauthorised)?;
    let access = auth::of_token(app, &token)
        .map_err(|e| failed(&e))?
        .ok_or_else(unauthorised)?;
    let admitted = auth::may_push(app, item, &access).map_err(refuse)?;
    Ok((access.person, admitted))
}

/// The language in which a pusher is answered: Git sends that of the pusher's locale.
fn lang(headers: &HeaderMap) -> Lang {
    Wanted::read(None, headers).lang
}

fn unauthorised() -> Response {
    let mut r = text(
        StatusCode::UNAUTHORIZED,
        "pushing needs an access token as the password (commun token create)",
    );
    r.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"commun\", charset=\"UTF-8\""),
    );
    r
}

fn is_request(headers: &HeaderMap, kind: ServiceKind) -> bool {
    let expected = format!("application/x-{}-request", kind.name());
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes() == expected.as_bytes())
}

/// The request's bytes, inflated where the client compressed them; what comes out is bounded by the forge.
fn reader(headers: &HeaderMap, body: Body) -> Box<dyn AsyncRead + Send + Unpin> {
    let stream = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    let zipped = headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|v| v == "gzip" || v == "x-gzip");
    if zipped {
        Box::new(inflate(BufReader::new(stream)))
    } else {
        Box::new(stream)
    }
}

fn inflate<R: AsyncBufRead + Send + Unpin>(from: R) -> GzipDecoder<R> {
    GzipDecoder::new(from)
}

fn git_response(content_type: &str, body: Body) -> Response {
    let mut r = Response::new(body);
    let value = HeaderValue::from_str(content_type).expect("service names are ASCII");
    r.headers_mut().insert(header::CONTENT_TYPE, value);
    r.headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    r
}

/// A refusal, ready to be sent.
struct No(Box<Response>);

impl From<Response> for No {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

/// Plain text: Git shows it to the person as `remote: …`.
fn text(status: StatusCode, why: &str) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        Bytes::from(format!("{why}\n")),
    )
        .into_response()
}

fn failed(e: &dyn std::error::Error) -> Response {
    tracing::error!("git over HTTP: {e}");
    text(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the node failed; its log says why",
    )
}
