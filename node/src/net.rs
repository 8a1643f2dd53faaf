//! The network: how nodes find one another's news, logs, repositories and content.
//!
//! Two stacks share the node's one key, and only this module knows that there are two. libp2p is the *control
//! plane*: who is there, small messages, gossip of new checkpoints. iroh is the *data plane*: ranges of logs,
//! Git's conversations, blobs, joining. What is said and when is decided by `commun_specs::sync`; what is true
//! is decided behind the [`Door`]. Here bytes move, with a limit and a deadline on everything ([`limits`]).
//!
//! Only members' nodes are heard and served, but for one thing ([`join`]). Only addresses that the operator, an
//! invitation or a member's enrolment states are contacted ([`address`]). Faults of peers are counted
//! ([`offence`]).

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use commun_specs::{
    id::ContentHash,
    join::Peer,
    key::{PublicKey, SecretKey},
    name::Handle,
    sync::{self, Sync},
};
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::blobs::{Blobs, ReceiveError, Received};

pub mod address;
mod codec;
mod control;
pub(crate) mod data;
pub mod door;
mod frame;
mod gather;
pub mod git;
pub mod ids;
pub mod join;
pub mod limits;
mod log;
pub mod members;
pub mod offence;
pub(crate) mod places;
mod server;
mod shell;
mod swarm;
#[cfg(test)]
mod tests;

pub use address::Address;
pub use data::ConnectError;
pub use door::{Door, GitServe, NoGit};
pub use frame::Fault;
pub use git::GitStream;

use control::Links;
use data::{Data, Protocol};
use limits::MAX_STREAMS;
use members::Members;
use offence::{Count, Offence, Offences};

/// How the network is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The node's key.
    pub node: SecretKey,
    /// Its institution.
    pub institution: Handle,
    /// Where to listen; at most one control address and one data address of each family. For a plane that has
    /// none, this machine only and a free port.
    pub listen: Vec<Address>,
    /// Further addresses of members' nodes, from the operator or the invitation.
    pub peers: Vec<Peer>,
    /// The operator says that this node may sign although nobody can be asked.
    pub alone: bool,
    /// How often the others are asked to cosign this institution's checkpoint, at most.
    pub cosign_every: Duration,
}

/// The network cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The control plane cannot listen.
    #[error(transparent)]
    Control(#[from] swarm::SetUpError),
    /// The data plane cannot listen.
    #[error(transparent)]
    Data(#[from] data::BindError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] door::Trouble),
}

/// A blob could not be had from anybody.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Nobody was named who could have it.
    #[error("no connected node holds the content: {0}")]
    NoProvider(ContentHash),
    /// Each was tried; this is how the last try ended.
    #[error("no node gave the content {hash}")]
    Failed {
        /// What was wanted.
        hash: ContentHash,
        /// How the last try ended.
        source: ReceiveError,
    },
    /// This node cannot store it: no other provider would help.
    #[error(transparent)]
    Store(crate::blobs::Error),
}

/// A member's node, as the status shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerStatus {
    /// Its key.
    pub node: PublicKey,
    /// Its institution.
    pub handle: Option<Handle>,
    /// Whether there is a connection.
    pub connected: bool,
    /// The last ping there and back, in milliseconds.
    pub rtt_ms: Option<f64>,
    /// How it is reached: `direct`, or nothing.
    pub path: Option<&'static str>,
}

/// The running network; cheap to clone. It runs until [`Net::shutdown`].
#[derive(Clone)]
pub struct Net(Arc<Inner>);

struct Inner {
    node: PublicKey,
    data: Data,
    blobs: Blobs,
    members: Members,
    links: watch::Receiver<Arc<Links>>,
    offences: Arc<Offences>,
    heard: watch::Sender<BTreeMap<Handle, u64>>,
    addresses: Vec<Address>,
    tasks: TaskTracker,
    stop: CancellationToken,
    ended: CancellationToken,
    gather: gather::Gather,
    /// Slots for blobs that are asked for alone, of each node.
    alone: Mutex<HashMap<PublicKey, Arc<Semaphore>>>,
}

/// Blobs that are asked of one node, alone, at the same time (SECURITY B3: a peer serves eight streams).
const PARALLEL: usize = MAX_STREAMS as usize;

