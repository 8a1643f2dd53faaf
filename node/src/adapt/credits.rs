//! Who is to be credited: the item, and everything that it was made from, across institutions.

use commun_forge::{
    attribution::{Changes, Credit},
    citation::{Cited, Kind},
};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    licence::Licence,
    metadata::{Creator, Record, View},
    statement::{Facts, VersionRef},
};

use super::compare;
use crate::{blobs::Blobs, core::Core, resources::stated_licence, store};

/// Longest chain, and most works in all, that are credited.
const MAX_DEPTH: usize = 16;
const MAX_CREDITS: usize = 64;

/// Where an item is found: at its institution's node, or at this one where that states no address.
fn source(core: &Core, item: &Item, own: &str) -> String {
    let members = core.state().members();
    let owner = members.into_iter().find(|m| m.handle == item.owner);
    let url = owner
        .filter(|m| m.handle != core.identity().handle)
        .and_then(|m| m.urls.into_iter().find(|u| u.starts_with("http")));
    let url = url.unwrap_or_else(|| own.to_owned());
    format!("{}/{}/{}", url.trim_end_matches('/'), item.owner, item.slug)
}

/// What is said of a version.
fn said(core: &Core, version: &StatementId) -> Result<(View, Option<String>), store::Error> {
    let Some(found) = core.statement(version)? else {
        return Ok((View::default(), None));
    };
    let licence = match found.statement.facts() {
        Ok(Some(Facts::Resource(r))) => Some(r.licence),
        Ok(Some(Facts::Repository(r))) => Some(r.licence),
        _ => None,
    };
    let body = found.body.as_ref();
    let record = body.and_then(|b| Record::from_body(&b.bytes).ok());
    let view = record.unwrap_or_default().view();
    let licence = licence.and_then(|l| stated_licence(&l).map(str::to_owned));
    let licence = licence.or_else(|| view.licence.clone());
    Ok((view, licence))
}

/// Whom a record names to be credited: its authors, else who holds the rights; empty where it names neither.
pub(crate) fn named(view: &View) -> &[Creator] {
    match view.creators.is_empty() {
        true => &view.rights_holders,
        false => &view.creators,
    }
}

/// Who made it; where nobody is named, the institution.
fn creators(core: &Core, item: &Item, view: &View) -> Vec<Creator> {
    let named = named(view);
    if !named.is_empty() {
        return named.to_vec();
    }
    let name = core.name_of(None, &item.owner);
    vec![Creator {
        name: name.unwrap_or_else(|| item.owner.to_string()),
        kind: Some("organisation".to_owned()),
        ..Creator::default()
    }]
}

/// The chain of an item, itself first, then what it was made from, depth first. `own` is this node's address.
///
/// # Errors
/// `log.db` fails.
pub async fn credits(
    core: &Core,
    blobs: &Blobs,
    item: &Item,
    own: &str,
    lang: &str,
) -> Result<Vec<Credit>, store::Error> {
    let mut chain = Vec::new();
    let mut left = vec![(item.id, item.displayed(), 0)];
    let mut seen = std::collections::BTreeSet::new();
    while let Some((id, version, depth)) = left.pop() {
        if !seen.insert(id) || chain.len() >= MAX_CREDITS {
            continue;
        }
        let Some(work) = core.state().catalogue().copy_of(&id) else {
            chain.push(Credit {
                title: id.to_string(),
                depth,
                ..Credit::default()
            });
            continue;
        };
        let (view, licence) = said(core, &version)?;
        let origins: Vec<VersionRef> = core.state().catalogue().origins_of(&version).to_vec();
        let mut changes = None;
        if let Some(origin) = origins.first() {
            let found = compare(core, blobs, &origin.version, &version).await?;
            changes = found.filter(|c| c.files_here).map(|c| Changes {
                added: c.added.len() as u64,
                changed: c.changed.len() as u64,
                removed: c.removed.len() as u64,
            });
        }
        if depth < MAX_DEPTH {
            let next = origins.iter().rev();
            left.extend(next.map(|o| (o.item, o.version, depth + 1)));
        }
        let parsed = licence.as_deref().and_then(|l| Licence::parse(l).ok());
        let title = view.title_for(&[lang]).map(|(_, title)| title.to_owned());
        chain.push(Credit {
            title: title.unwrap_or_else(|| work.slug.to_string()),
            authors: creators(core, &work, &view)
                .into_iter()
                .map(|creator| creator.name)
                .collect(),
            source: source(core, &work, own),
            licence: match &parsed {
                Some(licence) => licence.label(lang),
                None => licence.unwrap_or_default(),
            },
            licence_url: parsed
                .as_ref()
                .and_then(Licence::url)
                .map(|u| u.to_string()),
            changes,
            depth,
        });
    }
    Ok(chain)
}

/// Who publishes an item: whom its record names, else the institution that brought it in.
fn publisher(core: &Core, item: &Item, view: &View) -> String {
    let named: Vec<&str> = view.publishers.iter().map(|p| p.name.as_str()).collect();
    match named.is_empty() {
        true => core
            .name_of(None, &item.owner)
            .unwrap_or_else(|| item.owner.to_string()),
        false => named.join(", "),
    }
}

/// What a citation of an item says. `own` is this node's address.
///
/// # Errors
/// `log.db` fails.
pub fn cited(core: &Core, item: &Item, own: &str, lang: &str) -> Result<Cited, store::Error> {
    let (view, licence) = said(core, &item.displayed())?;
    let found = core.statement(&item.displayed())?;
    let stated = found.and_then(|f| f.statement.head.map(|h| h.time));
    let title = view.title_for(&[lang]).map(|(_, title)| title.to_owned());
    let doi = view.aliases.iter().find_map(|alias| {
        let alias = alias.strip_prefix("https://doi.org/").unwrap_or(alias);
        let alias = alias.strip_prefix("doi:").unwrap_or(alias);
        alias.starts_with("10.").then(|| alias.to_owned())
    });
    let issued = view.published.clone().or_else(|| view.created.clone());
    Ok(Cited {
        name: format!("{}/{}", item.owner, item.slug),
        kind: match item.kind {
            ItemKind::Repository => Kind::software(),
            _ => {
                let types = view.resource_types.iter().chain(&view.document_types);
                Kind::of(types.map(String::as_str))
            }
        },
        title: title.unwrap_or_else(|| item.slug.to_string()),
        creators: creators(core, item, &view),
        issued: issued.or_else(|| stated.map(crate::http::date)),
        publisher: publisher(core, item, &view),
        version: view.version.clone(),
        language: view.languages.first().cloned(),
        doi,
        licence,
        url: source(core, item, own),
        summary: view.summary_for(&[lang]).map(|(_, text)| text.to_owned()),
    })
}
