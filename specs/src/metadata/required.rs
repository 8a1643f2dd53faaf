//! What a charter may require of metadata.

use super::problem::{Problem, Problems};
use super::view::View;

/// Checks that every field named is there; all that are missing are reported at once (R-07-14).
///
/// A name that this version does not know is reported too: the node is older than the charter.
pub fn validate_rules<S: AsRef<str>>(view: &View, required: &[S]) -> Result<(), Problems> {
    let mut problems = Vec::new();
    for name in required {
        let name = name.as_ref();
        match view.has(name) {
            Some(true) => {}
            Some(false) => problems.push(Problem {
                field: name.to_owned(),
                what: "is missing, and the charter of this commons requires it".into(),
                fix: format!("add `{name}` to the metadata"),
            }),
            None => problems.push(Problem {
                field: name.to_owned(),
                what: "is required by the charter, and this version does not know it".into(),
                fix: "update the node".into(),
            }),
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problems(problems))
    }
}
