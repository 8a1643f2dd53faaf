//! The fields of the index, and how a document becomes fields.
//!
//! Text is indexed in tiers, each with a weight: titles, keywords with the labels of concepts, what describes the item,
//! its own text, authors, and the labels of broader concepts. A tier is indexed in two ways: as stems of the text's
//! language (`language`), and as folded words ("neutral"), which also carries phrases and the dictionary of the spelling
//! correction. Broader concepts have no words, authors no stems. The tokenizers are ours (`tokens`), on the same words
//! and stems as queries and snippets, so that the three cannot disagree.

use std::collections::BTreeSet;

use tantivy::TantivyDocument;
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};

use super::authors;
use super::document::Document;
use super::facet::Facet;
use super::fold::fold_title;
use super::labels;
use super::language::{Spoken, best, explained};
use super::tokens::marked;

/// Version of everything that decides the bytes of the index: fields, folding, stop lists,
/// stemmers. An index of another version is deleted and fed again.
pub(crate) const VERSION: u32 = 6;

/// Most bytes of one text that are indexed and stored; the caller bounds the sum. A book's
/// README is a few kilobytes.
const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Most bytes of a title's sort key: the column's dictionary holds each key whole.
const MAX_TITLE_KEY_BYTES: usize = 200;
/// Most bytes of an exact value (ids, licences); longer ones are not vocabulary.
const MAX_VALUE_BYTES: usize = 1_000;

/// Where a word stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    Title,
    /// Keywords, and the labels of the item's concepts in every language.
    Keyword,
    /// Summaries and descriptions.
    Body,
    /// The item's own text, and the names of its files.
    Text,
    Author,
    /// Labels of the concepts above those of the item.
    Broader,
}

impl Tier {
    /// How much a match in the tier counts.
    pub(crate) fn weight(self) -> f64 {
        match self {
            Tier::Title => 2.0,
            Tier::Keyword | Tier::Body | Tier::Author => 1.0,
            Tier::Text => 0.5,
            Tier::Broader => 0.2,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Tier::Title => "title",
            Tier::Keyword => "keyword",
            Tier::Body => "body",
            Tier::Text => "text",
            Tier::Author => "author",
            Tier::Broader => "broader",
        }
    }
}

/// How a text is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Analysis {
    Stems,
    Neutral,
}

impl Analysis {
    /// Name of the tokenizer, and end of the names of fields.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Analysis::Stems => "stems",
            Analysis::Neutral => "neutral",
        }
    }
}

/// One searchable text field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextField {
    pub(crate) tier: Tier,
    pub(crate) analysis: Analysis,
    pub(crate) field: Field,
    /// Place among all text fields, for tables with one entry per field.
    pub(crate) place: usize,
}

/// All text fields.
const TEXTS: [(Tier, Analysis); TEXT_FIELDS] = [
    (Tier::Title, Analysis::Stems),
    (Tier::Title, Analysis::Neutral),
    (Tier::Keyword, Analysis::Stems),
    (Tier::Keyword, Analysis::Neutral),
    (Tier::Body, Analysis::Stems),
    (Tier::Body, Analysis::Neutral),
    (Tier::Text, Analysis::Stems),
    (Tier::Text, Analysis::Neutral),
    (Tier::Author, Analysis::Neutral),
    (Tier::Broader, Analysis::Stems),
];
/// How many there are.
pub(crate) const TEXT_FIELDS: usize = 10;

/// Name of the column of ids.
pub(crate) const ID: &str = "id";
/// Name of the column of update times.
pub(crate) const UPDATED: &str = "updated";
/// Name of the column of adoptions.
pub(crate) const ADOPTIONS: &str = "adoptions";
/// Name of the column of the institutions that approve.
pub(crate) const REVIEWS: &str = "reviews";
/// Name of the column of authors with their names.
pub(crate) const AUTHOR_NAMES: &str = "author_name";
/// Names of the columns of title sort keys, for pages in French and in other languages.
const TITLE_KEYS: [(&str, &str); 2] = [("fr", "title_key_fr"), ("en", "title_key_en")];

/// Name of the column of titles to sort a page by.
pub(crate) fn title_key(interface_language: &str) -> &'static str {
    let french = super::language::primary(interface_language) == "fr";
    TITLE_KEYS[usize::from(!french)].1
}

