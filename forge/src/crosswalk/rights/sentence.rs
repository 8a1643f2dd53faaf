//! One statement about rights, as LOM 6.3 and `dc:rights` have them: an address, a name or a sentence.

use std::collections::BTreeSet;

use commun_specs::licence::Licence;

use super::super::linked;
use super::super::lom::fold;

/// What a statement about rights says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rights {
    /// It is the address, name or SPDX id of a licence and nothing else.
    Exact(Licence),
    /// It is a sentence that names one licence with its version, or holds the address of one.
    Named(Licence),
    /// Words.
    Words,
}

/// Longest statement that is searched for the name of a licence, in bytes: longer ones are contracts.
const MAX_SEARCHED: usize = 2_000;

/// Reads a statement. Only what is certain is taken for a licence: kind and version, no exception, no second licence.
pub fn rights(text: &str) -> Rights {
    let text = text.trim();
    if let Some(licence) = linked::stated_licence(text) {
        return Rights::Exact(licence);
    }
    if text.len() > MAX_SEARCHED {
        return Rights::Words;
    }
    // Of an address only its licence counts, never words in it: whoever likes puts `creativecommons.org/licenses/by/4.0` into one.
    let words = text.split(|c: char| c.is_whitespace() || "<>\"".contains(c));
    let (addresses, words): (Vec<&str>, Vec<&str>) = words.partition(|word| is_address(word));
    let mut addresses = addresses.into_iter().filter_map(of_address);
    if let Some(licence) = addresses.next() {
        let other = addresses.any(|second| second != licence);
        return if other || set_apart(text) {
            Rights::Words
        } else {
            Rights::Named(licence)
        };
    }
    match spoken(&words.join(" ")) {
        Some(licence) if !set_apart(text) => Rights::Named(licence),
        _ => Rights::Words,
    }
}

/// Whether a statement may be about something else than the resource as it is, or about a part of it.
fn set_apart(text: &str) -> bool {
    excepted(text) || negated(text) || of_another(text) || of_metadata(text) || of_parts(text)
}

/// Whether a word is an address, or would pass for one: `https://a.example/`, `javascript:…//…`, `creativecommons.org/…`.
fn is_address(word: &str) -> bool {
    let folded = word.to_lowercase();
    let host = folded.split('/').next().unwrap_or_default();
    folded.contains("//")
        || (folded.contains('/')
            && (folded.contains("creativecommons") || folded.starts_with("www.")))
        || host.starts_with("creativecommons.org")
}

/// The licence that an address is, with or without what is before the host.
fn of_address(word: &str) -> Option<Licence> {
    let word = word.trim_matches(|c: char| "()[],;.'«»".contains(c));
    let whole = match word.contains("//") {
        true => word.to_owned(),
        false => format!("https://{word}"),
    };
    linked::stated_licence(&whole)
}

/// « Sauf mention contraire », “except”: what follows may be about something else.
fn excepted(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "sauf",
        "except",
        "hors ",
        "pas de cc",
        "pas de licence",
        "pas sous",
        "sans licence",
        "aucune licence",
        "no licence",
        "no license",
        "n'est pas",
        "n’est pas",
        " not ",
        "unless",
        "refus",
        "anciennement",
        "auparavant",
        "ancienne licence",
        "formerly",
        "previously",
        "used to be",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// “Not CC BY 4.0”, « CC BY 4.0 n’est plus valable »; not the “non” of a licence's own name.
fn negated(text: &str) -> bool {
    const NO: [&str; 13] = [
        "not",
        "no",
        "non",
        "never",
        "jamais",
        "nicht",
        "kein",
        "keine",
        "cannot",
        "ne",
        "n",
        "pas",
        "incompatible",
    ];
    // What licences forbid by their names, and « non transposé ».
    let named = [
        "commerc", "deriv", "kommerz", "bearbeit", "modif", "utilis", "lucrat", "adapt", "transpos",
    ];
    const SMALL: [&str; 11] = [
        "d", "de", "des", "a", "à", "l", "la", "les", "aux", "fins", "for",
    ];
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !SMALL.contains(word))
        .collect();
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let number = next.starts_with(|c: char| c.is_ascii_digit());
        NO.contains(word) && !number && !named.iter().any(|stem| next.starts_with(stem))
    })
}

/// « Adapté de X (CC BY 4.0) », « à partir de 2027 », “CC BY 4.0?”: of another work, another time, or not certain; “only”: of
/// less than all.
fn of_another(text: &str) -> bool {
    let folded = fold(text);
    let phrases = [
        "adaptede",
        "adaptationof",
        "adaptedfrom",
        "dapres",
        "basedon",
        "basesur",
        "baseesur",
        "contientdes",
        "contains",
        "extraitsde",
        "traduitde",
        "traduitede",
        "translatedfrom",
        "derivedfrom",
        "derivede",
        "apartirde",
        "apartirdu",
        "embargo",
        "draft",
        "tobedecided",
        "adecider",
        "demandee",
        "requested",
        "ausgenommen",
    ];
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic());
    let less = [
        "only",
        "uniquement",
        "seulement",
        "seul",
        "seuls",
        "seule",
        "seules",
        "exclusivement",
        "nur",
        "salvo",
        "excepto",
        "sem",
    ];
    let asked = |word: &str| word.contains('?') && !word.contains("://");
    phrases.iter().any(|phrase| folded.contains(phrase))
        || text.split_whitespace().any(asked)
        || words.any(|word| less.contains(&word))
}

