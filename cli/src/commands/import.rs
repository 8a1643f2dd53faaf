//! `commun import`.

mod course;
mod folder;

use std::{
    fs,
    io::Read,
    path::{Component, Path, PathBuf},
    thread,
    time::Duration,
};

use clap::builder::PossibleValuesParser;
use commun_client::{Client, Imported, NewSource, Reply, Source};
use commun_specs::name::Slug;

use super::publish;
use crate::{
    failure::{Code, Failure},
    progress,
    settings::Settings,
    table::Table,
    terminal,
};

/// The formats of INTERFACES.
const FORMATS: [&str; 16] = [
    "lom",
    "amb",
    "schemaorg",
    "oai_dc",
    "oai-pmh",
    "imscc",
    "thincc",
    "scorm",
    "h5p",
    "mbz",
    "epub",
    "folder",
    "git",
    "csv",
    "codemeta",
    "publiccode",
];
/// Those of them that are one file with others inside.
const PACKAGES: [&str; 6] = ["imscc", "thincc", "scorm", "h5p", "mbz", "epub"];
/// Largest document of records, in bytes: what a node takes.
const MAX_DOCUMENT: u64 = 32 << 20;
/// Pause between two looks at a harvest.
const LOOK: Duration = Duration::from_millis(500);

/// Import records, packages, folders and courses, or harvest a source
///
/// A file is taken in at once: a document of records, or a package (Common Cartridge, SCORM, H5P, EPUB, Moodle backup), which
/// becomes a resource that has it as its file. Several files are as many documents of records. A folder becomes a resource with all
/// its files; with the --format of records, each of its files is one. With --format git, a
/// repository is copied to the node and described by a resource. With --format, the node fetches one file of records or a package,
/// of at most 32 MiB, from its address and takes it in like a file. Without, an address is that of an OAI-PMH source, which the node notes and harvests now and, with
/// --every, again and again: only what is new, resumed after an interruption. The command shows how far it is
/// and ends with the report; interrupting the command does not stop the harvest. Where no source answers, nothing is noted and the
/// command says what is there instead.
///
/// The report says for each record and rule what did not come in, and how to mend it. Imported again, a record that did not
/// change makes nothing new, and what was corrected here stays.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A file, several files of records, a folder, the address of an OAI-PMH source, or with --format that of one file or (git)
    /// of a repository
    #[arg(required_unless_present_any = ["list", "remove", "visit", "report"])]
    from: Vec<String>,
    /// What it is [default: told by its content; of an address, oai-pmh]
    #[arg(long, value_name = "F", value_parser = PossibleValuesParser::new(FORMATS))]
    format: Option<String>,
    /// Of a table: the file that says which column is which field, YAML or JSON [default: headers are fields, as in the
    /// tables of `commun edit --csv-out`]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "remove", "visit", "report", "set", "prefix"])]
    mapping: Option<PathBuf>,
    /// Only say what would come in; of a source, of its first page
    #[arg(long)]
    dry_run: bool,
    /// Of a package or folder: the name in the institution, to choose it, or to make a new version of what has it; of a
    /// repository: its own name
    #[arg(long, value_name = "S", value_parser = Slug::new)]
    slug: Option<Slug>,
    /// Of a source: this set only
    #[arg(long, value_name = "S")]
    set: Option<String>,
    /// Of a source: only what it dates since then, a day or a moment in UTC (2026-01-31, 2026-01-31T08:00:00Z)
    #[arg(long = "from", value_name = "DATE")]
    since: Option<String>,
    /// Of a source: only what it dates until then
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Of a source: the format to ask for [default: oai_dc]
    #[arg(long, value_name = "P")]
    prefix: Option<String>,
    /// Of a source: visit it again after this time, as 24h, 30m or 7d
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    every: Option<u64>,
    /// Of a source: what to do about records that it deleted: say it in the report, or withdraw their items too, until it has
    /// them again [default: report]
    #[arg(long, value_name = "WHAT", value_parser = PossibleValuesParser::new(["report", "withdraw"]))]
    deletions: Option<String>,
    /// Of a source: return at once, without waiting for the harvest
    #[arg(long)]
    no_wait: bool,
    /// List the sources
    #[arg(long, conflicts_with_all = ["from", "remove", "visit", "report"])]
    list: bool,
    /// Forget a source; what came from it stays
    #[arg(long, value_name = "N", conflicts_with_all = ["from", "visit", "report"])]
    remove: Option<i64>,
    /// Visit a source now
    #[arg(long, value_name = "N", conflicts_with_all = ["from", "report"])]
    visit: Option<i64>,
    /// Print the report of a source's last harvest
    #[arg(long, value_name = "N", conflicts_with = "from")]
    report: Option<i64>,
    /// Write the report as CSV to a file, too
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `24h`, `30m`, `7d`, `90s` in seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("write a number with s, m, h or d, such as 24h".into()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write a number with s, m, h or d, such as 24h")?;
    number
        .checked_mul(unit)
        .ok_or_else(|| "this is too long".into())
}

