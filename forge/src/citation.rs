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
    let family = creator.family.as_deref().filter(|_| person)?;
    Some((family, creator.given.as_deref().unwrap_or_default()))
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
                Some((family, "")) => put("AU", family),
                Some((family, given)) => put("AU", &format!("{family}, {given}")),
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
mod tests {
    use super::*;

    fn named(name: &str) -> Creator {
        Creator {
            name: name.into(),
            ..Creator::default()
        }
    }

    fn parted(name: &str, given: &str, family: &str) -> Creator {
        Creator {
            given: Some(given.into()),
            family: Some(family.into()),
            ..named(name)
        }
    }

    fn cited() -> Cited {
        Cited {
            name: "univ-a/algebre-l1".into(),
            title: "Algèbre {linéaire} & 100 % _libre_".into(),
            creators: vec![named("Ada Lovelace"), named("Émilie du Châtelet")],
            issued: Some("2026-09-01T10:00:00Z".into()),
            publisher: "Université d’Angers".into(),
            language: Some("fr".into()),
            licence: Some("CC-BY-SA-4.0".into()),
            url: "https://a.example/univ-a/algebre-l1}".into(),
            ..Cited::default()
        }
    }

    #[test]
    fn csl_names_what_programs_look_for() {
        assert_eq!(
            cited().csl(),
            json!({
                "id": "univ-a/algebre-l1", "type": "document", "title": "Algèbre {linéaire} & 100 % _libre_",
                "author": [{"literal": "Ada Lovelace"}, {"literal": "Émilie du Châtelet"}],
                "issued": {"date-parts": [[2026, 9, 1]]}, "publisher": "Université d’Angers", "language": "fr",
                "license": "CC-BY-SA-4.0", "URL": "https://a.example/univ-a/algebre-l1}",
            })
        );
        let bare = Cited {
            issued: Some("hier".into()),
            ..Cited::default()
        };
        assert_eq!(bare.csl(), json!({"type": "document"}));
    }

    #[test]
    fn ris_keeps_each_value_on_its_line() {
        let entry = Cited {
            title: "Un titre\r\nER  - \nTY  - BOOK".into(),
            ..cited()
        };
        let ris = entry.ris();
        assert!(
            ris.starts_with(
                "TY  - GEN\r\nID  - univ-a/algebre-l1\r\nTI  - Un titre ER - TY - BOOK\r\n"
            ),
            "{ris}"
        );
        assert!(
            ris.contains("\r\nAU  - Ada Lovelace\r\nAU  - Émilie du Châtelet\r\n"),
            "{ris}"
        );
        assert!(ris.contains("\r\nPY  - 2026\r\nDA  - 2026/09/"), "{ris}");
        assert!(
            ris.ends_with("\r\nER  - \r\n") && ris.matches("\nER").count() == 1,
            "{ris}"
        );
    }

    #[test]
    fn bibtex_keeps_its_braces_balanced_whatever_a_title_says() {
        let entry = cited().bibtex();
        assert!(entry.starts_with("@misc{univ-a:algebre-l1,\n"));
        assert!(entry.contains("title = {{Algèbre {\\textbraceleft}linéaire{\\textbraceright} \\& 100 \\% \\_libre\\_}}"));
        assert!(entry.contains("author = {{Ada Lovelace} and {Émilie du Châtelet}}"));
        assert!(entry.contains("year = {2026}") && entry.contains("month = {9}"));
        assert!(entry.contains("url = {https://a.example/univ-a/algebre-l1%7D}"));
        let (open, close) = (entry.matches('{').count(), entry.matches('}').count());
        assert_eq!(open, close);
        let hostile = Cited {
            title: "}}\n@misc{evil,".into(),
            ..Cited::default()
        };
        let entry = hostile.bibtex();
        assert_eq!(entry.matches("\n@misc").count(), 0, "{entry}");
    }

    #[test]
    fn family_and_given_names_are_told_apart_where_the_record_does() {
        let institute = Creator {
            kind: Some("organisation".into()),
            ..parted("Institut Henri Poincaré", "Institut", "Poincaré")
        };
        let entry = Cited {
            creators: vec![
                parted("Émilie du Châtelet", "Émilie", "du Châtelet"),
                institute,
                named("Ada Lovelace"),
                parted("A", "Jean and {Paul}", "Dupont, fils"),
            ],
            ..cited()
        };
        let people = json!([
            {"family": "du Châtelet", "given": "Émilie"}, {"literal": "Institut Henri Poincaré"},
            {"literal": "Ada Lovelace"}, {"family": "Dupont, fils", "given": "Jean and {Paul}"},
        ]);
        assert_eq!(entry.csl()["author"], people);
        let bibtex = entry.bibtex();
        let authors = "author = {du Châtelet, Émilie and {Institut Henri Poincaré} and {Ada Lovelace} and {Dupont, fils}, \
            {Jean and {\\textbraceleft}Paul{\\textbraceright}}},";
        assert!(bibtex.contains(authors), "{bibtex}");
        let ris = entry.ris();
        let authors = "\r\nAU  - du Châtelet, Émilie\r\nAU  - Institut Henri Poincaré\r\nAU  - Ada Lovelace\r\n";
        assert!(ris.contains(authors), "{ris}");
    }

    #[test]
    fn the_type_is_what_the_item_is() {
        for (ids, csl, bibtex, ris) in [
            (&["textbook"][..], "book", "@book{", "TY  - BOOK"),
            (
                &["course", "video"],
                "motion_picture",
                "@misc{",
                "TY  - VIDEO",
            ),
            (&["dataset"], "dataset", "@dataset{", "TY  - DATA"),
            (&["course"], "document", "@misc{", "TY  - GEN"),
            (&[], "document", "@misc{", "TY  - GEN"),
        ] {
            let entry = Cited {
                kind: Kind::of(ids.iter().copied()),
                ..cited()
            };
            assert_eq!(entry.csl()["type"], csl, "{ids:?}");
            assert!(entry.bibtex().starts_with(bibtex), "{ids:?}");
            assert!(entry.ris().starts_with(ris), "{ids:?}");
        }
        assert_eq!(Kind::software().csl, "software");
        use commun_specs::vocab::Scheme;
        for id in KINDS.iter().flat_map(|(ids, ..)| *ids) {
            let known = [Scheme::ResourceType, Scheme::DocumentType]
                .iter()
                .any(|scheme| commun_specs::vocab::find(*scheme, id).is_some());
            assert!(known, "{id} is in no vocabulary");
        }
    }
}
