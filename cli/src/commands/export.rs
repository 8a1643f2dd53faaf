//! `commun export`.

mod tar;
mod write;

use std::{fs, path::PathBuf};

use clap::builder::PossibleValuesParser;
use commun_client::{ItemRef, Selection};

use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// The forms of INTERFACES.
const FORMATS: [&str; 13] = [
    "lom",
    "lomfr",
    "suplomfr",
    "oai_dc",
    "amb",
    "schemaorg",
    "metadata-yml",
    "imscc",
    "package",
    "bagit",
    "csl-json",
    "bibtex",
    "attribution",
];
/// Those whose files are unpacked into the folder.
const FOLDERS: [&str; 8] = [
    "lom",
    "lomfr",
    "suplomfr",
    "oai_dc",
    "amb",
    "schemaorg",
    "metadata-yml",
    "bagit",
];

/// Export items in the standards and packages of others
///
/// Several items, with the members of a collection, and what a search finds, are one export: of the records one file for
/// each item; of imscc, package, bagit and the citations one for all.
///
/// lom lomfr suplomfr oai_dc amb schemaorg metadata-yml: records. imscc: a Common Cartridge for Moodle and others. package: the
/// package as it came in, else a ZIP file of the files with their metadata. bagit: a bag with everything, which can be
/// checked without Commun. csl-json bibtex: citations. attribution: credits over the whole chain.
///
/// It ends with what the form could not carry. A record that came in through a standard, and that nobody has corrected
/// since, goes out through it untouched.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Items, and after them the folder to write to
    #[arg(required = true, value_names = ["ITEM", "DIR"], num_args = 1..)]
    what: Vec<String>,
    /// The form
    #[arg(long, value_name = "F", value_parser = PossibleValuesParser::new(FORMATS))]
    format: String,
    /// Also what a search finds
    #[arg(long, value_name = "Q")]
    query: Option<String>,
    /// Also all that an institution published, of what the search finds; may be given more than once
    #[arg(long, value_name = "H")]
    institution: Vec<String>,
    /// Of attribution: text, html, markdown or latex
    #[arg(long = "as", value_name = "A", value_parser = PossibleValuesParser::new(["text", "html", "markdown", "latex"]))]
    form: Option<String>,
    /// Replace files that are there and differ
    #[arg(long)]
    force: bool,
    /// Write the report as CSV to a file, too
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Print the report and the files as JSON
    #[arg(long)]
    json: bool,
}

/// Asks for the report, then for the export, and writes it.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let mut what = args.what;
    let dir = PathBuf::from(what.pop().unwrap_or_default());
    if what.is_empty() && args.query.is_none() && args.institution.is_empty() {
        return Err(Failure::new(Code::Usage, "Say what to export, and after it the folder to write to.")
            .hint("commun export ITEM... --format lom DIR; or --query or --institution in the place of items."));
    }
    let client = settings.reader()?;
    let mut items = Vec::new();
    for name in &what {
        let item: ItemRef = name
            .parse()
            .map_err(|e| Failure::new(Code::Usage, format!("{}: {e}.", terminal::line(name))))?;
        items.push(client.resolve(&item)?.to_string());
    }
    let unpacked = FOLDERS.contains(&args.format.as_str());
    let selection = Selection {
        form: if unpacked {
            Some("tar".into())
        } else {
            args.form
        },
        format: args.format,
        items,
        query: args.query,
        institutions: args.institution,
    };
    let report = client.export_report(&selection)?;
    let mut export = client.export(&selection)?;
    let out = write::Folder::new(&dir, args.force)?;
    let files = if unpacked {
        tar::unpack(&mut export, &out)?
    } else {
        let name = export.name.clone().unwrap_or_default();
        vec![out.file(&name, None, &mut export)?]
    };
    if let Some(path) = &args.csv {
        fs::write(path, &report.csv).map_err(|e| write::failed(path, &e))?;
    }
    if args.json {
        let mut json = report.json.clone();
        if let Some(members) = json.as_object_mut() {
            members.remove("text");
            members.remove("csv");
        }
        json["files"] = files.into();
        terminal::json(&json);
    } else {
        for line in report.text.lines() {
            terminal::data(&terminal::line(line));
        }
        let are = if files.len() == 1 { "is" } else { "are" };
        let count = terminal::counted(files.len() as u64, "file");
        terminal::talk(&format!("{count} {are} in {}", dir.display()));
    }
    let rules = report.json["rules"].as_array().into_iter().flatten();
    let mut missing = rules.filter(|rule| rule["rule"] == "not-given");
    if let Some(count) = missing.find_map(|rule| rule["count"].as_u64()) {
        terminal::talk(&format!(
            "Note: {count} items are not in it; the report says which, and why."
        ));
    }
    Ok(())
}
