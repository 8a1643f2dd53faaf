//! Which items go out: those that are named, with the members of collections, and those that a search finds.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use commun_forge::{
    crosswalk::Report,
    problem::{Problem as Fault, Severity},
};
use commun_index::{MAX_LIMIT, Query};
use commun_specs::id::StatementId;

use crate::{
    http::{
        self,
        problem::Problem,
        site::{Site, Which},
    },
    items::{Shown, Words},
};

/// Items of one export. More are better taken by harvesting, or in parts.
pub const MAX_ITEMS: usize = 1_000;
/// Files of one export: their paths are held in memory.
pub const MAX_FILES: usize = 60_000;
/// The rule of a line that says what is not given.
const NOT_GIVEN: &str = "not-given";
/// How deep collections in collections are followed.
const MAX_DEPTH: usize = 4;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Items by name.
    pub items: Vec<Which>,
    /// Those that a search finds, best first.
    pub query: Option<Query>,
    /// Whether the members of a collection come with it.
    pub members: bool,
}

/// An item that goes out.
#[derive(Debug)]
pub struct Chosen {
    /// The item.
    pub item: Box<Shown>,
    /// Of a collection whose members come with it: these, in their order.
    pub members: Vec<Chosen>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Selection {
    /// The items, in the order of the question.
    pub items: Vec<Chosen>,
    /// What is not given, and why.
    pub report: Report,
    seen: BTreeSet<StatementId>,
    files: usize,
}

impl Selection {
    /// Finds what is asked for. An item that is asked for alone must be there; of several, those that are not given are in
    /// the report. Blocks.
    ///
    /// # Errors
    /// Nothing of it is given, or it is too much.
    pub fn find(site: &dyn Site, asked: &Asked) -> Result<Self, Problem> {
        let mut all = Selection::default();
        let mut names = asked.items.clone();
        if let Some(query) = &asked.query {
            found(site, query, &mut names)?;
        }
        let alone = names.len() == 1 && asked.query.is_none();
        let mut first = None;
        for which in &names {
            match given(site, which) {
                Ok(item) => {
                    let mut chosen = Vec::new();
                    all.choose(site, item, asked.members, 0, &mut chosen)?;
                    all.items.extend(chosen);
                }
                Err(problem) if alone || !is_of_item(&problem) => return Err(problem),
                Err(problem) => {
                    all.leave_out(&shown(which), &problem.detail);
                    first.get_or_insert(problem);
                }
            }
        }
        match (all.items.is_empty(), first) {
            (true, Some(problem)) => Err(problem),
            (true, None) => Err(Problem::not_found("nothing was found that could be given")),
            _ => Ok(all),
        }
    }

    /// Leaves out what cannot be given whole, by a look at each item: of several, the others are given, and the report says
    /// what is not. What is asked for alone is given or not.
    ///
    /// # Errors
    /// Nothing is left, or the node fails.
    pub fn keep_whole(
        &mut self,
        whole: &mut dyn FnMut(&Shown) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        if self.flat().len() == 1 {
            return Ok(());
        }
        let mut first = None;
        let mut left_out = Vec::new();
        let items = std::mem::take(&mut self.items);
        self.items = keep(items, whole, &mut |item, problem| {
            left_out.push((item.name(), problem.detail.clone()));
            first.get_or_insert(problem);
        })?;
        for (name, why) in left_out {
            self.leave_out(&name, &why);
        }
        match (self.items.is_empty(), first) {
            (true, Some(problem)) => Err(problem),
            _ => Ok(()),
        }
    }

    /// What was asked for and is not given: its name, and why.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.report.lines.iter();
        lines
            .filter(|line| line.problem.rule == NOT_GIVEN)
            .map(|line| (line.record.as_str(), line.problem.given.as_str()))
    }

    fn leave_out(&mut self, name: &str, why: &str) {
        let fault = Fault::new(Severity::Error, NOT_GIVEN, "", why, "");
        self.report.push(name, fault);
    }

