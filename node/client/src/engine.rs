//! An OpenSearch or Elasticsearch index that is kept current from a node: the few calls that this takes.
//!
//! Both speak the same words here: an index with settings and mappings, documents with ids that we choose, the bulk
//! interface, and one document that notes how far the index has come, changed only by who saw it last.
//!
//! Credentials are sent with each call and shown nowhere: [`Engine::place`] and every error have the address without them.

mod answer;
mod bulk;
mod place;

use std::time::Duration;

use serde_json::{Value, json};
use ureq::{Agent, Body, http};
use url::Url;

pub use bulk::{Action, Outcome};
pub use place::Credentials;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest silence of an engine: a bulk request of several megabytes takes a busy one half a minute.
const SILENCE: Duration = Duration::from_secs(120);
/// Largest answer that is read, in bytes: 500 refusals, each with a long reason.
const MAX_ANSWER: u64 = 16 << 20;
/// The id of the document that notes how far the index is. No item has it: theirs have 52 characters.
pub const NOTE: &str = "commun-feed";

/// An engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The address or the credentials cannot be used: the caller's fault.
    #[error("{0}")]
    Address(String),
    /// Nobody answers, or the connection broke. Trying again may help.
    #[error("no engine answers at {place}: {cause}")]
    Unreachable {
        /// Where.
        place: String,
        /// Why.
        cause: String,
    },
    /// It has too much to do (429, 502, 503, 504). Trying again helps.
    #[error("the engine is busy ({status})")]
    Busy {
        /// The status.
        status: u16,
        /// After how many seconds it wants to be asked again.
        retry_after: Option<u64>,
    },
    /// The request has more bytes than it takes (413).
    #[error("the request is larger than the engine takes")]
    TooLarge,
    /// Somebody else changed what was to be changed (409).
    #[error("{0}")]
    Conflict(String),
    /// It will not (any other status).
    #[error("the engine answers {status}: {why}")]
    Refused {
        /// The status.
        status: u16,
        /// Its kind and reason.
        why: String,
    },
    /// What answers does not speak as these engines do.
    #[error("the answer of {place} cannot be used: {what}")]
    Answer {
        /// Where.
        place: String,
        /// What is wrong.
        what: String,
    },
}

/// How far an index has come, as one of its documents notes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// What was noted.
    pub note: Value,
    /// The state of the document, which the next change names.
    seen: (u64, u64),
}

/// One index of an engine. Connections are kept open between calls.
#[derive(Clone)]
pub struct Engine {
    agent: Agent,
    /// The address of the index, without credentials.
    base: Url,
    authorization: Option<String>,
}

impl std::fmt::Debug for Engine {
    /// The credentials are not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Engine({})", self.base)
    }
}

impl Engine {
    /// The index at `url`: `https://host:9200/INDEX`, with or without a path before it; `commun` where none is named. A user
    /// and a password may stand in it; `credentials` come first. Nothing is sent yet.
    ///
    /// # Errors
    /// [`EngineError::Address`].
    pub fn new(url: &str, credentials: Option<&Credentials>) -> Result<Engine, EngineError> {
        let (base, named) = place::read(url)?;
        let credentials = credentials.cloned().or(named);
        let authorization = credentials.map(|c| c.header()).transpose()?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .user_agent(concat!("commun/", env!("CARGO_PKG_VERSION"), " (feed)"))
            .build();
        Ok(Engine {
            agent: config.into(),
            base,
            authorization,
        })
    }

    /// The address of the index, without credentials.
    pub fn place(&self) -> &str {
        self.base.as_str()
    }

    /// Whether credentials travel to another machine without encryption.
    pub fn is_exposed(&self) -> bool {
        let host = self.base.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        let local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        self.authorization.is_some() && self.base.scheme() == "http" && !local
    }

