//! Errors as RFC 9457 problem documents.

use std::ops::Range;

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde_json::json;

/// What the system and the databases say where a disk or a share of it is full: ENOSPC and EDQUOT, as Rust writes them, and
/// SQLITE_FULL. By the time that it gets here, an error has gone through libraries that keep its words only.
const FULL: [&str; 3] = [
    "(os error 28)",
    "(os error 122)",
    "database or disk is full",
];

/// What goes wrong in a request, as the API says it. Pages show the same in words ([`super::pages::error`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// One sentence about this case, for people.
    pub detail: String,
    /// Where the input is wrong and how to mend it, one line each.
    pub errors: Vec<FieldError>,
    /// What is wrong with the text of a search, and where.
    pub slip: Option<Box<Slip>>,
    /// The limit that a search is over.
    pub limit: Option<Limit>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u64>,
}

/// A part of a search's text that cannot be meant so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Which characters, from 0.
    pub place: Range<usize>,
    /// The field's name in English, where there is such a field.
    pub field: Option<&'static str>,
    /// The field that there is not, or the value that it cannot have; nothing where the value is missing, or where there are
    /// too many fields.
    pub written: Option<String>,
    /// What may have been meant.
    pub nearest: Option<String>,
}

/// A limit of searches, with how much of what it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Characters of the text.
    Characters(usize),
    /// Words of the text.
    Words(usize),
    /// Parentheses within one another.
    Depth(usize),
    /// Values of one filter.
    Values(usize),
    /// Hits before the end of a page.
    Reach(usize),
}

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The member or parameter.
    pub field: String,
    /// What is wrong.
    pub what: String,
    /// What to do; may be empty.
    pub fix: String,
}

impl From<commun_specs::metadata::Problem> for FieldError {
    fn from(it: commun_specs::metadata::Problem) -> Self {
        Self {
            field: it.field,
            what: it.what,
            fix: it.fix,
        }
    }
}

impl Problem {
    /// A problem with one sentence.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            errors: Vec::new(),
            slip: None,
            limit: None,
            retry_after: None,
        }
    }

    /// The request cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing here.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// No token, or not one that is known.
    pub fn unauthorised(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// Known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// It contradicts what is there.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// Larger than what is taken.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// Understood, and not fit.
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// The node cannot do it now.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::busy(detail, 2)
    }

    /// The node failed; the cause goes to its log, not to the reader.
    ///
    /// A disk that takes no more is told: it is the one cause that whoever asks can wait for, or have mended.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        let cause = cause.to_string();
        tracing::error!("a request failed: {cause}");
        match FULL.iter().any(|words| cause.contains(words)) {
            true => Self::full(),
            false => Self::failed(),
        }
    }

    /// The node's disk takes no more.
    pub fn full() -> Self {
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "the node's disk is full, and this was not taken; once its operator has made room on the disk of the data folder, \
             send it again",
        )
    }

    /// Part of the interface, not of this release.
    pub fn not_built() -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "not built yet")
    }

    /// The node failed; what exactly is in its log, under the request's id.
    pub fn failed() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the node failed; its log says why, under this request's id",
        )
    }

    /// The node cannot answer now.
    pub fn busy(detail: impl Into<String>, retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }

    /// Adds a fault of the input.
    pub fn with_error(
        mut self,
        field: impl Into<String>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        self.errors.push(FieldError {
            field: field.into(),
            what: what.into(),
            fix: fix.into(),
        });
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let mut document = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if !self.errors.is_empty() {
            document["errors"] = json!(self.errors);
        }
        if let Some(slip) = &self.slip {
            document["position"] = json!({"start": slip.place.start, "end": slip.place.end});
        }
        let mut response = Response::new(Body::from(document.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"commun\""),
            );
        }
        // So that pages can say the same in a reader's language.
        response.extensions_mut().insert(self);
        response
    }
}
