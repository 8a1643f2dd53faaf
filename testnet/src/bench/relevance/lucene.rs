//! Lucene as Debian packages it, driven by a small program of ours.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use super::{output, set::Set};

/// Where Debian puts Java archives.
const ARCHIVES: &str = "/usr/share/java";
const PROGRAM: &str = include_str!("Baseline.java");

/// A compiled baseline.
pub(super) struct Lucene {
    class_path: String,
}

impl Lucene {
    /// Finds the archives and compiles the program into a folder.
    pub(super) fn find(work: &Path) -> Result<Lucene> {
        let folder = work.join("lucene");
        fs::create_dir_all(&folder)?;
        let archives = [
            archive("lucene-core-8")?,
            archive("lucene-analyzers-common-8")?,
        ];
        let archives = archives.map(|path| path.display().to_string()).join(":");
        let source = folder.join("Baseline.java");
        fs::write(&source, PROGRAM)?;
        let mut javac = Command::new("javac");
        javac
            .args(["-encoding", "UTF-8", "-cp", &archives, "-d"])
            .arg(&folder)
            .arg(&source);
        output(javac)?;
        Ok(Lucene {
            class_path: format!("{archives}:{}", folder.display()),
        })
    }

    /// What it prints for a set.
    pub(super) fn runs(&self, set: &Set) -> Result<String> {
        let mut java = Command::new("java");
        java.args([
            "-Dfile.encoding=UTF-8",
            "-cp",
            &self.class_path,
            "Baseline",
            set.language,
        ])
        .arg(&set.texts)
        .args(set.variants.iter().map(|variant| &variant.queries));
        output(java)
    }
}

fn archive(name: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(ARCHIVES).with_context(|| ARCHIVES.to_owned())?;
    for entry in entries {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if file.starts_with(name) && file.ends_with(".jar") {
            return Ok(path);
        }
    }
    bail!("{ARCHIVES} has no {name}*.jar")
}