impl Net {
    /// Listens on both planes and begins to exchange with the members.
    ///
    /// # Errors
    /// An address cannot be listened on, or the store cannot be read.
    pub async fn start(
        config: Config,
        door: Arc<dyn Door>,
        git: Arc<dyn GitServe>,
        blobs: Blobs,
    ) -> Result<Self, StartError> {
        let initial = door.initial()?;
        let (stop, ended) = (CancellationToken::new(), CancellationToken::new());
        let (tasks, offences, members) = (
            TaskTracker::new(),
            Arc::new(Offences::default()),
            Members::default(),
        );
        let (to_control, to_data) = planes(&config.listen);
        let (control, swarm) =
            control::start(&config.node, &to_control, offences.clone(), stop.clone()).await?;
        let endpoint = data::bind(&config.node, &to_data).await?;
        let server = server::Server::new(door.clone(), git, blobs.clone(), offences.clone());
        let data = Data::start(
            endpoint,
            members.clone(),
            offences.clone(),
            Arc::new(server),
            stop.clone(),
        );
        let node = config.node.public();
        let machine = sync::Config {
            node,
            institution: config.institution.clone(),
            seed: rand::random(),
            alone: config.alone,
            cosign_every: Some(u64::try_from(config.cosign_every.as_millis()).unwrap_or(u64::MAX)),
        };
        let heard = watch::Sender::new(BTreeMap::new());
        let shell = shell::Shell {
            node,
            institution: config.institution,
            sync: Sync::new(machine, initial),
            door,
            data: data.clone(),
            members: members.clone(),
            stated: config.peers,
            commands: control.commands,
            offences: offences.clone(),
            heard: heard.clone(),
            tasks: tasks.clone(),
            stop: stop.clone(),
        };
        let addresses = control.listening.iter().map(|s| Address::Control(*s));
        let addresses = addresses
            .chain(data.listening().into_iter().map(Address::Data))
            .collect();
        // Whichever ends first, by a panic or otherwise, the network is not whole any more.
        let guard = ended.clone();
        tasks.spawn(async move {
            let _ended = guard.drop_guard();
            tokio::select! {
                () = swarm => {}
                () = shell.run(control.events) => {}
            }
        });
        let links = control.links;
        let inner = Inner {
            node,
            data,
            blobs,
            members,
            links,
            offences,
            heard,
            addresses,
            tasks,
            stop,
            ended,
            gather: gather::Gather::default(),
            alone: Mutex::default(),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The addresses that it listens on, with the true ports: what the node's enrolment states.
    pub fn addrs(&self) -> Vec<String> {
        self.0.addresses.iter().map(ToString::to_string).collect()
    }

    /// This node.
    pub fn node(&self) -> PublicKey {
        self.0.node
    }

    /// The nodes of all members but this one.
    pub fn peers(&self) -> Vec<PeerStatus> {
        let links = self.0.links.borrow().clone();
        let status = |node: PublicKey| {
            let link = links.get(&node);
            PeerStatus {
                node,
                handle: self.0.members.handle(&node),
                connected: link.is_some(),
                rtt_ms: link
                    .and_then(|l| l.rtt)
                    .map(|rtt| rtt.as_secs_f64() * 1_000.0),
                path: link.map(|_| "direct"),
            }
        };
        let mut peers: Vec<PeerStatus> = self.0.members.nodes().into_iter().map(status).collect();
        peers.sort_by(|a, b| (&a.handle, a.node).cmp(&(&b.handle, b.node)));
        peers
    }

    /// The nodes that are connected.
    pub fn connected(&self) -> Vec<PublicKey> {
        self.0.links.borrow().keys().copied().collect()
    }

    /// Tells from now on when somebody comes or goes.
    pub fn watch(&self) -> Connected {
        Connected(self.0.links.clone())
    }

    /// The blob store.
    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// Asks a member's node for a repository: a stream to what gives it.
    ///
    /// # Errors
    /// The node cannot be reached, does not have it, or serves too many others.
    pub async fn open_git(
        &self,
        peer: &PublicKey,
        item: &str,
    ) -> Result<GitStream, git::OpenError> {
        let connection = self.0.data.connect(*peer, Protocol::Git).await?;
        git::open(&connection, item).await
    }

    /// Takes a blob from one provider after the other until it is here whole, verified and durable. What one
    /// gave before it failed is kept. More than `max` bytes are refused. `small`: it is likely to be small, and is asked
    /// for together with others.
    ///
    /// Dropping the future keeps what came so far.
    ///
    /// # Errors
    /// Nobody gave it; or this node cannot store it.
    pub async fn fetch_blob(
        &self,
        hash: &ContentHash,
        max: u64,
        small: bool,
        providers: &[PublicKey],
    ) -> Result<Received, FetchError> {
        let mut last = None;
        for peer in providers.iter().filter(|p| **p != self.0.node) {
            if small && let Some(received) = self.gather(peer, hash, max).await {
                return Ok(received);
            }
            let slots = self.slots(peer);
            let _slot = slots.acquire().await;
            let tried = match self.0.data.connect(*peer, Protocol::Blobs).await {
                Ok(connection) => self.0.blobs.receive(&connection, hash, max).await,
                Err(error) => Err(ReceiveError::Broken(error.to_string())),
            };
            match tried {
                Ok(received) => return Ok(received),
                Err(ReceiveError::Store(error)) => return Err(FetchError::Store(error)),
                Err(error) => {
                    tracing::debug!(?peer, ?hash, %error, "a provider is left");
                    match error {
                        ReceiveError::Wrong(_) => {
                            self.0.offences.count(Some(*peer), Offence::Content)
                        }
                        ReceiveError::TooLarge { .. } => {
                            self.0.offences.count(Some(*peer), Offence::Oversize)
                        }
                        ReceiveError::Stalled => self.0.offences.count(Some(*peer), Offence::Stall),
                        _ => {}
                    }
                    last = Some(error);
                }
            }
        }
        match last {
            Some(source) => Err(FetchError::Failed {
                hash: *hash,
                source,
            }),
            None => Err(FetchError::NoProvider(*hash)),
        }
    }

    /// The slots for what is asked of a node alone; members only are asked.
    fn slots(&self, peer: &PublicKey) -> Arc<Semaphore> {
        let mut all = self
            .0
            .alone
            .lock()
            .expect("a thread that panics ends the process");
        let slots = all
            .entry(*peer)
            .or_insert_with(|| Arc::new(Semaphore::new(PARALLEL)));
        slots.clone()
    }

    /// How long a log is, as far as anybody has said with its writer's signature; 0 if nobody has.
    pub fn heard(&self, log: &Handle) -> u64 {
        self.0.heard.borrow().get(log).copied().unwrap_or(0)
    }

    /// What peers did wrong since the start. A node that knocked before this one had learnt of its admission did
    /// nothing wrong: once it is a member, that is not counted.
    pub fn offences(&self) -> Vec<Count> {
        let mut all = self.0.offences.all();
        all.retain(|count| {
            let admitted = count
                .peer
                .is_some_and(|peer| self.0.members.contains(&peer));
            count.offence != Offence::Stranger || !admitted
        });
        all
    }

    /// Ends when the network is not whole any more: after [`Net::shutdown`], or because of a fault of the
    /// program, after which the node must stop.
    pub async fn ended(&self) {
        self.0.ended.cancelled().await;
    }

    /// Stops listening, says good-bye, ends all streams and closes both planes. The blob store stays open.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.data.close().await;
        self.0.tasks.close();
        if timeout(Duration::from_secs(5), self.0.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("the network did not end in time");
        }
    }
}

/// Tells when the set of connected nodes changes.
#[derive(Clone)]
pub struct Connected(watch::Receiver<Arc<Links>>);

impl Connected {
    /// Waits for the next change; gives back who is connected then, or `None` when the network ended.
    pub async fn changed(&mut self) -> Option<Vec<PublicKey>> {
        self.0.changed().await.ok()?;
        Some(self.0.borrow_and_update().keys().copied().collect())
    }
}

/// Splits the addresses by plane; a plane without one listens on this machine only.
fn planes(listen: &[Address]) -> (Vec<std::net::SocketAddr>, Vec<std::net::SocketAddr>) {
    let (mut control, mut data) = (Vec::new(), Vec::new());
    for address in listen {
        match address {
            Address::Control(s) => control.push(*s),
            Address::Data(s) => data.push(*s),
        }
    }
    for address in Address::defaults() {
        match address {
            Address::Control(s) if control.is_empty() => control.push(s),
            Address::Data(s) if data.is_empty() => data.push(s),
            _ => {}
        }
    }
    (control, data)
}
