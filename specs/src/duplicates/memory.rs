//! A shelf in memory: for tests, benchmarks and lists that are compared once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    convert::Infallible,
    sync::Arc,
};

use super::{Likeness, Sheet, Shelf, change, shelf::CROWD};

/// A shelf in memory.
#[derive(Debug, Default)]
pub struct Memory {
    sheets: HashMap<u64, Arc<Sheet>>,
    /// Who has a key.
    keys: HashMap<u64, BTreeSet<u64>>,
    pairs: BTreeMap<(u64, u64), Likeness>,
    others: HashMap<u64, BTreeSet<u64>>,
}

impl Memory {
    /// Takes a sheet in, or away.
    pub fn change(&mut self, id: u64, sheet: Option<&Sheet>) {
        let Ok(()) = change(self, &id, sheet);
    }

    /// All pairs, the smaller id first.
    pub fn all(&self) -> &BTreeMap<(u64, u64), Likeness> {
        &self.pairs
    }

    /// How many keys there are, and how many of them too many have.
    pub fn keys(&self) -> (usize, usize) {
        let common = self.keys.values().filter(|holders| holders.len() > CROWD);
        (self.keys.len(), common.count())
    }
}

impl Shelf for Memory {
    type Id = u64;
    type Error = Infallible;

    fn sheet(&mut self, id: &u64) -> Result<Option<Arc<Sheet>>, Infallible> {
        Ok(self.sheets.get(id).cloned())
    }

    fn put(
        &mut self,
        id: &u64,
        sheet: Option<&Sheet>,
        keys: &BTreeSet<u64>,
        gone: &BTreeSet<u64>,
    ) -> Result<(), Infallible> {
        match sheet {
            Some(sheet) => {
                self.sheets.insert(*id, Arc::new(sheet.clone()));
            }
            None => {
                self.sheets.remove(id);
            }
        }
        for key in gone {
            if let Some(holders) = self.keys.get_mut(key) {
                holders.remove(id);
                if holders.is_empty() {
                    self.keys.remove(key);
                }
            }
        }
        for key in keys {
            self.keys.entry(*key).or_default().insert(*id);
        }
        Ok(())
    }

    fn holders(&mut self, key: u64, limit: usize) -> Result<Vec<u64>, Infallible> {
        let holders = self.keys.get(&key).into_iter().flatten();
        Ok(holders.take(limit).copied().collect())
    }

    fn pairs(&mut self, id: &u64) -> Result<Vec<u64>, Infallible> {
        Ok(self.others.get(id).into_iter().flatten().copied().collect())
    }

    fn pair(
        &mut self,
        first: &u64,
        second: &u64,
        likeness: Option<&Likeness>,
    ) -> Result<(), Infallible> {
        match likeness {
            Some(likeness) => {
                self.pairs.insert((*first, *second), likeness.clone());
                self.others.entry(*first).or_default().insert(*second);
                self.others.entry(*second).or_default().insert(*first);
            }
            None => {
                self.pairs.remove(&(*first, *second));
                for (one, other) in [(first, second), (second, first)] {
                    if let Some(others) = self.others.get_mut(one) {
                        others.remove(other);
                    }
                }
            }
        }
        Ok(())
    }
}
