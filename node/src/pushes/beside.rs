//! Heads that a push goes beside: an institution has stated them, and no node gives their objects.
//!
//! Nobody can say what a new commit contains of them. They stay heads, the push becomes one beside them, and whoever
//! has their objects merges; until then what this node holds is what people here go on from.

use std::collections::BTreeMap;

use commun_forge::git::{Error, Oid, Repository, proc_receive::Command};
use commun_specs::{fold::RefState, id::StatementId, name::Handle};

/// The heads that are passed over, and whose they are.
pub(super) type Beside = BTreeMap<StatementId, Handle>;

/// Takes the heads of others that are not held out of the refs that a push names. Where none is left, what this node
/// serves, and the pusher saw, stands in their place. `me`: whose own heads are never passed over, because the log's
/// next change would end them.
///
/// # Errors
/// Git fails.
pub(super) async fn pass_over(
    repository: &Repository,
    refs: &mut BTreeMap<String, RefState>,
    commands: &[Command],
    me: &Handle,
) -> Result<Beside, Error> {
    let mut beside = Beside::new();
    for command in commands {
        let Some(state) = refs.get_mut(&command.name) else {
            continue;
        };
        let parse = |oid: &Option<String>| oid.as_deref().and_then(|o| Oid::parse(o).ok());
        let oids: Vec<Oid> = state.heads.iter().filter_map(|h| parse(&h.oid)).collect();
        if oids.is_empty() {
            continue;
        }
        let held = repository.holds(&oids).await?;
        let lacking: Vec<&str> = oids
            .iter()
            .zip(&held)
            .filter(|(_, held)| !**held)
            .map(|(oid, _)| oid.as_str())
            .collect();
        let (passed, kept) = state.heads.drain(..).partition(|h| {
            h.institution != *me && h.oid.as_deref().is_some_and(|o| lacking.contains(&o))
        });
        let passed: Vec<commun_specs::fold::Head> = passed;
        if passed.is_empty() {
            state.heads = kept;
            continue;
        }
        beside.extend(passed.into_iter().map(|h| (h.id, h.institution)));
        state.heads = kept;
        state.served = match state.heads.first() {
            Some(head) => head.oid.clone(),
            None => command.old.as_ref().map(|o| o.as_str().to_owned()),
        };
    }
    Ok(beside)
}
