//! Taking over what the store of iroh-blobs left, where large blobs were before: its database says nothing that the files do not.

use std::{fs::File, path::Path};

use super::{Stacks, failed, hashed, hex, remove};
use crate::blobs::Error;

impl Stacks {
    /// Once: hashes all files there, so that whole ones are known and the others go on.
    pub(super) fn take_over(&self, folder: &Path) -> Result<(), Error> {
        let database = folder.join("blobs.db");
        if !database.exists() {
            return Ok(());
        }
        tracing::info!("hashing the large files once, to keep them in a new way");
        let read = failed("read", &self.data);
        for file in std::fs::read_dir(&self.data).map_err(&read)? {
            let path = file.map_err(&read)?.path();
            let kind = path.extension().and_then(|kind| kind.to_str());
            match kind.unwrap_or_default() {
                "data" => {
                    let file = File::open(&path).map_err(failed("open", &path))?;
                    let pieces = hashed(&file).map_err(failed("read", &path))?;
                    let name = hex(pieces.hash());
                    if path.file_stem().is_some_and(|stem| *stem == *name) {
                        self.note(&pieces)?;
                    } else {
                        let part = path.with_extension("part");
                        std::fs::rename(&path, &part).map_err(failed("move", &part))?;
                    }
                }
                // Those of a start that was broken off.
                "part" | "pieces" => {}
                // Its hash trees, and notes on parts.
                _ => drop(remove(&path)?),
            }
        }
        self.sync()?;
        remove(&database).map(drop)
    }
}
