//! Ordinary JSON as people and programs write it, but bounded and without duplicate members.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::limits::{MAX_BODY_BYTES, MAX_DEPTH};
use super::problem::{Problem, shorten};

/// Reads a JSON document of at most [`MAX_BODY_BYTES`], nested at most [`MAX_DEPTH`] deep, with no member twice in
/// one object (R-07-01). A byte order mark before it is skipped.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let problem = |what: String, fix: &str| Problem {
        field: String::new(),
        what,
        fix: fix.to_owned(),
    };
    if bytes.len() > MAX_BODY_BYTES {
        return Err(problem(
            format!(
                "the document has {} bytes, the most is {MAX_BODY_BYTES}",
                bytes.len()
            ),
            "shorten descriptions, or put long texts into files",
        ));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|cause| {
        problem(
            format!("not UTF-8 at byte {}", cause.valid_up_to()),
            "save the file as UTF-8",
        )
    })?;
    let mut reader = serde_json::Deserializer::from_str(text);
    Node { depth: 0 }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|cause| {
            problem(
                format!("not valid JSON: {cause}"),
                "check the document with a JSON editor",
            )
        })
}

/// One value at a depth.
struct Node {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Node {
    fn child<E: serde::de::Error>(&self) -> Result<Node, E> {
        if self.depth + 1 > MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH}")));
        }
        Ok(Node {
            depth: self.depth + 1,
        })
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.child()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!(
                    "member {:?} is there twice",
                    shorten(&name)
                )));
            }
            let value = members.next_value_seed(self.child()?)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// Writes a value with members sorted by bytes and no white space, whatever order the map type keeps.
pub(super) fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                write_sorted(value, out);
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for (at, value) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_sorted(value, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}
