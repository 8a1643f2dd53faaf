//! Adoptions: an institution says that it runs an item, since when, in which version, and who can help. Signed in its own
//! log, so that nobody can count users that never were.

use std::collections::{BTreeMap, BTreeSet};

use commun_specs::{
    fold::{AdoptionView, Item},
    id::StatementId,
    json::{Object, Value},
    metadata::is_date,
    name::{Handle, Role},
    statement::{MAX_VERSION, Use},
};
use serde::Deserialize;

use crate::{
    core::{Author, Core, Draft, Person, WriteError, Written, now},
    items::{self, Neighbour},
    store,
    takedown::{self, Standing},
};

/// Longest contact, in characters: a name and an address.
pub const MAX_CONTACT: usize = 300;
/// Longest comment, in characters.
pub const MAX_COMMENT: usize = 2_000;
/// Adoptions that one answer names.
pub const MAX_LISTED: usize = 1_000;
/// What is stated where nobody names a version.
const NO_VERSION: &str = "unknown";

/// That an institution uses an item, as it is shown.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// Who.
    pub institution: Handle,
    /// Whether it is no member any more.
    pub former: bool,
    /// Which version, as people name it; `None` where it is not known.
    pub version: Option<String>,
    /// Since which day.
    pub since: String,
    /// How.
    pub status: Use,
    /// Who can help.
    pub contact: Option<String>,
    /// What it says besides.
    pub comment: Option<String>,
    /// The statement.
    pub statement: StatementId,
    /// Where it stands in the institution's log.
    pub position: u64,
    /// Seconds since 1970, by its author's clock.
    pub time: u64,
}

/// What somebody wants to state.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAdoption {
    /// Which version; the newest release where it is absent.
    pub version: Option<String>,
    /// Since which day; today where it is absent.
    pub since: Option<String>,
    /// `in-use` where it is absent.
    pub status: Option<String>,
    /// Who can help.
    pub contact: Option<String>,
    /// More words.
    pub comment: Option<String>,
}

/// An adoption is not stated.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// The person may not.
    #[error(
        "saying that the institution uses something needs the role developer, librarian or admin"
    )]
    NotAllowed,
    /// A value breaks a rule: which, and what to write.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
    /// There is nothing to take back.
    #[error("your institution has not said that it uses this item")]
    NotAdopted,
    /// The item was taken back.
    #[error("its institution has withdrawn this item")]
    Withdrawn,
    /// The log does not take it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// `log.db` or the keys fail.
    #[error("{0}")]
    Failed(String),
}

/// Who uses an item: the newest statement of each institution, withdrawn ones too, in the order of the catalogue.
///
/// # Errors
/// `log.db` fails.
pub fn of(core: &Core, item: &Item) -> Result<Vec<Adoption>, store::Error> {
    let views = core.state().catalogue().adoptions(&item.id);
    let mut all: Vec<Adoption> = Vec::new();
    for view in views {
        let again = all.iter().any(|a| a.institution == view.spoken.institution);
        if !again && all.len() < MAX_LISTED {
            all.push(shown(core, view)?);
        }
    }
    Ok(all)
}

