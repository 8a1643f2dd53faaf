//! The names of the fields of the model, and how their values came to be.

use commun_specs::metadata::Method;

use super::Words;
use crate::http::lang::Lang;

/// The key of a field's name.
pub(super) fn field_key(field: &str) -> String {
    format!("field-{}", field.replace('_', "-"))
}

/// The name of a field for people; its name in documents where it is new.
pub fn field_name(field: &'static str, lang: Lang) -> &'static str {
    Words::of(lang).find(&field_key(field)).unwrap_or(field)
}

/// How a value came to be, from a place (a field of a standard, a file).
pub fn method(words: Words, method: Method, place: &str) -> String {
    match method {
        Method::Declared => words.say("known-declared").to_owned(),
        Method::Corrected => words.say("known-corrected").to_owned(),
        Method::Mapped => words.say_with("known-mapped", [("place", place.into())]),
        Method::Extracted => words.say_with("known-extracted", [("place", place.into())]),
        Method::Inferred => words.say_with("known-inferred", [("place", place.into())]),
    }
}
