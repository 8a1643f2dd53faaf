//! From the vocabulary of schema.org to the model.

use std::collections::BTreeSet;

use commun_specs::metadata::{
    Annotation, Classification, Concept, Identifier, Link, MAX_VALUES, Notice, Value, is_target,
    normalise_language,
};
use serde_json::{Map, Value as Json};

use super::concept::named_by;
use super::names::{DOCUMENTS, KINDS, LINKS, SCHEMA};
use crate::crosswalk::lom::{runs, target};
use crate::crosswalk::{
    Draft, Origin, Paragraphs, Reading, Texts, draft,
    text::{Room, fit},
};

/// How names of schema.org are abbreviated where they are not plain.
const PREFIXES: [&str; 4] = [
    "schema:",
    "sdo:",
    "http://schema.org/",
    "https://schema.org/",
];

/// A member by its plain name, whatever it is prefixed with; `null` is no value.
pub(in super::super) fn get<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    let found = object.get(name).or_else(|| {
        let mut prefixed = PREFIXES.iter().map(|prefix| format!("{prefix}{name}"));
        prefixed.find_map(|name| object.get(&name))
    });
    found.filter(|value| !value.is_null())
}

/// The plain name of a member.
pub(super) fn plain_name(name: &str) -> &str {
    let mut prefixes = PREFIXES.iter();
    prefixes
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}

/// The classes of a thing, without the prefix of schema.org.
pub(in super::super) fn types(object: &Map<String, Json>) -> Vec<&str> {
    let written = object.get("@type").or_else(|| object.get("type"));
    let list = written.map_or(&[][..], each);
    let classes = list.iter().filter_map(|one| {
        let text = one.as_str()?.trim();
        let mut prefixes = PREFIXES.iter();
        Some(
            prefixes
                .find_map(|prefix| text.strip_prefix(prefix))
                .unwrap_or(text),
        )
    });
    classes.filter(|class| !class.is_empty()).collect()
}

/// The items of a list, also as JSON-LD spells one (`@list`, `@set`), or the one value.
pub(super) fn each(value: &Json) -> &[Json] {
    let inner = |object: &'_ Json| object.get("@list").is_some() || object.get("@set").is_some();
    match value {
        Json::Array(list) => list,
        object if inner(object) => match object.get("@list").or_else(|| object.get("@set")) {
            Some(Json::Array(list)) => list,
            Some(one) => std::slice::from_ref(one),
            None => &[],
        },
        one => std::slice::from_ref(one),
    }
}

/// The items of a list, or the one value, each with its path.
pub(super) fn placed<'a>(path: &str, value: &'a Json) -> Vec<(String, &'a Json)> {
    match each(value) {
        [one] if !value.is_array() => vec![(path.to_owned(), one)],
        list => {
            // One more than there is room for, so that the field says that it is full.
            let list = list.iter().enumerate().take(MAX_VALUES + 1);
            list.map(|(at, item)| (format!("{path}[{at}]"), item))
                .collect()
        }
    }
}

/// What something is called by.
pub(super) fn id(object: &Map<String, Json>) -> Option<&str> {
    let found = object.get("@id").or_else(|| object.get("id"));
    found
        .and_then(Json::as_str)
        .map(str::trim)
        .filter(|id| !id.is_empty())
}

/// A text, a number, or the value of an object that holds one.
pub(super) fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Object(object) => object.get("@value").and_then(plain),
        _ => None,
    }
}

/// A text, or the name of something.
pub(super) fn called(value: &Json) -> Option<String> {
    plain(value).or_else(|| {
        let object = value.as_object()?;
        ["name", "prefLabel", "title"].iter().find_map(|name| {
            let value = get(object, name)?;
            each(value).iter().find_map(plain).or_else(|| {
                let labels = value.as_object()?;
                labels.values().find_map(plain)
            })
        })
    })
}

/// An address: a text, or what leads to something.
pub(super) fn leads(value: &Json) -> Option<String> {
    if let Json::Object(object) = value {
        let names = ["contentUrl", "url", "embedUrl", "thumbnailUrl"];
        return id(object).map(str::to_owned).or_else(|| {
            names.iter().find_map(|name| {
                let value = get(object, name)?;
                each(value).iter().find_map(plain)
            })
        });
    }
    plain(value)
}

/// Reads one record.
pub(crate) struct Reader {
    pub(crate) draft: Draft,
    /// The language of texts that name none.
    pub(super) lang: Option<String>,
    scheme: &'static str,
    id: Option<String>,
    seen: Vec<&'static str>,
    /// Paths of objects of which nothing is left to be read.
    done: BTreeSet<String>,
}

