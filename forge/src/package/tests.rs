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

/// Files of packages of each kind, with the one that is changed first.
fn specimens() -> Vec<Vec<(String, Vec<u8>)>> {
    let own = |files: &[(&str, &[u8])]| -> Vec<(String, Vec<u8>)> {
        let own = |(path, bytes): &(&str, &[u8])| ((*path).to_owned(), bytes.to_vec());
        files.iter().map(own).collect()
    };
    let items = "<item identifier='I' identifierref='R'><title>Un &amp; deux</title></item>";
    let backup = |first: &str| {
        let mut files: Vec<(String, Vec<u8>)> = moodle::backup()
            .into_iter()
            .map(|(path, text)| (path, text.into_bytes()))
            .collect();
        let at = files.iter().position(|(path, _)| path == first).unwrap();
        files.swap(0, at);
        files
    };
    vec![
        own(&[
            ("imsmanifest.xml", ims::scorm(items).as_bytes()),
            ("page.html", b"<p>Un</p>"),
        ]),
        own(&[
            ("h5p.json", h5p::about().to_string().as_bytes()),
            ("content/content.json", b"{}"),
        ]),
        own(&[
            ("OEBPS/livre.opf", epub::OPF.as_bytes()),
            ("META-INF/container.xml", epub::CONTAINER.as_bytes()),
            ("OEBPS/nav.xhtml", epub::NAV.as_bytes()),
        ]),
        own(&[
            ("OEBPS/nav.xhtml", epub::NAV.as_bytes()),
            ("META-INF/container.xml", epub::CONTAINER.as_bytes()),
            ("OEBPS/livre.opf", epub::OPF.as_bytes()),
        ]),
        backup("moodle_backup.xml"),
        backup("files.xml"),
        backup("course/course.xml"),
        backup("activities/page_3/module.xml"),
    ]
}

#[test]
fn nothing_that_is_cut_or_changed_makes_a_reader_panic() {
    // Always the same changes: xorshift.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most.max(1) as u64) as usize
    };
    const TOKENS: [&[u8]; 8] = [b"<", b">", b"&", b"\"", b"/", b"\0", b"\xff", b"<a>"];
    for specimen in specimens() {
        for _ in 0..60 {
            let mut files = specimen.clone();
            let bytes = &mut files[0].1;
            match next(3) {
                0 => bytes.truncate(next(bytes.len())),
                1 => {
                    let (at, token) = (next(bytes.len()), TOKENS[next(TOKENS.len())]);
                    bytes.splice(at..at, token.iter().copied());
                }
                _ => {
                    let (from, to) = (next(bytes.len()), next(bytes.len()));
                    let part = bytes[from.min(to)..from.max(to)].to_vec();
                    let at = next(bytes.len());
                    bytes.splice(at..at, part);
                }
            }
            let listed: Vec<(&str, &[u8])> = files
                .iter()
                .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
                .collect();
            let packed = Zip::of(&listed).bytes();
            let mut archive = Archive::open(Cursor::new(packed), Limits::default()).unwrap();
            let read = read(&mut archive, None, &Origin::default());
            if let Ok(package) = read {
                assert!(package.reading.record.to_body().is_ok());
            }
            if archive.find("moodle_backup.xml").is_some() {
                let mut copy = Vec::new();
                if super::moodle::stripped(&mut archive, &mut copy).is_ok() {
                    let found = moodle::unpacked(copy);
                    let leaks = found.values().any(|text| text.contains(moodle::ANA));
                    assert!(!leaks, "a changed backup leaks: {:?}", files[0]);
                }
            }
        }
    }
}
