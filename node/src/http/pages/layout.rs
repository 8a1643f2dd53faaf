//! What every page has: head, banner, landmarks, footer; and the style sheet that they share.

use std::sync::OnceLock;

use axum::{
    extract::Path,
    http::{Uri, header},
    response::{IntoResponse, Response},
};
use commun_specs::name::Handle;
use data_encoding::HEXLOWER;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use url::form_urlencoded;

use super::{ICON, STYLE, follow, respond, searchbox};
use crate::http::{
    Web,
    lang::{Lang, Wanted},
    problem::Problem,
    search::Asked,
    site::Me,
    text::plain,
    words::Words,
};

/// What a page is made with: the reader's language, its words, and where it stands.
pub(in crate::http) struct Page<'a> {
    /// The node.
    pub(super) web: &'a Web,
    /// What the reader asked for.
    pub(super) wanted: &'a Wanted,
    /// The sentences in the page's language.
    pub(super) words: Words,
    /// Who this node is.
    pub(super) me: Me,
    /// The page's own path and parameters, for the language links.
    here: String,
    /// What the page is about, as JSON-LD that may stand in it as it is.
    pub(super) about: Vec<String>,
    /// The search that follows what the page shows, and what it is called.
    pub(super) feed: Option<(String, Asked)>,
    /// The address of its oEmbed, without a format, where it has one.
    pub(super) oembed: Option<String>,
}

impl<'a> Page<'a> {
    pub(in crate::http) fn new(web: &'a Web, wanted: &'a Wanted, uri: &Uri) -> Self {
        Self {
            web,
            wanted,
            words: Words::of(wanted.lang),
            me: web.site().me(),
            here: uri.to_string(),
            about: Vec::new(),
            feed: None,
            oembed: None,
        }
    }

    /// Makes a part of the page where that holds up no other answer: whatever is rendered or coloured of what others wrote, and
    /// may be long. What the page is about is not known there.
    ///
    /// # Errors
    /// Too much of it is under way.
    pub(super) async fn apart<T: Send + 'static>(
        &self,
        owner: &Handle,
        make: impl FnOnce(&Page<'_>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (web, wanted) = (self.web.clone(), self.wanted.clone());
        let (me, here) = (self.me.clone(), self.here.clone());
        let work = move || {
            make(&Page {
                web: &web,
                wanted: &wanted,
                words: Words::of(wanted.lang),
                me,
                here,
                about: Vec::new(),
                feed: None,
                oembed: None,
            })
        };
        self.web.make(owner, work).await
    }

    /// The page's own path and parameters.
    pub(super) fn here(&self) -> &str {
        &self.here
    }

    pub(super) fn lang(&self) -> Lang {
        self.wanted.lang
    }

    /// A link to a page of this node; it keeps the language where the reader chose one.
    pub(super) fn href(&self, path: &str) -> String {
        match self.wanted.explicit {
            true => with_parameter(path, "lang", self.wanted.lang.tag()),
            false => path.to_owned(),
        }
    }

    /// The whole page as an answer. `search` is what stands in the banner's search box; `None` where the page has
    /// a box of its own.
    pub(super) fn finish(&self, title: &str, search: Option<&str>, main: Markup) -> Response {
        respond(
            self.web,
            self.document(title, search, main),
            search.is_none(),
        )
    }

