//! The connection to one node: addresses, token, limits, and the two ways to ask.

use std::{ops::Deref, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use ureq::{Agent, Body, RequestBuilder, http, typestate::WithBody};
use url::Url;

use crate::{error::Error, problem::Problem, publish::TAKING_IN};

/// Longest wait for a connection: a node on the other side of the world needs less.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest silence of a node while it answers or takes bytes. A long poll waits less than this.
const SILENCE: Duration = Duration::from_secs(60);
/// Largest JSON answer, in bytes: a list of 100,000 files with long names has half of it.
const MAX_JSON: u64 = 64 << 20;
/// Largest problem document that is read, in bytes.
const MAX_PROBLEM: u64 = 256 << 10;
/// Longest token, in characters: what a header line can hold anywhere.
const MAX_TOKEN: usize = 4096;

/// A node, seen from outside. Cheap to clone; connections are kept open between calls.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: Url,
    token: Option<String>,
    languages: Option<String>,
}

/// An answer: the value in its type, and the JSON that the node sent.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    /// What this version understands of the answer.
    pub value: T,
    /// All of the answer.
    pub json: Value,
}

impl<T> Deref for Reply<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl std::fmt::Debug for Client {
    /// The token is not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.base)
    }
}

impl Client {
    /// A client of the node at `base`, an `http` or `https` URL with or without a path. Nothing is sent yet.
    ///
    /// `token` is sent as Bearer token with the calls that need one.
    ///
    /// # Errors
    /// [`Error::Url`] and [`Error::Token`]: what was given cannot be used.
    pub fn new(base: &str, token: Option<&str>) -> Result<Client, Error> {
        let bad = |what| Error::Url {
            what,
            url: base.to_owned(),
        };
        let mut url =
            Url::parse(base.trim()).map_err(|_| bad("not a URL such as http://127.0.0.1:8080"))?;
        if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
            return Err(bad("it must begin with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad(
                "it must not contain a user or password; the token has its own setting",
            ));
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        if token.is_some_and(|t| t.len() > MAX_TOKEN || !t.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(Error::Token);
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .user_agent(concat!("commun/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Client {
            agent: config.into(),
            base: url,
            token: token.map(str::to_owned),
            languages: None,
        })
    }

    /// Asks for texts in these languages (an `Accept-Language` header).
    pub fn with_languages(mut self, languages: &str) -> Client {
        self.languages =
            Some(languages.to_owned()).filter(|l| l.bytes().all(|b| (0x20..0x7f).contains(&b)));
        self
    }

    /// The node's URL, ending in `/`.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Whether there is a token to send.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The URL of a path below the node's, each segment encoded.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .expect("http and https URLs have a path")
            .pop_if_empty()
            .extend(segments);
        url
    }

    /// The value of the `Accept-Language` header.
    pub(crate) fn languages(&self) -> Option<&str> {
        self.languages.as_deref()
    }

    pub(crate) fn agent(&self) -> &Agent {
        &self.agent
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> Option<String> {
        self.token.as_ref().map(|token| format!("Bearer {token}"))
    }

    /// A `GET` whose answer is JSON.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        url: &Url,
        with_token: bool,
    ) -> Result<Reply<T>, Error> {
        let mut request = self
            .agent
            .get(url.as_str())
            .header("Accept", "application/json");
        if let Some(languages) = &self.languages {
            request = request.header("Accept-Language", languages);
        }
        if let Some(value) = self.authorization().filter(|_| with_token) {
            request = request.header("Authorization", value);
        }
        let answer = request
            .call()
            .map_err(|cause| Error::of(url.as_str(), cause))?;
        read_json(url, answer)
    }

