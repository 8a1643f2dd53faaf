//! Citations of items, for the reference managers that people use: CSL-JSON (citationstyles.org, 1.0.2), BibTeX and RIS.

use serde_json::{Map, Value, json};

/// What is cited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cited {
    /// A name that stays: `handle/slug`.
    pub name: String,
    /// Whether it is software.
    pub software: bool,
    /// What it is called.
    pub title: String,
    /// Who made it.
    pub creators: Vec<String>,
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
        put(
            "type",
            if self.software {
                "software"
            } else {
                "document"
            }
            .into(),
        );
        put("title", self.title.as_str().into());
        // Which part of a name is the family's is not known: a name is given whole.
        let creators = self.creators.iter().map(|name| json!({ "literal": name }));
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
        let mut out = format!("@misc{{{key},\n");
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                out.push_str(&format!("  {name} = {{{value}}},\n"));
            }
        };
        // Braces keep a title's capitals, and a name from being taken apart.
        put("title", &format!("{{{}}}", tex(&self.title)));
        let authors: Vec<String> = self
            .creators
            .iter()
            .map(|c| format!("{{{}}}", tex(c)))
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
        put("TY", if self.software { "COMP" } else { "GEN" });
        put("ID", &self.name);
        put("TI", &self.title);
        for creator in &self.creators {
            put("AU", creator);
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

    fn cited() -> Cited {
        Cited {
            name: "univ-a/algebre-l1".into(),
            title: "Algèbre {linéaire} & 100 % _libre_".into(),
            creators: vec!["Ada Lovelace".into(), "Émilie du Châtelet".into()],
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
}
