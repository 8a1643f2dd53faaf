//! `commun verify` of a repository: the history of its refs, checked here.

use std::collections::BTreeMap;

use commun_client::{Client, ItemRef, NoProof, Proven};
use commun_specs::{
    fold::State,
    history::{Proof, Told},
    id::CommonsId,
    statement::Change,
};
use serde_json::{Value, json};

use super::no;
use crate::{
    failure::{Code, Failure},
    terminal,
};

/// Digits of ids that are printed: the whole ones are in the JSON.
const SHORT: usize = 12;

/// What was asked for.
pub(super) struct Asked<'a> {
    pub(super) item: &'a ItemRef,
    pub(super) name: &'a str,
    pub(super) only: Option<&'a str>,
    pub(super) commons: Option<CommonsId>,
    pub(super) json: bool,
}

/// Replays the history, and stops at the first thing that does not hold.
pub(super) fn run(client: &Client, asked: &Asked<'_>) -> Result<(), Failure> {
    let progress = |handle: &_, size| {
        terminal::talk(&format!("Checking the log of {handle}: {size} entries"));
    };
    let proven = client
        .prove(asked.item, asked.only, asked.commons, progress)
        .map_err(|cause| match cause {
            NoProof::Node(error) => error.into(),
            NoProof::Fault(fault) => no(terminal::line(&fault.to_string())),
            NoProof::Form(what) => no(terminal::line(&what)),
        })?;
    if asked.only.is_some() && proven.history.is_empty() {
        return Err(Failure::new(
            Code::No,
            format!(
                "No push has changed this ref: {}",
                asked.only.unwrap_or_default()
            ),
        ));
    }
    for handle in &proven.missing {
        terminal::talk(&format!(
            "The node hands out no log of {handle}, which may push: what it pushed is not told here"
        ));
    }
    let mut all = Vec::new();
    let mut unknown = 0;
    for told in &proven.history {
        if asked.json {
            all.push(value(&proven, told, asked.only));
        } else {
            show(&proven, told, asked.only);
        }
        if let Proof::Broken(why) = &told.proof {
            return Err(no(terminal::line(&format!(
                "entry {} of {}: {why}",
                told.step.position, told.step.log
            ))));
        }
        unknown += usize::from(told.proof == Proof::Absent);
    }
    let git = client.git_refs(asked.name)?;
    let held = git
        .as_ref()
        .map(|refs| held(refs, &proven.refs, asked.only));
    match held {
        None => terminal::talk("This node does not hold the repository: Git was not compared."),
        Some(Err(what)) => {
            return Err(no(format!(
                "what Git holds is not what the statements say (a node whose objects are still on their way is behind; try again then): {}",
                terminal::line(&what)
            )));
        }
        Some(Ok(())) if !asked.json => {
            for (name, oid) in &proven.refs {
                terminal::data(&format!("{}  {oid}  Git holds it", terminal::line(name)));
            }
        }
        Some(Ok(())) => {}
    }
    if asked.json {
        terminal::json(&json!({
            "item": proven.item,
            "name": asked.name,
            "ref": asked.only,
            "logs": proven.logs,
            "logs_missing": proven.missing,
            "history": all,
            "refs": proven.refs,
            "git_compared": git.is_some(),
            "certificates_absent": unknown,
        }));
    }
    if unknown > 0 {
        terminal::talk(&format!(
            "{unknown} pushes have words that are not here (erased or withheld): whether they were signed cannot be told"
        ));
    }
    terminal::talk(&format!(
        "{} pushes hold, from the logs of {} institutions",
        proven.history.len(),
        proven.logs.len()
    ));
    Ok(())
}

