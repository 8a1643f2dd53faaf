//! What a client of SSH may take, each with its reason.

use std::time::Duration;

/// Connections of people who are in, at a time, in all: an institution's developers who fetch at once, and no more
/// sockets than a small machine has to spare.
pub const MAX_CONNECTIONS: usize = 128;
/// Connections that have not shown an accepted key yet, in all, beside those of people who are in: each costs an
/// exchange of keys, and who has a key needs the place for a moment.
pub const MAX_STRANGERS: usize = 64;
/// Those of one address, or of one /64 of IPv6: a classroom behind one address, and no crowd of strangers.
pub const MAX_STRANGERS_OF_ONE: usize = 16;
/// Time from the connection to an accepted key. OpenSSH gives two minutes, because people type passwords there; here
/// some type the passphrase of their key.
pub const LOGIN: Duration = Duration::from_secs(30);
/// Refusals before a client is sent away: six keys, which is what OpenSSH's server takes, the first question of every
/// client (what may I show?), and the one that is answered with what to do instead.
pub const MAX_REFUSALS: usize = 8;
/// How long a refusal takes: a key cannot be guessed, so this only slows a flood down.
pub const REFUSAL: Duration = Duration::from_millis(100);
/// Channels of one connection at a time: clients that share a connection (ControlMaster) open some.
pub const MAX_CHANNELS: usize = 10;
/// Git processes of one person at a time: a tool that fetches many repositories goes on after a wait.
pub const MAX_RUNNING_OF_ONE: usize = 8;
/// Git processes at a time, in all: each may take memory of a gigabyte.
pub const MAX_RUNNING: usize = 32;
/// How long a command waits for a process to end where there are too many.
pub const TURN: Duration = Duration::from_secs(30);
/// How long a channel may be open and ask for nothing.
pub const ASK: Duration = Duration::from_secs(20);
/// How long a connection may be open and run nothing: clients that share one keep it that long.
pub const IDLE: Duration = Duration::from_secs(300);
/// How long neither side may send a byte while a command runs: what people's own checks before a push take.
pub const STALL: Duration = Duration::from_secs(600);
/// How long a client may send nothing while it owes the pack of a push, which holds one of few processes: what a large
/// pack takes to be packed, which Git does before it sends a byte.
pub const PACK_STALL: Duration = Duration::from_secs(180);
/// How long the end of a command may take to tell a client that reads nothing.
pub const WRITE: Duration = Duration::from_secs(60);
/// The longest conversation, whatever its pace; the processes have the same limit.
pub const WALL: Duration = Duration::from_secs(3600);
/// After so much silence the client is asked whether it is there; after the third question it is gone.
pub const KEEPALIVE: Duration = Duration::from_secs(30);
/// What may be on its way to us before we have read it, in bytes, for each channel.
pub const WINDOW: u32 = 2 << 20;
/// Longest value of a language variable.
pub const MAX_LANGUAGE: usize = 64;
/// How long running commands may take to finish when the node stops.
pub const FINISH: Duration = Duration::from_secs(8);
