//! Files shown in place: text, Markdown, HTML, notebooks, tables, the words of documents; pictures, videos, sounds and the
//! pages of PDF documents from the content host.

mod document;
mod kind;
mod media;
mod notebook;
mod prose;
mod sheets;
mod table;

use std::sync::Arc;

use commun_specs::{files::FileEntry, name::Handle};
use maud::{Markup, PreEscaped, html};

use super::{Page, item::download};
use crate::{
    http::{
        Web, content,
        problem::Problem,
        subtitles::is_media,
        text::{foreign, plain, size, visible},
    },
    items::Shown,
};

pub(super) use kind::type_name;
pub(super) use notebook::{Cell, notebook, notebook_cells};
pub(super) use prose::{lowered, resolve};
pub(super) use sheets::Sheets;

/// Largest file shown in place as text, in bytes: longer ones are read better in a program for them.
const MAX_BYTES: u64 = 512 << 10;
/// Beginnings of names of files that introduce the others, the best first.
const FIRST: [&str; 6] = ["readme", "lisez", "index", "00", "01", "1"];

/// A file shown in place.
pub(super) enum Preview {
    /// Markdown, not yet rendered.
    Markdown(String),
    /// An HTML page, not yet cleaned.
    Webpage(String),
    /// A Jupyter notebook: its cells.
    Notebook(Vec<Cell>),
    /// Rows of comma-separated values, the first one the names of the columns; and whether there are more.
    Table(Vec<Vec<String>>, bool),
    /// Any other text.
    Text(String),
    /// Shown by the content host.
    Picture,
    /// A video or a sound, played from the content host.
    Media,
    /// A PDF document, page by page from the content host.
    Pages(Sheets),
    /// The words of an office document, a book or a package.
    Document(document::Read),
    /// Too large to be shown.
    TooLarge,
    /// Not received yet.
    NotHere,
    /// Of a kind that is not shown.
    NoKind,
}

/// Whether a file is of a kind that is shown in place.
pub(super) fn exists(file: &FileEntry) -> bool {
    kind::rank(file).is_some()
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
        (kind::rank(file), depth, first.unwrap_or(FIRST.len()))
    };
    let shown = files.files().iter().filter(|f| exists(f));
    shown.min_by_key(order)
}

/// What is needed to show a file that is looked at rather than read: few words around an address.
///
/// # Errors
/// The node fails.
pub(super) async fn sight(web: &Web, file: &FileEntry) -> Result<Option<Preview>, Problem> {
    Ok(match &*file.media_type {
        kind if content::is_picture(kind) => Some(Preview::Picture),
        kind if is_media(kind) => Some(Preview::Media),
        "application/pdf" => Some(sheets::read(web, file).await?),
        _ => None,
    })
}

/// Reads what is needed to show a file of an item of this institution.
async fn read(web: &Web, owner: &Handle, file: &FileEntry) -> Result<Preview, Problem> {
    if let Some(sight) = sight(web, file).await? {
        return Ok(sight);
    }
    if let Some(format) = document::format(file) {
        return document::read(web, file, format).await;
    }
    if !exists(file) {
        return Ok(Preview::NoKind);
    }
    if file.size > MAX_BYTES {
        return Ok(Preview::TooLarge);
    }
    let Some(bytes) = web.site().read(file, MAX_BYTES).await? else {
        return Ok(Preview::NotHere);
    };
    let media_type = file.media_type.clone();
    web.make(owner, move || parsed(&media_type, &bytes)).await
}

fn parsed(media_type: &str, bytes: &[u8]) -> Preview {
    let text = String::from_utf8_lossy(bytes).into_owned();
    match media_type {
        "text/markdown" => Preview::Markdown(text),
        "text/html" | "application/xhtml+xml" => Preview::Webpage(text),
        "application/x-ipynb+json" => {
            notebook(&text).map_or(Preview::Text(text), Preview::Notebook)
        }
        "text/csv" => table::read(&text, ','),
        "text/tab-separated-values" => table::read(&text, '\t'),
        _ => Preview::Text(text),
    }
}

