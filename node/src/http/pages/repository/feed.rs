//! Atom feeds (RFC 4287) of a branch's commits, of the tags, and of what was pushed.
//!
//! Ids are made of the commons, the item and what happened, so that an entry is the same one on every node.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use commun_forge::{
    crosswalk::xml::escaped,
    git::{BrowseError, Commit, Reference},
};
use data_encoding::BASE64;
use maud::{PreEscaped, html};
use serde_json::Value;

use super::super::Page;
use super::{
    nothing,
    place::{address, short},
    read,
};
use crate::{
    http::{
        problem::Problem,
        text::{rfc3339, visible},
        words::Words,
    },
    items::{Evidence, Shown},
};

/// Entries of a feed.
pub(in crate::http::pages) const ENTRIES: usize = 30;

/// An entry.
pub(in crate::http::pages) struct Entry {
    /// The last part of its id.
    pub(in crate::http::pages) id: String,
    /// What happened, in a line.
    pub(in crate::http::pages) title: String,
    /// Who did it.
    pub(in crate::http::pages) author: String,
    /// Seconds since 1970.
    pub(in crate::http::pages) time: i64,
    /// Where it is shown, below the node's address.
    pub(in crate::http::pages) at: String,
    /// What was said.
    pub(in crate::http::pages) text: String,
}

/// `GET …/feed.atom`, `…/feed/tags`, `…/feed/commits[/REF]`.
pub(super) async fn page(page: &Page<'_>, item: &Shown, rest: &str) -> Result<Response, Problem> {
    let words = page.words;
    let name = item.name();
    let (title, own, entries) = match rest.split_once('/').unwrap_or((rest, "")) {
        ("", "") => {
            let id = item.id;
            let all = page.web.ask(move |site| Ok(site.statements(&id)?)).await?;
            let title = words.say_with("code-feed-title-activity", [("repository", name.into())]);
            (title, "activity".to_owned(), pushes(words, item, &all))
        }
        ("tags", "") => {
            let all = read(page.web, item, |git| git.refs()).await?;
            let title = words.say_with("code-feed-title-tags", [("repository", name.into())]);
            (
                title,
                "tags".to_owned(),
                tags(item, all.ok_or_else(nothing)?),
            )
        }
        ("commits", rev) => {
            let default = item.repository.as_ref().map(|r| r.default_branch.clone());
            let rev = match rev {
                "" => default.unwrap_or_default(),
                rev => rev.to_owned(),
            };
            let asked = rev.clone();
            let found = read(page.web, item, move |git| {
                let resolved = git.split_address(&asked)?;
                if !resolved.path.is_empty() {
                    return Err(BrowseError::NotFound);
                }
                let name = resolved.name.unwrap_or_else(|| resolved.rev.clone());
                let commits = git.commits(Some(resolved.commit.as_str()), None, 0, ENTRIES)?;
                Ok((name, commits))
            });
            let (full, list) = found.await?.ok_or_else(nothing)?;
            let title = words.say_with(
                "code-feed-title-commits",
                [("repository", name.into()), ("branch", rev.into())],
            );
            let entries = list.iter().map(|commit| commit_entry(item, commit));
            (title, format!("commits:{full}"), entries.collect())
        }
        _ => return Err(nothing()),
    };
    Ok(atom(page, item, &title, &own, &entries))
}

fn commit_entry(item: &Shown, commit: &Commit) -> Entry {
    Entry {
        id: format!("commit:{}", commit.oid),
        title: match commit.summary.trim() {
            "" => short(&commit.oid).to_owned(),
            summary => summary.to_owned(),
        },
        author: commit.author.clone(),
        time: commit.time,
        at: address(item, "commit", commit.oid.as_str()),
        text: commit.message.clone(),
    }
}

fn tags(item: &Shown, mut all: Vec<Reference>) -> Vec<Entry> {
    all.retain(|r| r.name.starts_with("refs/tags/"));
    all.sort_by(|a, b| (b.time, &b.name).cmp(&(a.time, &a.name)));
    let entries = all.into_iter().take(ENTRIES).map(|r| {
        let said = r.annotation.as_ref();
        let tagger = said.and_then(|annotation| annotation.tagger.as_ref());
        Entry {
            // A tag that was moved is another entry.
            id: format!("tag:{}:{}", r.short(), r.oid),
            title: r.short().to_owned(),
            author: tagger.map_or_else(|| item.handle.to_string(), |tagger| tagger.name.clone()),
            time: tagger.map_or(r.time, |tagger| tagger.time),
            at: address(item, "tree", r.short()),
            text: said.map_or_else(String::new, |annotation| annotation.message.clone()),
        }
    });
    entries.collect()
}

