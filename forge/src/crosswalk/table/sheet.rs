//! Rows and cells of a file (RFC 4180, and what spreadsheets make of it).

use std::ops::Range;

use crate::problem::{Problem, Severity};

/// Largest table, in bytes.
pub const MAX_BYTES: usize = 32 << 20;
/// Most rows of a table: all its records are in memory at once; who has more splits it, or has a source to harvest.
pub const MAX_ROWS: usize = 20_000;
/// Most columns of a table: three for each field of the model, and some.
const MAX_COLUMNS: usize = 500;
/// The longest header, in bytes, quotation marks and all: it is kept with each row.
pub const MAX_HEADER: usize = 16 << 10;
/// Longest cell, in bytes: a field of the model with all that it may hold.
const MAX_CELL: usize = 256 << 10;
/// Problems of a table as a whole that are told.
const MAX_PROBLEMS: usize = 200;

/// The signs that stand between cells, the likeliest first.
const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// The signs that make a spreadsheet take a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows below, without those that are empty.
    pub rows: Vec<Row>,
    /// What stands between cells.
    pub delimiter: char,
    /// What is wrong with the table.
    pub problems: Vec<Problem>,
    text: String,
    top: Range<usize>,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// Its cells, as many as the header has or fewer.
    pub cells: Vec<String>,
    place: Range<usize>,
}

impl Row {
    /// The cell of a column, without white space around it; empty where the row is too short.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.trim())
    }
}

impl Sheet {
    /// Reads a table: UTF-8, UTF-16 with its mark, else Windows-1252 with a warning; cells between commas, semicolons or
    /// tabs, whichever its first line has most of.
    ///
    /// # Errors
    /// Why nothing of it can be read.
    pub fn read(bytes: &[u8]) -> Result<Sheet, Box<Problem>> {
        let fault = |rule: &str, given: &str, want: &str| {
            Box::new(Problem::new(Severity::Error, rule, "", given, want))
        };
        if bytes.len() > MAX_BYTES {
            let (given, most) = (bytes.len().to_string(), MAX_BYTES.to_string());
            return Err(fault("csv-too-large", &given, &most));
        }
        let mut sheet = Sheet::default();
        sheet.text = match bytes {
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)
                .ok_or_else(|| fault("csv-encoding", "UTF-16", "UTF-8"))?,
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)
                .ok_or_else(|| fault("csv-encoding", "UTF-16", "UTF-8"))?,
            _ => {
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
                match std::str::from_utf8(bytes) {
                    Ok(text) => text.to_owned(),
                    Err(_) => {
                        let told = Problem::new(
                            Severity::Warning,
                            "csv-western",
                            "",
                            "Windows-1252",
                            "UTF-8",
                        );
                        sheet.problems.push(told);
                        bytes
                            .iter()
                            .map(|b| super::super::xml::western(*b))
                            .collect()
                    }
                }
            }
        };
        if sheet.text.contains('\0') {
            return Err(fault("not-this-format", "U+0000", "CSV"));
        }
        sheet.rows_of_text()?;
        if sheet.header.is_empty() {
            return Err(fault("empty-file", "", ""));
        }
        Ok(sheet)
    }

    fn rows_of_text(&mut self) -> Result<(), Box<Problem>> {
        let text = std::mem::take(&mut self.text);
        let mut scan = Scan {
            text: &text,
            at: 0,
            line: 1,
            delimiter: ',',
        };
        // Excel's own way to say what stands between cells.
        if let Some(sign) = text
            .strip_prefix("sep=")
            .and_then(|rest| rest.chars().next())
            .filter(|sign| DELIMITERS.contains(sign))
        {
            scan.at = text.find('\n').map_or(text.len(), |at| at + 1);
            scan.line = 2;
            scan.delimiter = sign;
        } else {
            scan.delimiter = likeliest(&text);
        }
        self.delimiter = scan.delimiter;
        while scan.at < text.len() {
            let (line, start) = (scan.line, scan.at);
            let place = format!("row {line}");
            let row = scan.row();
            let cells = match row {
                Ok(cells) => cells,
                Err(rule) => {
                    self.tell(Severity::Error, rule, &place, "", &MAX_CELL.to_string());
                    continue;
                }
            };
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if self.header.is_empty() {
                if cells.len() > MAX_COLUMNS {
                    let (given, most) = (cells.len().to_string(), MAX_COLUMNS.to_string());
                    let told =
                        Problem::new(Severity::Error, "csv-too-many-columns", "", &given, &most);
                    return Err(told.into());
                }
                if scan.at - start > MAX_HEADER {
                    let (given, most) = ((scan.at - start).to_string(), MAX_HEADER.to_string());
                    let told =
                        Problem::new(Severity::Error, "csv-header-too-large", "", &given, &most);
                    return Err(told.into());
                }
                self.header = cells.iter().map(|cell| cell.trim().to_owned()).collect();
                self.top = start..scan.at;
                continue;
            }
            if self.rows.len() >= MAX_ROWS {
                let most = MAX_ROWS.to_string();
                self.tell(Severity::Error, "csv-too-many-rows", &place, "", &most);
                break;
            }
            self.one(line, cells, start..scan.at);
        }
        self.text = text;
        Ok(())
    }

    fn one(&mut self, line: u32, mut cells: Vec<String>, place: Range<usize>) {
        let columns = self.header.len();
        let more = cells.iter().skip(columns).filter(|c| !c.trim().is_empty());
        if more.count() > 0 {
            let (given, want) = (cells.len().to_string(), columns.to_string());
            let at = format!("row {line}");
            self.tell(Severity::Warning, "csv-long-row", &at, &given, &want);
        }
        cells.truncate(columns);
        self.rows.push(Row { line, cells, place });
    }

    fn tell(&mut self, severity: Severity, rule: &str, path: &str, given: &str, want: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            let told = Problem::new(severity, rule, path, given, want);
            self.problems.push(told);
        }
    }

    /// The column of a name, in any case.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header
            .iter()
            .position(|header| header.eq_ignore_ascii_case(name))
    }

    /// The header and a row as they stand in the table: a table of that row alone.
    pub fn original(&self, row: &Row) -> Vec<u8> {
        let top = self.text[self.top.clone()].trim_end_matches(['\r', '\n']);
        let row = self.text[row.place.clone()].trim_end_matches(['\r', '\n']);
        format!("{top}\r\n{row}\r\n").into_bytes()
    }
}

