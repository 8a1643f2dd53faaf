//! What is compared of an item: taken apart once, kept small.

use serde::{Deserialize, Serialize};

use super::{
    description::sketch, identifier::normalise, key, name::Name, title::Title, words::primary,
};
use crate::metadata::{Creator, View};

/// Titles that are compared: one per language.
const MAX_TITLES: usize = 6;
/// Identifiers that are compared.
const MAX_IDENTIFIERS: usize = 30;
/// Descriptions that are compared: one per language.
const MAX_DESCRIPTIONS: usize = 3;
/// Files that are compared: the largest.
const MAX_FILES: usize = 16;
/// A smaller file (a logo, a licence) says nothing, in bytes.
const MIN_FILE: u64 = 1_024;

/// What an item holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The hash of its file list, where it has files.
    pub list: Option<String>,
    /// The hash of the record that it was imported from.
    pub original: Option<String>,
    /// Hash and size of its files, where the list is known; [`Content::files`] keeps the largest.
    files: Vec<(String, u64)>,
    /// Bytes of all of them.
    bytes: u64,
}

impl Content {
    /// Content without files.
    pub fn new(list: Option<String>, original: Option<String>) -> Self {
        Self {
            list,
            original,
            ..Self::default()
        }
    }

    /// Adds its files: hash and size.
    pub fn files(&mut self, files: impl IntoIterator<Item = (String, u64)>) {
        let mut all: Vec<(String, u64)> = Vec::new();
        for (hash, size) in files {
            self.bytes = self.bytes.saturating_add(size);
            if size >= MIN_FILE {
                all.push((hash, size));
            }
        }
        all.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        all.dedup();
        all.truncate(MAX_FILES);
        self.files = all;
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        // The largest three: whoever shares nine tenths of the bytes shares one of them, but for a crowd of equal files.
        let files = self.files.iter().take(3).map(|(hash, _)| hash);
        self.list.iter().chain(&self.original).chain(files)
    }

    /// The share of the bytes that two have in common, 0 to 1.
    pub(super) fn common(&self, other: &Content) -> f64 {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        if same(&self.list, &other.list) || same(&self.original, &other.original) {
            return 1.0;
        }
        let shared = self.files.iter().filter(|file| other.files.contains(file));
        let shared: u64 = shared.map(|(_, size)| size).sum();
        match self.bytes.max(other.bytes) {
            0 => 0.0,
            all => shared as f64 / all as f64,
        }
    }
}

/// What is known of an item besides its metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// By what others may call it in their metadata: its id, `handle/slug`.
    pub own: Vec<String>,
    /// Identifiers by which it is given out: that of its record for harvesters.
    pub identifiers: Vec<String>,
    /// Items that are known to be related to it: what it was made from.
    pub links: Vec<String>,
    /// What it holds.
    pub content: Content,
}

/// An item as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub(super) titles: Vec<Title>,
    pub(super) names: Vec<Name>,
    /// Primary languages of the content.
    pub(super) languages: Vec<String>,
    pub(super) levels: Vec<String>,
    pub(super) identifiers: Vec<String>,
    pub(super) content: Content,
    /// Sketches of its descriptions, by language.
    pub(super) descriptions: Vec<(String, Vec<u32>)>,
    /// By what others may call it in their metadata: its id, `handle/slug`.
    pub(super) own: Vec<String>,
    /// What its metadata relate it to: no offer is made of what is said already.
    pub(super) links: Vec<String>,
}

impl Sheet {
    /// Takes an item's metadata apart.
    pub fn of(view: &View, about: About) -> Sheet {
        let mut titles: Vec<Title> = Vec::new();
        for (lang, text) in view.titles.iter().take(MAX_TITLES) {
            let lang = match (lang.as_str(), view.languages.as_slice()) {
                // What is in no language is most likely in that of the content.
                ("und", [only]) => only,
                _ => lang,
            };
            titles.push(Title::of(lang, text));
        }
        let mut languages: Vec<String> = view
            .languages
            .iter()
            .map(|l| primary(l).to_owned())
            .collect();
        languages.sort();
        languages.dedup();
        languages.retain(|l| l != "und" && l != "zxx");
        let mut identifiers: Vec<String> = Vec::new();
        let written = view
            .aliases
            .iter()
            .map(String::as_str)
            .chain(view.identifiers.iter().map(|id| id.entry.as_str()))
            .chain(
                view.links
                    .iter()
                    .filter(|l| l.kind == "location")
                    .map(|l| l.url.as_str()),
            )
            .chain(
                view.records
                    .iter()
                    .flat_map(|notice| notice.identifiers.iter())
                    .map(|id| id.entry.as_str()),
            )
            .chain(about.identifiers.iter().map(String::as_str));
        for id in written.filter_map(normalise) {
            if identifiers.len() < MAX_IDENTIFIERS && !identifiers.contains(&id) {
                identifiers.push(id);
            }
        }
        identifiers.sort();
        let mut links = about.links;
        links.extend(view.aliases.iter().cloned());
        links.extend(
            view.relations
                .iter()
                .map(|relation| relation.target.clone()),
        );
        for link in &mut links {
            if let Some(rest) = link.strip_prefix("commun://") {
                *link = rest.to_owned();
            }
        }
        // Items are called by their names and ids; what has a scheme is something outside.
        links.retain(|link| !link.is_empty() && !link.contains(':'));
        links.sort();
        links.dedup();
        let descriptions = view.descriptions.iter().take(MAX_DESCRIPTIONS);
        let descriptions =
            descriptions.map(|(lang, text)| (primary(lang).to_owned(), sketch(text)));
        Sheet {
            titles,
            names: Name::all(&authors(view)),
            languages,
            levels: view.levels.clone(),
            identifiers,
            content: about.content,
            descriptions: descriptions
                .filter(|(_, sketch)| !sketch.is_empty())
                .collect(),
            own: about.own,
            links,
        }
    }

    /// The keys by which sheets that may be alike are found.
    pub fn keys(&self) -> Vec<u64> {
        key::keys(self)
    }
}

/// Who made it: creators, else those who contributed as authors.
fn authors(view: &View) -> Vec<Creator> {
    if !view.creators.is_empty() {
        return view.creators.clone();
    }
    let author = |c: &&Creator| c.role.as_deref() == Some("author");
    view.contributors.iter().filter(author).cloned().collect()
}
