use super::words::{adds_nothing, limits};
use super::{Rights, all_hold, rights, split};
use crate::crosswalk::{Draft, Origin, Reading};
use crate::problem::Severity;

/// A record with these statements about its rights, each with its language.
fn read(statements: &[(&str, Option<&str>)]) -> Reading {
    let mut draft = Draft::new("test", &Origin::default());
    for (text, lang) in statements {
        draft.rights(text, *lang, "rights", Severity::Info);
    }
    draft.finish(None)
}

fn stated(reading: &Reading) -> String {
    let licences = reading.record.licence.iter();
    let licences: Vec<&str> = licences.map(|licence| licence.v.as_str()).collect();
    assert!(reading.record.licence.iter().all(|l| l.lang.is_none()));
    licences.join(" | ")
}

fn tells(reading: &Reading, rule: &str) -> bool {
    reading.problems.iter().any(|problem| problem.rule == rule)
}

const BY: &str = "https://creativecommons.org/licenses/by/4.0/";

#[test]
fn all_licences_of_a_record_hold_however_they_are_said() {
    for (statements, wanted) in [
        (
            vec![BY, "Licence CC BY-NC-ND 4.0, voir le site"],
            "CC-BY-4.0 AND CC-BY-NC-ND-4.0",
        ),
        (
            vec!["Licence CC BY-NC-ND 4.0, voir le site", BY],
            "CC-BY-4.0 AND CC-BY-NC-ND-4.0",
        ),
        (
            vec!["Sous licence CC BY 4.0.", "Licence CC BY-SA 4.0, oui"],
            "CC-BY-4.0 AND CC-BY-SA-4.0",
        ),
        (
            vec![BY, "MIT OR Apache-2.0"],
            "CC-BY-4.0 AND (MIT OR Apache-2.0)",
        ),
        (
            vec![BY, "CC-BY-4.0 AND CC-BY-SA-4.0"],
            "CC-BY-4.0 AND CC-BY-SA-4.0",
        ),
    ] {
        let statements: Vec<_> = statements.into_iter().map(|text| (text, None)).collect();
        let reading = read(&statements);
        assert_eq!(stated(&reading), wanted);
        let joined = !statements.iter().any(|(text, _)| *text == wanted);
        assert_eq!(tells(&reading, "licences-joined"), joined, "{wanted}");
    }
    // One that is said twice is one.
    let twice = read(&[
        (BY, None),
        ("Sous licence CC BY 4.0 (voir le site)", None),
        ("CC BY 4.0", None),
    ]);
    assert_eq!(stated(&twice), "CC-BY-4.0");
    assert!(!tells(&twice, "licences-joined"));
}

#[test]
fn a_licence_and_its_port_are_one_licence() {
    let port = "LicenseRef-CC-BY-NC-3.0-FR";
    for (fr, en) in [
        ("CC BY-NC 3.0 FR", "CC BY-NC 3.0"),
        (
            "CC BY-NC 3.0",
            "https://creativecommons.org/licenses/by-nc/3.0/fr/",
        ),
        ("CC BY-NC 3.0 FR", "CC BY-NC 3.0 DE"),
    ] {
        let reading = read(&[(fr, Some("fr")), (en, Some("en"))]);
        assert_eq!(stated(&reading), port, "{fr}, {en}");
        assert!(tells(&reading, "licence-twice"));
        assert!(!tells(&reading, "licences-joined"));
    }
    // An address counts before a sentence.
    let address = "https://creativecommons.org/licenses/by-nc/3.0/";
    let reading = read(&[
        ("Licence CC BY-NC 3.0 FR, voir le site", None),
        (address, None),
    ]);
    assert_eq!(stated(&reading), "CC-BY-NC-3.0");
    // Two ports in one language are two licences, and so are two versions and two kinds.
    for (one, two) in [
        ("CC BY-NC 3.0 FR", "CC BY-NC 3.0 DE"),
        ("CC BY-NC 3.0 FR", "CC BY-NC 4.0"),
        ("CC BY-NC 3.0 FR", "CC BY 3.0"),
    ] {
        let reading = read(&[(one, Some("fr")), (two, Some("fr"))]);
        assert!(stated(&reading).contains(" AND "), "{two}");
    }
}

#[test]
fn what_does_not_fit_allows_nothing() {
    let long = |letter: char| format!("LicenseRef-{}", letter.to_string().repeat(120));
    let (one, two) = (long('a'), long('b'));
    let reading = read(&[(BY, None), (&one, None), (&two, None)]);
    assert_eq!(stated(&reading), "");
    assert!(tells(&reading, "licences-too-long"));
    let said = &reading.record.licence_statement[0].v;
    assert!(said.starts_with("CC-BY-4.0 AND LicenseRef-aaa"), "{said}");
}

