//! Pictures of the pages of PDF documents, by `hayro`: pure Rust, without scripts, links or anything that is fetched. What it
//! cannot draw is left out of the picture; fonts that a document names and does not carry are replaced by ones of their kind.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::InterpreterSettings,
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf},
    render,
    vello_cpu::color::palette::css::WHITE,
};
use serde::{Deserialize, Serialize};

use super::Unread;
use super::picture::{read, write};

/// The width of a picture of a page that is read, in pixels: what a page has beside its margins, twice on a telephone.
pub const PAGE_WIDTH: u32 = 900;
/// The width of a page as the first picture of an item: its letters can just be read.
pub const GLANCE_WIDTH: u32 = 480;
/// The most pixels of it: a page that is six times as high as wide. In PNG at worst 4.1 MB, and so in an answer of a worker.
const MAX_PIXELS: f32 = 1_350_000.0;
/// A drawing is not made larger than this: a stamp is not a poster.
const MAX_SCALE: f32 = 4.0;
/// The fewest pixels on a side.
const MIN_SIDE: f32 = 16.0;
/// The most pages that are counted, so that the number means something.
const MAX_PAGES: usize = 100_000;

/// A page, drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// How many pages the document has.
    pub pages: u32,
    /// The picture, as PNG.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    pub png: Vec<u8>,
}

/// Draws one page of a PDF document, so many pixels wide; the first one is 1.
///
/// # Errors
/// [`Unread`]; it can also panic, recurse or take memory and time on bytes that were made for that: call this in a
/// [`worker`](super::worker).
pub fn draw(bytes: Vec<u8>, page: u32, width: u32) -> Result<Drawn, Unread> {
    const PDF: Unread = Unread::Damaged("a PDF document");
    let pdf = Pdf::new(bytes).map_err(|cause| match cause {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Unread::Encrypted,
        _ => PDF,
    })?;
    let pages = pdf.pages();
    let count = pages.len();
    let at = usize::try_from(page)
        .ok()
        .and_then(|page| page.checked_sub(1));
    let shown = at.and_then(|at| pages.get(at)).ok_or(PDF)?;
    let scale = scale(shown.render_dimensions(), width).ok_or(PDF)?;
    let picture = render(
        shown,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: scale,
            y_scale: scale,
            bg_color: WHITE,
        },
    );
    let png = picture.into_png().map_err(|_| Unread::TooLarge)?;
    Ok(Drawn {
        pages: u32::try_from(count.min(MAX_PAGES)).expect("a hundred thousand fits"),
        png,
    })
}

/// How much larger than its points (1/72 inch) a page is drawn; nothing for one that has no size.
fn scale((width, height): (f32, f32), wanted: u32) -> Option<f32> {
    let real = |side: f32| side.is_finite() && side >= 1.0;
    if !real(width) || !real(height) {
        return None;
    }
    let wide = wanted as f32 / width;
    let pixels = (MAX_PIXELS / width / height).sqrt();
    let scale = wide.min(pixels).min(MAX_SCALE);
    (width.min(height) * scale >= MIN_SIDE).then_some(scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::picture_type;

    /// A document of pages of these sizes, each with a black square and a script that would run when it is opened.
    fn pdf(sizes: &[(f32, f32)]) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut starts = Vec::new();
        let mut object = |out: &mut Vec<u8>, text: String| {
            starts.push(out.len());
            out.extend(format!("{} 0 obj\n{text}\nendobj\n", starts.len()).bytes());
        };
        let kids: Vec<String> = (0..sizes.len()).map(|n| format!("{} 0 R", n + 4)).collect();
        object(
            &mut out,
            "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>".into(),
        );
        object(
            &mut out,
            format!(
                "<</Type/Pages/Count {}/Kids[{}]>>",
                kids.len(),
                kids.join(" ")
            ),
        );
        let paint = "0 0 20 20 re f";
        object(
            &mut out,
            format!("<</Length {}>>stream\n{paint}\nendstream", paint.len()),
        );
        for (width, height) in sizes {
            object(
                &mut out,
                format!(
                    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents 3 0 R>>"
                ),
            );
        }
        let table = out.len();
        out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", starts.len() + 1).bytes());
        for start in &starts {
            out.extend(format!("{start:010} 00000 n \n").bytes());
        }
        let size = starts.len() + 1;
        out.extend(
            format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").bytes(),
        );
        out
    }

    fn size(png: &[u8]) -> (u32, u32) {
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (side(16), side(20))
    }

    #[test]
    fn pages_become_pictures_of_a_bounded_size() {
        let bytes = pdf(&[(595.0, 842.0), (100.0, 14_000.0), (30.0, 30.0)]);
        let draw = |page| draw(bytes.clone(), page, PAGE_WIDTH);
        let first = draw(1).unwrap();
        assert_eq!(first.pages, 3);
        assert_eq!(picture_type(&first.png), Some("image/png"));
        assert_eq!(size(&first.png).0, PAGE_WIDTH);
        assert!(size(&first.png).1.abs_diff(1_273) < 3);
        let (width, height) = size(&draw(2).unwrap().png);
        assert!(width * height <= MAX_PIXELS as u32 && height > 10 * width);
        assert_eq!(size(&draw(3).unwrap().png), (120, 120));
        for none in [0, 4, u32::MAX] {
            assert!(draw(none).is_err(), "page {none}");
        }
        let glance = super::draw(bytes.clone(), 1, GLANCE_WIDTH).unwrap();
        assert_eq!(size(&glance.png).0, GLANCE_WIDTH);
    }

    #[test]
    fn what_is_no_document_and_pages_without_a_size_are_refused() {
        for bytes in [&b""[..], b"%PDF-1.7", b"GIF89a", &[0; 4096]] {
            assert!(draw(bytes.to_vec(), 1, PAGE_WIDTH).is_err());
        }
        for none in [
            (0.0, 10.0),
            (f32::NAN, 1.0),
            (f32::INFINITY, 1.0),
            (1.0, 1e9),
        ] {
            assert_eq!(scale(none, PAGE_WIDTH), None, "{none:?}");
        }
    }
}
