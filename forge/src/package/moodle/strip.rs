//! The copy of a backup that holds nobody's data.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, Write};

use serde_json::Value as Json;
use thiserror::Error;

use super::files::{self, Author, Kept};
use super::filter::{Children, Fate, FilterError, Judge, Looked, filter};
use super::pack::{Pack, copy};
use super::rules::{self, File};
use crate::crosswalk::xml;
use crate::package::archive::{Archive, ArchiveError};
use crate::problem::{Problem, Severity};

/// The most lines of a report; a course of a thousand activities has some dozen.
const MAX_LINES: usize = 300;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stripped {
    /// Files of the backup that the copy has, whole or in part.
    pub files: usize,
    /// Files that it does not have.
    pub left_out: usize,
    /// What was taken out, and why: a line per place and kind.
    pub problems: Vec<Problem>,
}

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum StripError {
    /// The backup cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The copy cannot be written.
    #[error("the copy could not be written")]
    Io(#[from] io::Error),
    /// A file of the backup is not as Moodle writes it, so that nobody can say what is in it.
    #[error("{path}: {what}")]
    Malformed {
        /// Which file.
        path: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// It is no backup.
    #[error("this is no Moodle backup")]
    NotABackup,
}

impl StripError {
    /// The error as a line of a report.
    pub fn problem(&self) -> Problem {
        match self {
            StripError::Archive(cause) => *crate::package::refused(cause),
            StripError::Io(cause) => {
                let given = cause.to_string();
                Problem::new(Severity::Error, "archive-unreadable", "", &given, "")
            }
            StripError::Malformed { path, what } => {
                Problem::new(Severity::Error, "moodle-part", path, what, "")
            }
            StripError::NotABackup => {
                let wanted = "moodle_backup.xml";
                Problem::new(Severity::Error, "package-no-manifest", "", "", wanted)
            }
        }
    }

    fn of(path: &str, fault: FilterError) -> StripError {
        match fault {
            FilterError::Io(cause) => ArchiveError::from(cause).into(),
            FilterError::Malformed(what) => StripError::Malformed {
                path: path.to_owned(),
                what,
            },
        }
    }
}

/// Writes the same backup without people's data, as a ZIP file that Moodle restores as one made without users: no
/// accounts, enrolments, groups, roles of people, logs, grades, submissions, attempts, posts, badges and calendars; the
/// numbers of people elsewhere are blank, and so are passwords. Activities and files of which it is not known what they
/// hold are left out; the report says each.
///
/// The same backup gives the same bytes. Memory does not grow with the backup. What was written to `out` is a backup only
/// where this succeeds.
///
/// # Errors
/// The backup cannot be read, is none, or has XML in it that Moodle does not write; the copy cannot be written.
pub fn stripped<R: Read + Seek, W: Write>(
    archive: &mut Archive<R>,
    out: W,
) -> Result<Stripped, StripError> {
    let mut kept = Kept::default();
    if archive.find("moodle_backup.xml").is_none() {
        return Err(StripError::NotABackup);
    }
    if let Some(entry) = archive.find("files.xml").cloned() {
        let mut body = archive.body(&entry)?;
        filter(&mut body, &mut io::sink(), &mut kept)
            .map_err(|fault| StripError::of("files.xml", fault))?;
    }
    let mut lines = Lines::default();
    let mut done = Stripped::default();
    let mut pack = Pack::new(out);
    archive.visit::<StripError>(|entry, body| {
        let path = entry.path.as_str();
        let judged = match rules::file(path) {
            File::Filter(elements) => Some(Kind::Judged(elements)),
            File::Backup => Some(Kind::Backup),
            File::Files => Some(Kind::Files),
            File::Content(hash) if kept.hashes.contains(hash) => None,
            other => {
                done.left_out += 1;
                lines.left_out(path, other);
                return Ok(());
            }
        };
        done.files += 1;
        pack.file(path, |into| {
            let Some(kind) = judged else {
                copy(body, into).map_err(ArchiveError::from)?;
                return Ok(());
            };
            let mut cleaner = Cleaner {
                path,
                kind,
                lines: &mut lines,
            };
            filter(body, into, &mut cleaner).map_err(|fault| StripError::of(path, fault))
        })
    })?;
    pack.finish()?;
    done.problems = lines.problems();
    Ok(done)
}

/// How a file is judged.
#[derive(Clone, Copy)]
enum Kind {
    Judged(&'static [&'static str]),
    Backup,
    Files,
}

/// Judges the elements of one file.
struct Cleaner<'a> {
    path: &'a str,
    kind: Kind,
    lines: &'a mut Lines,
}

