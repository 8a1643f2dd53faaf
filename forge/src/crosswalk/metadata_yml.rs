//! `metadata.yml`: AMB as YAML, beside the files of a course in Git or before the text of a Markdown page
//! (<https://gitlab.com/oersi/oersi-setup>, « front matter »).
//!
//! What is written is valid AMB, spelt in YAML.

mod yaml;

use commun_specs::metadata::View;

use super::Written;
use super::linked::{self, Dialect};

pub use super::linked::Place;

/// The media type of documents (RFC 9512).
pub const MEDIA_TYPE: &str = "application/yaml";
/// The name of the file.
pub const NAME: &str = "metadata.yml";

/// Writes one record, and says what it does not carry.
pub fn write(view: &View, place: Place<'_>) -> Written {
    let (document, losses) = linked::write(view, place, Dialect::Amb);
    Written {
        bytes: yaml::document(document).into_bytes(),
        losses,
    }
}
