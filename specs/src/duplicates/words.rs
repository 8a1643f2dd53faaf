//! Words as they are compared: folded, without those that say nothing, with those that must not be mistaken set apart.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words of a language that say nothing, folded. All that are two letters or fewer are of one of these languages.
const STOP: [(&str, &[&str]); 7] = [
    (
        "fr",
        &[
            "a", "au", "aux", "avec", "ce", "ces", "cette", "d", "dans", "de", "des", "du", "en",
            "et", "l", "la", "le", "les", "leur", "ou", "par", "pour", "qu", "que", "sa", "se",
            "ses", "son", "sur", "un", "une", "vers",
        ],
    ),
    (
        "en",
        &[
            "a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "its", "of", "on",
            "or", "s", "the", "to", "with",
        ],
    ),
    (
        "de",
        &[
            "als", "am", "an", "auf", "aus", "das", "dem", "den", "der", "des", "die", "ein",
            "eine", "einer", "fur", "im", "in", "mit", "und", "von", "zu", "zum", "zur",
        ],
    ),
    (
        "es",
        &[
            "a", "al", "con", "de", "del", "e", "el", "en", "la", "las", "lo", "los", "o", "para",
            "por", "un", "una", "y",
        ],
    ),
    (
        "it",
        &[
            "a", "al", "alla", "con", "da", "dei", "del", "della", "di", "e", "ed", "gli", "i",
            "il", "in", "la", "le", "lo", "nel", "per", "su", "un", "una",
        ],
    ),
    (
        "pt",
        &[
            "a", "ao", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na", "no", "o",
            "os", "para", "por", "um", "uma",
        ],
    ),
    (
        "nl",
        &[
            "aan", "de", "een", "en", "het", "in", "met", "op", "te", "van", "voor",
        ],
    ),
];

/// Words that say only that a number is one of a part or an edition: « tome 2 » and « volume 2 » are the same.
const PARTS: [&str; 27] = [
    "auflage", "ausgabe", "band", "capitulo", "chap", "chapitre", "chapter", "ed", "edition",
    "editions", "no", "num", "numero", "nr", "part", "parte", "partie", "parties", "teil", "tom",
    "tome", "tomo", "vol", "volume", "volumen", "revised", "revue",
];

/// Words that say that a text teaches; with and without them it is the same text.
const NEUTRAL: [&str; 17] = [
    "cours",
    "course",
    "courses",
    "lecture",
    "lectures",
    "polycopie",
    "poly",
    "notes",
    "support",
    "manuel",
    "handbook",
    "textbook",
    "livre",
    "book",
    "vorlesung",
    "curso",
    "corso",
];

/// What sort of document it is, and for whom: a class that both titles must have, or neither.
const CLASSES: [(&str, &[&str]); 11] = [
    (
        "exercises",
        &[
            "exercice",
            "exercices",
            "exercise",
            "exercises",
            "td",
            "tds",
            "ubungen",
            "ejercicios",
            "esercizi",
            "problems",
            "problemes",
            "worksheet",
            "worksheets",
        ],
    ),
    (
        "practicals",
        &["tp", "tps", "practical", "practicals", "lab", "labs"],
    ),
    (
        "corrections",
        &[
            "corrige",
            "corriges",
            "correction",
            "corrections",
            "solution",
            "solutions",
            "losungen",
            "soluciones",
            "answers",
        ],
    ),
    (
        "exams",
        &[
            "examen", "examens", "exam", "exams", "annales", "partiel", "partiels", "concours",
            "sujets", "sujet",
        ],
    ),
    ("quizzes", &["quiz", "qcm", "quizzes", "mcq"]),
    (
        "slides",
        &[
            "slides",
            "diapositives",
            "diaporama",
            "transparents",
            "folien",
            "diapos",
        ],
    ),
    (
        "videos",
        &["video", "videos", "podcast", "podcasts", "audio"],
    ),
    (
        "teachers",
        &[
            "enseignant",
            "enseignants",
            "teacher",
            "teachers",
            "instructor",
            "instructors",
            "formateur",
            "formateurs",
        ],
    ),
    (
        "beginners",
        &[
            "debutant",
            "debutants",
            "debutante",
            "debutantes",
            "beginner",
            "beginners",
            "elementaire",
            "elementary",
            "anfanger",
        ],
    ),
    (
        "advanced",
        &[
            "avance",
            "avances",
            "avancee",
            "avancees",
            "advanced",
            "approfondi",
            "approfondie",
            "approfondis",
            "perfectionnement",
            "fortgeschrittene",
            "avanzado",
        ],
    ),
    (
        "intermediate",
        &[
            "intermediaire",
            "intermediaires",
            "intermediate",
            "intermedio",
        ],
    ),
];

