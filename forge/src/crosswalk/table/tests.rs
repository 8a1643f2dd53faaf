use super::{Mapping, Sheet, document, plain, write_row};
use crate::crosswalk::{Origin, Reading, format::Found};
use crate::problem::Severity;

const OURS: &str = "id,name,base,title[fr],title[en],language,creators,level,subject,free,licence\r\n\
    abc,univ/a,def,Suites,Sequences,fr,\"Ada Byron | Max\",L1,iscedf-0541,true,CC-BY-4.0\r\n";

fn found(table: &str, mapping: Option<&str>) -> Vec<Found> {
    let origin = Origin::named("table.csv");
    let read = document(table.as_bytes(), mapping.map(str::as_bytes), &origin);
    read.expect("readable").found
}

fn reading(found: &Found) -> &Reading {
    found.read.as_ref().expect("a record")
}

fn rules(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|p| p.rule.as_str()).collect()
}

#[test]
fn our_own_tables_need_no_mapping() {
    let found = found(OURS, None);
    let one = reading(&found[0]);
    let view = one.record.view();
    assert_eq!(one.id.as_deref(), Some("abc"));
    assert_eq!(
        view.titles,
        [
            ("fr".into(), "Suites".into()),
            ("en".into(), "Sequences".into())
        ]
    );
    assert_eq!(view.creators.len(), 2);
    assert_eq!(
        (view.levels, view.free),
        (vec!["fr-l1".to_owned()], Some(true))
    );
    assert_eq!(rules(one), ["csv-value-read"], "{:?}", one.problems);
    assert_eq!(one.problems[0].path, "level, row 2");
    assert_eq!(one.record.title[0].path, "title[fr]");
    assert_eq!(found[0].original, OURS.as_bytes());
}

#[test]
fn a_mapping_says_what_columns_and_words_mean() {
    let table = "Cote;Titre;Auteurs;Niveau;Lien;Mots;Date;Interne;Autre\n\
        C1;Suites;Essai, Anne / Max;Licence;https://a.example/1;suite/série;2024-09-01 10:00:00;x;y\n\
        C2;Séries;;Inconnu;;;31/12/2023;;\n";
    let mapping = "id: Cote\nlanguage: fr\nseparator: /\ncolumns:\n  Titre: title\n  Auteurs: creators\n\
        \u{20} Niveau: {field: level, values: {licence: isced-6}}\n\
        \u{20} Lien: {field: links, separator: '|', template: {type: location, url: '{}'}}\n  Mots: keywords\n  Date: published\n\
        \u{20} Interne: null\n  Absent: version\nconstants:\n  licence: CC-BY-4.0\n";
    let origin = Origin::default();
    let read = document(table.as_bytes(), Some(mapping.as_bytes()), &origin).expect("readable");
    let told: Vec<(&str, &str)> = read
        .problems
        .iter()
        .map(|(_, p)| (p.rule.as_str(), p.path.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("csv-column-unused", "Autre"),
            ("csv-column-missing", "Absent")
        ]
    );
    let one = reading(&read.found[0]);
    let view = one.record.view();
    assert_eq!(view.titles, [("fr".into(), "Suites".into())]);
    assert_eq!(view.creators[0].name, "Essai, Anne");
    assert_eq!(view.levels, ["isced-6"]);
    assert_eq!(view.links[0].url, "https://a.example/1");
    assert_eq!(view.keywords.len(), 2);
    assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"));
    assert!(read.found[0].original.starts_with(b"# mapping "));
    let two = reading(&read.found[1]);
    assert!(rules(two).contains(&"csv-value"), "{:?}", two.problems);
    assert_eq!(two.record.view().published.as_deref(), Some("2023-12-31"));
}

#[test]
fn every_encoding_and_delimiter_of_spreadsheets_is_read() {
    let text = "title[fr]\tlanguage\r\nÉté œuvre\tfr\r\n";
    let wide = |unit: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        let units = text.encode_utf16().flat_map(unit);
        mark.into_iter().chain(units).collect::<Vec<u8>>()
    };
    let western: Vec<u8> = text
        .chars()
        .map(|c| if c == 'œ' { 0x9c } else { c as u8 })
        .collect();
    for (bytes, problems) in [
        (text.as_bytes().to_vec(), 0),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), 0),
        (wide(u16::to_le_bytes, [0xff, 0xfe]), 0),
        (wide(u16::to_be_bytes, [0xfe, 0xff]), 0),
        (western, 1),
        (format!("sep=\t\n{text}").into_bytes(), 0),
        (text.replace('\t', ";").into_bytes(), 0),
        (
            text.replace('\t', ",").replace("\r\n", "\r").into_bytes(),
            0,
        ),
    ] {
        let sheet = Sheet::read(&bytes).expect("a table");
        assert_eq!(sheet.header, ["title[fr]", "language"]);
        assert_eq!(sheet.rows[0].cells, ["Été œuvre", "fr"]);
        assert_eq!(sheet.problems.len(), problems);
    }
}

