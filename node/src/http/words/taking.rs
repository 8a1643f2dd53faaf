//! Why something was taken down.

use super::Words;

/// What the code of a withdrawal says; a code of a later release is shown as it is.
pub fn reason(words: Words, code: &str) -> &str {
    match code {
        "error" => words.say("taking-code-error"),
        "outdated" => words.say("taking-code-outdated"),
        "duplicate" => words.say("taking-code-duplicate"),
        "rights" => words.say("taking-code-rights"),
        "personal-data" => words.say("taking-code-personal-data"),
        "illegal" => words.say("taking-code-illegal"),
        "harmful" => words.say("taking-code-harmful"),
        "other" => words.say("taking-code-other"),
        crate::takedown::SOURCE_DELETED => words.say("taking-code-source-deleted"),
        code => code,
    }
}
