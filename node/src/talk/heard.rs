//! Threads and merge requests as they are shown: the catalogue's view, the times of the heads, the words of the bodies.
//!
//! Order: what somebody's clock says moves a comment only as far as reason goes. Within one log entries keep the log's
//! order, an answer comes after what it answers and a review after its version, and else the stated times decide, then handle and position. Nothing
//! but logs goes in, so the order is the same on every node.

use std::collections::{BTreeSet, HashMap};

use commun_specs::{
    fold::{Comment, Item, Outline, OwnersChange, RequestVersion, RequestView, Spoken, ThreadView},
    history::{self, Proof},
    id::StatementId,
    name::{Handle, Slug},
    statement::{Facts, OpenState, Thread, Verdict},
};

use super::{
    Talk, TalkError,
    outlines::{newest, opened, outline},
    words::Words as Said,
};
use crate::{
    core::{Core, Found},
    items::{self, Words},
};

/// Entries of one thread whose heads are read: a thread is full long before (see [`super::say`]).
const MAX_ENTRIES: usize = 12_000;
/// The same where only a line of a list is made: when something was said last may then be missed where a person answered
/// long after others of the same institution.
const MAX_LISTED_ENTRIES: usize = 200;
/// Threads and merge requests of an item that lists show: of more, each institution's newest.
const MAX_LISTED: usize = 2_000;
/// Of so many statements that are read, one may be a version of a merge request; of more versions, the newest are shown.
const EACH_VERSION: usize = 12;

/// A thread or a merge request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A thread.
    Thread,
    /// A merge request.
    Request,
}

/// Who said something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// In whose log it stands.
    pub institution: Handle,
    /// The person, by their first enrolment there.
    pub person: Option<StatementId>,
    /// Their name, if their profile says one.
    pub name: Option<String>,
    /// Whether their node attests it (else their key signed it).
    pub by_node: bool,
}

/// A text, or one of several that stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The statement.
    pub id: StatementId,
    /// When, in seconds since 1970 by its author's clock.
    pub time: u64,
    /// Whether the words are here.
    pub words: Words,
    /// The text; empty where the words are not here.
    pub text: String,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A comment; the first text of a thread is one.
    Comment {
        /// What it answers.
        reply_to: Option<StatementId>,
        /// Whether it was edited.
        edited: bool,
    },
    /// The owner opened, closed or labelled it.
    State {
        /// Open or closed.
        state: Option<OpenState>,
        /// The labels from here on.
        labels: Option<Vec<String>>,
    },
    /// A version of a merge request.
    Version {
        /// From 1.
        number: u64,
        /// The commit.
        new: String,
        /// How it is known who proposed it; not looked at for a line of a list.
        proof: Option<Proof>,
    },
    /// A review.
    Review {
        /// What the reviewer thinks.
        verdict: Verdict,
        /// Of which version.
        of: u64,
        /// Whether a later version has come since.
        stale: bool,
    },
}

/// One thing that was said or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The statement; of an edited comment, the first.
    pub id: StatementId,
    /// Who.
    pub by: Speaker,
    /// When, in seconds since 1970 by the author's clock.
    pub time: u64,
    /// What.
    pub deed: Deed,
    /// The texts that stand, the one to show first.
    pub wordings: Vec<Wording>,
}

/// A version of a merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The statement.
    pub id: StatementId,
    /// From 1.
    pub number: u64,
    /// The commit.
    pub new: String,
}

/// What a merge request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The branch, `refs/heads/main`.
    pub target: String,
    /// What it was pushed as.
    pub topic: Option<String>,
    /// All versions, oldest first.
    pub versions: Vec<Version>,
    /// The version to look at.
    pub current: Version,
    /// People who approve it, and who reject it.
    pub approvals: Vec<Speaker>,
    /// See above.
    pub rejections: Vec<Speaker>,
}

