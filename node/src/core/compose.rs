//! Making statements: drafts become signed entries.

use std::collections::BTreeSet;

use commun_specs::{
    id::StatementId,
    json::Object,
    key::SecretKey,
    name::Handle,
    statement::{self, Body, Head, Malformed},
};

use super::{Core, Person, now};

/// What somebody here wants to say, before it is signed.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The kind.
    pub kind: &'static str,
    /// What it is about; absent where it creates the item.
    pub item: Option<StatementId>,
    /// The statements that it replaces.
    pub supersedes: Vec<StatementId>,
    /// The facts of its kind.
    pub fields: Object,
    /// The words.
    pub body: Option<Vec<u8>>,
    /// The lists that it names by their hash.
    pub lists: Vec<Vec<u8>>,
}

/// Who signs.
#[derive(Debug, Clone)]
pub enum Author<'a> {
    /// The node, for itself.
    Node,
    /// The node, for a person who was logged in here (their enrolment).
    NodeFor(StatementId),
    /// A person whose key the node keeps.
    Person(&'a SecretKey),
    /// The institution, together with the keys that must also sign.
    Institution(&'a SecretKey, Vec<&'a SecretKey>),
}

impl<'a> Author<'a> {
    /// A person, by the key that the node keeps for them, or the node for them where it keeps none
    /// ([`Core::author_key`]).
    pub fn of(person: &Person, key: Option<&'a SecretKey>) -> Self {
        key.map_or(Author::NodeFor(person.enrolment), Author::Person)
    }
}

/// A signed entry with what travels beside it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The envelope.
    pub bytes: Vec<u8>,
    /// The body that the head commits to.
    pub body: Option<Body>,
    /// The lists that the head names.
    pub lists: Vec<Vec<u8>>,
    /// Heads that a push goes beside, because this node does not hold their objects (R-05-16).
    pub beside: BTreeSet<StatementId>,
}

/// Signs a draft for a log.
///
/// # Errors
/// The draft breaks the form of a statement (a control character in a name, too large…).
pub fn sign(
    commons: commun_specs::id::CommonsId,
    handle: &Handle,
    node: &SecretKey,
    draft: Draft,
    author: &Author<'_>,
) -> Result<Entry, Malformed> {
    let (key, more) = match author {
        Author::Node | Author::NodeFor(_) => (node, Vec::new()),
        Author::Person(key) => (*key, Vec::new()),
        Author::Institution(key, more) => (*key, more.clone()),
    };
    let mut head = Head::new(
        draft.kind,
        commons,
        handle.clone(),
        rand::random(),
        key.public(),
        now(),
        draft.fields,
    );
    head.item = draft.item;
    head.supersedes = draft.supersedes;
    if let Author::NodeFor(person) = author {
        head.acting_for = Some(*person);
    }
    let body = draft.body.map(|bytes| Body {
        salt: rand::random(),
        bytes,
    });
    head.body = body.as_ref().map(Body::hash);
    let mut keys = vec![key];
    keys.extend(more);
    Ok(Entry {
        bytes: statement::sign(&head, &keys)?,
        body,
        lists: draft.lists,
        beside: BTreeSet::new(),
    })
}

impl Core {
    /// Signs a draft for this institution's log.
    pub fn compose(&self, draft: Draft, author: &Author<'_>) -> Result<Entry, Malformed> {
        let me = self.identity();
        sign(me.commons, &me.handle, &me.node, draft, author)
    }
}
