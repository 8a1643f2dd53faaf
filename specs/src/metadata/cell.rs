//! The values of a field as one cell of a table, and back.
//!
//! A text stands as it is. Several values stand between bars (`suite | série`). A value of several parts stands in the
//! short form that its reader knows (a name, `iscedf-0541`), else as JSON. What is written here reads back to the same.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value as Json};

use super::language;
use super::limits::MAX_VALUES;
use super::problem::Report;
use super::record::{Method, Record, Source, Value};
use super::shape::{Field, Shape, TABLE};
use super::view::View;

/// What stands between two values of a cell.
const BAR: char = '|';

/// What people and spreadsheets write for a flag, in English and French.
const FLAGS: [(&str, bool); 8] = [
    ("true", true),
    ("vrai", true),
    ("yes", true),
    ("oui", true),
    ("false", false),
    ("faux", false),
    ("no", false),
    ("non", false),
];

/// A field, or one language of it: `title[fr]`, `creators`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field.
    pub field: &'static Field,
    /// The language, for texts and words only; without one, the first of the content.
    pub lang: Option<String>,
}

/// Why a name is none of a column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// No such field.
    #[error("{0:?} is not a field; {like}", like = fields_like(.0))]
    Field(String),
    /// A language where there is none.
    #[error("{0} is not written in a language")]
    NoLanguage(&'static str),
    /// Not a language.
    #[error("{tag:?} is not a language tag; {fix}")]
    Language {
        /// What was written.
        tag: String,
        /// What to write.
        fix: String,
    },
}

/// What to write in the place of a name that is none of a field: the nearest, or where all are.
fn fields_like(name: &str) -> String {
    let near = TABLE
        .iter()
        .map(|field| (crate::vocab::distance(name, field.name), field.name));
    match near.min().filter(|(edits, _)| *edits <= 2) {
        Some((_, field)) => format!("the nearest is {field}"),
        None => "title, summary, description, keywords, language, creators, licence, resource_type, level and subject are some; \
                 specs/metadata.md lists them all"
            .to_owned(),
    }
}

impl Column {
    /// The column of a field, in a language where one is named.
    ///
    /// # Errors
    /// See [`ColumnError`].
    pub fn new(field: &str, lang: Option<&str>) -> Result<Column, ColumnError> {
        let known = TABLE.iter().find(|known| known.name == field);
        let short = |text: &str| super::problem::shorten(text);
        let field = known.ok_or_else(|| ColumnError::Field(short(field)))?;
        let lang = match lang {
            Some(_) if !is_text(field) => return Err(ColumnError::NoLanguage(field.name)),
            Some(tag) => Some(
                language::normalise(tag).map_err(|fix| ColumnError::Language {
                    tag: short(tag),
                    fix,
                })?,
            ),
            None => None,
        };
        Ok(Column { field, lang })
    }

    /// What a view shows in this column; empty where it has nothing.
    pub fn cell(&self, view: &View) -> String {
        self.of(&view.to_json())
    }

    /// As [`Column::cell`], of a document.
    pub fn of(&self, document: &Map<String, Json>) -> String {
        match self.value(document) {
            Some(value) => self.write(value),
            None => String::new(),
        }
    }

