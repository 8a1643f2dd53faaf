//! Why the words of a file are not searched.

use super::Words;

/// The sentence for the word of a description ([`crate::extraction`]); of a later release's word, that it cannot be
/// read.
pub fn why_unread(words: Words, word: &str) -> &'static str {
    match word {
        "damaged" => words.say("extraction-damaged"),
        "encrypted" => words.say("extraction-encrypted"),
        "too-large" => words.say("extraction-too-large"),
        "refused" => words.say("extraction-refused"),
        "too-slow" => words.say("extraction-too-slow"),
        _ => words.say("extraction-other"),
    }
}
