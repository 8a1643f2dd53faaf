//! What must hold before anything is stored. All that is wrong is said at once.

use std::borrow::Cow;

use commun_specs::{
    charter::Amendment,
    files::{FilePath, MAX_FILE_BYTES, MAX_FILES, check_paths},
    fold::{Catalogue, Item, licence_accepted},
    id::StatementId,
    licence::Licence,
    metadata::{FileNote, Input, Problem, Problems, View, validate_rules},
    name::{Handle, Slug},
    statement::ref_name,
};
use serde_json::{Map, Value as Json};

use super::{PublishError, UploadedFile};

/// What a head says where no licence is stated (SPDX 2.3, clause 7.13).
pub const NO_LICENCE: &str = "NOASSERTION";
/// Most problems that are reported of one upload: more help nobody.
const MAX_PROBLEMS: usize = 100;
/// Accepted licences that a refusal names.
const NAMED_LICENCES: usize = 12;

/// What a new repository is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRepository {
    /// Its name in the institution.
    pub slug: String,
    /// Its title; absent = the slug is shown.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// SPDX expression.
    pub licence: Option<String>,
    /// The language of title and description, BCP 47.
    pub language: Option<String>,
    /// The branch that is shown first; absent = `main`.
    pub default_branch: Option<String>,
}

/// A new repository whose values are sound.
pub(super) struct CheckedRepository {
    pub(super) slug: Slug,
    pub(super) licence: String,
    pub(super) default_branch: String,
    pub(super) view: View,
}

pub(super) fn problem(
    field: impl Into<String>,
    what: impl Into<String>,
    fix: impl Into<String>,
) -> Problem {
    Problem {
        field: field.into(),
        what: what.into(),
        fix: fix.into(),
    }
}

/// Checks a version's metadata and files against the model and the charter; gives back the licence and the paths, in
/// the order of the files.
pub(super) fn version(
    input: &Input,
    files: &[UploadedFile],
    here: usize,
    charter: &Amendment,
) -> Result<(String, Vec<FilePath>), PublishError> {
    let mut problems = Vec::new();
    let paths = paths(files, here, &mut problems);
    let mut view = input.values.clone();
    view.files = files
        .iter()
        .map(|f| FileNote {
            path: f.path.clone(),
            media_type: String::new(),
            size: f.size,
            ..FileNote::default()
        })
        .collect();
    if view.titles.is_empty() {
        problems.push(problem(
            "title",
            "is missing",
            "say what it is called, such as {\"fr\": \"Algèbre linéaire\"}",
        ));
    }
    let licence = match &view.licence {
        None => {
            problems.push(problem("licence", "is missing", choose(charter)));
            String::new()
        }
        Some(licence) => {
            accepted(licence, charter, &mut problems);
            licence.clone()
        }
    };
    // Title and licence were looked at above.
    let required: Vec<&String> = charter
        .required
        .iter()
        .filter(|r| *r != "title" && *r != "licence")
        .collect();
    if let Err(Problems(more)) = validate_rules(&view, &required) {
        problems.extend(more);
    }
    finish(problems)?;
    Ok((licence, paths))
}

fn paths(files: &[UploadedFile], here: usize, problems: &mut Vec<Problem>) -> Vec<FilePath> {
    if files.is_empty() && here == 0 {
        problems.push(problem("files", "are missing", "send at least one file"));
    }
    if files.len() + here > MAX_FILES {
        let what = format!("are {}, the most is {MAX_FILES}", files.len() + here);
        problems.push(problem("files", what, "pack some of them"));
        return Vec::new();
    }
    let mut paths = Vec::with_capacity(files.len());
    for file in files {
        let field = || {
            format!(
                "files: {:?}",
                file.path.chars().take(200).collect::<String>()
            )
        };
        if file.size > MAX_FILE_BYTES {
            let what = format!("has {} bytes, the most is {MAX_FILE_BYTES}", file.size);
            problems.push(problem(field(), what, "make it smaller, or split it"));
        }
        match FilePath::composing(&file.path) {
            Ok(path) => paths.push(path),
            Err(e) => problems.push(problem(field(), e.to_string(), "")),
        }
    }
    let mut sorted = paths.clone();
    sorted.sort();
    if let Err(e) = check_paths(&sorted) {
        problems.push(problem("files", e.to_string(), ""));
    }
    paths
}

