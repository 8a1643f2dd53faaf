//! Same statements, same catalogue: whatever the order, the batches, the repetitions.

use std::{borrow::Cow, collections::BTreeMap};

use proptest::prelude::*;

use super::{
    federation::{Federation, HANDLES, handle},
    histories::{self, Op},
};
use crate::{
    fold::{
        AdoptionView, Catalogue, Item, Reason, Refusal, RefusalKind, RequestView, Roots, State,
        ThreadView, row::Row, row::Sum,
    },
    id::{CatalogueRoot, TreeRoot},
    list,
    name::Handle,
    statement::Statement,
};

/// What two nodes compare.
#[derive(Debug, PartialEq)]
struct Seen {
    root: CatalogueRoot,
    rows: Vec<Row>,
    items: Vec<Item>,
    talk: Vec<(Vec<ThreadView>, Vec<RequestView>, Vec<AdoptionView>)>,
    enrolments: Vec<crate::fold::Enrolments>,
}

fn seen(c: &Catalogue) -> Seen {
    let rows = c.rows();
    let mut sum = Sum::default();
    rows.iter().for_each(|r| sum.add(r));
    assert_eq!(sum.to_bytes(), c.sum(), "the sum is that of the rows");
    Seen {
        root: c.root(),
        rows,
        items: c.items().map(Cow::into_owned).collect(),
        talk: c
            .items()
            .map(|i| (c.threads(&i.id), c.requests(&i.id), c.adoptions(&i.id)))
            .collect(),
        enrolments: c.logs().map(|h| c.enrolments(h)).collect(),
    }
}

/// A node that holds only the entries that it folded.
struct Held<'a> {
    all: &'a Federation,
    sizes: BTreeMap<Handle, u64>,
}

impl Roots for Held<'_> {
    fn root(&self, log: &Handle, size: u64) -> Option<TreeRoot> {
        (size <= *self.sizes.get(log)?).then(|| self.all.root(log, size))?
    }
}

/// Folds with entries, amendments and lists coming in an order drawn from `order`.
fn fold_in_order(f: &Federation, order: &[u8]) -> Catalogue {
    fold_stepwise(f, order, |_| {}, Catalogue::new(&f.chain_of(1)))
}

/// As [`fold_in_order`], into this catalogue; `after` sees it after each step.
fn fold_stepwise(
    f: &Federation,
    order: &[u8],
    mut after: impl FnMut(&Catalogue),
    mut c: Catalogue,
) -> Catalogue {
    let mut held = Held {
        all: f,
        sizes: HANDLES.iter().map(|h| (handle(h), 0)).collect(),
    };
    let (mut amendments, mut lists) = (1, 0);
    let mut draws = order.iter().copied().cycle();
    loop {
        let logs: Vec<Handle> = HANDLES
            .iter()
            .map(|h| handle(h))
            .filter(|h| held.sizes[h] < f.logs[h].len() as u64)
            .collect();
        let mut choices = logs.len();
        let amendment = amendments < f.amendments.len();
        let list = lists < f.lists.len();
        choices += usize::from(amendment) + usize::from(list);
        if choices == 0 {
            break;
        }
        let draw = draws.next().unwrap() as usize;
        let n = draw % choices;
        if let Some(log) = logs.get(n) {
            let size = held.sizes[log];
            let count = (1 + draw as u64 / 64).min(f.logs[log].len() as u64 - size);
            held.sizes.insert(log.clone(), size + count);
            let opened: Vec<Option<Statement>> = f.logs[log][size as usize..][..count as usize]
                .iter()
                .map(|e| Statement::open(e).ok())
                .collect();
            c.append_range(log, size, opened.iter().map(Option::as_ref), &held);
        } else if amendment && n == logs.len() {
            amendments += 1;
            c.set_charter(&f.chain_of(amendments), &held);
        } else {
            let bytes = &f.lists[lists];
            lists += 1;
            c.put_list(list::hash(bytes), bytes, &held);
        }
        after(&c);
    }
    for h in HANDLES {
        f.set_tip(&mut c, &handle(h));
    }
    c
}

/// Pushes of several logs under policies that change, with thresholds, lists, cuts, owners and charters that come and go.
fn pushing_ops() -> impl Strategy<Value = Vec<Op>> {
    let what = prop::sample::select(vec![
        3u8, 4, 4, 5, 5, 6, 6, 7, 7, 10, 15, 16, 17, 17, 22, 23, 23,
    ]);
    let step = (what, any::<u8>(), 1u8.., any::<u8>());
    prop::collection::vec(step, 1..70).prop_map(|mut ops| {
        ops.insert(0, (2, 0, 3, 7));
        ops
    })
}

