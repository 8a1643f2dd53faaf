//! What a licence lets people do, in classes and sentences.

use std::sync::OnceLock;

use spdx::LicenseItem;

/// What one may do with a work, from freest to least free (the order of the variants counts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// No condition.
    PublicDomain,
    /// All is allowed, the author must be named.
    Attribution,
    /// All is allowed, the author named, changed versions under the same licence.
    ShareAlike,
    /// Adaptation allowed, commercial use not.
    NonCommercial,
    /// Copies allowed, changes not.
    NoDerivatives,
    /// No free licence known.
    Unstated,
}

/// What searches filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// May be adapted and used for any purpose (Open Definition).
    Free,
    /// May be adapted, but not for every purpose.
    FreeToAdapt,
    /// May not be adapted, or nothing is known.
    Restricted,
}

impl Class {
    /// The class as written in queries and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Free => "free",
            Class::FreeToAdapt => "free-to-adapt",
            Class::Restricted => "restricted",
        }
    }

    /// The class written so.
    pub fn parse(text: &str) -> Option<Class> {
        [Class::Free, Class::FreeToAdapt, Class::Restricted]
            .into_iter()
            .find(|class| class.as_str() == text)
    }

    /// Whether a teacher may make a version of their own: the "free to adapt" switch.
    pub fn may_adapt(self) -> bool {
        self != Class::Restricted
    }
}

impl Family {
    /// All families, freest first.
    pub const ALL: [Family; 6] = [
        Family::PublicDomain,
        Family::Attribution,
        Family::ShareAlike,
        Family::NonCommercial,
        Family::NoDerivatives,
        Family::Unstated,
    ];

    /// The class that the family belongs to.
    pub fn class(self) -> Class {
        match self {
            Family::PublicDomain | Family::Attribution | Family::ShareAlike => Class::Free,
            Family::NonCommercial => Class::FreeToAdapt,
            Family::NoDerivatives | Family::Unstated => Class::Restricted,
        }
    }

    /// The family's name for people.
    pub fn label(self, lang: &str) -> &'static str {
        let (fr, en) = match self {
            Family::PublicDomain => ("Domaine public", "Public domain"),
            Family::Attribution => ("Attribution", "Attribution"),
            Family::ShareAlike => (
                "Attribution, partage à l’identique",
                "Attribution, share alike",
            ),
            Family::NonCommercial => ("Pas d’utilisation commerciale", "Non-commercial"),
            Family::NoDerivatives => ("Pas de modification", "No derivatives"),
            Family::Unstated => ("Non libre ou non indiquée", "Not free or not stated"),
        };
        pick(lang, fr, en)
    }

    /// One plain sentence: what one may do, and what one must do.
    pub fn sentence(self, lang: &str) -> &'static str {
        let (fr, en) = match self {
            Family::PublicDomain => (
                "Vous pouvez réutiliser et modifier librement, sans condition.",
                "You may reuse and adapt it freely, without conditions.",
            ),
            Family::Attribution => (
                "Vous pouvez réutiliser et modifier, en citant l’auteur.",
                "You may reuse and adapt it if you credit the author.",
            ),
            Family::ShareAlike => (
                "Vous pouvez réutiliser et modifier, en citant l’auteur et en partageant vos versions sous la même licence.",
                "You may reuse and adapt it if you credit the author and share your versions under the same licence.",
            ),
            Family::NonCommercial => (
                "Vous pouvez réutiliser et modifier sans but commercial, en citant l’auteur.",
                "You may reuse and adapt it for non-commercial purposes if you credit the author.",
            ),
            Family::NoDerivatives => (
                "Vous pouvez copier et diffuser tel quel, en citant l’auteur, mais pas modifier.",
                "You may copy and share it as it is if you credit the author, but not change it.",
            ),
            Family::Unstated => (
                "Aucune licence libre connue\u{a0}: demandez à l’auteur avant de réutiliser.",
                "No known free licence: ask the author before you reuse it.",
            ),
        };
        pick(lang, fr, en)
    }

    /// The family of one licence of an expression.
    pub(super) fn of(item: &LicenseItem) -> Family {
        let LicenseItem::Spdx { id, .. } = item else {
            return Family::of_id(&item.to_string()).unwrap_or(Family::Unstated);
        };
        if let Some(family) = Family::of_id(id.name) {
            return family;
        }
        if id.is_osi_approved() || id.is_fsf_free_libre() {
            return if id.is_copyleft() {
                Family::ShareAlike
            } else {
                Family::Attribution
            };
        }
        Family::Unstated
    }

    /// The family of a licence by its id.
    pub(super) fn named(id: &str) -> Family {
        match spdx::license_id(id) {
            Some(known) => Family::of(&LicenseItem::Spdx {
                id: known,
                or_later: false,
            }),
            None => Family::of_id(id).unwrap_or(Family::Unstated),
        }
    }

    fn of_id(id: &str) -> Option<Family> {
        if let Some(row) = row(id) {
            return Some(row.family);
        }
        let creative = id
            .strip_prefix("LicenseRef-")
            .unwrap_or(id)
            .strip_prefix("CC-")?;
        let has = |part: &str| creative.split('-').any(|p| p == part);
        // ND first: BY-NC-ND forbids both, and what matters to a teacher is that it may not be changed.
        Some(match () {
            () if has("ND") => Family::NoDerivatives,
            () if has("NC") => Family::NonCommercial,
            () if has("SA") => Family::ShareAlike,
            () if has("BY") => Family::Attribution,
            () => return None,
        })
    }
}

