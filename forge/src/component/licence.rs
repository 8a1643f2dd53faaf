//! Which licence a repository's own texts are those of.
//!
//! A text is recognised by the words of its heading, as its steward publishes it: enough to notice that a file says
//! something else than the metadata, not enough to give advice.

use commun_specs::licence::Licence;

use super::tree::{Node, Tree, TreeError};
use crate::problem::{Problem, Severity, quoted};

/// Largest licence text that is read, in bytes: the EUPL in all languages has 300 kB, one of them 14.
const MAX_TEXT: u64 = 128 << 10;
/// Licence files that are looked at.
const MAX_FILES: usize = 32;
/// The beginning of a text in which its name must stand, in characters.
const HEADING: usize = 900;

/// A licence that a file is the text of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Detected {
    /// The file.
    pub file: String,
    /// Its SPDX id; of the GNU family without `-only` or `-or-later`, which the text does not say.
    pub id: String,
}

/// Id and the words that must all stand in the heading (lower case, one space between words). The first that fits.
const HEADINGS: [(&str, &[&str]); 36] = [
    (
        "AGPL-3.0",
        &["gnu affero general public license", "version 3"],
    ),
    (
        "LGPL-3.0",
        &["gnu lesser general public license", "version 3"],
    ),
    (
        "LGPL-2.1",
        &["gnu lesser general public license", "version 2.1"],
    ),
    (
        "LGPL-2.0",
        &["gnu library general public license", "version 2"],
    ),
    ("GPL-3.0", &["gnu general public license", "version 3"]),
    ("GPL-2.0", &["gnu general public license", "version 2"]),
    (
        "GFDL-1.3",
        &["gnu free documentation license", "version 1.3"],
    ),
    ("Apache-2.0", &["apache license", "version 2.0"]),
    ("EUPL-1.2", &["european union public licence", "1.2"]),
    (
        "EUPL-1.2",
        &["licence publique de l'union européenne", "1.2"],
    ),
    ("EUPL-1.1", &["european union public licence", "1.1"]),
    ("MPL-2.0", &["mozilla public license", "2.0"]),
    ("EPL-2.0", &["eclipse public license", "2.0"]),
    (
        "CDDL-1.0",
        &["common development and distribution license", "1.0"],
    ),
    ("CECILL-2.1", &["cecill", "version 2.1"]),
    ("CECILL-B", &["cecill-b"]),
    ("CECILL-C", &["cecill-c"]),
    ("BSL-1.0", &["boost software license", "version 1.0"]),
    ("CC0-1.0", &["cc0 1.0"]),
    (
        "CC-BY-NC-SA-4.0",
        &["attribution-noncommercial-sharealike 4.0"],
    ),
    (
        "CC-BY-NC-ND-4.0",
        &["attribution-noncommercial-noderivatives 4.0"],
    ),
    ("CC-BY-NC-4.0", &["attribution-noncommercial 4.0"]),
    ("CC-BY-ND-4.0", &["attribution-noderivatives 4.0"]),
    ("CC-BY-SA-4.0", &["attribution-sharealike 4.0"]),
    ("CC-BY-4.0", &["attribution 4.0 international"]),
    ("etalab-2.0", &["licence ouverte", "2.0"]),
    ("etalab-2.0", &["open licence", "2.0"]),
    (
        "Unlicense",
        &["this is free and unencumbered software released into the public domain"],
    ),
    (
        "ISC",
        &[
            "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee",
        ],
    ),
    ("ISC", &["isc license"]),
    (
        "MIT",
        &["permission is hereby granted, free of charge, to any person obtaining a copy"],
    ),
    ("MIT", &["mit license"]),
    (
        "Zlib",
        &["this software is provided 'as-is', without any express or implied warranty"],
    ),
    (
        "BSD-3-Clause",
        &[
            "redistribution and use in source and binary forms",
            "neither the name",
        ],
    ),
    (
        "BSD-2-Clause",
        &["redistribution and use in source and binary forms"],
    ),
    ("Artistic-2.0", &["the artistic license 2.0"]),
];

/// The licence whose text this is.
fn recognise(text: &str) -> Option<&'static str> {
    let words: Vec<&str> = text.split_whitespace().take(2_000).collect();
    let plain = words.join(" ").to_lowercase().replace('’', "'");
    let end = plain
        .char_indices()
        .nth(HEADING)
        .map_or(plain.len(), |(at, _)| at);
    let found = HEADINGS.iter().find(|(id, needles)| {
        needles.iter().enumerate().all(|(at, needle)| {
            // The third clause of BSD stands further down.
            let within = if *id == "BSD-3-Clause" && at == 1 {
                &plain
            } else {
                &plain[..end]
            };
            within.contains(needle)
        })
    });
    found.map(|(id, _)| *id)
}

