//! Reading an answer: tolerantly, for one bad record must not lose the page.

use roxmltree::{Document, Node};

use super::{Code, Granularity, NAMESPACE, Stamp, Verb};
use crate::crosswalk::xml;
use crate::problem::{Problem, Severity};

/// Records of one page that are taken; sources give 100 to 1,000.
pub const MAX_RECORDS: usize = 10_000;
/// Longest identifier, in characters.
const MAX_IDENTIFIER: usize = 500;
/// Sets of one record that are kept.
const MAX_SETS: usize = 50;

/// A record of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The identifier at the source.
    pub identifier: String,
    /// When the source says that it changed.
    pub stamp: Option<Stamp>,
    /// The sets that it is in there.
    pub sets: Vec<String>,
    /// Whether the source says that it is gone; then there is no metadata, whatever came with it.
    pub deleted: bool,
    /// The metadata as they stood in the page. Where they used a prefix that is declared further up, the declaration is
    /// added, so that they can be read alone.
    pub metadata: String,
}

/// What an answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// When the source says that it answered, seconds since 1970.
    pub responded: Option<u64>,
    /// Errors of the protocol: the code as written, and the sentence.
    pub errors: Vec<(String, String)>,
    /// The records.
    pub entries: Vec<Entry>,
    /// How the list goes on; `None` or empty: it does not.
    pub token: Option<String>,
    /// How many the source says there are in all: a hint, nothing more.
    pub complete: Option<u64>,
    /// Whether it ends before the answer does: how the list goes on is not known then.
    pub cut: bool,
    /// What is wrong, by record (empty: the page).
    pub problems: Vec<(String, Problem)>,
}

impl Page {
    /// Whether this error is among those of the answer.
    pub fn has(&self, code: Code) -> bool {
        self.errors
            .iter()
            .any(|(c, _)| Code::parse(c) == Some(code))
    }
}

/// What `Identify` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The repository's name.
    pub name: String,
    /// How fine its datestamps are.
    pub granularity: Granularity,
}

fn fault(rule: &str, given: &str) -> Problem {
    Problem::new(Severity::Error, rule, "", given, "OAI-PMH")
}

/// Reads an answer to `Identify`.
///
/// # Errors
/// The answer is not one of the protocol.
pub fn identity(bytes: &[u8]) -> Result<Identity, Box<Problem>> {
    let decoded = xml::decode(bytes).map_err(|e| e.problem())?;
    let tree = xml::parse(&decoded.text).map_err(|e| e.problem())?;
    let root = root(&tree)?;
    let found = xml::child(root, "Identify");
    let node = found.ok_or_else(|| fault("source-error", &first_error(root)))?;
    let text = |name| xml::child_text(node, name).unwrap_or_default();
    Ok(Identity {
        name: crate::problem::quoted(&text("repositoryName")),
        granularity: Granularity::parse(&text("granularity")),
    })
}

fn first_error(root: Node<'_, '_>) -> String {
    let error = xml::child(root, "error");
    error.map_or_else(
        || "no answer to the question".into(),
        |e| {
            format!(
                "{}: {}",
                e.attribute("code").unwrap_or_default(),
                xml::text(e).trim()
            )
        },
    )
}

fn root<'a, 'i>(tree: &'a Document<'i>) -> Result<Node<'a, 'i>, Box<Problem>> {
    let root = tree.root_element();
    match xml::named(root, "OAI-PMH") {
        true => Ok(root),
        false => Err(fault("not-this-format", root.tag_name().name()).into()),
    }
}

/// Whether a document begins as an answer of the protocol does.
pub fn is_answer(text: &str) -> bool {
    let first = xml::Scan::new(text).find_map(Result::ok);
    matches!(first, Some(xml::Tag::Start { name, .. }) if xml::local(name) == "OAI-PMH")
}

/// Reads an answer to `ListRecords` or `GetRecord`. A page that is not well formed is read record by record.
///
/// # Errors
/// Nothing of it can be read.
pub fn page(bytes: &[u8]) -> Result<Page, Box<Problem>> {
    let (text, stripped) = match xml::decode(bytes) {
        Ok(decoded) => {
            let problem = decoded.problem();
            (decoded.text, problem)
        }
        // Bytes that are no text, or a NUL, are in one record, most often: the others need not suffer.
        Err(e @ (xml::XmlError::Encoding { .. } | xml::XmlError::IllegalChar(_)))
            if bytes.len() <= xml::MAX_BYTES =>
        {
            // Where only characters are wrong, all others are as their encoding says.
            let read = xml::transcode(bytes);
            let guessed = read.is_err();
            let text = read.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned());
            if !is_answer(&text) {
                return Err(e.problem().into());
            }
            let mut page = broken(&text, &e.problem())?;
            let (whole, hurt): (Vec<_>, Vec<_>) = std::mem::take(&mut page.entries)
                .into_iter()
                .partition(|entry| {
                    !(guessed && entry.metadata.contains(char::REPLACEMENT_CHARACTER))
                });
            if whole.is_empty() && page.token.as_deref().unwrap_or_default().is_empty() {
                return Err(e.problem().into());
            }
            page.entries = whole;
            // That the page had to be mended is told by the records that could not be.
            page.problems
                .retain(|(id, p)| !id.is_empty() || p.severity == Severity::Error);
            page.problems.extend(
                hurt.into_iter()
                    .map(|entry| (entry.identifier, e.problem())),
            );
            return Ok(page);
        }
        Err(e) => return Err(e.problem().into()),
    };
    let mut page = match xml::parse(&text) {
        Ok(tree) => whole(&text, &tree)?,
        Err(e @ xml::XmlError::Malformed { .. }) if is_answer(&text) => {
            broken(&text, &e.problem())?
        }
        Err(e) => return Err(e.problem().into()),
    };
    page.problems.extend(stripped.map(|p| (String::new(), p)));
    Ok(page)
}

