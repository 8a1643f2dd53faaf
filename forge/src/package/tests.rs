use std::io::Cursor;

use super::archive::tests::making::Zip;
use super::archive::{Archive, Limits};
use super::{Package, Part, Target, read};
use crate::crosswalk::Origin;
use crate::crosswalk::format::Format;
use crate::problem::{Problem, Severity};

mod acceptance;
mod epub;
mod h5p;
mod ims;
mod moodle;

/// Reads a package of these files.
fn packed(files: &[(&str, &[u8])]) -> Result<Package, Box<Problem>> {
    let bytes = Zip::of(files).bytes();
    let mut archive = Archive::open(Cursor::new(bytes), Limits::default()).unwrap();
    read(&mut archive, None, &Origin::named("cours.zip"))
}

/// The rules that were broken, errors and warnings only.
fn rules(package: &Package) -> Vec<&str> {
    let problems = package.reading.problems.iter();
    problems
        .filter(|problem| problem.severity > Severity::Info)
        .map(|problem| problem.rule.as_str())
        .collect()
}

/// What of it is an error.
fn errors(package: &Package) -> Vec<&str> {
    let problems = package.reading.problems.iter();
    problems
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| problem.rule.as_str())
        .collect()
}

/// An outline as text: depth, title, target.
fn shown(outline: &[Part]) -> Vec<String> {
    let line = |part: &Part| {
        let target = match &part.target {
            Some(Target::File { path, suffix }) => format!("{path}{suffix}"),
            Some(Target::Address(url)) => url.clone(),
            None => "-".to_owned(),
        };
        format!("{} {} {target}", part.depth, part.title)
    };
    outline.iter().map(line).collect()
}

#[test]
fn every_rule_that_a_package_breaks_has_sentences_in_both_languages() {
    let table: Vec<&str> = crate::problem::package::RULES.iter().map(|r| r.0).collect();
    for (at, rule) in table.iter().enumerate() {
        assert!(!table[..at].contains(rule), "{rule} stands twice");
        let problem = Problem::new(Severity::Error, rule, "a", "b", "c");
        assert!(!problem.what("fr").is_empty() && !problem.fix("fr").is_empty());
        assert_ne!(problem.what("fr"), problem.what("en"), "{rule}");
    }
    let sources = [
        include_str!("../package.rs"),
        include_str!("ims.rs"),
        include_str!("ims/dialect.rs"),
        include_str!("ims/manifest.rs"),
        include_str!("ims/outline.rs"),
        include_str!("cmi5.rs"),
        include_str!("h5p.rs"),
        include_str!("epub.rs"),
        include_str!("epub/contents.rs"),
        include_str!("moodle.rs"),
        include_str!("moodle/files.rs"),
        include_str!("moodle/strip.rs"),
    ];
    for source in sources {
        for prefix in ["\"package-", "\"h5p-", "\"epub-", "\"moodle-", "\"licence-"] {
            for (at, _) in source.match_indices(prefix) {
                let rule = source[at + 1..].split('"').next().unwrap();
                // A prefix of rules is no rule.
                let known = table.contains(&rule) || rule.ends_with('-');
                assert!(
                    known || rule.starts_with("licence-g") || rule == "licence-unknown",
                    "{rule} has no sentences"
                );
            }
        }
    }
}

#[test]
fn a_folder_that_was_packed_is_told_from_an_archive_of_anything() {
    let inner = packed(&[("cours/imsmanifest.xml", b"<manifest/>")]).unwrap_err();
    assert_eq!(inner.rule, "package-in-folder");
    assert_eq!(inner.given, "cours/imsmanifest.xml");
    let other = packed(&[("cours/page.html", b"<p>")]).unwrap_err();
    assert_eq!(other.rule, "package-no-manifest");
}

#[test]
fn a_package_that_is_said_to_be_another_is_refused_or_read_as_what_it_is() {
    let manifest = ims::scorm("<item identifier='I' identifierref='R'><title>Un</title></item>");
    let bytes = Zip::of(&[
        ("imsmanifest.xml", manifest.as_bytes()),
        ("page.html", b"<p>Un</p>"),
    ])
    .bytes();
    let mut archive = Archive::open(Cursor::new(bytes), Limits::default()).unwrap();
    let origin = Origin::default();
    let refused = read(&mut archive, Some(Format::H5p), &origin).unwrap_err();
    assert_eq!(refused.rule, "not-this-format");
    let package = read(&mut archive, Some(Format::Imscc), &origin).unwrap();
    assert_eq!(package.format, Format::Scorm);
    let told = package.reading.problems.iter();
    assert!(told.filter(|p| p.rule == "package-other").count() == 1);
}
