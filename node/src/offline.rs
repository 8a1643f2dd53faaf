//! Work on a data folder whose node is stopped.

use std::{fs, io, path::Path};

use commun_specs::{
    note::{Note, Origin},
    statement::Statement,
    tree::{self, Pending},
};

use crate::{core::Core, daemon::Failure, data, store::Store};

/// Throws away what is derived (catalogue, index): the next start derives it again from the logs.
pub fn rebuild(folder: &Path) -> Result<(), Failure> {
    let _claimed = data::claim(folder).map_err(|e| Failure::refused(&e))?;
    for name in ["catalogue.db", "catalogue.db-wal", "catalogue.db-shm"] {
        match fs::remove_file(folder.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::node(&format!("{name}: {e}")));
            }
            _ => {}
        }
    }
    match fs::remove_dir_all(folder.join("index")) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            return Err(Failure::node(&format!("index: {e}")));
        }
        _ => {}
    }
    let core = Core::open(folder).map_err(|e| Failure::node(&e))?;
    let state = core.state();
    eprintln!(
        "folded {} logs again: {} items, catalogue root {}\nthe index is derived when the node starts",
        state.tips().count(),
        state.catalogue().item_count(),
        state.catalogue().root()
    );
    Ok(())
}

/// Checks every stored entry: signatures, bodies, tree hashes, checkpoints. Says what does not hold.
pub fn verify(folder: &Path) -> Result<(), Failure> {
    let _claimed = data::claim(folder).map_err(|e| Failure::refused(&e))?;
    let core = Core::open(folder).map_err(|e| Failure::node(&e))?;
    let store = Store::open(&folder.join("log.db")).map_err(|e| Failure::node(&e))?;
    let mut faults = 0;
    for log in store.logs().map_err(|e| Failure::node(&e))? {
        let mut fault = |what: String| {
            faults += 1;
            println!("{}: {what}", log.handle);
        };
        let nothing: Vec<[u8; 32]> = Vec::new();
        let mut tree = Pending::on(&nothing, 0);
        let mut bodies = 0;
        for position in 0..log.size {
            let Some(entry) = store
                .entry(log.id, position)
                .map_err(|e| Failure::node(&e))?
            else {
                fault(format!("entry {position} is missing"));
                break;
            };
            if let Err(e) = tree::append(&mut tree, position, tree::leaf_hash(&entry.bytes)) {
                fault(format!("entry {position}: {e}"));
                break;
            }
            let opened = Statement::open(&entry.bytes);
            if opened.is_ok() != entry.valid && entry.valid {
                fault(format!("entry {position} does not verify any more"));
            }
            let hash = opened.ok().and_then(|s| s.head).and_then(|h| h.body);
            match (
                hash,
                store
                    .body(log.id, position)
                    .map_err(|e| Failure::node(&e))?,
            ) {
                (Some(hash), Some(body)) if body.matches(&hash) => bodies += 1,
                (_, Some(_)) => fault(format!(
                    "the body of entry {position} is not the one that its head commits to"
                )),
                (_, None) => {}
            }
        }
        if let Some(note) = &log.complete {
            let opened = Note::read(note).and_then(|n| {
                let claim = n.claim()?;
                let state = core.state();
                let writer = state
                    .successions(&log.handle)
                    .and_then(|s| s.epoch(claim.origin.epoch))
                    .map(|s| s.writer);
                let origin = Origin {
                    commons: core.identity().commons,
                    handle: log.handle.clone(),
                    epoch: claim.origin.epoch,
                };
                n.open(&origin, &writer.ok_or(commun_specs::note::Error::Unsigned)?)
            });
            match opened {
                Ok(c) if tree::root(&tree, c.size) == Ok(c.root) => {}
                Ok(c) => fault(format!(
                    "the tree is not the one of the checkpoint at {}",
                    c.size
                )),
                Err(e) => fault(format!("the checkpoint: {e}")),
            }
        }
        println!(
            "{}: {} entries, {bodies} bodies checked",
            log.handle, log.size
        );
    }
    if faults == 0 {
        Ok(())
    } else {
        Err(Failure::no(&format!(
            "{faults} faults; restore a backup, or join again"
        )))
    }
}
