//! What a record may hold at most. All of it comes from other people.

/// The largest metadata document, in bytes: the largest body of a statement.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// The deepest nesting read: the model needs six, imported records a little more.
pub const MAX_DEPTH: usize = 32;

/// The longest title, in characters: what a page and a search hit can show.
pub const MAX_TITLE_CHARS: usize = 500;

/// The longest description, summary or statement in one language, in bytes.
pub const MAX_DESCRIPTION_BYTES: usize = 20_000;

/// The longest name, keyword, version, notation or other single line, in characters.
pub const MAX_LINE_CHARS: usize = 500;

/// The most values in one field: a record with more is a list, not a description.
pub const MAX_VALUES: usize = 200;

/// The most problems reported for one document: more help nobody.
pub const MAX_PROBLEMS: usize = 100;
