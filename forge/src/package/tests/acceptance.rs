//! The shared samples, each as its manifest expects.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::crosswalk::Origin;
use crate::package::archive::{Archive, Limits};
use crate::package::{Package, manifest, read, refused};
use crate::problem::{Problem, Severity};

fn shared() -> PathBuf {
    let shared = std::env::var_os("COMMUN_SHARED")
        .expect("COMMUN_SHARED names the folder of shared data, which holds data");
    PathBuf::from(shared).join("data")
}

fn open(path: &PathBuf) -> Result<Package, Box<Problem>> {
    let origin = Origin::default();
    if path.extension().is_some_and(|end| end == "xml") {
        return manifest(&fs::read(path).expect("readable"), &origin);
    }
    let file = File::open(path).expect("readable");
    let mut archive = Archive::open(file, Limits::default()).map_err(|cause| refused(&cause))?;
    read(&mut archive, None, &origin)
}

fn verdict(found: &Result<Package, Box<Problem>>) -> &'static str {
    let of = |rule: &str| matches!(rule, "licence-undisclosed" | "licence-reserved");
    match found {
        Err(_) => "invalid",
        Ok(package) => match package.reading.worst() {
            Some(Severity::Error) => "invalid",
            _ if package.reading.problems.iter().any(|p| of(&p.rule)) => "valid-not-open",
            _ => "valid",
        },
    }
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_packages_as_the_manifest_expects() {
    let folder = shared().join("metadata");
    let list = fs::read_to_string(folder.join("MANIFEST.csv")).expect("readable");
    let mut seen = 0;
    let mut faults = Vec::new();
    for line in list.lines() {
        let ours = ["imscc/", "scorm/", "h5p/"];
        if !ours.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let mut cells = line.split(',');
        let (path, expected) = (cells.next().unwrap(), cells.next().unwrap());
        let begin = Instant::now();
        let mut found = open(&folder.join(path));
        // What is wrong with it is that its files are missing: a manifest alone cannot show that.
        if path.ends_with("InvalidFileReferences_SCORM12.xml") {
            assert_eq!(verdict(&found), "valid", "{path}");
            found = without_files(&fs::read(folder.join(path)).expect("readable"));
        }
        let told: Vec<String> = match &found {
            Err(problem) => vec![problem.rule.clone()],
            Ok(package) => {
                let problems = package.reading.problems.iter();
                problems
                    .filter(|p| p.severity > Severity::Info)
                    .map(|p| format!("{} {} {}", p.rule, p.path, p.given))
                    .collect()
            }
        };
        println!("{path}: {expected}, {} {told:?}", verdict(&found));
        if verdict(&found) != expected || begin.elapsed() > Duration::from_secs(5) {
            faults.push(format!("{path}: {expected}, {told:?}"));
        }
        for problem in found.iter().flat_map(|p| p.reading.problems.iter()) {
            assert!(
                !problem.fix("fr").is_empty(),
                "{} has no sentence",
                problem.rule
            );
        }
        seen += 1;
    }
    assert!(seen > 100, "only {seen} packages");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The manifest in a package that has none of its files.
fn without_files(bytes: &[u8]) -> Result<Package, Box<Problem>> {
    let zip = super::Zip::of(&[("imsmanifest.xml", bytes)]).bytes();
    let mut archive = Archive::open(std::io::Cursor::new(zip), Limits::default()).unwrap();
    read(&mut archive, None, &Origin::default())
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_packages_as_the_manifest_expects() {
    let list = fs::read(shared().join("hostile/MANIFEST.json")).expect("readable");
    let list: Value = serde_json::from_slice(&list).expect("JSON");
    let mut seen = 0;
    let mut faults = Vec::new();
    for entry in list["entries"].as_array().expect("a list") {
        if entry["category"] != "imscp" && entry["category"] != "zip" {
            continue;
        }
        let path = entry["path"].as_str().expect("a path");
        let begin = Instant::now();
        let found = open(&shared().join("hostile").join(path));
        let took = begin.elapsed();
        let rule = found.as_ref().err().map_or("", |problem| &*problem.rule);
        let expected = entry["expect"].as_str().unwrap_or_default();
        let class = entry["error_class"].as_str().unwrap_or_default();
        let package = entry["category"] == "imscp";
        let right = match expected {
            // The sound archives of the other list are no packages.
            "accept" if !package => rule == "package-no-manifest",
            "accept" => verdict(&found) == "valid",
            "reject" if package => found.is_err() && alike(class, rule),
            "reject" => found.is_err(),
            _ => true,
        };
        println!("{path}: {expected} {class}: {rule} in {took:?}");
        if !right || took > Duration::from_secs(5) {
            faults.push(format!("{path}: {expected} {class}, {found:?}"));
        }
        if let Ok(package) = &found {
            inert(package, path);
        }
        seen += 1;
    }
    assert!(seen >= 80, "only {seen} cases");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Nothing that a reader shows or opens leads out of the package or runs.
fn inert(package: &Package, path: &str) {
    use crate::package::Target;
    for part in &package.outline {
        match &part.target {
            Some(Target::File { path: inside, .. }) => {
                assert!(!inside.starts_with('/') && !inside.contains(".."), "{path}");
            }
            Some(Target::Address(url)) => assert!(
                url.starts_with("https://") || url.starts_with("http://"),
                "{path}"
            ),
            None => {}
        }
    }
}

/// Whether our rule is what the manifest suggests.
fn alike(class: &str, rule: &str) -> bool {
    match class {
        "zip.name_collision" => rule == "archive-collision",
        "xml.empty" => rule == "empty-file",
        "xml.malformed" => rule == "xml-malformed",
        "xml.encoding" => rule == "xml-encoding",
        "xml.dtd_forbidden" => rule == "xml-doctype",
        "xml.illegal_char" => rule == "xml-illegal-char",
        "xml.too_deep" => rule == "xml-too-deep",
        "imscp.href" => rule == "package-href",
        "h5p.invalid" => rule.starts_with("h5p-"),
        _ => false,
    }
}
