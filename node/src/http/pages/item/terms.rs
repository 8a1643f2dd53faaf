//! What one may do with an item and must do for it, in one sentence that names whom to credit.

use commun_specs::licence::{Family, Licence, Terms};
use maud::{Markup, html};

use super::super::Page;
use crate::{
    adapt,
    http::text::{plain, spoken, visible},
    items::Shown,
};

/// Authors who are named one by one.
const NAMED_AUTHORS: usize = 3;

/// What is known of an item's licence, for a reader.
pub(in crate::http::pages) struct Said {
    /// What one may do and must do.
    pub(in crate::http::pages) sentence: String,
    /// Whether changed versions may be shared.
    pub(in crate::http::pages) may_adapt: bool,
    /// The licence as people name it; empty where none is stated.
    pub(in crate::http::pages) label: String,
    /// Where its text is found.
    pub(in crate::http::pages) url: Option<String>,
}

/// The sentence about an item, from the terms of its licence.
pub(in crate::http::pages) fn said(page: &Page<'_>, item: &Shown) -> Said {
    let stated = item.view.licence.as_deref().unwrap_or_default();
    let licence = Licence::parse(stated).ok();
    let terms = licence.as_ref().map(Licence::terms);
    // Of a licence that nobody here knows, no right follows.
    let known = licence.as_ref().filter(|l| l.family() != Family::Unstated);
    let sentence = match known {
        Some(licence) => allowed(page, item, licence.terms()),
        None => page
            .words
            .say_with("may-unclear", [("authors", authors(page, item).into())]),
    };
    Said {
        sentence,
        may_adapt: known.is_some() && terms.is_some_and(|terms| terms.adapt),
        label: match &licence {
            Some(licence) => licence.label(page.lang().tag()),
            None => visible(stated),
        },
        url: licence.as_ref().and_then(Licence::url),
    }
}

fn allowed(page: &Page<'_>, item: &Shown, terms: Terms) -> String {
    let words = page.words;
    if !terms.attribution {
        return words.say("may-anything").to_owned();
    }
    let credit = [("authors", authors(page, item).into())];
    match (terms.adapt, terms.commercial, terms.share_alike) {
        (true, true, false) => words.say_with("may-credit", credit),
        (true, true, true) => words.say_with("may-credit-alike", credit),
        (true, false, false) => words.say_with("may-noncommercial", credit),
        (true, false, true) => words.say_with("may-noncommercial-alike", credit),
        (false, true, _) => words.say_with("may-share", credit),
        (false, false, _) => words.say_with("may-share-noncommercial", credit),
    }
}

/// Whom to credit, as part of a sentence.
fn authors(page: &Page<'_>, item: &Shown) -> String {
    let words = page.words;
    let named = adapt::named(&item.view).iter();
    let names: Vec<String> = named.map(|c| visible(&c.name)).collect();
    match names.as_slice() {
        [] => words.say_with(
            "authors-unnamed",
            [("institution", item.handle.as_str().into())],
        ),
        [one] => one.clone(),
        [first @ .., last] if names.len() <= NAMED_AUTHORS => words.say_with(
            "authors-and",
            [
                ("first", first.join(", ").into()),
                ("last", last.as_str().into()),
            ],
        ),
        [first, ..] => words.say_with("authors-many", [("first", first.as_str().into())]),
    }
}

/// The sentence, below the title.
pub(in crate::http::pages) fn verdict(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let said = said(page, item);
    html! {
        div.terms.free[said.may_adapt] id="licence" {
            p.verdict {
                span.sign aria-hidden="true" { @if said.may_adapt { "✓" } @else { "!" } }
                span { (said.sentence) }
            }
            p.quiet {
                @if let Some(url) = &said.url {
                    a href=(url) rel="license noreferrer" { (words.say_with("licence-text-link", [("licence", said.label.as_str().into())])) }
                } @else if !said.label.is_empty() { (words.say("licence-stated")) " " (plain(&said.label)) }
                @if item.withdrawn.is_none() { " " a.more href="#credit" { (words.say("attribution-title")) } }
            }
            @for (tag, text) in &item.view.licence_statements {
                p.quiet { (spoken(text, tag, page.lang())) }
            }
        }
    }
}
