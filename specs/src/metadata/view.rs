//! What is shown and indexed: plain values, one choice per field.

use super::person::Creator;
use super::software::{Contact, Dependency, Link};

/// A subject in some scheme (row 22).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// `iscedf`, or another scheme's short name or address.
    pub scheme: String,
    /// The code in that scheme.
    pub notation: String,
    /// Labels by language, where the record brought its own.
    pub label: Vec<(String, String)>,
}

impl Subject {
    /// The id that searches use: `iscedf-0541`.
    pub fn id(&self) -> String {
        format!("{}-{}", self.scheme, self.notation)
    }
}

/// A typed link to another item or to something outside (row 35).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// One of [`RELATIONS`](super::RELATIONS).
    pub kind: String,
    /// `handle/slug`, an item id, an address or an identifier such as `doi:…`.
    pub target: String,
    /// The target's title, where known.
    pub title: Option<String>,
}

/// A file as the record mentions it (row 31); the list with hashes is the version's content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileNote {
    /// Relative path.
    pub path: String,
    /// Media type, empty when unknown.
    pub media_type: String,
    /// Size in bytes.
    pub size: u64,
}

/// Plain display values of a record. Texts are (language tag, text); `und` where the language is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// One of [`KINDS`](super::KINDS).
    pub kind: Option<String>,
    /// Titles, at most one per language.
    pub titles: Vec<(String, String)>,
    /// Summaries, at most one per language.
    pub summaries: Vec<(String, String)>,
    /// Descriptions, at most one per language.
    pub descriptions: Vec<(String, String)>,
    /// Keywords, any number per language.
    pub keywords: Vec<(String, String)>,
    /// Languages of the content, BCP 47.
    pub languages: Vec<String>,
    /// Authors, in order.
    pub creators: Vec<Creator>,
    /// Others, with their role.
    pub contributors: Vec<Creator>,
    /// When it was made.
    pub created: Option<String>,
    /// When it was published.
    pub published: Option<String>,
    /// When it was last changed.
    pub modified: Option<String>,
    /// Version as its author names it.
    pub version: Option<String>,
    /// One of [`STATUSES`](super::STATUSES).
    pub status: Option<String>,
    /// SPDX expression.
    pub licence: Option<String>,
    /// What the author says about rights, per language.
    pub licence_statements: Vec<(String, String)>,
    /// HCRT slugs.
    pub resource_types: Vec<String>,
    /// Level ids.
    pub levels: Vec<String>,
    /// Subjects.
    pub subjects: Vec<Subject>,
    /// Relations.
    pub relations: Vec<Relation>,
    /// Other identifiers of the same thing (DOI, ARK, address).
    pub aliases: Vec<String>,
    /// Files, as the record mentions them.
    pub files: Vec<FileNote>,
    /// Programming languages of a component, as its metadata name them.
    pub programming_languages: Vec<String>,
    /// Where a component runs.
    pub platforms: Vec<String>,
    /// How far a component is: a word of repostatus.org or of publiccode.yml.
    pub development_status: Option<String>,
    /// What sort of software it is (`standalone/web`).
    pub software_type: Option<String>,
    /// How it is kept: `internal`, `contract`, `community` or `none`.
    pub maintenance: Option<String>,
    /// What it is for (`learning-management-system`).
    pub categories: Vec<String>,
    /// Who uses it, by its own account.
    pub used_by: Vec<String>,
    /// Where more is found.
    pub links: Vec<Link>,
    /// What it needs.
    pub dependencies: Vec<Dependency>,
    /// Whom to ask.
    pub contacts: Vec<Contact>,
}

/// The longest summary made of a description, in characters: three lines of a hit.
const SUMMARY_CHARS: usize = 300;

impl View {
    /// The best title for a reader's languages, most wanted first, with its language.
    ///
    /// An exact tag wins, then the same primary language, then the content's own languages, then the first title.
    pub fn title_for(&self, langs: &[&str]) -> Option<(&str, &str)> {
        self.best(&self.titles, langs)
    }

    /// The best description, chosen as titles are.
    pub fn description_for(&self, langs: &[&str]) -> Option<(&str, &str)> {
        self.best(&self.descriptions, langs)
    }

    /// The best summary, chosen as titles are; without one, the beginning of the description.
    pub fn summary_for(&self, langs: &[&str]) -> Option<(&str, &str)> {
        self.best(&self.summaries, langs).or_else(|| {
            let (lang, text) = self.description_for(langs)?;
            Some((lang, beginning(text)))
        })
    }

    /// The ids of the subjects, for facets.
    pub fn subject_ids(&self) -> Vec<String> {
        self.subjects.iter().map(Subject::id).collect()
    }

    fn best<'a>(
        &self,
        texts: &'a [(String, String)],
        langs: &[&str],
    ) -> Option<(&'a str, &'a str)> {
        let same = |tag: &str, wanted: &str| tag.eq_ignore_ascii_case(wanted);
        let primary = |tag: &str| {
            tag.split('-')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        };
        let find = |wanted: &str| {
            texts.iter().find(|(tag, _)| same(tag, wanted)).or_else(|| {
                texts
                    .iter()
                    .find(|(tag, _)| primary(tag) == primary(wanted))
            })
        };
        langs
            .iter()
            .copied()
            .chain(self.languages.iter().map(String::as_str))
            .find_map(find)
            .or_else(|| texts.first())
            .map(|(tag, text)| (tag.as_str(), text.as_str()))
    }
}

/// The first paragraph, cut at a sentence or a word where it is long.
fn beginning(text: &str) -> &str {
    let paragraph = text.split("\n\n").next().unwrap_or_default().trim();
    let Some((limit, _)) = paragraph.char_indices().nth(SUMMARY_CHARS) else {
        return paragraph;
    };
    let head = &paragraph[..limit];
    let sentence = head
        .rmatch_indices(['.', '!', '?'])
        .map(|(at, mark)| at + mark.len())
        .next();
    match sentence
        .filter(|end| *end > limit / 3)
        .or_else(|| head.rfind(char::is_whitespace))
    {
        Some(end) => head[..end].trim_end(),
        None => head,
    }
}
