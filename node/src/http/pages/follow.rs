//! Following a search: the feeds that bring what is new of it.

use maud::{Markup, html};

use super::Page;
use crate::http::{
    feeds::{Form, address},
    search::Asked,
};

/// The way to follow what a search finds, to be seen and to be clicked.
pub(super) fn follow(page: &Page<'_>, asked: &Asked) -> Markup {
    let words = page.words;
    html! {
        section.card.follow aria-labelledby="follow" {
            h2 id="follow" { (words.say("follow-this")) }
            p { (words.say("follow-help")) }
            ul.inline {
                li { a href=(address(asked, Form::Atom, page.lang())) rel="nofollow" type=(Form::Atom.media_type()) { "Atom" } }
                li { a href=(address(asked, Form::Rss, page.lang())) rel="nofollow" type=(Form::Rss.media_type()) { "RSS" } }
            }
        }
    }
}

/// The same for programs that read the head of a page.
pub(super) fn discovery(page: &Page<'_>) -> Markup {
    html! {
        @if let Some((name, asked)) = &page.feed {
            @for form in [Form::Atom, Form::Rss] {
                link rel="alternate" type=(form.media_type()) title=(crate::http::text::visible(name)) href=(address(asked, form, page.lang()));
            }
        }
    }
}
