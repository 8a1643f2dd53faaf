//! Vocabularies that institutions publish, read where a record names one as the scheme of a concept.

use commun_forge::vocabulary::{self, MAX_BYTES, Vocabulary};
use commun_specs::metadata::{Concept, View};

use super::{Web, name, problem::Problem};
use crate::items::Shown;

/// The kind that says that a resource is a vocabulary.
const KIND: &str = "vocabulary";
/// Vocabularies that are read for one page; a record that names more shows codes for the rest.
const MAX_READ: usize = 4;

/// The vocabulary of an item, where it is one and its file is here.
///
/// # Errors
/// There is no such item, or it is no vocabulary that can be read.
pub(super) async fn of_item(web: &Web, handle: &str, slug: &str) -> Result<Vocabulary, Problem> {
    let item = web.item(name(handle, slug)?).await?;
    let listed = item.files.as_ref().filter(|_| item.withdrawn.is_none());
    let file = listed.and_then(|list| {
        let mut files = list.files().iter();
        files.find(|file| vocabulary::is_vocabulary_name(file.path.as_str()))
    });
    let file = file
        .filter(|_| item.view.kind.as_deref() == Some(KIND))
        .ok_or_else(|| Problem::not_found("this item is no vocabulary: its kind is not `vocabulary`, or it has no .ttl or .json file"))?;
    let bytes = web.site().read(file, MAX_BYTES as u64).await?;
    let Some(bytes) = bytes else {
        return Err(Problem::unavailable(
            "this node does not hold the vocabulary's file yet, or it is too large",
        ));
    };
    let path = file.path.as_str().to_owned();
    let read = tokio::task::spawn_blocking(move || vocabulary::read(&path, &bytes)).await;
    let read = read.map_err(|cause| Problem::internal(&cause))?;
    read.map_err(|cause| Problem::unprocessable(cause.to_string()))
}

/// Gives labels to concepts that bring none, from the vocabularies (`handle/slug`) that they name.
pub(super) async fn label(web: &Web, item: &mut Shown) {
    let mut read: Vec<(String, Option<Vocabulary>)> = Vec::new();
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
