//! Completion as one types: what stands in the index that begins so.
//!
//! The last word of what is typed may be unfinished, those before it are not. Offered are words of the index's own
//! dictionary, subjects and levels that something is catalogued as, and titles. All of it is of documents in force:
//! what was removed is offered no more, not even as a word that nothing else has.

mod begun;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use commun_specs::vocab::{self, Scheme};
use serde::Deserialize;
use tantivy::query::{BooleanQuery, Occur, Query as EngineQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, Searcher, TERMINATED, TantivyError, Term};

use super::{Index, Snapshot};
use crate::error::QueryError;
use crate::fold::fold_title;
use crate::gather::{Gather, texts_of};
use crate::language::best;
use crate::query::{Query, Sort};
use crate::schema::{ID, Tier, title_key};
use crate::words::{is_unspaced, words};
use begun::Begun;

/// Longest text that is completed, in bytes: nobody needs help with a longer one.
const MAX_TYPED: usize = 200;
/// Fewest characters of an unfinished word: what begins with one letter is everything. In scripts without spaces one is
/// enough: there a character is a word, or a syllable.
const MIN_PREFIX: usize = 2;
/// Most completions.
pub const MAX_COMPLETIONS: usize = 10;
/// Of these, words, and subjects with levels.
const MAX_WORDS: usize = 4;
const MAX_CONCEPTS: usize = 3;
/// Words that an unfinished one may stand for in titles, and the documents that they may have together.
const MAX_STANDING: usize = 40;
const MAX_DOCUMENTS: u64 = 100_000;
/// Titles that are compared, newest first.
const MAX_TITLES: usize = 40;

/// Something that what is typed may be meant to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// The typed text with its last word finished.
    Word {
        /// The whole text.
        text: String,
    },
    /// A subject or a level that something is catalogued as.
    Concept {
        /// Name of its facet: `subject` or `level`.
        facet: &'static str,
        /// Its id.
        id: &'static str,
        /// Its label in the language of the page.
        label: &'static str,
        /// How many items have it.
        count: u64,
    },
    /// An item whose title has these words.
    Title {
        /// The item's id.
        id: String,
        /// The item's name.
        name: String,
        /// Its title, in the best language for the page.
        title: String,
        /// BCP 47 tag of the title; may be empty.
        language: String,
    },
}

impl Index {
    /// Completes what somebody types, at most [`MAX_COMPLETIONS`]: words, then subjects and levels, then titles. Accents and
    /// case do not matter. Empty for a text that is too short or too long.
    ///
    /// # Errors
    ///
    /// [`QueryError::Index`].
    pub fn complete(
        &self,
        typed: &str,
        interface_language: &str,
    ) -> Result<Vec<Completion>, QueryError> {
        if typed.len() > MAX_TYPED {
            return Ok(Vec::new());
        }
        let mut before: Vec<String> = Vec::new();
        let mut last = None;
        for word in words(typed) {
            before.extend(last.replace(word).map(|word| word.text));
        }
        let Some(last) = last else {
            return Ok(Vec::new());
        };
        let short = last.text.chars().count() < MIN_PREFIX;
        if short && !last.text.chars().all(is_unspaced) {
            // `Licence 1` is a level, while words and titles of one letter are everything.
            return match before.is_empty() {
                true => Ok(Vec::new()),
                false => self.concepts(typed, interface_language),
            };
        }
        let snapshot = self.snapshot();
        let mut all = self.guarded(|| {
            let begun = &typed[..last.start];
            self.words_that_begin(&snapshot, begun, &last.text, interface_language)
        })?;
        all.extend(self.concepts(typed, interface_language)?);
        let titles = self.guarded(|| {
            let typed = fold_title(typed);
            self.titles(&snapshot, &before, &last.text, &typed, interface_language)
        })?;
        all.extend(titles);
        all.truncate(MAX_COMPLETIONS);
        Ok(all)
    }

