//! The package as it came in, else a ZIP file of the files with the metadata.

use commun_forge::{
    package::write::{Bytes, Member},
    problem::Severity,
};
use commun_specs::files::FileEntry;

use super::{Content, Planner};
use crate::{
    export::{original, record, select::Selection},
    http::problem::Problem,
    items::Shown,
};

/// Standards of packages, and how their files end.
const PACKAGES: [(&str, &str); 6] = [
    ("imscc", ".imscc"),
    ("thincc", ".imscc"),
    ("scorm", ".zip"),
    ("h5p", ".h5p"),
    ("mbz", ".mbz"),
    ("epub", ".epub"),
];
/// Endings of a file that is a package by itself.
const ENDINGS: [&str; 5] = [".imscc", ".h5p", ".mbz", ".epub", ".zip"];

/// How the name of a package's file ends.
pub(super) fn ending(file: &FileEntry) -> String {
    let name = file.path.file_name();
    name.rfind('.')
        .map_or(String::new(), |at| name[at..].to_owned())
}

/// The package that the item came in as, or is: with a name that says what it is.
pub(super) fn stored(item: &Shown) -> Option<FileEntry> {
    if let Some(kept) = original::kept(record::version(item))
        && let Some((_, ending)) = PACKAGES.iter().find(|(scheme, _)| *scheme == kept.scheme)
        // Not where only its manifest came in.
        && kept.media_type != "application/xml"
    {
        let mut file = record::entry(kept.hash, kept.size, &kept.media_type);
        file.path = commun_specs::files::FilePath::new(&format!("{}{ending}", item.slug)).ok()?;
        return Some(file);
    }
    let [file] = item.files.as_ref()?.files() else {
        return None;
    };
    let name = file.path.file_name().to_ascii_lowercase();
    ENDINGS
        .iter()
        .any(|ending| name.ends_with(ending))
        .then(|| file.clone())
}

/// The Common Cartridge that the item came in as, or is.
pub(super) fn stored_cartridge(item: &Shown) -> Option<FileEntry> {
    stored(item).filter(|file| ending(file).eq_ignore_ascii_case(".imscc"))
}

impl Planner<'_> {
    pub(super) fn package(
        &mut self,
        all: &[&Shown],
        selection: &Selection,
    ) -> Result<Content, Problem> {
        let left_out: String = selection
            .left_out()
            .map(|(name, why)| format!("{name}: {why}\n"))
            .collect();
        if let [item] = all
            && left_out.is_empty()
            && let Some(file) = stored(item)
        {
            self.held(item, &file)?;
            self.give(item, &[], Some("package"));
            return Ok(Content::File(file));
        }
        let mut members = Vec::new();
        for item in all {
            let below = match all.len() {
                1 if left_out.is_empty() => String::new(),
                _ => format!("{}/", item.name()),
            };
            if let Some(file) = stored(item) {
                self.held(item, &file)?;
                let path = format!("{below}{}", file.path.file_name());
                members.push(kept(path, &file));
                self.give(item, &[], Some("package"));
                continue;
            }
            let files = self.files(item)?;
            members.extend(
                files
                    .iter()
                    .map(|file| kept(format!("{below}{}", file.path), file)),
            );
            let text = serde_json::to_vec_pretty(&record::metadata(item))
                .map_err(|e| Problem::internal(&e))?;
            members.push(Member::here(format!("{below}{}", free(files)), text));
            self.give(item, &[], None);
            if item.repository.is_some() {
                let url = self.clone_url(item);
                self.say(item, Severity::Warning, "git-elsewhere", &url);
            }
        }
        if !left_out.is_empty() {
            // An item's name has a slash in it, so that this is the name of none.
            members.push(Member::here("NOT-GIVEN.txt", left_out));
        }
        members.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Content::Members(members))
    }
}

/// A name for the metadata that no file of the item has, in any case of letters.
fn free(files: &[FileEntry]) -> String {
    let taken = |name: &str| {
        files.iter().any(|file| {
            let path = file.path.as_str();
            let first = path.split('/').next().unwrap_or(path);
            first.eq_ignore_ascii_case(name)
        })
    };
    let mut name = "metadata.json".to_owned();
    while taken(&name) {
        name = format!("commun-{name}");
    }
    name
}

/// A file of an item as a member.
pub(super) fn kept(path: String, file: &FileEntry) -> Member<FileEntry> {
    Member {
        path,
        bytes: Bytes::Kept(file.clone(), file.size),
    }
}
