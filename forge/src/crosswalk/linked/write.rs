//! From the model to the vocabulary of schema.org.

mod concepts;
mod losses;
mod media;
mod people;

pub(in super::super) use media::media_type;

use commun_specs::metadata::View;
use serde_json::{Map, Value as Json, json};

use super::names::{DOCUMENTS, KINDS, LINKS, RELATIONS, SCHEMA, STATUSES};
use super::{Dialect, Place, licence};
use crate::crosswalk::{Loss, Written, carried::rest};

/// The languages that AMB's schema takes (ISO 639-1).
pub(in super::super) const AMB_LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce \
ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz \
ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk \
ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk \
sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Whether AMB's schema takes this tag.
pub(in super::super) fn is_amb_language(tag: &str) -> bool {
    AMB_LANGUAGES.split_whitespace().any(|known| known == tag)
}

/// The tag that AMB has for a language: its first part, where that has two letters.
fn amb_language(tag: &str) -> Option<&str> {
    let primary = tag.split('-').next()?;
    is_amb_language(primary).then_some(primary)
}

/// The document as JSON, and what it does not carry.
pub(in super::super) fn write(
    view: &View,
    place: Place<'_>,
    dialect: Dialect,
) -> (Map<String, Json>, Vec<Loss>) {
    let mut out = Out {
        view,
        place,
        dialect,
        lang: String::new(),
        document: view.to_json(),
        top: Map::new(),
        losses: Vec::new(),
    };
    out.lang = out.main_language();
    out.context();
    out.identity();
    out.types();
    out.texts();
    out.people();
    out.facts();
    out.rights();
    out.concepts();
    out.media();
    out.relations();
    out.others();
    out.whole_losses();
    (out.top, out.losses)
}

/// The document as JSON-LD that may stand inside a `script` element, and what it does not carry.
pub(in super::super) fn written(view: &View, place: Place<'_>, dialect: Dialect) -> Written {
    let (document, losses) = write(view, place, dialect);
    let mut text = in_script(&Json::Object(document));
    text.push('\n');
    Written {
        bytes: text.into_bytes(),
        losses,
    }
}

/// JSON that may stand inside a `script` element and a page: nothing in it ends the element or begins a comment.
fn in_script(value: &Json) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Outside strings JSON has none of these.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// One document on its way out.
pub(super) struct Out<'a> {
    pub(super) view: &'a View,
    pub(super) place: Place<'a>,
    pub(super) dialect: Dialect,
    /// The language of texts that name none; empty where it is not known.
    pub(super) lang: String,
    /// The record as it is told in reports.
    document: Map<String, Json>,
    pub(super) top: Map<String, Json>,
    pub(super) losses: Vec<Loss>,
}

