//! Which documents have text.

use serde::{Deserialize, Serialize};

/// How a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text as it is.
    Plain,
    /// A table of which the first line is text.
    Table,
    /// Markdown.
    Markdown,
    /// HTML and XHTML.
    Html,
    /// TeX and LaTeX.
    Latex,
    /// A Jupyter notebook.
    Notebook,
    /// SubRip and WebVTT.
    Subtitles,
    /// PDF.
    Pdf,
    /// OpenDocument text, presentations, tables, drawings.
    OpenDocument,
    /// Office Open XML: docx, pptx, xlsx.
    Office,
    /// EPUB 2 and 3.
    Epub,
    /// H5P, Common Cartridge, SCORM, a Moodle backup.
    Package,
}

impl Format {
    /// The format of a file by its name and media type; nothing when it has no text. Readers look at the bytes again.
    pub fn of(name: &str, media_type: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Some(match (extension, media_type) {
            ("h5p" | "imscc" | "mbz", _) => Format::Package,
            ("epub", _) | (_, "application/epub+zip") => Format::Epub,
            ("tex" | "ltx", _)
            | (_, "text/x-tex" | "application/x-tex" | "application/x-latex") => Format::Latex,
            ("srt" | "vtt", _) | (_, "text/vtt" | "text/x-subrip" | "application/x-subrip") => {
                Format::Subtitles
            }
            (_, "application/zip") => Format::Package,
            (_, "application/pdf") => Format::Pdf,
            (_, "text/markdown") => Format::Markdown,
            (_, "text/html" | "application/xhtml+xml" | "text/xml") => Format::Html,
            (_, "application/x-ipynb+json") => Format::Notebook,
            (_, "text/csv" | "text/tab-separated-values") => Format::Table,
            // Names and numbers, not sentences.
            (_, "text/calendar" | "text/vcard" | "text/css" | "text/javascript") => return None,
            (_, other) if other.starts_with("text/") => Format::Plain,
            (_, other) if other.starts_with("application/vnd.oasis.opendocument.") => {
                Format::OpenDocument
            }
            (_, other) if other.starts_with("application/vnd.openxmlformats-officedocument.") => {
                Format::Office
            }
            _ => return None,
        })
    }

    /// How many of a document's first bytes are enough; the whole document where its parts are found from the end.
    pub fn enough(self) -> Option<u64> {
        match self {
            Format::Plain | Format::Markdown | Format::Html | Format::Latex => Some(4 << 20),
            Format::Subtitles => Some(4 << 20),
            Format::Table => Some(64 << 10),
            _ => None,
        }
    }
}
