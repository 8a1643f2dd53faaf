//! `commun/join/1`: the one thing that a node can do which the others do not know: file a bounded request to join
//! with an invitation's secret, or show the succession that names it as a member's writer.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use commun_specs::{
    join::{JoinRequest, Peer},
    key::{PublicKey, SecretKey},
};
use data_encoding::BASE64;
use iroh::{
    Endpoint,
    endpoint::{Connection, VarInt},
};
use serde::{Deserialize, Serialize};

use super::{
    address::Address,
    data::{self, Protocol},
    door::{Behind, Joining, Papers},
    frame::{self, Fault},
    limits::{JOIN_BURST, JOIN_EVERY, MAX_JOIN_ANSWER, MAX_LINE, REQUEST_TIMEOUT, STALL},
    offence::{Offence, Offences},
};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// To become a member. The same request is repeated until it is answered.
    Join(JoinRequest),
    /// To be known as a member's writer.
    Introduce {
        /// The envelope of the succession that names the asking node, in base64.
        succession: String,
    },
}

/// What is answered. Envelopes are in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// The members have not decided yet: ask again later.
    Pending,
    /// It is a member.
    Admitted {
        /// The charter's amendments from 0 on.
        charter: Vec<String>,
        /// The successions of all logs.
        successions: Vec<String>,
    },
    /// The node is known.
    Welcome {
        /// The charter's amendments from 0 on.
        charter: Vec<String>,
        /// The successions of all logs.
        successions: Vec<String>,
    },
    /// No, and why.
    Refused {
        /// The reason, for people.
        reason: String,
    },
    /// Too many ask: ask again in a moment.
    Busy,
}

impl Answer {
    /// The envelopes of an answer that brings some; `None` for other answers, and for base64 that is none.
    pub fn papers(&self) -> Option<Papers> {
        let (Answer::Admitted {
            charter,
            successions,
        }
        | Answer::Welcome {
            charter,
            successions,
        }) = self
        else {
            return None;
        };
        let read = |list: &[String]| -> Option<Vec<Vec<u8>>> {
            list.iter()
                .map(|t| BASE64.decode(t.as_bytes()).ok())
                .collect()
        };
        Some(Papers {
            charter: read(charter)?,
            drafts: Vec::new(),
            successions: read(successions)?,
        })
    }
}

/// Nobody answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// There is nobody to ask.
    #[error("no address of a peer can be used; an address has the form /ip4/A/udp/P/quic-v1")]
    NoAddress,
    /// Each was tried; this is what the last one said.
    #[error("no peer answered: {0}")]
    Unreachable(String),
}

/// Asks the peers one after the other until one answers, without a running node: how an institution joins.
///
/// # Errors
/// None could be reached, or none gave an answer that can be read.
pub async fn ask(key: &SecretKey, peers: &[Peer], request: &Request) -> Result<Answer, AskError> {
    let mut last = AskError::NoAddress;
    for peer in peers.iter().filter(|p| p.node != key.public()) {
        let addresses: Vec<SocketAddr> = Address::dialable(&peer.addrs)
            .into_iter()
            .filter(|a| matches!(a, Address::Data(_)))
            .map(|a| a.socket())
            .collect();
        for address in addresses {
            match ask_at(key, &peer.node, address, request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => last = AskError::Unreachable(error),
            }
        }
    }
    Err(last)
}

async fn ask_at(
    key: &SecretKey,
    peer: &PublicKey,
    address: SocketAddr,
    request: &Request,
) -> Result<Answer, String> {
    // Bound to the one interface that leads there, so that no other address of this machine is told.
    let from = source(address).map_err(|e| e.to_string())?;
    let endpoint = data::bind(key, &[SocketAddr::new(from, 0)])
        .await
        .map_err(|e| e.to_string())?;
    let answer = ask_on(&endpoint, peer, &[address], request).await;
    endpoint.close().await;
    answer
}

/// The address from which packets to `to` leave. Nothing is sent.
fn source(to: SocketAddr) -> std::io::Result<IpAddr> {
    let any: SocketAddr = if to.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0u16; 8], 0).into()
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(to)?;
    Ok(socket.local_addr()?.ip())
}

/// Asks over an endpoint that is there.
pub(super) async fn ask_on(
    endpoint: &Endpoint,
    peer: &PublicKey,
    addresses: &[SocketAddr],
    request: &Request,
) -> Result<Answer, String> {
    let connection = data::dial(endpoint, peer, addresses, Protocol::Join)
        .await
        .map_err(|e| e.to_string())?;
    let bytes = serde_json::to_vec(request).expect("names and keys are JSON");
    let talk = async {
        let (mut send, mut recv) = connection.open_bi().await.map_err(|_| Fault::Broken)?;
        frame::write_all(&mut send, &bytes).await?;
        let answer = frame::read_all(&mut recv, MAX_JOIN_ANSWER, 4 * STALL, |_| {}).await?;
        serde_json::from_slice(&answer).map_err(|_| Fault::Garbage)
    };
    let answer = talk.await;
    connection.close(VarInt::from_u32(0), b"");
    answer.map_err(|f: Fault| f.to_string())
}

/// Who is answered now, and how many may still be.
pub(super) struct Desk(Mutex<Places>);

struct Places {
    answering: HashSet<IpAddr>,
    left: u32,
    since: Instant,
}