#[test]
fn words_that_forbid_what_a_licence_allows_limit_it() {
    for (words, limit) in [
        (
            "Toute utilisation commerciale est interdite.",
            "LicenseRef-non-commercial",
        ),
        (
            "© A. Tous droits réservés",
            "LicenseRef-all-rights-reserved",
        ),
        ("CC BY-NC, voir le site", "LicenseRef-non-commercial"),
        (
            "https://rightsstatements.org/vocab/InC/1.0/",
            "LicenseRef-all-rights-reserved",
        ),
        (
            "Sans modification, s’il vous plaît",
            "LicenseRef-no-derivatives",
        ),
    ] {
        let reading = read(&[(BY, None), (words, None)]);
        assert_eq!(
            stated(&reading),
            format!("CC-BY-4.0 AND {limit}"),
            "{words}"
        );
        assert!(tells(&reading, "licence-limited"), "{words}");
        // What was limited reads back as the same.
        let limited = stated(&reading);
        let again = read(&[(limited.as_str(), None), (words, None)]);
        assert_eq!(stated(&again), limited);
        assert!(!tells(&again, "licence-limited"));
        // Alone they allow nothing, and make no licence.
        assert_eq!(stated(&read(&[(words, None)])), "", "{words}");
    }
    // What the licence forbids itself is no limit.
    let own = read(&[
        ("CC BY-NC-ND 4.0", None),
        ("Pas d’usage commercial ni de modification", None),
    ]);
    assert_eq!(stated(&own), "CC-BY-NC-ND-4.0");
    // Also in the sentence that names the licence.
    let same = read(&[("Licence CC BY 4.0, usage commercial interdit", None)]);
    assert_eq!(stated(&same), "CC-BY-4.0 AND LicenseRef-non-commercial");
}

#[test]
fn what_follows_the_address_of_a_licence_is_read_too() {
    for (text, wanted, rule) in [
        (
            format!("{BY} no commercial use"),
            "CC-BY-4.0 AND LicenseRef-non-commercial",
            "licence-limited",
        ),
        (
            format!("{BY}deed.fr (pas d'utilisation commerciale)"),
            "CC-BY-4.0 AND LicenseRef-non-commercial",
            "licence-limited",
        ),
        (
            format!("{BY} https://creativecommons.org/licenses/by-nc-nd/4.0/"),
            "",
            "rights-in-words",
        ),
        (
            format!("{BY} sauf les images, tous droits réservés"),
            "",
            "rights-in-words",
        ),
    ] {
        let read = read(&[(&text, None)]);
        assert_eq!(stated(&read), wanted, "{text}");
        assert!(tells(&read, rule), "{text}: {:?}", read.problems);
        assert_eq!(read.record.licence_statement[0].v, text);
    }
}

#[test]
fn words_that_are_not_understood_are_told_beside_a_licence() {
    for (words, told) in [
        ("Écrire à la bibliothèque avant d’imprimer", true),
        ("CC BY 4.0 sauf mention contraire", true),
        ("Voir https://a.example/droits", false),
        (
            "Ce document est diffusé sous licence Creative Commons.",
            false,
        ),
        ("© 2020 Université A, Marie Curie", false),
        ("© 2020 Université A, merci de prévenir", true),
    ] {
        let reading = read(&[(BY, None), (words, None)]);
        assert_eq!(stated(&reading), "CC-BY-4.0", "{words}");
        assert_eq!(tells(&reading, "rights-beside"), told, "{words}");
        assert_eq!(tells(&reading, "rights-in-words"), !told, "{words}");
        assert_eq!(reading.record.licence_statement.len(), 1);
    }
}

#[test]
fn an_unknown_licence_in_its_own_place_makes_all_unknown() {
    let mut draft = Draft::new("test", &Origin::default());
    let by = draft.licence(BY, "license").expect("known");
    draft.licence_is(&by, None, "license");
    assert!(draft.states_licence());
    draft.licence_unread();
    assert!(!draft.states_licence());
    assert_eq!(stated(&draft.finish(None)), "");
}

