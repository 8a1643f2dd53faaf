//! The bytes of a record: the body of a `resource` or `repository` statement.
//!
//! `{"sources":[{method, scheme, …}],"title":[{"v":"Algèbre","lang":"fr","path":"title.fr","src":0}],…}`: members
//! sorted, no white space, sources written once and named by their number. Bodies come from other members of the
//! commons: what is not fit to be shown is left out and counted, what is not known is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::fields::each_field;
use super::json::{parse, write_sorted};
use super::limits::{MAX_BODY_BYTES, MAX_VALUES};
use super::problem::Report;
use super::record::{BodyError, Method, Record, Source, Value};
use super::text::{Room, check};
use super::values::{self, Read};
use super::written::Written;
use super::{annotation, concept, duration, file, notice, person, relation, requirement, software};

macro_rules! body {
    ($($(#[$doc:meta])* $name:ident => $plain:ident: $shape:ident $type:ty, $read:path, $asked:ident;)*) => {
        impl Record {
            fn put_all(&self, writer: &mut Writer) {
                $(writer.put(stringify!($name), &self.$name);)*
                writer.put("cleared", &self.cleared);
            }

            fn take_all(reader: &mut Reader) -> Record {
                Record {
                    $($name: reader.take(stringify!($name), $read),)*
                    cleared: reader.take("cleared", values::line),
                    ..Record::default()
                }
            }
        }
    };
}
each_field!(body);

impl Record {
    /// The bytes of the body: the same record always gives the same bytes (R-07-13).
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] when they exceed what a body may hold.
    pub fn to_body(&self) -> Result<Vec<u8>, BodyError> {
        let sources = self.sources();
        let list = sources.iter().map(|source| source_json(source)).collect();
        let mut writer = Writer {
            members: self.unknown.clone(),
            sources: sources.into_iter().zip(0..).collect(),
        };
        self.put_all(&mut writer);
        if !self.extra.is_empty() {
            writer
                .members
                .insert("extra".into(), Json::Object(self.extra.clone()));
        }
        insert(&mut writer.members, "undoes", &self.undoes);
        writer.members.insert("sources".into(), Json::Array(list));
        let mut out = String::new();
        write_sorted(&Json::Object(writer.members), &mut out);
        if out.len() > MAX_BODY_BYTES {
            return Err(BodyError::TooLarge { bytes: out.len() });
        }
        Ok(out.into_bytes())
    }

    /// Reads a body. Values that are not fit are left out and counted in [`Record::skipped`] (R-07-16).
    ///
    /// # Errors
    /// Only when the bytes are not a JSON object within the limits.
    pub fn from_body(bytes: &[u8]) -> Result<Record, BodyError> {
        let Json::Object(mut members) = parse(bytes).map_err(BodyError::Json)? else {
            return Err(BodyError::NotAnObject);
        };
        let sources = match members.remove("sources") {
            Some(Json::Array(list)) => list
                .iter()
                .map(|value| source(value).map(Arc::new))
                .collect(),
            _ => Vec::new(),
        };
        let mut reader = Reader {
            members,
            sources,
            skipped: 0,
        };
        let mut record = Record::take_all(&mut reader);
        record.undoes = reader.members.remove("undoes").as_ref().and_then(short);
        if let Some(Json::Object(extra)) = reader.members.remove("extra") {
            record.extra = extra;
        }
        record.unknown = reader.members;
        record.skipped = reader.skipped;
        Ok(record)
    }
}

/// Members while they are put together; sources are numbered in their own order, not in that of their use.
struct Writer<'a> {
    members: Map<String, Json>,
    sources: BTreeMap<&'a Source, usize>,
}

impl Writer<'_> {
    fn put<T: Written>(&mut self, field: &str, values: &[Value<T>]) {
        if values.is_empty() {
            return;
        }
        let list = values
            .iter()
            .map(|value| {
                let mut object = Map::new();
                object.insert("v".into(), value.v.written());
                insert(&mut object, "lang", &value.lang);
                if !value.path.is_empty() {
                    object.insert("path".into(), value.path.as_str().into());
                }
                let source = self.sources.get(&*value.src).copied().unwrap_or_default();
                object.insert("src".into(), source.into());
                Json::Object(object)
            })
            .collect();
        self.members.insert(field.to_owned(), Json::Array(list));
    }
}

struct Reader {
    members: Map<String, Json>,
    sources: Vec<Option<Arc<Source>>>,
    skipped: usize,
}

impl Reader {
    fn take<T>(&mut self, field: &str, read: Read<T>) -> Vec<Value<T>> {
        let list = match self.members.remove(field) {
            None => return Vec::new(),
            Some(Json::Array(list)) => list,
            Some(_) => {
                self.skipped += 1;
                return Vec::new();
            }
        };
        self.skipped += list.len().saturating_sub(MAX_VALUES);
        let mut values = Vec::new();
        for item in list.iter().take(MAX_VALUES) {
            match self.value(item, read) {
                Some(value) => values.push(value),
                None => self.skipped += 1,
            }
        }
        values
    }

    fn value<T>(&self, item: &Json, read: Read<T>) -> Option<Value<T>> {
        let object = item.as_object()?;
        let number = object.get("src")?.as_u64()?;
        let src = self.sources.get(usize::try_from(number).ok()?)?.clone()?;
        let mut report = Report::default();
        let v = read(object.get("v")?, "", &mut report)?;
        // A person with a wrong ORCID is refused as a whole: half a value would be a new one.
        if !report.problems.is_empty() {
            return None;
        }
        let lang = match object.get("lang") {
            Some(tag) => Some(super::language::normalise(tag.as_str()?).ok()?),
            None => None,
        };
        let path = match object.get("path") {
            Some(path) => short(path)?,
            None => String::new(),
        };
        Some(Value { v, lang, path, src })
    }
}

fn short(value: &Json) -> Option<String> {
    check(value.as_str()?, Room::Line).ok().map(str::to_owned)
}

fn source(value: &Json) -> Option<Source> {
    let object = value.as_object()?;
    let optional = |member: &str| match object.get(member) {
        None => Some(None),
        Some(value) => short(value).map(Some),
    };
    Some(Source {
        scheme: short(object.get("scheme")?)?,
        origin: optional("origin")?,
        date: optional("date")?,
        method: Method::parse(object.get("method")?.as_str()?)?,
        by: optional("by")?,
    })
}

fn source_json(source: &Source) -> Json {
    let mut object = Map::new();
    object.insert("scheme".into(), source.scheme.as_str().into());
    object.insert("method".into(), source.method.as_str().into());
    insert(&mut object, "origin", &source.origin);
    insert(&mut object, "date", &source.date);
    insert(&mut object, "by", &source.by);
    Json::Object(object)
}

fn insert(object: &mut Map<String, Json>, member: &str, value: &Option<String>) {
    if let Some(value) = value {
        object.insert(member.to_owned(), value.as_str().into());
    }
}