/// The schema and handles to its fields.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    pub(crate) id: Field,
    pub(crate) stored: Field,
    updated: Field,
    adoptions: Field,
    reviews: Field,
    /// What authors are told from one another by.
    pub(crate) author: Field,
    author_names: Field,
    titles: [Field; 2],
    facets: [Field; Facet::ALL.len()],
    pub(crate) texts: [TextField; TEXT_FIELDS],
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        let column = || TextOptions::default().set_fast("raw");
        let exact = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::Basic);
        let id = schema.add_text_field(ID, column().set_indexing_options(exact.clone()));
        let stored = schema.add_text_field("stored", STORED);
        let updated = schema.add_u64_field(UPDATED, NumericOptions::default().set_fast());
        let adoptions = schema.add_u64_field(ADOPTIONS, NumericOptions::default().set_fast());
        let reviews = schema.add_u64_field(REVIEWS, NumericOptions::default().set_fast());
        let author = schema.add_text_field(
            "author",
            TextOptions::default().set_indexing_options(exact.clone()),
        );
        let author_names = schema.add_text_field(AUTHOR_NAMES, column());
        let titles = TITLE_KEYS.map(|(_, name)| schema.add_text_field(name, column()));
        let facets = Facet::ALL.map(|facet| schema.add_text_field(facet.name(), column()));
        let texts = std::array::from_fn(|place| {
            let (tier, analysis) = TEXTS[place];
            // Only the neutral fields answer phrases.
            let option = match analysis {
                Analysis::Neutral => IndexRecordOption::WithFreqsAndPositions,
                Analysis::Stems => IndexRecordOption::WithFreqs,
            };
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(analysis.name())
                .set_index_option(option);
            let field = schema.add_text_field(
                &format!("{}_{}", tier.name(), analysis.name()),
                TextOptions::default().set_indexing_options(indexing),
            );
            TextField {
                tier,
                analysis,
                field,
                place,
            }
        });
        Fields {
            schema: schema.build(),
            id,
            stored,
            updated,
            adoptions,
            reviews,
            author,
            author_names,
            titles,
            facets,
            texts,
        }
    }

    /// The neutral fields: the dictionary of words as people write them.
    pub(crate) fn neutral(&self) -> impl Iterator<Item = &TextField> {
        self.texts
            .iter()
            .filter(|text| text.analysis == Analysis::Neutral)
    }

    /// What a form in a text field is, for explanations: the field, with the language of a stem, and the word.
    pub(crate) fn explained(&self, field: Field, form: &str) -> (String, String) {
        let text = self.texts.iter().find(|text| text.field == field);
        match text {
            Some(text) if text.analysis == Analysis::Stems => {
                let (way, word) = explained(form);
                (format!("{}_{way}", text.tier.name()), word.to_owned())
            }
            _ => (
                self.schema.get_field_name(field).to_owned(),
                form.to_owned(),
            ),
        }
    }

    /// Turns a document into fields.
    pub(crate) fn project(&self, document: &Document) -> TantivyDocument {
        let mut fields = TantivyDocument::default();
        fields.add_text(self.id, &document.id);
        fields.add_u64(self.updated, document.updated);
        fields.add_u64(self.adoptions, document.adoptions);
        fields.add_u64(self.reviews, document.reviews);
        for (field, (language, _)) in self.titles.iter().zip(TITLE_KEYS) {
            let title = best(&document.titles, language).map_or("", |(_, title)| title);
            // No key at all without a title: an empty one would sort before all others.
            let key = fold_title(title);
            if !key.is_empty() {
                fields.add_text(*field, cut(&key, MAX_TITLE_KEY_BYTES));
            }
        }
        for author in &document.authors {
            for key in author
                .keys
                .iter()
                .filter(|key| key.len() <= MAX_VALUE_BYTES)
            {
                fields.add_text(self.author, key);
            }
        }
        // Somebody who is named twice made the item once.
        let values = document.authors.iter().filter_map(authors::column_value);
        for value in values.collect::<BTreeSet<String>>() {
            fields.add_text(self.author_names, cut(&value, MAX_VALUE_BYTES));
        }
        for (field, facet) in self.facets.iter().zip(Facet::ALL) {
            for value in facet.values(document) {
                if value.len() <= MAX_VALUE_BYTES {
                    fields.add_text(*field, value);
                }
            }
        }
        let usual = &document.languages;
        for (tier, texts) in [
            (Tier::Title, &document.titles),
            (Tier::Keyword, &document.keywords),
            (Tier::Keyword, &document.labels.own),
            (Tier::Body, &document.summaries),
            (Tier::Body, &document.descriptions),
            (Tier::Text, &document.text),
            (Tier::Broader, &document.labels.broader),
        ] {
            for (tag, text) in texts {
                let text = cut(text, MAX_TEXT_BYTES);
                self.add_text(&mut fields, tier, Spoken::of(tag, text, usual), text);
            }
        }
        let labels = labels::of(document);
        for (tier, labels) in [(Tier::Keyword, labels.own), (Tier::Broader, labels.broader)] {
            for (tag, label) in labels {
                self.add_text(&mut fields, tier, Spoken::of(tag, label, &[]), label);
            }
        }
        self.add_names(
            &mut fields,
            Tier::Title,
            std::slice::from_ref(&document.name),
        );
        self.add_names(&mut fields, Tier::Author, &document.creators);
        self.add_names(&mut fields, Tier::Text, &document.file_names);
        let stored = serde_json::to_string(document)
            .expect("a document is strings and integers, which always have a JSON form");
        fields.add_text(self.stored, stored);
        fields
    }

    fn add_text(&self, fields: &mut TantivyDocument, tier: Tier, spoken: Spoken, text: &str) {
        for target in self.texts.iter().filter(|target| target.tier == tier) {
            match target.analysis {
                Analysis::Neutral => fields.add_text(target.field, text),
                Analysis::Stems => fields.add_text(target.field, marked(spoken, text)),
            }
        }
    }

    /// Names are in no language: neither guessed nor stemmed.
    fn add_names(&self, fields: &mut TantivyDocument, tier: Tier, names: &[String]) {
        for target in self.neutral().filter(|target| target.tier == tier) {
            for name in names {
                fields.add_text(target.field, cut(name, MAX_TEXT_BYTES));
            }
        }
    }
}

/// The longest prefix of whole characters that fits in a number of bytes.
pub(crate) fn cut(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}
