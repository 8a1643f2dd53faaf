//! Dates as databases, catalogues and people write them, in French and English, as the model writes them. What could be
//! two days is not read.

use commun_specs::metadata::is_date;

/// Names of months.
const MONTHS: [(&str, &str); 12] = [
    ("janvier", "january"),
    ("fevrier", "february"),
    ("mars", "march"),
    ("avril", "april"),
    ("mai", "may"),
    ("juin", "june"),
    ("juillet", "july"),
    ("aout", "august"),
    ("septembre", "september"),
    ("octobre", "october"),
    ("novembre", "november"),
    ("decembre", "december"),
];

/// What catalogues write before a year: of copyright, of legal deposit, of printing.
const BEFORE: [&str; 7] = ["copyright", "cop.", "cop", "dl", "impr.", "©", "c"];

/// `2021-04-09 16:20:11`, `2024-09-01T08:00:00` (no zone: UTC), `2024-09-01T08:00`, `20240901`, `2024/09/01`, `01/09/2024` (days come first, as in
/// French; only where the day cannot be a month is the order certain, so others are not read), `2019-00-00` (what is not
/// known is nought in databases), `2012-03-12+01:00`, `12 mars 2012`, `cop. 2004`.
pub fn date(text: &str) -> Option<String> {
    let text = text.trim();
    if is_date(text) {
        return Some(text.to_owned());
    }
    let spaced = with_seconds(&text.replacen(' ', "T", 1));
    let tried = [
        spaced.clone(),
        format!("{spaced}Z"),
        match is_school_year(text) {
            true => String::new(),
            false => text.replace('/', "-"),
        },
        with_colon(&spaced),
    ];
    if let Some(good) = tried.into_iter().find(|t| is_date(t)) {
        return Some(good);
    }
    let made = [
        basic,
        with_noughts,
        with_zone,
        in_digits,
        spoken,
        of_catalogue,
    ];
    made.into_iter()
        .find_map(|read| read(text))
        .filter(|date| is_date(date))
}

/// `2024-09-01T08`, `2024-09-01T08:30+01:00`, as LOM and W3CDTF allow: what is not said of the hour is nought.
fn with_seconds(text: &str) -> String {
    let Some((day, moment)) = text.split_once('T').filter(|(day, _)| day.len() == 10) else {
        return text.to_owned();
    };
    let at = moment.find(['Z', '+', '-']).unwrap_or(moment.len());
    let (clock, zone) = moment.split_at(at);
    let rest = match clock.len() {
        2 => ":00:00",
        5 => ":00",
        _ => "",
    };
    format!("{day}T{clock}{rest}{zone}")
}

/// `2011/12`: from one year to the next, or a month.
fn is_school_year(text: &str) -> bool {
    let Some((from, to)) = text.split_once('/') else {
        return false;
    };
    let (from, to): (Result<u16, _>, Result<u16, _>) = (from.parse(), to.parse());
    matches!((from, to), (Ok(from), Ok(to)) if (from + 1) % 100 == to)
}

/// `20240901`, `20240901T081500Z`.
fn basic(text: &str) -> Option<String> {
    let (day, clock) = text.split_once('T').unwrap_or((text, ""));
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(day, 8) {
        return None;
    }
    let day = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
    let clock = match clock.strip_suffix('Z').unwrap_or(clock) {
        "" => return Some(day),
        clock if digits(clock, 6) => clock,
        _ => return None,
    };
    Some(format!(
        "{day}T{}:{}:{}Z",
        &clock[..2],
        &clock[2..4],
        &clock[4..]
    ))
}

/// `2019-00-00`, `2019-05-00 00:00:00`.
fn with_noughts(text: &str) -> Option<String> {
    let day = text.split(['T', ' ']).next()?;
    let bare = day.strip_suffix("-00")?;
    (!bare.starts_with("0000")).then_some(())?;
    Some(bare.strip_suffix("-00").unwrap_or(bare).to_owned())
}

/// `2012-03-12Z`, `2012-03-12+01:00`: a day of XML Schema.
fn with_zone(text: &str) -> Option<String> {
    let (day, zone) = (text.get(..10)?, text.get(10..)?);
    let zoned = zone == "Z" || (zone.len() == 6 && zone.starts_with(['+', '-']));
    (zoned && is_date(&format!("{day}T00:00:00{zone}"))).then(|| day.to_owned())
}

