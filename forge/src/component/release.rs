//! Releases: the tags that name versions.

use std::cmp::Ordering;

/// A tag that names a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The tag, without `refs/tags/`.
    pub tag: String,
    /// The version in it: `1.2.3`, `2.0.0-rc.1`.
    pub version: String,
    /// The object that the tag points at.
    pub oid: String,
    /// The commit's time, seconds since 1970; 0 where it is not known.
    pub time: i64,
}

impl Release {
    /// Whether it says of itself that it is not for everybody yet.
    pub fn is_preview(&self) -> bool {
        self.version.contains('-')
    }
}

/// Most numbers of a version.
const MAX_NUMBERS: usize = 4;

/// The numbers and the rest behind `-` of a version, if it is one: `v1.2`, `pod-3.0.1`, `2024.1.0-beta2`.
fn version(tag: &str) -> Option<(Vec<u64>, Option<&str>, &str)> {
    let begins = |at: usize| {
        let before = &tag[..at];
        let word = before.is_empty() || before.ends_with(['v', 'V', '-', '_', '/']);
        word && !before.contains(|c: char| c.is_ascii_digit())
    };
    let start = tag
        .char_indices()
        .find(|(at, c)| c.is_ascii_digit() && begins(*at))?
        .0;
    let text = &tag[start..];
    // Build metadata (`+…`) says nothing about the order.
    let plain = text.split('+').next().unwrap_or_default();
    let (numbers, rest) = match plain.split_once('-') {
        Some((numbers, rest)) => (numbers, Some(rest)),
        None => (plain, None),
    };
    let numbers: Option<Vec<u64>> = numbers.split('.').map(|n| n.parse().ok()).collect();
    let numbers = numbers.filter(|n| (2..=MAX_NUMBERS).contains(&n.len()))?;
    Some((numbers, rest, text))
}

/// Semantic versioning 2.0.0, section 11, with missing numbers as 0.
fn order(a: &str, b: &str) -> Ordering {
    let (Some((a, a_rest, _)), Some((b, b_rest, _))) = (version(a), version(b)) else {
        return Ordering::Equal;
    };
    let at = |list: &[u64], n: usize| list.get(n).copied().unwrap_or(0);
    for n in 0..MAX_NUMBERS {
        let order = at(&a, n).cmp(&at(&b, n));
        if order != Ordering::Equal {
            return order;
        }
    }
    match (a_rest, b_rest) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => {
            let (mut a, mut b) = (a.split('.'), b.split('.'));
            loop {
                let order = match (a.next(), b.next()) {
                    (None, None) => return Ordering::Equal,
                    (None, Some(_)) => Ordering::Less,
                    (Some(_), None) => Ordering::Greater,
                    (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                        (Ok(a), Ok(b)) => a.cmp(&b),
                        (Ok(_), Err(_)) => Ordering::Less,
                        (Err(_), Ok(_)) => Ordering::Greater,
                        (Err(_), Err(_)) => a.cmp(b),
                    },
                };
                if order != Ordering::Equal {
                    return order;
                }
            }
        }
    }
}

/// The releases among a repository's tags, newest version first; of tags of one version the first by name.
pub fn releases<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str, i64)>) -> Vec<Release> {
    let mut all: Vec<Release> = tags
        .into_iter()
        .filter_map(|(name, oid, time)| {
            let tag = name.strip_prefix("refs/tags/").unwrap_or(name);
            let (_, _, text) = version(tag)?;
            Some(Release {
                tag: tag.to_owned(),
                version: text.to_owned(),
                oid: oid.to_owned(),
                time,
            })
        })
        .collect();
    all.sort_by(|a, b| order(&b.tag, &a.tag).then_with(|| a.tag.cmp(&b.tag)));
    all
}

/// The newest release that is no preview; else the newest.
pub fn newest(releases: &[Release]) -> Option<&Release> {
    releases
        .iter()
        .find(|r| !r.is_preview())
        .or_else(|| releases.first())
}
