//! Merging in a bare repository: no work tree, no index, no driver that a repository names.
//!
//! `git merge-tree --write-tree` computes the tree and `git commit-tree` makes the commit; both only add objects. No
//! ref moves here: whoever asked states the result and moves it as any push.

use std::{collections::BTreeSet, fs};

use super::check::to_library;
use super::command::{Error, Role};
use super::repos::sync_folder;
use super::running::{End, Running};
use super::{ObjectFormat, Oid, Repository};

/// Files in conflict that are named; a page or a terminal needs no more.
const MAX_CONFLICTS: usize = 200;

/// Longest name and subject that a summary keeps, in columns.
const MAX_SUBJECT: usize = 300;
const MAX_NAME: usize = 100;

/// Longest message of a commit that is read whole, bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// Who made a commit, as it will say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    /// The name; Git drops line ends and angle brackets.
    pub name: String,
    /// An e-mail address, or what stands for one.
    pub email: String,
}

/// What became of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// A commit with both as parents, whole and on the disk.
    Commit(Oid),
    /// Both changed the same places of these files (at most 200 names).
    Conflict(Vec<String>),
    /// They have no commit in common.
    Unrelated,
}

/// A commit in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitLine {
    /// The commit.
    pub oid: Oid,
    /// The author's name as stated.
    pub author: String,
    /// When, in seconds since 1970; stated, too.
    pub time: i64,
    /// The first line of the message, at most 300 columns.
    pub subject: String,
}

impl Repository {
    /// Whether `old` is `new` or in its history; `None` while one of them is not here. Reads as far as history is deep.
    ///
    /// # Errors
    /// The disk, or Git.
    pub async fn has_merged(&self, new: &Oid, old: &Oid) -> Result<Option<bool>, Error> {
        if self.format() == ObjectFormat::Sha1 {
            let (repository, new, old) = (self.clone(), new.clone(), old.clone());
            let compare = move || {
                let library = repository.libgit()?;
                let read = || -> Result<bool, git2::Error> {
                    let (new, old) = (to_library(&new)?, to_library(&old)?);
                    library.find_commit(new)?;
                    library.find_commit(old)?;
                    Ok(new == old || library.graph_descendant_of(new, old)?)
                };
                match read() {
                    Ok(yes) => Ok(Some(yes)),
                    Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
                    Err(error) => Err(Error::Refused {
                        command: "compare histories".to_owned(),
                        message: error.message().to_owned(),
                    }),
                }
            };
            let compared = tokio::task::spawn_blocking(compare).await;
            return compared.map_err(|error| Error::io("compare histories")(error.into()))?;
        }
        if self
            .holds(&[new.clone(), old.clone()])
            .await?
            .contains(&false)
        {
            return Ok(None);
        }
        let (status, _) = self
            .told(&["merge-base", "--is-ancestor", old.as_str(), new.as_str()])
            .await?;
        Ok(Some(status == 0))
    }

    /// The best commit that both have; `None` where there is none.
    ///
    /// # Errors
    /// Git fails, or one of them is no commit here.
    pub async fn merge_base(&self, a: &Oid, b: &Oid) -> Result<Option<Oid>, Error> {
        let (status, out) = self.told(&["merge-base", a.as_str(), b.as_str()]).await?;
        let text = String::from_utf8_lossy(&out);
        match status {
            0 => Ok(text.lines().next().and_then(|line| Oid::parse(line).ok())),
            1 => Ok(None),
            _ => Err(refused("merge-base", &out)),
        }
    }

