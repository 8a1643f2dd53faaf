//! How much an archive may be.

/// Limits of one archive and of those within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most entries, folders included. A large course has some thousand files; a million empty ones fit in 100 MB.
    pub entries: usize,
    /// The most bytes of all files together when unpacked, archives within included.
    pub total: u64,
    /// The most bytes that one packed byte may become, over the whole archive. Text shrinks to a tenth; deflate can
    /// reach a thousandth, which only a bomb does. Below [`RATIO_FLOOR`] nobody counts.
    pub ratio: u64,
    /// How many levels of archives within archives may be opened.
    pub depth: u8,
}

impl Default for Limits {
    /// 5,000 entries, 500 MB, a ratio of 100, one level of archives within (a cartridge that holds H5P files).
    fn default() -> Limits {
        Limits {
            entries: 5_000,
            total: 500_000_000,
            ratio: 100,
            depth: 1,
        }
    }
}

/// Bytes unpacked before the ratio matters: an empty page of a word processor shrinks well, and a mebibyte harms nobody.
pub const RATIO_FLOOR: u64 = 1 << 20;

/// The most bytes of a ZIP file's list of entries: it is held in memory. 5,000 entries with long names take 2 MB.
pub(super) const MAX_LIST_BYTES: u64 = 16 << 20;

/// The most bytes between two entries of a ZIP file that are looked at; more is refused.
pub(super) const MAX_GAP_BYTES: u64 = 64 << 10;

/// The most bytes of a pax or GNU header about one entry of a tar file: a path and some times.
pub(super) const MAX_TAR_HEADER_BYTES: u64 = 16 << 10;

impl Limits {
    /// Whether `unpacked` bytes out of `packed` are what only a bomb gives.
    pub(super) fn is_bomb(&self, unpacked: u64, packed: u64) -> bool {
        unpacked > RATIO_FLOOR && unpacked > packed.saturating_mul(self.ratio)
    }
}
