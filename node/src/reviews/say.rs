//! Saying what one thinks, in place of what one said before; and taking it back.

use commun_specs::{
    fold::{Item, ReviewView},
    id::StatementId,
    json::{Object, Value},
    statement::{MAX_SUPERSEDES, Verdict},
};
use serde::Deserialize;

use super::{MAX_TEXT, ReviewError, versions};
use crate::core::{Author, Core, Draft, Person, Written};

/// What stands in the place of a verdict to take a review back.
pub const WITHDRAWN: &str = "withdrawn";
/// Shortest beginning of an id that names a version.
const MIN_ID: usize = 8;

/// What somebody wants to state.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReview {
    /// The version that they looked at: its number, its id or the beginning of it; the one that is shown where it is absent.
    pub version: Option<String>,
    /// `approve`, `reject`, `comment`, or `withdrawn` to take back what they said.
    pub verdict: String,
    /// Why, in plain text.
    #[serde(default)]
    pub text: String,
}

/// States what a person thinks of a version, in place of what they said of the item before.
///
/// # Errors
/// See [`ReviewError`]; nothing was stated then.
pub async fn review(
    core: &Core,
    person: &Person,
    item: &Item,
    new: NewReview,
) -> Result<Written, ReviewError> {
    let (of, verdict, text) = match new.verdict.as_str() {
        WITHDRAWN => {
            let nothing = |field, given: bool| match given {
                true => Err(ReviewError::Invalid(
                    field,
                    "nothing goes with taking a review back".to_owned(),
                )),
                false => Ok(()),
            };
            nothing("text", !new.text.trim().is_empty())?;
            nothing("version", new.version.is_some())?;
            let standing = standing(core, person, item).ok_or(ReviewError::NotReviewed)?;
            // A remark that says nothing is what takes back (R-04-49).
            (standing.of, Verdict::Comment, String::new())
        }
        verdict => {
            let verdict = Verdict::named(verdict).ok_or_else(|| {
                let what = "write approve, reject, comment or withdrawn";
                ReviewError::Invalid("verdict", what.to_owned())
            })?;
            let text = plain(&new.text)?;
            if verdict == Verdict::Comment && text.is_empty() {
                let what = "a comment has a text; approve and reject go without";
                return Err(ReviewError::Invalid("text", what.to_owned()));
            }
            if item.withdrawn.is_some() {
                return Err(ReviewError::Withdrawn);
            }
            let of = version(item, new.version.as_deref())?;
            if is_by(core, person, &of) {
                return Err(ReviewError::OwnVersion);
            }
            (of, verdict, text)
        }
    };
    let fields = Object::from([
        ("of".to_owned(), Value::from(of.to_string().as_str())),
        ("verdict".to_owned(), verdict.as_str().into()),
    ]);
    let body = serde_json::json!({ "text": text }).to_string();
    let draft = Draft {
        kind: "review",
        item: Some(item.id),
        supersedes: replaced(core, person, &of),
        fields,
        body: (!text.is_empty()).then(|| body.into_bytes()),
        ..Draft::default()
    };
    let failed = |e: &dyn std::fmt::Display| ReviewError::Failed(e.to_string());
    let key = core.author_key(person).map_err(|e| failed(&e))?;
    let author = Author::of(person, key.as_ref());
    let entry = core
        .compose(draft, &author)
        .map_err(crate::core::WriteError::from)?;
    Ok(core.write(entry).await?)
}

/// What a person thinks of an item now.
fn standing(core: &Core, person: &Person, item: &Item) -> Option<ReviewView> {
    let me = &core.identity().handle;
    let all = core.state().catalogue().opinions(&item.id);
    all.into_iter()
        .find(|o| o.spoken.institution == *me && o.spoken.person == Some(person.id))
}

/// What a person said of a version and what nothing replaced: a new review names it.
fn replaced(core: &Core, person: &Person, of: &StatementId) -> Vec<StatementId> {
    let me = &core.identity().handle;
    let all = core.state().catalogue().reviews(of);
    let own = all
        .iter()
        .filter(|r| r.spoken.institution == *me && r.spoken.person == Some(person.id));
    let mut own: Vec<StatementId> = own.map(|r| r.spoken.id).take(MAX_SUPERSEDES).collect();
    own.sort();
    own
}

/// Whether a person published a version.
fn is_by(core: &Core, person: &Person, version: &StatementId) -> bool {
    let me = &core.identity().handle;
    let state = core.state();
    let place = state.catalogue().find(version);
    place.is_some_and(|(log, position)| {
        log == *me && state.catalogue().speaker(&log, position) == Some(person.id)
    })
}

/// The version that somebody names.
fn version(item: &Item, named: Option<&str>) -> Result<StatementId, ReviewError> {
    let Some(named) = named.map(str::trim) else {
        return Ok(item.displayed());
    };
    let none = || ReviewError::NoVersion(named.chars().take(60).collect());
    if let Ok(number) = named.parse::<usize>() {
        let at = number.checked_sub(1).ok_or_else(none)?;
        return versions(item).nth(at).copied().ok_or_else(none);
    }
    let mut begin = versions(item).filter(|id| id.to_string().starts_with(named));
    match (begin.next(), begin.next()) {
        (Some(one), None) if named.len() >= MIN_ID => Ok(*one),
        _ => Err(none()),
    }
}

/// The text as it is kept.
fn plain(text: &str) -> Result<String, ReviewError> {
    let text = text.trim().replace("\r\n", "\n");
    let control = |c: char| c.is_control() && c != '\n';
    if text.chars().count() > MAX_TEXT || text.chars().any(control) {
        let rule =
            format!("plain text of at most {MAX_TEXT} characters, without control characters");
        return Err(ReviewError::Invalid("text", rule));
    }
    Ok(text)
}
