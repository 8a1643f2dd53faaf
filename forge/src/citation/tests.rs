use super::*;

fn named(name: &str) -> Creator {
    Creator {
        name: name.into(),
        ..Creator::default()
    }
}

fn parted(name: &str, given: &str, family: &str) -> Creator {
    Creator {
        given: Some(given.into()),
        family: Some(family.into()),
        ..named(name)
    }
}

fn cited() -> Cited {
    Cited {
        name: "univ-a/algebre-l1".into(),
        title: "Algèbre {linéaire} & 100 % _libre_".into(),
        creators: vec![named("Ada Lovelace"), named("Émilie du Châtelet")],
        issued: Some("2026-09-01T10:00:00Z".into()),
        publisher: "Université d’Angers".into(),
        language: Some("fr".into()),
        licence: Some("CC-BY-SA-4.0".into()),
        url: "https://a.example/univ-a/algebre-l1}".into(),
        ..Cited::default()
    }
}

#[test]
fn csl_names_what_programs_look_for() {
    assert_eq!(
        cited().csl(),
        json!({
            "id": "univ-a/algebre-l1", "type": "document", "title": "Algèbre {linéaire} & 100 % _libre_",
            "author": [{"literal": "Ada Lovelace"}, {"literal": "Émilie du Châtelet"}],
            "issued": {"date-parts": [[2026, 9, 1]]}, "publisher": "Université d’Angers", "language": "fr",
            "license": "CC-BY-SA-4.0", "URL": "https://a.example/univ-a/algebre-l1}",
        })
    );
    let bare = Cited {
        issued: Some("hier".into()),
        ..Cited::default()
    };
    assert_eq!(bare.csl(), json!({"type": "document"}));
}

#[test]
fn ris_keeps_each_value_on_its_line() {
    let entry = Cited {
        title: "Un titre\r\nER  - \nTY  - BOOK".into(),
        ..cited()
    };
    let ris = entry.ris();
    assert!(
        ris.starts_with(
            "TY  - GEN\r\nID  - univ-a/algebre-l1\r\nTI  - Un titre ER - TY - BOOK\r\n"
        ),
        "{ris}"
    );
    assert!(
        ris.contains("\r\nAU  - Ada Lovelace\r\nAU  - Émilie du Châtelet\r\n"),
        "{ris}"
    );
    assert!(ris.contains("\r\nPY  - 2026\r\nDA  - 2026/09/"), "{ris}");
    assert!(
        ris.ends_with("\r\nER  - \r\n") && ris.matches("\nER").count() == 1,
        "{ris}"
    );
}

#[test]
fn bibtex_keeps_its_braces_balanced_whatever_a_title_says() {
    let entry = cited().bibtex();
    assert!(entry.starts_with("@misc{univ-a:algebre-l1,\n"));
    assert!(entry.contains(
        "title = {{Algèbre {\\textbraceleft}linéaire{\\textbraceright} \\& 100 \\% \\_libre\\_}}"
    ));
    assert!(entry.contains("author = {{Ada Lovelace} and {Émilie du Châtelet}}"));
    assert!(entry.contains("year = {2026}") && entry.contains("month = {9}"));
    assert!(entry.contains("url = {https://a.example/univ-a/algebre-l1%7D}"));
    let (open, close) = (entry.matches('{').count(), entry.matches('}').count());
    assert_eq!(open, close);
    let hostile = Cited {
        title: "}}\n@misc{evil,".into(),
        ..Cited::default()
    };
    let entry = hostile.bibtex();
    assert_eq!(entry.matches("\n@misc").count(), 0, "{entry}");
}

#[test]
fn family_and_given_names_are_told_apart_where_the_record_does() {
    let institute = Creator {
        kind: Some("organisation".into()),
        ..parted("Institut Henri Poincaré", "Institut", "Poincaré")
    };
    let entry = Cited {
        creators: vec![
            parted("Émilie du Châtelet", "Émilie", "du Châtelet"),
            institute,
            named("Ada Lovelace"),
            parted("A", "Jean and {Paul}", "Dupont, fils"),
        ],
        ..cited()
    };
    let people = json!([
        {"family": "du Châtelet", "given": "Émilie"}, {"literal": "Institut Henri Poincaré"},
        {"literal": "Ada Lovelace"}, {"family": "Dupont, fils", "given": "Jean and {Paul}"},
    ]);
    assert_eq!(entry.csl()["author"], people);
    let bibtex = entry.bibtex();
    let authors = "author = {du Châtelet, Émilie and {Institut Henri Poincaré} and {Ada Lovelace} and {Dupont, fils}, \
        {Jean and {\\textbraceleft}Paul{\\textbraceright}}},";
    assert!(bibtex.contains(authors), "{bibtex}");
    let ris = entry.ris();
    let authors =
        "\r\nAU  - du Châtelet, Émilie\r\nAU  - Institut Henri Poincaré\r\nAU  - Ada Lovelace\r\n";
    assert!(ris.contains(authors), "{ris}");
    assert!(
        ris.contains("\r\nAU  - Dupont fils, Jean and {Paul}\r\n"),
        "{ris}"
    );
    let entry = Cited {
        creators: vec![parted("Ada Lovelace", "", " ")],
        ..cited()
    };
    assert_eq!(entry.csl()["author"], json!([{"literal": "Ada Lovelace"}]));
}

#[test]
fn the_type_is_what_the_item_is() {
    for (ids, csl, bibtex, ris) in [
        (&["textbook"][..], "book", "@book{", "TY  - BOOK"),
        (
            &["course", "video"],
            "motion_picture",
            "@misc{",
            "TY  - VIDEO",
        ),
        (&["dataset"], "dataset", "@dataset{", "TY  - DATA"),
        (&["course"], "document", "@misc{", "TY  - GEN"),
        (&[], "document", "@misc{", "TY  - GEN"),
    ] {
        let entry = Cited {
            kind: Kind::of(ids.iter().copied()),
            ..cited()
        };
        assert_eq!(entry.csl()["type"], csl, "{ids:?}");
        assert!(entry.bibtex().starts_with(bibtex), "{ids:?}");
        assert!(entry.ris().starts_with(ris), "{ids:?}");
    }
    assert_eq!(Kind::software().csl, "software");
    use commun_specs::vocab::Scheme;
    for id in KINDS.iter().flat_map(|(ids, ..)| *ids) {
        let known = [Scheme::ResourceType, Scheme::DocumentType]
            .iter()
            .any(|scheme| commun_specs::vocab::find(*scheme, id).is_some());
        assert!(known, "{id} is in no vocabulary");
    }
}
