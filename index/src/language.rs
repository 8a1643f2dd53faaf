//! Languages: which texts are stemmed how, and which words carry no meaning.

use tantivy::tokenizer::{Language as Snowball, RawTokenizer, Stemmer, TextAnalyzer, TokenStream};

use super::words::words;

/// A language whose words are reduced to stems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stemmed {
    French,
    English,
}

/// What is known about the language of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    French,
    English,
    /// Another language: its words are indexed as they are.
    Other,
    /// French or English or neither: indexed in all ways.
    Unknown,
}

/// How many words are looked at to guess a language. A paragraph is plenty.
const GUESS_WORDS: usize = 200;

impl Spoken {
    /// Reads a BCP 47 tag (or the empty string), and looks at the text where that says nothing.
    pub(crate) fn of(tag: &str, text: &str) -> Spoken {
        let primary = primary(tag);
        match primary.as_str() {
            "fr" | "fra" | "fre" => Spoken::French,
            "en" | "eng" => Spoken::English,
            "" | "und" | "mul" | "mis" | "zxx" => guess(text),
            _ => Spoken::Other,
        }
    }

    /// Whether a text in this language is indexed with the stems of `language`.
    pub(crate) fn stems(self, language: Stemmed) -> bool {
        match self {
            Spoken::French => language == Stemmed::French,
            Spoken::English => language == Stemmed::English,
            Spoken::Other => false,
            Spoken::Unknown => true,
        }
    }
}

/// The primary subtag of a BCP 47 tag, in lower case.
pub(crate) fn primary(tag: &str) -> String {
    tag.split(['-', '_'])
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Guesses the language of a text by its small words: clear only when one language has at least
/// three of them and twice as many as the other.
fn guess(text: &str) -> Spoken {
    let (mut french, mut english) = (0, 0);
    for word in words(text).take(GUESS_WORDS) {
        french += usize::from(is_stop_word(Stemmed::French, &word.text));
        english += usize::from(is_stop_word(Stemmed::English, &word.text));
    }
    if french >= 3 && french >= 2 * english {
        Spoken::French
    } else if english >= 3 && english >= 2 * french {
        Spoken::English
    } else {
        Spoken::Unknown
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

/// Reduces folded words to stems. Cheap to make, kept for the duration of a query.
#[derive(Clone)]
pub(crate) struct Analyser {
    french: TextAnalyzer,
    english: TextAnalyzer,
}

impl Analyser {
    pub(crate) fn new() -> Self {
        let stemmer = |language| {
            TextAnalyzer::builder(RawTokenizer::default())
                .filter(Stemmer::new(language))
                .build()
        };
        Analyser {
            french: stemmer(Snowball::French),
            english: stemmer(Snowball::English),
        }
    }

    /// The stem of a folded word, or `None` for a stop word of the language.
    pub(crate) fn stem(&mut self, language: Stemmed, word: &str) -> Option<String> {
        if is_stop_word(language, word) {
            return None;
        }
        let analyser = match language {
            Stemmed::French => &mut self.french,
            Stemmed::English => &mut self.english,
        };
        let mut stems = analyser.token_stream(word);
        stems.advance().then(|| stems.token().text.clone())
    }
}

/// Whether a folded word says nothing in a language. The lists are folded themselves, so `à`
/// typed without its accent is a stop word too; and they hold the pieces that cutting at
/// apostrophes leaves (`l`, `qu`, `don`).
pub(crate) fn is_stop_word(language: Stemmed, word: &str) -> bool {
    let list: &[&str] = match language {
        Stemmed::French => FRENCH_STOP_WORDS,
        Stemmed::English => ENGLISH_STOP_WORDS,
    };
    list.binary_search(&word).is_ok()
}

/// Articles, pronouns, prepositions, and the forms of `être` and `avoir`; folded and sorted.
#[rustfmt::skip]
const FRENCH_STOP_WORDS: &[&str] = &[
    "a", "ai", "aie", "aient", "aies", "ait", "as", "au", "aura", "aurai", "auraient", "aurais",
    "aurait", "auras", "aurez", "auriez", "aurions", "aurons", "auront", "aux", "avaient",
    "avais", "avait", "avec", "avez", "aviez", "avions", "avons", "ayant", "ayez", "ayons", "c",
    "ce", "ceci", "cela", "ces", "cet", "cette", "d", "dans", "de", "des", "du", "elle", "en",
    "es", "est", "et", "etaient", "etais", "etait", "etant", "ete", "etee", "etees", "etes",
    "etiez", "etions", "eu", "eue", "eues", "eumes", "eurent", "eus", "eusse", "eussent",
    "eusses", "eussiez", "eussions", "eut", "eutes", "eux", "fumes", "furent", "fus", "fusse",
    "fussent", "fusses", "fussiez", "fussions", "fut", "futes", "ici", "il", "ils", "j", "je",
    "l", "la", "le", "les", "leur", "leurs", "lui", "m", "ma", "mais", "me", "meme", "mes",
    "moi", "mon", "n", "ne", "nos", "notre", "nous", "on", "ont", "ou", "par", "pas", "pour",
    "qu", "que", "quel", "quelle", "quelles", "quels", "qui", "s", "sa", "sans", "se", "sera",
    "serai", "seraient", "serais", "serait", "seras", "serez", "seriez", "serions", "serons",
    "seront", "ses", "soi", "soient", "sois", "soit", "sommes", "son", "sont", "soyez",
    "soyons", "suis", "sur", "t", "ta", "te", "tes", "toi", "ton", "tu", "un", "une", "vos",
    "votre", "vous", "y",
];

/// Articles, pronouns, prepositions and auxiliaries; folded and sorted.
#[rustfmt::skip]
const ENGLISH_STOP_WORDS: &[&str] = &[
    "a", "about", "above", "after", "again", "against", "all", "am", "an", "and", "any", "are",
    "aren", "as", "at", "be", "because", "been", "before", "being", "below", "between", "both",
    "but", "by", "can", "cannot", "could", "couldn", "d", "did", "didn", "do", "does", "doesn",
    "doing", "don", "down", "during", "each", "few", "for", "from", "further", "had", "hadn",
    "has", "hasn", "have", "haven", "having", "he", "her", "here", "hers", "herself", "him",
    "himself", "his", "how", "i", "if", "in", "into", "is", "isn", "it", "its", "itself",
    "just", "ll", "m", "me", "more", "most", "mustn", "my", "myself", "no", "nor", "not", "of",
    "off", "on", "once", "only", "or", "other", "ought", "our", "ours", "ourselves", "out",
    "over", "own", "re", "s", "same", "shan", "she", "should", "shouldn", "so", "some", "such",
    "t", "than", "that", "the", "their", "theirs", "them", "themselves", "then", "there",
    "these", "they", "this", "those", "through", "to", "too", "under", "until", "up", "ve",
    "very", "was", "wasn", "we", "were", "weren", "what", "when", "where", "which", "while",
    "who", "whom", "why", "will", "with", "won", "would", "wouldn", "you", "your", "yours",
    "yourself", "yourselves",
];

#[cfg(test)]
mod tests;
