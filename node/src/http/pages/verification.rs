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
        text::{number, plain, rfc3339, visible},
        words::{ProofWords, fill},
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
    let words = ProofWords::of(page.lang());
    let main = show(&page, words, &item, only.as_deref(), &history);
    Ok(framed(&page, &item, Tab::Proof, words.title, main))
}

fn show(
    page: &Page<'_>,
    words: &ProofWords,
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
        h1 { (words.title) }
        p.lead { (words.intro) }
        p { (words.yourself) }
        pre.command tabindex="0" { code { "commun verify " (item.name()) @if let Some(only) = only { " --ref " (visible(only)) } } }
        @if let (Some(repository), None) = (&item.repository, only) { (refs(words, repository)) }
        section aria-labelledby="history" {
            h2 id="history" { (words.history_title) @if let Some(only) = only { " " span.tag { (plain(only)) } } }
            @if history.pushes.is_empty() { p.quiet { (words.history_none) } } @else {
                p.quiet { (fill(words.history_part, &[&number(page.lang(), history.skipped as u64 + 1), &number(page.lang(), last as u64), &number(page.lang(), history.total as u64)])) }
                ol.commits reversed { @for push in history.pushes.iter().rev() { li { (one(words, push, item.repository.as_ref())) } } }
                p {
                    @if last < history.total { a.more href=(at((last + PUSHES).min(history.total))) { (words.newer) } " " }
                    @if history.skipped > 0 { a.more href=(at(history.skipped)) { (words.older) } }
                }
            }
        }
    }
}

/// What the logs state beside what Git serves.
fn refs(words: &ProofWords, repository: &Repository) -> Markup {
    html! {
        @if !repository.refs.is_empty() {
            section aria-labelledby="refs" {
                h2 id="refs" { (words.refs_title) }
                div.scroll { table {
                    thead { tr { th scope="col" { (words.refs_ref) } th scope="col" { (words.refs_stated) } th scope="col" { (words.refs_git) } } }
                    tbody { @for r in repository.refs.iter().take(MAX_ROWS) {
                        tr {
                            th scope="row" { (plain(&r.name)) }
                            td { code { (short(&r.oid)) } " (" (plain(r.by.as_str())) ")" }
                            td { @match &r.served {
                                Some(oid) if *oid == r.oid => { span.sign.good aria-hidden="true" { "✓" } " " (words.refs_same) }
                                Some(oid) => (PreEscaped(fill(words.refs_behind, &[&html! { code { (short(oid)) } }.into_string()]))),
                                None => (words.refs_missing),
                            } }
                        }
                    } }
                } }
            }
        }
    }
}

fn one(words: &ProofWords, push: &Pushed, repository: Option<&Repository>) -> Markup {
    let waiting = repository.map_or(&[][..], |repository| &repository.waiting);
    let waits = |c: &Change| {
        let mut of = waiting.iter();
        of.any(|w| w.name == c.name && w.by == push.step.log && c.new.as_ref() == Some(&w.oid))
    };
    let step = &push.step;
    let time = rfc3339(push.time);
    let who = match &push.person_name {
        Some(name) => plain(name).into_string(),
        None => words.by_unknown.to_owned(),
    };
    let institution = plain(step.log.as_str()).into_string();
    html! {
        @match &step.changes {
            Some(changes) => @for c in changes.iter().take(MAX_ROWS) {
                p.subject { (change(words, c)) @if waits(c) { " " span.tag { (words.waits) } } }
            },
            None => p.subject { (words.change_list) },
        }
        p.quiet {
            (PreEscaped(fill(words.by, &[&who, &institution])))
            @match step.enrolled {
                Some((_, true)) => { " (" (words.custody_self) ")" }
                Some((_, false)) => { " (" (words.custody_node) ")" }
                None => {}
            }
            " · " time datetime=(time) { (time) } " · "
            (PreEscaped(fill(words.where_stands, &[&step.position.to_string(), &institution])))
            @if let Some(number) = step.charter { " · " (fill(words.charter, &[&number.to_string()])) }
        }
        p {
            (proof(words, &push.proof)) " "
            span.quiet {
                @if push.witnesses.is_empty() { (words.witnesses_nobody) } @else {
                    @let all = push.witnesses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    (fill(words.witnesses, &[&all]))
                }
            }
            @if let EntryState::Refused(reason) = step.state { " " span.tag { (fill(words.not_counted, &[&reason.to_string()])) } }
        }
    }
}

fn change(words: &ProofWords, change: &Change) -> Markup {
    let name = plain(&change.name).into_string();
    let oid = |oid: &str| html! { code { (short(oid)) } }.into_string();
    let said = match (&change.old, &change.new) {
        (None, Some(new)) => fill(words.change_new, &[&name, &oid(new)]),
        (Some(old), Some(new)) => fill(words.change_moved, &[&name, &oid(old), &oid(new)]),
        (old, None) => {
            let old = old.as_deref().unwrap_or_default();
            fill(words.change_deleted, &[&name, &oid(old)])
        }
    };
    html! {
        (PreEscaped(said))
        @if change.forced { " " span.tag { (words.change_forced) } }
    }
}

fn proof(words: &ProofWords, proof: &Proof) -> Markup {
    html! {
        @match proof {
            Proof::Certificate(_) => { span.sign.good aria-hidden="true" { "✓" } " " (words.signed_verified) }
            Proof::Attested => (words.signed_none),
            Proof::Absent => (words.signed_absent),
            Proof::Broken(why) => strong { span.sign.warn aria-hidden="true" { "!" } " " (fill(words.signed_broken, &[&visible(&why.to_string())])) },
        }
    }
}

fn short(oid: &str) -> String {
    oid.chars().take(SHORT).collect()
}

/// What stands beside a commit or tag: whose signature it has.
pub(in crate::http::pages) fn badge(page: &Page<'_>, signature: &Signature) -> Markup {
    let words = ProofWords::of(page.lang());
    html! {
        @match signature {
            Signature::Verified { institution, name, .. } => span.tag.good {
                (PreEscaped(fill(words.badge_verified, &[
                    &plain(name.as_deref().unwrap_or(words.by_unknown)).into_string(),
                    &plain(institution.as_str()).into_string(),
                ])))
            },
            Signature::UnknownKey(key) => span.tag title=(key) { (words.badge_unknown) },
            Signature::Bad => span.tag.bad { (words.badge_bad) },
            Signature::Unsigned => span.tag.quiet { (words.badge_unsigned) },
            Signature::NotChecked(format) => span.tag.quiet { (fill(words.badge_not_checked, &[format])) },
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
