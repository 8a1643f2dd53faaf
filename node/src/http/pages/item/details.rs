//! What is known of an item, in the words of teachers and librarians.

use std::collections::BTreeSet;

use commun_specs::{
    metadata::{Author, Concept, Creator, View},
    vocab::{self, Scheme},
};
use maud::{Markup, html};

use super::super::{Page, author, encode_path, subject};
use crate::{
    http::{
        lang::Lang,
        search::Facet,
        text::{checkable, date, iso_duration, plain, spoken, visible},
        words::known::field_name,
    },
    items::Shown,
};

/// Authors, type, level, subjects, and what a teacher asks next.
pub(super) fn details(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let lang = page.lang();
    let view: &View = &item.view;
    let values = |facet: Facet, ids: &[String]| {
        html! {
            ul { @for id in ids {
                @let asked = crate::http::search::Asked::default_page().toggled(facet, id);
                li { a href=(page.href(&asked.href())) { (plain(&facet.label(id, lang.tag()))) } }
            } }
        }
    };
    let subjects = view.subjects.iter().map(|subject| {
        let own = subject
            .label
            .iter()
            .find(|(tag, _)| tag == lang.tag())
            .or(subject.label.first());
        (subject.id(), own.map(|(_, text)| text.clone()))
    });
    // A broad field and a narrow one below it may have one name: it is said once.
    let mut subjects: Vec<(String, String)> = subjects
        .map(|(id, own)| {
            let label = own.unwrap_or_else(|| Facet::Subject.label(&id, lang.tag()));
            (id, label)
        })
        .collect();
    let mut said = BTreeSet::new();
    subjects.retain(|(_, label)| said.insert(label.clone()));
    let known = html! {
        @if !view.creators.is_empty() { dt { (words.say("detail-authors")) } dd { (people(page, &view.creators)) } }
        @if !view.contributors.is_empty() { dt { (words.say("detail-contributors")) } dd { (people(page, &view.contributors)) } }
        @if !view.resource_types.is_empty() { dt { (words.say("detail-type")) } dd { (values(Facet::ResourceType, &view.resource_types)) } }
        @if !view.levels.is_empty() { dt { (words.say("detail-level")) } dd { (values(Facet::Level, &view.levels)) } }
        @if !subjects.is_empty() {
            dt { (words.say("detail-subject")) }
            dd { ul { @for (id, label) in &subjects {
                li { a href=(page.href(&subject::path(id))) { (plain(label)) } }
            } } }
        }
        @if !view.languages.is_empty() { dt { (words.say("detail-language")) } dd { (values(Facet::Language, &view.languages)) } }
        (teaching(view, lang))
        @for (name, when) in [
            (words.say("detail-published"), &view.published), (words.say("detail-created"), &view.created), (words.say("detail-modified"), &view.modified),
        ] {
            @if let Some(when) = when { dt { (name) } dd { (date(lang, when)) } }
        }
        @if let Some(version) = &view.version { dt { (words.say("detail-version")) } dd { (plain(version)) } }
        @if !view.keywords.is_empty() {
            dt { (words.say("detail-keywords")) }
            dd { ul.inline { @for (tag, word) in keywords(view, lang) { li { (spoken(word, tag, lang)) } } } }
        }
        @if !view.relations.is_empty() {
            dt { (words.say("detail-related")) }
            dd { ul { @for relation in &view.relations { li { (link(page, &relation.target, relation.title.as_deref())) } } } }
        }
        @if !view.aliases.is_empty() {
            dt { (words.say("detail-identifiers")) }
            dd { ul { @for alias in &view.aliases { li { (link(page, alias, None)) } } } }
        }
    };
    html! {
        // Of some items nothing more is known.
        @if !known.0.is_empty() {
            section.card aria-labelledby="details" {
                h2 id="details" { (words.say("details-title")) }
                dl { (known) }
            }
        }
    }
}

