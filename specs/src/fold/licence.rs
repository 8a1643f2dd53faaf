//! Whether a charter accepts a licence (R-04-20).

/// Whether an SPDX expression is accepted by a charter's list: the list is empty, holds the expression itself,
/// or holds enough of its parts: one side of each `OR`, both sides of each `AND`. Compared byte by byte, so
/// that no data of a later SPDX version changes an answer.
pub fn accepted(list: &[String], expression: &str) -> bool {
    if list.is_empty() || list.iter().any(|l| l == expression) {
        return true;
    }
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    either(list, &mut words, 0) == Some(true) && words.next().is_none()
}

/// Deepest parentheses that are read.
const MAX_DEPTH: usize = 16;
type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(list: &[String], words: &mut Words<'_>, depth: usize) -> Option<bool> {
    let mut any = both(list, words, depth)?;
    while words.peek() == Some(&"OR") {
        words.next();
        any |= both(list, words, depth)?;
    }
    Some(any)
}

fn both(list: &[String], words: &mut Words<'_>, depth: usize) -> Option<bool> {
    let mut all = part(list, words, depth)?;
    while words.peek() == Some(&"AND") {
        words.next();
        all &= part(list, words, depth)?;
    }
    Some(all)
}

fn part(list: &[String], words: &mut Words<'_>, depth: usize) -> Option<bool> {
    let first = words.next()?;
    if first == "(" {
        if depth == MAX_DEPTH {
            return None;
        }
        let inner = either(list, words, depth + 1)?;
        return (words.next()? == ")").then_some(inner);
    }
    if matches!(first, ")" | "AND" | "OR" | "WITH") {
        return None;
    }
    let mut name = first.to_owned();
    if words.peek() == Some(&"WITH") {
        words.next();
        name = format!("{first} WITH {}", words.next()?);
    }
    Some(list.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_accepted_by_its_parts() {
        //= R-04-20
        let list: Vec<String> = [
            "MIT",
            "CC-BY-4.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ]
        .map(str::to_owned)
        .to_vec();
        for good in [
            "MIT",
            "MIT OR Proprietary",
            "(MIT AND CC-BY-4.0) OR X",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ] {
            assert!(accepted(&list, good), "{good}");
        }
        for bad in [
            "mit",
            "MIT AND X",
            "X OR Y",
            "MIT OR",
            "(MIT",
            "MIT MIT",
            "",
            &"(".repeat(200),
        ] {
            assert!(!accepted(&list, bad), "{bad}");
        }
        assert!(accepted(&[], "anything"));
    }
}
