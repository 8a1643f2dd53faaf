//! The threads or merge requests in which something was said or done last.
//!
//! When something was said stands in statements, and reading one statement for each comment would cost as much as there
//! are comments. Within a log later entries are newer, so the newest entry of each log in each thread is enough, and of
//! those the last few of each log.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use commun_specs::{
    fold::{Item, RequestView, Spoken, ThreadView},
    id::StatementId,
    name::Handle,
};

use super::{Discussion, Kind, Talk, TalkError};

/// The newest entry of each log in one discussion: position and statement.
type Newest = BTreeMap<Handle, (u64, StatementId)>;

impl Talk {
    /// The threads or merge requests of an item in which something was said or done last, the newest first; at most
    /// `most`. An edit is no news: what was edited stays where it was said.
    ///
    /// Reads at most `most` statements for each institution that spoke, and then those discussions whole.
    ///
    /// # Errors
    /// `log.db` fails.
    pub fn latest(
        &self,
        item: &Item,
        kind: Kind,
        most: usize,
    ) -> Result<Vec<Discussion>, TalkError> {
        let all: Vec<(StatementId, Newest)> = {
            let state = self.core.state();
            let catalogue = state.catalogue();
            match kind {
                Kind::Thread => {
                    let threads = catalogue.threads(&item.id);
                    threads.iter().map(|t| (t.root.id, of_thread(t))).collect()
                }
                Kind::Request => {
                    let requests = catalogue.requests(&item.id);
                    requests
                        .iter()
                        .map(|r| (r.root.id, of_request(r)))
                        .collect()
                }
            }
        };
        let mut times: HashMap<StatementId, u64> = HashMap::new();
        for (root, statement) in candidates(&all, most) {
            let found = self.core.statement(&statement)?;
            let time = found.and_then(|f| Some(f.statement.head.as_ref()?.time));
            let newest = times.entry(root).or_default();
            *newest = (*newest).max(time.unwrap_or(0));
        }
        let mut roots: Vec<(StatementId, u64)> = times.into_iter().collect();
        roots.sort_by_key(|(root, time)| (Reverse(*time), *root));
        roots.truncate(most);
        let whole = roots.iter().map(|(root, _)| self.discussion(root));
        whole.collect()
    }
}

fn of_thread(thread: &ThreadView) -> Newest {
    let comments = thread.comments.iter().map(|c| &c.first);
    let changes = thread.changes.iter().map(|c| &c.spoken);
    newest([&thread.root].into_iter().chain(comments).chain(changes))
}

fn of_request(request: &RequestView) -> Newest {
    let versions = request.versions.iter().map(|v| &v.spoken);
    let comments = request.comments.iter().map(|c| &c.first);
    let reviews = request.reviews.iter().map(|r| &r.spoken);
    let changes = request.changes.iter().map(|c| &c.spoken);
    newest(versions.chain(comments).chain(reviews).chain(changes))
}

fn newest<'a>(spoken: impl Iterator<Item = &'a Spoken>) -> Newest {
    let mut newest = Newest::new();
    for one in spoken {
        let this = (one.position, one.id);
        let last = newest.entry(one.institution.clone()).or_insert(this);
        *last = (*last).max(this);
    }
    newest
}

/// Of each log, the discussions to which it added last, with the statement that did; at most `most` of each.
fn candidates(all: &[(StatementId, Newest)], most: usize) -> Vec<(StatementId, StatementId)> {
    let mut logs: BTreeMap<&Handle, Vec<(u64, StatementId, StatementId)>> = BTreeMap::new();
    for (root, newest) in all {
        for (log, (position, statement)) in newest {
            let of_log = logs.entry(log).or_default();
            of_log.push((*position, *root, *statement));
        }
    }
    let mut found = Vec::new();
    for mut of_log in logs.into_values() {
        of_log.sort_by_key(|(position, ..)| Reverse(*position));
        of_log.truncate(most);
        found.extend(
            of_log
                .into_iter()
                .map(|(_, root, statement)| (root, statement)),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(log: &str, position: u64) -> Spoken {
        Spoken {
            id: StatementId::of(format!("{log} {position}").as_bytes()),
            institution: Handle::new(log).unwrap(),
            position,
            person: None,
        }
    }

    #[test]
    fn the_first_thread_of_a_log_counts_by_what_was_said_in_it_last() {
        let root = |n: u8| StatementId::of(&[n]);
        // The first was opened before all others, and somebody answered in it after all of them.
        let first = [
            spoken("univ-a", 1),
            spoken("univ-a", 90),
            spoken("univ-b", 4),
        ];
        let mut all = vec![(root(0), newest(first.iter()))];
        for n in 1..60 {
            all.push((root(n), newest([spoken("univ-a", u64::from(n) + 1)].iter())));
        }
        let found = candidates(&all, 3);
        let of = |log, position| spoken(log, position).id;
        assert_eq!(
            found,
            [
                (root(0), of("univ-a", 90)),
                (root(59), of("univ-a", 60)),
                (root(58), of("univ-a", 59)),
                (root(0), of("univ-b", 4)),
            ]
        );
    }
}
