//! The bytes of a record: the body of a `resource` or `repository` statement.
//!
//! `{"sources":[{method, scheme, …}],"title":[{"v":"Algèbre","lang":"fr","path":"title.fr","src":0}],…}`: members
//! sorted, no white space, sources written once and named by their number. Bodies come from other members of the
//! commons: what is not fit to be shown is left out and counted, what is not known is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::json::{parse, write_sorted};
use super::limits::{MAX_BODY_BYTES, MAX_VALUES};
use super::person::{self, Affiliation, Creator};
use super::problem::Report;
use super::record::{BodyError, Method, Record, Source, Value};
use super::software::{self, Contact, Dependency, Link};
use super::text::{Room, check};
use super::values::{self, Read};
use super::view::{FileNote, Relation, Subject};

impl Record {
    /// The bytes of the body: the same record always gives the same bytes (R-07-13).
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] when they exceed what a body may hold.
    pub fn to_body(&self) -> Result<Vec<u8>, BodyError> {
        let mut writer = Writer {
            members: self.unknown.clone(),
            sources: BTreeMap::new(),
        };
        self.collect_sources(&mut writer);
        let text = |v: &String| Json::String(v.clone());
        writer.put("kind", &self.kind, text);
        writer.put("title", &self.title, text);
        writer.put("summary", &self.summary, text);
        writer.put("description", &self.description, text);
        writer.put("keywords", &self.keywords, text);
        writer.put("language", &self.language, text);
        writer.put("creators", &self.creators, person_json);
        writer.put("contributors", &self.contributors, person_json);
        writer.put("created", &self.created, text);
        writer.put("published", &self.published, text);
        writer.put("modified", &self.modified, text);
        writer.put("version", &self.version, text);
        writer.put("status", &self.status, text);
        writer.put("licence", &self.licence, text);
        writer.put("licence_statement", &self.licence_statement, text);
        writer.put("resource_type", &self.resource_type, text);
        writer.put("level", &self.level, text);
        writer.put("subject", &self.subject, subject_json);
        writer.put("relations", &self.relations, relation_json);
        writer.put("aliases", &self.aliases, text);
        writer.put("files", &self.files, file_json);
        writer.put("programming_language", &self.programming_language, text);
        writer.put("platform", &self.platform, text);
        writer.put("development_status", &self.development_status, text);
        writer.put("software_type", &self.software_type, text);
        writer.put("maintenance", &self.maintenance, text);
        writer.put("category", &self.category, text);
        writer.put("used_by", &self.used_by, text);
        writer.put("links", &self.links, link_json);
        writer.put("dependencies", &self.dependencies, dependency_json);
        writer.put("contacts", &self.contacts, contact_json);
        if !self.extra.is_empty() {
            writer
                .members
                .insert("extra".into(), Json::Object(self.extra.clone()));
        }
        let sources: Vec<Json> = writer.sources.keys().map(source_json).collect();
        writer
            .members
            .insert("sources".into(), Json::Array(sources));
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
        let mut record = Record {
            kind: reader.take("kind", values::kind),
            title: reader.take("title", values::title),
            summary: reader.take("summary", values::prose),
            description: reader.take("description", values::prose),
            keywords: reader.take("keywords", values::line),
            language: reader.take("language", values::language),
            creators: reader.take("creators", person::creator),
            contributors: reader.take("contributors", person::contributor),
            created: reader.take("created", values::date),
            published: reader.take("published", values::date),
            modified: reader.take("modified", values::date),
            version: reader.take("version", values::line),
            status: reader.take("status", values::status),
            licence: reader.take("licence", values::licence),
            licence_statement: reader.take("licence_statement", values::prose),
            resource_type: reader.take("resource_type", values::resource_type),
            level: reader.take("level", values::level),
            subject: reader.take("subject", values::subject),
            relations: reader.take("relations", values::relation),
            aliases: reader.take("aliases", values::target),
            files: reader.take("files", values::file),
            programming_language: reader.take("programming_language", values::line),
            platform: reader.take("platform", values::line),
            development_status: reader.take("development_status", values::line),
            software_type: reader.take("software_type", values::line),
            maintenance: reader.take("maintenance", values::line),
            category: reader.take("category", values::line),
            used_by: reader.take("used_by", values::line),
            links: reader.take("links", software::link),
            dependencies: reader.take("dependencies", software::dependency),
            contacts: reader.take("contacts", software::contact),
            ..Record::default()
        };
        if let Some(Json::Object(extra)) = reader.members.remove("extra") {
            record.extra = extra;
        }
        record.unknown = reader.members;
        record.skipped = reader.skipped;
        Ok(record)
    }

    fn collect_sources(&self, writer: &mut Writer) {
        let strings = [
            &self.kind,
            &self.title,
            &self.summary,
            &self.description,
            &self.keywords,
            &self.language,
            &self.created,
            &self.published,
            &self.modified,
            &self.version,
            &self.status,
            &self.licence,
            &self.licence_statement,
            &self.resource_type,
            &self.level,
            &self.aliases,
            &self.programming_language,
            &self.platform,
            &self.development_status,
            &self.software_type,
            &self.maintenance,
            &self.category,
            &self.used_by,
        ];
        for values in strings {
            writer.know(values);
        }
        writer.know(&self.creators);
        writer.know(&self.contributors);
        writer.know(&self.subject);
        writer.know(&self.relations);
        writer.know(&self.files);
        writer.know(&self.links);
        writer.know(&self.dependencies);
        writer.know(&self.contacts);
        for (number, slot) in writer.sources.values_mut().enumerate() {
            *slot = number;
        }
    }
}

