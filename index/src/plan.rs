//! From a parsed query to engine queries.

use std::collections::BTreeSet;
use std::sync::Arc;

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, Occur, PhraseQuery, Query as EngineQuery,
};
use tantivy::{Searcher, Term as EngineTerm};

use super::language::{Analyser, Stemmed, is_stop_word, primary};
use super::leaf::{Leaf, LeafQuery};
use super::parse::{Ask, Clause, Group, Term};
use super::schema::{Analysis, Fields, TextField};
use super::spelling::{Dictionary, MAX_CORRECTIONS};
use super::statistics::Statistics;
use super::steady::Steady;

/// Weight of the unstemmed words beside the stems: measured best on five judged sets.
const NEUTRAL_WEIGHT: f64 = 0.35;
/// Weight of the stems of the language that the page is not in.
const OTHER_LANGUAGE_WEIGHT: f64 = 0.9;

/// A word that no document has, and what was searched instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slip {
    pub(crate) term: Term,
    pub(crate) corrected: String,
}

/// What to highlight.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) words: BTreeSet<String>,
    pub(crate) french: BTreeSet<String>,
    pub(crate) english: BTreeSet<String>,
}

/// A query that is ready to run.
pub(crate) struct Plan {
    pub(crate) query: Box<dyn EngineQuery>,
    /// All scoring parts, for explanations.
    pub(crate) leaves: Vec<Arc<Leaf>>,
    pub(crate) marks: Marks,
    pub(crate) slips: Vec<Slip>,
    /// Whether scores tell hits apart.
    pub(crate) scored: bool,
}

/// Makes plans for one state of the index.
pub(crate) struct Planner<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    statistics: &'a Statistics,
    interface: Stemmed,
    analyser: Analyser,
    /// Whether stop words are looked for: only when the query has nothing else.
    stop_words_count: bool,
    /// How many more words may be looked for in the dictionary.
    corrections_left: usize,
    leaves: Vec<Arc<Leaf>>,
    marks: Marks,
    slips: Vec<Slip>,
}

type Parts = Vec<(Occur, Box<dyn EngineQuery>)>;

impl<'a> Planner<'a> {
    pub(crate) fn new(
        searcher: &'a Searcher,
        fields: &'a Fields,
        statistics: &'a Statistics,
        interface_language: &str,
    ) -> Self {
        let interface = match primary(interface_language).as_str() {
            "fr" => Stemmed::French,
            _ => Stemmed::English,
        };
        Planner {
            searcher,
            fields,
            statistics,
            interface,
            analyser: Analyser::new(),
            stop_words_count: false,
            corrections_left: MAX_CORRECTIONS,
            leaves: Vec::new(),
            marks: Marks::default(),
            slips: Vec::new(),
        }
    }

    /// Plans a query. Text without any word finds nothing, but no text at all (or a lone star)
    /// finds everything.
    pub(crate) fn plan(mut self, text: &str, group: &Group) -> tantivy::Result<Plan> {
        let query: Box<dyn EngineQuery> = if matches!(text.trim(), "" | "*") {
            everything()
        } else {
            self.stop_words_count = only_stop_words(group);
            self.group(group)?
        };
        Ok(Plan {
            query,
            scored: !self.leaves.is_empty(),
            leaves: self.leaves,
            marks: self.marks,
            slips: self.slips,
        })
    }

    fn group(&mut self, group: &Group) -> tantivy::Result<Box<dyn EngineQuery>> {
        let mut alternatives: Parts = Vec::new();
        for clauses in &group.0 {
            let parts = self.sequence(clauses)?;
            if parts.iter().all(|(occur, _)| *occur == Occur::Should) {
                // One flat list of alternatives is cheaper to walk than nested ones.
                alternatives.extend(parts);
            } else {
                alternatives.push((Occur::Should, Box::new(BooleanQuery::new(parts))));
            }
        }
        Ok(either(alternatives))
    }

