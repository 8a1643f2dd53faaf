//! Several files of records at once: a folder of them, or those that somebody chose. One report for all.

use axum::{body::Bytes, http::HeaderMap, response::Response};
use commun_forge::{
    crosswalk::{
        Report,
        format::{self, Format},
    },
    problem::{Problem as Fault, Severity},
};

use super::{
    How, MAX_DOCUMENT, answer,
    bundle::{Files, is_package},
    taken,
};
use crate::{
    core::Person,
    http::{
        problem::Problem,
        publish::{UploadedFile, disk},
        talk::At,
    },
    imports::Became,
};

/// Whether files are records, each by itself: by the format that is named, or where several come and none is.
pub(super) fn are(how: &How, files: &Files) -> bool {
    match how.format.as_deref().map(Format::parse) {
        Some(Some(format)) => {
            !is_package(format) && !matches!(format, Format::Folder | Format::Git)
        }
        Some(None) => false,
        None => files.len() > 1,
    }
}

/// Takes in each file, in the order of their paths. One that cannot be read does not take the others with it. What came in
/// stays in, whatever happens to the connection; the same sent again changes nothing.
pub(super) async fn take(
    at: &At,
    headers: &HeaderMap,
    person: Person,
    how: How,
    (mut files, kept): (Vec<UploadedFile>, impl Send + 'static),
) -> Result<Response, Problem> {
    let named = how.format.as_deref().and_then(Format::parse);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let (app, dry_run) = (at.app.clone(), how.dry_run);
    let taking = tokio::spawn(async move {
        let (mut report, mut became) = (Report::default(), Vec::<Became>::new());
        let mut read = named;
        for file in &files {
            let name = file.path.as_str();
            let fault = match document(file).await? {
                None => Fault::new(Severity::Error, "file-too-large", "", "", &most()),
                Some(bytes) => match named.or_else(|| format::detect(&bytes, name)) {
                    None => Fault::new(Severity::Error, "file-unknown", "", "", ""),
                    Some(format) if is_package(format) && bytes.starts_with(b"PK") => {
                        Fault::new(Severity::Error, "file-is-package", "", format.as_str(), "")
                    }
                    Some(format) => {
                        read.get_or_insert(format);
                        let (app, person) = (app.clone(), person.clone());
                        match taken(app, person, format, name, bytes, None, dry_run).await {
                            Ok((told, made)) => {
                                report.merge(told);
                                became.extend(made);
                                continue;
                            }
                            // Nothing is in yet.
                            Err(problem) if report.records == 0 => return Err(problem),
                            // What came in is told; the same sent again takes in the rest.
                            Err(problem) => {
                                let why = problem.detail;
                                Fault::new(Severity::Error, "file-not-now", "", &why, "")
                            }
                        }
                    }
                },
            };
            report.records += 1;
            report.refused += 1;
            report.push(name, fault);
        }
        drop(kept);
        Ok::<_, Problem>((report, became, read))
    });
    let (report, became, read) = taking.await.map_err(|e| Problem::internal(&e))??;
    // Of several formats the first is named; each item says its own.
    let format = read.unwrap_or(Format::Folder);
    Ok(answer(headers, &report, Some((format, dry_run, became))))
}

fn most() -> String {
    format!("{} MiB", MAX_DOCUMENT >> 20)
}

/// The bytes of a file, unless it is larger than a document may be.
async fn document(file: &UploadedFile) -> Result<Option<Bytes>, Problem> {
    if file.size > MAX_DOCUMENT as u64 {
        return Ok(None);
    }
    let bytes = tokio::fs::read(&file.temp).await.map_err(disk)?;
    Ok(Some(bytes.into()))
}
