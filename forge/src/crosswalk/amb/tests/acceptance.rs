//! Over the shared samples.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use commun_specs::metadata::{Notice, Record, View};
use serde_json::Value as Json;

use super::{Place, read, valid, verdict};
use crate::crosswalk::format::{self, Format};
use crate::crosswalk::{Origin, linked, lom, schema_org};
use crate::problem::Severity;

fn shared(path: &str) -> PathBuf {
    let shared =
        std::env::var("COMMUN_SHARED").expect("COMMUN_SHARED names the folder of shared data");
    PathBuf::from(shared).join(path)
}

fn manifest(heads: &[&str]) -> Vec<(String, String, Vec<u8>)> {
    let folder = shared("data/metadata");
    let text =
        std::fs::read_to_string(folder.join("MANIFEST.csv")).expect("the shared data is there");
    let ours = text
        .lines()
        .filter(|line| heads.iter().any(|head| line.starts_with(head)));
    let mut all: Vec<(String, String, Vec<u8>)> = ours
        .map(|line| {
            let mut cells = line.split(',');
            let (path, expected) = (cells.next().unwrap(), cells.next().unwrap());
            let bytes = std::fs::read(folder.join(path)).unwrap();
            (path.to_owned(), expected.to_owned(), bytes)
        })
        .filter(|(_, expected, _)| expected != "schema")
        .collect();
    all.dedup();
    all
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_json_and_yaml_as_the_manifest_expects() {
    let all = manifest(&["amb/", "codemeta/", "publiccode/"]);
    assert!(
        all.len() > 120,
        "only {} files are in the manifest",
        all.len()
    );
    for (path, expected, bytes) in all {
        let name = path.rsplit('/').next().unwrap();
        let found = format::detect(&bytes, name).unwrap_or_else(|| panic!("{path}: what is it?"));
        // Some of the invalid ones do not say what they are.
        let format = match path.split('/').next().unwrap() {
            "codemeta" => Format::CodeMeta,
            "publiccode" => Format::PublicCode,
            _ => Format::Amb,
        };
        if expected != "invalid" {
            assert_eq!(found, format, "{path}");
        }
        let read = format::reader(format).unwrap()(&bytes, &Origin::named(name));
        let verdict = verdict(&read);
        // A valid record may still lack a licence, which is worth a warning.
        let fits = verdict == expected || (expected == "valid" && verdict == "accept-with-warning");
        // The reader of a repository's own files takes what a person may have meant.
        let told = format != Format::Amb && expected == "accept-with-warning" && read.is_ok();
        assert!(
            fits || told,
            "{path}: {expected}, found {verdict}: {read:#?}"
        );
        let problems = match &read {
            Ok(reading) => &reading.problems[..],
            Err(problem) => std::slice::from_ref(&**problem),
        };
        for problem in problems {
            for lang in ["fr", "en"] {
                assert!(
                    !problem.what(lang).is_empty() && !problem.fix(lang).is_empty(),
                    "{problem:?}"
                );
            }
        }
    }
}

/// What is written from a valid sample differs from it in nothing but this.
///
/// | difference | why |
/// | --- | --- |
/// | `mainEntityOfPage` has no `provider` without an address | the schema wants `provider.id` |
/// | `affiliation.id` of a scheme that leads nowhere (`resource:…`) | no such address is kept by the model |
/// | `trailer.contentSize`, `sha256`, `bitrate`, `caption.encodingFormat` | the model has a link; the format is told by the ending |
/// | `FundingScheme` is an organisation | a funder is somebody |
/// | labels of concepts of vocabularies that ship | those that ship are written |
/// | `provider` of what a resource is based on | the model has title, authors, licence |
fn comparable(view: &View) -> View {
    let mut view = view.clone();
    view.records.retain(|notice| *notice != Notice::default());
    view
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_amb_goes_out_as_it_came_in() {
    let mut seen = 0;
    for (path, expected, bytes) in manifest(&["amb/"]) {
        if expected != "valid" && expected != "accept-with-warning" {
            continue;
        }
        let reading = read(&bytes, &Origin::named(&path)).unwrap();
        let body = reading.record.to_body().unwrap();
        assert_eq!(Record::from_body(&body).unwrap().skipped, 0, "{path}");
        let there = reading.record.view();
        let document = valid(&there, Place::default());
        let back = read(document.to_string().as_bytes(), &Origin::default()).unwrap();
        assert_ne!(
            back.worst(),
            Some(Severity::Error),
            "{path}: {:?}",
            back.problems
        );
        assert_eq!(
            comparable(&back.record.view()),
            comparable(&there),
            "{path}: {document:#}"
        );
        let written = super::write(&there, Place::default());
        assert!(written.losses.is_empty(), "{path}: {:?}", written.losses);
        // What the sample says and we write is spelt as the sample has it, but for what is added.
        if expected == "valid" {
            let sample: Json = serde_json::from_slice(&bytes).unwrap();
            for name in [
                "id",
                "name",
                "description",
                "license",
                "inLanguage",
                "keywords",
                "dateCreated",
            ] {
                let same = sample[name] == document[name]
                    || sample[name].as_str().is_some_and(|d| d.len() == 19);
                assert!(
                    same || name == "license",
                    "{path}: {name} {} {}",
                    sample[name],
                    document[name]
                );
            }
        }
        // The same in the other spellings.
        let page = schema_org::write(&there, Place::default());
        let back = schema_org::read(&page.bytes, &Origin::default())
            .unwrap()
            .record
            .view();
        assert_eq!(comparable(&back), comparable(&there), "{path}");
        let yaml = super::metadata_yml::write(&there, Place::default());
        let back = read(&yaml.bytes, &Origin::default()).unwrap();
        assert_ne!(
            back.worst(),
            Some(Severity::Error),
            "{path}: {:?}",
            back.problems
        );
        assert_eq!(
            comparable(&back.record.view()),
            comparable(&there),
            "{path}"
        );
        seen += 1;
    }
    assert!(seen > 55, "only {seen} samples");
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_lom_to_amb_and_back_ends_with_a_list_of_losses() {
    let (mut out, mut back) = (0, 0);
    let folders = ["lom/valid", "suplomfr/valid"];
    let files = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(shared("data/metadata").join(folder)).unwrap());
    for entry in files {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        let Ok(reading) = lom::read(&bytes, &Origin::default()) else {
            continue;
        };
        let view = reading.record.view();
        let written = super::write(&view, Place::default());
        out += written.losses.len();
        valid(&view, Place::default());
        let page = schema_org::write(&view, Place::default());
        schema_org::read(&page.bytes, &Origin::default()).unwrap();
    }
    for (_, expected, bytes) in manifest(&["amb/"]) {
        if expected != "valid" {
            continue;
        }
        let view = read(&bytes, &Origin::default()).unwrap().record.view();
        back += lom::write(&view, lom::Place::default(), lom::Profile::SupLomFr)
            .losses
            .len();
    }
    println!("LOM to AMB: {out} values lost or narrowed; AMB to LOM: {back}");
    assert!(out > 0 && back > 0);
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_json_is_bounded_and_judged_as_its_manifest_expects() {
    let folder = shared("data/hostile");
    let text = std::fs::read_to_string(folder.join("MANIFEST.json")).unwrap();
    let manifest: Json = serde_json::from_str(&text).unwrap();
    let mut entries = Vec::new();
    collect(&manifest, &mut entries);
    assert!(entries.len() > 60, "only {} cases", entries.len());
    for (path, expected) in entries {
        let bytes = std::fs::read(folder.join(&path)).unwrap();
        let began = Instant::now();
        let document = format::read(Format::Amb, &bytes, &Origin::named(&path));
        assert!(began.elapsed() < Duration::from_secs(1), "{path}");
        let Ok(document) = document else {
            assert_eq!(expected, "reject", "{path}: {document:?}");
            continue;
        };
        let verdicts: Vec<&str> = document
            .found
            .iter()
            .map(|found| verdict(&found.read))
            .collect();
        let refused = verdicts.contains(&"invalid");
        match expected.as_str() {
            // A list of records is what a file of records is.
            "reject" => assert!(
                refused || path.ends_with("root-array.json"),
                "{path}: {:#?}",
                document.found
            ),
            "accept" => assert!(!refused, "{path}: {:#?}", document.found),
            _ => {}
        }
        for reading in document
            .found
            .iter()
            .filter_map(|found| found.read.as_ref().ok())
        {
            let body = reading.record.to_body().unwrap();
            assert_eq!(Record::from_body(&body).unwrap().skipped, 0, "{path}");
            let view = reading.record.view();
            for written in [
                super::write(&view, linked::tests::HERE),
                schema_org::write(&view, linked::tests::HERE),
            ] {
                assert!(!written.bytes.contains(&b'<'), "{path}");
            }
            if path.contains("lookalike") {
                assert_eq!(view.licence, None, "{path}");
            }
            if path.contains("license-http-www") {
                assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"), "{path}");
            }
        }
    }
}

fn collect(value: &Json, into: &mut Vec<(String, String)>) {
    match value {
        Json::Object(object) => {
            let word = |name: &str| object.get(name).and_then(Json::as_str).map(str::to_owned);
            if let (Some(path), Some(expected)) = (word("path"), word("expect"))
                && path.starts_with("json/amb/")
            {
                into.push((path, expected));
            }
            object.values().for_each(|value| collect(value, into));
        }
        Json::Array(list) => list.iter().for_each(|value| collect(value, into)),
        _ => {}
    }
}
