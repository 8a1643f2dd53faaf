//! SubRip and WebVTT: what is said, without when.

use super::document::{Document, Properties};
use crate::resource::html::to_text;
use crate::resource::text::decode;

/// The text of the cues; a line that scrolls through two cues is taken once.
pub(super) fn read(bytes: &[u8]) -> Document {
    let text = decode(bytes);
    let mut out = String::new();
    let mut properties = Properties::default();
    let mut last = "";
    for block in text.replace('\r', "").split("\n\n") {
        let head = block.trim_start().lines().next().unwrap_or_default();
        if head.trim_start_matches('\u{feff}').starts_with("WEBVTT") {
            properties.language = block
                .lines()
                .find_map(|line| line.strip_prefix("Language:"))
                .map(|language| language.trim().to_owned());
            continue;
        }
        if ["NOTE", "STYLE", "REGION"]
            .iter()
            .any(|word| head.starts_with(word))
        {
            continue;
        }
        // What stands before the times is the cue's number or name.
        let Some((_, said)) = block.split_once("-->") else {
            continue;
        };
        for line in said.lines().skip(1) {
            out.push_str(&to_text(line));
            out.push('\n');
        }
    }
    let mut once = String::with_capacity(out.len());
    for line in out.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line != last {
            once.push_str(line);
            once.push('\n');
        }
        last = line;
    }
    Document {
        properties,
        ..Document::of(once)
    }
}
