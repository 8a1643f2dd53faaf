//! What can go wrong.

use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

use super::field::field_names;

/// The index cannot be opened, read or written. The index is a cache: after [`Error::Damaged`]
/// the remedy is always to open it again (it then starts empty) and to feed it from 0.
#[derive(Debug, Error)]
pub enum Error {
    /// Another process, or another [`Index`](crate::Index) of this one, has the folder open.
    #[error("the search index is in use by another process: {}", folder.display())]
    Locked {
        /// The folder given to `open`.
        folder: PathBuf,
    },
    /// A file of the folder cannot be read or written.
    #[error("cannot use the search index folder {}", folder.display())]
    Folder {
        /// The folder given to `open`.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The engine failed: usually a full disk.
    #[error("the search engine failed")]
    Engine(#[from] tantivy::TantivyError),
    /// What was handed over before could not be committed: it is to be handed over again.
    #[error("changes that waited for their commit are lost, and are to be made again")]
    Lost,
    /// The files do not hold what they should.
    #[error("the search index is damaged: {what}")]
    Damaged {
        /// What was found.
        what: String,
    },
}

/// A query is refused, or could not be answered.
#[derive(Debug, Error)]
pub enum QueryError {
    /// The text is longer than [`MAX_CHARACTERS`](crate::MAX_CHARACTERS).
    #[error("the query has more than {limit} characters")]
    TooLong {
        /// The limit, in characters.
        limit: usize,
    },
    /// Parentheses are nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("the query has parentheses more than {limit} deep")]
    TooDeep {
        /// The limit, in levels.
        limit: usize,
    },
    /// The text has more words than [`MAX_CLAUSES`](crate::MAX_CLAUSES).
    #[error("the query has more than {limit} words")]
    TooManyWords {
        /// The limit, in words.
        limit: usize,
    },
    /// The text has more fields with values of a list than [`MAX_FIELDS`](crate::MAX_FIELDS).
    #[error("the query has more than {limit} filters such as level:L1 (character {})", place.start + 1)]
    TooManyFields {
        /// The limit, in fields.
        limit: usize,
        /// Where the value of the first one too many stands, in characters from 0.
        place: Range<usize>,
    },
    /// One filter has more values than [`MAX_FILTER_VALUES`](crate::MAX_FILTER_VALUES).
    #[error("a filter has more than {limit} values")]
    TooManyValues {
        /// The limit, in values.
        limit: usize,
    },
    /// More hits per page are asked for than [`MAX_LIMIT`](crate::MAX_LIMIT).
    #[error("a page of results has at most {limit} hits")]
    PageTooLong {
        /// The limit, in hits.
        limit: usize,
    },
    /// The page lies beyond [`MAX_REACH`](crate::MAX_REACH) hits.
    #[error("results end after {limit} hits: narrow the search")]
    PageTooFar {
        /// The limit, in hits.
        limit: usize,
    },
    /// Before a colon stands what is no field.
    #[error("there is no field {name:?} (character {}): the fields are {}", place.start + 1, fields())]
    UnknownField {
        /// What was written, without the colon.
        name: String,
        /// Where it stands, in characters from 0.
        place: Range<usize>,
        /// The field that may have been meant.
        nearest: Option<&'static str>,
    },
    /// A field has no value.
    #[error("the field {field} has no value (character {}): write it right after the colon, in quotation marks if it has more than one word", place.start + 1)]
    NoValue {
        /// The field's name in English.
        field: &'static str,
        /// Where the field and its colon stand, in characters from 0.
        place: Range<usize>,
    },
    /// A field cannot have this value.
    #[error("there is no {field} {value:?} (character {}){}", place.start + 1, nearest.as_ref().map(|near| format!(": perhaps {near}")).unwrap_or_default())]
    UnknownValue {
        /// The field's name in English.
        field: &'static str,
        /// What was written.
        value: String,
        /// Where the value stands, in characters from 0.
        place: Range<usize>,
        /// The value that may have been meant, in words of the page's language.
        nearest: Option<String>,
    },
    /// The index failed, not the query.
    #[error("the search cannot be answered")]
    Index(#[from] Error),
}

impl QueryError {
    /// Whether the person who asked can do something about it (then the answer is "bad request").
    pub fn is_refusal(&self) -> bool {
        !matches!(self, QueryError::Index(_))
    }

    /// Which characters of the text are meant, from 0, where the error is about some of them.
    pub fn place(&self) -> Option<Range<usize>> {
        match self {
            QueryError::UnknownField { place, .. }
            | QueryError::NoValue { place, .. }
            | QueryError::TooManyFields { place, .. }
            | QueryError::UnknownValue { place, .. } => Some(place.clone()),
            _ => None,
        }
    }
}

/// The names of all fields, in English and in French.
fn fields() -> String {
    let names = field_names().map(|(english, french)| {
        if english == french {
            english.to_owned()
        } else {
            format!("{english} ({french})")
        }
    });
    names.collect::<Vec<_>>().join(", ")
}
