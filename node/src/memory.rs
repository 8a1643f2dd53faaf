//! Keeps an idle node small: what a burst of work needed goes back to the system.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::core::Core;

/// Heaps that the allocator may keep. Its default, eight for each core, lets every thread keep what it once used.
const HEAPS: libc::c_int = 2;
/// How long after the last change of the journal memory is given back.
const REST: Duration = Duration::from_secs(5);

/// Call before the first thread is started.
pub fn few_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two integers; no other thread runs yet.
    #[allow(
        unsafe_code,
        reason = "the allocator's settings are reached through libc only"
    )]
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, HEAPS);
    }
}

/// Gives memory back whenever the journal has come to rest.
pub async fn give_back(core: Core, stop: CancellationToken) {
    let mut grown = core.grown();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = tokio::time::timeout(REST, grown.changed()) => match changed {
                Ok(Ok(())) => continue,
                Ok(Err(_)) => return,
                Err(_) => {}
            }
        }
        trim();
        tokio::select! {
            () = stop.cancelled() => return,
            changed = grown.changed() => if changed.is_err() { return },
        }
    }
}

fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes an integer and may be called from any thread at any time.
    #[allow(unsafe_code, reason = "the allocator is reached through libc only")]
    unsafe {
        libc::malloc_trim(0);
    }
}
