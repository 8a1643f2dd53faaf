//! Nets of one process over real sockets on loopback, with logs in memory behind them.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use commun_specs::{id::StatementId, join::JoinRequest};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
};

use super::*;

mod hostile;
mod world;

use world::{MemoryDoor, World};

struct Node {
    net: Net,
    door: Arc<MemoryDoor>,
    blobs: Blobs,
    _folder: TempDir,
}

/// Starts node `i` behind this door; what it listens on is stated from then on.
async fn start(world: &World, i: usize, door: Arc<MemoryDoor>) -> Node {
    start_with(world, i, door, Arc::new(NoGit)).await
}

async fn start_with(
    world: &World,
    i: usize,
    door: Arc<MemoryDoor>,
    git: Arc<dyn GitServe>,
) -> Node {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
    let config = Config {
        node: world.nodes[i].clone(),
        institution: world.handles[i].clone(),
        listen: Vec::new(),
        peers: Vec::new(),
        cosign_every: Duration::from_secs(600),
        alone: false,
    };
    let net = Net::start(config, door.clone(), git, blobs.clone())
        .await
        .unwrap();
    world.stated.lock().unwrap().insert(net.node(), net.addrs());
    Node {
        net,
        door,
        blobs,
        _folder: folder,
    }
}

/// Starts all nodes and waits until each is connected to each other.
async fn commons(n: u8) -> (World, Vec<Node>) {
    let world = World::new(n);
    let mut nodes = Vec::new();
    for i in 0..n as usize {
        nodes.push(start(&world, i, world.door(i)).await);
    }
    for node in &nodes {
        node.door.touch();
    }
    for node in &nodes {
        connected(&node.net, n as usize - 1).await;
    }
    (world, nodes)
}

