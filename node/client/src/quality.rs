//! What is to be mended in the records of an institution.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// `GET /api/v1/institutions/{handle}/quality`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Quality {
    /// Which institution.
    pub institution: String,
    /// How many items it is about.
    pub items: u64,
    /// How complete fields are.
    pub fields: Vec<QualityField>,
    /// What is wrong.
    pub rules: Vec<QualityRule>,
    /// How the links stand.
    pub links: LinkChecks,
}

/// How complete a field is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct QualityField {
    /// Its name.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// `everybody`, `suplomfr` or `recommended`.
    pub need: String,
    /// How many items have it.
    pub filled: u64,
    /// How many lack it.
    pub missing: u64,
}

/// What a rule found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct QualityRule {
    /// Its name: `missing-description`.
    pub rule: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// How many items it is about.
    pub items: u64,
    /// What is wrong, in words.
    pub what: String,
    /// What to do.
    pub fix: String,
    /// The items, as many as were asked for.
    pub lines: Vec<QualityLine>,
}

/// One item that a rule is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct QualityLine {
    /// `handle/slug`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub detail: String,
    /// The command that mends it.
    pub command: String,
}

/// How the links of an institution stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LinkChecks {
    /// Different addresses.
    pub links: u64,
    /// Those that were looked at.
    pub checked: u64,
    /// Those that wait.
    pub waiting: u64,
    /// When the last was looked at, RFC 3339.
    pub last: Option<String>,
}

impl Client {
    /// The report of an institution, or one rule of it with so many lines.
    ///
    /// # Errors
    /// The node's.
    pub fn quality(
        &self,
        handle: &str,
        rule: Option<&str>,
        limit: u64,
        offset: u64,
    ) -> Result<Reply<Quality>, Error> {
        let mut url = self.url(&["api", "v1", "institutions", handle, "quality"]);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("limit", &limit.to_string());
            query.append_pair("offset", &offset.to_string());
            if let Some(rule) = rule {
                query.append_pair("rule", rule);
            }
        }
        self.get(&url, false)
    }

    /// Every line of the report as a table (CSV).
    ///
    /// # Errors
    /// The node's.
    pub fn quality_table(&self, handle: &str, rule: Option<&str>) -> Result<Vec<u8>, Error> {
        let mut url = self.url(&["api", "v1", "institutions", handle, "quality"]);
        if let Some(rule) = rule {
            url.query_pairs_mut().append_pair("rule", rule);
        }
        self.text(&url, "text/csv")
    }

    /// Has the node look at the links of its own institution's items.
    ///
    /// # Errors
    /// The node's.
    pub fn check_links(&self, handle: &str) -> Result<Reply<Value>, Error> {
        let url = self.url(&["api", "v1", "institutions", handle, "quality", "links"]);
        self.post(&url, &json!({}))
    }
}
