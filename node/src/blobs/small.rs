//! Small blobs between nodes: many in one request of iroh-blobs (`GetMany`), each verified, all stored at once.

use bao_tree::{
    BlockSize, ChunkRanges, io::outboard::PreOrderMemOutboard, io::sync::encode_ranges_validated,
};
use bytes::Bytes;
use commun_specs::id::ContentHash;
use iroh::endpoint::{Connection, SendStream, VarInt};
use iroh_blobs::{
    Hash,
    get::fsm::{self, AtStartChild, EndBlobNext, RequestCounters},
    protocol::{ChunkRangesSeq, ERR_PERMISSION, GetManyRequest, GetRequest},
};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    Blobs, key,
    receive::{ReceiveError, Received, fault},
    shelf::MAX_SHELVED,
};
use crate::net::limits::{ANSWER_TIMEOUT, MIN_PROGRESS, STALL};

/// Blobs that are asked for at once: with the largest, an answer of 16 MiB.
pub(crate) const MAX_ASKED: usize = 256;
/// Bytes of an answer after which the rest is asked for again: they are in memory until they are stored.
const MAX_HELD: u64 = 8 << 20;
/// The groups that iroh-blobs verifies at once: 16 KiB.
const BLOCK: BlockSize = BlockSize::from_chunk_log(4);

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
        let hashes: Vec<Hash> = wanted.iter().map(|(hash, _)| key(hash)).collect();
        let request = GetManyRequest::new(hashes, ChunkRangesSeq::all());
        let counters = RequestCounters::default();
        let asking = fsm::start_get_many(connection.clone(), request, counters);
        let asked = timeout(STALL, asking).await;
        let asked = asked.map_err(|_| ReceiveError::Stalled)?.map_err(fault)?;
        let Ok(mut child) = asked else {
            return Ok(());
        };
        let (begun, mut bytes) = (Instant::now(), 0);
        for (hash, max) in wanted {
            self.admitted(hash)?;
            // As slow as one large blob may be, and no slower.
            let patience = 1 + u32::try_from(bytes / MIN_PROGRESS).unwrap_or(u32::MAX);
            let next = timeout_at(begun + STALL * patience, one(child, hash, *max)).await;
            let (content, rest) = next.map_err(|_| ReceiveError::Stalled)??;
            bytes += content.len() as u64;
            self.count(content.len() as u64);
            came.push((*hash, content));
            match rest {
                EndBlobNext::MoreChildren(more) if bytes < MAX_HELD => child = more,
                _ => break,
            }
        }
        Ok(())
    }

    /// Answers for a small blob, as iroh-blobs would.
    pub(super) async fn give_small(
        &self,
        send: &mut SendStream,
        bytes: &Bytes,
        request: &GetRequest,
    ) {
        let ranges = request.ranges.iter_non_empty_infinite().next();
        let ranges = ranges.map_or_else(ChunkRanges::empty, |(_, ranges)| ranges.clone());
        if let Some(answer) = encode(bytes, &ranges) {
            let _ = timeout(ANSWER_TIMEOUT, send.write_all(&answer)).await;
        }
        let _ = send.finish();
    }

    /// Answers for several blobs, up to the first that is not on the shelf or not for peers: the asker sees where the
    /// answer ends.
    pub(super) async fn give_many(&self, send: &mut SendStream, request: &GetManyRequest) {
        if request.hashes.len() > MAX_ASKED {
            let _ = send.reset(ERR_PERMISSION);
            return;
        }
        let giving = async {
            for (hash, ranges) in request.hashes.iter().zip(request.ranges.iter_infinite()) {
                let content = ContentHash(*hash.as_bytes());
                if !self.for_peers(&content) {
                    break;
                }
                let Ok(Some(bytes)) = self.small(&content) else {
                    break;
                };
                let Some(answer) = encode(&bytes, ranges) else {
                    break;
                };
                if send.write_all(&answer).await.is_err() {
                    break;
                }
            }
        };
        if timeout(ANSWER_TIMEOUT, giving).await.is_err() {
            let _ = send.reset(VarInt::from_u32(1));
        }
        let _ = send.finish();
    }
}

/// The next blob of an answer.
async fn one(
    child: AtStartChild,
    hash: &ContentHash,
    max: u64,
) -> Result<(Bytes, EndBlobNext), ReceiveError> {
    let header = child.next(key(hash)).next().await;
    let (content, size) = header.map_err(|e| fault(e.into()))?;
    let max = max.min(MAX_SHELVED);
    if size > max {
        return Err(ReceiveError::TooLarge { size, max });
    }
    let whole = content.concatenate_into_vec().await;
    let (end, bytes) = whole.map_err(|e| fault(e.into()))?;
    // iroh-blobs has verified it; what is promised is checked here too.
    if ContentHash::of(&bytes) != *hash {
        return Err(ReceiveError::Wrong(hash.to_string()));
    }
    Ok((bytes.into(), end.next()))
}

/// The size, then the parts of a blob with the hashes that prove them (iroh-blobs, `provider.rs`).
fn encode(bytes: &Bytes, ranges: &ChunkRanges) -> Option<Vec<u8>> {
    let mut answer = Vec::with_capacity(bytes.len() + 1024);
    answer.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    let tree = PreOrderMemOutboard::create(bytes, BLOCK);
    encode_ranges_validated(&bytes[..], tree, ranges, &mut answer).ok()?;
    Some(answer)
}
