//! A run: nodes, a clock, a queue of what will happen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use commun_specs::{
    charter::Chain,
    id::CommonsId,
    key::PublicKey,
    sync::{Config, Fetch, Input, Member, Message, Range, RangeRequest, Sync},
};

use super::{
    checks::Tally,
    commons::{House, genesis},
    dice::Dice,
    network::{Lines, Network, Place},
    store::{Store, StoredLog},
    traitor::{Kind, Traitor},
};

/// Faults happen for this long; then everything heals.
const TROUBLE: u64 = 15_000;
/// After healing, all must agree within this time: two of the longest pauses of the protocol.
const PATIENCE: u64 = 150_000;
/// More waiting events than this is a storm.
const MAX_QUEUE: usize = 20_000;

/// One node and its disk.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) house: House,
    pub(super) store: Store,
    pub(super) backup: Option<Store>,
    pub(super) sync: Option<Sync>,
    /// Counts starts: what was meant for an earlier one is void.
    pub(super) life: u64,
    pub(super) fetches: BTreeMap<u64, Fetch>,
    pub(super) gossip: BTreeMap<u64, (Vec<u8>, Place)>,
    pub(super) seen: BTreeSet<Vec<u8>>,
    /// After so many outputs more the node crashes, between two of them.
    pub(super) fuse: Option<u64>,
    /// Numbers of amendments that the house signed: at most one each.
    pub(super) signed: BTreeSet<u64>,
}

/// What travels on a connection.
#[derive(Debug, Clone)]
pub(super) enum Parcel {
    Message(Box<Message>),
    Unreadable,
    Gossip(Vec<u8>),
    Request(u64, RangeRequest),
    Answer(u64, Option<Box<Range>>),
}

/// What will happen.
#[derive(Debug)]
pub(super) enum Event {
    Tick(Place, u64),
    Dial {
        from: Place,
        to: Place,
        life: u64,
    },
    Arrive {
        from: Place,
        to: Place,
        connection: u64,
        parcel: Parcel,
    },
    /// A side notices that a connection carries nothing.
    Dead {
        a: Place,
        b: Place,
        connection: u64,
    },
    /// A side notices that the other one crashed.
    Gone {
        side: Place,
        other: Place,
    },
    Start(Place),
    /// Somebody pushes.
    Push(Place),
    Trouble,
}

