//! The pages of threads: the list and one thread, to be read. Writing is a command, which the page shows.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use commun_forge::render::markdown_to_html;
use commun_specs::{
    history::Proof,
    statement::{OpenState, Verdict},
};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::{
    Page, encode_path,
    repository::{Tab, nav},
    wanted,
};
use crate::{
    http::{
        item_of, name,
        problem::Problem,
        talk::{Asked, At, Shown as Which},
        text::{day, plain, visible},
        words::Words,
    },
    items::{self, Shown},
    talk::{Deed, Discussion, Entry, Kind, Speaker, short},
};

/// Entries on one page.
const MAX_ENTRIES: usize = 200;

/// What the address of a page names.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct Below {
    pub(super) handle: String,
    pub(super) slug: String,
    pub(super) one: Option<String>,
}

/// `GET /{handle}/{slug}/threads`.
pub(in crate::http) async fn list(
    State(at): State<At>,
    Path(below): Path<Below>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let which = name(&below.handle, &below.slug)?;
    let (item, shown) = (item_of(&at.app, &which)?, at.web.item(which).await?);
    let asked = Asked::read(uri.query())?;
    let (total, lines) = at.listed(&item, Kind::Thread, &asked).await?;
    let page = Page::new(&at.web, &wanted, &uri);
    let words = page.words;
    let states = [Which::Open, Which::Closed, Which::All];
    let main = html! {
        h1 { (words.say("talk-threads")) }
        (listing(&page, &shown, "threads", &asked, &states, total, &lines))
        (command(words.say("talk-write-thread"), &format!("commun thread open {} --title TITLE --text TEXT", shown.name())))
    };
    Ok(framed(
        &page,
        &shown,
        Tab::Threads,
        words.say("talk-threads"),
        main,
    ))
}

/// `GET /{handle}/{slug}/threads/{id}`.
pub(in crate::http) async fn one(
    State(at): State<At>,
    Path(below): Path<Below>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let which = name(&below.handle, &below.slug)?;
    let (item, shown) = (item_of(&at.app, &which)?, at.web.item(which).await?);
    let id = below.one.unwrap_or_default();
    let found = at
        .read(move |talk| {
            let id = talk.find(&item, Kind::Thread, &id)?;
            talk.discussion(&id)
        })
        .await?;
    let from = Asked::read(uri.query())?.offset;
    let page = Page::new(&at.web, &wanted, &uri);
    let words = page.words;
    let answer = format!(
        "commun thread comment {} {} --text TEXT",
        shown.name(),
        short(&found.id)
    );
    let title = visible(&found.title);
    let here = format!("/{}/threads/{}", shown.name(), short(&found.id));
    let making = page.apart(&shown.handle, move |page| {
        html! {
            h1 { (plain(&found.title)) }
            (facts(page, &found, state_word(words, found.state, false)))
            (entries(page, &found, &here, from))
            (command(words.say("talk-write-comment"), &answer))
        }
    });
    let main = making.await?;
    Ok(framed(&page, &shown, Tab::Threads, &title, main))
}

/// A page below an item: a repository's has its row of links.
pub(super) fn framed(
    page: &Page<'_>,
    item: &Shown,
    tab: Tab,
    title: &str,
    main: Markup,
) -> Response {
    let main = html! {
        div.inner.wide.talk {
            @if item.repository.is_some() { (nav(page, item, tab)) }
            @else {
                p.eyebrow {
                    a href=(page.href(&format!("/{}", item.handle))) { (plain(item.handle.as_str())) }
                    span aria-hidden="true" { " / " }
                    a href=(page.href(&format!("/{}", item.name()))) { (plain(item.slug.as_str())) }
                }
            }
            (main)
        }
    };
    page.finish(&format!("{title} · {}", item.name()), Some(""), main)
}

/// One line that says how to write, with the command.
pub(super) fn command(what: &str, command: &str) -> Markup {
    html! {
        p.quiet { (what) }
        pre.command tabindex="0" { code { (visible(command)) } }
    }
}

