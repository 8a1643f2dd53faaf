use super::{Summary, run};

/// Seeds of one run of the tests; `COMMUN_SEEDS` sets another number.
const SEEDS: u64 = 1_000;

/// Seeds that once failed; they stay.
///
/// - 174, 247: a member admitted behind the back of one that only a stale peer told of the charter was
///   never heard there; hence R-06-03.
/// - 349: a writer whose new entry contradicted a note forgot that entry, and never grew again.
const REGRESSIONS: [u64; 3] = [174, 247, 349];

fn try_seed(seed: u64) -> Result<Summary, String> {
    std::panic::catch_unwind(|| run(seed)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned()));
        format!("COMMUN_SEED={seed}: {}", text.unwrap_or_default())
    })
}

#[test]
fn a_thousand_seeds_end_in_agreement_and_nothing_acknowledged_is_lost() {
    if let Ok(seed) = std::env::var("COMMUN_SEED") {
        let seed = seed.parse().expect("COMMUN_SEED is a number");
        println!("{:?}", run(seed));
        return;
    }
    let count = std::env::var("COMMUN_SEEDS").map_or(Ok(SEEDS), |n| n.parse());
    let count: u64 = count.expect("COMMUN_SEEDS is a number");
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let results: Vec<Result<Summary, String>> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..workers)
            .map(|w| {
                let seeds = (w..count).step_by(workers as usize);
                scope.spawn(move || seeds.map(try_seed).collect::<Vec<_>>())
            })
            .collect();
        all.into_iter()
            .flat_map(|t| t.join().expect("panics are caught"))
            .collect()
    });
    let failed: Vec<&String> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    let first: Vec<_> = failed.iter().take(10).collect();
    let total = |f: fn(&Summary) -> u64| results.iter().flatten().map(f).sum::<u64>();
    println!(
        "{count} seeds: {} entries, {} messages, {} restores, {} epochs, {} nodes froze a log",
        total(|e| e.entries),
        total(|e| e.messages),
        total(|e| e.restores),
        total(|e| e.epochs),
        total(|e| e.frozen as u64),
    );
    assert!(failed.is_empty(), "{} seeds fail: {first:#?}", failed.len());
    let ends: Vec<Summary> = results.into_iter().flatten().collect();
    // What did not happen was not tested.
    let some = ends.len() / 50;
    assert!(ends.iter().filter(|e| e.restores > 0).count() >= some);
    assert!(ends.iter().filter(|e| e.epochs > 0).count() >= some);
    assert!(ends.iter().filter(|e| e.frozen > 1).count() >= some);
    assert!(ends.iter().any(|e| e.institutions > 4 && e.entries > 20));
}

#[test]
fn a_seed_gives_the_same_run_twice() {
    for seed in [3, 42] {
        assert_eq!(run(seed), run(seed));
    }
}

#[test]
fn seeds_that_failed_once_pass() {
    for seed in REGRESSIONS {
        if let Err(why) = try_seed(seed) {
            panic!("{why}");
        }
    }
}
