//! Citations of items, for the reference managers that people use: CSL-JSON (citationstyles.org, 1.0.2), BibTeX and RIS.

use commun_specs::metadata::Creator;
use serde_json::{Map, Value, json};

/// What a thing is called in the three formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    csl: &'static str,
    bibtex: &'static str,
    ris: &'static str,
}

impl Default for Kind {
    /// A document: what has no nearer name.
    fn default() -> Self {
        Kind {
            csl: "document",
            bibtex: "misc",
            ris: "GEN",
        }
    }
}

/// Ids of `resource_type` and `document_type`, and what they are in CSL (1.0.2, appendix III), BibTeX and RIS (the
/// specification of 2011). `dataset` and `software` are BibLaTeX's; styles of BibTeX take what they do not know as `misc`.
/// What is not listed (a course, a text, an exercise) is a document.
const KINDS: [(&[&str], &str, &str, &str); 10] = [
    (&["textbook"], "book", "book", "BOOK"),
    (
        &["video", "animation", "moving-image"],
        "motion_picture",
        "misc",
        "VIDEO",
    ),
    (&["audio", "sound"], "song", "misc", "SOUND"),
    (&["data", "table", "dataset"], "dataset", "dataset", "DATA"),
    (
        &["application", "tool", "software"],
        "software",
        "software",
        "COMP",
    ),
    (&["map"], "map", "misc", "MAP"),
    (&["sheet_music"], "musical_score", "misc", "MUSIC"),
    (&["figure", "diagram", "graph"], "figure", "misc", "FIGURE"),
    (&["image", "still-image"], "graphic", "misc", "ART"),
    (&["web_page", "portal"], "webpage", "misc", "ELEC"),
];

impl Kind {
    /// Software, which repositories are.
    pub fn software() -> Kind {
        Kind::of(["software"])
    }

    /// What the first id that has a name of its own says.
    pub fn of<'a>(ids: impl IntoIterator<Item = &'a str>) -> Kind {
        let row = |id: &str| KINDS.iter().find(|(known, ..)| known.contains(&id));
        let found = ids.into_iter().find_map(row);
        found.map_or_else(Kind::default, |&(_, csl, bibtex, ris)| Kind {
            csl,
            bibtex,
            ris,
        })
    }
}

/// Family and given names, where the record keeps them apart. They are never guessed: a name that is one stays one, and so
/// does an organisation's.
fn parts(creator: &Creator) -> Option<(&str, &str)> {
    let person = creator.kind.as_deref() != Some("organisation");
    let family = creator.family.as_deref().map(str::trim);
    let family = family.filter(|family| person && !family.is_empty())?;
    let given = creator.given.as_deref().unwrap_or_default();
    Some((family, given.trim()))
}

/// What a citation shows of a person's name: the parts where they are known, else the name.
///
/// Whoever tells what a citation leaves out asks for it.
pub fn shown(creator: &Creator) -> Vec<&str> {
    match parts(creator) {
        // The name is the parts in another order.
        Some((family, given)) => vec![&creator.name, family, given],
        None => vec![&creator.name],
    }
}

/// What is cited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cited {
    /// A name that stays: `handle/slug`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub title: String,
    /// Who made it.
    pub creators: Vec<Creator>,
    /// When: `2026`, `2026-01` or `2026-01-31`.
    pub issued: Option<String>,
    /// Who published it.
    pub publisher: String,
    /// Which version, as people name it.
    pub version: Option<String>,
    /// Its language (BCP 47).
    pub language: Option<String>,
    /// Its DOI, without an address before it.
    pub doi: Option<String>,
    /// The licence (SPDX).
    pub licence: Option<String>,
    /// Where it is found.
    pub url: String,
    /// What it is about.
    pub summary: Option<String>,
}

/// Year, month, day: as far as they are stated.
fn date(issued: &str) -> Vec<u32> {
    let day = issued.split('T').next().unwrap_or_default();
    let parts = day.splitn(3, '-').map(str::parse::<u32>);
    parts.map_while(Result::ok).collect()
}

