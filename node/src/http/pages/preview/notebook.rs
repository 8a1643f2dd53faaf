//! Jupyter notebooks: their prose, their code and what it printed.

use maud::{Markup, PreEscaped, html};
use serde_json::Value;

use super::super::Page;
use crate::http::text::visible;

/// Most cells of a notebook that are shown.
const MAX_CELLS: usize = 200;

/// A cell of a notebook.
pub(in crate::http::pages) enum Cell {
    /// Markdown.
    Prose(String),
    /// Code, and the text that it printed.
    Code(String, String),
}

/// The cells of a notebook (nbformat 4); `None` for what is none.
pub(in crate::http::pages) fn notebook(text: &str) -> Option<Vec<Cell>> {
    let document: Value = serde_json::from_str(text).ok()?;
    let cells = document.get("cells")?.as_array()?;
    let joined = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    };
    let printed = |cell: &Value| {
        let outputs = cell.get("outputs").and_then(Value::as_array);
        let texts = outputs.into_iter().flatten().map(|output| {
            let data = output.get("data").and_then(|data| data.get("text/plain"));
            joined(output.get("text").or(data))
        });
        texts
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let cells = cells.iter().take(MAX_CELLS).filter_map(|cell| {
        let source = joined(cell.get("source"));
        match cell.get("cell_type")?.as_str()? {
            "markdown" => Some(Cell::Prose(source)),
            "code" => Some(Cell::Code(source, printed(cell))),
            _ => None,
        }
    });
    Some(cells.collect())
}

/// The cells of a notebook; `markdown` renders those that are prose.
pub(in crate::http::pages) fn notebook_cells(
    page: &Page<'_>,
    cells: &[Cell],
    markdown: &dyn Fn(&str) -> String,
) -> Markup {
    html! {
        @for (at, cell) in cells.iter().enumerate() {
            @match cell {
                Cell::Prose(text) => (PreEscaped(markdown(text))),
                Cell::Code(code, printed) => {
                    pre.code tabindex="0" role="region" aria-label=(page.words.say_with("preview-cell", [("number", ((at + 1).to_string()).into())])) { code { (visible(code)) } }
                    @if !printed.is_empty() { pre.printed tabindex="0" { samp { (visible(printed)) } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notebook_is_its_cells_and_anything_else_is_text() {
        let cells = notebook(
            r##"{"cells":[{"cell_type":"markdown","source":["# A\n","b"]},
            {"cell_type":"code","source":"1+1","outputs":[{"data":{"text/plain":["2"]}}]},{"cell_type":"raw"}]}"##,
        );
        let cells = cells.unwrap();
        assert!(
            matches!(&cells[..], [Cell::Prose(a), Cell::Code(c, o)] if a == "# A\nb" && c == "1+1" && o == "2")
        );
        assert!(notebook("{}").is_none() && notebook("[1").is_none());
    }
}
