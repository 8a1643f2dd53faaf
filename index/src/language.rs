//! Languages: which texts are stemmed how, and which words carry no meaning.

mod stems;
mod stop_words;

use tantivy::tokenizer::Language as Snowball;

use super::words::words;
pub(crate) use stems::{Analyser, explained, pair};
use stop_words::stopped_in;

/// A language whose words are reduced to stems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stemmed {
    French,
    English,
    German,
    Spanish,
    Italian,
    Portuguese,
    Dutch,
}

impl Stemmed {
    pub(crate) const ALL: [Stemmed; 7] = [
        Stemmed::French,
        Stemmed::English,
        Stemmed::German,
        Stemmed::Spanish,
        Stemmed::Italian,
        Stemmed::Portuguese,
        Stemmed::Dutch,
    ];

    /// The language of a primary subtag, or of an ISO 639-2 code in its place.
    fn of(primary: &str) -> Option<Stemmed> {
        Some(match primary {
            "fr" | "fra" | "fre" => Stemmed::French,
            "en" | "eng" => Stemmed::English,
            "de" | "deu" | "ger" => Stemmed::German,
            "es" | "spa" => Stemmed::Spanish,
            "it" | "ita" => Stemmed::Italian,
            "pt" | "por" => Stemmed::Portuguese,
            "nl" | "nld" | "dut" => Stemmed::Dutch,
            _ => return None,
        })
    }

    /// The language of a page: English for all pages in languages without a stemmer.
    pub(crate) fn of_page(tag: &str) -> Stemmed {
        Stemmed::of(&primary(tag)).unwrap_or(Stemmed::English)
    }

    /// Its subtag.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Stemmed::French => "fr",
            Stemmed::English => "en",
            Stemmed::German => "de",
            Stemmed::Spanish => "es",
            Stemmed::Italian => "it",
            Stemmed::Portuguese => "pt",
            Stemmed::Dutch => "nl",
        }
    }

    /// First letter of its stems in the index.
    pub(crate) fn letter(self) -> char {
        match self {
            Stemmed::French => 'f',
            Stemmed::English => 'e',
            Stemmed::German => 'd',
            Stemmed::Spanish => 's',
            Stemmed::Italian => 'i',
            Stemmed::Portuguese => 'p',
            Stemmed::Dutch => 'n',
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }

    fn snowball(self) -> Snowball {
        match self {
            Stemmed::French => Snowball::French,
            Stemmed::English => Snowball::English,
            Stemmed::German => Snowball::German,
            Stemmed::Spanish => Snowball::Spanish,
            Stemmed::Italian => Snowball::Italian,
            Stemmed::Portuguese => Snowball::Portuguese,
            Stemmed::Dutch => Snowball::Dutch,
        }
    }
}

/// The languages that a text may be in: those it is stemmed in, and whether its words are also taken as they
/// are, as those of every language without a stemmer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spoken(u8);

/// The bit of all languages that are not stemmed.
const OTHER: u8 = 1 << 7;
/// How many words are looked at to guess a language. A paragraph is plenty.
const GUESS_WORDS: usize = 200;
/// What a small word weighs that only one language has; one that several have is shared between them.
/// A number that all of them divide, or nearly.
const ONLY: u32 = 420;

impl Spoken {
    /// Every language: how the words of a question are looked up.
    pub(crate) const ANY: Spoken = Spoken(u8::MAX);
    /// French or English: what is assumed where nothing is known.
    const UNKNOWN: Spoken = Spoken(0b11);

    /// Reads a BCP 47 tag (or the empty string), and looks at the text where that says nothing. Where the
    /// text says nothing either, it is in the `usual` languages of its document, as tags.
    pub(crate) fn of(tag: &str, text: &str, usual: &[String]) -> Spoken {
        let primary = primary(tag);
        match primary.as_str() {
            "" | "und" | "mul" | "mis" | "zxx" => guess(text).unwrap_or_else(|| Spoken::all(usual)),
            primary => {
                Stemmed::of(primary).map_or(Spoken(OTHER), |language| Spoken(language.bit()))
            }
        }
    }

