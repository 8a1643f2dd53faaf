//! From an item of the catalogue to the document that is searched.
//!
//! A document is a function of the catalogue, the bodies and the extracted texts, so that nodes that have the same of
//! these give the same answers. Nothing of this node enters it: no time of arrival, no file that happens to be held.

use std::collections::BTreeSet;

use commun_forge::text::{MAX_TEXT_BYTES, sections};
use commun_index::{Document, Kind, Place};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    metadata::{Author, NOT_CHECKED, Record, View},
    statement::{Facts, TextBlob},
    vocab::{self, Scheme},
};

use tokio::runtime::Handle;

use super::labels::labels;
use crate::{
    adoptions,
    blobs::Blobs,
    core::{Core, Found},
    items::descriptions,
    resources::stated_licence,
    reviews, store,
    takedown::{self, Standing},
};

/// Most bytes of text of one item: what the extractor gives, as a fence against descriptions of others.
pub(super) const MAX_TEXT: usize = MAX_TEXT_BYTES;

/// Most sections of one text: each costs more than its bytes.
const MAX_SECTIONS: usize = 5_000;

/// A document but for its text, and the texts that belong to it.
pub(super) struct Draft {
    pub(super) document: Document,
    pub(super) texts: Vec<TextBlob>,
}

/// What is to be done with an item.
pub(super) enum Work {
    /// It is to be found so.
    Put(Box<Draft>),
    /// It is not to be found: unknown, withdrawn, or hidden here.
    Remove,
    /// The catalogue names a statement that is being written: wait until it is stored, and leave what is found now.
    Later,
}

/// What the catalogue says of an item. Called where it may block, within the runtime.
pub(super) fn work(core: &Core, blobs: &Blobs, id: &StatementId) -> Result<Work, store::Error> {
    let Some(item) = core.state().catalogue().copy_of(id) else {
        return Ok(Work::Remove);
    };
    if takedown::standing(core, &item) != Standing::Shown {
        return Ok(Work::Remove);
    }
    let Some(displayed) = core.statement(&item.displayed())? else {
        return Ok(Work::Later);
    };
    let mut record = record(&displayed);
    let mut texts = Vec::new();
    let branch = match displayed.statement.facts() {
        Ok(Some(Facts::Repository(rules))) => Some(rules.default_branch),
        _ => None,
    };
    for id in descriptions(&item, branch.as_deref()) {
        if core.state().catalogue().erasure_of(&id).is_some() {
            continue;
        }
        let Some(found) = core.statement(&id)? else {
            return Ok(Work::Later);
        };
        if let Ok(Some(Facts::Description(d))) = found.statement.facts() {
            let list = |hash: &_| Handle::current().block_on(takedown::file_list(blobs, hash));
            if takedown::sets_aside(core, &d.of, list)? {
                continue;
            }
            texts.extend(d.text);
        }
        record.merge(self::record(&found));
    }
    let updated = updated(core, &item, &displayed)?;
    Ok(Work::Put(Box::new(Draft {
        document: Document {
            adoptions: adoptions::count(core, &item.id),
            reviews: reviews::count(core, &item.id),
            ..document(&item, &displayed, record.view(), updated)
        },
        texts,
    })))
}

fn record(found: &Found) -> Record {
    let body = found.body.as_ref();
    body.and_then(|b| Record::from_body(&b.bytes).ok())
        .unwrap_or_default()
}

/// Time of the newest statement, seconds since 1970: of the versions and, for a repository, of the pushes that stand.
fn updated(core: &Core, item: &Item, displayed: &Found) -> Result<u64, store::Error> {
    let time = |found: &Found| found.statement.head.as_ref().map_or(0, |h| h.time);
    let mut newest = time(displayed);
    // Within a log order is time: the last push of each log is enough, however many refs there are.
    let mut last = std::collections::BTreeMap::new();
    {
        let state = core.state();
        let pushes: BTreeSet<StatementId> = item
            .refs
            .values()
            .flat_map(|r| r.heads.iter().map(|h| h.id))
            .collect();
        for id in pushes {
            if let Some((log, position)) = state.catalogue().find(&id) {
                let slot = last.entry(log).or_insert((position, id));
                *slot = (*slot).max((position, id));
            }
        }
    }
    for (_, id) in last.into_values() {
        newest = newest.max(core.statement(&id)?.as_ref().map_or(0, time));
    }
    Ok(newest)
}

