//! What people call a type of file, and how well it introduces a resource.

use commun_specs::files::FileEntry;

use super::document;
use crate::http::{content, subtitles::is_media, words::Words};

/// How well files of a type introduce a resource; `None` for those that are not shown.
pub(super) fn rank(file: &FileEntry) -> Option<u8> {
    match file.media_type.as_str() {
        "text/markdown" => Some(0),
        "application/x-ipynb+json" => Some(1),
        media if is_media(media) => Some(2),
        "application/pdf" => Some(3),
        "text/html" | "application/xhtml+xml" => Some(4),
        _ if document::format(file).is_some() => Some(4),
        "text/plain" => Some(5),
        picture if content::is_picture(picture) => Some(6),
        "text/csv" | "text/tab-separated-values" => Some(7),
        "application/json" | "application/xml" | "application/x-tex" | "application/javascript" => {
            Some(8)
        }
        text if text.starts_with("text/") => Some(8),
        _ => None,
    }
}

/// What people call a type of file; the type itself where they have no word for it.
pub(in crate::http::pages) fn type_name(words: Words, media_type: &str) -> String {
    let (main, rest) = media_type.split_once('/').unwrap_or((media_type, ""));
    let name = match (main, rest) {
        ("text", "markdown") => "Markdown",
        ("text", "plain") => words.say("type-text"),
        ("text", "csv" | "tab-separated-values") => words.say("type-table"),
        ("text", "html") => "HTML",
        ("text", "vtt" | "x-subrip") | ("application", "x-subrip") => words.say("type-subtitles"),
        ("text", _) | ("application", "javascript" | "json" | "xml") => words.say("type-code"),
        ("image", _) => words.say("type-picture"),
        ("video", _) => words.say("type-video"),
        ("audio", _) => words.say("type-sound"),
        ("application", "pdf") => "PDF",
        ("application", "epub+zip") => "EPUB",
        ("application", "x-tex") => "LaTeX",
        ("application", "octet-stream") => words.say("type-file"),
        ("application", "x-ipynb+json") => words.say("type-notebook"),
        ("application", "zip" | "gzip" | "x-tar" | "x-7z-compressed") => words.say("type-archive"),
        ("application", rest) if rest.contains("presentation") => words.say("type-slides"),
        ("application", rest) if rest.contains("spreadsheet") => words.say("type-table"),
        ("application", rest) if rest.contains("opendocument.text") || rest.contains("word") => {
            words.say("type-text")
        }
        _ => media_type,
    };
    name.to_owned()
}
