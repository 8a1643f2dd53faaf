use super::*;

mod compatible;

fn id(written: &str) -> String {
    Licence::parse(written).map_or_else(|error| format!("! {error}"), |licence| licence.text)
}

#[test]
fn expressions_are_spelt_as_the_list_spells_them() {
    assert_eq!(id("CC-BY-SA-4.0"), "CC-BY-SA-4.0");
    assert_eq!(id("apache-2.0"), "Apache-2.0");
    assert_eq!(
        id(" mit or (apache-2.0 and  cc0-1.0) "),
        "MIT OR (Apache-2.0 AND CC0-1.0)"
    );
    assert_eq!(
        id("GPL-2.0-only WITH Classpath-exception-2.0"),
        "GPL-2.0-only WITH Classpath-exception-2.0"
    );
    assert_eq!(id("CC BY-SA 4.0"), "CC-BY-SA-4.0");
    assert_eq!(id("LicenseRef-Ma-Licence"), "LicenseRef-Ma-Licence");
    assert_eq!(id("etalab-2.0"), "etalab-2.0");
}

#[test]
fn french_ports_that_the_list_lacks_are_license_refs() {
    assert_eq!(id("CC BY-SA 3.0 FR"), "LicenseRef-CC-BY-SA-3.0-FR");
    assert_eq!(id("CC-BY-NC-SA-2.0-FR"), "CC-BY-NC-SA-2.0-FR");
    assert_eq!(
        id("https://creativecommons.org/licenses/by-nc-sa/3.0/fr/"),
        "LicenseRef-CC-BY-NC-SA-3.0-FR"
    );
    let port = Licence::parse("LicenseRef-CC-BY-SA-3.0-FR").expect("valid");
    assert_eq!(port.family(), Family::ShareAlike);
    assert_eq!(port.label("fr"), "CC BY-SA 3.0 FR");
    assert_eq!(
        port.url().as_deref(),
        Some("https://creativecommons.org/licenses/by-sa/3.0/fr/")
    );
}

#[test]
fn elements_of_creative_commons_come_in_any_order() {
    assert_eq!(id("CC BY-SA-NC 4.0"), "CC-BY-NC-SA-4.0");
    let first = "https://creativecommons.org/licenses/by-nd-nc/1.0/";
    assert_eq!(id(first), "CC-BY-NC-ND-1.0");
    let licence = Licence::parse("CC-BY-NC-ND-1.0").expect("valid");
    assert_eq!(licence.url().as_deref(), Some(first));
    assert!(id("CC BY-BY 4.0").starts_with('!'));
}

#[test]
fn addresses_of_licences_are_mapped_and_look_alikes_are_not() {
    assert_eq!(
        id("http://www.creativecommons.org/licenses/by-sa/4.0/deed.fr"),
        "CC-BY-SA-4.0"
    );
    assert_eq!(
        id("https://creativecommons.org/publicdomain/zero/1.0/"),
        "CC0-1.0"
    );
    assert_eq!(id("https://spdx.org/licenses/EUPL-1.2.html"), "EUPL-1.2");
    for (written, licence) in [
        (
            "HTTPS://CreativeCommons.org/licenses/by/4.0/legalcode.txt",
            "CC-BY-4.0",
        ),
        (
            "https://creativecommons.org/licenses/by-sa/3.0/us/deed.en_GB",
            "LicenseRef-CC-BY-SA-3.0-US",
        ),
        (
            "https://creativecommons.org/licenses/by/4.0/deed?ref=a#b",
            "CC-BY-4.0",
        ),
        (
            "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
            "CC0-1.0",
        ),
        (
            "https://creativecommons.org/licenses/by/4.0/legalcode.en.html",
            "CC-BY-4.0",
        ),
        (
            "https://creativecommons.org/licenses/by-sa/4.0/index.html),",
            "CC-BY-SA-4.0",
        ),
        (
            "https://creativecommons.org/licenses/by-nc/2.5/scotland/deed.en",
            "LicenseRef-CC-BY-NC-2.5-SCOTLAND",
        ),
        ("https://spdx.org/licenses/EUPL-1.2.json", "EUPL-1.2"),
        (
            "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
            "etalab-2.0",
        ),
        (
            "https://www.etalab.gouv.fr/Licence-Ouverte-Open-Licence/",
            "etalab-2.0",
        ),
    ] {
        assert_eq!(id(written), licence);
    }
    for lie in [
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "https://creativecommons.org@evil.example/licenses/by/4.0/",
        "//creativecommons.org/licenses/by/4.0/",
        "javascript://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by-evil/4.0/",
        "https://creativecommons.org/licenses/by/4.0/ https://creativecommons.org/licenses/by-nc-nd/4.0/",
        "https://creativecommons.org/licenses/by/4.0/|https://creativecommons.org/licenses/by-nc-nd/4.0/",
        "https://creativecommons.org/licenses/by/4.0/;nc",
        "https://creativecommons.org/licenses/by/4.0/deed.fr (pas d'utilisation commerciale)",
        "https://creativecommons.org/publicdomain/zero/1.0/ sauf les images",
        "https://www.etalab.gouv.fr/licence-ouverte-open-licence : usage commercial interdit",
        "https://www.etalab.gouv.fr/licence-ouverte-open-licence/usage-commercial-interdit",
        "https://www.etalab.gouv.fr/pourquoi-pas-la-licence-ouverte",
        "https://creativecommons.org/licenses/by/4.0/?a=https://creativecommons.org/licenses/by-nd/4.0/",
    ] {
        assert!(id(lie).starts_with('!'), "{lie}");
    }
}