/// Waits until a node has this many connections.
async fn connected(net: &Net, count: usize) {
    let mut watch = net.watch();
    let wait = async {
        while net.connected().len() != count {
            watch.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .expect("connected in time");
}

async fn within<T>(seconds: u64, what: &str, work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(Duration::from_secs(seconds), work).await;
    done.unwrap_or_else(|_| panic!("{what} took more than {seconds} s"))
}

/// Looks again until it is so.
async fn until(what: &str, is: impl Fn() -> bool) {
    let look = async {
        let mut often = tokio::time::interval(Duration::from_millis(20));
        while !is() {
            often.tick().await;
        }
    };
    within(20, what, look).await;
}

async fn stop(nodes: Vec<Node>) {
    for node in nodes {
        node.net.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_of_one_node_is_soon_on_the_others() {
    let (world, nodes) = commons(3).await;
    until("everybody may sign", || {
        nodes.iter().all(|n| n.door.may_sign())
    })
    .await;
    let mut times = Vec::new();
    for n in 1..=20u64 {
        let began = Instant::now();
        nodes[0].door.write(format!("entry {n}").as_bytes());
        for other in &nodes[1..] {
            within(
                10,
                "replication",
                other.door.wait_size(&world.handles[0], n),
            )
            .await;
        }
        times.push(began.elapsed());
    }
    times.sort();
    println!(
        "entry on A, stored on B and C: median {:?}, worst {:?}",
        times[10], times[19]
    );
    assert!(times[10] < Duration::from_millis(500), "{times:?}");
    let peers = nodes[0].net.peers();
    assert_eq!(peers.len(), 2);
    assert!(peers.iter().all(|p| p.connected && p.handle.is_some()));
    stop(nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_away_catches_up_and_a_dead_one_is_noticed_at_once() {
    let (world, mut nodes) = commons(2).await;
    let away = nodes.pop().unwrap();
    away.net.shutdown().await;
    connected(&nodes[0].net, 0).await;
    for n in 0..2_500u64 {
        nodes[0].door.write(&n.to_be_bytes());
    }
    let back = start(&world, 1, away.door.clone()).await;
    nodes[0].door.touch();
    within(
        20,
        "catching up",
        back.door.wait_size(&world.handles[0], 2_500),
    )
    .await;
    stop(nodes).await;
    stop(vec![back]).await;
}

/// Passes bytes on in both directions until it is told to fall silent; connections stay open.
async fn proxy(to: SocketAddr, silent: CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            let silent = silent.clone();
            tokio::spawn(async move {
                let mut to = TcpStream::connect(to).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
                    () = silent.cancelled() => std::future::pending().await,
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_falls_silent_is_noticed_within_five_seconds() {
    let world = World::new(2);
    let b = start(&world, 1, world.door(1)).await;
    let silent = CancellationToken::new();
    let Address::Control(there) = b.net.addrs()[0].parse().unwrap() else {
        panic!("control comes first")
    };
    let through = proxy(there, silent.clone()).await;
    let stated = vec![
        Address::Control(through).to_string(),
        b.net.addrs()[1].clone(),
    ];
    world.stated.lock().unwrap().insert(b.net.node(), stated);
    let a = start(&world, 0, world.door(0)).await;
    // B does not learn where A is, so that the one way is the proxy.
    world.stated.lock().unwrap().remove(&a.net.node());
    connected(&a.net, 1).await;
    until("a ping was answered", || {
        a.net.peers().iter().any(|p| p.rtt_ms.is_some())
    })
    .await;
    silent.cancel();
    let began = Instant::now();
    connected(&a.net, 0).await;
    let took = began.elapsed();
    println!("a silent peer was noticed after {took:?}");
    assert!(took < Duration::from_millis(5_500), "{took:?}");
    stop(vec![a, b]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_the_others_do_not_know_yet_introduces_itself() {
    let world = World::new(2);
    let old = start(&world, 0, world.door_knowing(0, |_| false)).await;
    let new = start(&world, 1, world.door(1)).await;
    within(10, "the introduction", connected(&old.net, 1)).await;
    connected(&new.net, 1).await;
    // Nobody states the new one's address to the old one; its log is asked for over the connection that it opened.
    world.stated.lock().unwrap().remove(&new.net.node());
    new.door.write(b"enrolment");
    within(10, "its log", old.door.wait_size(&world.handles[1], 1)).await;
    let strangers = old.net.0.offences.total(Offence::Stranger);
    assert!(strangers >= 1, "it was refused before");
    assert_eq!(old.net.offences(), [], "a member is no stranger");
    stop(vec![old, new]).await;
}

/// The node of another member that only the test speaks for: its key, bound, and nobody states where it is.
async fn lone(world: &World, i: usize) -> iroh::Endpoint {
    data::bind(&world.nodes[i], &["127.0.0.1:0".parse().unwrap()])
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_connections_of_a_peer_one_that_stands_is_used() {
    let world = World::new(2);
    let node = start(&world, 0, world.door(0)).await;
    let peer = world.nodes[1].public();
    let there: Vec<SocketAddr> = node
        .net
        .addrs()
        .iter()
        .filter_map(|a| match a.parse() {
            Ok(Address::Data(there)) => Some(there),
            _ => None,
        })
        .collect();
    let endpoint = lone(&world, 1).await;
    let dial = || data::dial(&endpoint, &node.net.0.node, &there, Protocol::Log);
    let (first, second) = (dial().await.unwrap(), dial().await.unwrap());
    let data = &node.net.0.data;
    until("both were taken", || data.count(&peer) == 2).await;
    first.close(0u8.into(), b"");
    until("the first is gone", || data.count(&peer) == 1).await;
    // Nobody states where the peer is: only what it opened can be used.
    let used = data.connect(peer, Protocol::Log).await;
    used.expect("the second one stands");
    second.close(0u8.into(), b"");
    until("the second is gone", || data.count(&peer) == 0).await;
    let none = data.connect(peer, Protocol::Log).await;
    assert_eq!(none.err(), Some(data::ConnectError::NoAddress));
    endpoint.close().await;
    stop(vec![node]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_connection_that_ended_is_opened_again_by_who_can_be_reached_nowhere() {
    let world = World::new(2);
    let old = start(&world, 0, world.door(0)).await;
    let new = start(&world, 1, world.door(1)).await;
    world.stated.lock().unwrap().remove(&new.net.node());
    connected(&old.net, 1).await;
    let (old_data, peer) = (&old.net.0.data, new.net.node());
    until("it is open", || old_data.count(&peer) > 0).await;
    old_data.drop_peer(&peer);
    until("it is gone", || old_data.count(&peer) == 0).await;
    new.door.write(b"enrolment");
    within(10, "its log", old.door.wait_size(&world.handles[1], 1)).await;
    stop(vec![old, new]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_institution_asks_to_join_until_it_is_admitted() {
    let world = World::new(1);
    let member = start(&world, 0, world.door(0)).await;
    let (key, institution) = (SecretKey::from_seed([1; 32]), SecretKey::from_seed([2; 32]));
    let request = JoinRequest {
        secret: "secret".to_owned(),
        handle: Handle::new("univ-new").unwrap(),
        name: "New".to_owned(),
        keys: vec![institution.public()],
        threshold: 1,
        node: key.public(),
    };
    let peers = [Peer {
        node: member.net.node(),
        addrs: member.net.addrs(),
    }];
    let ask = async |request: &JoinRequest| {
        join::ask(&key, &peers, &join::Request::Join(request.clone()))
            .await
            .unwrap()
    };
    assert_eq!(ask(&request).await, join::Answer::Pending);
    let papers = ask(&request).await.papers().expect("admitted");
    assert_eq!(papers.charter.len(), 1);
    let wrong = JoinRequest {
        secret: "guess".to_owned(),
        ..request.clone()
    };
    assert!(matches!(ask(&wrong).await, join::Answer::Refused { .. }));
    let of_another = JoinRequest {
        node: institution.public(),
        ..request
    };
    assert!(matches!(
        ask(&of_another).await,
        join::Answer::Refused { .. }
    ));
    assert_eq!(member.door.requests(), 2);
    let nobody = [Peer {
        node: member.net.node(),
        addrs: vec!["/dns4/example.org/tcp/1".to_owned()],
    }];
    let asked = join::ask(&key, &nobody, &join::Request::Join(wrong)).await;
    assert_eq!(asked, Err(join::AskError::NoAddress));
    stop(vec![member]).await;
}

/// A repository that says back what it hears, in capitals.
struct Echo(String);

impl GitServe for Echo {
    fn holds(&self, item: &str) -> bool {
        item == self.0
    }

    fn serve(&self, _: String, mut stream: GitStream) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut said = Vec::new();
            stream.read_to_end(&mut said).await.unwrap();
            stream.write_all(&said.to_ascii_uppercase()).await.unwrap();
            stream.shutdown().await.unwrap();
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_speak_git_over_one_connection() {
    let world = World::new(2);
    let item = StatementId::of(b"item").to_string();
    let a = start_with(&world, 0, world.door(0), Arc::new(Echo(item.clone()))).await;
    let b = start(&world, 1, world.door(1)).await;
    connected(&b.net, 1).await;
    for n in 0..20 {
        let mut stream = b.net.open_git(&a.net.node(), &item).await.unwrap();
        let said = format!("hello {n}");
        stream.write_all(said.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, said.to_uppercase());
    }
    let other = StatementId::of(b"other").to_string();
    let unknown = b.net.open_git(&a.net.node(), &other).await;
    assert!(matches!(unknown, Err(git::OpenError::NotHeld)));
    stop(vec![a, b]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blob_comes_from_whoever_has_it() {
    let (_world, nodes) = commons(3).await;
    let bytes = vec![9; 500_000];
    let (hash, size) = nodes[2].blobs.add_bytes(bytes).await.unwrap();
    let all = [
        nodes[0].net.node(),
        nodes[1].net.node(),
        nodes[2].net.node(),
    ];
    let none = nodes[0].net.fetch_blob(&hash, size, false, &[]).await;
    assert!(matches!(none, Err(FetchError::NoProvider(_))));
    let small = nodes[0].net.fetch_blob(&hash, size - 1, false, &all).await;
    assert!(matches!(small, Err(FetchError::Failed { .. })));
    let got = nodes[0]
        .net
        .fetch_blob(&hash, size, false, &all)
        .await
        .unwrap();
    assert_eq!(got.size, size);
    assert!(nodes[0].blobs.has(&hash).await);
    stop(nodes).await;
}

/// Sockets that nobody states: whoever says something to one of them failed.
struct Canary(TcpListener, UdpSocket);

impl Canary {
    async fn new() -> (Self, [String; 2]) {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addrs = [
            Address::Control(tcp.local_addr().unwrap()).to_string(),
            Address::Data(udp.local_addr().unwrap()).to_string(),
        ];
        (Self(tcp, udp), addrs)
    }

    /// Whether nobody came so far.
    async fn quiet(&self) -> bool {
        let soon = Duration::from_millis(50);
        let mut byte = [0];
        tokio::time::timeout(soon, self.0.accept()).await.is_err()
            && tokio::time::timeout(soon, self.1.recv(&mut byte))
                .await
                .is_err()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_stated_addresses_are_contacted() {
    let world = World::new(3);
    // The operator names a stranger, and an address of a member; an enrolment has a name for an address.
    let (of_stranger, stranger) = Canary::new().await;
    let (of_member, member) = Canary::new().await;
    world.stated.lock().unwrap().insert(
        world.nodes[2].public(),
        vec!["/dns4/localhost/tcp/1".to_owned()],
    );
    let door = world.door(0);
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        node: world.nodes[0].clone(),
        institution: world.handles[0].clone(),
        listen: Vec::new(),
        peers: vec![
            Peer {
                node: SecretKey::from_seed([9; 32]).public(),
                addrs: stranger.to_vec(),
            },
            Peer {
                node: world.nodes[2].public(),
                addrs: member[..1].to_vec(),
            },
        ],
        cosign_every: Duration::from_secs(600),
        alone: false,
    };
    let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
    let net = Net::start(config, door, Arc::new(NoGit), blobs)
        .await
        .unwrap();
    world.stated.lock().unwrap().insert(net.node(), net.addrs());
    // B is a member, but states nothing: A hears of its addresses from B's connection only.
    let b = start(&world, 1, world.door(1)).await;
    world.stated.lock().unwrap().remove(&b.net.node());
    connected(&net, 1).await;
    within(
        10,
        "the operator's address of a member",
        of_member.0.accept(),
    )
    .await
    .unwrap();
    b.net.shutdown().await;
    connected(&net, 0).await;
    // B's sockets are closed now; whoever sits there must not be called.
    let mut there = Vec::new();
    for text in b.net.addrs() {
        if let Address::Control(socket) = text.parse().unwrap() {
            there.push(TcpListener::bind(socket).await.unwrap());
        }
    }
    assert!(of_stranger.quiet().await);
    let called = tokio::time::timeout(Duration::from_secs(3), there[0].accept()).await;
    assert!(called.is_err(), "an address that nobody states was dialled");
    let mut byte = [0];
    let data = tokio::time::timeout(Duration::from_millis(50), of_member.1.recv(&mut byte)).await;
    assert!(data.is_err(), "the operator named the control address only");
    net.shutdown().await;
}
