//! A page of the handbook as something that runs: its commands are read out of it and done one after the other, and what
//! they say is held against what the page says.
//!
//! What is done stands in fences (`sh`, `python`); a `text` fence right after one is what people see. In that, `…` stands for
//! anything within a line, and alone on a line for any lines. Commands that are indented instead are not run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

/// Stands for anything.
const ANYTHING: &str = "…";

/// One thing that the page tells its reader to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line of the page, from 1 on.
    pub line: usize,
    /// `sh` or `python`.
    pub kind: String,
    /// What to type.
    pub typed: String,
    /// What the page says that one sees then.
    pub seen: Option<String>,
}

/// Reads the steps of a page.
///
/// # Errors
/// It cannot be read, or a fence is not closed.
pub fn steps(page: &Path) -> Result<Vec<Step>> {
    let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = text.lines().enumerate();
    // Whether nothing but empty lines came since the last step.
    let mut near = false;
    while let Some((at, line)) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else {
            near &= line.trim().is_empty();
            continue;
        };
        let mut inside = String::new();
        loop {
            let (_, line) = lines
                .next()
                .with_context(|| format!("{}:{}: never closed", page.display(), at + 1))?;
            if line == "```" {
                break;
            }
            inside.push_str(line);
            inside.push('\n');
        }
        match (kind, steps.last_mut()) {
            ("sh" | "python", _) => steps.push(Step {
                line: at + 1,
                kind: kind.to_owned(),
                typed: inside,
                seen: None,
            }),
            ("text", Some(last)) if near => last.seen = Some(inside),
            _ => {}
        }
        near = matches!(kind, "sh" | "python");
    }
    Ok(steps)
}

/// Whoever follows the page: where they sit, and what the names of the page are here.
#[derive(Debug)]
pub struct Follower {
    folder: PathBuf,
    programs: Vec<PathBuf>,
    env: Vec<(String, String)>,
    names: Vec<(String, String)>,
}

impl Follower {
    /// Somebody in a folder, with the programs of these folders before all others.
    pub fn new(folder: &Path, programs: &[&Path]) -> Self {
        Self {
            folder: folder.to_owned(),
            programs: programs.iter().map(|path| (*path).to_owned()).collect(),
            env: Vec::new(),
            names: Vec::new(),
        }
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// What the page calls so is called so here.
    pub fn call(&mut self, page: &str, here: &str) {
        self.names.push((page.to_owned(), here.to_owned()));
    }

    /// Does a step; gives what was seen, in the page's names.
    ///
    /// # Errors
    /// It fails, or something else is seen than the page says.
    pub fn go(&self, step: &Step) -> Result<String> {
        let mut typed = step.typed.clone();
        for (page, here) in &self.names {
            typed = typed.replace(page, here);
        }
        let mut command = match step.kind.as_str() {
            "python" => {
                let mut command = Command::new("python");
                command.args(["-c", &typed]);
                command
            }
            _ => {
                let mut command = Command::new("bash");
                command.args(["-c", &format!("set -euo pipefail; exec 2>&1\n{typed}")]);
                command
            }
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("COMMUN_") {
                command.env_remove(name);
            }
        }
        let own = std::env::var_os("PATH").unwrap_or_default();
        let path = self.programs.iter().cloned();
        let path = std::env::join_paths(path.chain(std::env::split_paths(&own)))?;
        let done = command
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("PATH", path)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} cannot be run", step.kind))?;
        let mut seen = String::from_utf8_lossy(&done.stdout).into_owned();
        for (page, here) in &self.names {
            seen = seen.replace(here, page);
        }
        let at = format!("line {}:\n{}", step.line, step.typed);
        ensure!(
            done.status.success(),
            "{at}ended with {}:\n{seen}{}",
            done.status,
            String::from_utf8_lossy(&done.stderr)
        );
        if let Some(said) = &step.seen
            && !alike(said, &seen)
        {
            bail!("{at}The page says\n\n{said}\nbut one sees\n\n{seen}");
        }
        Ok(seen)
    }
}

/// Whether what is seen is what the page says.
fn alike(said: &str, seen: &str) -> bool {
    let said: Vec<&str> = said.lines().map(str::trim_end).collect();
    let seen: Vec<&str> = seen.lines().map(str::trim_end).collect();
    // The fewest lines that each `…` can stand for, from the first on; what does not fit then is given to the last `…`.
    let (mut s, mut t, mut retry) = (0, 0, None);
    while t < seen.len() {
        if said.get(s) == Some(&ANYTHING) {
            s += 1;
            retry = Some((s, t));
        } else if said.get(s).is_some_and(|line| fits(line, seen[t])) {
            s += 1;
            t += 1;
        } else if let Some((after, from)) = retry {
            s = after;
            t = from + 1;
            retry = Some((after, from + 1));
        } else {
            return false;
        }
    }
    said[s..].iter().all(|line| *line == ANYTHING)
}

/// Whether a line is as the page says, `…` for anything.
fn fits(said: &str, seen: &str) -> bool {
    let mut parts = said.split(ANYTHING);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = seen.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_may_be_anything_where_the_page_says_so() {
        let said = "added 3\n…\nuniv-a/x-…  ok\n";
        assert!(alike(said, "added 3\nuniv-a/x-1  ok\n"));
        assert!(alike(said, "added 3\na\nb\nuniv-a/x-1 2  ok\n"));
        assert!(!alike(said, "added 4\nuniv-a/x-1  ok\n"));
        assert!(!alike(said, "added 3\nuniv-a/x-1  ok\nmore\n"));
        assert!(!alike(said, "added 3\n"));
        assert!(alike("a\n…\n", "a\n") && alike("…\na\n…\na\n", "b\na\na\na\n"));
        assert!(fits("a…b…c", "a1b2c") && !fits("a…b", "ab1") && !fits("a", "ab"));
    }

    #[test]
    fn steps_are_the_fences_and_what_stands_right_after_them() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let page = folder.path().join("page.md");
        fs::write(
            &page,
            "# T\n\n```sh\none\n```\n\n```text\nseen\n```\n\n    not run\n\n```python\ntwo\n```\n\nwords\n\n```text\nno\n```\n",
        )?;
        let found = steps(&page)?;
        let typed: Vec<&str> = found.iter().map(|s| s.typed.as_str()).collect();
        assert_eq!(typed, ["one\n", "two\n"]);
        assert_eq!(found[0].seen.as_deref(), Some("seen\n"));
        assert_eq!((found[1].seen.as_deref(), found[1].line), (None, 13));
        fs::write(&page, "```sh\nnever closed\n")?;
        assert!(steps(&page).is_err());
        Ok(())
    }

    #[test]
    fn whoever_follows_sees_the_names_of_the_page() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut follower = Follower::new(folder.path(), &[]);
        follower.call("https://a.example", "http://127.0.0.1:1");
        follower.set("WORD", "http://127.0.0.1:1/");
        let mut step = Step {
            line: 1,
            kind: "sh".into(),
            typed: "echo https://a.example; echo $WORD; pwd".into(),
            seen: Some("https://a.example\nhttps://a.example/\n…\n".into()),
        };
        follower.go(&step)?;
        step.seen = Some("something else\n".into());
        assert!(follower.go(&step).is_err());
        step.typed = "false".into();
        assert!(follower.go(&step).is_err());
        Ok(())
    }
}