    /// The value of this column in a document.
    pub fn value<'a>(&self, document: &'a Map<String, Json>) -> Option<&'a Json> {
        let value = document.get(self.field.name)?;
        if !is_text(self.field) {
            return Some(value);
        }
        let first = document
            .get("language")
            .and_then(|languages| match languages {
                Json::Array(list) => list.first()?.as_str(),
                other => other.as_str(),
            });
        let lang = self.lang.as_deref().or(first).unwrap_or("und");
        value.get(lang)
    }

    fn write(&self, value: &Json) -> String {
        match (self.field.shape, value) {
            (Shape::Texts, Json::String(text)) => text.clone(),
            (Shape::One, value) => self.one(value).unwrap_or_else(|| value.to_string()),
            (_, Json::Array(list)) => {
                let written = list
                    .iter()
                    .map(|value| self.one(value).filter(|text| !text.contains(BAR)));
                match written.collect::<Option<Vec<String>>>() {
                    Some(texts) => texts.join(&format!(" {BAR} ")),
                    None => value.to_string(),
                }
            }
            _ => value.to_string(),
        }
    }

    /// The short form of one value, if there is one that reads back to it.
    fn one(&self, value: &Json) -> Option<String> {
        let short = match value {
            Json::String(text) => text.clone(),
            Json::Bool(_) | Json::Number(_) => value.to_string(),
            Json::Object(members) => {
                let text = |name: &str| members.get(name).and_then(Json::as_str);
                match (text("name"), text("scheme"), text("notation")) {
                    (Some(name), ..) => name.to_owned(),
                    (None, Some(scheme), Some(notation)) => format!("{scheme}-{notation}"),
                    _ => return None,
                }
            }
            _ => return None,
        };
        let plain = short.trim() == short && !short.is_empty() && !is_json(&short);
        let same =
            || is_text(self.field) || self.accepts(&self.read_one(&short)) == Some(value.clone());
        (plain && same()).then_some(short)
    }

    /// What a cell says, as one writes it in a document; `None` where it is empty. A text is the text; values of several
    /// parts may be written as JSON.
    pub fn read(&self, cell: &str) -> Option<Json> {
        self.read_by(cell, BAR)
    }

    /// As [`Column::read`], with another sign between values.
    pub fn read_by(&self, cell: &str, bar: char) -> Option<Json> {
        let text = cell.trim();
        if text.is_empty() {
            return None;
        }
        Some(match self.field.shape {
            Shape::Texts => text.into(),
            Shape::One => self.read_one(text),
            Shape::List | Shape::Words => match json(text) {
                Some(Json::Array(list)) => Json::Array(list),
                Some(one) => Json::Array(vec![one]),
                None => {
                    let parts = text
                        .split(bar)
                        .map(str::trim)
                        .filter(|part| !part.is_empty());
                    parts.map(|part| self.read_one(part)).collect()
                }
            },
        })
    }

    /// One value: JSON, or a text that stands for a flag or a number where the field has these.
    fn read_one(&self, text: &str) -> Json {
        if let Some(value) = json(text) {
            return value;
        }
        let plain = Json::from(text);
        if is_text(self.field) || self.accepts(&plain).is_some() {
            return plain;
        }
        let flag = FLAGS
            .iter()
            .find(|(word, _)| text.eq_ignore_ascii_case(word));
        let flag = flag.map(|(_, flag)| Json::Bool(*flag));
        let number = || text.parse::<u64>().ok().map(Json::from);
        flag.or_else(number)
            .filter(|value| self.accepts(value).is_some())
            .unwrap_or(plain)
    }

    /// What the field's reader makes of one value; `None` where it refuses it.
    fn accepts(&self, value: &Json) -> Option<Json> {
        let mut scratch = Record::default();
        let src = Source {
            method: Method::Corrected,
            ..Source::declared(None, None, None)
        };
        let value = Value {
            v: value.clone(),
            lang: None,
            path: String::new(),
            src: src.into(),
        };
        scratch.put(self.field.name, &value).ok()?;
        scratch.values(self.field.name).pop().map(|read| read.v)
    }

    /// What a document says in this field with a value in this column: itself, or `{language: value}`.
    pub fn stated(&self, value: Json) -> Json {
        match &self.lang {
            Some(lang) => Json::Object(Map::from_iter([(lang.clone(), value)])),
            None => value,
        }
    }

    /// Adds what a cell says to a record: one value after the other, each checked as in a document. `source` is where it
    /// came from, `path` where it stood there; `und` stands for a column without a language.
    ///
    /// Gives what is wrong with values that were left out, and warnings about others, each by whether it is wrong.
    pub fn put(
        &self,
        record: &mut Record,
        value: &Json,
        path: &str,
        source: &std::sync::Arc<Source>,
    ) -> Vec<(bool, super::Problem)> {
        let mut told = Vec::new();
        let values = match (self.field.shape, value) {
            (Shape::List | Shape::Words, Json::Array(list)) => list.as_slice(),
            _ => std::slice::from_ref(value),
        };
        for v in values.iter().take(MAX_VALUES) {
            let lang = self.lang.clone().unwrap_or_else(|| "und".to_owned());
            let value = Value {
                v: v.clone(),
                lang: is_text(self.field).then_some(lang),
                path: path.to_owned(),
                src: source.clone(),
            };
            match record.put(self.field.name, &value) {
                Ok(warnings) => told.extend(warnings.into_iter().map(|w| (false, w))),
                Err(problems) => told.extend(problems.0.into_iter().map(|p| (true, p))),
            }
        }
        if values.len() > MAX_VALUES {
            let mut report = Report::default();
            let what = format!("has {} values, the most is {MAX_VALUES}", values.len());
            report.problem(self.field.name, what, "keep the best ones");
            told.extend(report.problems.into_iter().map(|p| (true, p)));
        }
        told
    }
}

fn is_text(field: &Field) -> bool {
    matches!(field.shape, Shape::Texts | Shape::Words)
}