/// Whether Git serves what the logs add up to: each ref, and no branch or tag besides.
fn held(
    git: &BTreeMap<String, String>,
    stated: &BTreeMap<String, String>,
    only: Option<&str>,
) -> Result<(), String> {
    for (name, oid) in stated {
        match git.get(name) {
            Some(found) if found == oid => {}
            Some(found) => return Err(format!("{name} is {found}, stated is {oid}")),
            None => return Err(format!("{name} is missing, stated is {oid}")),
        }
    }
    let ours = |name: &str| name.starts_with("refs/heads/") || name.starts_with("refs/tags/");
    let strange = git
        .keys()
        .filter(|name| ours(name) && only.is_none_or(|only| only == *name))
        .find(|name| !stated.contains_key(*name));
    match strange {
        Some(name) => Err(format!("{name} is stated by nobody")),
        None => Ok(()),
    }
}

fn changes<'a>(told: &'a Told, only: Option<&'a str>) -> impl Iterator<Item = &'a Change> {
    let all = told.step.changes.iter().flatten();
    all.filter(move |change| only.is_none_or(|only| change.name == only))
}

fn custody(told: &Told) -> &'static str {
    match told.step.enrolled {
        Some((_, true)) => "own key",
        Some((_, false)) => "key kept by the node",
        None => "not enrolled there",
    }
}

fn show(proven: &Proven, told: &Told, only: Option<&str>) {
    let step = &told.step;
    let short = |text: &str| text.chars().take(SHORT).collect::<String>();
    let oid = |oid: &Option<String>| oid.as_deref().map_or("none".to_owned(), short);
    let who = step.person.map_or("nobody".to_owned(), |person| {
        let id = short(&person.to_string());
        match proven.names.get(&person) {
            Some(name) => format!("{} ({id})", terminal::line(name)),
            None => id,
        }
    });
    for change in changes(told, only) {
        terminal::data(&format!(
            "{}  {} -> {}{}",
            terminal::line(&change.name),
            oid(&change.old),
            oid(&change.new),
            if change.forced { "  forced" } else { "" }
        ));
    }
    let charter = step.charter.map_or("none".to_owned(), |n| n.to_string());
    terminal::data(&format!(
        "    entry {} of {}, {}, by {who}, {}",
        step.position,
        step.log,
        terminal::time(told.time),
        custody(told)
    ));
    terminal::data(&format!(
        "    under policy {} and charter {charter}; {}",
        short(&step.policy.to_string()),
        match &told.proof {
            Proof::Certificate(certificate) => format!("signed by the person: {}", certificate.key),
            Proof::Attested => "attested by the node".to_owned(),
            Proof::Absent => "whether it was signed cannot be told".to_owned(),
            Proof::Broken(why) => format!(
                "THE CERTIFICATE DOES NOT HOLD: {}",
                terminal::line(&why.to_string())
            ),
        }
    ));
    let witnesses = proven.witnesses.get(&step.id).filter(|w| !w.is_empty());
    let witnesses = witnesses.map_or("nobody yet".to_owned(), |w| {
        w.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    });
    let counted = match step.state {
        State::InForce | State::Superseded => String::new(),
        State::Refused(reason) => format!("; it did not count: {reason}"),
        other => format!("; it does not count: {}", other.as_str()),
    };
    terminal::data(&format!("    witnessed by: {witnesses}{counted}"));
}

fn value(proven: &Proven, told: &Told, only: Option<&str>) -> Value {
    let step = &told.step;
    let changes = changes(told, only).map(|change| {
        json!({"ref": change.name, "old": change.old, "new": change.new, "forced": change.forced})
    });
    let key = match &told.proof {
        Proof::Certificate(certificate) => Some(certificate.key),
        _ => None,
    };
    json!({
        "statement": step.id,
        "institution": step.log,
        "position": step.position,
        "state": step.state.as_str(),
        "time": told.time,
        "person": step.person,
        "person_name": step.person.and_then(|person| proven.names.get(&person)),
        "custody": step.enrolled.map(|(_, own)| if own { "self" } else { "node" }),
        "policy": step.policy,
        "charter": step.charter,
        "certificate": match &told.proof {
            Proof::Certificate(_) => "verified",
            Proof::Attested => "none",
            Proof::Absent => "absent",
            Proof::Broken(_) => "broken",
        },
        "key": key,
        "witnesses": proven.witnesses.get(&step.id),
        "changes": changes.collect::<Vec<_>>(),
    })
}
