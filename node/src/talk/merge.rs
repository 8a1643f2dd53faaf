//! Merging a merge request here: the node makes the merge commit in the bare repository, and pushes it to the branch in
//! the person's name, on the very path of any push. Nothing about a merge is stated but that push.

use commun_forge::git::{Ident, Merged, Oid, RefName, Repository};
use commun_specs::{fold::Item, id::StatementId, statement::OpenState};

use super::{Discussion, Kind, Talk, TalkError, say::is_seen, short};
use crate::{
    core::Person,
    http::lang::TerminalLang,
    pushes::{Asked, Pusher, Pushes, Question},
};

/// How often a merge is made again when the branch moved meanwhile.
const MAX_RACES: usize = 3;
/// Longest text that a merge commit takes over from the request, in bytes.
const MAX_TAKEN: usize = 8 << 10;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The branch has it.
    Merged,
    /// The protection of the branch waits for other institutions to state the same commit.
    Waiting,
    /// The branch had it before.
    Unchanged,
}

impl Outcome {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Merged => "merged",
            Outcome::Waiting => "waiting",
            Outcome::Unchanged => "unchanged",
        }
    }
}

/// A merge that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeOutcome {
    /// What became of it.
    pub outcome: Outcome,
    /// The commit that was pushed.
    pub commit: String,
    /// The branch.
    pub target: String,
    /// What a pusher would read.
    pub said: String,
}

impl Talk {
    /// Merges the newest version of a merge request into its branch, in somebody's name. `fast_forward`: without a
    /// commit of its own where the branch can move forward. If another institution has merged it and the branch waits,
    /// this states the same commit. `seen`: the commit that the person looked at, or its beginning.
    ///
    /// # Errors
    /// See [`TalkError`]; the branch has not moved then. [`TalkError::Merge`] names the files in conflict,
    /// [`TalkError::Newer`] the version that came after `seen`.
    #[allow(clippy::too_many_arguments)]
    pub async fn merge(
        &self,
        pushes: &Pushes,
        by: &Person,
        item: &Item,
        root: &StatementId,
        fast_forward: bool,
        seen: Option<&str>,
        lang: TerminalLang,
    ) -> Result<MergeOutcome, TalkError> {
        let mut refused = String::new();
        for _ in 0..MAX_RACES {
            // What was pushed meanwhile counts.
            let item = self.core.state().catalogue().copy_of(&item.id);
            let item =
                item.ok_or_else(|| TalkError::NotFound("the repository is gone".to_owned()))?;
            let found = self.discussion(root)?;
            let asked = match (&found.asked, found.kind) {
                (Some(asked), Kind::Request) => asked.clone(),
                _ => {
                    return Err(TalkError::NotFound(
                        "there is no such merge request".to_owned(),
                    ));
                }
            };
            is_seen(seen, &asked.current.new, || asked.current.number)?;
            if found.state == OpenState::Closed {
                return Err(TalkError::Conflict(
                    "it is closed; a developer of the repository's institution opens it again"
                        .to_owned(),
                ));
            }
            let target = asked.target.clone();
            let served = item.refs.get(&target).and_then(|r| r.served.clone());
            let served = served.ok_or_else(|| {
                TalkError::Conflict(format!("there is no branch {target} any more"))
            })?;
            let repository = self.repos.get(&item.id.to_string())?;
            let (ours, theirs) = (oid(&served)?, oid(&asked.current.new)?);
            let outcome = |outcome, commit: &Oid, said| MergeOutcome {
                outcome,
                commit: commit.to_string(),
                target: target.clone(),
                said,
            };
            match repository.has_merged(&ours, &theirs).await? {
                Some(true) => return Ok(outcome(Outcome::Unchanged, &ours, String::new())),
                Some(false) => {}
                None => {
                    return Err(TalkError::NotNow(
                        "this node does not hold all of it yet; try again in a moment".to_owned(),
                    ));
                }
            }
            let made = self
                .made(&repository, by, &item, &found, &ours, &theirs, fast_forward)
                .await?;
            // Under a threshold all state one commit: that of the first, if it says what ours would.
            let commit = waiting(&repository, &target, &ours, &theirs, &made)
                .await?
                .unwrap_or(made);
            let pusher = Pusher {
                item: item.id,
                person: by.clone(),
                lang,
                body: None,
            };
            let question = Question {
                push: String::new(),
                commands: vec![Asked {
                    name: target.clone(),
                    old: Some(served),
                    new: Some(commit.to_string()),
                }],
                atomic: true,
            };
            let mut answers = pushes.decide(&pusher, &question).await;
            let answer = answers.refs.pop().unwrap_or_default();
            match (answer.refused, answer.elsewhere) {
                (None, Some(place)) if place.name.starts_with("refs/waiting/") => {
                    return Ok(outcome(Outcome::Waiting, &commit, answers.said));
                }
                (None, _) => return Ok(outcome(Outcome::Merged, &commit, answers.said)),
                (Some(why), _) => {
                    refused = why;
                    let now = self.core.state().catalogue().copy_of(&item.id);
                    let now = now.and_then(|i| i.refs.get(&target)?.served.clone());
                    if now.as_deref() == Some(ours.as_str()) {
                        break;
                    }
                }
            }
        }
        Err(TalkError::NotAllowed(refused))
    }

