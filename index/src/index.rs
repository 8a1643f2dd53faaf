//! The index itself: feeding it and searching it.

mod among;
mod complete;
mod similar;

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy};
use tantivy::schema::Value;
use tantivy::{
    DocAddress, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError,
    Term,
};
use tracing::warn;

use super::answer::Answer;
use super::authors;
use super::document::{Change, Document};
use super::error::{Error, QueryError};
use super::facet::Facet;
use super::folder::Folder;
use super::gather::{Gather, Gathered};
use super::guard::caught;
use super::known::{Known, Values};
use super::language::Analyser;
use super::parse::parse;
use super::plan::{Plan, Planner};
use super::query::Query;
use super::schema::Fields;
use super::show;
use super::statistics::Statistics;
use super::tokens;
pub use complete::{Completion, MAX_COMPLETIONS};
pub use similar::Like;

/// Memory in which a segment is built before it is written, at most: a batch of a small node takes little of it, and a full batch
/// of a node that catches up fits, so that it is one segment and not several that are merged again.
const WRITER_BYTES: usize = 50_000_000;
/// Share of deleted documents from which a segment is rewritten without them.
const MAX_DELETED: f32 = 0.3;
/// How many segments of about the same size are merged into one.
const MERGE_SEGMENTS: usize = 8;
/// Segments of up to this many documents are of the same size. The engine's default, 10,000, is
/// the whole index of a small commons, which every eighth commit would copy.
const SMALL_SEGMENT: u32 = 64;
/// Ratio, as a power of two, between the largest and the smallest segments of the same size: few
/// levels, and so few segments to search, for about one copy of each document per level.
const LEVEL_LOG_SIZE: f64 = 3.0;
/// Decompressed blocks of stored documents kept per segment (16 KiB each or one long document).
const STORE_CACHE_BLOCKS: usize = 8;
/// Most values per facet in an answer; more are not read by anybody.
const MAX_FACET_VALUES: usize = 200;

/// A full-text index of items in a folder. It is a cache of the catalogue: deleting the folder
/// loses nothing that feeding from 0 does not bring back.
///
/// Share it in an `Arc`: searches run side by side with each other and with [`apply`](Self::apply),
/// and see what was committed, a batch at a time. All methods block; call them outside an async runtime.
///
/// Dropping it ends its threads and waits for merges that are under way, which can take seconds on
/// an index of a million items. A crash at any moment, `kill -9` included, leaves the state of
/// the last [`apply`](Self::apply) that returned, or of one that was about to.
pub struct Index {
    fields: Fields,
    reader: IndexReader,
    writer: Mutex<Slot>,
    snapshot: RwLock<Arc<Snapshot>>,
    known: Known,
    index: tantivy::Index,
    // Last: the lock goes when everything else has.
    folder: Folder,
}

/// Where the writer is.
#[derive(Default)]
struct Slot {
    /// Made by the first change: a node that only answers does not pay for it.
    writer: Option<IndexWriter>,
    /// Whether changes were handed over that are not committed; without a writer they are lost.
    staged: bool,
}

/// One committed state.
struct Snapshot {
    searcher: Searcher,
    statistics: Statistics,
    cursor: Option<u64>,
    /// The values of its facets, once a search has counted them.
    values: OnceLock<Values>,
}

impl Drop for Index {
    fn drop(&mut self) {
        let slot = self.writer.get_mut();
        if let Some(writer) = slot.unwrap_or_else(PoisonError::into_inner).writer.take() {
            retire(writer);
        }
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("documents", &self.documents())
            .field("cursor", &self.cursor())
            .finish_non_exhaustive()
    }
}

