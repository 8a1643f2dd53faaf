//! What a component is beyond its code, as it is shown: what was read out of its repository, its releases, what it uses and
//! what uses it.

use commun_forge::component::{Problem, Release, Report, licence_problem, newest};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    metadata::{Dependency, Record},
    name::Handle,
    statement::Facts,
};

use crate::{core::Found, describe::REPORT};

/// Descriptions of a resource whose values are shown: a node writes one for each version.
const MAX_DESCRIPTIONS: usize = 4;

/// What a repository says of itself.
#[derive(Debug, Clone, Default)]
pub struct Component {
    /// What was read at the head of the default branch; `None` while nobody has.
    pub reading: Option<Reading>,
    /// The releases, newest version first.
    pub releases: Vec<Release>,
    /// What it needs, in the order of its metadata.
    pub uses: Vec<Uses>,
    /// Components that need it, by name.
    pub used_by: Vec<Neighbour>,
}

/// A signed `description`.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The statement.
    pub statement: StatementId,
    /// In whose log it stands.
    pub by: Handle,
    /// The commit that was read.
    pub commit: Option<String>,
    /// Which program read it.
    pub tool: String,
    /// The values, each with its source.
    pub record: Record,
    /// What else was found, and what is wrong; a licence that differs from the stated one comes last.
    pub report: Report,
}

/// Something that a component needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uses {
    /// As its metadata name it.
    pub dependency: Dependency,
    /// What it is in the commons, if it is there.
    pub item: Option<Neighbour>,
}

/// Another item, in short.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbour {
    /// `handle/slug`.
    pub name: String,
    /// Its id.
    pub id: StatementId,
    /// Its title, if it has one.
    pub title: Option<String>,
}

impl Component {
    /// The release to offer.
    pub fn newest(&self) -> Option<&Release> {
        newest(&self.releases)
    }
}

impl Reading {
    /// A description as it is shown; `stated` is the licence that the repository's statement names.
    pub(super) fn of(found: &Found, record: &Record, stated: Option<&str>) -> Option<Reading> {
        let Ok(Some(Facts::Description(facts))) = found.statement.facts() else {
            return None;
        };
        let mut report = record
            .unknown
            .get(REPORT)
            .map(Report::from_json)
            .unwrap_or_default();
        let mismatch: Option<Problem> = stated.and_then(|stated| licence_problem(stated, &report));
        report.problems.extend(mismatch);
        Some(Reading {
            statement: found.statement.id,
            by: found.log.clone(),
            commit: facts.commit,
            tool: facts.tool,
            record: record.clone(),
            report,
        })
    }
}

/// The descriptions that count, best first: of a repository the one of the first head of its default branch, else the
/// newest of its owner (R-07-17); of anything else the owner's newest few. Never of versions that were taken back.
pub(crate) fn descriptions(item: &Item, default_branch: Option<&str>) -> Vec<StatementId> {
    let counts = |d: &&commun_specs::fold::Described| !item.withdrawn_versions.contains_key(&d.of);
    let newest = item.descriptions.iter().rev().filter(counts);
    if item.kind != ItemKind::Repository {
        let own = newest.filter(|d| d.institution == item.owner);
        return own.take(MAX_DESCRIPTIONS).map(|d| d.id).collect();
    }
    let branch = default_branch.and_then(|branch| item.refs.get(&format!("refs/heads/{branch}")));
    let rank = |d: &commun_specs::fold::Described| {
        let heads = branch.map(|r| &r.heads[..]).unwrap_or_default();
        let head = heads.iter().position(|head| head.id == d.of);
        (head.unwrap_or(usize::MAX), d.institution != item.owner)
    };
    newest
        .min_by_key(|d| rank(d))
        .map(|d| d.id)
        .into_iter()
        .collect()
}
