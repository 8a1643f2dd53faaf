//! The engine's way to our words: one tokenizer per way of indexing a text.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::language::Analyser;
use super::schema::Analysis;
use super::words::{Words, words};

/// Makes the tokenizers known under the names that the schema uses. To be done after every open.
pub(crate) fn register(tokenizers: &TokenizerManager) {
    for analysis in Analysis::ALL {
        let tokenizer = WordTokenizer {
            analysis,
            analyser: Analyser::new(),
        };
        tokenizers.register(analysis.name(), tokenizer);
    }
}

#[derive(Clone)]
struct WordTokenizer {
    analysis: Analysis,
    analyser: Analyser,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream {
            words: words(text),
            analysis: self.analysis,
            analyser: &mut self.analyser,
            token: Token::default(),
        }
    }
}

struct WordStream<'a> {
    words: Words<'a>,
    analysis: Analysis,
    analyser: &'a mut Analyser,
    token: Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        for word in self.words.by_ref() {
            let text = match self.analysis {
                Analysis::Neutral => Some(word.text),
                Analysis::Stems(language) => self.analyser.stem(language, &word.text),
            };
            if let Some(text) = text {
                self.token = Token {
                    offset_from: word.start,
                    offset_to: word.end,
                    position: word.position,
                    text,
                    position_length: 1,
                };
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
