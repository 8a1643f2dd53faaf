//! Which content statements name, and whether other statements name it too.

use std::collections::{BTreeMap, BTreeSet};

use commun_specs::{
    files::{FileList, MAX_LIST_BYTES},
    fold::Item,
    id::{ContentHash, StatementId},
    statement::Facts,
};
use tokio::io::AsyncReadExt;

use crate::{blobs::Blobs, core::Core, store};

/// What a statement names.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The original records.
    pub(super) records: BTreeSet<ContentHash>,
    /// The file lists, extracted texts and pictures. The list of no files is left out: it is that of all imports.
    pub(super) around: BTreeSet<ContentHash>,
    /// The files, as far as their list is here; empty ones are left out: they are all the same.
    pub(super) files: BTreeSet<ContentHash>,
}

impl Content {
    pub(super) fn all(&self) -> impl Iterator<Item = &ContentHash> {
        let around = self.around.iter().chain(&self.records);
        around.chain(&self.files)
    }

    fn merge(&mut self, other: Self) {
        self.records.extend(other.records);
        self.around.extend(other.around);
        self.files.extend(other.files);
    }
}

/// What a statement names.
pub(super) async fn of(
    core: &Core,
    blobs: &Blobs,
    id: &StatementId,
) -> Result<Content, store::Error> {
    let facts = core
        .statement(id)?
        .and_then(|f| f.statement.facts().ok().flatten());
    let mut content = Content::default();
    match facts {
        Some(Facts::Resource(r)) => {
            content.records.extend(r.record);
            if r.files.count == 0 {
                return Ok(content);
            }
            content.around.insert(r.files.blake3);
            if let Some(list) = list(blobs, &r.files.blake3).await {
                let full = list.files().iter().filter(|f| f.size > 0);
                content.files.extend(full.map(|f| f.blake3));
            }
        }
        Some(Facts::Description(d)) => {
            content.around.extend(d.text.into_iter().map(|t| t.blake3));
            content.around.extend(d.picture.map(|p| p.blake3));
        }
        _ => {}
    }
    // Whatever a statement says of them, the empty blob and the list of no files are everybody's.
    let empty = ContentHash::of(b"");
    let nothing = ContentHash::of(&FileList::default().encode());
    for named in [
        &mut content.records,
        &mut content.around,
        &mut content.files,
    ] {
        named.remove(&empty);
        named.remove(&nothing);
    }
    Ok(content)
}

/// What all versions and descriptions of an item name.
pub(super) async fn of_item(
    core: &Core,
    blobs: &Blobs,
    item: &Item,
) -> Result<Content, store::Error> {
    let mut content = Content::default();
    let described = item.descriptions.iter().map(|d| &d.id);
    for id in item.versions.iter().chain(described) {
        content.merge(of(core, blobs, id).await?);
    }
    Ok(content)
}

/// A file list that is here.
pub(crate) async fn list(blobs: &Blobs, root: &ContentHash) -> Option<FileList> {
    let reader = blobs.read(root, 0, None).await.ok()?;
    let mut bytes = Vec::new();
    AsyncReadExt::take(reader, MAX_LIST_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .await
        .ok()?;
    FileList::decode(&bytes).ok()
}

/// Whether nothing of what was read out of a version is to be shown here: some of its files do not come back, and out of
/// which file it was read only its institution says. A list that is not here yet may name such a file. `list` reads one by its hash.
///
/// # Errors
/// The store fails.
pub(crate) fn sets_aside(
    core: &Core,
    version: &StatementId,
    list: impl FnOnce(&ContentHash) -> Option<FileList>,
) -> Result<bool, store::Error> {
    if !core.blocks_any() {
        return Ok(false);
    }
    let facts = core
        .statement(version)?
        .and_then(|f| f.statement.facts().ok().flatten());
    let files = match facts {
        Some(Facts::Resource(r)) if r.files.count > 0 => r.files,
        _ => return Ok(false),
    };
    Ok(list(&files.blake3).is_none_or(|list| {
        let mut all = list.files().iter();
        all.any(|f| core.blocked(&f.blake3).is_some())
    }))
}

/// Content, with the items that name it.
pub(super) type Named = BTreeMap<ContentHash, BTreeSet<StatementId>>;

/// Which of these statements that count name too, and of which items. `skip` leaves out items; what was erased is left
/// out always. Looks at every resource, where it may block: for decisions that people make, not for every request.
pub(super) async fn named_elsewhere(
    core: &Core,
    blobs: &Blobs,
    wanted: &BTreeSet<ContentHash>,
    skip: impl Fn(&StatementId) -> bool,
) -> Result<Named, store::Error> {
    if wanted.is_empty() {
        return Ok(Named::new());
    }
    let statements: Vec<(StatementId, StatementId)> = {
        let state = core.state();
        let catalogue = state.catalogue();
        let items = catalogue.items().filter(|i| !skip(&i.id));
        let ids = items.flat_map(|i| {
            let described = i.descriptions.iter().map(|d| d.id);
            let all = i.versions.iter().copied().chain(described);
            all.map(|id| (i.id, id)).collect::<Vec<_>>()
        });
        ids.filter(|(_, id)| catalogue.erasure_of(id).is_none())
            .collect()
    };
    let (core, blobs, wanted) = (core.clone(), blobs.clone(), wanted.clone());
    let here = tokio::runtime::Handle::current();
    let looking = tokio::task::spawn_blocking(move || {
        here.block_on(async {
            let mut named = Named::new();
            for (item, id) in statements {
                let content = of(&core, &blobs, &id).await?;
                for hash in content.all().filter(|h| wanted.contains(h)) {
                    named.entry(*hash).or_default().insert(item);
                }
            }
            Ok(named)
        })
    });
    // It ends early only with the process.
    looking.await.unwrap_or(Err(store::Error::Busy))
}

/// Puts what erased statements of this institution name on the list of what does not come back, but for what is named
/// elsewhere.
///
/// # Errors
/// The store fails.
pub(super) async fn block_erased(
    core: &Core,
    erased: &[(StatementId, Content)],
    elsewhere: &Named,
) -> Result<(), store::Error> {
    for (id, content) in erased {
        let all = content.files.iter().chain(&content.records);
        let gone: Vec<ContentHash> = all
            .filter(|h| !elsewhere.contains_key(h))
            .copied()
            .collect();
        if !gone.is_empty() {
            core.block(*id, true, &gone).await?;
        }
    }
    Ok(())
}

/// The items that name some of it.
pub(super) fn holders(elsewhere: &Named) -> BTreeSet<StatementId> {
    elsewhere.values().flatten().copied().collect()
}
