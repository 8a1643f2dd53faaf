//! Titles as they are compared: words that count, and marks that must be the same.

use serde::{Deserialize, Serialize};

use super::words::{class, fold, is_neutral, is_part, is_stop, number, roman, singular, slips};

/// Words of a title that are compared; longer titles are lists of contents.
const MAX_WORDS: usize = 40;
/// What is left of a likeness where one title has a word instead of another: less than that of titles that are nearly the same.
pub(super) const LOST_AND_MORE: f32 = 0.85;
/// Years, which are no numbers of parts.
const YEARS: std::ops::RangeInclusive<u32> = 1500..=2100;

/// A title, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Title {
    /// Its language tag; `und` where it is not known.
    pub(super) lang: String,
    /// The words that count, up to the first colon, dash or bracket.
    pub(super) main: Vec<String>,
    /// Those after it.
    pub(super) rest: Vec<String>,
    /// Numbers, codes (`l1`, `c`), kinds of documents, levels: in order, each once.
    pub(super) marks: Vec<String>,
    /// Years, in order, each once.
    pub(super) years: Vec<u32>,
}

/// How alike two titles are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Alike {
    /// 0 (nothing in common) to 1.
    pub(super) share: f32,
    /// Whether words are counted as the same that are spelt differently.
    pub(super) slips: bool,
}

impl Title {
    pub(super) fn of(lang: &str, text: &str) -> Title {
        let mut title = Title {
            lang: lang.to_owned(),
            ..Title::default()
        };
        // What looks like one letter to a reader of words.
        let text = text
            .replace("C++", "cplusplus")
            .replace("c++", "cplusplus")
            .replace("C#", "csharp")
            .replace("c#", "csharp");
        let mut neutral = (Vec::new(), Vec::new());
        for (after, segment) in segments(&text) {
            let words: Vec<(&str, bool)> = split(segment);
            for (at, (word, elided)) in words.iter().enumerate() {
                let folded = fold(word);
                let before = at.checked_sub(1).map(|i| fold(words[i].0));
                let counted = before.is_some_and(|w| is_part(&w)) || at + 1 == words.len();
                if *elided && folded.chars().count() <= 2 {
                    continue;
                }
                if let Some(n) = number(&folded).or_else(|| {
                    roman(word).filter(|_| word.len() > 1 || (counted && words.len() > 1))
                }) {
                    match YEARS.contains(&n) {
                        true => title.years.push(n),
                        false => title.marks.push(format!("#{n}")),
                    }
                    continue;
                }
                if is_stop(&folded, lang) || is_part(&folded) {
                    continue;
                }
                if let Some(class) = class(&folded) {
                    title.marks.push(class.to_owned());
                    continue;
                }
                let letters = folded.chars().count();
                let code = folded.bytes().any(|b| b.is_ascii_digit());
                if code || (letters == 1 && folded.is_ascii()) {
                    title.marks.push(folded);
                    continue;
                }
                // What follows a year span: « 2019-20 ».
                let into = match after && !(title.main.is_empty() && neutral.0.is_empty()) {
                    true => (&mut title.rest, &mut neutral.1),
                    false => (&mut title.main, &mut neutral.0),
                };
                match is_neutral(&folded) {
                    true => into.1.push(folded),
                    false => into.0.push(singular(&folded, lang)),
                }
            }
        }
        // « Notes de cours » has no other words.
        if title.main.is_empty() && title.rest.is_empty() {
            title.main = neutral.0;
            title.rest = neutral.1;
        } else if title.main.is_empty() {
            // « Cours : algèbre »
            title.main = std::mem::take(&mut title.rest);
        }
        title.main.truncate(MAX_WORDS);
        title.rest.truncate(MAX_WORDS);
        title.marks.sort();
        title.marks.dedup();
        title.years.sort_unstable();
        title.years.dedup();
        title
    }

    /// All words that count.
    pub(super) fn words(&self) -> impl Iterator<Item = &String> {
        self.main.iter().chain(&self.rest)
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.main.len() + self.rest.len()
    }

    /// Whether numbers, kinds and levels are the same, and no year contradicts.
    pub(super) fn same_marks(&self, other: &Title) -> bool {
        let years = self.years.is_empty() || other.years.is_empty() || self.years == other.years;
        self.marks == other.marks && years
    }

    /// Whether the words may be as alike as titles that are nearly the same. False tells that each has a word that the other
    /// has not, and then they are not ([`LOST_AND_MORE`]): found by the first letters, which no slip changes, for a hundredth
    /// of what [`Title::alike`] takes.
    pub(super) fn may_be_near(&self, other: &Title) -> bool {
        let (a, b) = (Letters::of(self.words()), Letters::of(other.words()));
        let cut = |whole: Letters, short: &Title| {
            short.is_cut() && !whole.is_apart(Letters::of(short.main.iter()))
        };
        !a.is_apart(b) || cut(a, other) || cut(b, self)
    }

