//! Which kinds of forms an index holds at all: a question's words are not looked for as stems of languages that
//! no document is in.

use std::collections::HashMap;

use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

use super::schema::{Analysis, Fields};

/// The first letters of all forms, those of deleted documents included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Letters {
    /// By segment, so that a commit looks only at what it added: one bit for each letter.
    parts: HashMap<SegmentId, u32>,
    all: u32,
}

impl Letters {
    /// Reads a new state of the index, taking what did not change from the old one.
    pub(crate) fn of(
        searcher: &Searcher,
        fields: &Fields,
        old: Option<&Letters>,
    ) -> tantivy::Result<Letters> {
        let mut letters = Letters::default();
        for segment in searcher.segment_readers() {
            let id = segment.segment_id();
            let bits = match old.and_then(|old| old.parts.get(&id)) {
                Some(bits) => *bits,
                None => read(segment, fields)?,
            };
            letters.all |= bits;
            letters.parts.insert(id, bits);
        }
        Ok(letters)
    }

    /// Whether some document may have forms that begin as this one does.
    pub(crate) fn have(&self, form: &str) -> bool {
        form.bytes()
            .next()
            .is_some_and(|letter| self.all & bit(letter) != 0)
    }
}

fn read(segment: &SegmentReader, fields: &Fields) -> tantivy::Result<u32> {
    let mut bits = 0;
    for text in fields
        .texts
        .iter()
        .filter(|text| text.analysis == Analysis::Stems)
    {
        let index = segment.inverted_index(text.field)?;
        for letter in b'a'..=b'z' {
            if bits & bit(letter) == 0
                && index
                    .terms()
                    .range()
                    .ge([letter])
                    .lt([letter + 1])
                    .into_stream()?
                    .advance()
            {
                bits |= bit(letter);
            }
        }
    }
    Ok(bits)
}

fn bit(letter: u8) -> u32 {
    1u32.checked_shl(u32::from(letter.wrapping_sub(b'a')))
        .unwrap_or(0)
}
