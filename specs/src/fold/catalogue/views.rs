//! What is said about an item, read from the settled statements: nothing is computed here that a state does not say.

use std::{collections::BTreeMap, ops::Bound};

use super::{
    Catalogue,
    subject::{Placed, may_replace},
};
use crate::{
    fold::{
        ItemKind, State,
        log::{Facts, Subject},
        talk::{
            AdoptionView, Comment, Outline, OwnersChange, RequestVersion, RequestView, ReviewView,
            Spoken, ThreadView,
        },
    },
    id::StatementId,
    name::Handle,
    statement::{MergeRequest, OpenState, Pusher, Thread},
};

/// Whose statements come first: the owner, the listed institutions, everybody else.
pub(super) struct Order<'a> {
    owner: Option<Handle>,
    pushers: &'a [Pusher],
}

impl Order<'_> {
    pub(super) fn rank<'h>(&self, handle: &'h Handle) -> (usize, &'h Handle) {
        let place = if self.owner.as_ref() == Some(handle) {
            0
        } else {
            let listed = self.pushers.iter().position(|p| p.institution == *handle);
            listed.map_or(usize::MAX, |n| n + 1)
        };
        (place, handle)
    }

    /// Heads: by institution; within one log, the last first.
    fn heads(&self, heads: &mut [Spoken]) {
        heads.sort_by(|a, b| {
            let rank = |s: &Spoken| self.rank(&s.institution).0;
            (rank(a), &a.institution, b.position).cmp(&(rank(b), &b.institution, a.position))
        });
    }
}

impl Catalogue {
    /// The threads of an item: the owner's first, then listed institutions', then others'; each log's in its order.
    /// Empty for an id that is no item's.
    pub fn threads(&self, item: &StatementId) -> Vec<ThreadView> {
        let order = self.order(item);
        let mut all: Vec<ThreadView> = self
            .subjects_about(item)
            .filter_map(|s| match s {
                Subject::Thread(root) => self.thread_in(root, &order),
                _ => None,
            })
            .filter(|t| t.item == *item)
            .collect();
        all.sort_by(|a, b| {
            let key = |t: &ThreadView| (order.rank(&t.root.institution).0, t.root.position);
            (key(a), &a.root.institution).cmp(&(key(b), &b.root.institution))
        });
        all
    }

    /// The thread that a statement opened, if it did and counts.
    pub fn thread(&self, root: &StatementId) -> Option<ThreadView> {
        let item = self.item_of(root)?.id;
        self.thread_in(root, &self.order(&item))
    }

    /// The merge requests to a repository, in the order of [`Catalogue::threads`].
    pub fn requests(&self, item: &StatementId) -> Vec<RequestView> {
        let order = self.order(item);
        let mut all: Vec<RequestView> = self
            .subjects_about(item)
            .filter_map(|s| match s {
                Subject::Thread(root) => self.request_in(root, &order),
                _ => None,
            })
            .filter(|r| r.item == *item)
            .collect();
        all.sort_by(|a, b| {
            let key = |r: &RequestView| (order.rank(&r.root.institution).0, r.root.position);
            (key(a), &a.root.institution).cmp(&(key(b), &b.root.institution))
        });
        all
    }

    /// The merge request that a statement opened, if it did and counts.
    pub fn request(&self, root: &StatementId) -> Option<RequestView> {
        let item = self.item_of(root)?.id;
        self.request_in(root, &self.order(&item))
    }

    /// Statements that opened threads and merge requests of an item, or say so, by their ids: those after `after`, looking
    /// at `limit` at most; and after which one to go on, if there are more. [`Catalogue::outline`] says which count.
    pub fn opened(
        &self,
        item: &StatementId,
        after: Option<&StatementId>,
        limit: usize,
    ) -> (Vec<Spoken>, Option<StatementId>) {
        let from = after.map_or(Bound::Unbounded, |after| {
            Bound::Excluded(Subject::Thread(*after))
        });
        let known = self.items.is_item(item);
        let subjects = self.naming.get(item).filter(|_| known);
        let roots = subjects
            .into_iter()
            .flat_map(|s| s.range((from.clone(), Bound::Unbounded)));
        // Reviews and adoptions come after threads; nothing that many people say comes before.
        let roots = roots.take_while(|s| !matches!(s, Subject::Review(_) | Subject::Adoption(..)));
        let roots = roots.filter_map(|subject| match subject {
            Subject::Thread(root) => Some(*root),
            _ => None,
        });
        let looked: Vec<StatementId> = roots.take(limit).collect();
        let next = (looked.len() == limit).then(|| looked.last().copied());
        let opened = looked.iter().filter_map(|root| {
            let (institution, position) = self.find(root)?;
            let person = self.record(&institution, position).person();
            Some(Spoken {
                id: *root,
                institution,
                position,
                person,
            })
        });
        (opened.collect(), next.flatten())
    }