/// What two nodes compare after each step, kept from what came and looked at from scratch.
fn same_after_each_step(ops: &[Op], order: &[u8]) -> Result<(), TestCaseError> {
    let f = histories::build(ops);
    let mut kept = Vec::new();
    let first = Catalogue::new(&f.chain_of(1));
    fold_stepwise(
        &f,
        order,
        |c| kept.push((c.sum(), seen(c), states(c))),
        first,
    );
    let mut scratch = Catalogue::new(&f.chain_of(1));
    scratch.from_scratch = true;
    let mut steps = kept.into_iter();
    let mut result = Ok(());
    let compare = |c: &Catalogue| {
        let step = steps.next().expect("both take the same steps");
        if result.is_ok() && step != (c.sum(), seen(c), states(c)) {
            let now = (c.sum(), seen(c), states(c));
            let differ: Vec<_> = step.2.iter().zip(&now.2).filter(|(a, b)| a != b).collect();
            result = Err(format!(
                "kept and from scratch: {differ:?}\n{:#?}\n{:#?}",
                step.1.items, now.1.items
            ));
        }
    };
    fold_stepwise(&f, order, compare, scratch);
    result.map_err(TestCaseError::fail)
}

/// Every entry's state, with its reason.
fn states(c: &Catalogue) -> Vec<(Handle, u64, State)> {
    let all = c.logs().flat_map(|h| (0..c.size(h)).map(move |p| (h, p)));
    all.map(|(h, p)| (h.clone(), p, c.state(h, p).unwrap()))
        .collect()
}

/// 48 histories of each property, about five seconds in all; `PROPTEST_CASES` asks for more.
fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let given = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if given { asked.cases } else { 48 },
        ..asked
    }
}

/// Repositories, and mostly what people say about them.
fn talk_ops() -> impl Strategy<Value = Vec<Op>> {
    let what = prop::sample::select(vec![2u8, 3, 5, 9, 18, 18, 18, 19, 19, 20, 20, 21]);
    let step = (what, any::<u8>(), 1u8.., any::<u8>());
    prop::collection::vec(step, 1..60).prop_map(|mut ops| {
        ops.insert(0, (2, 0, 7, 0));
        ops
    })
}

/// One repository, which is handed on, pushed to and talked about.
fn handing_ops() -> impl Strategy<Value = Vec<Op>> {
    let what = prop::sample::select(vec![3u8, 3, 4, 5, 10, 18, 22, 22, 23, 23, 23, 23]);
    let step = (what, any::<u8>(), 1u8.., any::<u8>());
    prop::collection::vec(step, 1..50).prop_map(|mut ops| {
        ops.insert(0, (2, 0, 7, 0));
        ops
    })
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<Op>(), 1..60)
}

proptest! {
    #![proptest_config(cases())]

    //= R-04-01
    #[test]
    fn any_interleaving_gives_the_same_catalogue(ops in ops(), order in prop::collection::vec(any::<u8>(), 1..80)) {
        let f = histories::build(&ops);
        let expected = seen(&f.fold());
        prop_assert_eq!(seen(&fold_in_order(&f, &order)), expected);
    }

    //= R-04-34, R-04-35
    #[test]
    fn any_interleaving_of_what_people_say_gives_the_same_threads(
        ops in talk_ops(),
        order in prop::collection::vec(any::<u8>(), 1..80),
    ) {
        let f = histories::build(&ops);
        let expected = seen(&f.fold());
        prop_assert_eq!(seen(&fold_in_order(&f, &order)), expected);
    }

    //= R-04-42, R-04-43
    #[test]
    fn any_interleaving_of_those_who_hand_on_and_accept_gives_the_same_owner(
        ops in handing_ops(),
        order in prop::collection::vec(any::<u8>(), 1..80),
    ) {
        let f = histories::build(&ops);
        let expected = seen(&f.fold());
        prop_assert_eq!(seen(&fold_in_order(&f, &order)), expected);
    }

    //= R-04-01, R-05-01
    #[test]
    fn what_is_kept_gives_what_a_look_at_everything_gives_after_each_step(
        ops in prop_oneof![pushing_ops(), pushing_ops(), handing_ops(), talk_ops(), ops()],
        order in prop::collection::vec(any::<u8>(), 1..80),
    ) {
        same_after_each_step(&ops, &order)?;
    }

    //= R-04-02
    #[test]
    fn a_statement_seen_twice_changes_nothing(ops in ops(), from in 0usize..3, to in 0usize..3, at in any::<u16>()) {
        let mut f = histories::build(&ops);
        let before = f.fold();
        let entries = &f.logs[&handle(HANDLES[from])];
        let entry = entries[at as usize % entries.len()].clone();
        f.put_bytes(HANDLES[to], entry);
        let after = f.fold();
        let last = f.logs[&handle(HANDLES[to])].len() as u64 - 1;
        let state = after.state(&handle(HANDLES[to]), last).unwrap();
        prop_assert!(matches!(state, State::Duplicate | State::Void), "{:?}", state);
        prop_assert!(before.items().eq(after.items()));
        prop_assert_eq!(after.rows().len(), before.rows().len() + 1);
    }

    //= R-04-03
    #[test]
    fn a_statement_changed_in_any_byte_changes_nothing(ops in ops(), log in 0usize..3, at in any::<u16>(), byte in any::<u16>(), flip in 1u8..) {
        let mut f = histories::build(&ops);
        let before = f.fold();
        let entries = &f.logs[&handle(HANDLES[log])];
        let mut entry = entries[at as usize % entries.len()].clone();
        let byte = byte as usize % entry.len();
        entry[byte] ^= flip;
        f.put_bytes(HANDLES[log], entry);
        let after = f.fold();
        let last = f.logs[&handle(HANDLES[log])].len() as u64 - 1;
        prop_assert_eq!(after.state(&handle(HANDLES[log]), last), Some(State::Void));
        prop_assert!(before.items().eq(after.items()));
    }

    //= R-04-29
    #[test]
    fn what_is_forgotten_might_never_have_been(ops in ops(), log in 0usize..3, keep in any::<u16>()) {
        let mut f = histories::build(&ops);
        let log = handle(HANDLES[log]);
        let keep = keep as usize % (f.logs[&log].len() + 1);
        let mut c = f.fold();
        f.logs.get_mut(&log).unwrap().truncate(keep);
        c.truncate(&log, keep as u64, &f);
        f.set_tip(&mut c, &log);
        prop_assert_eq!(seen(&c), seen(&f.fold()));
    }

    #[test]
    fn what_the_door_would_take_is_in_force(ops in ops()) {
        // Every entry that the door would have taken is in force at its place, until the charter or a later
        // statement changes that; and what it refused as not allowed is not.
        let f = histories::build(&ops);
        let mut c = Catalogue::new(&f.chain);
        for bytes in &f.lists {
            c.put_list(list::hash(bytes), bytes, &f);
        }
        for (log, entries) in &f.logs {
            for (position, entry) in entries.iter().enumerate() {
                let Ok(statement) = Statement::open(entry) else {
                    c.append(log, position as u64, entry, &f);
                    continue;
                };
                let here = statement.head.as_ref().is_some_and(|h| h.institution == *log);
                let answer = c.would_accept(&statement);
                c.append(log, position as u64, entry, &f);
                let state = c.state(log, position as u64).unwrap();
                if here {
                    match answer {
                        Ok(()) => prop_assert!(matches!(state, State::InForce | State::Unknown), "{:?}", state),
                        // The door asks for more than the fold: what is current, the newest policy,
                        // and that each change of a push counts.
                        Err(e)
                            if e.kind() == RefusalKind::Stale
                                || matches!(
                                    e,
                                    Refusal::Protected(_)
                                        | Refusal::Rule(Reason::OlderPolicy | Reason::TagMoved)
                                ) => {}
                        Err(_) => prop_assert!(!matches!(state, State::InForce), "{:?}", state),
                    }
                }
            }
        }
    }
}

