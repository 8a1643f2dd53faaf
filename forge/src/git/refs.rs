//! Moving refs: a projection of signed statements, never a truth of its own.

use std::collections::BTreeMap;
use std::fs;

use super::command::{Error, Role};
use super::{ObjectFormat, Oid, RefName, Repository};

/// One change of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefMove {
    /// Which ref.
    pub name: RefName,
    /// What it must be now; with `None` it is moved from wherever it stands.
    pub old: Option<Oid>,
    /// What it becomes; with `None` it is deleted.
    pub new: Option<Oid>,
}

/// A ref that could not be moved. The statement stands; the move is tried again.
#[derive(Debug)]
pub struct FailedMove {
    /// Which ref.
    pub name: RefName,
    /// What Git said.
    pub error: Error,
}

impl Repository {
    /// All refs below `refs/` with what they point at.
    pub async fn refs(&self) -> Result<BTreeMap<RefName, Oid>, Error> {
        let repository = self.clone();
        let read = move || repository.refs_in_library();
        // A process costs more than the answer; what the library cannot read is Git's.
        if let Ok(Some(refs)) = tokio::task::spawn_blocking(read).await {
            return Ok(refs);
        }
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        command.args(["for-each-ref", "--format=%(objectname) %(refname)"]);
        let answer = self.git.run(command, "for-each-ref", &[]).await?;
        let text = String::from_utf8_lossy(&answer);
        // A name that none of our rules lets in was put there by hand; it is not ours to serve or move.
        let read = |line: &str| {
            let (oid, name) = line.split_once(' ')?;
            Some((RefName::served(name).ok()?, Oid::parse(oid).ok()?))
        };
        Ok(text.lines().filter_map(read).collect())
    }

    /// The refs, by libgit2, where all of them are ones that it understands.
    fn refs_in_library(&self) -> Option<BTreeMap<RefName, Oid>> {
        if self.format() != ObjectFormat::Sha1 {
            return None;
        }
        let library = self.libgit().ok()?;
        let mut refs = BTreeMap::new();
        for found in library.references().ok()? {
            let found = found.ok()?;
            let oid = Oid::parse(&found.target()?.to_string()).ok()?;
            // As below.
            if let Ok(name) = RefName::served(found.name().ok()?) {
                refs.insert(name, oid);
            }
        }
        Some(refs)
    }

    /// Moves refs in one transaction: all, or none and an error. Each is flushed to disk.
    pub async fn update_refs(&self, moves: &[RefMove]) -> Result<(), Error> {
        if moves.is_empty() {
            return Ok(());
        }
        let mut input = Vec::new();
        for change in moves {
            let (name, old) = (change.name.as_str(), change.old.as_ref());
            let old = old.map(Oid::as_str).unwrap_or_default();
            match &change.new {
                Some(new) => {
                    input.extend_from_slice(format!("update {name}\0{new}\0{old}\0").as_bytes())
                }
                None => input.extend_from_slice(format!("delete {name}\0{old}\0").as_bytes()),
            }
        }
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        command.args(["update-ref", "--stdin", "-z", "--no-deref"]);
        self.git.run(command, "update-ref", &input).await?;
        Ok(())
    }

    /// Makes the refs equal to `wanted`: creates, moves and deletes.
    ///
    /// Deletions first, then the rest in one transaction; if that fails, ref by ref in the order of names.
    /// Those that still fail are answered. The caller leaves directory/file conflicts out of `wanted`.
    pub async fn set_refs(
        &self,
        wanted: &BTreeMap<RefName, Oid>,
    ) -> Result<Vec<FailedMove>, Error> {
        let present = self.refs().await?;
        let gone = present
            .iter()
            .filter(|(name, _)| !wanted.contains_key(*name));
        let deletions: Vec<_> = gone
            .map(|(name, _)| RefMove {
                name: name.clone(),
                old: None,
                new: None,
            })
            .collect();
        let changed = wanted
            .iter()
            .filter(|(name, oid)| present.get(*name) != Some(*oid));
        let updates: Vec<_> = changed
            .map(|(name, oid)| RefMove {
                name: name.clone(),
                old: None,
                new: Some(oid.clone()),
            })
            .collect();
        let mut failed = Vec::new();
        for moves in [deletions, updates] {
            if self.update_refs(&moves).await.is_ok() {
                continue;
            }
            for one in moves {
                self.remove_broken(&one.name);
                if let Err(error) = self.update_refs(std::slice::from_ref(&one)).await {
                    failed.push(FailedMove {
                        name: one.name,
                        error,
                    });
                }
            }
        }
        Ok(failed)
    }

    /// A power cut on some file systems leaves an empty ref file, which Git refuses to overwrite.
    fn remove_broken(&self, name: &RefName) {
        let file = self.path.join(name.as_str());
        let broken = fs::read(&file).is_ok_and(|bytes| bytes.iter().all(|b| *b == 0));
        if broken {
            let _ = fs::remove_file(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ObjectFormat;
    use super::super::testing::Bench;
    use super::*;

    fn name(text: &str) -> RefName {
        RefName::parse(text).unwrap()
    }

    #[tokio::test]
    async fn refs_move_together_or_not_at_all() {
        let bench = Bench::new();
        let repo = bench
            .repos
            .create("abc", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let one = bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
        let two = bench.commit(&repo, "refs/heads/other", &[("a", b"2")]);
        let good = RefMove {
            name: name("refs/heads/main"),
            old: Some(one.clone()),
            new: Some(two.clone()),
        };
        let stale = RefMove {
            name: name("refs/heads/other"),
            old: Some(one.clone()),
            new: None,
        };
        let tag = RefMove {
            name: name("refs/tags/v1"),
            old: None,
            new: Some(one.clone()),
        };
        assert!(
            repo.update_refs(&[good.clone(), stale, tag.clone()])
                .await
                .is_err()
        );
        assert_eq!(repo.refs().await.unwrap()[&name("refs/heads/main")], one);
        repo.update_refs(&[good, tag]).await.unwrap();
        let refs = repo.refs().await.unwrap();
        assert_eq!(refs[&name("refs/heads/main")], two);
        assert_eq!(refs[&name("refs/tags/v1")], one);
    }

    #[tokio::test]
    async fn the_refs_become_what_the_catalogue_says_even_over_broken_files() {
        let bench = Bench::new();
        let repo = bench
            .repos
            .create("abc", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let one = bench.commit(&repo, "refs/heads/a", &[("a", b"1")]);
        bench.commit(&repo, "refs/heads/gone", &[("a", b"2")]);
        fs::write(repo.path().join("refs/heads/main"), "").unwrap();
        let diverged = RefName::diverged("angers", &name("refs/heads/main")).unwrap();
        let wanted = BTreeMap::from([
            // `refs/heads/a` makes room for a folder of its name.
            (name("refs/heads/a/b"), one.clone()),
            (name("refs/heads/main"), one.clone()),
            (diverged, one.clone()),
        ]);
        let failed = repo.set_refs(&wanted).await.unwrap();
        assert!(failed.is_empty(), "{failed:?}");
        assert_eq!(repo.refs().await.unwrap(), wanted);
        let missing = Oid::parse(&"1".repeat(40)).unwrap();
        let mut more = wanted.clone();
        more.insert(name("refs/heads/missing"), missing);
        let failed = repo.set_refs(&more).await.unwrap();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].name, name("refs/heads/missing"));
    }
}
