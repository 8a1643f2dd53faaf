//! Language tags.

use oxilangtag::LanguageTag;

use crate::vocab::{self, Scheme};

/// The longest tag kept, in bytes (BCP 47 section 4.4.1 asks for 35).
const MAX_TAG_BYTES: usize = 35;

/// The BCP 47 tag meant: normalised case, `fre`/`fra` as `fr`, `fr_FR` as `fr-FR`, a language's name as its tag, also as
/// the lists of ISO 639-2 write it (`Greek, Ancient (to 1453)`).
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
        return named(written).ok_or_else(|| EXAMPLE.into());
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
        _ => named(written).ok_or_else(|| match vocab::suggest(Scheme::Language, written) {
            Some(id) => format!("did you mean {id}?"),
            None => EXAMPLE.into(),
        }),
    }
}

/// Words in brackets that tell one language from another; other ones say where, or since when, it is spoken.
const PERIODS: [&str; 12] = [
    "ancient",
    "old",
    "middle",
    "early",
    "classical",
    "archaic",
    "ancien",
    "vieux",
    "vieil",
    "moyen",
    "classique",
    "archaique",
];

/// The tag of a language that is named with what qualifies it: `Greek, Ancient (to 1453)`, « grec ancien (jusqu’à 1453) »,
/// `Norwegian (Bokmål)`, `French (CA)`.
fn named(written: &str) -> Option<String> {
    let known = |name: &str| vocab::by_name(Scheme::Language, name.trim());
    let (name, inside) = match written.trim().strip_suffix(')') {
        Some(open) => open.rsplit_once('(')?,
        None => (written.trim(), ""),
    };
    let (name, inside) = (name.trim(), inside.trim());
    if name.is_empty() || name.len() > MAX_NAME_BYTES || inside.len() > MAX_NAME_BYTES {
        return None;
    }
    // When it was spoken is part of its name already.
    let dates = inside.is_empty() || inside.contains(|c: char| c.is_ascii_digit());
    if !dates {
        let both =
            known(&format!("{name} {inside}")).or_else(|| known(&format!("{inside} {name}")));
        if let Some(id) = both {
            return Some(id.to_owned());
        }
        let period = |word: &str| PERIODS.contains(&vocab::fold(word).as_str());
        if inside.split_whitespace().any(period) {
            return None;
        }
    }
    let id = known(name).or_else(|| {
        let (name, before) = name.split_once(',')?;
        known(&format!("{} {}", before.trim(), name))
    })?;
    let region = inside.len() == 2 && inside.bytes().all(|b| b.is_ascii_uppercase());
    Some(match region {
        true => format!("{id}-{inside}"),
        false => id.to_owned(),
    })
}

/// The longest name of a language, in bytes.
const MAX_NAME_BYTES: usize = 100;
