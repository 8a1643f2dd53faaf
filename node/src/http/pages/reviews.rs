//! What people think of an item: a part of its page. Their words are plain text.

use commun_specs::statement::Verdict;
use maud::{Markup, html};

use super::Page;
use crate::{
    http::text::{day, paragraphs, plain},
    items::{Shown, Words},
    reviews::Review,
    talk::short,
};

/// Reviews shown openly; the others are folded away.
const OPEN_REVIEWS: usize = 10;

/// Who reviewed which version, what they think and why. Nothing where nobody did.
pub(super) fn block(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let reviews = &item.reviews;
    let (first, rest) = reviews.all.split_at(reviews.all.len().min(OPEN_REVIEWS));
    let list = |some: &[Review]| html! { ul.plainlist.entries { @for one in some { li { (review(page, item, one)) } } } };
    html! {
        @if !reviews.all.is_empty() {
            section aria-labelledby="reviews" {
                h2 id="reviews" { (words.say("review-title")) " (" (reviews.total) ")" }
                p.quiet {
                    @if reviews.approving > 0 { (words.say_with("review-approving", [("count", reviews.approving.into())])) " " }
                    (words.say("review-help"))
                }
                (list(first))
                @if !rest.is_empty() { details { summary { "+ " (rest.len()) } (list(rest)) } }
                @if reviews.total > reviews.all.len() {
                    p.quiet { (words.say_with("review-more", [("count", reviews.all.len().into())])) }
                }
            }
        }
    }
}

fn review(page: &Page<'_>, item: &Shown, review: &Review) -> Markup {
    let words = page.words;
    let person = review.person.as_ref().map(short).unwrap_or_default();
    let who = html! {
        strong { (plain(review.name.as_deref().unwrap_or(&person))) }
        " (" a href=(page.href(&format!("/{}", review.institution))) { (plain(review.institution.as_str())) } ")"
    };
    let who = [("person", who.into())];
    let sentence = match review.verdict {
        Verdict::Approve => words.say_html("review-approves", who),
        Verdict::Reject => words.say_html("review-rejects", who),
        Verdict::Comment => words.say_html("review-comments", who),
    };
    html! {
        article.entry {
            p {
                (sentence)
                span.quiet {
                    // The versions of a repository are its settings: of its code there is one opinion.
                    @if item.repository.is_none() {
                        " · " (words.say_with("version-number", [("version", review.number.to_string().into())]))
                    }
                    " · " (day(page.lang(), review.time))
                }
                @if item.repository.is_none() {
                    " " span.tag { @if review.current { (words.say("review-current")) } @else { (words.say("review-stale")) } }
                }
                @if review.own { " " span.tag { (words.say("review-own")) } }
                @if review.former { " " span.tag { (words.say("component-adoption-former")) } }
            }
            @match review.words {
                Words::Withheld => { p.notice { (words.say("talk-withheld")) } }
                Words::Erased => { p.notice { (words.say("talk-erased")) } }
                Words::Here => { @if !review.text.is_empty() { div.prose dir="auto" { (paragraphs(&review.text)) } } }
            }
        }
    }
}
