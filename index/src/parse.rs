//! Reading what people type.
//!
//! What makes no sense as an operator is dropped or read as words. Only the limits refuse a query, before any work is
//! done for it, and a field without a value.
//!
//! ```text
//! group    = sequence *( "OR" sequence )
//! sequence = 1*( [ "-" / "!" / "+" / "NOT" ] ( word / phrase / field / "(" group ")" ) [ "AND" ] )
//! phrase   = any of the usual quotation marks around words
//! field    = name ":" ( word / phrase ), without spaces between
//! ```
//!
//! A field narrows: it must match unless it is excluded. Before a colon may stand anything (`micro:bit`, `16:30`): what is
//! neither a field nor looks like one is words, and what looks like one is for the planner to judge.
//!
//! Words that stand side by side are alternatives, the more of them match the better; phrases and
//! words joined by `AND` must all match. Operators are upper case, and are words when the whole
//! query is upper case.

use std::ops::Range;

use super::error::QueryError;
use super::field::{Named, may_be_name};
use super::query::{MAX_CLAUSES, MAX_DEPTH, MAX_FIELDS};
use super::words::{is_unspaced, words};

/// What a clause asks of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Better with it.
    May,
    /// Not without it.
    Must,
    /// Not with it.
    Not,
}

/// A word of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// The folded word.
    pub(crate) word: String,
    /// Where it stands in the text.
    pub(crate) span: Range<usize>,
}

/// One part of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    /// A single word.
    Word(Ask, Term),
    /// Words that stand together, in this order.
    Phrase(Ask, Vec<Term>),
    /// A group in parentheses.
    Group(Ask, Group),
    /// A value of a field.
    Field(Ask, Fielded),
    /// Something before a colon that is no field, and the words on both sides of the colon.
    Unknown(Ask, Unknown),
}

/// A field with what is looked for in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fielded {
    pub(crate) named: Named,
    /// The words of the value, at least one.
    pub(crate) terms: Vec<Term>,
    /// Whether they stand in quotation marks.
    pub(crate) quoted: bool,
    /// Where the value stands in the text, without quotation marks.
    pub(crate) value: Range<usize>,
}

/// What looks like a field and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// Where the name stands in the text.
    pub(crate) name: Range<usize>,
    /// The words on both sides of the colon.
    pub(crate) terms: Vec<Term>,
}

impl Clause {
    /// What the clause asks.
    pub(crate) fn ask(&self) -> Ask {
        match self {
            Clause::Word(ask, _)
            | Clause::Phrase(ask, _)
            | Clause::Group(ask, _)
            | Clause::Field(ask, _)
            | Clause::Unknown(ask, _) => *ask,
        }
    }

    fn ask_mut(&mut self) -> &mut Ask {
        match self {
            Clause::Word(ask, _)
            | Clause::Phrase(ask, _)
            | Clause::Group(ask, _)
            | Clause::Field(ask, _)
            | Clause::Unknown(ask, _) => ask,
        }
    }
}

/// Alternatives, each a sequence of clauses. Sequences are never empty; a group may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group(pub(crate) Vec<Vec<Clause>>);

impl Group {
    /// The words of the group, in order, with those of phrases and of inner groups.
    pub(crate) fn words<'a>(&'a self, words: &mut Vec<&'a str>) {
        for clause in self.0.iter().flatten() {
            match clause {
                Clause::Word(_, term) => words.push(&term.word),
                Clause::Phrase(_, terms) => words.extend(terms.iter().map(|term| &*term.word)),
                Clause::Group(_, group) => group.words(words),
                Clause::Field(_, field) => words.extend(field.terms.iter().map(|term| &*term.word)),
                Clause::Unknown(_, unknown) => {
                    words.extend(unknown.terms.iter().map(|term| &*term.word));
                }
            }
        }
    }
}

impl Group {
    /// The group with the words of its quotations as words that may match; nothing where it has no quotations.
    pub(crate) fn unquoted(&self) -> Option<Group> {
        let mut any = false;
        let mut sequences = Vec::with_capacity(self.0.len());
        for clauses in &self.0 {
            let mut loose = Sequence::default();
            for clause in clauses {
                match clause {
                    Clause::Phrase(Ask::May | Ask::Must, terms) => {
                        any = true;
                        loose.add_words(Ask::May, terms.clone());
                    }
                    Clause::Group(ask, group) if *ask != Ask::Not => {
                        let inner = group.unquoted();
                        any |= inner.is_some();
                        let inner = inner.unwrap_or_else(|| group.clone());
                        loose.clauses.push(Clause::Group(*ask, inner));
                    }
                    clause => loose.clauses.push(clause.clone()),
                }
            }
            sequences.push(loose.clauses);
        }
        any.then_some(Group(sequences))
    }

