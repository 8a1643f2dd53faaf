//! Which host names this node answers to: its own, and the one from which content is shown.

use axum::http::{HeaderMap, Uri, header};

/// What a request's host name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// Pages, API, Git, logs.
    Main,
    /// Public files, each in a sandbox.
    Content,
}

/// A request that is for neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misaddressed {
    /// It names no host, or several.
    Unclear,
    /// It names one that is not ours.
    Unknown,
}

/// The two authorities (`name` or `name:port`) under which the node is reached. Everything else gets 421: neither
/// a page that rebinds its DNS name to this address nor a foreign name pointed here reads anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// Origin of the pages, without a trailing slash: `https://commun.example.org`.
    pub main: String,
    /// Origin of content.
    pub content: String,
}

impl Hosts {
    /// The names of a node that only listens on loopback: `127.0.0.1` for pages, `localhost` for content.
    pub fn loopback(port: u16) -> Self {
        Self {
            main: format!("http://127.0.0.1:{port}"),
            content: format!("http://localhost:{port}"),
        }
    }

    /// The site that a request is for.
    ///
    /// # Errors
    /// It is for none of ours.
    pub fn site(&self, uri: &Uri, headers: &HeaderMap) -> Result<Site, Misaddressed> {
        let mut named = headers.get_all(header::HOST).iter();
        let host = named.next().and_then(|host| host.to_str().ok());
        let host = host.ok_or(Misaddressed::Unclear)?;
        if named.next().is_some() {
            return Err(Misaddressed::Unclear);
        }
        // The absolute form names the host twice; both must be the same (RFC 9112, 3.2.2).
        if let Some(authority) = uri.authority()
            && !authority.as_str().eq_ignore_ascii_case(host)
        {
            return Err(Misaddressed::Unknown);
        }
        if host.eq_ignore_ascii_case(authority(&self.main)) {
            Ok(Site::Main)
        } else if host.eq_ignore_ascii_case(authority(&self.content)) {
            Ok(Site::Content)
        } else {
            Err(Misaddressed::Unknown)
        }
    }

    /// Whether an `Origin` header names the pages themselves.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        origin.eq_ignore_ascii_case(&self.main)
    }
}

/// `host:port` of an origin.
fn authority(origin: &str) -> &str {
    origin
        .split_once("://")
        .map_or(origin, |(_, authority)| authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(uri: &str, hosts: &[&str]) -> Result<Site, Misaddressed> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        Hosts::loopback(8080).site(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn only_the_two_names_are_served() {
        assert_eq!(site("/", &["127.0.0.1:8080"]), Ok(Site::Main));
        assert_eq!(site("/", &["LOCALHOST:8080"]), Ok(Site::Content));
        for other in [
            "rebind.example",
            "127.0.0.1",
            "127.0.0.1:81",
            "localhost.:8080",
            "",
        ] {
            assert_eq!(site("/", &[other]), Err(Misaddressed::Unknown), "{other}");
        }
        assert_eq!(site("/", &[]), Err(Misaddressed::Unclear));
        let two = ["127.0.0.1:8080", "rebind.example"];
        assert_eq!(site("/", &two), Err(Misaddressed::Unclear));
        let absolute = site("http://evil.example/", &["127.0.0.1:8080"]);
        assert_eq!(absolute, Err(Misaddressed::Unknown));
    }
}
