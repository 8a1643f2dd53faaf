//! What searches narrow by that no field says as it stands: the form of its files, how long it takes, what is known of its
//! accessibility.

use super::file::FileNote;
use super::view::View;

/// What a range of durations ends at, in minutes, with its id in the vocabulary `duration`; what is longer is the last one.
const RANGES: [(u64, &str); 5] = [
    (10, "up-to-10m"),
    (30, "up-to-30m"),
    (60, "up-to-1h"),
    (120, "up-to-2h"),
    (600, "up-to-10h"),
];
const LONGER: &str = "over-10h";

/// The value of what says nothing about its accessibility.
pub const NOT_CHECKED: &str = "not-checked";
/// The value above all that is said about it.
pub const STATED: &str = "stated";

/// The range of the vocabulary `duration` that a duration in normal form falls into; `None` where it is none, or says nothing.
///
/// ```
/// use commun_specs::metadata::duration_range;
/// assert_eq!(duration_range("PT45M"), Some("up-to-1h"));
/// assert_eq!(duration_range("P14D"), Some("over-10h"));
/// assert_eq!(duration_range("PT0S"), None);
/// ```
pub fn duration_range(duration: &str) -> Option<&'static str> {
    let clock = duration.strip_prefix('P')?;
    let Some(clock) = clock.strip_prefix('T') else {
        // Days and more: nobody works through these in a sitting.
        return (!clock.is_empty()).then_some(LONGER);
    };
    let mut seconds: u64 = 0;
    let mut rest = clock;
    for (unit, worth) in [('H', 3_600), ('M', 60), ('S', 1)] {
        if let Some((count, after)) = rest.split_once(unit) {
            seconds = seconds.saturating_add(count.parse::<u64>().ok()?.saturating_mul(worth));
            rest = after;
        }
    }
    if seconds == 0 || !rest.is_empty() {
        return None;
    }
    let range = RANGES.iter().find(|(minutes, _)| seconds <= minutes * 60);
    Some(range.map_or(LONGER, |(_, id)| id))
}

/// Names of files that stand beside the work, in any format: without their extension, in lower case.
const BESIDE: [&str; 11] = [
    "readme",
    "license",
    "licence",
    "copying",
    "authors",
    "changelog",
    "contributing",
    "notice",
    "citation",
    "metadata",
    "codemeta",
];

/// Formats by extension, where the extension says more than the media type.
const EXTENSIONS: [(&str, &str); 30] = [
    ("h5p", "h5p"),
    ("imscc", "course-package"),
    ("mbz", "course-package"),
    ("ggb", "geogebra"),
    ("ipynb", "notebook"),
    ("tex", "latex"),
    ("typ", "latex"),
    ("epub", "ebook"),
    ("pdf", "pdf"),
    ("ppt", "slides"),
    ("pptx", "slides"),
    ("odp", "slides"),
    ("key", "slides"),
    ("doc", "document"),
    ("docx", "document"),
    ("odt", "document"),
    ("rtf", "document"),
    ("xls", "spreadsheet"),
    ("xlsx", "spreadsheet"),
    ("ods", "spreadsheet"),
    ("md", "page"),
    ("qmd", "page"),
    ("html", "page"),
    ("htm", "page"),
    ("txt", "page"),
    ("csv", "data"),
    ("json", "data"),
    ("zip", "archive"),
    ("gz", "archive"),
    ("7z", "archive"),
];

