//! Links, and what only a component has: dependencies, contacts. Read from `codemeta.json` and `publiccode.yml`.

use serde_json::Value as Json;

use super::problem::Report;
use super::terms::{CONTACT_ROLES, DEPENDENCY_KINDS, LINKS};
use super::values::{Read, email, line, object, only, optional, required, target, term};
use super::written::{Object, Written};

/// An address with what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// One of [`LINKS`](super::LINKS).
    pub kind: String,
    /// `http` or `https`, or an identifier.
    pub url: String,
    /// What is there, in words: the platform's name, a title.
    pub title: Option<String>,
}

/// Something that a component needs, as its own metadata name it. What it is in the commons is found when it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Which versions, as written.
    pub version: Option<String>,
    /// What names it: an address, `handle/slug`, an item id.
    pub link: Option<String>,
    /// One of [`DEPENDENCY_KINDS`](super::DEPENDENCY_KINDS).
    pub kind: String,
    /// Whether it can do without.
    pub optional: bool,
}

/// Whom to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// A person or an organisation.
    pub name: String,
    /// One of [`CONTACT_ROLES`](super::CONTACT_ROLES).
    pub role: String,
    /// Mail address.
    pub email: Option<String>,
    /// Web address.
    pub url: Option<String>,
    /// Where they work.
    pub affiliation: Option<String>,
    /// The last day of a contract.
    pub until: Option<String>,
}

pub(super) fn link(value: &Json, at: &str, report: &mut Report) -> Option<Link> {
    let object = object(value, at, "{type, url}", report)?;
    let read_type: Read<String> = |value, at, report| term(&LINKS, value, at, report);
    let kind = required(object, "type", at, read_type, report);
    let url = required(object, "url", at, target, report);
    let title = optional(object, "title", at, line, report);
    only(object, &["type", "url", "title"], at, report);
    Some(Link {
        kind: kind?,
        url: url?,
        title,
    })
}

pub(super) fn dependency(value: &Json, at: &str, report: &mut Report) -> Option<Dependency> {
    let object = object(value, at, "{name, type, version, link, optional}", report)?;
    let read_type: Read<String> = |value, at, report| term(&DEPENDENCY_KINDS, value, at, report);
    let name = required(object, "name", at, line, report);
    let kind = required(object, "type", at, read_type, report);
    let version = optional(object, "version", at, line, report);
    let link = optional(object, "link", at, target, report);
    let optional = object.get("optional") == Some(&Json::Bool(true));
    only(
        object,
        &["name", "type", "version", "link", "optional"],
        at,
        report,
    );
    Some(Dependency {
        name: name?,
        version,
        link,
        kind: kind?,
        optional,
    })
}

pub(super) fn contact(value: &Json, at: &str, report: &mut Report) -> Option<Contact> {
    let object = object(
        value,
        at,
        "{name, role, email, url, affiliation, until}",
        report,
    )?;
    let read_role: Read<String> = |value, at, report| term(&CONTACT_ROLES, value, at, report);
    let name = required(object, "name", at, line, report);
    let role = required(object, "role", at, read_role, report);
    let email = optional(object, "email", at, email, report);
    let url = optional(object, "url", at, target, report);
    let affiliation = optional(object, "affiliation", at, line, report);
    let until = optional(object, "until", at, super::values::date, report);
    only(
        object,
        &["name", "role", "email", "url", "affiliation", "until"],
        at,
        report,
    );
    Some(Contact {
        name: name?,
        role: role?,
        email,
        url,
        affiliation,
        until,
    })
}

impl Written for Link {
    fn written(&self) -> Json {
        Object::default()
            .with("type", &self.kind)
            .with("url", &self.url)
            .maybe("title", &self.title)
            .done()
    }
}

impl Written for Dependency {
    fn written(&self) -> Json {
        Object::default()
            .with("name", &self.name)
            .with("type", &self.kind)
            .maybe("version", &self.version)
            .maybe("link", &self.link)
            .maybe("optional", &self.optional.then_some(true))
            .done()
    }
}

impl Written for Contact {
    fn written(&self) -> Json {
        Object::default()
            .with("name", &self.name)
            .with("role", &self.role)
            .maybe("email", &self.email)
            .maybe("url", &self.url)
            .maybe("affiliation", &self.affiliation)
            .maybe("until", &self.until)
            .done()
    }
}
