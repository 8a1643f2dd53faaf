//! REUSE (<https://reuse.software/spec-3.3/>): does every file say its licence and its copyright?

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::{
    licence::is_licence_name,
    tree::{Node, Tree, TreeError},
};
use crate::problem::quoted;

/// Files that are looked at; larger repositories are answered with "not all looked at".
const MAX_FILES: usize = 4_000;
/// How long is looked.
const MAX_TIME: Duration = Duration::from_secs(3);
/// Largest file whose header is read, in bytes: libgit2 unpacks it whole.
const MAX_FILE: u64 = 512 << 10;
/// The part of a file in which its header is sought, in bytes.
const HEADER: usize = 16 << 10;
/// Files without a licence that are named.
const MAX_NAMED: usize = 20;
/// Patterns of REUSE.toml and dep5.
const MAX_PATTERNS: usize = 500;
/// Longest pattern, in bytes: matching costs its length times that of the path.
const MAX_PATTERN: usize = 300;

/// How far a repository follows REUSE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reuse {
    /// Files that must say their licence.
    pub files: u64,
    /// Those that do.
    pub covered: u64,
    /// Whether all were looked at.
    pub complete: bool,
    /// Some that do not.
    pub missing: Vec<String>,
}

impl Reuse {
    /// Whether every file says its licence.
    pub fn is_whole(&self) -> bool {
        self.complete && self.files == self.covered
    }

    pub(super) fn to_json(&self) -> Json {
        json!({"files": self.files, "covered": self.covered, "complete": self.complete, "missing": self.missing})
    }

    pub(super) fn from_json(value: &Json) -> Option<Reuse> {
        let missing = value["missing"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let files = value["files"].as_u64()?;
        Some(Reuse {
            files,
            covered: value["covered"].as_u64()?.min(files),
            complete: value["complete"].as_bool()?,
            missing: missing
                .iter()
                .take(MAX_NAMED)
                .filter_map(|m| Some(quoted(m.as_str()?)))
                .collect(),
        })
    }
}

/// Looks at every file, within limits. `None` where neither `LICENSES/`, `REUSE.toml` nor `.reuse/` is there.
pub(super) fn check(tree: &dyn Tree, top: &[Node]) -> Result<Option<Reuse>, TreeError> {
    let has = |name: &str| top.iter().any(|node| node.name == name);
    if !has("LICENSES") && !has("REUSE.toml") && !has(".reuse") {
        return Ok(None);
    }
    let mut patterns = Vec::new();
    if let Some(bytes) = tree.read("REUSE.toml", super::MAX_METADATA_FILE)? {
        patterns.extend(annotations(&String::from_utf8_lossy(&bytes)));
    }
    if let Some(bytes) = tree.read(".reuse/dep5", super::MAX_METADATA_FILE)? {
        patterns.extend(dep5(&String::from_utf8_lossy(&bytes)));
    }
    patterns.truncate(MAX_PATTERNS);
    let deadline = Instant::now() + MAX_TIME;
    let mut reuse = Reuse {
        complete: true,
        ..Reuse::default()
    };
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let nodes = if folder.is_empty() {
            top.to_vec()
        } else {
            tree.list(&folder)?
        };
        for node in &nodes {
            let path = if folder.is_empty() {
                node.name.clone()
            } else {
                format!("{folder}/{}", node.name)
            };
            if node.folder {
                if !matches!(&*path, "LICENSES" | ".reuse" | ".git") {
                    folders.push(path);
                }
                continue;
            }
            let own =
                folder.is_empty() && (is_licence_name(&node.name) || node.name == "REUSE.toml");
            if !node.file || node.size == 0 || own || node.name.ends_with(".license") {
                continue;
            }
            if reuse.files as usize >= MAX_FILES || Instant::now() > deadline {
                reuse.complete = false;
                return Ok(Some(reuse));
            }
            reuse.files += 1;
            let beside = format!("{}.license", node.name);
            let covered = nodes.iter().any(|other| other.name == beside)
                || patterns.iter().any(|pattern| pattern.fits(&path))
                || says(tree, &path)?;
            if covered {
                reuse.covered += 1;
            } else if reuse.missing.len() < MAX_NAMED {
                reuse.missing.push(quoted(&path));
            }
        }
    }
    reuse.missing.sort();
    Ok(Some(reuse))
}

/// Whether a file's header names licence and copyright.
fn says(tree: &dyn Tree, path: &str) -> Result<bool, TreeError> {
    let Some(bytes) = tree.read(path, MAX_FILE)? else {
        return Ok(false);
    };
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEADER)]);
    // Split, so that this file itself is not taken for one that states a licence here.
    let licence = concat!("SPDX-License", "-Identifier:");
    let copyright = [
        "SPDX-FileCopyrightText:",
        "SPDX-SnippetCopyrightText:",
        "Copyright ",
        "©",
    ];
    Ok(head.contains(licence) && copyright.iter().any(|mark| head.contains(mark)))
}

