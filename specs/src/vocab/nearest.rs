//! How far apart two short words are, for "did you mean".

/// Words longer than this are not compared: edit distance is quadratic, and nobody mistypes a long id in full.
const MAX_COMPARED_CHARS: usize = 64;

/// Lower case without the accents of the Latin letters that French and its neighbours use.
pub(crate) fn fold(text: &str) -> String {
    text.trim()
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' => 'a',
            'ç' => 'c',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ñ' => 'n',
            'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            '\u{2019}' => '\'',
            '-' | '_' => ' ',
            other => other,
        })
        // Combining accents, so that decomposed text folds to the same.
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .collect()
}

/// Edit distance with transposition of neighbours (optimal string alignment), in characters;
/// `usize::MAX` when either is too long to compare.
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(MAX_COMPARED_CHARS + 1).collect();
    let b: Vec<char> = b.chars().take(MAX_COMPARED_CHARS + 1).collect();
    if a.len() > MAX_COMPARED_CHARS || b.len() > MAX_COMPARED_CHARS {
        return usize::MAX;
    }
    let width = b.len() + 1;
    let mut rows = vec![vec![0; width]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..width).collect();
    for i in 1..=a.len() {
        for j in 1..width {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

/// The nearest of several candidates, if it is near enough to be what was meant: one edit for
/// short words, a third of the length for long ones. The first of equals wins.
pub(crate) fn nearest<'a, T: Copy>(
    written: &str,
    candidates: impl Iterator<Item = (&'a str, T)>,
) -> Option<T> {
    let written = fold(written);
    let allowed = (written.chars().count() / 3).max(1);
    candidates
        .map(|(name, value)| (distance(&written, &fold(name)), value))
        .filter(|(far, _)| *far <= allowed)
        .min_by_key(|(far, _)| *far)
        .map(|(_, value)| value)
}
