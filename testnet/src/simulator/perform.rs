//! What a node's shell does: performs outputs, takes what arrives.

use std::collections::VecDeque;

use commun_specs::{
    charter::Amendment,
    envelope::{Envelope, PayloadType},
    id::TreeRoot,
    key::PublicKey,
    note::{Checkpoint, Origin},
    sync::{
        Input, Message, Output, Range, RangeFault, RangeRequest, Verdict, check_range,
        contradiction,
    },
};

use super::{
    commons::countersign,
    network::Place,
    store::StoredLog,
    world::{Event, Parcel, World},
};

impl World {
    fn key(&self, place: Place) -> PublicKey {
        self.nodes[place].house.node.public()
    }

    pub(super) fn perform(&mut self, place: Place, output: Output, inputs: &mut VecDeque<Input>) {
        match output {
            Output::Dial { peer, .. } => {
                let to = self.place_of(&peer).expect("only members are dialled");
                let (life, delay) = (self.nodes[place].life, self.network.delay(&mut self.dice));
                self.at(
                    delay,
                    Event::Dial {
                        from: place,
                        to,
                        life,
                    },
                );
            }
            Output::Close { peer } => {
                if let Some(to) = self.place_of(&peer) {
                    self.part(place, to);
                }
            }
            Output::Send { peer, message } => self.send(place, peer, message),
            Output::Announce { note } => {
                assert!(self.notes.contains(&note), "an unsigned note is announced");
                for to in self.network.neighbours(place) {
                    self.gossip_to(place, to, &note);
                }
            }
            Output::Relay { id, verdict } => {
                let (note, from) = self.nodes[place]
                    .gossip
                    .remove(&id)
                    .expect("one verdict for each gossip message");
                if verdict == Verdict::Accept {
                    assert!(self.notes.contains(&note), "an unsigned note is passed on");
                    for to in self.network.neighbours(place) {
                        if to != from {
                            self.gossip_to(place, to, &note);
                        }
                    }
                }
            }
            Output::FetchRange(fetch) => {
                if let Some(to) = self.place_of(&fetch.peer) {
                    self.post(place, to, Parcel::Request(fetch.id, fetch.request.clone()));
                }
                self.nodes[place].fetches.insert(fetch.id, fetch);
            }
            Output::CancelFetch { id } => {
                self.nodes[place].fetches.remove(&id);
            }
            Output::AddCharter { envelope } => self.add_charter(place, envelope, inputs),
            Output::StoreDraft { envelope } => {
                self.nodes[place].store.add_draft(envelope.clone());
                self.sign_draft(place, &envelope, inputs);
            }
            Output::AddSuccession { handle, envelope } => {
                self.nodes[place].store.successions.push((handle, envelope));
            }
            Output::Truncate { handle, size } => {
                let log = self.nodes[place].store.logs.entry(handle.clone());
                let log = log.or_default();
                log.truncate(size);
                let (size, root) = (log.size(), log.root());
                inputs.push_back(Input::Truncated { handle, size, root });
            }
            Output::Freeze { handle, evidence } => {
                self.check_freeze(place, &handle, &evidence);
                let log = self.nodes[place].store.logs.entry(handle);
                log.or_default().frozen = Some(evidence);
            }
            Output::Thaw { handle } => {
                let log = self.nodes[place].store.logs.entry(handle);
                log.or_default().frozen = None;
            }
            Output::Count { peer, offence } => {
                let who = self.place_of(&peer).expect("a known node");
                assert!(
                    !self.honest(who) || !self.honest(place),
                    "node {place} blames the honest node {who} for {offence:?}"
                );
            }
            Output::Compare { request, note } => {
                let range = self.read_range(place, &request);
                let range = range.expect("what is compared is held");
                inputs.extend(contradiction(&range, &note).map(Input::Found));
            }
            Output::MaySign | Output::MustNotSign => {}
            Output::AskBodies { .. }
            | Output::KeepRefused { .. }
            | Output::Cosign { .. }
            | Output::StoreWitnessed { .. } => {
                panic!("nothing is withheld and nothing is cosigned in this simulation")
            }
        }
    }

    fn send(&mut self, place: Place, peer: PublicKey, message: Message) {
        let Some(to) = self.place_of(&peer) else {
            return;
        };
        let parcel = if self.honest(place) {
            self.check_message(&message);
            Some(Parcel::Message(Box::new(message)))
        } else {
            self.twist(to, message)
        };
        if let Some(parcel) = parcel {
            self.post(place, to, parcel);
        }
    }

    fn gossip_to(&mut self, place: Place, to: Place, note: &[u8]) {
        if self.honest(place) {
            self.post(place, to, Parcel::Gossip(note.to_vec()));
        } else {
            self.twist_gossip(place, to, note);
        }
    }

    fn add_charter(&mut self, place: Place, envelope: Vec<u8>, inputs: &mut VecDeque<Input>) {
        self.nodes[place].store.add_charter(envelope);
        let Some(sync) = &self.nodes[place].sync else {
            return;
        };
        let chain = sync.chain().clone();
        inputs.push_back(Input::Members(self.members(&chain)));
        for new in 0..self.nodes.len() {
            let handle = &self.nodes[new].house.handle;
            if self.born(new) || chain.head().0.institution(handle).is_none() {
                continue;
            }
            let first = (0, TreeRoot::empty());
            let own = self.nodes[new].house.succession(&chain, None, first);
            let handle = handle.clone();
            let charter = self.nodes[place].store.charter.clone();
            let store = &mut self.nodes[new].store;
            store.charter = charter;
            store.successions.push((handle, own));
            let delay = self.dice.below(2_000);
            self.at(delay, Event::Start(new));
        }
    }

