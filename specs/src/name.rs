//! Names that people read: handles, slugs, roles (INTERFACES, "Names").

use std::{fmt, sync::Arc};

/// Handles that would hide a page of the node.
pub const RESERVED_HANDLES: [&str; 16] = [
    "api", "search", "log", "oai", "oembed", "healthz", "metrics", "login", "logout", "static",
    "feed", "sitemap", "about", "admin", "new", "me",
];
/// Slugs that would hide a part of an item's page.
pub const RESERVED_SLUGS: [&str; 3] = ["files", "statements", "versions"];

/// A name is not allowed; the message says what is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not `[a-z0-9]+(-[a-z0-9]+)*` of the right length.
    #[error(
        "{what} must be {min} to {max} characters, lower-case letters a-z, digits and single hyphens between them: {name:?}"
    )]
    Form {
        /// `a handle` or `a slug`.
        what: &'static str,
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
        /// What was given, cut at 120 characters.
        name: String,
    },
    /// The name is kept for the node's own pages.
    #[error("{name:?} is reserved; choose another name")]
    Reserved {
        /// What was given.
        name: String,
    },
}

fn check(what: &'static str, min: usize, max: usize, name: &str) -> Result<(), Error> {
    let well_formed = (min..=max).contains(&name.len())
        && name.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
    if well_formed {
        Ok(())
    } else {
        Err(Error::Form {
            what,
            min,
            max,
            name: name.chars().take(120).collect(),
        })
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $min:literal, $max:literal, $reserved:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        // One text for all its copies: a log's name stands at each of its entries.
        pub struct $name(Arc<str>);
        impl $name {
            /// Checks and takes a name.
            pub fn new(name: &str) -> Result<Self, Error> {
                check($what, $min, $max, name)?;
                if $reserved.contains(&name) {
                    return Err(Error::Reserved { name: name.to_owned() });
                }
                Ok(Self(name.into()))
            }
            /// The name as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl std::str::FromStr for $name {
            type Err = Error;
            fn from_str(s: &str) -> Result<Self, Error> { Self::new(s) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(&self.0) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

names! {
    /// An institution's name inside a commons: immutable, never reused.
    Handle, "a handle", 2, 39, RESERVED_HANDLES;
    /// An item's name inside its institution.
    Slug, "a slug", 2, 100, RESERVED_SLUGS;
}

/// What a person may do, on top of what everybody enrolled may do (threads, reviews, reports).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// All that the others may, and enrolments, revocations, erasures, slugs.
    Admin,
    /// Resources, collections, withdrawals and corrections of the institution's items.
    Librarian,
    /// Own resources and collections.
    Publisher,
    /// Repositories, refs, merge requests.
    Developer,
}

impl Role {
    /// All roles, the widest first.
    pub const ALL: [Role; 4] = [
        Role::Admin,
        Role::Librarian,
        Role::Publisher,
        Role::Developer,
    ];

    /// The role's name on the wire and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Librarian => "librarian",
            Role::Publisher => "publisher",
            Role::Developer => "developer",
        }
    }

    /// The role of a name; a name of a later release grants nothing and gives `None`.
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_lower_case_and_unreserved() {
        for good in ["ab", "univ-angers", "a1-b2-c3", &"x".repeat(39)] {
            Handle::new(good).unwrap();
        }
        for bad in [
            "a",
            "-ab",
            "ab-",
            "a--b",
            "Ab",
            "é2",
            "a_b",
            "api",
            "",
            &"x".repeat(40),
            "a/b",
        ] {
            assert!(Handle::new(bad).is_err(), "{bad:?} was taken");
        }
        assert!(Slug::new("files").is_err());
        assert!(Slug::new(&"x".repeat(100)).is_ok());
    }
}
