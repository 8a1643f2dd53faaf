//! Git's smart HTTP: clone and fetch for everybody, push for those who may.
//!
//! Bodies stream in both directions; nothing is buffered whole. A push is authenticated before a byte of it is read.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

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
use futures::{Stream, StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use tokio::{
    io::{AsyncBufRead, AsyncRead, AsyncReadExt, BufReader, DuplexStream},
    task::JoinHandle,
};
use tokio_util::io::{ReaderStream, StreamReader};

mod until;

use until::Until;

use super::{
    auth::{self, NoPush},
    lang::{TerminalLang, Wanted},
};
use crate::{
    app::App,
    core::Person,
    pushes::{Admitted, Denied, Pusher, fault_text},
    takedown::{self, Standing},
};

/// A client that neither sends nor takes a byte for this long is given up.
const STALL: Duration = Duration::from_secs(60);
/// How long a request to fetch takes to arrive at most, up to [`MAX_LOOK`] bytes: no process waits for it.
const ARRIVAL: Duration = Duration::from_secs(30);
/// How long the rest of a longer one takes, while a process waits for it: some megabytes at most.
const REST: Duration = Duration::from_secs(60);
/// Seconds after which a client that found no place had better come again: most clones take less.
const COME_AGAIN: &str = "10";
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
async fn large_files(headers: HeaderMap) -> Response {
    let why = match lang(&headers) {
        TerminalLang::En => {
            "Git LFS is not supported here: keep files of up to 100 MB in Git itself (git lfs migrate export), and \
             publish larger ones as a resource (commun publish)"
        }
        TerminalLang::Fr => {
            "Git LFS n’est pas pris en charge ici\u{a0}: gardez les fichiers jusqu’à 100 Mo dans Git lui-même (git lfs \
             migrate export), et publiez les plus grands comme ressource (commun publish)"
        }
    };
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
    let opened = match open(&app, &handle, &name, &headers) {
        Ok(opened) => opened,
        Err(no) => return *no.0,
    };
    if kind == ServiceKind::ReceivePack
        && let Err(no) = may_push(&app, &opened.0, &headers)
    {
        return *no.0;
    }
    if kind == ServiceKind::UploadPack && !holds_any(&opened.0, &opened.1).await {
        return not_here_yet(&headers);
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
        Err(e) => unanswered(&e),
    }
}

/// `POST /{handle}/{slug}.git/git-upload-pack`.
pub async fn upload_pack(
    State(app): State<App>,
    Path((handle, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (_, repository) = match open(&app, &handle, &name, &headers) {
        Ok(opened) => opened,
        Err(no) => return *no.0,
    };
    if !is_request(&headers, ServiceKind::UploadPack) {
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not a Git request");
    }
    let protocol = headers.get("git-protocol").and_then(|v| v.to_str().ok());
    let mut input = reader(&headers, body);
    // It is here before a process is started for it: who sends slowly holds nothing that others wait for.
    let begun = match begin(&mut input).await {
        Ok(begun) => begun,
        Err(no) => return *no.0,
    };
    let whole = begun.len() < MAX_LOOK;
    // Only a request of version 2 says in itself what it asks; most of them need no process.
    if whole && protocol.and_then(sanitise_protocol) == Some("version=2") {
        return match repository.answer(&begun).await {
            Ok(Answered::Whole(bytes)) => git_response(RESULT, Body::from(bytes)),
            Ok(Answered::Cached(reader)) => git_response(RESULT, replay(reader)),
            Ok(Answered::Process(service)) => converse(*service, io::Cursor::new(begun)),
            Err(e) => unanswered(&e),
        };
    }
    match repository.upload_pack(protocol).await {
        Ok(service) if whole => converse(service, io::Cursor::new(begun)),
        Ok(service) => {
            let rest = Until::new(input, REST);
            converse(service, io::Cursor::new(begun).chain(rest))
        }
        Err(e) => unanswered(&e),
    }
}

/// The beginning of a request, up to [`MAX_LOOK`] bytes; of a shorter one all.
async fn begin(input: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, No> {
    let mut begun = Vec::new();
    let mut look = input.take(MAX_LOOK as u64);
    let refuse = |status, why| Err(No::from(text(status, why)));
    match tokio::time::timeout(ARRIVAL, look.read_to_end(&mut begun)).await {
        Ok(Ok(_)) => Ok(begun),
        Ok(Err(_)) => refuse(StatusCode::BAD_REQUEST, "the request broke off"),
        Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, "the request did not arrive"),
    }
}

/// The media type of what upload-pack answers.
const RESULT: &str = "application/x-git-upload-pack-result";

/// Git's answer, as it comes. The process ends with it, and at once when the client goes away.
fn converse(service: Process, input: impl AsyncRead + Send + 'static) -> Response {
    let (ours, theirs) = tokio::io::duplex(PIPE);
    let running = tokio::spawn(async move {
        // A client that goes away in the middle of a clone is no event.
        if let Err(e @ ServiceError::Failed(_)) = service.run(input, ours, STALL).await {
            tracing::info!("upload-pack: {e}");
        }
    });
    let answer = Answer {
        bytes: ReaderStream::with_capacity(theirs, PIPE),
        running: Some(running),
    };
    git_response(RESULT, Body::from_stream(answer))
}

/// What a process answers. One that counts objects writes nothing for long: it would not notice by itself that nobody
/// is there any more.
struct Answer {
    bytes: ReaderStream<DuplexStream>,
    /// None once the answer is whole: then it ends by itself.
    running: Option<JoinHandle<()>>,
}

impl Stream for Answer {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.bytes.poll_next_unpin(cx);
        if matches!(polled, Poll::Ready(None)) {
            self.running = None;
        }
        polled
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
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
    let (item, repository) = match open(&app, &handle, &name, &headers) {
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
            .saying(move |fault| fault_text(fault, lang))
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
            Ok(Err(PushError::Service(e @ ServiceError::Busy))) => unanswered(&e),
            Ok(Err(PushError::Service(ServiceError::TooLarge(_)))) => text(
                StatusCode::PAYLOAD_TOO_LARGE,
                match lang {
                    TerminalLang::En => {
                        "the push is larger than this node takes; push older commits first: git push origin COMMIT:refs/heads/BRANCH"
                    }
                    TerminalLang::Fr => {
                        "le push est plus grand que ce que ce nœud accepte\u{202f}; poussez d’abord des commits plus anciens\u{a0}: git push origin COMMIT:refs/heads/BRANCHE"
                    }
                },
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRepository {
    /// Nothing in the commons has the name, or it is no repository.
    None,
    /// It was taken back.
    Withdrawn,
    /// This node does not show it.
    Hidden,
    /// It is in the catalogue and not on this disk yet.
    NotYet,
}

impl NoRepository {
    /// The same in a sentence, with what to do.
    pub fn text(self, lang: TerminalLang) -> &'static str {
        match (self, lang) {
            (NoRepository::None, TerminalLang::En) => {
                "no such repository in this commons; names are HANDLE/SLUG, and the search of any node finds them"
            }
            (NoRepository::None, TerminalLang::Fr) => {
                "aucun dépôt de ce nom dans ce commun\u{202f}; les noms sont HANDLE/SLUG, et la recherche de chaque nœud les trouve"
            }
            (NoRepository::Withdrawn, TerminalLang::En) => {
                "its institution has withdrawn this repository; its page says why"
            }
            (NoRepository::Withdrawn, TerminalLang::Fr) => {
                "l’établissement a retiré ce dépôt\u{202f}; sa page dit pourquoi"
            }
            (NoRepository::Hidden, TerminalLang::En) => {
                "this institution does not show this repository; its page says why"
            }
            (NoRepository::Hidden, TerminalLang::Fr) => {
                "cet établissement ne montre pas ce dépôt\u{202f}; sa page dit pourquoi"
            }
            (NoRepository::NotYet, TerminalLang::En) => {
                "this node does not hold the repository yet; try again in a moment, or clone from another node"
            }
            (NoRepository::NotYet, TerminalLang::Fr) => {
                "ce nœud n’a pas encore le dépôt\u{202f}; réessayez dans un instant, ou clonez depuis un autre nœud"
            }
        }
    }
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
            .and_then(|id| catalogue.copy_of(&id))
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
fn open(
    app: &App,
    handle: &str,
    name: &str,
    headers: &HeaderMap,
) -> Result<(Item, Repository), No> {
    let slug = name.strip_suffix(".git").unwrap_or_default();
    find(app, handle, slug).map_err(|why| {
        No::from(match why {
            NoRepository::None => text(StatusCode::NOT_FOUND, why.text(lang(headers))),
            NoRepository::Withdrawn => text(StatusCode::GONE, why.text(lang(headers))),
            NoRepository::Hidden => {
                let status = StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS;
                text(status, why.text(lang(headers)))
            }
            NoRepository::NotYet => not_here_yet(headers),
        })
    })
}

fn not_here_yet(headers: &HeaderMap) -> Response {
    text(
        StatusCode::SERVICE_UNAVAILABLE,
        NoRepository::NotYet.text(lang(headers)),
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
    let token = auth::token(headers).ok_or_else(|| unauthorised(NO_TOKEN, headers))?;
    let access = auth::of_token(app, &token)
        .map_err(|e| failed(&e))?
        .ok_or_else(|| unauthorised(WRONG_TOKEN, headers))?;
    let admitted = auth::may_push(app, item, &access).map_err(refuse)?;
    Ok((access.person, admitted))
}

/// The language in which a pusher is answered: Git sends that of the pusher's locale.
fn lang(headers: &HeaderMap) -> TerminalLang {
    Wanted::read(None, headers).terminal()
}

/// Why nobody is known, in English and French.
type Unknown = [&'static str; 2];

const NO_TOKEN: Unknown = [
    "pushing needs an access token as the password: your operator makes one (commun token create), or Git gets short ones with your SSH key (commun git-credential)",
    "pousser demande un jeton d’accès comme mot de passe\u{a0}: votre exploitant en fait un (commun token create), ou Git en obtient de courts avec votre clé SSH (commun git-credential)",
];
const WRONG_TOKEN: Unknown = [
    "this access token is not one of this node, or it has ended or was revoked: your operator makes another (commun token create), or Git gets short ones with your SSH key (commun git-credential)",
    "ce jeton d’accès n’est pas de ce nœud, ou il a expiré ou a été révoqué\u{a0}: votre exploitant en fait un autre (commun token create), ou Git en obtient de courts avec votre clé SSH (commun git-credential)",
];

fn unauthorised([en, fr]: Unknown, headers: &HeaderMap) -> Response {
    let why = match lang(headers) {
        TerminalLang::En => en,
        TerminalLang::Fr => fr,
    };
    let mut r = text(StatusCode::UNAUTHORIZED, why);
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
#[derive(Debug)]
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

/// There is no answer. A node that runs as many processes as it may says when to come again.
fn unanswered(e: &ServiceError) -> Response {
    if !matches!(e, ServiceError::Busy) {
        return failed(e);
    }
    let mut response = text(
        StatusCode::SERVICE_UNAVAILABLE,
        "this node serves as many clones and pushes as it can at a time; try again in a moment",
    );
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static(COME_AGAIN));
    response
}

fn failed(e: &dyn std::error::Error) -> Response {
    tracing::error!("git over HTTP: {e}");
    text(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the node failed; its log says why",
    )
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncWriteExt, sync::oneshot};

    use super::*;

    /// An answer of a process that has said nothing yet; when it is ended, the receiver hears of it.
    fn silent() -> (Answer, DuplexStream, oneshot::Receiver<()>) {
        let (ours, theirs) = tokio::io::duplex(PIPE);
        let (ended, hears) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let _ended = ended;
            std::future::pending().await
        });
        let answer = Answer {
            bytes: ReaderStream::new(theirs),
            running: Some(running),
        };
        (answer, ours, hears)
    }

    #[tokio::test]
    async fn a_process_that_is_silent_ends_when_its_client_goes_away() {
        let (answer, _ours, hears) = silent();
        drop(answer);
        assert!(hears.await.is_err(), "it is ended");
    }

    #[tokio::test]
    async fn a_process_whose_answer_is_whole_ends_by_itself() {
        let (mut answer, ours, mut hears) = silent();
        drop(ours);
        assert!(answer.next().await.is_none());
        drop(answer);
        tokio::task::yield_now().await;
        assert!(hears.try_recv() == Err(oneshot::error::TryRecvError::Empty));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_trickles_in_is_given_up_before_anything_is_started_for_it() {
        let (mut client, mut server) = tokio::io::duplex(64);
        let began = tokio::time::Instant::now();
        let trickle = async {
            loop {
                tokio::time::sleep(STALL / 6).await;
                client.write_all(b"0").await.unwrap();
            }
        };
        let no = tokio::select! {
            no = begin(&mut server) => no.unwrap_err(),
            () = trickle => unreachable!("it has no end"),
        };
        assert_eq!(no.0.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(began.elapsed().as_secs(), ARRIVAL.as_secs());
        let whole = begin(&mut &b"0000"[..]).await.unwrap();
        assert_eq!(whole, b"0000");
    }

    #[test]
    fn a_client_that_finds_no_place_is_told_when_to_come_again() {
        let response = unanswered(&ServiceError::Busy);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], COME_AGAIN);
        let other = unanswered(&ServiceError::Stalled);
        assert_eq!(other.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
