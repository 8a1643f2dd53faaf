//! The words of a backup that teachers wrote: those that pass into a copy without people's data, and no others.

use std::io::{self, Read, Write};

use super::filter::{Fate, Judge, Looked, filter};
use super::rules::{self, File};
use crate::crosswalk::xml;
use crate::resource::html_to_text;

/// The most bytes of one part.
const MAX_BYTES: usize = 8 << 20;

/// Elements whose text people read.
const READ: [&str; 15] = [
    "fullname",
    "summary",
    "name",
    "intro",
    "content",
    "title",
    "contents",
    "questiontext",
    "answertext",
    "answer_text",
    "text",
    "activity",
    "instructions",
    "description",
    "response",
];

/// Elements that hold settings, with names that no reader sees.
const SETTINGS: [&str; 5] = [
    "courseformatoption",
    "course_format_option",
    "course_format_options",
    "plugin_config",
    "sco_data",
];

/// The words in a file of a backup; nothing where it holds none that are to be read.
pub(crate) fn words(path: &str, body: &mut dyn Read) -> Option<String> {
    let elements = match rules::file(path) {
        File::Filter(elements) if is_read(path) => elements,
        _ => return None,
    };
    let mut bounded = Bounded(Vec::new());
    filter(body, &mut bounded, &mut Passing(elements)).ok()?;
    let text = String::from_utf8(bounded.0).ok()?;
    let tree = xml::parse(&text).ok()?;
    let mut out = String::new();
    for node in tree.descendants().filter(|node| node.is_element()) {
        let leaf = !node.children().any(|child| child.is_element());
        let name = node.tag_name().name();
        let parent = node.parent().map_or("", |parent| parent.tag_name().name());
        if !leaf || !READ.contains(&name) || SETTINGS.contains(&parent) {
            continue;
        }
        let written = xml::text(node);
        if !written.trim().is_empty() && written.trim() != super::NULL {
            out.push_str(&html_to_text(&written));
            out.push('\n');
        }
    }
    (!out.trim().is_empty()).then_some(out)
}

/// Course, sections, activities themselves, questions; not what the platform notes beside them.
fn is_read(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["questions.xml"] | ["course", "course.xml"] | ["sections", _, "section.xml"] => true,
        ["activities", folder, name] => {
            let module = folder.rsplit_once('_').map_or(folder, |(module, _)| module);
            name.strip_suffix(".xml") == Some(module)
        }
        _ => false,
    }
}

struct Passing(&'static [&'static str]);

impl Judge for Passing {
    fn fate(&mut self, name: &str) -> Fate {
        rules::element(name, self.0)
    }

    fn look(&mut self, _name: &str, _element: &str) -> Looked {
        Looked::Drop
    }
}

/// Takes bytes up to a limit.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
