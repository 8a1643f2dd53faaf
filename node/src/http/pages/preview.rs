//! Files shown in place: text, Markdown, notebooks, tables, and pictures from the content host.

use commun_forge::render::{Target, markdown_to_html};
use commun_specs::files::FileEntry;
use maud::{Markup, PreEscaped, html};
use serde_json::Value;

use super::{Page, encode_path, item::download};
use crate::{
    http::{
        Web, content,
        problem::Problem,
        text::{foreign, plain, size, visible},
        words::Words,
    },
    items::Shown,
};

/// Largest file shown in place, in bytes: longer ones are read better in a program for them.
const MAX_BYTES: u64 = 512 << 10;
/// Most cells of a notebook that are shown.
const MAX_CELLS: usize = 200;
/// Most rows and columns of a table that are shown.
const MAX_ROWS: usize = 50;
const MAX_COLUMNS: usize = 30;
/// Beginnings of names of files that introduce the others, the best first.
const FIRST: [&str; 6] = ["readme", "lisez", "index", "00", "01", "1"];

/// A file shown in place.
pub(super) enum Preview {
    /// Markdown, not yet rendered.
    Markdown(String),
    /// A Jupyter notebook: its cells.
    Notebook(Vec<Cell>),
    /// Rows of comma-separated values, the first one the names of the columns; and whether there are more.
    Table(Vec<Vec<String>>, bool),
    /// Any other text.
    Text(String),
    /// Shown by the content host.
    Picture,
    /// Too large to be shown.
    TooLarge,
    /// Not received yet.
    NotHere,
    /// Of a kind that is not shown.
    NoKind,
}

/// A cell of a notebook.
pub(super) enum Cell {
    /// Markdown.
    Prose(String),
    /// Code, and the text that it printed.
    Code(String, String),
}

/// How well files of a type introduce a resource; `None` for those that are not shown.
fn rank(media_type: &str) -> Option<u8> {
    match media_type {
        "text/markdown" => Some(0),
        "application/x-ipynb+json" => Some(1),
        "text/plain" => Some(2),
        picture if content::is_picture(picture) => Some(3),
        "text/csv" | "text/tab-separated-values" => Some(4),
        "application/json" | "application/xml" | "application/x-tex" | "application/javascript" => {
            Some(5)
        }
        text if text.starts_with("text/") => Some(5),
        _ => None,
    }
}

/// Whether files of this type are shown in place.
pub(super) fn exists(media_type: &str) -> bool {
    rank(media_type).is_some()
}

/// What people call a type of file; the type itself where they have no word for it.
pub(super) fn type_name(words: Words, media_type: &str) -> String {
    let (main, rest) = media_type.split_once('/').unwrap_or((media_type, ""));
    let name = match (main, rest) {
        ("text", "markdown") => "Markdown",
        ("text", "plain") => words.say("type-text"),
        ("text", "csv" | "tab-separated-values") => words.say("type-table"),
        ("text", "html") => "HTML",
        ("text", _) | ("application", "javascript" | "json" | "xml") => words.say("type-code"),
        ("image", _) => words.say("type-picture"),
        ("video", _) => words.say("type-video"),
        ("audio", _) => words.say("type-sound"),
        ("application", "pdf") => "PDF",
        ("application", "x-ipynb+json") => words.say("type-notebook"),
        ("application", "zip" | "gzip" | "x-tar" | "x-7z-compressed") => words.say("type-archive"),
        ("application", rest) if rest.contains("presentation") => words.say("type-slides"),
        ("application", rest) if rest.contains("spreadsheet") => words.say("type-table"),
        ("application", rest) if rest.contains("opendocument.text") || rest.contains("word") => {
            words.say("type-text")
        }
        _ => media_type,
    };
    name.to_owned()
}

