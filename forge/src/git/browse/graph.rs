//! Git's commit-graph, read: the parents, times and folders of commits without unpacking one, and filters that
//! say of most commits that they did not change a path.
//!
//! Format: gitformat-commit-graph(5). The file is our own (maintenance writes it), yet every offset in it is
//! checked: a damaged one reads as if it were not there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Graphs that are kept in memory, and their bytes in all: 100,000 commits take about 10 MB.
const MAX_KEPT: usize = 8;
const MAX_KEPT_BYTES: usize = 256 << 20;
/// The largest file that is read, bytes.
const MAX_FILE: u64 = 512 << 20;
/// Layers of a chain; Git merges them long before.
const MAX_LAYERS: usize = 64;

const NO_PARENT: u32 = 0x7000_0000;
const MORE_PARENTS: u32 = 0x8000_0000;
/// An octopus of more parents is walked along its first ones only.
const MAX_PARENTS: usize = 1_000;

/// What changed when the files on disk changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp(Vec<(PathBuf, u64, Option<SystemTime>)>);

/// All layers of a repository's commit-graph, the base first. Positions run through them.
pub(super) struct Graph {
    layers: Vec<Layer>,
}

struct Layer {
    bytes: Vec<u8>,
    /// Commits in the layers below.
    base: u32,
    count: u32,
    /// Offsets of the chunks.
    fanout: usize,
    oids: usize,
    data: usize,
    edges: Option<usize>,
    filters: Option<Filters>,
}

/// Where the filters of changed paths are.
struct Filters {
    index: usize,
    data: usize,
    version: u32,
    hashes: u32,
}

/// A commit as the graph knows it.
pub(super) struct Node {
    pub(super) tree: git2::Oid,
    pub(super) parents: Vec<u32>,
    pub(super) time: i64,
}

/// A path, ready to be asked of filters.
pub(super) struct Key {
    first: u32,
    step: u32,
    ascii: bool,
}

impl Key {
    /// The key of a path without slashes around it.
    pub(super) fn new(path: &[u8]) -> Self {
        Self {
            first: murmur3(0x293a_e76f, path),
            step: murmur3(0x7e64_6e2c, path),
            ascii: path.is_ascii(),
        }
    }
}

/// Graphs that were read, the newest last.
static KEPT: Mutex<Vec<(PathBuf, Stamp, Arc<Graph>)>> = Mutex::new(Vec::new());

