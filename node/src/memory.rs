//! Keeps an idle node small: what a burst of work needed goes back to the system.
//!
//! The program's allocator is jemalloc, whose threads each keep a little of their own before they ask one of two heaps. That of the
//! C library either lets the threads of a node that catches up wait for one another, where they share few heaps, or keeps what every
//! thread once used, where they have many.

/// Lets a thread of the allocator give back what has been free for a second (`.cargo/config.toml` says how long), also while
/// nothing else happens. Not for the short-lived programs beside the node: the one that reads documents may start no threads.
pub fn give_back() {
    if let Err(e) = tikv_jemalloc_ctl::background_thread::write(true) {
        tracing::warn!("what is no longer needed is given back late: {e}");
    }
}
