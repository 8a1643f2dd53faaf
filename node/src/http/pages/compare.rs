//! What changed between two versions of a resource: in what is said of it, and in its files.

use axum::{http::Uri, response::Response};
use commun_specs::{
    id::StatementId,
    metadata::{Shape, TABLE},
};
use maud::{Markup, html};
use serde_json::Value as Json;

use super::{Page, encode_path, item, known, preview};
use crate::{
    adapt::Comparison,
    http::{
        adapt::version,
        problem::Problem,
        site::Compared,
        text::{date, foreign, plain, rfc3339, size, spoken, visible},
        words::known::field_name,
    },
    items::Shown,
};

/// Versions that can be chosen on the page: the newest ones.
const MAX_CHOICES: usize = 200;
/// Values of a field, and files of a kind, that are listed.
const MAX_LISTED: usize = 200;
/// Words on each side of a change that are shown with it.
const AROUND: usize = 12;

/// Where two versions of an item are compared.
pub(super) fn address(page: &Page<'_>, name: &str, from: &StatementId, to: &StatementId) -> String {
    page.href(&format!("/{name}/compare?from={from}&to={to}"))
}

/// `GET /{handle}/{slug}/compare?from=VERSION&to=VERSION`. Without `from`, of what the resource was made from: the version
/// that was taken; without `to`, the newest one.
pub(super) async fn page(page: &Page<'_>, item: &Shown, uri: &Uri) -> Result<Response, Problem> {
    let (from, to) = (version(uri, "from")?, version(uri, "to")?);
    let compared = page.web.site().compare(&item.id, from, to).await?;
    let compared = compared.ok_or_else(|| Problem::not_found("one of the versions is not here"))?;
    let upstream = page.web.item(compared.item.clone()).await?;
    let words = page.words;
    let [old, new] = [&compared.from, &compared.to].map(|id| label(&upstream, id));
    let title = words.say_with("compare-title", [("old", old.into()), ("new", new.into())]);
    let name = upstream.title(&page.wanted.tags()).1;
    let whole = format!("{title} · {name}");
    let making = page.apart(&item.handle, move |page| {
        show(page, &upstream, &compared, &title)
    });
    let main = making.await?;
    Ok(page.finish(&whole, Some(""), main))
}

/// The number of a version; the beginning of its id where it is too old to be listed.
fn label(item: &Shown, id: &StatementId) -> String {
    let mut all = item.versions.iter();
    match all.position(|version| version.statement == *id) {
        Some(at) => (item.versions.len() - at).to_string(),
        None => id.to_string().chars().take(8).collect(),
    }
}

fn show(page: &Page<'_>, item: &Shown, compared: &Compared, title: &str) -> Markup {
    let words = page.words;
    let changes = &compared.changes;
    let same_files = changes.files_here
        && changes.added.is_empty()
        && changes.changed.is_empty()
        && changes.removed.is_empty();
    let (tag, name) = item.title(&page.wanted.tags());
    html! {
        div.inner.wide.comparison {
            p.eyebrow {
                a href=(page.href(&format!("/{}", item.handle))) { (plain(item.handle.as_str())) }
                span aria-hidden="true" { " / " }
                a href=(page.href(&format!("/{}", item.name()))) { (plain(item.slug.as_str())) }
            }
            h1 { (title) }
            p.lead { (spoken(name, tag, page.lang())) }
            (choice(page, item, compared))
            @if changes.fields.is_empty() && same_files {
                p.notice { (words.say("compare-nothing")) }
            } @else {
                section aria-labelledby="said" {
                    h2 id="said" { (words.say("compare-metadata")) }
                    @if changes.fields.is_empty() { p.quiet { (words.say("compare-metadata-same")) } }
                    @for (field, before, after) in &changes.fields { (changed(page, field, before, after)) }
                }
                section aria-labelledby="files" {
                    h2 id="files" { (words.say("compare-files")) }
                    @if !changes.files_here { p.quiet { (words.say("compare-files-missing")) } }
                    @else if same_files { p.quiet { (words.say("compare-files-same")) } }
                    @else { (files(page, item, compared, changes)) }
                }
            }
        }
    }
}