#[test]
fn bans_are_found_in_the_words_of_people() {
    let nc = "LicenseRef-non-commercial";
    let nd = "LicenseRef-no-derivatives";
    let sa = "LicenseRef-share-alike";
    let all = "LicenseRef-all-rights-reserved";
    for (words, wanted) in [
        ("Pas d’utilisation commerciale", vec![nc]),
        ("Usage non-commercial uniquement", vec![nc]),
        ("Not for commercial use", vec![nc]),
        ("Nicht-kommerzielle Nutzung", vec![nc]),
        ("Libre de droits à but non lucratif", vec![nc]),
        ("Libre réutilisation, y compris commerciale", vec![]),
        ("You may use it, even commercially", vec![]),
        ("No derivative works", vec![nd]),
        ("Ne pas modifier", vec![nd]),
        ("Vous pouvez le modifier", vec![]),
        ("Keine Bearbeitung", vec![nd]),
        (
            "Paternité - Pas d’Utilisation Commerciale - Partage à l’identique",
            vec![nc, sa],
        ),
        (
            "http://creativecommons.org/licenses/by-nc-nd/",
            vec![nc, nd],
        ),
        ("CC BY SA", vec![sa]),
        ("All rights reserved", vec![all]),
        ("Some rights reserved", vec![]),
        ("Alle Rechte vorbehalten", vec![all]),
        ("Reproduction interdite", vec![all]),
        ("Reproduction autorisée sans modification", vec![nd]),
        (
            "Exception pédagogique",
            vec!["LicenseRef-exception-pedagogique"],
        ),
        ("Hachette SA, Paris", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(limits(words), wanted, "{words}");
    }
    // Long texts cost what they are long.
    let long = "commercial, ".repeat(1 << 16);
    assert_eq!(limits(&long), [nc]);
    assert!(!adds_nothing(&long));
}

#[test]
fn expressions_are_parted_and_joined() {
    for (expression, parts) in [
        ("MIT", vec!["MIT"]),
        ("MIT AND Zlib", vec!["MIT", "Zlib"]),
        ("MIT AND (Zlib OR ISC)", vec!["MIT", "Zlib OR ISC"]),
        ("MIT AND Zlib OR ISC", vec!["MIT AND Zlib OR ISC"]),
        (
            "(MIT OR ISC) AND (Zlib OR 0BSD)",
            vec!["MIT OR ISC", "Zlib OR 0BSD"],
        ),
    ] {
        assert_eq!(split(expression), parts);
        let joined = all_hold(&[expression]).expect("an expression");
        assert_eq!(split(joined.as_str()), parts);
    }
    let joined = all_hold(&["(MIT AND Zlib) OR ISC", "0BSD"]).expect("an expression");
    assert_eq!(joined.as_str(), "((MIT AND Zlib) OR ISC) AND 0BSD");
    let joined = all_hold(&["MIT AND Zlib", "Zlib", "ISC OR 0BSD"]).expect("an expression");
    assert_eq!(joined.as_str(), "MIT AND Zlib AND (ISC OR 0BSD)");
}

#[test]
fn licences_are_taken_where_they_are_certain() {
    let id = |text: &str| match rights(text) {
        Rights::Exact(l) => format!("= {}", l.as_str()),
        Rights::Named(l) => format!("~ {}", l.as_str()),
        Rights::Words => String::new(),
    };
    assert_eq!(
        id("https://creativecommons.org/licenses/by-sa/4.0/deed.fr"),
        "= CC-BY-SA-4.0"
    );
    assert_eq!(id("CC BY-NC-ND 4.0"), "= CC-BY-NC-ND-4.0");
    assert_eq!(id("Domaine public (CC0)"), "~ CC0-1.0");
    assert_eq!(
        id(
            "Licence Creative Commons : Paternité - Pas d'Utilisation Commerciale - Partage des Conditions Initiales à l'Identique 2.0 France."
        ),
        "~ CC-BY-NC-SA-2.0-FR"
    );
    assert_eq!(
        id("Voir (https://creativecommons.org/licenses/by/4.0/)."),
        "~ CC-BY-4.0"
    );
    assert_eq!(
        id("Voir creativecommons.org/licenses/by/4.0/deed.fr"),
        "~ CC-BY-4.0"
    );
    assert_eq!(id("Cours et illustrations : CC BY 4.0"), "~ CC-BY-4.0");
    let link = "<a href=\"https://creativecommons.org/licenses/by-sa/4.0/\">CC BY-SA</a>";
    assert_eq!(id(link), "~ CC-BY-SA-4.0");
    assert_eq!(id("CC BY 4.0 (https://a.example/droits)"), "~ CC-BY-4.0");
    for words in [
        "Creative Commons Attribution",
        "Tous droits réservés",
        "CC BY 4.0 sauf mention contraire",
        "CC BY 4.0 ou CC BY-SA 3.0",
        "Textes https://creativecommons.org/licenses/by/4.0/ et images https://creativecommons.org/licenses/by-nd/4.0/",
        // What only holds the words of a licence's address is not that address.
        "javascript:alert(1)//creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "Licence : https://evil.example/?https://creativecommons.org/licenses/by/4.0/",
        "https://evil.example/cc-by/4.0 voir là",
        "evil.example/creativecommons.org/licenses/by/4.0/",
        "Licence CC BY 4.0 refusée",
        "Formerly CC BY 4.0",
        "Les illustrations sont sous CC BY 4.0.",
    ] {
        assert_eq!(id(words), "", "{words}");
    }
}

#[test]
fn a_licence_that_is_denied_or_of_something_else_is_none() {
    for words in [
        "Not CC BY 4.0",
        "Jamais CC BY 4.0",
        "CC BY 4.0 n’est plus valable",
        "nicht unter CC BY 4.0",
        "Cover image CC0 1.0",
        "L’image de couverture est sous licence CC BY 4.0",
        "Le chapitre 2 est sous CC BY 4.0",
        "CC BY 4.0 (texts only)",
        "Adapté de « Y » (CC BY 4.0)",
        "D’après OpenStax, CC BY 4.0",
        "Sous embargo jusqu’en 2030, CC BY 4.0",
        "Licence à décider (CC BY 4.0 ?)",
        "Usage pédagogique uniquement - CC BY 4.0",
        "CC BY-SA 4.0, ausgenommen Abbildungen",
    ] {
        assert_eq!(rights(words), Rights::Words, "{words}");
    }
    for words in [
        "Cette vidéo est sous licence CC BY 4.0",
        "CC BY-NC 4.0, pas à des fins commerciales",
        "CC BY 3.0 non transposé",
        "Creative Commons Attribution - Pas d’Utilisation Commerciale - Pas de Modification 4.0",
        "CC BY-ND 4.0 No Derivatives",
    ] {
        assert!(matches!(rights(words), Rights::Named(_)), "{words}");
    }
    assert_eq!(
        limits("Diffusion réservée aux étudiants"),
        ["LicenseRef-all-rights-reserved"]
    );
}

#[test]
fn two_records_of_one_thing_both_hold() {
    let by = read(&[("CC BY 4.0", None)]);
    let mut both = by.clone();
    both.complete(read(&[("CC BY-NC-ND 4.0", None)]));
    assert_eq!(stated(&both), "CC-BY-4.0 AND CC-BY-NC-ND-4.0");
    assert!(tells(&both, "licences-joined"));
    let mut reserved = by.clone();
    reserved.complete(read(&[("Tous droits réservés", None)]));
    assert_eq!(
        stated(&reserved),
        "CC-BY-4.0 AND LicenseRef-all-rights-reserved"
    );
    let mut same = by.clone();
    same.complete(by);
    assert_eq!(stated(&same), "CC-BY-4.0");
    assert!(!tells(&same, "licences-joined"));
}

#[test]
fn two_licences_in_a_sentence_and_one_that_is_denied_are_none() {
    for words in [
        "Métadonnées : CC0. Document : CC BY-NC-ND 4.0",
        "Notice sous CC0",
        "CC BY 4.0 et CC BY-SA 4.0",
        "Pas de CC BY 4.0 ici",
        "Sans licence CC BY 4.0",
    ] {
        assert_eq!(rights(words), Rights::Words, "{words}");
    }
    for words in [
        "Licence CC BY-SA 4.0 (Creative Commons BY-SA 4.0)",
        "Creative Commons : Paternité - Pas d’Utilisation Commerciale - Pas de Modification 2.0 France",
    ] {
        assert!(matches!(rights(words), Rights::Named(_)), "{words}");
    }
}

#[test]
fn the_english_word_by_is_no_licence_and_kinds_are_sets() {
    for (words, id) in [
        (
            "\"Cours\" by Marie Curie is licensed under CC BY-SA 4.0",
            "CC-BY-SA-4.0",
        ),
        ("CC BY-SA 4.0 by X", "CC-BY-SA-4.0"),
        (
            "CC BY-NC-SA 4.0 (Creative Commons BY-SA-NC 4.0)",
            "CC-BY-NC-SA-4.0",
        ),
    ] {
        let found = match rights(words) {
            Rights::Named(licence) => licence.as_str().to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(found, id, "{words}");
    }
    for words in [
        "Texts by Marie Curie CC BY-SA 4.0, images CC BY 4.0",
        "CC BY-SA or BY, version 4.0",
        "Cours CC 4.0 by Marie Curie",
        "The course by Marie Curie is not under CC BY-SA 4.0",
    ] {
        assert_eq!(rights(words), Rights::Words, "{words}");
    }
}
