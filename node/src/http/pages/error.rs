//! A problem, told to a person.

use axum::{
    body::Body,
    http::{Response, StatusCode, Uri},
};
use maud::html;

use super::Page;
use crate::http::{Web, lang::Wanted, problem::Problem, text::visible, words::TakingWords};

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
        StatusCode::NOT_FOUND => (words.error_404_title, words.error_404_text.to_owned()),
        StatusCode::BAD_REQUEST => (words.error_400_title, visible(&problem.detail)),
        StatusCode::SERVICE_UNAVAILABLE => (words.error_503_title, visible(&problem.detail)),
        StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => (
            TakingWords::of(wanted.lang).hidden_title,
            visible(&problem.detail),
        ),
        status if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => {
            (words.error_500_title, words.error_500_text.to_owned())
        }
        _ => (words.error_other_title, visible(&problem.detail)),
    };
    let main = html! {
        div.inner.narrow {
            p.eyebrow { (problem.status.as_u16()) }
            h1 { (title) }
            p.lead { (text) }
            p { a.button href=(page.href("/")) { (words.error_back) } }
            p.quiet { (words.error_request) " " code { (id) } }
        }
    };
    let mut response = page.finish(title, Some(""), main);
    *response.status_mut() = problem.status;
    response
}
