//! Publishing over HTTP: a multipart form, part `metadata` first, then the files, each streamed to the disk.

use std::{collections::HashSet, fs::File, io::Write as _, path::PathBuf, time::Duration};

use axum::{
    body::BodyDataStream,
    extract::{FromRequest, Multipart, Path, Request, State, multipart::Field},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use commun_specs::{
    files::{FilePath, MAX_FILE_BYTES, MAX_FILES},
    id::StatementId,
};
use futures::StreamExt;
use serde::Serialize;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::{Web, api::item_id, auth, name, problem::Problem, site::Which};
use crate::blobs::{Keeping, Kept};

/// Largest `metadata` part, in bytes: four times what a statement's body takes, so that the reader of the form can
/// say which text is too long.
const MAX_METADATA: usize = 1 << 20;
/// Most bytes of one upload, all files together.
const MAX_UPLOAD: u64 = 8 << 30;

/// The folder below the data folder that uploads are received in.
const INCOMING: &str = "incoming";

/// Removes what a process that was killed had received and not published. Only before anything is served.
///
/// # Errors
/// Something cannot be removed.
pub fn sweep(data: &std::path::Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(data.join(INCOMING)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// What somebody wants to publish, checked for form only. Its files are in a folder that goes when this is
/// dropped: whoever wants to keep one moves it away before.
pub struct Upload {
    /// The metadata as sent.
    pub metadata: Vec<u8>,
    /// Lists of files that did not fit into the metadata, as sent.
    pub(super) lists: Vec<Vec<u8>>,
    /// The files, in the order sent, with distinct paths.
    pub files: Vec<UploadedFile>,
    /// Large files, which were hashed while they came. They go before the names.
    kept: Vec<Kept>,
    folder: TempDir,
}

impl Upload {
    /// An upload whose files are in `folder`.
    pub fn new(metadata: Vec<u8>, files: Vec<UploadedFile>, folder: TempDir) -> Self {
        Self {
            metadata,
            lists: Vec::new(),
            files,
            folder,
            kept: Vec::new(),
        }
    }

    /// Large files of the folder, which the store need not hash again.
    fn keeping(mut self, kept: Vec<Kept>) -> Self {
        self.kept = kept;
        self
    }

    /// The files, the folder that they go with, and those of them that the store need not hash again; these go first.
    pub(super) fn into_parts(self) -> (Vec<UploadedFile>, TempDir, Vec<Kept>) {
        (self.files, self.folder, self.kept)
    }

    /// Where the files are.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// One file of an upload.
#[derive(Debug, Clone)]
pub struct UploadedFile {
    /// Its path in the resource.
    pub path: FilePath,
    /// Where its bytes are now.
    pub temp: PathBuf,
    /// How many they are.
    pub size: u64,
}

/// What was published.
#[derive(Debug, Clone, Serialize)]
pub struct Published {
    /// The item.
    pub id: StatementId,
    /// `handle/slug`.
    pub name: String,
    /// The statement that is the version.
    pub version: StatementId,
    /// Its place in the institution's log.
    pub position: u64,
}

/// `POST /api/v1/items`.
pub(super) async fn new_item(
    State(web): State<Web>,
    request: Request,
) -> Result<Response, Problem> {
    take(&web, request, None).await
}

/// `POST /api/v1/items/{id}/versions`.
pub(super) async fn version_of_id(
    State(web): State<Web>,
    Path((id, below)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    if below != "versions" {
        return Err(no_such_place());
    }
    take(&web, request, Some(item_id(&id)?)).await
}

/// `POST /api/v1/items/{handle}/{slug}/versions`.
pub(super) async fn version_of_name(
    State(web): State<Web>,
    Path((handle, slug, below)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    if below != "versions" {
        return Err(no_such_place());
    }
    take(&web, request, Some(name(&handle, &slug)?)).await
}

fn no_such_place() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "versions are published at …/versions",
    )
}

/// The token of a request.
fn token(headers: &HeaderMap) -> Result<String, Problem> {
    auth::token(headers).ok_or_else(|| {
        Problem::unauthorised("publishing needs an access token (Authorization: Bearer …)")
    })
}

/// What is read of an upload that is refused, in bytes: clients that send more ask first (`Expect: 100-continue`).
const MAX_SKIMMED: usize = 2 << 20;
/// How long that may take.
const SKIM: Duration = Duration::from_secs(2);

/// Reads what a refused client is still sending: closed on while it sends, it would lose the reason.
pub(super) async fn skim(request: Request) {
    if request.headers().contains_key(header::EXPECT) {
        return;
    }
    let mut body = request.into_body().into_data_stream();
    let mut left = MAX_SKIMMED;
    let read = async {
        while let Some(Ok(part)) = body.next().await {
            left = left.saturating_sub(part.len());
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(SKIM, read).await;
}

/// Who asks, and for which item: settled before a byte of the upload is looked at.
async fn admit(
    web: &Web,
    headers: &HeaderMap,
    which: Option<Which>,
) -> Result<(String, Option<StatementId>), Problem> {
    let token = token(headers)?;
    let asked = token.clone();
    web.ask(move |site| site.may_publish(&asked)).await?;
    let item = match which {
        Some(which) => Some(web.item(which).await?.id),
        None => None,
    };
    Ok((token, item))
}

async fn take(web: &Web, request: Request, which: Option<Which>) -> Result<Response, Problem> {
    let (token, item) = match admit(web, request.headers(), which).await {
        Ok(admitted) => admitted,
        Err(problem) => {
            skim(request).await;
            return Err(problem);
        }
    };
    has_room(web, request.headers())?;
    let form = Multipart::from_request(request, &())
        .await
        .map_err(|e| Problem::bad_request(e.body_text()))?;
    let upload = receive(web, form, 1, 0).await?;
    // On a task of its own: a reader who leaves now must not stop a publication half-way.
    let publishing = tokio::spawn(web.site().publish(token, upload, item));
    let published = publishing
        .await
        .unwrap_or_else(|_| Err(Problem::failed()))?;
    let mut response = (StatusCode::CREATED, axum::Json(&published)).into_response();
    let location = format!("/api/v1/items/{}", published.id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// A folder to receive files in: it goes when it is dropped, and at the next start.
pub(super) async fn folder(web: &Web) -> Result<TempDir, Problem> {
    let incoming = web.0.data.join(INCOMING);
    tokio::fs::create_dir_all(&incoming).await.map_err(disk)?;
    tempfile::Builder::new()
        .prefix("upload-")
        .tempdir_in(&incoming)
        .map_err(disk)
}

/// What a disk that takes no more is in HTTP.
pub(super) fn disk(e: std::io::Error) -> Problem {
    match e.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Problem::full(),
        _ => Problem::internal(&e),
    }
}

/// Fails where what is announced is more than the disk takes: told before it is sent, the sender gets the answer.
pub(super) fn has_room(web: &Web, headers: &HeaderMap) -> Result<(), Problem> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    // Where it cannot be told, writing shows it.
    let free = crate::data::free(&web.0.data).unwrap_or(u64::MAX);
    match length.is_some_and(|length| length > free) {
        true => Err(Problem::full()),
        false => Ok(()),
    }
}

/// Streams the parts to the disk. On any failure, and when the sender goes away, all of it is removed.
pub(super) async fn receive(
    web: &Web,
    mut form: Multipart,
    least: usize,
    lists: usize,
) -> Result<Upload, Problem> {
    let received = parts(web, &mut form, least, lists).await;
    if let Err(problem) = &received
        && problem.status == StatusCode::INSUFFICIENT_STORAGE
    {
        drain(&mut form).await;
    }
    received
}

/// What is read of an upload that the disk did not take, in bytes, so that its sender gets to read why.
const MAX_DRAINED: usize = 1 << 30;
/// How long that may take.
const DRAIN: Duration = Duration::from_secs(60);

async fn drain(form: &mut Multipart) {
    let mut left = MAX_DRAINED;
    let read = async {
        while let Ok(Some(mut field)) = form.next_field().await {
            while let Ok(Some(part)) = field.chunk().await {
                left = left.saturating_sub(part.len());
                if left == 0 {
                    return;
                }
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN, read).await;
}

/// The same for a body that is no form.
pub(super) async fn drain_body(body: &mut BodyDataStream) {
    let mut left = MAX_DRAINED;
    let read = async {
        while let Some(Ok(part)) = body.next().await {
            left = left.saturating_sub(part.len());
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN, read).await;
}

/// The metadata, up to so many more lists for them, and at least so many files.
async fn parts(
    web: &Web,
    form: &mut Multipart,
    least: usize,
    lists: usize,
) -> Result<Upload, Problem> {
    let folder = folder(web).await?;
    let first = next(form)
        .await?
        .filter(|field| field.name() == Some("metadata"))
        .ok_or_else(|| {
            wrong(
                "metadata",
                "the first part must be metadata (application/json)",
            )
        })?;
    let metadata = metadata(first).await?;
    let mut files: Vec<UploadedFile> = Vec::new();
    let mut left = MAX_UPLOAD;
    let mut known = HashSet::new();
    let mut kept = Vec::new();
    let mut more = Vec::new();
    while let Some(field) = next(form).await? {
        if field.name() == Some("files") && files.is_empty() && more.len() < lists {
            more.push(self::metadata(field).await?);
            continue;
        }
        if field.name() != Some("file") {
            return Err(wrong(
                "file",
                "every part after metadata must be named file",
            ));
        }
        if files.len() == MAX_FILES {
            return Err(Problem::too_large(format!(
                "a version has at most {MAX_FILES} files"
            )));
        }
        let path = path(&field)?;
        if !known.insert(path.clone()) {
            return Err(wrong("file", &format!("two files have the path {path}")));
        }
        let temp = folder.path().join(files.len().to_string());
        let (size, large) = store(web, field, &temp, &path, left).await?;
        kept.extend(large);
        left -= size;
        files.push(UploadedFile { path, temp, size });
    }
    if files.len() < least {
        return Err(wrong("file", "a resource has at least one file"));
    }
    let upload = Upload::new(metadata, files, folder).keeping(kept);
    Ok(Upload {
        lists: more,
        ..upload
    })
}

async fn next(form: &mut Multipart) -> Result<Option<Field<'_>>, Problem> {
    form.next_field()
        .await
        .map_err(|e| Problem::bad_request(format!("the form cannot be read: {}", e.body_text())))
}

fn wrong(field: &str, what: &str) -> Problem {
    Problem::bad_request(what).with_error(field, what, "")
}

async fn metadata(mut field: Field<'_>) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunk(&mut field).await? {
        if bytes.len() + chunk.len() > MAX_METADATA {
            return Err(Problem::too_large(format!(
                "the metadata have more than {MAX_METADATA} bytes"
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The path of a file part. Browsers and `commun` write quotes and line ends as percent escapes (HTML, 4.10.21.8).
fn path(field: &Field<'_>) -> Result<FilePath, Problem> {
    let name = field
        .file_name()
        .ok_or_else(|| {
            wrong(
                "file",
                "a file part needs a filename: its path in the resource",
            )
        })?
        .replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n");
    FilePath::composing(&name).map_err(|e| {
        Problem::unprocessable(e.to_string()).with_error("file", e.to_string(), "rename the file")
    })
}

async fn store(
    web: &Web,
    mut field: Field<'_>,
    temp: &std::path::Path,
    path: &FilePath,
    left: u64,
) -> Result<(u64, Option<Kept>), Problem> {
    let mut spool = Spool::new(temp);
    let mut keeping: Option<Keeping> = None;
    let mut size = 0_u64;
    while let Some(chunk) = chunk(&mut field).await? {
        size += chunk.len() as u64;
        if size > MAX_FILE_BYTES {
            return Err(Problem::too_large(format!(
                "{path} has more than {MAX_FILE_BYTES} bytes"
            )));
        }
        if size > left {
            return Err(Problem::too_large(format!(
                "the files have more than {MAX_UPLOAD} bytes in all"
            )));
        }
        spool.put(&chunk);
        if !spool.is_full() {
            continue;
        }
        // From the first whole piece on, it goes where it stays.
        if size == spool.piece.len() as u64 {
            keeping = web.site().keep();
        }
        match &mut keeping {
            Some(keeping) => keeping
                .put(spool.take().into())
                .await
                .map_err(|e| Problem::internal(&e))?,
            None => spool.flush().await.map_err(disk)?,
        }
    }
    let kept = match keeping {
        Some(mut keeping) => {
            let last = keeping.put(spool.take().into()).await;
            last.map_err(|e| Problem::internal(&e))?;
            let kept = keeping.finish(temp).await;
            Some(kept.map_err(|e| Problem::internal(&e))?)
        }
        None => {
            spool.finish().await.map_err(disk)?;
            None
        }
    };
    Ok((size, kept))
}

/// Writes a file in large pieces, each while the next one comes: a thread that may wait for the disk is asked once for
/// a small file, and once for each [`PIECE`] of a large one.
struct Spool {
    path: PathBuf,
    piece: Vec<u8>,
    /// The file, or the write that has it now.
    writing: Option<JoinHandle<std::io::Result<File>>>,
}

/// Bytes that are written at once, while the next come.
const PIECE: usize = 256 << 10;

impl Spool {
    fn new(path: &std::path::Path) -> Self {
        Self {
            path: path.to_owned(),
            piece: Vec::new(),
            writing: None,
        }
    }

    fn put(&mut self, chunk: &[u8]) {
        self.piece.extend_from_slice(chunk);
    }

    fn is_full(&self) -> bool {
        self.piece.len() >= PIECE
    }

    fn take(&mut self) -> Vec<u8> {
        // After a whole piece there is another one, which then does not grow step by step.
        let room = if self.is_full() {
            self.piece.capacity()
        } else {
            0
        };
        std::mem::replace(&mut self.piece, Vec::with_capacity(room))
    }

    async fn flush(&mut self) -> std::io::Result<()> {
        let before = self.written().await?;
        let piece = self.take();
        let path = self.path.clone();
        self.writing = Some(tokio::task::spawn_blocking(move || {
            let mut file = match before {
                Some(file) => file,
                None => File::create_new(path)?,
            };
            file.write_all(&piece)?;
            Ok(file)
        }));
        Ok(())
    }

    async fn written(&mut self) -> std::io::Result<Option<File>> {
        match self.writing.take() {
            Some(writing) => writing.await.map_err(std::io::Error::other)?.map(Some),
            None => Ok(None),
        }
    }

    async fn finish(mut self) -> std::io::Result<()> {
        if !self.piece.is_empty() || self.writing.is_none() {
            self.flush().await?;
        }
        self.written().await?;
        Ok(())
    }
}

async fn chunk(field: &mut Field<'_>) -> Result<Option<bytes::Bytes>, Problem> {
    field
        .chunk()
        .await
        .map_err(|e| Problem::bad_request(format!("the upload broke off: {}", e.body_text())))
}
