//! YAML and JSON as one tree whose nodes know their line. Sizes are bounded before anything is built: an alias counts as
//! much as what it stands for.

use std::cell::Cell;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// Deepest nesting; publiccode.yml needs five.
const MAX_DEPTH: usize = 24;
/// Most nodes, aliases expanded.
const MAX_NODES: usize = 20_000;
/// Most bytes that aliases stand for, all together.
const MAX_ALIASED: usize = 1 << 20;

/// A value and the line that it begins on, counted from 1.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) line: u32,
    pub(crate) value: Value,
    /// Whether its text was asked for: what nobody asks for is no field's, and is kept aside.
    read: Cell<bool>,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A text, number, or word; `plain` if it was not quoted.
    Text {
        text: String,
        plain: bool,
    },
    List(Vec<Item>),
    Map(Vec<Member>),
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) line: u32,
    pub(crate) item: Item,
}

/// Why there is no tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) line: u32,
    pub(crate) rule: &'static str,
    pub(crate) what: String,
}

impl Item {
    fn new(line: u32, value: Value) -> Item {
        Item {
            line,
            value,
            read: Cell::new(false),
        }
    }

    /// The text, if it is one that says something.
    pub(crate) fn text(&self) -> Option<&str> {
        self.read.set(true);
        self.said()
    }

    /// The bytes of its texts and names.
    fn bytes(&self) -> usize {
        match &self.value {
            Value::Text { text, .. } => text.len(),
            Value::List(items) => items.iter().map(Item::bytes).sum(),
            Value::Map(members) => members.iter().map(|m| m.name.len() + m.item.bytes()).sum(),
        }
    }

    /// The text, if nobody has asked for it.
    pub(super) fn unread(&self) -> Option<&str> {
        self.said().filter(|_| !self.read.get())
    }

    /// Whether its text was asked for.
    pub(super) fn read(&self) -> bool {
        self.read.get()
    }

    fn said(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, plain } => {
                let text = text.trim();
                let nothing = text.is_empty() || (*plain && matches!(text, "null" | "~" | "Null"));
                (!nothing).then_some(text)
            }
            _ => None,
        }
    }

    pub(crate) fn map(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Map(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Item> {
        let found = self.map()?.iter().find(|member| member.name == name)?;
        Some(&found.item)
    }

    /// The elements of a list, or the one value.
    pub(crate) fn each(&self) -> &[Item] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The values of a member, a list or one, each with its place.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = (usize, &Item)> {
        let values = self.get(name).map(Item::each).unwrap_or_default();
        values.iter().enumerate()
    }

    /// Whether it is there at all (`key:` with nothing behind it is not).
    pub(crate) fn says(&self) -> bool {
        match &self.value {
            Value::Text { .. } => self.said().is_some(),
            Value::List(items) => !items.is_empty(),
            Value::Map(members) => !members.is_empty(),
        }
    }
}

impl Item {
    /// The same as JSON; members that stand twice are told by path and line, and the first counts; of a `license` all do.
    pub(crate) fn to_json(&self, path: &str, twice: &mut Vec<(String, u32)>) -> serde_json::Value {
        match &self.value {
            Value::Text { text, plain: true } => match text.trim() {
                "" | "~" | "null" | "Null" | "NULL" => serde_json::Value::Null,
                "true" | "True" | "TRUE" => true.into(),
                "false" | "False" | "FALSE" => false.into(),
                text => text.into(),
            },
            Value::Text { text, .. } => text.as_str().into(),
            Value::List(items) => items.iter().map(|item| item.to_json(path, twice)).collect(),
            Value::Map(members) => {
                let mut object = serde_json::Map::new();
                for member in members {
                    let at = super::sheet::join(path, &member.name);
                    if let Some(first) = object.get_mut(&member.name) {
                        // Of two licences nobody knows which one was meant: both hold.
                        if member.name == "license" {
                            let second = member.item.to_json(&at, &mut Vec::new());
                            *first = serde_json::Value::Array(vec![first.take(), second]);
                        }
                        twice.push((at, member.line));
                        continue;
                    }
                    let value = member.item.to_json(&at, twice);
                    object.insert(member.name.clone(), value);
                }
                serde_json::Value::Object(object)
            }
        }
    }
}

/// A collection that is being filled.
struct Open {
    item: Item,
    anchor: usize,
    /// Where the count of nodes stood before it.
    before: usize,
    key: Option<(String, u32)>,
}

/// The first document of a YAML stream.
pub(crate) fn yaml(text: &str) -> Result<Item, Fault> {
    let mut anchors: HashMap<usize, (Item, usize)> = HashMap::new();
    let mut open: Vec<Open> = Vec::new();
    let mut nodes = 0usize;
    let mut aliased = 0usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| Fault {
            line: e.marker().line() as u32,
            rule: "syntax",
            what: e.info().to_owned(),
        })?;
        let line = span.start.line() as u32;
        let fault = |rule, what: usize| {
            Err(Fault {
                line,
                rule,
                what: what.to_string(),
            })
        };
        let (mut done, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                nodes += 1;
                let value = Value::Text {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                (Item::new(line, value), anchor)
            }
            Event::Alias(anchor) => {
                let Some((item, size)) = anchors.get(&anchor) else {
                    return fault("too-complex", MAX_NODES);
                };
                nodes += size;
                aliased += item.bytes();
                if nodes > MAX_NODES || aliased > MAX_ALIASED {
                    return fault("too-complex", MAX_NODES);
                }
                (item.clone(), 0)
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                if open.len() >= MAX_DEPTH {
                    return fault("too-complex", MAX_DEPTH);
                }
                let value = match event {
                    Event::SequenceStart(..) => Value::List(Vec::new()),
                    _ => Value::Map(Vec::new()),
                };
                open.push(Open {
                    item: Item::new(line, value),
                    anchor,
                    before: nodes,
                    key: None,
                });
                nodes += 1;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(closed) = open.pop() else { continue };
                if closed.anchor > 0 {
                    let size = nodes - closed.before;
                    anchors.insert(closed.anchor, (closed.item.clone(), size));
                }
                (closed.item, 0)
            }
            _ => continue,
        };
        if nodes > MAX_NODES {
            return fault("too-complex", MAX_NODES);
        }
        if anchor > 0 {
            anchors.insert(anchor, (done.clone(), 1));
        }
        let Some(parent) = open.last_mut() else {
            return Ok(done);
        };
        match &mut parent.item.value {
            Value::List(items) => items.push(done),
            Value::Map(members) => match parent.key.take() {
                None => {
                    // A key that is no text names nothing that is known here.
                    let name = done.text().unwrap_or_default().to_owned();
                    parent.key = Some((name, done.line));
                }
                Some((name, line)) => {
                    // People look for the key, wherever its value begins.
                    done.line = line;
                    members.push(Member {
                        name,
                        line,
                        item: done,
                    });
                }
            },
            Value::Text { .. } => {}
        }
    }
    Err(Fault {
        line: 1,
        rule: "not-an-object",
        what: String::new(),
    })
}

