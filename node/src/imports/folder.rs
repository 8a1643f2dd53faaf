//! What a folder, or the top of a repository, says of itself: a record among its files, files about software and how to cite it,
//! what the tools of courses keep, its licence, its README. A field is taken from the first of these that states it.

use std::collections::BTreeMap;

use commun_forge::{
    component::{self, Files},
    crosswalk::{
        Origin, Reading,
        format::{self, Document, Format, Unread},
        json,
    },
    problem::{Problem, Severity},
    resource::first_paragraph,
};
use commun_specs::metadata::{MAX_TITLE_CHARS, Method, Record, Source, Value, View};

use super::Keeps;
use crate::describe::{is_markdown, readme_text, title};

/// The largest file at the top that is read for what it says, in bytes.
pub const MAX_FILE: u64 = component::MAX_METADATA_FILE;
/// Files at the top that are read at most: a folder has one of a kind, and they are in memory together.
pub const MAX_FILES: usize = 100;
/// Records that a folder may have at its top, best first.
const RECORDS: [&str; 7] = [
    "metadata.yml",
    "metadata.yaml",
    "amb.json",
    "lom.xml",
    "imslrm.xml",
    "metadata.xml",
    "dc.xml",
];
/// Where a folder is introduced, best first.
const READMES: [&str; 5] = [
    "readme.md",
    "readme.markdown",
    "readme",
    "readme.txt",
    "index.md",
];
/// The longest description that a README gives, in characters: its first paragraph.
const MAX_PARAGRAPH: usize = 1_000;

/// What the files at the top say.
#[derive(Debug, Default)]
pub struct Front {
    /// The values, and what is wrong with what states them.
    pub reading: Reading,
    /// The record that says most.
    pub keeps: Option<Keeps>,
}

/// Whether a file is at the top and one that [`front`] asks for.
pub fn is_front(path: &str) -> bool {
    !path.contains('/')
        && (RECORDS.contains(&path)
            || READMES.contains(&path.to_lowercase().as_str())
            || component::speaks_for_all(path)
            || component::speaks_for_course(path))
}

/// Reads the files at the top, by name. `called`: the folder's own name, a title where nothing else is one.
pub fn front(files: BTreeMap<String, Vec<u8>>, called: &str, date: Option<&str>) -> Front {
    let mut front = Front::default();
    let mut shown_in = None;
    // What other records beside it state, by file.
    let mut beside: Vec<(String, String)> = Vec::new();
    for name in RECORDS {
        let Some(bytes) = files.get(name) else {
            continue;
        };
        match (record(name, bytes, date), shown_in) {
            (Ok((reading, _)), Some(shown)) => {
                let told = Problem::new(Severity::Warning, "front-beside", "", shown, "");
                front.reading.problems.push(within(name, told));
                let licences = reading.record.licence.into_iter();
                beside.extend(licences.map(|value| (name.to_owned(), value.v)));
            }
            (Ok((reading, scheme)), None) => {
                front.reading.record = reading.record;
                front.reading.id = reading.id;
                let problems = reading.problems.into_iter();
                front
                    .reading
                    .problems
                    .extend(problems.map(|p| within(name, p)));
                front.keeps = Some(Keeps::Document(bytes.clone(), scheme));
                shown_in = Some(name);
            }
            (Err(problem), _) => front.reading.problems.push(within(name, *problem)),
        }
    }
    if let (Some(shown), Some(file)) = (front.reading.record.licence.first(), shown_in)
        && !beside.is_empty()
    {
        beside.insert(0, (file.to_owned(), shown.v.clone()));
        component::disagreements(&beside, &mut front.reading.problems);
    }
    let readme = READMES.iter().find_map(|wanted| {
        let mut all = files.iter();
        all.find(|(name, _)| name.to_lowercase() == *wanted)
    });
    let introduced = readme.map(|(name, bytes)| introduction(name, bytes, date));
    let files = Files(files);
    let course = component::course(&files);
    let mut recognised = Record::default();
    if let Ok(mut found) = component::read(&files) {
        // A licence that a text was recognised as counts after one that any file states.
        if found.record.licence.iter().all(inferred) {
            recognised.licence = std::mem::take(&mut found.record.licence);
        }
        // The record's licence is the one that is shown: files are compared with that one.
        if let Some(shown) = front.reading.record.licence.first() {
            let file = shown_in.unwrap_or_default();
            let mut stated = vec![(file.to_owned(), shown.v.clone())];
            let others = found.record.licence.iter().filter(|value| !inferred(value));
            stated.extend(others.map(|value| {
                let file = value.src.origin.clone().unwrap_or_default();
                (file, value.v.clone())
            }));
            let problems = &mut found.report.problems;
            problems.retain(|p| !matches!(&*p.rule, "licence-mismatch" | "licences-disagree"));
            component::disagreements(&stated, problems);
            problems.extend(component::mismatch(&shown.v, file, &found.report.licences));
        }
        front.reading.record.fill(found.record);
        front.reading.problems.extend(found.report.problems);
        if front.keeps.is_none()
            && let Some(name) = found.files.first()
            && let Some(bytes) = files.0.get(name)
        {
            let scheme = match name.as_str() {
                "codemeta.json" => "codemeta",
                "CITATION.cff" => "cff",
                _ => "publiccode",
            };
            front.keeps = Some(Keeps::Document(bytes.clone(), scheme.to_owned()));
        }
    }
    front.reading.record.fill(course.record);
    front.reading.record.fill(recognised);
    front.reading.problems.extend(course.report.problems);
    front.reading.record.fill(introduced.unwrap_or_default());
    let name: String = called.chars().take(MAX_TITLE_CHARS).collect();
    if front.reading.record.title.is_empty() && !name.trim().is_empty() {
        let view = View {
            titles: vec![("und".to_owned(), name)],
            ..View::default()
        };
        let named = Record::from_view(&view, source("name", None, Method::Inferred, date));
        front.reading.record.fill(named);
    }
    front
}

