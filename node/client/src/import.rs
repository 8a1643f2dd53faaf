//! Importing records, and the sources that a node harvests.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::{
    client::{Client, Reply},
    error::Error,
    publish::LocalFile,
};

/// What came of an import. The lines and the items are in the JSON of the reply.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Records that were read.
    pub records: u64,
    /// Items made.
    pub added: u64,
    /// Items that got a new version.
    pub changed: u64,
    /// Items that were the same already.
    pub unchanged: u64,
    /// Records that the source deleted.
    pub deleted: u64,
    /// Records that did not come in.
    pub refused: u64,
    /// Lines that say that something did not come in.
    pub errors: u64,
    /// Lines that say that something was not as it should be.
    pub warnings: u64,
}

/// A report, and its text for people.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Imported {
    /// The counts.
    #[serde(flatten)]
    pub report: Report,
    /// The whole report as text.
    pub text: String,
    /// The whole report as CSV.
    pub csv: String,
}

/// A source to harvest.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NewSource {
    /// The base URL.
    pub url: String,
    /// `metadataPrefix`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// What changed since this day or moment only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What changed until this day or moment only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Seconds between two visits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// What is done about records that the source deleted: `report` or `withdraw`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletions: Option<String>,
}

/// A source that a node harvests.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Its number.
    pub id: i64,
    /// The base URL.
    pub url: String,
    /// `metadataPrefix`.
    pub prefix: String,
    /// The set; empty for all.
    pub set: String,
    /// Seconds between two visits.
    pub every: Option<u64>,
    /// What is done about records that the source deleted: `report` or `withdraw`.
    pub deletions: String,
    /// `waiting`, `running`, `idle` or `failed`.
    pub state: String,
    /// When it is visited next, RFC 3339.
    pub due: Option<String>,
    /// Pages of the harvest that is under way.
    pub pages: u64,
    /// How many records the source says there are.
    pub complete: Option<u64>,
    /// Why the last harvest was given up.
    pub error: Option<String>,
    /// What came of the harvest that is under way, or of the last.
    pub report: Report,
}

/// All sources.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Sources {
    /// By number.
    pub sources: Vec<Source>,
}

/// Bytes of one list of files in a form: a node takes a mebibyte in one part.
const LIST_BYTES: usize = 512 << 10;

/// Files that are only named, in lists that a node takes.
fn in_parts(named: Vec<Value>) -> Vec<Value> {
    let mut lists: Vec<Value> = Vec::new();
    let (mut list, mut bytes) = (Vec::new(), 0);
    for one in named {
        let more = one.to_string().len() + 1;
        if bytes + more > LIST_BYTES && !list.is_empty() {
            lists.push(std::mem::take(&mut list).into());
            bytes = 0;
        }
        bytes += more;
        list.push(one);
    }
    if !list.is_empty() {
        lists.push(list.into());
    }
    lists
}

impl Client {
    /// Sends a document to be imported.
    ///
    /// # Errors
    /// The node's: 501 where it does not read the format.
    pub fn import(
        &self,
        name: &str,
        format: Option<&str>,
        dry_run: bool,
        bytes: &[u8],
    ) -> Result<Reply<Imported>, Error> {
        self.post_bytes(&self.import_url(name, format, dry_run), bytes)
    }

    /// Sends a table to be imported, with the file that says which column is which field.
    ///
    /// # Errors
    /// The node's.
    pub fn import_table(
        &self,
        name: &str,
        dry_run: bool,
        bytes: &[u8],
        mapping: &[u8],
    ) -> Result<Reply<Imported>, Error> {
        // What both parts make up does not hold its own hash.
        let mut hash = blake3::Hasher::new();
        hash.update(mapping).update(bytes);
        let boundary = hash.finalize().to_hex();
        let mut body = Vec::new();
        for (part, content) in [("mapping", mapping), ("document", bytes)] {
            let head =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{part}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let mut url = self.import_url(name, Some("csv"), dry_run);
        url.query_pairs_mut().append_pair("mapping", "true");
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.post_typed(&url, &kind, &body)
    }

    /// Has the node fetch one file from its address and take it in as [`Client::import`] does. `slug`: of a package. `mapping`:
    /// of a table, which column is which field.
    ///
    /// # Errors
    /// The node's: what is there cannot be fetched, or is no such file.
    pub fn import_from(
        &self,
        from: &str,
        format: &str,
        dry_run: bool,
        slug: Option<&str>,
        mapping: Option<&[u8]>,
    ) -> Result<Reply<Imported>, Error> {
        let mut url = self.url(&["api", "v1", "imports"]);
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("url", from)
                .append_pair("dry_run", if dry_run { "true" } else { "false" })
                .append_pair("format", format);
            if let Some(slug) = slug {
                query.append_pair("slug", slug);
            }
            if mapping.is_some() {
                query.append_pair("mapping", "true");
            }
        }
        self.post_bytes(&url, mapping.unwrap_or_default())
    }

