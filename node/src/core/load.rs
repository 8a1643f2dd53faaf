//! What is derived from `log.db`, read at each start: charter, successions, and the journal folded again.

use std::collections::BTreeMap;

use commun_specs::{
    charter::Chain,
    fold::{Catalogue, Delta},
    id::StatementId,
    name::Handle,
    note::Note,
    statement::Statement,
    succession::Successions,
    sync::Evidence,
    tree,
};

use super::{OpenError, State, StoredRoots, Tip, writer};
use crate::{
    changes::Changes,
    store::{self, EntryRow, JournalEntry, LogRow, Store},
};

/// Reads charter and successions, and folds the whole journal; lines that `changes` does not know yet are added.
pub(super) fn load(store: &Store, changes: &mut Changes) -> Result<(State, u64), OpenError> {
    let damaged = |what: String| OpenError::Store(store::Error::Damaged(what));
    let charters = store.charters()?;
    let first = charters.first().ok_or(OpenError::NotInitialised)?;
    let mut chain = Chain::begin(first).map_err(|e| damaged(format!("charter 0: {e}")))?;
    let mut catalogue = Catalogue::new(&chain);
    let mut tips = BTreeMap::new();
    for row in store.logs()? {
        tips.insert(row.handle.clone(), tip(store, row)?);
    }
    if changes.cursor()? > store.journal_len()? {
        // log.db is an older copy than catalogue.db: what was derived from the newer one does not count.
        tracing::warn!("catalogue.db is ahead of log.db; deriving it again");
        changes.clear()?;
    }
    let known = changes.cursor()?;
    let mut seq = 0;
    loop {
        let lines = store.journal(seq, LINES)?;
        let Some(last) = lines.last() else { break };
        seq = last.seq;
        let mut new = Vec::new();
        let mut rest = &lines[..];
        while let Some(line) = rest.first() {
            let (delta, n) = match &line.log {
                None => (
                    fold_charter(store, &mut chain, &charters, line, &mut catalogue)?,
                    1,
                ),
                Some(handle) => fold_run(store, &tips, handle, rest, &mut catalogue)?,
            };
            let upto = rest[n - 1].seq;
            let erased = writer::drop_erased(store, &catalogue, &delta)?;
            if upto > known {
                let items = delta.items.into_iter().chain(erased);
                new.extend(items.map(|item| (upto, item)));
            }
            rest = &rest[n..];
        }
        if seq > known {
            changes.add(&new, seq)?;
        }
    }
    for t in tips.values().filter(|t| t.size > 0) {
        catalogue.set_tip(&t.handle, t.epoch, t.size, t.root);
    }
    let mut successions: BTreeMap<Handle, Successions> = BTreeMap::new();
    for bytes in store.successions()? {
        let (s, _) = commun_specs::succession::Succession::open(&bytes)
            .map_err(|e| damaged(format!("a succession: {e}")))?;
        let all = successions.entry(s.institution.clone()).or_default();
        if let Err(e) = all.add(&chain, &bytes) {
            // It held when it was stored; a later amendment may have settled it otherwise.
            tracing::warn!(
                "a stored succession of {} does not hold any more: {e}",
                s.institution
            );
        }
    }
    for bytes in store.forks()? {
        if let Err(e) = chain.add(&bytes) {
            tracing::warn!("a stored second amendment does not hold any more: {e}");
        }
    }
    for (handle, all) in successions.iter().filter(|(_, all)| all.forked()) {
        if let (Some(t), Some(current)) = (tips.get_mut(handle), all.current()) {
            let (handle, epoch) = (handle.clone(), current.epoch);
            t.frozen = Some(Evidence::Successions { handle, epoch });
        }
    }
    for (log, active, bytes) in store.evidence()? {
        if let Some(t) = Handle::new(&log)
            .ok()
            .and_then(|h| tips.get_mut(&h))
            .filter(|_| active)
        {
            t.frozen = Some(
                serde_json::from_slice(&bytes)
                    .map_err(|e| damaged(format!("evidence against {log}: {e}")))?,
            );
        }
    }
    Ok((
        State {
            chain,
            successions,
            tips,
            catalogue,
        },
        seq,
    ))
}

