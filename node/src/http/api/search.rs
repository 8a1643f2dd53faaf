//! `GET /api/v1/search`.

use std::time::Instant;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use commun_index::{Answer, Hit};
use commun_specs::licence::Licence;
use serde_json::{Map, Value, json};

use crate::http::{
    Web,
    lang::Wanted,
    pages,
    problem::Problem,
    search::{Asked, Facet, above, narrowest},
    site::Site,
    text::rfc3339,
};

pub(super) async fn search(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = pages::wanted(&uri, &headers);
    let asked = Asked::read(&uri, &wanted)?;
    let found = web
        .ask(move |site| {
            let began = Instant::now();
            let answer = asked.run(site)?;
            let took = began.elapsed().as_secs_f64() * 1_000.0;
            Ok(document(site, &asked, &answer, took, &wanted))
        })
        .await?;
    Ok(super::json(StatusCode::OK, &found))
}

fn document(
    site: &dyn Site,
    asked: &Asked,
    answer: &Answer,
    took_ms: f64,
    wanted: &Wanted,
) -> Value {
    json!({
        "query": asked.query.text,
        "total": answer.total,
        "took_ms": (took_ms * 1_000.0).round() / 1_000.0,
        "index_position": answer.cursor,
        "hits": answer.hits.iter().map(|hit| self::hit(site, hit)).collect::<Vec<_>>(),
        "facets": facets(answer, wanted),
        "suggestion": answer.suggestion,
        "unquoted": answer.unquoted,
    })
}

/// An item that was found.
pub(super) fn hit(site: &dyn Site, hit: &Hit) -> Value {
    let (copies, local) = site.copies(&hit.id);
    let mut value = json!({
        "id": hit.id,
        "name": hit.name,
        "type": hit.kind.as_str(),
        "title": hit.title,
        "summary": hit.summary,
        "snippet": hit.snippet,
        "score": hit.score,
        "institution": hit.institution,
        "licence": hit.licence,
        "licence_class": Licence::classes_of(hit.licence.as_deref())[0],
        "resource_type": hit.resource_types,
        "language": hit.languages,
        "level": narrowest(&hit.levels),
        "subject": hit.subjects,
        "format": hit.formats,
        "duration": hit.duration,
        "creators": hit.creators,
        "updated": rfc3339(hit.updated),
        "copies": copies,
        "local": local,
    });
    if let Some(place) = &hit.place {
        value["place"] = json!({"page": place.page, "file": place.file});
    }
    if !hit.explanation.is_empty() {
        let parts = hit.explanation.iter();
        value["explanation"] = parts
            .map(|c| json!({"field": c.field, "word": c.word, "score": c.score}))
            .collect();
    }
    value
}

fn facets(answer: &Answer, wanted: &Wanted) -> Value {
    let mut all = Map::new();
    for facet in Facet::ALL {
        let counts = answer.facets.get(facet.name()).into_iter().flatten();
        let counts = counts.map(|(value, count)| {
            let label = facet.label(value, wanted.lang.tag());
            let mut told = json!({"value": value, "label": label, "count": count});
            if let Some(above) = above(facet, value) {
                told["broader"] = above.into();
            }
            told
        });
        all.insert(facet.name().to_owned(), counts.collect());
    }
    Value::Object(all)
}
