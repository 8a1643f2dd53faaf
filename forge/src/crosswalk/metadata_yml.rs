//! `metadata.yml`: AMB as YAML, beside the files of a course in Git or as the front matter of a Markdown page
//! (<https://oersi.org/>, the OER community's pages).
//!
//! What people write is seldom valid AMB: `@context` and `type` as texts, licences and concepts as bare addresses, people
//! without `name`. All of that is taken, with a warning. Texts are in the language of the content where no other is
//! named. A stream of several documents (`---` between them) is as many records. What is written is valid AMB, spelt in
//! YAML.

mod yaml;

use commun_specs::metadata::View;
use serde_json::Value as Json;

use super::linked::{self, Dialect};
use super::{Origin, Read, Written, amb, json, schema_org::Item};
use crate::component;
use crate::problem::{Problem, Severity};

pub use super::linked::Place;

/// The media type of documents (RFC 9512).
pub const MEDIA_TYPE: &str = "application/yaml";
/// The name of the file.
pub const NAME: &str = "metadata.yml";

/// The YAML before the text of a page: between its first line, `---`, and the next such line. Nothing where a document does
/// not begin so.
pub fn front_matter(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("---")?;
    let rest = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Some(&rest[..at]);
        }
        at += line.len();
    }
    None
}

/// The documents of a stream of YAML that say something, each without the line before it. Of a page with YAML before its
/// text it is that one alone.
fn documents<'a>(text: &'a str, origin: &Origin) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let begins = bare == "---" || bare.starts_with("--- ");
        if begins || bare == "..." {
            all.push(&text[start..at]);
            start = at + "---".len();
        }
        at += line.len();
    }
    all.push(&text[start.min(text.len())..]);
    let says = |document: &&str| {
        let lines = document.lines().map(str::trim_start);
        let mut lines = lines.filter(|line| !line.is_empty());
        lines.any(|line| !line.starts_with(['#', '%']))
    };
    all.retain(says);
    // What follows the front matter of a page is its text, whatever it looks like.
    if front_matter(text).is_some() && !is_stream(&all, origin) {
        all.truncate(1);
    }
    all
}

/// Whether documents that begin like a page with its front matter are a stream of records. The name of the file tells;
/// without one, each of them must be a record by itself.
fn is_stream(documents: &[&str], origin: &Origin) -> bool {
    let name = origin.name.as_deref().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if ends(&[".yml", ".yaml"]) {
        return true;
    }
    !ends(&[".md", ".markdown", ".qmd", ".rmd", ".mdx"])
        && documents.iter().skip(1).all(|document| is_record(document))
}

/// Whether a document is a record: YAML that names something at its top, and no text besides.
fn is_record(document: &str) -> bool {
    if document.len() > json::MAX_RECORD {
        return false;
    }
    let named = |members: &serde_json::Map<String, Json>| {
        ["name", "title", "id", "@id", "@context", "creator"]
            .iter()
            .any(|name| members.contains_key(*name))
    };
    let read = component::yaml(document);
    matches!(read, Ok((Json::Object(members), _)) if named(&members))
}

/// Reads the first record of a document: YAML, or a page with YAML before its text. That there are more is told.
///
/// # Errors
/// The one reason why nothing comes in: not UTF-8, not YAML, no title.
pub fn read(bytes: &[u8], origin: &Origin) -> Read {
    let text = json::decode(bytes)?;
    let documents = documents(text, origin);
    let mut reading = one(documents.first().copied().unwrap_or_default(), origin)?;
    if documents.len() > 1 {
        let more = (documents.len() - 1).to_string();
        let told = Problem::new(Severity::Warning, "yaml-more-documents", "", &more, "");
        reading.problems.push(told);
    }
    Ok(reading)
}

/// Reads all records of a stream of documents, one of each.
///
/// # Errors
/// Not UTF-8, or too many.
pub fn records(bytes: &[u8], origin: &Origin) -> Result<Vec<Item>, Box<Problem>> {
    let text = json::decode(bytes)?;
    let documents = documents(text, origin);
    if documents.len() > json::MAX_RECORDS {
        let most = json::MAX_RECORDS.to_string();
        return Err(json::problem("too-many-records", "", &most));
    }
    if documents.len() < 2 {
        let read = one(documents.first().copied().unwrap_or_default(), origin);
        return Ok(vec![Item {
            place: String::new(),
            original: bytes.to_vec(),
            read,
        }]);
    }
    let items = documents
        .into_iter()
        .enumerate()
        .map(|(at, document)| Item {
            place: format!("document {}", at + 1),
            original: document.trim_start_matches(['\r', '\n']).into(),
            read: one(document, origin),
        });
    Ok(items.collect())
}

/// Reads one document.
fn one(text: &str, origin: &Origin) -> Read {
    if text.len() > json::MAX_RECORD {
        let size = text.len().to_string();
        let most = json::MAX_RECORD.to_string();
        return Err(json::problem("json-too-large", &size, &most));
    }
    let (value, problems) = component::yaml(text)?;
    let Json::Object(record) = value else {
        return Err(json::problem("not-an-object", "", ""));
    };
    let mut problems = problems;
    problems.extend(amb::check(&record, Severity::Warning));
    let context = record.get("@context").unwrap_or(&Json::Null);
    let spoken = record.get("inLanguage").map(|tags| match tags {
        Json::Array(list) => list.first().unwrap_or(&Json::Null),
        one => one,
    });
    let lang = amb::language(context).or_else(|| spoken?.as_str());
    amb::understood(&record, problems, lang, origin)
}

/// Writes one record, and says what it does not carry.
pub fn write(view: &View, place: Place<'_>) -> Written {
    let (document, losses) = linked::write(view, place, Dialect::Amb);
    Written {
        bytes: yaml::document(document).into_bytes(),
        losses,
    }
}

#[cfg(test)]
mod tests;