/// Two lists of versions and a button.
fn choice(page: &Page<'_>, item: &Shown, compared: &Compared) -> Markup {
    let words = page.words;
    let all = item.versions.len();
    let list = |name: &str, chosen: &StatementId| {
        let newest = item.versions.iter().take(MAX_CHOICES);
        let listed = newest.clone().any(|v| v.statement == *chosen);
        html! {
            select name=(name) {
                @for (at, version) in newest.enumerate() {
                    option value=(version.statement) selected[version.statement == *chosen] {
                        (all - at) " – " (date(page.lang(), &rfc3339(version.time)))
                    }
                }
                // One that is too old to be in the list is still what is shown.
                @if !listed { option value=(chosen) selected { (label(item, chosen)) } }
            }
        }
    };
    html! {
        @if all > 1 {
            form.compare action={ "/" (item.name()) "/compare" } method="get" {
                label { (words.say("compare-from")) " " (list("from", &compared.from)) }
                label { (words.say("compare-to")) " " (list("to", &compared.to)) }
                @if page.wanted.explicit { input type="hidden" name="lang" value=(page.lang().tag()); }
                button.button type="submit" { (words.say("compare-button")) }
            }
        }
    }
}

/// One value, with its language where the field has one text per language.
type Entry = (Option<String>, String);

/// The values of a field in words, one by one.
fn entries(page: &Page<'_>, field: &str, value: &Json) -> Vec<Entry> {
    let words = |value: &Json| known::words(field, value, page.lang());
    let shape = TABLE.iter().find(|known| known.name == field);
    match (shape.map(|known| known.shape), value) {
        (_, Json::Null) => Vec::new(),
        (Some(Shape::Texts), Json::Object(texts)) => texts
            .iter()
            .map(|(tag, text)| (Some(tag.clone()), words(text)))
            .collect(),
        (Some(Shape::Words), Json::Object(groups)) => groups
            .iter()
            .flat_map(|(tag, list)| {
                let list = list.as_array().into_iter().flatten();
                list.map(|word| (Some(tag.clone()), words(word)))
            })
            .collect(),
        (Some(Shape::List), Json::Array(list)) => {
            list.iter().map(|value| (None, words(value))).collect()
        }
        (_, value) => vec![(None, words(value))],
    }
}

/// A field whose values are others now.
fn changed(page: &Page<'_>, field: &str, before: &Json, after: &Json) -> Markup {
    let words = page.words;
    let known = TABLE.iter().find(|known| known.name == field);
    let (old, new) = (entries(page, field, before), entries(page, field, after));
    let gone = old.iter().filter(|entry| !new.contains(entry));
    let come = new.iter().filter(|entry| !old.contains(entry));
    let (gone, come): (Vec<&Entry>, Vec<&Entry>) = (gone.collect(), come.collect());
    // What is another in the same language stands beside what it was, with what is new in it marked.
    let single = matches!(
        known.map(|known| known.shape),
        Some(Shape::Texts | Shape::One)
    );
    let other = |of: &[&Entry], tag: &Option<String>| -> Option<String> {
        let found = of.iter().find(|(other, _)| single && other == tag);
        found.map(|(_, text)| text.clone())
    };
    html! {
        div.change {
            h3 {
                @match known {
                    Some(known) => (field_name(known.name, page.lang())),
                    None => (plain(field)),
                }
            }
            @if gone.is_empty() && come.is_empty() { p.quiet { (words.say("compare-order")) } }
            @for (tag, text) in gone.iter().take(MAX_LISTED) {
                @match other(&come, tag) {
                    Some(now) => {
                        @let (was, is) = marked(text, &now);
                        (line(page, false, tag, was))
                        (line(page, true, tag, is))
                    }
                    None => (line(page, false, tag, html! { (visible(text)) })),
                }
            }
            @for (tag, text) in come.iter().filter(|(tag, _)| other(&gone, tag).is_none()).take(MAX_LISTED) {
                (line(page, true, tag, html! { (visible(text)) }))
            }
            (rest(page, gone.len().max(come.len())))
        }
    }
}

/// How many more there are than are listed.
fn rest(page: &Page<'_>, all: usize) -> Markup {
    html! {
        @if all > MAX_LISTED {
            p.quiet { (page.words.say_with("filters-more", [("count", ((all - MAX_LISTED) as u64).into())])) }
        }
    }
}

/// What was, or what is now.
fn line(page: &Page<'_>, now: bool, tag: &Option<String>, text: Markup) -> Markup {
    let words = page.words;
    let lang = tag.as_deref().and_then(|tag| foreign(tag, page.lang()));
    let (class, sign, said) = match now {
        false => ("was", "−", words.say("compare-before")),
        true => ("is", "+", words.say("compare-after")),
    };
    html! {
        p class=(class) {
            span.sign aria-hidden="true" { (sign) " " }
            span.hidden { (said) " " }
            span dir="auto" lang=[lang] { (text) }
            @if let Some(lang) = lang { " " span.quiet { "(" (lang) ")" } }
        }
    }
}

