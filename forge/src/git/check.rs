//! What must be true of a push before a statement about it is signed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::command::{Error, Role};
use super::proc_receive::Command;
use super::{Fault, ObjectFormat, Oid, RefName, Repository};

/// What one command of a push does to the head that is served, as Git's objects show it. Whether that is allowed is
/// the policy's question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The ref has no head yet.
    Create,
    /// The new commit contains the head of the branch that is served.
    FastForward,
    /// The new object does not contain it, or the ref is a tag that moves: history that people have seen leaves
    /// the ref.
    Forced,
    /// The ref is deleted.
    Delete,
    /// All heads of the ref are what is pushed.
    Unchanged,
    /// The head that is served is not here, so nobody can say what the new commit contains of it.
    Behind,
    /// Never allowed, and why.
    Refused(Fault),
}

/// What one command does to all heads of its ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What it does to the one that is served.
    pub verdict: Verdict,
    /// The heads that the new commit contains, itself included if it is one.
    pub contains: Vec<Oid>,
}

impl From<Verdict> for Judged {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            contains: Vec::new(),
        }
    }
}

/// What an object is, as far as refs care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Commit,
    Tag,
    Other,
}

/// Questions about objects: by libgit2, or by the program for repositories that libgit2 cannot read.
enum Objects {
    /// Behind a lock, because libgit2's handle is not for two threads at once.
    Library(Arc<Mutex<git2::Repository>>),
    Program,
}

impl Repository {
    /// Looks at each command of a push, in order, against the heads that the catalogue knows for its ref, the
    /// served one first.
    ///
    /// Run it when receive-pack has taken the objects in (it has checked that they are whole and
    /// connected), under the repository's lock. It reads the disk: about a millisecond for a push of one
    /// commit, but as long as history is deep when a push rewrites it.
    pub async fn check_push(
        &self,
        commands: &[Command],
        heads: &BTreeMap<RefName, Vec<Oid>>,
    ) -> Result<Vec<Judged>, Error> {
        let objects = self.objects()?;
        let mut verdicts = Vec::with_capacity(commands.len());
        for command in commands {
            let name = match RefName::parse(&command.name) {
                Ok(name) => name,
                Err(error) => {
                    verdicts.push(Verdict::Refused(error.into()).into());
                    continue;
                }
            };
            let known = heads.get(&name).map(Vec::as_slice).unwrap_or_default();
            verdicts.push(
                self.check_one(&objects, &name, command.new.as_ref(), known)
                    .await?,
            );
        }
        Ok(verdicts)
    }

    fn objects(&self) -> Result<Objects, Error> {
        Ok(match self.format() {
            ObjectFormat::Sha1 => Objects::Library(Arc::new(Mutex::new(self.libgit()?))),
            ObjectFormat::Sha256 => Objects::Program,
        })
    }

    async fn check_one(
        &self,
        objects: &Objects,
        name: &RefName,
        new: Option<&Oid>,
        heads: &[Oid],
    ) -> Result<Judged, Error> {
        let Some(new) = new else {
            return Ok(match heads {
                [] => Verdict::Refused(Fault::NothingToDelete).into(),
                _ => Verdict::Delete.into(),
            });
        };
        let refused = |why: Fault| Ok(Verdict::Refused(why).into());
        match self.kind(objects, new).await? {
            None => return refused(Fault::Missing),
            Some(Kind::Commit) => {}
            Some(Kind::Tag) if !name.is_branch() => {}
            Some(_) if name.is_branch() => return refused(Fault::BranchOfOther),
            Some(_) => return refused(Fault::TagOfOther),
        }
        let Some(served) = heads.first() else {
            return Ok(Verdict::Create.into());
        };
        if heads.iter().all(|head| head == new) {
            return Ok(Verdict::Unchanged.into());
        }
        let mut verdict = Verdict::Forced;
        let mut contains = Vec::new();
        for head in heads {
            let within = match self.kind(objects, head).await? {
                _ if head == new => true,
                Some(Kind::Commit) if name.is_branch() => self.contains(objects, new, head).await?,
                Some(_) => false,
                None if head == served => {
                    verdict = Verdict::Behind;
                    false
                }
                None => false,
            };
            if within {
                contains.push(head.clone());
                if head == served && name.is_branch() {
                    verdict = Verdict::FastForward;
                }
            }
        }
        Ok(Judged { verdict, contains })
    }