/// What a teacher asks next: for whom, how long, what before and what after.
fn teaching(view: &View, lang: Lang) -> Markup {
    let labels = |scheme, ids: &[String]| {
        let labels = ids.iter();
        let labels: Vec<&str> = labels
            .map(|id| vocab::label(scheme, id, lang.tag()).unwrap_or(id))
            .collect();
        labels.join(", ")
    };
    let concepts = |list: &[Concept]| {
        let labels: Vec<String> = list
            .iter()
            .map(|concept| concept.label_for(lang.tag()).to_owned())
            .collect();
        labels
    };
    let one = |text: String| {
        if text.is_empty() {
            Vec::new()
        } else {
            vec![text]
        }
    };
    let difficulty = view.difficulty.as_slice();
    let access = view.access.as_slice();
    let lines = [
        ("audience", one(labels(Scheme::Audience, &view.audience))),
        ("difficulty", one(labels(Scheme::Difficulty, difficulty))),
        (
            "learning_time",
            one(view
                .learning_time
                .as_deref()
                .map(|time| iso_duration(lang, time))
                .unwrap_or_default()),
        ),
        ("prerequisites", concepts(&view.prerequisites)),
        ("outcomes", concepts(&view.outcomes)),
        ("access", one(labels(Scheme::Access, access))),
        (
            "accessibility_features",
            one(labels(
                Scheme::AccessibilityFeature,
                &view.accessibility_features,
            )),
        ),
        (
            "publishers",
            view.publishers.iter().map(|p| p.name.clone()).collect(),
        ),
        (
            "rights_holders",
            view.rights_holders.iter().map(|p| p.name.clone()).collect(),
        ),
    ];
    html! {
        @for (field, values) in &lines {
            @if !values.is_empty() {
                dt { (field_name(field, lang)) }
                @if let [value] = values.as_slice() { dd { (visible(value)) } }
                @else { dd { ul { @for value in values { li { (visible(value)) } } } } }
            }
        }
    }
}

/// The keywords in the page's language; all of them where there are none.
fn keywords(view: &View, lang: Lang) -> impl Iterator<Item = &(String, String)> {
    let own = move |word: &(String, String)| Lang::of_tag(&word.0) == Some(lang);
    let any = view.keywords.iter().any(own);
    view.keywords.iter().filter(move |word| !any || own(word))
}

/// A target of the metadata: an item of the commons, an address, or an identifier that is only shown.
fn link(page: &Page<'_>, target: &str, title: Option<&str>) -> Markup {
    let address = checkable(target);
    let shown = title.unwrap_or(&address);
    let web = target.starts_with("https://") || target.starts_with("http://");
    let doi = target
        .strip_prefix("doi:")
        .or(target.starts_with("10.").then_some(target));
    let name = target
        .split_once('/')
        .filter(|(handle, slug)| crate::http::name(handle, slug).is_ok());
    html! {
        @if web { a href=(address) rel="nofollow noopener noreferrer" { (plain(shown)) } }
        @else if let Some(doi) = doi { a href={ "https://doi.org/" (encode_path(doi)) } rel="nofollow noopener noreferrer" { (plain(shown)) } }
        @else if name.is_some() { a href=(page.href(&format!("/{target}"))) { (plain(shown)) } }
        @else { (plain(shown)) }
    }
}

fn people(page: &Page<'_>, people: &[Creator]) -> Markup {
    html! {
        ul { @for person in people { li {
            @match Author::all(person).first() {
                Some(key) => a href=(page.href(&author::path(key))) { (plain(&person.name)) },
                None => (plain(&person.name)),
            }
            @if let Some(orcid) = &person.orcid { " " a href={ "https://orcid.org/" (orcid) } rel="noopener noreferrer" { "ORCID" } }
            @if let Some(organisation) = &person.affiliation { br; span.quiet { (plain(&organisation.name)) } }
        } } }
    }
}
