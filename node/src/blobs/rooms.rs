//! Rooms: memory that the bytes of large blobs pass through, several pieces at a time, and that comes back when they have passed. New
//! memory for each would cost as much as reading.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard},
};

use super::stacks::{BLOCK, pieces::PIECE};

/// Bytes of the largest room: whole pieces, so many that the disk is asked, and a thread woken, seldom.
pub(super) const ROOM: u64 = 4 * PIECE;
/// Rooms that wait between a thread and the network: both go on while the other is held up.
pub(super) const WAITING: usize = 2;

/// Where rooms come back to; cheap to clone.
#[derive(Default, Clone)]
pub(super) struct Rooms(Arc<Mutex<Vec<Vec<u8>>>>);

/// So many bytes of memory, which begin where a block of a disk may.
pub(super) struct Room {
    memory: Vec<u8>,
    from: usize,
    len: usize,
    home: Rooms,
}

impl Rooms {
    fn idle(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// A room; what is in it is left from before.
    pub(super) fn lend(&self, len: usize) -> Room {
        let idle = self.idle().pop();
        let memory = match idle.filter(|memory| memory.len() >= len + BLOCK) {
            Some(memory) => memory,
            None => vec![0; len + BLOCK],
        };
        Room {
            // Where the system cannot say, it is somewhere, and the disk is asked in another way.
            from: memory.as_ptr().align_offset(BLOCK) % BLOCK,
            memory,
            len,
            home: self.clone(),
        }
    }
}

impl Room {
    /// Leaves so many bytes, of those that there are.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl Deref for Room {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[self.from..self.from + self.len]
    }
}

impl DerefMut for Room {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.from..self.from + self.len]
    }
}

impl AsRef<[u8]> for Room {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.home.idle().push(std::mem::take(&mut self.memory));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_begin_at_a_block_and_come_back() {
        let rooms = Rooms::default();
        let mut first = rooms.lend(PIECE as usize);
        let at = first.as_ptr();
        assert_eq!((at as usize % BLOCK, first.len()), (0, PIECE as usize));
        first.fill(7);
        first.truncate(3);
        first.truncate(5);
        assert_eq!(*first, [7; 3]);
        drop(first);
        let again = rooms.lend(1);
        assert_eq!((again.as_ptr(), again.len()), (at, 1));
        assert_eq!(rooms.lend(ROOM as usize).len(), ROOM as usize);
    }
}
