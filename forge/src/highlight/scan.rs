//! One pass over a text: where its comments, strings, numbers and words begin and end.

use std::ops::Range;

use super::Class;
use super::languages::{Form, Language};

/// Parts in the order of the text, none over another.
pub(super) fn scan(language: &Language, text: &str) -> Vec<(Class, Range<usize>)> {
    let mut scanner = Scanner {
        language,
        text,
        bytes: text.as_bytes(),
        at: 0,
        parts: Vec::new(),
    };
    match language.form {
        Form::Words => scanner.words(),
        Form::Data => scanner.data(),
        Form::Markup => scanner.markup(),
        Form::Prose => scanner.prose(),
        Form::Changes => scanner.changes(),
        Form::Tex => scanner.tex(),
    }
    scanner.parts
}

struct Scanner<'a> {
    language: &'a Language,
    text: &'a str,
    bytes: &'a [u8],
    /// Always at a character's first byte.
    at: usize,
    parts: Vec<(Class, Range<usize>)>,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn is_at(&self, what: &str) -> bool {
        self.bytes[self.at..].starts_with(what.as_bytes())
    }

    /// Goes over one character.
    fn step(&mut self) {
        self.at += 1;
        while self.at < self.bytes.len() && !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    fn take(&mut self, class: Class, start: usize) {
        self.parts.push((class, start..self.at));
    }

    fn rest_of_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    }

    fn line_start(&self) -> bool {
        self.at == 0 || self.bytes[self.at - 1] == b'\n'
    }

    /// A comment, if one begins here.
    fn comment(&mut self) -> bool {
        let start = self.at;
        for (begin, end, nested) in self.language.block {
            if self.is_at(begin) {
                self.at += begin.len();
                let mut depth = 1;
                while self.at < self.bytes.len() && depth > 0 {
                    if self.is_at(end) {
                        self.at += end.len();
                        depth -= 1;
                    } else if *nested && self.is_at(begin) {
                        self.at += begin.len();
                        depth += 1;
                    } else {
                        self.step();
                    }
                }
                self.take(Class::Comment, start);
                return true;
            }
        }
        let alone = |begin: &str| {
            // `#` in `a#b`, `%` in `a%b`: where one sign is enough, it stands at the beginning of a word.
            begin.len() > 1 || start == 0 || !is_word(self.bytes[start - 1])
        };
        if self.language.line.iter().any(|b| self.is_at(b) && alone(b)) {
            self.rest_of_line();
            self.take(Class::Comment, start);
            return true;
        }
        false
    }

    /// A string, if one begins here.
    fn string(&mut self, class: Class) -> bool {
        let start = self.at;
        for (begin, end, over_lines) in self.language.quotes {
            if !self.is_at(begin) {
                continue;
            }
            // `'a` of Rust, `don't` in a comment's place: a quote after a word's letter opens nothing.
            if *begin == "'" && start > 0 && is_word(self.bytes[start - 1]) {
                continue;
            }
            self.at += begin.len();
            loop {
                match self.peek() {
                    None => break,
                    Some(b'\n') if !over_lines => break,
                    Some(b'\\') if self.language.escapes => {
                        self.step();
                        if self.peek().is_some_and(|b| b != b'\n' || *over_lines) {
                            self.step();
                        }
                    }
                    Some(_) if self.is_at(end) => {
                        self.at += end.len();
                        break;
                    }
                    Some(_) => self.step(),
                }
            }
            self.take(class, start);
            return true;
        }
        false
    }

    /// A directive, if one begins here.
    fn directive(&mut self) -> bool {
        let start = self.at;
        for (begin, end) in self.language.directives {
            if !self.is_at(begin) {
                continue;
            }
            let before = self.bytes[..start].iter().rev();
            let first = before.copied().find(|b| !matches!(b, b' ' | b'\t'));
            if *end == "\n" && first.is_some_and(|b| b != b'\n') {
                continue;
            }
            let after = self.bytes.get(start + begin.len());
            if *end == " " && !after.is_some_and(|b| is_word(*b)) {
                continue;
            }
            self.at += begin.len();
            match *end {
                "\n" => self.rest_of_line(),
                " " => {
                    while self
                        .peek()
                        .is_some_and(|b| is_word(b) || b == b'.' || b == b'-')
                    {
                        self.step();
                    }
                }
                end => {
                    while self.peek().is_some_and(|b| b != b'\n') && !self.is_at(end) {
                        self.step();
                    }
                    if self.is_at(end) {
                        self.at += end.len();
                    }
                }
            }
            self.take(Class::Directive, start);
            return true;
        }
        false
    }

    fn number(&mut self) -> bool {
        let start = self.at;
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return false;
        }
        while self
            .peek()
            .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
        {
            // `1..2` is two numbers.
            if self.is_at("..") {
                break;
            }
            self.at += 1;
        }
        self.take(Class::Number, start);
        true
    }

    fn word(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(is_word) {
            self.step();
        }
        if self.at == start {
            return false;
        }
        let word = &self.text[start..self.at];
        let among = |words: &[&str]| match self.language.any_case {
            true => words.iter().any(|known| known.eq_ignore_ascii_case(word)),
            false => words.contains(&word),
        };
        let class = if among(self.language.keywords) {
            Some(Class::Keyword)
        } else if among(self.language.constants) {
            Some(Class::Constant)
        } else if self.peek() == Some(b'(') {
            Some(Class::Function)
        } else if self.language.types
            && word.starts_with(|c: char| c.is_uppercase())
            && word.contains(|c: char| c.is_lowercase())
        {
            Some(Class::Type)
        } else {
            None
        };
        if let Some(class) = class {
            self.take(class, start);
        }
        true
    }

    fn words(&mut self) {
        while self.at < self.bytes.len() {
            let done = self.comment()
                || self.string(Class::Text)
                || self.directive()
                || self.number()
                || self.word();
            if !done {
                self.step();
            }
        }
    }

    fn data(&mut self) {
        while self.at < self.bytes.len() {
            if self.line_start() {
                let rest = &self.text[self.at..];
                let line = rest.split('\n').next().unwrap_or_default();
                let start = self.at;
                // `[part]` of a settings file.
                if self.language.name == "TOML" && line.starts_with('[') {
                    self.rest_of_line();
                    self.take(Class::Heading, start);
                    continue;
                }
                // A key: what comes before the first `:` or `=`, without quotes.
                let indent = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
                let key = &line[indent..];
                let end = key.find([':', '=', '"', '\'', '#', '{', '[']);
                if let Some(end) =
                    end.filter(|end| *end > 0 && matches!(key.as_bytes()[*end], b':' | b'='))
                {
                    let name = key[..end].trim_end();
                    self.at = start + indent + name.len();
                    self.take(Class::Tag, start + indent);
                    continue;
                }
            }
            if self.comment() {
                continue;
            }
            let start = self.at;
            if self.string(Class::Text) {
                // What a colon follows is a key.
                let rest = &self.bytes[self.at..];
                let next = rest.iter().take(8).find(|b| !matches!(b, b' ' | b'\t'));
                if next == Some(&b':')
                    && let Some(last) = self.parts.last_mut()
                {
                    *last = (Class::Tag, start..self.at);
                }
                continue;
            }
            if !(self.directive() || self.number() || self.word()) {
                self.step();
            }
        }
    }

    fn markup(&mut self) {
        while self.at < self.bytes.len() {
            if self.comment() {
                continue;
            }
            if self.peek() != Some(b'<') {
                self.step();
                continue;
            }
            self.at += 1;
            while matches!(self.peek(), Some(b'/' | b'?' | b'!')) {
                self.at += 1;
            }
            let name = |b: u8| is_word(b) || matches!(b, b'-' | b':' | b'.');
            let start = self.at;
            while self.peek().is_some_and(name) {
                self.step();
            }
            if self.at == start {
                continue;
            }
            self.take(Class::Tag, start);
            while self.at < self.bytes.len() && !matches!(self.peek(), Some(b'>' | b'<')) {
                if self.string(Class::Text) {
                    continue;
                }
                let start = self.at;
                while self.peek().is_some_and(name) {
                    self.step();
                }
                if self.at > start {
                    self.take(Class::Directive, start);
                } else {
                    self.step();
                }
            }
        }
    }

    fn prose(&mut self) {
        let mut fenced = false;
        while self.at < self.bytes.len() {
            let start = self.at;
            if self.line_start() {
                let fence = self.is_at("```") || self.is_at("~~~");
                if fence || fenced {
                    self.rest_of_line();
                    self.take(Class::Text, start);
                    fenced ^= fence;
                    self.at = (self.at + 1).min(self.bytes.len());
                    continue;
                }
                if self.is_at("#") || self.is_at("== ") {
                    self.rest_of_line();
                    self.take(Class::Heading, start);
                    continue;
                }
            }
            if self.comment() {
                continue;
            }
            if self.peek() == Some(b'`') {
                self.at += 1;
                while self.peek().is_some_and(|b| b != b'`' && b != b'\n') {
                    self.step();
                }
                if self.peek() == Some(b'`') {
                    self.at += 1;
                }
                self.take(Class::Text, start);
                continue;
            }
            self.step();
        }
    }

    fn changes(&mut self) {
        while self.at < self.bytes.len() {
            let start = self.at;
            let class = match self.peek() {
                _ if self.is_at("+++") || self.is_at("---") || self.is_at("diff ") => {
                    Some(Class::Heading)
                }
                Some(b'+') => Some(Class::Added),
                Some(b'-') => Some(Class::Removed),
                Some(b'@') => Some(Class::Directive),
                _ => None,
            };
            self.rest_of_line();
            if let Some(class) = class {
                self.take(class, start);
            }
            self.at = (self.at + 1).min(self.bytes.len());
        }
    }

    fn tex(&mut self) {
        while self.at < self.bytes.len() {
            let start = self.at;
            if self.peek() == Some(b'\\') {
                self.at += 1;
                let name = self.at;
                while self
                    .peek()
                    .is_some_and(|b| b.is_ascii_alphabetic() || b == b'@')
                {
                    self.at += 1;
                }
                if self.at == name && self.at < self.bytes.len() {
                    self.step();
                } else {
                    self.take(Class::Keyword, start);
                }
                continue;
            }
            // Not `is_word`: `50%` begins a comment in TeX, too.
            if self.peek() == Some(b'%') {
                self.rest_of_line();
                self.take(Class::Comment, start);
                continue;
            }
            if !(self.string(Class::Text) || self.number()) {
                self.step();
            }
        }
    }
}