impl Out<'_> {
    pub(super) fn amb(&self) -> bool {
        self.dialect == Dialect::Amb
    }

    /// The name of the member that says what something is called.
    pub(super) fn id(&self) -> &'static str {
        if self.amb() { "id" } else { "@id" }
    }

    /// The name of the member that says what something is.
    pub(super) fn kind(&self) -> &'static str {
        if self.amb() { "type" } else { "@type" }
    }

    /// A thing of a class.
    pub(super) fn thing(&self, class: &str) -> Map<String, Json> {
        let mut thing = Map::new();
        thing.insert(self.kind().to_owned(), class.into());
        thing
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<Json>) {
        self.top.insert(name.to_owned(), value.into());
    }

    /// Adds to a list.
    pub(super) fn add(&mut self, name: &str, value: impl Into<Json>) {
        let list = self
            .top
            .entry(name.to_owned())
            .or_insert_with(|| Json::Array(Vec::new()));
        let value = value.into();
        if let Json::Array(list) = list
            && !list.contains(&value)
        {
            list.push(value);
        }
    }

    pub(super) fn lost(&mut self, field: &str, value: &str) {
        self.losses.push(Loss::of(field, value));
    }

    /// What one value of a list says, as reports tell it.
    pub(super) fn told(&self, field: &str, at: usize) -> String {
        let value = self.document.get(field).and_then(|list| list.get(at));
        value.map(|value| rest(value, &[])).unwrap_or_default()
    }

    /// A part of a value is not carried.
    pub(super) fn narrowed(&mut self, field: &str, value: &str, instead: &str) {
        self.losses.push(Loss {
            instead: instead.to_owned(),
            ..Loss::of(field, value)
        });
    }

    fn main_language(&mut self) -> String {
        let view = self.view;
        let titles: Vec<&str> = view.titles.iter().map(|(lang, _)| lang.as_str()).collect();
        let known = |tag: &&str| !tag.is_empty() && *tag != "und";
        if !self.amb() {
            let spoken = view.languages.iter().map(String::as_str);
            let spoken = spoken.filter(|tag| titles.contains(tag)).find(known);
            let first = spoken.or_else(|| titles.first().copied().filter(known));
            return first.unwrap_or_default().to_owned();
        }
        let own = view.languages.iter().filter_map(|tag| amb_language(tag));
        let spoken = own
            .clone()
            .find(|tag| titles.iter().any(|title| amb_language(title) == Some(*tag)));
        let titled = || titles.iter().find_map(|tag| amb_language(tag));
        let lang = spoken.or_else(titled).or_else(|| own.clone().next());
        lang.unwrap_or("en").to_owned()
    }

    fn context(&mut self) {
        let lang = json!({"@language": self.lang});
        let context = match (self.amb(), self.lang.is_empty()) {
            (true, _) => json!(["https://w3id.org/kim/amb/context.jsonld", lang]),
            (false, true) => json!("https://schema.org"),
            (false, false) => json!(["https://schema.org", lang]),
        };
        self.set("@context", context);
    }

    /// What the resource is called by: its own address, else the page that shows it, else another name of it.
    fn identity(&mut self) {
        let view = self.view;
        let http = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
        let aliases = || view.aliases.iter();
        let links = view.links.iter().filter(|link| link.kind == "location");
        let location = links.map(|link| &link.url).find(http);
        let own = aliases().find(http).or(location).map(String::as_str);
        let named = aliases().find(|alias| alias.contains(':'));
        let id = own
            .or(self.place.url)
            .or(named.map(String::as_str))
            .map(str::to_owned);
        // RFC 6920: a name that is made of what is said, where nothing else names it.
        let id = id.unwrap_or_else(|| {
            let said = Json::Object(view.to_json()).to_string();
            format!(
                "ni:///sha-256;{}",
                data_encoding::BASE64URL_NOPAD
                    .encode(<sha2::Sha256 as sha2::Digest>::digest(said).as_slice())
            )
        });
        for alias in aliases().filter(|alias| **alias != id) {
            match http(&alias) {
                true => self.add("sameAs", alias.as_str()),
                false => self.add("identifier", alias.as_str()),
            }
        }
        for found in &view.identifiers {
            let mut value = self.thing("PropertyValue");
            if !found.catalog.is_empty() {
                value.insert("propertyID".into(), found.catalog.as_str().into());
            }
            value.insert("value".into(), found.entry.as_str().into());
            self.add("identifier", value);
        }
        self.set(self.id(), id);
    }

    fn types(&mut self) {
        let view = self.view;
        let mut types = vec!["LearningResource"];
        if let Some(kind) = &view.kind {
            match KINDS.iter().find(|(_, known)| known == kind) {
                Some((class, _)) => types.push(class),
                None if kind == "resource" => {}
                None => self.lost("kind", kind),
            }
        }
        for id in &view.document_types {
            // AMB has no class for data but this.
            let mut classes = DOCUMENTS.iter().filter(|(_, known)| known == id);
            let class = match self.amb() {
                true => classes.next(),
                false => classes.next_back(),
            };
            match class {
                Some((class, _)) => types.push(class),
                None => self.lost("document_type", id),
            }
        }
        for kept in &view.classifications {
            let concept = &kept.concept;
            if kept.purpose == "type" && concept.scheme == SCHEMA {
                types.push(&concept.notation);
            }
        }
        types.dedup();
        self.set(self.kind(), json!(types));
    }

    /// A text in its languages, as far as the dialect has them.
    pub(super) fn spoken(&mut self, field: &str, texts: &[(String, String)]) -> Option<Json> {
        if self.amb() {
            let mut chosen: Option<&str> = None;
            for (lang, text) in texts {
                let fits = amb_language(lang) == Some(&*self.lang) || lang == "und";
                if !fits || chosen.is_some() {
                    self.lost(field, text);
                    continue;
                }
                chosen = Some(text);
                if *lang != self.lang {
                    let value = format!("{lang}: {text}");
                    self.narrowed(field, &value, &self.lang.clone());
                }
            }
            return chosen.map(Json::from);
        }
        let mut values: Vec<Json> = texts.iter().map(|(l, t)| self.text_in(l, t)).collect();
        match values.len() {
            0 => None,
            1 => values.pop(),
            _ => Some(Json::Array(values)),
        }
    }

    /// One text, with its language where it is not that of the document (schema.org).
    pub(super) fn text_in(&self, lang: &str, text: &str) -> Json {
        match lang {
            lang if lang == self.lang => text.into(),
            "und" | "" if self.lang.is_empty() => text.into(),
            "und" | "" => json!({"@value": text}),
            lang => json!({"@value": text, "@language": lang}),
        }
    }

    /// Writes the second titles of a language beside the name; gives those that are the name.
    fn other_titles(&mut self, titles: Vec<(String, String)>) -> Vec<(String, String)> {
        let mut names: Vec<(String, String)> = Vec::new();
        for (lang, text) in titles {
            let own = match self.amb() {
                true => lang == "und" || amb_language(&lang) == Some(&*self.lang),
                false => true,
            };
            let same = |(tag, _): &(String, String)| match self.amb() {
                // In AMB there is one language.
                true => own && (tag == "und" || amb_language(tag) == Some(&*self.lang)),
                false => *tag == lang,
            };
            if !own || !names.iter().any(same) {
                names.push((lang, text));
                continue;
            }
            if self.amb() && lang != self.lang {
                let value = format!("{lang}: {text}");
                self.narrowed("title", &value, &self.lang.clone());
            }
            let text = match self.amb() {
                true => text.into(),
                false => self.text_in(&lang, &text),
            };
            self.add("alternateName", text);
        }
        names
    }

    fn texts(&mut self) {
        let view = self.view;
        for (field, name, texts) in [
            ("title", "name", &view.titles),
            ("summary", "abstract", &view.summaries),
            ("description", "description", &view.descriptions),
            (
                "licence_statement",
                "copyrightNotice",
                &view.licence_statements,
            ),
            (
                "accessibility_summary",
                "accessibilitySummary",
                &view.accessibility_summaries,
            ),
        ] {
            let mut texts = view.all_texts(field, texts);
            if field == "title" {
                texts = self.other_titles(texts);
            }
            if let Some(value) = self.spoken(field, &texts) {
                self.set(name, value);
            }
        }
        if !self.top.contains_key("name") {
            // AMB and search engines want a name; the identifier is one.
            let id = self.top.get(self.id()).cloned().unwrap_or_default();
            self.set("name", id);
        }
        for (lang, word) in &view.keywords {
            if self.amb() && lang != "und" && amb_language(lang) != Some(&*self.lang) {
                self.lost("keywords", word);
            } else if self.amb() {
                if *lang != self.lang {
                    let value = format!("{lang}: {word}");
                    self.narrowed("keywords", &value, &self.lang.clone());
                }
                self.add("keywords", word.as_str());
            } else {
                self.add("keywords", self.text_in(lang, word));
            }
        }
        for (at, (lang, text)) in view.coverage.iter().enumerate() {
            let path = view.coverage_paths.get(at).map_or("", String::as_str);
            let said = |word: &str| path.to_ascii_lowercase().contains(word);
            let name = match (said("temporal"), said("spatial")) {
                (true, false) => "temporalCoverage",
                (false, true) => "spatialCoverage",
                _ => {
                    // Standards that have one word for both do not say which it is.
                    let time = text.starts_with(|c: char| c.is_ascii_digit());
                    let name = match time {
                        true => "temporalCoverage",
                        false => "spatialCoverage",
                    };
                    self.narrowed("coverage", text, name);
                    name
                }
            };
            if !self.amb() {
                self.add(name, self.text_in(lang, text));
                continue;
            }
            if lang != "und" && amb_language(lang) != Some(&*self.lang) {
                let value = format!("{lang}: {text}");
                self.narrowed("coverage", &value, &self.lang.clone());
            }
            self.add(name, text.as_str());
        }
    }

    fn facts(&mut self) {
        let view = self.view;
        for tag in &view.languages {
            match (self.amb(), amb_language(tag)) {
                (false, _) => self.add("inLanguage", tag.as_str()),
                (true, Some(short)) => {
                    if short != tag {
                        self.narrowed("language", tag, short);
                    }
                    self.add("inLanguage", short);
                }
                (true, None) => self.lost("language", tag),
            }
        }
        for (field, name, date) in [
            ("created", "dateCreated", &view.created),
            ("published", "datePublished", &view.published),
            ("modified", "dateModified", &view.modified),
        ] {
            match date {
                // AMB wants a day at least; a first of January that nobody stated would be wrong.
                Some(date) if self.amb() && date.len() < 10 => self.lost(field, date),
                Some(date) => self.set(name, date.as_str()),
                None => {}
            }
        }
        if let Some(version) = &view.version {
            self.set("version", version.as_str());
        }
        if let Some(status) = &view.status {
            let word = STATUSES.iter().find(|(_, known)| known == status);
            if let Some((word, _)) = word {
                self.set("creativeWorkStatus", *word);
            }
        }
        if let Some(free) = view.free {
            self.set("isAccessibleForFree", free);
        }
        if let Some(time) = &view.learning_time {
            self.set("timeRequired", time.as_str());
        }
        if let Some(time) = &view.duration {
            self.set("duration", time.as_str());
        }
        for age in &view.age_ranges {
            self.add("typicalAgeRange", age.as_str());
        }
        if let Some(size) = view.size {
            self.set("contentSize", size.to_string());
        }
        for (name, values) in [
            ("encodingFormat", &view.formats),
            ("programmingLanguage", &view.programming_languages),
            ("operatingSystem", &view.platforms),
            ("applicationCategory", &view.categories),
            ("accessMode", &view.accessibility_modes),
            ("accessibilityFeature", &view.accessibility_features),
            ("accessibilityHazard", &view.accessibility_hazards),
            ("accessibilityControl", &view.accessibility_controls),
        ] {
            for value in values {
                self.add(name, value.as_str());
            }
        }
        for modes in &view.accessibility_sufficient {
            self.add("accessModeSufficient", modes.join(","));
        }
        for (at, needed) in view.dependencies.iter().enumerate() {
            let version = needed.version.as_deref().unwrap_or_default();
            let text = format!("{} {version}", needed.name);
            let text = text.trim();
            if text != needed.name
                || needed.link.is_some()
                || needed.optional
                || needed.kind != "open"
            {
                let told = self.told("dependencies", at);
                self.narrowed("dependencies", &told, text);
            }
            self.add("softwareRequirements", text);
        }
    }

    fn rights(&mut self) {
        let Some(written) = self.view.licence.clone() else {
            return;
        };
        if self.amb() {
            match licence::address(&written) {
                Some((address, all)) => {
                    if !all {
                        self.narrowed("licence", &written, &address);
                    }
                    self.set("license", json!({"id": address}));
                }
                // AMB's schema has a closed list of licences. What is left says where the terms are.
                None => match commun_specs::licence::Licence::parse(&written)
                    .ok()
                    .and_then(|l| l.url())
                {
                    Some(address) => {
                        self.narrowed("licence", &written, &format!("usageInfo {address}"));
                        self.add("usageInfo", address);
                    }
                    None => self.lost("licence", &written),
                },
            }
            return;
        }
        let address = commun_specs::licence::Licence::parse(&written)
            .ok()
            .and_then(|l| l.url());
        let same =
            address.filter(|url| licence::parse(url).is_some_and(|back| back.as_str() == written));
        // An address that does not say all is worse than the name that does.
        let spdx = || {
            let address = format!("https://spdx.org/licenses/{written}");
            let same = licence::parse(&address).is_some_and(|back| back.as_str() == written);
            same.then_some(address)
        };
        self.set("license", same.or_else(spdx).unwrap_or(written));
    }

    fn relations(&mut self) {
        let view = self.view;
        for relation in &view.relations {
            let name = RELATIONS.iter().find(|(_, kind)| *kind == relation.kind);
            let shown = format!("{} {}", relation.kind, relation.target);
            let Some((name, _)) = name else {
                self.lost("relations", shown.trim());
                continue;
            };
            let mut thing = Map::new();
            if !relation.target.is_empty() {
                let target = self.address_of(&relation.target);
                thing.insert(self.id().to_owned(), target.into());
            } else if self.amb() && matches!(*name, "isPartOf" | "hasPart") {
                let title = relation.title.as_deref().unwrap_or_default();
                self.lost("relations", &format!("{} {title}", relation.kind));
                continue;
            }
            if let Some(title) = &relation.title {
                thing.insert("name".into(), title.as_str().into());
            }
            if let Some(text) = self.spoken("relations", &relation.description) {
                thing.insert("description".into(), text);
                // AMB wants a name or an address.
                if relation.target.is_empty() && relation.title.is_none() {
                    let text = relation.description.first();
                    let text = text.map_or("", |(_, text)| text.as_str());
                    thing.insert("name".into(), text.into());
                }
            }
            if self.amb() && *name == "isBasedOn" && !thing.contains_key("name") {
                // The schema of 2023 wants a name there; the address is one.
                let target = thing.get(self.id()).cloned();
                thing.extend(target.map(|target| ("name".to_owned(), target)));
            }
            if !relation.creators.is_empty() {
                let people = relation.creators.iter();
                let people = people.map(|name| {
                    let mut person = self.thing("Person");
                    person.insert("name".into(), name.as_str().into());
                    Json::Object(person)
                });
                thing.insert("creator".into(), people.collect());
            }
            if let Some(written) = &relation.licence {
                match (self.amb(), licence::address(written)) {
                    (true, Some((address, _))) => {
                        thing.insert("license".into(), json!({"id": address}));
                    }
                    (true, None) => self.lost("relations", written),
                    (false, address) => {
                        let address = address.map_or(written.clone(), |(address, _)| address);
                        thing.insert("license".into(), address.into());
                    }
                }
            }
            if thing.contains_key(self.id()) || thing.contains_key("name") {
                self.add(name, thing);
            } else {
                self.lost("relations", shown.trim());
            }
        }
    }

    /// An address for what the model names: items by their page beside that of the item itself.
    pub(super) fn address_of(&self, target: &str) -> String {
        if target.starts_with("10.") {
            return format!("doi:{target}");
        }
        if target.contains(':') {
            return target.to_owned();
        }
        let node = self.place.url.and_then(|url| {
            let host = url.find("://")? + 3;
            let end = url[host..].find('/').map_or(url.len(), |at| host + at);
            Some(&url[..end])
        });
        match node {
            Some(node) if target.contains('/') => format!("{node}/{target}"),
            Some(node) => format!("{node}/i/{target}"),
            None => format!("commun:{target}"),
        }
    }

    fn others(&mut self) {
        let view = self.view;
        let id = self
            .top
            .get(self.id())
            .and_then(Json::as_str)
            .unwrap_or_default();
        let id = id.to_owned();
        for link in &view.links {
            if link.kind == "location" && link.url == id {
                continue;
            }
            if matches!(link.kind.as_str(), "caption" | "trailer") {
                continue;
            }
            match LINKS.iter().find(|(_, kind)| *kind == link.kind) {
                Some((name, _)) => {
                    self.add(name, link.url.as_str());
                    if let Some(title) = &link.title {
                        self.lost("links", title);
                    }
                }
                None => self.lost("links", &format!("{} {}", link.kind, link.url)),
            }
        }
        for annotation in &view.annotations {
            let mut review = self.thing("Review");
            if let Some(person) = &annotation.person {
                review.insert(
                    "author".into(),
                    self.person(person, "Person", "annotations"),
                );
            }
            if let Some(date) = &annotation.date {
                review.insert("datePublished".into(), date.as_str().into());
            }
            if let Some(text) = self.spoken("annotations", &annotation.text) {
                review.insert("reviewBody".into(), text);
            }
            self.add("review", review);
        }
        self.pages();
    }

    /// The records that describe it: those that are known, and the page on this node.
    fn pages(&mut self) {
        let view = self.view;
        for (at, notice) in view.records.iter().enumerate() {
            let said = self.told("record", at);
            let ids = notice.identifiers.iter().map(|id| id.entry.as_str());
            let page = ids
                .clone()
                .find(|id| id.contains(':') && !id.contains(char::is_whitespace));
            let Some(page) = page else {
                self.lost("record", &said);
                continue;
            };
            let mut all = notice.schemas.is_empty()
                && notice.language.is_none()
                && notice.contributions.is_empty()
                && notice.sets.is_empty()
                && ids.clone().count() == 1
                && notice.identifiers.iter().all(|id| id.catalog.is_empty());
            let mut thing = self.thing(if self.amb() { "WebContent" } else { "WebPage" });
            thing.insert(self.id().to_owned(), page.into());
            if let Some(provider) = &notice.provider {
                let made = self.person(provider, "Organization", "record");
                let named = made.get(self.id()).is_some();
                match named || !self.amb() {
                    true => {
                        thing.insert("provider".into(), made);
                    }
                    false => all = false,
                }
            }
            for (name, date) in [
                ("dateCreated", &notice.created),
                ("dateModified", &notice.modified),
            ] {
                match date {
                    Some(date) if self.amb() && date.len() < 10 => all = false,
                    Some(date) => {
                        thing.insert(name.into(), date.as_str().into());
                    }
                    None => {}
                }
            }
            if !all {
                self.narrowed("record", &said, "mainEntityOfPage");
            }
            self.add("mainEntityOfPage", thing);
        }
        if let Some(url) = self.place.url {
            let mut thing = self.thing(if self.amb() { "WebContent" } else { "WebPage" });
            thing.insert(self.id().to_owned(), url.into());
            let host = self.address_of("").trim_end_matches("/i/").to_owned();
            if let Some(name) = self.place.institution {
                let mut provider = self.thing("Organization");
                provider.insert(self.id().to_owned(), host.into());
                provider.insert("name".into(), name.into());
                thing.insert("provider".into(), Json::Object(provider));
            }
            self.add("mainEntityOfPage", thing);
        }
    }
}
