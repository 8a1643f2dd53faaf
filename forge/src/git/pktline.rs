//! Git's framing: four hexadecimal digits of length, then the bytes.

/// The longest payload of one line, from git's `LARGE_PACKET_DATA_MAX`.
pub(super) const MAX_PAYLOAD: usize = 65_516;

/// One frame of a conversation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// `0000`, the end of a section.
    Flush,
    /// A line with its payload, as sent (often with a newline at its end).
    Data(&'a [u8]),
}

/// The length digits are wrong, or name a special packet that does not belong here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed packet line")]
pub struct Malformed;

/// Reads a header: `None` is a flush, otherwise the number of bytes that follow.
pub(super) fn header(digits: [u8; 4]) -> Result<Option<usize>, Malformed> {
    let text = std::str::from_utf8(&digits).map_err(|_| Malformed)?;
    if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Malformed);
    }
    match usize::from_str_radix(text, 16).map_err(|_| Malformed)? {
        0 => Ok(None),
        length @ 4.. if length - 4 <= MAX_PAYLOAD => Ok(Some(length - 4)),
        _ => Err(Malformed),
    }
}

/// Takes the first packet off `bytes`: the packet and how long it was, or `None` when it is not all there.
pub(super) fn split(bytes: &[u8]) -> Result<Option<(Packet<'_>, usize)>, Malformed> {
    let Some(digits) = bytes.first_chunk::<4>() else {
        return Ok(None);
    };
    match header(*digits)? {
        None => Ok(Some((Packet::Flush, 4))),
        Some(length) => Ok(bytes
            .get(4..4 + length)
            .map(|payload| (Packet::Data(payload), 4 + length))),
    }
}

/// Appends one line to `out`. The payload must not be longer than [`MAX_PAYLOAD`].
pub(super) fn write(out: &mut Vec<u8>, payload: &[u8]) {
    debug_assert!(payload.len() <= MAX_PAYLOAD);
    out.extend_from_slice(format!("{:04x}", payload.len() + 4).as_bytes());
    out.extend_from_slice(payload);
}

/// Appends a flush.
pub(super) fn flush(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0000");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut bytes = Vec::new();
        write(&mut bytes, b"hello\n");
        flush(&mut bytes);
        assert_eq!(bytes, b"000ahello\n0000");
        assert_eq!(split(&bytes), Ok(Some((Packet::Data(b"hello\n"), 10))));
        assert_eq!(split(&bytes[10..]), Ok(Some((Packet::Flush, 4))));
        assert_eq!(split(&bytes[..9]), Ok(None));
    }

    #[test]
    fn lengths_that_are_no_lengths_are_refused() {
        for bad in [
            &b"0001"[..],
            b"0003",
            b"00zz",
            b"+004",
            b"ffff",
            b"\xff\xff\xff\xff",
        ] {
            assert_eq!(split(bad), Err(Malformed), "{bad:?}");
        }
    }
}
