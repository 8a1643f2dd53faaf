//! The engine's way to our words: one tokenizer per way of indexing a text.

use std::collections::VecDeque;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::language::{Analyser, Spoken, pair};
use super::schema::Analysis;
use super::words::{Word, Words, is_unspaced, words};

/// Makes the tokenizers known under the names that the schema uses. To be done after every open.
pub(crate) fn register(tokenizers: &TokenizerManager) {
    for analysis in [Analysis::Stems, Analysis::Neutral] {
        let tokenizer = WordTokenizer {
            analysis,
            analyser: Analyser::new(),
        };
        tokenizers.register(analysis.name(), tokenizer);
    }
}

/// A text for the tokenizer of stems, which has to know the language: the engine hands it nothing but the text.
pub(crate) fn marked(spoken: Spoken, text: &str) -> String {
    let mut marked = String::with_capacity(text.len() + 3);
    marked.push(spoken.to_mark());
    marked.push_str(text);
    marked
}

#[derive(Clone)]
struct WordTokenizer {
    analysis: Analysis,
    analyser: Analyser,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        let mut spoken = Spoken::ANY;
        let mut text = text;
        let mut first = text.chars();
        if self.analysis == Analysis::Stems
            && let Some(marked) = first.next().and_then(Spoken::from_mark)
        {
            spoken = marked;
            text = first.as_str();
        }
        WordStream {
            words: words(text),
            analysis: self.analysis,
            spoken,
            analyser: &mut self.analyser,
            before: None,
            forms: Vec::new(),
            waiting: VecDeque::new(),
            token: Token::default(),
        }
    }
}

struct WordStream<'a> {
    words: Words<'a>,
    analysis: Analysis,
    spoken: Spoken,
    analyser: &'a mut Analyser,
    /// The last character of a script without spaces, and where it ends.
    before: Option<(usize, String)>,
    forms: Vec<String>,
    /// Forms of the word that the token is of.
    waiting: VecDeque<String>,
    token: Token,
}

impl WordStream<'_> {
    /// Makes the word the token's, and gives back the first of its forms.
    fn take(&mut self, word: Word) -> Option<String> {
        self.token.offset_from = word.start;
        self.token.offset_to = word.end;
        self.token.position = word.position;
        if self.analysis == Analysis::Neutral {
            return Some(word.text);
        }
        if word.text.chars().all(is_unspaced) {
            let before = self.before.replace((word.end, word.text.clone()));
            let (end, before) = before?;
            return (end == word.start).then(|| pair(&before, &word.text));
        }
        self.before = None;
        self.analyser
            .forms(self.spoken, &word.text, &mut self.forms);
        self.waiting.extend(self.forms.drain(..));
        self.waiting.pop_front()
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some(form) = self.waiting.pop_front() {
            self.token.text = form;
            return true;
        }
        while let Some(word) = self.words.next() {
            if let Some(form) = self.take(word) {
                self.token.text = form;
                self.token.position_length = 1;
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
