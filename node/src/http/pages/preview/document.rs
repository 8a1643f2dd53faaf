//! Office documents, books and packages (EPUB, H5P, IMS): their words, page by page where they have pages. What is active in
//! them stays in the file.

use std::{sync::Arc, time::Duration};

use commun_forge::text::{Document, Format, MAX_INPUT_BYTES};
use commun_specs::files::FileEntry;
use maud::{Markup, html};

use super::{super::Page, Preview};
use crate::{
    drawings::Undrawn,
    http::{
        Web,
        problem::Problem,
        text::{paragraphs, plain},
        words::why_unread,
    },
};

/// The most characters shown: a long chapter. Who reads on opens the document.
const MAX_CHARS: usize = 30_000;
/// How long the item's page waits for the words.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// What is known of the words when the item's page is made.
pub(in crate::http::pages) enum Read {
    /// They are these.
    Words(Arc<Document>),
    /// They are being read.
    Coming,
    /// A word for why there are none.
    Unread(String),
}

/// How a file's words are read, where it is such a document.
pub(super) fn format(file: &FileEntry) -> Option<Format> {
    let format = Format::of(file.path.file_name(), &file.media_type);
    format.filter(|format| {
        matches!(
            format,
            Format::OpenDocument | Format::Office | Format::Epub | Format::Package
        )
    })
}

/// Asks for the words.
///
/// # Errors
/// The node fails.
pub(super) async fn read(web: &Web, file: &FileEntry, format: Format) -> Result<Preview, Problem> {
    if file.size > MAX_INPUT_BYTES {
        return Ok(Preview::TooLarge);
    }
    let reading = tokio::time::timeout(PATIENCE, web.site().words(file, format));
    Ok(match reading.await {
        Ok(Ok(document)) if document.sections.is_empty() => Preview::NoKind,
        Ok(Ok(document)) => Preview::Document(Read::Words(document)),
        Ok(Err(Undrawn::Unread(why))) => Preview::Document(Read::Unread(why)),
        Ok(Err(Undrawn::NotHere)) => Preview::NotHere,
        Ok(Err(Undrawn::Failed(why))) => return Err(Problem::internal(&why)),
        Ok(Err(Undrawn::Busy)) | Err(_) => Preview::Document(Read::Coming),
    })
}

/// The words, as far as they are shown.
pub(super) fn show(page: &Page<'_>, read: &Read, lang: Option<&str>) -> Markup {
    let words = page.words;
    let document = match read {
        Read::Words(document) => document,
        Read::Coming => {
            return html! { p.quiet role="status" { (words.say("preview-words-coming")) } };
        }
        Read::Unread(why) => {
            let why = why_unread(words, why);
            return html! { p.quiet { (words.say("preview-pages-unread")) " " (why) } };
        }
    };
    let mut room = MAX_CHARS;
    let mut shown = Vec::new();
    for section in &document.sections {
        if room == 0 {
            break;
        }
        let text: String = section.text.chars().take(room).collect();
        room -= text.chars().count();
        shown.push((section.page, text));
    }
    html! {
        div.paper.words tabindex="0" role="region" aria-labelledby="preview-title" dir="auto" lang=[lang] {
            @for (number, text) in &shown {
                @if let Some(number) = number { h3 { (plain(&words.say_with("preview-page", [("number", (*number).into())]))) } }
                (paragraphs(text))
            }
        }
        p.quiet {
            (words.say("preview-words"))
            @if room == 0 { " " (words.say("preview-words-first")) }
        }
    }
}
