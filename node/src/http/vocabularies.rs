//! Vocabularies that institutions publish, read where a record names one as the scheme of a concept.
//!
//! What was read is kept by the hash of its file, so that it never goes stale; whether the item and the file are shown is
//! asked each time.

use std::sync::{Arc, Mutex};

use commun_forge::vocabulary::{self, MAX_BYTES, Vocabulary};
use commun_specs::{
    id::ContentHash,
    metadata::{Concept, View},
};

use super::{Web, name, problem::Problem};
use crate::items::Shown;

/// The kind that says that a resource is a vocabulary.
const KIND: &str = "vocabulary";
/// Vocabularies that are read for one page; a record that names more shows codes for the rest.
const MAX_READ: usize = 4;
/// Vocabularies that are kept, and the bytes of their files: read, one takes some five times that.
const MAX_KEPT: usize = 32;
const MAX_KEPT_BYTES: u64 = 8 << 20;

/// One that was read: the hash and the size of its file, and what it says.
type Kept = (ContentHash, u64, Arc<Vocabulary>);

/// The vocabularies that were read last.
#[derive(Default)]
pub(super) struct Read(Mutex<Vec<Kept>>);

impl Read {
    fn get(&self, hash: &ContentHash) -> Option<Arc<Vocabulary>> {
        let mut kept = self
            .0
            .lock()
            .expect("a thread that panics ends the process");
        let at = kept.iter().position(|(known, ..)| known == hash)?;
        let found = kept.remove(at);
        let vocabulary = found.2.clone();
        kept.push(found);
        Some(vocabulary)
    }

    /// Keeps one; those that were not asked for longest make room.
    fn put(&self, hash: ContentHash, bytes: u64, vocabulary: Arc<Vocabulary>) {
        let mut kept = self
            .0
            .lock()
            .expect("a thread that panics ends the process");
        kept.retain(|(known, ..)| *known != hash);
        kept.push((hash, bytes, vocabulary));
        while kept.len() > MAX_KEPT
            || (kept.len() > 1
                && kept.iter().map(|(_, bytes, _)| bytes).sum::<u64>() > MAX_KEPT_BYTES)
        {
            kept.remove(0);
        }
    }
}

/// The vocabulary of an item, where it is one and its file is here.
///
/// # Errors
/// There is no such item, or it is no vocabulary that can be read.
pub(super) async fn of_item(
    web: &Web,
    handle: &str,
    slug: &str,
) -> Result<Arc<Vocabulary>, Problem> {
    let item = web.item(name(handle, slug)?).await?;
    let listed = item.files.as_ref().filter(|_| item.withdrawn.is_none());
    let file = listed.and_then(|list| {
        let mut files = list.files().iter();
        files.find(|file| vocabulary::is_vocabulary_name(file.path.as_str()))
    });
    let file = file
        .filter(|_| item.view.kind.as_deref() == Some(KIND))
        .ok_or_else(|| Problem::not_found("this item is no vocabulary: its kind is not `vocabulary`, or it has no .ttl or .json file"))?;
    if web.site().blocked(file).is_none()
        && let Some(known) = web.0.vocabularies.get(&file.blake3)
    {
        return Ok(known);
    }
    let bytes = web.site().read(file, MAX_BYTES as u64).await?;
    let Some(bytes) = bytes else {
        return Err(Problem::unavailable(
            "this node does not hold the vocabulary's file yet, or it is too large",
        ));
    };
    let path = file.path.as_str().to_owned();
    let read = tokio::task::spawn_blocking(move || vocabulary::read(&path, &bytes)).await;
    let read = read.map_err(|cause| Problem::internal(&cause))?;
    let read = read.map_err(|cause| Problem::unprocessable(cause.to_string()))?;
    let read = Arc::new(read);
    web.0.vocabularies.put(file.blake3, file.size, read.clone());
    Ok(read)
}

/// Gives labels to concepts that bring none, from the vocabularies (`handle/slug`) that they name.
pub(super) async fn label(web: &Web, item: &mut Shown) {
    let mut read: Vec<(String, Option<Arc<Vocabulary>>)> = Vec::new();
    for scheme in schemes(&mut item.view) {
        if read.len() < MAX_READ
            && !read.iter().any(|(known, _)| *known == scheme)
            && let Some((handle, slug)) = scheme.split_once('/')
        {
            let found = of_item(web, handle, slug).await.ok();
            read.push((scheme, found));
        }
    }
    for concept in unlabelled(&mut item.view) {
        let known = read.iter().find(|(scheme, _)| *scheme == concept.scheme);
        if let Some((_, Some(vocabulary))) = known
            && let Some(found) = vocabulary.concepts.get(&concept.notation)
        {
            concept.label.clone_from(&found.label);
        }
    }
}

fn unlabelled(view: &mut View) -> impl Iterator<Item = &mut Concept> {
    [
        &mut view.subjects,
        &mut view.outcomes,
        &mut view.competencies,
        &mut view.assesses,
        &mut view.prerequisites,
    ]
    .into_iter()
    .flatten()
    .filter(|concept| concept.label.is_empty())
}

fn schemes(view: &mut View) -> Vec<String> {
    let schemes = unlabelled(view).map(|concept| concept.scheme.clone());
    schemes.filter(|scheme| !scheme.contains(':')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Arc<Vocabulary> {
        let text = r#"{"id": "urn:x", "concepts": [{"id": "urn:x:a", "notation": "a", "prefLabel": {"fr": "A"}}]}"#;
        Arc::new(vocabulary::read("v.json", text.as_bytes()).expect("a vocabulary"))
    }

    #[test]
    fn what_was_read_is_kept_within_bounds() {
        let read = Read::default();
        let hash = |n: usize| ContentHash::of(&n.to_be_bytes());
        for n in 0..MAX_KEPT + 3 {
            read.put(hash(n), 10, empty());
            assert!(read.get(&hash(0)).is_some(), "what is asked for stays");
        }
        assert!(read.get(&hash(1)).is_none() && read.get(&hash(MAX_KEPT)).is_some());
        read.put(hash(99), MAX_KEPT_BYTES, empty());
        assert!(read.get(&hash(0)).is_none() && read.get(&hash(99)).is_some());
    }
}
