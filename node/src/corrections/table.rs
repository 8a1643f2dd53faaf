//! Items out into a table that is changed in a spreadsheet, and in again: only the cells that were changed are
//! corrections, and a row whose item changed meanwhile is told and left.
//!
//! Each row says in `base` which version it was made from; a cell is compared with what that version shows.

use std::collections::{BTreeMap, BTreeSet};

use commun_forge::{
    crosswalk::{
        Loss, Report,
        table::{Sheet, write_row},
    },
    problem::{Problem, Severity},
};
use commun_specs::{
    id::StatementId,
    metadata::{Beside, Column, Shape, TABLE, View},
};

use super::{CorrectError, Corrections, Edit, Task, To, many};

/// Most items of one table: what a spreadsheet still opens in a moment.
pub const MAX_ITEMS: usize = 20_000;
/// The columns before the fields.
const LEADING: [&str; 3] = ["id", "name", "base"];
/// The fields that a table has if nobody asks for others, beside those that the items have.
const USUAL: [&str; 8] = [
    "title",
    "description",
    "keywords",
    "language",
    "creators",
    "licence",
    "resource_type",
    "level",
];

/// What a table is to have.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The items, in their order.
    pub items: Vec<StatementId>,
    /// The columns: `title` stands for all its languages. Empty: those that people correct most, and what the items have.
    pub columns: Vec<Column>,
    /// What stands between cells.
    pub delimiter: char,
}

/// Whether a table has a column for the value that stands beside another one.
fn has(columns: &[Column], other: &Beside) -> bool {
    let lang = other.lang.as_deref();
    columns.iter().any(|column| {
        column.field.name == other.field
            && (column.lang.is_none() || column.lang.as_deref() == lang)
    })
}

impl Corrections {
    /// Writes the items as a table, UTF-8 with its mark so that spreadsheets know. Items that cannot be corrected are left
    /// out and told; so are values that have no cell: the second of a field or a language that shows one.
    ///
    /// # Errors
    /// [`CorrectError::Failed`].
    pub fn table(&self, table: &Table, report: &mut Report) -> Result<String, CorrectError> {
        // Read twice, so that one record at a time is in memory: first for the columns, then for the rows.
        let mut said = Said::default();
        for item in table.items.iter().take(MAX_ITEMS) {
            match self.standing(item) {
                Ok(standing) => said.add(&standing.record.view()),
                Err(e) if e.stops_all() => return Err(e),
                Err(_) => {}
            }
        }
        let columns = said.columns(&table.columns);
        let mut out = String::from("\u{feff}");
        let header: Vec<String> = columns.iter().map(Column::to_string).collect();
        let header = LEADING.into_iter().chain(header.iter().map(String::as_str));
        write_row(header, table.delimiter, &mut out);
        for item in table.items.iter().take(MAX_ITEMS) {
            report.records += 1;
            let standing = match self.standing(item) {
                Ok(standing) => standing,
                Err(e) if e.stops_all() => return Err(e),
                Err(e) => {
                    many::refuse(report, &item.to_string(), &e);
                    continue;
                }
            };
            let view = standing.record.view();
            let name = standing.name();
            // A cell has one value of a field and a language.
            for other in view.beside.iter().filter(|other| has(&columns, other)) {
                report.push(&name, Loss::beside(other).problem());
            }
            let document = view.to_json();
            let leading = [
                standing.item.id.to_string(),
                name,
                standing.version.to_string(),
            ];
            let cells: Vec<String> = columns.iter().map(|c| c.of(&document)).collect();
            let cells = leading.iter().chain(&cells).map(String::as_str);
            write_row(cells, table.delimiter, &mut out);
        }
        Ok(out)
    }

    /// What was changed in a table that [`Corrections::table`] wrote. What is wrong with rows and columns is told; rows
    /// without a change are counted.
    ///
    /// # Errors
    /// Why nothing of it can be used, or [`CorrectError::Failed`].
    pub fn changed_rows(
        &self,
        bytes: &[u8],
        report: &mut Report,
    ) -> Result<Vec<Task>, CorrectError> {
        let wrong = |problem: &Problem| {
            let told = super::problem("table", problem.what("en"), &problem.fix("en"));
            CorrectError::Invalid(commun_specs::metadata::Problems(vec![told]))
        };
        let sheet = Sheet::read(bytes).map_err(|problem| wrong(&problem))?;
        for problem in &sheet.problems {
            report.push("", problem.clone());
        }
        let (Some(id), Some(version)) = (sheet.column("id"), sheet.column("base")) else {
            let missing = "id, base";
            let problem = Problem::new(Severity::Error, "csv-column-missing", missing, "", "");
            return Err(wrong(&problem));
        };
        let mut columns: Vec<(usize, Column)> = Vec::new();
        for (at, header) in sheet.header.iter().enumerate() {
            match header.parse::<Column>() {
                Ok(column) => columns.push((at, column)),
                Err(_) if LEADING.contains(&header.as_str()) || header.is_empty() => {}
                Err(_) => {
                    let line = Problem::new(Severity::Warning, "csv-column-unused", header, "", "");
                    report.push("", line);
                }
            }
        }
        let mut tasks = Vec::new();
        for row in &sheet.rows {
            let name = sheet.column("name").map_or("", |at| row.cell(at));
            let record = match name {
                "" => format!("row {}", row.line),
                name => name.to_owned(),
            };
            let (id, version) = (row.cell(id), row.cell(version));
            let (Ok(item), Ok(base)) = (id.parse(), version.parse()) else {
                report.records += 1;
                report.refused += 1;
                let given = format!("{id} {version}");
                let want = "id, base";
                let line = Problem::new(Severity::Error, "row-unreadable", "", &given, want);
                report.push(&record, line);
                continue;
            };
            match self.edits(&sheet, row, &item, &base, &columns) {
                Ok(edits) if edits.is_empty() => {
                    report.records += 1;
                    report.unchanged += 1;
                }
                Ok(edits) => tasks.push(Task {
                    record,
                    item,
                    base: Some(base),
                    edits,
                }),
                Err(e) if e.stops_all() => return Err(e),
                Err(e) => {
                    report.records += 1;
                    many::refuse(report, &record, &e);
                }
            }
        }
        Ok(tasks)
    }

