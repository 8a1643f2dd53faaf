//! Who is named: `@univ-angers`, `@univ-angers/ada-lovelace`. Nothing is stated about it; it is read out of the texts
//! when somebody asks, in parts: the newest statements first, as this node received them.

use std::collections::HashSet;

use commun_specs::{
    id::StatementId,
    name::Handle,
    statement::{Head, Statement},
};

use super::{Speaker, Talk, TalkError, outlines::outline, words::Words};
use crate::core::opened;

/// Mentions of one answer.
const MAX_MENTIONS: usize = 100;
/// Statements that are looked through for one answer, of whatever kind.
const MAX_LOOKED: u64 = 4_000;
/// Longest name behind a handle, in characters.
const MAX_NAME: usize = 100;

/// Somebody was named.
#[derive(Debug, Clone)]
pub struct Mention {
    /// `handle/slug` of the item.
    pub item: String,
    /// `threads` or `merge-requests`.
    pub list: &'static str,
    /// The thread or merge request.
    pub thread: StatementId,
    /// The entry.
    pub entry: StatementId,
    /// Who wrote it.
    pub by: Speaker,
    /// When.
    pub time: u64,
}

/// A handle, and the person behind it as the text names them.
pub type Named<'a> = (&'a str, Option<&'a str>);

/// Whom a text names. What is in code is not looked at apart: an address is one wherever it stands.
pub fn named(text: &str) -> Vec<Named<'_>> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices('@') {
        // `a@b` is an e-mail address.
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '_') {
            continue;
        }
        let rest = &text[at + 1..];
        let end = |text: &str, most: usize, fits: fn(char) -> bool| {
            let run = text.char_indices().take(most).find(|(_, c)| !fits(*c));
            run.map_or(text.len().min(most * 4), |(at, _)| at)
        };
        let cut = end(rest, 40, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
        });
        let handle = rest[..rest.floor_char_boundary(cut)].trim_end_matches('-');
        if Handle::new(handle).is_err() {
            continue;
        }
        let person = rest[handle.len()..].strip_prefix('/').map(|rest| {
            let cut = end(rest, MAX_NAME, |c| c.is_alphanumeric() || c == '-');
            rest[..rest.floor_char_boundary(cut)].trim_end_matches('-')
        });
        all.push((handle, person.filter(|p| !p.is_empty())));
    }
    all
}

/// A name as mentions write it: `Ada Lovelace` is `ada-lovelace`.
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().take(MAX_NAME) {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// A part of the mentions.
#[derive(Debug, Clone, Default)]
pub struct Mentions {
    /// The newest first, by the authors' clocks.
    pub found: Vec<Mention>,
    /// Where to go on; `None`: that is all.
    pub next: Option<u64>,
}

impl Talk {
    /// Where an institution, or a person of it (their name as [`slug`] writes it, or the beginning of their id), was
    /// named. An institution is meant also where one of its persons is. `before`: what [`Mentions::next`] said.
    ///
    /// # Errors
    /// `log.db` fails.
    pub fn mentions(
        &self,
        handle: &Handle,
        person: Option<&str>,
        before: Option<u64>,
    ) -> Result<Mentions, TalkError> {
        let wanted = person.map(slug);
        let is_meant = |text: &str| {
            named(text).iter().any(|(h, p)| {
                *h == handle.as_str()
                    && match (&wanted, p) {
                        (None, _) => true,
                        (Some(wanted), Some(p)) => slug(p) == *wanted,
                        (Some(_), None) => false,
                    }
            })
        };
        let store = self.core.store()?;
        let lines = store.journal_before(before.unwrap_or(u64::MAX), MAX_LOOKED)?;
        let mut part = Mentions {
            found: Vec::new(),
            next: (lines.len() as u64 == MAX_LOOKED).then(|| lines.last().map_or(0, |l| l.0)),
        };
        // A line is there again when a body came later.
        let mut seen = HashSet::new();
        for (line, log, position) in lines {
            if !seen.insert((log, position)) {
                continue;
            }
            let Some(entry) = store.entry(log, position)? else {
                continue;
            };
            let Some(statement) = opened(&entry) else {
                continue;
            };
            let Some(head) = statement.head.as_ref().filter(|head| speaks(head)) else {
                continue;
            };
            let Some(body) = store.body(log, position)? else {
                continue;
            };
            if !is_meant(&Words::read(&body.bytes).text) {
                continue;
            }
            part.found.extend(self.mention(&statement, head));
            if part.found.len() == MAX_MENTIONS {
                part.next = Some(line);
                break;
            }
        }
        part.found
            .sort_by_key(|m| (std::cmp::Reverse(m.time), m.entry));
        Ok(part)
    }

    /// The mention that a statement makes, if it stands.
    fn mention(&self, statement: &Statement, head: &Head) -> Option<Mention> {
        let root = self.core.state().catalogue().thread_of(&statement.id)?;
        let item = head.item?;
        let found = outline(&self.core, &item, &root)?;
        let (name, entry, person) = {
            let state = self.core.state();
            let catalogue = state.catalogue();
            let item = catalogue.item(&item)?;
            let name = format!("{}/{}", item.owner, item.slug);
            if !catalogue.state_of(&statement.id)?.counted() {
                return None;
            }
            // A text is named by its first wording; one that was replaced says nothing any more.
            let (texts, own) = match catalogue.thread(&root) {
                Some(thread) => {
                    let own = thread.heads.iter().any(|h| h.id == statement.id);
                    (thread.comments, own.then_some(thread.root))
                }
                None => (catalogue.request(&root)?.comments, None),
            };
            let edited = texts
                .into_iter()
                .find(|c| c.heads.iter().any(|h| h.id == statement.id))
                .map(|c| c.first);
            let first = own.or(edited);
            if first.is_none() && head.kind == "thread" {
                return None;
            }
            let (log, position) = catalogue.find(&statement.id)?;
            let entry = first.as_ref().map_or(statement.id, |f| f.id);
            (name, entry, catalogue.speaker(&log, position))
        };
        Some(Mention {
            item: name,
            list: match found.versions.is_empty() {
                true => "threads",
                false => "merge-requests",
            },
            thread: root,
            entry,
            by: Speaker {
                institution: head.institution.clone(),
                person,
                name: self.core.name_of(person.as_ref(), &head.institution),
                by_node: head.acting_for.is_some(),
            },
            time: head.time,
        })
    }
}

/// Whether a statement says something about an item in words.
fn speaks(head: &Head) -> bool {
    head.body.is_some() && ["thread", "merge-request", "review"].contains(&head.kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_and_persons_are_read_and_addresses_are_not() {
        let text = "@univ-angers, (@univ-brest/Ada-Lovelace) a@univ-b.fr @X @univ-lille-/x @é @univ-c/é-ç.";
        assert_eq!(
            named(text),
            [
                ("univ-angers", None),
                ("univ-brest", Some("Ada-Lovelace")),
                ("univ-lille", None),
                ("univ-c", Some("é-ç")),
            ]
        );
        let long = format!("@{} @aa/{}", "a".repeat(500), "é".repeat(500));
        assert_eq!(named(&long).len(), 1);
        assert_eq!(slug("  Ada  LOVELACE, "), "ada-lovelace");
    }
}