impl Reader {
    /// A reader of a scheme; `lang`: the language of texts that name none, as the context says.
    pub(crate) fn new(scheme: &'static str, origin: &Origin, lang: Option<&str>) -> Reader {
        let mut draft = Draft::new(scheme, origin);
        let lang = lang.and_then(|tag| draft.language(tag, "@context.@language"));
        Reader {
            draft,
            lang,
            scheme,
            id: None,
            seen: Vec::new(),
            done: BTreeSet::new(),
        }
    }

    /// Reads a record; what is wrong with its spelling is said elsewhere.
    pub(crate) fn record(&mut self, top: &Map<String, Json>) {
        self.identity(top);
        self.types(top);
        self.texts(top);
        self.people(top);
        self.facts(top);
        self.rights(top);
        self.concepts(top);
        self.media(top);
        self.relations(top);
        self.others(top);
        for name in top.keys() {
            let bare = plain_name(name);
            let known = self.reads(bare) || bare.starts_with('@');
            if !known && !matches!(bare, "id" | "type") {
                self.whole(name, &top[name]);
            }
        }
        self.rest(top);
    }

    /// Takes note that nothing is left to be read at a place.
    pub(super) fn done(&mut self, path: String) {
        self.done.insert(path);
    }

    /// Whether nothing is left to be read at a place.
    pub(super) fn is_done(&self, path: &str) -> bool {
        self.done.contains(path)
    }

    /// Whether a property, by its plain name, was looked for.
    pub(super) fn reads(&self, name: &str) -> bool {
        self.seen.contains(&name)
    }

    /// What was read.
    pub(in super::super) fn finish(mut self) -> Reading {
        if !self.draft.states_licence() {
            self.draft.warn("no-licence", "license", "", "");
        }
        if self.draft.record.language.is_empty() {
            self.draft.info("no-language", "inLanguage", "", "");
        }
        if self.id.is_none() {
            self.draft.warn("no-identifier", "id", "", "");
        }
        self.draft.finish(self.id)
    }

