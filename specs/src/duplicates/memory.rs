//! A shelf in memory: for tests, benchmarks and lists that are compared once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    convert::Infallible,
    sync::Arc,
};

use super::{Likeness, Sheet, Shelf, Told, Turn, change, shelf::CROWD};

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
        self.change_all(&[(id, sheet)]);
    }

    /// Takes sheets in, or away, each item once.
    pub fn change_all(&mut self, changes: &[(u64, Option<&Sheet>)]) {
        let Ok(()) = change(self, changes);
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

    fn put(&mut self, id: &u64, sheet: Option<&Sheet>) -> Result<(), Infallible> {
        match sheet {
            Some(sheet) => {
                self.sheets.insert(*id, Arc::new(sheet.clone()));
            }
            None => {
                self.sheets.remove(id);
            }
        }
        Ok(())
    }

    fn turn(&mut self, turns: &[(u64, u64, Turn)], told: Told<'_, u64>) -> Result<(), Infallible> {
        for of_key in turns.chunk_by(|a, b| a.0 == b.0) {
            let key = of_key[0].0;
            let holders = self.keys.entry(key).or_default();
            let before = holders.len().min(CROWD + 1);
            for (_, id, turn) in of_key {
                match turn {
                    Turn::Goes => holders.remove(id),
                    Turn::Stays | Turn::Comes => holders.insert(*id),
                };
            }
            let now: Vec<u64> = holders.iter().take(CROWD + 1).copied().collect();
            if now.is_empty() {
                self.keys.remove(&key);
            }
            told(of_key, before, &now);
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