fn document(item: &Item, displayed: &Found, mut view: View, updated: u64) -> Document {
    let licence = match displayed.statement.facts() {
        Ok(Some(Facts::Resource(r))) => Some(r.licence),
        Ok(Some(Facts::Repository(r))) => Some(r.licence),
        _ => None,
    };
    // The head of a resource always states its licence; a repository's may be silent, and its files may not.
    let read_licence = view
        .licence
        .take()
        .filter(|_| item.kind == ItemKind::Repository);
    // What a component is written in, runs on and is for is searched as keywords are, in no language.
    let mut keywords = std::mem::take(&mut view.keywords);
    let words = [
        &mut view.programming_languages,
        &mut view.platforms,
        &mut view.categories,
    ];
    keywords.extend(
        words
            .into_iter()
            .flat_map(std::mem::take)
            .map(|word| ("und".to_owned(), word)),
    );
    let authors = authors(&view);
    let (formats, accessibility) = (formats(item, &view), stated_accessibility(&view));
    let duration = view.how_long().map(str::to_owned);
    Document {
        id: item.id.to_string(),
        name: format!("{}/{}", item.owner, item.slug),
        kind: match item.kind {
            ItemKind::Repository => Kind::Repository,
            ItemKind::Resource => Kind::Resource,
            ItemKind::Collection => Kind::Collection,
        },
        institution: item.owner.to_string(),
        subjects: view.subject_ids(),
        labels: labels(&view),
        levels: vocab::expand(Scheme::Level, view.levels.iter().map(String::as_str)),
        // A second title of a language is searched, too; the first one is shown.
        titles: known_language(view.all_texts("title", &view.titles)),
        summaries: known_language(view.summaries),
        descriptions: known_language(view.descriptions),
        keywords: known_language(keywords),
        authors,
        creators: view
            .creators
            .into_iter()
            .chain(view.contributors)
            .map(|c| c.name)
            .collect(),
        resource_types: view.resource_types,
        licence: licence
            .and_then(|l| stated_licence(&l).map(str::to_owned))
            .or(read_licence),
        languages: view.languages,
        formats,
        duration,
        accessibility,
        file_names: view.files.into_iter().map(|f| f.path).collect(),
        text: Vec::new(),
        places: Vec::new(),
        updated,
        adoptions: 0,
        reviews: 0,
        // Where this node's journal stands is nobody else's concern.
        position_hint: 0,
    }
}

/// The authors as their pages tell them from one another.
fn authors(view: &View) -> Vec<commun_index::Author> {
    let all = view.creators.iter().chain(&view.contributors);
    let all = all.map(|creator| commun_index::Author {
        keys: Author::all(creator).iter().map(Author::to_string).collect(),
        name: creator.name.clone(),
    });
    all.filter(|author| !author.keys.is_empty()).collect()
}

/// What its files are; a repository is code, whatever else it holds.
fn formats(item: &Item, view: &View) -> Vec<String> {
    let code = (item.kind == ItemKind::Repository).then_some("code");
    let mut ids = view.format_ids();
    ids.extend(code.filter(|code| !ids.contains(code)));
    ids.into_iter().map(str::to_owned).collect()
}

/// What its metadata say of accessibility; nothing where they say nothing, which the index takes for "not checked".
fn stated_accessibility(view: &View) -> Vec<String> {
    let mut ids = view.accessibility_ids();
    ids.retain(|id| id != NOT_CHECKED);
    ids
}

/// The index guesses the language where it is not known; it says so with an empty tag.
fn known_language(texts: Vec<(String, String)>) -> Vec<(String, String)> {
    let known = |(lang, text): (String, String)| {
        if lang == "und" {
            (String::new(), text)
        } else {
            (lang, text)
        }
    };
    texts.into_iter().map(known).collect()
}

impl Draft {
    /// The document with its texts, as far as they are here, in the order of the descriptions.
    pub(super) fn with(mut self, texts: Vec<String>) -> Document {
        let language = match &self.document.languages[..] {
            [one] => one.clone(),
            _ => String::new(),
        };
        let mut room = MAX_TEXT;
        for text in texts {
            let text = &text[..text.floor_char_boundary(room)];
            room -= text.len();
            for (place, text) in sections(text).take(MAX_SECTIONS) {
                self.document.text.push((language.clone(), text.to_owned()));
                let (page, file) = (place.page, place.file);
                self.document.places.push(Place { page, file });
            }
        }
        self.document
    }
}
