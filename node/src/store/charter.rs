//! Charter, drafts and successions, as the envelopes that were verified.

use commun_specs::charter::Amendment;

use super::{Error, Store};

impl Store {
    /// The amendments 0 to n.
    pub fn charters(&self) -> Result<Vec<Vec<u8>>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT envelope FROM charter ORDER BY number")?;
        Ok(q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Stores an amendment of the chain (again with more signatures). Drafts that it decides and requests to join
    /// that it answers are forgotten.
    pub fn put_charter(&self, number: u64, envelope: &[u8]) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO charter VALUES(?1, ?2)")?
            .execute((number, envelope))?;
        self.db
            .prepare_cached("DELETE FROM draft WHERE number <= ?1")?
            .execute([number])?;
        if let Ok((amendment, _)) = Amendment::open(envelope) {
            for member in &amendment.institutions {
                self.drop_join_request(member.handle.as_str())?;
            }
        }
        Ok(())
    }

    /// Amendments without a majority, lowest number first.
    pub fn drafts(&self) -> Result<Vec<Vec<u8>>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT envelope FROM draft ORDER BY number, round, id")?;
        Ok(q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Stores a draft, or the same one with more signatures.
    pub fn put_draft(
        &self,
        id: &[u8; 32],
        number: u64,
        round: u64,
        envelope: &[u8],
    ) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO draft VALUES(?1, ?2, ?3, ?4)")?
            .execute((&id[..], number, round, envelope))?;
        Ok(())
    }

    /// Second valid successors of a number.
    pub fn forks(&self) -> Result<Vec<Vec<u8>>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT envelope FROM fork ORDER BY id")?;
        Ok(q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Keeps a second valid successor of a number.
    pub fn put_fork(&self, id: &[u8; 32], envelope: &[u8]) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO fork VALUES(?1, ?2)")?
            .execute((&id[..], envelope))?;
        Ok(())
    }

    /// All successions, in an order in which each follows what it needs.
    pub fn successions(&self) -> Result<Vec<Vec<u8>>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT envelope FROM succession ORDER BY log, epoch")?;
        Ok(q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Stores a succession.
    pub fn put_succession(&self, log: &str, epoch: u64, envelope: &[u8]) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO succession VALUES(?1, ?2, ?3)")?
            .execute((log, epoch, envelope))?;
        Ok(())
    }
}