impl Index {
    /// Opens the index in a folder, which is created where it is missing. An index of another
    /// version, or a damaged one, is deleted and made anew, empty; [`cursor`](Self::cursor)
    /// then is `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] while another process has it open, [`Error::Folder`] and
    /// [`Error::Engine`] when files cannot be read or made.
    pub fn open(dir: &Path) -> Result<Index, Error> {
        let folder = Folder::lock(dir)?;
        let fields = Fields::new();
        let index = folder.open(&fields)?;
        tokens::register(index.tokenizers());
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE_BLOCKS)
            .try_into()?;
        let snapshot = Arc::new(Snapshot::take(&index, &reader, &fields, None)?);
        Ok(Index {
            fields,
            reader,
            writer: Mutex::default(),
            snapshot: RwLock::new(snapshot),
            known: Known::default(),
            index,
            folder,
        })
    }

    /// The cursor of the newest batch, or `None` for an empty index that wants to be fed from 0.
    pub fn cursor(&self) -> Option<u64> {
        self.snapshot().cursor
    }

    /// How many documents are in force.
    pub fn documents(&self) -> u64 {
        self.snapshot().searcher.num_docs()
    }

    /// Makes a batch of changes, in order, durable and visible together with the cursor and with what was
    /// [handed over](Self::stage) before. Call it from one thread; a batch costs a few file syncs, so gather what has piled
    /// up.
    ///
    /// # Errors
    ///
    /// Nothing of the batch is kept then, nor of what was handed over before; all of it can be repeated.
    pub fn apply(&self, changes: Vec<Change>, cursor: u64) -> Result<(), Error> {
        self.commit(Some(cursor), |writer| self.add(writer, changes))
    }

    /// Hands over a part of a batch, which [`apply`](Self::apply) commits: the engine works on it beside the caller, and
    /// documents of a long batch need not all be in memory. [`purge`](Self::purge) makes a part visible early, under the
    /// cursor of before.
    ///
    /// # Errors
    ///
    /// Nothing that was handed over since the last [`apply`](Self::apply) is kept then; it can be repeated.
    pub fn stage(&self, changes: Vec<Change>) -> Result<(), Error> {
        self.write(|writer| self.add(writer, changes))?.staged = true;
        Ok(())
    }

    fn add(&self, writer: &mut IndexWriter, changes: Vec<Change>) -> tantivy::Result<()> {
        for change in changes {
            let id = match &change {
                Change::Put(document) => &document.id,
                Change::Remove(id) => id,
            };
            writer.delete_term(Term::from_field_text(self.fields.id, id));
            if let Change::Put(document) = change {
                writer.add_document(self.fields.project(&document))?;
            }
        }
        Ok(())
    }

    /// Removes all documents and the cursor, to be fed from 0.
    ///
    /// # Errors
    ///
    /// The index is unchanged then.
    pub fn clear(&self) -> Result<(), Error> {
        self.commit(None, |writer| {
            writer.delete_all_documents()?;
            Ok(())
        })
    }

    /// Rewrites all files that still hold documents which were removed or replaced, so that
    /// nothing of them is left in the folder. To be called after an erasure; otherwise the files
    /// are rewritten when enough has piled up. Takes as long as it takes to copy those files.
    ///
    /// # Errors
    ///
    /// What is searched is unchanged then, and the call can be repeated.
    pub fn purge(&self) -> Result<(), Error> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut writer) = slot.writer.take() {
            if slot.staged {
                let kept = commit(&mut writer, self.cursor());
                slot.staged = kept.is_err();
                kept?;
            }
            retire(writer);
        }
        let mut writer = self.new_writer()?;
        // Nobody else may merge what is merged here.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for segment in self.index.searchable_segment_metas()? {
            if segment.has_deletes() {
                writer.merge(&[segment.id()]).wait()?;
            }
        }
        // The old state keeps its files until it is let go.
        self.renew()?;
        writer.garbage_collect_files().wait()?;
        retire(writer);
        Ok(())
    }

    /// Answers a query.
    ///
    /// The same documents give the same answer on every node, whatever their history: statistics
    /// are those of the documents in force, sums do not depend on their order, and ties go to the
    /// smaller id.
    ///
    /// # Errors
    ///
    /// A refusal that names the limit, or [`QueryError::Index`]; with [`Error::Damaged`] inside it
    /// the next [`open`](Self::open) of the folder starts anew.
    pub fn search(&self, query: &Query) -> Result<Answer, QueryError> {
        query.check()?;
        let group = parse(&query.text)?;
        let snapshot = self.snapshot();
        self.guarded(|| self.answer(&snapshot, query, &group))?
    }

    /// Reads from the index; the engine may panic on files that were damaged after they were opened.
    fn guarded<T>(&self, read: impl FnOnce() -> tantivy::Result<T>) -> Result<T, QueryError> {
        match caught(read) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if !is_damage(&error) => Err(Error::from(error).into()),
            Ok(Err(error)) => Err(self.damaged(error.to_string()).into()),
            Err(_) => Err(self.damaged("the engine panicked".to_owned()).into()),
        }
    }

    /// Everybody who made something together with an author, with them, by how many items they share: the author's own
    /// entries, one for each way to write their name, are among them.
    ///
    /// Looks at the items of this author only.
    ///
    /// # Errors
    ///
    /// As [`search`](Self::search).
    pub fn with_author(&self, key: &str) -> Result<Vec<authors::Counted>, QueryError> {
        let snapshot = self.snapshot();
        self.guarded(|| authors::with(&self.fields, &snapshot.searcher, key))
    }

    fn damaged(&self, what: String) -> Error {
        self.folder.condemn(&what);
        Error::Damaged { what }
    }

    fn answer(
        &self,
        snapshot: &Snapshot,
        query: &Query,
        group: &super::parse::Group,
    ) -> tantivy::Result<Result<Answer, QueryError>> {
        let searcher = &snapshot.searcher;
        let planner = Planner::new(searcher, &self.fields, &snapshot.statistics, query, group);
        if let Some(refusal) = planner.refusal(group)? {
            return Ok(Err(refusal));
        }
        let mut plan = planner.plan(group)?;
        let newest = snapshot.statistics.newest;
        let values = match query.facets {
            true => Some(self.values(snapshot)?),
            false => None,
        };
        let gather = |plan: &Plan| {
            let gather = || Gather::new(query, plan.scored, newest, values);
            if let Some(everything) = gather().everything(searcher, &self.known)? {
                return Ok(everything);
            }
            let narrowed = authors::narrowed(&self.fields, &query.authors, plan.query.box_clone());
            searcher.search(&*narrowed, &gather())
        };
        let mut gathered = gather(&plan)?;
        let mut unquoted = false;
        if gathered.total == 0
            && !query.exact
            && let Some(loose) = group.unquoted()
        {
            plan = self.planner(snapshot, query, &loose).plan(&loose)?;
            let quoted = std::mem::replace(&mut gathered, gather(&plan)?);
            unquoted = gathered.total > 0;
            // With a filter less, what has the words together would be found first.
            if !unquoted {
                for (missed, quoted) in gathered.missed.iter_mut().zip(quoted.missed) {
                    *missed = if quoted > 0 { quoted } else { *missed };
                }
            }
        }
        let documents = self.stored(searcher, &gathered)?;
        let mut page = show::Page {
            searcher,
            fields: &self.fields,
            query,
            plan: &plan,
            newest,
            analyser: Analyser::new(),
        };
        let corrected = page.corrections(&documents);
        let mut hits = Vec::with_capacity(documents.len());
        for (found, document) in gathered.matches.iter().zip(documents) {
            hits.push(page.hit(found, document)?);
        }
        let without = Facet::ALL.into_iter().zip(gathered.missed);
        let without = without.filter(|(facet, _)| !facet.selected(query).is_empty());
        Ok(Ok(Answer {
            total: gathered.total,
            hits,
            without: without
                .map(|(facet, missed)| (facet.name(), gathered.total + missed))
                .collect(),
            facets: facets(query, gathered.counts),
            suggestion: page.suggestion(&corrected),
            corrected,
            unquoted,
            cursor: snapshot.cursor.unwrap_or(0),
        }))
    }

    fn stored(&self, searcher: &Searcher, gathered: &Gathered) -> tantivy::Result<Vec<Document>> {
        let mut documents = Vec::with_capacity(gathered.matches.len());
        for found in &gathered.matches {
            documents.push(self.document(searcher, found.address, &found.id)?);
        }
        Ok(documents)
    }

    fn values<'s>(&self, snapshot: &'s Snapshot) -> tantivy::Result<&'s Values> {
        if snapshot.values.get().is_none() {
            let values = self.known.values(&snapshot.searcher)?;
            // Another search may have been faster: the values are the same.
            let _ = snapshot.values.set(values);
        }
        Ok(snapshot.values.get().expect("it was just set"))
    }

    /// The document at an address, whose id is known.
    fn document(
        &self,
        searcher: &Searcher,
        address: DocAddress,
        id: &str,
    ) -> tantivy::Result<Document> {
        let json = self.stored_text(searcher, address)?;
        serde_json::from_str(&json).map_err(|error| {
            let what = format!("stored document of {id}: {error}");
            TantivyError::InternalError(what)
        })
    }

    /// The stored document at an address, as it was written.
    fn stored_text(&self, searcher: &Searcher, address: DocAddress) -> tantivy::Result<String> {
        let stored: TantivyDocument = searcher.doc(address)?;
        let text = stored.get_first(self.fields.stored);
        Ok(text
            .and_then(|text| text.as_str())
            .unwrap_or_default()
            .to_owned())
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        // The lock is only held to copy or to replace the handle: it cannot be left half-way.
        let snapshot = self.snapshot.read();
        snapshot.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn commit(
        &self,
        cursor: Option<u64>,
        change: impl FnOnce(&mut IndexWriter) -> tantivy::Result<()>,
    ) -> Result<(), Error> {
        let change = |writer: &mut IndexWriter| {
            change(writer)?;
            commit(writer, cursor)
        };
        // Held until the new state is searched.
        let mut slot = self.write(change)?;
        slot.staged = false;
        self.renew()
    }

    /// Lets a writer do something. If that fails, or if what was handed over before is lost, all that was not committed goes.
    fn write(
        &self,
        change: impl FnOnce(&mut IndexWriter) -> tantivy::Result<()>,
    ) -> Result<MutexGuard<'_, Slot>, Error> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let staged = std::mem::take(&mut slot.staged);
        let mut writer = match slot.writer.take() {
            Some(writer) => writer,
            None if staged => return Err(Error::Lost),
            None => self.new_writer()?,
        };
        if let Err(error) = change(&mut writer) {
            retire(writer);
            return Err(error.into());
        }
        *slot = Slot {
            writer: Some(writer),
            staged,
        };
        Ok(slot)
    }

    /// Makes the committed state the one that is searched.
    fn renew(&self) -> Result<(), Error> {
        self.reader.reload()?;
        let old = self.snapshot();
        let new = Snapshot::take(
            &self.index,
            &self.reader,
            &self.fields,
            Some(&old.statistics),
        )?;
        *self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(())
    }

    fn new_writer(&self) -> Result<IndexWriter, Error> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(WRITER_BYTES)
            .num_merge_threads(1)
            .build();
        let writer = self.index.writer_with_options(options)?;
        let mut merges = LogMergePolicy::default();
        merges.set_min_num_segments(MERGE_SEGMENTS);
        merges.set_min_layer_size(SMALL_SEGMENT);
        merges.set_level_log_size(LEVEL_LOG_SIZE);
        merges.set_del_docs_ratio_before_merge(MAX_DELETED);
        writer.set_merge_policy(Box::new(merges));
        Ok(writer)
    }
}