impl Graph {
    /// The graph of the repository whose objects are in `objects`, if it has one.
    pub(super) fn of(objects: &Path) -> Option<Arc<Self>> {
        let files = files(objects)?;
        let stamp = Stamp(
            files
                .iter()
                .map(|file| {
                    let facts = fs::metadata(file).ok()?;
                    Some((file.clone(), facts.len(), facts.modified().ok()))
                })
                .collect::<Option<_>>()?,
        );
        {
            let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
            let found = kept
                .iter()
                .find(|(path, of, _)| path == objects && *of == stamp);
            if let Some((_, _, graph)) = found {
                return Some(Arc::clone(graph));
            }
        }
        let graph = Arc::new(Self::read(&files)?);
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(path, _, _)| path != objects);
        kept.push((objects.to_owned(), stamp, Arc::clone(&graph)));
        let bytes = |kept: &[(PathBuf, Stamp, Arc<Self>)]| -> usize {
            kept.iter().map(|(_, _, graph)| graph.bytes()).sum()
        };
        while kept.len() > MAX_KEPT || kept.len() > 1 && bytes(&kept) > MAX_KEPT_BYTES {
            kept.remove(0);
        }
        Some(graph)
    }

    fn read(files: &[PathBuf]) -> Option<Self> {
        let mut layers = Vec::new();
        let mut base = 0u32;
        for file in files {
            if fs::metadata(file).ok()?.len() > MAX_FILE {
                return None;
            }
            let layer = Layer::parse(fs::read(file).ok()?, base)?;
            base = base.checked_add(layer.count)?;
            layers.push(layer);
        }
        (base < NO_PARENT).then_some(Self { layers })
    }

    fn bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.bytes.len()).sum()
    }

    fn layer(&self, position: u32) -> Option<(&Layer, u32)> {
        let layer = self
            .layers
            .iter()
            .rev()
            .find(|layer| layer.base <= position)?;
        let at = position - layer.base;
        (at < layer.count).then_some((layer, at))
    }

    /// Where a commit is, if it is in the graph.
    pub(super) fn position(&self, oid: &git2::Oid) -> Option<u32> {
        self.layers
            .iter()
            .rev()
            .find_map(|layer| layer.find(oid.as_bytes()).map(|at| at + layer.base))
    }

    /// The id of the commit at a position.
    pub(super) fn oid(&self, position: u32) -> Option<git2::Oid> {
        let (layer, at) = self.layer(position)?;
        git2::Oid::from_bytes(layer.oid(at)?).ok()
    }

    /// What is known of the commit at a position.
    pub(super) fn node(&self, position: u32) -> Option<Node> {
        let (layer, at) = self.layer(position)?;
        let row = layer
            .bytes
            .get(layer.data + at as usize * 36..)?
            .get(..36)?;
        let tree = git2::Oid::from_bytes(&row[..20]).ok()?;
        let (one, two) = (number(row, 20)?, number(row, 24)?);
        let time = (i64::from(number(row, 28)? & 3) << 32) | i64::from(number(row, 32)?);
        let mut parents = Vec::new();
        if one != NO_PARENT {
            parents.push(one);
        }
        if two & MORE_PARENTS != 0 {
            let mut edge = layer.edges? + (two & !MORE_PARENTS) as usize * 4;
            while parents.len() < MAX_PARENTS {
                let parent = number(&layer.bytes, edge)?;
                parents.push(parent & !MORE_PARENTS);
                if parent & MORE_PARENTS != 0 {
                    break;
                }
                edge += 4;
            }
        } else if two != NO_PARENT {
            parents.push(two);
        }
        Some(Node {
            tree,
            parents,
            time,
        })
    }

    /// Whether the commit at a position may have changed a path, seen from its first parent. `false` is sure.
    pub(super) fn may_have_changed(&self, position: u32, key: &Key) -> bool {
        self.filter(position, key).unwrap_or(true)
    }

    fn filter(&self, position: u32, key: &Key) -> Option<bool> {
        let (layer, at) = self.layer(position)?;
        let filters = layer.filters.as_ref()?;
        // The first version hashed signed characters: it is understood for ASCII alone.
        if filters.version == 1 && !key.ascii {
            return None;
        }
        let end = number(&layer.bytes, filters.index + at as usize * 4)? as usize;
        let begin = match at {
            0 => 0,
            _ => number(&layer.bytes, filters.index + (at as usize - 1) * 4)? as usize,
        };
        let bits = layer
            .bytes
            .get(filters.data + begin..filters.data + end)
            .filter(|bits| !bits.is_empty())?;
        let modulus = bits.len() as u64 * 8;
        for n in 0..filters.hashes {
            let hash = key.first.wrapping_add(n.wrapping_mul(key.step));
            let bit = u64::from(hash) % modulus;
            if bits[(bit / 8) as usize] & (1 << (bit % 8)) == 0 {
                return Some(false);
            }
        }
        Some(true)
    }
}

