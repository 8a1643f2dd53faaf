//! PDF (ISO 32000), by `pdf-extract`: pure Rust, good on what LaTeX and word processors write. No recognition of scans.

use pdf_extract::{Dictionary, Object, OutputError, PlainTextOutput, output_doc_page};
use roxmltree::Node;

use super::Unread;
use super::document::{Document, MAX_TEXT_BYTES, Properties};
use crate::crosswalk::xml;

use icu_normalizer::ComposingNormalizerBorrowed;

/// The most bytes of XMP.
const MAX_XMP_BYTES: usize = 1 << 20;
/// The most pages that are looked at.
const MAX_PAGES: usize = 5_000;

const DC: &str = "http://purl.org/dc/elements/1.1/";
const RIGHTS: &str = "http://ns.adobe.com/xap/1.0/rights/";

pub(super) fn read(bytes: &[u8]) -> Result<Document, Unread> {
    const PDF: Unread = Unread::Damaged("a PDF document");
    // Some programs write a few bytes before it (7.5.2 of PDF 1.7's annex H).
    if !bytes[..bytes.len().min(1024)]
        .windows(5)
        .any(|five| five == b"%PDF-")
    {
        return Err(PDF);
    }
    let mut pdf = pdf_extract::Document::load_mem(bytes).map_err(|_| PDF)?;
    if pdf.is_encrypted() && pdf.decrypt("").is_err() {
        return Err(Unread::Encrypted);
    }
    let mut document = Document {
        properties: properties(&pdf),
        ..Document::default()
    };
    let mut read = 0;
    let pages: Vec<u32> = pdf.get_pages().keys().copied().take(MAX_PAGES).collect();
    for page in &pages {
        let mut text = String::new();
        let mut output = PlainTextOutput::new(&mut text);
        match output_doc_page(&pdf, &mut output, *page) {
            Ok(()) => read += 1,
            Err(OutputError::PdfError(_)) if pages.len() > 1 => continue,
            Err(_) => return Err(PDF),
        }
        document.add(Some(*page), flow(&text));
        if document.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    if read == 0 {
        return Err(PDF);
    }
    Ok(document)
}

/// Letters as people type them (ﬁ is fi), and words that a line's end has cut in two put together.
fn flow(text: &str) -> String {
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    let mut out = String::with_capacity(text.len());
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .peekable();
    while let Some(line) = lines.next() {
        let goes_on = lines
            .peek()
            .is_some_and(|next| next.starts_with(char::is_lowercase));
        let cut = line.strip_suffix(['-', '\u{2010}', '\u{ad}']);
        match cut.filter(|cut| goes_on && cut.ends_with(char::is_lowercase)) {
            Some(cut) => out.push_str(cut),
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

fn properties(pdf: &pdf_extract::Document) -> Properties {
    let mut found = xmp(pdf).unwrap_or_default();
    let info = pdf
        .trailer
        .get(b"Info")
        .ok()
        .and_then(|info| dictionary(pdf, info));
    let text = |key: &[u8]| info.and_then(|info| string(pdf, info.get(key).ok()?));
    found.title = found.title.or_else(|| text(b"Title"));
    if found.creators.is_empty() {
        found.creators.extend(text(b"Author"));
    }
    found.language = pdf
        .catalog()
        .ok()
        .and_then(|catalog| string(pdf, catalog.get(b"Lang").ok()?))
        .filter(|language| !language.is_empty())
        .or(found.language);
    found
}

fn dictionary<'a>(pdf: &'a pdf_extract::Document, object: &'a Object) -> Option<&'a Dictionary> {
    pdf.dereference(object).ok()?.1.as_dict().ok()
}

/// A text string: UTF-16 or UTF-8 with a mark, else nearly Latin-1 (7.9.2.2).
fn string(pdf: &pdf_extract::Document, object: &Object) -> Option<String> {
    let bytes = pdf.dereference(object).ok()?.1.as_str().ok()?;
    Some(match bytes {
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] => crate::resource::text::decode(bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    })
}

/// What the document's XMP packet says (ISO 16684-1).
fn xmp(pdf: &pdf_extract::Document) -> Option<Properties> {
    let stream = pdf.catalog().ok()?.get(b"Metadata").ok()?;
    let stream = pdf.dereference(stream).ok()?.1.as_stream().ok()?;
    let bytes = match stream.dict.get(b"Filter") {
        Ok(_) => stream.decompressed_content().ok()?,
        Err(_) => stream.content.clone(),
    };
    if bytes.len() > MAX_XMP_BYTES {
        return None;
    }
    let decoded = xml::decode(&bytes).ok()?;
    let tree = xml::parse(&decoded.text).ok()?;
    let all = |space: &str, name: &str| -> Vec<String> {
        let wanted = |node: &Node<'_, '_>| {
            node.tag_name().namespace() == Some(space) && node.tag_name().name() == name
        };
        let mut texts: Vec<String> = tree.descendants().filter(wanted).flat_map(leaves).collect();
        // RDF lets a simple value be an attribute.
        texts.extend(
            tree.descendants()
                .filter_map(|node| node.attribute((space, name)).map(str::to_owned)),
        );
        texts
    };
    let first = |space, name| all(space, name).into_iter().next();
    Some(Properties {
        title: first(DC, "title"),
        creators: all(DC, "creator"),
        language: first(DC, "language"),
        licence: first(RIGHTS, "WebStatement").or_else(|| first(DC, "rights")),
    })
}

/// The texts of an element's leaves: the items of a list, or its own.
fn leaves(node: Node<'_, '_>) -> Vec<String> {
    node.descendants()
        .filter(|node| node.is_text())
        .filter_map(|node| node.text())
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect()
}
