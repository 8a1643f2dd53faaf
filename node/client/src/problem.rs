//! Problem documents: how the API says that something is wrong (RFC 9457).

use serde::{Deserialize, Serialize};

/// A problem document. All members are optional in RFC 9457; `title` is filled from the status where absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// Which kind of problem: a URI reference, `about:blank` where there is nothing to add.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status code.
    pub status: u16,
    /// The kind of problem in a few words.
    pub title: String,
    /// What is wrong in this case, and what to do.
    pub detail: Option<String>,
    /// What is wrong with which field, where a document was refused.
    pub errors: Vec<FieldProblem>,
}

/// One thing wrong with a document that was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldProblem {
    /// Where: `creators[2].orcid`.
    pub field: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl Problem {
    /// Reads an answer that is not a success. Anything can answer on a port, so whatever is not a problem
    /// document becomes one that says the status.
    pub(crate) fn read(status: u16, content_type: &str, body: &[u8]) -> Problem {
        let json = content_type.contains("json");
        let read: Option<Problem> = json.then(|| serde_json::from_slice(body).ok()).flatten();
        let mut problem = read.unwrap_or_default();
        if problem.title.is_empty() {
            problem.title = reason(status).to_owned();
        }
        problem.status = status;
        problem
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)?;
        if let Some(detail) = self.detail.as_ref().filter(|detail| **detail != self.title) {
            write!(f, ": {detail}")?;
        }
        for error in &self.errors {
            // What is said already is not said again: only what to do.
            if self.detail.as_ref() == Some(&error.what) {
                if !error.fix.is_empty() {
                    write!(f, "; {}", error.fix)?;
                }
                continue;
            }
            write!(f, "\n  {}: {}", error.field, error.what)?;
            if !error.fix.is_empty() {
                write!(f, "; {}", error.fix)?;
            }
        }
        Ok(())
    }
}

/// What a status means, for servers that do not say.
fn reason(status: u16) -> &'static str {
    match status {
        400 => "the request is not valid",
        401 => "the node wants a valid access token",
        403 => "not allowed",
        404 => "not found",
        409 => "it contradicts what is there",
        410 => "it was withdrawn",
        413 => "too large",
        416 => "the range is outside the file",
        421 => "the node does not serve this host name",
        422 => "the document was refused",
        429 => "too many requests",
        501 => "not built yet",
        503 => "the node is not ready",
        500..=599 => "the node failed",
        300..=399 => "the node sends elsewhere",
        _ => "refused",
    }
}
