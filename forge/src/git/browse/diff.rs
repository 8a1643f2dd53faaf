//! What changed between two commits, bounded.

use std::time::{Duration, Instant};

use super::tree::kind_of;
use super::{Browse, BrowseError, EntryKind, from_library};
use crate::git::Oid;
use crate::git::check::to_library;

/// The most characters of a path that are kept.
const MAX_PATH: usize = 4_096;

/// How much of a difference is looked at. What lies beyond is counted or left out, and said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLimits {
    /// Files that are described.
    pub files: usize,
    /// Lines that are kept, of all files together.
    pub lines: usize,
    /// Lines that are kept of one file; one with more is folded.
    pub lines_per_file: usize,
    /// The largest file that is compared line by line, bytes.
    pub file_bytes: i64,
    /// The most characters of one line that are kept.
    pub line_chars: usize,
    /// Files on both sides among which renamed ones are looked for; the cost is their product.
    pub renames: usize,
    /// After this, the files that remain are not looked at.
    pub time: Duration,
}

impl Default for DiffLimits {
    /// For one page that a person reads.
    fn default() -> Self {
        Self {
            files: 300,
            lines: 10_000,
            lines_per_file: 1_500,
            file_bytes: 1 << 20,
            line_chars: 1_000,
            renames: 200,
            time: Duration::from_secs(3),
        }
    }
}

/// What changed between two commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// The files, in Git's order; at most as many as the limits say.
    pub files: Vec<FileDiff>,
    /// How many files changed in all.
    pub changed: usize,
    /// Lines added in the files that are described.
    pub added: usize,
    /// Lines removed in the files that are described.
    pub removed: usize,
}

impl Diff {
    /// Whether every file that changed is described.
    pub fn complete(&self) -> bool {
        self.files.len() == self.changed
    }
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its content or its mode is another.
    Changed,
    /// It has another name, and perhaps other content.
    Renamed,
}

/// Why the lines of a file are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folded {
    /// It is not text.
    Binary,
    /// Too many lines, or too large.
    Large,
}

/// One file of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// What happened.
    pub change: Change,
    /// Its path before, with bytes that are not UTF-8 replaced; equal to `path` unless renamed.
    pub old_path: String,
    /// Its path now; of a removed file, its last.
    pub path: String,
    /// What it was before.
    pub old_kind: Option<EntryKind>,
    /// What it is now.
    pub kind: Option<EntryKind>,
    /// The object before.
    pub old_oid: Option<Oid>,
    /// The object now.
    pub oid: Option<Oid>,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    /// The parts that changed; empty when folded, and when only the name or mode did.
    pub hunks: Vec<Hunk>,
    /// Why there are none, if they were left out.
    pub folded: Option<Folded>,
}

/// Some lines that changed, and three around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// `@@ -1,7 +1,9 @@` and what Git takes for the function's name.
    pub header: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// What a line of a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// On both sides.
    Context,
    /// New.
    Added,
    /// Gone.
    Removed,
    /// "No newline at end of file".
    NoNewline,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which side it is on.
    pub kind: LineKind,
    /// Its number before.
    pub old: Option<u32>,
    /// Its number now.
    pub new: Option<u32>,
    /// Its text without the newline, bytes that are not UTF-8 replaced.
    pub text: String,
}