/// Formats by media type, the beginning of which counts; the first that fits.
const MEDIA_TYPES: [(&str, &str); 34] = [
    ("video/", "video"),
    ("audio/", "audio"),
    ("image/", "image"),
    ("application/pdf", "pdf"),
    ("application/epub", "ebook"),
    ("application/x-ipynb", "notebook"),
    ("application/vnd.geogebra", "geogebra"),
    ("application/vnd.ims", "course-package"),
    ("application/vnd.oasis.opendocument.presentation", "slides"),
    (
        "application/vnd.openxmlformats-officedocument.presentationml",
        "slides",
    ),
    ("application/vnd.ms-powerpoint", "slides"),
    ("application/vnd.oasis.opendocument.text", "document"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml",
        "document",
    ),
    ("application/msword", "document"),
    ("application/rtf", "document"),
    (
        "application/vnd.oasis.opendocument.spreadsheet",
        "spreadsheet",
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml",
        "spreadsheet",
    ),
    ("application/vnd.ms-excel", "spreadsheet"),
    ("application/x-tex", "latex"),
    ("text/x-tex", "latex"),
    ("text/x-typst", "latex"),
    ("text/markdown", "page"),
    ("text/html", "page"),
    ("application/xhtml", "page"),
    ("text/plain", "page"),
    ("text/asciidoc", "page"),
    ("text/x-rst", "page"),
    ("text/csv", "data"),
    ("text/tab-separated-values", "data"),
    ("application/json", "data"),
    ("application/zip", "archive"),
    ("application/gzip", "archive"),
    ("text/x-", "code"),
    ("non-digital", "non-digital"),
];

/// Media types that begin as code does and are none: parts of something else.
const PARTS: [&str; 3] = ["text/x-subrip", "text/x-bibtex", "text/x-toml"];

/// The format of the vocabulary `format` that a file has; `None` for parts of something else (styles, subtitles) and for
/// what is not known.
fn format(path: &str, media_type: &str) -> Option<&'static str> {
    let extension = path.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
    let by_name = EXTENSIONS
        .iter()
        .find(|(known, _)| extension.as_deref() == Some(*known));
    if let Some((_, id)) = by_name {
        return Some(id);
    }
    let media_type = media_type.to_ascii_lowercase();
    if PARTS.contains(&media_type.as_str()) {
        return None;
    }
    let by_type = MEDIA_TYPES
        .iter()
        .find(|(begin, _)| media_type.starts_with(begin));
    by_type.map(|(_, id)| *id)
}

fn stands_beside(file: &FileNote) -> bool {
    let name = file
        .path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    stem.is_empty() || BESIDE.contains(&stem)
}

