//! One node's machine, hand-fed. What many of them do together, `testnet`'s simulator tries.

use std::collections::BTreeMap;

use super::*;
use crate::{
    charter::{Amendment, Chain, Institution},
    envelope::{Envelope, PayloadType},
    id::TreeRoot,
    key::{PublicKey, SecretKey},
    name::Handle,
    note::{Checkpoint, Note, Origin},
    succession::{Succession, Successions},
    tree::{self, Pending},
};

mod range;
mod witness;

/// An institution with one key for everything, as tests need no more.
pub(super) struct House {
    pub(super) handle: Handle,
    pub(super) key: SecretKey,
}

impl House {
    fn new(n: u8) -> Self {
        Self {
            handle: Handle::new(&format!("univ-{n}")).unwrap(),
            key: SecretKey::from_seed([n + 1; 32]),
        }
    }

    pub(super) fn node(&self) -> PublicKey {
        self.key.public()
    }

    fn institution(&self) -> Institution {
        Institution {
            handle: self.handle.clone(),
            name: self.handle.to_string(),
            keys: vec![self.node()],
            threshold: 1,
            ror: None,
            uai: None,
        }
    }

    fn succession(&self, chain: &Chain, before: Option<&Successions>, tip: Tip) -> Vec<u8> {
        let succession = Succession {
            commons: chain.commons(),
            institution: self.handle.clone(),
            epoch: before.map_or(0, |b| b.current().unwrap().epoch + 1),
            prev: before.and_then(Successions::current_id),
            charter: chain.head().1,
            size: tip.0,
            root: tip.1,
            writer: self.node(),
        };
        let payload = succession.to_payload();
        Envelope::seal(PayloadType::Succession, payload, &[&self.key]).to_bytes()
    }
}

/// Houses of one commons, all in charter 0, each with an open log.
pub(super) struct Commons {
    pub(super) houses: Vec<House>,
    pub(super) chain: Chain,
    successions: BTreeMap<Handle, Successions>,
}

impl Commons {
    pub(super) fn of(count: u8) -> Self {
        let houses: Vec<House> = (0..count).map(House::new).collect();
        let mut genesis = Amendment::genesis("x", 1, houses[0].institution());
        genesis.institutions = houses.iter().map(House::institution).collect();
        let keys: Vec<&SecretKey> = houses.iter().map(|h| &h.key).collect();
        let sealed = Envelope::seal(PayloadType::Charter, genesis.to_payload().unwrap(), &keys);
        let chain = Chain::begin(&sealed.to_bytes()).unwrap();
        let open = |h: &House| {
            let mut all = Successions::default();
            let first = h.succession(&chain, None, (0, TreeRoot::empty()));
            all.add(&chain, &first).unwrap();
            (h.handle.clone(), all)
        };
        Self {
            successions: houses.iter().map(open).collect(),
            houses,
            chain,
        }
    }

    pub(super) fn note(&self, house: usize, epoch: u64, (size, root): Tip) -> Note {
        let checkpoint = Checkpoint {
            origin: Origin {
                commons: self.chain.commons(),
                handle: self.houses[house].handle.clone(),
                epoch,
            },
            size,
            root,
        };
        checkpoint.sign(&self.houses[house].key)
    }

    fn node(&self, house: usize, logs: Vec<LogState>) -> Sync {
        self.node_that_asks(house, logs, None)
    }

    fn node_that_asks(
        &self,
        house: usize,
        logs: Vec<LogState>,
        cosign_every: Option<Millis>,
    ) -> Sync {
        let config = Config {
            node: self.houses[house].node(),
            institution: self.houses[house].handle.clone(),
            seed: house as u64 + 1,
            alone: false,
            cosign_every,
        };
        let initial = Initial {
            chain: self.chain.clone(),
            successions: self.successions.clone(),
            drafts: Vec::new(),
            logs,
            members: Vec::new(),
        };
        Sync::new(config, initial)
    }

    fn state(&self, house: usize, tree: &Tree) -> LogState {
        let note = self.note(house, 0, tree.tip()).to_bytes();
        LogState {
            handle: self.houses[house].handle.clone(),
            size: tree.tip().0,
            root: tree.tip().1,
            complete: Some(note.clone()),
            covering: Some(note),
            frozen: None,
            cosigned: 0,
            cosigned_epoch: 0,
            witnessed: None,
        }
    }

    fn gossip(&self, from: usize, note: &Note) -> Input {
        Input::Gossip {
            from: self.houses[from].node(),
            id: 1,
            note: note.to_bytes(),
        }
    }
}

/// A log's tree.
#[derive(Clone, Default)]
pub(super) struct Tree {
    pub(super) entries: Vec<Vec<u8>>,
    pub(super) hashes: Vec<[u8; 32]>,
}