#[test]
fn generated_histories_meet_every_state_and_reason() {
    let mut seed = 1u64;
    let mut draw = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 56) as u8
    };
    let mut met: BTreeMap<State, usize> = BTreeMap::new();
    let (mut refs, mut withdrawn, mut aliases) = (0, 0, 0);
    let (mut accepted, mut handed) = (0, 0);
    let (mut comments, mut versions, mut reviews, mut adoptions) = (0, 0, 0, 0);
    for history in 0..90 {
        let mut ops: Vec<Op> = (0..60).map(|_| (draw(), draw(), draw(), draw())).collect();
        // In every third history people talk more.
        for (n, op) in ops.iter_mut().enumerate().filter(|_| history % 3 == 0) {
            op.0 = if n < 2 { 2 } else { 18 + op.0 % 6 };
        }
        let f = histories::build(&ops);
        let c = f.fold();
        for log in c.logs() {
            for position in 0..c.size(log) {
                *met.entry(c.state(log, position).unwrap()).or_default() += 1;
            }
        }
        for item in c.items() {
            refs += item.refs.len();
            withdrawn += usize::from(item.withdrawn.is_some());
            aliases += item.aliases.len();
            accepted += usize::from(c.find(&item.id).unwrap().0 != item.owner);
            handed += usize::from(item.offered.is_some());
            for t in c.threads(&item.id) {
                comments += t.comments.len();
            }
            for r in c.requests(&item.id) {
                versions += r.versions.len();
                reviews += r.reviews.len();
            }
            adoptions += c.adoptions(&item.id).len();
        }
    }
    for state in [
        State::Void,
        State::Duplicate,
        State::Unknown,
        State::Pending,
        State::InForce,
        State::Superseded,
    ] {
        assert!(
            met[&state] > 10,
            "{state:?} is met {:?} times",
            met.get(&state)
        );
    }
    let reasons = met
        .keys()
        .filter(|s| matches!(s, State::Refused(_)))
        .count();
    assert!(reasons >= 20, "{met:#?}");
    assert!(
        refs > 100 && withdrawn > 10 && aliases > 10,
        "{refs} {withdrawn} {aliases}"
    );
    assert!(
        comments > 10 && versions > 10 && reviews > 3 && adoptions > 10,
        "{comments} {versions} {reviews} {adoptions}"
    );
    assert!(accepted > 3 && handed > 3, "{accepted} {handed}");
}
