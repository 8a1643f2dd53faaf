//! Keeping pairs up to date as sheets come, change and go, wherever they are kept.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    compare::{Likeness, compare},
    sheet::Sheet,
};

/// Sheets that may share a key that counts. Above it a key is common, such as a series, a project's home page or
/// « introduction »; below it, the most comparisons for one sheet are some thousands.
pub const CROWD: usize = 50;

/// Where sheets, their keys and the pairs are kept: in memory, or in a database.
pub trait Shelf {
    /// What items are called.
    type Id: Ord + Clone;
    /// Why keeping fails.
    type Error;

    /// The sheet of an item.
    ///
    /// # Errors
    /// The shelf's own.
    fn sheet(&mut self, id: &Self::Id) -> Result<Option<Arc<Sheet>>, Self::Error>;

    /// Keeps a sheet with its keys, or takes it away with all of `keys`, which are those that it has.
    ///
    /// # Errors
    /// The shelf's own.
    fn put(
        &mut self,
        id: &Self::Id,
        sheet: Option<&Sheet>,
        keys: &BTreeSet<u64>,
        gone: &BTreeSet<u64>,
    ) -> Result<(), Self::Error>;

    /// Those who have a key, at most `limit` of them.
    ///
    /// # Errors
    /// The shelf's own.
    fn holders(&mut self, key: u64, limit: usize) -> Result<Vec<Self::Id>, Self::Error>;

    /// The other halves of an item's pairs.
    ///
    /// # Errors
    /// The shelf's own.
    fn pairs(&mut self, id: &Self::Id) -> Result<Vec<Self::Id>, Self::Error>;

    /// Keeps a pair, or takes it away; the smaller id comes first.
    ///
    /// # Errors
    /// The shelf's own.
    fn pair(
        &mut self,
        first: &Self::Id,
        second: &Self::Id,
        likeness: Option<&Likeness>,
    ) -> Result<(), Self::Error>;
}

/// Takes in that an item is now as this sheet says, or gone, and brings all pairs up to date. The pairs are those of
/// the sheets that share a key of which no more than [`CROWD`] have a part, whatever came first.
///
/// # Errors
/// The shelf's own; what was done before stays, so a database does it in one transaction.
pub fn change<S: Shelf>(shelf: &mut S, id: &S::Id, new: Option<&Sheet>) -> Result<(), S::Error> {
    let old = shelf.sheet(id)?;
    if old.as_deref() == new {
        return Ok(());
    }
    let keys = |sheet: Option<&Sheet>| -> BTreeSet<u64> {
        sheet
            .map(Sheet::keys)
            .unwrap_or_default()
            .into_iter()
            .collect()
    };
    let (before, after) = (keys(old.as_deref()), keys(new));
    let gone: BTreeSet<u64> = before.difference(&after).copied().collect();
    let come: BTreeSet<u64> = after.difference(&before).copied().collect();
    shelf.put(id, new, &come, &gone)?;
    // A key that becomes common takes the pairs with it that it alone made.
    let mut partners: BTreeSet<S::Id> = BTreeSet::new();
    for key in &come {
        let holders = shelf.holders(*key, CROWD + 2)?;
        if holders.len() == CROWD + 1 {
            fall(shelf, id, &holders)?;
        }
        if holders.len() <= CROWD {
            partners.extend(holders);
        }
    }
    // One that is common no longer makes pairs again.
    for key in &gone {
        let holders = shelf.holders(*key, CROWD + 1)?;
        if holders.len() == CROWD {
            rise(shelf, &holders)?;
        }
    }
    // Those of the keys that have come are known.
    for key in after.difference(&come) {
        let holders = shelf.holders(*key, CROWD + 1)?;
        if holders.len() <= CROWD {
            partners.extend(holders);
        }
    }
    partners.remove(id);
    let stale = shelf.pairs(id)?;
    for other in stale.iter().filter(|other| !partners.contains(other)) {
        put(shelf, id, other, None)?;
    }
    let Some(new) = new else { return Ok(()) };
    for other in &partners {
        let Some(sheet) = shelf.sheet(other)? else {
            continue;
        };
        let likeness = compare(new, &sheet);
        if likeness.is_some() || stale.contains(other) {
            put(shelf, id, other, likeness.as_ref())?;
        }
    }
    Ok(())
}

fn put<S: Shelf>(
    shelf: &mut S,
    a: &S::Id,
    b: &S::Id,
    likeness: Option<&Likeness>,
) -> Result<(), S::Error> {
    let (first, second) = if a < b { (a, b) } else { (b, a) };
    shelf.pair(first, second, likeness)
}

/// Looks at the pairs among those who share a key that counts no longer. Those of `new` are looked at later.
fn fall<S: Shelf>(shelf: &mut S, new: &S::Id, holders: &[S::Id]) -> Result<(), S::Error> {
    for one in holders.iter().filter(|holder| *holder != new) {
        let others = shelf.pairs(one)?;
        for other in others
            .iter()
            .filter(|other| *other > one && *other != new && holders.contains(other))
        {
            let (a, b) = (shelf.sheet(one)?, shelf.sheet(other)?);
            let (Some(a), Some(b)) = (a, b) else { continue };
            let theirs: BTreeSet<u64> = b.keys().into_iter().collect();
            let mut counts = false;
            for key in a.keys().into_iter().filter(|key| theirs.contains(key)) {
                if shelf.holders(key, CROWD + 1)?.len() <= CROWD {
                    counts = true;
                    break;
                }
            }
            if !counts {
                shelf.pair(one, other, None)?;
            }
        }
    }
    Ok(())
}

/// Makes the pairs among those who share a key that counts again.
fn rise<S: Shelf>(shelf: &mut S, holders: &[S::Id]) -> Result<(), S::Error> {
    let mut sheets = Vec::new();
    for id in holders {
        sheets.extend(shelf.sheet(id)?.map(|sheet| (id, sheet)));
    }
    for (at, (one, a)) in sheets.iter().enumerate() {
        for (other, b) in &sheets[at + 1..] {
            if let Some(likeness) = compare(a, b) {
                put(shelf, one, other, Some(&likeness))?;
            }
        }
    }
    Ok(())
}
