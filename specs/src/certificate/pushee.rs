//! The address that a certificate names.

use crate::name::{Handle, Slug};

/// Where somebody pushed to, taken apart. Git wrote it as the person typed it, without a name or password:
/// `https://host/handle/slug.git`, `ssh://host:port/handle/slug.git`, `host:handle/slug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushee {
    /// `https`, `http`, `ssh`…, in lower case; `ssh` for the short form.
    pub scheme: String,
    /// Host and port in lower case.
    pub authority: String,
    /// What stands between the host and the repository's name, without slashes at its ends; empty for most nodes.
    pub prefix: String,
    /// The first part of the repository's name.
    pub handle: Handle,
    /// The second.
    pub slug: Slug,
}

impl Pushee {
    /// Reads an address; `None` if it does not end with a repository's name.
    pub fn read(text: &str) -> Option<Self> {
        let (scheme, authority, path) = match text.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/')?;
                (scheme.to_ascii_lowercase(), authority, path)
            }
            None => {
                let (host, path) = text.split_once(':')?;
                ("ssh".to_owned(), host, path)
            }
        };
        // Git leaves out who pushes over HTTP; over SSH it is always `git`.
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let path = path.trim_matches('/');
        let (before, name) = path.rsplit_once('/')?;
        let (prefix, handle) = before.rsplit_once('/').unwrap_or(("", before));
        let name = name.strip_suffix(".git").unwrap_or(name);
        if authority.is_empty() {
            return None;
        }
        Some(Self {
            scheme,
            authority: authority.to_ascii_lowercase(),
            prefix: prefix.trim_matches('/').to_owned(),
            handle: Handle::new(handle).ok()?,
            slug: Slug::new(name).ok()?,
        })
    }

    /// `scheme://authority[/prefix]`: the address of the node, as it is configured and enrolled.
    pub fn base(&self) -> String {
        let mut base = format!("{}://{}", self.scheme, self.authority);
        if !self.prefix.is_empty() {
            base.push('/');
            base.push_str(&self.prefix);
        }
        base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_address_names_the_same_repository() {
        for (text, base) in [
            ("https://forge.example/aa/tool.git", "https://forge.example"),
            (
                "https://Forge.Example/aa/tool.git/",
                "https://forge.example",
            ),
            ("http://127.0.0.1:8080/aa/tool", "http://127.0.0.1:8080"),
            (
                "https://forge.example/commun/aa/tool.git",
                "https://forge.example/commun",
            ),
            (
                "ssh://git@forge.example:2222/aa/tool.git",
                "ssh://forge.example:2222",
            ),
            ("git@forge.example:aa/tool.git", "ssh://forge.example"),
            ("forge.example:/aa/tool", "ssh://forge.example"),
        ] {
            let to = Pushee::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (to.handle.as_str(), to.slug.as_str()),
                ("aa", "tool"),
                "{text}"
            );
            assert_eq!(to.base(), base, "{text}");
        }
        for bad in [
            "",
            "aa/tool",
            "https://forge.example/tool.git",
            "https:///aa/tool",
            "/srv/aa/tool.git",
            "https://h/AA/tool",
        ] {
            assert_eq!(Pushee::read(bad), None, "{bad}");
        }
    }
}