/// Members while they are put together; sources are numbered in their own order, not in that of their use.
struct Writer {
    members: Map<String, Json>,
    sources: BTreeMap<Source, usize>,
}

impl Writer {
    fn know<T>(&mut self, values: &[Value<T>]) {
        for value in values {
            if !self.sources.contains_key(&*value.src) {
                self.sources.insert((*value.src).clone(), 0);
            }
        }
    }

    fn put<T>(&mut self, field: &str, values: &[Value<T>], write: fn(&T) -> Json) {
        if values.is_empty() {
            return;
        }
        let list = values
            .iter()
            .map(|value| {
                let mut object = Map::new();
                object.insert("v".into(), write(&value.v));
                insert(&mut object, "lang", &value.lang);
                if !value.path.is_empty() {
                    object.insert("path".into(), value.path.as_str().into());
                }
                object.insert(
                    "src".into(),
                    self.sources
                        .get(&*value.src)
                        .copied()
                        .unwrap_or_default()
                        .into(),
                );
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

fn person_json(person: &Creator) -> Json {
    let mut object = Map::new();
    object.insert("name".into(), person.name.as_str().into());
    insert(&mut object, "orcid", &person.orcid);
    insert(&mut object, "idref", &person.idref);
    insert(&mut object, "role", &person.role);
    if let Some(Affiliation { name, ror }) = &person.affiliation {
        let mut affiliation = Map::new();
        affiliation.insert("name".into(), name.as_str().into());
        insert(&mut affiliation, "ror", ror);
        object.insert("affiliation".into(), Json::Object(affiliation));
    }
    Json::Object(object)
}

fn subject_json(subject: &Subject) -> Json {
    let mut object = Map::new();
    object.insert("scheme".into(), subject.scheme.as_str().into());
    object.insert("notation".into(), subject.notation.as_str().into());
    if !subject.label.is_empty() {
        let label = subject
            .label
            .iter()
            .map(|(lang, text)| (lang.clone(), text.as_str().into()))
            .collect();
        object.insert("label".into(), Json::Object(label));
    }
    Json::Object(object)
}

fn relation_json(relation: &Relation) -> Json {
    let mut object = Map::new();
    object.insert("type".into(), relation.kind.as_str().into());
    object.insert("target".into(), relation.target.as_str().into());
    insert(&mut object, "title", &relation.title);
    Json::Object(object)
}

fn link_json(link: &Link) -> Json {
    json!({"type": link.kind, "url": link.url})
}

fn dependency_json(dependency: &Dependency) -> Json {
    let mut object = Map::new();
    object.insert("name".into(), dependency.name.as_str().into());
    object.insert("type".into(), dependency.kind.as_str().into());
    insert(&mut object, "version", &dependency.version);
    insert(&mut object, "link", &dependency.link);
    if dependency.optional {
        object.insert("optional".into(), true.into());
    }
    Json::Object(object)
}

fn contact_json(contact: &Contact) -> Json {
    let mut object = Map::new();
    object.insert("name".into(), contact.name.as_str().into());
    object.insert("role".into(), contact.role.as_str().into());
    insert(&mut object, "email", &contact.email);
    insert(&mut object, "url", &contact.url);
    insert(&mut object, "affiliation", &contact.affiliation);
    insert(&mut object, "until", &contact.until);
    Json::Object(object)
}

fn file_json(file: &FileNote) -> Json {
    json!({"path": file.path, "type": file.media_type, "size": file.size})
}
