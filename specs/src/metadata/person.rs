//! People and organisations that made something.

use serde_json::Value as Json;

use super::problem::{Report, shorten};
use super::terms::{PARTIES, ROLES};
use super::values::{
    Read, date, email, line, list, only, optional, required, target, term, wrong_type,
};
use super::written::{Object, Written};

/// Somebody who made or helped to make an item (rows 8 and 9 of the model).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Creator {
    /// The name as it is to be shown.
    pub name: String,
    /// ORCID, sixteen characters in groups of four, checksum verified.
    pub orcid: Option<String>,
    /// IdRef number (PPN), nine characters.
    pub idref: Option<String>,
    /// Where they work.
    pub affiliation: Option<Affiliation>,
    /// What they did, one of [`ROLES`](super::ROLES); contributors only.
    pub role: Option<String>,
    /// `person` or `organisation`, where the record says it.
    pub kind: Option<String>,
    /// Given names, where the record keeps them apart.
    pub given: Option<String>,
    /// Family name, where the record keeps it apart.
    pub family: Option<String>,
    /// What stands before the name: `Dr`.
    pub honorific: Option<String>,
    /// ROR id of an organisation, nine characters.
    pub ror: Option<String>,
    /// Other identifiers and addresses of theirs (ISNI, Wikidata, a page).
    pub ids: Vec<String>,
    /// Mail address.
    pub email: Option<String>,
    /// When they did it.
    pub date: Option<String>,
}

/// An organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affiliation {
    /// Its name.
    pub name: String,
    /// Its ROR id, nine characters.
    pub ror: Option<String>,
    /// Another identifier or address of it.
    pub id: Option<String>,
}

/// The last part of an identifier that may be written as an address of one of these hosts.
fn bare<'a>(written: &'a str, hosts: &[&str]) -> &'a str {
    let text = written.trim().trim_end_matches('/');
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or(text);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    hosts
        .iter()
        .find_map(|host| rest.strip_prefix(host)?.strip_prefix('/'))
        .unwrap_or(text)
}

/// An ORCID with its ISO 7064 mod 11-2 check digit (R-07-10).
pub fn orcid(written: &str) -> Result<String, &'static str> {
    const SHAPE: &str = "use the form 0000-0002-1825-0097";
    let id = bare(written, &["orcid.org"]).to_ascii_uppercase();
    let groups: Vec<&str> = id.split('-').collect();
    if groups.len() != 4 || groups.iter().any(|group| group.len() != 4) {
        return Err(SHAPE);
    }
    let characters: Vec<char> = id.chars().filter(|c| *c != '-').collect();
    let Some((check, digits)) = characters.split_last() else {
        return Err(SHAPE);
    };
    let mut total = 0;
    for c in digits {
        total = (total + c.to_digit(10).ok_or(SHAPE)?) * 2 % 11;
    }
    let expected = match (12 - total % 11) % 11 {
        10 => 'X',
        n => char::from_digit(n, 10).ok_or(SHAPE)?,
    };
    if *check != expected {
        return Err("its check digit is wrong: copy the ORCID again");
    }
    Ok(id)
}

/// An IdRef number: eight digits and a check character.
pub fn idref(written: &str) -> Result<String, &'static str> {
    let id = bare(written, &["idref.fr"]);
    let id = id.strip_suffix("/id").unwrap_or(id).to_ascii_uppercase();
    let shaped = id.len() == 9
        && id.bytes().take(8).all(|b| b.is_ascii_digit())
        && id
            .bytes()
            .last()
            .is_some_and(|b| b.is_ascii_digit() || b == b'X');
    if shaped {
        Ok(id)
    } else {
        Err("use the nine characters of the IdRef notice, such as 026800373")
    }
}

/// A ROR id: `0`, six characters of its base 32, two digits.
pub fn ror(written: &str) -> Result<String, &'static str> {
    let id = bare(written, &["ror.org"]).to_ascii_lowercase();
    let shaped = id.len() == 9
        && id.starts_with('0')
        && id
            .bytes()
            .all(|b| b.is_ascii_digit() || (b.is_ascii_lowercase() && !b"ilou".contains(&b)))
        && id.bytes().skip(7).all(|b| b.is_ascii_digit());
    if shaped {
        Ok(id)
    } else {
        Err("use the nine characters of the ROR id, such as 04yrqp957")
    }
}

