//! oEmbed 1.0 (<https://oembed.com>): `GET /oembed?url=…&format=json|xml&maxwidth=&maxheight=&lang=`.
//!
//! The address of an item's page, or of its frame, on this node gives the frame that shows it. No other address is looked at,
//! and nothing is fetched.

use std::fmt::Write as _;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
    routing::get,
};
use commun_forge::crosswalk::xml::escape;
use commun_specs::licence::Licence;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    Web, api,
    lang::Lang,
    name,
    pages::{parameter, wanted},
    problem::Problem,
    site::Which,
    text::visible,
};
use crate::items::Shown;

/// The frame's size in CSS pixels where no other is asked for: a column of text, and a picture with a sentence below it.
pub(super) const WIDTH: u32 = 640;
/// Its height.
pub(super) const HEIGHT: u32 = 480;
/// The longest address that is read.
const MAX_URL: usize = 1_000;
/// For how long an answer may be used, in seconds.
const CACHE_AGE: u32 = 3_600;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/oembed", get(oembed))
}

/// The address of an item's oEmbed, without a format: the pages name it.
pub(super) fn address(web: &Web, item: &Shown) -> String {
    let page = format!("{}/{}", web.hosts().main, item.name());
    let page: String = form_urlencoded::byte_serialize(page.as_bytes()).collect();
    format!("{}/oembed?url={page}", web.hosts().main)
}

/// The element that shows an item in another page; in the language of its reader where `lang` is none.
pub(super) fn frame(
    web: &Web,
    item: &Shown,
    title: &str,
    lang: Option<Lang>,
    width: u32,
    height: u32,
) -> String {
    let lang = lang.map_or(String::new(), |lang| format!("?lang={}", lang.tag()));
    let source = format!("{}/{}/embed{lang}", web.hosts().main, item.name());
    maud::html! {
        // It has no script that this keeps out; the page that frames it need not take our word for that.
        iframe src=(source) width=(width) height=(height) title=(visible(title)) loading="lazy" allowfullscreen
            referrerpolicy="no-referrer" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" {}
    }
    .into_string()
}

async fn oembed(State(web): State<Web>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let url = parameter(&uri, "url")
        .ok_or_else(|| Problem::bad_request("url: the address of an item's page is missing"))?;
    let xml = match parameter(&uri, "format").as_deref() {
        None | Some("json") => false,
        Some("xml") => true,
        Some(_) => {
            let why = "format: json or xml";
            return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, why));
        }
    };
    let width = within(&uri, "maxwidth", WIDTH)?;
    let height = within(&uri, "maxheight", HEIGHT)?;
    let item = web.item(named(&web.hosts().main, &url)?).await?;
    if item.withdrawn.is_some() {
        return Err(api::gone(&item));
    }
    let wanted = wanted(&uri, &headers);
    let lang = wanted.explicit.then_some(wanted.lang);
    let title = item.title(&wanted.tags()).1;
    let authors: Vec<&str> = item.view.creators.iter().map(|c| c.name.as_str()).collect();
    let licence = item.view.licence.as_deref();
    let licence = licence.and_then(|l| Licence::parse(l).ok());
    let mut answer = json!({
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": web.site().me().commons_name,
        "provider_url": web.hosts().main,
        "cache_age": CACHE_AGE,
        "html": frame(&web, &item, title, lang, width, height),
        "width": width,
        "height": height,
    });
    if !authors.is_empty() {
        answer["author_name"] = json!(authors.join(", "));
    }
    if let Some(licence) = &licence {
        answer["license"] = json!(licence.label(wanted.lang.tag()));
        if let Some(url) = licence.url() {
            answer["license_url"] = json!(url);
        }
    }
    let (kind, body) = match xml {
        true => ("text/xml; charset=utf-8", as_xml(&answer)),
        false => ("application/json", answer.to_string()),
    };
    let mut response = Response::new(Body::from(body));
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "Accept-Language"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// The item of an address: `MAIN/{handle}/{slug}`, with `/embed` or not, whatever parameters follow.
fn named(main: &str, url: &str) -> Result<Which, Problem> {
    let none = || Problem::not_found("url: not the address of an item's page on this node");
    if url.len() > MAX_URL {
        return Err(none());
    }
    let (origin, path) = url.split_at_checked(main.len()).ok_or_else(none)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.strip_prefix('/').ok_or_else(none)?;
    let path = path.strip_suffix("/embed").unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let (handle, slug) = path.split_once('/').ok_or_else(none)?;
    if !origin.eq_ignore_ascii_case(main) {
        return Err(none());
    }
    name(handle, slug).map_err(|_| none())
}

/// A side of the frame: ours, or less where the page has less room.
fn within(uri: &Uri, name: &'static str, own: u32) -> Result<u32, Problem> {
    let Some(most) = parameter(uri, name) else {
        return Ok(own);
    };
    let number = most.parse::<u32>().ok().filter(|n| *n > 0);
    let number =
        number.ok_or_else(|| Problem::bad_request(format!("{name}: a number of pixels")))?;
    Ok(own.min(number))
}

/// The answer as XML.
fn as_xml(answer: &Value) -> String {
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<oembed>\n");
    for (name, value) in answer.as_object().into_iter().flatten() {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let _ = write!(out, "<{name}>");
        escape(&text, false, &mut out);
        let _ = writeln!(out, "</{name}>");
    }
    out.push_str("</oembed>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_items_of_this_node_are_read() {
        const MAIN: &str = "https://commun.example.org";
        for url in [
            "https://commun.example.org/univ-a/cours",
            "HTTPS://Commun.example.org/univ-a/cours/",
            "https://commun.example.org/univ-a/cours/embed?lang=fr",
            "https://commun.example.org/univ-a/cours?file=a.md#preview",
        ] {
            let Ok(Which::Name(handle, slug)) = named(MAIN, url) else {
                panic!("{url}");
            };
            assert_eq!((handle.as_str(), slug.as_str()), ("univ-a", "cours"));
        }
        for url in [
            "",
            "/univ-a/cours",
            "https://commun.example.org",
            "https://commun.example.org/univ-a",
            "https://commun.example.org/api/v1/items/univ-a/cours",
            "https://commun.example.org/univ-a/cours/files/a.md",
            "https://commun.example.org//univ-a/cours",
            "https://commun.example.org/univ-a%2fcours",
            "https://commun.example.org@evil.example/univ-a/cours",
            "https://commun.example.org.evil.example/univ-a/cours",
            "https://commun.example.org:81/univ-a/cours",
            "http://commun.example.org/univ-a/cours",
            "https://evil.example/univ-a/cours",
            "file:///etc/passwd",
            "https://commun.example.or\u{e9}/univ-a/cours",
        ] {
            assert!(named(MAIN, url).is_err(), "{url}");
        }
    }

    #[test]
    fn xml_holds_what_people_wrote_as_text() {
        let answer = json!({"title": "<script>&\u{0}\u{b}\"]]>", "width": 3});
        let xml = as_xml(&answer);
        assert!(
            xml.contains("<title>&lt;script&gt;&amp;\"]]&gt;</title>"),
            "{xml}"
        );
        assert!(xml.contains("<width>3</width>"));
    }
}
