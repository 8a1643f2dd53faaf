//! Settings, in rising order: defaults, `<data>/commun.toml`, `COMMUN_*` variables, flags.

use std::{
    fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use commun_specs::{join::Peer, sync::limits::COSIGN_EVERY};
use serde::Deserialize;

use crate::http::lang::TerminalLang;

/// Where a setting came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// `commun.toml`.
    File,
    /// A `COMMUN_*` variable.
    Environment,
    /// The command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Default => "default",
            Source::File => "commun.toml",
            Source::Environment => "environment",
            Source::Flag => "flag",
        })
    }
}

/// A setting with its source.
#[derive(Debug, Clone)]
pub struct Setting<T> {
    /// What is in force.
    pub value: T,
    /// Who said so.
    pub from: Source,
}

impl<T> Setting<T> {
    fn default_to(value: T) -> Self {
        Self {
            value,
            from: Source::Default,
        }
    }

    fn set(&mut self, value: Option<T>, from: Source) {
        if let Some(value) = value {
            *self = Self { value, from };
        }
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not the TOML that is expected; the message has the line.
    #[error("{path}: {message}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What and where.
        message: String,
    },
    /// A value does not parse.
    #[error("{name} = {value:?}: {expected}")]
    Value {
        /// The setting or variable.
        name: String,
        /// What was given.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
}

/// What the command line may override.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--http`.
    pub http: Option<SocketAddr>,
    /// `--ssh`.
    pub ssh: Option<SocketAddr>,
    /// `--listen`, repeated.
    pub listen: Vec<String>,
    /// `--alone`.
    pub alone: bool,
}

/// A node's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Where pages, API and Git are served.
    pub http: Setting<SocketAddr>,
    /// The address of the pages as browsers write it; empty = derived from `http`.
    pub url: Setting<String>,
    /// The address of the content host; empty = the same port on `localhost`.
    pub content_url: Setting<String>,
    /// Where Git is served over SSH; nowhere if this is not set.
    pub ssh: Setting<Option<SocketAddr>>,
    /// The address of SSH as people write it, stated to the others (`ssh://git@git.example`); empty = not stated.
    pub ssh_url: Setting<String>,
    /// The language in which people are answered over SSH whose program names none.
    pub language: Setting<TerminalLang>,
    /// Multiaddresses to listen on: `/ip4/…/tcp/…` (libp2p) and `/ip4/…/udp/…/quic-v1` (iroh).
    pub listen: Setting<Vec<String>>,
    /// Multiaddresses that the enrolment states; empty = those that are listened on.
    pub announce: Setting<Vec<String>>,
    /// Nodes to contact besides the members.
    pub peers: Setting<Vec<Peer>>,
    /// Sign although no other institution answers.
    pub alone: Setting<bool>,
    /// How often the other institutions are asked to cosign the own checkpoint, at most, in seconds.
    pub cosign_every: Setting<u64>,
    /// Largest push, in bytes.
    pub max_push: Setting<u64>,
    /// Room for packs that were sent and may be asked for again, in bytes; 0 = none are kept.
    pub pack_cache: Setting<u64>,
    /// Bytes of content that one institution may take here; 0 = as much as there is.
    pub quota_bytes: Setting<u64>,
    /// Statements that one institution may have before no more of its content is taken; 0 = any number.
    pub quota_statements: Setting<u64>,
    /// Seconds between two looks at the repositories; 0 = they are not kept.
    pub maintenance: Setting<u64>,
    /// Whether sources may be harvested that are on this machine or in private networks.
    pub harvest_private: Setting<bool>,
    /// Where people write to about this node; empty = the postmaster of its host.
    pub mail: Setting<String>,
    /// Who publishes on this node: name, form, address, telephone; empty = not stated.
    pub publisher: Setting<String>,
    /// The director of publication; empty = not stated.
    pub director: Setting<String>,
    /// Who hosts this node: name, address, telephone; empty = not stated.
    pub hosting: Setting<String>,
    /// Log filter, as `RUST_LOG`.
    pub log: Setting<String>,
}

/// The file, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    http: Option<SocketAddr>,
    url: Option<String>,
    content_url: Option<String>,
    ssh: Option<SocketAddr>,
    ssh_url: Option<String>,
    language: Option<String>,
    listen: Option<Vec<String>>,
    announce: Option<Vec<String>>,
    peers: Option<Vec<Peer>>,
    alone: Option<bool>,
    cosign_every: Option<u64>,
    max_push: Option<String>,
    pack_cache: Option<String>,
    quota_bytes: Option<String>,
    quota_statements: Option<u64>,
    maintenance: Option<u64>,
    harvest_private: Option<bool>,
    mail: Option<String>,
    publisher: Option<String>,
    director: Option<String>,
    hosting: Option<String>,
    log: Option<String>,
}

