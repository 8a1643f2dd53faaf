//! `GET /api/v1/swhid/{id}`: which repositories of this node have an object.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use commun_forge::git::Swhid;
use serde_json::json;

use crate::http::{Web, pages::held, problem::Problem};

/// Answers the repositories, each with a commit and a path where the object is (files and folders), and its page.
pub(super) async fn find(
    State(web): State<Web>,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let id = Swhid::parse(&text).ok_or_else(|| {
        Problem::bad_request("not a SWHID of a content, directory, revision or release: swh:1:…")
    })?;
    let asked = id.clone();
    let places = web.ask(move |site| held(site, &asked)).await?;
    if places.is_empty() {
        return Err(Problem::not_found(
            "no repository that this node holds has this object",
        ));
    }
    let main = &web.hosts().main;
    let places = places.iter().map(|held| {
        let (commit, path) = match &held.at {
            Some((commit, path)) => (Some(commit.as_str()), Some(path.as_str())),
            None => (None, None),
        };
        json!({
            "item": held.item.id.to_string(),
            "name": held.item.name(),
            "commit": commit,
            "path": path,
            "url": held.address(&id).map(|address| format!("{main}{address}")),
        })
    });
    let document = json!({
        "swhid": id.to_string(),
        "kind": id.kind.as_str(),
        "oid": id.oid.as_str(),
        "repositories": places.collect::<Vec<_>>(),
    });
    Ok(super::json(StatusCode::OK, &document))
}