pub(super) fn pick(lang: &str, fr: &'static str, en: &'static str) -> &'static str {
    match lang.split('-').next() {
        Some(primary) if primary.eq_ignore_ascii_case("fr") => fr,
        _ => en,
    }
}

struct Row {
    id: &'static str,
    family: Family,
    fr: &'static str,
    en: &'static str,
    url: &'static str,
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        include_str!("../vocab/licence.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let mut cells = line.split('\t');
                let mut cell = || cells.next().unwrap_or_default();
                let (id, family) = (cell(), cell());
                let family = match family {
                    "pd" => Family::PublicDomain,
                    "by" => Family::Attribution,
                    "sa" => Family::ShareAlike,
                    "nc" => Family::NonCommercial,
                    "nd" => Family::NoDerivatives,
                    _ => Family::Unstated,
                };
                Row {
                    id,
                    family,
                    fr: cell(),
                    en: cell(),
                    url: cell(),
                }
            })
            .collect()
    })
}

/// What the Creative Commons licences are made of.
pub(super) const CREATIVE_ELEMENTS: [&str; 6] =
    ["BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND", "BY-NC-ND"];

/// The versions that the vocabulary lists, with the French ports: others are known by their ids.
const CREATIVE_VERSIONS: [(&str, Option<&str>); 6] = [
    ("4.0", None),
    ("3.0", None),
    ("3.0", Some("FR")),
    ("2.5", None),
    ("2.0", None),
    ("2.0", Some("FR")),
];

/// The licences that pages name, as the table of a vocabulary.
pub(crate) fn vocabulary() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let creative = CREATIVE_VERSIONS.into_iter().flat_map(|(version, port)| {
            let id = move |elements: &&str| super::read::creative_id(&[elements], version, port, 1);
            CREATIVE_ELEMENTS.iter().filter_map(id)
        });
        let named = rows().iter().map(|row| row.id.to_owned());
        let mut known: Vec<String> = Vec::new();
        named
            .chain(creative)
            .map(|id| {
                let label = |lang| label(&id, lang).unwrap_or_else(|| id.clone());
                let url = url(&id).unwrap_or_default();
                // "Only" and "or later" share one text.
                let near = if known.contains(&url) { ">" } else { "" };
                let line = format!("{id}\t\t{}\t{}\t\t{near}{url}\n", label("fr"), label("en"));
                known.push(url);
                line
            })
            .collect()
    })
}

fn row(id: &str) -> Option<&'static Row> {
    rows().iter().find(|row| row.id == id)
}

/// The parts of a Creative Commons id: (`BY-NC-SA`, `3.0`, Some(`FR`)).
pub(super) fn creative_commons(id: &str) -> Option<(String, &str, Option<&str>)> {
    let parts: Vec<&str> = id
        .strip_prefix("LicenseRef-")
        .unwrap_or(id)
        .strip_prefix("CC-")?
        .split('-')
        .collect();
    let version = parts
        .iter()
        .position(|p| p.starts_with(|c: char| c.is_ascii_digit()))?;
    Some((
        parts[..version].join("-"),
        parts[version],
        parts.get(version + 1).copied(),
    ))
}

/// The short name of one licence.
pub(super) fn label(id: &str, lang: &str) -> Option<String> {
    if let Some(row) = row(id) {
        return Some(pick(lang, row.fr, row.en).to_owned());
    }
    let (elements, version, port) = creative_commons(id)?;
    Some(match port {
        Some(port) => format!("CC {elements} {version} {port}"),
        None => format!("CC {elements} {version}"),
    })
}

/// Where the text of one licence is.
pub(super) fn url(id: &str) -> Option<String> {
    if let Some(row) = row(id) {
        return (!row.url.is_empty()).then(|| row.url.to_owned());
    }
    if let Some((elements, version, port)) = creative_commons(id) {
        let elements = match (elements.as_str(), version) {
            ("BY-NC-ND", "1.0") => "by-nd-nc".to_owned(),
            _ => elements.to_ascii_lowercase(),
        };
        let port = port
            .map(|p| format!("{}/", p.to_ascii_lowercase()))
            .unwrap_or_default();
        return Some(format!(
            "https://creativecommons.org/licenses/{elements}/{version}/{port}"
        ));
    }
    spdx::license_id(id).map(|id| format!("https://spdx.org/licenses/{}.html", id.name))
}
