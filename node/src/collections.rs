//! Collections: items of any institution in an order, with a title, to be shared and forked.

use std::ops::Range;

use commun_specs::{
    fold::{Item, ItemKind, RefusalKind},
    id::StatementId,
    json::{Object, Value},
    list,
    metadata::{Record, Source, View},
    name::Slug,
    statement::MAX_INLINE_MEMBERS,
};
use serde::Deserialize;

use crate::{
    core::{Author, Core, Draft, Person, WriteError, Written},
    items::Neighbour,
    store,
    takedown::{self, Standing},
};

/// Most members of a collection: what a page can show and a person can order.
pub const MAX_MEMBERS: usize = 10_000;
/// Members that a page shows, with their titles; the others are on the pages after it.
pub const OPEN_MEMBERS: usize = 100;
/// Longest title and text, in characters.
const MAX_TITLE: usize = 300;
const MAX_TEXT: usize = 10_000;
/// How often an edit is tried again when somebody else edited in between.
const MAX_RACES: usize = 3;

/// What somebody wants to collect.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCollection {
    /// Its name.
    pub slug: String,
    /// Its title; of a fork, that of the origin where it is absent.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The language of these words (BCP 47).
    pub language: Option<String>,
    /// Its members: `handle/slug`, or ids.
    #[serde(default)]
    pub members: Vec<String>,
}

/// What somebody wants to change.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Items to add, at the end or at `at`.
    #[serde(default)]
    pub add: Vec<String>,
    /// Items to take out.
    #[serde(default)]
    pub remove: Vec<String>,
    /// An item to move to the place `at`.
    pub r#move: Option<String>,
    /// A place, counted from 1.
    pub at: Option<usize>,
    /// Another title.
    pub title: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// The language of these words.
    pub language: Option<String>,
}

/// A collection is not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// A value is wrong: which, and what to do.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
    /// The item is no collection, or another's.
    #[error("{0}")]
    NotAllowed(String),
    /// The name is taken, or it is so already.
    #[error("{0}")]
    Conflict(String),
    /// The log does not take it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The node fails.
    #[error("{0}")]
    Failed(String),
}

impl From<store::Error> for CollectionError {
    fn from(e: store::Error) -> Self {
        Self::Failed(e.to_string())
    }
}

/// How a member stands on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// It is shown.
    Here,
    /// Its institution withdrew it.
    Withdrawn,
    /// This node hides it.
    Hidden,
    /// Nothing is known of it here.
    Unknown,
}

impl MemberState {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            MemberState::Here => "here",
            MemberState::Withdrawn => "withdrawn",
            MemberState::Hidden => "hidden",
            MemberState::Unknown => "unknown",
        }
    }
}

/// A member of a collection.
#[derive(Debug, Clone)]
pub struct Member {
    /// The item: its id, and its name and title where it is shown.
    pub item: Neighbour,
    /// What it is, where it is known.
    pub kind: Option<ItemKind>,
    /// How it stands.
    pub state: MemberState,
}

/// The members of a collection, in their order, those at the places `titles` with theirs: a title is read out of the
/// metadata. `None` for what is no collection.
///
/// # Errors
/// `log.db` fails.
pub fn members(
    core: &Core,
    collection: &StatementId,
    titles: Range<usize>,
) -> Result<Option<Vec<Member>>, store::Error> {
    let ids = {
        let state = core.state();
        state.catalogue().members(collection).map(<[_]>::to_vec)
    };
    let Some(ids) = ids else { return Ok(None) };
    let mut all = Vec::new();
    for (at, id) in ids.into_iter().take(MAX_MEMBERS).enumerate() {
        let item = core.state().catalogue().copy_of(&id);
        let standing = item.as_ref().map(|item| takedown::standing(core, item));
        let state = match standing {
            None => MemberState::Unknown,
            Some(Standing::Shown) => MemberState::Here,
            Some(Standing::Withdrawn) => MemberState::Withdrawn,
            Some(Standing::Hidden(_)) => MemberState::Hidden,
        };
        let shown = item
            .as_ref()
            .filter(|_| state == MemberState::Here && titles.contains(&at));
        let named = item.as_ref().filter(|_| state != MemberState::Hidden);
        all.push(Member {
            kind: item.as_ref().map(|i| i.kind),
            item: Neighbour {
                id,
                name: named
                    .map(|i| format!("{}/{}", i.owner, i.slug))
                    .unwrap_or_default(),
                title: match shown {
                    Some(item) => crate::items::title(core, item)?,
                    None => None,
                },
            },
            state,
        });
    }
    Ok(Some(all))
}