    fn sequence(&mut self, clauses: &[Clause]) -> tantivy::Result<Parts> {
        let mut parts: Parts = Vec::new();
        for clause in clauses {
            match clause {
                Clause::Word(Ask::May, term) => {
                    let leaves = self.searched_word(term)?;
                    parts.extend(leaves.into_iter().map(|leaf| (Occur::Should, leaf)));
                }
                // Nobody means to require or to exclude "the".
                Clause::Word(_, term) if !self.counts(&term.word) => {}
                Clause::Word(Ask::Must, term) => {
                    let leaves = self.searched_word(term)?;
                    let leaves = leaves.into_iter().map(|leaf| (Occur::Should, leaf));
                    parts.push((Occur::Must, either(leaves.collect())));
                }
                Clause::Word(Ask::Not, term) => {
                    parts.push((Occur::MustNot, self.phrase(std::slice::from_ref(term))?));
                }
                Clause::Phrase(Ask::Not, terms) => {
                    parts.push((Occur::MustNot, self.phrase(terms)?));
                }
                Clause::Phrase(ask, terms) => {
                    let mut phrase: Parts = vec![(
                        Occur::Must,
                        Box::new(ConstScoreQuery::new(self.phrase(terms)?, 0.0)),
                    )];
                    for term in terms {
                        let leaves = self.word(&term.word)?;
                        phrase.extend(leaves.into_iter().map(|leaf| (Occur::Should, leaf)));
                    }
                    parts.push((occur(*ask), Box::new(BooleanQuery::new(phrase))));
                }
                Clause::Group(ask, group) => {
                    let inner = match ask {
                        Ask::Not => self.excluded(group)?,
                        _ => self.group(group)?,
                    };
                    parts.push((occur(*ask), inner));
                }
            }
        }
        if !parts.is_empty() && parts.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            // The engine wants something to take away from: everything, unless the query asked
            // for words that no document has.
            let asks = clauses.iter().any(|clause| match clause {
                Clause::Word(Ask::Not, _)
                | Clause::Phrase(Ask::Not, _)
                | Clause::Group(Ask::Not, _) => false,
                Clause::Word(_, term) => self.counts(&term.word),
                Clause::Phrase(..) | Clause::Group(..) => true,
            });
            let base = if asks {
                either(Vec::new())
            } else {
                everything()
            };
            parts.push((Occur::Must, base));
        }
        Ok(parts)
    }

    /// A group that is excluded neither scores nor is it highlighted or corrected.
    fn excluded(&mut self, group: &Group) -> tantivy::Result<Box<dyn EngineQuery>> {
        let mut planner = Planner {
            searcher: self.searcher,
            fields: self.fields,
            statistics: self.statistics,
            interface: self.interface,
            analyser: Analyser::new(),
            stop_words_count: self.stop_words_count,
            leaves: Vec::new(),
            marks: Marks::default(),
            slips: Vec::new(),
            corrections_left: 0,
        };
        planner.group(group)
    }

    /// Whether a word says something, or is all there is.
    fn counts(&self, word: &str) -> bool {
        self.stop_words_count || !is_any_stop_word(word)
    }

    /// The leaves of a word that was typed, or of its correction.
    fn searched_word(&mut self, term: &Term) -> tantivy::Result<Vec<Box<dyn EngineQuery>>> {
        let corrected = match self.corrected(&term.word)? {
            Some(corrected) => corrected,
            None => return self.word(&term.word),
        };
        // Another ending of the same word is no news: the stems have found it already.
        let stems = |planner: &mut Self, word: &str| {
            let analyser = &mut planner.analyser;
            [Stemmed::French, Stemmed::English].map(|language| analyser.stem(language, word))
        };
        let typed = stems(self, &term.word);
        let same = stems(self, &corrected)
            .iter()
            .zip(&typed)
            .any(|(one, other)| one == other);
        if !same {
            self.slips.push(Slip {
                term: term.clone(),
                corrected: corrected.clone(),
            });
        }
        self.word(&corrected)
    }

    /// What to search in place of a word that no live document has.
    fn corrected(&mut self, word: &str) -> tantivy::Result<Option<String>> {
        if self.corrections_left == 0 || !self.counts(word) {
            return Ok(None);
        }
        let dictionary = Dictionary {
            searcher: self.searcher,
            fields: self.fields,
            statistics: self.statistics,
        };
        if dictionary.frequency(word)? > 0 {
            return Ok(None);
        }
        self.corrections_left -= 1;
        dictionary.correct(word)
    }

    /// The leaves of a folded word: one for each field where a live document has it.
    fn word(&mut self, word: &str) -> tantivy::Result<Vec<Box<dyn EngineQuery>>> {
        let french = self.analyser.stem(Stemmed::French, word);
        let english = self.analyser.stem(Stemmed::English, word);
        let neutral = self.counts(word).then(|| word.to_owned());
        let mut leaves: Vec<Box<dyn EngineQuery>> = Vec::new();
        for text in &self.fields.texts {
            let (form, weight) = match text.analysis {
                Analysis::Stems(Stemmed::French) => (&french, self.weight(Stemmed::French)),
                Analysis::Stems(Stemmed::English) => (&english, self.weight(Stemmed::English)),
                Analysis::Neutral => (&neutral, NEUTRAL_WEIGHT),
            };
            let Some(form) = form else { continue };
            if let Some(leaf) = self.leaf(text, form, weight)? {
                leaves.push(leaf);
            }
        }
        self.marks.words.extend(neutral);
        self.marks.french.extend(french);
        self.marks.english.extend(english);
        Ok(leaves)
    }

    fn weight(&self, language: Stemmed) -> f64 {
        if language == self.interface {
            1.0
        } else {
            OTHER_LANGUAGE_WEIGHT
        }
    }

    fn leaf(
        &mut self,
        text: &TextField,
        form: &str,
        weight: f64,
    ) -> tantivy::Result<Option<Box<dyn EngineQuery>>> {
        let term = EngineTerm::from_field_text(text.field, form);
        let documents = self.statistics.live_documents(self.searcher, &term)?;
        if documents == 0 {
            return Ok(None);
        }
        let length = self.statistics.lengths[text.place];
        let weight = weight * text.tier.weight();
        let leaf = Arc::new(Leaf::new(term, form.to_owned(), weight, documents, length));
        self.leaves.push(leaf.clone());
        Ok(Some(Box::new(LeafQuery(leaf))))
    }

    /// Documents that hold the words side by side in one of the neutral fields.
    fn phrase(&self, terms: &[Term]) -> tantivy::Result<Box<dyn EngineQuery>> {
        let mut fields: Parts = Vec::new();
        for text in self.fields.neutral() {
            let words: Vec<EngineTerm> = terms
                .iter()
                .map(|term| EngineTerm::from_field_text(text.field, &term.word))
                .collect();
            let query: Box<dyn EngineQuery> = match <[EngineTerm; 1]>::try_from(words) {
                Ok([word]) => Box::new(tantivy::query::TermQuery::new(
                    word,
                    tantivy::schema::IndexRecordOption::Basic,
                )),
                Err(words) => Box::new(Steady(Box::new(PhraseQuery::new(words)))),
            };
            fields.push((Occur::Should, query));
        }
        Ok(either(fields))
    }
}