/// What the logs say was pushed, the newest first.
fn pushes(words: Words, item: &Shown, all: &[Evidence]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = all
        .iter()
        .filter_map(|evidence| push(words, item, evidence))
        .collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.time));
    entries.truncate(ENTRIES);
    entries
}

fn push(words: Words, item: &Shown, evidence: &Evidence) -> Option<Entry> {
    let envelope: Value = serde_json::from_slice(&evidence.envelope).ok()?;
    let payload = BASE64
        .decode(envelope["payload"].as_str()?.as_bytes())
        .ok()?;
    let head: Value = serde_json::from_slice(&payload).ok()?;
    if head["kind"] != "refs" {
        return None;
    }
    let changes = head["changes"].as_array()?;
    let who = evidence.log.as_str();
    let said: Vec<String> = changes
        .iter()
        .take(ENTRIES)
        .filter_map(|change| {
            let name = change["ref"].as_str()?;
            let name = name
                .strip_prefix("refs/heads/")
                .or_else(|| name.strip_prefix("refs/tags/"))
                .unwrap_or(name);
            Some(match change["new"].as_str() {
                Some(new) => {
                    let new: String = new.chars().take(10).collect();
                    words.say_with(
                        "code-feed-moved",
                        [
                            ("institution", who.into()),
                            ("ref", name.into()),
                            ("commit", new.into()),
                        ],
                    )
                }
                None => words.say_with(
                    "code-feed-deleted",
                    [("institution", who.into()), ("ref", name.into())],
                ),
            })
        })
        .collect();
    let at = match changes.iter().find_map(|change| change["new"].as_str()) {
        Some(new) => address(item, "commit", new),
        None => format!("/{}", item.name()),
    };
    Some(Entry {
        id: format!("push:{who}:{}", evidence.position),
        title: said.first()?.clone(),
        author: who.to_owned(),
        time: head["time"].as_i64().unwrap_or_default(),
        at,
        text: said.join("\n"),
    })
}

/// A feed. `own`: the last part of its id.
pub(in crate::http::pages) fn atom(
    page: &Page<'_>,
    item: &Shown,
    title: &str,
    own: &str,
    entries: &[Entry],
) -> Response {
    let main = &page.web.hosts().main;
    let urn = |own: &str| {
        let own = super::super::encode_path(own);
        format!("urn:commun:{}:{}:{own}", page.me.commons, item.id)
    };
    let moment = |time: i64| rfc3339(u64::try_from(time).unwrap_or(0));
    let newest = entries.iter().map(|entry| entry.time).max();
    let newest = newest.unwrap_or_else(|| i64::try_from(item.updated).unwrap_or(0));
    let body = html! {
        feed xmlns="http://www.w3.org/2005/Atom" xml:lang=(page.lang().tag()) {
            id { (urn(own)) }
            title { (clean(title)) }
            updated { (moment(newest)) }
            author { name { (item.handle) } }
            (PreEscaped(format!("<link rel=\"self\" href=\"{main}{}\"/>", escaped(page.here()))))
            (PreEscaped(format!("<link rel=\"alternate\" type=\"text/html\" href=\"{main}/{}\"/>", item.name())))
            @for entry in entries {
                entry {
                    id { (urn(&entry.id)) }
                    title { (clean(&entry.title)) }
                    updated { (moment(entry.time)) }
                    author { name { (clean(&entry.author)) } }
                    (PreEscaped(format!("<link rel=\"alternate\" type=\"text/html\" href=\"{main}{}\"/>", escaped(&entry.at))))
                    content type="text" { (clean(&entry.text)) }
                }
            }
        }
    };
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{}",
        body.into_string()
    );
    let headers = [
        (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "Accept-Language"),
    ];
    (headers, text).into_response()
}

/// Text that XML may hold, with what hides made visible.
fn clean(text: &str) -> PreEscaped<String> {
    PreEscaped(escaped(&visible(text)))
}
