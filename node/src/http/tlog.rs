//! `/log/{handle}/…`: checkpoints and tiles of every log that this node holds, as C2SP tlog-tiles. An auditor who
//! knows nothing of Commun verifies a log with these alone.
//!
//! Paths are read here and not with `tlog_tiles`: its reader panics on a partial tile of width 0.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, Response, header},
    response::IntoResponse,
    routing::get,
};
use commun_specs::name::Handle;

use super::{
    Web,
    problem::Problem,
    site::{Fault, LogReader},
};

/// Hashes or entries of a full tile.
const WIDTH: u64 = 256;
/// Bits of the index that one level of tiles covers.
const HEIGHT: u32 = 8;
/// The highest level of tiles: trees of 2^48 leaves end there.
const MAX_LEVEL: u32 = 5;
/// Most groups of three digits of a tile's index.
const MAX_GROUPS: usize = 6;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/log/{handle}/{*rest}", get(serve))
}

/// What is asked of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Checkpoint,
    Witnessed,
    Hashes { level: u32, tile: Tile },
    Entries { tile: Tile },
}

/// A tile: its index on its level, and how many hashes or entries of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tile {
    index: u64,
    width: u64,
}

async fn serve(
    State(web): State<Web>,
    Path((handle, rest)): Path<(String, String)>,
) -> Result<Response<Body>, Problem> {
    let missing = || Problem::not_found("this node has no such part of that log");
    let handle = Handle::new(&handle).map_err(|_| missing())?;
    let (epoch, asked) = read(&rest).ok_or_else(missing)?;
    let sought = asked.clone();
    let bytes = web
        .ask(move |site| {
            let mut bytes = None;
            site.log(&handle, epoch, &mut |log| {
                bytes = find(log, &sought)?;
                Ok(())
            })?;
            Ok(bytes)
        })
        .await?
        .ok_or_else(missing)?;
    let (kind, keep) = match asked {
        Asked::Checkpoint | Asked::Witnessed => ("text/plain; charset=utf-8", "no-cache"),
        // A tile never changes, not even a partial one: its width is in its name.
        _ => (
            "application/octet-stream",
            "public, max-age=31536000, immutable",
        ),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    Ok(response)
}

/// Reads `[<epoch>/](checkpoint|witnessed|tile/<level>/<index>[.p/<width>]|tile/entries/<index>[.p/<width>])`.
fn read(rest: &str) -> Option<(Option<u64>, Asked)> {
    let (epoch, rest) = match rest.split_once('/') {
        Some((first, below)) if first.bytes().all(|b| b.is_ascii_digit()) => {
            (Some(decimal(first)?), below)
        }
        _ => (None, rest),
    };
    match rest {
        "checkpoint" => return Some((epoch, Asked::Checkpoint)),
        "witnessed" => return Some((epoch, Asked::Witnessed)),
        _ => {}
    }
    let (level, index) = rest.strip_prefix("tile/")?.split_once('/')?;
    let tile = tile(index)?;
    let asked = match level {
        "entries" => Asked::Entries { tile },
        level => {
            let level = u32::try_from(decimal(level)?).ok()?;
            if level > MAX_LEVEL {
                return None;
            }
            Asked::Hashes { level, tile }
        }
    };
    Some((epoch, asked))
}

/// An index is written in groups of three digits, all but the last behind an `x`: `x001/x234/067`.
fn tile(text: &str) -> Option<Tile> {
    let (index, width) = match text.split_once(".p/") {
        Some((index, width)) => (index, decimal(width).filter(|w| (1..WIDTH).contains(w))?),
        None => (text, WIDTH),
    };
    let groups: Vec<&str> = index.split('/').collect();
    if groups.len() > MAX_GROUPS {
        return None;
    }
    let (last, before) = groups.split_last()?;
    let three = |group: &str| -> Option<u64> {
        let fits = group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
        if fits { group.parse().ok() } else { None }
    };
    let mut index = 0_u64;
    for (at, group) in before.iter().enumerate() {
        let value = three(group.strip_prefix('x')?)?;
        // One spelling of each index: no leading group of zeros.
        if at == 0 && value == 0 {
            return None;
        }
        index = index * 1_000 + value;
    }
    Some(Tile {
        index: index * 1_000 + three(last)?,
        width,
    })
}

/// Digits without a leading zero.
fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// The bytes asked for, if the log is long enough to have them.
fn find(log: &dyn LogReader, asked: &Asked) -> Result<Option<Vec<u8>>, Fault> {
    match asked {
        Asked::Checkpoint => Ok(log.checkpoint()),
        Asked::Witnessed => Ok(log.witnessed()),
        Asked::Hashes { level, tile } => hashes(log, *level, *tile),
        Asked::Entries { tile } => entries(log, *tile),
    }
}

/// The hashes of a tile lie side by side on one level of the tree.
fn hashes(log: &dyn LogReader, level: u32, tile: Tile) -> Result<Option<Vec<u8>>, Fault> {
    let height = HEIGHT * level;
    let first = tile.index * WIDTH;
    if first + tile.width > log.size() >> height {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(32 * tile.width as usize);
    for n in first..first + tile.width {
        let index = tlog_tiles::stored_hash_index(height as u8, n);
        let hash = log
            .get(index)
            .ok_or_else(|| Fault(format!("hash {index} of a log is missing")))?;
        bytes.extend_from_slice(&hash);
    }
    Ok(Some(bytes))
}

/// Each entry follows its length in two bytes, big-endian.
fn entries(log: &dyn LogReader, tile: Tile) -> Result<Option<Vec<u8>>, Fault> {
    let first = tile.index * WIDTH;
    if first + tile.width > log.size() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    for position in first..first + tile.width {
        let missing = || Fault(format!("entry {position} of a log is missing"));
        let entry = log.entry(position)?.ok_or_else(missing)?;
        let length = u16::try_from(entry.len()).map_err(|_| missing())?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&entry);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use commun_specs::tree::{self, Hashes, Pending};

    use super::*;

    struct Log(Vec<Vec<u8>>, Vec<[u8; 32]>);

    impl Log {
        fn of(size: u64) -> Self {
            let entries: Vec<Vec<u8>> = (0..size).map(|n| n.to_string().into_bytes()).collect();
            let empty: Vec<[u8; 32]> = Vec::new();
            let mut tree = Pending::on(&empty, 0);
            for (n, entry) in entries.iter().enumerate() {
                tree::append(&mut tree, n as u64, tree::leaf_hash(entry)).unwrap();
            }
            Log(entries, tree.into_new().1)
        }
    }

    impl Hashes for Log {
        fn get(&self, index: u64) -> Option<[u8; 32]> {
            self.1.get(index)
        }
    }

    impl LogReader for Log {
        fn checkpoint(&self) -> Option<Vec<u8>> {
            Some(b"note".to_vec())
        }
        fn witnessed(&self) -> Option<Vec<u8>> {
            None
        }
        fn size(&self) -> u64 {
            self.0.len() as u64
        }
        fn entry(&self, position: u64) -> Result<Option<Vec<u8>>, Fault> {
            Ok(self.0.get(position as usize).cloned())
        }
    }

    fn get(log: &Log, path: &str) -> Option<Vec<u8>> {
        find(log, &read(path)?.1).unwrap()
    }

    #[test]
    fn tiles_hold_the_hashes_of_the_tree() {
        let log = Log::of(600);
        let leaves = get(&log, "tile/0/001").unwrap();
        assert_eq!(leaves.len(), 256 * 32);
        assert_eq!(leaves[..32], tree::leaf_hash(b"256"));
        assert_eq!(get(&log, "tile/0/002.p/88").unwrap().len(), 88 * 32);
        // A full tile's root is a hash of the tile above: from both, a reader computes the tree's root.
        let above = get(&log, "tile/1/000.p/2").unwrap();
        let first = Log::of(256);
        assert_eq!(above[..32], tree::root(&first.1, 256).unwrap().0);
        let entries = get(&log, "tile/entries/000.p/11").unwrap();
        assert_eq!(entries[..3], [0, 1, b'0']);
        assert_eq!(entries[entries.len() - 4..], [0, 2, b'1', b'0']);
    }

    #[test]
    fn what_the_log_does_not_have_yet_is_missing() {
        let log = Log::of(600);
        for path in [
            "tile/0/002",
            "tile/0/002.p/89",
            "tile/1/000",
            "tile/2/000.p/1",
            "tile/entries/003.p/1",
            "tile/0/x999/x999/999",
        ] {
            assert_eq!(get(&log, path), None, "{path}");
        }
    }

    #[test]
    fn every_tile_has_one_address() {
        assert_eq!(
            tile("x001/x234/067"),
            Some(Tile {
                index: 1_234_067,
                width: 256
            })
        );
        assert_eq!(read("3/checkpoint"), Some((Some(3), Asked::Checkpoint)));
        for bad in [
            "tile/0/1",
            "tile/0/0001",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/6/000",
            "tile/00/000",
            "tile/0/+01",
            "tile/data/000",
            "01/checkpoint",
            "checkpoint/x",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "",
            "tile/0/",
            "tile/entries/000.p/",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
