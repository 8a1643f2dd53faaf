//! Typed reading of an object's members, with errors that name the member.

use std::str::FromStr;

use crate::{
    id::StatementId,
    json::{Object, Value},
};

/// A member violates its schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The member must be there.
    #[error("member {0:?} is missing")]
    Missing(String),
    /// The member is of another type or out of bounds.
    #[error("member {member:?} must be {expected}")]
    Bad {
        /// The member's name.
        member: String,
        /// What it must be.
        expected: String,
    },
}

impl Error {
    /// A member that must be `expected`.
    pub fn bad(member: &str, expected: &str) -> Self {
        Error::Bad {
            member: member.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

/// A view of an object's members.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Object);

impl<'a> Fields<'a> {
    /// Looks at an object.
    pub fn new(object: &'a Object) -> Self {
        Self(object)
    }

    /// Whether the member is there.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The member's value.
    pub fn get(&self, name: &str) -> Result<&'a Value, Error> {
        self.0
            .get(name)
            .ok_or_else(|| Error::Missing(name.to_owned()))
    }

    /// Reads a member if it is there.
    pub fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Self) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        if self.has(name) {
            read(self).map(Some)
        } else {
            Ok(None)
        }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<&'a str, Error> {
        self.get(name)?
            .as_text()
            .ok_or_else(|| Error::bad(name, "text"))
    }

    /// A text of 1 to `max` bytes.
    pub fn short_text(&self, name: &str, max: usize) -> Result<String, Error> {
        let t = self.text(name)?;
        if t.is_empty() || t.len() > max {
            return Err(Error::bad(name, &format!("text of 1 to {max} bytes")));
        }
        Ok(t.to_owned())
    }

    /// An integer.
    pub fn int(&self, name: &str) -> Result<u64, Error> {
        self.get(name)?
            .as_int()
            .ok_or_else(|| Error::bad(name, "an integer"))
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.get(name)? {
            Value::Bool(b) => Ok(*b),
            _ => Err(Error::bad(name, "true or false")),
        }
    }

    /// A text in a type's written form.
    pub fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Result<T, Error> {
        self.text(name)?
            .parse()
            .map_err(|_| Error::bad(name, expected))
    }

    /// A list of at most `max` values.
    pub fn list(&self, name: &str, max: usize) -> Result<&'a [Value], Error> {
        match self.get(name)?.as_list() {
            Some(l) if l.len() <= max => Ok(l),
            _ => Err(Error::bad(name, &format!("a list of at most {max}"))),
        }
    }

    /// An object.
    pub fn object(&self, name: &str) -> Result<Fields<'a>, Error> {
        self.get(name)?
            .as_object()
            .map(Fields)
            .ok_or_else(|| Error::bad(name, "an object"))
    }

    /// A list of objects.
    pub fn objects<T>(
        &self,
        name: &str,
        max: usize,
        read: impl Fn(Fields<'a>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.list(name, max)?
            .iter()
            .map(|v| {
                v.as_object()
                    .ok_or_else(|| Error::bad(name, "a list of objects"))
                    .and_then(|o| read(Fields(o)))
            })
            .collect()
    }

    /// A list of texts in a type's written form.
    pub fn parsed_list<T: FromStr>(
        &self,
        name: &str,
        max: usize,
        expected: &str,
    ) -> Result<Vec<T>, Error> {
        self.list(name, max)?
            .iter()
            .map(|v| {
                v.as_text()
                    .and_then(|t| t.parse().ok())
                    .ok_or_else(|| Error::bad(name, expected))
            })
            .collect()
    }

    /// A sorted list of `min` to `max` distinct statement ids.
    pub fn id_set(&self, name: &str, min: usize, max: usize) -> Result<Vec<StatementId>, Error> {
        let ids: Vec<StatementId> = self.parsed_list(name, max, "a list of statement ids")?;
        let sorted = ids.windows(2).all(|w| w[0] < w[1]);
        if ids.len() < min || !sorted {
            return Err(Error::bad(
                name,
                &format!("a sorted list of {min} to {max} distinct statement ids"),
            ));
        }
        Ok(ids)
    }
}
