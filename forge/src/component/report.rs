//! What a reading found besides values, and its place in the body of a description.

use commun_specs::licence::Licence;
use serde_json::{Value as Json, json};

use super::{MAX_PROBLEMS, licence::Detected, reuse::Reuse};
use crate::problem::{Problem, Severity, quoted};

/// Licence files that a report names.
const MAX_LICENCES: usize = 64;

/// Problems, detected licences, REUSE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What is wrong, in the order of the files.
    pub problems: Vec<Problem>,
    /// What the licence files are the text of.
    pub licences: Vec<Detected>,
    /// Whether every file says its licence; `None` where the repository does not follow REUSE.
    pub reuse: Option<Reuse>,
}

impl Report {
    /// How many problems are errors, and how many warnings.
    pub fn counts(&self) -> (usize, usize) {
        let of = |severity| self.problems.iter().filter(move |p| p.severity == severity);
        (of(Severity::Error).count(), of(Severity::Warning).count())
    }

    /// The member `component` of a description's body; the same report always gives the same value.
    pub fn to_json(&self) -> Json {
        let mut value = json!({});
        if !self.problems.is_empty() {
            value["problems"] = self.problems.iter().map(Problem::to_json).collect();
        }
        if !self.licences.is_empty() {
            let licences = self.licences.iter().take(MAX_LICENCES);
            value["licences"] = licences
                .map(|d| json!({"file": d.file, "id": d.id}))
                .collect();
        }
        if let Some(reuse) = &self.reuse {
            value["reuse"] = reuse.to_json();
        }
        value
    }

    /// Reads it back, as anybody may have written it: what is not fit is left out.
    pub fn from_json(value: &Json) -> Report {
        let list = |name: &str| {
            value[name]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default()
        };
        Report {
            problems: list("problems")
                .iter()
                .take(MAX_PROBLEMS)
                .filter_map(Problem::from_json)
                .collect(),
            licences: list("licences")
                .iter()
                .take(MAX_LICENCES)
                .filter_map(|one| {
                    let id = Licence::parse(one["id"].as_str()?).map(|l| l.as_str().to_owned());
                    Some(Detected {
                        file: quoted(one["file"].as_str()?),
                        // A family of the GNU licences (`GPL-3.0`) is no id of today's list, and is kept as it is.
                        id: id.unwrap_or_else(|_| quoted(one["id"].as_str().unwrap_or_default())),
                    })
                })
                .collect(),
            reuse: Reuse::from_json(&value["reuse"]),
        }
    }
}