/// A thread or merge request.
#[derive(Debug, Clone)]
pub struct Discussion {
    /// Which of the two.
    pub kind: Kind,
    /// The item.
    pub item: StatementId,
    /// The opening statement.
    pub id: StatementId,
    /// Who opened it.
    pub by: Speaker,
    /// When.
    pub time: u64,
    /// When the newest entry was made.
    pub updated: u64,
    /// The title.
    pub title: String,
    /// The first text (also the first entry).
    pub text: String,
    /// What the owner says. Whether a request is merged, Git says.
    pub state: OpenState,
    /// The labels, sorted.
    pub labels: Vec<String>,
    /// How many comments.
    pub comments: usize,
    /// Of merge requests.
    pub asked: Option<Asked>,
    /// All that was said and done, in order.
    pub entries: Vec<Entry>,
}

/// A line of a list: read without bodies, which only the ones on a page need.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The opening statement.
    pub id: StatementId,
    /// When it was opened.
    pub time: u64,
    /// What the owner says.
    pub state: OpenState,
    /// The labels.
    pub labels: Vec<String>,
    /// The target and the commit of the version to look at, of merge requests.
    pub asks: Option<(String, String)>,
}

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<OpenState>,
    /// Only with this label.
    pub label: Option<String>,
}

impl Talk {
    /// The threads or merge requests of an item, newest first.
    ///
    /// # Errors
    /// `log.db` fails.
    pub fn list(&self, item: &Item, kind: Kind, filter: &Filter) -> Result<Vec<Listed>, TalkError> {
        let opened = newest(opened(&self.core, &item.id), MAX_LISTED, |spoken| spoken);
        let mut all: Vec<Listed> = opened
            .iter()
            .filter_map(|spoken| outline(&self.core, &item.id, &spoken.id))
            .filter(|found| kind_of(found) == kind)
            .map(|found| Listed {
                id: found.root.id,
                time: 0,
                state: found.state,
                asks: found.current().map(|v| (v.target.clone(), v.new.clone())),
                labels: found.labels,
            })
            .collect();
        all.retain(|l| {
            filter.state.is_none_or(|s| l.state == s)
                && filter
                    .label
                    .as_ref()
                    .is_none_or(|label| l.labels.contains(label))
        });
        for listed in &mut all {
            listed.time = self.core.statement(&listed.id)?.map_or(0, |f| time(&f));
        }
        all.sort_by_key(|l| (std::cmp::Reverse(l.time), l.id));
        Ok(all)
    }

    /// The whole id of a thread or merge request of an item, from it or its beginning.
    ///
    /// # Errors
    /// There is none, or several begin so.
    pub fn find(&self, item: &Item, kind: Kind, id: &str) -> Result<StatementId, TalkError> {
        let what = match kind {
            Kind::Thread => "thread",
            Kind::Request => "merge request",
        };
        let is = |root: &StatementId| {
            outline(&self.core, &item.id, root).is_some_and(|found| kind_of(&found) == kind)
        };
        if let Ok(root) = id.parse::<StatementId>() {
            return one_of(&[root][..usize::from(is(&root))], id, what);
        }
        let mut ids: Vec<StatementId> = opened(&self.core, &item.id)
            .iter()
            .map(|spoken| spoken.id)
            .filter(|root| root.to_string().starts_with(id))
            .take(MAX_LISTED)
            .collect();
        ids.retain(is);
        one_of(&ids, id, what)
    }

    /// A thread or merge request with all that was said.
    ///
    /// # Errors
    /// There is none, or `log.db` fails.
    pub fn discussion(&self, root: &StatementId) -> Result<Discussion, TalkError> {
        self.read(root, MAX_ENTRIES)
    }

    /// The same for a line of a list: not all entries are there.
    ///
    /// # Errors
    /// As above.
    pub fn summary(&self, root: &StatementId) -> Result<Discussion, TalkError> {
        self.read(root, MAX_LISTED_ENTRIES)
    }

