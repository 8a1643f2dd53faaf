//! What clients hand in, as edits.

use commun_forge::{
    crosswalk::Report,
    problem::{Problem as Line, Severity},
};
use commun_specs::{
    fold::Item,
    id::StatementId,
    metadata::{Column, parse_json},
};
use serde_json::{Map, Value};

use super::super::{place::Place, problem::Problem};
use crate::{
    app::App,
    corrections::{Edit, MAX_EDITS, Task, To},
};

/// What a line is to be, as reports say it.
const FORM: &str =
    r#"{"item": "handle/slug", "changes": [{"field": "title", "language": "fr", "value": "…"}]}"#;

/// A version's id.
pub(super) fn version(field: &str, text: &str) -> Result<StatementId, Problem> {
    text.parse().map_err(|_| {
        Problem::unprocessable("this is not the id of a version").with_error(
            field,
            "is not the id of a version",
            "copy it from the item",
        )
    })
}

/// The item that a line or a list names: `handle/slug`, an id or its beginning.
pub(super) fn item(app: &App, name: &str) -> Result<Item, Problem> {
    let name = name.strip_prefix("commun://").unwrap_or(name);
    let place = match name.split_once('/') {
        Some((handle, slug)) => Place {
            id: handle.to_owned(),
            slug: Some(slug.to_owned()),
        },
        None => Place {
            id: name.to_owned(),
            slug: None,
        },
    };
    super::item(app, &place)
}

/// The changes of one item: a list of them, or `{if, changes}`, or one of them.
pub(super) fn changes(body: Value) -> Result<(Option<StatementId>, Vec<Edit>), Problem> {
    let (base, list) = match body {
        Value::Array(list) => (None, list),
        Value::Object(mut members) => {
            let base = match members.remove("if") {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(version("if", &text)?),
                Some(_) => return Err(wrong("if", "is not a text", "write the id of a version")),
            };
            match members.remove("changes") {
                Some(Value::Array(list)) => (base, list),
                None if members.contains_key("field") => (base, vec![Value::Object(members)]),
                _ => return Err(wrong("changes", "is not a list", "write [{field, value}]")),
            }
        }
        _ => return Err(wrong("", "is no list of changes", "write [{field, value}]")),
    };
    if list.is_empty() {
        return Err(wrong("changes", "is empty", "write [{field, value}]"));
    }
    if list.len() > MAX_EDITS {
        let what = format!("are {}, the most is {MAX_EDITS}", list.len());
        return Err(wrong("changes", &what, "make them in several steps"));
    }
    let mut problem = Problem::unprocessable("what is to be corrected cannot be read");
    let mut edits = Vec::new();
    for (at, change) in list.into_iter().enumerate() {
        match edit(change) {
            Ok(edit) => edits.push(edit),
            Err((member, what)) => {
                let field = format!("changes[{at}]{member}");
                problem = problem.with_error(field, what, "write {field, language, value}");
            }
        }
    }
    match problem.errors.is_empty() {
        true => Ok((base, edits)),
        false => Err(problem),
    }
}

fn wrong(field: &str, what: &str, fix: &str) -> Problem {
    Problem::unprocessable("what is to be corrected cannot be read").with_error(field, what, fix)
}

/// One change; what is wrong with it, and in which member.
fn edit(change: Value) -> Result<Edit, (&'static str, String)> {
    let Value::Object(mut members) = change else {
        return Err(("", "is not an object".to_owned()));
    };
    let text = |members: &mut Map<String, Value>, name: &'static str| match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err((name, "is not a text".to_owned())),
    };
    let field = text(&mut members, "field")?;
    let field = field.ok_or((".field", "is missing".to_owned()))?;
    let lang = match text(&mut members, "language")? {
        Some(lang) => Some(lang),
        None => text(&mut members, "lang")?,
    };
    let column = match lang {
        Some(lang) => Column::new(&field, Some(&lang)),
        None => field.parse(),
    };
    let column = column.map_err(|e| (".field", e.to_string()))?;
    let empty = match members.remove("empty") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return Err((".empty", "is neither true nor false".to_owned())),
    };
    let to = match (members.remove("value"), empty) {
        (None, true) => To::Empty,
        (Some(Value::Null), false) => To::Back,
        (Some(value), false) => To::Value(value),
        (Some(_), true) => return Err((".value", "is there beside `empty`".to_owned())),
        (None, false) => {
            let what = "is missing; null takes the correction back";
            return Err((".value", what.to_owned()));
        }
    };
    match members.keys().next() {
        Some(_) => Err((
            "",
            "has members beside field, language, value, empty".to_owned(),
        )),
        None => Ok(Edit { column, to }),
    }
}

/// The tasks of lines of JSON, or of a list of the same objects. Lines that cannot be read are told.
///
/// # Errors
/// The whole is no JSON at all.
pub(super) fn lines(app: &App, body: &[u8], report: &mut Report) -> Result<Vec<Task>, Problem> {
    let whole = std::str::from_utf8(body);
    let whole = whole.map_err(|_| Problem::bad_request("the lines are not UTF-8"))?;
    let listed = match whole.trim_start().starts_with('[') {
        true => match serde_json::from_str(whole) {
            Ok(Value::Array(list)) => Some(list),
            _ => return Err(Problem::bad_request("the list of corrections is not JSON")),
        },
        false => None,
    };
    let read: Vec<(String, Result<Value, String>)> = match listed {
        Some(list) => list
            .into_iter()
            .enumerate()
            .map(|(at, value)| (format!("entry {}", at + 1), Ok(value)))
            .collect(),
        None => whole
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(at, line)| {
                let value = parse_json(line.as_bytes()).map_err(|problem| problem.to_string());
                (format!("line {}", at + 1), value)
            })
            .collect(),
    };
    let mut tasks = Vec::new();
    for (place, value) in read {
        match value.and_then(|value| task(app, value)) {
            Ok(task) => tasks.push(task),
            Err(why) => {
                report.records += 1;
                report.refused += 1;
                let line = Line::new(Severity::Error, "row-unreadable", "", &why, FORM);
                report.push(&place, line);
            }
        }
    }
    Ok(tasks)
}

fn task(app: &App, value: Value) -> Result<Task, String> {
    let Value::Object(mut members) = value else {
        return Err("it is not an object".to_owned());
    };
    let Some(Value::String(name)) = members.remove("item") else {
        return Err("it names no item".to_owned());
    };
    let found = item(app, &name).map_err(|problem| format!("{name}: {}", problem.detail))?;
    let (base, edits) = changes(Value::Object(members)).map_err(|problem| {
        let errors = problem.errors.iter();
        let errors: Vec<String> = errors.map(|e| format!("{} {}", e.field, e.what)).collect();
        match errors.is_empty() {
            true => problem.detail,
            false => errors.join("; "),
        }
    })?;
    Ok(Task {
        record: name,
        item: found.id,
        base,
        edits,
    })
}
