//! `GET /api/v1/complete`: what somebody types in the search box may be meant to become.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use commun_index::Completion;
use serde_json::{Value, json};

use crate::http::{
    Web, pages,
    problem::Problem,
    search::{Asked, Facet, refused},
    text::visible,
};

pub(super) async fn complete(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (typed, found) = completed(&web, &uri, &headers).await?;
    let answer = json!({
        "query": typed,
        "completions": found.iter().map(completion).collect::<Vec<_>>(),
    });
    Ok(super::json(StatusCode::OK, &answer))
}

/// What an address says was typed, and what it may become, in the language of whoever asks.
pub(in crate::http) async fn completed(
    web: &Web,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(String, Vec<Completion>), Problem> {
    let lang = pages::wanted(uri, headers).lang.tag();
    let typed = pages::parameter(uri, "q").unwrap_or_default();
    let asked = typed.clone();
    let found = web
        .ask(move |site| site.complete(&asked, lang).map_err(refused))
        .await?;
    Ok((typed, found))
}

/// What is shown, and where it leads: a search, or an item.
fn completion(found: &Completion) -> Value {
    match found {
        Completion::Word { text } => {
            let mut asked = Asked::default_page();
            asked.query.text.clone_from(text);
            json!({"kind": "word", "text": text, "url": asked.href()})
        }
        Completion::Concept {
            facet,
            id,
            label,
            count,
        } => {
            let narrowed = Facet::ALL.into_iter().find(|known| known.name() == *facet);
            let asked = Asked::default_page();
            let asked = narrowed.map_or_else(|| asked.clone(), |facet| asked.toggled(facet, id));
            json!({"kind": facet, "text": label, "id": id, "count": count, "url": asked.href()})
        }
        Completion::Title {
            id,
            name,
            title,
            language,
        } => {
            json!({"kind": "title", "text": visible(title), "language": language, "id": id, "name": name,
            "url": format!("/{name}")})
        }
    }
}
