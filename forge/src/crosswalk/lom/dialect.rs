//! Which of the family a record is: what it says that it follows, else what its names and sources show.

use roxmltree::Node;

use super::Profile;
use crate::crosswalk::xml;

/// Which of the family a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Lom,
    LomFr,
    SupLomFr,
    ScoLomFr,
    /// IMS Learning Resource Meta-data 1.2.
    Lrm,
}

impl Dialect {
    /// Its name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Dialect::Lom => "LOM",
            Dialect::LomFr => "LOMFR",
            Dialect::SupLomFr => "SupLOMFR",
            Dialect::ScoLomFr => "ScoLOMFR",
            Dialect::Lrm => "IMS LRM 1.2",
        }
    }

    /// The French profiles write three letters for a language as a rule.
    pub(super) fn french(self) -> bool {
        matches!(self, Dialect::LomFr | Dialect::SupLomFr | Dialect::ScoLomFr)
    }
}

/// The profile that a record follows, of those that are written here; `None` for the others of the family.
pub fn profile_of(top: Node<'_, '_>) -> Option<Profile> {
    match dialect(top).0 {
        Dialect::Lom => Some(Profile::Lom),
        Dialect::LomFr => Some(Profile::LomFr),
        Dialect::SupLomFr => Some(Profile::SupLomFr),
        Dialect::ScoLomFr | Dialect::Lrm => None,
    }
}

/// What the record says that it follows, else what its names and sources show.
pub(super) fn dialect(top: Node<'_, '_>) -> (Dialect, String) {
    let mut tokens: Vec<String> = Vec::new();
    for meta in xml::children(top, "metaMetadata") {
        for name in ["metadataSchema", "metadatascheme"] {
            tokens.extend(xml::children(meta, name).map(|n| xml::text(n).trim().to_owned()));
        }
    }
    tokens.truncate(20);
    let mut shown = tokens.join(" ").to_lowercase();
    for node in top.descendants().filter(Node::is_element).take(5_000) {
        if xml::named(node, "source") && node.children().all(|c| c.is_text()) {
            shown.push(' ');
            shown.push_str(
                xml::text(node)
                    .trim()
                    .to_lowercase()
                    .get(..20)
                    .unwrap_or(&xml::text(node).trim().to_lowercase()),
            );
        }
    }
    let space = |word: &str| {
        top.namespaces()
            .any(|n| n.uri().to_lowercase().contains(word))
    };
    let own = top.tag_name().namespace().unwrap_or_default();
    let name = if shown.contains("scolom") {
        Dialect::ScoLomFr
    } else if shown.contains("suplom") || space("suplomfr") {
        Dialect::SupLomFr
    } else if space("scolomfr") {
        Dialect::ScoLomFr
    } else if shown.contains("lomfr") || space("xsd/lomfr") {
        Dialect::LomFr
    } else if own.contains("imsmd") || xml::child(top, "lifecycle").is_some_and(lower) {
        Dialect::Lrm
    } else {
        Dialect::Lom
    };
    tokens.retain(|token| !token.is_empty());
    (name, tokens.join(", "))
}

fn lower(node: Node<'_, '_>) -> bool {
    node.tag_name().name() == "lifecycle"
}
