//! What can be wrong with an item's metadata, and how much it matters.

use commun_forge::problem::Severity;
use commun_specs::{
    licence::{Family, Licence},
    metadata::{Concept, Method, Record, Value, View},
};

/// For whom a field matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// For everybody: without it an item is not found, or not used.
    Everybody,
    /// For SupLOMFR, whose working profile has it among the mandatory elements.
    SupLomFr,
    /// It helps.
    Helps,
}

impl Need {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Need::Everybody => "everybody",
            Need::SupLomFr => "suplomfr",
            Need::Helps => "recommended",
        }
    }
}

/// A field whose absence is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the model.
    pub name: &'static str,
    /// For whom it matters.
    pub need: Need,
}

const fn field(name: &'static str, need: Need) -> Field {
    Field { name, need }
}

/// The fields, most needed first. The position is a bit of `item.missing` in `quality.db`.
pub const FIELDS: [Field; 19] = [
    field("title", Need::Everybody),
    field("description", Need::Everybody),
    field("language", Need::Everybody),
    field("creators", Need::Everybody),
    field("licence", Need::Everybody),
    field("resource_type", Need::Everybody),
    field("level", Need::Everybody),
    field("subject", Need::Everybody),
    field("publishers", Need::SupLomFr),
    field("published", Need::SupLomFr),
    field("document_type", Need::SupLomFr),
    field("free", Need::SupLomFr),
    field("restrictions", Need::SupLomFr),
    field("keywords", Need::Helps),
    field("audience", Need::Helps),
    field("learning_time", Need::Helps),
    field("status", Need::Helps),
    field("activities", Need::Helps),
    field("usage", Need::Helps),
];

/// What else can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The licence is prose, or one that nobody knows.
    UnclearLicence,
    /// A title or description says no language.
    UntaggedText,
    /// A value is only guessed.
    Guessed,
    /// A concept is of no vocabulary that is known.
    UnknownTerm,
    /// Values that this release could not read were left out.
    Unreadable,
    /// Neither files nor an address.
    NothingToOpen,
    /// The text of a file could not be read.
    Unread,
    /// What it was made from has newer versions.
    Behind,
}

impl Fault {
    /// All of them, worst first.
    pub const ALL: [Fault; 8] = [
        Fault::UnclearLicence,
        Fault::NothingToOpen,
        Fault::UntaggedText,
        Fault::UnknownTerm,
        Fault::Unreadable,
        Fault::Unread,
        Fault::Behind,
        Fault::Guessed,
    ];

    /// The word in JSON and in `quality.db`.
    pub fn as_str(self) -> &'static str {
        match self {
            Fault::UnclearLicence => "unclear-licence",
            Fault::UntaggedText => "untagged-text",
            Fault::Guessed => "guessed",
            Fault::UnknownTerm => "unknown-term",
            Fault::Unreadable => "unreadable-values",
            Fault::NothingToOpen => "nothing-to-open",
            Fault::Unread => "unread-document",
            Fault::Behind => "behind-origin",
        }
    }
}

/// A kind of line of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A field has no value.
    Missing(&'static Field),
    /// Something else is wrong.
    Fault(Fault),
    /// The item may be there twice.
    Duplicate,
    /// A link leads nowhere.
    DeadLink,
    /// A link could not be judged: its server asks for a login, or is out of order.
    UnsureLink,
}

impl Rule {
    /// All of them, in the order of the report: dead links, then what is wrong, then what lacks.
    pub fn all() -> impl Iterator<Item = Rule> {
        let first = [Rule::DeadLink, Rule::Duplicate];
        let faults = Fault::ALL.into_iter().map(Rule::Fault);
        let missing = FIELDS.iter().map(Rule::Missing);
        first
            .into_iter()
            .chain(faults)
            .chain(missing)
            .chain([Rule::UnsureLink])
    }

    /// The word in JSON: `missing-description`.
    pub fn id(self) -> String {
        match self {
            Rule::Missing(field) => format!("missing-{}", field.name),
            Rule::Fault(fault) => fault.as_str().to_owned(),
            Rule::Duplicate => "duplicate".to_owned(),
            Rule::DeadLink => "dead-link".to_owned(),
            Rule::UnsureLink => "unsure-link".to_owned(),
        }
    }

    /// The rule of this word.
    pub fn parse(id: &str) -> Option<Rule> {
        Rule::all().find(|rule| rule.id() == id)
    }

    /// How much it matters.
    pub fn severity(self) -> Severity {
        match self {
            Rule::Missing(field) => match field.need {
                Need::Everybody => Severity::Error,
                Need::SupLomFr => Severity::Warning,
                Need::Helps => Severity::Info,
            },
            Rule::Fault(Fault::UnclearLicence | Fault::NothingToOpen) | Rule::DeadLink => {
                Severity::Error
            }
            Rule::Fault(Fault::Guessed) | Rule::UnsureLink => Severity::Info,
            Rule::Fault(_) | Rule::Duplicate => Severity::Warning,
        }
    }

