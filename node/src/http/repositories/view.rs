//! What a repository is like: who may push, what is protected, and how its branches stand on this node.

use std::collections::{BTreeMap, BTreeSet};

use commun_forge::git::Oid;
use commun_specs::{
    fold::{Head, Item, RefState},
    name::Handle,
};
use serde_json::{Value, json};

use crate::{
    app::App,
    follow::projection::{self, Held},
    http::problem::Problem,
};

/// The names that Git knows heads by: of which ref, which commit, whose.
type Names = BTreeMap<(String, Option<String>, Handle), String>;

pub(super) async fn document(app: &App, item: &Item) -> Result<Value, Problem> {
    let behind = || Problem::unavailable("this node does not know the repository's rules yet");
    let policy = app
        .core
        .policy(item)
        .map_err(|e| Problem::internal(&e))?
        .ok_or_else(behind)?;
    let here = here(app, item).await?;
    let members = app.core.state().members();
    let maintainers: Vec<Value> = policy
        .pushers
        .iter()
        .map(|p| {
            let url = members
                .iter()
                .find(|m| m.handle == p.institution)
                .and_then(|m| m.urls.first())
                .map(|u| {
                    format!(
                        "{}/{}/{}.git",
                        u.trim_end_matches('/'),
                        item.owner,
                        item.slug
                    )
                });
            let mut value = json!({"institution": p.institution, "url": url});
            if let Some(persons) = &p.persons {
                let persons = persons.iter().map(
                    |id| json!({"id": id, "name": app.core.name_of(Some(id), &p.institution)}),
                );
                value["persons"] = persons.collect();
            }
            value
        })
        .collect();
    let protected: Vec<Value> = policy
        .protected
        .iter()
        .map(|p| {
            json!({"pattern": p.pattern, "threshold": p.threshold, "force": p.force, "delete": p.delete})
        })
        .collect();
    let cuts: Vec<Value> = policy
        .cuts
        .iter()
        .map(|c| json!({"institution": c.institution, "epoch": c.epoch, "size": c.size}))
        .collect();
    let placed = projection::project(item, &policy, &Held::default());
    let mut names = Names::new();
    for (name, head) in placed.refs {
        let oid = Some(head.oid.to_string());
        names.insert((head.of, oid, head.institution), name.to_string());
    }
    let refs: Vec<Value> = item
        .refs
        .iter()
        .filter(|(_, state)| !all(state).is_empty() || !state.waiting.is_empty())
        .map(|(name, state)| one(name, state, &here, &names))
        .collect();
    Ok(json!({
        "id": item.id,
        "name": format!("{}/{}", item.owner, item.slug),
        "institution": item.owner,
        "policy": item.policy,
        "clone_url": format!("{}/{}/{}.git", app.url, item.owner, item.slug),
        "default_branch": policy.default_branch,
        "object_format": policy.object_format,
        "maintainers": maintainers,
        "protected": protected,
        "cuts": cuts,
        "refs": refs,
    }))
}

/// The objects of its heads that this node holds.
async fn here(app: &App, item: &Item) -> Result<BTreeSet<Oid>, Problem> {
    let wanted: Vec<Oid> = projection::oids(item).into_iter().collect();
    let Ok(repository) = app.repos.get(&item.id.to_string()) else {
        return Ok(BTreeSet::new());
    };
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let held = repository
        .holds(&wanted)
        .await
        .map_err(|e| Problem::internal(&e))?;
    let held = wanted.into_iter().zip(held).filter(|(_, held)| *held);
    Ok(held.map(|(oid, _)| oid).collect())
}

/// The heads that are commits, each commit once.
fn all(state: &RefState) -> Vec<&Head> {
    let mut seen = BTreeSet::new();
    state
        .heads
        .iter()
        .filter(|h| h.oid.as_ref().is_some_and(|oid| seen.insert(oid)))
        .collect()
}

fn one(name: &str, state: &RefState, here: &BTreeSet<Oid>, names: &Names) -> Value {
    let held = |h: &Head| {
        let oid = h.oid.as_deref().and_then(|oid| Oid::parse(oid).ok());
        oid.is_some_and(|oid| here.contains(&oid))
    };
    let heads = all(state);
    let behind = heads.iter().any(|h| !held(h));
    let place = |h: &Head| {
        let place = names.get(&(name.to_owned(), h.oid.clone(), h.institution.clone()));
        json!({"institution": h.institution, "oid": h.oid, "statement": h.id, "held": held(h), "ref": place})
    };
    let listed: Vec<Value> = heads.iter().map(|h| place(h)).collect();
    let waiting: Vec<Value> = state
        .waiting
        .iter()
        .map(|w| {
            let mut value = place(&w.head);
            value["stated"] = w.stated.into();
            value["threshold"] = w.threshold.into();
            value
        })
        .collect();
    let said = match (heads.len(), behind) {
        (2.., _) => "diverged",
        (_, true) => "behind",
        _ if !waiting.is_empty() => "waiting",
        _ => "ok",
    };
    json!({"name": name, "oid": state.served, "state": said, "heads": listed, "waiting": waiting})
}
