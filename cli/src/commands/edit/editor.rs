//! The record of an item in the editor, as Git opens a message.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use commun_client::{Client, CorrectHow, CorrectedItem, Correction, ItemRef, Reply};
use commun_specs::metadata::{MAX_BODY_BYTES, Shape, TABLE, parse_json};
use serde_json::{Map, Value};

use crate::failure::{Code, Failure};

/// The comment that says which version the text was made from.
const VERSION: &str = "# version ";
/// What is not corrected by hand.
const COUNTED: [&str; 3] = ["files", "record", "original"];

/// Lets the record be edited and corrects what was changed. `None`: nothing was.
pub(super) fn edit(
    client: &Client,
    item: &ItemRef,
    how: &CorrectHow,
    from: Option<&Path>,
) -> Result<Option<Reply<CorrectedItem>>, Failure> {
    let known = client.metadata(item)?;
    let mut before = known.metadata.clone();
    before.retain(|field, _| !COUNTED.contains(&field.as_str()));
    let text = match from {
        Some(path) => read(path)?,
        None => {
            let written = written(item, &known.version, &before);
            let edited = ask(&written)?;
            if edited == written {
                return Ok(None);
            }
            edited
        }
    };
    let base = text
        .lines()
        .find_map(|line| line.strip_prefix(VERSION))
        .map_or_else(|| known.version.clone(), |id| id.trim().to_owned());
    // Of an older version only that version's values tell what was changed: the node says so where it is asked.
    let kept = |failure: Failure| match from {
        Some(_) => failure,
        None => keep(&text, item, failure),
    };
    let corrections = changes(&before, &text).map_err(kept)?;
    if corrections.is_empty() {
        return Ok(None);
    }
    let how = CorrectHow {
        base: Some(base),
        ..how.clone()
    };
    client
        .correct(item, &corrections, &how)
        .map(Some)
        .map_err(|e| kept(e.into()))
}

fn written(item: &ItemRef, version: &str, record: &Map<String, Value>) -> String {
    let json = serde_json::to_string_pretty(record).unwrap_or_default();
    format!(
        "# What {item} says. Change values, save and close: what you changed is corrected, under your name.\n\
         # A field or a language that you remove is said to be rightly empty. Texts stand by language.\n\
         # If nothing is changed, nothing is done. Lines that begin with # are left out.\n\
         {VERSION}{version}\n\
         {json}\n"
    )
}

/// The text as the editor leaves it.
fn ask(text: &str) -> Result<String, Failure> {
    let failed =
        |what: &str, e: &dyn std::fmt::Display| Failure::new(Code::Fail, format!("{what}: {e}."));
    let set = |name| {
        std::env::var(name)
            .ok()
            .filter(|v: &String| !v.trim().is_empty())
    };
    let editor = set("VISUAL")
        .or_else(|| set("EDITOR"))
        .unwrap_or_else(|| "vi".into());
    let mut file = tempfile::Builder::new()
        .prefix("commun-edit-")
        .suffix(".json")
        .tempfile()
        .map_err(|e| failed("A file for the editor cannot be made", &e))?;
    file.write_all(text.as_bytes())
        .map_err(|e| failed("A file for the editor cannot be written", &e))?;
    // The setting may have options; the shell reads it as for Git.
    let done = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg("sh")
        .arg(file.path())
        .status()
        .map_err(|e| failed("The editor cannot be started", &e))?;
    if !done.success() {
        return Err(
            Failure::new(Code::Fail, "The editor did not end well; nothing was done.")
                .hint("Name another one in EDITOR, or use --set."),
        );
    }
    // Editors may put another file in its place.
    read(file.path())
}

fn read(path: &Path) -> Result<String, Failure> {
    let unread = |e: &dyn std::fmt::Display| {
        Failure::new(
            Code::Usage,
            format!("{} cannot be read: {e}.", path.display()),
        )
    };
    let size = fs::metadata(path).map_err(|e| unread(&e))?.len();
    if size > 4 * MAX_BODY_BYTES as u64 {
        return Err(unread(&"it is too long"));
    }
    fs::read_to_string(path).map_err(|e| unread(&e))
}

