//! What a push costs when many came before.

use super::{Bench, handle};
use crate::{
    fold::{State, effort, log::Known},
    id::StatementId,
    statement::{Change, Changes, Description, Facts, Protection, Refs},
};

impl Bench {
    /// A push of one ref by a log's node.
    pub(super) fn push(
        &mut self,
        log: usize,
        item: StatementId,
        policy: StatementId,
        name: &str,
        over: &[StatementId],
        new: u64,
    ) -> Known {
        let change = Change {
            name: name.to_owned(),
            over: over.to_vec(),
            old: None,
            new: Some(format!("{new:040x}")),
            forced: false,
        };
        let changes = Changes::Inline(vec![change]);
        let facts = Facts::Refs(Refs { policy, changes });
        self.known(log, true, Some(item), &[], facts)
    }

    pub(super) fn description(&mut self, log: usize, item: StatementId, of: StatementId) -> Known {
        let facts = Facts::Description(Description {
            of,
            commit: None,
            text: Vec::new(),
            picture: None,
            tool: "test".to_owned(),
        });
        self.known(log, true, Some(item), &[], facts)
    }
}

/// So many pushes by three institutions in turn, each over the one before; what the last ten looked at, each.
fn costs(count: u64, name: &str, threshold: u64) -> u64 {
    let mut b = Bench::new();
    if threshold > 1 {
        b.protected = vec![Protection {
            pattern: "refs/heads/*".to_owned(),
            threshold,
            force: false,
            delete: false,
            base: Vec::new(),
        }];
    }
    let item = b.repository(0, "outil");
    let mut last: Vec<StatementId> = Vec::new();
    for n in 1..=count {
        if n == count - 9 {
            effort::since_last();
        }
        let log = n as usize % 3;
        let push = b.push(log, item, item, name, &last, n);
        last = vec![push.id];
        let described = push.id;
        b.put(log, vec![push]);
        if n % 10 == 0 {
            let description = b.description(log, item, described);
            b.put(log, vec![description]);
        }
    }
    let looked_at = effort::since_last();
    let view = b.c.item(&item).unwrap();
    let refs = &view.refs;
    if threshold <= 1 && name.starts_with("refs/heads/") {
        assert_eq!(refs[name].served, Some(format!("{count:040x}")));
        let last = b.c.size(&handle("aa")) - 1;
        assert!(b.c.state(&handle("aa"), last).is_some_and(State::counted));
    }
    looked_at / 10
}

#[test]
fn a_push_costs_the_same_after_2000_as_after_20() {
    let (few, many) = (
        costs(20, "refs/heads/main", 1),
        costs(2_000, "refs/heads/main", 1),
    );
    assert_eq!(few, many);
    assert!(many <= 12, "{many} statements are looked at for a push");
    let tags = costs(200, "refs/tags/v1", 1);
    assert!(tags <= 12, "{tags}");
}

#[test]
fn under_a_threshold_a_push_looks_at_its_ref_once() {
    let cost = costs(300, "refs/heads/main", 2);
    assert!(
        cost <= 300 + 12,
        "{cost} statements are looked at for a push"
    );
}
