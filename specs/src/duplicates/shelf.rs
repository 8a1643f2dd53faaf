//! Keeping pairs up to date as sheets come, change and go, wherever they are kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    compare::{Likeness, compare},
    sheet::Sheet,
};

/// Sheets that may share a key that counts. Above it a key is common, such as a series, a project's home page or
/// « introduction »; below it, the most comparisons for one sheet are some thousands.
pub const CROWD: usize = 50;

/// Turns that are taken at once: each brings at most [`CROWD`] comparisons that wait in memory.
const PIECE: usize = 8_192;

/// What happens to an item's share in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// It has the key no more.
    Goes,
    /// It has it as before, but its sheet is another one.
    Stays,
    /// It has it from now on.
    Comes,
}

/// Who hears what happens to a key: the turns, how many had it before, and who has it now.
pub type Told<'a, I> = &'a mut dyn FnMut(&[(u64, I, Turn)], usize, &[I]);

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

    /// Keeps a sheet, or takes it away.
    ///
    /// # Errors
    /// The shelf's own.
    fn put(&mut self, id: &Self::Id, sheet: Option<&Sheet>) -> Result<(), Self::Error>;

    /// Changes who has which keys. The turns are in order. `told` hears of each key what happens to it, how many had it
    /// before and who has it now, of both no more than [`CROWD`] and one.
    ///
    /// # Errors
    /// The shelf's own.
    fn turn(
        &mut self,
        turns: &[(u64, Self::Id, Turn)],
        told: Told<'_, Self::Id>,
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

/// Takes in that items are now as these sheets say, or gone, each item once, and brings all pairs up to date. The pairs are
/// those of the sheets that share a key of which no more than [`CROWD`] have a part, whatever came first and however many
/// came together. Many at once cost less: their keys are looked up in order.
///
/// # Errors
/// The shelf's own; what was done before stays, so a database does it in one transaction.
pub fn change<S: Shelf>(
    shelf: &mut S,
    changes: &[(S::Id, Option<&Sheet>)],
) -> Result<(), S::Error> {
    let mut changed: BTreeMap<&S::Id, Option<&Sheet>> = BTreeMap::new();
    let mut turns: Vec<(u64, S::Id, Turn)> = Vec::new();
    for (id, new) in changes {
        let old = shelf.sheet(id)?;
        if old.as_deref() == *new {
            continue;
        }
        changed.insert(id, *new);
        turns_of(id, old.as_deref(), *new, &mut turns);
        shelf.put(id, *new)?;
        // Its pairs are found again.
        if old.is_some() {
            for other in shelf.pairs(id)? {
                put(shelf, id, &other, None)?;
            }
        }
    }
    turns.sort_unstable();
    let (mut fallen, mut risen) = (Vec::new(), Vec::new());
    let mut rest = &turns[..];
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(end_of_piece(rest));
        rest = after;
        let mut meet: Vec<(S::Id, S::Id)> = Vec::new();
        shelf.turn(piece, &mut |turns, before, now| {
            let key = turns[0].0;
            match (before <= CROWD, now.len() <= CROWD) {
                (true, false) => fallen.push(key),
                (false, true) => risen.push(key),
                (false, false) => {}
                (true, true) => meetings(turns, now, &changed, &mut meet),
            }
        })?;
        meet.sort_unstable();
        meet.dedup();
        compare_all(shelf, &meet, &changed)?;
    }
    for key in risen {
        rise(shelf, key)?;
    }
    for key in fallen {
        fall(shelf, key, &changed)?;
    }
    Ok(())
}

/// What happens to the keys of an item.
fn turns_of<I: Clone>(
    id: &I,
    old: Option<&Sheet>,
    new: Option<&Sheet>,
    turns: &mut Vec<(u64, I, Turn)>,
) {
    let before = old.map(Sheet::keys).unwrap_or_default();
    let after = new.map(Sheet::keys).unwrap_or_default();
    // Both are in order.
    for key in &after {
        let turn = match before.binary_search(key) {
            Ok(_) => Turn::Stays,
            Err(_) => Turn::Comes,
        };
        turns.push((*key, id.clone(), turn));
    }
    let gone = before
        .iter()
        .filter(|key| after.binary_search(key).is_err());
    turns.extend(gone.map(|key| (*key, id.clone(), Turn::Goes)));
}

/// How many turns make a piece: all of a key are in one.
fn end_of_piece<I>(turns: &[(u64, I, Turn)]) -> usize {
    let mut end = PIECE.min(turns.len());
    while end < turns.len() && turns[end].0 == turns[end - 1].0 {
        end += 1;
    }
    end
}

/// Whom those who have come to a key, or have another sheet, are compared with: the changed one second, or, where both
/// have, the greater.
fn meetings<I: Ord + Clone>(
    turns: &[(u64, I, Turn)],
    now: &[I],
    changed: &BTreeMap<&I, Option<&Sheet>>,
    meet: &mut Vec<(I, I)>,
) {
    if now.len() < 2 {
        return;
    }
    for (_, id, turn) in turns {
        if *turn == Turn::Goes {
            continue;
        }
        for other in now.iter().filter(|other| *other != id) {
            // The other one sees to it.
            if other > id && changed.contains_key(other) {
                continue;
            }
            meet.push((other.clone(), id.clone()));
        }
    }
}

/// Makes the pairs among these: in order of the first, whose sheet is taken once.
fn compare_all<S: Shelf>(
    shelf: &mut S,
    meet: &[(S::Id, S::Id)],
    changed: &BTreeMap<&S::Id, Option<&Sheet>>,
) -> Result<(), S::Error> {
    for of_one in meet.chunk_by(|a, b| a.0 == b.0) {
        let one = &of_one[0].0;
        let kept;
        let sheet = match changed.get(one) {
            Some(new) => *new,
            None => {
                kept = shelf.sheet(one)?;
                kept.as_deref()
            }
        };
        let Some(sheet) = sheet else { continue };
        for (_, other) in of_one {
            let new = changed.get(other).copied().flatten();
            let likeness = new.and_then(|new| compare(sheet, new));
            if likeness.is_some() {
                put(shelf, one, other, likeness.as_ref())?;
            }
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

/// Looks at the pairs among those who share a key that counts no longer: of those that have not changed, as the pairs of
/// the others are found anew.
fn fall<S: Shelf>(
    shelf: &mut S,
    key: u64,
    changed: &BTreeMap<&S::Id, Option<&Sheet>>,
) -> Result<(), S::Error> {
    let mut holders = shelf.holders(key, CROWD + changed.len())?;
    holders.retain(|id| !changed.contains_key(id));
    let holders: BTreeSet<S::Id> = holders.into_iter().collect();
    for one in &holders {
        let others = shelf.pairs(one)?;
        for other in others
            .iter()
            .filter(|other| *other > one && holders.contains(other))
        {
            let (a, b) = (shelf.sheet(one)?, shelf.sheet(other)?);
            let (Some(a), Some(b)) = (a, b) else { continue };
            let theirs = b.keys();
            let mut counts = false;
            for key in a.keys() {
                if theirs.binary_search(&key).is_ok()
                    && shelf.holders(key, CROWD + 1)?.len() <= CROWD
                {
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
fn rise<S: Shelf>(shelf: &mut S, key: u64) -> Result<(), S::Error> {
    let mut sheets = Vec::new();
    for id in shelf.holders(key, CROWD)? {
        sheets.extend(shelf.sheet(&id)?.map(|sheet| (id, sheet)));
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