    fn document(&self, title: &str, search: Option<&str>, main: Markup) -> Markup {
        let words = self.words;
        html! {
            (DOCTYPE)
            html lang=(self.lang().tag()) dir=(self.lang().direction()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (words.say_with("page-title", [("title", crate::http::text::visible(title).into())])) }
                    link rel="stylesheet" href=(stylesheet_path());
                    link rel="icon" href=(icon_path()) type="image/svg+xml";
                    @for lang in Lang::ALL.iter().copied() {
                        link rel="alternate" hreflang=(lang.tag()) href=(with_parameter(&self.here, "lang", lang.tag()));
                    }
                    link rel="search" type="application/opensearchdescription+xml" title=(crate::http::text::visible(&self.me.commons_name))
                        href=(with_parameter(crate::http::opensearch::PATH, "lang", self.lang().tag()));
                    (follow::discovery(self))
                    @if let Some(oembed) = &self.oembed {
                        link rel="alternate" type="application/json+oembed" href={ (oembed) "&format=json" } title=(crate::http::text::visible(title));
                        link rel="alternate" type="text/xml+oembed" href={ (oembed) "&format=xml" } title=(crate::http::text::visible(title));
                    }
                    // Where a page has the large search box, which it completes.
                    @if search.is_none() { script src={ "/static/" (searchbox::script()) } defer {} }
                    // Data, which no browser runs: its writer leaves nothing in it that ends the element.
                    @for about in &self.about {
                        script type="application/ld+json" { (PreEscaped(about)) }
                    }
                }
                body {
                    a.skip href="#main" { (words.say("skip-to-content")) }
                    header.banner { (self.banner(search)) }
                    main id="main" tabindex="-1" { (main) }
                    footer.footer { (self.footer()) }
                }
            }
        }
    }

    fn banner(&self, search: Option<&str>) -> Markup {
        let words = self.words;
        html! {
            div.inner {
                a.brand href=(self.href("/")) { (PreEscaped(ICON)) span { (words.say("brand")) } }
                nav.languages aria-label=(words.say("language-choice")) {
                    ul {
                        @for lang in Lang::ALL.iter().copied() {
                            li {
                                @let current = lang == self.lang();
                                a href=(with_parameter(&self.here, "lang", lang.tag())) lang=(lang.tag()) hreflang=(lang.tag())
                                    aria-current=[current.then_some("true")] { (lang.name()) }
                            }
                        }
                    }
                }
                // Last, as on a narrow window, where it has a line of its own: the keyboard goes where the eye does.
                @if let Some(text) = search {
                    form.box.small role="search" action="/search" method="get" {
                        label.hidden for="q" { (words.say("search-label")) }
                        input id="q" type="search" name="q" value=(text) maxlength="1000" autocapitalize="none" placeholder=(words.say("search-hint"));
                        @if self.wanted.explicit { input type="hidden" name="lang" value=(self.lang().tag()); }
                        button type="submit" { (words.say("search-button")) }
                    }
                }
            }
        }
    }

    fn footer(&self) -> Markup {
        let words = self.words;
        let node = words.say_with(
            "footer-node",
            [("institution", self.me.handle.as_str().into())],
        );
        html! {
            div.inner {
                p { strong { (plain(&self.me.commons_name)) } " · " (words.say("footer-public")) }
                ul {
                    li { a href=(self.href(&format!("/{}", self.me.handle))) { (node) } }
                    li { a href=(self.href("/status")) { (words.say("footer-status")) } }
                    li { a href=(self.href("/about")) { (words.say("about-title")) } }
                    li { a href=(self.href("/about/commons")) { (words.say("commons-title")) } }
                    li { a href=(self.href("/about/legal")) { (words.say("about-legal-title")) } }
                    li { a href=(self.href("/about/privacy")) { (words.say("about-privacy-title")) } }
                    li { a href=(self.href("/about/accessibility")) { (words.say("footer-accessibility")) } }
                    li { a href="/api/v1/openapi.json" { (words.say("footer-api")) } }
                }
            }
        }
    }
}

/// An address with one parameter set, the others kept.
fn with_parameter(address: &str, name: &str, value: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut parameters = form_urlencoded::Serializer::new(String::new());
    for (key, kept) in form_urlencoded::parse(query.as_bytes()) {
        if key != name {
            parameters.append_pair(&key, &kept);
        }
    }
    parameters.append_pair(name, value);
    format!("{path}?{}", parameters.finish())
}

/// A name that changes with the bytes, so that browsers may keep them for ever.
pub(super) fn hashed(bytes: &str, extension: &str) -> String {
    let hash = blake3::hash(bytes.as_bytes());
    format!("{}.{extension}", HEXLOWER.encode(&hash.as_bytes()[..8]))
}

fn stylesheet() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| hashed(STYLE, "css"))
}

fn icon() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| hashed(ICON, "svg"))
}

/// Where the style sheet is.
pub(in crate::http) fn stylesheet_path() -> String {
    format!("/static/{}", stylesheet())
}

pub(in crate::http) fn icon_path() -> String {
    format!("/static/{}", icon())
}

/// `GET /static/{file}`.
pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, Problem> {
    let (kind, bytes) = if file == stylesheet() {
        ("text/css; charset=utf-8", STYLE)
    } else if file == icon() {
        ("image/svg+xml", ICON)
    } else if file == searchbox::script() {
        ("text/javascript; charset=utf-8", searchbox::SCRIPT)
    } else {
        return Err(Problem::not_found("there is no such file"));
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}
