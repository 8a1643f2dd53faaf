//! From rows to records.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use commun_specs::metadata::{Column, Record, Shape, Source};
use serde_json::Value as Json;

use super::{
    mapping::{Mapping, Meant, Rule},
    sheet::{Row, Sheet},
};
use crate::{
    crosswalk::{
        Draft, Origin, Read, Texts,
        format::{Document, Format, Found},
        text::Room,
    },
    problem::{Problem, Severity},
};

/// Fields that hold a date, which tables write in many ways.
const DATES: [&str; 3] = ["created", "published", "modified"];

/// Reads the records of a table. Without a mapping its headers are names of fields, as in the tables that we write.
///
/// # Errors
/// Why nothing of it can be read: the table, or the mapping.
pub fn document(
    bytes: &[u8],
    mapping: Option<&[u8]>,
    origin: &Origin,
) -> Result<Document, Box<Problem>> {
    let mapping = mapping.map(Mapping::read).transpose()?.unwrap_or_default();
    let sheet = Sheet::read(bytes)?;
    let mut problems: Vec<(String, Problem)> = Vec::new();
    let mut tell = |severity, rule, path: &str| {
        problems.push((String::new(), Problem::new(severity, rule, path, "", "")));
    };
    let mut columns: Vec<(usize, &str, Cow<'_, Rule>)> = Vec::new();
    for (at, header) in sheet.header.iter().enumerate() {
        match mapping.meant(header) {
            Meant::Field(rule) => columns.push((at, header, rule)),
            Meant::Unknown if !header.is_empty() => {
                tell(Severity::Info, "csv-column-unused", header);
            }
            Meant::Unknown | Meant::Nothing => {}
        }
    }
    for header in mapping.missing(&sheet.header) {
        tell(Severity::Warning, "csv-column-missing", header);
    }
    let of_sheet = sheet.problems.iter().cloned();
    problems.extend(of_sheet.map(|problem| (String::new(), problem)));
    let id = match &mapping.id {
        Some(id) => sheet.column(id),
        None if mapping.mark.is_empty() => sheet.column("id").or_else(|| sheet.column("name")),
        None => None,
    };
    // The language of the content is what texts without one are in: it is read first.
    columns.sort_by_key(|(_, _, rule)| rule.column.field.name != "language");
    let found = sheet.rows.iter().map(|row| {
        let id = id.map(|at| row.cell(at)).filter(|id| !id.is_empty());
        let mut original = sheet.original(row);
        if !mapping.mark.is_empty() {
            // The same row by another mapping is another record.
            original.splice(0..0, format!("# mapping {}\r\n", mapping.mark).into_bytes());
        }
        Found {
            record: id.map_or_else(|| format!("row {}", row.line), str::to_owned),
            read: record(row, &columns, &mapping, id, origin),
            original,
            deleted: false,
            format: Format::Csv,
        }
    });
    Ok(Document {
        found: found.collect(),
        problems,
    })
}

fn record(
    row: &Row,
    columns: &[(usize, &str, Cow<'_, Rule>)],
    mapping: &Mapping,
    id: Option<&str>,
    origin: &Origin,
) -> Read {
    let mut draft = Draft::new("csv", origin);
    let source = draft.value((), "").src;
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for (at, header, rule) in columns {
        let cell = row.cell(*at);
        if !cell.is_empty() {
            let place = format!("{header}, row {}", row.line);
            let name = rule.column.field.name;
            said.insert(name);
            let before = draft.record.licence.len();
            cell_into(&mut draft, rule, cell, mapping, header, &place, &source);
            // What is no licence may be a reservation.
            if name == "licence" && draft.record.licence.len() == before {
                let field: Texts = |r| &mut r.licence_statement;
                draft.text(field, cell, Room::Prose, None, header);
            }
        }
    }
    if draft.record == Record::default() {
        let place = format!("row {}", row.line);
        let told = draft.problems().first().cloned();
        return Err(told
            .unwrap_or_else(|| Problem::new(Severity::Error, "no-values", &place, "", ""))
            .into());
    }
    for (column, value) in &mapping.constants {
        // Also where what the row says could not be read: nobody said that the constant holds there.
        if column.lang.is_none() && said.contains(column.field.name) {
            continue;
        }
        let there = draft.record.values(column.field.name);
        if there
            .iter()
            .all(|v| column.lang.is_some() && v.lang != column.lang)
        {
            let column = in_language(column, mapping, &draft);
            put(
                &mut draft,
                &column,
                value,
                "constants",
                "constants",
                &source,
            );
        }
    }
    if draft.record.title.is_empty() {
        draft.warn("no-title", &format!("row {}", row.line), "", "");
    }
    if id.is_none() {
        draft.warn("csv-no-id", &format!("row {}", row.line), "", "");
    }
    Ok(draft.finish(id.map(str::to_owned)))
}

/// The column in the language that its texts are in.
fn in_language(column: &Column, mapping: &Mapping, draft: &Draft) -> Column {
    let content = || draft.record.language.first().map(|l| l.v.clone());
    let text = matches!(column.field.shape, Shape::Texts | Shape::Words);
    let lang = column.lang.clone().or_else(|| {
        text.then(|| mapping.language.clone().or_else(content))
            .flatten()
    });
    Column {
        field: column.field,
        lang,
    }
}

fn cell_into(
    draft: &mut Draft,
    rule: &Rule,
    cell: &str,
    mapping: &Mapping,
    path: &str,
    place: &str,
    source: &Arc<Source>,
) {
    let column = in_language(&rule.column, mapping, draft);
    let parts: Vec<&str> = match column.field.shape {
        Shape::List | Shape::Words if rule.template.is_some() || !rule.values.is_empty() => {
            cell.split(rule.separator).map(str::trim).collect()
        }
        Shape::List | Shape::Words => {
            let Some(value) = column.read_by(cell, rule.separator) else {
                return;
            };
            let values = match (column.field.shape, value) {
                (Shape::Words, Json::Array(words)) => {
                    let fit = words.iter().filter_map(|w| match w {
                        Json::String(word) => draft.fit(word, Room::Line, place).map(Json::from),
                        other => Some(other.clone()),
                    });
                    Json::Array(fit.collect())
                }
                (_, value) => value,
            };
            return put(draft, &column, &values, path, place, source);
        }
        Shape::One | Shape::Texts => vec![cell],
    };
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let value = match rule.values.get(&part.to_lowercase()) {
            Some(None) => continue,
            Some(Some(value)) => value.clone(),
            None => match &rule.template {
                Some(template) => filled(template, part),
                None if column.field.shape == Shape::Texts => {
                    let room = match column.field.name {
                        "title" => Room::Title,
                        _ => Room::Prose,
                    };
                    match draft.fit(part, room, place) {
                        Some(text) => text.into(),
                        None => continue,
                    }
                }
                None if DATES.contains(&column.field.name) => match draft.date(part, place) {
                    Some(date) => date.into(),
                    None => continue,
                },
                None => match column.read_by(part, '\0') {
                    // A part of a list stands alone.
                    Some(Json::Array(mut one)) if one.len() == 1 => one.remove(0),
                    Some(value) => value,
                    None => continue,
                },
            },
        };
        put(draft, &column, &value, path, place, source);
    }
}

/// Adds values, and says which did not come in and which are read as something else.
fn put(
    draft: &mut Draft,
    column: &Column,
    value: &Json,
    path: &str,
    place: &str,
    source: &Arc<Source>,
) {
    let told = column.put(&mut draft.record, value, path, source);
    for (wrong, problem) in told {
        let given = match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut why = problem.what;
        if !problem.fix.is_empty() {
            why = format!("{why}; {}", problem.fix);
        }
        match wrong {
            true => draft.error("csv-value", place, &given, &why),
            false => draft.info("csv-value-read", place, &given, &why),
        }
    }
}

/// A template with the cell in its blanks.
fn filled(template: &Json, cell: &str) -> Json {
    match template {
        Json::String(text) => text.replace("{}", cell).into(),
        Json::Array(items) => items.iter().map(|item| filled(item, cell)).collect(),
        Json::Object(members) => {
            let members = members.iter();
            Json::Object(
                members
                    .map(|(name, value)| (name.clone(), filled(value, cell)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}
