//! The way through a list that is shown in parts.

use maud::{Markup, html};

use crate::http::words::Words;

/// Pages that can be reached from one: the first, the last and some around.
const NEAR_PAGES: usize = 2;

/// Links to the pages of a list, counted from 1; nothing where there is only one. `to` gives the address of each.
pub(super) fn paging(
    words: Words,
    current: usize,
    pages: usize,
    to: impl Fn(usize) -> String,
) -> Markup {
    let shown: Vec<usize> = (1..=pages)
        .filter(|n| *n == 1 || *n == pages || n.abs_diff(current) <= NEAR_PAGES)
        .collect();
    html! {
        @if pages > 1 {
            nav.pages aria-label=(words.say("pages-label")) {
                ul {
                    @if current > 1 { li { a rel="prev" href=(to(current - 1)) { "← " (words.say("previous")) } } }
                    @for (at, number) in shown.iter().enumerate() {
                        @if at > 0 && shown[at - 1] + 1 < *number { li aria-hidden="true" { "…" } }
                        li { a href=(to(*number)) aria-label=(words.say_with("page-number", [("page", number.to_string().into())]))
                            aria-current=[(*number == current).then_some("page")] { (number) } }
                    }
                    @if current < pages { li { a rel="next" href=(to(current + 1)) { (words.say("next")) " →" } } }
                }
            }
        }
    }
}
