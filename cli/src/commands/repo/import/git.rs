//! The user's own Git, with settings that let nothing in a repository run or reach elsewhere.

use std::{
    collections::BTreeMap,
    io::IsTerminal,
    path::Path,
    process::{Command, Output, Stdio},
};

use data_encoding::BASE64;
use tempfile::TempDir;

use crate::{
    failure::{Code, Failure},
    terminal,
};

use super::source::{Advertised, Source};

/// Settings of every call: no hooks, no submodules, no transports but those that are allowed for the call.
const SAFE: [&str; 9] = [
    "protocol.allow=never",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
];
/// The largest file at the top that is read for what it says of the whole, in bytes, and how many are.
const MAX_TOP_FILE: u64 = 256 << 10;
const MAX_TOP_FILES: usize = 100;
/// Lines of what Git said that an error repeats.
const MAX_LINES: usize = 12;

/// A temporary bare repository, and how to reach the node.
pub(super) struct Git {
    folder: TempDir,
    /// `http.<url of the node>.extraHeader` and its value: in the environment of the pushing processes, never on a command line.
    header: (String, String),
}

/// What became of a push.
#[derive(Default)]
pub(super) struct Outcome {
    /// Full names of refs that are now as asked.
    pub(super) taken: Vec<String>,
    /// Full names of the others, with what was said.
    pub(super) refused: BTreeMap<String, String>,
    /// Whether all were refused together, for what one of them brought.
    pub(super) whole: bool,
}