impl Default for Desk {
    fn default() -> Self {
        Self(Mutex::new(Places {
            answering: HashSet::new(),
            left: JOIN_BURST,
            since: Instant::now(),
        }))
    }
}

/// One who is being answered.
struct Visit<'a>(&'a Desk, IpAddr);

impl Desk {
    fn enter(&self, from: IpAddr) -> Option<Visit<'_>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = places.since.elapsed().as_millis() / JOIN_EVERY.as_millis();
        if new > 0 {
            places.left = places
                .left
                .saturating_add(u32::try_from(new).unwrap_or(u32::MAX))
                .min(JOIN_BURST);
            places.since = Instant::now();
        }
        if places.left == 0 || !places.answering.insert(from) {
            return None;
        }
        places.left -= 1;
        Some(Visit(self, from))
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .answering
            .remove(&self.1);
    }
}

/// Answers one connection of anybody, with one stream.
pub(super) async fn serve(
    door: Behind,
    desk: &Desk,
    offences: &Offences,
    peer: PublicKey,
    from: IpAddr,
    connection: Connection,
) {
    let work = async {
        let (mut send, mut recv) = connection.accept_bi().await.map_err(|_| Fault::Broken)?;
        let answer = match desk.enter(from) {
            None => Answer::Busy,
            Some(_visit) => {
                let request = frame::read_all(&mut recv, MAX_LINE, REQUEST_TIMEOUT, |_| {}).await?;
                let request = serde_json::from_slice(&request).map_err(|_| Fault::Garbage)?;
                answer(&door, peer, request).await
            }
        };
        let mut bytes = serde_json::to_vec(&answer).expect("texts are JSON");
        if bytes.len() > MAX_JOIN_ANSWER {
            let reason = "the charter is too large to be sent here".to_owned();
            bytes = serde_json::to_vec(&Answer::Refused { reason }).expect("texts are JSON");
        }
        frame::write_all(&mut send, &bytes).await?;
        frame::delivered(&mut send, STALL).await;
        Ok(answer == Answer::Busy)
    };
    match tokio::time::timeout(4 * STALL, work)
        .await
        .unwrap_or(Err(Fault::Stalled))
    {
        Ok(true) => offences.count(Some(peer), Offence::Flood),
        Ok(false) => {}
        Err(fault) => fault
            .offence()
            .into_iter()
            .for_each(|o| offences.count(Some(peer), o)),
    }
    connection.close(VarInt::from_u32(0), b"");
}

async fn answer(door: &Behind, peer: PublicKey, request: Request) -> Answer {
    let write = |list: &[Vec<u8>]| list.iter().map(|e| BASE64.encode(e)).collect();
    let refused = |reason: &str| Answer::Refused {
        reason: reason.to_owned(),
    };
    match request {
        // Who asks is who is asked for: nobody else's request can be filed or seen.
        Request::Join(request) if request.node != peer => refused("the request names another node"),
        Request::Join(request) => match door.join(request).await {
            Ok(Joining::Pending) => Answer::Pending,
            Ok(Joining::Admitted(papers)) => Answer::Admitted {
                charter: write(&papers.charter),
                successions: write(&papers.successions),
            },
            Ok(Joining::Refused(reason)) => Answer::Refused { reason },
            Err(_) => refused("the node cannot answer now; ask again later"),
        },
        Request::Introduce { succession } => {
            let Ok(envelope) = BASE64.decode(succession.as_bytes()) else {
                return refused("the succession is not base64");
            };
            let names_peer = commun_specs::succession::Succession::open(&envelope)
                .is_ok_and(|(succession, _)| succession.writer == peer);
            if !names_peer {
                return refused("the succession does not name the asking node");
            }
            match door.introduce(envelope).await {
                Ok(papers) => Answer::Welcome {
                    charter: write(&papers.charter),
                    successions: write(&papers.successions),
                },
                Err(reason) => Answer::Refused { reason },
            }
        }
    }
}

/// A request that shows a succession.
pub(super) fn introduction(envelope: &[u8]) -> Request {
    Request::Introduce {
        succession: BASE64.encode(envelope),
    }
}

/// How long to wait before the same peer is shown the succession again.
pub(super) const INTRODUCE_FIRST: Duration = Duration::from_secs(1);
/// The longest such pause.
pub(super) const INTRODUCE_LAST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_answered_one_at_a_time_and_all_together_not_without_end() {
        let desk = Desk::default();
        let ip = |n: u8| IpAddr::from([192, 0, 2, n]);
        let first = desk.enter(ip(1)).expect("the first is answered");
        assert!(desk.enter(ip(1)).is_none());
        drop(first);
        let visits: Vec<_> = (0..100).filter_map(|n| desk.enter(ip(n))).collect();
        assert!(visits.len() >= JOIN_BURST as usize - 1 && visits.len() <= JOIN_BURST as usize + 1);
    }

    #[test]
    fn the_way_to_this_machine_begins_on_this_machine() {
        assert!(
            source("127.0.0.1:9".parse().unwrap())
                .unwrap()
                .is_loopback()
        );
    }

    #[test]
    fn envelopes_travel_in_base64() {
        let charter = vec![BASE64.encode(b"{}")];
        let answer = Answer::Admitted {
            charter,
            successions: Vec::new(),
        };
        assert_eq!(answer.papers().unwrap().charter, [b"{}"]);
        assert_eq!(Answer::Pending.papers(), None);
    }
}