/// The delimiter that the first line has most of, outside quotation marks.
fn likeliest(text: &str) -> char {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' | '\r' if !quoted && counts.iter().any(|n| *n > 0) => break,
            _ if quoted => {}
            _ => {
                if let Some(at) = DELIMITERS.iter().position(|d| *d == c) {
                    counts[at] += 1;
                }
            }
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let at = counts.iter().position(|n| *n == most).unwrap_or_default();
    DELIMITERS[at]
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|p| unit(*p))).collect();
    text.ok().filter(|_| rest.is_empty())
}

/// A walk over a table.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    delimiter: char,
}

impl Scan<'_> {
    /// The cells of the next row; the rule that it breaks. Either way the walk is behind it.
    fn row(&mut self) -> Result<Vec<String>, &'static str> {
        let mut cells = Vec::new();
        let mut fault = None;
        loop {
            let (cell, last, wrong) = self.cell();
            fault = fault.or(wrong);
            // A row of nothing but delimiters must not fill the memory.
            if cells.len() <= MAX_COLUMNS {
                cells.push(cell);
            }
            if last {
                return fault.map_or(Ok(cells), Err);
            }
        }
    }

    /// A cell, whether it is the last one of its row, and the rule that it breaks.
    fn cell(&mut self) -> (String, bool, Option<&'static str>) {
        let rest = &self.text[self.at..];
        let mut cell = String::new();
        let mut quoted = rest.starts_with('"');
        let mut chars = rest.char_indices().peekable();
        if quoted {
            chars.next();
        }
        let mut end = None;
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if c == '\n' || (c == '\r' && next != Some('\n')) {
                self.line = self.line.saturating_add(1);
            }
            if quoted {
                match (c, next) {
                    ('"', Some('"')) => {
                        chars.next();
                        cell.push('"');
                    }
                    ('"', _) => quoted = false,
                    _ => cell.push(c),
                }
                continue;
            }
            if c == self.delimiter {
                end = Some((at + c.len_utf8(), false));
                break;
            }
            match (c, next) {
                ('\r', Some('\n')) => {}
                ('\n' | '\r', _) => {
                    end = Some((at + 1, true));
                    break;
                }
                _ => cell.push(c),
            }
        }
        let (length, last) = end.unwrap_or((rest.len(), true));
        self.at += length;
        let wrong = match cell.len() {
            _ if quoted => Some("csv-open-quote"),
            length if length > MAX_CELL => Some("csv-long-cell"),
            _ => None,
        };
        match wrong {
            Some(rule) => (String::new(), last, Some(rule)),
            None => (plain(&cell).to_owned(), last, None),
        }
    }
}

/// A cell as it was before it was made safe for spreadsheets.
pub fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => cell,
    }
}

/// Adds a row to a table. A cell that a spreadsheet would run as a formula gets an apostrophe before it, which
/// [`Sheet::read`] takes away.
pub fn write_row<'a>(cells: impl IntoIterator<Item = &'a str>, delimiter: char, out: &mut String) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        let formula = cell.trim_start_matches('\'').starts_with(FORMULA);
        let quote = cell.contains([delimiter, '"', '\n', '\r'])
            || cell.starts_with(char::is_whitespace)
            || cell.ends_with(char::is_whitespace);
        if quote {
            out.push('"');
        }
        if formula {
            out.push('\'');
        }
        for c in cell.chars() {
            if c == '"' {
                out.push('"');
            }
            out.push(c);
        }
        if quote {
            out.push('"');
        }
    }
    out.push_str("\r\n");
}
