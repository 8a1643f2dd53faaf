//! `commun search`.

use clap::ValueEnum;
use commun_client::{Hit, Query, Search, Sort};

use crate::{failure::Failure, settings::Settings, terminal};

/// Search everything that the commons has
///
/// Several values of one option are alternatives; different options all must match.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Words; several need no quotation marks, none finds everything
    #[arg(value_name = "QUERY")]
    words: Vec<String>,
    /// repository, resource or collection
    #[arg(long = "type", value_name = "T")]
    types: Vec<String>,
    /// Kind of resource, such as course, exercise or data
    #[arg(long, value_name = "R")]
    resource_type: Vec<String>,
    /// Licence, such as CC-BY-SA-4.0
    #[arg(long, value_name = "L")]
    licence: Vec<String>,
    /// What one may do: adapt, adapt-any, adapt-nc, share, share-any, share-nc or unclear
    #[arg(long, value_name = "C")]
    licence_class: Vec<String>,
    /// Only what one may change and share again
    #[arg(long)]
    adaptable: bool,
    /// What the files are, such as pdf, video, notebook or h5p
    #[arg(long, value_name = "F")]
    format: Vec<String>,
    /// How long it takes: up-to-10m, up-to-30m, up-to-1h, up-to-2h, up-to-10h or over-10h
    #[arg(long, value_name = "D")]
    duration: Vec<String>,
    /// not-checked, stated, or what helps, such as captions
    #[arg(long, value_name = "A")]
    accessibility: Vec<String>,
    /// Language, such as fr
    #[arg(long, value_name = "L")]
    language: Vec<String>,
    /// Level, such as isced-6 or fr-l1
    #[arg(long, value_name = "L")]
    level: Vec<String>,
    /// Subject, such as iscedf-0541
    #[arg(long, value_name = "S")]
    subject: Vec<String>,
    /// Handle of the institution that published it
    #[arg(long, value_name = "H")]
    institution: Vec<String>,
    /// Order of the hits [default: relevance]
    #[arg(long)]
    sort: Option<Order>,
    /// Most hits to print
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Hits to leave out before them
    #[arg(long, value_name = "N")]
    offset: Option<u64>,
    /// Print hits and counts as JSON
    #[arg(long)]
    json: bool,
}

/// An order of hits.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Order {
    /// Best first
    Relevance,
    /// Newest first
    Newest,
    /// By title
    Title,
}

impl From<Order> for Sort {
    fn from(order: Order) -> Sort {
        match order {
            Order::Relevance => Sort::Relevance,
            Order::Newest => Sort::Newest,
            Order::Title => Sort::Title,
        }
    }
}

/// Asks the node.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let query = Query {
        text: args.words.join(" "),
        types: args.types,
        resource_types: args.resource_type,
        licences: args.licence,
        licence_classes: args.licence_class,
        adaptable: args.adaptable,
        formats: args.format,
        durations: args.duration,
        accessibility: args.accessibility,
        languages: args.language,
        levels: args.level,
        subjects: args.subject,
        institutions: args.institution,
        sort: args.sort.map(Sort::from),
        limit: args.limit,
        offset: args.offset,
    };
    let found = settings.reader()?.search(&query)?;
    if args.json {
        terminal::json(&found.json);
        return Ok(());
    }
    if !found.hits.is_empty() {
        terminal::data(&text(&found.hits));
    }
    terminal::talk(&summary(&found, query.offset.unwrap_or(0)));
    Ok(())
}

/// The hits for people: name and facts on one line, title and matching text below.
pub fn text(hits: &[Hit]) -> String {
    let width = hits
        .iter()
        .map(|hit| hit.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for hit in hits {
        let mut facts = hit.resource_type.clone();
        if facts.is_empty() {
            facts.push(hit.kind.clone());
        }
        facts.extend(hit.language.iter().cloned());
        facts.extend(hit.level.iter().cloned());
        facts.extend(hit.licence.iter().cloned());
        let name = terminal::line(&hit.name);
        text.push_str(&format!(
            "{name:width$}  {}\n",
            terminal::line(&facts.join(" · "))
        ));
        text.push_str(&format!(
            "    {}\n",
            terminal::cut(&terminal::line(&hit.title), 96)
        ));
        let snippet = hit
            .snippet
            .as_deref()
            .map(plain)
            .or_else(|| hit.summary.clone())
            .unwrap_or_default();
        if !snippet.trim().is_empty() {
            text.push_str(&format!(
                "    {}\n",
                terminal::cut(&terminal::line(snippet.trim()), 96)
            ));
        }
    }
    text
}

fn summary(found: &Search, offset: u64) -> String {
    let suggestion = match &found.suggestion {
        Some(words) if found.total > 0 => {
            format!(
                "; not for what you typed, but for: {}",
                terminal::line(words)
            )
        }
        Some(words) => format!("; did you mean: {}", terminal::line(words)),
        None => String::new(),
    };
    match found.hits.len() as u64 {
        0 if found.total == 0 => format!("Nothing found{suggestion}"),
        0 => format!("{} found, none from the {}th on", found.total, offset + 1),
        count if count == found.total => format!(
            "{} found in {:.0} ms{suggestion}",
            found.total, found.took_ms
        ),
        count => format!(
            "{} found in {:.0} ms, these are {} to {} (--offset {} has the next){suggestion}",
            found.total,
            found.took_ms,
            offset + 1,
            offset + count,
            offset + count
        ),
    }
}

/// A snippet without its markup: `<b>` around the words, the rest HTML-escaped.
fn plain(snippet: &str) -> String {
    snippet
        .replace("<b>", "")
        .replace("</b>", "")
        .replace(['\n', '\r', '\t'], " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_read_as_text() {
        assert_eq!(
            plain("l&#39;<b>équation</b> a &lt; b &amp;lt; c"),
            "l'équation a < b &lt; c"
        );
    }
}
