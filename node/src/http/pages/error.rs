//! A problem, told to a person.

use axum::{
    body::Body,
    http::{Response, StatusCode, Uri},
};
use maud::html;

use super::Page;
use crate::http::{Web, lang::Wanted, problem::Problem, text::visible, words::Words};

/// The page for a problem, with the request's id where it helps the operator to find the cause.
pub(in crate::http) fn error(
    web: &Web,
    wanted: &Wanted,
    problem: &Problem,
    id: &str,
) -> Response<Body> {
    let page = Page::new(web, wanted, &Uri::from_static("/"));
    let words = page.words;
    // What went wrong inside is said in the page's language; what is wrong with the request comes from where it was
    // read, in English, and is more use than a general sentence.
    let (title, text) = match problem.status {
        StatusCode::NOT_FOUND => (
            words.say("error-404-title"),
            words.say("error-404-text").to_owned(),
        ),
        StatusCode::BAD_REQUEST => (words.say("error-400-title"), visible(&problem.detail)),
        StatusCode::SERVICE_UNAVAILABLE => (words.say("error-503-title"), visible(&problem.detail)),
        StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => (
            Words::of(wanted.lang).say("taking-hidden-title"),
            visible(&problem.detail),
        ),
        status if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => (
            words.say("error-500-title"),
            words.say("error-500-text").to_owned(),
        ),
        _ => (words.say("error-other-title"), visible(&problem.detail)),
    };
    let main = html! {
        div.inner.narrow {
            p.eyebrow { (problem.status.as_u16()) }
            h1 { (title) }
            p.lead { (text) }
            p { a.button href=(page.href("/")) { (words.say("error-back")) } }
            p.quiet { (words.say("error-request")) " " code { (id) } }
        }
    };
    let mut response = page.finish(title, Some(""), main);
    *response.status_mut() = problem.status;
    response
}
