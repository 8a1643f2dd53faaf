//! The calls that need `unsafe`: limits and an inherited descriptor for a child, a signal to its
//! group, free room on a disk, and libgit2's check of who owns a folder.

use std::io;
use std::os::fd::RawFd;

use tokio::process::Command;

/// Limits of one process, in the units of setrlimit(2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Confinement {
    /// `RLIMIT_AS`, bytes.
    pub(crate) address_space: u64,
    /// `RLIMIT_CPU`, seconds: then it gets `SIGXCPU`, and a second later `SIGKILL`, so that the former tells why it ended.
    pub(crate) cpu_seconds: u64,
    /// `RLIMIT_FSIZE`, bytes.
    pub(crate) file_size: u64,
}

/// Puts the command into a process group of its own, under limits that its children inherit, and lets
/// it keep the descriptor `inherit`, under the same number.
#[allow(unsafe_code)]
pub(crate) fn confine(command: &mut Command, limits: Confinement, inherit: Option<RawFd>) {
    command.process_group(0);
    let set_up = move || {
        lower(libc::RLIMIT_AS, limits.address_space, 0)?;
        lower(libc::RLIMIT_CPU, limits.cpu_seconds, 1)?;
        lower(libc::RLIMIT_FSIZE, limits.file_size, 0)?;
        lower(libc::RLIMIT_CORE, 0, 0)?;
        if let Some(fd) = inherit {
            // SAFETY: fcntl on a number; a closed descriptor gives an error, nothing else.
            if unsafe { libc::fcntl(fd, libc::F_SETFD, 0) } == -1 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: the closure runs in the child between fork and exec. It makes system calls only, allocates
    // nothing, takes no lock and touches no memory but its own copies.
    unsafe { command.pre_exec(set_up) };
}

/// Ends the command when a file that it writes grows beyond so many bytes.
#[allow(unsafe_code)]
pub(super) fn at_most(command: &mut Command, file_size: u64) {
    // SAFETY: as in `confine`.
    unsafe { command.pre_exec(move || lower(libc::RLIMIT_FSIZE, file_size, 0)) };
}

/// Lets the command run only when nobody else wants the processor or the disk.
#[allow(unsafe_code)]
pub(crate) fn humble(command: &mut Command) {
    let set_up = || {
        // A system that refuses lets it run as any other.
        // SAFETY: system calls on numbers.
        unsafe {
            libc::setpriority(libc::PRIO_PROCESS, 0, 19);
            #[cfg(target_os = "linux")]
            libc::syscall(libc::SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
        }
        Ok(())
    };
    // SAFETY: as in `confine`.
    unsafe { command.pre_exec(set_up) };
}

/// Lets the command begin with three descriptors, and few more to open.
#[allow(unsafe_code)]
pub(crate) fn isolate(command: &mut Command) {
    /// What a program needs to load its libraries.
    const MAX_OPEN: u64 = 16;
    let set_up = || {
        lower(libc::RLIMIT_NOFILE, MAX_OPEN, 0)?;
        // Closed when the program starts: until then one of them may report a failure to start it.
        // SAFETY: system calls on numbers.
        #[cfg(target_os = "linux")]
        unsafe {
            libc::syscall(
                libc::SYS_close_range,
                3,
                libc::c_uint::MAX,
                CLOSE_RANGE_CLOEXEC,
            );
        }
        Ok(())
    };
    // SAFETY: as in `confine`.
    unsafe { command.pre_exec(set_up) };
}

/// `close_range(2)`: at the next exec.
#[cfg(target_os = "linux")]
const CLOSE_RANGE_CLOEXEC: libc::c_uint = 4;

/// `ioprio_set(2)`: this process, and the class of those that get the disk when nobody else wants it.
#[cfg(target_os = "linux")]
const IOPRIO_WHO_PROCESS: libc::c_long = 1;
#[cfg(target_os = "linux")]
const IOPRIO_IDLE: libc::c_long = 3 << 13;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
type Resource = libc::c_int;

/// Lowers a limit, and the hard one to so much above it; one that is lower already stays.
#[allow(unsafe_code)]
fn lower(resource: Resource, value: u64, above: u64) -> io::Result<()> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls get a valid pointer to a local rlimit, which they fill or read.
    unsafe {
        if libc::getrlimit(resource, &mut limit) == -1 {
            return Err(io::Error::last_os_error());
        }
        let hard = value.saturating_add(above) as libc::rlim_t;
        limit.rlim_cur = (value as libc::rlim_t).min(limit.rlim_max);
        limit.rlim_max = hard.min(limit.rlim_max);
        if libc::setrlimit(resource, &limit) == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Asks a process group to end (its members remove their temporary files), or with `force` ends it.
/// Says whether a process of it was still there.
#[allow(unsafe_code)]
pub(crate) fn signal_group(leader: u32, force: bool) -> bool {
    let Ok(group) = libc::pid_t::try_from(leader) else {
        return false;
    };
    let signal = if force { libc::SIGKILL } else { libc::SIGTERM };
    // SAFETY: a plain system call on numbers. The caller has just waited for the leader or has not yet: the
    // kernel gives its id to no other group while members are left, and hardly at once when none is.
    group > 1 && unsafe { libc::killpg(group, signal) } == 0
}

/// Room that is left on every disk, bytes, or a twentieth of it where that is less (SECURITY B3): logs and catalogue
/// must go on being written, and an operator needs some to work with.
const RESERVE: u64 = 2 << 30;

/// Bytes of new content that the disk on which the folder is has room for: what is free beyond the reserve of 2 GiB,
/// or of a twentieth of the disk where that is less.
///
/// # Errors
/// The disk cannot be measured.
pub fn room(folder: &std::path::Path) -> io::Result<u64> {
    let disk = disk(folder)?;
    Ok(disk.free.saturating_sub(RESERVE.min(disk.size / 20)))
}

/// A disk, in bytes.
struct Disk {
    size: u64,
    free: u64,
}

#[allow(unsafe_code)]
// The fields have other widths on other systems.
#[allow(clippy::unnecessary_cast)]
fn disk(folder: &std::path::Path) -> io::Result<Disk> {
    let path = std::ffi::CString::new(std::os::unix::ffi::OsStrExt::as_bytes(folder.as_os_str()))?;
    // SAFETY: all zeros are a valid statvfs, which is numbers only.
    let mut found: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: a path that ends with a zero byte, and a valid pointer to a local that is filled.
    if unsafe { libc::statvfs(path.as_ptr(), &mut found) } == -1 {
        return Err(io::Error::last_os_error());
    }
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize as u64);
    Ok(Disk {
        size: bytes(found.f_blocks as u64),
        free: bytes(found.f_bavail as u64),
    })
}
