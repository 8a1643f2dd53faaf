//! How much work the catalogue does: floods of statements without signatures, as the log's own phase sees them. What is
//! looked at is counted, not timed.

mod flood;
mod plain;
mod pushes;
mod twins;

use std::sync::Arc;

use super::{Catalogue, Work};
use crate::{
    fold::{
        log::{By, Known, Said},
        tests::federation::{Federation, admin_seed, handle, key, node_seed},
    },
    id::{StatementId, sha256},
    key::PublicKey,
    name::Handle,
    statement::{Facts, Protection},
};

/// A catalogue of aa, bb and cc, opened, with statements made as fast as the log's own phase takes them.
struct Bench {
    f: Federation,
    c: Catalogue,
    keys: [(PublicKey, PublicKey); 3],
    /// The administrators' enrolments.
    admins: [StatementId; 3],
    made: u64,
    /// What repositories protect from here on.
    protected: Vec<Protection>,
}

const LOGS: [&str; 3] = ["aa", "bb", "cc"];

impl Bench {
    fn new() -> Self {
        let mut f = Federation::new();
        let admins = LOGS.map(|log| f.open(log));
        let c = f.fold();
        let keys = LOGS.map(|log| (key(admin_seed(log)).public(), key(node_seed(log)).public()));
        Self {
            f,
            c,
            keys,
            admins,
            made: 0,
            protected: Vec::new(),
        }
    }

    /// The id of the n-th statement that is made.
    fn id(n: u64) -> StatementId {
        StatementId(sha256(&[b"made", &n.to_be_bytes()]))
    }

    /// The next statement: of the log's node for the administrator, or of the administrator.
    fn known(
        &mut self,
        log: usize,
        by_node: bool,
        item: Option<StatementId>,
        over: &[StatementId],
        facts: Facts,
    ) -> Known {
        self.made += 1;
        let (admin, node) = self.keys[log];
        Known {
            id: Self::id(self.made),
            by: Arc::new(By {
                author: if by_node { node } else { admin },
                signers: [if by_node { node } else { admin }].into(),
                acting_for: by_node.then_some(self.admins[log]),
            }),
            item,
            supersedes: over.into(),
            facts: facts.into(),
        }
    }

    /// Takes statements as the next entries of a log, and settles once.
    fn put(&mut self, log: usize, all: Vec<Known>) {
        let handle: Handle = handle(LOGS[log]);
        let mut work = Work::default();
        for known in all {
            let said = Said::Known(Box::new(known));
            self.c.push(&handle, said, &mut work);
        }
        self.c.settle(work, &self.f);
    }
}