impl Config {
    /// Reads the settings of a data folder.
    ///
    /// # Errors
    /// A file or variable that cannot be used: names it, the value and what is expected.
    pub fn load(data: &Path, flags: &Flags) -> Result<Self, Error> {
        let path = data.join("commun.toml");
        let file: File = match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|e| Error::File {
                path,
                message: e.to_string(),
            })?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => File::default(),
            Err(source) => return Err(Error::Io { path, source }),
        };
        let mut c = Self {
            data: data.to_owned(),
            http: Setting::default_to(SocketAddr::from(([127, 0, 0, 1], 8470))),
            url: Setting::default_to(String::new()),
            content_url: Setting::default_to(String::new()),
            ssh: Setting::default_to(None),
            ssh_url: Setting::default_to(String::new()),
            language: Setting::default_to(TerminalLang::Fr),
            listen: Setting::default_to(vec![
                "/ip4/127.0.0.1/tcp/8471".to_owned(),
                "/ip4/127.0.0.1/udp/8472/quic-v1".to_owned(),
            ]),
            announce: Setting::default_to(Vec::new()),
            peers: Setting::default_to(Vec::new()),
            alone: Setting::default_to(false),
            cosign_every: Setting::default_to(COSIGN_EVERY / 1_000),
            max_push: Setting::default_to(2 << 30),
            pack_cache: Setting::default_to(2 << 30),
            quota_bytes: Setting::default_to(10_000_000_000),
            quota_statements: Setting::default_to(1_000_000),
            maintenance: Setting::default_to(600),
            harvest_private: Setting::default_to(false),
            mail: Setting::default_to(String::new()),
            publisher: Setting::default_to(String::new()),
            director: Setting::default_to(String::new()),
            hosting: Setting::default_to(String::new()),
            log: Setting::default_to("info".to_owned()),
        };
        c.http.set(file.http, Source::File);
        c.url.set(file.url, Source::File);
        c.content_url.set(file.content_url, Source::File);
        c.ssh.set(file.ssh.map(Some), Source::File);
        c.ssh_url.set(
            file.ssh_url.map(|t| ssh_url("ssh_url", t)).transpose()?,
            Source::File,
        );
        c.language.set(
            file.language.map(|t| language("language", t)).transpose()?,
            Source::File,
        );
        c.listen.set(file.listen, Source::File);
        c.announce.set(file.announce, Source::File);
        c.peers.set(file.peers, Source::File);
        c.alone.set(file.alone, Source::File);
        c.cosign_every.set(file.cosign_every, Source::File);
        c.max_push.set(
            file.max_push.map(|t| size("max_push", &t)).transpose()?,
            Source::File,
        );
        c.pack_cache.set(
            file.pack_cache
                .map(|t| size("pack_cache", &t))
                .transpose()?,
            Source::File,
        );
        c.quota_bytes.set(
            file.quota_bytes
                .map(|t| size("quota_bytes", &t))
                .transpose()?,
            Source::File,
        );
        c.quota_statements.set(file.quota_statements, Source::File);
        c.maintenance.set(file.maintenance, Source::File);
        c.harvest_private.set(file.harvest_private, Source::File);
        c.mail.set(
            file.mail.map(|t| mail("mail", t)).transpose()?,
            Source::File,
        );
        for (name, setting, stated) in [
            ("publisher", &mut c.publisher, file.publisher),
            ("director", &mut c.director, file.director),
            ("hosting", &mut c.hosting, file.hosting),
        ] {
            setting.set(stated.map(|t| notice(name, t)).transpose()?, Source::File);
        }
        c.log.set(file.log, Source::File);
        c.environment(|name| std::env::var(name).ok())?;
        c.http.set(flags.http, Source::Flag);
        c.ssh.set(flags.ssh.map(Some), Source::Flag);
        c.listen.set(
            (!flags.listen.is_empty()).then(|| flags.listen.clone()),
            Source::Flag,
        );
        c.alone.set(flags.alone.then_some(true), Source::Flag);
        Ok(c)
    }

    fn environment(&mut self, var: impl Fn(&str) -> Option<String>) -> Result<(), Error> {
        let bad = |name: &str, value: &str, expected| Error::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            expected,
        };
        if let Some(v) = var("COMMUN_HTTP") {
            let addr = v.parse().map_err(|_| {
                bad(
                    "COMMUN_HTTP",
                    &v,
                    "an address and port, such as 127.0.0.1:8470",
                )
            })?;
            self.http.set(Some(addr), Source::Environment);
        }
        if let Some(v) = var("COMMUN_SSH") {
            let addr = v.parse().map_err(|_| {
                bad(
                    "COMMUN_SSH",
                    &v,
                    "an address and port, such as 0.0.0.0:8473",
                )
            })?;
            self.ssh.set(Some(Some(addr)), Source::Environment);
        }
        self.ssh_url.set(
            var("COMMUN_SSH_URL")
                .map(|t| ssh_url("COMMUN_SSH_URL", t))
                .transpose()?,
            Source::Environment,
        );
        self.language.set(
            var("COMMUN_LANGUAGE")
                .map(|t| language("COMMUN_LANGUAGE", t))
                .transpose()?,
            Source::Environment,
        );
        let list = |v: String| {
            v.split(',')
                .map(|t| t.trim().to_owned())
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
        };
        self.url.set(var("COMMUN_URL"), Source::Environment);
        self.content_url
            .set(var("COMMUN_CONTENT_URL"), Source::Environment);
        self.listen
            .set(var("COMMUN_LISTEN").map(list), Source::Environment);
        self.announce
            .set(var("COMMUN_ANNOUNCE").map(list), Source::Environment);
        if let Some(v) = var("COMMUN_ALONE") {
            let yes = v
                .parse()
                .map_err(|_| bad("COMMUN_ALONE", &v, "true or false"))?;
            self.alone.set(Some(yes), Source::Environment);
        }
        if let Some(v) = var("COMMUN_HARVEST_PRIVATE") {
            let yes = v
                .parse()
                .map_err(|_| bad("COMMUN_HARVEST_PRIVATE", &v, "true or false"))?;
            self.harvest_private.set(Some(yes), Source::Environment);
        }
        if let Some(v) = var("COMMUN_COSIGN_EVERY") {
            let seconds = v
                .parse()
                .map_err(|_| bad("COMMUN_COSIGN_EVERY", &v, "a number of seconds"))?;
            self.cosign_every.set(Some(seconds), Source::Environment);
        }
        self.max_push.set(
            var("COMMUN_MAX_PUSH")
                .map(|t| size("COMMUN_MAX_PUSH", &t))
                .transpose()?,
            Source::Environment,
        );
        self.pack_cache.set(
            var("COMMUN_PACK_CACHE")
                .map(|t| size("COMMUN_PACK_CACHE", &t))
                .transpose()?,
            Source::Environment,
        );
        self.quota_bytes.set(
            var("COMMUN_QUOTA_BYTES")
                .map(|t| size("COMMUN_QUOTA_BYTES", &t))
                .transpose()?,
            Source::Environment,
        );
        for (name, setting) in [
            ("COMMUN_QUOTA_STATEMENTS", &mut self.quota_statements),
            ("COMMUN_MAINTENANCE", &mut self.maintenance),
        ] {
            if let Some(v) = var(name) {
                let n = v.parse().map_err(|_| bad(name, &v, "a whole number"))?;
                setting.set(Some(n), Source::Environment);
            }
        }
        self.mail.set(
            var("COMMUN_MAIL")
                .map(|t| mail("COMMUN_MAIL", t))
                .transpose()?,
            Source::Environment,
        );
        for (name, setting) in [
            ("COMMUN_PUBLISHER", &mut self.publisher),
            ("COMMUN_DIRECTOR", &mut self.director),
            ("COMMUN_HOSTING", &mut self.hosting),
        ] {
            let stated = var(name).map(|t| notice(name, t)).transpose()?;
            setting.set(stated, Source::Environment);
        }
        self.log.set(var("COMMUN_LOG"), Source::Environment);
        Ok(())
    }

    /// Every setting as (name, value, source), for `commun config`.
    pub fn report(&self) -> Vec<(&'static str, String, Source)> {
        let list = |l: &[String]| l.join(", ");
        let peers: Vec<String> = self
            .peers
            .value
            .iter()
            .map(|p| p.node.to_string())
            .collect();
        vec![
            ("http", self.http.value.to_string(), self.http.from),
            ("url", self.url.value.clone(), self.url.from),
            (
                "content_url",
                self.content_url.value.clone(),
                self.content_url.from,
            ),
            (
                "ssh",
                self.ssh.value.map(|a| a.to_string()).unwrap_or_default(),
                self.ssh.from,
            ),
            ("ssh_url", self.ssh_url.value.clone(), self.ssh_url.from),
            (
                "language",
                self.language.value.tag().to_owned(),
                self.language.from,
            ),
            ("listen", list(&self.listen.value), self.listen.from),
            ("announce", list(&self.announce.value), self.announce.from),
            ("peers", list(&peers), self.peers.from),
            ("alone", self.alone.value.to_string(), self.alone.from),
            (
                "cosign_every",
                self.cosign_every.value.to_string(),
                self.cosign_every.from,
            ),
            (
                "max_push",
                self.max_push.value.to_string(),
                self.max_push.from,
            ),
            (
                "pack_cache",
                self.pack_cache.value.to_string(),
                self.pack_cache.from,
            ),
            (
                "quota_bytes",
                self.quota_bytes.value.to_string(),
                self.quota_bytes.from,
            ),
            (
                "quota_statements",
                self.quota_statements.value.to_string(),
                self.quota_statements.from,
            ),
            (
                "maintenance",
                self.maintenance.value.to_string(),
                self.maintenance.from,
            ),
            (
                "harvest_private",
                self.harvest_private.value.to_string(),
                self.harvest_private.from,
            ),
            ("mail", self.mail.value.clone(), self.mail.from),
            (
                "publisher",
                self.publisher.value.clone(),
                self.publisher.from,
            ),
            ("director", self.director.value.clone(), self.director.from),
            ("hosting", self.hosting.value.clone(), self.hosting.from),
            ("log", self.log.value.clone(), self.log.from),
        ]
    }

    /// The file of a new data folder: what the invitation or the flags of `init` said, the rest as comments.
    pub fn initial_file(peers: &[Peer], flags: &Flags) -> String {
        let mut out = String::from(
            "# Settings of this node. What is not set here has its default; `commun config` prints what is in force.\n\n",
        );
        let quoted = |l: &[String]| {
            l.iter()
                .map(|t| format!("{t:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match flags.http {
            Some(http) => out.push_str(&format!("http = \"{http}\"\n")),
            None => out
                .push_str("# Where pages, API and Git are served.\n# http = \"127.0.0.1:8470\"\n"),
        }
        match flags.ssh {
            Some(ssh) => out.push_str(&format!("ssh = \"{ssh}\"\n")),
            None => out.push_str(
                "# Where Git is served over SSH too; not at all if this is not set.\n# ssh = \"127.0.0.1:8473\"\n",
            ),
        }
        if flags.listen.is_empty() {
            out.push_str("# Where other nodes reach this one.\n# listen = [\"/ip4/127.0.0.1/tcp/8471\", \"/ip4/127.0.0.1/udp/8472/quic-v1\"]\n");
        } else {
            out.push_str(&format!("listen = [{}]\n", quoted(&flags.listen)));
        }
        if flags.alone {
            out.push_str("alone = true\n");
        } else {
            out.push_str("# Sign although no other institution answers (read the operators' handbook first).\n# alone = true\n");
        }
        for p in peers {
            out.push_str(&format!(
                "\n# From the invitation.\n[[peers]]\nnode = \"{}\"\naddrs = [{}]\n",
                p.node,
                quoted(&p.addrs)
            ));
        }
        out
    }
}

/// A mail address, as far as OAI-PMH asks.
fn mail(name: &str, text: String) -> Result<String, Error> {
    let good = text.is_empty()
        || text.split_once('@').is_some_and(|(who, host)| {
            !who.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
        });
    if !good {
        return Err(Error::Value {
            name: name.to_owned(),
            value: text,
            expected: "a mail address such as library@univ.example",
        });
    }
    Ok(text)
}

/// Longest legal notice, in characters: a name, an address, a telephone number.
const MAX_NOTICE: usize = 1_000;

/// A legal notice: lines of text.
fn notice(name: &str, text: String) -> Result<String, Error> {
    let text = text.trim().to_owned();
    let control = |c: char| c.is_control() && c != '\n';
    if text.chars().count() > MAX_NOTICE || text.contains(control) {
        return Err(Error::Value {
            name: name.to_owned(),
            value: text,
            expected: "lines of text, 1,000 characters at most",
        });
    }
    Ok(text)
}

fn language(name: &str, value: String) -> Result<TerminalLang, Error> {
    TerminalLang::of_tag(&value).ok_or(Error::Value {
        name: name.to_owned(),
        value,
        expected: "fr or en",
    })
}

/// An address such as `ssh://git@git.example:8473`, without what follows the port.
fn ssh_url(name: &str, text: String) -> Result<String, Error> {
    let trimmed = text.trim_end_matches('/');
    let good = trimmed.is_empty()
        || url::Url::parse(trimmed).is_ok_and(|url| {
            url.scheme() == "ssh"
                && url.username() == "git"
                && url.password().is_none()
                && url.host_str().is_some_and(|host| !host.is_empty())
                && matches!(url.path(), "" | "/")
                && url.query().is_none()
                && url.fragment().is_none()
        });
    if !good {
        return Err(Error::Value {
            name: name.to_owned(),
            value: text,
            expected: "an address such as ssh://git@git.univ.example:8473",
        });
    }
    Ok(trimmed.to_owned())
}

/// Reads `2 GiB`, `500 MB`, `1048576`.
fn size(name: &str, text: &str) -> Result<u64, Error> {
    let bad = || Error::Value {
        name: name.to_owned(),
        value: text.to_owned(),
        expected: "a size such as 2 GiB, 500 MB or 1048576",
    };
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let unit = match text[digits.len()..].trim() {
        "" | "B" => 1,
        "kB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        _ => return Err(bad()),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(unit))
        .ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_beat_environment_beats_file_beats_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let file = "http = \"127.0.0.1:1\"\nmax_push = \"500 MB\"\nlog = \"debug\"\n";
        fs::write(dir.path().join("commun.toml"), file).unwrap();
        let flags = Flags {
            http: Some("127.0.0.1:3".parse().unwrap()),
            ..Flags::default()
        };
        let mut c = Config::load(dir.path(), &Flags::default()).unwrap();
        assert_eq!(
            (c.http.value.port(), c.http.from, c.max_push.value),
            (1, Source::File, 500_000_000)
        );
        c.environment(|n| (n == "COMMUN_HTTP").then(|| "127.0.0.1:2".to_owned()))
            .unwrap();
        assert_eq!((c.http.value.port(), c.http.from), (2, Source::Environment));
        assert!(
            c.environment(|n| (n == "COMMUN_HTTP").then(|| "x".to_owned()))
                .is_err()
        );
        let c = Config::load(dir.path(), &flags).unwrap();
        assert_eq!(
            (c.http.value.port(), c.http.from, c.alone.from),
            (3, Source::Flag, Source::Default)
        );
    }

    #[test]
    fn the_ssh_address_is_one_that_git_takes() {
        let read = |t: &str| ssh_url("ssh_url", t.to_owned()).ok();
        for good in ["", "ssh://git@git.example", "ssh://git@[::1]:8473"] {
            assert_eq!(read(good).as_deref(), Some(good));
        }
        assert_eq!(read("ssh://git@a.example/").unwrap(), "ssh://git@a.example");
        for bad in [
            "git.example",
            "https://git@git.example",
            "ssh://git.example",
            "ssh://root@git.example",
            "ssh://git:x@git.example",
            "ssh://git@git.example/x",
            "ssh://git@",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("commun.toml"), "htpp = \"127.0.0.1:1\"\n").unwrap();
        let e = Config::load(dir.path(), &Flags::default())
            .unwrap_err()
            .to_string();
        assert!(e.contains("htpp") && e.contains("line 1"), "{e}");
    }

    #[test]
    fn the_initial_file_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let node = commun_specs::key::SecretKey::from_seed([1; 32]).public();
        let peers = [Peer {
            node,
            addrs: vec!["/ip4/127.0.0.1/tcp/1".to_owned()],
        }];
        let flags = Flags {
            http: None,
            ssh: Some("127.0.0.1:3".parse().unwrap()),
            listen: vec!["/ip4/127.0.0.1/tcp/2".to_owned()],
            alone: true,
        };
        fs::write(
            dir.path().join("commun.toml"),
            Config::initial_file(&peers, &flags),
        )
        .unwrap();
        let c = Config::load(dir.path(), &Flags::default()).unwrap();
        assert_eq!(c.peers.value, peers);
        assert_eq!((c.listen.value, c.alone.value), (flags.listen, true));
        assert_eq!(c.ssh.value, flags.ssh);
    }
}
