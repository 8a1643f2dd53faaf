//! Documents in which things refer to one another by `@id`, as pages and graphs have them. References are followed inside
//! the document only, and not for ever.

use std::collections::{BTreeSet, HashMap, HashSet};

use commun_specs::metadata::MAX_LINE_CHARS;
use serde_json::{Map, Value as Json};

use super::read::{each, id};

/// The deepest that references are followed: a course has an author, who has an affiliation.
const MAX_DEPTH: usize = 3;
/// The most references that are followed in one record.
const MAX_FOLLOWED: usize = 100;
/// What may be put in the place of references in all records of a document, in bytes; and what may be kept for that.
pub(in super::super) const MAX_FOLLOWED_BYTES: usize = 32 << 20;
/// What a node takes in memory beyond its bytes, about.
const NODE_BYTES: usize = 1_024;
/// The largest node that others are completed by, in bytes: a person, an organisation.
const MAX_REFERRED: usize = 16 << 10;
/// The most nodes that are remembered for not being kept.
const MAX_WITHOUT: usize = 50_000;
/// The deepest that nodes are looked for inside others.
const MAX_INSIDE: usize = 4;

/// Where a record that is kept has the nodes that it refers to (JSON-LD 1.1, section 4.7).
pub(in super::super) const INCLUDED: &str = "@included";

/// Members whose text is the address of a thing, not the name of one, where the document has that thing.
const THINGS: [&str; 16] = [
    "creator",
    "author",
    "contributor",
    "editor",
    "translator",
    "illustrator",
    "publisher",
    "provider",
    "sourceOrganization",
    "funder",
    "sponsor",
    "copyrightHolder",
    "affiliation",
    "worksFor",
    "isPartOf",
    "hasPart",
];

/// A node that others refer to.
struct Node {
    object: Map<String, Json>,
    bytes: Vec<u8>,
}

/// What the records of a document refer to, and how much of it they may still take.
pub(in super::super) struct Referred {
    nodes: HashMap<String, Node>,
    /// What may still be kept.
    room: usize,
    /// What may still be put in the place of references.
    bytes: usize,
    /// The addresses of nodes that were not kept, as far as there is room for them.
    without: HashSet<String>,
    /// Whether there were more of those.
    more: bool,
}

/// A record with what it refers to.
pub(in super::super) struct Resolved {
    /// The record, with the nodes in the place of the references.
    pub(in super::super) record: Map<String, Json>,
    /// The addresses of those nodes.
    pub(in super::super) used: BTreeSet<String>,
    /// Whether there was room for all of that.
    pub(in super::super) all: bool,
}

/// What may still be followed.
struct Left {
    /// In this record.
    count: usize,
    /// In the document.
    bytes: usize,
    /// Whether there was a reference to more.
    out: bool,
    /// What the record is called, which is not missing in itself.
    own: Option<String>,
    used: BTreeSet<String>,
}

impl Referred {
    /// Nothing yet.
    pub(in super::super) fn new() -> Referred {
        Referred {
            nodes: HashMap::new(),
            room: MAX_FOLLOWED_BYTES,
            bytes: MAX_FOLLOWED_BYTES,
            without: HashSet::new(),
            more: false,
        }
    }

    /// Adds a node that has an address, as it stands in the document.
    pub(in super::super) fn add(&mut self, node: &Map<String, Json>, bytes: &[u8]) {
        let Some(id) = id(node).filter(|_| !is_reference(node)) else {
            return;
        };
        if bytes.len() > MAX_REFERRED || bytes.len() + NODE_BYTES > self.room {
            match self.without.len() < MAX_WITHOUT && id.len() <= MAX_LINE_CHARS {
                true => self.without.insert(id.to_owned()),
                false => std::mem::replace(&mut self.more, true),
            };
            return;
        }
        self.room -= bytes.len() + NODE_BYTES;
        let node = Node {
            object: node.clone(),
            bytes: bytes.to_vec(),
        };
        self.nodes.insert(id.to_owned(), node);
    }

    /// Adds the nodes inside another, which are told once and then referred to.
    pub(in super::super) fn add_inside(&mut self, node: &Map<String, Json>) {
        let mut open: Vec<(&Json, usize)> = node.values().map(|value| (value, 0)).collect();
        while let Some((value, depth)) = open.pop() {
            match value {
                Json::Array(list) => open.extend(list.iter().map(|item| (item, depth))),
                Json::Object(object) => {
                    let known = id(object).is_some_and(|id| self.nodes.contains_key(id));
                    if id(object).is_some() && !known && !is_reference(object) {
                        self.add(object, value.to_string().as_bytes());
                    }
                    if depth < MAX_INSIDE {
                        open.extend(object.values().map(|value| (value, depth + 1)));
                    }
                }
                _ => {}
            }
        }
    }

