//! Code in colours: which parts of a text are comments, strings, numbers, words of the language.
//!
//! One pass over the bytes with a table for each language ([`languages`]), linear in time and without a regular
//! expression, so that no file that somebody pushed makes a page slow. It knows words, not grammar: where it is
//! wrong, a word has the wrong colour, never the wrong text.

mod languages;
mod scan;

pub use languages::{Language, language};

/// The largest text that is coloured, bytes.
pub const MAX_TEXT: usize = 512 << 10;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A comment.
    Comment,
    /// A string or character.
    Text,
    /// A number.
    Number,
    /// A word of the language.
    Keyword,
    /// A constant of the language: `true`, `None`.
    Constant,
    /// The name of a type, by its capital letter.
    Type,
    /// The name of a function, by the parenthesis after it.
    Function,
    /// A preprocessor line, an attribute, a directive, a variable of a shell.
    Directive,
    /// The name of an element of markup, or of a key in data.
    Tag,
    /// A heading of a document.
    Heading,
    /// A line that was added.
    Added,
    /// A line that was removed.
    Removed,
}

impl Class {
    /// The class of an element of HTML.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "hc",
            Self::Text => "hs",
            Self::Number => "hn",
            Self::Keyword => "hk",
            Self::Constant => "hv",
            Self::Type => "ht",
            Self::Function => "hf",
            Self::Directive => "hd",
            Self::Tag => "hg",
            Self::Heading => "hh",
            Self::Added => "ha",
            Self::Removed => "hr",
        }
    }
}

/// A part of a line, with its class if it has one.
pub type Part<'a> = (Option<Class>, &'a str);

/// The lines of a text (as [`str::lines`] parts them), each as parts that together are the line. A text larger than
/// [`MAX_TEXT`], or of no known language, has one part for each line.
pub fn lines<'a>(language: Option<&Language>, text: &'a str) -> Vec<Vec<Part<'a>>> {
    let tokens = match language {
        Some(language) if text.len() <= MAX_TEXT => scan::scan(language, text),
        _ => Vec::new(),
    };
    let mut tokens = tokens.into_iter().peekable();
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        let end = start + bare.len();
        let mut parts = Vec::new();
        let mut at = start;
        while let Some((class, range)) = tokens.peek().cloned() {
            if range.start >= end {
                break;
            }
            let (from, to) = (range.start.max(at), range.end.min(end));
            if from > at {
                parts.push((None, &text[at..from]));
            }
            if to > from {
                parts.push((Some(class), &text[from..to]));
            }
            at = at.max(to);
            // One that goes on in the next line stays.
            if range.end > end {
                break;
            }
            tokens.next();
        }
        if at < end || parts.is_empty() {
            parts.push((None, &text[at.min(end)..end]));
        }
        lines.push(parts);
        start += line.len();
        while tokens.peek().is_some_and(|(_, range)| range.end <= start) {
            tokens.next();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, text: &str) -> Vec<(Class, String)> {
        let language = language(path, text).unwrap();
        let lines = lines(Some(language), text);
        assert_eq!(
            lines
                .iter()
                .map(|parts| parts.iter().map(|(_, text)| *text).collect::<String>())
                .collect::<Vec<_>>(),
            text.lines().collect::<Vec<_>>(),
            "{path}"
        );
        lines
            .into_iter()
            .flatten()
            .filter_map(|(class, text)| Some((class?, text.to_owned())))
            .collect()
    }

    fn has(path: &str, text: &str, wanted: &[(Class, &str)]) {
        let seen = seen(path, text);
        for (class, part) in wanted {
            assert!(
                seen.contains(&(*class, (*part).to_owned())),
                "{path}: {class:?} {part:?} in {seen:?}"
            );
        }
    }

    #[test]
    fn each_family_of_languages_is_told_apart() {
        use Class::*;
        has(
            "a.rs",
            "// c\n#[test]\nfn main() { let x: Vec<u8> = \"a\\\"b\"; /* d /* e */\n f */ 0x1f 'a' &'a true }\n",
            &[
                (Comment, "// c"),
                (Directive, "#[test]"),
                (Keyword, "fn"),
                (Function, "main"),
                (Type, "Vec"),
                (Text, "\"a\\\"b\""),
                (Comment, "/* d /* e */"),
                (Comment, " f */"),
                (Number, "0x1f"),
                (Constant, "true"),
            ],
        );
        has(
            "a.py",
            "@decorated\ndef f(x):\n    \"\"\"doc\n    more\"\"\"\n    return None # why\n",
            &[
                (Directive, "@decorated"),
                (Keyword, "def"),
                (Function, "f"),
                (Text, "\"\"\"doc"),
                (Text, "    more\"\"\""),
                (Constant, "None"),
                (Comment, "# why"),
            ],
        );
        has(
            "a.html",
            "<!-- c --><p class=\"x\">text</p>",
            &[(Comment, "<!-- c -->"), (Tag, "p"), (Text, "\"x\"")],
        );
        has(
            "a.yaml",
            "key: value # c\n- other: \"s\"\n",
            &[(Tag, "key"), (Comment, "# c"), (Text, "\"s\"")],
        );
        has(
            "a.json",
            "{\"a\": [1, null]}",
            &[(Tag, "\"a\""), (Number, "1"), (Constant, "null")],
        );
        has(
            "a.toml",
            "[part]\na = 'x'\n",
            &[(Heading, "[part]"), (Tag, "a"), (Text, "'x'")],
        );
        has(
            "a.tex",
            "\\section{A} % c\n",
            &[(Keyword, "\\section"), (Comment, "% c")],
        );
        has(
            "a.md",
            "# Title\n`code`\n",
            &[(Heading, "# Title"), (Text, "`code`")],
        );
        has(
            "a.sql",
            "select 1 -- c\n",
            &[(Keyword, "select"), (Comment, "-- c")],
        );
        has("a.diff", "+a\n-b\n", &[(Added, "+a"), (Removed, "-b")]);
        has(
            "Makefile",
            "all:\n\techo $(X) # c\n",
            &[(Directive, "$(X)")],
        );
        has(
            "run",
            "#!/bin/sh\nif true; then echo \"$x\"; fi\n",
            &[(Keyword, "if")],
        );
        assert!(language("a.unknown", "text").is_none());
    }

    #[test]
    fn any_text_comes_out_as_it_went_in_and_in_time() {
        let begin = std::time::Instant::now();
        for path in [
            "a.rs", "a.py", "a.html", "a.md", "a.json", "a.tex", "a.yaml", "a.sh", "a.css",
            "a.diff",
        ] {
            for unit in [
                "\"",
                "/*",
                "<",
                "é'\\",
                "\u{202e}`",
                "'''",
                "{{",
                "#[",
                "$(",
                "\r\n",
                "<!--",
                "a: ",
                "\\",
                "0",
                "[[\"",
            ] {
                let text = unit.repeat(60_000 / unit.len());
                let whole: String = lines(language(path, ""), &text)
                    .into_iter()
                    .map(|parts| parts.into_iter().map(|(_, text)| text).collect::<String>())
                    .collect::<Vec<_>>()
                    .join("\n");
                assert_eq!(
                    whole,
                    text.lines().collect::<Vec<_>>().join("\n"),
                    "{path} {unit:?}"
                );
            }
        }
        assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
    }
}