    /// A `POST` of JSON with the token, whose answer is JSON.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        url: &Url,
        body: &impl Serialize,
    ) -> Result<Reply<T>, Error> {
        let mut request = self
            .agent
            .post(url.as_str())
            .header("Accept", "application/json");
        if let Some(languages) = &self.languages {
            request = request.header("Accept-Language", languages);
        }
        if let Some(value) = self.authorization() {
            request = request.header("Authorization", value);
        }
        let answer = request
            .send_json(body)
            .map_err(|cause| Error::of(url.as_str(), cause))?;
        read_json(url, answer)
    }

    /// A `POST` of bytes with the token, whose answer is JSON.
    pub(crate) fn post_bytes<T: DeserializeOwned>(
        &self,
        url: &Url,
        body: &[u8],
    ) -> Result<Reply<T>, Error> {
        self.post_typed(url, "application/octet-stream", body)
    }

    /// A `POST` of bytes of a media type with the token, whose answer is JSON.
    pub(crate) fn post_typed<T: DeserializeOwned>(
        &self,
        url: &Url,
        media_type: &str,
        body: &[u8],
    ) -> Result<Reply<T>, Error> {
        let mut request = self
            .agent
            .post(url.as_str())
            .config()
            // The answer comes when all of it is durable.
            .timeout_per_read(Some(TAKING_IN))
            .build()
            .header("Accept", "application/json")
            .header("Content-Type", media_type);
        if let Some(languages) = &self.languages {
            request = request.header("Accept-Language", languages);
        }
        if let Some(value) = self.authorization() {
            request = request.header("Authorization", value);
        }
        let answer = request
            .send(body)
            .map_err(|cause| Error::of(url.as_str(), cause))?;
        read_json(url, answer)
    }

    /// A `PUT` of JSON with the token, whose answer is JSON.
    pub(crate) fn put<T: DeserializeOwned>(
        &self,
        url: &Url,
        body: &impl Serialize,
    ) -> Result<Reply<T>, Error> {
        self.sent(url, self.agent.put(url.as_str()), body)
    }

    /// A `GET` of a text of a media type, whole.
    pub(crate) fn text(&self, url: &Url, media_type: &str) -> Result<Vec<u8>, Error> {
        let mut request = self.agent.get(url.as_str()).header("Accept", media_type);
        if let Some(languages) = &self.languages {
            request = request.header("Accept-Language", languages);
        }
        let failed = |cause| Error::of(url.as_str(), cause);
        let mut answer = success(url, request.call().map_err(failed)?)?;
        let body = answer.body_mut().with_config().limit(MAX_JSON);
        body.read_to_vec().map_err(failed)
    }

    /// A `PATCH` of JSON with the token, whose answer is JSON.
    pub(crate) fn patch<T: DeserializeOwned>(
        &self,
        url: &Url,
        body: &impl Serialize,
    ) -> Result<Reply<T>, Error> {
        self.sent(url, self.agent.patch(url.as_str()), body)
    }

    fn sent<T: DeserializeOwned>(
        &self,
        url: &Url,
        request: RequestBuilder<WithBody>,
        body: &impl Serialize,
    ) -> Result<Reply<T>, Error> {
        let mut request = request.header("Accept", "application/json");
        if let Some(value) = self.authorization() {
            request = request.header("Authorization", value);
        }
        let answer = request
            .send_json(body)
            .map_err(|cause| Error::of(url.as_str(), cause))?;
        read_json(url, answer)
    }

    /// A `GET` of bytes, from `offset` on where it is not 0. The answer's status is a success.
    pub(crate) fn bytes(&self, url: &Url, offset: u64) -> Result<http::Response<Body>, Error> {
        let mut request = self.agent.get(url.as_str());
        if offset > 0 {
            request = request.header("Range", format!("bytes={offset}-"));
        }
        let answer = request
            .call()
            .map_err(|cause| Error::of(url.as_str(), cause))?;
        success(url, answer)
    }
}

/// Turns an answer that is not a success into its problem.
pub(crate) fn success(
    url: &Url,
    mut answer: http::Response<Body>,
) -> Result<http::Response<Body>, Error> {
    let status = answer.status().as_u16();
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    let header = |name: &str| {
        let value = answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    if (300..400).contains(&status) {
        return Err(Error::Answer {
            url: url.to_string(),
            what: format!(
                "it sends to another address, use that one: {}",
                header("location")
            ),
        });
    }
    let content_type = header("content-type");
    let body = answer
        .body_mut()
        .with_config()
        .limit(MAX_PROBLEM)
        .read_to_vec();
    let problem = Problem::read(status, &content_type, &body.unwrap_or_default());
    Err(Error::Problem(Box::new(problem)))
}

/// Reads a successful answer as JSON, within the limit.
pub(crate) fn read_json<T: DeserializeOwned>(
    url: &Url,
    answer: http::Response<Body>,
) -> Result<Reply<T>, Error> {
    let mut answer = success(url, answer)?;
    let bytes = answer
        .body_mut()
        .with_config()
        .limit(MAX_JSON)
        .read_to_vec()
        .map_err(|cause| Error::of(url.as_str(), cause))?;
    let wrong = |cause: serde_json::Error| Error::Answer {
        url: url.to_string(),
        what: cause.to_string(),
    };
    // An empty answer (204) reads as null, which only `()` accepts.
    let json: Value = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).map_err(wrong)?
    };
    let value = T::deserialize(&json).map_err(wrong)?;
    Ok(Reply { value, json })
}
