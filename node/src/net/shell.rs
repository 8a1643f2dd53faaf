//! The sync machine's body: turns what happens into its inputs, and does what it says. It decides nothing.
//!
//! One task owns the machine. What changes the store is done in order, one after the other, because what
//! follows may need it (a range is fetched under a succession that was just stored); what takes long (fetches)
//! runs beside it and comes back as an input.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use commun_specs::{
    key::PublicKey,
    name::Handle,
    sync::{self, Fetch, Input, Message, Millis, Output, RangeFault, Sync, Verdict},
};
use libp2p::gossipsub::MessageAcceptance;
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{
    control::{Command, Event},
    data::{Data, Protocol},
    door::{Behind, Cosigned, Stored, Trouble},
    join, log,
    members::{Member, Members},
    offence::{Offence, Offences},
};

/// How often the machine is told that time goes by.
const TICK: Duration = Duration::from_millis(250);
/// Who is a member is looked up again at most this often while logs grow.
const MEMBERS_EVERY: Duration = Duration::from_millis(500);
/// Which bodies are withheld is looked up at most this often while logs grow: it reads through the store.
const WITHHELD_EVERY: Duration = Duration::from_secs(10);
/// A connection that ended this soon was refused.
const REFUSED_WITHIN: Duration = Duration::from_secs(2);
/// First pause before a stream connection that ended is opened again; doubles.
const REOPEN_FIRST: Duration = Duration::from_secs(1);
/// The longest such pause; a connection that stood for longer did not fail.
const REOPEN_LAST: Duration = Duration::from_secs(30);
/// A fetch says that it goes on at most this often.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Shell {
    pub(super) node: PublicKey,
    pub(super) institution: Handle,
    pub(super) sync: Sync,
    pub(super) door: Behind,
    pub(super) data: Data,
    pub(super) members: Members,
    /// Further addresses of members, from the operator.
    pub(super) stated: Vec<commun_specs::join::Peer>,
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) offences: Arc<Offences>,
    /// How long each log is, as far as anybody has said with the writer's signature.
    pub(super) heard: watch::Sender<BTreeMap<Handle, u64>>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// What came of work that ran beside the shell.
enum Done {
    Input(Box<Input>),
    /// A peer knows this node now.
    Known(PublicKey, super::door::Papers),
}

struct Running {
    shell: Shell,
    began: Instant,
    known: Vec<Member>,
    members_due: Option<Instant>,
    withheld_due: Option<Instant>,
    /// Who knows this node now: dialled at the next tick, when they will have opened their doors.
    welcomed: Vec<PublicKey>,
    /// The logs that lacked bodies when that was looked up.
    withheld: BTreeSet<Handle>,
    own_note: Option<Vec<u8>>,
    fetches: HashMap<u64, CancellationToken>,
    /// Who is connected: since when, and what ends with the connection.
    links: HashMap<PublicKey, (Instant, DropGuard)>,
    introductions: HashMap<PublicKey, (Instant, Duration)>,
    done: mpsc::Sender<Done>,
}

impl Shell {
    /// Runs until it is stopped, or until one of those it speaks to ends.
    pub(super) async fn run(self, mut events: mpsc::Receiver<Event>) {
        let (done, mut results) = mpsc::channel(256);
        let (mut grown, mut papers) = (self.door.grown(), self.door.papers_changed());
        let stop = self.stop.clone();
        let mut s = Running {
            own_note: None,
            shell: self,
            began: Instant::now(),
            known: Vec::new(),
            members_due: None,
            withheld_due: Some(Instant::now()),
            withheld: BTreeSet::new(),
            welcomed: Vec::new(),
            fetches: HashMap::new(),
            links: HashMap::new(),
            introductions: HashMap::new(),
            done,
        };
        s.read_members().await;
        s.read_papers().await;
        s.own_log_grew().await;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                changed = grown.changed() => match changed {
                    Ok(()) => s.logs_grew().await,
                    Err(_) => break,
                },
                changed = papers.changed() => match changed {
                    Ok(()) => {
                        s.read_papers().await;
                        s.read_members().await;
                    }
                    Err(_) => break,
                },
                Some(result) = results.recv() => s.finish(result).await,
                event = events.recv() => match event {
                    Some(event) => s.hear(event).await,
                    None => break,
                },
                _ = tick.tick() => {
                    if s.members_due.is_some_and(|due| Instant::now() >= due) {
                        s.read_members().await;
                    }
                    for peer in std::mem::take(&mut s.welcomed) {
                        s.tell(Command::Dial(peer, s.shell.members.control(&peer))).await;
                    }
                    if s.withheld_due.is_some_and(|due| Instant::now() >= due) {
                        s.read_withheld().await;
                    }
                    s.step(Input::Tick).await;
                    s.tell_heard();
                }
            }
        }
        s.fetches.into_values().for_each(|f| f.cancel());
    }
}

