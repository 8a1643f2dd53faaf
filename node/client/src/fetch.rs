//! Fetching from a machine that is not a node: a source of records that an operator named.
//!
//! Whoever names an address must not reach what only this machine reaches. Every name is resolved once for each
//! connection, all its addresses are looked at, and the connection goes to those that were looked at: an answer of the
//! DNS that changes in between, a name with one public and one private address, and a redirect inwards all end here.

mod address;

use std::time::Duration;

use ureq::{
    Agent,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};
use url::Url;

pub use address::is_public;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest time for a whole answer: a slow repository makes a page of 1,000 records in half a minute.
const ANSWER: Duration = Duration::from_secs(120);
/// Longest time for a look at a link.
const LOOK: Duration = Duration::from_secs(20);
/// Redirects that are followed, each looked at as the first address was.
const MAX_REDIRECTS: u32 = 5;
/// Longest address, in bytes: a resumption token may have a thousand.
const MAX_URL: usize = 8_000;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Status 200, and the whole body.
    Body(Vec<u8>),
    /// Another status, and the seconds of `Retry-After`.
    Status(u16, Option<u64>),
}

/// Nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is not one that is fetched from.
    #[error("{what}: {url}")]
    Address {
        /// What is wrong with it.
        what: &'static str,
        /// The address.
        url: String,
    },
    /// The connection failed.
    #[error("{0}")]
    Failed(String),
    /// The answer is larger than allowed.
    #[error("the answer has more than {0} bytes")]
    TooLarge(u64),
}

/// Resolves names, and refuses those that lead inwards.
#[derive(Debug)]
struct Looked<R> {
    inner: R,
    private: bool,
}

impl<R: Resolver> Resolver for Looked<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let refused = found
            .iter()
            .any(|a| a.port() == 0 || !(self.private || is_public(a.ip())));
        if refused {
            let why = "the address is of this machine or of a private network";
            return Err(ureq::Error::Io(std::io::Error::other(why)));
        }
        Ok(found)
    }
}

/// Fetches. Cheap to clone; connections are kept open between calls.
#[derive(Clone, Debug)]
pub struct Fetcher {
    agent: Agent,
}

impl Fetcher {
    /// A fetcher. `private`: whether it may reach this machine and private networks.
    pub fn new(private: bool) -> Fetcher {
        let agent = concat!("commun/", env!("CARGO_PKG_VERSION"), " (harvester)");
        Self::through(DefaultResolver::default(), private, agent)
    }

    /// A fetcher that looks whether links lead anywhere, and says for whom: `who` is the commons and its address.
    pub fn checker(private: bool, who: &str) -> Fetcher {
        let who: String = who
            .chars()
            .filter(char::is_ascii_graphic)
            .take(200)
            .collect();
        let agent = format!("commun/{} (links; {who})", env!("CARGO_PKG_VERSION"));
        Self::through(DefaultResolver::default(), private, &agent)
    }

    fn through(inner: impl Resolver, private: bool, agent: &str) -> Fetcher {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .proxy(None)
            .timeout_connect(Some(CONNECT))
            .timeout_resolve(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(agent)
            .build();
        let looked = Looked { inner, private };
        Fetcher {
            agent: Agent::with_parts(config, DefaultConnector::default(), looked),
        }
    }

    /// Checks the form of an address: `http` or `https`, a host, no user.
    ///
    /// # Errors
    /// [`FetchError::Address`].
    pub fn check(url: &str) -> Result<Url, FetchError> {
        let bad = |what| FetchError::Address {
            what,
            url: url.chars().take(200).collect(),
        };
        if url.len() > MAX_URL {
            return Err(bad("the address is too long"));
        }
        let parsed = Url::parse(url).map_err(|_| bad("this is not an address"))?;
        if !matches!(parsed.scheme(), "http" | "https")
            || parsed.host_str().is_none_or(str::is_empty)
        {
            return Err(bad("the address must begin with http:// or https://"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(bad("the address must not contain a user or password"));
        }
        Ok(parsed)
    }

    /// The status of what is at an address, after redirects: asked for by `HEAD`, and, where that is refused, for one byte.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub fn look(&self, url: &str) -> Result<u16, FetchError> {
        let parsed = Self::check(url)?;
        let failed = |e: ureq::Error| FetchError::Failed(e.to_string());
        let head = self.agent.head(parsed.as_str()).config();
        let head = head
            .timeout_global(Some(LOOK))
            .build()
            .call()
            .map_err(failed)?;
        if head.status().as_u16() < 400 {
            return Ok(head.status().as_u16());
        }
        let one = self.agent.get(parsed.as_str()).config();
        let one = one
            .timeout_global(Some(LOOK))
            .build()
            .header("Range", "bytes=0-0");
        Ok(one.call().map_err(failed)?.status().as_u16())
    }

    /// Fetches what is at an address, at most so many bytes. From `https` no redirect leads to `http`.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub fn get(&self, url: &str, most: u64) -> Result<Fetched, FetchError> {
        let parsed = Self::check(url)?;
        let failed = |e: ureq::Error| FetchError::Failed(e.to_string());
        let secure = parsed.scheme() == "https";
        let request = self
            .agent
            .get(parsed.as_str())
            .config()
            .https_only(secure)
            .build()
            .header("Accept", "text/xml, application/xml;q=0.9, */*;q=0.5");
        let mut answer = request.call().map_err(failed)?;
        let status = answer.status().as_u16();
        if status != 200 {
            let after = answer
                .headers()
                .get("Retry-After")
                .and_then(|v| v.to_str().ok());
            return Ok(Fetched::Status(
                status,
                after.and_then(|v| v.trim().parse().ok()),
            ));
        }
        let body = answer.body_mut().with_config().limit(most).read_to_vec();
        match body {
            Ok(bytes) => Ok(Fetched::Body(bytes)),
            Err(ureq::Error::BodyExceedsLimit(_)) => Err(FetchError::TooLarge(most)),
            Err(e) => Err(failed(e)),
        }
    }
}

#[cfg(test)]
mod tests;