    fn words_that_begin(
        &self,
        snapshot: &Snapshot,
        begun: &str,
        prefix: &str,
        interface_language: &str,
    ) -> tantivy::Result<Vec<Completion>> {
        let fields = self.fields.neutral().filter(|text| text.tier != Tier::Text);
        let fields: Vec<Field> = fields.map(|text| text.field).collect();
        let typed = prefix.chars().count();
        // What is typed already is no news, and one letter more for a plural saves nothing.
        let wanted =
            |word: &str| word.chars().all(char::is_alphabetic) && word.chars().count() >= typed + 2;
        let mut found = Vec::new();
        for word in Begun::with(snapshot, &fields, prefix, wanted)?.take(MAX_WORDS) {
            // The first field is that of titles.
            let written =
                self.written(&snapshot.searcher, fields[0], word?.0, interface_language)?;
            found.push(Completion::Word {
                text: format!("{begun}{written}"),
            });
        }
        Ok(found)
    }

    /// A folded word as an item writes it in its title, if it has several in that of the page's language (`equations` is
    /// *équations* there), else as it is. It is the item with the smallest id of those whose title has the word.
    fn written(
        &self,
        searcher: &Searcher,
        titles: Field,
        word: String,
        interface_language: &str,
    ) -> tantivy::Result<String> {
        if let Some(address) = smallest(searcher, &Term::from_field_text(titles, &word))? {
            let mut titled = self.titled(searcher, address)?;
            let other = |tag: &str| tag.split('-').next() != Some(interface_language);
            titled.titles.sort_by_key(|(tag, _)| other(tag));
            for (_, title) in &titled.titles {
                let mut written = words(title).filter(|found| found.text == word);
                if let Some(found) = written.next() {
                    return Ok(title[found.start..found.end].to_lowercase());
                }
            }
        }
        Ok(word)
    }

