//! Texts of which nobody said the language: sources often leave it out. Who corrects such a text in the language of the
//! content corrects that text; it is not another one beside it.

use commun_specs::metadata::{Column, Method, Record, Shape};
use serde_json::{Map, Value as Json};

/// What is known of no text.
const UNKNOWN: &str = "und";

/// The language that a column means, where it is one of the content's own: texts stand in one.
fn own(record: &Record, column: &Column) -> Option<String> {
    if !matches!(column.field.shape, Shape::Texts | Shape::Words) {
        return None;
    }
    let first = record.view().languages.into_iter().next()?;
    match &column.lang {
        None => Some(first),
        Some(lang) => (*lang == first).then_some(first),
    }
}

/// What a document says with this value in this column; a text in no language goes where the new one takes its place.
pub(super) fn stated(record: &Record, column: &Column, value: &Json) -> Json {
    let stated = column.stated(value.clone());
    let Some(lang) = own(record, column).filter(|lang| lang != UNKNOWN) else {
        return stated;
    };
    if value.is_object() {
        return stated;
    }
    let document = record.view().to_json();
    let texts = document.get(column.field.name);
    let there = |lang: &str| texts.is_some_and(|texts| texts.get(lang).is_some());
    if there(&lang) || !there(UNKNOWN) {
        return stated;
    }
    Json::Object(Map::from_iter([
        (lang, value.clone()),
        (UNKNOWN.to_owned(), Json::Null),
    ]))
}

/// Takes the newest correction of a column back, and with it that of the text in no language that it replaced. `false`
/// where there is none.
pub(super) fn take_back(record: &mut Record, column: &Column) -> bool {
    let field = column.field.name;
    let lang = column.lang.as_deref();
    let newest = record
        .values(field)
        .into_iter()
        .filter(|value| value.src.method == Method::Corrected && value.lang.as_deref() == lang)
        .max_by(|a, b| a.src.date.cmp(&b.src.date))
        .map(|value| value.src);
    let done = record.uncorrected(field, lang);
    if let (true, Some(_), Some(source)) = (done, lang, newest) {
        let beside = record.cleared.iter().any(|clear| {
            clear.v == field && clear.lang.as_deref() == Some(UNKNOWN) && clear.src == source
        });
        if beside {
            record.uncorrected(field, Some(UNKNOWN));
        }
    }
    done
}
