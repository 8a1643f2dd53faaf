//! Words and a first picture out of documents, for search and for a glance.
//!
//! Documents come from strangers and their formats are old, so all of this is meant to run in a process of its own
//! ([`worker`]), which may crash, spin or eat memory and harm nothing. What a reader cannot read is [`Unread`]: the
//! document is stored and found by its metadata all the same.
//!
//! ```
//! use commun_forge::text::{Format, read};
//!
//! let format = Format::of("cours.md", "text/markdown").expect("Markdown has text");
//! let document = read(format, b"# Dunes\n\nLe *vent*.").expect("it is text");
//! assert_eq!(document.sections[0].text, "Dunes\nLe vent.");
//! ```

mod document;
mod draw;
mod epub;
mod format;
mod joined;
mod latex;
mod markup;
mod notebook;
mod office;
mod opendocument;
mod packages;
mod pdf;
mod picture;
mod subtitles;
pub mod worker;

use thiserror::Error;

pub use document::{Document, Illustration, MAX_TEXT_BYTES, Properties, Section};
pub use draw::{Drawn, GLANCE_WIDTH, PAGE_WIDTH, draw};
pub use format::Format;
pub use joined::{Joined, Place, sections};
pub use picture::{MAX_PICTURE_BYTES, Picture, picture_type};

use crate::package::archive::ArchiveError;

/// The most bytes of one document that are read. A scanned book is larger and has no text.
pub const MAX_INPUT_BYTES: u64 = 64 << 20;

/// Why the text of a document could not be read.
#[derive(Debug, Error)]
pub enum Unread {
    /// The bytes are not what the name says.
    #[error("the file is damaged, or is not {0}")]
    Damaged(&'static str),
    /// Only who has a password can read it.
    #[error("the file is encrypted")]
    Encrypted,
    /// More than [`MAX_INPUT_BYTES`], or than some part of it may have.
    #[error("the file is too large")]
    TooLarge,
    /// It is packed, and the packing is refused.
    #[error("{0}")]
    Archive(#[from] ArchiveError),
}

impl Unread {
    /// A word for this, for pages and programs: `damaged`, `encrypted`, `too-large`, `refused`.
    pub fn code(&self) -> &'static str {
        match self {
            Unread::Damaged(_) => "damaged",
            Unread::Encrypted | Unread::Archive(ArchiveError::Encrypted(_)) => "encrypted",
            Unread::TooLarge
            | Unread::Archive(ArchiveError::TooLarge { .. } | ArchiveError::Bomb(_)) => "too-large",
            Unread::Archive(ArchiveError::Malformed(_) | ArchiveError::NotAnArchive(_)) => {
                "damaged"
            }
            Unread::Archive(_) => "refused",
        }
    }
}

/// Reads one document.
///
/// # Errors
/// [`Unread`]; some readers can also panic, recurse or take memory on bytes that were made for that: call this in a
/// [`worker`].
pub fn read(format: Format, bytes: &[u8]) -> Result<Document, Unread> {
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        return Err(Unread::TooLarge);
    }
    let document = match format {
        Format::Plain => markup::plain(bytes),
        Format::Table => markup::table(bytes),
        Format::Markdown => markup::markdown(bytes),
        Format::Html => markup::html(bytes),
        Format::Latex => latex::read(bytes),
        Format::Notebook => notebook::read(bytes)?,
        Format::Subtitles => subtitles::read(bytes),
        Format::Pdf => pdf::read(bytes)?,
        Format::OpenDocument => opendocument::read(bytes)?,
        Format::Office => office::read(bytes)?,
        Format::Epub => epub::read(bytes)?,
        Format::Package => packages::read(bytes)?,
    };
    Ok(document.bounded())
}

#[cfg(test)]
mod tests;