fn inferred<T>(value: &Value<T>) -> bool {
    value.src.method == Method::Inferred
}

fn source(scheme: &str, origin: Option<&str>, method: Method, date: Option<&str>) -> Source {
    Source {
        scheme: scheme.to_owned(),
        origin: origin.map(str::to_owned),
        date: date.map(str::to_owned),
        method,
        by: None,
    }
}

fn within(file: &str, mut problem: Problem) -> Problem {
    file.clone_into(&mut problem.file);
    problem
}

/// The one record of a document, and its scheme.
fn record(name: &str, bytes: &[u8], date: Option<&str>) -> Result<(Reading, String), Box<Problem>> {
    let unknown = |given: &str| Problem::new(Severity::Warning, "front-unread", "", given, "");
    let Some(format) = format::detect(bytes, name) else {
        return Err(unknown(name).into());
    };
    let origin = Origin {
        name: Some(name.to_owned()),
        date: date.map(str::to_owned),
    };
    let mut found = match format::read(format, bytes, &origin) {
        Ok(Document { found, .. }) => found,
        Err(Unread::Faulty(problem)) => return Err(problem),
        Err(Unread::NotBuilt(format)) => return Err(unknown(format.as_str()).into()),
    };
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => one
            .read
            .map(|reading| (reading, format.as_str().to_owned())),
        // Of several documents in one file of YAML the first describes the folder; the others are told.
        _ => match format::reader(format) {
            Some(read) if format == Format::Amb && !json::is_json(bytes) => {
                read(bytes, &origin).map(|reading| (reading, format.as_str().to_owned()))
            }
            _ => Err(unknown(name).into()),
        },
    }
}