    /// The mappings of the index; none where it is not there.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn mappings(&self) -> Result<Option<Value>, EngineError> {
        let url = self.url(&["_mapping"]);
        match self.ask(http::Method::GET, &url, None) {
            Ok(mut answer) => {
                // By the name of the index, which is another one where ours is an alias.
                let indexes = answer.as_object_mut().map(std::mem::take);
                let mut indexes = indexes.unwrap_or_default().into_iter();
                match (indexes.next(), indexes.next()) {
                    (Some((_, mut one)), None) => Ok(Some(one["mappings"].take())),
                    _ => Err(self.unusable("the name stands for several indexes, or for none")),
                }
            }
            Err(EngineError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the index. One that came to be in between is no fault.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn create(&self, settings_and_mappings: &Value) -> Result<(), EngineError> {
        let body = settings_and_mappings.to_string();
        match self.ask(http::Method::PUT, &self.url(&[]), json_body(&body)) {
            Err(EngineError::Refused { status: 400, why })
                if why.contains("resource_already_exists_exception") =>
            {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    /// How far the index has come, as it notes itself.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn noted(&self) -> Result<Option<Noted>, EngineError> {
        match self.ask(http::Method::GET, &self.url(&["_doc", NOTE]), None) {
            Ok(mut answer) => {
                let seen = self.seen(&answer)?;
                let note = answer["_source"]["feed"].take();
                Ok(Some(Noted { note, seen }))
            }
            Err(EngineError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes how far the index has come, if the note is still the one that was `last` seen.
    ///
    /// # Errors
    /// [`EngineError::Conflict`]: somebody else has noted something since. Else see [`EngineError`].
    pub fn note(&self, note: Value, last: Option<&Noted>) -> Result<Noted, EngineError> {
        let mut url = self.url(&["_doc", NOTE]);
        match last {
            None => url.query_pairs_mut().append_pair("op_type", "create"),
            Some(Noted {
                seen: (number, term),
                ..
            }) => url
                .query_pairs_mut()
                .append_pair("if_seq_no", &number.to_string())
                .append_pair("if_primary_term", &term.to_string()),
        };
        let body = json!({ "feed": note }).to_string();
        let answer = self.ask(http::Method::PUT, &url, json_body(&body))?;
        let seen = self.seen(&answer)?;
        Ok(Noted { note, seen })
    }

    /// Sends actions in one request; gives what became of each, in their order.
    ///
    /// # Errors
    /// See [`EngineError`]; then nothing is known of any of them, and all may be sent again.
    pub fn bulk(&self, actions: &[Action]) -> Result<Vec<Outcome>, EngineError> {
        let mut body = Vec::with_capacity(actions.iter().map(Action::bytes).sum());
        actions.iter().for_each(|action| action.write(&mut body));
        let url = self.url(&["_bulk"]);
        let sent = Some(("application/x-ndjson", body.as_slice()));
        let answer = self.ask(http::Method::POST, &url, sent)?;
        bulk::outcomes(&answer, actions).map_err(|what| self.unusable(what))
    }

    fn url(&self, below: &[&str]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .expect("http and https URLs have a path")
            .pop_if_empty()
            .extend(below);
        url
    }

    fn seen(&self, answer: &Value) -> Result<(u64, u64), EngineError> {
        let number = |name: &str| answer[name].as_u64();
        number("_seq_no")
            .zip(number("_primary_term"))
            .ok_or_else(|| self.unusable("a document has no sequence number"))
    }

    fn unusable(&self, what: impl Into<String>) -> EngineError {
        EngineError::Answer {
            place: self.place().to_owned(),
            what: what.into(),
        }
    }

    fn ask(
        &self,
        method: http::Method,
        url: &Url,
        body: Option<(&str, &[u8])>,
    ) -> Result<Value, EngineError> {
        let request = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("Accept", "application/json");
        let request = match &self.authorization {
            Some(value) => request.header("Authorization", value),
            None => request,
        };
        let bad = |cause: http::Error| EngineError::Address(cause.to_string());
        let failed = |cause: ureq::Error| answer::unreachable(self.place(), &cause);
        let answer: http::Response<Body> = match body {
            Some((kind, bytes)) => {
                let request = request.header("Content-Type", kind);
                self.agent.run(request.body(bytes).map_err(bad)?)
            }
            None => self.agent.run(request.body(()).map_err(bad)?),
        }
        .map_err(failed)?;
        answer::read(self.place(), answer)
    }
}

/// A body of JSON with its media type.
fn json_body(text: &str) -> Option<(&'static str, &[u8])> {
    Some(("application/json", text.as_bytes()))
}