    /// The values of a member, each with its path.
    pub(super) fn items<'a>(
        &mut self,
        top: &'a Map<String, Json>,
        name: &'static str,
    ) -> Vec<(String, &'a Json)> {
        self.seen.push(name);
        get(top, name).map_or_else(Vec::new, |value| placed(name, value))
    }

    /// The texts of a member, each with its path.
    pub(super) fn texts_of(
        &mut self,
        top: &Map<String, Json>,
        name: &'static str,
    ) -> Vec<(String, String)> {
        let items = self.items(top, name).into_iter();
        items
            .filter_map(|(path, item)| Some((path, called(item)?)))
            .collect()
    }

    /// Adds a value that was taken from a place.
    pub(super) fn put<T: PartialEq>(
        &mut self,
        field: fn(&mut commun_specs::metadata::Record) -> &mut Vec<Value<T>>,
        v: T,
        path: &str,
    ) {
        let value = self.draft.value(v, path);
        self.draft.push(field, value);
    }

    /// A tag, where it is one.
    fn tag(&mut self, written: &str, path: &str) -> Option<String> {
        match written {
            "und" | "" | "x-none" => None,
            tag => self.draft.language(tag, path),
        }
    }

    /// A text in all its languages: a text, `{@value, @language}`, `{language: text}`, a list of those.
    pub(super) fn spoken(&mut self, value: &Json, path: &str) -> Vec<(Option<String>, String)> {
        let mut all = Vec::new();
        for one in each(value).iter().take(MAX_VALUES) {
            match one {
                Json::Object(object) if object.contains_key("@value") => {
                    let Some(text) = plain(one) else { continue };
                    // A text with a language of none is not in that of the document.
                    let lang = object.get("@language").and_then(Json::as_str);
                    let lang = lang.and_then(|tag| self.tag(tag, path));
                    all.push((Some(lang.unwrap_or_else(|| "und".into())), text));
                }
                Json::Object(object) => {
                    let tagged = object.iter().take(MAX_VALUES);
                    for (tag, text) in tagged {
                        let Ok(lang) = normalise_language(tag) else {
                            continue;
                        };
                        for text in each(text).iter().filter_map(plain).take(MAX_VALUES) {
                            all.push((Some(lang.clone()), text));
                        }
                    }
                    if all.is_empty()
                        && let Some(text) = called(one)
                    {
                        all.push((self.lang.clone(), text));
                    }
                }
                other => {
                    if let Some(text) = plain(other) {
                        all.push((self.lang.clone(), text));
                    }
                }
            }
        }
        all
    }

    /// A member that is a text in several languages.
    pub(super) fn told(
        &mut self,
        top: &Map<String, Json>,
        name: &'static str,
        field: Texts,
        room: Room,
    ) {
        self.seen.push(name);
        let Some(value) = get(top, name) else { return };
        let texts = self.spoken(value, name);
        if texts.is_empty() {
            let given: String = value.to_string().chars().take(60).collect();
            self.draft.error("amb-not-a-text", name, &given, "");
        }
        for (lang, text) in texts {
            self.draft.text(field, &text, room, lang.as_deref(), name);
        }
    }

    fn identity(&mut self, top: &Map<String, Json>) {
        if let Some(written) = id(top) {
            self.named(written, "id", true);
        }
        for (path, item) in self.items(top, "url") {
            let Some(url) = leads(item) else { continue };
            if let Some(url) = self.draft.address(&url, &path) {
                self.id.get_or_insert_with(|| url.clone());
                self.link("location", &url, None, &path);
            }
        }
        for (path, item) in self.items(top, "sameAs") {
            if let Some(url) = leads(item) {
                self.named(&url, &path, false);
            }
        }
        for (path, item) in self.items(top, "identifier") {
            let object = item.as_object();
            let entry = object.and_then(|object| get(object, "value").and_then(plain));
            let Some(entry) = entry.or_else(|| leads(item)).or_else(|| called(item)) else {
                continue;
            };
            let catalog = object.and_then(|object| get(object, "propertyID").and_then(plain));
            let catalog = fit(&catalog.unwrap_or_default(), Room::Line).text;
            let Some(entry) = self.draft.fit(&entry, Room::Line, &path) else {
                continue;
            };
            match target(&catalog, &entry) {
                Some(alias) => {
                    self.id.get_or_insert_with(|| alias.clone());
                    self.put(|r| &mut r.aliases, alias, &path);
                }
                None if runs(&entry) => self.draft.error("bad-address", &path, &entry, ""),
                None => self.put(|r| &mut r.identifiers, Identifier { catalog, entry }, &path),
            }
        }
    }

    /// An identifier of the resource: what it is found under, where that is an address.
    fn named(&mut self, written: &str, path: &str, main: bool) {
        let Some(text) = self.draft.fit(written, Room::Line, path) else {
            return;
        };
        // `#this`, `/page`, `_:b0` name something in the document only.
        let local = text.starts_with(['#', '/', '_', '.']) || !text.contains(':');
        if runs(&text) || (local && main && self.scheme == "amb") {
            self.draft.error("bad-address", path, &text, "");
        } else if local {
            // `#this`, `_:b0` say nothing outside the document; a number or words may.
            if !main && !text.starts_with(['#', '/', '_', '.']) {
                match target("", &text) {
                    Some(alias) => self.put(|r| &mut r.aliases, alias, path),
                    None => self.draft.keep(path, &text),
                }
            }
        } else if matches!(text.split_once(':'), Some(("http" | "https", _))) {
            let Some(url) = self.draft.address(&text, path) else {
                return;
            };
            self.put(|r| &mut r.aliases, url.clone(), path);
            if main {
                self.link("location", &url, None, path);
                self.id.get_or_insert(url);
            }
        } else if let Some(alias) = target("", &text) {
            self.id.get_or_insert_with(|| alias.clone());
            self.put(|r| &mut r.aliases, alias, path);
        } else {
            self.id.get_or_insert_with(|| text.clone());
            let local = Identifier {
                catalog: String::new(),
                entry: text,
            };
            self.put(|r| &mut r.identifiers, local, path);
        }
    }

    pub(super) fn link(&mut self, kind: &str, url: &str, title: Option<String>, path: &str) {
        let link = Link {
            kind: kind.to_owned(),
            url: url.to_owned(),
            title,
        };
        self.put(|r| &mut r.links, link, path);
    }

    fn types(&mut self, top: &Map<String, Json>) {
        let classes = types(top);
        let path = "type";
        for class in classes.into_iter().take(MAX_VALUES) {
            if matches!(class, "LearningResource" | "CreativeWork" | "Thing") {
                continue;
            }
            let kind = KINDS.iter().find(|(name, _)| *name == class);
            if let Some((_, kind)) = kind.filter(|_| self.draft.record.kind.is_empty()) {
                self.put(|r| &mut r.kind, (*kind).to_owned(), path);
                continue;
            }
            if let Some((_, id)) = DOCUMENTS.iter().find(|(name, _)| *name == class) {
                self.put(|r| &mut r.document_type, (*id).to_owned(), path);
                continue;
            }
            let concept = match class.contains(':') {
                true => named_by(class),
                false => Some(Concept {
                    scheme: SCHEMA.into(),
                    notation: class.to_owned(),
                    ..Concept::default()
                }),
            };
            let fits = |c: &Concept| fit(&c.notation, Room::Line).text == c.notation;
            if let Some(concept) = concept.filter(fits) {
                self.classify("type", concept, path);
            }
        }
    }

    /// Keeps a concept with what it says about the resource.
    pub(super) fn classify(&mut self, purpose: &str, concept: Concept, path: &str) {
        let Some(purpose) = self.draft.fit(purpose, Room::Line, path) else {
            return;
        };
        self.put(
            |r| &mut r.classifications,
            Classification { purpose, concept },
            path,
        );
    }

    fn texts(&mut self, top: &Map<String, Json>) {
        self.told(top, "name", |r| &mut r.title, Room::Title);
        for name in ["headline", "title", "alternateName"] {
            self.told(top, name, |r| &mut r.title, Room::Title);
        }
        self.told(top, "abstract", |r| &mut r.summary, Room::Prose);
        self.told(top, "description", |r| &mut r.description, Room::Prose);
        self.told(
            top,
            "copyrightNotice",
            |r| &mut r.licence_statement,
            Room::Prose,
        );
        self.told(
            top,
            "accessibilitySummary",
            |r| &mut r.accessibility_summary,
            Room::Prose,
        );
        for (path, item) in self.items(top, "keywords") {
            let one = !path.ends_with(']');
            let spoken = self.spoken(item, &path);
            if spoken.is_empty() && item.is_object() {
                self.whole(&path, item);
            }
            for (lang, text) in spoken {
                // One text of several words, as search engines read it.
                let parts: Vec<&str> = match one && text.contains([',', ';']) {
                    true => text.split([',', ';']).collect(),
                    false => vec![&text],
                };
                for word in parts.into_iter().filter(|word| !word.trim().is_empty()) {
                    self.draft.text(
                        |r| &mut r.keywords,
                        word,
                        Room::Line,
                        lang.as_deref(),
                        &path,
                    );
                }
            }
        }
        for name in ["spatialCoverage", "temporalCoverage"] {
            for (path, item) in self.items(top, name) {
                let tagged = item.as_object().is_some_and(|o| o.contains_key("@value"));
                let texts = match tagged {
                    true => self.spoken(item, &path),
                    false => called(item)
                        .map(|text| (self.lang.clone(), text))
                        .into_iter()
                        .collect(),
                };
                for (lang, text) in texts {
                    self.draft.text(
                        |r| &mut r.coverage,
                        &text,
                        Room::Line,
                        lang.as_deref(),
                        &path,
                    );
                }
            }
        }
    }

    fn others(&mut self, top: &Map<String, Json>) {
        for (name, kind) in LINKS {
            // These two are read with what they are beside.
            if matches!(name, "url" | "usageInfo") {
                continue;
            }
            for (path, item) in self.items(top, name) {
                if let Some(url) = leads(item)
                    && let Some(url) = self.draft.address(&url, &path)
                {
                    self.link(kind, &url, None, &path);
                }
            }
        }
        for (path, item) in self.items(top, "review") {
            let Some(object) = item.as_object() else {
                self.draft.keep(&path, &plain(item).unwrap_or_default());
                continue;
            };
            let author = get(object, "author").map_or(&[][..], each).first();
            let person = author.and_then(|author| self.person(author, &path));
            let date = get(object, "datePublished").and_then(plain);
            let date = date.and_then(|date| self.draft.date(&date, &path));
            let mut text = Paragraphs::default();
            for name in ["reviewBody", "description"] {
                let Some(body) = get(object, name) else {
                    continue;
                };
                for (lang, said) in self.spoken(body, &path) {
                    let lang = lang.unwrap_or_else(|| "und".into());
                    self.draft.paragraph(&mut text, lang, &said, &path);
                }
            }
            let text = text.texts;
            if person.is_none() && text.is_empty() {
                self.whole(&path, item);
                continue;
            }
            self.put(
                |r| &mut r.annotations,
                Annotation { person, date, text },
                &path,
            );
        }
        for (path, item) in self.items(top, "mainEntityOfPage") {
            self.page(item, &path);
        }
    }

    /// A record elsewhere that describes the resource.
    fn page(&mut self, item: &Json, path: &str) {
        let mut notice = Notice::default();
        if let Some(page) = leads(item) {
            let page = self.draft.fit(&page, Room::Line, path);
            match page.filter(|page| !page.starts_with('#')) {
                Some(page)
                    if draft::address(&page).is_some()
                        || (is_target(&page) && page.contains(':')) =>
                {
                    notice.identifiers.push(Identifier {
                        catalog: String::new(),
                        entry: page,
                    });
                }
                Some(page) => self.draft.warn("bad-address", path, &page, ""),
                None => {}
            }
        }
        if let Some(object) = item.as_object() {
            if let Some(provider) = get(object, "provider") {
                notice.provider = self.person(provider, &format!("{path}.provider"));
            }
            for (name, date) in [
                ("dateCreated", &mut notice.created),
                ("dateModified", &mut notice.modified),
            ] {
                let written = get(object, name).and_then(plain);
                let at = format!("{path}.{name}");
                *date = written.and_then(|text| self.draft.date(&text, &at));
            }
        }
        if notice != Notice::default() {
            self.put(|r| &mut r.record, notice, path);
        }
    }
}
