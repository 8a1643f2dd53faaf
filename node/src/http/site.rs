//! What the web asks of the node. The handlers see this trait only, so each can be tried with any state of a
//! commons; [`crate::site`] answers with the node's own.

use std::{collections::BTreeMap, io, ops::Range, sync::Arc};

use bytes::Bytes;
use commun_forge::{
    attribution::Credit,
    citation::Cited,
    git::{CacheStats, Oid, Repository},
    text::{Document, Drawn, Format},
};
use commun_index::{Answer, Completion, Counted, Query, QueryError};
use commun_specs::{
    files::FileEntry,
    fold::Catalogue,
    id::{CommonsId, StatementId, TreeRoot},
    key::PublicKey,
    name::{Handle, Slug},
    tree::Hashes,
};
use futures::{future::BoxFuture, stream::BoxStream};
use tokio::sync::watch;

use super::{
    problem::Problem,
    publish::{Published, Upload},
};
use crate::{
    adapt::Comparison,
    adoptions::{Adoption, Given},
    blobs::Keeping,
    collections::Member,
    core::Witnessed,
    drawings::Undrawn,
    history::{Foundations, History, Part, Signature},
    items::{Evidence, Neighbour, Shown},
    maintenance::Upkeep,
    operator::Operator,
    quota::Usage,
    similar::Similar,
    store::Hiding,
};

/// The node cannot answer: its disk or its database fails. The message is for its log, not for readers.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

/// How an item is named in an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// `handle/slug`.
    Name(Handle, Slug),
    /// An id, or the beginning of one (8 characters or more).
    Id(String),
}

/// Several items have an id that begins so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Several;

impl Which {
    /// The id of the item that is meant, if a catalogue has it.
    ///
    /// # Errors
    /// The beginning of an id that several items share.
    pub fn find(&self, catalogue: &Catalogue) -> Result<Option<StatementId>, Several> {
        match self {
            Which::Name(handle, slug) => Ok(catalogue.by_name(handle, slug)),
            Which::Id(prefix) => match catalogue.by_prefix(prefix, 2).as_slice() {
                [] => Ok(None),
                [one] => Ok(Some(*one)),
                _ => Err(Several),
            },
        }
    }
}

/// An item, or why there is none.
#[derive(Debug, Clone)]
pub enum Found {
    /// This one.
    One(Box<Shown>),
    /// The beginning of an id that several items share.
    Several,
    /// This node does not show it.
    Hidden(Hiding),
    /// None.
    None,
}

/// What changed between two versions.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Whose versions these are.
    pub item: Which,
    /// The older one.
    pub from: StatementId,
    /// The newer one.
    pub to: StatementId,
    /// What changed.
    pub changes: Comparison,
}

/// Who this node is.
#[derive(Debug, Clone)]
pub struct Me {
    /// The node's key.
    pub node: PublicKey,
    /// Its institution.
    pub handle: Handle,
    /// Its commons.
    pub commons: CommonsId,
    /// The commons' name.
    pub commons_name: String,
    /// Where Git is served over SSH (`ssh://git@HOST:PORT`), if it is.
    pub ssh: Option<String>,
}

/// A member of the commons.
#[derive(Debug, Clone)]
pub struct Institution {
    /// Its handle.
    pub handle: Handle,
    /// Its name for people.
    pub name: String,
    /// Its ROR address, if the charter states it.
    pub ror: Option<String>,
    /// Whether it has left.
    pub former: bool,
    /// Web addresses of its nodes.
    pub urls: Vec<String>,
}

/// What the charter in force says, for people.
#[derive(Debug, Clone, Default)]
pub struct Charter {
    /// Its number.
    pub number: u64,
    /// Since when, seconds since 1970.
    pub time: u64,
    /// The licences that are accepted; empty: any.
    pub licences: Vec<String>,
    /// What a resource must say of itself.
    pub required: Vec<String>,
    /// How many institutions should hold each item's content.
    pub copies: u64,
}

