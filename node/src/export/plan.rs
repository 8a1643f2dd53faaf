//! What an export gives, laid out before the first byte is sent: all that can fail without reading files has failed by
//! then, and the report is complete.

mod bag;
mod cartridge;
mod package;
mod uncited;

use std::collections::BTreeMap;

use commun_forge::{
    attribution::{self, Credit, attribution},
    citation::Cited,
    crosswalk::{Loss, Origin, Report, lom},
    package::write::{Bytes, Member},
    problem::{Problem as Fault, Severity},
};
use commun_specs::{files::FileEntry, name::Handle};
use serde_json::{Value, json};
use tokio::runtime;

use super::{
    format::{Format, Place},
    record::{Recorded, aside, record},
    select::Selection,
};
use crate::{
    http::{problem::Problem, site::Site},
    items::Shown,
};
use uncited::uncited;

/// Bytes of one export that are held in memory: records, statements, credits.
const MAX_HERE: usize = 64 << 20;

/// In what form an export is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The form.
    pub format: Format,
    /// Credits as text, HTML, Markdown or LaTeX.
    pub credits: attribution::Format,
    /// Records as an archive, even where there is one only.
    pub archive: bool,
    /// The language of the reader.
    pub lang: &'static str,
}

/// How an item is credited.
pub struct Credited {
    /// As a citation.
    pub cited: Cited,
    /// Over the whole chain.
    pub chain: Vec<Credit>,
}

/// Says how an item is credited.
pub type Crediting<'a> = dyn Fn(&Shown) -> Result<Credited, Problem> + 'a;

/// What is given.
#[derive(Debug)]
pub enum Content {
    /// A document.
    Text(Vec<u8>),
    /// A file as it is kept.
    File(FileEntry),
    /// The members of an archive.
    Members(Vec<Member<FileEntry>>),
    /// The payload of a bag, and what is said of it.
    Bag(Vec<Member<FileEntry>>, Vec<(&'static str, String)>),
}

/// An item of an export.
#[derive(Debug)]
pub struct Given {
    /// Its id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// Whether its record is the untouched original.
    pub original: bool,
}

/// An export, laid out.
#[derive(Debug)]
pub struct Plan {
    /// The name of the file, without the ending of an archive.
    pub name: String,
    /// Its ending, with the dot, where it is no archive.
    pub ending: String,
    /// What it is on the wire, where it is no archive.
    pub media_type: String,
    /// What is in it.
    pub content: Content,
    /// The time that archives state, seconds since 1970: that of the newest item.
    pub time: u64,
    /// The items.
    pub items: Vec<Given>,
    /// What the form could not carry, and what is not given.
    pub report: Report,
}

/// What every form needs to know.
struct Planner<'a> {
    site: &'a dyn Site,
    url: &'a str,
    institutions: BTreeMap<Handle, String>,
    crediting: &'a Crediting<'a>,
    wish: &'a Wish,
    report: Report,
    items: Vec<Given>,
}

impl Plan {
    /// Lays an export out. `url`: the address of this node. Blocks.
    ///
    /// # Errors
    /// A file is not here, or the node fails.
    pub fn of(
        site: &dyn Site,
        url: &str,
        crediting: &Crediting<'_>,
        mut selection: Selection,
        wish: &Wish,
    ) -> Result<Self, Problem> {
        selection.keep_whole(&mut |item| whole(site, item, wish.format))?;
        let institutions = site.institutions()?.into_iter();
        let mut planner = Planner {
            site,
            url,
            institutions: institutions.map(|i| (i.handle, i.name)).collect(),
            crediting,
            wish,
            report: selection.report.clone(),
            items: Vec::new(),
        };
        let all = selection.flat();
        let alone = all.len() == 1;
        let name = match selection.items.as_slice() {
            [one] => base(&one.item),
            _ => "commun".to_owned(),
        };
        let mut ending = format!(".{}", wish.format.ending());
        let mut media_type = wish.format.media_type().to_owned();
        let content = match wish.format {
            Format::Csl | Format::Bibtex | Format::Attribution => {
                if wish.format == Format::Attribution {
                    media_type = wish.credits.media_type().to_owned();
                    ending = credits_ending(wish.credits).to_owned();
                }
                Content::Text(planner.cited(&all)?)
            }
            Format::Imscc => match planner.as_it_came(&selection)? {
                Some(content) => content,
                None => planner.cartridge(&selection)?,
            },
            Format::Package => {
                let content = planner.package(&all, &selection)?;
                if let Content::File(file) = &content {
                    ending = package::ending(file);
                    media_type.clone_from(&file.media_type);
                }
                content
            }
            Format::Bagit => planner.bag(&all)?,
            _ if alone && !wish.archive => Content::Text(planner.record(all[0])?.bytes),
            _ => {
                let mut members = Vec::new();
                for item in &all {
                    let path = format!("{}.{}", base(item), wish.format.ending());
                    members.push(Member::here(path, planner.record(item)?.bytes));
                    bounded(&members)?;
                }
                members.sort_by(|a, b| a.path.cmp(&b.path));
                Content::Members(members)
            }
        };
        planner.report.records = planner.items.len() as u64;
        Ok(Plan {
            name,
            ending,
            media_type,
            content,
            time: all.iter().map(|item| item.updated).max().unwrap_or(0),
            items: planner.items,
            report: planner.report,
        })
    }
}

/// Fails where a file that an item goes out with in this form is not here or is not given out.
fn whole(site: &dyn Site, item: &Shown, format: Format) -> Result<(), Problem> {
    match (format, package::stored(item)) {
        (Format::Package, Some(file)) => held(site, item, &file),
        (Format::Package | Format::Imscc, _) => files(site, item).map(drop),
        (Format::Bagit, _) => {
            files(site, item)?;
            bag::original_of(item).map_or(Ok(()), |(file, _)| held(site, item, &file))
        }
        _ => Ok(()),
    }
}

/// Fails where a file is not here or is not given out.
fn held(site: &dyn Site, item: &Shown, file: &FileEntry) -> Result<(), Problem> {
    if let Some(problem) = site.blocked(file) {
        return Err(problem);
    }
    let there = runtime::Handle::current().block_on(site.open(file, 0..0))?;
    match there {
        Some(_) => Ok(()),
        None => Err(Problem::busy(
            format!(
                "this node has not received {} of {} yet; try again",
                file.path,
                item.name()
            ),
            5,
        )),
    }
}

/// The files of an item, all of them here.
fn files<'s>(site: &dyn Site, item: &'s Shown) -> Result<&'s [FileEntry], Problem> {
    let Some(list) = &item.files else {
        return match item.repository.is_some() || item.members.is_some() {
            true => Ok(&[]),
            false => Err(Problem::busy(
                "this node has not received the list of files yet; try again",
                5,
            )),
        };
    };
    for file in list.files() {
        held(site, item, file)?;
    }
    Ok(list.files())
}

