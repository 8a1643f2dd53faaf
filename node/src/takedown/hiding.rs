//! Hiding: this node alone does not show an item, whoever published it.

use std::collections::BTreeSet;

use commun_specs::{
    fold::{Item, ItemKind},
    id::{ContentHash, StatementId},
    name::Role,
};
use serde::Deserialize;

use super::{MAX_REASON, TakedownError, content, words};
use crate::{
    blobs::Blobs,
    core::{Core, Person, now},
    store::{self, Hiding},
};

/// What somebody wants to hide.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHiding {
    /// Why, for readers.
    pub reason: String,
    /// Whether other nodes do not get it from here either.
    #[serde(default)]
    pub quarantine: bool,
}

fn may(person: &Person) -> Result<(), TakedownError> {
    if person.may(&[Role::Librarian]) {
        Ok(())
    } else {
        Err(TakedownError::NotAllowed(
            "hiding something on this node needs the role librarian or admin".to_owned(),
        ))
    }
}

/// Hides an item on this node, from the return of this call on and across restarts; its files do not come back
/// ([`find_content`]). Gives back the decision, and the items that name some of the same content, which stay.
///
/// # Errors
/// See [`TakedownError`]. If only the content could not be looked at, the item is hidden nevertheless, and the
/// [`Eraser`](super::Eraser) looks again.
pub async fn hide(
    core: &Core,
    blobs: &Blobs,
    person: &Person,
    item: &Item,
    new: NewHiding,
) -> Result<(Hiding, BTreeSet<StatementId>), TakedownError> {
    may(person)?;
    let hiding = Hiding {
        reason: words("reason", &new.reason, MAX_REASON)?,
        quarantine: new.quarantine,
        person: person.id,
        since: now(),
    };
    core.hide(item.id, hiding.clone()).await?;
    tracing::info!(item = %item.id, "hidden on this node: {}/{}", item.owner, item.slug);
    let elsewhere = find_content(core, blobs, std::slice::from_ref(item)).await?;
    Ok((hiding, elsewhere))
}

/// Shows an item again; false if it was not hidden. Its files come back, also those of other items that had some of the
/// same. Looks at every resource.
///
/// # Errors
/// See [`TakedownError`].
pub async fn unhide(
    core: &Core,
    blobs: &Blobs,
    person: &Person,
    item: &Item,
) -> Result<bool, TakedownError> {
    may(person)?;
    let mut files = content::of_item(core, blobs, item).await?.files;
    if core.hiding(&item.id).is_some() {
        // Others miss only what this item took from them.
        files.retain(|file| core.blocked(file).is_some_and(|b| b.cause == item.id));
    }
    let was = core.unhide(item.id).await?;
    // Also where it is not hidden any more: what a crash left undone is done by saying it again.
    look_at_others(core, blobs, &files, |i| *i == item.id).await?;
    Ok(was)
}

/// Lets a file come back, whatever took it down; false if it is not on the list. Looks at every resource.
///
/// # Errors
/// The store fails.
pub async fn unblock(core: &Core, blobs: &Blobs, file: ContentHash) -> Result<bool, store::Error> {
    let was = core.unblock(file).await?;
    look_at_others(core, blobs, &BTreeSet::from([file]), |_| false).await?;
    Ok(was)
}

/// Looks again at the items that name some of these files, which were refused as long as they were on the list.
async fn look_at_others(
    core: &Core,
    blobs: &Blobs,
    files: &BTreeSet<ContentHash>,
    skip: impl Fn(&StatementId) -> bool,
) -> Result<(), store::Error> {
    let others = content::named_elsewhere(core, blobs, files, skip).await?;
    for other in content::holders(&others) {
        core.look_again(other).await?;
    }
    Ok(())
}

/// Puts the files of hidden items on the list of what does not come back under another item, and what else they name on
/// that of what is withheld; what another item that is shown names stays. Gives back these other items. Looks at every
/// resource.
///
/// # Errors
/// The store fails.
pub async fn find_content(
    core: &Core,
    blobs: &Blobs,
    items: &[Item],
) -> Result<BTreeSet<StatementId>, store::Error> {
    let mut named = Vec::new();
    let mut wanted: BTreeSet<ContentHash> = BTreeSet::new();
    for item in items {
        let content = content::of_item(core, blobs, item).await?;
        wanted.extend(content.all());
        named.push((item.id, content));
    }
    let hidden: BTreeSet<StatementId> = core.hidden().into_iter().map(|(i, _)| i).collect();
    let skip = |i: &StatementId| hidden.contains(i) || items.iter().any(|item| item.id == *i);
    let elsewhere = content::named_elsewhere(core, blobs, &wanted, skip).await?;
    for (item, content) in named {
        let only = |all: &BTreeSet<ContentHash>| -> Vec<ContentHash> {
            let only = all.iter().filter(|h| !elsewhere.contains_key(h));
            only.copied().collect()
        };
        let (files, around) = (only(&content.files), only(&content.around));
        let around = [around, only(&content.records)].concat();
        if !files.is_empty() {
            core.block(item, false, &files).await?;
        }
        if !around.is_empty() {
            core.withhold(item, &around).await?;
        }
    }
    Ok(content::holders(&elsewhere))
}

/// Looks whether an item brings what is hidden or erased under another name: an item all of whose files are on the list is
/// hidden too. Gives back why, if any is. Texts and pictures that the item's institution names are not put on the list: they
/// are its claims, and may be those of anybody.
///
/// # Errors
/// The store fails.
pub(crate) async fn comes_back(
    core: &Core,
    item: &Item,
    files: &[ContentHash],
) -> Result<Option<String>, store::Error> {
    let mut blocked = files.iter().filter_map(|f| Some((f, core.blocked(f)?)));
    let Some((file, first)) = blocked.next() else {
        return Ok(None);
    };
    let why = core.blocked_because(file);
    let why = why.unwrap_or_else(|| "some of its content is hidden here".to_owned());
    if blocked.count() + 1 == files.len()
        && item.kind == ItemKind::Resource
        && core.hiding(&item.id).is_none()
    {
        let cause = core.hiding(&first.cause);
        let hiding = Hiding {
            reason: why.clone(),
            quarantine: cause.as_ref().is_none_or(|h| h.quarantine),
            person: cause.map_or(item.id, |h| h.person),
            since: now(),
        };
        core.hide(item.id, hiding).await?;
        tracing::info!(item = %item.id, "hidden on this node, as its content is: {}/{}", item.owner, item.slug);
    }
    Ok(Some(why))
}
