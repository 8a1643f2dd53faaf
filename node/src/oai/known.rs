//! What there is to tell about an item, as far as this node knows it now.

use commun_specs::{
    fold::Item,
    id::{ContentHash, StatementId},
    metadata::{Record, View},
    statement::Facts,
};

use crate::{
    core::{Core, Found},
    export::original::{Kept, Version, whole},
    items::{self, Words, descriptions},
    resources::stated_licence,
    store,
    takedown::{self, Standing},
};

/// How an item stands.
pub(super) enum Known {
    /// The catalogue does not have it.
    Unknown,
    /// It is withdrawn or hidden, or its words were erased: its id is told as deleted, for ever. With what it said, as far as
    /// that is still here: harvesters of a set hear of its deletions, too.
    Deleted(Box<Item>, Box<View>),
    /// Its words have not arrived: what was told before stays.
    Withheld,
    /// The catalogue names a statement that is being written.
    Later,
    /// It is here.
    Here(Box<Described>),
}

/// An item with its metadata.
pub(super) struct Described {
    pub(super) item: Item,
    pub(super) view: View,
    /// The original that may stand for all of it.
    pub(super) original: Option<Kept>,
    body: ContentHash,
}

impl Described {
    /// Changes when anything changes that a record shows.
    pub(super) fn digest(&self) -> [u8; 32] {
        let parts = [
            self.item.owner.as_str(),
            self.item.slug.as_str(),
            self.view.licence.as_deref().unwrap_or_default(),
            &self.body.to_string(),
        ];
        *blake3::hash(parts.join("\n").as_bytes()).as_bytes()
    }
}

/// Looks an item up.
pub(super) fn known(core: &Core, id: &StatementId) -> Result<Known, store::Error> {
    let Some(item) = core.state().catalogue().copy_of(id) else {
        return Ok(Known::Unknown);
    };
    let shown = takedown::standing(core, &item) == Standing::Shown;
    let Some(displayed) = core.statement(&item.displayed())? else {
        return Ok(Known::Later);
    };
    let facts = displayed.statement.facts().ok().flatten();
    match items::words(core, &displayed)? {
        Words::Here => {}
        Words::Withheld if shown => return Ok(Known::Withheld),
        Words::Withheld | Words::Erased => {
            return Ok(Known::Deleted(Box::new(item), Box::default()));
        }
    }
    let mut record = record(&displayed);
    if !shown {
        return Ok(Known::Deleted(Box::new(item), Box::new(record.view())));
    }
    let rules = match &facts {
        Some(Facts::Repository(rules)) => Some(rules),
        _ => None,
    };
    for id in descriptions(&item, rules.map(|r| &*r.default_branch)) {
        let Some(found) = core.statement(&id)? else {
            return Ok(Known::Later);
        };
        record.merge(self::record(&found));
    }
    let mut view = record.view();
    let mut original = None;
    match &facts {
        // The head is what was signed with the licence in it.
        Some(Facts::Resource(r)) => {
            view.licence = stated_licence(&r.licence).map(str::to_owned);
            original = whole(Version {
                named: r.record,
                files: r.files.count,
                derived: !r.derived_from.is_empty(),
                record: &record,
                view: &view,
            });
        }
        Some(Facts::Repository(r)) => {
            view.licence = stated_licence(&r.licence)
                .map(str::to_owned)
                .or(view.licence);
        }
        _ => {}
    }
    // A record that is too large to be written again is told apart by its item alone.
    let body = ContentHash::of(&record.to_body().unwrap_or_default());
    Ok(Known::Here(Box::new(Described {
        item,
        view,
        original,
        body,
    })))
}

fn record(found: &Found) -> Record {
    let body = found.body.as_ref();
    body.and_then(|body| Record::from_body(&body.bytes).ok())
        .unwrap_or_default()
}
