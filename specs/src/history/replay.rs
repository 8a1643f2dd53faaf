//! A catalogue from bytes that somebody handed out, believing nothing.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::{Judge, Proof, Step, Words, steps};
use crate::{
    charter::{self, Chain},
    fold::{Catalogue, Item, Roots},
    id::{BodyHash, CommonsId, ListHash, StatementId, TreeRoot},
    list,
    name::Handle,
    note::{self, Checkpoint, Note, Origin},
    statement::{Body, Statement},
    succession::{self, Successions},
    tree::{self, Pending},
};

/// A push, and how it is known who moved the refs.
#[derive(Debug, Clone)]
pub struct Told {
    /// The push.
    pub step: Step,
    /// Seconds since 1970 by the clock of the node that took it: for display only.
    pub time: u64,
    /// Who moved the refs, and how that is known.
    pub proof: Proof,
}

/// What was handed out does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No charter, or one that does not follow.
    #[error("the charter does not hold: {0}")]
    Charter(#[from] charter::Error),
    /// It is another commons than the one asked for.
    #[error("the charter is of another commons: {0}")]
    OtherCommons(CommonsId),
    /// There is none.
    #[error("no charter was handed out")]
    NoCharter,
    /// A log's succession of writers.
    #[error("the successions of {0} do not hold: {1}")]
    Succession(Handle, #[source] succession::Error),
    /// Nobody opened the log, or two contradict each other.
    #[error("the log of {0} has no one writer")]
    NoWriter(Handle),
    /// A checkpoint that the writer did not sign.
    #[error("the checkpoint of {0} does not hold: {1}")]
    Note(Handle, #[source] note::Error),
    /// The tree.
    #[error("the log of {0} does not hold: {1}")]
    Tree(Handle, #[source] tree::Error),
    /// The entries are not those that the writer signed.
    #[error(
        "the entries of {handle} are not those that its checkpoint signs: they have the root {found}, not {signed}"
    )]
    Root {
        /// Whose log.
        handle: Handle,
        /// The root of the entries.
        found: TreeRoot,
        /// What the checkpoint says.
        signed: TreeRoot,
    },
    /// Fewer or more entries than the checkpoint covers.
    #[error("the log of {handle} has {found} entries, its checkpoint covers {signed}")]
    Size {
        /// Whose log.
        handle: Handle,
        /// How many were handed out.
        found: u64,
        /// How many were signed.
        signed: u64,
    },
    /// A succession that does not continue the entries.
    #[error("epoch {epoch} of {handle} does not begin with the entries before it")]
    Continuation {
        /// Whose log.
        handle: Handle,
        /// The epoch.
        epoch: u64,
    },
    /// A body that is not the one in the head.
    #[error("the body is not the one that was signed, of statement {0}")]
    Body(StatementId),
    /// A body for a statement that no log holds.
    #[error("no log holds the statement {0}")]
    NoStatement(StatementId),
}

/// A log as far as it was handed out.
#[derive(Debug)]
struct Log {
    checkpoint: Checkpoint,
    /// Up to which size others cosigned it, and who.
    witnessed: (u64, Vec<Handle>),
    hashes: Vec<[u8; 32]>,
    size: u64,
}

#[derive(Debug, Default)]
struct Logs(BTreeMap<Handle, Log>);

impl Roots for Logs {
    fn root(&self, log: &Handle, size: u64) -> Option<TreeRoot> {
        let log = self.0.get(log).filter(|l| size <= l.size)?;
        tree::root(&log.hashes, size).ok()
    }
}

/// A commons that is built again from its charter and some of its logs: every signature and every root is computed
/// here. The caller holds the commons' id from a source of its own, and says which logs it wants.
#[derive(Debug)]
pub struct Replay {
    chain: Chain,
    catalogue: Catalogue,
    logs: Logs,
    successions: BTreeMap<Handle, Successions>,
    /// The only item that matters, if the caller said so.
    about: Option<StatementId>,
    /// The pushes, or those to the item that matters.
    pushes: HashMap<StatementId, Pushed>,
}

/// What is kept of a push beside what the catalogue has.
#[derive(Debug)]
struct Pushed {
    institution: Handle,
    item: Option<StatementId>,
    time: u64,
    promised: Option<BodyHash>,
    /// The body, once it is here.
    body: Option<Vec<u8>>,
}

/// Kinds of statements that decide nothing about other items than the one that they are about, nor about who may say
/// what.
const APART: [&str; 6] = [
    "refs",
    "description",
    "thread",
    "merge-request",
    "review",
    "adoption",
];

impl Replay {
    /// Begins with the charter: its amendments in their order.
    ///
    /// # Errors
    /// The chain does not hold, or is of another commons.
    pub fn begin(commons: &CommonsId, charters: &[Vec<u8>]) -> Result<Self, Fault> {
        let (first, more) = charters.split_first().ok_or(Fault::NoCharter)?;
        let mut chain = Chain::begin(first)?;
        if chain.commons() != *commons {
            return Err(Fault::OtherCommons(chain.commons()));
        }
        for bytes in more {
            chain.add(bytes)?;
        }
        Ok(Self {
            catalogue: Catalogue::new(&chain),
            chain,
            logs: Logs::default(),
            successions: BTreeMap::new(),
            about: None,
            pushes: HashMap::new(),
        })
    }

    /// Only one item matters: every entry is checked as before, and of the others' pushes and what is said about them
    /// nothing is kept. What is told of this item is the same.
    #[must_use]
    pub fn about(mut self, item: StatementId) -> Self {
        self.about = Some(item);
        self
    }

    /// How many pushes are kept.
    pub fn pushes(&self) -> usize {
        self.pushes.len()
    }

    fn matters(&self, statement: &Statement) -> bool {
        match (&statement.head, &self.about) {
            (Some(head), Some(about)) => {
                head.item == Some(*about) || !APART.contains(&head.kind.as_str())
            }
            _ => true,
        }
    }

    /// Takes who may write a log, from its first epoch on.
    ///
    /// # Errors
    /// A succession that the institution's keys did not sign, or that does not follow.
    pub fn succeed(&mut self, handle: &Handle, envelopes: &[Vec<u8>]) -> Result<(), Fault> {
        let successions = self.successions.entry(handle.clone()).or_default();
        for bytes in envelopes {
            successions
                .add(&self.chain, bytes)
                .map_err(|cause| Fault::Succession(handle.clone(), cause))?;
        }
        Ok(())
    }

    /// Whether a succession says who writes a log.
    pub fn has_writer(&self, handle: &Handle) -> bool {
        self.successions
            .get(handle)
            .is_some_and(|s| s.current().is_some())
    }

    /// Opens a log with its checkpoint, and answers how many entries it covers: [`Replay::entry`] takes each,
    /// [`Replay::close`] compares.
    ///
    /// # Errors
    /// The log's writer did not sign the checkpoint.
    pub fn open(&mut self, handle: &Handle, note: &[u8]) -> Result<u64, Fault> {
        let writer = self
            .successions
            .get(handle)
            .filter(|s| !s.forked())
            .and_then(Successions::current)
            .ok_or_else(|| Fault::NoWriter(handle.clone()))?;
        let origin = Origin {
            commons: self.chain.commons(),
            handle: handle.clone(),
            epoch: writer.epoch,
        };
        let failed = |cause| Fault::Note(handle.clone(), cause);
        let note = Note::read(note).map_err(failed)?;
        let checkpoint = note.open(&origin, &writer.writer).map_err(failed)?;
        let size = checkpoint.size;
        let log = Log {
            checkpoint,
            witnessed: (0, Vec::new()),
            hashes: Vec::new(),
            size: 0,
        };
        self.logs.0.insert(handle.clone(), log);
        Ok(size)
    }

    /// Takes the next entry of an open log.
    ///
    /// # Errors
    /// The log is not open.
    pub fn entry(&mut self, handle: &Handle, bytes: &[u8]) -> Result<(), Fault> {
        let missing = || Fault::NoWriter(handle.clone());
        let log = self.logs.0.get_mut(handle).ok_or_else(missing)?;
        let position = log.size;
        let mut tree = Pending::on(&log.hashes, position);
        tree::append(&mut tree, position, tree::leaf_hash(bytes))
            .map_err(|cause| Fault::Tree(handle.clone(), cause))?;
        let (_, new) = tree.into_new();
        log.hashes.extend(new);
        log.size = position + 1;
        // What does not open is a void leaf: allowed, and it says nothing.
        let statement = Statement::open(bytes).ok();
        let statement = statement.filter(|statement| self.matters(statement));
        self.catalogue
            .append_opened(handle, position, statement.as_ref(), &self.logs);
        let Some(statement) = statement else {
            return Ok(());
        };
        if let Some(head) = statement.head.filter(|head| head.kind == "refs") {
            let pushed = Pushed {
                institution: head.institution,
                item: head.item,
                time: head.time,
                promised: head.body,
                body: None,
            };
            self.pushes.insert(statement.id, pushed);
        }
        Ok(())
    }

    /// Ends a log: its entries are those that the checkpoint signs, and every epoch continued the one before.
    ///
    /// # Errors
    /// They are not.
    pub fn close(&mut self, handle: &Handle) -> Result<(), Fault> {
        let missing = || Fault::NoWriter(handle.clone());
        let log = self.logs.0.get(handle).ok_or_else(missing)?;
        if log.size != log.checkpoint.size {
            return Err(Fault::Size {
                handle: handle.clone(),
                found: log.size,
                signed: log.checkpoint.size,
            });
        }
        let root = |size| {
            tree::root(&log.hashes, size).map_err(|cause| Fault::Tree(handle.clone(), cause))
        };
        let found = root(log.size)?;
        if found != log.checkpoint.root {
            return Err(Fault::Root {
                handle: handle.clone(),
                found,
                signed: log.checkpoint.root,
            });
        }
        let successions = self.successions.get(handle).ok_or_else(missing)?;
        for epoch in 0..=log.checkpoint.origin.epoch {
            let begins = successions.epoch(epoch).ok_or_else(missing)?;
            if begins.size > log.size || root(begins.size)? != begins.root {
                return Err(Fault::Continuation {
                    handle: handle.clone(),
                    epoch,
                });
            }
        }
        let epoch = log.checkpoint.origin.epoch;
        self.catalogue.set_tip(handle, epoch, log.size, found);
        Ok(())
    }

    /// Takes a list of changes. Bytes that no statement names change nothing.
    pub fn list(&mut self, bytes: &[u8]) {
        self.catalogue
            .put_list(list::hash(bytes), bytes, &self.logs);
    }

    /// Takes the body of a push.
    ///
    /// # Errors
    /// It is not the one whose hash was signed.
    pub fn body(&mut self, id: &StatementId, body: Body) -> Result<(), Fault> {
        let push = self.pushes.get_mut(id).ok_or(Fault::NoStatement(*id))?;
        if !push.promised.is_some_and(|hash| body.matches(&hash)) {
            return Err(Fault::Body(*id));
        }
        push.body = Some(body.bytes);
        Ok(())
    }

    /// What the logs add up to so far.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The charter.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The institutions whose logs say something about a repository and are not here yet.
    pub fn wanted(&self, item: &StatementId) -> BTreeSet<Handle> {
        let mut named = BTreeSet::new();
        let pushes = self.pushes.values().filter(|p| p.item == Some(*item));
        named.extend(pushes.map(|p| p.institution.clone()));
        named.extend(self.catalogue.named_by(item));
        named.retain(|handle| !self.logs.0.contains_key(handle));
        named
    }

    /// The lists that are still needed to read the history of a repository.
    pub fn lists_wanted(&self, item: &StatementId) -> BTreeSet<ListHash> {
        let pushes = self.catalogue.pushes(item);
        let missing = pushes.iter().filter(|push| push.changes.is_none());
        missing.filter_map(|push| push.list).collect()
    }

    /// An item, as these logs have it.
    pub fn item(&self, item: &StatementId) -> Option<Cow<'_, Item>> {
        self.catalogue.item(item)
    }

    /// The history of a repository, or of one ref of it, oldest first; the times are those of the nodes' clocks.
    pub fn history(&self, item: &StatementId, only: Option<&str>) -> Vec<Told> {
        let mut judge = Judge::new(self.catalogue.names_of(item));
        // A certificate that another ref's push used counts as used.
        let all = steps(&self.catalogue, item, None);
        let told = all.into_iter().map(|step| {
            let push = self.pushes.get(&step.id);
            let words = match (
                push.and_then(|p| p.promised),
                push.and_then(|p| p.body.as_ref()),
            ) {
                (None, _) => Words::None,
                (Some(_), None) => Words::Absent,
                (Some(_), Some(bytes)) => Words::Here(bytes.clone()),
            };
            Told {
                proof: judge.judge(&step, &words),
                time: push.map_or(0, |p| p.time),
                step,
            }
        });
        let wanted = |told: &Told| match (only, &told.step.changes) {
            (Some(only), Some(changes)) => changes.iter().any(|change| change.name == only),
            _ => true,
        };
        told.filter(wanted).collect()
    }

    /// Takes a checkpoint of a closed log with the cosignatures of other institutions. Those that do not hold count
    /// for nothing.
    ///
    /// # Errors
    /// The log's writer did not sign it, or it is of other entries.
    pub fn witnessed(&mut self, handle: &Handle, note: &[u8]) -> Result<(), Fault> {
        let missing = || Fault::NoWriter(handle.clone());
        let failed = |cause| Fault::Note(handle.clone(), cause);
        let note = Note::read(note).map_err(failed)?;
        let claim = note.claim().map_err(failed)?;
        let origin = Origin {
            commons: self.chain.commons(),
            handle: handle.clone(),
            epoch: claim.origin.epoch,
        };
        let successions = self.successions.get(handle).ok_or_else(missing)?;
        let writer = successions.epoch(origin.epoch).ok_or_else(missing)?.writer;
        let checkpoint = note.open(&origin, &writer).map_err(failed)?;
        let found = self.logs.root(handle, checkpoint.size);
        let log = self.logs.0.get_mut(handle).ok_or_else(missing)?;
        // A longer one is of entries that came since, and cannot be compared.
        let Some(found) = found else { return Ok(()) };
        if found != checkpoint.root {
            return Err(Fault::Root {
                handle: handle.clone(),
                found,
                signed: checkpoint.root,
            });
        }
        let commons = origin.commons;
        let others = self
            .successions
            .iter()
            .filter(|(other, _)| *other != handle);
        let by = others.filter(|(other, successions)| {
            let writer = successions.current().map(|s| s.writer);
            writer.is_some_and(|key| note.cosignature(&commons, other, &key).is_some())
        });
        log.witnessed = (
            checkpoint.size,
            by.map(|(other, _)| other.clone()).collect(),
        );
        Ok(())
    }

    /// The institutions that cosigned a checkpoint which covers an entry.
    pub fn witnesses(&self, handle: &Handle, position: u64) -> &[Handle] {
        match self.logs.0.get(handle) {
            Some(log) if position < log.witnessed.0 => &log.witnessed.1,
            _ => &[],
        }
    }
}
