//! Bricks: which component of the commons needs which.
//!
//! Dependencies are words in metadata; what they name is found here, when it is asked for, so that a component that comes
//! later is found too. The index is derived: it is made again at each start, and follows the journal. What a dependency
//! names: an item id, `handle/slug` (also as `commun://…` or as the address of a node's page), or the address that another
//! component states as its repository.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, RwLock},
    time::Duration,
};

use commun_specs::{
    fold::{Catalogue, Item, ItemKind},
    id::StatementId,
    metadata::{Dependency, Record, View},
    name::{Handle, Slug},
    statement::Facts,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{
    core::{Core, State},
    items::{Neighbour, Uses, descriptions},
    store,
};

/// Changes that are read at once.
const BATCH: usize = 256;
/// Components that one page names as users; the count may be larger.
const MAX_USERS: usize = 200;
/// Pause before what failed is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// What a dependency names, in one spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Item(StatementId),
    Name(Handle, Slug),
    /// Host and path of an address, without scheme, `.git` and a slash at the end.
    Address(String),
}

/// What is known of one component.
#[derive(Debug, Default)]
struct Known {
    title: Option<String>,
    needs: Vec<Dependency>,
    keys: BTreeSet<Key>,
    repositories: BTreeSet<Key>,
}

#[derive(Debug, Default)]
struct Graph {
    known: BTreeMap<StatementId, Known>,
    /// Which components name a key as a dependency.
    naming: BTreeMap<Key, BTreeSet<StatementId>>,
    /// Which components state an address as their repository.
    at: BTreeMap<Key, BTreeSet<StatementId>>,
}

/// A handle on the index; cheap to clone.
#[derive(Clone)]
pub struct Bricks {
    core: Core,
    graph: Arc<RwLock<Graph>>,
}

impl Bricks {
    /// Starts to follow, from everything that is in the catalogue.
    pub fn start(core: Core, tasks: &TaskTracker, stop: CancellationToken) -> Self {
        let bricks = Self {
            core,
            graph: Arc::default(),
        };
        tasks.spawn(bricks.clone().run(stop));
        bricks
    }