impl Tree {
    pub(super) fn of(entries: &[&str]) -> Self {
        let mut tree = Self::default();
        for e in entries {
            let at = tree.entries.len() as u64;
            let mut new = Pending::on(&tree.hashes, at);
            tree::append(&mut new, at, tree::leaf_hash(e.as_bytes())).unwrap();
            let (_, new) = new.into_new();
            tree.hashes.extend(new);
            tree.entries.push(e.as_bytes().to_vec());
        }
        tree
    }

    pub(super) fn tip(&self) -> Tip {
        self.tip_at(self.entries.len() as u64)
    }

    pub(super) fn tip_at(&self, size: u64) -> Tip {
        (size, tree::root(&self.hashes, size).unwrap())
    }
}

fn connect(sync: &mut Sync, now: Millis, peer: PublicKey) -> Vec<Output> {
    sync.step(now, Input::Connected { peer })
}

/// The `Hello` to a peer among outputs.
fn hello_to(out: &[Output], to: PublicKey) -> Option<Hello> {
    out.iter().find_map(|o| match o {
        Output::Send {
            peer,
            message: Message::Hello(h),
        } if *peer == to => Some(h.clone()),
        _ => None,
    })
}

fn fetches(out: &[Output]) -> Vec<&Fetch> {
    let mut all = Vec::new();
    for o in out {
        if let Output::FetchRange(f) = o {
            all.push(f);
        }
    }
    all
}

/// Lets two machines talk until both are silent; range requests stay open.
fn talk(
    now: Millis,
    (a, a_key): (&mut Sync, PublicKey),
    (b, b_key): (&mut Sync, PublicKey),
) -> Vec<Output> {
    let mut seen = Vec::new();
    let mut a_out = connect(a, now, b_key);
    let mut b_out = connect(b, now, a_key);
    for round in 0..6 {
        let now = now + round * 300;
        let pass = |out: &[Output], to: &mut Sync, from: PublicKey| -> Vec<Output> {
            let messages = out.iter().filter_map(|o| match o {
                Output::Send { message, .. } => Some(message.clone()),
                _ => None,
            });
            let mut answers = to.step(now, Input::Tick);
            for message in messages {
                answers.extend(to.step(
                    now,
                    Input::Message {
                        peer: from,
                        message,
                    },
                ));
            }
            answers
        };
        let new_b = pass(&a_out, b, a_key);
        let new_a = pass(&b_out, a, b_key);
        seen.extend(std::mem::replace(&mut a_out, new_a));
        b_out = new_b;
    }
    seen.extend(a_out);
    seen
}

#[test]
fn the_only_institution_signs_at_once_and_one_of_two_waits() {
    //= R-06-50
    let mut only = Commons::of(1).node(0, Vec::new());
    assert_eq!(only.step(0, Input::Tick), vec![Output::MaySign]);
    let mut one = Commons::of(2).node(0, Vec::new());
    for now in [0, limits::START_WAIT, 10 * limits::START_WAIT] {
        assert!(!one.step(now, Input::Tick).contains(&Output::MaySign));
    }
    assert!(
        one.obstacle(10 * limits::START_WAIT)
            .unwrap()
            .contains("--alone")
    );
}

#[test]
fn a_writer_with_an_old_disk_adopts_what_is_longer_before_it_signs() {
    //= R-06-51
    let commons = Commons::of(2);
    let (old, long) = (Tree::of(&["a"]), Tree::of(&["a", "b", "c"]));
    let mut writer = commons.node(0, vec![commons.state(0, &old)]);
    let mut peer = commons.node(1, vec![commons.state(0, &long)]);
    let keys = (commons.houses[0].node(), commons.houses[1].node());
    let out = talk(0, (&mut writer, keys.0), (&mut peer, keys.1));
    assert!(!out.contains(&Output::MaySign));
    let fetch = fetches(&out)[0].clone();
    assert_eq!((fetch.request.from, fetch.request.base), (1, 1));
    let (size, root) = long.tip();
    let stored = Input::RangeStored {
        id: fetch.id,
        handle: commons.houses[0].handle.clone(),
        size,
        root,
        note: Some(commons.note(0, 0, (size, root)).to_bytes()),
    };
    assert!(writer.step(2_000, stored).contains(&Output::MaySign));
}

#[test]
fn an_answer_to_an_earlier_start_does_not_count() {
    let commons = Commons::of(2);
    let mut writer = commons.node(0, Vec::new());
    let mut peer = commons.node(1, Vec::new());
    let (own, other) = (commons.houses[0].node(), commons.houses[1].node());
    connect(&mut writer, 0, other);
    let out = connect(&mut peer, 0, own);
    let mut hello = hello_to(&out, own).unwrap();
    hello.echo = Some(1);
    let stale = Input::Message {
        peer: other,
        message: Message::Hello(hello),
    };
    assert!(!writer.step(10, stale).contains(&Output::MaySign));
}

