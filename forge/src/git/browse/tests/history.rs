//! Histories, generated, and read as Git reads them: with a commit-graph, with a part of it in one, and without.

use std::collections::{HashMap, HashSet};

use super::super::super::testing::Bench;
use super::super::super::{ObjectFormat, Oid, Repository};
use super::super::Browse;

/// Numbers from a seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

const PATHS: [&str; 7] = ["a", "b", "src/x", "src/y", "src/deep/z", "été/ü", "only"];

/// Commits on two branches that now and then merge, each changing a few files, removing one or changing a mode.
fn grow(bench: &Bench, repo: &Repository, dice: &mut Dice, from: u64, count: u64) {
    let mut script = Vec::new();
    let mut begun_now = HashSet::new();
    for n in from..from + count {
        let branch = if dice.below(3) == 0 { "side" } else { "main" };
        let begun = n > 3 || from > 0;
        script.extend(
            format!(
                "commit refs/heads/{}\n",
                if begun { branch } else { "main" }
            )
            .bytes(),
        );
        script.extend(
            format!(
                "committer A <a@x> {} +0000\ndata 1\nx\n",
                1_700_000_000 + n * 10
            )
            .bytes(),
        );
        // Git goes on from what a ref names only where it is told so.
        if from > 0 && begun_now.insert(branch) {
            script.extend(format!("from refs/heads/{branch}^0\n").bytes());
        }
        if begun && dice.below(5) == 0 {
            let other = if branch == "main" { "side" } else { "main" };
            script.extend(format!("merge refs/heads/{other}\n").bytes());
        }
        for _ in 0..=dice.below(2) {
            let path = PATHS[dice.below(PATHS.len() as u64) as usize];
            match dice.below(9) {
                0 => script.extend(format!("D {path}\n").bytes()),
                1 => script
                    .extend(format!("M 100755 inline {path}\ndata 1\n{}\n", dice.below(4)).bytes()),
                _ => script
                    .extend(format!("M 100644 inline {path}\ndata 1\n{}\n", dice.below(4)).bytes()),
            }
        }
        if n == 3 && from == 0 {
            script.extend(b"reset refs/heads/side\nfrom refs/heads/main\n\n");
        }
    }
    bench.git_with(repo, &["fast-import", "--quiet", "--force"], &script);
}

fn oids(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Everything that is read, as Git says it.
fn same_as_git(bench: &Bench, repo: &Repository, seed: u64) {
    let browse: Browse = repo.browse().unwrap();
    for branch in ["main", "side"] {
        let full = format!("refs/heads/{branch}");
        let log =
            |more: &[&str]| oids(&bench.git(repo, &[&["rev-list", &full][..], more].concat()));
        let seen = |path: Option<&str>, skip, most| -> Vec<String> {
            let found = browse.commits(Some(branch), path, skip, most).unwrap();
            found.iter().map(|commit| commit.oid.to_string()).collect()
        };
        assert_eq!(seen(None, 0, 1_000), log(&[]), "seed {seed}");
        for path in PATHS
            .iter()
            .copied()
            .chain(["src", "src/deep", "été", "nothing"])
        {
            let whole = log(&["--", path]);
            assert_eq!(seen(Some(path), 0, 1_000), whole, "seed {seed}: {path}");
            let some: Vec<String> = whole.iter().skip(2).take(3).cloned().collect();
            assert_eq!(seen(Some(path), 2, 3), some, "seed {seed}: {path}");
        }
        for folder in ["", "src", "src/deep"] {
            let Ok(last) = browse.last_commit_for_tree_entries(Some(branch), folder) else {
                continue;
            };
            let last: HashMap<String, String> = last
                .into_iter()
                .map(|last| (last.name, last.commit.unwrap().oid.to_string()))
                .collect();
            for (name, commit) in last {
                let path = format!("{folder}/{name}");
                let path = path.trim_start_matches('/');
                assert_eq!(
                    [commit],
                    log(&["-1", "--", path])[..],
                    "seed {seed}: {path}"
                );
            }
        }
    }
    let (main, side) = (
        browse.resolve(Some("main")).unwrap(),
        browse.resolve(Some("side")).unwrap(),
    );
    for (old, new) in [(&main, &side), (&side, &main), (&main, &main)] {
        let compared = browse.compare(old, new, 1_000).unwrap();
        let base = bench.git(repo, &["merge-base", "--all", old.as_str(), new.as_str()]);
        let base_seen = compared.base.unwrap().to_string();
        assert!(oids(&base).contains(&base_seen), "seed {seed}");
        let only: Vec<String> = compared.commits.iter().map(|c| c.oid.to_string()).collect();
        let range = format!("{old}..{new}");
        assert_eq!(
            only,
            oids(&bench.git(repo, &["rev-list", &range])),
            "seed {seed}"
        );
    }
}

#[tokio::test]
async fn any_history_reads_as_git_reads_it_with_and_without_a_graph() {
    for seed in 1..=6u64 {
        let bench = Bench::new();
        let repo = bench
            .repos
            .create("abc", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        grow(&bench, &repo, &mut dice, 0, 60);
        if seed % 3 == 0 {
            same_as_git(&bench, &repo, seed);
        }
        let version = format!("commitGraph.changedPathsVersion={}", seed % 2 + 1);
        let write = [
            "-c",
            &version,
            "commit-graph",
            "write",
            "--reachable",
            "--changed-paths",
        ];
        bench.git(&repo, &write);
        same_as_git(&bench, &repo, seed);
        // A graph of several layers, and commits that no layer has.
        grow(&bench, &repo, &mut dice, 60, 20);
        same_as_git(&bench, &repo, seed);
        bench.git(&repo, &[&write[..], &["--split=no-merge"]].concat());
        same_as_git(&bench, &repo, seed);
    }
}

#[tokio::test]
async fn a_damaged_graph_misleads_nobody_and_harms_nothing() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    grow(&bench, &repo, &mut Dice(7), 0, 30);
    bench.git(
        &repo,
        &["commit-graph", "write", "--reachable", "--changed-paths"],
    );
    let file = repo.path().join("objects/info/commit-graph");
    let whole = std::fs::read(&file).unwrap();
    for cut in (0..whole.len()).step_by(97) {
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &whole[..cut]).unwrap();
        let browse = repo.browse().unwrap();
        // An error or an answer: nothing else.
        let _ = browse.commits(None, Some("src/x"), 0, 9);
        let _ = browse.last_commit_for_tree_entries(None, "src");
    }
}

#[tokio::test]
async fn each_line_has_the_commit_that_gave_it_its_form() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let one = bench.commit(&repo, "refs/heads/main", &[("--f", b"1\n2\n3\n")]);
    let two = bench.commit(&repo, "refs/heads/main", &[("--f", b"1\nzwei\n3\n4\n")]);
    let seen = |parts: &[super::super::Blamed]| -> Vec<(Oid, usize, usize)> {
        let part = |part: &super::super::Blamed| (part.commit.clone(), part.line, part.lines);
        parts.iter().map(part).collect()
    };
    let wanted = vec![
        (one.clone(), 1, 1),
        (two.clone(), 2, 1),
        (one.clone(), 3, 1),
        (two.clone(), 4, 1),
    ];
    for _ in 0..2 {
        assert_eq!(seen(&repo.blame(&two, "--f").await.unwrap()), wanted);
    }
    assert_eq!(
        seen(&repo.blame(&one, "--f").await.unwrap()),
        [(one.clone(), 1, 3)]
    );
    assert!(repo.blame(&two, "nothing").await.is_err());
}
