use super::*;

/// The first log of a commons, and what is expected of its ranges by one that holds `held` of it.
fn terms(commons: &Commons, cut: Tip, base: Option<Note>) -> Terms {
    let origin = commons.note(0, 0, cut).claim().unwrap().origin;
    Terms {
        origin,
        writer: commons.houses[0].node(),
        cut,
        own: false,
        base,
    }
}

fn range(commons: &Commons, tree: &Tree, from: u64, end: u64, base: u64) -> Range {
    let proofs = prove_range(&tree.hashes, tree.tip().0, end, base).unwrap();
    let entries = tree.entries[from as usize..end as usize].iter();
    Range {
        handle: commons.houses[0].handle.clone(),
        epoch: 0,
        from,
        entries: entries
            .map(|e| RangeEntry {
                entry: e.clone(),
                body: None,
            })
            .collect(),
        lists: Vec::new(),
        checkpoint: commons.note(0, 0, tree.tip()).to_bytes(),
        proof: proofs.proof,
        base_root: proofs.base_root,
        base_proof: proofs.base_proof,
        erasures: Vec::new(),
    }
}

const EMPTY: fn() -> Tip = || (0, TreeRoot::empty());

#[test]
fn every_part_of_a_log_is_taken_and_nothing_of_it_may_change() {
    let commons = Commons::of(1);
    let tree = Tree::of(&["a", "b", "c", "d", "e", "f", "g"]);
    for from in 0..7 {
        let held: Vec<[u8; 32]> = tree.hashes[..tree::hash_count(from) as usize].to_vec();
        let base = (from > 0).then(|| commons.note(0, 0, tree.tip_at(from)));
        let terms = terms(&commons, EMPTY(), base);
        for end in from + 1..=7 {
            let good = range(&commons, &tree, from, end, from);
            let checked = check_range(&held, from, &good, &terms).unwrap();
            assert_eq!((checked.size, checked.root), tree.tip_at(end));
            let mut all = held.clone();
            all.extend(checked.hashes);
            assert_eq!(all, tree.hashes[..tree::hash_count(end) as usize]);
            let mut bent = good.clone();
            bent.entries[0].entry[0] ^= 1;
            assert_eq!(
                check_range(&held, from, &bent, &terms),
                Err(RangeFault::Proof)
            );
            let mut bent = good.clone();
            bent.entries.push(bent.entries[0].clone());
            assert!(check_range(&held, from, &bent, &terms).is_err());
            let mut bent = good.clone();
            bent.checkpoint = commons.note(0, 1, tree.tip()).to_bytes();
            assert!(matches!(
                check_range(&held, from, &bent, &terms),
                Err(RangeFault::Note(_))
            ));
        }
    }
}

#[test]
fn a_range_of_another_history_is_evidence() {
    let commons = Commons::of(1);
    let (mine, other) = (Tree::of(&["a", "b", "c"]), Tree::of(&["a", "x", "c", "d"]));
    let base = commons.note(0, 0, mine.tip());
    let terms = terms(&commons, EMPTY(), Some(base.clone()));
    let theirs = range(&commons, &other, 3, 4, 3);
    let fault = check_range(&mine.hashes, 3, &theirs, &terms).unwrap_err();
    assert_eq!(fault.offence(), None, "who passes it on is not to blame");
    let RangeFault::Equivocation(evidence) = fault else {
        panic!("{fault}");
    };
    assert!(evidence.proves(&terms.origin, &terms.writer));
    // The same histories, compared by who holds the longer one.
    let own = range(&commons, &other, 3, 4, 3);
    let found = contradiction(&own, &base.to_bytes()).unwrap();
    assert_eq!(found, *evidence);
    let agreeing = commons.note(0, 0, other.tip_at(3)).to_bytes();
    assert_eq!(contradiction(&own, &agreeing), None);
}

#[test]
fn evidence_that_proves_nothing_is_refused() {
    let commons = Commons::of(2);
    let tree = Tree::of(&["a", "b", "c"]);
    let (short, long) = (
        commons.note(0, 0, tree.tip_at(2)),
        commons.note(0, 0, tree.tip()),
    );
    let origin = long.claim().unwrap().origin;
    let writer = commons.houses[0].node();
    let proof = tree::prove(&tree.hashes, 3, 2).unwrap();
    let honest = Evidence::checkpoints(&origin, &short, &long, tree.tip_at(2).1, &proof);
    assert!(
        !honest.proves(&origin, &writer),
        "one history is no contradiction"
    );
    let invented = Evidence::checkpoints(&origin, &short, &long, TreeRoot([7; 32]), &proof);
    assert!(!invented.proves(&origin, &writer));
    let same = Evidence::checkpoints(&origin, &long, &long, tree.tip().1, &[]);
    assert!(!same.proves(&origin, &writer));
}

#[test]
fn below_the_cut_of_a_succession_no_note_is_needed_and_a_given_up_branch_shows() {
    let commons = Commons::of(1);
    let (tree, other) = (Tree::of(&["a", "b", "c"]), Tree::of(&["x", "b", "c"]));
    let terms = terms(&commons, tree.tip(), None);
    let mut good = range(&commons, &tree, 1, 3, 1);
    assert!(check_range(&tree.hashes[..1].to_vec(), 1, &good, &terms).is_err());
    good.checkpoint.clear();
    let checked = check_range(&tree.hashes[..1].to_vec(), 1, &good, &terms).unwrap();
    assert_eq!(
        (checked.size, checked.root, checked.checkpoint),
        (3, tree.tip().1, None)
    );
    let diverged = check_range(&other.hashes[..1].to_vec(), 1, &good, &terms);
    assert_eq!(diverged, Err(RangeFault::Diverged));
}
