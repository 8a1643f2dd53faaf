//! PDF documents: pictures of their pages, from the content host.

use std::time::Duration;

use commun_forge::text::{Drawn, MAX_INPUT_BYTES};
use commun_specs::files::FileEntry;
use maud::{Markup, html};

use super::{super::Page, Preview};
use crate::{
    drawings::Undrawn,
    http::{Web, content, problem::Problem, words::why_unread},
    items::Shown,
};

/// Pages shown in place; who reads on opens the document. Browsers ask for those that are looked at.
const MAX_SHOWN: u32 = 20;
/// The size of a picture that is not drawn yet: most pages are A4.
const A4: (u32, u32) = (900, 1_273);
/// How long the item's page waits to learn how many pages there are. The picture comes on its own.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What is known of the pages when the item's page is made.
pub(in crate::http::pages) enum Sheets {
    /// How many there are, and how wide and high the first one's picture is.
    Drawn(u32, (u32, u32)),
    /// The first is being drawn.
    Coming,
    /// A word for why there are no pictures.
    Unread(String),
}

/// Asks for the first page.
///
/// # Errors
/// The node fails.
pub(super) async fn read(web: &Web, file: &FileEntry) -> Result<Preview, Problem> {
    if file.size > MAX_INPUT_BYTES {
        return Ok(Preview::TooLarge);
    }
    let drawing = tokio::time::timeout(PATIENCE, web.site().page(file, 1));
    Ok(match drawing.await {
        Ok(Ok(drawn)) => Preview::Pages(Sheets::Drawn(drawn.pages, size(&drawn))),
        Ok(Err(Undrawn::Unread(why))) => Preview::Pages(Sheets::Unread(why)),
        Ok(Err(Undrawn::NotHere)) => Preview::NotHere,
        Ok(Err(Undrawn::Failed(why))) => return Err(Problem::internal(&why)),
        Ok(Err(Undrawn::Busy)) | Err(_) => Preview::Pages(Sheets::Coming),
    })
}

/// Width and height of a PNG (its specification, 11.2.1).
fn size(drawn: &Drawn) -> (u32, u32) {
    let side = |at: usize| {
        let bytes = drawn.png.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    (side(16).unwrap_or(1), side(20).unwrap_or(1))
}

/// The pictures, one below the other.
pub(super) fn show(page: &Page<'_>, item: &Shown, file: &FileEntry, sheets: &Sheets) -> Markup {
    let words = page.words;
    let picture = |number: u32, (width, height): (u32, u32)| {
        let source = content::page_path(&item.name(), file.path.as_str(), number);
        let source = format!("{}{source}", page.web.hosts().content);
        let about = words.say_with("preview-page", [("number", number.into())]);
        // The size keeps the place, so that the pages below are not asked for at once.
        html! {
            img.sheet src=(source) alt=(about) loading=[(number > 1).then_some("lazy")] width=(width) height=(height);
        }
    };
    html! {
        @match sheets {
            Sheets::Drawn(count, size) => {
                div.sheets tabindex="0" role="region" aria-labelledby="preview-title" {
                    @for number in 1..=(*count).min(MAX_SHOWN) { (picture(number, *size)) }
                }
                p.quiet {
                    (words.say_with("preview-pages", [("count", (*count).into())]))
                    @if *count > MAX_SHOWN { " " (words.say_with("preview-pages-first", [("count", MAX_SHOWN.into())])) }
                }
            }
            Sheets::Coming => {
                div.sheets tabindex="0" role="region" aria-labelledby="preview-title" { (picture(1, A4)) }
                p.quiet role="status" { (words.say("preview-pages-coming")) }
            }
            Sheets::Unread(why) => { p.quiet { (words.say("preview-pages-unread")) " " (why_unread(words, why)) } }
        }
    }
}
