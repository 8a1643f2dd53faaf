//! `GET /api/v1/changes?since=N&wait=S`: what became different after a journal line.

use std::time::Duration;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::{Web, problem::Problem, site::ChangeLine};

/// Longest wait of a long poll, in seconds: shorter than what proxies cut.
const MAX_WAIT: u64 = 30;

#[derive(Deserialize)]
pub(super) struct Parameters {
    #[serde(default)]
    since: u64,
    #[serde(default)]
    wait: u64,
}

pub(super) async fn changes(
    State(web): State<Web>,
    parameters: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Parameters { since, wait }) =
        parameters.map_err(|_| Problem::bad_request("since and wait must be whole numbers"))?;
    // Subscribed before the first look: what comes between the two is not missed.
    let mut grown = web.site().grown();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(wait.min(MAX_WAIT));
    loop {
        grown.mark_unchanged();
        let (next, changes) = web.ask(move |site| Ok(site.changes(since)?)).await?;
        if !changes.is_empty() || wait == 0 {
            return Ok(document(next, &changes));
        }
        match tokio::time::timeout_at(deadline, grown.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Ok(document(next, &changes)),
        }
    }
}

fn document(next: u64, changes: &[ChangeLine]) -> Response {
    let changes = changes.iter().map(|change| {
        json!({"position": change.position, "op": if change.put { "put" } else { "delete" },
            "item": change.item})
    });
    let document: Value = json!({"next": next, "changes": changes.collect::<Vec<_>>()});
    super::json(StatusCode::OK, &document)
}
