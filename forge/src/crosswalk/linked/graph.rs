//! Documents in which things refer to one another by `@id`, as pages have them.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

/// The deepest that references are followed: a course has an author, who has an affiliation.
const MAX_DEPTH: usize = 3;
/// The most references that are followed in one record.
const MAX_FOLLOWED: usize = 100;

/// A record whose references to other nodes of its document are replaced by these.
pub(in super::super) fn resolved(
    record: &Map<String, Json>,
    nodes: &HashMap<String, Map<String, Json>>,
) -> Map<String, Json> {
    let mut left = MAX_FOLLOWED;
    follow(record, nodes, 0, &mut left)
}

fn follow(
    object: &Map<String, Json>,
    nodes: &HashMap<String, Map<String, Json>>,
    depth: usize,
    left: &mut usize,
) -> Map<String, Json> {
    let members = object.iter();
    members
        .map(|(name, value)| (name.clone(), one(value, nodes, depth, left)))
        .collect()
}

fn one(
    value: &Json,
    nodes: &HashMap<String, Map<String, Json>>,
    depth: usize,
    left: &mut usize,
) -> Json {
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
                Some(node) if depth < MAX_DEPTH && *left > 0 => {
                    *left -= 1;
                    Json::Object(follow(node, nodes, depth + 1, left))
                }
                _ if depth < MAX_DEPTH => Json::Object(follow(object, nodes, depth, left)),
                _ => value.clone(),
            }
        }
        other => other.clone(),
    }
}
