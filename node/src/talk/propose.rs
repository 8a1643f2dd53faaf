//! A push to `refs/for/<branch>/<topic>`: it opens a merge request, or makes a new version of one (AGit flow).
//!
//! Title and text come from the commits, so that stock Git is enough. The objects are here when this is asked, and
//! become durable before the statement that names them.

use commun_forge::git::{CommitLine, Oid, RefMove, Repository};
use commun_specs::{
    fold::{Item, Outline},
    id::StatementId,
    json::Object,
    name::Role,
    statement::{MAX_BODY, OpenState},
};

use super::{
    Talk, TalkError, outlines::outlines, refs::wanted, say::MAX_OPEN, short, words::Words,
};
use crate::{
    core::{Draft, Person},
    http::lang::TerminalLang,
    quota::Full,
};

/// Where people push what they propose.
pub const PREFIX: &str = "refs/for/";
/// Commits whose first lines make the text of a request that has several.
const MAX_SUBJECTS: usize = 50;
/// Branches that are named to somebody who named none of them.
const MAX_BRANCHES: usize = 10;

/// What a push to `refs/for/…` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The merge request.
    pub id: StatementId,
    /// Which version it is.
    pub version: u64,
    /// Whether it was so before: the same commit.
    pub same: bool,
    /// Where Git serves it.
    pub reference: String,
}

/// Why a push to `refs/for/…` does nothing.
#[derive(Debug)]
pub enum Unfit {
    /// No branch and topic.
    Form,
    /// A request is not deleted.
    Deletion,
    /// None of the branches, which are some of these.
    NoBranch(Vec<String>),
    /// The branch has it.
    Contained(String),
    /// No commit, or none that has anything in common with the branch.
    Unrelated(String),
    /// This node lacks what it would have to compare with.
    Behind,
    /// The role developer is missing.
    Role,
    /// As many as one may have.
    TooMany,
    /// What was signed does not fit beside the words.
    Certificate,
    /// The proposing institution's quota, or the disk.
    Full(Full),
    /// The rest.
    Talk(TalkError),
}

impl<E: Into<TalkError>> From<E> for Unfit {
    fn from(e: E) -> Self {
        Unfit::Talk(e.into())
    }
}

impl Talk {
    /// Takes a push to `refs/for/<branch>/<topic>`, under the repository's lock. `certificate`: of a signed push, checked.
    ///
    /// # Errors
    /// See [`Unfit`]: nothing was stated.
    pub async fn propose(
        &self,
        by: &Person,
        item: &Item,
        repository: &Repository,
        name: &str,
        new: Option<&Oid>,
        certificate: Option<String>,
    ) -> Result<Proposed, Unfit> {
        let new = new.ok_or(Unfit::Deletion)?;
        if !by.may(&[Role::Developer]) {
            return Err(Unfit::Role);
        }
        let (target, topic, served) = aim(item, name)?;
        match repository.has_merged(&served, new).await? {
            Some(true) => return Err(Unfit::Contained(target)),
            Some(false) => {}
            None if repository.holds(std::slice::from_ref(&served)).await? == [true] => {
                return Err(Unfit::Unrelated(target));
            }
            None => return Err(Unfit::Behind),
        }
        if repository.merge_base(&served, new).await?.is_none() {
            return Err(Unfit::Unrelated(target));
        }
        let (commits, all) = repository
            .commits_beyond(new, std::slice::from_ref(&served), MAX_SUBJECTS)
            .await?;
        let message = repository.message_of(new).await?;
        let mut words = words(&message, &commits, all, &topic);
        words.certificate = certificate;
        let body = words.to_body();
        if body.len() > MAX_BODY {
            return Err(Unfit::Certificate);
        }
        let open = self.open_one(by, item, &target, &topic).await?;
        let mut fields = Object::from([
            ("target".to_owned(), target.as_str().into()),
            ("new".to_owned(), new.as_str().into()),
        ]);
        let mut supersedes = Vec::new();
        if let Some(request) = &open {
            if request.current().is_some_and(|v| v.new == new.as_str()) {
                return Ok(proposed(
                    &request.root.id,
                    request.versions.len() as u64,
                    true,
                ));
            }
            fields.insert("request".to_owned(), request.root.id.to_string().into());
            supersedes = request
                .versions
                .iter()
                .filter(|v| v.head)
                .map(|v| v.spoken.id)
                .collect();
            supersedes.sort();
        }
        repository.make_durable()?;
        repository.note_whole(&[]).await;
        let draft = Draft {
            kind: "merge-request",
            item: Some(item.id),
            supersedes,
            fields,
            body: Some(body),
            ..Draft::default()
        };
        let written = self.append(by, draft).await?;
        let root = open.as_ref().map_or(written.id, |r| r.root.id);
        let version = open.map_or(1, |r| r.versions.len() as u64 + 1);
        tracing::info!(statement = %written.id, item = %item.id, "version {version} of a merge request is accepted");
        let done = proposed(&root, version, false);
        // The statement is durable: what fails now is done again by the follower, never undone.
        let refs = wanted(&self.core, &item.id).refs;
        let below = done.reference.trim_end_matches("head").to_owned();
        let moves: Vec<RefMove> = refs
            .into_iter()
            .filter(|(name, _)| name.as_str().starts_with(&below))
            .map(|(name, oid)| RefMove {
                name,
                old: None,
                new: Some(oid),
            })
            .collect();
        if let Err(e) = repository.update_refs(&moves).await {
            tracing::warn!(item = %item.id, "the refs of a merge request are made later: {e}");
        }
        Ok(done)
    }

