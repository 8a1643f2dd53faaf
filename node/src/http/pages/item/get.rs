//! Taking an item away: its files, packages for other tools, its record in the standards, a frame for another page.

use maud::{Markup, html};

use super::{
    super::{Page, embed},
    credit, download,
};
use crate::{
    export::Format,
    http::text::{plain, size},
    items::Shown,
};

/// The card of all that can be taken.
pub(super) fn get(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    if item.withdrawn.is_some() {
        return html! {};
    }
    let export = |format: Format| {
        format!(
            "/api/v1/items/{}/export?format={}",
            item.name(),
            format.as_str()
        )
    };
    let files = item.files.as_ref();
    let one = files.and_then(|list| match list.files() {
        [one] => Some(one),
        _ => None,
    });
    html! {
        section.card.take aria-labelledby="get" {
            h2 id="get" { (words.say("get-title")) }
            ul.ways {
                @if let Some(file) = one {
                    li { a.button href=(download(item, file.path.as_str())) download {
                        (words.say("get-file")) " " span.quiet { (plain(file.path.file_name())) ", " (size(page.lang(), file.size)) }
                    } }
                } @else if let Some(list) = files.filter(|list| list.count() > 0) {
                    li { a.button href=(export(Format::Package)) download {
                        (words.say("get-all")) " " span.quiet { "ZIP, " (size(page.lang(), list.total_size())) }
                    } }
                }
                li { a href=(export(Format::Imscc)) download { (words.say("export-cartridge")) } }
                @if one.is_some() { li { a href=(export(Format::Package)) download { (words.say("export-package")) } } }
                li { a href=(export(Format::Bagit)) download { (words.say("export-bag")) } }
            }
            details {
                summary { (words.say("get-record")) }
                ul.inline {
                    @for (format, name) in [
                        (Format::SupLomFr, "SupLOMFR"), (Format::LomFr, "LOMFR"), (Format::Lom, "LOM"), (Format::OaiDc, "Dublin Core"),
                        (Format::Amb, "AMB"), (Format::SchemaOrg, "schema.org"), (Format::MetadataYml, "metadata.yml"),
                    ] {
                        li { a href=(export(format)) download { (name) } }
                    }
                }
            }
            details {
                summary { (words.say("get-embed")) }
                p.quiet { (words.say("get-embed-help")) }
                (credit::field(words.say("get-embed"), &embed::frame(page, item)))
            }
            details {
                summary { (words.say("get-terminal")) }
                p.quiet { (words.say("get-help")) }
                pre.command tabindex="0" { code { "commun get " (item.name()) } }
            }
        }
    }
}