    /// An institution agrees to the first draft of each number, and to no other.
    fn sign_draft(&mut self, place: Place, draft: &[u8], inputs: &mut VecDeque<Input>) {
        let envelope = Envelope::read(PayloadType::Charter, draft);
        let number = envelope
            .ok()
            .and_then(|e| Amendment::read(e.payload()).ok())
            .map(|a| a.number);
        let number = number.expect("only what was verified is stored");
        let node = &mut self.nodes[place];
        if !node.signed.contains(&number)
            && let Some(signed) = countersign(draft, &node.house)
        {
            node.signed.insert(number);
            inputs.push_back(Input::Draft(signed));
        }
    }

    pub(super) fn arrive(&mut self, from: Place, to: Place, parcel: Parcel) {
        let peer = self.key(from);
        match parcel {
            Parcel::Message(message) => {
                let message = *message;
                self.input(to, Input::Message { peer, message });
            }
            Parcel::Unreadable => self.input(to, Input::Garbage { peer }),
            Parcel::Gossip(note) => {
                let id = self.next_gossip;
                self.next_gossip += 1;
                let node = &mut self.nodes[to];
                if node.seen.insert(note.clone()) {
                    node.gossip.insert(id, (note.clone(), from));
                    self.input(
                        to,
                        Input::Gossip {
                            from: peer,
                            id,
                            note,
                        },
                    );
                }
            }
            Parcel::Request(id, request) => {
                if let Some(answer) = self.serve(to, from, &request) {
                    self.post(to, from, Parcel::Answer(id, answer.map(Box::new)));
                }
            }
            Parcel::Answer(id, range) => self.take_range(to, id, range.map(|r| *r)),
        }
    }

    fn read_range(&self, place: Place, request: &RangeRequest) -> Option<Range> {
        let node = &self.nodes[place];
        let successions = node.sync.as_ref()?.successions(&request.handle)?;
        let current = successions.current()?;
        let log = node.store.logs.get(&request.handle)?;
        (current.epoch == request.epoch)
            .then(|| log.serve(request, current.size, self.batch))
            .flatten()
    }

    /// `None`: no answer at all; `Some(None)`: not held.
    fn serve(
        &mut self,
        place: Place,
        asker: Place,
        request: &RangeRequest,
    ) -> Option<Option<Range>> {
        self.nodes[place].sync.as_ref()?;
        let range = self.read_range(place, request);
        if self.honest(place) {
            Some(range)
        } else {
            self.twist_range(asker, request, range)
        }
    }

    fn take_range(&mut self, place: Place, id: u64, range: Option<Range>) {
        let node = &mut self.nodes[place];
        let Some(fetch) = node.fetches.remove(&id) else {
            return; // cancelled, or a copy
        };
        let handle = fetch.request.handle.clone();
        let checked = match &range {
            None => Err(RangeFault::NotHeld),
            Some(range) => {
                let log = node.store.logs.entry(handle.clone()).or_default();
                check_range(&log.hashes, log.size(), range, &fetch.terms).map(|c| (range, c))
            }
        };
        let input = match checked {
            Err(fault) => Input::RangeRefused { id, fault },
            Ok((range, checked)) => {
                let note = Some(range.checkpoint.clone()).filter(|n| !n.is_empty());
                let log = node.store.logs.entry(handle.clone()).or_default();
                log.store(range, checked);
                Input::RangeStored {
                    id,
                    handle,
                    size: log.size(),
                    root: log.root(),
                    note,
                }
            }
        };
        self.check_stored(place);
        self.input(place, input);
    }

    /// Signs the checkpoint of a log as its writer, and stores it.
    pub(super) fn sign(&mut self, place: Place, log: &mut StoredLog, epoch: u64) -> Vec<u8> {
        let house = &self.nodes[place].house;
        let checkpoint = Checkpoint {
            origin: Origin {
                commons: self.commons,
                handle: house.handle.clone(),
                epoch,
            },
            size: log.size(),
            root: log.root(),
        };
        let note = checkpoint.sign(&house.node).to_bytes();
        self.notes.insert(note.clone());
        (log.complete, log.covering) = (Some(note.clone()), Some(note.clone()));
        note
    }

    /// A push at a node: the entry is durable, then signed, then acknowledged.
    pub(super) fn append(&mut self, place: Place) {
        let node = &mut self.nodes[place];
        let Some(sync) = node.sync.as_ref().filter(|s| s.may_sign()) else {
            return;
        };
        let handle = node.house.handle.clone();
        let epoch = sync
            .successions(&handle)
            .and_then(|s| s.current())
            .map(|s| s.epoch)
            .expect("a writer has a succession");
        let mut log = node.store.logs.remove(&handle).unwrap_or_default();
        let entry = format!("{handle} {} {}", log.size(), self.dice.next()).into_bytes();
        if let Some(truth) = self.truth.get_mut(&place) {
            assert_eq!(
                (log.size(), log.root()),
                (truth.size(), truth.root()),
                "{handle} signs a second history"
            );
            truth.append(entry.clone());
        }
        log.append(entry);
        let note = self.sign(place, &mut log, epoch);
        self.nodes[place].store.logs.insert(handle, log);
        self.input(place, Input::LocalGrew { note });
    }
}
