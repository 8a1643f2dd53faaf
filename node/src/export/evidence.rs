//! What proves an item without this node: its statements, the charter and the successions with which every proof begins,
//! and for each statement the proof that it stands in its log.

use std::collections::BTreeMap;

use commun_specs::{
    name::Handle,
    note::Note,
    tree::{self, Hashes},
};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use crate::http::{
    problem::Problem,
    site::{Fault, LogReader, Site},
};

/// What a bag says of how it is checked.
pub(super) const README: &str = "\
This is a bag (RFC 8493) of items of a commons. Any BagIt program checks that its files are whole.

For each item, HANDLE/SLUG/ has

  files/            its files, at their paths
  records/          its metadata in the standards of libraries, citations, credits
  metadata.json     its metadata in the form of the commons (`commun publish --metadata`)
  known.json        every value that is known, with where it came from
  original/         the record or package that it came in as, byte for byte, where it did
  statements.json   the signed statements that make it, in the form of GET /api/v1/items/ITEM/statements

and evidence.json proves the statements: `charters` and `successions` are the envelopes (DSSE, base64) that say whose keys
count; each log has its signed checkpoint (C2SP tlog-checkpoint), and for each statement the hashes by which its leaf, which
is SHA-256(0x00 and the envelope as strict JSON), leads to the root of the checkpoint (RFC 6962, 2.1.1).

A statement names its body by SHA-256(salt and body), a resource names the list of its files by BLAKE3. The exact bytes are
in specs/ of the source of Commun: 01 to 03 statements and logs, 08 files.

report.csv says what each standard could not carry.
";

/// A log through which hashes are read.
struct Log<'a>(&'a dyn LogReader);

impl Hashes for Log<'_> {
    fn get(&self, index: u64) -> Option<[u8; 32]> {
        self.0.get(index)
    }
}

/// The evidence for statements, by their places. Blocks.
pub(super) fn evidence(
    site: &dyn Site,
    places: &BTreeMap<Handle, Vec<u64>>,
) -> Result<Value, Problem> {
    let foundations = site.foundations();
    let encoded = |all: &[Vec<u8>]| all.iter().map(|e| BASE64.encode(e)).collect::<Vec<_>>();
    let mut logs = Vec::new();
    for (handle, positions) in places {
        let mut told = json!({"institution": handle});
        site.log(handle, None, &mut |log| {
            told = self::log(log, handle, positions)?;
            Ok(())
        })?;
        logs.push(told);
    }
    let successions = foundations.successions.iter();
    let me = site.me();
    Ok(json!({
        "commons": me.commons,
        "name": me.commons_name,
        "charters": encoded(&foundations.charters),
        "successions": successions
            .map(|(handle, all)| json!({"institution": handle, "envelopes": encoded(all)}))
            .collect::<Vec<_>>(),
        "logs": logs,
    }))
}

fn log(log: &dyn LogReader, handle: &Handle, positions: &[u64]) -> Result<Value, Fault> {
    let Some(note) = log.checkpoint() else {
        return Ok(json!({"institution": handle}));
    };
    let claim = Note::read(&note)
        .and_then(|note| note.claim())
        .map_err(|e| Fault(e.to_string()))?;
    let mut proofs = Vec::new();
    for position in positions.iter().filter(|position| **position < claim.size) {
        let proof = tree::prove_leaf(&Log(log), claim.size, *position);
        let hashes = proof.map_err(|e| Fault(e.to_string()))?;
        let hashes: Vec<String> = hashes.iter().map(|hash| HEXLOWER.encode(hash)).collect();
        proofs.push(json!({"position": position, "hashes": hashes}));
    }
    let text = |note: Vec<u8>| String::from_utf8(note).ok();
    Ok(json!({
        "institution": handle,
        "size": claim.size,
        "checkpoint": text(note),
        "witnessed": log.witnessed().and_then(text),
        "proofs": proofs,
    }))
}
