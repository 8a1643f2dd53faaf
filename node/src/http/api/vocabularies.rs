//! `GET /api/v1/vocabularies`: the vocabularies that ship with every node, as SKOS, and those that institutions publish.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use commun_specs::vocab::{self, Scheme, skos};
use serde_json::{Map, Value, json};

use crate::http::{Web, pages, problem::Problem, vocabularies};

/// All of them, in short.
pub(super) async fn all(uri: Uri, headers: HeaderMap) -> Response {
    let wanted = pages::wanted(&uri, &headers);
    let list = Scheme::ALL.iter().map(|scheme| {
        json!({
            "id": scheme.id(),
            "address": skos::address(*scheme),
            "title": scheme.title(wanted.lang.tag()),
            "concepts": vocab::concepts(*scheme).len(),
            "source": scheme.source(),
            "url": format!("/api/v1/vocabularies/{}", scheme.id()),
        })
    });
    let list: Vec<Value> = list.collect();
    super::json(StatusCode::OK, &json!({"vocabularies": list}))
}

/// One that an institution publishes, as it was read here: what labels come from. Its file is downloaded from the item.
pub(super) async fn published(
    State(web): State<Web>,
    Path((handle, slug)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let read = vocabularies::of_item(&web, &handle, &slug).await?;
    let texts = |texts: &[(String, String)]| -> Value {
        let mut map = Map::new();
        for (lang, text) in texts {
            map.entry(lang.clone())
                .or_insert_with(|| text.as_str().into());
        }
        Value::Object(map)
    };
    let concepts = read.concepts.iter().map(|(notation, concept)| {
        json!({
            "id": concept.address,
            "notation": notation,
            "prefLabel": texts(&concept.label),
            "altLabel": concept.names.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
            "broader": concept.broader.iter().filter_map(|key| Some(&read.concepts.get(key)?.address)).collect::<Vec<_>>(),
        })
    });
    let concepts: Vec<Value> = concepts.collect();
    Ok(super::json(
        StatusCode::OK,
        &json!({"id": read.address, "title": texts(&read.title), "concepts": concepts}),
    ))
}

/// What a vocabulary is asked for as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Json,
    Turtle,
}

/// One, as JSON-LD or Turtle: `?format=turtle` or `json`, else what `Accept` asks for, else JSON.
pub(super) async fn one(
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scheme = Scheme::parse(&id).ok_or_else(|| {
        Problem::not_found("there is no such vocabulary; GET /api/v1/vocabularies lists them")
    })?;
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    let form = match pages::parameter(&uri, "format").as_deref() {
        None => wanted(accept.unwrap_or_default()),
        Some("turtle") => Form::Turtle,
        Some("json") => Form::Json,
        Some(_) => return Err(Problem::bad_request("`format` is json or turtle")),
    };
    let (kind, body) = match form {
        Form::Turtle => ("text/turtle; charset=utf-8", skos::turtle(scheme)),
        Form::Json => ("application/ld+json", skos::json_ld(scheme).to_string()),
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok((StatusCode::OK, headers, body).into_response())
}

/// The form that `Accept` gives the higher weight; JSON where it does not tell.
fn wanted(accept: &str) -> Form {
    let weight = |kinds: &[&str]| {
        let parts = accept.split(',').filter_map(|part| {
            let mut parts = part.split(';').map(str::trim);
            let kind = parts.next()?;
            kinds
                .iter()
                .any(|known| kind.eq_ignore_ascii_case(known))
                .then(|| {
                    let q = parts.find_map(|p| p.strip_prefix("q="));
                    q.and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0)
                })
        });
        parts.fold(0.0, f32::max)
    };
    let turtle = weight(&["text/turtle", "application/x-turtle"]);
    let json = weight(&[
        "application/json",
        "application/ld+json",
        "application/*",
        "*/*",
    ]);
    if turtle > json {
        Form::Turtle
    } else {
        Form::Json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_one_that_weighs_more() {
        for (accept, form) in [
            ("", Form::Json),
            ("*/*", Form::Json),
            ("text/html,*/*;q=0.8", Form::Json),
            ("text/turtle", Form::Turtle),
            ("text/turtle, */*;q=0.1", Form::Turtle),
            ("text/turtle;q=0.2, application/ld+json", Form::Json),
            ("text/turtle;q=x", Form::Turtle),
        ] {
            assert_eq!(wanted(accept), form, "{accept}");
        }
    }
}