    /// The institutions that state a commit for a branch that waits there and contains this one.
    ///
    /// # Errors
    /// Git fails.
    pub async fn waiting_for(
        &self,
        item: &Item,
        target: &str,
        new: &Oid,
    ) -> Result<Vec<String>, TalkError> {
        let repository = self.repos.get(&item.id.to_string())?;
        let mut handles = Vec::new();
        for (handle, stated) in waiting_at(&repository, target).await? {
            if repository.has_merged(&stated, new).await? == Some(true) {
                handles.push(handle);
            }
        }
        Ok(handles)
    }

    /// The commit to push.
    #[allow(clippy::too_many_arguments)]
    async fn made(
        &self,
        repository: &Repository,
        by: &Person,
        item: &Item,
        found: &Discussion,
        ours: &Oid,
        theirs: &Oid,
        fast_forward: bool,
    ) -> Result<Oid, TalkError> {
        if fast_forward && repository.has_merged(theirs, ours).await? == Some(true) {
            return Ok(theirs.clone());
        }
        let handle = &self.core.identity().handle;
        let id = short(&by.id);
        let author = Ident {
            name: self
                .core
                .name_of(Some(&by.id), handle)
                .filter(|name| !name.trim().is_empty())
                .unwrap_or_else(|| id.clone()),
            // An address that reaches nobody (RFC 2606): people's addresses are not published for them.
            email: format!("{id}@{handle}.commun.invalid"),
        };
        let committer = Ident {
            name: handle.to_string(),
            email: format!("node@{handle}.commun.invalid"),
        };
        let message = message(item, found);
        match repository
            .merge(ours, theirs, &message, &author, &committer)
            .await?
        {
            Merged::Commit(commit) => Ok(commit),
            Merged::Unrelated => Err(TalkError::Conflict(
                "it has no commit in common with the branch; it cannot be merged".to_owned(),
            )),
            Merged::Conflict(files) => Err(TalkError::Merge {
                message: by_hand(item, found),
                files,
            }),
        }
    }
}

fn oid(text: &str) -> Result<Oid, TalkError> {
    Oid::parse(text).map_err(TalkError::failed)
}

/// A commit that another institution has stated for the branch, that waits, and that is the same merge: the same files
/// after the same commits. Whatever else it might bring along is nobody's consent.
async fn waiting(
    repository: &Repository,
    target: &str,
    ours: &Oid,
    theirs: &Oid,
    made: &Oid,
) -> Result<Option<Oid>, TalkError> {
    let forward = repository.has_merged(theirs, ours).await? == Some(true);
    let (tree, _) = repository.tree_and_parents(made).await?;
    for (_, stated) in waiting_at(repository, target).await? {
        let same = stated == *made || (forward && stated == *theirs) || {
            let (other, parents) = repository.tree_and_parents(&stated).await?;
            other == tree && parents == [ours.clone(), theirs.clone()]
        };
        if same {
            return Ok(Some(stated));
        }
    }
    Ok(None)
}

/// What waits for a branch, by the institution that states it.
async fn waiting_at(
    repository: &Repository,
    target: &str,
) -> Result<Vec<(String, Oid)>, TalkError> {
    let tail = target.strip_prefix("refs/").unwrap_or(target);
    let all = repository.refs().await?;
    let of_target = all.into_iter().filter_map(|(name, stated)| {
        let (handle, rest) = name
            .as_str()
            .strip_prefix("refs/waiting/")?
            .split_once('/')?;
        (rest == tail).then(|| (handle.to_owned(), stated))
    });
    Ok(of_target.collect())
}

fn message(item: &Item, found: &Discussion) -> String {
    let asked = found.asked.as_ref();
    let text = found.text.trim();
    let text = &text[..text.floor_char_boundary(MAX_TAKEN)];
    let mut message = format!("Merge: {}\n", found.title);
    if !text.is_empty() {
        message.push_str(&format!("\n{text}\n"));
    }
    message.push_str(&format!(
        "\nMerge-Request: {}/{}/merge-requests/{}\n",
        item.owner,
        item.slug,
        short(&found.id)
    ));
    for who in asked.into_iter().flat_map(|a| &a.approvals) {
        let person = who.person.map(|p| short(&p)).unwrap_or_default();
        let name: String = who
            .name
            .as_deref()
            .unwrap_or(&person)
            .chars()
            .filter(|c| !c.is_control())
            .collect();
        message.push_str(&format!("Approved-By: {name} ({})\n", who.institution));
    }
    message
}

/// What to do where the node cannot merge.
fn by_hand(item: &Item, found: &Discussion) -> String {
    let asked = found.asked.as_ref();
    let target = asked.map_or("", |a| {
        a.target.strip_prefix("refs/heads/").unwrap_or(&a.target)
    });
    let name = RefName::merge_request(&short(&found.id), None);
    let name = name.map(|n| n.to_string()).unwrap_or_default();
    format!(
        "both sides changed the same places; merge by hand in a clone of {}/{}:\n  git fetch origin\n  git checkout -B {target} origin/{target}\n  git fetch origin {name}\n  git merge FETCH_HEAD\n  git push origin {target}",
        item.owner, item.slug
    )
}
