//! What is read out of the files of a resource: text, a picture, what the documents say of themselves, and which of them
//! could not be read.

use commun_forge::{
    resource::media_type,
    text::{
        Document, Format, GLANCE_WIDTH, Illustration, Joined, MAX_INPUT_BYTES, MAX_PICTURE_BYTES,
        Picture, picture_type,
        worker::{ReadError, Session, Workers},
    },
};
use commun_specs::{
    files::{FileEntry, FileList},
    id::ContentHash,
    json::{Object, Value},
    licence::Licence,
    metadata::{Creator, Method, Record, Source, View, normalise_language},
};
use serde_json::json;
use tokio::io::AsyncReadExt;

use super::Error;
use crate::blobs::{self, Blobs};

/// The member of a description's body that names the files that could not be read.
pub(crate) const UNREAD: &str = "unread";

/// The most files that are opened for one resource, and the most bytes: five thousand files that say nothing are not
/// all read.
const MAX_FILES: usize = 500;
const MAX_BYTES: u64 = 256 << 20;
/// The most PDF documents whose first page is tried as a picture.
const MAX_DRAWN: usize = 3;
/// The most files named as not read.
const MAX_UNREAD: usize = 50;
/// How many bytes of a picture say what it is.
const HEADER_BYTES: u64 = 64 << 10;

/// What was found.
#[derive(Default)]
pub(super) struct Read {
    pub(super) text: String,
    pub(super) picture: Option<Object>,
    pub(super) body: Option<Vec<u8>>,
}

/// Reads the files of a version, in a process of their own.
///
/// # Errors
/// A file cannot be read now, or no process can be started: to be tried again.
pub(super) async fn read(workers: &Workers, blobs: &Blobs, list: &FileList) -> Result<Read, Error> {
    let mut session = workers.session();
    let mut joined = Joined::default();
    let mut unread = Vec::new();
    let mut picture = first_picture(blobs, list, is_cover).await?;
    let mut documents: Vec<(&FileEntry, Document)> = Vec::new();
    let (mut files, mut bytes, mut drawn) = (0, 0, 0);
    for file in list.files() {
        let Some(format) = format(file) else {
            continue;
        };
        let size = format
            .enough()
            .map_or(file.size, |enough| file.size.min(enough));
        if size > MAX_INPUT_BYTES {
            unread.push((file.path.as_str(), "too-large".to_owned()));
            continue;
        }
        files += 1;
        bytes += size;
        if files > MAX_FILES || bytes > MAX_BYTES || joined.room() == 0 {
            break;
        }
        match one(&mut session, blobs, file, format, size).await? {
            Ok(document) => {
                joined.add(file.path.as_str(), &document.sections);
                if picture.is_none() {
                    let mut found = document.picture.clone();
                    // A PDF document has pages, and the first one shows best what it is.
                    if found.is_none() && format == Format::Pdf && drawn < MAX_DRAWN {
                        drawn += 1;
                        found = first_page(&mut session, blobs, file).await?;
                    }
                    if let Some(found) = found {
                        picture = illustration(blobs, list, file, &found).await?;
                    }
                }
                // Texts of hundreds of documents would be kept for their properties only.
                let sections = Vec::new();
                documents.push((
                    file,
                    Document {
                        sections,
                        picture: None,
                        ..document
                    },
                ));
            }
            Err(why) => unread.push((file.path.as_str(), why)),
        }
    }
    if picture.is_none() {
        picture = first_picture(blobs, list, |_| true).await?;
    }
    let mut record = match &documents[..] {
        // What one document says of itself is said of the resource; what many say is not.
        [(file, document)] => hints(file, document),
        _ => Record::default(),
    };
    if !unread.is_empty() {
        let named = unread.iter().take(MAX_UNREAD);
        let named = named.map(|(file, why)| json!({"file": file, "why": why}));
        record.unknown.insert(UNREAD.to_owned(), named.collect());
    }
    let body = match record == Record::default() {
        true => None,
        // Whatever does not fit a body is not worth one.
        false => record.to_body().ok(),
    };
    Ok(Read {
        text: joined.finish(),
        picture,
        body,
    })
}

/// How a file is read: by the type that its publisher states, or else by its name.
fn format(file: &FileEntry) -> Option<Format> {
    let name = file.path.file_name();
    Format::of(name, &file.media_type).or_else(|| Format::of(name, &media_type(name)))
}

async fn one(
    session: &mut Session,
    blobs: &Blobs,
    file: &FileEntry,
    format: Format,
    size: u64,
) -> Result<Result<Document, String>, Error> {
    let mut again = true;
    loop {
        let reader = match blobs.read(&file.blake3, 0, Some(size)).await {
            Err(blobs::Error::Blocked(_)) => return Ok(Err("refused".to_owned())),
            reader => reader?,
        };
        match session.read(format, size, reader).await {
            Ok(document) => return Ok(Ok(document)),
            Err(ReadError::Unread(why)) => {
                tracing::debug!(target: "describe", file = file.path.as_str(), "a document is not read: {why}");
                // What is signed is signed for good, and the process may have paid for the documents before this one: a fresh
                // one is asked once, too.
                if std::mem::take(&mut again) && matches!(why.as_str(), "too-slow" | "crashed") {
                    continue;
                }
                return Ok(Err(why));
            }
            // Once more, and then it is a document that ends who reads it: what is asked for ever would hold up all others.
            Err(ReadError::Killed) => {
                if !std::mem::take(&mut again) {
                    return Ok(Err("crashed".to_owned()));
                }
            }
            Err(ReadError::Input(cause) | ReadError::Start(cause)) => {
                return Err(Error::Read(cause));
            }
        }
    }
}