/// All that the status page and the metrics say.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// Number of the charter in force.
    pub charter: u64,
    /// How many institutions it lists.
    pub institutions: usize,
    /// Whether this node writes its institution's log.
    pub writer: bool,
    /// Whether it may sign yet: false until the others have said how long its log is.
    pub may_sign: bool,
    /// Every log.
    pub logs: Vec<LogStatus>,
    /// Every other node.
    pub peers: Vec<PeerStatus>,
    /// How many items the catalogue has.
    pub items: u64,
    /// The journal's length.
    pub position: u64,
    /// The fold's version.
    pub fold: u64,
    /// The catalogue's root.
    pub root: String,
    /// Up to which journal line the index is fed.
    pub index_position: u64,
    /// How many documents it has.
    pub index_documents: u64,
    /// Items whose content is still to come.
    pub wanted: u64,
    /// Items whose content is here.
    pub held: u64,
    /// Bytes of that content.
    pub bytes: u64,
    /// Bytes of content that other nodes sent since the start.
    pub received: u64,
    /// What each institution takes here.
    pub usage: Vec<Usage>,
    /// How the repositories are kept.
    pub upkeep: Upkeep,
    /// What the cache of packs did, if there is one.
    pub packs: Option<CacheStats>,
    /// What peers sent that was refused: kind and count.
    pub offences: Vec<(String, u64)>,
    /// Where Git is served over SSH, if it is, and the fingerprint of the host key.
    pub ssh: Option<(String, String)>,
    /// Whether this system does not keep the program that reads documents from files and network.
    pub unconfined: bool,
}

/// One log.
#[derive(Debug, Clone)]
pub struct LogStatus {
    /// Whose.
    pub handle: Handle,
    /// Its current epoch.
    pub epoch: u64,
    /// How many entries are here.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: TreeRoot,
    /// How many entries others are known to have beyond.
    pub behind: u64,
    /// How it stands.
    pub state: LogState,
    /// Up to where other institutions have cosigned it.
    pub witnessed: Option<Witnessed>,
}

/// How a log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogState {
    /// All that is known of is here.
    Ok,
    /// Others have more.
    Behind,
    /// Its writer contradicted itself.
    Frozen,
    /// Its institution left.
    Former,
}

impl LogState {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            LogState::Ok => "ok",
            LogState::Behind => "behind",
            LogState::Frozen => "frozen",
            LogState::Former => "former",
        }
    }
}

/// One other node.
#[derive(Debug, Clone)]
pub struct PeerStatus {
    /// Its key.
    pub node: PublicKey,
    /// Its institution.
    pub handle: Handle,
    /// Whether it answers.
    pub connected: bool,
    /// Round trip in milliseconds, if measured.
    pub rtt_ms: Option<f64>,
    /// `direct` or `relay`, if connected.
    pub path: Option<&'static str>,
}

/// One line of the change feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLine {
    /// The journal line.
    pub position: u64,
    /// Whether the item is in force (else it is gone from search).
    pub put: bool,
    /// The item.
    pub item: StatementId,
}

/// A log opened for reading: the tree's hashes and the entries, up to the size of an epoch.
pub trait LogReader: Hashes {
    /// The checkpoint's note of the epoch asked for, if one is kept.
    fn checkpoint(&self) -> Option<Vec<u8>>;
    /// The longest checkpoint's note with the cosignatures of other institutions, if there is one.
    fn witnessed(&self) -> Option<Vec<u8>>;
    /// How many entries the epoch covers.
    fn size(&self) -> u64;
    /// The bytes of an entry.
    fn entry(&self, position: u64) -> Result<Option<Vec<u8>>, Fault>;
}