    /// `most`: statements that are read, about; of more, each institution's newest.
    fn read(&self, root: &StatementId, most: usize) -> Result<Discussion, TalkError> {
        let (thread, request) = {
            let state = self.core.state();
            let catalogue = state.catalogue();
            (catalogue.thread(root), catalogue.request(root))
        };
        match (thread, request) {
            (Some(view), _) => self.thread(view, most),
            (None, Some(view)) => self.request(view, most),
            (None, None) => Err(TalkError::NotFound(
                "there is no such thread or merge request".to_owned(),
            )),
        }
    }

    fn thread(&self, view: ThreadView, most: usize) -> Result<Discussion, TalkError> {
        let said = view.comments.len();
        let mut reading = Reading::new(&self.core, most);
        let opening = reading.entry(&view.root, &view.heads, |edited| Deed::Comment {
            reply_to: None,
            edited,
        })?;
        let title = reading.title(view.heads.iter().chain([&view.root]))?;
        let mut entries = vec![opening];
        reading.comments(view.comments, &mut entries)?;
        let first = match reading.found(&view.root)?.statement.facts() {
            Ok(Some(Facts::Thread(Thread::Opens { labels }))) => labels,
            _ => Vec::new(),
        };
        reading.changes(view.changes, first, &mut entries)?;
        let entries = ordered(entries, &reading.positions);
        Ok(discussion(
            Kind::Thread,
            view.item,
            view.root.id,
            title,
            view.state,
            &view.labels,
            said,
            None,
            entries,
        ))
    }

    fn request(&self, mut view: RequestView, most: usize) -> Result<Discussion, TalkError> {
        let mut reading = Reading::new(&self.core, most);
        let (said, current) = (view.comments.len(), view.current().clone());
        let mut entries = Vec::new();
        let older = view.versions.len().saturating_sub(most / EACH_VERSION);
        let numbers: HashMap<StatementId, u64> = (1..)
            .zip(&view.versions)
            .map(|(number, v)| (v.spoken.id, number))
            .collect();
        // The first one and the one to look at are there, wherever they stand.
        let always = [view.root.id, current.spoken.id];
        let shown: Vec<RequestVersion> = view
            .versions
            .into_iter()
            .enumerate()
            .filter(|(at, v)| *at >= older || always.contains(&v.spoken.id))
            .map(|(_, v)| v)
            .collect();
        let versions: Vec<Version> = shown
            .iter()
            .map(|v| Version {
                id: v.spoken.id,
                number: numbers[&v.spoken.id],
                new: v.new.clone(),
            })
            .collect();
        let names = self.core.state().catalogue().names_of(&view.item);
        for v in &shown {
            let number = numbers[&v.spoken.id];
            let proof = match most {
                MAX_LISTED_ENTRIES => None,
                _ => Some(reading.proof(v, &names)?),
            };
            let mut entry = reading.entry(&v.spoken, std::slice::from_ref(&v.spoken), |_| {
                Deed::Version {
                    number,
                    new: v.new.clone(),
                    proof,
                }
            })?;
            // The words of the version to look at are those of the request, and stand on top.
            if v.spoken.id == current.spoken.id {
                entry.wordings.retain(|w| w.words != Words::Here);
            }
            entries.push(entry);
        }
        let title = reading.title([&current.spoken, &view.root].into_iter())?;
        let words = reading.words(&current.spoken)?;
        let target = current.target;
        let current = versions
            .iter()
            .find(|v| v.id == current.spoken.id)
            .expect("the version to look at is one of them")
            .clone();
        let (mut approvals, mut rejections) = (Vec::new(), Vec::new());
        // Nobody reviews their own request; a node that lets its people do so counts for nothing.
        let author = (view.root.institution.clone(), view.root.person);
        view.reviews
            .retain(|r| (&r.spoken.institution, r.spoken.person) != (&author.0, author.1));
        // Those of the version to look at first: they are counted.
        let (now, before): (Vec<_>, Vec<_>) =
            view.reviews.into_iter().partition(|r| r.of == current.id);
        let room = most / 4;
        let now = newest(now, room, |r| &r.spoken);
        let before = newest(before, room.saturating_sub(now.len()), |r| &r.spoken);
        for review in now.iter().chain(&before) {
            let of = numbers.get(&review.of).copied().unwrap_or(0);
            let stale = of != current.number;
            let entry =
                reading.entry(&review.spoken, std::slice::from_ref(&review.spoken), |_| {
                    Deed::Review {
                        verdict: review.verdict,
                        of,
                        stale,
                    }
                })?;
            match review.verdict {
                Verdict::Approve if !stale => approvals.push(entry.by.clone()),
                Verdict::Reject if !stale => rejections.push(entry.by.clone()),
                _ => {}
            }
            entries.push(entry);
        }
        reading.comments(view.comments, &mut entries)?;
        reading.changes(view.changes, Vec::new(), &mut entries)?;
        let entries = ordered(entries, &reading.positions);
        let asked = Asked {
            target,
            topic: words.topic,
            versions,
            current,
            approvals,
            rejections,
        };
        let mut found = discussion(
            Kind::Request,
            view.item,
            view.root.id,
            title,
            view.state,
            &view.labels,
            said,
            Some(asked),
            entries,
        );
        found.text = words.text;
        Ok(found)
    }
}

