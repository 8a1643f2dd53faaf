//! Datestamps: UTC, as fine as a day or a second (protocol, section 3.3).

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// How fine datestamps are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// `YYYY-MM-DD`.
    Day,
    /// `YYYY-MM-DDThh:mm:ssZ`.
    Second,
}

impl Granularity {
    /// As `Identify` declares it.
    pub fn as_str(self) -> &'static str {
        match self {
            Granularity::Day => "YYYY-MM-DD",
            Granularity::Second => "YYYY-MM-DDThh:mm:ssZ",
        }
    }

    /// The granularity that is declared; a day where it is anything else, which every source must take.
    pub fn parse(text: &str) -> Granularity {
        match text.trim() {
            "YYYY-MM-DDThh:mm:ssZ" => Granularity::Second,
            _ => Granularity::Day,
        }
    }

    /// How long a granule is, in seconds.
    pub fn seconds(self) -> u64 {
        match self {
            Granularity::Day => 86_400,
            Granularity::Second => 1,
        }
    }
}

/// A datestamp: the first second that it means, and how fine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds since 1970.
    pub seconds: u64,
    /// How it was written.
    pub granularity: Granularity,
}

impl Stamp {
    /// Reads `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`, nothing else. What is before 1970 counts as 1970.
    pub fn parse(text: &str) -> Option<Stamp> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| -> Option<u16> {
            let part = bytes.get(from..to)?;
            let digits = part.iter().all(u8::is_ascii_digit);
            digits.then(|| text[from..to].parse().ok()).flatten()
        };
        let dashes = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
        let month = Month::try_from(u8::try_from(number(5, 7)?).ok()?).ok()?;
        let day = u8::try_from(number(8, 10)?).ok()?;
        let date = Date::from_calendar_date(i32::from(number(0, 4)?), month, day).ok()?;
        let (time, granularity) = match bytes.len() {
            10 => (Time::MIDNIGHT, Granularity::Day),
            20 => {
                let marks = [(10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
                if marks.iter().any(|(at, mark)| bytes[*at] != *mark) {
                    return None;
                }
                let part = |from| u8::try_from(number(from, from + 2)?).ok();
                let time = Time::from_hms(part(11)?, part(14)?, part(17)?).ok()?;
                (time, Granularity::Second)
            }
            _ => return None,
        };
        let moment = PrimitiveDateTime::new(date, time).assume_utc();
        dashes.then(|| Stamp {
            seconds: moment.unix_timestamp().try_into().unwrap_or(0),
            granularity,
        })
    }

    /// The last second that it means.
    pub fn last(self) -> u64 {
        self.seconds + self.granularity.seconds() - 1
    }

    /// Writes a moment as fine as asked.
    pub fn write(seconds: u64, granularity: Granularity) -> String {
        let most = 253_402_300_799; // the year 9999 ends
        let seconds = i64::try_from(seconds.min(most)).unwrap_or_default();
        let t = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let day = format!("{:04}-{:02}-{:02}", t.year(), u8::from(t.month()), t.day());
        match granularity {
            Granularity::Day => day,
            Granularity::Second => {
                format!("{day}T{:02}:{:02}:{:02}Z", t.hour(), t.minute(), t.second())
            }
        }
    }
}
