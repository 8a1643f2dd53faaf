//! schema.org's LearningResource, Course, VideoObject… in JSON-LD, alone or in pages (<https://schema.org/LearningResource>,
//! LRMI). Which property is which field: the table in `linked.rs`.
//!
//! Reading: pages are searched for `<script type="application/ld+json">` and microdata, and nothing in them is run or
//! fetched. Things that refer to one another by `@id` are put together. What describes the page and its site is left
//! out.
//!
//! Writing: every language, and every property that schema.org has a name for. It may stand in a `script` element as it
//! is: nothing in it ends the element or begins a comment.

mod microdata;
mod page;

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use commun_specs::metadata::View;
use serde_json::{Map, Value as Json};

use super::linked::{self, Dialect, Reader, Referred, Resolved};
use super::{Origin, Read, Written, amb, json};
use crate::problem::{Problem, Severity};

pub use super::linked::Place;

/// The scheme's name in the provenance of values.
pub const SCHEME: &str = "schemaorg";
/// The media type of documents.
pub const MEDIA_TYPE: &str = "application/ld+json";
/// The most resources that one page describes; more is a catalogue, which has better forms.
const MAX_IN_PAGE: usize = 50;

/// A record of a document.
#[derive(Debug)]
pub struct Item {
    /// Its place in the document.
    pub place: String,
    /// Its bytes; those of the page where it is alone in it.
    pub original: Vec<u8>,
    /// What was understood.
    pub read: Read,
}

/// Reads the first record of a document.
///
/// # Errors
/// The one reason why nothing comes in.
pub fn read(bytes: &[u8], origin: &Origin) -> Read {
    match records(bytes, origin)?.into_iter().next() {
        Some(item) => item.read,
        None => Err(json::problem("no-records", "", "LearningResource")),
    }
}

/// Classes of what describes resources.
const WORKS: &str = "LearningResource Course CourseInstance CreativeWork Article ScholarlyArticle TechArticle Book Chapter \
Clip Collection Dataset DataDownload DigitalDocument TextDigitalDocument PresentationDigitalDocument \
SpreadsheetDigitalDocument VideoObject AudioObject MediaObject PodcastEpisode PodcastSeries Quiz Game VideoGame HowTo \
Guide Map Movie Painting Photograph Poster Report SheetMusic SoftwareApplication SoftwareSourceCode WebApplication \
MobileApplication Thesis VisualArtwork Syllabus EducationalOccupationalProgram MathSolver 3DModel Drawing Episode Manuscript \
ImageGallery VideoGallery BookSeries Play ShortStory ExercisePlan";
/// Classes of pages, which are resources only where nothing else is, and which teach.
const PAGES: &str = "WebPage ItemPage ImageObject BlogPosting NewsArticle Blog WebContent";

fn is(classes: &[&str], list: &str) -> bool {
    classes
        .iter()
        .any(|class| list.split_whitespace().any(|known| known == *class))
}

/// Whether classes are those of something that may be a resource.
pub(super) fn is_work(classes: &[&str]) -> bool {
    is(classes, WORKS) || is(classes, PAGES)
}

/// A node of a document, while it is told what it is.
struct Node<'a> {
    place: String,
    part: Option<json::Part<'a>>,
    object: Map<String, Json>,
    /// Shared by all that it is the context of.
    context: Option<Rc<Json>>,
}

/// The address of a thing, in schema.org's way or AMB's. Names within a page are none: they may be used again.
fn id<'a>(node: &'a Node<'_>) -> Option<&'a str> {
    let id = linked::get(&node.object, "@id").or(linked::get(&node.object, "id"));
    let id = id.and_then(Json::as_str);
    id.filter(|id| id.starts_with("https://") || id.starts_with("http://"))
}

/// Its name in each language: a catalogue may give the page's address to each of its courses.
fn names<'a>(node: &'a Node<'_>) -> Vec<&'a str> {
    let name = linked::get(&node.object, "name");
    let all = name.map_or(&[][..], |name| match name {
        Json::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    });
    let texts = all.iter().map(|name| name.get("@value").unwrap_or(name));
    texts.filter_map(Json::as_str).collect()
}

/// All records of a document: JSON-LD (an object, a list, `@graph`, one per line) or a page.
///
/// # Errors
/// The one reason why nothing comes in.
pub fn records(bytes: &[u8], origin: &Origin) -> Result<Vec<Item>, Box<Problem>> {
    if json::is_json(bytes) {
        return in_json(bytes, origin);
    }
    let text = page::decode(bytes)?;
    if !text.trim_start().starts_with('<') {
        return Err(
            Problem::new(Severity::Error, "not-this-format", "", "", "JSON-LD, HTML").into(),
        );
    }
    in_page(&text, bytes, origin)
}

