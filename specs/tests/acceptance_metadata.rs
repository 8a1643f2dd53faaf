//! The shared list of hostile names and the hostile JSON records, as far as they have an entry point here: the JSON
//! reader, and the texts, licences, dates and identifiers of a record. (The import of AMB itself is not built yet.)

use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use commun_specs::files::FilePath;
use commun_specs::metadata::{Input, MAX_BODY_BYTES, Record, Source, parse_json};
use commun_specs::name::Slug;

fn hostile() -> PathBuf {
    let shared = std::env::var_os("COMMUN_SHARED")
        .expect("COMMUN_SHARED names the folder of shared data, which holds data/hostile");
    PathBuf::from(shared).join("data/hostile")
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_names_are_no_slugs_and_no_file_names_that_some_system_obeys() {
    let bytes = fs::read(hostile().join("lists/evil-names.json")).expect("the list");
    let list: Vec<Map<String, Value>> = serde_json::from_slice(&bytes).expect("JSON");
    assert!(!list.is_empty());
    // Slugs live below a handle, so names of our own pages hide nothing there; a device's name is no file of ours.
    let fine_slugs = [
        "con",
        "api",
        "static",
        "admin",
        "login",
        "00000000-0000-0000-0000-000000000000",
    ];
    // File names are kept as they are and never used as routes, options, patterns or domain names.
    let fine_files = [
        "x.git",
        "-rf",
        "--help",
        "a/b",
        "a%2fb",
        "api",
        "static",
        "admin",
        "login",
        ".well-known",
        "robots.txt",
        "\u{430}dmin",
        "adm\u{131}n",
        "ADMIN",
        "\u{fb01}le",
        "\u{ff41}\u{ff50}\u{ff49}",
        "\u{1f4a9}",
        "${x}",
        "00000000-0000-0000-0000-000000000000",
    ];
    for case in &list {
        let name = case["name"].as_str().expect("a text");
        assert_eq!(
            Slug::new(name).is_ok(),
            fine_slugs.contains(&name),
            "slug {name:?}"
        );
        let is_short_ascii_word =
            name.len() <= 255 && name.bytes().all(|b| b == b'a') && !name.is_empty();
        assert_eq!(
            FilePath::new(name).is_ok(),
            fine_files.contains(&name) || is_short_ascii_word,
            "file {name:?}"
        );
        // As a title, a name is text: refused only when it shows nothing or steers what shows it.
        let document = json!({ "title": name }).to_string();
        let refused = name.trim().is_empty()
            || name.chars().any(char::is_control)
            || name.chars().count() > 500;
        assert_eq!(
            Input::parse(document.as_bytes()).is_err(),
            refused,
            "title {name:?}"
        );
    }
}

/// The members of an AMB record under our names.
fn as_ours(record: &Value) -> Value {
    if !record.is_object() {
        return record.clone();
    }
    let mut ours = Map::new();
    for (theirs, member) in [
        ("name", "title"),
        ("description", "description"),
        ("inLanguage", "language"),
        ("keywords", "keywords"),
        ("dateCreated", "created"),
        ("datePublished", "published"),
        ("dateModified", "modified"),
        ("id", "aliases"),
    ] {
        if let Some(value) = record.get(theirs) {
            ours.insert(member.into(), value.clone());
        }
    }
    if let Some(id) = record
        .get("license")
        .map(|licence| licence.get("id").unwrap_or(licence))
    {
        ours.insert("licence".into(), id.clone());
    }
    if let Some(Value::Array(people)) = record.get("creator") {
        let names = people
            .iter()
            .map(|person| json!({"name": person.get("name")}))
            .collect();
        ours.insert("creators".into(), Value::Array(names));
    }
    Value::Object(ours)
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_records_are_refused_with_a_reason_and_honest_ones_are_read() {
    let manifest = fs::read(hostile().join("MANIFEST.json")).expect("the manifest");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    let entries = manifest["entries"].as_array().expect("a list");
    // What only the import of AMB can judge: the shape of AMB itself, its JSON-LD context, members we do not take.
    let for_the_import = [
        "type-id-missing",
        "type-type-string",
        "context-redefine",
        "keys-5k",
        "ndjson-one-bad",
    ];
    // Neutralised by refusing the value.
    let refused_here = ["tag-chars", "license-lookalike", "dates"];
    let mut seen = 0;
    for entry in entries {
        let Some(path) = entry["path"]
            .as_str()
            .filter(|path| path.starts_with("json/"))
        else {
            continue;
        };
        let name = path
            .rsplit('/')
            .next()
            .and_then(|file| file.strip_suffix(".json"))
            .expect("a JSON file");
        if for_the_import.contains(&name) {
            continue;
        }
        seen += 1;
        let bytes = fs::read(hostile().join(path)).expect("the record");
        let read = parse_json(&bytes).map(|record| Input::from_json(as_ours(&record)));
        let accepted = matches!(read, Ok(Ok(_)));
        let wanted = match entry["expect"].as_str().expect("a text") {
            "reject" => false,
            _ => !refused_here.contains(&name),
        };
        assert_eq!(accepted, wanted, "{path}: {read:?}");
        if let Ok(Ok(input)) = read {
            let body = Record::from_input(&input, Source::declared(None, None, None))
                .to_body()
                .expect("small");
            assert!(body.len() <= MAX_BODY_BYTES);
            let back = Record::from_body(&body).expect("ours");
            assert_eq!(back.view(), input.values, "{path}");
        }
        // The form itself takes none of them for its own without at least a warning.
        if let Ok(input) = Input::parse(&bytes) {
            assert!(!input.warnings.is_empty(), "{path}");
        }
    }
    assert!(seen >= 40, "only {seen} records");
}
