//! Which node, which data folder, which token: flags before environment before the data folder.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;
use commun_client::Client;

use crate::{
    failure::{Code, Failure},
    terminal,
};

/// Largest settings file or token file that is read, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// Where a node serves that nobody told otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8470";

/// The settings that every command has.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Data folder of the node [default: ~/.local/share/commun]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "COMMUN_DATA",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub data: Option<PathBuf>,
    /// URL of the node to talk to [default: the node of the data folder]
    ///
    /// The node of the data folder writes its URL to run/http when it is ready; else http of
    /// commun.toml says it; else it is http://127.0.0.1:8470.
    #[arg(verbatim_doc_comment)]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "COMMUN_NODE",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub node: Option<String>,
}

impl Settings {
    /// The data folder.
    pub fn data(&self) -> Result<PathBuf, Failure> {
        if let Some(data) = self
            .data
            .as_ref()
            .filter(|data| !data.as_os_str().is_empty())
        {
            return Ok(data.clone());
        }
        match std::env::var_os("HOME").filter(|home| !home.is_empty()) {
            Some(home) => Ok(Path::new(&home).join(".local/share/commun")),
            None => Err(Failure::new(
                Code::Usage,
                "There is no home folder to look for a data folder in.",
            )
            .hint("Name the data folder with --data DIR or COMMUN_DATA.")),
        }
    }

    /// The node, for reading.
    pub fn reader(&self) -> Result<Client, Failure> {
        Ok(self.client(None)?.with_languages(&languages()))
    }

    /// The node with the access token, for what needs one.
    pub fn writer(&self) -> Result<Client, Failure> {
        let url = self.url()?;
        let Some(token) = self.token(&url)? else {
            return Err(Failure::new(Code::Refuse, "This needs an access token, and there is none.").hint(
                "Put one into COMMUN_TOKEN; the node's operator makes it with `commun token create`, \
                 and on the node's own machine keys/admin.token of the data folder is used.",
            ));
        };
        let client = self.client(Some(&token))?;
        if client.base().scheme() == "http" && !is_local(&client) {
            terminal::talk(
                "Note: the access token travels unencrypted; use the node's https URL if it has one.",
            );
        }
        Ok(client)
    }

    /// The node with the access token if there is one, for what shows more to those who have one.
    pub fn reader_with_token(&self) -> Result<Client, Failure> {
        let token = self.token(&self.url()?)?;
        Ok(self.client(token.as_deref())?.with_languages(&languages()))
    }

    /// The access token, for Git.
    pub fn access_token(&self) -> Result<String, Failure> {
        let token = self.token(&self.url()?)?;
        token.ok_or_else(|| {
            Failure::new(
                Code::Refuse,
                "This needs an access token, and there is none.",
            )
        })
    }

    /// The access token for a URL that somebody else chose: only if it is that of these settings' node.
    pub fn token_for(&self, url: &str) -> Result<Option<String>, Failure> {
        let own = self.url()?;
        let place = |url: &str| {
            let base = Client::new(url, None).ok()?;
            let base = base.base();
            let host = base.host_str()?.to_owned();
            Some((base.scheme().to_owned(), host, base.port_or_known_default()))
        };
        if place(&own).is_none() || place(&own) != place(url) {
            return Ok(None);
        }
        self.token(&own)
    }

    fn client(&self, token: Option<&str>) -> Result<Client, Failure> {
        Ok(Client::new(&self.url()?, token)?)
    }

    /// Where the node is.
    fn url(&self) -> Result<String, Failure> {
        if let Some(url) = self.node.as_ref().filter(|url| !url.trim().is_empty()) {
            return Ok(url.clone());
        }
        let data = self.data()?;
        if let Some(url) = read(&data.join("run/http"))?.filter(|url| !url.trim().is_empty()) {
            return Ok(url.trim().to_owned());
        }
        if let Some(url) = configured(&data)? {
            return Ok(url);
        }
        Ok(DEFAULT_URL.to_owned())
    }

    /// The access token. That of the data folder goes to this machine only: it is the operator's.
    fn token(&self, url: &str) -> Result<Option<String>, Failure> {
        if let Ok(token) = std::env::var("COMMUN_TOKEN")
            && !token.trim().is_empty()
        {
            return Ok(Some(token.trim().to_owned()));
        }
        let local = is_local(&Client::new(url, None)?);
        let from_data = self.node.as_ref().is_none_or(|url| url.trim().is_empty());
        if !local && !from_data {
            return Ok(None);
        }
        let token = read(&self.data()?.join("keys/admin.token"))?;
        Ok(token
            .map(|token| token.trim().to_owned())
            .filter(|token| !token.is_empty()))
    }
}