    async fn run(self, stop: CancellationToken) {
        let mut grown = self.core.grown();
        let mut seq = self.core.changes_cursor();
        let all: Vec<StatementId> = {
            let state = self.core.state();
            state.catalogue().items().map(|item| item.id).collect()
        };
        for some in all.chunks(BATCH) {
            if stop.is_cancelled() {
                return;
            }
            self.clone().read(some.to_vec()).await;
        }
        loop {
            grown.mark_unchanged();
            let changes = self.core.changes(seq, BATCH).unwrap_or_else(|e| {
                tracing::error!("{e}");
                Vec::new()
            });
            if let Some((last, _)) = changes.last() {
                seq = *last;
                let items = changes.into_iter().map(|(_, item)| item).collect();
                if !self.clone().read(items).await {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(RETRY) => {}
                    }
                }
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = grown.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Takes some items in, on a thread that may block; false if one of them could not be read.
    async fn read(self, items: Vec<StatementId>) -> bool {
        let read = tokio::task::spawn_blocking(move || {
            items.iter().all(|item| match self.refresh(item) {
                Ok(()) => true,
                Err(e) => {
                    tracing::warn!(item = %item, "what a component needs cannot be read: {e}");
                    false
                }
            })
        });
        read.await.unwrap_or(false)
    }

    fn refresh(&self, id: &StatementId) -> Result<(), store::Error> {
        let item = self.core.state().catalogue().copy_of(id);
        let item = item.filter(|i| i.kind == ItemKind::Repository && i.withdrawn.is_none());
        let known = match item {
            Some(item) => Some(self.known(&item)?),
            None => None,
        };
        let mut graph = self
            .graph
            .write()
            .expect("a thread that panics ends the process");
        graph.remove(id);
        if let Some(known) = known {
            graph.add(*id, known);
        }
        Ok(())
    }

    fn known(&self, item: &Item) -> Result<Known, store::Error> {
        let mut record = Record::default();
        let mut branch = None;
        for id in [item.displayed()] {
            if let Some(found) = self.core.statement(&id)? {
                if let Ok(Some(Facts::Repository(rules))) = found.statement.facts() {
                    branch = Some(rules.default_branch);
                }
                record.merge(body(found.body.map(|b| b.bytes)));
            }
        }
        for id in descriptions(item, branch.as_deref()) {
            if let Some(found) = self.core.statement(&id)? {
                record.merge(body(found.body.map(|b| b.bytes)));
            }
        }
        let view: View = record.view();
        let title = view.title_for(&[]).map(|(_, title)| title.to_owned());
        let repositories = view
            .links
            .iter()
            .filter(|link| link.kind == "repository")
            .filter_map(|link| address(&link.url))
            .collect();
        Ok(Known {
            title,
            keys: view.dependencies.iter().flat_map(keys).collect(),
            needs: view.dependencies,
            repositories,
        })
    }

    /// What a component needs, in the order of its metadata, and which components need it, by name.
    pub fn of(&self, item: &Item) -> (Vec<Uses>, Vec<Neighbour>) {
        let state = self.core.state();
        let hosts = hosts(&state);
        let graph = self
            .graph
            .read()
            .expect("a thread that panics ends the process");
        let catalogue = state.catalogue();
        let neighbour = |id: &StatementId| {
            let other = catalogue
                .item(id)
                .filter(|other| other.withdrawn.is_none())?;
            Some(Neighbour {
                name: format!("{}/{}", other.owner, other.slug),
                id: *id,
                title: graph.known.get(id).and_then(|known| known.title.clone()),
            })
        };
        let needs = graph.known.get(&item.id).map(|known| &known.needs[..]);
        let uses = needs.unwrap_or_default().iter().map(|dependency| {
            let found = keys(dependency)
                .into_iter()
                .find_map(|key| graph.resolve(&key, catalogue, &hosts));
            Uses {
                dependency: dependency.clone(),
                item: found
                    .filter(|id| *id != item.id)
                    .and_then(|id| neighbour(&id)),
            }
        });
        let uses = uses.collect();
        let mut users = BTreeSet::new();
        for key in answers(item, &graph, &hosts) {
            for user in graph.naming.get(&key).into_iter().flatten() {
                // Several components may state one address: who is meant is decided in one place.
                let meant = graph.resolve(&key, catalogue, &hosts) == Some(item.id);
                if meant && *user != item.id && users.len() < MAX_USERS {
                    users.extend(neighbour(user));
                }
            }
        }
        (uses, users.into_iter().collect())
    }
}

fn body(bytes: Option<Vec<u8>>) -> Record {
    bytes
        .and_then(|bytes| Record::from_body(&bytes).ok())
        .unwrap_or_default()
}

impl Graph {
    fn add(&mut self, id: StatementId, known: Known) {
        for key in &known.keys {
            self.naming.entry(key.clone()).or_default().insert(id);
        }
        for key in &known.repositories {
            self.at.entry(key.clone()).or_default().insert(id);
        }
        self.known.insert(id, known);
    }

    fn remove(&mut self, id: &StatementId) {
        let Some(known) = self.known.remove(id) else {
            return;
        };
        for (map, keys) in [
            (&mut self.naming, &known.keys),
            (&mut self.at, &known.repositories),
        ] {
            for key in keys {
                if let Some(set) = map.get_mut(key) {
                    set.remove(id);
                    if set.is_empty() {
                        map.remove(key);
                    }
                }
            }
        }
    }

    /// The component that a key names. Of several that state one address, the one with the first id: equal everywhere.
    fn resolve(
        &self,
        key: &Key,
        catalogue: &Catalogue,
        hosts: &BTreeSet<String>,
    ) -> Option<StatementId> {
        match key {
            Key::Item(id) => catalogue.item(id).map(|item| item.id),
            Key::Name(handle, slug) => catalogue.by_name(handle, slug),
            Key::Address(text) => {
                let own = page_of(text, hosts)
                    .and_then(|(handle, slug)| catalogue.by_name(&handle, &slug));
                own.or_else(|| self.at.get(key)?.first().copied())
            }
        }
    }
}

/// The keys under which a component may be named.
fn answers(item: &Item, graph: &Graph, hosts: &BTreeSet<String>) -> BTreeSet<Key> {
    let mut keys = BTreeSet::from([Key::Item(item.id)]);
    for slug in std::iter::once(&item.slug).chain(&item.aliases) {
        keys.insert(Key::Name(item.owner.clone(), slug.clone()));
        keys.extend(
            hosts
                .iter()
                .map(|host| Key::Address(format!("{host}/{}/{slug}", item.owner))),
        );
    }
    keys.extend(
        graph
            .known
            .get(&item.id)
            .into_iter()
            .flat_map(|known| known.repositories.clone()),
    );
    keys
}

/// `host:port` and path, if any, of every member's node.
fn hosts(state: &State) -> BTreeSet<String> {
    let members = state.members();
    let urls = members.iter().flat_map(|member| &member.urls);
    urls.filter_map(|url| match address(url)? {
        Key::Address(text) => Some(text),
        _ => None,
    })
    .collect()
}

/// The item that the address of a node's page names.
fn page_of(address: &str, hosts: &BTreeSet<String>) -> Option<(Handle, Slug)> {
    let mut parts = address.rsplitn(3, '/');
    let (slug, handle, host) = (parts.next()?, parts.next()?, parts.next()?);
    hosts.contains(host).then_some(())?;
    Some((Handle::new(handle).ok()?, Slug::new(slug).ok()?))
}

/// What a dependency names, the surest first.
fn keys(dependency: &Dependency) -> Vec<Key> {
    let written = dependency.link.iter().chain([&dependency.name]);
    written.filter_map(|text| key(text)).collect()
}

fn key(text: &str) -> Option<Key> {
    let text = text.trim();
    let name = text
        .strip_prefix("commun://")
        .unwrap_or(text)
        .trim_end_matches('/');
    if let Ok(id) = name.parse::<StatementId>() {
        return Some(Key::Item(id));
    }
    if let Some((handle, slug)) = name.split_once('/')
        && let (Ok(handle), Ok(slug)) = (
            Handle::new(handle),
            Slug::new(slug.trim_end_matches(".git")),
        )
    {
        return Some(Key::Name(handle, slug));
    }
    address(text)
}

fn address(text: &str) -> Option<Key> {
    let text = text.strip_prefix("git+").unwrap_or(text);
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    // Two spellings of one forge.
    let host = host
        .strip_prefix("www.")
        .unwrap_or(host)
        .to_ascii_lowercase();
    Some(Key::Address(format!("{host}{port}{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_component_has_one_spelling() {
        let id = StatementId::of(b"x");
        assert_eq!(key(&id.to_string()), Some(Key::Item(id)));
        assert_eq!(key(&format!("commun://{id}")), Some(Key::Item(id)));
        let name = Some(Key::Name(
            Handle::new("univ-a").unwrap(),
            Slug::new("pod").unwrap(),
        ));
        for text in ["univ-a/pod", "commun://univ-a/pod", "univ-a/pod.git"] {
            assert_eq!(key(text), name, "{text}");
        }
        let address = Some(Key::Address("git.example.org/a/pod".into()));
        for text in [
            "https://git.example.org/a/pod",
            "https://GIT.example.org/a/pod.git",
            "git+https://git.example.org/a/pod/",
            "http://www.git.example.org/a/pod",
        ] {
            assert_eq!(key(text), address, "{text}");
        }
        for text in ["PostgreSQL", "", "a b/c", "mailto:x@example.org"] {
            assert_eq!(key(text), None, "{text}");
        }
        let hosts = BTreeSet::from(["127.0.0.1:8080".to_owned()]);
        assert!(page_of("127.0.0.1:8080/univ-a/pod", &hosts).is_some());
        assert!(page_of("127.0.0.1:8081/univ-a/pod", &hosts).is_none());
        assert!(page_of("example.org/x/127.0.0.1:8080/univ-a/pod", &hosts).is_none());
    }
}
