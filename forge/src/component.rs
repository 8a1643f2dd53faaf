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
pub use licence::Detected;
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
    for (name, read) in [
        (PUBLICCODE[0], publiccode::read as fn(&mut Sheet, &str)),
        (PUBLICCODE[1], publiccode::read),
        ("codemeta.json", codemeta::read),
        ("CITATION.cff", citation::read),
    ] {
        if !has(name) {
            continue;
        }
        let scheme = match name {
            "codemeta.json" => "codemeta",
            "CITATION.cff" => "cff",
            _ => "publiccode",
        };
        let mut sheet = Sheet::new(name, scheme);
        match tree.read(name, MAX_METADATA_FILE)? {
            None => sheet.whole(
                "too-large",
                Severity::Error,
                "",
                &(MAX_METADATA_FILE >> 10).to_string(),
            ),
            Some(bytes) => match String::from_utf8(bytes) {
                Err(_) => sheet.whole("not-utf8", Severity::Error, "", ""),
                Ok(text) => read(&mut sheet, text.strip_prefix('\u{feff}').unwrap_or(&text)),
            },
        }
        component.files.push(name.to_owned());
        stated.extend(
            sheet
                .record
                .licence
                .iter()
                .map(|l| (name.to_owned(), l.v.clone())),
        );
        component.report.problems.append(&mut sheet.problems);
        component.record.merge(sheet.record);
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
    component.report.problems.truncate(MAX_PROBLEMS);
    Ok(component)
}

/// Reads one file as if it stood alone in a repository: for tests and for checks of a single file.
pub fn check_file(name: &str, bytes: &[u8]) -> Component {
    let mut files = Files::default();
    files.0.insert(name.to_owned(), bytes.to_vec());
    read(&files).expect("files in memory can be read")
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