fn kind_of(found: &Outline) -> Kind {
    if found.versions.is_empty() {
        Kind::Thread
    } else {
        Kind::Request
    }
}

/// The one of these ids that is meant.
pub(super) fn one_of(ids: &[StatementId], id: &str, what: &str) -> Result<StatementId, TalkError> {
    let fits = (8..=commun_specs::id::CHARS).contains(&id.len());
    let mut found = ids.iter().filter(|i| fits && i.to_string().starts_with(id));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(*one),
        (None, _) => Err(TalkError::NotFound(format!("there is no such {what}"))),
        _ => Err(TalkError::Conflict(
            "several ids begin so: give more characters".to_owned(),
        )),
    }
}

#[allow(clippy::too_many_arguments)]
fn discussion(
    kind: Kind,
    item: StatementId,
    id: StatementId,
    title: String,
    state: OpenState,
    labels: &[String],
    comments: usize,
    asked: Option<Asked>,
    entries: Vec<Entry>,
) -> Discussion {
    let opening = entries.iter().find(|e| e.id == id).unwrap_or(&entries[0]);
    let newest = |e: &Entry| e.wordings.iter().map(|w| w.time).chain([e.time]).max();
    Discussion {
        kind,
        item,
        id,
        by: opening.by.clone(),
        time: opening.time,
        updated: entries.iter().filter_map(newest).max().unwrap_or(0),
        title: if title.is_empty() {
            super::short(&id)
        } else {
            title
        },
        text: opening
            .wordings
            .first()
            .map_or(String::new(), |w| w.text.clone()),
        state,
        labels: labels.to_vec(),
        comments,
        asked,
        entries,
    }
}

/// Reads statements, each once.
struct Reading<'a> {
    core: &'a Core,
    names: HashMap<(Handle, Option<StatementId>), Option<String>>,
    positions: HashMap<StatementId, (Handle, u64)>,
    /// Statements that may be read, about.
    most: usize,
    read: usize,
}

impl<'a> Reading<'a> {
    fn new(core: &'a Core, most: usize) -> Self {
        Self {
            core,
            most,
            names: HashMap::new(),
            positions: HashMap::new(),
            read: 0,
        }
    }

    fn comments(&mut self, comments: Vec<Comment>, into: &mut Vec<Entry>) -> Result<(), TalkError> {
        // Each is read as it was first and as it stands.
        let room = self.most.saturating_sub(self.read) / 2;
        for c in newest(comments, room, |c| &c.first) {
            if self.read > self.most {
                break;
            }
            let reply_to = c.reply_to;
            into.push(self.entry(&c.first, &c.heads, |edited| Deed::Comment {
                reply_to,
                edited,
            })?);
        }
        Ok(())
    }