    /// A thread or merge request without what was said in it, if the statement opened one and counts.
    pub fn outline(&self, root: &StatementId) -> Option<Outline> {
        let said = self.counted(&Subject::Thread(*root));
        let opening = said.iter().find(|p| p.known.id == *root)?;
        let item = opening.known.item?;
        self.item(&item)?;
        let (versions, labels) = match &opening.known.facts {
            Facts::Thread(Thread::Opens { labels }) => (Vec::new(), labels.clone()),
            Facts::MergeRequest(_) => (versions(&said, root)?, Vec::new()),
            _ => return None,
        };
        let (state, labels) = self.owners_word(&item, &said, labels);
        Some(Outline {
            item,
            root: spoken(opening),
            state,
            labels,
            versions,
        })
    }

    /// The opening statement of the thread or merge request that a statement belongs to, itself included; of a review,
    /// that of the merge request that was looked at.
    pub fn thread_of(&self, id: &StatementId) -> Option<StatementId> {
        let (log, position) = self.find(id)?;
        match self.record(&log, position).talk()? {
            Subject::Thread(root) => Some(*root),
            Subject::Review(of) => {
                let (log, position) = self.find(of)?;
                match self.record(&log, position).talk()? {
                    Subject::Thread(root) => Some(*root),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The person for whom a statement stands, by their first enrolment in its log.
    pub fn speaker(&self, log: &Handle, position: u64) -> Option<StatementId> {
        self.logs.get(log)?.get(position)?.person()
    }

    /// The reviews of a version of an item or of a merge request that stand.
    pub fn reviews(&self, of: &StatementId) -> Vec<ReviewView> {
        let order = match self.item_of(of) {
            Some(item) => self.order(&item.id),
            None => return Vec::new(),
        };
        self.reviews_in(of, &order)
    }

    /// Who uses an item, or did: the owner first, then listed institutions, then others.
    pub fn adoptions(&self, item: &StatementId) -> Vec<AdoptionView> {
        let order = self.order(item);
        let mut all: Vec<AdoptionView> = self
            .subjects_about(item)
            .filter(|s| matches!(s, Subject::Adoption(..)))
            .flat_map(|s| self.adopted(s))
            .collect();
        all.sort_by(|a, b| {
            let rank = |v: &AdoptionView| order.rank(&v.spoken.institution).0;
            (rank(a), &a.spoken.institution, b.spoken.position).cmp(&(
                rank(b),
                &b.spoken.institution,
                a.spoken.position,
            ))
        });
        all
    }

    /// What an institution uses, or used, by item.
    pub fn adoptions_by(&self, institution: &Handle) -> Vec<AdoptionView> {
        let items = self.adopted.get(institution).into_iter().flatten();
        items
            .flat_map(|item| self.adopted(&Subject::Adoption(*item, institution.clone())))
            .collect()
    }

    /// What other institutions say of their use of an institution's items, by institution and item.
    pub fn adoptions_from(&self, owner: &Handle) -> Vec<AdoptionView> {
        let others = self.adopted.iter().filter(|(by, _)| *by != owner);
        let theirs = others.flat_map(|(by, items)| items.iter().map(move |item| (by, item)));
        let owned = theirs.filter(|(_, item)| self.item(item).is_some_and(|i| i.owner == *owner));
        owned
            .flat_map(|(by, item)| self.adopted(&Subject::Adoption(*item, by.clone())))
            .collect()
    }

    /// Everything that somebody said about an item.
    fn subjects_about(&self, item: &StatementId) -> impl Iterator<Item = &Subject> {
        let known = self.items.is_item(item);
        let subjects = self.naming.get(item).filter(|_| known);
        subjects.into_iter().flatten()
    }

    pub(super) fn order(&self, item: &StatementId) -> Order<'_> {
        let Some(view) = self.item(item) else {
            return Order {
                owner: None,
                pushers: &[],
            };
        };
        let policy = (view.kind == ItemKind::Repository)
            .then(|| self.find(&view.policy))
            .flatten();
        let pushers = policy
            .and_then(|(log, position)| self.logs.get(&log)?.get(position)?.facts())
            .map_or(&[][..], |facts| match facts {
                Facts::Repository(r) => &r.pushers,
                _ => &[],
            });
        Order {
            owner: Some(view.owner.clone()),
            pushers,
        }
    }

    fn thread_in(&self, root: &StatementId, order: &Order<'_>) -> Option<ThreadView> {
        let said = self.counted(&Subject::Thread(*root));
        let opening = said.iter().find(|p| p.known.id == *root)?;
        let Facts::Thread(Thread::Opens { labels }) = &opening.known.facts else {
            return None;
        };
        let mut comments = comments(&said, order);
        // The opening text is edited as a comment is.
        let at = comments.iter().position(|c| c.first.id == *root)?;
        let text = comments.remove(at);
        let mut view = ThreadView {
            item: opening.known.item?,
            root: text.first,
            heads: text.heads,
            comments,
            state: OpenState::Open,
            labels: labels.clone(),
            changes: changes(&said),
        };
        (view.state, view.labels) = self.owners_word(&view.item, &said, view.labels);
        Some(view)
    }

    fn request_in(&self, root: &StatementId, order: &Order<'_>) -> Option<RequestView> {
        let said = self.counted(&Subject::Thread(*root));
        let opening = said.iter().find(|p| p.known.id == *root)?;
        let item = opening.known.item?;
        let versions = versions(&said, root)?;
        let reviews = versions
            .iter()
            .flat_map(|v| self.reviews_in(&v.spoken.id, order))
            .collect();
        let (state, labels) = self.owners_word(&item, &said, Vec::new());
        Some(RequestView {
            item,
            root: spoken(opening),
            versions,
            comments: comments(&said, order),
            reviews,
            state,
            labels,
            changes: changes(&said),
        })
    }

    fn reviews_in(&self, of: &StatementId, order: &Order<'_>) -> Vec<ReviewView> {
        let mut all: Vec<ReviewView> = self
            .counted(&Subject::Review(*of))
            .iter()
            .filter(|p| p.record.state == State::InForce)
            .filter_map(|p| match &p.known.facts {
                Facts::Review(r) => Some(ReviewView {
                    spoken: spoken(p),
                    of: r.of,
                    verdict: r.verdict,
                }),
                _ => None,
            })
            .collect();
        all.sort_by(|a, b| {
            let key = |r: &ReviewView| (order.rank(&r.spoken.institution).0, r.spoken.position);
            (key(a), &a.spoken.institution).cmp(&(key(b), &b.spoken.institution))
        });
        all
    }

    fn adopted(&self, subject: &Subject) -> Vec<AdoptionView> {
        self.counted(subject)
            .iter()
            .rev()
            .filter(|p| p.record.state == State::InForce)
            .filter_map(|p| match &p.known.facts {
                Facts::Adoption(a) => Some(AdoptionView {
                    item: p.known.item?,
                    spoken: spoken(p),
                    version: a.version.clone(),
                    since: a.since.clone(),
                    status: a.status,
                }),
                _ => None,
            })
            .collect()
    }

    /// What the owner said last of a thread or merge request: each of state and labels by the last statement that has it.
    fn owners_word(
        &self,
        item: &StatementId,
        said: &[Placed<'_>],
        labels: Vec<String>,
    ) -> (OpenState, Vec<String>) {
        let ownership = self.owned(item);
        let mut said: Vec<&Placed> = said.iter().collect();
        // Of several owners, the later one's word is the later word.
        said.sort_by_key(|p| {
            let era = ownership
                .as_deref()
                .and_then(|o| o.era(p.handle, p.position));
            (era, p.position)
        });

        let (mut open, mut named) = (OpenState::Open, labels);
        for p in said {
            match &p.known.facts {
                Facts::Thread(Thread::Change { state, labels, .. }) => {
                    open = state.unwrap_or(open);
                    if let Some(labels) = labels {
                        named.clone_from(labels);
                    }
                }
                Facts::MergeRequest(m) => {
                    if let MergeRequest::Change { state, .. } = &**m {
                        open = *state;
                    }
                }
                _ => {}
            }
        }
        (open, named)
    }

    /// The statements about a subject that count, or did until something replaced them.
    pub(super) fn counted(&self, subject: &Subject) -> Vec<Placed<'_>> {
        let mut placed = self.placed(subject);
        placed.retain(|p| p.record.state.counted());
        placed
    }
}

/// The versions of a merge request, if a statement opened one.
fn versions(said: &[Placed<'_>], root: &StatementId) -> Option<Vec<RequestVersion>> {
    let mut versions: Vec<RequestVersion> = said
        .iter()
        .filter_map(|p| {
            let Facts::MergeRequest(m) = &p.known.facts else {
                return None;
            };
            let (target, new) = m.asks()?;
            Some(RequestVersion {
                spoken: spoken(p),
                target: target.to_owned(),
                new: new.to_owned(),
                head: p.record.state == State::InForce,
            })
        })
        .collect();
    // All are of the log of the one that opened it.
    versions.sort_by_key(|v| v.spoken.position);
    if versions.first()?.spoken.id != *root {
        // A version that stands before its opening: it came to its log by a mistake.
        versions.sort_by_key(|v| (v.spoken.id != *root, v.spoken.position));
    }
    Some(versions)
}

pub(super) fn spoken(p: &Placed<'_>) -> Spoken {
    Spoken {
        id: p.known.id,
        institution: p.handle.clone(),
        position: p.position,
        person: p.record.person(),
    }
}

/// The comments of a thread, the opening text among them. Texts that an edit connects are one comment.
fn comments(said: &[Placed<'_>], order: &Order<'_>) -> Vec<Comment> {
    let texts: Vec<&Placed> = said
        .iter()
        .filter(|p| {
            matches!(
                p.known.facts,
                Facts::Thread(Thread::Opens { .. } | Thread::Comment { .. })
            )
        })
        .collect();
    let index: BTreeMap<StatementId, usize> = texts
        .iter()
        .enumerate()
        .map(|(n, p)| (p.known.id, n))
        .collect();
    // Which texts belong together: each points to one of its group that points no further.
    let mut group: Vec<usize> = (0..texts.len()).collect();
    fn find(group: &mut [usize], mut n: usize) -> usize {
        while group[n] != n {
            group[n] = group[group[n]];
            n = group[n];
        }
        n
    }
    for (n, p) in texts.iter().enumerate() {
        for over in &p.known.supersedes {
            if let Some(m) = index.get(over)
                && may_replace(p, texts[*m])
            {
                let (a, b) = (find(&mut group, n), find(&mut group, *m));
                group[a.max(b)] = a.min(b);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<&Placed>> = BTreeMap::new();
    for (n, p) in texts.iter().enumerate() {
        groups.entry(find(&mut group, n)).or_default().push(p);
    }
    let mut out: Vec<Comment> = groups
        .into_values()
        .map(|texts| {
            // One log's, in its order: the smallest is the first, unless an opening is among them.
            let opens = |p: &&&Placed| matches!(p.known.facts, Facts::Thread(Thread::Opens { .. }));
            let first = texts.iter().find(opens).unwrap_or(&texts[0]);
            let mut heads: Vec<Spoken> = texts
                .iter()
                .filter(|p| p.record.state == State::InForce)
                .map(|p| spoken(p))
                .collect();
            order.heads(&mut heads);
            Comment {
                first: spoken(first),
                heads,
                reply_to: match &first.known.facts {
                    Facts::Thread(Thread::Comment { reply_to, .. }) => *reply_to,
                    _ => None,
                },
            }
        })
        .collect();
    out.sort_by(|a, b| {
        let key = |c: &Comment| (order.rank(&c.first.institution).0, c.first.position);
        (key(a), &a.first.institution).cmp(&(key(b), &b.first.institution))
    });
    out
}

/// All that the owner said of a thread or merge request.
fn changes(said: &[Placed<'_>]) -> Vec<OwnersChange> {
    said.iter()
        .filter_map(|p| {
            let (state, labels) = match &p.known.facts {
                Facts::Thread(Thread::Change { state, labels, .. }) => (*state, labels.clone()),
                Facts::MergeRequest(m) => match &**m {
                    MergeRequest::Change { state, .. } => (Some(*state), None),
                    _ => return None,
                },
                _ => return None,
            };
            Some(OwnersChange {
                spoken: spoken(p),
                state,
                labels,
                head: p.record.state == State::InForce,
            })
        })
        .collect()
}
