//! From the catalogue, the bodies and the file list to an item as it is shown.

use std::collections::BTreeSet;

use commun_index::Kind;
use commun_specs::{
    files::FileList,
    fold::{Item, ItemKind},
    id::{ContentHash, StatementId},
    metadata::Record,
    name::Handle,
    statement::{Facts, Use, VersionRef},
};

use super::{
    Component, Evidence, Extraction, Neighbour, Reading, Ref, Repository, Shown, Source, Version,
    VersionFiles, Waiting, Withdrawal, Words, descriptions,
};
use crate::{
    core::{Core, Found},
    follow::Copies,
    store,
    takedown::{self, Standing},
};

/// Versions that are shown; who wants older ones reads the log.
const MAX_VERSIONS: usize = 200;
/// Statements about an item that are handed out at once.
const MAX_STATEMENTS: usize = 1_000;

/// Gathers what is known of an item. `list` reads a file list by its hash, `None` where it is not here; `copies`
/// says who holds the content.
///
/// # Errors
/// `log.db` fails.
pub fn shown(
    core: &Core,
    item: &Item,
    copies: Copies,
    list: impl Fn(&ContentHash) -> Option<FileList>,
) -> Result<Option<Shown>, store::Error> {
    let Some(displayed) = core.statement(&item.displayed())? else {
        return Ok(None);
    };
    let facts = displayed.statement.facts().ok().flatten();
    let mut record = record(&displayed);
    let rules = match &facts {
        Some(Facts::Repository(rules)) => Some(rules),
        _ => None,
    };
    let stated_licence = rules.and_then(|rules| stated(&rules.licence));
    let mut component = rules.map(|_| Component::default());
    let mut extraction = Extraction::default();
    for described in descriptions(item, rules.map(|rules| &*rules.default_branch)) {
        // What it named is gone with it.
        if core.state().catalogue().erasure_of(&described).is_some() {
            continue;
        }
        if let Some(found) = core.statement(&described)? {
            let says = match found.statement.facts() {
                Ok(Some(Facts::Description(says))) => Some(says),
                _ => None,
            };
            if let Some(says) = &says
                && takedown::sets_aside(core, &says.of, &list)?
            {
                continue;
            }
            let read = self::record(&found);
            if let Some(component) = &mut component {
                component.reading = Reading::of(&found, &read, stated_licence.as_deref());
            }
            // Only of the version that is shown: a picture of an older one is not of this one.
            if let Some(says) = says
                && says.of == item.displayed()
            {
                extraction.add(says.picture, &read);
            }
            record.merge(read);
        }
    }
    let mut view = record.view();
    let (mut files, mut repository, mut derived_from) = (None, None, Vec::new());
    let mut original = None;
    match facts {
        Some(Facts::Resource(resource)) => {
            // The head is what was signed with the licence in it; the body may be gone.
            view.licence = stated(&resource.licence);
            if words(core, &displayed)? != Words::Erased {
                original = resource.record;
                files = list(&resource.files.blake3);
            }
            for source in &resource.derived_from {
                derived_from.push(self::source(core, source)?);
            }
        }
        Some(Facts::Repository(rules)) => {
            // What nobody states is what was read.
            view.licence = stated(&rules.licence).or(view.licence);
            repository = Some(Repository {
                default_branch: rules.default_branch,
                object_format: rules.object_format,
                pushers: rules.pushers.into_iter().map(|p| p.institution).collect(),
                refs: refs(item),
                waiting: waiting(item),
                protected: rules
                    .protected
                    .into_iter()
                    .map(|rule| (rule.pattern, rule.threshold))
                    .collect(),
            });
        }
        _ => {}
    }
    let mut adoptions = crate::adoptions::of(core, item)?;
    adoptions.retain(|a| a.status != Use::Withdrawn);
    let reviews = crate::reviews::of(core, item, crate::reviews::MAX_SHOWN)?;
    let versions = versions(core, item)?;
    let pushed = pushes(core, item)?;
    let newest = versions.iter().map(|version| version.time).chain(pushed);
    let (derivatives, collections) = {
        let state = core.state();
        let catalogue = state.catalogue();
        (
            catalogue.derivatives(&item.id),
            catalogue.collected_in(&item.id),
        )
    };
    Ok(Some(Shown {
        id: item.id,
        handle: item.owner.clone(),
        slug: item.slug.clone(),
        kind: match item.kind {
            ItemKind::Repository => Kind::Repository,
            ItemKind::Resource => Kind::Resource,
            ItemKind::Collection => Kind::Collection,
        },
        view,
        record,
        words: words(core, &displayed)?,
        updated: newest.max().unwrap_or(0),
        withdrawn: match &item.withdrawn {
            Some(id) => withdrawal(core, id)?,
            None => None,
        },
        versions,
        original,
        files,
        repository,
        component,
        extraction,
        adoptions,
        reviews,
        derived_from,
        derived_into: neighbours(core, derivatives)?,
        twins: Vec::new(),
        collected_in: neighbours(core, collections)?,
        members: crate::collections::members(core, &item.id, 0..crate::collections::OPEN_MEMBERS)?,
        holders: copies.holders,
        local: copies.local,
    }))
}

