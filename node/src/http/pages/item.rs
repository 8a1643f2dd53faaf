//! The page of an item, part by part. A resource is shown here; a repository by [`super::repository`].

mod alike;
pub(super) mod credit;
mod details;
mod files;
mod get;
mod provenance;
mod source;
pub(super) mod terms;
mod versions;

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use maud::{Markup, html};

use super::{
    Page, collection, component, encode_path, known, lineage, parameter,
    preview::{self, Looked},
    repository, reviews,
    search::kind_name,
    wanted,
};
use crate::{
    http::{
        Web, content, jsonld, name, oembed,
        problem::Problem,
        search::Facet,
        text::{day, paragraphs, plain, spoken, visible},
        vocabularies,
        words::{reason as why_withdrawn, why_unread},
    },
    items::{Shown, Withdrawal, Words},
    similar::Similar,
};

pub(super) use provenance::provenance;

/// What a page shows beside what is known of the item itself.
struct Around {
    /// Which part of a collection's members.
    part: usize,
    /// The file that is shown in place.
    looked: Option<Looked>,
    credits: credit::Credits,
    similar: Similar,
    /// What a collection's members have in common.
    whole: Option<collection::Whole>,
}

/// `GET /{handle}/{slug}`.
pub(super) async fn item(
    State(web): State<Web>,
    Path((handle, slug)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let mut item = web.item(name(&handle, &slug)?).await?;
    vocabularies::label(&web, &mut item).await;
    if let Some(other) = jsonld::negotiated(&web, &item, &headers)? {
        return Ok(other);
    }
    let mut page = Page::new(&web, &wanted, &uri);
    if item.withdrawn.is_none() {
        page.about = jsonld::documents(&web, &item)?;
        page.oembed = Some(oembed::address(&web, &item));
    }
    if item.repository.is_some() {
        let shown: Arc<Shown> = item.into();
        let mut response = repository::overview(&page, Arc::clone(&shown), &uri).await?;
        jsonld::describe(&web, &shown, &mut response);
        return Ok(response);
    }
    let part = lineage::part(&web, &mut item, &uri).await?;
    let item: Arc<Shown> = item.into();
    let file = preview::chosen(&item, parameter(&uri, "file").as_deref()).cloned();
    let looked = match file {
        Some(file) => Some(preview::made(&page, &item, file).await?),
        None => None,
    };
    let around = Around {
        part,
        looked,
        credits: credit::gather(&web, &item, wanted.lang).await?,
        similar: alike::gather(&web, &item, wanted.lang).await,
        whole: collection::whole(&web, &item).await?,
    };
    let main = show(&page, &item, &around);
    let title = item.title(&wanted.tags()).1.to_owned();
    let mut response = page.finish(&title, Some(""), main);
    if item.withdrawn.is_some() {
        *response.status_mut() = StatusCode::GONE;
    }
    jsonld::describe(&web, &item, &mut response);
    Ok(response)
}

fn show(page: &Page<'_>, item: &Shown, around: &Around) -> Markup {
    let words = page.words;
    let tags = page.wanted.tags();
    let summary = item.view.summary_for(&tags);
    let description = item.view.description_for(&tags).filter(|(_, text)| {
        // A summary that was made from the description's beginning says nothing new below it.
        summary.is_none_or(|(_, beginning)| text.trim() != beginning.trim())
    });
    html! {
        div.inner.item {
            (headline(page, item))
            (warnings(page, item))
            div.body {
                (picture(page, item, around))
                @if let Some((lang, text)) = summary {
                    p.lead dir="auto" lang=[crate::http::text::foreign(lang, page.lang())] { (visible(text)) }
                }
                @if let Some((lang, text)) = description {
                    section aria-labelledby="description" {
                        h2 id="description" { (words.say("description-title")) }
                        div.prose dir="auto" lang=[crate::http::text::foreign(lang, page.lang())] { (paragraphs(text)) }
                    }
                }
                (outline(page, item))
                (lineage::members(page, item, around.part))
                @match source::source(page, item) {
                    Some(source) => (source),
                    None => (files::files(page, item, around.looked.as_ref().map(Looked::file))),
                }
                (unread(page, item))
                @if let Some(looked) = &around.looked { (preview::show(page, item, looked)) }
                (component::adoptions(page, item))
                (reviews::block(page, item))
                (versions::versions(page, item))
                (alike::like(page, &around.similar))
                (known::block(page, item))
            }
            div.side {
                @if let Some(whole) = &around.whole { (collection::card(page, item, whole)) }
                (alike::translations(page, &around.similar))
                (get::get(page, item))
                (credit::card(page, item, &around.credits))
                (details::details(page, item))
                (lineage::lineage(page, item, &around.similar.translations))
                (provenance(page, item))
            }
        }
    }
}

/// Where we are, the title, and who made it.
pub(super) fn headline(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let (title_lang, title) = item.title(&page.wanted.tags());
    let kind = match item.view.resource_types.first() {
        Some(kind) => Facet::ResourceType.label(kind, page.lang().tag()),
        None => kind_name(words, item.kind.as_str()).to_owned(),
    };
    let authors: Vec<&str> = item.view.creators.iter().map(|c| c.name.as_str()).collect();
    html! {
        div.headline {
            p.eyebrow {
                span.kind { (kind) } " "
                a href=(page.href(&format!("/{}", item.handle))) { (plain(item.handle.as_str())) }
                span aria-hidden="true" { " / " }
                span.slug { (plain(item.slug.as_str())) }
            }
            h1 { (spoken(title, title_lang, page.lang())) }
            p.facts {
                @if !authors.is_empty() { span { (words.say_html("by-authors", [("authors", plain(&authors.join(", ")).into())])) } }
                span { (words.say("updated-on")) " " (day(page.lang(), item.updated)) }
            }
            // A collection has no licence: its members have theirs. What was withdrawn is not to be used.
            @if item.members.is_none() && item.withdrawn.is_none() { (terms::verdict(page, item)) }
        }
    }
}

/// The first picture, from the content host, unless the preview is one to look at.
fn picture(page: &Page<'_>, item: &Shown, around: &Around) -> Markup {
    let words = page.words;
    let previewed = around.looked.as_ref().is_some_and(|looked| looked.pictured);
    let shown = item.withdrawn.is_none() && !previewed;
    let picture = item.extraction.picture.as_ref().filter(|_| shown);
    html! {
        @if let Some(picture) = picture {
            img.first src={ (page.web.hosts().content) (content::picture_path(&item.name(), picture)) } alt=(words.say("extraction-picture")) loading="lazy" referrerpolicy="no-referrer";
        }
    }
}

/// The table of contents of a package.
fn outline(page: &Page<'_>, item: &Shown) -> Markup {
    let lines = crate::items::outline(&item.record);
    html! {
        @if !lines.is_empty() && item.withdrawn.is_none() {
            section aria-labelledby="outline" {
                h2 id="outline" { (page.words.say("extraction-outline")) }
                ul.outline { @for line in &lines { li dir="auto" {
                    ("\u{2003}".repeat(usize::try_from(line.depth).unwrap_or(0)))
                    @if let Some(url) = &line.url { a href=(url) rel="nofollow noopener noreferrer" { (visible(&line.title)) } }
                    @else { (visible(&line.title)) }
                } } }
            }
        }
    }
}

/// The files whose words are not searched, and why.
fn unread(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        @if !item.extraction.unread.is_empty() && item.withdrawn.is_none() {
            section aria-labelledby="unread" {
                h2 id="unread" { (words.say("extraction-unread-title")) }
                p.quiet { (words.say("extraction-unread-help")) }
                ul { @for one in &item.extraction.unread { li { (plain(&one.file)) " – " (why_unread(words, &one.why)) } } }
            }
        }
    }
}

