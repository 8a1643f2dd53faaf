//! Names of entries: which are safe, and which cannot live together.

use std::collections::HashMap;

use commun_specs::files::{MAX_COMPONENT_BYTES, MAX_DEPTH, MAX_PATH_BYTES};
use icu_normalizer::ComposingNormalizerBorrowed;

use super::error::ArchiveError;

/// The upper half of code page 437, in which DOS and old ZIP programs write names.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The name of a ZIP entry: UTF-8 when it says so or can be so read, code page 437 otherwise.
pub(super) fn decode(raw: &[u8], says_utf8: bool) -> Result<String, ArchiveError> {
    match std::str::from_utf8(raw) {
        Ok(name) => Ok(name.to_owned()),
        Err(_) if says_utf8 => Err(refused(
            &String::from_utf8_lossy(raw),
            "has a name that is not UTF-8 although it says so",
        )),
        Err(_) => Ok(raw
            .iter()
            .map(|byte| match byte.checked_sub(0x80) {
                None => char::from(*byte),
                Some(upper) => CP437.chars().nth(upper.into()).unwrap_or('\u{fffd}'),
            })
            .collect()),
    }
}

/// A name as a path in Unicode form C without a leading `./` or a final `/`, and whether it had that (a folder); nothing
/// for the archive's own root (`./`).
pub(super) fn clean(name: &str) -> Result<Option<(String, bool)>, ArchiveError> {
    if name.len() > 4 * MAX_PATH_BYTES {
        return Err(refused(name, "has a name that is too long"));
    }
    let mut path = name;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    if path.is_empty() && !name.is_empty() || path == "." {
        return Ok(None);
    }
    let (path, folder) = match path.strip_suffix('/') {
        Some(path) => (path, true),
        None => (path, false),
    };
    let path = ComposingNormalizerBorrowed::new_nfc()
        .normalize(path)
        .into_owned();
    match fault(&path) {
        Some(what) => Err(refused(name, what)),
        None => Ok(Some((path, folder))),
    }
}

/// What is wrong with a path.
fn fault(path: &str) -> Option<&'static str> {
    if path.len() > MAX_PATH_BYTES {
        return Some("has a name that is too long");
    }
    if path.split('/').count() > MAX_DEPTH {
        return Some("is in too many folders");
    }
    if path.chars().any(is_unshown) {
        return Some("has a character in its name that cannot be shown");
    }
    if path.contains('\\') {
        return Some("has a backslash in its name, which is a folder for some systems");
    }
    // `C:file` is on another drive, `file:stream` is beside a file.
    if path.contains(':') {
        return Some("has a colon in its name, which leads elsewhere on some systems");
    }
    path.split('/').find_map(|component| {
        let folded = fold(component);
        if component.is_empty() {
            Some("has an empty name, or begins with `/`")
        } else if component.len() > MAX_COMPONENT_BYTES {
            Some("has a name that is too long")
        } else if matches!(component, "." | "..") || folded.is_empty() {
            Some("leaves its folder")
        } else if folded == ".git" || folded == "git~1" {
            Some("would be taken for a part of a Git repository")
        } else {
            None
        }
    })
}

/// Controls, what turns the direction of text around, and what is no character.
fn is_unshown(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}')
        || matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff)
}

pub(super) fn refused(name: &str, what: &'static str) -> ArchiveError {
    ArchiveError::Path {
        name: short(name),
        what,
    }
}

/// A stranger's name, short enough for a message.
pub(super) fn short(name: &str) -> String {
    name[..name.floor_char_boundary(200)].to_owned()
}

/// What two paths have in common that some system cannot keep apart: case, and what Windows strips.
pub(super) fn key(path: &str) -> String {
    let folded: Vec<String> = path.split('/').map(fold).collect();
    folded.join("/")
}

fn fold(component: &str) -> String {
    let lower: String = component.chars().flat_map(char::to_lowercase).collect();
    let lower = ComposingNormalizerBorrowed::new_nfc().normalize(&lower);
    // HFS+ does not see these: `.g\u{200c}it` is `.git`.
    let seen =
        |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let lower: String = lower.chars().filter(seen).collect();
    lower.trim_end_matches(['.', ' ']).to_owned()
}

