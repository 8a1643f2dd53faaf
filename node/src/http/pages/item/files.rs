//! The files of an item, with their sizes.

use commun_specs::files::FileEntry;
use maud::{Markup, html};

use super::{
    super::{Page, encode_path, preview},
    download,
};
use crate::{
    http::text::{plain, size},
    items::Shown,
};

/// Files listed openly; the rest of a large version is folded away.
const OPEN_FILES: usize = 12;

/// All files: each is looked at in place where that is possible, and downloaded.
pub(super) fn files(page: &Page<'_>, item: &Shown, open: Option<&FileEntry>) -> Markup {
    let words = page.words;
    let Some(list) = item.files.as_ref().filter(|_| item.withdrawn.is_none()) else {
        return html! {};
    };
    let total = size(page.lang(), list.total_size());
    let summary = words.say_with(
        "files",
        [("count", list.count().into()), ("size", total.into())],
    );
    let line = |file: &FileEntry| {
        let path = file.path.as_str();
        let shown = open.is_some_and(|open| open.path == file.path);
        let view = format!(
            "/{}?file={}",
            item.name(),
            encode_path(path).replace('/', "%2F")
        );
        html! {
            tr {
                th scope="row" {
                    @if preview::exists(file) {
                        a href={ (page.href(&view)) "#preview" } aria-current=[shown.then_some("true")] { (plain(path)) }
                    } @else { (plain(path)) }
                }
                td.type { (plain(&preview::type_name(words, &file.media_type))) }
                td.size { (size(page.lang(), file.size)) }
                td { a href=(download(item, path)) download { (words.say("file-download")) span.hidden { " " (plain(path)) } } }
            }
        }
    };
    let table = |files: &[FileEntry]| {
        html! {
            div.scroll { table {
                thead { tr {
                    th scope="col" { (words.say("file-name")) } th.type scope="col" { (words.say("file-type")) }
                    th.size scope="col" { (words.say("file-size")) } th scope="col" { span.hidden { (words.say("file-download")) } }
                } }
                tbody { @for file in files { (line(file)) } }
            } }
        }
    };
    let (first, rest) = list.files().split_at(list.files().len().min(OPEN_FILES));
    html! {
        section aria-labelledby="files" {
            h2 id="files" { (words.say("files-title")) }
            p.quiet { (summary) }
            (table(first))
            @if !rest.is_empty() {
                details { summary { (words.say_with("filters-more", [("count", rest.len().into())])) } (table(rest)) }
            }
        }
    }
}
