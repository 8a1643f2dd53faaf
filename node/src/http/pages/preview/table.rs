//! Tables: the first rows of comma-separated values.

use maud::{Markup, html};

use super::{super::Page, Preview};
use crate::http::text::plain;

/// Most rows and columns of a table that are shown.
const MAX_ROWS: usize = 50;
const MAX_COLUMNS: usize = 30;

/// The beginning of a table (RFC 4180; a semicolon parts the cells where the first line has more of these).
pub(super) fn read(text: &str, separator: char) -> Preview {
    let head = text.lines().next().unwrap_or_default();
    let more = |c: char| head.matches(c).count();
    let separator = if more(';') > more(separator) {
        ';'
    } else {
        separator
    };
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
                if rows.len() > MAX_ROWS {
                    return Preview::Table(rows, true);
                }
            }
            c if c == separator && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    Preview::Table(rows, false)
}

/// The rows, the first one as heads.
pub(super) fn show(
    page: &Page<'_>,
    rows: &[Vec<String>],
    more: bool,
    lang: Option<&str>,
) -> Markup {
    html! {
        @if let Some((head, rows)) = rows.split_first() {
            div.scroll.paper tabindex="0" role="region" aria-labelledby="preview-title" {
                table lang=[lang] {
                    @if more { caption.quiet { (page.words.say_with("preview-rows", [("count", rows.len().into())])) } }
                    thead { tr { @for cell in head.iter().take(MAX_COLUMNS) { th scope="col" { (plain(cell)) } } } }
                    tbody { @for row in rows { tr { @for cell in row.iter().take(MAX_COLUMNS) { td { (plain(cell)) } } } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_with_their_quotes_and_cut() {
        let Preview::Table(rows, false) = read("\u{feff}a;\"b;\n\"\"c\"\"\";d\r\n1;2;3", ',')
        else {
            panic!("not a table");
        };
        assert_eq!(rows, [vec!["a", "b;\n\"c\"", "d"], vec!["1", "2", "3"]]);
        let Preview::Table(rows, true) = read(&"x,y\n".repeat(1_000), ',') else {
            panic!("not cut");
        };
        assert_eq!(rows.len(), MAX_ROWS + 1);
    }
}
