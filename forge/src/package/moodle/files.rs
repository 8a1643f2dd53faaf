//! `files.xml`: which files are content, which licences they have.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Read};

use commun_specs::licence::Licence;

use super::filter::{Children, Fate, FilterError, Judge, Looked, filter};
use super::rules::{is_content, is_hash};
use crate::crosswalk::{Draft, xml};

/// What one record of `files.xml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) hash: String,
    pub(super) component: String,
    pub(super) area: String,
    pub(super) name: String,
    pub(super) licence: String,
}

/// Reads one `file` element; nothing where it is none.
pub(super) fn record(element: &str) -> Option<Record> {
    let tree = xml::parse(element).ok()?;
    let root = tree.root_element();
    let said = |name: &'static str| super::value(root, name).unwrap_or_default();
    Some(Record {
        hash: said("contenthash"),
        component: said("component"),
        area: said("filearea"),
        name: said("filename"),
        licence: said("license"),
    })
}

/// What of a record passes into a copy, in Moodle's order. `reference` is not among it: it names an account elsewhere.
const PASSING: [&str; 14] = [
    "contenthash",
    "contextid",
    "component",
    "filearea",
    "itemid",
    "filepath",
    "filename",
    "filesize",
    "mimetype",
    "status",
    "timecreated",
    "timemodified",
    "license",
    "sortorder",
];
/// What says who made a file. It passes where its licence asks that its author be named: there it is the credit. Elsewhere
/// it is the name of somebody who gave nothing away.
const CREDIT: [&str; 2] = ["source", "author"];

/// What becomes of the name of a file's author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// There is none.
    None,
    /// It stays, as its licence asks.
    Credited,
    /// It was taken out.
    Blanked,
}

/// A `file` element without the number of who put the file there, and without all that is not known; nothing where it
/// is none.
pub(super) fn without_people(element: &str) -> Option<(String, Author)> {
    let tree = xml::parse(element).ok()?;
    let root = tree.root_element();
    let credited = super::value(root, "license").is_some_and(|code| spdx(&code).is_some());
    let author = match super::value(root, "author") {
        None => Author::None,
        Some(_) if credited => Author::Credited,
        Some(_) => Author::Blanked,
    };
    let id = root.attribute("id").unwrap_or_default();
    let mut out = String::from("<file id=\"");
    xml::escape(id, true, &mut out);
    out.push_str("\">");
    for child in root.children().filter(|child| child.is_element()) {
        let name = child.tag_name().name();
        if PASSING.contains(&name) {
            out.push_str(&format!("<{name}>"));
            xml::escape(&xml::text(child), false, &mut out);
            out.push_str(&format!("</{name}>"));
        } else if CREDIT.contains(&name) {
            out.push_str(&format!("<{name}>"));
            match credited {
                true => xml::escape(&xml::text(child), false, &mut out),
                false => out.push_str(super::NULL),
            }
            out.push_str(&format!("</{name}>"));
        }
    }
    for name in ["userid", "repositorytype", "repositoryid", "reference"] {
        out.push_str(&format!("<{name}>{}</{name}>", super::NULL));
    }
    out.push_str("</file>");
    Some((out, author))
}

impl Record {
    /// Whether it is content, and not a folder.
    pub(super) fn is_content(&self) -> bool {
        is_content(&self.component, &self.area) && is_hash(&self.hash)
    }

    /// Moodle notes folders as files of this name.
    pub(super) fn is_folder(&self) -> bool {
        self.name == "."
    }
}

/// The hashes of files that may pass.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) hashes: HashSet<String>,
}

impl Judge for Kept {
    fn fate(&mut self, name: &str) -> Fate {
        list(name)
    }

    fn look(&mut self, _name: &str, element: &str) -> Looked {
        if let Some(record) = record(element)
            && record.is_content()
            && self.hashes.len() < MAX_HASHES
        {
            self.hashes.insert(record.hash);
        }
        Looked::Drop
    }
}

/// The most contents: more than an archive may have entries.
const MAX_HASHES: usize = 100_000;

