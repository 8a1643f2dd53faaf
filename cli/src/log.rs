//! Reading a log over HTTP, as C2SP tlog-tiles, and checking it.

use commun_client::Client;
use commun_specs::note::{Checkpoint, MAX_NOTE, Note};

use crate::failure::{Code, Failure};

pub use commun_client::TILE;

/// A log's checkpoint, as the node has it; its signature is not verified.
pub fn checkpoint(client: &Client, handle: &str) -> Result<(Note, Checkpoint), Failure> {
    let bytes = client.log(handle, "checkpoint", MAX_NOTE as u64)?;
    let read = || {
        let note = Note::read(&bytes)?;
        let claim = note.claim()?;
        Ok((note, claim))
    };
    read().map_err(|cause: commun_specs::note::Error| {
        Failure::new(
            Code::No,
            format!("The checkpoint of this log does not hold: {cause}: {handle}"),
        )
    })
}

/// The entries of tile `index` of a log of `size` entries.
pub fn entries(
    client: &Client,
    handle: &str,
    index: u64,
    size: u64,
) -> Result<Vec<Vec<u8>>, Failure> {
    client.log_entries(handle, index, size)?.ok_or_else(|| {
        let message = format!(
            "A tile of entries is cut short or too long: tile {index} of the log of {handle}"
        );
        Failure::new(Code::No, message)
    })
}
