//! Strangers and members that misbehave: refused, counted, and everybody else goes on.

use iroh::endpoint::{Connection, VarInt};
use libp2p::{
    futures::StreamExt as _,
    swarm::{SwarmEvent, dial_opts::DialOpts},
};

use super::*;
use crate::net::{codec::Frame, data, ids};

fn addresses(node: &Node) -> (SocketAddr, SocketAddr) {
    let all: Vec<Address> = node
        .net
        .addrs()
        .iter()
        .map(|a| a.parse().unwrap())
        .collect();
    (all[0].socket(), all[1].socket())
}

/// Whether the other side ends the connection by itself.
async fn is_closed(connection: &Connection) -> bool {
    tokio::time::timeout(Duration::from_secs(10), connection.closed())
        .await
        .is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_refused_on_every_protocol_and_counted() {
    let world = World::new(2);
    let victim = start(&world, 0, world.door(0)).await;
    let (control, there) = addresses(&victim);
    let key = SecretKey::from_seed([9; 32]);

    let endpoint = data::bind(&key, &["127.0.0.1:0".parse().unwrap()])
        .await
        .unwrap();
    for protocol in [Protocol::Log, Protocol::Git, Protocol::Blobs] {
        let connection = data::dial(&endpoint, &victim.net.node(), &[there], protocol)
            .await
            .unwrap();
        assert!(is_closed(&connection).await, "{protocol:?}");
    }
    assert_eq!(victim.net.0.offences.total(Offence::Stranger), 3);

    let mut swarm = swarm::build(&key).unwrap();
    let peer = ids::peer_id(&victim.net.node());
    swarm.behaviour_mut().allowed.allow_peer(peer);
    let address = format!("/ip4/127.0.0.1/tcp/{}", control.port())
        .parse()
        .unwrap();
    swarm
        .dial(DialOpts::peer_id(peer).addresses(vec![address]).build())
        .unwrap();
    let refused = async {
        while !matches!(
            swarm.select_next_some().await,
            SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. }
        ) {}
    };
    within(10, "the refusal", refused).await;
    until("it is counted", || {
        victim.net.0.offences.total(Offence::Stranger) == 4
    })
    .await;
    assert!(victim.net.connected().is_empty());
    assert!(
        victim
            .net
            .offences()
            .iter()
            .all(|c| c.peer == Some(key.public()))
    );
    stop(vec![victim]).await;
}