pub(super) fn state_word(words: Words, state: OpenState, merged: bool) -> &'static str {
    match (merged, state) {
        (true, _) => words.say("talk-is-merged"),
        (false, OpenState::Open) => words.say("talk-is-open"),
        (false, OpenState::Closed) => words.say("talk-is-closed"),
    }
}

/// A list with its filter and the ways to the next part.
pub(super) fn listing(
    page: &Page<'_>,
    item: &Shown,
    list: &str,
    asked: &Asked,
    states: &[Which],
    total: usize,
    lines: &[(Discussion, bool)],
) -> Markup {
    let words = page.words;
    let base = format!("/{}/{list}", item.name());
    let address = |state: Which, label: Option<&str>, offset: usize| {
        let mut address = format!("{base}?state={}", state.as_str());
        if let Some(label) = label {
            address.push_str(&format!("&label={}", encode_path(label)));
        }
        if offset > 0 {
            address.push_str(&format!("&offset={offset}"));
        }
        page.href(&address)
    };
    let word = |state: Which| match state {
        Which::Open => words.say("talk-state-open"),
        Which::Closed => words.say("talk-state-closed"),
        Which::Merged => words.say("talk-state-merged"),
        Which::All => words.say("talk-state-all"),
    };
    let label = asked.label.as_deref();
    let none = if list == "threads" {
        words.say("talk-threads-none")
    } else {
        words.say("talk-requests-none")
    };
    let words = page.words;
    let feed = if list == "threads" {
        words.say("code-feed-threads")
    } else {
        words.say("code-feed-requests")
    };
    html! {
        nav.tabs aria-label=(words.say("talk-filter-label")) { ul {
            @for state in states {
                li { a href=(address(*state, label, 0)) aria-current=[(*state == asked.state).then_some("true")] { (word(*state)) } }
            }
            @if let Some(label) = label { li { a href=(address(asked.state, None, 0)) { "× " (plain(label)) } } }
        } }
        @if lines.is_empty() { p.notice { (none) } } @else {
            ol.plainlist.threads { @for (found, merged) in lines {
                li {
                    a href=(page.href(&format!("{base}/{}", short(&found.id)))) { (plain(&found.title)) }
                    " " span.tag { (state_word(words, found.state, *merged)) }
                    @for label in &found.labels { " " a.tag href=(address(asked.state, Some(label), 0)) { (plain(label)) } }
                    p.quiet {
                        (opened(page, found))
                        @if found.comments > 0 { " · " (words.say_with("talk-comments", [("count", (found.comments as u64).into())])) }
                    }
                }
            } }
        }
        @if asked.offset > 0 || asked.offset + lines.len() < total {
            nav.pages { ul {
                @if asked.offset > 0 { li { a rel="prev" href=(address(asked.state, label, asked.offset.saturating_sub(asked.limit))) { (words.say("talk-newer")) } } }
                @if asked.offset + lines.len() < total { li { a rel="next" href=(address(asked.state, label, asked.offset + lines.len())) { (words.say("talk-older")) } } }
            } }
        }
        p { a href=(page.href(&format!("/{}/feed/{list}", item.name()))) type="application/atom+xml" { (feed) } }
    }
}

fn opened(page: &Page<'_>, found: &Discussion) -> Markup {
    let words = page.words;
    let by = speaker(&found.by);
    let when = day(page.lang(), found.time);
    words.say_html(
        "talk-opened-by",
        [("person", by.into()), ("date", when.into())],
    )
}

/// State, labels, and who opened it.
pub(super) fn facts(page: &Page<'_>, found: &Discussion, state: &str) -> Markup {
    html! {
        p.facts {
            span.tag { (state) } " "
            span { (opened(page, found)) }
            @for label in &found.labels { " " span.tag { (plain(label)) } }
        }
    }
}

/// A person and their institution.
pub(super) fn speaker(by: &Speaker) -> Markup {
    let id = by.person.map(|p| short(&p)).unwrap_or_default();
    html! { (plain(by.name.as_deref().unwrap_or(&id))) " (" (plain(by.institution.as_str())) ")" }
}

