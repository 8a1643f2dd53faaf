//! The search as browsers and portals take it over: an OpenSearch description
//! (<https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md>).

use axum::{
    extract::State,
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use commun_forge::crosswalk::xml::escaped;
use commun_index::Completion;
use maud::{PreEscaped, html};
use serde_json::json;

use super::{Web, api::complete::completed, pages, problem::Problem, text::visible, words::Words};

/// Where the description is, below the node's address.
pub(super) const PATH: &str = "/static/opensearch.xml";
/// Where a browser asks what is being typed may become.
pub(super) const SUGGESTIONS: &str = "/search/suggestions";
/// Longest names, in characters (OpenSearch 1.1, 4.2).
const MAX_SHORT: usize = 16;
const MAX_LONG: usize = 48;

/// `GET /static/opensearch.xml`.
pub(super) async fn description(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = pages::wanted(&uri, &headers).lang;
    let words = Words::of(lang);
    let main = web.hosts().main.clone();
    let (me, operator) = web.ask(|site| Ok((site.me(), site.operator()))).await?;
    let short = |text: &str, most: usize| {
        let short: String = visible(text).chars().take(most).collect();
        PreEscaped(escaped(&short))
    };
    let search = |path: &str, more: &str| {
        format!("{main}{path}?q={{searchTerms}}{more}&lang={}", lang.tag())
    };
    let paging = "&limit={count?}&offset={startIndex?}";
    let about = words.say_with(
        "follow-opensearch",
        [("commons", me.commons_name.as_str().into())],
    );
    let urls = [
        ("text/html", "results", search("/search", paging)),
        (
            "application/atom+xml",
            "results",
            search("/feed/search.atom", ""),
        ),
        (
            "application/rss+xml",
            "results",
            search("/feed/search.rss", ""),
        ),
        (
            "application/json",
            "results",
            search("/api/v1/search", paging),
        ),
        (
            "application/x-suggestions+json",
            "suggestions",
            search(SUGGESTIONS, ""),
        ),
    ];
    let body = html! {
        OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/" {
            ShortName { (short(&me.commons_name, MAX_SHORT)) }
            LongName { (short(&me.commons_name, MAX_LONG)) }
            Description { (short(&about, 1_024)) }
            @if !operator.mail.is_empty() { Contact { (operator.mail) } }
            @for (kind, rel, template) in &urls {
                (empty("Url", &[("type", kind), ("rel", rel), ("indexOffset", "0"), ("template", template)]))
            }
            (empty("Url", &[("type", "application/opensearchdescription+xml"), ("rel", "self"), ("template", &format!("{main}{PATH}?lang={}", lang.tag()))]))
            Image type="image/svg+xml" height="64" width="64" { (main) (pages::icon_path()) }
            SyndicationRight { "open" }
            Language { (lang.tag()) }
            InputEncoding { "UTF-8" }
            OutputEncoding { "UTF-8" }
        }
    };
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n",
        body.into_string()
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            "application/opensearchdescription+xml; charset=utf-8",
        ),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (header::VARY, "Accept-Language"),
    ];
    Ok((headers, text).into_response())
}

/// `GET /search/suggestions?q=`: what is being typed, and what it may become, as browsers show it below their search boxes
/// (OpenSearch suggestions 1.1).
pub(super) async fn suggestions(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (typed, found) = completed(&web, &uri, &headers).await?;
    let texts = found.iter().map(|one| match one {
        Completion::Word { text } => visible(text),
        Completion::Concept { label, .. } => visible(label),
        Completion::Title { title, .. } => visible(title),
    });
    let answer = json!([typed, texts.collect::<Vec<String>>()]).to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/x-suggestions+json"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "Accept-Language"),
    ];
    Ok((headers, answer).into_response())
}

/// An element without content, which a writer of HTML would leave open.
fn empty(name: &str, attributes: &[(&str, &str)]) -> PreEscaped<String> {
    let mut out = format!("<{name}");
    for (name, value) in attributes {
        out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
    }
    out.push_str("/>");
    PreEscaped(out)
}
