//! People and organisations on the way in.

use commun_specs::metadata::{
    Affiliation, Creator, MAX_VALUES, Value, idref, is_target, orcid, ror,
};
use serde_json::{Map, Value as Json};

use super::read::{Reader, called, each, get, id, plain, plain_name, types};
use crate::crosswalk::lom::target;
use crate::crosswalk::text::Room;

/// The people of a record.
type People = fn(&mut commun_specs::metadata::Record) -> &mut Vec<Value<Creator>>;

/// Reads an identifier of somebody.
type ReadId = fn(&str) -> Result<String, &'static str>;

/// Properties that name somebody, the field, the role of contributors.
const PROPERTIES: [(&str, People, Option<&str>); 13] = [
    ("creator", |r| &mut r.creators, None),
    ("author", |r| &mut r.creators, None),
    ("editor", |r| &mut r.contributors, Some("editor")),
    ("translator", |r| &mut r.contributors, Some("translator")),
    (
        "illustrator",
        |r| &mut r.contributors,
        Some("graphical-designer"),
    ),
    ("contributor", |r| &mut r.contributors, Some("contributor")),
    ("publisher", |r| &mut r.publishers, None),
    ("provider", |r| &mut r.publishers, None),
    ("producer", |r| &mut r.publishers, None),
    ("sourceOrganization", |r| &mut r.publishers, None),
    ("funder", |r| &mut r.funders, None),
    ("sponsor", |r| &mut r.funders, None),
    ("copyrightHolder", |r| &mut r.rights_holders, None),
];

/// Members of somebody that are nobody's business, in the words of schema.org and of CITATION.cff.
const PERSONAL: [&str; 9] = [
    "email",
    "telephone",
    "tel",
    "phone",
    "faxNumber",
    "fax",
    "address",
    "post-code",
    "birthDate",
];

/// Whether a member of an object is personal data.
pub(crate) fn is_personal(name: &str) -> bool {
    PERSONAL.contains(&plain_name(name))
}

/// Whether a text is how somebody is reached: an address of mail, a telephone number as an address.
pub(crate) fn is_contact(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let mail = || {
        let (name, host) = text.split_once('@')?;
        let (_, end) = host.rsplit_once('.')?;
        let letters = end.len() > 1 && end.chars().all(char::is_alphabetic);
        Some(!name.is_empty() && letters && !text.contains(['/', ':']))
    };
    text.starts_with("mailto:")
        || text.starts_with("tel:")
        || (!text.contains(char::is_whitespace) && mail().unwrap_or(false))
}

/// Takes personal data out; whether there were any.
fn without_personal(value: &mut Json) -> bool {
    let contact = |value: &Json| value.as_str().is_some_and(is_contact);
    match value {
        Json::Array(list) => {
            let before = list.len();
            list.retain(|one| !contact(one));
            let some = list.len() < before;
            list.iter_mut()
                .fold(some, |any, one| without_personal(one) | any)
        }
        Json::Object(object) => {
            let before = object.len();
            object.retain(|name, one| !is_personal(name) && !contact(one));
            let some = object.len() < before;
            object
                .values_mut()
                .fold(some, |any, one| without_personal(one) | any)
        }
        _ => false,
    }
}

impl Reader {
    /// Keeps aside an object that is no field's as it is, without personal data.
    pub(super) fn whole(&mut self, path: &str, item: &Json) {
        self.done(path.to_owned());
        let text = match item {
            Json::String(text) => text.clone(),
            other => {
                let mut other = other.clone();
                if without_personal(&mut other) {
                    self.personal(path, "email");
                }
                other.to_string()
            }
        };
        self.aside(path, &text);
    }

    /// Keeps a text aside, but not how somebody is reached.
    pub(super) fn aside(&mut self, path: &str, text: &str) {
        match is_contact(text) {
            true => self.personal(path, "email"),
            false => self.draft.keep(path, text),
        }
    }

    /// Says once that personal data were left out at a place.
    pub(super) fn personal(&mut self, path: &str, name: &str) {
        let mut told = self.draft.problems().iter();
        if !told.any(|p| p.rule == "personal-data" && p.path == path) {
            self.draft.warn("personal-data", path, name, "");
        }
    }

    pub(super) fn people(&mut self, top: &Map<String, Json>) {
        for (name, field, role) in PROPERTIES {
            for (path, item) in self.items(top, name) {
                // A role that somebody of the list has from a day on, as generators of CodeMeta write it.
                if item.as_object().is_some_and(|o| types(o).contains(&"Role")) {
                    self.whole(&path, item);
                    continue;
                }
                let Some(mut person) = self.person(item, &path) else {
                    let given: String = item.to_string().chars().take(60).collect();
                    self.draft.error("person-without-name", &path, &given, "");
                    continue;
                };
                person.role = role.map(str::to_owned);
                if name == "contributor" && self.has_role(&person) {
                    continue;
                }
                let value = self.draft.value(person, &path);
                if !self.draft.push(field, value) {
                    break;
                }
            }
        }
    }