/// The first page of a PDF document as a small picture; nothing where it cannot be drawn, whatever the reason: its words were
/// read, and a picture is not worth a second attempt.
async fn first_page(
    session: &mut Session,
    blobs: &Blobs,
    file: &FileEntry,
) -> Result<Option<Illustration>, Error> {
    let reader = match blobs.read(&file.blake3, 0, None).await {
        Err(blobs::Error::Blocked(_)) => return Ok(None),
        reader => reader?,
    };
    match session.draw(1, GLANCE_WIDTH, file.size, reader).await {
        Ok(drawn) => Ok(Picture::new(drawn.png).map(Illustration::Inside)),
        Err(ReadError::Input(cause) | ReadError::Start(cause)) => Err(Error::Read(cause)),
        Err(why) => {
            tracing::debug!(target: "describe", file = file.path.as_str(), "a first page is not drawn: {why}");
            Ok(None)
        }
    }
}

/// The picture of a document: its own, kept as a blob, or a file of the resource.
async fn illustration(
    blobs: &Blobs,
    list: &FileList,
    file: &FileEntry,
    found: &Illustration,
) -> Result<Option<Object>, Error> {
    match found {
        Illustration::Inside(picture) => {
            let kind = picture.media_type.clone();
            match blobs.add_bytes(picture.bytes.clone()).await {
                Err(blobs::Error::Blocked(_)) => Ok(None),
                added => {
                    let (blake3, size) = added?;
                    Ok(Some(named(&blake3, size, &kind)))
                }
            }
        }
        Illustration::Beside(path) => {
            let folder = file
                .path
                .as_str()
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            match beside(folder, path).and_then(|path| list.find(&path).cloned()) {
                Some(picture) => checked(blobs, &picture).await,
                None => Ok(None),
            }
        }
    }
}

/// A relative path seen from a folder, inside the resource.
fn beside(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a file is called what people call the picture that stands for the whole.
fn is_cover(file: &FileEntry) -> bool {
    const NAMES: [&str; 6] = [
        "cover",
        "couverture",
        "vignette",
        "thumbnail",
        "affiche",
        "poster",
    ];
    let name = file.path.file_name();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(stem))
}

/// The first file that is a picture, among those that are asked for.
async fn first_picture(
    blobs: &Blobs,
    list: &FileList,
    asked: fn(&FileEntry) -> bool,
) -> Result<Option<Object>, Error> {
    let pictures = list.files().iter().filter(|file| asked(file));
    let pictures = pictures.filter(|file| {
        matches!(
            file.media_type.as_str(),
            "image/png" | "image/jpeg" | "image/webp" | "image/gif"
        )
    });
    for file in pictures.take(5) {
        if let Some(found) = checked(blobs, file).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// A file as the picture of its resource, if it is one and of a fair size.
async fn checked(blobs: &Blobs, file: &FileEntry) -> Result<Option<Object>, Error> {
    if file.size > MAX_PICTURE_BYTES as u64 {
        return Ok(None);
    }
    let header = file.size.min(HEADER_BYTES);
    let mut reader = match blobs.read(&file.blake3, 0, Some(header)).await {
        Err(blobs::Error::Blocked(_)) => return Ok(None),
        reader => reader?,
    };
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).await?;
    Ok(picture_type(&bytes).map(|kind| named(&file.blake3, file.size, kind)))
}

fn named(blake3: &ContentHash, size: u64, kind: &str) -> Object {
    Object::from([
        ("blake3".to_owned(), Value::from(blake3.to_string())),
        ("size".to_owned(), Value::Int(size)),
        ("type".to_owned(), Value::from(kind)),
    ])
}

/// What a document says of itself, as extracted values.
fn hints(file: &FileEntry, document: &Document) -> Record {
    let properties = &document.properties;
    // The language of a title is rarely stated, and that of a document is often its program's: shown last.
    let texts =
        |text: &Option<String>| text.iter().map(|t| ("und".to_owned(), t.clone())).collect();
    let licence = properties.licence.as_deref();
    let view = View {
        titles: texts(&properties.title),
        creators: properties
            .creators
            .iter()
            .map(|name| Creator {
                name: name.clone(),
                ..Creator::default()
            })
            .collect(),
        languages: properties
            .language
            .as_deref()
            .and_then(|tag| normalise_language(tag).ok())
            .into_iter()
            .collect(),
        licence: licence
            .and_then(|l| Licence::parse(l).ok())
            .map(|l| l.as_str().to_owned()),
        licence_statements: texts(&properties.licence),
        ..View::default()
    };
    let source = Source {
        scheme: "file".to_owned(),
        origin: Some(file.path.as_str().to_owned()),
        date: None,
        method: Method::Extracted,
        by: None,
    };
    let record = Record::from_view(&view, source);
    // Programs write anything there: what no reader of a body would take is left out as a whole.
    let fits = record
        .to_body()
        .ok()
        .and_then(|body| Record::from_body(&body).ok());
    fits.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_beside_a_document_is_inside_the_resource() {
        assert_eq!(
            beside("cours", "images/a.png").as_deref(),
            Some("cours/images/a.png")
        );
        assert_eq!(beside("cours", "../a.png").as_deref(), Some("a.png"));
        assert_eq!(beside("", "./a.png").as_deref(), Some("a.png"));
        assert_eq!(beside("cours", "../../a.png"), None);
    }
}
