//! Every field filled twice in one language and twice in two, through every writer and back: each value comes back or
//! stands among the losses.

use std::sync::Arc;

use commun_specs::metadata::{Method, Record, Shape, Source, TABLE, Value, View};
use serde_json::Value as Json;

use crate::crosswalk::{
    Origin, Read, Written, amb, carried, dublin_core, lom, metadata_yml, schema_org,
};

/// A writer with the reader of what it writes.
pub(super) type Way = (
    &'static str,
    fn(&View) -> Written,
    fn(&[u8], &Origin) -> Read,
);

pub(super) const WAYS: [Way; 7] = [
    (
        "oai_dc",
        |view| dublin_core::write(view, dublin_core::Place::default()),
        dublin_core::read,
    ),
    (
        "lom",
        |view| lom::write(view, lom::Place::default(), lom::Profile::Lom),
        lom::read,
    ),
    (
        "lomfr",
        |view| lom::write(view, lom::Place::default(), lom::Profile::LomFr),
        lom::read,
    ),
    (
        "suplomfr",
        |view| lom::write(view, lom::Place::default(), lom::Profile::SupLomFr),
        lom::read,
    ),
    (
        "amb",
        |view| amb::write(view, amb::Place::default()),
        amb::read,
    ),
    (
        "schema.org",
        |view| schema_org::write(view, schema_org::Place::default()),
        schema_org::read,
    ),
    (
        "metadata.yml",
        |view| metadata_yml::write(view, metadata_yml::Place::default()),
        metadata_yml::read,
    ),
];

/// Two values of each field that is no text.
pub(super) fn samples() -> Json {
    serde_json::from_str(include_str!("twice.json")).expect("it is JSON")
}

/// Adds a value as a document of its standard would state it.
pub(super) fn put(record: &mut Record, field: &str, v: Json, lang: Option<&str>) {
    let source = Source {
        scheme: "test".into(),
        origin: None,
        date: None,
        method: Method::Mapped,
        by: None,
    };
    let value = Value {
        v,
        lang: lang.map(str::to_owned),
        path: field.to_owned(),
        src: Arc::new(source),
    };
    let told = record.put(field, &value);
    assert!(told.is_ok(), "{field}: {told:?}");
}

/// Texts of a field: two of each language.
fn texts(record: &mut Record, field: &str, langs: &[&str]) {
    for lang in langs {
        for which in ["premier", "second"] {
            let text = format!("{field} : {which}, « {lang} » & <suite>");
            put(record, field, text.into(), Some(lang));
        }
    }
}

pub(super) fn base() -> Record {
    let mut record = Record::default();
    put(&mut record, "title", "Sommes".into(), Some("fr"));
    put(&mut record, "language", "fr".into(), None);
    record
}

/// One record for each field, filled twice in each of these languages where it is a text; and one of all of them.
fn records(langs: &[&str]) -> Vec<(String, Record)> {
    let samples = samples();
    let mut all = base();
    let mut records = Vec::new();
    for field in TABLE.iter().filter(|field| field.name != "original") {
        let mut one = base();
        for record in [&mut one, &mut all] {
            match field.shape {
                Shape::Texts | Shape::Words => texts(record, field.name, langs),
                Shape::One | Shape::List => {
                    let values = samples[field.name].as_array();
                    let values = values.unwrap_or_else(|| panic!("{} has no sample", field.name));
                    for value in values {
                        put(record, field.name, value.clone(), None);
                    }
                }
            }
        }
        records.push((field.name.to_owned(), one));
    }
    records.push(("all".to_owned(), all));
    records
}

#[test]
fn what_is_there_twice_comes_back_or_is_told_as_lost_in_every_format() {
    let mut faults = Vec::new();
    for langs in [
        &["fr"][..],
        &["en"],
        &["fr", "en"],
        &["und"],
        &["und", "fr"],
        &["pt-BR", "gsw"],
    ] {
        for (name, record) in records(langs) {
            let view = record.view();
            for (format, write, read) in WAYS {
                let written = write(&view);
                let place = format!("{format}, {name}, {langs:?}");
                match read(&written.bytes, &Origin::default()) {
                    Err(problem) => faults.push(format!("{place}: not read back: {problem:?}")),
                    Ok(back) => {
                        let lost = carried::silent(&view, &written.losses, &back.record);
                        faults.extend(
                            lost.iter()
                                .map(|l| format!("{place}: {}: {}", l.field, l.value)),
                        );
                    }
                }
            }
        }
    }
    let count = faults.len();
    faults.truncate(400);
    assert!(faults.is_empty(), "{count} silent:\n{}", faults.join("\n"));
}