/// Lines of the journal that are read at once.
const LINES: u64 = 1_000;

fn fold_charter(
    store: &Store,
    chain: &mut Chain,
    charters: &[Vec<u8>],
    line: &JournalEntry,
    catalogue: &mut Catalogue,
) -> Result<Delta, OpenError> {
    let damaged = |what: String| OpenError::Store(store::Error::Damaged(what));
    if line.position > 0 {
        let at = usize::try_from(line.position).ok();
        let bytes = at
            .and_then(|at| charters.get(at))
            .ok_or_else(|| damaged(format!("charter {} is missing", line.position)))?;
        chain
            .add(bytes)
            .map_err(|e| damaged(format!("charter {}: {e}", line.position)))?;
    }
    Ok(catalogue.set_charter(chain, &StoredRoots(store)))
}

/// Folds the run of lines that follow one another in one log; says how many they were.
fn fold_run(
    store: &Store,
    tips: &BTreeMap<Handle, Tip>,
    handle: &Handle,
    lines: &[JournalEntry],
    catalogue: &mut Catalogue,
) -> Result<(Delta, usize), OpenError> {
    let missing =
        |position: u64| store::Error::Damaged(format!("entry {position} of {handle} is missing"));
    let row = tips.get(handle).ok_or_else(|| missing(0))?.row;
    let first = lines[0].position;
    if first < catalogue.size(handle) {
        // The entry's body came later than the entry: nothing to fold, but its item has changed.
        let entry = store.entry(row, first)?.ok_or_else(|| missing(first))?;
        let items = opened(&entry)
            .and_then(|s| subject(&s))
            .into_iter()
            .collect();
        return Ok((
            Delta {
                items,
                ..Delta::default()
            },
            1,
        ));
    }
    let run = lines
        .iter()
        .zip(first..)
        .take_while(|(l, p)| l.log.as_ref() == Some(handle) && l.position == *p)
        .count();
    let mut statements = Vec::with_capacity(run);
    for line in &lines[..run] {
        let entry = store
            .entry(row, line.position)?
            .ok_or_else(|| missing(line.position))?;
        let statement = opened(&entry);
        if let Some(s) = &statement {
            writer::fold_lists(store, s, catalogue)?;
        }
        statements.push(statement);
    }
    let delta = catalogue.append_range(
        handle,
        first,
        statements.iter().map(Option::as_ref),
        &StoredRoots(store),
    );
    Ok((delta, run))
}

/// What a stored entry says; `None` for a void leaf. The door verified it before it was stored.
pub(crate) fn opened(entry: &EntryRow) -> Option<Statement> {
    if entry.valid {
        Statement::read_verified(&entry.bytes).ok()
    } else {
        None
    }
}

/// The item that a statement is about.
pub(super) fn subject(s: &Statement) -> Option<StatementId> {
    s.head.as_ref().map(|h| h.item.unwrap_or(s.id))
}

/// A stored log, its root recomputed: a store that was changed from outside is noticed here.
fn tip(store: &Store, row: LogRow) -> Result<Tip, store::Error> {
    let root = tree::root(&store.hashes(row.id), row.size)
        .map_err(|e| store::Error::Damaged(format!("{}: {e}", row.handle)))?;
    if let Some(note) = &row.complete {
        let claim = Note::read(note)
            .and_then(|n| n.claim())
            .map_err(|e| store::Error::Damaged(e.to_string()))?;
        let held = tree::root(&store.hashes(row.id), claim.size);
        if claim.size > row.size || held != Ok(claim.root) {
            return Err(store::Error::Damaged(format!(
                "the tree of {} is not what its checkpoint says",
                row.handle
            )));
        }
    }
    let LogRow {
        id,
        handle,
        epoch,
        size,
        complete,
        covering,
    } = row;
    Ok(Tip {
        handle,
        epoch,
        size,
        root,
        complete,
        covering,
        frozen: None,
        row: id,
    })
}