/// Sends the file, or talks about sources.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let client = settings.writer()?;
    if args.list {
        return list(&client, args.json);
    }
    if let Some(id) = args.remove {
        let done = client.remove_source(id)?;
        if args.json {
            terminal::json(&done.json);
        }
        return Ok(());
    }
    if let Some(id) = args.report {
        return finish(&args, &client.source_report(id)?);
    }
    if let Some(id) = args.visit {
        client.visit_source(id)?;
        return follow(&client, &args, id);
    }
    if args.from.len() > 1 {
        return several(&client, &args);
    }
    let from = args.from.first().map_or("", String::as_str);
    let slug = args.slug.as_ref();
    if args.format.as_deref() == Some("git") {
        let imported = course::send(settings, &client, from, slug, args.dry_run)?;
        return finish(&args, &imported);
    }
    if from.starts_with("http://") || from.starts_with("https://") {
        return match (args.format.as_deref(), &args.mapping) {
            (Some(format), _) if format != "oai-pmh" => at_address(&client, &args, from, format),
            (None, Some(_)) => at_address(&client, &args, from, "csv"),
            _ => harvest(&client, &args, from),
        };
    }
    let at = Path::new(from);
    let read =
        |e: std::io::Error| Failure::new(Code::Usage, format!("{from} cannot be read: {e}."));
    let metadata = fs::metadata(at).map_err(read)?;
    if metadata.is_dir() {
        let imported = match args.format.as_deref() {
            None | Some("folder") => {
                let slug = slug.map(Slug::as_str);
                folder::send(&client, at, slug, args.dry_run)?
            }
            Some(format) if PACKAGES.contains(&format) => {
                let message = format!("{from} is a folder, not a package.");
                return Err(Failure::new(Code::Usage, message)
                    .hint("Name the package itself, or say --format folder."));
            }
            Some(format) => {
                no_slug(&args)?;
                no_mapping(&args)?;
                folder::send_records(&client, at, format, args.dry_run)?
            }
        };
        return finish(&args, &imported);
    }
    let name = at.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let format = args.format.as_deref();
    let packed = match format {
        // The manifest of one alone is a record.
        Some("imscc" | "thincc" | "scorm") => !is_xml(at).map_err(read)?,
        Some(format) => PACKAGES.contains(&format),
        None => is_archive(at).map_err(read)?,
    };
    if packed {
        let imported = package(&client, &args, at, &name, metadata.len())?;
        return finish(&args, &imported);
    }
    no_slug(&args)?;
    if metadata.len() > MAX_DOCUMENT {
        let message = format!(
            "{from} has more than {} MiB of records.",
            MAX_DOCUMENT >> 20
        );
        return Err(Failure::new(Code::Refuse, message).hint(
            "Split it into documents of fewer records, or let the node harvest its source by OAI-PMH, page by page.",
        ));
    }
    let bytes = fs::read(at).map_err(read)?;
    let imported = match mapping(&args)? {
        Some(mapping) => client.import_table(&name, args.dry_run, &bytes, &mapping)?,
        None => client.import(&name, format, args.dry_run, &bytes)?,
    };
    finish(&args, &imported)
}