impl Snapshot {
    fn take(
        index: &tantivy::Index,
        reader: &IndexReader,
        fields: &Fields,
        old: Option<&Statistics>,
    ) -> Result<Snapshot, Error> {
        let searcher = reader.searcher();
        let statistics = Statistics::of(&searcher, fields, old)?;
        let payload = index.load_metas()?.payload;
        Ok(Snapshot {
            searcher,
            statistics,
            cursor: payload.and_then(|payload| payload.parse().ok()),
            values: OnceLock::new(),
        })
    }
}

/// Commits what was changed, with its cursor.
fn commit(writer: &mut IndexWriter, cursor: Option<u64>) -> tantivy::Result<()> {
    let mut prepared = writer.prepare_commit()?;
    if let Some(cursor) = cursor {
        prepared.set_payload(&cursor.to_string());
    }
    prepared.commit()?;
    Ok(())
}

/// Ends a writer together with the merges it started. Left alone, these would go on writing to the
/// folder, and end by replacing the list of segments that the next writer has made meanwhile.
fn retire(writer: IndexWriter) {
    if let Err(error) = writer.wait_merging_threads() {
        warn!(%error, "a merge of the search index failed");
    }
}

/// Whether an error while reading means that the files are wrong, and not the system.
fn is_damage(error: &TantivyError) -> bool {
    match error {
        TantivyError::DataCorruption(_)
        | TantivyError::InternalError(_)
        | TantivyError::SchemaError(_) => true,
        TantivyError::IoError(error) => matches!(
            error.kind(),
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::Other
        ),
        _ => false,
    }
}

/// Sorts counts for people: most frequent first, what is selected always there.
fn facets(
    query: &Query,
    counts: [BTreeMap<String, u64>; Facet::ALL.len()],
) -> BTreeMap<&'static str, Vec<(String, u64)>> {
    if !query.facets {
        return BTreeMap::new();
    }
    let sorted = Facet::ALL.into_iter().zip(counts).map(|(facet, counts)| {
        let selected = facet.selected(query);
        let mut values: Vec<(String, u64)> = counts.into_iter().collect();
        values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let rest = values.split_off(values.len().min(MAX_FACET_VALUES));
        values.extend(
            rest.into_iter()
                .filter(|(value, _)| selected.contains(value)),
        );
        for value in selected {
            if !values.iter().any(|(known, _)| known == value) {
                values.push((value.clone(), 0));
            }
        }
        (facet.name(), values)
    });
    sorted.collect()
}

#[cfg(test)]
mod tests;
