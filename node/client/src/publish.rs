//! Publishing: metadata and files in one streamed multipart request (RFC 7578).

use std::{
    fs::File,
    io::{self, Cursor, Read},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use ureq::SendBody;
use url::Url;

use crate::{
    client::{Client, Reply, read_json},
    error::Error,
    item::ItemRef,
};

/// From this size on, in bytes, the node is asked whether it wants the upload before it is sent
/// (`Expect: 100-continue`), so that a refusal costs no upload.
const ASK_FIRST: u64 = 1 << 20;

/// Longest wait for the answer once everything is sent: the node hashes, scans and stores gigabytes first.
pub(crate) const TAKING_IN: Duration = Duration::from_secs(1_800);

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalFile {
    /// Where it is.
    pub source: PathBuf,
    /// Its path in the resource, with `/`.
    pub path: String,
    /// Its bytes, as they were counted: exactly so many are sent.
    pub size: u64,
}

/// What was published.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Published {
    /// The item's id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// The id of the statement that is the version.
    pub version: String,
    /// Its place in the institution's log.
    pub position: u64,
}

impl Client {
    /// Publishes a new item, or a new version where `item` is given. `progress` is called with the number of
    /// bytes sent since its last call.
    ///
    /// Files are read while they are sent; nothing but a small buffer is in memory.
    ///
    /// # Errors
    /// [`Error::Local`] names a file that could not be read, or that changed its size meanwhile: then the node
    /// has stored nothing.
    pub fn publish(
        &self,
        item: Option<&ItemRef>,
        metadata: &Value,
        files: &[LocalFile],
        progress: impl FnMut(u64) + Send + 'static,
    ) -> Result<Reply<Published>, Error> {
        let url = match item {
            Some(item) => self.item_url(item, &["versions"]),
            None => self.url(&["api", "v1", "items"]),
        };
        self.send_form(url, metadata, &[], files, progress)
    }

    /// Sends a form of metadata, lists of files that are only named, and files.
    pub(crate) fn send_form<T: DeserializeOwned>(
        &self,
        url: Url,
        metadata: &Value,
        lists: &[Value],
        files: &[LocalFile],
        progress: impl FnMut(u64) + Send + 'static,
    ) -> Result<Reply<T>, Error> {
        let lists = lists.iter().map(|list| list.to_string().into_bytes());
        let form = Form::new(metadata.to_string().into_bytes(), lists.collect(), files);
        let length = form.length();
        let content_type = format!("multipart/form-data; boundary={}", form.boundary);
        let failed: Failure = Arc::default();
        let body = form.into_reader(Arc::clone(&failed), Box::new(progress));

        let mut request = self
            .agent()
            .post(url.as_str())
            .config()
            .timeout_per_read(Some(TAKING_IN))
            .build()
            .header("Accept", "application/json")
            .header("Content-Type", content_type)
            .header("Content-Length", length.to_string());
        if length > ASK_FIRST {
            request = request.header("Expect", "100-continue");
        }
        if let Some(value) = self.authorization() {
            request = request.header("Authorization", value);
        }
        let sent = request.send(SendBody::from_owned_reader(body));
        if let Some((path, source)) = failed.lock().ok().and_then(|mut failed| failed.take()) {
            return Err(Error::Local { path, source });
        }
        let answer = sent.map_err(|cause| interrupted(&url, cause))?;
        read_json(&url, answer)
    }
}

/// A node that has seen enough closes the connection while bytes are still coming, and its reason may be lost.
fn interrupted(url: &Url, cause: ureq::Error) -> Error {
    match cause {
        ureq::Error::Io(cause)
            if matches!(cause.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) =>
        {
            Error::Answer {
                url: url.to_string(),
                what: "the node stopped taking the upload before its end; it may be over a limit, or the node may have stopped".into(),
            }
        }
        other => Error::of(url.as_str(), other),
    }
}

/// The file that could not be read, if one could not.
type Failure = Arc<Mutex<Option<(String, io::Error)>>>;

/// The parts of the request, each a head and its content.
struct Form {
    boundary: String,
    parts: Vec<(Vec<u8>, Content)>,
}

enum Content {
    Bytes(Vec<u8>),
    File(LocalFile),
}