    /// Whether somebody is there already with a role that says more.
    fn has_role(&mut self, person: &Creator) -> bool {
        let mut known = self.draft.record.contributors.iter();
        known.any(|there| {
            let plain = Creator {
                role: person.role.clone(),
                ..there.v.clone()
            };
            plain == *person
        })
    }

    /// Somebody: a name, or an object with one.
    pub(super) fn person(&mut self, item: &Json, path: &str) -> Option<Creator> {
        if let Json::String(name) = item {
            let name = self.draft.fit(name, Room::Line, path)?;
            return Some(Creator {
                name,
                ..Creator::default()
            });
        }
        let object = item.as_object()?;
        let word = |reader: &mut Reader, name: &str| {
            let text = each(get(object, name)?).iter().find_map(plain)?;
            reader
                .draft
                .fit(&text, Room::Line, &format!("{path}.{name}"))
        };
        let given = word(self, "givenName");
        let family = word(self, "familyName");
        let both = || {
            let parts = [given.as_deref(), family.as_deref()];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        let name = called(item).and_then(|name| self.draft.fit(&name, Room::Line, path));
        let name = name
            .or_else(|| word(self, "legalName"))
            .unwrap_or_else(both);
        if name.is_empty() {
            return None;
        }
        let mut person = Creator {
            name,
            kind: self.kind(object, path),
            honorific: word(self, "honorificPrefix"),
            given,
            family,
            ..Creator::default()
        };
        self.identified(&mut person, object, path);
        let mut homes = get(object, "affiliation")
            .or_else(|| get(object, "worksFor"))
            .map_or(&[][..], each)
            .iter();
        let at = format!("{path}.affiliation");
        person.affiliation = homes.find_map(|home| self.affiliation(home, &at));
        for name in PERSONAL {
            if get(object, name).is_some() {
                let at = format!("{path}.{name}");
                self.personal(&at, name);
            }
        }
        Some(person)
    }

    fn kind(&mut self, object: &Map<String, Json>, path: &str) -> Option<String> {
        let class = types(object).into_iter().next()?;
        let kind = match class {
            "Person" | "Patient" => "person",
            // Grants are given by somebody.
            "FundingScheme" | "Grant" | "MonetaryGrant" => {
                self.draft.info("kept-as", path, class, "organisation");
                "organisation"
            }
            class if class.ends_with("Organization") || class.ends_with("University") => {
                "organisation"
            }
            "School" | "LibrarySystem" | "Corporation" | "Consortium" | "Project"
            | "ResearchProject" | "Service" | "Library" | "NGO" => "organisation",
            _ => return None,
        };
        Some(kind.to_owned())
    }

    /// The identifiers of somebody, each in the field that it is of.
    fn identified(&mut self, person: &mut Creator, object: &Map<String, Json>, path: &str) {
        let mut written: Vec<String> = id(object).map(str::to_owned).into_iter().collect();
        for name in ["identifier", "sameAs", "url"] {
            for one in get(object, name)
                .map_or(&[][..], each)
                .iter()
                .take(MAX_VALUES)
            {
                let value = one
                    .as_object()
                    .and_then(|pair| get(pair, "value").and_then(plain));
                written.extend(value.or_else(|| super::read::leads(one)));
            }
        }
        for text in written {
            let text = text.trim();
            // Told with all else that no field has.
            if is_contact(text) {
                continue;
            }
            let (slot, read): (&mut Option<String>, ReadId) = if text.contains("orcid.org/") {
                (&mut person.orcid, orcid)
            } else if text.contains("idref.fr/") {
                (&mut person.idref, idref)
            } else if text.contains("ror.org/") {
                (&mut person.ror, ror)
            } else {
                let known = target("", text).filter(|_| text.contains(':'));
                match known {
                    Some(id) if !person.ids.contains(&id) && person.ids.len() < MAX_VALUES => {
                        person.ids.push(id);
                    }
                    Some(_) => {}
                    None => self.draft.keep(&format!("{path}.id"), text),
                }
                continue;
            };
            match read(text) {
                Ok(id) => *slot = Some(id),
                Err(_) => self.draft.warn("vcard-bad-id", path, text, ""),
            }
        }
    }

    fn affiliation(&mut self, item: &Json, path: &str) -> Option<Affiliation> {
        let name = called(item)?;
        let name = self.draft.fit(&name, Room::Line, path)?;
        let mut home = Affiliation {
            name,
            ..Affiliation::default()
        };
        let object = item.as_object();
        let written = object.and_then(|object| {
            let own = id(object).map(str::to_owned);
            own.or_else(|| get(object, "identifier").and_then(plain))
        });
        if let Some(text) = written {
            match text.contains("ror.org/").then(|| ror(&text)) {
                Some(Ok(id)) => home.ror = Some(id),
                Some(Err(_)) => self.draft.warn("vcard-bad-id", path, &text, ""),
                None if is_contact(&text) => {}
                None if is_target(&text) && text.contains(':') => home.id = Some(text),
                None => self.draft.keep(&format!("{path}.id"), &text),
            }
        }
        Some(home)
    }
}
