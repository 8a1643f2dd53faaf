//! From an item, as the API gives it, to the document of an engine; and the index that these documents fit.

use commun_specs::vocab::{self, Scheme};
use serde_json::{Map, Value, json};

/// Version of the documents. An index with another one is made anew.
pub const VERSION: u64 = 1;

/// Settings and mappings of the index.
const INDEX: &str = include_str!("index.json");

/// The body that makes the index.
pub fn index() -> Value {
    let mut index: Value = serde_json::from_str(INDEX).expect("a test reads it");
    index["mappings"]["_meta"] = json!({"commun": {"version": VERSION}});
    index
}

/// The version of the documents in an index, by its mappings; none if it is not one of ours.
pub fn version(mappings: &Value) -> Option<u64> {
    mappings["_meta"]["commun"]["version"].as_u64()
}

/// The document of an item; none if the item is not to be found.
pub fn document(item: &Value) -> Option<Value> {
    let erased = item["verification"]["words"] == "erased";
    if erased || item["state"] == "withdrawn" || !item["withdrawn"].is_null() {
        return None;
    }
    let metadata = &item["metadata"];
    let levels = texts(&metadata["level"]);
    let subjects = metadata["subject"].as_array().into_iter().flatten();
    let subjects: Vec<(Option<String>, Vec<String>)> = subjects.map(subject).collect();
    let ids: Vec<&str> = subjects
        .iter()
        .filter_map(|(id, _)| id.as_deref())
        .collect();
    let above =
        |scheme, ids: &mut dyn Iterator<Item = &str>| -> Vec<String> { vocab::expand(scheme, ids) };
    let levels_in = above(Scheme::Level, &mut levels.iter().map(String::as_str));
    let subjects_in = above(Scheme::Subject, &mut ids.iter().copied());
    let types = texts(&metadata["resource_type"]);
    let mut labels: Vec<String> = Vec::new();
    let known = [
        (Scheme::Level, &levels_in),
        (Scheme::Subject, &subjects_in),
        (Scheme::ResourceType, &types),
    ];
    for (scheme, ids) in known {
        for concept in ids.iter().filter_map(|id| vocab::find(scheme, id)) {
            labels.extend(["fr", "en"].map(|lang| concept.label(lang).to_owned()));
        }
    }
    labels.extend(
        subjects
            .iter()
            .flat_map(|(_, labels)| labels.iter().cloned()),
    );
    labels.sort();
    labels.dedup();
    let people = ["creators", "contributors"].into_iter();
    let people = people.flat_map(|field| metadata[field].as_array().into_iter().flatten());
    let names: Vec<&str> = people
        .filter_map(|person| person["name"].as_str())
        .collect();

    let mut out = Map::new();
    let same = [
        "id",
        "name",
        "type",
        "url",
        "institution",
        "title",
        "title_language",
        "summary",
        "licence",
        "updated",
    ];
    for name in same {
        out.insert(name.to_owned(), item[name].clone());
    }
    let terms = &item["licence_terms"];
    let more = [
        ("titles", texts(&metadata["title"]).into()),
        ("descriptions", texts(&metadata["description"]).into()),
        ("keywords", texts(&metadata["keywords"]).into()),
        ("creators", names.into()),
        ("licence_label", terms["label"].clone()),
        ("licence_class", terms["class"].clone()),
        ("resource_type", types.into()),
        ("level", levels.into()),
        ("level_in", levels_in.into()),
        ("subject", ids.into()),
        ("subject_in", subjects_in.into()),
        ("labels", labels.into()),
        ("language", texts(&metadata["language"]).into()),
    ];
    out.extend(more.map(|(name, value): (_, Value)| (name.to_owned(), value)));
    // What is not known is left out, as elsewhere: engines tell "missing" from "empty".
    out.retain(|_, value| match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        _ => true,
    });
    Some(Value::Object(out))
}

/// All texts in a value, whatever they are ordered by: `{"fr": "…"}`, `{"fr": ["…"]}`, `["…"]`.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// The id that searches use and the labels that were given.
fn subject(value: &Value) -> (Option<String>, Vec<String>) {
    if let Value::String(id) = value {
        return (Some(id.clone()), Vec::new());
    }
    let text = |name: &str| value[name].as_str().filter(|text| !text.is_empty());
    let id = text("scheme").zip(text("notation"));
    (
        id.map(|(scheme, notation)| format!("{scheme}-{notation}")),
        texts(&value["label"]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Value {
        json!({"id": "x", "name": "univ-angers/x", "type": "resource", "title": "Cellules", "title_language": "fr",
            "summary": null, "institution": "univ-angers", "licence": "CC-BY-4.0", "updated": "2026-01-02T03:04:05Z",
            "url": "https://n.example/univ-angers/x", "state": "in-force", "withdrawn": null, "local": true,
            "licence_terms": {"label": "CC BY 4.0", "class": "attribution", "sentence": "…", "url": "…"},
            "verification": {"words": "here"},
            "metadata": {"title": {"fr": "Cellules", "en": "Cells"}, "keywords": {"fr": ["mitose", "ADN"]},
                "level": ["fr-l1"], "subject": ["iscedf-0511", {"scheme": "x", "notation": "1", "label": {"de": "Zellen"}}],
                "resource_type": ["course"], "language": ["fr"], "creators": [{"name": "A. Martin"}]}})
    }

    #[test]
    fn a_document_has_what_search_shows_and_the_labels_of_what_is_coded() {
        let document = document(&item()).unwrap();
        let mut titles = texts(&document["titles"]);
        titles.sort();
        assert_eq!(titles, ["Cells", "Cellules"]);
        assert_eq!(document["subject"], json!(["iscedf-0511", "x-1"]));
        assert_eq!(document["creators"], json!(["A. Martin"]));
        let has = |field: &str, value: &str| {
            let list = document[field].as_array().unwrap();
            assert!(list.contains(&value.into()), "{field}: {list:?}");
        };
        has("level_in", "isced-6");
        has("labels", "Zellen");
        has(
            "labels",
            vocab::label(Scheme::Subject, "iscedf-0511", "fr").unwrap(),
        );
        assert!(document.get("summary").is_none() && document.get("local").is_none());
    }

    #[test]
    fn what_was_taken_down_has_none() {
        for (field, value) in [
            ("state", json!("withdrawn")),
            ("withdrawn", json!("other")),
            ("verification", json!({"words": "erased"})),
        ] {
            let mut gone = item();
            gone[field] = value;
            assert_eq!(document(&gone), None, "{field}");
        }
    }

    #[test]
    fn the_index_takes_every_member_of_a_document_and_no_other() {
        let index = index();
        let mappings = &index["mappings"];
        assert_eq!(version(mappings), Some(VERSION));
        assert_eq!(mappings["dynamic"], "strict");
        let mut full = item();
        full["summary"] = "s".into();
        full["metadata"]["description"] = json!({"fr": "d"});
        let document = document(&full).unwrap();
        let properties = mappings["properties"].as_object().unwrap();
        let mut fields: Vec<&String> = properties.keys().filter(|name| *name != "feed").collect();
        let mut members: Vec<&String> = document.as_object().unwrap().keys().collect();
        fields.sort();
        members.sort();
        assert_eq!(fields, members);
        // Every analyzer that a field names is defined.
        let text = mappings.to_string();
        for name in ["commun_folded", "commun_french", "commun_english"] {
            assert!(text.contains(name), "{name}");
            assert!(
                index["settings"]["analysis"]["analyzer"][name].is_object(),
                "{name}"
            );
        }
    }
}