fn accepted(licence: &str, charter: &Amendment, problems: &mut Vec<Problem>) {
    if !licence_accepted(&charter.licences, licence) {
        let what = format!("{licence} is not a licence that the charter of this commons accepts");
        problems.push(problem("licence", what, choose(charter)));
    }
}

fn choose(charter: &Amendment) -> String {
    if charter.licences.is_empty() {
        return "give an SPDX id such as CC-BY-SA-4.0, CC0-1.0 or EUPL-1.2".to_owned();
    }
    let some: Vec<&str> = charter
        .licences
        .iter()
        .take(NAMED_LICENCES)
        .map(String::as_str)
        .collect();
    let more = if charter.licences.len() > NAMED_LICENCES {
        ", …"
    } else {
        ""
    };
    format!("use one of {}{more}", some.join(", "))
}

fn finish(mut problems: Vec<Problem>) -> Result<(), PublishError> {
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(PublishError::Invalid(Problems(problems)))
    }
}

/// Checks what a new repository is to be.
pub(super) fn repository(
    new: &NewRepository,
    charter: &Amendment,
) -> Result<CheckedRepository, PublishError> {
    // The same reader as for resources, so that texts and languages are held to the same rules.
    let mut form = Map::new();
    let mut put = |name: &str, value: &Option<String>| {
        if let Some(text) = value.as_ref().filter(|t| !t.is_empty()) {
            form.insert(name.to_owned(), Json::String(text.clone()));
        }
    };
    put("slug", &Some(new.slug.clone()));
    put("title", &new.title);
    put("description", &new.description);
    put("licence", &new.licence);
    put("language", &new.language);
    let mut problems = Vec::new();
    let input = match Input::from_json(Json::Object(form)) {
        Ok(input) => input,
        Err(Problems(found)) => {
            problems.extend(found);
            Input::default()
        }
    };
    let slug = Slug::new(&new.slug).ok();
    if slug.is_none() && !problems.iter().any(|p| p.field == "slug") {
        problems.push(problem(
            "slug",
            "is missing",
            "write a slug such as outil-de-quiz",
        ));
    }
    let branch = new
        .default_branch
        .clone()
        .unwrap_or_else(|| "main".to_owned());
    if let Err(wanted) = ref_name(&format!("refs/heads/{branch}")) {
        problems.push(problem(
            "default_branch",
            format!("is not a branch name: {wanted}"),
            "use main",
        ));
    }
    let mut view = input.values;
    let licence = match view.licence.take() {
        Some(licence) => {
            accepted(&licence, charter, &mut problems);
            view.licence = Some(licence.clone());
            licence
        }
        None => {
            if !licence_accepted(&charter.licences, NO_LICENCE)
                && new.licence.as_ref().is_none_or(String::is_empty)
            {
                let what =
                    "is missing, and the charter of this commons accepts certain licences only";
                problems.push(problem("licence", what, choose(charter)));
            }
            NO_LICENCE.to_owned()
        }
    };
    finish(problems)?;
    let slug = slug.expect("a slug that is none was reported");
    Ok(CheckedRepository {
        slug,
        licence,
        default_branch: branch,
        view,
    })
}

/// The item that a relation's target names: `handle/slug`, `commun://…` or an id.
pub(super) fn find_item<'a>(catalogue: &'a Catalogue, target: &str) -> Option<Cow<'a, Item>> {
    let target = target.strip_prefix("commun://").unwrap_or(target);
    let id = match target.split_once('/') {
        Some((handle, slug)) => {
            catalogue.by_name(&Handle::new(handle).ok()?, &Slug::new(slug).ok()?)?
        }
        None => target.parse::<StatementId>().ok()?,
    };
    catalogue.item(&id)
}

/// The licence as pages and the index know it: nothing where none is stated.
pub fn stated_licence(licence: &str) -> Option<&str> {
    (licence != NO_LICENCE && Licence::parse(licence).is_ok()).then_some(licence)
}