/// Bytes as they come.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// The node as the web sees it. Unless they return a future, methods block for a short while.
pub trait Site: Send + Sync + 'static {
    /// Who this node is.
    fn me(&self) -> Me;
    /// Begins to take in a large file that is being received; `None` where it is to be kept in a file of its own first.
    fn keep(&self) -> Option<Keeping> {
        None
    }
    /// How it is doing.
    fn status(&self) -> Result<Status, Fault>;
    /// Members and former members, by handle.
    fn institutions(&self) -> Result<Vec<Institution>, Fault>;
    /// Searches.
    fn search(&self, query: &Query) -> Result<Answer, QueryError>;
    /// An item.
    fn item(&self, which: &Which) -> Result<Found, Fault>;
    /// Who answers for this node.
    fn operator(&self) -> Operator {
        Operator::default()
    }
    /// What the charter says.
    fn charter(&self) -> Charter {
        Charter::default()
    }
    /// Everybody who made something with an author, the author too.
    fn with_author(&self, _key: &str) -> Result<Vec<Counted>, QueryError> {
        Ok(Vec::new())
    }
    /// The licences of items, each with how many have it; those without one are left out.
    fn licences_of(&self, _ids: &[String]) -> Result<BTreeMap<String, u64>, QueryError> {
        Ok(BTreeMap::new())
    }
    /// What others use of an institution's items.
    fn given(&self, _institution: &Handle) -> Result<Given, Fault> {
        Ok(Given::default())
    }
    /// Completes what somebody types in the search box, in the page's language; never by a title of what is withdrawn or
    /// hidden.
    fn complete(&self, typed: &str, lang: &str) -> Result<Vec<Completion>, QueryError>;
    /// What to show beside an item: the same work in other languages, and at most `limit` items that are like it, both
    /// without what is withdrawn or hidden, in an order that every node has. `lang` is the page's language, in which
    /// titles and summaries come where they exist. Empty for an item that is not shown. Ask inside [`Web::ask`]: it
    /// takes some milliseconds. A page shows each hit as a search does.
    ///
    /// [`Web::ask`]: super::Web
    fn similar(&self, item: &StatementId, lang: &str, limit: usize) -> Result<Similar, Fault>;
    /// What an institution uses, by its own statements.
    fn adopted_by(&self, institution: &Handle) -> Result<Vec<(Neighbour, Adoption)>, Fault>;
    /// The answer for a file that is not given out here, whichever item names it: 410 if it was erased, 451 if it is
    /// hidden.
    fn blocked(&self, _file: &FileEntry) -> Option<Problem> {
        None
    }
    /// How many institutions are known to hold an item's content, and whether this one does.
    fn copies(&self, item: &str) -> (u64, bool);
    /// The members of a collection, those at these places with their titles; empty for what is none.
    fn members(&self, collection: &StatementId, titles: Range<usize>)
    -> Result<Vec<Member>, Fault>;
    /// Two versions of an item compared ([`sides`](crate::adapt::sides)); `None` where the words of one of them are not here.
    fn compare(
        &self,
        item: &StatementId,
        from: Option<StatementId>,
        to: Option<StatementId>,
    ) -> BoxFuture<'static, Result<Option<Compared>, Problem>>;
    /// The statements about an item, by log and position.
    fn statements(&self, item: &StatementId) -> Result<Vec<Evidence>, Fault>;
    /// A part of the history of a repository, or of one of its refs.
    fn history(&self, item: &StatementId, only: Option<&str>, part: Part)
    -> Result<History, Fault>;
    /// The charter and the successions, which every proof begins with.
    fn foundations(&self) -> Foundations;
    /// Whose signatures stand under commits or tags of a repository that is here, in their order; empty where it is
    /// not here.
    fn signatures(&self, item: &StatementId, oids: &[Oid]) -> Result<Vec<Signature>, Fault>;
    /// Changes after a journal line, with the line that they are complete up to.
    fn changes(&self, since: u64) -> Result<(u64, Vec<ChangeLine>), Fault>;
    /// The journal's length, each time that it grows.
    fn grown(&self) -> watch::Receiver<u64>;
    /// Runs `read` on a log; `None` for one that is not there, or an epoch that is not.
    fn log(
        &self,
        handle: &Handle,
        epoch: Option<u64>,
        read: &mut dyn FnMut(&dyn LogReader) -> Result<(), Fault>,
    ) -> Result<Option<()>, Fault>;
    /// A repository that is here.
    fn repository(&self, item: &StatementId) -> Result<Option<Repository>, Fault>;
    /// The repositories that are here, withdrawn ones among them.
    fn repositories(&self) -> Result<Vec<StatementId>, Fault>;
    /// A file of at most `most` bytes whole, verified; `None` while this node does not hold it.
    fn read(
        &self,
        file: &FileEntry,
        most: u64,
    ) -> BoxFuture<'static, Result<Option<Vec<u8>>, Fault>>;
    /// A part of a file, verified; `None` while this node does not hold it.
    fn open(
        &self,
        file: &FileEntry,
        range: Range<u64>,
    ) -> BoxFuture<'static, Result<Option<ByteStream>, Fault>>;
    /// A page of a PDF document as a picture; the first one is 1. It goes on being drawn when the future is dropped.
    fn page(&self, file: &FileEntry, page: u32) -> BoxFuture<'static, Result<Arc<Drawn>, Undrawn>>;
    /// The words of a document. It goes on being read when the future is dropped.
    fn words(
        &self,
        file: &FileEntry,
        format: Format,
    ) -> BoxFuture<'static, Result<Arc<Document>, Undrawn>>;
    /// Title, authors, source and licence of an item and of what it was made from, itself first.
    fn credits(
        &self,
        item: &StatementId,
        lang: &'static str,
    ) -> BoxFuture<'static, Result<Vec<Credit>, Fault>>;
    /// What a citation of an item says; `None` for what is not here.
    fn cited(&self, item: &StatementId, lang: &'static str) -> Result<Option<Cited>, Fault>;
    /// Whether somebody with this token may publish here: else why not.
    fn may_publish(&self, token: &str) -> Result<(), Problem>;
    /// Publishes: a new item, or a version of one. `upload`'s files are the callee's to take or leave.
    fn publish(
        &self,
        token: String,
        upload: Upload,
        item: Option<StatementId>,
    ) -> BoxFuture<'static, Result<Published, Problem>>;
}
