//! What there is of threads and merge requests to an item, read in many short looks: nobody who writes waits longer than
//! one thread takes, however many there are.

use std::{cmp::Reverse, collections::BTreeMap};

use commun_specs::{
    fold::{Outline, Spoken},
    id::StatementId,
    name::Handle,
};

use crate::core::Core;

/// Opening statements of one look.
const PART: usize = 200;

/// The statements that opened threads and merge requests of an item, by their ids; not all of them count.
pub(super) fn opened(core: &Core, item: &StatementId) -> Vec<Spoken> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (part, next) = core.state().catalogue().opened(item, after.as_ref(), PART);
        all.extend(part);
        if next.is_none() {
            return all;
        }
        after = next;
    }
}

/// One of them, if it counts and is about the item.
pub(super) fn outline(core: &Core, item: &StatementId, root: &StatementId) -> Option<Outline> {
    let found = core.state().catalogue().outline(root);
    found.filter(|found| found.item == *item)
}

/// All of those that `is` picks by who opened them and where.
pub(super) fn outlines(
    core: &Core,
    item: &StatementId,
    is: impl Fn(&Spoken) -> bool,
) -> Vec<Outline> {
    let picked = opened(core, item).into_iter().filter(is);
    picked
        .filter_map(|spoken| outline(core, item, &spoken.id))
        .collect()
}

/// Leaves `most` of them, about: each institution's newest, an equal share of each, and what one does not need the
/// others have. The order stays.
pub(super) fn newest<T>(all: Vec<T>, most: usize, of: impl Fn(&T) -> &Spoken) -> Vec<T> {
    if all.len() <= most {
        return all;
    }
    let mut by: BTreeMap<&Handle, Vec<u64>> = BTreeMap::new();
    for one in &all {
        let spoken = of(one);
        by.entry(&spoken.institution)
            .or_default()
            .push(spoken.position);
    }
    let mut shares: Vec<(Handle, Vec<u64>)> = by
        .into_iter()
        .map(|(handle, positions)| (handle.clone(), positions))
        .collect();
    // Who has least first, so that what is left over is known when it is given away.
    shares.sort_by_key(|(_, positions)| positions.len());
    let (mut room, mut left) = (most, shares.len());
    let mut from: BTreeMap<Handle, u64> = BTreeMap::new();
    for (handle, mut positions) in shares {
        let share = (room / left.max(1)).max(1).min(positions.len());
        positions.sort_by_key(|position| Reverse(*position));
        from.insert(handle, positions[share - 1]);
        room = room.saturating_sub(share);
        left -= 1;
    }
    let mut all = all;
    all.retain(|one| {
        let spoken = of(one);
        from.get(&spoken.institution)
            .is_some_and(|first| spoken.position >= *first)
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_floods_takes_no_room_from_the_others() {
        let spoken = |handle: &str, position: u64| Spoken {
            id: StatementId::of(format!("{handle}{position}").as_bytes()),
            institution: Handle::new(handle).unwrap(),
            position,
            person: None,
        };
        let mut all: Vec<Spoken> = (0..1000).map(|n| spoken("univ-flood", n)).collect();
        all.extend((0..3).map(|n| spoken("univ-a", n)));
        all.extend((0..40).map(|n| spoken("univ-b", n)));
        assert_eq!(newest(all.clone(), 2000, |s| s).len(), all.len());
        let left = newest(all, 60, |s| s);
        let of = |handle: &str| -> Vec<u64> {
            let of = left.iter().filter(|s| s.institution.as_str() == handle);
            of.map(|s| s.position).collect()
        };
        assert_eq!(of("univ-a"), [0, 1, 2]);
        assert_eq!(of("univ-b"), (12..40).collect::<Vec<_>>());
        assert_eq!(of("univ-flood"), (971..1000).collect::<Vec<_>>());
    }
}
