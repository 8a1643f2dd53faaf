//! A file: its lines, or rendered; and its bytes, handed out safely.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use commun_forge::{
    git::{Blob, EntryKind, SwhKind},
    highlight,
    render::{Target, markdown_to_html},
    resource::{content_disposition, media_type},
};
use maud::{Markup, PreEscaped, html};

use super::super::{
    Page, parameter,
    preview::{self, lowered, resolve},
};
use super::{
    moved,
    nav::Tab,
    nothing,
    place::{At, address, picture as picture_address, switch, trail},
    read,
};
use crate::{
    http::{
        Web, content,
        problem::Problem,
        text::{size, visible},
    },
    items::Shown,
};

/// Largest file shown in place, in bytes.
const MAX_SHOWN: u64 = 512 << 10;
/// Largest file handed out outside Git, in bytes: it is read into memory; clone what is larger.
const MAX_RAW: u64 = 20 << 20;

/// `GET …/blob/REF/PATH`.
pub(super) async fn page(page: &Page<'_>, at: At<'_>, uri: &Uri) -> Result<Response, Problem> {
    let resolved = at.resolved.clone();
    let found = read(page.web, at.item, move |git| {
        if git.entry(&resolved.commit, &resolved.path)? == EntryKind::Folder {
            return Ok(None);
        }
        let blob = git.blob(Some(resolved.commit.as_str()), &resolved.path, MAX_SHOWN)?;
        Ok(Some(blob))
    });
    let Some(blob) = found.await?.ok_or_else(nothing)? else {
        let rest = format!("{}/{}", at.resolved.rev, at.path());
        return Ok(moved(page, at.item, "tree", rest.trim_end_matches('/')));
    };
    let source = parameter(uri, "view").is_some_and(|view| view == "source");
    let main = at
        .apart(page, move |page, at| show(page, at, &blob, source))
        .await?;
    Ok(super::framed(page, at.item, Tab::Code, &at.title(), main))
}

fn show(page: &Page<'_>, at: At<'_>, blob: &Blob, source: bool) -> Markup {
    let words = page.words;
    let kind = media_type(at.path());
    let text =
        (blob.complete && !blob.bytes.contains(&0)).then(|| String::from_utf8_lossy(&blob.bytes));
    let notebook = match &text {
        Some(text) if kind == "application/x-ipynb+json" => preview::notebook(text),
        _ => None,
    };
    let rendered = kind == "text/markdown" && text.is_some() || notebook.is_some();
    let here = at.href(page, "blob", at.path());
    let view = |name: &str| match here.contains('?') {
        true => format!("{here}&view={name}"),
        false => format!("{here}?view={name}"),
    };
    html! {
        div.toolbar {
            (switch(page, at, "blob"))
            @if rendered {
                @if source { a href=(here) { (words.say("code-file-rendered")) } } @else { a href=(view("source")) { (words.say("code-file-source")) } }
            }
            a href=(at.href(page, "commits", at.path())) { (words.say("code-file-history")) }
            @if text.is_some() { a href=(at.href(page, "blame", at.path())) { (words.say("code-file-blame")) } }
            a href=(at.href_at(page, "blob", at.resolved.commit.as_str(), at.path())) { (words.say("code-file-permalink")) }
            a href=(at.href(page, "raw", at.path())) download { (words.say("code-file-plain")) " " span.quiet { (size(page.lang(), blob.size)) } }
        }
        (trail(page, at))
        @if content::is_picture(&kind) {
            p.paper { img src=(at.picture(page, at.path())) alt=(words.say_with("preview-image-alt", [("file", visible(at.path()).into())])); }
        } @else if let Some(text) = &text {
            @if let (Some(cells), false) = (&notebook, source) {
                div.prose.paper.notebook dir="auto" { (preview::notebook_cells(page, cells, &|text| markdown(page, at, text))) }
            } @else if rendered && !source { div.prose.paper dir="auto" { (PreEscaped(markdown(page, at, text))) } }
            @else {
                p.quiet { (words.say_with("file-lines", [("lines", (text.lines().count() as u64).into()), ("size", size(page.lang(), blob.size).into())])) }
                (lines(page, at, text))
            }
        } @else {
            p.quiet { (if blob.complete { words.say("file-binary") } else { words.say("file-too-large") }) }
        }
        (super::swhid::line(page, SwhKind::Content, &blob.oid))
    }
}