    /// Leaves out each field that its sequence has already: it would find the same once more, at the same cost.
    fn say_once(&mut self, text: &str) {
        for clauses in &mut self.0 {
            let mut seen: Vec<(Ask, Fielded)> = Vec::new();
            clauses.retain_mut(|clause| match clause {
                Clause::Field(ask, field) => {
                    let mut known = seen.iter();
                    let again = known.any(|(other, known)| other == ask && known.is(field, text));
                    if !again {
                        seen.push((*ask, field.clone()));
                    }
                    !again
                }
                Clause::Group(_, group) => {
                    group.say_once(text);
                    true
                }
                _ => true,
            });
        }
    }

    /// Counts the fields that are read from columns, on from those before the group.
    fn check_fields(&self, text: &str, count: &mut usize) -> Result<(), QueryError> {
        for clause in self.0.iter().flatten() {
            match clause {
                Clause::Field(_, field) if field.named.is_column() => {
                    *count += 1;
                    if *count > MAX_FIELDS {
                        return Err(QueryError::TooManyFields {
                            limit: MAX_FIELDS,
                            place: characters(text, field.value.clone()),
                        });
                    }
                }
                Clause::Group(_, group) => group.check_fields(text, count)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Fielded {
    /// Whether another one says the same, wherever it stands in the text.
    fn is(&self, other: &Fielded, text: &str) -> bool {
        let said = |field: &Fielded| (field.named, field.quoted, &text[field.value.clone()]);
        said(self) == said(other)
    }
}

/// Characters of a script without spaces that stand side by side, two by two; other words as they are.
fn pairs(terms: Vec<Term>) -> Vec<Term> {
    let unspaced = |term: &Term| term.word.chars().all(is_unspaced);
    let mut out: Vec<Term> = Vec::with_capacity(terms.len());
    // Whether the term before has become part of a pair.
    let mut paired = false;
    for (at, term) in terms.iter().enumerate() {
        let next = terms.get(at + 1);
        match next {
            Some(next) if unspaced(term) && unspaced(next) && term.span.end == next.span.start => {
                out.push(Term {
                    word: format!("{}{}", term.word, next.word),
                    span: term.span.start..next.span.end,
                });
                paired = true;
            }
            _ if paired => paired = false,
            _ => out.push(term.clone()),
        }
    }
    out
}

/// Parses a query whose length has been checked.
///
/// # Errors
///
/// [`QueryError::TooDeep`], [`QueryError::TooManyWords`], [`QueryError::TooManyFields`] and [`QueryError::NoValue`].
pub(crate) fn parse(text: &str) -> Result<Group, QueryError> {
    let mut parser = Parser {
        text,
        at: 0,
        words: 0,
        operators: text.chars().any(char::is_lowercase),
    };
    let mut group = parser.group(0)?;
    // A closing parenthesis that was never opened ends a group: go on behind it.
    while parser.at < text.len() {
        group.0.extend(parser.group(0)?.0);
    }
    group.say_once(text);
    group.check_fields(text, &mut 0)?;
    Ok(group)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    words: usize,
    operators: bool,
}

/// The sequence that is being read.
#[derive(Default)]
struct Sequence {
    clauses: Vec<Clause>,
    /// What the next clause was said to be, by an operator before it.
    next: Option<Ask>,
}

impl Sequence {
    fn take_ask(&mut self, usual: Ask) -> Ask {
        self.next.take().unwrap_or(usual)
    }

    fn add_words(&mut self, ask: Ask, terms: Vec<Term>) {
        let terms = if ask == Ask::Not { terms } else { pairs(terms) };
        let words = terms.into_iter().map(|term| Clause::Word(ask, term));
        self.clauses.extend(words);
    }

    /// `AND`: what stands before it is required, and what follows.
    fn and(&mut self) {
        if let Some(clause) = self.clauses.last_mut() {
            let ask = clause.ask_mut();
            if *ask == Ask::May {
                *ask = Ask::Must;
            }
            self.next.get_or_insert(Ask::Must);
        }
    }
}

impl Parser<'_> {
    /// Reads up to the end, or past the parenthesis that closes the group.
    fn group(&mut self, depth: usize) -> Result<Group, QueryError> {
        if depth > MAX_DEPTH {
            return Err(QueryError::TooDeep { limit: MAX_DEPTH });
        }
        let mut group = Group::default();
        let mut sequence = Sequence::default();
        while let Some(c) = self.text[self.at..].chars().next() {
            if c.is_whitespace() {
                self.at += c.len_utf8();
            } else if c == ')' {
                self.at += 1;
                break;
            } else if c == '(' {
                self.at += 1;
                let ask = sequence.take_ask(Ask::May);
                let inner = self.group(depth + 1)?;
                if !inner.0.is_empty() {
                    sequence.clauses.push(Clause::Group(ask, inner));
                }
            } else if is_opening_quote(c) {
                self.phrase(c, &mut sequence)?;
            } else if self.chunk(&mut sequence)? == Read::Or {
                let clauses = std::mem::take(&mut sequence).clauses;
                group.0.extend(Some(clauses).filter(|c| !c.is_empty()));
            }
        }
        group
            .0
            .extend(Some(sequence.clauses).filter(|clauses| !clauses.is_empty()));
        Ok(group)
    }

    fn phrase(&mut self, quote: char, sequence: &mut Sequence) -> Result<(), QueryError> {
        let start = self.at + quote.len_utf8();
        let length = self.text[start..].find(is_closing_quote);
        let end = length.map_or(self.text.len(), |length| start + length);
        let closing = self.text[end..].chars().next().map_or(0, char::len_utf8);
        self.at = end + closing;
        let terms = self.terms(start..end)?;
        match (length, terms.is_empty()) {
            (_, true) => {}
            (Some(_), false) => {
                let ask = sequence.take_ask(Ask::Must);
                sequence.clauses.push(Clause::Phrase(ask, terms));
            }
            // A quote that is never closed quotes nothing.
            (None, false) => {
                let ask = sequence.take_ask(Ask::May);
                sequence.add_words(ask, terms);
            }
        }
        Ok(())
    }

    /// Reads a run without spaces: an operator, or words with or without a sign before them.
    fn chunk(&mut self, sequence: &mut Sequence) -> Result<Read, QueryError> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')') || is_quote(c))
            .unwrap_or(rest.len());
        // A closing quote that nothing opened is passed over.
        let length = length.max(rest.chars().next().map_or(0, char::len_utf8));
        let chunk = &rest[..length];
        self.at = start + length;
        match chunk {
            "OR" | "||" if self.operators => return Ok(Read::Or),
            "AND" | "&&" if self.operators => {
                sequence.and();
                return Ok(Read::Clause);
            }
            "NOT" if self.operators => {
                sequence.next = Some(Ask::Not);
                return Ok(Read::Clause);
            }
            _ => {}
        }
        let body = chunk.trim_start_matches(['-', '+', '!']);
        let signs = &chunk[..chunk.len() - body.len()];
        let sign = match signs {
            "" => None,
            signs if signs.contains(['-', '!']) => Some(Ask::Not),
            _ => Some(Ask::Must),
        };
        if body.is_empty() {
            // A sign right before a phrase or a group belongs to it; a dash between spaces is
            // punctuation.
            let next = self.text[self.at..].chars().next();
            if next.is_some_and(|c| c == '(' || is_opening_quote(c)) {
                sequence.next = sign;
            }
            return Ok(Read::Clause);
        }
        if let Some(clause) = self.field(start + signs.len()..self.at, sign, sequence)? {
            sequence.clauses.push(clause);
            sequence.next = None;
            return Ok(Read::Clause);
        }
        let terms = self.terms(start + signs.len()..self.at)?;
        if terms.is_empty() {
            return Ok(Read::Clause);
        }
        let ask = sign.unwrap_or_else(|| sequence.take_ask(Ask::May));
        sequence.next = None;
        // Only what holds the whole of `x-y` is excluded by `-x-y`.
        if ask == Ask::Not && terms.len() > 1 {
            sequence.clauses.push(Clause::Phrase(ask, terms));
        } else {
            sequence.add_words(ask, terms);
        }
        Ok(Read::Clause)
    }