impl Running {
    /// Lets the status say how far behind this node is.
    fn tell_heard(&self) {
        let sync = &self.shell.sync;
        self.shell.heard.send_if_modified(|known| {
            let same = sync
                .heard_sizes()
                .all(|(handle, size)| known.get(handle) == Some(&size));
            if !same {
                *known = sync
                    .heard_sizes()
                    .map(|(h, size)| (h.clone(), size))
                    .collect();
            }
            !same
        });
    }

    fn now(&self) -> Millis {
        Millis::try_from(self.began.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    async fn step(&mut self, input: Input) {
        let now = self.now();
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in self.shell.sync.step(now, input) {
                inputs.extend(self.act(output).await);
            }
        }
    }

    /// Does what the machine says; gives back what it hears of at once.
    async fn act(&mut self, output: Output) -> Option<Input> {
        let door = self.shell.door.clone();
        match output {
            Output::Dial { peer, .. } => {
                // The addresses are those of the members' list, which the machine was given as text.
                let addresses = self.shell.members.control(&peer);
                self.tell(Command::Dial(peer, addresses)).await;
            }
            Output::Close { peer } => self.tell(Command::Close(peer)).await,
            Output::Send { peer, message } => {
                let bytes = serde_json::to_vec(&message).expect("a message is JSON");
                self.tell(Command::Send(peer, bytes)).await;
            }
            Output::Announce { note } => {
                tracing::debug!("announcing that the own log grew");
                self.tell(Command::Publish(note)).await;
            }
            Output::Relay { id, verdict } => {
                let verdict = match verdict {
                    Verdict::Accept => MessageAcceptance::Accept,
                    Verdict::Ignore => MessageAcceptance::Ignore,
                    Verdict::Reject => MessageAcceptance::Reject,
                };
                self.tell(Command::Relay(id, verdict)).await;
            }
            Output::FetchRange(fetch) => {
                let log = &fetch.request;
                tracing::debug!(log = %log.handle, from = log.from, until = fetch.until, peer = ?fetch.peer, "fetching");
                self.fetch(fetch);
            }
            Output::CancelFetch { id } => {
                if let Some(fetch) = self.fetches.remove(&id) {
                    fetch.cancel();
                }
            }
            Output::AskBodies {
                peer,
                handle,
                positions,
            } => self.ask_bodies(peer, handle, positions),
            Output::AddCharter { envelope } => {
                logged("an amendment", door.add_charter(envelope).await)
            }
            Output::StoreDraft { envelope } => logged("a draft", door.store_draft(envelope).await),
            Output::AddSuccession { handle, envelope } => {
                logged("a succession", door.add_succession(handle, envelope).await);
            }
            Output::KeepRefused { handle, envelope } => {
                logged(
                    "a refused succession",
                    door.keep_refused(handle, envelope).await,
                );
            }
            Output::Truncate { handle, size } => match door.truncate(handle.clone(), size).await {
                Ok(Stored { size, root }) => return Some(Input::Truncated { handle, size, root }),
                Err(trouble) => logged("a cut", Err(trouble)),
            },
            Output::Compare { request, note } => {
                let range = door.read_range(request).await?;
                return sync::contradiction(&range, &note).map(Input::Found);
            }
            Output::Cosign { handle, note } => match door.cosign(handle.clone(), note).await {
                Ok(Some(Cosigned { size, note })) => {
                    return Some(Input::Cosigned { handle, size, note });
                }
                Ok(None) => {
                    tracing::warn!(log = %handle, "a checkpoint has another root than what is held")
                }
                Err(trouble) => logged("a cosignature", Err(trouble)),
            },
            Output::StoreWitnessed { handle, note } => {
                logged(
                    "who witnessed a log",
                    door.store_witnessed(handle, note).await,
                );
            }
            Output::Freeze { handle, evidence } => {
                logged("evidence", door.freeze(handle, evidence).await)
            }
            Output::Thaw { handle } => {
                logged("that a log is not frozen any more", door.thaw(handle).await)
            }
            Output::MaySign => door.set_may_sign(true),
            Output::MustNotSign => door.set_may_sign(false),
            Output::Count { peer, offence } => {
                self.shell.offences.count(Some(peer), offence.into())
            }
        }
        None
    }

    async fn tell(&self, command: Command) {
        // The task at the other end is ending when this fails, and so will this one.
        let _ = self.shell.commands.send(command).await;
    }

    async fn hear(&mut self, event: Event) {
        match event {
            Event::Connected(peer) => {
                let until = self.keep_log_open(peer);
                self.links.insert(peer, (Instant::now(), until));
                self.step(Input::Connected { peer }).await;
            }
            Event::Disconnected(peer) => {
                self.shell.data.drop_peer(&peer);
                let refused = self
                    .links
                    .remove(&peer)
                    .is_some_and(|(since, _)| since.elapsed() < REFUSED_WITHIN);
                if refused {
                    self.introduce(peer);
                }
                self.step(Input::Disconnected { peer }).await;
            }
            Event::DialFailed(peer) => self.step(Input::DialFailed { peer }).await,
            Event::Message(peer, bytes) => match serde_json::from_slice::<Message>(&bytes) {
                Ok(message) => {
                    self.introductions.remove(&peer);
                    self.step(Input::Message { peer, message }).await;
                }
                Err(_) => self.step(Input::Garbage { peer }).await,
            },
            Event::Garbage(peer) => self.step(Input::Garbage { peer }).await,
            Event::Gossip { from, id, bytes } => {
                tracing::trace!(?from, "a checkpoint was told");
                self.step(Input::Gossip {
                    from,
                    id,
                    note: bytes,
                })
                .await
            }
        }
    }

    async fn finish(&mut self, done: Done) {
        match done {
            Done::Input(input) => {
                match &*input {
                    Input::RangeStored { handle, size, .. } => {
                        tracing::debug!(log = %handle, size, "a log grew");
                    }
                    Input::RangeRefused { fault, .. } => {
                        tracing::debug!(%fault, "a range is refused")
                    }
                    _ => {}
                }
                if let Input::RangeStored { id, .. } | Input::RangeRefused { id, .. } = &*input {
                    self.fetches.remove(id);
                }
                self.step(*input).await;
            }
            Done::Known(peer, papers) => {
                for envelope in papers.charter {
                    self.step(Input::Charter(envelope)).await;
                }
                for envelope in papers.successions {
                    self.step(Input::Succession(envelope)).await;
                }
                self.welcomed.push(peer);
            }
        }
    }

    async fn logs_grew(&mut self) {
        self.own_log_grew().await;
        // An enrolment may have come that states addresses.
        self.members_due
            .get_or_insert_with(|| Instant::now() + MEMBERS_EVERY);
        self.withheld_due
            .get_or_insert_with(|| Instant::now() + WITHHELD_EVERY);
    }

    async fn own_log_grew(&mut self) {
        let Some(note) = self.shell.door.own_note() else {
            return;
        };
        if self.own_note.as_ref() != Some(&note) {
            self.own_note = Some(note.clone());
            self.step(Input::LocalGrew { note }).await;
        }
    }

    /// Tells both planes and the machine who may be heard and dialled, if that changed.
    async fn read_members(&mut self) {
        self.members_due = None;
        let mut members = self.shell.door.members();
        members.retain(|m| m.node != self.shell.node);
        for stated in &self.shell.stated {
            if let Some(member) = members.iter_mut().find(|m| m.node == stated.node) {
                let new = stated.addrs.iter().filter(|a| !member.addrs.contains(a));
                let new: Vec<String> = new.cloned().collect();
                member.addrs.extend(new);
            }
        }
        if members == self.known {
            return;
        }
        let gone = self.shell.members.replace(&members);
        self.tell(Command::Allow(members.iter().map(|m| m.node).collect()))
            .await;
        for peer in gone {
            self.shell.data.drop_peer(&peer);
        }
        let nodes = members.iter().map(|m| sync::Member {
            node: m.node,
            institution: m.handle.clone(),
            addrs: m.addrs.clone(),
        });
        let nodes = nodes.collect();
        self.known = members;
        self.step(Input::Members(nodes)).await;
    }

    /// Tells the machine which bodies to ask for.
    async fn read_withheld(&mut self) {
        self.withheld_due = None;
        let door = self.shell.door.clone();
        let Ok(withheld) = tokio::task::spawn_blocking(move || door.withheld()).await else {
            return;
        };
        let now: BTreeSet<Handle> = withheld.iter().map(|(h, _)| h.clone()).collect();
        for handle in std::mem::replace(&mut self.withheld, now) {
            if !self.withheld.contains(&handle) {
                let positions = Vec::new();
                self.step(Input::Withheld { handle, positions }).await;
            }
        }
        for (handle, positions) in withheld {
            self.step(Input::Withheld { handle, positions }).await;
        }
    }

    /// What commands and joins changed behind the door; what the machine knows it ignores.
    async fn read_papers(&mut self) {
        let papers = self.shell.door.papers();
        for envelope in papers.charter {
            self.step(Input::Charter(envelope)).await;
        }
        for envelope in papers.drafts {
            self.step(Input::Draft(envelope)).await;
        }
        for envelope in papers.successions {
            self.step(Input::Succession(envelope)).await;
        }
    }

    /// Opens the stream connection before it is needed, and again when it ended while the peer is still there: a peer
    /// that does not know this node's address yet can ask over no other. Ends with what is given back.
    fn keep_log_open(&self, peer: PublicKey) -> DropGuard {
        let data = self.shell.data.clone();
        let over = CancellationToken::new();
        let until = over.clone().drop_guard();
        self.beside(async move {
            let work = async {
                let mut pause = REOPEN_FIRST;
                loop {
                    let began = Instant::now();
                    match data.connect(peer, Protocol::Log).await {
                        Ok(connection) => {
                            connection.closed().await;
                        }
                        Err(error) => {
                            tracing::debug!(%error, ?peer, "no data connection yet");
                        }
                    }
                    if began.elapsed() > REOPEN_LAST {
                        pause = REOPEN_FIRST;
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(REOPEN_LAST);
                }
            };
            over.run_until_cancelled(work).await;
        });
        until
    }

    fn fetch(&mut self, fetch: Fetch) {
        let token = self.shell.stop.child_token();
        self.fetches.insert(fetch.id, token.clone());
        let work = fetch_range(
            self.shell.data.clone(),
            self.shell.door.clone(),
            self.shell.offences.clone(),
            fetch,
            self.done.clone(),
        );
        let done = self.done.clone();
        self.beside(async move {
            let Some(input) = token.run_until_cancelled(work).await else {
                return;
            };
            let _ = done.send(Done::Input(Box::new(input))).await;
        });
    }

    fn ask_bodies(&self, peer: PublicKey, handle: Handle, positions: Vec<u64>) {
        let (data, door, offences) = (
            self.shell.data.clone(),
            self.shell.door.clone(),
            self.shell.offences.clone(),
        );
        self.beside(async move {
            let Ok(connection) = data.connect(peer, Protocol::Log).await else {
                return;
            };
            let bodies = match log::fetch_bodies(&connection, handle.clone(), positions).await {
                Ok(bodies) => bodies,
                Err(fault) => {
                    return fault
                        .offence()
                        .into_iter()
                        .for_each(|o| offences.count(Some(peer), o));
                }
            };
            for body in bodies {
                match door.accept_body(handle.clone(), body).await {
                    Ok(true) => {}
                    Ok(false) => offences.count(Some(peer), Offence::Form),
                    Err(trouble) => return logged("a body", Err(trouble)),
                }
            }
        });
    }

    /// Shows a peer that refuses this node the succession that names it.
    fn introduce(&mut self, peer: PublicKey) {
        let now = Instant::now();
        let (due, pause) = self
            .introductions
            .get(&peer)
            .copied()
            .unwrap_or((now, join::INTRODUCE_FIRST));
        let addresses = self.shell.members.data(&peer);
        let Some(succession) = self
            .own_succession()
            .filter(|_| now >= due && !addresses.is_empty())
        else {
            return;
        };
        let next = (pause * 2).min(join::INTRODUCE_LAST);
        self.introductions.insert(peer, (now + pause, next));
        let (data, done) = (self.shell.data.clone(), self.done.clone());
        self.beside(async move {
            let request = join::introduction(&succession);
            match join::ask_on(data.endpoint(), &peer, &addresses, &request).await {
                Ok(answer) => match answer.papers() {
                    Some(papers) => {
                        let _ = done.send(Done::Known(peer, papers)).await;
                    }
                    None => tracing::debug!(
                        ?peer,
                        ?answer,
                        "a peer does not take this node's introduction"
                    ),
                },
                Err(error) => tracing::debug!(?peer, %error, "a peer cannot be asked"),
            }
        });
    }

    /// The succession that names this node as its log's writer.
    fn own_succession(&self) -> Option<Vec<u8>> {
        let papers = self.shell.door.papers();
        papers.successions.into_iter().rev().find(|envelope| {
            commun_specs::succession::Succession::open(envelope).is_ok_and(|(s, _)| {
                s.institution == self.shell.institution && s.writer == self.shell.node
            })
        })
    }

    fn beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.shell.stop.clone();
        self.shell.tasks.spawn(async move {
            stop.run_until_cancelled(work).await;
        });
    }
}

/// Fetches, and stores behind the door; says how it went.
async fn fetch_range(
    data: Data,
    door: Behind,
    offences: Arc<Offences>,
    fetch: Fetch,
    done: mpsc::Sender<Done>,
) -> Input {
    let Fetch {
        id,
        peer,
        request,
        terms,
        ..
    } = fetch;
    let handle = request.handle.clone();
    let refused = |fault| Input::RangeRefused { id, fault };
    let Ok(connection) = data.connect(peer, Protocol::Log).await else {
        return refused(RangeFault::Unreachable);
    };
    let mut told = Instant::now();
    let progress = |_| {
        if told.elapsed() >= PROGRESS_EVERY {
            told = Instant::now();
            let _ = done.try_send(Done::Input(Box::new(Input::Progress { id })));
        }
    };
    let range = match log::fetch_range(&connection, request, progress).await {
        Ok(range) => range,
        Err((fault, why)) => {
            let offence = why.and_then(super::frame::Fault::offence);
            offence
                .into_iter()
                .for_each(|o| offences.count(Some(peer), o));
            return refused(fault);
        }
    };
    let note = Some(range.checkpoint.clone()).filter(|n| !n.is_empty());
    match door.accept_range(range, terms).await {
        Ok(Stored { size, root }) => Input::RangeStored {
            id,
            handle,
            size,
            root,
            note,
        },
        Err(fault) => refused(fault),
    }
}

fn logged(what: &str, done: Result<(), Trouble>) {
    if let Err(Trouble(why)) = done {
        tracing::error!("{what} could not be stored: {why}");
    }
}

impl From<sync::Offence> for Offence {
    fn from(offence: sync::Offence) -> Self {
        match offence {
            sync::Offence::Garbage => Offence::Garbage,
            sync::Offence::Form => Offence::Form,
            sync::Offence::Signature => Offence::Signature,
            sync::Offence::Range => Offence::Range,
            sync::Offence::Flood => Offence::Flood,
        }
    }
}
