//! A member that does not keep to the protocol. It runs the machine like all others; what it says is twisted
//! on the way out.

use commun_specs::{
    id::{ListHash, TreeRoot},
    note::Note,
    sync::{Evidence, Input, Message, Range, RangeRequest},
};

use super::{
    dice::Dice,
    network::Place,
    store::StoredLog,
    world::{Parcel, World},
};

/// What it does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bent, invented and unreadable messages, ranges and checkpoints.
    Garbage,
    /// Says for ever what it said first, and gives no ranges.
    Stale,
    /// Claims what it holds and never answers when asked for it.
    Mute,
    /// Signs two histories, one for each half of the others.
    TwoHistories,
    /// Signed two histories; then its institution opened a new epoch, and it keeps to the protocol.
    Reformed,
}

impl Kind {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        match dice.below(6) {
            0 | 1 => Kind::Garbage,
            2 => Kind::Stale,
            3 => Kind::Mute,
            _ => Kind::TwoHistories,
        }
    }
}

/// The traitor of a run.
#[derive(Debug)]
pub(super) struct Traitor {
    pub(super) place: Place,
    pub(super) kind: Kind,
    /// The other history.
    pub(super) twin: StoredLog,
    /// The first history, as it was when the institution made up its mind.
    pub(super) first: StoredLog,
    /// Entries written after that.
    pub(super) written: u64,
    /// Entries that both histories begin with.
    common: u64,
    stale: Option<Message>,
}

impl Traitor {
    pub(super) fn new(place: Place, kind: Kind) -> Self {
        Self {
            place,
            kind,
            twin: StoredLog::default(),
            first: StoredLog::default(),
            written: 0,
            common: place as u64 % 4,
            stale: None,
        }
    }

    /// Whether a node is shown the other history.
    pub(super) fn misleads(&self, to: Place) -> bool {
        self.kind == Kind::TwoHistories && to % 2 == 1
    }

    /// Whether the histories differ.
    pub(super) fn two_faced(&self, first: &StoredLog) -> bool {
        let common = self.twin.size().min(first.size());
        self.kind == Kind::TwoHistories && first.root_at(common) != self.twin.root_at(common)
    }
}

