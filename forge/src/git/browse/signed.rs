//! The signature of a commit or tag, read from its object.

use super::{Browse, BrowseError};
use crate::git::{
    Oid,
    signature::{MAX_OBJECT, Signed, of_commit, of_tag},
};

impl Browse {
    /// What the signature of a commit or annotated tag is worth; any other object has none. Whose key it is, the
    /// caller looks up.
    pub fn signed(&self, oid: &Oid) -> Result<Signed, BrowseError> {
        let id = git2::Oid::from_str(oid.as_str())?;
        let database = self.libgit.odb()?;
        // The size first: a commit of a hundred megabytes is not read into memory to be refused.
        let (size, kind) = database.read_header(id)?;
        if !matches!(kind, git2::ObjectType::Commit | git2::ObjectType::Tag) {
            return Ok(Signed::Unsigned);
        }
        if size > MAX_OBJECT {
            return Ok(Signed::Bad("the object is too large".to_owned()));
        }
        let object = database.read(id)?;
        Ok(match kind {
            git2::ObjectType::Tag => of_tag(object.data()),
            _ => of_commit(object.data()),
        })
    }
}
