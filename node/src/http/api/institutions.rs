//! `GET /api/v1/institutions`, `GET /api/v1/institutions/{handle}`.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use crate::http::{
    Web, institution,
    problem::Problem,
    site::{Institution, Me, Status},
};

pub(super) async fn all(State(web): State<Web>) -> Result<Response, Problem> {
    let all = read(&web).await?;
    Ok(super::json(StatusCode::OK, &json!({"institutions": all})))
}

pub(super) async fn one(
    State(web): State<Web>,
    Path(handle): Path<String>,
) -> Result<Response, Problem> {
    let one = web.ask(move |site| {
        let one = institution(site, &handle)?;
        Ok(document(&one, &site.status()?, &site.me()))
    });
    let one = one.await?;
    Ok(super::json(StatusCode::OK, &one))
}

async fn read(web: &Web) -> Result<Vec<Value>, Problem> {
    web.ask(|site| {
        let (me, status, all) = (site.me(), site.status()?, site.institutions()?);
        Ok(all.iter().map(|i| document(i, &status, &me)).collect())
    })
    .await
}

fn document(institution: &Institution, status: &Status, me: &Me) -> Value {
    let log = status
        .logs
        .iter()
        .find(|log| log.handle == institution.handle);
    let peer = status
        .peers
        .iter()
        .find(|peer| peer.handle == institution.handle);
    let node = match peer {
        _ if me.handle == institution.handle => Some(me.node),
        peer => peer.map(|peer| peer.node),
    };
    json!({
        "handle": institution.handle,
        "name": institution.name,
        "ror": institution.ror,
        "former": institution.former,
        "node": node.map(|node| node.to_string()),
        "urls": institution.urls,
        "log": log.map(|log| json!({
            "epoch": log.epoch, "size": log.size, "root": log.root, "state": log.state.as_str(),
            "witnessed": log.witnessed.as_ref().map(super::status::witnessed),
        })),
    })
}