    /// Reads `name:value`; the value may be in quotation marks, which end the chunk before them.
    fn field(
        &mut self,
        chunk: Range<usize>,
        sign: Option<Ask>,
        sequence: &mut Sequence,
    ) -> Result<Option<Clause>, QueryError> {
        let Some(length) = self.text[chunk.clone()].find(':') else {
            return Ok(None);
        };
        let name = chunk.start..chunk.start + length;
        let mut value = name.end + 1..chunk.end;
        // `Type::Tiny` and `std::vec` are names of programs.
        if !may_be_name(&self.text[name.clone()]) || self.text[value.clone()].starts_with(':') {
            return Ok(None);
        }
        let named = Named::parse(&self.text[name.clone()]);
        let mut quoted = false;
        if value.is_empty() {
            let next = self.text[self.at..].chars().next();
            match (next, named) {
                (Some(quote), Some(_)) if is_opening_quote(quote) => {
                    quoted = true;
                    let start = self.at + quote.len_utf8();
                    let length = self.text[start..].find(is_closing_quote);
                    // A quote that is never closed quotes all that follows.
                    value = start..length.map_or(self.text.len(), |length| start + length);
                    let closing = self.text[value.end..].chars().next();
                    self.at = value.end + closing.map_or(0, char::len_utf8);
                }
                (Some('('), Some(named)) => return Err(self.without_value(named, name)),
                // `Auteur : Zola` and what is still being typed are words.
                _ => return Ok(None),
            }
        }
        let Some(named) = named else {
            return self.unknown(name, value, sign, sequence);
        };
        let terms = self.terms(value.clone())?;
        if terms.is_empty() {
            return Err(self.without_value(named, name));
        }
        let ask = sign.unwrap_or_else(|| sequence.take_ask(Ask::Must));
        let ask = if ask == Ask::May { Ask::Must } else { ask };
        Ok(Some(Clause::Field(
            ask,
            Fielded {
                named,
                terms,
                quoted,
                value,
            },
        )))
    }

