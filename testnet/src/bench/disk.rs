//! What the disk does alone: what has to be on it cannot be there sooner.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::Path,
    time::Instant,
};

/// Bytes that are written at once: whole blocks of any disk.
const PART: usize = 2 << 20;
/// Where a block may begin in memory.
const BLOCK: usize = 4 << 10;

/// Seconds until so many bytes from memory, whole parts, are on the disk of a folder, written past the system's cache where the file
/// system can, which is the fastest that one thread does.
///
/// # Errors
/// The disk.
pub(super) fn seconds(folder: &Path, bytes: u64) -> io::Result<f64> {
    let path = folder.join("disk.bin");
    let memory = vec![7_u8; PART + BLOCK];
    let from = memory.as_ptr().align_offset(BLOCK);
    let part = &memory[from..from + PART];
    let begun = Instant::now();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(target_os = "linux")]
    let past_the_cache = {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.clone().custom_flags(libc::O_DIRECT).open(&path)
    };
    #[cfg(not(target_os = "linux"))]
    let past_the_cache = Err(io::ErrorKind::Unsupported.into());
    let file = past_the_cache.or_else(|_: io::Error| options.open(&path))?;
    for at in (0..bytes).step_by(PART) {
        file.write_all_at(part, at)?;
    }
    file.sync_all()?;
    let wall = begun.elapsed().as_secs_f64();
    fs::remove_file(&path)?;
    Ok(wall)
}