impl World {
    fn bend(&mut self, bytes: &mut [u8]) {
        let at = self.dice.below(bytes.len() as u64) as usize;
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << self.dice.below(7);
        }
    }

    fn bend_text(&mut self, text: &mut String) {
        let mut bytes = std::mem::take(text).into_bytes();
        self.bend(&mut bytes);
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }

    /// What the traitor sends in the place of an honest message.
    pub(super) fn twist(&mut self, to: Place, mut message: Message) -> Option<Parcel> {
        let traitor = self.traitor.as_mut()?;
        let place = traitor.place;
        match traitor.kind {
            Kind::Mute | Kind::Reformed => {}
            Kind::Stale => {
                if let Message::Hello(hello) = &mut message {
                    let first = traitor.stale.get_or_insert(Message::Hello(hello.clone()));
                    if let Message::Hello(first) = first {
                        first.echo = hello.echo;
                        first.nonce = hello.nonce;
                        message = Message::Hello(first.clone());
                    }
                }
            }
            Kind::TwoHistories => match &mut message {
                Message::Evidence(_) => return None,
                Message::Hello(hello) => {
                    let misled = traitor.misleads(to);
                    let (twin, size) = (traitor.twin.complete.clone(), traitor.twin.size());
                    let handle = &self.nodes[place].house.handle;
                    for s in hello.logs.iter_mut().filter(|s| s.handle == *handle) {
                        (s.frozen, s.heard) = (None, None);
                        if misled {
                            s.note = twin.clone().and_then(|n| String::from_utf8(n).ok());
                            s.size = size;
                        }
                    }
                }
                _ => {}
            },
            Kind::Garbage => {
                if self.dice.chance(25) {
                    return Some(self.nonsense(message));
                }
            }
        }
        Some(Parcel::Message(Box::new(message)))
    }

    fn nonsense(&mut self, message: Message) -> Parcel {
        let random = |w: &mut World| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&w.dice.next().to_be_bytes());
            bytes
        };
        let twisted = match message {
            Message::Hello(mut hello) => {
                match self.dice.below(5) {
                    0 => hello.charter = self.dice.next() >> 11,
                    1 => hello.charter_id.0 = random(self),
                    2 => hello.drafts = Some(ListHash(random(self))),
                    3 => {
                        for s in &mut hello.logs {
                            s.size = self.dice.below(1 << 40);
                            s.frozen = Some(ListHash(random(self)));
                            if let Some(note) = &mut s.note {
                                self.bend_text(note);
                            }
                        }
                    }
                    _ => {
                        for s in &mut hello.logs {
                            s.epoch += self.dice.below(3);
                            s.successions = ListHash(random(self));
                        }
                    }
                }
                Message::Hello(hello)
            }
            Message::Charter(mut list) => {
                for text in &mut list {
                    self.bend_text(text);
                }
                Message::Charter(list)
            }
            Message::Successions(mut list) => {
                for text in &mut list {
                    self.bend_text(text);
                }
                Message::Successions(list)
            }
            _ if self.dice.chance(50) => {
                let victim = self.dice.below(self.nodes.len() as u64) as usize;
                let note = |w: &World| {
                    let log = w.nodes[victim].store.logs.values().next();
                    log.and_then(|l| l.complete.clone())
                        .and_then(|n| String::from_utf8(n).ok())
                        .unwrap_or_default()
                };
                Message::Evidence(Evidence::Checkpoints {
                    handle: self.nodes[victim].house.handle.clone(),
                    epoch: 0,
                    first: note(self),
                    second: note(self),
                    root: Some(TreeRoot(random(self))),
                    proof: vec![TreeRoot(random(self))],
                })
            }
            _ => return Parcel::Unreadable,
        };
        Parcel::Message(Box::new(twisted))
    }

    /// What the traitor gossips.
    pub(super) fn twist_gossip(&mut self, place: Place, to: Place, note: &[u8]) {
        let mut note = note.to_vec();
        let kind = self.traitor.as_ref().map(|t| t.kind);
        let misled = self.traitor.as_ref().is_some_and(|t| t.misleads(to));
        if misled && self.is_own(place, &note) {
            return; // it hears of the other history
        }
        if kind == Some(Kind::Garbage) && self.dice.chance(25) {
            self.bend(&mut note);
        }
        self.post(place, to, Parcel::Gossip(note));
    }

    fn is_own(&self, place: Place, note: &[u8]) -> bool {
        let claim = Note::read(note).and_then(|n| n.claim());
        claim.is_ok_and(|c| c.origin.handle == self.nodes[place].house.handle)
    }

    /// What the traitor answers to a request for a range.
    pub(super) fn twist_range(
        &mut self,
        asker: Place,
        request: &RangeRequest,
        range: Option<Range>,
    ) -> Option<Option<Range>> {
        let traitor = self.traitor.as_ref()?;
        match traitor.kind {
            Kind::Mute => None,
            Kind::Reformed => Some(range),
            Kind::Stale => Some(None),
            Kind::TwoHistories => {
                let own = request.handle == self.nodes[traitor.place].house.handle;
                if own && traitor.misleads(asker) {
                    return Some(traitor.twin.serve(request, 0, self.batch));
                }
                Some(range)
            }
            Kind::Garbage => {
                let mut range = range?;
                match self.dice.below(8) {
                    0 => range.entries.reverse(),
                    1 => {
                        let mut entry = std::mem::take(&mut range.entries[0].entry);
                        self.bend(&mut entry);
                        range.entries[0].entry = entry;
                    }
                    2 => {
                        let mut note = std::mem::take(&mut range.checkpoint);
                        self.bend(&mut note);
                        range.checkpoint = note;
                    }
                    3 => range.proof.push([7; 32]),
                    4 => range.base_root = Some(TreeRoot([7; 32])),
                    5 => range.entries.clear(),
                    6 => range.from += 1,
                    _ => {}
                }
                Some(Some(range))
            }
        }
    }

    /// The traitor appends: to one history, or to two, which grow apart in length too.
    pub(super) fn betray(&mut self, place: Place) {
        let Some(traitor) = &mut self.traitor else {
            return;
        };
        let both = traitor.twin.size() < traitor.common;
        let (first, second) = match self.dice.below(3) {
            _ if traitor.kind != Kind::TwoHistories => (true, false),
            _ if both => (true, true),
            0 => (true, false),
            1 => (false, true),
            _ => (true, true),
        };
        let handle = self.nodes[place].house.handle.clone();
        if second {
            let mut twin = std::mem::take(&mut traitor.twin);
            let other = if both { "" } else { " other" };
            twin.append(format!("{handle} {}{other}", twin.size()).into_bytes());
            let note = self.sign(place, &mut twin, 0);
            if let Some(traitor) = &mut self.traitor {
                traitor.twin = twin;
            }
            for to in self.network.neighbours(place) {
                if self.traitor.as_ref().is_some_and(|t| t.misleads(to)) {
                    self.post(place, to, Parcel::Gossip(note.clone()));
                }
            }
        }
        if first {
            let logs = &mut self.nodes[place].store.logs;
            let mut log = logs.remove(&handle).unwrap_or_default();
            log.append(format!("{handle} {}", log.size()).into_bytes());
            let note = self.sign(place, &mut log, 0);
            self.nodes[place].store.logs.insert(handle, log);
            self.input(place, Input::LocalGrew { note });
        }
    }

    /// The institution of a log with two histories says which one stands, up to where.
    pub(super) fn reform(&mut self) {
        let Some(traitor) = self.traitor.as_mut() else {
            return;
        };
        let place = traitor.place;
        let node = &self.nodes[place];
        let handle = &node.house.handle;
        traitor.kind = Kind::Reformed;
        traitor.first = node.store.logs.get(handle).cloned().unwrap_or_default();
        // Of the other history only what an honest node holds can stand: nobody else would give it.
        let held = |n: &super::world::Node| {
            let log = n.store.logs.get(handle);
            let log = log.filter(|l| l.size() <= traitor.twin.size());
            log.filter(|l| traitor.twin.root_at(l.size()) == l.root())
                .map_or(0, StoredLog::size)
        };
        let others = self.nodes.iter().map(held).max().unwrap_or(0);
        let (standing, most) = if self.dice.chance(50) {
            (&traitor.first, traitor.first.size())
        } else {
            (&traitor.twin, others)
        };
        let size = self.dice.between(0, most);
        let tip = (size, standing.root_at(size));
        let Some(sync) = &node.sync else {
            return;
        };
        let succession = node
            .house
            .succession(sync.chain(), sync.successions(handle), tip);
        self.input(place, Input::Succession(succession));
    }
}
