//! What a pusher reads: the reason beside a ref that was refused, and the lines that Git shows after `remote:`.
//!
//! Git speaks the pusher's language where their locale names one, and so do we: French or English. Words that Git's
//! own messages use (`fetch first`, `non-fast-forward`) stay as they are: people look for them.

use std::fmt::Write as _;

use commun_specs::{fold::RefState, name::Handle};

use super::{faults, plan::Why};
use crate::{core::Obstacle, http::lang::TerminalLang};

/// Branches that are spoken of after a push: more would bury the rest.
const MAX_NOTES: usize = 5;

/// Something that the pusher should know of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// It has several heads.
    Diverged {
        /// The branch, short.
        branch: String,
        /// Whose head is served.
        served: Handle,
        /// The others.
        others: Vec<Handle>,
        /// The refs to fetch and merge.
        fetch: Vec<String>,
    },
    /// What this institution pushed before is not in what was pushed now.
    OwnHead {
        /// The branch, short.
        branch: String,
        /// The ref to fetch and merge.
        fetch: String,
    },
    /// What was pushed moves nothing until more institutions push it too.
    Waits {
        /// The branch, short.
        branch: String,
        /// How many have pushed it.
        stated: u64,
        /// How many must.
        threshold: u64,
        /// Where it stands.
        fetch: String,
        /// The branch's full name.
        name: String,
    },
    /// What an institution pushed is nowhere to be had.
    Forsaken {
        /// The branch, short.
        branch: String,
        /// Whose push it is.
        handle: Handle,
    },
}

impl Note {
    /// What to say of a ref, if it has several heads. `mine`: what the pusher has, if they pushed it: the others are
    /// what they have to fetch.
    pub(super) fn diverged(name: &str, state: &RefState, mine: Option<&str>) -> Option<Self> {
        let first = state.heads.first()?;
        let others: Vec<_> = state
            .heads
            .iter()
            .skip(1)
            .filter(|h| h.oid.is_some() && h.oid != first.oid)
            .collect();
        if others.is_empty() {
            return None;
        }
        let mut fetch = Vec::new();
        if mine.is_some() && first.oid.as_deref() != mine {
            fetch.push(name.to_owned());
        }
        let unknown = others.iter().filter(|h| h.oid.as_deref() != mine);
        fetch.extend(unknown.map(|h| beside(&h.institution, name)));
        Some(Note::Diverged {
            branch: short(name).to_owned(),
            served: first.institution.clone(),
            others: others.iter().map(|h| h.institution.clone()).collect(),
            fetch,
        })
    }

    pub(super) fn own_head(handle: &Handle, name: &str) -> Self {
        Note::OwnHead {
            branch: short(name).to_owned(),
            fetch: beside(handle, name),
        }
    }

    /// What to say of a ref, if what this institution pushed to it waits.
    pub(super) fn waits(name: &str, state: &RefState, me: &Handle) -> Option<Self> {
        let mut waiting = state.waiting.iter();
        let own = waiting.find(|w| w.head.institution == *me)?;
        let rest = name.strip_prefix("refs/").unwrap_or(name);
        Some(Note::Waits {
            branch: short(name).to_owned(),
            stated: own.stated,
            threshold: own.threshold,
            fetch: format!("refs/waiting/{me}/{rest}"),
            name: name.to_owned(),
        })
    }

    pub(super) fn forsaken(handle: &Handle, name: &str) -> Self {
        Note::Forsaken {
            branch: short(name).to_owned(),
            handle: handle.clone(),
        }
    }

    fn write(&self, lang: TerminalLang, out: &mut String) {
        match self {
            Note::Waits {
                branch,
                stated,
                threshold,
                fetch,
                name,
            } => {
                line(
                    out,
                    &match lang {
                        TerminalLang::En => format!(
                            "{branch}: what you pushed waits; {stated} of {threshold} institutions have pushed it. Another one agrees with:"
                        ),
                        TerminalLang::Fr => format!(
                            "{branch} : ce que vous avez poussé attend ; {stated} établissement(s) sur {threshold} l’ont poussé. Un autre l’accepte par :"
                        ),
                    },
                );
                line(
                    out,
                    &format!("    git fetch origin {fetch} && git push origin FETCH_HEAD:{name}"),
                );
            }
            Note::Forsaken { branch, handle } => line(
                out,
                &match lang {
                    TerminalLang::En => format!(
                        "{branch}: {handle} pushed commits that no node gives to this one; what you push stands beside them until somebody merges."
                    ),
                    TerminalLang::Fr => format!(
                        "{branch} : {handle} a poussé des commits qu’aucun nœud ne donne à celui-ci ; ce que vous poussez reste à côté jusqu’à une fusion."
                    ),
                },
            ),
            Note::Diverged {
                branch,
                served,
                others,
                fetch,
            } => {
                let others: Vec<&str> = others.iter().map(Handle::as_str).collect();
                let others = others.join(", ");
                line(
                    out,
                    &match lang {
                        TerminalLang::En => format!(
                            "{branch} has several heads: that of {served} is served, that of {others} stands beside it."
                        ),
                        TerminalLang::Fr => format!(
                            "{branch} a plusieurs têtes : celle de {served} est servie, celle de {others} est à côté."
                        ),
                    },
                );
                mend(out, lang, fetch);
            }
            Note::OwnHead { branch, fetch } => {
                line(
                    out,
                    &match lang {
                        TerminalLang::En => format!(
                            "{branch}: what your institution pushed before is not in what you push now."
                        ),
                        TerminalLang::Fr => format!(
                            "{branch} : ce que votre établissement a poussé auparavant n’est pas dans ce que vous poussez."
                        ),
                    },
                );
                mend(out, lang, std::slice::from_ref(fetch));
            }
        }
    }
}

