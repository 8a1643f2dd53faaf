//! How much two descriptions have in common, without keeping them: a sketch of their triples of words (MinHash).

use super::words::fold;

/// Numbers of a sketch: the share that two have in common is known to about a tenth.
pub(super) const SKETCH: usize = 24;
/// Words that are looked at.
const MAX_WORDS: usize = 400;
/// A description with fewer words is no evidence.
const MIN_WORDS: usize = 8;

/// The sketch of a text; nothing where it is too short to say anything.
pub(super) fn sketch(text: &str) -> Vec<u32> {
    let folded = fold(text);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .collect();
    if words.len() < MIN_WORDS {
        return Vec::new();
    }
    let mut least = vec![u32::MAX; SKETCH];
    for three in words.windows(3) {
        let hash = hash(three);
        for (at, slot) in least.iter_mut().enumerate() {
            // A family of hashes out of one: multiply by another odd number, take the high half.
            let odd = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(2 * at as u64 + 1) | 1;
            let high = (hash.wrapping_mul(odd) >> 32) as u32;
            *slot = (*slot).min(high);
        }
    }
    least
}

/// The share of triples that two texts have in common, 0 to 1; `None` where one says nothing.
pub(super) fn common(a: &[u32], b: &[u32]) -> Option<f32> {
    if a.len() != SKETCH || b.len() != SKETCH {
        return None;
    }
    let same = a.iter().zip(b).filter(|(a, b)| a == b).count();
    Some(same as f32 / SKETCH as f32)
}

/// FNV-1a over the words: the same on every machine and in every release.
fn hash(words: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in words.iter().flat_map(|word| word.bytes().chain([b' '])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The low bits of a product are poor: mix once.
    hash ^ (hash >> 29)
}
