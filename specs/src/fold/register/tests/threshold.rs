//! Thresholds under attack: institutions that follow the rules of the door, and fewer liars than the threshold, who
//! state whatever they like.

use super::*;

const NAMES: [&str; 5] = ["aa", "bb", "cc", "dd", "ee"];
const MAIN: &str = "refs/heads/main";

/// A commons with one protected branch, its Git history, and what everybody stated.
struct World {
    threshold: u64,
    said: Vec<Stated>,
    /// By commit: what it contains, itself included.
    contains: Vec<BTreeSet<usize>>,
}

/// One step: who, what, and how far behind they are.
type Step = (usize, u8, usize);

fn commit(n: usize) -> String {
    format!("{:040x}", n + 1)
}

impl World {
    fn new(threshold: u64) -> Self {
        Self {
            threshold,
            said: Vec::new(),
            contains: Vec::new(),
        }
    }

    fn resolve(&self, said: Vec<Stated>) -> Outcome {
        let mut p = policy(0, &NAMES);
        p.protected = vec![Protection {
            pattern: "refs/heads/*".to_owned(),
            threshold: self.threshold,
            force: false,
            delete: false,
            base: Vec::new(),
        }];
        resolved(vec![p], said)
    }

    fn state(&self) -> RefState {
        let o = self.resolve(self.said.clone());
        o.refs.get(MAIN).cloned().unwrap_or_default()
    }

    fn number(&self, oid: &Option<String>) -> usize {
        let oid = oid.as_ref().unwrap();
        (0..self.contains.len())
            .find(|n| commit(*n) == *oid)
            .unwrap()
    }

    fn fresh(&mut self, of: &BTreeSet<usize>) -> usize {
        let n = self.contains.len();
        let mut all: BTreeSet<usize> = of
            .iter()
            .flat_map(|c| self.contains[*c].iter().copied())
            .collect();
        all.insert(n);
        self.contains.push(all);
        n
    }

    fn put(&mut self, who: usize, over: Vec<StatementId>, new: usize, forced: bool) {
        let n = self.said.len() as u64;
        let mut s = main(n, NAMES[who], &[], 1);
        let change = &mut s.changes.as_mut().unwrap()[0];
        change.over = over;
        change.over.sort();
        change.over.dedup();
        change.new = Some(commit(new));
        change.forced = forced;
        self.said.push(s);
    }

    /// Somebody honest pushes: a merge of all heads that they see, or what already waits there.
    fn honest(&mut self, who: usize, agree: Option<usize>, behind: usize) {
        let seen = self.said.len() - behind.min(self.said.len());
        let view: Vec<Stated> = self
            .said
            .iter()
            .enumerate()
            .filter(|(n, s)| *n < seen || s.institution.as_str() == NAMES[who])
            .map(|(_, s)| s.clone())
            .collect();
        let state = self
            .resolve(view)
            .refs
            .get(MAIN)
            .cloned()
            .unwrap_or_default();
        let heads: Vec<(StatementId, usize)> = state
            .heads
            .iter()
            .map(|h| (h.id, self.number(&h.oid)))
            .collect();
        let offered: Vec<usize> = state
            .waiting
            .iter()
            .map(|w| self.number(&w.head.oid))
            // Git finds what is served in it, or the push is refused.
            .filter(|c| {
                heads
                    .first()
                    .is_none_or(|h| self.contains[*c].contains(&h.1))
            })
            .collect();
        let new = match agree {
            Some(n) if !offered.is_empty() => offered[n % offered.len()],
            _ => self.fresh(&heads.iter().map(|h| h.1).collect()),
        };
        let over = heads
            .iter()
            .filter(|h| self.contains[new].contains(&h.1))
            .map(|h| h.0)
            .collect();
        self.put(who, over, new, false);
    }

    /// A liar states anything over anything.
    fn lie(&mut self, who: usize, what: u8, seed: usize) {
        if what.is_multiple_of(5) || self.contains.is_empty() {
            self.fresh(&BTreeSet::new());
        }
        let new = (seed / 3) % self.contains.len();
        let over: Vec<StatementId> = self
            .said
            .iter()
            .rev()
            .take(12)
            .enumerate()
            .filter(|(n, _)| (seed >> n) & 1 == 1 && !what.is_multiple_of(3))
            .map(|(_, s)| s.id)
            .collect();
        self.put(who, over, new, what.is_multiple_of(11));
    }

