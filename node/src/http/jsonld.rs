//! Item pages for programs: the record as JSON-LD in the page and by content negotiation, and links in the header to the
//! other forms (Signposting, <https://signposting.org/FAIR/>).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use commun_index::Kind;
use commun_specs::licence::Licence;

use super::{Web, pages::encode_path, problem::Problem};
use crate::{
    export::{Format, format::Place, view},
    items::Shown,
};

/// Authors and files that the header names; the record has all.
const MAX_LINKS: usize = 10;
/// Longest header `Accept` that is read: browsers send two hundred bytes.
const MAX_ACCEPT: usize = 2_000;

/// What an item's address may answer with, the one that is best where nothing is preferred first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The page.
    Page,
    /// schema.org in JSON-LD.
    JsonLd,
    /// The document of the API.
    Json,
    /// LOM.
    Xml,
    /// A citation for programs.
    Csl,
    /// A citation for LaTeX.
    Bibtex,
}

impl Form {
    /// Forms and their media types.
    const TYPES: [(Form, &'static str); 9] = [
        (Form::Page, "text/html"),
        (Form::Page, "application/xhtml+xml"),
        (Form::JsonLd, "application/ld+json"),
        (Form::Json, "application/json"),
        (Form::Xml, "application/xml"),
        (Form::Xml, "text/xml"),
        (Form::Csl, "application/vnd.citationstyles.csl+json"),
        (Form::Bibtex, "application/x-bibtex"),
        (Form::Bibtex, "text/x-bibliography"),
    ];

    /// What a reader prefers (RFC 9110, 12.5.1); the page where they name none of these.
    pub(super) fn wanted(headers: &HeaderMap) -> Form {
        let accept = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok());
        let Some(accept) = accept.filter(|a| a.len() <= MAX_ACCEPT) else {
            return Form::Page;
        };
        let ranges: Vec<(&str, f32)> = accept.split(',').filter_map(range).collect();
        // The most exact range that fits a type says how much it is wanted.
        let quality = |of: &str| {
            let group = of.split('/').next().unwrap_or_default();
            let exact = |(range, _): &&(&str, f32)| range.eq_ignore_ascii_case(of);
            let grouped = |(range, _): &&(&str, f32)| range.strip_suffix("/*") == Some(group);
            let any = |(range, _): &&(&str, f32)| *range == "*/*";
            let found = ranges.iter().find(exact);
            let found = found.or_else(|| ranges.iter().find(grouped));
            found
                .or_else(|| ranges.iter().find(any))
                .map_or(0.0, |(_, q)| *q)
        };
        let mut best = (Form::Page, 0.0);
        for (form, of) in Form::TYPES {
            let q = quality(of);
            if q > best.1 {
                best = (form, q);
            }
        }
        best.0
    }
}

/// A media range and its weight.
fn range(part: &str) -> Option<(&str, f32)> {
    let mut pieces = part.split(';').map(str::trim);
    let range = pieces.next().filter(|range| range.contains('/'))?;
    let weight = pieces.find_map(|p| p.strip_prefix("q=")?.parse::<f32>().ok());
    Some((range, weight.unwrap_or(1.0)))
}

/// The item as JSON-LD, which may stand in a page as it is: nothing in it ends the element that it stands in.
pub(super) fn document(web: &Web, item: &Shown) -> Result<String, Problem> {
    let main = &web.hosts().main;
    let institutions = web.site().institutions()?;
    let own = institutions.iter().find(|i| i.handle == item.handle);
    let url = format!("{main}/{}", item.name());
    let files = format!("{main}/api/v1/items/{}/files/", item.name());
    let place = Place {
        url: &url,
        institution: own.map_or(item.handle.as_str(), |i| &i.name),
        files: &files,
    };
    let written = Format::SchemaOrg.write(&view::told(item, main), place);
    let bytes = written.ok_or_else(Problem::failed)?.bytes;
    String::from_utf8(bytes).map_err(|e| Problem::internal(&e))
}

/// The answer in another form than a page; `None` where the page is wanted.
pub(super) fn negotiated(
    web: &Web,
    item: &Shown,
    headers: &HeaderMap,
) -> Result<Option<Response>, Problem> {
    let form = Form::wanted(headers);
    if form == Form::Page {
        return Ok(None);
    }
    if item.withdrawn.is_some() {
        return Err(super::api::gone(item));
    }
    let api = format!("{}/api/v1/items/{}", web.hosts().main, item.name());
    let (place, document) = match form {
        Form::Page => return Ok(None),
        Form::JsonLd => (
            format!("{api}/export?format=schemaorg"),
            Some(document(web, item)?),
        ),
        Form::Json => (api, None),
        Form::Xml => (format!("{api}/export?format=lom"), None),
        Form::Csl => (format!("{api}/citation?format=csl"), None),
        Form::Bibtex => (format!("{api}/citation?format=bibtex"), None),
    };
    let mut response = Response::new(Body::empty());
    let set = |response: &mut Response, name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    match document {
        Some(text) => {
            *response.body_mut() = Body::from(text);
            let kind = commun_forge::crosswalk::schema_org::MEDIA_TYPE;
            set(&mut response, header::CONTENT_TYPE, kind);
            set(&mut response, header::CONTENT_LOCATION, &place);
        }
        None => {
            // The page is about the item; this is another document about it.
            *response.status_mut() = StatusCode::SEE_OTHER;
            set(&mut response, header::LOCATION, &place);
        }
    }
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    describe(web, item, &mut response);
    Ok(Some(response))
}

