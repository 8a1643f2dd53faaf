//! The parts of a repository's page that are about the component: facts, problems, what it needs, what needs it.

use commun_forge::component::Severity;
use commun_specs::{metadata::Contact, statement::Use};
use maud::{Markup, html};

use super::Page;
use crate::{
    adoptions::Adoption,
    http::{
        text::{date, plain, spoken, visible},
        words::Words,
    },
    items::{Component, Neighbour, Reading, Shown, Uses},
};

/// Problems listed openly; the rest is folded away.
const OPEN_PROBLEMS: usize = 5;
/// Keywords shown.
const MAX_KEYWORDS: usize = 24;

/// The card beside: release, state, platforms, links, contacts.
pub(super) fn card(page: &Page<'_>, item: &Shown) -> Markup {
    let Some(component) = &item.component else {
        return html! {};
    };
    let words = page.words;
    let view = &item.view;
    let facts = [
        (
            words.say("component-status"),
            view.development_status.iter().cloned().collect(),
        ),
        (
            words.say("component-kind"),
            view.software_type.iter().cloned().collect(),
        ),
        (
            words.say("component-languages"),
            view.programming_languages.clone(),
        ),
        (words.say("component-platforms"), view.platforms.clone()),
        (words.say("component-categories"), view.categories.clone()),
        (
            words.say("component-maintenance"),
            view.maintenance.iter().cloned().collect(),
        ),
        (words.say("component-said-users"), view.used_by.clone()),
    ];
    let facts: Vec<(&str, Vec<String>)> = facts
        .into_iter()
        .filter(|(_, list): &(_, Vec<_>)| !list.is_empty())
        .collect();
    let report = component.reading.as_ref().map(|reading| &reading.report);
    let reuse = report.and_then(|report| report.reuse.as_ref());
    let keywords: Vec<&(String, String)> = view.keywords.iter().take(MAX_KEYWORDS).collect();
    if facts.is_empty()
        && component.newest().is_none()
        && view.links.is_empty()
        && view.contacts.is_empty()
        && reuse.is_none()
        && keywords.is_empty()
    {
        return html! {};
    }
    html! {
        section.card aria-labelledby="component" {
            h2 id="component" { (words.say("component-title")) }
            @let told = html! {
                @if let Some(release) = component.newest() {
                    dt { (words.say("component-release")) }
                    dd { strong { (plain(&release.version)) } @if release.time > 0 { " · " (crate::http::text::day(page.lang(), release.time.unsigned_abs())) } }
                }
                @for (name, list) in &facts {
                    dt { (name) }
                    dd { ul.inline { @for word in list { li { (plain(word)) } } } }
                }
                @if !keywords.is_empty() {
                    dt { (words.say("component-keywords")) }
                    dd { ul.inline { @for (tag, word) in keywords { li { (spoken(word, tag, page.lang())) } } } }
                }
                @if !view.contacts.is_empty() {
                    dt { (words.say("component-contacts")) }
                    dd { ul { @for contact in &view.contacts { li { (self::contact(page, contact)) } } } }
                }
                @if !view.links.is_empty() {
                    dt { (words.say("component-links")) }
                    dd { ul { @for link in &view.links { li { (address(&link.url)) " " span.quiet { (link.kind) } } } } }
                }
                @if let Some(report) = report.filter(|r| !r.licences.is_empty()) {
                    dt { (words.say("component-licences")) }
                    dd { ul { @for found in &report.licences { li { (plain(&found.id)) " " span.quiet { (visible(&found.file)) } } } } }
                }
            };
            @if !told.0.is_empty() { dl { (told) } }
            @if let Some(reuse) = reuse {
                p.quiet { @if reuse.is_whole() { (words.say("component-reuse-whole")) } @else { (words.say_with("component-reuse-part", [("covered", reuse.covered.into()), ("files", reuse.files.into())])) } }
            }
            @if let Some(reading) = &component.reading { p.quiet { (source(words, reading)) } }
        }
    }
}

fn source(words: Words, reading: &Reading) -> String {
    let mut files: Vec<&str> = Vec::new();
    let record = &reading.record;
    let texts = [
        &record.title,
        &record.summary,
        &record.description,
        &record.licence,
        &record.platform,
    ];
    for value in texts.into_iter().flatten() {
        if let Some(file) = value.src.origin.as_deref()
            && !files.contains(&file)
        {
            files.push(file);
        }
    }
    visible(&words.say_with(
        "component-source",
        [
            ("file", files.join(", ").into()),
            ("institution", reading.by.as_str().into()),
        ],
    ))
}

fn contact(page: &Page<'_>, contact: &Contact) -> Markup {
    let words = page.words;
    html! {
        (plain(&contact.name))
        @if let Some(affiliation) = &contact.affiliation { ", " (plain(affiliation)) }
        @if let Some(until) = &contact.until { " (" (words.say_with("component-until", [("date", date(page.lang(), until).into())])) ")" }
        @if let Some(mail) = &contact.email { br; a href={ "mailto:" (mail) } { (plain(mail)) } }
        @if let Some(url) = &contact.url { br; (address(url)) }
    }
}

