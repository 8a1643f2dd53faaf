//! What only a component has: links, dependencies, contacts. Read from `codemeta.json` and `publiccode.yml`.

use serde_json::{Map, Value as Json};

use super::problem::Report;
use super::terms::{CONTACT_ROLES, DEPENDENCY_KINDS, LINKS};
use super::values::{Read, line, only, required, target, term, wrong_type};

/// An address with what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// One of [`LINKS`](super::LINKS).
    pub kind: String,
    /// `http` or `https`, or an identifier.
    pub url: String,
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

fn object<'a>(
    value: &'a Json,
    at: &str,
    wanted: &str,
    report: &mut Report,
) -> Option<&'a Map<String, Json>> {
    match value {
        Json::Object(object) => Some(object),
        _ => {
            wrong_type(value, at, wanted, report);
            None
        }
    }
}

fn optional<T>(
    object: &Map<String, Json>,
    member: &str,
    at: &str,
    read: Read<T>,
    report: &mut Report,
) -> Option<T> {
    let value = object.get(member)?;
    read(value, &format!("{at}.{member}"), report)
}

pub(super) fn link(value: &Json, at: &str, report: &mut Report) -> Option<Link> {
    let object = object(value, at, "{type, url}", report)?;
    let read_type: Read<String> = |value, at, report| term(&LINKS, value, at, report);
    let kind = required(object, "type", at, read_type, report);
    let url = required(object, "url", at, target, report);
    only(object, &["type", "url"], at, report);
    Some(Link {
        kind: kind?,
        url: url?,
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

/// A mail address as far as it is worth looking: one `@`, nothing that ends it.
fn email(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    let fits = written.split('@').filter(|part| !part.is_empty()).count() == 2
        && !written.contains(|c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '"' | '?' | '&' | ',' | ':')
        });
    if fits {
        return Some(written);
    }
    report.problem(at, "is not a mail address", "write name@example.org");
    None
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
