//! Taking down: withdrawals, erasures, reports, and what a node alone hides.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    client::{Client, Reply},
    error::Error,
    item::ItemRef,
};

/// Why something is taken down or reported; what is absent has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Why {
    /// In words: of a withdrawal or an erasure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In words: of a report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// In a word that programs understand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Of a withdrawal: only this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Client {
    /// Takes an item of one's institution back.
    pub fn withdraw(&self, item: &ItemRef, why: &Why) -> Result<Reply<Value>, Error> {
        self.post(&self.item_url(item, &["withdraw"]), why)
    }

    /// Erases statements of one's institution about an item: these, or all versions.
    pub fn erase(&self, item: &ItemRef, why: &Why, of: &[String]) -> Result<Reply<Value>, Error> {
        let mut body = json!({"reason": why.reason.clone().unwrap_or_default(), "code": why.code});
        if !of.is_empty() {
            body["of"] = json!(of);
        }
        self.post(&self.item_url(item, &["erase"]), &body)
    }

    /// Reports an item to the institution that published it and to one's own.
    pub fn report(
        &self,
        item: &ItemRef,
        why: &Why,
        of: Option<&str>,
    ) -> Result<Reply<Value>, Error> {
        let body = json!({"text": why.text, "code": why.code, "of": of});
        self.post(&self.item_url(item, &["reports"]), &body)
    }

    /// The reports about one's institution's items, and those that its people made.
    pub fn reports(&self) -> Result<Reply<Value>, Error> {
        self.get(&self.url(&["api", "v1", "reports"]), true)
    }

    /// Notes that a report was dealt with.
    pub fn close_report(&self, report: &str, note: &str) -> Result<Reply<Value>, Error> {
        let url = self.url(&["api", "v1", "reports", report, "close"]);
        self.post(&url, &json!({ "note": note }))
    }

    /// Hides an item on the node.
    pub fn hide(
        &self,
        item: &ItemRef,
        reason: &str,
        quarantine: bool,
    ) -> Result<Reply<Value>, Error> {
        let body = json!({"reason": reason, "quarantine": quarantine});
        self.post(&self.item_url(item, &["hide"]), &body)
    }

    /// Shows an item on the node again.
    pub fn unhide(&self, item: &ItemRef) -> Result<Reply<Value>, Error> {
        self.post(&self.item_url(item, &["unhide"]), &json!({}))
    }

    /// Lets content come back that was taken down.
    pub fn unblock(&self, blake3: &str) -> Result<Reply<Value>, Error> {
        let url = self.url(&["api", "v1", "hidden", "unblock"]);
        self.post(&url, &json!({ "blake3": blake3 }))
    }

    /// What the node hides.
    pub fn hidden(&self) -> Result<Reply<Value>, Error> {
        self.get(&self.url(&["api", "v1", "hidden"]), true)
    }
}
