//! From a parsed query to engine queries.

mod fields;

use std::collections::BTreeSet;
use std::sync::Arc;

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, Occur, PhraseQuery, Query as EngineQuery,
};
use tantivy::{Searcher, Term as EngineTerm};

use super::language::{Analyser, Silent, Spoken, Stemmed};
use super::leaf::{Leaf, LeafQuery, MAX_FORMS, steps_per_point};
use super::parse::{Ask, Clause, Group, Term};
use super::query::Query;
use super::schema::{Analysis, Fields, TextField, Tier};
use super::spelling::{Dictionary, MAX_CORRECTIONS, is_guessable};
use super::statistics::Statistics;
use super::steady::Steady;
use super::words::is_unspaced;

/// Weight of the unstemmed words beside the stems: measured best on five judged sets.
const NEUTRAL_WEIGHT: f64 = 0.35;
/// Weight of the stems of the languages that the page is not in.
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
    /// Folded words.
    pub(crate) words: BTreeSet<String>,
    /// Their forms.
    pub(crate) forms: BTreeSet<String>,
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
    /// Steps per point of score.
    pub(crate) steps: f64,
}

/// Makes plans for one state of the index.
pub(crate) struct Planner<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    statistics: &'a Statistics,
    /// What was typed.
    text: &'a str,
    /// How many words it has.
    words: usize,
    page: Stemmed,
    silent: Silent,
    steps: f64,
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
        query: &'a Query,
        group: &Group,
    ) -> Self {
        let page = Stemmed::of_page(&query.interface_language);
        let mut words = Vec::new();
        group.words(&mut words);
        Planner {
            searcher,
            fields,
            statistics,
            text: &query.text,
            words: words.len(),
            page,
            silent: Silent::of(page, words.iter().copied()),
            steps: steps_per_point(words.len()),
            analyser: Analyser::new(),
            stop_words_count: false,
            corrections_left: if query.exact { 0 } else { MAX_CORRECTIONS },
            leaves: Vec::new(),
            marks: Marks::default(),
            slips: Vec::new(),
        }
    }

    /// Plans a query. Text without any word finds nothing, but no text at all (or a lone star)
    /// finds everything.
    pub(crate) fn plan(mut self, group: &Group) -> tantivy::Result<Plan> {
        let query: Box<dyn EngineQuery> = if matches!(self.text.trim(), "" | "*") {
            everything()
        } else {
            self.stop_words_count = self.only_stop_words(group);
            self.group(group)?
        };
        Ok(Plan {
            query,
            scored: !self.leaves.is_empty(),
            steps: self.steps,
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
                    let leaves = self.searched_word(term, None)?;
                    parts.extend(leaves.into_iter().map(|leaf| (Occur::Should, leaf)));
                }
                // Nobody means to require or to exclude "the".
                Clause::Word(_, term) if !self.counts(&term.word) => {}
                Clause::Word(Ask::Must, term) => {
                    let leaves = self.searched_word(term, None)?;
                    let leaves = leaves.into_iter().map(|leaf| (Occur::Should, leaf));
                    parts.push((Occur::Must, either(leaves.collect())));
                }
                Clause::Word(Ask::Not, term) => {
                    parts.push((
                        Occur::MustNot,
                        self.phrase(std::slice::from_ref(term), None)?,
                    ));
                }
                Clause::Phrase(Ask::Not, terms) => {
                    parts.push((Occur::MustNot, self.phrase(terms, None)?));
                }
                Clause::Phrase(ask, terms) => {
                    let mut phrase: Parts = vec![(
                        Occur::Must,
                        Box::new(ConstScoreQuery::new(self.phrase(terms, None)?, 0.0)),
                    )];
                    for term in terms {
                        let leaves = self.word(&term.word, None)?;
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
                Clause::Field(ask, field) => parts.extend(self.field(*ask, field)?),
                Clause::Unknown(Ask::Not, unknown) => {
                    parts.push((Occur::MustNot, self.phrase(&unknown.terms, None)?));
                }
                Clause::Unknown(ask, unknown) => {
                    let words = unknown.terms.iter();
                    let words = words.map(|term| Clause::Word(*ask, term.clone()));
                    let words: Vec<Clause> = words.collect();
                    parts.extend(self.sequence(&words)?);
                }
            }
        }
        self.need_a_word(clauses, &mut parts);
        if !parts.is_empty() && parts.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            // The engine wants something to take away from: everything, unless the query asked
            // for words that no document has.
            let asks = clauses.iter().any(|clause| match clause {
                clause if clause.ask() == Ask::Not => false,
                Clause::Word(_, term) => self.counts(&term.word),
                _ => true,
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

    /// Fields narrow: where nothing but fields must match, one of the other words must too.
    fn need_a_word(&self, clauses: &[Clause], parts: &mut Parts) {
        let asks = |ask: Ask| clauses.iter().filter(move |clause| clause.ask() == ask);
        let only_fields = asks(Ask::Must).all(|clause| matches!(clause, Clause::Field(..)));
        let mut words = asks(Ask::May);
        if asks(Ask::Must).next().is_none()
            || !only_fields
            || !words
                .any(|clause| !matches!(clause, Clause::Word(_, term) if !self.counts(&term.word)))
        {
            return;
        }
        let (may, rest) = std::mem::take(parts)
            .into_iter()
            .partition(|(occur, _)| *occur == Occur::Should);
        *parts = rest;
        parts.push((Occur::Must, either(may)));
    }

    /// A group that is excluded neither scores nor is it highlighted or corrected.
    fn excluded(&mut self, group: &Group) -> tantivy::Result<Box<dyn EngineQuery>> {
        let mut planner = Planner {
            searcher: self.searcher,
            fields: self.fields,
            statistics: self.statistics,
            text: self.text,
            words: self.words,
            page: self.page,
            silent: self.silent.clone(),
            steps: self.steps,
            analyser: Analyser::new(),
            stop_words_count: self.stop_words_count,
            leaves: Vec::new(),
            marks: Marks::default(),
            slips: Vec::new(),
            corrections_left: 0,
        };
        planner.group(group)
    }

    /// Whether all words that are looked for one by one are stop words.
    fn only_stop_words(&self, group: &Group) -> bool {
        let silent = |term: &Term| self.silent.has(&term.word);
        group.0.iter().flatten().all(|clause| match clause {
            clause if clause.ask() == Ask::Not => true,
            Clause::Word(_, term) => silent(term),
            Clause::Phrase(_, terms) => terms.iter().all(silent),
            Clause::Group(_, group) => self.only_stop_words(group),
            Clause::Field(..) => true,
            Clause::Unknown(_, unknown) => unknown.terms.iter().all(silent),
        })
    }

    /// Whether a word says something, or is all there is.
    fn counts(&self, word: &str) -> bool {
        self.stop_words_count || !self.silent.has(word)
    }

    /// The leaves of a word that was typed, or of its correction.
    fn searched_word(
        &mut self,
        term: &Term,
        only: Option<Tier>,
    ) -> tantivy::Result<Vec<Box<dyn EngineQuery>>> {
        let corrected = match self.corrected(&term.word)? {
            Some(corrected) => corrected,
            None => return self.word(&term.word, only),
        };
        // Another ending of the same word is no news: the stems have found it already.
        let usual = [self.page, Stemmed::French, Stemmed::English];
        let same = usual.into_iter().any(|language| {
            let typed = self.analyser.stem(language, &term.word);
            typed.is_some() && typed == self.analyser.stem(language, &corrected)
        });
        if !same {
            self.slips.push(Slip {
                term: term.clone(),
                corrected: corrected.clone(),
            });
        }
        self.word(&corrected, only)
    }

    /// What to search in place of a word that no live document has.
    fn corrected(&mut self, word: &str) -> tantivy::Result<Option<String>> {
        if self.corrections_left == 0 || !self.counts(word) || !is_guessable(word) {
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

    /// The leaves of a folded word: one for each form and each field (of one tier only, or of all) where a live document
    /// has it.
    fn word(
        &mut self,
        word: &str,
        only: Option<Tier>,
    ) -> tantivy::Result<Vec<Box<dyn EngineQuery>>> {
        let mut leaves: Vec<Box<dyn EngineQuery>> = Vec::new();
        if !self.counts(word) {
            return Ok(leaves);
        }
        let mut forms = Vec::new();
        self.analyser.forms(Spoken::ANY, word, &mut forms);
        forms.retain(|form| self.statistics.letters.have(form));
        forms.truncate(MAX_FORMS);
        let in_tier = |text: &&TextField| only.is_none_or(|tier| text.tier == tier);
        for text in self.fields.texts.iter().filter(in_tier) {
            match text.analysis {
                Analysis::Neutral => leaves.extend(self.leaf(text, word, NEUTRAL_WEIGHT)?),
                Analysis::Stems => {
                    for form in &forms {
                        let own = form.starts_with(self.page.letter());
                        let weight = if own { 1.0 } else { OTHER_LANGUAGE_WEIGHT };
                        leaves.extend(self.leaf(text, form, weight)?);
                    }
                }
            }
        }
        if word.chars().all(is_unspaced) {
            self.marks.words.extend(word.chars().map(String::from));
        } else {
            self.marks.words.insert(word.to_owned());
        }
        self.marks.forms.extend(forms);
        Ok(leaves)
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
        let leaf = Arc::new(Leaf::new(
            term,
            form.to_owned(),
            weight,
            documents,
            length,
            self.steps,
        ));
        self.leaves.push(leaf.clone());
        Ok(Some(Box::new(LeafQuery(leaf))))
    }

    /// Documents that hold the words side by side in one of the neutral fields, of one tier only or of all.
    fn phrase(&self, terms: &[Term], only: Option<Tier>) -> tantivy::Result<Box<dyn EngineQuery>> {
        if terms.is_empty() {
            // The engine's phrase of no words panics.
            return Ok(Box::new(EmptyQuery));
        }
        let mut fields: Parts = Vec::new();
        let in_tier = |text: &&TextField| only.is_none_or(|tier| text.tier == tier);
        for text in self.fields.neutral().filter(in_tier) {
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
