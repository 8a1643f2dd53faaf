//! Making a data folder: the first node of a new commons, or an institution that joins one.

use std::{collections::BTreeMap, path::Path};

use commun_specs::{
    charter::{Amendment, Chain, Institution},
    envelope::{Envelope, PayloadType},
    id::{StatementId, TreeRoot},
    json::{Object, Value},
    key::{PublicKey, SecretKey},
    name::{Handle, Role},
    succession::Succession,
};

use crate::{
    core::{Author, Core, Draft, Person, WriteError, now},
    keys::{self, Keys},
    store::{self, Store},
};

/// How long a node's enrolment lasts, in seconds. The node renews it while the institution key is online.
pub const NODE_SECONDS: u64 = 400 * 86_400;
/// How long a person's enrolment lasts, in seconds.
pub const PERSON_SECONDS: u64 = 5 * 366 * 86_400;

/// A data folder cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It already is one.
    #[error("this data folder already belongs to {0}; choose another with --data")]
    AlreadyInitialised(String),
    /// The members know the log under another node's key.
    #[error(
        "the log of {0} is written by another node key than the one in keys/; put back the keys folder of the node that was lost"
    )]
    OtherWriter(String),
    /// The charter or succession cannot be written (an empty or over-long name).
    #[error("the charter cannot be written: {0}")]
    Charter(String),
    /// The key store fails.
    #[error(transparent)]
    Keys(#[from] keys::Error),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The core does not open.
    #[error(transparent)]
    Open(#[from] crate::core::OpenError),
    /// The first statements are refused.
    #[error("writing the institution's first statements: {0}")]
    Write(#[from] WriteError),
    /// The file system refuses.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Begins a commons with this institution as its only member.
pub async fn found(data: &Path, commons: &str, name: &str, handle: &Handle) -> Result<Core, Error> {
    let keys = Keys::open(&data.join("keys"))?;
    let institution = keys.institution()?;
    let me = Institution {
        handle: handle.clone(),
        name: name.to_owned(),
        keys: vec![institution.public()],
        threshold: 1,
        ror: None,
        uai: None,
    };
    let payload = Amendment::genesis(commons, now(), me)
        .to_payload()
        .map_err(|e| Error::Charter(e.to_string()))?;
    let charter = Envelope::seal(PayloadType::Charter, payload, &[&institution]).to_bytes();
    begin(data, &keys, handle, name, vec![charter], Vec::new()).await
}

/// Begins the log of an institution that a commons has admitted.
pub async fn begin(
    data: &Path,
    keys: &Keys,
    handle: &Handle,
    name: &str,
    charter: Vec<Vec<u8>>,
    successions: Vec<Vec<u8>>,
) -> Result<Core, Error> {
    let mut store = Store::open(&data.join("log.db"))?;
    if let Some(other) = store.meta("handle")? {
        return Err(Error::AlreadyInitialised(
            String::from_utf8_lossy(&other).into_owned(),
        ));
    }
    let bad = |e: commun_specs::charter::Error| Error::Charter(e.to_string());
    let first = charter
        .first()
        .ok_or_else(|| Error::Charter("there is none".to_owned()))?;
    let mut chain = Chain::begin(first).map_err(bad)?;
    for bytes in &charter[1..] {
        chain.add(bytes).map_err(bad)?;
    }
    let (node, institution) = (keys.node()?, keys.institution()?);
    let mut known: BTreeMap<Handle, commun_specs::succession::Successions> = BTreeMap::new();
    let mut all = Vec::new();
    for bytes in successions {
        let (it, _) = Succession::open(&bytes).map_err(|e| Error::Charter(e.to_string()))?;
        let of = known.entry(it.institution.clone()).or_default();
        of.add(&chain, &bytes)
            .map_err(|e| Error::Charter(e.to_string()))?;
        all.push((it, bytes));
    }
    // The members may know this institution's log already: then this folder takes the place of one that was lost,
    // and what it says must follow what they have. Only a log that nobody can have seen is begun here.
    let fresh = match known.get(handle).and_then(|s| s.current()) {
        None => true,
        Some(current) if current.writer == node.public() => false,
        Some(_) => return Err(Error::OtherWriter(handle.to_string())),
    };
    if fresh {
        let own = Succession {
            commons: chain.commons(),
            institution: handle.clone(),
            epoch: 0,
            prev: None,
            charter: chain.head().1,
            size: 0,
            root: TreeRoot::empty(),
            writer: node.public(),
        };
        let sealed = Envelope::seal(PayloadType::Succession, own.to_payload(), &[&institution]);
        all.push((own, sealed.to_bytes()));
    }
    store.transaction(|s| -> Result<(), Error> {
        for (number, bytes) in charter.iter().enumerate() {
            s.put_charter(number as u64, bytes)?;
            s.journal_charter(number as u64)?;
        }
        for (it, bytes) in &all {
            s.put_succession(it.institution.as_str(), it.epoch, bytes)?;
        }
        s.set_meta("name", name.as_bytes())?;
        s.set_meta("handle", handle.as_str().as_bytes())?;
        s.set_meta(FRESH, &[u8::from(fresh)])?;
        Ok(())
    })?;
    drop(store);
    let core = Core::open(data)?;
    complete(&core).await?;
    Ok(core)
}

/// Completes a data folder whose making was interrupted after the charter was stored.
pub async fn complete_folder(data: &Path, handle: &Handle) -> Result<(), Error> {
    let core = Core::open(data)?;
    if core.identity().handle != *handle {
        return Err(Error::AlreadyInitialised(
            core.identity().handle.to_string(),
        ));
    }
    complete(&core).await
}

/// Says that nobody but this folder has seen its log: what it begins with may be signed without asking.
const FRESH: &str = "fresh";

/// Writes what a log that was begun in this folder begins with, as far as it is not there. A crash in between is
/// mended by calling it again, which every start does.
pub async fn complete(core: &Core) -> Result<(), Error> {
    if core.store()?.meta(FRESH)?.as_deref() != Some(&[1]) {
        return Ok(());
    }
    core.set_may_sign(true);
    let done = begin_log(core).await;
    core.set_may_sign(false);
    done?;
    core.set_meta(FRESH, &[0]).await?;
    Ok(())
}

/// What every institution's log has: a marker, this node, an admin, the names. Each is written if it is missing.
pub async fn begin_log(core: &Core) -> Result<(), Error> {
    let me = core.identity().handle.clone();
    mark_charter(core).await?;
    let enrolled = core.state().catalogue().enrolments(&me);
    if enrolled.nodes.is_empty() {
        enrol_node(core, &[], &[], None).await?;
    }
    if enrolled.persons.is_empty() {
        let key = core.keys().new_person()?;
        enrol_person(core, &key.public(), &[Role::Admin], false, None).await?;
    }
    let admin = core
        .persons()
        .into_iter()
        .find(|p| p.roles.contains(&Role::Admin));
    let Some(admin) = admin else { return Ok(()) };
    if let Some(key) = core.author_key(&admin)? {
        let named = |of| core.state().catalogue().profile(&me, of).is_some();
        if !named(None) {
            let name = core.store()?.meta("name")?.unwrap_or_default();
            profile(core, &key, None, &String::from_utf8_lossy(&name)).await?;
        }
        if !named(Some(admin.id)) {
            profile(core, &key, Some(admin.id), "admin").await?;
        }
    }
    // A token whose hash was lost with log.db opens nothing: the operator gets a new one.
    let known = match core.keys().admin_token()? {
        Some(token) => core.person_of_token(&token)?.is_some(),
        None => false,
    };
    if !known {
        let (token, _) = core.create_token(admin.id, "write").await?;
        core.keys().write_admin_token(&token)?;
    }
    Ok(())
}

/// Notes in this institution's log which charter its next entries are judged under, if that changed.
pub async fn mark_charter(core: &Core) -> Result<(), Error> {
    let (number, id, marked) = {
        let state = core.state();
        let (head, id) = state.chain().head();
        (
            head.number,
            id,
            state.catalogue().marker(&core.identity().handle),
        )
    };
    if marked.is_some_and(|m| m >= number) {
        return Ok(());
    }
    let fields = Object::from([
        ("number".to_owned(), Value::Int(number)),
        ("charter".to_owned(), id.to_string().into()),
    ]);
    write(
        core,
        Draft {
            kind: "charter-marker",
            fields,
            ..Draft::default()
        },
        &Author::Node,
    )
    .await?;
    Ok(())
}

/// States where this node is reached. `replaces`: its enrolment in force.
pub async fn enrol_node(
    core: &Core,
    urls: &[String],
    addrs: &[String],
    replaces: Option<StatementId>,
) -> Result<StatementId, Error> {
    let institution = core.keys().institution()?;
    let me = core.identity();
    let texts = |l: &[String]| Value::List(l.iter().map(|t| t.as_str().into()).collect());
    let fields = Object::from([
        ("type".to_owned(), "node".into()),
        ("key".to_owned(), me.node.public().to_string().into()),
        ("not_after".to_owned(), Value::Int(now() + NODE_SECONDS)),
        ("urls".to_owned(), texts(urls)),
        ("addrs".to_owned(), texts(addrs)),
    ]);
    let draft = Draft {
        kind: "enrolment",
        fields,
        supersedes: replaces.into_iter().collect(),
        ..Draft::default()
    };
    write(
        core,
        draft,
        &Author::Institution(&institution, vec![&me.node]),
    )
    .await
}

/// Gives a person who is enrolled another key, with the roles that they have. `by` as in [`enrol_person`].
pub async fn replace_key(
    core: &Core,
    person: &Person,
    key: &PublicKey,
    by: &Author<'_>,
) -> Result<StatementId, Error> {
    let mut draft = enrolment(key, &person.roles, true);
    draft
        .fields
        .insert("person".to_owned(), person.id.to_string().into());
    draft.supersedes = vec![person.enrolment];
    write(core, draft, by).await
}

/// Enrols a person. `by`: the admin's key; absent = the institution itself.
pub async fn enrol_person(
    core: &Core,
    key: &PublicKey,
    roles: &[Role],
    custody_self: bool,
    by: Option<&Author<'_>>,
) -> Result<StatementId, Error> {
    let institution = core.keys().institution()?;
    let draft = enrolment(key, roles, custody_self);
    match by {
        Some(author) => write(core, draft, author).await,
        None => write(core, draft, &Author::Institution(&institution, Vec::new())).await,
    }
}

/// The enrolment of a person.
fn enrolment(key: &PublicKey, roles: &[Role], custody_self: bool) -> Draft {
    let fields = Object::from([
        ("type".to_owned(), "person".into()),
        ("key".to_owned(), key.to_string().into()),
        (
            "roles".to_owned(),
            Value::List(roles.iter().map(|r| r.as_str().into()).collect()),
        ),
        (
            "custody".to_owned(),
            if custody_self { "self" } else { "node" }.into(),
        ),
        ("not_after".to_owned(), Value::Int(now() + PERSON_SECONDS)),
    ]);
    Draft {
        kind: "enrolment",
        fields,
        ..Draft::default()
    }
}

/// States a name: of a person (their first enrolment), or of the institution.
pub async fn profile(
    core: &Core,
    key: &SecretKey,
    of: Option<StatementId>,
    name: &str,
) -> Result<StatementId, Error> {
    let mut fields = Object::new();
    if let Some(person) = of {
        fields.insert("of".to_owned(), person.to_string().into());
    }
    let body = serde_json::json!({ "name": name }).to_string().into_bytes();
    write(
        core,
        Draft {
            kind: "profile",
            fields,
            body: Some(body),
            ..Draft::default()
        },
        &Author::Person(key),
    )
    .await
}

async fn write(core: &Core, draft: Draft, author: &Author<'_>) -> Result<StatementId, Error> {
    let entry = core.compose(draft, author).map_err(WriteError::from)?;
    Ok(core.write(entry).await?.id)
}