    fn without_value(&self, named: Named, name: Range<usize>) -> QueryError {
        QueryError::NoValue {
            field: named.name(),
            place: characters(self.text, name.start..name.end + 1),
        }
    }

    fn unknown(
        &mut self,
        name: Range<usize>,
        value: Range<usize>,
        sign: Option<Ask>,
        sequence: &mut Sequence,
    ) -> Result<Option<Clause>, QueryError> {
        // `std::vector`, `http://…`, `of:,` and `a:b:c` are not meant as fields.
        let text = &self.text[value.clone()];
        if !text.starts_with(char::is_alphanumeric) || text.contains(':') {
            return Ok(None);
        }
        let terms = self.terms(name.start..value.end)?;
        // Signs that lengthen letters are letters, and leave no word.
        if terms.is_empty() {
            return Ok(None);
        }
        let ask = sign.unwrap_or_else(|| sequence.take_ask(Ask::May));
        Ok(Some(Clause::Unknown(ask, Unknown { name, terms })))
    }

    fn terms(&mut self, range: Range<usize>) -> Result<Vec<Term>, QueryError> {
        let offset = range.start;
        let terms: Vec<Term> = words(&self.text[range])
            .map(|word| Term {
                word: word.text,
                span: offset + word.start..offset + word.end,
            })
            .collect();
        self.words += terms.len();
        if self.words > MAX_CLAUSES {
            return Err(QueryError::TooManyWords { limit: MAX_CLAUSES });
        }
        Ok(terms)
    }
}

/// A range of bytes as a range of characters.
pub(crate) fn characters(text: &str, bytes: Range<usize>) -> Range<usize> {
    let start = text[..bytes.start].chars().count();
    start..start + text[bytes].chars().count()
}

/// What a chunk turned out to be.
#[derive(PartialEq)]
enum Read {
    Clause,
    Or,
}

fn is_opening_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '„' | '«')
}

fn is_closing_quote(c: char) -> bool {
    matches!(c, '"' | '”' | '“' | '»')
}

fn is_quote(c: char) -> bool {
    is_opening_quote(c) || is_closing_quote(c)
}

#[cfg(test)]
mod tests;
