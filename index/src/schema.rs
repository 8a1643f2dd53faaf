//! The fields of the index, and how a document becomes fields.
//!
//! Text is indexed in three tiers, each with a weight: titles, what describes the item, and the
//! item's own text. Each tier is indexed in three ways: as French stems, as English stems, and
//! as folded words ("neutral"), which also carries phrases, other languages and the dictionary of
//! the spelling correction. The tokenizers are ours (`tokens`), on the same words and stems as queries
//! and snippets, so that the three cannot disagree.

use tantivy::TantivyDocument;
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};

use super::document::Document;
use super::facet::Facet;
use super::fold::fold_title;
use super::language::{Spoken, Stemmed, best};

/// Version of everything that decides the bytes of the index: fields, folding, stop lists,
/// stemmers. An index of another version is deleted and fed again.
pub(crate) const VERSION: u32 = 3;

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
    Body,
    Text,
}

impl Tier {
    pub(crate) const ALL: [Tier; 3] = [Tier::Title, Tier::Body, Tier::Text];

    /// How much a match in the tier counts.
    pub(crate) fn weight(self) -> f64 {
        match self {
            Tier::Title => 2.0,
            Tier::Body => 1.0,
            Tier::Text => 0.5,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Tier::Title => "title",
            Tier::Body => "body",
            Tier::Text => "text",
        }
    }
}

/// How a text is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Analysis {
    Stems(Stemmed),
    Neutral,
}

impl Analysis {
    pub(crate) const ALL: [Analysis; 3] = [
        Analysis::Stems(Stemmed::French),
        Analysis::Stems(Stemmed::English),
        Analysis::Neutral,
    ];

    /// Name of the tokenizer, and end of the names of fields.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Analysis::Stems(Stemmed::French) => "fr",
            Analysis::Stems(Stemmed::English) => "en",
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

/// How many text fields there are.
pub(crate) const TEXT_FIELDS: usize = Tier::ALL.len() * Analysis::ALL.len();

/// Name of the column of ids.
pub(crate) const ID: &str = "id";
/// Name of the column of update times.
pub(crate) const UPDATED: &str = "updated";
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
        let id = schema.add_text_field(ID, column().set_indexing_options(exact));
        let stored = schema.add_text_field("stored", STORED);
        let updated = schema.add_u64_field(UPDATED, NumericOptions::default().set_fast());
        let titles = TITLE_KEYS.map(|(_, name)| schema.add_text_field(name, column()));
        let facets = Facet::ALL.map(|facet| schema.add_text_field(facet.name(), column()));
        let texts = std::array::from_fn(|place| {
            let tier = Tier::ALL[place / Analysis::ALL.len()];
            let analysis = Analysis::ALL[place % Analysis::ALL.len()];
            // Only the neutral fields answer phrases.
            let option = match analysis {
                Analysis::Neutral => IndexRecordOption::WithFreqsAndPositions,
                Analysis::Stems(_) => IndexRecordOption::WithFreqs,
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

    /// Name of a text field, for explanations.
    pub(crate) fn name(&self, field: Field) -> &str {
        self.schema.get_field_name(field)
    }

    /// Turns a document into fields.
    pub(crate) fn project(&self, document: &Document) -> TantivyDocument {
        let mut fields = TantivyDocument::default();
        fields.add_text(self.id, &document.id);
        fields.add_u64(self.updated, document.updated);
        for (field, (language, _)) in self.titles.iter().zip(TITLE_KEYS) {
            let title = best(&document.titles, language).map_or("", |(_, title)| title);
            // No key at all without a title: an empty one would sort before all others.
            let key = fold_title(title);
            if !key.is_empty() {
                fields.add_text(*field, cut(&key, MAX_TITLE_KEY_BYTES));
            }
        }
        for (field, facet) in self.facets.iter().zip(Facet::ALL) {
            for value in facet.values(document) {
                if value.len() <= MAX_VALUE_BYTES {
                    fields.add_text(*field, value);
                }
            }
        }
        let nameless = |texts: &[String]| -> Vec<(String, String)> {
            // Names are in no language: neither guessed nor stemmed.
            texts
                .iter()
                .map(|text| (NAMES.to_owned(), text.clone()))
                .collect()
        };
        let names = nameless(std::slice::from_ref(&document.name));
        let creators = nameless(&document.creators);
        let files = nameless(&document.file_names);
        for (tier, texts) in [
            (Tier::Title, &document.titles),
            (Tier::Title, &names),
            (Tier::Body, &document.summaries),
            (Tier::Body, &document.descriptions),
            (Tier::Body, &document.keywords),
            (Tier::Body, &creators),
            (Tier::Text, &files),
            (Tier::Text, &document.text),
        ] {
            for (tag, text) in texts {
                self.add_text(&mut fields, tier, tag, cut(text, MAX_TEXT_BYTES));
            }
        }
        let stored = serde_json::to_string(document)
            .expect("a document is strings and integers, which always have a JSON form");
        fields.add_text(self.stored, stored);
        fields
    }

    fn add_text(&self, fields: &mut TantivyDocument, tier: Tier, tag: &str, text: &str) {
        let spoken = Spoken::of(tag, text);
        for target in self.texts.iter().filter(|target| target.tier == tier) {
            let indexed = match target.analysis {
                Analysis::Neutral => true,
                Analysis::Stems(language) => spoken.stems(language),
            };
            if indexed {
                fields.add_text(target.field, text);
            }
        }
    }
}

/// Language tag of text that is in no language (BCP 47 private use).
const NAMES: &str = "x-names";

/// The longest prefix of whole characters that fits in a number of bytes.
pub(crate) fn cut(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}