impl Git {
    pub(super) fn new(token: String, node: &str) -> Result<Git, Failure> {
        let folder = TempDir::with_prefix("commun-import-").map_err(|e| {
            Failure::new(Code::Fail, format!("Cannot make a temporary folder: {e}"))
        })?;
        let basic = BASE64.encode(format!("commun:{token}").as_bytes());
        let git = Git {
            folder,
            header: (
                format!("http.{node}.extraHeader"),
                format!("Authorization: Basic {basic}"),
            ),
        };
        let mut init = git.command(&[], false);
        init.args(["init", "--quiet", "--bare"]).arg(git.path());
        done(&mut init, "make a repository")?;
        Ok(git)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, allowed: &[&str], with_token: bool) -> Command {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            // A Git that runs inside another's hook must not take that one's repository for its own.
            let name_text = name.to_string_lossy();
            let harmless = [
                "GIT_SSH",
                "GIT_SSH_COMMAND",
                "GIT_ASKPASS",
                "GIT_SSL_CAINFO",
                "GIT_SSL_NO_VERIFY",
                "GIT_CONFIG_GLOBAL",
                "GIT_CONFIG_NOSYSTEM",
            ];
            if name_text.starts_with("GIT_") && !harmless.contains(&&*name_text) {
                command.env_remove(&name);
            }
        }
        for setting in SAFE {
            command.args(["-c", setting]);
        }
        for protocol in allowed {
            command.args(["-c", &format!("protocol.{protocol}.allow=always")]);
        }
        if with_token {
            // A node that sends elsewhere does not get the token there.
            command.args(["-c", "http.followRedirects=false"]);
            command
                .env("GIT_CONFIG_COUNT", "1")
                .env("GIT_CONFIG_KEY_0", &self.header.0)
                .env("GIT_CONFIG_VALUE_0", &self.header.1);
        }
        let asks = std::io::stdin().is_terminal() && !with_token;
        command
            .env("GIT_TERMINAL_PROMPT", if asks { "1" } else { "0" })
            .env("LC_ALL", "C")
            .current_dir(self.path())
            .stdin(if asks {
                Stdio::inherit()
            } else {
                Stdio::null()
            });
        command
    }

    fn from(&self, source: &Source) -> Command {
        if source.local {
            self.command(&["file"], false)
        } else {
            self.command(&["http", "https", "ssh", "git"], false)
        }
    }

    /// What the source offers.
    pub(super) fn ask(&self, source: &Source) -> Result<Advertised, Failure> {
        let mut list = self.from(source);
        list.args(["ls-remote", "--symref", "--", &source.place]);
        Ok(Advertised::read(&text(&mut list, "read the source")?))
    }

    /// Fetches branches and tags.
    pub(super) fn fetch(&self, source: &Source) -> Result<(), Failure> {
        let mut fetch = self.from(source);
        fetch.args([
            "fetch",
            "--no-auto-gc",
            "--no-write-fetch-head",
            "--no-tags",
        ]);
        fetch.arg(if std::io::stderr().is_terminal() {
            "--progress"
        } else {
            "--quiet"
        });
        fetch.args([
            "--",
            &source.place,
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
        ]);
        shown(&mut fetch, "fetch from the source")
    }

    /// The node's branches and tags.
    pub(super) fn there(&self, url: &str) -> Result<BTreeMap<String, String>, Failure> {
        let mut list = self.command(&["http", "https"], true);
        list.args(["ls-remote", "--", url]);
        Ok(Advertised::read(&text(&mut list, "read what the node has")?).refs)
    }

    /// Pushes refspecs; what is refused is an outcome, not a failure.
    pub(super) fn push(&self, url: &str, specs: &[String]) -> Result<Outcome, Failure> {
        let mut push = self.command(&["http", "https"], true);
        push.args(["push", "--porcelain", "--no-verify", "--", url])
            .args(specs);
        let output = output(&mut push, "push to the node")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut outcome = read_push(&String::from_utf8_lossy(&output.stdout), &said);
        let refs = specs
            .iter()
            .filter_map(|spec| Some(spec.rsplit_once(':')?.1.to_owned()));
        if !output.status.success() && outcome.taken.is_empty() && outcome.refused.is_empty() {
            if said.contains("Authentication failed")
                || said.contains("401")
                || said.contains("403")
            {
                return Err(Failure::new(
                    Code::Refuse,
                    format!("The node does not take the push: {}", last(&said)),
                ));
            }
            outcome.whole = true;
            outcome.refused = refs.map(|name| (name, last(&said))).collect();
        }
        Ok(outcome)
    }

    /// Commits of a branch that are not reached from what the node has.
    pub(super) fn missing(&self, name: &str, known: &[&str]) -> Result<u64, Failure> {
        let mut count = self.command(&[], false);
        // What the node has and the source has not is no end of a walk here.
        count.args(["rev-list", "--count", "--ignore-missing", name, "--not"]);
        count.args(known.iter().take(1_000));
        number(&text(&mut count, "count commits")?)
    }

    /// All commits that were fetched.
    pub(super) fn count_commits(&self) -> Result<u64, Failure> {
        let mut count = self.command(&[], false);
        count.args(["rev-list", "--count", "--all"]);
        number(&text(&mut count, "count commits")?)
    }

    /// The first-parent line of a branch, oldest first, behind a commit where that is on it.
    pub(super) fn first_parents(
        &self,
        name: &str,
        from: Option<&str>,
    ) -> Result<Vec<String>, Failure> {
        let mut list = self.command(&[], false);
        list.args([
            "rev-list",
            "--first-parent",
            "--reverse",
            "--ignore-missing",
            name,
        ]);
        if let Some(from) = from {
            list.args(["--not", from]);
        }
        let text = text(&mut list, "list commits")?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Bytes of all that was fetched, packed.
    pub(super) fn bytes(&self) -> Result<u64, Failure> {
        let mut count = self.command(&[], false);
        count.args(["count-objects", "-v"]);
        let text = text(&mut count, "measure the repository")?;
        let kilobytes = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|n| n.trim().parse::<u64>().ok()).unwrap_or(0)
        };
        Ok((kilobytes("size-pack:") + kilobytes("size:")) << 10)
    }

    /// The small files at the top of a branch, by name.
    pub(super) fn top(&self, branch: &str) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut list = self.command(&[], false);
        list.args(["ls-tree", "--long", "-z", branch]);
        let listed = text(&mut list, "list the files")?;
        let mut files = BTreeMap::new();
        for line in listed.split('\0') {
            let Some((about, name)) = line.split_once('\t') else {
                continue;
            };
            let about: Vec<&str> = about.split_whitespace().collect();
            let ["100644" | "100755", "blob", oid, size] = about[..] else {
                continue;
            };
            let small = size.parse::<u64>().is_ok_and(|size| size <= MAX_TOP_FILE);
            if !small || files.len() == MAX_TOP_FILES {
                continue;
            }
            let mut read = self.command(&[], false);
            read.args(["cat-file", "blob", oid]);
            let read = output(&mut read, "read a file")?;
            if read.status.success() {
                files.insert(name.to_owned(), read.stdout);
            }
        }
        Ok(files)
    }

    /// Whether files of a branch are kept with Git LFS.
    pub(super) fn uses_lfs(&self, head: Option<&str>) -> bool {
        let mut grep = self.command(&[], false);
        grep.args([
            "grep",
            "--quiet",
            "filter=lfs",
            head.unwrap_or("HEAD"),
            "--",
            ".gitattributes",
            "**/.gitattributes",
        ]);
        output(&mut grep, "look for LFS").is_ok_and(|output| output.status.success())
    }
}

