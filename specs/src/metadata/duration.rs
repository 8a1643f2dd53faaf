//! Durations, ISO 8601.

use serde_json::Value as Json;

use super::problem::{Report, shorten};
use super::values::line;

/// The most of any unit: a century of minutes.
const MAX_COUNT: u64 = 60_000_000;

/// A duration in normal form (R-07-18): years, months and days as written, weeks as days; hours, minutes and seconds
/// carried over, so that `PT90M` is `PT1H30M`. A day is not 24 hours: nobody studies that long.
///
/// ```
/// use commun_specs::metadata::normalise_duration;
/// assert_eq!(normalise_duration("PT90M").as_deref(), Some("PT1H30M"));
/// assert_eq!(normalise_duration("1h30").as_deref(), Some("PT1H30M"));
/// assert_eq!(normalise_duration("P2W").as_deref(), Some("P14D"));
/// assert_eq!(normalise_duration("soon"), None);
/// ```
pub fn normalise(written: &str) -> Option<String> {
    let text = written.trim().to_ascii_uppercase();
    let (date, time) = match text.strip_prefix('P') {
        Some(rest) => {
            let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
            if time.is_empty() && (date.is_empty() || rest.ends_with('T')) {
                return None;
            }
            (counts(date, "YMWD")?, counts(time, "HMS")?)
        }
        None => (vec![0; 4], spoken(&text)?),
    };
    let (years, months, days) = (date[0], date[1], date[2] * 7 + date[3]);
    let seconds = time[0] * 3600 + time[1] * 60 + time[2];
    let part = |count: u64, unit: char| match count {
        0 => String::new(),
        _ => format!("{count}{unit}"),
    };
    let day = [part(years, 'Y'), part(months, 'M'), part(days, 'D')].concat();
    let clock = [
        part(seconds / 3600, 'H'),
        part(seconds / 60 % 60, 'M'),
        part(seconds % 60, 'S'),
    ]
    .concat();
    Some(match (day.is_empty(), clock.is_empty()) {
        (true, true) => "PT0S".into(),
        (false, true) => format!("P{day}"),
        _ => format!("P{day}T{clock}"),
    })
}

/// The counts of units that stand in this order, each at most once; fractions of a second are rounded.
fn counts(text: &str, units: &str) -> Option<Vec<u64>> {
    let mut counts = vec![0; units.len()];
    let mut rest = text;
    for (at, unit) in units.chars().enumerate() {
        // What comes before the unit; months and minutes share a letter, so the first that fits counts.
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')
            .unwrap_or(rest.len());
        if !rest[end..].starts_with(unit) {
            continue;
        }
        counts[at] = match rest[..end].split_once(['.', ',']) {
            Some((whole, part)) if unit == 'S' => {
                let up = part.starts_with(|c: char| ('5'..='9').contains(&c));
                count(whole)? + u64::from(up)
            }
            Some(_) => return None,
            None => count(&rest[..end])?,
        };
        rest = &rest[end + unit.len_utf8()..];
    }
    rest.is_empty().then_some(counts)
}

fn count(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|count| *count <= MAX_COUNT)
}

/// `1H30`, `2 H`, `45 MIN`, `1:30:00`: hours, minutes, seconds.
fn spoken(text: &str) -> Option<Vec<u64>> {
    if text.contains(':') {
        let parts: Option<Vec<u64>> = text.split(':').map(count).collect();
        return match parts?.as_slice() {
            [hours, minutes] if *minutes < 60 => Some(vec![*hours, *minutes, 0]),
            [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => {
                Some(vec![*hours, *minutes, *seconds])
            }
            _ => None,
        };
    }
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text
        .replace("HEURES", "H")
        .replace("HEURE", "H")
        .replace("HOURS", "H")
        .replace("HOUR", "H");
    let text = text.replace("MINUTES", "M").replace("MINUTE", "M");
    let text = text.replace("MIN", "M");
    if let Some((hours, minutes)) = text.split_once('H')
        && !minutes.is_empty()
        && minutes.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(vec![count(hours)?, count(minutes)?, 0]);
    }
    if !text.ends_with(['H', 'M']) {
        return None;
    }
    counts(&text, "HMS")
}

pub(super) fn duration(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    let normal = normalise(&written);
    if normal.is_none() {
        report.problem(
            at,
            format!("{:?} is not a duration", shorten(&written)),
            "write PT1H30M for an hour and a half",
        );
    }
    normal
}
