//! A long history in parts: commits of a branch's first-parent line, so that each push moves the branch forward.

use crate::failure::Failure;

use super::git::Git;

/// Commits that one push brings at most, more or less.
const COMMITS: u64 = 5_000;
/// Bytes that one push brings at most, more or less: a proxy in front of a node may allow no more.
const BYTES: u64 = 200 << 20;

/// The commits at which a branch's push is cut, oldest first; none where one push is enough, and for tags. `known`: what the
/// node has; `from`: what its branch is at.
pub(super) fn cuts<'a>(
    git: &Git,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    from: Option<&str>,
) -> Result<Vec<String>, Failure> {
    if !name.starts_with("refs/heads/") {
        return Ok(Vec::new());
    }
    let known: Vec<&str> = known.collect();
    let (missing, all) = (git.missing(name, &known)?, git.count_commits()?.max(1));
    let bytes = git.bytes()?;
    // No commit is asked for its size: the missing share of the whole is a good guess.
    let share =
        u64::try_from(u128::from(bytes) * u128::from(missing) / u128::from(all)).unwrap_or(bytes);
    let parts = missing
        .div_ceil(COMMITS)
        .max(share.div_ceil(BYTES))
        .min(missing);
    if parts < 2 {
        return Ok(Vec::new());
    }
    Ok(pick(&git.first_parents(name, from)?, parts))
}

/// The ends of all parts but the last, spread over the line.
fn pick(line: &[String], parts: u64) -> Vec<String> {
    let parts = usize::try_from(parts).unwrap_or(usize::MAX).min(line.len());
    (1..parts)
        .filter_map(|part| line.get(line.len() * part / parts - 1))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_parts_of_about_one_size() {
        let line: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        assert_eq!(pick(&line, 2), ["4"]);
        assert_eq!(pick(&line, 4), ["1", "4", "6"]);
        assert_eq!(pick(&line, 1), [] as [&str; 0]);
        assert_eq!(pick(&line, 99).len(), 9);
        assert_eq!(pick(&[], 5), [] as [&str; 0]);
    }
}
