//! Witnesses (R-06-70 to R-06-74).

use super::*;

/// What is said to one peer about cosignatures.
fn said(out: &[Output], to: PublicKey) -> Vec<Message> {
    let mut all = Vec::new();
    for o in out {
        if let Output::Send { peer, message } = o
            && *peer == to
            && matches!(message, Message::Cosign(_) | Message::Cosigned(_))
        {
            all.push(message.clone());
        }
    }
    all
}

fn asked(out: &[Output]) -> Option<(Handle, Vec<u8>)> {
    out.iter().find_map(|o| match o {
        Output::Cosign { handle, note } => Some((handle.clone(), note.clone())),
        _ => None,
    })
}

fn stored(out: &[Output]) -> Option<Note> {
    out.iter().find_map(|o| match o {
        Output::StoreWitnessed { note, .. } => Some(Note::read(note).unwrap()),
        _ => None,
    })
}

fn message(from: &House, message: Message) -> Input {
    Input::Message {
        peer: from.node(),
        message,
    }
}

fn text(note: &Note) -> String {
    String::from_utf8(note.to_bytes()).unwrap()
}

#[test]
fn a_writer_asks_once_in_the_time_set_and_only_when_its_log_grew() {
    //= R-06-70
    let c = Commons::of(3);
    let tree = Tree::of(&["a", "b"]);
    let mut sync = c.node_that_asks(0, vec![c.state(0, &tree)], Some(1_000));
    assert!(said(&sync.step(0, Input::Tick), c.houses[1].node()).is_empty());
    let out = connect(&mut sync, 1, c.houses[1].node());
    let first = said(&out, c.houses[1].node());
    let note = text(&c.note(0, 0, tree.tip()));
    assert_eq!(first, [Message::Cosign(note)]);
    assert!(said(&sync.step(5_000, Input::Tick), c.houses[1].node()).is_empty());
    let longer = Tree::of(&["a", "b", "c"]);
    let grew = |tree: &Tree| Input::LocalGrew {
        note: c.note(0, 0, tree.tip()).to_bytes(),
    };
    let out = sync.step(6_000, grew(&longer));
    assert_eq!(said(&out, c.houses[1].node()).len(), 1);
    let more = Tree::of(&["a", "b", "c", "d"]);
    assert!(said(&sync.step(6_100, grew(&more)), c.houses[1].node()).is_empty());
    assert_eq!(
        said(&sync.step(7_000, Input::Tick), c.houses[1].node()).len(),
        1
    );
}

#[test]
fn who_is_asked_cosigns_what_it_holds_and_nothing_else() {
    //= R-06-71
    let c = Commons::of(3);
    let (held, longer) = (Tree::of(&["a"]), Tree::of(&["a", "b"]));
    let mut sync = c.node(1, vec![c.state(0, &held)]);
    connect(&mut sync, 0, c.houses[0].node());
    connect(&mut sync, 0, c.houses[2].node());
    let note = c.note(0, 0, longer.tip());
    // Somebody else may not ask for it, and what is not held yet waits.
    let out = sync.step(1, message(&c.houses[2], Message::Cosign(text(&note))));
    assert_eq!(asked(&out), None);
    let out = sync.step(2, message(&c.houses[0], Message::Cosign(text(&note))));
    assert_eq!(asked(&out), None);
    let fetch = fetches(&sync.step(2, Input::Tick)).first().map(|f| f.id);
    assert_eq!(fetch, None, "it runs already");
    let out = sync.step(
        3,
        Input::RangeStored {
            id: 1,
            handle: c.houses[0].handle.clone(),
            size: 2,
            root: longer.tip().1,
            note: Some(note.to_bytes()),
        },
    );
    let (handle, wanted) = asked(&out).expect("it is held now");
    assert_eq!((&handle, &wanted), (&c.houses[0].handle, &note.to_bytes()));
    // The store says that it is done: the writer gets it, and a succession below is refused from now on (R-06-22).
    let out = sync.step(
        4,
        Input::Cosigned {
            handle: handle.clone(),
            size: 2,
            note: wanted.clone(),
        },
    );
    let answer = Message::Cosigned(String::from_utf8(wanted).unwrap());
    assert_eq!(said(&out, c.houses[0].node()), [answer]);
    let below = c.houses[0].succession(&c.chain, c.successions.get(&handle), held.tip());
    let out = sync.step(5, Input::Succession(below));
    let kept = |o: &Output| matches!(o, Output::KeepRefused { .. });
    assert!(out.iter().any(kept), "{out:?}");
}

