//! The pages of a repository: what it is, its files at any branch, tag or commit, its history.
//!
//! Addresses are `/{handle}/{slug}/{view}/REF/PATH`. A ref may hold slashes: the longest name of a ref that the
//! address begins with is meant ([`place`]). Each view has a file of its own here.

mod archive;
mod blame;
mod commit;
mod compare;
pub(super) mod diff;
pub(super) mod feed;
mod file;
mod history;
mod home;
mod nav;
mod place;
mod refs;
pub(super) mod swhid;
mod tree;

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use commun_forge::git::{Browse, BrowseError};
use commun_index::Kind;
use maud::{Markup, html};

use super::{Page, compare as versions, lineage, wanted};
use crate::{
    http::{Web, name, problem::Problem},
    items::Shown,
};

pub(in crate::http) use file::picture;
pub(super) use home::overview;
pub(super) use nav::{Tab, nav};
use place::{At, Place};
pub(in crate::http) use swhid::find as held;

impl From<BrowseError> for Problem {
    fn from(error: BrowseError) -> Self {
        match error {
            BrowseError::NotFound | BrowseError::WrongKind(_) => {
                Problem::not_found("there is no such branch, commit, folder or file")
            }
            BrowseError::Unreadable => {
                Problem::new(axum::http::StatusCode::NOT_IMPLEMENTED, error.to_string())
            }
            BrowseError::Broken(_) => Problem::internal(&error),
        }
    }
}

/// Reads from a repository on a thread that may block; `None` where it is not here.
async fn read<T: Send + 'static>(
    web: &Web,
    item: &Shown,
    work: impl FnOnce(&Browse) -> Result<T, BrowseError> + Send + 'static,
) -> Result<Option<T>, Problem> {
    let id = item.id;
    web.ask(move |site| match site.repository(&id)? {
        Some(repository) => Ok(Some(work(&repository.browse()?)?)),
        None => Ok(None),
    })
    .await
}

/// Whether this node can read the repository's objects.
fn readable(item: &Shown) -> bool {
    item.repository
        .as_ref()
        .is_none_or(|repository| repository.object_format != "sha256")
}

fn nothing() -> Problem {
    Problem::not_found("there is nothing at this address")
}

/// `GET /{handle}/{slug}/VIEW/…`.
pub(super) async fn below(
    State(web): State<Web>,
    Path((handle, slug, rest)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let (view, rest) = rest.split_once('/').unwrap_or((&rest, ""));
    let item: Arc<Shown> = web.item(name(&handle, &slug)?).await?.into();
    if item.members.is_some() && (view, rest) == ("feed.atom", "") && item.withdrawn.is_none() {
        let page = Page::new(&web, &wanted, &uri);
        return Ok(lineage::collection_feed(&page, &item));
    }
    if item.kind == Kind::Resource && (view, rest) == ("compare", "") {
        let page = Page::new(&web, &wanted, &uri);
        return versions::page(&page, &item, &uri).await;
    }
    if item.repository.is_none() {
        return Err(nothing());
    }
    let page = Page::new(&web, &wanted, &uri);
    if !readable(&item) {
        return Ok(home::unreadable(&page, &item));
    }
    match view {
        "tree" | "blob" | "raw" | "blame" | "commits" => {
            let resolved = match place::find(&web, &item, rest, &uri).await? {
                Place::Here(resolved) => resolved,
                Place::There(rest) => return Ok(moved(&page, &item, view, &rest)),
            };
            let at = At::new(&item, &resolved);
            match view {
                "tree" => tree::page(&page, at).await,
                "blob" => file::page(&page, at, &uri).await,
                "raw" => file::raw(&page, at).await,
                "blame" => blame::page(&page, at).await,
                _ => history::page(&page, at, &uri).await,
            }
        }
        "commit" => commit::page(&page, &item, rest).await,
        "compare" => compare::page(&page, &item, rest, &uri).await,
        "archive" => archive::send(&page, &item, rest, &headers).await,
        "feed.atom" if rest.is_empty() => feed::page(&page, &item, "").await,
        "feed" if !rest.is_empty() => feed::page(&page, &item, rest).await,
        "branches" | "tags" if rest.is_empty() => refs::page(&page, &item, view).await,
        _ => Err(nothing()),
    }
}

/// The same view of another place.
fn moved(page: &Page<'_>, item: &Shown, view: &str, rest: &str) -> Response {
    let address = page.href(&place::address(item, view, rest));
    Redirect::temporary(&address).into_response()
}

/// A page below a repository: its name, the ways around it, and what the view shows.
fn framed(page: &Page<'_>, item: &Shown, current: nav::Tab, title: &str, main: Markup) -> Response {
    let main = html! {
        div.inner.wide {
            (nav::nav(page, item, current))
            (main)
        }
    };
    page.finish(title, Some(""), main)
}
