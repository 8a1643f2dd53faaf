//! What is read out of a repository at one commit: its metadata files, its README.

use commun_forge::{
    component::{self, Revision},
    git::{Browse, BrowseError},
};
use commun_specs::metadata::{BodyError, Method, Record, Source, View};

use super::{MAX_README, readme_text, title};

/// The member of a description's body that is not a value: problems, licence files, REUSE.
pub(crate) const REPORT: &str = "component";

/// Text to search by, and the body.
#[derive(Default)]
pub(super) struct Read {
    pub(super) text: String,
    pub(super) body: Option<Vec<u8>>,
}

/// Reads a commit. Blocks on the disk, for some seconds where REUSE wants every file looked at.
///
/// # Errors
/// The repository cannot be read now, as a sentence. One that can never be browsed has nothing to read.
pub(super) fn read(git: &Browse, commit: &str) -> Result<Read, String> {
    let readme = match git.readme(Some(commit)) {
        Err(BrowseError::Unreadable) => return Ok(Read::default()),
        other => other.map_err(|e| e.to_string())?,
    };
    let found = component::read(&Revision::new(git, commit)).map_err(|e| e.to_string())?;
    let mut record = found.record;
    // It is in the repository, where its authors know it to be.
    record.extra.clear();
    let mut text = String::new();
    if let Some((name, bytes)) = readme {
        let bytes = &bytes[..bytes.len().min(MAX_README)];
        if let Some(title) = title(bytes) {
            record.merge(extracted(&name, title));
        }
        text = readme_text(&name, bytes);
    }
    let mut report = found.report;
    report
        .problems
        .retain(|p| p.severity != component::Severity::Info);
    let report = report.to_json();
    let says = report
        .as_object()
        .is_some_and(|members| !members.is_empty());
    if says {
        record.unknown.insert(REPORT.to_owned(), report);
    }
    if record == Record::default() {
        return Ok(Read { text, body: None });
    }
    let body = fit(record).map_err(|e| e.to_string())?;
    Ok(Read {
        text,
        body: Some(body),
    })
}

/// The body of a record, without what no reader would take (R-07-16), and without the long texts where they do not fit.
fn fit(mut record: Record) -> Result<Vec<u8>, BodyError> {
    let body = match record.to_body() {
        Err(BodyError::TooLarge { .. }) => {
            record.description.clear();
            record.keywords.clear();
            record.contributors.clear();
            record.to_body()?
        }
        other => other?,
    };
    Record::from_body(&body)?.to_body()
}

/// A title that a README gives.
fn extracted(file: &str, title: String) -> Record {
    let view = View {
        titles: vec![("und".to_owned(), title)],
        ..View::default()
    };
    let source = Source {
        scheme: "readme".to_owned(),
        origin: Some(file.to_owned()),
        date: None,
        method: Method::Extracted,
        by: None,
    };
    Record::from_view(&view, source)
}
