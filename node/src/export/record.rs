//! One item as a record in a standard: the untouched original where it may stand for what is known, else written anew.

use commun_forge::crosswalk::{self, Loss};
use commun_specs::{
    files::{FileEntry, FilePath},
    id::ContentHash,
};
use serde_json::Value;
use tokio::runtime::Handle;

use super::{
    format::{Format, Place},
    original::{self, Kept, MAX_ORIGINAL, Version},
    view,
};
use crate::{
    http::{api, problem::Problem, site::Site},
    items::Shown,
};

/// A record.
pub(super) struct Recorded {
    pub(super) bytes: Vec<u8>,
    /// What it does not carry.
    pub(super) losses: Vec<Loss>,
    /// Whether it is the untouched original.
    pub(super) original: bool,
}

/// What is known of where the item's version came from.
pub(super) fn version(item: &Shown) -> Version<'_> {
    Version {
        named: item.original,
        files: item.files.as_ref().map_or(0, |list| list.count()),
        derived: !item.derived_from.is_empty(),
        record: &item.record,
        view: &item.view,
    }
}

/// An original as a file that is kept.
pub(super) fn entry(hash: ContentHash, size: u64, media_type: &str) -> FileEntry {
    FileEntry {
        path: FilePath::new("original").expect("a word is a path"),
        size,
        media_type: media_type.to_owned(),
        blake3: hash,
    }
}

/// The bytes of an original, if it is here and is given out. Blocks.
pub(super) fn read(site: &dyn Site, kept: &Kept) -> Result<Option<Vec<u8>>, Problem> {
    let file = entry(kept.hash, kept.size, &kept.media_type);
    if site.blocked(&file).is_some() {
        return Ok(None);
    }
    let bytes = Handle::current().block_on(site.read(&file, MAX_ORIGINAL + 1))?;
    Ok(bytes.filter(|bytes| bytes.len() as u64 <= MAX_ORIGINAL))
}

/// The metadata of an item in the form of the commons, as `commun publish --metadata` takes them: all fields, and what was
/// kept aside by its scheme.
pub(super) fn metadata(item: &Shown) -> Value {
    let mut document = api::metadata(&item.view);
    let aside = item.record.extra.iter();
    // The outline is made of the files again.
    for (scheme, aside) in aside.filter(|(scheme, _)| *scheme != "outline") {
        if let Some(members) = document.as_object_mut() {
            members
                .entry(scheme.clone())
                .or_insert_with(|| aside.clone());
        }
    }
    document
}

/// What was kept aside when the item came in, by the standard that it came in through and its path there: only the original
/// and the form of the commons say it again.
pub(super) fn aside(item: &Shown) -> Vec<Loss> {
    let schemes = item.record.extra.iter();
    let schemes = schemes.filter_map(|(scheme, aside)| Some((scheme, aside.as_object()?)));
    let paths = schemes.flat_map(|(scheme, aside)| {
        let texts = |texts: &Value| crosswalk::carried::rest(texts, &[]);
        aside
            .iter()
            .map(move |(path, all)| Loss::of("extra", &format!("{scheme} {path}: {}", texts(all))))
    });
    paths.collect()
}

/// The record of an item; `None` in a form that is none. Blocks.
pub(super) fn record(
    site: &dyn Site,
    item: &Shown,
    format: Format,
    place: Place<'_>,
) -> Result<Option<Recorded>, Problem> {
    let whole = original::whole(version(item));
    if let Some(kept) = whole.filter(|kept| original::is_of(kept, format.as_str()))
        && let Some(bytes) = read(site, &kept)?
        && original::element(format.as_str(), &bytes).is_some()
    {
        return Ok(Some(Recorded {
            bytes,
            losses: Vec::new(),
            original: true,
        }));
    }
    let name = item.name();
    let root = place.url.strip_suffix(&name).unwrap_or(place.url);
    let told = view::told(item, root.trim_end_matches('/'));
    let Some(written) = format.write(&told, place) else {
        return Ok(None);
    };
    // Elements alone, for answers of harvests; a file says what it is.
    let mut bytes = Vec::new();
    if written.bytes.starts_with(b"<") && !written.bytes.starts_with(b"<?xml") {
        bytes.extend(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    bytes.extend(written.bytes);
    let mut losses = written.losses;
    losses.extend(aside(item));
    Ok(Some(Recorded {
        bytes,
        losses,
        original: false,
    }))
}
