//! The web of a node: one port, two host names.
//!
//! On the main host: pages for people ([`pages`]), the JSON interface ([`api`]), Git over HTTP, and the log
//! tiles ([`tlog`]) that any auditor of transparency logs reads. On the content host: files that people
//! uploaded, each in a sandbox ([`content`]); nothing that they do there reaches a page of ours.
//!
//! A request passes [`guard`] first (host name, origin, limits, headers, request id), then a handler, which asks
//! the node through [`site::Site`] on a thread that may block. [`server`] holds the sockets.

mod adapt;
pub mod admin;
pub mod api;
pub mod auth;
mod challenge;
mod compress;
pub mod content;
pub mod corrections;
pub mod duplicates;
pub mod export;
mod feeds;
mod files;
pub mod git;
mod guard;
pub mod hosts;
pub mod imports;
mod jsonld;
pub mod lang;
mod linked;
mod making;
pub mod metrics;
pub mod oai;
mod oembed;
mod opensearch;
pub mod pages;
mod pieces;
mod place;
mod plain;
pub mod problem;
pub mod publish;
pub mod quality;
pub mod repositories;
mod search;
pub mod server;
pub mod site;
pub mod sitemap;
mod subtitles;
pub mod takedown;
pub mod talk;
mod text;
mod tlog;
pub mod tokens;
mod vocabularies;
mod words;

use std::{path::PathBuf, sync::Arc, time::Duration, time::Instant};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{any, get},
};
use commun_specs::{
    fold::Item,
    name::{Handle, Slug},
};
use tokio::sync::{AcquireError, Semaphore};

use hosts::Hosts;
use metrics::Requests;
use problem::Problem;
use site::{Fault, Found, Institution, Several, Site, Which};

use crate::{app::App, items::Shown};

/// Questions to the node that run at the same time; more wait. Each may use a thread and a database connection.
const MAX_QUESTIONS: usize = 32;
/// How long a question waits for its turn before the reader is told to come back.
const MAX_TURN: Duration = Duration::from_secs(5);
/// Largest body of a request, in bytes; uploads and Git have limits of their own.
const MAX_BODY: usize = 1 << 20;

/// Seconds since 1970 as RFC 3339 in UTC.
pub(crate) fn date(seconds: u64) -> String {
    text::rfc3339(seconds)
}

pub use adapt::routes as adapt_routes;

/// What every handler has. Cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

struct Inner {
    site: Arc<dyn Site>,
    hosts: Hosts,
    data: PathBuf,
    started: Instant,
    questions: Arc<Semaphore>,
    making: making::Places,
    requests: Requests,
    vocabularies: vocabularies::Read,
}

impl Web {
    /// The web of a node whose data folder is `data` (uploads rest in its `incoming/`).
    pub fn new(site: Arc<dyn Site>, hosts: Hosts, data: PathBuf) -> Self {
        Self(Arc::new(Inner {
            site,
            hosts,
            data,
            started: Instant::now(),
            questions: Arc::new(Semaphore::new(MAX_QUESTIONS)),
            making: making::Places::new(),
            requests: Requests::default(),
            vocabularies: vocabularies::Read::default(),
        }))
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &std::path::Path {
        &self.0.data
    }

    /// The host names that are answered.
    pub fn hosts(&self) -> &Hosts {
        &self.0.hosts
    }

    /// The node.
    pub fn site(&self) -> &dyn Site {
        &*self.0.site
    }

    /// How many requests were answered, by route and status.
    pub fn requests(&self) -> &Requests {
        &self.0.requests
    }

    /// Since when this process runs.
    pub fn uptime(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// Asks the node something that may block, on a thread for that. Dropping the future does not stop it, and its turn lasts
    /// until it ends.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Site) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let site = Arc::clone(&self.0.site);
        let turn = Arc::clone(&self.0.questions).acquire_owned();
        in_turn(turn, move || question(&*site)).await?
    }

    /// Works on what others wrote (renders it, colours it, converts it) for the page of an item of this institution, on a thread
    /// where that holds up no other answer ([`making`]). Dropping the future does not stop it, and its turn lasts until it ends.
    ///
    /// # Errors
    /// Too much of it is under way.
    pub(crate) async fn make<T: Send + 'static>(
        &self,
        owner: &Handle,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        in_turn(self.0.making.take(owner), work).await
    }