    /// Sends files to be taken in as one item: a package (one file), the files of a folder (`folder`), what stands at the top of
    /// a repository (`git`). `name`: what the report calls it. `about`: what is said of them: `slug`, `left_out`, `files`,
    /// `repository`, `source`. `progress` is called with the number of bytes sent since its last call.
    ///
    /// # Errors
    /// As [`Client::publish`].
    pub fn import_files(
        &self,
        name: &str,
        format: Option<&str>,
        dry_run: bool,
        about: &Value,
        files: &[LocalFile],
        progress: impl FnMut(u64) + Send + 'static,
    ) -> Result<Reply<Imported>, Error> {
        let mut about = about.clone();
        let named = about
            .as_object_mut()
            .and_then(|about| about.remove("files"));
        let lists = match named {
            Some(Value::Array(named)) => in_parts(named),
            _ => Vec::new(),
        };
        self.send_form(
            self.import_url(name, format, dry_run),
            &about,
            &lists,
            files,
            progress,
        )
    }

    fn import_url(&self, name: &str, format: Option<&str>, dry_run: bool) -> Url {
        let mut url = self.url(&["api", "v1", "imports"]);
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("name", name)
                .append_pair("dry_run", if dry_run { "true" } else { "false" });
            if let Some(format) = format {
                query.append_pair("format", format);
            }
        }
        url
    }

    /// Notes a source to harvest; the node begins at once.
    ///
    /// # Errors
    /// The node's.
    pub fn add_source(&self, source: &NewSource) -> Result<Reply<Source>, Error> {
        self.post(&self.url(&["api", "v1", "imports", "sources"]), source)
    }

    /// What would come in of the first page of a source.
    ///
    /// # Errors
    /// The node's.
    pub fn try_source(&self, source: &NewSource) -> Result<Reply<Imported>, Error> {
        let mut url = self.url(&["api", "v1", "imports", "sources"]);
        url.query_pairs_mut().append_pair("dry_run", "true");
        self.post(&url, source)
    }

    /// The sources that the node harvests.
    ///
    /// # Errors
    /// The node's.
    pub fn sources(&self) -> Result<Reply<Sources>, Error> {
        self.get(&self.url(&["api", "v1", "imports", "sources"]), true)
    }

    /// One source.
    ///
    /// # Errors
    /// The node's.
    pub fn source(&self, id: i64) -> Result<Reply<Source>, Error> {
        self.get(
            &self.url(&["api", "v1", "imports", "sources", &id.to_string()]),
            true,
        )
    }

    /// The report of a source's harvest that is under way, or of the last.
    ///
    /// # Errors
    /// The node's.
    pub fn source_report(&self, id: i64) -> Result<Reply<Imported>, Error> {
        self.get(
            &self.url(&["api", "v1", "imports", "sources", &id.to_string(), "report"]),
            true,
        )
    }

    /// Visits a source now.
    ///
    /// # Errors
    /// The node's.
    pub fn visit_source(&self, id: i64) -> Result<Reply<Value>, Error> {
        let url = self.url(&["api", "v1", "imports", "sources", &id.to_string(), "visit"]);
        self.post(&url, &serde_json::json!({}))
    }

    /// Forgets a source; what came from it stays.
    ///
    /// # Errors
    /// The node's.
    pub fn remove_source(&self, id: i64) -> Result<Reply<Value>, Error> {
        let url = self.url(&["api", "v1", "imports", "sources", &id.to_string(), "remove"]);
        self.post(&url, &serde_json::json!({}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_thousand_long_paths_go_in_parts_that_a_node_takes() {
        let named = (0..5_000).map(|n| {
            let path = format!("{}/{n}.md", "un-nom-de-dossier-sans-fin/".repeat(30));
            serde_json::json!({"path": path, "size": n, "blake3": "0".repeat(64)})
        });
        let named: Vec<Value> = named.collect();
        let lists = in_parts(named.clone());
        assert!(lists.len() > 5);
        assert!(lists.iter().all(|list| list.to_string().len() <= 1 << 20));
        let all = lists
            .iter()
            .flat_map(|list| list.as_array().unwrap().clone());
        assert_eq!(all.collect::<Vec<_>>(), named);
        assert!(in_parts(Vec::new()).is_empty());
    }
}
