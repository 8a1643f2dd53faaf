//! Which versions of merge requests Git is to serve as refs (R-10-01, R-10-02): a bound that every node draws alike.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::{id::StatementId, name::Handle};

/// How many versions of one merge request are refs. Who asks once more than this has long been told what to change.
pub const MAX_VERSIONS: u64 = 32;

/// How many refs the merge requests to one repository have: as many again are left for branches and tags before a node no
/// longer keeps the list of a repository's refs in memory.
pub const MAX_REFS: u64 = 3_000;

/// A merge request, as far as it decides what is served of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The statement that opened it.
    pub id: StatementId,
    /// In whose log that stands.
    pub institution: Handle,
    /// Where.
    pub position: u64,
    /// Whether the owner has not closed it.
    pub open: bool,
    /// How many versions it has, the opening included.
    pub versions: u64,
}

/// The versions of a merge request that are refs, beside `head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// The statement that opened it.
    pub id: StatementId,
    /// The first version served, counted from 1. A version keeps its number when older ones are no longer served.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

/// What is served of the merge requests to one repository, in the order in which room is given: in rounds, in each one
/// request of each institution by handle, its open ones first, of these the newest first. So an institution that floods takes
/// no other's room. The first request for which there is no room ends it.
pub fn served(requests: &[Asked]) -> Vec<Served> {
    let mut by: BTreeMap<&Handle, BTreeSet<_>> = BTreeMap::new();
    for (at, r) in requests.iter().enumerate() {
        let order = (!r.open, Reverse(r.position), r.id, at);
        by.entry(&r.institution).or_default().insert(order);
    }
    let mut rounds: Vec<(usize, &Handle, usize)> = by
        .iter()
        .flat_map(|(handle, all)| {
            all.iter()
                .enumerate()
                .map(|(round, order)| (round, *handle, order.3))
        })
        .collect();
    rounds.sort_unstable();
    let mut room = MAX_REFS;
    let mut out = Vec::new();
    for (_, _, at) in rounds {
        let r = &requests[at];
        let versions = r.versions.min(MAX_VERSIONS);
        // `head` is one more.
        let Some(left) = room.checked_sub(versions + 1) else {
            break;
        };
        room = left;
        out.push(Served {
            id: r.id,
            first: r.versions - versions + 1,
            last: r.versions,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::sha256;

    fn asked(n: u64, log: &str, open: bool, versions: u64) -> Asked {
        Asked {
            id: StatementId(sha256(&[&n.to_be_bytes()])),
            institution: Handle::new(log).unwrap(),
            position: n,
            open,
            versions,
        }
    }

    #[test]
    fn the_newest_versions_keep_their_numbers() {
        //= R-10-01
        let one = |versions| {
            let s = served(&[asked(1, "aa", true, versions)]);
            (s[0].first, s[0].last)
        };
        assert_eq!(one(1), (1, 1));
        assert_eq!(one(32), (1, 32));
        assert_eq!(one(1000), (969, 1000));
    }

    #[test]
    fn who_floods_takes_no_room_of_others() {
        //= R-10-02
        let mut all: Vec<Asked> = (0..20_000).map(|n| asked(n, "aa", true, 1)).collect();
        all.extend((0..50).map(|n| asked(30_000 + n, "bb", n % 2 == 0, 40)));
        let found = served(&all);
        let refs: u64 = found.iter().map(|s| s.last - s.first + 2).sum();
        assert!(
            (MAX_REFS - MAX_VERSIONS..=MAX_REFS).contains(&refs),
            "{refs}"
        );
        for r in &all[20_000..] {
            assert!(found.iter().any(|s| s.id == r.id), "{r:?}");
        }
        // The newest is served whatever else there is, and the order of the input does not matter.
        assert!(found.iter().any(|s| s.id == all[19_999].id));
        all.reverse();
        assert_eq!(served(&all), found);
    }
}
