//! `commun/log/1`: one request in JSON, then the end of the stream; the answer's bytes, then the end.
//! No bytes mean that it is not held.

use commun_specs::{
    key::PublicKey,
    name::Handle,
    sync::{Range, RangeFault, RangeRequest, limits as protocol},
};
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use serde::{Deserialize, Serialize};

use super::{
    door::{Behind, Body},
    frame::{self, Fault},
    limits::{ANSWER_TIMEOUT, MAX_LINE, REQUEST_TIMEOUT},
    offence::Offences,
};

/// Bytes of the bodies in one answer; at least one is sent.
const MAX_BODIES: usize = 4 << 20;
/// Position, salt and length before each body.
const BODY_HEAD: usize = 8 + 32 + 4;

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    Range(RangeRequest),
    Bodies { handle: Handle, positions: Vec<u64> },
}

/// Answers one stream.
pub(super) async fn serve(
    door: Behind,
    offences: &Offences,
    peer: PublicKey,
    mut send: SendStream,
    mut recv: RecvStream,
) {
    if let Err(fault) = answer(door, &mut send, &mut recv).await {
        if let Some(offence) = fault.offence() {
            offences.count(Some(peer), offence);
        }
        frame::abort(&mut send, &mut recv);
    }
}

async fn answer(door: Behind, send: &mut SendStream, recv: &mut RecvStream) -> Result<(), Fault> {
    let request = frame::read_all(recv, MAX_LINE, REQUEST_TIMEOUT, |_| {}).await?;
    let bytes = match serde_json::from_slice(&request).map_err(|_| Fault::Garbage)? {
        Request::Range(mut request) => {
            request.max_entries = request.max_entries.min(protocol::MAX_RANGE_ENTRIES);
            request.max_bytes = request.max_bytes.min(protocol::MAX_RANGE_BYTES as u64);
            door.read_range(request)
                .await
                .map(|r| r.to_bytes())
                .unwrap_or_default()
        }
        Request::Bodies {
            handle,
            mut positions,
        } => {
            positions.truncate(protocol::MAX_WITHHELD);
            write_bodies(door.read_bodies(handle, positions).await)
        }
    };
    frame::write_all(send, &bytes).await
}

/// Fetches a range; nothing of it is verified yet. `progress` hears that bytes come.
pub(super) async fn fetch_range(
    connection: &Connection,
    request: RangeRequest,
    progress: impl FnMut(usize),
) -> Result<Range, (RangeFault, Option<Fault>)> {
    let faulty = |fault: Fault| match fault {
        Fault::Oversize => (RangeFault::Form(fault.to_string()), Some(fault)),
        _ => (RangeFault::Unreachable, Some(fault)),
    };
    let request = Request::Range(request);
    let bytes = ask(connection, &request, protocol::MAX_RANGE_READ, progress)
        .await
        .map_err(faulty)?;
    if bytes.is_empty() {
        return Err((RangeFault::NotHeld, None));
    }
    Range::from_bytes(&bytes).map_err(|e| (RangeFault::Form(e.to_string()), None))
}

/// Fetches bodies; nothing of them is verified yet.
pub(super) async fn fetch_bodies(
    connection: &Connection,
    handle: Handle,
    positions: Vec<u64>,
) -> Result<Vec<Body>, Fault> {
    let max = MAX_BODIES + commun_specs::statement::MAX_BODY + BODY_HEAD;
    let bytes = ask(
        connection,
        &Request::Bodies { handle, positions },
        max,
        |_| {},
    )
    .await?;
    read_bodies(&bytes).ok_or(Fault::Garbage)
}

async fn ask(
    connection: &Connection,
    request: &Request,
    max: usize,
    progress: impl FnMut(usize),
) -> Result<Vec<u8>, Fault> {
    let request = serde_json::to_vec(request).expect("names and numbers are JSON");
    let (mut send, mut recv) = connection.open_bi().await.map_err(|_| Fault::Broken)?;
    frame::write_all(&mut send, &request).await?;
    let read = frame::read_all(&mut recv, max, ANSWER_TIMEOUT, progress).await;
    if let Err(fault) = read {
        frame::abort(&mut send, &mut recv);
        if fault == Fault::Stalled {
            // Perhaps the peer was restarted and does not know this connection: the next one is new.
            connection.close(VarInt::from_u32(1), b"stalled");
        }
    }
    read
}

fn write_bodies(bodies: Vec<Body>) -> Vec<u8> {
    let mut out = Vec::new();
    for body in bodies {
        if !out.is_empty() && out.len() + BODY_HEAD + body.bytes.len() > MAX_BODIES {
            break;
        }
        out.extend_from_slice(&body.position.to_be_bytes());
        out.extend_from_slice(&body.salt);
        out.extend_from_slice(&(body.bytes.len() as u32).to_be_bytes());
        out.extend_from_slice(&body.bytes);
    }
    out
}

fn read_bodies(mut bytes: &[u8]) -> Option<Vec<Body>> {
    let mut bodies = Vec::new();
    while !bytes.is_empty() {
        let (head, rest) = bytes.split_at_checked(BODY_HEAD)?;
        let position = u64::from_be_bytes(head[..8].try_into().ok()?);
        let salt = head[8..40].try_into().ok()?;
        let len = u32::from_be_bytes(head[40..].try_into().ok()?) as usize;
        let (body, rest) = rest.split_at_checked(len)?;
        bodies.push(Body {
            position,
            salt,
            bytes: body.to_vec(),
        });
        bytes = rest;
    }
    Some(bodies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_as_they_were_written_and_no_part_of_them_is() {
        let body = |n: u8| Body {
            position: n.into(),
            salt: [n; 32],
            bytes: vec![n; n.into()],
        };
        let bodies: Vec<Body> = (0..5).map(body).collect();
        let bytes = write_bodies(bodies.clone());
        assert_eq!(read_bodies(&bytes), Some(bodies));
        for n in (1..bytes.len()).filter(|n| read_bodies(&bytes[..*n]).is_some()) {
            // Only where a body ends.
            assert!(read_bodies(&bytes[n..]).is_some(), "{n}");
        }
    }

    #[test]
    fn an_answer_with_bodies_stays_below_the_limit_but_is_never_empty() {
        let body = |n: u64| Body {
            position: n,
            salt: [0; 32],
            bytes: vec![0; 200 << 10],
        };
        let bytes = write_bodies((0..100).map(body).collect());
        assert!(bytes.len() <= MAX_BODIES && bytes.len() > MAX_BODIES - (201 << 10));
    }

    #[test]
    fn requests_are_small_json() {
        let request = Request::Bodies {
            handle: Handle::new("univ-a").unwrap(),
            positions: vec![1, 2],
        };
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(text, r#"{"bodies":{"handle":"univ-a","positions":[1,2]}}"#);
        assert!(serde_json::from_str::<Request>(r#"{"push":{}}"#).is_err());
        let many = Request::Bodies {
            handle: Handle::new(&"a".repeat(39)).unwrap(),
            positions: vec![u64::MAX >> 11; protocol::MAX_WITHHELD],
        };
        assert!(serde_json::to_vec(&many).unwrap().len() < MAX_LINE);
    }
}