/// The file to show: the one of the address; else the first that reads like an introduction.
pub(super) fn chosen<'a>(item: &'a Shown, wish: Option<&str>) -> Option<&'a FileEntry> {
    if item.withdrawn.is_some() {
        return None;
    }
    let files = item.files.as_ref()?;
    if let Some(wish) = wish {
        return files.find(wish);
    }
    let order = |file: &&FileEntry| {
        let name = file.path.file_name().to_lowercase();
        let first = FIRST.iter().position(|start| name.starts_with(start));
        let depth = file.path.as_str().matches('/').count();
        (rank(&file.media_type), depth, first.unwrap_or(FIRST.len()))
    };
    let shown = files.files().iter().filter(|f| exists(&f.media_type));
    shown.min_by_key(order)
}

/// Reads what is needed to show a file.
pub(super) async fn read(web: &Web, file: &FileEntry) -> Result<Preview, Problem> {
    if content::is_picture(&file.media_type) {
        return Ok(Preview::Picture);
    }
    if !exists(&file.media_type) {
        return Ok(Preview::NoKind);
    }
    if file.size > MAX_BYTES {
        return Ok(Preview::TooLarge);
    }
    let Some(bytes) = web.site().read(file, MAX_BYTES).await? else {
        return Ok(Preview::NotHere);
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match file.media_type.as_str() {
        "text/markdown" => Preview::Markdown(text),
        "application/x-ipynb+json" => {
            notebook(&text).map_or(Preview::Text(text), Preview::Notebook)
        }
        "text/csv" => table(&text, ','),
        "text/tab-separated-values" => table(&text, '\t'),
        _ => Preview::Text(text),
    })
}

