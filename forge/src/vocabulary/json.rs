//! SKOS in JSON: the form that nodes serve, and nested `narrower` as vocabulary tools write it. No context is fetched.

use serde_json::{Map, Value};

use super::{Draft, Error, add, line};

/// How deep concepts may stand in concepts.
const MAX_DEPTH: usize = 20;

pub(super) fn read(bytes: &[u8]) -> Result<Draft, Error> {
    let document: Value = serde_json::from_slice(bytes)
        .map_err(|cause| Error::Syntax(cause.to_string().chars().take(200).collect()))?;
    let Value::Object(scheme) = &document else {
        return Err(Error::Syntax("not an object".into()));
    };
    let mut draft = Draft {
        address: text(scheme, &["id", "@id"]).unwrap_or_default().to_owned(),
        ..Draft::default()
    };
    // SKOS names a scheme either way.
    for name in ["title", "prefLabel"] {
        if draft.title.is_empty() {
            texts(scheme, name, &mut draft.title);
        }
    }
    for list in ["concepts", "hasTopConcept"] {
        for concept in items(scheme.get(list)) {
            self::concept(&mut draft, concept, None, 0)?;
        }
    }
    Ok(draft)
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let list: &[Value] = match value {
        Some(Value::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    list.iter()
}

fn text<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| object.get(*name)?.as_str())
}

/// `{language: text or [texts]}`, or texts in no language.
fn texts(object: &Map<String, Value>, name: &str, out: &mut Vec<(String, String)>) {
    match object.get(name) {
        Some(Value::Object(languages)) => {
            for (lang, texts) in languages {
                for text in items(Some(texts)).filter_map(Value::as_str) {
                    add(out, lang, text);
                }
            }
        }
        other => {
            for text in items(other).filter_map(Value::as_str) {
                add(out, "", text);
            }
        }
    }
}

fn concept(
    draft: &mut Draft,
    value: &Value,
    above: Option<&str>,
    depth: usize,
) -> Result<(), Error> {
    let Value::Object(object) = value else {
        return Ok(());
    };
    let notation = items(object.get("notation")).find_map(Value::as_str);
    let address = text(object, &["id", "@id"]).or(notation);
    let Some(address) = address.filter(|_| depth < MAX_DEPTH) else {
        return Ok(());
    };
    let seen = draft.concept(address)?;
    seen.is_concept = true;
    seen.notation = seen.notation.take().or_else(|| notation.and_then(line));
    texts(object, "prefLabel", &mut seen.label);
    texts(object, "altLabel", &mut seen.names);
    let broader = items(object.get("broader")).filter_map(|above| match above {
        Value::Object(above) => text(above, &["id", "@id"]),
        other => other.as_str(),
    });
    seen.broader.extend(broader.chain(above).map(str::to_owned));
    for below in items(object.get("narrower")) {
        match below {
            Value::String(below) => {
                draft.concept(below)?.broader.insert(address.to_owned());
            }
            below => concept(draft, below, Some(address), depth + 1)?,
        }
    }
    Ok(())
}
