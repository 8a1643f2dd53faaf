//! The list of a version's files: strict JSON, stored like content, named in the head by its BLAKE3 hash (R-08-06 to R-08-09).

use std::collections::HashMap;

use thiserror::Error;

use super::path::{FilePath, PathError};
use crate::id::ContentHash;
use crate::json::{self, Object, Value};

/// The most files in a version: a course with its pictures has hundreds; a data set with more is packed.
pub const MAX_FILES: usize = 5_000;
/// The largest file, in bytes (2 GiB): a lecture's video.
pub const MAX_FILE_BYTES: u64 = 2 << 30;
/// The largest list, in bytes: [`MAX_FILES`] entries with the longest paths.
pub const MAX_LIST_BYTES: usize = 8 << 20;
/// The longest media type, in bytes (RFC 6838 section 4.2: 127 for each half).
const MAX_TYPE_BYTES: usize = 255;

/// Why a list is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListError {
    /// Too many bytes.
    #[error("R-08-06: the file list has {0} bytes, the most is {MAX_LIST_BYTES}")]
    TooLarge(usize),
    /// Not strict JSON.
    #[error("R-08-06: the file list: {0}")]
    Json(#[from] json::Error),
    /// Not the members of a list.
    #[error("R-08-06: the file list: {0}")]
    Shape(&'static str),
    /// Too many files.
    #[error("R-08-07: {0} files, the most is {MAX_FILES}; pack some of them")]
    TooMany(usize),
    /// A path that is not allowed.
    #[error("{path:?}: {cause}")]
    Path {
        /// The path, as given.
        path: String,
        /// What is wrong.
        #[source]
        cause: PathError,
    },
    /// A file that is too large.
    #[error("R-08-07: {path:?} has {size} bytes, the most is {MAX_FILE_BYTES}")]
    FileTooLarge {
        /// Its path.
        path: String,
        /// Its size.
        size: u64,
    },
    /// Something that is not a media type.
    #[error("R-08-07: {path:?} has a media type that is none")]
    Type {
        /// Its path.
        path: String,
    },
    /// Entries that are not sorted by the bytes of their paths.
    #[error("R-08-08: {0:?} is not in order")]
    Order(String),
    /// Two paths that some systems cannot keep apart, or one that is both a file and a folder.
    #[error("R-08-09: {0:?} and {1:?} cannot both be stored everywhere; rename one")]
    Collision(String, String),
}

/// One file of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Where, in the version.
    pub path: FilePath,
    /// Bytes.
    pub size: u64,
    /// Media type, `type/subtype` in lower case.
    pub media_type: String,
    /// BLAKE3 of the bytes.
    pub blake3: ContentHash,
}

/// The files of a version, sorted by path, all rules checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileList {
    files: Vec<FileEntry>,
}

