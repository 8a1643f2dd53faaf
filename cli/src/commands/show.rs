//! `commun show`.

use commun_client::{Item, ItemRef};
use serde_json::Value;

use crate::{failure::Failure, settings::Settings, terminal};

/// Show an item: what it is, its versions, who said so
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The item
    item: ItemRef,
    /// Print all that the node knows as JSON
    #[arg(long)]
    json: bool,
}

/// Asks the node.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let client = settings.reader()?;
    let item = client.item(&client.resolve(&args.item)?)?;
    if args.json {
        terminal::json(&item.json);
        return Ok(());
    }
    let mut text = text(&item);
    if item.kind == "repository" {
        text.push_str(&format!(
            "clone        {}\n",
            clone_url(&client, &item.name)
        ));
    }
    terminal::data(&text);
    Ok(())
}

/// What to give to `git clone`.
pub fn clone_url(client: &commun_client::Client, name: &str) -> String {
    terminal::line(&format!("{}{name}.git", client.base()))
}

/// An item for people.
pub fn text(item: &Item) -> String {
    let mut text = format!(
        "{} ({})\n",
        terminal::line(&item.name),
        terminal::line(&item.kind)
    );
    if let Some(title) = &item.title {
        text.push_str(&format!("{}\n", terminal::line(title)));
    }
    text.push('\n');
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            let value = terminal::lines(value.trim_end()).replace('\n', "\n             ");
            text.push_str(&format!("{name:12} {value}\n"));
        }
    };
    fact("id", &item.id);
    fact("withdrawn", &withdrawn(item));
    fact("summary", item.summary.as_deref().unwrap_or_default());
    fact("licence", item.licence.as_deref().unwrap_or_default());
    fact("updated", item.updated.as_deref().unwrap_or_default());
    if let Value::Object(metadata) = &item.metadata {
        for (name, value) in metadata {
            if !["title", "summary", "licence", "kind", "slug"].contains(&name.as_str()) {
                fact(&name.replace('_', " "), &words(value));
            }
        }
    }
    for version in &item.versions {
        let position = version.position.map(|position| position.to_string());
        let files = version
            .files
            .as_ref()
            .map(|files| format!("{} files, {}", files.count, terminal::size(files.size)));
        let parts = [
            version.time.clone().unwrap_or_default(),
            format!("{} {}", version.institution, position.unwrap_or_default())
                .trim()
                .to_owned(),
            version
                .author_name
                .as_ref()
                .map(|name| format!("by {name}"))
                .unwrap_or_default(),
            files.unwrap_or_default(),
            if version.current && item.versions.len() > 1 {
                "(current)".into()
            } else {
                String::new()
            },
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        fact(
            "history",
            &format!("{}  {}", terminal::cut(&version.id, 13), parts.join("  ")),
        );
    }
    for (name, behind) in item.behind() {
        let sentence = match behind {
            1 => format!("1 version behind {name}"),
            n => format!("{n} versions behind {name}"),
        };
        fact("origin", &sentence);
    }
    fact("holders", &words(&item.holders));
    fact("verified", &words(&item.verification));
    text
}

/// Why an item was taken back: the code, and what was said.
fn withdrawn(item: &Item) -> String {
    let code = item.withdrawn.as_deref().unwrap_or_default();
    match item.withdrawal.get("reason").and_then(Value::as_str) {
        Some(reason) if !reason.is_empty() => format!("{code}: {reason}"),
        _ => code.to_owned(),
    }
}

/// Any JSON value in words, on one line.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list
            .iter()
            .map(words)
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
        Value::Object(members) => {
            let named = ["name", "label", "handle"]
                .iter()
                .find_map(|name| members.get(*name)?.as_str());
            match named {
                Some(name) => name.to_owned(),
                None => members
                    .iter()
                    .map(|(name, value)| match name.as_str() {
                        // A text of which nobody said the language.
                        "und" => words(value),
                        name => format!("{name}: {}", words(value)),
                    })
                    .collect::<Vec<_>>()
                    .join("; "),
            }
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_names_its_language_where_it_has_one() {
        assert_eq!(words(&json!({"fr": "Un cours"})), "fr: Un cours");
        assert_eq!(words(&json!({"und": "A course"})), "A course");
        assert_eq!(
            words(&json!({"en": "A course", "und": "Kurs"})),
            "en: A course; Kurs"
        );
    }
}
