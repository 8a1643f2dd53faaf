//! Reviews of items: what people think of a version, with a few plain words. Each signs in the log of their own
//! institution, so that nobody can praise in another's name; what an institution says of its own is shown as such, and counts
//! for nothing in searches (R-04-49, R-04-50).

mod say;

use commun_specs::{
    fold::{Item, ReviewView},
    id::StatementId,
    name::Handle,
    statement::Verdict,
};

use crate::{
    core::{Core, WriteError},
    items::{self, Words},
    store,
};

pub use say::{NewReview, WITHDRAWN, review};

/// Longest text, in characters: a page of a book. Who has more to say opens a thread.
pub const MAX_TEXT: usize = 4_000;
/// Reviews that one answer has.
pub const MAX_LISTED: usize = 100;
/// Reviews that a page has: what somebody may read before they decide.
pub const MAX_SHOWN: usize = 50;

/// What people think of an item.
#[derive(Debug, Clone, Default)]
pub struct Reviews {
    /// How many stand.
    pub total: usize,
    /// How many institutions approve of it, its own left out.
    pub approving: usize,
    /// The first of them.
    pub all: Vec<Review>,
}

/// What somebody thinks of a version of an item, as it is shown.
#[derive(Debug, Clone)]
pub struct Review {
    /// In whose log it stands.
    pub institution: Handle,
    /// Whether that is no member any more.
    pub former: bool,
    /// Whether that owns the item, or published the version.
    pub own: bool,
    /// The person, by their first enrolment there.
    pub person: Option<StatementId>,
    /// Their name, if their profile says one.
    pub name: Option<String>,
    /// The version that they looked at.
    pub of: StatementId,
    /// Which one that is, from 1.
    pub number: usize,
    /// Whether it is the one that is shown.
    pub current: bool,
    /// What they think.
    pub verdict: Verdict,
    /// Whether the words are here; where there are none, they are.
    pub words: Words,
    /// Why, in plain text; may be empty.
    pub text: String,
    /// The statement.
    pub statement: StatementId,
    /// Where it stands in the log.
    pub position: u64,
    /// Seconds since 1970, by its author's clock.
    pub time: u64,
}

/// A review is not stated.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// A value breaks a rule: which, and what to write.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
    /// The item has no such version.
    #[error("the item has no version {0}")]
    NoVersion(String),
    /// The version is of the person who reviews.
    #[error("you published this version: others review it")]
    OwnVersion,
    /// There is nothing to take back.
    #[error("you have no review of this item that stands")]
    NotReviewed,
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

/// The reviews of an item that stand, `most` of them: those of the version that is shown first.
///
/// # Errors
/// `log.db` fails.
pub fn of(core: &Core, item: &Item, most: usize) -> Result<Reviews, store::Error> {
    let (mut views, approving) = {
        let state = core.state();
        let catalogue = state.catalogue();
        let views = catalogue.opinions(&item.id);
        let approving = catalogue.approving_in(&item.id, &views).len();
        (views, approving)
    };
    views.sort_by_key(|view| view.of != item.displayed());
    let total = views.len();
    let all = views.into_iter().take(most);
    Ok(Reviews {
        total,
        approving,
        all: all
            .map(|view| shown(core, item, view))
            .collect::<Result<_, _>>()?,
    })
}

/// A review of an item that stands, by its statement.
///
/// # Errors
/// `log.db` fails.
pub fn one(
    core: &Core,
    item: &Item,
    statement: &StatementId,
) -> Result<Option<Review>, store::Error> {
    let all = core.state().catalogue().opinions(&item.id);
    let found = all.into_iter().find(|o| o.spoken.id == *statement);
    found.map(|view| shown(core, item, view)).transpose()
}

/// How many institutions approve of an item, its own left out.
pub fn count(core: &Core, item: &StatementId) -> u64 {
    core.state().catalogue().approving(item).len() as u64
}

/// The versions of an item that are not withdrawn, the oldest first: the first has the number 1.
fn versions(item: &Item) -> impl Iterator<Item = &StatementId> {
    let versions = item.versions.iter();
    versions.filter(|id| !item.withdrawn_versions.contains_key(id))
}

fn shown(core: &Core, item: &Item, view: ReviewView) -> Result<Review, store::Error> {
    let (own, former) = {
        let state = core.state();
        let members = &state.chain().head().0;
        (
            state.catalogue().is_of_their_own(&item.id, &view),
            members.institution(&view.spoken.institution).is_none(),
        )
    };
    let found = core.statement(&view.spoken.id)?;
    let (mut words, mut text, mut time) = (Words::Withheld, String::new(), 0);
    if let Some(found) = found {
        words = items::words(core, &found)?;
        time = found.statement.head.as_ref().map_or(0, |head| head.time);
        let body: serde_json::Value = found
            .body
            .and_then(|body| serde_json::from_slice(&body.bytes).ok())
            .unwrap_or_default();
        let said = body["text"].as_str().unwrap_or_default().trim();
        let fit = said.chars().filter(|c| !c.is_control() || *c == '\n');
        text = fit.take(MAX_TEXT).collect();
    }
    let name = view
        .spoken
        .person
        .and_then(|person| core.name_of(Some(&person), &view.spoken.institution));
    Ok(Review {
        former,
        own,
        name,
        person: view.spoken.person,
        number: versions(item)
            .position(|id| *id == view.of)
            .map_or(0, |at| at + 1),
        current: view.of == item.displayed(),
        of: view.of,
        verdict: view.verdict,
        words,
        text,
        statement: view.spoken.id,
        position: view.spoken.position,
        time,
        institution: view.spoken.institution,
    })
}

#[cfg(test)]
mod tests;