fn in_json(bytes: &[u8], origin: &Origin) -> Result<Vec<Item>, Box<Problem>> {
    let parts = json::parts(bytes)?;
    // One object per line, or a list of records: each stands for itself, and one that is broken is reported.
    let graph = parts.iter().any(|part| part.context.is_some());
    if !graph {
        let items = parts.iter().map(|part| Item {
            place: part.place.clone(),
            original: part.whole(),
            read: json::object(part.bytes).and_then(|object| {
                let context = object.get("@context").cloned();
                let whole = linked::alone(object);
                understood(&whole, context.as_ref(), None, origin)
            }),
        });
        return Ok(items.collect());
    }
    let mut items = Vec::new();
    let mut nodes = Vec::new();
    let context = shared(&parts);
    for part in parts {
        match json::object(part.bytes) {
            Ok(object) => nodes.push(Node {
                place: part.place.clone(),
                part: Some(part),
                object,
                context: context.clone(),
            }),
            Err(problem) => items.push(Item {
                place: part.place.clone(),
                original: part.whole(),
                read: Err(problem),
            }),
        }
    }
    items.extend(chosen(nodes, None, origin));
    if items.is_empty() {
        return Err(json::problem("no-records", "", "LearningResource"));
    }
    Ok(items)
}

/// The context beside the graph that all parts are of, read once.
fn shared(parts: &[json::Part<'_>]) -> Option<Rc<Json>> {
    let context = parts.iter().find_map(|part| part.context)?;
    serde_json::from_slice(context).ok().map(Rc::new)
}

fn in_page(text: &str, bytes: &[u8], origin: &Origin) -> Result<Vec<Item>, Box<Problem>> {
    let page = page::read(text);
    let mut nodes = Vec::new();
    let mut broken = None;
    let mut left = 0;
    for (at, block) in page.blocks.iter().enumerate() {
        let parts = match json::parts(block.as_bytes()) {
            Ok(parts) => parts,
            Err(problem) => {
                broken.get_or_insert((at, problem));
                continue;
            }
        };
        let context = shared(&parts);
        for part in parts {
            // Of all blocks together: each may have a context of its own, which is kept with each node.
            if nodes.len() >= MAX_IN_PAGE * 10 {
                left += 1;
                continue;
            }
            match json::object(part.bytes) {
                Ok(object) => {
                    let own = || object.get("@context").cloned().map(Rc::new);
                    let context = context.clone().or_else(own);
                    nodes.push(Node {
                        place: format!("script[{at}]{}", part.place),
                        part: Some(part),
                        object,
                        context,
                    });
                }
                Err(problem) => {
                    broken.get_or_insert((at, problem));
                }
            }
        }
    }
    if nodes.is_empty() {
        let found = microdata::read(text);
        nodes.extend(found.into_iter().enumerate().map(|(at, object)| Node {
            place: format!("microdata[{at}]"),
            part: None,
            object,
            context: None,
        }));
    }
    let mut items = chosen(nodes, Some(&page), origin);
    left += items.len().saturating_sub(MAX_IN_PAGE);
    items.truncate(MAX_IN_PAGE);
    if let Some(Ok(reading)) = items
        .last_mut()
        .map(|item| &mut item.read)
        .filter(|_| left > 0)
    {
        let most = MAX_IN_PAGE.to_string();
        let told = Problem::new(Severity::Warning, "page-left", "", &left.to_string(), &most);
        reading.problems.push(told);
    }
    // What cannot be read beside what can.
    if let (Some((at, problem)), Some(Ok(reading))) =
        (&broken, items.first_mut().map(|item| &mut item.read))
    {
        let why = problem.what("en");
        let told = Problem::new(
            Severity::Warning,
            "page-block-broken",
            &format!("script[{at}]"),
            &why,
            "",
        );
        reading.problems.push(told);
    }
    match items.as_mut_slice() {
        [] => Err(match broken {
            Some((_, problem)) => problem,
            None => json::problem("no-records", "", "LearningResource"),
        }),
        [only] => {
            only.original = bytes.to_vec();
            Ok(items)
        }
        _ => Ok(items),
    }
}

/// The nodes that describe resources, completed by those that they refer to.
fn chosen(nodes: Vec<Node<'_>>, page: Option<&page::Page<'_>>, origin: &Origin) -> Vec<Item> {
    let classes: Vec<Vec<&str>> = nodes
        .iter()
        .map(|node| linked::types(&node.object))
        .collect();
    let teaching = |node: &Node<'_>| {
        [
            "learningResourceType",
            "educationalLevel",
            "teaches",
            "educationalUse",
        ]
        .iter()
        .any(|name| linked::get(&node.object, name).is_some())
    };
    let named = |node: &Node<'_>| {
        ["name", "headline"]
            .iter()
            .any(|name| linked::get(&node.object, name).is_some())
    };
    let best = |at: usize| is(&classes[at], "LearningResource Course") || teaching(&nodes[at]);
    let works = |at: usize| is(&classes[at], WORKS);
    let pages = |at: usize| is(&classes[at], PAGES);
    // The first of these sets that has anything in it: a page has an image and a publisher beside its course.
    let sets: [&dyn Fn(usize) -> bool; 3] = [&best, &works, &pages];
    let of = |set: &dyn Fn(usize) -> bool| -> Vec<usize> {
        let all = 0..nodes.len();
        all.filter(|at| set(*at) && named(&nodes[*at])).collect()
    };
    let found = sets.into_iter().map(of).find(|found| !found.is_empty());
    let mut found = found.unwrap_or_default();
    // A page may say the same in two vocabularies, as ours do: the first of them is the record.
    let mut twice: BTreeMap<usize, String> = BTreeMap::new();
    let told: BTreeSet<usize> = found.iter().copied().collect();
    if page.is_some() {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        found.retain(|at| {
            let node = &nodes[*at];
            let Some(id) = id(node) else { return true };
            let before = *first.entry(id).or_insert(*at);
            let same = before != *at
                && names(node)
                    .iter()
                    .any(|n| names(&nodes[before]).contains(n));
            if same {
                twice.insert(before, node.place.clone());
            }
            !same
        });
    }
    let mut referred = Referred::new();
    for node in &nodes {
        if let Some(part) = &node.part {
            referred.add(&node.object, part.bytes);
        }
    }
    for node in &nodes {
        referred.add_inside(&node.object);
    }
    let mut referred_to: BTreeSet<String> = BTreeSet::new();
    let items = found.into_iter().map(|at| {
        let node = &nodes[at];
        // Itself is no part of what it refers to.
        let Resolved { record, used, all } = referred.resolved(&node.object);
        referred_to.extend(used.iter().cloned());
        let original = match &node.part {
            Some(part) => {
                let used: Vec<&[u8]> = used.iter().filter_map(|id| referred.bytes(id)).collect();
                part.with(&used)
            }
            None => Json::Object(node.object.clone()).to_string().into_bytes(),
        };
        let mut read = understood(&record, node.context.as_deref(), page, origin);
        if let (Ok(reading), false) = (&mut read, all) {
            let most = linked::MAX_FOLLOWED_BYTES.to_string();
            let told = Problem::new(Severity::Warning, "json-references-left", "", "", &most);
            reading.problems.push(told);
        }
        if let (Ok(reading), Some(place)) = (&mut read, twice.get(&at)) {
            let told = Problem::new(Severity::Info, "page-twice", place, "", "");
            reading.problems.push(told);
        }
        Item {
            place: node.place.clone(),
            original,
            read,
        }
    });
    let mut items: Vec<Item> = items.collect();
    // A video beside a course may be meant for itself.
    let others = (0..nodes.len()).filter(|at| works(*at) && named(&nodes[*at]));
    let others = others.filter(|at| !told.contains(at));
    let others = others.map(|at| &nodes[at]).filter(|node| {
        let id = node.object.get("@id").or_else(|| node.object.get("id"));
        !id.and_then(Json::as_str)
            .is_some_and(|id| referred_to.contains(id))
    });
    let mut readings = items.iter_mut().filter_map(|item| item.read.as_mut().ok());
    if let Some(reading) = readings.next() {
        for node in others.take(MAX_IN_PAGE) {
            let name = names(node).first().copied().unwrap_or_default();
            let told = Problem::new(Severity::Warning, "page-beside", &node.place, name, "");
            reading.problems.push(told);
        }
    }
    items
}