/// Everything there is in a run.
pub(super) struct World {
    pub(super) now: u64,
    pub(super) dice: Dice,
    queue: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    pub(super) network: Network,
    pub(super) nodes: Vec<Node>,
    /// What each honest writer acknowledged: the truth.
    pub(super) truth: BTreeMap<Place, StoredLog>,
    /// Notes that a writer really signed.
    pub(super) notes: BTreeSet<Vec<u8>>,
    pub(super) traitor: Option<Traitor>,
    pub(super) batch: u64,
    pub(super) healed: bool,
    pub(super) tally: Tally,
    places: BTreeMap<PublicKey, Place>,
    pub(super) commons: CommonsId,
    pub(super) next_gossip: u64,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let count = dice.between(3, 7) as usize;
        let first = dice.between(1, count as u64) as usize;
        let lines = Lines {
            max_delay: [5, 40, 200, 600][dice.below(4) as usize],
            loss: [0, 2, 10, 25][dice.below(4) as usize],
            duplication: dice.below(15),
        };
        let houses: Vec<House> = (0..count).map(House::new).collect();
        let charter = genesis(&houses[..first]);
        let chain = Chain::begin(&charter).expect("charter 0 holds");
        let traitor = (first > 1 && dice.chance(50)).then(|| {
            let kind = Kind::draw(&mut dice);
            Traitor::new(dice.below(first as u64) as Place, kind)
        });
        let places = houses.iter().enumerate();
        let places = places.map(|(i, h)| (h.node.public(), i)).collect();
        let nodes = houses
            .iter()
            .enumerate()
            .map(|(place, house)| {
                let mut store = Store::default();
                if place < first {
                    let empty = (0, commun_specs::id::TreeRoot::empty());
                    store.charter.push(charter.clone());
                    let own = house.succession(&chain, None, empty);
                    store.successions.push((house.handle.clone(), own));
                }
                Node {
                    house: house.clone(),
                    store,
                    backup: None,
                    sync: None,
                    life: 0,
                    fetches: BTreeMap::new(),
                    gossip: BTreeMap::new(),
                    seen: BTreeSet::new(),
                    fuse: None,
                    signed: BTreeSet::new(),
                }
            })
            .collect();
        let honest = |p: &Place| traitor.as_ref().is_none_or(|t| t.place != *p);
        let truth = (0..count).filter(honest);
        let mut world = Self {
            now: 0,
            queue: BTreeMap::new(),
            sequence: 0,
            network: Network::new(lines),
            nodes,
            truth: truth.map(|p| (p, StoredLog::default())).collect(),
            notes: BTreeSet::new(),
            traitor,
            batch: dice.between(1, 20),
            healed: false,
            tally: Tally::default(),
            places,
            commons: chain.commons(),
            next_gossip: 1,
            dice,
        };
        for place in 0..first {
            let at = world.dice.below(500);
            world.at(at, Event::Start(place));
        }
        world.at(600, Event::Trouble);
        world
    }

    pub(super) fn honest(&self, place: Place) -> bool {
        self.truth.contains_key(&place)
    }

    /// Those whom a charter has admitted.
    pub(super) fn born(&self, place: Place) -> bool {
        !self.nodes[place].store.charter.is_empty()
    }

    pub(super) fn place_of(&self, key: &PublicKey) -> Option<Place> {
        self.places.get(key).copied()
    }

    pub(super) fn at(&mut self, delay: u64, event: Event) {
        self.sequence += 1;
        self.queue.insert((self.now + delay, self.sequence), event);
        assert!(self.queue.len() < MAX_QUEUE, "a storm: the queue overflows");
    }

    /// Sends something on a connection, if there is one: it may be lost, doubled, and overtaken.
    pub(super) fn post(&mut self, from: Place, to: Place, parcel: Parcel) {
        let Some(connection) = self.network.connection(from, to) else {
            return;
        };
        self.tally.sent(self.now);
        let copies = 1 + u64::from(self.dice.chance(self.network.lines.duplication));
        for _ in 0..copies {
            if self.network.lost(&mut self.dice, from, to) {
                continue;
            }
            let delay = self.network.delay(&mut self.dice);
            let parcel = parcel.clone();
            self.at(
                delay,
                Event::Arrive {
                    from,
                    to,
                    connection,
                    parcel,
                },
            );
        }
    }

    /// The nodes of the institutions that a chain lists.
    pub(super) fn members(&self, chain: &Chain) -> Vec<Member> {
        let head = chain.head().0;
        self.nodes
            .iter()
            .filter(|n| head.institution(&n.house.handle).is_some())
            .map(|n| Member {
                node: n.house.node.public(),
                institution: Some(n.house.handle.clone()),
                addrs: vec![n.house.handle.to_string()],
            })
            .collect()
    }

    /// Gives a node an input, and does what it wants.
    pub(super) fn input(&mut self, place: Place, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now = self.now;
            let Some(sync) = self.nodes[place].sync.as_mut() else {
                return;
            };
            for output in sync.step(now, input) {
                if let Some(fuse) = self.nodes[place].fuse.as_mut() {
                    if *fuse == 0 {
                        self.crash(place);
                        return;
                    }
                    *fuse -= 1;
                }
                self.perform(place, output, &mut inputs);
            }
        }
    }

    pub(super) fn start(&mut self, place: Place) {
        if self.nodes[place].sync.is_some() || !self.born(place) {
            return;
        }
        let members = self.members(&self.nodes[place].store.chain());
        let seed = self.dice.next();
        let node = &mut self.nodes[place];
        let config = Config {
            node: node.house.node.public(),
            institution: node.house.handle.clone(),
            seed,
            alone: false,
            // Successions of the simulation go back behind what witnesses saw.
            cosign_every: None,
        };
        node.sync = Some(Sync::new(config, node.store.initial(members)));
        node.life += 1;
        let life = node.life;
        self.at(0, Event::Tick(place, life));
        // People do not wait until a node has looked around.
        for _ in 0..3 {
            let delay = self.dice.below(1_000);
            self.at(delay, Event::Push(place));
        }
    }

    /// `kill -9`: what is on disk stays; the others notice within five seconds.
    pub(super) fn crash(&mut self, place: Place) {
        let node = &mut self.nodes[place];
        if node.sync.take().is_none() {
            return;
        }
        node.fuse = None;
        node.fetches.clear();
        node.gossip.clear();
        node.seen.clear();
        for other in self.network.neighbours(place) {
            self.network.end(place, other);
            let delay = self.dice.below(5_000);
            self.at(
                delay,
                Event::Gone {
                    side: other,
                    other: place,
                },
            );
        }
        for other in 0..self.nodes.len() {
            self.network.untell(place, other);
        }
    }

    /// Runs until all agree.
    pub(super) fn run(&mut self) {
        let (mut next_look, mut deadline) = (0, TROUBLE + PATIENCE);
        while let Some(((at, _), event)) = self.queue.pop_first() {
            self.now = at;
            if !self.healed && at >= TROUBLE {
                self.heal_all();
            }
            self.happen(event);
            if self.healed && at >= next_look {
                next_look = at + 500;
                self.write_after_reform();
                match self.agreement() {
                    Ok(()) if self.can_reform() => {
                        self.tally.frozen = self.frozen();
                        self.reform();
                        deadline = at + PATIENCE;
                    }
                    Ok(()) => break,
                    Err(why) => assert!(at < deadline, "no agreement: {why}"),
                }
            }
        }
        self.final_checks();
    }

    /// How many nodes have a frozen log.
    fn frozen(&self) -> usize {
        let frozen = |n: &&Node| n.store.logs.values().any(|l| l.frozen.is_some());
        self.nodes.iter().filter(frozen).count()
    }

    fn write_after_reform(&mut self) {
        let Some(traitor) = self.traitor.as_mut().filter(|t| t.kind == Kind::Reformed) else {
            return;
        };
        let place = traitor.place;
        let sync = self.nodes[place].sync.as_ref();
        if traitor.written < 3 && sync.is_some_and(Sync::may_sign) {
            traitor.written += 1;
            self.append(place);
        }
    }

    fn heal_all(&mut self) {
        self.healed = true;
        self.network.heal();
        self.network.lines.loss = self.network.lines.loss.min(2);
        for place in 0..self.nodes.len() {
            self.nodes[place].fuse = None;
            self.start(place);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick(place, life) => {
                if self.nodes[place].life == life && self.nodes[place].sync.is_some() {
                    self.input(place, Input::Tick);
                    self.at(250, Event::Tick(place, life));
                }
            }
            Event::Dial { from, to, life } => self.dial(from, to, life),
            Event::Arrive {
                from,
                to,
                connection,
                parcel,
            } => {
                if self.network.connection(from, to) == Some(connection)
                    && self.network.knows(to, from)
                {
                    self.arrive(from, to, parcel);
                }
            }
            Event::Dead { a, b, connection } => {
                if self.network.connection(a, b) == Some(connection) && !self.network.reaches(a, b)
                {
                    self.part(a, b);
                }
            }
            Event::Gone { side, other } => {
                if self.network.connection(side, other).is_none()
                    && self.network.untell(side, other)
                {
                    let peer = self.nodes[other].house.node.public();
                    self.input(side, Input::Disconnected { peer });
                }
            }
            Event::Start(place) => self.start(place),
            Event::Push(place) => {
                if self.honest(place) {
                    self.append(place);
                }
            }
            Event::Trouble => {
                if !self.healed {
                    self.trouble();
                    let pause = self.dice.between(50, 450);
                    self.at(pause, Event::Trouble);
                }
            }
        }
    }

    fn dial(&mut self, from: Place, to: Place, life: u64) {
        if self.nodes[from].life != life || self.nodes[from].sync.is_none() {
            return;
        }
        let peer = self.nodes[to].house.node.public();
        if self.nodes[to].sync.is_none() || !self.network.reaches(from, to) {
            if self.network.connection(from, to).is_none() {
                self.input(from, Input::DialFailed { peer });
            }
            return;
        }
        if self.network.connection(from, to).is_none() {
            self.network.connect(from, to);
        }
        for (side, other) in [(from, to), (to, from)] {
            if self.network.tell(side, other) {
                let peer = self.nodes[other].house.node.public();
                self.input(side, Input::Connected { peer });
            }
        }
    }

    /// Ends a connection for both sides.
    pub(super) fn part(&mut self, a: Place, b: Place) {
        self.network.end(a, b);
        for (side, other) in [(a, b), (b, a)] {
            if self.network.untell(side, other) {
                let peer = self.nodes[other].house.node.public();
                self.input(side, Input::Disconnected { peer });
            }
        }
    }
}