    /// The open request of a person with this target and topic.
    async fn open_one(
        &self,
        by: &Person,
        item: &Item,
        target: &str,
        topic: &str,
    ) -> Result<Option<Outline>, Unfit> {
        let mut open = 0;
        for request in outlines(&self.core, &item.id, |root| self.is_by(root, by)) {
            let Some(current) = request.current() else {
                continue;
            };
            if request.state != OpenState::Open
                || self.is_merged(item, &current.target, &current.new).await?
            {
                continue;
            }
            open += 1;
            let body = self
                .core
                .statement(&request.root.id)
                .map_err(TalkError::from)?
                .and_then(|f| f.body);
            let said = body.map(|b| Words::read(&b.bytes)).unwrap_or_default();
            if current.target == target && said.topic.as_deref() == Some(topic) {
                return Ok(Some(request.clone()));
            }
        }
        if open >= MAX_OPEN {
            return Err(Unfit::TooMany);
        }
        Ok(None)
    }
}

fn proposed(root: &StatementId, version: u64, same: bool) -> Proposed {
    Proposed {
        id: *root,
        version,
        same,
        reference: format!("refs/merge-requests/{}/head", short(root)),
    }
}

/// The branch and the topic that a name means, and what the branch serves: the longest branch that is there.
fn aim(item: &Item, name: &str) -> Result<(String, String, Oid), Unfit> {
    let rest = name.strip_prefix(PREFIX).ok_or(Unfit::Form)?;
    let cuts = rest
        .match_indices('/')
        .map(|(at, _)| at)
        .collect::<Vec<_>>();
    for at in cuts.into_iter().rev() {
        let target = format!("refs/heads/{}", &rest[..at]);
        let served = item.refs.get(&target).and_then(|r| r.served.as_deref());
        if let Some(served) = served.and_then(|s| Oid::parse(s).ok()) {
            return Ok((target, rest[at + 1..].to_owned(), served));
        }
    }
    let whole = format!("refs/heads/{rest}");
    if item.refs.get(&whole).is_some_and(|r| r.served.is_some()) {
        return Err(Unfit::Form);
    }
    let branches = item
        .served()
        .filter_map(|(name, _)| name.strip_prefix("refs/heads/"));
    Err(Unfit::NoBranch(
        branches.take(MAX_BRANCHES).map(str::to_owned).collect(),
    ))
}

/// Title and text: the newest commit's message; of several commits also their first lines.
fn words(message: &str, commits: &[CommitLine], all: u64, topic: &str) -> Words {
    let (title, text) = message.split_once('\n').unwrap_or((message, ""));
    let mut text = text.trim().to_owned();
    if all > 1 {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        for commit in commits {
            // A first line is text, whatever signs of CommonMark it holds.
            let escaped: String = commit
                .subject
                .chars()
                .flat_map(|c| {
                    let mark = c.is_ascii_punctuation().then_some('\\');
                    mark.into_iter().chain([c])
                })
                .collect();
            text.push_str(&format!("- {escaped}\n"));
        }
        if all > commits.len() as u64 {
            text.push_str(&format!("- … ({all})\n"));
        }
    }
    Words::fitted(title, &text, topic)
}

impl Proposed {
    /// What the pusher reads. `page`: the request's address.
    pub fn text(&self, lang: TerminalLang, page: &str, name: &str) -> String {
        let version = self.version;
        match (lang, self.same, version) {
            (TerminalLang::En, true, _) => format!(
                "This commit is version {version} of the merge request already; nothing changed.\n{page}\n"
            ),
            (TerminalLang::Fr, true, _) => format!(
                "Ce commit est déjà la version {version} de la demande de fusion ; rien n’a changé.\n{page}\n"
            ),
            (TerminalLang::En, false, 1) => format!(
                "Merge request opened:\n{page}\nTo update it: git push origin HEAD:{name}\n"
            ),
            (TerminalLang::Fr, false, 1) => format!(
                "Demande de fusion ouverte :\n{page}\nPour la mettre à jour : git push origin HEAD:{name}\n"
            ),
            (TerminalLang::En, false, _) => {
                format!("Version {version} of the merge request:\n{page}\n")
            }
            (TerminalLang::Fr, false, _) => {
                format!("Version {version} de la demande de fusion :\n{page}\n")
            }
        }
    }
}

