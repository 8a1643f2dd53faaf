//! From matches to what a page shows.

use std::collections::BTreeMap;

use tantivy::Searcher;

use super::answer::{Contribution, Correction, Hit};
use super::document::Document;
use super::gather::Match;
use super::language::{Analyser, best};
use super::plan::{Plan, Slip};
use super::query::Query;
use super::schema::{Fields, cut};
use super::signals::{Lift, Signs};
use super::snippet::snippet;
use super::words::words;

const SECONDS_OF_A_DAY: u64 = 86_400;
/// How much of each text of a hit is searched for the accents of a corrected word, in bytes.
const SPELLING_BYTES: usize = 5_000;

/// A page of hits in the making.
pub(crate) struct Page<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) fields: &'a Fields,
    pub(crate) query: &'a Query,
    pub(crate) plan: &'a Plan,
    /// Time of the newest statement, from which ages are counted.
    pub(crate) newest: u64,
    pub(crate) analyser: Analyser,
}

impl Page<'_> {
    pub(crate) fn hit(&mut self, found: &Match, document: Document) -> tantivy::Result<Hit> {
        let language = &self.query.interface_language;
        let choose = |texts| best(texts, language).cloned().unwrap_or_default();
        let (title_language, title) = choose(&document.titles);
        let (summary_language, summary) = choose(&document.summaries);
        let (snippet, place) = snippet(&document, &self.plan.marks, &mut self.analyser, language);
        Ok(Hit {
            score: self.points(f64::from(found.steps)),
            snippet,
            place: place.cloned(),
            explanation: self.explanation(found, &document)?,
            id: document.id,
            name: document.name,
            kind: document.kind,
            institution: document.institution,
            title,
            title_language,
            summary,
            summary_language,
            creators: document.creators,
            resource_types: document.resource_types,
            licence: document.licence,
            languages: document.languages,
            levels: document.levels,
            subjects: document.subjects,
            formats: document.formats,
            duration: document.duration,
            updated: document.updated,
            adoptions: document.adoptions,
            position_hint: document.position_hint,
        })
    }

    fn explanation(
        &self,
        found: &Match,
        document: &Document,
    ) -> tantivy::Result<Vec<Contribution>> {
        let mut parts = Vec::new();
        let mut words = 0.0;
        // In other orders than that of relevance there is no score to explain.
        if self.query.explain && found.steps > 0 {
            let segment = self.searcher.segment_reader(found.address.segment_ord);
            for leaf in &self.plan.leaves {
                if let Some(steps) = leaf.steps_for(segment, found.address.doc_id)? {
                    let (field, word) = self.fields.explained(leaf.term.field(), &leaf.word);
                    let score = self.points(steps);
                    words += steps;
                    parts.push(Contribution { field, word, score });
                }
            }
            let signs = Signs::of(document);
            let lift = Lift::of(words as u32, signs, self.newest);
            let age = self.newest.saturating_sub(signs.updated) / SECONDS_OF_A_DAY;
            for (field, word, steps) in [
                ("adoptions", signs.adoptions, lift.adopted),
                ("reviews", signs.reviews, lift.approved),
                ("days before the newest", age, lift.recent),
            ] {
                if steps > 0 {
                    parts.push(Contribution {
                        field: field.to_owned(),
                        word: word.to_string(),
                        score: self.points(f64::from(steps)),
                    });
                }
            }
            parts.sort_by(|a, b| b.score.total_cmp(&a.score));
        }
        Ok(parts)
    }

    fn points(&self, steps: f64) -> f32 {
        (steps / self.plan.steps) as f32
    }

    /// The corrections, with the accents that the hits write them with: the dictionary is folded.
    pub(crate) fn corrections(&self, documents: &[Document]) -> Vec<Correction> {
        let mut spellings: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
        for Slip { corrected, .. } in &self.plan.slips {
            spellings.insert(corrected, BTreeMap::new());
        }
        if !spellings.is_empty() {
            for text in documents.iter().flat_map(texts) {
                let text = cut(text, SPELLING_BYTES);
                for word in words(text) {
                    if let Some(seen) = spellings.get_mut(word.text.as_str()) {
                        let written = text[word.start..word.end].to_lowercase();
                        *seen.entry(written).or_default() += 1;
                    }
                }
            }
        }
        let correction = |slip: &Slip| Correction {
            from: self.query.text[slip.term.span.clone()].to_owned(),
            to: spellings
                .get(slip.corrected.as_str())
                // The most frequent; of equally frequent ones the first in the alphabet.
                .and_then(|seen| seen.iter().rev().max_by_key(|(_, count)| **count))
                .map_or_else(|| slip.corrected.clone(), |(written, _)| written.clone()),
        };
        self.plan.slips.iter().map(correction).collect()
    }

    /// The query with its words corrected.
    pub(crate) fn suggestion(&self, corrected: &[Correction]) -> Option<String> {
        if corrected.is_empty() {
            return None;
        }
        let text = &self.query.text;
        let mut suggestion = String::new();
        let mut at = 0;
        for (slip, correction) in self.plan.slips.iter().zip(corrected) {
            // Pairs of letters of a script without spaces overlap.
            if slip.term.span.start < at {
                continue;
            }
            suggestion.push_str(&text[at..slip.term.span.start]);
            suggestion.push_str(&correction.to);
            at = slip.term.span.end;
        }
        suggestion.push_str(&text[at..]);
        Some(suggestion)
    }
}

fn texts(document: &Document) -> impl Iterator<Item = &str> {
    [
        &document.titles,
        &document.summaries,
        &document.descriptions,
        &document.keywords,
        &document.text,
    ]
    .into_iter()
    .flatten()
    .map(|(_, text)| text.as_str())
}
