//! Changing a repository: who may push, what is protected, what it is called. A new `repository` statement keeps all
//! that the change does not name.

mod handover;
mod rules;

use commun_specs::{
    fold::{Item, RefusalKind},
    id::StatementId,
    json::{Object, Value},
    metadata::{Record, View},
    name::{Handle, Role},
    statement::{Facts, Protection, Pusher, Repository},
};

use super::{
    MAX_RACES, NewRepository, PublishError, Published, Resources, Target, check, declared,
};
use crate::core::{Draft, Person, WriteError};

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An institution accepts pushes, or accepts them otherwise than before.
    Maintain {
        /// Which.
        institution: Handle,
        /// Only from these persons (first enrolments in its log); `None` = from its developers.
        persons: Option<Vec<StatementId>>,
        /// Where it stands in the owner's order.
        place: Place,
    },
    /// An institution accepts no pushes any more: what its log holds beyond what this node knows does not count.
    Dismiss(Handle),
    /// Refs of a pattern are protected.
    Protect(Rule),
    /// They are not any more.
    Unprotect(String),
    /// Words, licence, slug or default branch; what is `None` stays.
    Edit(Edit),
}

/// Where an institution stands in the owner's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Where it stands, or last.
    Same,
    /// Before all others.
    First,
    /// Before this one.
    Before(Handle),
}

/// A protection, without the heads that stand when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// A full ref name, or one that ends in `/*`.
    pub pattern: String,
    /// How many institutions must state a commit.
    pub threshold: u64,
    /// Whether history may be rewritten.
    pub force: bool,
    /// Whether the ref may be deleted.
    pub delete: bool,
}

/// New words of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// A new name; the former one stays an alias.
    pub slug: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// SPDX expression.
    pub licence: Option<String>,
    /// The language of title and description.
    pub language: Option<String>,
    /// The branch that is shown first.
    pub default_branch: Option<String>,
}

impl Resources {
    /// States a change of a repository of this institution.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub async fn change_repository(
        &self,
        person: &Person,
        item: StatementId,
        change: &Change,
    ) -> Result<Published, PublishError> {
        for _ in 0..MAX_RACES {
            let now = self.owned(person, &item)?;
            let (draft, slug) = self.changed(person, &now, change)?;
            let key = self.core.author_key(person).map_err(PublishError::failed)?;
            match self.append(draft, person, key.as_ref()).await {
                Ok(written) => {
                    let target = Target {
                        item: Some(item),
                        slug,
                        supersedes: Vec::new(),
                    };
                    return Ok(self.published(&target, &written));
                }
                Err(WriteError::Refused(r)) if r.kind() == RefusalKind::Stale => {}
                Err(e) => return Err(PublishError::of(e)),
            }
        }
        Err(PublishError::Conflict(
            "others change this repository at the same time; try again in a moment".to_owned(),
        ))
    }

    /// The repository, if it is this institution's and this person may change it.
    fn owned(&self, person: &Person, id: &StatementId) -> Result<Item, PublishError> {
        let me = &self.core.identity().handle;
        let item = self.core.state().catalogue().copy_of(id);
        let item = item.ok_or(PublishError::NoSuchItem)?;
        if item.owner != *me {
            return Err(PublishError::NotAllowed(format!(
                "the repository belongs to {}; its rules are changed on that institution's node",
                item.owner
            )));
        }
        if !person.may(&[Role::Developer]) {
            return Err(PublishError::NotAllowed(
                "changing a repository needs the role developer; ask an admin of your institution"
                    .to_owned(),
            ));
        }
        Ok(item)
    }

    fn changed(
        &self,
        person: &Person,
        item: &Item,
        change: &Change,
    ) -> Result<(Draft, commun_specs::name::Slug), PublishError> {
        let found = self
            .core
            .statement(&item.policy)
            .map_err(PublishError::failed)?
            .ok_or(PublishError::NoSuchItem)?;
        let (Some(head), Ok(Some(Facts::Repository(mut rules)))) =
            (&found.statement.head, found.statement.facts())
        else {
            return Err(PublishError::NoSuchItem);
        };
        // What was handed on is called as it was accepted.
        rules.slug = item.slug.clone();
        let mut body = found.body.map(|b| b.bytes);
        if let Change::Edit(edit) = change {
            let record = body
                .as_deref()
                .and_then(|b| Record::from_body(b).ok())
                .unwrap_or_default();
            let charter = self.core.state().chain().head().0.clone();
            let checked = check::repository(&self.wanted(edit, &rules), &charter)?;
            let view = words(record.view(), checked.view, edit);
            let key = self.core.author_key(person).map_err(PublishError::failed)?;
            let record = Record::from_view(&view, declared(None, person, key.as_ref()));
            body = Some(
                record
                    .to_body()
                    .map_err(|e| PublishError::Invalid(super::one("", &e.to_string())))?,
            );
            rules.slug = checked.slug;
            rules.licence = checked.licence;
            rules.default_branch = checked.default_branch;
        } else {
            self.apply(&mut rules, change)?;
        }
        self.renew_bases(item, &mut rules)?;
        let mut fields = head.fields.clone();
        fields.extend(members(&rules));
        let draft = Draft {
            kind: "repository",
            item: Some(item.id),
            supersedes: item
                .heads
                .iter()
                .map(|h| h.2)
                .chain(item.withdrawn)
                .collect(),
            fields,
            body,
            ..Draft::default()
        };
        Ok((draft, rules.slug))
    }

    /// What an edit asks for, as if it were a new repository: held to the same rules.
    fn wanted(&self, edit: &Edit, rules: &Repository) -> NewRepository {
        let licence = super::stated_licence(&rules.licence).map(str::to_owned);
        NewRepository {
            slug: edit.slug.clone().unwrap_or_else(|| rules.slug.to_string()),
            title: edit.title.clone(),
            description: edit.description.clone(),
            licence: edit.licence.clone().or(licence),
            language: edit.language.clone(),
            default_branch: Some(
                edit.default_branch
                    .clone()
                    .unwrap_or_else(|| rules.default_branch.clone()),
            ),
        }
    }
}

