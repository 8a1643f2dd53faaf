//! Object ids.

use std::fmt;

/// The hash with which a repository names its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectFormat {
    /// 40 hexadecimal digits; what nearly every repository uses.
    Sha1,
    /// 64 hexadecimal digits; cannot be browsed yet, because libgit2 does not read it.
    Sha256,
}

impl ObjectFormat {
    /// The name that Git gives it on its command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// How many hexadecimal digits an id has.
    pub fn hex_len(self) -> usize {
        match self {
            Self::Sha1 => 40,
            Self::Sha256 => 64,
        }
    }

    /// How many bytes an id has in a pack.
    pub fn raw_len(self) -> usize {
        self.hex_len() / 2
    }
}

/// The id of a Git object: 40 or 64 lower-case hexadecimal digits, never all zero.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(String);

/// The text is not 40 or 64 lower-case hexadecimal digits, or is all zero.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an object id")]
pub struct NotAnOid;

impl Oid {
    /// Reads an id as statements write it: lower case only.
    pub fn parse(text: &str) -> Result<Self, NotAnOid> {
        let digits = matches!(text.len(), 40 | 64)
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if digits && text.bytes().any(|b| b != b'0') {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnOid)
        }
    }

    /// Reads an id of a wire command, where all zeros mean "nothing" and upper case is let pass.
    pub(super) fn parse_wire(text: &str, format: ObjectFormat) -> Result<Option<Self>, NotAnOid> {
        if text.len() != format.hex_len() {
            return Err(NotAnOid);
        }
        if text.bytes().all(|b| b == b'0') {
            return Ok(None);
        }
        Self::parse(&text.to_ascii_lowercase()).map(Some)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The format that ids of this length belong to.
    pub fn format(&self) -> ObjectFormat {
        if self.0.len() == 40 {
            ObjectFormat::Sha1
        } else {
            ObjectFormat::Sha256
        }
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({})", self.0)
    }
}

impl std::str::FromStr for Oid {
    type Err = NotAnOid;

    fn from_str(text: &str) -> Result<Self, NotAnOid> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_ids_of_a_known_length_are_read() {
        let good = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(Oid::parse(good).unwrap().as_str(), good);
        for bad in [
            "",
            "0123",
            &good.to_uppercase(),
            &good[1..],
            &"0".repeat(40),
            &"g".repeat(40),
        ] {
            assert_eq!(Oid::parse(bad), Err(NotAnOid), "{bad}");
        }
        let upper = Oid::parse_wire(&good.to_uppercase(), ObjectFormat::Sha1)
            .unwrap()
            .unwrap();
        assert_eq!(upper.as_str(), good);
        assert_eq!(
            Oid::parse_wire(&"0".repeat(40), ObjectFormat::Sha1),
            Ok(None)
        );
        assert!(Oid::parse_wire(good, ObjectFormat::Sha256).is_err());
    }
}
