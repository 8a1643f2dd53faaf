//! The one metadata model: what is known about an item, and where each value came from.
//!
//! Three shapes of the same thing:
//! - [`Input`] is what people write (`metadata.json`, the API's `metadata` part), checked strictly, all problems at once;
//! - [`Record`] is what a statement's body carries: every value with its [`Source`], several may coexist;
//! - [`View`] is what is shown and indexed: one plain value per field, chosen by method, then by date.
//!
//! The fields are said once, in the table of `fields.rs`.
//!
//! The prose with numbered rules is `specs/metadata.md`, the JSON Schema of the input `specs/schemas/metadata.schema.json`.

mod annotation;
mod author;
mod body;
mod cell;
mod choose;
mod concept;
mod correct;
mod date;
mod duration;
mod fields;
mod file;
mod input;
mod json;
mod language;
mod layer;
mod limits;
mod narrow;
mod notice;
mod person;
mod problem;
mod record;
mod relation;
mod required;
mod requirement;
mod shape;
mod software;
mod terms;
mod text;
mod values;
mod view;
mod vocabulary;
mod written;

pub use annotation::{Annotation, Check};
pub use author::{Author, NotAnAuthor};
pub use cell::{Column, ColumnError};
pub use concept::{Classification, Concept, Taxon};
pub use date::is_date;
pub use duration::normalise as normalise_duration;
pub use file::{FileNote, Image};
pub use input::Input;
pub use json::parse as parse_json;
pub use language::normalise as normalise_language;
pub use layer::{Change, Layer};
pub use limits::{
    MAX_BODY_BYTES, MAX_DEPTH, MAX_DESCRIPTION_BYTES, MAX_LINE_CHARS, MAX_TITLE_CHARS, MAX_VALUES,
};
pub use narrow::{NOT_CHECKED, STATED, duration_range};
pub use notice::{Identifier, Notice, Original};
pub use person::{Affiliation, Creator, idref, orcid, ror};
pub use problem::{Problem, Problems};
pub use record::{BodyError, Method, Record, Source, Value};
pub use relation::Relation;
pub use required::validate_rules;
pub use requirement::{Need, Requirement};
pub use shape::{FIELDS, Field, Shape, TABLE};
pub use software::{Contact, Dependency, Link};
pub use terms::{
    CONTACT_ROLES, DEGREES, DEPENDENCY_KINDS, INTERACTIVITIES, KINDS, LINKS, PARTIES, RELATIONS,
    ROLES, STATUSES, STRUCTURES,
};
pub use text::is_forbidden;
pub use values::is_target;
pub use view::{Beside, View};
pub use vocabulary::of_field as vocabulary_of;

#[cfg(test)]
mod tests;
