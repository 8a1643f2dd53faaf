//! Links that say where they lead: one around nothing, or around a picture without words, has no name that could be read out.

use pulldown_cmark::{Event, Tag, TagEnd};

/// Gives links without words their address: as the words of the picture in them, or else as their own.
pub(super) fn named(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut named = Vec::with_capacity(events.len());
    // The link that is open: its address, whether it has words, and where words of a picture in it would stand.
    let mut open = None;
    for event in events {
        match &event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                open = Some((dest_url.clone(), false, None));
            }
            Event::End(TagEnd::Image) => {
                if let Some((_, _, place)) = &mut open {
                    *place = Some(named.len());
                }
            }
            Event::End(TagEnd::Link) => {
                if let Some((address, false, place)) = open.take() {
                    named.insert(place.unwrap_or(named.len()), Event::Text(address));
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, words, _)) = &mut open {
                    *words |= !text.trim().is_empty();
                }
            }
            Event::Html(_) | Event::InlineHtml(_) => {
                // It may hold words.
                if let Some((_, words, _)) = &mut open {
                    *words = true;
                }
            }
            _ => {}
        }
        named.push(event);
    }
    named
}

#[cfg(test)]
mod tests {
    use crate::render::markdown_to_html;

    #[test]
    fn a_link_without_words_says_where_it_leads() {
        let shown = |text: &str| markdown_to_html(text, |_| Some("/x".to_owned())).html;
        let picture = shown("[![](a.png)](b.md)");
        assert!(picture.contains("alt=\"b.md\""), "{picture}");
        let nothing = shown("[](b.md)");
        assert!(nothing.contains(">b.md</a>"), "{nothing}");
        let words = shown("[![dune](a.png)](b.md) [mot](c.md) [`d`](d.md)");
        assert!(
            words.contains("alt=\"dune\"") && words.contains(">mot</a>"),
            "{words}"
        );
        assert!(
            !words.contains("b.md") && !words.contains("d.md"),
            "{words}"
        );
    }
}
