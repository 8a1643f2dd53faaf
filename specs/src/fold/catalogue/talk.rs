//! Phase 2 of what is said about an item: threads, merge requests, reviews, adoptions (R-04-34 to R-04-38).

use super::{Catalogue, subject::Placed, version_kind};
use crate::{
    fold::{
        ItemKind, State,
        log::{Facts, Known, Record, Subject},
        state::Reason,
    },
    id::StatementId,
    name::Handle,
    statement::{MergeRequest, Thread},
};

impl Catalogue {
    /// The statement with what all logs together decide about it.
    pub(in crate::fold) fn heard<'a>(&self, p: Placed<'a>) -> Placed<'a> {
        let verdict = match p.verdict {
            State::InForce => self.fits(&p).err().unwrap_or(State::InForce),
            other => other,
        };
        Placed { verdict, ..p }
    }

    /// Whether the item, the thread and the version that a statement names are there and let it count.
    fn fits(&self, p: &Placed<'_>) -> Result<(), State> {
        let refused = |reason| Err(State::Refused(reason));
        let item = p.known.item.expect("talk names its item");
        let kind = self.kind_of(&item)?;
        match &p.known.facts {
            Facts::Thread(t) => {
                let Some(root) = t.root() else { return Ok(()) };
                let (_, opening) = self.opening(&root, &item, kind)?;
                let of_request = matches!(opening.facts(), Some(Facts::MergeRequest(_)));
                match t {
                    Thread::Comment {
                        reply_to: Some(to), ..
                    } => self.in_thread(to, &root),
                    Thread::Change { state: Some(_), .. } if of_request => {
                        refused(Reason::NoThread)
                    }
                    Thread::Change { .. } => self.owners(&item, p),
                    _ => Ok(()),
                }
            }
            Facts::MergeRequest(m) => {
                if kind != ItemKind::Repository {
                    return refused(Reason::NoItem);
                }
                let Some(root) = m.root() else { return Ok(()) };
                let (log, opening) = self.opening(&root, &item, kind)?;
                if !matches!(opening.facts(), Some(Facts::MergeRequest(_))) {
                    return refused(Reason::NoThread);
                }
                match **m {
                    MergeRequest::Change { .. } => self.owners(&item, p),
                    _ if log == p.handle && opening.person() == p.record.person() => Ok(()),
                    _ => refused(Reason::NotYours),
                }
            }
            Facts::Review(r) => self
                .found(&r.of, Reason::NoVersion, |k| match &k.facts {
                    facts if version_kind(facts).is_some() => k.item.unwrap_or(k.id) == item,
                    Facts::MergeRequest(m) => k.item == Some(item) && m.asks().is_some(),
                    _ => false,
                })
                .map(|_| ()),
            Facts::Report(r) => match &r.of {
                Some(of) => self
                    .found(of, Reason::NoVersion, |k| k.item.unwrap_or(k.id) == item)
                    .map(|_| ()),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The statement that opened a thread or merge request of an item.
    fn opening(
        &self,
        root: &StatementId,
        item: &StatementId,
        kind: ItemKind,
    ) -> Result<(&Handle, &Record), State> {
        self.found(root, Reason::NoThread, |k| {
            k.item == Some(*item)
                && match &k.facts {
                    Facts::Thread(t) => t.root().is_none(),
                    Facts::MergeRequest(m) => m.root().is_none() && kind == ItemKind::Repository,
                    _ => false,
                }
        })
    }

    /// A statement that its own log lets count and that is what it should be; else whether it is waited for.
    fn found(
        &self,
        id: &StatementId,
        or: Reason,
        is: impl Fn(&Known) -> bool,
    ) -> Result<(&Handle, &Record), State> {
        let places = self.ids.get(id).ok_or(State::Pending)?;
        let mut waits = false;
        for (handle, position) in places {
            let record = self.record(handle, *position);
            waits |= record.verdict == State::Pending;
            if record.verdict == State::InForce && record.said.known().is_some_and(&is) {
                return Ok((handle, record));
            }
        }
        Err(if waits {
            State::Pending
        } else {
            State::Refused(or)
        })
    }

    fn in_thread(&self, to: &StatementId, root: &StatementId) -> Result<(), State> {
        let subject = Subject::Thread(*root);
        let places = self.ids.get(to).ok_or(State::Pending)?;
        let here = |(h, p): &(Handle, u64)| self.record(h, *p).talk() == Some(&subject);
        if places.iter().any(here) {
            Ok(())
        } else {
            Err(State::Refused(Reason::NoThread))
        }
    }

    /// Only the owner opens, closes and labels.
    fn owners(&self, item: &StatementId, p: &Placed<'_>) -> Result<(), State> {
        let owned = self.owned(item);
        if owned.is_some_and(|o| o.era(p.handle, p.position).is_some()) {
            Ok(())
        } else {
            Err(State::Refused(Reason::NotOwners))
        }
    }
}
