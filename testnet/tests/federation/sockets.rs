//! No address is contacted that neither the operator nor a member stated.

use std::{
    collections::BTreeSet,
    fs,
    net::{IpAddr, SocketAddr},
};

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
        "-yy",
        "-s",
        "0",
        "-o",
        &file,
    ]);
    f.add(watched)
        .context("strace is needed: run .ci/setup test")?;
    f.connected()?;
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
        for (address, port) in targets(line) {
            contacted += 1;
            ensure!(
                address.is_loopback(),
                "a foreign address was contacted: {line}"
            );
            ensure!(ports.contains(&port), "nobody stated this port: {line}");
        }
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

/// The internet addresses that a line of the trace sends to: the argument of the call, and the other end of a connected
/// socket. Connecting a UDP socket sends nothing: it is how a program asks the system which of its own addresses it
/// would use.
fn targets(line: &str) -> Vec<(IpAddr, u16)> {
    let datagram = line.contains("<UDP");
    if line.contains("connect(") && datagram {
        return Vec::new();
    }
    let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest);
    let until = |text: &str, end: char| text.split_once(end).map(|(t, _)| t.to_owned());
    let port = after("sin_port=htons(").or_else(|| after("sin6_port=htons("));
    let port = port.and_then(|t| until(t, ')')?.parse().ok());
    let address = after("inet_addr(\"").or_else(|| after("inet_pton(AF_INET6, \""));
    let address = address.and_then(|t| until(t, '"')?.parse::<IpAddr>().ok());
    let argument = address.zip(port).map(|(a, p)| (a.to_canonical(), p));
    // <UDP:[127.0.0.1:1->127.0.0.1:2]>; who is connected over TCP was seen when connected, or came in.
    let other_end = after("->").filter(|_| datagram);
    let other_end = other_end.and_then(|t| until(t, ']')?.parse::<SocketAddr>().ok());
    let other_end = other_end.map(|s| (s.ip().to_canonical(), s.port()));
    argument.into_iter().chain(other_end).collect()
}
