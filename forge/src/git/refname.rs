//! Which names a branch or tag may have: Git's rules, and ours on top.

use std::fmt;

use commun_specs::statement::ref_name;
use icu_normalizer::ComposingNormalizerBorrowed;

use super::Oid;

/// The longest ref name, in bytes of UTF-8. A name becomes a path on disk with `.lock` after it, and
/// part of a URL; Git itself fails at 255 bytes per component.
pub const MAX_REF_NAME_BYTES: usize = commun_specs::statement::MAX_REF_NAME;

/// Names that Windows treats as devices, whatever follows a dot: such a branch breaks a node or a clone
/// there.
const WINDOWS_DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Why a name is refused. The texts are shown to the person who pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefNameError {
    /// Neither below `refs/heads/` nor below `refs/tags/`.
    #[error(
        "only refs/heads/ and refs/tags/ may be pushed, and refs/for/BRANCH/TOPIC to propose a change"
    )]
    Namespace,
    /// More than [`MAX_REF_NAME_BYTES`].
    #[error("the name is longer than 200 bytes")]
    TooLong,
    /// Two slashes in a row, or one at the end.
    #[error("a part of the name is empty")]
    EmptyComponent,
    /// Starts with `.` or `-`, ends with `.`, `.lock` or `.git`, or holds `..` or `@{`.
    #[error("a part of the name starts or ends in a way that Git or its tools misread")]
    BadComponent,
    /// A branch called `HEAD`, or a device name of Windows.
    #[error("the name is reserved")]
    Reserved,
    /// A sign other than letters, digits and `-_.+@,=/`.
    #[error("the name holds a sign that is not allowed; use letters, digits and - _ . + @ , =")]
    Character,
    /// Not in Unicode's form NFC.
    #[error("the name is not in Unicode normal form NFC")]
    NotNormal,
    /// Latin letters beside Greek, Cyrillic or other letters that look like them.
    #[error("the name mixes alphabets whose letters look alike")]
    MixedScripts,
}

/// Whether `name` may be a ref of an item: what a push may name and a node may serve. Stricter than what the logs may
/// name ([`ref_name`]), never wider: whoever lets in only what is easily told apart still reads the logs of others.
///
/// Git's own rules (git-check-ref-format) hold for every name that passes.
pub fn check_ref_name(name: &str) -> Result<(), RefNameError> {
    let short = name
        .strip_prefix("refs/heads/")
        .or_else(|| name.strip_prefix("refs/tags/"))
        .ok_or(RefNameError::Namespace)?;
    if name.len() > MAX_REF_NAME_BYTES {
        return Err(RefNameError::TooLong);
    }
    if short.split('/').any(str::is_empty) {
        return Err(RefNameError::EmptyComponent);
    }
    if !short.chars().all(allowed) {
        return Err(RefNameError::Character);
    }
    if name.contains("..") || name.contains("@{") {
        return Err(RefNameError::BadComponent);
    }
    for component in short.split('/') {
        check_component(component)?;
    }
    if short == "HEAD" || short == "@" {
        return Err(RefNameError::Reserved);
    }
    if !ComposingNormalizerBorrowed::new_nfc().is_normalized(name) {
        return Err(RefNameError::NotNormal);
    }
    let latin = short.chars().any(|c| is_latin(c) && c.is_alphabetic());
    if latin && short.chars().any(looks_latin) {
        return Err(RefNameError::MixedScripts);
    }
    // What the logs may name (R-02-20) is the wider rule. Where it says no, the push's statement would be void.
    ref_name(name).map_err(|_| RefNameError::Reserved)
}

fn check_component(component: &str) -> Result<(), RefNameError> {
    let lower = component.to_lowercase();
    if component.starts_with(['.', '-'])
        || component.ends_with('.')
        || lower.ends_with(".lock")
        || lower.ends_with(".git")
    {
        return Err(RefNameError::BadComponent);
    }
    let stem = lower.split('.').next().unwrap_or_default();
    if WINDOWS_DEVICES.contains(&stem) {
        return Err(RefNameError::Reserved);
    }
    Ok(())
}