/// The lines of a text with their numbers, each of which is an address.
fn lines(page: &Page<'_>, at: At<'_>, text: &str) -> Markup {
    let words = page.words;
    let lines = highlight::lines(highlight::language(at.path(), text), text);
    html! {
        div.scroll.code-frame tabindex="0" role="region" aria-label=(words.say_with("code-file-lines-of", [("file", visible(at.path()).into())])) {
            table.code { tbody {
                @for (n, line) in lines.iter().enumerate() {
                    @let id = format!("L{}", n + 1);
                    tr id=(id) { td.n { a href={ "#" (id) } tabindex="-1" { (n + 1) } } td.l { (coloured(line)) } }
                }
            } }
        }
    }
}

/// A line in colours.
pub(super) fn coloured(line: &[highlight::Part<'_>]) -> Markup {
    html! {
        code { @for (class, text) in line {
            @match class {
                Some(class) => span class=(class.as_str()) { (visible(text)) },
                None => (visible(text)),
            }
        } }
    }
}

/// A README: rendered where it is Markdown.
pub(super) fn readme(page: &Page<'_>, at: At<'_>, name: &str, bytes: &[u8]) -> Markup {
    let text = String::from_utf8_lossy(bytes);
    let lower = name.to_ascii_lowercase();
    html! {
        @if lower.ends_with(".md") || lower.ends_with(".markdown") {
            div.prose.paper dir="auto" { (PreEscaped(markdown_in(page, at, at.path(), &text))) }
        } @else {
            pre.paper tabindex="0" dir="auto" { code { (visible(&text)) } }
        }
    }
}

/// Markdown of a file, its links leading to files and folders here and its pictures to the content host.
fn markdown(page: &Page<'_>, at: At<'_>, text: &str) -> String {
    let folder = at.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    markdown_in(page, at, folder, text)
}

fn markdown_in(page: &Page<'_>, at: At<'_>, folder: &str, text: &str) -> String {
    let (item, resolved) = (Arc::clone(at.item), at.resolved.clone());
    let (origin, folder) = (page.web.hosts().content.clone(), folder.to_owned());
    let lang = page.wanted.explicit.then(|| page.lang().tag());
    let rewrite = move |target: Target<'_>| {
        let (Target::Link(written) | Target::Image(written)) = target;
        let path = resolve(&folder, written)?;
        Some(match target {
            Target::Image(_) => picture_address(&origin, &item, &resolved.commit, &path),
            Target::Link(_) => {
                let lang = lang.map(|lang| format!("?lang={lang}")).unwrap_or_default();
                let fragment = written.split_once('#').map(|(_, fragment)| fragment);
                let fragment = fragment
                    .and_then(commun_forge::render::anchor_of)
                    .map(|anchor| format!("#{anchor}"))
                    .unwrap_or_default();
                let rest = format!("{}/{path}", resolved.rev);
                format!("{}{lang}{fragment}", address(&item, "blob", &rest))
            }
        })
    };
    lowered(&markdown_to_html(text, rewrite).html)
}

/// `GET …/raw/REF/PATH`: the bytes, always as a download; nothing that was pushed runs on the main host.
pub(super) async fn raw(page: &Page<'_>, at: At<'_>) -> Result<Response, Problem> {
    let resolved = at.resolved.clone();
    let blob = read(page.web, at.item, move |git| {
        git.blob(Some(resolved.commit.as_str()), &resolved.path, MAX_RAW)
    });
    let blob = blob.await?.ok_or_else(nothing)?;
    if !blob.complete {
        return Err(Problem::too_large(
            "this file is too large to be handed out here: clone the repository",
        ));
    }
    let etag = format!("\"{}\"", blob.oid);
    let mut response = Body::from(blob.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    for (name, value) in [
        (header::CONTENT_DISPOSITION, content_disposition(at.path())),
        (header::ETAG, etag),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// A picture of a repository, for the content host.
pub(in crate::http) async fn picture(
    web: &Web,
    item: &Shown,
    rev: Option<String>,
    path: String,
) -> Result<Response, Problem> {
    let kind = media_type(&path);
    if !content::is_picture(&kind) {
        return Err(Problem::not_found("only pictures are shown here"));
    }
    let blob = read(web, item, move |git| {
        git.blob(rev.as_deref(), &path, MAX_RAW)
    })
    .await?;
    let blob = blob
        .filter(|blob| blob.complete)
        .ok_or_else(|| Problem::not_found("there is no such picture"))?;
    let mut response = Body::from(blob.bytes).into_response();
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}
