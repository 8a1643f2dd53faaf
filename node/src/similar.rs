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
    let mut seen = BTreeSet::from([own.id.clone()]);
    let mut edge = vec![own.clone()];
    let mut found = Vec::new();
    for _ in 0..MAX_STEPS {
        let mut next = Vec::new();
        for from in &edge {
            let near = near(core, quality, from)?;
            let new: Vec<(Tie, String)> = near
                .into_iter()
                .filter(|(_, id)| !seen.contains(id))
                .take(MAX_WORK)
                .collect();
            let ids: Vec<String> = new.iter().map(|(_, id)| id.clone()).collect();
            for hit in index.hits(&ids, lang)? {
                let tie = new.iter().find(|(_, id)| *id == hit.id).map(|(tie, _)| tie);
                // What was made from an item in its own language is another work.
                let same = match tie {
                    Some(Tie::Stated) => true,
                    Some(Tie::Made) => differ(from, &hit),
                    None => false,
                };
                if same
                    && seen.len() <= MAX_WORK
                    && is_shown(core, &hit.id)
                    && seen.insert(hit.id.clone())
                {
                    if differ(own, &hit) {
                        found.push(hit.clone());
                    }
                    next.push(hit);
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
fn near(core: &Core, quality: &Quality, hit: &Hit) -> Result<Vec<(Tie, String)>, store::Error> {
    let Ok(id) = hit.id.parse::<StatementId>() else {
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
fn differ(one: &Hit, other: &Hit) -> bool {
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
    let item = core.state().catalogue().item(&id).cloned();
    item.is_some_and(|item| takedown::standing(core, &item) == Standing::Shown)
}
