//! Saved searches: every search with its filters as a feed that readers of news come back to.
//!
//! `GET /feed/search.atom`, `GET /feed/search.rss`, with the parameters of `/search`. What is new comes first: entries
//! are items, their dates those of their newest statements, their ids those of the items, so that an entry is the same
//! one on every node. Where words alone are searched, all of them are asked for: what has one of three would be
//! news that nobody wants.

mod write;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use commun_index::{Answer, Hit, Sort};
use commun_specs::licence::Licence;
use data_encoding::HEXLOWER;

use super::{
    Web,
    lang::{Lang, Wanted},
    pages::{encode_path, wanted},
    problem::Problem,
    search::{Asked, Facet, narrowest, refused},
    site::Site,
    text::visible,
    words::Words,
};
use write::{Entry, Feed, http_date};

/// Most entries of a feed.
pub(super) const ENTRIES: usize = 50;
/// Authors and subjects of an entry.
const MAX_VALUES: usize = 10;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/feed/search.atom", get(atom))
        .route("/feed/search.rss", get(rss))
}

/// How a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Atom,
    Rss,
}

impl Form {
    /// Its media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Form::Atom => "application/atom+xml",
            Form::Rss => "application/rss+xml",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Form::Atom => "/feed/search.atom",
            Form::Rss => "/feed/search.rss",
        }
    }
}

/// The address of the feed of a search, below the node's own, in the language of the page that names it: readers of
/// news ask for none.
pub(super) fn address(asked: &Asked, form: Form, lang: Lang) -> String {
    let mut saved = asked.first_page();
    saved.lang = Some(lang.tag().to_owned());
    saved.query.sort = Sort::Relevance;
    saved.query.limit = Asked::default_page().query.limit;
    saved.href().replacen("/search", form.path(), 1)
}

async fn atom(State(web): State<Web>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    feed(&web, &uri, &headers, Form::Atom).await
}

async fn rss(State(web): State<Web>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    feed(&web, &uri, &headers, Form::Rss).await
}

async fn feed(web: &Web, uri: &Uri, headers: &HeaderMap, form: Form) -> Result<Response, Problem> {
    let wanted = wanted(uri, headers);
    let asked = Asked::read(uri, &wanted)?;
    let question = asked.clone();
    let (answer, title) = web
        .ask(move |site| Ok((run(site, &question)?, title(site, &question, &wanted)?)))
        .await?;
    let lang = self::wanted(uri, headers).lang;
    let feed = written(web, &asked, lang, &title, &answer, uri);
    let text = match form {
        Form::Atom => feed.atom(),
        Form::Rss => feed.rss(),
    };
    Ok(answered(headers, &feed, text, form))
}

/// The newest of what a search finds.
fn run(site: &dyn Site, asked: &Asked) -> Result<Answer, Problem> {
    let mut newest = asked.first_page();
    newest.query.sort = Sort::Newest;
    newest.query.limit = asked.query.limit.clamp(1, ENTRIES);
    if asked.query.limit == Asked::default_page().query.limit {
        newest.query.limit = ENTRIES;
    }
    newest.query.facets = false;
    newest.query.explain = false;
    if let Some(text) = required(&asked.query.text) {
        let mut all = newest.clone();
        all.query.text = text;
        // With its signs it may be longer than a search can be.
        if let Ok(answer) = all.run(site)
            && answer.total > 0
        {
            return Ok(answer);
        }
    }
    newest.run(site)
}

/// The same words, each of them required; `None` for one word, and for more than words.
fn required(text: &str) -> Option<String> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '\'' | '\u{2019}'))
        .filter(|word| !word.is_empty())
        .collect();
    let plain = |word: &&str| {
        let inner = |c: char| c.is_alphanumeric() || c == '-';
        !word.starts_with('-') && word.chars().all(inner) && !matches!(*word, "OR" | "AND" | "NOT")
    };
    (words.len() > 1 && words.iter().all(plain)).then(|| {
        let signed: Vec<String> = words.iter().map(|word| format!("+{word}")).collect();
        signed.join(" ")
    })
}

/// A search in words: what was typed, then the filters.
pub(super) fn title(site: &dyn Site, asked: &Asked, wanted: &Wanted) -> Result<String, Problem> {
    let words = Words::of(wanted.lang);
    let lang = wanted.lang.tag();
    let mut parts = Vec::new();
    if !asked.query.text.is_empty() {
        let typed = visible(&asked.query.text);
        parts.push(words.say_with("quoted", [("text", typed.into())]));
    }
    let mut query = asked.query.clone();
    for facet in Facet::ALL {
        for value in facet.selected(&mut query).clone() {
            let name = match facet {
                Facet::Institution => {
                    let all = site.institutions()?;
                    let one = all.into_iter().find(|i| i.handle.as_str() == value);
                    one.map_or_else(|| value.clone(), |i| i.name)
                }
                facet => facet.label(&value, lang),
            };
            parts.push(name);
        }
    }
    for key in &asked.query.authors {
        let known = site.with_author(key).map_err(refused)?;
        let own = known.into_iter().find(|one| one.keys.contains(key));
        parts.push(own.map_or_else(|| key.clone(), |one| one.name));
    }
    if asked.adaptable {
        parts.push(words.say("reuse-switch").to_owned());
    }
    if parts.is_empty() {
        parts.push(words.say("follow-everything").to_owned());
    }
    Ok(parts.join(" · "))
}

