//! Files and pictures as records mention them.

use serde_json::Value as Json;

use super::problem::Report;
use super::values::{self, line, only, optional, prose, required, target, texts, wrong_type};
use super::written::{Object, Written};

/// A file as the record mentions it (row 31); the list with hashes is the version's content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileNote {
    /// Relative path; empty for a file that is elsewhere.
    pub path: String,
    /// Media type, empty when unknown.
    pub media_type: String,
    /// Size in bytes.
    pub size: u64,
    /// Where it is, for a file that is elsewhere.
    pub url: Option<String>,
    /// Where it can be embedded from.
    pub embed: Option<String>,
    /// SHA-256 as the record states it, 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// Software Heritage id, `swh:1:cnt:…`.
    pub swhid: Option<String>,
    /// Bits per second, as the record states it.
    pub bitrate: Option<String>,
}

/// A picture that stands for the item (row 34).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Its address, or its path among the item's files.
    pub url: String,
    /// What it shows, per language.
    pub alt: Vec<(String, String)>,
}

pub(super) fn file(value: &Json, at: &str, report: &mut Report) -> Option<FileNote> {
    let Json::Object(object) = value else {
        wrong_type(value, at, "{path, type, size}", report);
        return None;
    };
    let elsewhere = object.contains_key("url") || object.contains_key("embed");
    // A path may be longer than a line; the path rule of resources is stricter than this one.
    let path = if elsewhere {
        optional(object, "path", at, prose, report).unwrap_or_default()
    } else {
        required(object, "path", at, prose, report)?
    };
    let media_type = match object.get("type") {
        Some(value) => line(value, &format!("{at}.type"), report)?,
        None => String::new(),
    };
    let size = object.get("size").and_then(Json::as_u64).unwrap_or(0);
    Some(FileNote {
        path,
        media_type,
        size,
        url: optional(object, "url", at, target, report),
        embed: optional(object, "embed", at, target, report),
        sha256: optional(object, "sha256", at, sha256, report),
        swhid: optional(object, "swhid", at, target, report),
        bitrate: optional(object, "bitrate", at, line, report),
    })
}

fn sha256(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?.to_ascii_lowercase();
    if written.len() == 64 && written.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(written);
    }
    report.problem(at, "is not a SHA-256", "write its 64 hexadecimal digits");
    None
}

/// An address, or a path that stays among the item's files.
fn address(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    let inside = !written.contains([':', '\\', '<', '>', '"'])
        && !written.starts_with('/')
        && !written.split('/').any(|part| part == "..");
    if inside {
        return Some(written);
    }
    target(value, at, report)
}

pub(super) fn image(value: &Json, at: &str, report: &mut Report) -> Option<Image> {
    let Json::Object(object) = value else {
        return address(value, at, report).map(|url| Image {
            url,
            alt: Vec::new(),
        });
    };
    let url = required(object, "url", at, address, report);
    let alt = texts(object, "alt", at, values::prose, report);
    only(object, &["url", "alt"], at, report);
    Some(Image { url: url?, alt })
}

impl Written for FileNote {
    fn written(&self) -> Json {
        let object = Object::default();
        let object = if self.url.is_some() || self.embed.is_some() {
            object.text("path", &self.path)
        } else {
            object.with("path", &self.path)
        };
        object
            .text("type", &self.media_type)
            .with("size", &self.size)
            .maybe("url", &self.url)
            .maybe("embed", &self.embed)
            .maybe("sha256", &self.sha256)
            .maybe("swhid", &self.swhid)
            .maybe("bitrate", &self.bitrate)
            .done()
    }
}

impl Written for Image {
    fn written(&self) -> Json {
        Object::default()
            .with("url", &self.url)
            .texts("alt", &self.alt)
            .done()
    }
}
