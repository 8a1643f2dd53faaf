//! Which column of a table is which field: a short YAML or JSON file beside the table.
//!
//! ```yaml
//! id: Cote                      # the column that names a record
//! language: fr                  # of texts whose column says none
//! separator: ";"                # between several values of a cell; a bar where nothing is said
//! columns:
//!   Titre: title
//!   English title: title[en]
//!   Niveau: {field: level, values: {Licence: isced-6, "3e cycle": isced-8}}
//!   Adresse: {field: links, template: {type: location, url: "{}"}}
//!   Note interne: null          # left out on purpose
//! constants:                    # where the columns say nothing
//!   licence: CC-BY-4.0
//! ```

use std::collections::BTreeMap;

use commun_specs::metadata::{Column, normalise_language};
use serde_json::{Map, Value as Json};

use crate::{
    component::document::{self, Item, Value},
    problem::{Problem, Severity},
};

/// Largest mapping, in bytes: a thousand entries of a vocabulary.
const MAX_BYTES: usize = 256 << 10;

/// The columns of our own tables that are about the item and no fields of it.
const OURS: [&str; 4] = ["id", "item", "name", "base"];

/// How one column is read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    /// The field and the language.
    pub(super) column: Column,
    /// What stands between several values.
    pub(super) separator: char,
    /// What words of the table mean, in lower case; `None`: nothing.
    pub(super) values: BTreeMap<String, Option<Json>>,
    /// A value of several parts, in which `{}` stands for the cell.
    pub(super) template: Option<Json>,
}

/// Which column is which field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The column that names a record.
    pub(super) id: Option<String>,
    /// Language of texts whose column says none.
    pub(super) language: Option<String>,
    /// By header; `None`: left out on purpose.
    columns: Vec<(String, Option<Rule>)>,
    /// What records say in whose row the field is empty.
    pub(super) constants: Vec<(Column, Json)>,
    /// A short hash of the file; empty for our own tables.
    pub(super) mark: String,
}

/// What a header stands for.
pub(super) enum Meant<'a> {
    /// A field.
    Field(std::borrow::Cow<'a, Rule>),
    /// Nothing, on purpose.
    Nothing,
    /// Nothing that is known.
    Unknown,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Mapping, Box<Problem>> {
        if bytes.len() > MAX_BYTES {
            return Err(fault(
                "",
                &format!("{} bytes, the most is {MAX_BYTES}", bytes.len()),
            ));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|_| fault("", "it is not UTF-8"))?;
        let tree = match text.trim_start().starts_with('{') {
            true => document::json(text),
            false => document::yaml(text),
        };
        let tree = tree.map_err(|e| fault(&format!("line {}", e.line), &e.what))?;
        let mut twice = Vec::new();
        tree.to_json("", &mut twice);
        if let Some((at, line)) = twice.first() {
            let said = format!("{at} stands twice (line {line})");
            return Err(fault(at, &said));
        }
        let Json::Object(mut members) = plain(&tree) else {
            return Err(fault("", "it has no member `columns`"));
        };
        let mut mapping = Mapping {
            id: text_of(&mut members, "id")?,
            mark: blake3::hash(bytes).to_hex()[..16].to_owned(),
            ..Mapping::default()
        };
        if let Some(tag) = text_of(&mut members, "language")? {
            mapping.language = Some(normalise_language(&tag).map_err(|e| fault("language", &e))?);
        }
        let separator = separator(&mut members, "", '|')?;
        let Some(Json::Object(columns)) = members.remove("columns") else {
            return Err(fault("columns", "it names a field for each column"));
        };
        for (header, rule) in columns {
            let rule = match rule {
                Json::Null => None,
                rule => Some(Rule::read(&header, rule, separator)?),
            };
            mapping.columns.push((header, rule));
        }
        match members.remove("constants") {
            None | Some(Json::Null) => {}
            Some(Json::Object(constants)) => {
                for (name, value) in constants {
                    let column = name.parse::<Column>();
                    let column = column.map_err(|e| fault(&name, &e.to_string()))?;
                    mapping.constants.push((column, value));
                }
            }
            Some(_) => return Err(fault("constants", "they are values by field")),
        }
        match members.keys().next() {
            Some(unknown) => Err(fault(
                unknown,
                "it is none of id, language, separator, columns, constants",
            )),
            None => Ok(mapping),
        }
    }

    /// What a header stands for.
    pub(super) fn meant(&self, header: &str) -> Meant<'_> {
        if self.mark.is_empty() {
            return match header.parse::<Column>() {
                Ok(column) => Meant::Field(std::borrow::Cow::Owned(Rule::of(column, '|'))),
                Err(_) if OURS.contains(&header) => Meant::Nothing,
                Err(_) => Meant::Unknown,
            };
        }
        let same = |name: &str| name.trim().eq_ignore_ascii_case(header);
        match self.columns.iter().find(|(name, _)| same(name)) {
            Some((_, Some(rule))) => Meant::Field(std::borrow::Cow::Borrowed(rule)),
            Some((_, None)) => Meant::Nothing,
            None if self.id.as_deref().is_some_and(same) => Meant::Nothing,
            None => Meant::Unknown,
        }
    }

    /// The headers that it names and a table lacks.
    pub(super) fn missing<'a>(&'a self, headers: &'a [String]) -> impl Iterator<Item = &'a str> {
        let there = |name: &str| headers.iter().any(|h| h.eq_ignore_ascii_case(name.trim()));
        let named = self.columns.iter().map(|(name, _)| name.as_str());
        named
            .chain(self.id.as_deref())
            .filter(move |name| !there(name))
    }
}

