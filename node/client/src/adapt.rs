//! Adapting and collecting.

use serde_json::Value;

use crate::{
    client::{Client, Reply},
    error::Error,
    item::ItemRef,
    publish::{LocalFile, Published},
};

impl Client {
    /// Makes a resource of one's institution from an item, with files on top.
    ///
    /// # Errors
    /// As for [`Client::publish`].
    pub fn derive(
        &self,
        item: &ItemRef,
        new: &Value,
        files: &[LocalFile],
    ) -> Result<Reply<Published>, Error> {
        self.send_form(self.item_url(item, &["derive"]), new, &[], files, |_| {})
    }

    /// What changed in the origin of an item since it was made from it.
    pub fn compare(&self, item: &ItemRef) -> Result<Reply<Value>, Error> {
        self.get(&self.item_url(item, &["compare"]), false)
    }

    /// Makes a collection.
    pub fn create_collection(&self, new: &Value) -> Result<Reply<Value>, Error> {
        self.post(&self.url(&["api", "v1", "collections"]), new)
    }

    /// Changes a collection.
    pub fn edit_collection(&self, item: &ItemRef, change: &Value) -> Result<Reply<Value>, Error> {
        self.post(&self.item_url(item, &["members"]), change)
    }

    /// Makes a collection of one's institution from another.
    pub fn fork_collection(&self, item: &ItemRef, new: &Value) -> Result<Reply<Value>, Error> {
        self.post(&self.item_url(item, &["fork"]), new)
    }

    /// The members of a collection.
    pub fn members(&self, item: &ItemRef) -> Result<Reply<Value>, Error> {
        self.get(&self.item_url(item, &["members"]), false)
    }

    /// The collections, or those of one institution.
    pub fn collections(&self, institution: Option<&str>) -> Result<Reply<Value>, Error> {
        let mut url = self.url(&["api", "v1", "collections"]);
        if let Some(handle) = institution {
            url.query_pairs_mut().append_pair("institution", handle);
        }
        self.get(&url, false)
    }
}
