//! `commun review`.

use commun_client::{ItemRef, NewReview, Review};

use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Say what you think of an item, or list what people think
///
/// Your review replaces the one that you made of the item before. Others see on its page who you are, which version you
/// looked at, and what you wrote. Say how you used it: with whom, how many, how long.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The item
    item: ItemRef,
    /// What you think; withdrawn takes back what you said
    #[arg(
        long,
        value_name = "V",
        value_parser = ["approve", "reject", "comment", "withdrawn"],
        required_unless_present = "list"
    )]
    verdict: Option<String>,
    /// Why, in plain text of at most 4,000 characters; a comment needs it
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// The version that you looked at: its number, its id, or the first 8 characters of it [default: the one shown]
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// List what people think
    #[arg(long, conflicts_with_all = ["verdict", "text", "version"])]
    list: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks the node.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let Some(verdict) = args.verdict else {
        return list(settings, &args.item, args.json);
    };
    let client = settings.writer()?;
    let item = client.resolve(&args.item)?;
    let new = NewReview {
        version: args.version,
        verdict,
        text: args.text.unwrap_or_default(),
    };
    let made = client.review_item(&item, &new)?;
    if args.json {
        terminal::json(&made.json);
        return Ok(());
    }
    let name = made.item.as_ref().map_or("", |item| &item.name);
    terminal::data(&terminal::line(&made.statement));
    terminal::talk(&terminal::line(&match new.verdict.as_str() {
        "withdrawn" => format!("Took back what you said of {name}"),
        verdict => format!("Said of {name}, version {}: {verdict}", made.number),
    }));
    Ok(())
}

fn list(settings: &Settings, item: &ItemRef, json: bool) -> Result<(), Failure> {
    let client = settings.reader()?;
    let found = client.reviews(&client.resolve(item)?)?;
    if json {
        terminal::json(&found.json);
        return Ok(());
    }
    let mut table = Table::new(&["INSTITUTION", "BY", "VERSION", "VERDICT", "TEXT"]);
    for review in &found.reviews {
        table.row(&[
            institution(review),
            review.by.clone().unwrap_or_else(|| "-".to_owned()),
            format!(
                "{}{}",
                review.number,
                if review.current { "" } else { " (not shown)" }
            ),
            review.verdict.clone(),
            match review.words.as_str() {
                "here" => review.text.lines().collect::<Vec<_>>().join(" "),
                absent => format!("({absent})"),
            },
        ]);
    }
    if !found.reviews.is_empty() {
        terminal::data(&table.text());
    }
    terminal::talk(&format!(
        "{}, approved by {}",
        terminal::counted(found.count, "review"),
        terminal::counted(found.approving, "other institution")
    ));
    Ok(())
}

fn institution(review: &Review) -> String {
    let mut name = review.institution.clone();
    if review.own {
        name.push_str(" (published it)");
    }
    if review.former {
        name.push_str(" (former member)");
    }
    name
}
