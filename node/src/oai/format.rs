//! The formats in which records are told. A format that is not in this table is not advertised.

use commun_forge::crosswalk::{dublin_core, lom};
use commun_specs::metadata::View;

/// What a record does not say of itself.
pub struct Place<'a> {
    /// The address of the item's page.
    pub url: &'a str,
    /// The name of its institution.
    pub institution: &'a str,
}

/// A format.
pub struct Format {
    /// `metadataPrefix`.
    pub prefix: &'static str,
    /// Where its schema is.
    pub schema: &'static str,
    /// Its namespace.
    pub namespace: &'static str,
    /// Writes a record as an XML element; `None` where the item has no such form.
    pub write: fn(&View, &Place<'_>) -> Option<String>,
}

/// All formats.
pub const FORMATS: &[Format] = &[
    Format {
        prefix: "oai_dc",
        schema: dublin_core::SCHEMA,
        namespace: dublin_core::WRAPPER,
        write: oai_dc,
    },
    Format {
        prefix: "lom",
        schema: lom::SCHEMA,
        namespace: lom::NAMESPACE,
        write: |view, place| written(view, place, lom::Profile::Lom),
    },
    Format {
        prefix: "lomfr",
        schema: lom::SCHEMA_FR,
        namespace: lom::NAMESPACE,
        write: |view, place| written(view, place, lom::Profile::LomFr),
    },
    Format {
        prefix: "suplomfr",
        schema: lom::SCHEMA_FR,
        namespace: lom::NAMESPACE,
        write: |view, place| written(view, place, lom::Profile::SupLomFr),
    },
];

impl Format {
    /// The format of a prefix.
    pub fn of(prefix: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|format| format.prefix == prefix)
    }
}

fn oai_dc(view: &View, place: &Place<'_>) -> Option<String> {
    let place = dublin_core::Place {
        url: Some(place.url),
        institution: Some(place.institution),
    };
    String::from_utf8(dublin_core::write(view, place).bytes).ok()
}

fn written(view: &View, place: &Place<'_>, profile: lom::Profile) -> Option<String> {
    let place = lom::Place {
        url: Some(place.url),
        institution: Some(place.institution),
    };
    String::from_utf8(lom::write(view, place, profile).bytes).ok()
}
