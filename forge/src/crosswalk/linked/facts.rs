//! Dates, versions, durations and what a resource runs on, on the way in.

use commun_specs::metadata::normalise_duration;
use serde_json::{Map, Value as Json};

use super::names::STATUSES;
use super::read::{Reader, called, get, plain};
use crate::crosswalk::Texts;
use crate::crosswalk::text::Room;

impl Reader {
    pub(super) fn facts(&mut self, top: &Map<String, Json>) {
        for (path, item) in self.items(top, "inLanguage") {
            let object = item.as_object();
            let code = object.and_then(|language| {
                let named = get(language, "alternateName").or_else(|| get(language, "identifier"));
                named.and_then(plain)
            });
            let Some(written) = code.or_else(|| called(item)) else {
                continue;
            };
            for tag in self.draft.languages(&written, &path) {
                self.put(|r| &mut r.language, tag, &path);
            }
        }
        for (name, field) in [
            ("dateCreated", (|r| &mut r.created) as Texts),
            ("datePublished", |r| &mut r.published),
            // Of a video, where it has no other.
            ("uploadDate", |r| &mut r.published),
            ("dateModified", |r| &mut r.modified),
        ] {
            let texts = self.texts_of(top, name);
            if name == "uploadDate" && !self.draft.record.published.is_empty() {
                for (path, text) in texts {
                    self.draft.keep(&path, &text);
                }
                continue;
            }
            for (path, text) in texts {
                if let Some(date) = self.draft.date(&text, &path) {
                    self.put(field, date, &path);
                }
            }
        }
        for (path, text) in self.texts_of(top, "version") {
            self.draft.line(|r| &mut r.version, &text, &path);
        }
        for (path, text) in self.texts_of(top, "creativeWorkStatus") {
            let word = text.rsplit(['/', '#']).next().unwrap_or_default().trim();
            let known = STATUSES
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(word));
            match known {
                Some((_, status)) => self.put(|r| &mut r.status, (*status).to_owned(), &path),
                None => self.draft.keep(&path, &text),
            }
        }
        for (path, item) in self.items(top, "isAccessibleForFree") {
            let word = |text: &String| {
                text.rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_ascii_lowercase()
            };
            let free = match item {
                Json::Bool(free) => Some(*free),
                other => match plain(other).as_ref().map(word).as_deref() {
                    Some("true") => Some(true),
                    Some("false") => Some(false),
                    _ => None,
                },
            };
            match free {
                Some(free) => self.put(|r| &mut r.free, free, &path),
                None => {
                    let given: String = item.to_string().chars().take(60).collect();
                    self.draft
                        .warn("not-understood", &path, &given, "true, false");
                }
            }
        }
        for (name, field) in [
            ("timeRequired", (|r| &mut r.learning_time) as Texts),
            ("duration", |r| &mut r.duration),
        ] {
            for (path, text) in self.texts_of(top, name) {
                match normalise_duration(&text) {
                    Some(time) => self.put(field, time, &path),
                    None => self.draft.warn("lom-duration", &path, &text, "PT1H30M"),
                }
            }
        }
        for (path, item) in self.items(top, "typicalAgeRange") {
            if let Some(text) = called(item) {
                self.draft.line(|r| &mut r.age_range, &text, &path);
            }
        }
        for (name, field) in [
            (
                "programmingLanguage",
                (|r| &mut r.programming_language) as Texts,
            ),
            ("operatingSystem", |r| &mut r.platform),
            ("runtimePlatform", |r| &mut r.platform),
            ("applicationCategory", |r| &mut r.category),
        ] {
            for (path, item) in self.items(top, name) {
                if let Some(text) = called(item) {
                    self.draft.line(field, &text, &path);
                }
            }
        }
        for (path, item) in self.items(top, "softwareRequirements") {
            let name = called(item).and_then(|text| self.draft.fit(&text, Room::Line, &path));
            if let Some(name) = name {
                let needed = commun_specs::metadata::Dependency {
                    name,
                    kind: "open".into(),
                    ..Default::default()
                };
                self.put(|r| &mut r.dependencies, needed, &path);
            }
        }
    }
}