/// The paths of an archive so far: each once, and none a file and a folder.
#[derive(Default)]
pub(super) struct Names {
    /// By key: the name as first seen, and whether as a file, a named folder or a folder of something.
    seen: HashMap<String, (String, Seen)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Seen {
    File,
    Folder,
    Implied,
}

impl Names {
    /// Adds a path that [`clean`] gave.
    pub(super) fn add(&mut self, path: &str, folder: bool) -> Result<(), ArchiveError> {
        let key = key(path);
        let mut end = 0;
        while let Some(found) = key[end..].find('/') {
            let parent = &key[..end + found];
            match self.seen.get(parent) {
                Some((other, Seen::File)) => return Err(collision(other, path)),
                Some(_) => {}
                None => {
                    let name = (short(path), Seen::Implied);
                    self.seen.insert(parent.to_owned(), name);
                }
            }
            end += found + 1;
        }
        let as_what = if folder { Seen::Folder } else { Seen::File };
        match self.seen.get(&key) {
            Some((_, Seen::Implied)) if folder => {}
            Some((other, _)) => return Err(collision(other, path)),
            None => {}
        }
        self.seen.insert(key, (short(path), as_what));
        Ok(())
    }
}

fn collision(one: &str, other: &str) -> ArchiveError {
    ArchiveError::Collision(one.to_owned(), short(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_utf8_or_code_page_437() {
        assert_eq!(decode("été.txt".as_bytes(), true).unwrap(), "été.txt");
        assert_eq!(decode("été.txt".as_bytes(), false).unwrap(), "été.txt");
        assert_eq!(decode(b"\x82t\x82.txt", false).unwrap(), "été.txt");
        assert!(decode(b"\x82t\x82.txt", true).is_err());
        assert_eq!(CP437.chars().count(), 128);
    }

    #[test]
    fn paths_lose_what_is_harmless_and_are_refused_for_what_is_not() {
        let path = |name: &str| clean(name).map(|found| found.map(|(path, _)| path));
        assert_eq!(
            path("./cours/e\u{301}.html").unwrap().unwrap(),
            "cours/é.html"
        );
        assert_eq!(
            clean("cours/").unwrap().unwrap(),
            ("cours".to_owned(), true)
        );
        assert_eq!(path("./").unwrap(), None);
        assert_eq!(
            path("Chapitre 1./que faire ?.html").unwrap().unwrap(),
            "Chapitre 1./que faire ?.html"
        );
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "//serveur/part",
            "a//b",
            "../a",
            "a/../b",
            "a/..",
            "a/./b",
            "..",
            "... ",
            "a\\b",
            "C:a",
            "a.txt:flux",
            "a\0b",
            "a\nb",
            ".git/hooks/x",
            "a/.GIT/config",
            ".git./x",
            ".g\u{200c}it/x",
            "GIT~1/x",
            "a\u{202e}b",
        ] {
            assert!(path(bad).is_err(), "{bad:?}");
        }
        assert!(path(&"a/".repeat(MAX_DEPTH)).is_ok());
        assert!(path(&format!("{}b", "a/".repeat(MAX_DEPTH))).is_err());
        assert!(path(&"a".repeat(256)).is_err());
        assert!(path(&"é".repeat(5_000)).is_err());
    }

    #[test]
    fn names_that_some_system_cannot_keep_apart_collide() {
        let add = |paths: &[(&str, bool)]| {
            let mut names = Names::default();
            paths
                .iter()
                .try_for_each(|(path, folder)| names.add(path, *folder))
        };
        assert!(
            add(&[
                ("a", false),
                ("b", false),
                ("c/a", false),
                ("c", true),
                ("c/b", false)
            ])
            .is_ok()
        );
        assert!(add(&[("c", true), ("c/a", false), ("C/b", false)]).is_ok());
        for pair in [
            [("a", false), ("A", false)],
            [("é", false), ("É", false)],
            [("a", false), ("a. ", false)],
            [("a", false), ("a", true)],
            [("a", true), ("a", true)],
            [("a", false), ("a/b", false)],
            [("a/b", false), ("A", false)],
        ] {
            assert!(add(&pair).is_err(), "{pair:?}");
        }
    }
}