/// Numbers as words.
const ORDINALS: [(&str, u32); 34] = [
    ("premier", 1),
    ("premiere", 1),
    ("first", 1),
    ("erste", 1),
    ("erster", 1),
    ("primera", 1),
    ("prima", 1),
    ("deuxieme", 2),
    ("second", 2),
    ("seconde", 2),
    ("zweite", 2),
    ("zweiter", 2),
    ("segunda", 2),
    ("seconda", 2),
    ("troisieme", 3),
    ("third", 3),
    ("dritte", 3),
    ("dritter", 3),
    ("tercera", 3),
    ("terza", 3),
    ("quatrieme", 4),
    ("fourth", 4),
    ("vierte", 4),
    ("cinquieme", 5),
    ("fifth", 5),
    ("sixieme", 6),
    ("sixth", 6),
    ("septieme", 7),
    ("seventh", 7),
    ("huitieme", 8),
    ("eighth", 8),
    ("neuvieme", 9),
    ("ninth", 9),
    ("dixieme", 10),
];

/// Beginnings that turn a word into its opposite or neighbour: a slip of the pen does not.
const OPPOSITES: [(&str, &str); 9] = [
    ("micro", "macro"),
    ("hypo", "hyper"),
    ("intra", "inter"),
    ("endo", "exo"),
    ("mono", "poly"),
    ("pre", "post"),
    ("sub", "sur"),
    ("inf", "sup"),
    ("uni", "bi"),
];

/// Lower case, without accents, ligatures apart.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd() {
        if is_combining_mark(c) {
            continue;
        }
        for c in c.to_lowercase() {
            match c {
                'œ' => out.push_str("oe"),
                'æ' => out.push_str("ae"),
                'ß' => out.push_str("ss"),
                'ø' => out.push('o'),
                'ł' => out.push('l'),
                'đ' => out.push('d'),
                'ı' => out.push('i'),
                c if is_combining_mark(c) => {}
                c => out.push(c),
            }
        }
    }
    out
}

/// The primary part of a language tag.
pub(super) fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// Whether a folded word says nothing in a language; in an unknown one, whether it says nothing in any.
pub(super) fn is_stop(word: &str, lang: &str) -> bool {
    let lang = primary(lang);
    match STOP.iter().find(|(known, _)| *known == lang) {
        Some((_, list)) => list.contains(&word),
        None => STOP.iter().any(|(_, list)| list.contains(&word)),
    }
}

pub(super) fn is_part(word: &str) -> bool {
    PARTS.contains(&word)
}

pub(super) fn is_neutral(word: &str) -> bool {
    NEUTRAL.contains(&word)
}

pub(super) fn class(word: &str) -> Option<&'static str> {
    let mut classes = CLASSES.iter();
    classes
        .find(|(_, list)| list.contains(&word))
        .map(|(class, _)| *class)
}

/// The number that a folded word is: `12`, `2e`, `3rd`, `premier`.
pub(super) fn number(word: &str) -> Option<u32> {
    if let Some((_, n)) = ORDINALS.iter().find(|(name, _)| *name == word) {
        return Some(*n);
    }
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, end) = word.split_at(digits);
    let ends = [
        "", "e", "er", "re", "ere", "eme", "ieme", "nd", "nde", "st", "rd", "th", "o", "a",
    ];
    // More than nine digits are no number that anybody counts with.
    (digits > 0 && digits < 10 && ends.contains(&end))
        .then(|| number.parse().ok())
        .flatten()
}

/// The number that Roman capitals write, up to 39; `XIXe` too.
pub(super) fn roman(word: &str) -> Option<u32> {
    let capitals = word.bytes().take_while(|b| b"IVX".contains(b)).count();
    let (number, end) = word.split_at(capitals);
    if capitals == 0 || !["", "e", "er", "re", "ème", "eme"].contains(&end) {
        return None;
    }
    let tens = number.bytes().take_while(|b| *b == b'X').count();
    let units = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    // `IX` begins with no ten, `XIX` with one.
    let unit = units.iter().position(|unit| *unit == &number[tens..])?;
    let value = u32::try_from(tens * 10 + unit).ok()?;
    (tens <= 3 && value > 0).then_some(value)
}

/// A folded word without the end of its plural.
pub(super) fn singular(word: &str, lang: &str) -> String {
    let long = word.chars().count() > 4;
    let lang = primary(lang);
    let cut = match lang {
        "de" | "nl" => None,
        "en" => word
            .strip_suffix('s')
            .filter(|rest| !rest.ends_with(['s', 'u', 'i'])),
        "fr" => word
            .strip_suffix(['s', 'x'])
            .filter(|rest| !rest.ends_with('s')),
        _ => word.strip_suffix('s').filter(|rest| !rest.ends_with('s')),
    };
    cut.filter(|_| long).unwrap_or(word).to_owned()
}

/// Whether two folded words may be the same with slips of the pen, and how many: none in short words, one from five
/// letters, two from ten; never in the first letter.
pub(super) fn slips(a: &str, b: &str) -> Option<usize> {
    if a == b {
        return Some(0);
    }
    let (la, lb) = (a.chars().count(), b.chars().count());
    let short = la.min(lb);
    let allowed = match short {
        0..5 => return None,
        5..10 => 1,
        _ => 2,
    };
    if la.abs_diff(lb) > allowed || a.chars().next() != b.chars().next() || opposite(a, b) {
        return None;
    }
    Some(crate::vocab::distance(a, b)).filter(|far| *far <= allowed)
}

fn opposite(a: &str, b: &str) -> bool {
    OPPOSITES.iter().any(|(one, other)| {
        (a.starts_with(one) && b.starts_with(other)) || (a.starts_with(other) && b.starts_with(one))
    })
}