/// Sends several files of records, each taken in by itself, with one report.
fn several(client: &Client, args: &Args) -> Result<(), Failure> {
    no_slug(args)?;
    no_mapping(args)?;
    let mut files = Vec::new();
    for from in &args.from {
        let at = Path::new(from);
        let metadata = fs::metadata(at);
        let size = match metadata {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            Ok(_) => {
                let message = format!("{from} is a folder: several can be imported of files only.");
                return Err(Failure::new(Code::Usage, message).hint("Import folders one by one."));
            }
            Err(e) => {
                let message = format!("{from} cannot be read: {e}.");
                return Err(Failure::new(Code::Usage, message)
                    .hint("Several can be imported of files; addresses and folders one by one."));
            }
        };
        let parts = at.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy()),
            _ => None,
        });
        let inside = parts.collect::<Vec<_>>().join("/");
        files.push(publish::file(at, &inside, size)?.1);
    }
    let format = args.format.as_deref();
    let imported = folder::send_files(client, format, args.dry_run, &files)?;
    finish(args, &imported)
}

/// What says which column is which field is of one table.
fn no_mapping(args: &Args) -> Result<(), Failure> {
    if args.mapping.is_some() {
        let message = "--mapping is of one table.";
        return Err(Failure::new(Code::Usage, message).hint("Import the tables one by one."));
    }
    Ok(())
}

/// A record has no name of its own choice.
fn no_slug(args: &Args) -> Result<(), Failure> {
    if args.slug.is_some() {
        let message = "The name of an imported record is made of its identifier.";
        return Err(Failure::new(Code::Usage, message).hint("Leave --slug away."));
    }
    Ok(())
}

/// The mapping of a table, if one is named.
fn mapping(args: &Args) -> Result<Option<Vec<u8>>, Failure> {
    let Some(path) = &args.mapping else {
        return Ok(None);
    };
    let read = fs::read(path).map_err(|e| {
        let message = format!("{} cannot be read: {e}.", path.display());
        Failure::new(Code::Usage, message)
    })?;
    Ok(Some(read))
}

/// Has the node take in one file from its address.
fn at_address(client: &Client, args: &Args, url: &str, format: &str) -> Result<(), Failure> {
    let of_sources = [
        ("--set", args.set.is_some()),
        ("--from", args.since.is_some()),
        ("--until", args.until.is_some()),
        ("--prefix", args.prefix.is_some()),
        ("--every", args.every.is_some()),
        ("--deletions", args.deletions.is_some()),
        ("--no-wait", args.no_wait),
    ];
    if let Some((option, _)) = of_sources.iter().find(|(_, given)| *given) {
        let message = format!("{option} is of an OAI-PMH source, and not of one file.");
        return Err(Failure::new(Code::Usage, message)
            .hint("Leave it away, or leave --format away for a source."));
    }
    if format == "folder" {
        return Err(Failure::new(Code::Usage, "A folder has no address.")
            .hint("Download it and import the folder, or say --format git for a repository."));
    }
    if !PACKAGES.contains(&format) {
        no_slug(args)?;
    }
    let slug = args.slug.as_ref().map(Slug::as_str);
    let mapping = mapping(args)?;
    let imported = client.import_from(url, format, args.dry_run, slug, mapping.as_deref())?;
    finish(args, &imported)
}

/// Whether a file is an archive, by its first bytes.
fn is_archive(at: &Path) -> std::io::Result<bool> {
    let mut first = [0; 4];
    let mut file = fs::File::open(at)?;
    let read = file.read(&mut first)?;
    Ok(matches!(
        &first[..read],
        [b'P', b'K', 3 | 5 | 7, ..] | [0x1f, 0x8b, ..]
    ))
}

/// Whether a file begins as XML does.
fn is_xml(at: &Path) -> std::io::Result<bool> {
    let mut first = [0; 64];
    let mut file = fs::File::open(at)?;
    let read = file.read(&mut first)?;
    let first = first[..read].trim_ascii_start();
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    Ok(first.starts_with(b"<"))
}

