//! Pages.
use crate::http::{problem::Problem, talk::At};
use axum::{extract::State, response::Response};
pub(in crate::http) async fn list(State(_at): State<At>) -> Result<Response, Problem> {
    Err(Problem::not_built())
}
pub(in crate::http) async fn one(State(_at): State<At>) -> Result<Response, Problem> {
    Err(Problem::not_built())
}
