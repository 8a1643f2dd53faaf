//! No address is contacted that neither the operator nor a member stated.

use std::{collections::BTreeSet, fs, net::IpAddr};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    federation::{Federation, INSTITUTIONS},
    process::Node,
};

use super::{
    deeds::{head, publish_note, push_new_repository},
    turn::turn,
};

#[test]
fn only_stated_addresses_are_contacted() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let (handle, name) = INSTITUTIONS[1];
    let mut watched = Node::new(&f.dir, handle, name)?;
    let trace = f.dir.join("sockets.trace");
    let file = trace.to_string_lossy().into_owned();
    watched.wrap(&[
        "strace",
        "-D",
        "-f",
        "-qq",
        "-e",
        "trace=connect,sendto,sendmsg,sendmmsg",
        "-s",
        "0",
        "-o",
        &file,
    ]);
    f.add(watched)
        .context("strace is needed: run .ci/setup test")?;
    f.converge()?;
    let here = tempfile::tempdir()?;
    publish_note(&f.nodes[0], "une-note", "Une note")?;
    let pushed = push_new_repository(&f.nodes[0], "atelier", here.path())?;
    f.wait("the watched node has everything", |f| {
        Ok(head(&f.nodes[1], "univ-angers/atelier", here.path())? == pushed)
    })?;
    // A peer that goes and comes back is looked for, which is when a node is most tempted to ask others.
    f.nodes[0].kill();
    f.wait("the watched node notices", |f| {
        Ok(f.nodes[1]
            .client()?
            .status()?
            .peers
            .iter()
            .all(|p| !p.connected))
    })?;
    f.nodes[0].start()?;
    f.wait("the watched node is connected again", |f| {
        Ok(f.nodes[1]
            .client()?
            .status()?
            .peers
            .iter()
            .any(|p| p.connected))
    })?;
    f.converge()?;
    let ports: BTreeSet<u16> = f
        .nodes
        .iter()
        .flat_map(|n| [n.ports().http, n.ports().tcp, n.ports().udp])
        .collect();
    f.stop()?;

    let text = fs::read_to_string(&trace)?;
    let mut contacted = 0;
    for line in text.lines() {
        let Some((address, port)) = target(line)? else {
            continue;
        };
        contacted += 1;
        ensure!(
            address.is_loopback(),
            "a foreign address was contacted: {line}"
        );
        ensure!(port != 53, "a name server was asked: {line}");
        ensure!(ports.contains(&port), "nobody stated this port: {line}");
    }
    ensure!(
        contacted > 0,
        "the trace shows no socket at all; it watches nothing"
    );
    fs::remove_dir_all(&f.dir).or_else(|e| {
        if e.kind() == std::io::ErrorKind::NotFound {
            Ok(())
        } else {
            Err(e)
        }
    })?;
    Ok(())
}

/// The internet address of a line of the trace, if it has one.
fn target(line: &str) -> Result<Option<(IpAddr, u16)>> {
    let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest);
    let port = after("sin_port=htons(").or_else(|| after("sin6_port=htons("));
    let Some(port) = port
        .and_then(|p| p.split_once(')'))
        .and_then(|(p, _)| p.parse().ok())
    else {
        return Ok(None);
    };
    let address = after("inet_addr(\"").or_else(|| after("inet_pton(AF_INET6, \""));
    let address = address
        .and_then(|a| a.split_once('"'))
        .context("a port without an address")?
        .0;
    let address: IpAddr = address.parse()?;
    Ok(Some((
        match address {
            IpAddr::V6(v6) => v6.to_canonical(),
            v4 => v4,
        },
        port,
    )))
}