    fn all(tags: &[String]) -> Spoken {
        let bits = tags
            .iter()
            .map(|tag| primary(tag))
            .map(|primary| Stemmed::of(&primary).map_or(OTHER, Stemmed::bit));
        match bits.fold(0, |all, bit| all | bit) {
            0 => Spoken::UNKNOWN,
            bits => Spoken(bits),
        }
    }

    /// Whether a text in this language is indexed with the stems of `language`.
    pub(crate) fn stems(self, language: Stemmed) -> bool {
        self.0 & language.bit() != 0
    }

    /// Whether its words are indexed as they are.
    pub(crate) fn is_other(self) -> bool {
        self.0 & OTHER != 0
    }

    /// One character that says the same, for the way to the tokenizer.
    pub(crate) fn to_mark(self) -> char {
        char::from_u32(FIRST_MARK + u32::from(self.0))
            .expect("the private use area has room for it")
    }

    /// Reads [`to_mark`](Self::to_mark).
    pub(crate) fn from_mark(mark: char) -> Option<Spoken> {
        let bits = u32::from(mark).checked_sub(FIRST_MARK)?;
        u8::try_from(bits).ok().map(Spoken)
    }
}

/// Where the marks begin in the private use area of Unicode.
const FIRST_MARK: u32 = 0xE000;

/// The primary subtag of a BCP 47 tag, in lower case.
pub(crate) fn primary(tag: &str) -> String {
    tag.split(['-', '_'])
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Guesses the language of a text by its small words, and nothing where it has too few: one language where it has
/// at least two of its own and clearly more than any other, else all that have nearly as many as the first.
fn guess(text: &str) -> Option<Spoken> {
    let mut points = [0; Stemmed::ALL.len()];
    for word in words(text).take(GUESS_WORDS) {
        let languages = stopped_in(&word.text);
        if languages != 0 {
            let share = ONLY / languages.count_ones();
            for language in Stemmed::ALL {
                if languages & language.bit() != 0 {
                    points[language as usize] += share;
                }
            }
        }
    }
    let most = points.iter().copied().max().unwrap_or(0);
    if most < 2 * ONLY {
        return None;
    }
    let near = Stemmed::ALL
        .into_iter()
        .filter(|language| points[*language as usize] * 4 >= most * 3);
    Some(Spoken(near.fold(0, |all, language| all | language.bit())))
}

/// Whether a folded word says nothing in a question: it is a stop word of French, of English, of the page's
/// language or of the question's own, as its other words tell.
#[derive(Clone)]
pub(crate) struct Silent(u8);

impl Silent {
    /// For a question in these folded words, from a page in a language.
    pub(crate) fn of<'a>(page: Stemmed, question: impl Iterator<Item = &'a str>) -> Silent {
        let mut counts = [0; Stemmed::ALL.len()];
        for word in question {
            let languages = stopped_in(word);
            for language in Stemmed::ALL {
                counts[language as usize] += u32::from(languages & language.bit() != 0);
            }
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let usual = Stemmed::French.bit() | Stemmed::English.bit() | page.bit();
        // One small word is no language: `die` is a verb in English.
        let own = Stemmed::ALL
            .into_iter()
            .filter(|language| most >= 2 && counts[*language as usize] == most);
        Silent(own.fold(usual, |all, language| all | language.bit()))
    }

    /// Whether the word is one of them.
    pub(crate) fn has(&self, word: &str) -> bool {
        stopped_in(word) & self.0 != 0
    }
}

/// Chooses the text to show: in the language of the page, else in English, else in French, else
/// the first.
pub(crate) fn best<'a>(
    texts: &'a [(String, String)],
    interface_language: &str,
) -> Option<&'a (String, String)> {
    let wanted = primary(interface_language);
    [wanted.as_str(), "en", "fr"]
        .into_iter()
        .find_map(|language| {
            texts
                .iter()
                .find(|(tag, text)| primary(tag) == language && !text.is_empty())
        })
        .or_else(|| texts.iter().find(|(_, text)| !text.is_empty()))
}

#[cfg(test)]
mod tests;
