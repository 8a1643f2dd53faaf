//! How much the fold looks at: counted in tests, so that they hold it to a bound without a clock.

#[cfg(test)]
thread_local! {
    static LOOKED_AT: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// So many statements, or edges between them, were looked at. Costs nothing outside tests.
#[inline]
pub(super) fn looked_at(count: usize) {
    #[cfg(test)]
    LOOKED_AT.with(|all| all.set(all.get() + count as u64));
    #[cfg(not(test))]
    let _ = count;
}

/// How many were looked at by this thread since it asked last.
#[cfg(test)]
pub(super) fn since_last() -> u64 {
    LOOKED_AT.with(|all| all.replace(0))
}
