//! Words about rights that name no licence for certain: what they forbid all the same, and whether they say anything.
//!
//! Used beside a licence only, to read it more narrowly, never to allow anything: what is taken for a ban and is none costs
//! a line in a report, what is missed tells a reader that more is allowed than is.

use super::super::lom::fold;

/// As much of a text is searched, in bytes.
const MAX_SEARCHED: usize = 20_000;

const RESERVED: &str = "LicenseRef-all-rights-reserved";
const TEACHING: &str = "LicenseRef-exception-pedagogique";
const CLOSED: &str = "LicenseRef-non-commercial";
const FIXED: &str = "LicenseRef-no-derivatives";
const ALIKE: &str = "LicenseRef-share-alike";

/// Beginnings of words that together in one clause mean a ban.
const BANS: [(&[&str], &str); 18] = [
    (&["tous", "droits", "reserv"], RESERVED),
    (&["all", "rights", "reserv"], RESERVED),
    (&["alle", "rechte", "vorbehalten"], RESERVED),
    (&["todos", "derechos", "reservad"], RESERVED),
    (&["tutti", "diritti", "riservat"], RESERVED),
    (&["usage", "prive"], RESERVED),
    (&["usage", "personnel"], RESERVED),
    (&["reserve", "usage"], RESERVED),
    (&["private", "use"], RESERVED),
    (&["personal", "use"], RESERVED),
    (&["internal", "use"], RESERVED),
    (&["exception", "pedagogique"], TEACHING),
    (&["partag", "memes", "condition"], ALIKE),
    (&["partag", "identique"], ALIKE),
    (&["share", "alike"], ALIKE),
    (&["weitergabe", "gleichen"], ALIKE),
    (&["diffusion", "reserv"], RESERVED),
    (&["ne", "pas", "diffus"], RESERVED),
];
/// Beginnings of words for what nobody may do where it is denied ([`NEVER`]).
const COPIES: [&str; 3] = ["reprodu", "rediffus", "vervielfalt"];
/// Beginnings of words for what nobody may change where something is denied ([`NO`]).
const CHANGES: [&str; 6] = [
    "modif",
    "deriv",
    "adapt",
    "transform",
    "bearbeit",
    "abgeleitet",
];
/// Beginnings of words that mean a ban by themselves.
const ALWAYS: [(&str, &str); 3] = [
    ("noderiv", FIXED),
    ("sharealike", ALIKE),
    ("proprietary", RESERVED),
];
/// Beginnings of words for trade: who speaks of it limits it, but where [`INCLUDED`] is said and nothing denied.
const TRADE: [&str; 5] = ["commerc", "noncommerc", "comerc", "kommerz", "lucrati"];
/// « y compris commerciale », “even commercially”.
const INCLUDED: [&str; 7] = [
    "compris",
    "including",
    "even",
    "meme",
    "auch",
    "incluso",
    "inclusive",
];
/// Words that deny.
const NO: [&str; 22] = [
    "non",
    "pas",
    "sans",
    "ni",
    "aucun",
    "aucune",
    "ne",
    "not",
    "no",
    "never",
    "without",
    "nicht",
    "kein",
    "keine",
    "keinerlei",
    "ohne",
    "sin",
    "sem",
    "senza",
    "sauf",
    "unless",
    "except",
];
/// Words that deny what stands beside them: « reproduction autorisée sans modification » allows copies.
const NEVER: [&str; 7] = ["ne", "not", "no", "never", "nicht", "kein", "keine"];
/// Beginnings of words that deny.
const DENYING: [&str; 7] = [
    "interdi", "prohib", "forbid", "verbot", "untersag", "exclu", "soumis",
];
/// Addresses of statements about rights (<https://rightsstatements.org/>), and what they forbid.
const STATEMENTS: [(&str, &str); 3] = [
    ("rightsstatements.org/vocab/inc", RESERVED),
    ("rightsstatements.org/page/inc", RESERVED),
    ("rightsstatements.org/vocab/noc-nc", CLOSED),
];

/// Words that say no more than that there is a licence, or where, or that one is to credit the author, which all ask for.
const PLAIN: [&str; 112] = [
    "voir",
    "cf",
    "c",
    "f",
    "see",
    "siehe",
    "plus",
    "more",
    "information",
    "informations",
    "licence",
    "licences",
    "license",
    "licensed",
    "lizenz",
    "licencia",
    "licenza",
    "sous",
    "under",
    "the",
    "this",
    "these",
    "la",
    "le",
    "les",
    "l",
    "d",
    "du",
    "de",
    "des",
    "un",
    "une",
    "a",
    "an",
    "ce",
    "cet",
    "cette",
    "ces",
    "document",
    "documents",
    "ressource",
    "ressources",
    "resource",
    "resources",
    "work",
    "oeuvre",
    "cours",
    "course",
    "contenu",
    "contenus",
    "content",
    "is",
    "est",
    "sont",
    "are",
    "diffuse",
    "diffusee",
    "diffuses",
    "publie",
    "publiee",
    "mis",
    "mise",
    "disposition",
    "selon",
    "termes",
    "terms",
    "of",
    "conditions",
    "creative",
    "commons",
    "cc",
    "published",
    "distributed",
    "available",
    "made",
    "at",
    "adresse",
    "address",
    "lien",
    "link",
    "url",
    "droits",
    "rights",
    "utilisation",
    "use",
    "usage",
    "par",
    "by",
    "paternite",
    "attribution",
    "international",
    "unported",
    "et",
    "and",
    "open",
    "access",
    "acces",
    "libre",
    "merci",
    "nous",
    "citer",
    "cite",
    "please",
    "us",
    "author",
    "authors",
    "auteur",
    "auteurs",
    "credit",
    "source",
    "mention",
    "mentionner",
];

