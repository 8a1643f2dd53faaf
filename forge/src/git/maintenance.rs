//! Keeping a repository fast without an operator: its packs, the indexes over them, its refs.
//!
//! Nothing is ever dropped: what no ref reaches is packed with the rest, because statements may name it. Everything is
//! made beside what it replaces and put in its place by Git: ended at any moment, the repository is as good as before.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::command::{Error, Role, clean};
use super::running::{End, Running};
use super::{Repository, sys};

/// Repositories that are packed in fewer bytes have one pack and nothing more: a bitmap and a commit graph save less
/// than the files cost.
const SMALL: u64 = 1 << 20;

/// Packs beyond those that were left the last time; a push brings one.
const MORE_PACKS: usize = 5;

/// Objects outside packs, in one of 256 folders: Git's own measure of 6,700 in all.
const LOOSE_IN_ONE: usize = 27;

/// Refs in files of their own.
const LOOSE_REFS: usize = 50;

/// How long one step may take.
const WALL: Duration = Duration::from_secs(3600);

/// What a repository looks like on the disk. Cheap to find out: it reads a few folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wear {
    /// Packs.
    pub packs: usize,
    /// Bytes in packs.
    pub bytes: u64,
    /// Whether a large one lacks its indexes.
    pub bare: bool,
    /// Whether there are many objects outside packs.
    pub loose: bool,
    /// Whether there are many refs in files of their own.
    pub scattered: bool,
}

impl Wear {
    /// Whether there is something to do. `left`: how many packs there were after the last time, if there was one.
    pub fn needs(&self, left: Option<usize>) -> bool {
        let before = left.unwrap_or(1);
        self.bare || self.loose || self.scattered || self.packs >= before + MORE_PACKS
    }
}

impl Repository {
    /// Looks at the repository. Blocks on the disk for a moment.
    pub fn wear(&self) -> Wear {
        let pack = self.path.join("objects/pack");
        let names = names(&pack);
        let bytes = self.packed_bytes();
        let bitmap = names.iter().any(|name| name.ends_with(".bitmap"));
        let graph = self
            .path
            .join("objects/info/commit-graphs/commit-graph-chain");
        Wear {
            packs: names.iter().filter(|name| name.ends_with(".pack")).count(),
            bytes,
            bare: bytes >= SMALL && !(bitmap && graph.exists()),
            loose: names_in(&self.path.join("objects/17")) > LOOSE_IN_ONE,
            scattered: count_files(&self.path.join("refs"), LOOSE_REFS + 1) > LOOSE_REFS,
        }
    }

    /// Packs what came since the last time, and brings the indexes up to date. Runs at the lowest priority, one process
    /// after the other, and is ended when the future is dropped.
    ///
    /// # Errors
    /// Git fails or takes too long. The repository works all the same.
    pub async fn maintain(&self) -> Result<(), Error> {
        if self.wear().scattered {
            self.humble("pack-refs", &["pack-refs", "--all", "--prune"])
                .await?;
        }
        if self.packed_bytes() < SMALL {
            let repack = ["repack", "-a", "-d", "-q", "--keep-unreachable"];
            self.humble("repack", &repack).await?;
        } else {
            let repack = [
                "repack",
                "--geometric=2",
                "-d",
                "-q",
                "--write-midx",
                "--write-bitmap-index",
            ];
            self.humble("repack", &repack).await?;
            let graph = [
                "commit-graph",
                "write",
                "--reachable",
                "--changed-paths",
                "--split",
                "--no-progress",
            ];
            self.humble("commit-graph", &graph).await?;
        }
        Ok(())
    }

