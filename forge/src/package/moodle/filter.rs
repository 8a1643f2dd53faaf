//! XML passed on element by element, without a tree: what is in memory is one tag, or one short element that is judged
//! as a whole.
//!
//! Only what a [`Judge`] knows passes. An element may have children only where the judge says so; children of others are
//! left out, so that what a newer or a foreign program writes into a file is never passed on unseen. Attributes are judged by
//! their names as elements are; comments and processing instructions are left out, and the declaration is our own.

use std::io::{self, BufRead, BufReader, Read, Write};

use thiserror::Error;

/// The longest tag, in bytes.
const MAX_TAG_BYTES: usize = 64 << 10;
/// The longest element that is judged as a whole.
const MAX_LOOK_BYTES: usize = 256 << 10;
/// The declaration that every file begins with that had one.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
/// The deepest nesting.
const MAX_DEPTH: usize = 256;

/// Why a file is not passed on.
#[derive(Debug, Error)]
pub(super) enum FilterError {
    /// Reading or writing failed.
    #[error("it could not be read or written")]
    Io(#[from] io::Error),
    /// Not XML as Moodle writes it.
    #[error("{0}")]
    Malformed(&'static str),
}

/// What becomes of an element, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It passes; `children`: its child elements are judged, else they are left out.
    Keep { children: Children },
    /// It is left out.
    Drop,
    /// It passes with this text for its content.
    Blank(&'static str),
    /// It is judged as a whole.
    Look,
}

/// Which children pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Children {
    /// None: it holds text.
    None,
    /// Those that the judge lets pass.
    Judged,
    /// All, at any depth, but for those that are blanked.
    All,
}

/// What becomes of an element that was looked at as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    Keep,
    Drop,
    Replace(String),
}

/// Decides what passes.
pub(super) trait Judge {
    /// By the name of an element, in lower case.
    fn fate(&mut self, name: &str) -> Fate;
    /// By the name of an attribute, in lower case.
    fn attribute(&mut self, name: &str) -> Fate {
        self.fate(name)
    }
    /// By an element as a whole.
    fn look(&mut self, _name: &str, _element: &str) -> Looked {
        Looked::Drop
    }
    /// An element was left out because its parent may have no children.
    fn dropped(&mut self, _name: &str, _parent: &str) {}
    /// Something was blanked that said something.
    fn blanked(&mut self, _name: &str) {}
}

/// One open element.
struct Open {
    name: String,
    children: Children,
}

/// What is happening to what is read.
enum Mode {
    Pass,
    /// Left out up to the end of the element at this depth.
    Drop(usize),
    /// Replaced up to there; whether something was said, and the replacement.
    Blank(usize, Vec<u8>, &'static str),
    /// Gathered up to there.
    Look(usize, Vec<u8>),
}

/// Passes XML on. The output is complete only where this succeeds.
pub(super) fn filter(
    input: &mut dyn Read,
    out: &mut dyn Write,
    judge: &mut dyn Judge,
) -> Result<(), FilterError> {
    let mut source = BufReader::with_capacity(32 << 10, input);
    let mut state = State {
        out,
        judge,
        open: Vec::new(),
        mode: Mode::Pass,
        elements: 0,
        begun: false,
    };
    // A byte order mark of UTF-8 is left out; what else is not UTF-8 shows by its NULs.
    if source.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        source.consume(3);
    }
    loop {
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        let end = buffer.iter().position(|byte| *byte == b'<');
        let text = &buffer[..end.unwrap_or(buffer.len())];
        if text.contains(&0) {
            return Err(FilterError::Malformed("it is not UTF-8"));
        }
        state.text(text)?;
        let length = text.len();
        source.consume(length);
        if end.is_some() {
            source.consume(1);
            let tag = tag(&mut source)?;
            state.tag(&tag)?;
        }
    }
    match state.open.is_empty() && state.elements > 0 {
        true => Ok(()),
        false => Err(FilterError::Malformed("it ends too early")),
    }
}