impl Cleaner<'_> {
    /// One setting: what it says of people is denied, and what is about an activity that is not in the copy goes.
    fn setting(&mut self, element: &str) -> Looked {
        let Ok(tree) = xml::parse(element) else {
            return Looked::Drop;
        };
        let root = tree.root_element();
        let said = |name: &'static str| super::value(root, name).unwrap_or_default();
        let activity = said("activity");
        let module = activity.rsplit_once('_').map(|(module, _)| module);
        if module.is_some_and(|module| !rules::MODULES.contains(&module)) {
            return Looked::Drop;
        }
        let name = said("name");
        let people = rules::SETTINGS.contains(&&*name) || name.ends_with("_userinfo");
        match people {
            true => match replaced(element, "value", "0") {
                Some(element) => Looked::Replace(element),
                None => Looked::Drop,
            },
            false => Looked::Keep,
        }
    }

    /// One line of the list of activities.
    fn activity(&mut self, element: &str) -> Looked {
        let module = xml::parse(element)
            .ok()
            .and_then(|tree| super::value(tree.root_element(), "modulename"));
        let module = module.unwrap_or_default();
        match rules::MODULES.contains(&&*module) {
            true => Looked::Keep,
            false => Looked::Drop,
        }
    }

    /// One record of `files.xml`, without the number of who put it there.
    fn file(&mut self, element: &str) -> Looked {
        let Some(record) = files::record(element) else {
            return Looked::Drop;
        };
        if !record.is_content() {
            let what = format!("{} {}", record.component, record.area);
            self.lines.add("moodle-left-out", "files.xml", &what);
            return Looked::Drop;
        }
        match files::without_people(element) {
            Some((element, author)) => {
                match author {
                    Author::None => {}
                    Author::Credited => self.lines.add("moodle-credits", "files.xml", "author"),
                    Author::Blanked => self.lines.add("moodle-stripped", "files.xml", "author"),
                }
                Looked::Replace(element)
            }
            None => Looked::Drop,
        }
    }
}

impl Judge for Cleaner<'_> {
    fn fate(&mut self, name: &str) -> Fate {
        const BACKUP: [&str; 9] = [
            "moodle_backup",
            "information",
            "details",
            "detail",
            "contents",
            "activities",
            "sections",
            "section",
            "course",
        ];
        match (self.kind, name) {
            (Kind::Files, name) => files::list(name),
            (Kind::Backup, "setting" | "activity") => Fate::Look,
            (Kind::Backup, "settings") => Fate::Keep {
                children: Children::Judged,
            },
            (Kind::Backup, name) => rules::element(name, &BACKUP),
            (Kind::Judged(elements), name) => rules::element(name, elements),
        }
    }

    fn attribute(&mut self, name: &str) -> Fate {
        rules::element(name, &[])
    }

    fn look(&mut self, name: &str, element: &str) -> Looked {
        match (self.kind, name) {
            (Kind::Files, _) => self.file(element),
            (Kind::Backup, "setting") => self.setting(element),
            (Kind::Backup, "activity") => self.activity(element),
            _ if is_impersonal(element) => Looked::Keep,
            _ => {
                self.lines.add("moodle-stripped", place(self.path), name);
                match replaced(element, name, super::NULL) {
                    Some(element) => Looked::Replace(element),
                    None => Looked::Drop,
                }
            }
        }
    }

    fn dropped(&mut self, _name: &str, parent: &str) {
        self.lines.add("moodle-stripped", place(self.path), parent);
    }

    fn blanked(&mut self, name: &str) {
        let rule = match rules::element(name, &[]) {
            Fate::Blank("") => "moodle-secret",
            _ => "moodle-stripped",
        };
        self.lines.add(rule, place(self.path), name);
    }
}

