//! Times as people write and read them.

/// The seconds in a time such as `30d`, `12h`, `15m` or `90s`.
pub fn seconds(text: &str) -> Result<u64, String> {
    let expected = || "a time is written as a number with d, h, m or s, such as 30d".to_owned();
    let (number, unit) = text
        .char_indices()
        .last()
        .map(|(at, unit)| (&text[..at], unit))
        .ok_or_else(expected)?;
    let unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(expected()),
    };
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = number
        .parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(expected)?;
    match number.checked_mul(unit) {
        Some(0) => Err("a time is a second at least".to_owned()),
        Some(seconds) => Ok(seconds),
        None => Err(expected()),
    }
}

/// A time as its day and minute in UTC: `2026-11-22 04:30`.
pub fn minute(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days to a date of the proleptic Gregorian calendar, counted from 0000-03-01 so that leap days come last.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}",
        rest / 3_600,
        rest % 3_600 / 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        for (text, expected) in [("30d", 2_592_000), ("12h", 43_200), ("15m", 900), ("1s", 1)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for bad in [
            "",
            "d",
            "30",
            "-1d",
            "+1d",
            "1.5h",
            "0m",
            "1w",
            "1é",
            "99999999999999999999d",
        ] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
        assert!(seconds(&format!("{}d", u64::MAX)).is_err());
    }

    #[test]
    fn times_are_written_in_utc() {
        for (time, expected) in [
            (0, "1970-01-01 00:00"),
            (951_782_399, "2000-02-28 23:59"),
            (951_782_400, "2000-02-29 00:00"),
            (951_868_800, "2000-03-01 00:00"),
            (1_795_321_800, "2026-11-22 04:30"),
            (4_107_542_400, "2100-03-01 00:00"),
        ] {
            assert_eq!(minute(time), expected);
        }
    }
}
