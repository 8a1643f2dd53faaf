//! The form that people write.

use serde_json::{Map, Value as Json};

use super::fields::each_field;
use super::json;
use super::limits::MAX_VALUES;
use super::problem::{Problem, Problems, Report};
use super::shape::TABLE;
use super::values::{self, Read, wrong_type};
use super::view::View;
use super::{annotation, concept, duration, file, notice, person, relation, requirement, software};
use crate::name::Slug;
use crate::vocab;

/// A metadata document that was read without a problem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// The slug, if the document names one.
    pub slug: Option<String>,
    /// What it says.
    pub values: View,
    /// Members that the model has no field for; kept in the record.
    pub extra: Map<String, Json>,
    /// What the author should know though nothing is wrong.
    pub warnings: Vec<Problem>,
}

/// The members of the form that are no fields of a record.
const OTHER_MEMBERS: [&str; 2] = ["slug", "license"];

/// The members of the form.
pub(super) fn members() -> impl Iterator<Item = &'static str> {
    let asked = TABLE.iter().filter(|field| field.asked);
    OTHER_MEMBERS
        .into_iter()
        .chain(asked.map(|field| field.name))
}

/// What other forms call our members.
const OTHER_NAMES: [(&str, &str); 14] = [
    ("name", "title"),
    ("author", "creators"),
    ("authors", "creators"),
    ("creator", "creators"),
    ("contributor", "contributors"),
    ("tags", "keywords"),
    ("keyword", "keywords"),
    ("lang", "language"),
    ("inLanguage", "language"),
    ("abstract", "summary"),
    ("about", "subject"),
    ("type", "resource_type"),
    ("learningResourceType", "resource_type"),
    ("educationalLevel", "level"),
];

impl Input {
    /// Reads the bytes of a `metadata.json`. On failure, **all** that is wrong, each with the field, what is wrong
    /// and what to do (R-07-02).
    pub fn parse(bytes: &[u8]) -> Result<Input, Problems> {
        let document = json::parse(bytes).map_err(|problem| Problems(vec![problem]))?;
        Input::from_json(document)
    }

    /// Reads a document already parsed by [`parse_json`](super::parse_json) (the CLI sets members from flags in between).
    pub fn from_json(document: Json) -> Result<Input, Problems> {
        let mut report = Report::default();
        let Json::Object(mut object) = document else {
            wrong_type(
                &document,
                "",
                "one object with members such as title and licence",
                &mut report,
            );
            return Err(Problems(report.problems));
        };
        if object.len() > MAX_VALUES {
            report.problem(
                "",
                format!("has {} members, the most is {MAX_VALUES}", object.len()),
                "remove those that are not in the documentation",
            );
            return Err(Problems(report.problems));
        }
        object.remove("$schema");
        report.language = first_language(&object);
        let mut form = Form { object, report };
        let input = form.read();
        if form.report.problems.is_empty() {
            Ok(Input {
                warnings: form.report.warnings,
                ..input
            })
        } else {
            Err(Problems(form.report.problems))
        }
    }
}

/// The document while its members are taken out one by one.
struct Form {
    object: Map<String, Json>,
    report: Report,
}

