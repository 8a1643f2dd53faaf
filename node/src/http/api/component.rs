//! `GET …/{item}/component`: what was read out of a repository, each value with where it stood, and what is wrong there.

use axum::{
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use commun_forge::component::{Problem as Fault, Report};
use commun_specs::metadata::Record;
use serde_json::{Map, Value, json};

use crate::{
    http::{Web, pages, problem::Problem, site::Which, text::rfc3339},
    items::{Component, Neighbour, Shown, Uses},
};

/// Releases that are listed.
const MAX_RELEASES: usize = 100;

pub(super) async fn component(
    web: &Web,
    which: Which,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let item = web.item(which).await?;
    let Some(component) = &item.component else {
        return Err(Problem::not_found(
            "only a repository is described as a component",
        ));
    };
    let lang = pages::wanted(uri, headers).lang.tag();
    Ok(super::json(
        StatusCode::OK,
        &document(&item, component, lang),
    ))
}

fn document(item: &Shown, component: &Component, lang: &str) -> Value {
    let reading = component.reading.as_ref();
    let report = reading.map(|r| r.report.clone()).unwrap_or_default();
    let (errors, warnings) = report.counts();
    let releases = component.releases.iter().take(MAX_RELEASES).map(|release| {
        let mut value = json!({"tag": release.tag, "version": release.version, "oid": release.oid,
            "preview": release.is_preview()});
        if let Ok(time @ 1..) = u64::try_from(release.time) {
            value["date"] = rfc3339(time).into();
        }
        value
    });
    json!({
        "id": item.id,
        "name": item.name(),
        "commit": reading.and_then(|r| r.commit.clone()),
        "described_by": reading.map(|r| json!({"institution": r.by, "statement": r.statement, "tool": r.tool})),
        "values": reading.map(|r| values(&r.record)).unwrap_or_default(),
        "errors": errors,
        "warnings": warnings,
        "problems": report.problems.iter().map(|p| problem(p, lang)).collect::<Vec<_>>(),
        "licences": report.licences.iter().map(|l| json!({"file": l.file, "licence": l.id})).collect::<Vec<_>>(),
        "reuse": reuse(&report),
        "releases": releases.collect::<Vec<_>>(),
        "newest": component.newest().map(|release| &release.tag),
        "uses": component.uses.iter().map(uses).collect::<Vec<_>>(),
        "used_by": component.used_by.iter().map(neighbour).collect::<Vec<_>>(),
    })
}

/// Every value with its source, by field.
fn values(record: &Record) -> Value {
    let body = record.to_body().unwrap_or_default();
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&body) else {
        return json!({});
    };
    let sources = body.remove("sources").unwrap_or_default();
    let mut fields = Map::new();
    for (field, list) in body {
        let Value::Array(list) = list else { continue };
        let list = list.into_iter().filter_map(|mut value| {
            let source = value["src"]
                .as_u64()
                .and_then(|n| sources.get(usize::try_from(n).ok()?))?;
            let mut out = json!({
                "value": value["v"].take(),
                "method": source["method"],
                "scheme": source["scheme"],
            });
            for (name, from) in [
                ("language", value["lang"].take()),
                ("path", value["path"].take()),
                ("file", source["origin"].clone()),
            ] {
                if !from.is_null() {
                    out[name] = from;
                }
            }
            Some(out)
        });
        fields.insert(field, list.collect());
    }
    Value::Object(fields)
}

fn problem(problem: &Fault, lang: &str) -> Value {
    let mut value = problem.to_json();
    value["what"] = problem.what(lang).into();
    value["fix"] = problem.fix(lang).into();
    value
}

fn reuse(report: &Report) -> Value {
    match &report.reuse {
        None => Value::Null,
        Some(reuse) => {
            json!({"whole": reuse.is_whole(), "files": reuse.files, "covered": reuse.covered,
            "complete": reuse.complete, "missing": reuse.missing})
        }
    }
}

fn uses(uses: &Uses) -> Value {
    let dependency = &uses.dependency;
    json!({
        "name": dependency.name,
        "version": dependency.version,
        "type": dependency.kind,
        "optional": dependency.optional,
        "link": dependency.link,
        "item": uses.item.as_ref().map(neighbour),
    })
}

pub(super) fn neighbour(other: &Neighbour) -> Value {
    json!({"id": other.id, "name": other.name, "title": other.title})
}
