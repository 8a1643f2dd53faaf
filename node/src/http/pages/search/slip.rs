//! A search that cannot be meant so: what is wrong, with the place marked, and what can be written.

use maud::{Markup, html};

use super::Page;
use crate::http::{lang::Lang, problem::Slip, text::plain};

pub(super) fn show(page: &Page<'_>, text: &str, slip: &Slip) -> Markup {
    let words = page.words;
    let said = match (slip.field, &slip.written) {
        (None, None) => words.say_html(
            "query-too-many-fields",
            [("limit", commun_index::MAX_FIELDS.into())],
        ),
        (None, Some(name)) => words.say_html("query-no-field", [("name", plain(name).into())]),
        (Some(field), None) => words.say_html(
            "query-no-value",
            [("field", plain(named(page, field)).into())],
        ),
        (Some(field), Some(value)) => words.say_html(
            "query-wrong-value",
            [
                ("field", plain(named(page, field)).into()),
                ("value", plain(value).into()),
            ],
        ),
    };
    let characters =
        |skip: usize, take: usize| -> String { text.chars().skip(skip).take(take).collect() };
    let place = &slip.place;
    html! {
        p role="alert" {
            (said)
            @if let Some(nearest) = &slip.nearest {
                " " (words.say_html("query-nearest", [("nearest", plain(nearest).into())]))
            }
        }
        p.query-place {
            (plain(&characters(0, place.start)))
            mark { (plain(&characters(place.start, place.len()))) }
            (plain(&characters(place.end, usize::MAX)))
        }
        ul {
            li {
                (words.say("query-fields")) " "
                @for (at, (english, french)) in commun_index::field_names().enumerate() {
                    @if at > 0 { ", " }
                    code { (if page.lang() == Lang::Fr { french } else { english }) ":" }
                }
            }
            li { (words.say("query-words")) }
        }
    }
}

/// A field's name in the page's language.
fn named(page: &Page<'_>, field: &'static str) -> &'static str {
    let mut names = commun_index::field_names();
    match names.find(|(english, _)| *english == field) {
        Some((_, french)) if page.lang() == Lang::Fr => french,
        _ => field,
    }
}