/// A page that is well formed.
fn whole(text: &str, tree: &Document<'_>) -> Result<Page, Box<Problem>> {
    let root = root(tree)?;
    if root.tag_name().namespace() != Some(NAMESPACE) {
        return Err(fault(
            "wrong-namespace",
            root.tag_name().namespace().unwrap_or_default(),
        )
        .into());
    }
    let mut page = Page {
        responded: xml::child_text(root, "responseDate")
            .and_then(|t| Stamp::parse(&t))
            .map(|s| s.seconds),
        ..Page::default()
    };
    for error in xml::children(root, "error") {
        let code = error.attribute("code").unwrap_or_default();
        let said = crate::problem::quoted(xml::text(error).trim());
        page.errors.push((code.to_owned(), said));
    }
    let verbs: Vec<_> = root
        .children()
        .filter(|n| Verb::ALL.iter().any(|verb| xml::named(*n, verb.as_str())))
        .collect();
    let list = match verbs[..] {
        [one] => one,
        [] if !page.errors.is_empty() => return Ok(page),
        _ => return Err(fault("source-error", "an answer to no question, or to several").into()),
    };
    for record in xml::children(list, "record") {
        if page.entries.len() >= MAX_RECORDS {
            page.problems.push((
                String::new(),
                Problem::new(
                    Severity::Error,
                    "too-many-records",
                    "",
                    "",
                    &MAX_RECORDS.to_string(),
                ),
            ));
            break;
        }
        take(text, record, &mut page);
    }
    if let Some(token) = xml::child(list, "resumptionToken") {
        let value = xml::text(token).trim().to_owned();
        page.token = Some(value);
        page.complete = token
            .attribute("completeListSize")
            .and_then(|n| n.trim().parse().ok());
    }
    if page.entries.is_empty() && page.errors.is_empty() && page.problems.is_empty() {
        let verb = list.tag_name().name();
        // A saved answer to another question, as people send them.
        let rule = match verb {
            "ListRecords" | "GetRecord" => "empty-list",
            _ => "no-list",
        };
        let empty = Problem::new(Severity::Warning, rule, "", verb, "ListRecords");
        page.problems.push((String::new(), empty));
    }
    Ok(page)
}

/// Takes one record of a tree over `text`.
fn take(text: &str, record: Node<'_, '_>, page: &mut Page) {
    let header = xml::child(record, "header");
    let deleted =
        header.is_some_and(|h| h.attribute("status").is_some_and(|s| s.trim() == "deleted"));
    let identifier = header
        .and_then(|h| xml::child_text(h, "identifier"))
        .unwrap_or_default();
    let fits =
        identifier.chars().count() <= MAX_IDENTIFIER && !identifier.contains(char::is_control);
    let (Some(header), false, true) = (header, identifier.is_empty(), fits) else {
        let problem = Problem::new(
            Severity::Error,
            "record-without-header",
            "",
            &identifier,
            "",
        );
        page.problems.push((identifier, problem));
        return;
    };
    let entry = Entry {
        stamp: xml::child_text(header, "datestamp").and_then(|t| Stamp::parse(&t)),
        sets: xml::children(header, "setSpec")
            .map(|set| xml::text(set).trim().to_owned())
            .filter(|set| !set.is_empty())
            .take(MAX_SETS)
            .collect(),
        metadata: match xml::child(record, "metadata").filter(|_| !deleted) {
            Some(metadata) => metadata
                .first_element_child()
                .map(|node| alone(text, node))
                .unwrap_or_default(),
            None => String::new(),
        },
        deleted,
        identifier,
    };
    // The same record twice: the newest counts, of equals the last.
    match page
        .entries
        .iter()
        .position(|e| e.identifier == entry.identifier)
    {
        Some(at) if page.entries[at].stamp.map(|s| s.seconds) > entry.stamp.map(|s| s.seconds) => {}
        Some(at) => page.entries[at] = entry,
        None => page.entries.push(entry),
    }
}