    /// Which of the old commits these moves leave behind: the old is gone, or is not in the history of the new.
    /// What is not here is left out. `moves`: old, and new if the ref stays.
    pub async fn left_behind(&self, moves: &[(Oid, Option<Oid>)]) -> Result<Vec<Oid>, Error> {
        let objects = self.objects()?;
        let mut left = Vec::new();
        for (old, new) in moves {
            let Some(kind) = self.kind(&objects, old).await? else {
                continue;
            };
            let within = match new {
                None => false,
                Some(new) if new == old => true,
                Some(new) if kind == Kind::Commit => {
                    self.kind(&objects, new).await? == Some(Kind::Commit)
                        && self.contains(&objects, new, old).await?
                }
                Some(_) => false,
            };
            if !within && !left.contains(old) {
                left.push(old.clone());
            }
        }
        Ok(left)
    }

    pub(super) fn libgit(&self) -> Result<git2::Repository, Error> {
        let open = || git2::Repository::open_bare(&self.path);
        open().map_err(|error| library_error("open", &error))
    }

    async fn kind(&self, objects: &Objects, oid: &Oid) -> Result<Option<Kind>, Error> {
        match objects {
            Objects::Library(library) => {
                let library = lock(library);
                let found = library
                    .odb()
                    .and_then(|odb| odb.read_header(to_library(oid)?));
                match found {
                    Ok((_, git2::ObjectType::Commit)) => Ok(Some(Kind::Commit)),
                    Ok((_, git2::ObjectType::Tag)) => Ok(Some(Kind::Tag)),
                    Ok(_) => Ok(Some(Kind::Other)),
                    Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
                    Err(error) => Err(library_error("read an object", &error)),
                }
            }
            Objects::Program => {
                let mut command = self.git.command(Role::Ingest, &self.path, &[], None);
                command.args(["cat-file", "--batch-check=%(objecttype)"]);
                let answer = self
                    .git
                    .run(command, "cat-file", format!("{oid}\n").as_bytes())
                    .await?;
                Ok(match &*String::from_utf8_lossy(&answer) {
                    "commit\n" => Some(Kind::Commit),
                    "tag\n" => Some(Kind::Tag),
                    "tree\n" | "blob\n" => Some(Kind::Other),
                    _ => None,
                })
            }
        }
    }

    /// Whether `old` is in the history of `new`. Both are commits here.
    async fn contains(&self, objects: &Objects, new: &Oid, old: &Oid) -> Result<bool, Error> {
        match objects {
            Objects::Library(library) => {
                // As long as history is deep: not on a thread that serves others.
                let (library, new, old) = (library.clone(), new.clone(), old.clone());
                let compare = move || {
                    let (new, old) = (to_library(&new)?, to_library(&old)?);
                    lock(&library).graph_descendant_of(new, old)
                };
                tokio::task::spawn_blocking(compare)
                    .await
                    .map_err(|error| Error::io("compare histories")(error.into()))?
                    .map_err(|error| library_error("compare histories", &error))
            }
            Objects::Program => {
                let mut command = self.git.command(Role::Ingest, &self.path, &[], None);
                command.args([
                    "rev-list",
                    "--max-count=1",
                    old.as_str(),
                    "--not",
                    new.as_str(),
                    "--",
                ]);
                let answer = self.git.run(command, "rev-list", &[]).await?;
                Ok(answer.is_empty())
            }
        }
    }
}

/// A panic while it was held harmed nothing: the library only reads.
fn lock(library: &Mutex<git2::Repository>) -> MutexGuard<'_, git2::Repository> {
    library.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn to_library(oid: &Oid) -> Result<git2::Oid, git2::Error> {
    git2::Oid::from_str(oid.as_str())
}