/// Fails where an archive holds too much that is not read from the disk while it is written.
fn bounded(members: &[Member<FileEntry>]) -> Result<(), Problem> {
    let here = members.iter().map(|member| match &member.bytes {
        Bytes::Here(bytes) => bytes.len(),
        Bytes::Kept(..) => 0,
    });
    if here.sum::<usize>() > MAX_HERE {
        return Err(Problem::too_large(
            "what these items say of themselves is too much for one export; export fewer at once",
        ));
    }
    Ok(())
}

/// The name of an item as that of a file: neither part has a dot.
fn base(item: &Shown) -> String {
    format!("{}.{}", item.handle, item.slug)
}

fn credits_ending(format: attribution::Format) -> &'static str {
    match format {
        attribution::Format::Text => ".txt",
        attribution::Format::Html => ".html",
        attribution::Format::Markdown => ".md",
        attribution::Format::Latex => ".tex",
    }
}

impl Planner<'_> {
    fn address(&self, item: &Shown) -> String {
        format!("{}/{}", self.url, item.name())
    }

    /// The address that the paths of its files follow.
    fn files_at(&self, item: &Shown) -> String {
        format!("{}/api/v1/items/{}/files/", self.url, item.name())
    }

    fn institution<'a>(&'a self, item: &'a Shown) -> &'a str {
        let name = self.institutions.get(&item.handle);
        name.map_or(item.handle.as_str(), String::as_str)
    }

    /// Notes an item that is given, and what its form does not carry.
    fn give(&mut self, item: &Shown, losses: &[Loss], original: Option<&str>) {
        let name = item.name();
        for loss in losses {
            self.report.push(&name, loss.problem());
        }
        if let Some(standard) = original {
            let told = Fault::new(Severity::Info, "original-given", "", "", standard);
            self.report.push(&name, told);
        }
        self.items.push(Given {
            id: item.id.to_string(),
            name,
            original: original.is_some(),
        });
    }

    fn say(&mut self, item: &Shown, severity: Severity, rule: &str, wanted: &str) {
        let told = Fault::new(severity, rule, "", "", wanted);
        self.report.push(&item.name(), told);
    }

    /// A record in the form that is wished, noted.
    fn record(&mut self, item: &Shown) -> Result<Recorded, Problem> {
        let format = self.wish.format;
        let recorded = self.written(item, format)?.ok_or_else(Problem::failed)?;
        let original = recorded.original.then(|| format.as_str());
        self.give(item, &recorded.losses, original);
        if format == Format::SupLomFr && original.is_none() {
            self.lacking(item, &recorded.bytes);
        }
        Ok(recorded)
    }

    /// Says what the profile asks for and the record does not have: whoever harvests it will.
    fn lacking(&mut self, item: &Shown, written: &[u8]) {
        let Ok(reading) = lom::read(written, &Origin::default()) else {
            return;
        };
        let wanted = reading.problems.into_iter();
        for mut problem in
            wanted.filter(|p| p.severity == Severity::Error && p.rule.starts_with("suplomfr"))
        {
            problem.severity = Severity::Warning;
            self.report.push(&item.name(), problem);
        }
    }

    fn written(&self, item: &Shown, format: Format) -> Result<Option<Recorded>, Problem> {
        let url = self.address(item);
        let files = self.files_at(item);
        let place = Place {
            url: &url,
            institution: self.institution(item),
            files: &files,
        };
        record(self.site, item, format, place)
    }

    /// Citations and credits: one document for all items.
    fn cited(&mut self, all: &[&Shown]) -> Result<Vec<u8>, Problem> {
        let (format, credits, lang) = (self.wish.format, self.wish.credits, self.wish.lang);
        let mut list = Vec::new();
        let mut text = String::new();
        for (at, item) in all.iter().enumerate() {
            let credited = (self.crediting)(item)?;
            match format {
                Format::Csl => list.push(credited.cited.csl()),
                Format::Bibtex => text.push_str(&credited.cited.bibtex()),
                _ => {
                    if at > 0 {
                        text.push('\n');
                    }
                    text.push_str(&attribution(&credited.chain, credits, lang));
                }
            }
            let mut losses = uncited(&item.view, &credited, format);
            losses.extend(aside(item));
            self.give(item, &losses, None);
        }
        Ok(match format {
            Format::Csl => Value::Array(list).to_string().into_bytes(),
            _ => text.into_bytes(),
        })
    }

    /// Fails where a file is not here or is not given out.
    fn held(&self, item: &Shown, file: &FileEntry) -> Result<(), Problem> {
        held(self.site, item, file)
    }

    /// The files of an item, all of them here.
    fn files<'s>(&self, item: &'s Shown) -> Result<&'s [FileEntry], Problem> {
        files(self.site, item)
    }

    /// Where the code of a repository is cloned from.
    fn clone_url(&self, item: &Shown) -> String {
        format!("{}.git", self.address(item))
    }

    /// The title for the reader.
    fn title(&self, item: &Shown) -> String {
        item.title(&[self.wish.lang]).1.to_owned()
    }
}

