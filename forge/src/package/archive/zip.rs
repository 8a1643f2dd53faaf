//! The list of entries of a ZIP file (APPNOTE 6.3.10), compared with what stands before each entry.

use std::io::{Read, Seek, SeekFrom};

use super::error::ArchiveError;
use super::limits::{Limits, MAX_GAP_BYTES, MAX_LIST_BYTES};
use super::name::{self, Names, refused, short};
use super::{Entry, Place, read_up_to};

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
const END_BYTES: usize = 22;
const LOCATOR_BYTES: usize = 20;
const END64_BYTES: usize = 56;
const CENTRAL_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;

/// Bits of the flags (4.4.4): encrypted, sizes after the bytes, strong encryption, UTF-8, the list is encrypted.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const SIZES_AFTER: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;

/// Extra fields: sizes of 64 bits (4.5.3), and the name in UTF-8 (4.6.9).
const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;

/// One entry as the list at the end names it.
struct Listed<'a> {
    raw_name: &'a [u8],
    path: Option<(String, bool)>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    /// Where its local header stands.
    at: u64,
    unicode: Option<&'a [u8]>,
}

impl Listed<'_> {
    fn shown(&self) -> String {
        short(&String::from_utf8_lossy(self.raw_name))
    }

    fn differs(&self, what: &str) -> ArchiveError {
        ArchiveError::inconsistent(format!(
            "{what} of {:?} is one in the list and another before the file",
            self.shown()
        ))
    }
}

pub(super) fn index<R: Read + Seek>(
    input: &mut R,
    length: u64,
    limits: &Limits,
    magic: &[u8],
) -> Result<Vec<Entry>, ArchiveError> {
    let Some(end) = End::find(input, length)? else {
        return Err(match magic {
            _ if magic.starts_with(LOCAL) => {
                ArchiveError::malformed("its list of files is missing")
            }
            _ if magic.starts_with(b"7z\xbc\xaf") => ArchiveError::NotAnArchive("a 7-Zip file"),
            _ if magic.starts_with(b"Rar!") => ArchiveError::NotAnArchive("a RAR file"),
            _ if magic.starts_with(b"%PDF") => ArchiveError::NotAnArchive("a PDF document"),
            _ => ArchiveError::NotAnArchive("another kind of file"),
        });
    };
    if end.entries == 0 {
        return Err(ArchiveError::Empty);
    }
    if end.entries > limits.entries as u64 {
        return Err(ArchiveError::TooMany(limits.entries));
    }
    if !magic.starts_with(LOCAL) {
        return Err(ArchiveError::inconsistent(
            "other bytes stand before it, which other programs would run or show",
        ));
    }
    let bytes = part(input, end.list_at, end.list_bytes)?;
    let listed = list(&bytes, end.entries)?;
    check_overlaps(&listed, end.list_at)?;
    check_sizes(&listed, length, limits)?;
    let mut spans = Vec::with_capacity(listed.len());
    let mut names = Names::default();
    let mut entries = Vec::with_capacity(listed.len());
    for one in &listed {
        let (at, after) = compare(input, one, end.list_at)?;
        spans.push((one.at, after));
        let Some((path, folder)) = &one.path else {
            continue;
        };
        names.add(path, *folder)?;
        entries.push(Entry {
            path: path.clone(),
            size: one.size,
            folder: *folder,
            place: Place::Zip {
                at,
                packed: one.packed,
                deflated: one.method == 8,
                crc: one.crc,
            },
        });
    }
    check_gaps(input, spans, end.list_at)?;
    Ok(entries)
}

/// What the end of the file says of the list.
struct End {
    entries: u64,
    list_at: u64,
    list_bytes: u64,
}

