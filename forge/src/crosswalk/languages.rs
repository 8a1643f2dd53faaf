//! Several languages in one text, as catalogues write them.

use std::borrow::Cow;

use commun_specs::metadata::{MAX_VALUES, normalise_language};
use commun_specs::vocab::{self, Scheme};

/// Languages with countries whose codes are also those of languages: `pt/BR` is no Breton, `fr/CA` no Catalan.
const REGIONS: [(&str, &str); 10] = [
    ("pt", "BR"),
    ("fr", "CA"),
    ("en", "CA"),
    ("fr", "BE"),
    ("nl", "BE"),
    ("de", "BE"),
    ("sv", "FI"),
    ("ar", "SA"),
    ("es", "SV"),
    ("ta", "LK"),
];

/// The parts of a text that each name one language.
pub(super) fn languages(written: &str) -> Vec<Cow<'_, str>> {
    let text = written.trim();
    if text.contains("://") || !text.contains([';', ',', '|', '/']) {
        return vec![text.into()];
    }
    let mut all = Vec::new();
    for part in text.split([';', '|']).take(MAX_VALUES).map(str::trim) {
        match region(part) {
            Some(tag) => all.push(tag.into()),
            None => part
                .split('/')
                .take(MAX_VALUES)
                .for_each(|part| names(part, &mut all)),
        }
    }
    all
}

/// `pt/BR`: a language in small letters and a country in capitals.
fn region(text: &str) -> Option<String> {
    let (language, country) = text.split_once('/')?;
    let (language, country) = (language.trim(), country.trim());
    let small = matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_lowercase());
    let large = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    if !small || !large {
        return None;
    }
    let tag = normalise_language(language).ok()?;
    let other = vocab::find(Scheme::Language, &country.to_ascii_lowercase()).is_some();
    let known = REGIONS.contains(&(tag.as_str(), country)) || tag.eq_ignore_ascii_case(country);
    (known || !other).then(|| format!("{tag}-{country}"))
}

/// Names between commas, some of which have one themselves: `Greek, Ancient (to 1453), Latin`.
fn names<'a>(text: &'a str, all: &mut Vec<Cow<'a, str>>) {
    let mut rest = text;
    while let Some((first, after)) = rest.split_once(',')
        && all.len() < MAX_VALUES
    {
        let end = after
            .find(',')
            .map_or(rest.len(), |at| first.len() + 1 + at);
        let two = &rest[..end];
        if normalise_language(two).is_ok() {
            all.push(two.trim().into());
            match rest.get(end + 1..) {
                Some(more) => rest = more,
                None => return,
            }
        } else {
            all.push(first.trim().into());
            rest = after;
        }
    }
    all.push(rest.trim().into());
}
