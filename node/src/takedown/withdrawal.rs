//! Withdrawals: the institution takes an item, or one version of it, back, and says why.

use commun_specs::{
    fold::Item,
    id::StatementId,
    json::{Object, Value},
    statement::Facts,
};
use serde::Deserialize;

use super::{MAX_REASON, TakedownError, code, state, words};
use crate::{
    core::{Core, Draft, Person, Written},
    store,
};

/// The code of a withdrawal that follows a source: the source deleted the record that the item was made from. Nobody
/// types it: it is lifted when the source has the record again ([`crate::imports`]).
pub const SOURCE_DELETED: &str = "source-deleted";

/// What somebody wants to withdraw.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWithdrawal {
    /// Why, for readers.
    pub reason: String,
    /// Why, for programs: one of [`commun_specs::statement::REASON_CODES`].
    pub code: Option<String>,
    /// Only this version.
    pub version: Option<StatementId>,
}

/// Withdraws an item of this institution, until a new version of it is published.
///
/// # Errors
/// See [`TakedownError`].
pub async fn withdraw(
    core: &Core,
    person: &Person,
    item: &Item,
    new: NewWithdrawal,
) -> Result<Written, TakedownError> {
    if item.owner != core.identity().handle {
        return Err(TakedownError::NotAllowed(format!(
            "the item belongs to {}, and only they withdraw it; report it, or hide it on your own node",
            item.owner
        )));
    }
    let reason = words("reason", &new.reason, MAX_REASON)?;
    let code = code(new.code.as_deref())?;
    let already = match &new.version {
        // What follows a source comes back with it: a person's withdrawal stands above.
        None => match &item.withdrawn {
            Some(known) => source_followed(core, known)?.is_none(),
            None => false,
        },
        Some(version) if !item.versions.contains(version) => {
            return Err(TakedownError::Nothing(
                "the item has no such version".to_owned(),
            ));
        }
        Some(version) => item.withdrawn_versions.contains_key(version),
    };
    if already {
        return Err(TakedownError::Already("it is withdrawn already".to_owned()));
    }
    let body = serde_json::json!({ "reason": reason });
    state(core, person, draft(item, code, new.version, &body)).await
}

/// Withdraws an item because the source at this address deleted its record.
///
/// # Errors
/// See [`TakedownError`].
pub(crate) async fn withdraw_with_source(
    core: &Core,
    person: &Person,
    item: &Item,
    source: &str,
) -> Result<Written, TakedownError> {
    let body = serde_json::json!({ "reason": "deleted at the source", "source": source });
    state(core, person, draft(item, SOURCE_DELETED, None, &body)).await
}

/// Whether a withdrawal follows the source at this address.
pub(crate) fn is_of_source(
    core: &Core,
    withdrawal: &StatementId,
    source: &str,
) -> Result<bool, store::Error> {
    Ok(source_followed(core, withdrawal)?.is_some_and(|followed| followed == source))
}

/// The source that a withdrawal follows; `None` where people withdrew.
fn source_followed(core: &Core, withdrawal: &StatementId) -> Result<Option<String>, store::Error> {
    let Some(found) = core.statement(withdrawal)? else {
        return Ok(None);
    };
    let ours = matches!(found.statement.facts(), Ok(Some(Facts::Withdrawal(w))) if w.code == SOURCE_DELETED);
    let body: Option<serde_json::Value> = found
        .body
        .filter(|_| ours)
        .and_then(|body| serde_json::from_slice(&body.bytes).ok());
    Ok(body.and_then(|body| body["source"].as_str().map(str::to_owned)))
}

fn draft(item: &Item, code: &str, version: Option<StatementId>, body: &serde_json::Value) -> Draft {
    let mut fields = Object::from([("code".to_owned(), Value::from(code))]);
    if let Some(version) = version {
        fields.insert("of".to_owned(), version.to_string().into());
    }
    Draft {
        kind: "withdrawal",
        item: Some(item.id),
        fields,
        body: Some(body.to_string().into_bytes()),
        ..Draft::default()
    }
}