    fn changes(
        &mut self,
        changes: Vec<OwnersChange>,
        mut labels: Vec<String>,
        into: &mut Vec<Entry>,
    ) -> Result<(), TalkError> {
        let mut state = OpenState::Open;
        let mut shown = Vec::new();
        for c in changes {
            // A statement says all that stands; what people want to know is what became different.
            let mut new = (c.state, c.labels.clone());
            if new.0 == Some(state) && new.1.as_ref().is_some_and(|l| *l != labels) {
                new.0 = None;
            } else if new.1.as_ref() == Some(&labels) && new.0.is_some_and(|s| s != state) {
                new.1 = None;
            }
            state = c.state.unwrap_or(state);
            labels = c.labels.unwrap_or(labels);
            shown.push((c.spoken, new));
        }
        for (spoken, new) in newest(shown, self.most / 4, |(spoken, _)| spoken) {
            into.push(self.entry(&spoken, &[], |_| Deed::State {
                state: new.0,
                labels: new.1,
            })?);
        }
        Ok(())
    }

    fn entry(
        &mut self,
        first: &Spoken,
        heads: &[Spoken],
        deed: impl FnOnce(bool) -> Deed,
    ) -> Result<Entry, TalkError> {
        let found = self.found(first)?;
        self.positions
            .insert(first.id, (first.institution.clone(), first.position));
        let head = found.statement.head.as_ref();
        let mut wordings = Vec::new();
        for spoken in heads {
            let found = self.found(spoken)?;
            wordings.push(Wording {
                id: spoken.id,
                time: time(&found),
                words: items::words(self.core, &found)?,
                text: said(&found).text,
            });
        }
        let edited = heads.iter().any(|h| h.id != first.id);
        Ok(Entry {
            id: first.id,
            by: Speaker {
                institution: first.institution.clone(),
                person: first.person,
                name: self.name(first),
                by_node: head.is_some_and(|h| h.acting_for.is_some()),
            },
            time: time(&found),
            deed: deed(edited),
            wordings,
        })
    }

    /// How it is known who proposed a version.
    fn proof(
        &mut self,
        v: &RequestVersion,
        names: &BTreeSet<(Handle, Slug)>,
    ) -> Result<Proof, TalkError> {
        let found = self.found(&v.spoken)?;
        let promised = found.statement.head.as_ref().and_then(|head| head.body);
        let words = match (promised, found.body) {
            (None, _) => history::Words::None,
            (Some(_), None) => history::Words::Absent,
            (Some(_), Some(body)) => history::Words::Here(body.bytes),
        };
        let spoken = &v.spoken;
        let key = spoken.person.and_then(|person| {
            let state = self.core.state();
            let catalogue = state.catalogue();
            catalogue.person_at(&spoken.institution, spoken.position, &person)
        });
        let version = history::Version {
            target: &v.target,
            new: &v.new,
            key: key.map(|person| person.key),
        };
        Ok(history::proposed(names, &version, &words))
    }

    /// The first title that one of these says.
    fn title<'s>(&mut self, of: impl Iterator<Item = &'s Spoken>) -> Result<String, TalkError> {
        for spoken in of {
            if let Some(title) = self.words(spoken)?.title {
                return Ok(title);
            }
        }
        Ok(String::new())
    }

    fn words(&mut self, spoken: &Spoken) -> Result<Said, TalkError> {
        Ok(said(&self.found(spoken)?))
    }

    fn found(&mut self, spoken: &Spoken) -> Result<Found, TalkError> {
        self.read += 1;
        self.core.statement(&spoken.id)?.ok_or_else(|| {
            TalkError::Failed(format!(
                "a statement of the catalogue is gone: {}",
                spoken.id
            ))
        })
    }

    fn name(&mut self, of: &Spoken) -> Option<String> {
        let person = of.person?;
        let core = self.core;
        self.names
            .entry((of.institution.clone(), Some(person)))
            .or_insert_with(|| core.name_of(Some(&person), &of.institution))
            .clone()
    }
}

/// What a body says; nothing where it is not here.
fn said(found: &Found) -> Said {
    let body = found.body.as_ref();
    body.map_or_else(Said::default, |body| Said::read(&body.bytes))
}

