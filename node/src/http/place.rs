//! The item that an address names.

use commun_specs::{fold::Item, id};
use serde::Deserialize;

use super::{api, item_of, name, problem::Problem, site::Which, takedown::hidden_problem};
use crate::{
    app::App,
    takedown::{Standing, standing},
};

/// An item in an address: an id (or its beginning), or a handle and a slug.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) slug: Option<String>,
}

/// What the two parts of such an address name.
///
/// # Errors
/// That is no name and no id, not even the beginning of one.
pub(super) fn which(id: &str, slug: Option<&str>) -> Result<Which, Problem> {
    match slug {
        Some(slug) => name(id, slug),
        None => api::item_id(id),
    }
}

/// Whether text is as long as a whole id. No handle is.
pub(super) fn is_whole_id(text: &str) -> bool {
    text.len() == id::CHARS
}

/// The item of an address, whatever became of it.
pub(super) fn any_item(app: &App, place: &Place) -> Result<Item, Problem> {
    item_of(app, &which(&place.id, place.slug.as_deref())?)
}

/// The same where a slug may be called as what stands below the item: an id is whole, so that no handle reads as one.
pub(super) fn any_whole_item(app: &App, place: &Place) -> Result<Item, Problem> {
    if place.slug.is_none() && !is_whole_id(&place.id) {
        return Err(Problem::not_found(
            "name the item by handle/slug, or by its whole id",
        ));
    }
    any_item(app, place)
}

/// The item of an address, unless it is hidden here.
pub(super) fn item(app: &App, place: &Place) -> Result<Item, Problem> {
    shown(app, any_item(app, place)?)
}

/// An item, unless it is hidden here: nothing of it is given out then, what others say of it neither.
pub(super) fn shown(app: &App, item: Item) -> Result<Item, Problem> {
    match standing(&app.core, &item) {
        Standing::Hidden(hiding) => Err(hidden_problem(&hiding)),
        Standing::Shown | Standing::Withdrawn => Ok(item),
    }
}