/// Two texts with the words marked in which they differ; what is far from these is left out.
fn marked(before: &str, after: &str) -> (Markup, Markup) {
    let (old, new) = (pieces(before), pieces(after));
    let first = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - first;
    let last = old.iter().rev().zip(new.iter().rev()).take(most);
    let last = last.take_while(|(a, b)| a == b).count();
    let part = |all: &[&str], now: bool| {
        let end = all.len() - last;
        let (from, to) = (first.saturating_sub(AROUND), (end + AROUND).min(all.len()));
        let middle = visible(&all[first..end].concat());
        html! {
            @if from > 0 { "… " }
            (visible(&all[from..first].concat()))
            @if !middle.is_empty() { @if now { ins { (middle) } } @else { del { (middle) } } }
            (visible(&all[end..to].concat()))
            @if to < all.len() { " …" }
        }
    };
    (part(&old, false), part(&new, true))
}

/// The words of a text, each with the white space after it.
fn pieces(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

fn files(page: &Page<'_>, item: &Shown, compared: &Compared, changes: &Comparison) -> Markup {
    let words = page.words;
    let lang = page.lang();
    // What is shown now can be looked at.
    let mut versions = item.versions.iter();
    let current = versions.any(|v| v.current && v.statement == compared.to);
    let here = item.files.as_ref().filter(|_| current);
    let name = |path: &str| {
        let file = here.and_then(|list| list.find(path));
        html! {
            @match file {
                Some(file) if preview::exists(file) => {
                    @let view = format!("/{}?file={}", item.name(), encode_path(path).replace('/', "%2F"));
                    a href={ (page.href(&view)) "#preview" } { (plain(path)) }
                }
                Some(_) => a href=(item::download(item, path)) download { (plain(path)) },
                None => (plain(path)),
            }
        }
    };
    let block = |title: String, class: &str, lines: Vec<Markup>| {
        html! {
            @if !lines.is_empty() {
                h3 { (title) }
                ul class=(class) { @for line in lines.iter().take(MAX_LISTED) { li { (line) } } }
                (rest(page, lines.len()))
            }
        }
    };
    let line = |name: Markup, sizes: String| html! { (name) " " span.quiet { (sizes) } };
    let added = changes.added.iter();
    let added = added.map(|(path, bytes)| line(name(path), size(lang, *bytes)));
    let changed = changes.changed.iter().map(|(path, was, is)| {
        let sizes = format!("{} → {}", size(lang, *was), size(lang, *is));
        line(name(path), sizes)
    });
    let removed = changes.removed.iter();
    let removed = removed.map(|(path, bytes)| line(plain(path), size(lang, *bytes)));
    html! {
        (block(words.say_with("compare-added", [("count", changes.added.len().into())]), "is", added.collect()))
        (block(words.say_with("compare-changed", [("count", changes.changed.len().into())]), "other", changed.collect()))
        (block(words.say_with("compare-removed", [("count", changes.removed.len().into())]), "was", removed.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said((was, is): (Markup, Markup)) -> (String, String) {
        (was.into_string(), is.into_string())
    }

    #[test]
    fn the_words_that_differ_are_marked() {
        assert_eq!(
            said(marked("Algèbre pour la licence", "Algèbre pour l’IUT")),
            (
                "Algèbre pour <del>la licence</del>".into(),
                "Algèbre pour <ins>l’IUT</ins>".into()
            )
        );
        assert_eq!(
            said(marked("un deux trois", "un trois")),
            ("un <del>deux </del>trois".into(), "un trois".into())
        );
        assert_eq!(
            said(marked("<b>", "")),
            ("<del>&lt;b&gt;</del>".into(), String::new())
        );
    }

    #[test]
    fn what_is_far_from_a_change_is_left_out() {
        let long: String = (0..50).map(|n| format!("mot{n} ")).collect();
        let (was, is) = said(marked(&format!("{long}fin"), &format!("{long}début")));
        assert!(was.starts_with("… mot38 "), "{was}");
        assert!(was.ends_with("<del>fin</del>"), "{was}");
        assert!(is.ends_with("<ins>début</ins>"), "{is}");
        let (was, is) = said(marked(&format!("un {long}"), &format!("deux {long}")));
        assert!(was.starts_with("<del>un </del>mot0 "), "{was}");
        assert!(was.ends_with("mot11  …"), "{was}");
        assert!(is.starts_with("<ins>deux </ins>"), "{is}");
    }
}
