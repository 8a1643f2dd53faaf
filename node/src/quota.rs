//! How much of one institution's content this node takes: bytes and statements (SECURITY, B3), and the room that is
//! left on the disk.
//!
//! Counted is what an institution's items take: the packs of its repositories as they are here, and what its
//! publications say that their files have. What an institution proposes to another's repository counts for whoever
//! proposes, until a branch or tag contains it. Logs are always replicated; content over the quota is not fetched, pushes and
//! publications over it are refused. One push may pass the limit, the next one does not.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};

use commun_forge::git::{Repos, room};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    name::Handle,
    statement::Facts,
};

use crate::core::Core;

/// Changes read at once.
const BATCH: usize = 256;

/// What one institution may take; 0 = as much as there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of content.
    pub bytes: u64,
    /// Entries of its log.
    pub statements: u64,
}

/// Why nothing more is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Full {
    /// The institution's content.
    Bytes {
        /// Whose.
        handle: Handle,
        /// What it takes.
        used: u64,
        /// What it may take.
        quota: u64,
    },
    /// The institution's log.
    Statements {
        /// Whose.
        handle: Handle,
        /// What it may have.
        quota: u64,
    },
    /// The disk of this node.
    Disk,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Full::Bytes {
                handle,
                used,
                quota,
            } => write!(
                f,
                "the content of {handle} takes {used} bytes on this node, and its quota is {quota} (setting quota_bytes)"
            ),
            Full::Statements { handle, quota } => write!(
                f,
                "the log of {handle} has reached its quota of {quota} statements on this node (setting quota_statements)"
            ),
            Full::Disk => f.write_str(
                "the disk of this node is full up to its reserve; it takes no new content until there is room",
            ),
        }
    }
}

/// What one institution takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Whose.
    pub handle: Handle,
    /// Bytes of content.
    pub bytes: u64,
    /// Of these, what it proposes to repositories of others.
    pub proposed: u64,
    /// Entries of its log.
    pub statements: u64,
    /// Whether it has reached its quota.
    pub full: bool,
    /// Repositories of others to which it proposes what is not fetched, because it has reached its quota.
    pub held_back: u64,
}

/// The counters; cheap to clone.
#[derive(Clone)]
pub struct Quotas(Arc<Inner>);

struct Inner {
    core: Core,
    repos: Repos,
    data: PathBuf,
    quota: Quota,
    used: Mutex<Used>,
}

/// What the merge requests to a repository bring that no branch or tag of it contains, of institutions that do not own
/// it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposed {
    /// In bytes, by who proposes; what two propose alike counts for both.
    pub by: BTreeMap<Handle, u64>,
    /// All of it, each byte once.
    pub all: u64,
}

#[derive(Default)]
struct Used {
    /// All repositories, and what else takes any room: most records have no files.
    items: HashMap<StatementId, Counted>,
    of: BTreeMap<Handle, u64>,
    proposed: HashMap<StatementId, Proposed>,
    /// Whose proposals to which repositories wait for room.
    held_back: BTreeMap<StatementId, BTreeSet<Handle>>,
    /// Up to which line of the journal items were looked at.
    seq: u64,
}

/// An item as it was counted last.
struct Counted {
    owner: Handle,
    /// All that it takes, proposals included.
    bytes: u64,
    /// Who bears how much of that: mostly its owner all of it.
    shares: Box<[(Handle, u64)]>,
}

impl Used {
    /// Takes off what was counted of an item.
    fn forget(&mut self, id: &StatementId) {
        let shares = self.items.remove(id).map(|before| before.shares);
        for (handle, share) in shares.into_iter().flatten() {
            let sum = self.of.entry(handle).or_default();
            *sum = sum.saturating_sub(share);
        }
    }

    fn set(&mut self, id: StatementId, owner: Handle, bytes: u64) {
        self.forget(&id);
        let proposed = self.proposed.get(&id).cloned().unwrap_or_default();
        let mut shares = proposed.by;
        *shares.entry(owner.clone()).or_default() += bytes.saturating_sub(proposed.all);
        for (handle, share) in &shares {
            *self.of.entry(handle.clone()).or_default() += share;
        }
        let counted = Counted {
            owner,
            bytes,
            shares: shares.into_iter().collect(),
        };
        self.items.insert(id, counted);
    }

    fn set_proposed(&mut self, id: StatementId, proposed: Proposed) {
        if proposed.by.is_empty() {
            self.proposed.remove(&id);
        } else {
            self.proposed.insert(id, proposed);
        }
        if let Some(Counted { owner, bytes, .. }) = self.items.get(&id) {
            let (owner, bytes) = (owner.clone(), *bytes);
            self.set(id, owner, bytes);
        }
    }
}

impl Quotas {
    /// Begins with nothing counted: call [`Self::count`] soon. `data`: the folder whose disk must not be filled.
    pub fn new(core: Core, repos: Repos, data: PathBuf, quota: Quota) -> Self {
        Self(Arc::new(Inner {
            core,
            repos,
            data,
            quota,
            used: Mutex::default(),
        }))
    }