fn library_error(action: &str, error: &git2::Error) -> Error {
    Error::Refused {
        command: action.to_owned(),
        message: error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::*;

    async fn every_verdict(format: ObjectFormat) {
        let bench = Bench::new();
        let repo = bench.repos.create("abc", "main", format).await.unwrap();
        let one = bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
        let two = bench.commit(&repo, "refs/heads/main", &[("a", b"2")]);
        let side = bench.commit(&repo, "refs/heads/side", &[("a", b"3")]);
        let blob = Oid::parse(&bench.git(&repo, &["rev-parse", "main:a"])).unwrap();
        let missing = Oid::parse(&"1".repeat(format.hex_len())).unwrap();
        let main = RefName::parse("refs/heads/main").unwrap();
        let tag = RefName::parse("refs/tags/v1").unwrap();
        let gone = RefName::parse("refs/heads/gone").unwrap();
        let check = async |name: &RefName, new: Option<&Oid>, heads: &[&Oid]| {
            let heads = heads.iter().map(|oid| (*oid).clone()).collect();
            let command = Command {
                old: None,
                new: new.cloned(),
                name: name.to_string(),
            };
            let heads = BTreeMap::from([(name.clone(), heads)]);
            repo.check_push(&[command], &heads).await.unwrap().remove(0)
        };
        let merge = format!(
            "commit refs/heads/both\ncommitter Ana <ana@example.org> 1700000000 +0000\ndata 5\nmerge\n\
             from {two}\nmerge {side}\n"
        );
        bench.git_with(&repo, &["fast-import", "--quiet"], merge.as_bytes());
        let both = Oid::parse(&bench.git(&repo, &["rev-parse", "both"])).unwrap();
        for (name, new, heads, verdict) in [
            (&main, Some(&one), &[][..], Verdict::Create),
            (&main, Some(&two), &[&one], Verdict::FastForward),
            (&main, Some(&two), &[&two], Verdict::Unchanged),
            (&main, Some(&one), &[&two], Verdict::Forced),
            (&main, Some(&two), &[&missing], Verdict::Behind),
            (&main, None, &[&two], Verdict::Delete),
            (&tag, Some(&two), &[&one], Verdict::Forced),
        ] {
            assert_eq!(
                check(name, new, heads).await.verdict,
                verdict,
                "{name} {new:?}"
            );
        }
        // Of several heads, the served one decides; the others that are contained are named.
        for (new, heads, verdict, contains) in [
            (&two, [&one, &side], Verdict::FastForward, vec![&one]),
            (&two, [&side, &one], Verdict::Forced, vec![&one]),
            (
                &both,
                [&two, &side],
                Verdict::FastForward,
                vec![&two, &side],
            ),
            (&two, [&two, &side], Verdict::FastForward, vec![&two]),
            (&two, [&one, &missing], Verdict::FastForward, vec![&one]),
        ] {
            let judged = check(&main, Some(new), &heads).await;
            assert_eq!(judged.verdict, verdict);
            assert_eq!(judged.contains.iter().collect::<Vec<_>>(), contains);
        }
        let moves = [
            (one.clone(), Some(two.clone())),
            (two.clone(), Some(one.clone())),
            (side.clone(), None),
            (missing.clone(), None),
        ];
        assert_eq!(repo.left_behind(&moves).await.unwrap(), [two.clone(), side]);
        for (name, new, heads) in [
            (&main, Some(&blob), &[][..]),
            (&tag, Some(&blob), &[]),
            (&main, Some(&missing), &[]),
            (&gone, None, &[]),
        ] {
            let verdict = check(name, new, heads).await.verdict;
            assert!(
                matches!(verdict, Verdict::Refused(_)),
                "{name} {new:?} {verdict:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_push_is_judged_by_the_history_it_brings() {
        every_verdict(ObjectFormat::Sha1).await;
    }

    #[tokio::test]
    async fn a_push_of_sha256_objects_is_judged_alike() {
        every_verdict(ObjectFormat::Sha256).await;
    }
}
