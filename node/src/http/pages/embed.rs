//! An item in a frame of another site's page: `GET /{handle}/{slug}/embed`.
//!
//! Title, what one may do, a look at it, its attribution and the way to its page. No cookie, no script, no form; it is the one
//! page that others may frame.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use commun_specs::files::FileEntry;
use maud::{DOCTYPE, Markup, html};

use super::{
    Page,
    item::{credit, terms, warnings},
    layout::stylesheet_path,
    preview::{self, Preview},
    respond, wanted,
};
use crate::{
    http::{
        Web, content, name, oembed,
        problem::Problem,
        text::{foreign, plain, spoken, visible},
    },
    items::Shown,
};

/// `GET /{handle}/{slug}/embed`.
pub(super) async fn embed(
    State(web): State<Web>,
    Path((handle, slug)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let item = web.item(name(&handle, &slug)?).await?;
    let page = Page::new(&web, &wanted, &uri);
    let main = if item.withdrawn.is_some() {
        warnings(&page, &item)
    } else {
        let file = preview::chosen(&item, None).cloned();
        let preview = match &file {
            Some(file) => preview::sight(&web, file).await?,
            None => None,
        };
        let credits = credit::gather(&web, &item, wanted.lang).await?;
        let look = match (&file, &preview) {
            (Some(file), Some(preview)) => glance(&page, &item, file, preview),
            _ => None,
        };
        show(&page, &item, look, &credits)
    };
    let mut response = respond(&web, document(&page, &item, main), false);
    if item.withdrawn.is_some() {
        *response.status_mut() = StatusCode::GONE;
    }
    let content = &web.hosts().content;
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' {content}; media-src 'self' {content}; \
         form-action 'none'; frame-ancestors *; base-uri 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// The element that shows an item in another page.
pub(super) fn frame(page: &Page<'_>, item: &Shown) -> String {
    let title = item.title(&page.wanted.tags()).1;
    oembed::frame(page.web, item, title, None, oembed::WIDTH, oembed::HEIGHT)
}

/// What a frame has room for: pictures, videos, sounds and the first page of a document.
fn glance(page: &Page<'_>, item: &Shown, file: &FileEntry, preview: &Preview) -> Option<Markup> {
    match preview {
        Preview::Picture | Preview::Media => Some(preview::look(page, item, file, preview)),
        Preview::Pages(_) => {
            let source = content::page_path(&item.name(), file.path.as_str(), 1);
            let source = format!("{}{source}", page.web.hosts().content);
            let about = page
                .words
                .say_with("preview-page", [("number", 1_u32.into())]);
            Some(html! { p.paper { img src=(source) alt=(about) loading="lazy"; } })
        }
        _ => None,
    }
}

fn show(page: &Page<'_>, item: &Shown, look: Option<Markup>, credits: &credit::Credits) -> Markup {
    let words = page.words;
    let tags = page.wanted.tags();
    let (title_lang, title) = item.title(&tags);
    let authors: Vec<&str> = item.view.creators.iter().map(|c| c.name.as_str()).collect();
    let said = terms::said(page, item);
    let there = format!("{}/{}", page.web.hosts().main, item.name());
    html! {
        h1 { a href=(there) target="_blank" rel="noopener" { (spoken(title, title_lang, page.lang())) } }
        p.facts {
            @if !authors.is_empty() { span { (words.say_html("by-authors", [("authors", plain(&authors.join(", ")).into())])) } }
            span { (plain(item.handle.as_str())) }
        }
        @match look {
            Some(look) => (look),
            None => @if let Some((lang, text)) = item.view.summary_for(&tags) {
                p dir="auto" lang=[foreign(lang, page.lang())] { (visible(text)) }
            },
        }
        div.terms.free[said.may_adapt] {
            p.verdict {
                span.sign aria-hidden="true" { @if said.may_adapt { "✓" } @else { "!" } }
                span { (said.sentence) }
            }
        }
        p.quiet { (visible(credits.text())) }
        p { a.more href=(there) target="_blank" rel="noopener" { (words.say("embed-open")) } }
    }
}

fn document(page: &Page<'_>, item: &Shown, main: Markup) -> Markup {
    let title = item.title(&page.wanted.tags()).1;
    html! {
        (DOCTYPE)
        html lang=(page.lang().tag()) dir=(page.lang().direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (visible(title)) }
                link rel="stylesheet" href=(stylesheet_path());
                link rel="canonical" href={ (page.web.hosts().main) "/" (item.name()) };
            }
            body { main.embed id="main" { (main) } }
        }
    }
}
