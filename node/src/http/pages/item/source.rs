//! Where a resource is of which only the record is here: most of what is harvested.

use maud::{Markup, html};

use super::super::{Page, encode_path};
use crate::{
    http::text::{checkable, plain},
    items::Shown,
};

/// Kinds of links that lead to the thing itself, best first.
const KINDS: [&str; 6] = [
    "location",
    "embed",
    "video",
    "download",
    "repository",
    "homepage",
];
/// Addresses that are shown.
const MAX_PLACES: usize = 10;

/// The addresses of a resource that has no files here, best first, each once.
fn places(item: &Shown) -> Vec<String> {
    let here = item.files.as_ref().is_none_or(|list| list.count() > 0);
    if here || item.withdrawn.is_some() || item.repository.is_some() {
        return Vec::new();
    }
    let view = &item.view;
    let of = |kind| view.links.iter().filter(move |link| link.kind == kind);
    let links = KINDS.into_iter().flat_map(of).map(|link| &*link.url);
    let files = view.files.iter().filter_map(|file| file.url.as_deref());
    let all = links.chain(files).chain(view.aliases.iter().map(|a| &**a));
    let mut found: Vec<String> = Vec::new();
    for written in all {
        let doi = written.strip_prefix("doi:");
        let address = match doi {
            Some(doi) => format!("https://doi.org/{}", encode_path(doi)),
            None if written.starts_with("https://") || written.starts_with("http://") => {
                written.to_owned()
            }
            None => continue,
        };
        if found.len() < MAX_PLACES && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

/// The way to the resource; `None` where its files are here, or nobody says where it is.
pub(super) fn source(page: &Page<'_>, item: &Shown) -> Option<Markup> {
    let words = page.words;
    let places = places(item);
    let (first, others) = places.split_first()?;
    let shown = checkable(first);
    let bare = shown.split_once("://").map_or(&*shown, |(_, rest)| rest);
    let host = bare.split(['/', '?', '#']).next().unwrap_or(bare);
    let link = |address: &str, class: Option<&str>, text: Markup| {
        html! { a class=[class] href=(address) rel="nofollow noopener noreferrer" { (text) } }
    };
    Some(html! {
        section aria-labelledby="source" {
            h2 id="source" { (words.say("source-title")) }
            p { (link(first, Some("button"), html! { (words.say("source-open")) " " span.quiet { (plain(host)) } })) }
            p.quiet { (words.say("source-help")) }
            @if !others.is_empty() {
                p { (words.say("source-others")) }
                ul { @for place in others { li { (link(place, None, plain(&checkable(place)))) } } }
            }
        }
    })
}