#[test]
fn names_in_words_are_ids_where_kind_and_version_are_certain() {
    for (written, licence) in [
        ("EUPL 1.2", "EUPL-1.2"),
        ("EUPL v. 1.2", "EUPL-1.2"),
        ("Licence Art Libre 1.3", "LAL-1.3"),
        ("Free Art License v1.3", "LAL-1.3"),
        ("Licence ODbL 1.0", "ODbL-1.0"),
        ("Apache License, version 2.0", "Apache-2.0"),
        ("MIT License", "MIT"),
    ] {
        assert_eq!(id(written), licence);
    }
    for open in [
        "GPL 3.0",
        "EUPL",
        "Licence Art Libre",
        "EUPL 1.2 sauf images",
        "Apache License",
    ] {
        assert!(id(open).starts_with('!'), "{open}");
    }
}

#[test]
fn a_mistake_is_answered_with_what_to_write() {
    assert!(id("CC-BY-SA").contains("did you mean CC-BY-SA-4.0?"));
    assert!(
        id("CC-BY-SA-4").contains("did you mean CC-BY-SA-4.0?"),
        "{}",
        id("CC-BY-SA-4")
    );
    assert!(id("").contains("use an SPDX id"));
    assert!(id("libre").contains("use an SPDX id"));
    assert!(id("MIT OR").starts_with('!'));
    assert!(id(&"(".repeat(150)).starts_with('!'));
    assert!(id(&"MIT OR ".repeat(400)).contains("longer"));
}

#[test]
fn the_class_follows_and_and_or() {
    let class = |text| Licence::parse(text).expect("valid").class();
    assert_eq!(class("CC-BY-SA-4.0"), Class::Free);
    assert_eq!(class("CC-BY-NC-SA-4.0"), Class::FreeToAdapt);
    assert_eq!(class("CC-BY-NC-ND-4.0"), Class::Restricted);
    assert_eq!(class("CC-BY-4.0 AND CC-BY-NC-4.0"), Class::FreeToAdapt);
    assert_eq!(class("CC-BY-NC-ND-4.0 OR GPL-3.0-only"), Class::Free);
    assert_eq!(class("LicenseRef-exception-pedagogique"), Class::Restricted);
    assert_eq!(class("LGPL-3.0-or-later"), Class::Free);
    assert_eq!(class("Zlib"), Class::Free);
    assert!(Class::FreeToAdapt.may_adapt() && !Class::Restricted.may_adapt());
}

#[test]
fn every_licence_offered_or_named_is_valid_and_has_a_sentence_in_both_languages() {
    let named = include_str!("../vocab/licence.tsv")
        .lines()
        .filter(|l| !l.starts_with('#'));
    for id in common_ids().chain(named.filter_map(|line| line.split('\t').next())) {
        let licence = Licence::parse(id).expect(id);
        assert_eq!(licence.as_str(), id);
        assert_ne!(licence.sentence("fr"), licence.sentence("en"));
        assert!(!licence.label("fr").is_empty());
    }
}
