//! Documents in which things refer to one another by `@id`, as pages have them.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

/// The deepest that references are followed: a course has an author, who has an affiliation.
const MAX_DEPTH: usize = 3;
/// The most references that are followed in one record.
const MAX_FOLLOWED: usize = 100;
/// What may be put in the place of references in all records of a document, in bytes.
pub(in super::super) const MAX_FOLLOWED_BYTES: usize = 32 << 20;

/// The nodes of a document that others refer to, each with its bytes in the document.
type Nodes = HashMap<String, (Map<String, Json>, usize)>;

/// What the records of a document refer to, and how much of it they may still take.
pub(in super::super) struct Referred {
    nodes: Nodes,
    bytes: usize,
}

/// What may still be followed.
struct Left {
    /// In this record.
    count: usize,
    /// In the document.
    bytes: usize,
    /// Whether there was a reference to more.
    out: bool,
}

impl Referred {
    /// Nothing yet.
    pub(in super::super) fn new() -> Referred {
        Referred {
            nodes: HashMap::new(),
            bytes: MAX_FOLLOWED_BYTES,
        }
    }

    /// Adds a node that has an address, with its size in bytes.
    pub(in super::super) fn add(&mut self, id: &str, node: &Map<String, Json>, bytes: usize) {
        self.nodes.insert(id.to_owned(), (node.clone(), bytes));
    }

    /// A record whose references to other nodes of its document are replaced by these; whether the document's room for
    /// that was enough.
    pub(in super::super) fn resolved(
        &mut self,
        record: &Map<String, Json>,
    ) -> (Map<String, Json>, bool) {
        let mut left = Left {
            count: MAX_FOLLOWED,
            bytes: self.bytes,
            out: false,
        };
        let whole = follow(record, &self.nodes, 0, &mut left);
        self.bytes = left.bytes;
        (whole, !left.out)
    }
}

fn follow(
    object: &Map<String, Json>,
    nodes: &Nodes,
    depth: usize,
    left: &mut Left,
) -> Map<String, Json> {
    let members = object.iter();
    members
        .map(|(name, value)| (name.clone(), one(value, nodes, depth, left)))
        .collect()
}

fn one(value: &Json, nodes: &Nodes, depth: usize, left: &mut Left) -> Json {
    match value {
        Json::Array(list) => list
            .iter()
            .map(|item| one(item, nodes, depth, left))
            .collect(),
        Json::Object(object) => {
            // A reference says nothing but what it refers to.
            let id = match object.len() {
                1 => super::read::id(object),
                _ => None,
            };
            match id.and_then(|id| nodes.get(id)) {
                Some((_, bytes)) if depth < MAX_DEPTH && left.count > 0 && left.bytes < *bytes => {
                    left.out = true;
                    value.clone()
                }
                Some((node, bytes)) if depth < MAX_DEPTH && left.count > 0 => {
                    left.count -= 1;
                    left.bytes -= bytes;
                    Json::Object(follow(node, nodes, depth + 1, left))
                }
                _ if depth < MAX_DEPTH => Json::Object(follow(object, nodes, depth, left)),
                _ => value.clone(),
            }
        }
        other => other.clone(),
    }
}
