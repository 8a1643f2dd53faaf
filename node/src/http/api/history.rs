//! `GET /api/v1/items/{item}/history`: who moved the refs of a repository, with all that proves it.

use axum::{
    http::{StatusCode, Uri},
    response::Response,
};
use commun_specs::{
    history::{Broken, Proof},
    id::base32,
    statement::Change,
};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::{
    history::{Part, Pushed},
    http::{Web, pages::parameter, problem::Problem, site::Which, text::rfc3339},
};

/// Pushes of one answer: each has a body of at most 256 KiB, most have less than one.
const MAX_PUSHES: usize = 200;

/// Answers a part of the history: `ref`, `offset`, `limit`.
pub(super) async fn history(web: &Web, which: Which, uri: &Uri) -> Result<Response, Problem> {
    let item = web.item(which).await?;
    if item.repository.is_none() {
        return Err(Problem::not_found(
            "only repositories have a history of refs",
        ));
    }
    let number = |name: &str| -> Result<Option<usize>, Problem> {
        let read = |text: String| {
            text.parse()
                .map_err(|_| Problem::bad_request(format!("{name} is a number")))
        };
        parameter(uri, name).map(read).transpose()
    };
    let part = Part {
        skip: Some(number("offset")?.unwrap_or(0)),
        limit: number("limit")?.unwrap_or(MAX_PUSHES).min(MAX_PUSHES),
    };
    let only = parameter(uri, "ref");
    let wanted = only.clone();
    let id = item.id;
    let (history, foundations) = web
        .ask(move |site| {
            let history = site.history(&id, wanted.as_deref(), part)?;
            Ok((history, site.foundations()))
        })
        .await?;
    let pushes = history.pushes.iter().map(|push| one(push, only.as_deref()));
    let pushes = pushes.collect::<Result<Vec<_>, _>>()?;
    let encoded = |all: &[Vec<u8>]| all.iter().map(|e| BASE64.encode(e)).collect::<Vec<_>>();
    let successions = foundations
        .successions
        .iter()
        .map(|(handle, all)| json!({"institution": handle, "envelopes": encoded(all)}));
    Ok(super::json(
        StatusCode::OK,
        &json!({
            "item": item.id,
            "name": item.name(),
            "ref": only,
            "total": history.total,
            "offset": history.skipped,
            "pushes": pushes,
            "charters": encoded(&foundations.charters),
            "successions": successions.collect::<Vec<_>>(),
        }),
    ))
}

fn one(push: &Pushed, only: Option<&str>) -> Result<Value, Problem> {
    let envelope: Value =
        serde_json::from_slice(&push.envelope).map_err(|e| Problem::internal(&e))?;
    let step = &push.step;
    let changes = step.changes.as_ref().map(|changes| {
        let wanted = changes.iter().filter(|c| only.is_none_or(|o| c.name == o));
        wanted.map(change).collect::<Vec<_>>()
    });
    let mut value = json!({
        "statement": step.id,
        "institution": step.log,
        "position": step.position,
        "state": step.state.as_str(),
        "time": rfc3339(push.time),
        "person": step.person,
        "person_name": push.person_name,
        "custody": step.enrolled.map(|(_, own)| if own { "self" } else { "node" }),
        "policy": step.policy,
        "charter": step.charter,
        "changes": changes,
        "certificate": proof(&push.proof),
        "witnesses": push.witnesses,
        "envelope": envelope,
        "list": push.list.as_ref().map(|list| BASE64.encode(list)),
    });
    if let Some(body) = &push.body {
        value["salt"] = base32(&body.salt).into();
        value["body"] = BASE64.encode(&body.bytes).into();
    }
    Ok(value)
}

fn change(change: &Change) -> Value {
    json!({"ref": change.name, "old": change.old, "new": change.new, "forced": change.forced})
}

/// `none`: the node attests who was logged in. `absent`: the body is not here. `verified`; and the ways in which one
/// does not hold.
fn proof(proof: &Proof) -> Value {
    match proof {
        Proof::Attested => json!({"state": "none"}),
        Proof::Absent => json!({"state": "absent"}),
        Proof::Certificate(certificate) => json!({
            "state": "verified",
            "key": certificate.key,
            "time": rfc3339(certificate.time),
            "pushee": certificate.pushee,
        }),
        Proof::Broken(broken) => {
            let state = match broken {
                Broken::Unreadable(_) => "unreadable",
                Broken::NotEnrolled(_) => "not-enrolled",
                // The second is said of merge requests only, which are not told here.
                Broken::OtherChanges | Broken::OtherProposal => "other-changes",
                Broken::OtherRepository(_) => "other-repository",
                Broken::Reused(_) => "reused",
            };
            json!({"state": state, "detail": broken.to_string()})
        }
    }
}
