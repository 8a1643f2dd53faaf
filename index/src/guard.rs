//! Reading damaged files, on which the engine may panic.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread is caught by the index, which then says that its files are damaged. For the hook of a
/// program that ends at any other panic.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Reads, and catches the panic of the engine.
pub(crate) fn caught<T>(read: impl FnOnce() -> T) -> thread::Result<T> {
    let before = GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(before);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_caught_is_guarded() {
        assert!(!is_guarded());
        let caught = caught(|| {
            assert!(is_guarded());
            panic!("damaged");
        });
        assert!(caught.is_err() && !is_guarded());
    }
}