/// The commands that bring heads together.
fn mend(out: &mut String, lang: TerminalLang, fetch: &[String]) {
    line(
        out,
        match lang {
            TerminalLang::En => "To bring them together:",
            TerminalLang::Fr => "Pour les réunir :",
        },
    );
    for name in fetch {
        line(
            out,
            &format!("    git fetch origin {name} && git merge FETCH_HEAD"),
        );
    }
    line(out, "    git push");
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a text does not fail");
}

/// All that is said, in lines.
pub(super) fn said(notes: &[Note], lang: TerminalLang) -> String {
    let mut out = String::new();
    for note in notes.iter().take(MAX_NOTES) {
        note.write(lang, &mut out);
    }
    out
}

/// The branch's name as people say it.
fn short(name: &str) -> &str {
    name.strip_prefix("refs/heads/").unwrap_or(name)
}

/// Where a head that is not served stands.
fn beside(handle: &Handle, name: &str) -> String {
    format!(
        "refs/diverged/{handle}/{}",
        name.strip_prefix("refs/").unwrap_or(name)
    )
}

impl Why {
    /// The reason in one line.
    pub(super) fn text(&self, lang: TerminalLang) -> String {
        match (self, lang) {
            (Why::Git(fault), _) => faults::text(fault, lang),
            (Why::Door(why), _) => why.clone(),
            (Why::NotNow(why), TerminalLang::En) => why.to_string(),
            (Why::NotNow(Obstacle::Unasked), TerminalLang::Fr) => "ce nœud ne peut pas encore écrire\u{a0}: depuis son démarrage, aucun autre établissement ne lui a dit la longueur de son propre journal. Réessayez dans un instant\u{202f}; si cela dure, personne n’est joignable\u{a0}: l’exploitant regarde les autres nœuds sur /status, ou démarre celui-ci avec --alone".to_owned(),
            (Why::NotNow(Obstacle::NotWriter), TerminalLang::Fr) => "ce nœud n’écrit pas le journal de son établissement\u{202f}; poussez vers celui qui l’écrit".to_owned(),
            (Why::NotNow(Obstacle::Frozen), TerminalLang::Fr) => "le journal de cet établissement est gelé\u{a0}: la page /status donne les preuves et le remède".to_owned(),
            (Why::Busy, TerminalLang::En) => "this node is busy or stopping; nothing was stored, push again in a moment".to_owned(),
            (Why::Busy, TerminalLang::Fr) => "ce nœud est occupé ou s’arrête\u{202f}; rien n’a été gardé, poussez de nouveau dans un instant".to_owned(),
            (Why::Moved, TerminalLang::En) => {
                "fetch first: the branch has moved meanwhile; git pull, then push again".to_owned()
            }
            (Why::Moved, TerminalLang::Fr) => {
                "fetch first : la branche a bougé entre-temps ; git pull, puis poussez de nouveau"
                    .to_owned()
            }
            (Why::OwnHead { handle, .. }, TerminalLang::En) => format!(
                "non-fast-forward: the head of {handle} would be lost; merge it, then push again"
            ),
            (Why::OwnHead { handle, .. }, TerminalLang::Fr) => format!(
                "non-fast-forward : la tête de {handle} serait perdue ; fusionnez-la, puis poussez de nouveau"
            ),
            (Why::NoForce, TerminalLang::En) => {
                "protected branch: its history is not rewritten here (non-fast-forward); git pull, then push without force".to_owned()
            }
            (Why::NoForce, TerminalLang::Fr) => {
                "branche protégée : son histoire ne se réécrit pas (non-fast-forward) ; git pull, puis poussez sans forcer".to_owned()
            }
            (Why::NoDelete, TerminalLang::En) => {
                "protected branch: it cannot be deleted; its owner lifts that with commun repo protect".to_owned()
            }
            (Why::NoDelete, TerminalLang::Fr) => {
                "branche protégée : elle ne peut pas être supprimée ; son propriétaire lève cela par commun repo protect".to_owned()
            }
            (Why::Atomic, TerminalLang::En) => "another ref of this atomic push was refused".to_owned(),
            (Why::Atomic, TerminalLang::Fr) => {
                "une autre référence de ce push atomique a été refusée".to_owned()
            }
            (Why::Denied(denied), _) => denied.text(lang),
            (Why::Behind, TerminalLang::En) => {
                "this node does not hold the newest of this branch yet; try again in a moment".to_owned()
            }
            (Why::Behind, TerminalLang::Fr) => {
                "ce nœud n’a pas encore le plus récent de cette branche ; réessayez dans un instant".to_owned()
            }
            (Why::Failed(cause), _) => {
                tracing::error!("a push failed: {cause}");
                match lang {
                    TerminalLang::En => "the node failed; its log says why".to_owned(),
                    TerminalLang::Fr => "le nœud a échoué ; son journal dit pourquoi".to_owned(),
                }
            }
        }
    }
}