impl Rule {
    fn of(column: Column, separator: char) -> Rule {
        Rule {
            column,
            separator,
            values: BTreeMap::new(),
            template: None,
        }
    }

    fn read(header: &str, rule: Json, bar: char) -> Result<Rule, Box<Problem>> {
        let column = |name: &str, lang: Option<&str>| {
            let column = match lang {
                Some(lang) => Column::new(name, Some(lang)),
                None => name.parse(),
            };
            column.map_err(|e| fault(header, &e.to_string()))
        };
        let mut members = match rule {
            Json::String(name) => return Ok(Rule::of(column(&name, None)?, bar)),
            Json::Object(members) => members,
            _ => return Err(fault(header, "write a field, or {field: …}")),
        };
        let field = text_of(&mut members, "field")?;
        let field = field.ok_or_else(|| fault(header, "it names no field"))?;
        let lang = text_of(&mut members, "language")?;
        let mut rule = Rule::of(
            column(&field, lang.as_deref())?,
            separator(&mut members, header, bar)?,
        );
        match members.remove("values") {
            None | Some(Json::Null) => {}
            Some(Json::Object(values)) => {
                let values = values.into_iter();
                rule.values = values
                    .map(|(word, value)| {
                        (
                            word.trim().to_lowercase(),
                            Some(value).filter(|v| !v.is_null()),
                        )
                    })
                    .collect();
            }
            Some(_) => return Err(fault(header, "values: what each word means")),
        }
        rule.template = members.remove("template").filter(|t| !t.is_null());
        match members.keys().next() {
            Some(unknown) => Err(fault(
                &format!("{header}: {unknown}"),
                "it is none of field, language, separator, values, template",
            )),
            None => Ok(rule),
        }
    }
}

fn fault(path: &str, what: &str) -> Box<Problem> {
    Problem::new(Severity::Error, "csv-mapping", path, what, "").into()
}

fn text_of(members: &mut Map<String, Json>, name: &str) -> Result<Option<String>, Box<Problem>> {
    match members.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(fault(name, "it is not a text")),
    }
}

fn separator(
    members: &mut Map<String, Json>,
    at: &str,
    default: char,
) -> Result<char, Box<Problem>> {
    let Some(text) = text_of(members, "separator")? else {
        return Ok(default);
    };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(sign), None) => Ok(sign),
        _ => Err(fault(at, "a separator is one character")),
    }
}

/// A tree as JSON: words that were not quoted are flags, numbers or nothing, as in YAML.
fn plain(item: &Item) -> Json {
    match &item.value {
        Value::Text { text, plain: true } => match text.as_str() {
            "" | "~" | "null" | "Null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            text => match text.parse::<u64>() {
                Ok(number) if number.to_string() == text => number.into(),
                _ => text.into(),
            },
        },
        Value::Text { text, .. } => text.as_str().into(),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(members) => {
            let members = members.iter();
            let members = members.map(|member| (member.name.clone(), plain(&member.item)));
            Json::Object(members.collect())
        }
    }
}