    /// The bytes of a node.
    pub(in super::super) fn bytes(&self, id: &str) -> Option<&[u8]> {
        self.nodes.get(id).map(|node| node.bytes.as_slice())
    }

    /// A record whose references to other nodes of its document are replaced by these.
    pub(in super::super) fn resolved(&mut self, record: &Map<String, Json>) -> Resolved {
        let mut left = Left {
            count: MAX_FOLLOWED,
            bytes: self.bytes,
            out: false,
            own: id(record).map(str::to_owned),
            used: BTreeSet::new(),
        };
        let none = self.nodes.is_empty() && self.without.is_empty() && !self.more;
        let whole = match none {
            true => record.clone(),
            false => follow(record, self, 0, &mut left),
        };
        self.bytes = left.bytes;
        Resolved {
            record: whole,
            used: left.used,
            all: !left.out,
        }
    }
}

/// A record that stands alone, with the nodes inside it in the place of references to them.
pub(in super::super) fn alone(record: Map<String, Json>) -> Map<String, Json> {
    // Few records tell something once and refer to it: all others stay as they are.
    if !refers_inside(&record) {
        return record;
    }
    let mut referred = Referred::new();
    referred.add_inside(&record);
    referred.resolved(&record).record
}

/// Whether something in a record refers to something else in it.
fn refers_inside(record: &Map<String, Json>) -> bool {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<(&String, &Json)> = record.iter().collect();
    while let Some((name, value)) = open.pop() {
        match value {
            Json::Array(list) => open.extend(list.iter().map(|item| (name, item))),
            Json::Object(object) => {
                if let Some(id) = id(object) {
                    let set = match is_reference(object) {
                        true => &mut wanted,
                        false => &mut told,
                    };
                    set.insert(id);
                }
                open.extend(object);
            }
            Json::String(text) if refers(name, text.trim()) => {
                wanted.insert(text.trim());
            }
            _ => {}
        }
    }
    !wanted.is_disjoint(&told)
}

/// Whether an object says nothing but what it refers to, and of which class that is.
fn is_reference(object: &Map<String, Json>) -> bool {
    let names = ["@id", "id", "@type", "type"];
    id(object).is_some() && object.keys().all(|name| names.contains(&name.as_str()))
}

fn follow(
    object: &Map<String, Json>,
    known: &Referred,
    depth: usize,
    left: &mut Left,
) -> Map<String, Json> {
    let members = object.iter();
    members
        .map(|(name, value)| match name.as_str() {
            // What is kept with a record for its references is none of what it says.
            INCLUDED => (name.clone(), value.clone()),
            _ => (name.clone(), one(name, value, known, depth, left)),
        })
        .collect()
}

fn one(name: &str, value: &Json, known: &Referred, depth: usize, left: &mut Left) -> Json {
    if depth >= MAX_DEPTH {
        return value.clone();
    }
    let target = match value {
        Json::Array(list) => {
            let list = list.iter();
            return list
                .map(|item| one(name, item, known, depth, left))
                .collect();
        }
        Json::Object(object) if !is_reference(object) => {
            return Json::Object(follow(object, known, depth, left));
        }
        Json::Object(object) => id(object),
        Json::String(text) => Some(text.trim()).filter(|text| refers(name, text)),
        _ => None,
    };
    let Some(id) = target else {
        return value.clone();
    };
    let Some(node) = known.nodes.get(id) else {
        let left_out = known.without.contains(id) || (known.more && is_local(id));
        left.out |= left_out && left.own.as_deref() != Some(id);
        return value.clone();
    };
    if left.count == 0 || left.bytes < node.bytes.len() {
        left.out = true;
        return value.clone();
    }
    left.count -= 1;
    left.bytes -= node.bytes.len();
    left.used.insert(id.to_owned());
    let local = is_local(id);
    let mut whole = follow(&node.object, known, depth + 1, left);
    if local {
        // It is told here, and its name leads nowhere outside the document.
        whole.remove("@id");
        whole.remove("id");
    }
    Json::Object(whole)
}

/// Whether an address names something in its document only.
fn is_local(id: &str) -> bool {
    id.starts_with('#') || id.starts_with("_:")
}

/// Whether a text of a member may be the address of a node: one that names something in its document only always is.
fn refers(name: &str, text: &str) -> bool {
    let named = matches!(name, "@id" | "id" | "@type" | "type" | "@context");
    !named && (is_local(text) || THINGS.contains(&name))
}

/// Whether a node is of a class.
pub(in super::super) fn is_of(node: &Map<String, Json>, class: &str) -> bool {
    let written = node.get("@type").or_else(|| node.get("type"));
    let mut classes = written.map_or(&[][..], each).iter();
    classes.any(|one| {
        let text = one.as_str().unwrap_or_default().trim();
        text.rsplit(['/', ':']).next() == Some(class)
    })
}