/// What an institution uses, with the items, by name; what was withdrawn is left out.
///
/// # Errors
/// `log.db` fails.
pub fn by(core: &Core, institution: &Handle) -> Result<Vec<(Neighbour, Adoption)>, store::Error> {
    let views = core.state().catalogue().adoptions_by(institution);
    let mut all: Vec<(Neighbour, Adoption)> = Vec::new();
    for view in views.into_iter().filter(|v| v.status != Use::Withdrawn) {
        let item = core.state().catalogue().copy_of(&view.item);
        let Some(item) = item.filter(|i| i.withdrawn.is_none()) else {
            continue;
        };
        if all.len() >= MAX_LISTED || all.iter().any(|(other, _)| other.id == item.id) {
            continue;
        }
        let neighbour = Neighbour {
            name: format!("{}/{}", item.owner, item.slug),
            id: item.id,
            title: items::title(core, &item)?,
        };
        all.push((neighbour, shown(core, view)?));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

/// What an institution gives: the use that others make of its items.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// How many of its items others use.
    pub items: u64,
    /// The institutions that use some of them.
    pub institutions: BTreeSet<Handle>,
    /// The items that most use, with who, at most [`MAX_GIVEN`].
    pub most: Vec<(Neighbour, Vec<Handle>)>,
}

/// Items of an institution that others use: those that most use, with their titles, which are read out of statements.
pub const MAX_GIVEN: usize = 20;

/// What others use of an institution's items, by their own statements.
///
/// # Errors
/// `log.db` fails.
pub fn given(core: &Core, owner: &Handle) -> Result<Given, store::Error> {
    let mut by_item: BTreeMap<StatementId, BTreeSet<Handle>> = BTreeMap::new();
    for view in core.state().catalogue().adoptions_from(owner) {
        if view.status != Use::Withdrawn {
            by_item
                .entry(view.item)
                .or_default()
                .insert(view.spoken.institution);
        }
    }
    by_item.retain(|id, _| {
        let item = core.state().catalogue().copy_of(id);
        item.is_some_and(|item| takedown::standing(core, &item) == Standing::Shown)
    });
    let mut most: Vec<(StatementId, BTreeSet<Handle>)> = by_item.into_iter().collect();
    let mut given = Given {
        items: most.len() as u64,
        institutions: most.iter().flat_map(|(_, by)| by.iter().cloned()).collect(),
        most: Vec::new(),
    };
    most.sort_by_key(|(id, by)| (std::cmp::Reverse(by.len()), *id));
    for (id, by) in most.into_iter().take(MAX_GIVEN) {
        let item = core.state().catalogue().copy_of(&id);
        let Some(item) = item else { continue };
        let neighbour = Neighbour {
            name: format!("{}/{}", item.owner, item.slug),
            title: items::title(core, &item)?,
            id,
        };
        given.most.push((neighbour, by.into_iter().collect()));
    }
    Ok(given)
}

/// How many institutions use an item or try it.
pub fn count(core: &Core, item: &StatementId) -> u64 {
    let views = core.state().catalogue().adoptions(item);
    let users = views.iter().filter(|v| v.status != Use::Withdrawn);
    let users: BTreeSet<&Handle> = users.map(|v| &v.spoken.institution).collect();
    users.len() as u64
}

fn shown(core: &Core, view: AdoptionView) -> Result<Adoption, store::Error> {
    let found = core.statement(&view.spoken.id)?;
    let words: serde_json::Value = found
        .as_ref()
        .and_then(|f| serde_json::from_slice(&f.body.as_ref()?.bytes).ok())
        .unwrap_or_default();
    let text = |name: &str, most| {
        let text: String = words[name].as_str()?.trim().chars().take(most).collect();
        (!text.is_empty()).then_some(text)
    };
    let former = {
        let state = core.state();
        state
            .chain()
            .head()
            .0
            .institution(&view.spoken.institution)
            .is_none()
    };
    Ok(Adoption {
        former,
        version: Some(view.version).filter(|v| v != NO_VERSION),
        since: view.since,
        status: view.status,
        contact: text("contact", MAX_CONTACT),
        comment: text("comment", MAX_COMMENT),
        statement: view.spoken.id,
        position: view.spoken.position,
        time: found
            .and_then(|f| f.statement.head.map(|h| h.time))
            .unwrap_or(0),
        institution: view.spoken.institution,
    })
}

/// States that this institution uses an item, in place of what it said before. `newest` is the version to name where
/// none is given.
///
/// # Errors
/// See [`AdoptError`].
pub async fn adopt(
    core: &Core,
    person: &Person,
    item: &Item,
    new: NewAdoption,
    newest: Option<String>,
) -> Result<Written, AdoptError> {
    if !person.may(&[Role::Developer, Role::Librarian]) {
        return Err(AdoptError::NotAllowed);
    }
    let status = match new.status.as_deref().unwrap_or("in-use") {
        "in-use" => Use::InUse,
        "testing" => Use::Testing,
        "withdrawn" => Use::Withdrawn,
        _ => {
            return Err(AdoptError::Invalid(
                "status",
                "use in-use, testing or withdrawn".into(),
            ));
        }
    };
    if item.withdrawn.is_some() && status != Use::Withdrawn {
        return Err(AdoptError::Withdrawn);
    }
    let me = &core.identity().handle;
    let own: Vec<AdoptionView> = {
        let views = core.state().catalogue().adoptions(&item.id);
        views
            .into_iter()
            .filter(|v| v.spoken.institution == *me)
            .collect()
    };
    let stands = own.first().filter(|v| v.status != Use::Withdrawn);
    if status == Use::Withdrawn && stands.is_none() {
        return Err(AdoptError::NotAdopted);
    }
    // What is not said again stays as it was said.
    let version = new
        .version
        .map(|v| v.trim().to_owned())
        .filter(|v| !v.is_empty());
    let version = version
        .or_else(|| stands.map(|v| v.version.clone()))
        .or(newest);
    let version = version.unwrap_or_else(|| NO_VERSION.into());
    if version.len() > MAX_VERSION || version.chars().any(char::is_control) {
        let most = format!("one line of at most {MAX_VERSION} bytes");
        return Err(AdoptError::Invalid("version", most));
    }
    let since = new
        .since
        .or_else(|| stands.map(|v| v.since.clone()))
        .unwrap_or_else(today);
    if since.len() != 10 || !is_date(&since) {
        return Err(AdoptError::Invalid(
            "since",
            "write a day as 2026-01-31".into(),
        ));
    }
    let before = match stands {
        Some(view) => {
            Some(shown(core, view.clone()).map_err(|e| AdoptError::Failed(e.to_string()))?)
        }
        None => None,
    };
    let contact = new.contact.or_else(|| before.as_ref()?.contact.clone());
    let comment = new.comment.or_else(|| before.as_ref()?.comment.clone());
    let body = words(contact, comment)?;
    let fields = Object::from([
        ("version".to_owned(), Value::from(version)),
        ("since".to_owned(), since.into()),
        ("status".to_owned(), status.as_str().into()),
    ]);
    let draft = Draft {
        kind: "adoption",
        item: Some(item.id),
        supersedes: own
            .iter()
            .map(|v| v.spoken.id)
            .take(commun_specs::statement::MAX_SUPERSEDES)
            .collect(),
        fields,
        body,
        ..Draft::default()
    };
    let key = core
        .author_key(person)
        .map_err(|e| AdoptError::Failed(e.to_string()))?;
    let author = Author::of(person, key.as_ref());
    let entry = core.compose(draft, &author).map_err(WriteError::from)?;
    Ok(core.write(entry).await?)
}

/// The body: what names people can be erased.
fn words(contact: Option<String>, comment: Option<String>) -> Result<Option<Vec<u8>>, AdoptError> {
    let mut body = serde_json::Map::new();
    for (name, text, most) in [
        ("comment", comment, MAX_COMMENT),
        ("contact", contact, MAX_CONTACT),
    ] {
        let text = text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let Some(text) = text else { continue };
        let control = |c: char| c.is_control() && !(name == "comment" && c == '\n');
        if text.chars().count() > most || text.chars().any(control) {
            return Err(AdoptError::Invalid(
                name,
                format!("at most {most} characters, without control characters"),
            ));
        }
        body.insert(name.to_owned(), text.into());
    }
    if body.is_empty() {
        return Ok(None);
    }
    Ok(Some(
        serde_json::Value::Object(body).to_string().into_bytes(),
    ))
}

/// The day by this machine's clock, in UTC.
fn today() -> String {
    let time = time::OffsetDateTime::from_unix_timestamp(now() as i64);
    let date = time.unwrap_or(time::OffsetDateTime::UNIX_EPOCH).date();
    format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

#[cfg(test)]
mod tests;
