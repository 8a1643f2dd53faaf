//! The large search box, on the first page and above results, and the script that completes what is typed in it.
//!
//! Only pages with this box have a script, and their policy allows it no other source than our own static files; pages that
//! show what others wrote (items, repositories, threads) run none.

use std::sync::OnceLock;

use maud::{Markup, html};

use super::{Page, layout::hashed};

/// The script.
pub(super) const SCRIPT: &str = include_str!("complete.js");

/// The box, with what stands in it and other parameters that go with it. Without the script it is a plain form.
pub(super) fn searchbox(page: &Page<'_>, text: &str, kept: &[(&str, String)]) -> Markup {
    let words = page.words;
    html! {
        form.box role="search" action="/search" method="get" data-complete="1" data-label=(words.say("complete-label"))
            data-found=(words.say("complete-found")) data-title=(words.say("complete-title"))
            data-subject=(words.say("facet-subject")) data-level=(words.say("facet-level")) {
            label.hidden for="q" { (words.say("search-label")) }
            input id="q" type="search" name="q" value=[Some(text).filter(|text| !text.is_empty())] maxlength="1000" autocapitalize="none" placeholder=(words.say("search-hint"));
            @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
            button type="submit" { (words.say("search-button")) }
        }
    }
}

/// The script's name among the static files: it changes with its bytes.
pub(super) fn script() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| hashed(SCRIPT, "js"))
}