impl Plan {
    /// The report as JSON, with its other two forms and the items.
    pub fn told(&self, format: Format, lang: &str) -> Value {
        let mut value = self.report.to_json(lang);
        if let Some(members) = value.as_object_mut() {
            // What an import counts.
            for name in ["added", "changed", "unchanged", "deleted", "refused"] {
                members.remove(name);
            }
        }
        value["format"] = format.as_str().into();
        value["text"] = self.text(lang).into();
        value["csv"] = self.report.to_csv(lang).into();
        let items = self.items.iter();
        value["items"] = items
            .map(|i| json!({"id": i.id, "name": i.name, "original": i.original}))
            .collect();
        value
    }

    /// The report for people.
    pub fn text(&self, lang: &str) -> String {
        let mut out = String::new();
        for line in &self.report.lines {
            out.push_str(&line.to_text(lang));
            out.push('\n');
        }
        if self.report.left_out > 0 {
            out.push_str(&format!("… {} more lines\n", self.report.left_out));
        }
        let whole = self.items.iter().filter(|i| i.original).count();
        let lost = self.report.count(Severity::Info) - whole as u64;
        let items = match self.items.len() {
            1 => "1 item".to_owned(),
            count => format!("{count} items"),
        };
        out.push_str(&format!(
            "{items} given, {whole} of them as untouched originals; {lost} values not carried or narrowed, {} items not given\n",
            self.report.count(Severity::Error),
        ));
        out
    }
}
