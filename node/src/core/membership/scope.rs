//! What an access token is good for. Nothing in a commons is private, so there is no scope for reading.

use std::{fmt, str::FromStr};

use commun_specs::name::{Handle, Slug};

/// Most scopes of one token: a person who works on more repositories takes the scope of all.
const MAX_SCOPES: usize = 20;

/// Not a list of scopes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// None of the known ones.
    #[error("{0:?} is none of write, repository, repository:handle/slug, publish")]
    Unknown(String),
    /// A token is good for something.
    #[error("a token has a scope")]
    None,
    /// More than one token has.
    #[error("a token has at most {MAX_SCOPES} scopes")]
    TooMany,
}

/// One thing that a token is good for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All that the person may do.
    Write,
    /// Pushing to any repository that the person may push to.
    Repository,
    /// Pushing to one repository.
    RepositoryOf(Handle, Slug),
    /// Publishing resources.
    Publish,
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let unknown = || ScopeError::Unknown(text.chars().take(200).collect());
        match text {
            "write" => Ok(Self::Write),
            "repository" => Ok(Self::Repository),
            "publish" => Ok(Self::Publish),
            _ => {
                let name = text.strip_prefix("repository:").ok_or_else(unknown)?;
                let (handle, slug) = name.split_once('/').ok_or_else(unknown)?;
                let handle = Handle::new(handle).map_err(|_| unknown())?;
                let slug = Slug::new(slug).map_err(|_| unknown())?;
                Ok(Self::RepositoryOf(handle, slug))
            }
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write => f.write_str("write"),
            Self::Repository => f.write_str("repository"),
            Self::RepositoryOf(handle, slug) => write!(f, "repository:{handle}/{slug}"),
            Self::Publish => f.write_str("publish"),
        }
    }
}

/// What a token is good for: one scope or several, each once. Written with single spaces between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// All that the person may do.
    pub fn all() -> Self {
        Self(vec![Scope::Write])
    }

    /// One thing.
    pub fn one(scope: Scope) -> Self {
        Self(vec![scope])
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// Whether all that the person may do is meant.
    pub fn everything(&self) -> bool {
        self.0.contains(&Scope::Write)
    }

    /// Whether publishing is.
    pub fn publish(&self) -> bool {
        self.everything() || self.0.contains(&Scope::Publish)
    }

    /// Whether pushing is, to a repository that `is` says a name means.
    pub fn push(&self, is: impl Fn(&Handle, &Slug) -> bool) -> bool {
        self.0.iter().any(|scope| match scope {
            Scope::Write | Scope::Repository => true,
            Scope::RepositoryOf(handle, slug) => is(handle, slug),
            Scope::Publish => false,
        })
    }

    /// Whether a token with these may make one with `other`: nobody widens what they have.
    pub fn cover(&self, other: &Scopes) -> bool {
        other.iter().all(|wanted| match wanted {
            Scope::Write => self.everything(),
            Scope::Publish => self.publish(),
            Scope::Repository => self.push(|_, _| false),
            Scope::RepositoryOf(handle, slug) => self.push(|h, s| (h, s) == (handle, slug)),
        })
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut all = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if all.len() == MAX_SCOPES {
                return Err(ScopeError::TooMany);
            }
            all.push(word.parse()?);
        }
        if all.is_empty() {
            return Err(ScopeError::None);
        }
        all.sort();
        all.dedup();
        Ok(Self(all))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.0.iter().enumerate() {
            let space = if n == 0 { "" } else { " " };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Scopes {
        text.parse().unwrap()
    }

    #[test]
    fn scopes_are_read_and_written_each_once() {
        assert_eq!(
            scopes("publish  repository:aa/bb publish").to_string(),
            "repository:aa/bb publish"
        );
        assert_eq!(scopes("write"), Scopes::all());
        for bad in ["", " ", "read", "repository:", "repository:aa", "Write"] {
            assert!(bad.parse::<Scopes>().is_err(), "{bad:?}");
        }
        let many: Vec<String> = (10..40).map(|n| format!("repository:aa/r{n}")).collect();
        assert_eq!(many.join(" ").parse::<Scopes>(), Err(ScopeError::TooMany));
    }

    #[test]
    fn a_scope_allows_what_it_names_and_nothing_else() {
        let is = |name: &'static str| move |h: &Handle, s: &Slug| format!("{h}/{s}") == name;
        assert!(scopes("write").push(is("aa/bb")) && scopes("write").publish());
        assert!(scopes("repository").push(is("aa/bb")) && !scopes("repository").publish());
        let one = scopes("repository:aa/bb");
        assert!(one.push(is("aa/bb")) && !one.push(is("aa/cc")) && !one.publish());
        assert!(!scopes("publish").push(is("aa/bb")) && scopes("publish").publish());
        assert!(!scopes("publish repository").everything());
    }

    #[test]
    fn nobody_makes_a_wider_token_from_a_narrow_one() {
        assert!(scopes("write").cover(&scopes("write repository publish")));
        assert!(scopes("repository").cover(&scopes("repository:aa/bb")));
        for (has, wants) in [
            ("repository", "write"),
            ("repository:aa/bb", "repository"),
            ("repository:aa/bb", "repository:aa/cc"),
            ("publish", "repository"),
            ("publish", "publish write"),
        ] {
            assert!(!scopes(has).cover(&scopes(wants)), "{has} > {wants}");
        }
    }
}
