//! The formats in which records are told. A format that is not in this table is not advertised.

use commun_forge::crosswalk::dublin_core;
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
pub const FORMATS: &[Format] = &[Format {
    prefix: "oai_dc",
    schema: dublin_core::SCHEMA,
    namespace: dublin_core::WRAPPER,
    write: oai_dc,
}];

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