/// The bytes of a tag, comment, instruction or CDATA section, without its `<` and its last `>`.
fn tag(source: &mut impl BufRead) -> Result<Vec<u8>, FilterError> {
    let mut tag: Vec<u8> = Vec::new();
    let mut quote = None;
    loop {
        let buffer = source.fill_buf()?;
        let Some(byte) = buffer.first().copied() else {
            return Err(FilterError::Malformed("a tag does not end"));
        };
        source.consume(1);
        if tag.len() >= MAX_LOOK_BYTES || (tag.len() >= MAX_TAG_BYTES && !tag.starts_with(b"![")) {
            return Err(FilterError::Malformed("a tag is too long"));
        }
        if byte == b'>' {
            let ended = if tag.starts_with(b"!--") {
                tag.len() >= 5 && tag.ends_with(b"--")
            } else if tag.starts_with(b"![CDATA[") {
                tag.ends_with(b"]]")
            } else if tag.starts_with(b"?") {
                tag.ends_with(b"?")
            } else {
                quote.is_none()
            };
            if ended {
                return Ok(tag);
            }
        } else if !tag.starts_with(b"!") && !tag.starts_with(b"?") {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), byte) if open == byte => quote = None,
                _ => {}
            }
        }
        tag.push(byte);
    }
}

struct State<'s> {
    out: &'s mut dyn Write,
    judge: &'s mut dyn Judge,
    open: Vec<Open>,
    mode: Mode,
    elements: usize,
    /// Whether the declaration or an element has come.
    begun: bool,
}

