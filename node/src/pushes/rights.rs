//! Who may push to a repository, and on whose node.

use commun_specs::{
    fold::Item,
    name::{Handle, Role},
    statement::Pusher as Listed,
};

use super::Pushes;
use crate::{core::Person, http::lang::TerminalLang};

/// An institution whose node accepts pushes, and the address to push to where it states one.
pub type Accepting = (Handle, Option<String>);

/// Why somebody may not push here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// This institution is not listed; these are.
    Elsewhere(Vec<Accepting>),
    /// The person is no developer here.
    NotDeveloper,
    /// The owner lists certain persons of this institution, and this is not one of them.
    NotNamed(Handle),
    /// This node does not know the repository's rules yet.
    Behind,
}

impl Pushes {
    /// Whether this node accepts pushes to a repository, by the newest rules that it knows; asked before who
    /// pushes. Answers what the owner says of this institution.
    ///
    /// # Errors
    /// [`Denied::Elsewhere`], or [`Denied::Behind`].
    pub fn takes(&self, item: &Item) -> Result<Listed, Denied> {
        let core = &self.0.core;
        let policy = match core.policy(item) {
            Ok(Some(policy)) => policy,
            Ok(None) => return Err(Denied::Behind),
            Err(e) => {
                tracing::error!(item = %item.id, "the rules of a repository cannot be read: {e}");
                return Err(Denied::Behind);
            }
        };
        let me = &core.identity().handle;
        if let Some(listed) = policy.pushers.iter().find(|p| p.institution == *me) {
            return Ok(listed.clone());
        }
        let members = core.state().members();
        let accepting = policy.pushers.iter().map(|p| {
            let url = members
                .iter()
                .find(|m| m.handle == p.institution)
                .and_then(|m| m.urls.first())
                .map(|u| {
                    let u = u.trim_end_matches('/');
                    format!("{u}/{}/{}.git", item.owner, item.slug)
                });
            (p.institution.clone(), url)
        });
        Err(Denied::Elsewhere(accepting.collect()))
    }

    /// Whether a person of this institution may push to a repository.
    ///
    /// # Errors
    /// Why not.
    pub fn may(&self, item: &Item, person: &Person) -> Result<(), Denied> {
        let listed = self.takes(item)?;
        match &listed.persons {
            Some(persons) if !persons.contains(&person.id) => {
                Err(Denied::NotNamed(listed.institution))
            }
            None if !person.may(&[Role::Developer]) => Err(Denied::NotDeveloper),
            _ => Ok(()),
        }
    }
}

/// What a node takes from somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// Branches, tags and proposals.
    All,
    /// Pushes to `refs/for/…` only: why no others.
    Proposals(Denied),
}

impl Admitted {
    /// Why branches are not taken, if they are not.
    pub fn proposals_only(&self, lang: TerminalLang) -> Option<String> {
        match self {
            Admitted::All => None,
            Admitted::Proposals(denied) => Some(denied.text(lang)),
        }
    }
}

impl Pushes {
    /// What this node takes from a person of this institution: any developer may propose to any repository, also
    /// where others push.
    ///
    /// # Errors
    /// Nothing: the person is no developer here.
    pub fn admits(&self, item: &Item, person: &Person) -> Result<Admitted, Denied> {
        match self.may(item, person) {
            Ok(()) => Ok(Admitted::All),
            Err(denied) if person.may(&[Role::Developer]) => Ok(Admitted::Proposals(denied)),
            Err(denied) => Err(denied),
        }
    }
}

impl Denied {
    /// The same in a sentence.
    pub fn text(&self, lang: TerminalLang) -> String {
        match (self, lang) {
            (Denied::Elsewhere(accepting), _) => elsewhere(accepting, lang),
            (Denied::NotDeveloper, TerminalLang::En) => {
                "your roles here do not include developer; ask an admin of your institution"
                    .to_owned()
            }
            (Denied::NotDeveloper, TerminalLang::Fr) => {
                "vos rôles ici ne comprennent pas « developer » ; demandez à un administrateur de votre établissement"
                    .to_owned()
            }
            (Denied::NotNamed(handle), TerminalLang::En) => format!(
                "at {handle}, only the persons whom the repository's owner names may push; ask the owner to add you (commun repo maintainers)"
            ),
            (Denied::NotNamed(handle), TerminalLang::Fr) => format!(
                "à {handle}, seules les personnes que nomme le propriétaire du dépôt peuvent y pousser ; demandez-lui de vous ajouter (commun repo maintainers)"
            ),
            (Denied::Behind, TerminalLang::En) => {
                "this node does not know the repository's rules yet; try again in a moment".to_owned()
            }
            (Denied::Behind, TerminalLang::Fr) => {
                "ce nœud ne connaît pas encore les règles du dépôt ; réessayez dans un instant".to_owned()
            }
        }
    }
}

fn elsewhere(accepting: &[Accepting], lang: TerminalLang) -> String {
    let Some((first, url)) = accepting.first() else {
        return match lang {
            TerminalLang::En => "no institution accepts pushes to this repository".to_owned(),
            TerminalLang::Fr => "aucun établissement n’accepte de push vers ce dépôt".to_owned(),
        };
    };
    let handles: Vec<&str> = accepting.iter().map(|(h, _)| h.as_str()).collect();
    let known = accepting.iter().find_map(|(h, u)| Some((h, u.as_ref()?)));
    match (lang, accepting.len(), known) {
        (TerminalLang::En, 1, _) => match url {
            Some(url) => format!("{first} accepts pushes to this repository; push to {url}"),
            None => {
                format!("{first} accepts pushes to this repository; its node states no address yet")
            }
        },
        (TerminalLang::Fr, 1, _) => match url {
            Some(url) => format!("{first} accepte les push vers ce dépôt ; poussez vers {url}"),
            None => format!(
                "{first} accepte les push vers ce dépôt ; son nœud n’indique pas encore d’adresse"
            ),
        },
        (TerminalLang::En, _, Some((h, url))) => format!(
            "{} accept pushes to this repository; push to {url} ({h}), or at your own institution if it is one of them",
            handles.join(", ")
        ),
        (TerminalLang::Fr, _, Some((h, url))) => format!(
            "{} acceptent les push vers ce dépôt ; poussez vers {url} ({h}), ou chez votre établissement s’il en fait partie",
            handles.join(", ")
        ),
        (TerminalLang::En, _, None) => format!(
            "{} accept pushes to this repository; their nodes state no address yet",
            handles.join(", ")
        ),
        (TerminalLang::Fr, _, None) => format!(
            "{} acceptent les push vers ce dépôt ; leurs nœuds n’indiquent pas encore d’adresse",
            handles.join(", ")
        ),
    }
}
