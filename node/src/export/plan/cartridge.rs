//! A Common Cartridge of items: their files as web content below their names, what is elsewhere as web links, the members of
//! a collection below its title, and a page with the credits.

use std::collections::BTreeMap;

use commun_forge::{
    attribution::{self, attribution},
    crosswalk::{lom, xml::escaped},
    package::{
        cartridge::{Cartridge, Part},
        write::{Bytes, Member},
    },
    problem::Severity,
};
use commun_specs::{
    files::FileEntry,
    metadata::{Method, View},
};

use super::{Content, Planner, package};
use crate::{
    export::{
        format::{Format, Place},
        select::{Chosen, Selection},
    },
    http::problem::Problem,
    items::Shown,
};

/// Where the page with the credits is.
const CREDITS: &str = "credits.html";

impl Planner<'_> {
    /// The cartridge that the one item came in as: its order, links, quizzes and forums are nowhere else.
    pub(super) fn as_it_came(&mut self, selection: &Selection) -> Result<Option<Content>, Problem> {
        let [one] = selection.items.as_slice() else {
            return Ok(None);
        };
        let item = &*one.item;
        let whole = one.members.is_empty() && selection.left_out().next().is_none();
        let Some(file) = package::stored_cartridge(item).filter(|_| whole) else {
            return Ok(None);
        };
        self.held(item, &file)?;
        self.give(item, &[], Some("imscc"));
        let sources = item.record.sources();
        if sources.iter().any(|src| src.method == Method::Corrected) {
            self.say(item, Severity::Warning, "package-as-came", "");
        }
        Ok(Some(Content::File(file)))
    }

    pub(super) fn cartridge(&mut self, selection: &Selection) -> Result<Content, Problem> {
        let french = self.wish.lang == "fr";
        let (mut parts, mut aside) = (Vec::new(), Vec::new());
        let mut credits = String::new();
        let alone = matches!(selection.items.as_slice(), [one] if one.members.is_empty());
        for chosen in &selection.items {
            // The one item is the cartridge itself: its files need no title of their own above them.
            match (
                selection.items.len(),
                self.part(chosen, &mut aside, &mut credits, alone)?,
            ) {
                (1, Part::Folder { parts: inside, .. }) => parts.extend(inside),
                (_, part) => parts.push(part),
            }
        }
        let (heading, missing, lang) = match french {
            true => ("Crédits et licences", "Absents de cet export", "fr"),
            false => ("Credits and licences", "Not in this export", "en"),
        };
        let left_out = selection
            .left_out()
            .map(|(name, why)| format!("<li>{}: {}</li>\n", escaped(name), escaped(why)));
        let left_out: String = left_out.collect();
        if !left_out.is_empty() {
            credits.push_str(&format!("<h2>{missing}</h2>\n<ul>\n{left_out}</ul>\n"));
        }
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head><meta charset=\"utf-8\"><title>{heading}</title></head>\n<body>\n<h1>{heading}</h1>\n{credits}</body>\n</html>\n"
        );
        parts.push(Part::File {
            title: heading.to_owned(),
            path: CREDITS.to_owned(),
            bytes: Bytes::Here(page.into_bytes()),
        });
        let record = match selection.items.as_slice() {
            [one] => self.manifest(&one.item),
            _ => {
                let view = View {
                    titles: vec![(lang.to_owned(), "Commun".to_owned())],
                    ..View::default()
                };
                lom::write(&view, lom::Place::default(), lom::Profile::Lom).bytes
            }
        };
        let identifier = match selection.items.as_slice() {
            [one] => one.item.id.to_string(),
            many => {
                let mut hash = blake3::Hasher::new();
                for one in many {
                    hash.update(one.item.id.to_string().as_bytes());
                }
                hash.finalize().to_hex()[..32].to_owned()
            }
        };
        let cartridge = Cartridge {
            identifier,
            record,
            parts,
            aside,
        };
        Ok(Content::Members(cartridge.members()))
    }

    /// The record in the manifest.
    fn manifest(&self, item: &Shown) -> Vec<u8> {
        let url = self.address(item);
        let place = lom::Place {
            url: Some(&url),
            institution: Some(self.institution(item)),
        };
        lom::write(&item.view, place, lom::Profile::Lom).bytes
    }

    fn part(
        &mut self,
        chosen: &Chosen,
        aside: &mut Vec<Member<FileEntry>>,
        credits: &mut String,
        alone: bool,
    ) -> Result<Part<FileEntry>, Problem> {
        let item = &*chosen.item;
        let url = self.address(item);
        let place = Place {
            url: &url,
            institution: self.institution(item),
            files: "",
        };
        let written = Format::Lom.write(&item.view, place);
        let losses = written.as_ref().map_or(&[][..], |written| &written.losses);
        self.give(item, losses, None);
        if !alone {
            // The record of the manifest is of the whole; each item has its own beside its files.
            if let Some(written) = self.written(item, Format::SupLomFr)? {
                let path = format!("records/{}/{}.xml", item.handle, item.slug);
                aside.push(Member::here(path, written.bytes));
                self.say(item, Severity::Info, "whole-only", "");
            }
        }
        let credited = (self.crediting)(item)?;
        credits.push_str(&attribution(
            &credited.chain,
            attribution::Format::Html,
            self.wish.lang,
        ));
        let files = self.files(item)?;
        if package::stored_cartridge(item).is_some() {
            self.say(item, Severity::Warning, "package-inside", "");
        }
        let mut parts = folders(item, files);
        for link in item
            .view
            .links
            .iter()
            .filter(|link| link.kind == "location" && is_web(&link.url))
        {
            parts.push(Part::Link {
                title: link.title.clone().unwrap_or_else(|| link.url.clone()),
                url: link.url.clone(),
            });
        }
        if item.repository.is_some() {
            let clone = self.clone_url(item);
            self.say(item, Severity::Warning, "git-elsewhere", &clone);
        }
        if parts.is_empty() && chosen.members.is_empty() {
            // What has neither files nor a place elsewhere is its own page.
            parts.push(Part::Link {
                title: self.title(item),
                url: url.clone(),
            });
        }
        for member in &chosen.members {
            parts.push(self.part(member, aside, credits, false)?);
        }
        Ok(Part::Folder {
            title: self.title(item),
            parts,
        })
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// A folder of files on the way: its folders and files by name.
#[derive(Default)]
struct Folder<'a> {
    folders: BTreeMap<&'a str, Folder<'a>>,
    files: BTreeMap<&'a str, &'a FileEntry>,
}

/// The files of an item as parts, folders as titles.
fn folders(item: &Shown, files: &[FileEntry]) -> Vec<Part<FileEntry>> {
    let mut root = Folder::default();
    for file in files {
        let mut folder = &mut root;
        let mut names: Vec<&str> = file.path.as_str().split('/').collect();
        let name = names.pop().unwrap_or_default();
        for above in names {
            folder = folder.folders.entry(above).or_default();
        }
        folder.files.insert(name, file);
    }
    parts(&item.name(), root)
}

/// Nested as deep as paths are, which the rules of files bound.
fn parts(above: &str, folder: Folder<'_>) -> Vec<Part<FileEntry>> {
    let files = folder.files.into_iter().map(|(name, file)| Part::File {
        title: name.to_owned(),
        path: format!("items/{above}/{}", file.path),
        bytes: Bytes::Kept(file.clone(), file.size),
    });
    let mut all: Vec<Part<FileEntry>> = files.collect();
    for (name, below) in folder.folders {
        all.push(Part::Folder {
            title: name.to_owned(),
            parts: parts(above, below),
        });
    }
    all
}