    /// The item of a page's address.
    pub(crate) async fn item(&self, which: Which) -> Result<Box<Shown>, Problem> {
        self.ask(move |site| find(site, &which)).await
    }
}

/// Works on a thread that may block, when there is a place for it.
async fn in_turn<P: Send + 'static, T: Send + 'static>(
    place: impl Future<Output = Result<P, AcquireError>>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let turn = tokio::time::timeout(MAX_TURN, place).await;
    let Ok(Ok(turn)) = turn else {
        return Err(Problem::busy("the node has too much to do; try again", 2));
    };
    let span = tracing::Span::current();
    let done = tokio::task::spawn_blocking(move || {
        // Held here: a reader who leaves does not make room for one more.
        let _turn = turn;
        span.in_scope(work)
    });
    done.await.map_err(|_| Problem::failed())
}

/// An item, or the problem that there is none.
pub(crate) fn find(site: &dyn Site, which: &Which) -> Result<Box<Shown>, Problem> {
    match site.item(which)? {
        Found::One(item) => Ok(item),
        Found::Several => Err(Problem::new(
            axum::http::StatusCode::CONFLICT,
            "several items have an id that begins so: give more characters",
        )),
        Found::Hidden(hiding) => Err(takedown::hidden_problem(&hiding)),
        Found::None => Err(Problem::not_found("there is no such item in this commons")),
    }
}

/// An institution of the commons, also one that was its member, or the problem that there is none.
pub(crate) fn institution(site: &dyn Site, handle: &str) -> Result<Institution, Problem> {
    let mut all = site.institutions()?.into_iter();
    all.find(|one| one.handle.as_str() == handle)
        .ok_or_else(|| Problem::not_found("there is no such institution in this commons"))
}

/// `handle/slug` of an address; anything else is not found.
fn name(handle: &str, slug: &str) -> Result<Which, Problem> {
    match (Handle::new(handle), Slug::new(slug)) {
        (Ok(handle), Ok(slug)) => Ok(Which::Name(handle, slug)),
        _ => Err(Problem::not_found("there is no such item in this commons")),
    }
}

/// The item of an address, whatever became of it.
fn item_of(app: &App, which: &Which) -> Result<Item, Problem> {
    let state = app.core.state();
    let catalogue = state.catalogue();
    let id = which.find(catalogue).map_err(|Several| {
        Problem::conflict("several items have an id that begins so: give more characters")
    })?;
    id.and_then(|id| catalogue.copy_of(&id))
        .ok_or_else(|| Problem::not_found("there is no such item in this commons"))
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Problem::internal(&fault)
    }
}

/// Parts of the interface that later releases build.
const NOT_BUILT: [&str; 3] = ["/login", "/logout", "/admin"];

/// All routes of the main host, behind the guard. `more` are routes that other modules bring (Git, administration);
/// they set their own limits on bodies.
pub fn router(web: Web, more: Router) -> Router {
    let mut routes = Router::new()
        .merge(pages::routes())
        .merge(feeds::routes())
        .route(opensearch::PATH, get(opensearch::description))
        .route(opensearch::SUGGESTIONS, get(opensearch::suggestions))
        .merge(api::routes())
        .merge(tlog::routes())
        .merge(metrics::routes())
        .merge(oembed::routes());
    for path in NOT_BUILT {
        routes = routes.route(path, any(async || Problem::not_built()));
    }
    routes
        .fallback(async || Problem::not_found("there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                axum::http::StatusCode::METHOD_NOT_ALLOWED,
                "this address does not take this method",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(web.clone())
        .merge(more)
        .layer(middleware::from_fn(plain::as_problem))
        .layer(middleware::from_fn(compress::compress))
        .layer(middleware::from_fn_with_state(web, guard::guard))
}

#[cfg(test)]
mod tests;
