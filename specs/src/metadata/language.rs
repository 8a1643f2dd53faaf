//! Language tags.

use oxilangtag::LanguageTag;

use crate::vocab::{self, Scheme};

/// The longest tag kept, in bytes (BCP 47 section 4.4.1 asks for 35).
const MAX_TAG_BYTES: usize = 35;

/// The BCP 47 tag meant: normalised case, `fre`/`fra` as `fr`, `fr_FR` as `fr-FR`, a language's name as its tag.
///
/// The error says what to write instead (R-07-07).
pub fn normalise(written: &str) -> Result<String, String> {
    const EXAMPLE: &str = "use a BCP 47 tag such as fr, en or pt-BR";
    let tag = written.trim().replace('_', "-");
    let primary = tag
        .split('-')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if primary == "mul" {
        return Err("list each language by its own tag".into());
    }
    if tag.is_empty() || tag.len() > MAX_TAG_BYTES {
        return Err(EXAMPLE.into());
    }
    // A two- or three-letter code of ISO 639-2 has a shorter BCP 47 tag, or is one.
    let known = vocab::by_name(Scheme::Language, &primary);
    let rest = &tag[primary.len()..];
    match (primary.len(), known) {
        (2 | 3, Some(id)) => LanguageTag::parse_and_normalize(&format!("{id}{rest}"))
            .map(|tag| tag.into_inner())
            .map_err(|_| EXAMPLE.into()),
        (2 | 3, None) => LanguageTag::parse_and_normalize(&tag)
            .map(|tag| tag.into_inner())
            .map_err(|_| EXAMPLE.into()),
        (_, Some(id)) if rest.is_empty() => Ok(id.to_owned()),
        _ => Err(match vocab::suggest(Scheme::Language, written) {
            Some(id) => format!("did you mean {id}?"),
            None => EXAMPLE.into(),
        }),
    }
}