impl FileList {
    /// Sorts and checks.
    pub fn new(mut files: Vec<FileEntry>) -> Result<FileList, ListError> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let list = FileList { files };
        list.check()?;
        Ok(list)
    }

    /// Reads the bytes of a list. They are hostile until the caller has compared their hash with a signed head, and
    /// must be well-formed even then.
    pub fn decode(bytes: &[u8]) -> Result<FileList, ListError> {
        if bytes.len() > MAX_LIST_BYTES {
            return Err(ListError::TooLarge(bytes.len()));
        }
        let object = json::parse_object(bytes)?;
        if object.len() != 1 {
            return Err(ListError::Shape("has one member, `files`"));
        }
        let entries = object
            .get("files")
            .and_then(Value::as_list)
            .ok_or(ListError::Shape("has one member, `files`, a list"))?;
        if entries.len() > MAX_FILES {
            return Err(ListError::TooMany(entries.len()));
        }
        let files = entries.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        if let Some(pair) = files.windows(2).find(|pair| pair[0].path >= pair[1].path) {
            return Err(ListError::Order(pair[1].path.to_string()));
        }
        let list = FileList { files };
        list.check()?;
        Ok(list)
    }

    /// The one byte form of the list.
    pub fn encode(&self) -> Vec<u8> {
        let entries = self
            .files
            .iter()
            .map(|file| {
                Value::Object(Object::from([
                    ("blake3".to_owned(), Value::Text(file.blake3.to_string())),
                    ("path".to_owned(), Value::Text(file.path.to_string())),
                    ("size".to_owned(), Value::Int(file.size)),
                    ("type".to_owned(), Value::Text(file.media_type.clone())),
                ]))
            })
            .collect();
        Value::Object(Object::from([("files".to_owned(), Value::List(entries))]))
            .to_bytes()
            .expect("paths and types were checked and hold no control character")
    }

    /// What the head of a version names: BLAKE3 of the list's bytes.
    pub fn root(&self) -> ContentHash {
        ContentHash::of(&self.encode())
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// The file at a path.
    pub fn find(&self, path: &str) -> Option<&FileEntry> {
        self.files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
            .map(|at| &self.files[at])
    }

    /// How many files.
    pub fn count(&self) -> u64 {
        self.files.len() as u64
    }

    /// Bytes of all files.
    pub fn total_size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    fn check(&self) -> Result<(), ListError> {
        if self.files.len() > MAX_FILES {
            return Err(ListError::TooMany(self.files.len()));
        }
        for FileEntry {
            path,
            size,
            media_type,
            ..
        } in &self.files
        {
            if *size > MAX_FILE_BYTES {
                return Err(ListError::FileTooLarge {
                    path: path.to_string(),
                    size: *size,
                });
            }
            if !is_media_type(media_type) {
                return Err(ListError::Type {
                    path: path.to_string(),
                });
            }
        }
        check_paths(self.files.iter().map(|file| &file.path))
    }
}

/// Refuses paths that some system cannot keep apart, and a path that is both a file and a folder (R-08-09). The paths
/// are sorted.
pub fn check_paths<'a>(paths: impl IntoIterator<Item = &'a FilePath>) -> Result<(), ListError> {
    // Folded name → (the spelling that took it, whether a file): each is taken once.
    let mut taken: HashMap<String, (&str, bool)> = HashMap::new();
    for path in paths {
        let folded = path.folded();
        let path = path.as_str();
        let cuts = |text: &str| {
            text.match_indices('/')
                .map(|(at, _)| at)
                .collect::<Vec<_>>()
        };
        // Folding keeps the number of slashes, so the folders of both spellings correspond.
        for (at, folded_at) in cuts(path).into_iter().zip(cuts(&folded)) {
            let (spelling, is_file) = *taken
                .entry(folded[..folded_at].to_owned())
                .or_insert((&path[..at], false));
            if is_file || spelling != &path[..at] {
                return Err(ListError::Collision(spelling.to_owned(), path.to_owned()));
            }
        }
        if let Some((spelling, _)) = taken.insert(folded, (path, true)) {
            return Err(ListError::Collision(spelling.to_owned(), path.to_owned()));
        }
    }
    Ok(())
}

fn entry(value: &Value) -> Result<FileEntry, ListError> {
    let object = value
        .as_object()
        .ok_or(ListError::Shape("every file is an object"))?;
    let text = |member: &str| object.get(member).and_then(Value::as_text);
    let (Some(blake3), Some(path), Some(size), Some(media_type), 4) = (
        text("blake3").and_then(|hash| hash.parse().ok()),
        text("path"),
        object.get("size").and_then(Value::as_int),
        text("type"),
        object.len(),
    ) else {
        return Err(ListError::Shape(
            "every file has blake3, path, size and type",
        ));
    };
    let path = FilePath::new(path).map_err(|cause| ListError::Path {
        path: path.to_owned(),
        cause,
    })?;
    Ok(FileEntry {
        path,
        size,
        media_type: media_type.to_owned(),
        blake3,
    })
}

/// `type/subtype` of RFC 6838, lower case, without parameters.
fn is_media_type(text: &str) -> bool {
    let half = |half: &str| {
        !half.is_empty()
            && half
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&-^_.+".contains(&b))
    };
    text.len() <= MAX_TYPE_BYTES
        && text
            .split_once('/')
            .is_some_and(|(a, b)| half(a) && half(b))
}
