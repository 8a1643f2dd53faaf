//! Everything that is known about an item, folded away at the end of its page: each value with where it came from.

use commun_specs::{
    metadata::{Concept, Record, Source, TABLE, Value, vocabulary_of},
    vocab,
};
use maud::{Markup, html};
use serde_json::Value as Json;

use super::Page;
use crate::{
    http::{
        lang::Lang,
        text::{date, plain, visible},
        words::{
            Words,
            known::{field_name, method},
        },
    },
    items::Shown,
};

/// Values of one field that are shown here; the rest is in the item's JSON.
const MAX_SHOWN: usize = 20;
/// Characters of a value that are shown here.
const MAX_CHARS: usize = 400;

/// The block, nothing where nothing is known.
pub(super) fn block(page: &Page<'_>, item: &Shown) -> Markup {
    let (lang, said) = (page.lang(), page.words);
    let record: &Record = &item.record;
    let fields: Vec<(&'static str, Vec<Value<Json>>)> = TABLE
        .iter()
        .filter(|field| field.name != "files")
        .map(|field| (field.name, record.values(field.name)))
        .filter(|(name, values)| !values.is_empty() || cleared(record, name).next().is_some())
        .collect();
    html! {
        @if !fields.is_empty() {
            section aria-labelledby="known" {
                details.known {
                    summary { span id="known" { (said.say("known-title")) } }
                    p.quiet { (said.say("known-help")) }
                    div.scroll tabindex="0" role="region" aria-labelledby="known" { table {
                        thead { tr {
                            th scope="col" { (said.say("known-field")) }
                            th scope="col" { (said.say("known-value")) }
                            th scope="col" { (said.say("known-source")) }
                        } }
                        tbody {
                            @for (name, values) in &fields {
                                @for value in values.iter().take(MAX_SHOWN) { tr {
                                    th scope="row" { (field_name(name, lang)) }
                                    td dir="auto" lang=[value.lang.as_deref().and_then(|tag| crate::http::text::foreign(tag, lang))] {
                                        (shown(name, &value.v, lang))
                                    }
                                    td.quiet { (source(item, &value.src, &value.path, lang)) }
                                } }
                                @for clear in cleared(record, name) { tr {
                                    th scope="row" { (field_name(name, lang)) }
                                    td { (said.say("known-cleared")) @if let Some(tag) = &clear.lang { " (" (plain(tag)) ")" } }
                                    td.quiet { (source(item, &clear.src, "", lang)) }
                                } }
                                @if values.len() > MAX_SHOWN { tr {
                                    th scope="row" { (field_name(name, lang)) }
                                    td.quiet colspan="2" { (said.say_with("known-more", [("count", (values.len() - MAX_SHOWN).into())])) }
                                } }
                            }
                        }
                    } }
                }
            }
        }
    }
}

fn cleared<'a>(record: &'a Record, field: &'a str) -> impl Iterator<Item = &'a Value<String>> {
    record.cleared.iter().filter(move |clear| clear.v == field)
}

/// How a value came to be, from where, by whom, when.
fn source(item: &Shown, source: &Source, path: &str, lang: Lang) -> Markup {
    // `lom.general.title`, `oai_dc dc:title`, or the file or address it was read from.
    let place = match (source.scheme.as_str(), &source.origin) {
        ("commun", Some(origin)) => origin.clone(),
        (scheme, _) if path.starts_with(&format!("{scheme}.")) => path.to_owned(),
        (scheme, _) => format!("{scheme} {path}").trim_end().to_owned(),
    };
    let by = source.by.as_deref().map(|key| {
        let known = item.versions.iter();
        let known = known
            .filter(|version| version.author.to_string() == key)
            .find_map(|version| version.author_name.clone());
        known.unwrap_or_else(|| key.chars().take(24).chain(['…']).collect())
    });
    let said = Words::of(lang);
    html! {
        (visible(&method(said, source.method, &place)))
        @if let Some(by) = by { " " (visible(&said.say_with("known-by", [("who", by.into())]))) }
        @if let Some(when) = &source.date { ", " (date(lang, when)) }
    }
}

/// A value in words.
fn shown(field: &str, value: &Json, lang: Lang) -> Markup {
    let text = words(field, value, lang);
    let short: String = text.chars().take(MAX_CHARS).collect();
    let cut = short.len() < text.len();
    html! { (visible(&short)) @if cut { "…" } }
}

/// A value in one line of the reader's words.
pub(super) fn words(field: &str, value: &Json, lang: Lang) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(true) => Words::of(lang).say("known-yes").to_owned(),
        Json::Bool(false) => Words::of(lang).say("known-no").to_owned(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => vocabulary_of(field)
            .and_then(|scheme| vocab::label(scheme, text, lang.tag()))
            .map_or_else(|| text.clone(), str::to_owned),
        Json::Array(list) => {
            let list: Vec<String> = list.iter().map(|value| words(field, value, lang)).collect();
            list.join(", ")
        }
        Json::Object(members) => {
            if let Some(concept) = concept(members) {
                let label = concept.label_for(lang.tag());
                return match (concept.scheme.as_str(), concept.notation.as_str()) {
                    ("", _) => label.to_owned(),
                    (scheme, "") => format!("{label} ({scheme})"),
                    (scheme, notation) => format!("{label} ({scheme} {notation})"),
                };
            }
            let members = members.iter().filter(|(name, _)| *name != "email");
            let members: Vec<String> = members.map(|(_, value)| words("", value, lang)).collect();
            members.join(" · ")
        }
    }
}

/// A concept or a classification as it was written.
fn concept(members: &serde_json::Map<String, Json>) -> Option<Concept> {
    let known = ["scheme", "notation", "label", "broader", "purpose"];
    if !members
        .keys()
        .all(|member| known.contains(&member.as_str()))
    {
        return None;
    }
    let text = |member: &str| {
        let text = members.get(member).and_then(Json::as_str);
        text.unwrap_or_default().to_owned()
    };
    let labels = members.get("label").and_then(Json::as_object);
    let labels = labels.into_iter().flatten();
    let labels = labels.filter_map(|(lang, text)| Some((lang.clone(), text.as_str()?.to_owned())));
    Some(Concept {
        scheme: text("scheme"),
        notation: text("notation"),
        label: labels.collect(),
        ..Concept::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_said_in_words_of_the_reader() {
        for (field, value, fr) in [
            ("level", json!("fr-l1"), "Licence 1re année (L1)"),
            ("free", json!(true), "oui"),
            ("size", json!(7), "7"),
            (
                "subject",
                json!({"scheme": "iscedf", "notation": "0541"}),
                "Mathématiques (iscedf 0541)",
            ),
            ("outcomes", json!({"label": {"fr": "Résoudre"}}), "Résoudre"),
            (
                "accessibility_sufficient",
                json!(["textual", "visual"]),
                "Textuel, Visuel",
            ),
            (
                "creators",
                json!({"name": "Ada", "orcid": "0", "email": "ada@example.org"}),
                "Ada · 0",
            ),
            ("title", json!("Titre"), "Titre"),
        ] {
            assert_eq!(words(field, &value, Lang::Fr), fr, "{field}");
        }
    }
}
