//! Withdrawals: the institution takes an item, or one version of it, back, and says why.

use commun_specs::{
    fold::Item,
    id::StatementId,
    json::{Object, Value},
};
use serde::Deserialize;

use super::{MAX_REASON, TakedownError, code, state, words};
use crate::core::{Core, Draft, Person, Written};

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
        None => item.withdrawn.is_some(),
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
    let mut fields = Object::from([("code".to_owned(), Value::from(code))]);
    if let Some(version) = &new.version {
        fields.insert("of".to_owned(), version.to_string().into());
    }
    let draft = Draft {
        kind: "withdrawal",
        item: Some(item.id),
        fields,
        body: Some(
            serde_json::json!({ "reason": reason })
                .to_string()
                .into_bytes(),
        ),
        ..Draft::default()
    };
    state(core, person, draft).await
}