#[test]
fn broken_tables_are_reported_and_never_swallowed_silently() {
    let told = |text: &str| {
        let sheet = Sheet::read(text.as_bytes()).expect("a table");
        let rules: Vec<String> = sheet.problems.into_iter().map(|p| p.rule).collect();
        (sheet.rows.len(), rules)
    };
    assert_eq!(told("a,b\n1\n\n,\n1,2,\n"), (2, vec![]));
    assert_eq!(told("a,b\n1,2,3\n"), (1, vec!["csv-long-row".into()]));
    assert_eq!(
        told("a,b\n1,2\n\"3,4\n5,6\n"),
        (1, vec!["csv-open-quote".into()])
    );
    let long = "x".repeat(300 << 10);
    assert_eq!(
        told(&format!("a,b\n{long},2\n3,4\n")),
        (1, vec!["csv-long-cell".into()])
    );
    let many = "1\n".repeat(super::MAX_ROWS + 1);
    let (rows, rules) = told(&format!("a\n{many}"));
    assert_eq!(
        (rows, rules),
        (super::MAX_ROWS, vec!["csv-too-many-rows".to_owned()])
    );
    for nothing in ["", "\n\n", "a\0b"] {
        assert!(Sheet::read(nothing.as_bytes()).is_err());
    }
    assert!(Sheet::read(&vec![b'a'; super::MAX_BYTES + 1]).is_err());
}

#[test]
fn a_wrong_mapping_says_where() {
    for (mapping, path) in [
        ("columns: {A: titel}", "A"),
        ("columns: {A: {field: title, langage: fr}}", "A: langage"),
        ("columns: {A: {language: fr}}", "A"),
        ("columns: {A: title}\nseparator: ab", ""),
        ("title: A", "columns"),
        ("columns: {A: title}\nlanguage: '??'", "language"),
        ("[1]", ""),
        ("{\"columns\": {\"A\": 1}}", "A"),
        ("a: [", "line 2"),
    ] {
        let wrong = Mapping::read(mapping.as_bytes()).expect_err(mapping);
        assert_eq!(
            (wrong.rule.as_str(), wrong.path.as_str()),
            ("csv-mapping", path),
            "{mapping}"
        );
    }
}

#[test]
fn a_row_that_says_nothing_is_refused_and_the_others_come_in() {
    let found = found("title[fr],level\nSuites,\n,nothing\n", None);
    assert!(found[0].read.is_ok());
    let wrong = found[1].read.as_ref().expect_err("no record");
    assert_eq!(
        (wrong.severity, wrong.rule.as_str()),
        (Severity::Error, "csv-value")
    );
    assert_eq!(rules(reading(&found[0])), ["csv-no-id"]);
}

/// Numbers that look drawn, the same at each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }
}

#[test]
fn what_is_written_is_read_again() {
    const SIGNS: [&str; 14] = [
        "=", "'", "\"", ",", ";", "\t", "\n", "\r\n", " ", "é", "a", "+1", "-", "@",
    ];
    let mut dice = Dice(7);
    for _ in 0..2_000 {
        let cells: Vec<String> = (0..3)
            .map(|_| {
                (0..dice.below(6))
                    .map(|_| SIGNS[dice.below(SIGNS.len())])
                    .collect()
            })
            .collect();
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        for delimiter in [',', ';', '\t'] {
            let mut out = String::new();
            write_row(["a", "b", "c"], delimiter, &mut out);
            write_row(cells.iter().map(String::as_str), delimiter, &mut out);
            let sheet = Sheet::read(out.as_bytes()).expect("a table");
            assert_eq!(
                (&sheet.rows[0].cells, sheet.delimiter),
                (&cells, delimiter),
                "{out:?}"
            );
            assert!(!sheet.rows[0].cells.is_empty());
            // No program may take a cell for a formula.
            let bare = Sheet::read(out.as_bytes()).expect("a table");
            assert!(bare.problems.is_empty());
        }
    }
    assert_eq!(plain("'=1"), "=1");
    assert_eq!(plain("''=1"), "'=1");
    assert_eq!(plain("'a"), "'a");
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let mut dice = Dice(11);
    for _ in 0..3_000 {
        let length = dice.below(60);
        let bytes: Vec<u8> = (0..length)
            .map(|_| b"\",;\t\r\n'=a1[]{}\xff\xfe\xc3\xa9"[dice.below(18)])
            .collect();
        let _ = document(&bytes, None, &Origin::default());
        let _ = Mapping::read(&bytes);
    }
}

#[test]
fn a_header_that_would_be_kept_with_each_row_is_short() {
    let table = |length: usize| format!("id,{}\r\n{}", "x".repeat(length), "1,2\r\n".repeat(50));
    let fault = Sheet::read(table(20_000).as_bytes()).expect_err("too long");
    assert_eq!(fault.rule, "csv-header-too-large");
    let sheet = Sheet::read(table(10_000).as_bytes()).expect("a table");
    assert_eq!(sheet.rows.len(), 50);
}

#[test]
fn a_row_without_a_title_is_told() {
    let found = found("id,title,licence\r\na,,CC-BY-4.0\r\n", None);
    assert_eq!(rules(reading(&found[0])), ["no-title"]);
}