#[test]
fn gossip_is_passed_on_once_and_only_if_the_writer_signed_it() {
    let commons = Commons::of(3);
    let mut node = commons.node(1, Vec::new());
    connect(&mut node, 0, commons.houses[2].node());
    let verdict = |out: &[Output]| {
        let relay = |o: &Output| match o {
            Output::Relay { verdict, .. } => Some(*verdict),
            _ => None,
        };
        out.iter().find_map(relay)
    };
    let tree = Tree::of(&["a", "b"]);
    let good = commons.note(0, 0, tree.tip());
    let out = node.step(1, commons.gossip(2, &good));
    assert_eq!(verdict(&out), Some(Verdict::Accept));
    // The writer is not connected: the one that passed it on is asked.
    assert_eq!(fetches(&out)[0].peer, commons.houses[2].node());
    let again = node.step(2, commons.gossip(2, &good));
    assert_eq!(verdict(&again), Some(Verdict::Ignore));
    let forged = Checkpoint {
        origin: good.claim().unwrap().origin,
        size: 9,
        root: TreeRoot([9; 32]),
    };
    let out = node.step(3, commons.gossip(2, &forged.sign(&commons.houses[2].key)));
    assert_eq!(verdict(&out), Some(Verdict::Reject));
    assert!(out.iter().any(|o| matches!(
        o,
        Output::Count {
            offence: Offence::Signature,
            ..
        }
    )));
}

#[test]
fn two_notes_of_one_size_freeze_the_log_and_a_succession_thaws_it() {
    //= R-06-41
    let commons = Commons::of(3);
    let (one, other) = (Tree::of(&["a", "b"]), Tree::of(&["a", "x"]));
    let mut node = commons.node(1, vec![commons.state(0, &one)]);
    connect(&mut node, 0, commons.houses[2].node());
    let out = node.step(1, commons.gossip(2, &commons.note(0, 0, other.tip())));
    let evidence = out.iter().find_map(|o| match o {
        Output::Freeze { evidence, .. } => Some(evidence.clone()),
        _ => None,
    });
    let evidence = evidence.unwrap();
    let origin = commons.note(0, 0, one.tip()).claim().unwrap().origin;
    assert!(evidence.proves(&origin, &commons.houses[0].node()));
    assert!(!evidence.proves(&origin, &commons.houses[1].node()));
    // No growth is taken.
    let longer = commons.note(0, 0, Tree::of(&["a", "b", "c"]).tip());
    assert!(fetches(&node.step(2, commons.gossip(2, &longer))).is_empty());
    let before = &commons.successions[&commons.houses[0].handle];
    let next = commons.houses[0].succession(&commons.chain, Some(before), one.tip_at(1));
    let out = node.step(3, Input::Succession(next));
    assert!(out.iter().any(|o| matches!(o, Output::Thaw { .. })));
    assert!(
        out.iter()
            .any(|o| matches!(o, Output::Truncate { size: 1, .. }))
    );
    // The notes of the epoch that is over freeze nothing any more.
    let out = node.step(4, commons.gossip(2, &commons.note(0, 0, other.tip())));
    assert!(!out.iter().any(|o| matches!(o, Output::Freeze { .. })));
}

#[test]
fn a_fetch_that_stalls_goes_to_another_peer() {
    //= R-06-36
    let commons = Commons::of(3);
    let mut node = commons.node(1, Vec::new());
    let note = commons.note(0, 0, Tree::of(&["a"]).tip());
    for peer in [0, 2] {
        connect(&mut node, 0, commons.houses[peer].node());
    }
    let first = node.step(1, commons.gossip(0, &note));
    let first = fetches(&first)[0].clone();
    assert_eq!(first.peer, commons.houses[0].node());
    let mut holder = commons.node(2, vec![commons.state(0, &Tree::of(&["a"]))]);
    let hello = hello_to(
        &connect(&mut holder, 1, commons.houses[1].node()),
        commons.houses[1].node(),
    );
    let message = Message::Hello(hello.unwrap());
    let peer = commons.houses[2].node();
    assert!(fetches(&node.step(2, Input::Message { peer, message })).is_empty());
    node.step(3_000, Input::Progress { id: first.id });
    assert!(fetches(&node.step(6_999, Input::Tick)).is_empty());
    let out = node.step(7_000, Input::Tick);
    assert!(out.contains(&Output::CancelFetch { id: first.id }));
    assert_eq!(fetches(&out)[0].peer, commons.houses[2].node());
}

