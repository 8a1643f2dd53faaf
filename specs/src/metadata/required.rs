//! What a charter may require of metadata.

use super::problem::{Problem, Problems};
use super::view::View;

/// The names of fields that a charter may require.
pub const FIELDS: [&str; 21] = [
    "kind",
    "title",
    "summary",
    "description",
    "keywords",
    "language",
    "creators",
    "contributors",
    "created",
    "published",
    "modified",
    "version",
    "status",
    "licence",
    "licence_statement",
    "resource_type",
    "level",
    "subject",
    "relations",
    "aliases",
    "files",
];

/// Checks that every field named is there; all that are missing are reported at once (R-07-14).
///
/// A name that this version does not know is reported too: the node is older than the charter.
pub fn validate_rules<S: AsRef<str>>(view: &View, required: &[S]) -> Result<(), Problems> {
    let mut problems = Vec::new();
    for name in required {
        let name = name.as_ref();
        match present(view, name) {
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

fn present(view: &View, field: &str) -> Option<bool> {
    Some(match field {
        "kind" => view.kind.is_some(),
        "title" => !view.titles.is_empty(),
        "summary" => !view.summaries.is_empty(),
        "description" => !view.descriptions.is_empty(),
        "keywords" => !view.keywords.is_empty(),
        "language" => !view.languages.is_empty(),
        "creators" => !view.creators.is_empty(),
        "contributors" => !view.contributors.is_empty(),
        "created" => view.created.is_some(),
        "published" => view.published.is_some(),
        "modified" => view.modified.is_some(),
        "version" => view.version.is_some(),
        "status" => view.status.is_some(),
        "licence" => view.licence.is_some(),
        "licence_statement" => !view.licence_statements.is_empty(),
        "resource_type" => !view.resource_types.is_empty(),
        "level" => !view.levels.is_empty(),
        "subject" => !view.subjects.is_empty(),
        "relations" => !view.relations.is_empty(),
        "aliases" => !view.aliases.is_empty(),
        "files" => !view.files.is_empty(),
        _ => return None,
    })
}