impl End {
    /// Finds the one end record: it reaches exactly to the end of the file, and no other record could be taken for it.
    fn find<R: Read + Seek>(input: &mut R, length: u64) -> Result<Option<End>, ArchiveError> {
        // The comment has at most 65,535 bytes.
        let tail_bytes = length.min((END_BYTES + LOCATOR_BYTES + END64_BYTES + 65_535) as u64);
        let tail = part(input, length - tail_bytes, tail_bytes)?;
        let mut found = None;
        let mut signed = false;
        for at in (0..tail.len().saturating_sub(END_BYTES - 1)).rev() {
            if !tail[at..].starts_with(END) {
                continue;
            }
            signed = true;
            if at + END_BYTES + usize::from(half(&tail, at + 20)) != tail.len() {
                continue;
            }
            // Programs that search backwards and those that search forwards would see two archives.
            if found.is_some() || tail[at + END_BYTES..].windows(4).any(|four| four == END) {
                return Err(ArchiveError::inconsistent("it has two ends"));
            }
            found = Some(at);
        }
        let Some(at) = found else {
            if signed {
                return Err(ArchiveError::malformed("bytes follow its end"));
            }
            return Ok(None);
        };
        let end_at = length - tail_bytes + at as u64;
        let mut end = End {
            entries: half(&tail, at + 10).into(),
            list_bytes: word(&tail, at + 12).into(),
            list_at: word(&tail, at + 16).into(),
        };
        if half(&tail, at + 4) != 0
            || half(&tail, at + 6) != 0
            || half(&tail, at + 8) != half(&tail, at + 10)
        {
            return Err(ArchiveError::malformed("it is one part of several"));
        }
        let mut after_list = end_at;
        if at >= LOCATOR_BYTES && tail[at - LOCATOR_BYTES..].starts_with(LOCATOR64) {
            let claimed = long(&tail, at - LOCATOR_BYTES + 8);
            after_list = end.widen(&tail, at, end_at, claimed)?;
        }
        if end.list_bytes > MAX_LIST_BYTES {
            let what = "the list of files".to_owned();
            let most = MAX_LIST_BYTES;
            return Err(ArchiveError::TooLarge { what, most });
        }
        if end.list_at.checked_add(end.list_bytes) != Some(after_list) {
            return Err(ArchiveError::inconsistent(
                "its list of files is not where its end says: bytes were put before or into it",
            ));
        }
        Ok(Some(end))
    }

    /// Takes the fields of 64 bits over (4.3.14), which stand right before the end record; says where they begin.
    fn widen(
        &mut self,
        tail: &[u8],
        at: usize,
        end_at: u64,
        claimed: u64,
    ) -> Result<u64, ArchiveError> {
        let wrong = || ArchiveError::inconsistent("its two ends (of 32 and 64 bits) differ");
        let Some(start) = at.checked_sub(LOCATOR_BYTES + END64_BYTES) else {
            return Err(wrong());
        };
        let record = &tail[start..];
        let begins = end_at - (LOCATOR_BYTES + END64_BYTES) as u64;
        // A record with an extensible part of its own would be longer: no program writes one.
        if !record.starts_with(END64)
            || claimed != begins
            || long(record, 4) != (END64_BYTES - 12) as u64
        {
            return Err(wrong());
        }
        let (here, all) = (long(record, 24), long(record, 32));
        let (bytes, list_at) = (long(record, 40), long(record, 48));
        let agrees = |narrow: u64, wide: u64, full: u64| narrow == full || narrow == wide;
        if here != all
            || !agrees(self.entries, all, 0xffff)
            || !agrees(self.list_bytes, bytes, 0xffff_ffff)
            || !agrees(self.list_at, list_at, 0xffff_ffff)
        {
            return Err(wrong());
        }
        (self.entries, self.list_bytes, self.list_at) = (all, bytes, list_at);
        Ok(begins)
    }
}