/// What was said and done, from an entry on. `here`: the address of the page.
pub(super) fn entries(page: &Page<'_>, found: &Discussion, here: &str, from: usize) -> Markup {
    let words = page.words;
    let shown = found.entries.iter().skip(from).take(MAX_ENTRIES);
    let next = from + MAX_ENTRIES;
    html! {
        ol.plainlist.entries { @for entry in shown { li id={ "e-" (short(&entry.id)) } { (one_entry(page, entry)) } } }
        @if next < found.entries.len() {
            p { a rel="next" href=(page.href(&format!("{here}?offset={next}"))) { (words.say("talk-entries-more")) } }
        }
    }
}

fn one_entry(page: &Page<'_>, entry: &Entry) -> Markup {
    let words = page.words;
    let attested = words.say_with(
        "talk-signed-node",
        [("institution", entry.by.institution.as_str().into())],
    );
    html! {
        article.entry {
            p.quiet {
                span title=[entry.by.by_node.then_some(attested)] { (speaker(&entry.by)) }
                " " (deed(words, &entry.deed))
                " · " (day(page.lang(), entry.time))
                " · " a href={ "#e-" (short(&entry.id)) } { code { (short(&entry.id)) } }
                @if let Deed::Comment { reply_to: Some(to), .. } = &entry.deed {
                    " · " (words.say("talk-answers")) " " a href={ "#e-" (short(to)) } { code { (short(to)) } }
                }
                @if let Deed::Comment { edited: true, .. } = &entry.deed { " · " span.tag { (words.say("talk-edited")) } }
                @if let Deed::Review { stale: true, .. } = &entry.deed { " · " span.tag { (words.say("talk-stale")) } }
            }
            @if entry.wordings.len() > 1 { p.notice { (words.say("talk-concurrent")) } }
            @for wording in &entry.wordings {
                @match wording.words {
                    items::Words::Withheld => { p.notice { (words.say("talk-withheld")) } }
                    items::Words::Erased => { p.notice { (words.say("talk-erased")) } }
                    items::Words::Here => { @if !wording.text.is_empty() { div.prose dir="auto" { (text(&wording.text)) } } }
                }
            }
        }
    }
}

fn deed(words: Words, deed: &Deed) -> Markup {
    let of = |of: &u64| words.say_with("talk-of-version", [("version", of.to_string().into())]);
    match deed {
        Deed::Comment { .. } => html! {},
        Deed::State { state, labels } => html! {
            @match state {
                Some(OpenState::Open) => (words.say("talk-made-open")),
                Some(OpenState::Closed) => (words.say("talk-made-closed")),
                None => {}
            }
            @if state.is_some() && labels.is_some() { ", " }
            @match labels {
                Some(labels) if labels.is_empty() => (words.say("talk-unlabelled")),
                Some(labels) => (words.say_with("talk-labelled", [("labels", visible(&labels.join(", ")).into())])),
                None => {}
            }
        },
        Deed::Version { number, new, proof } => html! {
            (words.say_with("talk-version", [("version", number.to_string().into())])) " " code { (visible(&new.chars().take(12).collect::<String>())) }
            @match proof {
                Some(Proof::Certificate(_)) => { " " span.quiet { (words.say("talk-version-signed")) } }
                Some(Proof::Broken(_)) => { " " strong { (words.say("talk-version-broken")) } }
                _ => {}
            }
        },
        Deed::Review {
            verdict,
            of: version,
            ..
        } => html! {
            strong { @match verdict {
                Verdict::Approve => (words.say("talk-approves")),
                Verdict::Reject => (words.say("talk-rejects")),
                Verdict::Comment => (words.say("talk-looked-at")),
            } }
            " " (of(version))
        },
    }
}

/// A text of whomever, as HTML that harms nobody. Relative links lead nowhere: there is nothing that they could be
/// relative to. Characters that hide are made visible before and after.
pub(super) fn text(text: &str) -> Markup {
    PreEscaped(markdown_to_html(&visible(text), |_| None).html)
}
