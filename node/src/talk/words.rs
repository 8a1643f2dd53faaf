//! The bodies of threads, merge requests and reviews (`specs/08-talk.md`): JSON with a title and a text.

use serde::{Deserialize, Serialize};

use super::TalkError;

/// Longest title, in characters: what fits two lines of a page.
pub const MAX_TITLE: usize = 300;
/// Longest text, in bytes: a body has room for four times that, and JSON doubles what it escapes.
pub const MAX_TEXT: usize = 64 << 10;
/// Longest topic, in bytes: it is part of a ref's name.
pub(super) const MAX_TOPIC: usize = 200;

/// What a body says. Members that are not known are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Words {
    /// One line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// CommonMark.
    pub(super) text: String,
    /// What a merge request was pushed as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) topic: Option<String>,
    /// What the person signed who pushed it ([`commun_specs::certificate`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<String>,
}

impl Words {
    /// Words of somebody here, checked.
    ///
    /// # Errors
    /// Too long, or a title of several lines.
    pub(super) fn new(title: Option<&str>, text: &str) -> Result<Self, TalkError> {
        let wrong = |field: &str, what: String| TalkError::Invalid(field.to_owned(), what);
        let title = title.map(str::trim);
        if let Some(title) = title {
            if title.is_empty() {
                return Err(wrong(
                    "title",
                    "a title has at least one character".to_owned(),
                ));
            }
            if title.chars().count() > MAX_TITLE {
                let what = format!("a title has at most {MAX_TITLE} characters");
                return Err(wrong("title", what));
            }
            if title.chars().any(char::is_control) {
                return Err(wrong("title", "a title is one line of text".to_owned()));
            }
        }
        if text.len() > MAX_TEXT {
            return Err(wrong(
                "text",
                format!("a text has at most {MAX_TEXT} bytes"),
            ));
        }
        let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
        if text.contains(steers) {
            let what = "a text has no control characters but line ends and tabs".to_owned();
            return Err(wrong("text", what));
        }
        Ok(Self {
            title: title.map(str::to_owned),
            text: text.replace("\r\n", "\n"),
            topic: None,
            certificate: None,
        })
    }

    /// The words of a commit: made fit rather than refused.
    pub(super) fn fitted(title: &str, text: &str, topic: &str) -> Self {
        let line: String = title
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_TITLE)
            .collect();
        let text: String = text
            .chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect();
        let line = line.trim();
        Self {
            title: Some(if line.is_empty() { topic } else { line }.to_owned()),
            text: text[..text.floor_char_boundary(MAX_TEXT)].trim().to_owned(),
            topic: Some(topic.to_owned()),
            certificate: None,
        }
    }

    /// The body.
    pub(super) fn to_body(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts are JSON")
    }

    /// Reads a body of whomever: what cannot be read says nothing, what is too long is cut.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut words: Self = serde_json::from_slice(body).unwrap_or_default();
        if let Some(title) = &mut words.title {
            *title = title
                .chars()
                .filter(|c| !c.is_control())
                .take(MAX_TITLE)
                .collect();
        }
        words.title = words.title.filter(|t| !t.trim().is_empty());
        words
            .text
            .retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
        words
            .text
            .truncate(words.text.floor_char_boundary(MAX_TEXT));
        if let Some(topic) = &mut words.topic {
            topic.retain(|c| !c.is_control());
            topic.truncate(topic.floor_char_boundary(MAX_TOPIC));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_through_a_body_unchanged() {
        let words = Words::new(Some(" Équation "), "a\r\nb\n\n`<script>`").unwrap();
        assert_eq!(words.title.as_deref(), Some("Équation"));
        assert_eq!(words.text, "a\nb\n\n`<script>`");
        assert_eq!(Words::read(&words.to_body()), words);
    }

    #[test]
    fn what_is_too_long_or_steers_is_refused_here_and_cut_where_it_came_from_elsewhere() {
        for (title, text) in [
            (Some(""), "x".to_owned()),
            (Some("a\nb"), "x".to_owned()),
            (Some(&*"é".repeat(MAX_TITLE + 1)), "x".to_owned()),
            (None, "x".repeat(MAX_TEXT + 1)),
            (None, "\u{1b}[2J".to_owned()),
        ] {
            assert!(Words::new(title, &text).is_err(), "{title:?}");
        }
        let long = Words {
            title: Some("t\u{7}".repeat(1000)),
            text: "é".repeat(MAX_TEXT),
            topic: Some("x".repeat(1000)),
            certificate: None,
        };
        let read = Words::read(&long.to_body());
        assert_eq!(read.title.unwrap().len(), MAX_TITLE);
        assert!(read.text.len() <= MAX_TEXT && read.topic.unwrap().len() == MAX_TOPIC);
        for odd in [&b""[..], b"null", b"[1]", b"{\"text\":1}", b"\xff"] {
            assert_eq!(Words::read(odd), Words::default());
        }
        let made = Words::fitted("\u{1b}", "a\u{7}b", "fix");
        assert_eq!((made.title.as_deref(), &*made.text), (Some("fix"), "ab"));
    }
}