/// An element as it stands in the text, with the prefixes declared that it has from further up.
fn alone(text: &str, node: Node<'_, '_>) -> String {
    let slice = &text[node.range()];
    if xml::parse(slice).is_ok_and(|t| t.root_element().tag_name() == node.tag_name()) {
        return slice.to_owned();
    }
    let Some(Ok(xml::Tag::Start { name, inside, .. })) = xml::Scan::new(slice).next() else {
        return slice.to_owned();
    };
    let mut out = format!("<{name}");
    for space in node.namespaces() {
        let attribute = match space.name() {
            Some("xml") => continue,
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        if !inside.contains(&format!("{attribute}=")) {
            out.push_str(&format!(" {attribute}=\""));
            xml::escape(space.uri(), true, &mut out);
            out.push('"');
        }
    }
    out.push_str(&slice[1 + name.len()..]);
    out
}

/// A page that is not well formed: each record is read by itself, those that can be.
fn broken(text: &str, why: &Problem) -> Result<Page, Box<Problem>> {
    if text.contains("<!DOCTYPE") {
        return Err(fault("xml-doctype", "").into());
    }
    let open = text
        .find("OAI-PMH")
        .and_then(|at| Some(&text[at..at + text[at..].find('>')?]));
    // The declarations of the first tag hold for the records in it.
    let spaces: String = open
        .unwrap_or_default()
        .split_whitespace()
        .filter(|part| part.starts_with("xmlns"))
        .map(|part| format!(" {}", part.trim_end_matches('/')))
        .collect();
    let mut page = Page {
        responded: between(text, "responseDate")
            .and_then(Stamp::parse)
            .map(|s| s.seconds),
        token: between(text, "resumptionToken").map(unescape),
        ..Page::default()
    };
    let starts: Vec<usize> = record_starts(text);
    for (at, start) in starts.iter().enumerate().take(MAX_RECORDS) {
        let end = starts.get(at + 1).copied().unwrap_or(text.len());
        let chunk = &text[*start..end];
        // Up to the last end tag of a record: what follows belongs to the list.
        let close = chunk
            .rfind("record>")
            .map_or(chunk.len(), |at| at + "record>".len());
        let one = format!("<list{spaces}>{}</list>", &chunk[..close]);
        let decoded = xml::decode(one.as_bytes());
        let id = || between(chunk, "identifier").unwrap_or_default().to_owned();
        let read = decoded.and_then(|one| {
            let tree = xml::parse(&one.text)?;
            match xml::child(tree.root_element(), "record") {
                Some(record) => take(&one.text, record, &mut page),
                None => page.problems.push((String::new(), why.clone())),
            }
            let stripped = one.problem();
            page.problems.extend(stripped.map(|p| (id(), p)));
            Ok(())
        });
        if let Err(e) = read {
            page.problems.push((id(), e.problem()));
        }
    }
    match page.entries.is_empty() && page.token.as_deref().unwrap_or_default().is_empty() {
        true => Err(why.clone().into()),
        false => {
            page.cut = page.token.is_none() && !is_closed(text);
            if page.cut {
                let cut = Problem::new(Severity::Error, "page-cut", "", "", "");
                page.problems.push((String::new(), cut));
            }
            if page.problems.is_empty() {
                let mut mended = why.clone();
                mended.severity = Severity::Warning;
                page.problems.push((String::new(), mended));
            }
            Ok(page)
        }
    }
}

/// Whether the end tag of an answer is there.
fn is_closed(text: &str) -> bool {
    text.match_indices("OAI-PMH").any(|(at, _)| {
        let open = text[..at].rfind('<');
        open.is_some_and(|open| {
            let prefix = &text[open + 1..at];
            prefix.starts_with('/') && !prefix.contains(char::is_whitespace)
        })
    })
}

/// Where records begin: a start tag `record`, with or without a prefix, that a header follows (records of other
/// standards inside the metadata have none).
fn record_starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    for (at, _) in text.match_indices("record") {
        let before = &text[..at];
        let Some(open) = before.rfind('<') else {
            continue;
        };
        let prefix = &before[open + 1..];
        let fits = prefix.is_empty()
            || (prefix.ends_with(':') && prefix.len() < 40 && !prefix.contains(['/', ' ']));
        let after = &text[at + "record".len()..];
        let Some(close) = after
            .find('>')
            .filter(|_| after.starts_with(['>', ' ', '\n', '\r', '\t']))
        else {
            continue;
        };
        let next = after[close + 1..].trim_start();
        let header = next.strip_prefix('<').is_some_and(|n| {
            let name: String = n
                .chars()
                .take_while(|c| !" >/\n\r\t".contains(*c))
                .take(60)
                .collect();
            xml::local(&name) == "header"
        });
        if fits && header {
            starts.push(open);
        }
    }
    starts
}

/// The text of the first element of a name, with or without a prefix.
fn between<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let starts = text.match_indices(name).find(|(at, _)| {
        let prefix = text[..*at].rsplit('<').next().unwrap_or_default();
        let open =
            text[..*at].contains('<') && prefix.len() < 40 && !prefix.contains(['/', ' ', '>']);
        let whole = text[at + name.len()..].starts_with(['>', ' ', '\n', '\r', '\t']);
        open && whole && (prefix.is_empty() || prefix.ends_with(':'))
    });
    let rest = &text[starts?.0..];
    let rest = &rest[rest.find('>')? + 1..];
    let end = rest.find('<')?;
    (end < 2_000).then(|| rest[..end].trim())
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
