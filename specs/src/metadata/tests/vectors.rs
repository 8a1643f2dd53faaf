//! `specs/vectors/metadata.json`.

use serde_json::Value;

use crate::metadata::{Input, Problem, Problems};

#[test]
fn every_vector_is_judged_as_it_says() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../../../vectors/metadata.json"))
        .expect("the vectors are JSON");
    assert!(vectors.len() >= 40);
    for vector in &vectors {
        let id = &vector["id"];
        let fields = |list: &[Problem]| -> Vec<Value> {
            list.iter().map(|p| p.field.as_str().into()).collect()
        };
        let stated = |member: &str| vector[member].as_array().cloned().unwrap_or_default();
        match Input::parse(vector["document"].as_str().expect("a text").as_bytes()) {
            Ok(input) => {
                assert_eq!(vector["valid"], true, "{id}");
                assert_eq!(fields(&input.warnings), stated("warnings"), "{id}");
            }
            Err(Problems(problems)) => {
                assert_eq!(vector["valid"], false, "{id}: {problems:?}");
                assert_eq!(fields(&problems), stated("fields"), "{id}");
                assert!(
                    problems
                        .iter()
                        .all(|p| !p.what.is_empty() && !p.fix.is_empty()),
                    "{id}"
                );
            }
        }
    }
}
