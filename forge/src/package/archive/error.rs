//! Why an archive is refused.

use std::io;

use thiserror::Error;

/// Why an archive, or one of its files, cannot be read. The message says what and where; [`ArchiveError::fix`] what to do.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The disk said no: try again.
    #[error("the archive could not be read")]
    Io(#[source] io::Error),
    /// Neither ZIP nor gzipped tar.
    #[error("this is {0}, not a ZIP or tar.gz archive")]
    NotAnArchive(&'static str),
    /// The bytes are not what the format says.
    #[error("the archive is damaged: {0}")]
    Malformed(String),
    /// Two places of the archive say different things, so that two programs would see different files.
    #[error("the archive contradicts itself: {0}")]
    Inconsistent(String),
    /// Two entries share bytes.
    #[error("the entries {0:?} and {1:?} share bytes")]
    Overlap(String, String),
    /// A name that leads elsewhere, or that no file can have.
    #[error("the entry {name:?} {what}")]
    Path {
        /// The name as it stands, shortened.
        name: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Two entries that some system cannot keep apart.
    #[error("the entries {0:?} and {1:?} have the same name for some systems")]
    Collision(String, String),
    /// A link, a device, a pipe or the like.
    #[error("the entry {name:?} is {what}, not a file or folder")]
    SpecialFile {
        /// Which.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// Only who has a password can read it.
    #[error("the entry {0:?} is encrypted")]
    Encrypted(String),
    /// A compression that this reader does not know.
    #[error("the entry {name:?} is compressed by method {method}")]
    Method {
        /// Which.
        name: String,
        /// The number of APPNOTE 4.4.5.
        method: u16,
    },
    /// More bytes than allowed.
    #[error("{what} unpacks to more than {most} bytes")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The limit.
        most: u64,
    },
    /// Bytes out of proportion to the archive's own size.
    #[error("the archive unpacks to more than {0} times its size")]
    Bomb(u64),
    /// More entries than allowed.
    #[error("the archive has more than {0} entries")]
    TooMany(usize),
    /// An archive in an archive in an archive.
    #[error("the archive {0:?} is too many archives deep")]
    Nested(String),
    /// There is no file.
    #[error("the archive holds no file")]
    Empty,
    /// The file asked for is not there.
    #[error("the archive has no file {0:?}")]
    Missing(String),
}

impl ArchiveError {
    pub(super) fn malformed(what: impl Into<String>) -> ArchiveError {
        ArchiveError::Malformed(what.into())
    }

    pub(super) fn inconsistent(what: impl Into<String>) -> ArchiveError {
        ArchiveError::Inconsistent(what.into())
    }

    /// A word for this kind of fault, for reports that programs read: `archive.path`, `archive.too-large`…
    pub fn rule(&self) -> &'static str {
        match self {
            ArchiveError::Io(_) => "archive.unreadable",
            ArchiveError::NotAnArchive(_) => "archive.format",
            ArchiveError::Malformed(_) => "archive.damaged",
            ArchiveError::Inconsistent(_) => "archive.inconsistent",
            ArchiveError::Overlap(..) => "archive.overlap",
            ArchiveError::Path { .. } => "archive.path",
            ArchiveError::Collision(..) => "archive.collision",
            ArchiveError::SpecialFile { .. } => "archive.special-file",
            ArchiveError::Encrypted(_) => "archive.encrypted",
            ArchiveError::Method { .. } => "archive.method",
            ArchiveError::TooLarge { .. } | ArchiveError::Bomb(_) => "archive.too-large",
            ArchiveError::TooMany(_) => "archive.too-many",
            ArchiveError::Nested(_) => "archive.nested",
            ArchiveError::Empty => "archive.empty",
            ArchiveError::Missing(_) => "archive.missing",
        }
    }

    /// What whoever has the file can do about it, as a sentence without a full stop.
    pub fn fix(&self) -> &'static str {
        match self {
            ArchiveError::Io(_) => "try again; if it stays so, the disk may be at fault",
            ArchiveError::NotAnArchive(_) => {
                "export it as ZIP (H5P, Common Cartridge, SCORM, EPUB…) or as a Moodle backup"
            }
            ArchiveError::Malformed(_) => {
                "download or export it again: it may have been cut short on the way"
            }
            ArchiveError::Inconsistent(_) | ArchiveError::Overlap(..) => {
                "unpack it with a program that you trust, look at the files, and pack them again"
            }
            ArchiveError::Path { .. } => "rename the file and pack again, with relative paths only",
            ArchiveError::Collision(..) => "rename one of the two and pack again",
            ArchiveError::SpecialFile { .. } => {
                "put the file itself in its place, or leave it out, and pack again"
            }
            ArchiveError::Encrypted(_) => "pack again without a password",
            ArchiveError::Method { .. } => "pack again as an ordinary ZIP file (deflate)",
            ArchiveError::TooLarge { .. } | ArchiveError::Bomb(_) => {
                "split it, or take out what is large (videos can be published beside it)"
            }
            ArchiveError::TooMany(_) => "split it into several packages",
            ArchiveError::Nested(_) => "publish the inner archive by itself",
            ArchiveError::Empty => "export it again: nothing was packed",
            ArchiveError::Missing(_) => "export it again with the program that made it",
        }
    }
}

/// Where a reader of bytes failed: our own fault comes back as itself.
impl From<io::Error> for ArchiveError {
    fn from(cause: io::Error) -> ArchiveError {
        match cause.downcast::<ArchiveError>() {
            Ok(own) => own,
            // What the libraries of compression say of bad or missing bytes.
            Err(cause) => match cause.kind() {
                io::ErrorKind::UnexpectedEof => ArchiveError::malformed("it ends too early"),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                    ArchiveError::malformed("its compressed bytes are not valid")
                }
                _ => ArchiveError::Io(cause),
            },
        }
    }
}

impl From<ArchiveError> for io::Error {
    fn from(cause: ArchiveError) -> io::Error {
        match cause {
            ArchiveError::Io(cause) => cause,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        }
    }
}
