//! The shared hostile archives: each as its manifest expects.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::package::archive::{Archive, Limits};

fn shared() -> PathBuf {
    let shared = std::env::var_os("COMMUN_SHARED")
        .expect("COMMUN_SHARED names the folder of shared data, which holds data");
    PathBuf::from(shared).join("data")
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_packages_of_real_programs_are_read_whole() {
    let mut seen = 0;
    for format in ["h5p", "imscc"] {
        let folder = shared().join("metadata").join(format).join("valid");
        for file in fs::read_dir(folder).expect("readable") {
            let path = file.expect("readable").path();
            let file = File::open(&path).expect("readable");
            if let Err(cause) = Archive::open(file, Limits::default()).and_then(|mut a| a.check()) {
                panic!("{path:?}: {cause}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 5, "only {seen} packages");
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_archives_are_refused_or_read_as_the_manifest_expects() {
    let manifest = fs::read(shared().join("hostile/MANIFEST.json")).expect("readable");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    let entries = manifest["entries"].as_array().expect("a list");
    let mut faults = Vec::new();
    let mut seen = 0;
    for entry in entries.iter().filter(|entry| entry["category"] == "zip") {
        let path = entry["path"].as_str().expect("a path");
        let begin = Instant::now();
        let file = File::open(shared().join("hostile").join(path)).expect("readable");
        let found = Archive::open(file, Limits::default()).and_then(|mut archive| archive.check());
        let took = begin.elapsed();
        let wanted = entry["expect"].as_str().unwrap_or_default();
        let class = entry["error_class"].as_str().unwrap_or_default();
        let right = match (wanted, &found) {
            ("accept", Ok(())) | ("neutralise" | "accept_bounded", _) => true,
            ("reject", Err(cause)) => alike(class, cause.rule()),
            _ => false,
        };
        println!("{path}: {wanted} {class}: {found:?}");
        if !right || took > Duration::from_secs(5) {
            faults.push(format!(
                "{path}: {wanted} {class}, got {found:?} in {took:?}"
            ));
        }
        seen += 1;
    }
    assert!(seen >= 50, "only {seen} cases");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whether our rule is what the manifest suggests. Where bytes are wrong in two ways, either may be named first.
fn alike(class: &str, rule: &str) -> bool {
    let rules: &[&str] = match class {
        "zip.path" => &["archive.path"],
        "zip.name_collision" => &["archive.collision"],
        "zip.inconsistent" => &["archive.inconsistent"],
        "zip.special_file" => &["archive.special-file"],
        "zip.encrypted" => &["archive.encrypted"],
        "zip.method" => &["archive.method"],
        "zip.overlap" => &["archive.overlap", "archive.too-large"],
        "zip.too_large" => &["archive.too-large"],
        "zip.malformed" => &["archive.damaged"],
        "zip.not_zip" => &["archive.format"],
        "zip.empty" => &["archive.empty"],
        _ => &[],
    };
    rules.contains(&rule)
}