impl Unfit {
    /// The reason in one line.
    pub fn text(&self, lang: TerminalLang) -> String {
        let short = |target: &str| {
            target
                .strip_prefix("refs/heads/")
                .unwrap_or(target)
                .to_owned()
        };
        match (self, lang) {
            (Unfit::Form, TerminalLang::En) => "say the branch and a topic: refs/for/main/TOPIC".to_owned(),
            (Unfit::Form, TerminalLang::Fr) => {
                "indiquez la branche et un sujet : refs/for/main/SUJET".to_owned()
            }
            (Unfit::Deletion, TerminalLang::En) => {
                "a merge request is not deleted; commun merge-request close closes it".to_owned()
            }
            (Unfit::Deletion, TerminalLang::Fr) => {
                "une demande de fusion ne s’efface pas ; commun merge-request close la ferme"
                    .to_owned()
            }
            (Unfit::NoBranch(all), TerminalLang::En) if all.is_empty() => {
                "the repository has no branch yet to propose to".to_owned()
            }
            (Unfit::NoBranch(all), TerminalLang::Fr) if all.is_empty() => {
                "le dépôt n’a pas encore de branche à laquelle proposer".to_owned()
            }
            (Unfit::NoBranch(all), TerminalLang::En) => {
                format!("there is no such branch; there are: {}", all.join(", "))
            }
            (Unfit::NoBranch(all), TerminalLang::Fr) => {
                format!("cette branche n’existe pas ; il y a : {}", all.join(", "))
            }
            (Unfit::Contained(target), TerminalLang::En) => {
                format!("{} contains this commit already", short(target))
            }
            (Unfit::Contained(target), TerminalLang::Fr) => {
                format!("{} contient déjà ce commit", short(target))
            }
            (Unfit::Unrelated(target), TerminalLang::En) => format!(
                "it is no commit that has a commit in common with {}",
                short(target)
            ),
            (Unfit::Unrelated(target), TerminalLang::Fr) => format!(
                "ce n’est pas un commit qui a un commit en commun avec {}",
                short(target)
            ),
            (Unfit::Behind, TerminalLang::En) => {
                "this node does not hold the branch yet; try again in a moment".to_owned()
            }
            (Unfit::Behind, TerminalLang::Fr) => {
                "ce nœud n’a pas encore la branche ; réessayez dans un instant".to_owned()
            }
            (Unfit::Role, TerminalLang::En) => {
                "proposing changes needs the role developer at your institution".to_owned()
            }
            (Unfit::Role, TerminalLang::Fr) => {
                "proposer une modification demande le rôle developer dans votre établissement"
                    .to_owned()
            }
            (Unfit::TooMany, TerminalLang::En) => format!(
                "you have {MAX_OPEN} open merge requests here, the most that one person may have"
            ),
            (Unfit::TooMany, TerminalLang::Fr) => format!(
                "vous avez {MAX_OPEN} demandes de fusion ouvertes ici, le plus qu’une personne puisse avoir"
            ),
            (Unfit::Certificate, TerminalLang::En) => {
                "the certificate of this push is too large; push fewer refs at once".to_owned()
            }
            (Unfit::Certificate, TerminalLang::Fr) => {
                "le certificat de cet envoi est trop grand\u{202f}; envoyez moins de références à la fois"
                    .to_owned()
            }
            (Unfit::Full(full @ Full::Disk), _) => full.to_string(),
            (Unfit::Full(full), TerminalLang::En) => format!(
                "what you propose counts to your institution's quota: {full}; ask your operator to raise it, or the repository's owner to merge what is ready"
            ),
            (Unfit::Full(full), TerminalLang::Fr) => format!(
                "ce que vous proposez compte dans le quota de votre établissement ({full})\u{202f}; demandez à votre exploitant de l’augmenter, ou au propriétaire du dépôt de fusionner ce qui est prêt"
            ),
            (Unfit::Talk(TalkError::Failed(cause)), _) => {
                tracing::error!("a merge request failed: {cause}");
                match lang {
                    TerminalLang::En => "the node failed; its log says why".to_owned(),
                    TerminalLang::Fr => "le nœud a échoué ; son journal dit pourquoi".to_owned(),
                }
            }
            (Unfit::Talk(e), _) => e.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_several_commits_lists_them_as_text() {
        let line = |subject: &str| CommitLine {
            oid: Oid::parse(&"1".repeat(40)).unwrap(),
            author: String::new(),
            time: 0,
            subject: subject.to_owned(),
        };
        let one = words("Title\n\nThe rest.\n", &[line("Title")], 1, "fix");
        assert_eq!(
            (one.title.as_deref(), &*one.text),
            (Some("Title"), "The rest.")
        );
        let two = words("Title", &[line("Title"), line("<b>*x*")], 70, "fix");
        assert_eq!(two.text, "- Title\n- \\<b\\>\\*x\\*\n- … (70)");
        assert_eq!(two.topic.as_deref(), Some("fix"));
    }
}
