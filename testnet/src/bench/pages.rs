//! Reading code: how soon the pages of a repository with a long history answer.

use std::{
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_client::NewRepository;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    Effort,
    table::{Row, Table, quantile},
};
use crate::{content, federation::Federation, http};

/// Commits of the history; a tenth of it in a quick run.
const COMMITS: usize = 100_000;
/// Folders, and files in each.
const FOLDERS: usize = 24;
const FILES: usize = 16;
/// How long maintenance may take to write the commit-graph.
const PATIENCE: Duration = Duration::from_secs(120);

/// Answers of folders, of who wrote which line, of history and of differences, each of another place or commit, so that
/// nothing that was kept answers.
pub(super) fn pages(f: &Federation, work: &Path, effort: Effort, table: &mut Table) -> Result<()> {
    let node = &f.nodes[0];
    let commits = effort.times(COMMITS);
    let folder = work.join("long.git");
    let marks = history(&folder, commits)?;
    let new = NewRepository {
        slug: "bench-long".to_owned(),
        licence: Some("EUPL-1.2".to_owned()),
        ..NewRepository::default()
    };
    let made = node.client()?.create_repository(&new)?;
    let name = made.name.clone();
    let url = format!("{}/{name}.git", node.url());
    let token = node.token()?;
    content::git(&folder, Some(&token), &["push", "--quiet", &url, "main"])?;
    wait_for_graph(
        &node.data.join("git").join(format!("{}.git", made.id)),
        table,
    )?;
    let mut dice = StdRng::seed_from_u64(7);
    let times = effort.times(200);
    for (view, goal) in [
        ("tree", Some(300.0)),
        ("blame", Some(300.0)),
        ("commits", None),
        ("commit", None),
    ] {
        let mut all = Vec::new();
        for _ in 0..times {
            let commit = &marks[dice.random_range(0..marks.len())];
            let (folder, file) = (dice.random_range(0..FOLDERS), dice.random_range(0..FILES));
            let path = match (view, dice.random_range(0..4)) {
                ("commit", _) => format!("/{name}/commit/{commit}"),
                ("tree" | "commits", 0) => format!("/{name}/{view}/{commit}"),
                ("tree" | "commits", _) => {
                    format!("/{name}/{view}/{commit}/{}", folder_name(folder))
                }
                _ => format!("/{name}/{view}/{commit}/{}", file_name(folder, file)),
            };
            let begun = Instant::now();
            let answer = http::get(node.ports().http, &path, &["Accept: text/html"])?;
            all.push(begun.elapsed());
            ensure!(answer.status == 200, "{path} answers {}", answer.status);
        }
        for (what, q) in [("median", 0.5), ("p95", 0.95)] {
            let ours = quantile(&all, q);
            let goal = goal.filter(|_| q > 0.9);
            table.add(Row {
                what: format!("page {view}, {commits} commits: {what}"),
                ours,
                peer: None,
                peer_name: None,
                unit: "ms",
                n: all.len(),
                goal: goal.map_or("-".to_owned(), |goal| format!("under {goal} ms")),
                met: goal.map(|goal| ours < goal),
            });
        }
    }
    Ok(())
}

fn folder_name(folder: usize) -> String {
    format!("src/part{folder:02}")
}

fn file_name(folder: usize, file: usize) -> String {
    format!("{}/file{file:02}.rs", folder_name(folder))
}

/// A bare repository with a branch of so many commits over some hundreds of files, a few of them changed often and many
/// seldom; gives a sample of its newest commits.
fn history(folder: &Path, commits: usize) -> Result<Vec<String>> {
    std::fs::create_dir_all(folder)?;
    content::git(
        folder,
        None,
        &["init", "--quiet", "--bare", "--initial-branch=main"],
    )?;
    let mut child = Command::new("git")
        .current_dir(folder)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .context("git fast-import")?;
    let mut out = BufWriter::new(child.stdin.take().context("piped")?);
    let mut dice = StdRng::seed_from_u64(11);
    let mut files: Vec<Vec<String>> = (0..FOLDERS * FILES)
        .map(|_| {
            (0..60)
                .map(|line| format!("let line{line} = {line};"))
                .collect()
        })
        .collect();
    for n in 0..commits {
        writeln!(
            out,
            "commit refs/heads/main\ncommitter Ana <ana@example.org> {} +0000",
            1_400_000_000 + n * 600
        )?;
        writeln!(out, "data <<END\nChange {n}\nEND")?;
        let touched: Vec<usize> = match n {
            0 => (0..files.len()).collect(),
            // The square of a share: the first files change often, the last ones hardly.
            _ => (0..1 + n % 3)
                .map(|_| {
                    let share: f64 = dice.random();
                    ((share * share) * files.len() as f64) as usize % files.len()
                })
                .collect(),
        };
        for at in touched {
            let line = dice.random_range(0..60);
            files[at][line] = format!("let line{line} = {n};");
            let text = files[at].join("\n") + "\n";
            writeln!(
                out,
                "M 100644 inline {}\ndata {}",
                file_name(at / FILES, at % FILES),
                text.len()
            )?;
            writeln!(out, "{text}")?;
        }
    }
    drop(out);
    ensure!(child.wait()?.success(), "git fast-import failed");
    let recent = format!("--max-count={}", (commits / 10).max(1));
    let all = content::git(folder, None, &["rev-list", &recent, "main"])?;
    Ok(all.lines().map(str::to_owned).collect())
}

/// The node's own maintenance writes the graph. Where it does not in time, Git is asked as maintenance asks it, and that
/// is said.
fn wait_for_graph(repository: &Path, table: &mut Table) -> Result<()> {
    let begun = Instant::now();
    let written = repository.join("objects/info/commit-graphs/commit-graph-chain");
    while !written.exists() {
        if begun.elapsed() > PATIENCE {
            table.remark("The node's maintenance did not write the commit-graph in time; the benchmark wrote it for the pages.");
            let write = [
                "commit-graph",
                "write",
                "--reachable",
                "--changed-paths",
                "--split",
                "--no-progress",
            ];
            return content::git(repository, None, &write).map(drop);
        }
        thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}