    /// Whether it is compared up to its colon too. A title of one word before a colon is the name of a field.
    fn is_cut(&self) -> bool {
        self.main.len() >= 2 && !self.rest.is_empty()
    }

    /// How alike the words are: both whole, or the one whole and the other up to its colon.
    pub(super) fn alike(&self, other: &Title) -> Alike {
        let all = |t: &Title| t.words().cloned().collect::<Vec<_>>();
        let (a, b) = (all(self), all(other));
        let whole = share(&a, &b);
        let cut =
            |whole: &[String], short: &Title| short.is_cut().then(|| share(whole, &short.main));
        let mut best = whole;
        for mut part in [cut(&a, other), cut(&b, self)].into_iter().flatten() {
            // Without the subtitle it is a little less certain.
            part.share *= 0.95;
            if part.share > best.share {
                best = part;
            }
        }
        best
    }
}

/// The first letters of words, as bits.
#[derive(Clone, Copy, Default)]
struct Letters {
    /// Of all words.
    all: u64,
    /// Of those whose absence counts.
    long: u64,
}

impl Letters {
    fn of<'a>(words: impl Iterator<Item = &'a String>) -> Self {
        let mut letters = Self::default();
        for word in words {
            // Two letters may share a bit: then two words are taken for alike that are not.
            let bit = word.chars().next().map_or(0, |c| 1 << (u32::from(c) % 64));
            letters.all |= bit;
            if counts(word) {
                letters.long |= bit;
            }
        }
        letters
    }

    /// Whether each side has a word that counts and that cannot be one of the other's.
    fn is_apart(self, other: Self) -> bool {
        self.long & !other.all != 0 && other.long & !self.all != 0
    }
}

/// Whether it counts that a title has a word and the other has not.
fn counts(word: &str) -> bool {
    word.chars().nth(3).is_some()
}

/// The weight of a word: long ones say more.
fn weight(word: &str) -> f32 {
    let letters = word.chars().count().clamp(1, 10);
    letters as f32
}

/// The share of the words, by weight, that two titles have in common.
fn share(a: &[String], b: &[String]) -> Alike {
    let total: f32 = a.iter().chain(b).map(|w| weight(w)).sum();
    if a.is_empty() || b.is_empty() {
        return Alike::default();
    }
    let mut left: Vec<Option<&String>> = b.iter().map(Some).collect();
    let mut common = 0.0;
    let mut unmatched: Vec<&String> = Vec::new();
    for word in a {
        let same = left.iter_mut().find(|other| **other == Some(word));
        match same {
            Some(found) => {
                *found = None;
                common += 2.0 * weight(word);
            }
            None => unmatched.push(word),
        }
    }
    let mut slipped = 0;
    let mut lost = 0;
    for word in unmatched {
        let near = left.iter_mut().find_map(|other| {
            let far = slips(word, other.as_ref()?)?;
            Some((far, other))
        });
        match near {
            Some((far, other)) => {
                let both = weight(word) + other.take().map_or(0.0, |w| weight(w));
                common += both * (1.0 - 0.05 * far as f32);
                slipped += 1;
            }
            None => lost += usize::from(counts(word)),
        }
    }
    let more = left.iter().flatten().filter(|word| counts(word)).count();
    let mut share = common / total;
    // One word instead of another is another subject, however long the title is.
    if lost > 0 && more > 0 {
        share *= LOST_AND_MORE;
    }
    // One slip in four words; a title with more is another one.
    if slipped > 1 + a.len() / 4 {
        share *= 0.8;
    }
    Alike {
        share,
        slips: slipped > 0,
    }
}

/// The parts of a title, and whether each comes after a separator.
fn segments(text: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut after = false;
    while !rest.is_empty() {
        let found = rest.char_indices().find(|(at, c)| {
            let alone = || {
                let spaced = |c: Option<char>| c.is_none_or(char::is_whitespace);
                spaced(rest[..*at].chars().next_back())
                    && spaced(rest[at + c.len_utf8()..].chars().next())
            };
            match c {
                ':' | '(' | ')' | '[' | ']' | ';' | '|' | '–' | '—' | '?' | '!' | '«' | '»' => {
                    true
                }
                '.' => rest[at + 1..].starts_with(char::is_whitespace) && *at > 3,
                '-' | '/' => alone(),
                _ => false,
            }
        });
        let (part, next) = match found {
            Some((at, c)) => (&rest[..at], &rest[at + c.len_utf8()..]),
            None => (rest, ""),
        };
        if !part.trim().is_empty() {
            parts.push((after, part));
        }
        after = true;
        rest = next;
    }
    parts
}

