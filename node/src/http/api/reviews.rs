//! `…/{item}/reviews`: what people think of an item, and saying so.

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::blocking;
use crate::{
    app::App,
    http::{
        admin::{self, given},
        auth,
        place::{Place, any_whole_item, shown},
        problem::Problem,
        text::rfc3339,
    },
    items::Words,
    reviews::{self, MAX_LISTED, NewReview, Review, ReviewError},
};

/// The routes of this page.
pub fn routes(app: App) -> Router {
    Router::new()
        .route("/api/v1/items/{id}/reviews", get(list).post(review))
        .route("/api/v1/items/{id}/{slug}/reviews", get(list).post(review))
        .with_state(app)
}

async fn list(State(app): State<App>, Path(place): Path<Place>) -> Result<Response, Problem> {
    let item = shown(&app, any_whole_item(&app, &place)?)?;
    let found = blocking(move || reviews::of(&app.core, &item, MAX_LISTED)).await?;
    let answer = json!({
        "count": found.total,
        "approving": found.approving,
        "reviews": found.all.iter().map(document).collect::<Vec<_>>(),
    });
    Ok(super::json(StatusCode::OK, &answer))
}

async fn review(
    State(app): State<App>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<NewReview>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&app, &headers)?;
    let new = given(body)?;
    let item = shown(&app, any_whole_item(&app, &place)?)?;
    let verdict = new.verdict.clone();
    let written = reviews::review(&app.core, &person, &item, new)
        .await
        .map_err(|e| problem(&e))?;
    let made = reviews::one(&app.core, &item, &written.id).map_err(|e| Problem::internal(&e))?;
    let mut answer = made.as_ref().map_or_else(
        || json!({"institution": app.core.identity().handle, "verdict": verdict, "statement": written.id}),
        document,
    );
    answer["item"] = json!({"id": item.id, "name": format!("{}/{}", item.owner, item.slug)});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn problem(error: &ReviewError) -> Problem {
    let told = error.to_string();
    match error {
        ReviewError::Invalid(field, what) => {
            Problem::unprocessable(told).with_error(*field, what, "")
        }
        ReviewError::NoVersion(_) => Problem::unprocessable(told).with_error(
            "version",
            "it is a number from 1, an id, or the beginning of one",
            "",
        ),
        ReviewError::OwnVersion => Problem::forbidden(told),
        ReviewError::NotReviewed => Problem::conflict(told),
        ReviewError::Withdrawn => Problem::new(StatusCode::GONE, told),
        ReviewError::Write(e) => admin::write_problem(e),
        ReviewError::Failed(_) => Problem::internal(error),
    }
}

fn document(review: &Review) -> Value {
    json!({
        "institution": review.institution,
        "former": review.former,
        "own": review.own,
        "person": review.person,
        "by": review.name,
        "version": review.of,
        "number": review.number,
        "current": review.current,
        "verdict": review.verdict.as_str(),
        "words": match review.words {
            Words::Here => "here",
            Words::Withheld => "withheld",
            Words::Erased => "erased",
        },
        "text": review.text,
        "statement": review.statement,
        "position": review.position,
        "time": rfc3339(review.time),
    })
}