/// The words of before, with those that are new in their place. A new title or description replaces that of its
/// language.
fn words(before: View, new: View, edit: &Edit) -> View {
    let fallback = before.languages.first().cloned();
    let replace = |texts: &mut Vec<(String, String)>, new: Vec<(String, String)>| {
        for (lang, text) in new {
            let lang = match (&fallback, lang.as_str()) {
                (Some(own), "und") => own.clone(),
                _ => lang,
            };
            texts.retain(|(l, _)| *l != lang && l != "und");
            texts.insert(0, (lang, text));
        }
    };
    let mut view = before;
    replace(&mut view.titles, new.titles);
    replace(&mut view.descriptions, new.descriptions);
    if edit.language.is_some() {
        view.languages = new.languages;
    }
    view.licence = new.licence;
    view
}

/// The members of a head that changes touch; all others stay as they are.
fn members(rules: &Repository) -> Object {
    let ids = |ids: &[StatementId]| {
        let mut ids = ids.to_vec();
        ids.sort();
        ids.dedup();
        Value::List(ids.iter().map(|i| i.to_string().into()).collect())
    };
    let pusher = |p: &Pusher| {
        let mut o = Object::from([(
            "institution".to_owned(),
            Value::from(p.institution.as_str()),
        )]);
        if let Some(persons) = &p.persons {
            o.insert("persons".to_owned(), ids(persons));
        }
        Value::Object(o)
    };
    let protection = |p: &Protection| {
        Value::Object(Object::from([
            ("pattern".to_owned(), p.pattern.as_str().into()),
            ("threshold".to_owned(), Value::Int(p.threshold)),
            ("force".to_owned(), Value::Bool(p.force)),
            ("delete".to_owned(), Value::Bool(p.delete)),
            ("base".to_owned(), ids(&p.base)),
        ]))
    };
    let list = |values: Vec<Value>| Value::List(values);
    Object::from([
        ("slug".to_owned(), rules.slug.as_str().into()),
        ("licence".to_owned(), rules.licence.as_str().into()),
        (
            "default_branch".to_owned(),
            rules.default_branch.as_str().into(),
        ),
        (
            "pushers".to_owned(),
            list(rules.pushers.iter().map(pusher).collect()),
        ),
        (
            "protected".to_owned(),
            list(rules.protected.iter().map(protection).collect()),
        ),
        (
            "cuts".to_owned(),
            list(
                rules
                    .cuts
                    .iter()
                    .map(commun_specs::statement::Cut::to_value)
                    .collect(),
            ),
        ),
    ])
}
