//! Attribution that is ready to paste, in every form: over the whole chain of works that an item was made from.
//!
//! Each form stands in a field that the keyboard selects, so that copying needs no script.

use commun_forge::attribution::{Format, attribution};
use maud::{Markup, html};

use super::super::Page;
use crate::{
    http::{Web, lang::Lang, problem::Problem, text::visible},
    items::Shown,
};

/// The most lines that a field shows.
const MAX_ROWS: usize = 10;
/// How many characters fit a line of a field.
const ROW_CHARS: usize = 27;

/// One form of the attribution.
struct Form {
    /// What people call it.
    name: &'static str,
    /// Where it is downloaded, below the item's address in the interface.
    address: String,
    text: String,
}

/// The attribution of an item in every form, the plain text first.
pub(in crate::http::pages) struct Credits(Vec<Form>);

impl Credits {
    /// The plain text.
    pub(in crate::http::pages) fn text(&self) -> &str {
        self.0.first().map_or("", |form| form.text.trim_end())
    }
}

/// Gathers what is to be credited.
///
/// # Errors
/// The node fails.
pub(in crate::http::pages) async fn gather(
    web: &Web,
    item: &Shown,
    lang: Lang,
) -> Result<Credits, Problem> {
    if item.withdrawn.is_some() {
        return Ok(Credits(Vec::new()));
    }
    let (id, tag) = (item.id, lang.tag());
    let chain = web.site().credits(&id, tag).await?;
    let cited = web.ask(move |site| Ok(site.cited(&id, tag)?)).await?;
    let forms = [
        ("", "text", Format::Text),
        ("HTML", "html", Format::Html),
        ("Markdown", "markdown", Format::Markdown),
        ("LaTeX", "latex", Format::Latex),
    ];
    let mut all: Vec<Form> = forms
        .into_iter()
        .filter(|_| !chain.is_empty())
        .map(|(name, format, form)| Form {
            name,
            address: format!("attribution?format={format}&lang={tag}"),
            text: attribution(&chain, form, tag),
        })
        .collect();
    if let Some(cited) = cited {
        let csl = serde_json::to_string_pretty(&[cited.csl()]).unwrap_or_default();
        for (name, format, text) in [
            ("BibTeX", "bibtex", cited.bibtex()),
            ("RIS", "ris", cited.ris()),
            ("CSL-JSON", "csl", csl),
        ] {
            all.push(Form {
                name,
                address: format!("citation?format={format}&lang={tag}"),
                text,
            });
        }
    }
    Ok(Credits(all))
}

/// The card with all forms.
pub(in crate::http::pages) fn card(page: &Page<'_>, item: &Shown, credits: &Credits) -> Markup {
    let words = page.words;
    let Some((first, rest)) = credits.0.split_first() else {
        return html! {};
    };
    html! {
        section.card.credit aria-labelledby="credit" {
            h2 id="credit" { (words.say("attribution-title")) }
            p.quiet id="credit-help" { (words.say("attribution-help")) }
            (field(words.say("attribution-plain"), &first.text))
            @for form in rest {
                details {
                    summary { (form.name) }
                    (field(form.name, &form.text))
                    p { a href={ "/api/v1/items/" (item.name()) "/" (form.address) } download {
                        (words.say("file-download")) span.hidden { " " (form.name) }
                    } }
                }
            }
        }
    }
}

/// A text to copy: a field that is only read, which the keyboard selects whole.
pub(in crate::http::pages) fn field(name: &str, text: &str) -> Markup {
    let text = text.trim_end();
    let rows = text
        .lines()
        .map(|line| line.chars().count() / ROW_CHARS + 1);
    let rows = rows.sum::<usize>().clamp(1, MAX_ROWS);
    html! {
        // A browser drops the first line end of a field.
        textarea.copy readonly rows=(rows) aria-label=(name) spellcheck="false" { "\n" (visible(text)) }
    }
}
