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

    /// The site that a request is for; `None` for a name that is not ours, for none and for several.
    pub fn site(&self, uri: &Uri, headers: &HeaderMap) -> Option<Site> {
        let mut named = headers.get_all(header::HOST).iter();
        let host = named.next()?.to_str().ok()?;
        if named.next().is_some() {
            return None;
        }
        // The absolute form names the host twice; both must be the same (RFC 9112, 3.2.2).
        if let Some(authority) = uri.authority()
            && !authority.as_str().eq_ignore_ascii_case(host)
        {
            return None;
        }
        if host.eq_ignore_ascii_case(authority(&self.main)) {
            Some(Site::Main)
        } else if host.eq_ignore_ascii_case(authority(&self.content)) {
            Some(Site::Content)
        } else {
            None
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

    fn site(uri: &str, hosts: &[&str]) -> Option<Site> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        Hosts::loopback(8080).site(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn only_the_two_names_are_served() {
        assert_eq!(site("/", &["127.0.0.1:8080"]), Some(Site::Main));
        assert_eq!(site("/", &["LOCALHOST:8080"]), Some(Site::Content));
        for other in [
            "rebind.example",
            "127.0.0.1",
            "127.0.0.1:81",
            "localhost.:8080",
            "",
        ] {
            assert_eq!(site("/", &[other]), None, "{other}");
        }
        assert_eq!(site("/", &[]), None);
        assert_eq!(site("/", &["127.0.0.1:8080", "rebind.example"]), None);
        assert_eq!(site("http://evil.example/", &["127.0.0.1:8080"]), None);
    }
}
