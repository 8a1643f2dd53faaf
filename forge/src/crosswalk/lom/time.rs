//! Dates and durations of LOM, with the descriptions that stand beside them.

use commun_specs::metadata::normalise_duration;
use roxmltree::Node;

use super::{dialect::Dialect, read::Reader, write::moment};
use crate::crosswalk::{Texts, draft, xml};

impl Reader {
    /// A date as the model has it.
    pub(super) fn date(&mut self, node: Option<Node<'_, '_>>, path: &str) -> Option<String> {
        let node = node?;
        let inner = xml::child(node, "dateTime");
        for said in xml::children(node, "description") {
            for (_, text) in self.strings(said, path) {
                self.draft.keep(&format!("{path}.description"), &text);
            }
        }
        let text = self.token(inner.unwrap_or(node), path)?;
        if inner.is_none() && node.children().any(|c| c.is_element()) {
            return None;
        }
        let whole = without_fraction(&text);
        let Some(read) = draft::date(&whole) else {
            self.draft.error("not-a-date", path, &text, "");
            self.draft.keep(path, &text);
            return None;
        };
        let zone = text.ends_with('Z') || text.rfind(['+', '-']).is_some_and(|at| at > 10);
        if read != whole {
            self.draft.warn("date-respelt", path, &text, &read);
        } else if read.contains('T') && zone && !text.contains('.') {
            self.draft
                .warn("lom-date-zone", path, &text, &moment(&read));
        }
        Some(read)
    }

    /// A duration as the model has it.
    pub(super) fn duration(&mut self, field: Texts, node: Option<Node<'_, '_>>, path: &str) {
        let Some(node) = node else {
            return;
        };
        for said in xml::children(node, "description") {
            for (_, text) in self.strings(said, path) {
                self.draft.keep(&format!("{path}.description"), &text);
            }
        }
        let inner = xml::child(node, "duration").or_else(|| xml::child(node, "dateTime"));
        if inner.is_none() && node.children().any(|c| c.is_element()) {
            return;
        }
        let Some(text) = self.token(inner.unwrap_or(node), path) else {
            return;
        };
        let span = match self.dialect {
            Dialect::Lrm => of_datetime(&text).unwrap_or_else(|| text.clone()),
            _ => text.clone(),
        };
        match normalise_duration(&span).filter(|_| span.starts_with('P')) {
            Some(read) => {
                let (_, part) = span.split_once(['.', ',']).unwrap_or_default();
                if part.starts_with(|c: char| c.is_ascii_digit())
                    && part.bytes().any(|b| (b'1'..=b'9').contains(&b))
                {
                    self.draft.info("duration-rounded", path, &text, &read);
                }
                self.put(field, read, path);
            }
            None => {
                self.draft.error("lom-duration", path, &text, "PT1H30M");
                self.draft.keep(path, &text);
            }
        }
    }
}

/// The duration that IMS Learning Resource Meta-data 1.2.1 writes as a moment: `0000-00-00T00:45` is `PT45M`.
fn of_datetime(text: &str) -> Option<String> {
    let (day, clock) = text.split_once('T').unwrap_or((text, ""));
    let numbers = |part: &str, sign: char| -> Option<Vec<u32>> {
        let parts = part.split(sign).filter(|part| !part.is_empty());
        let parts: Option<Vec<u32>> = parts.map(|part| part.parse().ok()).collect();
        parts.filter(|parts| parts.len() <= 3)
    };
    let (day, clock) = (numbers(day, '-')?, numbers(clock, ':')?);
    // A year of our era is that of a date.
    if day.len() != 3 || day[0] > 99 {
        return None;
    }
    let said = |numbers: &[u32], units: [char; 3]| -> String {
        let parts = numbers.iter().zip(units).filter(|(number, _)| **number > 0);
        parts
            .map(|(number, unit)| format!("{number}{unit}"))
            .collect()
    };
    let (day, clock) = (said(&day, ['Y', 'M', 'D']), said(&clock, ['H', 'M', 'S']));
    match (day.is_empty(), clock.is_empty()) {
        (true, true) => None,
        (_, true) => Some(format!("P{day}")),
        _ => Some(format!("P{day}T{clock}")),
    }
}

/// A moment without the fraction of zero seconds that the schema of LOM wants before a zone.
fn without_fraction(text: &str) -> String {
    let Some((head, tail)) = text.split_once('.') else {
        return text.to_owned();
    };
    let zone = tail.trim_start_matches('0');
    let zero = tail.starts_with('0') && (zone.is_empty() || zone.starts_with(['Z', '+', '-']));
    match zero {
        true => format!("{head}{zone}"),
        false => text.to_owned(),
    }
}
