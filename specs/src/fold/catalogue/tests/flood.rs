//! Members who state what can never come in force.

use super::{Bench, LOGS, handle};
use crate::{
    fold::{Reason, State, effort, log::Known},
    id::StatementId,
    name::Slug,
    statement::{Acceptance, Facts, Pusher, Repository, Transfer},
};

impl Bench {
    fn repository(&mut self, log: usize, slug: &str) -> StatementId {
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
            protected: Vec::new(),
            cuts: Vec::new(),
        });
        let known = self.known(log, false, None, &[], facts);
        let id = known.id;
        self.put(log, vec![known]);
        id
    }

    fn transfer(&mut self, log: usize, item: StatementId, to: usize) -> Known {
        let to = handle(LOGS[to]);
        self.known(
            log,
            false,
            Some(item),
            &[],
            Facts::Transfer(Transfer { to }),
        )
    }

    fn acceptance(&mut self, log: usize, item: StatementId, transfer: StatementId) -> Known {
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