/// The words of a text, and whether an apostrophe follows each.
fn split(text: &str) -> Vec<(&str, bool)> {
    use unicode_normalization::char::is_combining_mark;
    let inside = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let mut words = Vec::new();
    let mut begin = None;
    for (at, c) in text.char_indices() {
        match (inside(c), begin) {
            (true, None) => begin = Some(at),
            (false, Some(from)) => {
                words.push((&text[from..at], matches!(c, '\'' | '’')));
                begin = None;
            }
            _ => {}
        }
    }
    if let Some(from) = begin {
        words.push((&text[from..], false));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str) -> Title {
        Title::of("fr", text)
    }

    #[test]
    fn marks_are_set_apart_from_words() {
        let t = title("Cours d’algèbre linéaire, tome II : exercices corrigés (L2, 2019)");
        assert_eq!(t.main, ["algebre", "lineaire"]);
        assert_eq!(t.rest, [""; 0]);
        assert_eq!(t.marks, ["#2", "corrections", "exercises", "l2"]);
        assert_eq!(t.years, [2019]);
        let t = title("Histoire de France au XIXe siècle");
        assert_eq!(t.marks, ["#19"]);
        let t = title("Programmation en C");
        assert_eq!(t.marks, ["c"]);
        assert_eq!(title("Notes de cours").main, ["notes", "cours"]);
        assert_eq!(title("Cours : analyse").main, ["analyse"]);
    }

    #[test]
    fn near_titles_are_alike_and_others_are_not() {
        let near = [
            ("Algèbre linéaire", "ALGEBRE LINEAIRE"),
            ("Algèbre linéaire", "Cours d’algèbre linéaire"),
            ("Équations différentielles", "Equation différentielle"),
            ("La thermodynamique appliquée", "Thermodinamique appliquée"),
            (
                "Droit d’auteur et Internet : guide",
                "Droit d’auteur et Internet",
            ),
        ];
        for (a, b) in near {
            let (a, b) = (title(a), title(b));
            assert!(a.alike(&b).share >= 0.88, "{a:?} {b:?} {:?}", a.alike(&b));
            assert!(a.same_marks(&b), "{a:?} {b:?}");
        }
        let far = [
            ("Cours de microéconomie", "Cours de macroéconomie"),
            (
                "Introduction à la thermodynamique",
                "Introduction à la mécanique",
            ),
            ("Astronomie pratique", "Gastronomie pratique"),
            ("Algèbre : groupes et anneaux", "Algèbre"),
            (
                "Analyse réelle pour la licence de mathématiques",
                "Analyse complexe pour la licence de mathématiques",
            ),
        ];
        for (a, b) in far {
            let (a, b) = (title(a), title(b));
            assert!(a.alike(&b).share < 0.88, "{a:?} {b:?} {:?}", a.alike(&b));
        }
        for (a, b) in [
            ("Analyse 1", "Analyse 2"),
            ("Analyse, première partie", "Analyse, deuxième partie"),
            ("Chimie organique : TD", "Chimie organique : TP"),
            ("Python pour débutants", "Python avancé"),
            ("Annales 2018", "Annales 2019"),
        ] {
            assert!(!title(a).same_marks(&title(b)), "{a} {b}");
        }
    }

    #[test]
    fn what_is_near_may_be_near() {
        let parts = [
            "Algèbre",
            "linéaire",
            "Algébre",
            "linéaires",
            "pour",
            "les",
            "nuls",
            "élan",
            "Elan",
            "groupe",
            "groupes",
            ":",
            "(",
            "des",
            "anneaux",
            "anneau",
            "Ünal",
            "réseaux",
            "art",
            "arts",
        ];
        // Numbers of a generator: the same run every time.
        let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
        let mut below = |n: usize| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            (dice % n as u64) as usize
        };
        let mut some = || {
            let words: Vec<&str> = (0..=below(5)).map(|_| parts[below(parts.len())]).collect();
            title(&words.join(" "))
        };
        let (mut near, mut far) = (0, 0);
        for _ in 0..20_000 {
            let (a, b) = (some(), some());
            let is_near = a.alike(&b).share >= LOST_AND_MORE + 0.001;
            near += usize::from(is_near);
            far += usize::from(!a.may_be_near(&b));
            assert!(!is_near || a.may_be_near(&b), "{a:?} {b:?}");
        }
        assert!(near > 100 && far > 1_000, "{near} {far}");
    }

    #[test]
    fn any_text_can_be_taken_apart() {
        for text in [
            "",
            "…",
            "’’’",
            "(",
            "É",
            "\u{301}",
            "I",
            "A",
            "日本語の教科書",
            "-- --",
            "1.",
            "2019-2020",
            "C++",
        ] {
            let t = Title::of("und", text);
            assert!(t.len() <= 2 * MAX_WORDS);
        }
        assert_eq!(
            Title::of("und", "Le C++ moderne").main,
            ["cplusplu", "moderne"]
        );
    }
}