#[test]
fn a_peer_that_offends_ten_times_is_not_heard_for_a_minute() {
    let commons = Commons::of(2);
    let mut node = commons.node(0, Vec::new());
    let peer = commons.houses[1].node();
    connect(&mut node, 0, peer);
    for _ in 0..limits::MAX_OFFENCES {
        node.step(1, Input::Garbage { peer });
    }
    let ask = Input::Message {
        peer,
        message: Message::AskCharter { from: 0 },
    };
    let sends = |out: Vec<Output>| {
        out.iter().any(|o| {
            matches!(
                o,
                Output::Send {
                    message: Message::Charter(_),
                    ..
                }
            )
        })
    };
    assert!(!sends(node.step(2, ask.clone())));
    assert!(sends(node.step(limits::PENANCE + 2, ask)));
}

#[test]
fn a_flood_is_dropped_and_counted() {
    let commons = Commons::of(2);
    let mut node = commons.node(0, Vec::new());
    let peer = commons.houses[1].node();
    connect(&mut node, 0, peer);
    let mut counted = 0;
    for _ in 0..limits::MESSAGES_BURST + 5 {
        let message = Message::AskDrafts;
        let out = node.step(1, Input::Message { peer, message });
        let flood = |o: &&Output| {
            matches!(
                o,
                Output::Count {
                    offence: Offence::Flood,
                    ..
                }
            )
        };
        counted += out.iter().filter(flood).count();
    }
    assert_eq!(counted, 5);
}

#[test]
fn only_stated_addresses_are_dialled_and_ever_more_slowly() {
    //= R-06-01
    let commons = Commons::of(3);
    let mut node = commons.node(0, Vec::new());
    let peer = commons.houses[1].node();
    let member = |house: usize, addrs: Vec<String>| Member {
        node: commons.houses[house].node(),
        institution: Some(commons.houses[house].handle.clone()),
        addrs,
    };
    let members = vec![member(1, vec!["here".to_owned()]), member(2, Vec::new())];
    let mut dials = Vec::new();
    let mut out = node.step(0, Input::Members(members));
    for now in (0..120_000).step_by(250) {
        out.extend(node.step(now, Input::Tick));
        for o in std::mem::take(&mut out) {
            if let Output::Dial { peer: to, addrs } = o {
                assert_eq!((to, addrs), (peer, vec!["here".to_owned()]));
                dials.push(now);
                out.extend(node.step(now, Input::DialFailed { peer }));
            }
        }
    }
    let pauses: Vec<u64> = dials.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(pauses.iter().all(|p| *p <= limits::DIAL_LAST * 5 / 4 + 250));
    assert!(dials.len() > 8 && dials.len() < 20, "{dials:?}");
}

#[test]
fn an_old_checkpoint_that_agrees_changes_nothing() {
    //= R-06-14
    let commons = Commons::of(3);
    let held = Tree::of(&["a", "b", "c"]);
    let mut node = commons.node(1, vec![commons.state(0, &held)]);
    connect(&mut node, 0, commons.houses[2].node());
    let old = commons.note(0, 0, held.tip_at(2));
    let out = node.step(1, commons.gossip(2, &old));
    assert!(!out.iter().any(|o| matches!(o, Output::Freeze { .. })));
    assert!(fetches(&out).is_empty());
}

#[test]
fn a_hello_says_what_is_held_and_counts_only_under_the_same_successions() {
    //= R-06-04, R-06-11, R-06-12
    let commons = Commons::of(2);
    let long = Tree::of(&["a", "b", "c"]);
    let (own, other) = (commons.houses[0].node(), commons.houses[1].node());
    let mut peer = commons.node(1, vec![commons.state(0, &long)]);
    let out = connect(&mut peer, 0, own);
    let hello = hello_to(&out, own).unwrap();
    assert_eq!(hello.charter_id, commons.chain.head().1);
    // The receiver's log comes first, with the writer's signature and no other.
    let first = &hello.logs[0];
    assert_eq!((&first.handle, first.size), (&commons.houses[0].handle, 3));
    let note = Note::read(first.note.as_ref().unwrap().as_bytes()).unwrap();
    assert_eq!(note.to_bytes(), commons.note(0, 0, long.tip()).to_bytes());
    // A member of a later release is ignored.
    let mut json = serde_json::to_value(Message::Hello(hello.clone())).unwrap();
    json["hello"]["later"] = true.into();
    let read: Message = serde_json::from_value(json).unwrap();
    assert_eq!(read, Message::Hello(hello.clone()));

    let asked = |hello: Hello| {
        let mut node = commons.node(0, Vec::new());
        connect(&mut node, 0, other);
        let message = Message::Hello(hello);
        node.step(
            10,
            Input::Message {
                peer: other,
                message,
            },
        )
    };
    assert_eq!(fetches(&asked(hello.clone())).len(), 1);
    let mut later = hello;
    later.logs[0].epoch += 1;
    let out = asked(later);
    assert!(fetches(&out).is_empty());
    assert!(!out.iter().any(|o| matches!(o, Output::Count { .. })));
}