impl Layer {
    fn parse(bytes: Vec<u8>, base: u32) -> Option<Self> {
        // Signature, version 1, SHA-1.
        if bytes.get(..6)? != b"CGPH\x01\x01" {
            return None;
        }
        let chunks = usize::from(*bytes.get(6)?);
        let mut found = std::collections::HashMap::new();
        for n in 0..chunks {
            let row = bytes.get(8 + n * 12..8 + n * 12 + 12)?;
            let offset = u64::from_be_bytes(row[4..].try_into().ok()?);
            found.insert(
                [row[0], row[1], row[2], row[3]],
                usize::try_from(offset).ok()?,
            );
        }
        let chunk = |name: &[u8; 4]| found.get(name).copied();
        let (fanout, oids, data) = (chunk(b"OIDF")?, chunk(b"OIDL")?, chunk(b"CDAT")?);
        let count = number(&bytes, fanout + 255 * 4)?;
        bytes.get(oids..oids.checked_add(count as usize * 20)?)?;
        bytes.get(data..data.checked_add(count as usize * 36)?)?;
        let filters = match (chunk(b"BIDX"), chunk(b"BDAT")) {
            (Some(index), Some(data)) => Some(Filters {
                index,
                version: number(&bytes, data)?,
                hashes: number(&bytes, data + 4)?.min(32),
                data: data + 12,
            }),
            _ => None,
        };
        let filters = filters.filter(|filters| matches!(filters.version, 1 | 2));
        Some(Self {
            base,
            count,
            fanout,
            oids,
            data,
            edges: chunk(b"EDGE"),
            filters,
            bytes,
        })
    }

    fn oid(&self, at: u32) -> Option<&[u8]> {
        let start = self.oids + at as usize * 20;
        self.bytes.get(start..start + 20)
    }

    fn find(&self, oid: &[u8]) -> Option<u32> {
        let first = usize::from(*oid.first()?);
        let mut high = number(&self.bytes, self.fanout + first * 4)?.min(self.count);
        let mut low = match first {
            0 => 0,
            _ => number(&self.bytes, self.fanout + (first - 1) * 4)?,
        };
        while low < high {
            let middle = low + (high - low) / 2;
            match self.oid(middle)?.cmp(oid) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// The files of a graph, the base first: one file, or those that the chain names.
fn files(objects: &Path) -> Option<Vec<PathBuf>> {
    let single = objects.join("info/commit-graph");
    if single.is_file() {
        return Some(vec![single]);
    }
    let folder = objects.join("info/commit-graphs");
    let chain = fs::read_to_string(folder.join("commit-graph-chain")).ok()?;
    let names: Vec<PathBuf> = chain
        .lines()
        .take(MAX_LAYERS + 1)
        .filter(|line| line.len() == 40 && line.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(|hash| folder.join(format!("graph-{hash}.graph")))
        .collect();
    (!names.is_empty() && names.len() <= MAX_LAYERS).then_some(names)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

/// MurmurHash3, 32 bits, as the filters use it.
fn murmur3(seed: u32, data: &[u8]) -> u32 {
    let mix = |k: u32| {
        k.wrapping_mul(0xcc9e_2d51)
            .rotate_left(15)
            .wrapping_mul(0x1b87_3593)
    };
    let mut hash = seed;
    let mut blocks = data.chunks_exact(4);
    for block in &mut blocks {
        let k = u32::from_le_bytes([block[0], block[1], block[2], block[3]]);
        hash = (hash ^ mix(k))
            .rotate_left(13)
            .wrapping_mul(5)
            .wrapping_add(0xe654_6b64);
    }
    let rest = blocks.remainder();
    if !rest.is_empty() {
        let k = rest
            .iter()
            .rev()
            .fold(0u32, |k, byte| (k << 8) | u32::from(*byte));
        hash ^= mix(k);
    }
    hash ^= data.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_hash_is_the_one_that_git_documents() {
        // From Git's own tests (t0095-bloom.sh), seed 0.
        assert_eq!(murmur3(0, b""), 0x0000_0000);
        assert_eq!(murmur3(0, b"Hello world!"), 0x627b_0c2c);
        assert_eq!(
            murmur3(0, b"The quick brown fox jumps over the lazy dog"),
            0x2e4f_f723
        );
    }

    #[test]
    fn bytes_that_are_no_graph_are_none() {
        for bytes in [
            &b""[..],
            b"CGPH",
            b"CGPH\x01\x01\x02\x00",
            b"CGPH\x01\x01\x00\x00aaaaaaaaaaaaaaaaaaaaa",
            b"CGPH\x01\x02\x00\x00",
        ] {
            assert!(Layer::parse(bytes.to_vec(), 0).is_none());
        }
    }
}