/// The statements about an item: its versions, descriptions, withdrawals and the pushes that stand, by log and
/// position.
///
/// # Errors
/// `log.db` fails.
pub fn statements(core: &Core, item: &Item) -> Result<Vec<Evidence>, store::Error> {
    let heads = item
        .refs
        .values()
        .flat_map(|r| r.heads.iter().map(|h| h.id));
    let ids: BTreeSet<StatementId> = item
        .versions
        .iter()
        .copied()
        .chain(item.heads.iter().map(|head| head.2))
        .chain(item.descriptions.iter().map(|described| described.id))
        .chain(item.withdrawn)
        .chain(item.withdrawn_versions.values().copied())
        .chain(heads)
        .take(MAX_STATEMENTS)
        .collect();
    let mut all = Vec::new();
    for id in ids {
        if let Some(found) = core.statement(&id)? {
            all.push(Evidence {
                log: found.log,
                position: found.position,
                envelope: found.entry,
                body: found.body.map(|body| (body.salt, body.bytes)),
            });
        }
    }
    all.sort_by(|a, b| (&a.log, a.position).cmp(&(&b.log, b.position)));
    Ok(all)
}

fn record(found: &Found) -> Record {
    let body = found.body.as_ref();
    body.and_then(|body| Record::from_body(&body.bytes).ok())
        .unwrap_or_default()
}

/// SPDX has a word for "nothing was said".
fn stated(licence: &str) -> Option<String> {
    crate::resources::stated_licence(licence).map(str::to_owned)
}

/// Whether the words of a statement are here; where it has none, they are.
///
/// # Errors
/// `log.db` fails.
pub(crate) fn words(core: &Core, displayed: &Found) -> Result<Words, store::Error> {
    let promised = displayed
        .statement
        .head
        .as_ref()
        .is_some_and(|head| head.body.is_some());
    if displayed.body.is_some() || !promised {
        return Ok(Words::Here);
    }
    // What is missing without having been erased is still asked for. Not by whether the body is missing now: it may have come
    // since the statement was read.
    let entry = match core.log_row(&displayed.log) {
        Some(row) => core.store()?.entry(row, displayed.position)?,
        None => None,
    };
    Ok(match entry {
        Some(entry) if !entry.embodied => Words::Erased,
        _ => Words::Withheld,
    })
}

fn withdrawal(core: &Core, id: &StatementId) -> Result<Option<Withdrawal>, store::Error> {
    let Some(found) = core.statement(id)? else {
        return Ok(None);
    };
    let code = match found.statement.facts() {
        Ok(Some(Facts::Withdrawal(withdrawal))) => withdrawal.code,
        _ => String::new(),
    };
    let body: serde_json::Value = found
        .body
        .as_ref()
        .and_then(|b| serde_json::from_slice(&b.bytes).ok())
        .unwrap_or_default();
    let reason = body["reason"].as_str();
    let head = found.statement.head.as_ref();
    let by = head.and_then(|head| {
        let people = core.state().catalogue().enrolments(&found.log);
        let person = people.person_of_key(&head.author).map(|p| p.first);
        person.or(head.acting_for)
    });
    Ok(Some(Withdrawal {
        statement: *id,
        by: by.and_then(|by| core.name_of(Some(&by), &found.log)),
        time: head.map_or(0, |head| head.time),
        code,
        reason: reason.map(|r| r.chars().take(crate::takedown::MAX_REASON).collect()),
        institution: found.log,
    }))
}

fn versions(core: &Core, item: &Item) -> Result<Vec<Version>, store::Error> {
    let displayed = item.displayed();
    let people = core.state().catalogue().enrolments(&item.owner);
    let mut all = Vec::new();
    for id in item.versions.iter().rev().take(MAX_VERSIONS) {
        if item.withdrawn_versions.contains_key(id) {
            continue;
        }
        let Some(found) = core.statement(id)? else {
            continue;
        };
        let Some(head) = &found.statement.head else {
            continue;
        };
        let files = match found.statement.facts() {
            Ok(Some(Facts::Resource(resource))) => Some(VersionFiles {
                root: resource.files.blake3,
                count: resource.files.count,
                bytes: resource.files.size,
            }),
            _ => None,
        };
        let person = people.person_of_key(&head.author);
        let first = person.map(|person| person.first).or(head.acting_for);
        all.push(Version {
            statement: *id,
            author_name: first.and_then(|first| core.name_of(Some(&first), &found.log)),
            custody_self: person.is_some_and(|person| person.custody_self),
            position: found.position,
            time: head.time,
            author: head.author,
            current: *id == displayed,
            log: found.log,
            files,
        });
    }
    Ok(all)
}

