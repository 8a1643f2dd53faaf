//! What `--set`, `--unset` and `--empty` ask for.

use commun_client::Correction;
use commun_specs::metadata::{Column, Shape};
use serde_json::Value;

use super::{Args, usage};
use crate::failure::Failure;

/// The corrections of the command line, in its order of kinds.
pub(super) fn read(args: &Args) -> Result<Vec<Correction>, Failure> {
    let lang = args.lang.as_deref();
    let mut all: Vec<Correction> = Vec::new();
    for text in &args.set {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| usage("--set takes FIELD=VALUE, such as title[fr]=Algèbre."))?;
        let column = column(name, lang)?;
        let value = column.read(value).ok_or_else(|| {
            usage(&format!(
                "--set {name} has no value; --empty {name} says that there is rightly none."
            ))
        })?;
        let field = column.to_string();
        // Given again, a field of several values has one more.
        let before = all.iter_mut().find(|one| one.field == field);
        match (before.and_then(|one| one.value.as_mut()), value) {
            (Some(Value::Array(values)), Value::Array(more)) => values.extend(more),
            (Some(_), _) => {
                return Err(usage(&format!("{field} has one value, and is set twice.")));
            }
            (None, value) => all.push(Correction {
                field,
                value: Some(value),
                empty: false,
            }),
        }
    }
    for name in &args.unset {
        all.push(Correction {
            field: column(name, lang)?.to_string(),
            value: Some(Value::Null),
            empty: false,
        });
    }
    for name in &args.empty {
        all.push(Correction {
            field: column(name, lang)?.to_string(),
            value: None,
            empty: true,
        });
    }
    Ok(all)
}

fn column(name: &str, lang: Option<&str>) -> Result<Column, Failure> {
    let wrong = |e: &dyn std::fmt::Display| usage(&format!("{name}: {e}."));
    let column: Column = name.parse().map_err(|e| wrong(&e))?;
    let text = matches!(column.field.shape, Shape::Texts | Shape::Words);
    match lang {
        Some(lang) if text && column.lang.is_none() => {
            Column::new(column.field.name, Some(lang)).map_err(|e| wrong(&e))
        }
        _ => Ok(column),
    }
}
