//! In through a standard and out through it again: what is read the second time is what was read the first, but for what
//! is listed here with its reason, and nothing is listed in vain.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use commun_specs::metadata::View;
use serde_json::{Map, Value as Json};

use crate::crosswalk::format::{self, Format};
use crate::crosswalk::{Origin, Written, dublin_core, lom};

/// What is not the same after a round through a standard: the standard, the field of the model, why. It stands in the
/// handbook for librarians, too.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "oai_dc",
        "resource_type",
        "`text` is written as the word that is also a type of document, and read as that",
    ),
    (
        "lom",
        "record",
        "3.3 and 3.4 name the schema and the language of the record that is written now",
    ),
];

/// A standard with its samples: its name, where they are in the manifest, what they are, how it is written.
type Standard = (
    &'static str,
    &'static [&'static str],
    Format,
    fn(&View) -> Written,
);

const STANDARDS: [Standard; 3] = [
    ("oai_dc", &["oai_dc/"], Format::OaiDc, |view| {
        dublin_core::write(view, dublin_core::Place::default())
    }),
    (
        "lom",
        &["lom/valid/", "lom/real/", "lom/quirks/"],
        Format::Lom,
        |view| lom::write(view, lom::Place::default(), lom::Profile::Lom),
    ),
    ("suplomfr", &["suplomfr/valid/"], Format::Lom, |view| {
        lom::write(view, lom::Place::default(), lom::Profile::SupLomFr)
    }),
];

fn shared() -> PathBuf {
    let shared = std::env::var("COMMUN_SHARED").unwrap_or_else(|_| "../../shared".into());
    Path::new(&shared).join("data/metadata")
}

/// The fields that differ, with what was there and what came back.
fn differing(before: &Map<String, Json>, after: &Map<String, Json>) -> Vec<(String, Json, Json)> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |of: &Map<String, Json>, name: &str| of.get(name).cloned().unwrap_or_default();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| (name.clone(), value(before, name), value(after, name)))
        .collect()
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_what_comes_in_through_a_standard_goes_out_through_it_with_the_same_meaning() {
    let folder = shared();
    let manifest =
        std::fs::read_to_string(folder.join("MANIFEST.csv")).expect("the shared data is there");
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut met: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut faults = Vec::new();
    for (standard, below, of, write) in STANDARDS {
        let reader = format::reader(of).expect("the standard is read");
        for line in manifest.lines() {
            let mut cells = line.split(',');
            let (Some(path), Some(expected)) = (cells.next(), cells.next()) else {
                continue;
            };
            let fits = below.iter().any(|below| path.starts_with(below));
            if !fits || expected == "invalid" || !path.ends_with(".xml") {
                continue;
            }
            let bytes = std::fs::read(folder.join(path)).unwrap();
            let reading = match reader(&bytes, &Origin::named(path)) {
                Ok(reading) => reading,
                // A list of no records, or a record of nothing: the manifest says so.
                Err(_) if ["error-response", "valid-but-useless"].contains(&expected) => continue,
                Err(problem) => {
                    faults.push(format!("{path}: does not come in: {problem:?}"));
                    continue;
                }
            };
            let before = reading.record.view();
            let written = write(&before);
            let after = reader(&written.bytes, &Origin::named(path));
            let after =
                after.unwrap_or_else(|p| panic!("{path}: what is written is not read: {p:?}"));
            *seen.entry(standard).or_default() += 1;
            for (field, was, is) in differing(&before.to_json(), &after.record.view().to_json()) {
                let listed = DIFFERENCES
                    .iter()
                    .any(|(s, f, _)| *s == standard && *f == field);
                if !listed {
                    faults.push(format!("{path}: {field}: {was} came back as {is}"));
                }
                met.insert((standard, field));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for (standard, field, _) in DIFFERENCES {
        assert!(
            met.contains(&(*standard, (*field).to_owned())),
            "{standard} {field} does not differ any more"
        );
    }
    println!("{seen:?}");
    for (standard, ..) in STANDARDS {
        assert!(
            seen.get(standard).is_some_and(|count| *count > 2),
            "{standard}: {seen:?}"
        );
    }
}
