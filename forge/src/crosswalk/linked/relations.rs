//! What a resource has to do with others, on the way in.

use commun_specs::metadata::{MAX_VALUES, Relation, is_target};
use serde_json::{Map, Value as Json};

use super::names::RELATIONS;
use super::read::{Reader, called, each, get, leads, plain};
use crate::crosswalk::Paragraphs;
use crate::crosswalk::lom::{runs, target};
use crate::crosswalk::text::Room;

impl Reader {
    pub(super) fn relations(&mut self, top: &Map<String, Json>) {
        for (name, kind) in RELATIONS {
            for (path, item) in self.items(top, name) {
                match self.relation(kind, item, &path) {
                    Some(relation) => self.put(|r| &mut r.relations, relation, &path),
                    // An address that is none was told.
                    None if leads(item).is_some() => {}
                    None => self.whole(&path, item),
                }
            }
        }
    }

    fn relation(&mut self, kind: &str, item: &Json, path: &str) -> Option<Relation> {
        let mut relation = Relation {
            kind: kind.to_owned(),
            ..Relation::default()
        };
        let written = leads(item).or_else(|| plain(item));
        let text = written.and_then(|text| self.draft.fit(&text, Room::Title, path));
        if let Some(text) = text {
            self.aim(&mut relation, &text, path);
        }
        self.about(&mut relation, item, path);
        let known = !relation.target.is_empty()
            || relation.title.is_some()
            || !relation.description.is_empty();
        known.then_some(relation)
    }

    /// Where a relation leads, or what is there in words.
    fn aim(&mut self, relation: &mut Relation, text: &str, path: &str) {
        // Items of a commons, as Commun writes them where it knows no address for them.
        let own = text
            .strip_prefix("commun:")
            .filter(|rest| !rest.starts_with('/'));
        if let Some(own) = own.filter(|own| is_target(own)) {
            relation.target = own.to_owned();
        } else if let Some(found) = target("", text) {
            relation.target = found;
        } else if runs(text) {
            self.draft.error("bad-address", path, text, "");
        } else if !text.contains("://") && !text.starts_with('#') {
            relation.title = Some(text.to_owned());
        } else {
            self.draft.warn("bad-address", path, text, "");
        }
    }

    /// What a relation says about its target.
    fn about(&mut self, relation: &mut Relation, item: &Json, path: &str) {
        let Some(object) = item.as_object() else {
            return;
        };
        let name = get(object, "name").and_then(|name| {
            let texts = self.spoken(name, path);
            texts.into_iter().next().map(|(_, text)| text)
        });
        // Where nothing is known but the address, AMB wants it as the name, too.
        let address = leads(item);
        relation.title = name
            .filter(|name| address.as_deref() != Some(name.as_str()))
            .and_then(|name| self.draft.fit(&name, Room::Title, path))
            .or(relation.title.take());
        if let Some(text) = get(object, "description") {
            let mut said = Paragraphs::default();
            for (lang, text) in self.spoken(text, path) {
                let lang = lang.unwrap_or_else(|| "und".into());
                self.draft.paragraph(&mut said, lang, &text, path);
            }
            relation.description = said.texts;
        }
        for name in ["creator", "author"] {
            for person in get(object, name)
                .map_or(&[][..], each)
                .iter()
                .take(MAX_VALUES)
            {
                let name = called(person).and_then(|name| self.draft.fit(&name, Room::Line, path));
                relation.creators.extend(name);
            }
        }
        let licence = get(object, "license").map_or(&[][..], each).first();
        if let Some(written) = licence.and_then(|one| leads(one).or_else(|| called(one))) {
            match self.licence(&written, path) {
                Some(licence) => relation.licence = Some(licence.as_str().to_owned()),
                None => self.draft.warn("licence-unknown", path, &written, ""),
            }
        }
    }
}