    fn choose(
        &mut self,
        site: &dyn Site,
        item: Box<Shown>,
        members: bool,
        depth: usize,
        into: &mut Vec<Chosen>,
    ) -> Result<(), Problem> {
        if !self.seen.insert(item.id) {
            return Ok(());
        }
        self.files += item.files.as_ref().map_or(0, |list| list.files().len());
        if self.seen.len() > MAX_ITEMS || self.files > MAX_FILES {
            return Err(Problem::too_large(format!(
                "an export has at most {MAX_ITEMS} items and {MAX_FILES} files: ask for a part, or harvest /oai"
            )));
        }
        let below = match (&item.members, members && depth < MAX_DEPTH) {
            (Some(list), true) => list.clone(),
            _ => Vec::new(),
        };
        let mut chosen = Chosen {
            item,
            members: Vec::new(),
        };
        for member in below {
            let id = member.item.id.to_string();
            match given(site, &Which::Id(id.clone())) {
                Ok(member) => self.choose(site, member, true, depth + 1, &mut chosen.members)?,
                Err(problem) if !is_of_item(&problem) => return Err(problem),
                Err(problem) => {
                    let name = member.item.name;
                    let name = if name.is_empty() { &id } else { &name };
                    self.leave_out(name, &problem.detail);
                }
            }
        }
        into.push(chosen);
        Ok(())
    }

    /// All items in their order, members after their collection.
    pub fn flat(&self) -> Vec<&Shown> {
        fn add<'a>(chosen: &'a [Chosen], into: &mut Vec<&'a Shown>) {
            for one in chosen {
                into.push(&one.item);
                add(&one.members, into);
            }
        }
        let mut all = Vec::new();
        add(&self.items, &mut all);
        all
    }
}

/// Whether a problem is one of an item, beside which others can be given: also that it has not been received yet.
fn is_of_item(problem: &Problem) -> bool {
    !problem.status.is_server_error() || problem.status == StatusCode::SERVICE_UNAVAILABLE
}

/// Those that are whole, with the members of each that are.
fn keep(
    all: Vec<Chosen>,
    whole: &mut dyn FnMut(&Shown) -> Result<(), Problem>,
    leave_out: &mut dyn FnMut(&Shown, Problem),
) -> Result<Vec<Chosen>, Problem> {
    let mut kept = Vec::new();
    for mut one in all {
        match whole(&one.item) {
            Ok(()) => {}
            Err(problem) if is_of_item(&problem) => {
                leave_out(&one.item, problem);
                continue;
            }
            Err(problem) => return Err(problem),
        }
        one.members = keep(one.members, whole, leave_out)?;
        kept.push(one);
    }
    Ok(kept)
}

fn shown(which: &Which) -> String {
    match which {
        Which::Name(handle, slug) => format!("{handle}/{slug}"),
        Which::Id(id) => id.clone(),
    }
}

/// Adds what a search finds, as far as it may.
fn found(site: &dyn Site, query: &Query, names: &mut Vec<Which>) -> Result<(), Problem> {
    let mut query = query.clone();
    (query.limit, query.offset, query.facets) = (MAX_LIMIT, 0, false);
    loop {
        let answer = site
            .search(&query)
            .map_err(|e| Problem::bad_request(e.to_string()))?;
        if answer.total > MAX_ITEMS {
            return Err(Problem::too_large(format!(
                "the search finds {} items, an export has at most {MAX_ITEMS}: narrow it",
                answer.total
            )));
        }
        let count = answer.hits.len();
        names.extend(answer.hits.into_iter().map(|hit| Which::Id(hit.id)));
        query.offset += count;
        if count == 0 || query.offset >= answer.total {
            return Ok(());
        }
    }
}

/// An item that may be given: not withdrawn, hidden or erased, and its words are here.
fn given(site: &dyn Site, which: &Which) -> Result<Box<Shown>, Problem> {
    let item = http::find(site, which)?;
    if let Some(withdrawal) = &item.withdrawn {
        return Err(Problem::new(StatusCode::GONE, withdrawal.sentence()));
    }
    match item.words {
        Words::Here => Ok(item),
        Words::Erased => Err(Problem::new(
            StatusCode::GONE,
            "its institution has erased this content",
        )),
        Words::Withheld => Err(Problem::busy(
            "this node has not received the words of this item yet; try again",
            5,
        )),
    }
}
