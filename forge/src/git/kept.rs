//! What refs left behind: a forced push or a deletion takes history from a ref, and for a while it can be had back.
//!
//! Such a commit is held by `refs/commun/kept/<day>/<oid>`, which no client is shown (`transfer.hideRefs`) and no push
//! can name. The day stands in the name, so that nothing else needs to remember it.

use super::command::{Error, Role};
use super::refname::KEPT;
use super::{Oid, RefMove, RefName, Repository};

/// How long it is held, in days: as long as stock Git keeps what a reflog alone names.
pub const KEPT_DAYS: u64 = 30;

impl Repository {
    /// Holds these objects from `today` (days since 1970) on, and lets go of what was held for [`KEPT_DAYS`].
    ///
    /// # Errors
    /// Git fails, or an object is not here; then none is held.
    pub async fn keep(&self, oids: &[Oid], today: u64) -> Result<(), Error> {
        let mut moves = self.expired(today).await?;
        moves.extend(oids.iter().map(|oid| RefMove {
            name: RefName::kept(today, oid),
            old: None,
            new: Some(oid.clone()),
        }));
        self.update_refs(&moves).await
    }

    /// Lets go of what was held for [`KEPT_DAYS`]; answers how many objects that was.
    ///
    /// # Errors
    /// Git fails.
    pub async fn forget_kept(&self, today: u64) -> Result<usize, Error> {
        let moves = self.expired(today).await?;
        self.update_refs(&moves).await?;
        Ok(moves.len())
    }

    async fn expired(&self, today: u64) -> Result<Vec<RefMove>, Error> {
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        command.args(["for-each-ref", "--format=%(refname)", KEPT]);
        let answer = self.git.run(command, "for-each-ref", &[]).await?;
        let text = String::from_utf8_lossy(&answer);
        let read = |line: &str| {
            let (day, oid) = line.strip_prefix(KEPT)?.split_once('/')?;
            let day: u64 = day.parse().ok()?;
            let over = day.saturating_add(KEPT_DAYS) < today;
            over.then_some(RefName::kept(day, &Oid::parse(oid).ok()?))
        };
        let gone = text.lines().filter_map(read).map(|name| RefMove {
            name,
            old: None,
            new: None,
        });
        Ok(gone.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::testing::Bench;
    use super::super::{ObjectFormat, ServiceKind};

    #[tokio::test]
    async fn what_a_ref_left_behind_is_held_hidden_and_let_go() {
        let bench = Bench::new();
        let made = bench.repos.create("abc", "main", ObjectFormat::Sha1);
        let repo = made.await.unwrap();
        let old = bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
        repo.keep(std::slice::from_ref(&old), 100).await.unwrap();
        repo.set_refs(&BTreeMap::new()).await.unwrap();
        let all = bench.git(&repo, &["for-each-ref", "--format=%(refname)"]);
        assert_eq!(all, format!("refs/commun/kept/100/{old}"));
        assert!(repo.refs().await.unwrap().is_empty());
        for protocol in ["version=0", "version=2"] {
            let body = repo.info_refs(ServiceKind::UploadPack, Some(protocol));
            let body = body.await.unwrap();
            assert!(!String::from_utf8_lossy(&body).contains("kept"));
        }
        repo.keep(&[], 130).await.unwrap();
        assert_eq!(repo.forget_kept(130).await.unwrap(), 0);
        assert_eq!(repo.forget_kept(131).await.unwrap(), 1);
        assert_eq!(bench.git(&repo, &["for-each-ref"]), "");
    }
}