/// Reads what `git push --porcelain` printed: `flag TAB from:to TAB summary`.
fn read_push(text: &str, said: &str) -> Outcome {
    let mut outcome = Outcome::default();
    for line in text.lines() {
        let mut cells = line.split('\t');
        let (Some(flag), Some(refs), Some(summary)) = (cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        let name = refs.rsplit_once(':').map_or(refs, |(_, to)| to).to_owned();
        if flag == "!" {
            outcome.refused.insert(name, why(summary, said));
        } else {
            outcome.taken.push(name);
        }
    }
    // `unpacker error` and the like: the same for every ref.
    outcome.whole = outcome.taken.is_empty()
        && !outcome.refused.is_empty()
        && outcome
            .refused
            .values()
            .all(|why| why.contains("unpacker error") || why.contains("unpack failed"));
    outcome
}

/// The reason of a refusal; for an unpacker's error with what it said of the object.
fn why(summary: &str, said: &str) -> String {
    let mut why = summary.to_owned();
    if summary.contains("unpack") {
        let object = said
            .lines()
            .find(|line| line.contains("error: object") || line.contains("fsck"));
        if let Some(object) = object {
            why.push_str(": ");
            why.push_str(object.trim_start_matches("remote: ").trim());
        }
    }
    terminal::cut(&why, 400)
}

fn number(text: &str) -> Result<u64, Failure> {
    let wrong = |_| Failure::new(Code::Fail, "Git counts in a way that is not understood.");
    text.trim().parse().map_err(wrong)
}

/// The last lines that a program said.
fn last(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = lines.len().saturating_sub(MAX_LINES);
    lines[from..].join("; ")
}

fn output(command: &mut Command, what: &str) -> Result<Output, Failure> {
    command.output().map_err(|e| cannot(what, &e))
}

fn cannot(what: &str, error: &std::io::Error) -> Failure {
    let failure = Failure::new(Code::Fail, format!("Cannot {what}: {error}"));
    match error.kind() {
        std::io::ErrorKind::NotFound => failure.hint("Install Git."),
        _ => failure,
    }
}

fn text(command: &mut Command, what: &str) -> Result<String, Failure> {
    let output = output(command, what)?;
    if !output.status.success() {
        return Err(failed(what, &String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn done(command: &mut Command, what: &str) -> Result<(), Failure> {
    text(command, what).map(|_| ())
}

/// Runs a command whose progress the user sees.
fn shown(command: &mut Command, what: &str) -> Result<(), Failure> {
    if !std::io::stderr().is_terminal() {
        return done(command, what);
    }
    let status = command
        .stderr(Stdio::inherit())
        .stdout(Stdio::null())
        .status();
    match status.map_err(|e| cannot(what, &e))?.success() {
        true => Ok(()),
        false => Err(failed(what, "see above")),
    }
}

fn failed(what: &str, said: &str) -> Failure {
    let said = last(said);
    let code =
        if said.contains("not found") || said.contains("does not appear to be a git repository") {
            Code::No
        } else {
            Code::Fail
        };
    Failure::new(code, format!("Cannot {what}: {}", terminal::line(&said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_prints_of_a_push_is_told_apart() {
        let text = "To http://x\n*\trefs/heads/a:refs/heads/a\t[new branch]\n \taa:refs/heads/b\ta..b\n\
                    !\trefs/heads/c:refs/heads/c\t[remote rejected] (no)\nDone\n";
        let outcome = read_push(text, "");
        assert_eq!(outcome.taken, ["refs/heads/a", "refs/heads/b"]);
        assert!(outcome.refused["refs/heads/c"].contains("(no)"));
        assert!(!outcome.whole);
        let text = "!\trefs/heads/c:refs/heads/c\t[remote rejected] (unpacker error)\n";
        let outcome = read_push(
            text,
            "remote: error: object 12ab: zeroPaddedFilemode: contains zero-padded file modes\n",
        );
        assert!(outcome.whole);
        assert!(outcome.refused["refs/heads/c"].contains("zeroPaddedFilemode"));
    }
}
