//! Reports: somebody tells the institution that published something, and their own, that it should not be there. Shown to
//! their librarians and administrators, to nobody else.

use std::collections::HashMap;

use commun_specs::{
    fold::{Item, ReportView},
    id::StatementId,
    json::{Object, Value},
    name::{Handle, Role},
};
use serde::Deserialize;

use super::{MAX_REASON, TakedownError, code, state, words};
use crate::{
    core::{Core, Draft, Person, Written, now},
    items::Neighbour,
    store::Closing,
};

/// What somebody reports.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// What is wrong: one of [`commun_specs::statement::REASON_CODES`].
    pub code: Option<String>,
    /// In words.
    pub text: String,
    /// A statement about the item, where not the whole item is meant.
    pub of: Option<StatementId>,
}

/// A report as librarians see it.
#[derive(Debug, Clone)]
pub struct Report {
    /// The statement.
    pub id: StatementId,
    /// The item.
    pub item: Neighbour,
    /// Whose the item is.
    pub owner: Handle,
    /// The statement that is meant, if not the whole item.
    pub of: Option<StatementId>,
    /// What is wrong.
    pub code: String,
    /// In words; `None` if they are not here.
    pub text: Option<String>,
    /// From which institution it comes.
    pub institution: Handle,
    /// Who wrote it, if their profile says a name.
    pub by: Option<String>,
    /// Seconds since 1970, by their clock.
    pub time: u64,
    /// What was decided here.
    pub closed: Option<Closing>,
}

/// States a report, in place of what the person reported of it before.
///
/// # Errors
/// See [`TakedownError`].
pub async fn report(
    core: &Core,
    person: &Person,
    item: &Item,
    new: NewReport,
) -> Result<Written, TakedownError> {
    let code = code(new.code.as_deref())?;
    let text = words("text", &new.text, MAX_REASON)?;
    let me = &core.identity().handle;
    let before: Vec<StatementId> = {
        let all = core.state().catalogue().reports();
        let own = |r: &&ReportView| {
            (r.item, r.of) == (item.id, new.of)
                && r.spoken.institution == *me
                && r.spoken.person == Some(person.id)
        };
        all.iter().filter(own).map(|r| r.spoken.id).collect()
    };
    let mut fields = Object::from([("code".to_owned(), Value::from(code))]);
    if let Some(of) = &new.of {
        fields.insert("of".to_owned(), of.to_string().into());
    }
    let draft = Draft {
        kind: "report",
        item: Some(item.id),
        supersedes: before,
        fields,
        body: Some(serde_json::json!({ "text": text }).to_string().into_bytes()),
        ..Draft::default()
    };
    state(core, person, draft).await
}

fn may(person: &Person) -> Result<(), TakedownError> {
    if person.may(&[Role::Librarian]) {
        Ok(())
    } else {
        Err(TakedownError::NotAllowed(
            "reports are shown to librarians and admins".to_owned(),
        ))
    }
}

/// The reports about this institution's items, and those that its people made, newest first.
///
/// # Errors
/// See [`TakedownError`].
pub fn reports(core: &Core, person: &Person) -> Result<Vec<Report>, TakedownError> {
    may(person)?;
    let me = &core.identity().handle;
    let views: Vec<(ReportView, Item)> = {
        let state = core.state();
        let catalogue = state.catalogue();
        let all = catalogue.reports().into_iter();
        let with_item = all.filter_map(|r| Some((catalogue.copy_of(&r.item)?, r)));
        let ours = with_item.filter(|(i, r)| i.owner == *me || r.spoken.institution == *me);
        ours.map(|(i, r)| (r, i)).collect()
    };
    let closed: HashMap<StatementId, Closing> =
        core.store()?.closed_reports()?.into_iter().collect();
    let mut all = Vec::new();
    for (view, item) in views {
        let found = core.statement(&view.spoken.id)?;
        let body = found.as_ref().and_then(|f| f.body.as_ref());
        let body: serde_json::Value = body
            .and_then(|b| serde_json::from_slice(&b.bytes).ok())
            .unwrap_or_default();
        let text = body["text"].as_str();
        all.push(Report {
            id: view.spoken.id,
            item: Neighbour {
                id: item.id,
                name: format!("{}/{}", item.owner, item.slug),
                title: crate::items::title(core, &item)?,
            },
            owner: item.owner,
            of: view.of,
            code: view.code,
            text: text.map(|t| t.chars().take(MAX_REASON).collect()),
            by: view
                .spoken
                .person
                .and_then(|p| core.name_of(Some(&p), &view.spoken.institution)),
            institution: view.spoken.institution,
            time: found
                .and_then(|f| f.statement.head.map(|h| h.time))
                .unwrap_or(0),
            closed: closed.get(&view.spoken.id).cloned(),
        });
    }
    all.sort_by_key(|r| (std::cmp::Reverse(r.time), r.id));
    Ok(all)
}

/// Notes that a report was dealt with at this institution. What was done about the item is a statement or a hiding of
/// its own.
///
/// # Errors
/// See [`TakedownError`].
pub async fn close(
    core: &Core,
    person: &Person,
    report: &StatementId,
    note: &str,
) -> Result<(), TakedownError> {
    let note = match note.trim() {
        "" => String::new(),
        note => words("note", note, MAX_REASON)?,
    };
    if !reports(core, person)?.iter().any(|r| r.id == *report) {
        return Err(TakedownError::Nothing(
            "there is no such report for this institution".to_owned(),
        ));
    }
    let closing = Closing {
        person: person.id,
        note,
        since: now(),
    };
    Ok(core.close_report(*report, closing).await?)
}
