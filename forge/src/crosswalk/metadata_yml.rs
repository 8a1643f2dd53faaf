//! `metadata.yml`: AMB as YAML, beside the files of a course in Git or as the front matter of a Markdown page
//! (<https://oersi.org/>, the OER community's pages).
//!
//! What people write is seldom valid AMB: `@context` and `type` as texts, licences and concepts as bare addresses, people
//! without `name`. All of that is taken, with a warning. Texts are in the language of the content where no other is
//! named. What is written is valid AMB, spelt in YAML.

mod yaml;

use commun_specs::metadata::View;
use serde_json::Value as Json;

use super::linked::{self, Dialect};
use super::{Origin, Read, Written, amb, json};
use crate::component;
use crate::problem::Severity;

pub use super::linked::Place;

/// The media type of documents (RFC 9512).
pub const MEDIA_TYPE: &str = "application/yaml";
/// The name of the file.
pub const NAME: &str = "metadata.yml";

/// The YAML before the text of a page: between its first line, `---`, and the next such line. Nothing where a document does
/// not begin so.
pub fn front_matter(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("---")?;
    let rest = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Some(&rest[..at]);
        }
        at += line.len();
    }
    None
}

/// Reads a document: YAML, or a page with YAML before its text.
///
/// # Errors
/// The one reason why nothing comes in: not UTF-8, not YAML, no title.
pub fn read(bytes: &[u8], origin: &Origin) -> Read {
    if bytes.len() > json::MAX_RECORD {
        let size = bytes.len().to_string();
        let most = json::MAX_RECORD.to_string();
        return Err(json::problem("json-too-large", &size, &most));
    }
    let text = json::decode(bytes)?;
    let text = front_matter(text).unwrap_or(text);
    let (value, problems) = component::yaml(text)?;
    let Json::Object(record) = value else {
        return Err(json::problem("not-an-object", "", ""));
    };
    let mut problems = problems;
    problems.extend(amb::check(&record, Severity::Warning));
    let context = record.get("@context").unwrap_or(&Json::Null);
    let spoken = record.get("inLanguage").map(|tags| match tags {
        Json::Array(list) => list.first().unwrap_or(&Json::Null),
        one => one,
    });
    let lang = amb::language(context).or_else(|| spoken?.as_str());
    amb::understood(&record, problems, lang, origin)
}

/// Writes one record, and says what it does not carry.
pub fn write(view: &View, place: Place<'_>) -> Written {
    let (document, losses) = linked::write(view, place, Dialect::Amb);
    Written {
        bytes: yaml::document(document).into_bytes(),
        losses,
    }
}

#[cfg(test)]
mod tests;
