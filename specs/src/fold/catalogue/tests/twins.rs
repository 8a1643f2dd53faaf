//! Logs that name what comes later in themselves and in each other, as only somebody hostile writes them: what is kept gives
//! after each entry what a look at everything gives.

use super::{
    Bench, LOGS, handle,
    plain::{chosen_are_those_shown, resource},
};
use crate::{
    fold::{Catalogue, ItemKind, State, log::Known},
    id::StatementId,
    name::Slug,
    statement::{Facts, Repository},
};

/// How many statements a history has.
const LENGTH: u64 = 40;

fn states(c: &Catalogue) -> Vec<State> {
    let logs = LOGS.map(handle);
    let all = logs
        .iter()
        .flat_map(|h| (0..c.size(h)).map(move |p| (h, p)));
    all.map(|(h, p)| c.state(h, p).unwrap()).collect()
}

impl Bench {
    /// A version of an item, by anybody.
    fn version(
        &mut self,
        log: usize,
        (item, kind): (StatementId, ItemKind),
        over: &[StatementId],
    ) -> Known {
        let facts = match kind {
            ItemKind::Repository => Facts::Repository(Repository {
                slug: Slug::new("pris").unwrap(),
                licence: "MIT".to_owned(),
                object_format: "sha1".to_owned(),
                default_branch: "main".to_owned(),
                pushers: Vec::new(),
                protected: Vec::new(),
                cuts: Vec::new(),
            }),
            _ => resource("pris"),
        };
        self.known(log, false, Some(item), over, facts)
    }

    /// One statement, drawn; it names any other of the history, or one that never comes.
    fn drawn(
        &mut self,
        (item, kind): (StatementId, ItemKind),
        draw: &mut impl FnMut(u64) -> u64,
    ) -> (usize, Known) {
        let log = draw(3) as usize;
        let any = Self::id(1 + draw(LENGTH + 6));
        let known = match draw(9) {
            0..=2 => self.transfer(log, item, (log + 1 + draw(2) as usize) % 3),
            3..=5 => self.acceptance(log, item, any),
            6 => self.version(log, (item, kind), &[any]),
            7 => self.push(log, item, any, "refs/heads/main", &[any], draw(9) + 1),
            _ => {
                let mut known = self.description(log, item, any);
                known.supersedes = [Self::id(1 + draw(LENGTH))].into();
                known
            }
        };
        (log, known)
    }
}

#[test]
fn what_names_what_comes_later_is_settled_as_from_scratch() {
    //= R-04-01, R-04-43
    let mut seed = 5u64;
    let mut draw = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut met = std::collections::BTreeMap::new();
    for history in 0..300 {
        // A resource of one statement is kept as that statement alone.
        let kind = match history % 2 {
            0 => ItemKind::Repository,
            _ => ItemKind::Resource,
        };
        let (mut kept, mut scratch) = (Bench::new(), Bench::new());
        scratch.c.from_scratch = true;
        let item = Bench::id(1);
        // The item comes first, or after some of what is said about it.
        let at = if history % 3 == 0 { draw(LENGTH) } else { 0 };
        let mut batch: Vec<(usize, Known)> = Vec::new();
        kept.made = 1;
        for n in 0..LENGTH {
            if n == at {
                let made = std::mem::replace(&mut kept.made, 0);
                let mut first = kept.version(0, (item, kind), &[]);
                (kept.made, first.item) = (made, None);
                batch.push((0, first));
            }
            batch.push(kept.drawn((item, kind), &mut draw));
            // Mostly one by one, sometimes several entries of one log at once.
            let together = draw(4) == 0 && batch.iter().all(|b| b.0 == batch[0].0);
            if together && n + 1 < LENGTH {
                continue;
            }
            while !batch.is_empty() {
                let log = batch[0].0;
                let count = batch.iter().take_while(|b| b.0 == log).count();
                let all: Vec<Known> = batch.drain(..count).map(|b| b.1).collect();
                scratch.put(log, all.clone());
                kept.put(log, all);
                let (a, b) = (states(&kept.c), states(&scratch.c));
                assert_eq!(a, b, "history {history}, statement {n}");
                assert!(kept.c.items().eq(scratch.c.items()), "history {history}");
                assert_eq!(kept.c.rows(), scratch.c.rows());
                assert_eq!(kept.c.sum(), scratch.c.sum());
                chosen_are_those_shown(&kept);
            }
        }
        for state in states(&kept.c) {
            *met.entry(state).or_insert(0) += 1;
        }
    }
    assert!(
        met[&State::Pending] > 100 && met[&State::InForce] > 100,
        "{met:?}"
    );
}
