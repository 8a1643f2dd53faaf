//! What named fields look at.

use commun_specs::vocab::{self, Scheme};
use tantivy::collector::Count;

use super::{Occur, Parts, Planner, either, occur};
use crate::column::{ColumnQuery, Values, is_in_force};
use crate::error::QueryError;
use crate::facet::Facet;
use crate::field::{Named, nearest};
use crate::parse::{Ask, Clause, Fielded, Group, Term, Unknown, characters};
use crate::schema::Tier;
use tantivy::query::{BooleanQuery, ConstScoreQuery, Query as EngineQuery};

/// A question with more words than this is a sentence: what stands before its colons is read as words.
const SENTENCE: usize = 6;

/// What a value of a field means.
enum Meant {
    /// Words in a tier, and documents that have one of the facets' values.
    Words(Tier, Vec<ColumnQuery>),
    /// Documents that have one of the facets' values.
    Values(Vec<ColumnQuery>),
    /// Nothing; this may have been meant.
    Nothing(Option<String>),
}

impl Planner<'_> {
    /// Why a question is refused: a field that there is not, or a value that it cannot have.
    pub(crate) fn refusal(&self, group: &Group) -> tantivy::Result<Option<QueryError>> {
        if self.words > SENTENCE {
            return Ok(None);
        }
        for clause in group.0.iter().flatten() {
            let refusal = match clause {
                Clause::Unknown(_, unknown) => self.unknown(unknown)?,
                Clause::Field(_, field) => match self.meant(field)? {
                    Meant::Nothing(nearest) => Some(QueryError::UnknownValue {
                        field: field.named.name(),
                        value: self.text[field.value.clone()].to_owned(),
                        place: characters(self.text, field.value.clone()),
                        nearest,
                    }),
                    _ => None,
                },
                Clause::Group(_, group) => self.refusal(group)?,
                Clause::Word(..) | Clause::Phrase(..) => None,
            };
            if refusal.is_some() {
                return Ok(refusal);
            }
        }
        Ok(None)
    }

    /// `micro:bit` is no field and no mistake where a text of the commons has it.
    fn unknown(&self, unknown: &Unknown) -> tantivy::Result<Option<QueryError>> {
        let phrase = self.phrase(&unknown.terms, None)?;
        if self.searcher.search(&*phrase, &Count)? > 0 {
            return Ok(None);
        }
        let name = &self.text[unknown.name.clone()];
        Ok(Some(QueryError::UnknownField {
            name: name.to_owned(),
            place: characters(self.text, unknown.name.clone()),
            nearest: nearest(name),
        }))
    }

    /// A field's part of a sequence.
    pub(super) fn field(&mut self, ask: Ask, field: &Fielded) -> tantivy::Result<Parts> {
        let (tier, columns) = match self.meant(field)? {
            Meant::Words(tier, columns) => (Some(tier), columns),
            Meant::Values(columns) => (None, columns),
            // In a sentence: its value as words.
            Meant::Nothing(_) => {
                let words = field
                    .terms
                    .iter()
                    .map(|term| Clause::Word(Ask::May, term.clone()));
                let clauses: Vec<Clause> = words.collect();
                return self.sequence(&clauses);
            }
        };
        let mut ways: Parts = Vec::new();
        for column in columns {
            ways.push((Occur::Should, Box::new(column)));
        }
        if let Some(tier) = tier {
            let words = match ask {
                Ask::Not => self.phrase(&field.terms, Some(tier))?,
                _ => self.words_in(tier, &field.terms, field.quoted)?,
            };
            ways.push((Occur::Should, words));
        }
        Ok(vec![(occur(ask), either(ways))])
    }

    /// Documents that have all words in a tier; side by side where they are quoted.
    fn words_in(
        &mut self,
        tier: Tier,
        terms: &[Term],
        quoted: bool,
    ) -> tantivy::Result<Box<dyn EngineQuery>> {
        let mut parts: Parts = Vec::new();
        let quoted = quoted && terms.len() > 1;
        if quoted {
            let phrase = self.phrase(terms, Some(tier))?;
            parts.push((Occur::Must, Box::new(ConstScoreQuery::new(phrase, 0.0))));
        }
        for term in terms {
            if self.silent.has(&term.word) {
                continue;
            }
            if quoted {
                let leaves = self.word(&term.word, Some(tier))?;
                parts.extend(leaves.into_iter().map(|leaf| (Occur::Should, leaf)));
            } else {
                let leaves = self.searched_word(term, Some(tier))?;
                let leaves = leaves.into_iter().map(|leaf| (Occur::Should, leaf));
                parts.push((Occur::Must, either(leaves.collect())));
            }
        }
        if parts.is_empty() {
            // Stop words only.
            return self.phrase(terms, Some(tier));
        }
        Ok(Box::new(BooleanQuery::new(parts)))
    }

    fn meant(&self, field: &Fielded) -> tantivy::Result<Meant> {
        let raw = self.text[field.value.clone()].trim();
        let one = |facet, value: &str| ColumnQuery {
            facet,
            values: Values::Exact(vec![value.to_owned()]),
        };
        Ok(match field.named {
            Named::Title => Meant::Words(Tier::Title, vec![]),
            Named::Author => Meant::Words(Tier::Author, vec![]),
            Named::Subject => {
                let mut values = vec![raw.to_owned()];
                values.extend(vocab::by_name(Scheme::Subject, raw).map(str::to_owned));
                let column = ColumnQuery {
                    facet: Facet::Subject,
                    values: Values::Exact(values),
                };
                Meant::Words(Tier::Keyword, vec![column])
            }
            Named::Level => self.listed(Facet::Level, Scheme::Level, raw)?,
            Named::Language => self.listed(Facet::Language, Scheme::Language, raw)?,
            Named::Format => self.listed(Facet::Format, Scheme::Format, raw)?,
            Named::Type => {
                let item = vocab::by_name(Scheme::ItemType, raw);
                let mut columns: Vec<ColumnQuery> =
                    item.map(|id| one(Facet::Type, id)).into_iter().collect();
                if let Some(id) = vocab::by_name(Scheme::ResourceType, raw) {
                    columns.push(ColumnQuery {
                        facet: Facet::ResourceType,
                        values: Values::Exact(with_narrower(Scheme::ResourceType, id)),
                    });
                }
                if columns.is_empty() {
                    self.listed(Facet::ResourceType, Scheme::ResourceType, raw)?
                } else {
                    Meant::Values(columns)
                }
            }
            Named::Licence => Meant::Values(vec![ColumnQuery {
                facet: Facet::Licence,
                values: Values::Licence(raw.to_owned()),
            }]),
            Named::Institution => Meant::Values(vec![one(Facet::Institution, &raw.to_lowercase())]),
        })
    }

    /// A value of a facet whose values a vocabulary lists; others are values where a document in force has them.
    fn listed(&self, facet: Facet, scheme: Scheme, raw: &str) -> tantivy::Result<Meant> {
        let primary = crate::language::primary(raw);
        let known = vocab::by_name(scheme, raw)
            .or_else(|| vocab::find(scheme, &primary).map(|concept| concept.id));
        let value = match known {
            Some(id) if id == raw => id,
            // `en-GB` where it is a value is meant, and not all of English.
            _ if is_in_force(self.searcher, facet, raw)? => raw,
            Some(id) => id,
            None => {
                let near = vocab::suggest(scheme, raw);
                let near = near.and_then(|id| vocab::label(scheme, id, self.page.code()));
                return Ok(Meant::Nothing(near.map(str::to_owned)));
            }
        };
        let values = Values::Exact(vec![value.to_owned()]);
        Ok(Meant::Values(vec![ColumnQuery { facet, values }]))
    }
}

/// A concept and all below it.
fn with_narrower(scheme: Scheme, id: &str) -> Vec<String> {
    let below = vocab::concepts(scheme).iter().filter(|concept| {
        let mut next = Some(concept.id);
        while let Some(above) = next {
            if above == id {
                return true;
            }
            next = vocab::broader(scheme, above);
        }
        false
    });
    below.map(|concept| concept.id.to_owned()).collect()
}