    /// The cells of a row that say something else than the version that it was made from.
    fn edits(
        &self,
        sheet: &Sheet,
        row: &commun_forge::crosswalk::table::Row,
        item: &StatementId,
        base: &StatementId,
        columns: &[(usize, Column)],
    ) -> Result<Vec<Edit>, CorrectError> {
        let standing = self.standing(item)?;
        let Some(before) = standing.at(&self.core, base)? else {
            return Err(self.changed(&standing, base));
        };
        let document = before.view().to_json();
        let mut edits = Vec::new();
        for (at, column) in columns {
            // A row that a spreadsheet cut short says nothing about the rest.
            if *at >= row.cells.len() || *at >= sheet.header.len() {
                continue;
            }
            let cell = row.cell(*at);
            let was = column.of(&document);
            // Line ends and the white space around a cell are the spreadsheet's.
            if cell.replace("\r\n", "\n") == was.trim().replace("\r\n", "\n") {
                continue;
            }
            let value = column.read(cell);
            let same = match (column.value(&document), &value) {
                (None, None) => true,
                (Some(was), Some(now)) => {
                    was == now || column.read(&was_text(column, was)) == value
                }
                _ => false,
            };
            if !same {
                edits.push(Edit {
                    column: column.clone(),
                    to: value.map_or(To::Empty, To::Value),
                });
            }
        }
        Ok(edits)
    }
}

/// What a column shows for a value.
fn was_text(column: &Column, value: &serde_json::Value) -> String {
    let field = column.field.name.to_owned();
    let stated = column.stated(value.clone());
    column.of(&serde_json::Map::from_iter([(field, stated)]))
}

/// What the records of a table say, as far as its columns depend on it.
#[derive(Default)]
struct Said {
    langs: BTreeMap<&'static str, BTreeSet<String>>,
    there: BTreeSet<&'static str>,
    /// How many are in a language.
    content: BTreeMap<String, usize>,
}

impl Said {
    fn add(&mut self, view: &View) {
        if let Some(first) = view.languages.first() {
            *self.content.entry(first.clone()).or_default() += 1;
        }
        let document = view.to_json();
        for field in TABLE {
            let Some(value) = document.get(field.name) else {
                continue;
            };
            self.there.insert(field.name);
            if let (Shape::Texts | Shape::Words, Some(texts)) = (field.shape, value.as_object()) {
                let known = self.langs.entry(field.name).or_default();
                known.extend(texts.keys().cloned());
            }
        }
    }

    /// The columns of a table: a text without a language stands for all languages that the items have.
    fn columns(&self, asked: &[Column]) -> Vec<Column> {
        let commonest = self.content.iter().max_by_key(|(_, count)| **count);
        let commonest = commonest.map_or("und", |(lang, _)| lang.as_str());
        let mut all: Vec<Column> = Vec::new();
        let mut add = |column: &Column| {
            let text = matches!(column.field.shape, Shape::Texts | Shape::Words);
            let mut found = Vec::new();
            if text && column.lang.is_none() {
                let known = self.langs.get(column.field.name).into_iter().flatten();
                found.extend(known.map(|lang| Column {
                    field: column.field,
                    lang: Some(lang.clone()),
                }));
                if found.is_empty() {
                    found.push(Column {
                        field: column.field,
                        lang: Some(commonest.to_owned()),
                    });
                }
            } else {
                found.push(column.clone());
            }
            for column in found {
                if !all.contains(&column) {
                    all.push(column);
                }
            }
        };
        if asked.is_empty() {
            let shown = TABLE.iter().filter(|field| {
                let usual = USUAL.contains(&field.name) || self.there.contains(field.name);
                usual && !super::COUNTED.contains(&field.name)
            });
            for field in shown {
                add(&Column { field, lang: None });
            }
        }
        asked.iter().for_each(add);
        all
    }
}