/// The heading and the first paragraph of a README.
fn introduction(name: &str, bytes: &[u8], date: Option<&str>) -> Record {
    let heading = title(bytes);
    let first = if is_markdown(name) {
        first_paragraph(&String::from_utf8_lossy(bytes))
    } else {
        let text = readme_text(name, bytes);
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.find(|line| Some(*line) != heading.as_deref());
        first.map(str::to_owned)
    };
    let und = |text: String| vec![("und".to_owned(), text)];
    let view = View {
        titles: heading.map(und).unwrap_or_default(),
        descriptions: first
            .map(|line| und(line.chars().take(MAX_PARAGRAPH).collect()))
            .unwrap_or_default(),
        ..View::default()
    };
    Record::from_view(&view, source("readme", Some(name), Method::Extracted, date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        let files = all.iter();
        files
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn a_folder_is_introduced_by_its_readme_its_licence_and_its_name() {
        let plain = front(files(&[("a.md", "# A")]), "Cours de botanique", None);
        assert_eq!(plain.reading.record.title[0].v, "Cours de botanique");
        assert_eq!(plain.reading.record.title[0].src.method, Method::Inferred);
        assert!(plain.keeps.is_none());
        let readme = "# Les *mousses*\n\nUn cours de terrain.\n\n## Plan\n";
        let lom = "<lom xmlns='http://ltsc.ieee.org/xsd/LOM'><general><title><string language='fr'>Mousses et lichens</string></title></general></lom>";
        let met = front(files(&[("README.md", readme), ("lom.xml", lom)]), "x", None);
        assert_eq!(met.reading.record.title.len(), 1);
        assert_eq!(met.reading.record.title[0].v, "Mousses et lichens");
        assert_eq!(met.reading.record.description[0].v, "Un cours de terrain.");
        assert!(matches!(met.keeps, Some(Keeps::Document(_, scheme)) if scheme == "lom"));
        let broken = front(
            files(&[("README.md", readme), ("lom.xml", "<lom")]),
            "x",
            None,
        );
        assert_eq!(broken.reading.record.title[0].v, "Les mousses");
        assert_eq!(broken.reading.problems[0].file, "lom.xml");
    }

    #[test]
    fn a_second_record_is_told_and_its_licence_compared() {
        let lom = |licence: &str| {
            format!(
                "<lom xmlns='http://ltsc.ieee.org/xsd/LOM'><general><title><string language='fr'>Mousses</string></title></general><rights><description><string>{licence}</string></description></rights></lom>"
            )
        };
        let told = |second: &str| -> Vec<String> {
            let (one, two) = (lom("CC BY 4.0"), lom(second));
            let met = front(
                files(&[("lom.xml", &one), ("metadata.xml", &two)]),
                "x",
                None,
            );
            assert_eq!(
                met.reading.record.view().licence.as_deref(),
                Some("CC-BY-4.0")
            );
            let told = met.reading.problems.into_iter().map(|p| p.rule);
            told.filter(|rule| rule == "front-beside" || rule == "licences-disagree")
                .collect()
        };
        assert_eq!(told("CC BY 4.0"), ["front-beside"]);
        assert_eq!(
            told("CC BY-NC-ND 4.0"),
            ["front-beside", "licences-disagree"]
        );
    }

    #[test]
    fn a_metadata_file_as_people_write_it_comes_before_all_else() {
        let yml = "'@context': https://schema.org/\ntype: Course\nname: Les dunes\ninLanguage: [fr]\nlicense: https://creativecommons.org/licenses/by/4.0/deed.fr\ncreator:\n  - givenName: Anne\n    familyName: Essai\n";
        let all = [
            ("metadata.yml", yml),
            ("README.md", "# Autre chose\n\nDu sable.\n"),
        ];
        let met = front(files(&all), "x", Some("2026-01-01T00:00:00Z"));
        let view = met.reading.record.view();
        assert_eq!(view.titles.len(), 1);
        assert_eq!(view.titles[0].1, "Les dunes");
        assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"));
        assert_eq!(view.creators.len(), 1);
        assert_eq!(met.reading.record.description[0].v, "Du sable.");
        assert!(matches!(met.keeps, Some(Keeps::Document(..))));
    }

    #[test]
    fn only_what_may_introduce_a_folder_is_read() {
        for name in ["metadata.yml", "ReadMe.md", "LICENSE-MIT", "codemeta.json"] {
            assert!(is_front(name), "{name}");
        }
        for name in ["cours.md", "photo-0001.jpg", "licence-2/a.md", "data.json"] {
            assert!(!is_front(name), "{name}");
        }
    }

    #[test]
    fn of_several_documents_the_first_describes_the_folder() {
        let yml = "---\nname: Les dunes\n---\nname: Les marais\n";
        let met = front(files(&[("metadata.yml", yml)]), "x", None);
        assert_eq!(met.reading.record.view().titles[0].1, "Les dunes");
        let mut problems = met.reading.problems.iter();
        assert!(problems.any(|problem| problem.rule == "yaml-more-documents"));
    }

    #[test]
    fn how_to_cite_a_folder_says_who_made_it() {
        let cff = "cff-version: 1.2.0\nmessage: x\ntitle: Dunes\nauthors:\n  - family-names: Noether\n    given-names: Emmy\nlicense: CC-BY-4.0\n";
        let met = front(files(&[("CITATION.cff", cff)]), "x", None);
        let view = met.reading.record.view();
        assert_eq!(
            (view.creators.len(), view.licence.as_deref()),
            (1, Some("CC-BY-4.0"))
        );
        assert!(matches!(met.keeps, Some(Keeps::Document(_, scheme)) if scheme == "cff"));
    }

    #[test]
    fn files_of_a_folder_are_compared_with_the_licence_that_is_shown() {
        let yml = "type: Course\nname: Les dunes\nlicense: https://creativecommons.org/licenses/by/4.0/\n";
        let meta = r#"{"@context": "https://w3id.org/codemeta/3.0", "@type": "SoftwareSourceCode", "name": "D", "license": "https://spdx.org/licenses/MIT"}"#;
        let all = [
            ("metadata.yml", yml),
            ("codemeta.json", meta),
            ("LICENSE", "Attribution-NonCommercial 4.0 International\n"),
        ];
        let met = front(files(&all), "x", None).reading;
        assert_eq!(met.record.licence[0].v, "CC-BY-4.0");
        let problems = met.problems.iter();
        let about = problems.filter(|p| p.rule.starts_with("licence"));
        let about: Vec<_> = about
            .map(|p| (&*p.rule, &*p.file, &*p.given, &*p.wanted))
            .collect();
        let wanted = [
            ("licences-disagree", "codemeta.json", "MIT", "CC-BY-4.0"),
            ("licence-mismatch", "LICENSE", "CC-BY-NC-4.0", "CC-BY-4.0"),
        ];
        assert_eq!(about, wanted);
    }

    #[test]
    fn a_course_is_described_by_the_files_of_its_tools_and_never_by_a_badge() {
        let readme = "<!-- a template -->\n[![Build](https://b.example/x.svg)](https://b.example)\n![logo](l.png)\n\n# Git\n\n\
            [Site](https://s.example)\n\nAn introduction\nfor *novices*.\n\nMore.\n";
        let notice = "---\ntitle: Licenses\n---\nUnder the [licence][l].\n\n[l]: https://creativecommons.org/licenses/by/4.0/\n";
        let all = [
            ("README.md", readme),
            ("LICENSE.md", notice),
            (
                "config.yaml",
                "title: Version Control\nlicense: CC-BY-SA-4.0\n",
            ),
            ("AUTHORS", "Ada Lovelace\n"),
        ];
        let record = front(files(&all), "x", None).reading.record;
        assert_eq!(record.title[0].v, "Version Control");
        assert_eq!(record.description[0].v, "An introduction for novices.");
        let licence = &record.licence[0];
        assert_eq!(licence.v, "CC-BY-SA-4.0");
        assert_eq!(licence.src.origin.as_deref(), Some("config.yaml"));
        assert_eq!(record.creators[0].src.origin.as_deref(), Some("AUTHORS"));
        // The notice holds where no file states a licence.
        let record = front(files(&all[..2]), "x", None).reading.record;
        assert_eq!(record.licence[0].v, "CC-BY-4.0");
        assert_eq!(record.licence[0].src.method, Method::Inferred);
        assert_eq!(record.title[0].v, "Git");
        let badges = "[![a](b.svg)](c)\n";
        let bare = front(files(&[("README.md", badges)]), "x", None);
        assert!(bare.reading.record.description.is_empty());
    }

    #[test]
    #[ignore = "needs COMMUN_SHARED"]
    fn acceptance_a_real_lesson_says_who_made_it_under_which_licence() {
        let shared = std::env::var("COMMUN_SHARED").expect("COMMUN_SHARED");
        let here = tempfile::tempdir().unwrap();
        let clone = here.path().join("lesson");
        let git = std::process::Command::new("git")
            .args(["clone", "--quiet"])
            .arg(format!("{shared}/data/repos/git-novice.bundle"))
            .arg(&clone)
            .status()
            .unwrap();
        assert!(git.success());
        let mut top = BTreeMap::new();
        for entry in std::fs::read_dir(&clone).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if is_front(&name) {
                top.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
        let record = front(top, "git-novice", None).reading.record;
        let view = record.view();
        assert_eq!(view.titles[0].1, "Version Control with Git");
        let description = &view.descriptions[0].1;
        assert!(
            description.starts_with("An introduction to version control for novices using Git."),
            "{description}"
        );
        assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"));
        assert_eq!(view.languages, ["en"]);
        assert_eq!(view.created.as_deref(), Some("2014-12-04"));
        assert_eq!(view.publishers[0].name, "Software Carpentry");
        let first = &record.creators[0];
        assert_eq!(first.v.name, "Katherine E. Koziar");
        assert_eq!(first.v.orcid.as_deref(), Some("0000-0003-0505-7973"));
        assert_eq!(first.src.origin.as_deref(), Some(".zenodo.json"));
        assert!(record.creators.len() > 20, "{}", record.creators.len());
        assert_eq!(view.contributors[0].role.as_deref(), Some("editor"));
        assert!(view.annotations[0].text[0].1.starts_with("Please cite as"));
    }
}