impl State<'_> {
    fn text(&mut self, text: &[u8]) -> Result<(), FilterError> {
        match &mut self.mode {
            Mode::Pass => self.out.write_all(text)?,
            Mode::Drop(_) => {}
            // Enough to see whether something is said.
            Mode::Blank(_, said, _) => said.extend(text.iter().take(64 - said.len().min(64))),
            Mode::Look(_, all) => {
                if all.len() + text.len() > MAX_LOOK_BYTES {
                    return Err(FilterError::Malformed("an element is too long"));
                }
                all.extend(text);
            }
        }
        Ok(())
    }

    fn raw(&mut self, tag: &[u8]) -> Result<(), FilterError> {
        // What an element says that is blanked is not its tags.
        if matches!(self.mode, Mode::Blank(..)) {
            return Ok(());
        }
        self.text(b"<")?;
        self.text(tag)?;
        self.text(b">")
    }

    fn tag(&mut self, tag: &[u8]) -> Result<(), FilterError> {
        let text =
            std::str::from_utf8(tag).map_err(|_| FilterError::Malformed("it is not UTF-8"))?;
        if text.contains('\0') {
            return Err(FilterError::Malformed("it is not UTF-8"));
        }
        if text.starts_with("!--") {
            return Ok(());
        }
        if text.starts_with("![CDATA[") {
            self.text(b"<")?;
            self.text(tag)?;
            return self.text(b">");
        }
        if let Some(instruction) = text.strip_prefix('?') {
            if let Some((_, encoding)) = instruction.split_once("encoding") {
                let encoding = encoding.trim_start_matches(['=', ' ', '"', '\'']);
                if !encoding.to_ascii_lowercase().starts_with("utf-8") {
                    return Err(FilterError::Malformed("it is not UTF-8"));
                }
            }
            // What else stands in it, and every other instruction, is for programs that nobody knows.
            let declares = instruction.split_ascii_whitespace().next() == Some("xml");
            if declares && !std::mem::replace(&mut self.begun, true) {
                self.out.write_all(DECLARATION.as_bytes())?;
            }
            return Ok(());
        }
        if text.starts_with('!') {
            return Err(FilterError::Malformed("it has a document type"));
        }
        match text.strip_prefix('/') {
            Some(name) => self.end(name.trim_end(), tag),
            None => self.start(text),
        }
    }

    fn start(&mut self, text: &str) -> Result<(), FilterError> {
        let empty = text.ends_with('/');
        let end = text
            .find(|c: char| c.is_ascii_whitespace() || c == '/')
            .unwrap_or(text.len());
        let name = local(&text[..end]);
        if name.is_empty() {
            return Err(FilterError::Malformed("a tag has no name"));
        }
        if self.open.is_empty() && self.elements > 0 {
            return Err(FilterError::Malformed("it has two roots"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(FilterError::Malformed("it is nested too deep"));
        }
        self.elements += 1;
        let depth = self.open.len();
        let mut children = Children::None;
        self.begun = true;
        if matches!(self.mode, Mode::Drop(_) | Mode::Blank(..)) {
            // Its tags are not passed on.
        } else if matches!(self.mode, Mode::Pass) {
            let fate = self.fate(&name);
            let tag = match fate {
                Fate::Drop => Vec::new(),
                _ => self.judged(text, end)?,
            };
            let tag = tag.as_slice();
            match fate {
                Fate::Keep { children: which } => {
                    children = which;
                    self.raw(tag)?;
                }
                Fate::Drop if !empty => self.mode = Mode::Drop(depth),
                Fate::Drop => {}
                Fate::Blank(text) => {
                    self.raw(tag)?;
                    if !empty {
                        self.mode = Mode::Blank(depth, Vec::new(), text);
                    }
                }
                Fate::Look if empty => {}
                Fate::Look => {
                    self.mode = Mode::Look(depth, Vec::new());
                    self.raw(tag)?;
                }
            }
        } else {
            let tag = self.judged(text, end)?;
            self.raw(&tag)?;
        }
        if !empty {
            self.open.push(Open { name, children });
        }
        Ok(())
    }

    /// A tag with those of its attributes that pass: judged by their names, as elements with text are. `end`: of its name.
    fn judged(&mut self, text: &str, end: usize) -> Result<Vec<u8>, FilterError> {
        let (name, mut rest) = text.split_at(end);
        let mut tag = name.to_owned();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
            if matches!(rest, "" | "/") {
                tag.push_str(rest);
                return Ok(tag.into_bytes());
            }
            let (attribute, value, after) =
                attribute(rest).ok_or(FilterError::Malformed("an attribute cannot be read"))?;
            rest = after;
            let known = local(attribute);
            let value = match self.judge.attribute(&known) {
                Fate::Keep { .. } => value,
                Fate::Blank(blank) => {
                    if !matches!(value.trim(), "" | "0" | super::NULL) {
                        self.judge.blanked(&known);
                    }
                    blank
                }
                Fate::Drop | Fate::Look => {
                    self.judge.dropped(&known, &local(name));
                    continue;
                }
            };
            let quote = if value.contains('"') { '\'' } else { '"' };
            tag.push_str(&format!(" {attribute}={quote}{value}{quote}"));
        }
    }

    /// What becomes of an element, by what its parent may have.
    fn fate(&mut self, name: &str) -> Fate {
        let fate = self.judge.fate(name);
        let Some(parent) = self.open.last() else {
            // The root passes: without it the file is none.
            return match fate {
                Fate::Keep { .. } => fate,
                _ => Fate::Keep {
                    children: Children::None,
                },
            };
        };
        match (parent.children, fate) {
            (Children::Judged, fate) => fate,
            (Children::All, Fate::Blank(text)) => Fate::Blank(text),
            (Children::All, _) => Fate::Keep {
                children: Children::All,
            },
            (Children::None, _) => {
                let parent = parent.name.clone();
                self.judge.dropped(name, &parent);
                Fate::Drop
            }
        }
    }

    fn end(&mut self, name: &str, tag: &[u8]) -> Result<(), FilterError> {
        let open = self.open.pop();
        if open.is_none_or(|open| open.name != local(name)) {
            return Err(FilterError::Malformed("a tag ends that did not begin"));
        }
        let depth = self.open.len();
        match std::mem::replace(&mut self.mode, Mode::Pass) {
            Mode::Drop(at) if at == depth => Ok(()),
            Mode::Blank(at, said, text) if at == depth => {
                let said = String::from_utf8_lossy(&said);
                if !matches!(said.trim(), "" | "0" | super::NULL) {
                    self.judge.blanked(&local(name));
                }
                self.text(text.as_bytes())?;
                self.raw(tag)
            }
            Mode::Look(at, mut all) if at == depth => {
                all.extend([b"<", tag, b">"].concat());
                let element = std::str::from_utf8(&all)
                    .map_err(|_| FilterError::Malformed("it is not UTF-8"))?;
                match self.judge.look(&local(name), element) {
                    Looked::Keep => self.text(&all),
                    Looked::Drop => Ok(()),
                    Looked::Replace(other) => self.text(other.as_bytes()),
                }
            }
            mode => {
                self.mode = mode;
                self.raw(tag)
            }
        }
    }
}

