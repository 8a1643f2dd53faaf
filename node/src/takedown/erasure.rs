//! Erasures: the words of statements, and whatever else they name, are to be gone everywhere, for ever.

use std::collections::BTreeSet;

use commun_specs::{
    fold::Item,
    id::{ContentHash, StatementId},
    json::{Object, Value},
    name::Role,
};
use serde::Deserialize;

use super::{NewWithdrawal, TakedownError, content, state, withdraw};
use crate::{
    blobs::Blobs,
    core::{Core, Draft, Person, Written},
};

/// Most statements that one erasure names (R-02-19).
const MAX_NAMED: usize = 100;

/// What somebody wants to have erased.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewErasure {
    /// Which statements about the item; absent: every version, and the item is withdrawn.
    pub of: Option<BTreeSet<StatementId>>,
    /// Why, for the withdrawal.
    #[serde(default)]
    pub reason: String,
    /// As in a withdrawal.
    pub code: Option<String>,
}

/// What was erased.
#[derive(Debug)]
pub struct Erased {
    /// The last of the statements made.
    pub written: Written,
    /// How many statements are erased.
    pub statements: usize,
    /// Other items that name some of the same content, which therefore stays.
    pub elsewhere: BTreeSet<StatementId>,
}

/// States the erasure of statements of this institution about an item. What they alone named does not come back from
/// the return of this call on; it goes from the disk a little later ([`Eraser`](super::Eraser)).
///
/// # Errors
/// See [`TakedownError`]. What was withdrawn or erased before a refusal stays so.
pub async fn erase(
    core: &Core,
    blobs: &Blobs,
    person: &Person,
    item: &Item,
    new: NewErasure,
) -> Result<Erased, TakedownError> {
    let me = &core.identity().handle;
    let of: BTreeSet<StatementId> = {
        let state = core.state();
        let catalogue = state.catalogue();
        let here = |id: &StatementId| catalogue.find(id).is_some_and(|(log, _)| log == *me);
        let about = |id: &StatementId| catalogue.item_of(id).is_some_and(|i| i.id == item.id);
        match &new.of {
            None => item.versions.iter().copied().filter(here).collect(),
            Some(of) => {
                if let Some(other) = of.iter().find(|id| !here(id) || !about(id)) {
                    return Err(TakedownError::Nothing(format!(
                        "this institution has made no such statement about the item: {other}"
                    )));
                }
                of.clone()
            }
        }
    };
    let left: Vec<StatementId> = {
        let state = core.state();
        let gone = |id: &&StatementId| state.catalogue().erasure_of(id).is_some();
        of.iter().filter(|id| !gone(id)).copied().collect()
    };
    if of.is_empty() {
        return Err(TakedownError::NotAllowed(format!(
            "the item belongs to {}, and only they erase it; report it, or hide it on your own node",
            item.owner
        )));
    }
    if left.is_empty() {
        return Err(TakedownError::Already("it is erased already".to_owned()));
    }
    // The log asks it too, but then the item would be withdrawn already.
    let all_own = item.creator == Some(person.id);
    if new.of.is_none() && !all_own && !person.may(&[Role::Admin]) {
        return Err(TakedownError::NotAllowed(
            "erasing what others made needs the role admin".to_owned(),
        ));
    }
    if new.of.is_none() && item.owner == *me && item.withdrawn.is_none() {
        let withdrawal = NewWithdrawal {
            reason: new.reason,
            code: new.code,
            version: None,
        };
        withdraw(core, person, item, withdrawal).await?;
    }
    // Before the lists of files go, which alone say what it is.
    let mut erased = Vec::new();
    for id in &left {
        erased.push((*id, content::of(core, blobs, id).await?));
    }
    let mut last = None;
    for named in left.chunks(MAX_NAMED) {
        let named: Vec<Value> = named.iter().map(|id| id.to_string().into()).collect();
        let draft = Draft {
            kind: "erasure",
            fields: Object::from([("of".to_owned(), Value::List(named))]),
            ..Draft::default()
        };
        last = Some(state(core, person, draft).await?);
    }
    let all = erased.iter().flat_map(|(_, content)| content.all());
    let all: BTreeSet<ContentHash> = all.copied().collect();
    let elsewhere = content::named_elsewhere(core, blobs, &all, |_| false).await?;
    content::block_erased(core, &erased, &elsewhere).await?;
    let mut others = content::holders(&elsewhere);
    others.remove(&item.id);
    Ok(Erased {
        written: last.expect("something is left to erase"),
        statements: left.len(),
        elsewhere: others,
    })
}
