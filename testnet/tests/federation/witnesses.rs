//! The others cosign how long a log is.

use anyhow::{Context, Result, ensure};
use commun_specs::{
    key::PublicKey,
    note::{MAX_NOTE, Note},
};
use commun_testnet::{federation::Federation, process::Node};

use super::{deeds::publish_note, turn::turn};

const A: usize = 0;

/// Up to where a node knows the log of A to be witnessed, and by whom.
fn witnessed(node: &Node) -> Result<(u64, Vec<String>)> {
    let status = node.client()?.status()?;
    let logs = status.json["logs"].as_array().context("no logs")?.clone();
    let log = logs.iter().find(|l| l["handle"] == "univ-angers");
    let witnessed = log.context("the log is not known")?["witnessed"].clone();
    let by = witnessed["by"].as_array().cloned().unwrap_or_default();
    let by = by
        .iter()
        .filter_map(|c| Some(c["handle"].as_str()?.to_owned()));
    Ok((witnessed["size"].as_u64().unwrap_or(0), by.collect()))
}

#[test]
fn every_member_can_show_who_witnessed_a_log_also_when_its_writer_is_gone() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(3)?;
    publish_note(&f.nodes[A], "temoin", "Note devant témoins")?;
    f.converge()?;
    let status = f.nodes[A].client()?.status()?;
    let size = status
        .logs
        .iter()
        .find(|l| l.handle == "univ-angers")
        .context("no log")?
        .size;
    f.wait("both others have cosigned, and everybody knows", |f| {
        for node in &f.nodes {
            let (up_to, by) = witnessed(node)?;
            if up_to < size || by != ["insa-rennes", "univ-lorraine"] {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    f.nodes[A].kill();
    // Whoever asks any member checks the cosignatures without trusting it.
    let client = f.nodes[1].client()?;
    let bytes = client.log("univ-angers", "witnessed", MAX_NOTE as u64)?;
    let note = Note::read(&bytes)?;
    let claim = note.claim()?;
    for node in &f.nodes[1..] {
        let key: PublicKey = node.client()?.status()?.node.parse()?;
        let handle = node.handle.parse()?;
        let signed = note.cosignature(&claim.origin.commons, &handle, &key);
        ensure!(signed.is_some(), "{} has not signed {claim:?}", node.handle);
    }
    ensure!(claim.size >= size, "only up to {}", claim.size);
    // A restart forgets nothing of it.
    f.nodes[1].kill();
    f.nodes[1].start()?;
    ensure!(witnessed(&f.nodes[1])?.1.len() == 2);
    Ok(())
}
