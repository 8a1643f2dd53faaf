//! Microdata (`itemscope`, `itemprop`) as the JSON that JSON-LD would have been. One pass with a stack.

use serde_json::{Map, Value as Json};

use super::page::{Tag, next, raw};
use crate::resource::html::{push_text, to_text};

/// Elements without an end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// The deepest nesting of elements that is followed.
const MAX_OPEN: usize = 256;
/// The most things in a page, and members of one thing.
const MAX_THINGS: usize = 200;
/// The longest text of a property, in bytes.
const MAX_TEXT: usize = 20_000;
/// What all values of a page may take together, in bytes: a text is the value of everything that is open around it, so
/// that a small page can say much.
const MAX_ADDED: usize = 4 << 20;
/// What a value takes beside its name and its text, in bytes.
const VALUE: usize = 64;

/// An element that is open.
struct Open {
    name: String,
    /// The properties that its text is the value of.
    property: Vec<String>,
    text: String,
    /// The thing that begins here.
    thing: Option<Map<String, Json>>,
}

/// The things of a page that are of no other thing.
pub(super) fn read(text: &str) -> Vec<Map<String, Json>> {
    let mut things: Vec<Map<String, Json>> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut room = MAX_ADDED;
    let mut rest = text;
    while let Some((before, tag, after)) = next(rest) {
        rest = after;
        spoken(&mut open, before);
        if tag.closing {
            // What was not closed is closed with what it is in.
            if let Some(at) = open.iter().rposition(|element| element.name == tag.name) {
                while open.len() > at {
                    close(&mut open, &mut things, &mut room);
                }
            }
            continue;
        }
        if matches!(
            tag.name.as_str(),
            "script" | "style" | "template" | "noscript"
        ) {
            rest = raw(rest, &tag.name).1;
            continue;
        }
        let element = opened(&tag);
        let void = VOID.contains(&tag.name.as_str()) || tag.inside.trim_end().ends_with('/');
        if open.len() >= MAX_OPEN {
            return things;
        }
        open.push(element);
        if let Some(value) = attribute(&tag) {
            let here = open.len() - 1;
            let names = std::mem::take(&mut open[here].property);
            add(&mut open[..here], &names, Json::from(value), &mut room);
        }
        if void {
            close(&mut open, &mut things, &mut room);
        }
        if things.len() >= MAX_THINGS {
            return things;
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut things, &mut room);
    }
    things
}

/// Text goes to every property that is open.
fn spoken(open: &mut [Open], text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let bare = text.contains("<!--").then(|| to_text(text));
    let text = bare.as_deref().unwrap_or(text);
    for element in open
        .iter_mut()
        .filter(|e| !e.property.is_empty() && e.thing.is_none())
    {
        if element.text.len() + text.len() <= MAX_TEXT {
            push_text(text, &mut element.text);
        }
    }
}

fn opened(tag: &Tag<'_>) -> Open {
    let property = tag.attribute("itemprop").unwrap_or_default();
    let property: Vec<String> = property
        .split_whitespace()
        .take(5)
        .map(str::to_owned)
        .collect();
    let thing = tag.attribute("itemscope").map(|_| {
        let mut thing = Map::new();
        let classes = tag.attribute("itemtype").unwrap_or_default();
        let classes = classes.split_whitespace().take(5);
        let classes: Vec<Json> = classes.map(Json::from).collect();
        if !classes.is_empty() {
            thing.insert("@type".into(), classes.into());
        }
        if let Some(id) = tag.attribute("itemid") {
            thing.insert("@id".into(), id.into());
        }
        thing
    });
    Open {
        name: tag.name.clone(),
        property,
        text: String::new(),
        thing,
    }
}

/// The value that an attribute gives, as HTML says by element.
fn attribute(tag: &Tag<'_>) -> Option<String> {
    tag.attribute("itemprop")?;
    if tag.attribute("itemscope").is_some() {
        return None;
    }
    let name = match tag.name.as_str() {
        "meta" => "content",
        "a" | "area" | "link" => "href",
        "audio" | "embed" | "iframe" | "img" | "source" | "track" | "video" => "src",
        "object" => "data",
        "data" | "meter" => "value",
        "time" => "datetime",
        _ => "content",
    };
    tag.attribute(name)
}

/// Adds a value to the thing that the properties are of, while there is room.
fn add(open: &mut [Open], names: &[String], value: Json, room: &mut usize) {
    let Some(thing) = open
        .iter_mut()
        .rev()
        .find_map(|element| element.thing.as_mut())
    else {
        return;
    };
    // A thing is moved, never copied: one inside another inside another would double with each name.
    let names = match value {
        Json::Object(_) => names.get(..1).unwrap_or_default(),
        _ => names,
    };
    let Some((last, others)) = names.split_last() else {
        return;
    };
    for name in others {
        put(thing, name, value.clone(), room);
    }
    put(thing, last, value, room);
}

fn put(thing: &mut Map<String, Json>, name: &str, value: Json, room: &mut usize) {
    let size = VALUE + name.len() + value.as_str().map_or(0, str::len);
    if thing.len() >= MAX_THINGS || *room < size {
        return;
    }
    *room -= size;
    match thing.get_mut(name) {
        None => {
            thing.insert(name.to_owned(), value);
        }
        Some(Json::Array(list)) if list.len() < MAX_THINGS => list.push(value),
        Some(Json::Array(_)) => {}
        Some(one) => {
            let first = std::mem::take(one);
            *one = Json::Array(vec![first, value]);
        }
    }
}

fn close(open: &mut Vec<Open>, things: &mut Vec<Map<String, Json>>, room: &mut usize) {
    let Some(element) = open.pop() else { return };
    match element.thing {
        Some(thing) if element.property.is_empty() => things.push(thing),
        Some(thing) => {
            let alone = !open.iter().any(|outer| outer.thing.is_some());
            match alone {
                true => things.push(thing),
                false => add(open, &element.property, Json::Object(thing), room),
            }
        }
        None if element.property.is_empty() => {}
        None => {
            let text = element.text.trim();
            if !text.is_empty() {
                add(open, &element.property, Json::from(text), room);
            }
        }
    }
}