/// Words of the names of licences, beside [`PLAIN`].
const NAMES: [&str; 36] = [
    "nc",
    "nd",
    "sa",
    "non",
    "no",
    "noncommercial",
    "commercial",
    "commerciale",
    "share",
    "alike",
    "sharealike",
    "derivs",
    "derivatives",
    "noderivs",
    "noderivatives",
    "pas",
    "modification",
    "partage",
    "dans",
    "memes",
    "identique",
    "generic",
    "generique",
    "version",
    "v",
    "public",
    "deed",
    "namensnennung",
    "nicht",
    "kommerziell",
    "weitergabe",
    "unter",
    "gleichen",
    "bedingungen",
    "keine",
    "bearbeitungen",
];

/// What words about rights forbid, as ids of licences, each once.
pub(super) fn limits(text: &str) -> Vec<&'static str> {
    let text = &text[..text.floor_char_boundary(MAX_SEARCHED)];
    // A hyphen between spaces ends a clause, too.
    let lower = text.to_lowercase().replace(" - ", "; ");
    let mut found: Vec<&'static str> = Vec::new();
    let mut add = |id: &'static str| {
        if !found.contains(&id) {
            found.push(id);
        }
    };
    for (address, id) in STATEMENTS {
        if lower.contains(address) {
            add(id);
        }
    }
    let ends = ['.', ';', ',', ':', '!', '?', '\n', '(', ')', '|', '–', '—'];
    for clause in lower.split(ends) {
        let words: Vec<String> = clause
            .split(|c: char| !c.is_alphanumeric())
            .map(fold)
            .filter(|word| !word.is_empty())
            .collect();
        let begins = |stem: &str| words.iter().any(|word| word.starts_with(stem));
        let any = |stems: &[&str]| stems.iter().any(|stem| begins(stem));
        let one_of = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let denied = any(&DENYING) || one_of(&NO);
        for (all, id) in BANS {
            if all.iter().all(|stem| begins(stem)) {
                add(id);
            }
        }
        if any(&COPIES) && (any(&DENYING) || one_of(&NEVER)) {
            add(RESERVED);
        }
        if any(&CHANGES) && denied {
            add(FIXED);
        }
        for (stem, id) in ALWAYS {
            if begins(stem) {
                add(id);
            }
        }
        if any(&TRADE) && (denied || !one_of(&INCLUDED)) {
            add(CLOSED);
        }
        // The kind of a licence whose version is not known: `CC BY-NC`, `…/licenses/by-nc-nd/`.
        for pair in words.windows(2) {
            let [before, word] = pair else { continue };
            if !matches!(before.as_str(), "cc" | "by" | "nc" | "nd" | "sa") {
                continue;
            }
            match word.as_str() {
                "nc" => add(CLOSED),
                "nd" => add(FIXED),
                "sa" => add(ALIKE),
                _ => {}
            }
        }
    }
    found
}

/// Whether words are those of the names of licences. `own`: further names of the one that is meant.
pub(super) fn only_names(text: &str, own: &str) -> bool {
    let own: Vec<String> = own
        .split(|c: char| !c.is_alphanumeric())
        .map(fold)
        .collect();
    let mut words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    text.len() <= MAX_SEARCHED
        && words.all(|word| {
            let folded = fold(word);
            let known = PLAIN.contains(&folded.as_str())
                || NAMES.contains(&folded.as_str())
                || own.contains(&folded);
            known || word.chars().all(|c| c.is_ascii_digit())
        })
}

/// Whether words say nothing beyond what a licence beside them says: that there is one, where it is, whose the work is.
pub(super) fn adds_nothing(text: &str) -> bool {
    if text.len() > MAX_SEARCHED {
        return false;
    }
    let text = text.trim();
    let lower = text.to_lowercase();
    let owner = ["©", "(c)", "copyright"];
    let owned = owner.iter().any(|sign| lower.starts_with(sign));
    let words = text
        .split_whitespace()
        .filter(|word| !word.contains("://"))
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty());
    words.into_iter().all(|word| {
        let name = owned && (word.starts_with(char::is_uppercase) || fold(word) == "copyright");
        let number = word.chars().all(|c| c.is_ascii_digit());
        name || number || PLAIN.contains(&fold(word).as_str())
    })
}
