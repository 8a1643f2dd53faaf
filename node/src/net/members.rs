//! Who may be heard and dialled now: shared by both planes, replaced as a whole.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use commun_specs::{key::PublicKey, name::Handle};

use super::address::Address;

/// A node that may be heard and dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its key.
    pub node: PublicKey,
    /// Its institution; `None` for one that only the operator or an invitation names.
    pub handle: Option<Handle>,
    /// Its multiaddresses, as its enrolment, the operator or an invitation states them. No other is dialled.
    pub addrs: Vec<String>,
}

/// The list, shared.
#[derive(Debug, Clone, Default)]
pub struct Members(Arc<RwLock<HashMap<PublicKey, Known>>>);

#[derive(Debug, Clone)]
struct Known {
    handle: Option<Handle>,
    addrs: Vec<Address>,
}

impl Members {
    /// Replaces the list; gives back who is not in it any more.
    pub fn replace(&self, members: &[Member]) -> Vec<PublicKey> {
        let new: HashMap<PublicKey, Known> = members
            .iter()
            .map(|m| {
                (
                    m.node,
                    Known {
                        handle: m.handle.clone(),
                        addrs: Address::dialable(&m.addrs),
                    },
                )
            })
            .collect();
        let mut list = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let gone = list
            .keys()
            .filter(|k| !new.contains_key(*k))
            .copied()
            .collect();
        *list = new;
        gone
    }

    /// Whether a node may be heard.
    pub fn contains(&self, node: &PublicKey) -> bool {
        self.read(|l| l.contains_key(node))
    }

    /// The institution of a node.
    pub fn handle(&self, node: &PublicKey) -> Option<Handle> {
        self.read(|l| l.get(node)?.handle.clone())
    }

    /// Where the control plane of a node is.
    pub fn control(&self, node: &PublicKey) -> Vec<SocketAddr> {
        self.addresses(node, |a| match a {
            Address::Control(s) => Some(*s),
            Address::Data(_) => None,
        })
    }

    /// Where the data plane of a node is.
    pub fn data(&self, node: &PublicKey) -> Vec<SocketAddr> {
        self.addresses(node, |a| match a {
            Address::Data(s) => Some(*s),
            Address::Control(_) => None,
        })
    }

    /// All nodes.
    pub fn nodes(&self) -> Vec<PublicKey> {
        self.read(|l| l.keys().copied().collect())
    }

    fn addresses(
        &self,
        node: &PublicKey,
        pick: impl Fn(&Address) -> Option<SocketAddr>,
    ) -> Vec<SocketAddr> {
        self.read(|l| {
            l.get(node)
                .map(|k| k.addrs.iter().filter_map(&pick).collect())
                .unwrap_or_default()
        })
    }

    fn read<T>(&self, f: impl FnOnce(&HashMap<PublicKey, Known>) -> T) -> T {
        f(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