/// A file as it is shown in place.
pub(super) struct Looked {
    file: FileEntry,
    /// What can be seen of it.
    look: Markup,
    /// Whether that is a picture.
    pub(super) pictured: bool,
}

impl Looked {
    /// The file.
    pub(super) fn file(&self) -> &FileEntry {
        &self.file
    }
}

/// Reads a file and makes what is shown of it. A page without it is better than none: where too much is being made at the
/// same time, it says so in its place.
///
/// # Errors
/// The node fails.
pub(super) async fn made(
    page: &Page<'_>,
    item: &Arc<Shown>,
    file: FileEntry,
) -> Result<Looked, Problem> {
    let (pictured, look) = match read(page.web, &item.handle, &file).await {
        // Few words around an address.
        Ok(preview @ (Preview::Picture | Preview::Media | Preview::Pages(_))) => {
            let pictured = !matches!(preview, Preview::Media);
            (pictured, Ok(look(page, item, &file, &preview)))
        }
        Ok(preview) => {
            let (of, file) = (Arc::clone(item), file.clone());
            let work = page.apart(&item.handle, move |page| look(page, &of, &file, &preview));
            (false, work.await)
        }
        Err(problem) => (false, Err(problem)),
    };
    let look = match look {
        Err(problem) if problem.retry_after.is_some() => {
            html! { p.quiet role="status" { (page.words.say("preview-busy")) } }
        }
        look => look?,
    };
    Ok(Looked {
        file,
        look,
        pictured,
    })
}

/// A file, shown in place, with its name and the way to download it.
pub(super) fn show(page: &Page<'_>, item: &Shown, looked: &Looked) -> Markup {
    let words = page.words;
    let file = &looked.file;
    let path = file.path.as_str();
    html! {
        section.preview id="preview" tabindex="-1" aria-labelledby="preview-title" {
            h2 id="preview-title" { (words.say("preview-title")) " " code { (plain(path)) } }
            (looked.look)
            p { a.button href=(download(item, path)) download { (words.say("file-download")) " " (plain(file.path.file_name())) " " span.quiet { (size(page.lang(), file.size)) } } }
        }
    }
}

/// What can be seen of a file.
pub(super) fn look(page: &Page<'_>, item: &Shown, file: &FileEntry, preview: &Preview) -> Markup {
    let words = page.words;
    let path = file.path.as_str();
    let lang = content_language(page, item);
    html! {
        @match preview {
            Preview::Markdown(text) => {
                div.prose.paper dir="auto" lang=[lang] { (PreEscaped(prose::markdown(page, item, path, text))) }
            }
            Preview::Webpage(text) => {
                div.prose.paper dir="auto" lang=[lang] { (PreEscaped(prose::webpage(page, item, path, text))) }
                p.quiet { (words.say("preview-webpage")) }
            }
            Preview::Notebook(cells) => { div.prose.paper.notebook dir="auto" lang=[lang] { (notebook_cells(page, cells, &|text| prose::markdown(page, item, path, text))) } }
            Preview::Table(rows, more) => { (table::show(page, rows, *more, lang)) }
            Preview::Text(text) => {
                // Scrolled by keyboard, too.
                pre.paper tabindex="0" role="region" aria-labelledby="preview-title" dir="auto" lang=[lang] { code { (visible(text)) } }
            }
            Preview::Picture => {
                @let source = format!("{}{}", page.web.hosts().content, content::path(&item.name(), path));
                p.paper { img src=(source) alt=(words.say_with("preview-image-alt", [("file", visible(path).into())])) loading="lazy"; }
            }
            Preview::Media => { (media::show(page, item, file)) }
            Preview::Pages(sheets) => { (sheets::show(page, item, file, sheets)) }
            Preview::Document(read) => { (document::show(page, read, lang)) }
            Preview::TooLarge => { p.quiet { (words.say("preview-large")) } }
            Preview::NotHere => { p.quiet role="status" { (words.say("preview-missing")) } }
            Preview::NoKind => { p.quiet { (words.say("preview-none")) } }
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