/// A JSON document.
pub(crate) fn json(text: &str) -> Result<Item, Fault> {
    // Syntax, depth (128) and escapes are serde_json's to judge; then the lines are found in what is known to be JSON.
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|e| Fault {
        line: e.line() as u32,
        rule: "syntax",
        what: e.to_string(),
    })?;
    let mut scan = Scan {
        text,
        at: 0,
        line: 1,
        nodes: 0,
    };
    scan.value(0)
}

/// A walk over valid JSON.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    nodes: usize,
}

impl Scan<'_> {
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                other => return *other,
            }
            self.at += 1;
        }
        0
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == byte;
        self.at += usize::from(there);
        there
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while *bytes.get(self.at)? != b'"' {
            self.at += if bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }

    fn value(&mut self, depth: usize) -> Result<Item, Fault> {
        let first = self.peek();
        let line = self.line;
        let fault = |rule, what: usize| Fault {
            line,
            rule,
            what: what.to_string(),
        };
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(fault("too-complex", MAX_NODES));
        }
        let value = match first {
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                while self.peek() == b'"' {
                    let line = self.line;
                    let name = self.string().ok_or_else(|| fault("syntax", 0))?;
                    self.take(b':');
                    let item = self.value(depth + 1)?;
                    members.push(Member { name, line, item });
                    self.take(b',');
                }
                self.take(b'}');
                Value::Map(members)
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while !matches!(self.peek(), b']' | 0) {
                    items.push(self.value(depth + 1)?);
                    self.take(b',');
                }
                self.take(b']');
                Value::List(items)
            }
            b'"' => Value::Text {
                text: self.string().ok_or_else(|| fault("syntax", 0))?,
                plain: false,
            },
            _ => {
                let start = self.at;
                let rest = &self.text[start..];
                let end = rest.find([',', ']', '}', ' ', '\t', '\r', '\n']);
                self.at += end.unwrap_or(rest.len()).max(1);
                Value::Text {
                    text: self.text[start..self.at].to_owned(),
                    plain: true,
                }
            }
        };
        Ok(Item::new(line, value))
    }
}