    /// The commits that `new` brings beyond `known`, newest first, at most `limit`; and how many there are in all.
    ///
    /// # Errors
    /// Git fails, or one of them is no commit here.
    pub async fn commits_beyond(
        &self,
        new: &Oid,
        known: &[Oid],
        limit: usize,
    ) -> Result<(Vec<CommitLine>, u64), Error> {
        let most = format!("--max-count={limit}");
        let format = format!(
            "--format=%H%x00%at%x00%<({MAX_NAME},trunc)%an%x00%<({MAX_SUBJECT},trunc)%s%x00"
        );
        let range = || {
            let known = known.iter().map(Oid::as_str);
            std::iter::once(new.as_str())
                .chain(std::iter::once("--not"))
                .chain(known)
                .chain(std::iter::once("--"))
        };
        let mut list = vec!["log", "--no-color", "--no-show-signature", &most, &format];
        list.extend(range());
        let (status, out) = self.told(&list).await?;
        if status != 0 {
            return Err(refused("log", &out));
        }
        let text = String::from_utf8_lossy(&out);
        let mut parts = text.split('\0').map(str::trim);
        let mut commits = Vec::new();
        while let (Some(oid), Some(time), Some(author), Some(subject)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        {
            let Ok(oid) = Oid::parse(oid) else { break };
            commits.push(CommitLine {
                oid,
                author: author.to_owned(),
                time: time.parse().unwrap_or(0),
                subject: subject.to_owned(),
            });
        }
        let mut count = vec!["rev-list", "--count"];
        count.extend(range());
        let (status, out) = self.told(&count).await?;
        if status != 0 {
            return Err(refused("rev-list", &out));
        }
        let all = String::from_utf8_lossy(&out).trim().parse().unwrap_or(0);
        Ok((commits, all))
    }

    /// What the objects take on the disk that these commits need and `known` do not, in bytes.
    ///
    /// # Errors
    /// Git fails, or one of them is not here.
    pub async fn size_beyond(&self, new: &[Oid], known: &[Oid]) -> Result<u64, Error> {
        // By standard input: there may be more than a command line holds.
        let mut input: String = new.iter().map(|oid| format!("{oid}\n")).collect();
        input.extend(known.iter().map(|oid| format!("^{oid}\n")));
        let mut command = self.git.command(Role::Ingest, &self.path, &[], None);
        command.args(["rev-list", "--objects", "--disk-usage", "--stdin"]);
        let out = self.git.run(command, "rev-list", input.as_bytes()).await?;
        Ok(String::from_utf8_lossy(&out).trim().parse().unwrap_or(0))
    }

    /// The commits of the merge requests that are refs here, parted by whether a branch at `new` contains them: one walk
    /// for all.
    ///
    /// # Errors
    /// `new` is not here, or Git fails.
    pub async fn requests_merged(
        &self,
        new: &Oid,
    ) -> Result<(BTreeSet<Oid>, BTreeSet<Oid>), Error> {
        let mut parts = [BTreeSet::new(), BTreeSet::new()];
        for (part, which) in parts.iter_mut().zip(["--merged", "--no-merged"]) {
            let mut command = self.git.command(Role::Serve, &self.path, &[], None);
            command.args([
                "for-each-ref",
                "--format=%(objectname)",
                which,
                new.as_str(),
            ]);
            command.arg("refs/merge-requests/");
            let listed = self.git.run(command, "for-each-ref", &[]).await?;
            let listed = String::from_utf8_lossy(&listed);
            part.extend(listed.lines().filter_map(|line| Oid::parse(line).ok()));
        }
        Ok(parts.into())
    }

    /// A commit's tree, and its parents in their order.
    ///
    /// # Errors
    /// It is no commit here, or Git fails.
    pub async fn tree_and_parents(&self, commit: &Oid) -> Result<(Oid, Vec<Oid>), Error> {
        let (status, out) = self.one_commit(commit, "--format=%T %P").await?;
        let text = String::from_utf8_lossy(&out);
        let mut oids = text.split_whitespace().map(Oid::parse);
        match (status, oids.next()) {
            (0, Some(Ok(tree))) => Ok((tree, oids.filter_map(Result::ok).collect())),
            _ => Err(refused("log", &out)),
        }
    }

    /// One commit in a format of `git log`, whatever the configuration says of logs.
    async fn one_commit(&self, commit: &Oid, format: &str) -> Result<(i32, Vec<u8>), Error> {
        let fixed = ["log", "--max-count=1", "--no-color", "--no-show-signature"];
        let args: Vec<&str> = fixed
            .into_iter()
            .chain([format, commit.as_str(), "--"])
            .collect();
        self.told(&args).await
    }

    /// A commit's message.
    ///
    /// # Errors
    /// It has more than a mebibyte, is no commit, or Git fails.
    pub async fn message_of(&self, commit: &Oid) -> Result<String, Error> {
        let (status, out) = self.one_commit(commit, "--format=%B").await?;
        if status != 0 {
            return Err(refused("log", &out));
        }
        if out.len() > MAX_MESSAGE {
            return Err(Error::Limit("log".to_owned()));
        }
        Ok(String::from_utf8_lossy(&out).trim().to_owned())
    }

    /// Merges `theirs` into `ours`. The commit and what it needs are durable when this returns; no ref moves.
    ///
    /// # Errors
    /// Git fails, or one of them is no commit here.
    pub async fn merge(
        &self,
        ours: &Oid,
        theirs: &Oid,
        message: &str,
        author: &Ident,
        committer: &Ident,
    ) -> Result<Merged, Error> {
        if self.merge_base(ours, theirs).await?.is_none() {
            return Ok(Merged::Unrelated);
        }
        let (status, out) = self
            .told(&[
                "merge-tree",
                "--write-tree",
                "-z",
                "--name-only",
                "--no-messages",
                ours.as_str(),
                theirs.as_str(),
            ])
            .await?;
        let text = String::from_utf8_lossy(&out);
        let mut parts = text.split('\0').map(|part| part.trim_end_matches('\n'));
        let tree = parts.next().and_then(|oid| Oid::parse(oid).ok());
        let tree = match (status, tree) {
            (0, Some(tree)) => tree,
            (1, Some(_)) => {
                let names = parts.filter(|name| !name.is_empty());
                return Ok(Merged::Conflict(
                    names.take(MAX_CONFLICTS).map(str::to_owned).collect(),
                ));
            }
            _ => return Err(refused("merge-tree", &out)),
        };
        let mut command = self.git.command(Role::Ingest, &self.path, &[], None);
        command.args([
            "commit-tree",
            tree.as_str(),
            "-p",
            ours.as_str(),
            "-p",
            theirs.as_str(),
            "-F",
            "-",
        ]);
        command
            .env("GIT_AUTHOR_NAME", &author.name)
            .env("GIT_AUTHOR_EMAIL", &author.email)
            .env("GIT_COMMITTER_NAME", &committer.name)
            .env("GIT_COMMITTER_EMAIL", &committer.email);
        let made = self
            .git
            .run(command, "commit-tree", message.as_bytes())
            .await?;
        let made = Oid::parse(String::from_utf8_lossy(&made).trim())
            .map_err(|_| refused("commit-tree", &made))?;
        self.flush_loose()?;
        Ok(Merged::Commit(made))
    }

    /// Flushes the folders of loose objects: Git has flushed the files (`core.fsync`), not their names.
    fn flush_loose(&self) -> Result<(), Error> {
        let objects = self.path.join("objects");
        let flush = || -> std::io::Result<()> {
            for entry in fs::read_dir(&objects)? {
                let entry = entry?;
                if entry.file_name().len() == 2 {
                    sync_folder(&entry.path())?;
                }
            }
            sync_folder(&objects)
        };
        flush().map_err(Error::io("flush the objects' folder"))
    }

    /// Runs a command that answers by its exit status, too.
    async fn told(&self, args: &[&str]) -> Result<(i32, Vec<u8>), Error> {
        let mut command = self.git.command(Role::Ingest, &self.path, &[], None);
        command.args(args);
        let running = Running::spawn(&mut command, End::Now)?;
        let what = args.first().copied().unwrap_or_default();
        let output = tokio::time::timeout(super::command::SHORT_COMMAND, running.finish(&[]))
            .await
            .map_err(|_| Error::Limit(what.to_owned()))?
            .map_err(Error::io("run git"))?;
        if output.stdout.len() as u64 > super::command::MAX_ANSWER {
            return Err(Error::Limit(what.to_owned()));
        }
        let status = output.status.code().unwrap_or(-1);
        if !(0..=1).contains(&status) {
            return Err(refused(what, &output.stderr));
        }
        Ok((status, output.stdout))
    }
}

fn refused(command: &str, said: &[u8]) -> Error {
    Error::Refused {
        command: command.to_owned(),
        message: super::command::clean(said),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::*;

    fn ana() -> Ident {
        Ident {
            name: "Ana <x>\nB".to_owned(),
            email: "ana@univ-a.commun.invalid".to_owned(),
        }
    }

    async fn merges(format: ObjectFormat) {
        let bench = Bench::new();
        let repo = bench.repos.create("abc", "main", format).await.unwrap();
        let base = bench.commit(&repo, "refs/heads/main", &[("a", b"1\n"), ("b", b"1\n")]);
        bench.git(&repo, &["update-ref", "refs/heads/side", base.as_str()]);
        let main = bench.commit(&repo, "refs/heads/main", &[("a", b"2\n")]);
        let side = bench.commit(&repo, "refs/heads/side", &[("b", b"2\n")]);
        let other = bench.commit(&repo, "refs/heads/other", &[("z", b"2\n")]);
        assert_eq!(repo.has_merged(&main, &side).await.unwrap(), Some(false));
        assert_eq!(repo.has_merged(&main, &base).await.unwrap(), Some(true));
        assert_eq!(
            repo.merge_base(&main, &side).await.unwrap(),
            Some(base.clone())
        );
        assert_eq!(repo.merge_base(&main, &other).await.unwrap(), None);
        let (commits, all) = repo
            .commits_beyond(&side, std::slice::from_ref(&main), 10)
            .await
            .unwrap();
        assert_eq!((commits.len(), all), (1, 1));
        assert_eq!(
            (&commits[0].oid, commits[0].subject.as_str()),
            (&side, "work")
        );
        assert_eq!(repo.message_of(&side).await.unwrap(), "work");
        let both = [main.clone(), base.clone()];
        assert!(
            repo.size_beyond(std::slice::from_ref(&side), &both)
                .await
                .unwrap()
                > 0
        );
        assert_eq!(repo.size_beyond(&both, &both).await.unwrap(), 0);

        let made = repo
            .merge(&main, &side, "Merge\n\nText", &ana(), &ana())
            .await
            .unwrap();
        let Merged::Commit(made) = made else {
            panic!("{made:?}")
        };
        assert_eq!(repo.has_merged(&made, &side).await.unwrap(), Some(true));
        assert_eq!(repo.message_of(&made).await.unwrap(), "Merge\n\nText");
        let shown = bench.git(&repo, &["log", "-1", "--format=%an %ae", made.as_str()]);
        assert_eq!(shown, "Ana xB ana@univ-a.commun.invalid");
        bench.git(&repo, &["fsck", "--strict"]);

        let clash = bench.commit(&repo, "refs/heads/side", &[("a", b"3\n"), ("d/c", b"3\n")]);
        let conflict = repo
            .merge(&main, &clash, "Merge", &ana(), &ana())
            .await
            .unwrap();
        assert_eq!(conflict, Merged::Conflict(vec!["a".to_owned()]));
        let unrelated = repo
            .merge(&main, &other, "Merge", &ana(), &ana())
            .await
            .unwrap();
        assert_eq!(unrelated, Merged::Unrelated);
        let missing = Oid::parse(&"1".repeat(format.hex_len())).unwrap();
        assert_eq!(repo.has_merged(&main, &missing).await.unwrap(), None);
        assert!(repo.merge_base(&main, &missing).await.is_err());
    }

    #[tokio::test]
    async fn a_merge_makes_a_commit_or_names_what_is_in_conflict() {
        merges(ObjectFormat::Sha1).await;
    }

    #[tokio::test]
    async fn a_merge_of_sha256_objects_is_made_alike() {
        merges(ObjectFormat::Sha256).await;
    }
}
