//! Atom feeds of what is said in an item's threads and merge requests.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use commun_specs::statement::{OpenState, Verdict};

use super::{
    Page,
    repository::feed::{ENTRIES, Entry, atom},
    threads::Below,
    wanted,
};
use crate::{
    http::{item_of, name, problem::Problem, talk::At, words::Words},
    items::Shown,
    talk::{Deed, Discussion, Entry as Said, Kind, short},
};

/// `GET /{handle}/{slug}/feed/threads`.
pub(in crate::http) async fn threads(
    State(at): State<At>,
    Path(below): Path<Below>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    feed(&at, &below, &uri, &headers, Kind::Thread).await
}

/// `GET /{handle}/{slug}/feed/merge-requests`.
pub(in crate::http) async fn requests(
    State(at): State<At>,
    Path(below): Path<Below>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    feed(&at, &below, &uri, &headers, Kind::Request).await
}

async fn feed(
    at: &At,
    below: &Below,
    uri: &Uri,
    headers: &HeaderMap,
    kind: Kind,
) -> Result<Response, Problem> {
    let wanted = wanted(uri, headers);
    let which = name(&below.handle, &below.slug)?;
    let (item, shown) = (item_of(&at.app, &which)?, at.web.item(which).await?);
    // The newest entries of all stand in the discussions that have the newest entries: no more of them are needed.
    let found = at.latest(&item, kind, ENTRIES).await?;
    let page = Page::new(&at.web, &wanted, uri);
    let words = page.words;
    let (list, title) = match kind {
        Kind::Thread => (
            "threads",
            words.say_with(
                "code-feed-title-threads",
                [("repository", shown.name().into())],
            ),
        ),
        Kind::Request => (
            "merge-requests",
            words.say_with(
                "code-feed-title-requests",
                [("repository", shown.name().into())],
            ),
        ),
    };
    let mut entries: Vec<Entry> = found
        .iter()
        .flat_map(|one| {
            let all = one.entries.iter();
            all.map(|said| entry(words, &shown, list, one, said))
        })
        .collect();
    entries.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
    entries.truncate(ENTRIES);
    Ok(atom(&page, &shown, &title, list, &entries))
}

fn entry(words: Words, item: &Shown, list: &str, of: &Discussion, said: &Said) -> Entry {
    let by = said.by.name.clone();
    let by = by.unwrap_or_else(|| said.by.person.map(|p| short(&p)).unwrap_or_default());
    let did = deed(words, &said.deed);
    let title = match did.is_empty() {
        true => of.title.clone(),
        false => format!("{} · {by} {did}", of.title),
    };
    // The words of a request stand beside its version, which opens it.
    let text = match (&said.deed, said.wordings.first()) {
        (_, Some(wording)) => wording.text.clone(),
        (Deed::Version { .. }, None) => of.text.clone(),
        _ => String::new(),
    };
    Entry {
        id: format!("said:{}", said.id),
        title,
        author: format!("{by} ({})", said.by.institution),
        time: i64::try_from(said.time).unwrap_or(i64::MAX),
        at: format!(
            "/{}/{list}/{}#e-{}",
            item.name(),
            short(&of.id),
            short(&said.id)
        ),
        text,
    }
}

/// What somebody did, in words; nothing for what they said.
fn deed(words: Words, deed: &Deed) -> String {
    let version =
        |number: &u64| words.say_with("talk-of-version", [("version", number.to_string().into())]);
    match deed {
        Deed::Comment { .. } => String::new(),
        Deed::State { state, labels } => {
            let state = state.map(|state| match state {
                OpenState::Open => words.say("talk-made-open").to_owned(),
                OpenState::Closed => words.say("talk-made-closed").to_owned(),
            });
            let labels = labels.as_ref().map(|labels| match labels.is_empty() {
                true => words.say("talk-unlabelled").to_owned(),
                false => words.say_with("talk-labelled", [("labels", labels.join(", ").into())]),
            });
            let both: Vec<String> = state.into_iter().chain(labels).collect();
            both.join(", ")
        }
        Deed::Version { number, .. } => {
            words.say_with("talk-version", [("version", number.to_string().into())])
        }
        Deed::Review { verdict, of, .. } => {
            let verdict = match verdict {
                Verdict::Approve => words.say("talk-approves"),
                Verdict::Reject => words.say("talk-rejects"),
                Verdict::Comment => words.say("talk-looked-at"),
            };
            format!("{verdict} {}", version(of))
        }
    }
}
