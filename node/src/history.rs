//! The history of a repository as this node tells it: each push with what proves it.
//!
//! The pages show it; `commun verify` fetches the same and believes none of it but bytes that it checks itself. What a
//! change is worth is decided in [`commun_specs::history`]; here the bodies, lists and names are added.

mod signer;

use std::collections::BTreeMap;

use commun_specs::{
    history::{Judge, Proof, Step, Words, steps},
    id::StatementId,
    name::Handle,
    statement::Body,
};

pub use signer::{Signature, signature};

use crate::{core::Core, store};

/// A part of the history of a repository.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// How many pushes there are in all.
    pub total: usize,
    /// How many are before the first one of this part.
    pub skipped: usize,
    /// This part, oldest first.
    pub pushes: Vec<Pushed>,
}

/// One push.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// What the logs say of it.
    pub step: Step,
    /// How it is known who moved the refs.
    pub proof: Proof,
    /// Seconds since 1970 by the clock of the node that took it.
    pub time: u64,
    /// The person's name, if their profile says one.
    pub person_name: Option<String>,
    /// The DSSE envelope.
    pub envelope: Vec<u8>,
    /// The body, if there is one and it is here.
    pub body: Option<Body>,
    /// The bytes of the list of its changes, if they are not in the head and it is here.
    pub list: Option<Vec<u8>>,
    /// Who cosigned a checkpoint that covers it.
    pub witnesses: Vec<Handle>,
}

/// Bytes of bodies and lists that are read for one part, about: each push may have 256 KiB of the one and 8 MiB of the
/// other. What is beyond comes with the next part.
const MAX_BYTES: usize = 16 << 20;

/// Which part of the history is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// How many pushes to leave out; `None` counts from the end, so that the newest come.
    pub skip: Option<usize>,
    /// At most how many.
    pub limit: usize,
}

/// Reads a part of the history of a repository, or of one ref of it. A certificate that was used before is found within
/// the part only.
///
/// # Errors
/// `log.db` fails.
pub fn history(
    core: &Core,
    item: &StatementId,
    only: Option<&str>,
    part: Part,
) -> Result<History, store::Error> {
    let (all, names) = {
        let state = core.state();
        let catalogue = state.catalogue();
        (steps(catalogue, item, only), catalogue.names_of(item))
    };
    let total = all.len();
    let skipped = part
        .skip
        .unwrap_or(total.saturating_sub(part.limit))
        .min(total);
    let mut judge = Judge::new(names);
    let mut witnessed = BTreeMap::new();
    let mut pushes = Vec::new();
    let mut bytes = 0;
    for step in all.into_iter().skip(skipped).take(part.limit) {
        if bytes > MAX_BYTES {
            break;
        }
        let Some(found) = core.statement(&step.id)? else {
            continue;
        };
        let Some(head) = &found.statement.head else {
            continue;
        };
        let words = match (head.body, &found.body) {
            (None, _) => Words::None,
            (Some(_), None) => Words::Absent,
            (Some(_), Some(body)) => Words::Here(body.bytes.clone()),
        };
        let list = match &step.list {
            Some(hash) => core.store()?.list(hash)?,
            None => None,
        };
        bytes += found.body.as_ref().map_or(0, |body| body.bytes.len());
        bytes += list.as_ref().map_or(0, Vec::len);
        pushes.push(Pushed {
            proof: judge.judge(&step, &words),
            time: head.time,
            person_name: core.name_of(step.person.as_ref(), &step.log),
            envelope: found.entry,
            body: found.body,
            list,
            witnesses: witnesses(core, &mut witnessed, &step)?,
            step,
        });
    }
    Ok(History {
        total,
        skipped,
        pushes,
    })
}

/// Who cosigned a checkpoint that covers a push; `known` keeps what was asked of each log.
fn witnesses(
    core: &Core,
    known: &mut BTreeMap<Handle, (u64, Vec<Handle>)>,
    step: &Step,
) -> Result<Vec<Handle>, store::Error> {
    if !known.contains_key(&step.log) {
        let found = core.witnessed(&step.log)?;
        let found = found.map(|w| {
            let by = w.by.into_iter().map(|cosignature| cosignature.handle);
            (w.checkpoint.size, by.collect())
        });
        known.insert(step.log.clone(), found.unwrap_or_default());
    }
    Ok(match known.get(&step.log) {
        Some((size, by)) if step.position < *size => by.clone(),
        _ => Vec::new(),
    })
}

/// The charter's amendments and every log's successions, for who verifies without this node.
#[derive(Debug, Clone, Default)]
pub struct Foundations {
    /// Amendments 0 to n, as envelopes.
    pub charters: Vec<Vec<u8>>,
    /// The successions of each log, as envelopes.
    pub successions: Vec<(Handle, Vec<Vec<u8>>)>,
}

/// What every proof begins with.
pub fn foundations(core: &Core) -> Foundations {
    let state = core.state();
    let all = state.all_successions();
    Foundations {
        charters: state.chain().envelopes(0).collect(),
        successions: all
            .iter()
            .map(|(handle, s)| (handle.clone(), s.envelopes().collect()))
            .collect(),
    }
}

#[cfg(test)]
mod tests;
