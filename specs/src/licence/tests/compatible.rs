//! `specs/vectors/licences.json`, and what the vectors cannot say.

use serde_json::Value;

use super::super::*;

fn licence(text: &str) -> Licence {
    Licence::parse(text).expect(text)
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().cloned().unwrap_or_default();
    list.iter()
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

//= R-07-22
//= R-07-23
#[test]
fn every_vector_is_judged_as_it_says() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../../../vectors/licences.json"))
        .expect("the vectors are JSON");
    assert!(vectors.len() >= 40);
    for vector in &vectors {
        let id = vector["id"].as_str().expect("an id");
        if let Some(of) = vector["licence"].as_str() {
            let terms = licence(of).terms();
            let stated = |member: &str| vector["terms"][member] == true;
            assert_eq!(terms.open, stated("open"), "{id}");
            assert_eq!(terms.adapt, stated("adapt"), "{id}");
            assert_eq!(terms.commercial, stated("commercial"), "{id}");
            assert_eq!(terms.attribution, stated("attribution"), "{id}");
            assert_eq!(terms.share_alike, stated("share_alike"), "{id}");
            continue;
        }
        let originals = vector["originals"].as_array().expect("originals");
        let originals: Vec<Option<Licence>> =
            originals.iter().map(|o| o.as_str().map(licence)).collect();
        let wanted = licence(vector["wanted"].as_str().expect("a licence"));
        let judged = compatible(&originals, &wanted, &texts(&vector["accepted"]));
        let reason = judged.as_ref().err().map(|refusal| refusal.reason.as_str());
        assert_eq!(reason, vector["refused"].as_str(), "{id}");
        if let Err(refusal) = judged {
            assert_ne!(refusal.sentence("fr"), refusal.sentence("en"), "{id}");
            assert!(!refusal.sentence("fr").contains("{}"), "{id}");
            for instead in refusal.instead {
                let proposed =
                    compatible(&originals, &licence(instead), &texts(&vector["accepted"]));
                assert!(proposed.is_ok(), "{id}: {instead}");
            }
        }
    }
}

#[test]
fn a_refusal_says_what_would_do() {
    let original = [Some(licence("LicenseRef-CC-BY-NC-SA-3.0-FR"))];
    let refusal = compatible(&original, &licence("CC-BY-4.0"), &[]).expect_err("not so");
    assert_eq!(
        refusal.sentence("fr"),
        "La licence de l’original (CC BY-NC-SA 3.0 FR) interdit l’usage commercial, celle que vous voulez le permet. Possible\u{a0}: CC-BY-NC-SA-4.0."
    );
    let both = [
        Some(licence("CC-BY-SA-4.0")),
        Some(licence("CC-BY-NC-SA-4.0")),
    ];
    let refusal = compatible(&both, &licence("CC-BY-SA-4.0"), &[]).expect_err("not in one work");
    assert_eq!(
        (refusal.reason, refusal.original),
        (Reason::Conflict, Some(1))
    );
}

#[test]
fn an_expression_with_a_million_choices_is_not_followed() {
    let pair = "(MIT OR ISC)";
    let many = [pair; 11].join(" AND ");
    let many = licence(&many);
    assert!(many.as_str().len() <= MAX_EXPRESSION_BYTES);
    let refusal = compatible(&[Some(many.clone())], &licence("MIT"), &[]).expect_err("too many");
    assert_eq!(refusal.reason, Reason::TooManyAlternatives);
    assert!(!many.terms().open, "what cannot be judged allows nothing");
}
