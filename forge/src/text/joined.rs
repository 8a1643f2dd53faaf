//! The text of a resource as one blob: the sections of its files, each under a line that says where it stands
//! (R-02-17).

use super::document::{MAX_TEXT_BYTES, Section};
use crate::resource::text::cut;

/// What a line that says where a section stands begins with: a form feed, as between the pages of a printed text.
const MARK: char = '\u{c}';

/// Where a section stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its page or slide, from 1, where the document has such.
    pub page: Option<u32>,
    /// The path of the file; empty where there is only one text and it needs no name.
    pub file: String,
}

/// Sections of several documents, put together up to [`MAX_TEXT_BYTES`].
#[derive(Debug, Default)]
pub struct Joined(String);

impl Joined {
    /// Bytes that may still come.
    pub fn room(&self) -> usize {
        MAX_TEXT_BYTES.saturating_sub(self.0.len())
    }

    /// Adds the sections of a document, as far as there is room.
    pub fn add(&mut self, file: &str, sections: &[Section]) {
        for Section { page, text } in sections {
            let page = page.map(|page| page.to_string()).unwrap_or_default();
            let head = format!("{MARK}{page}\t{file}\n");
            let Some(room) = self
                .room()
                .checked_sub(head.len() + 1)
                .filter(|room| *room > 0)
            else {
                return;
            };
            self.0.push_str(&head);
            self.0.push_str(cut(text, room));
            self.0.push('\n');
        }
    }

    /// The blob; empty when nothing had text.
    pub fn finish(self) -> String {
        self.0
    }
}

/// The sections of a blob, in order. What stands before the first mark is a section without a place.
pub fn sections(blob: &str) -> impl Iterator<Item = (Place, &str)> {
    blob.split(MARK).enumerate().filter_map(|(at, part)| {
        let (place, text) = match part.split_once('\n').filter(|_| at > 0) {
            Some((head, text)) => (place(head), text),
            None => (Place::default(), part),
        };
        let text = text.trim();
        (!text.is_empty()).then_some((place, text))
    })
}

fn place(head: &str) -> Place {
    let (page, file) = head.split_once('\t').unwrap_or(("", head));
    Place {
        page: page.parse().ok().filter(|page| *page > 0),
        file: file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(page: Option<u32>, text: &str) -> Section {
        let text = text.to_owned();
        Section { page, text }
    }

    #[test]
    fn sections_come_back_with_their_places() {
        let mut joined = Joined::default();
        joined.add(
            "cours.pdf",
            &[section(Some(1), "Un"), section(Some(12), "Deux\nlignes")],
        );
        joined.add("LISEZ-MOI.md", &[section(None, "Trois")]);
        let blob = joined.finish();
        let found: Vec<_> = sections(&blob).collect();
        let place = |page, file: &str| Place {
            page,
            file: file.to_owned(),
        };
        assert_eq!(
            found,
            [
                (place(Some(1), "cours.pdf"), "Un"),
                (place(Some(12), "cours.pdf"), "Deux\nlignes"),
                (place(None, "LISEZ-MOI.md"), "Trois"),
            ]
        );
        assert_eq!(
            sections("un texte\nsans page").collect::<Vec<_>>(),
            [(Place::default(), "un texte\nsans page")]
        );
        assert_eq!(sections("\u{c}\u{c}x").count(), 1);
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut joined = Joined::default();
        let long = "é".repeat(MAX_TEXT_BYTES / 4);
        for _ in 0..5 {
            joined.add("a", &[section(Some(1), &long)]);
        }
        let blob = joined.finish();
        assert!(blob.len() <= MAX_TEXT_BYTES && blob.len() > MAX_TEXT_BYTES - 20);
    }
}