/// Reads the list: as many entries as promised and nothing else.
fn list(bytes: &[u8], promised: u64) -> Result<Vec<Listed<'_>>, ArchiveError> {
    let mut listed = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if rest.len() < CENTRAL_BYTES || !rest.starts_with(CENTRAL) {
            return Err(ArchiveError::malformed(
                "its list of files is cut or overwritten",
            ));
        }
        if listed.len() as u64 == promised {
            return Err(ArchiveError::inconsistent(
                "its list names more files than its end says",
            ));
        }
        let lengths = [28, 30, 32].map(|at| usize::from(half(rest, at)));
        let all = CENTRAL_BYTES + lengths.iter().sum::<usize>();
        if rest.len() < all {
            return Err(ArchiveError::malformed("its list of files is cut"));
        }
        let raw_name = &rest[CENTRAL_BYTES..][..lengths[0]];
        let extra = &rest[CENTRAL_BYTES + lengths[0]..][..lengths[1]];
        listed.push(one(rest, raw_name, extra)?);
        rest = &rest[all..];
    }
    if listed.len() as u64 == promised {
        Ok(listed)
    } else {
        Err(ArchiveError::inconsistent(
            "its list names fewer files than its end says",
        ))
    }
}

fn one<'a>(record: &[u8], raw_name: &'a [u8], extra: &'a [u8]) -> Result<Listed<'a>, ArchiveError> {
    let flags = half(record, 8);
    let method = half(record, 10);
    let decoded = name::decode(raw_name, flags & UTF8 != 0)?;
    let unicode = field(extra, UNICODE_PATH, &decoded)?;
    let shown = unicode_name(raw_name, unicode, decoded)?;
    if flags & ENCRYPTED != 0 || method == 99 {
        return Err(ArchiveError::Encrypted(short(&shown)));
    }
    if !matches!(method, 0 | 8) {
        let name = short(&shown);
        return Err(ArchiveError::Method { name, method });
    }
    let path = name::clean(&shown)?;
    let mut size = u64::from(word(record, 24));
    let mut packed = u64::from(word(record, 20));
    let mut at = u64::from(word(record, 42));
    if half(record, 34) != 0 {
        return Err(ArchiveError::malformed("it is one part of several"));
    }
    widen(
        field(extra, ZIP64, &shown)?,
        &mut [&mut size, &mut packed, &mut at],
    );
    check_kind(word(record, 38), &shown)?;
    if matches!(path, Some((_, true)) | None) && size > 0 {
        return Err(ArchiveError::inconsistent(format!(
            "the folder {:?} has bytes",
            short(&shown)
        )));
    }
    Ok(Listed {
        raw_name,
        path,
        flags,
        method,
        crc: word(record, 16),
        packed,
        size,
        at,
        unicode,
    })
}

/// The name that both kinds of programs see: those that know the field of a Unicode name, and those that do not.
fn unicode_name(raw: &[u8], field: Option<&[u8]>, decoded: String) -> Result<String, ArchiveError> {
    let Some([1, crc @ ..]) = field else {
        return Ok(decoded);
    };
    let Some((sum, name)) = crc.split_at_checked(4) else {
        return Err(ArchiveError::malformed("a name in Unicode is cut"));
    };
    let mut now = flate2::Crc::new();
    now.update(raw);
    // The name was changed after this field was written: programs ignore it then.
    if sum != now.sum().to_le_bytes() {
        return Ok(decoded);
    }
    let name = name::decode(name, true)?;
    if name == decoded {
        return Ok(name);
    }
    // Only a name in an old code page has use for a second one.
    if std::str::from_utf8(raw).is_ok() {
        name::clean(&name)?;
        return Err(ArchiveError::inconsistent(format!(
            "{:?} has a second name, {:?}",
            short(&decoded),
            short(&name)
        )));
    }
    Ok(name)
}

