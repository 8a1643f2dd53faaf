//! Dates as precise as they are known.

/// Whether this is a year, a month, a day or an RFC 3339 moment that exists (R-07-08).
///
/// ```
/// use commun_specs::metadata::is_date;
/// assert!(is_date("2024") && is_date("2024-02-29") && is_date("2024-02-29T08:00:00+01:00"));
/// assert!(!is_date("2023-02-29") && !is_date("12/03/2024"));
/// ```
pub fn is_date(text: &str) -> bool {
    let (day, moment) = match text.split_once('T') {
        Some((day, moment)) => (day, Some(moment)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let (year, month, date) = (parts.next(), parts.next(), parts.next());
    if parts.next().is_some() {
        return false;
    }
    let Some(year) = year.and_then(|y| digits(y, 4)) else {
        return false;
    };
    let whole_day = match (month, date) {
        (None, _) => year > 0 && moment.is_none(),
        (Some(month), None) => {
            digits(month, 2).is_some_and(|m| (1..=12).contains(&m)) && moment.is_none()
        }
        (Some(month), Some(date)) => match (digits(month, 2), digits(date, 2)) {
            (Some(month), Some(date)) => (1..=days_in(year, month)).contains(&date),
            _ => false,
        },
    };
    whole_day && moment.is_none_or(is_moment)
}

fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

/// The part after `T`: `hh:mm:ss[.digits](Z|±hh:mm)`.
fn is_moment(text: &str) -> bool {
    let (clock, zone_ok) = match text.strip_suffix('Z') {
        Some(clock) => (clock, true),
        None => match text.rfind(['+', '-']) {
            Some(at) => (&text[..at], is_clock(&text[at + 1..], false)),
            None => (text, false),
        },
    };
    let (clock, fraction_ok) = match clock.split_once('.') {
        Some((clock, fraction)) => (
            clock,
            (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit()),
        ),
        None => (clock, true),
    };
    zone_ok && fraction_ok && is_clock(clock, true)
}

fn is_clock(text: &str, seconds: bool) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let most: &[u32] = if seconds { &[23, 59, 60] } else { &[23, 59] };
    parts.len() == most.len()
        && parts
            .iter()
            .zip(most)
            .all(|(part, most)| digits(part, 2).is_some_and(|n| n <= *most))
}