fn person(value: &Json, at: &str, with_role: bool, report: &mut Report) -> Option<Creator> {
    let object = match value {
        Json::String(_) => {
            let name = line(value, at, report)?;
            let role = with_role.then(|| "contributor".to_owned());
            return Some(Creator {
                name,
                role,
                ..Creator::default()
            });
        }
        Json::Object(object) => object,
        _ => {
            wrong_type(value, at, "a name, or an object with a name", report);
            return None;
        }
    };
    let name = required(object, "name", at, line, report);
    let id = |member: &str, read: fn(&str) -> Result<String, &'static str>, report: &mut Report| {
        let at = format!("{at}.{member}");
        let written = line(object.get(member)?, &at, report)?;
        match read(&written) {
            Ok(id) => Some(id),
            Err(fix) => {
                report.problem(&at, format!("{:?} is not valid", shorten(&written)), fix);
                None
            }
        }
    };
    let orcid = id("orcid", orcid, report);
    let idref = id("idref", idref, report);
    let ror = id("ror", ror, report);
    let affiliation = optional(object, "affiliation", at, affiliation, report);
    let role = match object.get("role") {
        Some(role) if with_role => term(&ROLES, role, &format!("{at}.role"), report),
        None if with_role => Some("contributor".to_owned()),
        _ => None,
    };
    let read_kind: Read<String> = |value, at, report| term(&PARTIES, value, at, report);
    let person = Creator {
        name: name?,
        orcid,
        idref,
        affiliation,
        role,
        kind: optional(object, "type", at, read_kind, report),
        given: optional(object, "given", at, line, report),
        family: optional(object, "family", at, line, report),
        honorific: optional(object, "honorific", at, line, report),
        ror,
        ids: list(object, "ids", at, target, report),
        email: optional(object, "email", at, email, report),
        date: optional(object, "date", at, date, report),
    };
    let known = if with_role {
        &MEMBERS[..]
    } else {
        &MEMBERS[1..]
    };
    only(object, known, at, report);
    Some(person)
}

/// The members of a person; `role` is a contributor's only.
const MEMBERS: [&str; 13] = [
    "role",
    "name",
    "orcid",
    "idref",
    "affiliation",
    "type",
    "given",
    "family",
    "honorific",
    "ror",
    "ids",
    "email",
    "date",
];

pub(super) fn creator(value: &Json, at: &str, report: &mut Report) -> Option<Creator> {
    person(value, at, false, report)
}

pub(super) fn contributor(value: &Json, at: &str, report: &mut Report) -> Option<Creator> {
    person(value, at, true, report)
}

fn affiliation(value: &Json, at: &str, report: &mut Report) -> Option<Affiliation> {
    let object = match value {
        Json::String(_) => {
            return line(value, at, report).map(|name| Affiliation {
                name,
                ..Affiliation::default()
            });
        }
        Json::Object(object) => object,
        _ => {
            wrong_type(value, at, "the organisation's name, or {name, ror}", report);
            return None;
        }
    };
    let name = required(object, "name", at, line, report);
    let ror = object.get("ror").and_then(|value| {
        let at = format!("{at}.ror");
        let written = line(value, &at, report)?;
        ror(&written)
            .map_err(|fix| {
                report.problem(&at, format!("{:?} is not valid", shorten(&written)), fix)
            })
            .ok()
    });
    let id = optional(object, "id", at, target, report);
    only(object, &["name", "ror", "id"], at, report);
    Some(Affiliation {
        name: name?,
        ror,
        id,
    })
}

impl Written for Creator {
    fn written(&self) -> Json {
        Object::default()
            .with("name", &self.name)
            .maybe("orcid", &self.orcid)
            .maybe("idref", &self.idref)
            .maybe("role", &self.role)
            .maybe("affiliation", &self.affiliation)
            .maybe("type", &self.kind)
            .maybe("given", &self.given)
            .maybe("family", &self.family)
            .maybe("honorific", &self.honorific)
            .maybe("ror", &self.ror)
            .list("ids", &self.ids)
            .maybe("email", &self.email)
            .maybe("date", &self.date)
            .done()
    }
}

impl Written for Affiliation {
    fn written(&self) -> Json {
        Object::default()
            .with("name", &self.name)
            .maybe("ror", &self.ror)
            .maybe("id", &self.id)
            .done()
    }
}
