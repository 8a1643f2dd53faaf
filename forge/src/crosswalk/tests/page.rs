//! The page of the handbook that says which field goes out through which standard: made from what the writers lose.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use commun_specs::metadata::{Record, Shape, TABLE};
use serde_json::Value as Json;

use super::twice::{WAYS, Way, base, put, samples};
use crate::crosswalk::{Loss, Origin};

/// The page in one language.
struct Page {
    path: &'static str,
    head: &'static str,
    /// Between the two tables.
    between: &'static str,
    /// The first cells of the heads of the tables.
    cells: [&'static str; 5],
    /// Carried, carried in part, in one language, not carried.
    marks: [&'static str; 4],
}

const PAGES: [Page; 2] = [
    Page {
        path: "crosswalks.md",
        head: "# What goes out through which standard\n\n\
            One row for each field of the model. The writers themselves fill this page: each field is written with two values in each\n\
            form, and what the report of losses then says stands here (made by a test of `forge` with `COMMUN_UPDATE=1`). The report of an\n\
            export says the same of the values that it is about. What came in through a standard goes out through it untouched as long as\n\
            nobody has corrected it, also where the table says “no”. Where a standard has one value (dates, version, status, difficulty…) and a\n\
            record has two, the best goes out and the other is a loss; AMB has one language for all texts.\n\n\
            On the way **in** nothing is lost: what the model has no field for is kept by its path (`extra` in the record), told in the\n\
            report (`kept-aside`), and the original is kept byte for byte. Left out on purpose, and told: telephone numbers and postal\n\
            addresses, and the mail addresses of people in AMB, schema.org and CodeMeta.\n\n\
            Citations (`csl-json`, `bibtex`) say titles, authors, dates, publishers, version, language, licence and identifiers;\n\
            credits say title, authors, source and licence. A Common Cartridge carries the record as `lom`, a bag and a package carry all of it.\n\n",
        between: "## In part\n\nWhat becomes of the values of the samples, where a field is carried in part.\n\n",
        cells: ["field", "standard", "value", "becomes", "no place"],
        marks: ["yes", "in part", "one language", "no"],
    },
    Page {
        path: "fr/correspondances.md",
        head: "# Ce qui sort par quel standard\n\n\
            Une ligne pour chaque champ du modèle. Ce sont les programmes d’écriture eux-mêmes qui remplissent cette page\u{a0}: chaque champ est\n\
            écrit avec deux valeurs dans chaque forme, et ce que dit alors le rapport des pertes figure ici (page produite par un test de\n\
            `forge` avec `COMMUN_UPDATE=1`). Le rapport d’un export dit la même chose des valeurs concernées. Ce qui est entré par un standard\n\
            en ressort intact tant que personne ne l’a corrigé, même là où le tableau dit «\u{202f}non\u{202f}». Quand un standard n’a\n\
            qu’une valeur (dates, version, statut, difficulté…) et qu’une notice en a deux, la meilleure sort et l’autre est une perte\u{202f}; AMB\n\
            n’a qu’une langue pour tous les textes.\n\n\
            À **l’entrée**, rien ne se perd\u{a0}: ce pour quoi le modèle n’a pas de champ est conservé selon son chemin (`extra` dans la notice),\n\
            signalé dans le rapport (`kept-aside`), et l’original est conservé à l’octet près. Omis exprès, ce que le rapport signale\u{a0}:\n\
            les téléphones, les adresses postales et, en AMB, schema.org et CodeMeta, les courriels des personnes.\n\n\
            Les citations (`csl-json`, `bibtex`) donnent titres, auteurs, dates, éditeurs, version, langue, licence et identifiants\u{202f}; les\n\
            crédits donnent titre, auteurs, source et licence. Une Common Cartridge porte la notice en `lom`, un sac et un paquet la portent en entier.\n\n",
        between: "## En partie\n\nCe que deviennent les valeurs d’essai là où un champ ne passe qu’en partie.\n\n",
        cells: ["champ", "standard", "valeur", "devient", "pas de place"],
        marks: ["oui", "en partie", "une langue", "non"],
    },
];

/// How much of a field a standard carries.
#[derive(Clone, Copy, PartialEq)]
enum Carried {
    All,
    Part,
    OneLanguage,
    Nothing,
}

/// What is lost of a field in a record, and whether nothing of it is there any more.
fn lost(record: &Record, field: &str, way: &Way) -> (Vec<Loss>, bool) {
    let (_, write, read) = way;
    let written = write(&record.view());
    let back = read(&written.bytes, &Origin::default()).expect("what is written is read");
    let losses = written.losses.into_iter().filter(|l| l.field == field);
    let losses: Vec<Loss> = losses.collect();
    let gone = losses.iter().any(|l| l.instead.is_empty()) && back.record.values(field).is_empty();
    (losses, gone)
}

/// How much of a field a standard carries, and what becomes of the values that it carries in part.
fn carried(field: &'static str, shape: Shape, way: &Way) -> (Carried, Vec<Loss>) {
    let with = |values: &[(Json, Option<&str>)]| {
        let mut record = base();
        for (value, lang) in values {
            put(&mut record, field, value.clone(), *lang);
        }
        lost(&record, field, way)
    };
    let values: Vec<(Json, Option<&str>)> = match shape {
        Shape::Texts | Shape::Words => vec![(format!("{field} (fr)").into(), Some("fr"))],
        Shape::One | Shape::List => {
            let all = samples()[field].as_array().cloned().unwrap_or_default();
            all.into_iter().map(|value| (value, None)).collect()
        }
    };
    let each: Vec<(Vec<Loss>, bool)> = values
        .iter()
        .map(|v| with(std::slice::from_ref(v)))
        .collect();
    if each.iter().all(|(_, gone)| *gone) {
        return (Carried::Nothing, Vec::new());
    }
    let losses: Vec<Loss> = each.into_iter().flat_map(|(losses, _)| losses).collect();
    if !losses.is_empty() {
        return (Carried::Part, losses);
    }
    if values.iter().any(|(_, lang)| lang.is_some()) {
        let more = (format!("{field} (en)").into(), Some("en"));
        if !with(&[values[0].clone(), more]).0.is_empty() {
            return (Carried::OneLanguage, Vec::new());
        }
    }
    (Carried::All, Vec::new())
}

fn cell(text: &str) -> String {
    let short: String = text.chars().take(90).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", short.replace('`', "'").replace('|', "\\|"))
}

fn written(page: &Page) -> String {
    let mut out = String::from(page.head);
    let names: Vec<String> = WAYS.iter().map(|way| format!("`{}`", way.0)).collect();
    let _ = writeln!(out, "| {} | {} |", page.cells[0], names.join(" | "));
    let _ = writeln!(out, "| --- |{}", " --- |".repeat(WAYS.len()));
    let mut parts: Vec<(&str, &str, Loss)> = Vec::new();
    for field in TABLE.iter().filter(|field| field.name != "original") {
        let mut row = format!("| `{}` |", field.name);
        for way in WAYS {
            let (how, losses) = carried(field.name, field.shape, &way);
            let _ = write!(row, " {} |", page.marks[how as usize]);
            parts.extend(losses.into_iter().map(|loss| (field.name, way.0, loss)));
        }
        let _ = writeln!(out, "{row}");
    }
    let [field, standard, value, becomes, nothing] = page.cells;
    let _ = write!(
        out,
        "\n{}| {field} | {standard} | {value} | {becomes} |\n| --- | --- | --- | --- |\n",
        page.between
    );
    // One line for all standards that do the same.
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for (at, (field, standard, loss)) in parts.iter().enumerate() {
        if told.contains(&at) {
            continue;
        }
        let mut standards = vec![format!("`{standard}`")];
        for (other, (its, name, same)) in parts.iter().enumerate().skip(at + 1) {
            if its == field && same == loss && told.insert(other) {
                standards.push(format!("`{name}`"));
            }
        }
        standards.dedup();
        let becomes = match loss.instead.as_str() {
            "" => nothing.to_owned(),
            instead => cell(instead),
        };
        let _ = writeln!(
            out,
            "| `{field}` | {} | {} | {becomes} |",
            standards.join(" "),
            cell(&loss.value)
        );
    }
    out
}

#[test]
fn the_handbook_says_which_field_goes_out_through_which_standard() {
    for page in &PAGES {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/").to_owned() + page.path;
        let now = written(page);
        if std::env::var_os("COMMUN_UPDATE").is_some() {
            std::fs::write(&path, &now).expect("the page can be written");
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            there == now,
            "docs/{} is not what the writers do; run this test with COMMUN_UPDATE=1",
            page.path
        );
    }
}