/// The item of a name or a whole id.
fn find(core: &Core, name: &str) -> Result<StatementId, CollectionError> {
    let state = core.state();
    let catalogue = state.catalogue();
    let found = match name.split_once('/') {
        Some((handle, slug)) => {
            let handle = commun_specs::name::Handle::new(handle).ok();
            let slug = Slug::new(slug).ok();
            handle
                .zip(slug)
                .and_then(|(handle, slug)| catalogue.by_name(&handle, &slug))
        }
        None => match catalogue.by_prefix(name, 2).as_slice() {
            [one] if name.len() >= 8 => Some(*one),
            _ => None,
        },
    };
    found.ok_or_else(|| {
        CollectionError::Invalid(
            "members",
            format!("there is no such item in this commons: {name}"),
        )
    })
}

fn all(core: &Core, names: &[String]) -> Result<Vec<StatementId>, CollectionError> {
    names.iter().map(|name| find(core, name)).collect()
}

/// The words of a collection, as the metadata model has them.
fn words(
    person: &Person,
    title: &str,
    description: Option<&str>,
    language: Option<&str>,
) -> Result<Vec<u8>, CollectionError> {
    let fits = |text: &str, most: usize| {
        let control = |c: char| c.is_control() && c != '\n';
        !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(control)
    };
    if !fits(title, MAX_TITLE) {
        let rule = format!("1 to {MAX_TITLE} characters");
        return Err(CollectionError::Invalid("title", rule));
    }
    let description = description.map(str::trim).filter(|d| !d.is_empty());
    if description.is_some_and(|d| !fits(d, MAX_TEXT)) {
        let rule = format!("at most {MAX_TEXT} characters");
        return Err(CollectionError::Invalid("description", rule));
    }
    let tag = language.unwrap_or("und").to_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if tag.is_empty() || tag.len() > 35 || !tag.chars().all(plain) {
        let rule = "a language tag such as fr".to_owned();
        return Err(CollectionError::Invalid("language", rule));
    }
    let view = View {
        titles: vec![(tag.clone(), title.trim().to_owned())],
        descriptions: description
            .map(|d| (tag.clone(), d.to_owned()))
            .into_iter()
            .collect(),
        languages: language.map(str::to_owned).into_iter().collect(),
        ..View::default()
    };
    let source = Source::declared(None, None, Some(person.key.to_string()));
    let body = Record::from_view(&view, source).to_body();
    body.map_err(|e| CollectionError::Invalid("description", e.to_string()))
}

fn draft(
    slug: &Slug,
    members: &[StatementId],
    body: Vec<u8>,
    item: Option<StatementId>,
    supersedes: Vec<StatementId>,
) -> Result<Draft, CollectionError> {
    if members.len() > MAX_MEMBERS {
        let rule = format!("a collection has at most {MAX_MEMBERS} members");
        return Err(CollectionError::Invalid("members", rule));
    }
    let mut sorted = members.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|w| w[0] == w[1]) {
        let rule = "an item is a member once".to_owned();
        return Err(CollectionError::Invalid("members", rule));
    }
    let mut fields = Object::from([("slug".to_owned(), Value::from(slug.as_str()))]);
    let mut lists = Vec::new();
    if members.len() <= MAX_INLINE_MEMBERS {
        let ids = members.iter().map(|m| m.to_string().into()).collect();
        fields.insert("members".to_owned(), Value::List(ids));
    } else {
        let bytes = list::write_members(members)
            .map_err(|e| CollectionError::Invalid("members", e.to_string()))?;
        let named = Object::from([
            ("sha256".to_owned(), list::hash(&bytes).to_string().into()),
            ("size".to_owned(), Value::Int(bytes.len() as u64)),
        ]);
        fields.insert("list".to_owned(), Value::Object(named));
        lists.push(bytes);
    }
    Ok(Draft {
        kind: "collection",
        item,
        supersedes,
        fields,
        body: Some(body),
        lists,
    })
}

async fn state(core: &Core, person: &Person, draft: Draft) -> Result<Written, CollectionError> {
    let key = core
        .author_key(person)
        .map_err(|e| CollectionError::Failed(e.to_string()))?;
    let author = Author::of(person, key.as_ref());
    let entry = core.compose(draft, &author).map_err(WriteError::from)?;
    core.write(entry).await.map_err(|e| match e {
        WriteError::Refused(r) if r.kind() == RefusalKind::NotAllowed => {
            CollectionError::NotAllowed(r.to_string())
        }
        e => CollectionError::Write(e),
    })
}

/// Makes a collection of this institution.
///
/// # Errors
/// See [`CollectionError`].
pub async fn create(
    core: &Core,
    person: &Person,
    new: NewCollection,
) -> Result<Written, CollectionError> {
    let slug = Slug::new(&new.slug).map_err(|e| CollectionError::Invalid("slug", e.to_string()))?;
    let me = core.identity().handle.clone();
    if core.state().catalogue().by_name(&me, &slug).is_some() {
        return Err(CollectionError::Conflict(format!(
            "{me}/{slug} is already the name of an item; choose another slug"
        )));
    }
    let members = all(core, &new.members)?;
    let title = new.title.as_deref().unwrap_or(slug.as_str());
    let (description, language) = (new.description.as_deref(), new.language.as_deref());
    let body = words(person, title, description, language)?;
    state(
        core,
        person,
        draft(&slug, &members, body, None, Vec::new())?,
    )
    .await
}

