//! Every number of the protocol, each with its reason (R-06-60).

/// Largest message, in bytes of JSON: one charter envelope of the largest size, and what stands around it.
pub const MAX_MESSAGE: usize = (1 << 20) + (64 << 10);
/// Envelopes of one answer, in bytes: half a message, so that JSON escapes never lead over the limit. An
/// answer always holds at least one envelope.
pub const MAX_ANSWER: usize = 512 << 10;
/// Most envelopes of one answer: none is verified for less than 50 µs.
pub const MAX_ENVELOPES: usize = 64;
/// Most logs in a `Hello`: as many as a charter may list institutions.
pub const MAX_LOGS: usize = 500;
/// Most drafts of the next amendment that a node keeps.
pub const MAX_DRAFTS: usize = 64;
/// Most drafts that one institution may back: an honest one signs one of each round.
pub const MAX_DRAFTS_OF_ONE: usize = 4;
/// Most entries of one range: a few milliseconds of hashing, so that nothing else waits long.
pub const MAX_RANGE_ENTRIES: u64 = 1_000;
/// Bytes of entries, bodies and lists after which a range ends: crosses a slow line (2 Mbit/s) in 4 seconds.
pub const MAX_RANGE_BYTES: usize = 1 << 20;
/// Most erasures that go along with a range: each is of up to 100 statements of it.
pub const MAX_RANGE_ERASURES: usize = 64;
/// Largest range that is read at all: one entry may bring a body and lists beyond [`MAX_RANGE_BYTES`].
pub const MAX_RANGE_READ: usize = 24 << 20;
/// Fetches at the same time, over all logs: what a small node can verify while it serves people.
pub const MAX_FETCHES: usize = 16;
/// Fetches at the same time from one peer: a slow one never holds all of them.
pub const MAX_FETCHES_OF_ONE: usize = 4;
/// Connections to members that a node opens itself: all of a small commons, a good sample of a large one.
pub const MAX_LINKS: usize = 32;
/// Connections of nodes that are no members yet (they may become members while they are connected).
pub const MAX_STRANGERS: usize = 16;
/// Older notes of one log that a node remembers to have compared: a commons' peers lag by fewer.
pub const MAX_COMPARED: usize = 64;
/// Withheld bodies of one log that are asked for at once.
pub const MAX_WITHHELD: usize = 256;

/// A fetch or an answer without progress for this long goes to another peer, in milliseconds.
pub const STALL: u64 = 4_000;
/// A connection attempt that neither succeeded nor failed is given up after this long.
pub const DIAL_TIMEOUT: u64 = 10_000;
/// First pause before a peer is dialled again; doubles.
pub const DIAL_FIRST: u64 = 500;
/// Longest pause before a peer is dialled again: a peer that comes back dials by itself, at once.
pub const DIAL_LAST: u64 = 15_000;
/// First pause of a (peer, log) pair after a fetch that failed; doubles.
pub const FETCH_FIRST: u64 = 250;
/// Longest pause of a (peer, log) pair.
pub const FETCH_LAST: u64 = 60_000;
/// Pause between two exchanges of what both sides hold, when nothing happens. Gossip is lossy; this is not.
pub const HELLO_EVERY: u64 = 10_000;
/// What each log adds to [`HELLO_EVERY`]: five hundred logs are compared once a minute.
pub const HELLO_EVERY_LOG: u64 = 100;
/// What is new is told after this pause, so that several news go in one `Hello`.
pub const HELLO_SOON: u64 = 50;
/// Shortest pause between two `Hello` to one peer.
pub const HELLO_GAP: u64 = 250;
/// A peer that has not answered the first `Hello` of a connection hears it again after this pause.
pub const HELLO_AGAIN: u64 = 2_000;
/// Messages of one peer per second; more are dropped and counted.
pub const MESSAGES_PER_SECOND: u64 = 50;
/// Messages of one peer in one burst.
pub const MESSAGES_BURST: u64 = 200;
/// After so many offences a peer is not heard for [`PENANCE`].
pub const MAX_OFFENCES: u32 = 10;
/// How long a peer that offends is not heard, in milliseconds.
pub const PENANCE: u64 = 60_000;
/// How long a writer waits for a majority before one answer is enough, in milliseconds (FORMATS 3).
pub const START_WAIT: u64 = 10_000;
/// Pause between two requests for withheld bodies of one log.
pub const BODIES_EVERY: u64 = 30_000;
/// Above so many logs, a log's checkpoints are announced at most once per [`ANNOUNCE_GAP`].
pub const LARGE_COMMONS: usize = 50;
/// Shortest pause between two announcements of a log in a large commons, in milliseconds.
pub const ANNOUNCE_GAP: u64 = 1_000;
/// Witnesses that a log asks: enough that two histories need many accomplices, few enough for a note of 16 KiB.
pub const MAX_WITNESSES: usize = 15;
/// Pause between two times that witnesses are asked, in milliseconds (ARCHITECTURE, Logs).
pub const COSIGN_EVERY: u64 = 600_000;
/// Shortest pause between two cosignatures of one log: each is a write to the disk.
pub const COSIGN_GAP: u64 = 1_000;
/// Answers of witnesses are told after this pause, so that several go in one note.
pub const WITNESSED_SOON: u64 = 1_000;
