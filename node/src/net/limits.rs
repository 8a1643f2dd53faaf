//! Every number of the network, each with its reason. What the protocol itself limits is in
//! `commun_specs::sync::limits`.

use std::time::Duration;

/// libp2p connections that others opened (SECURITY B3).
pub const MAX_INBOUND: u32 = 128;
/// libp2p connections that this node opened: as many as the protocol asks for.
pub const MAX_OUTBOUND: u32 = commun_specs::sync::limits::MAX_LINKS as u32;
/// libp2p connections to one peer: both sides may dial at once, and a restarted peer comes back before the
/// old connection is known to be dead.
pub const MAX_PER_PEER: u32 = 4;
/// libp2p handshakes at the same time.
pub const MAX_PENDING: u32 = 64;
/// iroh connections that others opened: four protocols for each of [`MAX_INBOUND`].
pub const MAX_DATA_INBOUND: usize = 4 * MAX_INBOUND as usize;
/// Connections of those who are no members at the same time; the others' places are never theirs.
pub const MAX_JOINING: usize = 32;
/// Streams of one iroh connection at the same time (SECURITY B3).
pub const MAX_STREAMS: u32 = 8;

/// A connection that is not set up in this time is given up (SECURITY B3).
pub const HANDSHAKE: Duration = Duration::from_secs(10);
/// Pause between two pings.
pub const PING_EVERY: Duration = Duration::from_secs(1);
/// How long a ping's answer may take.
pub const PING_TIMEOUT: Duration = Duration::from_secs(3);
/// A peer that answered no ping for this long is dead: less than the five seconds that are promised.
pub const DEAD_AFTER: Duration = Duration::from_secs(4);
/// How often the dead are looked for.
pub const DEAD_CHECK: Duration = Duration::from_millis(500);
/// Without a byte for this long a transfer is given to another peer.
pub const STALL: Duration = Duration::from_secs(4);
/// Bytes that a transfer brings at least in each [`STALL`]: slower than any line that a node has.
pub const MIN_PROGRESS: u64 = 64 << 10;
/// How long a request may take to arrive, however steadily it trickles.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);
/// How long the largest answer (`sync::limits::MAX_RANGE_READ`) may take: 2 Mbit/s.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(100);
/// How long a control message may take.
pub const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// Largest gossip message, with what gossipsub puts around it. A note is smaller.
pub const MAX_GOSSIP: usize = 64 << 10;
/// Largest control message.
pub const MAX_MESSAGE: usize = commun_specs::sync::limits::MAX_MESSAGE;
/// Control messages on their way to one peer; more are dropped (each may be lost, timers ask again).
pub const MAX_SENDING: usize = 16;
/// Messages that wait for the protocol; more are dropped.
pub const MAX_WAITING: usize = 1_024;

/// Longest request line on any of the streams.
pub const MAX_LINE: usize = 16 << 10;
/// `upload-pack` processes for peers at the same time: each takes a core for a while.
pub const MAX_GIT: usize = 8;
/// `upload-pack` processes for one peer.
pub const MAX_GIT_OF_ONE: usize = 4;

/// Largest answer to a join request: a charter chain of a young commons.
pub const MAX_JOIN_ANSWER: usize = 1 << 20;
/// Join requests that are answered in one burst, from all addresses together.
pub const JOIN_BURST: u32 = 32;
/// Pause after which one more join request is answered.
pub const JOIN_EVERY: Duration = Duration::from_millis(250);

/// Peers whose offences are counted by name; those of further ones are counted together.
pub const MAX_OFFENDERS: usize = 1_024;