/// A pattern: `*` of REUSE.toml stays within a folder, that of dep5 does not.
struct Pattern {
    text: String,
    deep: bool,
}

impl Pattern {
    fn fits(&self, path: &str) -> bool {
        matches(self.text.as_bytes(), path.as_bytes(), self.deep)
    }
}

/// Wildcards, without recursion: the last `*` (and the last `**`) are gone back to.
fn matches(pattern: &[u8], path: &[u8], deep: bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut shallow_back: Option<(usize, usize)> = None;
    let mut deep_back: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == b'*' {
            let double = pattern.get(p + 1) == Some(&b'*');
            p += if double { 2 } else { 1 };
            if deep || double {
                deep_back = Some((p, t));
                shallow_back = None;
            } else {
                shallow_back = Some((p, t));
            }
            continue;
        }
        if p == pattern.len() && t == path.len() {
            return true;
        }
        let literal = match pattern.get(p) {
            Some(b'\\') if p + 1 < pattern.len() => Some((pattern[p + 1], 2)),
            Some(b'?') if deep => None,
            Some(byte) => Some((*byte, 1)),
            None => Some((0, 0)),
        };
        let (fits, step) = match literal {
            None => (t < path.len(), 1),
            Some((byte, step)) => (step > 0 && path.get(t) == Some(&byte), step),
        };
        if fits {
            p += step;
            t += 1;
            continue;
        }
        if let Some((back, at)) = shallow_back
            && at < path.len()
            && path[at] != b'/'
        {
            shallow_back = Some((back, at + 1));
            (p, t) = (back, at + 1);
            continue;
        }
        let Some((back, at)) = deep_back.filter(|(_, at)| *at < path.len()) else {
            return false;
        };
        deep_back = Some((back, at + 1));
        shallow_back = None;
        (p, t) = (back, at + 1);
    }
}

/// The paths that REUSE.toml speaks for.
fn annotations(text: &str) -> Vec<Pattern> {
    let Ok(table) = text.parse::<toml::Table>() else {
        return Vec::new();
    };
    let list = table.get("annotations").and_then(toml::Value::as_array);
    let mut found = Vec::new();
    for annotation in list.into_iter().flatten() {
        let states = annotation.get("SPDX-License-Identifier").is_some();
        let paths = match annotation.get("path") {
            Some(toml::Value::String(path)) => vec![path.clone()],
            Some(toml::Value::Array(paths)) => paths
                .iter()
                .filter_map(|p| Some(p.as_str()?.to_owned()))
                .collect(),
            _ => Vec::new(),
        };
        for text in paths
            .into_iter()
            .filter(|text| states && text.len() <= MAX_PATTERN)
        {
            found.push(Pattern { text, deep: false });
        }
    }
    found
}

/// The paths of a Debian copyright file: paragraphs with `Files:` and `License:`.
fn dep5(text: &str) -> Vec<Pattern> {
    let mut found = Vec::new();
    for paragraph in text.split("\n\n") {
        let (mut files, mut licence, mut in_files) = (String::new(), false, false);
        for line in paragraph.lines() {
            if let Some(rest) = line.strip_prefix("Files:") {
                files.push_str(rest);
                in_files = true;
            } else if line.starts_with([' ', '\t']) && in_files {
                files.push_str(line);
            } else {
                in_files = false;
                licence |= line.starts_with("License:");
            }
        }
        let names = files
            .split_whitespace()
            .filter(|name| name.len() <= MAX_PATTERN);
        for name in names.filter(|_| licence) {
            found.push(Pattern {
                text: name.to_owned(),
                deep: true,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_both_files_fit_as_their_standards_say() {
        let cases = [
            ("src/*.rs", "src/a.rs", false, true),
            ("src/*.rs", "src/b/a.rs", false, false),
            ("src/**", "src/b/a.rs", false, true),
            ("**/a.rs", "src/b/a.rs", false, true),
            ("**", "a", false, true),
            ("*", "a/b", false, false),
            ("*", "a/b", true, true),
            ("img/?.png", "img/a.png", true, true),
            ("img/?.png", "img/ab.png", true, false),
            ("a/*/c/**", "a/b/c/d/e", false, true),
            ("a/*/c/**", "a/b/x/c/d", false, false),
            ("**/x/*.md", "a/x/b/x/c.md", false, true),
            (r"a\*b", "a*b", false, true),
            (r"a\*b", "axb", false, false),
            ("", "a", false, false),
        ];
        for (pattern, path, deep, wanted) in cases {
            assert_eq!(
                matches(pattern.as_bytes(), path.as_bytes(), deep),
                wanted,
                "{pattern} {path}"
            );
        }
    }
}