/// A field among the extra ones, by its number.
fn field<'a>(
    mut extra: &'a [u8],
    wanted: u16,
    name: &str,
) -> Result<Option<&'a [u8]>, ArchiveError> {
    let mut found = None;
    // Less than a header is padding.
    while extra.len() >= 4 {
        let (id, length) = (half(extra, 0), usize::from(half(extra, 2)));
        let Some(body) = extra.get(4..4 + length) else {
            // Zeros pad, too.
            if extra.iter().all(|byte| *byte == 0) {
                break;
            }
            return Err(ArchiveError::malformed(format!(
                "the extra fields of {:?} are cut",
                short(name)
            )));
        };
        if id == wanted && found.replace(body).is_some() {
            return Err(ArchiveError::inconsistent(format!(
                "{:?} says the same thing twice",
                short(name)
            )));
        }
        extra = &extra[4 + length..];
    }
    Ok(found)
}

/// Replaces the full fields of 32 bits by those of 64, in their order. What is not there stays full: 4 GiB are too many.
fn widen(field: Option<&[u8]>, values: &mut [&mut u64]) {
    let mut field = field.unwrap_or_default();
    for value in values.iter_mut().filter(|value| ***value == 0xffff_ffff) {
        let Some((eight, rest)) = field.split_first_chunk::<8>() else {
            return;
        };
        **value = u64::from_le_bytes(*eight);
        field = rest;
    }
}

/// Refuses what is neither file nor folder by the mode of Unix in the upper half of the attributes, whoever wrote them.
fn check_kind(attributes: u32, name: &str) -> Result<(), ArchiveError> {
    let what = match (attributes >> 16) & 0o170_000 {
        0 | 0o100_000 | 0o040_000 => return Ok(()),
        0o120_000 => "a symbolic link",
        0o010_000 => "a named pipe",
        0o020_000 | 0o060_000 => "a device",
        0o140_000 => "a socket",
        _ => "of an unknown kind",
    };
    let name = short(name);
    Err(ArchiveError::SpecialFile { name, what })
}