impl View {
    /// The ids of its formats in the vocabulary `format`: of the files, as far as these are the work and not beside it, and of
    /// what the record says of the whole. Pictures count where there is nothing that they illustrate.
    pub fn format_ids(&self) -> Vec<&'static str> {
        let of_files = |all: bool| -> Vec<&'static str> {
            let files = self.files.iter().filter(|file| all || !stands_beside(file));
            let formats = files.filter_map(|file| {
                let path = file
                    .url
                    .as_deref()
                    .filter(|_| file.path.is_empty())
                    .unwrap_or(&file.path);
                format(path, &file.media_type)
            });
            formats.collect()
        };
        let mut ids = of_files(false);
        if ids.is_empty() {
            ids = of_files(true);
        }
        ids.extend(self.formats.iter().filter_map(|kind| format("", kind)));
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > 1 {
            ids.retain(|id| *id != "image");
        }
        ids
    }

    /// How long it takes: to work through, else to play.
    pub fn how_long(&self) -> Option<&str> {
        let times = [&self.learning_time, &self.duration];
        times.into_iter().find_map(|time| time.as_deref())
    }

    /// What its metadata say of accessibility: [`NOT_CHECKED`], or [`STATED`] with the ids of what helps and of what it can be
    /// steered with (vocabularies `accessibility-feature`, `accessibility-control`).
    pub fn accessibility_ids(&self) -> Vec<String> {
        let says = |id: &&String| !matches!(id.as_str(), "unknown" | "none");
        let helps = self.accessibility_features.iter().filter(says);
        let mut ids: Vec<String> = helps.chain(&self.accessibility_controls).cloned().collect();
        let more = !self.accessibility_modes.is_empty()
            || !self.accessibility_sufficient.is_empty()
            || self
                .accessibility_hazards
                .iter()
                .any(|id| !id.starts_with("unknown"))
            || self.accessibility_features.iter().any(|id| id == "none")
            || !self.accessibility_summaries.is_empty()
            || !self.accessibility_checks.is_empty();
        if ids.is_empty() && !more {
            return vec![NOT_CHECKED.to_owned()];
        }
        ids.push(STATED.to_owned());
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::{Scheme, find};

    fn with_files(files: &[(&str, &str)]) -> View {
        let note = |(path, media_type): &(&str, &str)| FileNote {
            path: (*path).to_owned(),
            media_type: (*media_type).to_owned(),
            ..FileNote::default()
        };
        View {
            files: files.iter().map(note).collect(),
            ..View::default()
        }
    }

    #[test]
    fn files_are_what_people_call_them() {
        for (files, formats) in [
            (
                &[
                    ("cours.pdf", "application/pdf"),
                    ("README.md", "text/markdown"),
                ][..],
                &["pdf"][..],
            ),
            (
                &[("README.md", "text/markdown"), ("LICENSE", "text/plain")],
                &["page"],
            ),
            (&[("quiz.h5p", "application/zip")], &["h5p"]),
            (
                &[
                    ("a.html", "text/html"),
                    ("a.css", "text/css"),
                    ("b.png", "image/png"),
                ],
                &["page"],
            ),
            (
                &[("b.png", "image/png"), ("README.md", "text/markdown")],
                &["image"],
            ),
            (
                &[
                    ("film.mp4", "video/mp4"),
                    ("film.vtt", "text/vtt"),
                    ("film.srt", "text/x-subrip"),
                ],
                &["video"],
            ),
            (
                &[
                    ("tp.ipynb", "application/x-ipynb+json"),
                    ("x.csv", "text/csv"),
                ],
                &["data", "notebook"],
            ),
            (&[("main.rs", "text/x-rust")], &["code"]),
            (&[("chose.xyz", "application/octet-stream")], &[]),
            (&[], &[]),
        ] {
            assert_eq!(with_files(files).format_ids(), formats, "{files:?}");
        }
        let paper = View {
            formats: vec!["non-digital".to_owned(), "application/pdf".to_owned()],
            ..View::default()
        };
        assert_eq!(paper.format_ids(), ["non-digital", "pdf"]);
    }

    #[test]
    fn every_format_and_range_is_in_its_vocabulary() {
        let formats = EXTENSIONS.iter().chain(&MEDIA_TYPES).map(|(_, id)| id);
        for id in formats {
            assert!(find(Scheme::Format, id).is_some(), "{id}");
        }
        for id in RANGES.iter().map(|(_, id)| *id).chain([LONGER]) {
            assert!(find(Scheme::Duration, id).is_some(), "{id}");
        }
        for id in [NOT_CHECKED, STATED] {
            assert!(find(Scheme::Accessibility, id).is_some(), "{id}");
        }
    }

    #[test]
    fn durations_fall_into_ranges() {
        for (duration, range) in [
            ("PT10M", Some("up-to-10m")),
            ("PT10M1S", Some("up-to-30m")),
            ("PT1H", Some("up-to-1h")),
            ("PT10H", Some("up-to-10h")),
            ("PT10H1S", Some("over-10h")),
            ("P1DT2H", Some("over-10h")),
            ("PT18446744073709551615H", Some("over-10h")),
            ("PT99999999999999999999H", None),
            ("P", None),
            ("PT", None),
            ("soon", None),
        ] {
            assert_eq!(duration_range(duration), range, "{duration}");
        }
    }

    #[test]
    fn what_says_nothing_of_accessibility_was_not_checked() {
        let mut view = View::default();
        assert_eq!(view.accessibility_ids(), ["not-checked"]);
        view.accessibility_features = vec!["unknown".to_owned()];
        assert_eq!(view.accessibility_ids(), ["not-checked"]);
        view.accessibility_features = vec!["none".to_owned()];
        assert_eq!(view.accessibility_ids(), ["stated"]);
        view.accessibility_features = vec!["captions".to_owned()];
        assert_eq!(view.accessibility_ids(), ["captions", "stated"]);
    }
}
