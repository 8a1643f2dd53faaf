//! `commun import URL|DIR --format git`: a course that is kept in Git, and a resource that describes it.

use std::fs;

use commun_client::{Client, Imported, LocalFile, Reply};
use commun_specs::name::Slug;
use serde_json::json;

use super::super::repo::course;
use crate::{
    failure::{Code, Failure},
    settings::Settings,
};

/// Copies the repository to the node, and has it described. In a dry run nothing is copied.
pub(super) fn send(
    settings: &Settings,
    client: &Client,
    from: &str,
    slug: Option<&Slug>,
    dry_run: bool,
) -> Result<Reply<Imported>, Failure> {
    let course = course(settings, from, slug, dry_run)?;
    let folder = tempfile::TempDir::with_prefix("commun-import-").map_err(|e| failed(&e))?;
    let mut files = Vec::new();
    for (at, (path, bytes)) in course.top.into_iter().enumerate() {
        let source = folder.path().join(at.to_string());
        fs::write(&source, &bytes).map_err(|e| failed(&e))?;
        let size = bytes.len() as u64;
        files.push(LocalFile { source, path, size });
    }
    let about = json!({"repository": course.name, "source": course.source});
    let name = course.name.clone();
    Ok(client.import_files(&name, Some("git"), dry_run, &about, &files, |_| {})?)
}

fn failed(e: &std::io::Error) -> Failure {
    Failure::new(Code::Fail, format!("Cannot make a temporary folder: {e}"))
}
