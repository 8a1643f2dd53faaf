//! Pairs of items that may be the same: listed, accepted, refused.
//!
//! Which pairs there are is found by [`crate::quality`]. Accepting one states it: a correction of the librarian's own item,
//! which names the other among its `aliases` (other identifiers of the same thing), or as its translation; so it travels,
//! has an author and a date, survives harvests, and is taken back like any correction. Nothing is merged. Refusing one is
//! a note of this institution alone.

use commun_specs::{duplicates::Kind, id::StatementId, metadata::Column, name::Role};
use serde_json::{Value as Json, json};

use crate::{
    core::{Core, Person, now},
    corrections::{CorrectError, Corrected, Corrections, Edit, To},
    quality::{self, Brief, Pair, Quality, Refusal},
};

/// Longest reason for a refusal, in characters.
pub const MAX_REASON: usize = 500;

/// A decision that was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such pair.
    #[error("there is no such pair: it was decided, or one of the items changed")]
    NoSuchPair,
    /// Several pairs are called so.
    #[error("several pairs have an id that begins so: give more characters")]
    Several,
    /// The person may not.
    #[error("{0}")]
    NotAllowed(String),
    /// What is asked for is not possible.
    #[error("{0}")]
    Invalid(String),
    /// The correction was refused.
    #[error(transparent)]
    Correct(#[from] CorrectError),
    /// The node fails.
    #[error(transparent)]
    Quality(#[from] quality::Error),
}

impl From<rusqlite::Error> for DecideError {
    fn from(e: rusqlite::Error) -> Self {
        Self::Quality(e.into())
    }
}

/// A pair, for somebody who may decide about it.
///
/// # Errors
/// See [`DecideError`].
pub fn pair(
    core: &Core,
    quality: &Quality,
    person: &Person,
    name: &str,
) -> Result<Pair, DecideError> {
    let found = quality.book().pair(name)?;
    let pair = found.map_err(|n| {
        if n == 0 {
            DecideError::NoSuchPair
        } else {
            DecideError::Several
        }
    })?;
    let me = core.identity().handle.as_str();
    if !pair.items.iter().any(|item| item.owner == me) {
        let why = format!(
            "neither item belongs to {me}: the librarians of {} and {} decide",
            pair.items[0].owner, pair.items[1].owner
        );
        return Err(DecideError::NotAllowed(why));
    }
    if !person.may(&[Role::Librarian]) {
        let why =
            "deciding about duplicates needs the role librarian; ask an admin of your institution";
        return Err(DecideError::NotAllowed(why.to_owned()));
    }
    Ok(pair)
}

/// Refuses a pair: it is not offered here again. The same again changes nothing.
///
/// # Errors
/// See [`DecideError`].
pub fn refuse(
    quality: &Quality,
    pair: &Pair,
    person: &Person,
    reason: &str,
) -> Result<Refusal, DecideError> {
    let refusal = Refusal {
        person: person.id,
        time: now(),
        reason: reason.chars().take(MAX_REASON).collect(),
    };
    quality.book().refuse(pair, &refusal)?;
    Ok(refusal)
}

/// Accepts a pair: states the link in the metadata of one of the institution's own items. `item`: in which, where both are
/// its own; `kind`: as what, where it is not as it is offered. When it returns the statement is durable.
///
/// # Errors
/// See [`DecideError`].
pub async fn accept(
    core: &Core,
    quality: &Quality,
    corrections: &Corrections,
    person: &Person,
    pair: &Pair,
    item: Option<&str>,
    kind: Option<Kind>,
) -> Result<(Kind, Corrected), DecideError> {
    let me = core.identity().handle.as_str();
    let (mine, other) = chosen(pair, me, item)?;
    let kind = kind
        .or(pair.likeness.as_ref().map(|l| l.kind))
        .unwrap_or(Kind::Same);
    let standing = corrections.settled(&mine.id).await?;
    let shown = standing.record.view().to_json();
    let target = other.id.to_string();
    let (field, value) = match kind {
        Kind::Same => {
            // What is corrected replaces what is shown: the others are said again.
            let mut all = list(shown.get("aliases"));
            all.push(target.into());
            ("aliases", all)
        }
        Kind::Translation => {
            let mut all = list(shown.get("relations"));
            all.push(json!({
                "type": direction(core, &mine.id, &other.id),
                "target": target,
                "title": short(&other.title),
            }));
            ("relations", all)
        }
    };
    let column = Column::new(field, None).map_err(|e| DecideError::Invalid(e.to_string()))?;
    let edit = Edit {
        column,
        to: To::Value(Json::Array(value)),
    };
    let done = corrections
        .correct(person, &mine.id, &[edit], Some(standing.version), false)
        .await?;
    quality.book().reopen(&pair.id)?;
    Ok((kind, done))
}

/// Titles of relations have at most 500 characters and one line (R-07-04).
fn short(title: &str) -> String {
    title
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(500)
        .collect()
}

fn list(shown: Option<&Json>) -> Vec<Json> {
    match shown {
        Some(Json::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

/// Which of the two is the institution's own: the one that is named, else the one that is known for a shorter time.
fn chosen<'a>(
    pair: &'a Pair,
    me: &str,
    item: Option<&str>,
) -> Result<(&'a Brief, &'a Brief), DecideError> {
    let [a, b] = &pair.items;
    let named =
        |brief: &Brief| item.is_none_or(|i| i == brief.name || brief.id.to_string().starts_with(i));
    for (one, other) in [(b, a), (a, b)] {
        if one.owner == me && named(one) {
            return Ok((one, other));
        }
    }
    Err(DecideError::Invalid(format!(
        "item: {} is none of the pair's that belong to {me}",
        item.unwrap_or_default()
    )))
}

/// Which of two translations is the original, as far as the commons can tell: what it knew first.
fn direction(core: &Core, mine: &StatementId, other: &StatementId) -> &'static str {
    let time = |id: &StatementId| {
        let found = core.statement(id).ok().flatten();
        found.and_then(|found| found.statement.head.map(|head| head.time))
    };
    match (time(mine), time(other)) {
        (Some(mine), Some(other)) if mine < other => "hasTranslation",
        _ => "isTranslationOf",
    }
}