    /// Subjects and levels whose label or other name has the typed words, the last of them unfinished.
    fn concepts(
        &self,
        typed: &str,
        interface_language: &str,
    ) -> Result<Vec<Completion>, QueryError> {
        let typed = format!(" {}", fold_title(typed));
        let mut found = Vec::new();
        for (facet, scheme) in [("subject", Scheme::Subject), ("level", Scheme::Level)] {
            for concept in vocab::concepts(scheme) {
                let names = [concept.fr, concept.en].into_iter();
                let mut names = names.chain(concept.names.iter().copied());
                if names.any(|name| format!(" {}", fold_title(name)).contains(&typed)) {
                    found.push((facet, concept));
                }
            }
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let everything = self.search(&Query {
            facets: true,
            ..Query::default()
        })?;
        let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
        let mut counted = Vec::new();
        for (facet, concept) in found {
            let counts = everything.facets.get(facet).into_iter().flatten();
            let count = counts
                .filter(|(id, _)| id == concept.id)
                .map(|(_, n)| *n)
                .next();
            let label = concept.label(interface_language);
            // A field and its only part may be called the same: the broader one comes first in the table.
            let seen = labels.entry(label).or_default();
            *seen += 1;
            if let Some(count) = count.filter(|count| *count > 0 && *seen == 1) {
                counted.push((Reverse(count), facet, concept.id, label));
            }
        }
        counted.sort_unstable();
        let counted = counted.into_iter().take(MAX_CONCEPTS);
        Ok(counted
            .map(|(Reverse(count), facet, id, label)| Completion::Concept {
                facet,
                id,
                label,
                count,
            })
            .collect())
    }

    fn titles(
        &self,
        snapshot: &Snapshot,
        before: &[String],
        prefix: &str,
        typed: &str,
        interface_language: &str,
    ) -> tantivy::Result<Vec<Completion>> {
        let searcher = &snapshot.searcher;
        let mut fields = self
            .fields
            .neutral()
            .filter(|text| text.tier == Tier::Title);
        let Some(field) = fields.next().map(|text| text.field) else {
            return Ok(Vec::new());
        };
        let word = |word: &str| -> Box<dyn EngineQuery> {
            let term = Term::from_field_text(field, word);
            Box::new(TermQuery::new(term, IndexRecordOption::Basic))
        };
        let mut documents = 0;
        let mut standing = Vec::new();
        for begun in Begun::with(snapshot, &[field], prefix, |_| true)? {
            let (found, frequency) = begun?;
            if standing.len() == MAX_STANDING {
                break;
            }
            if documents + frequency <= MAX_DOCUMENTS {
                documents += frequency;
                standing.push((Occur::Should, word(&found)));
            }
        }
        if standing.is_empty() {
            return Ok(Vec::new());
        }
        let mut parts = vec![(
            Occur::Must,
            Box::new(BooleanQuery::new(standing)) as Box<dyn EngineQuery>,
        )];
        parts.extend(before.iter().map(|before| (Occur::Must, word(before))));
        let newest = Query {
            sort: Sort::Newest,
            limit: MAX_TITLES,
            ..Query::default()
        };
        let gathered = searcher.search(
            &BooleanQuery::new(parts),
            &Gather::new(&newest, false, snapshot.statistics.newest, None),
        )?;
        let mut ranked = Vec::new();
        for found in gathered.matches {
            let segment = searcher.segment_reader(found.address.segment_ord);
            let column = title_key(interface_language);
            let key = texts_of(segment, column, found.address.doc_id)?.pop();
            let key = key.unwrap_or_default();
            ranked.push((!key.starts_with(typed), key.len(), found.id, found.address));
        }
        ranked.sort_unstable();
        let mut titles = Vec::new();
        for (_, _, id, address) in ranked.into_iter().take(MAX_COMPLETIONS) {
            let titled = self.titled(searcher, address)?;
            if let Some((language, title)) = best(&titled.titles, interface_language) {
                titles.push(Completion::Title {
                    id,
                    name: titled.name,
                    title: title.clone(),
                    language: language.clone(),
                });
            }
        }
        Ok(titles)
    }

    /// What a document is called, without the rest of it.
    fn titled(&self, searcher: &Searcher, address: DocAddress) -> tantivy::Result<Titled> {
        let json = self.stored_text(searcher, address)?;
        serde_json::from_str(&json)
            .map_err(|error| TantivyError::InternalError(format!("a stored document: {error}")))
    }
}

/// The part of a stored document that names it.
#[derive(Deserialize)]
struct Titled {
    name: String,
    titles: Vec<(String, String)>,
}

/// The document in force with the smallest id of those that have a term.
fn smallest(searcher: &Searcher, term: &Term) -> tantivy::Result<Option<DocAddress>> {
    let mut best: Option<(String, DocAddress)> = None;
    for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
        let index = segment.inverted_index(term.field())?;
        let (Some(mut postings), Some(ids)) = (
            index.read_postings(term, IndexRecordOption::Basic)?,
            segment.fast_fields().str(ID)?,
        ) else {
            continue;
        };
        // Ids are numbered in their order.
        let mut least: Option<(u64, DocId)> = None;
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if !segment.is_deleted(doc)
                && let Some(id) = ids.ords().first(doc)
                && least.is_none_or(|(known, _)| id < known)
            {
                least = Some((id, doc));
            }
            doc = postings.advance();
        }
        let Some((id, doc)) = least else { continue };
        let mut name = String::new();
        ids.ord_to_str(id, &mut name)?;
        if best.as_ref().is_none_or(|(known, _)| name < *known) {
            best = Some((name, DocAddress::new(ordinal, doc)));
        }
    }
    Ok(best.map(|(_, address)| address))
}

/// The first document in force that has a term.
pub(super) fn first(searcher: &Searcher, term: &Term) -> tantivy::Result<Option<DocAddress>> {
    for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
        let index = segment.inverted_index(term.field())?;
        let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else {
            continue;
        };
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if !segment.is_deleted(doc) {
                return Ok(Some(DocAddress::new(ordinal, doc)));
            }
            doc = postings.advance();
        }
    }
    Ok(None)
}
