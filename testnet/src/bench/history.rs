//! Repositories with a history, made by `git fast-import` from a seed: the same ones in every run.

use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// How large a repository is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Commits, each of which changes three files.
    pub(super) commits: usize,
    /// Text files, of about 4 kB.
    pub(super) files: usize,
    /// Pictures of 1 MiB, which nothing compresses; four at a time, each in the place of an older one.
    pub(super) pictures: usize,
}

/// As the peers' measurements have it: 2,000 commits, 50 MB packed.
pub(super) const LARGE: Size = Size {
    commits: 2_000,
    files: 3_000,
    pictures: 38,
};

/// As the peers' measurements have it: 20 commits, about 200 kB packed.
pub(super) const SMALL: Size = Size {
    commits: 20,
    files: 40,
    pictures: 0,
};

/// Makes a bare repository with one branch, `main`, packed.
pub(super) fn make(folder: &Path, size: Size, seed: u64) -> Result<()> {
    fs::create_dir_all(folder)?;
    run(
        folder,
        &["init", "--quiet", "--bare", "--initial-branch=main"],
    )?;
    let mut child = Command::new("git")
        .current_dir(folder)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .context("git fast-import")?;
    let mut out = BufWriter::new(child.stdin.take().context("piped")?);
    let mut dice = StdRng::seed_from_u64(seed);
    let mut texts: Vec<Vec<u8>> = (0..size.files).map(|_| text(&mut dice, 80)).collect();
    let every = (size.commits / size.pictures.max(1)).max(1);
    for n in 0..size.commits {
        let who = format!(
            "committer Ana <ana@example.org> {} +0000",
            1_700_000_000 + n
        );
        write!(
            out,
            "commit refs/heads/main\n{who}\ndata 12\nCommit {n:05}\n"
        )?;
        let changed: Vec<usize> = if n == 0 {
            (0..size.files).collect()
        } else {
            (0..3).map(|_| dice.random_range(0..size.files)).collect()
        };
        for at in changed {
            let more = text(&mut dice, 3);
            texts[at].extend(more);
            let (path, bytes) = (format!("d{}/f{at}.txt", at % 60), &texts[at]);
            write!(out, "M 100644 inline {path}\ndata {}\n", bytes.len())?;
            out.write_all(bytes)?;
            out.write_all(b"\n")?;
        }
        if size.pictures > 0 && n % every == 0 && n / every < size.pictures {
            let mut noise = vec![0; 1 << 20];
            dice.fill(&mut noise[..]);
            write!(
                out,
                "M 100644 inline p{}.bin\ndata {}\n",
                n / every % 4,
                noise.len()
            )?;
            out.write_all(&noise)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    drop(out);
    let done = child.wait()?;
    ensure!(done.success(), "git fast-import: {done}");
    run(
        folder,
        &[
            "-c",
            "core.bigFileThreshold=512k",
            "repack",
            "-adfq",
            "--window=10",
        ],
    )
}

/// Lines of words.
fn text(dice: &mut StdRng, lines: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..lines {
        for _ in 0..8 {
            let word: u32 = dice.random_range(0..5_000);
            out.extend(format!("{word:x}ment ").bytes());
        }
        out.push(b'\n');
    }
    out
}

fn run(folder: &Path, args: &[&str]) -> Result<()> {
    let done = Command::new("git")
        .current_dir(folder)
        .args(args)
        .status()
        .context("git")?;
    ensure!(done.success(), "git {args:?}: {done}");
    Ok(())
}
