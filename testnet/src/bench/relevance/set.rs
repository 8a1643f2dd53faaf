//! Judged sets: documents, queries in variants, and which document is how good for which query.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

/// A set, with its files as both engines read them.
pub(super) struct Set {
    pub(super) name: String,
    /// `fr` or `en`.
    pub(super) language: &'static str,
    /// The file of documents: id, title, text.
    pub(super) texts: PathBuf,
    pub(super) documents: usize,
    pub(super) variants: Vec<Variant>,
    /// Grades by query and document, in the order of the queries' names.
    pub(super) judged: BTreeMap<String, HashMap<String, u32>>,
}

/// The queries of a set in one way of writing.
pub(super) struct Variant {
    pub(super) name: String,
    /// The file of queries: id, text.
    pub(super) queries: PathBuf,
}

/// A set of the repository: name, language, documents, queries, judgements.
type Own = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const OWN: [Own; 2] = [
    (
        "cours-fr",
        "fr",
        include_str!("sets/cours-fr/docs.tsv"),
        include_str!("sets/cours-fr/queries.tsv"),
        include_str!("sets/cours-fr/qrels.tsv"),
    ),
    (
        "courses-en",
        "en",
        include_str!("sets/courses-en/docs.tsv"),
        include_str!("sets/courses-en/queries.tsv"),
        include_str!("sets/courses-en/qrels.tsv"),
    ),
];

/// A way to spoil a query.
type Spoil = fn(&str) -> String;

/// The variants that are made by rule.
const MADE: [(&str, Spoil); 4] = [
    ("clean", str::to_owned),
    ("noaccent", without_accents),
    ("typo", with_a_slip),
    ("upper", str::to_uppercase),
];

/// The sets of the repository, written to files.
pub(super) fn own(work: &Path) -> Result<Vec<Set>> {
    let set = |(name, language, documents, queries, judgements): Own| {
        let texts = work.join(format!("{name}.tsv"));
        fs::write(&texts, documents)?;
        let mut variants = Vec::new();
        for (variant, spoil) in MADE {
            let file = work.join(format!("{name}.{variant}.tsv"));
            let lines = queries.lines().map(|line| {
                let (id, text) = line.split_once('\t').unwrap_or_default();
                format!("{id}\t{}\n", spoil(text))
            });
            fs::write(&file, lines.collect::<String>())?;
            variants.push(Variant {
                name: variant.to_owned(),
                queries: file,
            });
        }
        Ok(Set {
            name: name.to_owned(),
            language,
            texts,
            documents: documents.lines().count(),
            variants,
            judged: judged_by(judgements)?,
        })
    };
    OWN.into_iter().map(set).collect()
}

/// The sets of a folder: one folder each, whose name ends with its language. A quick run takes every tenth query.
pub(super) fn judged(folder: &Path, work: &Path, quick: bool) -> Result<Vec<Set>> {
    let mut sets = Vec::new();
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    folders.sort();
    for folder in folders
        .iter()
        .filter(|path| path.join("qrels.tsv").is_file())
    {
        sets.push(shared(folder, work, quick).with_context(|| folder.display().to_string())?);
    }
    Ok(sets)
}

fn shared(folder: &Path, work: &Path, quick: bool) -> Result<Set> {
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let language = if name.ends_with("-fr") { "fr" } else { "en" };
    let unpacked = Command::new("gzip")
        .arg("-dc")
        .arg(folder.join("docs.tsv.gz"))
        .output()?;
    ensure!(unpacked.status.success(), "gzip -dc docs.tsv.gz");
    // Documents without a title of their own: an empty cell in its place.
    let lines = String::from_utf8(unpacked.stdout)?;
    let texts = work.join(format!("{name}.tsv"));
    let with_title = lines.lines().map(|line| match line.split('\t').count() {
        2 => line.replacen('\t', "\t\t", 1) + "\n",
        _ => format!("{line}\n"),
    });
    fs::write(&texts, with_title.collect::<String>())?;
    let mut judged = judged_by(&fs::read_to_string(folder.join("qrels.tsv"))?)?;
    if quick {
        let mut at = 0;
        judged.retain(|_, _| {
            at += 1;
            at % 10 == 1
        });
    }
    let mut variants = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(variant) = file
            .strip_prefix("queries.")
            .and_then(|f| f.strip_suffix(".tsv"))
        else {
            continue;
        };
        let asked = work.join(format!("{name}.{variant}.tsv"));
        let all = fs::read_to_string(&path)?;
        let kept = all.lines().filter(|line| {
            let id = line.split('\t').next().unwrap_or_default();
            judged.contains_key(id)
        });
        fs::write(
            &asked,
            kept.map(|line| format!("{line}\n")).collect::<String>(),
        )?;
        variants.push(Variant {
            name: variant.to_owned(),
            queries: asked,
        });
    }
    variants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Set {
        name,
        language,
        texts,
        documents: lines.lines().count(),
        variants,
        judged,
    })
}

fn judged_by(text: &str) -> Result<BTreeMap<String, HashMap<String, u32>>> {
    let mut judged: BTreeMap<String, HashMap<String, u32>> = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [query, document, grade] = cells[..] else {
            anyhow::bail!("a judgement has three cells: {line}");
        };
        let grades = judged.entry(query.to_owned()).or_default();
        grades.insert(document.to_owned(), grade.parse()?);
    }
    Ok(judged)
}

fn without_accents(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'à' | 'â' => 'a',
            'ç' => 'c',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' => 'o',
            'ù' | 'û' => 'u',
            '’' => '\'',
            c => c,
        })
        .collect()
}

/// Swaps, drops or doubles a letter in the middle of the longest word; which of it, its length decides.
fn with_a_slip(text: &str) -> String {
    let words = text.split([' ', '’']);
    let Some(word) = words.max_by_key(|word| word.chars().count()) else {
        return text.to_owned();
    };
    let mut letters: Vec<char> = word.chars().collect();
    let middle = letters.len() / 2;
    if letters.len() < 5 {
        return text.to_owned();
    }
    match letters.len() % 3 {
        0 => letters.swap(middle - 1, middle),
        1 => drop(letters.remove(middle)),
        _ => letters.insert(middle, letters[middle]),
    }
    let slip: String = letters.into_iter().collect();
    text.replacen(word, &slip, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_spoilt_by_rule() {
        assert_eq!(without_accents("équation d’été"), "equation d'ete");
        for (text, slip) in [
            ("la chimie", "la chmiie"),
            ("lentille", "lentiille"),
            ("mitoses", "mitses"),
            ("pile", "pile"),
        ] {
            assert_eq!(with_a_slip(text), slip);
        }
    }

    #[test]
    fn every_judgement_of_our_sets_is_about_a_query_and_a_document() {
        for (name, _, documents, queries, judgements) in OWN {
            let ids = |text: &'static str| -> Vec<&str> {
                text.lines()
                    .filter_map(|line| line.split('\t').next())
                    .collect()
            };
            let judged = judged_by(judgements).unwrap();
            assert_eq!(judged.len(), ids(queries).len(), "{name}");
            for (query, grades) in &judged {
                assert!(ids(queries).contains(&query.as_str()));
                for document in grades.keys() {
                    assert!(
                        ids(documents).contains(&document.as_str()),
                        "{name} {document}"
                    );
                }
            }
        }
    }
}
