//! Stems: the forms under which a word is indexed beside itself.
//!
//! A form begins with one letter that says what it is, so that the forms of all languages share a field:
//! the stem of a Latin word in one of seven languages (`f` French … `n` Dutch), the stem of a Russian, Greek
//! or Arabic word (`r`, `k`, `a`), two neighbours in a script without spaces (`g`), or the word of another
//! language as it is (`o`).
//!
//! Words are folded first. Where that breaks a stemmer, which looks for `ción` and finds `cion`, the accent
//! is put back where the ending leaves no doubt.

use tantivy::tokenizer::{Language as Snowball, RawTokenizer, Stemmer, TextAnalyzer, TokenStream};

use super::stop_words::stopped_in;
use super::{Spoken, Stemmed};
use crate::words::is_unspaced;

/// Reduces folded words to stems. Cheap to make, kept for the duration of a query.
#[derive(Clone)]
pub(crate) struct Analyser {
    latin: [Option<TextAnalyzer>; Stemmed::ALL.len()],
    scripts: [Option<TextAnalyzer>; 3],
}

/// A script with a stemmer: the first letter of its forms, and its place.
#[derive(Clone, Copy)]
enum Script {
    Cyrillic,
    Greek,
    Arabic,
}

impl Script {
    fn of(word: &str) -> Option<Script> {
        match word.chars().next()? {
            '\u{400}'..='\u{52F}' => Some(Script::Cyrillic),
            '\u{370}'..='\u{3FF}' => Some(Script::Greek),
            '\u{620}'..='\u{6FF}' => Some(Script::Arabic),
            _ => None,
        }
    }

    fn letter(self) -> char {
        match self {
            Script::Cyrillic => 'r',
            Script::Greek => 'k',
            Script::Arabic => 'a',
        }
    }

    fn snowball(self) -> Snowball {
        match self {
            Script::Cyrillic => Snowball::Russian,
            Script::Greek => Snowball::Greek,
            Script::Arabic => Snowball::Arabic,
        }
    }
}

impl Analyser {
    pub(crate) fn new() -> Self {
        Analyser {
            latin: Default::default(),
            scripts: Default::default(),
        }
    }

    /// The forms under which a folded word of a text in a language is indexed, each once; none for a stop
    /// word of all its languages. A single character of a script without spaces has none of its own: two
    /// neighbours have, see [`pair`].
    pub(crate) fn forms(&mut self, spoken: Spoken, word: &str, forms: &mut Vec<String>) {
        forms.clear();
        if let Some(script) = Script::of(word) {
            let engine =
                self.scripts[script as usize].get_or_insert_with(|| engine(script.snowball()));
            forms.push(marked(script.letter(), &stem(engine, word)));
        } else if word.chars().any(is_hangul) {
            syllables(word, forms);
        } else if word.chars().all(is_unspaced) {
            if word.chars().nth(1).is_some() {
                forms.push(marked(PAIR, word));
            }
        } else {
            for language in Stemmed::ALL {
                if spoken.stems(language)
                    && let Some(stem) = self.stem(language, word)
                {
                    forms.push(marked(language.letter(), &stem));
                }
            }
            if spoken.is_other() {
                forms.push(marked(PLAIN, word));
            }
        }
    }

    /// The stem of a folded word, or `None` for a stop word of the language.
    pub(crate) fn stem(&mut self, language: Stemmed, word: &str) -> Option<String> {
        if stopped_in(word) & language.bit() != 0 {
            return None;
        }
        let engine =
            self.latin[language as usize].get_or_insert_with(|| engine(language.snowball()));
        Some(match restored(language, word) {
            // Forms are folded again: the accent was only there for the stemmer.
            Some(restored) => crate::fold::fold(&stem(engine, &restored)),
            None => stem(engine, word),
        })
    }
}

/// First letter of a form of two characters that stand side by side.
const PAIR: char = 'g';
/// First letter of a word as it is.
const PLAIN: char = 'o';

/// What a form says it is (`fr`, `el`, `pair`, `word`), and the rest of it.
pub(crate) fn explained(form: &str) -> (&'static str, &str) {
    let mut word = form.chars();
    let way = match word.next() {
        Some('r') => "ru",
        Some('k') => "el",
        Some('a') => "ar",
        Some(PAIR) => "pair",
        Some(letter) => Stemmed::ALL
            .into_iter()
            .find(|language| language.letter() == letter)
            .map_or("word", Stemmed::code),
        None => "word",
    };
    (way, word.as_str())
}

/// The form of two neighbours in a script without spaces.
pub(crate) fn pair(first: &str, second: &str) -> String {
    format!("{PAIR}{first}{second}")
}

/// Korean is written with spaces, but particles stick to its words: pairs of syllables find the word in them.
fn syllables(word: &str, forms: &mut Vec<String>) {
    let mut before = None;
    for c in word.chars() {
        if let Some(before) = before {
            let form = format!("{PAIR}{before}{c}");
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        before = Some(c);
    }
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

fn marked(letter: char, word: &str) -> String {
    let mut form = String::with_capacity(1 + word.len());
    form.push(letter);
    form.push_str(word);
    form
}

fn engine(language: Snowball) -> TextAnalyzer {
    TextAnalyzer::builder(RawTokenizer::default())
        .filter(Stemmer::new(language))
        .build()
}

fn stem(engine: &mut TextAnalyzer, word: &str) -> String {
    let mut stems = engine.token_stream(word);
    if stems.advance() {
        std::mem::take(&mut stems.token_mut().text)
    } else {
        word.to_owned()
    }
}

/// The word as its stemmer knows it, where folding took away what the stemmer goes by.
fn restored(language: Stemmed, word: &str) -> Option<String> {
    let ending = |endings: &[(&str, &str)]| {
        endings.iter().find_map(|(folded, written)| {
            let start = word.strip_suffix(folded)?;
            (start.len() >= 2).then(|| format!("{start}{written}"))
        })
    };
    match language {
        // What a keyboard without umlauts writes: ae, oe, ue. Not in `neue`, `Quelle`.
        Stemmed::German => without_digraphs(word),
        Stemmed::Spanish => ending(&[("cion", "ción"), ("sion", "sión")]),
        Stemmed::Portuguese => ending(&[
            ("cao", "ção"),
            ("sao", "são"),
            // The plural goes by the singular, which the stemmer does not do for short words.
            ("coes", "ção"),
            ("soes", "são"),
            ("oes", "ão"),
            ("aes", "ão"),
        ]),
        _ => None,
    }
}

fn without_digraphs(word: &str) -> Option<String> {
    if !["ae", "oe", "ue"].iter().any(|two| word.contains(two)) {
        return None;
    }
    let mut out = String::with_capacity(word.len());
    let mut before = None;
    let mut letters = word.chars().peekable();
    while let Some(c) = letters.next() {
        out.push(c);
        let apart = before.is_some_and(|b| matches!(b, 'a' | 'e' | 'i' | 'o' | 'u' | 'q'));
        if matches!(c, 'a' | 'o' | 'u') && !apart && letters.peek() == Some(&'e') {
            letters.next();
        }
        before = Some(c);
    }
    Some(out)
}
