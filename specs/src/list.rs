//! Lists: what is too large for a head, named there by its hash, and held before the statement is applied.

use crate::{
    id::{ListHash, sha256},
    json::{self, Object, Value},
    statement::{Change, Fields, SchemaError},
};

/// Largest list, in bytes. Lists are log data: never erased.
pub const MAX_LIST: usize = 8 << 20;

/// Bytes are not a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Over [`MAX_LIST`].
    #[error("R-02-30: a list of {0} bytes is over 8 MiB")]
    TooLarge(usize),
    /// Not strict JSON.
    #[error("R-02-31: {0}")]
    Json(#[from] json::Error),
    /// Not the members of this list.
    #[error("R-02-32: {0}")]
    Schema(#[from] SchemaError),
}

/// The hash that names these bytes.
pub fn hash(bytes: &[u8]) -> ListHash {
    ListHash(sha256(&[bytes]))
}

/// Writes a list of ref changes.
///
/// # Errors
/// The list would be too large or holds a name that strict JSON cannot.
pub fn write_changes(changes: &[Change]) -> Result<Vec<u8>, Error> {
    let list: Vec<Value> = changes.iter().map(Change::to_value).collect();
    let bytes =
        Value::Object(Object::from([("changes".to_owned(), Value::List(list))])).to_bytes()?;
    if bytes.len() > MAX_LIST {
        return Err(Error::TooLarge(bytes.len()));
    }
    Ok(bytes)
}

/// Reads a list of ref changes.
pub fn read_changes(bytes: &[u8]) -> Result<Vec<Change>, Error> {
    if bytes.len() > MAX_LIST {
        return Err(Error::TooLarge(bytes.len()));
    }
    let object = json::parse_object(bytes)?;
    let changes = Fields::new(&object).objects("changes", usize::MAX, Change::read)?;
    crate::statement::distinct_refs(&changes)?;
    Ok(changes)
}