    /// Counts the items that changed since the last time, and every repository's packs. Reads the disk.
    pub fn count(&self) {
        loop {
            let since = self.lock().seq;
            let changes = self.0.core.changes(since, BATCH).unwrap_or_default();
            let Some((last, _)) = changes.last() else {
                break;
            };
            for (_, id) in &changes {
                self.look(id);
            }
            self.lock().seq = *last;
        }
        let repositories: Vec<StatementId> = {
            let state = self.0.core.state();
            let all = state.catalogue().items();
            all.filter(|item| item.kind == ItemKind::Repository)
                .map(|item| item.id)
                .collect()
        };
        for id in repositories {
            self.look(&id);
        }
    }

    /// Counts one item again.
    pub fn look(&self, id: &StatementId) {
        let Some(item) = self.0.core.state().catalogue().copy_of(id) else {
            return;
        };
        let bytes = match item.kind {
            ItemKind::Repository => self
                .0
                .repos
                .get(&id.to_string())
                .map_or(0, |repository| repository.packed_bytes()),
            ItemKind::Resource => self.files(&item),
            _ => 0,
        };
        match item.kind {
            // What is proposed to it may be charged later.
            ItemKind::Repository => self.lock().set(*id, item.owner, bytes),
            _ if bytes > 0 => self.lock().set(*id, item.owner, bytes),
            _ => self.lock().forget(id),
        }
    }

    /// Charges what is proposed to a repository to who proposes it. The repository itself is looked at first.
    pub fn charge(&self, id: &StatementId, proposed: Proposed) {
        self.look(id);
        self.lock().set_proposed(*id, proposed);
    }

    /// Notes whose proposals to a repository are not fetched because they have reached their quota: all of them.
    pub fn hold_back(&self, id: &StatementId, institutions: BTreeSet<Handle>) {
        let mut used = self.lock();
        if institutions.is_empty() {
            used.held_back.remove(id);
        } else {
            used.held_back.insert(*id, institutions);
        }
    }

    /// What the versions of a resource say that their files have.
    fn files(&self, item: &Item) -> u64 {
        let size = |version: &StatementId| {
            let found = self.0.core.statement(version).ok().flatten()?;
            match found.statement.facts().ok().flatten()? {
                Facts::Resource(resource) => Some(resource.files.size),
                _ => None,
            }
        };
        item.versions.iter().filter_map(size).sum()
    }

    /// Why nothing more of an institution is taken, if so. Reads no disk but how full it is.
    pub fn full(&self, handle: &Handle) -> Option<Full> {
        // A disk that cannot be measured says so when it is written to.
        if room(&self.0.data).is_ok_and(|room| room == 0) {
            return Some(Full::Disk);
        }
        let quota = self.0.quota;
        let used = self.lock().of.get(handle).copied().unwrap_or(0);
        if quota.bytes > 0 && used >= quota.bytes {
            return Some(Full::Bytes {
                handle: handle.clone(),
                used,
                quota: quota.bytes,
            });
        }
        let statements = self.0.core.state().tip(handle).map_or(0, |tip| tip.size);
        (quota.statements > 0 && statements >= quota.statements).then(|| Full::Statements {
            handle: handle.clone(),
            quota: quota.statements,
        })
    }

    /// What every institution takes.
    pub fn all(&self) -> Vec<Usage> {
        let state = self.0.core.state();
        let used = self.lock();
        let quota = self.0.quota;
        let over = |value: u64, most: u64| most > 0 && value >= most;
        let usage = state.tips().map(|tip| {
            let bytes = used.of.get(&tip.handle).copied().unwrap_or(0);
            let proposed = used.proposed.values().filter_map(|p| p.by.get(&tip.handle));
            let held_back = used.held_back.values().filter(|h| h.contains(&tip.handle));
            Usage {
                handle: tip.handle.clone(),
                bytes,
                proposed: proposed.sum(),
                held_back: held_back.count() as u64,
                statements: tip.size,
                full: over(bytes, quota.bytes) || over(tip.size, quota.statements),
            }
        });
        usage.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.0
            .used
            .lock()
            .expect("a thread that panics ends the process")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_proposed_counts_for_who_proposes_until_a_branch_has_it() {
        let handle = |name: &str| Handle::new(name).unwrap();
        let (owner, b, c) = (handle("univ-a"), handle("univ-b"), handle("univ-c"));
        let id = StatementId::of(b"repository");
        let mut used = Used::default();
        let of =
            |used: &Used| [&owner, &b, &c].map(|handle| used.of.get(handle).copied().unwrap_or(0));
        used.set(id, owner.clone(), 1000);
        assert_eq!(of(&used), [1000, 0, 0]);
        // 100 bytes of it are proposed by both.
        let by = BTreeMap::from([(b.clone(), 400), (c.clone(), 300)]);
        used.set_proposed(id, Proposed { by, all: 600 });
        assert_eq!(of(&used), [400, 400, 300]);
        used.set(id, owner.clone(), 1200);
        assert_eq!(of(&used), [600, 400, 300]);
        let other = StatementId::of(b"resource");
        used.set(other, owner.clone(), 50);
        used.forget(&other);
        used.forget(&other);
        assert_eq!(of(&used), [600, 400, 300]);
        // One of both is merged.
        let by = BTreeMap::from([(c.clone(), 200)]);
        used.set_proposed(id, Proposed { by, all: 200 });
        assert_eq!(of(&used), [1000, 0, 200]);
        used.set_proposed(id, Proposed::default());
        assert_eq!(of(&used), [1200, 0, 0]);
        assert!(used.proposed.is_empty());
    }
}
