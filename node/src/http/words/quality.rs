//! What lacks in records, and how it is mended.

use super::Words;
use crate::quality::{Fault, Need, Rule};

/// What a rule found, in words. `field`: the name of a field in the reader's language.
pub fn what(words: Words, rule: Rule, field: impl Fn(&str) -> String) -> String {
    let said = match rule {
        Rule::Missing(missing) => {
            let name = field(missing.name);
            return words.say_with("quality-missing", [("field", name.into())]);
        }
        Rule::Fault(Fault::UnclearLicence) => words.say("quality-unclear-licence"),
        Rule::Fault(Fault::NothingToOpen) => words.say("quality-nothing-to-open"),
        Rule::Fault(Fault::UntaggedText) => words.say("quality-untagged-text"),
        Rule::Fault(Fault::UnknownTerm) => words.say("quality-unknown-term"),
        Rule::Fault(Fault::Unreadable) => words.say("quality-unreadable"),
        Rule::Fault(Fault::Unread) => words.say("quality-unread"),
        Rule::Fault(Fault::Behind) => words.say("quality-behind"),
        Rule::Fault(Fault::Guessed) => words.say("quality-guessed"),
        Rule::Duplicate => words.say("quality-duplicate"),
        Rule::DeadLink => words.say("quality-dead-link"),
        Rule::UnsureLink => words.say("quality-unsure-link"),
    };
    said.to_owned()
}

/// How to mend what a rule found.
pub fn fix(words: Words, rule: Rule) -> &'static str {
    match rule {
        Rule::Missing(_) => words.say("quality-fix-field"),
        Rule::Fault(Fault::UnclearLicence) => words.say("quality-fix-licence"),
        Rule::Fault(Fault::NothingToOpen) => words.say("quality-fix-nothing-to-open"),
        Rule::Fault(Fault::UntaggedText) => words.say("quality-fix-untagged-text"),
        Rule::Fault(Fault::UnknownTerm) => words.say("quality-fix-unknown-term"),
        Rule::Fault(Fault::Unreadable) => words.say("quality-fix-unreadable"),
        Rule::Fault(Fault::Unread) => words.say("quality-fix-unread"),
        Rule::Fault(Fault::Behind) => words.say("quality-fix-behind"),
        Rule::Fault(Fault::Guessed) => words.say("quality-fix-guessed"),
        Rule::Duplicate => words.say("quality-fix-duplicate"),
        Rule::DeadLink => words.say("quality-fix-dead-link"),
        Rule::UnsureLink => words.say("quality-fix-unsure-link"),
    }
}

/// For whom a field matters.
pub fn need(words: Words, need: Need) -> &'static str {
    match need {
        Need::Everybody => words.say("quality-everybody"),
        Need::SupLomFr => words.say("quality-suplomfr"),
        Need::Helps => words.say("quality-helps"),
    }
}