/// `2012-3-5`, `31/12/2024`, `24.09.2019`, `1/1/2012`.
fn in_digits(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
    let number = |text: &str| {
        let short = (1..=2).contains(&text.len());
        text.parse::<u8>().ok().filter(|_| short)
    };
    match parts[..] {
        [y, m, d] if y.len() == 4 => Some(format!("{y}-{:02}-{:02}", number(m)?, number(d)?)),
        [d, m, y] if y.len() == 4 => {
            let (day, month) = (number(d)?, number(m)?);
            (day > 12 || day == month).then(|| format!("{y}-{month:02}-{day:02}"))
        }
        _ => None,
    }
}

/// `12 mars 2012`, `1er septembre 2019`, `septembre 2019`, `Mon, 12 Mar 2012 10:00:00 GMT`, `March 12, 2012`.
fn spoken(text: &str) -> Option<String> {
    let words = text
        .split([' ', '\u{a0}', '\u{202f}', ',', '-'])
        .filter(|w| !w.is_empty());
    let words: Vec<&str> = words.take(12).collect();
    let at = words
        .iter()
        .take(3)
        .position(|word| month(word).is_some())?;
    // From one day to another, before a day, until one.
    let is_year = |word: &&&str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    let others = words[at + 1..].iter().any(|word| month(word).is_some());
    if others || words.iter().filter(is_year).count() > 1 {
        return None;
    }
    let first = at.checked_sub(2).map(|at| words[at]);
    if first.is_some_and(|word| !is_weekday(word)) {
        return None;
    }
    let month = month(words[at])?;
    let day = |word: &str| {
        let bare = word.trim_end_matches("er").trim_end_matches("st");
        bare.parse::<u8>().ok().filter(|day| (1..=31).contains(day))
    };
    let year = |at: usize| words.get(at).filter(is_year);
    let before = at.checked_sub(1).and_then(|at| day(words[at]));
    match (before, year(at + 1)) {
        (Some(day), Some(year)) => Some(format!("{year}-{month:02}-{day:02}")),
        (None, Some(year)) if at == 0 => Some(format!("{year}-{month:02}")),
        (None, None) if at == 0 => {
            let (day, year) = (day(words.get(1)?)?, year(2)?);
            Some(format!("{year}-{month:02}-{day:02}"))
        }
        _ => None,
    }
}

/// « le », « lundi », “Mon”: what stands before a day and says nothing else.
fn is_weekday(word: &str) -> bool {
    const WEEKDAYS: [&str; 14] = [
        "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "mon", "tue", "wed", "thu", "fri", "sat",
        "sun",
    ];
    let word = word.to_lowercase();
    word == "le" || WEEKDAYS.iter().any(|day| word.starts_with(day))
}

/// The month that a word names, whole or cut after three letters or more.
fn month(word: &str) -> Option<usize> {
    let word = word.trim_end_matches('.').to_lowercase();
    let word = word.replace('é', "e").replace('û', "u");
    if word.len() < 3 {
        return None;
    }
    let mut found = MONTHS
        .iter()
        .enumerate()
        .filter(|(_, (french, english))| french.starts_with(&*word) || english.starts_with(&*word));
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Some(at + 1),
        // « jui. » may be June or July.
        _ => None,
    }
}

/// `cop. 2004`, `DL 2004`, `[2004]`, `impr. 2004`.
fn of_catalogue(text: &str) -> Option<String> {
    let text = text
        .trim_matches(['[', ']', '(', ')', '.', ' '])
        .to_lowercase();
    let bare = BEFORE.iter().find_map(|word| text.strip_prefix(word));
    let year = bare.unwrap_or(&text).trim_matches(['[', ']', ' ']);
    (year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit())).then(|| year.to_owned())
}

/// A moment whose zone is written without a colon, `+0200`, with one: what ISO 8601 calls basic, and programs print.
fn with_colon(text: &str) -> String {
    let at = text.len().saturating_sub(5);
    match text.get(at..) {
        Some(zone)
            if text.contains('T')
                && zone.starts_with(['+', '-'])
                && zone[1..].bytes().all(|b| b.is_ascii_digit()) =>
        {
            format!("{}:{}", &text[..at + 3], &text[at + 3..])
        }
        _ => text.to_owned(),
    }
}
