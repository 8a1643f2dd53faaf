//! Which commit gave each line of a file its present form.
//!
//! `git blame` does it, as a process under our limits: it passes over most of a long history with the filters of
//! the commit-graph, which libgit2 does not know.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::git::command::{Error, Role};
use crate::git::{Oid, Repository};

/// How long it may take: a page waits for it.
const MAX_TIME: Duration = Duration::from_secs(8);

/// Processes at once; more wait, within the same time.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Answers that are kept, and their parts in all.
const MAX_KEPT: usize = 500;
const MAX_KEPT_PARTS: usize = 200_000;

/// Lines, one after the other, that one commit gave their form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blamed {
    /// The commit.
    pub commit: Oid,
    /// The first line, from 1.
    pub line: usize,
    /// How many.
    pub lines: usize,
}

/// A file at a commit of a repository.
type Asked = (PathBuf, Oid, String);

/// Answers, which never change: the newest are kept.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

#[derive(Default)]
struct Kept {
    answers: HashMap<Asked, Arc<Vec<Blamed>>>,
    order: VecDeque<Asked>,
    parts: usize,
}

impl Repository {
    /// Who wrote which line of a file as it is at a commit, in the order of the lines.
    ///
    /// # Errors
    /// [`Error::Limit`] where it takes longer than eight seconds; [`Error::Refused`] for what is no file.
    pub async fn blame(&self, commit: &Oid, path: &str) -> Result<Arc<Vec<Blamed>>, Error> {
        let asked = (self.path.clone(), commit.clone(), path.to_owned());
        {
            let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(answer) = kept.as_ref().and_then(|kept| kept.answers.get(&asked)) {
                return Ok(Arc::clone(answer));
            }
        }
        let limit = || Error::Limit("blame".to_owned());
        let answer = tokio::time::timeout(MAX_TIME, async {
            let _turn = TURNS.acquire().await.map_err(|_| limit())?;
            let mut command = self.git.command(Role::Serve, &self.path, &[], None);
            // The id is hexadecimal, and what follows `--` is a path, taken literally.
            command.args(["blame", "--incremental", commit.as_str(), "--", path]);
            self.git.run(command, "blame", &[]).await
        });
        let answer = Arc::new(parse(&answer.await.map_err(|_| limit())??));
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_default().keep(asked, &answer);
        Ok(answer)
    }
}

impl Kept {
    fn keep(&mut self, asked: Asked, answer: &Arc<Vec<Blamed>>) {
        if self
            .answers
            .insert(asked.clone(), Arc::clone(answer))
            .is_some()
        {
            return;
        }
        self.parts += answer.len();
        self.order.push_back(asked);
        while self.order.len() > MAX_KEPT || self.parts > MAX_KEPT_PARTS {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            let gone = self.answers.remove(&oldest);
            self.parts -= gone.map_or(0, |answer| answer.len());
        }
    }
}

/// Reads `--incremental`: each part begins with `OID LINE-THEN LINE-NOW COUNT` and ends with `filename …`; what is
/// between is what the commit says of itself.
fn parse(output: &[u8]) -> Vec<Blamed> {
    let mut parts = Vec::new();
    let mut inside = false;
    for line in output.split(|b| *b == b'\n') {
        if inside {
            inside = !line.starts_with(b"filename ");
            continue;
        }
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        let mut words = line.split(' ');
        let commit = words.next().and_then(|word| Oid::parse(word).ok());
        let mut number = || words.next()?.parse::<usize>().ok();
        let (_, now, count) = (number(), number(), number());
        if let (Some(commit), Some(line), Some(lines)) = (commit, now, count) {
            parts.push(Blamed {
                commit,
                line,
                lines,
            });
            inside = true;
        }
    }
    parts.sort_by_key(|part| part.line);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_whatever_a_commit_says_of_itself() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let output = format!(
            "{a} 3 5 2\nauthor \u{1b}[31m{b} 1 1 1\nsummary {b} 1 1 9\nfilename x\n{b} 1 1 4\nboundary\nfilename filename y\n"
        );
        let seen: Vec<_> = parse(output.as_bytes())
            .into_iter()
            .map(|part| (part.commit.to_string(), part.line, part.lines))
            .collect();
        assert_eq!(seen, [(b, 1, 4), (a, 5, 2)]);
        assert!(parse(b"fatal: no\n\xff\n").is_empty());
    }
}
