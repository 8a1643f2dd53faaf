//! The sets that harvesters may ask for: by institution, by type, by subject.
//!
//! `institution:univ-angers`, `type:resource`, `type:resource:course`, `subject:iscedf-0541`. A record that is in a set is
//! in those above it (`type`), and one about mathematics is also in the set of its broad field.

use commun_forge::oai::is_set;
use commun_specs::{
    charter::Amendment,
    fold::Item,
    metadata::View,
    vocab::{self, Scheme},
};

/// The sets of a record, each once, those above before those below.
pub(super) fn of(item: &Item, view: &View) -> Vec<String> {
    let kind = item.kind.as_str();
    let mut sets = vec![
        "institution".to_owned(),
        format!("institution:{}", item.owner),
        "type".to_owned(),
        format!("type:{kind}"),
    ];
    for id in &view.resource_types {
        sets.push(format!("type:{kind}:{id}"));
    }
    let ids = view.subject_ids();
    let ours = ids
        .iter()
        .filter(|id| vocab::find(Scheme::Subject, id).is_some());
    let subjects = vocab::expand(Scheme::Subject, ours.map(String::as_str));
    if !subjects.is_empty() {
        sets.push("subject".to_owned());
    }
    sets.extend(subjects.into_iter().map(|id| format!("subject:{id}")));
    // What is not a set name in the protocol is left out: ids of vocabularies are.
    sets.retain(|set| is_set(set));
    let mut seen: Vec<String> = Vec::new();
    sets.retain(|set| {
        let new = !seen.contains(set);
        if new {
            seen.push(set.clone());
        }
        new
    });
    sets
}

/// What a set is called.
pub(super) fn label(spec: &str, charter: &Amendment) -> String {
    let parts: Vec<&str> = spec.split(':').collect();
    let subject = |id: &str| {
        vocab::label(Scheme::Subject, id, "en")
            .unwrap_or(id)
            .to_owned()
    };
    match parts[..] {
        ["institution"] => "All institutions".into(),
        ["institution", handle] => {
            let found = charter
                .institutions
                .iter()
                .find(|i| i.handle.as_str() == handle);
            found.map_or_else(|| handle.to_owned(), |i| i.name.clone())
        }
        ["type"] => "All types".into(),
        ["type", kind] => vocab::label(Scheme::ItemType, kind, "en")
            .unwrap_or(kind)
            .to_owned(),
        ["type", _, id] => vocab::label(Scheme::ResourceType, id, "en")
            .unwrap_or(id)
            .to_owned(),
        ["subject"] => "All subjects".into(),
        ["subject", id] => subject(id),
        _ => spec.to_owned(),
    }
}

/// The sets of a header: those that no other of the record's is below.
pub(super) fn lowest(sets: &[String]) -> Vec<String> {
    let below = |set: &String| {
        sets.iter().any(|other| {
            other
                .strip_prefix(set.as_str())
                .is_some_and(|rest| rest.starts_with(':'))
        })
    };
    sets.iter().filter(|set| !below(set)).cloned().collect()
}