/// The first attribute of a text: its name, its value as it is written, and what follows.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let name = name.trim_end_matches(|c: char| c.is_ascii_whitespace());
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, rest) = rest[1..].split_once(quote)?;
    let ends = rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '/');
    (ends && !value.contains('<')).then_some((name, value, rest))
}

/// A name without its prefix, in lower case.
fn local(name: &str) -> String {
    let name = name.rsplit(':').next().unwrap_or(name);
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Names(Vec<String>);

    impl Judge for Names {
        fn fate(&mut self, name: &str) -> Fate {
            match name {
                "a" | "list" => Fate::Keep {
                    children: Children::Judged,
                },
                "all" => Fate::Keep {
                    children: Children::All,
                },
                "gone" => Fate::Drop,
                "userid" => Fate::Blank("-"),
                "seen" => Fate::Look,
                _ => Fate::Keep {
                    children: Children::None,
                },
            }
        }
        fn look(&mut self, _: &str, element: &str) -> Looked {
            match element.contains("no") {
                true => Looked::Drop,
                false => Looked::Replace(element.to_uppercase()),
            }
        }
        fn dropped(&mut self, name: &str, parent: &str) {
            self.0.push(format!("{parent}/{name}"));
        }
        fn blanked(&mut self, name: &str) {
            self.0.push(name.to_owned());
        }
    }

    fn run(text: &str) -> Result<(String, Vec<String>), FilterError> {
        let mut out = Vec::new();
        let mut names = Names(Vec::new());
        filter(&mut text.as_bytes(), &mut out, &mut names)?;
        Ok((String::from_utf8(out).unwrap(), names.0))
    }

    #[test]
    fn only_what_is_known_passes() {
        let (out, told) = run("<?xml version='1.0' encoding=\"UTF-8\"?><a x='>'><t>é &lt;</t><!-- Ana --><gone><t>Ana</t></gone><userid>7</userid><userid>0</userid><foreign>ok<t>Ana</t></foreign><seen>yes</seen><seen>no</seen><all><b><userid>7</userid></b></all></a>").unwrap();
        assert_eq!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a x=\">\"><t>é &lt;</t><userid>-</userid><userid>-</userid><foreign>ok</foreign><SEEN>YES</SEEN><all><b><userid>-</userid></b></all></a>"
        );
        assert_eq!(told, ["userid", "foreign/t", "userid"]);
    }

    #[test]
    fn attributes_are_judged_as_elements_are_and_instructions_go() {
        let (out, told) = run("<?xml version='1.0' author='Ana'?><?ana Ana?><a id = \"1\" userid='7' gone=\"Ana\" seen='Ana' x='\"'><?php Ana?><t p:userid='8' v=\"'\"/><userid userid='0'>9</userid><seen userid='7'>yes</seen><all><b userid='9'/></all></a>").unwrap();
        assert_eq!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a id=\"1\" userid=\"-\" x='\"'><t p:userid=\"-\" v=\"'\"/><userid userid=\"-\">-</userid><SEEN USERID=\"-\">YES</SEEN><all><b userid=\"-\"/></all></a>"
        );
        assert!(!out.contains("Ana"), "{out}");
        assert_eq!(
            told,
            [
                "userid", "a/gone", "a/seen", "userid", "userid", "userid", "userid"
            ]
        );
        for bad in [
            "<a x/>",
            "<a x=1/>",
            "<a x='1'y='2'/>",
            "<a =\"1\"/>",
            "<a x=\"<\"/>",
            "<a x y='1'/>",
        ] {
            assert!(run(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_another_parser_could_read_differently_is_refused() {
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a></a></a>",
            "<a/><a/>",
            "<!DOCTYPE a><a/>",
            "<?xml version='1.0' encoding='UTF-16'?><a/>",
            "<a>\0</a>",
            "<a",
            "<a><!-- x</a>",
            "< a></a>",
        ] {
            assert!(run(bad).is_err(), "{bad:?}");
        }
        let deep = "<all>".repeat(400) + &"</all>".repeat(400);
        assert!(run(&deep).is_err());
        let long = format!("<a><seen>{}</seen></a>", "x".repeat(MAX_LOOK_BYTES));
        assert!(run(&long).is_err());
        let text = format!("<a><t>{}</t></a>", "x".repeat(4 << 20));
        assert_eq!(run(&text).unwrap().0.len(), text.len());
    }
}
