//! The running node's parts, for those who answer requests. Cheap to clone.

use std::{net::SocketAddr, ops::Deref, sync::Arc, time::Instant};

use commun_forge::git::Repos;

use commun_specs::key::PublicKey;

use crate::{
    blobs::Blobs,
    bricks::Bricks,
    certificates::Certificates,
    config::Config,
    core::Core,
    corrections::Corrections,
    drawings::Drawings,
    follow::{ContentFollower, GitFollower, IndexFollower},
    harvest::Harvests,
    http::lang::TerminalLang,
    imports::Imports,
    maintenance::Maintenance,
    net::Net,
    oai::Provider,
    operator::Operator,
    pushes::Pushes,
    quality::Quality,
    quota::Quotas,
    resources::Resources,
    talk::Talk,
};

/// The parts.
pub struct Parts {
    /// The door and what is known.
    pub core: Core,
    /// Git repositories.
    pub repos: Repos,
    /// Files.
    pub blobs: Blobs,
    /// The other nodes.
    pub net: Net,
    /// Pushes in flight.
    pub pushes: Pushes,
    /// What repositories are behind.
    pub git: GitFollower,
    /// What content is held.
    pub content: ContentFollower,
    /// Search.
    pub index: IndexFollower,
    /// Which component needs which.
    pub bricks: Bricks,
    /// Publishing.
    pub resources: Resources,
    /// What institutions take.
    pub quotas: Quotas,
    /// The processes that read documents.
    pub workers: commun_forge::text::worker::Workers,
    /// Pictures of the pages of documents.
    pub drawings: Drawings,
    /// How repositories are kept.
    pub maintenance: Maintenance,
    /// What is said about items.
    pub talk: Talk,
    /// What others harvest.
    pub oai: Provider,
    /// What lacks, and what is there twice.
    pub quality: Quality,
    /// Taking records in.
    pub imports: Imports,
    /// Correcting what records say.
    pub corrections: Corrections,
    /// The sources that are harvested.
    pub harvests: Harvests,
}

/// How people reach this node over SSH.
#[derive(Debug, Clone)]
pub struct Ssh {
    /// `ssh://git@HOST:PORT`: what the operator states, else the socket.
    pub url: String,
    /// Whether the operator states it: then the others learn it.
    pub stated: bool,
    /// The fingerprint of the host key, as `ssh` prints it.
    pub fingerprint: String,
    /// The language of people whose program names none.
    pub language: TerminalLang,
}

impl Ssh {
    /// Of a socket that answers with a key.
    pub fn new(config: &Config, socket: SocketAddr, key: &PublicKey) -> Self {
        let stated = &config.ssh_url.value;
        Self {
            url: match stated.is_empty() {
                true => format!("ssh://git@{socket}"),
                false => stated.clone(),
            },
            stated: !stated.is_empty(),
            fingerprint: key.fingerprint(),
            language: config.language.value,
        }
    }
}

/// A handle on all of them, and what the node is called.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
    /// The address of the pages.
    pub url: String,
    /// The address of the content host.
    pub content_url: String,
    /// What pushers sign, and what is taken of it.
    pub certificates: Certificates,
    /// Where Git is served over SSH, if it is.
    pub ssh: Option<Ssh>,
    /// Where people write to about this node.
    pub mail: String,
    /// Who answers for this node.
    pub operator: Operator,
    /// When the node was ready.
    pub started: Instant,
    announce: Arc<Vec<String>>,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl App {
    /// Puts the parts together. `http`: the socket that answers.
    pub fn new(config: &Config, http: SocketAddr, ssh: Option<Ssh>, parts: Parts) -> Self {
        let or = |set: &str, default: String| {
            if set.is_empty() {
                default
            } else {
                set.trim_end_matches('/').to_owned()
            }
        };
        let url = or(&config.url.value, format!("http://{http}"));
        let mut addresses = vec![url.clone(), format!("http://{http}")];
        addresses.extend(ssh.iter().map(|ssh| ssh.url.clone()));
        Self {
            certificates: Certificates::new(parts.core.clone(), addresses),
            parts: Arc::new(parts),
            mail: mail(&config.mail.value, &url),
            operator: Operator::new(config),
            url,
            content_url: or(
                &config.content_url.value,
                format!("http://localhost:{}", http.port()),
            ),
            ssh,
            started: Instant::now(),
            announce: Arc::new(config.announce.value.clone()),
        }
    }

    /// The web addresses that this node states, and that of SSH if the operator does.
    pub fn urls(&self) -> Vec<String> {
        let ssh = self.ssh.iter().filter(|ssh| ssh.stated);
        let ssh = ssh.map(|ssh| ssh.url.clone());
        std::iter::once(self.url.clone()).chain(ssh).collect()
    }

    /// Where other nodes reach this one.
    pub fn addrs(&self) -> Vec<String> {
        if self.announce.is_empty() {
            self.net.addrs()
        } else {
            self.announce.to_vec()
        }
    }
}

/// The mail address that the operator states, else that of the postmaster of the host in the node's address.
fn mail(stated: &str, url: &str) -> String {
    if !stated.is_empty() {
        return stated.to_owned();
    }
    let host = url::Url::parse(url)
        .ok()
        .and_then(|u| u.host_str().map(str::to_owned));
    match host {
        Some(host) if host.contains('.') => format!("postmaster@{host}"),
        _ => "postmaster@localhost.localdomain".to_owned(),
    }
}
