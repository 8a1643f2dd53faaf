//! `init`: the first node of a new commons, or an institution that asks to join one.

use std::{fs, path::Path, time::Duration};

use commun_specs::{
    join::{Invitation, JoinRequest},
    name::Handle,
};
use tokio::time::sleep;

use crate::{
    config::{Config, Flags},
    daemon::Failure,
    data, init,
    keys::Keys,
    net::join::{Answer, AskError, Request, ask},
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
    let core = init::found(data, commons, name, handle)
        .await
        .map_err(|e| failure(&e))?;
    settings(data, &Config::initial_file(&[], flags))?;
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
    if data.join("log.db").exists() {
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
            Err(e @ AskError::Unreachable(_)) if !told => return Err(Failure::unreachable(&e)),
            Err(e) => eprintln!("{e}; trying again"),
        }
        sleep(ASK_AGAIN).await;
    };
    if papers.charter.is_empty() {
        return Err(Failure::refused(&"the member's answer holds no charter"));
    }
    let id = commun_specs::charter::Chain::begin(&papers.charter[0])
        .map_err(|e| Failure::refused(&e))?
        .commons();
    if id != invitation.commons {
        return Err(Failure::refused(
            &"the member's answer is of another commons than the invitation",
        ));
    }
    settings(data, &Config::initial_file(&invitation.peers, flags))?;
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

fn settings(data: &Path, text: &str) -> Result<(), Failure> {
    let path = data.join("commun.toml");
    if path.exists() {
        return Ok(());
    }
    fs::write(&path, text).map_err(|e| Failure::node(&format!("{}: {e}", path.display())))
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
