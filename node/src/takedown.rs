//! Taking down: what makes something be seen no more, or be gone.
//!
//! Three things that are not one another. A *withdrawal* ([`withdraw`]) is a statement of the item's institution: it is
//! kept, says why, and is lifted by publishing again. An *erasure* ([`erase`]) is one too, and final: everybody drops the
//! words, and [`Eraser`] removes from the disk whatever else the statements named. *Hiding* ([`hide`]) is a decision of
//! this node, about an item of anybody: no statement, no change for others.
//!
//! A *report* ([`report`]) asks two institutions to do one of these.

mod content;
mod eraser;
mod erasure;
mod hiding;
mod reports;
mod withdrawal;

use commun_specs::{
    fold::{Item, Refusal, RefusalKind},
    statement::Malformed,
    statement::REASON_CODES,
};

use crate::{
    core::{Author, Core, Draft, Person, WriteError, Written},
    store::{self, Hiding},
};

pub(crate) use content::{list as file_list, sets_aside};
pub use eraser::Eraser;
pub use erasure::{Erased, NewErasure, erase};
pub(crate) use hiding::comes_back;
pub use hiding::{NewHiding, find_content, hide, unblock, unhide};
pub use reports::{NewReport, Report, close, report, reports};
pub use withdrawal::{NewWithdrawal, SOURCE_DELETED, withdraw};
pub(crate) use withdrawal::{is_of_source, withdraw_with_source};

/// Longest reason, in characters.
pub const MAX_REASON: usize = 2_000;

/// How an item stands on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is shown.
    Shown,
    /// Its institution withdrew it.
    Withdrawn,
    /// This node hides it.
    Hidden(Hiding),
}

/// How an item stands on this node: what every list, search and interface asks before it shows anything.
pub fn standing(core: &Core, item: &Item) -> Standing {
    match core.hiding(&item.id) {
        Some(hiding) => Standing::Hidden(hiding),
        None if item.withdrawn.is_some() => Standing::Withdrawn,
        None => Standing::Shown,
    }
}

/// Nothing was taken down.
#[derive(Debug, thiserror::Error)]
pub enum TakedownError {
    /// The person may not, or not here.
    #[error("{0}")]
    NotAllowed(String),
    /// A value breaks a rule: which, and what to write.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
    /// There is no such thing.
    #[error("{0}")]
    Nothing(String),
    /// It is so already.
    #[error("{0}")]
    Already(String),
    /// The log does not take it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The node fails.
    #[error("{0}")]
    Failed(String),
}

impl From<store::Error> for TakedownError {
    fn from(e: store::Error) -> Self {
        Self::Failed(e.to_string())
    }
}

impl From<Malformed> for TakedownError {
    fn from(e: Malformed) -> Self {
        Self::Write(WriteError::Malformed(e))
    }
}

/// Words as they are kept: at most `most` characters, lines allowed, no other control characters.
///
/// # Errors
/// Empty, too long, or with characters that nobody should have to read.
fn words(field: &'static str, text: &str, most: usize) -> Result<String, TakedownError> {
    let text = text.trim();
    let control = |c: char| c.is_control() && c != '\n';
    if text.is_empty() || text.chars().count() > most || text.chars().any(control) {
        let rule = format!("1 to {most} characters, without control characters");
        return Err(TakedownError::Invalid(field, rule));
    }
    Ok(text.to_owned())
}

/// A code that is known; `other` where there is none.
fn code(given: Option<&str>) -> Result<&'static str, TakedownError> {
    let given = given.unwrap_or("other");
    let known = REASON_CODES.iter().find(|c| **c == given);
    known.copied().ok_or_else(|| {
        let rule = format!("one of {}", REASON_CODES.join(", "));
        TakedownError::Invalid("code", rule)
    })
}

/// Signs for a person and appends.
async fn state(core: &Core, person: &Person, draft: Draft) -> Result<Written, TakedownError> {
    let key = core
        .author_key(person)
        .map_err(|e| TakedownError::Failed(e.to_string()))?;
    let author = Author::of(person, key.as_ref());
    let entry = core.compose(draft, &author)?;
    core.write(entry).await.map_err(|e| match e {
        WriteError::Refused(Refusal::Rule(reason))
            if Refusal::Rule(reason).kind() == RefusalKind::NotAllowed =>
        {
            TakedownError::NotAllowed(reason.to_string())
        }
        e => TakedownError::Write(e),
    })
}

#[cfg(test)]
mod tests;