/// What a reader must know first.
pub(super) fn warnings(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        @if let Some(withdrawal) = &item.withdrawn {
            div.notice.bad role="note" {
                p { strong { (words.say("withdrawn-title")) } }
                (withdrawn(page, withdrawal))
            }
        }
        @match item.words {
            Words::Here => {}
            Words::Withheld => { div.notice role="note" { p { (words.say("words-withheld")) } } }
            Words::Erased => {
                div.notice role="note" {
                    p { (words.say("words-erased")) }
                    @if item.repository.is_none() { p { (page.words.say("taking-erased-files")) } }
                }
            }
        }
    }
}

/// By whom, when and why.
fn withdrawn(page: &Page<'_>, withdrawal: &Withdrawal) -> Markup {
    let words = page.words;
    let institution = plain(withdrawal.institution.as_str()).into();
    let on = day(page.lang(), withdrawal.time).into();
    let who = match &withdrawal.by {
        Some(by) => words.say_html(
            "taking-withdrawn-by-on",
            [
                ("institution", institution),
                ("person", plain(by).into()),
                ("date", on),
            ],
        ),
        None => words.say_html(
            "taking-withdrawn-on",
            [("institution", institution), ("date", on)],
        ),
    };
    // What a program wrote is said in the reader's language.
    let by_source = withdrawal.code == crate::takedown::SOURCE_DELETED;
    let reason = withdrawal.reason.as_deref().filter(|_| !by_source);
    let reason = reason.unwrap_or_else(|| why_withdrawn(words, &withdrawal.code));
    html! {
        p { (who) }
        p { (words.say_html("taking-withdrawn-reason", [("reason", plain(reason).into())])) }
    }
}

/// Where a file of the item is downloaded.
pub(super) fn download(item: &Shown, path: &str) -> String {
    format!("/api/v1/items/{}/files/{}", item.name(), encode_path(path))
}
