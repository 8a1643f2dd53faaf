//! Relative paths that every system can store and nobody can be fooled by (R-08-01 to R-08-05).

use std::fmt;

use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The longest component, in bytes: what ext4, APFS and NTFS take.
pub const MAX_COMPONENT_BYTES: usize = 255;
/// The longest path, in bytes: below every system's limit with room for the folder that it is unpacked in.
pub const MAX_PATH_BYTES: usize = 1024;
/// The most components.
pub const MAX_DEPTH: usize = 32;

/// Why a path is refused; the message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// Nothing, or an empty component (`a//b`, `/a`, `a/`).
    #[error("R-08-01: an empty name; write a relative path such as folder/file.pdf")]
    Empty,
    /// `.` or `..`.
    #[error("R-08-01: the path leaves its folder (`.` or `..`)")]
    Dots,
    /// Too long or too deep.
    #[error("R-08-02: {what} has {found}, the most is {most}; shorten it")]
    TooLong {
        /// Which measure.
        what: &'static str,
        /// How much was found.
        found: usize,
        /// How much is allowed.
        most: usize,
    },
    /// A character that some system cannot store or that makes the name look like another one.
    #[error("R-08-03: the character U+{:04X} is not allowed in a file name; rename the file", *.0 as u32)]
    Character(char),
    /// A name that Windows keeps for a device, or one that ends with a space or a dot.
    #[error("R-08-04: Windows cannot store a file named {0:?}; rename it")]
    Reserved(String),
    /// `.git`: tools would take it for a repository.
    #[error("R-08-04: {0:?} would be taken for a Git repository; leave it out")]
    Git(String),
    /// Not in Unicode normalisation form C.
    #[error("R-08-05: the name is not in Unicode form C (composed accents)")]
    NotComposed,
}

/// A relative path, `/` between its components, that satisfies every rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(String);

impl FilePath {
    /// Checks a path as it is.
    pub fn new(path: &str) -> Result<FilePath, PathError> {
        check(path)?;
        Ok(FilePath(path.to_owned()))
    }

    /// Composes accents (systems differ in how they store them), then checks.
    pub fn composing(path: &str) -> Result<FilePath, PathError> {
        // Before normalising: the form C of a short path may not be long, but a long one is work for nothing.
        if path.len() > 4 * MAX_PATH_BYTES {
            return Err(PathError::TooLong {
                what: "the path",
                found: path.len(),
                most: MAX_PATH_BYTES,
            });
        }
        FilePath::new(&path.nfc().collect::<String>())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// What two paths have in common that a system without distinction of case cannot keep apart.
    pub(super) fn folded(&self) -> String {
        self.0.chars().flat_map(char::to_lowercase).nfc().collect()
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(path: &str) -> Result<(), PathError> {
    let most = |what, found, most| {
        if found > most {
            Err(PathError::TooLong { what, found, most })
        } else {
            Ok(())
        }
    };
    most("the path", path.len(), MAX_PATH_BYTES)?;
    most("the path's depth", path.split('/').count(), MAX_DEPTH)?;
    for component in path.split('/') {
        most("a name", component.len(), MAX_COMPONENT_BYTES)?;
        check_component(component)?;
    }
    if is_nfc(path) {
        Ok(())
    } else {
        Err(PathError::NotComposed)
    }
}

fn check_component(name: &str) -> Result<(), PathError> {
    match name {
        "" => return Err(PathError::Empty),
        "." | ".." => return Err(PathError::Dots),
        _ => {}
    }
    if let Some(c) = name.chars().find(|c| is_refused(*c)) {
        return Err(PathError::Character(c));
    }
    if name.ends_with([' ', '.']) || name.starts_with(' ') || is_device(name) {
        return Err(PathError::Reserved(name.to_owned()));
    }
    // `git~1` is how Windows may shorten `.git`.
    if name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1") {
        return Err(PathError::Git(name.to_owned()));
    }
    Ok(())
}

fn is_refused(c: char) -> bool {
    c.is_control()
        || crate::metadata::is_forbidden(c)
        || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        // Invisible, but not the two joiners that scripts and emoji need.
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{3164}')
}

/// Names that Windows keeps, with whatever extension.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or(name)
        .trim_end()
        .to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    port.is_some_and(|rest| {
        let mut rest = rest.chars();
        rest.next()
            .is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'))
            && rest.next().is_none()
    })
}
