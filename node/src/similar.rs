//! What is like an item, and the same work in other languages: what an item's page shows beside it.
//!
//! The same work in another language is what somebody stated: that one item is the translation of another, or the same
//! as it, or was made from it, each followed from item to item. What is like it is found by its words
//! ([`commun_index::Like`]). Both are asked anew each time and name only what is shown here now, so that an item that was
//! withdrawn, erased or hidden never stands in an answer, and never keeps one from being given.

use std::collections::BTreeSet;

use commun_index::{Hit, Index, Like, QueryError};
use commun_specs::{id::StatementId, statement::Facts};

use crate::{
    core::Core,
    quality::Quality,
    store,
    takedown::{self, Standing},
};

/// Items that are looked at for other languages of one work: more than one work has been translated into.
const MAX_WORK: usize = 40;
/// Works made from one that are looked at.
const MAX_DERIVED: usize = 160;
/// Items that are looked at on the way, most of which may be other works in the language that one came from: those are no
/// part of this one, and must not keep its translations from being found.
const MAX_LOOKS: usize = 600;
/// How many steps apart two items of one work may be: a translation of a translation of the same record elsewhere.
const MAX_STEPS: usize = 3;

/// Items to show beside an item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Similar {
    /// The same work in other languages, by language and name.
    pub translations: Vec<Hit>,
    /// What is like it, most alike first; none of the same work in another language.
    pub like: Vec<Hit>,
}

/// They could not be found: the node fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The index fails.
    #[error(transparent)]
    Index(#[from] QueryError),
    /// `log.db` fails.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Finds what to show beside an item: at most `limit` that are like it. `lang` is the language of the page, in which
/// titles and summaries are taken where they exist. Empty for an item that is not shown itself.
///
/// # Errors
/// The index or `log.db` fails.
pub fn similar(
    core: &Core,
    quality: &Quality,
    index: &Index,
    item: &StatementId,
    lang: &str,
    limit: usize,
) -> Result<Similar, Error> {
    let own = item.to_string();
    let Some(hit) = index.hits(std::slice::from_ref(&own), lang)?.pop() else {
        return Ok(Similar::default());
    };
    if !is_shown(core, &hit.id) {
        return Ok(Similar::default());
    }
    let mut translations = work(core, quality, index, &hit, lang)?;
    translations.sort_by(|a, b| (&a.languages, &a.name).cmp(&(&b.languages, &b.name)));
    let without: Vec<String> = translations.iter().map(|hit| hit.id.clone()).collect();
    let mut like = index.similar(&Like {
        id: &own,
        without: &without,
        // Some may have been hidden a moment ago.
        limit: limit + 4,
        interface_language: lang,
    })?;
    like.retain(|hit| is_shown(core, &hit.id));
    like.truncate(limit);
    Ok(Similar { translations, like })
}

/// The items that are the same work in a language that this one is not in.
fn work(
    core: &Core,
    quality: &Quality,
    index: &Index,
    own: &Hit,
    lang: &str,
) -> Result<Vec<Hit>, Error> {
    let one = |hit: Hit| One {
        id: hit.id,
        languages: hit.languages,
    };
    let ids = walk(
        one(own.clone()),
        |from| Ok(near(core, quality, &from.id)?),
        |ids| {
            let hits = index.hits(ids, lang)?.into_iter();
            Ok(hits
                .filter(|hit| is_shown(core, &hit.id))
                .map(one)
                .collect())
        },
    )?;
    Ok(index.hits(&ids, lang)?)
}

/// What the way from item to item needs of one.
#[derive(Debug, Clone)]
struct One {
    id: String,
    languages: Vec<String>,
}

/// Goes from item to item of one work: `near` names what hangs together with one, `look` gives those of them that are shown.
/// Gives the ids of the items that are in other languages than the first.
fn walk(
    own: One,
    near: impl Fn(&One) -> Result<Vec<(Tie, String)>, Error>,
    look: impl Fn(&[String]) -> Result<Vec<One>, Error>,
) -> Result<Vec<String>, Error> {
    let mut seen = BTreeSet::from([own.id.clone()]);
    let mut edge = vec![own.clone()];
    let mut found = Vec::new();
    let mut looks = MAX_LOOKS;
    for _ in 0..MAX_STEPS {
        let mut next = Vec::new();
        for from in &edge {
            let new = near(from)?.into_iter();
            let new: Vec<(Tie, String)> = new
                .filter(|(_, id)| !seen.contains(id))
                .take(looks)
                .collect();
            looks -= new.len();
            let ids: Vec<String> = new.iter().map(|(_, id)| id.clone()).collect();
            for one in look(&ids)? {
                let tie = new.iter().find(|(_, id)| *id == one.id).map(|(tie, _)| tie);
                // What was made from an item in its own language is another work.
                let same = match tie {
                    Some(Tie::Stated) => true,
                    Some(Tie::Made) => differ(from, &one),
                    None => false,
                };
                if same && seen.len() <= MAX_WORK && seen.insert(one.id.clone()) {
                    if differ(&own, &one) {
                        found.push(one.id.clone());
                    }
                    next.push(one);
                }
            }
        }
        edge = next;
    }
    Ok(found)
}

/// How two items hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// Somebody stated that they are the same, or the same in another language.
    Stated,
    /// One was made from the other.
    Made,
}

