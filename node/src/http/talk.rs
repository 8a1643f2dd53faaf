//! What is said about items, over the API ([`super::api`]) and on pages ([`super::pages`]): what both share.

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
    http::{HeaderMap, StatusCode},
    routing::{get, post, put},
};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    statement::OpenState,
};
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    Web,
    api::{requests, threads},
    item_of, pages, place,
    problem::Problem,
};
use crate::{
    app::App,
    talk::{Discussion, Filter, Kind, Listed, TalkError},
};

/// Lines of a list on one page, and the most that the API hands out.
const PAGE: usize = 50;
const MAX_PAGE: usize = 200;
/// Largest body of a request, in bytes: a text of 64 KiB whose every sign is escaped.
const MAX_BODY: usize = 512 << 10;

/// What these handlers have: the node, and the web for pages.
#[derive(Clone)]
pub struct At {
    pub(super) web: Web,
    pub(super) app: App,
}

impl FromRef<At> for Web {
    fn from_ref(at: &At) -> Self {
        at.web.clone()
    }
}

impl FromRef<At> for App {
    fn from_ref(at: &At) -> Self {
        at.app.clone()
    }
}

/// What an address names. An item is `{id}` or `{id}/{slug}`; what is below depends on the route.
#[derive(Debug, Clone, Deserialize)]
pub struct Place {
    pub(super) id: String,
    pub(super) slug: Option<String>,
    pub(super) one: Option<String>,
    pub(super) comment: Option<String>,
}

/// The routes of threads and merge requests.
pub fn routes(web: Web, app: App) -> Router {
    let mut routes = Router::new().route("/api/v1/mentions", get(threads::mentions));
    for item in ["/api/v1/items/{id}", "/api/v1/items/{id}/{slug}"] {
        let at = |below: &str| format!("{item}/{below}");
        routes = routes
            .route(&at("threads"), get(threads::list).post(threads::open))
            .route(&at("threads/{one}"), get(threads::one))
            .route(&at("threads/{one}/comments"), post(threads::comment))
            .route(&at("threads/{one}/comments/{comment}"), put(threads::edit))
            .route(&at("threads/{one}/state"), post(threads::state))
            .route(&at("merge-requests"), get(requests::list))
            .route(&at("merge-requests/{one}"), get(requests::one))
            .route(
                &at("merge-requests/{one}/comments"),
                post(requests::comment),
            )
            .route(
                &at("merge-requests/{one}/comments/{comment}"),
                put(requests::edit),
            )
            .route(&at("merge-requests/{one}/state"), post(requests::state))
            .route(&at("merge-requests/{one}/reviews"), post(requests::review))
            .route(&at("merge-requests/{one}/merge"), post(requests::merge));
    }
    routes
        .route("/{handle}/{slug}/threads", get(pages::threads::list))
        .route("/{handle}/{slug}/threads/{one}", get(pages::threads::one))
        .route(
            "/{handle}/{slug}/feed/threads",
            get(pages::talk_feed::threads),
        )
        .route(
            "/{handle}/{slug}/feed/merge-requests",
            get(pages::talk_feed::requests),
        )
        .route(
            "/{handle}/{slug}/merge-requests",
            get(pages::requests::list),
        )
        .route(
            "/{handle}/{slug}/merge-requests/{one}",
            get(pages::requests::one),
        )
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(At { web, app })
}

impl At {
    /// The item of an address of the API.
    pub(super) fn item(&self, place: &Place) -> Result<Item, Problem> {
        let which = place::which(&place.id, place.slug.as_deref())?;
        item_of(&self.app, &which)
    }

    /// The item, and the thread or merge request of it that an address names.
    pub(super) fn found(&self, place: &Place, kind: Kind) -> Result<(Item, StatementId), Problem> {
        let item = self.item(place)?;
        let one = place.one.as_deref().unwrap_or_default();
        let id = self.app.talk.find(&item, kind, one).map_err(problem)?;
        Ok((item, id))
    }

