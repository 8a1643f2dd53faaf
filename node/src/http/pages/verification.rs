//! `/{handle}/{slug}/verification`: who moved the branches and tags of a repository, and how that is known. And the
//! badges of signed commits and tags.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use commun_forge::git::Oid;
use commun_specs::{fold::State as EntryState, history::Proof, statement::Change};
use maud::{Markup, PreEscaped, html};

use super::{Page, parameter, repository::Tab, threads::framed, wanted};
use crate::{
    history::{History, Part, Pushed, Signature},
    http::{
        Web, name,
        problem::Problem,
        text::{plain, rfc3339, visible},
        words::Words,
    },
    items::{Repository, Shown},
};

/// Pushes on one page.
const PUSHES: usize = 50;
/// Digits of an oid that are shown: who needs all of them asks the API.
const SHORT: usize = 12;
/// Branches and tags, and changes of one push, that are listed.
const MAX_ROWS: usize = 100;

/// `GET /{handle}/{slug}/verification?ref=&before=`.
pub(super) async fn verification(
    State(web): State<Web>,
    Path((handle, slug)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let item = web.item(name(&handle, &slug)?).await?;
    if item.repository.is_none() {
        return Err(Problem::not_found("there is nothing at this address"));
    }
    let only = parameter(&uri, "ref");
    // The page ends before this push; without it, with the newest.
    let before: Option<usize> = parameter(&uri, "before").and_then(|n| n.parse().ok());
    let part = Part {
        skip: before.map(|n| n.saturating_sub(PUSHES)),
        limit: before.map_or(PUSHES, |n| n.min(PUSHES)),
    };
    let (id, sought) = (item.id, only.clone());
    let history = web
        .ask(move |site| Ok(site.history(&id, sought.as_deref(), part)?))
        .await?;
    let page = Page::new(&web, &wanted, &uri);
    let words = page.words;
    let main = show(&page, words, &item, only.as_deref(), &history);
    Ok(framed(
        &page,
        &item,
        Tab::Proof,
        words.say("proof-title"),
        main,
    ))
}

fn show(
    page: &Page<'_>,
    words: Words,
    item: &Shown,
    only: Option<&str>,
    history: &History,
) -> Markup {
    let last = history.skipped + history.pushes.len();
    let at = |before: usize| {
        let mut address = format!("/{}/verification?before={before}", item.name());
        if let Some(only) = only {
            let only = super::encode_path(only).replace('/', "%2F");
            address.push_str(&format!("&ref={only}"));
        }
        page.href(&address)
    };
    html! {
        h1 { (words.say("proof-title")) }
        p.lead { (words.say("proof-intro")) }
        p { (words.say("proof-yourself")) }
        pre.command tabindex="0" { code { "commun verify " (item.name()) @if let Some(only) = only { " --ref " (visible(only)) } } }
        @if let (Some(repository), None) = (&item.repository, only) { (refs(words, repository)) }
        section aria-labelledby="history" {
            h2 id="history" { (words.say("proof-history-title")) @if let Some(only) = only { " " span.tag { (plain(only)) } } }
            @if history.pushes.is_empty() { p.quiet { (words.say("proof-history-none")) } } @else {
                p.quiet { (words.say_with("proof-history-part", [("first", (history.skipped as u64 + 1).into()), ("last", (last as u64).into()), ("all", (history.total as u64).into())])) }
                ol.commits reversed { @for push in history.pushes.iter().rev() { li { (one(words, push, item.repository.as_ref())) } } }
                p {
                    @if last < history.total { a.more href=(at((last + PUSHES).min(history.total))) { (words.say("proof-newer")) } " " }
                    @if history.skipped > 0 { a.more href=(at(history.skipped)) { (words.say("proof-older")) } }
                }
            }
        }
    }
}

/// What the logs state beside what Git serves.
fn refs(words: Words, repository: &Repository) -> Markup {
    html! {
        @if !repository.refs.is_empty() {
            section aria-labelledby="refs" {
                h2 id="refs" { (words.say("proof-refs-title")) }
                div.scroll tabindex="0" role="region" aria-labelledby="refs" { table {
                    thead { tr { th scope="col" { (words.say("proof-refs-ref")) } th scope="col" { (words.say("proof-refs-stated")) } th scope="col" { (words.say("proof-refs-git")) } } }
                    tbody { @for r in repository.refs.iter().take(MAX_ROWS) {
                        tr {
                            th scope="row" { (plain(&r.name)) }
                            td { code { (short(&r.oid)) } " (" (plain(r.by.as_str())) ")" }
                            td { @match &r.served {
                                Some(oid) if *oid == r.oid => { span.sign.good aria-hidden="true" { "✓" } " " (words.say("proof-refs-same")) }
                                Some(oid) => (words.say_html("proof-refs-behind", [("commit", html! { code { (short(oid)) } }.into())])),
                                None => (words.say("proof-refs-missing")),
                            } }
                        }
                    } }
                } }
            }
        }
    }
}

fn one(words: Words, push: &Pushed, repository: Option<&Repository>) -> Markup {
    let waiting = repository.map_or(&[][..], |repository| &repository.waiting);
    let waits = |c: &Change| {
        let mut of = waiting.iter();
        of.any(|w| w.name == c.name && w.by == push.step.log && c.new.as_ref() == Some(&w.oid))
    };
    let step = &push.step;
    let time = rfc3339(push.time);
    let who = match &push.person_name {
        Some(name) => plain(name),
        None => html! { (words.say("proof-by-unknown")) },
    };
    let institution = plain(step.log.as_str());
    html! {
        @match &step.changes {
            Some(changes) => @for c in changes.iter().take(MAX_ROWS) {
                p.subject { (change(words, c)) @if waits(c) { " " span.tag { (words.say("proof-waits")) } } }
            },
            None => p.subject { (words.say("proof-change-list")) },
        }
        p.quiet {
            (words.say_html("proof-by", [("person", who.into()), ("institution", institution.clone().into())]))
            @match step.enrolled {
                Some((_, true)) => { " (" (words.say("proof-custody-self")) ")" }
                Some((_, false)) => { " (" (words.say("proof-custody-node")) ")" }
                None => {}
            }
            " · " time datetime=(time) { (time) } " · "
            (words.say_html("proof-where-stands", [("position", step.position.into()), ("institution", institution.into())]))
            @if let Some(number) = step.charter { " · " (words.say_with("proof-charter", [("number", number.to_string().into())])) }
        }
        p {
            (proof(words, &push.proof)) " "
            span.quiet {
                @if push.witnesses.is_empty() { (words.say("proof-witnesses-nobody")) } @else {
                    @let all = push.witnesses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    (words.say_with("proof-witnesses", [("institutions", all.into())]))
                }
            }
            @if let EntryState::Refused(reason) = step.state { " " span.tag { (words.say_with("proof-not-counted", [("reason", reason.to_string().into())])) } }
        }
    }
}

fn change(words: Words, change: &Change) -> Markup {
    let name = plain(&change.name).into_string();
    let oid = |oid: &str| html! { code { (short(oid)) } }.into_string();
    let said = match (&change.old, &change.new) {
        (None, Some(new)) => words.say_with(
            "proof-change-new",
            [("ref", name.into()), ("new", oid(new).into())],
        ),
        (Some(old), Some(new)) => words.say_with(
            "proof-change-moved",
            [
                ("ref", name.into()),
                ("old", oid(old).into()),
                ("new", oid(new).into()),
            ],
        ),
        (old, None) => {
            let old = old.as_deref().unwrap_or_default();
            words.say_with(
                "proof-change-deleted",
                [("ref", name.into()), ("old", oid(old).into())],
            )
        }
    };
    html! {
        (PreEscaped(said))
        @if change.forced { " " span.tag { (words.say("proof-change-forced")) } }
    }
}

fn proof(words: Words, proof: &Proof) -> Markup {
    html! {
        @match proof {
            Proof::Certificate(_) => { span.sign.good aria-hidden="true" { "✓" } " " (words.say("proof-signed-verified")) }
            Proof::Attested => (words.say("proof-signed-none")),
            Proof::Absent => (words.say("proof-signed-absent")),
            Proof::Broken(why) => strong { span.sign.warn aria-hidden="true" { "!" } " " (words.say_with("proof-signed-broken", [("reason", visible(&why.to_string()).into())])) },
        }
    }
}

fn short(oid: &str) -> String {
    oid.chars().take(SHORT).collect()
}

/// What stands beside a commit or tag: whose signature it has.
pub(in crate::http::pages) fn badge(page: &Page<'_>, signature: &Signature) -> Markup {
    let words = page.words;
    html! {
        @match signature {
            Signature::Verified { institution, name, .. } => span.tag.good {
                (words.say_html("proof-badge-verified", [("person", plain(name.as_deref().unwrap_or(words.say("proof-by-unknown"))).into()), ("institution", plain(institution.as_str()).into())]))
            },
            Signature::UnknownKey(key) => span.tag title=(key) { (words.say("proof-badge-unknown")) },
            Signature::Bad => span.tag.bad { (words.say("proof-badge-bad")) },
            Signature::Unsigned => span.tag.quiet { (words.say("proof-badge-unsigned")) },
            Signature::NotChecked(format) => span.tag.quiet { (words.say_with("proof-badge-not-checked", [("format", (*format).into())])) },
        }
    }
}

/// The signatures of the commits and tags that carry one, by their object.
pub(in crate::http::pages) async fn signatures(
    page: &Page<'_>,
    item: &Shown,
    oids: Vec<Oid>,
) -> Result<BTreeMap<Oid, Signature>, Problem> {
    if oids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let id = item.id;
    let found = page.web.ask(move |site| {
        let found = site.signatures(&id, &oids)?;
        Ok(oids.into_iter().zip(found).collect())
    });
    found.await
}