/// An address of others: a link where a browser may follow it.
fn address(url: &str) -> Markup {
    html! {
        @if url.starts_with("https://") || url.starts_with("http://") {
            a href=(url) rel="noopener noreferrer nofollow" { (plain(url)) }
        } @else { (plain(url)) }
    }
}

/// What it needs, and which components need it.
pub(super) fn bricks(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let Some(Component { uses, used_by, .. }) = &item.component else {
        return html! {};
    };
    html! {
        @if !uses.is_empty() {
            section aria-labelledby="dependencies" {
                h2 id="dependencies" { (words.say("component-uses-title")) }
                p.quiet { (words.say("component-uses-help")) }
                ul.plainlist { @for one in uses { li { (need(page, words, one)) } } }
            }
        }
        @if !used_by.is_empty() {
            section aria-labelledby="dependents" {
                h2 id="dependents" { (words.say("component-used-by-title")) }
                ul.plainlist { @for other in used_by { li { (neighbour(page, other)) } } }
            }
        }
    }
}

fn need(page: &Page<'_>, words: Words, uses: &Uses) -> Markup {
    let dependency = &uses.dependency;
    let kind = match dependency.kind.as_str() {
        "proprietary" => Some(words.say("component-proprietary")),
        "hardware" => Some(words.say("component-hardware")),
        _ => None,
    };
    html! {
        @match &uses.item {
            Some(other) => (neighbour(page, other)),
            None => (plain(&dependency.name)),
        }
        @if let Some(version) = &dependency.version { " " span.quiet { (plain(version)) } }
        @if let Some(kind) = kind { " " span.tag { (kind) } }
        @if dependency.optional { " " span.tag { (words.say("component-optional")) } }
    }
}

/// Another item, as a link.
pub(super) fn neighbour(page: &Page<'_>, other: &Neighbour) -> Markup {
    html! {
        a href=(page.href(&format!("/{}", other.name))) { (plain(other.title.as_deref().unwrap_or(&other.name))) }
        @if other.title.is_some() { " " span.quiet { (plain(&other.name)) } }
    }
}

/// Who uses it, and who of them can help. Nothing where nobody does.
pub(super) fn adoptions(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        @if !item.adoptions.is_empty() {
            section aria-labelledby="adoptions" {
                h2 id="adoptions" { (words.say("component-adoptions-title")) " (" (item.adoptions.len()) ")" }
                p.quiet { (words.say("component-adoptions-help")) }
                ul.plainlist { @for adoption in &item.adoptions { li {
                    a href=(page.href(&format!("/{}", adoption.institution))) { (plain(adoption.institution.as_str())) }
                    " " (use_of(page, adoption))
                } } }
            }
        }
    }
}

/// What an institution uses.
pub(super) fn uses(page: &Page<'_>, adopted: &[(Neighbour, Adoption)]) -> Markup {
    html! {
        ul.plainlist { @for (item, adoption) in adopted { li { (neighbour(page, item)) " " (use_of(page, adoption)) } } }
    }
}

fn use_of(page: &Page<'_>, adoption: &Adoption) -> Markup {
    let words = page.words;
    html! {
        span.quiet {
            @if let Some(version) = &adoption.version { (visible(&words.say_with("component-adoption-version", [("version", version.into())]))) " · " }
            (words.say_with("component-adoption-since", [("date", date(page.lang(), &adoption.since).into())]))
        }
        @if adoption.status == Use::Testing { " " span.tag { (words.say("component-adoption-testing")) } }
        @if adoption.former { " " span.tag { (words.say("component-adoption-former")) } }
        @if let Some(contact) = &adoption.contact { br; (words.say("component-adoption-contact")) ": " (plain(contact)) }
        @if let Some(comment) = &adoption.comment { br; span.quiet { (visible(comment)) } }
    }
}

/// What is wrong with the metadata, with the place and what to do.
pub(super) fn problems(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let lang = page.lang().tag();
    let reading = item.component.as_ref().and_then(|c| c.reading.as_ref());
    let problems = reading.map(|r| &r.report.problems[..]).unwrap_or_default();
    if problems.is_empty() {
        return html! {};
    }
    let list = |some: &[commun_forge::component::Problem]| {
        html! {
            ul.problems { @for problem in some { li {
                span.tag { (if problem.severity == Severity::Error { words.say("component-severity-error") } else { words.say("component-severity-warning") }) } " "
                @if !problem.file.is_empty() { code { (visible(&problem.file)) } " " }
                @if let Some(line) = problem.line { span.quiet { (words.say_with("component-problem-line", [("line", line.to_string().into())])) } " " }
                (visible(&problem.what(lang)))
                @let fix = problem.fix(lang);
                @if !fix.is_empty() { " → " (visible(&fix)) }
            } } }
        }
    };
    let (first, rest) = problems.split_at(problems.len().min(OPEN_PROBLEMS));
    html! {
        section aria-labelledby="problems" {
            h2 id="problems" { (words.say("component-problems-title")) " (" (problems.len()) ")" }
            p.quiet { (words.say("component-problems-help")) }
            (list(first))
            @if !rest.is_empty() { details { summary { "+ " (rest.len()) } (list(rest)) } }
        }
    }
}