    fn step(&mut self, liars: &BTreeSet<usize>, (who, what, n): Step) {
        if liars.contains(&who) {
            self.lie(who, what, n);
        } else {
            self.honest(who, what.is_multiple_of(2).then_some(n), n % 4);
        }
    }

    /// Where an institution's last word leaves it: what it states, and what it builds on.
    fn last_word(&self, who: usize) -> BTreeSet<Option<String>> {
        let value = |id: &StatementId| {
            let s = self.said.iter().find(|s| s.id == *id);
            s.map(|s| s.changes.as_ref().unwrap()[0].new.clone())
        };
        let last = self
            .said
            .iter()
            .rfind(|s| s.institution.as_str() == NAMES[who]);
        last.into_iter()
            .flat_map(|s| &s.changes.as_ref().unwrap()[..1])
            .flat_map(|c| c.over.iter().filter_map(value).chain([c.new.clone()]))
            .collect()
    }
}

fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0usize..5, any::<u8>(), 0usize..5000), 0..count)
}

/// Threshold 2 with one liar, or 3 with two; who lies is drawn.
fn cast() -> impl Strategy<Value = (u64, BTreeSet<usize>)> {
    (2u64..4, 0usize..5, 0usize..5).prop_map(|(t, a, b)| {
        let liars = if t == 2 {
            BTreeSet::from([a])
        } else {
            BTreeSet::from([a, b])
        };
        (t, liars)
    })
}

/// 150 cases of each, about two seconds in all; `PROPTEST_CASES` asks for more.
fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let given = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if given { asked.cases } else { 150 },
        ..asked
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_enough_honest_institutions_agree_on_is_never_hidden(
        (threshold, liars) in cast(),
        before in steps(25),
        after in steps(10),
        first in 0usize..5,
    ) {
        //= R-05-11, R-05-17, R-05-18, R-05-20
        let mut w = World::new(threshold);
        for step in before {
            w.step(&liars, step);
        }
        let quorum: Vec<usize> = (0..5)
            .map(|n| (n + first) % 5)
            .filter(|n| !liars.contains(n))
            .take(threshold as usize)
            .collect();
        // The first one merges what it sees; the others see that and state it too.
        w.honest(quorum[0], None, 0);
        let new = w.contains.len() - 1;
        for who in &quorum[1..] {
            let waiting = w.state().waiting;
            let at = waiting.iter().position(|x| x.head.oid == Some(commit(new)));
            prop_assert!(at.is_some(), "it waits until enough state it");
            w.honest(*who, None, 0);
            let last = w.said.last_mut().unwrap();
            last.changes.as_mut().unwrap()[0].new = Some(commit(new));
            w.contains.pop();
        }
        prop_assert_eq!(w.state().heads.iter().filter(|h| h.oid == Some(commit(new))).count(), quorum.len());
        for (who, what, n) in after {
            let liar = liars.iter().nth(who % liars.len()).unwrap();
            w.lie(*liar, what, n);
        }
        let state = w.state();
        let here = |h: &&Head| h.oid == Some(commit(new));
        prop_assert!(state.heads.iter().any(|h| here(&h)), "{:?}", state);
        // Beside it stands only what somebody honest stands by who has not spoken since.
        let mut theirs = BTreeSet::new();
        for who in (0..5).filter(|n| !liars.contains(n) && !quorum.contains(n)) {
            theirs.extend(w.last_word(who));
        }
        for head in &state.heads {
            prop_assert!(here(&head) || theirs.contains(&head.oid), "{:?}", state);
        }
        if theirs.is_empty() {
            prop_assert_eq!(state.served, Some(commit(new)));
        }
    }

    #[test]
    fn fewer_than_the_threshold_move_nothing(
        (threshold, liars) in cast(),
        lies in steps(20),
    ) {
        //= R-05-11, R-05-17
        // Everybody honest stands at one commit; the liars were there too.
        let mut w = World::new(threshold);
        let honest: Vec<usize> = (0..5).filter(|n| !liars.contains(n)).collect();
        for round in 0..3 {
            w.honest(honest[round % honest.len()], None, 0);
            let new = w.contains.len() - 1;
            for who in (0..5).filter(|n| *n != honest[round % honest.len()]) {
                w.honest(who, None, 0);
                w.said.last_mut().unwrap().changes.as_mut().unwrap()[0].new = Some(commit(new));
                w.contains.pop();
            }
        }
        let before = w.state();
        prop_assert_eq!(before.heads.len(), 5);
        for (who, what, n) in lies {
            let liar = liars.iter().nth(who % liars.len()).unwrap();
            w.lie(*liar, what, n);
            let now = w.state();
            prop_assert_eq!(&now.served, &before.served);
            prop_assert!(now.heads.iter().all(|h| h.oid == before.served), "{:?}", now);
        }
    }

    #[test]
    fn nobody_who_is_silent_blocks_and_what_enough_state_counts(
        (threshold, _) in cast(),
        rounds in prop::collection::vec((0usize..5, any::<bool>()), 1..12),
    ) {
        //= R-05-11
        // Only as many as are needed ever speak.
        let mut w = World::new(threshold);
        for (who, _) in rounds {
            let first = who % threshold as usize;
            w.honest(first, None, 0);
            let new = w.contains.len() - 1;
            for other in (0..threshold as usize).filter(|n| *n != first) {
                let waiting = w.state().waiting;
                prop_assert!(waiting.iter().any(|x| x.head.oid == Some(commit(new))));
                w.honest(other, Some(0), 0);
            }
            let state = w.state();
            prop_assert_eq!(state.served, Some(commit(new)));
            prop_assert_eq!(state.heads.len(), threshold as usize);
            prop_assert!(state.waiting.is_empty());
        }
    }

    #[test]
    fn any_order_of_arrival_gives_the_same_agreement(
        (threshold, liars) in cast(),
        steps in steps(25),
        shuffle in any::<u64>(),
    ) {
        //= R-05-01
        let mut w = World::new(threshold);
        for step in steps {
            w.step(&liars, step);
        }
        let mut other = w.said.clone();
        other.sort_by_key(|s| sha256(&[&s.id.0, &shuffle.to_be_bytes()]));
        prop_assert_eq!(w.resolve(other), w.resolve(w.said.clone()));
    }
}