/// What an object says of a resource.
fn understood(
    object: &Map<String, Json>,
    context: Option<&Json>,
    page: Option<&page::Page<'_>>,
    origin: &Origin,
) -> Read {
    let classes = linked::types(object);
    if !is(&classes, WORKS) && !is(&classes, PAGES) {
        let given = classes.join(", ");
        return Err(json::problem("no-records", &given, "LearningResource"));
    }
    let lang = context.and_then(amb::language);
    let lang = lang.or_else(|| page.and_then(|page| page.lang.as_deref()));
    let mut reader = Reader::new(SCHEME, origin, lang);
    reader.record(object);
    let mut reading = reader.finish();
    if reading.record.title.is_empty() {
        return Err(Problem::new(Severity::Error, "no-title", "name", "", "").into());
    }
    if let (None, Some(url)) = (&reading.id, page.and_then(|page| page.canonical.as_deref())) {
        reading.id = super::draft::address(url);
        if reading.id.is_some() {
            reading.problems.retain(|p| p.rule != "no-identifier");
        }
    }
    Ok(reading)
}

/// Writes one record as JSON-LD, and says what it does not carry.
pub fn write(view: &View, place: Place<'_>) -> Written {
    linked::written(view, place, Dialect::SchemaOrg)
}

#[cfg(test)]
mod tests;
