//! SIGINT and SIGTERM as a message.

use std::{io::Read, os::fd::FromRawFd, sync::mpsc, thread};

use anyhow::{Result, ensure};

use std::sync::atomic::{AtomicI32, Ordering};

static WRITE_END: AtomicI32 = AtomicI32::new(-1);

extern "C" fn on_signal(_: libc::c_int) {
    let fd = WRITE_END.load(Ordering::Relaxed);
    // SAFETY: write is async-signal-safe; the byte lives in the program's constant data.
    #[allow(unsafe_code, reason = "the only thing that a signal handler may do")]
    unsafe {
        libc::write(fd, b"x".as_ptr().cast(), 1);
    }
}

/// From now on SIGINT and SIGTERM do not end the process but arrive on the channel.
pub fn watch() -> Result<mpsc::Receiver<()>> {
    let mut ends = [0; 2];
    // SAFETY: pipe2 writes two descriptors into the array; signal installs a handler that only writes to one of them.
    #[allow(unsafe_code, reason = "std has no signals")]
    let file = unsafe {
        ensure!(
            libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) == 0,
            "a pipe cannot be made"
        );
        WRITE_END.store(ends[1], Ordering::Relaxed);
        let handler = on_signal as extern "C" fn(libc::c_int) as libc::sighandler_t;
        libc::signal(libc::SIGINT, handler);
        libc::signal(libc::SIGTERM, handler);
        std::fs::File::from_raw_fd(ends[0])
    };
    let (said, heard) = mpsc::channel();
    thread::spawn(move || {
        let mut file = file;
        if file.read(&mut [0]).is_ok() {
            let _ = said.send(());
        }
    });
    Ok(heard)
}