/// « Les illustrations sont sous CC BY 4.0 » says nothing of the rest.
fn of_parts(text: &str) -> bool {
    let lower = text.to_lowercase();
    let order: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).collect();
    // « Cette vidéo » is what is described.
    let own = [
        "ce", "cet", "cette", "this", "diese", "dieses", "dieser", "esta", "este", "questa",
    ];
    let part = |names: &[&str]| {
        let mut words = order.iter().enumerate();
        words.any(|(at, word)| {
            names.contains(word) && !at.checked_sub(1).is_some_and(|at| own.contains(&order[at]))
        })
    };
    if part(&[
        "cover",
        "couverture",
        "logo",
        "chapter",
        "chapitre",
        "template",
        "image",
        "illustration",
        "photo",
        "photographie",
        "picture",
        "figure",
        "icône",
        "icon",
        "schéma",
        "diagram",
        "video",
        "videos",
        "vidéo",
        "vidéos",
        "music",
        "musique",
        "abbildung",
        "abbildungen",
        "bild",
        "bilder",
        "annexe",
        "annexes",
        "appendix",
    ]) {
        return true;
    }
    let words: BTreeSet<&str> = order.into_iter().collect();
    let has = |names: &[&str]| names.iter().any(|name| words.contains(name));
    has(&[
        "illustrations",
        "images",
        "photos",
        "photographies",
        "photographs",
        "pictures",
        "figures",
        "icônes",
        "icons",
        "logos",
        "schémas",
        "diagrams",
    ]) && !has(&[
        "texte",
        "textes",
        "text",
        "texts",
        "cours",
        "course",
        "ressource",
        "ressources",
        "resource",
        "contenu",
        "contenus",
        "content",
        "document",
        "documents",
        "ensemble",
        "all",
        "tous",
        "tout",
        "toutes",
    ])
}

/// « Métadonnées sous CC0 » says nothing of what they describe.
fn of_metadata(text: &str) -> bool {
    let text = fold(text);
    ["metadonnee", "metadata", "metadaten", "metadatos"]
        .iter()
        .any(|word| text.contains(word))
}

/// « Creative Commons : Paternité - Pas d’Utilisation Commerciale 2.0 France ».
fn spoken(text: &str) -> Option<Licence> {
    let lower = text.to_lowercase().replace('’', "'");
    // The words, and which are written BY: that is no English word.
    let (words, capitals): (Vec<String>, Vec<bool>) = text
        .split(|c: char| !c.is_alphanumeric() && c != '.')
        .map(|word| (fold_word(&word.to_lowercase()), word == "BY"))
        .filter(|(word, _)| !word.is_empty())
        .unzip();
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let plain = fold(&lower);
    let says = |all: &[&str]| all.iter().any(|part| plain.contains(part));
    if has("cc0") {
        // Often said of the record, beside what the resource is under.
        let of_record = ["metadonnees", "metadata", "notice", "notices", "record"];
        let another =
            has("cc") || capitals.contains(&true) || of_record.iter().any(|word| has(word));
        return (!another).then(|| Licence::parse("CC0-1.0").ok()).flatten();
    }
    if !plain.contains("creativecommons") && !has("cc") {
        if plain.contains("licenceouverte") || plain.contains("etalab") {
            let second = has("2.0") || has("v2.0") || has("2");
            return second.then(|| Licence::parse("etalab-2.0").ok()).flatten();
        }
        return None;
    }
    let mut versions = words.iter().filter(|word| is_version(word));
    let version = versions.next()?.trim_start_matches('v').to_owned();
    if versions.any(|other| other.trim_start_matches('v') != version) {
        return None;
    }
    // « CC BY 4.0 et CC BY-SA 4.0 »: two licences of one version. “CC BY-SA 4.0 by Marie Curie” has one: the other “by” is
    // English.
    let mut kinds = words
        .iter()
        .enumerate()
        .filter(|(_, word)| *word == "by")
        .filter_map(|(at, _)| {
            let parts = words[at + 1..].iter();
            let kind: BTreeSet<&str> = parts
                .map(String::as_str)
                .take_while(|w| matches!(*w, "nc" | "nd" | "sa"))
                .collect();
            let before = at.checked_sub(1).map(|at| words[at].as_str());
            let after = words.get(at + 1);
            let counts = !kind.is_empty()
                || capitals[at]
                || matches!(before, Some("cc" | "commons"))
                || after.is_some_and(|word| is_version(word) || word == "version");
            counts.then_some(kind)
        });
    let first = kinds.next();
    if first.is_none() && !says(&["paternite", "attribution"]) {
        return None;
    }
    if kinds.any(|kind| Some(&kind) != first.as_ref()) {
        return None;
    }
    let closed = says(&["utilisationcommerciale", "noncommercial"]) || has("nc");
    let fixed = says(&["pasdemodification", "noderiv"]) || has("nd");
    let alike = says(&["partage", "sharealike"]) || has("sa");
    let mut name = String::from("CC BY");
    for (said, part) in [(closed, "-NC"), (fixed, "-ND"), (alike && !fixed, "-SA")] {
        if said {
            name.push_str(part);
        }
    }
    name.push(' ');
    name.push_str(&version);
    // The port of a country is part of the name only after the version.
    let at = words
        .iter()
        .position(|w| w.trim_start_matches('v') == version)?;
    if words
        .get(at + 1)
        .is_some_and(|w| w == "france" || w == "fr")
    {
        name.push_str(" FR");
    }
    Licence::parse(&name).ok()
}

/// `4.0`, `v4.0`.
fn is_version(word: &str) -> bool {
    let digits: Vec<&str> = word.trim_start_matches('v').split('.').collect();
    digits.len() == 2
        && digits
            .iter()
            .all(|d| d.len() == 1 && d.bytes().all(|b| b.is_ascii_digit()))
}

fn fold_word(word: &str) -> String {
    let word = word.trim_matches('.');
    match word.contains('.') {
        true => word.to_owned(),
        false => fold(word),
    }
}
