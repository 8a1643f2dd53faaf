//! Paths of files inside a resource: what they may be, coming from a folder or from the network.

use std::collections::BTreeSet;

/// Longest path, in bytes.
const MAX_PATH: usize = 1024;
/// Longest name of a file or folder, in bytes: what file systems take.
const MAX_NAME: usize = 255;
/// Deepest nesting.
const MAX_DEPTH: usize = 32;

/// Says why a path is refused. What passes names a file below the folder that it is joined to, whatever the path.
pub fn check(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Err("it is empty");
    }
    if path.len() > MAX_PATH {
        return Err("it is longer than 1024 bytes");
    }
    if path.starts_with('/') {
        return Err("it begins with /");
    }
    if path.contains(['\\', '"']) {
        return Err("it contains a backslash or a quotation mark");
    }
    if path != crate::terminal::line(path) {
        return Err("it contains control or invisible characters");
    }
    let names: Vec<&str> = path.split('/').collect();
    if names.len() > MAX_DEPTH {
        return Err("it is nested more than 32 deep");
    }
    for name in names {
        match name {
            "" => return Err("it contains an empty name"),
            "." | ".." => return Err("it contains . or .."),
            _ if name.len() > MAX_NAME => return Err("it contains a name longer than 255 bytes"),
            _ if name.eq_ignore_ascii_case(".git") => return Err("it contains a .git folder, which programs obey"),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a list in which a path is there twice, or is a file here and a folder there.
pub fn check_together<'a>(paths: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for path in paths {
        if !seen.insert(path) {
            return Err(format!("the path is there twice: {path}"));
        }
    }
    for path in &seen {
        let mut parent = *path;
        while let Some((above, _)) = parent.rsplit_once('/') {
            if seen.contains(above) {
                return Err(format!("the path is a file and a folder: {above}"));
            }
            parent = above;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_its_folder() {
        for good in ["a", "chapitres/01-premier-ordre.md", "…", "a b/é.txt", ".hidden", "a..b"] {
            assert_eq!(check(good), Ok(()), "{good:?}");
        }
        for bad in ["", "/a", "..", "a/../b", "a//b", "a/", "./a", "a\\b", "a\nb", "a\u{202e}b", "a\0b", ".git/config", "x/.GIT/hooks/a"] {
            assert!(check(bad).is_err(), "{bad:?} was taken");
        }
        assert!(check(&"a/".repeat(40)).is_err());
        assert!(check(&"a".repeat(256)).is_err());
    }

    #[test]
    fn a_path_is_a_file_or_a_folder_and_there_once() {
        assert!(check_together(["a", "b/c", "b/d"]).is_ok());
        assert!(check_together(["a", "a"]).is_err());
        assert!(check_together(["a", "a-b", "a/b"]).is_err());
    }
}
