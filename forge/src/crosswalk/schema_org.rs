//! schema.org's LearningResource in JSON-LD, alone or in pages (<https://schema.org/LearningResource>, LRMI).
//!
//! What is written has every language and every property that schema.org has a name for. It may stand in a `script`
//! element as it is: nothing in it ends the element or begins a comment.

use commun_specs::metadata::View;
use serde_json::Value as Json;

use super::Written;
use super::linked::{self, Dialect};

pub use super::linked::Place;

/// The scheme's name in the provenance of values.
pub const SCHEME: &str = "schemaorg";
/// The media type of documents.
pub const MEDIA_TYPE: &str = "application/ld+json";

/// Writes one record as JSON-LD, and says what it does not carry.
pub fn write(view: &View, place: Place<'_>) -> Written {
    let (document, losses) = linked::write(view, place, Dialect::SchemaOrg);
    let mut text = linked::in_script(&Json::Object(document));
    text.push('\n');
    Written {
        bytes: text.into_bytes(),
        losses,
    }
}