fn shown(o: &Outcome) -> String {
    let waiting: Vec<String> = o
        .refs
        .get(MAIN)
        .into_iter()
        .flat_map(|r| &r.waiting)
        .map(|w| {
            let oid = w.head.oid.as_ref().map_or("-", |o| &o[..1]);
            format!("{}:{oid} {}/{}", w.head.institution, w.stated, w.threshold)
        })
        .collect();
    format!("{} [{}]", on_main(o), waiting.join(", "))
}

#[test]
fn the_first_push_waits_and_the_second_of_another_makes_it_count() {
    //= R-05-11, R-05-12
    let p = || vec![protected(2, &[])];
    let o = resolved(p(), vec![main(1, "aa", &[], 1)]);
    assert_eq!(shown(&o), " -> - [aa:1 1/2]");
    assert_eq!(o.states[&id(1)], State::InForce);
    let o = resolved(p(), vec![main(1, "aa", &[], 1), main(2, "aa", &[], 1)]);
    assert_eq!(shown(&o), " -> - [aa:1 1/2]");
    let all = vec![main(1, "aa", &[], 1), main(2, "cc", &[], 1)];
    let o = resolved(p(), all.clone());
    assert_eq!(shown(&o), "aa:1 cc:1 -> 1 []");
    // One goes on: it stands by what it builds on, and the head stays.
    let mut all = [all, vec![main(3, "cc", &[1, 2], 2)]].concat();
    let o = resolved(p(), all.clone());
    assert_eq!(shown(&o), "aa:1 cc:1 -> 1 [cc:2 1/2]");
    all.push(main(4, "bb", &[1, 2], 2));
    let o = resolved(p(), all);
    assert_eq!(shown(&o), "bb:2 cc:2 -> 2 []");
    assert_eq!(o.states[&id(1)], State::Superseded);
    assert_eq!(o.states[&id(2)], State::Superseded);
}

