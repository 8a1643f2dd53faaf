//! Wires between nodes that can be cut: forwarders of TCP and UDP on loopback.
//!
//! A node announces the addresses of its wire in place of its own, so that everybody reaches it through the wire. A cut
//! wire drops what runs through it and lets nothing new in; the node itself notices nothing but silence.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Result;

use crate::process::Ports;

/// How often a forwarder looks whether it is to end.
const TICK: Duration = Duration::from_millis(100);

/// The wire to one node.
#[derive(Debug)]
pub struct Wire {
    state: Arc<State>,
    /// Where others reach the node: libp2p.
    pub tcp: u16,
    /// Where others reach the node: iroh.
    pub udp: u16,
}

#[derive(Debug, Default)]
struct State {
    cut: AtomicBool,
    over: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl State {
    fn passes(&self) -> bool {
        !self.cut.load(Ordering::Relaxed)
    }

    fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

impl Wire {
    /// A wire to the node with these sockets, not cut.
    pub fn to(node: Ports) -> Result<Self> {
        let state = Arc::new(State::default());
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let tcp = listener.local_addr()?.port();
        let (its, target) = (state.clone(), SocketAddr::from(([127, 0, 0, 1], node.tcp)));
        listener.set_nonblocking(true)?;
        thread::spawn(move || accept(&listener, target, &its));
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let udp = socket.local_addr()?.port();
        socket.set_read_timeout(Some(TICK))?;
        let (its, target) = (state.clone(), SocketAddr::from(([127, 0, 0, 1], node.udp)));
        thread::spawn(move || datagrams(&socket, target, &its));
        Ok(Self { state, tcp, udp })
    }

    /// The addresses to announce, as `COMMUN_ANNOUNCE` takes them.
    pub fn announced(&self) -> String {
        format!(
            "/ip4/127.0.0.1/tcp/{},/ip4/127.0.0.1/udp/{}/quic-v1",
            self.tcp, self.udp
        )
    }

    /// Cuts the wire.
    pub fn cut(&self) {
        self.state.cut.store(true, Ordering::Relaxed);
        for stream in self
            .state
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Mends the wire.
    pub fn mend(&self) {
        self.state.cut.store(false, Ordering::Relaxed);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
        self.state.over.store(true, Ordering::Relaxed);
    }
}

fn accept(listener: &TcpListener, target: SocketAddr, state: &Arc<State>) {
    while !state.over() {
        let Ok((from, _)) = listener.accept() else {
            thread::sleep(Duration::from_millis(5));
            continue;
        };
        let _ = from.set_nonblocking(false);
        let Some(to) = state
            .passes()
            .then(|| TcpStream::connect(target).ok())
            .flatten()
        else {
            continue;
        };
        let (Ok(a), Ok(b)) = (from.try_clone(), to.try_clone()) else {
            continue;
        };
        if let (Ok(x), Ok(y)) = (from.try_clone(), to.try_clone()) {
            state
                .open
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend([x, y]);
        }
        thread::spawn(move || pump(from, to));
        thread::spawn(move || pump(b, a));
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

/// Each sender gets a socket of its own towards the node, so that answers find their way back.
fn datagrams(socket: &UdpSocket, target: SocketAddr, state: &Arc<State>) {
    let mut ways: HashMap<SocketAddr, UdpSocket> = HashMap::new();
    let mut buffer = vec![0; 64 << 10];
    while !state.over() {
        let Ok((n, sender)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        if !state.passes() {
            continue;
        }
        let way = match ways.get(&sender) {
            Some(way) => way,
            None => {
                let Some(way) = way_back(socket, sender, state) else {
                    continue;
                };
                ways.entry(sender).or_insert(way)
            }
        };
        let _ = way.send_to(&buffer[..n], target);
    }
}

fn way_back(socket: &UdpSocket, sender: SocketAddr, state: &Arc<State>) -> Option<UdpSocket> {
    let way = UdpSocket::bind("127.0.0.1:0").ok()?;
    way.set_read_timeout(Some(TICK)).ok()?;
    let (back, out, state) = (
        way.try_clone().ok()?,
        socket.try_clone().ok()?,
        state.clone(),
    );
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while !state.over() {
            let Ok((n, _)) = back.recv_from(&mut buffer) else {
                continue;
            };
            if state.passes() {
                let _ = out.send_to(&buffer[..n], sender);
            }
        }
    });
    Some(way)
}