/// Longest notice that stands in place of a licence's text, in bytes: the Carpentries' has 3,400, with a summary of the
/// licence. In a longer text an address may be that of anything.
const MAX_NOTICE: usize = 5_000;
/// What a text says that keeps its rights, or speaks of a part only.
const NO_NOTICE: [&str; 4] = [
    "all rights reserved",
    "tous droits réservés",
    "icons",
    "icônes",
];

/// The Creative Commons licence that a notice names in place of the text, by its address; none where it names several, or
/// is more than a notice.
fn noticed(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if lower.len() > MAX_NOTICE || NO_NOTICE.iter().any(|words| lower.contains(words)) {
        return None;
    }
    let mut found = lower
        .match_indices("creativecommons.org/")
        .filter_map(|(at, _)| {
            let rest = &lower[at..];
            let end = rest.find(|c: char| c.is_whitespace() || "<>()[]\"'".contains(c));
            let address = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ';']);
            let licence = Licence::parse(&format!("https://{address}")).ok()?;
            Some(licence.as_str().to_owned())
        });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// Whether a file at the top is a licence by its name.
pub(super) fn is_licence_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let stem = name.split(['.', '-', '_']).next().unwrap_or_default();
    matches!(stem, "license" | "licence" | "copying" | "unlicense")
}

/// The licences of the licence files at the top and in `LICENSES/` (REUSE), by file.
pub(super) fn detect(tree: &dyn Tree, top: &[Node]) -> Result<Vec<Detected>, TreeError> {
    let mut found = Vec::new();
    let files = top
        .iter()
        .filter(|node| node.file && is_licence_name(&node.name));
    for node in files.take(MAX_FILES) {
        let Some(bytes) = tree.read(&node.name, MAX_TEXT)? else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let tag = text
            .lines()
            .take(20)
            .find_map(|line| {
                Some(
                    line.split_once("SPDX-License-Identifier:")?
                        .1
                        .trim()
                        .to_owned(),
                )
            })
            .and_then(|tag| Licence::parse(&tag).ok());
        let id = match tag {
            Some(tag) => Some(tag.as_str().to_owned()),
            None => recognise(&text)
                .map(str::to_owned)
                .or_else(|| noticed(&text)),
        };
        if let Some(id) = id {
            found.push(Detected {
                file: node.name.clone(),
                id,
            });
        }
    }
    if top
        .iter()
        .any(|node| node.folder && node.name == "LICENSES")
    {
        for node in tree
            .list("LICENSES")?
            .into_iter()
            .filter(|node| node.file)
            .take(MAX_FILES)
        {
            let id = node
                .name
                .rsplit_once('.')
                .map_or(&*node.name, |(stem, _)| stem);
            if let Ok(licence) = Licence::parse(id) {
                found.push(Detected {
                    file: format!("LICENSES/{}", node.name),
                    id: licence.as_str().to_owned(),
                });
            }
        }
    }
    Ok(found)
}

/// An id without what a licence's text does not say.
fn family(id: &str) -> &str {
    id.trim_end_matches("-only")
        .trim_end_matches("-or-later")
        .trim_end_matches('+')
}

/// The ids that an expression names.
fn ids(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split([' ', '(', ')']);
    words
        .filter(|word| !word.is_empty() && !matches!(*word, "AND" | "OR" | "WITH"))
        .map(family)
}

/// The problem that no licence file is the text of what is stated, in the file `stated_in`.
pub fn mismatch(stated: &str, stated_in: &str, detected: &[Detected]) -> Option<Problem> {
    // Files below LICENSES/ are of parts: only what stands at the top speaks for the whole.
    let whole: Vec<&Detected> = detected.iter().filter(|d| !d.file.contains('/')).collect();
    let first = whole.first()?;
    let named = |d: &&&Detected| ids(&d.id).any(|id| ids(stated).any(|other| other == id));
    if whole.iter().any(|d| named(&d)) {
        return None;
    }
    let path = if stated_in.is_empty() {
        String::new()
    } else {
        quoted(stated_in)
    };
    Some(Problem {
        severity: Severity::Warning,
        file: first.file.clone(),
        line: None,
        path,
        rule: "licence-mismatch".into(),
        given: first.id.clone(),
        wanted: quoted(stated),
    })
}

/// Notes files that state another licence than the first one: the name of each file with what it states.
pub fn disagreements(stated: &[(String, String)], problems: &mut Vec<Problem>) {
    let Some((_, first)) = stated.first() else {
        return;
    };
    for (file, licence) in stated
        .iter()
        .skip(1)
        .filter(|(_, licence)| licence != first)
    {
        problems.push(Problem {
            severity: Severity::Warning,
            file: file.clone(),
            line: None,
            path: String::new(),
            rule: "licences-disagree".into(),
            given: quoted(licence),
            wanted: quoted(first),
        });
    }
}