/// Makes a collection of this institution with the members of another, of anybody.
///
/// # Errors
/// See [`CollectionError`].
pub async fn fork(
    core: &Core,
    person: &Person,
    origin: &Item,
    mut new: NewCollection,
) -> Result<Written, CollectionError> {
    let ids = core
        .state()
        .catalogue()
        .members(&origin.id)
        .map(<[_]>::to_vec);
    let Some(ids) = ids else {
        return Err(CollectionError::NotAllowed(
            "the item is no collection".to_owned(),
        ));
    };
    let known: Vec<String> = {
        let state = core.state();
        let known = ids.iter().filter(|id| state.catalogue().item(id).is_some());
        known.map(ToString::to_string).collect()
    };
    let view = view(core, origin)?;
    let said = |texts: &[(String, String)]| texts.first().map(|(_, text)| text.clone());
    new.members = known.into_iter().chain(new.members).collect();
    new.title = new.title.or_else(|| said(&view.titles));
    new.description = new.description.or_else(|| said(&view.descriptions));
    new.language = new.language.or_else(|| view.languages.first().cloned());
    create(core, person, new).await
}

fn view(core: &Core, item: &Item) -> Result<View, store::Error> {
    let found = core.statement(&item.displayed())?;
    let body = found.and_then(|f| f.body);
    let record = body.and_then(|b| Record::from_body(&b.bytes).ok());
    Ok(record.unwrap_or_default().view())
}

/// Changes a collection of this institution: what is taken out, then what is added, then what is moved.
///
/// # Errors
/// See [`CollectionError`].
pub async fn edit(
    core: &Core,
    person: &Person,
    collection: &StatementId,
    edit: Edit,
) -> Result<Written, CollectionError> {
    let (add, remove) = (all(core, &edit.add)?, &edit.remove);
    let moved = edit
        .r#move
        .as_deref()
        .map(|name| find(core, name))
        .transpose()?;
    for race in 0.. {
        let item = core.state().catalogue().copy_of(collection);
        let item = item
            .filter(|i| i.kind == ItemKind::Collection)
            .ok_or_else(|| CollectionError::NotAllowed("the item is no collection".to_owned()))?;
        if item.owner != core.identity().handle {
            return Err(CollectionError::NotAllowed(format!(
                "the collection belongs to {}; fork it to have one of your own",
                item.owner
            )));
        }
        let now = core
            .state()
            .catalogue()
            .members(&item.id)
            .map(<[_]>::to_vec);
        let mut list = now.unwrap_or_default();
        for name in remove {
            // What is a member may be named by its id, known or not.
            let id = name.parse().ok().or_else(|| find(core, name).ok());
            let at = id.and_then(|id: StatementId| list.iter().position(|m| *m == id));
            let Some(at) = at else {
                let rule = format!("it is no member: {name}");
                return Err(CollectionError::Invalid("remove", rule));
            };
            list.remove(at);
        }
        let place = |length: usize| match edit.at {
            None => Ok(length),
            Some(at) if (1..=length + 1).contains(&at) => Ok(at - 1),
            Some(_) => Err(CollectionError::Invalid(
                "at",
                format!("a place from 1 to {}", length + 1),
            )),
        };
        if !add.is_empty() {
            let at = place(list.len())?;
            list.splice(at..at, add.iter().copied());
        }
        if let Some(moved) = moved {
            let Some(from) = list.iter().position(|m| *m == moved) else {
                let rule = "the item is no member".to_owned();
                return Err(CollectionError::Invalid("move", rule));
            };
            list.remove(from);
            let at = place(list.len())?;
            list.insert(at, moved);
        }
        let view = view(core, &item)?;
        let said = |texts: &[(String, String)]| texts.first().map(|(_, text)| text.clone());
        let title = edit.title.clone().or_else(|| said(&view.titles));
        let description = edit
            .description
            .clone()
            .or_else(|| said(&view.descriptions));
        let language = edit
            .language
            .clone()
            .or_else(|| view.languages.first().cloned());
        let body = words(
            person,
            title.as_deref().unwrap_or(item.slug.as_str()),
            description.as_deref(),
            language.as_deref(),
        )?;
        let over = item.heads.iter().map(|h| h.2).chain(item.withdrawn);
        let mut over: Vec<StatementId> = over.collect();
        over.sort();
        let draft = draft(&item.slug, &list, body, Some(item.id), over)?;
        match state(core, person, draft).await {
            Err(CollectionError::Write(WriteError::Refused(r)))
                if r.kind() == RefusalKind::Stale && race < MAX_RACES => {}
            answer => return answer,
        }
    }
    unreachable!("the last race gives its answer")
}

#[cfg(test)]
mod tests;