/// Times of the pushes that stand: within a log order is time, so the last one of each is enough.
fn pushes(core: &Core, item: &Item) -> Result<Vec<u64>, store::Error> {
    let mut last: std::collections::BTreeMap<Handle, (u64, StatementId)> =
        std::collections::BTreeMap::new();
    {
        let state = core.state();
        for head in item.refs.values().flat_map(|r| &r.heads) {
            if let Some((log, position)) = state.catalogue().find(&head.id) {
                let slot = last.entry(log).or_insert((position, head.id));
                *slot = (*slot).max((position, head.id));
            }
        }
    }
    let mut times = Vec::new();
    for (_, id) in last.into_values() {
        let found = core.statement(&id)?;
        times.extend(found.and_then(|found| found.statement.head.map(|head| head.time)));
    }
    Ok(times)
}

/// An item's title, in whatever language it has one.
///
/// # Errors
/// `log.db` fails.
pub fn title(core: &Core, item: &Item) -> Result<Option<String>, store::Error> {
    Ok(core.statement(&item.displayed())?.and_then(|found| {
        let view = record(&found).view();
        view.title_for(&[]).map(|(_, title)| title.to_owned())
    }))
}

/// Others that are named on an item's page: as many as people look through.
const MAX_NEIGHBOURS: usize = 100;

/// Items by their ids, as far as they are shown here.
fn neighbours(core: &Core, ids: Vec<StatementId>) -> Result<Vec<Neighbour>, store::Error> {
    let mut all = Vec::new();
    for id in ids.into_iter().take(MAX_NEIGHBOURS) {
        let item = core.state().catalogue().copy_of(&id);
        let Some(item) = item.filter(|i| takedown::standing(core, i) == Standing::Shown) else {
            continue;
        };
        all.push(Neighbour {
            id,
            name: format!("{}/{}", item.owner, item.slug),
            title: title(core, &item)?,
        });
    }
    Ok(all)
}

fn source(core: &Core, from: &VersionRef) -> Result<Source, store::Error> {
    let (item, behind) = {
        let state = core.state();
        let catalogue = state.catalogue();
        let item = catalogue.copy_of(&from.item);
        (item, crate::adapt::behind(catalogue, from))
    };
    let item = item.filter(|i| core.hiding(&i.id).is_none());
    Ok(Source {
        item: from.item,
        name: item.as_ref().map(|i| format!("{}/{}", i.owner, i.slug)),
        title: match &item {
            Some(item) => title(core, item)?,
            None => None,
        },
        version: from.version,
        behind: behind.filter(|_| item.is_some()),
        newest: item.map(|i| i.displayed()),
    })
}

/// The refs as the logs state them. What this node serves is told by its repository ([`Shown::serve`]).
fn refs(item: &Item) -> Vec<Ref> {
    item.refs
        .iter()
        .filter_map(|(name, state)| {
            let first = state.heads.first()?;
            Some(Ref {
                name: name.clone(),
                oid: first.oid.clone()?,
                by: first.institution.clone(),
                served: None,
                diverged: state.heads[1..]
                    .iter()
                    .filter(|head| head.oid != first.oid)
                    .filter_map(|head| Some((head.institution.clone(), head.oid.clone()?)))
                    .collect(),
            })
        })
        .collect()
}

/// The pushes that a threshold keeps from moving a ref.
fn waiting(item: &Item) -> Vec<Waiting> {
    let all = item
        .refs
        .iter()
        .flat_map(|(name, state)| state.waiting.iter().map(move |w| (name, w)));
    all.filter_map(|(name, w)| {
        Some(Waiting {
            name: name.clone(),
            by: w.head.institution.clone(),
            oid: w.head.oid.clone()?,
            stated: w.stated,
            threshold: w.threshold,
        })
    })
    .collect()
}

impl Shown {
    /// Notes what a repository serves, by full ref name.
    pub fn serve(&mut self, served: impl Fn(&str) -> Option<String>) {
        for r in self
            .repository
            .iter_mut()
            .flat_map(|repository| &mut repository.refs)
        {
            r.served = served(&r.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Node;

    #[tokio::test(flavor = "multi_thread")]
    async fn words_that_came_after_their_statement_was_read_are_not_called_erased() {
        let node = Node::first().await;
        let about = r#"{"slug": "cours", "title": "Cours", "licence": "CC0-1.0"}"#;
        let upload = node.upload(about, &[("cours.md", "# Cours")]);
        let admin = node.admin();
        let made = node.resources.publish(&admin, upload, None).await.unwrap();
        let mut found = node.core.statement(&made.id).unwrap().unwrap();
        assert!(found.body.is_some());
        assert_eq!(words(&node.core, &found).unwrap(), Words::Here);
        found.body = None;
        assert_eq!(words(&node.core, &found).unwrap(), Words::Withheld);
    }
}