fn time(found: &Found) -> u64 {
    found.statement.head.as_ref().map_or(0, |h| h.time)
}

/// Puts entries into the order that is the same everywhere.
fn ordered(mut entries: Vec<Entry>, at: &HashMap<StatementId, (Handle, u64)>) -> Vec<Entry> {
    let place = |e: &Entry| at.get(&e.id).cloned().expect("every entry was placed");
    // In the order of logs first, so that a log's own order and its times are made one.
    entries.sort_by_key(place);
    let versions: HashMap<u64, StatementId> = entries
        .iter()
        .filter_map(|e| match &e.deed {
            Deed::Version { number, .. } => Some((*number, e.id)),
            _ => None,
        })
        .collect();
    // A moment is a time and a count: what must come later at the same time counts on.
    let mut moments: HashMap<StatementId, (u64, u64)> = HashMap::new();
    // Each pass carries one level of answers on; of a longer chain the stated times decide.
    const MAX_LEVELS: usize = 64;
    for _ in 0..MAX_LEVELS {
        let mut moved = false;
        let mut before: Option<(Handle, (u64, u64))> = None;
        for entry in &entries {
            let (handle, _) = place(entry);
            let answered = match &entry.deed {
                Deed::Comment {
                    reply_to: Some(to), ..
                } => moments.get(to).copied(),
                Deed::Review { of, .. } => versions.get(of).and_then(|v| moments.get(v)).copied(),
                _ => None,
            };
            let in_log = before.filter(|(h, _)| *h == handle).map(|(_, m)| m);
            let mut moment = (entry.time, 0);
            for after in answered.into_iter().chain(in_log) {
                if moment <= after {
                    moment = (after.0, after.1 + 1);
                }
            }
            moved |= moments.insert(entry.id, moment) != Some(moment);
            before = Some((handle, moment));
        }
        if !moved {
            break;
        }
    }
    entries.sort_by_cached_key(|e| (moments[&e.id], place(e)));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(
        n: u8,
        handle: &str,
        position: u64,
        time: u64,
        reply_to: Option<u8>,
    ) -> (Entry, (Handle, u64)) {
        let id = |n: u8| StatementId::of(&[n]);
        let handle = Handle::new(handle).unwrap();
        let entry = Entry {
            id: id(n),
            by: Speaker {
                institution: handle.clone(),
                person: None,
                name: None,
                by_node: true,
            },
            time,
            deed: Deed::Comment {
                reply_to: reply_to.map(id),
                edited: false,
            },
            wordings: Vec::new(),
        };
        (entry, (handle, position))
    }

    #[test]
    fn the_order_follows_logs_and_answers_before_clocks() {
        let all = [
            entry(1, "univ-a", 5, 100, None),
            // A clock that runs an hour behind answers later all the same.
            entry(2, "univ-b", 3, 40, Some(1)),
            entry(3, "univ-b", 7, 30, None),
            entry(4, "univ-a", 9, 90, None),
            entry(5, "univ-c", 0, 100, Some(2)),
        ];
        let at: HashMap<_, _> = all.iter().map(|(e, p)| (e.id, p.clone())).collect();
        let order = |mut entries: Vec<Entry>| {
            entries.rotate_left(2);
            let ids: Vec<_> = ordered(entries, &at).iter().map(|e| e.id).collect();
            ids
        };
        let one = order(all.iter().map(|(e, _)| e.clone()).collect());
        let mut back: Vec<Entry> = all.iter().map(|(e, _)| e.clone()).collect();
        back.reverse();
        assert_eq!(
            one,
            order(back),
            "the order in which they come does not matter"
        );
        let place = |n: u8| {
            one.iter()
                .position(|id| *id == StatementId::of(&[n]))
                .unwrap()
        };
        assert!(place(1) < place(2) && place(2) < place(5), "{one:?}");
        assert!(place(1) < place(4), "a log keeps its order");
    }
}
