//! `GET …/{item}/similar`: what is like an item, and the same work in other languages.

use axum::{
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use serde_json::{Value, json};

use super::search::hit;
use crate::http::{Web, pages, problem::Problem, site::Which};

/// Items that are like it, unless the address says how many.
const DEFAULT_LIMIT: usize = 6;
/// Most of them.
const MAX_LIMIT: usize = 50;

pub(super) async fn similar(
    web: &Web,
    which: Which,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let item = web.item(which).await?;
    if item.withdrawn.is_some() {
        return Err(super::gone(&item));
    }
    let limit = match pages::parameter(uri, "limit") {
        Some(text) => text.parse().ok().filter(|n| *n <= MAX_LIMIT),
        None => Some(DEFAULT_LIMIT),
    };
    let limit = limit.ok_or_else(|| {
        let most = format!("a whole number of at most {MAX_LIMIT}");
        Problem::bad_request("the parameter limit is not a number of items to name").with_error(
            "limit",
            "not a number of items",
            &most,
        )
    })?;
    let lang = pages::wanted(uri, headers).lang.tag();
    let (id, name) = (item.id, item.name());
    let answer = web
        .ask(move |site| {
            let found = site.similar(&id, lang, limit)?;
            let hits = |hits: &[commun_index::Hit]| -> Vec<Value> {
                hits.iter().map(|found| hit(site, found)).collect()
            };
            Ok(json!({
                "id": id,
                "name": name,
                "translations": hits(&found.translations),
                "similar": hits(&found.like),
            }))
        })
        .await?;
    Ok(super::json(StatusCode::OK, &answer))
}
