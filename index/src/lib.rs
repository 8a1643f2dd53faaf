//! Search over all items of a commons.
//!
//! Each node keeps an [`Index`] of its catalogue: one [`Document`] per item, fed with [`Change`]s
//! in the order of the journal, together with a cursor that says how far. It is a cache. It is
//! never sent to another node, and a damaged or outdated one is deleted and fed again.
//!
//! What it promises:
//!
//! - **Seven languages, every script.** Text is folded (accents, ligatures, case), freed of stop words and
//!   stemmed, by its stated or guessed language: French, English, German, Spanish, Italian, Portuguese, Dutch;
//!   Russian, Greek and Arabic by their script; pairs of characters where words have no spaces between them; words
//!   as they are in every other language. A folded, unstemmed copy weighs 0.35 beside them. `l'ecole` finds `École`.
//! - **Catalogued is found.** The labels of an item's subjects, levels and types are searched in every language that
//!   they have, those of the broader ones with less weight.
//! - **The same hits in the same order on every node.** Statistics are counted over the documents
//!   in force only, scores are whole numbers of 256ths whose sums are exact in any order, ties go
//!   to the smaller id. A rebuilt index and one with a long history answer alike.
//! - **Slips are corrected**, and said: words that no document has are replaced by the most
//!   frequent word one slip away ([`Answer::corrected`]).
//! - **Bounded.** A [`Query`] has at most 1,000 characters, 100 words, 20 levels, 12 filters in its text; the parser is our own. Slips of syntax
//!   are read as words; a field that there is not, or a value that it cannot have, is an error that says where. Beyond
//!   the limits a [`QueryError`] says which.
//! - **The commons' signals** (adoptions, reviews, age) lift a match by at most 15 %; [`Query::explain`] says each part.
//! - **Exact counts** of hits and facets. A facet's counts ignore its own selection.
//!
//! From question to answer: `parse` reads the text, `plan` turns it into engine queries whose
//! leaves (`leaf`) score by `statistics`, `spelling` corrects, `gather` walks the matches once
//! with what is `known`, `show` and `snippet` make the page. From item to index: `schema` names the fields and
//! projects, `tokens`, `language`, `fold` and `words` prepare the text. `folder` keeps the files,
//! `directory` reads them.

mod ages;
mod answer;
mod authors;
mod column;
mod directory;
mod document;
mod error;
mod facet;
mod field;
mod fold;
mod folder;
mod gather;
mod guard;
mod index;
mod known;
mod labels;
mod language;
mod leaf;
mod letters;
mod parse;
mod plain;
mod plan;
mod query;
mod schema;
mod show;
mod signals;
mod snippet;
mod spelling;
mod statistics;
mod steady;
mod tokens;
mod words;

pub use answer::{Answer, Contribution, Correction, Hit};
pub use authors::Counted;
pub use document::{Author, Change, Document, Kind, Labels, Place};
pub use error::{Error, QueryError};
pub use field::field_names;
pub use guard::is_guarded;
pub use index::{Completion, Index, Like, MAX_COMPLETIONS};
#[doc(hidden)]
pub use plain::{Engine, Found, Question, fill_plainly};
pub use query::{
    MAX_CHARACTERS, MAX_CLAUSES, MAX_DEPTH, MAX_FIELDS, MAX_FILTER_VALUES, MAX_LIMIT, MAX_REACH,
    Query, Sort,
};
