//! Jupyter notebooks.

use serde_json::Value;

use super::Unread;
use super::document::{Document, Illustration, Properties};
use super::picture::Picture;
use crate::resource::text::notebook;

/// The most cells whose outputs are looked at for a picture.
const MAX_CELLS: usize = 2_000;

pub(super) fn read(bytes: &[u8]) -> Result<Document, Unread> {
    let text = notebook(bytes).ok_or(Unread::Damaged("a notebook"))?;
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Unread::Damaged("a notebook"))?;
    let title = value["metadata"]["title"].as_str().map(str::to_owned);
    let cells = value["cells"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    Ok(Document {
        properties: Properties {
            title,
            ..Properties::default()
        },
        picture: cells
            .iter()
            .take(MAX_CELLS)
            .find_map(picture)
            .map(Illustration::Inside),
        ..Document::of(text)
    })
}

/// A picture that a cell shows or has attached.
fn picture(cell: &Value) -> Option<Picture> {
    let outputs = cell["outputs"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|output| &output["data"]);
    let attached = cell["attachments"]
        .as_object()
        .into_iter()
        .flat_map(|all| all.values());
    outputs.chain(attached).find_map(|data| {
        ["image/png", "image/jpeg"]
            .iter()
            .find_map(|kind| match &data[kind] {
                Value::String(base64) => Picture::from_base64(base64),
                Value::Array(lines) => {
                    let base64: String = lines.iter().filter_map(Value::as_str).collect();
                    Picture::from_base64(&base64)
                }
                _ => None,
            })
    })
}