/// ASCII letters, digits and seven signs; letters and numbers of other scripts. Not: controls, spaces,
/// zero-width and direction signs, anything that a shell, a URL or HTML reads as more than text.
fn allowed(c: char) -> bool {
    match c {
        '/' | '-' | '_' | '.' | '+' | '@' | ',' | '=' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        // Letters that stand for others (full-width, mathematical, fillers that show as nothing).
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => false,
        '\u{ff00}'..='\u{ffef}' | '\u{1d400}'..='\u{1d7ff}' => false,
        // Vowel killers and tone marks, without which Indic and Thai words cannot be written.
        '\u{94d}' | '\u{9cd}' | '\u{a4d}' | '\u{acd}' | '\u{b4d}' | '\u{bcd}' | '\u{c4d}' => true,
        '\u{ccd}' | '\u{d4d}' | '\u{dca}' | '\u{e47}'..='\u{e4e}' | '\u{1039}' | '\u{103a}' => true,
        _ => c.is_alphanumeric(),
    }
}

fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// Letters of the scripts that hold doubles of Latin letters: Greek and Coptic, Cyrillic, Armenian,
/// Cherokee, Lisu.
fn looks_latin(c: char) -> bool {
    matches!(c,
        '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{1c80}'..='\u{1c8f}'
        | '\u{1f00}'..='\u{1fff}' | '\u{2c80}'..='\u{2cff}' | '\u{2de0}'..='\u{2dff}'
        | '\u{a4d0}'..='\u{a4ff}' | '\u{a640}'..='\u{a69f}' | '\u{ab70}'..='\u{abbf}')
}

/// Where the heads of a ref stand that are not served.
const DIVERGED: &str = "refs/diverged/";
/// Where changes stand that wait for other institutions.
const WAITING: &str = "refs/waiting/";
/// Where the versions of merge requests stand.
const REQUESTS: &str = "refs/merge-requests/";
/// Where people push what they propose; no ref stands there.
const PROPOSALS: &str = "refs/for/";
/// Where what refs left behind is held, hidden from everybody.
pub(super) const KEPT: &str = "refs/commun/kept/";

/// Whether `name` is below `refs/for/` and the rest of it could be a branch's: where people push what they propose.
/// `false` for other namespaces.
///
/// # Errors
/// It is below `refs/for/`, and no name that a branch could have.
pub fn check_proposal(name: &str) -> Result<bool, RefNameError> {
    let Some(rest) = name.strip_prefix(PROPOSALS) else {
        return Ok(false);
    };
    check_ref_name(&format!("refs/heads/{rest}")).map(|()| true)
}

/// A name that passed [`check_ref_name`], or one that was made from such a name or from an object's id.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefName(String);

impl RefName {
    /// Checks a name and keeps it.
    pub fn parse(name: &str) -> Result<Self, RefNameError> {
        check_ref_name(name)?;
        Ok(Self(name.to_owned()))
    }

    /// `refs/diverged/<handle>/heads/main`, for the head of `name` that `handle`'s institution stated
    /// and that is not the one served.
    ///
    /// Fails when the handle holds anything but lower-case letters, digits and inner hyphens.
    pub fn diverged(handle: &str, name: &Self) -> Result<Self, RefNameError> {
        Self::beside(DIVERGED, handle, name)
    }

    /// `refs/waiting/<handle>/heads/main`, for a change of `name` that `handle`'s institution stated and
    /// that waits until enough others state it too. Fails as [`diverged`](Self::diverged).
    pub fn waiting(handle: &str, name: &Self) -> Result<Self, RefNameError> {
        Self::beside(WAITING, handle, name)
    }

    /// `refs/commun/kept/<day>/<oid>`: holds what a ref left behind, and is never served. `day`: days since 1970.
    pub fn kept(day: u64, oid: &Oid) -> Self {
        Self(format!("{KEPT}{day}/{oid}"))
    }