/// Refuses entries that share bytes by what the list alone says: the shortest that each can be.
fn check_overlaps(listed: &[Listed<'_>], list_at: u64) -> Result<(), ArchiveError> {
    let mut order: Vec<&Listed<'_>> = listed.iter().collect();
    order.sort_by_key(|one| one.at);
    let mut before: Option<(&Listed<'_>, u64)> = None;
    for one in order {
        if let Some((other, after)) = before
            && one.at < after
        {
            return Err(ArchiveError::Overlap(other.shown(), one.shown()));
        }
        let header = (LOCAL_BYTES + one.raw_name.len()) as u64;
        let after = one.at.saturating_add(header).saturating_add(one.packed);
        if after > list_at {
            // What claims too many bytes to be there claims too many to be read.
            return Err(ArchiveError::malformed(format!(
                "{:?} is cut, or not where the list says",
                one.shown()
            )));
        }
        before = Some((one, after));
    }
    Ok(())
}

fn check_sizes(listed: &[Listed<'_>], length: u64, limits: &Limits) -> Result<(), ArchiveError> {
    let total = listed
        .iter()
        .fold(0u64, |sum, one| sum.saturating_add(one.size));
    if total > limits.total {
        let what = "the archive".to_owned();
        let most = limits.total;
        return Err(ArchiveError::TooLarge { what, most });
    }
    if limits.is_bomb(total, length) {
        return Err(ArchiveError::Bomb(limits.ratio));
    }
    Ok(())
}

/// Compares an entry of the list with the header before its bytes; says where these begin, and where all of it ends.
fn compare<R: Read + Seek>(
    input: &mut R,
    one: &Listed<'_>,
    list_at: u64,
) -> Result<(u64, u64), ArchiveError> {
    let header = part(input, one.at, LOCAL_BYTES as u64)?;
    if !header.starts_with(LOCAL) {
        return Err(ArchiveError::malformed(format!(
            "{:?} is not where the list says",
            one.shown()
        )));
    }
    let lengths = [half(&header, 26), half(&header, 28)].map(u64::from);
    let rest = part(input, one.at + LOCAL_BYTES as u64, lengths[0] + lengths[1])?;
    let (raw_name, extra) = rest.split_at(lengths[0] as usize);
    if raw_name != one.raw_name {
        return Err(one.differs("the name"));
    }
    if field(extra, UNICODE_PATH, &one.shown())? != one.unicode {
        return Err(one.differs("the name in Unicode"));
    }
    let flags = half(&header, 6);
    let matters = ENCRYPTED | SIZES_AFTER | if raw_name.is_ascii() { 0 } else { UTF8 };
    if (flags ^ one.flags) & matters != 0 || half(&header, 8) != one.method {
        return Err(one.differs("the kind"));
    }
    let mut size = u64::from(word(&header, 22));
    let mut packed = u64::from(word(&header, 18));
    widen(
        field(extra, ZIP64, &one.shown())?,
        &mut [&mut size, &mut packed],
    );
    let crc = word(&header, 14);
    let later = flags & SIZES_AFTER != 0;
    let same =
        |here: u64, listed: u64| here == listed || later && (here == 0 || here == 0xffff_ffff);
    if !same(size, one.size) || !same(packed, one.packed) || !same(crc.into(), one.crc.into()) {
        return Err(one.differs("the size or checksum"));
    }
    if one.method == 0 && one.size != one.packed {
        return Err(ArchiveError::inconsistent(format!(
            "{:?} has two sizes",
            one.shown()
        )));
    }
    let at = one.at + LOCAL_BYTES as u64 + lengths[0] + lengths[1];
    let mut after = at + one.packed;
    if later {
        after += descriptor(input, one, after, list_at)?;
    }
    if after > list_at {
        return Err(ArchiveError::malformed(format!("{:?} is cut", one.shown())));
    }
    Ok((at, after))
}

/// The length of what follows the bytes where sizes come after them (4.3.9): four forms are in use.
fn descriptor<R: Read + Seek>(
    input: &mut R,
    one: &Listed<'_>,
    at: u64,
    list_at: u64,
) -> Result<u64, ArchiveError> {
    let there = part(input, at, list_at.saturating_sub(at).min(24))?;
    for signature in [DESCRIPTOR, b""] {
        for wide in [false, true] {
            let mut expected = signature.to_vec();
            expected.extend(one.crc.to_le_bytes());
            for value in [one.packed, one.size] {
                if wide {
                    expected.extend(value.to_le_bytes());
                } else {
                    expected.extend((value as u32).to_le_bytes());
                }
            }
            if there.starts_with(&expected) {
                return Ok(expected.len() as u64);
            }
        }
    }
    Err(one.differs("the size or checksum"))
}

/// Refuses bytes between entries that a program which reads from front to back would take for an entry.
fn check_gaps<R: Read + Seek>(
    input: &mut R,
    mut spans: Vec<(u64, u64)>,
    list_at: u64,
) -> Result<(), ArchiveError> {
    spans.sort_unstable();
    let mut end = 0;
    for (start, after) in spans.into_iter().chain([(list_at, list_at)]) {
        if start < end {
            return Err(ArchiveError::inconsistent("its entries share bytes"));
        }
        let gap = start - end;
        if gap > MAX_GAP_BYTES || part(input, end, gap)?.windows(4).any(|four| four == LOCAL) {
            return Err(ArchiveError::inconsistent(
                "it holds a file that its list does not name",
            ));
        }
        end = after;
    }
    Ok(())
}

/// A part of the file that must be there.
fn part<R: Read + Seek>(input: &mut R, at: u64, length: u64) -> Result<Vec<u8>, ArchiveError> {
    input.seek(SeekFrom::Start(at))?;
    let length = usize::try_from(length).map_err(|_| refused("", "is too large"))?;
    let mut bytes = vec![0; length];
    if read_up_to(input, &mut bytes)? < length {
        return Err(ArchiveError::malformed("it ends too early"));
    }
    Ok(bytes)
}

// Little-endian numbers. The callers have checked that the bytes are there.
fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from(half(bytes, at)) | u32::from(half(bytes, at + 2)) << 16
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from(word(bytes, at)) | u64::from(word(bytes, at + 4)) << 32
}
