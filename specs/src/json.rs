//! Strict JSON: the one byte form of everything that is signed (rules R-01-xx).
//!
//! A reader parses, writes what it understood and compares: bytes that are not exactly what
//! [`Value::to_bytes`] gives are refused, so two programs can never read one signature differently.

use std::collections::BTreeMap;

/// Largest integer (2^53 − 1): what every JSON library reads without loss.
pub const MAX_INT: u64 = (1 << 53) - 1;
/// Deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 8;

/// A strict JSON value: no floats, no null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// 0..=[`MAX_INT`].
    Int(u64),
    /// `true` or `false`.
    Bool(bool),
    /// Text without characters below U+0020.
    Text(String),
    /// Ordered values.
    List(Vec<Value>),
    /// Members sorted by the bytes of their names.
    Object(Object),
}

/// The members of an object, in the order in which they are written.
pub type Object = BTreeMap<String, Value>;

/// Why bytes are not strict JSON. `at` is a byte offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The grammar is violated.
    #[error("R-01-01: not strict JSON at byte {at}: {what}")]
    Syntax {
        /// Where.
        at: usize,
        /// What was expected or found.
        what: &'static str,
    },
    /// A signed object is an object, not another value.
    #[error("R-01-02: the outermost value must be an object")]
    NotAnObject,
    /// The writer could not have written this (a control character in text).
    #[error("R-01-07: characters below U+0020 are not allowed")]
    Control,
}

impl Value {
    /// Parses exactly one strict JSON value.
    pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
        let text = std::str::from_utf8(bytes).map_err(|e| Error::Syntax {
            at: e.valid_up_to(),
            what: "invalid UTF-8",
        })?;
        let mut reader = Reader {
            bytes: text.as_bytes(),
            text,
            at: 0,
        };
        let value = reader.value(0)?;
        if reader.at != bytes.len() {
            return reader.fail("bytes after the value");
        }
        Ok(value)
    }

    /// Writes the only byte form of this value.
    ///
    /// # Errors
    /// [`Error::Control`] if a text holds a character below U+0020.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut out = String::new();
        write(self, &mut out)?;
        Ok(out.into_bytes())
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(t) = self {
            Some(t)
        } else {
            None
        }
    }

    /// The number, if this is one.
    pub fn as_int(&self) -> Option<u64> {
        if let Value::Int(n) = self {
            Some(*n)
        } else {
            None
        }
    }

    /// The list, if this is one.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(l) = self {
            Some(l)
        } else {
            None
        }
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(o) = self {
            Some(o)
        } else {
            None
        }
    }
}

impl From<&str> for Value {
    fn from(t: &str) -> Self {
        Value::Text(t.to_owned())
    }
}
impl From<String> for Value {
    fn from(t: String) -> Self {
        Value::Text(t)
    }
}
impl From<u64> for Value {
    fn from(n: u64) -> Self {
        Value::Int(n)
    }
}
impl From<Vec<Value>> for Value {
    fn from(l: Vec<Value>) -> Self {
        Value::List(l)
    }
}
impl From<Object> for Value {
    fn from(o: Object) -> Self {
        Value::Object(o)
    }
}

/// Parses bytes that must be one strict JSON object.
pub fn parse_object(bytes: &[u8]) -> Result<Object, Error> {
    match Value::parse(bytes)? {
        Value::Object(o) => Ok(o),
        _ => Err(Error::NotAnObject),
    }
}

