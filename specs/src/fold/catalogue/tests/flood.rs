//! Members who state what can never come in force.

use super::{Bench, LOGS, handle};
use crate::{
    fold::{Reason, State, effort, log::Known},
    id::StatementId,
    name::Slug,
    statement::{Acceptance, Facts, Pusher, Repository, Transfer},
};

impl Bench {
    pub(super) fn repository(&mut self, log: usize, slug: &str) -> StatementId {
        let pushers = LOGS.map(|log| Pusher {
            institution: handle(log),
            persons: None,
        });
        let facts = Facts::Repository(Repository {
            slug: Slug::new(slug).unwrap(),
            licence: "MIT".to_owned(),
            object_format: "sha1".to_owned(),
            default_branch: "main".to_owned(),
            pushers: pushers.to_vec(),
            protected: self.protected.clone(),
            cuts: Vec::new(),
        });
        let known = self.known(log, false, None, &[], facts);
        let id = known.id;
        self.put(log, vec![known]);
        id
    }

    pub(super) fn transfer(&mut self, log: usize, item: StatementId, to: usize) -> Known {
        let to = handle(LOGS[to]);
        self.known(
            log,
            false,
            Some(item),
            &[],
            Facts::Transfer(Transfer { to }),
        )
    }

    pub(super) fn acceptance(
        &mut self,
        log: usize,
        item: StatementId,
        transfer: StatementId,
    ) -> Known {
        let slug = Slug::new("pris").unwrap();
        let facts = Facts::Acceptance(Acceptance { transfer, slug });
        self.known(log, false, Some(item), &[], facts)
    }

    /// Transfers and acceptances of cc, of an item of aa: half of the acceptances name a transfer that comes later.
    fn nonsense(&mut self, item: StatementId, count: u64) -> Vec<Known> {
        (0..count)
            .map(|n| match n % 4 {
                0 => {
                    let to_come = Self::id(self.made + 5);
                    self.acceptance(2, item, to_come)
                }
                1 => {
                    let nothing = Self::id(1 << 40 | n);
                    self.acceptance(2, item, nothing)
                }
                _ => self.transfer(2, item, 1),
            })
            .collect()
    }
}

/// What a member states of an item of others, one entry after the other, is looked at a few times: however many there are.
fn flooded(count: u64, make: impl Fn(&mut Bench, StatementId, u64) -> Known) -> Bench {
    let mut b = Bench::new();
    let item = b.repository(0, "outil");
    effort::since_last();
    for n in 0..count {
        let known = make(&mut b, item, n);
        b.put(2, vec![known]);
    }
    let looked_at = effort::since_last();
    assert!(
        looked_at <= 12 * count,
        "{looked_at} were looked at for {count}"
    );
    assert_eq!(b.c.item(&item).unwrap().owner, handle("aa"));
    b
}

#[test]
fn transfers_of_an_item_of_others_that_come_one_by_one_cost_as_much_as_each() {
    let b = flooded(5_000, |b, item, n| match n % 4 {
        0 => {
            let nothing = Bench::id(1 << 40 | n);
            b.acceptance(2, item, nothing)
        }
        1 => b.transfer(2, item, 0),
        _ => b.transfer(2, item, 1),
    });
    let last = b.c.size(&handle("cc")) - 1;
    assert_eq!(b.c.state(&handle("cc"), last), Some(State::Pending));
}

#[test]
fn acceptances_of_what_comes_later_are_told_once() {
    // Each names the transfer after it, which comes to nothing: and with it what stands between.
    let b = flooded(5_000, |b, item, n| {
        if n % 2 == 0 {
            let to_come = Bench::id(b.made + 2);
            b.acceptance(2, item, to_come)
        } else {
            b.transfer(2, item, 1)
        }
    });
    let log = handle("cc");
    for position in 3..b.c.size(&log) {
        let state = b.c.state(&log, position);
        assert!(
            matches!(state, Some(State::Refused(_))),
            "{position}: {state:?}"
        );
    }
}

#[test]
fn pushes_descriptions_and_versions_of_an_item_of_others_cost_as_much_as_each() {
    flooded(5_000, |b, item, n| match n % 4 {
        0 => b.push(2, item, Bench::id(1 << 41 | n), "refs/heads/main", &[], 7),
        1 => b.push(2, item, Bench::id(b.made + 2), "refs/heads/main", &[], 7),
        2 => {
            let (slug, mut known) = (Slug::new("autre").unwrap(), b.transfer(2, item, 1));
            let pushers = Vec::new();
            known.facts = Facts::Repository(Repository {
                slug,
                licence: "MIT".to_owned(),
                object_format: "sha1".to_owned(),
                default_branch: "main".to_owned(),
                pushers,
                protected: Vec::new(),
                cuts: Vec::new(),
            })
            .into();
            known
        }
        _ => {
            let of = Bench::id(b.made - 1);
            b.description(2, item, of)
        }
    });
}

#[test]
fn what_is_said_of_nothing_costs_as_much_as_each() {
    let nothing = StatementId([9; 32]);
    let b = flooded(5_000, |b, _, n| match n % 3 {
        0 => b.push(2, nothing, Bench::id(3), "refs/heads/main", &[], 7),
        1 => b.acceptance(2, nothing, Bench::id(4)),
        _ => b.transfer(2, nothing, 1),
    });
    let last = b.c.size(&handle("cc")) - 1;
    assert_eq!(b.c.state(&handle("cc"), last), Some(State::Pending));
}

#[test]
fn twenty_thousand_transfers_of_an_item_of_others_are_looked_at_a_few_times_each() {
    let mut b = Bench::new();
    let item = b.repository(0, "outil");
    let flood = b.nonsense(item, 20_000);
    effort::since_last();
    b.put(2, flood);
    let once = effort::since_last();
    assert!(once <= 5 * 20_000, "{once} statements were looked at");
    let last = b.c.size(&handle("cc")) - 1;
    assert_eq!(b.c.state(&handle("cc"), last), Some(State::Pending));
    assert_eq!(b.c.item(&item).unwrap().owner, handle("aa"));
    // Whoever owns it hands it on as before.
    let real = b.transfer(0, item, 1);
    let taken = b.acceptance(1, item, real.id);
    b.put(0, vec![real]);
    b.put(1, vec![taken]);
    assert_eq!(b.c.item(&item).unwrap().owner, handle("bb"));
    let again = b.transfer(0, item, 2);
    b.put(0, vec![again]);
    let last = b.c.size(&handle("aa")) - 1;
    let state = b.c.state(&handle("aa"), last);
    assert_eq!(state, Some(State::Refused(Reason::NotToHand)));
}