/// Keeps a text that was refused where it can be mended.
fn keep(text: &str, item: &ItemRef, failure: Failure) -> Failure {
    let kept = || -> std::io::Result<PathBuf> {
        let mut file = tempfile::Builder::new()
            .prefix("commun-edit-")
            .suffix(".json")
            .tempfile()?;
        file.write_all(text.as_bytes())?;
        let (_, path) = file.keep()?;
        Ok(path)
    };
    match kept() {
        Ok(path) => {
            let path = path.display();
            let hint = format!("Mend it, then: commun edit {item} --from {path}");
            Failure {
                message: format!("{}\nYour text is in {path}", failure.message),
                ..failure
            }
            .hint(hint)
        }
        Err(_) => failure,
    }
}

/// What was changed in the text.
fn changes(before: &Map<String, Value>, text: &str) -> Result<Vec<Correction>, Failure> {
    let lines = text
        .lines()
        .map(|line| match line.trim_start().starts_with('#') {
            // Lines keep their numbers.
            true => "",
            false => line,
        });
    let json = lines.collect::<Vec<_>>().join("\n");
    let after = match parse_json(json.as_bytes()) {
        Ok(Value::Object(after)) => after,
        Ok(_) => return Err(Failure::new(Code::Usage, "The text is not one object.")),
        Err(problem) => return Err(Failure::new(Code::Usage, format!("The text {problem}."))),
    };
    if let Some(strange) = after
        .keys()
        .find(|name| TABLE.iter().all(|field| field.name != **name))
    {
        let message = format!("{strange} is not a field of the model.");
        return Err(Failure::new(Code::Usage, message));
    }
    let mut all = Vec::new();
    let mut put = |field: String, value: Option<&Value>| {
        let empty = value.is_none_or(|v| v.is_null() || v.as_array().is_some_and(Vec::is_empty));
        all.push(Correction {
            field,
            value: value.cloned().filter(|_| !empty),
            empty,
        });
    };
    for field in TABLE {
        let (old, new) = (before.get(field.name), after.get(field.name));
        if old == new {
            continue;
        }
        let text = matches!(field.shape, Shape::Texts | Shape::Words);
        let nothing = Map::new();
        match (text, old, new) {
            (true, old, Some(Value::Object(new))) => {
                let old = old.and_then(Value::as_object).unwrap_or(&nothing);
                for (lang, value) in new
                    .iter()
                    .filter(|(lang, value)| old.get(*lang) != Some(value))
                {
                    put(format!("{}[{lang}]", field.name), Some(value));
                }
                for lang in old.keys().filter(|lang| !new.contains_key(*lang)) {
                    put(format!("{}[{lang}]", field.name), None);
                }
            }
            (true, Some(Value::Object(old)), None) => {
                for lang in old.keys() {
                    put(format!("{}[{lang}]", field.name), None);
                }
            }
            (_, _, new) => put(field.name.to_owned(), new),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(after: &str) -> Vec<Correction> {
        let before =
            json!({"title": {"fr": "A", "en": "B"}, "level": ["fr-l1"], "licence": "CC0-1.0"});
        changes(before.as_object().unwrap(), after).unwrap()
    }

    #[test]
    fn only_what_was_changed_is_corrected() {
        let text = "# x\n{\"title\": {\"fr\": \"A\",\n#\"en\": \"B\",\n \"de\": \"C\"}, \"level\": [], \"licence\": \"CC0-1.0\"}";
        let all = changed(text);
        let told: Vec<(&str, bool)> = all.iter().map(|c| (c.field.as_str(), c.empty)).collect();
        assert_eq!(
            told,
            [("title[de]", false), ("title[en]", true), ("level", true)]
        );
        let same = r#"{"licence": "CC0-1.0", "level": ["fr-l1"], "title": {"en": "B", "fr": "A"}}"#;
        assert_eq!(changed(same), []);
        assert_eq!(
            changed(r#"{"licence": "CC0-1.0", "level": ["fr-l1"]}"#).len(),
            2
        );
    }

    #[test]
    fn what_is_no_record_says_why() {
        for text in ["", "[]", "{", r#"{"titel": "x"}"#] {
            assert!(changes(&Map::new(), text).is_err(), "{text}");
        }
    }
}