fn write(value: &Value, out: &mut String) -> Result<(), Error> {
    match value {
        Value::Int(n) => out.push_str(&n.to_string()),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Text(t) => write_text(t, out)?,
        Value::List(l) => {
            out.push('[');
            for (i, v) in l.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(v, out)?;
            }
            out.push(']');
        }
        Value::Object(o) => {
            out.push('{');
            for (i, (name, v)) in o.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_text(name, out)?;
                out.push(':');
                write(v, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut String) -> Result<(), Error> {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => return Err(Error::Control),
            c => out.push(c),
        }
    }
    out.push('"');
    Ok(())
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn fail<T>(&self, what: &'static str) -> Result<T, Error> {
        Err(Error::Syntax { at: self.at, what })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'0'..=b'9') => self.integer(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'[' | b'{') if depth == MAX_DEPTH => self.fail("nested deeper than 8"),
            Some(b'[') => self.list(depth + 1),
            Some(b'{') => self.object(depth + 1),
            _ => self.fail("expected a value"),
        }
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, Error> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            self.fail("expected a value")
        }
    }

    fn integer(&mut self) -> Result<Value, Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        if digits.len() > 1 && digits.starts_with('0') {
            self.at = start;
            return self.fail("a leading zero");
        }
        match digits.parse::<u64>() {
            Ok(n) if n <= MAX_INT => Ok(Value::Int(n)),
            _ => {
                self.at = start;
                self.fail("an integer above 2^53-1")
            }
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        self.at += 1;
        let mut out = String::new();
        let mut start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    out.push_str(&self.text[start..self.at]);
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(&self.text[start..self.at]);
                    match self.bytes.get(self.at + 1) {
                        Some(b'"') => out.push('"'),
                        Some(b'\\') => out.push('\\'),
                        _ => return self.fail("only \\\" and \\\\ are escapes"),
                    }
                    self.at += 2;
                    start = self.at;
                }
                Some(c) if c < 0x20 => return self.fail("a character below U+0020"),
                Some(_) => self.at += 1,
                None => return self.fail("a string without its end"),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut out = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(out));
        }
        loop {
            out.push(self.value(depth)?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(out));
                }
                _ => return self.fail("expected , or ]"),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut out = Object::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(out));
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.fail("expected a member's name");
            }
            let name_at = self.at;
            let name = self.string()?;
            if self.peek() != Some(b':') {
                return self.fail("expected :");
            }
            self.at += 1;
            if out.last_key_value().is_some_and(|(last, _)| *last >= name) {
                self.at = name_at;
                return self.fail("members must be sorted by bytes and distinct");
            }
            let value = self.value(depth)?;
            out.insert(name, value);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(out));
                }
                _ => return self.fail("expected , or }"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        for good in [
            "{}",
            r#"{"a":[1,2,{"b":"é\"\\"}],"b":true,"c":9007199254740991}"#,
        ] {
            let value = Value::parse(good.as_bytes()).unwrap();
            assert_eq!(value.to_bytes().unwrap(), good.as_bytes());
        }
        for bad in [
            "",
            " {}",
            "{} ",
            "{\"a\" :1}",
            "{\"b\":1,\"a\":1}",
            "{\"a\":1,\"a\":1}",
            "[1.0]",
            "[-1]",
            "[01]",
            "[null]",
            "[9007199254740992]",
            "[\"\\n\"]",
            "[\"\\u0041\"]",
            "[\"\u{1}\"]",
            "[1,]",
            "{\"a\":1,}",
            "\u{feff}{}",
            "[[[[[[[[[]]]]]]]]]",
            "[1e3]",
            "[tru]",
            "[\"a]",
        ] {
            assert!(Value::parse(bad.as_bytes()).is_err(), "{bad:?} was read");
        }
        assert!(Value::parse(b"[\"\xff\"]").is_err());
        assert!(Value::parse("[[[[[[[[]]]]]]]]".as_bytes()).is_ok());
    }

    proptest! {
        #[test]
        fn every_text_that_parses_is_its_own_rewriting(bytes in "[\\[\\]{}\",:0-9a-c\\\\ tru]{0,40}") {
            //= R-01-06
            if let Ok(value) = Value::parse(bytes.as_bytes()) {
                prop_assert_eq!(value.to_bytes().unwrap(), bytes.into_bytes());
            }
        }
    }
}
