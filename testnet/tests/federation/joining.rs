//! Coming into a commons: with an invitation and the signatures of a majority, and not otherwise.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    federation::{Federation, INSTITUTIONS, wait_until},
    process::Node,
};

use super::{
    deeds::{names, publish_note},
    turn::turn,
};

/// How long `init --join` may wait before it counts as not refused.
const VERDICT: Duration = Duration::from_secs(40);

#[test]
fn a_fourth_institution_comes_in_with_the_signatures_of_a_majority() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(3)?;
    let (handle, name) = INSTITUTIONS[3];
    let newcomer = Node::new(&f.dir, handle, name)?;
    let invitation = f.nodes[1].client()?.invite()?.invitation.clone();
    let mut joining = newcomer.init(&["--join", &invitation])?;
    let second = f.nodes[1].client()?;
    let mut admission = None;
    wait_until("the request to join arrives", || {
        if second
            .charter()?
            .requests
            .iter()
            .any(|r| r.handle == handle)
        {
            admission = Some(second.admit(handle)?);
        }
        Ok(admission.is_some())
    })?;
    let admission = admission.context("the wait ends with one")?;
    ensure!(
        admission.needed == 2,
        "{} of 3 institutions must sign",
        admission.needed
    );
    ensure!(
        admission.signed == ["univ-lorraine"],
        "signed: {:?}",
        admission.signed
    );
    // One signature of three decides nothing.
    ensure!(
        second.charter()?.number < admission.number,
        "one signature of three was enough"
    );
    ensure!(
        joining.try_wait()?.is_none(),
        "the newcomer came in before a majority signed"
    );
    let third = f.nodes[2].client()?;
    wait_until("the draft reaches the third institution", || {
        Ok(third
            .charter()?
            .drafts
            .iter()
            .any(|d| d.number == admission.number))
    })?;
    third.sign(admission.number, None)?;
    ensure!(
        joining.wait()?.success(),
        "init of the newcomer failed:\n{}",
        newcomer.log_end()
    );
    let mut newcomer = newcomer;
    newcomer.start()?;
    f.nodes.push(newcomer);
    f.wait("all four agree on the charter", |f| {
        for n in &f.nodes {
            if n.client()?.status()?.commons.institutions != 4 {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    let late = {
        let node = &f.nodes[3];
        wait_until("the newcomer may sign", || {
            Ok(publish_note(node, "bienvenue", "Bienvenue").is_ok())
        })?;
        format!("{handle}/bienvenue")
    };
    f.wait("the founders find what the newcomer published", |f| {
        Ok(names(&f.nodes[0], "bienvenue")?.contains(&late))
    })?;
    f.converge()?;
    f.stop()
}

#[test]
fn a_used_or_forged_invitation_is_refused() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let invitation = f.nodes[0].client()?.invite()?.invitation.clone();
    let (handle, name) = INSTITUTIONS[1];
    let newcomer = Node::new(&f.dir, handle, name)?;
    let joining = newcomer.init(&["--join", &invitation])?;
    let first = f.nodes[0].client()?;
    wait_until("the request to join arrives", || {
        if first.charter()?.requests.iter().any(|r| r.handle == handle) {
            first.admit(handle)?;
            return Ok(true);
        }
        Ok(false)
    })?;
    let mut joining = joining;
    ensure!(
        joining.wait()?.success(),
        "init of the newcomer failed:\n{}",
        newcomer.log_end()
    );

    // The same invitation again, from somebody else.
    refused(&f, 2, &invitation, 4)?;
    // One whose secret nobody gave out.
    let mut forged: commun_specs::join::Invitation =
        f.nodes[0].client()?.invite()?.invitation.parse()?;
    forged.secret = forged.secret.chars().rev().collect();
    refused(&f, 3, &forged.to_string(), 4)?;
    // One that was copied badly.
    refused(&f, 4, &invitation[..invitation.len() - 5], 2)?;
    ensure!(
        first.charter()?.requests.is_empty(),
        "a refused request is on the list"
    );
    f.stop()
}

fn refused(f: &Federation, who: usize, invitation: &str, code: i32) -> Result<()> {
    let (handle, name) = INSTITUTIONS[who];
    let node = Node::new(&f.dir, handle, name)?;
    let mut joining = node.init(&["--join", invitation])?;
    let begun = Instant::now();
    loop {
        if let Some(status) = joining.try_wait()? {
            ensure!(
                status.code() == Some(code),
                "{handle}: ended with {status}, not {code}:\n{}",
                node.log_end()
            );
            return Ok(());
        }
        if begun.elapsed() > VERDICT {
            let _ = joining.kill();
            let _ = joining.wait();
            anyhow::bail!(
                "{handle}: still waits after {VERDICT:?}:\n{}",
                node.log_end()
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
