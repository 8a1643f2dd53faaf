//! Records as catalogues, platforms and people write them, each with what a person reads in it.
//!
//! `wild.txt` holds them: a line `#### what it is | name of the file`, the document, a line `==>` with the fields that are to
//! be shown (as people write them) and, under `rules`, what the report is to say.

use serde_json::{Map, Value as Json};

use crate::crosswalk::{
    Origin,
    format::{self, Document},
};

/// What is shown of the first record, and the rules of all that is told of it.
fn shown(name: &str, text: &str) -> (Map<String, Json>, Vec<String>) {
    let origin = Origin::named(name);
    let Some(format) = format::detect(text.as_bytes(), name) else {
        return (Map::new(), vec!["not detected".into()]);
    };
    match format::read(format, text.as_bytes(), &origin) {
        Err(problem) => (Map::new(), vec![format!("{problem:?}")]),
        Ok(Document { found, problems }) => {
            let mut rules: Vec<String> = problems.into_iter().map(|(_, p)| p.rule).collect();
            let Some(first) = found.into_iter().next() else {
                return (Map::new(), rules);
            };
            match first.read {
                Err(problem) => {
                    rules.push(problem.rule.clone());
                    (Map::new(), rules)
                }
                Ok(reading) => {
                    rules.extend(reading.problems.iter().map(|p| p.rule.clone()));
                    let view = reading.record.view();
                    // Nothing that was read is refused when it is stored.
                    let body = reading.record.to_body().expect("a body");
                    let back = commun_specs::metadata::Record::from_body(&body).expect("read");
                    assert_eq!((back.skipped, back.view()), (0, view.clone()), "{name}");
                    (view.to_json(), rules)
                }
            }
        }
    }
}

#[test]
fn records_as_they_are_met_come_in_as_a_person_reads_them() {
    let mut faults = Vec::new();
    let mut count = 0;
    let cases = include_str!("wild.txt").split("\n#### ").skip(1);
    for case in cases {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (what, name) = title.split_once(" | ").expect("a name");
        let (text, wanted) = rest.split_once("\n==>").expect("what is wanted");
        let text = text.replace("{BOM}", "\u{feff}");
        let wanted: Map<String, Json> =
            serde_json::from_str(wanted).unwrap_or_else(|e| panic!("{what}: {e}"));
        count += 1;
        let (found, rules) = shown(name, &text);
        for (field, value) in &wanted {
            if field == "rules" {
                let missing = value.as_array().expect("a list").iter();
                let missing =
                    missing.filter(|r| !rules.iter().any(|rule| Some(rule.as_str()) == r.as_str()));
                for rule in missing {
                    faults.push(format!("{what}: {rule} is not told: {rules:?}"));
                }
                continue;
            }
            let is = found.get(field).unwrap_or(&Json::Null);
            if is != value {
                faults.push(format!("{what}: {field}: {is}, not {value} ({rules:?})"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {count}:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(count > 60, "{count}");
}