/// Any of the parts; nothing where there are none.
fn either(parts: Parts) -> Box<dyn EngineQuery> {
    if parts.is_empty() {
        return Box::new(EmptyQuery);
    }
    Box::new(BooleanQuery::new(parts))
}

/// All documents, without a score.
fn everything() -> Box<dyn EngineQuery> {
    Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))
}

fn occur(ask: Ask) -> Occur {
    match ask {
        Ask::May => Occur::Should,
        Ask::Must => Occur::Must,
        Ask::Not => Occur::MustNot,
    }
}

/// A stop word of either language: it says nothing about a text of unknown language.
fn is_any_stop_word(word: &str) -> bool {
    is_stop_word(Stemmed::French, word) || is_stop_word(Stemmed::English, word)
}

/// Whether all words that are looked for one by one are stop words.
fn only_stop_words(group: &Group) -> bool {
    group.0.iter().flatten().all(|clause| match clause {
        Clause::Word(Ask::Not, _) | Clause::Phrase(Ask::Not, _) | Clause::Group(Ask::Not, _) => {
            true
        }
        Clause::Word(_, term) => is_any_stop_word(&term.word),
        Clause::Phrase(_, terms) => terms.iter().all(|term| is_any_stop_word(&term.word)),
        Clause::Group(_, group) => only_stop_words(group),
    })
}
