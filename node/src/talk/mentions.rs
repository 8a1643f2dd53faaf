//! Who is named: `@univ-angers`, `@univ-angers/ada-lovelace`. Nothing is stated about it; it is read out of the texts
//! when somebody asks, the newest first.

use std::collections::BTreeMap;

use commun_specs::{id::StatementId, name::Handle};

use super::{Deed, Kind, Speaker, Talk, TalkError};

/// Mentions that are answered.
const MAX_MENTIONS: usize = 100;
/// Threads and merge requests that are looked through, the newest first.
const MAX_THREADS: usize = 500;
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

impl Talk {
    /// Where an institution, or a person of it (their name as [`slug`] writes it, or the beginning of their id), was
    /// named. An institution is meant also where one of its persons is.
    ///
    /// # Errors
    /// `log.db` fails.
    pub fn mentions(
        &self,
        handle: &Handle,
        person: Option<&str>,
    ) -> Result<Vec<Mention>, TalkError> {
        let mut roots = BTreeMap::new();
        {
            let state = self.core.state();
            let catalogue = state.catalogue();
            for item in catalogue.items() {
                let name = format!("{}/{}", item.owner, item.slug);
                for t in catalogue.threads(&item.id) {
                    roots.insert(t.root.id, (name.clone(), "threads"));
                }
                for r in catalogue.requests(&item.id) {
                    roots.insert(r.root.id, (name.clone(), "merge-requests"));
                }
            }
        }
        let mut newest = Vec::new();
        for (id, place) in roots {
            let time = self
                .core
                .statement(&id)?
                .map_or(0, |f| f.statement.head.as_ref().map_or(0, |h| h.time));
            newest.push((std::cmp::Reverse(time), id, place));
        }
        newest.sort();
        let wanted = person.map(slug);
        let mut found = Vec::new();
        for (_, id, (item, list)) in newest.into_iter().take(MAX_THREADS) {
            let discussion = self.discussion(&id)?;
            debug_assert!(matches!(discussion.kind, Kind::Thread | Kind::Request));
            for entry in &discussion.entries {
                let meant = entry.wordings.iter().any(|w| {
                    named(&w.text).iter().any(|(h, p)| {
                        *h == handle.as_str()
                            && match (&wanted, p) {
                                (None, _) => true,
                                (Some(wanted), Some(p)) => slug(p) == *wanted,
                                (Some(_), None) => false,
                            }
                    })
                });
                if meant && !matches!(entry.deed, Deed::State { .. }) {
                    found.push(Mention {
                        item: item.clone(),
                        list,
                        thread: id,
                        entry: entry.id,
                        by: entry.by.clone(),
                        time: entry.time,
                    });
                }
            }
        }
        found.sort_by_key(|m| (std::cmp::Reverse(m.time), m.entry));
        found.truncate(MAX_MENTIONS);
        Ok(found)
    }
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
