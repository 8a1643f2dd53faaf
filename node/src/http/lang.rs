//! Which language a reader is answered in.

use axum::http::{HeaderMap, header};
use fluent_bundle::{FluentResource, concurrent::FluentBundle};

use super::words::{Words, figure, files};

/// Longest `Accept-Language` that is read, in bytes: browsers send tens.
const MAX_HEADER: usize = 1_000;

/// The languages of the pages: a variant, its BCP 47 tag and its folder below `words/`.
macro_rules! languages {
    ($($(#[$about:meta])* $name:ident = $tag:literal;)+) => {
        /// A language of the pages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Lang {
            $($(#[$about])* $name,)+
        }

        impl Lang {
            /// All, in the order in which they are offered.
            pub const ALL: &[Lang] = &[$(Lang::$name),+];

            /// The BCP 47 tag.
            pub fn tag(self) -> &'static str {
                match self { $(Lang::$name => $tag,)+ }
            }

            /// The files of its sentences, each with its name.
            pub(super) fn files(self) -> &'static [(&'static str, &'static str)] {
                match self { $(Lang::$name => files!($tag),)+ }
            }

            /// Has the numbers of sentences written as the language does.
            pub(super) fn write_numbers(self, sentences: &mut FluentBundle<FluentResource>) {
                match self {
                    $(Lang::$name => sentences.set_formatter(Some(|value, _| figure(value, Lang::$name))),)+
                }
            }
        }
    };
}

languages! {
    /// French.
    Fr = "fr";
    /// English: what another language does not say is said in it.
    En = "en";
}

impl Lang {
    /// The language's name in itself.
    pub fn name(self) -> &'static str {
        Words::of(self).say("language-name")
    }

    /// Which way it is written: `ltr` or `rtl`.
    pub fn direction(self) -> &'static str {
        Words::of(self).say("language-direction")
    }

    /// The language of a tag: `fr-CA` is French.
    pub fn of_tag(tag: &str) -> Option<Lang> {
        let primary = tag.split('-').next().unwrap_or_default();
        Lang::ALL
            .iter()
            .copied()
            .find(|lang| lang.tag().eq_ignore_ascii_case(primary.trim()))
    }
}

/// A language of what Git shows to who pushes. Those sentences stand where they are decided, in two languages: more
/// languages of the pages change nothing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminalLang {
    /// French.
    Fr,
    /// English.
    En,
}

impl TerminalLang {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            TerminalLang::Fr => Lang::Fr.tag(),
            TerminalLang::En => Lang::En.tag(),
        }
    }

    /// The language of a tag: `fr-CA` is French.
    pub fn of_tag(tag: &str) -> Option<TerminalLang> {
        let lang = Lang::of_tag(tag)?;
        let known = [(Lang::Fr, TerminalLang::Fr), (Lang::En, TerminalLang::En)];
        known
            .into_iter()
            .find_map(|(of, told)| (of == lang).then_some(told))
    }
}

/// What a reader asked for: the languages that titles are chosen by, most wanted first, and the page's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The page's language.
    pub lang: Lang,
    /// Whether the address says so (`?lang=`): then links on the page say it too.
    pub explicit: bool,
    /// Primary and full tags, most wanted first, the page's language in front.
    pub tags: Vec<String>,
}

impl Wanted {
    /// Reads `?lang=` and `Accept-Language`; English where neither names a language of the pages.
    pub fn read(chosen: Option<&str>, headers: &HeaderMap) -> Wanted {
        let accepted = accepted(headers);
        let explicit = chosen.and_then(Lang::of_tag);
        let lang = explicit
            .or_else(|| accepted.iter().find_map(|tag| Lang::of_tag(tag)))
            .unwrap_or(Lang::En);
        let mut tags = vec![lang.tag().to_owned()];
        tags.extend(
            accepted
                .into_iter()
                .filter(|tag| !tag.eq_ignore_ascii_case(lang.tag())),
        );
        Wanted {
            lang,
            explicit: explicit.is_some(),
            tags,
        }
    }

    /// The language in which somebody with a terminal is answered.
    pub fn terminal(&self) -> TerminalLang {
        let mut tags = self.tags.iter();
        tags.find_map(|tag| TerminalLang::of_tag(tag))
            .unwrap_or(TerminalLang::En)
    }

    /// The tags as borrowed texts, for choosing titles.
    pub fn tags(&self) -> Vec<&str> {
        self.tags.iter().map(String::as_str).collect()
    }
}

/// The tags of `Accept-Language` in order of preference (RFC 9110, 12.5.4); `*` and refused ones are left out.
fn accepted(headers: &HeaderMap) -> Vec<String> {
    let Some(value) = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .filter(|v| v.len() <= MAX_HEADER)
    else {
        return Vec::new();
    };
    let mut tags: Vec<(f32, &str)> = value
        .split(',')
        .filter_map(|part| {
            let mut pieces = part.split(';');
            let tag = pieces.next()?.trim();
            let quality = pieces
                .find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            let named = !tag.is_empty()
                && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && quality > 0.0;
            named.then_some((quality, tag))
        })
        .collect();
    // Stable: equal weights keep the browser's order.
    tags.sort_by(|a, b| b.0.total_cmp(&a.0));
    tags.into_iter().map(|(_, tag)| tag.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chosen: Option<&str>, accept: &str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        Wanted::read(chosen, &headers)
    }

    #[test]
    fn the_address_wins_over_the_browser_and_english_is_the_last_resort() {
        assert_eq!(read(None, "de;q=0.9, fr-CA;q=0.8, en;q=0.7").lang, Lang::Fr);
        assert_eq!(read(None, "en-GB,fr;q=0.5").lang, Lang::En);
        assert_eq!(read(Some("fr"), "en").lang, Lang::Fr);
        assert!(read(Some("fr"), "en").explicit);
        assert_eq!(read(Some("xx"), "fr").lang, Lang::Fr);
        assert_eq!(read(None, "de, *;q=0.1").lang, Lang::En);
        assert_eq!(read(None, "fr;q=0, en;q=0.1").lang, Lang::En);
        assert_eq!(Wanted::read(None, &HeaderMap::new()).lang, Lang::En);
    }

    #[test]
    fn titles_are_chosen_by_the_page_first_then_by_the_browser() {
        assert_eq!(read(None, "de, fr;q=0.8").tags(), ["fr", "de"]);
    }
}
