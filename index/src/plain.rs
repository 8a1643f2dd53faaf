//! The engine by itself: what feeding a node's index is measured against.

mod engine;

use std::path::Path;

use tantivy::{IndexWriter, TantivyError};

use super::document::Document;
use super::error::Error;
use super::schema::Fields;
use super::tokens;

pub use engine::{Engine, Found, Question};

/// Memory in which segments are built: what is usual, and more than a node takes.
const WRITER_BYTES: usize = 100_000_000;

/// Puts documents into a new folder, with the fields and the words of an [`Index`](super::Index) but without what else it
/// does: no document is replaced, there is one commit, by one thread. Gives back how many there are.
///
/// # Errors
///
/// The folder cannot be made, or the engine fails.
#[doc(hidden)]
pub fn fill_plainly(dir: &Path, documents: &[Document]) -> Result<u64, Error> {
    let fields = Fields::new();
    std::fs::create_dir_all(dir).map_err(|source| Error::Folder {
        folder: dir.to_owned(),
        source,
    })?;
    let index = tantivy::Index::create_in_dir(dir, fields.schema.clone())?;
    tokens::register(index.tokenizers());
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    for document in documents {
        writer.add_document(fields.project(document))?;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    let reader = index.reader()?;
    Ok::<_, TantivyError>(reader.searcher().num_docs()).map_err(Error::from)
}
