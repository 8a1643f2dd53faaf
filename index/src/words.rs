//! Words: where a text is cut, and what each piece folds to.

use super::fold::{fold, is_diacritic, is_hidden, is_word_character};

/// Longest word that is indexed, in characters after folding. Longer runs are encoded data
/// (base64, hashes in READMEs), which nobody searches and which would bloat the dictionary. An
/// item's id has 52.
pub(crate) const MAX_WORD_CHARACTERS: usize = 64;

/// Longest run of bytes that is folded at all: a few bytes per character of the longest word.
const MAX_RUN_BYTES: usize = MAX_WORD_CHARACTERS * 8;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Byte offset of its first character in the text.
    pub(crate) start: usize,
    /// Byte offset after its last character.
    pub(crate) end: usize,
    /// How many words stand before it.
    pub(crate) position: usize,
    /// The folded word, never empty.
    pub(crate) text: String,
}

/// Cuts a text into folded words. Apostrophes cut (`l'école` is `l` and `ecole`; the stop list
/// then drops the elided article), hidden characters do not, and each character of a script without
/// spaces is a word of its own, because such scripts have no other cheap boundary.
pub(crate) fn words(text: &str) -> Words<'_> {
    Words {
        text,
        at: 0,
        position: 0,
    }
}

/// Iterator over the [`Word`]s of a text.
pub(crate) struct Words<'a> {
    text: &'a str,
    at: usize,
    position: usize,
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            let rest = &self.text[self.at..];
            let skipped = rest.find(is_word_character)?;
            let start = self.at + skipped;
            let run = &self.text[start..];
            let end = start + run_length(run);
            self.at = end;
            if end - start > MAX_RUN_BYTES {
                self.position += 1;
                continue;
            }
            let text = fold(&self.text[start..end]);
            if text.is_empty() {
                continue;
            }
            let position = self.position;
            self.position += 1;
            if text.chars().count() > MAX_WORD_CHARACTERS {
                continue;
            }
            return Some(Word {
                start,
                end,
                position,
                text,
            });
        }
    }
}

/// Length in bytes of the word that begins a non-empty text.
fn run_length(text: &str) -> usize {
    let mut end = 0;
    let mut alone = false;
    for (at, c) in text.char_indices() {
        if is_unspaced(c) {
            if at > 0 {
                break;
            }
            alone = true;
            end = c.len_utf8();
        } else if is_word_character(c) && (!alone || is_diacritic(c)) {
            end = at + c.len_utf8();
        } else if !is_hidden(c) {
            break;
        }
    }
    end
}

/// Characters of scripts that write words without spaces: Han, Hiragana and Katakana; Thai, Lao, Burmese and Khmer.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{3096}' | '\u{309D}'..='\u{309F}' | '\u{30A1}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}'
        | '\u{E01}'..='\u{E3A}' | '\u{E40}'..='\u{E46}' | '\u{E81}'..='\u{EBD}' | '\u{EC0}'..='\u{EC6}'
        | '\u{1000}'..='\u{103F}' | '\u{1780}'..='\u{17D3}')
}

#[cfg(test)]
mod tests {
    use super::words;

    fn texts(text: &str) -> Vec<String> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn elided_articles_are_cut_off() {
        assert_eq!(texts("L’école d'été"), ["l", "ecole", "d", "ete"]);
    }

    #[test]
    fn file_names_are_cut_at_their_separators() {
        assert_eq!(
            texts("chapitre-1_intro.tar.gz"),
            ["chapitre", "1", "intro", "tar", "gz"]
        );
    }

    #[test]
    fn hidden_characters_do_not_split() {
        assert_eq!(texts("pay\u{200B}pal \u{202E}x\u{AD}y"), ["paypal", "xy"]);
    }

    #[test]
    fn characters_of_scripts_without_spaces_are_words() {
        assert_eq!(
            texts("光合作用 DNA光"),
            ["光", "合", "作", "用", "dna", "光"]
        );
        // Tone marks go with the character they stand on, and are dropped.
        assert_eq!(texts("ไม้"), ["ไ", "ม"]);
    }

    #[test]
    fn offsets_point_into_the_text() {
        let text = "« Équations » : l'œuvre";
        let pieces: Vec<&str> = words(text).map(|w| &text[w.start..w.end]).collect();
        assert_eq!(pieces, ["Équations", "l", "œuvre"]);
    }

    #[test]
    fn endless_words_are_skipped_and_keep_their_place() {
        let text = format!("a {} b", "x".repeat(40_000));
        let found: Vec<(String, usize)> = words(&text).map(|w| (w.text, w.position)).collect();
        assert_eq!(found, [("a".to_owned(), 0), ("b".to_owned(), 2)]);
    }
}