/// Whether a text could be taken for JSON.
fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[', '"']) && json(text).is_some()
}

fn json(text: &str) -> Option<Json> {
    if !text.starts_with(['{', '[', '"']) {
        return None;
    }
    super::json::parse(text.as_bytes()).ok()
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.name)?;
        match &self.lang {
            Some(lang) => write!(f, "[{lang}]"),
            None => Ok(()),
        }
    }
}

impl FromStr for Column {
    type Err = ColumnError;

    fn from_str(text: &str) -> Result<Self, ColumnError> {
        let text = text.trim();
        match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((field, lang)) => Column::new(field.trim(), Some(lang.trim())),
            None => Column::new(text, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::metadata::Input;

    fn column(name: &str) -> Column {
        name.parse().unwrap()
    }

    fn view() -> View {
        let text = json!({
            "title": {"fr": "=1+1 | [x]", "en": "Sums"}, "language": "fr", "free": true, "size": 12,
            "keywords": {"fr": ["suite", "série | somme"]}, "creators": ["Ada Byron", {"name": "Max", "orcid": "0000-0002-1825-0097"}],
            "publishers": ["Université d'Angers"], "subject": ["iscedf-0541", {"scheme": "dewey", "notation": "515"}],
            "level": ["fr-l1", "fr-l2"], "version": "\"1\"", "created": "2024", "relations": [{"type": "isBasedOn", "target": "a/bc"}],
            "accessibility_sufficient": [["textual", "visual"]], "age_range": "-6", "learning_time": "PT1H30M", "outcomes": ["savoir"],
        });
        Input::from_json(text).unwrap().values
    }

    #[test]
    fn cells_read_as_people_expect() {
        let view = view();
        for (name, cell) in [
            ("title[fr]", "=1+1 | [x]"),
            ("title", "=1+1 | [x]"),
            ("title[de]", ""),
            ("keywords[fr]", r#"["suite","série | somme"]"#),
            ("publishers", "Université d'Angers"),
            ("level", "fr-l1 | fr-l2"),
            ("free", "true"),
            ("size", "12"),
            ("version", r#""\"1\"""#),
            ("age_range", "-6"),
        ] {
            assert_eq!(column(name).cell(&view), cell, "{name}");
        }
        assert_eq!(column("free").read("VRAI"), Some(json!(true)));
        assert_eq!(column("size").read(" 7 "), Some(json!(7)));
        assert_eq!(column("version").read("7"), Some(json!("7")));
        assert_eq!(column("keywords").read("a | b|"), Some(json!(["a", "b"])));
        assert_eq!(column("title").read("  "), None);
        assert_eq!(column("title").read("[x"), Some(json!("[x")));
        assert_eq!(
            column("level").read_by("L1;fr-l2", ';'),
            Some(json!(["L1", "fr-l2"]))
        );
    }

    #[test]
    fn what_is_written_in_a_cell_reads_back_to_the_same() {
        let view = view();
        let document = view.to_json();
        for (field, value) in &document {
            let langs: Vec<Option<String>> = match column(field).field.shape {
                Shape::Texts | Shape::Words => value
                    .as_object()
                    .unwrap()
                    .keys()
                    .cloned()
                    .map(Some)
                    .collect(),
                _ => vec![None],
            };
            for lang in langs {
                let column = Column::new(field, lang.as_deref()).unwrap();
                let read = column.read(&column.cell(&view)).unwrap();
                let mut again = Map::from_iter([(field.clone(), column.stated(read))]);
                again.insert("language".into(), json!("fr"));
                let again = Input::from_json(Json::Object(again))
                    .unwrap()
                    .values
                    .to_json();
                assert_eq!(column.value(&again), column.value(&document), "{column}");
            }
        }
    }

    #[test]
    fn what_is_no_column_is_refused() {
        assert_eq!(
            "titel".parse::<Column>(),
            Err(ColumnError::Field("titel".into()))
        );
        assert_eq!(
            "level[fr]".parse::<Column>(),
            Err(ColumnError::NoLanguage("level"))
        );
        assert!("title[??]".parse::<Column>().is_err());
        assert_eq!(column("title[fre]").to_string(), "title[fr]");
    }

    #[test]
    fn a_cell_goes_into_a_record_value_by_value() {
        let mut record = Record::default();
        let source = std::sync::Arc::new(Source::declared(None, None, None));
        let column = column("level");
        let told = column.put(&mut record, &json!(["fr-l1", "nothing"]), "Niveau", &source);
        assert_eq!(told.len(), 1);
        assert!(told[0].0);
        assert_eq!(record.level[0].path, "Niveau");
    }
}