/// Says in the header where the other forms are, and that they are chosen by `Accept`.
pub(super) fn describe(web: &Web, item: &Shown, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Accept-Language"),
    );
    if item.withdrawn.is_some() {
        return;
    }
    if let Ok(links) = HeaderValue::from_str(&links(web, item).join(", ")) {
        headers.insert(header::LINK, links);
    }
}

fn links(web: &Web, item: &Shown) -> Vec<String> {
    let api = format!("{}/api/v1/items/{}", web.hosts().main, item.name());
    let mut links = Vec::new();
    let mut link = |url: &str, rel: &str, more: &str| {
        // What would end the header's parts is left out: no address that is one has it.
        let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\');
        if url.chars().all(fits) && (url.starts_with("https://") || url.starts_with("http://")) {
            links.push(format!("<{url}>; rel=\"{rel}\"{more}"));
        }
    };
    let doi = item.view.aliases.iter().find_map(|alias| {
        let bare = alias.strip_prefix("doi:");
        let bare = bare.or_else(|| alias.strip_prefix("https://doi.org/"))?;
        Some(encode_path(bare))
    });
    if let Some(doi) = doi {
        link(&format!("https://doi.org/{doi}"), "cite-as", "");
    }
    for (format, profile) in [
        (Format::SchemaOrg, "https://schema.org/"),
        (Format::Amb, "https://w3id.org/kim/amb/"),
        (Format::Lom, commun_forge::crosswalk::lom::NAMESPACE),
        (Format::OaiDc, commun_forge::crosswalk::dublin_core::WRAPPER),
    ] {
        let url = format!("{api}/export?format={}", format.as_str());
        let more = format!("; type=\"{}\"; profile=\"{profile}\"", format.media_type());
        link(&url, "describedby", &more);
    }
    link(&api, "alternate", "; type=\"application/json\"");
    let kind = match item.kind {
        Kind::Repository => "https://schema.org/SoftwareSourceCode",
        Kind::Collection => "https://schema.org/Collection",
        Kind::Resource => "https://schema.org/LearningResource",
    };
    link("https://schema.org/AboutPage", "type", "");
    link(kind, "type", "");
    let licence = item.view.licence.as_deref();
    let licence = licence.and_then(|l| Licence::parse(l).ok()?.url());
    if let Some(url) = licence {
        link(&url, "license", "");
    }
    for orcid in item
        .view
        .creators
        .iter()
        .filter_map(|c| c.orcid.as_ref())
        .take(MAX_LINKS)
    {
        link(&format!("https://orcid.org/{orcid}"), "author", "");
    }
    for file in item
        .files
        .iter()
        .flat_map(|list| list.files())
        .take(MAX_LINKS)
    {
        let url = format!("{api}/files/{}", encode_path(file.path.as_str()));
        let kind = file.media_type.as_str();
        let plain = kind
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/+-.".contains(c));
        let more = format!("; type=\"{kind}\"");
        link(&url, "item", if plain { &more } else { "" });
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> Form {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Form::wanted(&headers)
    }

    #[test]
    fn readers_get_what_they_prefer_and_else_the_page() {
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(of(firefox), Form::Page);
        assert_eq!(of("*/*"), Form::Page);
        assert_eq!(of("image/png"), Form::Page);
        assert_eq!(of(""), Form::Page);
        assert_eq!(Form::wanted(&HeaderMap::new()), Form::Page);
        assert_eq!(of("application/ld+json"), Form::JsonLd);
        assert_eq!(of("application/ld+json, text/html;q=0.5"), Form::JsonLd);
        assert_eq!(of("application/ld+json;q=0.5, text/html"), Form::Page);
        assert_eq!(of("application/json"), Form::Json);
        assert_eq!(of("Application/JSON; q=1"), Form::Json);
        assert_eq!(of("text/xml"), Form::Xml);
        assert_eq!(of("application/*"), Form::Page);
        assert_eq!(
            of("application/*, text/html;q=0, application/xhtml+xml;q=0"),
            Form::JsonLd
        );
        assert_eq!(of("application/vnd.citationstyles.csl+json"), Form::Csl);
        assert_eq!(of("application/x-bibtex"), Form::Bibtex);
        assert_eq!(of("text/html;q=nonsense"), Form::Page);
    }
}