/// Whether what opens an activity asks for dates, results and the like only. Conditions on the profile of a person name
/// addresses and numbers; of others it is not known what they name.
fn is_impersonal(element: &str) -> bool {
    const KNOWN: [&str; 6] = [
        "date",
        "completion",
        "grade",
        "group",
        "grouping",
        "language",
    ];
    let Ok(tree) = xml::parse(element) else {
        return false;
    };
    let text = xml::text(tree.root_element());
    let text = text.trim();
    if matches!(text, "" | "0" | "1" | super::NULL) {
        return true;
    }
    let Ok(conditions) = serde_json::from_str::<Json>(text) else {
        return false;
    };
    fn known(value: &Json) -> bool {
        match value {
            Json::Array(list) => list.iter().all(known),
            Json::Object(map) => {
                let kind = map.get("type").and_then(Json::as_str);
                kind.is_none_or(|kind| KNOWN.contains(&kind)) && map.values().all(known)
            }
            _ => true,
        }
    }
    conditions.is_object() && known(&conditions)
}

/// An element with another text in its child of this name (or its own, of this name); nothing where there is none.
fn replaced(element: &str, name: &str, text: &str) -> Option<String> {
    let open = format!("<{name}>");
    let close = format!("</{name}>");
    let begin = element.find(&open)? + open.len();
    let end = begin + element[begin..].find(&close)?;
    // Written twice, one of them would stay.
    if element[end + close.len()..].contains(&open) {
        return None;
    }
    Some(format!("{}{text}{}", &element[..begin], &element[end..]))
}

/// Where something was, without the numbers that only this backup has.
fn place(path: &str) -> &str {
    let mut parts = path.split('/');
    match (parts.next(), parts.next()) {
        (Some("activities"), Some(folder)) => {
            let module = folder.rsplit_once('_').map_or(folder, |(module, _)| module);
            &path["activities/".len()..][..module.len()]
        }
        (Some("sections"), _) => "section",
        _ => path,
    }
}

/// The report: each line once, with how often.
#[derive(Debug, Default)]
struct Lines {
    all: BTreeMap<(&'static str, String, String), usize>,
}

impl Lines {
    fn add(&mut self, rule: &'static str, path: &str, given: &str) {
        let key = (rule, path.to_owned(), given.chars().take(80).collect());
        if self.all.len() < MAX_LINES || self.all.contains_key(&key) {
            *self.all.entry(key).or_default() += 1;
        }
    }

    fn left_out(&mut self, path: &str, file: File<'_>) {
        match file {
            File::People(what) => self.add("moodle-left-out", place(path), what),
            File::Module(module) => {
                // One line for the activity, whatever its files.
                if path.ends_with("/module.xml") {
                    self.add("moodle-left-out", "activities", module);
                }
            }
            // What refers to it was said.
            File::Content(_) | File::Index => {}
            _ => {
                let name = path.rsplit('/').next().unwrap_or(path);
                self.add("moodle-left-out", place(path), name);
            }
        }
    }

    fn problems(self) -> Vec<Problem> {
        let line = |((rule, path, given), count): ((&'static str, String, String), usize)| {
            let given = match count {
                1 => given,
                _ => format!("{given} ({count})"),
            };
            // What is missing in the copy is a loss; what was nobody's to give is none.
            let people = matches!(
                given.split(' ').next().unwrap_or_default(),
                "users" | "completion" | "badges" | "grades" | "logs" | "enrolments" | "attempts"
            );
            let severity = match rule {
                "moodle-left-out" if !people => Severity::Warning,
                _ => Severity::Info,
            };
            Problem::new(severity, rule, &path, &given, "")
        };
        self.all.into_iter().map(line).collect()
    }
}
