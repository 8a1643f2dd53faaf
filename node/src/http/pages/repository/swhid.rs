//! Permanent identifiers: shown on the pages of what they name, and followed to where it is.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use commun_forge::git::{Oid, SwhKind, Swhid};
use commun_specs::id::StatementId;
use maud::{Markup, html};

use super::super::{Page, wanted};
use super::place::address;
use crate::{
    http::{
        Web,
        problem::Problem,
        site::{Found, Site, Which},
        text::plain,
    },
    items::Shown,
};

/// How long repositories are asked for an object: about 5,000 of them.
const MAX_TIME: Duration = Duration::from_secs(3);
/// Repositories that are named of those that have one.
const MAX_PLACES: usize = 10;
/// Identifiers whose repositories are remembered.
const MAX_KEPT: usize = 1_000;

/// A repository that has an object.
pub(in crate::http) struct Held {
    pub(in crate::http) item: Box<Shown>,
    /// A commit and a path where it is, of files and folders, if one was found.
    pub(in crate::http) at: Option<(Oid, String)>,
}

impl Held {
    /// The address of the page that shows the object.
    pub(in crate::http) fn address(&self, id: &Swhid) -> Option<String> {
        let place = |view: &str, commit: &Oid, path: &str| match path {
            "" => address(&self.item, view, commit.as_str()),
            path => address(&self.item, view, &format!("{commit}/{path}")),
        };
        match (id.kind, &self.at) {
            (SwhKind::Revision, _) => Some(address(&self.item, "commit", id.oid.as_str())),
            (SwhKind::Release, _) => Some(address(&self.item, "tags", "")),
            (SwhKind::Directory, Some((commit, path))) => Some(place("tree", commit, path)),
            (SwhKind::Content, Some((commit, path))) => Some(place("blob", commit, path)),
            (_, None) => None,
        }
    }
}

/// The identifier of what a page shows, to be copied; nothing where ids are those of SHA-256.
pub(super) fn line(page: &Page<'_>, kind: SwhKind, oid: &Oid) -> Markup {
    let words = page.words;
    html! {
        @if let Some(id) = Swhid::new(kind, oid) {
            div.swhid {
                span.quiet title=(words.say("code-swhid-help")) { (words.say("code-swhid-title")) }
                " " code.copy tabindex="0" { (id) }
            }
        }
    }
}

/// Repositories that had an object: an object does not go away, a withdrawn repository does and is left out then.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

#[derive(Default)]
struct Kept {
    places: HashMap<Swhid, Vec<StatementId>>,
    order: VecDeque<Swhid>,
}

/// The repositories of this node that have an object, by name.
pub(in crate::http) fn find(site: &dyn Site, id: &Swhid) -> Result<Vec<Held>, Problem> {
    let known = {
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().and_then(|kept| kept.places.get(id).cloned())
    };
    let deadline = Instant::now() + MAX_TIME;
    let ask = match &known {
        Some(known) => known.clone(),
        None => site.repositories()?,
    };
    let mut places = Vec::new();
    for item in ask {
        if places.len() == MAX_PLACES || Instant::now() > deadline {
            break;
        }
        let Some(repository) = site.repository(&item)? else {
            continue;
        };
        let Ok(git) = repository.browse() else {
            continue;
        };
        if !git.holds(id) {
            continue;
        }
        let found = site.item(&Which::Id(item.to_string()))?;
        let Found::One(found) = found else { continue };
        if found.withdrawn.is_some() {
            continue;
        }
        let looked_for = matches!(id.kind, SwhKind::Content | SwhKind::Directory);
        let at = if looked_for { git.locate(id) } else { None };
        places.push(Held { item: found, at });
    }
    places.sort_by_key(|held| held.item.name());
    if known.is_none() && !places.is_empty() {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get_or_insert_default();
        let items = places.iter().map(|held| held.item.id).collect();
        if kept.places.insert(id.clone(), items).is_none() {
            kept.order.push_back(id.clone());
        }
        while kept.order.len() > MAX_KEPT {
            let Some(oldest) = kept.order.pop_front() else {
                break;
            };
            kept.places.remove(&oldest);
        }
    }
    Ok(places)
}

/// `GET /swhid/{id}`: leads to the page of what it names.
pub(in crate::http::pages) async fn page(
    State(web): State<Web>,
    Path(text): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let page = Page::new(&web, &wanted, &uri);
    let words = page.words;
    let Some(id) = Swhid::parse(&text) else {
        return Err(Problem::not_found(words.say("code-swhid-bad")));
    };
    let asked = id.clone();
    let places = web.ask(move |site| find(site, &asked)).await?;
    if let Some(there) = places.iter().find_map(|held| held.address(&id)) {
        return Ok(Redirect::temporary(&page.href(&there)).into_response());
    }
    let main = html! {
        div.inner.wide {
            @if places.is_empty() {
                h1 { (words.say("code-swhid-none-title")) }
                p { code { (id) } }
                p { (words.say("code-swhid-none")) }
            } @else {
                h1 { (words.say("code-swhid-no-path")) }
                p { code { (id) } }
                p { (words.say("code-swhid-no-path-help")) }
                pre.command tabindex="0" { code { "git cat-file -p " (id.oid) } }
                p { (words.say("code-swhid-held-by")) }
                ul.plainlist { @for held in &places { li { a href=(page.href(&format!("/{}", held.item.name()))) { (plain(&held.item.name())) } } } }
            }
        }
    };
    let mut response = page.finish(&id.to_string(), Some(""), main);
    if places.is_empty() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(response)
}
