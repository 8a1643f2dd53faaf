//! Lists: what is too large for a head, named there by its hash, and held before the statement is applied.

use crate::{
    id::{ListHash, StatementId, sha256},
    json::{self, Object, Value},
    statement::{Change, Fields, SchemaError, distinct_items},
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
    /// Not a list of members.
    #[error("R-02-33: {0}")]
    Members(SchemaError),
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
    write("changes", list)
}

fn write(member: &str, list: Vec<Value>) -> Result<Vec<u8>, Error> {
    let bytes = Value::Object(Object::from([(member.to_owned(), Value::List(list))])).to_bytes()?;
    if bytes.len() > MAX_LIST {
        return Err(Error::TooLarge(bytes.len()));
    }
    Ok(bytes)
}

/// Writes a list of members of a collection, in their order.
///
/// # Errors
/// The list would be too large.
pub fn write_members(members: &[StatementId]) -> Result<Vec<u8>, Error> {
    write(
        "members",
        members.iter().map(|m| m.to_string().into()).collect(),
    )
}

/// Reads a list of members: distinct items, in their order.
pub fn read_members(bytes: &[u8]) -> Result<Vec<StatementId>, Error> {
    if bytes.len() > MAX_LIST {
        return Err(Error::TooLarge(bytes.len()));
    }
    let object = json::parse_object(bytes)?;
    let members = distinct_items(&Fields::new(&object), usize::MAX).map_err(Error::Members)?;
    if members.is_empty() {
        return Err(Error::Members(SchemaError::bad(
            "members",
            "at least one member",
        )));
    }
    Ok(members)
}

/// Whether bytes are a list of some kind: what a writer takes with a statement.
///
/// # Errors
/// They are none.
pub fn read_any(bytes: &[u8]) -> Result<(), Error> {
    match read_changes(bytes) {
        Ok(_) => Ok(()),
        Err(e) => read_members(bytes).map(drop).map_err(|_| e),
    }
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