    /// `refs/merge-requests/<id>/head`, for the newest version of a merge request, or `…/<n>` for its version n.
    ///
    /// # Errors
    /// The id is not one of 8 to 52 signs of base32.
    pub fn merge_request(id: &str, version: Option<u64>) -> Result<Self, RefNameError> {
        let plain = (8..=52).contains(&id.len())
            && id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        if !plain {
            return Err(RefNameError::Character);
        }
        Ok(Self(match version {
            Some(n) => format!("{REQUESTS}{id}/{n}"),
            None => format!("{REQUESTS}{id}/head"),
        }))
    }

    fn beside(family: &str, handle: &str, name: &Self) -> Result<Self, RefNameError> {
        let plain = !handle.is_empty()
            && handle.len() <= 64
            && !handle.starts_with('-')
            && handle
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain {
            return Err(RefNameError::Character);
        }
        let rest = name
            .0
            .strip_prefix("refs/")
            .ok_or(RefNameError::Namespace)?;
        Ok(Self(format!("{family}{handle}/{rest}")))
    }

    /// A name that a repository of ours serves: one that [`parse`](Self::parse) takes, or one below
    /// `refs/diverged/`, `refs/waiting/` or `refs/merge-requests/`.
    ///
    /// # Errors
    /// None of our rules lets the name in.
    pub fn served(name: &str) -> Result<Self, RefNameError> {
        if let Some(rest) = name.strip_prefix(REQUESTS) {
            let (id, version) = rest.split_once('/').ok_or(RefNameError::Namespace)?;
            return match version {
                "head" => Self::merge_request(id, None),
                n => Self::merge_request(id, Some(n.parse().map_err(|_| RefNameError::Namespace)?)),
            };
        }
        let beside = [DIVERGED, WAITING]
            .into_iter()
            .find_map(|family| Some((family, name.strip_prefix(family)?)));
        let Some((family, rest)) = beside else {
            return Self::parse(name);
        };
        let (handle, rest) = rest.split_once('/').ok_or(RefNameError::Namespace)?;
        Self::beside(family, handle, &Self::parse(&format!("refs/{rest}"))?)
    }

    /// The ref that a head beside it is one of: `refs/heads/main` for `refs/diverged/univ-angers/heads/main`.
    pub fn of(&self) -> Option<Self> {
        let rest = [DIVERGED, WAITING]
            .into_iter()
            .find_map(|family| self.0.strip_prefix(family))?;
        let (_, rest) = rest.split_once('/')?;
        Some(Self(format!("refs/{rest}")))
    }

    /// The full name, `refs/heads/main`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a branch, which only commits may be.
    pub fn is_branch(&self) -> bool {
        self.0.starts_with("refs/heads/")
    }

    /// Whether both cannot exist together, because one is a folder of the other on disk.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        let inside = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
        inside(&self.0, &other.0) || inside(&other.0, &self.0)
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefName({:?})", self.0)
    }
}

impl std::str::FromStr for RefName {
    type Err = RefNameError;