impl Form {
    fn new(metadata: Vec<u8>, lists: Vec<Vec<u8>>, files: &[LocalFile]) -> Form {
        // Bound to what is sent, so that nobody can write a file that contains its own boundary.
        let mut hasher = blake3::Hasher::new();
        hasher.update(&metadata);
        for list in &lists {
            hasher.update(list);
        }
        hasher.update(&std::process::id().to_le_bytes());
        for file in files {
            hasher.update(file.path.as_bytes());
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        hasher.update(&now.unwrap_or_default().as_nanos().to_le_bytes());
        let boundary = format!("commun-{}", &hasher.finalize().to_hex()[..40]);

        let head = |disposition: &str, media_type: &str| {
            format!("\r\n--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {media_type}\r\n\r\n")
                .into_bytes()
        };
        let mut parts = vec![(
            head("name=\"metadata\"", "application/json"),
            Content::Bytes(metadata),
        )];
        // Before the first boundary stands nothing.
        parts[0].0.drain(..2);
        for list in lists {
            let head = head("name=\"files\"", "application/json");
            parts.push((head, Content::Bytes(list)));
        }
        for file in files {
            let disposition = format!("name=\"file\"; filename=\"{}\"", quoted(&file.path));
            parts.push((
                head(&disposition, "application/octet-stream"),
                Content::File(file.clone()),
            ));
        }
        Form { boundary, parts }
    }

    fn end(&self) -> Vec<u8> {
        format!("\r\n--{}--\r\n", self.boundary).into_bytes()
    }

    fn length(&self) -> u64 {
        let parts: u64 = self
            .parts
            .iter()
            .map(|(head, content)| {
                head.len() as u64
                    + match content {
                        Content::Bytes(bytes) => bytes.len() as u64,
                        Content::File(file) => file.size,
                    }
            })
            .sum();
        parts + self.end().len() as u64
    }

    fn into_reader(self, failed: Failure, progress: Box<dyn FnMut(u64) + Send>) -> FormReader {
        let end = self.end();
        let mut pieces = Vec::new();
        for (head, content) in self.parts {
            pieces.push(Content::Bytes(head));
            pieces.push(content);
        }
        pieces.push(Content::Bytes(end));
        FormReader {
            pieces: pieces.into_iter(),
            current: None,
            failed,
            progress,
        }
    }
}

/// A file name as browsers write it in a form: quotes and line ends as percent escapes (HTML, 4.10.21.8).
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The request's bytes, made while they are read; one file is open at a time.
struct FormReader {
    pieces: std::vec::IntoIter<Content>,
    current: Option<Piece>,
    failed: Failure,
    progress: Box<dyn FnMut(u64) + Send>,
}

enum Piece {
    Bytes(Cursor<Vec<u8>>),
    File { file: File, name: String, left: u64 },
}

impl FormReader {
    fn fail(&self, name: &str, cause: io::Error) -> io::Error {
        let kind = cause.kind();
        if let Ok(mut failed) = self.failed.lock() {
            *failed = Some((name.to_owned(), cause));
        }
        io::Error::from(kind)
    }

    fn open(&mut self, content: Content) -> io::Result<Piece> {
        match content {
            Content::Bytes(bytes) => Ok(Piece::Bytes(Cursor::new(bytes))),
            Content::File(local) => {
                let name = local.source.display().to_string();
                let file = File::open(&local.source).map_err(|cause| self.fail(&name, cause))?;
                Ok(Piece::File {
                    file,
                    name,
                    left: local.size,
                })
            }
        }
    }
}

impl Read for FormReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let piece = match self.current.take() {
                Some(piece) => piece,
                None => match self.pieces.next() {
                    Some(content) => self.open(content)?,
                    None => return Ok(0),
                },
            };
            match piece {
                Piece::Bytes(mut bytes) => {
                    let count = bytes.read(buffer)?;
                    if count > 0 {
                        self.current = Some(Piece::Bytes(bytes));
                        return Ok(count);
                    }
                }
                Piece::File { left: 0, .. } => {}
                Piece::File {
                    mut file,
                    name,
                    left,
                } => {
                    let most = buffer
                        .len()
                        .min(usize::try_from(left).unwrap_or(usize::MAX));
                    let count = file
                        .read(&mut buffer[..most])
                        .map_err(|cause| self.fail(&name, cause))?;
                    if count == 0 {
                        let cause = io::Error::new(
                            io::ErrorKind::UnexpectedEof,
                            "the file became shorter while it was sent",
                        );
                        return Err(self.fail(&name, cause));
                    }
                    (self.progress)(count as u64);
                    let left = left - count as u64;
                    self.current = Some(Piece::File { file, name, left });
                    return Ok(count);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_as_long_as_it_says() {
        let form = Form::new(b"{}".to_vec(), Vec::new(), &[]);
        let length = form.length();
        let boundary = form.boundary.clone();
        let mut bytes = Vec::new();
        let mut reader = form.into_reader(Arc::default(), Box::new(|_| {}));
        reader.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, length);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with(&format!("--{boundary}\r\n")));
        assert!(text.ends_with(&format!("{{}}\r\n--{boundary}--\r\n")));
    }

    #[test]
    fn a_file_name_cannot_leave_its_quotes() {
        assert_eq!(quoted("a\"\r\nX: y"), "a%22%0D%0AX: y");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let file = LocalFile {
            source: "does/not/exist".into(),
            path: "x".into(),
            size: 3,
        };
        let failed: Failure = Arc::default();
        let mut reader = Form::new(Vec::new(), Vec::new(), &[file])
            .into_reader(Arc::clone(&failed), Box::new(|_| {}));
        assert!(reader.read_to_end(&mut Vec::new()).is_err());
        assert_eq!(failed.lock().unwrap().as_ref().unwrap().0, "does/not/exist");
    }
}
