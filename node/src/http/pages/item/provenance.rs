//! Who published an item, who signed it, who else has it; in one line, with the proof on demand.

use maud::{Markup, html};

use super::super::Page;
use crate::{
    http::text::{day, plain},
    items::Shown,
};

/// The card.
pub(in crate::http::pages) fn provenance(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let current = item.versions.iter().find(|version| version.current);
    html! {
        section.card.provenance aria-labelledby="provenance" {
            h2 id="provenance" { (words.say("provenance-title")) }
            p { (words.say("published-by")) " " a href=(page.href(&format!("/{}", item.handle))) { (plain(item.handle.as_str())) } }
            @if let Some(version) = current {
                p { span.sign aria-hidden="true" { "✓" } " "
                    @match &version.author_name {
                        Some(name) => (words.say_html("provenance-signed-by", [("person", plain(name).into()), ("date", day(page.lang(), version.time).into())])),
                        None => (words.say_html("provenance-signed-on", [("date", day(page.lang(), version.time).into())])),
                    }
                }
                details {
                    summary { (words.say("provenance-proof")) }
                    p { (words.say("provenance-verified")) }
                    p.quiet {
                        (words.say("provenance-key")) " " code.key { (version.author) } br;
                        (if version.custody_self { words.say("provenance-custody-self") } else { words.say("provenance-custody-node") })
                    }
                    p.quiet {
                        (words.say_with("provenance-position", [("institution", version.log.as_str().into()), ("position", version.position.to_string().into())])) br;
                        a href={ "/api/v1/items/" (item.name()) "/statements" } { (words.say("provenance-record")) }
                    }
                    p.quiet { (words.say("provenance-check")) }
                    pre.command tabindex="0" { code { "commun verify " (item.name()) } }
                    @if item.repository.is_some() {
                        p { a.more href=(page.href(&format!("/{}/verification", item.name()))) { (words.say("proof-link")) } }
                    }
                }
            }
            (copies(page, item))
            details {
                summary { (words.say("taking-report-hint")) }
                pre.command tabindex="0" { code { "commun report " (item.name()) " --text TEXT" } }
            }
        }
    }
}

/// How many institutions hold the content, and which.
fn copies(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let count = item.holders.len() as u64;
    html! {
        @if count > 0 {
            details {
                summary { (words.say_with("provenance-copies", [("count", count.into())])) }
                ul { @for holder in &item.holders {
                    li { a href=(page.href(&format!("/{holder}"))) { (plain(holder.as_str())) } }
                } }
            }
        }
    }
}