#[test]
fn the_writer_gathers_what_verifies_and_shows_it_to_all() {
    //= R-06-72
    //= R-06-73
    let c = Commons::of(3);
    let tree = Tree::of(&["a", "b"]);
    let commons = c.chain.commons();
    let mut sync = c.node(0, vec![c.state(0, &tree)]);
    for other in &c.houses[1..] {
        connect(&mut sync, 0, other.node());
    }
    let cosigned = |by: &House, key: &SecretKey| {
        let mut note = c.note(0, 0, tree.tip());
        note.cosign(&commons, &by.handle, key, 9);
        Message::Cosigned(text(&note))
    };
    // Another key than that of the institution's writer counts for nothing.
    let forged = cosigned(&c.houses[1], &c.houses[2].key);
    assert!(stored(&sync.step(1, message(&c.houses[2], forged))).is_none());
    for (n, by) in c.houses[1..].iter().enumerate() {
        let out = sync.step(2, message(by, cosigned(by, &by.key)));
        let note = stored(&out).expect("one more");
        let count = c.houses[1..]
            .iter()
            .filter(|h| note.cosignature(&commons, &h.handle, &h.node()).is_some())
            .count();
        assert_eq!(count, n + 1);
        assert!(
            said(&out, c.houses[1].node()).is_empty(),
            "several go in one"
        );
    }
    let again = cosigned(&c.houses[1], &c.houses[1].key);
    assert!(
        stored(&sync.step(3, message(&c.houses[1], again))).is_none(),
        "nothing new"
    );
    let out = sync.step(1_500, Input::Tick);
    let [Message::Cosigned(shown)] = &said(&out, c.houses[2].node())[..] else {
        panic!("{out:?}");
    };
    // A member keeps it, and nothing shorter afterwards.
    let mut third = c.node(2, vec![c.state(0, &tree)]);
    connect(&mut third, 0, c.houses[0].node());
    let out = third.step(1, message(&c.houses[0], Message::Cosigned(shown.clone())));
    let kept = stored(&out).expect("it is new here");
    for by in &c.houses[1..] {
        assert!(kept.cosignature(&commons, &by.handle, &by.node()).is_some());
    }
    let mut short = c.note(0, 0, tree.tip_at(1));
    short.cosign(&commons, &c.houses[1].handle, &c.houses[1].key, 9);
    let out = third.step(2, message(&c.houses[0], Message::Cosigned(text(&short))));
    assert!(stored(&out).is_none());
}

#[test]
fn what_was_cosigned_binds_up_to_where_its_epoch_ended() {
    //= R-06-74
    let c = Commons::of(2);
    let tree = Tree::of(&["a", "b", "c"]);
    let handle = c.houses[0].handle.clone();
    let first = c.successions[&handle].clone();
    let mut next = first.clone();
    let second = c.houses[0].succession(&c.chain, Some(&first), tree.tip_at(2));
    next.add(&c.chain, &second).unwrap();
    let mut state = c.state(0, &tree);
    (state.cosigned, state.cosigned_epoch) = (3, 0);
    (state.size, state.root) = tree.tip_at(2);
    (state.complete, state.covering) = (None, None);
    let mut after = Commons::of(2);
    after.successions.insert(handle.clone(), next.clone());
    let mut sync = after.node(1, vec![state]);
    // Three leaves were cosigned, the epoch ended at two: a third epoch may begin at two.
    let third = c.houses[0].succession(&c.chain, Some(&next), tree.tip_at(2));
    let kept = |out: &[Output]| out.iter().any(|o| matches!(o, Output::KeepRefused { .. }));
    let added = |out: &[Output]| {
        out.iter()
            .any(|o| matches!(o, Output::AddSuccession { .. }))
    };
    let good = sync.step(2, Input::Succession(third));
    assert!(added(&good) && !kept(&good), "{good:?}");
}