/// The cells of a notebook (nbformat 4); `None` for what is none.
pub(super) fn notebook(text: &str) -> Option<Vec<Cell>> {
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

/// The beginning of a table (RFC 4180; a semicolon parts the cells where the first line has more of these).
fn table(text: &str, separator: char) -> Preview {
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

/// A file, shown in place.
pub(super) fn show(page: &Page<'_>, item: &Shown, file: &FileEntry, preview: &Preview) -> Markup {
    let words = page.words;
    let path = file.path.as_str();
    let lang = content_language(page, item);
    html! {
        section.preview id="preview" tabindex="-1" aria-labelledby="preview-title" {
            h2 id="preview-title" { (words.say("preview-title")) " " code { (plain(path)) } }
            @match preview {
                Preview::Markdown(text) => {
                    div.prose.paper dir="auto" lang=[lang] { (PreEscaped(markdown(page, item, path, text))) }
                }
                Preview::Notebook(cells) => { div.prose.paper.notebook dir="auto" lang=[lang] { (notebook_cells(page, cells, &|text| markdown(page, item, path, text))) } }
                Preview::Table(rows, more) => { (table_rows(page, rows, *more, lang)) }
                Preview::Text(text) => {
                    // Scrolled by keyboard, too.
                    pre.paper tabindex="0" role="region" aria-labelledby="preview-title" dir="auto" lang=[lang] { code { (visible(text)) } }
                }
                Preview::Picture => {
                    @let source = format!("{}{}", page.web.hosts().content, content::path(&item.name(), path));
                    p.paper { img src=(source) alt=(words.say_with("preview-image-alt", [("file", visible(path).into())])) loading="lazy"; }
                }
                Preview::TooLarge => { p.quiet { (words.say("preview-large")) } }
                Preview::NotHere => { p.quiet role="status" { (words.say("preview-missing")) } }
                Preview::NoKind => { p.quiet { (words.say("preview-none")) } }
            }
            p { a.button href=(download(item, path)) download { (words.say("file-download")) " " (plain(file.path.file_name())) " " span.quiet { (size(page.lang(), file.size)) } } }
        }
    }
}

/// The cells of a notebook; `markdown` renders those that are prose.
pub(super) fn notebook_cells(
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

fn table_rows(page: &Page<'_>, rows: &[Vec<String>], more: bool, lang: Option<&str>) -> Markup {
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

/// The language of the content, where it is one and not the page's.
fn content_language<'a>(page: &Page<'_>, item: &'a Shown) -> Option<&'a str> {
    match item.view.languages.as_slice() {
        [one] => foreign(one, page.lang()),
        _ => None,
    }
}

/// Markdown of a file, its links and pictures leading to the item's other files.
fn markdown(page: &Page<'_>, item: &Shown, path: &str, text: &str) -> String {
    let name = item.name();
    let folder = path
        .rsplit_once('/')
        .map_or(String::new(), |(folder, _)| folder.to_owned());
    let files = item.files.iter().flat_map(|list| list.files());
    let known: Vec<String> = files.map(|file| file.path.as_str().to_owned()).collect();
    let origin = page.web.hosts().content.clone();
    let lang = page.wanted.explicit.then(|| page.lang().tag());
    let rewrite = move |target: Target<'_>| {
        let (Target::Link(written) | Target::Image(written)) = target;
        let path = resolve(&folder, written)?;
        if !known.contains(&path) {
            return None;
        }
        Some(match target {
            Target::Image(_) => format!("{origin}{}", content::path(&name, &path)),
            Target::Link(_) => {
                let lang = lang.map(|lang| format!("&lang={lang}")).unwrap_or_default();
                format!(
                    "/{name}?file={}{lang}#preview",
                    encode_path(&path).replace('/', "%2F")
                )
            }
        })
    };
    lowered(&markdown_to_html(text, rewrite).html)
}

/// A relative address of a text as a path of the item; `None` where it leads out of it.
pub(super) fn resolve(folder: &str, written: &str) -> Option<String> {
    let written = written.split(['?', '#']).next().unwrap_or_default();
    let written = super::decode_path(written)?;
    let (mut parts, written): (Vec<&str>, &str) = match written.strip_prefix('/') {
        Some(rooted) => (Vec::new(), rooted),
        None => (
            folder.split('/').filter(|p| !p.is_empty()).collect(),
            &written,
        ),
    };
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Headings of a text, two steps lower: the page has its own first and second ones.
pub(super) fn lowered(html: &str) -> String {
    let mut html = visible(html);
    for (level, lower) in [(6, 6), (5, 6), (4, 6), (3, 5), (2, 4), (1, 3)] {
        html = html
            .replace(&format!("<h{level} "), &format!("<h{lower} "))
            .replace(&format!("<h{level}>"), &format!("<h{lower}>"))
            .replace(&format!("</h{level}>"), &format!("</h{lower}>"));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_stay_inside_the_item() {
        assert_eq!(
            resolve("chap", "img/a%20b.png#x").as_deref(),
            Some("chap/img/a b.png")
        );
        assert_eq!(
            resolve("chap/one", "../two.md?raw").as_deref(),
            Some("chap/two.md")
        );
        assert_eq!(resolve("chap", "/top.md").as_deref(), Some("top.md"));
        assert_eq!(resolve("chap", "../../etc/passwd"), None);
        assert_eq!(resolve("", "."), None);
    }

    #[test]
    fn headings_of_a_text_stand_below_the_pages_own() {
        assert_eq!(
            lowered("<h1 id=\"md-a\">A</h1><h2>B</h2><h4>C</h4>"),
            "<h3 id=\"md-a\">A</h3><h4>B</h4><h6>C</h6>"
        );
    }

    #[test]
    fn tables_are_read_with_their_quotes_and_cut() {
        let Preview::Table(rows, false) = table("\u{feff}a;\"b;\n\"\"c\"\"\";d\r\n1;2;3", ',')
        else {
            panic!("not a table");
        };
        assert_eq!(rows, [vec!["a", "b;\n\"c\"", "d"], vec!["1", "2", "3"]]);
        let Preview::Table(rows, true) = table(&"x,y\n".repeat(1_000), ',') else {
            panic!("not cut");
        };
        assert_eq!(rows.len(), MAX_ROWS + 1);
    }

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
