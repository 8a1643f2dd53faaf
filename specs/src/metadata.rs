//! The one metadata model: what is known about an item, and where each value came from.
//!
//! Three shapes of the same thing:
//! - [`Input`] is what people write (`metadata.json`, the API's `metadata` part), checked strictly, all problems at once;
//! - [`Record`] is what a statement's body carries: every value with its [`Source`], several may coexist;
//! - [`View`] is what is shown and indexed: one plain value per field, chosen by method, then by date.
//!
//! The prose with numbered rules is `specs/metadata.md`, the JSON Schema of the input `specs/schemas/metadata.schema.json`.

mod body;
mod choose;
mod date;
mod input;
mod json;
mod language;
mod limits;
mod person;
mod problem;
mod record;
mod required;
mod software;
mod terms;
mod text;
mod values;
mod view;

pub use date::is_date;
pub use input::Input;
pub use json::parse as parse_json;
pub use language::normalise as normalise_language;
pub use limits::{
    MAX_BODY_BYTES, MAX_DEPTH, MAX_DESCRIPTION_BYTES, MAX_LINE_CHARS, MAX_TITLE_CHARS, MAX_VALUES,
};
pub use person::{Affiliation, Creator};
pub use problem::{Problem, Problems};
pub use record::{BodyError, Method, Record, Source, Value};
pub use required::{FIELDS, validate_rules};
pub use software::{Contact, Dependency, Link};
pub use terms::{CONTACT_ROLES, DEPENDENCY_KINDS, KINDS, LINKS, RELATIONS, ROLES, STATUSES};
pub use text::is_forbidden;
pub use view::{FileNote, Relation, Subject, View};

#[cfg(test)]
mod tests;
