//! From what an author writes to what a page shows: `cargo run -p commun-specs --example metadata`.

use commun_specs::licence::Licence;
use commun_specs::metadata::{Input, Record, Source, validate_rules};
use commun_specs::vocab::{Scheme, label};

fn main() {
    // A first attempt: every problem is told at once, with its place and what to do.
    let attempt = r#"{"title": "Algèbre", "resource_type": "coruse", "licence": "CC-BY-SA", "created": "31/12/2024"}"#;
    if let Err(problems) = Input::parse(attempt.as_bytes()) {
        println!("refused:\n{problems}\n");
    }

    let document = r#"{
        "title": {"fr": "Algèbre linéaire", "en": "Linear algebra"}, "language": "fr",
        "creators": [{"name": "Ada Byron", "orcid": "0000-0002-1825-0097"}],
        "licence": "CC BY-SA 4.0", "resource_type": "course", "level": "L1", "subject": "iscedf-0541"
    }"#;
    let input = Input::parse(document.as_bytes()).expect("this one is valid");
    for warning in &input.warnings {
        println!("warning: {warning}");
    }
    validate_rules(&input.values, &["title", "licence"])
        .expect("what the charter requires is there");

    // The body that a statement carries: every value knows where it came from.
    let record = Record::from_input(
        &input,
        Source::declared(Some("metadata.json".into()), None, None),
    );
    let body = record.to_body().expect("small enough");
    println!("\n{}\n", String::from_utf8_lossy(&body));

    // What another institution's node shows to somebody who reads English first.
    let view = Record::from_body(&body).expect("we wrote it").view();
    let (_, title) = view.title_for(&["en", "fr"]).expect("it has a title");
    let licence =
        Licence::parse(view.licence.as_deref().unwrap_or_default()).expect("it was checked");
    println!(
        "{title} ({})",
        label(Scheme::Level, &view.levels[0], "en").unwrap_or_default()
    );
    println!("{}: {}", licence.label("en"), licence.sentence("en"));
}