/// Says `bytes` on a new stream; gives back what is answered, if the stream ends in order.
async fn say(connection: &Connection, bytes: &[u8], finish: bool) -> Option<Vec<u8>> {
    let (mut send, mut recv) = connection.open_bi().await.ok()?;
    let _ = send.write_all(bytes).await;
    if finish {
        let _ = send.finish();
    }
    recv.read_to_end(1 << 20).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_of_a_member_is_counted_and_harms_nobody() {
    let (world, mut nodes) = commons(3).await;
    let bad = nodes.pop().unwrap();
    bad.net.shutdown().await;
    let victim = &nodes[0];
    let (control, there) = addresses(victim);
    let key = world.nodes[2].clone();
    let offences = || victim.net.0.offences.clone();

    let endpoint = data::bind(&key, &["127.0.0.1:0".parse().unwrap()])
        .await
        .unwrap();
    let node = victim.net.node();
    let dial = async |protocol| {
        data::dial(&endpoint, &node, &[there], protocol)
            .await
            .unwrap()
    };
    let garbage = vec![0xff; 3_000];
    let large = vec![b'a'; 100_000];
    let nested = b"{\"range\":".repeat(2_000);
    for protocol in [
        Protocol::Log,
        Protocol::Git,
        Protocol::Blobs,
        Protocol::Join,
    ] {
        for bytes in [&garbage[..], &large, &nested, b"", b"{}", b"\n", b"null"] {
            let connection = dial(protocol).await;
            let answer = within(15, "an answer", say(&connection, bytes, true)).await;
            assert!(answer.unwrap_or_default().len() < 200, "{protocol:?}");
            connection.close(VarInt::from_u32(0), b"");
        }
    }
    assert!(offences().total(Offence::Garbage) >= 4);
    assert!(offences().total(Offence::Oversize) >= 3);
    // One that begins and does not go on holds its streams for the stall time only.
    let connection = dial(Protocol::Log).await;
    let silent = within(15, "the stall", say(&connection, b"{", false)).await;
    assert_eq!(silent, None);
    assert!(offences().total(Offence::Stall) >= 1);

    let mut swarm = swarm::build(&key).unwrap();
    let peer = ids::peer_id(&victim.net.node());
    swarm.behaviour_mut().allowed.allow_peer(peer);
    let address = format!("/ip4/127.0.0.1/tcp/{}", control.port())
        .parse()
        .unwrap();
    swarm
        .dial(DialOpts::peer_id(peer).addresses(vec![address]).build())
        .unwrap();
    while !matches!(
        swarm.select_next_some().await,
        SwarmEvent::ConnectionEstablished { .. }
    ) {}
    swarm
        .behaviour_mut()
        .sync
        .send_request(&peer, Frame::Message(garbage.clone()));
    swarm
        .behaviour_mut()
        .sync
        .send_request(&peer, Frame::Message(vec![b' '; limits::MAX_MESSAGE + 1]));
    swarm
        .behaviour_mut()
        .sync
        .send_request(&peer, Frame::Message(b"{\"hello\":{}}".to_vec()));
    let before = (
        offences().total(Offence::Garbage),
        offences().total(Offence::Oversize),
    );
    let counted = async {
        let mut often = tokio::time::interval(Duration::from_millis(20));
        loop {
            let now = (
                offences().total(Offence::Garbage),
                offences().total(Offence::Oversize),
            );
            if now.0 >= before.0 + 2 && now.1 > before.1 {
                break;
            }
            tokio::select! {
                _ = swarm.select_next_some() => {}
                _ = often.tick() => {}
            }
        }
    };
    within(10, "counting", counted).await;
    for bytes in [&garbage[..], &large, b"GET / HTTP/1.0\r\n\r\n"] {
        let mut plain = TcpStream::connect(control).await.unwrap();
        let _ = plain.write_all(bytes).await;
    }

    // The others go on as if nothing had happened.
    nodes[1].door.write(b"entry");
    within(
        10,
        "replication",
        nodes[0].door.wait_size(&world.handles[1], 1),
    )
    .await;
    stop(nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalling_and_a_lying_provider_are_left_for_an_honest_one() {
    let (world, mut nodes) = commons(4).await;
    let (hash, size) = nodes[0].blobs.add_bytes(vec![5; 200_000]).await.unwrap();
    // The size, and no list that comes to the hash.
    let lie = [&size.to_le_bytes()[..], &[1; 70_000]].concat();
    let mut left = Vec::new();
    for (i, answer) in [(3, None), (2, Some(lie))] {
        nodes.pop().unwrap().net.shutdown().await;
        let key = world.nodes[i].clone();
        let endpoint = data::bind(&key, &["127.0.0.1:0".parse().unwrap()])
            .await
            .unwrap();
        let address = Address::Data(endpoint.bound_sockets()[0]).to_string();
        world
            .stated
            .lock()
            .unwrap()
            .insert(key.public(), vec![address]);
        left.push((key.public(), endpoint.bound_sockets()));
        tokio::spawn(async move {
            while let Some(incoming) = endpoint.accept().await {
                let Ok(connection) = incoming.accept().unwrap().await else {
                    continue;
                };
                let answer = answer.clone();
                tokio::spawn(async move {
                    while let Ok((mut send, mut recv)) = connection.accept_bi().await {
                        let _ = recv.read_to_end(1 << 16).await;
                        match &answer {
                            Some(bytes) => {
                                let _ = send.write_all(bytes).await;
                                let _ = send.finish();
                            }
                            None => std::future::pending().await,
                        }
                    }
                });
            }
        });
    }
    nodes[1].door.touch();
    let asker = &nodes[1].net;
    until("the addresses are known", || {
        left.iter().all(|(k, at)| asker.0.members.data(k) == *at)
    })
    .await;
    let mut left: Vec<PublicKey> = left.into_iter().map(|(k, _)| k).collect();
    left.push(nodes[0].net.node());
    let got = within(20, "the blob", asker.fetch_blob(&hash, size, false, &left))
        .await
        .unwrap();
    assert_eq!(got.size, size);
    let offences = &asker.0.offences;
    assert_eq!(
        (
            offences.total(Offence::Stall),
            offences.total(Offence::Content)
        ),
        (1, 1),
        "{:?}",
        offences.all()
    );
    stop(nodes).await;
}