/// What becomes of the elements of `files.xml`.
pub(super) fn list(name: &str) -> Fate {
    match name {
        "files" => Fate::Keep {
            children: Children::Judged,
        },
        "file" => Fate::Look,
        _ => Fate::Drop,
    }
}

/// The licences that content has.
#[derive(Debug, Default)]
pub(super) struct Licences {
    codes: BTreeMap<String, usize>,
    unlicensed: usize,
    seen: BTreeSet<String>,
}

impl Judge for Licences {
    fn fate(&mut self, name: &str) -> Fate {
        list(name)
    }

    fn look(&mut self, _name: &str, element: &str) -> Looked {
        let record = record(element).filter(|record| record.is_content() && !record.is_folder());
        if let Some(record) = record {
            // One content stands in several places; what says nothing of its licence says nothing against it.
            let key = format!("{} {}", record.hash, record.licence);
            if self.seen.len() < MAX_HASHES && !self.seen.insert(key) {
                return Looked::Drop;
            }
            match record.licence.as_str() {
                "" | "unknown" | "allrightsreserved" => self.unlicensed += 1,
                code if self.codes.len() < 50 => {
                    let code = code.chars().take(40).collect();
                    *self.codes.entry(code).or_default() += 1;
                }
                _ => self.unlicensed += 1,
            }
        }
        Looked::Drop
    }
}

impl Licences {
    pub(super) fn read(&mut self, body: &mut dyn Read) -> Result<(), FilterError> {
        filter(body, &mut io::sink(), self)
    }

    /// What the licences of the files say of the whole: where all have the same, it is a guess; else nothing.
    pub(super) fn settle(&self, draft: &mut Draft) {
        const PATH: &str = "files.xml";
        let codes: Vec<&str> = self.codes.keys().map(String::as_str).collect();
        if let [code] = codes[..]
            && self.unlicensed == 0
        {
            match spdx(code) {
                Some(licence) => {
                    draft.warn("licence-guessed", PATH, code, licence.as_str());
                    draft.licence_guessed(&licence, None, PATH);
                }
                None if code == "public" => {
                    draft.warn("licence-no-version", PATH, "Public Domain", "CC0-1.0");
                }
                None => draft.warn("licence-unknown", PATH, code, ""),
            }
            return;
        }
        if !codes.is_empty() {
            draft.warn("licence-mixed", PATH, &codes.join(", "), "");
        }
        if self.unlicensed > 0 {
            let count = self.unlicensed.to_string();
            draft.warn("moodle-unlicensed", PATH, &count, "");
        }
    }
}

/// The licence of a code of Moodle's: `cc-sa` is of version 3.0, as Moodle's own list says; `cc-sa-4.0` says which.
fn spdx(code: &str) -> Option<Licence> {
    let (name, version) = match code.strip_suffix("-4.0") {
        Some(name) => (name, "4.0"),
        None => (code, "3.0"),
    };
    let id = match name {
        "cc" => "CC-BY",
        "cc-nd" => "CC-BY-ND",
        "cc-nc" => "CC-BY-NC",
        "cc-nc-nd" => "CC-BY-NC-ND",
        "cc-nc-sa" => "CC-BY-NC-SA",
        "cc-sa" => "CC-BY-SA",
        _ => return None,
    };
    Licence::parse(&format!("{id}-{version}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_of_a_file_stays_only_where_its_licence_asks_for_the_name() {
        let file = |licence: &str| {
            let element = format!(
                "<file id=\"1\"><source>ana.png</source><author>Ana</author><license>{licence}</license></file>"
            );
            without_people(&element).expect("a file")
        };
        for open in ["cc", "cc-sa", "cc-nc-4.0"] {
            let (out, author) = file(open);
            assert!(out.contains("<author>Ana</author>"), "{open}: {out}");
            assert!(out.contains("<source>ana.png</source>"), "{open}: {out}");
            assert_eq!(author, Author::Credited);
        }
        for other in ["", "unknown", "allrightsreserved", "public", "house-rules"] {
            let (out, author) = file(other);
            assert!(
                !out.contains("Ana") && !out.contains("ana"),
                "{other}: {out}"
            );
            assert_eq!(author, Author::Blanked);
        }
    }
}