    async fn humble(&self, what: &str, args: &[&str]) -> Result<(), Error> {
        // Indexes that a power cut damages would be believed: everything is flushed.
        let config = [
            ("core.fsync", "all"),
            ("pack.threads", "1"),
            ("repack.writeBitmaps", "false"),
        ];
        let mut command = self.git.command(Role::Maintain, &self.path, &config, None);
        sys::humble(&mut command);
        command.args(args).stdout(Stdio::null());
        let running = Running::spawn(&mut command, End::Now)?;
        let output = tokio::time::timeout(WALL, running.finish(&[]))
            .await
            .map_err(|_| Error::Limit(what.to_owned()))?
            .map_err(Error::io("run git"))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(Error::Refused {
                command: what.to_owned(),
                message: clean(&output.stderr),
            }),
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn names_in(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Counts the files below a folder, up to `most`. Not recursive in code: refs are as deep as names that people chose.
fn count_files(top: &Path, most: usize) -> usize {
    let (mut count, mut folders) = (0, vec![top.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => count += 1,
            }
            if count >= most {
                return count;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::super::{ObjectFormat, Oid};
    use super::*;

    /// Some commits, each in a pack of its own, as pushes bring them.
    async fn worn(bench: &Bench, packs: usize, size: usize) -> (Repository, Oid) {
        let repo = bench
            .repos
            .create("abc", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let mut state = 1_u64;
        for _ in 0..packs {
            let mut noise = vec![0; size];
            for byte in &mut noise {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                *byte = (state >> 56) as u8;
            }
            bench.commit(&repo, "refs/heads/main", &[("noise", &noise)]);
            bench.git(&repo, &["repack", "-dq"]);
        }
        let tip = Oid::parse(&bench.git(&repo, &["rev-parse", "main"])).unwrap();
        (repo, tip)
    }

    fn fsck(bench: &Bench, repo: &Repository) {
        bench.git(repo, &["fsck", "--strict", "--full", "--no-dangling"]);
        bench.git(repo, &["multi-pack-index", "verify"]);
        bench.git(repo, &["commit-graph", "verify"]);
    }

    #[tokio::test]
    async fn a_small_repository_becomes_one_pack_and_few_files() {
        let bench = Bench::new();
        let (repo, _) = worn(&bench, 8, 1000).await;
        let orphan = bench.git_with(
            &repo,
            &["hash-object", "-w", "--stdin"],
            b"no ref reaches it",
        );
        assert!(repo.wear().needs(None));
        assert!(!repo.wear().needs(Some(8)));
        repo.maintain().await.unwrap();
        let after = repo.wear();
        assert_eq!(after.packs, 1);
        assert!(!after.needs(Some(after.packs)) && !after.needs(None));
        assert!(count_files(repo.path(), 100) <= 10);
        assert_eq!(bench.git(&repo, &["cat-file", "-t", &orphan]), "blob");
        fsck(&bench, &repo);
    }

    #[tokio::test]
    async fn a_large_one_gets_its_indexes_and_scattered_refs_are_packed() {
        let bench = Bench::new();
        let (repo, tip) = worn(&bench, 6, 400_000).await;
        for n in 0..60 {
            bench.git(
                &repo,
                &["update-ref", &format!("refs/tags/v{n}"), tip.as_str()],
            );
        }
        let before = repo.refs().await.unwrap();
        assert!(repo.wear().bare && repo.wear().scattered);
        repo.maintain().await.unwrap();
        let after = repo.wear();
        assert!(!after.needs(Some(after.packs)), "{after:?}");
        assert!(after.packs < 6, "{after:?}");
        assert_eq!(repo.refs().await.unwrap(), before);
        fsck(&bench, &repo);
    }

    #[tokio::test]
    async fn ended_in_the_middle_it_leaves_a_repository_that_works() {
        let bench = Bench::new();
        let (repo, tip) = worn(&bench, 6, 400_000).await;
        for pause in [1, 5, 20, 60, 150] {
            {
                let work = repo.maintain();
                let _ = tokio::time::timeout(Duration::from_millis(pause), work).await;
            }
            // A process that was told to go takes a moment; only then may the sweep run.
            tokio::time::sleep(Duration::from_millis(500)).await;
            repo.sweep().unwrap();
            bench.git(
                &repo,
                &["fsck", "--strict", "--full", "--no-dangling", tip.as_str()],
            );
            assert!(repo.holds(std::slice::from_ref(&tip)).await.unwrap()[0]);
        }
        // What a process that was killed leaves behind is swept at the next start.
        let pack = repo.path().join("objects/pack");
        let info = repo.path().join("objects/info/commit-graphs");
        fs::create_dir_all(&info).unwrap();
        for left in [
            pack.join("multi-pack-index.lock"),
            pack.join(".tmp-7-pack-x.pack"),
            pack.join("tmp_pack_x"),
            info.join("commit-graph-chain.lock"),
            info.join("tmp_graph_x"),
        ] {
            fs::write(left, "x").unwrap();
        }
        assert_eq!(repo.sweep().unwrap(), 5);
        repo.maintain().await.unwrap();
        fsck(&bench, &repo);
    }
}
