//! AMB, the Allgemeines Metadatenprofil für Bildungsressourcen: schema.org's LearningResource in JSON-LD, as German-speaking
//! repositories and OERSI exchange it (<https://w3id.org/kim/amb/>; versions 20231019 and the draft after it).
//!
//! AMB's JSON Schema says what must be there and how it is spelt, and leaves all other properties of schema.org free, so a
//! document holds more than what the profile names. What is written is always valid by the schema.

use commun_specs::metadata::View;
use serde_json::Value as Json;

use super::Written;
use super::linked::{self, Dialect};

pub use super::linked::Place;

/// The scheme's name in the provenance of values.
pub const SCHEME: &str = "amb";
/// The media type of documents.
pub const MEDIA_TYPE: &str = "application/ld+json";

/// Writes one record as JSON-LD, and says what it does not carry. It may stand in a `script` element as it is.
pub fn write(view: &View, place: Place<'_>) -> Written {
    let (document, losses) = linked::write(view, place, Dialect::Amb);
    let mut text = linked::in_script(&Json::Object(document));
    text.push('\n');
    Written {
        bytes: text.into_bytes(),
        losses,
    }
}
