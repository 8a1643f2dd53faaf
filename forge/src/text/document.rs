//! What is read out of one document.

use serde::{Deserialize, Serialize};

use super::picture::Picture;
use crate::resource::text::tidy_to;

/// The most bytes of text that a document, or a resource of many, gives: a book of five hundred pages.
pub const MAX_TEXT_BYTES: usize = 1 << 20;
/// The most sections; a section costs more than its bytes.
const MAX_SECTIONS: usize = 2_000;
/// The longest property, in characters.
const MAX_PROPERTY_CHARS: usize = 300;
/// The most creators.
const MAX_CREATORS: usize = 20;

/// A piece of text that can be pointed at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its page or slide, from 1, where the document has such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Plain text: lines without white space around them, no empty ones, no control characters.
    pub text: String,
}

/// What a document says of itself. Programs fill these in without asking, so they are hints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Properties {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub creators: Vec<String>,
    /// Its language, BCP 47 as far as the program knew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Its licence, mostly an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

/// A first picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Illustration {
    /// It is in the document.
    Inside(Picture),
    /// The document names a file beside it, by a relative path.
    Beside(String),
}

/// Text, properties and a picture of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// The text in order.
    pub sections: Vec<Section>,
    /// What the document says of itself.
    pub properties: Properties,
    /// A first picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<Illustration>,
}

impl Document {
    /// A document of one section without a page.
    pub(super) fn of(text: String) -> Document {
        let sections = vec![Section { page: None, text }];
        Document {
            sections,
            ..Document::default()
        }
    }

    /// Adds a section.
    pub(super) fn add(&mut self, page: Option<u32>, text: String) {
        self.sections.push(Section { page, text });
    }

    /// Bytes of text so far.
    pub(super) fn len(&self) -> usize {
        self.sections.iter().map(|section| section.text.len()).sum()
    }

    /// Tidies all text and keeps what fits.
    pub(super) fn bounded(mut self) -> Document {
        let mut room = MAX_TEXT_BYTES;
        self.sections.truncate(MAX_SECTIONS);
        for section in &mut self.sections {
            section.text = tidy_to(&section.text, room);
            room -= section.text.len();
        }
        self.sections.retain(|section| !section.text.is_empty());
        let Properties {
            title,
            creators,
            language,
            licence,
        } = &mut self.properties;
        for property in [title, language, licence] {
            *property = property.take().as_deref().and_then(line);
        }
        *creators = creators.iter().filter_map(|name| line(name)).collect();
        creators.dedup();
        creators.truncate(MAX_CREATORS);
        self
    }
}

/// A property on one line; nothing when it says nothing.
fn line(text: &str) -> Option<String> {
    let start: String = text.chars().take(MAX_PROPERTY_CHARS).collect();
    let line = tidy_to(&start, 4 * MAX_PROPERTY_CHARS).replace('\n', " ");
    (!line.is_empty()).then_some(line)
}
