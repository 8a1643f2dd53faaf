//! What a repository says of itself beyond its code: `publiccode.yml`, `codemeta.json`, `CITATION.cff`, licence files,
//! REUSE, README, releases.
//!
//! Pure over a [`Tree`]: no network, no clock, every size and depth has a limit. Reading is tolerant (a real file that is
//! strictly invalid still says who made what), checking is strict: what breaks a rule is a [`Problem`] with file, line and
//! what to do, in French and English. Nothing that is found here ever refuses a push.

mod citation;
mod codemeta;
mod course;
pub(crate) mod document;
mod licence;
mod publiccode;
mod release;
mod report;
mod reuse;
mod sheet;
mod tree;

use commun_specs::metadata::{Method, Record, Source};

pub use crate::problem::{Problem, Severity};
pub use course::{course, speaks_for_course};
pub use licence::{Detected, disagreements, mismatch};
pub use release::{Release, newest, releases};
pub use report::Report;
pub use reuse::Reuse;
pub use tree::{Files, Node, Revision, Tree, TreeError};

use sheet::Sheet;

/// Largest file of metadata that is read, in bytes: the largest known has 60 kB.
pub const MAX_METADATA_FILE: u64 = 256 << 10;
/// Problems that a report has at most; more help nobody.
pub const MAX_PROBLEMS: usize = 60;

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// The values, each with the file and the place in it.
    pub record: Record,
    /// What else was found, and what is wrong.
    pub report: Report,
    /// The names of the files that were read.
    pub files: Vec<String>,
}

/// The names under which publiccode.yml is read; the standard knows the first.
const PUBLICCODE: [&str; 2] = ["publiccode.yml", "publiccode.yaml"];

/// Reads a file into a sheet.
type Read = fn(&mut Sheet, &str);

/// The files that are read, the first of which counts most, with the scheme of their values.
const FILES: [(&str, &str, Read); 4] = [
    (PUBLICCODE[0], "publiccode", publiccode::read),
    (PUBLICCODE[1], "publiccode", publiccode::read),
    ("codemeta.json", "codemeta", codemeta::read),
    ("CITATION.cff", "cff", citation::read),
];

/// Whether a file at the top says something of the whole: metadata, or a licence. Not what REUSE says file by file.
pub fn speaks_for_all(name: &str) -> bool {
    PUBLICCODE.contains(&name)
        || matches!(name, "codemeta.json" | "CITATION.cff")
        || licence::is_licence_name(name)
}

/// Reads a tree.
///
/// # Errors
/// The tree cannot be read; nothing that stands in it is an error.
pub fn read(tree: &dyn Tree) -> Result<Component, TreeError> {
    let mut component = Component::default();
    let top = tree.list("")?;
    let has = |name: &str| top.iter().any(|node| node.file && node.name == name);
    let mut stated: Vec<(String, String)> = Vec::new();
    for (name, ..) in FILES {
        if !has(name) {
            continue;
        }
        let (record, mut problems) = match tree.read(name, MAX_METADATA_FILE)? {
            Some(bytes) => read_file(name, &bytes),
            None => too_large(name),
        };
        component.files.push(name.to_owned());
        let licences = record.licence.iter();
        stated.extend(licences.map(|l| (name.to_owned(), l.v.clone())));
        component.report.problems.append(&mut problems);
        component.record.merge(record);
    }
    licence::disagreements(&stated, &mut component.report.problems);
    component.report.licences = licence::detect(tree, &top)?;
    let detected = &component.report.licences;
    if component.record.licence.is_empty()
        && let [only] = &detected[..]
    {
        component
            .record
            .licence
            .push(extracted(&only.file, &only.id));
    }
    if let Some((file, licence)) = stated.first() {
        component
            .report
            .problems
            .extend(licence::mismatch(licence, file, detected));
    }
    component.report.reuse = reuse::check(tree, &top)?;
    // What is wrong comes before what is worth knowing.
    let problems = &mut component.report.problems;
    problems.sort_by_key(|problem| problem.severity == Severity::Info);
    problems.truncate(2 * MAX_PROBLEMS);
    Ok(component)
}

/// Reads `publiccode.yml`, `codemeta.json` or `CITATION.cff` by itself: what it says, and what is to be said of it. Nothing
/// in it is lost: what no field takes is in the record's `extra`, by its path.
pub fn read_file(name: &str, bytes: &[u8]) -> (Record, Vec<Problem>) {
    if bytes.len() as u64 > MAX_METADATA_FILE {
        return too_large(name);
    }
    let Some((_, scheme, read)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return Default::default();
    };
    let mut sheet = Sheet::new(name, scheme);
    match std::str::from_utf8(bytes) {
        Err(_) => sheet.whole("not-utf8", Severity::Error, "", ""),
        Ok(text) => read(&mut sheet, text.strip_prefix('\u{feff}').unwrap_or(text)),
    }
    (sheet.record, sheet.problems)
}

fn too_large(name: &str) -> (Record, Vec<Problem>) {
    let mut sheet = Sheet::new(name, "");
    let most = (MAX_METADATA_FILE >> 10).to_string();
    sheet.whole("too-large", Severity::Error, "", &most);
    (sheet.record, sheet.problems)
}

/// The first document of a YAML stream as JSON, within the limits of all files of metadata, and what is to be said of it:
/// members that stand twice, of which the first counts. `true`, `false` and `null` without quotation marks are these;
/// all else is text.
///
/// # Errors
/// Not YAML; nested too deep, or too large once its aliases are followed.
pub(crate) fn yaml(text: &str) -> Result<(serde_json::Value, Vec<Problem>), Box<Problem>> {
    let top = document::yaml(text).map_err(|fault| {
        let mut problem = Problem::new(Severity::Error, fault.rule, "", &fault.what, "YAML");
        problem.line = Some(fault.line.max(1));
        Box::new(problem)
    })?;
    let mut twice = Vec::new();
    let value = top.to_json("", &mut twice);
    twice.truncate(MAX_PROBLEMS);
    let problems = twice.into_iter().map(|(path, line)| {
        let mut problem = Problem::new(Severity::Warning, "twice", &path, "", "");
        problem.line = Some(line.max(1));
        problem
    });
    Ok((value, problems.collect()))
}

/// Where the stated licence of a repository differs from what its files say, with the file; `None` if all agree, or
/// nothing is known.
pub fn licence_problem(stated: &str, report: &Report) -> Option<Problem> {
    licence::mismatch(stated, "", &report.licences)
}

/// A licence that was recognised in a text.
fn extracted(file: &str, id: &str) -> commun_specs::metadata::Value<String> {
    let source = Source {
        scheme: "licence-file".into(),
        origin: Some(file.to_owned()),
        date: None,
        method: Method::Inferred,
        by: None,
    };
    commun_specs::metadata::Value {
        v: id.to_owned(),
        lang: None,
        path: String::new(),
        src: std::sync::Arc::new(source),
    }
}

#[cfg(test)]
mod tests;
