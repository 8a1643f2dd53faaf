//! What there is to know of an item for the report, as far as this node knows it now.

use commun_specs::{
    duplicates::{About, Content, Sheet},
    fold::{Item, ItemKind},
    id::StatementId,
    metadata::{Record, View},
    statement::{Facts, VersionRef},
};
use tokio::runtime::Handle;

use super::faults::{self, Fault};
use crate::{
    adapt,
    blobs::Blobs,
    core::{Core, Found},
    describe::UNREAD,
    items::descriptions,
    resources::stated_licence,
    store,
    takedown::{self, Standing, file_list},
};

/// Lists of more files are not compared file by file.
const MAX_LISTED: u64 = 5_000;

/// How an item stands.
pub(super) enum Known {
    /// Nothing is shown of it here: it counts for nothing.
    Gone,
    /// The catalogue names a statement that is being written.
    Later,
    /// It is here.
    Here(Box<State>),
}

/// What is kept of an item.
pub(super) struct State {
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) title: String,
    /// For what is compared.
    pub(super) sheet: Option<Sheet>,
    pub(super) missing: u32,
    pub(super) faults: Vec<(Fault, String)>,
    /// What it says it is the same as: kind and target.
    pub(super) same: Vec<(&'static str, String)>,
    pub(super) urls: Vec<String>,
    /// Its file list is not here: it is to be looked at again.
    pub(super) lacking: bool,
}

/// Looks an item up. Collections and repositories have no sheet: they are not compared, and nothing is missed of them.
pub(super) fn known(
    core: &Core,
    blobs: &Blobs,
    runtime: &Handle,
    id: &StatementId,
) -> Result<Known, store::Error> {
    let Some(item) = core.state().catalogue().copy_of(id) else {
        return Ok(Known::Gone);
    };
    if item.kind != ItemKind::Resource || takedown::standing(core, &item) != Standing::Shown {
        return Ok(Known::Gone);
    }
    let Some(displayed) = core.statement(&item.displayed())? else {
        return Ok(Known::Later);
    };
    let Ok(Some(Facts::Resource(facts))) = displayed.statement.facts() else {
        return Ok(Known::Gone);
    };
    // Without its words there is nothing to say; when they come the item changes.
    let Some(record) = record(&displayed) else {
        return Ok(Known::Gone);
    };
    let mut view = record.view();
    view.licence = stated_licence(&facts.licence).map(str::to_owned);
    let mut unread = Vec::new();
    for described in descriptions(&item, None) {
        let Some(found) = core.statement(&described)? else {
            continue;
        };
        let of = match found.statement.facts() {
            Ok(Some(Facts::Description(d))) => d.of,
            _ => continue,
        };
        if of == item.displayed()
            && let Some(read) = self::record(&found)
        {
            unread.extend(unread_files(&read));
        }
    }
    let behind = facts
        .derived_from
        .iter()
        .filter_map(|from| behind(core, from));
    let behind: Vec<String> = behind.collect();
    let mut content = Content::new(None, facts.record.map(|record| record.to_string()));
    let mut lacking = false;
    if facts.files.count > 0 {
        content.list = Some(facts.files.blake3.to_string());
        if facts.files.count <= MAX_LISTED {
            match runtime.block_on(file_list(blobs, &facts.files.blake3)) {
                Some(list) => {
                    let files = list.files().iter();
                    content.files(files.map(|file| (file.blake3.to_string(), file.size)));
                }
                None => lacking = true,
            }
        }
    }
    let commons = core.identity().commons.to_string();
    let name = format!("{}/{}", item.owner, item.slug);
    let about = About {
        own: own(&item),
        // As which harvesters know it (INTERFACES): a copy of it that came back by harvest says so.
        identifiers: vec![format!("oai:{}.commun:{}", &commons[..16], item.id)],
        links: facts
            .derived_from
            .iter()
            .map(|from| from.item.to_string())
            .collect(),
        content,
    };
    Ok(Known::Here(Box::new(State {
        owner: item.owner.to_string(),
        title: view
            .title_for(&[])
            .map_or_else(|| item.slug.to_string(), |(_, title)| title.to_owned()),
        sheet: Some(Sheet::of(&view, about)),
        missing: faults::missing(&view),
        faults: faults::of(&record, &view, facts.files.count, &unread, &behind),
        same: same(&view),
        urls: faults::urls(&view),
        lacking,
        name,
    })))
}

/// An origin that went on since, with the number of its newer versions; `None` where it did not, or is not shown here.
fn behind(core: &Core, from: &VersionRef) -> Option<String> {
    let (item, newer) = {
        let state = core.state();
        let catalogue = state.catalogue();
        (
            catalogue.copy_of(&from.item)?,
            adapt::behind(catalogue, from)?,
        )
    };
    let shown = newer > 0 && takedown::standing(core, &item) == Standing::Shown;
    shown.then(|| format!("{}/{} (+{newer})", item.owner, item.slug))
}

fn own(item: &Item) -> Vec<String> {
    let slugs = item.aliases.iter().chain([&item.slug]);
    let names = slugs.map(|slug| format!("{}/{slug}", item.owner));
    names.chain([item.id.to_string()]).collect()
}

/// The items of a commons that an item's metadata call the same, or the same in another language.
fn same(view: &View) -> Vec<(&'static str, String)> {
    let bare = |target: &str| {
        let target = target.strip_prefix("commun://").unwrap_or(target);
        (!target.is_empty() && !target.contains(':')).then(|| target.to_owned())
    };
    let same = view.aliases.iter().filter_map(|alias| bare(alias));
    let translated = view.relations.iter();
    let translated =
        translated.filter(|r| matches!(r.kind.as_str(), "isTranslationOf" | "hasTranslation"));
    let translated = translated.filter_map(|relation| bare(&relation.target));
    same.map(|target| ("same", target))
        .chain(translated.map(|target| ("translation", target)))
        .collect()
}

fn unread_files(read: &Record) -> Vec<String> {
    let files = read.unknown.get(UNREAD).and_then(|list| list.as_array());
    let word =
        |one: &serde_json::Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let files = files.into_iter().flatten();
    files
        .map(|one| format!("{} ({})", word(one, "file"), word(one, "why")))
        .collect()
}

fn record(found: &Found) -> Option<Record> {
    let body = found.body.as_ref()?;
    Record::from_body(&body.bytes).ok()
}