/// Sends one package.
fn package(
    client: &Client,
    args: &Args,
    at: &Path,
    name: &str,
    size: u64,
) -> Result<Reply<Imported>, Failure> {
    let (_, file) = publish::file(at, name, size)?;
    let about = serde_json::json!({"slug": args.slug.as_ref().map(Slug::as_str)});
    let bar = progress::bar(size, "sending");
    let moving = bar.clone();
    let format = args.format.as_deref();
    let sent = client.import_files(name, format, args.dry_run, &about, &[file], move |n| {
        moving.inc(n);
    });
    bar.finish_and_clear();
    Ok(sent?)
}

/// Prints a report. Exit code 1 where nothing came in, and something should have.
fn finish(args: &Args, imported: &Reply<Imported>) -> Result<(), Failure> {
    if let Some(path) = &args.csv {
        fs::write(path, &imported.csv).map_err(|e| {
            Failure::new(
                Code::Usage,
                format!("{} cannot be written: {e}.", path.display()),
            )
        })?;
    }
    if args.json {
        let mut json = imported.json.clone();
        if let Some(members) = json.as_object_mut() {
            members.remove("text");
            members.remove("csv");
        }
        terminal::json(&json);
    } else {
        for line in imported.text.lines() {
            terminal::data(&terminal::line(line));
        }
    }
    let r = &imported.report;
    let faulty = r.refused > 0 || r.errors > 0;
    if faulty && r.added + r.changed + r.unchanged + r.deleted == 0 {
        return Err(Failure::new(Code::No, "Nothing came in.")
            .hint("The report says why, and how to mend it."));
    }
    Ok(())
}

fn harvest(client: &Client, args: &Args, url: &str) -> Result<(), Failure> {
    let new = NewSource {
        url: url.to_owned(),
        prefix: args.prefix.clone(),
        set: args.set.clone(),
        from: args.since.clone(),
        until: args.until.clone(),
        every: args.every,
        deletions: args.deletions.clone(),
    };
    if args.dry_run {
        return finish(args, &client.try_source(&new)?);
    }
    let source = client.add_source(&new)?;
    if args.no_wait {
        if args.json {
            terminal::json(&source.json);
        } else {
            terminal::data(&row(&source.value));
        }
        return Ok(());
    }
    follow(client, args, source.id)
}

/// Shows how far a harvest is until it ends.
fn follow(client: &Client, args: &Args, id: i64) -> Result<(), Failure> {
    let (mut said, mut waited) = (String::new(), false);
    loop {
        let source = client.source(id)?;
        let now = row(&source.value);
        if now != said {
            terminal::talk(&now);
            said = now;
        }
        if source.state == "waiting" && !waited {
            waited = true;
            terminal::talk(
                "The source asked for a pause, or does not answer: the node asks again by itself. Ctrl-C ends the watching only; \
                 `commun import --list` says how far it is.",
            );
        }
        match source.state.as_str() {
            "waiting" | "running" => thread::sleep(LOOK),
            "failed" => {
                finish(args, &client.source_report(id)?)?;
                let why = source.error.clone().unwrap_or_default();
                return Err(Failure::new(
                    Code::No,
                    format!("The harvest was given up: {}.", terminal::line(&why)),
                ));
            }
            _ => return finish(args, &client.source_report(id)?),
        }
    }
}

fn row(source: &Source) -> String {
    let of = source
        .complete
        .map(|n| format!(" of {n}"))
        .unwrap_or_default();
    let why = source.error.iter();
    let why: String = why.map(|error| format!("; {error}")).collect();
    let r = &source.report;
    terminal::line(&format!(
        "{} {} {}: {}{of} records, {} added, {} changed, {} refused{why}",
        source.id, source.url, source.state, r.records, r.added, r.changed, r.refused
    ))
}

fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let sources = client.sources()?;
    if json {
        terminal::json(&sources.json);
        return Ok(());
    }
    let mut table = Table::new(&["N", "URL", "FORMAT", "SET", "STATE", "RECORDS", "NEXT"]);
    for s in &sources.sources {
        table.row(&[
            s.id.to_string().as_str(),
            &s.url,
            &s.prefix,
            &s.set,
            &s.state,
            &s.report.records.to_string(),
            s.due.as_deref().unwrap_or_default(),
        ]);
    }
    table.print();
    Ok(())
}