    /// The part of a list that is asked for: how many there are in all, and those of the page with whether each is merged.
    pub(super) async fn listed(
        &self,
        item: &Item,
        kind: Kind,
        asked: &Asked,
    ) -> Result<(usize, Vec<(Discussion, bool)>), Problem> {
        if kind == Kind::Request && item.kind != ItemKind::Repository {
            return Err(Problem::not_found("only repositories have merge requests"));
        }
        let filter = Filter {
            state: match asked.state {
                Shown::Open => Some(OpenState::Open),
                Shown::Closed => Some(OpenState::Closed),
                Shown::Merged | Shown::All => None,
            },
            label: asked.label.clone(),
        };
        let it = item.clone();
        let all = self.read(move |talk| talk.list(&it, kind, &filter)).await?;
        let (merged, mut others) = match kind {
            Kind::Thread => (Vec::new(), all),
            Kind::Request => self
                .app
                .talk
                .part_merged(item, all)
                .await
                .map_err(problem)?,
        };
        let with = |all: Vec<Listed>, merged: bool| all.into_iter().map(move |l| (l, merged));
        let all: Vec<(Listed, bool)> = match asked.state {
            Shown::Merged => with(merged, true).collect(),
            Shown::All => {
                let mut all: Vec<_> = with(merged, true)
                    .chain(with(std::mem::take(&mut others), false))
                    .collect();
                all.sort_by_key(|(l, _)| (std::cmp::Reverse(l.time), l.id));
                all
            }
            Shown::Open | Shown::Closed => with(others, false).collect(),
        };
        let total = all.len();
        let page: Vec<_> = all
            .into_iter()
            .skip(asked.offset)
            .take(asked.limit)
            .collect();
        let page = self.read(move |talk| {
            page.iter()
                .map(|(l, merged)| Ok((talk.summary(&l.id)?, *merged)))
                .collect()
        });
        Ok((total, page.await?))
    }

    /// The threads or merge requests in which something was said or done last, newest first; at most `most`.
    pub(super) async fn latest(
        &self,
        item: &Item,
        kind: Kind,
        most: usize,
    ) -> Result<Vec<Discussion>, Problem> {
        if kind == Kind::Request && item.kind != ItemKind::Repository {
            return Err(Problem::not_found("only repositories have merge requests"));
        }
        let item = item.clone();
        self.read(move |talk| talk.latest(&item, kind, most)).await
    }

    /// Reads something on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&crate::talk::Talk) -> Result<T, TalkError> + Send + 'static,
    ) -> Result<T, Problem> {
        let talk = self.app.talk.clone();
        let done = tokio::task::spawn_blocking(move || work(&talk)).await;
        done.map_err(|e| Problem::internal(&e))?.map_err(problem)
    }
}

/// Which ones of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Open,
    Closed,
    Merged,
    All,
}

impl Shown {
    /// The word in addresses.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Shown::Open => "open",
            Shown::Closed => "closed",
            Shown::Merged => "merged",
            Shown::All => "all",
        }
    }
}

/// What a list is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) state: Shown,
    pub(super) label: Option<String>,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

impl Asked {
    /// Reads the parameters of an address; what is not known is refused.
    pub(super) fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut asked = Self {
            state: Shown::Open,
            label: None,
            limit: PAGE,
            offset: 0,
        };
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let number = || {
                value
                    .parse::<usize>()
                    .map_err(|_| Problem::bad_request(format!("{key} is a number")))
            };
            match &*key {
                "state" => {
                    asked.state = match &*value {
                        "open" => Shown::Open,
                        "closed" => Shown::Closed,
                        "merged" => Shown::Merged,
                        "all" => Shown::All,
                        _ => {
                            return Err(Problem::bad_request(
                                "state is open, closed, merged or all",
                            ));
                        }
                    }
                }
                "label" => asked.label = Some(value.into_owned()).filter(|l| !l.is_empty()),
                "limit" => asked.limit = number()?.clamp(1, MAX_PAGE),
                "offset" => asked.offset = number()?,
                _ => {}
            }
        }
        Ok(asked)
    }
}

/// What a refusal means to whoever asked.
pub(super) fn problem(e: TalkError) -> Problem {
    match e {
        TalkError::Invalid(field, what) => {
            Problem::unprocessable("what was sent breaks a rule").with_error(field, what, "")
        }
        TalkError::NotAllowed(why) => Problem::forbidden(why),
        TalkError::NotFound(why) => Problem::not_found(why),
        TalkError::Conflict(why) => Problem::conflict(why),
        TalkError::Newer { number, ref new } => Problem::conflict(e.to_string()).with_error(
            "new",
            format!("version {number} is {new}"),
            "ask again with this commit once you have looked at it",
        ),
        TalkError::Merge { message, files } => {
            let mut problem = Problem::conflict(message);
            for file in files {
                problem = problem.with_error(file, "changed on both sides", "");
            }
            problem
        }
        TalkError::NotNow(why) => Problem::unavailable(why),
        TalkError::Failed(why) => Problem::internal(&why),
    }
}

/// The person who asks.
pub(super) fn person(at: &At, headers: &HeaderMap) -> Result<crate::core::Person, Problem> {
    let person = super::auth::person(&at.app, headers)?;
    if person.expired() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "your enrolment here is past its date; an admin enrols you again",
        ));
    }
    Ok(person)
}
