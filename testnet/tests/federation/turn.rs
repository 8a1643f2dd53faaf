//! At most two federations at once: more on a small machine only make each other late.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many tests may have nodes running at the same time.
const TURNS: usize = 2;

static FREE: Mutex<usize> = Mutex::new(TURNS);
static GIVEN_BACK: Condvar = Condvar::new();

/// The right to run nodes, given back when dropped.
pub struct Turn(usize);

/// Waits for one of the turns.
pub fn turn() -> Turn {
    wait(1)
}

/// Waits for all of them: for tests that measure, or that push the machine to its end.
pub fn alone() -> Turn {
    wait(TURNS)
}

fn wait(n: usize) -> Turn {
    let mut free = lock();
    while *free < n {
        free = GIVEN_BACK
            .wait(free)
            .unwrap_or_else(PoisonError::into_inner);
    }
    *free -= n;
    Turn(n)
}

fn lock() -> MutexGuard<'static, usize> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Turn {
    fn drop(&mut self) {
        *lock() += self.0;
        GIVEN_BACK.notify_all();
    }
}