    fn from_str(name: &str) -> Result<Self, RefNameError> {
        Self::parse(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_names_in_many_scripts_pass() {
        for name in [
            "refs/heads/main",
            "refs/heads/feature/x-1",
            "refs/heads/dependabot/npm_and_yarn/vite-5.4.1",
            "refs/heads/übung",
            "refs/heads/été/équations",
            "refs/heads/課題",
            "refs/heads/задача-1",
            "refs/heads/हिन्दी",
            "refs/tags/v1.0.0+build.7",
            "refs/tags/2026-11-21",
            "refs/heads/console",
        ] {
            assert_eq!(check_ref_name(name), Ok(()), "{name}");
            assert_eq!(ref_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_that_deceive_a_tool_or_a_reader_are_refused() {
        use RefNameError::*;
        let long = format!("refs/heads/{}", "a".repeat(MAX_REF_NAME_BYTES));
        for (name, why) in [
            ("HEAD", Namespace),
            ("refs/commun/charter", Namespace),
            ("refs/diverged/angers/heads/main", Namespace),
            ("refs/for/main", Namespace),
            ("refs/heads/", EmptyComponent),
            ("refs/heads/a//b", EmptyComponent),
            ("refs/heads/a/", EmptyComponent),
            ("refs/heads/..", BadComponent),
            ("refs/heads/a.LOCK", BadComponent),
            ("refs/heads/-rf", BadComponent),
            ("refs/heads/x/-o", BadComponent),
            ("refs/heads/con.txt", Reserved),
            ("refs/heads/HEAD", Reserved),
            ("refs/heads/a/HEAD", Reserved),
            ("refs/heads/a/@/b", Reserved),
            ("refs/heads/a b", Character),
            ("refs/heads/$(id)", Character),
            ("refs/heads/main\u{200b}", Character),
            ("refs/heads/\u{202e}niam", Character),
            ("refs/heads/a\0b", Character),
            ("refs/heads/cafe\u{301}", Character),
            ("refs/heads/\u{212b}", NotNormal),
            ("refs/heads/m\u{430}in", MixedScripts),
            (&long, TooLong),
        ] {
            assert_eq!(check_ref_name(name), Err(why), "{name:?}");
        }
    }

    #[test]
    fn a_proposal_is_named_as_a_branch_would_be() {
        assert_eq!(check_proposal("refs/for/main/fix"), Ok(true));
        assert_eq!(check_proposal("refs/heads/main"), Ok(false));
        for evil in [
            "refs/for/",
            "refs/for/main/..",
            "refs/for/main/a b",
            "refs/for/-x/a",
            "refs/for/main/\u{202e}a",
        ] {
            assert!(check_proposal(evil).is_err(), "{evil:?}");
        }
        let name = RefName::merge_request("abcdefgh23456777", Some(2)).unwrap();
        assert_eq!(name.as_str(), "refs/merge-requests/abcdefgh23456777/2");
        assert_eq!(RefName::served(name.as_str()), Ok(name));
        let head = RefName::merge_request("abcdefgh23456777", None).unwrap();
        assert_eq!(RefName::served(head.as_str()), Ok(head));
        for evil in [
            "refs/merge-requests/abcdefgh",
            "refs/merge-requests/../head",
            "refs/merge-requests/abcdefgh/x",
        ] {
            assert!(RefName::served(evil).is_err(), "{evil:?}");
        }
        assert!(
            RefName::parse("refs/merge-requests/abcdefgh/head").is_err(),
            "nobody pushes there"
        );
    }

    #[test]
    fn a_file_and_a_folder_of_one_name_conflict() {
        let name = |s| RefName::parse(s).unwrap();
        assert!(name("refs/heads/a").conflicts_with(&name("refs/heads/a/b")));
        assert!(!name("refs/heads/a").conflicts_with(&name("refs/heads/ab")));
        assert!(!name("refs/heads/a").conflicts_with(&name("refs/heads/a")));
    }

    #[test]
    fn a_diverged_head_keeps_its_institutions_handle() {
        let main = RefName::parse("refs/heads/main").unwrap();
        let name = RefName::diverged("univ-angers", &main).unwrap();
        assert_eq!(name.as_str(), "refs/diverged/univ-angers/heads/main");
        assert_eq!(name.of(), Some(main.clone()));
        assert_eq!(main.of(), None);
        assert_eq!(RefName::served(name.as_str()), Ok(name));
        let waiting = RefName::waiting("univ-angers", &main).unwrap();
        assert_eq!(waiting.as_str(), "refs/waiting/univ-angers/heads/main");
        assert_eq!(RefName::served(waiting.as_str()), Ok(waiting));
        assert!(RefName::served("refs/commun/kept/1/x").is_err());
        assert!(RefName::diverged("../x", &main).is_err());
    }
}
