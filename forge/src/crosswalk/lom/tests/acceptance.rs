//! Over the shared samples.

use super::{Place, Profile, again, comparable, read, shared, verdict, write};
use crate::crosswalk::Origin;

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_lom_as_the_manifest_expects() {
    let folder = shared("data/metadata");
    let manifest =
        std::fs::read_to_string(folder.join("MANIFEST.csv")).expect("the shared data is there");
    let mut seen = 0;
    for line in manifest.lines() {
        let ours = line.starts_with("lom/") || line.starts_with("suplomfr/");
        if !ours || !line.contains(".xml,") {
            continue;
        }
        let mut cells = line.split(',');
        let (path, expected) = (cells.next().unwrap(), cells.next().unwrap());
        let bytes = std::fs::read(folder.join(path)).unwrap();
        let read = read(&bytes, &Origin::named(path));
        let found = verdict(&read);
        // A record that the standard allows may still lack a licence, which is worth a warning.
        let fits = found == expected || (expected == "valid" && found == "accept-with-warning");
        assert!(fits, "{path}: {expected}, found {found}: {read:?}");
        seen += 1;
        let Ok(reading) = read else {
            continue;
        };
        if expected == "accept-with-warning" {
            // Not only that there is no licence.
            let own = reading.problems.iter().any(|p| {
                p.severity == crate::problem::Severity::Warning && !p.rule.starts_with("no-")
            });
            assert!(own, "{path}: {:?}", reading.problems);
        }
        let body = reading.record.to_body().unwrap();
        let stored = commun_specs::metadata::Record::from_body(&body).unwrap();
        assert_eq!(stored.skipped, 0, "{path}");
        let view = reading.record.view();
        for profile in [Profile::LomFr, Profile::SupLomFr] {
            let mut back = comparable(&again(&view, profile));
            let mut there = comparable(&view);
            if profile == Profile::LomFr {
                // The words that only SupLOMFR has are told as losses.
                back.resource_types.clear();
                there.resource_types.clear();
            }
            // SupLOMFR wants both; what has a licence is free and has an owner.
            (back.free, back.restrictions) = (there.free, there.restrictions);
            assert_eq!(back, there, "{path} {profile:?}");
        }
    }
    assert!(seen > 20, "only {seen} files are in the manifest");
}

/// What we write is valid by the schemas, where there is `xmllint` to say so. The schema knows neither SupLOMFR's token
/// nor its words, which are replaced as its README says, nor some words of LOM.
#[test]
#[ignore = "needs COMMUN_SHARED and xmllint"]
fn acceptance_lom_that_is_written_is_valid_by_the_schema() {
    let folder = shared("data/metadata/suplomfr");
    let schema = folder.join("xsd-scolomfr-3.0/scolomfr.xsd");
    let out = tempfile::tempdir().unwrap();
    let mut records = vec![super::FULL.as_bytes().to_vec()];
    for entry in std::fs::read_dir(folder.join("valid")).unwrap() {
        records.push(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let place = Place {
        url: Some("https://commun.example/u/r"),
        institution: Some("Université"),
    };
    let mut files = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let view = read(record, &Origin::default()).unwrap().record.view();
        for (profile, name) in Profile::NAMES {
            let written = String::from_utf8(write(&view, place, profile).bytes).unwrap();
            let mut mapped = written.replace("SupLOMFRv1.0", "LOMFRv1.0");
            for year in ["bac+1", "bac+2", "bac+3", "bac+4", "bac+5"] {
                mapped = mapped.replace(year, "licence");
            }
            mapped = mapped.replace("étude de cas", "tutoriel");
            // LOM has these, ScoLOMFR has dropped them.
            for word in ["diagram", "figure", "graph", "index", "table"] {
                mapped = mapped.replace(&format!(">{word}<"), ">lecture<");
            }
            let path = out.path().join(format!("{at}-{name}.xml"));
            std::fs::write(&path, mapped).unwrap();
            files.push(path);
        }
    }
    let ran = std::process::Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(&schema)
        .args(&files)
        .output();
    let ran = ran.expect("xmllint is installed");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

/// Each hostile record, as its manifest expects it: what is to be refused comes to no record, and honest ones are read.
#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_records_as_their_manifest_expects() {
    let folder = shared("data/hostile");
    let manifest = std::fs::read(folder.join("MANIFEST.json")).expect("the shared data is there");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for entry in manifest["entries"].as_array().unwrap() {
        let (path, expect) = (
            entry["path"].as_str().unwrap_or_default(),
            entry["expect"].as_str().unwrap_or_default(),
        );
        if !path.starts_with("xml/lom/") {
            continue;
        }
        seen += 1;
        let bytes = std::fs::read(folder.join(path)).unwrap();
        let read = read(&bytes, &Origin::named(path));
        // What the manifest lets be shortened in place of being refused.
        let clipped = entry["also_check"]
            .as_str()
            .is_some_and(|also| also.starts_with("or clipped"));
        match (expect, &read) {
            ("reject", Ok(reading)) if clipped => {
                assert!(
                    reading.problems.iter().any(|p| p.rule == "clipped"),
                    "{path}"
                );
            }
            ("reject", Ok(_)) | ("accept", Err(_)) => wrong.push(format!("{path}: {read:?}")),
            (_, Ok(reading)) => {
                let view = reading.record.view();
                if path.ends_with("license-javascript.xml") {
                    assert_eq!(view.licence, None, "{path}");
                }
                if path.ends_with("vcard-injection.xml") {
                    let people = view.creators.iter().chain(&view.contributors);
                    let people: Vec<&str> = people.map(|p| p.name.as_str()).collect();
                    assert_eq!(people, ["Eve"], "{path}");
                }
                let links = view.links.iter().map(|link| &link.url);
                for address in view.aliases.iter().chain(links) {
                    assert!(!address.starts_with("javascript:"), "{path}: {address}");
                }
                let body = String::from_utf8(reading.record.to_body().unwrap()).unwrap();
                for harm in ["root:x:0", "\u{202e}"] {
                    assert!(!body.contains(harm), "{path}: {body}");
                }
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(seen >= 50, "only {seen} files are in the manifest");
}
