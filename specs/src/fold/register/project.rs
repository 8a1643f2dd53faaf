//! From the register to the refs of a Git repository (R-05-14, R-05-15).

use std::collections::{BTreeMap, BTreeSet};

use super::super::item::RefState;
use crate::{name::Handle, statement::Pusher};

/// A ref as Git gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The oid.
    pub oid: String,
    /// Whose head it is.
    pub institution: Handle,
    /// The ref that it is a head of.
    pub of: String,
}

/// What a projector writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// By the name that Git gets.
    pub refs: BTreeMap<String, Placed>,
    /// Heads that have no place even under `refs/diverged/`: their names stand in each other's way.
    pub unplaced: Vec<Placed>,
}

/// Places every head. The served one gets the ref's own name, unless a name that comes first is a directory
/// of it or the reverse: first by the list's order (the owner before it), then by name. All others go to
/// `refs/diverged/<handle>/<name without refs/>`, and what waits to `refs/waiting/<handle>/<name without refs/>`.
pub fn project(
    owner: &Handle,
    pushers: &[Pusher],
    refs: &BTreeMap<String, RefState>,
) -> Projection {
    let mut served = Vec::new();
    let mut others = Vec::new();
    let mut waiting = Vec::new();
    for (name, state) in refs {
        for w in &state.waiting {
            let Some(oid) = &w.head.oid else { continue };
            waiting.push(Placed {
                oid: oid.clone(),
                institution: w.head.institution.clone(),
                of: name.clone(),
            });
        }
        for (n, head) in state.heads.iter().enumerate() {
            let Some(oid) = &head.oid else { continue };
            let placed = Placed {
                oid: oid.clone(),
                institution: head.institution.clone(),
                of: name.clone(),
            };
            if n == 0 {
                served.push(placed);
            } else {
                others.push(placed);
            }
        }
    }
    served.sort_by_key(|p| {
        (
            super::rank(owner, pushers, &p.institution).0,
            p.institution.clone(),
            p.of.clone(),
        )
    });
    let mut out = Projection::default();
    let mut taken = Names::default();
    for p in served {
        if taken.take(&p.of) {
            out.refs.insert(p.of.clone(), p);
        } else {
            others.push(p);
        }
    }
    for (folder, mut all) in [("diverged", others), ("waiting", waiting)] {
        all.sort_by(|a, b| (&a.institution, &a.of).cmp(&(&b.institution, &b.of)));
        for p in all {
            let rest = p.of.strip_prefix("refs/").unwrap_or(&p.of);
            let name = format!("refs/{folder}/{}/{rest}", p.institution);
            if taken.take(&name) {
                out.refs.insert(name, p);
            } else {
                out.unplaced.push(p);
            }
        }
    }
    out
}

/// Names that are taken, and the directories that they lie in.
#[derive(Default)]
struct Names {
    names: BTreeSet<String>,
    directories: BTreeSet<String>,
}

impl Names {
    fn take(&mut self, name: &str) -> bool {
        let parents = || name.match_indices('/').map(|(at, _)| &name[..at]);
        if self.directories.contains(name)
            || self.names.contains(name)
            || parents().any(|d| self.names.contains(d))
        {
            return false;
        }
        self.directories.extend(parents().map(str::to_owned));
        self.names.insert(name.to_owned());
        true
    }
}
