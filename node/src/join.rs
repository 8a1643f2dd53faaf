//! `init`: the first node of a new commons, or an institution that asks to join one.

use std::{
    collections::BTreeMap,
    fmt::Display,
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::Duration,
};

use commun_specs::{
    charter::Chain,
    id::CommonsId,
    join::{Invitation, JoinRequest},
    key::PublicKey,
    name::Handle,
    succession::{Succession, Successions},
};
use tokio::time::sleep;

use crate::{
    config::{Config, Flags},
    daemon::Failure,
    data, init,
    keys::Keys,
    net::{
        door::Papers,
        join::{Answer, Request, ask},
    },
    store::Store,
};

/// How long to wait between two questions whether the members have admitted this institution.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// `commun init --commons NAME`.
pub async fn found(
    data: &Path,
    flags: &Flags,
    commons: &str,
    name: &str,
    handle: &Handle,
) -> Result<(), Failure> {
    let _claimed = data::claim(data).map_err(|e| Failure::refused(&e))?;
    let written = !initialised(data)? && settings(data, &Config::initial_file(&[], flags))?;
    let core = match init::found(data, commons, name, handle).await {
        Ok(core) => core,
        Err(e) => {
            // A name that is refused begins nothing: the next command's settings are the ones that count.
            if written && !initialised(data)? {
                let _ = fs::remove_file(data.join(SETTINGS));
            }
            return Err(failure(&e));
        }
    };
    eprintln!(
        "{name} ({handle}) begins the commons {commons:?}: {}",
        core.identity().commons
    );
    next(data);
    Ok(())
}

/// `commun init --join INVITE`: asks to join and waits until the members have admitted this institution. It may be
/// stopped and begun again at any moment: keys and request stay the same.
pub async fn join(
    data: &Path,
    flags: &Flags,
    invitation: &str,
    name: &str,
    handle: &Handle,
) -> Result<(), Failure> {
    let invitation: Invitation = invitation.parse().map_err(|e| Failure::usage(&e))?;
    let _claimed = data::claim(data).map_err(|e| Failure::refused(&e))?;
    let file = Config::initial_file(&invitation.peers, flags);
    if initialised(data)? {
        settings(data, &file)?;
        // A second run after the admission only completes what a crash left.
        init::complete_folder(data, handle)
            .await
            .map_err(|e| failure(&e))?;
        return Ok(());
    }
    let keys = Keys::open(&data.join("keys")).map_err(|e| failure(&e.into()))?;
    let institution = keys.institution().map_err(|e| failure(&e.into()))?;
    let node = keys.node().map_err(|e| failure(&e.into()))?;
    let request = Request::Join(JoinRequest {
        secret: invitation.secret.clone(),
        handle: handle.clone(),
        name: name.to_owned(),
        keys: vec![institution.public()],
        threshold: 1,
        node: node.public(),
    });
    let mut told = false;
    let papers = loop {
        match ask(&node, &invitation.peers, &request).await {
            Ok(Answer::Refused { reason }) => return Err(Failure::refused(&reason)),
            Ok(answer) => match answer.papers() {
                Some(papers) => break papers,
                None if !told => {
                    eprintln!(
                        "the request of {handle} is filed. A member admits it with: commun charter admit {handle}\n\
                         waiting (this may be stopped and begun again with the same command)…"
                    );
                    told = true;
                }
                None => {}
            },
            Err(e) if !told => return Err(Failure::unreachable(&e)),
            Err(e) => eprintln!("{e}; trying again"),
        }
        sleep(ASK_AGAIN).await;
    };
    let id = verified(&papers, &invitation, handle, &institution.public())?;
    settings(data, &file)?;
    init::begin(
        data,
        &keys,
        handle,
        name,
        papers.charter,
        papers.successions,
    )
    .await
    .map_err(|e| failure(&e))?;
    eprintln!("{name} ({handle}) is a member of the commons {id}");
    next(data);
    Ok(())
}

/// Whether the folder's making came as far as the charter: `log.db` alone says nothing, a kill may have left it empty.
fn initialised(data: &Path) -> Result<bool, Failure> {
    let path = data.join("log.db");
    if !path.exists() {
        return Ok(false);
    }
    let known = Store::open(&path).and_then(|s| s.meta("handle"));
    Ok(known.map_err(|e| failure(&e.into()))?.is_some())
}

/// Checks all that a member's answer brings before anything of it is stored; the commons that it is of.
fn verified(
    papers: &Papers,
    invitation: &Invitation,
    handle: &Handle,
    key: &PublicKey,
) -> Result<CommonsId, Failure> {
    let bad = |why: &dyn Display| Failure::refused(&format!("the member's answer: {why}"));
    let (first, rest) = papers
        .charter
        .split_first()
        .ok_or_else(|| bad(&"it holds no charter"))?;
    let mut chain = Chain::begin(first).map_err(|e| bad(&e))?;
    if chain.commons() != invitation.commons {
        return Err(bad(&"it is of another commons than the invitation"));
    }
    for bytes in rest {
        chain.add(bytes).map_err(|e| bad(&e))?;
    }
    if !chain
        .head()
        .0
        .institution(handle)
        .is_some_and(|i| i.keys.contains(key))
    {
        return Err(bad(&format!(
            "its charter does not list {handle} with the key of this data folder"
        )));
    }
    let mut logs: BTreeMap<Handle, Successions> = BTreeMap::new();
    for bytes in &papers.successions {
        let (s, _) = Succession::open(bytes).map_err(|e| bad(&e))?;
        logs.entry(s.institution)
            .or_default()
            .add(&chain, bytes)
            .map_err(|e| bad(&e))?;
    }
    Ok(chain.commons())
}

/// The file of the settings.
const SETTINGS: &str = "commun.toml";

/// Writes the settings, whole or not at all, unless there are some; says whether it did.
fn settings(data: &Path, text: &str) -> Result<bool, Failure> {
    let path = data.join(SETTINGS);
    if path.exists() {
        return Ok(false);
    }
    let new = data.join("commun.toml.new");
    File::create(&new)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&new, &path))
        .map_err(|e| Failure::node(&format!("{}: {e}", path.display())))?;
    Ok(true)
}

fn next(data: &Path) {
    eprintln!(
        "data folder: {}\n\
         the operator's access token is in keys/admin.token; back up the keys folder now, it exists nowhere else\n\
         start the node with: commun node run --data {}",
        data.display(),
        data.display()
    );
}

fn failure(e: &init::Error) -> Failure {
    match e {
        init::Error::AlreadyInitialised(_) => Failure::refused(e),
        init::Error::Charter(_) => Failure::usage(e),
        _ => Failure::node(e),
    }
}

#[cfg(test)]
mod tests;