impl Cited {
    /// The citation in CSL-JSON: one object, as an item of the list that programs read.
    pub fn csl(&self) -> Value {
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() && value != json!("") && value != json!([]) {
                out.insert(name.to_owned(), value);
            }
        };
        put("id", self.name.as_str().into());
        put("type", self.kind.csl.into());
        put("title", self.title.as_str().into());
        let creators = self.creators.iter().map(|creator| match parts(creator) {
            Some((family, "")) => json!({ "family": family }),
            Some((family, given)) => json!({ "family": family, "given": given }),
            None => json!({ "literal": creator.name }),
        });
        put("author", creators.collect());
        if let Some(issued) = &self.issued {
            let parts = date(issued);
            if !parts.is_empty() {
                put("issued", json!({"date-parts": [parts]}));
            }
        }
        put("publisher", self.publisher.as_str().into());
        put("version", json!(self.version));
        put("language", json!(self.language));
        put("DOI", json!(self.doi));
        put("license", json!(self.licence));
        put("URL", self.url.as_str().into());
        put("abstract", json!(self.summary));
        Value::Object(out)
    }

    /// The citation as an entry of BibTeX, which every flavour of it reads.
    pub fn bibtex(&self) -> String {
        let key: String = self
            .name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    ':'
                }
            })
            .collect();
        let mut out = format!("@{}{{{key},\n", self.kind.bibtex);
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                out.push_str(&format!("  {name} = {{{value}}},\n"));
            }
        };
        // Braces keep a title's capitals, and a name whose parts are not known from being taken apart.
        put("title", &format!("{{{}}}", tex(&self.title)));
        let authors: Vec<String> = self
            .creators
            .iter()
            .map(|creator| match parts(creator) {
                Some((family, "")) => format!("{{{}}}", tex(family)),
                Some((family, given)) => format!("{}, {}", name_part(family), name_part(given)),
                None => format!("{{{}}}", tex(&creator.name)),
            })
            .collect();
        put("author", &authors.join(" and "));
        if let Some(issued) = &self.issued {
            let parts = date(issued);
            if let Some(year) = parts.first() {
                put("year", &year.to_string());
            }
            if let Some(month) = parts.get(1) {
                put("month", &month.to_string());
            }
        }
        put("publisher", &tex(&self.publisher));
        put("version", &tex(self.version.as_deref().unwrap_or_default()));
        put(
            "language",
            &tex(self.language.as_deref().unwrap_or_default()),
        );
        put("doi", &tex(self.doi.as_deref().unwrap_or_default()));
        put("note", &tex(self.licence.as_deref().unwrap_or_default()));
        put("url", &address(&self.url));
        out.push_str("}\n");
        out
    }

    /// The citation in RIS, as Zotero, EndNote and Mendeley read it: a line for each value.
    pub fn ris(&self) -> String {
        let mut out = String::new();
        let mut put = |tag: &str, value: &str| {
            // What people wrote stays on its line.
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            if !value.is_empty() {
                out.push_str(&format!("{tag}  - {value}\r\n"));
            }
        };
        put("TY", self.kind.ris);
        put("ID", &self.name);
        put("TI", &self.title);
        for creator in &self.creators {
            match parts(creator) {
                // A comma is what separates the parts, of which the third is `Jr`.
                Some((family, "")) => put("AU", &family.replace(',', " ")),
                Some((family, given)) => {
                    let parts = [family, given].map(|part| part.replace(',', " "));
                    put("AU", &parts.join(", "));
                }
                None => put("AU", &creator.name),
            }
        }
        let parts = self.issued.as_deref().map(date).unwrap_or_default();
        if let Some(year) = parts.first() {
            put("PY", &format!("{year:04}"));
            let part = |at: usize| parts.get(at).map_or(String::new(), |n| format!("{n:02}"));
            put("DA", &format!("{year:04}/{}/{}/", part(1), part(2)));
        }
        put("PB", &self.publisher);
        put("ET", self.version.as_deref().unwrap_or_default());
        put("LA", self.language.as_deref().unwrap_or_default());
        put("DO", self.doi.as_deref().unwrap_or_default());
        put("N1", self.licence.as_deref().unwrap_or_default());
        put("UR", &self.url);
        put("AB", self.summary.as_deref().unwrap_or_default());
        out.push_str("ER  - \r\n");
        out
    }
}

/// Text of one line in BibTeX. Braces of the text are written as commands, so that those of the entry stay balanced.
fn tex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("{\\textbackslash}"),
            '{' => out.push_str("{\\textbraceleft}"),
            '}' => out.push_str("{\\textbraceright}"),
            '~' => out.push_str("{\\textasciitilde}"),
            '^' => out.push_str("{\\textasciicircum}"),
            '&' | '%' | '$' | '#' | '_' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A part of a name in BibTeX: braces around one that holds what separates parts or people.
fn name_part(part: &str) -> String {
    let words = part.to_lowercase();
    let separates = part.contains(',') || words.split_whitespace().any(|word| word == "and");
    let part = tex(part);
    if separates {
        format!("{{{part}}}")
    } else {
        part
    }
}

/// An address in BibTeX: what would end the entry is percent-encoded.
fn address(url: &str) -> String {
    url.chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .map(|c| match c {
            '{' => "%7B".to_owned(),
            '}' => "%7D".to_owned(),
            '\\' => "%5C".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
