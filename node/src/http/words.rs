//! Every sentence of the pages, in each of their languages, as [Fluent](https://projectfluent.org) files that people
//! who do not program can read and mend: `words/<language>/<theme>.ftl`.
//!
//! *A sentence more*: write it in the file of its theme in `words/en` and in `words/fr`, then
//! `page.words.say("its-key")`, or [`Words::say_with`] where it has variables, or [`Words::say_html`] where what fills
//! them is markup. A theme more: a file in every folder, and a word in [`files!`]. The tests find a key that is not
//! written or not used, variables that are not those of the other language, and French spaces.
//!
//! *A language more*: a copy of the folder `words/en`, and a line in [`super::lang`]. What it does not say yet is said
//! in English; its files may be empty.

mod extraction;
pub(in crate::http) mod known;
pub(in crate::http) mod quality;
mod taking;

use std::{collections::HashMap, sync::OnceLock};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use maud::{Markup, PreEscaped, html};

use super::{lang::Lang, text::number};

pub use extraction::why_unread;
pub use fluent_bundle::FluentValue as Value;
pub use taking::reason;

/// The files of a language, each with its name: a theme of the pages is a word here and a file in every folder.
macro_rules! files {
    ($tag:literal) => {
        $crate::http::words::files!($tag:
            "frame" "home" "search" "item" "extraction" "export" "lineage" "taking" "compare" "known" "quality"
            "component" "code" "talk" "proof" "institution" "status" "error"
            "review" "about" "commons" "author" "subject" "follow" "collection"
        )
    };
    ($tag:literal: $($theme:literal)+) => {
        &[$(($theme, include_str!(concat!("words/", $tag, "/", $theme, ".ftl")))),+]
    };
}
pub(in crate::http) use files;

/// First of the characters that stand for markup while a sentence is put together: for private use, so that no
/// sentence has them.
const HOLE: u32 = 0xf_0000;

/// What the files of a language say.
struct Sentences {
    bundle: FluentBundle<FluentResource>,
    /// Those without variables, put together once.
    constant: HashMap<String, String>,
}

/// The sentences in one language. Cheap to pass on.
#[derive(Clone, Copy)]
pub struct Words(&'static Sentences);

/// What fills a variable of [`Words::say_html`].
pub enum Part {
    /// Markup as it is.
    Html(Markup),
    /// A number, which may also choose between singular and plural.
    Number(u64),
}

impl From<Markup> for Part {
    fn from(html: Markup) -> Self {
        Part::Html(html)
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Part::Html(html! { (text) })
    }
}

impl From<u64> for Part {
    fn from(number: u64) -> Self {
        Part::Number(number)
    }
}

impl From<usize> for Part {
    fn from(number: usize) -> Self {
        Part::Number(number as u64)
    }
}

impl Words {
    /// The sentences in a language.
    pub fn of(lang: Lang) -> Words {
        static ALL: OnceLock<Vec<Sentences>> = OnceLock::new();
        let all = ALL.get_or_init(|| {
            Lang::ALL
                .iter()
                .map(|lang| Sentences::read(*lang, lang.files()))
                .collect()
        });
        // In the order of `Lang::ALL`, which is that of the variants.
        Words(&all[lang as usize])
    }

    /// A sentence without variables. A key that no file has is a fault of the program: it is said as it is.
    pub fn say(self, key: &'static str) -> &'static str {
        self.find(key).unwrap_or_else(|| {
            debug_assert!(false, "no sentence without variables is called {key}");
            key
        })
    }

    /// A sentence without variables whose key was made at run time; `None` where there is none.
    pub fn find(self, key: &str) -> Option<&'static str> {
        let own = self.0.constant.get(key);
        own.or_else(|| Words::of(Lang::En).0.constant.get(key))
            .map(String::as_str)
    }

    /// A sentence with its variables filled: text, not markup. A number is written as the language groups its digits,
    /// and chooses between singular and plural.
    pub fn say_with<const N: usize>(
        self,
        key: &'static str,
        values: [(&'static str, Value<'_>); N],
    ) -> String {
        let values = FluentArgs::from_iter(values);
        let said = self.0.put(key, &values);
        said.or_else(|| Words::of(Lang::En).0.put(key, &values))
            .unwrap_or_else(|| {
                debug_assert!(false, "no sentence is called {key}");
                key.to_owned()
            })
    }

    /// A sentence whose variables are filled with markup; what the sentence itself says is escaped.
    pub fn say_html<const N: usize>(
        self,
        key: &'static str,
        values: [(&'static str, Part); N],
    ) -> Markup {
        let mut holes = Vec::with_capacity(N);
        let filled = values.map(|(name, part)| match part {
            Part::Number(number) => (name, Value::from(number)),
            Part::Html(html) => {
                let hole = char::from_u32(HOLE + holes.len() as u32);
                holes.push(html.into_string());
                (
                    name,
                    Value::from(hole.map(String::from).unwrap_or_default()),
                )
            }
        });
        let mut out = String::new();
        for c in html! { (self.say_with(key, filled)) }.into_string().chars() {
            match (c as u32).checked_sub(HOLE) {
                Some(at) => out.push_str(holes.get(at as usize).map_or("", String::as_str)),
                None => out.push(c),
            }
        }
        PreEscaped(out)
    }
}

impl Sentences {
    /// Reads the files of a language. What is wrong with one of them the tests find; what is right in it is said.
    fn read(lang: Lang, files: &[(&str, &'static str)]) -> Sentences {
        let tag = lang.tag().parse().expect("a language has a BCP 47 tag");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Names and titles are isolated where they are markup; in text, marks that are not seen would be copied along.
        bundle.set_use_isolating(false);
        let mut keys = Vec::new();
        for (_, text) in files {
            keys.extend(text.lines().filter_map(key_of));
            let file = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(file, _)| file);
            // The first of two sentences of one name stays.
            let _ = bundle.add_resource(file);
        }
        let mut all = Sentences {
            bundle,
            constant: HashMap::new(),
        };
        // What has no variable can be put together without one.
        for key in keys {
            if let Some(text) = all.put(key, &FluentArgs::new()) {
                all.constant.insert(key.to_owned(), text);
            }
        }
        lang.write_numbers(&mut all.bundle);
        all
    }

    /// A sentence put together; `None` where this language has no such one, or it lacks a value.
    fn put(&self, key: &str, values: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut faults = Vec::new();
        let said = self
            .bundle
            .format_pattern(pattern, Some(values), &mut faults);
        faults.is_empty().then(|| said.into_owned())
    }
}

/// The key of the sentence that begins on a line, if one does.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim_end();
    let named = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    named.then_some(key)
}

/// A number of a sentence as the language writes it; `None` for what is not a whole one.
pub(in crate::http) fn figure(value: &Value<'_>, lang: Lang) -> Option<String> {
    match value {
        Value::Number(number) if number.value >= 0.0 && number.value.fract() == 0.0 => {
            Some(self::number(lang, number.value as u64))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
