//! What can go wrong between a command and a node, and whose fault it is.

use std::io;

use thiserror::Error;

use crate::problem::Problem;

/// A call failed.
#[derive(Debug, Error)]
pub enum Error {
    /// The node's address cannot be used: the caller's fault.
    #[error("not the URL of a node: {what}: {url}")]
    Url {
        /// What is wrong with it.
        what: &'static str,
        /// What was given.
        url: String,
    },
    /// The token holds characters that no token has: the caller's fault.
    #[error("the access token is not one line of printable ASCII")]
    Token,
    /// Nobody answers at the address, or the connection broke.
    #[error("no node answers at {url}: {cause}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        cause: String,
    },
    /// The node answered that it will not.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// What answered does not speak the API, or a version of it that this one does not understand.
    #[error("the answer from {url} cannot be used: {what}")]
    Answer {
        /// What was asked.
        url: String,
        /// What is wrong with the answer.
        what: String,
    },
    /// A file that was to be sent, or the place where an answer was to be written, failed.
    #[error("{path}: {source}")]
    Local {
        /// Which file.
        path: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// The exit code that the command line promises: 1 not found, 2 usage, 3 unreachable, 4 refused,
    /// 5 the node failed, 6 not built yet.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Url { .. } | Error::Token => 2,
            Error::Local { .. } => 4,
            Error::Unreachable { .. } => 3,
            Error::Answer { .. } => 5,
            Error::Problem(problem) => match problem.status {
                404 | 410 => 1,
                // Over a quota, or the disk is full: refused, and no fault of the node.
                400..=499 | 507 => 4,
                501 => 6,
                _ => 5,
            },
        }
    }

    /// The status of the node's answer, if it answered that it will not.
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Problem(problem) => Some(problem.status),
            _ => None,
        }
    }

    /// Says what became of a call that the HTTP library gave up.
    pub(crate) fn of(url: &str, cause: ureq::Error) -> Error {
        let unreachable = |cause: String| Error::Unreachable {
            url: origin(url),
            cause,
        };
        match cause {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => Error::Url {
                what: "not an address",
                url: url.to_owned(),
            },
            ureq::Error::Io(cause) => unreachable(cause.to_string()),
            ureq::Error::HostNotFound => unreachable("the host name is not known".into()),
            ureq::Error::Timeout(_) => unreachable("no answer in time".into()),
            ureq::Error::ConnectionFailed => unreachable("no connection".into()),
            ureq::Error::Rustls(cause) => unreachable(format!("TLS: {cause}")),
            ureq::Error::Tls(cause) => unreachable(format!("TLS: {cause}")),
            ureq::Error::Json(cause) => Error::Answer {
                url: url.to_owned(),
                what: cause.to_string(),
            },
            other => Error::Answer {
                url: url.to_owned(),
                what: other.to_string(),
            },
        }
    }
}

/// The node of a URL: people start nodes, not paths.
fn origin(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => url.to_owned(),
    }
}