#[test]
fn what_was_taken_back_before_enough_stated_it_cannot_be_agreed_with() {
    //= R-05-17
    let p = || vec![protected(2, &[])];
    let mut all = vec![
        main(1, "aa", &[], 1),
        main(2, "bb", &[], 1),
        main(3, "aa", &[1, 2], 2),
        main(4, "aa", &[1, 2], 3),
    ];
    assert_eq!(
        shown(&resolved(p(), all.clone())),
        "aa:1 bb:1 -> 1 [aa:3 1/2]"
    );
    all.push(main(5, "cc", &[1, 2], 2));
    let o = resolved(p(), all.clone());
    assert_eq!(shown(&o), "aa:1 bb:1 -> 1 [aa:3 1/2, cc:2 1/2]");
    // An old oid is behind for ever: cc stands there alone, whatever it says it is over.
    let mut all = vec![
        main(1, "aa", &[], 1),
        main(2, "bb", &[], 1),
        main(3, "aa", &[1, 2], 2),
        main(4, "bb", &[1, 2], 2),
    ];
    for over in [&[][..], &[3], &[3, 4], &[1]] {
        all.push(main(5, "cc", over, 1));
        assert_eq!(on_main(&resolved(p(), all.clone())), "aa:2 bb:2 -> 2");
        all.pop();
    }
    // Also with one who was there and slept: 2 is known to contain 1.
    all.push(main(6, "dd", &[], 1));
    let mut four = policy(0, &["aa", "bb", "cc", "dd"]);
    four.protected = protected(2, &[]).protected;
    all.push(main(7, "cc", &[], 1));
    assert_eq!(on_main(&resolved(vec![four], all)), "aa:2 bb:2 -> 2");
}

#[test]
fn two_agreements_that_do_not_know_each_other_both_stand() {
    //= R-05-18
    let mut four = policy(0, &["aa", "bb", "cc", "dd"]);
    four.protected = protected(2, &[]).protected;
    let mut all = vec![
        main(1, "aa", &[], 1),
        main(2, "bb", &[], 1),
        main(3, "cc", &[1, 2], 2),
        main(4, "dd", &[1, 2], 2),
        main(5, "aa", &[1, 2], 3),
        main(6, "bb", &[1, 2], 3),
    ];
    let o = resolved(vec![four.clone()], all.clone());
    assert_eq!(shown(&o), "aa:3 bb:3 cc:2 dd:2 -> 3 []");
    // A merge by two of any side mends it.
    all.push(main(7, "dd", &[3, 4, 5, 6], 4));
    all.push(main(8, "aa", &[3, 4, 5, 6], 4));
    let o = resolved(vec![four], all);
    assert_eq!(shown(&o), "aa:4 dd:4 -> 4 []");
}

#[test]
fn the_base_stands_until_enough_say_that_they_are_over_it() {
    //= R-05-19
    let all = vec![
        main(1, "aa", &[], 1),
        main(2, "bb", &[1], 2),
        forced(main(3, "aa", &[2], 3)),
        main(4, "cc", &[3], 4),
    ];
    let p = || vec![protected(2, &[3])];
    let o = resolved(p(), all.clone());
    // bb was behind the base: nobody agrees with it any more.
    assert_eq!(shown(&o), "aa:3 -> 3 [cc:4 1/2]");
    let with = |s: Stated| [all.clone(), vec![s]].concat();
    let o = resolved(p(), with(main(5, "cc", &[3], 2)));
    assert_eq!(shown(&o), "aa:3 -> 3 [cc:2 1/2]");
    let o = resolved(p(), with(main(5, "bb", &[3], 4)));
    assert_eq!(shown(&o), "bb:4 cc:4 -> 4 []");
    assert_eq!(o.states[&id(3)], State::Superseded);
}

#[test]
fn a_value_without_a_head_hides_nothing() {
    //= R-05-18
    let mut four = policy(0, &["aa", "bb", "cc", "dd"]);
    four.protected = protected(2, &[1]).protected;
    // aa and bb said that 2 is over the base, and left. cc's 2 by force counts for nothing, but cc and dd build on it: they
    // stand at 2, and nobody's change of it can be a head.
    let all = vec![
        main(1, "aa", &[], 1),
        main(2, "aa", &[1], 2),
        main(3, "bb", &[1], 2),
        main(4, "aa", &[], 4),
        main(5, "bb", &[], 5),
        forced(main(6, "cc", &[3], 2)),
        main(7, "cc", &[6], 7),
        main(8, "dd", &[6], 8),
    ];
    let o = resolved(vec![four], all);
    assert_eq!(
        shown(&o),
        "aa:1 -> 1 [aa:4 1/2, bb:5 1/2, cc:7 1/2, dd:8 1/2]"
    );
}
