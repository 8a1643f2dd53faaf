//! What to look at next: the same work in other languages, and what is like it.

use commun_index::Hit;
use maud::{Markup, html};

use super::super::{Page, search::kind_name};
use crate::{
    http::{
        Web,
        lang::Lang,
        problem::Problem,
        search::Facet,
        text::{plain, spoken},
    },
    items::Shown,
    similar::Similar,
};

/// How many that are like it.
const MAX_LIKE: usize = 5;

/// Asks for both; a page is shown without them where they cannot be found now.
pub(super) async fn gather(web: &Web, item: &Shown, lang: Lang) -> Similar {
    if item.withdrawn.is_some() {
        return Similar::default();
    }
    let id = item.id;
    let asked = web.ask(move |site| Ok::<_, Problem>(site.similar(&id, lang.tag(), MAX_LIKE)?));
    let mut similar = asked.await.unwrap_or_default();
    // What a collection holds is listed above.
    if let Some(members) = &item.members {
        let held = |hit: &Hit| members.iter().any(|member| member.item.name == hit.name);
        similar.like.retain(|hit| !held(hit));
    }
    similar
}

fn name(hit: &Hit) -> &str {
    match hit.title.is_empty() {
        true => &hit.name,
        false => &hit.title,
    }
}

fn languages(page: &Page<'_>, hit: &Hit) -> String {
    let labels = hit.languages.iter();
    let labels = labels.map(|tag| Facet::Language.label(tag, page.lang().tag()));
    labels.collect::<Vec<_>>().join(", ")
}

/// The same work in other languages.
pub(super) fn translations(page: &Page<'_>, similar: &Similar) -> Markup {
    html! {
        @if !similar.translations.is_empty() {
            section.card aria-labelledby="translations" {
                h2 id="translations" { (page.words.say("alike-translations")) }
                ul { @for hit in &similar.translations { li {
                    a href=(page.href(&format!("/{}", hit.name))) { (spoken(name(hit), &hit.title_language, page.lang())) }
                    @if !hit.languages.is_empty() { " " span.quiet { (languages(page, hit)) } }
                } } }
            }
        }
    }
}

/// What is like it.
pub(super) fn like(page: &Page<'_>, similar: &Similar) -> Markup {
    let words = page.words;
    html! {
        @if !similar.like.is_empty() {
            section aria-labelledby="alike" {
                h2 id="alike" { (words.say("alike-title")) }
                ul.alike { @for hit in &similar.like { li {
                    a href=(page.href(&format!("/{}", hit.name))) { (spoken(name(hit), &hit.title_language, page.lang())) }
                    p.facts {
                        span {
                            @match hit.resource_types.first() {
                                Some(kind) => (Facet::ResourceType.label(kind, page.lang().tag())),
                                None => (kind_name(words, hit.kind.as_str())),
                            }
                        }
                        @if !hit.levels.is_empty() {
                            span { (hit.levels.iter().take(2).map(|level| Facet::Level.label(level, page.lang().tag())).collect::<Vec<_>>().join(", ")) }
                        }
                        span { (plain(&hit.institution)) }
                    }
                } } }
            }
        }
    }
}