impl Browse {
    /// What changed from `base` (nothing: from an empty folder) to `new`, both commits.
    pub fn diff(
        &self,
        base: Option<&Oid>,
        new: &Oid,
        limits: &DiffLimits,
    ) -> Result<Diff, BrowseError> {
        let deadline = Instant::now() + limits.time;
        let tree = |oid: &Oid| self.libgit.find_commit(to_library(oid)?)?.tree();
        let base = base.map(tree).transpose()?;
        let new = tree(new)?;
        let mut options = git2::DiffOptions::new();
        options
            .max_size(limits.file_bytes)
            .context_lines(3)
            .include_typechange(true)
            .ignore_submodules(false);
        let mut diff =
            self.libgit
                .diff_tree_to_tree(base.as_ref(), Some(&new), Some(&mut options))?;
        let changed = diff.deltas().len();
        if changed <= limits.files {
            let mut find = git2::DiffFindOptions::new();
            find.renames(true).rename_limit(limits.renames);
            diff.find_similar(Some(&mut find))?;
        }
        let mut answer = Diff {
            files: Vec::new(),
            changed: diff.deltas().len(),
            added: 0,
            removed: 0,
        };
        let mut room = limits.lines;
        for at in 0..answer.changed.min(limits.files) {
            if Instant::now() > deadline {
                break;
            }
            let Some(delta) = diff.get_delta(at) else {
                break;
            };
            let mut file = describe(&delta);
            match git2::Patch::from_diff(&diff, at)? {
                Some(patch) => read(&patch, &mut file, limits, &mut room)?,
                None if file.old_oid != file.oid => file.folded = Some(Folded::Binary),
                None => {}
            }
            answer.added += file.added;
            answer.removed += file.removed;
            answer.files.push(file);
        }
        Ok(answer)
    }
}

fn describe(delta: &git2::DiffDelta<'_>) -> FileDiff {
    let (old, new) = (delta.old_file(), delta.new_file());
    let change = match delta.status() {
        git2::Delta::Added => Change::Added,
        git2::Delta::Deleted => Change::Removed,
        git2::Delta::Renamed => Change::Renamed,
        _ => Change::Changed,
    };
    let path =
        |file: &git2::DiffFile<'_>| super::text(file.path_bytes().unwrap_or_default(), MAX_PATH);
    let there = |file: &git2::DiffFile<'_>| (!file.id().is_zero()).then(|| from_library(file.id()));
    let kind = |file: &git2::DiffFile<'_>| {
        (!file.id().is_zero()).then(|| kind_of(u32::from(file.mode()) as i32))
    };
    FileDiff {
        change,
        old_path: path(&old),
        path: path(&new),
        old_kind: kind(&old),
        kind: kind(&new),
        old_oid: there(&old),
        oid: there(&new),
        added: 0,
        removed: 0,
        hunks: Vec::new(),
        folded: None,
    }
}

/// Takes the lines of a file over, as far as there is room.
fn read(
    patch: &git2::Patch<'_>,
    file: &mut FileDiff,
    limits: &DiffLimits,
    room: &mut usize,
) -> Result<(), BrowseError> {
    let (_, added, removed) = patch.line_stats()?;
    (file.added, file.removed) = (added, removed);
    if patch.delta().flags().is_binary() {
        file.folded = Some(match patch.delta() {
            delta
                if delta.old_file().size().max(delta.new_file().size()) as i64
                    > limits.file_bytes =>
            {
                Folded::Large
            }
            _ => Folded::Binary,
        });
        return Ok(());
    }
    let mut lines = 0;
    for at in 0..patch.num_hunks() {
        lines += patch.num_lines_in_hunk(at)?;
    }
    if lines > limits.lines_per_file || lines > *room {
        file.folded = Some(Folded::Large);
        return Ok(());
    }
    *room -= lines;
    for at in 0..patch.num_hunks() {
        let (hunk, count) = patch.hunk(at)?;
        let mut taken = Hunk {
            header: super::text(hunk.header(), 200).trim_end().to_owned(),
            lines: Vec::with_capacity(count),
        };
        for line in 0..count {
            let line = patch.line_in_hunk(at, line)?;
            let kind = match line.origin_value() {
                git2::DiffLineType::Context => LineKind::Context,
                git2::DiffLineType::Addition => LineKind::Added,
                git2::DiffLineType::Deletion => LineKind::Removed,
                _ => LineKind::NoNewline,
            };
            let bytes = line.content();
            let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            taken.lines.push(Line {
                kind,
                old: line.old_lineno(),
                new: line.new_lineno(),
                text: super::text(bytes, limits.line_chars),
            });
        }
        file.hunks.push(taken);
    }
    Ok(())
}