/// The first language of the content, in which texts are that name none (R-07-06).
fn first_language(object: &Map<String, Json>) -> String {
    let written = match object.get("language") {
        Some(Json::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let mut aside = Report::default();
    written
        .iter()
        .find_map(|tag| values::language(tag, "language", &mut aside))
        .unwrap_or(aside.language)
}

macro_rules! ask {
    (asked $form:ident $shape:ident $name:ident $read:path) => {
        $form.$shape(stringify!($name), $read)
    };
    (found $form:ident $shape:ident $name:ident $read:path) => {
        Default::default()
    };
}

macro_rules! form {
    ($($(#[$doc:meta])* $name:ident => $plain:ident: $shape:ident $type:ty, $read:path, $asked:ident;)*) => {
        fn read_fields(form: &mut Form) -> View {
            View {
                $($plain: ask!($asked form $shape $name $read),)*
                coverage_paths: Vec::new(),
                beside: Vec::new(),
            }
        }
    };
}
each_field!(form);

impl Form {
    fn read(&mut self) -> Input {
        let slug = self.one("slug", values::line);
        let slug = slug.filter(|slug| self.slug_is_valid(slug));
        if self.object.contains_key("licence") && self.object.contains_key("license") {
            self.report.problem(
                "license",
                "is there beside `licence`",
                "keep `licence` only",
            );
        } else if let Some(licence) = self.object.remove("license") {
            self.object.insert("licence".into(), licence);
        }
        let values = read_fields(self);
        let extra = std::mem::take(&mut self.object);
        for member in extra.keys() {
            let fix = match meant(member) {
                Some(known) => format!("did you mean {known}?"),
                None => String::new(),
            };
            self.report.warning(
                member,
                "is not a member that is known here; it is kept but not used",
                fix,
            );
        }
        Input {
            slug,
            values,
            extra,
            warnings: Vec::new(),
        }
    }

    fn slug_is_valid(&mut self, slug: &str) -> bool {
        let checked = Slug::new(slug);
        if let Err(cause) = &checked {
            self.report
                .problem("slug", cause.to_string(), "write a slug such as algebre-l1");
        }
        checked.is_ok()
    }

    fn one<T>(&mut self, member: &str, read: Read<T>) -> Option<T> {
        let value = self.object.remove(member)?;
        read(&value, member, &mut self.report)
    }

    /// A list, or one value alone.
    fn list<T: PartialEq>(&mut self, member: &str, read: Read<T>) -> Vec<T> {
        let Some(value) = self.object.remove(member) else {
            return Vec::new();
        };
        let Json::Array(items) = value else {
            return read(&value, member, &mut self.report).into_iter().collect();
        };
        self.items(&items, member, read)
    }

    fn items<T: PartialEq>(&mut self, items: &[Json], at: &str, read: Read<T>) -> Vec<T> {
        self.not_too_many(items.len(), at);
        let mut list: Vec<T> = Vec::new();
        for (number, item) in items.iter().take(MAX_VALUES).enumerate() {
            let at = format!("{at}[{number}]");
            let Some(value) = read(item, &at, &mut self.report) else {
                continue;
            };
            if list.contains(&value) {
                self.report.warning(&at, "is there twice", "");
            } else {
                list.push(value);
            }
        }
        list
    }

    fn not_too_many(&mut self, count: usize, at: &str) {
        if count > MAX_VALUES {
            self.report.problem(
                at,
                format!("has {count} values, the most is {MAX_VALUES}"),
                "keep the best ones",
            );
        }
    }

    /// `{language: text}`, or a text in the first language of the content (R-07-06).
    fn texts(&mut self, member: &str, read: Read<String>) -> Vec<(String, String)> {
        match self.object.remove(member) {
            Some(value) => values::texts_of(&value, member, read, &mut self.report),
            None => Vec::new(),
        }
    }

    /// `{language: [words]}`, or a list of words in the first language of the content.
    fn words(&mut self, member: &str, read: Read<String>) -> Vec<(String, String)> {
        let Some(value) = self.object.remove(member) else {
            return Vec::new();
        };
        let mut groups: Vec<(String, String, Json)> = match value {
            Json::Object(groups) => groups
                .into_iter()
                .filter_map(|(tag, words)| {
                    let at = format!("{member}.{tag}");
                    let tag = values::tag_of(&tag, &at, &mut self.report)?;
                    Some((tag, at, words))
                })
                .collect(),
            plain => vec![(self.report.language.clone(), member.to_owned(), plain)],
        };
        groups.sort_by(|a, b| a.0.cmp(&b.0));
        let mut words = Vec::new();
        for (tag, at, group) in groups {
            let list = match &group {
                Json::Array(items) => self.items(items, &at, read),
                Json::String(_) => read(&group, &at, &mut self.report).into_iter().collect(),
                _ => {
                    wrong_type(&group, &at, "a list of words", &mut self.report);
                    continue;
                }
            };
            words.extend(list.into_iter().map(|word| (tag.clone(), word)));
        }
        self.not_too_many(words.len(), member);
        words
    }
}

/// The member that an unknown one was probably meant to be.
fn meant(member: &str) -> Option<&'static str> {
    if let Some((_, known)) = OTHER_NAMES.iter().find(|(other, _)| *other == member) {
        return Some(known);
    }
    members()
        .map(|known| (vocab::distance(member, known), known))
        .min_by_key(|(far, _)| *far)
        .filter(|(far, _)| *far <= 2)
        .map(|(_, known)| known)
}