    /// The field that is to be mended, where it is one.
    pub fn field(self) -> Option<&'static str> {
        match self {
            Rule::Missing(field) => Some(field.name),
            Rule::Fault(Fault::UnclearLicence) => Some("licence"),
            _ => None,
        }
    }
}

/// Most details of one item and rule that are kept.
const MAX_DETAILS: usize = 20;
/// Longest detail, in characters.
const MAX_DETAIL: usize = 200;

/// The fields that an item lacks, as bits by their position in [`FIELDS`].
pub(super) fn missing(view: &View) -> u32 {
    let mut bits = 0;
    for (at, field) in FIELDS.iter().enumerate() {
        let there = match field.name {
            "language" => view.languages.iter().any(|l| l != "und"),
            "creators" => {
                let author =
                    |c: &commun_specs::metadata::Creator| c.role.as_deref() == Some("author");
                !view.creators.is_empty() || view.contributors.iter().any(author)
            }
            // What it says in prose is counted as unclear, not as missing.
            "licence" => view.licence.is_some() || !view.licence_statements.is_empty(),
            name => view.has(name).unwrap_or(true),
        };
        if !there {
            bits |= 1 << at;
        }
    }
    bits
}

/// What else is wrong, each with what it is about. `files`: how many the item has; `unread`: those whose text could not be
/// read; `behind`: origins that went on.
pub(super) fn of(
    record: &Record,
    view: &View,
    files: u64,
    unread: &[String],
    behind: &[String],
) -> Vec<(Fault, String)> {
    let mut found: Vec<(Fault, String)> = Vec::new();
    let mut add = |fault: Fault, detail: &str| {
        let detail: String = detail.chars().take(MAX_DETAIL).collect();
        let of_it = found.iter().filter(|(f, _)| *f == fault).count();
        if of_it < MAX_DETAILS && !found.contains(&(fault, detail.clone())) {
            found.push((fault, detail));
        }
    };
    match &view.licence {
        None => {
            for (_, statement) in &view.licence_statements {
                add(Fault::UnclearLicence, statement);
            }
        }
        Some(licence) => {
            let known = Licence::parse(licence).is_ok_and(|l| l.family() != Family::Unstated);
            if !known {
                add(Fault::UnclearLicence, licence);
            }
        }
    }
    for (lang, text) in view.titles.iter().chain(&view.descriptions) {
        if lang == "und" && !view.languages.is_empty() {
            add(Fault::UntaggedText, text);
        }
    }
    for concept in &view.subjects {
        if is_unknown(concept) {
            let label = concept
                .label
                .first()
                .map_or(&concept.notation, |(_, label)| label);
            add(Fault::UnknownTerm, label);
        }
    }
    for (name, guessed) in [
        ("language", all_guessed(&record.language)),
        ("level", all_guessed(&record.level)),
        ("subject", all_guessed(&record.subject)),
        ("resource_type", all_guessed(&record.resource_type)),
        ("licence", all_guessed(&record.licence)),
    ] {
        if guessed {
            add(Fault::Guessed, name);
        }
    }
    if record.skipped > 0 {
        add(Fault::Unreadable, &record.skipped.to_string());
    }
    if files == 0 && urls(view).is_empty() && view.aliases.is_empty() {
        add(Fault::NothingToOpen, "");
    }
    for file in unread {
        add(Fault::Unread, file);
    }
    for origin in behind {
        add(Fault::Behind, origin);
    }
    found
}

fn all_guessed<T>(values: &[Value<T>]) -> bool {
    !values.is_empty()
        && values
            .iter()
            .all(|value| value.src.method == Method::Inferred)
}

/// A concept of no scheme, or a code of a scheme that nobody says anything of.
fn is_unknown(concept: &Concept) -> bool {
    let published = concept.scheme.contains('/') && !concept.scheme.contains(':');
    concept.scheme.is_empty()
        || (concept.label.is_empty() && !published && concept.scheme.contains(':'))
}

/// Links of one item that are looked at.
const MAX_LINKS: usize = 50;

/// The addresses that an item gives.
pub(super) fn urls(view: &View) -> Vec<String> {
    let all = view
        .links
        .iter()
        .map(|link| &link.url)
        .chain(&view.aliases)
        .chain(view.relations.iter().map(|relation| &relation.target))
        .chain(view.images.iter().map(|image| &image.url));
    let mut urls: Vec<String> = Vec::new();
    for url in all {
        let web = url.starts_with("http://") || url.starts_with("https://");
        if web && urls.len() < MAX_LINKS && !urls.contains(url) {
            urls.push(url.clone());
        }
    }
    urls
}