fn written(web: &Web, asked: &Asked, lang: Lang, title: &str, answer: &Answer, uri: &Uri) -> Feed {
    let words = Words::of(lang);
    let me = web.site().me();
    let main = &web.hosts().main;
    // What is shown decides what the feed is, not in which language or order it was shown.
    let mut bare = asked.first_page();
    bare.query.sort = Sort::Relevance;
    bare.query.limit = Asked::default_page().query.limit;
    bare.lang = None;
    let own = encode_path(
        bare.href()
            .trim_start_matches("/search")
            .trim_start_matches('?'),
    );
    Feed {
        id: format!("urn:commun:{}:search:{own}", me.commons),
        title: words.say_with(
            "follow-title",
            [
                ("search", title.into()),
                ("commons", me.commons_name.as_str().into()),
            ],
        ),
        about: words.say_with("follow-about", [("search", title.into())]),
        lang: lang.tag(),
        author: me.commons_name.clone(),
        own: format!("{main}{uri}"),
        page: format!("{main}{}", asked.sorted(Sort::Newest).href()),
        entries: answer
            .hits
            .iter()
            .map(|hit| entry(main, &me.commons.to_string(), hit, lang))
            .collect(),
    }
}

fn entry(main: &str, commons: &str, hit: &Hit, lang: Lang) -> Entry {
    let mut authors: Vec<String> = hit.creators.iter().take(MAX_VALUES).cloned().collect();
    authors.retain(|name| !name.trim().is_empty());
    if authors.is_empty() {
        authors.push(hit.institution.clone());
    }
    let levels = narrowest(&hit.levels).into_iter().cloned();
    let categories = [
        (Facet::ResourceType, hit.resource_types.clone()),
        (Facet::Level, levels.collect()),
        (Facet::Subject, hit.subjects.clone()),
    ];
    let categories = categories.into_iter().flat_map(|(facet, values)| {
        let values = values.into_iter().take(MAX_VALUES);
        values.map(move |value| {
            let label = facet.label(&value, lang.tag());
            (value, label)
        })
    });
    let licence = hit.licence.as_deref().and_then(|l| Licence::parse(l).ok());
    Entry {
        id: format!("urn:commun:{commons}:{}", hit.id),
        title: match hit.title.trim() {
            "" => hit.name.clone(),
            title => title.to_owned(),
        },
        lang: hit.title_language.clone(),
        link: format!("{main}/{}", hit.name),
        updated: hit.updated,
        authors,
        summary: hit.summary.clone(),
        licence: licence.and_then(|l| l.url().map(|url| url.to_string())),
        categories: categories.collect(),
    }
}

/// The answer, or that nothing changed (RFC 9110, 13.1): by its bytes where the reader kept their tag, else by its date.
fn answered(headers: &HeaderMap, feed: &Feed, text: String, form: Form) -> Response {
    let hash = blake3::hash(text.as_bytes());
    let tag = format!("\"{}\"", HEXLOWER.encode(&hash.as_bytes()[..12]));
    let modified = http_date(feed.updated());
    let asked = |name| {
        headers
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
    };
    let unchanged = match asked(header::IF_NONE_MATCH) {
        Some(known) => known
            .split(',')
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == tag || one == "*"),
        // The date is that of the newest entry: it says nothing of one that was withdrawn.
        None => false,
    };
    let mut response = match unchanged {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Response::new(Body::from(text)),
    };
    let kind = format!("{}; charset=utf-8", form.media_type());
    for (name, value) in [
        (header::CONTENT_TYPE, kind.as_str()),
        (header::ETAG, &tag),
        (header::LAST_MODIFIED, &modified),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "Accept-Language"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_are_all_required_and_the_rest_is_left_as_it_is() {
        assert_eq!(
            required("l’équation linéaire").as_deref(),
            Some("+l +équation +linéaire")
        );
        assert_eq!(
            required("semi-groupes finis").as_deref(),
            Some("+semi-groupes +finis")
        );
        for text in [
            "",
            "algèbre",
            "\"a b\"",
            "a -b",
            "a OR b",
            "auteur:x y",
            "(a b)",
        ] {
            assert_eq!(required(text), None, "{text}");
        }
    }
}
