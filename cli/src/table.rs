//! Lists as tables: columns as wide as their widest cell.

use crate::terminal;

/// A table that is printed at once.
pub struct Table {
    rows: Vec<Vec<String>>,
}

/// The widest that a cell becomes, in characters: longer ones would push the others off the screen.
const MAX_CELL: usize = 70;

impl Table {
    /// A table with these column titles.
    pub fn new(titles: &[&str]) -> Table {
        Table {
            rows: vec![titles.iter().map(|title| (*title).to_owned()).collect()],
        }
    }

    /// Adds a row. Cells may hold words from the network.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        let cells = cells
            .iter()
            .map(|cell| terminal::cut(&terminal::line(cell.as_ref()), MAX_CELL));
        self.rows.push(cells.collect());
    }

    /// The table as text.
    pub fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// Writes the table to stdout.
    pub fn print(&self) {
        terminal::data(&self.text());
    }
}
