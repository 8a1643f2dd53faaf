//! The running node's parts, for those who answer requests. Cheap to clone.

use std::{net::SocketAddr, ops::Deref, sync::Arc, time::Instant};

use commun_forge::git::Repos;

use crate::{
    blobs::Blobs,
    bricks::Bricks,
    config::Config,
    core::Core,
    follow::{ContentFollower, GitFollower, IndexFollower},
    net::Net,
    pushes::Pushes,
    resources::Resources,
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
}

/// A handle on all of them, and what the node is called.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
    /// The address of the pages.
    pub url: String,
    /// The address of the content host.
    pub content_url: String,
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
    pub fn new(config: &Config, http: SocketAddr, parts: Parts) -> Self {
        let or = |set: &str, default: String| {
            if set.is_empty() {
                default
            } else {
                set.trim_end_matches('/').to_owned()
            }
        };
        Self {
            parts: Arc::new(parts),
            url: or(&config.url.value, format!("http://{http}")),
            content_url: or(
                &config.content_url.value,
                format!("http://localhost:{}", http.port()),
            ),
            started: Instant::now(),
            announce: Arc::new(config.announce.value.clone()),
        }
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
