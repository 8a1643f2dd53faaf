//! From values to JSON, as bodies and documents have it. What is absent is left out.

use serde_json::{Map, Value as Json};

/// A value that can be written as JSON.
pub(super) trait Written {
    /// Its JSON; the reader of the field reads it back to the same value.
    fn written(&self) -> Json;
}

impl Written for String {
    fn written(&self) -> Json {
        self.as_str().into()
    }
}

impl Written for bool {
    fn written(&self) -> Json {
        (*self).into()
    }
}

impl Written for u64 {
    fn written(&self) -> Json {
        (*self).into()
    }
}

impl<T: Written> Written for Vec<T> {
    fn written(&self) -> Json {
        self.iter().map(Written::written).collect()
    }
}

/// An object while its members are put in.
#[derive(Default)]
pub(super) struct Object(Map<String, Json>);

impl Object {
    /// A member that is always there.
    pub(super) fn with(mut self, member: &str, value: &impl Written) -> Self {
        self.0.insert(member.to_owned(), value.written());
        self
    }

    /// A member that may be absent.
    pub(super) fn maybe(mut self, member: &str, value: &Option<impl Written>) -> Self {
        if let Some(value) = value {
            self.0.insert(member.to_owned(), value.written());
        }
        self
    }

    /// A list that is left out when it is empty.
    pub(super) fn list<T: Written>(mut self, member: &str, values: &Vec<T>) -> Self {
        if !values.is_empty() {
            self.0.insert(member.to_owned(), values.written());
        }
        self
    }

    /// A text that is left out when it is empty.
    pub(super) fn text(mut self, member: &str, text: &str) -> Self {
        if !text.is_empty() {
            self.0.insert(member.to_owned(), text.into());
        }
        self
    }

    /// `{language: text}`, left out when it is empty.
    pub(super) fn texts(mut self, member: &str, texts: &[(String, String)]) -> Self {
        if !texts.is_empty() {
            let texts = texts.iter();
            let texts = texts.map(|(lang, text)| (lang.clone(), Json::from(text.as_str())));
            self.0
                .insert(member.to_owned(), Json::Object(texts.collect()));
        }
        self
    }

    /// The object.
    pub(super) fn done(self) -> Json {
        Json::Object(self.0)
    }
}