/// The items that hang together with one, by id.
fn near(core: &Core, quality: &Quality, id: &str) -> Result<Vec<(Tie, String)>, store::Error> {
    let Ok(id) = id.parse::<StatementId>() else {
        return Ok(Vec::new());
    };
    let twins = quality.twins(&id).into_iter();
    let mut near: Vec<(Tie, String)> = twins
        .map(|(_, twin)| (Tie::Stated, twin.id.to_string()))
        .collect();
    let (into, displayed) = {
        let state = core.state();
        let catalogue = state.catalogue();
        let displayed = catalogue.item(&id).map(|item| item.displayed());
        (catalogue.derivatives(&id), displayed)
    };
    let into = into.into_iter().take(MAX_DERIVED);
    near.extend(into.map(|id| (Tie::Made, id.to_string())));
    if let Some(displayed) = displayed
        && let Some(found) = core.statement(&displayed)?
        && let Ok(Some(Facts::Resource(resource))) = found.statement.facts()
    {
        let from = resource.derived_from.iter();
        near.extend(from.map(|from| (Tie::Made, from.item.to_string())));
    }
    // In an order that every node has, whatever it learnt first.
    near.sort_by(|(one, a), (other, b)| (*one == Tie::Made, a).cmp(&(*other == Tie::Made, b)));
    near.dedup_by(|(_, a), (_, b)| a == b);
    Ok(near)
}

/// Whether two items are in different languages, as far as both say theirs.
fn differ(one: &One, other: &One) -> bool {
    let primary = |tag: &String| {
        let primary = tag.split('-').next().unwrap_or_default();
        primary.to_ascii_lowercase()
    };
    let theirs: BTreeSet<String> = other.languages.iter().map(primary).collect();
    let own: BTreeSet<String> = one.languages.iter().map(primary).collect();
    !own.is_empty() && !theirs.is_empty() && own.is_disjoint(&theirs)
}

/// Whether an item that the index has is shown here: the index may be a moment behind.
pub(crate) fn is_shown(core: &Core, id: &str) -> bool {
    let Ok(id) = id.parse::<StatementId>() else {
        return false;
    };
    let item = core.state().catalogue().copy_of(&id);
    item.is_some_and(|item| takedown::standing(core, &item) == Standing::Shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: &str) -> One {
        One {
            id: id.to_owned(),
            // `fr-12` is in French.
            languages: vec![id[..2].to_owned()],
        }
    }

    /// Goes through a work whose items are named by their language; those named here were made from the first.
    fn made(from: &str, ids: &[String]) -> Vec<String> {
        let near = |at: &One| {
            let ids = ids.iter().filter(|_| at.id == from);
            Ok(ids.map(|id| (Tie::Made, id.clone())).collect())
        };
        let look = |ids: &[String]| Ok(ids.iter().map(|id| one(id)).collect());
        walk(one(from), near, look).unwrap()
    }

    #[test]
    fn a_translation_is_found_behind_many_works_in_the_own_language() {
        let own = (0..MAX_DERIVED - 1).map(|n| format!("fr-{n:03}"));
        let ids: Vec<String> = own.chain(["pt-1".to_owned()]).collect();
        assert_eq!(made("fr", &ids), ["pt-1"]);
    }

    #[test]
    fn a_work_in_very_many_languages_names_so_many_and_ends() {
        let ids: Vec<String> = (0..MAX_DERIVED).map(|n| format!("en-{n:03}")).collect();
        assert_eq!(made("fr", &ids).len(), MAX_WORK);
        // Each leads to new ones, none of them in another language.
        let looked = std::cell::Cell::new(0);
        let near = |at: &One| {
            let new = (0..MAX_DERIVED).map(|n| (Tie::Stated, format!("{}-{n}", at.id)));
            Ok(new.collect())
        };
        let look = |ids: &[String]| {
            looked.set(looked.get() + ids.len());
            Ok(ids.iter().map(|id| one(id)).collect())
        };
        assert!(walk(one("fr"), near, look).unwrap().is_empty());
        assert!(looked.get() <= MAX_LOOKS);
    }
}