/// Whether the node is on this machine.
pub fn is_local(client: &Client) -> bool {
    let host = client.base().host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The text of a small file; none if it is not there or not ours to read.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    let unreadable = |cause: std::io::Error| {
        Failure::new(
            Code::Fail,
            format!("Cannot read {}: {cause}", path.display()),
        )
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(cause) => {
            return match cause.kind() {
                std::io::ErrorKind::NotFound
                | std::io::ErrorKind::NotADirectory
                | std::io::ErrorKind::PermissionDenied => Ok(None),
                _ => Err(unreadable(cause)),
            };
        }
    };
    let mut text = String::new();
    file.take(MAX_FILE)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    Ok(Some(text))
}

/// The URL of a node whose address the operator fixed: `http = "127.0.0.1:8080"` in `commun.toml`.
fn configured(data: &Path) -> Result<Option<String>, Failure> {
    let path = data.join("commun.toml");
    let Some(text) = read(&path)? else {
        return Ok(None);
    };
    let table: toml::Table = text.parse().map_err(|cause| {
        let message = format!("{} is not valid TOML: {cause}", path.display());
        Failure::new(Code::Usage, message)
    })?;
    let address = table.get("http").and_then(|value| value.as_str());
    let Some(address) = address.and_then(|address| address.parse::<std::net::SocketAddr>().ok())
    else {
        return Ok(None);
    };
    if address.port() == 0 {
        return Ok(None);
    }
    // A node that listens everywhere also listens here.
    let host = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    Ok(Some(format!(
        "http://{}",
        std::net::SocketAddr::new(host, address.port())
    )))
}

/// The languages of the terminal, for titles and summaries: `LANG=fr_FR.UTF-8` asks for `fr-FR, fr;q=0.8, en;q=0.5`.
fn languages() -> String {
    let set = |name| {
        std::env::var(name)
            .ok()
            .filter(|value: &String| !value.is_empty())
    };
    let locale = set("LC_ALL")
        .or_else(|| set("LC_MESSAGES"))
        .or_else(|| set("LANG"))
        .unwrap_or_default();
    accepted(&locale)
}

fn accepted(locale: &str) -> String {
    let tag = locale
        .split(['.', '@'])
        .next()
        .unwrap_or_default()
        .replace('_', "-");
    let parts: Vec<&str> = tag.split('-').collect();
    let plain = |part: &&str| {
        (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
    };
    match parts.as_slice() {
        [language, region] if plain(language) && plain(region) => {
            format!("{language}-{region}, {language};q=0.8, en;q=0.5")
        }
        [language] if plain(language) => format!("{language}, en;q=0.5"),
        _ => "en".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_language_is_asked_for() {
        assert_eq!(accepted("fr_FR.UTF-8"), "fr-FR, fr;q=0.8, en;q=0.5");
        assert_eq!(accepted("de"), "de, en;q=0.5");
        assert_eq!(accepted("C.UTF-8"), "en");
        assert_eq!(accepted("\u{1b}x"), "en");
    }

    #[test]
    fn the_node_of_the_data_folder_is_found_by_what_it_wrote_or_by_its_settings() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            data: Some(folder.path().into()),
            node: None,
        };
        assert_eq!(settings.url().unwrap(), DEFAULT_URL);
        std::fs::write(
            folder.path().join("commun.toml"),
            "http = \"0.0.0.0:8080\"\n",
        )
        .unwrap();
        assert_eq!(settings.url().unwrap(), "http://127.0.0.1:8080");
        std::fs::create_dir(folder.path().join("run")).unwrap();
        std::fs::write(folder.path().join("run/http"), "http://127.0.0.1:4711\n").unwrap();
        assert_eq!(settings.url().unwrap(), "http://127.0.0.1:4711");
    }

    #[test]
    fn a_url_of_git_gets_the_token_of_its_own_node_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        std::fs::write(folder.path().join("keys/admin.token"), "secret\n").unwrap();
        let settings = Settings {
            data: Some(folder.path().into()),
            node: Some("http://127.0.0.1:4711/".into()),
        };
        if std::env::var_os("COMMUN_TOKEN").is_none() {
            let token = |url: &str| settings.token_for(url).unwrap();
            assert_eq!(token("http://127.0.0.1:4711").as_deref(), Some("secret"));
            for other in [
                "http://127.0.0.1:4712",
                "https://127.0.0.1:4711",
                "http://localhost:4711",
                "https://forge.example",
                "not a url",
            ] {
                assert_eq!(token(other), None, "{other}");
            }
        }
    }

    #[test]
    fn the_operators_token_goes_to_this_machine_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        std::fs::write(folder.path().join("keys/admin.token"), "secret\n").unwrap();
        let token = |url: &str| {
            let settings = Settings {
                data: Some(folder.path().into()),
                node: Some(url.into()),
            };
            settings.token(url).unwrap()
        };
        // Whoever runs the tests may have a token of their own.
        if std::env::var_os("COMMUN_TOKEN").is_none() {
            assert_eq!(token("http://127.0.0.1:1").as_deref(), Some("secret"));
            assert_eq!(token("http://[::1]:1").as_deref(), Some("secret"));
            assert_eq!(token("http://localhost:1").as_deref(), Some("secret"));
            assert_eq!(token("https://node.example"), None);
            assert_eq!(token("http://127.0.0.1.example"), None);
        }
    }
}
