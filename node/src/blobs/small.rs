//! Small blobs between nodes: many in one request, each verified, all stored at once.

use bytes::Bytes;
use commun_specs::id::ContentHash;
use iroh::endpoint::{Connection, ReadExactError, RecvStream, SendStream};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    Blobs,
    receive::{ReceiveError, Received, ask, broken},
    shelf::MAX_SHELVED,
    wire::Request,
};
use crate::net::limits::{ANSWER_TIMEOUT, MIN_PROGRESS, STALL};

/// Bytes of an answer after which the rest is asked for again: they are in memory until they are stored.
const MAX_HELD: u64 = 8 << 20;
/// Bytes of an answer that are sent at once.
const TOGETHER: usize = 64 << 10;

/// What came of asking for several blobs.
pub(crate) struct Many {
    /// Those that are here now, durably, with what they cost: the first of those that were asked for, in their order.
    pub(crate) received: Vec<Received>,
    /// Why the next one is not among them; `None` if the rest may be asked for as it is.
    pub(crate) why: Option<ReceiveError>,
}

impl Blobs {
    /// Whether a blob of this size is small: may be asked for together with others.
    pub(crate) fn is_small(size: u64) -> bool {
        size <= MAX_SHELVED
    }

    /// Takes small blobs from a peer: each hash with the most bytes that it may have. Stops before the first that the
    /// peer does not give, that does not match or that is larger. What came before it is durable on return.
    pub(crate) async fn receive_many(
        &self,
        connection: &Connection,
        wanted: &[(ContentHash, u64)],
    ) -> Many {
        let (mut came, mut why) = (Vec::new(), None);
        if let Err(e) = self.read_many(connection, wanted, &mut came).await {
            why = Some(e);
        }
        let received = came
            .iter()
            .map(|(_, bytes): &(ContentHash, Bytes)| Received {
                size: bytes.len() as u64,
                transferred: bytes.len() as u64,
            })
            .collect();
        if let Err(e) = self.shelve(came).await {
            return Many {
                received: Vec::new(),
                why: Some(e.into()),
            };
        }
        Many { received, why }
    }

    async fn read_many(
        &self,
        connection: &Connection,
        wanted: &[(ContentHash, u64)],
        came: &mut Vec<(ContentHash, Bytes)>,
    ) -> Result<(), ReceiveError> {
        let hashes = wanted.iter().map(|(hash, _)| *hash).collect();
        let mut recv = ask(connection, &Request::Many(hashes)).await?;
        let (begun, mut bytes) = (Instant::now(), 0);
        for (hash, max) in wanted {
            self.admitted(hash)?;
            // As slow as one large blob may be, and no slower.
            let patience = 1 + u32::try_from(bytes / MIN_PROGRESS).unwrap_or(u32::MAX);
            let next = timeout_at(begun + STALL * patience, one(&mut recv, hash, *max)).await;
            let content = next.map_err(|_| ReceiveError::Stalled)??;
            bytes += content.len() as u64;
            self.count(content.len() as u64);
            came.push((*hash, content));
            if bytes >= MAX_HELD {
                break;
            }
        }
        Ok(())
    }

    /// Answers for several blobs, up to the first that is not on the shelf or not for peers: the asker sees where the
    /// answer ends.
    pub(super) async fn give_many(&self, mut send: SendStream, hashes: &[ContentHash]) {
        let giving = async {
            let mut answer = Vec::new();
            for hash in hashes {
                if !self.for_peers(hash) {
                    break;
                }
                let Ok(Some(bytes)) = self.small(hash) else {
                    break;
                };
                let len = u32::try_from(bytes.len()).expect("blobs on the shelf are small");
                answer.extend_from_slice(&len.to_le_bytes());
                answer.extend_from_slice(&bytes);
                if answer.len() >= TOGETHER {
                    if send.write_all(&answer).await.is_err() {
                        return;
                    }
                    answer.clear();
                }
            }
            let _ = send.write_all(&answer).await;
        };
        if timeout(ANSWER_TIMEOUT, giving).await.is_err() {
            let _ = send.reset(1_u32.into());
        }
    }
}

/// The next blob of an answer.
async fn one(recv: &mut RecvStream, hash: &ContentHash, max: u64) -> Result<Bytes, ReceiveError> {
    let mut len = [0; 4];
    match recv.read_exact(&mut len).await {
        Err(ReadExactError::FinishedEarly(0)) => {
            return Err(ReceiveError::NotHeld("the answer ends".to_owned()));
        }
        other => other.map_err(broken)?,
    }
    let (size, max) = (u64::from(u32::from_le_bytes(len)), max.min(MAX_SHELVED));
    if size > max {
        return Err(ReceiveError::TooLarge { size, max });
    }
    let mut bytes = vec![0; size as usize];
    recv.read_exact(&mut bytes).await.map_err(broken)?;
    match ContentHash::of(&bytes) == *hash {
        true => Ok(bytes.into()),
        false => Err(ReceiveError::Wrong(hash.to_string())),
    }
}
